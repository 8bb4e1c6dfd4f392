//! Standard output and standard error.

use std::io::{ErrorKind, IsTerminal, Write};

use crate::cli::command::quoted;
use crate::diagnostics::{Diagnostics, Severity, Sources};
use crate::report::faults::{FaultView, fault_views};
use crate::shown::guarded;
use std::ffi::OsString;

use super::Exit;

/// Where results and messages go.
pub(super) struct Console<'a> {
    stdout: &'a mut dyn Write,
    stderr: &'a mut dyn Write,
    colour: bool,
    hides_warnings: bool,
    /// The command line.
    called: String,
    /// The scenario that is being read, as it was named.
    about: String,
    faults: Vec<FaultView>,
}

impl<'a> Console<'a> {
    pub(super) fn new(stdout: &'a mut dyn Write, stderr: &'a mut dyn Write) -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty());
        let colour = wanted && std::io::stderr().is_terminal();
        let (called, about, faults) = (String::new(), String::new(), Vec::new());
        Self { stdout, stderr, colour, hides_warnings: false, called, about, faults }
    }

    /// Says whether warnings of a scenario are kept and not printed from now on.
    pub(super) fn hide_warnings(&mut self, hide: bool) {
        self.hides_warnings = hide;
    }

    /// Remembers the command line, to be shown.
    pub(super) fn set_called(&mut self, arguments: &[OsString]) {
        let words = arguments.iter().skip(1).map(|it| quoted(&it.to_string_lossy()));
        let words: Vec<String> = std::iter::once("blackstart".to_owned()).chain(words).collect();
        self.called = words.join(" ");
    }

    /// The command line, to be copied as it stands.
    pub(super) fn called(&self) -> String {
        self.called.clone()
    }

    /// Prints a result.
    pub(super) fn print(&mut self, text: &str) -> Result<Exit, Exit> {
        match self.stdout.write_all(text.as_bytes()).and_then(|()| self.stdout.flush()) {
            Ok(()) => Ok(Exit::Fine),
            // Whoever read the results has seen enough.
            Err(fault) if fault.kind() == ErrorKind::BrokenPipe => Ok(Exit::Fine),
            Err(fault) => {
                self.error(&format!("cannot write to standard output: {fault}"));
                Err(Exit::Failure)
            }
        }
    }

    /// Prints a message for people, in which nothing is an order to a terminal or a build.
    pub(super) fn say(&mut self, text: &str) {
        // A message that nobody can read is no reason to stop.
        let _ = writeln!(self.stderr, "{}", guarded(text));
    }

    /// Prints why the program stops.
    pub(super) fn error(&mut self, text: &str) {
        self.say(&format!("error: {text}"));
    }

    /// Says of which scenario faults are from now on.
    pub(super) fn set_about(&mut self, scenario: String) {
        self.about = scenario;
    }

    /// Every fault since the last time, for those who tell them to builds too.
    pub(super) fn take_faults(&mut self) -> Vec<FaultView> {
        std::mem::take(&mut self.faults)
    }

    /// Prints the faults of a scenario, and keeps every one.
    pub(super) fn faults(&mut self, diagnostics: &Diagnostics, sources: &Sources) {
        self.faults.extend(fault_views(&self.about, diagnostics, sources));
        let mut printed = diagnostics.clone();
        printed.retain(|it| it.severity == Severity::Error || !self.hides_warnings);
        let text = printed.render(sources, self.colour);
        let _ = self.stderr.write_all(text.as_bytes());
    }

    /// Prints what clap has to say: help and version are results, the rest is a refusal.
    pub(super) fn clap(&mut self, error: &clap::Error) -> Exit {
        let text = error.render().to_string();
        if error.use_stderr() {
            self.say(text.trim_end());
            Exit::Usage
        } else {
            self.print(&text).unwrap_or_else(|exit| exit)
        }
    }
}
