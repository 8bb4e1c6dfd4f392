//! What happens to tracks, batches and sites: tracks open, take sites, close; sites pass, are back,
//! given up, deleted again or lost.

use crate::audit::breach::Law;
use crate::audit::dates::{Dates, NEVER};
use crate::audit::graph::number_of;
use crate::audit::orders::drawn_order;
use crate::audit::state::{Batch, Date, Due, Follower, Phase, Task, TrackState, Where, number};
use crate::scenario::{Lost, Moment, MomentBase, OnClose, Per, Ramp};
use crate::trace::{DataLoss, Restoration, TaskRef};
use crate::units::SimTime;

/// What a ramp is from when on, in the order in which it changes.
fn changes(ramp: &Ramp, dates: &Dates) -> Vec<(u64, u32)> {
    let at = |it: Moment| dates.instant(it).unwrap_or(NEVER);
    let mut changes: Vec<(u64, u32)> = ramp.points.iter().map(|it| (at(it.0), it.1)).collect();
    changes.sort_by_key(|it| it.0);
    changes
}

fn present(changes: &[(u64, u32)], now: u64) -> u32 {
    changes.iter().rev().find(|it| it.0 <= now).map_or(0, |it| it.1)
}

impl Follower<'_, '_> {
    pub(super) fn begin_tracks(&mut self) {
        let auditor = self.auditor;
        let ground = &auditor.ground;
        for (place, track) in ground.strategy.tracks.iter().enumerate() {
            let runbook = &ground.scenario.runbooks[track.runbook];
            let once = |it: &usize| {
                let it = &ground.steps[*it];
                it.step.per == Per::Once && !it.absent && it.step.stands_in_for.is_none()
            };
            self.tracks.push(TrackState {
                once_left: number(ground.of_track(place).filter(once).count()),
                takes_sites: runbook.steps.iter().any(|it| it.per != Per::Once),
                claims: track.claims,
                order: match &auditor.orders[place] {
                    Some(order) => order.clone(),
                    None => drawn_order(ground, track, auditor.draws.order, &self.drawn),
                },
                sizes: changes(&track.batch.size, &self.dates),
                slots: track.batch.in_flight.as_ref().map(|it| changes(it, &self.dates)),
                ..TrackState::default()
            });
            if let Some(at) = track.closes.and_then(|it| self.dates.instant(it)) {
                self.put_on_agenda(at, Date::Closes(number(place)));
            }
        }
        if self.called {
            self.call_tracks();
        }
    }

    /// There is something to restore: tracks open when they are to, at the earliest now.
    fn call_tracks(&mut self) {
        for (place, track) in self.auditor.ground.strategy.tracks.iter().enumerate() {
            if let Some(at) = self.dates.instant(track.opens) {
                self.put_on_agenda(at.max(self.now), Date::Opens(number(place)));
            }
        }
    }

    pub(super) fn open(&mut self, track: usize) {
        self.tracks[track].open = true;
        let auditor = self.auditor;
        for step in auditor.ground.of_track(track) {
            let it = &auditor.ground.steps[step];
            if it.step.per == Per::Once && !it.absent && it.step.stands_in_for.is_none() {
                self.try_release(TaskRef { row: 0, step: number_of(step) });
            }
        }
    }

    /// A `once` step has ended: one less before its track may take sites; what its end automates is
    /// automated, and tracks that open or close so long after it get their dates.
    pub(super) fn end_once_step(&mut self, task: TaskRef) {
        let step = &self.auditor.ground.steps[usize::from(task.step)];
        self.tracks[step.track].once_left -= 1;
        let end_of_step = MomentBase::Step(step.place.track, step.place.step);
        self.automate_after(end_of_step);
        self.date_tracks_that_wait_for(end_of_step);
    }

    /// Puts on the agenda when tracks open and close that do so a length of time after now.
    fn date_tracks_that_wait_for(&mut self, base: MomentBase) {
        let tracks = &self.auditor.ground.strategy.tracks;
        for (place, track) in tracks.iter().enumerate() {
            if track.opens.base == base {
                let opens = self.now + track.opens.plus.as_millis();
                self.put_on_agenda(opens, Date::Opens(number(place)));
            }
            if let Some(closes) = track.closes.filter(|it| it.base == base) {
                let closes = self.now + closes.plus.as_millis();
                self.put_on_agenda(closes, Date::Closes(number(place)));
            }
        }
    }

