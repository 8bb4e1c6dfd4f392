//! What was observed beside what is simulated.

use std::fs;

use blackstart::compare::Comparison;
use blackstart::experiment::Design;
use blackstart::{compare, experiment, measure};
use serde_json::Value;

use crate::support::{Ran, fresh_folder, in_process, names_in, read, scenario};

const SHIPPED: &str = "scenarios/observed.toml";

/// What becomes of the observations of a text.
#[track_caller]
fn compared(text: &str) -> Vec<Comparison> {
    let scenario = scenario(text);
    let strategies = vec![scenario.observed.as_ref().expect("something was observed").strategy];
    let design = Design { strategies, ..Design::of(&scenario) };
    let results = experiment::run(&scenario, &design, &|| ());
    let measurements = measure::measure(&scenario, &results);
    let replications = &measurements.strategies[0].replications;
    compare::backtest(&scenario, &results, &results.strategies[0], replications)
}

/// The shipped scenario with other observations.
fn observing(observations: &str) -> String {
    let text = read(SHIPPED);
    let (inputs, _) = text.split_once("[observed]").expect("the table is in the file");
    format!("{inputs}[observed]\n{observations}")
}

const HOUR: f64 = 3.6e6;

#[test]
fn figures_of_the_shipped_scenario_are_those_of_its_head() {
    let median = |figure: &str| -> Vec<f64> {
        let all = compared(&read(SHIPPED));
        let of = all.iter().filter(|it| it.observed.name == figure);
        of.map(|it| it.median).collect()
    };
    assert_eq!(median("detected"), [HOUR]);
    assert_eq!(median("first_site_back"), [4.0 * HOUR]);
    assert_eq!(median("half_of_sites_back"), [4.0 * HOUR]);
    assert_eq!(median("last_site_back"), [7.0 * HOUR]);
    assert_eq!(median("exercise.rta.mean"), [5.5 * HOUR]);
    assert_eq!(median("exercise.rpa.p95"), [HOUR / 12.0]);
    assert_eq!((median("by-hand.sites"), median("person_hours")), (vec![4.0], vec![12.0]));
    assert_eq!(median("older_data_customers"), [0.0]);
    // Half of the users at T+5h; and when all of them are back.
    assert_eq!((median("curve.users"), median("curve.sites")), (vec![0.5, 7.0 * HOUR], vec![0.5]));
    let residuals: Vec<f64> = compared(&read(SHIPPED))
        .iter()
        .filter(|it| it.observed.name == "last_site_back")
        .map(Comparison::residual)
        .collect();
    assert_eq!(residuals, [-0.5 * HOUR]);
}

#[test]
fn a_residual_is_counted_from_the_nearer_end_of_a_range() {
    let of = |between: &str| {
        let text =
            format!("[[observed.instants]]\nfigure = \"last_site_back\"\nbetween = {between}");
        let it = compared(&observing(&text)).remove(0);
        (it.residual() / HOUR, it.inside_band(), it.holds())
    };
    assert_eq!(of("[\"T+6h\", \"T+8h\"]"), (0.0, true, true));
    assert_eq!(of("[\"T+7h\", \"T+7h\"]"), (0.0, true, true));
    assert_eq!(of("[\"T+8h\", \"T+9h\"]"), (-1.0, false, false));
    assert_eq!(of("[\"T+2h\", \"T+5h\"]"), (2.0, false, false));
}

#[test]
fn a_tolerance_overrules_the_band() {
    let of = |within: &str| {
        let text =
            format!("[[observed.instants]]\nfigure = \"last_site_back\"\nat = \"T+10h\"\n{within}");
        let it = compared(&observing(&text)).remove(0);
        (it.within_tolerance(), it.holds())
    };
    assert_eq!(of(""), (None, false));
    assert_eq!(of("within = \"3h\""), (Some(true), true));
    assert_eq!(of("within = \"2h 59m\""), (Some(false), false));
    assert_eq!(of("within = \"30%\""), (Some(true), true));
    assert_eq!(of("within = \"29%\""), (Some(false), false));
}

#[test]
fn a_time_that_never_comes_holds_nothing() {
    let text = observing(
        "[[observed.instants]]\nfigure = \"last_site_back\"\nat = \"T+7h\"\nwithin = \"9d\"\n\
         [[observed.counts]]\nfigure = \"sites_restored\"\nvalue = 2\n\
         [[observed.counts]]\nfigure = \"sites_unfinished\"\nvalue = 2",
    );
    let text = text.replace("replications = 20", "replications = 20\nhorizon = \"5h\"");
    let all = compared(&text);
    assert_eq!((all[0].median, all[0].holds()), (f64::INFINITY, false));
    assert!(all[1].holds() && all[2].holds());
}

