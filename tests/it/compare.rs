//! Which strategy: what `compare` says of scenarios whose answer can be worked out by hand.

use blackstart::compare::{Margin, Until, precision};
use blackstart::experiment::Design;
use blackstart::report::{CompareView, Look, MetricView};
use blackstart::scenario::Scenario;
use blackstart::stats::Standing;
use blackstart::units::Share;
use blackstart::{compare, experiment, measure, report};

use crate::support::{
    Ran, files_in, fresh_folder, in_process, names_in, read, scenario, scenario_with,
    shipped_scenario, small,
};

fn compared(scenario: &Scenario, replications: u32) -> CompareView {
    let design = Design { replications, ..Design::of(scenario) };
    let results = experiment::run(scenario, &design, &|| ());
    let measurements = measure::measure(scenario, &results);
    let margin = Margin::OfObjective(Share::new(0.05).expect("a share"));
    let compared = compare::compare(scenario, &results, &measurements, margin);
    report::compare_view(scenario, &results, &compared, "blackstart")
}

fn metric<'a>(view: &'a CompareView, name: &str) -> &'a MetricView {
    let metrics = &view.comparison.as_ref().expect("no selection").metrics;
    metrics.iter().find(|it| it.name == name).expect("a metric of this name")
}

/// Every pair as "first - second: mean, from low to high".
fn pairs(metric: &MetricView) -> String {
    let each = metric.pairs.iter().map(|it| {
        let number = |it: Option<f64>| it.map_or("-".to_owned(), |it| it.to_string());
        let difference = &it.difference;
        // What nine of ten exercises do is what all do, where that is one number.
        let always = difference.p05 == difference.value && difference.p95 == difference.value;
        let often = if always { "always" } else { "not always" };
        format!("{} - {}: {often} {}\n", it.first, it.second, number(difference.value))
    });
    each.collect()
}

fn standings(metric: &MetricView) -> String {
    let each = metric.strategies.iter().map(|it| format!("{}: {}\n", it.strategy, it.texts[3]));
    each.collect()
}

#[test]
fn the_differences_are_those_that_the_head_of_the_scenario_says() {
    let view = compared(&shipped_scenario("compare"), 100);
    assert_eq!(
        pairs(metric(&view, "exercise.rta.p95")),
        "by-hand - scripted: always -3600\n\
         by-hand - in-pairs: always -28800\n\
         scripted - in-pairs: always -25200\n"
    );
    assert_eq!(
        pairs(metric(&view, "site_hours_lost")),
        "by-hand - scripted: always -9\n\
         by-hand - in-pairs: always -24\n\
         scripted - in-pairs: always -15\n"
    );
    assert_eq!(
        pairs(metric(&view, "person_hours")),
        "by-hand - scripted: always 3\n\
         by-hand - in-pairs: always -12\n\
         scripted - in-pairs: always -15\n"
    );
    assert_eq!(
        standings(metric(&view, "exercise.rta.p95")),
        "by-hand: best\nscripted: not best\nin-pairs: not best\n"
    );
    assert_eq!(
        view.sentence,
        "by-hand is best by RTA p95 of an exercise. Looking back, that was the \
         answer from 50 exercises on."
    );
    let it = metric(&view, "exercise.rta.p95");
    assert_eq!((it.margin, it.margin_is.as_str()), (1_080.0, "18 min (5% of the RTO of 6 h)"));
    assert!(it.pairs.iter().all(|it| it.correlation == Some(1.0)), "the coin is the same for all");
    assert!(it.pairs.iter().all(|it| it.first_less.value == Some(1.0)));
}

#[test]
fn who_is_better_in_neither_time_nor_work_is_dominated() {
    let view = compared(&shipped_scenario("compare"), 60);
    let comparison = view.comparison.as_ref().expect("no selection");
    let dominated: Vec<String> = comparison
        .pareto
        .iter()
        .map(|it| format!("{} by [{}]", it.strategy, it.dominated_by.join(", ")))
        .collect();
    assert_eq!(dominated, ["by-hand by []", "scripted by []", "in-pairs by [by-hand, scripted]"]);
}

