//! From a tree of TOML to structures in one pass, whatever does not fit.
//!
//! `serde` stops at the first fault. Here the entry at fault is told of and crossed out, and what
//! surrounds it is read on: the next element of a [`List`], the next entry of a [`Named`] table, or
//! the same [`Located`] value once more without the entry. So each fault costs a part of the text
//! that is as small as the thing that has it, and not the whole text.
//!
//! Messages are those of `toml`: single values are read by it.
//!
//! [`List`]: crate::spec::List
//! [`Named`]: crate::spec::Named
//! [`Located`]: crate::spec::Located

use std::fmt;

use serde::de::value::StringDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use crate::diagnostics::Span;

/// The name by which [`crate::spec::Located`] asks for its place and for another try.
pub(super) const LOCATED: &str = "$blackstart::Located";

/// Hears of what does not fit.
pub(super) trait Listener {
    /// A fault with its place, in the words of the parser, and the entry that is left out for it: the
    /// place of its table and its key.
    fn hear(&mut self, message: &str, span: Span, table: Span, key: &str);

    /// Of how many it has heard.
    fn heard(&self) -> usize;
}

/// What does not fit.
#[derive(Debug)]
pub(super) struct Fault {
    message: String,
    span: Option<Span>,
    /// Whether it has been told of, and the entry at fault left out.
    is_told: bool,
}

impl Fault {
    /// Whether it has been told of, so that another try may come further.
    pub(super) fn is_told(&self) -> bool {
        self.is_told
    }

    /// The same at a place, unless it has one.
    fn at(self, span: Span) -> Self {
        Self { span: self.span.or(Some(span)), ..self }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl serde::de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { message: message.to_string(), span: None, is_told: false }
    }
}

impl From<toml::de::Error> for Fault {
    fn from(fault: toml::de::Error) -> Self {
        let span = fault.span().map(|it| Span::new(it.start, it.end));
        Self { message: fault.message().to_owned(), span, is_told: false }
    }
}

/// A value of a tree in which entries can be crossed out.
#[derive(Debug)]
pub(super) struct Node<'i> {
    span: Span,
    is_out: bool,
    what: What<'i>,
}

#[derive(Debug)]
enum What<'i> {
    Single(DeValue<'i>),
    List(Vec<Node<'i>>),
    Table(Vec<Entry<'i>>),
}

#[derive(Debug)]
struct Entry<'i> {
    key: String,
    key_span: Span,
    value: Node<'i>,
}

impl<'i> Node<'i> {
    pub(super) fn of_table(table: Spanned<DeTable<'i>>) -> Self {
        let range = table.span();
        Self::of(Spanned::new(range, DeValue::Table(table.into_inner())))
    }

    fn of(value: Spanned<DeValue<'i>>) -> Self {
        let span = Span::new(value.span().start, value.span().end);
        let what = match value.into_inner() {
            DeValue::Array(list) => What::List(list.into_iter().map(Self::of).collect()),
            DeValue::Table(table) => What::Table(table.into_iter().map(Entry::of).collect()),
            single => What::Single(single),
        };
        Self { span, is_out: false, what }
    }
}

impl<'i> Entry<'i> {
    fn of((key, value): (Spanned<toml::de::DeString<'i>>, Spanned<DeValue<'i>>)) -> Self {
        let key_span = Span::new(key.span().start, key.span().end);
        Self { key: key.into_inner().into_owned(), key_span, value: Node::of(value) }
    }
}

/// Reads one value.
pub(super) struct Reader<'t, 'i> {
    node: &'t mut Node<'i>,
    /// Where the entry stands that the value, or the list that it is in, belongs to.
    table: Span,
    key: &'t str,
    listener: &'t mut dyn Listener,
}

impl<'t, 'i> Reader<'t, 'i> {
    /// Of the whole of a tree.
    pub(super) fn new(node: &'t mut Node<'i>, listener: &'t mut dyn Listener) -> Self {
        Self { table: node.span, key: "", node, listener }
    }

    fn elements<V: Visitor<'i>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Self { node, table, key, listener } = self;
        let What::List(list) = &mut node.what else { unreachable!("asked of a list") };
        visitor.visit_seq(Elements { list: list.iter_mut(), table, key, listener })
    }

    fn entries<V: Visitor<'i>>(
        self,
        fields: Option<&'static [&'static str]>,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let Self { node, listener, .. } = self;
        let What::Table(list) = &mut node.what else { unreachable!("asked of a table") };
        visitor.visit_map(Entries { list, at: 0, span: node.span, fields, listener })
    }
}

