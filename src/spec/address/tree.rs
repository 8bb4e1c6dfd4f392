//! The addresses of all that stands in a scenario.

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::{Address, Part, basic_string};

/// Far deeper than any scenario, and shallow enough for the stack.
pub(crate) const DEEPEST: usize = 64;

/// A value of a scenario with its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Its one name.
    pub address: Address,
    /// What stands there, as TOML.
    pub value: String,
}

/// Something on the way from the top of the scenario to what stands there.
#[derive(Clone, Debug)]
pub(super) struct Stop<'t> {
    pub part: Part,
    pub value: &'t DeValue<'t>,
    /// Its place in the list that it is an element of, from 0.
    pub place: Option<usize>,
}

/// The part of the address of every element of a list.
pub(super) fn elements(list: &DeArray<'_>) -> Vec<Part> {
    let id = |it: &Spanned<DeValue<'_>>| {
        Some(it.get_ref().as_table()?.get("id")?.get_ref().as_str()?.to_owned())
    };
    let ids: Vec<Option<String>> = list.iter().map(id).collect();
    let part = |(place, id): (usize, &Option<String>)| match id {
        // Of those with the same id the first has it; that they have it is a fault elsewhere.
        Some(id) if !ids[..place].contains(&Some(id.clone())) => Part::id(id),
        _ => Part::place(place),
    };
    ids.iter().enumerate().map(part).collect()
}

/// The address of an element of the list at an address.
pub(crate) fn of_element(list: &Address, elements_of: &DeArray<'_>) -> Vec<Address> {
    elements(elements_of).into_iter().map(|it| list.and(it)).collect()
}

/// The place of the element of a list that a part of an address names.
pub(super) fn find(list: &DeArray<'_>, part: &Part) -> Option<usize> {
    let is = |it: &Part| it.name == part.name && it.is_number() == part.is_number();
    elements(list).iter().position(is)
}

/// Calls `visit` with the way to everything that stands in a table, in the order of the file.
pub(super) fn walk<'t>(table: &'t DeTable<'t>, visit: &mut dyn FnMut(&[Stop<'t>])) {
    walk_table(table, &mut Vec::new(), visit);
}

fn walk_table<'t>(
    table: &'t DeTable<'t>,
    way: &mut Vec<Stop<'t>>,
    visit: &mut dyn FnMut(&[Stop<'t>]),
) {
    for (key, value) in table {
        step(
            Stop { part: Part::key(key.get_ref()), value: value.get_ref(), place: None },
            way,
            visit,
        );
    }
}

fn step<'t>(stop: Stop<'t>, way: &mut Vec<Stop<'t>>, visit: &mut dyn FnMut(&[Stop<'t>])) {
    if way.len() == DEEPEST {
        return;
    }
    let value = stop.value;
    way.push(stop);
    visit(way);
    match value {
        DeValue::Table(table) => walk_table(table, way, visit),
        DeValue::Array(list) => {
            for (place, (part, it)) in elements(list).into_iter().zip(list.iter()).enumerate() {
                step(Stop { part, value: it.get_ref(), place: Some(place) }, way, visit);
            }
        }
        _ => {}
    }
    way.pop();
}

/// Everything that can be overridden and has nothing in it: texts, numbers, switches, empty tables
/// and empty lists.
pub(crate) fn inputs(table: &DeTable<'_>) -> Vec<Input> {
    inputs_where(table, &|_| true)
}

/// Those of [`inputs`] of which the way to them is as asked for.
pub(super) fn inputs_where(
    table: &DeTable<'_>,
    is_asked_for: &dyn Fn(&[Stop<'_>]) -> bool,
) -> Vec<Input> {
    let mut inputs = Vec::new();
    walk(table, &mut |way| {
        let value = way.last().expect("a way leads somewhere").value;
        let empty = match value {
            DeValue::Table(table) => table.is_empty(),
            DeValue::Array(list) => list.is_empty(),
            _ => true,
        };
        if empty && is_asked_for(way) {
            let parts = way.iter().map(|it| it.part.clone()).collect();
            inputs.push(Input { address: Address { parts }, value: written(value) });
        }
    });
    inputs
}

/// A value as TOML on one line.
pub(super) fn written(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => basic_string(text),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(switch) => switch.to_string(),
        DeValue::Datetime(date) => date.to_string(),
        DeValue::Array(list) => {
            let list: Vec<String> = list.iter().map(|it| written(it.get_ref())).collect();
            format!("[{}]", list.join(", "))
        }
        DeValue::Table(table) => {
            let entries = table.iter().map(|(key, value)| {
                format!("{} = {}", Part::key(key.get_ref()), written(value.get_ref()))
            });
            written_table(&entries.collect::<Vec<String>>())
        }
    }
}

/// A table of entries as TOML.
pub(super) fn written_table(entries: &[String]) -> String {
    if entries.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", entries.join(", ")) }
}
