//! Selections of sites, and what of them a deletion takes.

use crate::ids::{ProductId, RegionId, ServiceId, SiteId, TierId};
use crate::scenario::site::Site;

/// Sites that match every condition; an empty list of names is no condition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// Of one of these tiers.
    pub tiers: Vec<TierId>,
    /// In one of these regions.
    pub regions: Vec<RegionId>,
    /// With one of these products.
    pub products: Vec<ProductId>,
    /// These, in the order of the estate.
    pub sites: Vec<SiteId>,
    /// Of one of these customers, by number.
    pub customers: Vec<u32>,
    /// With data on one of these shards of a service, by numbers from 0.
    pub shards: Option<(ServiceId, Vec<u32>)>,
    /// With so many users or more.
    pub min_users: u32,
    /// With so many users or fewer.
    pub max_users: Option<u32>,
    /// In use or not.
    pub active: Option<bool>,
    /// Owned by the operator itself or not.
    pub operator_owned: Option<bool>,
}

impl Selector {
    /// Whether a site is selected as far as that can be said before it has its place among others.
    pub(crate) fn fits(&self, site: &Site) -> bool {
        (self.tiers.is_empty() || self.tiers.contains(&site.tier))
            && (self.regions.is_empty() || self.regions.contains(&site.region))
            && (self.products.is_empty() || self.products.iter().any(|product| site.has(*product)))
            && self.min_users <= site.users
            && self.max_users.is_none_or(|most| site.users <= most)
            && self.active.is_none_or(|active| site.active == active)
            && self.operator_owned.is_none_or(|owned| site.operator_owned == owned)
    }
}