/// A single value as the parser has it.
fn single<'i>(value: &DeValue<'i>, span: Span) -> ValueDeserializer<'i> {
    ValueDeserializer::from(Spanned::new(span.start..span.end, value.clone()))
}

impl<'i> Deserializer<'i> for Reader<'_, 'i> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'i>>(self, visitor: V) -> Result<V::Value, Fault> {
        let span = self.node.span;
        let read = match &self.node.what {
            What::Single(value) => Ok(single(value, span).deserialize_any(visitor)?),
            What::List(_) => self.elements(visitor),
            What::Table(_) => self.entries(None, visitor),
        };
        read.map_err(|fault| fault.at(span))
    }

    /// A date would pass itself off as a table, with a key that nobody knows.
    fn deserialize_map<V: Visitor<'i>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.node.what {
            What::Single(DeValue::Datetime(_)) => {
                let date = Unexpected::Other("datetime");
                Err(Fault::invalid_type(date, &visitor).at(self.node.span))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'i>>(self, visitor: V) -> Result<V::Value, Fault> {
        let span = self.node.span;
        visitor.visit_some(self).map_err(|fault| fault.at(span))
    }

    fn deserialize_newtype_struct<V: Visitor<'i>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let span = self.node.span;
        let read = match name {
            LOCATED => visitor.visit_seq(Tries { asked: 0, reader: self }),
            _ => visitor.visit_newtype_struct(self),
        };
        read.map_err(|fault| fault.at(span))
    }

    fn deserialize_struct<V: Visitor<'i>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let span = self.node.span;
        let read = match &self.node.what {
            What::Single(value) => {
                Ok(single(value, span).deserialize_struct(name, fields, visitor)?)
            }
            // Without their keys, values would be taken in the order of the keys.
            What::List(_) => Err(Fault::invalid_type(Unexpected::Seq, &visitor)),
            What::Table(_) => self.entries(Some(fields), visitor),
        };
        read.map_err(|fault| fault.at(span))
    }

    fn deserialize_enum<V: Visitor<'i>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let Self { node, listener, .. } = self;
        let span = node.span;
        let read = match &mut node.what {
            What::Single(value) => {
                Ok(single(value, span).deserialize_enum(name, variants, visitor)?)
            }
            What::List(_) => Err(Fault::custom("wanted string or table")),
            What::Table(list) => {
                let mut there = list.iter_mut().filter(|it| !it.value.is_out);
                match (there.next(), there.next()) {
                    (None, _) => Err(Fault::custom("wanted exactly 1 element, found 0 elements")),
                    (_, Some(_)) => {
                        Err(Fault::custom("wanted exactly 1 element, more than 1 element"))
                    }
                    (Some(entry), None) => visitor.visit_enum(Choice { entry, span, listener }),
                }
            }
        };
        read.map_err(|fault| fault.at(span))
    }

    forward_to_deserialize_any! {
        <W: Visitor<'i>>
        bool u8 u16 u32 u64 i8 i16 i32 i64 f32 f64 char str string seq
        bytes byte_buf unit
        ignored_any unit_struct tuple_struct tuple identifier
    }
}

/// Hands out where a value begins and where it ends, and then the value, as often as it takes: as
/// long as something has been left out of it, the answer is none.
struct Tries<'t, 'i> {
    asked: u32,
    reader: Reader<'t, 'i>,
}

