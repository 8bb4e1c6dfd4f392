//! Tasks that could start: one queue for each combination of what they need, so that the cost of
//! dispatching does not grow with the number of tasks that are blocked.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crate::scenario::PriorityRule;

/// Tasks that wait for one demand, by rank and then by code.
#[derive(Clone, Debug)]
enum Queue {
    /// Ranks never fall: what comes later goes behind, or among those of its own instant.
    InOrder(VecDeque<u128>),
    /// Any rank may come.
    Ranked(BinaryHeap<Reverse<u128>>),
}

impl Queue {
    fn new(rule: PriorityRule) -> Self {
        match rule {
            PriorityRule::Fifo => Self::InOrder(VecDeque::new()),
            _ => Self::Ranked(BinaryHeap::new()),
        }
    }

    #[inline(always)]
    fn push(&mut self, key: u128) {
        match self {
            Self::Ranked(heap) => heap.push(Reverse(key)),
            Self::InOrder(queue) => match queue.back() {
                Some(last) if *last > key => {
                    let place = queue.partition_point(|other| *other < key);
                    queue.insert(place, key);
                }
                _ => queue.push_back(key),
            },
        }
    }

    #[inline(always)]
    fn first(&self) -> Option<u128> {
        match self {
            Self::InOrder(queue) => queue.front().copied(),
            Self::Ranked(heap) => heap.peek().map(|it| it.0),
        }
    }

    #[inline(always)]
    fn remove_first(&mut self) {
        match self {
            Self::InOrder(queue) => drop(queue.pop_front()),
            Self::Ranked(heap) => drop(heap.pop()),
        }
    }

    #[inline(always)]
    fn is_empty(&self) -> bool {
        match self {
            Self::InOrder(queue) => queue.is_empty(),
            Self::Ranked(heap) => heap.is_empty(),
        }
    }

    fn clear(&mut self) {
        match self {
            Self::InOrder(queue) => queue.clear(),
            Self::Ranked(heap) => heap.clear(),
        }
    }
}

/// Eligible tasks by demand, and which demands have to be looked at again.
#[derive(Clone, Debug, Default)]
pub(super) struct Ready {
    queues: Vec<Queue>,
    /// A bit for each demand for which a task waits.
    waiting: Vec<u64>,
    /// A bit for each demand whose first task might start now.
    to_look_at: Vec<u64>,
}

impl Ready {
    pub(super) fn new(demands: usize, rule: PriorityRule) -> Self {
        Self {
            queues: vec![Queue::new(rule); demands],
            waiting: vec![0; demands.div_ceil(64)],
            to_look_at: vec![0; demands.div_ceil(64)],
        }
    }

    pub(super) fn clear(&mut self) {
        self.queues.iter_mut().for_each(Queue::clear);
        self.waiting.fill(0);
        self.to_look_at.fill(0);
    }

    /// Puts a task into the queue of its demand by its key: smaller ranks and then smaller codes
    /// start first.
    #[inline(always)]
    pub(super) fn push(&mut self, demand: u16, key: u128) {
        let demand = usize::from(demand);
        self.queues[demand].push(key);
        self.waiting[demand / 64] |= 1 << (demand % 64);
        self.to_look_at[demand / 64] |= 1 << (demand % 64);
    }

    /// Puts a task that cannot start now into the queue of its demand, to be looked at when
    /// something that it needs becomes free.
    #[inline(always)]
    pub(super) fn push_settled(&mut self, demand: u16, key: u128) {
        let demand = usize::from(demand);
        self.queues[demand].push(key);
        self.waiting[demand / 64] |= 1 << (demand % 64);
    }

    /// Whether no demand has to be looked at.
    #[inline(always)]
    pub(super) fn is_settled(&self) -> bool {
        self.to_look_at.iter().all(|word| *word == 0)
    }

    /// Has another look at these demands, because something that they need became free.
    #[inline(always)]
    pub(super) fn look_again_at(&mut self, demands: &[u64]) {
        for ((to_look_at, waiting), demands) in
            self.to_look_at.iter_mut().zip(&self.waiting).zip(demands)
        {
            *to_look_at |= waiting & demands;
        }
    }

    /// Leaves a demand alone until another look at it is taken.
    #[inline(always)]
    pub(super) fn settle(&mut self, demand: usize) {
        self.to_look_at[demand / 64] &= !(1 << (demand % 64));
    }

    /// Whether any key in a demand's queue is as asked.
    pub(super) fn any(&self, demand: usize, asked: impl Fn(u128) -> bool) -> bool {
        match &self.queues[demand] {
            Queue::InOrder(queue) => queue.iter().any(|key| asked(*key)),
            Queue::Ranked(heap) => heap.iter().any(|key| asked(key.0)),
        }
    }

    /// Does something with every key in every queue.
    pub(super) fn each(&self, mut act: impl FnMut(u128)) {
        for queue in &self.queues {
            match queue {
                Queue::InOrder(queue) => queue.iter().for_each(|key| act(*key)),
                Queue::Ranked(heap) => heap.iter().for_each(|key| act(key.0)),
            }
        }
    }

    /// The first task of a demand's queue.
    #[inline(always)]
    pub(super) fn first(&self, demand: usize) -> Option<u128> {
        self.queues[demand].first()
    }

    #[inline(always)]
    pub(super) fn remove_first(&mut self, demand: usize) {
        self.queues[demand].remove_first();
        if self.queues[demand].is_empty() {
            self.waiting[demand / 64] &= !(1 << (demand % 64));
            self.settle(demand);
        }
    }

    /// The demand to look at, if there is just one and few demands in all.
    #[inline(always)]
    pub(super) fn only_one_to_look_at(&self) -> Option<usize> {
        match self.to_look_at.as_slice() {
            [word] if word.is_power_of_two() => Some(word.trailing_zeros() as usize),
            _ => None,
        }
    }

    /// How many words of [`Self::to_look_at_in`] there are.
    #[inline(always)]
    pub(super) fn words(&self) -> usize {
        self.to_look_at.len()
    }

    /// The demand to look ats of a word, a bit each.
    #[inline(always)]
    pub(super) fn to_look_at_in(&self, word: usize) -> u64 {
        self.to_look_at[word]
    }
}
