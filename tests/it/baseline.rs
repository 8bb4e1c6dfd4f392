//! Baselines: what has changed since a scenario was accepted, exercise by exercise.

use std::fs;
use std::path::PathBuf;

use blackstart::experiment::{self, Design};
use blackstart::scenario::Scenario;
use blackstart::verdict::{Baseline, Change, Part, StrategyChange, compare};
use snapbox::{assert_data_eq, str};

use crate::support::{Ran, blackstart_in, fresh_folder, scenario};

/// Twelve sites wait for two people who load them; everybody else has time.
const LOADS: &str = r#"schema = 1
title = "test"
[experiment]
replications = 60
seed = 3
[estate.sites]
count = 12
users = 10
[[incident.deletions]]
[incident.milestones.detected]
delay = "1h"
[teams.loaders]
people = 2
[teams.callers]
people = 40
[[runbooks.r.steps]]
id = "load"
team = "loaders"
duration.lognormal = { mean = "4h", cv = 0.4 }
[[runbooks.r.steps]]
id = "validate"
after = ["load"]
team = "callers"
duration.lognormal = { mean = "2h", cv = 0.4 }
hand_over = true
[[runbooks.r.steps]]
id = "call"
team = "callers"
duration.lognormal = { mean = "20m", cv = 0.4 }
[strategies.s]
tracks = [{ runbook = "r", opens = "detected" }]
"#;

/// The same with the loads slowed by 5 %.
fn slow_loads() -> String {
    LOADS.replace("mean = \"4h\"", "mean = \"252m\"")
}

/// The same with the calls, for which nobody waits, slowed by 5 %.
fn slow_calls() -> String {
    LOADS.replace("mean = \"20m\"", "mean = \"21m\"")
}

fn baseline_of(scenario: &Scenario, seed: u64, replications: u32) -> Baseline {
    let design = Design { seed, replications, ..Design::of(scenario) };
    let results = experiment::run(scenario, &design, &|| ());
    Baseline::of(scenario, &results, &experiment::measure(scenario, &results))
}

#[track_caller]
fn changed(then: &str, now: &str) -> StrategyChange {
    let [then, now] = [then, now].map(|it| baseline_of(&scenario(it), 3, 60));
    assert_eq!(then.unlike(&now), []);
    compare(&then, &now, 0.0025).remove(0)
}

#[test]
fn an_unchanged_scenario_differs_by_exactly_nothing_a_hundred_times_out_of_a_hundred() {
    let scenario = scenario(LOADS);
    for seed in 1..=100 {
        let text = baseline_of(&scenario, seed, 10).json();
        let then = Baseline::parse(&text).expect("what was written can be read");
        let now = baseline_of(&scenario, seed, 10);
        assert_eq!((&then, text), (&now, now.json()), "seed {seed}");
        let change = compare(&then, &now, 0.0).remove(0);
        assert_eq!((change.differing, change.moved), (0, None), "seed {seed}");
        for it in change.metrics {
            let nothing = it.interval.is_some_and(|it| it.low == 0.0 && it.high == 0.0);
            assert!(it.difference == 0.0 && nothing && it.change == Change::Same, "{it:?}");
        }
    }
}

#[test]
fn a_slower_step_that_all_wait_for_is_named() {
    let change = changed(LOADS, &slow_loads());
    let worse: Vec<&str> = change.regressions().map(|it| it.metric.as_str()).collect();
    assert_eq!(worse, ["last_site_back", "exercise.rta.p95", "site_hours_lost", "user_hours_lost"]);
    let moved = change.moved.expect("something moved");
    assert_eq!(moved.part, Part::Step("r/load".to_owned(), "loaders".to_owned()));
    let more = moved.after as f64 / moved.before as f64;
    assert!((more - 1.05).abs() < 1e-6, "{more}");
}

#[test]
fn a_slower_step_that_nobody_waits_for_is_more_work_and_no_regression() {
    let change = changed(LOADS, &slow_calls());
    assert_eq!(change.regressions().count(), 0);
    assert!(change.differing > 0);
    let of = |metric: &str| change.metrics.iter().find(|it| it.metric == metric).unwrap().change;
    // Work is told and fails nothing.
    assert_eq!((of("last_site_back"), of("person_hours")), (Change::Same, Change::More));
}

