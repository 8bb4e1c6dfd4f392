//! Blackstart: a disaster-recovery game-day simulator.

pub mod diagnostics;
pub mod dist;
pub mod engine;
pub mod experiment;
pub mod ids;
pub mod plan;
pub mod rng;
pub mod scenario;
pub mod spec;
pub mod stats;
pub mod trace;
pub mod units;
