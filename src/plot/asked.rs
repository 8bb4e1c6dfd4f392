//! Answers about inputs: how far an input can go, what values bring, and what hinges on each guess.

use crate::plot::forest::{Forest, ForestRow, Sample, forest};
use crate::plot::frame::WIDE;
use crate::plot::graph::{Graph, GraphLine, GraphPoint, graph};
use crate::plot::ink::BLACK;
use crate::plot::map::{CellMark, Map, MapCell, map};
use crate::plot::numbers::DrawnUnit;
use crate::report::words::{amount, chosen_share, count, plain};
use crate::report::{
    AskedView, EntryView, KeptView, LedgerView, LimitView, SweepCellView, SweepView,
};
use crate::scenario::Amount;
use crate::units::MILLIS_PER_SECOND;
use crate::verdict::Verdict;

/// Guesses that are drawn; the others matter less.
const MOST_GUESSES: usize = 24;

/// Cells of a map in one direction.
const MOST_CELLS: usize = 40;

fn subtitle(asked: &AskedView) -> String {
    format!(
        "{}: at most {} simulated exercises each, seed {}, scenario {}",
        plain(&asked.scenario.name),
        count(asked.replications),
        asked.seed,
        asked.scenario.digest
    )
}

fn number(text: &str) -> Option<f64> {
    Amount::read(text).map(|it| it.number())
}

/// What a value is counted in, as it stands at an axis.
fn with_unit(name: &str, values: &[&str]) -> String {
    let unit = values.first().and_then(|it| Amount::read(it)).map(|it| it.unit().to_owned());
    match unit.filter(|it| !it.is_empty()) {
        Some(unit) => format!("{}, {unit}", plain(name)),
        None => plain(name),
    }
}

/// How often the promise is kept at each value, or how far it goes across another input.
pub(crate) fn limit_plots(view: &LimitView) -> Vec<(String, String)> {
    let drawn = if view.across.is_some() { frontier(view) } else { curve(view) };
    drawn.into_iter().map(|it| ("limit.svg".to_owned(), graph(&it, &WIDE))).collect()
}

fn curve(view: &LimitView) -> Option<Graph> {
    let answer = view.answers.first()?;
    let point = |it: &KeptView| {
        let share = if it.n == 0 { 0.0 } else { it.kept as f64 / it.n as f64 };
        Some(GraphPoint {
            across: number(&it.value)?,
            low: it.low,
            value: share,
            high: it.high,
            label: String::new(),
            hollow: it.verdict == Verdict::Undecided,
        })
    };
    let fresh = answer.fresh();
    let values: Vec<&str> = answer.tested.iter().map(|it| it.value.as_str()).collect();
    let sure = chosen_share(view.confidence);
    let marks = answer.limit_number.map(|it| (it, format!("limit {}", amount(it))));
    Some(Graph {
        title: format!("How often {} is kept under {}", view.promise, plain(&view.strategy)),
        subtitle: subtitle(&view.asked),
        across_title: with_unit(&view.input, &values),
        up_title: "share of exercises that keep it".to_owned(),
        lines: vec![
            GraphLine {
                name: "in the search".to_owned(),
                points: answer.tested.iter().filter_map(point).collect(),
                joined: true,
            },
            GraphLine {
                name: "fresh exercises".to_owned(),
                points: fresh.filter_map(point).collect(),
                joined: false,
            },
        ],
        levels: vec![(view.required, format!("{} asked for", chosen_share(view.required)))],
        marks: marks.into_iter().collect(),
        up_one: 100.0,
        up_unit: "%",
        up_ends: Some((0.0, 1.0)),
        staircase: false,
        note: format!(
            "Bars: each end of the interval holds with {sure} by itself. Hollow: cannot be told from so \
             many exercises."
        ),
    })
}

fn frontier(view: &LimitView) -> Option<Graph> {
    let across = view.across.as_ref()?;
    let points: Vec<GraphPoint> = view
        .answers
        .iter()
        .filter_map(|it| {
            let value = it.limit_number?;
            Some(GraphPoint {
                across: number(it.across.as_ref()?)?,
                low: value,
                value,
                high: value,
                label: amount(value),
                hollow: it.is_end,
            })
        })
        .collect();
    if points.is_empty() {
        return None;
    }
    let values: Vec<&str> = view.answers.iter().filter_map(|it| it.across.as_deref()).collect();
    let limits: Vec<&str> = view.answers.iter().filter_map(|it| it.limit.as_deref()).collect();
    let word = if view.is_most { "largest" } else { "smallest" };
    Some(Graph {
        title: format!(
            "How far it goes with {} kept under {}",
            view.promise,
            plain(&view.strategy)
        ),
        subtitle: subtitle(&view.asked),
        across_title: with_unit(across, &values),
        up_title: format!("{word} certified {}", with_unit(&view.input, &limits)),
        lines: vec![GraphLine { name: String::new(), points, joined: true }],
        levels: Vec::new(),
        marks: Vec::new(),
        up_one: 1.0,
        up_unit: "",
        up_ends: None,
        staircase: false,
        note:
            "Hollow: the last value that was asked about. Where nothing stands, none is certified."
                .to_owned(),
    })
}

