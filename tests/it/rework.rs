//! Attempts that fail: what is done again, and when.

use crate::support::{restored, small, starts, trace};

#[test]
fn who_becomes_free_serves_the_head_of_the_queue_and_not_his_own_rework() {
    let text = small(
        3,
        r#"
[teams.db]
people = 1
[runbooks.r]
steps = [{ id = "x", team = "db", duration = "1h", fails = { probability = 1, attempts = 2 } }]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    assert_eq!(
        starts(&text),
        "0:00 site-0001/x
1:00 site-0002/x
2:00 site-0003/x
3:00 site-0001/x
4:00 site-0002/x
5:00 site-0003/x
"
    );
}

#[test]
fn the_last_attempt_cannot_fail() {
    let text = small(
        1,
        r#"
[runbooks.r]
steps = [{ id = "x", duration = "1h", fails = { probability = "100%", attempts = 3 } }]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    assert_eq!(restored(&text), "3:00 site-0001\n");
    let step = trace(&text, 0).outcome.steps[0];
    assert_eq!((step.attempts, step.failures), (3, 2));
}

fn diamond(retry_from: &str) -> String {
    small(
        1,
        &format!(
            r#"
[runbooks.r]
steps = [
  {{ id = "a", duration = "1h" }},
  {{ id = "b", after = ["a"], duration = "2h" }},
  {{ id = "c", after = ["a"], duration = "3h" }},
  {{ id = "d", after = ["b", "c"], duration = "1h",
     fails = {{ probability = "100%", attempts = 2, retry_from = "{retry_from}" }} }},
]
[[strategies.s.tracks]]
runbook = "r"
"#
        ),
    )
}

#[test]
fn rework_takes_the_named_step_and_all_up_to_the_finder() {
    assert_eq!(
        starts(&diamond("a")),
        "0:00 site-0001/a
1:00 site-0001/b
1:00 site-0001/c
4:00 site-0001/d
5:00 site-0001/a
6:00 site-0001/b
6:00 site-0001/c
9:00 site-0001/d
"
    );
    assert_eq!(restored(&diamond("a")), "10:00 site-0001\n");
}

#[test]
fn rework_leaves_the_other_branch_alone() {
    assert_eq!(
        starts(&diamond("b")),
        "0:00 site-0001/a
1:00 site-0001/b
1:00 site-0001/c
4:00 site-0001/d
5:00 site-0001/b
7:00 site-0001/d
"
    );
    assert_eq!(restored(&diamond("b")), "8:00 site-0001\n");
}

#[test]
fn work_sent_back_twice_at_once_waits_for_both() {
    let text = small(
        1,
        r#"
[runbooks.r]
steps = [
  { id = "p1", duration = "1h" },
  { id = "p2", duration = "2h" },
  { id = "q", after = ["p1", "p2"], duration = "1h" },
  { id = "f1", after = ["q"], duration = "1h", fails = { probability = 1, attempts = 2, retry_from = "p1" } },
  { id = "f2", after = ["q"], duration = "1h", fails = { probability = 1, attempts = 2, retry_from = "p2" } },
]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    assert_eq!(
        starts(&text),
        "0:00 site-0001/p1
0:00 site-0001/p2
2:00 site-0001/q
3:00 site-0001/f1
3:00 site-0001/f2
4:00 site-0001/p1
4:00 site-0001/p2
6:00 site-0001/q
7:00 site-0001/f1
7:00 site-0001/f2
"
    );
}

#[test]
fn work_sent_back_while_its_rework_runs_is_done_once_more() {
    // c finds its fault in the instant in which a has been done again for b.
    let text = small(
        1,
        r#"
[runbooks.r]
steps = [
  { id = "a", duration = "1h" },
  { id = "b", after = ["a"], duration = "2h", fails = { probability = 1, attempts = 2, retry_from = "a" } },
  { id = "c", after = ["a"], duration = "3h", fails = { probability = 1, attempts = 2, retry_from = "a" } },
]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    assert_eq!(
        starts(&text),
        "0:00 site-0001/a
1:00 site-0001/b
1:00 site-0001/c
3:00 site-0001/a
4:00 site-0001/a
5:00 site-0001/b
5:00 site-0001/c
"
    );
}

#[test]
fn a_step_that_runs_is_not_touched_by_the_rework_of_what_came_before_it() {
    // b runs its second time from 3:00 to 5:00; c sends a back at 4:00.
    let text = small(
        1,
        r#"
[runbooks.r]
steps = [
  { id = "a", duration = "1h" },
  { id = "b", after = ["a"], duration = "2h", fails = { probability = 1, attempts = 2, retry_from = "a" } },
  { id = "c", after = ["a"], duration = "4h", fails = { probability = 1, attempts = 2, retry_from = "a" } },
]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    assert_eq!(
        starts(&text),
        "0:00 site-0001/a
1:00 site-0001/b
1:00 site-0001/c
3:00 site-0001/a
4:00 site-0001/b
5:00 site-0001/a
6:00 site-0001/c
"
    );
    assert_eq!(restored(&text), "10:00 site-0001\n");
}

#[test]
fn a_batch_step_that_fails_sends_back_batch_steps_alone() {
    let text = small(
        2,
        r#"
[runbooks.r]
sequential = true
steps = [
  { id = "load", per = "batch", duration = "2h" },
  { id = "check", per = "batch", duration = "1h", fails = { probability = 1, attempts = 2, retry_from = "load" } },
  { id = "open", duration = "1h" },
]
[[strategies.s.tracks]]
runbook = "r"
batch.size = 2
"#,
    );
    assert_eq!(
        starts(&text),
        "0:00 site-0001.../load
2:00 site-0001.../check
3:00 site-0001.../load
5:00 site-0001.../check
6:00 site-0001/open
6:00 site-0002/open
"
    );
}

#[test]
fn a_once_step_that_fails_keeps_the_batches_waiting() {
    let text = small(
        1,
        r#"
[runbooks.r]
sequential = true
steps = [
  { id = "build", per = "once", duration = "2h" },
  { id = "test", per = "once", duration = "1h", fails = { probability = 1, attempts = 2, retry_from = "build" } },
  { id = "open", duration = "1h" },
]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    assert_eq!(
        starts(&text),
        "0:00 r.build\n2:00 r.test\n3:00 r.build\n5:00 r.test\n6:00 site-0001/open\n"
    );
}

#[test]
fn a_step_of_each_service_is_tried_again_for_its_service() {
    let text = r#"
schema = 1
title = "test"
[estate.services]
db = {}
media = {}
[estate.sites]
count = 1
[[incident.deletions]]
[runbooks.r]
sequential = true
steps = [
  { id = "load", for_each = { service = "*" }, duration = "2h" },
  { id = "check", for_each = { service = "*" }, duration = "1h", fails = { probability = 1, attempts = 2, retry_from = "load" } },
]
[[strategies.s.tracks]]
runbook = "r"
"#;
    assert_eq!(
        starts(text),
        "0:00 site-0001/load/db
0:00 site-0001/load/media
2:00 site-0001/check/db
2:00 site-0001/check/media
3:00 site-0001/load/db
3:00 site-0001/load/media
5:00 site-0001/check/db
5:00 site-0001/check/media
"
    );
}

#[test]
fn a_batch_that_is_taken_during_the_rework_of_a_once_step_does_not_wait_for_it() {
    // The script is done at 1:00 and, after its test has failed, again from 2:00 to 3:00.
    let text = small(
        2,
        r#"
[runbooks.build]
sequential = true
steps = [
  { id = "script", per = "once", duration = "1h" },
  { id = "test", per = "once", duration = "1h", fails = { probability = 1, attempts = 2, retry_from = "script" } },
]
[runbooks.r]
steps = [
  { id = "load", per = "batch", after = ["build.script"], duration = "1h" },
  { id = "open", after = ["load"], duration = "1h" },
]
[strategies.s]
tracks = [{ runbook = "build" }, { runbook = "r" }]
"#,
    )
    .replace("[[incident.deletions]]", "[[incident.deletions]]\nover = \"5h\"");
    assert_eq!(restored(&text), "3:00 site-0001\n4:30 site-0002\n");
}
