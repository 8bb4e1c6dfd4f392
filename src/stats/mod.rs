//! Quantiles, means, shares and their confidence intervals; knows nothing of sites.
//!
//! The unit of observation is the replication. Values of one replication lean on each other, so
//! an interval that treats pooled values as independent is far too short: it covered the truth
//! 1 time in 10 instead of 19. [`pooled_quantile`] takes the replication as a cluster; all other
//! intervals here expect one number a replication.
//!
//! Every function is deterministic: no bootstrap, and sums run in the order given.

mod best;
mod bounded;
mod pool;
mod pooled;
mod proportion;
mod reference;
mod regression;
mod running;
mod sequential;

pub use best::{FromBest, Standing, from_best, simultaneous};
pub use bounded::mean_between;
pub use pool::{Clusters, Pool, Reached};
pub use pooled::{FEWEST_CLUSTERS, pooled_quantile, pooled_quantiles, pooled_value};
pub use proportion::{clopper_pearson, clopper_pearson_lower, clopper_pearson_upper, sign_test};
pub use regression::{Coefficient, Regression, regress};
pub use running::{FEWEST_FOR_SECTIONS, Running, correlation, sectioned, sections};
pub use sequential::{FIRST_STAGE, Selected, select, select_constant};

/// The two ends between which a figure lies, at some confidence.
///
/// `high` is [`f64::INFINITY`] when there are too few replications for a finite bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end, or infinity.
    pub high: f64,
}

impl Interval {
    /// The same ends in another unit: each so many times as large, for a factor above zero.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self { low: self.low * factor, high: self.high * factor }
    }

    /// Whether `value` lies between the ends, both included.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// A figure, how sure it is, and from how many replications it comes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Where the true figure lies, at the confidence asked for.
    pub interval: Interval,
    /// Whether the upper end is not known, for want of replications: it is infinite then, as is that
    /// of a figure that may never come.
    pub is_open: bool,
    /// How many replications.
    pub n: usize,
}

/// The place, counted from 1, of the `p`-quantile among `n` sorted values: ceil(p n).
///
/// This is the inverse of the empirical distribution (type 1 of Hyndman and Fan): an observed
/// value, which reads "at least p of them are at or below". The 95 % quantile of 883 is the 839th.
///
/// A whole p n is meant to be whole: 0.07 times 100 is 7 although its floating-point product is a
/// little more, so a product within the rounding error of p times n counts as the whole number.
///
/// # Panics
/// When `n` is zero or `p` is not between 0 and 1.
#[must_use]
pub fn rank(p: f64, n: usize) -> usize {
    assert!(n > 0, "a quantile needs a value");
    assert!((0.0..=1.0).contains(&p), "a quantile's probability is between 0 and 1");
    let product = p * n as f64;
    let nearest = product.round();
    let place =
        if (product - nearest).abs() <= f64::EPSILON * n as f64 { nearest } else { product.ceil() };
    (place as usize).clamp(1, n)
}

/// The `p`-quantile of values in ascending order, by [`rank`].
///
/// # Panics
/// When there is no value or `p` is not between 0 and 1.
#[must_use]
pub fn quantile_sorted<T: Copy>(sorted: &[T], p: f64) -> T {
    sorted[rank(p, sorted.len()) - 1]
}

/// The ranks, counted from 1, of the two sorted values between which the true `p`-quantile lies
/// with at least `confidence`; `None` where `n` values are too few for a bound on that side.
///
/// The number of values at or below the quantile is binomial whatever the distribution, so this
/// needs no assumption about its shape. The tails are equal: each side alone holds with
/// (1 + `confidence`) / 2. (David and Nagaraja, *Order Statistics*, 7.1.)
#[must_use]
pub fn quantile_ranks(n: usize, p: f64, confidence: f64) -> (Option<usize>, Option<usize>) {
    if n == 0 {
        return (None, None);
    }
    let tail = (1.0 - confidence) / 2.0;
    let lower = reference::binomial_quantile(n, p, tail);
    let upper = reference::binomial_quantile(n, p, 1.0 - tail) + 1;
    ((lower >= 1).then_some(lower), (upper <= n).then_some(upper))
}

/// The mean of one number a replication, with Student's interval, corrected for how skewed the numbers
/// are.
///
/// Numbers of which few are large have a mean that comes out too low more often than too high, by as
/// much as their skewness; Student's interval would miss it on that side. There it reaches as far as
/// Hall's transformation of his t says, on the other side as far as ever. (P. Hall, "On the removal of
/// skewness by transformation", 1992.)
///
/// `None` for fewer than two values, and when one of them is not finite: a mean over exercises
/// of which some never ended says nothing.
#[must_use]
pub fn mean_t(values: &[f64], confidence: f64) -> Option<Estimate> {
    if values.len() < 2 || values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let n = values.len() as f64;
    // Sums are of differences from the first value, so that equal values have no spread at all.
    let origin = values[0];
    let shift = values.iter().map(|value| value - origin).sum::<f64>() / n;
    let from_mean = || values.iter().map(|value| value - origin - shift);
    let squares: f64 = from_mean().map(square).sum();
    let cubes: f64 = from_mean().map(|apart| apart * apart * apart).sum();
    let error = (squares / (n * (n - 1.0))).sqrt();
    let skewness =
        if squares > 0.0 { cubes / n / (squares / n * (squares / n).sqrt()) } else { 0.0 };
    let t = reference::student_quantile(values.len() - 1, (1.0 + confidence) / 2.0);
    let value = origin + shift;
    // Never narrower than Student's.
    let interval = Interval {
        low: value - error * with_skewness(t, skewness, n).max(t),
        high: value - error * with_skewness(-t, skewness, n).min(-t),
    };
    Some(Estimate { value, interval, is_open: false, n: values.len() })
}

