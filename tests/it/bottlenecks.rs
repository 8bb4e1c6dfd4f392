//! What holds a recovery up: binding chains and what they are summed to.

use std::path::Path;

use blackstart::experiment::Design;
use blackstart::review::{Bottlenecks, CauseKind};
use blackstart::scenario::Scenario;
use blackstart::{experiment, measure, review};

use crate::support::{fresh_folder, in_process, names_in, scenario, shipped_scenario, small};

/// The bottlenecks of the first strategy.
#[track_caller]
fn bottlenecks(scenario: &Scenario, replications: u32) -> Bottlenecks {
    let strategy = scenario.strategies.ids().next().expect("a scenario has a strategy");
    let design = Design { strategies: vec![strategy], replications, ..Design::of(scenario) };
    let results = experiment::run(scenario, &design, &|| ());
    let found = review::bottlenecks(scenario, &results, &results.strategies[0]);
    found.expect("the site at 95 % is back")
}

/// The parts of the chain of the site at 95 %, in hours.
fn told(found: &Bottlenecks) -> String {
    let lines = found.parts.iter().filter(|it| it.length.mean > 0.0).map(|it| {
        let name = match (it.track.as_str(), it.name.as_str()) {
            ("", name) => name.to_owned(),
            (track, "") => track.to_owned(),
            (track, name) => format!("{track}/{name}"),
        };
        format!("{:?} {name} {:.2} h\n", it.held, it.length.mean / 3.6e6)
    });
    lines.collect()
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let scenario = scenario(text);
    let seen = told(&bottlenecks(&scenario, 1));
    let lines: Vec<&str> = expected.lines().map(str::trim).filter(|it| !it.is_empty()).collect();
    assert_eq!(seen.lines().collect::<Vec<&str>>(), lines, "\n{seen}");
}

#[test]
fn who_waits_for_a_person_follows_what_that_person_did() {
    check(
        &small(
            2,
            r#"
[teams.db]
people = 1
[[runbooks.restore.steps]]
id = "restore"
team = "db"
duration = "3h"
[[strategies.one.tracks]]
runbook = "restore"
"#,
        ),
        "Step restore/restore 6.00 h
         Crew db 6.00 h
         TeamBound db 3.00 h",
    );
}

#[test]
fn a_barrier_is_held_up_by_the_last_of_the_batch() {
    check(
        &small(
            2,
            r#"
[teams.db]
people = 1
[runbooks.restore]
sequential = true
steps = [
  { id = "import", team = "db", duration = "2h" },
  { id = "sign-off", per = "batch", duration = "1h" },
  { id = "open", duration = "30m", hand_over = true },
]
[[strategies.one.tracks]]
runbook = "restore"
batch = { size = 2 }
"#,
        ),
        "Step restore/import 4.00 h
         Step restore/sign-off 1.00 h
         Step restore/open 0.50 h
         Crew db 4.00 h
         Crew  1.50 h
         TeamBound db 2.00 h",
    );
}

#[test]
fn a_slot_is_bound_by_the_site_that_had_it() {
    check(
        &small(
            2,
            r#"
[[runbooks.restore.steps]]
id = "first"
duration = "2h"
[[runbooks.restore.steps]]
id = "second"
after = ["first"]
duration = "1h"
[[strategies.one.tracks]]
runbook = "restore"
batch = { in_flight = 1 }
"#,
        ),
        "Step restore/first 4.00 h
         Step restore/second 2.00 h
         Crew  6.00 h
         SlotBound restore 3.00 h",
    );
}

#[test]
fn who_waits_for_people_to_come_waits_for_nobodys_work() {
    check(
        &small(
            1,
            r#"
[teams.db]
people = [{ at = "T+5h", people = 1 }]
[[runbooks.restore.steps]]
id = "look"
duration = "1h"
[[runbooks.restore.steps]]
id = "restore"
after = ["look"]
team = "db"
duration = "3h"
[[strategies.one.tracks]]
runbook = "restore"
"#,
        ),
        "Step restore/restore 3.00 h
         Step restore/look 1.00 h
         Capacity db 4.00 h
         Crew db 3.00 h
         Crew  1.00 h",
    );
}

#[test]
fn what_fails_or_is_done_again_is_rework() {
    check(
        &small(
            1,
            r#"
[runbooks.restore]
sequential = true
steps = [
  { id = "import", duration = "2h" },
  { id = "check", duration = "1h", fails = { probability = "100%", retry_from = "import", attempts = 2 } },
]
[[strategies.one.tracks]]
runbook = "restore"
"#,
        ),
        "Step restore/import 4.00 h
         Step restore/check 2.00 h
         Crew  6.00 h
         Rework  4.00 h",
    );
}

#[test]
fn a_held_limit_is_bound_from_the_load_to_the_last_extract() {
    let scenario = shipped_scenario("shared-shards");
    let found = bottlenecks(&scenario, 1);
    // By users, with one database, nothing is shared: the last of six sites has seen six loads of
    // 3 h and six extracts of 1 h, and the database was with the five others for 4 h each.
    assert_eq!(
        told(&found).lines().collect::<Vec<&str>>(),
        [
            "Step restore/load 18.00 h",
            "Step restore/extract 6.00 h",
            "Crew  18.00 h",
            "Crew engineers 6.00 h",
            "LimitBound scratch-databases 20.00 h",
            "Shard load/issues-db#0 6.00 h",
            "Shard load/issues-db#1 6.00 h",
            "Shard load/issues-db#2 6.00 h",
        ]
    );
}

