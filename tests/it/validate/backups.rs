//! Backups that cannot be taken as they are written.

use snapbox::{assert_data_eq, str};

use super::{broken, faults};

fn faults_of(backup: &str) -> String {
    faults(&broken(
        "estate.sites.count = 3",
        &format!("estate.sites.count = 3\nestate.services.db.backup = {{ {backup} }}"),
    ))
}

#[test]
fn a_backup_that_takes_longer_than_until_the_next() {
    assert_data_eq!(
        faults_of("full = \"6h\", takes = \"7h\""),
        str![[r#"
error[out-of-range]: a backup every 6h cannot take 7h
 --> test.toml:4:52
  |
4 | estate.services.db.backup = { full = "6h", takes = "7h" }
  |                                                    ^^^^
  |
  = help: make `takes` at most as long as `full`

"#]]
    );
}

#[test]
fn a_phase_of_more_than_a_cycle() {
    assert_data_eq!(
        faults_of("full = \"6h\", phase = \"6h\""),
        str![[r#"
error[out-of-range]: with a backup every 6h the last one did not begin 6h ago
 --> test.toml:4:52
  |
4 | estate.services.db.backup = { full = "6h", phase = "6h" }
  |                                                    ^^^^
  |
  = help: make `phase` shorter than `full`

"#]]
    );
}

#[test]
fn a_chain_without_incremental_backups() {
    assert_data_eq!(
        faults_of("chain_breaks = \"1%\", per_incremental = \"30s\""),
        str![[r#"
error[missing-key]: `chain_breaks` without incremental backups
 --> test.toml:4:46
  |
4 | estate.services.db.backup = { chain_breaks = "1%", per_incremental = "30s" }
  |                                              ^^^^
  |
  = help: add `incremental = "5m"`

error[missing-key]: `per_incremental` without incremental backups
 --> test.toml:4:70
  |
4 | estate.services.db.backup = { chain_breaks = "1%", per_incremental = "30s" }
  |                                                                      ^^^^^
  |
  = help: add `incremental = "5m"`

"#]]
    );
}

#[test]
fn a_latest_and_a_common_point() {
    let text = broken(
        "duration = \"1h\"",
        "duration = \"1h\", for_each.service = \"db\", restore_point = { latest = true, common = true }",
    );
    assert_data_eq!(
        faults(&text),
        str![[r#"
error[conflicting-keys]: a restore point is one of `fixed`, `latest` and `common`
 --> test.toml:8:55
  |
8 | steps = [{ id = "x", duration = "1h", restore_point = { latest = true, common = true } }]
  |                                                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write `restore_point = { fixed = "5m" }`, `{ latest = true }` or `{ common = true }`

"#]]
    );
}

#[test]
fn a_transfer_of_what_takes_time_to_replay() {
    let text = r#"
schema = 1
title = "test"
estate.services.db.backup = { full = "24h", incremental = "1h", per_incremental = "1m" }
estate.products.app.services = ["db"]
estate.sites.count = 1
estate.sites.bytes = "1 GiB"
incident.deletions = [{}]
throughput.link.rate = "1 GiB/h"
[[runbooks.r.steps]]
id = "x"
for_each = { service = "db" }
transfer = { bytes = "site", through = "link" }
restore_point = { latest = true }
[[strategies.s.tracks]]
runbook = "r"
"#;
    assert_data_eq!(
        faults(text),
        str![[r#"
error[conflicting-keys]: a transfer replays no incremental backups, and `per_incremental` says that each takes time
  --> test.toml:14:17
   |
14 | restore_point = { latest = true }
   |                 ^^^^^^^^^^^^^^^^^
   |
   = help: put the `restore_point` on a step of its own behind the transfer

"#]]
    );
    assert_eq!(faults(&text.replace(", per_incremental = \"1m\"", "")).trim(), "");
}
