//! Tasks that could start: one queue for each combination of what they need, so that the cost of
//! dispatching does not grow with the number of tasks that are blocked.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Eligible tasks by demand, and which demands have to be looked at again.
#[derive(Clone, Debug, Default)]
pub(super) struct Ready {
    queues: Vec<BinaryHeap<Reverse<u128>>>,
    /// A bit for each demand for which a task waits.
    waiting: Vec<u64>,
    /// A bit for each demand whose first task might start now.
    stirred: Vec<u64>,
}

impl Ready {
    pub(super) fn new(demands: usize) -> Self {
        Self {
            queues: vec![BinaryHeap::new(); demands],
            waiting: vec![0; demands.div_ceil(64)],
            stirred: vec![0; demands.div_ceil(64)],
        }
    }

    pub(super) fn clear(&mut self) {
        self.queues.iter_mut().for_each(BinaryHeap::clear);
        self.waiting.fill(0);
        self.stirred.fill(0);
    }

    /// Puts a task into the queue of its demand; smaller ranks and then smaller codes start first.
    #[inline(always)]
    pub(super) fn push(&mut self, demand: u16, rank: u64, code: u64) {
        let demand = usize::from(demand);
        self.queues[demand].push(Reverse(u128::from(rank) << 64 | u128::from(code)));
        self.waiting[demand / 64] |= 1 << (demand % 64);
        self.stirred[demand / 64] |= 1 << (demand % 64);
    }

    /// Has another look at these demands, because something that they need became free.
    #[inline(always)]
    pub(super) fn stir(&mut self, demands: &[u64]) {
        for ((stirred, waiting), demands) in self.stirred.iter_mut().zip(&self.waiting).zip(demands)
        {
            *stirred |= waiting & demands;
        }
    }

    /// Leaves a demand alone until it is stirred again.
    #[inline(always)]
    pub(super) fn settle(&mut self, demand: usize) {
        self.stirred[demand / 64] &= !(1 << (demand % 64));
    }

    /// The first task of a demand's queue.
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

    /// The stirred demand, if there is just one and few demands in all.
    #[inline(always)]
    pub(super) fn only_stirred(&self) -> Option<usize> {
        match self.stirred.as_slice() {
            [word] if word.is_power_of_two() => Some(word.trailing_zeros() as usize),
            _ => None,
        }
    }

    /// How many words of [`Self::stirred_in`] there are.
    #[inline(always)]
    pub(super) fn words(&self) -> usize {
        self.stirred.len()
    }

    /// The stirred demands of a word, a bit each.
    #[inline(always)]
    pub(super) fn stirred_in(&self, word: usize) -> u64 {
        self.stirred[word]
    }
}
