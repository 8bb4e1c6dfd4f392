//! `[teams]` and `[limits]`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{List, Located, RampSpec, Scalar};

/// People who work on steps.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TeamSpec {
    /// One line for people.
    pub title: Option<Located<String>>,
    /// How many, constant or a ramp.
    pub people: Option<Located<RampSpec>>,
    /// In the place of `people`: shifts by the clock of a place; those that overlap add up.
    pub roster: Option<List<Located<ShiftSpec>>>,
    /// When the people on the roster are called: a milestone, "T+2h". Default "T+0".
    pub called: Option<Located<String>>,
    /// How much longer work takes with more going on at once. Default: no longer.
    pub coordination: Option<Located<CoordinationSpec>>,
    /// How much longer work takes for people who have been at it for long. Default: no longer.
    pub fatigue: List<Located<FatigueSpec>>,
    /// What becomes of work under way when people go: "finish" or "hand_over". Default "finish".
    pub at_shift_end: Option<Located<AtShiftEnd>>,
    /// What an hour of one person costs, in your currency.
    pub cost_per_hour: Option<Located<f64>>,
}

/// People who are there between two times of day.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ShiftSpec {
    /// What it is called.
    pub name: Option<Located<String>>,
    /// The time zone of its clock, such as "Europe/Berlin".
    pub zone: Option<Located<String>>,
    /// The days of the week on which it begins. Default: every day.
    pub days: Option<List<Located<DaySpec>>>,
    /// When it begins, such as "08:00".
    pub from: Option<Located<String>>,
    /// When it ends; past midnight if that is no later than `from`.
    pub to: Option<Located<String>>,
    /// How many people.
    pub people: Option<Located<i64>>,
}

/// A day of the week, or some.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DaySpec {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
    /// Monday to Friday.
    Weekdays,
    /// Saturday and Sunday.
    Weekend,
}

/// How much longer an attempt takes for what else goes on when it starts.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CoordinationSpec {
    /// The part of its time that each track at work adds, beyond the first. Default 0.
    pub per_track: Option<Located<f64>>,
    /// The part of its time that each batch in flight adds, of all tracks, beyond the first.
    /// Default 0.
    pub per_batch: Option<Located<f64>>,
    /// The factor on its time that is never passed. Default: there is none.
    pub at_most: Option<Located<f64>>,
}

/// From some time on attempts take longer.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FatigueSpec {
    /// How long after the first people of the team came.
    pub after: Option<Located<Scalar>>,
    /// The factor on the time of attempts that start from then on.
    pub factor: Option<Located<f64>>,
}

/// What becomes of work under way when a team has fewer people than it needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AtShiftEndSpec")]
pub enum AtShiftEnd {
    /// Whoever has a task finishes it, in overtime.
    #[default]
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
    /// Of what there are so many: of the whole, or of each shard. Default "all".
    pub per: Option<Located<LimitPerSpec>>,
}

/// Of what a limit has its units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LimitPerSpec {
    /// Of all together.
    All,
    /// Of every shard of a step's service.
    Shard,
}
