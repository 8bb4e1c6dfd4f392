//! Binding chains: what a recovery went through, piece after piece, followed while it is simulated;
//! their sums; and how attempts went.
//!
//! The only walk back in the project: an experiment listens with it, and reviews read it.

pub(crate) mod heard;
pub(crate) mod layout;
pub(crate) mod repeats;
mod shortage;
pub(crate) mod sums;
pub(crate) mod walk;

pub use heard::{CHAINS, Heard, WATCHED};
