//! The catalogue of figures: one name is one number, whoever prints it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use blackstart::experiment::{self, Design};
use blackstart::measure;
use blackstart::scenario::{FIGURES, Figure, Kind, Parameter, Scope};
use serde_json::Value;

use crate::support::{Ran, blackstart_in, fresh_folder, in_process, scenario};

/// Two strategies under which every figure of the catalogue is there, and varies.
const ALL: &str = r#"schema = 1
title = "test"
[experiment]
replications = 20
seed = 5
horizon = "30h"
[estate.services.db]
backup = { full = "24h", incremental = "5m" }
[estate.sites]
count = 6
customers = 3
users.lognormal = { p50 = 20, p90 = 90 }
[[incident.deletions]]
over = "30m"
[incident.milestones.told]
delay = "1h"
public = true
[teams.ops]
people = 1
cost_per_hour = 90.0
[[runbooks.restore.steps]]
id = "load"
team = "ops"
duration.lognormal = { p50 = "3h", p90 = "6h" }
for_each = { service = "db" }
restore_point = { latest = true, by_hand = { probability = "80%", older = "9h", repaired_by = "call" } }
hand_over = true
[[runbooks.restore.steps]]
id = "call"
after = ["load"]
duration.lognormal = { p50 = "20m", p90 = "1h" }
reaches_customer = true
[strategies.slow]
tracks = [{ runbook = "restore" }]
[strategies.fast]
teams = { ops = "300%" }
tracks = [{ runbook = "restore" }]
[policy]
rto = "8h"
rpo = "1h"
"#;

/// The figures that every exercise has, with what is named with each.
fn of_exercises() -> impl Iterator<Item = (Figure, &'static str)> {
    let each = FIGURES.iter().filter(|it| it.scope == Scope::Exercise);
    each.map(|it| match it.parameter {
        None => (it.figure, ""),
        Some(Parameter::Step) => (it.figure, "restore.load"),
    })
}

fn name((figure, step): (Figure, &str)) -> String {
    let of = if step.is_empty() { String::new() } else { format!("{{step={step}}}") };
    format!("{}{of}", figure.id())
}

fn column((figure, step): (Figure, &str)) -> String {
    let of = if step.is_empty() { String::new() } else { format!("{{step={step}}}") };
    format!("{}{of}", figure.column())
}

fn selection(step: &str) -> String {
    if step.is_empty() { String::new() } else { format!("select = {{ step = \"{step}\" }}\n") }
}

/// A budget and an observation of every figure.
fn everything() -> String {
    let mut text = String::from(ALL);
    for (figure, step) in of_exercises() {
        let (least, list, value) = match figure.kind() {
            Kind::Instant => ("0h", "instants", "at = \"T+1h\""),
            Kind::Length | Kind::Loss => ("0h", "lengths", "value = \"1h\""),
            Kind::Share => ("0%", "counts", "value = \"50%\""),
            Kind::Hours | Kind::Count | Kind::Money => ("0", "counts", "value = 1"),
        };
        let (id, of) = (figure.id(), selection(step));
        let _ = write!(
            text,
            "[[budgets]]\nmetric = \"{id}\"\nexpect = \"value >= {least}\"\n{of}\
             [[observed.{list}]]\nfigure = \"{id}\"\n{value}\n{of}"
        );
    }
    text
}

#[track_caller]
fn parsed(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:?}"))
}

/// Every column of `replications.csv` by strategy and head; nothing where a cell is empty.
fn columns(folder: &Path) -> BTreeMap<(String, String), Vec<Option<f64>>> {
    let mut reader = csv::Reader::from_path(folder.join("replications.csv")).expect("a table");
    let heads = reader.headers().expect("a head").clone();
    let mut columns: BTreeMap<(String, String), Vec<Option<f64>>> = BTreeMap::new();
    for row in reader.records() {
        let row = row.expect("a row");
        for (head, cell) in heads.iter().zip(&row) {
            let key = (row[0].to_owned(), head.to_owned());
            columns.entry(key).or_default().push(cell.parse().ok());
        }
    }
    columns
}

