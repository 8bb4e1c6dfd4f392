//! Simulates strategies on threads, replication after replication, in index order.

use std::ops::Range;

use rayon::prelude::*;

use crate::chain::Heard;
use crate::chain::heard::{HeardOnce, is_heard};
use crate::chain::layout::Layout;
use crate::experiment::PackedOutcome;
use crate::experiment::listener::{Listener, Listeners};
use crate::experiment::results::{Aims, Results, StrategyResults, aimed_at};
use crate::experiment::yardstick::Yardsticks;
use crate::ids::StrategyId;
use crate::plan::{Plan, compile, pool_labels, step_labels, throughput_labels};
use crate::rng::Streams;
use crate::scenario::Scenario;

/// What to simulate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Design {
    /// The strategies, each once.
    pub strategies: Vec<StrategyId>,
    /// Recoveries to simulate for each.
    pub replications: u32,
    /// Seed of every random number.
    pub seed: u64,
    /// Whether the first recoveries are listened to, so that nothing has to be simulated again to
    /// tell what held them up; changes no figure.
    pub explained: bool,
}

impl Design {
    /// Every strategy of the scenario, as often as the scenario says.
    #[must_use]
    pub fn of(scenario: &Scenario) -> Self {
        Self {
            strategies: scenario.strategies.ids().collect(),
            replications: scenario.experiment.replications,
            seed: scenario.experiment.seed,
            explained: false,
        }
    }
}

/// Simulates every strategy of the design, on the threads of the present rayon pool.
///
/// `progress` is called once for every replication that is done, from any thread.
///
/// Memory: about 12 bytes for each deleted site, replication and strategy.
///
/// Where every replication draws its own estate, its plan is compiled for it too, in about half the
/// time that simulating it takes; and about 25 bytes come on top for each deleted site and
/// replication.
pub fn run(scenario: &Scenario, design: &Design, progress: &(dyn Fn() + Sync)) -> Results {
    run_slice(scenario, design, 0..design.replications, progress)
}

/// As [`run`], but only the replications of these numbers. Slices side by side, put together by
/// [`Results::append`], are what one run of all of them gives.
pub fn run_slice(
    scenario: &Scenario,
    design: &Design,
    slice: Range<u32>,
    progress: &(dyn Fn() + Sync),
) -> Results {
    run_these(scenario, design, &slice.collect::<Vec<u32>>(), progress)
}

/// As [`run`], but only the replications of these numbers, which the results have in this order.
pub(crate) fn run_these(
    scenario: &Scenario,
    design: &Design,
    numbers: &[u32],
    progress: &(dyn Fn() + Sync),
) -> Results {
    let aims = match scenario.estate.is_redrawn() {
        true => Aims::Redrawn(
            numbers
                .par_iter()
                .map(|it| aimed_at(&scenario.in_replication(u64::from(*it))))
                .collect(),
        ),
        false => Aims::Same(aimed_at(scenario)),
    };
    let replications = u32::try_from(numbers.len()).expect("replications have 32-bit numbers");
    let mut results = Results { seed: design.seed, replications, aims, strategies: Vec::new() };
    for id in &design.strategies {
        let plan = compile(scenario, *id);
        let mut strategy = StrategyResults {
            strategy: *id,
            tracks: scenario.strategies[*id].tracks.iter().map(|it| it.name.clone()).collect(),
            steps: step_labels(scenario, *id),
            pools: pool_labels(&plan),
            throughputs: throughput_labels(&plan),
            outcomes: Vec::new(),
            heard: Heard::default(),
        };
        let each = Simulating { scenario, design, results: &results, numbers, progress };
        let all = each.replicate(&plan, &strategy);
        for (outcome, heard) in all {
            strategy.outcomes.push(outcome);
            heard.into_iter().for_each(|it| strategy.heard.push(it));
        }
        results.strategies.push(strategy);
    }
    results
}

/// An outcome, with what was heard of it where somebody listened.
type Simulated = (PackedOutcome, Option<HeardOnce>);

/// What one strategy is simulated with.
struct Simulating<'a> {
    scenario: &'a Scenario,
    design: &'a Design,
    /// As far as they are known: what the incident aims at.
    results: &'a Results,
    numbers: &'a [u32],
    progress: &'a (dyn Fn() + Sync),
}

impl Simulating<'_> {
    fn replicate(&self, plan: &Plan, strategy: &StrategyResults) -> Vec<Simulated> {
        let yardsticks = Yardsticks::new(self.scenario, self.results);
        if self.scenario.estate.is_redrawn() {
            let one = |place: usize| self.redrawn(&yardsticks, strategy.strategy, place);
            let places = (0..self.numbers.len()).into_par_iter().with_max_len(1);
            return places.map(one).collect();
        }
        let layout = Layout::new(plan, &strategy.steps, true);
        let one =
            |listener: &mut Listener<'_>, place: usize| self.simulate(listener, &yardsticks, place);
        Listeners::new(plan, &layout).each(self.numbers.len(), one)
    }

    /// The same for replications that have an estate of their own each.
    fn redrawn(&self, yardsticks: &Yardsticks<'_>, id: StrategyId, place: usize) -> Simulated {
        let own = self.scenario.in_replication(u64::from(self.numbers[place]));
        let plan = compile(&own, id);
        let layout = Layout::new(&plan, &step_labels(&own, id), false);
        self.simulate(&mut Listener::new(&plan, &layout), yardsticks, place)
    }

    /// The replication whose number stands at this place.
    fn simulate(
        &self,
        listener: &mut Listener<'_>,
        yardsticks: &Yardsticks<'_>,
        place: usize,
    ) -> Simulated {
        let number = self.numbers[place];
        let streams = Streams::new(self.design.seed, u64::from(number));
        let simulated = match self.design.explained && is_heard(number) {
            true => {
                let yardstick = yardsticks.of(place);
                let (outcome, heard) = listener.listen(&yardstick, streams, number);
                (outcome, Some(heard))
            }
            false => (listener.simulate(streams), None),
        };
        (self.progress)();
        simulated
    }
}