    pub(super) fn close(&mut self, track: usize) {
        self.tracks[track].closed = true;
        let auditor = self.auditor;
        if auditor.ground.strategy.tracks.as_slice()[track].on_close != OnClose::Move {
            return;
        }
        for step in auditor.ground.of_track(track) {
            if auditor.ground.steps[step].step.per == Per::Once {
                self.drop_task(TaskRef { row: 0, step: number_of(step) });
            }
        }
        self.end_holds_of(track, 0, Per::Once);
        for row in (0u32..).take(self.sites.len()) {
            let claims = self.tracks[track].claims;
            let is_over = claims && self.sites[row as usize].end != Restoration::Unfinished;
            let Where::In(_) = self.batch_of[self.of_track(track, row)] else { continue };
            if is_over {
                continue;
            }
            self.give_up(track, row);
            if claims {
                self.sites[row as usize].claimed_by = None;
                self.forget_losses(track, row);
            }
        }
        self.tracks.iter_mut().for_each(|it| it.cursor = 0);
    }

    fn may_take(&self, track: usize) -> bool {
        let it = &self.tracks[track];
        let is_open = it.takes_sites && it.open && !it.closed && it.once_left == 0;
        is_open && it.slots.as_ref().is_none_or(|slots| it.in_flight < present(slots, self.now))
    }

    fn is_taken(&self, track: usize, row: u32) -> bool {
        let site = &self.sites[row as usize];
        match site.end {
            Restoration::Lost | Restoration::Spared => true,
            _ if self.tracks[track].claims => site.claimed_by.is_some(),
            _ => self.batch_of[self.of_track(track, row)] != Where::Never,
        }
    }

    /// The next sites that a track takes, so many at most.
    fn next_sites(&mut self, track: usize, most: u32) -> Vec<u32> {
        let mut next = Vec::new();
        let mut at = self.tracks[track].cursor;
        let mut behind_all = true;
        while next.len() < most as usize
            && let Some(row) = self.tracks[track].order.get(at).copied()
        {
            let is_taken = self.is_taken(track, row);
            behind_all &= is_taken;
            at += 1;
            if behind_all {
                self.tracks[track].cursor = at;
            }
            if !is_taken && self.sites[row as usize].deleted_at <= self.now {
                next.push(row);
            }
        }
        next
    }

    pub(super) fn taken(&mut self, row: u32, track: usize, batch: u32) {
        if self.tracks[track].to_come.is_empty() {
            self.begin_batch(track, batch);
        }
        let ground = &self.auditor.ground;
        let expected = self.tracks[track].to_come.pop();
        if expected != Some(row) {
            let (track, site) = (ground.track_name(track), ground.site_name(row));
            let other = expected.map_or("nobody has its turn".to_owned(), |it| {
                format!("it is the turn of `{}`", ground.site_name(it))
            });
            self.breaches.now(Law::Taken, format!("`{track}` takes `{site}`, and {other}"));
        }
        let place = self.of_track(track, row);
        self.batch_of[place] = Where::In(batch);
        if self.tracks[track].claims {
            self.sites[row as usize].claimed_by = Some(track);
        }
        let Some(own) = self.batches.get_mut(batch as usize) else { return };
        own.members.push(row);
        own.slots_left += 1;
        own.members_left += 1;
        if self.tracks[track].to_come.is_empty() {
            self.start_batch(batch);
        }
    }

    fn begin_batch(&mut self, track: usize, batch: u32) {
        let name = self.auditor.ground.track_name(track);
        if !self.may_take(track) {
            let how = format!("`{name}` takes sites, and has no slot, is not open or is closed");
            self.breaches.now(Law::Taken, how);
        }
        // Tracks take in the order of the file, each all that it may.
        let before = (0..track).find_map(|it| Some((it, self.could_take(it)?)));
        if let Some((before, row)) = before {
            let (before, site) =
                (self.auditor.ground.track_name(before), self.auditor.ground.site_name(row));
            let how = format!("`{name}` takes sites before `{before}` takes `{site}`");
            self.breaches.now(Law::Taken, how);
        }
        let size = present(&self.tracks[track].sizes, self.now);
        let mut next = self.next_sites(track, size);
        next.reverse();
        self.tracks[track].to_come = next;
        if batch as usize != self.batches.len() {
            let how =
                format!("`{name}` takes batch {batch}, and the next is {}", self.batches.len());
            self.breaches.now(Law::Taken, how);
        }
        let own = self.tracks[track].formed;
        self.tracks[track].formed += 1;
        self.tracks[track].in_flight += 1;
        self.batches.push(Batch {
            track,
            number: own,
            members: Vec::new(),
            slots_left: 0,
            members_left: 0,
            emptied_at: NEVER,
        });
    }

