//! When something is held and given back.

use crate::engine::replication::Engine;
use crate::engine::task::Phase;
use crate::plan::{PlanStep, Variant};
use crate::scenario::Per;
use crate::trace::{Recorder, TaskRef, TraceRecord};

use super::FREE;

impl Engine<'_> {
    /// What a task needs to start now.
    #[inline(always)]
    pub(in crate::engine) fn demand_to_start(&self, task: TaskRef, step: &PlanStep) -> u16 {
        if step.varies { self.demand_now(task) } else { self.demand(task, step) }
    }

    fn demand_now(&self, task: TaskRef) -> u16 {
        let variant = self.variant(task);
        if variant.held != 0 && self.held_since(task) != FREE {
            variant.running
        } else {
            variant.all
        }
    }

    /// What a task has while it runs besides what it holds, where that varies.
    pub(in crate::engine) fn demand_running(&self, task: TaskRef) -> u16 {
        self.variant(task).running
    }

    /// Notes that a task that starts now holds what it holds.
    pub(in crate::engine) fn begin_hold(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        let keeps = self.variant(task).held;
        if keeps == 0 || self.held_since(task) != FREE {
            return;
        }
        match self.plan.details[usize::from(task.step)].variants.as_ref().and_then(|it| it.hold) {
            Some(hold) => {
                let place = self.hold_place(hold, task.row);
                self.holds.since[place] = self.now;
            }
            None => {
                let load = self.plan.loads.of(task.step, task.row);
                self.loads.hold(load, self.now);
            }
        }
        self.tell(recorder, |_| TraceRecord::Held { task, keeps });
    }

    /// A step is done that something may be held until.
    pub(in crate::engine) fn end_holds(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        let plan = self.plan;
        for hold in &plan.details[usize::from(task.step)].ends_holds {
            let place = self.hold_place(*hold, task.row);
            if self.holds.since[place] == FREE {
                continue;
            }
            let held = &plan.needs.holds[usize::from(*hold)];
            let profile = match self.per(task) {
                Per::Site => self.profile_number(task.row),
                Per::Once | Per::Batch | Per::Shard => 0,
            };
            let done = |step: &u16| {
                let task = TaskRef { row: task.row, step: *step };
                self.tasks[self.place(task)].phase() == Phase::Done
            };
            if done(&held.step) && held.until[profile].iter().all(done) {
                self.end_hold(*hold, task.row, recorder);
            }
        }
    }

    /// Gives back what is held for a site, for a batch by its first site, or for a track by the
    /// first row, even where nothing is deleted.
    pub(in crate::engine) fn drop_holds(
        &mut self,
        track: usize,
        row: u32,
        per: Per,
        recorder: &mut impl Recorder,
    ) {
        let plan = self.plan;
        for (index, hold) in (0u16..).zip(&plan.needs.holds) {
            let step = &plan.steps[usize::from(hold.step)];
            let held = self.holds.since.get(self.hold_place(index, row)).copied();
            let held = held.unwrap_or(FREE) != FREE;
            if held && step.per == per && usize::from(step.track) == track {
                self.end_hold(index, row, recorder);
            }
        }
    }

    /// Gives back what is held over a step that escalates.
    pub(in crate::engine) fn free_holds(&mut self, failing: TaskRef, recorder: &mut impl Recorder) {
        let plan = self.plan;
        for hold in &plan.details[usize::from(failing.step)].frees_holds {
            if self.holds.since[self.hold_place(*hold, failing.row)] != FREE {
                self.end_hold(*hold, failing.row, recorder);
            }
        }
    }

    /// What is held for a batch goes to the row that its tasks move to.
    pub(in crate::engine) fn move_holds(&mut self, track: usize, from: u32, to: u32) {
        let plan = self.plan;
        for (index, hold) in (0u16..).zip(&plan.needs.holds) {
            let step = &plan.steps[usize::from(hold.step)];
            if step.per == Per::Batch && usize::from(step.track) == track {
                let (from, to) = (self.hold_place(index, from), self.hold_place(index, to));
                self.holds.since[to] = std::mem::replace(&mut self.holds.since[from], FREE);
            }
        }
    }

    /// At the end of a replication the time that something has been held counts.
    pub(in crate::engine) fn count_holds(&mut self, recorder: &mut impl Recorder) {
        self.count_loads(recorder);
        for hold in (0u16..).take(self.plan.needs.holds.len()) {
            for row in (0u32..).take(self.plan.sites.len()) {
                if self.holds.since[self.hold_place(hold, row)] != FREE {
                    self.end_hold(hold, row, recorder);
                }
            }
        }
    }

    fn end_hold(&mut self, hold: u16, row: u32, recorder: &mut impl Recorder) {
        let place = self.hold_place(hold, row);
        let since = std::mem::replace(&mut self.holds.since[place], FREE);
        let task = TaskRef { row, step: self.plan.needs.holds[usize::from(hold)].step };
        self.give_back(task, since, recorder);
    }

    /// Gives back what a task has held since an instant.
    pub(in crate::engine) fn give_back(
        &mut self,
        task: TaskRef,
        since: u64,
        recorder: &mut impl Recorder,
    ) {
        let held = self.variant(task).held;
        self.last_end = self.now;
        self.release(held, self.now - since);
        let freed = |it: &Self| TraceRecord::Freed { task, frees: held, held: it.now - since };
        self.tell(recorder, freed);
    }

    fn held_since(&self, task: TaskRef) -> u64 {
        match self.plan.details[usize::from(task.step)].variants.as_ref().and_then(|it| it.hold) {
            Some(hold) => self.holds.since[self.hold_place(hold, task.row)],
            None => {
                let load = self.plan.loads.of(task.step, task.row);
                self.loads.held_since(load)
            }
        }
    }

    fn variant(&self, task: TaskRef) -> Variant {
        let detail = &self.plan.details[usize::from(task.step)];
        let step = &self.plan.steps[usize::from(task.step)];
        let variants = match step.automatable && self.is_by_machine(task, step) {
            true => detail.variants_automated.as_ref(),
            false => detail.variants.as_ref(),
        };
        variants.expect("only what varies is looked up").of(task.row)
    }

    fn hold_place(&self, hold: u16, row: u32) -> usize {
        usize::from(hold) * self.plan.sites.len() + row as usize
    }
}
