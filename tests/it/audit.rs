//! The outsider: what he tells again is what the program says, and what was tampered with he finds.

use std::fmt::Write as _;

use blackstart::audit::{self, Breach, Everywhere};
use blackstart::experiment::{self, Design, Together};
use blackstart::ids::StrategyId;
use blackstart::scenario::{Figure, Scenario};
use blackstart::trace::Testimony;
use proptest::prelude::*;

use crate::everything;
use crate::net::names;
use crate::support::{checked, shipped_scenario};

/// What is wrong with so many exercises of each strategy, as they are told after tampering.
fn broken_when(
    scenario: &Scenario,
    replications: u32,
    tamper: &(dyn Fn(&mut Testimony) + Sync),
) -> Vec<Breach> {
    let design = Design { replications, ..Design::of(scenario) };
    let results = experiment::run(scenario, &design, &|| ());
    let measured = experiment::measure(scenario, &results);
    let everywhere = Everywhere::new(scenario, 0..u64::from(replications));
    let mut broken = Vec::new();
    for (strategy, metrics) in results.strategies.iter().zip(&measured.strategies) {
        let (id, replications) = (strategy.strategy, &metrics.replications[..]);
        let hear = |own: &Scenario, told: &Testimony| {
            let mut told = told.clone();
            tamper(&mut told);
            audit::audit(own, &everywhere, id, &told)
        };
        let each = experiment::testify(scenario, &results, (strategy, replications), 0, hear);
        broken.extend(each.into_iter().flatten());
        let together = Together { scenario, results: &results, strategy, replications };
        let claims: Vec<(Figure, f64)> =
            together.pooled().into_iter().map(|(figure, it)| (figure, it.value())).collect();
        broken.extend(audit::pooled(scenario, &everywhere, (0, &strategy.outcomes), &claims));
    }
    broken
}

#[track_caller]
fn is_clean(scenario: &Scenario, replications: u32, text: &str) {
    let broken = broken_when(scenario, replications, &|_| ());
    assert!(broken.is_empty(), "{text}\n{broken:#?}");
}

#[test]
fn nothing_is_wrong_with_the_scenarios_that_come_with_the_program() {
    for name in names() {
        let scenario = shipped_scenario(&name);
        let replications = if scenario.estate.sites.len() > 500 { 2 } else { 12 };
        is_clean(&scenario, replications, &name);
    }
}

/// A scenario's text with tiers, prices, objectives and a budget on every step, so that it has every
/// figure. Not every draw of it is valid.
fn with_every_figure((text, bare, _): (String, Scenario, StrategyId), choice: u16) -> String {
    let pick = |bit: u16, words: &'static str| if choice >> bit & 1 == 1 { words } else { "" };
    let tiers = "tiers = [{ tier = \"gold\", when = { min_users = 50 } }, { tier = \"basic\" }]";
    let sites = [pick(0, "inactive = \"40%\""), pick(1, "resample = true"), pick(2, tiers)];
    let sites = format!("bytes = \"8 GiB\"\n{}", sites.join("\n"));
    let team = format!("[teams.b]\n{}", pick(3, "cost_per_hour = 31.7"));
    let coverage = ["50%", "95%", "100%", "33.3%"][usize::from(choice >> 4 & 3)];
    let objectives = [
        pick(6, "rto = \"14h\""),
        pick(7, "rpo = \"30m\""),
        pick(8, "clock = \"detected\""),
        if choice & 4 == 4 { "tiers.gold = { rto = \"9h\" }" } else { "" },
    ];
    let mut text = text.replace("bytes = \"8 GiB\"", &sites).replace("[teams.b]", &team);
    if choice >> 6 & 3 > 0 {
        text += &format!("[policy]\ncoverage = \"{coverage}\"\n{}\n", objectives.join("\n"));
    }
    for runbook in &bare.runbooks {
        for step in &runbook.steps {
            write!(
                text,
                "[[budgets]]\nmetric = \"step_last_end\"\nexpect = \"value >= 0h\"\n\
                 select = {{ step = \"{}.{}\" }}\n",
                runbook.name, step.id
            )
            .expect("a string takes any text");
        }
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn nothing_is_wrong_whatever_is_combined(
        bytes in prop::collection::vec(any::<u8>(), 96),
        choice in any::<u16>(),
    ) {
        let text = with_every_figure(everything::generated(&bytes), choice);
        let checked = checked(&text, &[]);
        // With other sites some selection may match none of them.
        let faults = checked.diagnostics.render(&checked.sources, false);
        prop_assert!(checked.scenario.is_some() || faults.contains("empty-selection"), "{faults}");
        if let Some(scenario) = checked.scenario {
            is_clean(&scenario, 6, &text);
        }
    }
}
