//! What was thrown in, and what each inject cost: the same exercises once more, without it alone.
//!
//! An exercise without an inject has every other draw in common with the exercise as it is. Where
//! the inject was not thrown in the two are the same, so only the others are simulated again, and
//! what it cost is a mean over those. What several injects cost together is not the sum of that: one
//! may cost nothing because another already holds everything up.

use crate::chain::CHAINS;
use crate::compare::{Paired, paired};
use crate::engine::dated_injects;
use crate::experiment::{Design, Results, StrategyResults, run_these};
use crate::measure::{CONFIDENCE, ReplicationMetrics, StrategyMetrics, measure_one};
use crate::plan::compile;
use crate::rng::Streams;
use crate::scenario::{Figure, InjectKind, Reading, Scenario};

/// What an inject can cost; only the first is about when sites come back.
const FIGURES: [Figure; 3] = [Figure::RtaP95, Figure::SiteHoursLost, Figure::PersonHours];

/// What became of an inject under one strategy.
#[derive(Clone, Debug, PartialEq)]
pub struct InjectEffect {
    /// Its place in the scenario.
    pub inject: usize,
    /// Exercises in which it was thrown in.
    pub thrown_in: usize,
    /// All exercises.
    pub of: usize,
    /// What it cost; nothing is known where it was never thrown in.
    pub cost: Option<InjectCost>,
}

/// What an inject cost: the figures with it minus those without it.
#[derive(Clone, Debug, PartialEq)]
pub struct InjectCost {
    /// Exercises that were laid side by side: of those in which it was thrown in the first, at most
    /// [`CHAINS`].
    pub n: usize,
    /// Those of them in which none of the figures differs.
    pub unchanged: usize,
    /// Recovery time actual of the site at 95 %, in milliseconds. There is none of an inject that
    /// deletes sites: without it there are other sites, or they are away since another time.
    pub rta_p95: Option<LaterBack>,
    /// Time without the site, summed over sites, in milliseconds.
    pub site_ms: Paired,
    /// Work of all teams, in person-milliseconds.
    pub person_ms: Paired,
}

/// How much later 95 % of the sites are back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LaterBack {
    /// Over the exercises in which they come back both with the inject and without it.
    pub paired: Paired,
    /// Exercises in which they come back only without it.
    pub only_without: usize,
    /// Exercises in which they come back only with it.
    pub only_with: usize,
}

/// What became of each inject of a scenario under one strategy, in the order of the scenario.
///
/// Costs at most [`CHAINS`] recoveries for each inject.
#[must_use]
pub fn inject_effects(
    scenario: &Scenario,
    (outcomes, metrics): (&StrategyResults, &StrategyMetrics),
    seed: u64,
    progress: &(dyn Fn() + Sync),
) -> Vec<InjectEffect> {
    let each = thrown_in(scenario, outcomes, seed).into_iter().enumerate();
    let effect = |(inject, numbers): (usize, Vec<u32>)| InjectEffect {
        inject,
        thrown_in: numbers.len(),
        of: outcomes.outcomes.len(),
        cost: (!numbers.is_empty()).then(|| {
            let first = &numbers[..numbers.len().min(CHAINS)];
            cost(scenario, inject, metrics, (first, seed), progress)
        }),
    };
    each.map(effect).collect()
}

/// How many recoveries are simulated again to tell what injects cost.
#[must_use]
pub fn recoveries_without_injects(scenario: &Scenario, results: &Results) -> u64 {
    let each = results.strategies.iter().flat_map(|it| thrown_in(scenario, it, results.seed));
    each.map(|numbers| numbers.len().min(CHAINS) as u64).sum()
}

/// The numbers of the exercises in which each inject was thrown in. That is known without their
/// logs: injects wait for nothing but milestones, and everything up to the horizon happens.
fn thrown_in(scenario: &Scenario, outcomes: &StrategyResults, seed: u64) -> Vec<Vec<u32>> {
    let mut numbers = vec![Vec::new(); scenario.injects.len()];
    if numbers.is_empty() {
        return numbers;
    }
    let plan = compile(scenario, outcomes.strategy);
    for (number, outcome) in (0u32..).zip(&outcomes.outcomes) {
        let streams = Streams::new(seed, u64::from(number));
        let dated = dated_injects(&plan, &streams, &outcome.milestones);
        for (inject, _) in dated.filter(|(_, at)| *at <= plan.horizon) {
            numbers[inject].push(number);
        }
    }
    numbers
}

fn cost(
    scenario: &Scenario,
    inject: usize,
    metrics: &StrategyMetrics,
    (numbers, seed): (&[u32], u64),
    progress: &(dyn Fn() + Sync),
) -> InjectCost {
    let strategy = metrics.strategy;
    let replications = u32::try_from(numbers.len()).expect("few recoveries");
    let other = scenario.without_inject(inject);
    let design = Design { strategies: vec![strategy], replications, seed, explained: false };
    let results = run_these(&other, &design, numbers, progress);
    let without = measure_one(&other, &results, &results.strategies[0]);
    let with = StrategyMetrics {
        strategy,
        replications: numbers.iter().map(|it| metrics.replications[*it as usize].clone()).collect(),
        supports: metrics.supports,
    };
    let by = |figure: Figure| paired(&with, &without, figure, CONFIDENCE);
    let deletes = matches!(scenario.injects[inject].what, InjectKind::Deletion(..));
    let told = if deletes { &FIGURES[1..] } else { &FIGURES };
    InjectCost {
        n: numbers.len(),
        unchanged: unchanged(&with, &without, told),
        rta_p95: (!deletes).then(|| later_back(&with, &without)),
        site_ms: by(Figure::SiteHoursLost),
        person_ms: by(Figure::PersonHours),
    }
}

/// In how many replications these figures are the same.
fn unchanged(with: &StrategyMetrics, without: &StrategyMetrics, figures: &[Figure]) -> usize {
    let pairs = with.replications.iter().zip(&without.replications);
    let is_same = |(with, without): &(&ReplicationMetrics, &ReplicationMetrics)| {
        figures.iter().all(|it| with.figures.of(*it) == without.figures.of(*it))
    };
    pairs.filter(is_same).count()
}

fn later_back(with: &StrategyMetrics, without: &StrategyMetrics) -> LaterBack {
    let figure = Figure::RtaP95;
    let pairs: Vec<(Reading, Reading)> =
        with.readings(figure).into_iter().zip(without.readings(figure)).collect();
    let count = |with: bool, without: bool| {
        let comes = |it: Reading| it != Reading::Never;
        pairs.iter().filter(|it| (comes(it.0), comes(it.1)) == (with, without)).count()
    };
    LaterBack {
        paired: paired(with, without, figure, CONFIDENCE),
        only_without: count(false, true),
        only_with: count(true, false),
    }
}
