//! A table of sites, under a scenario that deletes them all.

#![no_main]

use std::collections::BTreeMap;

use blackstart::scenario::{Checked, Texts, check_texts};
use laws::{assert_plays, assert_told, is_small, texts};
use libfuzzer_sys::fuzz_target;

const MAIN: &str = r#"
schema = 1
title = "Sites of a table"

[estate.services.database]
shards = 4
backup = { full = "24h", phase = "6h", retention = "30d" }

[estate.products.wiki]
services = ["database"]

[estate.products.shop]

[estate.sites]
csv = "sites.csv"

[[incident.deletions]]

[teams.database]
people = 2

[[runbooks.restore.steps]]
id = "load"
for_each = { service = "database" }
team = "database"
duration = "1h"
restore_point = { latest = true }

[[runbooks.restore.steps]]
id = "check"
after = ["load"]
team = "database"
duration = "20m"
grows_with = { users = 0.3, bytes = 0.2 }

[[strategies.by-hand.tracks]]
runbook = "restore"

[policy]
rto = "6h"
rpo = "12h"
"#;

fuzz_target!(|table: &str| {
    let checked = read(table);
    assert_told(&checked);
    let Some(scenario) = checked.scenario.filter(is_small) else { return };
    assert_plays(&scenario);
    // What a spreadsheet adds changes no site: a mark of its encoding, and other ends of lines.
    let mut alike = Vec::new();
    if !table.starts_with('\u{feff}') {
        alike.push(format!("\u{feff}{table}"));
    }
    if !table.contains(['"', '\r']) {
        alike.push(table.replace('\n', "\r\n"));
    }
    for other in alike {
        let other = read(&other).scenario.expect("it is the same table");
        assert_eq!(format!("{:?}", other.estate), format!("{:?}", scenario.estate));
    }
});

fn read(table: &str) -> Checked {
    let files = BTreeMap::from([("sites.csv".to_owned(), Ok(table.to_owned()))]);
    check_texts(&Texts { files, ..texts(MAIN) }, &[])
}
