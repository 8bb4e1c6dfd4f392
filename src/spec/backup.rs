//! `[estate.services.NAME.backup]`: how a store is backed up.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

use super::{List, Located, Scalar};

/// How a store is backed up: one way, several in order of preference, or `"none"`.
#[derive(Clone, Debug)]
pub(crate) enum BackupsSpec {
    /// Not at all.
    None,
    /// In one way.
    One(Box<BackupSpec>),
    /// In several ways, the one that is asked first in front.
    Several(List<Located<BackupSpec>>),
}

/// One way in which a store is backed up.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct BackupSpec {
    /// What it is called, among several. One of them may do without.
    pub id: Option<Located<String>>,
    /// Time between full backups. Default "24h".
    pub full: Option<Located<Scalar>>,
    /// Time between incremental backups; without it only full ones are taken.
    pub incremental: Option<Located<Scalar>>,
    /// "continuous": changes are archived as they happen, so that every moment from a complete full
    /// backup up to the deletion can be reached. Default: no log.
    pub log: Option<Located<LogSpec>>,
    /// How long a backup is kept; past it there is nothing to restore. What builds on a full backup
    /// is as old as that. Default "30d". Or `{ window = "30d" }`: the last full backup before the
    /// window is kept too.
    pub retention: Option<Located<ScalarOr<WindowSpec>>>,
    /// "until restored": nothing expires from T+0 on. Default: backups expire as ever.
    pub keep: Option<Located<KeepSpec>>,
    /// How long before T+0 the last full backup of every shard began. Default: drawn for each shard
    /// in every exercise.
    pub phase: Option<Located<Scalar>>,
    /// How long a full backup takes; until then the one before it is the last. Default "0s".
    pub takes: Option<Located<Scalar>>,
    /// The chance that an incremental backup cannot be read, so that nothing after the one before
    /// it can be restored. Default "0%".
    pub chain_breaks: Option<Located<Scalar>>,
    /// The chance that a full backup, and all that builds on it, cannot be read. Default "0%". Or
    /// `{ each = "2%", all = "5%", cause = "NAME" }`: of each, or of all at once.
    pub unreadable: Option<Located<ScalarOr<UnreadableSpec>>>,
    /// How long it takes to find out that a backup cannot be read, and to fall back to the next.
    /// Default "0s".
    pub fall_back: Option<Located<Scalar>>,
    /// What each incremental backup adds to the time of a step that restores from it. Default "0s".
    pub per_incremental: Option<Located<Scalar>>,
    /// What each hour of the log adds to the time of a step that replays it. Default "0s".
    pub per_log_hour: Option<Located<Scalar>>,
}

/// How changes are archived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogSpec {
    /// As they happen.
    Continuous,
}

/// What is kept longer than its retention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub(crate) enum KeepSpec {
    /// All that is there at T+0.
    #[serde(rename = "until restored")]
    UntilRestored,
}

/// A recovery window.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WindowSpec {
    /// Every moment since so long ago can be reached, as far as the backups reach it at all.
    pub window: Option<Located<Scalar>>,
}

/// How backups may turn out to be unreadable.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct UnreadableSpec {
    /// The chance that a full backup of a shard cannot be read. Default "0%".
    pub each: Option<Located<Scalar>>,
    /// The chance that no backup of any shard can be read. Default "0%".
    pub all: Option<Located<Scalar>>,
    /// What strikes all at once: protections with the same cause are struck together.
    pub cause: Option<Located<String>>,
}

/// A quantity, or a table in its place.
#[derive(Clone, Debug)]
pub(crate) enum ScalarOr<T> {
    /// The quantity as written.
    Scalar(Scalar),
    /// The table.
    Table(T),
}

impl<'de> Deserialize<'de> for BackupsSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Ways;
        impl<'de> Visitor<'de> for Ways {
            type Value = BackupsSpec;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table such as { full = \"24h\" }, a list of them, or \"none\"")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<BackupsSpec, E> {
                match text {
                    "none" => Ok(BackupsSpec::None),
                    other => Err(E::invalid_value(Unexpected::Str(other), &self)),
                }
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<BackupsSpec, A::Error> {
                let one = BackupSpec::deserialize(MapAccessDeserializer::new(map))?;
                Ok(BackupsSpec::One(Box::new(one)))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, ways: A) -> Result<BackupsSpec, A::Error> {
                List::of(ways).map(BackupsSpec::Several)
            }
        }
        deserializer.deserialize_any(Ways)
    }
}

impl JsonSchema for BackupsSpec {
    fn schema_name() -> Cow<'static, str> {
        "Backups".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let way = generator.subschema_for::<BackupSpec>();
        json_schema!({
            "description": "One way in which a store is backed up, several in order of preference, or none.",
            "oneOf": [
                way,
                { "type": "array", "items": way, "minItems": 1 },
                { "const": "none" },
            ]
        })
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for ScalarOr<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = ScalarOr<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a quantity, or a table in its place")
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(ScalarOr::Scalar(Scalar::Text(text.to_owned())))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
                Ok(ScalarOr::Scalar(Scalar::Integer(number)))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
                Ok(ScalarOr::Scalar(Scalar::Float(number)))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(ScalarOr::Table)
            }
        }
        deserializer.deserialize_any(Either(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for ScalarOr<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("QuantityOr{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let scalar = generator.subschema_for::<Scalar>();
        let table = generator.subschema_for::<T>();
        json_schema!({ "oneOf": [scalar, table] })
    }
}
