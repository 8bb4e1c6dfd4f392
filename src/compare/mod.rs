//! Strategies beside one another, exercise by exercise: which is best and by how much, how many
//! exercises it takes to tell, and how far the simulation lies from what was observed.

mod backtest;
mod paired;
mod pairs;
mod select;
mod side_by_side;
mod until;
pub use backtest::{Comparison, backtest};
pub use paired::{Against, Paired, against, paired};
pub use pairs::{
    AssuranceComparison, AssurancePair, Compared, Deletions, LOOK, MOST_COMPARED, Margin,
    MetricComparison, MetricMargin, Pair, PooledPair, StrategyStanding, compare,
};
pub use select::{Selection, select_best};
pub use side_by_side::{Bar, Risk, SideBySide, StrategyBars, side_by_side, side_by_side_of};
pub use until::{BATCH, MOST, Reached, Until, precision, run_batches, run_until};
