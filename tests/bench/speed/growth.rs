//! How what is done grows with what it is done for: every phase at a size and at twice that size.

use crate::counted::{MISSING, can_count, instructions, seconds, side_by_side};
use crate::growing::{GROWING, Growing, Phase};
use crate::job::Job;
use crate::say;

/// A phase at a size and at twice that size.
struct Doubling {
    growing: &'static Growing,
    phase: Phase,
}

impl Doubling {
    fn all() -> Vec<Self> {
        let phases = |growing: &'static Growing| {
            growing.phases.iter().map(move |phase| Self { growing, phase: *phase })
        };
        GROWING.iter().flat_map(phases).collect()
    }

    fn jobs(&self) -> [Job; 2] {
        self.jobs_of(self.phase)
    }

    fn jobs_of(&self, phase: Phase) -> [Job; 2] {
        let growing = self.growing;
        [1, 2].map(|times| Job::Grown { growing, phase, size: times * growing.size })
    }

    fn counts(&self) -> Result<[u64; 2], String> {
        match self.phase {
            Phase::Simulate => counts(&self.jobs(), &self.jobs_of(Phase::Read)),
            _ => counts(&self.jobs(), &[Job::Nothing, Job::Nothing]),
        }
    }

    fn name(&self) -> String {
        format!("{} of twice the {}", self.phase.name(), self.growing.name)
    }

    /// Printed at once: all of them take minutes.
    fn show(&self, [once, twice]: [f64; 2]) {
        let Self { growing: Growing { name, size, .. }, phase } = self;
        let (phase, times) = (phase.name(), twice / once);
        say(&format!("{name:18} {phase:9} {size:6} {once:12.1} {twice:12.1} {times:6.2}"));
    }
}

fn show_head(unit: &str) {
    let at = format!("{unit}, N");
    say(&format!("{:18} {:9} {:>6} {at:>12} {:>12} {:>6}", "twice the", "", "N", "2N", "times"));
}

/// Instructions of a phase at a size and at twice that size, or why they are not known.
pub(crate) struct Growth {
    pub name: String,
    pub counts: Result<[u64; 2], String>,
}

/// Prints what it counts.
pub(crate) fn count_all() -> Vec<Growth> {
    show_head("millions");
    let count = |doubling: &Doubling| {
        let counts = doubling.counts();
        if let Ok(counts) = counts {
            doubling.show(counts.map(|it| it as f64 / 1e6));
        }
        Growth { name: doubling.name(), counts }
    };
    side_by_side(&Doubling::all(), count)
}

/// Instructions of two jobs beyond those of what they begin with.
pub(crate) fn counts(jobs: &[Job; 2], begin: &[Job; 2]) -> Result<[u64; 2], String> {
    let count = |place: usize| {
        let [all, begin] = [&jobs[place], &begin[place]].map(instructions);
        Ok::<u64, String>(all?.0 - begin?.0)
    };
    Ok([count(0)?, count(1)?])
}

/// Milliseconds on one core, and instructions where they can be counted.
pub(crate) fn show() -> Result<(), String> {
    show_head("ms");
    for doubling in Doubling::all() {
        doubling.show(least_milliseconds(&doubling.jobs())?);
    }
    if !can_count() {
        say(MISSING);
        return Ok(());
    }
    let unknown = count_all().into_iter().find_map(|it| it.counts.err());
    unknown.map_or(Ok(()), Err)
}

/// Of three rounds.
fn least_milliseconds(jobs: &[Job; 2]) -> Result<[f64; 2], String> {
    let mut least = [f64::INFINITY; 2];
    for _ in 0..3 {
        for (job, least) in jobs.iter().zip(&mut least) {
            *least = least.min(1e3 * seconds(job)?);
        }
    }
    Ok(least)
}
