//! Strategies times replications.
mod results;
pub use results::{PoolLabel, Results, StepLabel, StrategyResults};
