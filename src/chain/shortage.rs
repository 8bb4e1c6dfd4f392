//! Which pools were short for a task at the end of the instant before, and what made room in them
//! since. It counts what is told to be taken and given back; of a limit that counts per shard, for
//! each shard.

use crate::plan::Plan;

/// What of a demand is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of it.
    All,
    /// What an attempt gives back when it pauses, and needs to go on.
    People,
    /// What it keeps while it pauses.
    Limits,
}

/// Units of a pool that became free at the present instant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Freed {
    /// The last piece of work with them; it may have ended before.
    pub node: u32,
    pub pool: u16,
    /// Since when they had been taken.
    pub since: u64,
}

/// A number, with what it was at the end of the instant before.
#[derive(Clone, Copy, Debug, Default)]
struct Level {
    present: u32,
    earlier: u32,
    changed: u64,
}

impl Level {
    fn set(&mut self, now: u64, number: u32) {
        if self.changed < now {
            (self.earlier, self.changed) = (self.present, now);
        }
        self.present = number;
    }

    fn before(&self, now: u64) -> u32 {
        if self.changed < now { self.present } else { self.earlier }
    }
}

/// How much of everything is taken and how much there is.
pub(crate) struct Shortage<'p> {
    plan: &'p Plan,
    now: u64,
    /// By pool.
    taken: Vec<Level>,
    /// By pool; of a limit that counts per shard, where the limit itself stands.
    capacities: Vec<Level>,
    freed: Vec<Freed>,
}

impl<'p> Shortage<'p> {
    pub(crate) fn new(plan: &'p Plan) -> Self {
        let none = vec![Level::default(); plan.pools.len()];
        Self { plan, now: 0, taken: none.clone(), capacities: none, freed: Vec::new() }
    }

    /// Forgets the replication before.
    pub(crate) fn begin(&mut self) {
        self.taken.fill(Level::default());
        self.capacities.fill(Level::default());
        self.pass(0);
    }

    /// A new instant has come.
    pub(crate) fn pass(&mut self, now: u64) {
        self.now = now;
        self.freed.clear();
    }

    fn units(&self, demand: u16, part: Part) -> impl Iterator<Item = (u16, u32)> + use<'p> {
        let plan = self.plan;
        plan.units(demand).filter(move |(pool, _)| match part {
            Part::All => true,
            Part::People => plan.pools[usize::from(*pool)].is_team,
            Part::Limits => !plan.pools[usize::from(*pool)].is_team,
        })
    }

    pub(crate) fn set_capacity(&mut self, pool: u16, units: u32) {
        self.capacities[usize::from(pool)].set(self.now, units);
    }

    /// Notes what a task takes at this instant.
    pub(crate) fn take(&mut self, demand: u16, part: Part) {
        for (pool, units) in self.units(demand, part) {
            let level = &mut self.taken[usize::from(pool)];
            level.set(self.now, level.present + units);
        }
    }

    /// What was taken since an instant is free; the node is the last piece of work with it.
    pub(crate) fn give_back(&mut self, demand: u16, part: Part, node: u32, since: u64) {
        for (pool, units) in self.units(demand, part) {
            let level = &mut self.taken[usize::from(pool)];
            level.set(self.now, level.present - units);
            self.freed.push(Freed { node, pool, since });
        }
    }

    /// The pools of which there was not enough at the end of the instant before.
    fn short(&self, demand: u16, part: Part) -> impl Iterator<Item = u16> {
        let is_short = |(pool, units): &(u16, u32)| {
            let taken = self.taken[usize::from(*pool)].before(self.now);
            taken + units > self.capacity(*pool).before(self.now)
        };
        self.units(demand, part).filter(is_short).map(|it| it.0)
    }

    fn capacity(&self, pool: u16) -> &Level {
        &self.capacities[usize::from(self.plan.whole(pool))]
    }

    /// What became free last at this instant of a pool that had been short. Of several that became
    /// free with the same piece, the first of the demand.
    pub(crate) fn made_room(&self, demand: u16, part: Part) -> Option<Freed> {
        let freed = || self.freed.iter().rev();
        let last = freed().find(|it| self.short(demand, part).any(|pool| pool == it.pool))?;
        let with_it = |pool| freed().find(|it| (it.node, it.pool) == (last.node, pool)).copied();
        self.short(demand, part).find_map(with_it)
    }

    /// The first pool of a demand that had been short and of which there is more since this instant.
    pub(crate) fn risen(&self, demand: u16, part: Part) -> Option<u16> {
        let is_more = |pool: &u16| {
            let capacity = self.capacity(*pool);
            capacity.present > capacity.before(self.now)
        };
        self.short(demand, part).find(is_more)
    }
}
