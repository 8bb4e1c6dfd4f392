//! What recovery times come to, by site, by user or by customer, of all deleted sites or of some.
//!
//! Three figures that are often mistaken for one another: the quantile of all of them pooled (a
//! site picked at random in an exercise picked at random), the quantile of each exercise (by when
//! is so much of it back?), and the share of exercises in which enough of them are back in time.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::experiment::{AimedAt, PackedOutcome, Results, StrategyResults, Yardstick, Yardsticks};
use crate::measure::estimates::{CONFIDENCE, MeanEstimate, ShareEstimate, mean_of, share_of};
use crate::measure::pool::{By, RecoveryTimesOf};
use crate::measure::support::{Support, Supports};
use crate::scenario::{RecoveryPolicy, Scenario};
use crate::stats::{Clusters, Estimate, pooled_quantiles, rank};
use crate::units::SimDuration;

/// With fewer replications the interval of a weighted pooled quantile is a little too narrow.
pub const FEWEST_FOR_WEIGHTED: u32 = 200;

/// What the recovery times of some sites come to under one strategy.
#[derive(Clone, Debug, PartialEq)]
pub struct RecoveryTimes {
    /// The median of all of them, in milliseconds; infinite where it never comes.
    pub p50: Estimate,
    /// Their 95 % quantile, as `p50`.
    pub p95: Estimate,
    /// The share within the recovery time objective, mean over replications; `None` where none of
    /// them has one.
    pub within: Option<MeanEstimate>,
    /// The share of replications in which that share reaches the policy's coverage under every
    /// objective; `None` as for `within`.
    pub assurance: Option<ShareEstimate>,
    /// How many sites, users or customers, mean over replications.
    pub number: f64,
}

/// What the recovery times of those sites come to that `wanted` picks; `None` where none of them is
/// deleted in any replication, or by user none has a user.
#[must_use]
pub fn recovery_times(
    scenario: &Scenario,
    results: &Results,
    (strategy, supports): (&StrategyResults, Supports),
    by: By,
    wanted: &(dyn Fn(&AimedAt) -> bool + Sync),
) -> Option<RecoveryTimes> {
    let yardsticks = Yardsticks::new(scenario, results);
    let times = RecoveryTimesOf::new(&yardsticks, (results, strategy), by, wanted);
    let [p50, p95] = pooled_quantiles(&times, [0.5, 0.95], CONFIDENCE)?;
    let number = weight(&times) as f64;
    let attained = attained(scenario, &times);
    let support = supports.of_other(Support::SHARE);
    Some(RecoveryTimes {
        p50,
        p95,
        within: attained.as_ref().and_then(|it| mean_of(&shares(it), support)),
        assurance: attained
            .and_then(|attained| share_of(attained.into_iter().map(|it| Some(it.met)))),
        number: number / strategy.outcomes.len() as f64,
    })
}

/// How far a replication attained the objective.
pub(crate) struct Attained {
    pub share: f64,
    pub met: bool,
}

fn shares(all: &[Attained]) -> Vec<f64> {
    all.iter().map(|it| it.share).collect()
}

/// One for each replication; `None` where no site that is wanted has an objective in any.
fn attained(scenario: &Scenario, times: &RecoveryTimesOf<'_>) -> Option<Vec<Attained>> {
    let RecoveryTimesOf { yardsticks, results, outcomes, by, wanted, .. } = *times;
    let policy = scenario.policy.as_ref()?;
    let has = |it: &AimedAt| wanted(it) && policy.objectives[it.tier].rto.is_some();
    results.aims.estates().flatten().any(has).then_some(())?;
    let one = |(number, outcome): (usize, &PackedOutcome)| {
        let sites = results.sites(number);
        let asked = sites.iter().enumerate().filter(|it| has(it.1));
        attained_once(policy, &yardsticks.of(number), outcome, by, asked)
    };
    Some(outcomes.outcomes.par_iter().enumerate().map(one).collect())
}

/// The weight of all values of all clusters.
fn weight(clusters: &impl Clusters) -> u64 {
    let of = |cluster: usize| {
        let mut sum = 0;
        clusters.show(cluster, |_, weight| sum += weight);
        sum
    };
    (0..clusters.count()).into_par_iter().map(of).sum()
}

