//! What becomes of work under way when there are fewer people than it needs: where the team hands
//! over, the youngest attempts pause and go on first when people are back; elsewhere whoever has a
//! task finishes it, which is overtime.
//!
//! A paused attempt keeps its limits and gives its people back, those of all its teams. It goes on
//! with the rest of its time to the millisecond, a transfer with the rest of its bytes. A gate that injects close pauses what is behind it
//! if it hands over.

use crate::scenario::PriorityRule;
use crate::trace::{Recorder, TaskRef, TraceRecord};
use crate::units::SimTime;

use super::Engine;
use super::events::{Event, pack, unpack};
use super::ready::Ready;
use super::state::{NONE, Phase, Pool};
use super::throughput::NEVER;

/// An attempt that runs and may have to pause.
#[derive(Clone, Copy, Debug)]
pub(super) struct Underway {
    pub task: TaskRef,
    /// When the attempt first started, in milliseconds; a pause does not make it younger.
    pub started: u64,
    /// When it will end if nothing comes between; never, of a transfer: that moves with others.
    pub ends: u64,
}

/// An attempt that pauses.
#[derive(Clone, Copy, Debug)]
struct Paused {
    /// What tells it from others in the queue: its start, then track, site and step.
    key: u128,
    task: TaskRef,
    started: u64,
    /// What is left of its time, in milliseconds; of a transfer, of its work.
    left: u128,
}

/// Attempts that may have to pause, and those that do.
#[derive(Clone, Debug, Default)]
pub(super) struct Pauses {
    /// In no order: the youngest is found by its start and its place in the plan.
    underway: Vec<Underway>,
    /// The place of each task among them, or among those that pause, by row, then step; only there
    /// if any step can pause.
    place: Vec<u32>,
    /// In no order.
    paused: Vec<Paused>,
    /// Those that pause, by what they need, the oldest first: the cost of letting them go on does
    /// not grow with the number of those that cannot. Some have been given up meanwhile.
    queue: Ready,
    /// Whether some of them might go on now.
    stirred: bool,
    /// Room for those among whom the youngest are looked for.
    youngest: Vec<(u64, u64, TaskRef)>,
}

impl Pauses {
    /// For so many tasks, none if no step can pause, and so many kinds of what they need.
    pub(super) fn new(tasks: usize, demands: usize) -> Self {
        let queue = Ready::new(if tasks > 0 { demands } else { 0 }, PriorityRule::Fixed);
        Self { place: vec![NONE; tasks], queue, ..Self::default() }
    }

    pub(super) fn clear(&mut self) {
        self.underway.clear();
        self.place.fill(NONE);
        self.paused.clear();
        self.queue.clear();
        self.stirred = false;
    }

    /// Whether any attempt that pauses might go on now.
    #[inline(always)]
    pub(super) fn are_stirred(&self) -> bool {
        self.stirred
    }

    /// Has another look at those that need one of these, because there is more of it.
    #[inline(always)]
    pub(super) fn stir_those(&mut self, demands: &[u64]) {
        if !self.paused.is_empty() {
            self.queue.stir(demands);
            self.stirred = !self.queue.is_settled();
        }
    }
}

impl Pool {
    /// Counts what has been in use above the capacity up to now.
    pub(super) fn count_overtime(&mut self, now: u64) {
        if self.free < 0 {
            self.overtime += self.free.unsigned_abs() * (now - self.over_since);
        }
        self.over_since = now;
    }
}

