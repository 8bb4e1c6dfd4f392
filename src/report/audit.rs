//! What an audit found: the view, and its printers for people and for other programs.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use tabled::builder::Builder;

use crate::audit::{Breach, Law};
use crate::experiment::Results;
use crate::ids::StrategyId;
use crate::report::build::{experiment, program, scenario_view};
use crate::report::json::pretty;
use crate::report::text::{Look, drawn};
use crate::report::view::{ExperimentView, Program, ScenarioView};
use crate::report::words::{count, iso8601, plain};
use crate::scenario::Scenario;

/// The version of the form of [`AuditView`]. It changes when a field changes its meaning or goes
/// away, not when one is added.
const AUDIT_FORMAT: u32 = 1;

/// Breaches of a strategy that are shown to people.
const MOST_SHOWN: usize = 10;
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

/// What an audit found.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AuditView {
    /// The version of this form: 1.
    pub format: u32,
    /// The program that made it.
    pub program: Program,
    /// Whether no law is broken.
    pub ok: bool,
    /// The same in a sentence.
    pub sentence: String,
    /// What was simulated.
    pub scenario: ScenarioView,
    /// How often, and from which seed.
    pub experiment: ExperimentView,
    /// The command that makes the same again.
    pub reproduce: String,
    /// One for each strategy.
    pub strategies: Vec<AuditedStrategyView>,
}

/// What was found in the exercises of one strategy.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AuditedStrategyView {
    /// The strategy.
    pub strategy: String,
    /// Its exercises that were audited.
    pub exercises: u64,
    /// Things that happened in them, as their logs have it.
    pub records: u64,
    /// Those of the exercises in which a law is broken.
    pub broken_in: u64,
    /// The laws that are broken.
    pub laws: Vec<BrokenLawView>,
    /// How: exercise after exercise, then what is wrong with the figures of all together; at most
    /// 1,000 of them.
    pub breaches: Vec<BreachView>,
}

/// A law that is broken.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BrokenLawView {
    /// Its name.
    pub law: String,
    /// What it says.
    pub says: String,
    /// How often it is broken; of one exercise at most 20 breaches are told, of all laws together.
    pub breaches: u64,
}

/// How a law is broken.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BreachView {
    /// The number of the exercise, from 0; none where it is all of them together.
    pub exercise: Option<u64>,
    /// The name of the law.
    pub law: String,
    /// When, as an ISO 8601 duration since T+0; none where it is the exercise as a whole.
    pub at: Option<String>,
    /// The same for people.
    pub at_text: Option<String>,
    /// By whom and how.
    pub how: String,
    /// The command that shows the exercise.
    pub show: Option<String>,
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
    it: &AuditedStrategy,
    show: &dyn Fn(StrategyId, u64) -> String,
) -> AuditedStrategyView {
    let mut laws: BTreeMap<Law, u64> = BTreeMap::new();
    for (_, breach) in it.breaches() {
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
        show: exercise.map(|number| show(it.strategy, number)),
    };
    AuditedStrategyView {
        strategy: scenario.strategies[it.strategy].name.clone(),
        exercises: it.exercises.len() as u64,
        records: it.exercises.iter().map(|it| it.records).sum(),
        broken_in: it.exercises.iter().filter(|it| !it.breaches.is_empty()).count() as u64,
        laws: laws.into_iter().map(law).collect(),
        breaches: it.breaches().take(MOST_KEPT).map(breach).collect(),
    }
}

fn sentence(strategies: &[AuditedStrategyView]) -> String {
    let sum = |of: fn(&AuditedStrategyView) -> u64| strategies.iter().map(of).sum::<u64>();
    let number = |number: u64, one: &str, more: &str| match number {
        1 => format!("1 {one}"),
        _ => format!("{} {more}", count(number)),
    };
    let exercises = number(sum(|it| it.exercises), "exercise", "exercises");
    let told = format!(
        "{exercises} of {} told again from the log",
        number(strategies.len() as u64, "strategy", "strategies")
    );
    let breaches = sum(|it| it.laws.iter().map(|it| it.breaches).sum());
    match (breaches, sum(|it| it.broken_in)) {
        (0, _) => format!("{told}: no law is broken"),
        (_, 0) => format!(
            "{told}: {}, of figures of all exercises together",
            number(breaches, "breach of a law", "breaches of laws")
        ),
        (_, broken) => format!(
            "{told}: {}, in {} of them",
            number(breaches, "breach of a law", "breaches of laws"),
            count(broken)
        ),
    }
}

/// An audit as text, ending with a line end.
#[must_use]
pub fn audit_text(view: &AuditView, look: Look) -> String {
    let mut table = Builder::default();
    table.push_record(["strategy", "exercises", "things in their logs", "breaches of laws"]);
    for it in &view.strategies {
        let laws = it.laws.iter().map(|it| format!("{} {}", it.law, count(it.breaches)));
        let laws: Vec<String> = laws.collect();
        let laws = if laws.is_empty() { "none".to_owned() } else { laws.join(", ") };
        table.push_record([plain(&it.strategy), count(it.exercises), count(it.records), laws]);
    }
    let mut out = vec![view.sentence.clone(), String::new(), drawn(table, look)];
    for it in view.strategies.iter().filter(|it| !it.breaches.is_empty()) {
        out.push(String::new());
        out.extend(breaches(it));
    }
    let laws = view.strategies.iter().flat_map(|it| &it.laws);
    let laws: BTreeMap<&str, &str> = laws.map(|it| (&*it.law, &*it.says)).collect();
    if !laws.is_empty() {
        out.push(String::new());
        out.extend(laws.iter().map(|(law, says)| format!("{law}: {says}")));
    }
    out.push(String::new());
    out.push(format!("reproduce: {}", plain(&view.reproduce)));
    out.join("\n") + "\n"
}

/// The first breaches of a strategy, exercise by exercise.
fn breaches(strategy: &AuditedStrategyView) -> Vec<String> {
    let shown = &strategy.breaches[..strategy.breaches.len().min(MOST_SHOWN)];
    let mut lines = vec![plain(&strategy.strategy)];
    for exercise in shown.chunk_by(|one, next| one.exercise == next.exercise) {
        lines.push(match (exercise[0].exercise, &exercise[0].show) {
            (Some(number), Some(show)) => format!("  exercise {number}: {}", plain(show)),
            _ => "  all exercises together".to_owned(),
        });
        for it in exercise {
            let at = it.at_text.as_ref().map(|at| format!("{at} ")).unwrap_or_default();
            lines.push(format!("    {at}{}: {}", it.law, plain(&it.how)));
        }
    }
    let all: u64 = strategy.laws.iter().map(|it| it.breaches).sum();
    if all > shown.len() as u64 {
        lines.push(format!("  and {} more", count(all - shown.len() as u64)));
    }
    lines
}

/// An audit as indented JSON with a line end.
#[must_use]
pub fn audit_json(view: &AuditView) -> String {
    pretty(view)
}
