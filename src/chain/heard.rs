//! What is heard of the first exercises of a strategy while they are simulated: their binding
//! chains, summed up, and how their attempts went. So nothing has to be simulated again to tell what
//! held them up.

use crate::chain::repeats::Watched;
use crate::chain::sums::Sums;

/// Exercises whose chains are looked at, at most: enough for shares to a point, and few beside those
/// that are simulated.
pub const CHAINS: usize = 200;

/// Recoveries that are listened to attempt by attempt, at most.
pub const WATCHED: usize = 20;

/// What was heard of the first exercises of a strategy, by their numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heard {
    /// The sums of the chains of the first [`CHAINS`]; none of one in which no site is back.
    pub(crate) chains: Vec<Option<Sums>>,
    /// How attempts went in the first [`WATCHED`]; of none where there is nothing to hear.
    pub(crate) watched: Vec<Watched>,
}

impl Heard {
    /// Adds what was heard of the exercises that come next.
    pub(crate) fn append(&mut self, later: Self) {
        self.chains.extend(later.chains);
        self.watched.extend(later.watched);
    }

    /// Adds what was heard of the next exercise.
    pub(crate) fn push(&mut self, (chains, watched): HeardOnce) {
        self.chains.push(chains);
        self.watched.extend(watched);
    }
}

/// What was heard of one exercise: the sums of its chains, and how its attempts went.
pub(crate) type HeardOnce = (Option<Sums>, Option<Watched>);

/// Whether the exercise of a number is among those that are listened to.
pub(crate) fn is_heard(number: u32) -> bool {
    (number as usize) < CHAINS
}
