//! Replications until the answer is precise enough.
//!
//! Batches come by index, so that the result is that of a plain run of as many replications. To
//! stop when an interval is narrow is allowed. To stop when it has come to lie on one side of an
//! objective, or when a strategy has become best, is not: who looks often enough sees that by
//! chance.

use std::ops::Range;

use crate::experiment::{Design, Results, run_slice};
use crate::measure::{StrategyMetrics, mean_of, measure_one};
use crate::scenario::{Figure, Reading, Scenario};
use crate::stats::Interval;

/// Replications between two looks, and before the first.
pub const BATCH: u32 = 50;

/// Replications at which it ends at the latest, if nobody says otherwise.
pub const MOST: u32 = 100_000;

/// How precise, and how long at most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Until {
    /// Half of the interval of each figure that is asked about, as a share of the figure.
    pub target: f64,
    /// Replications at which it ends at the latest.
    pub most: u32,
}

/// How that ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reached {
    /// Replications of each strategy.
    pub replications: u32,
    /// Half of the widest interval as a share of its figure.
    pub precision: f64,
    /// Whether that was within the target at the last two looks.
    pub precise: bool,
}

/// Simulates the strategies of a design in batches of [`BATCH`], until what `precision` says of
/// every strategy is within the target at two looks in a row. The design's own number of
/// replications is not used.
///
/// The second look guards against stopping at an interval that is narrow by luck (Hoad, Robinson
/// and Davies 2010). `precision` is given the figures of all replications of a strategy so far;
/// [`precision`] is the one to use for reports.
///
/// `progress` is called once for every replication that is done, from any thread.
pub fn run_until(
    scenario: &Scenario,
    design: &Design,
    until: Until,
    precision: &dyn Fn(&StrategyMetrics) -> f64,
    progress: &(dyn Fn() + Sync),
) -> (Results, Reached) {
    let mut batch = |numbers: Range<u32>| run_slice(scenario, design, numbers, progress);
    run_batches(scenario, until, precision, &mut batch, &mut |_| ())
}

/// As [`run_until`], where `batch` gives the results of the replications of these numbers, and `looked`
/// is told after each how many it will probably take.
pub fn run_batches(
    scenario: &Scenario,
    until: Until,
    precision: &dyn Fn(&StrategyMetrics) -> f64,
    batch: &mut dyn FnMut(Range<u32>) -> Results,
    looked: &mut dyn FnMut(u32),
) -> (Results, Reached) {
    let mut figures: Vec<StrategyMetrics> = Vec::new();
    let mut whole: Option<Results> = None;
    let (mut done, mut before) = (0, false);
    loop {
        let end = until.most.min(done + BATCH);
        let slice = batch(done..end);
        let more = slice.strategies.iter().map(|it| measure_one(scenario, &slice, it));
        match figures.is_empty() {
            true => figures.extend(more),
            false => {
                for (figures, more) in figures.iter_mut().zip(more) {
                    figures.replications.extend(more.replications);
                }
            }
        }
        match &mut whole {
            Some(whole) => whole.append(slice),
            None => whole = Some(slice),
        }
        done = end;
        let precision = figures.iter().map(precision).fold(0.0, f64::max);
        let now = precision <= until.target;
        if (now && before) || done >= until.most {
            let reached = Reached { replications: done, precision, precise: now && before };
            return (whole.expect("there was a batch"), reached);
        }
        looked(expected(done, precision, &until));
        before = now;
    }
}

/// How many replications it will probably take in all: an interval is as wide as one over the root of
/// how many there are, and there are two looks at the end.
fn expected(done: u32, precision: f64, until: &Until) -> u32 {
    let ratio = precision / until.target;
    let enough = f64::from(done) * ratio * ratio;
    // Whatever is not a number of batches is too many.
    let batches = (enough / f64::from(BATCH)).ceil().clamp(0.0, f64::from(until.most));
    let enough = if batches.is_nan() { until.most } else { (batches as u32).saturating_mul(BATCH) };
    enough.max(done).saturating_add(BATCH).min(until.most)
}

/// Half of the interval of the mean over replications of the 95 % quantile of recovery time, as a
/// share of the mean; of the hours without a site, where that time never comes in some
/// replication. Infinite of fewer than two replications.
#[must_use]
pub fn precision(metrics: &StrategyMetrics) -> f64 {
    let never = metrics.replications.iter().any(|it| it.rta_p95.is_none());
    let figure = if never { Figure::SiteHoursLost } else { Figure::RtaP95 };
    let number = |reading: &Reading| reading.plain().expect("every exercise has it");
    let values: Vec<f64> = metrics.readings(figure).iter().map(number).collect();
    let estimate = mean_of(&values, metrics.supports.of(figure));
    match estimate.and_then(|it| Some((it.mean, it.interval?))) {
        None => f64::INFINITY,
        Some((_, Interval { low, high })) if low == high => 0.0,
        Some((mean, Interval { low, high })) => (high - low) / 2.0 / mean.abs(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_times_as_many_make_an_interval_half_as_wide() {
        let until = Until { target: 0.01, most: 10_000 };
        // 100 and 2 % need 400 for 1 %, and the look after them.
        assert_eq!(expected(100, 0.02, &until), 450);
        assert_eq!(expected(100, 0.009, &until), 150);
        assert_eq!(expected(100, 0.2, &until), 10_000);
        assert_eq!(expected(100, f64::INFINITY, &until), 10_000);
        assert_eq!(expected(50, f64::INFINITY, &Until { target: 0.0, ..until }), 10_000);
        assert_eq!(expected(50, 0.0, &Until { target: 0.0, ..until }), 10_000);
    }
}
