//! Blackstart: a disaster-recovery game-day simulator.

pub mod ids;
pub mod units;
