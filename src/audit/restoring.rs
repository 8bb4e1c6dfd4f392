//! What attempts restore from: when the backups are asked, what that costs, and which sites are lost
//! because nothing is left.

use std::collections::btree_map::Entry;

use crate::audit::backups::{Asking, Backups, Loaded, Point, common_moment, is_common, point};
use crate::audit::breach::Law;
use crate::audit::draws::StepDraws;
use crate::audit::graph::number_of;
use crate::audit::state::{Due, Follower, Phase};
use crate::scenario::Per;
use crate::trace::{End, Start, TaskRef};

/// What an attempt that starts comes to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Prospect {
    /// Its work, and so much longer for what else restoring costs.
    Longer(u64),
    /// Nothing: so long it takes to find out that nothing is left.
    InVain(u64),
}

impl Follower<'_, '_> {
    /// An attempt starts: keeps how much data its store loses, and what it finds unreadable, and says
    /// how much longer it takes for that. A load is worked out for all who wait for it.
    pub(super) fn begin_restoring(&mut self, task: TaskRef) -> Prospect {
        if self.per(task) == Per::Shard {
            return self.start_load(task);
        }
        self.note_load(task);
        let Some(place) = self.auditor.restore_place(task) else { return Prospect::Longer(0) };
        let point = match self.point(task) {
            Ok(point) => point,
            Err(unreadable) => {
                let (length, found) = self.pay(&unreadable);
                self.learn(found);
                return self.prospect(task, length, false);
            }
        };
        self.losses[place] = Some((point.meant, point.present));
        if let Some(failing) = self.auditor.stands_in_for[usize::from(task.step)]
            && let Some(replaced) = self.auditor.restore_place(TaskRef { step: failing, ..task })
        {
            // The step that this one replaces brings nothing back after all: its loss does not count.
            self.losses[replaced] = None;
        }
        if self.loaded_for(task).is_some() {
            // The load has paid.
            return Prospect::Longer(0);
        }
        let (paid, found) = self.pay(&point.unreadable);
        self.learn(found);
        Prospect::Longer(paid + point.replay)
    }

    /// What an attempt comes to that takes so much longer, or finds out in that time that nothing is
    /// left.
    fn prospect(&mut self, task: TaskRef, length: u64, is_left: bool) -> Prospect {
        if is_left {
            return Prospect::Longer(length);
        }
        if length == 0 {
            let how = format!("{} starts, and nothing is left to restore from", self.name(task));
            self.breaches.now(Law::DataLoss, how);
        }
        self.in_vain.insert(task);
        Prospect::InVain(length)
    }

    /// To which moment an attempt of a site step that starts now brings its store back.
    fn point(&mut self, task: TaskRef) -> Result<Point, Vec<Backups>> {
        let step = usize::from(task.step);
        let loaded = self.loaded_for(task);
        let picks = Some((self.task(task).attempt, &self.auditor.draws.steps[step]));
        self.point_of(step, task.row, loaded, picks)
    }

    /// To which moment the store of a step comes back, asked now or of what was loaded.
    fn point_of(
        &mut self,
        step: usize,
        row: u32,
        loaded: Option<Loaded>,
        picks: Option<(u32, &StepDraws)>,
    ) -> Result<Point, Vec<Backups>> {
        let ground = &self.auditor.ground;
        let site = &self.sites[row as usize];
        let mut asking = Asking {
            step,
            row,
            kind: self.kind(row),
            now: loaded.map_or(self.now, |it| it.at),
            loaded,
            deleted_at: site.deleted_at,
            lost_later: &site.lost_later,
            common: site.common,
            picks,
        };
        if is_common(ground, step) && asking.common.is_none() {
            asking.common = Some(common_moment(ground, &self.drawn, asking)?);
        }
        let (found, common) = (point(ground, &self.drawn, asking), asking.common);
        // The first that asks settles it for all stores of the site.
        self.sites[row as usize].common = common;
        found
    }

    /// The load that has what a task brings back; none where there is no load, or another has taken
    /// over from the step of the site that needs it.
    fn loaded_for(&self, task: TaskRef) -> Option<Loaded> {
        let load = self.auditor.loaded_by[usize::from(task.step)]?;
        self.loaded.get(&(task.row, load)).copied()
    }

    /// What a task restores from is what its load has, as it was loaded last.
    fn note_load(&mut self, task: TaskRef) {
        let Some(step) = self.auditor.asks_for[usize::from(task.step)] else { return };
        if let Some(has) = self.load_has(task) {
            self.loaded.insert((task.row, step), has);
        }
    }

