//! The scenarios that come with the program, and the report that is kept of one of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use blackstart::experiment::{self, Design, Restoration};
use blackstart::scenario::{Checked, check_texts};
use serde_json::Value;

use crate::support::{files_in, fresh_folder, in_process, names_in, read, texts_beside};

/// The names and texts of every file in `scenarios/`, without the folder of parts that they use and
/// the page about them.
fn shipped() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("a folder that can be read")
        .map(|it| it.expect("an entry").file_name().into_string().expect("a name in UTF-8"))
        .filter(|it| it != "parts" && it != "README.md")
        .collect();
    names.sort();
    assert!(names.iter().all(|it| it.ends_with(".toml")), "{names:?}");
    names.into_iter().map(|it| (it.clone(), read(&format!("scenarios/{it}")))).collect()
}

fn checked(name: &str, text: &str) -> Checked {
    check_texts(&texts_beside("scenarios", name, text), &[])
}

#[test]
fn every_part_is_used_by_a_scenario() {
    let folder = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/parts"));
    let mut used = BTreeSet::new();
    for (name, text) in shipped() {
        used.extend(texts_beside("scenarios", &name, &text).files.into_keys());
    }
    let there: BTreeSet<String> =
        names_in(folder).into_iter().map(|it| format!("parts/{it}")).collect();
    assert!(there.iter().all(|it| it.ends_with(".toml") || it.ends_with(".csv")), "{there:?}");
    assert_eq!(there, used);
}

#[test]
fn every_scenario_is_valid_without_a_warning() {
    let scenarios = shipped();
    assert!(scenarios.len() >= 3);
    for (name, text) in scenarios {
        let checked = checked(&name, &text);
        assert_eq!(checked.diagnostics.render(&checked.sources, false), "", "{name}");
        assert!(checked.scenario.is_some(), "{name}");
    }
}

#[test]
fn every_scenario_runs_and_accounts_for_every_deleted_site() {
    for (name, text) in shipped() {
        let scenario = checked(&name, &text).scenario.expect("a valid scenario");
        let design = Design { replications: 3, ..Design::of(&scenario) };
        let results = experiment::run(&scenario, &design, &|| ());
        assert!(!scenario.incident.deleted.is_empty(), "{name}");
        let outcomes =
            results.strategies.iter().flat_map(|it| it.unpacked().into_iter().enumerate());
        let mut restored_in_all = 0;
        for (number, outcome) in outcomes {
            let deleted = results.sites(number).len();
            let ended = |is: fn(&Restoration) -> bool| {
                outcome.restorations.iter().filter(|it| is(it)).count()
            };
            let restored = ended(|it| matches!(it, Restoration::Restored(_)));
            let lost = ended(|it| matches!(it, Restoration::Lost));
            let unfinished = ended(|it| matches!(it, Restoration::Unfinished));
            let spared = ended(|it| matches!(it, Restoration::Spared));
            assert_eq!(restored + lost + unfinished + spared, deleted, "{name}");
            restored_in_all += restored;
        }
        // Some show how everything is lost under one strategy or in some exercises.
        assert!(restored_in_all > 0, "{name}");
    }
}

fn schema() -> Value {
    serde_json::from_str(&in_process(&["schema"]).stdout).expect("a schema is JSON")
}

/// The names of the keys of every table with known keys.
fn keys(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Object(properties)) = object.get("properties") {
                found.extend(properties.keys().cloned());
            }
            object.values().for_each(|it| keys(it, found));
        }
        Value::Array(list) => list.iter().for_each(|it| keys(it, found)),
        _ => {}
    }
}

/// What may be written where there is a choice.
fn choices(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::String(choice)) = object.get("const") {
                found.insert(choice.clone());
            }
            if let Some(Value::Array(list)) = object.get("enum") {
                found.extend(list.iter().filter_map(|it| it.as_str().map(str::to_owned)));
            }
            object.values().for_each(|it| choices(it, found));
        }
        Value::Array(list) => list.iter().for_each(|it| choices(it, found)),
        _ => {}
    }
}

/// The words of a text; a word may have underlines in it.
fn vocabulary(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').collect()
}

