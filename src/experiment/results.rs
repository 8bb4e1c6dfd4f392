//! What an experiment produced: the outcomes of every replication of every strategy, and the names
//! of what they count.

pub use crate::plan::{PoolLabel, StepLabel};

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
    /// The names of the throughputs that the vectors of [`Outcome::throughputs`] are about.
    pub throughputs: Vec<String>,
    /// One outcome for each replication, by its number.
    pub outcomes: Vec<Outcome>,
}
