//! `[incident]`: the mass deletion and when it was noticed.

use std::borrow::Cow;
use std::fmt;

use crate::spec::located::one_choice;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    DistributionSpec, GuardrailsSpec, List, Located, ModeSpec, Named, Scalar, SelectorSpec,
};

/// What went wrong, when, and when it was noticed.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct IncidentSpec {
    /// The wall-clock of T+0, the first deletion, as RFC 3339.
    pub at: Option<Located<String>>,
    /// What kind of incident it is: the word for it in reports. Default "deletion".
    pub kind: Option<Located<IncidentKind>>,
    /// What is deleted.
    pub deletions: List<Located<DeletionSpec>>,
    /// What would have made the deletion smaller or easier to undo: switches.
    pub guardrails: Option<Located<GuardrailsSpec>>,
    /// Moments of the response: detected, declared, confirmed, or your own.
    pub milestones: Named<MilestoneSpec>,
}

/// What kind of incident it is. It changes the words of reports and nothing else: what is lost is
/// lost, and restored alike, whatever took it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "IncidentKindSpec")]
pub enum IncidentKind {
    /// Somebody or something deleted it.
    #[default]
    Deletion,
    /// It is there, and wrong.
    Corruption,
    /// Somebody encrypted it.
    Ransomware,
    /// Somebody destroyed it on purpose.
    Sabotage,
    /// Somebody took it away.
    Theft,
    /// It burnt.
    Fire,
    /// Water got to it.
    Flood,
    /// A storm got to it.
    Storm,
    /// The ground shook.
    Earthquake,
    /// It cannot be used.
    Outage,
    /// None of these.
    Other,
}

/// The order in which sites are deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeletionOrderSpec {
    /// As the estate lists them.
    List,
    /// Shuffled, by the population seed.
    Random,
    /// Most users first.
    UsersDescending,
    /// Fewest users first.
    UsersAscending,
}

/// One run of deletions, a site after the other.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DeletionSpec {
    /// When the run starts, such as "T+2h". Default "T+0".
    pub at: Option<Located<String>>,
    /// How many sites; without it all that match.
    pub count: Option<Located<i64>>,
    /// Which sites; without it any.
    pub sites: Option<Located<SelectorSpec>>,
    /// What of them is lost. Default "site": all.
    pub target: Option<Located<TargetSpec>>,
    /// In which order. Default "list".
    pub order: Option<Located<DeletionOrderSpec>>,
    /// How long the run takes, evenly spread over its sites. Default: all at once.
    pub over: Option<Located<Scalar>>,
    /// Whether what is deleted can be un-deleted. Default "hard".
    pub mode: Option<Located<ModeSpec>>,
}

/// A moment of the response.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MilestoneSpec {
    /// One line for people.
    pub title: Option<Located<String>>,
    /// The milestone that it follows, or "first_deletion" or "last_deletion". Default
    /// "first_deletion".
    pub after: Option<Located<String>>,
    /// How long after. Default "0s".
    pub delay: Option<Located<DistributionSpec>>,
    /// Whether it is a word to everybody: a status page, a first message to all. Default false.
    pub public: Option<Located<bool>>,
}

/// What of a site is lost: `"site"`, `{ product = "wiki" }`, or `{ service = "db" }`, of which only
/// some `shards` may be.
#[derive(Clone, Debug)]
pub(crate) enum TargetSpec {
    Site,
    Part(Box<PartSpec>),
}

/// A part of sites.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PartSpec {
    /// A product: every site that has it loses it, with the services that nothing else uses there.
    pub product: Option<Located<String>>,
    /// A service: every site with data in it loses that.
    pub service: Option<Located<String>>,
    /// Some shards of the service, by numbers from 0; without it all.
    pub shards: Option<Located<List<Located<i64>>>>,
}

impl<'de> Deserialize<'de> for TargetSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Target;
        impl<'de> Visitor<'de> for Target {
            type Value = TargetSpec;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"site\", or a table such as { service = \"db\" }")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<TargetSpec, E> {
                match text {
                    "site" => Ok(TargetSpec::Site),
                    other => Err(E::unknown_variant(other, &["site"])),
                }
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TargetSpec, A::Error> {
                one_choice::<PartSpec, A>(map).map(|it| TargetSpec::Part(Box::new(it)))
            }
        }
        deserializer.deserialize_any(Target)
    }
}

impl JsonSchema for TargetSpec {
    fn schema_name() -> Cow<'static, str> {
        "Target".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let part = generator.subschema_for::<PartSpec>();
        json_schema!({ "oneOf": [{ "type": "string", "const": "site" }, part] })
    }
}
