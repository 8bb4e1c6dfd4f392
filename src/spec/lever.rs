//! `[[levers]]`: inputs that somebody can choose.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{List, Located, Scalar};

/// An input that somebody can choose: what `sweep` varies and `advise` chooses from.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LeverSpec {
    /// One line for people. Default: the address.
    pub name: Option<Located<String>>,
    /// Which input, as `--set` takes it: "teams.database.people"; "teams.database*" for factors,
    /// "policy.rto+" for amounts that are added.
    pub address: Option<Located<String>>,
    /// The values that it can have, such as [3, 4, 6].
    pub values: List<Located<Scalar>>,
    /// Instead of `values`: the first of evenly spaced ones.
    pub from: Option<Located<Scalar>>,
    /// The last of them at the latest. Default: `max`.
    pub to: Option<Located<Scalar>>,
    /// How far they are apart.
    pub step: Option<Located<Scalar>>,
    /// The largest value that can be had.
    pub max: Option<Located<Scalar>>,
    /// What it costs, in the money of the teams' costs.
    pub cost: Option<Located<LeverCostSpec>>,
}

/// What another value than the present one costs. A unit is 1 of the number of the value as written.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LeverCostSpec {
    /// Once, whatever the value. Default 0.
    pub fixed: Option<Located<f64>>,
    /// For each unit more than now; less than now saves it. Default 0.
    pub each: Option<Located<f64>>,
    /// For each unit more than now and each hour until the last site is back. Default 0.
    pub each_hour: Option<Located<f64>>,
}
