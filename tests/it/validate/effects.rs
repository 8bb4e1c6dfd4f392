//! What is written and changes nothing; beside each the nearest that changes something.

use snapbox::{assert_data_eq, str};

use crate::support::checked;

pub(super) fn faults(text: &str) -> String {
    let checked = checked(text, &[]);
    checked.diagnostics.render(&checked.sources, false).trim_end().to_owned() + "\n"
}

/// A scenario of which everything has an effect, with other tables behind it.
pub(super) fn with(rest: &str) -> String {
    format!(
        r#"schema = 1
title = "test"
[experiment]
horizon = "10d"
[estate.services.db]
backup = {{ full = "24h", retention = "30d" }}
[estate.sites]
count = 10
[[incident.deletions]]
[teams.a]
people = 2
[[runbooks.r.steps]]
id = "x"
team = "a"
duration = "1h"
for_each = {{ service = "db" }}
restore_point = {{ latest = true }}
{rest}"#
    )
}

pub(super) const STRATEGY: &str = "[[strategies.s.tracks]]\nrunbook = \"r\"\n";

/// The same with its strategy and some tables behind it.
pub(super) fn and(rest: &str) -> String {
    with(&format!("{STRATEGY}{rest}"))
}

#[track_caller]
pub(super) fn is_silent(text: &str) {
    assert_eq!(faults(text), "\n");
}

#[test]
fn what_has_an_effect_is_not_warned_of() {
    is_silent(&and(""));
}

