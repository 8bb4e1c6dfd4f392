//! How fast the engine is: `cargo bench --bench speed`.
//!
//! Prints nanoseconds a task attempt on one core, for the reference case and for two workloads that
//! other simulators have been timed on, what all mechanisms together cost, what an audit costs, and
//! seconds for a thousand replications on two cores. Each figure is the median of several rounds, with the fastest beside
//! it: other work on the machine only ever makes a round slower.
//!
//! W1: 883 sites, each 70 steps in sequence, step s by one of the ten people of team s mod 12, first
//! come first served, lognormal durations of mean 60 min and cv 0.5, a step done again with
//! probability 5 %. W2: the same with 32 steps: one, six branches of five, a join.

use std::fmt::Write as _;
#[expect(clippy::disallowed_types, reason = "a benchmark is about the time on the wall")]
use std::time::Instant;

use std::sync::OnceLock;

use blackstart::audit::{Auditor, Everywhere};
use blackstart::experiment::{self, Design};
use blackstart::ids::StrategyId;
use blackstart::scenario::{Scenario, check};
use blackstart::trace::Testimony;
use blackstart::{measure, review};

const ROUNDS: usize = 5;

const REFERENCE: &str = include_str!("../../scenarios/atlassian-2022.toml");

fn main() {
    // `cargo test --benches` runs this too; it is no test.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let reference = scenario("atlassian-2022", REFERENCE);
    let mut report = String::from("ns a task attempt, one core\n");
    for (id, strategy) in reference.strategies.enumerate() {
        a_attempt(&mut report, &strategy.name, &reference, id, 200);
    }
    for (name, text) in [("W1", chain()), ("W2", fork_and_join())] {
        let scenario = scenario(name, &text);
        let id = scenario.strategies.ids().next().expect("there is one strategy");
        a_attempt(&mut report, name, &scenario, id, 100);
    }
    mechanisms(&mut report);
    report.push_str("\naudits over simulations of as many exercises, one core\n");
    for (id, strategy) in reference.strategies.enumerate() {
        an_audit(&mut report, &strategy.name, &reference, id);
    }
    report.push_str("\nseconds for 1,000 replications, two cores\n");
    for (id, strategy) in reference.strategies.enumerate() {
        let rounds: Vec<f64> = (0..3).map(|_| run(&reference, id, 1_000, 2).0).collect();
        line(&mut report, &strategy.name, rounds);
    }
    write_out(&report);
}

/// The reference case without its newer mechanisms and with all that there are, in turns, so that
/// what else the machine does weighs on both alike.
fn mechanisms(report: &mut String) {
    let cases = [("plain", plain()), ("all mechanisms", everything())]
        .map(|(name, table)| (name, scenario(name, &table.to_string())));
    let mut rounds = [const { Vec::new() }; 2];
    for _ in 0..=ROUNDS {
        for ((_, scenario), rounds) in cases.iter().zip(&mut rounds) {
            let id = scenario.strategy("as-happened").expect("the strategy of the reference case");
            let (seconds, attempts) = run(scenario, id, 200, 1);
            rounds.push(seconds * 1e9 / attempts as f64);
        }
    }
    report.push_str("\nns a task attempt of as-happened, one core\n");
    for ((name, _), rounds) in cases.iter().zip(&rounds) {
        line(report, name, rounds[1..].to_vec());
    }
    let ratios: Vec<f64> = rounds[0].iter().zip(&rounds[1]).map(|(a, b)| b / a).collect();
    line(report, "ratio", ratios[1..].to_vec());
}