impl Engine<'_> {
    /// Remembers an attempt that may have to pause.
    pub(super) fn watch(&mut self, it: Underway) {
        let place = self.place(it.task);
        let pauses = &mut self.state.pauses;
        pauses.place[place] = u32::try_from(pauses.underway.len()).expect("fewer than 2^32 tasks");
        pauses.underway.push(it);
    }

    /// Whether an attempt that is watched ends now; of a transfer its throughput knows.
    pub(super) fn ends_now(&self, task: TaskRef) -> bool {
        let own = self.state.pauses.place[self.place(task)];
        let ends = self.state.pauses.underway[own as usize].ends;
        ends == self.now || ends == NEVER
    }

    /// Forgets an attempt that runs no longer.
    pub(super) fn unwatch(&mut self, task: TaskRef) -> Underway {
        let place = self.place(task);
        let pauses = &mut self.state.pauses;
        let own = std::mem::replace(&mut pauses.place[place], NONE);
        let it = pauses.underway.swap_remove(own as usize);
        assert!(it.task == task, "an attempt that may pause is watched as long as it runs");
        if let Some(moved) = pauses.underway.get(own as usize).map(|it| it.task) {
            let place = self.place(moved);
            self.state.pauses.place[place] = own;
        }
        it
    }

    /// Pauses the youngest attempts of a pool until its use fits its capacity: the latest start
    /// first, then whatever comes last by track, site and step. What cannot pause drains.
    pub(super) fn pause_youngest(&mut self, pool: usize, recorder: &mut impl Recorder) {
        if self.state.pools[pool].free >= 0 {
            return;
        }
        let mut youngest = std::mem::take(&mut self.state.pauses.youngest);
        youngest.clear();
        let needing = self.state.pauses.underway.iter().filter(|it| self.needs(it.task, pool));
        youngest.extend(needing.map(|it| (it.started, self.code(it.task), it.task)));
        youngest.sort_unstable_by_key(|it| (it.0, it.1));
        while self.state.pools[pool].free < 0 {
            let Some((_, _, task)) = youngest.pop() else { break };
            self.pause(task, recorder);
        }
        self.state.pauses.youngest = youngest;
    }

    fn needs(&self, task: TaskRef, pool: usize) -> bool {
        let demand = self.demand(task, &self.plan.steps[usize::from(task.step)]);
        let (first, others) = self.plan.demands.units(usize::from(demand));
        let needs = |(it, units): (u16, u32)| usize::from(it) == pool && units > 0;
        needs(first) || others.iter().any(|it| needs(*it))
    }

    /// Track, site and step as one number.
    fn code(&self, task: TaskRef) -> u64 {
        pack(self.plan.steps[usize::from(task.step)].track, task, 0)
    }

    /// Pauses an attempt that is watched. Its people become free, its limits do not.
    pub(super) fn pause(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        let it = self.unwatch(task);
        let left = match self.plan.steps[usize::from(task.step)].transfers {
            true => self.stop_transfer(task),
            false => u128::from(it.ends - self.now),
        };
        let place = self.place(task);
        let state = &mut self.state.tasks[place];
        let length = self.now - state.since;
        state.phase = Phase::Paused;
        state.since = self.now;
        // The end that is on the list of events is no longer true.
        state.epoch = state.epoch.wrapping_add(1);
        self.state.outcome.steps[usize::from(task.step)].work += length;
        self.state.last_end = self.now;
        self.each_unit(task, |engine, pool, units| match engine.stays_held(pool) {
            true => engine.state.pools[pool].busy += u64::from(units) * length,
            false => engine.release_pool((pool_number(pool), units), length),
        });
        let key = u128::from(it.started) << 64 | u128::from(self.code(task));
        let demand = self.demand(task, &self.plan.steps[usize::from(task.step)]);
        let pauses = &mut self.state.pauses;
        pauses.place[place] = u32::try_from(pauses.paused.len()).expect("fewer than 2^32 tasks");
        pauses.paused.push(Paused { key, task, started: it.started, left });
        pauses.queue.push(demand, key);
        pauses.stirred = true;
        self.tell(recorder, |it| TraceRecord::Paused(it.ended(task, Some(length))));
    }

    /// Lets paused attempts go on, the oldest first, before anything else starts. One that cannot
    /// does not hold up those behind it.
    pub(super) fn resume_paused(&mut self, recorder: &mut impl Recorder) {
        while let Some((demand, it)) = self.oldest_that_can_go_on() {
            self.state.pauses.queue.remove_first(demand);
            self.forget_paused(it.task);
            self.resume(it, recorder);
        }
        self.state.pauses.stirred = false;
    }

    /// The oldest of the paused attempts that can go on, with its demand.
    fn oldest_that_can_go_on(&mut self) -> Option<(usize, Paused)> {
        let mut oldest: Option<(usize, Paused)> = None;
        for word in 0..self.state.pauses.queue.words() {
            let mut bits = self.state.pauses.queue.stirred_in(word);
            while bits != 0 {
                let demand = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                match self.first_paused(demand) {
                    Some(it) if !self.can_go_on(it.task) => self.state.pauses.queue.settle(demand),
                    Some(it) if oldest.is_none_or(|(_, other)| it.key < other.key) => {
                        oldest = Some((demand, it));
                    }
                    _ => {}
                }
            }
        }
        oldest
    }

    /// The oldest of the paused attempts of one demand.
    fn first_paused(&mut self, demand: usize) -> Option<Paused> {
        loop {
            let key = self.state.pauses.queue.first(demand)?;
            if let Some(it) = self.paused_by(key) {
                return Some(it);
            }
            // It was given up while it paused.
            self.state.pauses.queue.remove_first(demand);
        }
    }

    /// The paused attempt of a key in the queue, if it still pauses.
    fn paused_by(&self, key: u128) -> Option<Paused> {
        let (task, _) = unpack(key as u64);
        let place = self.place(task);
        let pauses = &self.state.pauses;
        let pausing = self.state.tasks[place].phase == Phase::Paused;
        let it = pausing.then(|| pauses.paused[pauses.place[place] as usize])?;
        (it.key == key).then_some(it)
    }

    /// Takes an attempt from those that pause.
    fn forget_paused(&mut self, task: TaskRef) {
        let place = self.place(task);
        let pauses = &mut self.state.pauses;
        let own = std::mem::replace(&mut pauses.place[place], NONE);
        let it = pauses.paused.swap_remove(own as usize);
        assert!(it.task == task, "a paused attempt is on the list of them");
        if let Some(moved) = pauses.paused.get(own as usize).map(|it| it.task) {
            let place = self.place(moved);
            self.state.pauses.place[place] = own;
        }
    }

    /// Whether all that could go on has: what pauses waits for somebody.
    pub(super) fn nobody_pauses_in_vain(&self) -> bool {
        self.state.pauses.paused.iter().all(|it| !self.can_go_on(it.task))
    }

    /// Whether all the people of a paused attempt are there, and no gate before it is closed.
    fn can_go_on(&self, task: TaskRef) -> bool {
        let demand = self.demand(task, &self.plan.steps[usize::from(task.step)]);
        let (first, others) = self.plan.demands.units(usize::from(demand));
        let there = |it: (u16, u32)| self.stays_held(usize::from(it.0)) || self.is_free(it);
        there(first) && others.iter().all(|it| there(*it))
    }

    /// Whether a paused attempt keeps its units of a pool: limits, but no people, and it stands
    /// before the gates that injects close.
    fn stays_held(&self, pool: usize) -> bool {
        !self.plan.pools[pool].is_team
            && !(self.plan.first_gate..self.plan.first_part).contains(&pool)
    }

    fn resume(&mut self, it: Paused, recorder: &mut impl Recorder) {
        let place = self.place(it.task);
        let state = &mut self.state.tasks[place];
        let waited = self.now - state.since;
        state.phase = Phase::Running;
        state.since = self.now;
        let epoch = state.epoch;
        self.each_unit(it.task, |engine, pool, units| match engine.stays_held(pool) {
            true => engine.state.pools[pool].busy += u64::from(units) * waited,
            false => engine.occupy_pool((pool_number(pool), units)),
        });
        let step = usize::from(it.task.step);
        self.state.outcome.steps[step].wait += waited;
        let ends = if self.plan.steps[step].transfers {
            self.resume_transfer(it.task, it.left);
            NEVER
        } else {
            let ends = self.now + u64::try_from(it.left).expect("a length of time");
            self.future.push(ends, self.plan.steps[step].track, Event::Finish(it.task, epoch));
            ends
        };
        self.watch(Underway { task: it.task, started: it.started, ends });
        self.tell(recorder, |engine| {
            let takes = engine.demand(it.task, &engine.plan.steps[step]);
            let length = (ends != NEVER).then(|| ends - engine.now);
            TraceRecord::Resumed(engine.begun(it.task, waited, takes, length))
        });
    }

    /// Ends an attempt that pauses, without success; its limits become free.
    pub(super) fn end_paused(&mut self, task: TaskRef) {
        self.forget_paused(task);
        let waited = self.now - self.state.tasks[self.place(task)].since;
        self.state.last_end = self.now;
        let tally = &mut self.state.outcome.steps[usize::from(task.step)];
        tally.attempts += 1;
        tally.wait += waited;
        tally.last_end = SimTime::from_millis(self.now);
        self.each_unit(task, |engine, pool, units| {
            if engine.stays_held(pool) {
                engine.release_pool((pool_number(pool), units), waited);
            }
        });
    }

    /// At the end attempts that still pause count too.
    pub(super) fn count_paused_attempts(&mut self) {
        while let Some(it) = self.state.pauses.paused.last().copied() {
            self.end_paused(it.task);
            self.leave_open(it.task);
        }
    }

    /// Goes through the pools that a task needs and how many units of each.
    fn each_unit(&mut self, task: TaskRef, mut act: impl FnMut(&mut Self, usize, u32)) {
        let plan = self.plan;
        let demand = self.demand(task, &plan.steps[usize::from(task.step)]);
        let (first, others) = plan.demands.units(usize::from(demand));
        for (pool, units) in std::iter::once(&first).chain(others) {
            if *units > 0 {
                act(self, usize::from(*pool), *units);
            }
        }
    }
}

fn pool_number(pool: usize) -> u16 {
    u16::try_from(pool).expect("a demand knows its pools by 16 bits")
}
