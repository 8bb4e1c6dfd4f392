//! What a budget asks for. The lines of an input are the figure, the expectation, the assurance and
//! the step; a line that is not there is a key that is not.

#![no_main]

use blackstart::experiment::{self, Design};
use blackstart::measure::measure;
use blackstart::scenario::{Checked, Expectation, Operator, check_texts};
use blackstart::verdict::judge_budgets;
use laws::{assert_told, texts};
use libfuzzer_sys::fuzz_target;

/// It has ground for every figure: people with a price, a policy, data to lose, somebody to reach.
const MAIN: &str = r#"
schema = 1
title = "A budget"

[experiment]
replications = 3

[estate.services.database]
backup = { full = "24h", incremental = "15m", retention = "14d" }

[estate.products.app]
services = ["database"]

[estate.sites]
count = 6
customers = 4
users = 10

[[incident.deletions]]

[incident.milestones.detected]
delay = "20m"

[teams.database]
people = 2
cost_per_hour = 90.5

[[runbooks.restore.steps]]
id = "load"
for_each = { service = "database" }
team = "database"
duration.lognormal = { p50 = "50m", p90 = "2h" }
restore_point = { latest = true }

[[runbooks.restore.steps]]
id = "call"
after = ["load"]
reaches_customer = true
duration = "5m"

[[strategies.by-hand.tracks]]
runbook = "restore"
opens = "detected"

[policy]
rto = "6h"
rpo = "30m"

[[budgets]]
"#;

/// Of these just one holds of any number.
const OPPOSITES: [[Operator; 2]; 3] = [
    [Operator::Less, Operator::AtLeast],
    [Operator::AtMost, Operator::More],
    [Operator::Equal, Operator::Unequal],
];

fuzz_target!(|text: &str| {
    let lines: Vec<&str> = text.lines().collect();
    let checked = read(&lines);
    assert_told(&checked);
    let Some(scenario) = checked.scenario else { return };
    let budget = &scenario.budgets[0];
    // What was understood is written in the same words, and understood alike.
    let written = [budget.metric.figure.id(), budget.expect.written.as_str()];
    let again: Vec<&str> = written.into_iter().chain(lines.iter().skip(2).copied()).collect();
    let again = read(&again).scenario.expect("it was understood before");
    assert_eq!(again.budgets[0].expect, budget.expect);
    assert_opposites(&budget.expect);
    let results = experiment::run(&scenario, &Design::of(&scenario), &|| ());
    let verdicts = judge_budgets(&scenario, &results, &measure(&scenario, &results));
    for verdict in &verdicts {
        let holds = verdict.values.iter().filter(|it| budget.expect.holds(**it)).count();
        assert_eq!(verdict.judgement.holds, holds as u64, "{verdict:?}");
    }
    assert_eq!(verdicts.len(), 1, "there is one strategy");
});

fn read(lines: &[&str]) -> Checked {
    let keys = ["metric", "expect", "assurance", "select.step"];
    let budget = keys.iter().zip(lines).map(|(key, line)| format!("{key} = {}\n", quoted(line)));
    let text = MAIN.to_owned() + &budget.collect::<String>();
    check_texts(&texts(&text), &[])
}

/// A text as TOML has it between double quotes.
fn quoted(text: &str) -> String {
    let json = serde_json::to_string(text).expect("a text is plain JSON");
    // All else that JSON escapes TOML escapes alike.
    json.replace('\u{7f}', "\\u007f")
}

fn assert_opposites(expect: &Expectation) {
    let threshold = expect.threshold;
    for value in [0.0, threshold / 2.0, threshold, threshold * 2.0, f64::INFINITY] {
        for pair in OPPOSITES {
            let [one, other] =
                pair.map(|operator| Expectation { operator, ..expect.clone() }.holds(value));
            assert_ne!(one, other, "{value} and {pair:?} {threshold}");
        }
    }
}
