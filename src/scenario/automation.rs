//! `automated_after`: from when on a step is done by a machine, and what is left of it then.

use crate::diagnostics::Span;
use crate::ids::{MilestoneId, StepId, TrackId};
use crate::units::Share;

/// What automation leaves of a step, and from when on.
#[derive(Clone, Debug, PartialEq)]
pub struct Automation {
    /// From when on.
    pub after: AutomatedAfter,
    /// What is left of its time.
    pub factor: Share,
    /// How many people of its team it still needs; as many as before without one.
    pub people: Option<u32>,
}

/// From when on a step is automated.
#[derive(Clone, Debug, PartialEq)]
pub enum AutomatedAfter {
    /// From this milestone on.
    Milestone(MilestoneId),
    /// From the end of a `once` step of another track on, as written: strategies look it up.
    Step(StepElsewhere),
    /// After so many completions of the same work in its track.
    Runs(u32),
}

/// A step of another track, as written.
#[derive(Clone, Debug, PartialEq)]
pub struct StepElsewhere {
    pub(crate) span: Span,
    pub(crate) track: String,
    pub(crate) step: String,
}

/// A step of a track that the end of a `once` step of another automates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AutomatedBy {
    /// The step that is automated.
    pub step: StepId,
    /// The track that builds it.
    pub track: TrackId,
    /// The step of that track.
    pub by: StepId,
}
