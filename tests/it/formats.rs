//! What is wrong with a scenario is told in every format of `validate` and `check`, and readers of
//! somebody else read it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::Value;

use crate::check_outputs::assert_described;
use crate::support::{Ran, blackstart_in, fresh_folder};

const SOUND: &str = r#"schema = 1
title = "test"
estate.sites.count = 3
incident.deletions = [{}]
[experiment]
replications = 30
[teams.a]
people = 2
[runbooks.r]
steps = [{ id = "x", team = "a", duration = "1h" }]
[strategies.s]
tracks = [{ runbook = "r" }]
[[budgets]]
metric = "site.rta"
expect = "max < 9h"
"#;

/// A folder with a scenario of each kind; the invalid one has two errors.
fn folder(name: &str) -> PathBuf {
    let folder = fresh_folder(name);
    let warned = SOUND.replace("runbook = \"r\"", "runbook = \"r\", closes = \"T+2d\"");
    let invalid = warned.replace("people = 2", "poeple = 2\npeople = 2");
    let invalid = invalid.replace("\"1h\"", "\"1,5h\"");
    for (name, text) in [("sound", SOUND), ("warned", &warned), ("invalid", &invalid)] {
        fs::write(folder.join(format!("{name}.toml")), text).expect("a file can be written");
    }
    folder
}

/// The verbs that tell builds.
const VERBS: [&str; 2] = ["validate", "check"];
/// Each scenario with how both verbs end.
const SCENARIOS: [(&str, i32); 3] = [("sound.toml", 0), ("warned.toml", 0), ("invalid.toml", 3)];

#[track_caller]
fn say(folder: &Path, verb: &str, scenario: &str, more: &[&str]) -> Ran {
    blackstart_in(folder, &[&[verb, scenario], more].concat())
}

/// What an element may have as attributes and as children, by the schema of the strictest reader:
/// junit-10.xsd of the xUnit plugin of Jenkins.
fn allowed(element: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match element {
        "" => (&[], &["testsuites"]),
        "testsuites" => (&["name", "time", "tests", "failures", "errors"], &["testsuite"]),
        "testsuite" => (
            &[
                "name",
                "tests",
                "failures",
                "errors",
                "group",
                "time",
                "skipped",
                "timestamp",
                "hostname",
                "id",
                "package",
                "file",
                "log",
                "url",
            ],
            &["testsuite", "properties", "testcase", "system-out", "system-err"],
        ),
        "testcase" => (
            &["name", "time", "classname", "group"],
            &["skipped", "error", "failure", "system-out", "system-err"],
        ),
        "properties" => (&[], &["property"]),
        "property" => (&["name", "value"], &[]),
        "failure" | "error" | "skipped" => (&["type", "message"], &[]),
        _ => (&[], &[]),
    }
}

/// Everything in a JUnit file that the strictest reader does not allow.
pub(crate) fn refused_by_jenkins(text: &str) -> BTreeSet<String> {
    let name = |tag: &BytesStart<'_>| -> String { tag.name().as_ref().to_owned() };
    let (mut reader, mut open, mut refused) =
        (Reader::from_str(text), vec![String::new()], BTreeSet::new());
    loop {
        let event = reader.read_event().expect("it is XML");
        if let Event::Start(tag) | Event::Empty(tag) = &event {
            let (parent, element) = (open.last().expect("the document is open"), name(tag));
            if !allowed(parent).1.contains(&element.as_str()) {
                refused.insert(format!("{parent}/{element}"));
            }
            for attribute in tag.attributes() {
                let key = attribute.expect("it is XML").key;
                if !allowed(&element).0.contains(&key.as_ref()) {
                    refused.insert(format!("{element}@{}", key.as_ref()));
                }
            }
        }
        match event {
            Event::Start(tag) => open.push(name(&tag)),
            Event::End(_) => drop(open.pop()),
            Event::Eof => return refused,
            _ => {}
        }
    }
}

#[test]
fn the_strictest_reader_takes_every_junit() {
    let folder = folder("formats-strict");
    for verb in VERBS {
        for (scenario, code) in SCENARIOS {
            let ran = say(&folder, verb, scenario, &["--format", "junit"]);
            assert_eq!(ran.code, code, "{}", ran.stderr);
            assert_eq!(refused_by_jenkins(&ran.stdout), BTreeSet::new(), "{}", ran.stdout);
        }
    }
    let own = env!("CARGO_MANIFEST_DIR");
    let budgets =
        blackstart_in(own.as_ref(), &["check", "scenarios/budgets.toml", "--format", "junit"]);
    assert_eq!(refused_by_jenkins(&budgets.stdout), BTreeSet::new());
    let planted = r#"<testsuites skipped="0"><testsuite><testcase file="x"><properties/></testcase></testsuite></testsuites>"#;
    let refused: Vec<String> = refused_by_jenkins(planted).into_iter().collect();
    assert_eq!(refused, ["testcase/properties", "testcase@file", "testsuites@skipped"]);
}

