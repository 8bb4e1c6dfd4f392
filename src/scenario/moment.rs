//! Moments, at which things begin or change, and what they are counted from.

use crate::ids::{MilestoneId, StepId, TrackId};
use crate::units::SimDuration;

/// When something begins or changes: a length of time after something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// What it is counted from.
    pub base: MomentBase,
    /// How long after.
    pub plus: SimDuration,
}

/// What a moment is counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MomentBase {
    /// T+0, the first deletion.
    Start,
    /// A milestone of the incident.
    Milestone(MilestoneId),
    /// The end of a `once` step of a track of the same strategy.
    Step(TrackId, StepId),
}

impl Moment {
    /// T+0.
    pub const START: Self = Self { base: MomentBase::Start, plus: SimDuration::ZERO };
}
