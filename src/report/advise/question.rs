//! What was asked.

use crate::ask::{Chosen, Promise};
use crate::ids::StrategyId;
use crate::scenario::Scenario;

/// What was asked.
#[derive(Clone, Debug)]
pub struct AdviceAsked<'a> {
    /// The scenario as it is.
    pub scenario: &'a Scenario,
    /// What can be chosen.
    pub levers: &'a [Chosen],
    /// Under which strategy.
    pub strategy: StrategyId,
    /// What is to be kept.
    pub promise: Promise,
    /// Seed of the search.
    pub seed: u64,
    /// Exercises of each certificate.
    pub replications: u32,
    /// The command that makes it again.
    pub reproduce: &'a str,
}
