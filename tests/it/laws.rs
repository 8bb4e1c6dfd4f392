//! The auditor finds nothing wrong with any exercise, and finds what is made wrong in one.

use blackstart::audit::{Breach, Everywhere, Law, audit};
use blackstart::experiment::{self, Design};
use blackstart::ids::StrategyId;
use blackstart::scenario::Scenario;
use blackstart::trace::{Testimony, TraceRecord};
use blackstart::units::SimTime;
use proptest::prelude::*;

use crate::everything::generated;
use crate::model::models;
use crate::net::names;
use crate::support::{scenario, shipped_scenario};

/// Shows the first exercises of a strategy to somebody, each with its scenario.
fn each<R: Send>(
    scenario: &Scenario,
    strategy: StrategyId,
    replications: u32,
    hear: impl Fn(&Scenario, &Everywhere, &Testimony) -> R + Sync,
) -> Vec<R> {
    let design = Design { strategies: vec![strategy], replications, ..Design::of(scenario) };
    let results = experiment::run(scenario, &design, &|| ());
    let measured = experiment::measure(scenario, &results);
    let told = (&results.strategies[0], &measured.strategies[0].replications[..]);
    let everywhere = Everywhere::new(scenario, 0..u64::from(replications));
    experiment::testify(scenario, &results, told, 0, |own, told| hear(own, &everywhere, told))
}

/// What is wrong with the first exercises of a strategy.
fn breaches(scenario: &Scenario, strategy: StrategyId, replications: u32) -> Vec<Breach> {
    let found =
        each(scenario, strategy, replications, |own, all, told| audit(own, all, strategy, told));
    found.into_iter().flatten().collect()
}

fn check(name: &str, scenario: &Scenario, replications: u32) {
    for id in scenario.strategies.ids() {
        let found = breaches(scenario, id, replications);
        assert!(found.is_empty(), "{name}, {}: {found:#?}", scenario.strategies[id].name);
    }
}

#[test]
fn every_scenario_keeps_every_law() {
    for name in names() {
        check(&name, &shipped_scenario(&name), 3);
    }
}

/// What of this kind happens first in an exercise of the first strategy is changed; the laws that
/// are broken then.
fn tampered(
    name: &str,
    what: impl Fn(&Scenario, &TraceRecord) -> bool + Sync,
    change: impl Fn(&mut Testimony, usize) + Sync,
) -> Vec<Law> {
    let scenario = shipped_scenario(name);
    let strategy = scenario.strategies.ids().next().expect("a scenario has a strategy");
    let found = each(&scenario, strategy, 1, |own, all, told| {
        let mut told = told.clone();
        let place = told.records.iter().position(|it| what(own, &it.1));
        change(&mut told, place.expect("it happens"));
        audit(own, all, strategy, &told)
    });
    let mut laws: Vec<Law> = found.into_iter().flatten().map(|it| it.law).collect();
    laws.dedup();
    laws
}

/// Everything from a place on that happens at its instant happens so many milliseconds later.
fn shift(told: &mut Testimony, place: usize, later: i64) {
    let at = told.records[place].0;
    for it in told.records[place..].iter_mut().take_while(|it| it.0 == at) {
        it.0 = SimTime::from_millis(it.0.as_millis().strict_add_signed(later));
    }
}

#[test]
fn a_capacity_that_is_not_there_is_found() {
    let people = |_: &Scenario, it: &TraceRecord| matches!(it, TraceRecord::Capacity { .. });
    let raised = tampered("injects", people, |told, place| {
        let TraceRecord::Capacity { units, .. } = &mut told.records[place].1 else { return };
        *units += 1;
    });
    assert!(raised.contains(&Law::Capacity), "{raised:?}");
    let untold = tampered("injects", people, |told, place| {
        told.records.remove(place);
    });
    assert!(untold.contains(&Law::Capacity), "{untold:?}");
}

#[test]
fn a_transfer_that_takes_another_time_is_found() {
    let ends = |_: &Scenario, it: &TraceRecord| matches!(it, TraceRecord::Finished(..));
    for later in [-1, 1] {
        let laws = tampered("shared-bandwidth", ends, |told, place| shift(told, place, later));
        assert!(laws.contains(&Law::Throughput), "{later}: {laws:?}");
    }
}

#[test]
fn an_attempt_that_starts_while_an_inject_stops_it_is_found() {
    let text = r#"
schema = 1
title = "test"
[estate.sites]
count = 1
[[incident.deletions]]
[[injects]]
at = "T+0"
lasts = "1h"
freeze = { steps = ["restore"] }
[runbooks.r]
steps = [{ id = "restore", duration = "2h" }]
[strategies.s]
tracks = [{ runbook = "r" }]
"#;
    let scenario = scenario(text);
    let strategy = scenario.strategies.ids().next().expect("there is a strategy");
    check("frozen", &scenario, 1);
    let laws = each(&scenario, strategy, 1, |own, all, told| {
        let mut told = told.clone();
        told.records.retain(|it| !matches!(it.1, TraceRecord::InjectEnded(_)));
        audit(own, all, strategy, &told).iter().map(|it| it.law).collect::<Vec<Law>>()
    });
    assert!(laws[0].contains(&Law::Taking), "{laws:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn every_combination_keeps_every_law(bytes in prop::collection::vec(any::<u8>(), 96)) {
        let (text, scenario, _) = generated(&bytes);
        check(&text, &scenario, 3);
    }

    #[test]
    fn every_model_keeps_every_law(model in models()) {
        let text = model.text();
        check(&text, &scenario(&text), 2);
    }
}
