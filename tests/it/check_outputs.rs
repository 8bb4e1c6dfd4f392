//! What other programs read of a check: JUnit, Markdown, annotations and JSON.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Ran, blackstart_in, fresh_folder, in_process};

const BUDGETS: &str = "scenarios/budgets.toml";

/// A scenario whose names are made to break what they are written into.
fn hostile(sites: usize, budgets: usize) -> String {
    let mut text = format!(
        r#"schema = 1
title = "test"
[experiment]
replications = 30
[estate.sites]
count = {sites}
[[incident.deletions]]
[teams.a]
people = 1
[[runbooks.r.steps]]
id = "x"
team = "a"
duration = "2h"
[strategies."a|b <c> & d"]
tracks = [{{ runbook = "r" }}]
"#
    );
    for number in 0..budgets {
        text += &format!(
            "[[budgets]]\nname = \"no {number}: 50%, <b>& | `x` ]]> ::error::\"\n\
             metric = \"site.rta\"\nexpect = \"max < 1h\"\n"
        );
    }
    text
}

#[track_caller]
fn check(folder: &Path, text: &str, more: &[&str]) -> Ran {
    fs::write(folder.join("x.toml"), text).expect("a file can be written");
    blackstart_in(folder, &[&["check", "x.toml"], more].concat())
}

fn read(path: PathBuf) -> String {
    fs::read_to_string(path).expect("a text that was written")
}

#[test]
fn a_parser_of_somebody_else_reads_the_junit() {
    let ran = in_process(&["check", BUDGETS, "--format", "junit"]);
    assert_eq!(ran.code, 0);
    let report = junit_parser::from_reader(ran.stdout.as_bytes()).expect("it is JUnit");
    assert_eq!(report.name, "blackstart check");
    let skipped: u64 = report.suites.iter().map(|it| it.skipped).sum();
    assert_eq!((report.tests, report.failures, skipped), (11, 0, 1));
    let suites: Vec<&str> = report.suites.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(suites, ["budgets.one-person", "budgets.three-people"]);
    let cases = &report.suites[0].cases;
    let names: Vec<&str> = cases.iter().map(|it| it.original_name.as_str()).collect();
    assert_eq!(
        names,
        [
            "No more work than two hours a site",
            "site.rta max < 14h",
            "Gold is back before lunch",
            "site.rta{by=user} p(50) <= 4h",
            "site.rta share_within(6h) >= 80%",
        ]
    );
    assert!(cases[0].status.is_success() && cases[4].status.is_skipped());
    let out = |case: usize| cases[case].system_out.as_deref().unwrap_or_default();
    assert!(out(2).starts_with(&format!("at: {BUDGETS}:60\nexpect: max ")), "{}", out(2));
    assert!(out(4).contains("demo 12.0 h"), "{}", out(4));
    assert!(!ran.stdout.contains(" time=") && !ran.stdout.contains("timestamp"));
    assert_eq!(in_process(&["check", BUDGETS, "--format", "junit"]).stdout, ran.stdout);
}

#[test]
fn no_name_breaks_the_junit() {
    let folder = fresh_folder("outputs-hostile");
    let ran = check(&folder, &hostile(2, 3), &["--format", "junit"]);
    assert_eq!(ran.code, 99, "{}", ran.stderr);
    let report = junit_parser::from_reader(ran.stdout.as_bytes()).expect("it is JUnit");
    assert_eq!((report.tests, report.failures), (3, 3));
    let case = &report.suites[0].cases[0];
    assert!(case.status.is_failure());
    let message = &case.status.failure_as_ref().message;
    assert!(message.starts_with("`site.rta max < 1h` under a|b <c> & d is missed"), "{message}");
    let legal = |c: char| c == '\n' || c == '\t' || c >= ' ';
    assert!(ran.stdout.chars().all(legal), "{}", ran.stdout);
}

#[test]
fn annotations_point_at_the_budget_and_are_never_more_than_ten() {
    let folder = fresh_folder("outputs-github");
    let commands = |budgets: usize| -> Vec<String> {
        let ran = check(&folder, &hostile(2, budgets), &["--format", "github"]);
        assert_eq!(ran.code, 99);
        let lines = ran.stdout.lines().filter(|it| it.starts_with("::"));
        lines.map(str::to_owned).collect()
    };
    let one = commands(1);
    assert_eq!(one.len(), 1);
    let head = "::error file=x.toml,line=19,col=10,title=Budget missed%3A no 0%3A 50%25%2C <b>& |";
    assert!(one[0].starts_with(head), "{}", one[0]);
    assert_eq!(commands(9).len(), 9);
    let many = commands(40);
    assert_eq!(many.len(), 10);
    assert_eq!(many[9], "::error title=blackstart check::31 more in the summary");
}

