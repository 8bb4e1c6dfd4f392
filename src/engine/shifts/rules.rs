//! Who pauses and who goes on.

use crate::engine::events::{pack, unpack};
use crate::engine::replication::Engine;
use crate::engine::task::{NEVER, NONE, Phase};
use crate::trace::{Recorder, TaskRef, TraceRecord};
use crate::units::SimTime;

use super::{Paused, Underway};

impl Engine<'_> {
    /// Remembers an attempt that may have to pause.
    pub(in crate::engine) fn watch(&mut self, attempt: Underway) {
        let place = self.place(attempt.task);
        let pauses = &mut self.pauses;
        pauses.place[place] = u32::try_from(pauses.underway.len()).expect("fewer than 2^32 tasks");
        pauses.underway.push(attempt);
    }

    /// Whether an attempt that is watched ends now; of a transfer its throughput knows.
    pub(in crate::engine) fn ends_now(&self, task: TaskRef) -> bool {
        let own = self.pauses.place[self.place(task)];
        let ends = self.pauses.underway[own as usize].ends;
        ends == self.now || ends == NEVER
    }

    /// Forgets an attempt that runs no longer.
    pub(in crate::engine) fn unwatch(&mut self, task: TaskRef) -> Underway {
        let place = self.place(task);
        let pauses = &mut self.pauses;
        let own = std::mem::replace(&mut pauses.place[place], NONE);
        let attempt = pauses.underway.swap_remove(own as usize);
        assert!(attempt.task == task, "an attempt that may pause is watched as long as it runs");
        if let Some(moved) = pauses.underway.get(own as usize).map(|attempt| attempt.task) {
            let place = self.place(moved);
            self.pauses.place[place] = own;
        }
        attempt
    }

    /// Pauses the youngest attempts of a pool until its use fits its capacity: the latest start
    /// first, then whatever comes last by track, site and step. What cannot pause drains.
    pub(in crate::engine) fn pause_youngest(&mut self, pool: usize, recorder: &mut impl Recorder) {
        if self.pools[pool].free >= 0 {
            return;
        }
        let mut youngest = std::mem::take(&mut self.pauses.youngest);
        youngest.clear();
        let needing = self.pauses.underway.iter().filter(|it| self.needs(it.task, pool));
        youngest.extend(needing.map(|it| (it.started, self.code(it.task), it.task)));
        youngest.sort_unstable_by_key(|it| (it.0, it.1));
        while self.pools[pool].free < 0 {
            let Some((_, _, task)) = youngest.pop() else { break };
            self.pause(task, recorder);
        }
        self.pauses.youngest = youngest;
    }

    fn needs(&self, task: TaskRef, pool: usize) -> bool {
        let demand = self.demand(task, &self.plan.steps[usize::from(task.step)]);
        let (first, others) = self.plan.needs.demands.units(usize::from(demand));
        let needs = |(it, units): (u16, u32)| usize::from(it) == pool && units > 0;
        needs(first) || others.iter().any(|it| needs(*it))
    }

    /// Track, site and step as one number.
    fn code(&self, task: TaskRef) -> u64 {
        pack(self.plan.steps[usize::from(task.step)].track, task, 0)
    }

    /// Pauses an attempt that is watched. Its people become free, its limits do not.
    pub(in crate::engine) fn pause(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        let attempt = self.unwatch(task);
        let left = match self.plan.steps[usize::from(task.step)].transfers {
            true => self.stop_transfer(task),
            false => u128::from(attempt.ends - self.now),
        };
        let place = self.place(task);
        let state = &mut self.tasks[place];
        let length = self.now - state.since();
        state.enter(Phase::Paused, self.now);
        // The end that is on the list of events is no longer true.
        state.begin_epoch();
        self.outcome.steps[usize::from(task.step)].work += length;
        self.last_end = self.now;
        self.each_unit(task, |engine, pool, units| match engine.stays_held(pool) {
            true => engine.pools[pool].busy += u64::from(units) * length,
            false => engine.release_pool((pool_number(pool), units), length),
        });
        let key = u128::from(attempt.started) << 64 | u128::from(self.code(task));
        let demand = self.demand(task, &self.plan.steps[usize::from(task.step)]);
        let pauses = &mut self.pauses;
        pauses.place[place] = u32::try_from(pauses.paused.len()).expect("fewer than 2^32 tasks");
        pauses.paused.push(Paused { key, task, started: attempt.started, left });
        pauses.queue.push(demand, key);
        pauses.some_may_go_on = true;
        self.tell(recorder, |it| TraceRecord::Paused(it.ended(task, Some(length))));
    }

    /// Lets paused attempts go on, the oldest first, before anything else starts. One that cannot
    /// does not hold up those behind it.
    pub(in crate::engine) fn resume_paused(&mut self, recorder: &mut impl Recorder) {
        while let Some((demand, paused)) = self.oldest_that_can_go_on() {
            self.pauses.queue.remove_first(demand);
            self.forget_paused(paused.task);
            self.resume(paused, recorder);
        }
        self.pauses.some_may_go_on = false;
    }

    /// The oldest of the paused attempts that can go on, with its demand.
    fn oldest_that_can_go_on(&mut self) -> Option<(usize, Paused)> {
        let mut oldest: Option<(usize, Paused)> = None;
        for word in 0..self.pauses.queue.words() {
            let mut bits = self.pauses.queue.to_look_at_in(word);
            while bits != 0 {
                let demand = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                match self.first_paused(demand) {
                    Some(paused) if !self.can_go_on(paused.task) => {
                        self.pauses.queue.settle(demand)
                    }
                    Some(paused) if oldest.is_none_or(|(_, other)| paused.key < other.key) => {
                        oldest = Some((demand, paused));
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
            let key = self.pauses.queue.first(demand)?;
            if let Some(paused) = self.paused_by(key) {
                return Some(paused);
            }
            // It was given up while it paused.
            self.pauses.queue.remove_first(demand);
        }
    }

    /// The paused attempt of a key in the queue, if it still pauses.
    fn paused_by(&self, key: u128) -> Option<Paused> {
        let (_, task, _) = unpack(key as u64);
        let place = self.place(task);
        let pauses = &self.pauses;
        let pausing = self.tasks[place].phase() == Phase::Paused;
        let paused = pausing.then(|| pauses.paused[pauses.place[place] as usize])?;
        (paused.key == key).then_some(paused)
    }

    /// Takes an attempt from those that pause.
    fn forget_paused(&mut self, task: TaskRef) {
        let place = self.place(task);
        let pauses = &mut self.pauses;
        let own = std::mem::replace(&mut pauses.place[place], NONE);
        let paused = pauses.paused.swap_remove(own as usize);
        assert!(paused.task == task, "a paused attempt is on the list of them");
        if let Some(moved) = pauses.paused.get(own as usize).map(|paused| paused.task) {
            let place = self.place(moved);
            self.pauses.place[place] = own;
        }
    }

    /// Whether all that could go on has: what pauses waits for somebody.
    pub(in crate::engine) fn nobody_pauses_in_vain(&self) -> bool {
        self.pauses.paused.iter().all(|it| !self.can_go_on(it.task))
    }

    /// Whether all the people of a paused attempt are there, and no gate before it is closed.
    fn can_go_on(&self, task: TaskRef) -> bool {
        let demand = self.demand(task, &self.plan.steps[usize::from(task.step)]);
        let (first, others) = self.plan.needs.demands.units(usize::from(demand));
        let there = |it: (u16, u32)| self.stays_held(usize::from(it.0)) || self.is_free(it);
        there(first) && others.iter().all(|it| there(*it))
    }

    /// Whether a paused attempt keeps its units of a pool: limits, but no people, and it stands
    /// before the gates that injects close.
    fn stays_held(&self, pool: usize) -> bool {
        !self.plan.pools[pool].is_team && !self.plan.capacities.gates().contains(&pool)
    }

    fn resume(&mut self, paused: Paused, recorder: &mut impl Recorder) {
        let place = self.place(paused.task);
        let state = &mut self.tasks[place];
        let waited = self.now - state.since();
        state.enter(Phase::Running, self.now);
        let epoch = state.epoch();
        self.each_unit(paused.task, |engine, pool, units| match engine.stays_held(pool) {
            true => engine.pools[pool].busy += u64::from(units) * waited,
            false => engine.occupy_pool((pool_number(pool), units)),
        });
        let step = usize::from(paused.task.step);
        self.outcome.steps[step].wait += waited;
        let ends = if self.plan.steps[step].transfers {
            self.resume_transfer(paused.task, paused.left);
            NEVER
        } else {
            let ends = self.now + u64::try_from(paused.left).expect("a length of time");
            self.future.push_end(ends, self.plan.steps[step].track, paused.task, epoch);
            ends
        };
        self.watch(Underway { task: paused.task, started: paused.started, ends });
        self.tell(recorder, |engine| {
            let takes = engine.demand(paused.task, &engine.plan.steps[step]);
            let length = (ends != NEVER).then(|| ends - engine.now);
            TraceRecord::Resumed(engine.begun(paused.task, waited, takes, length))
        });
    }

    /// Ends an attempt that pauses, without success; its limits become free.
    pub(in crate::engine) fn end_paused(&mut self, task: TaskRef) {
        self.forget_paused(task);
        let waited = self.now - self.tasks[self.place(task)].since();
        self.last_end = self.now;
        let tally = &mut self.outcome.steps[usize::from(task.step)];
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
    pub(in crate::engine) fn count_paused_attempts(&mut self) {
        while let Some(paused) = self.pauses.paused.last().copied() {
            self.end_paused(paused.task);
            self.leave_open(paused.task);
        }
    }

    /// Goes through the pools that a task needs and how many units of each.
    fn each_unit(&mut self, task: TaskRef, mut act: impl FnMut(&mut Self, usize, u32)) {
        let plan = self.plan;
        let demand = self.demand(task, &plan.steps[usize::from(task.step)]);
        let (first, others) = plan.needs.demands.units(usize::from(demand));
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
