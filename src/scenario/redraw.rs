//! What an estate is drawn from, again and again.

use crate::rng::Streams;
use crate::scenario::population::Population;

/// What an estate is drawn from, again and again.
#[derive(Clone, Debug)]
pub(crate) struct Redraw {
    pub population: Population,
    /// The population seed.
    pub seed: u64,
}

impl Redraw {
    pub(crate) fn streams(&self, replication: u64) -> Streams {
        Streams::new(self.seed, replication)
    }
}