#[test]
fn the_policy_is_met_by_one_alone_in_the_exercises_with_a_freeze() {
    let view = compared(&shipped_scenario("compare"), 100);
    let assurance = view.comparison.as_ref().and_then(|it| it.assurance.as_ref());
    let assurance = assurance.expect("there is a policy");
    let holds: Vec<f64> = assurance.strategies.iter().filter_map(|it| it.share.value).collect();
    assert_eq!((holds[0], holds[2]), (1.0, 0.0));
    let pair = &assurance.pairs[0];
    assert_eq!((pair.only_first as f64, pair.only_second), (100.0 - 100.0 * holds[1], 0));
    assert!(pair.p < 1e-9, "{}", pair.p);
    let standings: Vec<Standing> = assurance.strategies.iter().map(|it| it.standing).collect();
    assert_eq!(standings, [Standing::Best, Standing::NotBest, Standing::NotBest]);
}

#[test]
fn what_never_comes_in_some_exercises_is_not_passed_over() {
    // The exercises stop after 5 h: by-hand is back at 4 h, or with the freeze not at all; scripted
    // is back at 5 h, which is the horizon, or not at all; in-pairs never.
    let view = compared(
        &scenario_with(&read("scenarios/compare.toml"), &["experiment.horizon=5h 30m"]),
        100,
    );
    let it = metric(&view, "exercise.rta.p95");
    let never: Vec<u64> = it.strategies.iter().map(|it| it.mean.never).collect();
    assert_eq!((never[0], never[2]), (never[1], 100));
    assert!((30..70).contains(&never[0]), "{never:?}");
    assert_eq!(
        pairs(it),
        "by-hand - scripted: always -3600\n\
         by-hand - in-pairs: always -\n\
         scripted - in-pairs: always -\n"
    );
    assert_eq!(it.pairs[0].difference.never, never[0]);
    assert_eq!(standings(it), "by-hand: best\nscripted: not best\nin-pairs: not best\n");
    let within = format!(
        "But by-hand does not get there within 5 h 30 min in {} of 100 exercises.",
        never[0]
    );
    assert!(view.sentence.ends_with(&within), "{}", view.sentence);
    assert!(view.notes.iter().any(|it| it.contains("never comes")), "{:?}", view.notes);
}

#[test]
fn where_strategies_delete_other_sites_the_hours_of_the_whole_estate_decide() {
    let view = compared(&shipped_scenario("staged-rollout"), 50);
    let comparison = view.comparison.as_ref().expect("no selection");
    assert!(comparison.deletion_differs);
    assert_eq!(comparison.decides, "site_hours_lost");
    assert!(view.sentence.contains("by site-hours lost"), "{}", view.sentence);
    assert!(view.notes.iter().any(|it| it.contains("whole estate")), "{:?}", view.notes);
}

/// Two strategies that do the same for other draws: nobody can tell them apart.
fn twins(sigma: &str) -> Scenario {
    scenario(&small(
        4,
        &format!(
            r#"
[teams.ops]
people = 2
[[runbooks.one.steps]]
id = "one"
team = "ops"
duration.lognormal = {{ p50 = "1h", p90 = "{sigma}" }}
[[runbooks.two.steps]]
id = "two"
team = "ops"
duration.lognormal = {{ p50 = "1h", p90 = "{sigma}" }}
[[strategies.one.tracks]]
runbook = "one"
[[strategies.two.tracks]]
runbook = "two"
[policy]
rto = "20h"
"#
        ),
    ))
}

#[test]
fn strategies_that_cannot_be_told_apart_may_each_be_best_and_are_equivalent() {
    let view = compared(&twins("70m"), 200);
    assert_eq!(
        view.sentence,
        "200 exercises cannot tell which strategy is best by RTA p95 of an exercise: \
         one and two may be best. They are equivalent in practice."
    );
    assert_eq!(
        standings(metric(&view, "exercise.rta.p95")),
        "one: may be best, equivalent in practice\ntwo: may be best, equivalent in practice\n"
    );
    assert_eq!(metric(&view, "exercise.rta.p95").known_after, None);
}

#[test]
fn steps_without_a_draw_in_common_have_a_warning() {
    let view = compared(&twins("3h"), 300);
    let correlation = metric(&view, "exercise.rta.p95").pairs[0].correlation.expect("both vary");
    assert!(correlation.abs() < 0.3, "{correlation}");
    assert_eq!(
        view.warnings,
        [format!(
            "Common random numbers do not help where two strategies have a correlation below 0.3, \
             only more exercises do: one and two ({correlation:.2})."
        )]
    );
    assert_eq!(compared(&shipped_scenario("compare"), 60).warnings, [""; 0]);
}

