//! The files of a report's folder: what each kind of folder holds.

use crate::compare::{Compared, side_by_side_of};
use crate::experiment::Results;
use crate::folder::csv;
use crate::measure::{Measurements, observed_points, recovery_curve};
use crate::page::html;
use crate::plot::{self, Series, series_json};
use crate::report::{BacktestView, CompareView, View, backtest_json, compare_json, json};
use crate::scenario::Scenario;

/// The file of the view in the folder of a report.
pub const SUMMARY: &str = "summary.json";

/// The file of the series in the folder of a report.
pub const SERIES: &str = "series.json";

/// Every file of the report's folder: its name relative to the folder, with `/` between folders,
/// and its bytes.
#[must_use]
pub fn files(
    scenario: &Scenario,
    results: &Results,
    measurements: &Measurements,
    view: &View,
    series: &Series,
) -> Vec<(String, Vec<u8>)> {
    let mut files = vec![
        (SUMMARY.to_owned(), json(view).into_bytes()),
        (SERIES.to_owned(), series_json(series).into_bytes()),
        ("sites.csv".to_owned(), csv::sites(scenario, results)),
        ("replications.csv".to_owned(), csv::replications(scenario, results, measurements)),
        ("teams.csv".to_owned(), csv::teams(scenario, results)),
        ("steps.csv".to_owned(), csv::steps(scenario, results, measurements)),
    ];
    files.extend(drawn_files(view, series));
    files
}

/// The files of the folder that are drawn from the view and the series alone.
#[must_use]
pub fn drawn_files(view: &View, series: &Series) -> Vec<(String, Vec<u8>)> {
    let mut files = vec![("report.html".to_owned(), html(view, series).into_bytes())];
    let plots = plot::files(view, series);
    files.extend(plots.into_iter().map(|(name, svg)| (format!("plots/{name}"), svg.into_bytes())));
    files
}

/// Whether a file of the folder is one of [`drawn_files`].
#[must_use]
pub fn is_drawn(name: &str) -> bool {
    name == "report.html" || name.starts_with("plots/")
}

/// Every file of the folder of a back-test, as [`files`] has them.
#[must_use]
pub fn backtest_files(
    scenario: &Scenario,
    results: &Results,
    measurements: &Measurements,
    view: &BacktestView,
) -> Vec<(String, Vec<u8>)> {
    let (strategy, metrics) = (&results.strategies[0], &measurements.strategies[0]);
    let curve = recovery_curve(scenario, results, strategy, &metrics.replications);
    let points = observed_points(scenario, results, strategy.strategy);
    let overlay = plot::overlay(view, &curve, &points);
    vec![
        ("backtest.json".to_owned(), backtest_json(view).into_bytes()),
        ("plots/backtest.svg".to_owned(), overlay.into_bytes()),
    ]
}

/// Every file of the folder of a comparison, as [`files`] has them. A selection has no `compared`
/// and no plots.
#[must_use]
pub fn compare_files(
    scenario: &Scenario,
    compared: Option<(&Measurements, &Compared)>,
    view: &CompareView,
) -> Vec<(String, Vec<u8>)> {
    let mut files = vec![("compare.json".to_owned(), compare_json(view).into_bytes())];
    let plots = compared.into_iter().flat_map(|(measurements, compared)| {
        plot::compared(view, &side_by_side_of(scenario, measurements, compared))
    });
    files.extend(plots.map(|(name, svg)| (format!("plots/{name}"), svg.into_bytes())));
    files
}
