//! What was asked.

use crate::ask::Chosen;
use crate::scenario::Scenario;

/// What was asked.
#[derive(Clone, Debug)]
pub struct SweepAsked<'a> {
    /// The scenario as it is.
    pub scenario: &'a Scenario,
    /// What was varied.
    pub levers: &'a [Chosen],
    /// Seed of the exercises.
    pub seed: u64,
    /// Exercises of each cell.
    pub replications: u32,
    /// In a race for the best, a difference that does not matter, in milliseconds.
    pub race: Option<f64>,
    /// The command that makes it again.
    pub reproduce: &'a str,
}
