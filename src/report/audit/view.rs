//! What an audit found: the view, and its JSON.

use schemars::JsonSchema;
use serde::Serialize;

use crate::report::about::{ExperimentView, Program, ScenarioView};
use crate::report::forms::json::pretty;

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

/// An audit as indented JSON with a line end.
#[must_use]
pub fn audit_json(view: &AuditView) -> String {
    pretty(view)
}
