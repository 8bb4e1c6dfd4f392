//! One replication.
mod outcome;
pub use outcome::{DataLoss, Outcome, PoolTally, Restoration, StepTally};
