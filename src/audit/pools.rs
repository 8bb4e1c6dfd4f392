//! People and units: who has them, who waits for them, and who comes first.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::{Id, ServiceId};
use crate::scenario::{Scenario, Strategy};
use crate::trace::{PoolTally, Resource, TaskRef};

/// Units of a team or a limit that are counted together: of a limit that counts per shard, those of
/// one shard.
#[derive(Clone, Debug)]
struct Part {
    resource: Resource,
    in_use: u32,
    /// Units times milliseconds, up to `since`.
    busy: u128,
    /// The same above what there is.
    over: u128,
    since: u64,
    /// The groups of tasks that need some.
    groups: Vec<usize>,
}

/// What there is of a team or a limit.
#[derive(Clone, Debug, Default)]
struct Level {
    units: u32,
    /// What it was from when on.
    changes: Vec<(u64, u32)>,
    parts: Vec<usize>,
    /// When the first units were there.
    pub came: Option<u64>,
}

/// Tasks that need the same, the best-ranked first.
#[derive(Clone, Debug, Default)]
struct Group {
    needs: Vec<(usize, u32)>,
    /// The injects that stop its tasks.
    stopped_by: Vec<usize>,
    waiting: BTreeSet<u128>,
    /// Whether a task of it might start at this instant.
    is_open: bool,
}

/// What a group of tasks needs: parts with units, and the injects that stop it.
type Needs = (Vec<(usize, u32)>, Vec<usize>);

/// People and units at work.
#[derive(Debug, Default)]
pub(super) struct Pools {
    parts: Vec<Part>,
    part_of: BTreeMap<(Resource, Option<(ServiceId, u32)>), usize>,
    teams: Vec<Level>,
    limits: Vec<Level>,
    groups: Vec<Group>,
    group_of: BTreeMap<Needs, usize>,
    /// The groups that might start something at this instant.
    open: Vec<usize>,
    /// By inject: whether it is on.
    stops: Vec<bool>,
}

/// The order of a task among those that wait: its rank, then track, site and step.
pub(super) fn key(rank: u64, track: usize, task: TaskRef) -> u128 {
    u128::from(rank) << 64
        | (track as u128) << 52
        | u128::from(task.row) << 24
        | u128::from(task.step) << 12
}

/// The task of such a key.
pub(super) fn task_of(key: u128) -> TaskRef {
    TaskRef {
        row: (key >> 24) as u32 & ((1 << 28) - 1),
        step: (key >> 12) as u16 & ((1 << 12) - 1),
    }
}

impl Pools {
    pub(super) fn new(scenario: &Scenario) -> Self {
        Self {
            teams: vec![Level::default(); scenario.teams.len()],
            limits: vec![Level::default(); scenario.limits.len()],
            stops: vec![false; scenario.injects.len()],
            ..Self::default()
        }
    }

    fn level(&self, resource: Resource) -> &Level {
        match resource {
            Resource::Team(id) => &self.teams[id.index()],
            Resource::Limit(id) => &self.limits[id.index()],
        }
    }

    fn level_mut(&mut self, resource: Resource) -> &mut Level {
        match resource {
            Resource::Team(id) => &mut self.teams[id.index()],
            Resource::Limit(id) => &mut self.limits[id.index()],
        }
    }

    /// The part of a resource that counts for a shard, or the whole of it.
    pub(super) fn part(&mut self, resource: Resource, shard: Option<(ServiceId, u32)>) -> usize {
        if let Some(known) = self.part_of.get(&(resource, shard)) {
            return *known;
        }
        let part = self.parts.len();
        let (busy, over) = (0, 0);
        self.parts.push(Part { resource, in_use: 0, busy, over, since: 0, groups: Vec::new() });
        self.part_of.insert((resource, shard), part);
        self.level_mut(resource).parts.push(part);
        part
    }

    pub(super) fn resource(&self, part: usize) -> Resource {
        self.parts[part].resource
    }

    /// How much of a part is in use, and how much there is.
    pub(super) fn use_of(&self, part: usize) -> (u32, u32) {
        (self.parts[part].in_use, self.level(self.parts[part].resource).units)
    }

    pub(super) fn units(&self, resource: Resource) -> u32 {
        self.level(resource).units
    }

    pub(super) fn came(&self, team: usize) -> Option<u64> {
        self.teams[team].came
    }

    /// How much of a resource is in use, all its parts together.
    pub(super) fn in_use(&self, resource: Resource) -> u32 {
        self.level(resource).parts.iter().map(|it| self.parts[*it].in_use).sum()
    }

    fn count(&mut self, part: usize, now: u64) {
        let units = self.level(self.parts[part].resource).units;
        let it = &mut self.parts[part];
        let passed = u128::from(now - it.since);
        it.busy += u128::from(it.in_use) * passed;
        it.over += u128::from(it.in_use.saturating_sub(units)) * passed;
        it.since = now;
    }

    /// From now on there is so much of a resource.
    pub(super) fn set_units(&mut self, resource: Resource, units: u32, now: u64) {
        for at in 0..self.level(resource).parts.len() {
            let part = self.level(resource).parts[at];
            self.count(part, now);
            self.open_groups(part);
        }
        let level = self.level_mut(resource);
        level.units = units;
        level.changes.push((now, units));
        if units > 0 && level.came.is_none() {
            level.came = Some(now);
        }
    }

    pub(super) fn set_stop(&mut self, inject: usize, is_on: bool) {
        self.stops[inject] = is_on;
        if !is_on {
            for group in 0..self.groups.len() {
                if self.groups[group].stopped_by.contains(&inject) {
                    self.open_group(group);
                }
            }
        }
    }

