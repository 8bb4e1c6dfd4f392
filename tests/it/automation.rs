//! Steps that a machine takes over, and steps that get faster with practice.

use blackstart::experiment::{self, Design, Outcome};
use blackstart::review;
use blackstart::scenario::check_texts;

use crate::support::{hours, only, read, restored, results, scenario, small, starts, texts, trace};

fn outcomes(path: &str) -> Vec<Outcome> {
    let scenario = scenario(&read(path));
    let design = Design { replications: 2, ..Design::of(&scenario) };
    let results = experiment::run(&scenario, &design, &|| ());
    // The second replication finds the engine as the first has left it.
    results.strategies.into_iter().map(|it| it.unpacked().swap_remove(1)).collect()
}

fn back_at(outcome: &Outcome) -> Vec<f64> {
    let restored = outcome.restorations.iter();
    let at = restored.map(|it| it.restored_at().expect("it is back").since_start().as_hours());
    let mut at: Vec<f64> = at.collect();
    at.sort_unstable_by(f64::total_cmp);
    at
}

#[test]
fn the_scenario_of_automation_comes_to_what_its_head_calculates() {
    let [by_hand, built] = &outcomes("scenarios/automation.toml")[..] else { panic!("two") };
    let in_fours = |number: u32| vec![f64::from(number) * 4.0; 4];
    assert_eq!(back_at(by_hand), (1..=4).flat_map(in_fours).collect::<Vec<f64>>());
    let mut expected = vec![4.0, 4.0, 8.0, 8.0];
    expected.extend([9.0; 12]);
    assert_eq!(back_at(built), expected);
    assert_eq!(by_hand.pools[0].busy, u128::from(hours(64)));
    assert_eq!(built.pools[0].busy, u128::from(hours(32)));
}

#[test]
fn the_scenario_of_learning_comes_to_what_its_head_calculates() {
    let [one, two] = &outcomes("scenarios/learning.toml")[..] else { panic!("two") };
    assert_eq!(back_at(one), [12.0, 18.0, 22.0, 25.0, 28.0, 31.0]);
    assert_eq!(back_at(two), [12.0, 12.0, 16.0, 16.0, 19.0, 19.0]);
    assert_eq!((one.pools[0].busy, two.pools[0].busy), (hours(31).into(), hours(38).into()));
}

/// Sites with one step of four hours for one of so many people.
fn by_hand(sites: u32, people: u32, step: &str) -> String {
    small(
        sites,
        &format!(
            "[incident.milestones.built]\ndelay = \"1h\"\n[teams.ops]\npeople = {people}\n\
             [runbooks.r]\nsteps = [{{ id = \"x\", team = \"ops\", duration = \"4h\", {step} }}]\n\
             [strategies.s]\ntracks = [{{ runbook = \"r\" }}]\n"
        ),
    )
}

#[test]
fn what_waits_for_people_at_the_switch_waits_no_longer_and_what_runs_runs_on() {
    let text = by_hand(3, 1, "automated_after = { milestone = \"built\", people = 0 }");
    assert_eq!(starts(&text), "0:00 site-0001/x\n1:00 site-0002/x\n1:00 site-0003/x\n");
    assert_eq!(restored(&text), "4:00 site-0001\n5:00 site-0002\n5:00 site-0003\n");
    let outcome = trace(&text, 0).outcome;
    assert_eq!(outcome.pools[0].busy, u128::from(hours(4)));
    assert_eq!(outcome.steps[0].wait, 2 * hours(1));
}

#[test]
fn automation_that_needs_fewer_people_lets_more_work_side_by_side() {
    let text = by_hand(3, 2, "people = 2, automated_after = { milestone = \"built\", people = 1 }");
    assert_eq!(starts(&text), "0:00 site-0001/x\n4:00 site-0002/x\n4:00 site-0003/x\n");
    let text = by_hand(3, 3, "people = 2, automated_after = { milestone = \"built\", people = 1 }");
    assert_eq!(starts(&text), "0:00 site-0001/x\n1:00 site-0002/x\n4:00 site-0003/x\n");
}

#[test]
fn after_so_many_runs_it_takes_less_time() {
    let text = by_hand(4, 1, "automated_after = { runs = 2, factor = \"25%\" }");
    assert_eq!(
        restored(&text),
        "4:00 site-0001\n8:00 site-0002\n9:00 site-0003\n10:00 site-0004\n"
    );
}

#[test]
fn practice_and_automation_do_not_add_up() {
    let step = |factor: &str| {
        format!(
            "learning = {{ rate = \"50%\" }}, automated_after = {{ runs = 1, factor = \"{factor}\" }}"
        )
    };
    // Practice leaves a half and then a third: 2 h, 1:20.
    let slow = restored(&by_hand(3, 1, &step("40%")));
    assert_eq!(slow, "4:00 site-0001\n5:36 site-0002\n6:56 site-0003\n");
    let fast = restored(&by_hand(3, 1, &step("25%")));
    assert_eq!(fast, "4:00 site-0001\n5:00 site-0002\n6:00 site-0003\n");
}

