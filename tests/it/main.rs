//! One test binary; a module for each kind of claim.

mod automation;
mod cli;
mod defects;
mod determinism;
mod directions;
mod engine;
mod escalation;
mod files;
mod fuzz;
mod injects;
mod model;
mod oracles;
mod priority;
mod properties;
mod readme;
mod recovery_points;
mod reference;
mod rework;
mod scenarios;
mod shifts;
mod support;
mod telling;
mod throughput;
mod tidy;
mod tracks;
mod validate;