#[test]
fn a_team_a_limit_and_a_throughput_that_no_step_needs() {
    let unused =
        "[teams.b]\npeople = 1\n[limits.l]\nunits = 1\n[throughput.t]\nrate = \"1 TiB/h\"\n";
    assert_data_eq!(
        faults(&and(unused)),
        str![[r#"
warning[no-effect]: no step that is done needs team `b`
  --> test.toml:20:8
   |
20 | [teams.b]
   |        ^
   |
   = help: name it in a step, or take it out

warning[no-effect]: no step that is done needs limit `l`
  --> test.toml:22:9
   |
22 | [limits.l]
   |         ^
   |
   = help: name it in `uses` or `holds` of a step, or take it out

warning[no-effect]: no step that is done moves anything through `t`
  --> test.toml:24:13
   |
24 | [throughput.t]
   |             ^
   |
   = help: name it in `transfer` of a step, or take it out

"#]]
    );
    let used = "[[runbooks.r.steps]]\nid = \"y\"\nteams = { a = 1, b = 1 }\nuses = { l = 1 }\n\
                transfer = { bytes = \"site\", through = \"t\" }\n";
    let text = with(used).replace("count = 10", "count = 10\nbytes = \"1 GiB\"");
    is_silent(&(text + unused + STRATEGY));
}

#[test]
fn a_team_that_is_needed_only_where_nobody_follows_the_runbook() {
    let other = "[teams.b]\npeople = 1\n[[runbooks.q.steps]]\nid = \"y\"\nteam = \"b\"\nduration = \"1h\"\n";
    assert_data_eq!(
        faults(&and(other)),
        str![[r#"
warning[no-effect]: no step that is done needs team `b`
  --> test.toml:20:8
   |
20 | [teams.b]
   |        ^
   |
   = help: name it in a step, or take it out

warning[no-effect]: no track follows runbook `q`
  --> test.toml:22:12
   |
22 | [[runbooks.q.steps]]
   |            ^
   |
   = help: add a track that follows it, or take it out

"#]]
    );
    is_silent(&and(&format!("{other}[[strategies.t.tracks]]\nrunbook = \"q\"\n")));
}

#[test]
fn a_team_to_which_a_step_escalates_is_needed() {
    let escalates = "fails = { probability = \"5%\", escalates_to = { team = \"b\" } }\n[teams.b]\npeople = 1\n";
    is_silent(&with(&format!("{escalates}{STRATEGY}")));
}

#[test]
fn numbers_of_a_team_that_the_strategy_does_not_need() {
    let other = "[teams.b]\npeople = 1\n[[runbooks.q.steps]]\nid = \"y\"\nteam = \"b\"\nduration = \"1h\"\n\
                 [[strategies.t.tracks]]\nrunbook = \"q\"\n";
    let overruled = |team: &str| {
        and(&format!("{other}[strategies.u]\nbased_on = \"t\"\nteams = {{ {team} = 4 }}\n"))
    };
    assert_data_eq!(
        faults(&overruled("a")),
        str![[r#"
warning[no-effect]: no step of this strategy needs the team
  --> test.toml:30:11
   |
30 | teams = { a = 4 }
   |           ^
   |
   = help: take it out

"#]]
    );
    is_silent(&overruled("b"));
}

#[test]
fn a_service_and_a_product_that_nobody_has() {
    let text = and("[estate.services.files]\n[estate.products.app]\nservices = [\"db\"]\n\
                    [estate.products.wiki]\nservices = [\"db\"]\n[estate.sites.products]\napp = \"100%\"\nwiki = \"0%\"\n");
    assert_data_eq!(
        faults(&text),
        str![[r#"
warning[no-effect]: no step is done for service `files`, and nothing names it
  --> test.toml:20:18
   |
20 | [estate.services.files]
   |                  ^^^^^
   |
   = help: do a step for it with `for_each`, or take it out

warning[no-effect]: no site has product `wiki`
  --> test.toml:23:18
   |
23 | [estate.products.wiki]
   |                  ^^^^
   |
   = help: give it a share in `estate.sites.products`, or take it out

"#]]
    );
    let text = text.replace("wiki = \"0%\"", "wiki = \"50%\"");
    let text = text.replace("[estate.services.files]\n", "");
    is_silent(&text);
}

#[test]
fn a_service_that_is_lost_is_no_service_without_effect() {
    let text = and("[estate.services.files]\nclass = \"derived\"\n")
        .replace("[[incident.deletions]]", "[[incident.deletions]]\ntarget = { service = \"db\" }\n[[incident.deletions]]\nat = \"T+1h\"\ntarget = { service = \"files\" }");
    assert!(!faults(&text).contains("no-effect"), "{}", faults(&text));
}

#[test]
fn what_is_said_of_a_store_and_nobody_asks_for() {
    let text = and("").replace(
        "[estate.services.db]",
        "[estate.services.db]\nreplicas = 1\nbytes_per_shard = \"1 TiB\"\n[estate.services.f]\nclass = \"derived\"\nshards = 4\n[estate.services.db2]",
    );
    let text = text
        .replace("service = \"db\"", "service = \"*\"")
        .replace("backup", "#")
        .replace("restore_point", "#");
    assert_data_eq!(
        faults(&text),
        str![[r#"
warning[no-effect]: a standby has what was done to the store too, so it changes nothing
 --> test.toml:6:12
  |
6 | replicas = 1
  |            ^
  |
  = help: leave it out; a `note` may say that there is one

warning[no-effect]: no step moves, or grows with, the shards of `db`
 --> test.toml:7:19
  |
7 | bytes_per_shard = "1 TiB"
  |                   ^^^^^^^
  |
  = help: write `transfer = { bytes = "shard", ... }` at a step, or leave it out

warning[no-effect]: nothing goes by the shards of `f`
  --> test.toml:10:10
   |
10 | shards = 4
   |          ^
   |
   = help: load or restore it by shards, count a limit `per = "shard"`, or leave it out

"#]]
    );
    let near = |store: &str| {
        and("").replace("[estate.services.db]", &format!("[estate.services.db]\n{store}"))
    };
    is_silent(&near("replicas = 0"));
    // Where its last backup stands is drawn for each shard.
    is_silent(&near("shards = 4"));
    let load = "[throughput.t]\nrate = \"1 TiB/h\"\n[[runbooks.r.steps]]\nid = \"y\"\n\
                for_each = { service = \"db\" }\ntransfer = { bytes = \"shard\", through = \"t\" }\n";
    is_silent(&(near("bytes_per_shard = \"1 TiB\"") + load));
}

#[test]
fn an_order_in_which_everybody_is_taken_at_once() {
    let text = and("batch = { order = \"users_descending\", noise = 0.5, size = 3 }\n");
    assert_data_eq!(
        faults(&text),
        str![[r#"
warning[no-effect]: the track takes all its sites at once, in whatever order
  --> test.toml:20:19
   |
20 | batch = { order = "users_descending", noise = 0.5, size = 3 }
   |                   ^^^^^^^^^^^^^^^^^^
   |
   = help: say how many batches are at work at once with `in_flight`, or leave it out
   = help: who is served first is the strategy's `priority`

warning[no-effect]: there is no order by size that this would disturb
  --> test.toml:20:47
   |
20 | batch = { order = "users_descending", noise = 0.5, size = 3 }
   |                                               ^^^
   |
   = help: write `order = "users_descending"` and `in_flight`, or leave it out

warning[no-effect]: nothing is done for a batch, and all are at work at once
  --> test.toml:20:59
   |
20 | batch = { order = "users_descending", noise = 0.5, size = 3 }
   |                                                           ^
   |
   = help: say how many batches are at work at once with `in_flight`, or leave it out

"#]]
    );
    is_silent(&text.replace("size = 3", "size = 3, in_flight = 2"));
    // What is done for a batch as a whole has draws of its own.
    let batch = "restore_point = { latest = true }\n[[runbooks.r.steps]]\nid = \"p\"\nper = \"batch\"\nduration = \"1h\"";
    let of_batch = text.replace("restore_point = { latest = true }", batch);
    is_silent(&of_batch.replace("restore_point", "after = []\nrestore_point"));
}

#[test]
fn an_order_matters_where_batches_in_flight_cost() {
    let text = and("batch = { order = \"users_descending\", size = 3 }\n");
    is_silent(&text.replace("people = 2", "people = 2\ncoordination = { per_batch = 0.1 }"));
}

#[test]
fn noise_in_an_order_that_has_no_sizes() {
    let text = and("batch = { order = \"random\", noise = 0.5, in_flight = 2 }\n");
    assert_data_eq!(
        faults(&text),
        str![[r#"
warning[no-effect]: there is no order by size that this would disturb
  --> test.toml:20:37
   |
20 | batch = { order = "random", noise = 0.5, in_flight = 2 }
   |                                     ^^^
   |
   = help: write `order = "users_descending"` and `in_flight`, or leave it out

"#]]
    );
    is_silent(&text.replace("random", "bytes_ascending"));
}

#[test]
fn an_order_of_one_strategy_that_matters_in_its_heir() {
    let text = and("batch = { in_flight = 1 }\n[strategies.t]\nbased_on = \"s\"\n");
    is_silent(&text);
}

#[test]
fn a_slot_that_nobody_counts() {
    let text = with(&format!("frees_slot = true\n{STRATEGY}"));
    assert_data_eq!(
        faults(&text),
        str![[r#"
warning[no-effect]: no track that follows this runbook counts its batches
  --> test.toml:18:14
   |
18 | frees_slot = true
   |              ^^^^
   |
   = help: write `in_flight` at a track's `batch`, or leave it out

"#]]
    );
    is_silent(&(text + "batch = { in_flight = 2 }\n"));
}

#[test]
fn a_way_to_close_of_a_track_that_never_does() {
    let text = and("on_close = \"move\"\n");
    assert_data_eq!(
        faults(&text),
        str![[r#"
warning[no-effect]: the track never closes
  --> test.toml:20:12
   |
20 | on_close = "move"
   |            ^^^^^^
   |
   = help: say when with `closes`, or take it out

"#]]
    );
    let other = "closes = \"T+1d\"\n[[strategies.s.tracks]]\nid = \"q\"\nrunbook = \"r\"\nopens = \"T+1d\"\n";
    is_silent(&and(&format!("on_close = \"move\"\n{other}")));
}

#[test]
fn automation_that_was_tested_where_nothing_is_automated() {
    let text = and("[strategies.s]\nguardrails = [\"tested_automation\"]\n");
    assert_data_eq!(
        faults(&text),
        str![[r#"
warning[no-effect]: no step here is automated
  --> test.toml:21:15
   |
21 | guardrails = ["tested_automation"]
   |               ^^^^^^^^^^^^^^^^^^^
   |
   = help: say with `automated_after` what automation leaves of a step, or leave it out

"#]]
    );
    let automated = "automated_after = { runs = 5, factor = \"50%\" }\nrestore_point";
    is_silent(&text.replace("restore_point", automated));
    // It counts for every strategy that has it.
    let heir = format!(
        "{text}[strategies.t]\nbased_on = \"s\"\n[[strategies.t.tracks]]\nrunbook = \"q\"\n\
         [[runbooks.q.steps]]\nid = \"y\"\nduration = \"1h\"\nautomated_after = {{ runs = 5, factor = \"50%\" }}\n"
    );
    is_silent(&heir);
}

#[test]
fn guardrails_that_spare_nothing() {
    let described = "[incident.guardrails]\nbulk_cap = { sites = 10 }\nidentifier_check = { catches = \"0%\" }\n";
    let text = and(&format!(
        "{described}[strategies.s]\nguardrails = [\"bulk_cap\", \"identifier_check\"]\n"
    ));
    assert_data_eq!(
        faults(&text),
        str![[r#"
warning[no-effect]: no run deletes more sites than it may
  --> test.toml:24:15
   |
24 | guardrails = ["bulk_cap", "identifier_check"]
   |               ^^^^^^^^^^
   |
   = help: write fewer `sites` than a run deletes, or leave it out

warning[no-effect]: a check that catches 0% spares nothing
  --> test.toml:24:27
   |
24 | guardrails = ["bulk_cap", "identifier_check"]
   |                           ^^^^^^^^^^^^^^^^^^
   |
   = help: write how likely it refuses the deletion, such as `catches = "90%"`, or leave it out

"#]]
    );
    is_silent(&text.replace("sites = 10", "sites = 9").replace("0%", "1%"));
}

#[test]
fn what_comes_when_every_exercise_is_over() {
    let text = |late: &str, delay: &str| {
        and(&format!(
            "opens = \"{late}\"\n[[strategies.s.tracks]]\nid = \"q\"\nrunbook = \"r\"\n\
             [incident.milestones.told]\ndelay.uniform = {{ min = \"{delay}\", max = \"20d\" }}\n\
             [[injects]]\nat = \"told\"\nfreeze = {{ steps = [\"x\"] }}\n"
        ))
        .replace(
            "people = 2",
            &format!(
                "people = [{{ at = \"T+0\", people = 2 }}, {{ at = \"{late}\", people = 3 }}]"
            ),
        )
    };
    assert_data_eq!(
        faults(&text("T+241h", "241h")),
        str![[r#"
warning[no-effect]: every exercise stops 10d after T+0, before this
  --> test.toml:11:46
   |
11 | people = [{ at = "T+0", people = 2 }, { at = "T+241h", people = 3 }]
   |                                              ^^^^^^^^
   |
   = help: give `experiment.horizon` a later end, or take it out

warning[no-effect]: every exercise stops 10d after T+0, before this
  --> test.toml:20:9
   |
20 | opens = "T+241h"
   |         ^^^^^^^^
   |
   = help: give `experiment.horizon` a later end, or take it out

warning[no-effect]: every exercise stops 10d after T+0, before this
  --> test.toml:24:22
   |
24 | [incident.milestones.told]
   |                      ^^^^
   |
   = help: give `experiment.horizon` a later end, or take it out

warning[no-effect]: every exercise stops 10d after T+0, before this
  --> test.toml:27:6
   |
27 | at = "told"
   |      ^^^^^^
   |
   = help: give `experiment.horizon` a later end, or take it out

"#]]
    );
    // What is exactly at the end does happen.
    is_silent(&text("T+240h", "9d"));
}

#[test]
fn tiers_that_nothing_reaches() {
    let text = and("[policy]\nrto = \"6h\"\n[policy.tiers.gold]\nrto = \"1h\"\n").replace(
        "count = 10",
        "count = 10\ntiers = [\n  { tier = \"gold\", when = { min_users = 500 } },\n  { tier = \"rest\" },\n  { tier = \"late\", when = { max_users = 1 } },\n]",
    );
    assert_data_eq!(
        faults(&text),
        str![[r#"
warning[no-effect]: no site has its tier by this rule
  --> test.toml:10:3
   |
10 |   { tier = "gold", when = { min_users = 500 } },
   |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: widen its `when`, or take it out

warning[no-effect]: a rule further up takes every site that comes here
  --> test.toml:12:3
   |
11 |   { tier = "rest" },
   |   ----------------- this one has no `when`
12 |   { tier = "late", when = { max_users = 1 } },
   |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: put the rule for all the rest last

warning[no-effect]: no deleted site is of this tier
  --> test.toml:27:15
   |
27 | [policy.tiers.gold]
   |               ^^^^
   |
   = help: take it out, or look at `estate.sites.tiers`

"#]]
    );
    let reached = text.replace("min_users = 500", "max_users = 5");
    is_silent(
        &reached
            .replace("  { tier = \"late\", when = { max_users = 1 } },\n", "")
            .replace("max_users = 5 }", "max_users = 5, operator_owned = true }")
            .replace("count = 10", "count = 10\noperator_owned = \"50%\""),
    );
    // Sites that match no rule have the tier that is listed last.
    is_silent(&and("").replace(
        "count = 10",
        "count = 10\ntiers = [{ tier = \"rest\", when = { min_users = 500 } }]",
    ));
}

#[test]
fn a_run_that_deletes_what_is_gone_at_that_instant() {
    let text = |second: &str| {
        and("").replace(
            "[[incident.deletions]]",
            &format!("[[incident.deletions]]\n[[incident.deletions]]\n{second}"),
        )
    };
    assert_data_eq!(
        faults(&text("count = 4")),
        str![[r#"
warning[no-effect]: every one of these sites is deleted at that instant anyway
  --> test.toml:10:1
   |
10 | [[incident.deletions]]
   | ^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: take it out, select others, or give it another `at`: sites that are deleted later are restored once more

"#]]
    );
    is_silent(&text("count = 4\nat = \"T+1s\""));
    assert_data_eq!(
        faults(&text("target = { service = \"db\" }")),
        str![[r#"
warning[no-effect]: every one of these sites is deleted at that instant anyway
  --> test.toml:10:1
   |
10 | [[incident.deletions]]
   | ^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: take it out, select others, or give it another `at`: sites that are deleted later are restored once more

"#]]
    );
    // The first takes a part, the second all.
    is_silent(&and("").replace(
        "[[incident.deletions]]",
        "[[incident.deletions]]\ntarget = { service = \"db\" }\n[[incident.deletions]]",
    ));
    // What one run keeps another takes for good.
    let soft = "[incident.guardrails.soft_delete]\nretention = \"14d\"\n";
    let kept_first = and(soft).replace(
        "[[incident.deletions]]",
        "[[incident.deletions]]\nmode = \"soft\"\n[[incident.deletions]]",
    );
    is_silent(&kept_first);
}
