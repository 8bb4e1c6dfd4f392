//! `[experiment]`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Located, Scalar};

/// How often and how long to simulate.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ExperimentSpec {
    /// Seed of every random number of the exercises. Default 1.
    pub seed: Option<Located<i64>>,
    /// Exercises to simulate for each strategy. Default 1000.
    pub replications: Option<Located<i64>>,
    /// When to stop an exercise that has not finished. Default "60d".
    pub horizon: Option<Located<Scalar>>,
    /// Seed of the generated estate, which is the same in every exercise unless it is drawn anew
    /// (`estate.sites.resample`). Default 1.
    pub population_seed: Option<Located<i64>>,
}
