//! `[[injects]]`: what the exercise throws in during the recovery.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{DistributionSpec, List, Located, Scalar, SelectorSpec, TargetSpec};

/// Something that goes wrong during the recovery; exactly one of its kinds.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct InjectSpec {
    /// One line for people. Default: what it does.
    pub title: Option<Located<String>>,
    /// When: "T+30h", a milestone, "declared + 2h", or a wall-clock time. Default "T+0".
    pub at: Option<Located<String>>,
    /// How long after that, for a random time. Default "0s".
    pub delay: Option<Located<DistributionSpec>>,
    /// How long it lasts. Default: to the end, where it lasts at all.
    pub lasts: Option<Located<DistributionSpec>>,
    /// In what share of the exercises it happens. Default "100%".
    pub chance: Option<Located<Scalar>>,
    /// Whether it is thrown in. Default true.
    pub enabled: Option<Located<bool>>,
    /// People of a team are away.
    pub people_away: Option<Located<PeopleAwaySpec>>,
    /// The shift of a team that is on, or else its next one, does not come.
    pub shift_lost: Option<Located<ShiftLostSpec>>,
    /// The next attempts of a step that are started fail.
    pub attempts_fail: Option<Located<AttemptsFailSpec>>,
    /// A limit has fewer units.
    pub limit_drops: Option<Located<LimitDropsSpec>>,
    /// A throughput moves less.
    pub throughput_drops: Option<Located<ThroughputDropsSpec>>,
    /// A service is out: what is done for it pauses, and nothing is started.
    pub outage: Option<Located<OutageSpec>>,
    /// Sites are deleted, again or for the first time.
    pub deletion: Option<Located<InjectedDeletionSpec>>,
    /// No attempt of some steps is started; what runs goes on.
    pub freeze: Option<Located<FreezeSpec>>,
}

/// People of a team are away.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PeopleAwaySpec {
    /// Which team.
    pub team: Option<Located<String>>,
    /// How many: a number, or a share such as "50%".
    pub people: Option<Located<Scalar>>,
}

/// The shift of a team that is on, or else its next one, does not come.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ShiftLostSpec {
    /// Which team.
    pub team: Option<Located<String>>,
}

/// The next attempts of a step that are started fail.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AttemptsFailSpec {
    /// Which step, in whatever runbook.
    pub step: Option<Located<String>>,
    /// How many attempts. Default 1.
    pub count: Option<Located<i64>>,
}

/// A limit has fewer units.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LimitDropsSpec {
    /// Which limit.
    pub limit: Option<Located<String>>,
    /// What is left: a number of units, or a share such as "50%".
    pub to: Option<Located<Scalar>>,
}

/// A throughput moves less.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ThroughputDropsSpec {
    /// Which throughput.
    pub throughput: Option<Located<String>>,
    /// The share of its rate that is left, such as "40%".
    pub to: Option<Located<Scalar>>,
}

/// A service is out.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct OutageSpec {
    /// Which service; steps with `for_each` over it are done for it.
    pub service: Option<Located<String>>,
}

/// Sites are deleted, all at once. What is being restored is given up and restored from the start.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct InjectedDeletionSpec {
    /// How many sites; without it all that match.
    pub count: Option<Located<i64>>,
    /// Which sites; without it any, whether they were deleted before or not.
    pub sites: Option<Located<SelectorSpec>>,
    /// What of them is lost. Default "site": all.
    pub target: Option<Located<TargetSpec>>,
}

/// No attempt of some steps is started.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FreezeSpec {
    /// Which steps, in whatever runbook.
    pub steps: List<Located<String>>,
    /// All steps of these phases.
    pub phases: List<Located<String>>,
}
