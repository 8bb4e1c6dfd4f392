//! The plots of a comparison: time against work, risk and error, and paired differences.

use crate::experiment::{CONFIDENCE, Compared, Measurements, Metric, MetricComparison};
use crate::report::CompareView;
use crate::report::compare_words::title;
use crate::report::plot::canvas::{
    AXIS, BLACK, Canvas, GREY, GRID, Hang, INKS, MARKS, Pen, TEXT, TITLE, WIDTH, draw, fit,
    fit_name,
};
use crate::report::plot::forest::{Forest, ForestRow, LEFT, RIGHT, Sample, forest};
use crate::report::plot::numbers::{DrawnUnit, NumberAxis};
use crate::report::plot::subtitle_of;
use crate::report::words::{count, exact, plain};
use crate::scenario::Scenario;
use crate::stats::{quantile_ranks, quantile_sorted, rank};
use crate::units::SimDuration;

/// The plots with their file names.
pub(crate) fn compared(
    scenario: &Scenario,
    measurements: &Measurements,
    compared: &Compared,
    view: &CompareView,
) -> Vec<(String, String)> {
    vec![
        ("pareto.svg".to_owned(), pareto(compared, view)),
        ("more.svg".to_owned(), more(scenario, measurements, view)),
        ("differences.svg".to_owned(), differences(compared, view)),
    ]
}

/// In which unit a metric is drawn, of which the largest number is this.
fn drawn_unit(metric: Metric, largest: f64) -> DrawnUnit {
    match metric {
        Metric::RtaP95 | Metric::RtaMean | Metric::LastRestored => DrawnUnit::of_times(largest),
        Metric::SiteHours => DrawnUnit::of_sums("site-hours"),
        Metric::UserHours => DrawnUnit::of_sums("user-hours"),
        Metric::PersonHours => DrawnUnit::of_sums("person-hours"),
    }
}

/// "p95 of RTA over the sites of an exercise, hours"
fn axis_title(metric: Metric, what: &str, unit: DrawnUnit) -> String {
    match title(metric).starts_with(unit.name) {
        true => format!("{what}{}", title(metric)),
        false => format!("{what}{}, {}", title(metric), unit.name),
    }
}

/// The longest of these lengths in milliseconds.
fn largest(numbers: impl IntoIterator<Item = f64>) -> f64 {
    numbers.into_iter().filter(|it| it.is_finite()).fold(0.0, |most, it| it.abs().max(most))
}

