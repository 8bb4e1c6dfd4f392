//! What an experiment produced: the outcomes of every replication of every strategy, and the names
//! of what they count.

use crate::engine::Outcome;
use crate::ids::{SiteId, StrategyId};
use crate::units::SimTime;

/// The outcomes of an experiment.
#[derive(Clone, Debug)]
pub struct Results {
    /// Seed of every random number.
    pub seed: u64,
    /// Replications of each strategy.
    pub replications: u32,
    /// The sites that were deleted, in the order of the estate, and when each was.
    pub sites: Vec<(SiteId, SimTime)>,
    /// One for each strategy that was run, in the order of the scenario.
    pub strategies: Vec<StrategyResults>,
}

/// The outcomes of one strategy.
#[derive(Clone, Debug)]
pub struct StrategyResults {
    /// Which strategy.
    pub strategy: StrategyId,
    /// The names of its tracks.
    pub tracks: Vec<String>,
    /// The steps that the vectors of [`Outcome::steps`] are about.
    pub steps: Vec<StepLabel>,
    /// The pools that the vectors of [`Outcome::pools`] are about.
    pub pools: Vec<PoolLabel>,
    /// One outcome for each replication, by its number.
    pub outcomes: Vec<Outcome>,
}

/// What a step of a plan is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepLabel {
    /// The track it belongs to.
    pub track: String,
    /// The step's id in its runbook, with the service or product that it was expanded for, as in
    /// `restore-data/media`.
    pub step: String,
    /// One line for people.
    pub title: String,
    /// The part of the recovery that it belongs to; empty where the scenario names none.
    pub phase: String,
    /// The teams that work on it, joined by `+`; empty for a wait that needs nobody.
    pub team: String,
}

/// What a pool of a plan is called.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolLabel {
    /// The team's or limit's name.
    pub name: String,
    /// Whether it is a team; otherwise it is a limit.
    pub is_team: bool,
    /// What an hour of one person costs, where the scenario says so.
    pub cost_per_hour: Option<f64>,
}
