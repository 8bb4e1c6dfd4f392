//! What attempts to restore come to.

use crate::engine::backups::{Loaded, Point, Question, Unreadable};
use crate::engine::draws::whole_millis;
use crate::engine::replication::Engine;
use crate::engine::task::{NEVER, Phase};
use crate::plan::{PlanMeant, PlanRestorePoint};
use crate::scenario::{Anchor, Per};
use crate::trace::{DataLoss, Recorder, TaskRef, TraceRecord};
use crate::units::{SimDuration, SimTime};

use super::{AskedAt, Pick, Prospect, Store, StoreLoss};

impl<'p> Engine<'p> {
    /// Fixes the recovery point of a store when its restoring starts.
    pub(in crate::engine) fn restore_store(&mut self, task: TaskRef) -> Prospect {
        let plan = self.plan;
        let detail = &plan.details[usize::from(task.step)];
        let restore = detail.restore.expect("only a step that brings a store back comes here");
        let kind = plan.stores.restores[usize::from(restore)].load;
        let loaded = kind.and_then(|it| self.recovery.loaded[plan.loads.place(it, task.row)]);
        let when = loaded.map_or(AskedAt::directly(self.now), AskedAt::loaded);
        let mut found = std::mem::take(&mut self.recovery.unreadable);
        let picked = self.pick(restore, task, when, &mut found);
        // What is in a load has been replayed there.
        let longer = match (picked, loaded) {
            (Some(_), Some(_)) => 0,
            (Some(it), None) => it.replay + self.find_out(&found),
            (None, _) => self.find_out(&found),
        };
        self.recovery.unreadable = found;
        let Some(picked) = picked else { return Prospect::Nothing { length: longer } };
        let place = self.loss_place(task.row, restore);
        self.recovery.losses[place] =
            StoreLoss { known: true, meant: picked.meant, present: picked.present };
        // What it stands in for has brought back nothing that counts.
        let failing = detail.stands_in_for;
        let failing = failing.and_then(|it| plan.details[usize::from(it)].restore);
        if let Some(restore) = failing {
            let place = self.loss_place(task.row, restore);
            self.recovery.losses[place] = StoreLoss::default();
        }
        Prospect::Work { longer }
    }

