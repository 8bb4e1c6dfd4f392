//! Faults of loads, of what steps hold, and of limits that count per shard.

use snapbox::{assert_data_eq, str};

use super::faults;

/// A sound scenario with a load, what holds something, and a limit that counts per shard.
fn with_load(place: &str, other: &str) -> String {
    const SOUND: &str = r#"schema = 1
title = "test"
estate.sites.count = 3
estate.services.db.shards = 2
incident.deletions = [{}]
[limits]
scratch = { units = 2 }
slots = { units = 2 }
extracts = { units = 1, per = "shard" }
[runbooks.r]
steps = [
  { id = "prepare", duration = "1h" },
  { id = "load", per = "shard", for_each.service = "db", after = ["prepare"], holds.scratch = 1, duration = "3h" },
  { id = "extract", for_each.service = "db", after = ["load"], uses.extracts = 1, duration = "1h" },
  { id = "import", after = ["extract"], holds = { slots = 1, until = "check" }, duration = "1h" },
  { id = "check", after = ["import"], duration = "1h" },
]
[strategies.s]
tracks = [{ runbook = "r" }]
"#;
    if place.is_empty() {
        return SOUND.to_owned();
    }
    assert_eq!(SOUND.matches(place).count(), 1, "{place}");
    SOUND.replace(place, other)
}

#[test]
fn a_sound_load_has_no_fault() {
    assert_eq!(faults(&with_load("", "")), "\n");
}

