//! `[trust]`: what answers may rest on.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Level, Located};

/// What answers may rest on.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TrustSpec {
    /// What it is if the verdict turns within the doubt of one guess: `ledger` fails, or says so.
    /// Default "off".
    pub no_guess_decides: Option<Located<Level>>,
}
