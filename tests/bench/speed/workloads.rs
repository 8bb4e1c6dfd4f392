//! What is simulated: two workloads that other simulators have been timed on, the strategies of the
//! reference case, and the reference case with fewer and with more mechanisms than it has.
//!
//! W1: 883 sites, each 70 steps in sequence, step s by one of the ten people of team s mod 12, first
//! come first served, lognormal durations of mean 60 min and cv 0.5, a step done again with
//! probability 5 %. W2: the same with 32 steps: one, six branches of five, a join.

use std::fmt::Write as _;
#[expect(clippy::disallowed_types, reason = "a benchmark is about the time on the wall")]
use std::time::Instant;

use blackstart::experiment::{self, Design, Results};
use blackstart::ids::StrategyId;
use blackstart::scenario::{Scenario, check};

use crate::job::Done;

const REFERENCE: &str = include_str!("../../../scenarios/atlassian-2022.toml");
/// The strategy of the reference case that uses most of what it has.
pub(crate) const AS_HAPPENED: &str = "as-happened";
/// The reference case without the mechanisms that other engines have not either.
pub(crate) const PLAIN: &str = "plain";
/// The reference case with every mechanism that there is.
pub(crate) const EVERYTHING: &str = "all mechanisms";

/// A strategy of a scenario.
pub(crate) struct Workload {
    pub scenario: Scenario,
    pub strategy: StrategyId,
}

impl Workload {
    pub(crate) fn named(name: &str) -> Self {
        let (text, strategy) = match name {
            "W1" => (sequence(), "s"),
            "W2" => (fork_and_join(), "s"),
            PLAIN => (plain().to_string(), AS_HAPPENED),
            EVERYTHING => (everything().to_string(), AS_HAPPENED),
            of_the_reference => (REFERENCE.to_owned(), of_the_reference),
        };
        let scenario = checked(&text);
        let strategy = scenario.strategy(strategy).expect("the scenario has the strategy");
        Self { scenario, strategy }
    }

    pub(crate) fn simulate(&self, exercises: u32, threads: usize) -> Done {
        let (results, seconds) = self.results(exercises, threads);
        let attempts = results.strategies[0].outcomes.iter().map(|it| it.attempts).sum();
        Done { attempts, seconds }
    }

    /// With the seconds that simulating took.
    #[expect(clippy::disallowed_types, reason = "a benchmark is about the time on the wall")]
    pub(crate) fn results(&self, exercises: u32, threads: usize) -> (Results, f64) {
        let design = Design {
            strategies: vec![self.strategy],
            replications: exercises,
            ..Design::of(&self.scenario)
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.expect("the machine has threads");
        let start = Instant::now();
        let results = pool.install(|| experiment::run(&self.scenario, &design, &|| ()));
        (results, start.elapsed().as_secs_f64())
    }
}

pub(crate) fn strategies_of_the_reference() -> Vec<String> {
    checked(REFERENCE).strategies.iter().map(|it| it.name.clone()).collect()
}

/// The scenario in a text without faults.
pub(crate) fn checked(text: &str) -> Scenario {
    let checked = check("speed", "speed.toml", text, &[]);
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

fn sequence() -> String {
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

/// No rosters, no shard loads, no transfers, no holds, no faults that are found later, no guardrails.
fn plain() -> toml::Table {
    let mut table = reference();
    table.remove("throughput");
    table.remove("observed");
    table.remove("budgets");
    at(&mut table, &["incident"]).remove("guardrails");
    at(&mut table, &["strategies"]).retain(|name, _| name == AS_HAPPENED);
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
    let tracks = &mut at(&mut table, &["strategies", AS_HAPPENED])["tracks"];
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
    let mut table: toml::Table = format!("value = {text}").parse().expect("a value in TOML");
    table.remove("value").expect("it was written on the line above")
}

fn for_each_step(table: &mut toml::Table, change: impl Fn(&mut toml::Table)) {
    for (_, runbook) in at(table, &["runbooks"]) {
        for step in runbook["steps"].as_array_mut().expect("steps") {
            change(step.as_table_mut().expect("a step"));
        }
    }
}
