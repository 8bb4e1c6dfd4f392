//! When customers hear something: the first word to anybody, and how many customers have been
//! reached over time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::experiment::curves::{band, even_instants, round_up};
use crate::experiment::{AimedAt, Band, Results, StrategyResults, Yardsticks};
use crate::ids::Id;
use crate::scenario::Scenario;
use crate::stats::{quantile_sorted, rank};
use crate::trace::{Outcome, Restoration};
use crate::units::SimTime;

/// When customers heard something in one replication; an instant is `None` when it never comes.
///
/// Customers are those with a deleted site; where none was deleted the instants are T+0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContactMetrics {
    /// The first word to anybody: a public milestone, or the first customer who was reached.
    pub first_word: Option<SimTime>,
    /// When the first customer was reached.
    pub first_customer_reached: Option<SimTime>,
    /// When half of the customers had been reached.
    pub half_of_customers_reached: Option<SimTime>,
    /// When the last customer was reached; `None` if any was not.
    pub all_customers_reached: Option<SimTime>,
}

/// Whose sites are deleted, and which milestones are a word to everybody.
#[derive(Clone, Debug)]
pub(super) struct Contacts {
    /// The customer of each site that the incident aims at, numbered from 0.
    customer_of: Vec<usize>,
    customers: usize,
    /// Places of the public milestones.
    public: Vec<usize>,
    horizon: SimTime,
}

impl Contacts {
    pub(super) fn new(scenario: &Scenario, sites: &[AimedAt]) -> Self {
        let mut numbers: BTreeMap<u32, usize> = BTreeMap::new();
        let mut number = |customer: u32| {
            let next = numbers.len();
            *numbers.entry(customer).or_insert(next)
        };
        let customer_of: Vec<usize> = sites.iter().map(|it| number(it.customer)).collect();
        let public = scenario.incident.milestones.enumerate().filter(|(_, it)| it.public);
        Self {
            customer_of,
            customers: numbers.len(),
            public: public.map(|(id, _)| id.index()).collect(),
            horizon: SimTime::ZERO + scenario.experiment.horizon,
        }
    }

    /// When each customer who was reached was, in order, and how many have a deleted site.
    fn reached(&self, outcome: &Outcome) -> (Vec<SimTime>, usize) {
        let mut first = vec![None; self.customers];
        let mut concerned = vec![false; self.customers];
        for (row, customer) in self.customer_of.iter().enumerate() {
            if outcome.restorations[row] == Restoration::Spared {
                continue;
            }
            concerned[*customer] = true;
            let Some(at) = outcome.reached.get(row).copied().flatten() else { continue };
            let first: &mut Option<SimTime> = &mut first[*customer];
            *first = Some(first.map_or(at, |known| known.min(at)));
        }
        let mut reached: Vec<SimTime> = first.into_iter().flatten().collect();
        reached.sort_unstable();
        (reached, concerned.into_iter().filter(|it| *it).count())
    }

    pub(super) fn metrics(&self, outcome: &Outcome) -> ContactMetrics {
        let (reached, all) = self.reached(outcome);
        let nth = |place: usize| match all {
            0 => Some(SimTime::ZERO),
            _ => reached.get(place - 1).copied(),
        };
        let public = self.public.iter().map(|it| outcome.milestones[*it]);
        let public = public.filter(|at| *at <= self.horizon).min();
        let first = nth(1);
        ContactMetrics {
            first_word: public.into_iter().chain(first).min(),
            first_customer_reached: first,
            half_of_customers_reached: nth(rank(0.5, all.max(1))),
            all_customers_reached: nth(all),
        }
    }
}

/// The share of customers reached over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContactCurve {
    /// The instants, evenly spaced from T+0.
    pub at: Vec<SimTime>,
    /// The share of the customers with a deleted site.
    pub customers: Band,
}

/// The share of the customers with a deleted site who were reached over time, over all
/// replications of one strategy; `None` where no step of it reaches anybody.
#[must_use]
pub fn contact_curve(
    scenario: &Scenario,
    results: &Results,
    strategy: &StrategyResults,
) -> Option<ContactCurve> {
    if strategy.outcomes.iter().all(|it| it.reached.is_empty()) {
        return None;
    }
    let yardsticks = Yardsticks::new(scenario, results);
    let each = strategy.outcomes.iter().enumerate();
    let all: Vec<(Vec<SimTime>, usize)> =
        each.map(|(number, it)| yardsticks.of(number).contacts().reached(it)).collect();
    // In 19 of 20 replications nobody is reached any more after the end.
    let mut ends: Vec<SimTime> =
        all.iter().filter_map(|(reached, _)| reached.last().copied()).collect();
    ends.sort_unstable();
    let end = if ends.is_empty() { SimTime::ZERO } else { quantile_sorted(&ends, 0.95) };
    let end = round_up(end.since_start()).min(scenario.experiment.horizon);
    let at = even_instants(end);
    let share = |at: &SimTime, (reached, of): &(Vec<SimTime>, usize)| match *of {
        0 => 1.0,
        of => reached.partition_point(|it| it <= at) as f64 / of as f64,
    };
    let shares = at.iter().map(|at| all.iter().map(|it| share(at, it)).collect());
    Some(ContactCurve { customers: band(shares.collect()), at })
}
