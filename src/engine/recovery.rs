//! How much data comes back: the recovery point of each store of each site, at hand-over and after
//! repair, and whether there is a backup left at all.

use crate::plan::{PlanMeant, PlanRestorePoint};
use crate::scenario::{Anchor, Per};
use crate::trace::{DataLoss, Recorder, TaskRef, TraceRecord};
use crate::units::{SimDuration, SimTime};

use super::Engine;
use super::backups::{Loaded, Point, Question, Unreadable};
use super::draws::whole_millis;
use super::state::{NEVER, Phase, StoreLoss};

/// When a store is asked for what can be restored of it.
#[derive(Clone, Copy, Debug)]
struct When {
    /// When what has expired is gone.
    now: u64,
    /// The last moment that there can be.
    latest: i64,
}

impl When {
    /// Straight from the backups.
    fn directly(now: u64) -> Self {
        Self { now, latest: i64::MAX }
    }

    /// From the backups, by a load that starts.
    fn loading(now: u64) -> Self {
        Self { now, latest: now.cast_signed() }
    }

    /// From what was loaded.
    fn loaded(it: Loaded) -> Self {
        Self { now: it.at, latest: it.until }
    }
}

/// A store of a site that is asked for what can be restored of it.
#[derive(Clone, Copy, Debug)]
struct Store {
    catalogue: u16,
    row: u32,
    /// When its data was lost.
    lost_at: i64,
    when: When,
}

/// What an attempt that starts now comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prospect {
    /// Its own work, and for what else restoring costs so much longer, in milliseconds.
    Work { longer: u64 },
    /// Nothing, as nothing is left: to find that out takes it so long, and no time if that is known.
    Nothing { length: u64 },
}

/// What an attempt to restore finds.
#[derive(Clone, Copy, Debug)]
struct Pick {
    /// What of the data is lost once the store is repaired, in milliseconds before its deletion.
    meant: u64,
    /// What is lost until then.
    present: u64,
    /// How long the attempt replays what came after the full backup, in milliseconds.
    replay: u64,
}

impl<'p> Engine<'p> {
    /// Nobody knows of unreadable backups yet. When the backups of each shard begin is drawn.
    pub(super) fn begin_recovery(&mut self) {
        let (state, streams) = (&mut self.state, self.draws.streams());
        state.known_unreadable.clear();
        state.in_vain.clear();
        state.firsts.clear();
        state.firsts.extend(self.plan.catalogues.iter().flat_map(|it| it.firsts(streams)));
    }

    /// Fixes the recovery point of a store when its restoring starts.
    pub(super) fn restore_store(&mut self, task: TaskRef) -> Prospect {
        let plan = self.plan;
        let detail = &plan.details[usize::from(task.step)];
        let restore = detail.restore.expect("only a step that brings a store back comes here");
        let kind = plan.restores[usize::from(restore)].load;
        let loaded = kind.and_then(|it| self.state.loaded[plan.loads.place(it, task.row)]);
        let when = loaded.map_or(When::directly(self.now), When::loaded);
        let mut found = std::mem::take(&mut self.state.unreadable);
        let picked = self.pick(restore, task, when, &mut found);
        // What is in a load has been replayed there.
        let longer = match (picked, loaded) {
            (Some(_), Some(_)) => 0,
            (Some(it), None) => it.replay + self.find_out(&found),
            (None, _) => self.find_out(&found),
        };
        self.state.unreadable = found;
        let Some(picked) = picked else { return Prospect::Nothing { length: longer } };
        let place = self.loss_place(task.row, restore);
        self.state.losses[place] =
            StoreLoss { known: true, meant: picked.meant, present: picked.present };
        // What it stands in for has brought back nothing that counts.
        let failing = detail.stands_in_for;
        let failing = failing.and_then(|it| plan.details[usize::from(it)].restore);
        if let Some(restore) = failing {
            let place = self.loss_place(task.row, restore);
            self.state.losses[place] = StoreLoss::default();
        }
        Prospect::Work { longer }
    }