#[test]
fn customers_with_older_data_are_counted_once_and_by_their_worst_site() {
    let text = |older_than: &str| {
        observing(&format!(
            "[[observed.counts]]\nfigure = \"older_data_customers\"\nvalue = 2\n{older_than}"
        ))
        .replace("count = 4", "count = 4\ncustomers = 2")
        .replace(
            "restore_point = { fixed = \"5m\" }",
            "restore_point = { fixed = \"5m\", by_hand = { probability = \"100%\", older = \"6h\" } }",
        )
    };
    assert_eq!(compared(&text(""))[0].median, 2.0);
    assert_eq!(compared(&text("older_than = \"1d\""))[0].median, 0.0);
}

fn backtest(scenario: &str, out: &std::path::Path, more: &[&str]) -> Ran {
    let out = out.to_string_lossy();
    in_process(&[&["backtest", scenario, "--out", &out][..], more].concat())
}

#[test]
fn a_backtest_ends_as_a_check_does() {
    let folder = fresh_folder("backtest");
    let out = folder.join("b");
    let good = backtest(SHIPPED, &out, &[]);
    assert_eq!(good.code, 0, "{}{}", good.stdout, good.stderr);
    assert!(
        good.stdout.starts_with(
            "as-happened reproduces what was observed: all 12 figures lie within tolerance"
        ),
        "{}",
        good.stdout
    );
    assert!(
        good.stdout.contains(
            " last site back                     |        T+7.5 h |   T+7.0 h |                \
             7.0 h |      -0.5 h |      within 60 min\n"
        ),
        "{}",
        good.stdout
    );
    assert_eq!(names_in(&folder), ["b/backtest.json", "b/manifest.json", "b/plots/backtest.svg"]);
    let off = backtest(SHIPPED, &out, &["--set", "teams.database.people=1"]);
    assert_eq!(off.code, 99);
    assert!(
        off.stdout.starts_with("as-happened does not reproduce what was observed: "),
        "{}",
        off.stdout
    );
    assert!(off.stdout.contains("last site back (+5.5 h)"), "{}", off.stdout);
    let nothing = backtest("scenarios/quickstart.toml", &folder.join("q"), &[]);
    assert_eq!((nothing.code, nothing.stdout.as_str()), (4, ""));
    assert!(nothing.stderr.contains("nothing was observed"), "{}", nothing.stderr);
    let unknown = backtest(SHIPPED, &out, &["--strategy", "as-hapened"]);
    assert_eq!(unknown.code, 3);
    assert!(unknown.stderr.contains("did you mean `as-happened`?"), "{}", unknown.stderr);
}

#[test]
fn a_backtest_leaves_the_report_of_a_run_alone() {
    let folder = fresh_folder("backtest-beside");
    let report = folder.join("r");
    let out = report.to_string_lossy();
    let ran = in_process(&["run", SHIPPED, "--replications", "1", "--out", &out]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let refused = backtest(SHIPPED, &report, &[]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.stderr.contains("is the report of a run and not a back-test"),
        "{}",
        refused.stderr
    );
}

#[test]
fn the_json_says_what_the_table_says_and_how_to_make_it_again() {
    let folder = fresh_folder("backtest-json");
    let out = folder.join("b");
    let printed = backtest(SHIPPED, &out, &["--format", "json", "--seed", "5"]);
    assert_eq!(printed.stdout, fs::read_to_string(out.join("backtest.json")).expect("a file"));
    let view: Value = serde_json::from_str(&printed.stdout).expect("JSON");
    assert_eq!(view["holds"], true);
    assert_eq!(view["strategy"], "as-happened");
    assert_eq!(
        view["reproduce"],
        "blackstart backtest scenarios/observed.toml --seed 5 --replications 20"
    );
    let last = &view["rows"][3];
    assert_eq!((&last["figure"], &last["unit"]), (&"last_site_back".into(), &"s".into()));
    assert_eq!(
        (last["observed_low"].as_f64(), last["simulated"].as_f64()),
        (Some(27e3), Some(252e2))
    );
    assert_eq!(
        (last["residual"].as_f64(), last["tolerance"].as_f64()),
        (Some(-1800.0), Some(3600.0))
    );
    let again =
        backtest(SHIPPED, &folder.join("c"), &["--format", "json", "--seed", "5", "--jobs", "3"]);
    assert_eq!(again.stdout, printed.stdout);
    let files = |name: &str| crate::support::files_in(&folder.join(name));
    assert_eq!(files("b"), files("c"));
}

#[test]
fn the_plot_has_the_observed_points_on_both_curves() {
    let folder = fresh_folder("backtest-plot");
    backtest(SHIPPED, &folder.join("b"), &[]);
    let svg = fs::read_to_string(folder.join("b/plots/backtest.svg")).expect("a file");
    for text in ["Observed beside simulated: as-happened", "sites: observed;", "users: observed;"] {
        assert!(svg.contains(text), "{text}");
    }
}

#[test]
fn what_was_observed_is_no_input() {
    let scenario = scenario(&read(SHIPPED));
    assert_eq!(scenario.assumptions, []);
}
