//! What happens to a task: it can start, starts, ends, and lets others go.

use crate::audit::breach::Law;
use crate::audit::dates::NEVER;
use crate::audit::draws::{Asked, Crew};
use crate::audit::graph::{number_of, per};
use crate::audit::pools::key;
use crate::audit::restoring::Prospect;
use crate::audit::state::{Due, Follower, Phase, Where, number, time};
use crate::ids::Id;
use crate::scenario::Per;
use crate::trace::{End, Practice, Resource, Start, TaskRef};
use crate::units::SimTime;

/// Two factors are the same but for the last bits.
fn same(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-12 * one.abs().max(1.0)
}

/// What a task lacks to start.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lacks {
    /// The end of another.
    End(TaskRef),
    /// That another fails too often.
    Failure(TaskRef),
    /// That its track opens.
    Opening(usize),
    /// That its track takes the site.
    Taking(usize),
    /// The site does not have the step at all.
    Step,
}

impl Follower<'_, '_> {
    /// What a task still waits for; nothing if it can start as far as others go.
    pub(super) fn waits_for(&self, task: TaskRef) -> Option<Lacks> {
        let auditor = self.auditor;
        let ground = &auditor.ground;
        let step = usize::from(task.step);
        let facts = &ground.steps[step];
        if let Some(failing) = auditor.stands_in_for[step] {
            let failing = TaskRef { step: failing, ..task };
            let over = self.task(failing).phase == Phase::TakenOver;
            return (!over).then_some(Lacks::Failure(failing));
        }
        let once = |it: &usize| TaskRef { row: 0, step: *it as u16 };
        match facts.step.per {
            Per::Once if !self.tracks[facts.track].open => Some(Lacks::Opening(facts.track)),
            Per::Once => {
                auditor.graph.onces[step].before.iter().find_map(|it| self.undone(once(it)))
            }
            Per::Shard => None,
            Per::Batch => self.barrier_waits_for(task, step),
            Per::Site => {
                if !ground.has(self.kind(task.row), step) {
                    return Some(Lacks::Step);
                }
                let shape = &auditor.graph.shapes[self.kind(task.row)];
                let place = self.batch_of[self.of_track(facts.track, task.row)];
                if shape.is_first[step] && !matches!(place, Where::In(_)) {
                    return Some(Lacks::Taking(facts.track));
                }
                let mut before = shape.around[step].before.iter();
                let waits = before.find_map(|it| match per(ground, *it) {
                    Per::Once => self.never_done(once(it)),
                    Per::Batch => match place {
                        Where::In(batch) => {
                            let row = self.batches[batch as usize].members[0];
                            self.never_done(TaskRef { row, step: *it as u16 })
                        }
                        Where::Never | Where::Gone => Some(Lacks::Taking(facts.track)),
                    },
                    Per::Site | Per::Shard => self.undone(TaskRef { step: *it as u16, ..task }),
                });
                waits.or_else(|| self.excused_before(task))
            }
        }
    }

    fn undone(&self, task_ref: TaskRef) -> Option<Lacks> {
        (self.task(task_ref).phase != Phase::Done).then_some(Lacks::End(task_ref))
    }

    fn never_done(&self, task_ref: TaskRef) -> Option<Lacks> {
        (!self.task(task_ref).was_done).then_some(Lacks::End(task_ref))
    }

    /// The batch that a task is done for, of a batch step.
    pub(super) fn batch_of_task(&self, task: TaskRef) -> Option<u32> {
        let track = self.auditor.ground.steps[usize::from(task.step)].track;
        match self.per(task) {
            Per::Batch => self.heads[self.of_track(track, task.row)],
            Per::Site | Per::Shard | Per::Once => None,
        }
    }