#[test]
fn junit_has_a_case_for_each_fault() {
    let folder = folder("formats-junit");
    let read = |verb: &str, scenario: &str, more: &[&str]| {
        let ran = say(&folder, verb, scenario, &[&["--format", "junit"], more].concat());
        junit_parser::from_reader(ran.stdout.as_bytes()).expect("it is JUnit")
    };
    for (scenario, counts) in [("sound.toml", (1, 0, 0)), ("warned.toml", (2, 0, 1))] {
        let report = read("validate", scenario, &[]);
        let skipped = report.suites[0].skipped;
        assert_eq!((report.tests, report.failures, skipped), counts, "{scenario}");
    }
    for verb in VERBS {
        let report = read(verb, "invalid.toml", &[]);
        assert_eq!(report.name, format!("blackstart {verb}"));
        assert_eq!((report.tests, report.failures, report.suites[0].skipped), (2, 2, 0));
        let case = &report.suites[0].cases[0];
        assert_eq!(case.original_name, "unknown-key at invalid.toml:8:1");
        let failure = case.status.failure_as_ref();
        assert_eq!(failure.message, "unknown key `poeple`; did you mean `people`?");
        assert_eq!(failure.failure_type, "unknown-key");
        assert!(failure.text.starts_with("invalid.toml:8:1: unknown key"), "{}", failure.text);
    }
    let denied = read("check", "warned.toml", &["--deny-warnings"]);
    assert_eq!((denied.tests, denied.failures), (1, 1));
}

#[test]
fn quiet_prints_no_warning_unless_it_is_denied() {
    let folder = folder("formats-quiet");
    for verb in VERBS {
        let quiet = say(&folder, verb, "warned.toml", &["--quiet"]);
        assert_eq!((quiet.code, &quiet.stderr[..]), (0, ""), "{verb}");
        let json = ["--quiet", "--format", "json"];
        let kept: Value = serde_json::from_str(&say(&folder, verb, "warned.toml", &json).stdout)
            .expect("it is JSON");
        assert_eq!(kept["faults"][0]["severity"], "warning", "{verb}");
        let denied = say(&folder, verb, "warned.toml", &["--quiet", "--deny-warnings"]);
        assert_eq!(denied.code, 3, "{verb}");
        assert!(denied.stderr.contains("warned.toml:11:"), "{verb}: {}", denied.stderr);
    }
}

#[test]
fn annotations_stand_at_the_line_of_the_fault() {
    let folder = folder("formats-github");
    for verb in VERBS {
        let lines = |scenario: &str, more: &[&str]| -> Vec<String> {
            let ran = say(&folder, verb, scenario, &[&["--format", "github"], more].concat());
            ran.stdout.lines().filter(|it| it.starts_with("::")).map(str::to_owned).collect()
        };
        assert_eq!(lines("sound.toml", &[]), [""; 0]);
        assert_eq!(
            lines("invalid.toml", &[])[0],
            "::error file=invalid.toml,line=8,col=1,title=unknown-key::unknown key `poeple`; did you \
             mean `people`?"
        );
        let warned = lines("warned.toml", &[]);
        assert_eq!(warned.len(), 1);
        assert!(warned[0].starts_with("::warning file=warned.toml,line=11,"), "{}", warned[0]);
        let denied = lines("warned.toml", &["--deny-warnings"]);
        assert!(denied[0].starts_with("::error file=warned.toml,line=11,"), "{}", denied[0]);
        // What has no line of its own stands at the beginning of the scenario.
        let missing = lines("missing.toml", &[]);
        assert!(
            missing[0].starts_with("::error file=missing.toml,line=1,title=unreadable::cannot")
        );
        let set = lines("sound.toml", &["--set", "teams.a.poeple=2"]);
        assert_eq!(
            set[0],
            "::error file=sound.toml,line=1,title=unknown-address::--set teams.a.poeple: there is \
             no `teams.a.poeple`; did you mean `teams.a.people`?"
        );
    }
}

