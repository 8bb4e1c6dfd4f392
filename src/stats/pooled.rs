//! The quantile of all values of all replications thrown together.

use rayon::prelude::*;

use crate::stats::pool::{Clusters, Pool};
use crate::stats::{Estimate, Interval, reference, square};
use crate::units::SimTime;

/// With fewer clusters the interval of a pooled quantile is not to be trusted, so it is left open.
pub const FEWEST_CLUSTERS: usize = 30;

/// Relative slack when cumulated weights are compared with the share sought: more than the
/// rounding error of adding a million of them, less than any weight that counts.
const SLACK: f64 = 1e-12;

/// The weighted `p`-quantile of the values of all clusters, with an interval that takes the
/// cluster (the replication) and not the value as what was observed independently.
///
/// Each cluster is a list of (value, weight), in any order; it may be empty. Weights are whole. The
/// value [`SimTime::NEVER`], in milliseconds, comes out as infinity. `None` when nothing has a
/// weight.
///
/// The interval is Woodruff's: the standard error of the share at or below the quantile, from
/// d = sum of w (1{x <= q} - p) of each cluster (a ratio estimator, as clusters differ in size),
/// carried back through the empirical distribution. It is open above, `high` infinite, when
/// p + t SE reaches 1, and open below, `low` zero, when p - t SE reaches 0; on both sides with
/// fewer than [`FEWEST_CLUSTERS`] clusters. With weights of heavy tail it covers a little less
/// than it says (0.90 to 0.94 for 0.95) below some 200 clusters.
///
/// # Panics
/// When `p` is not strictly between 0 and 1.
#[must_use]
pub fn pooled_quantile(clusters: &[Vec<(u64, f64)>], p: f64, confidence: f64) -> Option<Estimate> {
    pooled_quantiles(clusters, [p], confidence).map(|[one]| one)
}

/// Several quantiles of the same values, each as [`pooled_quantile`] has it; every cluster is shown
/// four times, however many they are.
///
/// # Panics
/// When a probability is not strictly between 0 and 1.
#[must_use]
pub fn pooled_quantiles<const N: usize>(
    clusters: &(impl Clusters + ?Sized),
    probabilities: [f64; N],
    confidence: f64,
) -> Option<[Estimate; N]> {
    let between = |p: &f64| 0.0 < *p && *p < 1.0;
    assert!(
        probabilities.iter().all(between),
        "a pooled quantile's probability is between 0 and 1"
    );
    let pool = Pool::new(clusters)?;
    let n = clusters.count();
    let values = quantiles(&pool, &probabilities);
    let halves: Vec<f64> = match n < FEWEST_CLUSTERS {
        true => vec![f64::INFINITY; N],
        false => {
            let t = reference::student_quantile(n - 1, (1.0 + confidence) / 2.0);
            let sought: Vec<(u64, f64)> =
                values.iter().copied().zip(probabilities.iter().copied()).collect();
            let errors = standard_errors_of_shares(clusters, &sought, pool.weight() as f64);
            errors.into_iter().map(|it| t * it).collect()
        }
    };
    let ends: Vec<(f64, f64)> =
        probabilities.iter().zip(&halves).map(|(p, half)| (p - half, p + half)).collect();
    let inside = |share: &f64| 0.0 < *share && *share < 1.0;
    let shares: Vec<f64> =
        ends.iter().flat_map(|(low, high)| [*low, *high]).filter(inside).collect();
    let mut bounds = quantiles(&pool, &shares).into_iter();
    let mut bound = |share: f64, beyond: f64| match inside(&share) {
        true => finite(bounds.next().expect("every end has its bound")),
        false => beyond,
    };
    let mut estimates = values.iter().zip(ends).map(|(value, (low, high))| Estimate {
        value: finite(*value),
        interval: Interval { low: bound(low, 0.0), high: bound(high, f64::INFINITY) },
        is_open: high >= 1.0,
        n,
    });
    Some([(); N].map(|()| estimates.next().expect("every quantile has its estimate")))
}

