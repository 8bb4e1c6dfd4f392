//! How tasks take their turns.

use crate::engine::events::{pack, unpack};
use crate::engine::replication::Engine;
use crate::engine::task::Phase;
use crate::plan::{Shortage, SiteStep};
use crate::scenario::PriorityRule;
use crate::trace::{Recorder, TaskRef, TraceRecord};
use crate::units::SimTime;

impl Engine<'_> {
    /// Lets a task wait for its turn.
    #[inline(always)]
    pub(in crate::engine) fn make_eligible(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        let own = self.site_step(task);
        debug_assert!(
            self.tasks[self.place(task)].phase() == Phase::Waiting,
            "a task becomes eligible once"
        );
        match own.is_special() {
            true => self.make_special_eligible(task, recorder),
            false => self.queue_plain(task, own, recorder),
        }
    }

    #[inline(never)]
    fn make_special_eligible(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        let step = &self.plan.steps[usize::from(task.step)];
        if step.escalates && self.is_passed_on(task, recorder) {
            return;
        }
        if step.extracts && !self.ask_for_load(task, recorder) {
            return;
        }
        self.queue(task, recorder);
    }

    /// Puts a task that could start among those that wait for their turn.
    pub(in crate::engine) fn queue(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        let place = self.place(task);
        self.begin_to_wait(place);
        if self.plan.steps[usize::from(task.step)].automatable {
            self.automation.begin_task(place, task.step);
        }
        self.tell(recorder, |_| TraceRecord::Eligible(task));
        self.enqueue(task);
    }

    #[inline(always)]
    fn queue_plain(&mut self, task: TaskRef, own: SiteStep, recorder: &mut impl Recorder) {
        self.begin_to_wait(self.place(task));
        self.tell(recorder, |_| TraceRecord::Eligible(task));
        if own.demand == 0 {
            return self.eligible.unbound.push(task);
        }
        let key = self.key(task, own.track);
        match own.is_alone() {
            true => self.wait_alone(own.demand, key, (own.pool, own.units)),
            false => self.eligible.waiting.push_among_others(own.demand, key),
        }
    }

    #[inline(always)]
    fn begin_to_wait(&mut self, place: usize) {
        self.tasks[place].enter(Phase::Eligible, self.now);
    }

    /// Puts an eligible task among those that wait for what it needs.
    pub(in crate::engine) fn enqueue(&mut self, task: TaskRef) {
        let step = &self.plan.steps[usize::from(task.step)];
        let demand = self.demand_to_start(task, step);
        if demand == 0 {
            return self.eligible.unbound.push(task);
        }
        let key = self.key(task, step.track);
        match self.plan.needs.demands.is_alone(demand) {
            true => {
                let (only, _) = self.plan.needs.demands.units(usize::from(demand));
                self.wait_alone(demand, key, only);
            }
            false => self.eligible.waiting.push_among_others(demand, key),
        }
    }

    /// Puts a task behind the others that need a pool that nobody else needs.
    #[inline(always)]
    fn wait_alone(&mut self, demand: u16, key: u128, only: (u16, u32)) {
        self.eligible.waiting.push(demand, key);
        if self.is_free(only) {
            self.eligible.waiting.stir(only.0);
        }
    }

    /// By what a task takes its turn: rank, track, site and step.
    #[inline(always)]
    fn key(&mut self, task: TaskRef, track: u8) -> u128 {
        let place = self.place(task);
        let state = self.tasks[place];
        let rank = match self.plan.priority.rule {
            PriorityRule::Fifo => state.since(),
            _ => self.rank(task, place),
        };
        u128::from(rank) << 64 | u128::from(pack(track, task, state.epoch()))
    }

    #[inline(never)]
    fn rank(&mut self, task: TaskRef, place: usize) -> u64 {
        match self.plan.priority.rule {
            PriorityRule::Fixed => 0,
            PriorityRule::Random => {
                let lot = self.plan.steps[usize::from(task.step)].lot;
                self.draws.word(self.plan, lot as usize, task.row, 0)
            }
            _ => self.plan.priority.ranks[place],
        }
    }

    /// Starts whatever can start.
    #[inline(always)]
    pub(in crate::engine) fn dispatch<R: Recorder>(&mut self, recorder: &mut R) {
        loop {
            if self.pauses.some_may_go_on() {
                self.resume_paused(recorder);
            }
            if !self.eligible.unbound.is_empty() {
                self.start_unbound(recorder);
            }
            if self.start_where_nobody_competes(recorder) {
                continue;
            }
            let Some((demand, task)) = self.next_to_start() else {
                return;
            };
            self.eligible.waiting.remove_first(demand);
            self.start(task, recorder);
            self.look_at_next_of(demand);
        }
    }

    /// Starts tasks of a demand that has a pool of its own, where that is the only pool with something
    /// to give and nobody else is to be looked at; says whether it was so. Where no start changes what
    /// another comes to and nobody listens, their order says nothing, and any such pool will do (70 of
    /// 1,320 instructions an attempt of a plain chain).
    #[inline(always)]
    fn start_where_nobody_competes<R: Recorder>(&mut self, recorder: &mut R) -> bool {
        let waiting = &mut self.eligible.waiting;
        let any = !R::LISTENS && self.plan.needs.starts_are_independent;
        let Some(pool) = waiting.last_stirred().filter(|_| waiting.nobody_is_awake()) else {
            return false;
        };
        let Some(demand) = self.plan.needs.demands.only_one_on(usize::from(pool)) else {
            return false;
        };
        if !any && !waiting.is_only_stirred() {
            return false;
        }
        waiting.next_stirred();
        while let Some(key) = self.startable(demand) {
            self.eligible.waiting.remove_first(demand);
            self.start(unpack(key as u64).1, recorder);
            if !any && self.is_somebody_else_up() {
                self.eligible.waiting.stir(pool);
                break;
            }
        }
        true
    }

    /// Whether somebody has come up who may be before those whose turn it is.
    #[inline(always)]
    fn is_somebody_else_up(&self) -> bool {
        self.pauses.some_may_go_on()
            || !self.eligible.unbound.is_empty()
            || !self.eligible.waiting.is_settled()
    }

    /// Starts what needs nobody.
    #[inline(never)]
    fn start_unbound(&mut self, recorder: &mut impl Recorder) {
        let mut next = 0;
        while let Some(task) = self.eligible.unbound.get(next).copied() {
            next += 1;
            if self.tasks[self.place(task)].phase() == Phase::Eligible {
                self.start(task, recorder);
            }
        }
        self.eligible.unbound.clear();
    }

    /// The task of the smallest rank among those that can start now, with its demand.
    #[inline(always)]
    fn next_to_start(&mut self) -> Option<(u16, TaskRef)> {
        loop {
            self.wake_the_stirred();
            let (key, demand) = self.eligible.waiting.next_awake()?;
            match self.first_of(demand) {
                Some(first) if first == key => match self.shortage(demand) {
                    None => return Some((demand, unpack(first as u64).1)),
                    Some(shortage) => self.park(demand, first, shortage),
                },
                // The one for which it was to be looked at was given up, or has started.
                _ => self.look_at_next_of(demand),
            }
        }
    }

    /// Has those looked at who are first to get what pools have to give.
    #[inline(always)]
    fn wake_the_stirred(&mut self) {
        while let Some(pool) = self.eligible.waiting.next_stirred() {
            match self.plan.needs.demands.only_one_on(usize::from(pool)) {
                Some(demand) => {
                    if let Some(key) = self.startable(demand) {
                        self.eligible.waiting.wake(demand, key);
                    }
                }
                None => self.wake_first_of_each_shortage(usize::from(pool)),
            }
        }
    }

    fn wake_first_of_each_shortage(&mut self, pool: usize) {
        let demands = &self.plan.needs.demands;
        for shortage in demands.shortages_of(pool) {
            let Shortage { pool, units } = demands.shortages()[shortage];
            if !self.is_free((pool, units)) {
                return;
            }
            self.wake_first_parked_at(shortage);
        }
    }

    fn wake_first_parked_at(&mut self, shortage: usize) {
        while let Some((key, demand)) = self.eligible.waiting.unpark_first(shortage) {
            match self.first_of(demand) {
                Some(first) if first == key => return self.eligible.waiting.wake(demand, key),
                // The one that was first was given up: others may come before the next.
                Some(next) => self.eligible.waiting.park(demand, next, shortage),
                None => {}
            }
        }
    }

    /// Leaves a demand alone until there is what its first task lacks. Whoever comes behind it for
    /// what it does not lack is looked at.
    fn park(&mut self, demand: u16, key: u128, shortage: usize) {
        let demands = &self.plan.needs.demands;
        if demands.is_alone(demand) {
            return;
        }
        let lacking = demands.shortages()[shortage].pool;
        self.eligible.waiting.park(demand, key, shortage);
        let (first, others) = demands.units(usize::from(demand));
        for (pool, _) in std::iter::once(&first).chain(others).filter(|it| it.0 != lacking) {
            self.stir_if_asked_for(*pool);
        }
    }

    /// The turn of a demand's first task is over: has the next of it looked at, and whoever else waits for
    /// what is left of its pools.
    #[inline(always)]
    fn look_at_next_of(&mut self, demand: u16) {
        let demands = &self.plan.needs.demands;
        let (first, others) = demands.units(usize::from(demand));
        if demands.is_alone(demand) {
            return self.eligible.waiting.stir(first.0);
        }
        if let Some(key) = self.first_of(demand) {
            self.eligible.waiting.wake(demand, key);
        }
        for (pool, _) in std::iter::once(&first).chain(others) {
            self.stir_if_asked_for(*pool);
        }
    }

    /// Stirs a pool that others need too, if it has something to give and somebody waits for it.
    #[inline(always)]
    fn stir_if_asked_for(&mut self, pool: u16) {
        if self.pools[usize::from(pool)].free <= 0 {
            return;
        }
        let mut shortages = self.plan.needs.demands.shortages_of(usize::from(pool));
        if shortages.any(|it| self.eligible.waiting.some_are_parked_at(it)) {
            self.eligible.waiting.stir(pool);
        }
    }

    /// The first task of a demand, if there is enough of all that it needs.
    #[inline(always)]
    fn startable(&mut self, demand: u16) -> Option<u128> {
        if !self.fits(usize::from(demand)) {
            return None;
        }
        self.first_of(demand)
    }

    /// The first task of a demand that still waits.
    #[inline(always)]
    fn first_of(&mut self, demand: u16) -> Option<u128> {
        loop {
            let key = self.eligible.waiting.first(demand)?;
            let (_, task, epoch) = unpack(key as u64);
            if self.tasks[self.place(task)].is(Phase::Eligible, epoch) {
                return Some(key);
            }
            // It was given up while it waited.
            self.eligible.waiting.remove_first(demand);
        }
    }

    /// The first thing that the tasks of a demand lack, by its place among all shortages.
    #[inline(always)]
    fn shortage(&self, demand: u16) -> Option<usize> {
        let demands = &self.plan.needs.demands;
        let (first, others) = demands.units(usize::from(demand));
        let lacking = std::iter::once(&first).chain(others).find(|it| !self.is_free(**it))?;
        let (pool, units) = *lacking;
        let mut of_pool = demands.shortages_of(usize::from(pool));
        of_pool.find(|it| demands.shortages()[*it].units == units)
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
            let (_, task, epoch) = unpack(key as u64);
            self.tasks[self.place(task)].is(Phase::Eligible, epoch)
        };
        let mut demands = self.plan.every_demand().skip(1);
        demands.all(|it| !self.fits(usize::from(it)) || !self.eligible.waiting.any(it, waits))
            && self.nobody_pauses_in_vain()
    }

    /// At the end the time counts for which tasks have waited that could have started.
    pub(in crate::engine) fn count_waits(&mut self, recorder: &mut impl Recorder) {
        self.count_waits_for_loads();
        let waiting = std::mem::take(&mut self.eligible.waiting);
        waiting.each(|key| {
            let (_, task, epoch) = unpack(key as u64);
            let place = self.place(task);
            let own = &mut self.tasks[place];
            if own.is(Phase::Eligible, epoch) {
                let waited = self.now - own.since();
                // A place in a queue from 256 epochs before looks the same.
                own.enter(Phase::Dropped, self.now);
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
        self.eligible.waiting = waiting;
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

    /// Takes all that a task needs that is not special.
    #[inline(always)]
    pub(in crate::engine) fn occupy_for(&mut self, own: SiteStep) {
        match own.needs_one_pool() {
            true => self.occupy_pool((own.pool, own.units)),
            false => self.occupy(own.demand),
        }
    }

    /// Gives back what a task that is not special had for so many milliseconds.
    #[inline(always)]
    pub(in crate::engine) fn release_for(&mut self, own: SiteStep, length: u64) {
        match own.needs_one_pool() {
            true => self.release_pool((own.pool, own.units), length),
            false => self.release(own.demand, length),
        }
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
        let number = u16::try_from(pool).expect("a demand knows its pools by 16 bits");
        self.eligible.waiting.stir(number);
        if self.pauses.are_there() {
            self.pauses.look_again_at_those(self.plan.needs.demands.of_pool(pool));
        }
    }
}
