//! How durations grow with the sizes of sites.

use std::collections::BTreeMap;

use crate::scenario::{Growth, Scenario, Sizes};
use crate::units::SimTime;

use super::expand::to_u16;
use super::sites::PlanSite;

/// Which steps grow how, and what sizes are relative to.
#[derive(Clone, Debug)]
pub(crate) struct PlanGrowth {
    /// Factors by which durations grow, by kind of growth and row. The first does not grow.
    pub kinds: Vec<Growths>,
    /// The users of the sites that are deleted first, which others are relative to.
    pub users: Sizes,
    /// Their bytes.
    pub bytes: Sizes,
    /// The place of each kind of growth, by the bits of its exponents.
    places: BTreeMap<(u64, u64), u16>,
}

/// Factors by which durations grow with size.
#[derive(Clone, Debug)]
pub(crate) struct Growths {
    pub users: f64,
    pub bytes: f64,
    /// The factor of each row.
    pub by_row: Vec<f64>,
}

impl PlanGrowth {
    /// What sizes are relative to, before any step grows with them.
    pub(super) fn new(scenario: &Scenario, sites: &[PlanSite]) -> Self {
        let first = || aimed_at_first(scenario, sites);
        Self {
            kinds: vec![Growths { users: 0.0, bytes: 0.0, by_row: vec![1.0; sites.len()] }],
            users: Sizes::of(first().map(|site| (u64::from(site.users), 1))),
            bytes: Sizes::of(first().map(|site| (site.bytes, 1))),
            places: BTreeMap::from([((0, 0), 0)]),
        }
    }

    /// The place of a kind of growth, each once.
    pub(super) fn kind(&mut self, growth: Growth, sites: &[PlanSite]) -> u16 {
        let Self { kinds, users, bytes, places } = self;
        *places.entry((growth.users.to_bits(), growth.bytes.to_bits())).or_insert_with(|| {
            let factor = |site: &PlanSite| {
                users.factor_of_one(f64::from(site.users), growth.users)
                    * bytes.factor_of_one(site.bytes as f64, growth.bytes)
            };
            let by_row = sites.iter().map(factor).collect();
            kinds.push(Growths { users: growth.users, bytes: growth.bytes, by_row });
            to_u16(kinds.len() - 1)
        })
    }
}

/// The sites that the incident itself deletes, without those that only injects do.
fn aimed_at_first<'a>(
    scenario: &'a Scenario,
    sites: &'a [PlanSite],
) -> impl Iterator<Item = &'a PlanSite> {
    let deleted = scenario.incident.deleted.iter().zip(sites);
    deleted.filter(|(it, _)| it.at != SimTime::NEVER).map(|(_, site)| site)
}
