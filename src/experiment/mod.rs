//! Strategies times replications on threads, results in index order; and what they come to.
//!
//! Threads live here and nowhere else. What a replication comes to depends on the plan, the seed
//! and its number; outcomes are collected by number and summed up in sequence, so that the number
//! of threads never shows.

mod backtest;
mod bottlenecks;
mod chain;
mod compare;
mod contact;
mod curves;
mod estimates;
#[cfg(test)]
pub(crate) mod fake;
mod levers;
mod metrics;
mod observed_points;
mod packed;
mod paired;
mod part;
mod pool;
mod progress;
mod recovery_times;
mod repeats;
mod replay;
mod results;
mod select;
mod side_by_side;
mod site_table;
mod timeline;
mod until;
mod watch;
mod why;

use std::ops::Range;

use rayon::prelude::*;

pub use backtest::{Comparison, backtest};
pub use bottlenecks::{Bottlenecks, CHAINS, Held, Stretch, bottlenecks};
pub use compare::{
    AssuranceComparison, AssurancePair, Compared, LOOK, MOST_COMPARED, Margin, Metric,
    MetricComparison, MetricMargin, Pair, PooledPair, StrategyStanding, compare,
};
pub use contact::{ContactCurve, ContactMetrics, contact_curve};
pub use curves::{
    Band, Cumulative, Distributions, Quantiles, RecoveryCurve, TierTimes, distributions,
    recovery_curve,
};
pub use estimates::{
    CONFIDENCE, MeanEstimate, ShareEstimate, TimeEstimate, When, mean_of, median_time,
    quantile_time, share_of,
};
pub use levers::{Causes, LeverEffect, causes, levers, recoveries_of_levers, worth_pulling};
pub use metrics::{
    Attainment, Measurements, ReplicationMetrics, StrategyMetrics, TrackMetrics, Yardstick,
    Yardsticks, measure, metrics,
};
pub use observed_points::{ObservedPoint, observed_points};
pub use packed::{packed_instants, packed_places};
pub use paired::{Against, Paired, against, paired};
pub use part::{
    JoinFault, Part, PartError, PartHead, PartTexts, Slice, is_part, join, misfits, write_part,
};
pub use pool::{By, rta_clusters};
pub use progress::{Mean, Practice, Practised, Progress, Rework, Takeover, WATCHED, progress};
pub use recovery_times::{FEWEST_FOR_WEIGHTED, RecoveryTimes, recovery_times};
pub use replay::{
    BINS, BatchStory, Choice, Gauge, GaugeKind, Mark, MarkKind, Replay, SiteStory, replays,
};
pub use results::{AimedAt, Aims, PoolLabel, Results, StepLabel, StrategyResults};
pub use select::{Selection, select_best};
pub use side_by_side::{Bar, Beside, Risk, SideBySide, side_by_side, side_by_side_of};
pub use site_table::{
    ChainPiece, ChainTree, PieceCause, SiteLabel, SiteRow, SiteTable, site_labels, site_table,
};
pub use timeline::{Need, Told, Trace, Use, What, timeline, trace};
pub use until::{BATCH, MOST, Reached, Until, precision, run_until};
pub use why::{Cause, Link, Why, median_replication, out_longest, why};

pub use crate::engine::{DataLoss, Outcome, PoolTally, Restoration, StepTally, ThroughputTally};

use crate::engine::Engine;
use crate::ids::StrategyId;
use crate::plan::{Plan, compile, pool_labels, step_labels, throughput_labels};
use crate::rng::Streams;
use crate::scenario::Scenario;
use crate::trace::Silent;

/// What to simulate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Design {
    /// The strategies, each once.
    pub strategies: Vec<StrategyId>,
    /// Recoveries to simulate for each.
    pub replications: u32,
    /// Seed of every random number.
    pub seed: u64,
}

impl Design {
    /// Every strategy of the scenario, as often as the scenario says.
    #[must_use]
    pub fn of(scenario: &Scenario) -> Self {
        Self {
            strategies: scenario.strategies.ids().collect(),
            replications: scenario.experiment.replications,
            seed: scenario.experiment.seed,
        }
    }
}

/// Simulates every strategy of the design, on the threads of the present rayon pool.
///
/// `progress` is called once for every replication that is done, from any thread.
///
/// Memory: about 50 bytes for each deleted site, replication and strategy.
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
    let redrawn = scenario.estate.is_redrawn();
    let one = |id: &StrategyId| {
        let plan = compile(scenario, *id);
        StrategyResults {
            strategy: *id,
            tracks: scenario.strategies[*id].tracks.iter().map(|it| it.name.clone()).collect(),
            steps: step_labels(scenario, *id),
            pools: pool_labels(&plan),
            throughputs: throughput_labels(&plan),
            outcomes: match redrawn {
                true => replicate_redrawn(scenario, *id, design.seed, slice.clone(), progress),
                false => replicate(&plan, design.seed, slice.clone(), progress),
            },
        }
    };
    Results {
        seed: design.seed,
        replications: slice.end - slice.start,
        aims: match redrawn {
            true => Aims::Redrawn(
                slice
                    .clone()
                    .into_par_iter()
                    .map(|it| results::aimed_at(&scenario.in_replication(u64::from(it))))
                    .collect(),
            ),
            false => Aims::Same(results::aimed_at(scenario)),
        },
        strategies: design.strategies.iter().map(one).collect(),
    }
}

fn replicate(
    plan: &Plan,
    seed: u64,
    slice: Range<u32>,
    progress: &(dyn Fn() + Sync),
) -> Vec<Outcome> {
    slice
        .into_par_iter()
        .map_init(
            || Engine::new(plan),
            |engine, replication| {
                let streams = Streams::new(seed, u64::from(replication));
                let outcome = engine.simulate(streams, &mut Silent);
                progress();
                outcome
            },
        )
        .collect()
}

/// The same for replications that have an estate of their own each.
fn replicate_redrawn(
    scenario: &Scenario,
    strategy: StrategyId,
    seed: u64,
    slice: Range<u32>,
    progress: &(dyn Fn() + Sync),
) -> Vec<Outcome> {
    let one = |replication: u32| {
        let number = u64::from(replication);
        let plan = compile(&scenario.in_replication(number), strategy);
        let outcome = Engine::new(&plan).simulate(Streams::new(seed, number), &mut Silent);
        progress();
        outcome
    };
    slice.into_par_iter().map(one).collect()
}
