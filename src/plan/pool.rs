//! Renewable resources, and what tasks need of them.

use crate::scenario::{AtShiftEnd, Scenario, Strategy, Team};

/// A renewable resource.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlanPool {
    pub name: String,
    pub is_team: bool,
    /// Whether its youngest attempts pause when its capacity falls below its use.
    pub hands_over: bool,
    pub cost_per_hour: Option<f64>,
    /// The parts of a limit that counts per shard, each with its whole capacity.
    pub parts: Option<std::ops::Range<usize>>,
    /// The limit of which it counts a shard's units.
    pub part_of: Option<u16>,
}

/// What makes the attempts of a team longer.
#[derive(Clone, Debug)]
pub(crate) struct TeamStrain {
    pub coordination: crate::scenario::Coordination,
    /// From so many milliseconds after the first people came they take so many times as long.
    pub fatigue: Vec<(u64, f64)>,
}

/// What tasks need: each combination of units of pools once, all taken at once or none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Demands {
    entries: Vec<Demand>,
    /// All but the first pool of every demand, demand after demand.
    others: Vec<(u16, u32)>,
    /// For each pool the demands that it is part of, pool after pool.
    of_pool: Vec<u16>,
    of_pool_starts: Vec<u32>,
    /// For each pool the demand that is the only one on it and needs nothing else; nothing at all
    /// where there is none such.
    only_one_on: Vec<u16>,
    /// What tasks may wait for, pool after pool, fewer units first.
    shortages: Vec<Shortage>,
    shortage_starts: Vec<u32>,
}

/// So many units of a pool, as some demand needs them: what waits for them waits together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shortage {
    pub pool: u16,
    pub units: u32,
}

/// What a task needs: of most only one pool, which stands here.
#[derive(Clone, Copy, Debug)]
struct Demand {
    pool: u16,
    units: u32,
    /// Where its other pools begin and end in the list of all.
    others_from: u32,
    others_to: u32,
}

impl Demands {
    /// Lays out lists of pools with their units, each what some tasks need, on so many pools, and
    /// notes of each pool which demands it is part of. What needs nothing has no units of pool 0.
    pub(super) fn new(lists: &[Vec<(u16, u32)>], pools: usize) -> Self {
        let mut flat = Self::default();
        for list in lists {
            let length = |others: &[_]| u32::try_from(others.len()).expect("few demands");
            let others_from = length(&flat.others);
            let ((pool, units), others) = list.split_first().unwrap_or((&(0, 0), &[]));
            flat.others.extend(others);
            let others_to = length(&flat.others);
            flat.entries.push(Demand { pool: *pool, units: *units, others_from, others_to });
        }
        let mut pairs: Vec<(u16, u16)> = Vec::new();
        for (demand, list) in (0u16..).zip(lists) {
            pairs.extend(list.iter().map(|(pool, _)| (*pool, demand)));
        }
        pairs.sort_unstable();
        flat.of_pool_starts = starts(pools, pairs.iter().map(|it| it.0));
        flat.of_pool = pairs.into_iter().map(|it| it.1).collect();
        flat.only_one_on = (0..pools).map(|pool| flat.alone_on(pool)).collect();
        let all = lists.iter().flatten();
        flat.shortages = all.map(|(pool, units)| Shortage { pool: *pool, units: *units }).collect();
        flat.shortages.sort_unstable();
        flat.shortages.dedup();
        flat.shortage_starts = starts(pools, flat.shortages.iter().map(|it| it.pool));
        flat
    }

    /// How many demands there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The first pool that a demand needs and how many units of it, and the others: most demands
    /// have one. What needs nothing has no units of pool 0.
    #[inline(always)]
    pub(crate) fn units(&self, demand: usize) -> ((u16, u32), &[(u16, u32)]) {
        let Demand { pool, units, others_from, others_to } = self.entries[demand];
        ((pool, units), &self.others[others_from as usize..others_to as usize])
    }

    /// What a demand needs, pool after pool.
    pub(super) fn all(&self, demand: u16) -> impl Iterator<Item = (u16, u32)> + '_ {
        let (first, others) = self.units(usize::from(demand));
        std::iter::once(first).chain(others.iter().copied()).filter(|it| it.1 > 0)
    }

    /// The demands that a pool is part of.
    #[inline(always)]
    pub(crate) fn of_pool(&self, pool: usize) -> &[u16] {
        &self.of_pool[self.of_pool_starts[pool] as usize..self.of_pool_starts[pool + 1] as usize]
    }

    fn alone_on(&self, pool: usize) -> u16 {
        match self.of_pool(pool) {
            [demand] if self.units(usize::from(*demand)).1.is_empty() => *demand,
            _ => 0,
        }
    }

    /// The only demand on a pool, if that needs nothing else.
    #[inline(always)]
    pub(crate) fn only_one_on(&self, pool: usize) -> Option<u16> {
        let demand = self.only_one_on[pool];
        (demand != 0).then_some(demand)
    }

    /// Whether nobody else needs the first pool of a demand, nor it another pool.
    #[inline(always)]
    pub(crate) fn is_alone(&self, demand: u16) -> bool {
        let pool = self.entries[usize::from(demand)].pool;
        demand != 0 && self.only_one_on[usize::from(pool)] == demand
    }

    /// What tasks may wait for, by its place among all.
    pub(crate) fn shortages(&self) -> &[Shortage] {
        &self.shortages
    }

    /// The places of what tasks may wait for of a pool, fewer units first.
    pub(crate) fn shortages_of(&self, pool: usize) -> std::ops::Range<usize> {
        self.shortage_starts[pool] as usize..self.shortage_starts[pool + 1] as usize
    }
}

/// Where the entries of each pool begin in a list sorted by pool, and where the last end.
fn starts(pools: usize, sorted: impl Iterator<Item = u16>) -> Vec<u32> {
    let mut starts = vec![0u32; pools + 1];
    sorted.for_each(|pool| starts[usize::from(pool) + 1] += 1);
    for pool in 0..pools {
        starts[pool + 1] += starts[pool];
    }
    starts
}

/// The teams of a scenario and then its limits, as pools.
pub(super) fn teams_and_limits(scenario: &Scenario, strategy: &Strategy) -> Vec<PlanPool> {
    let teams = scenario.teams.enumerate().map(|(id, team)| PlanPool {
        name: team.name.clone(),
        is_team: true,
        hands_over: strategy.at_shift_end[id] == AtShiftEnd::HandOver,
        cost_per_hour: team.cost_per_hour,
        parts: None,
        part_of: None,
    });
    let limits = scenario.limits.iter().map(|limit| PlanPool {
        name: limit.name.clone(),
        is_team: false,
        hands_over: false,
        cost_per_hour: None,
        parts: None,
        part_of: None,
    });
    teams.chain(limits).collect()
}

/// What makes the attempts of each team longer.
pub(super) fn strains(scenario: &Scenario) -> Vec<TeamStrain> {
    scenario.teams.iter().map(strain).collect()
}

fn strain(team: &Team) -> TeamStrain {
    let fatigue = team.fatigue.iter().map(|(after, factor)| (after.as_millis(), *factor));
    TeamStrain { coordination: team.coordination, fatigue: fatigue.collect() }
}
