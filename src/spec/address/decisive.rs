//! The inputs from which results follow: all but words for people, what was observed, and what could be
//! chosen instead.

use toml::de::{DeTable, DeValue};

use super::Input;
use super::form::{Form, Key};
use super::set::OF_SOURCES;
use super::tree::{Stop, inputs_where};

/// Keys under which a thing says to people what it is.
const OF_PEOPLE: [&str; 3] = ["title", "description", "name"];
/// What a scenario says of itself as a text, which files it has, of which what they say counts, what
/// was observed elsewhere, what could be chosen instead, and what answers may rest on.
const BESIDE: [&str; 6] = ["schema", "use", "tags", "observed", "levers", "trust"];

/// Everything that stands in a table and from which results follow.
pub(crate) fn decisive_inputs(table: &DeTable<'_>, format: &Form) -> Vec<Input> {
    inputs_where(table, &|way| follows(way, format))
}

/// Whether a result may follow from what stands at the end of a way.
fn follows(way: &[Stop<'_>], format: &Form) -> bool {
    let (last, before) = way.split_last().expect("a way leads somewhere");
    let (table, key) = (way[0].part.name.as_str(), last.part.name.as_str());
    if BESIDE.contains(&table) {
        return false;
    }
    if OF_SOURCES.contains(&key) {
        return matches!(last.value, DeValue::Table(_) | DeValue::Array(_));
    }
    // The random numbers of an inject go by its title.
    table == "injects" || !OF_PEOPLE.contains(&key) || !is_of_format(key, before, format)
}

/// Whether a key at the end of a way is one of the format, and not the name of a thing.
fn is_of_format(key: &str, before: &[Stop<'_>], format: &Form) -> bool {
    let home = before.iter().fold(format.clone(), |form, stop| match stop.place {
        Some(_) => form.element(),
        None => form.key(&stop.part.name, &[]).form(),
    });
    matches!(home.key(key, &[]), Key::Known(_))
}
