//! Which recoveries are looked at: four of each strategy by when the last site was back, the best,
//! the median, one as bad as one in twenty, and the worst. They are simulated again with a recorder
//! that keeps no more than what is shown.

use rayon::prelude::*;

use crate::engine::Engine;
use crate::experiment::{Results, StrategyResults};
use crate::measure::ReplicationMetrics;
use crate::plan::compile;
use crate::review::recorder::ReplayRecorder;
use crate::review::replay::{Choice, Mark, MarkKind, Replay};
use crate::rng::Streams;
use crate::scenario::Scenario;
use crate::stats::rank;
use crate::units::SimTime;

/// The replays of a strategy, each replication once: where two choices fall on the same one, the
/// first of them.
///
/// Costs a few times what simulating four replications does.
#[must_use]
pub fn replays(
    scenario: &Scenario,
    results: &Results,
    strategy: &StrategyResults,
    replications: &[ReplicationMetrics],
) -> Vec<Replay> {
    let chosen = choose(replications);
    let one = |(choice, number): (Choice, usize)| {
        replay(scenario, results.seed, strategy, choice, number)
    };
    chosen.into_par_iter().map(one).collect()
}

/// The replications to look at, by their numbers.
fn choose(replications: &[ReplicationMetrics]) -> Vec<(Choice, usize)> {
    let end = |it: &ReplicationMetrics| it.last_restored.unwrap_or(SimTime::NEVER);
    let mut order: Vec<usize> = (0..replications.len()).collect();
    order.sort_by_key(|it| (end(&replications[*it]), *it));
    let mut chosen: Vec<(Choice, usize)> = Vec::new();
    for choice in Choice::ALL {
        let place = match choice {
            Choice::Best => 1,
            Choice::Median => rank(0.5, order.len()),
            Choice::P95 => rank(0.95, order.len()),
            Choice::Worst => order.len(),
        };
        let number = order[place - 1];
        if chosen.iter().all(|it| it.1 != number) {
            chosen.push((choice, number));
        }
    }
    // With few exercises the best may be the median: then it is called so.
    let median = order[rank(0.5, order.len()) - 1];
    for it in chosen.iter_mut().filter(|it| it.1 == median) {
        it.0 = Choice::Median;
    }
    chosen
}

fn replay(
    scenario: &Scenario,
    seed: u64,
    strategy: &StrategyResults,
    choice: Choice,
    number: usize,
) -> Replay {
    let scenario = &*scenario.in_replication(number as u64);
    let plan = compile(scenario, strategy.strategy);
    let mut watch = ReplayRecorder::new(&plan);
    let outcome = Engine::new(&plan).simulate(Streams::new(seed, number as u64), &mut watch);
    let stories = watch.stories(&outcome);
    let horizon = SimTime::ZERO + scenario.experiment.horizon;
    let ends = stories.iter().map(|it| match (it.deleted, it.back.or(it.lost)) {
        (None, _) => SimTime::ZERO,
        (Some(_), end) => end.unwrap_or(horizon),
    });
    let end = ends.max().unwrap_or(SimTime::ZERO);
    let gone = || stories.iter().filter(|it| it.deleted.is_some());
    let all_back = gone().all(|it| it.back.is_some());
    let milestone = |it: usize| scenario.incident.milestones.as_slice()[it].name.clone();
    let inject = |it: usize| scenario.injects[it].title.clone();
    let track = |it: usize| strategy.tracks[it].clone();
    let marks = watch.marks.iter().map(|(at, kind, index)| Mark {
        at: *at,
        kind: *kind,
        name: match kind {
            MarkKind::Milestone => milestone(*index),
            MarkKind::Opened | MarkKind::Closed => track(*index),
            MarkKind::Inject | MarkKind::InjectEnded => inject(*index),
        },
    });
    Replay {
        choice,
        replication: number as u64,
        end,
        last_restored: gone().filter_map(|it| it.back).max().filter(|_| all_back),
        batches: watch.batches(&stories, &strategy.tracks),
        gauges: watch.gauges(&stories, &strategy.steps, &strategy.tracks, end),
        marks: marks.collect(),
        sites: stories,
    }
}