/// The same of one replication, of `sites` alone, each with its place among all of them.
pub(crate) fn attained_once<'a>(
    policy: &RecoveryPolicy,
    yardstick: &Yardstick,
    outcome: &PackedOutcome,
    by: By,
    sites: impl Iterator<Item = (usize, &'a AimedAt)>,
) -> Attained {
    // What there is and what is in time, for each objective; customers may have several, so that
    // they are one group.
    let mut groups: BTreeMap<Option<SimDuration>, (u64, u64)> = BTreeMap::new();
    let mut customers: BTreeMap<u32, bool> = BTreeMap::new();
    for (place, site) in sites {
        if yardstick.deleted_at(outcome, place).is_none() {
            continue;
        }
        let objective = policy.objectives[site.tier].rto;
        let in_time = yardstick.rta(outcome, place).is_some_and(|it| Some(it) <= objective);
        let weight = match by {
            By::Site => 1,
            By::User => u64::from(site.users),
            By::Customer => {
                *customers.entry(site.customer).or_insert(true) &= in_time;
                continue;
            }
        };
        let group = groups.entry(objective).or_default();
        group.0 += weight;
        group.1 += if in_time { weight } else { 0 };
    }
    if by == By::Customer {
        let in_time = customers.values().filter(|it| **it).count() as u64;
        groups.insert(None, (customers.len() as u64, in_time));
    }
    let (all, in_time) =
        groups.values().fold((0, 0), |sum, group| (sum.0 + group.0, sum.1 + group.1));
    let coverage = policy.coverage.fraction();
    let enough = |(all, in_time): &(u64, u64)| {
        coverage == 0.0 || *all == 0 || *in_time >= rank(coverage, *all as usize) as u64
    };
    Attained {
        share: if all == 0 { 1.0 } else { in_time as f64 / all as f64 },
        met: groups.values().all(enough),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::fake;
    use crate::units::MILLIS_PER_HOUR;

    fn times(by: By, wanted: &(dyn Fn(&AimedAt) -> bool + Sync)) -> Option<RecoveryTimes> {
        // Recovery times 4, 4, 8 and 17 h of sites with 10, 20, 30 and 40 users; or 4, 4, 6 h and
        // never. RTO 6 h for 75 % of the sites.
        let scenario = fake::scenario();
        let outcomes = (0..40).map(|it| if it < 38 { fake::slow() } else { fake::lossy() });
        let results = fake::results(&scenario, outcomes.collect());
        let mut results = results;
        if let crate::experiment::Aims::Same(sites) = &mut results.aims {
            // The first and the last site are of one customer.
            for (site, customer) in sites.iter_mut().zip([0, 1, 2, 0]) {
                site.customer = customer;
            }
        }
        let strategy = &results.strategies[0];
        let supports = Supports::new(&scenario, &results, strategy);
        recovery_times(&scenario, &results, (strategy, supports), by, wanted)
    }

    const HOUR: f64 = MILLIS_PER_HOUR;

    #[test]
    fn every_site_counts_once_every_user_once_or_every_customer_once() {
        let site = times(By::Site, &|_| true).unwrap();
        assert_eq!((site.p50.value, site.p95.value), (4.0 * HOUR, 17.0 * HOUR));
        let user = times(By::User, &|_| true).unwrap();
        assert_eq!((user.p50.value, user.p95.value), (8.0 * HOUR, 17.0 * HOUR));
        // Customers are back after 4, 8 and 17 h.
        let customer = times(By::Customer, &|_| true).unwrap();
        assert_eq!((customer.p50.value, customer.p95.value), (8.0 * HOUR, 17.0 * HOUR));
        assert_eq!((site.number, user.number, customer.number), (4.0, 100.0, 3.0));
    }

    #[test]
    fn the_objective_is_asked_of_sites_users_or_customers() {
        // In time are 2 of 4 sites, 30 of 100 users and 1 of 3 customers; in the other two
        // exercises 3 of 4, 60 of 100 and 2 of 3.
        for (by, share, held) in [
            (By::Site, (38.0 * 0.5 + 2.0 * 0.75) / 40.0, 2),
            (By::User, (38.0 * 0.3 + 2.0 * 0.6) / 40.0, 0),
        ] {
            let it = times(by, &|_| true).unwrap();
            assert!((it.within.unwrap().mean - share).abs() < 1e-12, "{by:?}");
            assert_eq!(it.assurance.unwrap().holds, held, "{by:?}");
        }
        let customer = times(By::Customer, &|_| true).unwrap();
        assert!((customer.within.unwrap().mean - (38.0 / 3.0 + 4.0 / 3.0) / 40.0).abs() < 1e-12);
    }

    #[test]
    fn only_what_is_wanted_is_counted() {
        let small = times(By::Site, &|it| it.users < 25).unwrap();
        assert_eq!((small.p95.value, small.number), (4.0 * HOUR, 2.0));
        assert_eq!(small.assurance.unwrap().holds, 40);
        assert_eq!(times(By::Site, &|_| false), None);
    }
}