    fn barrier_waits_for(&self, task: TaskRef, step: usize) -> Option<Lacks> {
        let (auditor, ground) = (self.auditor, &self.auditor.ground);
        let Some(batch) = self.batch_of_task(task) else {
            return Some(Lacks::Taking(ground.steps[step].track));
        };
        let own = |it: &usize| TaskRef { step: *it as u16, ..task };
        let once = |it: &usize| TaskRef { row: 0, step: *it as u16 };
        let batches = &auditor.graph.batches[step].before;
        let onces = &auditor.graph.onces[step].before;
        let of_site = |row: u32| {
            let shape = &auditor.graph.shapes[self.kind(row)];
            shape.around[step].before.iter().find_map(|earlier| {
                let earlier = TaskRef { row, step: *earlier as u16 };
                let state = self.task(earlier);
                (!state.was_done && !state.excused).then_some(Lacks::End(earlier))
            })
        };
        batches
            .iter()
            .find_map(|it| self.undone(own(it)))
            .or_else(|| onces.iter().find_map(|it| self.never_done(once(it))))
            .or_else(|| self.members(batch).find_map(of_site))
    }

    /// Behind a barrier that went on without a site, the site itself waits for what was left out.
    fn excused_before(&self, task: TaskRef) -> Option<Lacks> {
        let (auditor, ground) = (self.auditor, &self.auditor.ground);
        let of_row = self.excused.get(&task.row)?;
        let kind = self.kind(task.row);
        let behind = |it: &&usize| {
            auditor.graph.behind(ground, kind, **it).0.contains(&usize::from(task.step))
        };
        let left_out = of_row.iter().find(behind)?;
        Some(Lacks::End(TaskRef { step: *left_out as u16, ..task }))
    }

    /// What a task lacks, in words.
    fn lacks(&self, what: Lacks) -> String {
        let ground = &self.auditor.ground;
        match what {
            Lacks::End(it) => format!("{} is not done", self.name(it)),
            Lacks::Failure(it) => format!("{} has not failed too often", self.name(it)),
            Lacks::Opening(it) => format!("track `{}` is not open", ground.track_name(it)),
            Lacks::Taking(it) => format!("track `{}` does not have it", ground.track_name(it)),
            Lacks::Step => "the site does not have the step".to_owned(),
        }
    }

    /// Lets a task go if nothing holds it back any more.
    pub(super) fn try_release(&mut self, task: TaskRef) {
        if self.task(task).phase == Phase::Waiting && self.waits_for(task).is_none() {
            self.release(task);
        }
    }

    /// A task can start from now on, or what stands in for it.
    pub(super) fn release(&mut self, task: TaskRef) {
        let auditor = self.auditor;
        let Some(taking) =
            auditor.taken_by[usize::from(task.step)].filter(|_| self.task(task).escalated)
        else {
            if !self.due.contains(&Due::Release(task)) {
                self.due.push(Due::Release(task));
            }
            return;
        };
        self.task_mut(task).phase = Phase::TakenOver;
        let taking = TaskRef { step: taking, ..task };
        let state = self.task_mut(taking);
        if state.phase == Phase::Done {
            state.phase = Phase::Waiting;
            state.attempt += 1;
        }
        self.due.push(Due::Release(taking));
    }

    /// A task was let go; says whether it was to be.
    fn let_go(&mut self, task: TaskRef) -> bool {
        if self.discharge(Due::Release(task)) {
            return true;
        }
        if self.is_emptied_now(task) {
            // As a track closes its sites leave one after the other: a barrier that one of them lets
            // go is given up as the last leaves.
            return false;
        }
        let why = match self.waits_for(task) {
            Some(it) => self.lacks(it),
            None => format!("it is {:?} already", self.task(task).phase).to_lowercase(),
        };
        let how = format!("{} is let go: {why}", self.name(task));
        self.breaches.now(Law::Precedence, how);
        false
    }

    pub(super) fn asked(&mut self, task: TaskRef) {
        if !self.let_go(task) {
            return;
        }
        if self.is_loaded(task) {
            let how = format!("{} waits for a load that stands", self.name(task));
            self.breaches.now(Law::Loads, how);
        }
        let now = self.now;
        let state = self.task_mut(task);
        state.phase = Phase::Loading;
        state.since = now;
        self.ask_for_load(task);
    }

