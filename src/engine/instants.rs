//! The loop: from one instant to the next, from T+0 to the horizon.

use crate::engine::events::{Due, Event};
use crate::engine::pool::Pool;
use crate::engine::replication::Engine;
use crate::plan::Plan;
use crate::rng::Streams;
use crate::scenario::Per;
use crate::trace::{DataLoss, Outcome, PoolTally, Recorder, Restoration, StepTally, TaskRef};
use crate::units::SimTime;

impl Engine<'_> {
    /// One replication. The outcome depends on the plan and the streams alone.
    pub(crate) fn simulate(&mut self, streams: Streams, recorder: &mut impl Recorder) -> Outcome {
        self.begin(streams, recorder);
        self.settle_instant(recorder);
        while self.advance(recorder) {}
        self.finish(recorder)
    }

    /// Back to T+0, with other random numbers.
    pub(super) fn begin(&mut self, streams: Streams, recorder: &mut impl Recorder) {
        self.forget_replication(streams);
        self.recovery.begin(self.plan, self.draws.streams());
        self.date_milestones_and_deletions();
        self.draw_factors();
        self.begin_injects();
        self.begin_levels(recorder);
        self.begin_throughputs();
        self.begin_automation();
        self.begin_tracks();
        if self.deletions.is_anybody_called() {
            self.open_tracks();
        }
        if self.plan.precedence.waits_across_tracks {
            self.begin_all_rows();
        }
    }

    /// Nothing has happened yet; the memory is kept.
    fn forget_replication(&mut self, streams: Streams) {
        self.now = 0;
        self.future.clear();
        self.draws.begin(streams);
        self.pools.fill(Pool::default());
        self.batches.clear();
        self.many_attempts.clear();
        self.last_end = 0;
        self.outcome = empty_outcome(self.plan);
        self.eligible.clear();
        self.pauses.clear();
        self.capacities.clear();
        self.tracks.clear();
        self.factors.clear();
        self.holds.clear();
        self.begin_loads();
    }

    /// Deletions may stop at a milestone, and milestones may follow the last deletion.
    fn date_milestones_and_deletions(&mut self) {
        let (before, after) =
            self.plan.deletions.milestones.split_at(self.plan.deletions.milestones_before);
        self.date_milestones(before);
        self.date_deletions();
        self.date_milestones(after);
        self.outcome.milestones = self.milestones.instants().collect();
    }

    /// What a site's tasks have to wait for may be done before its track takes the site.
    fn begin_all_rows(&mut self) {
        for track in 0..self.plan.tracks.len() {
            for row in (0u32..).take(self.plan.sites.len()) {
                self.begin_row(track, row);
            }
        }
    }

    /// Handles the next instant; says whether there was one before the horizon.
    #[inline(always)]
    pub(super) fn advance(&mut self, recorder: &mut impl Recorder) -> bool {
        let next = self.future.next_instant().filter(|instant| *instant <= self.plan.horizon);
        let Some(instant) = next else { return false };
        assert!(self.now <= instant, "the clock went back");
        self.now = instant;
        while let Some(due) = self.future.pop() {
            match due {
                Due::End(task, epoch) => self.on_finish(task, epoch, recorder),
                Due::Other(event) => self.on_event(event, recorder),
            }
        }
        self.settle_instant(recorder);
        true
    }

    #[inline(never)]
    fn on_event(&mut self, event: Event, recorder: &mut impl Recorder) {
        match event {
            Event::TransferDue(throughput) => self.on_transfer_due(throughput),
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

    /// All that has become possible by the events of an instant: tracks take sites, loads that nobody
    /// needs any more are freed, and whatever can starts.
    #[inline(always)]
    pub(super) fn settle_instant(&mut self, recorder: &mut impl Recorder) {
        // A site that is lost when its turn comes frees a slot, which lets its track take again.
        loop {
            if self.tracks.any_may_take() {
                self.take(recorder);
            }
            if self.loads.some_are_unneeded() {
                self.judge_loads(recorder);
            }
            self.dispatch(recorder);
            if !self.tracks.any_may_take() && !self.loads.some_are_unneeded() {
                debug_assert!(self.nobody_waits_in_vain(), "what could start waits");
                break;
            }
        }
        if self.throughputs.are_touched() {
            self.date_transfers();
        }
        recorder.settled(self.clock(), self);
    }

    /// What the replication came to.
    pub(super) fn finish(&mut self, recorder: &mut impl Recorder) -> Outcome {
        self.count_running_attempts();
        self.count_paused_attempts();
        self.count_waits(recorder);
        self.count_holds(recorder);
        self.final_deletions();
        let back = self.outcome.restorations.iter().filter_map(|end| end.restored_at());
        self.outcome.makespan = back.max().unwrap_or(SimTime::ZERO);
        let end = self.last_end;
        self.outcome.throughputs = self.throughput_tallies(end);
        self.outcome.pools = self.pool_tallies(end);
        self.outcome.attempts = self.outcome.steps.iter().map(|step| step.attempts).sum();
        std::mem::take(&mut self.outcome)
    }

    /// At the horizon the hours of attempts that still run count too. What pauses, waits or is held
    /// when nothing else can happen does so up to the horizon.
    fn count_running_attempts(&mut self) {
        self.now = self.plan.horizon;
        match self.future.next_instant() {
            Some(beyond) => assert!(
                beyond > self.plan.horizon,
                "a replication ends when nothing is left or too late"
            ),
            // Transfers over something that stands still for good go on to the horizon.
            None if self.throughputs.are_busy() => {}
            None => return,
        }
        let plan = self.plan;
        for track in &plan.tracks {
            for step in &track.once_steps {
                self.count_if_running(TaskRef { row: 0, step: *step });
            }
        }
        for number in self.batches.numbers() {
            self.count_running_of_batch(number);
        }
    }

    fn count_running_of_batch(&mut self, number: u32) {
        let plan = self.plan;
        let batch = self.batches.get(number);
        let track = usize::from(batch.track);
        for member in batch.first..batch.first + batch.count {
            let row = self.batches.row(member);
            // A site that was deleted again is a member of more than one batch, and may have
            // been the first of each.
            let stays = self.batches.of(track, row) == Some(number);
            let heads = self.batches.headed_by(track, row) == Some(number);
            for step in plan.tracks[track].steps.clone() {
                let counts = match plan.steps[step].per {
                    Per::Once | Per::Shard => false,
                    Per::Batch => member == batch.first && heads,
                    Per::Site => stays,
                };
                if counts {
                    let step = u16::try_from(step).expect("at most 4,000 steps");
                    self.count_if_running(TaskRef { row, step });
                }
            }
        }
    }

    /// What became of the teams and the limits up to an instant.
    fn pool_tallies(&self, end: u64) -> Vec<PoolTally> {
        let capacities = self.capacities.sums(self.plan.pools.len(), end);
        let named = capacities[..self.plan.capacities.first_gate].iter().enumerate();
        named.map(|(pool, capacity)| self.pool_tally(pool, *capacity)).collect()
    }

    /// What became of a pool: of a limit that counts per shard, of all its parts.
    fn pool_tally(&self, index: usize, capacity: u128) -> PoolTally {
        let (own, count) = match self.plan.pools[index].parts.clone() {
            None => (&self.pools[index..=index], 1),
            Some(parts) => (&self.pools[parts.clone()], parts.len() as u128),
        };
        PoolTally {
            busy: own.iter().map(|part| u128::from(part.busy)).sum(),
            overtime: own.iter().map(|part| u128::from(part.overtime)).sum(),
            capacity: capacity * count,
        }
    }
}

fn empty_outcome(plan: &Plan) -> Outcome {
    let rows = plan.sites.len();
    Outcome {
        restorations: vec![Restoration::Unfinished; rows],
        restored_by: vec![u8::MAX; rows],
        data_loss: vec![DataLoss::default(); rows],
        deleted_at: Vec::new(),
        earlier_outage: Vec::new(),
        steps: vec![StepTally::default(); plan.steps.len()],
        reached: vec![None; if plan.steps.iter().any(|step| step.reaches) { rows } else { 0 }],
        pools: Vec::new(),
        throughputs: Vec::new(),
        milestones: Vec::new(),
        makespan: SimTime::ZERO,
        attempts: 0,
    }
}
