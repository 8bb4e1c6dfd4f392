//! What goes wrong, who finds it, what is done again, and who takes over.

use std::sync::Arc;

use crate::audit::breach::Law;
use crate::audit::graph::number_of;
use crate::audit::state::{Due, Follower, Phase, Where};
use crate::rng::uniform;
use crate::scenario::Per;
use crate::trace::{End, TaskRef};

/// A step that went wrong, as the end of an attempt finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub step: usize,
    /// Whether others take over.
    escalates: bool,
}

impl Follower<'_, '_> {
    /// An attempt of a step starts: whether an inject makes it fail.
    pub(super) fn mark(&mut self, step: usize) -> bool {
        let fails = |it: &&usize| self.to_fail[**it] > 0;
        let by = self.auditor.failed_by[step].iter().find(fails).copied();
        if let Some(inject) = by {
            self.to_fail[inject] -= 1;
        }
        by.is_some()
    }

    /// What the end of an attempt finds wrong, and whether it leaves something wrong itself that
    /// only a later step finds.
    pub(super) fn judge(&mut self, task: TaskRef) -> (Vec<Found>, bool) {
        let auditor = self.auditor;
        let step = usize::from(task.step);
        let (mut found, mut is_hidden) = (Vec::new(), false);
        if self.fails(task) {
            let kind = self.kind(task.row);
            let failure = auditor.failures[step].as_ref().expect("what fails says how");
            is_hidden = !self.task(task).marked && failure.is_hidden[kind];
            if !is_hidden {
                found.push(Found { step, escalates: false });
            }
        }
        self.task_mut(task).marked = false;
        for failing in &auditor.finds[step] {
            let failing = TaskRef { step: number_of(*failing), ..task };
            if std::mem::take(&mut self.task_mut(failing).defect) {
                found.push(Found { step: usize::from(failing.step), escalates: false });
            }
        }
        (found, is_hidden)
    }

    /// Whether an attempt fails, as it was drawn or as an inject has it.
    fn fails(&self, task: TaskRef) -> bool {
        let step = usize::from(task.step);
        let Some(failure) = &self.auditor.failures[step] else { return false };
        let state = self.task(task);
        if state.marked {
            return true;
        }
        let cannot_fail = match failure.escalates {
            true => state.escalated,
            false => state.attempt + 1 >= failure.attempts,
        };
        if cannot_fail {
            return false;
        }
        let lane = self.auditor.draws.steps[step].failure;
        let attempt = self.attempts_before(task);
        let word = match self.per(task) {
            Per::Site => self.drawn.of_row(lane, task.row, attempt),
            Per::Batch => {
                let batch = self.batch_of_task(task);
                let number = batch.map_or(0, |it| self.batches[it as usize].number);
                self.drawn.of_number(lane, u64::from(number), attempt)
            }
            Per::Shard => self.drawn.of_number(lane, self.shard_number(task), attempt),
            Per::Once => self.drawn.of_number(lane, 0, attempt),
        };
        uniform(word) < failure.probability
    }

    pub(super) fn failed(&mut self, end: &End) {
        let task = end.task;
        if !self.end_attempt(end) {
            return;
        }
        self.check_not_in_vain(task);
        self.leave_load(task);
        let (mut found, _) = self.judge(task);
        if found.is_empty() {
            let how = format!("{} fails, and nothing has gone wrong", self.name(task));
            self.breaches.now(Law::Rework, how);
        }
        self.own.steps[usize::from(task.step)].failures += 1;
        self.send_back(task, &mut found);
    }

    /// The work goes back to where it starts again, for all that was found.
    fn send_back(&mut self, finder: TaskRef, found: &mut [Found]) {
        for it in found.iter_mut() {
            let failing = TaskRef { step: number_of(it.step), ..finder };
            it.escalates = self.is_exhausted(failing, finder);
            if it.escalates {
                self.escalate(failing);
            }
        }
        let state = self.task_mut(finder);
        state.phase = Phase::Waiting;
        state.attempt += 1;
        for it in found.iter() {
            for step in self.again(finder, *it).iter() {
                let task = TaskRef { step: *step, ..finder };
                let state = self.task_mut(task);
                if state.phase == Phase::Done {
                    state.phase = Phase::Waiting;
                    state.attempt += 1;
                    self.hold_back(task);
                }
            }
        }
        for it in found.iter() {
            for step in self.again(finder, *it).iter() {
                self.try_release(TaskRef { step: *step, ..finder });
            }
        }
        if self.per(finder) == Per::Shard {
            self.release(finder);
        }
    }

