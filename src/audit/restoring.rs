//! What attempts restore from: when the backups are asked, what that costs, and which sites are lost
//! because nothing is left.

use std::collections::btree_map::Entry;

use crate::audit::backups::{Asking, Backups, Point, point};
use crate::audit::breach::Law;
use crate::audit::state::{Due, Follower, Phase};
use crate::scenario::Per;
use crate::trace::{Start, TaskRef};

impl Follower<'_, '_> {
    /// Fixes to which moment an attempt that starts brings its store back, or what a load that starts
    /// has for those who wait for it; by how much longer it takes for that.
    pub(super) fn restore(&mut self, task: TaskRef) -> u64 {
        if self.per(task) == Per::Shard {
            return self.start_load(task);
        }
        self.note_load(task);
        let Some(place) = self.auditor.restore_place(task) else { return 0 };
        let Some(point) = self.point(task) else {
            let how = format!("{} starts, and nothing is left to restore from", self.name(task));
            self.breaches.now(Law::DataLoss, how);
            return 0;
        };
        self.losses[place] = Some((point.meant, point.present));
        if let Some(failing) = self.auditor.stands_in_for[usize::from(task.step)]
            && let Some(place) = self.auditor.restore_place(TaskRef { step: failing, ..task })
        {
            // What it stands in for has brought back nothing that counts.
            self.losses[place] = None;
        }
        if self.loaded_at(task).is_some() {
            // The load has paid.
            return 0;
        }
        let (paid, found) = self.pay(&point);
        self.learn(found);
        paid
    }

    /// To which moment an attempt of a site step that starts now brings its store back.
    fn point(&self, task: TaskRef) -> Option<Point> {
        let step = usize::from(task.step);
        let loaded = self.loaded_at(task);
        let draws = &self.auditor.draws.steps[step];
        let asking = Asking {
            step,
            row: task.row,
            kind: self.kind(task.row),
            now: loaded.unwrap_or(self.now),
            loaded,
            deleted_at: self.sites[task.row as usize].deleted_at,
            picks: Some((self.task(task).attempt, draws)),
        };
        point(&self.auditor.ground, &self.drawn, asking)
    }

    /// When the load started that has what a task brings back; none where there is no load, or
    /// another has taken over from the step of the site that needs it.
    fn loaded_at(&self, task: TaskRef) -> Option<u64> {
        let load = self.auditor.loaded_by[usize::from(task.step)]?;
        self.loaded.get(&(task.row, load)).copied()
    }

    /// What a task restores from is what its load has, as it was loaded last.
    fn note_load(&mut self, task: TaskRef) {
        let Some(step) = self.auditor.asks_for[usize::from(task.step)] else { return };
        if let Some(started) = self.load_started(task) {
            self.loaded.insert((task.row, step), started);
        }
    }

    /// To which moment a load that starts now lets a task come back that waits for it. Nothing where
    /// nothing is left; what is not lost by that has no point.
    fn point_of_load(&self, waiting: TaskRef) -> Option<Option<Point>> {
        let auditor = self.auditor;
        let load = auditor.asks_for[usize::from(waiting.step)]?;
        let mut behind = auditor.behind_load[load].iter();
        let has = |it: &&usize| auditor.ground.has(self.kind(waiting.row), **it);
        let Some(step) = behind.find(has) else { return Some(None) };
        let asking = Asking {
            step: *step,
            row: waiting.row,
            kind: self.kind(waiting.row),
            now: self.now,
            loaded: Some(self.now),
            deleted_at: self.sites[waiting.row as usize].deleted_at,
            picks: None,
        };
        point(&auditor.ground, &self.drawn, asking).map(Some)
    }

    /// A load starts: all who wait for it are there, and it takes as long as the one who needs most.
    fn start_load(&mut self, task: TaskRef) -> u64 {
        let mut most = 0;
        let mut all = Vec::new();
        for waiting in self.wait_for_load(task) {
            match self.point_of_load(waiting) {
                None => {
                    let how = format!(
                        "{} starts, and nothing is left to restore from for {}",
                        self.name(task),
                        self.name(waiting)
                    );
                    self.breaches.now(Law::DataLoss, how);
                }
                Some(None) => {}
                Some(Some(point)) => {
                    let (paid, found) = self.pay(&point);
                    most = most.max(paid);
                    all.extend(found);
                }
            }
        }
        self.learn(all);
        most
    }

    /// What it costs to restore from a point in an attempt that starts now, with what it finds out
    /// that nobody knows yet; and when everybody knows that.
    fn pay(&self, point: &Point) -> (u64, Vec<(Backups, u64)>) {
        let services = &self.auditor.ground.scenario.estate.services;
        let (mut paid, mut found) = (0, Vec::new());
        for it in &point.unreadable {
            if self.unreadable.get(it).is_some_and(|known| *known <= self.now) {
                continue;
            }
            let protection = &services[it.service].protections()[it.protection];
            paid += protection.fall_back.as_millis();
            found.push((*it, self.now + paid));
        }
        (paid + point.replay, found)
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
    pub(super) fn nothing_left(&mut self, it: &Start) {
        let task = it.task;
        if self.task(task).phase == Phase::Loading {
            return self.nothing_to_load(it);
        }
        self.check_start(task);
        let needs = self.needs_to_start(task);
        self.check_needs(task, it.takes, &needs, "would take");
        if self.auditor.restore_place(task).is_none() || self.point_after(task).is_some() {
            let how = format!("{} is given up, and a backup is left", self.name(task));
            self.breaches.now(Law::DataLoss, how);
        }
        self.lose(task);
    }

    /// The same of an attempt that would use its load as it is now.
    fn point_after(&mut self, task: TaskRef) -> Option<Point> {
        self.note_load(task);
        self.point(task)
    }

    /// A load was to start, and nothing is left for one of those who wait for it.
    fn nothing_to_load(&mut self, it: &Start) {
        let task = it.task;
        let Some(load) = self.task_of_load(task) else { return };
        let needs = self.needs_to_start(load);
        self.check_needs(task, it.takes, &needs, "waits for a load that would take");
        if !self.due.contains(&Due::Load(load)) && self.may_start(load) {
            self.due.push(Due::Load(load));
        }
        let mut waiting = self.wait_for_load(load).into_iter();
        let first = waiting.find(|it| self.point_of_load(*it).is_none());
        if first != Some(task) {
            let why = first.map_or("a backup is left".to_owned(), |it| {
                format!("it is the turn of {}, for which nothing is left", self.name(it))
            });
            let how = format!("{} is given up as its load starts, and {why}", self.name(task));
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
