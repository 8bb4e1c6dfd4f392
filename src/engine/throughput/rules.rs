//! What happens to transfers and throughputs.

use crate::engine::events::{Event, pack, unpack};
use crate::engine::replication::Engine;
use crate::engine::task::NEVER;
use crate::plan::{MovedBytes, PlanMoment};
use crate::trace::{TaskRef, ThroughputTally};

use super::{ThroughputState, work_of};

impl Engine<'_> {
    pub(in crate::engine) fn begin_throughputs(&mut self) {
        self.throughputs.list.iter_mut().for_each(ThroughputState::clear);
        for (index, point) in self.plan.transfers.rate_points.iter().enumerate() {
            if point.at == PlanMoment::START {
                self.throughputs.change(usize::from(point.throughput)).set_rate(0, point.rate);
            } else if let Some(at) = self.milestones.instant_of(point.at) {
                let index = u32::try_from(index).expect("few points of ramps");
                self.future.push(at, Event::Rate(index));
            }
        }
    }

    pub(in crate::engine) fn on_rate(&mut self, point: u32) {
        let point = self.plan.transfers.rate_points[point as usize];
        self.throughputs.change(usize::from(point.throughput)).set_rate(self.now, point.rate);
    }

    /// Leaves so many of so many parts of a throughput's rate.
    pub(in crate::engine) fn set_rate_share(
        &mut self,
        throughput: u16,
        numerator: u32,
        denominator: u32,
    ) {
        let part = (numerator, denominator);
        self.throughputs.change(usize::from(throughput)).set_part(self.now, part);
    }

    /// A transfer starts, with all of its work before it.
    pub(in crate::engine) fn begin_transfer(&mut self, task: TaskRef) {
        self.resume_transfer(task, self.work(task));
    }

    /// A transfer goes on with what is left of its work.
    pub(in crate::engine) fn resume_transfer(&mut self, task: TaskRef, work: u128) {
        let step = &self.plan.steps[usize::from(task.step)];
        let epoch = self.tasks[self.place(task)].epoch();
        if work == 0 {
            // What moves nothing needs no bandwidth and takes no time.
            self.future.push_end(self.now, step.track, task, epoch);
            return;
        }
        let throughput = self.throughput_of(task);
        let packed = pack(step.track, task, epoch);
        self.throughputs.change(throughput).begin(self.now, packed, work);
    }

    /// Takes a running transfer off its throughput; the work that is left.
    pub(in crate::engine) fn stop_transfer(&mut self, task: TaskRef) -> u128 {
        let step = &self.plan.steps[usize::from(task.step)];
        let throughput = self.throughput_of(task);
        let packed = pack(step.track, task, self.tasks[self.place(task)].epoch());
        // One that has just ended, or that moves nothing, is not there any more.
        self.throughputs.change(throughput).stop(self.now, packed).unwrap_or(0)
    }

    fn throughput_of(&self, task: TaskRef) -> usize {
        let transfer = self.plan.details[usize::from(task.step)].transfer.as_ref();
        usize::from(transfer.expect("a step that moves something says over what").throughput)
    }

    /// All that a transfer has to move.
    fn work(&self, task: TaskRef) -> u128 {
        let plan = self.plan;
        let transfer = plan.details[usize::from(task.step)].transfer.as_ref();
        match &transfer.expect("a step that moves something says what").bytes {
            MovedBytes::Fixed(bytes) => work_of(*bytes),
            MovedBytes::BySite(by_row) => work_of(by_row[task.row as usize]),
            MovedBytes::ByBatch(by_row) => {
                self.sites_of_batch(task).map(|row| work_of(by_row[row as usize])).sum()
            }
        }
    }

    /// The transfers that end now become ends of attempts, in the order of their tasks.
    pub(in crate::engine) fn on_transfer_due(&mut self, throughput: u16) {
        let state = self.throughputs.change(usize::from(throughput));
        if state.due != self.now {
            // It has been dated anew since.
            return;
        }
        state.due = NEVER;
        while let Some(packed) = state.pop_ended(self.now) {
            let (track, task, epoch) = unpack(packed);
            self.future.push_end(self.now, track, task, epoch);
        }
        state.touched = true;
    }

    /// Dates the next end of each throughput on which something has changed.
    pub(in crate::engine) fn date_transfers(&mut self) {
        self.throughputs.are_touched = false;
        for (index, state) in self.throughputs.list.iter_mut().enumerate() {
            if !std::mem::take(&mut state.touched) {
                continue;
            }
            let due = state.next_end(self.now);
            if due == state.due {
                continue;
            }
            state.due = due;
            if due != NEVER {
                let index = u16::try_from(index).expect("few throughputs");
                self.future.push(due, Event::TransferDue(index));
            }
        }
    }

    /// What the throughputs came to.
    pub(in crate::engine) fn throughput_tallies(&mut self, end: u64) -> Vec<ThroughputTally> {
        let now = self.now.max(end);
        self.throughputs.list.iter_mut().map(|it| it.tally(now, end)).collect()
    }
}
