//! Backups that cannot be taken as they are written.

use snapbox::{assert_data_eq, str};

use super::{brief, broken, faults};

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
    let both = "for_each.service = \"db\", restore_point = { latest = true, common = true }";
    assert_data_eq!(
        faults(&restored("\nbackup.full = \"24h\"", both)),
        str![[r#"
error[conflicting-keys]: a restore point is one of `fixed`, `latest` and `common`
  --> test.toml:10:80
   |
10 | steps = [{ id = "x", duration = "1h", for_each.service = "db", restore_point = { latest = true, common = true } }]
   |                                                                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
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
error[conflicting-keys]: a transfer takes as long as its bytes take, and `per_incremental` takes time too
  --> test.toml:13:12
   |
13 | transfer = { bytes = "site", through = "link" }
   |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: put the `restore_point` on a step of its own behind the transfer

"#]]
    );
    assert_eq!(faults(&text.replace(", per_incremental = \"1m\"", "")).trim(), "");
}

/// A store with this `backup`, restored by a step with this restore point.
fn restored(backup: &str, step: &str) -> String {
    let text = broken(
        "estate.sites.count = 3",
        &format!("estate.sites.count = 3\n[estate.services.db]{backup}"),
    )
    .replace("incident.deletions = [{}]\n", "")
    .replace("title = \"test\"", "title = \"test\"\nincident.deletions = [{}]");
    text.replace("duration = \"1h\"", &format!("duration = \"1h\", {step}"))
}

const POINT: &str = "for_each.service = \"db\", restore_point.latest = true";

#[test]
fn a_store_of_which_nobody_says_how_it_is_backed_up_where_a_point_asks() {
    assert_data_eq!(
        faults(&restored("", POINT)),
        str![[r#"
error[missing-key]: nothing says how `db` is backed up
 --> test.toml:5:18
  |
5 | [estate.services.db]
  |                  ^^
...
9 | steps = [{ id = "x", duration = "1h", for_each.service = "db", restore_point.latest = true }]
  |                                                                ------------- this brings its data back
  |
  = help: add what is taken, such as `backup = { full = "24h", retention = "30d" }`
  = help: or `backup = "none"`: then its data is lost for good

"#]]
    );
    assert_eq!(faults(&restored("\nbackup = \"none\"", POINT)).trim(), "");
    assert_eq!(faults(&restored("", "for_each.service = \"db\"")).trim(), "", "nobody asks");
}

#[test]
fn a_store_of_which_nobody_says_how_it_is_backed_up_where_an_objective_asks() {
    let asking = restored("", "for_each.service = \"db\"") + "[policy]\nrpo = \"1h\"\n";
    assert!(faults(&asking).contains("this asks how much is lost"), "{}", faults(&asking));
    let derived =
        asking.replace("[estate.services.db]", "[estate.services.db]\nclass = \"derived\"");
    assert!(!faults(&derived).contains("nothing says how"), "{}", faults(&derived));
}

#[test]
fn a_point_of_no_service() {
    assert_data_eq!(
        faults(&broken("duration = \"1h\"", "duration = \"1h\", restore_point.fixed = \"5m\"")),
        str![[r#"
error[missing-key]: the data of which service does it bring back?
 --> test.toml:8:39
  |
8 | steps = [{ id = "x", duration = "1h", restore_point.fixed = "5m" }]
  |                                       ^^^^^^^^^^^^^
  |
  = help: add `[estate.services.NAME]` with its `backup`; a restore point is only as good as the backups that there are
  = help: add `for_each = { service = "..." }` or `{ service_class = "primary" }`

"#]]
    );
}

#[test]
fn a_point_that_the_backups_need_not_reach_as_it_is_written() {
    let fixed =
        |before: &str| format!("for_each.service = \"db\", restore_point.fixed = \"{before}\"");
    assert_data_eq!(
        faults(&restored("\nbackup.full = \"24h\"", &fixed("5m"))),
        str![[r#"
warning[suspicious]: 5m before the deletion the newest backup of `db` may be 1d old, so up to 1d 5m are lost
  --> test.toml:10:86
   |
10 | steps = [{ id = "x", duration = "1h", for_each.service = "db", restore_point.fixed = "5m" }]
   |                                                                                      ^^^^
   |
   = help: write `latest = true`, or say how the moment is reached: `incremental`, or `log = "continuous"`

"#]]
    );
    assert_data_eq!(
        faults(&restored("\nbackup = { full = \"24h\", retention = \"2d\" }", &fixed("40d"))),
        str![[r#"
warning[suspicious]: no backup of `db` is kept for 40d: its data is lost
  --> test.toml:10:86
   |
10 | steps = [{ id = "x", duration = "1h", for_each.service = "db", restore_point.fixed = "40d" }]
   |                                                                                      ^^^^^
   |
   = help: name a later moment, or keep backups for longer

"#]]
    );
    let of_incident = |before: &str| {
        let point = format!("restore_point = {{ fixed = \"{before}\", of = \"incident\" }}");
        faults(&restored("\nbackup.full = \"24h\"", &format!("for_each.service = \"db\", {point}")))
    };
    let told = "5m before the first deletion the newest backup of `db` may be 1d old, so up to 1d 5m \
                are lost, and more by a site that is deleted later";
    assert!(of_incident("5m").contains(told), "{}", of_incident("5m"));
    assert_eq!(of_incident("0s").trim(), "");
}

#[test]
fn a_point_at_the_deletion_itself() {
    assert_data_eq!(
        faults(&restored(
            "\nbackup = { full = \"24h\", log = \"continuous\" }",
            "for_each.service = \"db\", restore_point.fixed = \"0s\""
        )),
        str![[r#"
warning[suspicious]: at its deletion the data of a site is gone: what is newest before it is restored
  --> test.toml:10:86
   |
10 | steps = [{ id = "x", duration = "1h", for_each.service = "db", restore_point.fixed = "0s" }]
   |                                                                                      ^^^^
   |
   = help: write `latest = true`, which says so

"#]]
    );
}

#[test]
fn a_plan_of_backups_that_leaves_moments_without_any() {
    assert_data_eq!(
        faults_of("full = \"7d\", takes = \"2h\", retention = \"3d\""),
        str![[r#"
warning[suspicious]: a full backup is gone after 3d, and the next one is there after 7d 2h: for 4d 2h of every 7d there is nothing to restore from
 --> test.toml:4:70
  |
4 | estate.services.db.backup = { full = "7d", takes = "2h", retention = "3d" }
  |                                                                      ^^^^
  |
  = help: keep them longer, or write `retention = { window = ... }` if the last one before the window is kept

"#]]
    );
    assert_eq!(faults_of("full = \"7d\", retention = { window = \"3d\" }").trim(), "");
    let told = faults_of("full = \"7d\", takes = \"3d\", retention = \"2d\"");
    let never = "a full backup is gone after 2d, and takes 3d: there is nothing to restore from at any time";
    assert!(told.contains(never), "{told}");
}

#[test]
fn a_gap_that_another_backup_covers_is_none() {
    let gap = |id: &str| format!("{{ id = \"{id}\", full = \"24h\", retention = \"12h\" }}");
    let told = |list: &str| {
        brief(&broken("[{}]", &format!("[{{}}]\nestate.services.db.backup = [{list}]")))
    };
    assert_eq!(told(&format!("{}, {{ full = \"24h\" }}", gap("a"))), [""; 0]);
    assert_eq!(
        told(&format!("{}, {}", gap("a"), gap("b"))),
        ["a", "b"].map(|it| format!(
            "5: [suspicious] a full backup of `{it}` is gone after 12h, and the next one is there \
             after 1d: for 12h of every 1d it has nothing to restore from"
        ))
    );
}

#[test]
fn a_cause_with_two_chances() {
    let store = |service: &str, all: &str| {
        format!(
            "estate.services.{service}.backup = {{ unreadable = {{ all = \"{all}\", cause = \"key\" }}, \
             fall_back = \"1h\" }}"
        )
    };
    let of = |one: &str, other: &str| {
        let both = format!("[{{}}]\n{}\n{}", store("db", one), store("web", other));
        faults(&broken("[{}]", &both))
    };
    assert_data_eq!(
        of("20%", "60%"),
        str![[r#"
error[conflicting-keys]: `key` strikes with another chance elsewhere
 --> test.toml:6:53
  |
5 | estate.services.db.backup = { unreadable = { all = "20%", cause = "key" }, fall_back = "1h" }
  |                                                    ----- the chance that it has there
6 | estate.services.web.backup = { unreadable = { all = "60%", cause = "key" }, fall_back = "1h" }
  |                                                     ^^^^^
  |
  = help: write the same `all`, or give it a `cause` of its own: a cause strikes all that name it at once

"#]]
    );
    assert_eq!(of("20%", "20.0%").trim(), "");
}

#[test]
fn backups_that_are_taken_all_the_time_or_kept_for_none() {
    assert_data_eq!(
        faults_of("incremental = \"0s\""),
        str![[r#"
error[out-of-range]: the time between backups must not be zero
 --> test.toml:4:29
  |
4 | estate.services.db.backup = { incremental = "0s" }
  |                             ^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write how often one is taken, such as `full = "24h"`, or `log = "continuous"` where every change is archived

"#]]
    );
    assert_data_eq!(
        faults_of("retention = \"0s\""),
        str![[r#"
error[out-of-range]: what is kept for no time is no backup
 --> test.toml:4:43
  |
4 | estate.services.db.backup = { retention = "0s" }
  |                                           ^^^^
  |
  = help: write how long one is kept, such as "30d", or `backup = "none"`

"#]]
    );
}

#[test]
fn keys_of_a_point_that_change_nothing() {
    let of = |more: &str| {
        let step =
            format!("for_each.service = \"db\", restore_point = {{ latest = true, {more} }}");
        brief(&restored("\nbackup.full = \"24h\"", &step))
    };
    let by_hand =
        |older: &str| format!("by_hand = {{ probability = \"5%\", older = \"{older}\" }}");
    assert_eq!(
        of("of = \"incident\""),
        ["10: [conflicting-keys] `of` says from when `fixed` is counted"]
    );
    assert_eq!(
        of(&by_hand("0s")),
        ["10: [out-of-range] a snapshot that is no older is the right one"]
    );
    assert_eq!(of(&by_hand("6h")), [""; 0]);
}

/// Three sites with a database and files, of which a runbook brings back what it has steps for.
const STORES: &str = r#"schema = 1
title = "test"
estate.services.db.backup.full = "24h"
estate.services.files.backup = "none"
estate.sites.count = 3
incident.deletions = [{}]
[runbooks.r]
steps = [{ id = "x", duration = "1h", for_each.service = "db", restore_point.latest = true }]
[strategies.s]
tracks = [{ runbook = "r" }]
"#;

#[test]
fn a_store_that_comes_back_to_no_moment_beside_one_that_does() {
    assert_data_eq!(
        faults(STORES),
        str![[r#"
warning[suspicious]: runbook `r` has no restore point for `files`, which 3 sites lose
  --> test.toml:10:11
   |
10 | tracks = [{ runbook = "r" }]
   |           ^^^^^^^^^^^^^^^^^
   |
   = help: how much of it is lost is in no figure: add a step with `for_each` and a `restore_point`, or give it another `class` if it is made anew from other data

"#]]
    );
    let with = |place: &str, other: &str| {
        assert_eq!(STORES.matches(place).count(), 1, "{place}");
        brief(&STORES.replace(place, other))
    };
    let silent =
        ["10: [suspicious] runbook `r` has no restore point for `files`, which 3 sites lose"];
    assert_eq!(
        with("[{}]", "[{ target.service = \"files\" }]"),
        ["10: [suspicious] runbook `r` has no step for `files`, which 3 sites lose"]
    );
    assert_eq!(with("[strategies.s]", "[strategies.t]\nbased_on = \"s\"\n[strategies.s]").len(), 1);
    assert_eq!(
        with(
            "}]\n[strat",
            "}, { id = \"y\", duration = \"1h\", for_each.service = \"files\" }]\n[strat"
        ),
        silent
    );
    assert_eq!(with("[{}]", "[{ target.service = \"db\" }]"), [""; 0], "files are not lost");
    assert_eq!(with("files.backup = \"none\"", "files.class = \"derived\""), [""; 0]);
    assert_eq!(with(", restore_point.latest = true", ""), [""; 0], "no loss is in any figure");
    assert_eq!(
        with("count = 3", "count = 3\nestate.products.app.services = [\"db\"]"),
        [""; 0],
        "no site has files"
    );
    let kept = "[{ mode = \"soft\" }]\nincident.guardrails.soft_delete = { retention = \"14d\", services = [\"files\"] }";
    assert_eq!(with("[{}]", kept), [""; 0], "they are kept");
    let supported = "[runbooks.more]\nsupporting = true\nsteps = [{ id = \"x\", duration = \"1h\", for_each.service = \"files\", restore_point.latest = true }]\n[strategies.s]";
    let both = STORES
        .replace("[strategies.s]", supported)
        .replace("{ runbook = \"r\" }", "{ runbook = \"r\" }, { runbook = \"more\" }");
    assert_eq!(brief(&both), [""; 0], "another track brings them back");
}

#[test]
fn keys_that_mean_something_only_beside_others() {
    assert_data_eq!(
        faults_of("per_log_hour = \"1m\", fall_back = \"1h\", unreadable = { cause = \"key\" }"),
        str![[r#"
error[missing-key]: `per_log_hour` without a log
 --> test.toml:4:46
  |
4 | estate.services.db.backup = { per_log_hour = "1m", fall_back = "1h", unreadable = { cause = "key" } }
  |                                              ^^^^
  |
  = help: add `log = "continuous"`

error[missing-key]: a cause strikes all backups at once
 --> test.toml:4:93
  |
4 | estate.services.db.backup = { per_log_hour = "1m", fall_back = "1h", unreadable = { cause = "key" } }
  |                                                                                             ^^^^^
  |
  = help: add how likely that is, such as `all = "5%"`

"#]]
    );
    assert_data_eq!(
        faults_of("unreadable = \"2%\""),
        str![[r#"
warning[suspicious]: it takes no time here to find out that a backup cannot be read
 --> test.toml:4:44
  |
4 | estate.services.db.backup = { unreadable = "2%" }
  |                                            ^^^^
  |
  = help: add how long it takes, such as `fall_back = "2h"`

"#]]
    );
}

#[test]
fn several_backups_without_names_of_their_own() {
    let listed = |list: &str| {
        faults(&broken(
            "estate.sites.count = 3",
            &format!("estate.sites.count = 3\nestate.services.db.backup = {list}"),
        ))
    };
    assert_data_eq!(
        listed("[{ full = \"6h\" }, {}, { id = \"a\" }, { id = \"a\" }]"),
        str![[r#"
error[duplicate-name]: which of the backups of this store is it?
 --> test.toml:4:47
  |
4 | estate.services.db.backup = [{ full = "6h" }, {}, { id = "a" }, { id = "a" }]
  |                                               ^^
  |
  = help: give each an `id` of its own; one of them may do without

error[duplicate-name]: there are two backups `a`
 --> test.toml:4:72
  |
4 | estate.services.db.backup = [{ full = "6h" }, {}, { id = "a" }, { id = "a" }]
  |                                                                        ^^^
  |
  = help: give each an `id` of its own; one of them may do without

"#]]
    );
    assert_data_eq!(
        listed("[]"),
        str![[r#"
error[missing-key]: a list of no backups
 --> test.toml:4:29
  |
4 | estate.services.db.backup = []
  |                             ^^
  |
  = help: write `backup = "none"` if the store is not backed up

"#]]
    );
    assert_data_eq!(
        listed("\"never\""),
        str![[r#"
error[wrong-type]: `"never"` stands where a table such as { full = "24h" }, a list of them, or "none" is due
 --> test.toml:4:29
  |
4 | estate.services.db.backup = "never"
  |                             ^^^^^^^

"#]]
    );
    assert_eq!(listed("[{ full = \"6h\" }, { id = \"a\" }]").trim(), "");
}

#[test]
fn a_load_and_a_step_behind_it_that_name_other_moments() {
    let text = |load: &str, extract: &str| {
        let steps = format!(
            "steps = [{{ id = \"load\", per = \"shard\", for_each.service = \"db\", duration = \"1h\"{load} }}, \
             {{ id = \"x\", after = [\"load\"], for_each.service = \"db\", duration = \"1h\"{extract} }}]"
        );
        restored("\nbackup = { full = \"24h\", log = \"continuous\" }", "")
            .replace("steps = [{ id = \"x\", duration = \"1h\",  }]", &steps)
    };
    let (latest, fixed) = (", restore_point.latest = true", ", restore_point.fixed = \"5m\"");
    assert_data_eq!(
        faults(&text(latest, fixed)),
        str![[r#"
error[conflicting-keys]: `x` brings back what the load of `load` has, and names another moment
  --> test.toml:10:185
   |
10 | ..."1h", restore_point.latest = true }, { id = "x", after = ["load"], for_each.service = "db", duration = "1h", restore_point.fixed ...
   |          ------------- the moment of the load                                                                   ^^^^^^^^^^^^^
   |
   = help: what is loaded has one restore point: write the same, or write it only once

"#]]
    );
    assert_eq!(faults(&text(latest, latest)).trim(), "");
    assert_eq!(faults(&text(latest, "")).trim(), "");
    let by_hand =
        ", restore_point = { latest = true, by_hand = { probability = 0.5, older = \"6h\" } }";
    assert_eq!(faults(&text(latest, by_hand)).trim(), "");
    assert_data_eq!(
        faults(&text(by_hand, "")),
        str![[r#"
error[conflicting-keys]: an older snapshot is picked for a site, and this is done for a shard
  --> test.toml:10:125
   |
10 | ...h", restore_point = { latest = true, by_hand = { probability = 0.5, older = "6h" } } }, { id = "x", after = ["load"], for_each.se...
   |                                                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: write `by_hand` at the step that takes the site's data out of the load

"#]]
    );
}

#[test]
fn a_step_that_fails_and_has_one_attempt() {
    let fails = |more: &str| {
        let step =
            format!("duration = \"1h\", fails = {{ probability = \"5%\", attempts = 1{more} }}");
        faults(&broken("duration = \"1h\"", &step))
    };
    assert_data_eq!(
        fails(""),
        str![[r#"
warning[no-effect]: the last attempt cannot fail where nobody takes over, and here it is the first
 --> test.toml:8:80
  |
8 | steps = [{ id = "x", duration = "1h", fails = { probability = "5%", attempts = 1 } }]
  |                                                                                ^
  |
  = help: allow more `attempts`, or say who takes over: `escalates_to = { team = "..." }`

"#]]
    );
    assert_eq!(fails(", escalates_to = { team = \"a\" }").trim(), "");
}