    /// Whether any inject stops anything now.
    pub(super) fn stop_anything(&self) -> bool {
        self.stops.contains(&true)
    }

    pub(super) fn is_stopped(&self, by: &[usize]) -> bool {
        by.iter().any(|it| self.stops[*it])
    }

    pub(super) fn take(&mut self, needs: &[(usize, u32)], now: u64) {
        for (part, units) in needs {
            self.count(*part, now);
            self.parts[*part].in_use += units;
        }
    }

    /// Gives back; says whether all of it had been taken.
    pub(super) fn give_back(&mut self, needs: &[(usize, u32)], now: u64) -> bool {
        let mut had_all = true;
        for (part, units) in needs {
            self.count(*part, now);
            had_all &= self.parts[*part].in_use >= *units;
            self.parts[*part].in_use = self.parts[*part].in_use.saturating_sub(*units);
            self.open_groups(*part);
        }
        had_all
    }

    fn open_groups(&mut self, part: usize) {
        for at in 0..self.parts[part].groups.len() {
            self.open_group(self.parts[part].groups[at]);
        }
    }

    fn open_group(&mut self, group: usize) {
        if !self.groups[group].waiting.is_empty()
            && !std::mem::replace(&mut self.groups[group].is_open, true)
        {
            self.open.push(group);
        }
    }

    /// Whether all of these are there.
    pub(super) fn fits(&self, needs: &[(usize, u32)]) -> bool {
        needs.iter().all(|(part, units)| {
            let (in_use, there) = self.use_of(*part);
            u64::from(in_use) + u64::from(*units) <= u64::from(there)
        })
    }

    /// The group of what needs so much and is stopped by these injects.
    pub(super) fn group(&mut self, needs: Vec<(usize, u32)>, stopped_by: Vec<usize>) -> usize {
        let next = self.groups.len();
        let all = (needs, stopped_by);
        if let Some(known) = self.group_of.get(&all) {
            return *known;
        }
        for (part, _) in &all.0 {
            self.parts[*part].groups.push(next);
        }
        let (needs, stopped_by) = all.clone();
        self.groups.push(Group { needs, stopped_by, ..Group::default() });
        self.group_of.insert(all, next);
        next
    }

    /// Whether nothing is needed by the tasks of a group.
    pub(super) fn needs_nothing(&self, group: usize) -> bool {
        self.groups[group].needs.is_empty() && self.groups[group].stopped_by.is_empty()
    }

    pub(super) fn wait(&mut self, group: usize, key: u128) {
        self.groups[group].waiting.insert(key);
        self.open_group(group);
    }

    /// A task waits no longer; says whether it did.
    pub(super) fn leave(&mut self, group: usize, key: u128) -> bool {
        self.groups[group].waiting.remove(&key)
    }

    fn can_start(&self, group: usize) -> Option<u128> {
        let it = &self.groups[group];
        let first = it.waiting.first()?;
        (self.fits(&it.needs) && !self.is_stopped(&it.stopped_by)).then_some(*first)
    }

    /// A better-ranked task that could start in the place of one of a group.
    pub(super) fn better(&mut self, group: usize, key: u128) -> Option<TaskRef> {
        let own = self.groups[group].waiting.first().copied();
        if let Some(own) = own.filter(|it| *it < key) {
            return Some(task_of(own));
        }
        let mut at = 0;
        while let Some(other) = self.open.get(at).copied() {
            let first = self.groups[other].waiting.first().copied();
            if other == group || first.is_some_and(|it| it > key) {
                at += 1;
                continue;
            }
            match self.can_start(other) {
                Some(first) if !self.needs_nothing(other) => return Some(task_of(first)),
                Some(_) => at += 1,
                None => {
                    // Until more of something is there nothing of it starts.
                    self.groups[other].is_open = false;
                    self.open.swap_remove(at);
                }
            }
        }
        None
    }

    /// A task that could start and does not, as nothing more happens at this instant.
    pub(super) fn idle(&mut self, thoroughly: bool) -> Option<TaskRef> {
        let open = std::mem::take(&mut self.open);
        let mut idle = None;
        for group in &open {
            self.groups[*group].is_open = false;
            idle = idle.or_else(|| self.can_start(*group));
        }
        self.open = open;
        self.open.clear();
        if thoroughly {
            idle = idle.or_else(|| (0..self.groups.len()).find_map(|it| self.can_start(it)));
        }
        idle.map(task_of)
    }

    /// Units times milliseconds of all that there was, up to an instant.
    fn there(level: &Level, end: u64) -> u128 {
        let ends = level.changes.iter().skip(1).map(|it| it.0).chain([u64::MAX]);
        let each = level.changes.iter().zip(ends).map(|((from, units), to)| {
            u128::from(*units) * u128::from(to.min(end).saturating_sub(*from))
        });
        each.sum()
    }

    /// What became of a resource by now; `parts` is how many shards each have all of it, and `end`
    /// up to when it counts as there.
    pub(super) fn tally(
        &mut self,
        resource: Resource,
        parts: u128,
        (now, end): (u64, u64),
    ) -> PoolTally {
        for at in 0..self.level(resource).parts.len() {
            let part = self.level(resource).parts[at];
            self.count(part, now);
        }
        let own = self.level(resource).parts.iter().map(|it| &self.parts[*it]);
        PoolTally {
            busy: own.clone().map(|it| it.busy).sum(),
            overtime: own.map(|it| it.over).sum(),
            capacity: Self::there(self.level(resource), end) * parts,
        }
    }

    /// All resources: teams, then limits.
    pub(super) fn resources(strategy: &Strategy) -> impl Iterator<Item = Resource> {
        let teams = strategy.people.ids().map(Resource::Team);
        teams.chain(strategy.units.ids().map(Resource::Limit))
    }
}
