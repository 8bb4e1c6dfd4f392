//! What sites of one shard share, and what tasks keep beyond their end.

use crate::audit::backups::Loaded;
use crate::audit::breach::Law;
use crate::audit::dates::NEVER;
use crate::audit::graph::number_of;
use crate::audit::state::{Due, Follower, Load, Phase, Task, Where};
use crate::scenario::Per;
use crate::trace::TaskRef;

impl Follower<'_, '_> {
    /// Which load a task needs, or is the task of: its kind and its shard.
    fn load_key(&self, task: TaskRef) -> Option<(usize, u32)> {
        let auditor = self.auditor;
        let step = match self.per(task) {
            Per::Shard => usize::from(task.step),
            _ => auditor.asks_for[usize::from(task.step)]?,
        };
        let (service, _) = auditor.ground.service(step)?;
        Some((auditor.load_kinds[step], auditor.ground.shard(service, task.row)))
    }

    /// The load that a task needs, or is the task of.
    pub(super) fn load(&mut self, task: TaskRef) -> Option<usize> {
        let key = self.load_key(task)?;
        let next = self.loads.len();
        let load = *self.load_of.entry(key).or_insert(next);
        if load == next {
            self.loads.push(Load {
                shard: key.1,
                task: None,
                stands: false,
                users: 0,
                waiting: Vec::new(),
                until: 0,
                lost: Vec::new(),
                keep: 0,
                before: 0,
                idle_since: NEVER,
            });
        }
        Some(load)
    }

    /// The same, if anybody has needed it.
    fn known_load(&self, task: TaskRef) -> Option<usize> {
        self.load_of.get(&self.load_key(task)?).copied()
    }

    pub(super) fn shard_number(&self, task: TaskRef) -> u64 {
        self.known_load(task).map_or(0, |it| u64::from(self.loads[it].shard))
    }

    /// Attempts at a load in the times before; none of another task.
    pub(super) fn loaded_before(&self, task: TaskRef) -> u32 {
        match self.per(task) {
            Per::Shard => self.known_load(task).map_or(0, |it| self.loads[it].before),
            Per::Site | Per::Batch | Per::Once => 0,
        }
    }

    /// Those who wait for the load of a task, in the order in which they came.
    pub(super) fn wait_for_load(&self, task: TaskRef) -> Vec<TaskRef> {
        self.known_load(task).map_or_else(Vec::new, |it| self.loads[it].waiting.clone())
    }

    /// The task of the load that a task needs.
    pub(super) fn task_of_load(&self, task: TaskRef) -> Option<TaskRef> {
        self.loads[self.known_load(task)?].task
    }

    /// What the load of a task has since its last attempt began.
    pub(super) fn load_has(&self, task: TaskRef) -> Option<Loaded> {
        let load = &self.loads[self.known_load(task)?];
        load.task.map(|it| Loaded { at: self.task(it).started, until: load.until })
    }

    pub(super) fn is_loaded(&mut self, task: TaskRef) -> bool {
        self.load(task).is_none_or(|it| self.loads[it].stands)
    }

    /// A task needs its load from now on.
    pub(super) fn use_load(&mut self, task: TaskRef) -> Option<usize> {
        let auditor = self.auditor;
        let load = self.load(task)?;
        let step = auditor.asks_for[usize::from(task.step)]?;
        let keep = auditor.ground.steps[step].step.keep.as_millis();
        let it = &mut self.loads[load];
        it.users += 1;
        it.keep = it.keep.max(keep);
        it.idle_since = NEVER;
        self.idle_loads.retain(|other| *other != load);
        self.loads_changed = true;
        Some(load)
    }

    /// A task waits for its load; the first lets it be loaded.
    pub(super) fn ask_for_load(&mut self, task: TaskRef) {
        let Some(load) = self.use_load(task) else { return };
        let step = self.auditor.asks_for[usize::from(task.step)].expect("it needs a load");
        let it = &mut self.loads[load];
        it.waiting.push(task);
        if it.task.is_none() {
            let own = TaskRef { row: task.row, step: number_of(step) };
            it.task = Some(own);
            *self.task_mut(own) = Task::default();
            self.due.push(Due::Release(own));
        }
    }

