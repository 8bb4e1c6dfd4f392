//! The published course of April 2022 against the simulated one, as the page about it, the kept
//! back-test and the kept report have it.

use std::path::Path;

use serde_json::Value;

use crate::support::{blackstart_in, fresh_folder, read};

const NAME: &str = "atlassian-2022";

/// The page about it.
const PAGE: &str = "reports/atlassian-2022.md";

/// The table of the page that has `published` beside `simulated`, line by line.
fn table_in(page: &str) -> Vec<&str> {
    let head = |line: &&str| line.contains("| observed ") && line.contains("| simulated ");
    let table = page.lines().skip_while(|it| !head(it));
    table.take_while(|it| !it.starts_with("```")).collect()
}

#[test]
fn the_published_course_stands_beside_the_simulated_one() {
    let out = fresh_folder("reference").join("backtest");
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scenario = format!("scenarios/{NAME}.toml");
    let ran = blackstart_in(project, &["backtest", &scenario, "--out", &out.to_string_lossy()]);
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    for line in table_in(&read(PAGE)) {
        assert!(ran.stdout.contains(&format!("{line}\n")), "{line}\n\n{}", ran.stdout);
    }
    let again = std::fs::read_to_string(out.join("backtest.json")).expect("a file of the report");
    let kept = read(&format!("reports/{NAME}-backtest/backtest.json"));
    assert!(again == kept, "make it again: cargo run --release -- backtest {scenario}");
}

#[test]
fn the_page_shows_every_row_of_the_backtest() {
    let kept: Value =
        serde_json::from_str(&read(&format!("reports/{NAME}-backtest/backtest.json")))
            .expect("JSON");
    let figures = kept["rows"].as_array().expect("rows").len();
    let page = read(PAGE);
    // Above the rows stand the heads of the columns and a rule.
    assert_eq!(table_in(&page).len(), figures + 2);
    assert!(figures > 15, "{figures}");
}

/// The median of a column of the kept report for one strategy, in its order of replications.
fn median(strategy: &str, column: &str) -> f64 {
    let text = read(&format!("reports/{NAME}/replications.csv"));
    let mut lines = text.lines().map(|it| it.split(',').collect::<Vec<&str>>());
    let head = lines.next().expect("a table has a head");
    let place = head.iter().position(|it| *it == column).expect("a column of this name");
    let mut values: Vec<f64> = lines
        .filter(|it| it[0] == strategy)
        .map(|it| it[place].parse().unwrap_or(f64::INFINITY))
        .collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[test]
fn the_strategies_that_nobody_could_try_end_as_the_review_expected() {
    let days = |strategy: &str| median(strategy, "last_site_back_h") / 24.0;
    let [happened, alone] = ["as-happened", "restoration-1-only"].map(days);
    assert!((18.0..24.0).contains(&alone), "three weeks were expected: {alone} d");
    let quicker = ["restoration-2-from-start", "soft-delete", "staged-rollout"].map(days);
    assert!(quicker.iter().all(|it| *it < happened / 2.0), "{quicker:?} against {happened} d");
}

#[test]
fn what_would_have_helped_stands_on_the_page_as_the_report_has_it() {
    let kept: Value =
        serde_json::from_str(&read(&format!("reports/{NAME}/summary.json"))).expect("JSON");
    let said: Vec<&str> = kept["strategies"]
        .as_array()
        .expect("the strategies")
        .iter()
        .filter_map(|it| it["against"]["sentence"].as_str())
        .collect();
    let page = read(PAGE);
    let (_, section) = page.split_once("\n## What would have helped\n").expect("the section");
    let (section, _) = section.split_once("\n## ").expect("another section");
    let shown: Vec<&str> = section.lines().filter(|it| it.contains(" against ")).collect();
    assert_eq!(shown.len(), 4, "{shown:?}");
    for line in shown {
        assert!(said.contains(&line), "{line}\n\n{}", said.join("\n"));
    }
}
