//! How far a simulation is: a bar on a terminal, else a line now and then.

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Seconds between two lines where there is no bar.
const EVERY: u64 = 30;

/// Counts recoveries, from any thread.
pub(super) struct Progress {
    bar: ProgressBar,
    /// Whether lines stand in for the bar.
    lines: bool,
    /// So many lines could have been written until now.
    told: AtomicU64,
}

impl Progress {
    /// Of so many recoveries.
    pub(super) fn of(total: u64, quiet: bool) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let shown = !quiet && total > 0;
        let bar = if shown && is_terminal {
            let style = ProgressStyle::with_template("{bar:40} {pos}/{len} exercises, {eta} to go")
                .expect("the template is correct");
            ProgressBar::new(total).with_style(style)
        } else {
            let bar = ProgressBar::hidden();
            bar.set_length(total);
            bar
        };
        Self { bar, lines: shown && !is_terminal, told: AtomicU64::new(0) }
    }

    /// How long it has taken until now.
    pub(super) fn elapsed(&self) -> Duration {
        self.bar.elapsed()
    }

    /// Says how many there will be, as is thought now.
    pub(super) fn expect(&self, total: u64) {
        self.bar.set_length(total);
    }

    /// One more is done.
    pub(super) fn one(&self) {
        self.many(1);
    }

    /// So many more are done.
    pub(super) fn many(&self, number: u64) {
        self.bar.inc(number);
        if !self.lines {
            return;
        }
        let due = self.elapsed().as_secs() / EVERY;
        if self.told.fetch_max(due, Ordering::Relaxed) < due {
            // A message that nobody can read is no reason to stop.
            let _ = writeln!(std::io::stderr(), "{}", self.line());
        }
    }

    fn line(&self) -> String {
        let (done, all) = (self.bar.position(), self.bar.length().unwrap_or_default());
        let told = format!("{done} of {all} exercises");
        match left(self.elapsed(), done, all) {
            Some(left) => format!("{told}, about {left} to go"),
            None => told,
        }
    }

    /// All is done.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// How long the rest will take if it goes on as before, in words.
fn left(elapsed: Duration, done: u64, all: u64) -> Option<String> {
    let rest = u128::from(all.saturating_sub(done));
    let seconds = (elapsed.as_millis() * rest).checked_div(u128::from(done))? / 1_000;
    Some(match seconds {
        0..=90 => format!("{seconds} s"),
        91..=5_400 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3_600)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_takes_as_long_as_what_was_done() {
        let left = |seconds, done, all| left(Duration::from_secs(seconds), done, all);
        assert_eq!(left(30, 0, 100), None);
        assert_eq!(left(30, 50, 100).unwrap(), "30 s");
        assert_eq!(left(60, 20, 100).unwrap(), "4 min");
        assert_eq!(left(3_600, 20, 100).unwrap(), "4 h");
        assert_eq!(left(3_600, 200, 100).unwrap(), "0 s");
    }

    #[test]
    fn what_is_expected_changes_what_is_left() {
        let progress = Progress::of(1_000, false);
        progress.many(10);
        progress.expect(20);
        assert!(
            progress.line().starts_with("10 of 20 exercises, about 0 s"),
            "{}",
            progress.line()
        );
    }
}
