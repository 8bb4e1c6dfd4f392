//! Attempts that pause, by what they need to go on.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Attempts that pause by demand, each demand's by their keys, and which demands have to be looked at
/// again.
#[derive(Clone, Debug, Default)]
pub(super) struct Ready {
    queues: Vec<BinaryHeap<Reverse<u128>>>,
    /// A bit for each demand for which an attempt waits.
    waiting: Vec<u64>,
    /// A bit for each demand whose first attempt might go on now.
    to_look_at: Vec<u64>,
}

impl Ready {
    pub(super) fn new(demands: usize) -> Self {
        Self {
            queues: vec![BinaryHeap::new(); demands],
            waiting: vec![0; demands.div_ceil(64)],
            to_look_at: vec![0; demands.div_ceil(64)],
        }
    }

    pub(super) fn clear(&mut self) {
        self.queues.iter_mut().for_each(BinaryHeap::clear);
        self.waiting.fill(0);
        self.to_look_at.fill(0);
    }

    /// Puts an attempt into the queue of its demand: smaller keys go on first.
    #[inline(always)]
    pub(super) fn push(&mut self, demand: u16, key: u128) {
        let demand = usize::from(demand);
        self.queues[demand].push(Reverse(key));
        self.waiting[demand / 64] |= 1 << (demand % 64);
        self.to_look_at[demand / 64] |= 1 << (demand % 64);
    }

    /// Whether no demand has to be looked at.
    #[inline(always)]
    pub(super) fn is_settled(&self) -> bool {
        self.to_look_at.iter().all(|word| *word == 0)
    }

    /// Has another look at these demands, because something that they need became free.
    pub(super) fn look_again_at(&mut self, demands: &[u16]) {
        for demand in demands.iter().map(|it| usize::from(*it)) {
            self.to_look_at[demand / 64] |= self.waiting[demand / 64] & 1 << (demand % 64);
        }
    }

    /// Leaves a demand alone until another look at it is taken.
    #[inline(always)]
    pub(super) fn settle(&mut self, demand: usize) {
        self.to_look_at[demand / 64] &= !(1 << (demand % 64));
    }

    /// The key of the first attempt of a demand's queue.
    #[inline(always)]
    pub(super) fn first(&self, demand: usize) -> Option<u128> {
        self.queues[demand].peek().map(|it| it.0)
    }

    #[inline(always)]
    pub(super) fn remove_first(&mut self, demand: usize) {
        self.queues[demand].pop();
        if self.queues[demand].is_empty() {
            self.waiting[demand / 64] &= !(1 << (demand % 64));
            self.settle(demand);
        }
    }

    /// How many words of [`Self::to_look_at_in`] there are.
    #[inline(always)]
    pub(super) fn words(&self) -> usize {
        self.to_look_at.len()
    }

    /// The demands to look at of a word, a bit each.
    #[inline(always)]
    pub(super) fn to_look_at_in(&self, word: usize) -> u64 {
        self.to_look_at[word]
    }
}
