//! The view of what a check found.

use schemars::JsonSchema;
use serde::Serialize;

use crate::report::about::{ExperimentView, PlaceView, Program, ScenarioView};
use crate::report::faults::FaultView;
use crate::report::figures::{Figure, Unit};
use crate::report::forms::json::pretty;
use crate::scenario::{IncidentKind, Level};
use crate::verdict::Change;

/// The version of the form of [`CheckView`]. It changes when a field changes its meaning or goes
/// away, not when one is added.
pub const CHECK_FORMAT: u32 = 2;

/// The exit code of a scenario that cannot be checked.
pub(crate) const INVALID: u8 = 3;

/// What a check found.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CheckView {
    /// The version of this form: 2.
    pub format: u32,
    /// The program that made it.
    pub program: Program,
    /// Whether everything that fails a check passed.
    pub ok: bool,
    /// The exit code of the program: 0, 3, 4, 97, 98 or 99.
    pub exit_code: u8,
    /// The verdict in a sentence.
    pub sentence: String,
    /// What is wrong with the scenarios or keeps them from being checked, scenario by scenario.
    pub faults: Vec<FaultView>,
    /// One for each scenario that was checked, in the order of the command line.
    pub scenarios: Vec<ScenarioCheckView>,
}

/// What a check found in one scenario.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ScenarioCheckView {
    /// The scenario's file as it was named.
    pub file: String,
    /// What was simulated.
    pub scenario: ScenarioView,
    /// How often, and from which seed.
    pub experiment: ExperimentView,
    /// The command that makes the same again.
    pub reproduce: String,
    /// One for each budget under each strategy, strategy by strategy.
    pub budgets: Vec<BudgetView>,
    /// What holds up the strategies that are late, under which a budget on time is not met or
    /// which got worse.
    pub late: Vec<LateView>,
    /// How far it has moved since a baseline, if there is one.
    pub baseline: Option<BaselineView>,
}

/// What holds up a strategy that is late: the binding chain of the site at 95 %.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct LateView {
    /// The strategy.
    pub strategy: String,
    /// Exercises whose chains were summed.
    pub n: u64,
    /// The longest parts of the chain.
    pub parts: Vec<LatePartView>,
    /// The same in a sentence.
    pub sentence: String,
}

/// A part of the binding chain.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct LatePartView {
    /// What it went into.
    pub label: String,
    /// Its share of that site's recovery time.
    pub share: f64,
}

/// What became of a budget under one strategy.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BudgetView {
    /// Its name.
    pub name: String,
    /// The figure with its selection.
    pub figure: String,
    /// The expectation as it is written.
    pub expect: String,
    /// Under which strategy.
    pub strategy: String,
    /// What a miss is.
    pub level: Level,
    /// By what words people read of it.
    #[serde(skip)]
    pub(crate) kind: IncidentKind,
    /// What became of it.
    pub verdict: BudgetOutcome,
    /// Whether it lets the check pass: it is met, or what became of it is no error.
    pub ok: bool,
    /// Exercises in which the expectation holds.
    pub holds: u64,
    /// Exercises.
    pub n: u64,
    /// The share of all exercises in which it would hold is at least this; each end holds on its
    /// own with the budget's confidence (Clopper and Pearson).
    pub share_low: f64,
    /// And at most this.
    pub share_high: f64,
    /// In which share it must hold.
    pub assurance: f64,
    /// How sure that must be.
    pub confidence: f64,
    /// Of an undecided budget: how many exercises would decide it if the share stays as it is.
    pub replications_needed: Option<u64>,
    /// What the expectation was asked about: the median exercise of a time, the mean of another
    /// figure.
    pub value: Figure,
    /// The same for people.
    pub value_text: String,
    /// Its interval for people.
    pub interval_text: String,
    /// Where the budget is written.
    pub place: PlaceView,
    /// What became of it, in a sentence.
    pub sentence: String,
    /// The sites with the largest medians, of a figure of sites that is not met.
    pub worst_sites: Vec<WorstSiteView>,
}

/// What became of a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BudgetOutcome {
    /// It surely holds often enough.
    Met,
    /// It cannot be told from so few exercises.
    Undecided,
    /// It is about lost data, and no step of the strategy says to which moment data comes back, so
    /// there was nothing to look at.
    NotJudged,
    /// It surely does not hold often enough.
    Missed,
    /// No deleted site matched in any exercise, so there was nothing to look at.
    MatchedNothing,
}

/// A site that is among the worst.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct WorstSiteView {
    /// Its name.
    pub site: String,
    /// The median over exercises in seconds; none where it never comes.
    pub median_s: Option<f64>,
    /// The same for people.
    pub text: String,
}

