//! From verdicts and changes to the view of a check.

use crate::experiment::Results;
use crate::measure::{CONFIDENCE, mean_of, median_time};
use crate::report::about::{PlaceView, experiment, program, scenario_view};
use crate::report::check::sentences;
use crate::report::check::view::{
    BaselineView, BudgetOutcome, BudgetView, CHECK_FORMAT, CheckView, GoneStrategyView,
    InputChangeView, InputChangesView, LatePartView, LateView, MetricChangeView, ScenarioCheckView,
    StrategyChangeView, WorstSiteView,
};
use crate::report::faults::FaultView;
use crate::report::figures::{self, Figure, Unit};
use crate::report::run::bottlenecks::longest;
use crate::report::words::{self, Cells, Scale, count, machine, plain};
use crate::review::Bottlenecks;
use crate::scenario::{Budget, IncidentKind, Kind, Level, Scenario};
use crate::units::SimDuration;
use crate::verdict::{
    BudgetVerdict, Change, InputChange, InputChanges, MetricChange, StrategyChange, Verdict,
    written_unit,
};

/// Parts of a binding chain on one line.
const LONGEST_PARTS: usize = 3;

/// What a check knows of one scenario.
#[derive(Clone, Debug)]
pub struct CheckedScenario<'a> {
    /// The scenario's file as it was named.
    pub file: String,
    /// The scenario.
    pub scenario: &'a Scenario,
    /// What was simulated.
    pub results: &'a Results,
    /// What became of its budgets.
    pub verdicts: &'a [BudgetVerdict],
    /// What holds up the strategies that are late, by their names.
    pub late: &'a [(String, Bottlenecks)],
    /// How far it has moved since a baseline.
    pub compared: Option<Compared<'a>>,
    /// The command that makes the same again.
    pub reproduce: String,
}

/// How far a scenario has moved since a baseline.
#[derive(Clone, Debug)]
pub struct Compared<'a> {
    /// The baseline's file as it was named.
    pub file: String,
    /// The share of a figure's mean that does not matter.
    pub practical: f64,
    /// Whether the present results were written there.
    pub accepted: bool,
    /// What else is to be said.
    pub notes: Vec<String>,
    /// Which inputs have changed, where there was something to compare with.
    pub inputs: Option<&'a InputChanges>,
    /// The strategies of the baseline that the scenario does not have any more.
    pub gone: &'a [String],
    /// The strategies that both know.
    pub changes: &'a [StrategyChange],
}

