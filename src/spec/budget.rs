//! `[[budgets]]`: what a check of the scenario asks for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Located, Scalar, ShardsSpec};

/// Something that must hold in most exercises, or `blackstart check` fails.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct BudgetSpec {
    /// One line for people. Default: what it asks for.
    pub name: Option<Located<String>>,
    /// The figure: "site.rta", "site.rpa", or one that every exercise has once, such as
    /// "last_site_back"; `blackstart figures` lists them.
    pub metric: Option<Located<String>>,
    /// Under which strategy, and of which sites; without it all.
    pub select: Option<Located<BudgetSelectSpec>>,
    /// What is counted, of "site.rta" and "site.rpa". Default "site".
    pub by: Option<Located<CountedBy>>,
    /// What must hold in an exercise: "p(95) < 14d", "share_within(6h) >= 95%", "value < 14d".
    pub expect: Option<Located<String>>,
    /// In which share of the exercises it must hold. Default: the policy's, or "90%".
    pub assurance: Option<Located<Scalar>>,
    /// How sure the verdict must be. Default: the policy's, or "95%".
    pub confidence: Option<Located<Scalar>>,
    /// What a miss is. Default "error".
    pub level: Option<Located<Level>>,
}

/// Under which strategy, and of which sites: all conditions must hold.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct BudgetSelectSpec {
    /// Under this strategy only.
    pub strategy: Option<Located<String>>,
    /// Of sites of this tier.
    pub tier: Option<Located<String>>,
    /// Of sites in this region.
    pub region: Option<Located<String>>,
    /// Of sites that may lose something of this product.
    pub product: Option<Located<String>>,
    /// Of this site.
    pub site: Option<Located<String>>,
    /// Of sites of this customer: by the name that a table of sites gives it, else by its number
    /// from 0.
    pub customer: Option<Located<Scalar>>,
    /// Of sites with data on one of these shards of a service.
    pub shards: Option<Located<ShardsSpec>>,
    /// Of a figure of a step, which: "RUNBOOK.STEP".
    pub step: Option<Located<String>>,
}

/// What a figure of sites counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "CountedBySpec")]
pub enum CountedBy {
    /// Every site once.
    #[default]
    Site,
    /// Every site as often as it has users.
    User,
    /// Every customer once, by the worst of the selected sites.
    Customer,
}

/// What a missed budget is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "LevelSpec")]
pub enum Level {
    /// The check fails.
    #[default]
    Error,
    /// The check says so and passes.
    Warn,
    /// It is not looked at.
    Off,
}