    /// All sites of a batch have been told: their first steps begin.
    fn start_batch(&mut self, batch: u32) {
        let auditor = self.auditor;
        let (track, members) = {
            let it = &self.batches[batch as usize];
            (it.track, it.members.clone())
        };
        let head = self.of_track(track, members[0]);
        self.heads[head] = Some(batch);
        for step in self.batch_steps(track) {
            if auditor.stands_in_for[usize::from(step)].is_none() {
                self.try_release(TaskRef { row: members[0], step });
            }
        }
        for row in members {
            let shape = &auditor.graph.shapes[self.kind(row)];
            let place = self.of_track(track, row);
            self.slot_left[place] = shape.slot_frees[track];
            if shape.slot_frees[track] == 0 {
                self.leave_slot(batch);
            }
            if self.tracks[track].claims {
                self.sites[row as usize].hand_left = shape.hand_overs[track];
                if shape.hand_overs[track] == 0 {
                    self.due.push(Due::Restore(row));
                }
            }
            for step in auditor.ground.of_track(track).filter(|it| shape.is_first[*it]) {
                self.try_release(TaskRef { row, step: number_of(step) });
            }
        }
    }

    fn batch_steps(&self, track: usize) -> Vec<u16> {
        let ground = &self.auditor.ground;
        let is_batch =
            |it: &usize| ground.steps[*it].step.per == Per::Batch && !ground.steps[*it].absent;
        ground.of_track(track).filter(is_batch).map(number_of).collect()
    }

