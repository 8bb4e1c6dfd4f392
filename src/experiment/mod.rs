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
mod figures;
mod heard;
mod held;
mod injects;
mod layout;
mod levers;
mod listener;
mod measure;
mod metrics;
mod names;
mod observed_points;
mod outdated;
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
mod shortage;
mod side_by_side;
mod site_table;
mod sums;
mod support;
mod testimony;
mod timeline;
mod until;
mod watch;
mod why;

use std::ops::Range;

use rayon::prelude::*;

pub use backtest::{Comparison, backtest};
pub use bottlenecks::{Bottlenecks, Stretch, bottlenecks};
pub use compare::{
    AssuranceComparison, AssurancePair, Compared, Deletions, LOOK, MOST_COMPARED, Margin,
    MetricComparison, MetricMargin, Pair, PooledPair, StrategyStanding, compare,
};
pub use contact::{ContactCurve, ContactMetrics, contact_curve};
pub use curves::{
    Band, Cumulative, Distributions, Quantiles, RecoveryCurve, TierTimes, distributions,
    recovery_curve,
};
pub use estimates::{
    CONFIDENCE, MeanEstimate, ShareEstimate, TimeEstimate, When, mean_at, mean_of, median_time,
    quantile_time, share_of,
};
pub use figures::{Pooled, Together};
pub use heard::{CHAINS, Heard, WATCHED};
pub use held::{Held, PieceCause};
pub use injects::{
    InjectCost, InjectEffect, LaterBack, inject_effects, recoveries_without_injects,
};
pub use levers::{Causes, LeverEffect, causes, levers, recoveries_of_levers, worth_pulling};
pub use measure::{Measurements, StrategyMetrics, figure_of_step, measure, measure_one, metrics};
pub use metrics::{Attainment, ReplicationMetrics, TrackMetrics, Yardstick, Yardsticks};
pub use observed_points::{ObservedPoint, observed_points};
pub use outdated::{Counted, Outdated};
pub use packed::{packed_instants, packed_places};
pub use paired::{Against, Paired, against, paired};
pub use part::{
    JoinFault, Part, PartError, PartHead, PartTexts, Slice, is_part, join, misfits, write_part,
};
pub use pool::{By, rta_clusters};
pub use progress::{Mean, Practice, Practised, Progress, Rework, Takeover, progress};
pub use recovery_times::{FEWEST_FOR_WEIGHTED, RecoveryTimes, recovery_times};
pub use replay::{
    BINS, BatchStory, Choice, Gauge, GaugeKind, Mark, MarkKind, Peaks, Replay, SiteStory, replays,
};
pub use results::{AimedAt, Aims, PoolLabel, Results, StepLabel, StrategyResults};
pub use select::{Selection, select_best};
pub use side_by_side::{Bar, Beside, Risk, SideBySide, side_by_side, side_by_side_of};
pub use site_table::{
    ChainPiece, ChainTree, SiteLabel, SiteRow, SiteTable, site_labels, site_table,
};
pub use support::{Support, Supports, reach};
pub use testimony::testify;
pub use timeline::{Need, Told, Trace, Use, What, timeline, trace};
pub use until::{BATCH, MOST, Reached, Until, precision, run_until};
pub use why::{Cause, ChainLink, Link, Why, median_replication, out_longest, why, whys};

pub use crate::scenario::{Reading, Readings, apart};
pub use crate::trace::{DataLoss, Outcome, PoolTally, Restoration, StepTally, ThroughputTally};

use crate::experiment::heard::{Simulated, is_heard};
use crate::experiment::layout::Layout;
use crate::experiment::listener::Listener;
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
    run_these(scenario, design, &slice.collect::<Vec<u32>>(), progress)
}

/// As [`run`], but only the replications of these numbers, which the results have in this order.
fn run_these(
    scenario: &Scenario,
    design: &Design,
    numbers: &[u32],
    progress: &(dyn Fn() + Sync),
) -> Results {
    let aims = match scenario.estate.is_redrawn() {
        true => Aims::Redrawn(
            numbers
                .par_iter()
                .map(|it| results::aimed_at(&scenario.in_replication(u64::from(*it))))
                .collect(),
        ),
        false => Aims::Same(results::aimed_at(scenario)),
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
            return (0..self.numbers.len()).into_par_iter().map(one).collect();
        }
        let layout = Layout::new(plan, &strategy.steps, true);
        let fresh = || Listener::new(plan, &layout);
        let one =
            |listener: &mut Listener<'_>, place: usize| self.simulate(listener, &yardsticks, place);
        (0..self.numbers.len()).into_par_iter().map_init(fresh, one).collect()
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
