//! What tracks do.

use std::sync::Arc;

use crate::engine::events::Event;
use crate::engine::replication::Engine;
use crate::engine::task::{NEVER, Phase, Task};
use crate::plan::keep_together;
use crate::scenario::{Per, SiteOrder};
use crate::trace::{DataLoss, Recorder, Restoration, TaskRef, TraceRecord};
use crate::units::SimTime;

impl Engine<'_> {
    /// All are closed; what they do once waits for them to open.
    pub(in crate::engine) fn begin_tracks(&mut self) {
        let plan = self.plan;
        for (index, track) in plan.tracks.iter().enumerate() {
            self.order_candidates(index);
            let number = u8::try_from(index).expect("a checked strategy has at most 200 tracks");
            let state = &mut self.tracks.list[index];
            state.open = false;
            state.closed = false;
            state.in_flight = 0;
            let in_turn =
                track.once_steps.iter().filter(|it| !plan.steps[usize::from(**it)].stands_in);
            state.once_left = u32::try_from(in_turn.count()).expect("few steps");
            state.batches = 0;
            state.cursor = 0;
            state.offered.clear();
            state.may_take = false;
            for step in &track.once_steps {
                let pending = plan.precedence.once_predecessors[usize::from(*step)].len();
                // One more for the track to open.
                let pending = u32::try_from(pending + 1).expect("few steps");
                let place = usize::from(*step);
                self.tasks[place] = Task::waiting_for(pending);
                self.rework.forget(place..place + 1);
            }
            if let Some(at) = track.closes.and_then(|it| self.milestones.instant_of(it)) {
                self.future.push(at, Event::Close(number));
            }
        }
    }

    pub(in crate::engine) fn on_open(&mut self, track: u8, recorder: &mut impl Recorder) {
        self.tell(recorder, |_| TraceRecord::Opened(track));
        self.tracks.list[usize::from(track)].open = true;
        self.tracks.look_again_at(usize::from(track));
        for step in &self.plan.tracks[usize::from(track)].once_steps {
            if self.plan.steps[usize::from(*step)].stands_in {
                continue;
            }
            self.one_less(TaskRef { row: 0, step: *step }, recorder);
        }
    }

    pub(in crate::engine) fn on_close(&mut self, track: u8, recorder: &mut impl Recorder) {
        self.tell(recorder, |_| TraceRecord::Closed(track));
        self.tracks.list[usize::from(track)].closed = true;
        if self.plan.tracks[usize::from(track)].moves_on_close {
            self.drop_once_steps(usize::from(track), recorder);
            self.move_sites(usize::from(track), recorder);
        }
    }

    /// Sites were deleted that tracks may take now.
    pub(in crate::engine) fn on_deletion(&mut self) {
        self.tracks.deletion_due = NEVER;
        self.tracks.look_again_at_all();
    }

    /// The order in which a track takes sites in this replication.
    fn order_candidates(&mut self, track: usize) {
        let plan = self.plan;
        let planned = &plan.tracks[track];
        let Some(shuffle) = &planned.shuffle else { return };
        let mut keys = std::mem::take(&mut self.tracks.keys);
        keys.clear();
        for row in planned.candidates.iter() {
            let u = self.draws.uniform(plan, shuffle.lane, *row, 0);
            let site = &plan.sites[*row as usize];
            let (users, bytes) = (f64::from(site.users), site.bytes as f64);
            let noise = |size: f64| size * crate::dist::lognormal_factor(shuffle.noise, u);
            let key = match shuffle.order {
                SiteOrder::Random | SiteOrder::List | SiteOrder::Deleted => u,
                SiteOrder::UsersDescending => -noise(users),
                SiteOrder::UsersAscending => noise(users),
                SiteOrder::BytesDescending => -noise(bytes),
                SiteOrder::BytesAscending => noise(bytes),
                // Fewer than 2^32 users: tiers stay apart.
                SiteOrder::Tier => f64::from(site.tier) * 1e12 - noise(users).min(4e11),
            };
            keys.push((key, *row));
        }
        keys.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let order = Arc::get_mut(&mut self.tracks.list[track].order);
        let order = order.expect("an order that is drawn belongs to one track of one engine");
        order.iter_mut().zip(&keys).for_each(|(place, (_, row))| *place = *row);
        if let Some(groups) = &planned.groups {
            keep_together(order, groups);
        }
        self.tracks.keys = keys;
    }

    /// Lets tracks take batches, in the order of the file.
    pub(in crate::engine) fn take(&mut self, recorder: &mut impl Recorder) {
        self.tracks.any_may_take = false;
        self.offer_deleted();
        for track in 0..self.tracks.list.len() {
            if !std::mem::take(&mut self.tracks.list[track].may_take) {
                continue;
            }
            while self.has_slot(track) && self.take_batch(track, recorder) {}
        }
    }

    fn has_slot(&self, track: usize) -> bool {
        let (plan, state) = (&self.plan.tracks[track], &self.tracks.list[track]);
        let slots = plan.in_flight.map_or(u32::MAX, |level| self.capacities.level(level));
        plan.takes_sites
            && state.open
            && !state.closed
            && state.once_left == 0
            && state.in_flight < slots
    }

    /// Takes the next sites in order; says whether there were any.
    fn take_batch(&mut self, track: usize, recorder: &mut impl Recorder) -> bool {
        self.gather_rows(track);
        if self.batches.gathered() == 0 {
            return false;
        }
        let number = self.tracks.list[track].batches;
        self.tracks.list[track].batches += 1;
        self.tracks.list[track].in_flight += 1;
        let index = self.batches.form(track, number);
        let batch = self.batches.get(index);
        for member in batch.first..batch.first + batch.count {
            let row = self.batches.row(member);
            if self.plan.tracks[track].claims {
                self.tracks.claimed_by[row as usize] = batch.track;
            }
            let taken = TraceRecord::Taken { row, track: batch.track, batch: index };
            self.tell(recorder, |_| taken);
        }
        self.begin_batch(index, recorder);
        true
    }

    /// Gathers the next rows that a track takes as one batch.
    fn gather_rows(&mut self, track: usize) {
        let size = self.capacities.level(self.plan.tracks[track].size) as usize;
        while self.batches.gathered() < size {
            let Some(row) = self.tracks.list[track].next_row() else {
                return self.await_deletion();
            };
            if self.deletions.deleted_at(row) <= self.now && !self.is_taken(track, row) {
                self.batches.gather(row);
            }
        }
    }

    /// Offers the sites that have been deleted since tracks last took some.
    fn offer_deleted(&mut self) {
        let later = &self.plan.deletions.later;
        while let Some(row) = later.get(self.tracks.deletions_seen).copied() {
            match self.deletions.deleted_at(row) {
                // It is spared.
                NEVER => {}
                at if at > self.now => break,
                _ => self.tracks.offer(row),
            }
            self.tracks.deletions_seen += 1;
        }
    }

    /// A track would take more sites than have been deleted: the next deletion is put on the list of
    /// events.
    fn await_deletion(&mut self) {
        let next = self.plan.deletions.later.get(self.tracks.deletions_seen);
        let Some(at) = next.map(|row| self.deletions.deleted_at(*row)) else { return };
        if at < self.tracks.deletion_due {
            self.tracks.deletion_due = at;
            self.future.push(at, Event::Deletion);
        }
    }

    fn is_taken(&self, track: usize, row: u32) -> bool {
        let end = self.outcome.restorations[row as usize];
        if matches!(end, Restoration::Lost | Restoration::Spared) {
            return true;
        }
        if self.plan.tracks[track].claims {
            self.tracks.claimed_by[row as usize] != u8::MAX
        } else {
            self.batches.have_had(track, row)
        }
    }

    /// Lets the first steps of a batch and of its sites go.
    fn begin_batch(&mut self, index: u32, recorder: &mut impl Recorder) {
        let plan = self.plan;
        let batch = self.batches.get(index);
        let track = usize::from(batch.track);
        let members = batch.first..batch.first + batch.count;
        if !plan.precedence.waits_across_tracks {
            for member in members.clone() {
                self.begin_row(track, self.batches.row(member));
            }
        }
        for step in &plan.tracks[track].batch_steps {
            if !plan.steps[usize::from(*step)].stands_in {
                self.begin_batch_step(index, *step, recorder);
            }
        }
        for member in members {
            let row = self.batches.row(member);
            let profile = self.profile(row);
            let slots = profile.slot_frees[track];
            self.tracks.slot_left[track * plan.sites.len() + row as usize] = slots;
            if slots == 0 {
                self.leave_slot(index, recorder);
            }
            if plan.tracks[track].claims {
                self.tracks.hand_left[row as usize] = profile.hand_overs[track];
                if profile.hand_overs[track] == 0 {
                    self.hand_over(row, batch.track, recorder);
                }
            }
            for step in &profile.roots[track] {
                self.one_less(TaskRef { row, step: *step }, recorder);
            }
        }
    }

    /// A batch step waits for steps of its sites, for other batch steps, and for `once` steps that are
    /// not done.
    fn begin_batch_step(&mut self, batch: u32, step: u16, recorder: &mut impl Recorder) {
        let plan = self.plan;
        let own = usize::from(step);
        let profiles = self.batches.rows_of(batch).iter().map(|row| self.profile(*row));
        let of_sites: u32 = profiles.map(|profile| u32::from(profile.batch_pending[own])).sum();
        let is_undone = |once: &&u16| !self.has_been_done(TaskRef { row: 0, step: **once });
        let of_once = plan.precedence.once_predecessors[own].iter().filter(is_undone).count();
        let task = TaskRef { row: self.batches.first_row(batch), step };
        let place = self.place(task);
        let pending = of_sites
            + u32::from(plan.precedence.batch_predecessors[own])
            + u32::try_from(of_once).expect("few steps");
        self.tasks[place].wait_for(pending);
        if pending == 0 {
            self.make_eligible(task, recorder);
        }
    }

    /// A step is done for a site: it may be handed over, and leave its part of the slot.
    #[inline(always)]
    pub(in crate::engine) fn pass_gates(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        let plan = self.plan;
        let row = task.row as usize;
        let profile = self.profile(task.row);
        let gate = profile.counts_for[usize::from(task.step)];
        let track = plan.steps[usize::from(task.step)].track;
        if gate.hand_over {
            self.pass_hand_over(task, recorder);
        }
        if gate.frees_slot {
            let left = &mut self.tracks.slot_left[usize::from(track) * plan.sites.len() + row];
            *left -= 1;
            if *left == 0 {
                let batch = self.batch_number(task.step, task.row);
                let batch = batch.expect("a step is done for a site in a batch");
                self.leave_slot(batch, recorder);
            }
        }
    }

    /// One of the things that count for handing a site over is done.
    #[inline(always)]
    pub(in crate::engine) fn pass_hand_over(
        &mut self,
        task: TaskRef,
        recorder: &mut impl Recorder,
    ) {
        let left = &mut self.tracks.hand_left[task.row as usize];
        *left -= 1;
        if *left == 0 {
            self.hand_over(task.row, self.plan.steps[usize::from(task.step)].track, recorder);
        }
    }

    /// A site has passed what its batch holds the slot for.
    fn leave_slot(&mut self, number: u32, recorder: &mut impl Recorder) {
        if self.batches.leave_slot(number) {
            let track = self.batches.get(number).track;
            self.tracks.list[usize::from(track)].in_flight -= 1;
            self.tracks.look_again_at(usize::from(track));
            self.tell(recorder, |_| TraceRecord::SlotFreed { track, batch: number });
        }
    }

    fn hand_over(&mut self, row: u32, track: u8, recorder: &mut impl Recorder) {
        let restoration = &mut self.outcome.restorations[row as usize];
        assert!(*restoration == Restoration::Unfinished, "a site is handed over once");
        *restoration = Restoration::Restored(SimTime::from_millis(self.now));
        self.outcome.restored_by[row as usize] = track;
        self.losses_at_hand_over(row);
        self.tell(recorder, |_| TraceRecord::Restored(row));
    }

    /// Gives up what a closed track does once and has not done. What waits for that waits for ever.
    fn drop_once_steps(&mut self, track: usize, recorder: &mut impl Recorder) {
        for step in &self.plan.tracks[track].once_steps {
            self.drop_task(TaskRef { row: 0, step: *step }, recorder);
        }
        self.drop_holds(track, 0, Per::Once, recorder);
    }

    /// Gives up what a closed track has not handed over, and lets others take it.
    fn move_sites(&mut self, track: usize, recorder: &mut impl Recorder) {
        let claims = self.plan.tracks[track].claims;
        for row in (0u32..).take(self.plan.sites.len()) {
            let end = self.outcome.restorations[row as usize];
            let is_finished = claims && end != Restoration::Unfinished;
            if self.batches.of(track, row).is_none() || is_finished {
                continue;
            }
            self.give_up(track, row, recorder);
            if claims {
                self.tracks.unclaim(row);
                self.forget_losses(track, row);
            }
        }
        self.tracks.look_again_at_all();
    }

    /// An attempt was to start, and it is known that nothing is left to restore a store of a site from.
    pub(in crate::engine) fn lose_site(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        self.tell(recorder, |engine| {
            let waited = engine.now - engine.tasks[engine.place(task)].since();
            // Of those who wait for a load, it is that which was to start.
            let starts = engine.awaited_load(task).unwrap_or(task);
            let takes =
                engine.demand_to_start(starts, &engine.plan.steps[usize::from(starts.step)]);
            TraceRecord::NothingLeft(engine.begun(task, waited, takes, None))
        });
        self.lose(task, recorder);
    }

    /// There is nothing left to restore a store of a site from. A site that is back already stays so
    /// if the store came back before: then this was an audit of what was saved.
    pub(in crate::engine) fn lose(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        let place = task.row as usize;
        let is_back = self.outcome.restorations[place] != Restoration::Unfinished;
        if !is_back || !self.came_back_before(task) {
            self.outcome.restorations[place] = Restoration::Lost;
            self.outcome.restored_by[place] = u8::MAX;
            self.outcome.data_loss[place] = DataLoss::default();
            self.tell(recorder, |_| TraceRecord::Lost(task.row));
        }
        for track in 0..self.plan.tracks.len() {
            self.give_up(track, task.row, recorder);
        }
    }

    /// Takes a site out of its batch in a track: attempts abort, pools are freed, hours count.
    pub(in crate::engine) fn give_up(
        &mut self,
        track: usize,
        row: u32,
        recorder: &mut impl Recorder,
    ) {
        let plan = self.plan;
        let Some(batch) = self.batches.of(track, row) else { return };
        let profile = self.profile(row);
        // Of a batch without any site left no step begins.
        let others_stay = self.batches.get(batch).members_left > 1;
        for step in plan.tracks[track].steps.clone() {
            if plan.steps[step].per != Per::Site || !profile.present[step] {
                continue;
            }
            let task = TaskRef { row, step: u16::try_from(step).expect("at most 4,000 steps") };
            let passed = self.has_been_done(task) || self.is_excused(task);
            self.drop_task(task, recorder);
            if passed || !others_stay {
                continue;
            }
            // A batch step waits no longer for a site that has left the batch.
            for later in profile.successors_of(step) {
                if plan.steps[usize::from(*later)].per == Per::Batch
                    && let Some(later) = self.batch_task(*later, row)
                {
                    self.one_less(later, recorder);
                }
            }
        }
        self.drop_holds(track, row, Per::Site, recorder);
        let slot_left = &mut self.tracks.slot_left[track * plan.sites.len() + row as usize];
        if std::mem::take(slot_left) > 0 {
            self.leave_slot(batch, recorder);
        }
        self.leave_batch(track, batch, row, recorder);
    }

    fn leave_batch(&mut self, track: usize, batch: u32, row: u32, recorder: &mut impl Recorder) {
        let first_row = self.batches.first_row(batch);
        if self.batches.take_out(track, batch, row) {
            for step in &self.plan.tracks[track].batch_steps {
                self.drop_task(TaskRef { row: first_row, step: *step }, recorder);
            }
            self.drop_holds(track, first_row, Per::Batch, recorder);
        }
    }

    /// Gives a task up; what it had becomes free.
    pub(in crate::engine) fn drop_task(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        let place = self.place(task);
        let phase = self.tasks[place].phase();
        let needs_load =
            matches!(phase, Phase::Loading | Phase::Eligible | Phase::Running | Phase::Paused);
        if needs_load && self.plan.steps[usize::from(task.step)].extracts {
            self.leave_load(task);
        }
        self.recovery.give_up(task);
        match phase {
            Phase::Done | Phase::Dropped => return,
            Phase::Running => {
                if self.plan.steps[usize::from(task.step)].transfers {
                    self.stop_transfer(task);
                }
                let ran = self.end_attempt(task);
                self.tell(recorder, |it| TraceRecord::Aborted(it.ended(task, Some(ran))));
            }
            Phase::Paused => {
                self.end_paused(task);
                self.tell(recorder, |it| TraceRecord::Aborted(it.ended(task, None)));
            }
            Phase::Waiting | Phase::Loading | Phase::Eligible | Phase::TakenOver => {}
        }
        let state = &mut self.tasks[place];
        state.begin_epoch();
        state.enter(Phase::Dropped, self.now);
    }
}
