//! What was observed beside what is simulated: the view, the table for people, and the JSON.

use schemars::JsonSchema;
use serde::Serialize;
use tabled::builder::Builder;

use crate::compare::Comparison;
use crate::experiment::Results;
use crate::ids::TrackId;
use crate::report::Look;
use crate::report::build::{experiment, program, scenario_view};
use crate::report::text::drawn;
use crate::report::view::{ExperimentView, Program, ScenarioView, Unit};
use crate::report::words::{Scale, amount, count, length, machine, plain, share};
use crate::scenario::{IncidentKind, Measure, Observable, Scenario, Strategy};
use crate::units::SimDuration;

/// The version of the form. It changes when a field changes its meaning or goes away, not when one
/// is added.
const FORMAT: u32 = 1;

const MILLIS_PER_SECOND: f64 = 1_000.0;

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
    /// The median over replications; `null` for a time that does not come before the horizon.
    pub simulated: Option<f64>,
    /// The 5 % quantile over replications; `null` as for `simulated`.
    pub p05: Option<f64>,
    /// The 95 % quantile over replications; `null` as for `simulated`.
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
    /// Replications.
    pub n: u64,
    /// Texts for people: observed, simulated, in 9 of 10 exercises, residual, judgement.
    pub texts: [String; 5],
}

/// Everything that there is to say about a back-test of `results`, which are of the strategy that
/// the scenario observes. `reproduce` is the command that makes it again.
#[must_use]
pub fn backtest_view(
    scenario: &Scenario,
    results: &Results,
    comparisons: &[Comparison],
    reproduce: &str,
) -> BacktestView {
    let strategy = &scenario.strategies[results.strategies[0].strategy];
    let rows: Vec<BacktestRow> = comparisons.iter().map(|it| row(scenario, strategy, it)).collect();
    BacktestView {
        format: FORMAT,
        program: program(),
        scenario: scenario_view(scenario),
        kind: scenario.incident.kind,
        experiment: experiment(scenario, results),
        reproduce: reproduce.to_owned(),
        strategy: strategy.name.clone(),
        holds: rows.iter().all(|it| it.holds),
        sentence: sentence(&strategy.name, &rows),
        rows,
        caveat: "The bands show the spread of the simulation only, not error in the inputs."
            .to_owned(),
    }
}

fn row(scenario: &Scenario, strategy: &Strategy, it: &Comparison) -> BacktestRow {
    let measure = it.observed.figure.measure();
    let unit = match measure {
        Measure::Instant | Measure::Length => Unit::S,
        Measure::Count => Unit::Count,
        Measure::Share => Unit::Share,
    };
    let per = if unit == Unit::S { MILLIS_PER_SECOND } else { 1.0 };
    let number = |it: f64| it.is_finite().then(|| machine(it / per));
    let label = match it.observed.title.as_str() {
        "" => label(scenario, strategy, it.observed.figure),
        title => title.to_owned(),
    };
    BacktestRow {
        figure: it.observed.name.clone(),
        label: plain(&label),
        unit,
        observed_low: machine(it.observed.low / per),
        observed_high: machine(it.observed.high / per),
        simulated: number(it.median),
        p05: number(it.p05),
        p95: number(it.p95),
        residual: number(it.residual()),
        inside_band: it.inside_band(),
        tolerance: it.observed.tolerance.map(|it| machine(it / per)),
        within_tolerance: it.within_tolerance(),
        holds: it.holds(),
        n: it.n as u64,
        texts: texts(measure, it),
    }
}

/// What a figure is called.
fn label(scenario: &Scenario, strategy: &Strategy, figure: Observable) -> String {
    let track = |id: TrackId| &strategy.tracks[id].name;
    match figure {
        Observable::Figure(it) => it.title(scenario),
        Observable::TrackFirst(id) => format!("first site back by {}", track(id)),
        Observable::TrackLast(id) => format!("last site back by {}", track(id)),
        Observable::Milestone(id) => scenario.incident.milestones[id].title.clone(),
        Observable::SitesReach(it) => format!("{} of the sites back", share(it.fraction())),
        Observable::UsersReach(it) => format!("{} of the users back", share(it.fraction())),
        Observable::TrackSites(id) => format!("sites by {}", track(id)),
        Observable::TrackSitesShare(id) => format!("share of the sites by {}", track(id)),
        Observable::TrackUsersShare(id) => format!("share of the users by {}", track(id)),
        Observable::OlderDataCustomers(_) => "customers with older data at first".to_owned(),
        Observable::SitesBack(at) => format!("sites back at T+{}", length(at.since_start())),
        Observable::UsersBack(at) => format!("users back at T+{}", length(at.since_start())),
    }
}

