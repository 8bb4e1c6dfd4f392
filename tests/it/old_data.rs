//! Data loss: what a policy means by it, what nobody knows of it, and sites that are back with old
//! data.

use std::path::{Path, PathBuf};

use blackstart::experiment::{self, Design};
use blackstart::ids::{Id, StrategyId};
use blackstart::scenario::{Figure, Reading, Scenario, check_texts};
use blackstart::units::SimDuration;
use blackstart::{measure, review};
use serde_json::Value;

use crate::support::{
    Ran, blackstart_in, checked, files_in, fresh_folder, hours, read, scenario, shipped_scenario,
    texts, trace,
};

const MINUTE: u64 = 60_000;
const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/old-data.toml");

/// What figures of the first exercise of a strategy come to.
fn readings<const N: usize>(
    scenario: &Scenario,
    strategy: usize,
    figures: [Figure; N],
) -> [Reading; N] {
    let design = Design { replications: 1, ..Design::of(scenario) };
    let results = experiment::run(scenario, &design, &|| ());
    let measured = measure::measure(scenario, &results);
    let first = &measured.strategies[strategy].replications[0];
    figures.map(|it| first.figures.of(it))
}

fn whole(millis: u64) -> Reading {
    Reading::Whole(millis.into())
}

#[test]
fn the_shipped_old_data_is_as_its_head_says() {
    let scenario = shipped_scenario("old-data");
    let asked = [
        Figure::SitesBackWithOldData,
        Figure::UsersBackWithOldData,
        Figure::SitesLeftWithOldData,
        Figure::UsersLeftWithOldData,
        Figure::OldDataRepairedAfter,
        Figure::RpaMean,
        Figure::RpaP95,
        Figure::SitesWithinRpo,
        Figure::UsersWithinRpo,
    ];
    let merged = [
        Reading::Real(0.25),
        Reading::Real(0.6),
        Reading::Real(0.0),
        Reading::Real(0.0),
        whole(hours(24)),
        whole(6 * 60 * MINUTE + 3 * MINUTE),
        whole(24 * 60 * MINUTE + 3 * MINUTE),
        Reading::Real(0.75),
        Reading::Real(0.4),
    ];
    assert_eq!(readings(&scenario, 0, asked), merged);
    let mut never_merged = merged;
    never_merged[2] = Reading::Real(0.25);
    never_merged[3] = Reading::Real(0.6);
    // Nothing was repaired: there is no time until then, not one that never comes.
    never_merged[4] = Reading::Unknown;
    assert_eq!(readings(&scenario, 1, asked), never_merged);
}

#[test]
fn the_policy_says_which_data_loss_it_is_about() {
    let main = read("scenarios/old-data.toml");
    let text = main.replace("rpo_at = \"hand_over\"", "rpo_at = \"repair\"");
    let table = read("scenarios/parts/old-data-sites.csv");
    let checked = check_texts(&texts(&text, &[("parts/old-data-sites.csv", &table)]), &[]);
    let scenario = checked.scenario.expect("a sound scenario");
    let asked = [
        Figure::RpaMean,
        Figure::RpaP95,
        Figure::SitesWithinRpo,
        Figure::SitesBackWithOldData,
        Figure::OldDataRepairedAfter,
    ];
    let repaired = [
        whole(3 * MINUTE),
        whole(3 * MINUTE),
        Reading::Real(1.0),
        Reading::Real(0.25),
        whole(hours(24)),
    ];
    assert_eq!(readings(&scenario, 0, asked), repaired);
    // What is never repaired counts as it was at hand-over.
    let left = readings(&scenario, 1, [Figure::RpaP95, Figure::SitesWithinRpo]);
    assert_eq!(left, [whole(24 * 60 * MINUTE + 3 * MINUTE), Reading::Real(0.75)]);
}

