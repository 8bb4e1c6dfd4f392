//! `blackstart check`: budgets, their verdicts, and what builds are told of them.

use std::fs;

use blackstart::experiment::{self, Design};
use blackstart::measure;
use blackstart::scenario::check_texts;
use blackstart::verdict::{Verdict, judge_budgets};
use snapbox::{assert_data_eq, str};

use crate::support::{
    Ran, blackstart_in, fresh_folder, in_process, read, scenario, shipped_scenario, small, texts,
    words,
};

const BUDGETS: &str = "scenarios/budgets.toml";

/// One person restores three sites of two hours each: back after 2, 4 and 6 hours.
const THREE: &str = r#"schema = 1
title = "test"
[experiment]
replications = 40
horizon = "10d"
[estate.sites]
count = 3
[[incident.deletions]]
[teams.a]
people = 1
[[runbooks.r.steps]]
id = "x"
team = "a"
duration = "2h"
[strategies.s]
tracks = [{ runbook = "r" }]
"#;

/// The verdicts on the budgets of a text, a line each, with what was seen in the first exercise.
fn verdicts_of(text: &str) -> String {
    let scenario = scenario(text);
    let results = experiment::run(&scenario, &Design::of(&scenario), &|| ());
    let measurements = measure::measure(&scenario, &results);
    let line = |it: &blackstart::verdict::BudgetVerdict| {
        let budget = &scenario.budgets[it.budget];
        let strategy = &scenario.strategies[it.strategy].name;
        let verdict = format!("{:?}", it.verdict()).to_lowercase();
        format!("{strategy}: {} {verdict} {}\n", budget.name, it.values[0])
    };
    judge_budgets(&scenario, &results, &measurements).iter().map(line).collect()
}

fn three(budgets: &str) -> String {
    verdicts_of(&format!("{THREE}{budgets}"))
}

fn budget(metric: &str, expect: &str) -> String {
    format!("[[budgets]]\nmetric = \"{metric}\"\nexpect = \"{expect}\"\n")
}

#[test]
fn the_shipped_budgets_are_as_by_hand() {
    let scenario = shipped_scenario("budgets");
    let results = experiment::run(&scenario, &Design::of(&scenario), &|| ());
    let measurements = measure::measure(&scenario, &results);
    let hours = 3_600_000.0;
    let mut seen = Vec::new();
    for it in judge_budgets(&scenario, &results, &measurements) {
        assert!(it.values.iter().all(|value| *value == it.values[0]));
        let budget = &scenario.budgets[it.budget];
        seen.push((
            scenario.strategies[it.strategy].name.as_str(),
            budget.expect.written.as_str(),
            it.values[0],
            it.verdict(),
        ));
    }
    let met = Verdict::Met;
    assert_eq!(
        seen,
        [
            ("one-person", "value <= 12", 12.0, met),
            ("one-person", "max < 14h", 12.0 * hours, met),
            ("one-person", "max <= 6h", 6.0 * hours, met),
            ("one-person", "p(50) <= 4h", 4.0 * hours, met),
            ("one-person", "share_within(6h) >= 80%", 0.5, Verdict::Missed),
            ("three-people", "value <= 12", 12.0, met),
            ("three-people", "max < 14h", 4.0 * hours, met),
            ("three-people", "max <= 6h", 2.0 * hours, met),
            ("three-people", "p(50) <= 4h", 2.0 * hours, met),
            ("three-people", "share_within(6h) >= 80%", 1.0, met),
            ("three-people", "value < 6h", 4.0 * hours, met),
        ]
    );
}

