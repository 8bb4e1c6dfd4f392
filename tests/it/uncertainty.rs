//! What is not known of teams: a factor on durations that widens a forecast and does not move it.

use crate::support::{results, small};

/// Steps of a hundred hours, each alone in its time, and which part of its factor is whose.
const STEPS: &str = r#"
[experiment]
horizon = "3650d"
[incident.milestones.at-once]
delay = "0h"
[teams]
a.people = 100
b.people = 100
c.people = 100
[uncertainty]
team = 0.5
[runbooks.r]
steps = [
  { id = "nobody", duration = "100h" },
  { id = "one", teams = { a = 4 }, duration = "100h" },
  { id = "b", teams = { b = 1 }, duration = "100h" },
  { id = "c", teams = { c = 1 }, duration = "100h" },
  { id = "two", teams = { a = 1, b = 3 }, duration = "100h" },
  { id = "three", teams = { a = 1, b = 2, c = 5 }, duration = "100h" },
  { id = "few-left", team = "a", people = 3, duration = "100h", automated_after = { milestone = "at-once", people = 1 } },
  { id = "none-left", team = "a", people = 3, duration = "100h", automated_after = { milestone = "at-once", people = 0 } },
  { id = "all-left", teams = { a = 1, b = 3 }, duration = "100h", automated_after = { milestone = "at-once" } },
  { id = "escalated", teams = { a = 1, b = 3 }, duration = "100h", fails = { probability = "100%", attempts = 1, escalates_to = { team = "c" } } },
]
[[strategies.s.tracks]]
runbook = "r"
"#;

/// The factor of each step in each replication; of the last, of the attempt after it has escalated.
fn factors(replications: u32) -> Vec<[f64; 10]> {
    let results = results(&small(1, STEPS), replications);
    let all = results.strategies[0].unpacked().into_iter().map(|outcome| {
        let mut factors = [0.0; 10];
        for (factor, step) in factors.iter_mut().zip(&outcome.steps) {
            *factor = step.work as f64 / 3.6e8;
        }
        assert_eq!((outcome.steps[9].attempts, outcome.steps[9].escalations), (2, 1));
        // Before, both teams have tried.
        factors[9] -= factors[4];
        factors
    });
    all.collect()
}

#[test]
fn several_teams_have_the_mean_of_their_factors_weighted_by_people() {
    for [nobody, a, b, c, two, three, few_left, none_left, all_left, escalated] in factors(200) {
        let close = |factor: f64, expected: f64| (factor - expected).abs() < 1e-8;
        assert!(nobody == 1.0 && none_left == 1.0);
        assert!(close(two, (a + 3.0 * b) / 4.0), "{two} of {a} and {b}");
        assert!(close(three, (a + 2.0 * b + 5.0 * c) / 8.0), "{three} of {a}, {b} and {c}");
        assert!(close(few_left, a) && close(all_left, two), "{few_left} and {all_left}");
        assert!(close(escalated, c), "{escalated} of {c}");
    }
}

#[test]
fn the_mean_of_the_factor_is_one_for_any_number_of_teams() {
    let factors = factors(4_000);
    let n = factors.len() as f64;
    for step in 1..10 {
        let mean = factors.iter().map(|it| it[step]).sum::<f64>() / n;
        let variance =
            factors.iter().map(|it| (it[step] - mean) * (it[step] - mean)).sum::<f64>() / (n - 1.0);
        let error = (variance / n).sqrt();
        assert!((mean - 1.0).abs() <= 4.0 * error, "step {step}: {mean} (error {error})");
    }
}