/// What values bring: a line for one lever, a map for two; and cost against time.
pub(crate) fn sweep_plots(view: &SweepView) -> Vec<(String, String)> {
    let mut plots = Vec::new();
    match view.levers.len() {
        1 => plots.extend(line(view).map(|it| ("sweep.svg".to_owned(), graph(&it, &WIDE)))),
        2 => {
            let strategies = strategies(view);
            for (place, strategy) in strategies.iter().enumerate() {
                let name = match strategies.len() {
                    1 => "map.svg".to_owned(),
                    _ => format!("map-{}.svg", place + 1),
                };
                plots.extend(cells(view, strategy).map(|it| (name, map(&it, &WIDE))));
            }
        }
        _ => {}
    }
    plots.extend(pareto(view).map(|it| ("pareto.svg".to_owned(), graph(&it, &WIDE))));
    plots
}

fn strategies(view: &SweepView) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for it in &view.cells {
        if !names.contains(&it.strategy) {
            names.push(it.strategy.clone());
        }
    }
    names
}

/// The unit of recovery times, and what one of it is in seconds.
fn time_unit(view: &SweepView) -> (DrawnUnit, f64) {
    let all = view.cells.iter().filter_map(|it| it.rta_p95.high.or(it.rta_p95.value));
    let largest = all.fold(0.0, f64::max);
    let unit = DrawnUnit::of_times(largest * MILLIS_PER_SECOND);
    (unit, unit.one / MILLIS_PER_SECOND)
}

fn line(view: &SweepView) -> Option<Graph> {
    let (unit, one) = time_unit(view);
    let point = |it: &SweepCellView| {
        let value = it.rta_p95.value.filter(|_| it.rta_p95.never == 0)? / one;
        Some(GraphPoint {
            across: number(&it.values[0])?,
            low: it.rta_p95.low.map_or(value, |it| it / one),
            value,
            high: it.rta_p95.high.map_or(value, |it| it / one),
            label: String::new(),
            hollow: it.policy.as_ref().is_some_and(|it| it.verdict != Verdict::Met),
        })
    };
    let of = |strategy: &String| GraphLine {
        name: plain(strategy),
        points: view.cells.iter().filter(|it| it.strategy == *strategy).filter_map(point).collect(),
        joined: true,
    };
    let lines: Vec<GraphLine> = strategies(view).iter().map(of).collect();
    if lines.iter().all(|it| it.points.is_empty()) {
        return None;
    }
    let values: Vec<&str> = view.cells.iter().map(|it| it.values[0].as_str()).collect();
    Some(Graph {
        title: format!("What {} brings", plain(&view.levers[0].name)),
        subtitle: subtitle(&view.asked),
        across_title: with_unit(&view.levers[0].name, &values),
        up_title: format!("p95 of RTA over the sites of an exercise, mean, {}", unit.name),
        lines,
        levels: Vec::new(),
        marks: Vec::new(),
        up_one: 1.0,
        up_unit: "",
        up_ends: None,
        staircase: false,
        note: "Bars: 95% intervals of the means; the same exercises at every value. Hollow: the policy \
               is not surely kept. Where nothing stands, the time never comes in some exercise."
            .to_owned(),
    })
}

