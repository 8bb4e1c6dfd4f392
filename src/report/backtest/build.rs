//! From a back-test to its view.

use crate::compare::Comparison;
use crate::experiment::Results;
use crate::ids::TrackId;
use crate::report::about::{experiment, program, scenario_view};
use crate::report::backtest::sentences::sentence;
use crate::report::backtest::view::{BacktestRow, BacktestView};
use crate::report::figures::Unit;
use crate::report::words::{Scale, amount, length, machine, plain, share};
use crate::scenario::{Measure, Observable, Scenario, Strategy};
use crate::units::{MILLIS_PER_SECOND, SimDuration};

/// The version of the form. It changes when a field changes its meaning or goes away, not when one
/// is added.
const FORMAT: u32 = 1;

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

fn row(scenario: &Scenario, strategy: &Strategy, comparison: &Comparison) -> BacktestRow {
    let measure = comparison.observed.figure.measure();
    let unit = match measure {
        Measure::Instant | Measure::Length => Unit::S,
        Measure::Count => Unit::Count,
        Measure::Share => Unit::Share,
    };
    let per = if unit == Unit::S { MILLIS_PER_SECOND } else { 1.0 };
    let number = |it: f64| it.is_finite().then(|| machine(it / per));
    let label = match comparison.observed.title.as_str() {
        "" => label(scenario, strategy, comparison.observed.figure),
        title => title.to_owned(),
    };
    BacktestRow {
        figure: comparison.observed.name.clone(),
        label: plain(&label),
        unit,
        observed_low: machine(comparison.observed.low / per),
        observed_high: machine(comparison.observed.high / per),
        simulated: number(comparison.median),
        p05: number(comparison.p05),
        p95: number(comparison.p95),
        residual: number(comparison.residual()),
        inside_band: comparison.inside_band(),
        tolerance: comparison.observed.tolerance.map(|it| machine(it / per)),
        within_tolerance: comparison.within_tolerance(),
        holds: comparison.holds(),
        n: comparison.n as u64,
        texts: texts(measure, comparison),
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

fn texts(measure: Measure, comparison: &Comparison) -> [String; 5] {
    let largest = comparison.observed.high.max(if comparison.median.is_finite() {
        comparison.median
    } else {
        0.0
    });
    let scale = match measure {
        Measure::Instant | Measure::Length => {
            Scale::of_length(SimDuration::from_millis(largest as u64))
        }
        Measure::Count => Scale::of_counts(),
        Measure::Share => Scale::of_shares(),
    };
    let since = if measure == Measure::Instant { "T+" } else { "" };
    let dated = |text: String| if text == "never" { text } else { format!("{since}{text}") };
    let judgement = match comparison.observed.tolerance {
        Some(within) => {
            let within = match measure {
                Measure::Instant | Measure::Length => {
                    length(SimDuration::from_millis(within as u64))
                }
                Measure::Count => amount(within),
                Measure::Share => scale.points(within),
            };
            format!("{} {within}", if comparison.holds() { "within" } else { "beyond" })
        }
        None if comparison.holds() => "in the band".to_owned(),
        None => "outside of the band".to_owned(),
    };
    [
        dated(scale.range(comparison.observed.low, comparison.observed.high)),
        dated(scale.text(comparison.median)),
        scale.range(comparison.p05, comparison.p95),
        scale.signed(comparison.residual()),
        judgement,
    ]
}
