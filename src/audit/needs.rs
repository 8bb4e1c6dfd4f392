//! What tasks take, keep and free, by part: a team, a limit, or what a limit is for one shard.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::audit::breach::Law;
use crate::audit::draws::Crew;
use crate::audit::state::{Follower, Known, Units};
use crate::ids::{Id, LimitId, ServiceId};
use crate::trace::{Resource, TaskRef};

impl Follower<'_, '_> {
    /// What a task needs while it runs, and what it keeps.
    fn known(&mut self, task: TaskRef) -> &Known {
        let (step, crew) = (usize::from(task.step), self.crew(task));
        let shard = self.auditor.counts_per_shard[step].then(|| self.shard(task)).flatten();
        let known = match shard {
            None => self.needs.known[step][crew as usize].is_some(),
            Some((_, shard)) => self.needs.of_shards.contains_key(&(step, crew, shard)),
        };
        if !known {
            let running = self.running(task, crew);
            let kept = self.kept(task);
            let mut sum = running.clone();
            for (part, units) in &kept {
                *sum.entry(*part).or_default() += units;
            }
            let all = Known {
                both: self.needs.once(sum),
                running: self.needs.once(running),
                kept: self.needs.once(kept),
            };
            match shard {
                None => self.needs.known[step][crew as usize] = Some(all),
                Some((_, shard)) => drop(self.needs.of_shards.insert((step, crew, shard), all)),
            }
        }
        match shard {
            None => self.needs.known[step][crew as usize].as_ref(),
            Some((_, shard)) => self.needs.of_shards.get(&(step, crew, shard)),
        }
        .expect("it is known by now")
    }

    fn running(&mut self, task: TaskRef, crew: Crew) -> BTreeMap<usize, u32> {
        let auditor = self.auditor;
        let step = usize::from(task.step);
        let facts = &auditor.ground.steps[step];
        let mut needs: BTreeMap<usize, u32> = BTreeMap::new();
        for (team, people) in auditor.draws.people(step, crew) {
            let part = self.pools.part(Resource::Team(Id::new(*team)), None);
            *needs.entry(part).or_default() += people;
        }
        for (limit, units) in facts.step.limits.iter().filter(|_| !facts.place.undeletes) {
            let part = self.part_of_limit(task, *limit);
            *needs.entry(part).or_default() += units;
        }
        needs.retain(|_, units| *units > 0);
        needs
    }

    fn kept(&mut self, task: TaskRef) -> BTreeMap<usize, u32> {
        let facts = &self.auditor.ground.steps[usize::from(task.step)];
        let mut needs: BTreeMap<usize, u32> = BTreeMap::new();
        for (limit, units) in facts.step.holds.iter().filter(|_| !facts.place.undeletes) {
            let part = self.part_of_limit(task, *limit);
            *needs.entry(part).or_default() += units;
        }
        needs
    }

    /// What a task has while it runs, besides what it keeps.
    pub(super) fn running_needs(&mut self, task: TaskRef) -> Units {
        self.known(task).running.clone()
    }

    /// What a task keeps beyond its end.
    pub(super) fn kept_needs(&mut self, task: TaskRef) -> Units {
        self.known(task).kept.clone()
    }

    /// What a task takes with what it keeps.
    pub(super) fn all_needs(&mut self, task: TaskRef) -> Units {
        self.known(task).both.clone()
    }

    /// What a task takes when it starts: what it has while it runs, and what it keeps unless it has
    /// that already.
    pub(super) fn needs_to_start(&mut self, task: TaskRef) -> Units {
        match self.keeps_anything(task) && !self.holds.contains_key(&task) {
            true => self.all_needs(task),
            false => self.running_needs(task),
        }
    }

    pub(super) fn keeps_anything(&self, task: TaskRef) -> bool {
        let facts = &self.auditor.ground.steps[usize::from(task.step)];
        !facts.step.holds.is_empty() && !facts.place.undeletes
    }

    /// The place in the pools where a limit is counted for a task: that of the task's own shard if the
    /// limit counts per shard, else that of the whole limit. It is made when it is first asked for.
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
        let same = said.is_some_and(|said| {
            said.len() == units.len()
                && said.iter().all(|(it, number)| units.get(it) == Some(number))
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
