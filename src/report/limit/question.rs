//! What was asked.

use crate::ask::{Limit, Promise, Variable};
use crate::ids::StrategyId;
use crate::scenario::Scenario;

/// What was asked.
#[derive(Clone, Debug)]
pub struct LimitAsked<'a> {
    /// The scenario as it is.
    pub scenario: &'a Scenario,
    /// Whether the values of the input count the sites that a deletion takes.
    pub counts_sites: bool,
    /// Under which strategy.
    pub strategy: StrategyId,
    /// What is to be kept.
    pub promise: Promise,
    /// Seed of the search.
    pub seed: u64,
    /// Exercises of each certificate.
    pub replications: u32,
    /// The other input that was asked across.
    pub across: Option<&'a str>,
    /// The value that a build expects it to reach.
    pub expected: Option<&'a str>,
    /// The command that makes it again.
    pub reproduce: &'a str,
}

/// One answer.
#[derive(Clone, Debug)]
pub struct LimitAnswer<'a> {
    /// The value of the other input.
    pub across: Option<&'a str>,
    /// The input.
    pub variable: &'a Variable,
    /// How far it can go.
    pub limit: &'a Limit,
}