    pub(super) fn eligible(&mut self, task: TaskRef) {
        if !self.let_go(task) {
            return;
        }
        let step = usize::from(task.step);
        if self.auditor.asks_for[step].is_some() {
            if !self.is_loaded(task) {
                let how = format!("{} could start, and its load does not stand", self.name(task));
                self.breaches.now(Law::Loads, how);
            }
            if self.task(task).phase != Phase::Loading {
                self.use_load(task);
            }
        }
        let now = self.now;
        let by_machine = self.automated[step];
        let rank = self.auditor.rank(&self.drawn, task, now);
        let state = self.task_mut(task);
        state.phase = Phase::Eligible;
        state.since = now;
        state.by_machine = by_machine;
        state.rank = rank;
        self.enqueue(task);
    }

    /// Puts a task that could start among those that need the same.
    pub(super) fn enqueue(&mut self, task: TaskRef) {
        let step = usize::from(task.step);
        let group = match self.needs.groups[step] {
            Some(known) => known,
            None => {
                let needs = self.needs_to_start(task);
                let stopped_by = self.auditor.stopped_by[step].clone();
                let group = self.pools.group(needs.to_vec(), stopped_by);
                if self.auditor.is_plain[step] {
                    self.needs.groups[step] = Some(group);
                }
                group
            }
        };
        let state = self.task_mut(task);
        state.group = group;
        let key = self.key(task);
        self.pools.wait(group, key);
    }

    /// A task waits for nobody any more.
    pub(super) fn dequeue(&mut self, task: TaskRef) {
        let (group, key) = (self.task(task).group, self.key(task));
        self.pools.leave(group, key);
    }

    fn key(&self, task: TaskRef) -> u128 {
        let track = self.auditor.ground.steps[usize::from(task.step)].track;
        key(self.task(task).rank, track, task)
    }

    /// A task takes what it keeps, right before it starts.
    pub(super) fn begin_start(&mut self, task: TaskRef) {
        self.check_start(task);
    }

    /// Whether a task may start now, and before all others; it waits no longer.
    pub(super) fn check_start(&mut self, task: TaskRef) {
        if self.discharge(Due::Load(task)) || self.may_start(task) {
            self.dequeue(task);
        }
    }

    /// Whether a task could start now, and comes before all others.
    pub(super) fn may_start(&mut self, task: TaskRef) -> bool {
        if self.task(task).phase != Phase::Eligible {
            let lacks = self.waits_for(task).map(|it| self.lacks(it));
            let why = lacks.unwrap_or_else(|| "it was not let go".to_owned());
            let how = format!("{} starts: {why}", self.name(task));
            self.breaches.now(Law::Precedence, how);
            return false;
        }
        if let Some(load) = self.load_that_starts() {
            let how = format!("{} starts before {}", self.name(task), self.name(load));
            self.breaches.now(Law::Loads, how);
        }
        let (group, own) = (self.task(task).group, self.key(task));
        let needs = self.needs_to_start(task);
        if !self.pools.fits(&needs) {
            let how = format!("{} starts, and {}", self.name(task), self.lacking(&needs));
            self.breaches.now(Law::Taking, how);
        }
        if self.pools.is_stopped(&self.auditor.stopped_by[usize::from(task.step)]) {
            let how = format!("{} starts, and an inject stops it", self.name(task));
            self.breaches.now(Law::Taking, how);
        }
        if !self.pools.needs_nothing(group) {
            if let Some(other) = self.pools.better(group, own) {
                let how = format!(
                    "{} starts, and {} waits, could start, and comes first",
                    self.name(task),
                    self.name(other)
                );
                self.breaches.now(Law::Rank, how);
            }
            self.check_nobody_pauses(task);
        }
        true
    }

