//! The auditor finds nothing wrong with any exercise, and finds what is made wrong in one.

use blackstart::audit::{Breach, Law, audit};
use blackstart::experiment::{self, Design};
use blackstart::ids::StrategyId;
use blackstart::scenario::Scenario;
use blackstart::trace::{Testimony, TraceRecord};
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
    hear: impl Fn(&Scenario, &Testimony) -> R + Sync,
) -> Vec<R> {
    let design = Design { strategies: vec![strategy], replications, ..Design::of(scenario) };
    let results = experiment::run(scenario, &design, &|| ());
    let measured = experiment::measure(scenario, &results);
    let told = (&results.strategies[0], &measured.strategies[0].replications[..]);
    experiment::testify(scenario, &results, told, 0, hear)
}

/// What is wrong with the first exercises of a strategy.
fn breaches(scenario: &Scenario, strategy: StrategyId, replications: u32) -> Vec<Breach> {
    let found = each(scenario, strategy, replications, |own, told| audit(own, strategy, told));
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

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