#[test]
fn the_template_shows_every_key_and_every_choice() {
    let template = read("scenarios/template.toml");
    let known = vocabulary(&template);
    let (mut keys_of_schema, mut choices_of_schema) = (BTreeSet::new(), BTreeSet::new());
    keys(&schema(), &mut keys_of_schema);
    choices(&schema(), &mut choices_of_schema);
    assert!(keys_of_schema.len() > 60, "{keys_of_schema:?}");
    assert!(choices_of_schema.len() > 20, "{choices_of_schema:?}");
    let all = keys_of_schema.iter().chain(&choices_of_schema);
    // A choice of several words stands in quotes.
    let shown = |it: &str| known.contains(it) || template.contains(&format!("\"{it}\""));
    let missing: Vec<&String> = all.filter(|it| !shown(it)).collect();
    assert_eq!(missing, [""; 0]);
}

/// Why a value does not fit a schema; knows as much of JSON Schema as ours uses.
fn misfit(root: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    if schema == &Value::Bool(true) {
        return None;
    }
    if let Some(Value::String(place)) = schema.get("$ref") {
        let target = root.pointer(place.trim_start_matches('#')).expect("a definition");
        return misfit(root, target, value, at);
    }
    let one_of = |key: &str| schema.get(key).and_then(Value::as_array);
    if let Some(forms) = one_of("anyOf").or(one_of("oneOf")) {
        let faults: Vec<String> =
            forms.iter().filter_map(|it| misfit(root, it, value, at)).collect();
        return (faults.len() == forms.len()).then(|| faults.join("\n or "));
    }
    let is = |kind: &str| match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        other => panic!("the schema has a type `{other}`"),
    };
    let fits = match schema.get("type") {
        Some(Value::String(kind)) => is(kind),
        Some(Value::Array(kinds)) => kinds.iter().any(|it| it.as_str().is_some_and(is)),
        _ => true,
    };
    let chosen = schema.get("const").is_none_or(|it| it == value)
        && one_of("enum").is_none_or(|list| list.contains(value));
    if !fits || !chosen {
        return Some(format!("{at}: {value} is not {schema}"));
    }
    if let (Some(list), Some(item)) = (value.as_array(), schema.get("items")) {
        let each = list.iter().enumerate();
        let mut faults =
            each.filter_map(|(index, it)| misfit(root, item, it, &format!("{at}[{index}]")));
        return faults.next();
    }
    let object = value.as_object()?;
    for (key, value) in object {
        let at = format!("{at}.{key}");
        let known = schema.get("properties").and_then(|it| it.get(key));
        let fault = match known.or(schema.get("additionalProperties")) {
            Some(Value::Bool(false)) => Some(format!("{at}: no such key")),
            Some(form) => misfit(root, form, value, &at),
            None => None,
        };
        if fault.is_some() {
            return fault;
        }
    }
    let missing = one_of("required")?.iter().filter_map(Value::as_str);
    let missing: Vec<&str> = missing.filter(|it| !object.contains_key(*it)).collect();
    (!missing.is_empty()).then(|| format!("{at}: lacks {missing:?}"))
}

#[test]
fn the_schema_accepts_every_scenario_and_not_everything() {
    let schema = schema();
    let fault = |text: &str| {
        let value: Value = toml::from_str(text).expect("a scenario is TOML");
        misfit(&schema, &schema, &value, "")
    };
    for (name, text) in shipped() {
        assert_eq!(fault(&text), None, "{name}");
    }
    let template = read("scenarios/template.toml");
    let broken = [
        ("[experiment]\n", "[experiment]\nsed = 1\n", ".experiment.sed: no such key"),
        ("source = \"guess\"", "source = \"gossip\"", "gossip"),
        ("shards = 4", "shards = \"four\"", ".estate.services.database.shards"),
        ("class = \"derived\"", "class = \"copied\"", "copied"),
        ("lognormal = { p50 = 50, sigma = 1.2 }", "lognormal = { p51 = 50 }", "p51"),
        ("on_close = \"finish\"", "on_close = 1", "on_close"),
    ];
    for (good, bad, meant) in broken {
        assert!(template.contains(good), "{good}");
        let fault = fault(&template.replacen(good, bad, 1)).expect(bad);
        assert!(fault.contains(meant), "{fault}");
    }
}

/// Why a text is no TOML 1.0, if it is none.
fn newer_than_1_0(text: &str) -> Option<String> {
    text.parse::<toml_1_0::Table>().err().map(|fault| fault.to_string())
}