    /// A task needs its load no longer, if it needs one.
    pub(super) fn leave_load(&mut self, task: TaskRef) {
        if self.auditor.asks_for[usize::from(task.step)].is_none() {
            return;
        }
        let loading = self.task(task).phase == Phase::Loading;
        let Some(load) = self.load(task) else { return };
        let it = &mut self.loads[load];
        if loading {
            it.waiting.retain(|other| *other != task);
            it.lost.retain(|other| *other != task);
        }
        it.users = it.users.saturating_sub(1);
        if it.users == 0 && !self.idle_loads.contains(&load) {
            self.idle_loads.push(load);
        }
        self.loads_changed = true;
    }

    /// The attempt at its load that starts has nothing for a task that waits for it.
    pub(super) fn wait_in_vain(&mut self, task: TaskRef) {
        let Some(load) = self.known_load(task) else { return };
        self.loads[load].waiting.retain(|it| *it != task);
        self.loads[load].lost.push(task);
    }

    /// An attempt has ended: if it was at a load, those are lost for whom it had nothing.
    pub(super) fn end_waits_in_vain(&mut self, task: TaskRef) {
        if self.per(task) != Per::Shard {
            return;
        }
        let Some(load) = self.known_load(task) else { return };
        let lost = std::mem::take(&mut self.loads[load].lost);
        self.due.extend(lost.into_iter().map(Due::NotInLoad));
    }

    /// A load stands: those that have waited for it could start.
    pub(super) fn complete_load(&mut self, task: TaskRef) {
        let Some(load) = self.load(task) else { return };
        self.loads[load].stands = true;
        for waiting in std::mem::take(&mut self.loads[load].waiting) {
            let waited = self.now - self.task(waiting).since;
            self.own.steps[usize::from(waiting.step)].wait += waited;
            self.due.push(Due::Release(waiting));
        }
    }

    pub(super) fn unloaded(&mut self, task: TaskRef) {
        if self.discharge(Due::Unload(task)) {
            return;
        }
        let Some(load) = self.load(task) else { return };
        self.unload(load, task);
        self.discharge(Due::Unload(task));
    }

    /// A load is freed: nobody may need it, and it has been kept as long as it was to be.
    fn unload(&mut self, load: usize, task: TaskRef) {
        let (now, it) = (self.now, &self.loads[load]);
        let since = if it.idle_since == NEVER { now } else { it.idle_since };
        let how = if it.users > 0 {
            format!("{} is freed, and {} need it", self.name(task), it.users)
        } else if now < since + it.keep {
            format!("{} is freed, and was to be kept longer", self.name(task))
        } else if it.task != Some(task) || !it.stands {
            format!("{} is freed, and does not stand", self.name(task))
        } else {
            String::new()
        };
        if !how.is_empty() {
            self.breaches.now(Law::Loads, how);
        }
        let attempts = self.task(task).attempt + 1;
        self.forget_load(load, attempts);
        self.due.push(Due::Unload(task));
    }

    /// A load is there no more, after so many attempts.
    fn forget_load(&mut self, load: usize, attempts: u32) {
        self.idle_loads.retain(|other| *other != load);
        self.loads_changed = true;
        let it = &mut self.loads[load];
        it.before += attempts;
        it.task = None;
        it.stands = false;
        it.keep = 0;
        it.idle_since = NEVER;
    }

    /// The load of a task is given up before it stands, as nobody waits for it any more.
    pub(super) fn abandon(&mut self, task: TaskRef) -> bool {
        let Some(load) = self.load(task).filter(|it| self.loads[*it].task == Some(task)) else {
            return false;
        };
        if self.loads[load].users > 0 || self.loads[load].stands {
            return false;
        }
        let state = *self.task(task);
        let begun = matches!(state.phase, Phase::Running | Phase::Paused);
        if state.phase == Phase::Eligible {
            self.dequeue(task);
        }
        self.due.retain(|it| *it != Due::Release(task) && *it != Due::Load(task));
        self.task_mut(task).phase = Phase::Dropped;
        self.in_vain.remove(&task);
        self.forget_load(load, state.attempt + u32::from(begun));
        if self.holds.contains_key(&task) {
            self.due.push(Due::Free(task));
        }
        true
    }