/// How far a scenario has moved since a baseline.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BaselineView {
    /// The baseline's file as it was named.
    pub file: String,
    /// The share of a figure's mean that does not matter.
    pub practical: f64,
    /// Whether the present results were written there.
    pub accepted: bool,
    /// What else is to be said, a sentence each.
    pub notes: Vec<String>,
    /// Which inputs have changed; nothing where there was no baseline to say what they were.
    pub inputs: Option<InputChangesView>,
    /// The strategies of the baseline that the scenario does not have any more.
    pub gone: Vec<GoneStrategyView>,
    /// One for each strategy that both know.
    pub strategies: Vec<StrategyChangeView>,
}

/// Which inputs have changed.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct InputChangesView {
    /// Those of which another value stands there, sorted by address.
    pub changes: Vec<InputChangeView>,
    /// The address of the first that stands elsewhere among those that were there then and are
    /// there now: of what waits for the same, the one that is written first may be done first.
    pub reordered: Option<String>,
    /// In a sentence, with the first of them.
    pub sentence: String,
}

/// An input that has changed.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct InputChangeView {
    /// Its address.
    pub address: String,
    /// What stood there, as TOML; nothing where it was added.
    pub before: Option<String>,
    /// What stands there, as TOML; nothing where it was taken away.
    pub after: Option<String>,
    /// The same for people.
    pub text: String,
}

/// A strategy of the baseline that the scenario does not have any more: it fails the check, unless
/// a baseline without it is accepted.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct GoneStrategyView {
    /// Its name.
    pub strategy: String,
    /// In a sentence, with what to do.
    pub sentence: String,
}

/// How far a strategy has moved.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct StrategyChangeView {
    /// Its name.
    pub strategy: String,
    /// Whether nothing that is judged got worse.
    pub ok: bool,
    /// Exercises in which any figure differs.
    pub differing: u64,
    /// Exercises.
    pub n: u64,
    /// In a sentence.
    pub sentence: String,
    /// Each figure.
    pub metrics: Vec<MetricChangeView>,
}

/// How far a figure has moved: now minus then, in the same exercises.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct MetricChangeView {
    /// The figure.
    pub metric: String,
    /// Its unit.
    pub unit: Unit,
    /// Whether the check fails where it got worse.
    pub judged: bool,
    /// Whether texts for people tell it.
    pub told: bool,
    /// The mean then; what never comes counts as the horizon.
    pub before: f64,
    /// The mean now.
    pub after: f64,
    /// The mean difference.
    pub difference: f64,
    /// The lower end of its interval; those of all judged figures of a strategy hold together with
    /// 95 %.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// The most that does not matter.
    pub practical: f64,
    /// Exercises.
    pub n: u64,
    /// Those of them in which it differs.
    pub differing: u64,
    /// Those in which it came then and does not come now, less those the other way round.
    pub newly_never: i64,
    /// What that says.
    pub change: Change,
    /// The mean then, for people.
    pub before_text: String,
    /// The mean now, for people.
    pub after_text: String,
    /// The difference and its interval, for people.
    pub text: String,
}

impl BaselineView {
    /// A sentence with which inputs have changed behind it.
    pub(crate) fn with_inputs(&self, sentence: &str) -> String {
        let inputs = self.inputs.as_ref().map(|it| format!("; {}", it.sentence));
        format!("{sentence}{}", inputs.unwrap_or_default())
    }
}

impl CheckView {
    /// Budgets that a reader has to look at, each with its scenario, the worst first.
    pub(crate) fn not_met(&self) -> Vec<(&ScenarioCheckView, &BudgetView)> {
        let all = self.scenarios.iter().flat_map(|it| it.budgets.iter().map(move |b| (it, b)));
        let mut list: Vec<_> = all.filter(|it| it.1.verdict != BudgetOutcome::Met).collect();
        list.sort_by(|(_, a), (_, b)| {
            let share = |it: &BudgetView| it.holds as f64 / it.n.max(1) as f64;
            let rank = |it: &BudgetView| (it.ok, std::cmp::Reverse(it.verdict));
            rank(a).cmp(&rank(b)).then(share(a).total_cmp(&share(b)))
        });
        list
    }

    /// Baselines with which something was compared, each with its scenario.
    pub(crate) fn compared(&self) -> impl Iterator<Item = (&ScenarioCheckView, &BaselineView)> {
        self.scenarios.iter().filter_map(|it| Some((it, it.baseline.as_ref()?)))
    }

    /// Strategies that moved, each with its scenario and baseline; those that got worse first.
    pub(crate) fn moved(&self) -> Vec<(&ScenarioCheckView, &BaselineView, &StrategyChangeView)> {
        let all = self
            .compared()
            .flat_map(|(it, base)| base.strategies.iter().map(move |s| (it, base, s)));
        let mut list: Vec<_> = all.collect();
        list.sort_by_key(|it| it.2.ok);
        list
    }
}

/// The check as indented JSON with a line end; the keys are in the order of the fields of
/// [`CheckView`].
#[must_use]
pub fn check_json(view: &CheckView) -> String {
    pretty(view)
}

/// The JSON Schema of [`check_json`]'s text.
#[must_use]
pub fn check_schema() -> String {
    pretty(&schemars::schema_for!(CheckView))
}