    /// What can be restored of a store for a task, and what turns out to be unreadable on the way:
    /// each with its service and the time it costs.
    fn pick(
        &mut self,
        restore: u16,
        task: TaskRef,
        when: When,
        found: &mut Vec<(u16, Unreadable, u64)>,
    ) -> Option<Pick> {
        found.clear();
        if let PlanRestorePoint::Undelete(kept) = self.plan.restores[usize::from(restore)].point {
            let is_kept = self.now <= self.lost_at(task.row, restore) + kept;
            return is_kept.then_some(Pick { meant: 0, present: 0, replay: 0 });
        }
        let (store, point) = self.ask_meant(restore, task.row, when, found)?;
        let lost = |point: Point| (store.lost_at - point.moment).unsigned_abs();
        let older = self.picked_older(restore, task);
        if older > 0 {
            // Nobody picks by hand what is no longer there.
            let moment = point.moment - older.cast_signed();
            let mut found_older = Vec::new();
            if let Some(picked) = self.ask(store, moment, &mut found_older) {
                *found = found_older;
                let (meant, present) = (lost(point), lost(picked));
                return Some(Pick { meant, present, replay: picked.replay });
            }
        }
        Some(Pick { meant: lost(point), present: lost(point), replay: point.replay })
    }

    /// The point that is meant, and the store that has it. Where stores go back to a common moment,
    /// that whose latest point it is goes there, though its backup was complete later.
    fn ask_meant(
        &mut self,
        restore: u16,
        row: u32,
        when: When,
        found: &mut Vec<(u16, Unreadable, u64)>,
    ) -> Option<(Store, Point)> {
        let point = &self.plan.restores[usize::from(restore)].point;
        let PlanRestorePoint::Backup(catalogue, meant) = *point else { return None };
        let lost_at = self.lost_at(row, restore).cast_signed();
        let store = Store { catalogue, row, lost_at, when };
        let moment = match meant {
            PlanMeant::Fixed(before, Anchor::Site) => lost_at - before.cast_signed(),
            PlanMeant::Fixed(before, Anchor::Incident) => -before.cast_signed(),
            PlanMeant::Latest => lost_at,
            PlanMeant::Common => {
                let common = self.common_moment(row, when, found)?;
                let latest = self.ask(store, lost_at, found)?;
                if latest.moment <= common {
                    return Some((store, latest));
                }
                found.clear();
                common
            }
        };
        let point = self.ask(store, moment, found)?;
        Some((store, point))
    }

    /// How much older than meant the snapshot is that an attempt picks, in milliseconds.
    fn picked_older(&mut self, restore: u16, task: TaskRef) -> u64 {
        let plan = self.plan;
        let Some(by_hand) = &plan.restores[usize::from(restore)].by_hand else { return 0 };
        let attempt = self.state.tasks[self.place(task)].attempt;
        let chance = self.draws.uniform(plan, by_hand.chance_lane, task.row, attempt);
        if chance >= by_hand.probability {
            return 0;
        }
        let age = self.draws.uniform(plan, by_hand.age_lane, task.row, attempt);
        whole_millis(by_hand.older.quantile(age))
    }

    /// The newest point of a store at or before a moment, strictly before its data was lost.
    fn ask(
        &self,
        store: Store,
        moment: i64,
        found: &mut Vec<(u16, Unreadable, u64)>,
    ) -> Option<Point> {
        let Store { catalogue, row, lost_at, when } = store;
        let moment = moment.min(lost_at - 1).min(when.latest);
        let asked = Question { row, moment, now: when.now };
        let it = &self.plan.catalogues[usize::from(catalogue)];
        let note = |what, costs| found.push((catalogue, what, costs));
        it.answer(self.draws.streams(), &self.state.firsts, asked, note)
    }

    /// When the data of a store was lost, in milliseconds: with the site, or later while that was
    /// away.
    fn lost_at(&self, row: u32, restore: u16) -> u64 {
        let later = self.state.stores_lost_at.get(self.loss_place(row, restore)).copied();
        later.filter(|at| *at != NEVER).unwrap_or(self.state.deleted_at[row as usize])
    }