/// No rosters, no shard loads, no transfers, no holds, no faults that are found later, no guardrails.
fn plain() -> toml::Table {
    let mut table = reference();
    table.remove("throughput");
    table.remove("observed");
    table.remove("budgets");
    at(&mut table, &["incident"]).remove("guardrails");
    at(&mut table, &["strategies"]).retain(|name, _| name == "as-happened");
    for (_, team) in at(&mut table, &["teams"]) {
        let team = team.as_table_mut().expect("a team");
        if let Some(roster) = team.remove("roster") {
            team.remove("called");
            team.insert("people".to_owned(), roster[0]["people"].clone());
        }
    }
    for_each_step(&mut table, |step| {
        for key in ["when", "holds", "keep"] {
            step.remove(key);
        }
        if step.remove("transfer").is_some() {
            step.remove("per");
            step.insert("uses".to_owned(), value("{ scratch-databases = 1 }"));
            step.insert("duration".to_owned(), value("\"2h\""));
        }
        if let Some(fails) = step.get_mut("fails").and_then(toml::Value::as_table_mut) {
            fails.remove("found_by");
        }
    });
    table
}

/// What the reference case has, and the rest: strain, hand-over, automation, escalation, injects,
/// batches by shard.
fn everything() -> toml::Table {
    let mut table = reference();
    table.remove("observed");
    for (name, team) in at(&mut table, &["teams"]) {
        let team = team.as_table_mut().expect("a team");
        team.insert("fatigue".to_owned(), value("[{ after = \"8h\", factor = 1.1 }]"));
        team.insert("coordination".to_owned(), value("{ per_batch = 0.001 }"));
        if name != "automation" {
            team.insert("at_shift_end".to_owned(), value("\"hand_over\""));
        }
    }
    for_each_step(&mut table, |step| match step["id"].as_str() {
        Some("verify-rows") => {
            let automated = "{ runs = 200, factor = 0.5, people = 1 }";
            step.insert("automated_after".to_owned(), value(automated));
        }
        Some("restore-database") => {
            let escalated =
                "{ probability = \"3%\", attempts = 2, escalates_to = { team = \"services\" } }";
            step.insert("fails".to_owned(), value(escalated));
        }
        _ => {}
    });
    table.insert(
        "injects".to_owned(),
        value(
            r#"[
            { at = "T+60h", lasts = "12h", people_away = { team = "database", people = "20%" } },
            { at = "T+90h", lasts = "6h", throughput_drops = { throughput = "backup-store", to = "50%" } },
            { at = "T+230h", lasts = "4h", outage = { service = "identity" } },
            { at = "T+240h", lasts = "8h", limit_drops = { limit = "scratch-databases", to = "50%" } },
            { at = "T+250h", attempts_fail = { step = "verify-database", count = 20 } },
        ]"#,
        ),
    );
    let tracks = &mut at(&mut table, &["strategies", "as-happened"])["tracks"];
    let batch = tracks[2]["batch"].as_table_mut().expect("the batches of restoration 2");
    batch.insert("group_by".to_owned(), value("\"shard\""));
    table
}

fn reference() -> toml::Table {
    REFERENCE.parse().expect("the reference case is TOML")
}

fn at<'a>(table: &'a mut toml::Table, path: &[&str]) -> &'a mut toml::Table {
    path.iter().fold(table, |table, key| table[*key].as_table_mut().expect("a table"))
}

fn value(text: &str) -> toml::Value {
    let mut table: toml::Table = format!("it = {text}").parse().expect("a value in TOML");
    table.remove("it").expect("it was written on the line above")
}

fn for_each_step(table: &mut toml::Table, change: impl Fn(&mut toml::Table)) {
    for (_, runbook) in at(table, &["runbooks"]) {
        for step in runbook["steps"].as_array_mut().expect("steps") {
            change(step.as_table_mut().expect("a step"));
        }
    }
}

#[expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]
fn write_out(report: &str) {
    print!("{report}");
}

fn a_attempt(
    report: &mut String,
    name: &str,
    scenario: &Scenario,
    id: StrategyId,
    replications: u32,
) {
    run(scenario, id, 5, 1);
    let rounds = (0..ROUNDS)
        .map(|_| {
            let (seconds, attempts) = run(scenario, id, replications, 1);
            seconds * 1e9 / attempts as f64
        })
        .collect();
    line(report, name, rounds);
}

