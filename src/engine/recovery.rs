//! How much data comes back: the recovery point of each store of each site, at hand-over and after
//! repair, and whether there is a backup left at all.

use crate::plan::{PlanMeant, PlanRestore, PlanRestorePoint};
use crate::scenario::{Anchor, Per};
use crate::trace::{DataLoss, Recorder, TaskRef, TraceRecord};
use crate::units::{SimDuration, SimTime};

use super::Engine;
use super::backups::{Point, Question, Unreadable};
use super::draws::whole_millis;
use super::state::{Phase, StoreLoss};

/// No instant.
const NEVER: u64 = u64::MAX;

/// When a store is asked for what can be restored of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct When {
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

    /// From what was loaded then.
    fn loaded(at: u64) -> Self {
        Self { now: at, latest: at.cast_signed() }
    }
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
    /// Fixes the recovery point of a store when its restoring starts.
    pub(super) fn restore_store(&mut self, task: TaskRef) -> Prospect {
        let plan = self.plan;
        let detail = &plan.details[usize::from(task.step)];
        let restore = detail.restore.expect("only a step that brings a store back comes here");
        let it = &plan.restores[usize::from(restore)];
        let loaded = it.load.map(|kind| self.state.loaded_at[plan.loads.place(kind, task.row)]);
        let loaded = loaded.filter(|at| *at != NEVER);
        let when = loaded.map_or(When::directly(self.now), When::loaded);
        let mut found = std::mem::take(&mut self.state.unreadable);
        let picked = self.pick(it, task, when, &mut found);
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
        restore: &PlanRestore,
        task: TaskRef,
        when: When,
        found: &mut Vec<(u16, Unreadable, u64)>,
    ) -> Option<Pick> {
        found.clear();
        let deleted_at = self.state.deleted_at[task.row as usize];
        if let PlanRestorePoint::Undelete(kept) = restore.point {
            let is_kept = self.now <= deleted_at + kept;
            return is_kept.then_some(Pick { meant: 0, present: 0, replay: 0 });
        }
        let (catalogue, point) = self.ask_meant(restore, task.row, when, found)?;
        let deleted = deleted_at.cast_signed();
        let lost = |point: Point| (deleted - point.moment).unsigned_abs();
        let older = self.picked_older(restore, task);
        if older > 0 {
            // Nobody picks by hand what is no longer there.
            let asked = (task.row, point.moment - older.cast_signed());
            let mut found_older = Vec::new();
            if let Some(picked) = self.ask(catalogue, asked, when, &mut found_older) {
                *found = found_older;
                let (meant, present) = (lost(point), lost(picked));
                return Some(Pick { meant, present, replay: picked.replay });
            }
        }
        Some(Pick { meant: lost(point), present: lost(point), replay: point.replay })
    }

    /// The point that is meant, with the place of the backups that have it. Where stores go back to a
    /// common moment, that whose latest point it is goes there, though its backup was complete later.
    fn ask_meant(
        &self,
        restore: &PlanRestore,
        row: u32,
        when: When,
        found: &mut Vec<(u16, Unreadable, u64)>,
    ) -> Option<(u16, Point)> {
        let PlanRestorePoint::Backup(catalogue, meant) = restore.point else { return None };
        let deleted = self.state.deleted_at[row as usize].cast_signed();
        let moment = match meant {
            PlanMeant::Fixed(before, Anchor::Site) => deleted - before.cast_signed(),
            PlanMeant::Fixed(before, Anchor::Incident) => -before.cast_signed(),
            PlanMeant::Latest => deleted,
            PlanMeant::Common => {
                let oldest = self.common_point(row, when, found)?;
                let latest = self.ask(catalogue, (row, deleted), when, found)?;
                if latest.moment <= oldest {
                    return Some((catalogue, latest));
                }
                found.clear();
                oldest
            }
        };
        let point = self.ask(catalogue, (row, moment), when, found)?;
        Some((catalogue, point))
    }

    /// How much older than meant the snapshot is that an attempt picks, in milliseconds.
    fn picked_older(&mut self, restore: &PlanRestore, task: TaskRef) -> u64 {
        let plan = self.plan;
        let Some(by_hand) = &restore.by_hand else { return 0 };
        let attempt = self.state.tasks[self.place(task)].attempt;
        let chance = self.draws.uniform(plan, by_hand.chance_lane, task.row, attempt);
        if chance >= by_hand.probability {
            return 0;
        }
        let age = self.draws.uniform(plan, by_hand.age_lane, task.row, attempt);
        whole_millis(by_hand.older.quantile(age))
    }

    /// The newest point of a row's shard at or before a moment, strictly before its deletion.
    fn ask(
        &self,
        catalogue: u16,
        (row, moment): (u32, i64),
        when: When,
        found: &mut Vec<(u16, Unreadable, u64)>,
    ) -> Option<Point> {
        let deleted = self.state.deleted_at[row as usize].cast_signed();
        let moment = moment.min(deleted - 1).min(when.latest);
        let asked = Question { row, moment, now: when.now };
        let it = &self.plan.catalogues[usize::from(catalogue)];
        let note = |what, costs| found.push((catalogue, what, costs));
        it.answer(self.draws.streams(), &self.state.firsts, asked, note)
    }

    /// The oldest of the latest points of all stores of a site that go back to a common one. Where one
    /// has none, what of it turned out to be unreadable is found.
    fn common_point(
        &self,
        row: u32,
        when: When,
        found: &mut Vec<(u16, Unreadable, u64)>,
    ) -> Option<i64> {
        let plan = self.plan;
        let deleted = self.state.deleted_at[row as usize].cast_signed();
        let profile = self.profile_number(row);
        let mut oldest = deleted;
        for restore in &plan.common_restores[profile] {
            let point = &plan.restores[usize::from(*restore)].point;
            if let PlanRestorePoint::Backup(catalogue, _) = point {
                found.clear();
                let own = self.ask(*catalogue, (row, deleted), when, found)?;
                oldest = oldest.min(own.moment);
            }
        }
        found.clear();
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
        let when = When::loaded(self.now);
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
        let (mut longest, mut is_needed) = (0, false);
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
                Some(_) => is_needed = true,
                None => self.lose_with_load(index, *task),
            }
        }
        self.state.unreadable = found;
        self.state.openers = waiting;
        self.state.loads[index].started = self.now;
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

    /// What of a load is brought back for the site of a task that needs it.
    fn opened_by(&self, task: TaskRef) -> Option<&'p PlanRestore> {
        let plan = self.plan;
        let profile = self.profile(task.row);
        let mut opens = plan.details[usize::from(task.step)].opens.iter().copied();
        let step = opens.find(|it| profile.present[usize::from(*it)])?;
        let restore = plan.details[usize::from(step)].restore;
        restore.map(|it| &plan.restores[usize::from(it)])
    }

    /// Work for a site begins with what a load has.
    pub(super) fn note_load(&mut self, task: TaskRef) {
        let load = self.plan.details[usize::from(task.step)].asks_for;
        let load = load.expect("only a task that needs a load begins with it");
        let index = self.plan.loads.of(load, task.row);
        let place = self.plan.loads.place(self.plan.loads.kind(load), task.row);
        self.state.loaded_at[place] = self.state.loads[index as usize].started;
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
            if let Some(restore) = self.plan.details[step].restore {
                let place = self.loss_place(row, restore);
                self.state.losses[place] = StoreLoss::default();
            }
        }
        for kind in 0..self.plan.loads.kinds() {
            let place = self.plan.loads.place(kind, row);
            self.state.loaded_at[place] = NEVER;
        }
    }

    /// Whether another step has brought back the store of this one, for the site of the task.
    pub(super) fn came_back_before(&self, task: TaskRef) -> bool {
        let own = self.plan.details[usize::from(task.step)].restore;
        let own = own.map(|it| &self.plan.restores[usize::from(it)]);
        let store = own.or_else(|| self.opened_by(task)).map(|it| it.store);
        let restores = self.plan.restores.len();
        let start = task.row as usize * restores;
        let losses = &self.state.losses[start..start + restores];
        let mut stores = std::iter::zip(&self.plan.restores, losses);
        stores.any(|(it, loss)| Some(it.store) == store && loss.known)
    }

    /// What the stores of a site have lost, in milliseconds; none where nothing says so of any.
    fn worst_and_best(&self, row: u32) -> Option<(u64, u64)> {
        let stores = self.plan.restores.len();
        let start = row as usize * stores;
        let known = self.state.losses[start..start + stores].iter().filter(|loss| loss.known);
        let worst = known.clone().map(|loss| loss.present).max()?;
        Some((worst, known.map(|loss| loss.present).min()?))
    }

    fn loss_place(&self, row: u32, restore: u16) -> usize {
        row as usize * self.plan.restores.len() + usize::from(restore)
    }
}
