//! One replication as text that a person can check by hand.

use std::fmt::Write as _;

use crate::engine::Engine;
use crate::ids::StrategyId;
use crate::plan::{StepLabel, compile, step_labels};
use crate::rng::Streams;
use crate::scenario::{Per, Scenario};
use crate::trace::{Log, TaskRef, TraceRecord};
use crate::units::SimTime;

/// Simulates one replication and tells what happened, a line each: the time since T+0 in hours and
/// minutes, what, and whose.
#[must_use]
pub fn timeline(scenario: &Scenario, strategy: StrategyId, seed: u64, replication: u64) -> String {
    let plan = compile(scenario, strategy);
    let mut log = Log::default();
    Engine::new(&plan).simulate(Streams::new(seed, replication), &mut log);
    let labels = step_labels(scenario, strategy);
    let site = |row: u32| {
        let site = scenario.incident.deleted[row as usize].site;
        scenario.estate.sites[site].name.as_str()
    };
    let track = |track: u8| plan.tracks[usize::from(track)].name.as_str();
    let task = |task: TaskRef| {
        let StepLabel { track, step, .. } = &labels[usize::from(task.step)];
        match plan.steps[usize::from(task.step)].per {
            Per::Once => format!("{track}.{step}"),
            Per::Batch => format!("{}.../{step}", site(task.row)),
            Per::Site => format!("{}/{step}", site(task.row)),
        }
    };
    let mut text = String::new();
    for (at, record) in &log.records {
        let (what, whose) = match record {
            TraceRecord::Milestone(index) => {
                let milestone = &scenario.incident.milestones.as_slice()[*index as usize];
                ("milestone", milestone.name.clone())
            }
            TraceRecord::Opened(it) => ("open", track(*it).to_owned()),
            TraceRecord::Closed(it) => ("close", track(*it).to_owned()),
            TraceRecord::Taken { row, track: it, .. } => {
                ("take", format!("{} by {}", site(*row), track(*it)))
            }
            TraceRecord::Started(it) => ("start", task(*it)),
            TraceRecord::Finished(it) => ("finish", task(*it)),
            TraceRecord::Failed(it) => ("fail", task(*it)),
            TraceRecord::Aborted(it) => ("abort", task(*it)),
            TraceRecord::Restored(row) => ("restored", site(*row).to_owned()),
            TraceRecord::Lost(row) => ("lost", site(*row).to_owned()),
        };
        writeln!(text, "{:>8}  {what:<9}  {whose}", clock(*at)).expect("a string takes any text");
    }
    text
}

/// Hours and minutes, and what is finer only where there is something.
fn clock(at: SimTime) -> String {
    let millis = at.as_millis();
    let (hours, minutes) = (millis / 3_600_000, millis / 60_000 % 60);
    match millis % 60_000 {
        0 => format!("{hours}:{minutes:02}"),
        rest if rest % 1_000 == 0 => format!("{hours}:{minutes:02}:{:02}", rest / 1_000),
        rest => format!("{hours}:{minutes:02}:{:02}.{:03}", rest / 1_000, rest % 1_000),
    }
}
