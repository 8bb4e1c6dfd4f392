//! When milestones are reached, and what is counted from them: tracks open and close.

mod rules;

use crate::plan::{Plan, PlanMoment};
use crate::units::SimTime;

/// When each milestone is reached in a replication.
#[derive(Clone, Debug)]
pub(super) struct Milestones {
    /// In milliseconds, by their places in the incident.
    at: Vec<u64>,
}

impl Milestones {
    pub(super) fn new(plan: &Plan) -> Self {
        Self { at: vec![0; plan.deletions.milestones.len()] }
    }

    /// When a milestone is reached, in milliseconds.
    pub(super) fn at(&self, milestone: usize) -> u64 {
        self.at[milestone]
    }

    /// When each is reached.
    pub(super) fn instants(&self) -> impl Iterator<Item = SimTime> {
        self.at.iter().map(|at| SimTime::from_millis(*at))
    }

    /// When a moment comes, unless it waits for a step.
    pub(super) fn instant_of(&self, moment: PlanMoment) -> Option<u64> {
        moment.instant(|milestone| self.at[milestone])
    }
}