#[test]
fn a_machine_alone_is_not_as_uncertain_as_the_team_that_it_replaces() {
    let spread = |left: &str, uncertainty: &str| {
        let step = format!("automated_after = {{ milestone = \"first_deletion\"{left} }}");
        let text = by_hand(1, 1, &step)
            .replace("milestone = \"first_deletion\"", "milestone = \"at_once\"")
            + "[incident.milestones.at_once]\ndelay = \"0h\"\n"
            + uncertainty;
        let text = text.replace("[incident.milestones.built]", "[incident.milestones.later]");
        back_at(&results(&text, 1).strategies[0].unpacked()[0])[0]
    };
    let team = "[uncertainty]\nteam = 1.0\n";
    assert_eq!(spread(", people = 0", team), 4.0);
    assert_ne!(spread("", team), 4.0);
    assert_ne!(spread(", people = 0", "[uncertainty]\nstep = 1.0\n"), 4.0);
}

#[test]
fn steps_of_one_key_learn_on_beyond_one_completion_a_site() {
    let step = |id: &str, floor: &str| {
        format!(
            "{{ id = \"{id}\", key = \"x\", duration = \"60m\", \
             learning = {{ rate = \"50%\"{floor} }} }}"
        )
    };
    let back = |floor: &str| {
        let steps = ["a", "b", "c", "d", "e"].map(|id| step(id, floor)).join(", ");
        restored(&small(
            1,
            &format!(
                "[runbooks.r]\nsequential = true\nsteps = [{steps}]\n\
                 [strategies.s]\ntracks = [{{ runbook = \"r\" }}]\n"
            ),
        ))
    };
    // 60, 30, 20, 15 and 12 minutes; with a floor 60, 30, 20, 18 and 18.
    assert_eq!(back(""), "2:17 site-0001\n");
    assert_eq!(back(", floor = \"30%\""), "2:26 site-0001\n");
}

#[test]
fn a_milestone_at_the_start_automates_everything() {
    let text = by_hand(2, 1, "automated_after = { milestone = \"built\", people = 0 }");
    let text = text.replace("delay = \"1h\"", "delay = \"0s\"");
    assert_eq!(restored(&text), "4:00 site-0001\n4:00 site-0002\n");
}

#[test]
fn those_who_wait_keep_their_places() {
    // At 1:00 the sites wait in the order 2, 3 for `x`; site 3 and then site 2 became eligible.
    let text = small(
        3,
        r#"
[incident.milestones.built]
delay = "1h"
[teams.ops]
people = 2
[runbooks.r]
steps = [{ id = "x", team = "ops", people = 2, duration = "4h", automated_after = { milestone = "built", people = 1 } }]
[runbooks.other]
supporting = true
steps = [{ id = "y", team = "ops", duration = "1h" }]
[strategies.s]
tracks = [{ runbook = "r", batch.in_flight = 2 }, { runbook = "other", opens = "T+30m", takes.min_users = 1 }]
"#,
    );
    // Site 2 has waited since 0:00, the others' `y` since 0:30; site 3 has its turn at last.
    assert_eq!(
        starts(&text),
        "0:00 site-0001/x\n4:00 site-0002/x\n4:00 site-0001/y\n5:00 site-0002/y\n\
         6:00 site-0003/y\n7:00 site-0003/x\n"
    );
}

#[test]
fn batch_and_once_steps_are_automated_too() {
    let text = small(
        4,
        r#"
[incident.milestones.built]
delay = "1h"
[teams.ops]
people = 1
[runbooks.r]
steps = [
  { id = "load", per = "batch", team = "ops", duration = "4h", automated_after = { milestone = "built", people = 0 } },
  { id = "open", after = ["load"], duration = "1h" },
]
[runbooks.tidy]
supporting = true
steps = [{ id = "tidy", per = "once", team = "ops", duration = "2h", automated_after = { milestone = "built", people = 0 } }]
[strategies.s]
tracks = [{ runbook = "r", batch.size = 2 }, { runbook = "tidy" }]
"#,
    );
    assert_eq!(
        starts(&text),
        "0:00 site-0001.../load\n1:00 site-0003.../load\n1:00 tidy.tidy\n\
         4:00 site-0001/open\n4:00 site-0002/open\n5:00 site-0003/open\n5:00 site-0004/open\n"
    );
}

