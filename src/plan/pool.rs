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
    /// For each demand its first pool and units, and where its others begin and end.
    demands: Vec<(u16, u32, u32, u32)>,
    others: Vec<(u16, u32)>,
    /// For each pool the demands that it is part of, a bit each, so many words a pool.
    of_pool: Vec<u64>,
    words: usize,
}

impl Demands {
    /// Lays out a list of demands on so many pools.
    pub(super) fn new(demands: &[Vec<(u16, u32)>], pools: usize) -> Self {
        let words = demands.len().div_ceil(64);
        let mut flat = Self { of_pool: vec![0; pools * words], words, ..Self::default() };
        for (index, units) in demands.iter().enumerate() {
            let place = |others: &[_]| u32::try_from(others.len()).expect("few demands");
            let start = place(&flat.others);
            let (first, others) = units.split_first().unwrap_or((&(0, 0), &[]));
            flat.others.extend(others);
            flat.demands.push((first.0, first.1, start, place(&flat.others)));
            for (pool, _) in units {
                flat.of_pool[usize::from(*pool) * words + index / 64] |= 1 << (index % 64);
            }
        }
        flat
    }

    /// How many demands there are.
    pub(crate) fn len(&self) -> usize {
        self.demands.len()
    }

    /// The first pool that a demand needs and how many units of it, and the others: most demands
    /// have one. What needs nothing has no units of pool 0.
    #[inline(always)]
    pub(crate) fn units(&self, demand: usize) -> ((u16, u32), &[(u16, u32)]) {
        let (pool, units, start, end) = self.demands[demand];
        ((pool, units), &self.others[start as usize..end as usize])
    }

    /// What a demand needs, pool after pool.
    pub(super) fn all(&self, demand: u16) -> impl Iterator<Item = (u16, u32)> + '_ {
        let (first, others) = self.units(usize::from(demand));
        std::iter::once(first).chain(others.iter().copied()).filter(|it| it.1 > 0)
    }

    /// The demands that a pool is part of, a bit each.
    #[inline(always)]
    pub(crate) fn of_pool(&self, pool: usize) -> &[u64] {
        &self.of_pool[pool * self.words..(pool + 1) * self.words]
    }
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
