//! How fast the engine is: `cargo bench --bench speed`.
//!
//! Prints nanoseconds a task attempt on one core, for the reference case and for two workloads that
//! other simulators have been timed on, and seconds for a thousand replications on two cores. Each
//! figure is the median of several rounds, with the fastest beside it: other work on the machine
//! only ever makes a round slower.
//!
//! W1: 883 sites, each 70 steps in sequence, step s by one of the ten people of team s mod 12, first
//! come first served, lognormal durations of mean 60 min and cv 0.5, a step done again with
//! probability 5 %. W2: the same with 32 steps: one, six branches of five, a join.

use std::fmt::Write as _;
#[expect(clippy::disallowed_types, reason = "a benchmark is about the time on the wall")]
use std::time::Instant;

use blackstart::experiment::{self, Design};
use blackstart::ids::StrategyId;
use blackstart::scenario::{Scenario, check};

const ROUNDS: usize = 5;

fn main() {
    // `cargo test --benches` runs this too; it is no test.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let reference = include_str!("../../scenarios/atlassian-2022.toml");
    let reference = scenario("atlassian-2022", reference);
    let mut report = String::from("ns a task attempt, one core\n");
    for (id, strategy) in reference.strategies.enumerate() {
        a_attempt(&mut report, &strategy.name, &reference, id, 200);
    }
    for (name, text) in [("W1", chain()), ("W2", fork_and_join())] {
        let scenario = scenario(name, &text);
        let id = scenario.strategies.ids().next().expect("there is one strategy");
        a_attempt(&mut report, name, &scenario, id, 100);
    }
    report.push_str("\nseconds for 1,000 replications, two cores\n");
    for (id, strategy) in reference.strategies.enumerate() {
        let rounds: Vec<f64> = (0..3).map(|_| run(&reference, id, 1_000, 2).0).collect();
        line(&mut report, &strategy.name, rounds);
    }
    write_out(&report);
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

fn line(report: &mut String, name: &str, mut rounds: Vec<f64>) {
    rounds.sort_by(f64::total_cmp);
    let (median, fastest) = (rounds[rounds.len() / 2], rounds[0]);
    writeln!(report, "  {name:28} {median:8.2}   fastest {fastest:8.2}").expect("text grows");
}

/// Seconds, and attempts in all.
#[expect(clippy::disallowed_types, reason = "a benchmark is about the time on the wall")]
fn run(scenario: &Scenario, id: StrategyId, replications: u32, threads: usize) -> (f64, u64) {
    let design = Design { strategies: vec![id], replications, seed: scenario.experiment.seed };
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
