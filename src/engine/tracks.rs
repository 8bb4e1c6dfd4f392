//! What happens to tracks, batches and sites: tracks open, take sites in batches, close; sites pass
//! gates, are handed over, given up or lost.

use crate::plan::{PlanBase, PlanStep, keep_together};
use crate::scenario::{Per, SiteOrder};
use crate::trace::{DataLoss, Recorder, Restoration, TaskRef, TraceRecord};
use crate::units::SimTime;

use super::Engine;
use super::events::Event;
use super::state::{Batch, GONE, NONE, Phase};

impl Engine<'_> {
    pub(super) fn on_milestone(&mut self, index: u32, recorder: &mut impl Recorder) {
        self.tell(recorder, |_| TraceRecord::Milestone(index));
        self.automate_after(PlanBase::Milestone(index as usize), recorder);
    }

    pub(super) fn on_open(&mut self, track: u8, recorder: &mut impl Recorder) {
        self.tell(recorder, |_| TraceRecord::Opened(track));
        self.state.tracks[usize::from(track)].open = true;
        self.state.stir_track(usize::from(track));
        for step in &self.plan.tracks[usize::from(track)].once_steps {
            if self.plan.steps[usize::from(*step)].stands_in {
                continue;
            }
            self.one_less(TaskRef { row: 0, step: *step }, recorder);
        }
    }

    pub(super) fn on_close(&mut self, track: u8, recorder: &mut impl Recorder) {
        self.tell(recorder, |_| TraceRecord::Closed(track));
        self.state.tracks[usize::from(track)].closed = true;
        if self.plan.tracks[usize::from(track)].moves_on_close {
            self.drop_once_steps(usize::from(track), recorder);
            self.move_sites(usize::from(track), recorder);
        }
    }

    /// Sites were deleted that tracks may take now.
    pub(super) fn on_deletion(&mut self) {
        self.state.deletion_due = u64::MAX;
        self.state.stir_all_tracks();
    }

    /// The order in which a track takes sites in this replication.
    pub(super) fn order_candidates(&mut self, track: usize) {
        let plan = self.plan;
        let it = &plan.tracks[track];
        let Some(shuffle) = &it.shuffle else { return };
        let mut keys = std::mem::take(&mut self.state.keys);
        keys.clear();
        for row in &it.candidates {
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
        let order = &mut self.state.tracks[track].order;
        order.clear();
        order.extend(keys.iter().map(|(_, row)| *row));
        if let Some(groups) = &it.groups {
            keep_together(order, groups);
        }
        self.state.keys = keys;
    }

    /// Lets tracks take batches, in the order of the file.
    pub(super) fn take(&mut self, recorder: &mut impl Recorder) {
        self.state.stirred = false;
        for track in 0..self.state.tracks.len() {
            if !std::mem::take(&mut self.state.tracks[track].stirred) {
                continue;
            }
            while self.has_slot(track) && self.take_batch(track, recorder) {}
        }
    }

    fn has_slot(&self, track: usize) -> bool {
        let (plan, state) = (&self.plan.tracks[track], &self.state.tracks[track]);
        let slots = plan.in_flight.map_or(u32::MAX, |level| self.state.levels[level]);
        plan.takes_sites
            && state.open
            && !state.closed
            && state.once_left == 0
            && state.in_flight < slots
    }

    /// Takes the next sites in order; says whether there were any.
    fn take_batch(&mut self, track: usize, recorder: &mut impl Recorder) -> bool {
        let rows = self.plan.sites.len();
        let size = self.state.levels[self.plan.tracks[track].size] as usize;
        let first = self.state.members.len();
        let mut next_deletion = u64::MAX;
        // Nothing before the first site that may still be taken has to be looked at again.
        let mut settled = true;
        let mut at = self.state.tracks[track].cursor;
        while self.state.members.len() < first + size
            && let Some(row) = self.state.tracks[track].order.get(at).copied()
        {
            at += 1;
            if self.is_taken(track, row) {
                // A site that another track has claimed may come back; its cursors then go back.
            } else if self.state.deleted_at[row as usize] > self.now {
                next_deletion = next_deletion.min(self.state.deleted_at[row as usize]);
                settled = false;
            } else {
                self.state.members.push(row);
            }
            if settled {
                self.state.tracks[track].cursor = at;
            }
        }
        if next_deletion < self.state.deletion_due {
            self.state.deletion_due = next_deletion;
            self.future.push(next_deletion, 0, Event::Deletion);
        }
        let count = self.state.members.len() - first;
        if count == 0 {
            return false;
        }
        let number = self.state.tracks[track].batches;
        self.state.tracks[track].batches += 1;
        let index = u32::try_from(self.state.batches.len()).expect("fewer than 2^32 batches");
        let track_number = u8::try_from(track).expect("at most 200 tracks");
        let to_u32 = |number: usize| u32::try_from(number).expect("fewer than 2^32 sites");
        self.state.batches.push(Batch {
            track: track_number,
            number,
            first: to_u32(first),
            count: to_u32(count),
            slots_left: to_u32(count),
            members_left: to_u32(count),
        });
        self.state.tracks[track].in_flight += 1;
        let head = self.state.members[first];
        self.state.heads[track * rows + head as usize] = index;
        for member in first..first + count {
            let row = self.state.members[member];
            self.state.batch_of[track * rows + row as usize] = index;
            if self.plan.tracks[track].claims {
                self.state.claimed_by[row as usize] = track_number;
            }
            let taken = TraceRecord::Taken { row, track: track_number, batch: index };
            self.tell(recorder, |_| taken);
        }
        self.begin_batch(index, recorder);
        true
    }

    fn is_taken(&self, track: usize, row: u32) -> bool {
        let end = self.state.outcome.restorations[row as usize];
        if matches!(end, Restoration::Lost | Restoration::Spared) {
            return true;
        }
        if self.plan.tracks[track].claims {
            self.state.claimed_by[row as usize] != u8::MAX
        } else {
            self.state.batch_of[track * self.plan.sites.len() + row as usize] != NONE
        }
    }

    /// Lets the first steps of a batch and of its sites go.
    fn begin_batch(&mut self, index: u32, recorder: &mut impl Recorder) {
        let plan = self.plan;
        let batch = self.state.batches[index as usize];
        let track = usize::from(batch.track);
        let members = batch.first as usize..(batch.first + batch.count) as usize;
        if !plan.waits_across_tracks {
            for member in members.clone() {
                self.begin_row(track, self.state.members[member] as usize);
            }
        }
        for step in &plan.tracks[track].batch_steps {
            let own = usize::from(*step);
            if plan.steps[own].stands_in {
                continue;
            }
            let of_sites: u32 = self.state.members[members.clone()]
                .iter()
                .map(|row| self.profile(*row))
                .map(|profile| u32::from(profile.batch_pending[own]))
                .sum();
            let of_once = plan.once_predecessors[own]
                .iter()
                .filter(|once| !self.has_been_done(TaskRef { row: 0, step: **once }))
                .count();
            let task = TaskRef { row: self.state.members[members.start], step: *step };
            let place = self.place(task);
            let pending = of_sites
                + u32::from(plan.batch_predecessors[own])
                + u32::try_from(of_once).expect("few steps");
            self.state.tasks[place].pending = pending;
            if pending == 0 {
                self.make_eligible(task, recorder);
            }
        }
        for member in members {
            let row = self.state.members[member];
            let profile = self.profile(row);
            let slots = profile.slot_frees[track];
            self.state.slot_left[track * plan.sites.len() + row as usize] = slots;
            if slots == 0 {
                self.leave_slot(index, recorder);
            }
            if plan.tracks[track].claims {
                self.state.hand_left[row as usize] = profile.hand_overs[track];
                if profile.hand_overs[track] == 0 {
                    self.hand_over(row, batch.track, recorder);
                }
            }
            for step in &profile.roots[track] {
                self.one_less(TaskRef { row, step: *step }, recorder);
            }
        }
    }

    /// Sizes of a batch over so many times the median, for a step that grows with them.
    pub(super) fn batch_growth(&self, task: TaskRef, step: &PlanStep) -> f64 {
        let plan = self.plan;
        let growth = &plan.growths[usize::from(step.growth)];
        if growth.users == 0.0 && growth.bytes == 0.0 {
            return 1.0;
        }
        let (mut users, mut bytes, mut count) = (0.0, 0.0, 0.0);
        for row in self.sites_of_batch(task) {
            let site = &plan.sites[row as usize];
            users += plan.users.counted(f64::from(site.users));
            bytes += plan.bytes.counted(site.bytes as f64);
            count += 1.0;
        }
        plan.users.factor(users, count, growth.users)
            * plan.bytes.factor(bytes, count, growth.bytes)
    }

    /// The number, over all tracks, of the batch of a batch step's task.
    pub(super) fn batch_index_of(&self, task: TaskRef) -> u32 {
        let track = usize::from(self.plan.steps[usize::from(task.step)].track);
        let index = self.state.heads[track * self.plan.sites.len() + task.row as usize];
        assert!(index != NONE, "the task of a batch step lies in the first row of a batch");
        index
    }

    /// The batch of a batch step's task.
    pub(super) fn batch(&self, task: TaskRef) -> Batch {
        self.state.batches[self.batch_index_of(task) as usize]
    }

    /// The sites that are still in the batch of a batch step's task.
    pub(super) fn sites_of_batch(&self, task: TaskRef) -> impl Iterator<Item = u32> {
        let index = self.batch_index_of(task);
        let batch = &self.state.batches[index as usize];
        let members = batch.first as usize..(batch.first + batch.count) as usize;
        let stays = move |row: &u32| self.batch_index(task.step, *row) == Some(index);
        self.state.members[members].iter().copied().filter(stays)
    }

    /// A step is done for a site: it may be handed over, and leave its part of the slot.
    #[inline(always)]
    pub(super) fn pass_gates(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        let plan = self.plan;
        let row = task.row as usize;
        let profile = self.profile(task.row);
        let gate = profile.counts_for[usize::from(task.step)];
        let track = plan.steps[usize::from(task.step)].track;
        if gate.hand_over {
            self.pass_hand_over(task, recorder);
        }
        if gate.frees_slot {
            let left = &mut self.state.slot_left[usize::from(track) * plan.sites.len() + row];
            *left -= 1;
            if *left == 0 {
                let batch = self.batch_index(task.step, task.row);
                let batch = batch.expect("a step is done for a site in a batch");
                self.leave_slot(batch, recorder);
            }
        }
    }

    /// One of the things that count for handing a site over is done.
    #[inline(always)]
    pub(super) fn pass_hand_over(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        let left = &mut self.state.hand_left[task.row as usize];
        *left -= 1;
        if *left == 0 {
            self.hand_over(task.row, self.plan.steps[usize::from(task.step)].track, recorder);
        }
    }

    /// A site has passed what its batch holds the slot for.
    fn leave_slot(&mut self, number: u32, recorder: &mut impl Recorder) {
        let batch = &mut self.state.batches[number as usize];
        batch.slots_left -= 1;
        if batch.slots_left == 0 {
            let track = batch.track;
            self.state.tracks[usize::from(track)].in_flight -= 1;
            self.state.stir_track(usize::from(track));
            self.tell(recorder, |_| TraceRecord::SlotFreed { track, batch: number });
        }
    }

    fn hand_over(&mut self, row: u32, track: u8, recorder: &mut impl Recorder) {
        let restoration = &mut self.state.outcome.restorations[row as usize];
        assert!(*restoration == Restoration::Unfinished, "a site is handed over once");
        *restoration = Restoration::Restored(SimTime::from_millis(self.now));
        self.state.outcome.restored_by[row as usize] = track;
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
        let rows = self.plan.sites.len();
        for row in 0..rows {
            let finished = match self.plan.tracks[track].claims {
                true => self.state.outcome.restorations[row] != Restoration::Unfinished,
                false => false,
            };
            if self.state.batch_of[track * rows + row] >= GONE || finished {
                continue;
            }
            let row = u32::try_from(row).expect("fewer than 2^32 sites");
            self.give_up(track, row, recorder);
            if self.plan.tracks[track].claims {
                self.state.claimed_by[row as usize] = u8::MAX;
                self.forget_losses(track, row);
            }
        }
        self.state.tracks.iter_mut().for_each(|other| other.cursor = 0);
        self.state.stir_all_tracks();
    }

    /// An attempt was to start, and it is known that nothing is left to restore a store of a site from.
    pub(super) fn lose_site(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        self.tell(recorder, |it| {
            let waited = it.now - it.state.tasks[it.place(task)].since;
            // Of those who wait for a load, it is that which was to start.
            let starts = it.awaited_load(task).unwrap_or(task);
            let takes = it.demand_to_start(starts, &it.plan.steps[usize::from(starts.step)]);
            TraceRecord::NothingLeft(it.begun(task, waited, takes, None))
        });
        self.lose(task, recorder);
    }

    /// There is nothing left to restore a store of a site from. A site that is back already stays so
    /// if the store came back before: then this was an audit of what was saved.
    pub(super) fn lose(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        let place = task.row as usize;
        let is_back = self.state.outcome.restorations[place] != Restoration::Unfinished;
        if !is_back || !self.came_back_before(task) {
            self.state.outcome.restorations[place] = Restoration::Lost;
            self.state.outcome.restored_by[place] = u8::MAX;
            self.state.outcome.data_loss[place] = DataLoss::default();
            self.tell(recorder, |_| TraceRecord::Lost(task.row));
        }
        for track in 0..self.plan.tracks.len() {
            self.give_up(track, task.row, recorder);
        }
    }

    /// Takes a site out of its batch in a track: attempts abort, pools are freed, hours count.
    pub(super) fn give_up(&mut self, track: usize, row: u32, recorder: &mut impl Recorder) {
        let plan = self.plan;
        let own = track * plan.sites.len() + row as usize;
        let batch = self.state.batch_of[own];
        if batch >= GONE {
            return;
        }
        let profile = self.profile(row);
        // Of a batch without any site left no step begins.
        let others_stay = self.state.batches[batch as usize].members_left > 1;
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
        if std::mem::take(&mut self.state.slot_left[own]) > 0 {
            self.leave_slot(batch, recorder);
        }
        self.leave_batch(track, batch, row, recorder);
    }

    fn leave_batch(&mut self, track: usize, batch: u32, row: u32, recorder: &mut impl Recorder) {
        let plan = self.plan;
        let it = &mut self.state.batches[batch as usize];
        it.members_left -= 1;
        let (first, empty) = (it.first, it.members_left == 0);
        let first_row = self.state.members[first as usize];
        if empty {
            for step in &plan.tracks[track].batch_steps {
                self.drop_task(TaskRef { row: first_row, step: *step }, recorder);
            }
            self.drop_holds(track, first_row, Per::Batch, recorder);
        }
        self.state.batch_of[track * plan.sites.len() + row as usize] = GONE;
    }

    /// Gives a task up; what it had becomes free.
    pub(super) fn drop_task(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        let place = self.place(task);
        let phase = self.state.tasks[place].phase;
        let needs_load =
            matches!(phase, Phase::Loading | Phase::Eligible | Phase::Running | Phase::Paused);
        if needs_load && self.plan.steps[usize::from(task.step)].extracts {
            self.leave_load(task);
        }
        self.state.in_vain.retain(|it| *it != task);
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
        let state = &mut self.state.tasks[place];
        state.epoch = state.epoch.wrapping_add(1);
        state.phase = Phase::Dropped;
    }
}
