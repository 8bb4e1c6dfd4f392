//! Every key of a scenario stands on the page of the language, with its default and its choices, and
//! no other does.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::LANGUAGE;
use crate::support::{blackstart, read};

/// What every table may have, and the first alone explains.
const EVERYWHERE: [&str; 3] = ["source", "note", "off_by"];

/// A row of a table of keys: of what it is, as an address, the key, and the rest of the row.
struct Row {
    of: String,
    key: String,
    text: String,
}

/// The rows of the tables of keys. A key with a dot is of what the key before the dot is.
fn rows() -> Vec<Row> {
    let page = read(LANGUAGE);
    let mut rows = Vec::new();
    let mut table: Option<String> = None;
    for line in page.lines() {
        if let Some(head) = line.strip_prefix("| key of ") {
            let of = head.split(" |").next().expect("a cell").trim_matches('`');
            table = Some(if of == "the scenario" { String::new() } else { of.to_owned() });
        } else if !line.starts_with('|') {
            table = None;
        } else if let (Some(of), Some(row)) = (&table, line.strip_prefix("| `")) {
            let (keys, text) = row.split_once("` |").expect("a key in a cell of its own");
            let whole = format!("{of}.{keys}");
            let (of, key) = whole.rsplit_once('.').expect("there is a dot");
            let of = of.trim_start_matches('.').to_owned();
            rows.push(Row { of, key: key.to_owned(), text: text.to_owned() });
        }
    }
    rows
}

fn schema() -> Value {
    serde_json::from_str(&blackstart(&["schema"]).stdout).expect("the schema is JSON")
}

/// The tables that a value of this form may be, or have as its elements: each with the name of its
/// definition, and its form.
fn tables<'a>(schema: &'a Value, form: &'a Value, name: &str) -> Vec<(String, &'a Value)> {
    if let Some(target) = form["$ref"].as_str() {
        let target = target.trim_start_matches('#');
        return tables(schema, schema.pointer(target).expect("a definition"), target);
    }
    let mut found = Vec::new();
    for form in ["anyOf", "oneOf"].iter().flat_map(|it| form[it].as_array()).flatten() {
        found.extend(tables(schema, form, name));
    }
    found.extend(form.get("items").into_iter().flat_map(|it| tables(schema, it, name)));
    if form["properties"].is_object() || form["additionalProperties"].is_object() {
        found.push((name.to_owned(), form));
    }
    found
}

/// What a table has: the keys with their forms, and of any name one that stands for it.
fn entries(table: &Value) -> Vec<(&str, &Value)> {
    let keys = table["properties"].as_object().into_iter().flatten();
    let any = table.get("additionalProperties").filter(|it| it.is_object());
    keys.map(|(key, form)| (key.as_str(), form)).chain(any.map(|it| ("NAME", it))).collect()
}

/// The tables at an address.
fn at<'a>(schema: &'a Value, address: &str) -> Vec<(String, &'a Value)> {
    let mut found = vec![(String::new(), schema)];
    for part in address.split('.').filter(|it| !it.is_empty()) {
        let inner = |(name, table): &(String, &'a Value)| {
            let forms = entries(table).into_iter().filter(|it| it.0 == part);
            forms
                .flat_map(|(key, form)| tables(schema, form, &format!("{name}/{key}")))
                .collect::<Vec<_>>()
        };
        found = found.iter().flat_map(inner).collect();
    }
    found
}

/// Every key of the schema by the definition that has it, with an address where it is found.
fn every_key(schema: &Value) -> BTreeMap<(String, String), String> {
    let mut found = BTreeMap::new();
    let mut open = vec![(String::new(), String::new(), schema)];
    while let Some((name, address, table)) = open.pop() {
        for (key, form) in entries(table) {
            let address = format!("{address}.{key}").trim_start_matches('.').to_owned();
            let known = found.insert((name.clone(), key.to_owned()), address.clone());
            if known.is_none() {
                let inner = tables(schema, form, &format!("{name}/{key}"));
                open.extend(inner.into_iter().map(|(name, table)| (name, address.clone(), table)));
            }
        }
    }
    found
}