#[test]
fn the_json_has_every_fault_with_its_place_and_is_as_its_schema_says() {
    let folder = folder("formats-json");
    let schemas = [
        blackstart::report::faults::validation_schema(),
        blackstart::report::check::check_schema(),
    ];
    for (verb, schema) in VERBS.into_iter().zip(schemas) {
        let schema: Value = serde_json::from_str(&schema).expect("it is JSON");
        for (scenario, code) in SCENARIOS {
            let ran = say(&folder, verb, scenario, &["--format", "json"]);
            let view: Value = serde_json::from_str(&ran.stdout).expect("it is JSON");
            assert_described(&view, &schema, &schema, "");
            assert_eq!((&view["ok"], &view["exit_code"]), (&(code == 0).into(), &code.into()));
            let faults = view["faults"].as_array().expect("a list");
            let number = SCENARIOS.iter().position(|it| it.0 == scenario);
            assert_eq!(Some(faults.len()), number, "none, one and two");
            for fault in faults {
                assert_eq!(fault["place"]["file"], scenario);
                assert!(fault["place"]["line"].is_u64() && fault["message"].is_string());
            }
        }
    }
}

#[test]
fn sarif_has_a_result_for_each_fault_and_each_budget() {
    let folder = folder("formats-sarif");
    let read = |verb: &str, scenario: &str, more: &[&str]| -> Value {
        let ran = say(&folder, verb, scenario, &[&["--format", "sarif"], more].concat());
        serde_json::from_str(&ran.stdout).expect("it is JSON")
    };
    for verb in VERBS {
        for (scenario, results) in [("sound.toml", 0), ("warned.toml", 1), ("invalid.toml", 2)] {
            let log = read(verb, scenario, &[]);
            assert_eq!(log["version"], "2.1.0");
            let run = &log["runs"][0];
            assert_eq!(run["tool"]["driver"]["name"], "blackstart");
            let list = run["results"].as_array().expect("a list");
            assert_eq!(list.len(), results, "{log}");
            for result in list {
                let index = result["ruleIndex"].as_u64().expect("a number");
                let rules = run["tool"]["driver"]["rules"].as_array().expect("a list");
                assert_eq!(rules[usize::try_from(index).expect("small")]["id"], result["ruleId"]);
                let place = &result["locations"][0]["physicalLocation"];
                assert_eq!(place["artifactLocation"]["uri"], scenario);
                assert!(place["region"]["startLine"].as_u64().is_some_and(|it| it > 1), "{log}");
                assert!(result["message"]["text"].as_str().is_some_and(|it| it.contains("; ")));
            }
        }
    }
    assert_eq!(read("check", "warned.toml", &[])["runs"][0]["results"][0]["level"], "warning");
    let missed = read("check", "sound.toml", &["--set", "runbooks.r.steps=[]"]);
    assert_eq!(missed["runs"][0]["invocations"][0]["exitCode"], 3);
    let text = fs::read_to_string(folder.join("sound.toml")).expect("a text");
    fs::write(folder.join("late.toml"), text.replace("9h", "1h")).expect("a file can be written");
    let late = read("check", "late.toml", &[]);
    let result = &late["runs"][0]["results"][0];
    assert_eq!((&result["ruleId"], &result["level"]), (&"budget-missed".into(), &"error".into()));
    assert_eq!(late["runs"][0]["invocations"][0]["exitCode"], 99);
}

#[test]
fn text_and_markdown_have_a_line_for_each_fault() {
    let folder = folder("formats-text");
    for verb in VERBS {
        let told = say(&folder, verb, "invalid.toml", &[]).stdout;
        let line =
            "invalid.toml:8:1: error[unknown-key]: unknown key `poeple`; did you mean `people`?";
        assert!(told.lines().any(|it| it == line), "{told}");
        let told = say(&folder, verb, "warned.toml", &[]).stdout;
        assert!(told.contains("warned.toml:11:"), "{told}");
        let told = say(&folder, verb, "invalid.toml", &["--format", "markdown"]).stdout;
        assert!(told.starts_with(&format!("### blackstart {verb}: ")), "{told}");
        let row = "| **error**: unknown key \\`poeple\\` (unknown-key) | did you mean \\`people\\`? | invalid.toml:8:1 |";
        assert!(told.lines().any(|it| it == row), "{told}");
    }
}

