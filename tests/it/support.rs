//! The only place that knows the interface of the library: scenario text in, readable text out.

use blackstart::experiment::{self, Design, Results, Trace};
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

/// A replication of the first strategy, told with names.
#[track_caller]
pub(crate) fn trace(text: &str, replication: u64) -> Trace {
    let scenario = scenario(text);
    let strategy = scenario.strategies.ids().next().expect("a scenario has a strategy");
    experiment::trace(&scenario, strategy, 1, replication)
}

/// When sites were handed back in the first replication.
#[track_caller]
pub(crate) fn restored(text: &str) -> String {
    only(&timeline(text), "restored")
}

/// When tasks started in the first replication.
#[track_caller]
pub(crate) fn starts(text: &str) -> String {
    only(&timeline(text), "start")
}

/// When sites were taken in the first replication.
#[track_caller]
pub(crate) fn takes(text: &str) -> String {
    only(&timeline(text), "take")
}

/// Hours as milliseconds, for figures that are exact.
pub(crate) const fn hours(hours: u64) -> u64 {
    hours * 3_600_000
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