#[test]
fn every_key_of_the_schema_is_on_the_page_of_the_language() {
    let schema = schema();
    let mut missing = every_key(&schema);
    assert!(missing.len() > 200, "{}", missing.len());
    for row in rows() {
        let (mut address, mut key) = (row.of.as_str(), row.key.as_str());
        // A row of `a.b` tells of `a` too.
        loop {
            for (name, _) in at(&schema, address) {
                missing.remove(&(name, key.to_owned()));
            }
            (address, key) = match address.rsplit_once('.') {
                Some(split) => split,
                None if address.is_empty() => break,
                None => ("", address),
            };
        }
    }
    missing.retain(|(name, key), _| {
        key != "NAME" && (name.is_empty() || !EVERYWHERE.contains(&key.as_str()))
    });
    assert_eq!(missing.into_values().collect::<Vec<String>>(), [""; 0]);
}

#[test]
fn every_key_on_the_page_of_the_language_is_in_the_schema() {
    let schema = schema();
    let mut seen = BTreeSet::new();
    for Row { of, key, .. } in rows() {
        let known = at(&schema, &of).iter().any(|it| entries(it.1).iter().any(|it| it.0 == key));
        assert!(known, "{of}.{key}");
        assert!(seen.insert((of.clone(), key.clone())), "{of}.{key} has two rows");
    }
}

/// The forms of the key of a row.
fn forms<'a>(schema: &'a Value, row: &Row) -> Vec<&'a Value> {
    let all = at(schema, &row.of).into_iter().flat_map(|it| entries(it.1));
    all.filter(|it| it.0 == row.key).map(|it| it.1).collect()
}

#[test]
fn every_default_on_the_page_is_that_of_the_schema() {
    let schema = schema();
    let mut looked_at = 0;
    for row in rows() {
        for form in forms(&schema, &row) {
            let told = form["description"].as_str().unwrap_or_default();
            let default =
                told.split_once("Default ").and_then(|it| it.1.split([' ', '\n', ',']).next());
            if let Some(default) = default.map(|it| it.trim_end_matches(['.', ':'])) {
                assert!(row.text.contains(default), "{}.{}: {default}", row.of, row.key);
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 60, "{looked_at}");
}

/// The words among which one is chosen.
fn choices<'a>(schema: &'a Value, form: &'a Value) -> Vec<&'a str> {
    if let Some(target) = form["$ref"].as_str() {
        let target = schema.pointer(target.trim_start_matches('#'));
        return choices(schema, target.expect("a definition"));
    }
    let mut found: Vec<&str> = form["const"].as_str().into_iter().collect();
    found.extend(form["enum"].as_array().into_iter().flatten().filter_map(Value::as_str));
    for form in ["anyOf", "oneOf"].iter().flat_map(|it| form[it].as_array()).flatten() {
        found.extend(choices(schema, form));
    }
    let inner = ["items", "additionalProperties"].iter().filter_map(|it| form.get(it));
    found.extend(inner.filter(|it| it.is_object()).flat_map(|it| choices(schema, it)));
    found
}

#[test]
fn every_choice_of_a_key_stands_in_its_row() {
    let schema = schema();
    let page = read(LANGUAGE);
    let mut looked_at = 0;
    for row in rows() {
        // `source` and its choices are explained in words.
        for form in forms(&schema, &row).into_iter().filter(|_| row.key != "source") {
            for choice in choices(&schema, form) {
                // Priority rules have a table of their own.
                let own = page.contains(&format!("\n| `{choice}` | "));
                let told = row.text.contains(&format!("\"{choice}\"")) || own;
                assert!(told, "{}.{}: {choice}", row.of, row.key);
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 60, "{looked_at}");
}
