//! Failures that nobody could find, escalations to nobody, and words to nobody.

use super::{brief, broken, faults};

/// What is said of a runbook with these steps; its steps begin at line 9.
fn told(steps: &str) -> Vec<String> {
    brief(&broken(r#"[{ id = "x", duration = "1h" }]"#, &format!("[\n{steps}\n]")))
}

#[test]
fn a_failure_is_found_by_a_later_step_of_the_same_kind() {
    let text = broken(
        r#"duration = "1h" }]"#,
        r#"duration = "1h" },
  { id = "y", after = ["x"], duration = "1h", fails = { probability = "5%", found_by = "x" } },
]"#,
    );
    assert_eq!(
        faults(&text),
        r#"error[never-reached]: `x` cannot find what went wrong in `y`
 --> test.toml:9:88
  |
9 |   { id = "y", after = ["x"], duration = "1h", fails = { probability = "5%", found_by = "x" } },
  |                                                                                        ^^^
  |
  = help: `found_by` names a step after this one, of the same `per`
  = help: what goes wrong for a site is not found across a `batch` step
"#
    );
    let across = told(
        r#"  { id = "x", duration = "1h", fails = { probability = "5%", found_by = "z" } },
  { id = "y", per = "batch", after = ["x"], duration = "1h" },
  { id = "z", after = ["y"], duration = "1h" },"#,
    );
    assert_eq!(across, ["9: [never-reached] `z` cannot find what went wrong in `x`"]);
    let unknown =
        told(r#"  { id = "x", duration = "1h", fails = { probability = "5%", found_by = "q" } },"#);
    assert_eq!(unknown, ["9: [unknown-step] there is no step `q` in this runbook"]);
}

#[test]
fn an_escalation_names_a_team_or_a_step() {
    let fails = |to: &str| {
        told(&format!(
            r#"  {{ id = "x", duration = "1h", fails = {{ probability = "5%", escalates_to = {to} }} }},
  {{ id = "y", duration = "1h" }},"#
        ))
    };
    assert_eq!(fails(r#"{ team = "b" }"#), ["9: [unknown-team] there is no team `b`"]);
    assert_eq!(
        fails(r#"{ step = "q" }"#),
        ["9: [unknown-step] there is no step `q` in this runbook"]
    );
    let one = ["9: [conflicting-keys] `escalates_to` takes exactly one key"];
    assert_eq!(fails("{}"), one);
    assert_eq!(fails(r#"{ team = "a", step = "y" }"#), one);
    assert_eq!(fails(r#"{ step = "x" }"#), ["9: [never-reached] `x` cannot take over from `x`"]);
    assert_eq!(fails(r#"{ step = "y" }"#), [""; 0]);
    let many = told(
        r#"  { id = "x", team = "a", people = 2, duration = "1h", fails = { probability = "5%", escalates_to = { team = "c" } } },"#,
    );
    assert_eq!(many, ["9: [unknown-team] there is no team `c`"]);
}

#[test]
fn a_team_that_takes_over_must_have_as_many_people() {
    let text = broken("[runbooks.r]", "[teams.b]\npeople = 1\n[runbooks.r]").replace(
        r#"{ id = "x", duration = "1h" }"#,
        r#"{ id = "x", team = "a", people = 2, duration = "1h", fails = { probability = "5%", escalates_to = { team = "b" } } }"#,
    );
    assert_eq!(
        brief(&text),
        ["10: [demand-above-capacity] the step needs 2 of team `b`, which never has more than 1"]
    );
    let fewer = text
        .replace("people = 1\n", "people = 4\n")
        .replace("[strategies.s]\n", "[strategies.s]\nteams = { b = 1 }\n");
    assert_eq!(
        brief(&fewer),
        ["12: [demand-above-capacity] a step needs 2 of `b`, which never has more than 1"]
    );
}

#[test]
fn what_takes_over_stands_apart_from_the_ordinary_course() {
    let both = told(
        r#"  { id = "x", duration = "1h", fails = { probability = "5%", escalates_to = { step = "z" } } },
  { id = "y", duration = "1h", fails = { probability = "5%", escalates_to = { step = "z" } } },
  { id = "z", duration = "1h" },"#,
    );
    assert_eq!(both, ["10: [never-reached] `z` already takes over from another step"]);
    let kind = told(
        r#"  { id = "x", duration = "1h", fails = { probability = "5%", escalates_to = { step = "z" } } },
  { id = "z", per = "batch", duration = "1h" },"#,
    );
    assert_eq!(kind, ["9: [never-reached] `z` cannot take over from `x`"]);
    let chain = told(
        r#"  { id = "x", duration = "1h", fails = { probability = "5%", escalates_to = { step = "y" } } },
  { id = "y", duration = "1h", fails = { probability = "5%", escalates_to = { step = "z" } } },
  { id = "z", duration = "1h" },"#,
    );
    assert_eq!(
        chain,
        ["10: [never-reached] `y` takes over itself, and cannot pass it on to a step"]
    );
    let waited_for = told(
        r#"  { id = "x", duration = "1h", fails = { probability = "5%", escalates_to = { step = "z" } } },
  { id = "z", duration = "1h" },
  { id = "y", after = ["z"], duration = "1h" },"#,
    );
    assert_eq!(
        waited_for,
        [
            "11: [never-reached] `y` waits for `z`, which is done only if another step fails too often"
        ]
    );
    let own_keys = told(
        r#"  { id = "w", duration = "1h" },
  { id = "x", duration = "1h", fails = { probability = "5%", escalates_to = { step = "z" } } },
  { id = "z", after = ["w"], hand_over = true, frees_slot = true, duration = "1h" },"#,
    );
    assert_eq!(
        own_keys,
        ["after", "hand_over", "frees_slot"].map(|key| format!(
            "11: [conflicting-keys] `z` is done only in the place of `x`, so it has no `{key}` of its own"
        ))
    );
}

#[test]
fn another_track_cannot_wait_for_what_may_never_be_done() {
    let text = broken(
        r#"steps = [{ id = "x", duration = "1h" }]"#,
        r#"steps = [
  { id = "a", per = "once", duration = "1h", fails = { probability = "5%", escalates_to = { step = "b" } } },
  { id = "b", per = "once", duration = "1h" },
]
[runbooks.q]
steps = [{ id = "y", duration = "1h" }]"#,
    )
    .replace(r#"{ runbook = "r" }"#, r#"{ runbook = "r" }, { runbook = "q", opens = "r.b" }"#);
    let message = "[never-reached] `r.b` is done only if another step fails too often";
    assert_eq!(brief(&text), [format!("15: {message}")]);
    let waits = text
        .replace(r#", opens = "r.b""#, "")
        .replace(r#"{ id = "y", "#, r#"{ id = "y", after = ["r.b"], "#);
    let message = "[never-reached] `b` is done only if another step fails too often";
    assert_eq!(brief(&waits), [format!("13: {message}")]);
}

#[test]
fn a_step_that_is_done_for_no_site_reaches_no_customer() {
    let lines = told(
        r#"  { id = "w", per = "once", duration = "1h", reaches_customer = true },
  { id = "x", duration = "1h" },"#,
    );
    assert_eq!(
        lines,
        ["9: [conflicting-keys] a `once` step is done for no site, so it reaches no customer"]
    );
}
