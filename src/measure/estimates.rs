//! What the figures of many replications say together, each with its interval.
//!
//! One number a replication: order statistics for a quantile; for a mean Student, or the bounds of
//! what lies between two ends; Clopper and Pearson for a share. A time that never comes sorts last,
//! so quantiles stay right while their rank is finite.

use crate::measure::support::Support;
use crate::stats::{
    Interval, clopper_pearson, mean_between, mean_t, quantile_ranks, quantile_sorted,
};
use crate::units::SimDuration;

/// The confidence of every interval that is shown. (Verdicts use the policy's own.)
pub const CONFIDENCE: f64 = 0.95;

/// With fewer replications, the 5 % and 95 % quantiles are just the least and the greatest value.
const FEWEST_FOR_SPREAD: usize = 20;

/// A time that may not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EstimatedTime {
    /// So long after what it is counted from.
    After(SimDuration),
    /// Not before the replication ended.
    Never,
    /// There are too few replications to tell.
    TooFew,
}

impl EstimatedTime {
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
    pub median: EstimatedTime,
    /// Lower end of the median's interval.
    pub low: EstimatedTime,
    /// Upper end of the median's interval.
    pub high: EstimatedTime,
    /// The 5 % quantile over replications.
    pub p05: EstimatedTime,
    /// The 95 % quantile over replications.
    pub p95: EstimatedTime,
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
    let quantile = |p| EstimatedTime::of(quantile_sorted(&sorted, p).1);
    let bound = |rank: Option<usize>| {
        rank.map_or(EstimatedTime::TooFew, |it| EstimatedTime::of(sorted[it - 1].1))
    };
    let spread = |p| if n < FEWEST_FOR_SPREAD { EstimatedTime::TooFew } else { quantile(p) };
    let (low, high) = quantile_ranks(n, p, CONFIDENCE);
    TimeEstimate {
        median: if p > 0.5 && high.is_none() { EstimatedTime::TooFew } else { quantile(p) },
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
    /// Its interval; `None` when there is only one replication, and when most of them are alike and
    /// nobody knows how far another could lie off.
    pub interval: Option<Interval>,
    /// The 5 % and 95 % quantiles over replications; `None` when there are too few to tell.
    pub spread: Option<Interval>,
    /// Replications.
    pub n: usize,
    /// Those of them that have the number which most have.
    pub alike: usize,
}

impl MeanEstimate {
    /// The same in another unit: so many times as large, for a factor above zero.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self {
            mean: self.mean * factor,
            interval: self.interval.map(|it| it.scaled(factor)),
            spread: self.spread.map(|it| it.scaled(factor)),
            ..self
        }
    }

    /// Whether all replications have the same number.
    #[must_use]
    pub fn is_always_the_same(&self) -> bool {
        self.alike == self.n
    }
}

/// The mean of one number a replication, with the interval that suits what is known of it; `None` of
/// no number.
#[must_use]
pub fn mean_of(values: &[f64], support: Support) -> Option<MeanEstimate> {
    mean_at(values, support, CONFIDENCE)
}

/// As [`mean_of`], with an interval of this confidence.
#[must_use]
pub fn mean_at(values: &[f64], support: Support, confidence: f64) -> Option<MeanEstimate> {
    let n = values.len();
    if values.iter().any(|it| !it.is_finite()) || n == 0 {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let spread = (n >= FEWEST_FOR_SPREAD).then(|| Interval {
        low: quantile_sorted(&sorted, 0.05),
        high: quantile_sorted(&sorted, 0.95),
    });
    let mean = mean_t(values, confidence).map_or(values[0], |it| it.value);
    let interval = interval_of(values, &sorted, support, confidence);
    Some(MeanEstimate { mean, interval, spread, n, alike: alike(&sorted) })
}

/// With fewer replications that differ from most, Student's interval of their mean is too short.
const FEWEST_THAT_DIFFER: usize = 50;

/// The interval of the mean of one finite number a replication.
///
/// Student's of what varies; of what lies between two ends, or is mostly the same, one that leaves
/// room for what was not seen ([`mean_between`]). What cannot vary has an interval without width.
pub(crate) fn interval_of_mean(
    values: &[f64],
    support: Support,
    confidence: f64,
) -> Option<Interval> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    interval_of(values, &sorted, support, confidence)
}

/// The same of numbers that have been sorted already.
fn interval_of(
    values: &[f64],
    sorted: &[f64],
    support: Support,
    confidence: f64,
) -> Option<Interval> {
    let student = || mean_t(values, confidence).map(|it| it.interval);
    let (first, last) = (*sorted.first()?, *sorted.last()?);
    // What was seen is possible, whatever rounding has made of it.
    let between =
        |least: f64, most: f64| mean_between(sorted, least.min(first), most.max(last), confidence);
    match support {
        Support::Fixed if first == last => Some(Interval { low: first, high: first }),
        _ if values.len() < 2 => None,
        Support::Ends(least, most) => Some(between(least, most)),
        Support::FarEnds(least, most) if is_mostly_alike(sorted) => Some(between(least, most)),
        Support::Open | Support::Fixed if is_mostly_alike(sorted) => None,
        Support::FarEnds(..) | Support::Open | Support::Fixed => student(),
    }
}