    /// A load that has not begun is given up, which it may be as soon as nobody waits for it.
    pub(super) fn cancelled(&mut self, task: TaskRef) {
        let is_begun = matches!(self.task(task).phase, Phase::Running | Phase::Paused);
        if is_begun || self.per(task) != Per::Shard || !self.abandon(task) {
            let how = format!("{} is not to come any more, and is needed", self.name(task));
            self.breaches.now(Law::Loads, how);
        }
    }

    /// What is to become of loads that nobody needs has become of them.
    pub(super) fn settle_loads(&mut self) {
        if !std::mem::take(&mut self.loads_changed) && self.now < self.unload_at {
            return;
        }
        for load in self.idle_loads.clone() {
            let it = &self.loads[load];
            if it.users > 0 {
                continue;
            }
            let Some(task) = it.task else { continue };
            if it.stands {
                let now = self.now;
                let it = &mut self.loads[load];
                if it.idle_since == NEVER {
                    it.idle_since = now;
                }
                if it.idle_since + it.keep <= now {
                    let how = format!("{} is needed no more, and stands", self.name(task));
                    self.breaches.now(Law::Loads, how);
                }
            } else {
                let how = format!("{} is needed no more, and is still to come", self.name(task));
                self.breaches.now(Law::Loads, how);
            }
        }
        self.plan_unloading();
    }

    /// A load that is kept unneeded is to be freed at a known instant, if nobody comes.
    fn plan_unloading(&mut self) {
        let ends = self.idle_loads.iter().map(|it| &self.loads[*it]);
        let ends = ends.filter(|it| it.stands && it.users == 0);
        self.unload_at = ends.map(|it| it.idle_since + it.keep).min().unwrap_or(NEVER);
    }

    /// No load stands longer than it was to, up to an instant.
    pub(super) fn check_unloading(&mut self, at: u64) {
        if self.unload_at < at.min(self.auditor.horizon + 1) {
            let how = "a load is kept longer than it was to be".to_owned();
            self.breaches.now(Law::Loads, how);
            self.unload_at = NEVER;
        }
    }

    /// A step is done until which something may be kept.
    pub(super) fn end_holds(&mut self, task: TaskRef) {
        if self.keeping[task.row as usize] == 0 {
            return;
        }
        let auditor = self.auditor;
        let (per, step) = (self.per(task), usize::from(task.step));
        let track = auditor.ground.steps[step].track;
        let row = TaskRef { row: task.row, step: 0 }..=TaskRef { row: task.row, step: u16::MAX };
        let of_row: Vec<TaskRef> = self.holds.range(row).map(|it| *it.0).collect();
        for holder in of_row {
            let own = usize::from(holder.step);
            let Some(until) = auditor.ground.steps[own].step.holds_until else { continue };
            if self.per(holder) != per || auditor.ground.steps[own].track != track {
                continue;
            }
            let kind = self.kind(task.row);
            let ends = auditor.graph.ends_of_hold(&auditor.ground, kind, own, until);
            let done =
                |it: usize| self.task(TaskRef { step: number_of(it), ..task }).phase == Phase::Done;
            // Only the end of one of these gives it back.
            let counts = own == step || ends.contains(&step);
            if counts && done(own) && ends.iter().all(|it| done(*it)) {
                self.free_later(holder);
            }
        }
    }

    /// What a task keeps is to be told to be free at this instant.
    pub(super) fn free_later(&mut self, holder: TaskRef) {
        if !self.due.contains(&Due::Free(holder)) {
            self.due.push(Due::Free(holder));
        }
    }

