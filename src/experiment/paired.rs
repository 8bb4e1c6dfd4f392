//! How far two strategies lie apart, exercise by exercise.
//!
//! Replication k of one strategy has every draw in common with replication k of another that they
//! have a use for in common. Their difference therefore varies far less than either of them, and
//! its interval is that of the differences: two intervals that overlap say nothing. Student's
//! interval of a mean difference asks nothing of how the two strategies lean on each other. (Law,
//! *Simulation Modeling and Analysis*, 10.2 and 11.2.)
//!
//! A difference is the strategy's own figure minus that of the other: less than zero is less, or
//! earlier.

use crate::experiment::estimates::mean_at;
use crate::experiment::{MeanEstimate, ReplicationMetrics, StrategyMetrics};

const MILLIS_PER_HOUR: f64 = 3_600_000.0;

/// The mean over replications of a difference between two strategies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paired {
    /// The mean difference with its interval; `None` where no replication has a difference.
    pub estimate: Option<MeanEstimate>,
    /// Replications without a difference: under one of the two there is no such figure.
    pub left_out: usize,
}

/// How far one strategy lies from another: its own figures minus those of the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Against {
    /// Replications that were laid side by side.
    pub n: usize,
    /// Time without sites, in site-hours. It is of the whole estate, so that strategies under
    /// which different sites are deleted can be set against each other.
    pub site_hours: Paired,
    /// The same in user-hours.
    pub user_hours: Paired,
    /// When the last site is back, in milliseconds, over the replications in which all sites come
    /// back under both.
    pub last_restored: Paired,
}

/// How far `ours` lies from `theirs`, which are of the same experiment, at this confidence.
///
/// Each interval holds for itself with that confidence; whoever wants several to hold at once asks
/// for more.
#[must_use]
pub fn against(ours: &StrategyMetrics, theirs: &StrategyMetrics, confidence: f64) -> Against {
    let pair = |of: &dyn Fn(&ReplicationMetrics, &ReplicationMetrics) -> Option<f64>| {
        paired(&ours.replications, &theirs.replications, of, confidence)
    };
    Against {
        n: ours.replications.len(),
        site_hours: pair(&|our, their| Some(apart(our.site_ms, their.site_ms) / MILLIS_PER_HOUR)),
        user_hours: pair(&|our, their| Some(apart(our.user_ms, their.user_ms) / MILLIS_PER_HOUR)),
        last_restored: pair(&|our, their| {
            let (our, their) = (our.last_restored?.as_millis(), their.last_restored?.as_millis());
            Some(apart(our.into(), their.into()))
        }),
    }
}

/// The mean of what `difference` says of replication k of both, for every k.
///
/// # Panics
/// When the two are not of the same number of replications.
#[must_use]
pub fn paired(
    ours: &[ReplicationMetrics],
    theirs: &[ReplicationMetrics],
    difference: impl Fn(&ReplicationMetrics, &ReplicationMetrics) -> Option<f64>,
    confidence: f64,
) -> Paired {
    assert_eq!(ours.len(), theirs.len(), "strategies of one experiment are as often simulated");
    let each = ours.iter().zip(theirs);
    let values: Vec<f64> = each.filter_map(|(our, their)| difference(our, their)).collect();
    Paired { estimate: mean_at(&values, confidence), left_out: ours.len() - values.len() }
}

/// One sum minus another. They are subtracted as integers, so that what is equal differs by
/// nothing and equal differences are equal.
fn apart(ours: u128, theirs: u128) -> f64 {
    if ours >= theirs { (ours - theirs) as f64 } else { -((theirs - ours) as f64) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::fake;
    use crate::experiment::{CONFIDENCE, measure};
    use crate::stats::Interval;

    /// Replications by hand: `slow` is back at hour 20 after 33 site-hours, `lossy` never is and
    /// counts 111.
    fn measured(lossy: impl Fn(usize) -> bool, n: usize) -> StrategyMetrics {
        let scenario = fake::scenario();
        let outcomes = (0..n).map(|it| if lossy(it) { fake::lossy() } else { fake::slow() });
        let results = fake::results(&scenario, outcomes.collect());
        measure(&scenario, &results).strategies.remove(0)
    }

    #[test]
    fn a_difference_is_ours_minus_theirs() {
        let it = against(&measured(|_| false, 30), &measured(|_| true, 30), CONFIDENCE);
        let site_hours = it.site_hours.estimate.unwrap();
        assert_eq!((site_hours.mean, site_hours.n), (-78.0, 30));
        assert_eq!(site_hours.interval, Some(Interval { low: -78.0, high: -78.0 }));
        assert_eq!(it.user_hours.estimate.unwrap().mean, 1_040.0 - 4_180.0);
        assert_eq!(it.last_restored, Paired { estimate: None, left_out: 30 });
    }

    #[test]
    fn the_last_site_is_compared_where_both_have_one() {
        let it = against(&measured(|it| it < 3, 10), &measured(|it| it == 9, 10), CONFIDENCE);
        assert_eq!((it.n, it.last_restored.left_out), (10, 4));
        let last = it.last_restored.estimate.unwrap();
        assert_eq!((last.mean, last.n), (0.0, 6));
        // Three exercises are 78 hours worse and one is 78 better.
        let site_hours = it.site_hours.estimate.unwrap();
        assert!((site_hours.mean - 15.6).abs() < 1e-9, "{site_hours:?}");
        assert!(site_hours.interval.unwrap().contains(0.0));
    }

    #[test]
    fn a_surer_interval_is_wider() {
        let (ours, theirs) = (measured(|it| it < 3, 10), measured(|_| false, 10));
        let width = |confidence| {
            let estimate = against(&ours, &theirs, confidence).site_hours.estimate;
            let interval = estimate.unwrap().interval.unwrap();
            interval.high - interval.low
        };
        assert!(width(0.99) > width(0.95));
    }

    #[test]
    fn one_exercise_has_a_difference_and_no_interval() {
        let it = against(&measured(|_| false, 1), &measured(|_| true, 1), CONFIDENCE);
        let site_hours = it.site_hours.estimate.unwrap();
        assert_eq!((site_hours.mean, site_hours.interval), (-78.0, None));
    }
}