/// Whether two thirds of some sorted numbers are the same, and too few differ to say how far.
fn is_mostly_alike(sorted: &[f64]) -> bool {
    let alike = alike(sorted);
    3 * alike > 2 * sorted.len() && sorted.len() - alike < FEWEST_THAT_DIFFER
}

/// How often the most frequent of some sorted numbers is there.
fn alike(sorted: &[f64]) -> usize {
    sorted.chunk_by(|one, next| one == next).map(<[f64]>::len).max().unwrap_or(0)
}

/// The share of replications in which something holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShareEstimate {
    /// Replications in which it holds.
    pub holds: u64,
    /// Replications.
    pub n: u64,
    /// Clopper and Pearson's interval of the share.
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
    Some(ShareEstimate { holds, n, interval: clopper_pearson(holds, n, CONFIDENCE) })
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
        let at = |number| EstimatedTime::After(SimDuration::from_hours(number));
        assert_eq!((estimate.low, estimate.median, estimate.high), (at(40), at(50), at(61)));
        assert_eq!((estimate.p05, estimate.p95), (at(5), at(95)));
        assert_eq!((estimate.n, estimate.never), (100, 0));
    }

    #[test]
    fn the_greatest_value_is_never_taken_for_a_quantile() {
        let at = |number| EstimatedTime::After(SimDuration::from_hours(number));
        let enough = quantile_time((1..=100).map(hours), 0.9);
        assert_eq!((enough.low, enough.median, enough.high), (at(84), at(90), at(96)));
        let least = quantile_time((1..=36).map(hours), 0.9);
        assert_eq!((least.median, least.high), (at(33), at(36)));
        assert_eq!(quantile_time((1..=35).map(hours), 0.9).median, EstimatedTime::TooFew);
    }

    #[test]
    fn what_never_comes_sorts_last() {
        let estimate = median_time((1..=100).map(|it| hours(it).filter(|_| it <= 55)));
        assert_eq!(estimate.median, EstimatedTime::After(SimDuration::from_hours(50)));
        assert_eq!(
            (estimate.high, estimate.p95, estimate.never),
            (EstimatedTime::Never, EstimatedTime::Never, 45)
        );
    }

    #[test]
    fn few_replications_have_a_median_and_no_interval() {
        let estimate = median_time([hours(3), hours(1), hours(2)]);
        assert_eq!(estimate.median, EstimatedTime::After(SimDuration::from_hours(2)));
        assert_eq!((estimate.low, estimate.high), (EstimatedTime::TooFew, EstimatedTime::TooFew));
        assert_eq!(estimate.p95, EstimatedTime::TooFew);
    }

    #[test]
    fn one_replication_has_a_mean_and_no_interval() {
        let estimate = mean_of(&[4.0], Support::Open).unwrap();
        assert_eq!((estimate.mean, estimate.interval, estimate.n), (4.0, None, 1));
        assert_eq!(mean_of(&[], Support::Open), None);
        assert_eq!(mean_of(&[f64::INFINITY, 1.0], Support::Open), None);
    }

    #[test]
    fn an_interval_has_no_width_only_where_nothing_can_vary() {
        let of = |values: &[f64], support| mean_of(values, support).unwrap().interval;
        let alike = [3.0; 100];
        assert_eq!(of(&alike, Support::Fixed), Some(Interval { low: 3.0, high: 3.0 }));
        // 0.025^(1/100) = 0.963783: one exercise in 28 may be otherwise.
        let ends = of(&alike, Support::Ends(0.0, 4.0)).unwrap();
        assert!((ends.low - 3.0 * 0.963_783).abs() < 1e-5, "{ends:?}");
        assert!((ends.high - (4.0 - 0.963_783)).abs() < 1e-5, "{ends:?}");
        assert_eq!(of(&alike, Support::FarEnds(0.0, 4.0)), Some(ends));
        assert_eq!(of(&alike, Support::Open), None);
        assert_eq!(mean_of(&alike, Support::Open).unwrap().alike, 100);
    }

    #[test]
    fn what_varies_has_students_interval_whatever_its_far_ends() {
        let varied: Vec<f64> = (0..100).map(|it| f64::from(it % 50)).collect();
        let of = |support| mean_of(&varied, support).unwrap().interval;
        let student = mean_t(&varied, CONFIDENCE).unwrap().interval;
        assert_eq!(of(Support::FarEnds(0.0, 1e9)), Some(student));
        assert_eq!(of(Support::Open), Some(student));
        // Few that differ from most say little of how far they do.
        let few: Vec<f64> = (0..100).map(|it| if it < 5 { 9.0 } else { 1.0 }).collect();
        assert_eq!(mean_of(&few, Support::Open).unwrap().interval, None);
        assert!(mean_of(&few, Support::FarEnds(0.0, 9.0)).unwrap().interval.unwrap().low > 0.9);
    }

    #[test]
    fn a_share_is_asked_of_all_or_of_none() {
        let estimate = share_of((0..100).map(|it| Some(it < 95))).unwrap();
        assert_eq!((estimate.holds, estimate.n, estimate.share()), (95, 100, 0.95));
        assert!((estimate.interval.low - 0.887_165).abs() < 1e-6);
        assert_eq!(share_of([Some(true), None]), None);
        assert_eq!(share_of([]), None);
    }
}
