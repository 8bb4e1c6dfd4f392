//! When something begins or changes, as a plan has it.

use crate::ids::{Id, StepId, TrackId};
use crate::scenario::{Moment, MomentBase};

use super::expand::{Graph, to_u16};

/// When something begins or changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlanMoment {
    pub base: PlanBase,
    /// Milliseconds after it.
    pub plus: u64,
}

impl PlanMoment {
    /// T+0.
    pub(crate) const START: Self = Self { base: PlanBase::Start, plus: 0 };

    /// When it comes, given when each milestone does; none where it waits for a step.
    pub(crate) fn instant(self, milestone: impl Fn(usize) -> u64) -> Option<u64> {
        match self.base {
            PlanBase::Start => Some(self.plus),
            PlanBase::Milestone(index) => Some(milestone(index) + self.plus),
            PlanBase::Step(_) => None,
        }
    }
}

/// What a moment is counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlanBase {
    Start,
    Milestone(usize),
    /// The end of a `once` step.
    Step(u16),
}

/// A moment of a scenario in a plan.
pub(super) fn moment(moment: Moment, graph: &Graph<'_>) -> PlanMoment {
    let base = match moment.base {
        MomentBase::Start => PlanBase::Start,
        MomentBase::Milestone(id) => PlanBase::Milestone(id.index()),
        MomentBase::Step(track, step) => moment_of_step(track, step, graph),
    };
    PlanMoment { base, plus: moment.plus.as_millis() }
}

/// The end of a `once` step.
pub(super) fn moment_of_step(track: TrackId, step: StepId, graph: &Graph<'_>) -> PlanBase {
    let node = graph.nodes_of(track, step).next();
    PlanBase::Step(to_u16(node.expect("a `once` step has one node")))
}
