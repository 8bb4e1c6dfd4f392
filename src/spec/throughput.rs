//! `[throughput]`: bandwidth that transfers share.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{List, Located, Scalar};

/// Bandwidth that all transfers in progress share equally.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ThroughputSpec {
    /// One line for people.
    pub title: Option<Located<String>>,
    /// How much it moves in a time, such as "20 TiB/h", constant or a ramp.
    pub rate: Option<Located<RateRampSpec>>,
    /// What one transfer can use of it at most, such as "2 TiB/h". Default: all of it.
    pub cap: Option<Located<Scalar>>,
}

/// A rate that may change over time: `"20 TiB/h"`, or `[{ at = "T+0", rate = "20 TiB/h" }, ...]`.
#[derive(Clone, Debug)]
pub(crate) enum RateRampSpec {
    Constant(Located<Scalar>),
    Points(List<Located<RatePointSpec>>),
}

/// From this moment on it moves so much.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RatePointSpec {
    /// `T+8h`, an RFC 3339 time, a milestone, or a milestone and a length (`confirmed + 2h`).
    pub at: Option<Located<String>>,
    /// How much in a time.
    pub rate: Option<Located<Scalar>>,
}

impl<'de> Deserialize<'de> for RateRampSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Located { span, value } = Located::<Written>::deserialize(deserializer)?;
        Ok(match value {
            Written::Constant(value) => Self::Constant(Located { span, value }),
            Written::Points(points) => Self::Points(points),
        })
    }
}

enum Written {
    Constant(Scalar),
    Points(List<Located<RatePointSpec>>),
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Rate;
        impl<'de> Visitor<'de> for Rate {
            type Value = Written;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a rate such as \"20 TiB/h\", or a list such as [{ at = \"T+0\", rate = \"20 TiB/h\" }]",
                )
            }
            fn visit_str<E>(self, text: &str) -> Result<Written, E> {
                Ok(Written::Constant(Scalar::Text(text.to_owned())))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Written, E> {
                Ok(Written::Constant(Scalar::Integer(number)))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Written, E> {
                Ok(Written::Constant(Scalar::Float(number)))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, points: A) -> Result<Written, A::Error> {
                List::of(points).map(Written::Points)
            }
        }
        deserializer.deserialize_any(Rate)
    }
}

impl JsonSchema for RateRampSpec {
    fn schema_name() -> Cow<'static, str> {
        "RateRamp".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let point = generator.subschema_for::<RatePointSpec>();
        json_schema!({
            "description": "A rate, or a step function: a list of moments and rates.",
            "oneOf": [{ "type": ["string", "number"] }, { "type": "array", "items": point }]
        })
    }
}
