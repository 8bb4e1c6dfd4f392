//! What happens to loads.

use crate::engine::events::Event;
use crate::engine::replication::Engine;
use crate::engine::task::{NEVER, Phase, Task};
use crate::scenario::Per;
use crate::trace::{Recorder, TaskRef, TraceRecord};
use crate::units::SimTime;

use super::{Load, LoadPhase};

impl Engine<'_> {
    /// Forgets the loads of the replication before.
    pub(in crate::engine) fn begin_loads(&mut self) {
        self.loads.unneeded.clear();
        for load in &mut self.loads.list {
            if load.phase != LoadPhase::Absent {
                let steps = self.plan.steps.len();
                let place = load.task.row as usize * steps + usize::from(load.task.step);
                self.tasks[place] = Task::default();
            }
            let mut waiting = std::mem::take(&mut load.waiting);
            waiting.clear();
            *load = Load { waiting, ..Load::default() };
        }
    }

    /// A task needs its load now; says whether it stands. If not, the task waits for it.
    pub(in crate::engine) fn ask_for_load(
        &mut self,
        task: TaskRef,
        recorder: &mut impl Recorder,
    ) -> bool {
        let shard_step = self.shard_step(task);
        let index = self.plan.loads.of(shard_step, task.row);
        let load = &mut self.loads.list[index as usize];
        load.users += 1;
        load.keep = load.keep.max(self.plan.loads.keep(shard_step));
        load.idle_since = NEVER;
        if load.phase == LoadPhase::Standing {
            return true;
        }
        load.waiting.push(task);
        let first = load.phase == LoadPhase::Absent;
        self.tell(recorder, |_| TraceRecord::Asked(task));
        let place = self.place(task);
        self.tasks[place].enter(Phase::Loading, self.now);
        if first {
            let of_load = TaskRef { row: task.row, step: shard_step };
            let load = &mut self.loads.list[index as usize];
            load.phase = LoadPhase::Coming;
            load.task = of_load;
            let place = self.place(of_load);
            let state = &mut self.tasks[place];
            // What is left of an earlier load on the lists of events is stale.
            *state = state.begun_anew(0);
            state.begin_epoch();
            self.make_eligible(of_load, recorder);
        }
        false
    }

    /// A task needs its load no longer: it waits for it, could start, or has run.
    pub(in crate::engine) fn leave_load(&mut self, task: TaskRef) {
        let index = self.plan.loads.of(self.shard_step(task), task.row);
        let loading = self.tasks[self.place(task)].phase() == Phase::Loading;
        let load = &mut self.loads.list[index as usize];
        if loading {
            load.waiting.retain(|it| *it != task);
            load.lost.retain(|it| *it != task);
        }
        load.users -= 1;
        if load.users == 0 {
            self.loads.unneeded.push(index);
        }
    }

    /// The load's task of one that waits for its load; none of any other.
    pub(in crate::engine) fn awaited_load(&self, task: TaskRef) -> Option<TaskRef> {
        let waits = self.tasks[self.place(task)].phase() == Phase::Loading;
        let load = || self.plan.loads.of(self.shard_step(task), task.row) as usize;
        waits.then(|| self.loads.list[load()].task)
    }

    /// A task has to wait for other steps again: it needs its load no longer if it has not started.
    pub(in crate::engine) fn leave_load_before_start(&mut self, task: TaskRef) {
        let phase = self.tasks[self.place(task)].phase();
        if matches!(phase, Phase::Loading | Phase::Eligible) {
            self.leave_load(task);
        }
    }

    /// A load stands: those that have waited for it could start.
    pub(in crate::engine) fn complete_load(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        let load = &mut self.loads.list[self.plan.loads.of(task.step, task.row) as usize];
        load.phase = LoadPhase::Standing;
        let mut waiting = std::mem::take(&mut load.waiting);
        for task in waiting.drain(..) {
            let place = self.place(task);
            let waited = self.now - self.tasks[place].since();
            self.outcome.steps[usize::from(task.step)].wait += waited;
            self.queue(task, recorder);
        }
        self.loads.list[self.plan.loads.of(task.step, task.row) as usize].waiting = waiting;
    }

    /// The attempt at a load that starts finds nothing for one of those who wait for it.
    pub(in crate::engine) fn lose_with_load(&mut self, index: u32, task: TaskRef) {
        let load = &mut self.loads.list[index as usize];
        load.waiting.retain(|it| *it != task);
        load.lost.insert(0, task);
    }

    /// An attempt at a load has ended: those are lost for whom it has found nothing.
    pub(in crate::engine) fn lose_what_is_not_loaded(
        &mut self,
        load: TaskRef,
        recorder: &mut impl Recorder,
    ) {
        let index = self.plan.loads.of(load.step, load.row) as usize;
        while let Some(task) = self.loads.list[index].lost.pop() {
            self.tell(recorder, |_| TraceRecord::NotInLoad(task));
            self.lose(task, recorder);
        }
    }

    /// The time that an unneeded load is kept may be over.
    pub(in crate::engine) fn on_unload(&mut self, load: u32) {
        self.loads.unneeded.push(load);
    }

    /// Frees the loads that nobody needs any more, at the end of an instant's events.
    pub(in crate::engine) fn judge_loads(&mut self, recorder: &mut impl Recorder) {
        let mut unneeded = std::mem::take(&mut self.loads.unneeded);
        unneeded.sort_unstable();
        unneeded.dedup();
        for index in unneeded.drain(..) {
            let load = &mut self.loads.list[index as usize];
            if load.users > 0 {
                continue;
            }
            match load.phase {
                LoadPhase::Absent => {}
                LoadPhase::Coming => {
                    let task = load.task;
                    self.abandon_load(task, recorder);
                }
                LoadPhase::Standing => {
                    let keep = load.keep;
                    if load.idle_since == NEVER {
                        load.idle_since = self.now;
                        if keep > 0 {
                            self.future.push(self.now + keep, Event::Unload(index));
                        }
                    }
                    if self.now >= load.idle_since + keep {
                        let task = load.task;
                        let attempts = self.attempt(self.place(task));
                        self.free_load(index, attempts.saturating_add(1), recorder);
                        self.tell(recorder, |_| TraceRecord::Unloaded(task));
                    }
                }
            }
        }
        self.loads.unneeded = unneeded;
    }

    /// Does something with the task of each load of a step that waits or runs.
    pub(in crate::engine) fn each_load_under_way(
        &mut self,
        step: u16,
        act: impl Fn(&mut Self, TaskRef),
    ) {
        for index in 0..self.loads.list.len() {
            let Load { task, phase, .. } = self.loads.list[index];
            if phase == LoadPhase::Coming && task.step == step {
                act(self, task);
            }
        }
    }

    /// Nobody waits for a load any more: its task is given up.
    pub(in crate::engine) fn abandon_load(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        let index = self.plan.loads.of(task.step, task.row);
        let place = self.place(task);
        let begun = matches!(self.tasks[place].phase(), Phase::Running | Phase::Paused);
        let attempts = self.attempt(place).saturating_add(u16::from(begun));
        if !begun {
            self.tell(recorder, |_| TraceRecord::Cancelled(task));
        }
        self.drop_task(task, recorder);
        self.free_load(index, attempts, recorder);
    }

    /// Frees a load after so many attempts. What it draws when it is loaded again is drawn anew.
    fn free_load(&mut self, index: u32, attempts: u16, recorder: &mut impl Recorder) {
        let load = &mut self.loads.list[index as usize];
        load.attempts_before = load.attempts_before.saturating_add(attempts);
        load.phase = LoadPhase::Absent;
        load.keep = 0;
        load.idle_since = NEVER;
        let (task, since) = (load.task, std::mem::replace(&mut load.held_since, NEVER));
        if since != NEVER {
            self.give_back(task, since, recorder);
        }
    }

    /// At the end of a replication the hours of loads that come count, and what loads hold.
    pub(in crate::engine) fn count_loads(&mut self, recorder: &mut impl Recorder) {
        for index in 0..self.loads.list.len() {
            let Load { task, phase, held_since, .. } = self.loads.list[index];
            if phase == LoadPhase::Coming {
                self.count_if_running(task);
            }
            if held_since != NEVER {
                self.give_back(task, held_since, recorder);
            }
        }
    }

    /// Where the draws of a load's attempt stand: behind those of all the times before.
    pub(in crate::engine) fn attempt_of_load(&self, task: TaskRef, attempt: u16) -> u16 {
        let load = self.plan.loads.of(task.step, task.row);
        self.loads.list[load as usize].attempts_before.saturating_add(attempt)
    }

    /// At the end the time counts for which tasks have waited for loads.
    pub(in crate::engine) fn count_waits_for_loads(&mut self) {
        for task in self.loads.list.iter().flat_map(|it| it.waiting.iter().chain(&it.lost)) {
            let place = task.row as usize * self.plan.steps.len() + usize::from(task.step);
            let waited = self.now - self.tasks[place].since();
            let tally = &mut self.outcome.steps[usize::from(task.step)];
            tally.wait += waited;
            tally.last_end = SimTime::NEVER;
        }
    }

    /// The number of the shard of a load's task.
    pub(in crate::engine) fn shard_of(&self, task: TaskRef) -> u32 {
        debug_assert!(self.per(task) == Per::Shard, "only loads have a shard");
        self.plan.loads.loads[self.plan.loads.of(task.step, task.row) as usize].shard
    }

    fn shard_step(&self, task: TaskRef) -> u16 {
        let step = self.plan.details[usize::from(task.step)].asks_for;
        step.expect("only a task that needs a load asks for one")
    }
}
