//! How what is done grows with what it is done for: every phase at a size and at twice that size.

use std::fmt::Write as _;

use crate::counted::{can_count, instructions, seconds, side_by_side};
use crate::growing::{GROWING, Growing, Phase};
use crate::job::Job;
use crate::judge::times;

/// Instructions of a phase, at a size and at twice that size, without those of doing nothing.
pub(crate) struct Growth {
    pub growing: &'static Growing,
    pub phase: Phase,
    pub counts: [u64; 2],
}

impl Growth {
    pub(crate) fn name(&self) -> String {
        format!("{}, {}", self.phase.name(), self.growing.name)
    }
}

pub(crate) fn all() -> Result<Vec<Growth>, String> {
    let counts = counts(&phases().flat_map(jobs).collect::<Vec<Job>>())?;
    let pairs = phases().zip(counts.as_chunks().0);
    Ok(pairs.map(|((growing, phase), counts)| Growth { growing, phase, counts: *counts }).collect())
}

/// Instructions of each job, without those of doing nothing.
pub(crate) fn counts(jobs: &[Job]) -> Result<Vec<u64>, String> {
    let (nothing, _) = instructions(&Job::Nothing)?;
    let counts = side_by_side(jobs, |job| instructions(job).map(|it| it.0 - nothing));
    counts.into_iter().collect()
}

fn phases() -> impl Iterator<Item = (&'static Growing, Phase)> {
    GROWING.iter().flat_map(|growing| growing.phases.iter().map(move |phase| (growing, *phase)))
}

fn jobs((growing, phase): (&'static Growing, Phase)) -> [Job; 2] {
    [1, 2].map(|times| Job::Grown { growing, phase, size: times * growing.size })
}

/// Instructions in millions, at both sizes.
pub(crate) fn table(all: &[Growth]) -> String {
    let head = format!("{:18} {:9} {:>6}", "of so many", "", "N");
    let mut text = format!("{head} {:>12} {:>12} {:>6}\n", "millions, N", "2N", "times");
    for growth in all {
        let [once, twice] = growth.counts;
        writeln!(
            text,
            "{} {:12.1} {:12.1} {:6.2}",
            row(growth.growing, growth.phase),
            once as f64 / 1e6,
            twice as f64 / 1e6,
            times(once, twice)
        )
        .expect("text grows");
    }
    text
}

fn row(growing: &Growing, phase: Phase) -> String {
    format!("{:18} {:9} {:6}", growing.name, phase.name(), growing.size)
}

/// Milliseconds on one core at both sizes, the least of three.
pub(crate) fn table_of_times() -> Result<String, String> {
    let head = format!("{:18} {:9} {:>6}", "of so many", "", "N");
    let mut text = format!("{head} {:>12} {:>12} {:>6}\n", "ms, N", "2N", "times");
    for (growing, phase) in phases() {
        let mut least = [f64::INFINITY; 2];
        for _ in 0..3 {
            for (job, least) in jobs((growing, phase)).iter().zip(&mut least) {
                *least = least.min(seconds(job)?);
            }
        }
        let [once, twice] = least.map(|it| 1e3 * it);
        let row = row(growing, phase);
        writeln!(text, "{row} {once:12.1} {twice:12.1} {:6.2}", twice / once).expect("text grows");
    }
    Ok(text)
}

/// Both tables.
pub(crate) fn shown() -> Result<String, String> {
    let times = table_of_times()?;
    match can_count() {
        true => Ok(format!("{times}\n{}", table(&all()?))),
        false => Ok(format!("{times}\n{}\n", crate::counted::MISSING)),
    }
}
