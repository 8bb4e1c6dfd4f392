//! Strategies times replications on threads, results in index order; slices of them, and how slices
//! are joined.
//!
//! Threads live here, in what simulates again to explain, and where results are summed up. What a
//! replication comes to depends on the plan, the seed and its number; outcomes are collected by number
//! and summed up in sequence, so that the number of threads never shows.

mod column;
pub(crate) mod contacts;
#[cfg(test)]
pub(crate) mod fake;
pub(crate) mod listener;
mod packed;
mod part;
mod results;
mod run;
pub(crate) mod yardstick;

pub use packed::PackedOutcome;
pub use part::{
    ENDING, JoinFault, Part, PartError, PartHead, PartTexts, Slice, is_part, join, misfits,
    results_of, write_part,
};
pub use results::{AimedAt, Aims, PoolLabel, Results, StepLabel, StrategyResults};
pub(crate) use run::run_these;
pub use run::{Design, run, run_slice};
pub use yardstick::{Yardstick, Yardsticks};

pub use crate::trace::{DataLoss, Outcome, PoolTally, Restoration, StepTally, ThroughputTally};