#[test]
fn the_pooled_quantile_is_compared_by_sections() {
    let view = compared(&shipped_scenario("compare"), 100);
    let comparison = view.comparison.as_ref().expect("no selection");
    // Pooled, the 95 % quantile of by-hand is 6 h and of scripted 7 h, as in nearly all sections.
    let pooled = &comparison.pooled[0];
    assert_eq!(pooled.difference, Some(-3_600.0));
    assert!(pooled.low <= Some(-3_600.0) && pooled.high >= Some(-3_600.0), "{pooled:?}");
    let few = compared(&shipped_scenario("compare"), 20);
    assert_eq!(few.comparison.as_ref().expect("no selection").pooled[0].low, None);
}

fn run(folder: &std::path::Path, words: &[&str]) -> Ran {
    let out = folder.join("out");
    let out = out.to_str().expect("a name in UTF-8");
    in_process(&[&["compare"], words, &["--out", out]].concat())
}

#[test]
fn a_comparison_is_a_folder_with_a_summary_and_three_plots() {
    let folder = fresh_folder("compare");
    let ran = run(&folder, &["scenarios/compare.toml", "--jobs", "1"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("by-hand  |  4.98 h |"), "{}", ran.stdout);
    let plots = ["plots/differences.svg", "plots/more.svg", "plots/pareto.svg"];
    let names = ["compare.json", "manifest.json"].into_iter().chain(plots);
    assert_eq!(names_in(&folder.join("out")), names.collect::<Vec<_>>());
    let first = files_in(&folder.join("out"));
    for (name, bytes) in &first[2..] {
        let svg = std::str::from_utf8(bytes).expect("a plot is text");
        let words = match name.as_str() {
            "plots/more.svg" => ["risk: ", "error: ", "RTO 6 h", "hours"],
            "plots/pareto.svg" => ["hours", "work, mean person-hours", "hollow: ", "in-pairs"],
            _ => ["Difference to by-hand", "hours", "margin", "in-pairs"],
        };
        assert!(words.iter().all(|it| svg.contains(it)), "{name}");
    }
    let again = run(&folder, &["scenarios/compare.toml", "--jobs", "3"]);
    assert_eq!((again.code, again.stdout), (0, ran.stdout));
    assert_eq!(files_in(&folder.join("out")), first);
}

#[test]
fn a_folder_that_is_no_comparison_is_left_alone() {
    let folder = fresh_folder("compare-alone");
    std::fs::create_dir(folder.join("out")).expect("a folder");
    std::fs::write(folder.join("out/summary.json"), "{}").expect("a file");
    let ran = run(&folder, &["scenarios/compare.toml"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert_eq!(names_in(&folder.join("out")), ["summary.json"]);
}

#[test]
fn one_strategy_has_nothing_to_be_compared_with() {
    let folder = fresh_folder("compare-one");
    let ran = run(&folder, &["scenarios/compare.toml", "--strategy", "by-hand"]);
    assert_eq!(ran.code, 2);
    assert_eq!(
        ran.stderr,
        "error: only one strategy was named: there is nothing to compare it with\n"
    );
    let ran = run(&folder, &["scenarios/injects.toml"]);
    assert_eq!(ran.code, 4);
    assert!(ran.stderr.contains("the scenario has only one strategy"), "{}", ran.stderr);
}

#[test]
fn a_dozen_strategies_are_compared_and_more_are_selected_among() {
    let folder = fresh_folder("compare-many");
    let mut text = read("scenarios/compare.toml");
    for number in 0..10 {
        text += &format!("\n[[strategies.more-{number}.tracks]]\nrunbook = \"in-pairs\"\n");
    }
    let file = folder.join("many.toml");
    std::fs::write(&file, text).expect("a file");
    let file = file.to_str().expect("a name in UTF-8");
    let ran = run(&folder, &[file]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("13 strategies are too many"), "{}", ran.stderr);
    let ran = run(&folder, &[file, "--select"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.starts_with("by-hand is selected by "), "{}", ran.stdout);
}

#[test]
fn a_margin_can_be_given_and_stands_in_the_command() {
    let folder = fresh_folder("compare-margin");
    let ran = run(&folder, &["scenarios/compare.toml", "--margin", "90m", "--quiet"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.contains("; margin 90 min (as asked for)"), "{}", ran.stdout);
    assert!(ran.stdout.contains("not best, equivalent in practice"), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("--seed 1 --replications 100 --margin 90m\n"), "{}", ran.stdout);
    assert_eq!(run(&folder, &["scenarios/compare.toml", "--margin", "soon"]).code, 2);
}

#[test]
fn a_selection_drops_who_is_not_best_one_by_one() {
    let folder = fresh_folder("compare-select");
    let words = ["scenarios/quickstart.toml", "--select", "--jobs"];
    let ran = run(&folder, &[&words[..], &["1"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let table: Vec<&str> =
        ran.stdout.lines().filter(|it| it.contains(" | ") && !it.contains("it is")).collect();
    assert_eq!(
        table,
        [
            " site-by-site   |        46 |         10.7 h | dropped after 46",
            " five-at-a-time |        46 |         10.2 h |             kept"
        ]
    );
    assert!(ran.stdout.contains("That took 92 exercises of all strategies"), "{}", ran.stdout);
    let first = files_in(&folder.join("out"));
    assert_eq!(run(&folder, &[&words[..], &["3"]].concat()).stdout, ran.stdout);
    assert_eq!(files_in(&folder.join("out")), first);
    assert_eq!(names_in(&folder.join("out")), ["compare.json", "manifest.json"]);
}

#[test]
fn a_run_until_it_is_precise_is_a_plain_run_of_so_many() {
    let scenario = shipped_scenario("quickstart");
    let design = Design::of(&scenario);
    let until = Until { target: 0.03, most: 5_000 };
    let (results, reached) = compare::run_until(&scenario, &design, until, &precision, &|| ());
    assert!(reached.precise && reached.precision <= 0.03, "{reached:?}");
    assert!(reached.replications.is_multiple_of(50) && reached.replications >= 100);
    let plain = Design { replications: reached.replications, ..design.clone() };
    let plain = experiment::run(&scenario, &plain, &|| ());
    for (ours, theirs) in results.strategies.iter().zip(&plain.strategies) {
        assert_eq!(format!("{:?}", ours.unpacked()), format!("{:?}", theirs.unpacked()));
    }
    // Two looks earlier it was not precise, or not twice.
    let short = Until { target: 0.03, most: reached.replications - 50 };
    let (_, short) = compare::run_until(&scenario, &design, short, &precision, &|| ());
    assert!(!short.precise, "{short:?}");
}

#[test]
fn the_command_after_a_precise_run_is_a_plain_one() {
    let folder = fresh_folder("compare-until");
    let out = folder.join("run");
    let out = out.to_str().expect("a name in UTF-8");
    let words = ["run", "scenarios/compare.toml", "--until", "8%", "--out", out];
    let ran = in_process(&words);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.ends_with("scenarios/compare.toml --seed 1 --replications 100\n"));
    assert!(ran.stderr.starts_with("precise to 8% after 100 exercises"), "{}", ran.stderr);
    let words = ["run", "scenarios/compare.toml", "--until", "1%", "--out", out];
    let ran = in_process(&[&words[..], &["--replications", "70"]].concat());
    assert!(ran.stderr.starts_with("not precise to 1% after 70 exercises"), "{}", ran.stderr);
    assert_eq!(in_process(&["run", "scenarios/compare.toml", "--until", "soon"]).code, 2);
}

#[test]
fn the_page_of_reports_shows_what_the_quickstart_says() {
    let scenario = shipped_scenario("quickstart");
    let view = compared(&scenario, Design::of(&scenario).replications);
    let text = report::compare_text(&view, Look::Plain);
    let shown: Vec<&str> = text.lines().take(7).collect();
    assert!(read("reports/README.md").contains(&shown.join("\n")), "{text}");
    let against = &metric(&view, "exercise.rta.p95").against_leader[0];
    assert!(read("reports/README.md").contains(against), "{against}");
}

#[test]
fn the_schema_of_a_comparison_has_all_its_fields() {
    let schema = report::compare_schema();
    let view = compared(&shipped_scenario("compare"), 30);
    let json: serde_json::Value =
        serde_json::from_str(&report::compare_json(&view)).expect("a comparison is JSON");
    for key in json.as_object().expect("an object").keys() {
        assert!(schema.contains(&format!("\"{key}\"")), "{key}");
    }
    assert_eq!((&json["format"], &json["selection"]), (&1.into(), &serde_json::Value::Null));
}
