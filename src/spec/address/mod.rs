//! The one name of every input: the path of keys from the top of the scenario.
//!
//! Inside a list an element goes by its `id` where it has one of its own, else by its number from 1.
//! A name that is no bare key of TOML is quoted, and so is an id of digits, which would be a number.
//! A step with `for_each` is what stands in the file: its template.

mod change;
mod decimal;
mod decisive;
mod form;
mod nearest;
mod quantity;
mod set;
mod tree;
mod values;

use std::fmt;

use serde::{Serialize, Serializer};

pub use change::Change;
pub(super) use decisive::decisive_inputs;
pub(super) use form::Form;
pub use quantity::Quantity;
pub(crate) use quantity::{is_chosen, quantities};
pub(crate) use set::Override;
pub use set::SetOverride;
pub(super) use set::lay;
pub use tree::Input;
pub(super) use tree::{DEEPEST, inputs, of_element};
pub use values::Amount;
pub(crate) use values::{ends, read_values, spaced};

/// The one name of an input, such as `runbooks.restore.steps.load.duration`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    parts: Vec<Part>,
}

/// A key, or an element of a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Part {
    name: String,
    /// Written in quotes: never the number of an element.
    quoted: bool,
}

impl Part {
    /// The key of a table.
    fn key(name: &str) -> Self {
        let bare = |it: u8| it.is_ascii_alphanumeric() || it == b'-' || it == b'_';
        Self { name: name.to_owned(), quoted: name.is_empty() || !name.bytes().all(bare) }
    }

    /// An element of a list by its `id`.
    fn id(id: &str) -> Self {
        let digits = id.bytes().all(|it| it.is_ascii_digit());
        Self { quoted: digits || Self::key(id).quoted, name: id.to_owned() }
    }

    /// An element of a list by its place, from 0.
    fn place(place: usize) -> Self {
        Self { name: (place + 1).to_string(), quoted: false }
    }

    /// Whether it can only be the number of an element, inside a list.
    fn is_number(&self) -> bool {
        !self.quoted && self.name.bytes().all(|it| it.is_ascii_digit())
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.quoted { f.write_str(&basic_string(&self.name)) } else { f.write_str(&self.name) }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, part) in self.parts.iter().enumerate() {
            let dot = if place == 0 { "" } else { "." };
            write!(f, "{dot}{part}")?;
        }
        Ok(())
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A text as TOML has it between double quotes.
fn basic_string(text: &str) -> String {
    let json = serde_json::to_string(text).expect("a text is plain JSON");
    // All else that JSON escapes TOML escapes alike.
    json.replace('\u{7f}', "\\u007f")
}

impl Address {
    /// The address with these keys of tables.
    #[must_use]
    pub fn of(keys: &[&str]) -> Self {
        Self { parts: keys.iter().map(|it| Part::key(it)).collect() }
    }

    /// The names of its parts, without quotes.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.parts.iter().map(|it| it.name.as_str()).collect()
    }

    /// The address of a key of the table at this address.
    pub(super) fn key(&self, name: &str) -> Self {
        self.and(Part::key(name))
    }

    fn and(&self, part: Part) -> Self {
        let mut parts = self.parts.clone();
        parts.push(part);
        Self { parts }
    }

    /// Its first parts.
    fn up_to(&self, parts: usize) -> Self {
        Self { parts: self.parts[..parts].to_vec() }
    }

    /// Reads an address up to a character that can stand in none; what is left comes with it.
    fn read(text: &str) -> Result<(Self, &str), String> {
        let (mut parts, mut rest) = (Vec::new(), text.trim_start());
        loop {
            let (part, after) = read_part(rest)?;
            parts.push(part);
            rest = after.trim_start();
            match rest.strip_prefix('.') {
                Some(next) => rest = next.trim_start(),
                None => return Ok((Self { parts }, rest)),
            }
        }
    }
}

impl std::str::FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match Self::read(text)? {
            (address, "") => Ok(address),
            (_, rest) => Err(format!("`{rest}` belongs to no address")),
        }
    }
}

fn read_part(text: &str) -> Result<(Part, &str), String> {
    if let Some(quoted) = text.strip_prefix('\'') {
        let (name, rest) = quoted.split_once('\'').ok_or("a quote is not closed")?;
        return Ok((Part::id(name), rest));
    }
    if text.starts_with('"') {
        let mut read = serde_json::Deserializer::from_str(text).into_iter::<String>();
        let name = read.next().and_then(Result::ok);
        let name = name.ok_or("what stands in quotes is not closed or no text")?;
        return Ok((Part::id(&name), &text[read.byte_offset()..]));
    }
    let ends = |c: char| c.is_whitespace() || ".=\"'".contains(c);
    let (name, rest) = text.split_at(text.find(ends).unwrap_or(text.len()));
    // The sign of a change belongs to the `=` behind it.
    let (name, rest) = match name.strip_suffix(['*', '+']) {
        Some(before) if rest.starts_with('=') => (before, &text[before.len()..]),
        _ => (name, rest),
    };
    match name {
        "" => Err("a key of the address is empty".to_owned()),
        name => Ok((Part::key(name), rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let address: Address = text.parse().expect("an address");
        address.names().into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn an_address_is_keys_with_dots_between_them() {
        assert_eq!(names("teams.database.people"), ["teams", "database", "people"]);
        assert_eq!(names(r#"teams."a.b".people"#), ["teams", "a.b", "people"]);
        assert_eq!(names(r"teams.'a.b' . people"), ["teams", "a.b", "people"]);
        assert_eq!(names(r#"a."say \"x\"=1"."""#), ["a", "say \"x\"=1", ""]);
        assert_eq!(names("teams.größe.people"), ["teams", "größe", "people"]);
    }

    #[test]
    fn what_is_no_bare_key_is_quoted_and_so_is_an_id_of_digits() {
        let of = |parts: &[Part]| Address { parts: parts.to_vec() }.to_string();
        assert_eq!(of(&[Part::key("a"), Part::key("b-c_d"), Part::key("2")]), "a.b-c_d.2");
        assert_eq!(of(&[Part::key("a.b"), Part::key(""), Part::key("é")]), r#""a.b".""."é""#);
        assert_eq!(of(&[Part::id("2"), Part::place(1), Part::id("x")]), r#""2".2.x"#);
    }

    #[test]
    fn a_printed_address_reads_back_as_itself() {
        for name in
            ["a", "a.b", "", "2", "é", "a b", "\"", "'", "\\", "\n", "\u{7f}", "*", "a+", "="]
        {
            for part in [Part::key(name), Part::id(name), Part::place(6)] {
                let address = Address { parts: vec![Part::key("top"), part, Part::key("x")] };
                assert_eq!(address.to_string().parse(), Ok(address));
                // Quotes that are not needed change nothing.
                let quoted = format!("top.{}.'x'", basic_string(name));
                let read: Address = quoted.parse().unwrap();
                assert_eq!(
                    read,
                    Address { parts: vec![Part::key("top"), Part::id(name), Part::key("x")] }
                );
            }
        }
    }

    #[test]
    fn what_is_no_address_says_why() {
        for text in ["", ".", "a.", ".a", "a..b", "a.\"b", "a.'b", "a b", "a\"b\"", "a=b"] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }
}
