//! What each inject cost: the same exercises without it, worked out by hand.

use std::fs;

use blackstart::experiment::{Design, Results, StrategyResults};
use blackstart::measure::{ReplicationMetrics, StrategyMetrics};
use blackstart::scenario::{
    Figure, FigureOf, InjectKind, PriorityRule, Reading, Scenario, check_texts,
};
use blackstart::verdict::judge_all;
use blackstart::{experiment, measure, report, review};
use proptest::prelude::*;
use serde_json::Value;

use crate::check_outputs::assert_described;
use crate::everything::generated;
use crate::injects::imports;
use crate::support::{
    files_in, fresh_folder, in_process, only, read, scenario, shipped_scenario, texts_beside, trace,
};

/// What is told of every inject, strategy by strategy.
#[track_caller]
fn told_of(scenario: &Scenario, replications: u32) -> String {
    let design = Design { replications, ..Design::of(scenario) };
    let results = experiment::run(scenario, &design, &|| ());
    let measurements = measure::measure(scenario, &results);
    let verdicts = judge_all(scenario, &measurements);
    let causes =
        review::causes(scenario, &results, &measurements, review::Pulled::Likeliest, &|| ());
    let view = report::view(scenario, &results, &measurements, &verdicts, &causes, "");
    let injects = view.strategies.iter().flat_map(|it| &it.injects);
    injects.map(|it| format!("{}\n", it.sentence)).collect()
}

#[track_caller]
fn told(text: &str, replications: u32) -> String {
    told_of(&scenario(text), replications)
}

/// Two sites that one person imports one after the other, in an hour each: 1:00 and 2:00.
fn two(injects: &str) -> String {
    imports(2, "people = 1", injects)
}

#[test]
fn what_each_inject_of_the_scenario_costs_is_worked_out_by_hand() {
    // With all of them the sites are back at 2:30, 1:30, 4:30 and 4:30: 13 site-hours and, with the
    // import that fails, 5 person-hours. Without the failure 1:30, 1:30, 2:30 and 4:30: the fourth
    // waits for a second person and then for its check. With both people there all the time 2:30,
    // 1:30, 2:30 and 4:30. Without the freeze 2:30, 1:30, 3:30 and 3:30. Together they cost 5
    // site-hours and not the 7 of the sum: without any the sites are back after 8.
    let told = told(&read("scenarios/injects.toml"), 20);
    assert_eq!(
        told,
        "\
The first import fails: thrown into all 20 exercises. What it cost there: 95% of the sites back at \
the same time (in every exercise), 3 more site-hours (in every exercise), 1 more person-hour (in \
every exercise).
One engineer is called away: thrown into all 20 exercises. What it cost there: 95% of the sites \
back at the same time (in every exercise), 2 more site-hours (in every exercise), as many \
person-hours (in every exercise).
Nothing may be checked: thrown into all 20 exercises. What it cost there: 95% of the sites back 60 \
min later (in every exercise), 2 more site-hours (in every exercise), as many person-hours (in \
every exercise).
"
    );
    let last = told.lines().last().expect("there are three");
    assert!(read("reports/README.md").contains(&format!("```text\n{last}\n```")));
}

const FREEZE: &str = "[[injects]]\nlasts = \"2h\"\nfreeze = { phases = [\"data\"] }\n";
const TWO_HOURS: &str = "95% of the sites back 2.0 h later (in every exercise), 4 more site-hours \
                         (in every exercise), as many person-hours (in every exercise).\n";
const NOTHING: &str = "What it cost there: nothing; 95% of the sites were back at the same time, \
                       with as many site-hours and person-hours.\n";

#[test]
fn two_hours_in_which_nobody_may_start_cost_two_hours_whatever_the_dice_say() {
    let random = "duration.lognormal = { p50 = \"1h\", p90 = \"5h\" }";
    assert_eq!(
        told(&two(FREEZE).replace("duration = \"1h\"", random), 30),
        format!("freeze of import: thrown into all 30 exercises. What it cost there: {TWO_HOURS}")
    );
}