/// Everything that a check says. `exit_code` is how the program ends; `strict` says whether what
/// is undecided fails it.
#[must_use]
pub fn check_view(
    scenarios: &[CheckedScenario<'_>],
    faults: Vec<FaultView>,
    exit_code: u8,
    strict: bool,
) -> CheckView {
    let mut view = CheckView {
        format: CHECK_FORMAT,
        program: program(),
        ok: exit_code == 0,
        exit_code,
        sentence: String::new(),
        faults,
        scenarios: scenarios.iter().map(|it| scenario(it, strict)).collect(),
    };
    view.sentence = sentences::whole(&view);
    view
}

fn scenario(checked_scenario: &CheckedScenario<'_>, strict: bool) -> ScenarioCheckView {
    ScenarioCheckView {
        file: checked_scenario.file.clone(),
        scenario: scenario_view(checked_scenario.scenario),
        experiment: experiment(checked_scenario.scenario, checked_scenario.results),
        reproduce: checked_scenario.reproduce.clone(),
        budgets: checked_scenario
            .verdicts
            .iter()
            .map(|verdict| budget(checked_scenario.scenario, verdict, strict))
            .collect(),
        late: checked_scenario
            .late
            .iter()
            .map(|late_one| late(late_one, checked_scenario.scenario.incident.kind))
            .collect(),
        baseline: checked_scenario.compared.as_ref().map(baseline),
    }
}

fn late((strategy, it): &(String, Bottlenecks), kind: IncidentKind) -> LateView {
    let parts = longest(it, LONGEST_PARTS, kind);
    let named = parts.iter().map(|(label, share)| format!("{label} {}", words::share(*share)));
    let named: Vec<String> = named.collect();
    let exercises = if it.n == 1 { "exercise" } else { "exercises" };
    LateView {
        strategy: strategy.clone(),
        n: it.n as u64,
        sentence: format!(
            "{} is late because of {} (of the site at 95%, {} {exercises})",
            plain(strategy),
            named.join(", "),
            count(it.n as u64)
        ),
        parts: parts
            .into_iter()
            .map(|(label, share)| LatePartView { label, share: machine(share) })
            .collect(),
    }
}

fn budget(scenario: &Scenario, verdict: &BudgetVerdict, strict: bool) -> BudgetView {
    let budget = &scenario.budgets[verdict.budget];
    let outcome = match verdict.judgement.verdict {
        _ if verdict.not_judged => BudgetOutcome::NotJudged,
        _ if verdict.matched == 0 => BudgetOutcome::MatchedNothing,
        Verdict::Met => BudgetOutcome::Met,
        Verdict::Undecided => BudgetOutcome::Undecided,
        Verdict::Missed => BudgetOutcome::Missed,
    };
    let fails = match outcome {
        BudgetOutcome::Met => false,
        BudgetOutcome::Undecided => strict,
        BudgetOutcome::Missed | BudgetOutcome::MatchedNothing | BudgetOutcome::NotJudged => true,
    };
    let (value, cells) = match verdict.not_judged {
        true => unknown(budget, verdict.judgement.n),
        false => value(scenario, budget, verdict),
    };
    let mut view = BudgetView {
        name: budget.name.clone(),
        figure: budget.figure.clone(),
        expect: budget.expect.written.clone(),
        strategy: scenario.strategies[verdict.strategy].name.clone(),
        level: budget.level,
        kind: scenario.incident.kind,
        verdict: outcome,
        ok: !fails || budget.level != Level::Error,
        holds: verdict.judgement.holds,
        n: verdict.judgement.n,
        share_low: machine(verdict.judgement.bounds.low),
        share_high: machine(verdict.judgement.bounds.high),
        assurance: budget.assurance.fraction(),
        confidence: budget.confidence.fraction(),
        replications_needed: verdict.needed,
        value,
        value_text: cells.value,
        interval_text: cells.interval,
        place: PlaceView {
            file: budget.place.file.clone(),
            line: budget.place.line as u64,
            column: budget.place.column as u64,
        },
        sentence: String::new(),
        worst_sites: verdict
            .worst
            .iter()
            .map(|worst| WorstSiteView {
                site: scenario.estate.sites[worst.site].name.clone(),
                median_s: worst.median.map(|it| it.as_seconds()),
                text: worst.median.map_or_else(
                    || "never".to_owned(),
                    |median| beside_limit(words::length(median), median, budget),
                ),
            })
            .collect(),
    };
    view.sentence = sentences::budget(&view);
    view
}

/// What a budget was asked about, where nobody knows it.
fn unknown(budget: &Budget, n: u64) -> (Figure, Cells) {
    let name = format!("{} {}", budget.figure, budget.expect.written);
    let value = "not known".to_owned();
    let cells = Cells { value, interval: "not known".to_owned(), ..Cells::default() };
    (figures::unknown(&name, figures::unit(budget.expect.kind).0, n), cells)
}

/// What a budget was asked about: the median of a time, the mean of another figure.
fn value(scenario: &Scenario, budget: &Budget, verdict: &BudgetVerdict) -> (Figure, Cells) {
    let values = &verdict.values[..];
    let name = format!("{} {}", budget.figure, budget.expect.written);
    let kind = budget.expect.kind;
    let unit = match kind {
        Kind::Instant | Kind::Length | Kind::Loss => {
            let time =
                |it: &f64| it.is_finite().then(|| SimDuration::from_millis(it.round() as u64));
            let estimate = median_time(values.iter().map(time));
            let mut cells = words::time(&estimate, "", scenario.experiment.horizon);
            if let Some(median) = estimate.median.time() {
                cells.value = beside_limit(cells.value, median, budget);
            }
            return (figures::time(&name, &estimate), cells);
        }
        Kind::Share | Kind::Hours | Kind::Count | Kind::Money => figures::unit(kind).0,
    };
    let estimate = mean_of(values, verdict.support);
    let estimate = estimate.expect("an exercise has a figure, and only times never come");
    let mut cells = match unit {
        Unit::Share => words::mean(&estimate, "", words::share),
        _ => words::mean(&estimate, "", words::amount),
    };
    let beside = (estimate.mean, budget.expect.threshold);
    cells.value = words::number_beside(cells.value, beside, |number, decimals| match unit {
        Unit::Share => format!("{}%", words::grouped(100.0 * number, decimals)),
        _ => words::grouped(number, decimals),
    });
    (figures::mean(&name, unit, &estimate), cells)
}

/// A time as it stands beside what a budget expects.
fn beside_limit(text: String, value: SimDuration, budget: &Budget) -> String {
    let limit = SimDuration::from_millis(budget.expect.threshold.max(0.0).round() as u64);
    words::time_beside(text, value, limit)
}

fn baseline(compared: &Compared<'_>) -> BaselineView {
    BaselineView {
        file: compared.file.clone(),
        practical: compared.practical,
        accepted: compared.accepted,
        notes: compared.notes.clone(),
        inputs: compared.inputs.map(inputs),
        gone: compared.gone.iter().map(|strategy| gone(strategy, compared)).collect(),
        strategies: compared.changes.iter().map(strategy).collect(),
    }
}

fn inputs(input_changes: &InputChanges) -> InputChangesView {
    let change = |it: &InputChange| InputChangeView {
        address: it.address.clone(),
        before: it.before.clone(),
        after: it.after.clone(),
        text: sentences::input(it),
    };
    InputChangesView {
        changes: input_changes.changes.iter().map(change).collect(),
        reordered: input_changes.reordered.clone(),
        sentence: sentences::inputs_sentence(input_changes),
    }
}

fn gone(strategy: &str, compared: &Compared<'_>) -> GoneStrategyView {
    GoneStrategyView {
        strategy: strategy.to_owned(),
        sentence: sentences::gone(strategy, &compared.file, compared.accepted),
    }
}

fn strategy(change: &StrategyChange) -> StrategyChangeView {
    let n = change.metrics.first().map_or(0, |it| it.n);
    let mut view = StrategyChangeView {
        strategy: change.strategy.clone(),
        ok: change.regressions().next().is_none(),
        differing: change.differing,
        n,
        sentence: String::new(),
        metrics: change.metrics.iter().map(metric).collect(),
    };
    view.sentence = sentences::strategy(&view);
    view
}

fn metric(metric_change: &MetricChange) -> MetricChangeView {
    let (unit, one) = figures::unit(metric_change.kind);
    let per = one * written_unit(metric_change.kind);
    let (low, high) =
        (metric_change.interval.map(|it| it.low), metric_change.interval.map(|it| it.high));
    let number = |it: f64| machine(it / per);
    MetricChangeView {
        metric: metric_change.metric.clone(),
        unit,
        judged: metric_change.judged,
        told: metric_change.told,
        before: number(metric_change.before),
        after: number(metric_change.before + metric_change.difference),
        difference: number(metric_change.difference),
        low: low.map(number),
        high: high.map(number),
        practical: number(metric_change.practical),
        n: metric_change.n,
        differing: metric_change.differing,
        newly_never: metric_change.newly_never,
        change: metric_change.change,
        before_text: figure_text(metric_change.before, unit, per),
        after_text: figure_text(metric_change.before + metric_change.difference, unit, per),
        text: difference(metric_change, unit, per),
    }
}

fn figure_text(mean: f64, unit: Unit, per: f64) -> String {
    match unit {
        Unit::S => words::length(SimDuration::from_millis(mean.round() as u64)),
        Unit::H => format!("{} h", words::amount(mean / per)),
        Unit::Share => words::share(mean / per),
        _ => words::amount(mean / per),
    }
}

/// "+5.2 h (95% interval +5.0 to +5.4 h, paired, n=500)"
fn difference(change: &MetricChange, unit: Unit, per: f64) -> String {
    let interval = change.interval.filter(|_| !change.is_always_the_same);
    let ends: Vec<f64> = std::iter::once(change.difference)
        .chain(interval.into_iter().flat_map(|it| [it.low, it.high]))
        .collect();
    let (scale, per) = match unit {
        Unit::S => (Scale::of_times(&ends), 1.0),
        Unit::Share => (Scale::of_shares(), per),
        _ => {
            let ends: Vec<f64> = ends.iter().map(|it| it / per).collect();
            (Scale::of_amounts(&ends), per)
        }
    };
    let of_hours = if unit == Unit::H { " h" } else { "" };
    let signed = |value: f64| format!("{}{of_hours}", scale.signed(value / per));
    let n = count(change.n);
    let text = match change.interval {
        _ if change.change == Change::Same => {
            format!("{} (no exercise differs, n={n})", signed(0.0))
        }
        _ if change.is_always_the_same && change.n > 1 => {
            format!("{} (in every exercise, n={n})", signed(change.difference))
        }
        None => format!("{} (too few exercises for an interval)", signed(change.difference)),
        Some(ends) => format!(
            "{} ({:.0}% interval {} to {}, paired, n={n})",
            signed(change.difference),
            100.0 * CONFIDENCE,
            signed(ends.low),
            signed(ends.high),
        ),
    };
    match change.newly_never {
        0 => text,
        more if more > 0 => format!("{text}, never in {} more", count(more as u64)),
        fewer => format!("{text}, never in {} fewer", count(fewer.unsigned_abs())),
    }
}