    fn lacking(&self, needs: &[(usize, u32)]) -> String {
        let lacks = |(part, units): &&(usize, u32)| {
            let (in_use, there) = self.pools.use_of(*part);
            in_use + units > there
        };
        let Some((part, units)) = needs.iter().find(lacks) else { return String::new() };
        let (in_use, there) = self.pools.use_of(*part);
        let scenario = self.auditor.ground.scenario;
        let name = match self.pools.resource(*part) {
            Resource::Team(it) => format!("team `{}`", scenario.teams[it].name),
            Resource::Limit(it) => format!("limit `{}`", scenario.limits[it].name),
        };
        format!("{name} has {there}, of which {in_use} are taken and {units} more are needed")
    }

    pub(super) fn started(&mut self, start: &Start) {
        let task = start.task;
        let keeps = self.starting.take() == Some(task);
        if !keeps {
            self.check_start(task);
        }
        let step = usize::from(task.step);
        let running = self.running_needs(task);
        let takes = if keeps { self.all_needs(task) } else { running.clone() };
        if !keeps && self.keeps_anything(task) && !self.holds.contains_key(&task) {
            let how = format!("{} starts without what it is to keep", self.name(task));
            self.breaches.now(Law::Holds, how);
        }
        self.check_needs(task, start.takes, &takes, "takes");
        self.check_needs(task, start.has, &running, "has");
        self.pools.take(&running, self.now);
        self.check_attempt(task, start.attempt);
        let (now, state) = (self.now, *self.task(task));
        self.check_number(Law::Tallies, task, "waited", start.waited, now - state.since);
        if start.again != (state.attempt > 0) {
            let how = format!("{} says wrongly whether it is done again", self.name(task));
            self.breaches.now(Law::Rework, how);
        }
        let crew = self.crew(task);
        if start.by_machine != (crew == Crew::Automated) {
            let how = format!("{} is done by the wrong ones, people or a machine", self.name(task));
            self.breaches.now(Law::Automation, how);
        }
        let work = self.auditor.graph.work[step];
        let practised = self.auditor.draws.practised(step, self.completions[work]);
        if !same(practised, start.practised) {
            let how = format!(
                "practice leaves {} of the time of {}, and not {}",
                practised,
                self.name(task),
                start.practised
            );
            self.breaches.now(Law::Practice, how);
        }
        let restoring = self.begin_restoring(task);
        let marked = self.mark(step);
        let length = match restoring {
            Prospect::Longer(longer) => self.length(task, crew).map(|it| it + longer),
            Prospect::InVain(length) => Some(length),
        };
        self.check_length(task, start.length, length);
        self.own.steps[step].wait += now - state.since;
        let state = self.task_mut(task);
        state.phase = Phase::Running;
        state.since = now;
        state.started = now;
        state.marked = marked;
        state.ends = length.map_or(NEVER, |it| now + it);
        if self.auditor.can_pause[step] {
            self.running.insert(task);
        }
    }

    fn check_length(&mut self, task: TaskRef, told: Option<u64>, own: Option<u64>) {
        if told != own {
            let words = |number: Option<u64>| {
                number.map_or("as long as it moves".to_owned(), |it| {
                    crate::units::SimDuration::from_millis(it).to_string()
                })
            };
            let ms = match (told, own) {
                (Some(told), Some(own)) => format!(" ({told} ms and {own} ms)"),
                _ => String::new(),
            };
            let how = format!(
                "{} takes {}; its draw and its factors say {}{ms}",
                self.name(task),
                words(told),
                words(own)
            );
            self.breaches.now(Law::Length, how);
        }
    }

    pub(super) fn check_number(
        &mut self,
        law: Law,
        task: TaskRef,
        what: &str,
        told: u64,
        own: u64,
    ) {
        if told != own {
            let how = format!("{} {what} {own} ms, and the log says {told} ms", self.name(task));
            self.breaches.now(law, how);
        }
    }

    /// Attempts at a task before the present one, as its draws count them.
    pub(super) fn attempts_before(&self, task: TaskRef) -> u32 {
        self.task(task).attempt + self.loaded_before(task)
    }