    /// The moment to which the stores of a site go back together: the oldest of the latest points of
    /// all of them, when the first of them was asked. Where one has none, what of it turned out to be
    /// unreadable is found.
    fn common_moment(
        &mut self,
        row: u32,
        when: When,
        found: &mut Vec<(u16, Unreadable, u64)>,
    ) -> Option<i64> {
        if let Some(known) = self.state.common_moments[row as usize] {
            return Some(known);
        }
        let plan = self.plan;
        let profile = self.profile_number(row);
        let mut oldest = i64::MAX;
        for restore in &plan.common_restores[profile] {
            let point = &plan.restores[usize::from(*restore)].point;
            if let PlanRestorePoint::Backup(catalogue, _) = *point {
                let lost_at = self.lost_at(row, *restore).cast_signed();
                let store = Store { catalogue, row, lost_at, when };
                found.clear();
                let own = self.ask(store, lost_at, found)?;
                oldest = oldest.min(own.moment);
            }
        }
        found.clear();
        self.state.common_moments[row as usize] = Some(oldest);
        Some(oldest)
    }

    /// An attempt that starts now finds these backups unreadable, one after the other. The answer is
    /// how long that takes it, in milliseconds: what somebody has found out before, it knows.
    fn find_out(&mut self, found: &[(u16, Unreadable, u64)]) -> u64 {
        let mut paid = 0;
        for (catalogue, what, costs) in found {
            let since = self.state.known_unreadable.entry((*catalogue, *what)).or_insert(u64::MAX);
            if *since <= self.now {
                continue;
            }
            paid += costs;
            *since = (self.now + paid).min(*since);
        }
        paid
    }

    /// How long it takes an attempt that starts now to find these backups unreadable, in milliseconds.
    fn time_to_find_out(&self, found: &[(u16, Unreadable, u64)]) -> u64 {
        let is_new = |it: &&(u16, Unreadable, u64)| {
            let since = self.state.known_unreadable.get(&(it.0, it.1));
            since.is_none_or(|since| *since > self.now)
        };
        found.iter().filter(is_new).map(|it| it.2).sum()
    }

    /// An attempt to load a shard starts: what those need who wait for it is looked up in the backups.
    /// Sites for which nothing is left are lost: at once if that is known, else when the attempt ends,
    /// in which it is found out. It does nothing but that where it is so for all of them.
    pub(super) fn open_load(&mut self, load: TaskRef, recorder: &mut impl Recorder) -> Prospect {
        let when = When::loading(self.now);
        let index = self.plan.loads.of(load.step, load.row) as usize;
        let mut waiting = std::mem::take(&mut self.state.openers);
        let mut found = std::mem::take(&mut self.state.unreadable);
        waiting.clone_from(&self.state.loads[index].waiting);
        for task in &waiting {
            let waits = self.state.tasks[self.place(*task)].phase == Phase::Loading;
            let Some(restore) = self.opened_by(*task).filter(|_| waits) else { continue };
            found.clear();
            let meant = self.ask_meant(restore, task.row, when, &mut found);
            if meant.is_none() && self.time_to_find_out(&found) == 0 {
                self.lose_site(*task, recorder);
            }
        }
        waiting.clone_from(&self.state.loads[index].waiting);
        let (mut longest, mut until, mut is_needed) = (0, None, false);
        for task in &waiting {
            let Some(restore) = self.opened_by(*task) else {
                is_needed = true;
                continue;
            };
            found.clear();
            let meant = self.ask_meant(restore, task.row, when, &mut found);
            let replay = meant.map_or(0, |(_, point)| point.replay);
            longest = longest.max(replay + self.find_out(&found));
            match meant {
                Some((_, point)) => {
                    is_needed = true;
                    until = until.max(Some(point.moment));
                }
                None => self.lose_with_load(index, *task),
            }
        }
        let last_lost = self.last_lost_of(load).filter(|_| is_needed);
        if let Some((row, restore)) = last_lost {
            found.clear();
            if let Some((_, point)) = self.ask_meant(restore, row, when, &mut found) {
                longest = longest.max(point.replay + self.find_out(&found));
                until = until.max(Some(point.moment));
            }
        }
        self.state.unreadable = found;
        self.state.openers = waiting;
        let until = until.unwrap_or(when.latest);
        self.state.loads[index].has = Loaded { at: self.now, until };
        match is_needed {
            true => Prospect::Work { longer: longest },
            false => Prospect::Nothing { length: longest },
        }
    }

