//! What the figures of many replications say together, each with its interval.
//!
//! One number a replication: order statistics for a quantile, Student for a mean, Wilson for a
//! share. A time that never comes sorts last, so quantiles stay right while their rank is finite.

use crate::stats::{Interval, mean_t, quantile_ranks, quantile_sorted, wilson};
use crate::units::SimDuration;

/// The confidence of every interval that is shown. (Verdicts use the policy's own.)
pub const CONFIDENCE: f64 = 0.95;

/// With fewer replications, the 5 % and 95 % quantiles are just the least and the greatest value.
const FEWEST_FOR_SPREAD: usize = 20;

/// A time that may not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// So long after what it is counted from.
    After(SimDuration),
    /// Not before the replication ended.
    Never,
    /// There are too few replications to tell.
    TooFew,
}

impl When {
    /// The time, if it is known and comes.
    #[must_use]
    pub fn time(self) -> Option<SimDuration> {
        match self {
            Self::After(time) => Some(time),
            Self::Never | Self::TooFew => None,
        }
    }

    fn of(time: Option<SimDuration>) -> Self {
        time.map_or(Self::Never, Self::After)
    }
}

/// The median over replications of a time that may not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeEstimate {
    /// The median.
    pub median: When,
    /// Lower end of the median's interval.
    pub low: When,
    /// Upper end of the median's interval.
    pub high: When,
    /// The 5 % quantile over replications.
    pub p05: When,
    /// The 95 % quantile over replications.
    pub p95: When,
    /// Replications.
    pub n: usize,
    /// Those of them in which the time never came.
    pub never: usize,
}

/// The median of one time a replication, with its order-statistic interval.
///
/// # Panics
/// When there is no replication.
#[must_use]
pub fn median_time(times: impl IntoIterator<Item = Option<SimDuration>>) -> TimeEstimate {
    quantile_time(times, 0.5)
}

/// The `p`-quantile of one time a replication, with its order-statistic interval, in the place of
/// the median. Where there are too few replications for an upper bound, a quantile above the median
/// is not known either: the greatest value seen would be taken for it.
///
/// # Panics
/// When there is no replication.
#[must_use]
pub fn quantile_time(times: impl IntoIterator<Item = Option<SimDuration>>, p: f64) -> TimeEstimate {
    // By (is never, time), so that what never comes sorts last.
    let mut sorted: Vec<(bool, Option<SimDuration>)> =
        times.into_iter().map(|it| (it.is_none(), it)).collect();
    sorted.sort_unstable();
    let n = sorted.len();
    let quantile = |p| When::of(quantile_sorted(&sorted, p).1);
    let bound = |rank: Option<usize>| rank.map_or(When::TooFew, |it| When::of(sorted[it - 1].1));
    let spread = |p| if n < FEWEST_FOR_SPREAD { When::TooFew } else { quantile(p) };
    let (low, high) = quantile_ranks(n, p, CONFIDENCE);
    TimeEstimate {
        median: if p > 0.5 && high.is_none() { When::TooFew } else { quantile(p) },
        low: bound(low),
        high: bound(high),
        p05: spread(0.05),
        p95: spread(0.95),
        n,
        never: sorted.iter().filter(|it| it.0).count(),
    }
}

/// The mean over replications of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanEstimate {
    /// The mean.
    pub mean: f64,
    /// Its interval; `None` when there is only one replication.
    pub interval: Option<Interval>,
    /// The 5 % and 95 % quantiles over replications; `None` when there are too few to tell.
    pub spread: Option<Interval>,
    /// Replications.
    pub n: usize,
}

/// The mean of one number a replication, with Student's interval; `None` of no number.
#[must_use]
pub fn mean_of(values: &[f64]) -> Option<MeanEstimate> {
    mean_at(values, CONFIDENCE)
}

