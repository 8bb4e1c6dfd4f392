//! One test binary; a module for each kind of claim.

mod engine;
mod support;