#[test]
fn the_way_of_every_shipped_scenario_is_known() {
    for name in names_in(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios"))) {
        let Some(name) = name.strip_suffix(".toml").filter(|it| !it.contains('/')) else {
            continue;
        };
        let scenario = shipped_scenario(name);
        let replications = if name == "atlassian-2022" { 2 } else { 10 };
        let design = Design { replications, ..Design::of(&scenario) };
        let results = experiment::run(&scenario, &design, &|| ());
        for strategy in &results.strategies {
            let found = review::bottlenecks(&scenario, &results, strategy);
            let parts = found.iter().flat_map(|it| &it.parts);
            let unknown: Vec<_> = parts.filter(|it| it.held == CauseKind::Unknown).collect();
            let strategy = &scenario.strategies[strategy.strategy].name;
            assert!(unknown.is_empty(), "{name}, {strategy}: {unknown:?}");
        }
    }
}

#[test]
fn parts_of_the_whole_make_up_the_whole() {
    let found = bottlenecks(&shipped_scenario("quickstart"), 40);
    let sum = |kind: &dyn Fn(CauseKind) -> bool| -> f64 {
        found.parts.iter().filter(|it| kind(it.held)).map(|it| it.share.mean).sum()
    };
    assert!((sum(&CauseKind::in_whole) - 1.0).abs() < 1e-9);
    let crews_and_waits =
        |it: CauseKind| it == CauseKind::Crew || (it.in_whole() && it != CauseKind::Step);
    assert!((sum(&crews_and_waits) - 1.0).abs() < 1e-9);
    assert_eq!((found.n, found.left_out), (40, 0));
}

#[test]
fn one_more_person_helps_only_where_the_way_goes_through_the_team() {
    // Waiting piles up before `notes`, whom nothing at the end waits for.
    let scenario = scenario(&small(
        6,
        r#"
[teams.db]
people = 1
[teams.notes]
people = 1
[[runbooks.restore.steps]]
id = "restore"
team = "db"
duration = "4h"
hand_over = true
[[runbooks.restore.steps]]
id = "write-up"
team = "notes"
duration = "20h"
[[strategies.one.tracks]]
runbook = "restore"
"#,
    ));
    let design = Design { replications: 3, ..Design::of(&scenario) };
    let results = experiment::run(&scenario, &design, &|| ());
    let measurements = measure::measure(&scenario, &results);
    let metrics = &measurements.strategies[0];
    let levers = scenario.candidates(metrics.strategy);
    let effects = review::levers(&scenario, metrics, &levers, (results.seed, 200), &|| ());
    let told: Vec<(String, f64)> = effects
        .iter()
        .map(|it| (it.name.clone(), it.rta_p95.estimate.expect("all are back").mean / 3.6e6))
        .collect();
    assert_eq!(told, [("db".to_owned(), -12.0), ("notes".to_owned(), 0.0)]);
}

#[test]
fn the_likeliest_levers_are_simulated_where_there_are_exercises_enough() {
    let run = |replications: &str| {
        let folder = fresh_folder("likeliest");
        let folder = folder.to_str().expect("a name in UTF-8");
        let words =
            ["run", "scenarios/quickstart.toml", "--strategy", "site-by-site", "--out", folder];
        in_process(&[&words[..], &["--replications", replications]].concat()).stdout
    };
    assert!(!run("83").contains("What would help"), "too few to spare");
    let told = run("200");
    let head = "What would help site-by-site: the likeliest levers, each alone (`--levers` simulates \
                all), in 30 exercises with the same random numbers";
    assert!(told.contains(head), "{told}");
    // The one in support has what others wait for a quarter of the way.
    assert!(told.contains("\n one more in support"), "{told}");
}

#[test]
fn levers_are_simulated_where_they_are_asked_for() {
    let run = |more: &[&str]| {
        let folder = fresh_folder("levers");
        let folder = folder.to_str().expect("a name in UTF-8");
        let words = ["run", "scenarios/quickstart.toml", "--replications", "20", "--out", folder];
        in_process(&[&words[..], more].concat())
    };
    let (without, with) = (run(&[]), run(&["--levers"]));
    assert_eq!((without.code, with.code), (0, 0), "{}", with.stderr);
    assert!(without.stdout.contains("site-by-site is held up by this"), "{}", without.stdout);
    assert!(!without.stdout.contains("What would help"), "{}", without.stdout);
    assert!(with.stdout.contains("What would help site-by-site"), "{}", with.stdout);
    for lever in ["one more in support", "one more slot of by-hand", "10% off check (by-hand)"] {
        assert!(with.stdout.contains(lever), "{lever} in {}", with.stdout);
    }
    let last = with.stdout.lines().last().expect("it says something");
    assert!(last.ends_with("--levers"), "{last}");
}
