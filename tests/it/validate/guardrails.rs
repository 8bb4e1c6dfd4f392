//! What is wrong with guardrails.

use snapbox::{assert_data_eq, str};

use super::{broken, faults};

fn with(incident: &str, strategy: &str) -> String {
    let text = broken("[teams.a]", &format!("{incident}\n[teams.a]"));
    faults(&text.replace("[strategies.s]\n", &format!("[strategies.s]\n{strategy}")))
}

#[test]
fn a_soft_delete_that_keeps_nothing() {
    assert_data_eq!(
        with("incident.guardrails.soft_delete.retention = \"0s\"", ""),
        str![[r#"
error[out-of-range]: what is kept for no time cannot be un-deleted
 --> test.toml:5:45
  |
5 | incident.guardrails.soft_delete.retention = "0s"
  |                                             ^^^^
  |
  = help: write how long it is kept, such as "14d", or leave out the table

"#]]
    );
}

#[test]
fn guardrails_that_leave_out_what_they_need() {
    let tables =
        "[incident.guardrails]\nsoft_delete.enabled = true\nstaged_rollout = {}\nbulk_cap = {}";
    assert_data_eq!(
        with(tables, ""),
        str![[r#"
error[missing-key]: `retention` is missing
 --> test.toml:6:1
  |
6 | soft_delete.enabled = true
  | ^^^^^^^^^^^
  |
  = help: say how long what is deleted is kept, such as `retention = "14d"`

error[missing-key]: `stops_at` is missing
 --> test.toml:7:18
  |
7 | staged_rollout = {}
  |                  ^^
  |
  = help: name the milestone at which the run is stopped

error[missing-key]: `sites` is missing
 --> test.toml:8:12
  |
8 | bulk_cap = {}
  |            ^^
  |
  = help: say how many sites one run may delete, such as `sites = 50`

"#]]
    );
}

#[test]
fn a_strategy_that_names_what_nobody_describes() {
    assert_data_eq!(
        with(
            "",
            "guardrails = [\"soft_delete\", \"staged_rollout\", \"bulk_cap\", \"identifier_check\"]\n"
        ),
        str![[r#"
error[missing-key]: the incident does not describe the guardrail `soft_delete`
  --> test.toml:11:15
   |
11 | guardrails = ["soft_delete", "staged_rollout", "bulk_cap", "identifier_check"]
   |               ^^^^^^^^^^^^^
   |
   = help: add a table `[incident.guardrails.soft_delete]` with `retention = "14d"`

error[missing-key]: the incident does not describe the guardrail `staged_rollout`
  --> test.toml:11:30
   |
11 | guardrails = ["soft_delete", "staged_rollout", "bulk_cap", "identifier_check"]
   |                              ^^^^^^^^^^^^^^^^
   |
   = help: add a table `[incident.guardrails.staged_rollout]` with `stops_at = "MILESTONE"`

error[missing-key]: the incident does not describe the guardrail `bulk_cap`
  --> test.toml:11:48
   |
11 | guardrails = ["soft_delete", "staged_rollout", "bulk_cap", "identifier_check"]
   |                                                ^^^^^^^^^^
   |
   = help: add a table `[incident.guardrails.bulk_cap]` with `sites = 50`

"#]]
    );
}

#[test]
fn a_guardrail_that_does_not_exist() {
    assert_data_eq!(
        with("", "guardrails = [\"soft_deletes\"]\n"),
        str![[r#"
error[unknown-choice]: unknown choice `soft_deletes`
  --> test.toml:11:15
   |
11 | guardrails = ["soft_deletes"]
   |               ^^^^^^^^^^^^^^
   |
   = help: did you mean `soft_delete`?

"#]]
    );
}

#[test]
fn a_soft_run_without_a_word_on_how_long_it_is_kept() {
    let text = broken("[{}]", "[{ mode = \"soft\" }]");
    assert_data_eq!(
        faults(&text),
        str![[r#"
error[missing-key]: the incident does not describe the guardrail `soft_delete`
 --> test.toml:4:32
  |
4 | incident.deletions = [{ mode = "soft" }]
  |                                ^^^^^^
  |
  = help: add a table `[incident.guardrails.soft_delete]` with `retention = "14d"`

"#]]
    );
}

#[test]
fn a_run_cannot_be_stopped_by_what_comes_after_it() {
    let tables = "[incident.milestones]\nover.after = \"last_deletion\"\nseen.after = \"over\"\n\
                  [incident.guardrails.staged_rollout]\nstops_at = \"seen\"\nstages = [0]";
    assert_data_eq!(
        with(tables, ""),
        str![[r#"
error[cycle]: `seen` follows the last deletion, so it stops none of them
 --> test.toml:9:12
  |
9 | stops_at = "seen"
  |            ^^^^^^
  |
  = help: name a milestone that follows `first_deletion`, such as the first ticket

error[out-of-range]: `0` is no possible number of sites of a stage; it lies between 1 and 100000000
  --> test.toml:10:11
   |
10 | stages = [0]
   |           ^

"#]]
    );
    let tables = "[incident.milestones]\nseen.delay = \"1h\"\n\
                  [incident.guardrails.staged_rollout]\nstops_at = \"seem\"";
    assert_data_eq!(
        with(tables, ""),
        str![[r#"
error[unknown-milestone]: there is no milestone `seem`
 --> test.toml:8:12
  |
8 | stops_at = "seem"
  |            ^^^^^^
  |
  = help: did you mean `seen`?

"#]]
    );
}

#[test]
fn services_that_keep_what_is_deleted_exist() {
    let tables = "[estate.services.db]\n[incident.guardrails.soft_delete]\nretention = \"14d\"\n";
    assert_data_eq!(
        with(&format!("{tables}services = [\"bd\"]"), ""),
        str![[r#"
error[unknown-service]: there is no service `bd`
 --> test.toml:8:13
  |
8 | services = ["bd"]
  |             ^^^^
  |
  = help: did you mean `db`?

"#]]
    );
    assert_data_eq!(
        with(&format!("{tables}services = []"), ""),
        str![[r#"
error[empty-selection]: no service keeps what is deleted
 --> test.toml:8:12
  |
8 | services = []
  |            ^^
  |
  = help: leave out `services` for all of them, or leave out the table

"#]]
    );
}

#[test]
fn a_track_that_opens_at_a_step_that_may_be_left_out() {
    let text = broken(
        "steps = [{ id = \"x\", duration = \"1h\" }]",
        "steps = [{ id = \"x\", duration = \"1h\" }, { id = \"t\", per = \"once\", when = \"hard\", duration = \"1h\" }]",
    );
    let text = text.replace(
        "tracks = [{ runbook = \"r\" }]",
        "tracks = [{ runbook = \"r\" }, { id = \"q\", runbook = \"r\", opens = \"r.t\" }]",
    );
    assert_data_eq!(
        faults(&text),
        str![[r#"
error[never-reached]: `r.t` has no end where it is left out
  --> test.toml:10:65
   |
10 | tracks = [{ runbook = "r" }, { id = "q", runbook = "r", opens = "r.t" }]
   |                                                                 ^^^^^
   |
   = help: wait for a step without `when`, a milestone, or a time such as "T+26h"

"#]]
    );
}