    /// What is done again for something that was found: from where the work starts again, or where
    /// others take over, to who has found it.
    fn again(&self, finder: TaskRef, found: Found) -> Arc<[u16]> {
        let auditor = self.auditor;
        let kind = self.kind(finder.row);
        let again = || {
            let failure = auditor.failures[found.step].as_ref().expect("what fails says how");
            let mut from = vec![found.step];
            if !found.escalates {
                from.extend(&failure.from);
            }
            let finder = usize::from(finder.step);
            let steps = auditor.graph.again(&auditor.ground, kind, &from, finder);
            steps.into_iter().map(number_of).collect()
        };
        let mut known = auditor.again.lock().expect("nobody fails while he looks it up");
        let key = (kind, found.step, finder.step, found.escalates);
        known.entry(key).or_insert_with(again).clone()
    }

    /// What comes right after a task waits for it again, unless it has started.
    fn hold_back(&mut self, task: TaskRef) {
        for later in self.followers(task) {
            self.due.retain(|it| *it != Due::Release(later));
            match self.task(later).phase {
                Phase::Loading | Phase::Eligible => {
                    if self.task(later).phase == Phase::Eligible {
                        self.dequeue(later);
                    }
                    self.leave_load(later);
                    let waited = self.now - self.task(later).since;
                    self.own.steps[usize::from(later.step)].wait += waited;
                    self.task_mut(later).phase = Phase::Waiting;
                }
                Phase::Waiting
                | Phase::Running
                | Phase::Paused
                | Phase::TakenOver
                | Phase::Done
                | Phase::Dropped => {}
            }
        }
    }

    /// Whether a task has failed in the last of its attempts, and somebody is there to take over.
    fn is_exhausted(&self, failing: TaskRef, finder: TaskRef) -> bool {
        let failure = self.auditor.failures[usize::from(failing.step)].as_ref();
        let state = self.task(failing);
        failure.is_some_and(|it| {
            it.escalates
                && (failing == finder || state.phase == Phase::Done)
                && state.attempt + 1 >= it.attempts
                && !state.escalated
        })
    }

    /// Others take over, without what is kept over the step, and no barrier waits for what comes
    /// of it.
    fn escalate(&mut self, failing: TaskRef) {
        self.due.push(Due::Escalate(failing));
        self.own.steps[usize::from(failing.step)].escalations += 1;
        self.task_mut(failing).escalated = true;
        self.free_over(failing);
        if self.per(failing) != Per::Site {
            return;
        }
        let auditor = self.auditor;
        let kind = self.kind(failing.row);
        let step = usize::from(failing.step);
        for step in auditor.graph.excused(&auditor.ground, kind, step) {
            self.excuse(TaskRef { step: number_of(step), ..failing }, kind);
        }
    }

    /// Barriers go on without a task; what is behind them, of the same site, waits for it.
    fn excuse(&mut self, task: TaskRef, kind: usize) {
        let state = self.task(task);
        if state.was_done || state.excused {
            return;
        }
        let auditor = self.auditor;
        let step = usize::from(task.step);
        self.task_mut(task).excused = true;
        self.excused.entry(task.row).or_default().insert(step);
        if auditor.graph.behind(&auditor.ground, kind, step).1 {
            self.sites[task.row as usize].hand_left += 1;
        }
        for later in &auditor.graph.shapes[kind].around[step].after {
            let track = auditor.ground.steps[*later].track;
            if auditor.ground.steps[*later].step.per == Per::Batch
                && let Where::In(batch) = self.batch_of[self.of_track(track, task.row)]
            {
                let row = self.batches[batch as usize].members[0];
                self.try_release(TaskRef { row, step: number_of(*later) });
            }
        }
    }

    /// What barriers did not wait for is done: what is behind them may begin.
    pub(super) fn end_excuse(&mut self, task: TaskRef) {
        let auditor = self.auditor;
        let kind = self.kind(task.row);
        let step = usize::from(task.step);
        self.task_mut(task).excused = false;
        if let Some(of_row) = self.excused.get_mut(&task.row) {
            of_row.remove(&step);
            if of_row.is_empty() {
                self.excused.remove(&task.row);
            }
        }
        let (behind, hands_over) = auditor.graph.behind(&auditor.ground, kind, step);
        for later in behind {
            self.try_release(TaskRef { step: number_of(later), ..task });
        }
        if hands_over {
            self.pass_hand_over(task.row);
        }
    }
}
