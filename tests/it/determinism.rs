//! The same results from any number of threads, in any order, and again.

use blackstart::experiment::{self, Design, Outcome, Results};
use blackstart::review;
use blackstart::scenario::Scenario;

use crate::support::scenario;

/// Two strategies with everything that draws numbers.
const TEXT: &str = r#"
schema = 1
title = "test"
[estate.services.db]
shards = 4
backup = { full = "24h" }
[estate.sites]
count = 23
users = { lognormal = { p50 = 40, p90 = 900 } }
[[incident.deletions]]
over = "23m"
order = "random"
[incident.milestones.detected]
delay.exponential = { mean = "20m" }
[uncertainty]
site = 0.3
step = 0.2
team = 0.1
[teams.db]
people = [
  { at = "T+0", people = 2 }, { at = "detected + 5h", people = 4 }, { at = "T+8h", people = 1 }, { at = "T+14h", people = 3 },
]
at_shift_end = "hand_over"
coordination = { per_track = 0.1, per_batch = 0.01 }
fatigue = [{ after = "6h", factor = 1.2 }]
[runbooks.manual]
steps = [
  { id = "load", team = "db", for_each.service = "db", duration.lognormal = { p50 = "1h", p90 = "3h" },
    grows_with = { users = 0.3 },
    restore_point = { latest = true, by_hand = { probability = "20%", older.exponential = { mean = "9h" }, repaired_by = "check" } } },
  { id = "check", after = ["load"], team = "db", hand_over = true,
    duration.pert = { min = "5m", mode = "20m", max = "2h" },
    fails = { probability = "30%", retry_from = "load" } },
  { id = "report", per = "batch", after = ["check"], duration.gamma = { mean = "1h", cv = 0.7 } },
]
[runbooks.script]
steps = [{ id = "run", team = "db", duration.weibull = { shape = 1.4, scale = "1h" } }]
[strategies.one]
priority = "random"
tracks = [{ runbook = "manual", batch = { size = 3, order = "users_descending", noise = 0.5 } }]
[strategies.two]
tracks = [
  { runbook = "manual", opens = "detected", closes = "T+9h", on_close = "move", batch.in_flight = 2 },
  { runbook = "script", opens = "T+9h" },
]
"#;

const REPLICATIONS: u32 = 60;

fn design(scenario: &Scenario) -> Design {
    Design { replications: REPLICATIONS, ..Design::of(scenario) }
}

fn on_threads(scenario: &Scenario, threads: usize) -> Vec<Vec<Outcome>> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.expect("a pool of threads");
    outcomes(pool.install(|| experiment::run(scenario, &design(scenario), &|| ())))
}

fn outcomes(results: Results) -> Vec<Vec<Outcome>> {
    results.strategies.into_iter().map(|it| it.unpacked()).collect()
}

#[test]
fn the_number_of_threads_does_not_show() {
    let scenario = scenario(TEXT);
    let one = on_threads(&scenario, 1);
    for threads in [2, 7, 16] {
        assert_eq!(on_threads(&scenario, threads), one, "{threads} threads");
    }
}

#[test]
fn the_same_text_gives_the_same_results_twice_in_a_row() {
    let twice = [on_threads(&scenario(TEXT), 2), on_threads(&scenario(TEXT), 2)];
    assert_eq!(twice[0], twice[1]);
}

#[test]
fn a_replication_alone_is_that_replication_of_a_run() {
    let scenario = scenario(TEXT);
    let all = on_threads(&scenario, 3);
    for (id, outcomes) in scenario.strategies.ids().zip(all) {
        for replication in [0, 1, 17, u64::from(REPLICATIONS) - 1] {
            let seed = design(&scenario).seed;
            let alone = review::trace(&scenario, id, seed, replication).outcome;
            assert_eq!(alone, outcomes[replication as usize], "replication {replication}");
        }
    }
}

#[test]
fn another_seed_gives_other_results() {
    let scenario = scenario(TEXT);
    let other = Design { seed: 2, ..design(&scenario) };
    let other = outcomes(experiment::run(&scenario, &other, &|| ()));
    assert_ne!(other, on_threads(&scenario, 1));
}

#[test]
fn fewer_replications_are_the_first_of_more() {
    let scenario = scenario(TEXT);
    let few = Design { replications: 5, ..design(&scenario) };
    let few = outcomes(experiment::run(&scenario, &few, &|| ()));
    for (few, all) in few.iter().zip(on_threads(&scenario, 2)) {
        assert_eq!(few[..], all[..5]);
    }
}

#[test]
fn slices_side_by_side_are_the_whole() {
    for text in [TEXT.to_owned(), TEXT.replace("count = 23", "count = 23\nresample = true")] {
        let scenario = scenario(&text);
        let design = Design { replications: 10, ..Design::of(&scenario) };
        let slice = |numbers| experiment::run_slice(&scenario, &design, numbers, &|| ());
        let mut joined = slice(0..3);
        joined.append(slice(3..4));
        joined.append(slice(4..10));
        let whole = experiment::run(&scenario, &design, &|| ());
        assert_eq!(joined.replications, 10);
        assert_eq!(joined.aims, whole.aims);
        let outcomes = |it: &Results| -> Vec<Vec<Outcome>> {
            it.strategies.iter().map(|it| it.unpacked()).collect()
        };
        assert_eq!(outcomes(&joined), outcomes(&whole));
    }
}