    fn check_attempt(&mut self, task: TaskRef, told: u32) {
        let own = self.attempts_before(task) + 1;
        if told != own {
            let how = format!("{} is attempt {own}, and the log says {told}", self.name(task));
            self.breaches.now(Law::Rework, how);
        }
    }

    /// How long an attempt takes that starts now; none of a transfer.
    fn length(&self, task: TaskRef, crew: Crew) -> Option<u64> {
        let auditor = self.auditor;
        let step = usize::from(task.step);
        if auditor.transfers[step] {
            return None;
        }
        let batch = self.batch_of_task(task);
        let members: Vec<u32> = batch.map_or_else(Vec::new, |it| self.members(it).collect());
        let asked = Asked {
            step,
            row: task.row,
            attempt: self.attempts_before(task),
            number: match self.per(task) {
                Per::Batch => batch.map_or(0, |it| self.batches[it as usize].number.into()),
                Per::Shard => self.shard_number(task),
                Per::Site | Per::Once => 0,
            },
            batch: &members,
            crew,
            completions: self.completions[auditor.graph.work[step]],
            strain: self.strain(step, crew),
        };
        Some(auditor.draws.length(&self.drawn, &asked))
    }

    /// By how much longer an attempt takes for what else goes on and for long hours: what the team
    /// loses that loses most.
    fn strain(&self, step: usize, crew: Crew) -> f64 {
        let ground = &self.auditor.ground;
        let people = self.auditor.draws.people(step, crew).iter();
        let lost = |(team, _): &(usize, u32)| {
            let it = &ground.scenario.teams.as_slice()[*team];
            if it.coordination == crate::scenario::Coordination::FREE && it.fatigue.is_empty() {
                return 1.0;
            }
            let at_work = self.tracks.iter().filter(|it| it.is_at_work()).count();
            let batches: u32 = self.tracks.iter().map(|it| it.in_flight).sum();
            let beside = |count: f64| (count - 1.0).max(0.0);
            let apart = it.coordination.per_track * beside(at_work as f64)
                + it.coordination.per_batch * beside(f64::from(batches));
            let there = self.pools.came(*team).map_or(0, |came| self.now - came);
            let tired = it.fatigue.iter().rfind(|it| it.0.as_millis() <= there);
            let tired = tired.map_or(1.0, |it| it.1);
            (1.0 + apart).min(it.coordination.at_most) * tired
        };
        people.filter(|it| it.1 > 0).map(lost).fold(1.0, f64::max)
    }

    /// An attempt ends; its people and units are free. Says how long it ran.
    pub(super) fn end_attempt(&mut self, end: &End) -> bool {
        let task = end.task;
        let state = *self.task(task);
        if state.phase != Phase::Running {
            let how = format!("{} ends, and does not run", self.name(task));
            self.breaches.now(Law::Precedence, how);
            return false;
        }
        let step = usize::from(task.step);
        self.check_attempt(task, end.attempt);
        if !self.auditor.transfers[step] && state.ends != self.now {
            let how = format!(
                "{} ends now, and was to end at {} ({} ms)",
                self.name(task),
                time(state.ends),
                state.ends
            );
            self.breaches.now(Law::Length, how);
        }
        self.free_running(end, state.since);
        self.running.remove(&task);
        self.count_end(task, self.now - state.since);
        self.end_waits_in_vain(task);
        true
    }

    /// The people and units of an attempt that has run since an instant are free.
    pub(super) fn free_running(&mut self, end: &End, since: u64) {
        let needs = self.running_needs(end.task);
        self.check_needs(end.task, end.frees, &needs, "frees");
        if !self.pools.give_back(&needs, self.now) {
            let how = format!("{} gives back what it does not have", self.name(end.task));
            self.breaches.now(Law::Needs, how);
        }
        let ran = end.ran.unwrap_or(NEVER);
        self.check_number(Law::Tallies, end.task, "ran", ran, self.now - since);
    }

