//! The recovery times of all sites, users or customers of all replications, each replication a
//! cluster.

use crate::experiment::{AimedAt, Results, StrategyResults, Yardstick, Yardsticks};
use crate::scenario::Scenario;
use crate::trace::Outcome;
use crate::units::{SimDuration, SimTime};

/// Whose recovery time is pooled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Every deleted site once.
    Site,
    /// Every deleted site as often as it has users.
    User,
    /// Every customer with a deleted site once; it is back when the last of its sites is.
    Customer,
}

/// For each replication the recovery times actual, in milliseconds by the policy's clock, of those
/// sites that `wanted` picks, with their weights. [`SimTime::NEVER`] stands for a site that was not
/// restored; what was spared is left out.
#[must_use]
pub fn rta_clusters(
    scenario: &Scenario,
    results: &Results,
    outcomes: &StrategyResults,
    by: By,
    wanted: &dyn Fn(&AimedAt) -> bool,
) -> Vec<Vec<(u64, f64)>> {
    let yardsticks = Yardsticks::new(scenario, results);
    let each = outcomes.outcomes.iter().enumerate();
    each.map(|(number, outcome)| {
        cluster(&yardsticks.of(number), results.sites(number), outcome, by, wanted)
    })
    .collect()
}

/// The same of one replication.
pub(crate) fn cluster(
    yardstick: &Yardstick,
    sites: &[AimedAt],
    outcome: &Outcome,
    by: By,
    wanted: &dyn Fn(&AimedAt) -> bool,
) -> Vec<(u64, f64)> {
    let times = site_times(yardstick, sites, outcome, wanted);
    match by {
        By::Site => times.map(|(_, rta)| (rta, 1.0)).collect(),
        By::User => times.map(|(site, rta)| (rta, f64::from(site.users))).collect(),
        By::Customer => last_of_customers(times),
    }
}

fn site_times<'a>(
    yardstick: &'a Yardstick,
    sites: &'a [AimedAt],
    outcome: &'a Outcome,
    wanted: &'a dyn Fn(&AimedAt) -> bool,
) -> impl Iterator<Item = (&'a AimedAt, u64)> {
    let picked = sites.iter().enumerate().filter(|(_, site)| wanted(site));
    picked.filter_map(|(place, site)| {
        yardstick.deleted_at(outcome, place)?;
        let rta = yardstick.rta(outcome, place).map(SimDuration::as_millis);
        Some((site, rta.unwrap_or(SimTime::NEVER.as_millis())))
    })
}

/// When the last site of each customer is back, by the customer's number.
fn last_of_customers<'a>(times: impl Iterator<Item = (&'a AimedAt, u64)>) -> Vec<(u64, f64)> {
    let mut all: Vec<(u32, u64)> = times.map(|(site, rta)| (site.customer, rta)).collect();
    all.sort_unstable();
    let last = all.chunk_by(|one, next| one.0 == next.0);
    last.map(|sites| (sites.last().expect("a chunk has a site").1, 1.0)).collect()
}
