//! One replication: a `Plan` and random numbers in, an [`Outcome`] out. Cannot fail.
//!
//! The loop has three phases. The clock moves to the next instant; every event of that instant is
//! handled, in order; then tracks take sites and, once, whatever has become possible starts. It
//! goes on until nothing is left or the horizon is reached.
//!
//! `state` has what the events change, `attempts` what happens to a task, `rework` what is done
//! again, `tracks` what happens to batches and sites, `deletions` which sites are gone and since
//! when, `loads` what sites of one shard share, `holds` what tasks keep beyond their end, `dispatch`
//! who starts next, `shifts` who pauses and goes on, `throughput` what shares bandwidth,
//! `automation` what machines take over, `injects` what the exercise throws in, `draws` the random
//! numbers. Nothing is allocated for an event: an `Engine` keeps its arrays from one replication to
//! the next.

mod attempts;
mod automation;
mod backups;
mod contact;
mod deletions;
mod dispatch;
mod draws;
mod events;
mod holds;
mod injects;
mod loads;
mod ready;
mod recovery;
mod rework;
mod shifts;
mod state;
mod strain;
mod throughput;
mod tracks;

use crate::plan::Plan;
use crate::rng::Streams;
use crate::trace::{Outcome, Recorder, TraceRecord};
use crate::units::SimTime;

use self::draws::Draws;
use self::events::{Event, FutureEvents};
pub(crate) use self::injects::dated_injects;
use self::ready::Ready;
use self::state::State;

/// Simulates one replication of a plan after the other.
pub(crate) struct Engine<'p> {
    plan: &'p Plan,
    /// Milliseconds since T+0.
    now: u64,
    future: FutureEvents,
    ready: Ready,
    draws: Draws,
    state: State,
}

impl<'p> Engine<'p> {
    /// An engine for a plan, with all the memory that its replications need.
    pub(crate) fn new(plan: &'p Plan) -> Self {
        Self {
            plan,
            now: 0,
            future: FutureEvents::default(),
            ready: Ready::new(plan.demands.len(), plan.rule),
            draws: Draws::new(plan),
            state: State::new(plan),
        }
    }

    /// One replication. The outcome depends on the plan and the streams alone.
    pub(crate) fn simulate(&mut self, streams: Streams, recorder: &mut impl Recorder) -> Outcome {
        self.begin(streams, recorder);
        self.take_and_dispatch(recorder);
        while self.advance(recorder) {}
        self.finish(recorder)
    }

    /// Handles the next instant; says whether there was one before the horizon.
    #[inline(always)]
    fn advance(&mut self, recorder: &mut impl Recorder) -> bool {
        let Some(instant) = self.future.next_instant().filter(|it| *it <= self.plan.horizon) else {
            return false;
        };
        assert!(self.now <= instant, "the clock went back");
        self.now = instant;
        while let Some(event) = self.future.pop() {
            match event {
                Event::TransferDue(throughput) => self.on_transfer_due(throughput),
                Event::Finish(task, epoch) => self.on_finish(task, epoch, recorder),
                Event::Milestone(index) => self.on_milestone(index, recorder),
                Event::Level(point) => self.on_level(point, recorder),
                Event::Rate(point) => self.on_rate(point),
                Event::Inject(index, begins) => self.on_inject(index, begins, recorder),
                Event::Open(track) => self.on_open(track, recorder),
                Event::Close(track) => self.on_close(track, recorder),
                Event::Loss(index) => self.on_loss(index, recorder),
                Event::Deletion => self.on_deletion(),
                Event::Unload(load) => self.on_unload(load),
            }
        }
        self.take_and_dispatch(recorder);
        true
    }

    fn take_and_dispatch(&mut self, recorder: &mut impl Recorder) {
        // A site that is lost when its turn comes frees a slot, which lets its track take again.
        loop {
            if self.state.stirred {
                self.take(recorder);
            }
            if !self.state.unneeded.is_empty() {
                self.judge_loads(recorder);
            }
            self.dispatch(recorder);
            if !self.state.stirred && self.state.unneeded.is_empty() {
                debug_assert!(self.nobody_waits_in_vain(), "what could start waits");
                break;
            }
        }
        if !self.state.throughputs.is_empty() {
            self.date_transfers();
        }
        recorder.settled(self.clock(), self);
    }

    /// Tells somebody who listens what happened; for nobody it is not even put together.
    #[inline(always)]
    fn tell<R: Recorder>(&self, recorder: &mut R, record: impl FnOnce(&Self) -> TraceRecord) {
        if R::LISTENS {
            self.note(recorder, record(self));
        }
    }

    /// Out of line, so that the many places that tell something do not each grow by all that becomes
    /// of it.
    #[inline(never)]
    fn note<R: Recorder>(&self, recorder: &mut R, record: TraceRecord) {
        recorder.record(self.clock(), record);
    }

    #[inline(always)]
    fn clock(&self) -> SimTime {
        SimTime::from_millis(self.now)
    }
}
