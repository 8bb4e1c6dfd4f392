//! The quantities of a scenario that a factor can change: what may be off.

use toml::de::{DeTable, DeValue};

use super::change::{Change, Subject, changes};
use super::decimal::Decimal;
use super::form::{Form, Key};
use super::{Address, tree};

/// Tables whose numbers are chosen and not guessed, or say nothing of the world.
const CHOSEN: [&str; 10] = [
    "schema",
    "use",
    "experiment",
    "strategies",
    "policy",
    "budgets",
    "levers",
    "observed",
    "tags",
    "trust",
];

/// Keys of the format below which there are rules, shares of one whole, and numbers that somebody has
/// decided or counted.
const RULES: [&str; 16] = [
    "attempts",
    "backup",
    "correlation",
    "count",
    "customers",
    "fixed",
    "guardrails",
    "holds",
    "keep",
    "people",
    "regions",
    "replicas",
    "seed",
    "shards",
    "tiers",
    "uses",
];

/// A quantity: a distribution or a number over time as a whole, anything else by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// Its address.
    pub address: Address,
    /// As a part of 1, where it is a share of something.
    pub share: Option<f64>,
}

/// Whether what stands in a table is chosen and not guessed, or says nothing of the world.
pub(crate) fn is_chosen(table: &Address) -> bool {
    table.names().first().is_some_and(|it| CHOSEN.contains(it))
}

/// The quantities of a table, in the order of the file.
pub(crate) fn quantities(table: &DeTable<'_>, format: &Form) -> Vec<Quantity> {
    let mut found = Vec::new();
    for (key, value) in table.iter().filter(|it| !CHOSEN.contains(&it.0.get_ref().as_ref())) {
        let subject = Subject {
            address: Address::default().key(key.get_ref()),
            value: value.get_ref(),
            form: format.key(key.get_ref(), &[]).form(),
            distribution: false,
            over_time: false,
        };
        gather(&subject, &mut found);
    }
    found
}

fn gather(subject: &Subject<'_>, found: &mut Vec<Quantity>) {
    // Of a team as a whole that is its people.
    let is_changed = changes(subject, Change::Times, "2").is_ok_and(|it| it.any);
    if is_changed {
        let share = match subject.value {
            DeValue::String(text) if !subject.form.is("Ramp") => Decimal::read_percent(text),
            _ => None,
        };
        let share = share.and_then(Decimal::hundredth).map(|it| it.to_string());
        let share = share.map(|it| it.parse().expect("a decimal is a number"));
        found.push(Quantity { address: subject.address.clone(), share });
        return;
    }
    match subject.value {
        DeValue::Table(table) => {
            let names: Vec<&str> = table.keys().map(|it| it.get_ref().as_ref()).collect();
            for (key, value) in table {
                let name = key.get_ref().as_ref();
                let known: Vec<&str> = names
                    .iter()
                    .copied()
                    .filter(|it| *it != name && subject.form.knows(it))
                    .collect();
                let key = subject.form.key(name, &known);
                let is_rule = RULES.contains(&name) && matches!(key, Key::Known(_));
                let form = key.form();
                let distribution = subject.distribution || form.is("Distribution");
                let address = subject.address.key(name);
                if !is_rule {
                    let value = value.get_ref();
                    gather(
                        &Subject { address, value, form, distribution, over_time: false },
                        found,
                    );
                }
            }
        }
        DeValue::Array(list) => {
            let form = subject.form.element();
            let addresses = tree::of_element(&subject.address, list);
            for (address, value) in addresses.into_iter().zip(list.iter()) {
                let (form, value) = (form.clone(), value.get_ref());
                let Subject { distribution, over_time, .. } = *subject;
                gather(&Subject { address, value, form, distribution, over_time }, found);
            }
        }
        _ => {}
    }
}
