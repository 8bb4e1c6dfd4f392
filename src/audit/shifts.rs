//! What becomes of work under way when people go, what is given up, and what machines take over.

use crate::audit::breach::Law;
use crate::audit::dates::NEVER;
use crate::audit::graph::number_of;
use crate::audit::state::{Due, Follower, Phase, Task};
use crate::audit::tasks::team;
use crate::scenario::{AtShiftEnd, AutomatedAfter, MomentBase, Per};
use crate::trace::{End, Resource, Start, TaskRef};
use crate::units::SimTime;

impl Follower<'_, '_> {
    /// Which attempt is younger: the later start, then what comes last by track, site and step.
    fn age(&self, task: TaskRef) -> (u64, usize, TaskRef) {
        let track = self.auditor.ground.steps[usize::from(task.step)].track;
        (self.task(task).started, track, task)
    }

    pub(super) fn pauses(&mut self, end: &End) {
        let task = end.task;
        let state = *self.task(task);
        if state.phase != Phase::Running || !self.running.contains(&task) {
            let how = format!("{} pauses, and does not run or cannot", self.name(task));
            self.breaches.now(Law::Pausing, how);
            return;
        }
        self.check_pause(task);
        let needs = self.running_needs(task);
        self.check_needs(task, end.frees, &needs, "frees");
        self.check_number(
            Law::Tallies,
            task,
            "ran",
            end.ran.unwrap_or(NEVER),
            self.now - state.since,
        );
        let people = self.people(&needs);
        self.pools.give_back(&people, self.now);
        self.running.remove(&task);
        self.paused.insert(task);
        self.own.steps[usize::from(task.step)].work += self.now - state.since;
        self.last_end = self.now;
        let now = self.now;
        let state = self.task_mut(task);
        state.phase = Phase::Paused;
        state.since = now;
        if state.ends != NEVER {
            state.ends = state.ends.saturating_sub(now);
        }
    }

    /// Somebody has gone of whom an attempt needs people, and no younger one could pause instead; or
    /// an inject stops its work.
    fn check_pause(&mut self, task: TaskRef) {
        let auditor = self.auditor;
        if self.pools.is_stopped(&auditor.paused_by[usize::from(task.step)]) {
            return;
        }
        let needs = self.running_needs(task);
        let own = self.age(task);
        let teams = needs.iter().map(|it| self.pools.resource(it.0)).filter(|it| {
            let Resource::Team(id) = it else { return false };
            auditor.ground.strategy.at_shift_end[*id] == AtShiftEnd::HandOver
                && self.pools.in_use(*it) > self.pools.units(*it)
        });
        let teams: Vec<Resource> = teams.collect();
        let younger = |it: &&TaskRef| self.age(**it) > own;
        let candidates: Vec<TaskRef> = self.running.iter().filter(younger).copied().collect();
        let is_youngest =
            |team: &Resource| !candidates.iter().any(|it| self.has_people_of(*it, *team));
        let fits = teams.iter().any(is_youngest);
        if !fits {
            let why =
                if teams.is_empty() { "all its people are there" } else { "a younger one goes on" };
            let how = format!("{} pauses, and {why}", self.name(task));
            self.breaches.now(Law::Pausing, how);
        }
    }

    fn has_people_of(&self, task: TaskRef, of: Resource) -> bool {
        let crew = self.auditor.draws.people(usize::from(task.step), self.crew(task));
        crew.iter().any(|(place, people)| *people > 0 && team(*place) == of)
    }

    fn people(&self, needs: &[(usize, u32)]) -> Vec<(usize, u32)> {
        let is_team = |it: &&(usize, u32)| matches!(self.pools.resource(it.0), Resource::Team(_));
        needs.iter().filter(is_team).copied().collect()
    }

