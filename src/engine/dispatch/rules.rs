//! How tasks take their turns.

use crate::engine::events::{pack, unpack};
use crate::engine::replication::Engine;
use crate::engine::task::{Phase, Task};
use crate::scenario::PriorityRule;
use crate::trace::{Recorder, TaskRef, TraceRecord};
use crate::units::SimTime;

impl Engine<'_> {
    /// Lets a task wait for its turn.
    #[inline(always)]
    pub(in crate::engine) fn make_eligible(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        let place = self.place(task);
        let step = &self.plan.steps[usize::from(task.step)];
        debug_assert!(self.tasks[place].phase == Phase::Waiting, "a task becomes eligible once");
        if step.escalates && self.is_passed_on(task, recorder) {
            return;
        }
        if step.extracts && !self.ask_for_load(task, recorder) {
            return;
        }
        self.queue(task, recorder);
    }

    /// Puts a task that could start among those that wait for their turn.
    #[inline(always)]
    pub(in crate::engine) fn queue(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        let place = self.place(task);
        let step = &self.plan.steps[usize::from(task.step)];
        let state = &mut self.tasks[place];
        state.phase = Phase::Eligible;
        state.since = self.now;
        if step.automatable {
            self.automation.begin_task(place, task.step);
        }
        self.tell(recorder, |_| TraceRecord::Eligible(task));
        self.enqueue(task);
    }

    /// Puts an eligible task among those that wait for what it needs.
    #[inline(always)]
    pub(in crate::engine) fn enqueue(&mut self, task: TaskRef) {
        let place = self.place(task);
        let step = &self.plan.steps[usize::from(task.step)];
        let demand = self.demand_to_start(task, step);
        if demand == 0 {
            self.eligible.unbound.push(task);
            return;
        }
        let Task { since, epoch, .. } = self.tasks[place];
        let rank = match self.plan.priority.rule {
            PriorityRule::Fifo => since,
            PriorityRule::Fixed => 0,
            PriorityRule::Random => self.draws.word(self.plan, step.lot as usize, task.row, 0),
            _ => self.plan.priority.ranks[place],
        };
        let key = u128::from(rank) << 64 | u128::from(pack(step.track, task, epoch));
        self.eligible.fresh.push((key, demand));
    }

    /// Starts whatever can start.
    pub(in crate::engine) fn dispatch(&mut self, recorder: &mut impl Recorder) {
        loop {
            if self.pauses.some_may_go_on() {
                self.resume_paused(recorder);
            }
            self.start_unbound(recorder);
            if self.eligible.waiting.is_settled() {
                if self.eligible.fresh.is_empty() {
                    return;
                }
                self.start_fresh(recorder);
                continue;
            }
            self.queue_fresh();
            if let Some(demand) = self.eligible.waiting.only_one_to_look_at() {
                self.start_all(demand, recorder);
            } else if let Some((demand, task)) = self.best() {
                self.eligible.waiting.remove_first(demand);
                self.start(task, recorder);
            }
        }
    }

    /// Where nobody who has been waiting can start, those who have just become eligible start in
    /// the order of their ranks, or begin to wait.
    #[inline(always)]
    fn start_fresh(&mut self, recorder: &mut impl Recorder) {
        let mut fresh = std::mem::take(&mut self.eligible.fresh);
        if fresh.len() > 1 {
            fresh.sort_unstable();
        }
        for (key, demand) in fresh.drain(..) {
            let (task, epoch) = unpack(key as u64);
            if !self.eligible.waiting.is_settled()
                || !self.eligible.fresh.is_empty()
                || self.pauses.some_may_go_on()
            {
                // A site was lost, and what it had is free, or what waited for it goes on: all
                // have to be compared.
                self.eligible.waiting.push(demand, key);
                continue;
            }
            if !self.fits(usize::from(demand)) {
                self.eligible.waiting.push_settled(demand, key);
                continue;
            }
            let state = &self.tasks[self.place(task)];
            if state.phase == Phase::Eligible && state.epoch == epoch {
                self.start(task, recorder);
            }
        }
        // What became eligible meanwhile keeps its place; the memory is kept too.
        std::mem::swap(&mut fresh, &mut self.eligible.fresh);
        self.eligible.fresh.append(&mut fresh);
    }

    /// Lets those who have just become eligible wait with the others.
    fn queue_fresh(&mut self) {
        while let Some((key, demand)) = self.eligible.fresh.pop() {
            self.eligible.waiting.push(demand, key);
        }
    }

    /// Starts tasks of one demand as long as it is the only one to look at.
    #[inline(always)]
    fn start_all(&mut self, demand: usize, recorder: &mut impl Recorder) {
        while let Some(key) = self.startable(demand) {
            self.eligible.waiting.remove_first(demand);
            self.start(unpack(key as u64).0, recorder);
            let more = !self.eligible.unbound.is_empty() || !self.eligible.fresh.is_empty();
            if more
                || self.pauses.some_may_go_on()
                || self.eligible.waiting.only_one_to_look_at() != Some(demand)
            {
                return;
            }
        }
        self.eligible.waiting.settle(demand);
    }

    /// Starts what needs nobody.
    #[inline(always)]
    fn start_unbound(&mut self, recorder: &mut impl Recorder) {
        let mut next = 0;
        while let Some(task) = self.eligible.unbound.get(next).copied() {
            next += 1;
            if self.tasks[self.place(task)].phase == Phase::Eligible {
                self.start(task, recorder);
            }
        }
        self.eligible.unbound.clear();
    }

    /// The task of the smallest rank among those that can start now.
    #[inline(always)]
    fn best(&mut self) -> Option<(usize, TaskRef)> {
        let mut best: Option<(u128, usize)> = None;
        for word in 0..self.eligible.waiting.words() {
            let mut bits = self.eligible.waiting.to_look_at_in(word);
            while bits != 0 {
                let demand = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                match self.startable(demand) {
                    None => self.eligible.waiting.settle(demand),
                    Some(key) if best.is_none_or(|(other, _)| key < other) => {
                        best = Some((key, demand));
                    }
                    Some(_) => {}
                }
            }
        }
        best.map(|(key, demand)| (demand, unpack(key as u64).0))
    }

    /// The first task of a demand, if there is enough of all that it needs.
    #[inline(always)]
    fn startable(&mut self, demand: usize) -> Option<u128> {
        if !self.fits(demand) {
            return None;
        }
        loop {
            let key = self.eligible.waiting.first(demand)?;
            let (task, epoch) = unpack(key as u64);
            let state = &self.tasks[self.place(task)];
            if state.phase == Phase::Eligible && state.epoch == epoch {
                return Some(key);
            }
            // It was given up while it waited.
            self.eligible.waiting.remove_first(demand);
        }
    }

    #[inline(always)]
    fn fits(&self, demand: usize) -> bool {
        let (first, others) = self.plan.needs.demands.units(demand);
        self.is_free(first) && others.iter().all(|it| self.is_free(*it))
    }

    #[inline(always)]
    pub(in crate::engine) fn is_free(&self, (pool, units): (u16, u32)) -> bool {
        self.pools[usize::from(pool)].free >= i64::from(units)
    }

    /// Whether all that could start has started: the law of work conservation.
    pub(in crate::engine) fn nobody_waits_in_vain(&self) -> bool {
        let waits = |key: u128| {
            let (task, epoch) = unpack(key as u64);
            let state = &self.tasks[self.place(task)];
            state.phase == Phase::Eligible && state.epoch == epoch
        };
        (1..self.plan.needs.demands.len())
            .all(|demand| !self.fits(demand) || !self.eligible.waiting.any(demand, waits))
            && self.nobody_pauses_in_vain()
    }

    /// At the end the time counts for which tasks have waited that could have started.
    pub(in crate::engine) fn count_waits(&mut self, recorder: &mut impl Recorder) {
        self.count_waits_for_loads();
        let ready = std::mem::take(&mut self.eligible.waiting);
        ready.each(|key| {
            let (task, epoch) = unpack(key as u64);
            let place = self.place(task);
            let own = &mut self.tasks[place];
            if own.phase == Phase::Eligible && own.epoch == epoch {
                // A place in a queue from 256 epochs before looks the same.
                own.phase = Phase::Dropped;
                let waited = self.now - own.since;
                let tally = &mut self.outcome.steps[usize::from(task.step)];
                tally.wait += waited;
                tally.last_end = SimTime::NEVER;
                self.tell(recorder, |engine| {
                    let takes =
                        engine.demand_to_start(task, &engine.plan.steps[usize::from(task.step)]);
                    TraceRecord::StillWaits { task, waited, takes }
                });
            }
        });
        self.eligible.waiting = ready;
    }

    /// Takes all that a task needs, at once.
    #[inline(always)]
    pub(in crate::engine) fn occupy(&mut self, demand: u16) {
        if demand == 0 {
            return;
        }
        let (first, others) = self.plan.needs.demands.units(usize::from(demand));
        self.occupy_pool(first);
        others.iter().for_each(|it| self.occupy_pool(*it));
    }

    #[inline(always)]
    pub(in crate::engine) fn occupy_pool(&mut self, (pool, units): (u16, u32)) {
        let pool = &mut self.pools[usize::from(pool)];
        pool.in_use += units;
        pool.free -= i64::from(units);
        assert!(pool.in_use <= pool.capacity, "pool over its capacity");
    }

    /// Gives back what a task had for so many milliseconds.
    #[inline(always)]
    pub(in crate::engine) fn release(&mut self, demand: u16, length: u64) {
        if demand == 0 {
            return;
        }
        let (first, others) = self.plan.needs.demands.units(usize::from(demand));
        self.release_pool(first, length);
        others.iter().for_each(|it| self.release_pool(*it, length));
    }

    #[inline(always)]
    pub(in crate::engine) fn release_pool(&mut self, (index, units): (u16, u32), length: u64) {
        let pool = &mut self.pools[usize::from(index)];
        assert!(units <= pool.in_use, "nobody gives back what he does not have");
        if pool.free < 0 {
            pool.count_overtime(self.now);
        }
        pool.in_use -= units;
        pool.free += i64::from(units);
        pool.busy += u64::from(units) * length;
        self.look_again_at_pool(usize::from(index));
    }

    /// Marks all demands that need a pool of which there is more, so that the next dispatch tries those
    /// who wait or pause for them. Starts nothing itself.
    #[inline(always)]
    pub(in crate::engine) fn look_again_at_pool(&mut self, pool: usize) {
        let demands = self.plan.needs.demands.of_pool(pool);
        self.eligible.waiting.look_again_at(demands);
        self.pauses.look_again_at_those(demands);
    }
}