    /// What can be restored of a store for a task, and what turns out to be unreadable on the way:
    /// each with its service and the time it costs.
    fn pick(
        &mut self,
        restore: u16,
        task: TaskRef,
        when: AskedAt,
        found: &mut Vec<(u16, Unreadable, u64)>,
    ) -> Option<Pick> {
        found.clear();
        if let PlanRestorePoint::Undelete(kept) =
            self.plan.stores.restores[usize::from(restore)].point
        {
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
        when: AskedAt,
        found: &mut Vec<(u16, Unreadable, u64)>,
    ) -> Option<(Store, Point)> {
        let point = &self.plan.stores.restores[usize::from(restore)].point;
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

    /// When the stores of a site were lost of which something more is taken now: those that were
    /// there until now, now. Before is the graph of what has been away.
    pub(in crate::engine) fn date_loss_of_stores(
        &mut self,
        row: u32,
        before: Option<u16>,
        after: u16,
    ) {
        let plan = self.plan;
        let Some(before) = before else {
            // All that is lost is lost with the site.
            let places = self.store_places(row);
            if let Some(dates) = self.recovery.stores_lost_at.get_mut(places) {
                dates.fill(NEVER);
            }
            return;
        };
        if before == after {
            return;
        }
        let [before, after] = [before, after].map(|it| &plan.profiles[usize::from(it)].present);
        let places = plan.sites.len() * plan.stores.restores.len();
        self.recovery.stores_lost_at.resize(places, NEVER);
        for (step, detail) in plan.details.iter().enumerate() {
            if let Some(restore) = detail.restore.filter(|_| after[step] && !before[step]) {
                let place = self.loss_place(row, restore);
                self.recovery.stores_lost_at[place] = self.now;
            }
        }
    }

    /// How much older than meant the snapshot is that an attempt picks, in milliseconds.
    fn picked_older(&mut self, restore: u16, task: TaskRef) -> u64 {
        let plan = self.plan;
        let Some(by_hand) = &plan.stores.restores[usize::from(restore)].by_hand else { return 0 };
        let attempt = self.attempt(self.place(task));
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
        let backups = &self.plan.stores.catalogues[usize::from(catalogue)];
        let note = |what, costs| found.push((catalogue, what, costs));
        backups.answer(self.draws.streams(), &self.recovery.firsts, asked, note)
    }

    /// When the data of a store was lost, in milliseconds: with the site, or later while that was
    /// away.
    fn lost_at(&self, row: u32, restore: u16) -> u64 {
        let later = self.recovery.stores_lost_at.get(self.loss_place(row, restore)).copied();
        later.filter(|at| *at != NEVER).unwrap_or(self.deletions.deleted_at(row))
    }

    /// The moment to which the stores of a site go back together: the oldest of the latest points of
    /// all of them, when the first of them was asked. Where one has none, what of it turned out to be
    /// unreadable is found.
    fn common_moment(
        &mut self,
        row: u32,
        when: AskedAt,
        found: &mut Vec<(u16, Unreadable, u64)>,
    ) -> Option<i64> {
        if let Some(known) = self.recovery.common_moments[row as usize] {
            return Some(known);
        }
        let plan = self.plan;
        let profile = self.profile_number(row);
        let mut oldest = i64::MAX;
        for restore in &plan.stores.common_restores[profile] {
            let point = &plan.stores.restores[usize::from(*restore)].point;
            if let PlanRestorePoint::Backup(catalogue, _) = *point {
                let lost_at = self.lost_at(row, *restore).cast_signed();
                let store = Store { catalogue, row, lost_at, when };
                found.clear();
                let own = self.ask(store, lost_at, found)?;
                oldest = oldest.min(own.moment);
            }
        }
        found.clear();
        self.recovery.common_moments[row as usize] = Some(oldest);
        Some(oldest)
    }

    /// An attempt that starts now finds these backups unreadable, one after the other. The answer is
    /// how long that takes it, in milliseconds: what somebody has found out before, it knows.
    fn find_out(&mut self, found: &[(u16, Unreadable, u64)]) -> u64 {
        let mut paid = 0;
        for (catalogue, what, costs) in found {
            let since =
                self.recovery.known_unreadable.entry((*catalogue, *what)).or_insert(u64::MAX);
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
        let is_new = |unreadable: &&(u16, Unreadable, u64)| {
            let since = self.recovery.known_unreadable.get(&(unreadable.0, unreadable.1));
            since.is_none_or(|since| *since > self.now)
        };
        found.iter().filter(is_new).map(|it| it.2).sum()
    }

    /// An attempt to load a shard starts: what those need who wait for it is looked up in the backups.
    /// Sites for which nothing is left are lost: at once if that is known, else when the attempt ends,
    /// in which it is found out. It does nothing but that where it is so for all of them.
    pub(in crate::engine) fn open_load(
        &mut self,
        load: TaskRef,
        recorder: &mut impl Recorder,
    ) -> Prospect {
        let when = AskedAt::loading(self.now);
        let index = self.plan.loads.of(load.step, load.row);
        let mut waiting = std::mem::take(&mut self.recovery.openers);
        let mut found = std::mem::take(&mut self.recovery.unreadable);
        waiting.clear();
        waiting.extend_from_slice(self.loads.waiting_for(index));
        for task in &waiting {
            let waits = self.tasks[self.place(*task)].phase() == Phase::Loading;
            let Some(restore) = self.opened_by(*task).filter(|_| waits) else { continue };
            found.clear();
            let meant = self.ask_meant(restore, task.row, when, &mut found);
            if meant.is_none() && self.time_to_find_out(&found) == 0 {
                self.lose_site(*task, recorder);
            }
        }
        waiting.clear();
        waiting.extend_from_slice(self.loads.waiting_for(index));
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
        self.recovery.unreadable = found;
        self.recovery.openers = waiting;
        let until = until.unwrap_or(when.latest);
        self.loads.fill(index, Loaded { at: self.now, until });
        match is_needed {
            true => Prospect::Work { longer: longest },
            false => Prospect::Nothing { length: longest },
        }
    }

    /// Whether an attempt that ends has done nothing but find out that nothing is left.
    pub(in crate::engine) fn was_in_vain(&mut self, task: TaskRef) -> bool {
        let place = self.recovery.in_vain.iter().position(|it| *it == task);
        place.map(|it| self.recovery.in_vain.swap_remove(it)).is_some()
    }

    /// An attempt has found out that nothing is left. Its site is lost; a load may be tried again, for
    /// whoever has come to need it meanwhile.
    pub(in crate::engine) fn end_in_vain(
        &mut self,
        task: TaskRef,
        ran: u64,
        recorder: &mut impl Recorder,
    ) {
        self.tell(recorder, |it| TraceRecord::FoundNothing(it.ended(task, Some(ran))));
        if self.plan.steps[usize::from(task.step)].opens {
            self.wait_for_another_attempt(task);
            self.make_eligible(task, recorder);
        } else {
            let place = self.place(task);
            self.tasks[place].enter(Phase::Dropped, self.now);
            self.lose(task, recorder);
        }
    }

    /// Of the sites of a load's shard that are away, the one that was lost last, with what the load has
    /// for it: a load goes so far that it will do for all of them, whoever has asked by then.
    fn last_lost_of(&self, load: TaskRef) -> Option<(u32, u16)> {
        let plan = self.plan;
        let index = plan.loads.of(load.step, load.row);
        let is_lost_with_its_site = self.recovery.stores_lost_at.is_empty();
        let mut last: Option<((u64, usize), (u32, u16))> = None;
        for row in plan.loads.rows(index).iter().copied() {
            let gone_since = self.deletions.deleted_at(row);
            if is_lost_with_its_site && last.is_some_and(|it| gone_since < it.0.0) {
                continue;
            }
            let Some(profile) = self.graph_of_gone(row) else { continue };
            let present = &plan.profiles[usize::from(profile)].present;
            for (place, step) in plan.loads.askers(load.step).iter().enumerate() {
                if !present[usize::from(*step)] {
                    continue;
                }
                let Some(restore) = self.brought_back_for(TaskRef { row, step: *step }) else {
                    continue;
                };
                // Of those lost at one instant it is the last by step and then by row.
                let key = (self.lost_at(row, restore), place);
                if last.is_none_or(|it| it.0 <= key) {
                    last = Some((key, (row, restore)));
                }
            }
        }
        last.map(|it| it.1)
    }

    /// What of a load is brought back for the site of a task that needs it, unless that goes back to a
    /// moment of its own.
    fn brought_back_for(&self, task: TaskRef) -> Option<u16> {
        let restore = self.opened_by(task)?;
        let point = &self.plan.stores.restores[usize::from(restore)].point;
        let has_its_own = !matches!(point, PlanRestorePoint::Backup(_, PlanMeant::Common));
        has_its_own.then_some(restore)
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
    pub(in crate::engine) fn note_load(&mut self, task: TaskRef) {
        let load = self.plan.details[usize::from(task.step)].asks_for;
        let load = load.expect("only a task that needs a load begins with it");
        let index = self.plan.loads.of(load, task.row);
        let place = self.plan.loads.place(self.plan.loads.kind(load), task.row);
        self.recovery.loaded[place] = Some(self.loads.what_is_in(index));
    }

    /// The missing data of stores that were restored too far back is brought back.
    pub(in crate::engine) fn repair_stores(&mut self, task: TaskRef) {
        for restore in &self.plan.details[usize::from(task.step)].repairs {
            let place = self.loss_place(task.row, *restore);
            let loss = &mut self.recovery.losses[place];
            loss.present = loss.meant;
        }
    }

    /// A step is done that may have changed what a site that is back has lost.
    #[inline(always)]
    pub(in crate::engine) fn lose_less_after(&mut self, task: TaskRef) {
        let step = &self.plan.steps[usize::from(task.step)];
        if (step.repairs || step.restores) && step.per == Per::Site {
            self.lose_less(task.row);
        }
    }

    /// What the stores of a site have lost may have changed since it was handed over: by a repair, or
    /// because a store was brought back once more, or only now.
    fn lose_less(&mut self, row: u32) {
        if self.outcome.restorations[row as usize].restored_at().is_none() {
            return;
        }
        let Some((worst, _)) = self.worst_and_best(row) else { return };
        let worst = SimDuration::from_millis(worst);
        let loss = &mut self.outcome.data_loss[row as usize];
        if loss.after_repair.is_none_or(|it| worst < it) {
            loss.repaired_at = Some(SimTime::from_millis(self.now));
        }
        loss.after_repair = Some(worst);
    }

    /// What the stores of a site have lost when it is handed over.
    pub(in crate::engine) fn losses_at_hand_over(&mut self, row: u32) {
        let millis = SimDuration::from_millis;
        let known = |(worst, best): (u64, u64)| DataLoss {
            at_hand_over: Some(millis(worst)),
            after_repair: Some(millis(worst)),
            inconsistency: Some(millis(worst - best)),
            repaired_at: Some(SimTime::from_millis(self.now)),
        };
        let loss = self.worst_and_best(row).map(known).unwrap_or_default();
        self.outcome.data_loss[row as usize] = loss;
    }

    /// What a track has restored for a site that it gives up does not count any more.
    pub(in crate::engine) fn forget_losses(&mut self, track: usize, row: u32) {
        for step in self.plan.tracks[track].steps.clone() {
            self.forget_loss(step, row);
        }
        self.forget_points(row);
    }

    /// What has been restored of the stores of a site that have been lost again does not count any
    /// more.
    pub(in crate::engine) fn forget_stores(&mut self, row: u32) {
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
            self.recovery.losses[place] = StoreLoss::default();
        }
    }

    /// To which moment a site goes back is looked up anew.
    fn forget_points(&mut self, row: u32) {
        for kind in 0..self.plan.loads.kinds() {
            let place = self.plan.loads.place(kind, row);
            self.recovery.loaded[place] = None;
        }
        if let Some(moment) = self.recovery.common_moments.get_mut(row as usize) {
            *moment = None;
        }
    }

    /// Whether another step has brought back the store of this one, for the site of the task.
    pub(in crate::engine) fn came_back_before(&self, task: TaskRef) -> bool {
        let own = self.plan.details[usize::from(task.step)].restore;
        let store_of = |it: u16| self.plan.stores.restores[usize::from(it)].store;
        let store = own.or_else(|| self.opened_by(task)).map(store_of);
        let losses = &self.recovery.losses[self.store_places(task.row)];
        let mut stores = std::iter::zip(&self.plan.stores.restores, losses);
        stores.any(|(it, loss)| Some(it.store) == store && loss.known)
    }

    /// What the stores of a site have lost, in milliseconds; none where nothing says so of any.
    fn worst_and_best(&self, row: u32) -> Option<(u64, u64)> {
        let known = self.recovery.losses[self.store_places(row)].iter().filter(|loss| loss.known);
        let worst = known.clone().map(|loss| loss.present).max()?;
        Some((worst, known.map(|loss| loss.present).min()?))
    }

    pub(in crate::engine) fn loss_place(&self, row: u32, restore: u16) -> usize {
        self.store_places(row).start + usize::from(restore)
    }

    /// Where the stores of a site stand.
    pub(in crate::engine) fn store_places(&self, row: u32) -> std::ops::Range<usize> {
        let stores = self.plan.stores.restores.len();
        let start = row as usize * stores;
        start..start + stores
    }
}
