//! One test binary; a module for each kind of claim.

mod determinism;
mod engine;
mod oracles;
mod priority;
mod recovery_points;
mod support;
mod tidy;
mod tracks;