    /// To which moment a load that starts now lets a task come back that waits for it, from its loss
    /// and from T+0; where nothing is left, what cannot be read. What is not lost by that has no point.
    fn point_of_load(&mut self, waiting: TaskRef) -> Result<Option<(Point, i128)>, Vec<Backups>> {
        let Some(step) = self.behind(waiting) else { return Ok(None) };
        let loading = Loaded { at: self.now, until: self.now.into() };
        let point = self.point_of(step, waiting.row, Some(loading), None)?;
        let moment = i128::from(self.lost_at(waiting.row, step)) - i128::from(point.meant);
        Ok(Some((point, moment)))
    }

    /// The same for the site that was lost last of those on the shard of a load that are away, whether
    /// or not it has asked; nothing where it goes back to a moment that is not its own.
    fn point_of_last_lost(&mut self, load: TaskRef) -> Option<(Point, i128)> {
        let auditor = self.auditor;
        let (ground, kinds) = (&auditor.ground, &auditor.load_kinds);
        let (service, _) = ground.service(usize::from(load.step))?;
        let shard = ground.shard(service, load.row);
        let own_kind = kinds[usize::from(load.step)];
        let asks = |place: &usize| auditor.asks_for[*place].is_some_and(|it| kinds[it] == own_kind);
        let askers: Vec<usize> = (0..ground.steps.len()).filter(asks).collect();
        let rows = (0u32..).take(self.sites.len());
        let away = rows.filter(|it| ground.shard(service, *it) == shard && self.is_away(*it));
        let mut last: Option<(u64, TaskRef)> = None;
        for row in away {
            for step in askers.iter().filter(|it| ground.has(self.kind(row), **it)) {
                let task = TaskRef { row, step: number_of(*step) };
                let Some(store) = self.behind(task).filter(|it| !is_common(ground, *it)) else {
                    continue;
                };
                last = last.max(Some((self.lost_at(row, store), task)));
            }
        }
        self.point_of_load(last?.1).ok().flatten()
    }

    /// The step that brings back what the load has that a task needs.
    fn behind(&self, waiting: TaskRef) -> Option<usize> {
        let auditor = self.auditor;
        let load = auditor.asks_for[usize::from(waiting.step)]?;
        let has = |it: &&usize| auditor.ground.has(self.kind(waiting.row), **it);
        auditor.behind_load[load].iter().find(has).copied()
    }

    /// When the store of a step of a site was lost.
    fn lost_at(&self, row: u32, step: usize) -> u64 {
        let site = &self.sites[row as usize];
        site.lost_later.get(&step).copied().unwrap_or(site.deleted_at)
    }

    /// A load starts: it takes as long as the one who needs most of those who wait for it. Those for
    /// whom it finds nothing are lost when it ends.
    fn start_load(&mut self, task: TaskRef) -> Prospect {
        let (mut most, mut until, mut is_needed) = (0, None, false);
        let mut all = Vec::new();
        for waiting in self.wait_for_load(task) {
            let (paid, found) = match self.point_of_load(waiting) {
                Ok(None) => (0, Vec::new()),
                Ok(Some((point, moment))) => {
                    until = until.max(Some(moment));
                    let (paid, found) = self.pay(&point.unreadable);
                    (paid + point.replay, found)
                }
                Err(unreadable) => {
                    let (paid, found) = self.pay(&unreadable);
                    if paid == 0 {
                        let how = format!(
                            "{} starts, and nothing is left to restore from for {}",
                            self.name(task),
                            self.name(waiting)
                        );
                        self.breaches.now(Law::DataLoss, how);
                    }
                    self.wait_in_vain(waiting);
                    most = most.max(paid);
                    all.extend(found);
                    continue;
                }
            };
            is_needed = true;
            most = most.max(paid);
            all.extend(found);
        }
        if is_needed && let Some((point, moment)) = self.point_of_last_lost(task) {
            let (paid, found) = self.pay(&point.unreadable);
            most = most.max(paid + point.replay);
            until = until.max(Some(moment));
            all.extend(found);
        }
        self.learn(all);
        if let Some(load) = self.load(task) {
            self.loads[load].until = until.unwrap_or(self.now.into());
        }
        self.prospect(task, most, is_needed)
    }

    /// What it costs an attempt that starts now to find these backups unreadable, as far as nobody
    /// knows that yet; and when everybody knows.
    fn pay(&self, unreadable: &[Backups]) -> (u64, Vec<(Backups, u64)>) {
        let services = &self.auditor.ground.scenario.estate.services;
        let (mut paid, mut found) = (0, Vec::new());
        for it in unreadable {
            if self.unreadable.get(it).is_some_and(|known| *known <= self.now) {
                continue;
            }
            let protection = &services[it.service].protections()[it.protection];
            paid += protection.fall_back.as_millis();
            found.push((*it, self.now + paid));
        }
        (paid, found)
    }

