//! How the work went on: rework, practice, and what machines took over, compared with paper.

use blackstart::experiment::Design;
use blackstart::review::Progress;
use blackstart::scenario::Scenario;
use blackstart::{experiment, review};

use crate::support::{scenario, shipped_scenario, small};

/// How the work went on under a strategy.
#[track_caller]
fn progress(scenario: &Scenario, strategy: usize, replications: u32) -> Progress {
    let design = Design { replications, ..Design::of(scenario) };
    let results = experiment::run(scenario, &design, &|| ());
    review::progress(scenario, &results, &results.strategies[strategy])
}

/// What was done again: the step, the share of its attempts that failed, and hours done again.
fn told(progress: &Progress) -> Vec<String> {
    let line = |it: &review::Rework| {
        format!("{} fails {:.3}, again {:.2} h", it.step, it.failed.value, it.again_h.value)
    };
    progress.rework.iter().map(line).collect()
}

/// What practice left of each attempt, and how long it took as a part of the first.
fn learnt(progress: &Progress) -> Vec<String> {
    let points = progress.learning.iter().flat_map(|it| &it.points);
    points.map(|it| format!("{}: {:.3} {:.3}", it.from, it.left, it.length)).collect()
}

#[test]
fn practice_leaves_what_the_head_of_the_scenario_says() {
    let learning = shipped_scenario("learning");
    let alone = progress(&learning, 0, 3);
    let expected =
        ["1: 1.000 1.000", "2: 0.500 0.500", "3: 0.333 0.333", "4: 0.250 0.250", "5: 0.250 0.250"];
    assert_eq!(learnt(&alone)[..5], expected);
    assert_eq!((alone.learning[0].step.as_str(), alone.learning[0].work_h), ("restore", 31.0));
    assert_eq!((alone.watched, alone.rework.len(), &alone.automation), (3, 0, &None));
    let two = progress(&learning, 1, 3);
    let expected =
        ["1: 1.000 1.000", "2: 1.000 1.000", "3: 0.333 0.333", "4: 0.333 0.333", "5: 0.250 0.250"];
    assert_eq!(learnt(&two)[..5], expected);
    assert_eq!(two.learning[0].work_h, 38.0);
}

#[test]
fn a_fault_found_late_costs_what_was_done_on_top_of_it() {
    let rework = shipped_scenario("rework");
    // Three sites, each loaded twice: half of the attempts fail.
    assert_eq!(told(&progress(&rework, 0, 5)), ["load fails 0.500, again 30.00 h"]);
    // The validation says that it failed; three sites, 10, 4 and 2 hours again.
    assert_eq!(
        told(&progress(&rework, 1, 5)),
        [
            "load fails 0.000, again 30.00 h",
            "configure fails 0.000, again 12.00 h",
            "validate fails 0.500, again 6.00 h"
        ]
    );
}

#[test]
fn machines_do_what_begins_once_they_are_built() {
    let automation = shipped_scenario("automation");
    assert_eq!(progress(&automation, 0, 2).automation, None);
    let it = progress(&automation, 1, 2).automation.expect("machines take over midway");
    assert_eq!(it.steps, [("restore".to_owned(), "restore".to_owned())]);
    assert_eq!((it.until.as_millis(), it.people.len()), (8 * 3_600_000, 40));
    // Two at T+0, two at 4 h; twelve at 8 h, when the automation is there.
    let some = |counts: &[f64]| -> Vec<(usize, f64)> {
        counts.iter().copied().enumerate().filter(|it| it.1 > 0.0).collect()
    };
    assert_eq!(some(&it.people), [(0, 2.0), (20, 2.0)]);
    assert_eq!(some(&it.machines), [(39, 12.0)]);
}

#[test]
fn what_is_automated_from_the_first_moment_is_not_taken_over() {
    let text = small(
        3,
        r#"
[incident.milestones.declared]
delay = "0s"
[teams.db]
people = 1
[[runbooks.restore.steps]]
id = "restore"
team = "db"
duration = "4h"
automated_after = { milestone = "declared", factor = "50%" }
[[strategies.one.tracks]]
runbook = "restore"
"#,
    );
    assert_eq!(progress(&scenario(&text), 0, 2).automation, None);
}

#[test]
fn a_pause_is_no_part_of_an_attempt() {
    let text = small(
        2,
        r#"
[teams.db]
people = [{ at = "T+0", people = 1 }, { at = "T+2h", people = 0 }, { at = "T+20h", people = 1 }]
at_shift_end = "hand_over"
[[runbooks.restore.steps]]
id = "restore"
team = "db"
duration = "4h"
learning = { rate = "50%" }
[[strategies.one.tracks]]
runbook = "restore"
"#,
    );
    let it = progress(&scenario(&text), 0, 1);
    assert_eq!(learnt(&it), ["1: 1.000 1.000", "2: 0.500 0.500"]);
    assert_eq!(it.learning[0].work_h, 6.0);
}

#[test]
fn nothing_is_simulated_again_where_there_is_nothing_to_hear() {
    let text = small(
        2,
        r#"
[teams.db]
people = 1
[[runbooks.restore.steps]]
id = "restore"
team = "db"
duration = "4h"
[[strategies.one.tracks]]
runbook = "restore"
"#,
    );
    assert_eq!(progress(&scenario(&text), 0, 2), Progress::default());
}

#[test]
fn at_most_twenty_recoveries_are_watched() {
    let it = progress(&shipped_scenario("rework"), 0, 30);
    assert_eq!((it.watched, it.rework[0].failed.n, it.rework[0].again_h.n), (20, 30, 20));
}