    /// Whether a paused attempt could go on: its people are there, and nothing stops it.
    fn can_go_on(&mut self, task: TaskRef) -> bool {
        let needs = self.running_needs(task);
        let people = self.people(&needs);
        let stopped = self.pools.is_stopped(&self.auditor.stopped_by[usize::from(task.step)]);
        self.pools.fits(&people) && !stopped
    }

    /// The oldest of the paused attempts that could go on.
    fn oldest(&mut self) -> Option<TaskRef> {
        let mut all: Vec<TaskRef> = self.paused.iter().copied().collect();
        all.sort_by_key(|it| self.age(*it));
        all.into_iter().find(|it| self.can_go_on(*it))
    }

    /// Before anything starts, what pauses goes on.
    pub(super) fn check_nobody_pauses(&mut self, task: TaskRef) {
        if self.paused.is_empty() {
            return;
        }
        if let Some(oldest) = self.oldest() {
            let how = format!("{} starts, and {} could go on", self.name(task), self.name(oldest));
            self.breaches.now(Law::Pausing, how);
        }
    }

    pub(super) fn resumed(&mut self, attempt: &Start) {
        let task = attempt.task;
        let state = *self.task(task);
        if state.phase != Phase::Paused {
            let how = format!("{} goes on, and does not pause", self.name(task));
            self.breaches.now(Law::Pausing, how);
            return;
        }
        match self.oldest() {
            Some(oldest) if oldest == task => {}
            Some(oldest) => {
                let how = format!("{} goes on before {}", self.name(task), self.name(oldest));
                self.breaches.now(Law::Pausing, how);
            }
            None => {
                let how = format!("{} goes on, and cannot", self.name(task));
                self.breaches.now(Law::Pausing, how);
            }
        }
        let needs = self.running_needs(task);
        self.check_needs(task, attempt.takes, &needs, "takes");
        let people = self.people(&needs);
        self.pools.take(&people, self.now);
        self.check_number(Law::Tallies, task, "paused for", attempt.waited, self.now - state.since);
        let left = (state.ends != NEVER).then_some(state.ends);
        if attempt.length != left {
            let words = |it: Option<u64>| match it {
                Some(it) => format!("{it} ms"),
                None => "as long as it moves".to_owned(),
            };
            let how = format!(
                "{} goes on for {}, and what is left of it is {}",
                self.name(task),
                words(attempt.length),
                words(left)
            );
            self.breaches.now(Law::Length, how);
        }
        self.own.steps[usize::from(task.step)].wait += self.now - state.since;
        self.paused.remove(&task);
        self.running.insert(task);
        let now = self.now;
        let state = self.task_mut(task);
        state.phase = Phase::Running;
        state.since = now;
        if state.ends != NEVER {
            state.ends += now;
        }
    }

    /// Nobody works whose people have gone, and nobody pauses whose people are there.
    pub(super) fn settle_pauses(&mut self) {
        let auditor = self.auditor;
        if auditor.nobody_pauses {
            return;
        }
        for (id, at_end) in auditor.ground.strategy.at_shift_end.enumerate() {
            let it = Resource::Team(id);
            if *at_end == AtShiftEnd::HandOver && self.pools.in_use(it) > self.pools.units(it) {
                let name = &auditor.ground.scenario.teams[id].name;
                let how = format!(
                    "{} people of team `{name}` work, {} are there, and it hands over",
                    self.pools.in_use(it),
                    self.pools.units(it)
                );
                self.breaches.now(Law::Pausing, how);
            }
        }
        let stopped =
            |it: &&TaskRef| self.pools.is_stopped(&auditor.paused_by[usize::from(it.step)]);
        if self.pools.stop_anything()
            && let Some(task) = self.running.iter().find(stopped).copied()
        {
            let how = format!("{} goes on, and an inject stops it", self.name(task));
            self.breaches.now(Law::Pausing, how);
        }
        if !self.paused.is_empty()
            && let Some(oldest) = self.oldest()
        {
            let how = format!("{} could go on, and pauses", self.name(oldest));
            self.breaches.now(Law::Pausing, how);
        }
    }

