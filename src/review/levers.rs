//! What one more of each thing that a recovery needs would bring: the same recoveries once more,
//! with one more of it.
//!
//! A binding chain says what a recovery went through; only this says what would help. Queues point
//! at the wrong team: work piles up in front of people who are not what the end waits for. And one
//! more can even make a recovery longer (Graham's anomalies).

use rayon::prelude::*;

use crate::chain::CHAINS;
use crate::compare::{Paired, paired};
use crate::experiment::{Design, Results, StrategyResults, run};
use crate::ids::StrategyId;
use crate::measure::{CONFIDENCE, Measurements, StrategyMetrics, measure_one};
use crate::review::bottlenecks::{Bottlenecks, bottlenecks};
use crate::review::cause::CauseKind;
use crate::review::injects::{InjectEffect, inject_effects};
use crate::scenario::{Figure, Lever, Scenario};

/// Steps that are tried a tenth faster.
const STEPS: usize = 8;

/// What holds the recoveries of an experiment up, by strategy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Causes {
    /// What the binding chains went through; nothing where nothing came back.
    pub bottlenecks: Vec<Option<Bottlenecks>>,
    /// What one more of each would bring; nothing where it was not asked for.
    pub levers: Vec<Vec<LeverEffect>>,
    /// What was thrown in, and what that cost.
    pub injects: Vec<Vec<InjectEffect>>,
}

/// What a lever brings under one strategy: the figures with it minus those without.
#[derive(Clone, Debug, PartialEq)]
pub struct LeverEffect {
    /// What was made better.
    pub lever: Lever,
    /// Its name in the scenario; of a slot that of the track.
    pub name: String,
    /// Recoveries that were laid side by side.
    pub n: usize,
    /// Recovery time actual of the site at 95 %, in milliseconds.
    pub rta_p95: Paired,
    /// Work of all teams, in person-milliseconds.
    pub person_ms: Paired,
}

/// Finds out what holds the recoveries of every strategy up and what each inject cost; what one more
/// of each would bring only if that is asked for, as it takes about a fifth of the experiment for
/// each lever.
#[must_use]
pub fn causes(
    scenario: &Scenario,
    results: &Results,
    measurements: &Measurements,
    with_levers: bool,
    progress: &(dyn Fn() + Sync),
) -> Causes {
    let bottlenecks: Vec<Option<Bottlenecks>> =
        results.strategies.par_iter().map(|it| bottlenecks(scenario, results, it)).collect();
    let each = measurements.strategies.iter().zip(&bottlenecks).filter(|_| with_levers);
    let effects = |(metrics, found): (&StrategyMetrics, &Option<Bottlenecks>)| {
        let pulled = worth_pulling(scenario, metrics.strategy, found.as_ref());
        levers(scenario, metrics, &pulled, results.seed, progress)
    };
    let levers = each.map(effects).collect();
    let each = results.strategies.iter().zip(&measurements.strategies);
    let injects = each.map(|it| inject_effects(scenario, it, results.seed, progress)).collect();
    Causes { bottlenecks, levers, injects }
}

/// All that there can be more of under a strategy, and the steps that its binding chain goes
/// through longest.
#[must_use]
pub fn worth_pulling(
    scenario: &Scenario,
    strategy: StrategyId,
    found: Option<&Bottlenecks>,
) -> Vec<Lever> {
    let mut levers = scenario.levers(strategy);
    // The longest come first.
    let steps = found.iter().flat_map(|it| &it.parts).filter(|it| it.held == CauseKind::Step);
    let faster = steps.filter_map(|it| scenario.faster(strategy, &it.track, &it.name));
    levers.extend(faster.take(STEPS));
    levers
}

/// What each lever would bring, the most helpful first. `metrics` are those of the strategy as it
/// is; the first of its recoveries, at most [`CHAINS`], are simulated again with each lever.
#[must_use]
pub fn levers(
    scenario: &Scenario,
    metrics: &StrategyMetrics,
    levers: &[Lever],
    seed: u64,
    progress: &(dyn Fn() + Sync),
) -> Vec<LeverEffect> {
    let effect = |lever: &Lever| effect(scenario, metrics, seed, *lever, progress);
    let mut effects: Vec<LeverEffect> = levers.iter().map(effect).collect();
    let gain = |effect: &LeverEffect| effect.rta_p95.estimate.map_or(f64::INFINITY, |it| it.mean);
    effects.sort_by(|a, b| gain(a).total_cmp(&gain(b)).then(a.lever.cmp(&b.lever)));
    effects
}

fn effect(
    scenario: &Scenario,
    without: &StrategyMetrics,
    seed: u64,
    lever: Lever,
    progress: &(dyn Fn() + Sync),
) -> LeverEffect {
    let strategy = without.strategy;
    let n = without.replications.len().min(CHAINS);
    let replications = u32::try_from(n).expect("few recoveries");
    let more = scenario.with_lever(strategy, lever);
    let design = Design { strategies: vec![strategy], replications, seed, explained: false };
    let results = run(&more, &design, progress);
    let with = measure_one(&more, &results, &results.strategies[0]);
    let without = StrategyMetrics {
        strategy,
        replications: without.replications[..n].to_vec(),
        supports: without.supports,
    };
    let by = |figure: Figure| paired(&with, &without, figure, CONFIDENCE);
    let (rta_p95, person_ms) = (by(Figure::RtaP95), by(Figure::PersonHours));
    LeverEffect { lever, name: name(scenario, strategy, lever), n, rta_p95, person_ms }
}

fn name(scenario: &Scenario, strategy: StrategyId, lever: Lever) -> String {
    let track_of = |track| &scenario.strategies[strategy].tracks[track];
    match lever {
        Lever::People(team, _) => scenario.teams[team].name.clone(),
        Lever::Units(limit, _) => scenario.limits[limit].name.clone(),
        Lever::Tenth(throughput) => scenario.throughputs[throughput].name.clone(),
        Lever::Slot(track) => track_of(track).name.clone(),
        Lever::Faster(track, step) => {
            let it = track_of(track);
            format!("{} ({})", scenario.runbooks[it.runbook].steps[step].id, it.name)
        }
    }
}

/// How many recoveries the levers of an experiment simulate, about.
#[must_use]
pub fn recoveries_of_levers(scenario: &Scenario, results: &Results) -> u64 {
    let levers = |it: &StrategyResults| scenario.levers(it.strategy).len() + STEPS;
    let levers: usize = results.strategies.iter().map(levers).sum();
    levers as u64 * u64::from(results.replications).min(CHAINS as u64)
}
