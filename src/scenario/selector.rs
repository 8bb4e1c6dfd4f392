//! Selections of sites.

use crate::diagnostics::{Code, Diagnostics};
use crate::ids::{Id, ProductId, RegionId, TierId};
use crate::spec::SelectorSpec;

use super::estate::{Site, Vocabulary};

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
    diagnostics: &mut Diagnostics,
) -> Selector {
    let mut users = |spec: &Option<crate::spec::Located<i64>>| {
        let it = spec.as_ref()?;
        let users = u32::try_from(it.value).ok();
        if users.is_none() {
            diagnostics
                .error(Code::OutOfRange, it.span, format!("`{}` is no number of users", it.value))
                .help("write a whole number from 0 up");
        }
        users
    };
    let (min_users, max_users) = (users(&spec.min_users), users(&spec.max_users));
    Selector {
        tiers: find_all(&spec.tiers, words.tiers, Code::UnknownTier, "tier", diagnostics),
        regions: find_all(&spec.regions, words.regions, Code::UnknownRegion, "region", diagnostics),
        products: find_all(
            &spec.products,
            words.products,
            Code::UnknownProduct,
            "product",
            diagnostics,
        ),
        min_users: min_users.unwrap_or(0),
        max_users,
        active: spec.active.as_ref().map(|it| it.value),
        operator_owned: spec.operator_owned.as_ref().map(|it| it.value),
    }
}

fn find_all<I: Id>(
    names: &[crate::spec::Located<String>],
    known: &[String],
    code: Code,
    thing: &str,
    diagnostics: &mut Diagnostics,
) -> Vec<I> {
    names
        .iter()
        .filter_map(|name| {
            let place = known.iter().position(|it| *it == name.value);
            if place.is_none() {
                diagnostics
                    .error(code, name.span, format!("there is no {thing} `{}`", name.value))
                    .help_choose(&name.value, known.iter().map(String::as_str));
            }
            place.map(I::new)
        })
        .collect()
}