#[test]
fn a_load_of_no_service() {
    let told =
        faults(&with_load("per = \"shard\", for_each.service = \"db\",", "per = \"shard\","));
    assert_data_eq!(
        told,
        str![[r#"
error[missing-key]: `load` loads shards of which service?
  --> test.toml:13:3
   |
13 |   { id = "load", per = "shard", after = ["prepare"], holds.scratch = 1, duration = "3h" },
   |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: add `for_each = { service = "..." }` or `{ service_class = "primary" }`

"#]]
    );
}

#[test]
fn a_load_of_a_product() {
    let text = with_load("shards = 2", "shards = 2\nestate.products.app.services = [\"db\"]");
    let text = text.replace(
        "per = \"shard\", for_each.service = \"db\",",
        "per = \"shard\", for_each.product = \"app\",",
    );
    let text = text.replace(
        "\"extract\", for_each.service = \"db\",",
        "\"extract\", for_each.product = \"app\",",
    );
    let told = faults(&text.replace("uses.extracts = 1, ", ""));
    assert_data_eq!(
        told,
        str![[r#"
error[conflicting-keys]: a product has no shards
  --> test.toml:14:33
   |
14 |   { id = "load", per = "shard", for_each.product = "app", after = ["prepare"], holds.scratch = 1, duration = "3h" },
   |                                 ^^^^^^^^
   |
   = help: choose from `service_class` or `service`

"#]]
    );
}

#[test]
fn a_load_that_nobody_needs() {
    let told = faults(&with_load("after = [\"load\"]", "after = [\"prepare\"]"));
    assert_data_eq!(
        told,
        str![[r#"
error[never-reached]: no step needs the load of `load`
  --> test.toml:13:3
   |
13 |   { id = "load", per = "shard", for_each.service = "db", after = ["prepare"], holds.scratch = 1, duration = "3h" },
   |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: name it in `after` of the site steps that need it

"#]]
    );
}

#[test]
fn a_load_after_a_load() {
    let text = with_load(
        "  { id = \"extract\"",
        "  { id = \"more\", per = \"shard\", for_each.service = \"db\", after = [\"load\"], duration = \"1h\" },\n  { id = \"extract\"",
    );
    let told = faults(&text.replace("after = [\"load\"], uses", "after = [\"more\"], uses"));
    assert_data_eq!(
        told,
        str![[r#"
error[never-reached]: the load of `more` waits for that of `load`
  --> test.toml:14:66
   |
14 |   { id = "more", per = "shard", for_each.service = "db", after = ["load"], duration = "1h" },
   |                                                                  ^^^^^^^^
   |
   = help: a load is asked for by the site steps that need it; write their `after` out

"#]]
    );
}

#[test]
fn a_step_after_a_load_that_cannot_need_it() {
    let told = faults(&with_load("after = [\"import\"]", "after = [\"import\", \"load\"]"));
    assert_data_eq!(
        told,
        str![[r#"
error[never-reached]: `check` comes after the load of `load`
  --> test.toml:16:27
   |
16 |   { id = "check", after = ["import", "load"], duration = "1h" },
   |                           ^^^^^^^^^^^^^^^^^^
   |
   = help: a step that needs a load has the same `for_each`
   = help: other steps wait for the step that needs the load

"#]]
    );
}

#[test]
fn a_batch_step_after_a_load() {
    let text = with_load(
        "id = \"extract\", for_each.service = \"db\",",
        "id = \"extract\", per = \"batch\",",
    );
    let told = faults(&text.replace("uses.extracts = 1, ", ""));
    assert_data_eq!(
        told,
        str![[r#"
error[never-reached]: `extract` comes after the load of `load`
  --> test.toml:14:44
   |
14 |   { id = "extract", per = "batch", after = ["load"], duration = "1h" },
   |                                            ^^^^^^^^
   |
   = help: only a site step can need a load
   = help: other steps wait for the step that needs the load

"#]]
    );
}

#[test]
fn a_load_that_frees_a_slot() {
    let told = faults(&with_load("holds.scratch = 1", "holds.scratch = 1, frees_slot = true"));
    assert_data_eq!(
        told,
        str![[r#"
error[conflicting-keys]: a load belongs to no batch, so its end frees no slot
  --> test.toml:13:111
   |
13 |   { id = "load", per = "shard", for_each.service = "db", after = ["prepare"], holds.scratch = 1, frees_slot = true, duration = "3h" },
   |                                                                                                               ^^^^
   |
   = help: mark the step that needs the load

"#]]
    );
}

#[test]
fn a_load_that_grows_with_users() {
    let told = faults(&with_load("holds.scratch = 1", "holds.scratch = 1, grows_with.users = 0.3"));
    assert_data_eq!(
        told,
        str![[r#"
error[conflicting-keys]: a load grows with the bytes of its shard, not with users
  --> test.toml:13:117
   |
13 |   { id = "load", per = "shard", for_each.service = "db", after = ["prepare"], holds.scratch = 1, grows_with.users = 0.3, duration = ...
   |                                                                                                                     ^^^
   |
   = help: write `{ bytes = 0.5 }`

"#]]
    );
}

#[test]
fn a_step_that_is_kept() {
    let told = faults(&with_load("uses.extracts = 1", "uses.extracts = 1, keep = \"2h\""));
    assert_data_eq!(
        told,
        str![[r#"
error[conflicting-keys]: only a load can be kept
  --> test.toml:14:90
   |
14 |   { id = "extract", for_each.service = "db", after = ["load"], uses.extracts = 1, keep = "2h", duration = "1h" },
   |                                                                                          ^^^^
   |
   = help: add `per = "shard"`, or leave out `keep`

"#]]
    );
}

#[test]
fn a_track_that_waits_for_a_load() {
    let text = with_load(
        "[strategies.s]",
        "[[runbooks.q.steps]]\nid = \"x\"\nafter = [\"r.load\"]\nduration = \"1h\"\n[strategies.s]",
    );
    let told = faults(&text.replace("tracks = [", "tracks = [{ runbook = \"q\" }, "));
    assert_data_eq!(
        told,
        str![[r#"
error[never-reached]: `load` is a load, which comes and goes
  --> test.toml:20:10
   |
20 | after = ["r.load"]
   |          ^^^^^^^^
   |
   = help: wait for the step that needs the load

"#]]
    );
}

#[test]
fn what_is_held_until_nothing() {
    let told = faults(&with_load("slots = 1, until = \"check\"", "slots = 1"));
    assert_data_eq!(
        told,
        str![[r#"
error[missing-key]: `until` is missing
  --> test.toml:15:49
   |
15 |   { id = "import", after = ["extract"], holds = { slots = 1 }, duration = "1h" },
   |                                                 ^^^^^^^^^^^^^
   |
   = help: name the later step whose end gives it back; `uses` ends with the step

"#]]
    );
}

#[test]
fn a_load_that_holds_until_a_step() {
    let told =
        faults(&with_load("holds.scratch = 1", "holds = { scratch = 1, until = \"check\" }"));
    assert_data_eq!(
        told,
        str![[r#"
error[conflicting-keys]: a load keeps what it holds until nobody needs it any more
  --> test.toml:13:110
   |
13 |   { id = "load", per = "shard", for_each.service = "db", after = ["prepare"], holds = { scratch = 1, until = "check" }, duration = "...
   |                                                                                                              ^^^^^^^
   |
   = help: leave out `until`

"#]]
    );
}

#[test]
fn what_holds_nothing() {
    let told = faults(&with_load("slots = 1, until", "until"));
    assert_data_eq!(
        told,
        str![[r#"
error[missing-key]: `holds` names no limit
  --> test.toml:15:49
   |
15 |   { id = "import", after = ["extract"], holds = { until = "check" }, duration = "1h" },
   |                                                 ^^^^^^^^^^^^^^^^^^^
   |
   = help: write `holds = { scratch-databases = 1, until = "extract" }`

"#]]
    );
}

#[test]
fn what_is_held_until_an_earlier_step() {
    let told = faults(&with_load("until = \"check\"", "until = \"prepare\""));
    assert_data_eq!(
        told,
        str![[r#"
error[never-reached]: `import` cannot hold anything until `prepare`
  --> test.toml:15:70
   |
15 |   { id = "import", after = ["extract"], holds = { slots = 1, until = "prepare" }, duration = "1h" },
   |                                                                      ^^^^^^^^^
   |
   = help: `until` names a step after this one, of the same `per`

"#]]
    );
}

#[test]
fn what_is_held_until_a_step_that_does_not_exist() {
    let told = faults(&with_load("until = \"check\"", "until = \"chekc\""));
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-step]: there is no step `chekc` in this runbook
  --> test.toml:15:70
   |
15 |   { id = "import", after = ["extract"], holds = { slots = 1, until = "chekc" }, duration = "1h" },
   |                                                                      ^^^^^^^
   |
   = help: did you mean `check`?

"#]]
    );
}

#[test]
fn a_limit_per_shard_without_a_service() {
    let told = faults(&with_load("holds = { slots = 1", "holds = { extracts = 1"));
    assert_data_eq!(
        told,
        str![[r#"
error[missing-key]: `extracts` counts per shard; of which service?
  --> test.toml:15:51
   |
15 |   { id = "import", after = ["extract"], holds = { extracts = 1, until = "check" }, duration = "1h" },
   |                                                   ^^^^^^^^
   |
   = help: add `for_each = { service = "..." }` or `{ service_class = "primary" }`

"#]]
    );
}

#[test]
fn a_group_by_shard_of_a_service_that_does_not_exist() {
    let told = faults(&with_load(
        "{ runbook = \"r\" }",
        "{ runbook = \"r\", batch = { group_by = \"shard\", shard_of = \"bd\" } }",
    ));
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-service]: there is no service `bd`
  --> test.toml:19:69
   |
19 | tracks = [{ runbook = "r", batch = { group_by = "shard", shard_of = "bd" } }]
   |                                                                     ^^^^
   |
   = help: did you mean `db`?

"#]]
    );
}

#[test]
fn a_group_by_shard_without_a_primary_service() {
    let text = with_load("db.shards = 2", "db = { shards = 2, class = \"derived\" }");
    let told =
        faults(&text.replace(
            "{ runbook = \"r\" }",
            "{ runbook = \"r\", batch = { group_by = \"shard\" } }",
        ));
    assert_data_eq!(
        told,
        str![[r#"
error[empty-selection]: the estate has no primary service
  --> test.toml:19:49
   |
19 | tracks = [{ runbook = "r", batch = { group_by = "shard" } }]
   |                                                 ^^^^^^^
   |
   = help: add `shard_of = "..."`: the service whose shards group the sites

"#]]
    );
}

#[test]
fn a_service_that_groups_nothing() {
    let told = faults(&with_load(
        "{ runbook = \"r\" }",
        "{ runbook = \"r\", batch = { shard_of = \"db\" } }",
    ));
    assert_data_eq!(
        told,
        str![[r#"
error[conflicting-keys]: `shard_of` groups nothing by itself
  --> test.toml:19:49
   |
19 | tracks = [{ runbook = "r", batch = { shard_of = "db" } }]
   |                                                 ^^^^
   |
   = help: add `group_by = "shard"`

"#]]
    );
}

#[test]
fn a_limit_of_a_lower_rank_is_taken_while_another_is_held() {
    let told = faults(&with_load("id = \"check\",", "id = \"check\", uses.scratch = 1,"));
    assert_data_eq!(
        told,
        str![[r#"
error[deadlock]: `import` holds `slots` until `check`, and `check` takes `scratch`
  --> test.toml:15:49
   |
15 |   { id = "import", after = ["extract"], holds = { slots = 1, until = "check" }, duration = "1h" },
   |                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: the chain: import, then check
   = help: what is taken later stands later: list `scratch` after `slots` in `[limits]`

"#]]
    );
}

#[test]
fn a_limit_is_taken_again_while_it_is_held() {
    let told = faults(&with_load("id = \"check\",", "id = \"check\", uses.slots = 1,"));
    assert_data_eq!(
        told,
        str![[r#"
error[deadlock]: `import` holds `slots` until `check`, and `check` takes `slots`
  --> test.toml:15:49
   |
15 |   { id = "import", after = ["extract"], holds = { slots = 1, until = "check" }, duration = "1h" },
   |                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: the chain: import, then check
   = help: take all units of `slots` at once where the hold begins, or end it before

"#]]
    );
}

#[test]
fn a_limit_that_is_held_and_used_by_one_step() {
    let told = faults(&with_load("holds = { slots", "uses.slots = 1, holds = { slots"));
    assert_data_eq!(
        told,
        str![[r#"
error[deadlock]: `import` holds `slots` and would take `slots` while it does, when it is tried again
  --> test.toml:15:65
   |
15 |   { id = "import", after = ["extract"], uses.slots = 1, holds = { slots = 1, until = "check" }, duration = "1h" },
   |                                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: take all units of `slots` at once where the hold begins, or end it before

"#]]
    );
}

#[test]
fn a_barrier_while_something_is_held() {
    let text = with_load(
        "  { id = \"check\", after = [\"import\"]",
        "  { id = \"meet\", per = \"batch\", after = [\"import\"], duration = \"1h\" },\n  { id = \"check\", after = [\"meet\"]",
    );
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[deadlock]: `import` holds `slots` until `check`, and `meet` waits for other sites, which may want it too
  --> test.toml:15:49
   |
15 |   { id = "import", after = ["extract"], holds = { slots = 1, until = "check" }, duration = "1h" },
   |                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: the chain: import, then meet, then check
   = help: end the hold before the `batch` step, or begin it after

"#]]
    );
}

#[test]
fn a_wait_for_another_track_while_something_is_held() {
    let text = with_load(
        "[strategies.s]",
        "[runbooks.q]\nsupporting = true\nsteps = [{ id = \"x\", duration = \"1h\" }]\n[strategies.s]",
    );
    let text = text.replace("tracks = [", "tracks = [{ runbook = \"q\" }, ");
    let told = faults(&text.replace("after = [\"import\"]", "after = [\"import\", \"q.x\"]"));
    assert_data_eq!(
        told,
        str![[r#"
error[deadlock]: `import` holds `slots` until `check`, and `check` waits for another track, which may want it too
  --> test.toml:15:49
   |
15 |   { id = "import", after = ["extract"], holds = { slots = 1, until = "check" }, duration = "1h" },
   |                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: the chain: import, then check
   = help: wait for the other track before the hold begins

"#]]
    );
}

#[test]
fn a_load_is_asked_for_while_a_limit_of_a_higher_rank_is_held() {
    let told = faults(&with_load("id = \"prepare\",", "id = \"prepare\", holds = { slots = 1, until = \"extract2\" },").replace(
        "  { id = \"import\"", "  { id = \"extract2\", after = [\"extract\"], duration = \"1h\" },\n  { id = \"import\"").replace("holds = { slots = 1, until = \"check\" }, ", ""));
    assert_data_eq!(
        told,
        str![[r#"
error[deadlock]: `prepare` holds `slots` until `extract2`, and `extract` takes `scratch` through the load of `load`
  --> test.toml:12:29
   |
12 |   { id = "prepare", holds = { slots = 1, until = "extract2" }, duration = "1h" },
   |                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: the chain: prepare, then extract, then extract2
   = help: what is taken later stands later: list `scratch` after `slots` in `[limits]`

"#]]
    );
}

#[test]
fn who_needs_a_load_takes_what_the_load_holds() {
    let told = faults(&with_load("uses.extracts = 1", "uses.scratch = 1"));
    assert_data_eq!(
        told,
        str![[r#"
error[deadlock]: the load of `load` holds `scratch` as long as `extract` needs it, which takes `scratch`
  --> test.toml:13:79
   |
13 |   { id = "load", per = "shard", for_each.service = "db", after = ["prepare"], holds.scratch = 1, duration = "3h" },
   |                                                                               ^^^^^
   |
   = help: the load has it for `extract`, which needs none of its own

"#]]
    );
}

#[test]
fn elements_of_a_step_that_hold_until_all_are_done() {
    let text = with_load("incident", "estate.services.more.shards = 2\nincident");
    let text = text.replace("id = \"import\",", "id = \"import\", for_each.service = \"*\",");
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[deadlock]: `import` holds `slots` until `check`, and `import`, done for something else of the site, takes `slots`
  --> test.toml:16:73
   |
16 |   { id = "import", for_each.service = "*", after = ["extract"], holds = { slots = 1, until = "check" }, duration = "1h" },
   |                                                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: the chain: import, then check
   = help: take all units of `slots` at once where the hold begins, or end it before

"#]]
    );
}

#[test]
fn work_that_is_sent_back_takes_a_limit_of_a_lower_rank_while_another_is_held() {
    let text = with_load(
        "id = \"check\",",
        "id = \"check\", fails = { probability = \"5%\", retry_from = \"extract\" },",
    );
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[deadlock]: `import` holds `slots` until `check`, and `extract`, sent back meanwhile, takes `scratch` through the load of `load`
  --> test.toml:15:49
   |
15 |   { id = "import", after = ["extract"], holds = { slots = 1, until = "check" }, duration = "1h" },
   |                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: the chain: import, then extract, then check
   = help: what is taken later stands later: list `scratch` after `slots` in `[limits]`
   = help: if that is refused too, let nothing be sent back further than `import`, or end the hold before the step that sends it back

"#]]
    );
}

#[test]
fn loads_of_one_key_that_take_different_limits() {
    let text = with_load(
        "[strategies.s]",
        r#"[runbooks.q]
steps = [
  { id = "load", per = "shard", for_each.service = "db", duration = "3h" },
  { id = "extract", for_each.service = "db", after = ["load"], duration = "1h" },
]
[strategies.s]"#,
    );
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[deadlock]: loads of the key `load` take different limits
  --> test.toml:20:3
   |
13 |   { id = "load", per = "shard", for_each.service = "db", after = ["prepare"], holds.scratch = 1, duration = "3h" },
   |   ---------------------------------------------------------------------------------------------------------------- the first one
...
20 |   { id = "load", per = "shard", for_each.service = "db", duration = "3h" },
   |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: they are one load, whoever asks for it first
   = help: write the same `uses` and `holds`, or give one of them another `key`

"#]]
    );
}

#[test]
fn a_load_that_escalates() {
    let text = with_load(
        "holds.scratch = 1,",
        "holds.scratch = 1, fails = { probability = \"5%\", escalates_to.team = \"dba\" },",
    );
    let told = faults(&text.replace("[limits]", "[teams.dba]\npeople = 1\n[limits]"));
    assert_data_eq!(
        told,
        str![[r#"
error[conflicting-keys]: a load does not escalate
  --> test.toml:15:128
   |
15 | ...epare"], holds.scratch = 1, fails = { probability = "5%", escalates_to.team = "dba" }, duration = "3h" },
   |                                                              ^^^^^^^^^^^^
   |
   = help: leave out `escalates_to`, or let the work of another step escalate

"#]]
    );
}

#[test]
fn what_holds_something_and_escalates_to_a_team() {
    let text = with_load(
        "id = \"import\",",
        "id = \"import\", fails = { probability = \"5%\", escalates_to.team = \"dba\" },",
    );
    let told = faults(&text.replace("[limits]", "[teams.dba]\npeople = 1\n[limits]"));
    assert_data_eq!(
        told,
        str![[r#"
error[conflicting-keys]: a step that holds something, or counts per shard, does not escalate to a team
  --> test.toml:17:50
   |
17 |   { id = "import", fails = { probability = "5%", escalates_to.team = "dba" }, after = ["extract"], holds = { slots = 1, until = "che...
   |                                                  ^^^^^^^^^^^^
   |
   = help: leave out `escalates_to`, or let the work of another step escalate

"#]]
    );
}

#[test]
fn a_load_that_moves_the_bytes_of_a_site() {
    let text = with_load(
        "holds.scratch = 1, duration = \"3h\"",
        "holds.scratch = 1, transfer = { bytes = \"site\", through = \"net\" }",
    );
    let told = faults(&text.replace("[limits]", "[throughput.net]\nrate = \"1 TiB/h\"\n[limits]"));
    assert_data_eq!(
        told,
        str![[r#"
error[conflicting-keys]: a load moves its shard, not a site
  --> test.toml:15:119
   |
15 |   { id = "load", per = "shard", for_each.service = "db", after = ["prepare"], holds.scratch = 1, transfer = { bytes = "site", throug...
   |                                                                                                                       ^^^^^^
   |
   = help: write `bytes = "shard"`

"#]]
    );
}

#[test]
fn a_later_step_that_finds_a_failure_sends_work_back_while_something_is_held() {
    let text = with_load(
        "uses.extracts = 1,",
        "uses.extracts = 1, fails = { probability = \"5%\", found_by = \"check2\" },",
    );
    let told = faults(&text.replace(
        "  { id = \"check\", after = [\"import\"],",
        "  { id = \"check2\", after = [\"extract\", \"import\"], duration = \"1h\" },\n  { id = \"check\", after = [\"check2\"],",
    ));
    assert_data_eq!(
        told,
        str![[r#"
error[deadlock]: `import` holds `slots` until `check`, and `extract`, sent back meanwhile, takes `scratch` through the load of `load`
  --> test.toml:15:49
   |
15 |   { id = "import", after = ["extract"], holds = { slots = 1, until = "check" }, duration = "1h" },
   |                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: the chain: import, then extract, then check
   = help: what is taken later stands later: list `scratch` after `slots` in `[limits]`
   = help: if that is refused too, let nothing be sent back further than `import`, or end the hold before the step that sends it back

"#]]
    );
}