fn cells(view: &SweepView, strategy: &str) -> Option<Map> {
    let (unit, one) = time_unit(view);
    let own: Vec<&SweepCellView> = view.cells.iter().filter(|it| it.strategy == strategy).collect();
    let distinct = |lever: usize| {
        let mut values: Vec<String> = Vec::new();
        for it in &own {
            if !values.contains(&it.values[lever]) {
                values.push(it.values[lever].clone());
            }
        }
        values
    };
    let (up, across) = (distinct(0), distinct(1));
    if up.len() > MOST_CELLS || across.len() > MOST_CELLS {
        return None;
    }
    let time = |it: &SweepCellView| it.rta_p95.value.filter(|_| it.rta_p95.never == 0);
    let known = || own.iter().filter_map(|it| time(it));
    let (least, most) =
        (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
    if !least.is_finite() {
        return None;
    }
    let cell = |it: &SweepCellView| {
        let time = time(it)?;
        Some(MapCell {
            shade: if most > least { (time - least) / (most - least) } else { 0.0 },
            text: amount((10.0 * time / one).round() / 10.0),
            mark: match it.policy.as_ref().map(|it| it.verdict) {
                None => CellMark::None,
                Some(Verdict::Met) => CellMark::Met,
                Some(Verdict::Missed) => CellMark::Missed,
                Some(Verdict::Undecided) => CellMark::Undecided,
            },
        })
    };
    let at = |up: &String, across: &String| {
        own.iter().find(|it| it.values[0] == *up && it.values[1] == *across)
    };
    let row = |value: &String| -> Vec<Option<MapCell>> {
        across.iter().map(|it| at(value, it).and_then(|it| cell(it))).collect()
    };
    let shown = |it: f64| amount((10.0 * it / one).round() / 10.0);
    Some(Map {
        title: format!("RTA p95 under {}", plain(strategy)),
        subtitle: subtitle(&view.asked),
        across_title: plain(&view.levers[1].name),
        across: across.iter().map(|it| plain(it)).collect(),
        up_title: plain(&view.levers[0].name),
        up: up.iter().map(|it| plain(it)).collect(),
        cells: up.iter().map(row).collect(),
        shade_title: format!(
            "p95 of RTA over the sites of an exercise, mean, {}: from {} to {}",
            unit.name,
            shown(least),
            shown(most)
        ),
        note: "The signs say whether the policy is kept. A line through a cell: the time never comes in \
               some exercise."
            .to_owned(),
    })
}

/// What levers cost against the time, where all of them say that.
fn pareto(view: &SweepView) -> Option<Graph> {
    let (unit, one) = time_unit(view);
    let few = view.cells.len() <= 12;
    let point = |it: &SweepCellView| {
        let across = it.cost?;
        let value = it.rta_p95.value.filter(|_| it.rta_p95.never == 0)? / one;
        let values: Vec<String> = it.values.iter().map(|it| plain(it)).collect();
        Some(GraphPoint {
            across,
            low: it.rta_p95.low.map_or(value, |it| it / one),
            value,
            high: it.rta_p95.high.map_or(value, |it| it / one),
            label: if few { values.join(", ") } else { String::new() },
            hollow: it.dominated,
        })
    };
    let of = |strategy: &String| GraphLine {
        name: plain(strategy),
        points: view.cells.iter().filter(|it| it.strategy == *strategy).filter_map(point).collect(),
        joined: false,
    };
    let lines: Vec<GraphLine> = strategies(view).iter().map(of).collect();
    if lines.iter().all(|it| it.points.is_empty()) {
        return None;
    }
    Some(Graph {
        title: "Cost against time".to_owned(),
        subtitle: subtitle(&view.asked),
        across_title: "cost of the levers".to_owned(),
        up_title: format!("p95 of RTA over the sites of an exercise, mean, {}", unit.name),
        lines,
        levels: Vec::new(),
        marks: Vec::new(),
        up_one: 1.0,
        up_unit: "",
        up_ends: None,
        staircase: true,
        note: "Hollow: another costs no more and takes no longer, in the means that were seen. Bars: 95% \
               intervals of the means."
            .to_owned(),
    })
}

/// What each guess moves at the ends of its doubt.
pub(crate) fn ledger_plots(view: &LedgerView) -> Vec<(String, String)> {
    let swing = |it: &EntryView| {
        let ends = [&it.low, &it.high].map(|it| it.difference.as_ref().and_then(|it| it.value));
        ends.into_iter().flatten().map(f64::abs).fold(0.0, f64::max)
    };
    let mut entries: Vec<&EntryView> = view.entries.iter().filter(|it| swing(it) > 0.0).collect();
    entries.sort_by(|a, b| swing(b).total_cmp(&swing(a)));
    entries.truncate(MOST_GUESSES);
    let Some(widest) = entries.first() else { return Vec::new() };
    let unit = DrawnUnit::of_times(swing(widest) * MILLIS_PER_SECOND);
    let one = unit.one / MILLIS_PER_SECOND;
    let row = |it: &&EntryView| ForestRow {
        name: plain(&it.address),
        remark: match it.verdict_turns.first() {
            None => format!("off by {}x", amount(it.off_by)),
            Some(turn) => format!("off by {}x; verdict {}", amount(it.off_by), turn.text),
        },
        ink: BLACK,
        risk: None,
        edges: Vec::new(),
        errors: [&it.low, &it.high]
            .into_iter()
            .filter_map(|it| it.difference.as_ref())
            .filter_map(|it| {
                let value = it.value? / one;
                let end = |it: Option<f64>| it.map_or(value, |it| it / one);
                Some((end(it.low), value, end(it.high)))
            })
            .collect(),
    };
    let drawn = Forest {
        title: format!("What each guess moves under {}", plain(&view.strategy)),
        subtitle: subtitle(&view.asked),
        numbers: Vec::new(),
        across_title: format!("change of the p95 of RTA over the sites of an exercise, mean, {}", unit.name),
        rows: entries.iter().map(row).collect(),
        lines: vec![(0.0, "as it is".to_owned())],
        shaded: None,
        key: vec![
            (
                Sample::Error,
                "one guess at the low and at the high end of its doubt, everything else as it is: mean \
                 paired difference with its 95% interval"
                    .to_owned(),
            ),
            (Sample::Objective, "as everything is".to_owned()),
        ],
    };
    vec![("ledger.svg".to_owned(), forest(&drawn, &WIDE))]
}