#[test]
fn every_file_that_comes_with_the_program_is_toml_1_0() {
    let files = files_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"));
    let mut texts: Vec<(String, String)> = files
        .into_iter()
        .filter(|(name, _)| name.ends_with(".toml"))
        .map(|(name, bytes)| (name, String::from_utf8(bytes).expect("a scenario is UTF-8")))
        .collect();
    assert!(texts.len() > shipped().len(), "those that are used count too");
    for flags in [&["--services", "1", "--teams", "1"][..], &["--services", "12", "--teams", "8"]] {
        let written = in_process(&[&["init", "-"], flags].concat()).stdout;
        texts.push((format!("init {flags:?}"), written));
    }
    for (name, text) in texts {
        assert_eq!(newer_than_1_0(&text), None, "{name}");
    }
    for newer in ["a = {\n  b = 1 }", "a = { b = 1, }", "a = 08:00"] {
        assert!(newer_than_1_0(newer).is_some(), "{newer}");
    }
}

/// Replications that are made again; each is a line of the kept report.
const AGAIN: u32 = 4;

/// The whole comparison, byte for byte, takes minutes and is left to `.ci/run`. A replication is
/// the same in a run of any length, so the first lines of every strategy say as much about the
/// program, and the rest of the report is made of the same outcomes.
#[test]
fn the_kept_report_was_made_by_this_program_from_this_scenario() {
    let out = fresh_folder("kept").join("report");
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/atlassian-2022.toml");
    let replications = AGAIN.to_string();
    let out_word = out.to_string_lossy();
    let ran = in_process(&["run", scenario, "--replications", &replications, "--out", &out_word]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let again = |name: &str| fs::read_to_string(out.join(name)).expect("a file of the report");
    let kept = |name: &str| read(&format!("reports/atlassian-2022/{name}"));
    let remedy = "make it again: cargo run --release -- run scenarios/atlassian-2022.toml";

    let kept_folder = concat!(env!("CARGO_MANIFEST_DIR"), "/reports/atlassian-2022");
    assert_eq!(names_in(kept_folder.as_ref()), names_in(&out), "{remedy}");

    let (again_summary, kept_summary): (Value, Value) = (
        serde_json::from_str(&again("summary.json")).expect("JSON"),
        serde_json::from_str(&kept("summary.json")).expect("JSON"),
    );
    for part in ["format", "program", "scenario", "policy", "caveat"] {
        assert!(kept_summary[part] == again_summary[part], "`{part}` differs: {remedy}");
    }
    let guesses = |it: &Value| it["assumptions"]["guesses"].clone();
    assert!(guesses(&kept_summary) == guesses(&again_summary), "the guesses differ: {remedy}");
    assert_eq!(
        kept_summary["reproduce"],
        "blackstart run scenarios/atlassian-2022.toml --seed 2022 --replications 1000"
    );

    let is_among_the_first = |line: &&str| {
        let number = line.split(',').nth(1).expect("a column for the replication");
        number.parse::<u32>().is_ok_and(|it| it < AGAIN)
    };
    let (again_rows, kept_rows) = (again("replications.csv"), kept("replications.csv"));
    assert_eq!(kept_rows.lines().next(), again_rows.lines().next(), "{remedy}");
    let first = |text: &str| -> Vec<String> {
        text.lines().filter(is_among_the_first).map(str::to_owned).collect()
    };
    assert_eq!(first(&kept_rows), first(&again_rows), "{remedy}");
    let strategies = kept_summary["strategies"].as_array().expect("the strategies").len();
    assert_eq!(first(&kept_rows).len(), strategies * AGAIN as usize);

    // What is known of sites, steps and teams without simulating.
    for (name, columns) in [("sites.csv", 9), ("steps.csv", 6), ("teams.csv", 3)] {
        let head = |text: &str| -> Vec<String> {
            text.lines()
                .map(|it| it.split(',').take(columns).collect::<Vec<&str>>().join(","))
                .collect()
        };
        assert_eq!(head(&kept(name)), head(&again(name)), "{name}: {remedy}");
    }
}

#[test]
fn grahams_scenario_shows_that_more_people_and_shorter_tasks_can_be_later() {
    let out = fresh_folder("graham").join("report");
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/graham.toml");
    let ran = in_process(&["run", scenario, "--out", &out.to_string_lossy()]);
    let last = ran.stdout.lines().filter(|it| it.starts_with(" last site back"));
    let times: Vec<&str> =
        last.map(|it| it.split('|').nth(1).expect("a column of values").trim()).collect();
    assert_eq!(times, ["T+12.0 h", "T+15.0 h", "T+13.0 h"], "{}", ran.stdout);
    let verdict = |name: &str| ran.stdout.lines().find(|it| it.starts_with(name)).expect(name);
    assert!(verdict("three-people").starts_with("three-people meets the policy"));
    assert!(verdict("four-people").starts_with("four-people misses the policy"));
    assert!(verdict("shorter-tasks").starts_with("shorter-tasks misses the policy"));
}