fn run_to(name: &str, words: &[&str]) -> (Ran, PathBuf) {
    let folder = fresh_folder(name);
    let ran = blackstart_in(&folder, &[words, &["--out", "report"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    (ran, folder.join("report"))
}

fn summary(report: &Path) -> Value {
    let text = std::fs::read_to_string(report.join("summary.json")).expect("a summary");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn the_terminal_the_page_and_the_files_say_how_many_came_back_with_old_data() {
    let (ran, report) = run_to("old-data", &["run", SHIPPED]);
    let says = "In the mean of 60 exercises, 25.0% of the sites (60.0% of the users) came back with \
                data older than the RPO of 1 h; after repair, 24.0 h later in the mean, none.";
    let left = "In the mean of 60 exercises, 25.0% of the sites (60.0% of the users) came back with \
                data older than the RPO of 1 h; nothing of it was repaired.";
    assert!(ran.stdout.starts_with(&format!(
        "merged misses the policy: in none of 60 exercises did 95% of the sites lose at most 1 h of \
         data.\n  The RTO is met: in all 60 exercises, 95% of the sites were back within 6 h.\n  \
         {says}\n"
    )));
    assert!(ran.stdout.contains(&format!("\n  {left}\n")), "{}", ran.stdout);
    let row = |label: &str| -> Vec<String> {
        let line = ran.stdout.lines().find(|it| it.trim_start().starts_with(label));
        let line = line.unwrap_or_else(|| panic!("no {label} in {}", ran.stdout));
        line.split('|').take(2).map(|it| it.trim().to_owned()).collect()
    };
    assert_eq!(row("mean RPA"), ["mean RPA of an exercise", "6.0 h"]);
    assert_eq!(row("users back with old data"), ["users back with old data", "60.0%"]);
    assert_eq!(row("sites left with old data"), ["sites left with old data", "0.0%"]);
    assert_eq!(row("mean time until"), ["mean time until repaired", "24.0 h"]);
    let page = std::fs::read_to_string(report.join("report.html")).expect("a page");
    assert!(page.contains(says) && page.contains("RPA p95, at hand-over"));
    assert!(page.contains("The RPO is about the data at hand-over."));
    let summary = summary(&report);
    assert_eq!(summary["policy"]["rpo_at"], "hand_over");
    assert_eq!(summary["strategies"][0]["old_data"], says);
    let sites = std::fs::read_to_string(report.join("sites.csv")).expect("a table");
    let (head, first) = sites.split_once('\n').expect("a head");
    let cells: Vec<(&str, &str)> =
        head.split(',').zip(first.lines().next().expect("a site").split(',')).collect();
    assert!(cells.contains(&("site", "orchard")));
    assert!(cells.contains(&("share_back_with_old_data", "1.000000")), "{cells:?}");
    assert!(cells.contains(&("repaired_after_p50_s", "86400.000")), "{cells:?}");
    let rows = std::fs::read_to_string(report.join("replications.csv")).expect("a table");
    assert!(rows.lines().next().is_some_and(|it| it.contains("old_data_repaired_after_h")));
}

#[test]
fn slices_keep_what_was_repaired_and_when() {
    let folder = fresh_folder("old-data-slices");
    let run = |words: &[&str]| {
        let ran = blackstart_in(&folder, words);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    };
    run(&["run", SHIPPED, "--out", "whole"]);
    run(&["run", SHIPPED, "--slice", "1/2", "--out", "parts"]);
    run(&["run", SHIPPED, "--slice", "2/2", "--out", "parts"]);
    run(&["merge", "parts", "--out", "merged"]);
    assert_eq!(files_in(&folder.join("merged")), files_in(&folder.join("whole")));
}

/// Two ways back, of which only the second says to which moment data comes back.
const HALF_SILENT: &str = r#"schema = 1
title = "test"
[experiment]
replications = 40
[estate.services.db]
backup = { full = "24h", phase = "2h" }
[estate.sites]
count = 4
[[incident.deletions]]
[runbooks.silent]
steps = [{ id = "restore", duration = "1h" }]
[runbooks.loud]
steps = [{ id = "restore", duration = "1h", for_each.service = "db", restore_point.latest = true }]
[strategies.silent]
tracks = [{ runbook = "silent" }]
[strategies.loud]
tracks = [{ runbook = "loud" }]
[policy]
rto = "2h"
rpo = "3h"
"#;

#[test]
fn an_rpo_is_not_judged_where_no_step_says_to_which_moment_data_comes_back() {
    let checked = checked(HALF_SILENT, &[]);
    let warning = "warning[suspicious]: no step of `silent` says to which moment data comes back, \
                   so the RPO is not judged";
    let told = checked.diagnostics.render(&checked.sources, false);
    assert!(told.starts_with(warning), "{told}");
    assert!(told.contains("add a `restore_point` to the step that brings data back"), "{told}");

    let scenario = scenario(HALF_SILENT);
    let asked = [
        Figure::RpaMean,
        Figure::RpaP95,
        Figure::SitesWithinRpo,
        Figure::UsersWithinRpo,
        Figure::SitesBackWithOldData,
    ];
    assert_eq!(readings(&scenario, 0, asked), [Reading::Unknown; 5], "unknown, and not none");
    assert_eq!(readings(&scenario, 1, asked)[..2], [whole(hours(2)), whole(hours(2))]);

    let folder = fresh_folder("half-silent");
    std::fs::write(folder.join("half.toml"), HALF_SILENT).expect("a file can be written");
    let ran = blackstart_in(&folder, &["run", "half.toml", "--out", "report"]);
    assert!(ran.stderr.contains(warning), "{}", ran.stderr);
    assert!(
        ran.stdout.starts_with(
            "silent may or may not meet the policy: the RPO is not judged, as no step of silent \
             says to which moment data comes back.\n  The RTO is met: in all 40 exercises, 95% of \
             the sites were back within 2 h.\n\nloud meets the policy"
        ),
        "{}",
        ran.stdout
    );
    let unknown = "How much data is lost is not known: no step of silent says to which moment data \
                   comes back.";
    assert!(ran.stdout.contains(unknown), "{}", ran.stdout);
    let summary = summary(&folder.join("report"));
    let verdict = &summary["strategies"][0]["verdict"];
    assert_eq!(
        (&verdict["rpo"], &verdict["policy"]["verdict"]),
        (&Value::Null, &"undecided".into())
    );
    let not_judged =
        "The RPO is not judged: no step of silent says to which moment data comes back.";
    assert_eq!(verdict["rpo_not_judged"], not_judged);
    assert_eq!(summary["strategies"][0]["data_loss_unknown"], unknown);
    let names = |place: usize| summary["strategies"][place]["figures"].to_string();
    for gone in ["rpa", "within_rpo", "assurance\"", "old_data"] {
        assert!(!names(0).contains(gone) && names(1).contains(gone), "{gone}");
    }
    let rows = std::fs::read_to_string(folder.join("report/replications.csv")).expect("a table");
    assert!(rows.lines().nth(1).is_some_and(|it| it.contains(",true,not judged,not judged,")));
    let page = std::fs::read_to_string(folder.join("report/report.html")).expect("a page");
    assert!(
        page.contains("not judged</span>") && page.contains(not_judged) && page.contains(unknown)
    );
    assert!(
        page.contains("Not known: silent."),
        "the picture of data lost says whose it leaves out"
    );
}

#[test]
fn a_policy_is_missed_by_the_one_objective_that_is_judged() {
    let late = HALF_SILENT.replace("rto = \"2h\"", "rto = \"30m\"");
    let folder = fresh_folder("half-silent-late");
    std::fs::write(folder.join("half.toml"), late).expect("a file can be written");
    let ran = blackstart_in(&folder, &["run", "half.toml", "--out", "report"]);
    assert!(
        ran.stdout.starts_with(
            "silent misses the policy: in none of 40 exercises were 95% of the sites back within 30 \
             min.\n  The RPO is not judged: no step of silent says to which moment data comes back.\n"
        ),
        "{}",
        ran.stdout
    );
    let rows = std::fs::read_to_string(folder.join("report/replications.csv")).expect("a table");
    assert!(
        rows.lines().nth(1).is_some_and(|it| it.contains(",false,not judged,false,")),
        "{rows}"
    );
}

/// What a check of the two ways back says with these budgets.
fn check_of(name: &str, budgets: &str, more: &[&str]) -> (Ran, PathBuf) {
    let folder = fresh_folder(name);
    std::fs::write(folder.join("half.toml"), format!("{HALF_SILENT}{budgets}")).expect("a file");
    (blackstart_in(&folder, &[&["check", "half.toml"], more].concat()), folder)
}

const ON_LOSS: &str = "[[budgets]]\nmetric = \"site.rpa\"\nexpect = \"max <= 3h\"\n";
const ON_TIME: &str = "[[budgets]]\nmetric = \"site.rta\"\nexpect = \"max <= 2h\"\n";

#[test]
fn a_check_does_not_pass_what_it_cannot_judge() {
    let (ran, folder) = check_of(
        "check-silent",
        &format!("{ON_LOSS}{ON_TIME}"),
        &["--out", "a.xml", "--out", "a.md", "--out", "a.json"],
    );
    assert_eq!(ran.code, 4, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.starts_with("1 of 4 budgets not judged.\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("NOT JUDGED"), "{}", ran.stdout);
    let why = "no step of silent says to which moment data comes back";
    assert!(ran.stdout.contains(why), "{}", ran.stdout);
    let told = "`site.rpa` is not judged";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    let file = |name: &str| std::fs::read_to_string(folder.join(name)).expect("a file");
    assert!(file("a.xml").contains("type=\"not judged\""), "{}", file("a.xml"));
    assert!(file("a.md").contains("**not judged**; no step of silent"), "{}", file("a.md"));
    assert!(file("a.json").contains("\"verdict\": \"not_judged\""), "{}", file("a.json"));

    let strict = check_of("check-strict", ON_LOSS, &["--fail-on-undecided"]).0;
    assert_eq!(strict.code, 4, "more exercises would not help: {}", strict.stdout);
    let missed = ON_TIME.replace("2h", "30m");
    let missed = check_of("check-missed", &format!("{ON_LOSS}{missed}"), &[]).0;
    assert_eq!(missed.code, 99, "the highest wins: {}", missed.stdout);
    let warned = format!("{ON_LOSS}level = \"warn\"\n{ON_TIME}");
    assert_eq!(check_of("check-warned", &warned, &[]).0.code, 0);
    let loud = format!("{ON_LOSS}select = {{ strategy = \"loud\" }}\n");
    let loud = check_of("check-loud", &loud, &[]).0;
    assert_eq!((loud.code, loud.stderr.contains(told)), (0, false), "{}", loud.stderr);
}

#[test]
fn a_baseline_of_another_data_loss_is_refused() {
    let folder = fresh_folder("baseline-of-losses");
    let write = |text: &str| std::fs::write(folder.join("half.toml"), text).expect("a file");
    let check = |words: &[&str]| blackstart_in(&folder, &[&["check", "half.toml"], words].concat());
    write(HALF_SILENT);
    assert_eq!(check(&["--accept-baseline", "b.json"]).code, 0);
    assert_eq!(check(&["--baseline", "b.json"]).code, 0, "a strategy may say nothing in both");
    write(&HALF_SILENT.replace("rpo = \"3h\"", "rpo = \"3h\"\nrpo_at = \"repair\""));
    let other = check(&["--baseline", "b.json"]);
    let differs = "`policy.rpo_at` was hand_over and is repair";
    assert!(other.code == 3 && other.stderr.contains(differs), "{}", other.stderr);
    write(&HALF_SILENT.replace(", for_each.service = \"db\", restore_point.latest = true", ""));
    let silent = check(&["--baseline", "b.json"]);
    let gone = "it has `exercise.rpa.p95` of `loud`, and no step of that says";
    assert!(silent.code == 3 && silent.stderr.contains(gone), "{}", silent.stderr);
}

/// Of four sites the two gold ones are restored by steps that say to which moment.
const SOME_UNKNOWN: &str = r#"schema = 1
title = "test"
[estate.services.db]
backup = { full = "24h", phase = "2h" }
[estate.sites]
csv = "sites.csv"
[[incident.deletions]]
[runbooks.silent]
steps = [{ id = "restore", duration = "1h" }]
[runbooks.loud]
steps = [{ id = "restore", duration = "1h", for_each.service = "db", restore_point.latest = true }]
[strategies.both]
tracks = [
    { runbook = "loud", takes = { tiers = ["gold"] } },
    { runbook = "silent", takes = { tiers = ["plain"] } },
]
[policy]
rpo = "3h"
coverage = "50%"
"#;

#[test]
fn a_site_of_which_nobody_knows_what_it_lost_counts_as_one_that_is_not_back() {
    let sites = "site,users,tier\na,10,gold\nb,10,gold\nc,10,plain\nd,70,plain\n";
    let checked = check_texts(&texts(SOME_UNKNOWN, &[("sites.csv", sites)]), &[]);
    assert_eq!(checked.diagnostics.render(&checked.sources, false), "", "it is judged");
    let scenario = checked.scenario.expect("a sound scenario");
    let asked = [
        Figure::SitesWithinRpo,
        Figure::UsersWithinRpo,
        Figure::RpaP95,
        Figure::RpaMean,
        Figure::SitesBackWithOldData,
        Figure::SitesRestored,
    ];
    let told = [
        Reading::Real(0.5),
        Reading::Real(0.2),
        Reading::Never,
        Reading::Never,
        Reading::Real(0.0),
        whole(4),
    ];
    assert_eq!(readings(&scenario, 0, asked), told);
    let outcome = review::trace(&scenario, StrategyId::new(0), 1, 0).outcome;
    let known: Vec<bool> = outcome.data_loss.iter().map(|it| it.at_hand_over.is_some()).collect();
    assert_eq!(known, [true, true, false, false]);
}

/// Two stores are brought back too far and mended three and nine hours after the hand-over.
const MENDED: &str = r#"schema = 1
title = "test"
[experiment]
horizon = "HORIZON"
[estate.services.a]
backup = { full = "24h", phase = "5m" }
[estate.services.b]
backup = { full = "24h", phase = "20m" }
[estate.sites]
count = 1
[[incident.deletions]]
[[runbooks.r.steps]]
id = "a"
duration = "1h"
for_each.service = "a"
restore_point = { latest = true, by_hand = { probability = 1, older = "48h", repaired_by = "mend-a" } }
[[runbooks.r.steps]]
id = "b"
duration = "1h"
for_each.service = "b"
restore_point = { latest = true, by_hand = { probability = 1, older = "24h", repaired_by = "mend-b" } }
[[runbooks.r.steps]]
id = "check"
after = ["a", "b"]
duration = "1h"
hand_over = true
[[runbooks.r.steps]]
id = "mend-a"
after = ["check"]
duration = "3h"
[[runbooks.r.steps]]
id = "mend-b"
after = ["check"]
duration = "9h"
[[strategies.s.tracks]]
runbook = "r"
"#;

#[test]
fn a_site_is_repaired_when_its_worst_store_last_got_better() {
    let repaired = |horizon: &str| {
        let loss = trace(&MENDED.replace("HORIZON", horizon), 0).outcome.data_loss[0];
        let at = loss.repaired_at.expect("it is back").since_start();
        (loss.after_repair.expect("it is known").to_string(), at.to_string())
    };
    assert_eq!(repaired("4h"), ("2d 5m".to_owned(), "2h".to_owned()), "not yet: at hand-over");
    assert_eq!(repaired("6h"), ("1d 20m".to_owned(), "5h".to_owned()));
    assert_eq!(repaired("20h"), ("20m".to_owned(), "11h".to_owned()));
}

#[test]
fn data_that_comes_after_the_hand_over_is_unknown_before_it() {
    let text = r#"schema = 1
title = "test"
[estate.services.db]
backup = { full = "24h", phase = "2h" }
[estate.sites]
count = 1
[[incident.deletions]]
[[runbooks.r.steps]]
id = "open"
duration = "1h"
hand_over = true
[[runbooks.r.steps]]
id = "load"
after = ["open"]
duration = "5h"
for_each.service = "db"
restore_point.latest = true
[[strategies.s.tracks]]
runbook = "r"
"#;
    let loss = trace(text, 0).outcome.data_loss[0];
    assert_eq!((loss.at_hand_over, loss.inconsistency), (None, None));
    assert_eq!(loss.after_repair, Some(SimDuration::from_hours(2)));
    assert_eq!(loss.repaired_at.map(|it| it.as_millis()), Some(hours(6)));
    assert_eq!(loss.repaired(), None, "nobody knows what it got better than");
}