    /// Whether an attempt that ends has done nothing but find out that nothing is left.
    pub(super) fn was_in_vain(&mut self, task: TaskRef) -> bool {
        let place = self.state.in_vain.iter().position(|it| *it == task);
        place.map(|it| self.state.in_vain.swap_remove(it)).is_some()
    }

    /// An attempt has found out that nothing is left. Its site is lost; a load may be tried again, for
    /// whoever has come to need it meanwhile.
    pub(super) fn end_in_vain(&mut self, task: TaskRef, ran: u64, recorder: &mut impl Recorder) {
        self.tell(recorder, |it| TraceRecord::FoundNothing(it.ended(task, Some(ran))));
        let place = self.place(task);
        let state = &mut self.state.tasks[place];
        if self.plan.steps[usize::from(task.step)].opens {
            state.phase = Phase::Waiting;
            state.attempt = state.attempt.saturating_add(1);
            self.make_eligible(task, recorder);
        } else {
            state.phase = Phase::Dropped;
            self.lose(task, recorder);
        }
    }

    /// Of the sites of a load's shard that are away, the one that was lost last, with what the load has
    /// for it: a load goes so far that it will do for all of them, whoever has asked by then.
    fn last_lost_of(&self, load: TaskRef) -> Option<(u32, u16)> {
        let plan = self.plan;
        let rows = plan.loads.rows(plan.loads.of(load.step, load.row));
        let tasks = plan.loads.askers(load.step).iter().flat_map(|step| {
            let away = rows.iter().filter(|row| {
                let profile = self.graph_of_gone(**row).map(|it| &plan.profiles[usize::from(it)]);
                profile.is_some_and(|it| it.present[usize::from(*step)])
            });
            away.map(|row| TaskRef { row: *row, step: *step })
        });
        let when_lost = |task: TaskRef| {
            let restore = self.opened_by(task)?;
            let point = &plan.restores[usize::from(restore)].point;
            let has_its_own = !matches!(point, PlanRestorePoint::Backup(_, PlanMeant::Common));
            has_its_own.then(|| (self.lost_at(task.row, restore), (task.row, restore)))
        };
        tasks.filter_map(when_lost).max_by_key(|it| it.0).map(|it| it.1)
    }

    /// What of a load is brought back for the site of a task that needs it.
    fn opened_by(&self, task: TaskRef) -> Option<u16> {
        let plan = self.plan;
        let profile = self.profile(task.row);
        let mut opens = plan.details[usize::from(task.step)].opens.iter().copied();
        let step = opens.find(|it| profile.present[usize::from(*it)])?;
        plan.details[usize::from(step)].restore
    }

    /// Work for a site begins with what a load has.
    pub(super) fn note_load(&mut self, task: TaskRef) {
        let load = self.plan.details[usize::from(task.step)].asks_for;
        let load = load.expect("only a task that needs a load begins with it");
        let index = self.plan.loads.of(load, task.row);
        let place = self.plan.loads.place(self.plan.loads.kind(load), task.row);
        self.state.loaded[place] = Some(self.state.loads[index as usize].has);
    }

    /// The missing data of stores that were restored too far back is brought back.
    pub(super) fn repair_stores(&mut self, task: TaskRef) {
        for restore in &self.plan.details[usize::from(task.step)].repairs {
            let place = self.loss_place(task.row, *restore);
            let loss = &mut self.state.losses[place];
            loss.present = loss.meant;
        }
    }