/// The quantiles of these shares of the weight.
fn quantiles<C: Clusters + ?Sized>(pool: &Pool<'_, C>, shares: &[f64]) -> Vec<u64> {
    let weight = pool.weight() as f64;
    let sought: Vec<f64> = shares.iter().map(|it| it * weight * (1.0 - SLACK)).collect();
    pool.reach(&sought).into_iter().map(|it| it.value).collect()
}

/// The weighted `p`-quantile of the values of all clusters alone, as [`pooled_quantile`] has it; for
/// few values, which it sorts.
///
/// # Panics
/// When `p` is not strictly between 0 and 1.
#[must_use]
pub fn pooled_value(clusters: &[Vec<(u64, f64)>], p: f64) -> Option<f64> {
    assert!(0.0 < p && p < 1.0, "a pooled quantile's probability is between 0 and 1");
    Sorted::new(clusters).map(|sorted| finite(sorted.quantile(p)))
}

/// All values in ascending order, with their weights.
struct Sorted {
    values: Vec<(u64, f64)>,
    weight: f64,
}

impl Sorted {
    /// `None` when nothing has a weight.
    fn new(clusters: &[Vec<(u64, f64)>]) -> Option<Self> {
        let mut values: Vec<(u64, f64)> =
            clusters.iter().flatten().copied().filter(|(_, weight)| *weight > 0.0).collect();
        // By weight among equal values: the sum of floats then does not depend on their order.
        values.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let weight = values.iter().map(|(_, weight)| weight).sum();
        (weight > 0.0).then_some(Self { values, weight })
    }

    /// The least value with at least the share `p` of the weight at or below it.
    fn quantile(&self, p: f64) -> u64 {
        let sought = p * self.weight * (1.0 - SLACK);
        let mut below = 0.0;
        for (value, weight) in &self.values {
            below += weight;
            if below >= sought {
                return *value;
            }
        }
        self.values.last().expect("a pool has a value").0
    }
}

/// Standard errors of the shares of weight at or below some quantiles, each given with its
/// probability, by the spread between clusters.
fn standard_errors_of_shares(
    clusters: &(impl Clusters + ?Sized),
    quantiles: &[(u64, f64)],
    weight: f64,
) -> Vec<f64> {
    let n = clusters.count() as f64;
    let excess = |cluster: usize| -> Vec<f64> {
        let (mut all, mut below) = (0, vec![0; quantiles.len()]);
        clusters.show(cluster, |value, weight| {
            all += weight;
            for (below, (quantile, _)) in below.iter_mut().zip(quantiles) {
                *below += if value <= *quantile { weight } else { 0 };
            }
        });
        let of = |(below, (_, p)): (u64, &(u64, f64))| below as f64 - p * all as f64;
        below.into_iter().zip(quantiles).map(of).collect()
    };
    let each: Vec<Vec<f64>> = (0..clusters.count()).into_par_iter().map(excess).collect();
    let error = |place: usize| {
        let squares: f64 = each.iter().map(|it| square(it[place])).sum();
        (squares / (n * (n - 1.0))).sqrt() / (weight / n)
    };
    (0..quantiles.len()).map(error).collect()
}

