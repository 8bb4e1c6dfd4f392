//! From outcomes to the figures of every replication: what can be counted, then every figure of the
//! catalogue.

use crate::experiment::yardstick::Yardsticks;
use crate::experiment::{Results, StrategyResults};
use crate::ids::StrategyId;
use crate::measure::figures::Exercise;
use crate::measure::metrics::ReplicationMetrics;
use crate::measure::support::Supports;
use crate::scenario::{Figure, FigureOf, Reading, Scenario};
use crate::trace::Outcome;

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

/// The figures of every replication of `results`, which came from `scenario`.
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
    let wanted = scenario.exercise_figures();
    let one = |(number, outcome): (usize, &Outcome)| {
        let yardstick = &*yardsticks.of(number);
        let counted = yardstick.replication(outcome, strategy);
        let sites = results.sites(number);
        let exercise =
            Exercise { scenario, strategy, sites, yardstick, outcome, counted: &counted };
        let figures = wanted.iter().map(|it| (*it, exercise.reading(*it))).collect();
        ReplicationMetrics { figures, ..counted }
    };
    strategy.outcomes.iter().enumerate().map(one).collect()
}

/// What a figure of steps comes to in each replication, of the step at a place of
/// [`StrategyResults::steps`].
#[must_use]
pub fn figure_of_step(
    scenario: &Scenario,
    results: &Results,
    (strategy, metrics): (&StrategyResults, &StrategyMetrics),
    figure: Figure,
    step: usize,
) -> Vec<Reading> {
    let yardsticks = Yardsticks::new(scenario, results);
    let each = strategy.outcomes.iter().zip(&metrics.replications).enumerate();
    let one = |(number, (outcome, counted)): (usize, (&Outcome, &ReplicationMetrics))| {
        let (yardstick, sites) = (&*yardsticks.of(number), results.sites(number));
        Exercise { scenario, strategy, sites, yardstick, outcome, counted }.figure(figure, &[step])
    };
    each.map(one).collect()
}
