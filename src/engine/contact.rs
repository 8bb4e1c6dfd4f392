//! Who has been told: the first end of a step that reaches the customer of a site.

use crate::engine::replication::Engine;
use crate::scenario::Per;
use crate::trace::{Recorder, TaskRef, TraceRecord};

impl Engine<'_> {
    /// The customers of a task's sites have been told.
    pub(super) fn reach_customers(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        if self.per(task) == Per::Site {
            self.reach_customer(task.row, recorder);
            return;
        }
        let number = self.batch_number_of(task);
        let batch = self.batches.get(number);
        for member in batch.first..batch.first + batch.count {
            let row = self.batches.row(member);
            if self.batch_number(task.step, row) == Some(number) {
                self.reach_customer(row, recorder);
            }
        }
    }

    fn reach_customer(&mut self, row: u32, recorder: &mut impl Recorder) {
        let now = self.clock();
        let reached = &mut self.outcome.reached[row as usize];
        if reached.is_none() {
            *reached = Some(now);
            self.tell(recorder, |_| TraceRecord::Reached(row));
        }
    }
}
