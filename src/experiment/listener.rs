//! Simulates exercises and listens to the first of them.

use std::borrow::Cow;
use std::sync::{Mutex, MutexGuard};

use rayon::prelude::*;

use crate::chain::heard::HeardOnce;
use crate::chain::layout::Layout;
use crate::chain::repeats::Watcher;
use crate::chain::sums::{Back, Summing, Sums};
use crate::chain::walk::Chains;
use crate::chain::{CHAINS, Heard, WATCHED};
use crate::engine::Engine;
use crate::experiment::{PackedOutcome, Results, StrategyResults, Yardstick, Yardsticks};
use crate::plan::{Plan, compile, step_labels};
use crate::rng::Streams;
use crate::scenario::Scenario;
use crate::stats::rank;
use crate::trace::{Outcome, Silent};

/// What was heard of a strategy as it was simulated, or is heard when it is simulated again.
pub(crate) fn heard<'r>(
    scenario: &Scenario,
    results: &Results,
    strategy: &'r StrategyResults,
) -> Cow<'r, Heard> {
    let wanted = strategy.outcomes.len().min(CHAINS);
    match strategy.heard.chains.len() == wanted {
        true => Cow::Borrowed(&strategy.heard),
        false => Cow::Owned(listen(scenario, results, strategy, wanted)),
    }
}

/// Simulates one exercise of a plan after the other, and listens to some.
pub(crate) struct Listener<'a> {
    plan: &'a Plan,
    layout: &'a Layout,
    engine: Engine<'a>,
    /// Only there once something was listened to.
    ears: Option<Ears<'a>>,
}

/// Listeners for as many threads as come, each made when all others are at work.
///
/// Threads that take one exercise after the other end at one time. Where each is given a listener and
/// a stretch of exercises instead, one of two threads has nothing left to do for up to five of the twenty
/// seconds that a thousand exercises of the reference case take.
pub(crate) struct Listeners<'a> {
    plan: &'a Plan,
    layout: &'a Layout,
    idle: Mutex<Vec<Listener<'a>>>,
}

impl<'a> Listeners<'a> {
    pub(crate) fn new(plan: &'a Plan, layout: &'a Layout) -> Self {
        Self { plan, layout, idle: Mutex::default() }
    }

    /// What becomes of each place, of so many, with some listener: in the order of places.
    pub(crate) fn each<T: Send>(
        &self,
        places: usize,
        simulate: impl Fn(&mut Listener<'a>, usize) -> T + Sync,
    ) -> Vec<T> {
        let one = |place: usize| {
            let idle = self.idle().pop();
            let mut listener = idle.unwrap_or_else(|| Listener::new(self.plan, self.layout));
            let simulated = simulate(&mut listener, place);
            self.idle().push(listener);
            simulated
        };
        (0..places).into_par_iter().with_max_len(1).map(one).collect()
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Listener<'a>>> {
        self.idle.lock().expect("nobody panics while taking a listener or giving it back")
    }
}

/// Who listens.
struct Ears<'a> {
    chains: Chains<'a>,
    summing: Summing<'a>,
    watcher: Option<Watcher<'a>>,
}

impl<'a> Listener<'a> {
    pub(crate) fn new(plan: &'a Plan, layout: &'a Layout) -> Self {
        Self { plan, layout, engine: Engine::new(plan), ears: None }
    }

    /// Simulates an exercise to which nobody listens.
    pub(crate) fn simulate(&mut self, streams: Streams) -> PackedOutcome {
        PackedOutcome::from(&self.engine.simulate(streams, &mut Silent))
    }

    /// Simulates the exercise of a number and listens to it.
    pub(crate) fn listen(
        &mut self,
        yardstick: &Yardstick,
        streams: Streams,
        number: u32,
    ) -> (PackedOutcome, HeardOnce) {
        let ears = self.ears.get_or_insert_with(|| Ears::new(self.plan, self.layout));
        ears.chains.begin();
        let is_watched = (number as usize) < WATCHED;
        let mut watcher = ears.watcher.take_if(|_| is_watched);
        if let Some(watcher) = &mut watcher {
            watcher.reset();
        }
        let outcome = follow(&mut self.engine, streams, &mut ears.chains, &mut watcher);
        let watched = watcher.as_mut().map(Watcher::watched);
        ears.watcher = watcher.or_else(|| ears.watcher.take());
        let outcome = PackedOutcome::from(&outcome);
        let sums = ears.sums(yardstick, &outcome);
        (outcome, (sums, watched))
    }
}

impl<'a> Ears<'a> {
    fn new(plan: &'a Plan, layout: &'a Layout) -> Self {
        let is_watched = plan
            .steps
            .iter()
            .any(|it| it.judged || it.can_be_failed || it.learns || it.automatable);
        Self {
            chains: Chains::new(plan),
            summing: Summing::new(plan, layout),
            watcher: is_watched.then(|| Watcher::new(plan)),
        }
    }

    /// The sums of the chains, of the site at 95 % or, where that is not back, of that at 95 % of those
    /// that are; `None` where none is.
    fn sums(&mut self, yardstick: &Yardstick, outcome: &PackedOutcome) -> Option<Sums> {
        let rows = 0..yardstick.sites();
        let deleted = rows.clone().filter(|it| yardstick.deleted_at(outcome, *it).is_some());
        let deleted = deleted.count();
        let back = rows.filter_map(|row| {
            let rta = yardstick.rta(outcome, row)?.as_millis();
            let began = outcome.restored_at(row)?.as_millis() - rta;
            Some(Back { row, began, rta })
        });
        let mut back: Vec<Back> = back.collect();
        back.sort_unstable_by_key(|it| (it.rta, it.row));
        let of_all = rank(0.95, deleted.max(1)) - 1;
        let of_those_back = rank(0.95, back.len().max(1)) - 1;
        let at_p95 = if of_all < back.len() { of_all } else { of_those_back };
        (!back.is_empty()).then(|| self.summing.sums(&self.chains, &back, at_p95))
    }
}

/// Simulates an exercise, and follows its chains and, where somebody watches, its attempts. One
/// function for all who do: the engine is compiled once for them.
pub(crate) fn follow(
    engine: &mut Engine<'_>,
    streams: Streams,
    chains: &mut Chains<'_>,
    watcher: &mut Option<Watcher<'_>>,
) -> Outcome {
    engine.simulate(streams, &mut (chains, watcher))
}

/// Simulates the first exercises of a strategy again and listens to them.
pub(crate) fn listen(
    scenario: &Scenario,
    results: &Results,
    strategy: &StrategyResults,
    count: usize,
) -> Heard {
    let yardsticks = Yardsticks::new(scenario, results);
    let one = |listener: &mut Listener<'_>, place: usize| {
        let number = u32::try_from(place).expect("few exercises are listened to");
        let streams = Streams::new(results.seed, u64::from(number));
        listener.listen(&yardsticks.of(place), streams, number).1
    };
    let id = strategy.strategy;
    let each: Vec<HeardOnce> = if scenario.estate.is_redrawn() {
        let redrawn = |place: usize| {
            let own = scenario.in_replication(place as u64);
            let plan = compile(&own, id);
            let layout = Layout::new(&plan, &step_labels(&own, id), false);
            one(&mut Listener::new(&plan, &layout), place)
        };
        (0..count).into_par_iter().with_max_len(1).map(redrawn).collect()
    } else {
        let plan = compile(scenario, id);
        let layout = Layout::new(&plan, &strategy.steps, true);
        Listeners::new(&plan, &layout).each(count, one)
    };
    let mut heard = Heard::default();
    each.into_iter().for_each(|it| heard.push(it));
    heard
}