#[test]
fn a_machine_takes_over_tasks_that_lie_with_a_site_that_has_left() {
    // The first of two sites is lost after 3 h, when nothing is left to restore it from. Nobody is
    // there to `sign` for the other when it could be at 6 h, and nobody at 0 h to `load` what both
    // wait for; at 10 h a machine does.
    let estate = r#"
schema = 1
title = "test"
[estate]
services.db.shards = 1
services.old.backup = { full = "1h", retention = "2h" }
products.p.services = ["db", "old"]
products.q.services = ["db"]
sites.csv = "sites.csv"
[[incident.deletions]]
[incident.milestones.built]
delay = "10h"
[teams.ops]
people = [{ at = "T+0", people = 0 }, { at = "T+30h", people = 1 }]
[[strategies.s.tracks]]
runbook = "r"
batch.size = 2
[runbooks.r]
steps = [
  { id = "first", duration = "3h" },
  { id = "restore", after = ["first"], for_each = { service = "old" }, restore_point = { fixed = "5m" }, duration = "1h" },
"#;
    let sign = r#"
  { id = "other", after = ["restore"], hand_over = true, duration = "3h" },
  { id = "sign", per = "batch", after = ["other"], team = "ops", duration = "1h", automated_after = { milestone = "built", people = 0 } },
]
"#;
    let load = r#"
  { id = "load", per = "shard", for_each = { service = "db" }, team = "ops", duration = "1h", automated_after = { milestone = "built", people = 0 } },
  { id = "extract", after = ["load"], for_each = { service = "db" }, duration = "1h" },
]
"#;
    for (steps, expected) in [(sign, "10:00 a.../sign\n"), (load, "10:00 load/db#0\n")] {
        let texts =
            texts(&format!("{estate}{steps}"), &[("sites.csv", "site,products\na,p\nb,q\n")]);
        let checked = check_texts(&texts, &[]);
        let faults = checked.diagnostics.render(&checked.sources, false);
        let scenario = checked.scenario.unwrap_or_else(|| panic!("{faults}"));
        let strategy = scenario.strategies.ids().next().expect("a scenario has a strategy");
        let timeline = review::timeline(&scenario, strategy, 1, 0);
        assert_eq!(only(&timeline, "lost"), "3:00 a\n");
        assert!(only(&timeline, "start").contains(expected), "{timeline}");
    }
}

#[test]
fn an_attempt_that_is_done_again_is_done_as_it_is_done_by_then() {
    let step = "fails = { probability = 1, attempts = 2 }, \
                automated_after = { milestone = \"built\", factor = \"25%\", people = 0 }";
    let text = by_hand(2, 1, step);
    // Site 2 fails at 2:00 and is back at 3:00; site 1 fails at 4:00.
    assert_eq!(restored(&text), "3:00 site-0002\n5:00 site-0001\n");
}

#[test]
fn without_the_track_that_builds_it_nothing_is_automated() {
    let built = results(&read("scenarios/automation.toml"), 1);
    let text = read("scenarios/automation.toml");
    let plain = text.replace(
        "automated_after = { step = \"tooling.build\", factor = \"25%\", people = 0 }\n",
        "",
    );
    assert_ne!(text, plain);
    let plain = results(&plain, 1);
    assert_eq!(built.strategies[0].unpacked(), plain.strategies[0].unpacked());
    assert_ne!(built.strategies[1].unpacked(), plain.strategies[1].unpacked());
}

#[test]
fn people_who_hand_over_their_transfers_need_not_watch_those_of_a_machine() {
    let text = small(
        2,
        r#"
[incident.milestones.built]
delay = "1h"
[teams.ops]
people = [{ at = "T+0", people = 1 }, { at = "T+2h", people = 0 }]
at_shift_end = "hand_over"
[throughput.link]
rate = "1 GiB/h"
[runbooks.r]
steps = [{ id = "copy", team = "ops", transfer = { bytes = "site", through = "link" }, automated_after = { milestone = "built", people = 0 } }]
[strategies.s]
tracks = [{ runbook = "r" }]
"#,
    )
    .replace("count = 2", "count = 2\nbytes = \"2 GiB\"");
    // The first is watched and pauses at 2:00 with 0.5 GiB left; nobody comes again.
    assert_eq!(restored(&text), "3:30 site-0002\n");
}

#[test]
fn automation_that_leaves_everything_as_it_is_changes_nothing() {
    let text = read("scenarios/quickstart.toml");
    let step = "\nduration.";
    assert!(text.matches(step).count() >= 3, "the quickstart has steps with durations");
    let automated = text.replace(step, "\nautomated_after = { runs = 3 }\nduration.");
    let (plain, automated) = (results(&text, 20), results(&automated, 20));
    for (one, other) in plain.strategies.iter().zip(&automated.strategies) {
        assert_eq!(one.unpacked(), other.unpacked());
    }
}

#[test]
fn bandwidth_that_nobody_uses_changes_nothing() {
    let text = read("scenarios/quickstart.toml");
    let more =
        format!("{text}\n[throughput.link]\nrate = [{{ at = \"T+2h\", rate = \"1 GiB/h\" }}]\n");
    let (plain, more) = (results(&text, 20), results(&more, 20));
    for (one, other) in plain.strategies.iter().zip(&more.strategies) {
        let with = |mut outcome: Outcome| {
            outcome.throughputs.clear();
            outcome
        };
        assert_eq!(one.unpacked(), other.unpacked().into_iter().map(with).collect::<Vec<_>>());
    }
}