    pub(super) fn count_end(&mut self, task: TaskRef, ran: u64) {
        let tally = &mut self.own.steps[usize::from(task.step)];
        tally.attempts += 1;
        tally.work += ran;
        tally.last_end = SimTime::from_millis(self.now);
        self.last_end = self.now;
    }

    pub(super) fn finished(&mut self, end: &End, practice: Practice) {
        let task = end.task;
        if !self.end_attempt(end) {
            return;
        }
        self.check_not_in_vain(task);
        self.leave_load(task);
        let (found, is_hidden) = self.judge(task);
        if let Some(it) = found.first() {
            let failing = self.name(TaskRef { step: number_of(it.step), ..task });
            let how = format!("{} ends well, and {failing} has failed", self.name(task));
            self.breaches.now(Law::Rework, how);
        }
        self.check_practice(task, practice);
        self.task_mut(task).defect = is_hidden;
        self.complete_judged(task);
    }

    fn check_practice(&mut self, task: TaskRef, told: Practice) {
        let auditor = self.auditor;
        let work = auditor.graph.work[usize::from(task.step)];
        let own = self.completions[work] + 1;
        let same = usize::from(told.work) < auditor.graph.work.len()
            && auditor.graph.work[usize::from(told.work)] == work;
        if !same || told.completions != own {
            let how = format!(
                "the work of {} has been done {own} times, and the log says {}",
                self.name(task),
                told.completions
            );
            self.breaches.now(Law::Practice, how);
        }
    }

    /// A task is done, as what stands in for another or for itself.
    pub(super) fn complete_judged(&mut self, task: TaskRef) {
        let step = usize::from(task.step);
        if let Some(failing) = self.auditor.stands_in_for[step] {
            let state = self.task_mut(task);
            state.phase = Phase::Done;
            state.was_done = true;
            self.count_completion(step);
            self.reach(task);
            self.look_at_losses(task);
            self.complete_judged(TaskRef { step: failing, ..task });
            return;
        }
        let was_excused = self.task(task).excused;
        self.complete(task);
        if was_excused {
            self.end_excuse(task);
        }
    }

    fn count_completion(&mut self, step: usize) {
        let work = self.auditor.graph.work[step];
        self.completions[work] += 1;
        self.automate_by_runs(work);
    }

    /// A task is done: others go on.
    fn complete(&mut self, task: TaskRef) {
        let step = usize::from(task.step);
        self.count_completion(step);
        let per = self.per(task);
        let state = self.task_mut(task);
        state.phase = Phase::Done;
        let again = std::mem::replace(&mut state.was_done, true) && per != Per::Shard;
        match per {
            _ if again => self.complete_again(task),
            Per::Site => self.complete_for_site(task),
            Per::Batch => self.complete_for_batch(task),
            Per::Shard => self.complete_load(task),
            Per::Once => self.complete_once(task),
        }
        self.end_holds(task);
        self.repair(task);
        self.look_at_losses(task);
        self.reach(task);
    }

    /// Done again after a later failure: only what has waited for that goes on.
    fn complete_again(&mut self, task: TaskRef) {
        for later in self.followers(task) {
            self.try_release(later);
        }
    }

    /// What comes right after a task, of its kind.
    pub(super) fn followers(&self, task: TaskRef) -> Vec<TaskRef> {
        let auditor = self.auditor;
        let step = usize::from(task.step);
        let after = match self.per(task) {
            Per::Site => {
                let kind = self.kind(task.row);
                &auditor.graph.shapes[kind].around[step].after
            }
            Per::Batch => &auditor.graph.batches[step].after,
            Per::Once => &auditor.graph.onces[step].after,
            Per::Shard => return Vec::new(),
        };
        let same = after.iter().filter(|it| per(&auditor.ground, **it) == self.per(task));
        same.map(|it| TaskRef { step: number_of(*it), ..task }).collect()
    }