    /// The sites that are still in a batch.
    pub(super) fn members(&self, batch: u32) -> impl Iterator<Item = u32> + '_ {
        let it = &self.batches[batch as usize];
        let stays =
            move |row: &u32| self.batch_of[self.of_track(it.track, *row)] == Where::In(batch);
        it.members.iter().copied().filter(stays)
    }

    /// Whether the last sites of a batch step's batch have been given up at this instant.
    pub(super) fn is_emptied_now(&self, task: TaskRef) -> bool {
        let batch = self.batch_of_task(task);
        batch.is_some_and(|it| self.batches[it as usize].emptied_at == self.now)
    }

    /// A site is told to have come to a step of its batch.
    pub(super) fn arrived(&mut self, task: TaskRef) {
        let track = self.auditor.ground.steps[usize::from(task.step)].track;
        if !matches!(self.batch_of[self.of_track(track, task.row)], Where::In(_)) {
            let how = format!("{} is reached by a site of no batch", self.name(task));
            self.breaches.now(Law::Precedence, how);
        }
    }

    /// What is to be told of tracks at an instant was: none has a slot and a site to take.
    pub(super) fn settle_tracks(&mut self) {
        for track in 0..self.tracks.len() {
            let name = self.auditor.ground.track_name(track);
            if let Some(row) = self.tracks[track].to_come.pop() {
                self.tracks[track].to_come.clear();
                let site = self.auditor.ground.site_name(row);
                let how = format!("`{name}` leaves `{site}` out of the batch, and has room");
                self.breaches.now(Law::Taken, how);
            }
            if let Some(row) = self.could_take(track) {
                let site = self.auditor.ground.site_name(row);
                let how = format!("`{name}` has a slot, and does not take `{site}`");
                self.breaches.now(Law::Taken, how);
            }
        }
    }

    /// The next site of a track that has a slot for it now.
    fn could_take(&mut self, track: usize) -> Option<u32> {
        let is_open = self.may_take(track) && present(&self.tracks[track].sizes, self.now) > 0;
        if is_open { self.next_sites(track, 1).first().copied() } else { None }
    }

    /// A step is done for a site: it may be back, and leave its part of the slot.
    pub(super) fn pass_gates(&mut self, task: TaskRef) {
        let auditor = self.auditor;
        let step = usize::from(task.step);
        let shape = &auditor.graph.shapes[self.kind(task.row)];
        let track = auditor.ground.steps[step].track;
        if shape.hands_over[step] {
            self.pass_hand_over(task.row);
        }
        if shape.frees_slot[step] {
            let place = self.of_track(track, task.row);
            self.slot_left[place] = self.slot_left[place].saturating_sub(1);
            if self.slot_left[place] == 0
                && let Where::In(batch) = self.batch_of[place]
            {
                self.leave_slot(batch);
            }
        }
    }

    pub(super) fn pass_hand_over(&mut self, row: u32) {
        let left = &mut self.sites[row as usize].hand_left;
        *left = left.saturating_sub(1);
        if *left == 0 {
            self.due.push(Due::Restore(row));
        }
    }

    fn leave_slot(&mut self, batch: u32) {
        let it = &mut self.batches[batch as usize];
        it.slots_left -= 1;
        if it.slots_left == 0 {
            let track = it.track;
            self.tracks[track].in_flight -= 1;
            self.due.push(Due::FreeSlot(batch));
        }
    }

    pub(super) fn restored(&mut self, row: u32) {
        if !self.discharge(Due::Restore(row)) {
            let site = self.auditor.ground.site_name(row);
            let how = format!("`{site}` is back, and not all is done that gives it back");
            self.breaches.now(Law::HandOver, how);
        }
        let now = SimTime::from_millis(self.now);
        let lost = self.worst_and_best(row);
        let site = &mut self.sites[row as usize];
        if site.end != Restoration::Unfinished {
            let name = self.auditor.ground.site_name(row);
            self.breaches.now(Law::Ends, format!("`{name}` is back, and had ended before"));
        }
        site.end = Restoration::Restored(now);
        let by = site.claimed_by.and_then(|it| u8::try_from(it).ok()).unwrap_or(u8::MAX);
        self.own.restored_by[row as usize] = by;
        let millis = crate::units::SimDuration::from_millis;
        self.own.data_loss[row as usize] = DataLoss {
            at_hand_over: lost.map(|it| millis(it.0)),
            after_repair: lost.map(|it| millis(it.0)),
            inconsistency: lost.map(|(worst, best)| millis(worst - best)),
            repaired_at: lost.map(|_| now),
        };
    }

    /// What a site has lost by now, where something was done for it that brings data back: while it
    /// is back, what it has lost in the end may get less by that.
    pub(super) fn look_at_losses(&mut self, task: TaskRef) {
        let step = usize::from(task.step);
        let brings_back =
            self.auditor.restores_as[step].is_some() || !self.auditor.repairs[step].is_empty();
        let row = task.row as usize;
        let is_back = self.per(task) == Per::Site && self.sites[row].end.restored_at().is_some();
        if !is_back || !brings_back {
            return;
        }
        let Some((worst, _)) = self.worst_and_best(task.row) else { return };
        let worst = crate::units::SimDuration::from_millis(worst);
        let own = &mut self.own.data_loss[row];
        let before = own.after_repair.replace(worst);
        if before.is_none() || before > Some(worst) {
            own.repaired_at = Some(SimTime::from_millis(self.now));
        }
    }

    /// What the stores of a site have lost that have lost most and least; none where nothing says so
    /// of any.
    fn worst_and_best(&self, row: u32) -> Option<(u64, u64)> {
        let stores = self.auditor.restoring.len();
        let own = &self.losses[row as usize * stores..(row as usize + 1) * stores];
        let present = || own.iter().flatten().map(|it| it.1);
        present().max().zip(present().min())
    }

    fn forget_losses(&mut self, track: usize, row: u32) {
        let auditor = self.auditor;
        let stores = auditor.restoring.len();
        for (place, step) in auditor.restoring.iter().enumerate() {
            if auditor.ground.steps[*step].track == track {
                self.losses[row as usize * stores + place] = None;
            }
        }
        self.sites[row as usize].common = None;
    }

    /// Nothing is left to restore a site from: it is lost, unless it is back and this was an audit
    /// of a store that had come back before.
    pub(super) fn lose(&mut self, task: TaskRef) {
        let auditor = self.auditor;
        let row = task.row as usize;
        let store = auditor.ground.service(usize::from(task.step)).map(|it| it.0);
        let stores = auditor.restoring.len();
        let came_back = (0..stores).any(|place| {
            let its = auditor.ground.service(auditor.restoring[place]).map(|it| it.0);
            its == store && self.losses[row * stores + place].is_some()
        });
        let is_back = self.sites[row].end != Restoration::Unfinished;
        if !(is_back && came_back) {
            self.sites[row].end = Restoration::Lost;
            self.own.restored_by[row] = u8::MAX;
            self.own.data_loss[row] = DataLoss::default();
            self.due.push(Due::Lose(task.row));
        }
        for track in 0..self.tracks.len() {
            self.give_up(track, task.row);
        }
    }

    /// Takes a site out of its batch in a track: what is done for it is given up.
    pub(super) fn give_up(&mut self, track: usize, row: u32) {
        let auditor = self.auditor;
        let place = self.of_track(track, row);
        let Where::In(batch) = self.batch_of[place] else { return };
        for step in auditor.ground.of_track(track) {
            if auditor.ground.steps[step].step.per == Per::Site
                && auditor.ground.has(self.kind(row), step)
            {
                self.drop_task(TaskRef { row, step: number_of(step) });
            }
        }
        self.end_holds_of(track, row, Per::Site);
        if std::mem::take(&mut self.slot_left[place]) > 0 {
            self.leave_slot(batch);
        }
        self.batch_of[place] = Where::Gone;
        let it = &mut self.batches[batch as usize];
        it.members_left -= 1;
        let (first, is_empty) = (it.members[0], it.members_left == 0);
        if is_empty {
            it.emptied_at = self.now;
        }
        for step in self.batch_steps(track) {
            let barrier = TaskRef { row: first, step };
            match is_empty {
                true => self.drop_task(barrier),
                false => self.try_release_barrier(batch, step),
            }
        }
        if is_empty {
            self.end_holds_of(track, first, Per::Batch);
        }
    }

    /// A barrier waits no longer for a site that has left.
    fn try_release_barrier(&mut self, batch: u32, step: u16) {
        let row = self.batches[batch as usize].members[0];
        if self.auditor.stands_in_for[usize::from(step)].is_none() {
            self.try_release(TaskRef { row, step });
        }
    }

    /// Gives a task up; what it had becomes free as its end is told.
    pub(super) fn drop_task(&mut self, task: TaskRef) {
        let phase = self.task(task).phase;
        self.due.retain(|it| *it != Due::Release(task) && *it != Due::NotInLoad(task));
        self.in_vain.remove(&task);
        match phase {
            Phase::Done | Phase::Dropped => return,
            Phase::Running | Phase::Paused => {
                self.due.push(Due::Abort(task));
                let state = *self.task(task);
                self.dying.insert(task, state);
                self.running.remove(&task);
                self.paused.remove(&task);
                self.leave_load(task);
            }
            Phase::Eligible => {
                self.dequeue(task);
                self.leave_load(task);
            }
            Phase::Loading => self.leave_load(task),
            Phase::Waiting | Phase::TakenOver => {}
        }
        self.task_mut(task).phase = Phase::Dropped;
    }

    pub(super) fn deleted(&mut self, row: u32) {
        let place = row as usize;
        let lost = match self.taken_now(row) {
            Some(taken) => self.lost_with(row, taken),
            None => {
                let site = self.auditor.ground.site_name(row);
                self.breaches.now(Law::Deletions, format!("`{site}` is deleted by nobody"));
                self.sites[place].lost
            }
        };
        let gone_since = self.sites[place].deleted_at;
        let was_gone = gone_since <= self.now;
        let goes_on = match self.sites[place].end {
            Restoration::Restored(back) => {
                self.sites[place].earlier_outage += back.as_millis() - gone_since;
                false
            }
            Restoration::Unfinished => was_gone,
            Restoration::Spared | Restoration::Lost => false,
        };
        self.deleted_again = true;
        self.date_stores(row, goes_on, lost);
        if was_gone {
            for track in 0..self.tracks.len() {
                self.pass_on(track, row);
                self.give_up(track, row);
                self.begin_anew(track, row);
            }
            self.excused.remove(&row);
        }
        self.sites[place].lost = lost;
        self.sites[place].kind = self.auditor.ground.kind_of(row, lost);
        self.forget_stores(row);
        let now = self.now;
        let site = &mut self.sites[place];
        if !goes_on {
            site.deleted_at = now;
        }
        site.claimed_by = None;
        site.end = Restoration::Unfinished;
        self.own.restored_by[place] = u8::MAX;
        self.own.data_loss[place] = DataLoss::default();
        if !std::mem::replace(&mut self.called, true) {
            self.call_tracks();
        }
        self.tracks.iter_mut().for_each(|it| it.cursor = 0);
    }

    /// What is taken of a site at this instant, by an inject or by the incident itself.
    fn taken_now(&mut self, row: u32) -> Option<Lost> {
        let due = self.due.iter().position(|it| matches!(it, Due::Delete(own, _) if *own == row));
        if let Some(Due::Delete(_, lost)) = due.map(|it| self.due.remove(it)) {
            return Some(lost);
        }
        let now = self.now;
        let is_due = |it: &&(u64, Date)| match it.1 {
            Date::Loss(loss) => it.0 == now && self.dates.losses[loss as usize].1 == row,
            _ => false,
        };
        let found = self.agenda.iter().find(is_due).copied();
        let Some((at, Date::Loss(loss))) = found else { return None };
        let taken = self.dates.losses[loss as usize].2;
        if self.is_gone(row, taken) {
            return None;
        }
        self.agenda.remove(&(at, Date::Loss(loss)));
        Some(taken)
    }

    /// Nothing has happened yet for a site in a track.
    fn begin_anew(&mut self, track: usize, row: u32) {
        let auditor = self.auditor;
        for step in auditor.ground.of_track(track) {
            let task = TaskRef { row, step: number_of(step) };
            let is_own = match self.per(task) {
                Per::Site => true,
                // Another batch may have its tasks in this row.
                Per::Batch => !self.heads_another(track, row),
                Per::Once | Per::Shard => false,
            };
            if is_own {
                *self.task_mut(task) = Task::default();
            }
        }
        let is_elsewhere = |load: usize| auditor.ground.steps[load].track != track;
        self.loaded.retain(|(of, load), _| *of != row || is_elsewhere(*load));
        let place = self.of_track(track, row);
        self.batch_of[place] = Where::Never;
    }

    /// When the stores of a site were lost of which more is taken now. All that goes with the site is
    /// lost with it; what goes while it is away, now.
    fn date_stores(&mut self, row: u32, is_away: bool, lost: Lost) {
        let ground = &self.auditor.ground;
        let (before, after) = (self.kind(row), ground.kind_of(row, lost));
        let now = self.now;
        let later = &mut self.sites[row as usize].lost_later;
        if !is_away {
            later.clear();
            return;
        }
        for step in &self.auditor.restoring {
            if ground.has(after, *step) && !ground.has(before, *step) {
                later.insert(*step, now);
            }
        }
    }

    /// Of stores that are lost again nothing counts that was brought back before.
    fn forget_stores(&mut self, row: u32) {
        let auditor = self.auditor;
        let (kind, stores) = (self.kind(row), auditor.restoring.len());
        for (place, step) in auditor.restoring.iter().enumerate() {
            if auditor.ground.has(kind, *step) {
                self.losses[row as usize * stores + place] = None;
            }
        }
        self.sites[row as usize].common = None;
    }

    fn heads_another(&self, track: usize, row: u32) -> bool {
        let batch = self.heads[self.of_track(track, row)];
        batch.is_some_and(|it| self.batches[it as usize].members_left > 0)
    }

    /// The tasks of a batch go on in the row of another of its sites when the first is taken out.
    fn pass_on(&mut self, track: usize, row: u32) {
        // A site whose track has closed may have left the batch before.
        let Some(batch) = self.heads[self.of_track(track, row)] else { return };
        let stays = |it: &u32| *it != row;
        let Some(heir) = self.members(batch).find(stays) else { return };
        let members = &mut self.batches[batch as usize].members;
        let at = members.iter().position(|it| *it == heir).expect("the heir is a member");
        members.swap(0, at);
        let (old, new) = (self.of_track(track, row), self.of_track(track, heir));
        self.heads[old] = None;
        self.heads[new] = Some(batch);
        for step in self.batch_steps(track) {
            let (old, new) = (TaskRef { row, step }, TaskRef { row: heir, step });
            let state = *self.task(old);
            let again = matches!(state.phase, Phase::Eligible | Phase::Running | Phase::Paused);
            let was_due = self.due.contains(&Due::Release(old));
            self.drop_task(old);
            self.due.push(Due::PassOn(old, heir));
            let phase = if again { Phase::Waiting } else { state.phase };
            *self.task_mut(new) = Task { phase, ..state };
            if let Some(kept) = self.holds.remove(&old) {
                self.holds.insert(new, kept);
                self.keeping[old.row as usize] -= 1;
                self.keeping[new.row as usize] += 1;
            }
            if again || was_due {
                self.release(new);
            }
        }
    }
}
