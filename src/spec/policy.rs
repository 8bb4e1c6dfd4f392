//! `[policy]`: the objectives.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spec::located::names_of;

use super::{Located, Named, Scalar};

/// What a recovery must achieve.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PolicySpec {
    /// Recovery time objective, such as "6h".
    pub rto: Option<Located<Scalar>>,
    /// Recovery point objective, such as "1h".
    pub rpo: Option<Located<Scalar>>,
    /// Which data loss the recovery point objective is about. Default "hand_over".
    pub rpo_at: Option<Located<RpoAt>>,
    /// The share of sites that must meet the objectives. Default "95%".
    pub coverage: Option<Located<Scalar>>,
    /// The share of exercises in which that must hold. Default "90%".
    pub assurance: Option<Located<Scalar>>,
    /// How sure the verdict must be. Default "95%".
    pub confidence: Option<Located<Scalar>>,
    /// From when recovery time is measured: "deletion", or a milestone. Default "deletion".
    pub clock: Option<Located<String>>,
    /// Other objectives for a tier.
    #[schemars(extend("propertyNames" = names_of("tiers")))]
    pub tiers: Named<ObjectiveSpec>,
}

/// Which data loss a recovery point objective is about.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RpoAt {
    /// What a site has lost when it is handed over.
    #[default]
    HandOver,
    /// What it has lost in the end, once missing data has been brought back; of a site that is never
    /// repaired that is what it had lost at hand-over.
    Repair,
}

impl RpoAt {
    /// What objectives were about before scenarios could say it.
    #[must_use]
    pub fn unsaid() -> Self {
        Self::Repair
    }
}

/// Objectives of a tier.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ObjectiveSpec {
    /// Recovery time objective, such as "6h".
    pub rto: Option<Located<Scalar>>,
    /// Recovery point objective, such as "1h".
    pub rpo: Option<Located<Scalar>>,
}