/// The median as reports have it, where what never comes sorts last.
fn median(values: &[Option<f64>]) -> Option<f64> {
    let mut sorted: Vec<f64> = values.iter().map(|it| it.unwrap_or(f64::INFINITY)).collect();
    sorted.sort_by(f64::total_cmp);
    Some(sorted[sorted.len().div_ceil(2) - 1]).filter(|it| it.is_finite())
}

fn mean(values: &[Option<f64>]) -> Option<f64> {
    let known: Vec<f64> = values.iter().copied().flatten().collect();
    (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
}

#[track_caller]
fn same(one: Option<f64>, other: Option<f64>, what: &str) {
    match (one, other) {
        (Some(one), Some(other)) => {
            // A cell has four decimals of an hour.
            assert!((one - other).abs() <= 0.4 + 1e-6 * one.abs(), "{what}: {one} and {other}");
        }
        _ => assert_eq!(one.is_none(), other.is_none(), "{what}: {one:?} and {other:?}"),
    }
}

fn find<'a>(list: &'a Value, key: &str, name: &str) -> Option<&'a Value> {
    list.as_array()?.iter().find(|it| it[key] == name)
}

#[test]
fn each_name_is_one_number_in_every_output() {
    let folder = fresh_folder("figures-one-number");
    fs::write(folder.join("x.toml"), everything()).expect("a file can be written");
    let run = |words: &[&str]| blackstart_in(&folder, words);
    let summary = parsed(&run(&["run", "x.toml", "--out", "r", "--format", "json"]));
    let accept = ["check", "x.toml", "--format", "json", "--accept-baseline", "b.json"];
    let check = parsed(&run(&accept));
    let compare = parsed(&run(&["compare", "x.toml", "--out", "c", "--format", "json"]));
    let backtest = parsed(&run(&["backtest", "x.toml", "--out", "o", "--format", "json"]));
    let baseline = fs::read_to_string(folder.join("b.json")).expect("a baseline");
    let baseline: Value = serde_json::from_str(&baseline).expect("JSON");
    let columns = columns(&folder.join("r"));
    let (mut compared, mut kept) = (0, 0);
    for of in of_exercises() {
        let (figure, name) = (of.0, name(of));
        let is_time = figure.kind().is_time();
        // Hours of the table as the seconds of JSON.
        let per = if is_time { 3_600.0 } else { 1.0 };
        for (place, strategy) in ["slow", "fast"].iter().enumerate() {
            let key = ((*strategy).to_owned(), column(of));
            let cells = columns.get(&key).unwrap_or_else(|| panic!("no column {key:?}"));
            let cells: Vec<Option<f64>> = cells.iter().map(|it| it.map(|it| it * per)).collect();
            let typical = if is_time { median(&cells) } else { mean(&cells) };
            let told = format!("{name} under {strategy}");

            let budgets = check["scenarios"][0]["budgets"].as_array().expect("budgets");
            let budget =
                budgets.iter().find(|it| it["figure"] == name && it["strategy"] == *strategy);
            let budget = budget.unwrap_or_else(|| panic!("no budget {told}"));
            same(budget["value"]["value"].as_f64(), typical, &format!("budget {told}"));

            if let Some(it) = find(&summary["strategies"][place]["figures"], "name", &name) {
                let own = match it["statistic"].as_str() {
                    Some("mean") if cells.contains(&None) => None,
                    Some("mean") => mean(&cells),
                    _ => median(&cells),
                };
                same(it["value"].as_f64(), own, &format!("summary {told}"));
            } else {
                assert_eq!(figure, Figure::Escalations, "{told} is not in the summary");
            }

            if let Some(it) = find(&compare["comparison"]["metrics"], "name", &name) {
                compared += 1;
                let own = it["strategies"][place]["mean"]["value"].as_f64();
                same(own, mean(&cells), &format!("compare {told}"));
            }

            let values = &baseline["strategies"][*strategy]["metrics"][&name];
            if let Some(values) = values.as_array() {
                kept += 1;
                let one = match figure.kind() {
                    Kind::Share => 1e9,
                    Kind::Money => 100.0,
                    Kind::Hours => 3_600_000.0,
                    Kind::Count => 1.0,
                    Kind::Instant | Kind::Length | Kind::Loss => 1_000.0,
                };
                for (number, cell) in cells.iter().enumerate() {
                    let value = values.get(number).unwrap_or(&values[0]).as_f64();
                    same(value.map(|it| it / one), *cell, &format!("baseline {told} {number}"));
                }
            }
        }
        let own = &columns[&("slow".to_owned(), column(of))];
        let own: Vec<Option<f64>> = own.iter().map(|it| it.map(|it| it * per)).collect();
        let row = find(&backtest["rows"], "figure", &name);
        let row = row.unwrap_or_else(|| panic!("{name} was not observed"));
        same(row["simulated"].as_f64(), median(&own), &format!("observed {name}"));
    }
    assert!(compared > 40 && kept > 50, "{compared} compared, {kept} kept");
}