    fn complete_for_site(&mut self, task: TaskRef) {
        let auditor = self.auditor;
        let kind = self.kind(task.row);
        for later in &auditor.graph.shapes[kind].around[usize::from(task.step)].after {
            let step = number_of(*later);
            match per(&auditor.ground, *later) {
                Per::Batch => {
                    let track = auditor.ground.steps[*later].track;
                    if let Where::In(batch) = self.batch_of[self.of_track(track, task.row)] {
                        let row = self.batches[batch as usize].members[0];
                        self.try_release(TaskRef { row, step });
                    }
                }
                Per::Site | Per::Once | Per::Shard => self.try_release(TaskRef { step, ..task }),
            }
        }
        self.pass_gates(task);
    }

    fn complete_for_batch(&mut self, task: TaskRef) {
        let auditor = self.auditor;
        let step = usize::from(task.step);
        for later in &auditor.graph.batches[step].after {
            self.try_release(TaskRef { step: number_of(*later), ..task });
        }
        let Some(batch) = self.batch_of_task(task) else { return };
        for row in self.members(batch).collect::<Vec<u32>>() {
            let kind = self.kind(row);
            for later in &auditor.graph.shapes[kind].around[step].after {
                self.try_release(TaskRef { row, step: number_of(*later) });
            }
            self.pass_gates(TaskRef { row, ..task });
        }
    }

    fn complete_once(&mut self, task: TaskRef) {
        let auditor = self.auditor;
        let ground = &auditor.ground;
        let step = usize::from(task.step);
        for later in &auditor.graph.onces[step].after {
            let (own, number) = (&ground.steps[*later], number_of(*later));
            if own.step.per == Per::Once {
                self.try_release(TaskRef { row: 0, step: number });
                continue;
            }
            for batch in 0..self.batches.len() {
                if self.batches[batch].track == own.track {
                    let row = self.batches[batch].members[0];
                    let its = self.heads[self.of_track(own.track, row)];
                    if its == Some(crate::audit::state::number(batch)) {
                        self.try_release(TaskRef { row, step: number });
                    }
                }
            }
        }
        for row in (0..ground.rows.len()).map(number) {
            for later in &auditor.graph.shapes[self.kind(row)].around[step].after {
                self.try_release(TaskRef { row, step: number_of(*later) });
            }
        }
        self.end_once_step(task);
    }

    /// The missing data of stores that were restored too far back is there.
    fn repair(&mut self, task: TaskRef) {
        let auditor = self.auditor;
        for restoring in &auditor.repairs[usize::from(task.step)] {
            let restored = TaskRef { step: number_of(*restoring), ..task };
            let place = auditor.restore_place(restored).expect("only what restores is repaired");
            if let Some((meant, present)) = &mut self.losses[place] {
                *present = *meant;
            }
        }
    }

    /// The customers of a task's sites have been told, where it tells them.
    fn reach(&mut self, task: TaskRef) {
        let auditor = self.auditor;
        let facts = &auditor.ground.steps[usize::from(task.step)];
        if !facts.step.reaches_customer {
            return;
        }
        let rows: Vec<u32> = match self.batch_of_task(task) {
            Some(batch) => self.members(batch).collect(),
            None => vec![task.row],
        };
        for row in rows {
            if self.own.reached[row as usize].is_none() {
                self.own.reached[row as usize] = Some(SimTime::from_millis(self.now));
                self.due.push(Due::Reach(row));
            }
        }
    }

    pub(super) fn still_waits(&mut self, task: TaskRef, waited: u64, takes: u16) {
        self.is_over = true;
        if self.task(task).phase != Phase::Eligible {
            let how = format!("{} is said to wait, and could not start", self.name(task));
            self.breaches.now(Law::Tallies, how);
            return;
        }
        let needs = self.needs_to_start(task);
        self.check_needs(task, takes, &needs, "would take");
        let own = self.auditor.horizon - self.task(task).since;
        self.check_number(Law::Tallies, task, "has waited", waited, own);
    }
}

/// What a team's people are called in the pools.
pub(super) fn team(place: usize) -> Resource {
    Resource::Team(Id::new(place))
}