#[test]
fn the_markdown_of_a_large_estate_with_many_budgets_fits_a_comment() {
    let folder = fresh_folder("outputs-markdown");
    let summary = folder.join("summary.md");
    fs::write(&summary, "# Others were here\n").expect("a file can be written");
    fs::write(folder.join("x.toml"), hostile(5_000, 2_000)).expect("a file can be written");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_blackstart"));
    let words = ["check", "x.toml", "--replications", "1", "--format", "markdown"];
    let output = command
        .args(words)
        .current_dir(&folder)
        .env("GITHUB_STEP_SUMMARY", &summary)
        .output()
        .expect("the program starts");
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(printed.len() < 64 * 1024, "{} bytes", printed.len());
    assert!(printed.starts_with("### blackstart check: 2,000 of 2,000 budgets undecided.\n"));
    assert!(printed.contains(" more.\n") && printed.contains("<details>"));
    assert!(!printed.contains("\n# ") && !printed.contains("\n## ") && !printed.contains("<b>"));
    assert_eq!(read(summary), format!("# Others were here\n{printed}"));
}

#[test]
fn one_check_writes_every_format() {
    let folder = fresh_folder("outputs-all");
    let files = ["r/c.xml", "r/c.json", "r/c.md", "r/c.sarif", "r/c.txt"];
    let out = files.map(|it| ["--out", it]).concat();
    let ran = check(&folder, &hostile(2, 1), &out);
    assert_eq!(ran.code, 99, "{}", ran.stderr);
    assert_eq!(read(folder.join("r/c.txt")), ran.stdout);
    let formats =
        [("c.xml", "junit"), ("c.json", "json"), ("c.md", "markdown"), ("c.sarif", "sarif")];
    for (file, format) in formats {
        let printed = check(&folder, &hostile(2, 1), &["--format", format]).stdout;
        assert_eq!(read(folder.join("r").join(file)), printed);
    }
    let wrong = check(&folder, &hostile(2, 1), &["--out", "c.yaml"]);
    assert_eq!((wrong.code, wrong.stdout.as_str()), (2, ""));
}

/// The names that a schema allows at a place, and the schema of what stands there.
fn follow<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(path) => &root["$defs"][path.trim_start_matches("#/$defs/")],
        None => match schema["anyOf"].as_array() {
            Some(list) => follow(&list[0], root),
            None => schema,
        },
    }
}

/// Every key of a value stands in the schema, all the way down.
pub(crate) fn assert_described(value: &Value, schema: &Value, root: &Value, path: &str) {
    let schema = follow(schema, root);
    match value {
        Value::Object(keys) => {
            for (key, value) in keys {
                let place = format!("{path}.{key}");
                let described = schema["properties"].get(key);
                assert!(described.is_some(), "{place} is not in the schema");
                assert_described(value, described.expect("just seen"), root, &place);
            }
        }
        Value::Array(list) => {
            for value in list {
                assert_described(value, &schema["items"], root, path);
            }
        }
        _ => {}
    }
}

#[test]
fn the_json_is_as_its_schema_says_and_says_what_the_terminal_says() {
    let ran = in_process(&["check", BUDGETS, "--format", "json"]);
    let view: Value = serde_json::from_str(&ran.stdout).expect("it is JSON");
    let schema: Value =
        serde_json::from_str(&blackstart::report::check::check_schema()).expect("it is JSON");
    assert_described(&view, &schema, &schema, "");
    assert_eq!(
        (&view["format"], &view["ok"], &view["exit_code"]),
        (&2.into(), &true.into(), &0.into())
    );
    let budgets = view["scenarios"][0]["budgets"].as_array().expect("a list");
    let text = in_process(&["check", BUDGETS]).stdout;
    for budget in budgets {
        for key in ["figure", "expect", "value_text", "interval_text"] {
            let shown = budget[key].as_str().expect("a text");
            assert!(text.contains(shown), "{shown}");
        }
    }
    assert_eq!(budgets[4]["verdict"], "missed");
    assert_eq!(budgets[4]["ok"], true, "it only warns");
}