#[test]
fn with_fewer_people_the_team_is_named_and_no_step() {
    let change = changed(LOADS, &LOADS.replace("people = 2", "people = 1"));
    assert_eq!(change.moved.expect("a team").part, Part::Team("loaders".to_owned()));
}

#[test]
fn a_step_that_is_new_or_done_again_is_named() {
    let more = "[[runbooks.r.steps]]\nid = \"sign\"\nafter = [\"validate\"]\nduration = \"3h\"\n\
                hand_over = true\n[[runbooks.r.steps]]\nid = \"call\"";
    let signed = LOADS.replace("hand_over = true\n", "");
    let signed = signed.replace("[[runbooks.r.steps]]\nid = \"call\"", more);
    let moved = changed(LOADS, &signed).moved.expect("a step");
    assert_eq!((moved.part, moved.before), (Part::Step("r/sign".to_owned(), String::new()), 0));
    let failing = "id = \"load\"\nfails = { probability = \"20%\" }";
    let moved = changed(LOADS, &LOADS.replace("id = \"load\"", failing)).moved.expect("a step");
    assert_eq!(moved.part, Part::Step("r/load".to_owned(), "loaders".to_owned()));
}

#[test]
fn a_limit_that_has_become_tighter_shows_in_the_waiting_of_its_step() {
    let limited = |units: u32| {
        let text = LOADS.replace("team = \"loaders\"", "uses = { loads = 1 }");
        text.replace(
            "[teams.callers]",
            &format!("[limits.loads]\nunits = {units}\n[teams.callers]"),
        )
    };
    let text = limited(3).replace("[teams.loaders]\npeople = 2\n", "");
    let tighter = limited(2).replace("[teams.loaders]\npeople = 2\n", "");
    let moved = changed(&text, &tighter).moved.expect("a step");
    assert_eq!(moved.part, Part::Waiting("r/load".to_owned()));
}

#[test]
fn what_comes_back_sooner_is_better_and_what_is_found_later_names_nothing() {
    let change = changed(&slow_loads(), LOADS);
    assert_eq!(change.regressions().count(), 0);
    assert!(change.metrics.iter().any(|it| it.change == Change::Better));
    let change = changed(LOADS, &LOADS.replace("delay = \"1h\"", "delay = \"5h\""));
    assert!(change.regressions().count() > 0);
    assert_eq!(change.moved, None);
}

#[test]
fn a_site_that_is_no_longer_restored_counts_to_the_horizon() {
    let short = |text: &str| text.replace("seed = 3", "seed = 3\nhorizon = \"36h\"");
    let change = changed(&short(LOADS), &short(&LOADS.replace("people = 2", "people = 1")));
    let last = change.metrics.iter().find(|it| it.metric == "last_site_back").unwrap();
    assert!(last.newly_never > 0 && last.change == Change::Worse, "{last:?}");
    let left = change.metrics.iter().find(|it| it.metric == "sites_not_restored").unwrap();
    assert!(left.change == Change::Worse && left.difference > 1.0, "{left:?}");
}

