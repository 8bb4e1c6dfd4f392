//! `based_on`: a strategy that is another one but for what it states itself.

use blackstart::ids::{Id, StrategyId};
use blackstart::scenario::Scenario;
use blackstart::{experiment, measure, review};
use snapbox::{assert_data_eq, str};

use crate::support::{checked, scenario, scenario_with};

/// Six sites and two people by hand, an hour each; every other strategy stands on `by-hand`.
fn six(heir: &str) -> String {
    format!(
        r#"
schema = 1
title = "test"
[estate.services.db]
backup = {{ full = "24h" }}
[estate.products]
app.services = ["db"]
[estate.sites]
count = 6
users = 10
[[incident.deletions]]
over = "0s"
[incident.guardrails.bulk_cap]
sites = 2
[teams.hands]
people = 2
[limits.desks]
units = 4
[[runbooks.restore.steps]]
id = "fix"
team = "hands"
uses = {{ desks = 1 }}
duration = "1h"
[strategies.by-hand]
teams.hands = [{{ at = "T+0", people = 1 }}, {{ at = "T+2h", people = 3 }}]
[[strategies.by-hand.tracks]]
runbook = "restore"
{heir}"#
    )
}

/// What happens under a strategy, by its place in the file.
fn course(scenario: &Scenario, strategy: usize) -> String {
    review::timeline(scenario, StrategyId::new(strategy), 1, 0)
}

fn last_back(text: &str) -> Vec<(String, u64)> {
    let scenario = scenario(text);
    let design = experiment::Design { replications: 1, ..experiment::Design::of(&scenario) };
    let results = experiment::run(&scenario, &design, &|| ());
    let measurements = measure::measure(&scenario, &results);
    measurements
        .strategies
        .iter()
        .map(|it| {
            let last = it.replications[0].last_restored.expect("all are back");
            (scenario.strategies[it.strategy].name.clone(), last.as_millis() / 3_600_000)
        })
        .collect()
}

fn named(figures: &[(&str, u64)]) -> Vec<(String, u64)> {
    figures.iter().map(|(name, hours)| ((*name).to_owned(), *hours)).collect()
}

#[test]
fn an_heir_has_the_tracks_and_the_changes_of_what_it_is_based_on() {
    let text = six("[strategies.same]\nbased_on = \"by-hand\"\n");
    // One site an hour for two hours, then three at once.
    assert_eq!(last_back(&text), named(&[("by-hand", 4), ("same", 4)]));
    let both = scenario(&text);
    assert_eq!(course(&both, 0), course(&both, 1));
}

#[test]
fn an_heir_overrules_what_it_states_itself() {
    let text = six(r#"
[strategies.six-people]
based_on = "by-hand"
teams.hands = 6
[strategies.six-people-four-desks-of-which-half]
based_on = "six-people"
limits.desks = "50%"
[strategies.capped]
based_on = "by-hand"
guardrails = ["bulk_cap"]
"#);
    let figures = [
        ("by-hand", 4),
        ("six-people", 2),
        ("six-people-four-desks-of-which-half", 3),
        ("capped", 2),
    ];
    assert_eq!(last_back(&text), named(&figures));
}

#[test]
fn a_percentage_is_taken_of_the_people_that_the_team_has_at_every_moment() {
    let ramp = r#"teams.hands.people=[{ at = "T+0", people = 1 }, { at = "T+2h", people = 3 }]"#;
    let twice = scenario_with(
        &six("[strategies.twice]\ntracks = [{ runbook = \"restore\" }]\nteams.hands = \"200%\"\n"),
        &[ramp],
    );
    let written = scenario_with(
        &six(
            "[strategies.written]\ntracks = [{ runbook = \"restore\" }]\nteams.hands = [{ at = \"T+0\", people = 2 }, { at = \"T+2h\", people = 6 }]\n",
        ),
        &[ramp],
    );
    assert_eq!(course(&twice, 1), course(&written, 1));
}

#[test]
fn a_fault_that_two_strategies_share_is_told_once() {
    let text = six("[strategies.heir]\nbased_on = \"by-hand\"\n");
    let checked = checked(&text, &["strategies.by-hand.teams.hand=3"]);
    assert_data_eq!(
        checked.diagnostics.render(&checked.sources, false),
        str![[r#"
error[unknown-team]: there is no team `hand`
 --> --set strategies.by-hand.teams.hand:1:1
  |
1 | value = 3
  | ^^^^^^^^^
  |
  = help: did you mean `hands`?


"#]]
    );
}