#[test]
fn an_inject_that_comes_in_some_exercises_is_counted_as_their_logs_have_it() {
    let scenario = shipped_scenario("compare");
    let is_thrown_in = |replication: &u64| {
        let strategy = scenario.strategies.ids().next().expect("it has three");
        let trace = review::trace(&scenario, strategy, scenario.experiment.seed, *replication);
        trace.records.iter().any(|it| it.what.to_string() == "inject")
    };
    let number = (0..100).filter(is_thrown_in).count();
    assert!((30..70).contains(&number), "{number}");
    // Two hours later for each of six sites, under each of three strategies.
    let expected = format!(
        "Nothing may be changed for two hours: thrown into {number} of 100 exercises. What it cost \
         there: {TWO_HOURS}"
    );
    assert_eq!(told_of(&scenario, 100), expected.replace("4 more", "12 more").repeat(3));
}

#[test]
fn of_many_exercises_all_are_counted_and_the_first_two_hundred_compared() {
    assert_eq!(
        told(&two(FREEZE), 201),
        format!(
            "freeze of import: thrown into all 201 exercises. What it cost in the first 200 of \
             those: {TWO_HOURS}"
        )
    );
}

#[test]
fn what_is_never_thrown_in_has_no_cost() {
    let text = r#"
[experiment]
horizon = "5d"
[incident.milestones.told]
delay = "6d"
[[injects]]
at = "told"
freeze = { phases = ["data"] }
"#;
    assert_eq!(told(&two(text), 20), "freeze of import: thrown into none of 20 exercises.\n");
    assert_eq!(told(&two(text), 1), "freeze of import: not thrown into the only exercise.\n");
}

#[test]
fn what_changes_nothing_is_said_to_cost_nothing() {
    let late = "[[injects]]\nat = \"T+3h\"\npeople_away = { team = \"a\", people = 1 }\n";
    for (replications, into) in [(20, "all 20 exercises"), (1, "the only exercise")] {
        assert_eq!(
            told(&two(late), replications),
            format!("1 of team a away: thrown into {into}. {NOTHING}")
        );
    }
}