impl<'i> SeqAccess<'i> for Tries<'_, 'i> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'i>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Reader { node, table, key, listener } = &mut self.reader;
        self.asked = self.asked.saturating_add(1);
        let before = listener.heard();
        let read = match self.asked {
            1 => seed.deserialize(node.span.start.into_deserializer()),
            2 => seed.deserialize(node.span.end.into_deserializer()),
            _ => {
                let (node, listener) = (&mut **node, &mut **listener);
                seed.deserialize(Reader { node, table: *table, key, listener })
            }
        };
        match read {
            Err(fault) if fault.is_told && listener.heard() > before => Ok(None),
            read => read.map(Some),
        }
    }
}

/// Hands out the elements of a list. One that does not fit is left out, and the next can be asked
/// for.
struct Elements<'t, 'i> {
    list: std::slice::IterMut<'t, Node<'i>>,
    table: Span,
    key: &'t str,
    listener: &'t mut dyn Listener,
}

impl<'i> SeqAccess<'i> for Elements<'_, 'i> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'i>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Some(node) = self.list.find(|it| !it.is_out) else { return Ok(None) };
        let (table, key) = (self.table, self.key);
        let listener = &mut *self.listener;
        match seed.deserialize(Reader { node: &mut *node, table, key, listener }) {
            Ok(element) => Ok(Some(element)),
            Err(fault) => {
                let fault = fault.at(node.span);
                Err(leave_out(fault, node, (table, key), &mut *self.listener))
            }
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.list.len())
    }
}

/// Hands out the entries of a table. One that does not fit is left out, and the next can be asked
/// for.
struct Entries<'t, 'i> {
    list: &'t mut [Entry<'i>],
    /// The entry that is handed out next, or whose value is.
    at: usize,
    span: Span,
    /// The keys that are due, where they are known beforehand.
    fields: Option<&'static [&'static str]>,
    listener: &'t mut dyn Listener,
}

impl Entries<'_, '_> {
    /// Leaves out what has keys that none of these is.
    fn leave_out_others(&mut self, is_due: impl Fn(&str) -> bool, fault: impl Fn(&str) -> Fault) {
        for entry in self.list[self.at..].iter_mut().filter(|it| !it.value.is_out) {
            if !is_due(&entry.key) {
                let fault = fault(&entry.key).at(entry.key_span);
                let home = (self.span, entry.key.as_str());
                leave_out(fault, &mut entry.value, home, self.listener);
            }
        }
    }
}

impl<'i> MapAccess<'i> for Entries<'_, 'i> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'i>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        while let Some(entry) = self.list.get_mut(self.at) {
            let due = self.fields.is_none_or(|fields| fields.contains(&entry.key.as_str()));
            if entry.value.is_out {
                self.at += 1;
            } else if due {
                break;
            } else {
                let fields = self.fields.unwrap_or_default();
                let fault = Fault::unknown_field(&entry.key, fields).at(entry.key_span);
                let home = (self.span, entry.key.as_str());
                leave_out(fault, &mut entry.value, home, self.listener);
            }
        }
        let Some(entry) = self.list.get(self.at) else { return Ok(None) };
        let read = seed.deserialize(Key { key: &entry.key, span: entry.key_span });
        let Err(fault) = read else { return read.map(Some) };
        // Which keys are due is known only now: what else is unknown need not be tried one by one.
        let message = fault.message.clone();
        let mut quoted = message.split('`').skip(1).step_by(2);
        let unknown = quoted.next().unwrap_or_default().to_owned();
        let due: Vec<&str> = quoted.collect();
        let own = entry.key.clone();
        self.leave_out_others(
            |key| key != own && (due.contains(&key) || !message.starts_with("unknown field")),
            |key| Fault::custom(message.replacen(&format!("`{unknown}`"), &format!("`{key}`"), 1)),
        );
        self.at += 1;
        Err(Fault { is_told: true, ..fault })
    }

    fn next_value_seed<T: DeserializeSeed<'i>>(&mut self, seed: T) -> Result<T::Value, Fault> {
        let entry = &mut self.list[self.at];
        self.at += 1;
        let (table, key) = (self.span, entry.key.as_str());
        let node = &mut entry.value;
        let listener = &mut *self.listener;
        seed.deserialize(Reader { node: &mut *node, table, key, listener }).map_err(|fault| {
            let fault = fault.at(node.span);
            leave_out(fault, node, (table, key), &mut *self.listener)
        })
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.list.len() - self.at)
    }
}