    /// What is kept for a site, a batch or a track is free.
    pub(super) fn end_holds_of(&mut self, track: usize, row: u32, per: Per) {
        let its = |it: &&TaskRef| {
            let step = usize::from(it.step);
            it.row == row && self.per(**it) == per && self.auditor.ground.steps[step].track == track
        };
        let all: Vec<TaskRef> = self.holds.keys().filter(its).copied().collect();
        all.into_iter().for_each(|it| self.free_later(it));
    }

    /// What is kept over a step that escalates is free.
    pub(super) fn free_over(&mut self, failing: TaskRef) {
        if self.holds.is_empty() {
            return;
        }
        let auditor = self.auditor;
        let (ground, step) = (&auditor.ground, usize::from(failing.step));
        let track = ground.steps[step].track;
        let its = |task: &&TaskRef| {
            let holder = usize::from(task.step);
            let Some(until) = ground.steps[holder].step.holds_until else { return false };
            if task.row != failing.row
                || self.per(**task) != self.per(failing)
                || ground.steps[holder].track != track
            {
                return false;
            }
            let kinds = 0..ground.kinds.len();
            kinds.into_iter().any(|kind| {
                let later = auditor.graph.reached(ground, kind, vec![step]);
                let ends = auditor.graph.ends_of_hold(ground, kind, holder, until);
                auditor.graph.reached(ground, kind, vec![holder]).contains(&step)
                    && ends.iter().any(|it| later.contains(it))
            })
        };
        let all: Vec<TaskRef> = self.holds.keys().filter(its).copied().collect();
        all.into_iter().for_each(|it| self.free_later(it));
    }

    pub(super) fn held(&mut self, task: TaskRef, keeps: u16) {
        self.begin_start(task);
        let kept = self.kept_needs(task);
        self.check_needs(task, keeps, &kept, "keeps");
        if kept.is_empty() || self.holds.contains_key(&task) {
            let how = format!("{} keeps what it has, or nothing", self.name(task));
            self.breaches.now(Law::Holds, how);
        }
        self.pools.take(&kept, self.now);
        if self.holds.insert(task, (self.now, kept)).is_none() {
            self.keeping[task.row as usize] += 1;
        }
        self.starting = Some(task);
    }

    pub(super) fn freed(&mut self, task: TaskRef, frees: u16, held: u64) {
        if !self.discharge(Due::Free(task)) {
            let load = match self.per(task) {
                Per::Shard => self.load(task),
                Per::Site | Per::Batch | Per::Once => None,
            };
            let stands = load.is_some_and(|it| self.loads[it].stands);
            let is_over = self.now == self.auditor.horizon;
            match load {
                _ if is_over => self.is_over = true,
                Some(load) if stands => self.unload(load, task),
                _ => {
                    let how = format!("what {} keeps is freed early", self.name(task));
                    self.breaches.now(Law::Holds, how);
                }
            }
        }
        let Some((since, kept)) = self.holds.remove(&task) else {
            let how = format!("{} frees what it does not keep", self.name(task));
            self.breaches.now(Law::Holds, how);
            return;
        };
        self.keeping[task.row as usize] -= 1;
        self.check_needs(task, frees, &kept, "frees");
        self.check_number(Law::Tallies, task, "kept it for", held, self.now - since);
        self.pools.give_back(&kept, self.now);
        self.last_end = self.now;
    }

    /// What is kept has somebody who will give it back.
    pub(super) fn settle_holds(&mut self) {
        let auditor = self.auditor;
        let lost = self.holds.keys().find(|it| {
            let track = auditor.ground.steps[usize::from(it.step)].track;
            match self.per(**it) {
                Per::Site => self.batch_of[self.of_track(track, it.row)] == Where::Gone,
                Per::Batch | Per::Shard | Per::Once => false,
            }
        });
        if let Some(task) = lost.copied() {
            let how = format!("what {} kept is not freed, and its site has left", self.name(task));
            self.breaches.now(Law::Holds, how);
        }
    }
}