#[test]
fn an_inject_that_mostly_comes_too_late_says_in_how_many_exercises_it_changed_nothing() {
    // What comes before the second import starts, at 1:00, makes it fail: an hour later, one more
    // site-hour and an hour of work more.
    let text = two(r#"
[[injects]]
delay.uniform = { min = "0h", max = "5h" }
attempts_fail = { step = "import" }
"#);
    let fails = |replication: &u64| {
        let trace = trace(&text, *replication);
        trace.records.iter().any(|it| it.what.to_string() == "fail")
    };
    let late = 60 - (0..60).filter(fails).count();
    assert!((30..60).contains(&late), "{late}");
    let told = told(&text, 60);
    let last = format!(" In {late} of these 60 exercises it changed none of that.\n");
    assert!(told.ends_with(&last), "{told}");
    let mean = format!("95% of the sites back {} min later (", 60 - late);
    assert!(told.contains(&mean), "{told}");
}

#[test]
fn what_is_switched_off_is_not_told() {
    let off = FREEZE.replace("[[injects]]", "[[injects]]\nenabled = false");
    assert_eq!(told(&two(&off), 20), "");
}

#[test]
fn each_of_two_that_do_the_same_costs_nothing_beside_the_other() {
    // Either alone would have cost two hours.
    let one = format!("freeze of import: thrown into all 20 exercises. {NOTHING}");
    assert_eq!(told(&two(&FREEZE.repeat(2)), 20), one.repeat(2));
}

#[test]
fn where_sites_never_come_back_it_is_said_on_which_side() {
    // The second site is never begun: it counts 100 hours instead of 2:24, and its hour of work is
    // not done. Whoever is away at first costs the first site 24 minutes.
    let injects = r#"
[experiment]
horizon = "100h"
[[injects]]
title = "For good"
at = "T+30m"
freeze = { phases = ["data"] }
[[injects]]
title = "Late"
lasts = "24m"
people_away = { team = "a", people = 1 }
"#;
    assert_eq!(
        told(&two(injects), 20),
        "\
For good: thrown into all 20 exercises. What it cost there: 95% of the sites back only without it, \
97.6 more site-hours (in every exercise), 1 fewer person-hour (in every exercise).
Late: thrown into all 20 exercises. What it cost there: 95% of the sites back neither with it nor \
without it, 0.4 more site-hours (in every exercise), as many person-hours (in every exercise).
"
    );
}

#[test]
fn of_an_inject_after_which_sites_come_back_in_some_exercises_those_are_compared() {
    // The freeze for good comes before the second site is begun, after an hour and a half, in some
    // exercises. In the others whoever was away for two hours costs both sites two hours.
    let injects = r#"
[experiment]
horizon = "100h"
[[injects]]
title = "For good"
chance = "50%"
at = "T+150m"
freeze = { phases = ["data"] }
[[injects]]
title = "Late"
lasts = "2h"
people_away = { team = "a", people = 1 }
"#;
    let scenario = scenario(&two(injects));
    let told = told_of(&scenario, 40);
    let number = told.split("For good: thrown into ").nth(1).and_then(|it| it.split(' ').next());
    let number: u32 = number.and_then(|it| it.parse().ok()).expect("a number of exercises");
    // Without "Late" the second site is back at 2:00, before the freeze.
    let late = told.lines().nth(1).expect("the second inject");
    assert_eq!(
        late.split(", ").next(),
        Some(
            format!(
                "Late: thrown into all 40 exercises. What it cost there: 95% of the sites back 2.0 h \
                 later in the {} of 40 in which they are back both ways (in every exercise; in \
                 {number} they are back only without it)",
                40 - number
            )
            .as_str()
        )
    );
}

#[test]
fn of_an_inject_that_deletes_sites_only_hours_are_told() {
    // As it is, the first is away for an hour twice, the second from 1:30 to 3:30 and the third to
    // 4:30: 8.5 site-hours; work is 4 hours and the half hour that is given up. Without it, an hour
    // and two, and two hours of work.
    let text = imports(3, "people = 1", "[[injects]]\nat = \"T+90m\"\ndeletion = {}\n")
        .replace("[[incident.deletions]]", "[[incident.deletions]]\ncount = 2")
        .replace(
            "[[strategies.s.tracks]]",
            "[strategies.s]\npriority = \"fixed\"\n[[strategies.s.tracks]]",
        );
    let expected = "3 sites deleted: thrown into all 20 exercises. What it cost there: 5.5 more \
                    site-hours (in every exercise), 2.5 more person-hours (in every exercise). As \
                    it deletes sites, recovery times with it are of other deletions than without \
                    it, and are not compared.\n";
    assert_eq!(told(&text, 20), expected);
    let theft = "[incident]\nkind = \"theft\"\n[[incident.deletions]]";
    let stolen = expected.replace("deleted", "stolen").replace("deletes", "steals");
    assert_eq!(
        told(&text.replace("[[incident.deletions]]", theft), 20),
        stolen.replace("deletions", "thefts")
    );
}

#[test]
fn an_inject_that_is_left_out_moves_no_draw_of_the_others() {
    // Both have one key, and are told apart by their order.
    let alike = "[[injects]]\ndelay.uniform = { min = \"0h\", max = \"9h\" }\nlasts.exponential = { mean = \"1h\" }\npeople_away = { team = \"a\", people = 1 }\n";
    let scenario = scenario(&two(&alike.repeat(2)));
    let strategy = scenario.strategies.ids().next().expect("it has one");
    let moments = |scenario: &Scenario| {
        let all = review::timeline(scenario, strategy, 1, 0);
        let begins = only(&all, "inject").lines().map(str::to_owned).collect::<Vec<_>>();
        (begins, only(&all, "over").lines().map(str::to_owned).collect::<Vec<_>>())
    };
    let (begins, ends) = moments(&scenario);
    let (first, second) =
        (moments(&scenario.without_inject(1)), moments(&scenario.without_inject(0)));
    assert_eq!((begins.len(), first.0.len(), second.0.len()), (2, 1, 1));
    let both = |one: &[String], other: &[String]| {
        let mut both = [one, other].concat();
        both.sort();
        both
    };
    let sorted = |all: &[String]| both(all, &[]);
    assert_eq!(both(&first.0, &second.0), sorted(&begins));
    assert_eq!(both(&first.1, &second.1), sorted(&ends));
}

/// A text with its injects on or off.
fn switched(text: &str, is_on: impl Fn(usize) -> bool) -> String {
    let mut parts = text.split("\n[[injects]]");
    let mut switched = parts.next().expect("a text has a beginning").to_owned();
    for (place, part) in parts.enumerate() {
        let part = part.replacen("\nenabled = true ", "\n", 1);
        switched += &format!("\n[[injects]]\nenabled = {}{part}", is_on(place));
    }
    switched
}

/// A text of the folder of scenarios.
#[track_caller]
fn shipped(text: &str) -> Scenario {
    let checked = check_texts(&texts_beside("scenarios", "x.toml", text), &[]);
    let told = checked.diagnostics.render(&checked.sources, false);
    checked.scenario.unwrap_or_else(|| panic!("{told}"))
}

fn results_of(scenario: &Scenario, replications: u32) -> (Results, Vec<StrategyMetrics>) {
    let design = Design { replications, ..Design::of(scenario) };
    let results = experiment::run(scenario, &design, &|| ());
    let measured = measure::measure(scenario, &results).strategies;
    (results, measured)
}

/// Every figure of every exercise, but for how many sites are spared: what only an inject that is
/// left out would delete is among those.
fn figures(scenario: &Scenario, replications: u32) -> Vec<Vec<(FigureOf, Reading)>> {
    let (_, measured) = results_of(scenario, replications);
    let told = |it: &ReplicationMetrics| -> Vec<(FigureOf, Reading)> {
        it.figures.each().filter(|it| it.0.figure != Figure::SitesSaved).collect()
    };
    measured.iter().flat_map(|it| &it.replications).map(told).collect()
}

/// Leaving each inject out is what switching it off is, and how often each was thrown in is what the
/// logs of the exercises have.
#[track_caller]
fn check(
    text: &str,
    replications: u32,
    read: impl Fn(&str) -> Scenario,
    is_compared: impl Fn(&Scenario, usize) -> bool,
) {
    let whole = read(&switched(text, |_| true));
    for place in (0..whole.injects.len()).filter(|it| is_compared(&whole, *it)) {
        let off = read(&switched(text, |other| other != place));
        let without = whole.without_inject(place);
        assert_eq!(figures(&without, replications), figures(&off, replications), "{place} {text}");
    }
    let (results, measured) = results_of(&whole, replications);
    for (outcomes, metrics) in results.strategies.iter().zip(&measured) {
        let effects = review::inject_effects(&whole, (outcomes, metrics), results.seed, &|| ());
        let told: usize = effects.iter().map(|it| it.thrown_in).sum();
        assert_eq!(told, logged(&whole, outcomes, results.seed), "{text}");
    }
}

/// Whether work of one instant may be begun in another order where an inject is not even written: a
/// rule goes by all that a site may come to lose, or draws lots for a step of no site by the first
/// site that may be deleted; or a step that needs nobody may have to wait for the end of an outage or
/// a freeze, and then stands in line with the others.
fn may_order_work(scenario: &Scenario, place: usize) -> bool {
    use PriorityRule::{Fifo, Fixed, MostUsers, Tier};
    let goes_by_deletions = |rule: PriorityRule| !matches!(rule, Fifo | Fixed | MostUsers | Tier);
    match scenario.injects[place].what {
        InjectKind::Deletion(..) => {
            scenario.strategies.iter().any(|it| goes_by_deletions(it.priority))
        }
        InjectKind::Outage(_) | InjectKind::Freeze(_) => true,
        _ => false,
    }
}

/// How many injects the logs of all exercises of a strategy have.
fn logged(scenario: &Scenario, outcomes: &StrategyResults, seed: u64) -> usize {
    let of_exercise = |replication| {
        let trace = review::trace(scenario, outcomes.strategy, seed, replication);
        trace.records.iter().filter(|it| it.what.to_string() == "inject").count()
    };
    (0..outcomes.outcomes.len() as u64).map(of_exercise).sum()
}

#[test]
fn an_exercise_without_an_inject_is_that_of_a_scenario_that_has_it_switched_off() {
    for name in ["injects", "compare", "template"] {
        check(&read(&format!("scenarios/{name}.toml")), 12, shipped, |_, _| true);
    }
}

#[test]
fn where_every_exercise_has_its_own_estate_that_is_so_too() {
    let text = imports(
        9,
        "people = 2",
        r#"
[[injects]]
chance = "50%"
at = "T+90m"
deletion = { count = 3, sites = { regions = ["eu"] } }
[[injects]]
chance = "50%"
delay.uniform = { min = "0h", max = "9h" }
people_away = { team = "a", people = 1 }
"#,
    );
    let regions = "count = 9\nresample = true\nregions = { eu = 0.5, us = 0.5 }";
    let text = text.replace("count = 9", regions).replace(
        "[[incident.deletions]]",
        "[[incident.deletions]]\nsites = { regions = [\"us\"] }",
    );
    check(&text, 30, scenario, |_, _| true);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn it_is_so_whatever_is_combined(bytes in prop::collection::vec(any::<u8>(), 96)) {
        check(&generated(&bytes).0, 3, scenario, |it, place| !may_order_work(it, place));
    }
}

#[test]
fn a_run_says_what_was_thrown_in_and_its_page_does() {
    let folder = fresh_folder("injects-told");
    let out = |name: &str| folder.join(name).to_str().expect("a name in UTF-8").to_owned();
    let run = |name: &str, more: &[&str]| {
        let out = out(name);
        let words = ["run", "scenarios/compare.toml", "--out", &out];
        let ran = in_process(&[&words[..], more].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout
    };
    let text = run("one", &["--jobs", "1"]);
    assert_eq!(text, run("more", &["--jobs", "5"]));
    let files = |name: &str| files_in(&folder.join(name));
    assert!(files("one") == files("more"));
    let summary = fs::read_to_string(folder.join("one/summary.json")).expect("a summary");
    let summary: Value = serde_json::from_str(&summary).expect("it is JSON");
    let schema: Value = serde_json::from_str(&report::schema()).expect("it is JSON");
    assert_described(&summary, &schema, &schema, "");
    let inject = &summary["strategies"][0]["injects"][0];
    let figure = |it: &str| (inject[it]["value"].as_f64(), inject[it]["n"].as_u64());
    assert_eq!((&inject["thrown_in"], &inject["n"]), (&49.into(), &100.into()));
    assert_eq!(figure("rta_p95"), (Some(7_200.0), Some(49)));
    assert_eq!(figure("site_hours"), (Some(12.0), Some(49)));
    assert_eq!(figure("person_hours"), (Some(0.0), Some(49)));
    let head = "What was thrown in under in-pairs, and what each cost";
    assert!(text.contains(head), "{text}");
    let sentence = "What it cost there: 95% of the sites back 2.0 h later (in every exercise)";
    assert_eq!(text.matches(sentence).count(), 3, "{text}");
    let page = || fs::read_to_string(folder.join("one/report.html")).expect("a page");
    assert_eq!(page().matches("<p>Nothing may be changed for two hours: thrown into").count(), 3);
    let drawn = page();
    let again = in_process(&["report", &out("one")]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert!(page() == drawn);
}