/// Tells of a fault and leaves the value out in which it is, unless that has been done for a part of
/// the value.
fn leave_out(
    fault: Fault,
    node: &mut Node<'_>,
    (table, key): (Span, &str),
    listener: &mut dyn Listener,
) -> Fault {
    if fault.is_told {
        return fault;
    }
    listener.hear(&fault.message, fault.span.unwrap_or(node.span), table, key);
    node.is_out = true;
    Fault { is_told: true, ..fault }
}

/// The one entry of a table that stands for a choice.
struct Choice<'t, 'i> {
    entry: &'t mut Entry<'i>,
    span: Span,
    listener: &'t mut dyn Listener,
}

impl<'t, 'i> EnumAccess<'i> for Choice<'t, 'i> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'i>>(self, seed: V) -> Result<(V::Value, Self), Fault> {
        let Self { entry, span, listener } = self;
        match seed.deserialize(Key { key: &entry.key, span: entry.key_span }) {
            Ok(variant) => Ok((variant, Self { entry, span, listener })),
            Err(fault) => {
                let fault = fault.at(entry.key_span);
                let home = (span, entry.key.as_str());
                Err(leave_out(fault, &mut entry.value, home, listener))
            }
        }
    }
}

impl<'i> VariantAccess<'i> for Choice<'_, 'i> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        let node = &self.entry.value;
        let fault = match &node.what {
            What::List(list) if list.iter().all(|it| it.is_out) => return Ok(()),
            What::Table(list) if list.iter().all(|it| it.value.is_out) => return Ok(()),
            What::List(_) => Fault::custom("expected empty array"),
            What::Table(_) => Fault::custom("expected empty table"),
            What::Single(value) => {
                Fault::custom(format!("expected table, found {}", value.type_str()))
            }
        };
        let fault = fault.at(node.span);
        let Self { entry, span, listener } = self;
        let home = (span, entry.key.as_str());
        Err(leave_out(fault, &mut entry.value, home, listener))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'i>>(self, seed: T) -> Result<T::Value, Fault> {
        let Self { entry, span, listener } = self;
        let (node, key) = (&mut entry.value, entry.key.as_str());
        seed.deserialize(Reader { node: &mut *node, table: span, key, listener: &mut *listener })
            .map_err(|fault| {
                let fault = fault.at(node.span);
                leave_out(fault, node, (span, key), listener)
            })
    }

    fn tuple_variant<V: Visitor<'i>>(self, _: usize, _: V) -> Result<V::Value, Fault> {
        unreachable!("no choice of the format is a tuple")
    }

    fn struct_variant<V: Visitor<'i>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Fault> {
        unreachable!("a choice with keys of its own has a structure for them")
    }
}

/// Reads a key.
struct Key<'t> {
    key: &'t str,
    span: Span,
}

impl<'i> Deserializer<'i> for Key<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'i>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_str(self.key)
    }

    fn deserialize_newtype_struct<V: Visitor<'i>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match name {
            LOCATED => visitor.visit_seq(KeyParts { asked: 0, key: self }),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    forward_to_deserialize_any! {
        <W: Visitor<'i>>
        bool u8 u16 u32 u64 i8 i16 i32 i64 f32 f64 char str string seq
        bytes byte_buf map option unit struct enum
        ignored_any unit_struct tuple_struct tuple identifier
    }
}

/// Hands out where a key begins and where it ends, and then the key.
struct KeyParts<'t> {
    asked: u32,
    key: Key<'t>,
}

impl<'i> SeqAccess<'i> for KeyParts<'_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'i>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        self.asked += 1;
        let Key { key, span } = self.key;
        match self.asked {
            1 => seed.deserialize(span.start.into_deserializer()),
            2 => seed.deserialize(span.end.into_deserializer()),
            _ => {
                let text: StringDeserializer<Fault> = key.to_owned().into_deserializer();
                seed.deserialize(text)
            }
        }
        .map(Some)
    }
}
