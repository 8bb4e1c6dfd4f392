//! From what an auditor said to the view of an audit.

use std::collections::BTreeMap;

use crate::audit::{Breach, Law};
use crate::experiment::Results;
use crate::ids::StrategyId;
use crate::report::about::{experiment, program, scenario_view};
use crate::report::audit::sentences::sentence;
use crate::report::audit::view::{AuditView, AuditedStrategyView, BreachView, BrokenLawView};
use crate::report::words::iso8601;
use crate::scenario::Scenario;

/// The version of the form of [`AuditView`]. It changes when a field changes its meaning or goes
/// away, not when one is added.
const AUDIT_FORMAT: u32 = 1;

/// Breaches of a strategy that the view has.
const MOST_KEPT: usize = 1_000;

/// What the auditor said of one strategy.
#[derive(Clone, Debug)]
pub struct AuditedStrategy {
    /// Which strategy.
    pub strategy: StrategyId,
    /// Its exercises, by number.
    pub exercises: Vec<AuditedExercise>,
    /// What is wrong with the figures of all of them together.
    pub together: Vec<Breach>,
}

/// What the auditor said of one exercise.
#[derive(Clone, Debug)]
pub struct AuditedExercise {
    /// Its number, from 0.
    pub number: u64,
    /// Things that happened, as its log has them.
    pub records: u64,
    /// What is wrong with it.
    pub breaches: Vec<Breach>,
}

impl AuditedStrategy {
    /// Everything that is wrong, each with the number of its exercise, if it is one's.
    fn breaches(&self) -> impl Iterator<Item = (Option<u64>, &Breach)> {
        let own = self.exercises.iter();
        let own = own.flat_map(|it| it.breaches.iter().map(|breach| (Some(it.number), breach)));
        own.chain(self.together.iter().map(|it| (None, it)))
    }
}

/// Everything that an audit of the exercises of `results` says. `reproduce` is the command that
/// makes it again, and `show` gives the one that shows an exercise of a strategy.
#[must_use]
pub fn audit_view(
    scenario: &Scenario,
    results: &Results,
    audited: &[AuditedStrategy],
    reproduce: &str,
    show: &dyn Fn(StrategyId, u64) -> String,
) -> AuditView {
    let strategies: Vec<AuditedStrategyView> =
        audited.iter().map(|it| strategy(scenario, it, show)).collect();
    AuditView {
        format: AUDIT_FORMAT,
        program: program(),
        ok: strategies.iter().all(|it| it.laws.is_empty()),
        sentence: sentence(&strategies),
        scenario: scenario_view(scenario),
        experiment: experiment(scenario, results),
        reproduce: reproduce.to_owned(),
        strategies,
    }
}

fn strategy(
    scenario: &Scenario,
    audited_strategy: &AuditedStrategy,
    show: &dyn Fn(StrategyId, u64) -> String,
) -> AuditedStrategyView {
    let mut laws: BTreeMap<Law, u64> = BTreeMap::new();
    for (_, breach) in audited_strategy.breaches() {
        *laws.entry(breach.law).or_default() += 1;
    }
    let law = |(law, breaches): (Law, u64)| BrokenLawView {
        law: law.name().to_owned(),
        says: law.says().to_owned(),
        breaches,
    };
    let breach = |(exercise, breach): (Option<u64>, &Breach)| BreachView {
        exercise,
        law: breach.law.name().to_owned(),
        at: breach.at.map(|it| iso8601(it.since_start())),
        at_text: breach.at.map(|it| it.to_string()),
        how: breach.how.clone(),
        show: exercise.map(|number| show(audited_strategy.strategy, number)),
    };
    AuditedStrategyView {
        strategy: scenario.strategies[audited_strategy.strategy].name.clone(),
        exercises: audited_strategy.exercises.len() as u64,
        records: audited_strategy.exercises.iter().map(|it| it.records).sum(),
        broken_in: audited_strategy.exercises.iter().filter(|it| !it.breaches.is_empty()).count()
            as u64,
        laws: laws.into_iter().map(law).collect(),
        breaches: audited_strategy.breaches().take(MOST_KEPT).map(breach).collect(),
    }
}