    /// What was found out is known from these instants on.
    fn learn(&mut self, found: Vec<(Backups, u64)>) {
        for (backups, from) in found {
            match self.unreadable.entry(backups) {
                Entry::Vacant(place) => {
                    place.insert(from);
                }
                Entry::Occupied(mut known) => {
                    let first = from.min(*known.get());
                    known.insert(first);
                }
            }
        }
    }

    /// An attempt was to start, and a site is given up in its place, as nothing is left.
    pub(super) fn nothing_left(&mut self, start: &Start) {
        let task = start.task;
        if self.task(task).phase == Phase::Loading {
            return self.nothing_to_load(start);
        }
        self.check_start(task);
        let needs = self.needs_to_start(task);
        self.check_needs(task, start.takes, &needs, "would take");
        self.note_load(task);
        let point = match self.auditor.restore_place(task) {
            Some(_) => self.point(task).map(Some),
            None => Ok(None),
        };
        if let Some(why) = self.why_not_lost(&point) {
            let how = format!("{} is given up, and {why}", self.name(task));
            self.breaches.now(Law::DataLoss, how);
        }
        self.lose(task);
    }

    /// Why nothing is to be lost at once for want of backups; nothing where it is.
    fn why_not_lost<T>(&self, point: &Result<T, Vec<Backups>>) -> Option<&'static str> {
        match point {
            Ok(_) => Some("a backup is left"),
            Err(unreadable) if self.pay(unreadable).0 == 0 => None,
            Err(_) => Some("it takes time to find out that nothing is left"),
        }
    }

    /// A load was to start, and nothing is left for one of those who wait for it.
    fn nothing_to_load(&mut self, needed: &Start) {
        let task = needed.task;
        let Some(load) = self.task_of_load(task) else { return };
        let needs = self.needs_to_start(load);
        self.check_needs(task, needed.takes, &needs, "waits for a load that would take");
        if !self.due.contains(&Due::Load(load)) && self.may_start(load) {
            self.due.push(Due::Load(load));
        }
        let mut waiting = self.wait_for_load(load).into_iter();
        let first = waiting.find(|it| {
            let point = self.point_of_load(*it);
            self.why_not_lost(&point).is_none()
        });
        if first != Some(task) {
            let point = self.point_of_load(task);
            let why = match (first, self.why_not_lost(&point)) {
                (Some(it), _) => {
                    format!("it is the turn of {}, for which nothing is left", self.name(it))
                }
                (None, why) => why.unwrap_or("it does not wait for that").to_owned(),
            };
            let how = format!("{} is given up as its load starts, and {why}", self.name(task));
            self.breaches.now(Law::DataLoss, how);
        }
        self.lose(task);
    }

    /// An attempt ends that has done nothing but find out that nothing is left. Its site is lost; a load
    /// is tried again for whoever has come to need it meanwhile.
    pub(super) fn found_nothing(&mut self, end: &End) {
        let task = end.task;
        if !self.in_vain.contains(&task) {
            let how = format!("{} is said to be in vain, and is not", self.name(task));
            self.breaches.now(Law::DataLoss, how);
        }
        if !self.end_attempt(end) {
            return;
        }
        self.leave_load(task);
        self.in_vain.remove(&task);
        if self.per(task) == Per::Shard {
            let state = self.task_mut(task);
            state.phase = Phase::Waiting;
            state.attempt += 1;
            self.release(task);
        } else {
            self.task_mut(task).phase = Phase::Dropped;
            self.lose(task);
        }
    }

    /// What does nothing but find out that nothing is left comes to nothing else.
    pub(super) fn check_not_in_vain(&mut self, task: TaskRef) {
        if self.in_vain.remove(&task) {
            let how = format!("{} ends, and nothing was left to restore from", self.name(task));
            self.breaches.now(Law::DataLoss, how);
        }
    }

    /// The load of a task had nothing for it.
    pub(super) fn not_in_load(&mut self, task: TaskRef) {
        if !self.discharge(Due::NotInLoad(task)) {
            let how = format!("{} is given up, and its load has something for it", self.name(task));
            self.breaches.now(Law::DataLoss, how);
        }
        self.lose(task);
    }

    /// The load that starts at this instant before anything else does.
    pub(super) fn load_that_starts(&self) -> Option<TaskRef> {
        self.due.iter().find_map(|it| match it {
            Due::Load(load) => Some(*load),
            _ => None,
        })
    }
}
