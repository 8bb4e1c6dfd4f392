//! Which strategy: the view of a comparison, and its JSON.

use schemars::JsonSchema;
use serde::Serialize;

use crate::report::about::{ExperimentView, Program, ScenarioView};
use crate::report::figures::{self, Unit};
use crate::report::forms::json::pretty;
use crate::stats::Standing;

/// A comparison as data.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CompareView {
    /// The version of this form: 1.
    pub format: u32,
    /// The program that made it.
    pub program: Program,
    /// What was simulated.
    pub scenario: ScenarioView,
    /// How often, and from which seed; of a selection, at most how often.
    pub experiment: ExperimentView,
    /// The command that makes it again.
    pub reproduce: String,
    /// The answer in a sentence.
    pub sentence: String,
    /// The strategies, in the order of the scenario.
    pub strategies: Vec<String>,
    /// The selection, where one was asked for; then there are no comparisons.
    pub selection: Option<SelectionView>,
    /// The comparisons, where there was no selection.
    pub comparison: Option<ComparisonView>,
    /// What the reader should beware of, in sentences.
    pub warnings: Vec<String>,
    /// What the figures are, in sentences.
    pub notes: Vec<String>,
}

/// All strategies side by side.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ComparisonView {
    /// The confidence of the interval of each pair, by which all pairs of one metric hold at once
    /// with the experiment's confidence.
    pub pair_confidence: f64,
    /// Whether other sites are deleted under one strategy than under another in any exercise.
    pub deletion_differs: bool,
    /// How many sites are deleted under each strategy.
    pub deleted: Vec<DeletedView>,
    /// The name of the metric that decides.
    pub decides: String,
    /// One for each figure of exercises of which less is better.
    pub metrics: Vec<MetricView>,
    /// The share of exercises that meet the policy; `null` where nothing has an objective.
    pub assurance: Option<AssuranceView>,
    /// `site.rta.p95`, the 95 % quantile of all sites of all exercises, for each pair: one minus
    /// the other. The interval is made by sections of equally many exercises.
    pub pooled: Vec<PooledView>,
    /// Time against person-hours, for each strategy.
    pub pareto: Vec<ParetoView>,
}

/// How many sites are deleted under a strategy.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DeletedView {
    /// The strategy.
    pub strategy: String,
    /// The mean over exercises.
    pub sites: f64,
}

/// All strategies side by side by one metric.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct MetricView {
    /// The metric, as the figures of `summary.json` are called.
    pub name: String,
    /// What it is called; less is better.
    pub title: String,
    /// Whether the text for people shows it.
    pub main: bool,
    /// The unit of its numbers.
    pub unit: Unit,
    /// A difference that does not matter.
    pub margin: f64,
    /// What that is, in words.
    pub margin_is: String,
    /// The number of exercises from which on, looking back every 50, the same strategies were
    /// best as are now; `null` where none is. This is not a rule to stop by.
    pub known_after: Option<u64>,
    /// One for each strategy.
    pub strategies: Vec<StandingView>,
    /// The strategy with the least mean, among those whose time is missing in the fewest exercises.
    pub leader: String,
    /// Every other strategy against it, a sentence each.
    pub against_leader: Vec<String>,
    /// Every pair once.
    pub pairs: Vec<PairView>,
}

/// What one metric says of one strategy.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct StandingView {
    /// The strategy.
    pub strategy: String,
    /// Its mean over the exercises in which the time comes; `never` are the others.
    pub mean: figures::Figure,
    /// Its mean minus that of the best of the other strategies is at least this; `null` where that
    /// is not known, or where times that never come make it infinite.
    pub above_best_low: Option<f64>,
    /// And at most this.
    pub above_best_high: Option<f64>,
    /// What that says.
    pub standing: Standing,
    /// Whether the difference is surely within the margin.
    pub equivalent: bool,
    /// Texts for people: mean, its interval, difference to the best of the others, judgement.
    pub texts: [String; 4],
}

/// Two strategies by one metric.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PairView {
    /// One.
    pub first: String,
    /// The other.
    pub second: String,
    /// The first minus the second, over the exercises in which the time comes under both; `never`
    /// are the others. Its interval holds at once with those of all other pairs.
    pub difference: figures::Figure,
    /// The share of exercises in which the first is less; where both are equal counts half.
    pub first_less: figures::Figure,
    /// How far the two rise and fall together; `null` where one of them does not vary.
    pub correlation: Option<f64>,
    /// In a sentence.
    pub sentence: String,
}

/// All strategies side by side by the share of exercises that meet the policy.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AssuranceView {
    /// One for each strategy.
    pub strategies: Vec<AssuranceStandingView>,
    /// Every pair once.
    pub pairs: Vec<AssurancePairView>,
}

/// How often one strategy meets the policy.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AssuranceStandingView {
    /// The strategy.
    pub strategy: String,
    /// The share of exercises.
    pub share: figures::Figure,
    /// What that says; here more is better.
    pub standing: Standing,
    /// Texts for people: share, its interval, judgement.
    pub texts: [String; 3],
}

/// How often just one of two strategies meets the policy.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AssurancePairView {
    /// One.
    pub first: String,
    /// The other.
    pub second: String,
    /// Exercises in which only the first meets it.
    pub only_first: u64,
    /// Exercises in which only the second meets it.
    pub only_second: u64,
    /// How likely so uneven numbers are if both meet it equally often: the exact sign test,
    /// two-sided, for this pair alone.
    pub p: f64,
}

/// Two strategies by the pooled quantile.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PooledView {
    /// One.
    pub first: String,
    /// The other.
    pub second: String,
    /// The first minus the second, in seconds; `null` where the time does not come under one.
    pub difference: Option<f64>,
    /// Lower end of its interval; `null` with too few exercises.
    pub low: Option<f64>,
    /// Upper end of its interval; `null` with too few exercises.
    pub high: Option<f64>,
}

/// One strategy in time and person-hours.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ParetoView {
    /// The strategy.
    pub strategy: String,
    /// Those that are surely better in one of the two and better or equivalent in the other.
    pub dominated_by: Vec<String>,
}

/// The view as indented JSON with a line end.
#[must_use]
pub fn compare_json(view: &CompareView) -> String {
    pretty(view)
}

/// The JSON Schema of [`compare_json`]'s text.
#[must_use]
pub fn compare_schema() -> String {
    pretty(&schemars::schema_for!(CompareView))
}

/// A selection among strategies, which ends as soon as it is known who is best.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SelectionView {
    /// The procedure.
    pub procedure: String,
    /// The metric, as the figures of `summary.json` are called; its mean is to be least.
    pub metric: String,
    /// The unit of its numbers.
    pub unit: Unit,
    /// A difference that does not matter.
    pub margin: f64,
    /// What that is, in words.
    pub margin_is: String,
    /// The answer in a sentence.
    pub sentence: String,
    /// Exercises of each strategy at which it would have ended at the latest.
    pub most: u64,
    /// Exercises of all strategies together that it took.
    pub runs: u64,
    /// One for each strategy.
    pub strategies: Vec<SelectedView>,
}

/// How one strategy fared.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SelectedView {
    /// The strategy.
    pub strategy: String,
    /// Whether it was kept to the end.
    pub kept: bool,
    /// The exercises that it took part in.
    pub replications: u64,
    /// Its mean over them, where a time that never comes counts as the horizon.
    pub mean: f64,
    /// Exercises in which the time never came.
    pub never: u64,
    /// Texts for people: exercises, mean, judgement.
    pub texts: [String; 3],
}
