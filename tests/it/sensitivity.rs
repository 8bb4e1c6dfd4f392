//! Moving an input of the reference case moves the answer the right way. More is not always better
//! in one replication, so the claims are about means of paired differences over many.

use blackstart::experiment::{self, Design};
use blackstart::scenario::{SetOverride, check};

use crate::support::read;

const REPLICATIONS: u32 = 60;

/// Hours from T+0 to the last site back as it happened, by replication.
#[track_caller]
fn last_back(text: &str, overrides: &[&str]) -> Vec<f64> {
    let overrides: Vec<SetOverride> =
        overrides.iter().map(|it| it.parse().expect("a key and a value")).collect();
    let scenario = check("reference", "reference", text, &overrides).scenario;
    let scenario = scenario.expect("the overrides are valid");
    let strategies = vec![scenario.strategy("as-happened").expect("a strategy of this name")];
    let design =
        Design { strategies, replications: REPLICATIONS, seed: 7, ..Design::of(&scenario) };
    let results = experiment::run(&scenario, &design, &|| ());
    let hours = |it: &experiment::Outcome| it.makespan.since_start().as_hours();
    results.strategies[0].unpacked().iter().map(hours).collect()
}

/// The mean of the paired differences in hours, and its standard error.
fn difference(before: &[f64], after: &[f64]) -> (f64, f64) {
    let differences: Vec<f64> = before.iter().zip(after).map(|(a, b)| b - a).collect();
    let n = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / n;
    let squares: f64 = differences.iter().map(|it| (it - mean) * (it - mean)).sum();
    (mean, (squares / (n * (n - 1.0))).sqrt())
}

#[test]
fn half_the_validation_staff_makes_the_last_site_come_later() {
    let text = read("scenarios/atlassian-2022.toml");
    let half = "strategies.as-happened.teams.support=50%";
    let (mean, error) = difference(&last_back(&text, &[]), &last_back(&text, &[half]));
    assert!(mean > 4.0 * error && mean > 6.0, "later by {mean} h, standard error {error} h");
}

#[test]
fn half_the_slots_of_restoration_2_make_the_last_site_come_later() {
    let text = read("scenarios/atlassian-2022.toml");
    let half = text.replacen("in_flight = 32\n", "in_flight = 16\n", 1);
    assert_ne!(text, half, "the scenario states the slots as this test expects");
    let (mean, error) = difference(&last_back(&text, &[]), &last_back(&half, &[]));
    assert!(mean > 4.0 * error && mean > 6.0, "later by {mean} h, standard error {error} h");
}

#[test]
fn detection_two_hours_later_makes_the_last_site_come_about_two_hours_later() {
    let text = read("scenarios/atlassian-2022.toml");
    let later = "incident.milestones.first_ticket.delay=2h 8m";
    let (mean, error) = difference(&last_back(&text, &[]), &last_back(&text, &[later]));
    // Every other milestone follows the first ticket, the proposal of restoration 2 too; only the
    // shifts of the teams go by the clock on the wall.
    assert!((mean - 2.0).abs() < 1.0 + 4.0 * error, "later by {mean} h, standard error {error} h");
}
