//! Every kind of fault: a broken text in, the whole message out.

mod backups;
mod budgets;
mod chances;
mod deletions;
mod effects;
mod files;
mod form;
mod guardrails;
mod injects;
mod meaning;
mod observed;
mod resample;
mod rework;
mod shards;
mod sizes;
mod teams;

use blackstart::diagnostics::{Code, Severity};

use crate::fuzz::WHOLE;
use crate::support::{but_unused, checked, is_unused};

/// The files with messages.
const OWN: &str = concat!(
    include_str!("backups.rs"),
    include_str!("budgets.rs"),
    include_str!("chances.rs"),
    include_str!("deletions.rs"),
    include_str!("effects.rs"),
    include_str!("files.rs"),
    include_str!("form.rs"),
    include_str!("meaning.rs"),
    include_str!("observed.rs"),
    include_str!("resample.rs"),
    include_str!("shards.rs"),
    include_str!("sizes.rs"),
    include_str!("teams.rs")
);

/// A text without fault, to be broken in one place.
const SOUND: &str = r#"schema = 1
title = "test"
estate.sites.count = 3
incident.deletions = [{}]
[teams.a]
people = 2
[runbooks.r]
steps = [{ id = "x", duration = "1h" }]
[strategies.s]
tracks = [{ runbook = "r" }]
"#;

fn faults_with(text: &str, overrides: &[&str]) -> String {
    let checked = checked(text, overrides);
    let told = but_unused(&checked.diagnostics.render(&checked.sources, false));
    told.trim_end().to_owned() + "\n"
}

fn faults(text: &str) -> String {
    faults_with(text, &[])
}

/// The sound text with something else in one place.
fn broken(place: &str, other: &str) -> String {
    assert_eq!(SOUND.matches(place).count(), 1, "{place}");
    SOUND.replace(place, other)
}

#[test]
fn a_sound_text_has_no_fault() {
    assert_eq!(faults(SOUND), "\n");
}

#[test]
fn every_code_has_a_message_in_these_files() {
    let missing: Vec<&str> = Code::ALL
        .iter()
        // Only the command line can name a baseline.
        .filter(|code| **code != Code::Incompatible)
        .map(|code| code.as_str())
        .filter(|code| !OWN.contains(&format!("[{code}]: ")))
        .collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn ten_faults_are_told_at_once_each_at_its_line() {
    let text = r#"schema = 1
titel = "test"
title = "test"
estate.sites.count = -3
incident.deletions = [{ over = 23 }]
incident.milestones.detected.after = "delcared"
[teams.a]
people = 2
[runbooks.r]
steps = [
  { id = "x", duration = "1 fortnight" },
  { id = "y", duration = "1h", per = "sites" },
  { id = "z", duration = "1h", team = "b" },
  { id = "v", duration = "1h", after = ["w"] },
]
[strategies.s]
priority = "first"
tracks = [{ runbook = "r", opens = "declared" }]
"#;
    let checked = checked(text, &[]);
    let lines: Vec<usize> = checked
        .diagnostics
        .sorted()
        .iter()
        .map(|it| checked.sources.line(it.span.expect("every fault has a place")).1)
        .collect();
    let told = checked.diagnostics.render(&checked.sources, false);
    assert_eq!(lines, [2, 4, 5, 6, 11, 12, 13, 14, 17, 18], "{told}");
    assert_eq!(checked.diagnostics.summary(), "10 errors");
    assert!(checked.scenario.is_none());
}

/// The faults of a text, a line each.
fn brief(text: &str) -> Vec<String> {
    let checked = checked(text, &[]);
    let line = |it: &&blackstart::diagnostics::Diagnostic| {
        let place = it.span.map_or(0, |span| checked.sources.line(span).1);
        format!("{place}: [{}] {}", it.code.as_str(), it.message)
    };
    let told = checked.diagnostics.sorted().into_iter().filter(|it| !is_unused(&it.message));
    told.map(|it| line(&it)).collect()
}

#[test]
fn one_value_of_a_wrong_type_is_one_fault() {
    let lines: Vec<&str> = WHOLE.lines().collect();
    let mut wrong = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        let Some((key, _)) = line.split_once(" = ") else { continue };
        let mut lines: Vec<String> = lines.iter().map(|it| (*it).to_owned()).collect();
        lines[place] = format!("{key} = 1979-05-27");
        let told = brief(&lines.join("\n"));
        if told.len() != 1 || !told[0].starts_with(&format!("{}: ", place + 1)) {
            wrong.push(format!("{key}\n    {}", told.join("\n    ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn one_unknown_key_is_one_fault() {
    let lines: Vec<&str> = WHOLE.lines().collect();
    let mut wrong = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        // Below this header or this key stands one more key.
        // Below these headers a key is a name.
        let named = |it: &&&str| ["[estate.products]", "[incident.milestones]"].contains(*it);
        let header = lines[..=place].iter().rev().find(|it| it.starts_with('['));
        if header.as_ref().is_some_and(named) || !(line.contains(" = ") || line.starts_with('[')) {
            continue;
        }
        let mut lines = lines.clone();
        lines.insert(place + 1, "quux = 1");
        let told = brief(&lines.join("\n"));
        if told.len() != 1 || !told[0].starts_with(&format!("{}: [unknown-key]", place + 2)) {
            wrong.push(format!("{line}\n    {}", told.join("\n    ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn tables_of_a_wrong_type_are_one_fault_each() {
    for key in ["estate", "incident", "teams", "runbooks", "strategies", "experiment", "policy"] {
        let told = brief(&format!("schema = 1\ntitle = \"t\"\n{key} = 1979-05-27\n"));
        let own = told.iter().filter(|it| it.starts_with("3: [wrong-type]")).count();
        assert_eq!(own, 1, "{told:#?}");
        let absent = match key {
            "experiment" | "policy" | "teams" => 4,
            _ => 3,
        };
        assert_eq!(told.len(), 1 + absent, "{told:#?}");
    }
}

#[test]
fn messages_say_the_fact_and_what_to_do() {
    let texts: Vec<String> = OWN
        .lines()
        .filter(|line| line.starts_with("error[") || line.starts_with("warning["))
        .filter_map(|line| line.split_once("]: "))
        .map(|(_, message)| message.to_owned())
        .collect();
    assert!(texts.len() > 40);
    for text in texts {
        let first = text.chars().next().expect("a message says something");
        assert!(!first.is_uppercase(), "{text}");
        assert!(!text.ends_with('.'), "{text}");
    }
}

#[test]
fn a_warning_does_not_stand_in_the_way() {
    let text = broken("runbook = \"r\"", "runbook = \"r\", closes = \"T+2d\"")
        .replace("duration = \"1h\"", "duration = \"1h\", team = \"a\"");
    let checked = checked(&text, &[]);
    assert!(checked.scenario.is_some());
    assert_eq!(checked.diagnostics.summary(), "0 errors, 1 warning");
    assert!(checked.diagnostics.sorted().iter().all(|it| it.severity == Severity::Warning));
}
