//! `[observed]`: what was observed of a real recovery.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{List, Located, Scalar};

/// What was observed of a real recovery, to lay beside the simulated one.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ObservedSpec {
    /// The strategy of which it was observed. Default: the first.
    pub strategy: Option<Located<String>>,
    /// When something happened.
    pub instants: List<Located<ObservedInstantSpec>>,
    /// How long something took.
    pub lengths: List<Located<ObservedLengthSpec>>,
    /// How many of something there were, or what share.
    pub counts: List<Located<ObservedCountSpec>>,
    /// Which share was back by when.
    pub curve: List<Located<ObservedPointSpec>>,
}

/// When something happened.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ObservedInstantSpec {
    /// Which instant: one that every exercise has, such as "last_site_back", "TRACK.first",
    /// "TRACK.last", or a milestone. `blackstart figures` lists the first.
    pub figure: Option<Located<String>>,
    /// Of which step, of a figure of a step.
    pub select: Located<ObservedSelectSpec>,
    /// What the report calls it.
    pub title: Option<Located<String>>,
    /// When: "T+304h", or an RFC 3339 time.
    pub at: Option<Located<String>>,
    /// Instead of `at`: the earliest and the latest that it may have been.
    pub between: List<Located<String>>,
    /// How far the simulated median may lie from it: "12h", or "10%" of it. Default: what was
    /// observed has to lie within the band of 9 of 10 exercises.
    pub within: Option<Located<Scalar>>,
}

/// How long something took.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ObservedLengthSpec {
    /// Which length that every exercise has, such as "exercise.rta.mean" or "exercise.rpa.p95".
    pub figure: Option<Located<String>>,
    /// Of which step, of a figure of a step.
    pub select: Located<ObservedSelectSpec>,
    /// What the report calls it.
    pub title: Option<Located<String>>,
    /// How long, such as "10d".
    pub value: Option<Located<Scalar>>,
    /// Instead of `value`: the least and the most that it may have been.
    pub between: List<Located<Scalar>>,
    /// How far the simulated median may lie from it: "12h", or "10%" of it.
    pub within: Option<Located<Scalar>>,
}

/// How many of something there were, or what share.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ObservedCountSpec {
    /// Which number or share: one that every exercise has, such as "sites_lost" or
    /// "person_hours", "TRACK.sites", "TRACK.sites_share", "TRACK.users_share" or
    /// "older_data_customers".
    pub figure: Option<Located<String>>,
    /// Of which step, of a figure of a step.
    pub select: Located<ObservedSelectSpec>,
    /// What the report calls it.
    pub title: Option<Located<String>>,
    /// The number, or the share such as "53%".
    pub value: Option<Located<Scalar>>,
    /// Instead of `value`: the least and the most that it may have been.
    pub between: List<Located<Scalar>>,
    /// How far the simulated median may lie from it: 15, or "10%" of it; of a share "10%" is ten
    /// points.
    pub within: Option<Located<Scalar>>,
    /// Of "older_data_customers": data lost at hand-over beyond this is older data. Default: the
    /// furthest restore point that a step of the strategy aims at.
    pub older_than: Option<Located<Scalar>>,
}

/// What an observed figure is of.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ObservedSelectSpec {
    /// Of this step: "RUNBOOK.STEP".
    pub step: Option<Located<String>>,
}

/// Which share was back by when.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ObservedPointSpec {
    /// When: "T+304h", or an RFC 3339 time.
    pub at: Option<Located<String>>,
    /// What the report calls it.
    pub title: Option<Located<String>>,
    /// The share of the users of the deleted sites whose site was back.
    pub users: Option<Located<Scalar>>,
    /// The share of the deleted sites that were back.
    pub sites: Option<Located<Scalar>>,
    /// How far the simulated median share may lie from it, in points: "10%".
    pub within: Option<Located<Scalar>>,
    /// Instead of `within`: how far the instant at which the simulated median reaches the share may
    /// lie from `at`.
    pub within_time: Option<Located<Scalar>>,
}