    pub(super) fn aborted(&mut self, end: &End) {
        let task = end.task;
        let state = match self.dying.remove(&task) {
            Some(state) => {
                self.discharge(Due::Abort(task));
                state
            }
            None => {
                let state = *self.task(task);
                let is_begun = matches!(state.phase, Phase::Running | Phase::Paused);
                if !is_begun || self.per(task) != Per::Shard || !self.abandon(task) {
                    let how = format!("{} is given up for no reason", self.name(task));
                    self.breaches.now(Law::Ends, how);
                    return;
                }
                self.running.remove(&task);
                self.paused.remove(&task);
                state
            }
        };
        self.free_aborted(end, &state);
    }

    /// What an attempt had that is given up is free: one that pauses has only its limits.
    fn free_aborted(&mut self, end: &End, state: &Task) {
        let task = end.task;
        // Who does it is known from before it was given up.
        let after = std::mem::replace(self.task_mut(task), *state);
        let passed = self.now - state.since;
        if state.phase == Phase::Running {
            self.free_running(end, state.since);
            self.count_end(task, passed);
        } else {
            let needs = self.running_needs(task);
            self.check_needs(task, end.frees, &needs, "frees");
            let people = self.people(&needs);
            let limits: Vec<_> = needs.iter().copied().filter(|it| !people.contains(it)).collect();
            self.pools.give_back(&limits, self.now);
            let tally = &mut self.own.steps[usize::from(task.step)];
            tally.attempts += 1;
            tally.wait += passed;
            tally.last_end = SimTime::from_millis(self.now);
            self.last_end = self.now;
        }
        *self.task_mut(task) = after;
    }

    /// Nothing is automated but what is from T+0 on.
    pub(super) fn begin_automation(&mut self) {
        let auditor = self.auditor;
        for (step, facts) in auditor.ground.steps.iter().enumerate() {
            let Some(it) = facts.step.automation.as_ref().filter(|_| !facts.place.undeletes) else {
                continue;
            };
            self.automated[step] = auditor.ground.strategy.guardrails.tested_automation
                || match it.after {
                    AutomatedAfter::Milestone(id) => {
                        self.dates.instant(crate::scenario::Moment {
                            base: MomentBase::Milestone(id),
                            plus: crate::units::SimDuration::ZERO,
                        }) == Some(0)
                    }
                    AutomatedAfter::Step(_) | AutomatedAfter::Runs(_) => false,
                };
        }
    }

    fn automate_later(&mut self, step: usize) {
        if !self.automated[step] && !self.due.contains(&Due::Automate(step)) {
            self.due.push(Due::Automate(step));
        }
    }

    /// A milestone is reached, or a `once` step has ended.
    pub(super) fn automate_after(&mut self, base: MomentBase) {
        let auditor = self.auditor;
        for step in 0..auditor.ground.steps.len() {
            if auditor.automated_after[step] == Some(base) {
                self.automate_later(step);
            }
        }
    }

    /// The work of a step has been completed once more.
    pub(super) fn automate_by_runs(&mut self, work: usize) {
        let auditor = self.auditor;
        for (step, runs) in &auditor.automated_by_runs {
            if auditor.graph.work[*step] == work && *runs <= self.completions[work] {
                self.automate_later(*step);
            }
        }
    }

    pub(super) fn automate(&mut self, step: usize) {
        if !self.discharge(Due::Automate(step)) {
            let name = self.auditor.ground.step_name(step);
            self.breaches.now(Law::Automation, format!("`{name}` is automated too early"));
        }
        self.automated[step] = true;
        for row in (0u32..).take(self.sites.len().max(1)) {
            let task = TaskRef { row, step: number_of(step) };
            if self.task(task).phase == Phase::Eligible {
                self.dequeue(task);
                self.task_mut(task).by_machine = true;
                self.enqueue(task);
            }
        }
    }
}
