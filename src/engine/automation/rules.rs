//! When steps are automated.

use crate::engine::replication::Engine;
use crate::engine::task::Phase;
use crate::plan::PlanBase;
use crate::scenario::Per;
use crate::trace::{Recorder, TaskRef, TraceRecord};

impl Engine<'_> {
    /// Nothing is automated but what is from T+0 on.
    pub(in crate::engine) fn begin_automation(&mut self) {
        self.automation.automated.fill(false);
        for (step, base) in &self.plan.automations {
            self.automation.automated[usize::from(*step)] = match base {
                PlanBase::Start => true,
                PlanBase::Milestone(index) => self.milestones.at(*index) == 0,
                PlanBase::Step(_) => false,
            };
        }
    }

    /// A milestone is reached, or a `once` step has ended.
    pub(in crate::engine) fn automate_after(
        &mut self,
        base: PlanBase,
        recorder: &mut impl Recorder,
    ) {
        let plan = self.plan;
        for (step, _) in plan.automations.iter().filter(|it| it.1 == base) {
            self.automate(*step, recorder);
        }
    }

    /// A step whose completions are counted has been completed once more.
    pub(in crate::engine) fn automate_by_runs(&mut self, step: u16, recorder: &mut impl Recorder) {
        let plan = self.plan;
        let first = usize::from(plan.steps[usize::from(step)].learns_as);
        let done = self.factors.completions(plan.steps[usize::from(step)].learns_as);
        for (_, step) in plan.details[first].automates.iter().filter(|it| it.0 <= done) {
            self.automate(*step, recorder);
        }
    }

    fn automate(&mut self, step: u16, recorder: &mut impl Recorder) {
        let plan = self.plan;
        if std::mem::replace(&mut self.automation.automated[usize::from(step)], true) {
            return;
        }
        self.tell(recorder, |_| TraceRecord::Automated(step));
        let automated = &plan.steps[usize::from(step)];
        let track = usize::from(automated.track);
        match automated.per {
            Per::Once => self.queue_anew(TaskRef { row: 0, step }),
            // Their tasks may lie in the row of a site that has left.
            Per::Shard => self.each_load_under_way(step, Self::queue_anew),
            Per::Batch => {
                for number in self.batches.numbers() {
                    let row = self.batches.first_row(number);
                    let own_track = usize::from(self.batches.get(number).track) == track;
                    if own_track && self.batches.headed_by(track, row) == Some(number) {
                        self.queue_anew(TaskRef { row, step });
                    }
                }
            }
            Per::Site => {
                for row in (0u32..).take(plan.sites.len()) {
                    // The tasks of a site that nobody has taken are those of an earlier replication.
                    if self.batches.of(track, row).is_some() {
                        self.queue_anew(TaskRef { row, step });
                    }
                }
            }
        }
    }

    /// Lets a task that waits for people wait for those that it still needs.
    fn queue_anew(&mut self, task: TaskRef) {
        let plan = self.plan;
        let step = &plan.steps[usize::from(task.step)];
        let place = self.place(task);
        if self.tasks[place].phase() != Phase::Eligible {
            return;
        }
        let before = self.demand_to_start(task, step);
        self.automation.by_machine[place] = true;
        if self.demand_to_start(task, step) != before {
            // Its place in the old queue is not true any more.
            self.tasks[place].begin_epoch();
            self.enqueue(task);
        }
    }
}
