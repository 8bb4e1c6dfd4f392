//! What the format takes at an address, from the schema that is derived from the structures.

use serde_json::{Map, Value};

/// What may stand at an address: some alternatives.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    /// The schema of a whole scenario, in which definitions stand.
    whole: &'static Value,
    alternatives: Vec<&'static Map<String, Value>>,
    /// The structures that the alternatives come from.
    names: Vec<&'static str>,
}

/// What a key of a table is to the format.
#[derive(Clone, Debug)]
pub(super) enum Key {
    /// One of those that the format knows.
    Known(Form),
    /// The name of a thing that stands here and nowhere else.
    Own(Form),
    /// The name of a thing that stands elsewhere, and about which this says something more.
    Elsewhere(Form),
    /// None.
    Unknown,
}

impl Key {
    /// What may stand at the key.
    pub(super) fn form(self) -> Form {
        match self {
            Self::Known(form) | Self::Own(form) | Self::Elsewhere(form) => form,
            Self::Unknown => Form::unknown(),
        }
    }
}

static NOTHING: Value = Value::Null;

impl Form {
    /// Of a whole scenario, from the schema of the format.
    pub(crate) fn top(schema: &'static Value) -> Self {
        Self::of(schema, schema)
    }

    /// Of what the format does not know.
    pub(super) fn unknown() -> Self {
        Self { whole: &NOTHING, alternatives: Vec::new(), names: Vec::new() }
    }

    fn of(whole: &'static Value, node: &'static Value) -> Self {
        let mut form = Self { whole, ..Self::unknown() };
        form.add(node);
        form
    }

    fn add(&mut self, node: &'static Value) {
        let Value::Object(node) = node else { return };
        if let Some(Value::String(reference)) = node.get("$ref") {
            self.names.extend(reference.rsplit('/').next());
            let definition = self.whole.pointer(reference.trim_start_matches('#'));
            definition.into_iter().for_each(|it| self.add(it));
        }
        for several in ["anyOf", "oneOf"] {
            let list = node.get(several).and_then(Value::as_array);
            list.into_iter().flatten().for_each(|it| self.add(it));
        }
        self.alternatives.push(node);
    }

    /// Whether one of the alternatives is the structure of this name.
    pub(super) fn is(&self, name: &str) -> bool {
        self.names.contains(&name)
    }

    /// Whether a value of this type of JSON may stand here.
    pub(super) fn takes(&self, kind: &str) -> bool {
        self.alternatives.iter().any(|alternative| match alternative.get("type") {
            Some(Value::String(one)) => one == kind,
            Some(Value::Array(several)) => several.iter().any(|it| it == kind),
            _ => false,
        })
    }

    /// What a key of a table with these other keys is.
    pub(super) fn key(&self, name: &str, beside: &[&str]) -> Key {
        for it in self.tables(beside) {
            let (known, more) = (it.get("properties"), it.get("additionalProperties"));
            if let Some(form) = known.and_then(|it| it.get(name)) {
                return Key::Known(Self::of(self.whole, form));
            }
            match more {
                Some(form @ Value::Object(_)) if it.contains_key("propertyNames") => {
                    return Key::Elsewhere(Self::of(self.whole, form));
                }
                Some(form @ Value::Object(_)) => return Key::Own(Self::of(self.whole, form)),
                _ => {}
            }
        }
        Key::Unknown
    }

    /// Whether one of the alternatives is a table that may have this key.
    pub(super) fn knows(&self, name: &str) -> bool {
        !matches!(self.key(name, &[]), Key::Unknown)
    }

    /// The keys that the format knows of a table with these keys.
    pub(super) fn keys(&self, beside: &[&str]) -> Vec<(&'static str, Form)> {
        let known = self.tables(beside).filter_map(|it| it.get("properties")?.as_object());
        known.flatten().map(|(key, form)| (key.as_str(), Self::of(self.whole, form))).collect()
    }

    /// The alternatives that are tables and may have these keys.
    fn tables<'a>(
        &'a self,
        with: &'a [&str],
    ) -> impl Iterator<Item = &'static Map<String, Value>> + 'a {
        let open =
            |it: &Map<String, Value>| it.get("additionalProperties").is_some_and(Value::is_object);
        let has = |it: &Map<String, Value>, key: &str| {
            it.get("properties").is_some_and(|known| known.get(key).is_some())
        };
        self.alternatives
            .iter()
            .copied()
            .filter(move |it| with.iter().all(|key| open(it) || has(it, key)))
    }

    /// Of every element of a list.
    pub(super) fn element(&self) -> Self {
        let items = self.alternatives.iter().find_map(|it| it.get("items"));
        items.map_or_else(Self::unknown, |it| Self::of(self.whole, it))
    }
}