/// As [`mean_of`], with an interval of this confidence.
pub(super) fn mean_at(values: &[f64], confidence: f64) -> Option<MeanEstimate> {
    let n = values.len();
    let student = mean_t(values, confidence);
    let mean = student.map_or_else(|| *values.first().unwrap_or(&f64::NAN), |it| it.value);
    if values.iter().any(|it| !it.is_finite()) || n == 0 {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let spread = (n >= FEWEST_FOR_SPREAD).then(|| Interval {
        low: quantile_sorted(&sorted, 0.05),
        high: quantile_sorted(&sorted, 0.95),
    });
    Some(MeanEstimate { mean, interval: student.map(|it| it.interval), spread, n })
}

/// The share of replications in which something holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShareEstimate {
    /// Replications in which it holds.
    pub holds: u64,
    /// Replications.
    pub n: u64,
    /// Wilson's interval of the share.
    pub interval: Interval,
}

impl ShareEstimate {
    /// The share.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.holds as f64 / self.n as f64
    }
}

/// The share of replications in which something holds; `None` where nothing is asked.
#[must_use]
pub fn share_of(answers: impl IntoIterator<Item = Option<bool>>) -> Option<ShareEstimate> {
    let answers: Option<Vec<bool>> = answers.into_iter().collect();
    let answers = answers.filter(|it| !it.is_empty())?;
    let (holds, n) = (answers.iter().filter(|it| **it).count() as u64, answers.len() as u64);
    Some(ShareEstimate { holds, n, interval: wilson(holds, n, CONFIDENCE) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(number: u64) -> Option<SimDuration> {
        Some(SimDuration::from_hours(number))
    }

    #[test]
    fn a_median_time_lies_between_two_observed_times() {
        let estimate = median_time((1..=100).map(hours));
        let at = |number| When::After(SimDuration::from_hours(number));
        assert_eq!((estimate.low, estimate.median, estimate.high), (at(40), at(50), at(61)));
        assert_eq!((estimate.p05, estimate.p95), (at(5), at(95)));
        assert_eq!((estimate.n, estimate.never), (100, 0));
    }

    #[test]
    fn the_greatest_value_is_never_taken_for_a_quantile() {
        let at = |number| When::After(SimDuration::from_hours(number));
        let enough = quantile_time((1..=100).map(hours), 0.9);
        assert_eq!((enough.low, enough.median, enough.high), (at(84), at(90), at(96)));
        let least = quantile_time((1..=36).map(hours), 0.9);
        assert_eq!((least.median, least.high), (at(33), at(36)));
        assert_eq!(quantile_time((1..=35).map(hours), 0.9).median, When::TooFew);
    }

    #[test]
    fn what_never_comes_sorts_last() {
        let estimate = median_time((1..=100).map(|it| hours(it).filter(|_| it <= 55)));
        assert_eq!(estimate.median, When::After(SimDuration::from_hours(50)));
        assert_eq!((estimate.high, estimate.p95, estimate.never), (When::Never, When::Never, 45));
    }

    #[test]
    fn few_replications_have_a_median_and_no_interval() {
        let estimate = median_time([hours(3), hours(1), hours(2)]);
        assert_eq!(estimate.median, When::After(SimDuration::from_hours(2)));
        assert_eq!((estimate.low, estimate.high), (When::TooFew, When::TooFew));
        assert_eq!(estimate.p95, When::TooFew);
    }

    #[test]
    fn one_replication_has_a_mean_and_no_interval() {
        let estimate = mean_of(&[4.0]).unwrap();
        assert_eq!((estimate.mean, estimate.interval, estimate.n), (4.0, None, 1));
        assert_eq!(mean_of(&[]), None);
        assert_eq!(mean_of(&[f64::INFINITY, 1.0]), None);
    }

    #[test]
    fn a_share_is_asked_of_all_or_of_none() {
        let estimate = share_of((0..100).map(|it| Some(it < 95))).unwrap();
        assert_eq!((estimate.holds, estimate.n, estimate.share()), (95, 100, 0.95));
        assert!((estimate.interval.low - 0.888_250).abs() < 1e-6);
        assert_eq!(share_of([Some(true), None]), None);
        assert_eq!(share_of([]), None);
    }
}
