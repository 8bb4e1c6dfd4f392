//! `[teams]` and `[limits]`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Located, RampSpec};

/// People who work on steps.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TeamSpec {
    /// One line for people.
    pub title: Option<Located<String>>,
    /// How many, constant or a ramp.
    pub people: Option<Located<RampSpec>>,
    /// What an hour of one person costs, in your currency.
    pub cost_per_hour: Option<Located<f64>>,
}

/// Concurrent uses of what is not people.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LimitSpec {
    /// One line for people.
    pub title: Option<Located<String>>,
    /// How many uses at once, constant or a ramp.
    pub units: Option<Located<RampSpec>>,
}
