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
mod contact_curve;
mod contacts;
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
mod replays;
mod results;
mod run;
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
mod yardstick;

pub use backtest::{Comparison, backtest};
pub use bottlenecks::{Bottlenecks, Stretch, bottlenecks};
pub use compare::{
    AssuranceComparison, AssurancePair, Compared, Deletions, LOOK, MOST_COMPARED, Margin,
    MetricComparison, MetricMargin, Pair, PooledPair, StrategyStanding, compare,
};
pub use contact::ContactMetrics;
pub use contact_curve::{ContactCurve, contact_curve};
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
pub use metrics::{Attainment, ReplicationMetrics, TrackMetrics};
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
    BINS, BatchStory, Choice, Gauge, GaugeKind, Mark, MarkKind, Peaks, Replay, SiteStory,
};
pub use replays::replays;
pub use results::{AimedAt, Aims, PoolLabel, Results, StepLabel, StrategyResults};
pub(crate) use run::run_these;
pub use run::{Design, run, run_slice};
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
pub use yardstick::{Yardstick, Yardsticks};

pub use crate::scenario::{Reading, Readings, apart};
pub use crate::trace::{DataLoss, Outcome, PoolTally, Restoration, StepTally, ThroughputTally};