/// The objectives that the incident has, the shortest first.
fn objectives(scenario: &Scenario) -> Vec<SimDuration> {
    let policy = scenario.policy.iter();
    let mut all: Vec<SimDuration> =
        policy.flat_map(|it| it.objectives.iter().filter_map(|it| it.rto)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Measures of risk and error (Nelson 2008): what the exercises do, and how well that is known.
fn more(scenario: &Scenario, measurements: &Measurements, view: &CompareView) -> String {
    let values: Vec<Vec<f64>> = measurements
        .strategies
        .iter()
        .map(|it| {
            let mut values: Vec<f64> =
                it.replications.iter().map(|it| Metric::RtaP95.of(it)).collect();
            values.sort_unstable_by(f64::total_cmp);
            values
        })
        .collect();
    let objectives = objectives(scenario);
    let asked = || objectives.iter().map(|it| it.as_millis() as f64);
    let all = values.iter().flat_map(|it| [quantile_sorted(it, 0.05), quantile_sorted(it, 0.95)]);
    let unit = DrawnUnit::of_times(largest(all.chain(asked())));
    let rows: Vec<ForestRow> = values
        .iter()
        .zip(&view.strategies)
        .enumerate()
        .map(|(place, (sorted, name))| risk_row(sorted, name, place, unit))
        .collect();
    let ends = rows.iter().flat_map(|row| {
        let risk = row.risk.into_iter().flat_map(|it| [it.0, it.1]);
        let edges = row.edges.iter().flat_map(|it| [it.0, it.1]);
        risk.chain(edges)
            .chain(row.errors.iter().flat_map(|it| [it.0, it.1, it.2]))
            .collect::<Vec<f64>>()
    });
    let lines: Vec<(f64, String)> = objectives
        .iter()
        .map(|it| (it.as_millis() as f64 / unit.one, format!("RTO {}", exact(*it))))
        .collect();
    let across = NumberAxis::around(ends.chain(lines.iter().map(|it| it.0)), (LEFT, RIGHT), 10);
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
    forest(&Forest {
        title: "Risk and error of each strategy (MORE plot)".to_owned(),
        subtitle: subtitle_of(&view.scenario, &view.experiment),
        across,
        across_title: axis_title(Metric::RtaP95, "", unit),
        rows,
        lines,
        shaded: None,
        key,
    })
}

/// One strategy: the middle nine tenths of these values in ascending order, and the intervals of
/// the mean and of both ends.
fn risk_row(sorted: &[f64], name: &str, place: usize, unit: DrawnUnit) -> ForestRow {
    let n = sorted.len();
    let finite: Vec<f64> = sorted.iter().copied().filter(|it| it.is_finite()).collect();
    let never = n - finite.len();
    let at = |rank: usize| sorted[rank - 1] / unit.one;
    let edges = [0.05, 0.95].into_iter().filter_map(|p| match quantile_ranks(n, p, CONFIDENCE) {
        (Some(low), Some(high)) if at(low).is_finite() => Some((at(low), at(high))),
        _ => None,
    });
    let mean = crate::stats::mean_t(&finite, CONFIDENCE).filter(|_| never == 0);
    let errors = mean
        .map(|it| (it.interval.low / unit.one, it.value / unit.one, it.interval.high / unit.one));
    let risk = (at(rank(0.05, n)), at(rank(0.95, n)));
    ForestRow {
        name: plain(name),
        remark: match never {
            0 => String::new(),
            _ => format!("never in {} of {}", count(never as u64), count(n as u64)),
        },
        ink: INKS[place % INKS.len()],
        risk: Some(risk).filter(|it| it.0.is_finite()),
        edges: edges.collect(),
        errors: errors.into_iter().collect(),
    }
}

/// How far each strategy lies from the one with the least mean.
fn differences(compared: &Compared, view: &CompareView) -> String {
    let it = compared.deciding();
    let others: Vec<usize> =
        (0..view.strategies.len()).filter(|place| *place != it.leader).collect();
    let ends: Vec<Option<(f64, f64, f64)>> =
        others.iter().map(|place| apart_from_leader(it, *place)).collect();
    let all = || ends.iter().flatten().flat_map(|it| [it.0, it.1, it.2]);
    let unit = drawn_unit(it.metric, largest(all().chain([it.margin.value])));
    let rows: Vec<ForestRow> = others
        .iter()
        .zip(&ends)
        .map(|(place, ends)| {
            let left_out = it.pair(*place, it.leader).0.left_out;
            ForestRow {
                name: plain(&view.strategies[*place]),
                remark: match left_out {
                    0 => String::new(),
                    _ => format!("without {} in which one never comes", count(left_out as u64)),
                },
                ink: INKS[place % INKS.len()],
                risk: None,
                edges: Vec::new(),
                errors: ends.iter().map(|it| per(*it, unit)).collect(),
            }
        })
        .collect();
    let margin = it.margin.value / unit.one;
    let numbers = rows.iter().flat_map(|it| &it.errors).flat_map(|it| [it.0, it.1, it.2]);
    let numbers: Vec<f64> = numbers.chain([-margin, margin, 0.0]).collect();
    let best = plain(&view.strategies[it.leader]);
    let level = 100.0 * CONFIDENCE;
    forest(&Forest {
        title: format!("Difference to {best}"),
        subtitle: subtitle_of(&view.scenario, &view.experiment),
        across: NumberAxis::around(numbers, (LEFT, RIGHT), 9),
        across_title: axis_title(it.metric, "difference in ", unit),
        rows,
        lines: vec![(0.0, short(&best))],
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
    })
}

fn per((low, middle, high): (f64, f64, f64), unit: DrawnUnit) -> (f64, f64, f64) {
    (low / unit.one, middle / unit.one, high / unit.one)
}

/// The mean difference of a strategy to the leader, with its interval.
fn apart_from_leader(it: &MetricComparison, own: usize) -> Option<(f64, f64, f64)> {
    let (pair, turned) = it.pair(own, it.leader);
    let difference = pair.difference?;
    let interval = difference.interval?;
    let (low, middle, high) = (interval.low, difference.mean, interval.high);
    Some(if turned { (-high, -middle, -low) } else { (low, middle, high) })
}

/// A strategy as a point with bars both ways, in milliseconds.
struct Point {
    place: usize,
    across: (f64, f64, f64),
    up: (f64, f64, f64),
}

const PANEL_LEFT: i32 = 130;
const PANEL_TOP: i32 = 100;
const PANEL_BOTTOM: i32 = 560;
const KEY_ROW: i32 = 26;
const STAIRS: Pen = Pen { ink: GREY, width: 2, dash: Some((6.0, 4.0)) };

/// Time against work, with a staircase through the strategies that none other dominates.
fn pareto(compared: &Compared, view: &CompareView) -> String {
    let time = compared.deciding();
    let work = compared.by(Metric::PersonHours).expect("work is always compared");
    let points: Vec<Point> = (0..view.strategies.len())
        .filter_map(|place| {
            let ends = |it: &MetricComparison| {
                let mean = it.strategies[place].mean?;
                let half = mean.interval.map_or(0.0, |it| (it.high - it.low) / 2.0);
                Some((mean.mean - half, mean.mean, mean.mean + half))
            };
            Some(Point { place, across: ends(time)?, up: ends(work)? })
        })
        .collect();
    let ends = |of: fn(&Point) -> (f64, f64, f64)| -> Vec<f64> {
        points.iter().map(of).flat_map(|it| [it.0, it.2]).collect()
    };
    let (across_ends, up_ends) = (ends(|it| it.across), ends(|it| it.up));
    let units = (
        drawn_unit(time.metric, largest(across_ends.iter().copied())),
        drawn_unit(work.metric, largest(up_ends.iter().copied())),
    );
    let numbers = |ends: Vec<f64>, unit: DrawnUnit| ends.into_iter().map(move |it| it / unit.one);
    let across = NumberAxis::around(numbers(across_ends, units.0), (PANEL_LEFT, RIGHT), 10);
    let up = NumberAxis::around(numbers(up_ends, units.1), (PANEL_BOTTOM, PANEL_TOP), 8);
    let axes = Axes { across, up, units };
    let rows = view.strategies.len() as i32 + 3;
    let legend = PANEL_BOTTOM + 80;
    let height = legend + KEY_ROW * rows + 4;
    draw((WIDTH as u32, height as u32), |canvas| {
        let most = f64::from(WIDTH - 48);
        let heading = "Time against work";
        canvas.text(heading, (24, 34), TITLE, BLACK, Hang::Left);
        let subtitle = subtitle_of(&view.scenario, &view.experiment);
        canvas.text(&fit(&subtitle, TEXT, most), (24, 64), TEXT, GREY, Hang::Left);
        axes.draw(canvas, (time.metric, work.metric));
        canvas.line(&axes.stairs(&points, &compared.dominated_by), STAIRS);
        for point in &points {
            axes.point(canvas, point, !compared.dominated_by[point.place].is_empty());
        }
        names(canvas, compared, view, legend);
    })
}

/// The two axes of a plane.
struct Axes {
    across: NumberAxis,
    up: NumberAxis,
    units: (DrawnUnit, DrawnUnit),
}

impl Axes {
    fn draw(&self, canvas: &Canvas<'_>, metrics: (Metric, Metric)) {
        for (number, text) in &self.across.ticks {
            let x = self.across.place(*number);
            canvas.line(&[(x, PANEL_TOP), (x, PANEL_BOTTOM)], GRID);
            canvas.text(text, (x, PANEL_BOTTOM + 20), TEXT, BLACK, Hang::Centre);
        }
        for (number, text) in &self.up.ticks {
            let y = self.up.place(*number);
            canvas.line(&[(PANEL_LEFT, y), (RIGHT, y)], GRID);
            canvas.text(text, (PANEL_LEFT - 10, y), TEXT, BLACK, Hang::Right);
        }
        let frame = [(PANEL_LEFT, PANEL_TOP), (PANEL_LEFT, PANEL_BOTTOM), (RIGHT, PANEL_BOTTOM)];
        canvas.line(&frame, AXIS);
        let middle = ((PANEL_LEFT + RIGHT) / 2, PANEL_BOTTOM + 46);
        let text = axis_title(metrics.0, "mean ", self.units.0);
        canvas.text(&text, middle, TEXT, BLACK, Hang::Centre);
        let middle = (PANEL_TOP + PANEL_BOTTOM) / 2;
        canvas.text_upwards("work, mean person-hours", (26, middle), TEXT, BLACK);
    }

    fn place(&self, across: f64, up: f64) -> (i32, i32) {
        (self.across.place(across / self.units.0.one), self.up.place(up / self.units.1.one))
    }

    fn point(&self, canvas: &Canvas<'_>, it: &Point, dominated: bool) {
        let ink = INKS[it.place % INKS.len()];
        let pen = Pen { ink, width: 2, dash: None };
        let (x, y) = self.place(it.across.1, it.up.1);
        let (left, bottom) = self.place(it.across.0, it.up.0);
        let (right, top) = self.place(it.across.2, it.up.2);
        canvas.line(&[(left, y), (right, y)], pen);
        canvas.line(&[(x, bottom), (x, top)], pen);
        for end in [left, right] {
            canvas.line(&[(end, y - 5), (end, y + 5)], pen);
        }
        for end in [bottom, top] {
            canvas.line(&[(x - 5, end), (x + 5, end)], pen);
        }
        canvas.mark((x, y), MARKS[it.place % MARKS.len()], ink, dominated);
    }

    /// From one strategy to the next that takes longer for less work, among those that none other
    /// dominates.
    fn stairs(&self, points: &[Point], dominated_by: &[Vec<usize>]) -> Vec<(i32, i32)> {
        let mut open: Vec<&Point> =
            points.iter().filter(|it| dominated_by[it.place].is_empty()).collect();
        open.sort_by(|one, other| one.across.1.total_cmp(&other.across.1));
        let (mut stairs, mut least): (Vec<(i32, i32)>, f64) = (Vec::new(), f64::INFINITY);
        for point in open.into_iter().filter(|it| {
            let lower = it.up.1 < least;
            least = least.min(it.up.1);
            lower
        }) {
            let (x, y) = self.place(point.across.1, point.up.1);
            stairs.extend(stairs.last().map(|(_, before)| (x, *before)));
            stairs.push((x, y));
        }
        stairs
    }
}

/// A name that leaves room beside it.
fn short(name: &str) -> String {
    fit_name(&plain(name), TEXT, 340.0)
}

/// What each mark is, and who dominates it.
fn names(canvas: &Canvas<'_>, compared: &Compared, view: &CompareView, top: i32) {
    let most = f64::from(WIDTH - 146 - 24);
    let mut y = top;
    for (place, name) in view.strategies.iter().enumerate() {
        let by = &compared.dominated_by[place];
        let dominated = !by.is_empty();
        let (ink, mark) = (INKS[place % INKS.len()], MARKS[place % MARKS.len()]);
        let never = match compared.deciding().strategies[place].never {
            0 => String::new(),
            it => format!(" (never in {})", count(it as u64)),
        };
        let whom = match &by[..] {
            [] => String::new(),
            [one] => format!(": dominated by {}", short(&view.strategies[*one])),
            [one, more @ ..] => {
                let others = if more.len() == 1 { "another" } else { "others" };
                let number =
                    if more.len() == 1 { String::new() } else { format!("{} ", more.len()) };
                format!(": dominated by {} and {number}{others}", short(&view.strategies[*one]))
            }
        };
        let text = format!("{}{never}{whom}", short(name));
        canvas.mark((112, y), mark, ink, dominated);
        canvas.text(&fit(&text, TEXT, most), (146, y), TEXT, BLACK, Hang::Left);
        y += KEY_ROW;
    }
    canvas.line(&[(90, y), (134, y)], STAIRS);
    let text = "through the strategies that no other dominates";
    canvas.text(text, (146, y), TEXT, BLACK, Hang::Left);
    for text in [
        "hollow: another is surely better in one of the two, and better or equivalent in the other",
        "bars: 95% intervals of the means; lower and further left is better",
    ] {
        y += KEY_ROW;
        canvas.text(text, (146, y), TEXT, GREY, Hang::Left);
    }
}
