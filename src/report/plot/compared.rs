//! The plots of a comparison: time against work, risk and error, and paired differences.

use crate::experiment::{CONFIDENCE, Compared, Measurements, Metric, MetricComparison};
use crate::report::CompareView;
use crate::report::compare_words::title;
use crate::report::plot::canvas::{AXIS, Canvas, GRID, Hang, MARKS, Pen, draw};
use crate::report::plot::forest::{Forest, ForestRow, Sample, forest};
use crate::report::plot::frame::{Frame, SAMPLE, WIDE, head, key, note, paragraph};
use crate::report::plot::ink::{BLACK, GREY, INKS};
use crate::report::plot::measure::{fit_name, width, wrap};
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
        ("pareto.svg".to_owned(), pareto(compared, view, &WIDE)),
        ("more.svg".to_owned(), forest(&more(scenario, measurements, view), &WIDE)),
        ("differences.svg".to_owned(), forest(&differences(compared, view), &WIDE)),
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
fn more(scenario: &Scenario, measurements: &Measurements, view: &CompareView) -> Forest {
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
        subtitle: subtitle_of(&view.scenario, &view.experiment),
        numbers: Vec::new(),
        across_title: axis_title(Metric::RtaP95, "", unit),
        rows,
        lines,
        shaded: None,
        key,
    }
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
fn differences(compared: &Compared, view: &CompareView) -> Forest {
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
    let best = plain(&view.strategies[it.leader]);
    let level = 100.0 * CONFIDENCE;
    Forest {
        title: format!("Difference to {best}"),
        subtitle: subtitle_of(&view.scenario, &view.experiment),
        numbers: vec![-margin, margin],
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
    }
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

const STAIRS: Pen = Pen { ink: GREY, width: 2, dash: Some((6, 4)) };

/// Time against work, with a staircase through the strategies that none other dominates.
fn pareto(compared: &Compared, view: &CompareView, frame: &'static Frame) -> String {
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
    let of_axes = (numbers(across_ends, units.0).collect(), numbers(up_ends, units.1).collect());
    draw(frame, |canvas| {
        let subtitle = subtitle_of(&view.scenario, &view.experiment);
        let y = head(canvas, "Time against work", &subtitle);
        let up_title = wrap("work, mean person-hours", frame.text, frame.room(), frame.lines);
        let y = paragraph(canvas, &up_title, (frame.margin, y), frame.text, BLACK);
        let axes = Axes::new(of_axes, units, frame, y + 10);
        let below = axes.draw(canvas, time.metric);
        canvas.line(&axes.stairs(&points, &compared.dominated_by), STAIRS);
        for point in &points {
            axes.point(canvas, point, !compared.dominated_by[point.place].is_empty());
        }
        names(canvas, compared, view, below + 10)
    })
}

/// The two axes of a plane.
struct Axes {
    across: NumberAxis,
    up: NumberAxis,
    units: (DrawnUnit, DrawnUnit),
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
}

impl Axes {
    fn new(
        numbers: (Vec<f64>, Vec<f64>),
        units: (DrawnUnit, DrawnUnit),
        frame: &Frame,
        top: i32,
    ) -> Self {
        let bottom = top + frame.panel;
        let up = NumberAxis::around(numbers.1, (bottom, top), 8);
        let widest = up.ticks.iter().map(|it| width(&it.1, frame.text)).fold(0.0, f64::max);
        let (left, right) = (frame.margin + widest as i32 + 6, frame.width - frame.margin - 10);
        let across = NumberAxis::across(numbers.0, (left, right), frame.text);
        Self { across, up, units, left, right, top, bottom }
    }

    /// Draws the axes and what stands at them; returns where the rest may begin.
    fn draw(&self, canvas: &Canvas, metric: Metric) -> i32 {
        let frame = canvas.frame;
        for (number, _) in &self.across.ticks {
            let x = self.across.place(*number);
            canvas.line(&[(x, self.top), (x, self.bottom)], GRID);
        }
        for (number, _) in &self.up.ticks {
            let y = self.up.place(*number);
            canvas.line(&[(self.left, y), (self.right, y)], GRID);
        }
        let frame_of = [(self.left, self.top), (self.left, self.bottom), (self.right, self.bottom)];
        canvas.line(&frame_of, AXIS);
        for (number, text) in &self.up.ticks {
            let at = (self.left - 6, self.up.place(*number));
            canvas.text(text, at, frame.text, BLACK, Hang::Right);
        }
        for (number, text) in &self.across.ticks {
            let at = (self.across.place(*number), self.bottom + 6 + frame.row / 2);
            canvas.text(text, at, frame.text, BLACK, Hang::Centre);
        }
        let mut y = self.bottom + 10 + frame.row;
        let text = axis_title(metric, "mean ", self.units.0);
        for line in wrap(&text, frame.text, frame.room(), frame.lines) {
            let half = width(&line, frame.text) as i32 / 2;
            let middle = i32::midpoint(self.left, self.right);
            let x = middle.min(frame.width - frame.margin - half);
            canvas.text(&line, (x, y + frame.row / 2), frame.text, BLACK, Hang::Centre);
            y += frame.row;
        }
        y
    }

    fn place(&self, across: f64, up: f64) -> (i32, i32) {
        (self.across.place(across / self.units.0.one), self.up.place(up / self.units.1.one))
    }

    fn point(&self, canvas: &Canvas, it: &Point, dominated: bool) {
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
    fit_name(&plain(name), 14, 300.0)
}

/// What each mark is, and who dominates it; returns how high the sheet is.
fn names(canvas: &Canvas, compared: &Compared, view: &CompareView, top: i32) -> i32 {
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
        y = key(canvas, y, &text, |canvas, (x, y)| {
            canvas.mark((x + SAMPLE / 2, y), mark, ink, dominated);
        });
    }
    let text = "through the strategies that no other dominates";
    y = key(canvas, y, text, |canvas, (x, y)| canvas.line(&[(x, y), (x + SAMPLE, y)], STAIRS));
    for text in [
        "hollow: another is surely better in one of the two, and better or equivalent in the other",
        "bars: 95% intervals of the means; lower and further left is better",
    ] {
        y = note(canvas, y, text);
    }
    y + 4
}
