//! What was observed beside what is simulated: the view, and its JSON.

use schemars::JsonSchema;
use serde::Serialize;

use crate::report::about::{ExperimentView, Program, ScenarioView};
use crate::report::figures::Unit;
use crate::report::forms::json::pretty;
use crate::scenario::IncidentKind;

/// A back-test as data.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BacktestView {
    /// The version of this form: 1.
    pub format: u32,
    /// The program that made it.
    pub program: Program,
    /// What was simulated.
    pub scenario: ScenarioView,
    /// What kind of incident it is, where it is another than a deletion.
    #[serde(default, skip_serializing_if = "IncidentKind::is_deletion")]
    pub kind: IncidentKind,
    /// How often, and from which seed.
    pub experiment: ExperimentView,
    /// The command that makes it again.
    pub reproduce: String,
    /// The strategy that what was observed is laid beside.
    pub strategy: String,
    /// Whether every figure holds.
    pub holds: bool,
    /// The same in a sentence.
    pub sentence: String,
    /// One for each observed figure, in the order of the scenario.
    pub rows: Vec<BacktestRow>,
    /// What the bands do not say.
    pub caveat: String,
}

/// An observed figure beside the simulated one.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BacktestRow {
    /// Its name in the scenario; `curve.users` and `curve.sites` of points of the curve.
    pub figure: String,
    /// What it is called.
    pub label: String,
    /// The unit of its numbers; of instants, seconds since T+0.
    pub unit: Unit,
    /// The least that was observed.
    pub observed_low: f64,
    /// The most that was observed.
    pub observed_high: f64,
    /// The median over exercises; `null` for a time that does not come before the horizon.
    pub simulated: Option<f64>,
    /// The 5 % quantile over exercises; `null` as for `simulated`.
    pub p05: Option<f64>,
    /// The 95 % quantile over exercises; `null` as for `simulated`.
    pub p95: Option<f64>,
    /// How far the median lies above what was observed; 0 within an observed range, `null` as for
    /// `simulated`.
    pub residual: Option<f64>,
    /// Whether what was observed lies between the two quantiles.
    pub inside_band: bool,
    /// How far the median may lie from it, where the scenario says so.
    pub tolerance: Option<f64>,
    /// Whether it lies so near.
    pub within_tolerance: Option<bool>,
    /// Whether the figure holds: within its tolerance, or else inside the band.
    pub holds: bool,
    /// Exercises.
    pub n: u64,
    /// Texts for people: observed, simulated, in 9 of 10 exercises, residual, judgement.
    pub texts: [String; 5],
}

/// The view as indented JSON with a line end.
#[must_use]
pub fn backtest_json(view: &BacktestView) -> String {
    pretty(view)
}
