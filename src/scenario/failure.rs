//! How steps go wrong: where a failure is found, what is done again, and who takes over in the end.

use crate::ids::{StepId, TeamId};
use crate::units::Share;

/// How a step goes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Failure {
    /// The chance that an attempt fails.
    pub probability: Share,
    /// Attempts in all; the last cannot fail, unless the work escalates then.
    pub attempts: u32,
    /// The step from which the work is done again: this one or one before it.
    pub retry_from: StepId,
    /// The later step at whose end the failure is found; `None` where it is found at the end of
    /// the attempt itself.
    pub found_by: Option<StepId>,
    /// Who takes over when the last attempt has failed.
    pub escalates_to: Option<Escalation>,
}

/// Who takes over what has failed too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escalation {
    /// So many people of a team do the step once more, and cannot fail.
    Team(TeamId, u32),
    /// Another step is done in its place.
    Step(StepId),
}
