//! Values with their place in the text, and the few shapes that a key may take.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::diagnostics::Span;
use crate::spec::reader::LOCATED;

/// A value and where it stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Located<T> {
    pub span: Span,
    pub value: T,
}

impl<T> Located<T> {
    /// The same place with another value.
    pub(crate) fn with<U>(&self, value: U) -> Located<U> {
        Located { span: self.span, value }
    }
}

impl<T> std::ops::Deref for Located<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Located<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Parts<T> {
            type Value = Located<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value with its place")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Located<T>, A::Error> {
                let mut place = || parts.next_element::<usize>().map(Option::unwrap_or_default);
                let span = Span::new(place()?, place()?);
                loop {
                    // Without one something has been left out of it, and it may do now.
                    if let Some(value) = parts.next_element()? {
                        return Ok(Located { span, value });
                    }
                }
            }
        }
        deserializer.deserialize_newtype_struct(LOCATED, Parts(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for Located<T> {
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// Reads a choice from a table, which has one key and no other.
pub(super) fn one_choice<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    mut table: A,
) -> Result<T, A::Error> {
    let choice = T::deserialize(MapAccessDeserializer::new(&mut table))?;
    match table.next_key::<IgnoredAny>()? {
        None => Ok(choice),
        Some(_) => Err(A::Error::custom("wanted exactly 1 element, more than 1 element")),
    }
}

/// A list, without those elements that do not fit: these have been told of.
#[derive(Clone, Debug)]
pub(crate) struct List<T>(Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        Self(elements.into_iter().collect())
    }
}

impl<T> std::ops::Deref for List<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'a, T> IntoIterator for &'a List<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Elements<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Elements<T> {
            type Value = List<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a sequence")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<List<T>, A::Error> {
                List::of(elements)
            }
        }
        deserializer.deserialize_seq(Elements(PhantomData))
    }
}

impl<T> List<T> {
    /// Those of some elements that fit.
    pub(crate) fn of<'de, A: SeqAccess<'de>>(mut elements: A) -> Result<Self, A::Error>
    where
        T: Deserialize<'de>,
    {
        let mut list = Vec::new();
        while let Some(element) = next_that_fits(&mut elements, A::next_element, A::size_hint)? {
            list.push(element);
        }
        Ok(Self(list))
    }
}

impl<T: JsonSchema> JsonSchema for List<T> {
    fn schema_name() -> Cow<'static, str> {
        Vec::<T>::schema_name()
    }
    fn inline_schema() -> bool {
        Vec::<T>::inline_schema()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Vec::<T>::json_schema(generator)
    }
}

/// The next element of a list or entry of a table that fits: what does not has been told of, and there
/// is one less to come. A fault of something that does not say how much is to come is one of the whole:
/// asked again it would be the same.
fn next_that_fits<A, T, E>(
    access: &mut A,
    next: impl Fn(&mut A) -> Result<Option<T>, E>,
    left: impl Fn(&A) -> Option<usize>,
) -> Result<Option<T>, E> {
    loop {
        let before = left(access);
        match next(access) {
            Err(_) if left(access) < before => {}
            read => return read,
        }
    }
}

/// A table whose keys are names that the user chose, in the order of the file.
#[derive(Clone, Debug)]
pub(crate) struct Named<T> {
    pub entries: Vec<(Located<String>, Located<T>)>,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<T> Named<T> {
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, (Located<String>, Located<T>)> {
        self.entries.iter()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<'a, T> IntoIterator for &'a Named<T> {
    type Item = &'a (Located<String>, Located<T>);
    type IntoIter = std::slice::Iter<'a, (Located<String>, Located<T>)>;
    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Named<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Named<T>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = next_that_fits(&mut map, A::next_entry, A::size_hint)? {
                    entries.push(entry);
                }
                Ok(Named { entries })
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for Named<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Named{}", T::schema_name()).into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let item = generator.subschema_for::<T>();
        json_schema!({ "type": "object", "additionalProperties": item })
    }
}

/// A quantity as written: with its unit it is text; anything else is kept, so that the message
/// can say what to write instead.
#[derive(Clone, Debug)]
pub(crate) enum Scalar {
    Text(String),
    Integer(i64),
    Float(f64),
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Quantity;
        impl Visitor<'_> for Quantity {
            type Value = Scalar;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a quantity such as \"48h\"")
            }
            fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
                Ok(Scalar::Text(text.to_owned()))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Scalar, E> {
                Ok(Scalar::Integer(number))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Scalar, E> {
                Ok(Scalar::Float(number))
            }
        }
        deserializer.deserialize_any(Quantity)
    }
}

impl JsonSchema for Scalar {
    fn schema_name() -> Cow<'static, str> {
        "Quantity".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "number"] })
    }
}

/// A number that may change over time: `4`, or `[{ at = "T+0", people = 4 }, ...]`; of what stands
/// in the place of another, `"150%"` of that.
#[derive(Clone, Debug)]
pub(crate) enum RampSpec {
    Constant(Located<i64>),
    Points(List<Located<RampPointSpec>>),
    Percent(Located<String>),
}

/// From this moment on there is so much of it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RampPointSpec {
    /// `T+8h`, an RFC 3339 time, a milestone, or a milestone and a length (`confirmed + 2h`).
    pub at: Option<Located<String>>,
    /// People, of a team.
    pub people: Option<Located<i64>>,
    /// Units, of a limit.
    pub units: Option<Located<i64>>,
    /// Sites a batch, or batches in flight.
    pub count: Option<Located<i64>>,
}

impl<'de> Deserialize<'de> for RampSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Ramp;
        impl<'de> Visitor<'de> for Ramp {
            type Value = RampSpec;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number, or a list such as [{ at = \"T+0\", people = 4 }]")
            }
            fn visit_i64<E>(self, number: i64) -> Result<RampSpec, E> {
                Ok(RampSpec::Constant(Located { span: Span::default(), value: number }))
            }
            fn visit_str<E>(self, text: &str) -> Result<RampSpec, E> {
                Ok(RampSpec::Percent(Located { span: Span::default(), value: text.to_owned() }))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, points: A) -> Result<RampSpec, A::Error> {
                List::of(points).map(RampSpec::Points)
            }
        }
        let Located { span, value } = Located::<RampOnly>::deserialize(deserializer)?;
        return Ok(match value.0 {
            RampSpec::Constant(number) => RampSpec::Constant(Located { span, value: number.value }),
            RampSpec::Percent(text) => RampSpec::Percent(Located { span, value: text.value }),
            points => points,
        });

        struct RampOnly(RampSpec);
        impl<'de> Deserialize<'de> for RampOnly {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Ramp).map(RampOnly)
            }
        }
    }
}

impl JsonSchema for RampSpec {
    fn schema_name() -> Cow<'static, str> {
        "Ramp".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let point = generator.subschema_for::<RampPointSpec>();
        json_schema!({
            "description": "A whole number, or a step function: a list of moments and numbers; of what a strategy changes, a percentage too.",
            "oneOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "array", "items": point },
                { "type": "string", "pattern": "^[0-9]+%$" },
            ]
        })
    }
}

/// What the schema says of a table by names of things that stand elsewhere; without it the table is
/// where they stand.
pub(crate) fn names_of(things: &str) -> Value {
    json!({ "description": format!("The name of one of the {things}.") })
}