fn texts(measure: Measure, it: &Comparison) -> [String; 5] {
    let largest = it.observed.high.max(if it.median.is_finite() { it.median } else { 0.0 });
    let scale = match measure {
        Measure::Instant | Measure::Length => {
            Scale::of_length(SimDuration::from_millis(largest as u64))
        }
        Measure::Count => Scale::of_counts(),
        Measure::Share => Scale::of_shares(),
    };
    let since = if measure == Measure::Instant { "T+" } else { "" };
    let dated = |text: String| if text == "never" { text } else { format!("{since}{text}") };
    let judgement = match it.observed.tolerance {
        Some(within) => {
            let within = match measure {
                Measure::Instant | Measure::Length => {
                    length(SimDuration::from_millis(within as u64))
                }
                Measure::Count => amount(within),
                Measure::Share => scale.points(within),
            };
            format!("{} {within}", if it.holds() { "within" } else { "beyond" })
        }
        None if it.holds() => "in the band".to_owned(),
        None => "outside of the band".to_owned(),
    };
    [
        dated(scale.range(it.observed.low, it.observed.high)),
        dated(scale.text(it.median)),
        scale.range(it.p05, it.p95),
        scale.signed(it.residual()),
        judgement,
    ]
}

/// Whether the strategy reproduces what was observed.
fn sentence(strategy: &str, rows: &[BacktestRow]) -> String {
    let strategy = plain(strategy);
    let off: Vec<String> = rows
        .iter()
        .filter(|it| !it.holds)
        .map(|it| format!("{} ({})", it.label, it.texts[3]))
        .collect();
    let figures = |number: usize| match number {
        1 => "the one figure lies".to_owned(),
        all => format!("all {} figures lie", count(all as u64)),
    };
    if off.is_empty() {
        return format!(
            "{strategy} reproduces what was observed: {} within tolerance, or in the band of 9 of 10 \
             exercises where no tolerance is given.",
            figures(rows.len()),
        );
    }
    format!(
        "{strategy} does not reproduce what was observed: {} of {} {} off: {}.",
        count(off.len() as u64),
        count(rows.len() as u64),
        if off.len() == 1 { "figures is" } else { "figures are" },
        off.join(", "),
    )
}

/// The back-test for the terminal, ending with a line end.
#[must_use]
pub fn backtest_text(view: &BacktestView, look: Look) -> String {
    let mut table = Builder::default();
    let heads = ["", "observed", "simulated", "in 9 of 10 exercises", "residual", "it lies"];
    table.push_record(heads);
    for row in &view.rows {
        table.push_record(std::iter::once(&row.label).chain(&row.texts));
    }
    let n = view.experiment.replications;
    let story = format!(
        "What was observed, beside {} simulated {} of {}, seed {}.",
        count(n),
        if n == 1 { "exercise" } else { "exercises" },
        plain(&view.strategy),
        view.experiment.seed,
    );
    let notes = format!(
        "T+ counts from the first {}. Simulated figures are medians over exercises; the \
         residual is simulated minus observed.\n{}",
        view.kind.words().event,
        view.caveat
    );
    let parts = [
        view.sentence.clone(),
        story,
        drawn(table, look),
        notes,
        format!("Reproduce with: {}", plain(&view.reproduce)),
    ];
    let whole = parts.join("\n\n") + "\n";
    whole.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// The view as indented JSON with a line end.
#[must_use]
pub fn backtest_json(view: &BacktestView) -> String {
    let text = serde_json::to_string_pretty(view).expect("a view is plain data");
    text + "\n"
}
