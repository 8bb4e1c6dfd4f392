//! Failures that only a later step finds.

use blackstart::review::What;

use crate::support::{last_back, read, restored, small, starts, trace};

fn one_site(steps: &str) -> String {
    small(
        1,
        &format!("[runbooks.r]\nsteps = [\n{steps}]\n[[strategies.s.tracks]]\nrunbook = \"r\"\n"),
    )
}

#[test]
fn a_fault_found_by_the_validation_costs_the_work_done_on_top_of_it() {
    let text = read("scenarios/rework.toml");
    let expected = [("found-at-once", 26.0), ("found-by-validation", 32.0)];
    assert_eq!(last_back(&text), expected.map(|(name, hours)| (name.to_owned(), hours)));
}

#[test]
fn a_defect_is_found_when_the_later_step_ends_and_all_from_there_is_done_again() {
    let text = one_site(
        r#"
  { id = "a", duration = "1h" },
  { id = "b", after = ["a"], duration = "2h", fails = { probability = 1, attempts = 2, found_by = "d" } },
  { id = "c", after = ["b"], duration = "3h" },
  { id = "d", after = ["c"], duration = "1h" },
  { id = "e", after = ["b"], duration = "1h" },
"#,
    );
    // e comes after b, but not before d: it is left alone.
    assert_eq!(
        starts(&text),
        "0:00 site-0001/a
1:00 site-0001/b
3:00 site-0001/c
3:00 site-0001/e
6:00 site-0001/d
7:00 site-0001/b
9:00 site-0001/c
12:00 site-0001/d
"
    );
    assert_eq!(restored(&text), "13:00 site-0001\n");
    let steps = trace(&text, 0).outcome.steps;
    assert_eq!(steps.iter().map(|it| it.failures).collect::<Vec<u64>>(), [0, 0, 0, 1, 0]);
    assert_eq!(steps.iter().map(|it| it.attempts).collect::<Vec<u64>>(), [1, 2, 2, 2, 1]);
}

#[test]
fn a_defect_sends_the_work_back_to_where_the_step_says() {
    let text = one_site(
        r#"
  { id = "a", duration = "1h" },
  { id = "b", after = ["a"], duration = "2h", fails = { probability = 1, attempts = 2, found_by = "c", retry_from = "a" } },
  { id = "c", after = ["b"], duration = "3h" },
"#,
    );
    assert_eq!(restored(&text), "12:00 site-0001\n");
}

#[test]
fn defects_found_at_once_are_sent_back_together() {
    let text = one_site(
        r#"
  { id = "a", duration = "1h", fails = { probability = 1, attempts = 2, found_by = "d" } },
  { id = "b", after = ["a"], duration = "1h" },
  { id = "c", duration = "4h", fails = { probability = 1, attempts = 2, found_by = "d" } },
  { id = "d", after = ["b", "c"], duration = "1h" },
"#,
    );
    assert_eq!(
        starts(&text),
        "0:00 site-0001/a
0:00 site-0001/c
1:00 site-0001/b
4:00 site-0001/d
5:00 site-0001/a
5:00 site-0001/c
6:00 site-0001/b
9:00 site-0001/d
"
    );
    assert_eq!(trace(&text, 0).outcome.steps[3].failures, 1);
}

#[test]
fn a_defect_is_gone_when_the_step_is_done_again_before_anybody_has_found_it() {
    // b sends a back at once; the second attempt of a is its last and leaves nothing.
    let text = one_site(
        r#"
  { id = "a", duration = "1h", fails = { probability = 1, attempts = 2, found_by = "c" } },
  { id = "b", after = ["a"], duration = "1h", fails = { probability = 1, attempts = 2, retry_from = "a" } },
  { id = "c", after = ["b"], duration = "1h" },
"#,
    );
    assert_eq!(restored(&text), "5:00 site-0001\n");
    assert_eq!(trace(&text, 0).outcome.steps[2].failures, 0);
}

#[test]
fn a_step_that_finds_the_faults_of_others_keeps_its_own() {
    // At 2:00 b finds what a left and fails itself, at 4:00 it may fail no more.
    let text = one_site(
        r#"
  { id = "a", duration = "1h", fails = { probability = 1, attempts = 2, found_by = "b" } },
  { id = "b", after = ["a"], duration = "1h", fails = { probability = 1, attempts = 3 } },
"#,
    );
    assert_eq!(
        starts(&text),
        "0:00 site-0001/a
1:00 site-0001/b
2:00 site-0001/a
3:00 site-0001/b
4:00 site-0001/b
"
    );
    assert_eq!(trace(&text, 0).outcome.steps[1].failures, 2);
}

