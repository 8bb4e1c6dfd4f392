//! The recovery times of all sites, users or customers of all replications, each replication a
//! cluster.

use std::borrow::Cow;

use rayon::prelude::*;

use crate::experiment::{
    AimedAt, Aims, PackedOutcome, Results, StrategyResults, Yardstick, Yardsticks,
};
use crate::scenario::Scenario;
use crate::stats::Clusters;
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
    wanted: &(dyn Fn(&AimedAt) -> bool + Sync),
) -> Vec<Vec<(u64, f64)>> {
    let yardsticks = Yardsticks::new(scenario, results);
    let times = RecoveryTimesOf::new(&yardsticks, (results, outcomes), by, wanted);
    let cluster = |number: usize| {
        let mut cluster = Vec::new();
        times.show(number, |value, weight| cluster.push((value, weight as f64)));
        cluster
    };
    (0..times.count()).into_par_iter().map(cluster).collect()
}

/// The recovery times of all replications of a strategy, each replication a cluster; see
/// [`rta_clusters`].
pub(crate) struct RecoveryTimesOf<'a> {
    pub yardsticks: &'a Yardsticks<'a>,
    pub results: &'a Results,
    pub outcomes: &'a StrategyResults,
    pub by: By,
    pub wanted: &'a (dyn Fn(&AimedAt) -> bool + Sync),
    /// The places of those sites, where every replication has the same.
    same: Vec<usize>,
}

impl<'a> RecoveryTimesOf<'a> {
    pub(crate) fn new(
        yardsticks: &'a Yardsticks<'a>,
        (results, outcomes): (&'a Results, &'a StrategyResults),
        by: By,
        wanted: &'a (dyn Fn(&AimedAt) -> bool + Sync),
    ) -> Self {
        let same = match &results.aims {
            Aims::Same(sites) => places(sites, wanted),
            Aims::Redrawn(_) => Vec::new(),
        };
        Self { yardsticks, results, outcomes, by, wanted, same }
    }
}

/// The places of the sites that are wanted.
pub(crate) fn places(sites: &[AimedAt], wanted: &dyn Fn(&AimedAt) -> bool) -> Vec<usize> {
    (0..sites.len()).filter(|it| wanted(&sites[*it])).collect()
}

impl Clusters for RecoveryTimesOf<'_> {
    fn count(&self) -> usize {
        self.outcomes.outcomes.len()
    }

    fn show(&self, number: usize, each: impl FnMut(u64, u64)) {
        let sites = self.results.sites(number);
        let own = match &self.results.aims {
            Aims::Same(_) => Cow::Borrowed(&self.same),
            Aims::Redrawn(_) => Cow::Owned(places(sites, self.wanted)),
        };
        let yardstick = &self.yardsticks.of(number);
        cluster((yardstick, sites), &self.outcomes.outcomes[number], self.by, &own, each);
    }
}

/// Shows the recovery times of one replication, of the sites at these places, with their weights.
pub(crate) fn cluster(
    (yardstick, sites): (&Yardstick, &[AimedAt]),
    outcome: &PackedOutcome,
    by: By,
    own: &[usize],
    mut each: impl FnMut(u64, u64),
) {
    let times = site_times(yardstick, outcome, own);
    match by {
        By::Site => times.for_each(|(_, rta)| each(rta, 1)),
        By::User => times.for_each(|(place, rta)| each(rta, u64::from(sites[place].users))),
        By::Customer => {
            let last = last_of_customers(yardstick, times);
            last.into_iter().flatten().for_each(|rta| each(rta, 1));
        }
    }
}

/// The places of the sites that were deleted, with their recovery times.
fn site_times<'a>(
    yardstick: &'a Yardstick,
    outcome: &'a PackedOutcome,
    own: &'a [usize],
) -> impl Iterator<Item = (usize, u64)> + 'a {
    own.iter().copied().filter_map(|place| {
        yardstick.deleted_at(outcome, place)?;
        let rta = yardstick.rta(outcome, place).map(SimDuration::as_millis);
        Some((place, rta.unwrap_or(SimTime::NEVER.as_millis())))
    })
}

/// When the last site of each customer is back who has one of these.
fn last_of_customers(
    yardstick: &Yardstick,
    times: impl Iterator<Item = (usize, u64)>,
) -> Vec<Option<u64>> {
    let contacts = yardstick.contacts();
    let mut last: Vec<Option<u64>> = vec![None; contacts.customers()];
    for (place, rta) in times {
        let known = &mut last[contacts.customer_of(place)];
        *known = Some(known.map_or(rta, |known| known.max(rta)));
    }
    last
}

/// A number of every site of every replication of a strategy that has one, each replication a
/// cluster.
pub(crate) struct SiteNumbers<'a, F> {
    pub yardsticks: &'a Yardsticks<'a>,
    pub outcomes: &'a StrategyResults,
    pub number: F,
}

impl<F: Fn(&Yardstick, &PackedOutcome, usize) -> Option<u64> + Sync> Clusters
    for SiteNumbers<'_, F>
{
    fn count(&self) -> usize {
        self.outcomes.outcomes.len()
    }

    fn show(&self, number: usize, mut each: impl FnMut(u64, u64)) {
        let (yardstick, outcome) = (self.yardsticks.of(number), &self.outcomes.outcomes[number]);
        let numbers =
            (0..yardstick.sites()).filter_map(|it| (self.number)(&yardstick, outcome, it));
        numbers.for_each(|it| each(it, 1));
    }
}