#[test]
fn an_old_name_means_the_figure_and_is_written_no_more() {
    let old = "[[budgets]]\nmetric = \"makespan\"\nexpect = \"value < 2d\"\n\
               [[observed.instants]]\nfigure = \"last_restored\"\nat = \"T+9h\"\n";
    let scenario = scenario(&format!("{ALL}{old}"));
    assert_eq!(scenario.budgets[0].metric, Figure::LastSiteBack.into());
    assert_eq!(scenario.budgets[0].name, "last_site_back value < 2d");
    let observed = scenario.observed.expect("something was observed");
    assert_eq!(observed.observations[0].name, "last_site_back");
}

/// One person restores three sites of two hours each: back after 2, 4 and 6 hours, and calls each
/// customer for an hour, which needs nobody. `fast` leaves the calls out.
const THREE: &str = r#"schema = 1
title = "test"
[experiment]
replications = 30
horizon = "10d"
[estate.sites]
count = 3
[[incident.deletions]]
[teams.a]
people = 1
[[runbooks.r.steps]]
id = "plan"
per = "once"
duration = "1h"
[[runbooks.r.steps]]
id = "load"
team = "a"
duration = "2h"
hand_over = true
[[runbooks.r.steps]]
id = "call"
after = ["load"]
duration = "1h"
[[runbooks.q.steps]]
id = "load"
team = "a"
duration = "2h"
[strategies.slow]
tracks = [{ runbook = "r" }]
[strategies.fast]
tracks = [{ runbook = "q" }]
[policy]
rto = "3h"
"#;

/// What a budget about a figure was asked about in the first exercise, in hours.
fn value(text: &str, metric: &str, step: &str) -> f64 {
    let of = selection(step);
    let budget = format!("[[budgets]]\nmetric = \"{metric}\"\n{of}expect = \"value < 9d\"\n");
    let budget = match metric {
        "step_last_end" => budget,
        _ => budget.replace("9d", "9"),
    };
    let scenario = scenario(&format!("{text}{budget}"));
    let design = Design { replications: 1, ..Design::of(&scenario) };
    let results = experiment::run(&scenario, &design, &|| ());
    let measured = measure::measure(&scenario, &results);
    let it = blackstart::verdict::judge_budgets(&scenario, &results, &measured).remove(0);
    let per = if metric == "step_last_end" { 3_600_000.0 } else { 1.0 };
    it.values[0] / per
}

#[test]
fn the_last_end_of_a_step_is_as_by_hand() {
    let of = |step: &str| value(THREE, "step_last_end", step);
    assert_eq!((of("r.plan"), of("r.load"), of("r.call")), (1.0, 7.0, 8.0));
}

