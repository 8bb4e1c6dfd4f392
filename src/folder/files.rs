//! The files of a report's folder: what each kind of folder holds.

use rayon::prelude::*;

use crate::compare::{Compared, side_by_side_of};
use crate::experiment::Results;
use crate::folder::csv;
use crate::folder::manifest::ReportKind;
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
    type Made<'a> = (&'static str, Box<dyn Fn() -> Vec<u8> + Sync + 'a>);
    let data: [Made<'_>; 6] = [
        (SUMMARY, Box::new(|| json(view).into_bytes())),
        (SERIES, Box::new(|| series_json(series).into_bytes())),
        ("sites.csv", Box::new(|| csv::sites(scenario, results))),
        ("replications.csv", Box::new(|| csv::replications(scenario, results, measurements))),
        ("teams.csv", Box::new(|| csv::teams(scenario, results))),
        ("steps.csv", Box::new(|| csv::steps(scenario, results, measurements))),
    ];
    let made = || data.par_iter().map(|(name, make)| ((*name).to_owned(), make()));
    let (mut files, drawn): (Vec<_>, _) =
        rayon::join(|| made().collect(), || drawn_files(view, series));
    files.extend(drawn);
    files
}

/// The files of the folder that are drawn from the view and the series alone.
#[must_use]
pub fn drawn_files(view: &View, series: &Series) -> Vec<(String, Vec<u8>)> {
    let (page, plots) = rayon::join(|| html(view, series), || plot::files(view, series));
    let mut files = vec![("report.html".to_owned(), page.into_bytes())];
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

/// Every file of the folder of an answer about inputs: its main file, the same as a table, and plots.
#[must_use]
pub fn asked_files(
    kind: ReportKind,
    json: &str,
    rows: &[Vec<String>],
    plots: Vec<(String, String)>,
) -> Vec<(String, Vec<u8>)> {
    let main = kind.main_file();
    let table = main.replace(".json", ".csv");
    let mut files = vec![(main.to_owned(), json.as_bytes().to_vec()), (table, csv::table(rows))];
    files.extend(plots.into_iter().map(|(name, svg)| (format!("plots/{name}"), svg.into_bytes())));
    files
}

/// A table of texts for spreadsheets, its heads first.
#[must_use]
pub fn table(rows: &[Vec<String>]) -> Vec<u8> {
    csv::table(rows)
}