    /// A step is done that may have changed what a site that is back has lost.
    #[inline(always)]
    pub(super) fn lose_less_after(&mut self, task: TaskRef) {
        let step = &self.plan.steps[usize::from(task.step)];
        if (step.repairs || step.restores) && step.per == Per::Site {
            self.lose_less(task.row);
        }
    }

    /// What the stores of a site have lost may have changed since it was handed over: by a repair, or
    /// because a store was brought back once more, or only now.
    fn lose_less(&mut self, row: u32) {
        if self.state.outcome.restorations[row as usize].restored_at().is_none() {
            return;
        }
        let Some((worst, _)) = self.worst_and_best(row) else { return };
        let worst = SimDuration::from_millis(worst);
        let loss = &mut self.state.outcome.data_loss[row as usize];
        if loss.after_repair.is_none_or(|it| worst < it) {
            loss.repaired_at = Some(SimTime::from_millis(self.now));
        }
        loss.after_repair = Some(worst);
    }

    /// What the stores of a site have lost when it is handed over.
    pub(super) fn losses_at_hand_over(&mut self, row: u32) {
        let millis = SimDuration::from_millis;
        let known = |(worst, best): (u64, u64)| DataLoss {
            at_hand_over: Some(millis(worst)),
            after_repair: Some(millis(worst)),
            inconsistency: Some(millis(worst - best)),
            repaired_at: Some(SimTime::from_millis(self.now)),
        };
        let loss = self.worst_and_best(row).map(known).unwrap_or_default();
        self.state.outcome.data_loss[row as usize] = loss;
    }

    /// What a track has restored for a site that it gives up does not count any more.
    pub(super) fn forget_losses(&mut self, track: usize, row: u32) {
        for step in self.plan.tracks[track].steps.clone() {
            self.forget_loss(step, row);
        }
        self.forget_points(row);
    }

    /// What has been restored of the stores of a site that have been lost again does not count any
    /// more.
    pub(super) fn forget_stores(&mut self, row: u32) {
        let plan = self.plan;
        let present = &self.profile(row).present;
        for step in (0..plan.details.len()).filter(|it| present[*it]) {
            self.forget_loss(step, row);
        }
        self.forget_points(row);
    }

    fn forget_loss(&mut self, step: usize, row: u32) {
        if let Some(restore) = self.plan.details[step].restore {
            let place = self.loss_place(row, restore);
            self.state.losses[place] = StoreLoss::default();
        }
    }

    /// To which moment a site goes back is looked up anew.
    fn forget_points(&mut self, row: u32) {
        for kind in 0..self.plan.loads.kinds() {
            let place = self.plan.loads.place(kind, row);
            self.state.loaded[place] = None;
        }
        if let Some(moment) = self.state.common_moments.get_mut(row as usize) {
            *moment = None;
        }
    }

    /// Whether another step has brought back the store of this one, for the site of the task.
    pub(super) fn came_back_before(&self, task: TaskRef) -> bool {
        let own = self.plan.details[usize::from(task.step)].restore;
        let store_of = |it: u16| self.plan.restores[usize::from(it)].store;
        let store = own.or_else(|| self.opened_by(task)).map(store_of);
        let losses = &self.state.losses[self.store_places(task.row)];
        let mut stores = std::iter::zip(&self.plan.restores, losses);
        stores.any(|(it, loss)| Some(it.store) == store && loss.known)
    }

    /// What the stores of a site have lost, in milliseconds; none where nothing says so of any.
    fn worst_and_best(&self, row: u32) -> Option<(u64, u64)> {
        let known = self.state.losses[self.store_places(row)].iter().filter(|loss| loss.known);
        let worst = known.clone().map(|loss| loss.present).max()?;
        Some((worst, known.map(|loss| loss.present).min()?))
    }

    pub(super) fn loss_place(&self, row: u32, restore: u16) -> usize {
        self.store_places(row).start + usize::from(restore)
    }

    /// Where the stores of a site stand.
    pub(super) fn store_places(&self, row: u32) -> std::ops::Range<usize> {
        let stores = self.plan.restores.len();
        let start = row as usize * stores;
        start..start + stores
    }
}