#[test]
fn a_step_with_more_to_come_at_the_horizon_never_ends() {
    // Sites are back after 3, 5 and 7 hours, and called after 4, 6 and 8.
    let until = |horizon: &str| THREE.replace("10d", horizon);
    let of = |horizon: &str, step: &str| value(&until(horizon), "step_last_end", step);
    let never = f64::INFINITY;
    assert_eq!((of("6h", "r.plan"), of("6h", "r.load"), of("6h", "r.call")), (1.0, never, never));
    // The last call is still under way, so the calls have no end; nor is it known of the loads that
    // nothing sends one back.
    assert_eq!(of("450m", "r.call"), never);
    assert_eq!(of("8h", "r.call"), 8.0);
    assert_eq!(of("30m", "r.plan"), never);
}

#[test]
fn work_of_a_track_that_nobody_waits_for_keeps_no_step_open() {
    let aside = "[runbooks.post]\nsupporting = true\n[[runbooks.post.steps]]\nid = \"write\"\n\
                 per = \"once\"\nduration = \"40h\"\n";
    let text = THREE
        .replace("10d", "20h")
        .replace("[strategies.slow]", &format!("{aside}[strategies.slow]"));
    let beside = text.replace(
        "tracks = [{ runbook = \"r\" }]",
        "tracks = [{ runbook = \"r\" }, { runbook = \"post\" }]",
    );
    assert_eq!(value(&beside, "step_last_end", "r.call"), 8.0);
    assert_eq!(value(&beside, "step_last_end", "post.write"), f64::INFINITY);
    let waited_for = beside.replace("after = [\"load\"]", "after = [\"load\", \"post.write\"]");
    assert_eq!(value(&waited_for, "step_last_end", "r.load"), f64::INFINITY);
}

#[test]
fn hours_beyond_the_objective_are_as_by_hand() {
    // Back after 3, 5 and 7 hours, with 3 hours allowed; the last counts to the horizon.
    assert_eq!(value(THREE, "site_hours_beyond_rto", ""), 6.0);
    assert_eq!(value(&THREE.replace("10d", "6h"), "site_hours_beyond_rto", ""), 5.0);
}

#[test]
fn a_strategy_without_the_step_matches_nothing() {
    let folder = fresh_folder("figures-no-step");
    let budget = "[[budgets]]\nmetric = \"step_last_end\"\nexpect = \"value < 9h\"\n\
                  select = { step = \"r.call\", strategy = \"fast\" }\n";
    fs::write(folder.join("x.toml"), format!("{THREE}{budget}")).expect("a file can be written");
    let ran = blackstart_in(&folder, &["check", "x.toml"]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(ran.stdout.contains("MATCHED NOTHING"), "{}", ran.stdout);
}

#[test]
fn the_catalogue_is_printed_in_full() {
    let text = in_process(&["figures"]);
    let markdown = in_process(&["figures", "--format", "markdown"]);
    let json = parsed(&in_process(&["figures", "--format", "json"]));
    assert_eq!((text.code, markdown.code), (0, 0));
    for it in &FIGURES {
        assert!(text.stdout.lines().any(|line| line == it.id), "{}", it.id);
        assert!(markdown.stdout.contains(&format!("| `{}` | {} |", it.id, it.meaning)));
        let own = find(&json["figures"], "id", it.id).expect("every figure is in the JSON");
        assert_eq!(own["definition"], it.meaning);
        for old in it.old_names {
            assert!(text.stdout.contains(old), "{old}");
        }
    }
}

#[test]
fn no_output_says_makespan() {
    let folder = fresh_folder("figures-makespan");
    fs::write(folder.join("x.toml"), ALL).expect("a file can be written");
    let ran = blackstart_in(&folder, &["run", "x.toml", "--out", "r", "--quiet"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for file in ["summary.json", "replications.csv", "steps.csv"] {
        let text = fs::read_to_string(folder.join("r").join(file)).expect("a file");
        assert!(!text.contains("makespan"), "{file}");
        assert!(!text.contains("last_restored"), "{file}");
    }
}
