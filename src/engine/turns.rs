//! Whose turn it is: tasks that could start wait in one queue for each combination of what they need.
//!
//! A queue whose first task lacks something is parked at the first thing that it lacks, so many units
//! of a pool, and looked at again when there are so many. When a pool has units to give, of those
//! parked there only the first by rank is woken; when its turn is over, because it has started or lacks
//! something else, the next is. So a unit that becomes free costs the same however many tasks, and
//! however many combinations, wait for it: with 10,000 shards that have a limit each, 2.4 microseconds an
//! attempt where looking at every combination took 280.
//!
//! A pool for which there is one combination only, which needs nothing else, has no such list: its
//! queue is looked at whenever it has something to give.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crate::engine::task::NONE;
use crate::plan::Plan;
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

    fn clear(&mut self) {
        match self {
            Self::InOrder(queue) => queue.clear(),
            Self::Ranked(heap) => heap.clear(),
        }
    }
}

/// Queues by their first tasks: a key and a demand.
type Line = BinaryHeap<Reverse<(u128, u16)>>;

/// Eligible tasks by demand, and which demands have to be looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct Turns {
    queues: Vec<Queue>,
    /// What the first task of each demand lacks, where that was found out, and the key of that task.
    parked_at: Vec<u32>,
    parked_key: Vec<u128>,
    /// The demands that are parked at each shortage. An entry holds as long as the demand is parked
    /// there with that key before all others.
    parked: Vec<Line>,
    /// The demands whose first tasks might start now.
    awake: Line,
    /// Pools that might have something to give, each once.
    stirred: Vec<u16>,
    is_stirred: Vec<bool>,
}

impl Turns {
    pub(super) fn new(plan: &Plan) -> Self {
        let demands = &plan.needs.demands;
        Self {
            queues: vec![Queue::new(plan.priority.rule); demands.len()],
            parked_at: vec![NONE; demands.len()],
            parked_key: vec![0; demands.len()],
            parked: vec![Line::new(); demands.shortages().len()],
            awake: Line::new(),
            stirred: Vec::new(),
            is_stirred: vec![false; plan.pools.len()],
        }
    }

    pub(super) fn clear(&mut self) {
        self.queues.iter_mut().for_each(Queue::clear);
        self.parked_at.fill(NONE);
        self.parked.iter_mut().for_each(Line::clear);
        self.awake.clear();
        self.stirred.clear();
        self.is_stirred.fill(false);
    }

    /// Puts a task into the queue of its demand by its key: smaller ranks and then smaller codes
    /// start first. A demand with a pool of its own is looked at when that is stirred.
    #[inline(always)]
    pub(super) fn push(&mut self, demand: u16, key: u128) {
        self.queues[usize::from(demand)].push(key);
    }

    /// Puts a task into the queue of a demand on several pools, or on one that others need too.
    #[inline(always)]
    pub(super) fn push_among_others(&mut self, demand: u16, key: u128) {
        let queue = &mut self.queues[usize::from(demand)];
        queue.push(key);
        if queue.first() == Some(key) {
            self.wake(demand, key);
        }
    }

    /// Has a demand looked at whose first task has this key.
    #[inline(always)]
    pub(super) fn wake(&mut self, demand: u16, key: u128) {
        self.parked_at[usize::from(demand)] = NONE;
        self.awake.push(Reverse((key, demand)));
    }

    /// Leaves a demand alone whose first task lacks something.
    pub(super) fn park(&mut self, demand: u16, key: u128, shortage: usize) {
        self.parked_at[usize::from(demand)] =
            u32::try_from(shortage).expect("fewer than 2^32 shortages");
        self.parked_key[usize::from(demand)] = key;
        self.parked[shortage].push(Reverse((key, demand)));
    }

    /// The first by rank of the demands that are to be looked at; it is not one of them any more.
    #[inline(always)]
    pub(super) fn next_awake(&mut self) -> Option<(u128, u16)> {
        loop {
            let Reverse((key, demand)) = self.awake.pop()?;
            if self.parked_at[usize::from(demand)] == NONE {
                return Some((key, demand));
            }
        }
    }

    /// Whether no demand is to be looked at.
    #[inline(always)]
    pub(super) fn nobody_is_awake(&self) -> bool {
        self.awake.is_empty()
    }

    /// The first by rank of the demands that are parked at a shortage; none of them is it any more.
    pub(super) fn unpark_first(&mut self, shortage: usize) -> Option<(u128, u16)> {
        loop {
            let Reverse((key, demand)) = self.parked[shortage].pop()?;
            let place = usize::from(demand);
            if self.parked_at[place] as usize == shortage && self.parked_key[place] == key {
                self.parked_at[place] = NONE;
                return Some((key, demand));
            }
        }
    }

    /// Whether a demand is parked at a shortage.
    #[inline(always)]
    pub(super) fn some_are_parked_at(&self, shortage: usize) -> bool {
        !self.parked[shortage].is_empty()
    }

    /// A pool might have something to give.
    #[inline(always)]
    pub(super) fn stir(&mut self, pool: u16) {
        if !std::mem::replace(&mut self.is_stirred[usize::from(pool)], true) {
            self.stirred.push(pool);
        }
    }

    /// One of the pools that might have something to give; it is not one of them any more.
    #[inline(always)]
    pub(super) fn next_stirred(&mut self) -> Option<u16> {
        let pool = self.stirred.pop()?;
        self.is_stirred[usize::from(pool)] = false;
        Some(pool)
    }

    /// Whether no demand is to be looked at, and no pool.
    #[inline(always)]
    pub(super) fn is_settled(&self) -> bool {
        self.awake.is_empty() && self.stirred.is_empty()
    }

    /// One of the pools that might have something to give: that which [`Self::next_stirred`] gives.
    #[inline(always)]
    pub(super) fn last_stirred(&self) -> Option<u16> {
        self.stirred.last().copied()
    }

    /// Whether there is only one of them.
    #[inline(always)]
    pub(super) fn is_only_stirred(&self) -> bool {
        self.stirred.len() == 1
    }

    /// The key of the first task of a demand.
    #[inline(always)]
    pub(super) fn first(&self, demand: u16) -> Option<u128> {
        self.queues[usize::from(demand)].first()
    }

    #[inline(always)]
    pub(super) fn remove_first(&mut self, demand: u16) {
        self.queues[usize::from(demand)].remove_first();
    }

    /// Whether any key in a demand's queue is as asked.
    pub(super) fn any(&self, demand: u16, asked: impl Fn(u128) -> bool) -> bool {
        match &self.queues[usize::from(demand)] {
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
}
