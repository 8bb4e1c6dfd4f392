//! Which inputs of a scenario have changed since a baseline.

use std::collections::BTreeSet;

use indexmap::IndexMap;

/// Inputs by their addresses, in the order of the scenario, each with what stands there as TOML.
pub type Inputs = IndexMap<String, String>;

/// What has changed of the inputs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InputChanges {
    /// Those of which another value stands there, sorted by address.
    pub changes: Vec<InputChange>,
    /// The first that stands elsewhere among those that were there then and are there now: what is
    /// written first may be done first.
    pub reordered: Option<String>,
}

/// An input that has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputChange {
    /// Its address.
    pub address: String,
    /// What stood there; nothing where it was added.
    pub before: Option<String>,
    /// What stands there; nothing where it was taken away.
    pub after: Option<String>,
}

/// What has changed from some inputs to others.
#[must_use]
pub fn input_changes(then: &Inputs, now: &Inputs) -> InputChanges {
    let addresses: BTreeSet<&String> = then.keys().chain(now.keys()).collect();
    let change = |address: &String| {
        let (before, after) = (then.get(address).cloned(), now.get(address).cloned());
        let changed = before != after;
        changed.then(|| InputChange { address: address.clone(), before, after })
    };
    let mut places = in_both(then, now).zip(in_both(now, then));
    InputChanges {
        changes: addresses.into_iter().filter_map(change).collect(),
        reordered: places.find(|(before, after)| before != after).map(|places| places.1.clone()),
    }
}

/// The addresses of some inputs that others have too.
fn in_both<'a>(inputs: &'a Inputs, others: &'a Inputs) -> impl Iterator<Item = &'a String> {
    inputs.keys().filter(|address| others.contains_key(*address))
}
