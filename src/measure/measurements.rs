//! From outcomes to the figures of every replication: what can be counted, then every figure of the
//! catalogue.

use rayon::prelude::*;

use crate::experiment::yardstick::Yardsticks;
use crate::experiment::{PackedOutcome, Results, StrategyResults};
use crate::ids::StrategyId;
use crate::measure::figures::Exercise;
use crate::measure::metrics::ReplicationMetrics;
use crate::measure::open_tracks::TrackOrder;
use crate::measure::support::Supports;
use crate::scenario::{Figure, FigureOf, Reading, Scenario};
use crate::units::SimDuration;

/// The figures of every replication of every strategy, in the order of the results.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurements {
    /// One for each strategy that was run.
    pub strategies: Vec<StrategyMetrics>,
}

/// The figures of every replication of one strategy.
#[derive(Clone, Debug, PartialEq)]
pub struct StrategyMetrics {
    /// Which strategy.
    pub strategy: StrategyId,
    /// One for each replication, by its number.
    pub replications: Vec<ReplicationMetrics>,
    /// What is known of these figures beforehand.
    pub supports: Supports,
}

impl StrategyMetrics {
    /// What a figure came to in every replication.
    #[must_use]
    pub fn readings(&self, figure: impl Into<FigureOf>) -> Vec<Reading> {
        let figure = figure.into();
        self.replications.iter().map(|metrics| metrics.figures.of(figure)).collect()
    }
}

/// The figures of every replication of `results`, which came from `scenario`, on the threads of the
/// present rayon pool.
#[must_use]
pub fn measure(scenario: &Scenario, results: &Results) -> Measurements {
    let strategies =
        results.strategies.iter().map(|strategy| measure_one(scenario, results, strategy));
    Measurements { strategies: strategies.collect() }
}

/// The figures of every replication of one strategy.
#[must_use]
pub fn measure_one(
    scenario: &Scenario,
    results: &Results,
    strategy: &StrategyResults,
) -> StrategyMetrics {
    StrategyMetrics {
        strategy: strategy.strategy,
        replications: metrics(scenario, results, strategy),
        supports: Supports::new(scenario, results, strategy),
    }
}

/// The figures of every replication of one strategy, by number of the replication.
#[must_use]
pub fn metrics(
    scenario: &Scenario,
    results: &Results,
    strategy: &StrategyResults,
) -> Vec<ReplicationMetrics> {
    let yardsticks = Yardsticks::new(scenario, results);
    let order = TrackOrder::new(scenario, strategy);
    let wanted = scenario.exercise_figures().into_iter();
    let wanted: Vec<(FigureOf, Vec<usize>)> = wanted.map(|it| (it, order.places(it))).collect();
    let all: Vec<usize> = (0..results.aims.estates().map(<[_]>::len).max().unwrap_or(0)).collect();
    let one = |(number, outcome): (usize, &PackedOutcome)| {
        let yardstick = &*yardsticks.of(number);
        let counted = yardstick.replication(outcome, strategy);
        let (sites, open) = (results.sites(number), order.open(outcome));
        let all = &all[..sites.len()];
        let counts = &counted;
        let exercise =
            Exercise { scenario, strategy, sites, all, yardstick, outcome, counted: counts, open };
        let reading = |(figure, places): &(FigureOf, Vec<usize>)| {
            (*figure, exercise.reading(*figure, places))
        };
        let figures = wanted.iter().map(reading).collect();
        ReplicationMetrics { figures, ..counted }
    };
    strategy.outcomes.par_iter().enumerate().map(one).collect()
}

/// When a figure of steps comes in each replication: for each step of [`StrategyResults::steps`], by
/// its place.
#[must_use]
pub fn times_of_steps(
    scenario: &Scenario,
    results: &Results,
    (strategy, metrics): (&StrategyResults, &StrategyMetrics),
    figure: Figure,
) -> Vec<Vec<Option<SimDuration>>> {
    let yardsticks = Yardsticks::new(scenario, results);
    let order = TrackOrder::new(scenario, strategy);
    let steps = 0..strategy.steps.len();
    let mut times = vec![Vec::with_capacity(strategy.outcomes.len()); steps.len()];
    for (number, outcome) in strategy.outcomes.iter().enumerate() {
        let (yardstick, sites) = (&*yardsticks.of(number), results.sites(number));
        let (counted, open) = (&metrics.replications[number], order.open(outcome));
        // What is asked of steps is asked of no site.
        let all = &[];
        let exercise =
            Exercise { scenario, strategy, sites, all, yardstick, outcome, counted, open };
        for (step, times) in times.iter_mut().enumerate() {
            times.push(exercise.figure(figure, &[step]).time());
        }
    }
    times
}
