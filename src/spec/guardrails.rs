//! `[incident.guardrails]`: what would have made the deletion smaller or easier to undo.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{DistributionSpec, List, Located, Scalar};

/// Switches that a scenario or a strategy turns on to see what they buy.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GuardrailsSpec {
    /// What is deleted is kept for a while and can be un-deleted.
    pub soft_delete: Option<Located<SoftDeleteSpec>>,
    /// Sites are deleted in stages, with time to notice in between.
    pub staged_rollout: Option<Located<StagedRolloutSpec>>,
    /// A check of the identifiers that sometimes refuses the deletion as a whole.
    pub identifier_check: Option<Located<IdentifierCheckSpec>>,
    /// One run deletes only so many sites.
    pub bulk_cap: Option<Located<BulkCapSpec>>,
    /// The automation of steps has been built and tested before.
    pub tested_automation: Option<Located<TestedAutomationSpec>>,
}

/// What is deleted is kept for a while and can be un-deleted.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SoftDeleteSpec {
    /// Whether every strategy has it. Default false.
    pub enabled: Option<Located<bool>>,
    /// The services that keep what is deleted. Default ["*"], all.
    pub services: Option<Located<List<Located<String>>>>,
    /// How long they keep it, such as "14d".
    pub retention: Option<Located<Scalar>>,
    /// How long un-deleting takes in the place of a step with a `restore_point`. Default "10m".
    pub undelete: Option<Located<DistributionSpec>>,
}

/// Sites are deleted in stages, with time to notice in between.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StagedRolloutSpec {
    /// Whether every strategy has it. Default false.
    pub enabled: Option<Located<bool>>,
    /// Sites of each stage; after the last come all the rest. Default [], a single stage.
    pub stages: Option<Located<List<Located<i64>>>>,
    /// How long nothing is deleted after each stage. Default "1h".
    pub soak: Option<Located<Scalar>>,
    /// The milestone at which the run is stopped.
    pub stops_at: Option<Located<String>>,
}

/// A check of the identifiers that sometimes refuses the deletion as a whole.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct IdentifierCheckSpec {
    /// Whether every strategy has it. Default false.
    pub enabled: Option<Located<bool>>,
    /// The chance that it refuses the deletion. Default "90%".
    pub catches: Option<Located<Scalar>>,
}

/// One run deletes only so many sites.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct BulkCapSpec {
    /// Whether every strategy has it. Default false.
    pub enabled: Option<Located<bool>>,
    /// How many sites.
    pub sites: Option<Located<i64>>,
}

/// The automation of steps has been built and tested before.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TestedAutomationSpec {
    /// Whether every strategy has it. Default false.
    pub enabled: Option<Located<bool>>,
}

/// A guardrail by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GuardrailSpec {
    /// What is deleted can be un-deleted.
    SoftDelete,
    /// Sites are deleted in stages.
    StagedRollout,
    /// The deletion is sometimes refused.
    IdentifierCheck,
    /// One run deletes only so many sites.
    BulkCap,
    /// Steps are automated from T+0.
    TestedAutomation,
}

/// How a run deletes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ModeSpec {
    /// What is deleted is gone but for its backups.
    Hard,
    /// What is deleted is kept as `guardrails.soft_delete` says, whatever the strategy.
    Soft,
}