/// A folder with the scenario and its accepted baseline.
fn accepted(name: &str) -> PathBuf {
    let folder = fresh_folder(name);
    fs::write(folder.join("x.toml"), LOADS).expect("a file can be written");
    let ran = check(&folder, &["--accept-baseline", "base/x.json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("note    there was no baseline before\n"), "{}", ran.stdout);
    folder
}

#[track_caller]
fn check(folder: &std::path::Path, more: &[&str]) -> Ran {
    blackstart_in(folder, &[&["check", "x.toml"], more].concat())
}

#[test]
fn a_build_fails_where_it_got_worse_and_only_there() {
    let folder = accepted("baseline-build");
    let against = ["--baseline", "base/x.json"];
    let ran = check(&folder, &against);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_data_eq!(
        ran.stdout,
        str![[r#"
Nothing has changed since the baseline.

change  s: +0.0 h, no exercise differs (paired, n=60), against base/x.json
reproduce: blackstart check x.toml --seed 3 --replications 60 --baseline base/x.json --practical 0.25%
exit 0

"#]]
    );
    fs::write(folder.join("x.toml"), slow_calls()).expect("a file can be written");
    assert_eq!(check(&folder, &against).code, 0);
    fs::write(folder.join("x.toml"), slow_loads()).expect("a file can be written");
    let ran = check(&folder, &against);
    assert_eq!(ran.code, 98);
    assert_data_eq!(
        ran.stdout,
        str![[r#"
1 of 1 strategy got worse.

change  s  last_site_back  WORSE  +75 min (95% interval +72 min to +78 min, paired, n=60)  against base/x.json
change  s  exercise.rta.p95  WORSE  +75 min (95% interval +72 min to +78 min, paired, n=60)  against base/x.json
change  s  site_hours_lost  WORSE  +8.3 h (95% interval +8.0 h to +8.6 h, paired, n=60)  against base/x.json
change  s  user_hours_lost  WORSE  +82.8 h (95% interval +79.7 h to +86.0 h, paired, n=60)  against base/x.json
change  s  person_hours  more  +2.4 h (95% interval +2.3 h to +2.5 h, paired, n=60)  against base/x.json
        step r/load of team loaders moved most: 5.0% more work, from 48.0 to 50.4 hours an exercise
late    s is late because of load (r) 89.2%, validate (r) 7.4%, until r opens 3.4% (of the site at 95%, 60 exercises)
reproduce: blackstart check x.toml --seed 3 --replications 60 --baseline base/x.json --practical 0.25%
exit 98

"#]]
    );
    assert_eq!(check(&folder, &["--baseline", "base/x.json", "--practical", "10%"]).code, 0);
}

#[test]
fn accepting_says_what_has_changed_and_replaces_the_file() {
    let folder = accepted("baseline-accept");
    let before = fs::read(folder.join("base/x.json")).expect("a baseline");
    let again = check(&folder, &["--accept-baseline", "base/x.json"]);
    assert_eq!(again.code, 0);
    assert_eq!(fs::read(folder.join("base/x.json")).expect("a baseline"), before);
    fs::write(folder.join("x.toml"), slow_loads()).expect("a file can be written");
    let ran = check(&folder, &["--accept-baseline", "base/x.json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("step r/load of team loaders moved most"), "{}", ran.stdout);
    assert_eq!(check(&folder, &["--baseline", "base/x.json"]).code, 0);
    assert_eq!(crate::support::names_in(&folder), ["base/x.json", "x.toml"]);
}

#[test]
fn a_baseline_of_something_else_is_refused_with_the_field_that_differs() {
    let folder = accepted("baseline-else");
    let against = |text: &str, more: &[&str]| {
        fs::write(folder.join("x.toml"), text).expect("a file can be written");
        let ran = check(&folder, &[&["--baseline", "base/x.json"], more].concat());
        assert_eq!(ran.code, 3, "{}", ran.stdout);
        ran.stderr
    };
    assert_data_eq!(
        against(LOADS, &["--seed", "4"]),
        str![[r#"
error[incompatible]: `base/x.json` cannot be compared: `experiment.seed` was 3 and is 4
 |
 = help: undo the change, or accept it and write a new one with `--accept-baseline base/x.json`


"#]]
    );
    let fields = [
        ("experiment.replications", LOADS, ["--replications", "20"]),
        ("experiment.horizon", LOADS, ["--set", "experiment.horizon=90d"]),
        ("experiment.population_seed", LOADS, ["--set", "experiment.population_seed=2"]),
        ("deleted.users", LOADS, ["--set", "estate.sites.users=11"]),
        ("deleted.fingerprint", LOADS, ["--set", "incident.deletions=[{ over = \"1h\" }]"]),
        ("policy.clock", LOADS, ["--set", "policy={ rto = \"6h\", clock = \"detected\" }"]),
    ];
    for (field, text, more) in fields {
        let told = against(text, &more);
        assert!(told.contains(&format!("cannot be compared: `{field}` was ")), "{field}\n{told}");
    }
    let renamed = LOADS.replace("[strategies.s]", "[strategies.t]");
    assert!(against(&renamed, &[]).contains("has none of the strategies"));
}

#[test]
fn a_file_that_is_no_baseline_is_refused() {
    let folder = accepted("baseline-broken");
    let whole = fs::read_to_string(folder.join("base/x.json")).expect("a baseline");
    let with = |text: &str| {
        fs::write(folder.join("base/x.json"), text).expect("a file can be written");
        let ran = check(&folder, &["--baseline", "base/x.json"]);
        assert_eq!(ran.code, 3);
        assert!(ran.stdout.starts_with("1 error; nothing was checked.\n"), "{}", ran.stdout);
        ran.stderr
    };
    assert!(with("{").contains("`base/x.json` is no baseline: "));
    let old = with(&whole.replace("\"format\": 2", "\"format\": 1"));
    assert_data_eq!(
        old,
        str![[r#"
error[incompatible]: `base/x.json` has format 1, and this program reads format 2
 |
 = help: make a new one with `blackstart check x.toml --accept-baseline base/x.json`


"#]]
    );
    let replications = whole.replace("\"replications\": 60", "\"replications\": 61");
    assert!(with(&replications).contains("has 60 values of `exercise.customer.rta.p95` under `s`"));
    let many = whole.replace("\"replications\": 60", "\"replications\": 4000000000");
    assert!(with(&many).contains("says that it has 4000000000 replications"));
    let lacks = whole.replace("last_site_back", "last_site_seen");
    assert!(with(&lacks).contains("lacks `last_site_back` under `s`"));
    fs::remove_file(folder.join("base/x.json")).expect("a file can be removed");
    let ran = check(&folder, &["--baseline", "base/x.json"]);
    assert!(ran.code == 3 && ran.stderr.contains("cannot read `base/x.json`"), "{}", ran.stderr);
}

#[test]
fn a_baseline_is_of_one_scenario() {
    let folder = accepted("baseline-two");
    let ran = check(&folder, &["x.toml", "--baseline", "base/x.json"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
}

#[test]
fn the_file_is_sorted_with_a_line_for_each_figure() {
    let text = baseline_of(&scenario(LOADS), 3, 2).json();
    let steps: String = text
        .lines()
        .filter(|it| it.contains("\"r/"))
        .map(|it| it.split(": ").next().unwrap_or_default().trim().to_owned() + "\n")
        .collect();
    assert_eq!(steps, "\"r/call\"\n\"r/load\"\n\"r/validate\"\n");
    let once = text.lines().find(|it| it.contains("sites_not_restored")).expect("a line");
    assert_eq!(once.trim(), "\"sites_not_restored\": [0],");
    assert!(text.lines().count() < 60 && text.ends_with("}\n"), "{text}");
}

#[test]
fn a_missed_budget_counts_more_than_a_regression_and_that_more_than_what_is_undecided() {
    let folder = accepted("baseline-both");
    let against = |budget: &str| {
        let budget = format!("[[budgets]]\nmetric = \"site.rta\"\nexpect = \"{budget}\"\n");
        fs::write(folder.join("x.toml"), slow_loads() + &budget).expect("a file can be written");
        let ran = check(&folder, &["--baseline", "base/x.json", "--fail-on-undecided"]);
        (ran.code, ran.stdout.lines().next().unwrap_or_default().to_owned())
    };
    assert_eq!(
        against("max < 3h"),
        (99, "1 of 1 budget missed; 1 of 1 strategy got worse.".to_owned())
    );
    let (code, verdict) = against("max < 33h");
    assert_eq!(
        (code, verdict.as_str()),
        (98, "1 of 1 budget undecided; 1 of 1 strategy got worse.")
    );
    assert_eq!(
        against("max < 90h"),
        (98, "The budget is met; 1 of 1 strategy got worse.".to_owned())
    );
}

#[test]
fn accepting_in_the_place_of_something_else_says_what_differs() {
    let folder = accepted("baseline-other");
    let ran = check(&folder, &["--accept-baseline", "base/x.json", "--seed", "4"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.starts_with("A baseline was written.\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("note    `experiment.seed` was 3 and is 4\n"), "{}", ran.stdout);
    let whole = fs::read_to_string(folder.join("base/x.json")).expect("a baseline");
    let replaced = |text: &str, told: &str| {
        fs::write(folder.join("base/x.json"), text).expect("a file can be written");
        let ran = check(&folder, &["--accept-baseline", "base/x.json"]);
        assert!(ran.code == 0 && ran.stdout.contains(told), "{}\n{}", ran.stdout, ran.stderr);
        assert_eq!(check(&folder, &["--baseline", "base/x.json"]).code, 0);
    };
    replaced(&whole[..whole.len() / 2], "is no baseline: ");
    replaced(&whole.replace("\"format\": 2", "\"format\": 0"), "has format 0");
    let merging = whole.replacen("  \"program\"", "<<<<<<< HEAD\n  \"program\"", 1);
    replaced(&merging, "is no baseline: ");
    replaced(&whole.replace('\n', ""), "");
}