fn finite(millis: u64) -> f64 {
    if millis == SimTime::NEVER.as_millis() { f64::INFINITY } else { millis as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `n` clusters of the values 1 to 100, each shifted by its own number modulo `shifts`.
    fn shifted(n: u64, shifts: u64) -> Vec<Vec<(u64, f64)>> {
        (0..n).map(|it| (1..=100).map(|value| (value + it % shifts, 1.0)).collect()).collect()
    }

    #[test]
    fn equal_clusters_leave_no_doubt() {
        let estimate = pooled_quantile(&shifted(40, 1), 0.95, 0.95).unwrap();
        // The share at or below the 95th value is exactly 95 % in each, so the error is zero.
        assert_eq!(estimate.value, 95.0);
        assert!(estimate.interval.high - estimate.interval.low <= 1.0, "{estimate:?}");
        assert!(estimate.interval.contains(95.0));
    }

    #[test]
    fn the_interval_is_woodruffs_by_hand() {
        // Half of 50 clusters are 1..=100, half 11..=110. At or below 100 are 100 and 90, so the
        // median, 55 or 56 of 1..=110 pooled: at 55 there are 55 + 45 of 200, exactly half.
        let clusters: Vec<_> = (0..50)
            .map(|it| (1..=100).map(|value| (value + 10 * (it % 2), 1.0)).collect())
            .collect();
        let estimate = pooled_quantile(&clusters, 0.5, 0.95).unwrap();
        assert_eq!((estimate.value, estimate.n), (55.0, 50));
        // d is 5 or -5: SE = sqrt(50 * 25 / (50 * 49)) / 100 = 1/140; t(0.975, 49) = 2.009575.
        // The shares 0.5 -+ 0.014354 are 97.13 and 102.87 of 200; at or below 53, 54, 56 and 57
        // are 96, 98, 102 and 104.
        assert_eq!(estimate.interval, Interval { low: 54.0, high: 57.0 });
    }

    #[test]
    fn order_within_and_between_clusters_does_not_matter() {
        let clusters = shifted(60, 7);
        let mut turned = clusters.clone();
        turned.reverse();
        turned.iter_mut().for_each(|cluster| cluster.reverse());
        assert_eq!(pooled_quantile(&clusters, 0.9, 0.95), pooled_quantile(&turned, 0.9, 0.95));
    }

    #[test]
    fn a_weight_counts_like_so_many_values() {
        let single = shifted(60, 7);
        let double: Vec<_> = single.iter().map(|it| [it.clone(), it.clone()].concat()).collect();
        let heavy: Vec<Vec<_>> =
            single.iter().map(|it| it.iter().map(|(value, _)| (*value, 2.0)).collect()).collect();
        let expected = pooled_quantile(&single, 0.9, 0.95);
        assert_eq!(pooled_quantile(&double, 0.9, 0.95), expected);
        assert_eq!(pooled_quantile(&heavy, 0.9, 0.95), expected);
        let weightless: Vec<_> =
            single.iter().map(|it| [it.clone(), vec![(1_000_000, 0.0)]].concat()).collect();
        assert_eq!(pooled_quantile(&weightless, 0.9, 0.95), expected);
    }

    #[test]
    fn few_clusters_have_no_bound() {
        let few = pooled_quantile(&shifted(29, 7), 0.5, 0.95).unwrap();
        assert_eq!(few.interval, Interval { low: 0.0, high: f64::INFINITY });
        assert!(pooled_quantile(&shifted(30, 7), 0.5, 0.95).unwrap().interval.high.is_finite());
        // One late replication in thirty: 98 % and its error reach beyond all.
        let mut clusters = shifted(30, 1);
        clusters[0] = vec![(1_000, 1.0); 100];
        let wide = pooled_quantile(&clusters, 0.96, 0.95).unwrap();
        assert_eq!(wide.interval.high, f64::INFINITY);
        assert!(wide.value.is_finite());
    }

    #[test]
    fn never_is_infinite() {
        let mut clusters = shifted(40, 1);
        clusters.iter_mut().for_each(|it| it[90..].fill((SimTime::NEVER.as_millis(), 1.0)));
        assert_eq!(pooled_quantile(&clusters, 0.95, 0.95).unwrap().value, f64::INFINITY);
        assert_eq!(pooled_quantile(&clusters, 0.90, 0.95).unwrap().value, 90.0);
    }

    #[test]
    fn empty_clusters_count_but_nothing_at_all_has_no_quantile() {
        assert_eq!(pooled_quantile(&[], 0.5, 0.95), None);
        assert_eq!(pooled_quantile(&vec![Vec::new(); 40], 0.5, 0.95), None);
        let mut clusters = shifted(40, 7);
        clusters.push(Vec::new());
        assert_eq!(pooled_quantile(&clusters, 0.5, 0.95).unwrap().n, 41);
    }
}
