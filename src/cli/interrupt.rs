//! Ctrl-C and SIGTERM: the program says what is kept and how to go on, and ends with 130 or 143.
//!
//! Everything that is written is written whole, so that there is nothing to tidy up: what is being put
//! into its place at that moment gets there, and the process ends.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Held while something is put into its place, so that the process does not end meanwhile.
static WRITING: Mutex<()> = Mutex::new(());

/// What is kept and how to go on, as long as something is.
static KEPT: Mutex<Option<String>> = Mutex::new(None);

/// Waits until nothing is being written, and keeps the process alive until the answer is dropped.
pub(super) fn writing() -> MutexGuard<'static, ()> {
    WRITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Says what is kept from now on, and how to go on; nothing where nothing is.
pub(super) fn set_kept(told: Option<String>) {
    *KEPT.lock().unwrap_or_else(PoisonError::into_inner) = told;
}

/// The signals of a process that is nothing but one call of the program.
#[derive(Debug)]
pub struct Signals(());

impl Signals {
    /// From now on, has Ctrl-C and SIGTERM say what is kept and how to go on, and end the process with
    /// 130 or 143; where that cannot be had, they end it as they would without.
    #[must_use]
    pub fn listen() -> Self {
        listen();
        Self(())
    }

    /// All is done: a signal that came too late changes neither what is said nor the code.
    pub fn done(self) {
        // If one came in time it holds this, and the process ends with its code.
        std::mem::forget(writing());
    }
}

#[cfg(unix)]
fn listen() {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]) else { return };
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            end(if signal == SIGINT { super::Exit::Interrupted } else { super::Exit::Stopped });
        }
    });
}

#[cfg(not(unix))]
fn listen() {}

#[cfg(unix)]
fn end(exit: super::Exit) -> ! {
    use std::io::{IsTerminal as _, Write as _};
    let _whole = writing();
    let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let kept = kept.unwrap_or_else(|| "nothing is kept".to_owned());
    let mut stderr = std::io::stderr();
    // Behind a bar, which stays where it is.
    let line = if stderr.is_terminal() { "\n" } else { "" };
    let _ = writeln!(stderr, "{line}interrupted; {}", crate::shown::guarded(&kept));
    std::process::exit(i32::from(exit.code()));
}