#[test]
fn every_file_is_what_would_be_printed_and_takes_the_place_of_an_older_one() {
    let folder = folder("formats-files");
    let files = [
        ("o.txt", "text"),
        ("o.json", "json"),
        ("o.md", "markdown"),
        ("o.xml", "junit"),
        ("o.sarif", "sarif"),
        ("o.sarif.json", "sarif"),
    ];
    let out: Vec<&str> = files.iter().flat_map(|(file, _)| ["--out", file]).collect();
    // Each of them takes the place of what the one before has left.
    for verb in VERBS.into_iter().chain(VERBS) {
        for (scenario, code) in SCENARIOS.into_iter().chain([("missing.toml", 3)]) {
            let ran = say(&folder, verb, scenario, &out);
            assert_eq!(ran.code, code, "{verb} {scenario}: {}", ran.stderr);
            for (file, format) in files {
                let printed = say(&folder, verb, scenario, &["--format", format]).stdout;
                let written = fs::read_to_string(folder.join(file)).expect("it was written");
                assert_eq!(written, printed, "{verb} {scenario} {file}");
                assert_ne!(written, "");
            }
        }
    }
    fs::write(folder.join("mine.txt"), "x.toml: valid\nand more\n").expect("a file can be written");
    let refused = say(&folder, "validate", "sound.toml", &["--out", "mine.txt"]);
    assert_eq!(refused.code, 1, "{}", refused.stdout);
}

#[test]
fn the_faults_of_several_scenarios_are_told_together() {
    let folder = folder("formats-several");
    for verb in VERBS {
        let all = ["warned.toml", "invalid.toml", "--format", "json"];
        let ran = say(&folder, verb, "sound.toml", &all);
        assert_eq!(ran.code, 3);
        let view: Value = serde_json::from_str(&ran.stdout).expect("it is JSON");
        let faults = view["faults"].as_array().expect("a list");
        let of: Vec<&Value> = faults.iter().map(|it| &it["scenario"]).collect();
        assert_eq!(of, ["warned.toml", "invalid.toml", "invalid.toml"]);
    }
}

#[test]
fn warnings_that_are_denied_end_with_3() {
    let folder = folder("formats-denied");
    for verb in ["validate", "check", "run"] {
        let few = if verb == "validate" { &[][..] } else { &["--replications", "30"] };
        let denied = [few, &["--deny-warnings"]].concat();
        assert_eq!(say(&folder, verb, "sound.toml", &denied).code, 0);
        assert_eq!(say(&folder, verb, "warned.toml", few).code, 0);
        fs::remove_dir_all(folder.join("reports")).unwrap_or_default();
        let ran = say(&folder, verb, "warned.toml", &denied);
        assert_eq!(ran.code, 3, "{}", ran.stderr);
        let end = "error: 1 warning in warned.toml, and warnings are denied\n";
        assert!(ran.stderr.ends_with(end), "{}", ran.stderr);
        assert!(!folder.join("reports").exists());
    }
}

#[test]
fn what_keeps_a_check_from_being_made_is_told_to_builds() {
    let folder = folder("formats-kept");
    let github = |more: &[&str]| {
        let ran = say(&folder, "check", "sound.toml", &[more, &["--format", "github"]].concat());
        (ran.code, ran.stdout)
    };
    let (code, told) = github(&["--strategy", "t"]);
    assert_eq!(code, 3);
    let head = "::error file=sound.toml,line=1,title=unknown-strategy::there is no strategy `t`; ";
    assert!(told.starts_with(head), "{told}");
    let (code, told) = github(&["--baseline", "none.json"]);
    assert_eq!(code, 3);
    assert!(told.starts_with("::error file=sound.toml,line=1,title=unreadable::"), "{told}");
    let text = SOUND.split("[[budgets]]").next().expect("a text");
    fs::write(folder.join("sound.toml"), text).expect("a file can be written");
    let (code, told) = github(&[]);
    assert_eq!(code, 4);
    assert!(told.starts_with("::error file=sound.toml,line=1,title=missing-key::"), "{told}");
}

#[test]
fn what_is_wrong_stands_in_the_summary_of_the_build() {
    let folder = folder("formats-summary");
    for verb in VERBS {
        let summary = folder.join(format!("{verb}.md"));
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_blackstart"))
            .args([verb, "invalid.toml", "--format", "markdown"])
            .current_dir(&folder)
            .env("GITHUB_STEP_SUMMARY", &summary)
            .output()
            .expect("the program starts");
        assert_eq!(output.status.code(), Some(3));
        assert_eq!(fs::read(summary).expect("a summary"), output.stdout);
        assert_ne!(output.stdout, b"");
    }
}