#[test]
fn a_finder_that_was_sent_back_with_its_own_defect_is_found_out_later() {
    let text = one_site(
        r#"
  { id = "a", duration = "1h", fails = { probability = 1, attempts = 2, found_by = "b" } },
  { id = "b", after = ["a"], duration = "1h", fails = { probability = 1, attempts = 3, found_by = "c" } },
  { id = "c", after = ["b"], duration = "1h" },
"#,
    );
    // b fails at 2:00, leaves a defect at 4:00 that c finds at 5:00, and none in its third attempt.
    assert_eq!(
        starts(&text),
        "0:00 site-0001/a
1:00 site-0001/b
2:00 site-0001/a
3:00 site-0001/b
4:00 site-0001/c
5:00 site-0001/b
6:00 site-0001/c
"
    );
}

#[test]
fn only_the_elements_at_fault_are_done_again() {
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
  { id = "load", for_each = { service = "*" }, duration = "2h", fails = { probability = 0.5, found_by = "check" } },
  { id = "check", duration = "1h" },
]
[[strategies.s.tracks]]
runbook = "r"
"#;
    let mut seen = [false; 4];
    for replication in 0..30 {
        let mut again: Option<Vec<String>> = None;
        for it in trace(text, replication).records {
            match (it.what, it.step.as_str()) {
                (What::Failed, "check") => again = again.or(Some(Vec::new())),
                (What::Started, "check") if again.is_some() => break,
                (What::Started, step) => {
                    again.iter_mut().for_each(|it| it.push(step.to_owned()));
                }
                _ => {}
            }
        }
        let again = again.unwrap_or_default();
        seen[usize::from(again.contains(&"load/db".to_owned()))
            + 2 * usize::from(again.contains(&"load/media".to_owned()))] = true;
    }
    assert_eq!(seen, [true; 4]);
}

#[test]
fn each_element_is_checked_by_its_own_finder_where_both_are_done_for_each() {
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
  { id = "load", for_each = { service = "*" }, duration = "2h", fails = { probability = 0.5, attempts = 2, found_by = "check" } },
  { id = "check", for_each = { service = "*" }, duration = "1h" },
]
[[strategies.s.tracks]]
runbook = "r"
"#;
    let mut apart = 0;
    for replication in 0..30 {
        let steps = trace(text, replication).outcome.steps;
        let attempts: Vec<u64> = steps.iter().map(|it| it.attempts).collect();
        let failures: Vec<u64> = steps.iter().map(|it| it.failures).collect();
        assert_eq!(attempts[..2], attempts[2..]);
        assert_eq!(failures, [0, 0, attempts[0] - 1, attempts[1] - 1]);
        apart += u32::from(attempts[0] != attempts[1]);
    }
    assert!(apart > 5, "{apart}");
}

#[test]
fn a_batch_step_finds_what_an_earlier_one_left() {
    let text = small(
        2,
        r#"
[runbooks.r]
sequential = true
steps = [
  { id = "load", per = "batch", duration = "2h", fails = { probability = 1, attempts = 2, found_by = "check" } },
  { id = "check", per = "batch", duration = "1h" },
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
fn a_once_step_finds_what_an_earlier_one_left() {
    let text = small(
        1,
        r#"
[runbooks.r]
sequential = true
steps = [
  { id = "build", per = "once", duration = "2h", fails = { probability = 1, attempts = 2, found_by = "test" } },
  { id = "test", per = "once", duration = "1h" },
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
fn a_site_that_was_handed_over_stays_so_when_an_audit_finds_a_fault() {
    let text = one_site(
        r#"
  { id = "a", duration = "1h", fails = { probability = 1, attempts = 2, found_by = "audit" } },
  { id = "open", after = ["a"], duration = "1h", hand_over = true },
  { id = "audit", after = ["open"], duration = "1h" },
"#,
    );
    assert_eq!(restored(&text), "2:00 site-0001\n");
    assert_eq!(trace(&text, 0).outcome.steps.iter().map(|it| it.attempts).sum::<u64>(), 6);
}

#[test]
fn what_an_inject_makes_fail_is_found_at_once() {
    let text = one_site(
        r#"
  { id = "a", duration = "1h", fails = { probability = 0, found_by = "b" } },
  { id = "b", after = ["a"], duration = "1h" },
"#,
    ) + "[[injects]]\nat = \"T+0\"\nattempts_fail = { step = \"a\", count = 1 }\n";
    assert_eq!(starts(&text), "0:00 site-0001/a\n1:00 site-0001/a\n2:00 site-0001/b\n");
}
