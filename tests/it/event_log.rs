//! One replication told: the event log, and the same for Perfetto.

use std::collections::BTreeMap;

use blackstart::report::Which;
use blackstart::review::{Trace, Use};
use blackstart::scenario::Scenario;
use blackstart::{report, review};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::model::models;
use crate::support::{blackstart, fresh_folder, in_process, names_in, scenario, small};

const THREE: &str = r#"
[teams.db]
people = 2
[[runbooks.r.steps]]
id = "restore"
team = "db"
duration = "3h"
[[runbooks.r.steps]]
id = "check"
after = ["restore"]
duration = "30m"
[[strategies.s.tracks]]
runbook = "r"
"#;

fn told(scenario: &Scenario, replication: u64) -> (Trace, Vec<Value>, Vec<Value>) {
    let (id, strategy) = scenario.strategies.enumerate().next().expect("a strategy");
    let trace = review::trace(scenario, id, 1, replication);
    let which =
        Which { strategy: &strategy.name, seed: 1, replication, kind: scenario.incident.kind };
    let lines = report::ndjson(scenario, which, &trace);
    let lines = lines.lines().map(|it| serde_json::from_str(it).expect("JSON")).collect();
    let whole: Value =
        serde_json::from_str(&report::chrome(scenario, which, &trace)).expect("JSON");
    (trace, lines, whole["traceEvents"].as_array().expect("a list").clone())
}

#[test]
fn a_log_begins_with_what_it_is_of_and_tells_a_line_each() {
    let scenario = scenario(&small(3, THREE));
    let (_, lines, _) = told(&scenario, 0);
    assert_eq!(lines[0]["what"], "trace");
    assert_eq!((&lines[0]["format"], &lines[0]["replication"]), (&json!(2), &json!(0)));
    assert_eq!(lines[0]["lines"], lines.len() - 1);
    let start = lines.iter().find(|it| it["what"] == "start" && it["site"] == "site-0003");
    assert_eq!(
        start.expect("the third site has its turn"),
        &json!({
            "at_ms": 10_800_000, "at": "PT3H", "what": "start", "track": "r", "step": "restore", "key": "restore",
            "per": "site", "site": "site-0003", "batch": 2, "attempt": 1, "teams": { "db": 1 },
            "waited_ms": 10_800_000, "length_ms": 10_800_000,
        })
    );
    assert_eq!(
        lines.last().expect("a last line"),
        &json!({ "at_ms": 23_400_000, "at": "PT6H30M", "what": "restored", "site": "site-0003" })
    );
}

#[test]
fn perfetto_sees_two_lanes_of_a_team_of_two_and_who_waits() {
    let scenario = scenario(&small(3, THREE));
    let (_, _, events) = told(&scenario, 0);
    let work: Vec<String> = of(&events, "X")
        .filter(|it| it["pid"] == 3)
        .map(|it| format!("{} {} {}+{}", it["tid"], text(it, "name"), it["ts"], it["dur"]))
        .collect();
    assert_eq!(
        work,
        [
            "1 restore site-0001 0+10800000000",
            "2 restore site-0002 0+10800000000",
            "1 restore site-0003 10800000000+10800000000",
        ]
    );
    let waits: Vec<&Value> = of(&events, "b").chain(of(&events, "e")).collect();
    let instants: Vec<u64> = waits.iter().map(|it| it["ts"].as_u64().expect("a time")).collect();
    assert_eq!(instants, [0, 10_800_000_000]);
    assert!(waits.iter().all(|it| it["args"]["site"] == "site-0003"));
    let named = |it: &&Value| it["name"] == "process_name" && it["args"]["name"] == "team db";
    assert!(of(&events, "M").any(|it| named(&it)), "{events:?}");
}

fn of<'a>(events: &'a [Value], phase: &'a str) -> impl Iterator<Item = &'a Value> {
    events.iter().filter(move |it| it["ph"] == phase)
}

fn text<'a>(event: &'a Value, key: &str) -> &'a str {
    event[key].as_str().expect("a text")
}

fn number(event: &Value, key: &str) -> u64 {
    event[key].as_u64().expect("a whole number")
}

fn check_slices(scenario: &Scenario, trace: &Trace, events: &[Value]) {
    let mut lanes: BTreeMap<(u64, u64), Vec<(u64, u64)>> = BTreeMap::new();
    let mut attempts: BTreeMap<String, u32> = BTreeMap::new();
    let mut busy = vec![0u128; scenario.teams.len()];
    for slice in of(events, "X") {
        let (pid, start, length) =
            (number(slice, "pid"), number(slice, "ts"), number(slice, "dur"));
        lanes.entry((pid, number(slice, "tid"))).or_default().push((start, start + length));
        let args = &slice["args"];
        *attempts.entry(format!("{pid} {args}")).or_default() += 1;
        if let Some(team) = pid.checked_sub(3) {
            let team = &scenario.teams.as_slice()[team as usize].name;
            let place = scenario.teams.iter().position(|it| it.name == *team).expect("a team");
            busy[place] += u128::from(number(&args["people"], team) * (length / 1_000));
        }
    }
    for (lane, mut slices) in lanes {
        slices.sort_unstable();
        assert!(slices.windows(2).all(|it| it[0].1 <= it[1].0), "lane {lane:?}: {slices:?}");
    }
    assert!(attempts.values().all(|it| *it == 1), "{attempts:?}");
    let begun = trace.records.iter().filter(|it| it.what.turn() == Some(Use::Begins));
    let processes = |needs: &[review::Need]| needs.iter().filter(|it| it.is_team).count();
    let due: usize = begun.map(|it| processes(&it.needs).max(1)).sum();
    assert_eq!(attempts.len(), due, "every attempt once for each of its teams");
    for (team, busy) in busy.into_iter().enumerate() {
        assert_eq!(trace.outcome.pools[team].busy, busy);
    }
}

