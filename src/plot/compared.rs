//! Strategies side by side: risk and error, and paired differences.

use crate::compare::{Bar, Risk, SideBySide};
use crate::measure::CONFIDENCE;
use crate::plot::alt;
use crate::plot::forest::{Forest, ForestRow, Sample, forest};
use crate::plot::ink::INKS;
use crate::plot::numbers::DrawnUnit;
use crate::plot::pareto::pareto;
use crate::plot::picture::{Picture, PictureKind, drawn};
use crate::plot::series::Series;
use crate::plot::subtitle::subtitle_of;
use crate::plot::table::{Table, axis_title, drawn_unit, largest, short};
use crate::report::words::{count, exact, plain};
use crate::report::{CompareView, View};
use crate::scenario::Figure;

/// The pictures of all strategies side by side.
pub(crate) fn add(view: &View, series: &Series, pictures: &mut Vec<Picture>) {
    if let Some(numbers) = &series.comparison {
        let names = view.strategies.iter().map(|it| plain(&it.name)).collect();
        let subtitle = subtitle_of(&view.scenario, &view.experiment);
        pictures.extend(pictures_of(&Table { names, subtitle, numbers }));
    }
}

/// The plots of a comparison with their file names.
pub(crate) fn compared(view: &CompareView, numbers: &SideBySide) -> Vec<(String, String)> {
    let names = view.strategies.iter().map(|it| plain(it)).collect();
    let subtitle = subtitle_of(&view.scenario, &view.experiment);
    let pictures = pictures_of(&Table { names, subtitle, numbers });
    pictures.into_iter().map(|it| (format!("{}.svg", it.name), it.wide)).collect()
}

fn pictures_of(table: &Table<'_>) -> Vec<Picture> {
    let rows = |name: &str, kind, alt, rows: Forest| {
        let words = (rows.title.clone(), alt);
        drawn(name.to_owned(), kind, None, words, |frame| forest(&rows, frame))
    };
    let words = ("Time against work".to_owned(), alt::pareto(table));
    vec![
        rows("more", PictureKind::Risk, alt::risk(table), more(table)),
        rows("differences", PictureKind::Differences, alt::differences(table), differences(table)),
        drawn("pareto".to_owned(), PictureKind::Pareto, None, words, |frame| pareto(table, frame)),
    ]
}

/// Measures of risk and error (Nelson 2008): what the exercises do, and how well that is known.
fn more(table: &Table<'_>) -> Forest {
    let objectives = &table.numbers.objectives;
    let asked = objectives.iter().map(|it| it.as_millis() as f64);
    let ends = table.numbers.strategies.iter().flat_map(|it| [it.risk.low, it.risk.high]);
    let unit = DrawnUnit::of_times(largest(ends.flatten().chain(asked)));
    let lines: Vec<(f64, String)> = objectives
        .iter()
        .map(|it| (it.as_millis() as f64 / unit.one, format!("RTO {}", exact(*it))))
        .collect();
    let mut key = vec![
        (Sample::Risk, "risk: in 9 of 10 exercises it lies in the box".to_owned()),
        (
            Sample::Error,
            "error: 95% intervals of the mean (diamond) and of the ends of the box; more exercises \
             shorten them".to_owned(),
        ),
    ];
    if !lines.is_empty() {
        key.push((Sample::Objective, "objective".to_owned()));
    }
    Forest {
        title: "Risk and error of each strategy (MORE plot)".to_owned(),
        subtitle: table.subtitle.clone(),
        numbers: Vec::new(),
        across_title: axis_title(Figure::RtaP95, "", unit),
        rows: table.each().map(|(place, name, it)| risk_row(&it.risk, name, place, unit)).collect(),
        lines,
        shaded: None,
        key,
    }
}

/// One strategy: the middle nine tenths, and the intervals of the mean and of both ends.
fn risk_row(spread: &Risk, name: &str, place: usize, unit: DrawnUnit) -> ForestRow {
    let drawn = |number: f64| number / unit.one;
    let end = |number: Option<f64>| number.map_or(f64::INFINITY, drawn);
    let edges = [spread.low_between, spread.high_between].into_iter().flatten();
    ForestRow {
        name: name.to_owned(),
        remark: match spread.never {
            0 => String::new(),
            never => format!("never in {} of {}", count(never), count(spread.n)),
        },
        ink: INKS[place % INKS.len()],
        risk: spread.low.map(|low| (drawn(low), end(spread.high))),
        edges: edges.map(|(low, high)| (drawn(low), end(high))).collect(),
        errors: spread.mean.iter().map(|it| error(*it, unit)).collect(),
    }
}

fn error(bar: Bar, unit: DrawnUnit) -> (f64, f64, f64) {
    (bar.low / unit.one, bar.value / unit.one, bar.high / unit.one)
}

/// How far each strategy lies from the one with the least mean.
fn differences(table: &Table<'_>) -> Forest {
    let numbers = table.numbers;
    let bars = numbers.strategies.iter().filter_map(|it| it.difference);
    let ends = bars.flat_map(|it| [it.low, it.high]).chain([numbers.margin]);
    let unit = drawn_unit(numbers.metric, largest(ends));
    let rows =
        table.each().filter(|it| it.0 != numbers.leader).map(|(place, name, bars)| ForestRow {
            name: name.to_owned(),
            remark: match bars.left_out {
                0 => String::new(),
                left_out => format!("without {} in which one never comes", count(left_out)),
            },
            ink: INKS[place % INKS.len()],
            risk: None,
            edges: Vec::new(),
            errors: bars.difference.iter().map(|it| error(*it, unit)).collect(),
        });
    let margin = numbers.margin / unit.one;
    let best = &table.names[numbers.leader];
    let level = 100.0 * CONFIDENCE;
    Forest {
        title: format!("Difference to {best}"),
        subtitle: table.subtitle.clone(),
        numbers: vec![-margin, margin],
        across_title: axis_title(numbers.metric, "difference in ", unit),
        rows: rows.collect(),
        lines: vec![(0.0, short(best))],
        shaded: Some((-margin, margin)),
        key: vec![
            (
                Sample::Error,
                format!(
                    "mean paired difference, the same exercises under both; the {level}% intervals of \
                     all pairs hold at once"
                ),
            ),
            (Sample::Objective, format!("no difference to {best}")),
            (Sample::Shaded, "within the margin: no difference that matters".to_owned()),
        ],
    }
}
