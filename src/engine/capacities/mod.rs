//! The numbers that change over time: capacities of pools, and sizes and slots of tracks.

mod rules;

use crate::plan::{LevelChange, LevelPoint, Plan};

/// A change of the capacity of a pool.
#[derive(Clone, Copy, Debug)]
struct CapacityChange {
    at: u64,
    pool: usize,
    units: u32,
}

/// The numbers that change over time, and what capacities have been.
#[derive(Clone, Debug)]
pub(super) struct Capacities {
    /// What each number is now.
    levels: Vec<u32>,
    /// What they are once they have begun.
    numbers: Vec<u32>,
    begun: Vec<bool>,
    /// When the first units of each pool were there, in milliseconds.
    came: Vec<u64>,
    changes: Vec<CapacityChange>,
}

impl Capacities {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            levels: vec![0; plan.capacities.levels],
            numbers: vec![0; plan.capacities.levels],
            begun: vec![true; plan.capacities.levels],
            came: vec![u64::MAX; plan.pools.len()],
            changes: Vec::new(),
        }
    }

    /// Back to T+0.
    pub(super) fn clear(&mut self) {
        self.levels.fill(0);
        self.numbers.fill(0);
        self.begun.fill(true);
        self.came.fill(u64::MAX);
        self.changes.clear();
    }

    /// What a number is now, before injects.
    #[inline(always)]
    pub(super) fn level(&self, level: usize) -> u32 {
        self.levels[level]
    }

    /// For how long there has been anybody in a pool by now, in milliseconds.
    pub(super) fn there_for(&self, pool: usize, now: u64) -> u64 {
        now.saturating_sub(self.came[pool])
    }

    /// A point of a ramp is reached; the number that its level has from now on.
    #[inline(always)]
    fn pass(&mut self, point: LevelPoint) -> u32 {
        let level = point.level;
        match point.change {
            LevelChange::To(number) => self.numbers[level] = number,
            LevelChange::Begins => self.begun[level] = true,
            LevelChange::Stays => {}
        }
        self.levels[level] = if self.begun[level] { self.numbers[level] } else { 0 };
        self.levels[level]
    }

    /// A pool has so many units from now on.
    #[inline(always)]
    fn note(&mut self, now: u64, pool: usize, units: u32) {
        if units > 0 {
            self.came[pool] = self.came[pool].min(now);
        }
        self.changes.push(CapacityChange { at: now, pool, units });
    }

    /// Units of each of so many pools times milliseconds, up to an instant.
    pub(super) fn sums(&self, pools: usize, end: u64) -> Vec<u128> {
        let mut sums = vec![0u128; pools];
        let mut present: Vec<(u64, u32)> = vec![(0, 0); pools];
        let until = |(since, units): (u64, u32), now: u64| {
            u128::from(units) * u128::from(now.min(end).saturating_sub(since))
        };
        for change in &self.changes {
            sums[change.pool] += until(present[change.pool], change.at);
            present[change.pool] = (change.at, change.units);
        }
        for (sum, last) in sums.iter_mut().zip(present) {
            *sum += until(last, end);
        }
        sums
    }
}