fn check_lines(trace: &Trace, lines: &[Value]) {
    assert_eq!(lines.len(), 1 + trace.records.len());
    let instants: Vec<u64> = lines[1..].iter().map(|it| number(it, "at_ms")).collect();
    assert!(instants.windows(2).all(|it| it[0] <= it[1]), "times go back");
    let mut open: BTreeMap<String, u64> = BTreeMap::new();
    for line in &lines[1..] {
        let task = ["track", "step", "site"].map(|it| line[it].to_string()).join(" ");
        match text(line, "what") {
            "start" => {
                assert!(number(line, "waited_ms") <= number(line, "at_ms"));
                assert_eq!(open.insert(task, number(line, "at_ms")), None);
            }
            "finish" | "fail" | "abort" => {
                let since = open.remove(&task).expect("what ends has started");
                assert_eq!(number(line, "lasted_ms"), number(line, "at_ms") - since);
            }
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..Default::default() })]

    #[test]
    fn slices_never_overlap_and_add_up_to_the_work_of_the_teams(model in models()) {
        let scenario = scenario(&model.text());
        for replication in 0..2 {
            let (trace, lines, events) = told(&scenario, replication);
            check_slices(&scenario, &trace, &events);
            check_lines(&trace, &lines);
        }
    }
}

#[test]
fn the_quickstart_is_told_without_a_gap() {
    let text = crate::support::read("scenarios/quickstart.toml");
    let scenario = scenario(&text);
    let (trace, lines, events) = told(&scenario, 3);
    check_slices(&scenario, &trace, &events);
    check_lines(&trace, &lines);
}

const QUICKSTART: &str = "scenarios/quickstart.toml";

#[test]
fn trace_prints_the_log_or_writes_both_files() {
    let folder = fresh_folder("trace");
    let out = folder.join("t").to_string_lossy().into_owned();
    let printed = blackstart(&["trace", QUICKSTART, "--replication", "2"]);
    assert_eq!((printed.code, printed.stderr.as_str()), (0, ""));
    let for_perfetto =
        in_process(&["trace", QUICKSTART, "--replication", "2", "--format", "chrome"]);
    let written = in_process(&["trace", QUICKSTART, "--replication", "2", "--out", &out]);
    assert_eq!((written.code, written.stdout.as_str()), (0, ""));
    assert!(written.stderr.starts_with(&format!("trace: {out}\nnext, to ")), "{}", written.stderr);
    assert_eq!(names_in(&folder), ["t/manifest.json", "t/trace.json", "t/trace.ndjson"]);
    let file = |name: &str| std::fs::read_to_string(folder.join("t").join(name)).expect("a file");
    assert_eq!(file("trace.ndjson"), printed.stdout);
    assert_eq!(file("trace.json"), for_perfetto.stdout);
    // It may be replaced by another of its kind, and by nothing else.
    assert_eq!(in_process(&["trace", QUICKSTART, "--out", &out]).code, 0);
    assert_ne!(file("trace.ndjson"), printed.stdout);
    let run = in_process(&["run", QUICKSTART, "--replications", "1", "--out", &out]);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr.contains("is the log of an exercise and not the report of a run"),
        "{}",
        run.stderr
    );
}

#[test]
fn trace_takes_strategy_seed_and_overrides() {
    let head = |more: &[&str]| -> Value {
        let ran = in_process(&[&["trace", QUICKSTART][..], more].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        serde_json::from_str(ran.stdout.lines().next().expect("a line")).expect("JSON")
    };
    let plain = head(&[]);
    assert_eq!((&plain["strategy"], &plain["replication"]), (&json!("site-by-site"), &json!(0)));
    assert_eq!(head(&["--strategy", "five-at-a-time"])["strategy"], "five-at-a-time");
    assert_eq!(head(&["--seed", "5"])["seed"], 5);
    assert_ne!(head(&["--set", "teams.database.people=8"])["digest"], plain["digest"]);
    let ran = in_process(&["trace", QUICKSTART, "--strategy", "site-by-sight"]);
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("did you mean `site-by-site`?"), "{}", ran.stderr);
}

#[test]
fn an_attempt_takes_what_those_need_who_have_taken_over() {
    let text = small(
        2,
        r#"
[teams.db]
people = 2
[teams.seniors]
people = 2
[runbooks.r]
sequential = true
steps = [
  { id = "restore", team = "db", people = 2, duration = "1h",
    fails = { probability = "100%", attempts = 1, escalates_to = { team = "seniors" } } },
  { id = "check", team = "db", people = 2, duration = "10m",
    automated_after = { runs = 1, people = 0 } },
]
[strategies.s]
tracks = [{ runbook = "r" }]
"#,
    );
    let (trace, ..) = told(&scenario(&text), 0);
    let starts = trace.records.iter().filter(|it| it.what.turn() == Some(Use::Begins));
    let crews: Vec<String> = starts
        .map(|it| {
            let needs = it.needs.iter().filter(|it| it.units > 0);
            let needs: Vec<String> = needs.map(|it| format!("{} {}", it.units, it.pool)).collect();
            format!("{} {}: {}", it.site, it.step, needs.join(", "))
        })
        .collect();
    let expected = "site-0001 restore: 2 db | site-0002 restore: 2 db | \
                    site-0001 restore: 2 seniors | site-0001 check: 2 db | \
                    site-0002 restore: 2 seniors | site-0002 check: ";
    assert_eq!(crews.join(" | "), expected);
}
