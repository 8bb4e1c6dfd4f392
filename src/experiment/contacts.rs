//! Who is told what happened: the customers with deleted sites, and the milestones that are a word
//! to everybody.

use std::collections::BTreeMap;

use crate::experiment::{AimedAt, PackedOutcome};
use crate::ids::Id;
use crate::scenario::Scenario;
use crate::trace::Restoration;
use crate::units::SimTime;

/// Whose sites are deleted, and which milestones are a word to everybody.
#[derive(Clone, Debug)]
pub(crate) struct Contacts {
    /// The customer of each site that the incident aims at, numbered from 0.
    customer_of: Vec<usize>,
    customers: usize,
    /// Places of the public milestones.
    public: Vec<usize>,
    horizon: SimTime,
}

impl Contacts {
    pub(crate) fn new(scenario: &Scenario, sites: &[AimedAt]) -> Self {
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

    /// How many customers own a site that the incident aims at.
    pub(crate) fn customers(&self) -> usize {
        self.customers
    }

    /// The number of the customer who owns the site at a place.
    pub(crate) fn customer_of(&self, site: usize) -> usize {
        self.customer_of[site]
    }

    /// When each customer who was reached was, in order, and how many have a deleted site.
    pub(crate) fn reached(&self, outcome: &PackedOutcome) -> (Vec<SimTime>, usize) {
        let mut first = vec![None; self.customers];
        let mut concerned = vec![false; self.customers];
        for (row, customer) in self.customer_of.iter().enumerate() {
            if outcome.restoration(row) == Restoration::Spared {
                continue;
            }
            concerned[*customer] = true;
            let Some(at) = outcome.reached(row) else { continue };
            let first: &mut Option<SimTime> = &mut first[*customer];
            *first = Some(first.map_or(at, |known| known.min(at)));
        }
        let mut reached: Vec<SimTime> = first.into_iter().flatten().collect();
        reached.sort_unstable();
        (reached, concerned.into_iter().filter(|it| *it).count())
    }

    /// When the first public milestone was reached before the horizon.
    pub(crate) fn first_public_word(&self, outcome: &PackedOutcome) -> Option<SimTime> {
        let public = self.public.iter().map(|place| outcome.milestones[*place]);
        public.filter(|at| *at <= self.horizon).min()
    }
}
