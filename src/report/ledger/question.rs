//! What was asked.

use crate::ask::Promise;
use crate::ids::StrategyId;
use crate::scenario::Scenario;

/// What was asked.
#[derive(Clone, Debug)]
pub struct LedgerAsked<'a> {
    /// The scenario as it is.
    pub scenario: &'a Scenario,
    /// The strategies; the first is the one whose verdict it is about.
    pub strategies: &'a [StrategyId],
    /// What that is to keep.
    pub promise: Option<Promise>,
    /// Why there is nothing to keep.
    pub no_promise: Option<&'a str>,
    /// Seed of the exercises and of the draws.
    pub seed: u64,
    /// Exercises of each variant.
    pub replications: u32,
    /// The command that makes it again.
    pub reproduce: &'a str,
}

impl LedgerAsked<'_> {
    pub(super) fn name(&self, strategy: StrategyId) -> String {
        self.scenario.strategies[strategy].name.clone()
    }

    /// The share of exercises that is asked for, and how sure that has to be.
    pub(super) fn of(&self) -> (f64, f64) {
        let of = self.promise.map(|it| (it.required(self.scenario), it.confidence(self.scenario)));
        of.unwrap_or((0.0, 0.0))
    }
}
