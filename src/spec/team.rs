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
    /// What becomes of work under way when people go: "finish" or "hand_over". Default "finish".
    pub at_shift_end: Option<Located<AtShiftEndSpec>>,
    /// What an hour of one person costs, in your currency.
    pub cost_per_hour: Option<Located<f64>>,
}

/// What becomes of work under way when a team has fewer people than it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AtShiftEndSpec {
    /// Whoever has a task finishes it, in overtime.
    Finish,
    /// The youngest attempts pause, and go on first when people are back.
    HandOver,
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