/// The quantile of t of numbers with this skewness, from Student's `t` of numbers without: the inverse
/// of Hall's transformation, which takes skewness away.
fn with_skewness(t: f64, skewness: f64, n: f64) -> f64 {
    let by = skewness / n.sqrt();
    // Where the numbers are hardly skewed nothing is left of the difference below but rounding.
    if by.abs() < 1e-6 {
        return t;
    }
    (libm::cbrt(1.0 + by * t - by * by / 6.0) - 1.0) * 3.0 / by
}

fn square(x: f64) -> f64 {
    x * x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_an_observed_value() {
        assert_eq!(rank(0.95, 1000), 950);
        assert_eq!(rank(0.95, 883), 839);
        assert_eq!(rank(0.5, 883), 442);
        assert_eq!(rank(0.5, 2), 1);
        assert_eq!(rank(0.0, 10), 1);
        assert_eq!(rank(1.0, 10), 10);
        assert_eq!(rank(0.95, 1), 1);
        assert_eq!(quantile_sorted(&[10, 20, 30, 40], 0.75), 30);
        assert_eq!(quantile_sorted(&[10, 20, 30, 40], 0.76), 40);
    }

    #[test]
    fn a_whole_rank_survives_floating_point() {
        for percent in 1..100 {
            for hundreds in 1..300 {
                let p = f64::from(percent) / 100.0;
                assert_eq!(rank(p, 100 * hundreds), percent as usize * hundreds, "{percent}%");
                assert_eq!(rank(1.0 - p, 100 * hundreds), (100 - percent as usize) * hundreds);
                assert_eq!(rank(p, 100 * hundreds + 1), percent as usize * hundreds + 1);
            }
        }
    }

    #[test]
    fn ranks_of_a_quantile_follow_the_binomial_table() {
        let ranks = |n, p| match quantile_ranks(n, p, 0.95) {
            (Some(lower), Some(upper)) => (lower, upper),
            _ => (0, 0),
        };
        let table = [
            (100, [(40, 61), (84, 96), (90, 100), (0, 0)]),
            (200, [(86, 115), (171, 189), (184, 197), (0, 0)]),
            (500, [(228, 273), (436, 464), (465, 485), (490, 500)]),
            (1000, [(469, 532), (881, 919), (936, 964), (983, 997)]),
            (2000, [(956, 1045), (1773, 1827), (1880, 1920), (1971, 1989)]),
        ];
        for (n, row) in table {
            assert_eq!([0.5, 0.9, 0.95, 0.99].map(|p| ranks(n, p)), row, "{n} replications");
        }
    }

    #[test]
    fn too_few_replications_have_no_bound() {
        let first_bounded = |p, confidence| {
            (1..1000).find(|n| quantile_ranks(*n, p, confidence).1.is_some()).unwrap()
        };
        assert_eq!([0.9, 0.95, 0.99].map(|p| first_bounded(p, 0.95)), [36, 72, 368]);
        // One side at 95 % is both at 90 %.
        assert_eq!([0.9, 0.95, 0.99].map(|p| first_bounded(p, 0.90)), [29, 59, 299]);
        assert_eq!(quantile_ranks(0, 0.5, 0.95), (None, None));
        assert_eq!(quantile_ranks(4, 0.5, 0.95), (None, None));
        assert_eq!(quantile_ranks(20, 0.05, 0.95).0, None);
    }

    #[test]
    fn a_mean_has_students_interval() {
        // t(0.975, 4) = 2.776445; the standard deviation of 1..5 is sqrt(2.5).
        let estimate = mean_t(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.95).unwrap();
        assert_eq!((estimate.value, estimate.n), (3.0, 5));
        assert!((estimate.interval.high - 4.963_243).abs() < 1e-6, "{estimate:?}");
        assert!((estimate.interval.low - 1.036_757).abs() < 1e-6, "{estimate:?}");
    }

    #[test]
    fn a_mean_of_skewed_values_reaches_further_on_their_long_side() {
        // Nine of 1 and one of 11: mean 2, standard error 1, skewness 8/3 and so 0.843 a root of ten.
        // t(0.975, 9) = 2.262157; (cbrt(1 - 0.8433 * 2.2622 - 0.8433^2 / 6) - 1) * 3 / 0.8433 = -7.1459.
        let skewed = mean_t(&[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 11.0], 0.95).unwrap();
        assert!((skewed.interval.low - (2.0 - 2.262_157)).abs() < 1e-6, "{skewed:?}");
        assert!((skewed.interval.high - 9.145_853).abs() < 1e-5, "{skewed:?}");
    }

    #[test]
    fn equal_values_have_a_mean_without_spread() {
        let estimate = mean_t(&[0.1; 7], 0.95).unwrap();
        assert_eq!(estimate.interval, Interval { low: 0.1, high: 0.1 });
    }

    #[test]
    fn some_means_do_not_exist() {
        assert_eq!(mean_t(&[], 0.95), None);
        assert_eq!(mean_t(&[1.0], 0.95), None);
        assert_eq!(mean_t(&[1.0, f64::INFINITY], 0.95), None);
    }
}
