//! `[estate]`: services, products and the population of sites.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::located::names_of;

use super::{BackupsSpec, DistributionSpec, List, Located, Named, Scalar, SelectorSpec};

/// All that can be lost.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct EstateSpec {
    /// Components, each with its own data store.
    pub services: Named<ServiceSpec>,
    /// What sites have licensed; a product decides which services hold a site's data.
    pub products: Named<ProductSpec>,
    /// The sites.
    pub sites: Located<SitesSpec>,
}

/// What a service's store is to a recovery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ServiceClassSpec")]
pub enum ServiceClass {
    /// The authoritative store, restored from backups.
    #[default]
    Primary,
    /// Rebuilt by replaying events.
    Derived,
    /// Shared by products: identity, media, feature flags, commerce.
    Platform,
    /// Of a third-party vendor.
    External,
}

/// A component with its own data store.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ServiceSpec {
    /// One line for people.
    pub title: Option<Located<String>>,
    /// What the store is to a recovery. Default "primary".
    pub class: Option<Located<ServiceClass>>,
    /// Containers, each holding the data of many sites. Default 1.
    pub shards: Option<Located<i64>>,
    /// Data in one shard, such as "1.5 TiB".
    pub bytes_per_shard: Option<Located<Scalar>>,
    /// How the store is backed up: a table, a list of them in order of preference, or "none".
    /// Required where a restore point or a recovery point objective asks for it.
    pub backup: Option<Located<BackupsSpec>>,
    /// Synchronous standbys: they protect against the loss of a zone and copy a deletion too, so
    /// they help nothing here. Default 0.
    pub replicas: Option<Located<i64>>,
}

/// What sites have licensed.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ProductSpec {
    /// One line for people.
    pub title: Option<Located<String>>,
    /// The services that hold the data of a site that has this product.
    pub services: List<Located<String>>,
}

/// The population of sites: drawn once from its own seed, or listed in a table.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SitesSpec {
    /// A table with one row a site, in place of a generated population: `site`, `customer`,
    /// `users`, `bytes`, `products`, `region`, `tier`, `active`, `operator_owned` and
    /// `shard.SERVICE`. The path counts from the folder of this file.
    pub csv: Option<Located<String>>,
    /// How many sites there are.
    pub count: Option<Located<i64>>,
    /// How many customers own them. Default: one a site.
    pub customers: Option<Located<i64>>,
    /// Users of an active site: plain numbers. Default 1.
    pub users: Option<Located<DistributionSpec>>,
    /// Data of a site, such as "20 GiB".
    pub bytes: Option<Located<DistributionSpec>>,
    /// How closely bytes follow users.
    pub correlation: Option<Located<CorrelationSpec>>,
    /// The share of sites that has each product, each by a lot of its own, so that a site may have
    /// none. Default: every site has all.
    #[schemars(extend("propertyNames" = names_of("products")))]
    pub products: Named<Scalar>,
    /// The share of sites in each region.
    pub regions: Named<Scalar>,
    /// The tier of a site: the first rule that it matches.
    pub tiers: List<Located<TierRuleSpec>>,
    /// The share of sites that nobody uses; they have no users. Default "0%".
    pub inactive: Option<Located<Scalar>>,
    /// The share of sites that the operator itself owns. Default "0%".
    pub operator_owned: Option<Located<Scalar>>,
    /// Whether every exercise draws its own sites, instead of all having the same. Default
    /// false.
    pub resample: Option<Located<bool>>,
    /// How sites lie over the shards of a service. Default "even".
    pub placement: Option<Located<PlacementSpec>>,
}

/// How closely one size of a site follows another.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CorrelationSpec {
    /// Rank correlation of users and bytes, from 0 to 1 (of the normal scores). Default 0.
    pub users_bytes: Option<Located<f64>>,
}

/// Sites of a tier.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TierRuleSpec {
    /// The tier's name.
    pub tier: Option<Located<String>>,
    /// Which sites; without it all that no earlier rule matched.
    pub when: Option<Located<SelectorSpec>>,
}

/// How sites lie over the shards of a service.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PlacementSpec {
    /// Every shard is as likely as the next.
    Even,
    /// Shard number n is as likely as 1 / n^exponent (Zipf's law).
    Skewed(Located<SkewSpec>),
}

/// How uneven a skewed placement is.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SkewSpec {
    /// The exponent of Zipf's law, from 0 (even) to 4.
    pub exponent: Option<Located<f64>>,
}