/// What telling exercises again from their logs costs, the simulating with a log included, as often as
/// simulating them alone.
#[expect(clippy::disallowed_types, reason = "a benchmark is about the time on the wall")]
fn an_audit(report: &mut String, name: &str, scenario: &Scenario, id: StrategyId) {
    const EXERCISES: u32 = 40;
    let design =
        Design { strategies: vec![id], replications: EXERCISES, seed: 1, ..Design::of(scenario) };
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    let everywhere = Everywhere::new(scenario, 0..u64::from(EXERCISES));
    let ratios: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            let results = one.install(|| experiment::run(scenario, &design, &|| ()));
            let simulated = start.elapsed().as_secs_f64();
            let measured = measure::measure(scenario, &results);
            let told = (&results.strategies[0], &measured.strategies[0].replications[..]);
            let auditor = OnceLock::new();
            let hear = |_: &Scenario, told: &Testimony| {
                let auditor = auditor.get_or_init(|| Auditor::new(scenario, id, &told.legend));
                auditor.audit(&everywhere, told).len()
            };
            let start = Instant::now();
            let found = one.install(|| review::testify(scenario, &results, told, 0, hear));
            assert!(found.iter().all(|it| *it == 0), "an exercise keeps every law");
            start.elapsed().as_secs_f64() / simulated
        })
        .collect();
    line(report, name, ratios);
}

fn line(report: &mut String, name: &str, mut rounds: Vec<f64>) {
    rounds.sort_by(f64::total_cmp);
    let (median, fastest) = (rounds[rounds.len() / 2], rounds[0]);
    writeln!(report, "  {name:28} {median:8.2}   fastest {fastest:8.2}").expect("text grows");
}

/// Seconds, and attempts in all.
#[expect(clippy::disallowed_types, reason = "a benchmark is about the time on the wall")]
fn run(scenario: &Scenario, id: StrategyId, replications: u32, threads: usize) -> (f64, u64) {
    let seed = scenario.experiment.seed;
    let design = Design { strategies: vec![id], replications, seed, explained: false };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.expect("the machine has threads");
    let start = Instant::now();
    let results = pool.install(|| experiment::run(scenario, &design, &|| ()));
    let seconds = start.elapsed().as_secs_f64();
    let attempts = results.strategies[0].outcomes.iter().map(|it| it.attempts).sum();
    (seconds, attempts)
}

fn scenario(name: &str, text: &str) -> Scenario {
    let checked = check(name, name, text, &[]);
    let faults = checked.diagnostics.render(&checked.sources, false);
    checked.scenario.unwrap_or_else(|| panic!("{faults}"))
}

fn workload(steps: &str) -> String {
    let mut text = String::from(
        "schema = 1\ntitle = \"workload\"\n[experiment]\nhorizon = \"400d\"\n\
         [estate.sites]\ncount = 883\n[[incident.deletions]]\n",
    );
    for team in 0..12 {
        writeln!(text, "[teams.t{team}]\npeople = 10").expect("text grows");
    }
    text + steps + "[[strategies.s.tracks]]\nrunbook = \"r\"\n"
}

fn step(number: usize, after: &str) -> String {
    format!(
        "[[runbooks.r.steps]]\nid = \"s{number}\"\nafter = [{after}]\nteam = \"t{}\"\n\
         duration.lognormal = {{ mean = \"60m\", cv = 0.5 }}\n\
         fails = {{ probability = \"5%\", attempts = 60000 }}\n",
        number % 12
    )
}

fn chain() -> String {
    let after = |number: usize| match number {
        0 => String::new(),
        _ => format!("\"s{}\"", number - 1),
    };
    workload(&(0..70).map(|number| step(number, &after(number))).collect::<String>())
}

fn fork_and_join() -> String {
    let after = |number: usize| match number {
        0 => String::new(),
        31 => (0..6).map(|branch| format!("\"s{}\",", 5 * branch + 5)).collect(),
        first if first % 5 == 1 => "\"s0\"".to_owned(),
        other => format!("\"s{}\"", other - 1),
    };
    workload(&(0..32).map(|number| step(number, &after(number))).collect::<String>())
}
