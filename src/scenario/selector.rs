//! Selections of sites.

use crate::diagnostics::Code;
use crate::ids::{ProductId, RegionId, TierId};
use crate::spec::{Located, SelectorSpec};

use super::estate::Site;
use super::quantity::Desk;
use super::symbols::Vocabulary;

/// Sites that match every condition; an empty list of names is no condition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// Of one of these tiers.
    pub tiers: Vec<TierId>,
    /// In one of these regions.
    pub regions: Vec<RegionId>,
    /// With one of these products.
    pub products: Vec<ProductId>,
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
    /// Whether `site` is selected.
    #[must_use]
    pub fn matches(&self, site: &Site) -> bool {
        (self.tiers.is_empty() || self.tiers.contains(&site.tier))
            && (self.regions.is_empty() || self.regions.contains(&site.region))
            && (self.products.is_empty() || self.products.iter().any(|product| site.has(*product)))
            && self.min_users <= site.users
            && self.max_users.is_none_or(|most| site.users <= most)
            && self.active.is_none_or(|active| site.active == active)
            && self.operator_owned.is_none_or(|owned| site.operator_owned == owned)
    }
}

/// Turns a selection's names into ids.
pub(super) fn resolve(
    spec: &SelectorSpec,
    words: &Vocabulary<'_>,
    desk: &mut Desk<'_>,
) -> Selector {
    let mut users = |spec: &Option<Located<i64>>| {
        let it = spec.as_ref()?;
        let users = u32::try_from(it.value).ok();
        if users.is_none() {
            desk.error(Code::OutOfRange, it.span, format!("`{}` is no number of users", it.value))
                .help("write a whole number from 0 up");
        }
        users
    };
    let (min_users, max_users) = (users(&spec.min_users), users(&spec.max_users));
    Selector {
        tiers: spec.tiers.iter().filter_map(|it| words.tier(it, desk)).collect(),
        regions: spec.regions.iter().filter_map(|it| words.region(it, desk)).collect(),
        products: spec.products.iter().filter_map(|it| words.product(it, desk)).collect(),
        min_users: min_users.unwrap_or(0),
        max_users,
        active: spec.active.as_ref().map(|it| it.value),
        operator_owned: spec.operator_owned.as_ref().map(|it| it.value),
    }
}
