//! What people do by hand until a machine does it: from a moment on the attempts of a step take less
//! time, and fewer people or nobody.
//!
//! What an attempt takes is fixed when it starts, so a switch leaves alone what runs. What waits for
//! people waits from then on for those who are still needed, at the place in the queue that it had.

use crate::plan::PlanBase;
use crate::scenario::Per;
use crate::trace::{Recorder, TaskRef, TraceRecord};

use super::Engine;
use super::state::{GONE, Phase};

impl Engine<'_> {
    /// Nothing is automated but what is from T+0 on.
    pub(super) fn begin_automation(&mut self) {
        self.state.automated.fill(false);
        for (step, base) in &self.plan.automations {
            self.state.automated[usize::from(*step)] = match base {
                PlanBase::Start => true,
                PlanBase::Milestone(index) => self.state.milestones[*index] == 0,
                PlanBase::Step(_) => false,
            };
        }
    }

    /// A milestone is reached, or a `once` step has ended.
    pub(super) fn automate_after(&mut self, base: PlanBase, recorder: &mut impl Recorder) {
        let plan = self.plan;
        for (step, _) in plan.automations.iter().filter(|it| it.1 == base) {
            self.automate(*step, recorder);
        }
    }

    /// A step whose completions are counted has been completed once more.
    pub(super) fn automate_by_runs(&mut self, step: u16, recorder: &mut impl Recorder) {
        let plan = self.plan;
        let first = usize::from(plan.steps[usize::from(step)].learns_as);
        let done = self.state.completions[first];
        for (_, step) in plan.details[first].automates.iter().filter(|it| it.0 <= done) {
            self.automate(*step, recorder);
        }
    }

    fn automate(&mut self, step: u16, recorder: &mut impl Recorder) {
        let plan = self.plan;
        if std::mem::replace(&mut self.state.automated[usize::from(step)], true) {
            return;
        }
        self.tell(recorder, |_| TraceRecord::Automated(step));
        let it = &plan.steps[usize::from(step)];
        let rows = plan.sites.len();
        let track = usize::from(it.track);
        match it.per {
            Per::Once => self.queue_anew(TaskRef { row: 0, step }),
            // Their tasks may lie in the row of a site that has left.
            Per::Shard => self.each_load_under_way(step, Self::queue_anew),
            Per::Batch => {
                for index in 0..self.state.batches.len() {
                    let batch = self.state.batches[index];
                    let row = self.state.members[batch.first as usize];
                    let head = self.state.heads[track * rows + row as usize];
                    if usize::from(batch.track) == track && head as usize == index {
                        self.queue_anew(TaskRef { row, step });
                    }
                }
            }
            Per::Site => {
                for row in 0..rows {
                    // The tasks of a site that nobody has taken are those of an earlier replication.
                    if self.state.batch_of[track * rows + row] < GONE {
                        let row = u32::try_from(row).expect("fewer than 2^32 sites");
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
        if self.state.tasks[place].phase != Phase::Eligible {
            return;
        }
        let before = self.demand_to_start(task, step);
        self.state.by_machine[place] = true;
        if self.demand_to_start(task, step) != before {
            // Its place in the old queue is not true any more.
            let state = &mut self.state.tasks[place];
            state.epoch = state.epoch.wrapping_add(1);
            self.enqueue(task);
        }
    }
}
