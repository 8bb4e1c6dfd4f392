//! The only place that knows the interface of the library: scenario text in, readable text out.

use blackstart::experiment::{self, Design, Results};
use blackstart::scenario::{Checked, Scenario, SetOverride, check};

/// The scenario in a text, which must have no fault.
#[track_caller]
pub(crate) fn scenario(text: &str) -> Scenario {
    scenario_with(text, &[])
}

/// The scenario in a text with `--set` overrides, which must have no fault.
#[track_caller]
pub(crate) fn scenario_with(text: &str, overrides: &[&str]) -> Scenario {
    let checked = checked(text, overrides);
    match checked.scenario {
        Some(scenario) => scenario,
        None => panic!("{}", checked.diagnostics.render(&checked.sources, false)),
    }
}

/// What the program says of a text.
pub(crate) fn checked(text: &str, overrides: &[&str]) -> Checked {
    let overrides: Vec<SetOverride> =
        overrides.iter().map(|it| it.parse().expect("an override has a key and a value")).collect();
    check("test", "test.toml", text, &overrides)
}

/// The first replication of the first strategy as text.
#[track_caller]
pub(crate) fn timeline(text: &str) -> String {
    let scenario = scenario(text);
    let strategy = scenario.strategies.ids().next().expect("a scenario has a strategy");
    experiment::timeline(&scenario, strategy, 1, 0)
}

/// The lines of a timeline that tell of one kind of thing, without that word.
pub(crate) fn only(timeline: &str, what: &str) -> String {
    timeline
        .lines()
        .filter_map(|line| {
            let (at, rest) = line.trim_start().split_once(' ')?;
            let whose = rest.trim_start().strip_prefix(what)?;
            Some(format!("{at} {}\n", whose.trim()))
        })
        .collect()
}

/// The results of every strategy of a scenario.
#[track_caller]
pub(crate) fn results(text: &str, replications: u32) -> Results {
    let scenario = scenario(text);
    let design = Design { replications, ..Design::of(&scenario) };
    experiment::run(&scenario, &design, &|| ())
}

/// A scenario with these tables behind a head, one product-less estate and one strategy.
pub(crate) fn small(sites: u32, rest: &str) -> String {
    format!(
        r#"
schema = 1
title = "test"

[estate.sites]
count = {sites}

[[incident.deletions]]

{rest}
"#
    )
}
