//! What tasks take, keep and free.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::audit::breach::Law;
use crate::audit::draws::Crew;
use crate::audit::follow::Follower;
use crate::ids::{Id, LimitId, ServiceId};
use crate::trace::{Resource, TaskRef};

/// Units of parts of the pools, part after part.
pub(super) type Units = Rc<[(usize, u32)]>;

/// What is known of needs already.
pub(super) struct Needs {
    /// By step, where all its tasks always need the same: that, and the group in which they wait.
    plain: Vec<Option<Units>>,
    pub groups: Vec<Option<usize>>,
    /// By combination of the log: units that were found to be the same.
    agreed: Vec<Option<Units>>,
}

impl Needs {
    pub(super) fn new(steps: usize, told: usize) -> Self {
        Self { plain: vec![None; steps], groups: vec![None; steps], agreed: vec![None; told] }
    }
}

impl Follower<'_, '_> {
    /// What a task has while it runs, besides what it keeps.
    pub(super) fn running_needs(&mut self, task: TaskRef) -> Units {
        let step = usize::from(task.step);
        if let Some(known) = &self.needs.plain[step] {
            return known.clone();
        }
        let auditor = self.auditor;
        let facts = &auditor.ground.steps[step];
        let mut needs: BTreeMap<usize, u32> = BTreeMap::new();
        for (team, people) in auditor.draws.people(step, self.crew(task)) {
            let part = self.pools.part(Resource::Team(Id::new(*team)), None);
            *needs.entry(part).or_default() += people;
        }
        for (limit, units) in facts.step.limits.iter().filter(|_| !facts.place.undeletes) {
            let part = self.part_of_limit(task, *limit);
            *needs.entry(part).or_default() += units;
        }
        let needs: Units = needs.into_iter().filter(|it| it.1 > 0).collect();
        if auditor.is_plain[step] {
            self.needs.plain[step] = Some(needs.clone());
        }
        needs
    }

    /// What a task keeps beyond its end.
    pub(super) fn kept_needs(&mut self, task: TaskRef) -> Units {
        let facts = &self.auditor.ground.steps[usize::from(task.step)];
        let mut needs: BTreeMap<usize, u32> = BTreeMap::new();
        for (limit, units) in facts.step.holds.iter().filter(|_| !facts.place.undeletes) {
            let part = self.part_of_limit(task, *limit);
            *needs.entry(part).or_default() += units;
        }
        needs.into_iter().collect()
    }

    /// What a task takes when it starts: what it has while it runs, and what it keeps unless it has
    /// that already.
    pub(super) fn needs_to_start(&mut self, task: TaskRef) -> Units {
        let running = self.running_needs(task);
        match self.keeps_anything(task) && !self.holds.contains_key(&task) {
            true => both(&running, &self.kept_needs(task)),
            false => running,
        }
    }

    pub(super) fn keeps_anything(&self, task: TaskRef) -> bool {
        let facts = &self.auditor.ground.steps[usize::from(task.step)];
        !facts.step.holds.is_empty() && !facts.place.undeletes
    }

    fn part_of_limit(&mut self, task: TaskRef, limit: LimitId) -> usize {
        let shard =
            self.shard(task).filter(|_| self.auditor.ground.scenario.limits[limit].per_shard);
        self.pools.part(Resource::Limit(limit), shard)
    }

    fn shard(&self, task: TaskRef) -> Option<(ServiceId, u32)> {
        let ground = &self.auditor.ground;
        let (service, _) = ground.service(usize::from(task.step))?;
        Some((service, ground.shard(service, task.row)))
    }

    /// Who does the next or the present attempt of a task.
    pub(super) fn crew(&self, task: TaskRef) -> Crew {
        let state = self.task(task);
        if state.escalated && self.auditor.escalates_to_team[usize::from(task.step)] {
            Crew::Escalated
        } else if state.by_machine {
            Crew::Automated
        } else {
            Crew::Own
        }
    }

    /// Whether what the log says that a task takes or frees is what it is to be.
    pub(super) fn check_needs(&mut self, task: TaskRef, told: u16, own: &Units, what: &str) {
        let agreed = self.needs.agreed.get(usize::from(told)).and_then(Option::as_ref);
        if agreed.is_some_and(|it| Rc::ptr_eq(it, own)) {
            return;
        }
        let mut units: BTreeMap<Resource, u32> = BTreeMap::new();
        for (part, number) in own.iter() {
            *units.entry(self.pools.resource(*part)).or_default() += number;
        }
        let said = self.told.legend.needs.get(usize::from(told));
        let same = said.is_some_and(|it| {
            it.len() == units.len() && it.iter().all(|(it, number)| units.get(it) == Some(number))
        });
        if same {
            self.needs.agreed[usize::from(told)] = Some(own.clone());
            return;
        }
        let said = said.map_or_else(Vec::new, Clone::clone);
        let own: Vec<(Resource, u32)> = units.into_iter().collect();
        let how = format!(
            "{} {what} {}; its step says {}",
            self.name(task),
            self.units_in_words(&said),
            self.units_in_words(&own)
        );
        self.breaches.now(Law::Needs, how);
    }

    fn units_in_words(&self, units: &[(Resource, u32)]) -> String {
        let scenario = self.auditor.ground.scenario;
        let word = |(resource, number): &(Resource, u32)| match resource {
            Resource::Team(it) => format!("{number} of team `{}`", scenario.teams[*it].name),
            Resource::Limit(it) => format!("{number} of limit `{}`", scenario.limits[*it].name),
        };
        let words: Vec<String> = units.iter().map(word).collect();
        if words.is_empty() { "nothing".to_owned() } else { words.join(" and ") }
    }
}

/// The units of two together.
pub(super) fn both(one: &Units, other: &Units) -> Units {
    let mut sum: BTreeMap<usize, u32> = one.iter().copied().collect();
    for (part, units) in other.iter() {
        *sum.entry(*part).or_default() += units;
    }
    sum.into_iter().collect()
}