#[test]
fn every_aggregate_and_every_comparison() {
    let each = ["p(34) == 4h", "max > 5h", "min != 2h", "mean <= 4h", "count >= 3"];
    let more = ["share_within(4h) < 67%", "share_within(4h) > 66%", "p(67) <= 4h"];
    let budgets: String = each.iter().chain(&more).map(|it| budget("site.rta", it)).collect();
    assert_data_eq!(
        three(&budgets),
        str![[r#"
s: site.rta p(34) == 4h met 14400000
s: site.rta max > 5h met 21600000
s: site.rta min != 2h missed 7200000
s: site.rta mean <= 4h met 14400000
s: site.rta count >= 3 met 3
s: site.rta share_within(4h) < 67% met 0.6666666666666666
s: site.rta share_within(4h) > 66% met 0.6666666666666666
s: site.rta p(67) <= 4h missed 21600000

"#]]
    );
}

#[test]
fn figures_that_an_exercise_has_once() {
    let each = [
        ("first_site_back", "value == 2h"),
        ("makespan", "value < 6h"),
        ("sites_deleted", "value == 3"),
        ("site_hours_lost", "value <= 12"),
        ("share_of_sites_restored", "value == 100%"),
    ];
    let budgets: String = each.iter().map(|(metric, expect)| budget(metric, expect)).collect();
    assert_data_eq!(
        three(&budgets),
        str![[r#"
s: first_site_back value == 2h met 7200000
s: last_site_back value < 6h missed 21600000
s: sites_deleted value == 3 met 3
s: site_hours_lost value <= 12 met 12
s: share_of_sites_restored value == 100% met 1

"#]]
    );
}

#[test]
fn a_site_that_is_not_restored_is_beyond_every_limit() {
    let text = THREE.replace("horizon = \"10d\"", "horizon = \"5h\"");
    let budgets = budget("site.rta", "p(95) < 3650d") + &budget("site.rta", "p(66) <= 4h");
    let budgets = budgets + &budget("last_site_back", "value < 3650d");
    assert_data_eq!(
        verdicts_of(&format!("{text}{budgets}")),
        str![[r#"
s: site.rta p(95) < 3650d missed inf
s: site.rta p(66) <= 4h met 14400000
s: last_site_back value < 3650d missed inf

"#]]
    );
}

#[test]
fn budgets_of_shared_files_come_first_and_keep_their_places() {
    let main = format!("use = [\"policy.toml\"]\n{THREE}{}", budget("site.rta", "max < 9h"));
    let policy = format!("# shared\n{}", budget("site.rta", "max < 7h"));
    let checked = check_texts(&texts(&main, &[("policy.toml", &policy)]), &[]);
    let scenario = checked.scenario.expect("two sound files");
    let places = scenario.budgets.iter().map(|it| {
        format!("{}:{}:{} {}\n", it.place.file, it.place.line, it.place.column, it.expect.written)
    });
    let lines = THREE.lines().count();
    assert_eq!(
        places.collect::<String>(),
        format!("policy.toml:4:10 max < 7h\ntest.toml:{}:10 max < 9h\n", lines + 4)
    );
}

/// Writes a text into a folder of its own and checks it there.
#[track_caller]
fn checked_in(name: &str, text: &str, more: &[&str]) -> Ran {
    let folder = fresh_folder(name);
    fs::write(folder.join("x.toml"), text).expect("a file can be written");
    let mut words = vec!["check", "x.toml"];
    words.extend(more);
    blackstart_in(&folder, &words)
}

#[test]
fn what_the_terminal_shows() {
    let ran = in_process(&["check", BUDGETS]);
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.starts_with("next, to see what would help one-person: "), "{}", ran.stderr);
    assert_data_eq!(
        ran.stdout,
        str![[r#"
1 of 11 budgets missed as a warning.

budget  one-person: person_hours                             value <= 12              met            12 (95% CI 12, n=40)                  scenarios/parts/budgets.toml:5
budget  one-person: site.rta                                 max < 14h                met            12.0 h (95% CI 12.0 to 12.0 h, n=40)  scenarios/budgets.toml:54
budget  one-person: site.rta{tier=gold}                      max <= 6h                met            6.0 h (95% CI 6.0 to 6.0 h, n=40)     scenarios/budgets.toml:60
budget  one-person: site.rta{by=user}                        p(50) <= 4h              met            4.0 h (95% CI 4.0 to 4.0 h, n=40)     scenarios/budgets.toml:65
budget  one-person: site.rta                                 share_within(6h) >= 80%  MISSED (warn)  50.0% (95% CI 50.0%, n=40)            scenarios/budgets.toml:69
        holds in 0 of 40 exercises, 90% asked for; at most 7.2% with 95% confidence
        worst: demo 12.0 h, cray 10.0 h, bolt-2 8.0 h, bolt-1 6.0 h, acme-shop 4.0 h
budget  three-people: person_hours                           value <= 12              met            12 (95% CI 12, n=40)                  scenarios/parts/budgets.toml:5
budget  three-people: site.rta                               max < 14h                met            4.0 h (95% CI 4.0 to 4.0 h, n=40)     scenarios/budgets.toml:54
budget  three-people: site.rta{tier=gold}                    max <= 6h                met            2.0 h (95% CI 2.0 to 2.0 h, n=40)     scenarios/budgets.toml:60
budget  three-people: site.rta{by=user}                      p(50) <= 4h              met            2.0 h (95% CI 2.0 to 2.0 h, n=40)     scenarios/budgets.toml:65
budget  three-people: site.rta                               share_within(6h) >= 80%  met (warn)     100.0% (95% CI 100.0%, n=40)          scenarios/budgets.toml:69
budget  three-people: last_site_back{strategy=three-people}  value < 6h               met            4.0 h (95% CI 4.0 to 4.0 h, n=40)     scenarios/budgets.toml:75
late    one-person is late because of restore (restore) 100.0% (of the site at 95%, 40 exercises)
reproduce: blackstart check scenarios/budgets.toml --seed 1 --replications 40
exit 0

"#]]
    );
}

#[test]
fn a_missed_budget_ends_with_99_unless_it_only_warns() {
    let missed = format!("{THREE}{}", budget("site.rta", "max < 6h"));
    let ran = checked_in("check-missed", &missed, &[]);
    assert_eq!(ran.code, 99, "{}", ran.stderr);
    assert_data_eq!(
        ran.stdout,
        str![[r#"
1 of 1 budget missed.

budget  site.rta  max < 6h  MISSED  6.0 h (95% CI 6.0 to 6.0 h, n=40)  x.toml:19
        holds in 0 of 40 exercises, 90% asked for; at most 7.2% with 95% confidence
        worst: site-0003 6.0 h, site-0002 4.0 h, site-0001 2.0 h
late    s is late because of x (r) 100.0% (of the site at 95%, 40 exercises)
reproduce: blackstart check x.toml --seed 1 --replications 40
exit 99

"#]]
    );
    let warned = checked_in("check-warned", &format!("{missed}level = \"warn\"\n"), &[]);
    assert_eq!(warned.code, 0);
    assert!(warned.stdout.contains("MISSED (warn)"), "{}", warned.stdout);
    let run = checked_in("check-off", &format!("{missed}level = \"off\"\n"), &[]);
    assert_eq!(run.code, 4, "there is nothing else to check");
}

#[test]
fn an_undecided_budget_fails_only_if_asked_to() {
    let text = format!("{THREE}{}", budget("site.rta", "max < 7h"));
    let few = ["--replications", "20"];
    let ran = checked_in("check-undecided", &text, &few);
    assert_eq!(ran.code, 0);
    assert_data_eq!(
        ran.stdout,
        str![[r#"
1 of 1 budget undecided.

budget  site.rta  max < 7h  undecided  6.0 h (95% CI 6.0 to 6.0 h, n=20)  x.toml:19
        holds in 20 of 20 exercises, 90% asked for; at least 86.1% with 95% confidence
        29 exercises would decide if that share stays
        worst: site-0003 6.0 h, site-0002 4.0 h, site-0001 2.0 h
late    s is late because of x (r) 100.0% (of the site at 95%, 20 exercises)
reproduce: blackstart check x.toml --seed 1 --replications 20
exit 0

"#]]
    );
    let strict = checked_in("check-strict", &text, &[&few[..], &["--fail-on-undecided"]].concat());
    assert_eq!(strict.code, 97);
    let enough = ["--replications", "29", "--fail-on-undecided"];
    assert_eq!(checked_in("check-enough", &text, &enough).code, 0);
}

#[test]
fn where_nothing_is_checked_it_ends_with_4() {
    let ran = checked_in("check-nothing", THREE, &[]);
    assert_eq!(ran.code, 4);
    let head = "No budget was checked.\nx.toml: error[missing-key]: there is no budget to check";
    assert!(ran.stdout.starts_with(head) && ran.stdout.ends_with("\nexit 4\n"), "{}", ran.stdout);
    assert_data_eq!(
        ran.stderr,
        str![[r#"
error[missing-key]: there is no budget to check in `x.toml`
 |
 = help: add a table `[[budgets]]` with `metric = "site.rta"` and an `expect`


"#]]
    );
    let elsewhere =
        budget("site.rta", "max < 9h").replace("expect", "select = { strategy = \"s\" }\nexpect");
    let two = format!("{THREE}[strategies.t]\nbased_on = \"s\"\n{elsewhere}");
    assert_eq!(checked_in("check-elsewhere", &two, &["--strategy", "t"]).code, 4);
    assert_eq!(checked_in("check-here", &two, &["--strategy", "s"]).code, 0);
}

/// Under this guardrail no exercise deletes the second half of the sites.
fn stopped() -> String {
    let stages = "guardrails = [\"bulk_cap\"]\ntracks";
    let text = THREE.replace("tracks", stages).replace(
        "[[incident.deletions]]",
        "[incident.guardrails.bulk_cap]\nsites = 1\n[[incident.deletions]]\norder = \"list\"",
    );
    text.replace("count = 3", "csv = \"sites.csv\"\ntiers = [{ tier = \"a\" }, { tier = \"b\" }]")
}

#[test]
fn a_budget_that_matches_no_site_in_any_exercise_fails() {
    let folder = fresh_folder("check-matched");
    fs::write(folder.join("sites.csv"), "site,tier\none,a\ntwo,b\n").expect("a file");
    let of = |tier: &str| {
        budget("site.rta", "max < 9h")
            .replace("expect", &format!("select = {{ tier = \"{tier}\" }}\nexpect"))
    };
    let check = |budgets: &str| {
        fs::write(folder.join("x.toml"), format!("{}{budgets}", stopped())).expect("a file");
        blackstart_in(&folder, &["check", "x.toml"])
    };
    let ran = check(&(of("a") + &of("b")));
    assert_eq!(ran.code, 99, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.starts_with("1 of 2 budgets matched nothing.\n"), "{}", ran.stdout);
    assert_eq!(check(&of("b")).code, 4, "nothing was checked");
    assert_eq!(check(&of("a")).code, 0);
}

#[test]
fn the_worst_of_several_scenarios_decides() {
    let folder = fresh_folder("check-several");
    let write = |name: &str, expect: &str| {
        let text = format!("{THREE}{}", budget("site.rta", expect));
        fs::write(folder.join(name), text).expect("a file can be written");
    };
    write("good.toml", "max < 9h");
    write("bad.toml", "max < 5h");
    fs::write(folder.join("none.toml"), THREE).expect("a file can be written");
    fs::write(folder.join("broken.toml"), "schema = 2").expect("a file can be written");
    let code = |names: &[&str]| blackstart_in(&folder, &[&["check"], names].concat()).code;
    assert_eq!(code(&["good.toml"]), 0);
    assert_eq!(code(&["good.toml", "none.toml"]), 4);
    assert_eq!(code(&["bad.toml", "good.toml", "none.toml"]), 99);
    assert_eq!(code(&["bad.toml", "broken.toml"]), 3, "nothing is simulated then");
}

#[test]
fn the_reproducing_command_gives_the_same_text() {
    let first =
        in_process(&["check", BUDGETS, "--strategy", "three-people", "--fail-on-undecided"]);
    let command = first.stdout.lines().find_map(|it| it.strip_prefix("reproduce: blackstart "));
    let words = words(command.expect("a line with the command"));
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    assert_eq!(in_process(&words).stdout, first.stdout);
}

#[test]
fn only_strategies_that_a_budget_is_about_are_simulated() {
    let elsewhere =
        budget("site.rta", "max < 9h").replace("expect", "select = { strategy = \"t\" }\nexpect");
    let text = format!("{THREE}[strategies.t]\nbased_on = \"s\"\n{elsewhere}");
    let ran = checked_in("check-only", &text, &["--format", "junit"]);
    assert!(ran.stdout.contains("\"x.t\"") && !ran.stdout.contains("\"x.s\""), "{}", ran.stdout);
}

#[test]
fn a_run_ends_well_whatever_the_budgets_say() {
    let text = format!("{THREE}{}", budget("site.rta", "max < 6h"));
    let folder = fresh_folder("check-run");
    fs::write(folder.join("x.toml"), text).expect("a file can be written");
    assert_eq!(blackstart_in(&folder, &["run", "x.toml", "--out", "r"]).code, 0);
    let summary = fs::read_to_string(folder.join("r/summary.json")).expect("a summary");
    assert!(!summary.contains("budget"));
    assert!(read(BUDGETS).contains("[[budgets]]"));
}

#[test]
fn where_every_exercise_has_its_own_sites_each_is_looked_at_with_its_own() {
    let regions = THREE.replace(
        "count = 3",
        "count = 30\nresample = true\nregions = { eu = \"50%\", us = \"50%\" }",
    );
    let count = |select: &str| {
        let text = format!("{regions}{}{select}", budget("site.rta", "count > 0"));
        let scenario = scenario(&text);
        let results = experiment::run(&scenario, &Design::of(&scenario), &|| ());
        let measurements = measure::measure(&scenario, &results);
        judge_budgets(&scenario, &results, &measurements).remove(0).values
    };
    let (all, eu) = (count(""), count("select = { region = \"eu\" }\n"));
    let us = count("select = { region = \"us\" }\n");
    assert_eq!(all, [30.0; 40]);
    assert!(eu.iter().zip(&us).all(|(eu, us)| eu + us == 30.0), "{eu:?} {us:?}");
    assert!(eu.iter().any(|it| *it != eu[0]), "{eu:?}");
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    let on = |jobs: &str| {
        let words = ["check", "scenarios/quickstart.toml", "--set", QUICK, "--jobs", jobs];
        in_process(&[&words[..], &["--replications", "50", "--format", "json"]].concat()).stdout
    };
    assert!(on("1").contains("p(95) < 14h"));
    assert_eq!(on("1"), on("7"));
}

const QUICK: &str = "budgets=[{ metric = \"site.rta\", expect = \"p(95) < 14h\" }]";

#[test]
fn an_objective_that_is_met_exactly_is_met() {
    let text = small(
        1,
        r#"
[runbooks.r]
sequential = true
steps = [{ id = "work", duration = "6h" }, { id = "signed-off", duration = "0s" }]
[[strategies.s.tracks]]
runbook = "r"
[policy]
rto = "6h"
"#,
    );
    let folder = fresh_folder("met-exactly");
    fs::write(folder.join("x.toml"), text).expect("a file can be written");
    let ran = blackstart_in(&folder, &["run", "x.toml", "--replications", "60", "--quiet"]);
    assert!(ran.stdout.starts_with("s meets the policy"), "{}", ran.stdout);
}
