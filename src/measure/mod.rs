//! From outcomes to figures: the catalogue read from every exercise, and what the figures of many
//! exercises say together, each with its interval.

mod contact;
mod contact_curve;
mod curves;
pub(crate) mod estimates;
mod figures;
mod measurements;
mod metrics;
mod observed_points;
mod open_tracks;
mod outdated;
mod pool;
mod recovery_times;
mod support;
pub use contact::ContactMetrics;
pub use contact_curve::{ContactCurve, contact_curve};
pub use curves::{
    Band, Cumulative, Distributions, Quantiles, RecoveryCurve, TierTimes, distributions,
    recovery_curve,
};
pub use estimates::{
    CONFIDENCE, EstimatedTime, MeanEstimate, ShareEstimate, TimeEstimate, mean_at, mean_of,
    median_time, quantile_time, share_of,
};
pub use figures::{Pooled, Together};
pub use measurements::{
    Measurements, StrategyMetrics, measure, measure_one, metrics, times_of_steps,
};
pub use metrics::{Attainment, ReplicationMetrics, TrackMetrics};
pub use observed_points::{ObservedPoint, observed_points};
pub use outdated::{Counted, Outdated};
pub use pool::{By, rta_clusters};
pub use recovery_times::{FEWEST_FOR_WEIGHTED, RecoveryTimes, recovery_times};
pub use support::{Support, Supports, reach};
