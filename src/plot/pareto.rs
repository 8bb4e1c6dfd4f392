//! Time against work: which strategies no other dominates.

use crate::compare::{Bar, SideBySide};
use crate::plot::canvas::{Canvas, draw};
use crate::plot::caption::{SAMPLE, head, key, note, paragraph};
use crate::plot::frame::Frame;
use crate::plot::ink::{BLACK, INKS};
use crate::plot::measure::{width, wrap};
use crate::plot::numbers::{DrawnUnit, NumberAxis};
use crate::plot::pen::{AXIS, GRID, Hang, MARKS, Pen, STAIRS};
use crate::plot::table::{Table, axis_title, drawn_unit, largest, short};
use crate::report::words::count;
use crate::scenario::Figure;

/// A strategy as a point with bars both ways.
struct Point {
    place: usize,
    across: Bar,
    up: Bar,
    dominated: bool,
}

/// Time against work, with a staircase through the strategies that none other dominates.
pub(crate) fn pareto(table: &Table<'_>, frame: &'static Frame) -> String {
    let points = points(table.numbers);
    draw(frame, |canvas| {
        let y = head(canvas, "Time against work", &table.subtitle);
        let up_title = wrap("work, mean person-hours", frame.text, frame.room(), frame.lines);
        let y = paragraph(canvas, &up_title, (frame.margin, y), frame.text, BLACK);
        let axes = Axes::new(&points, table.numbers.metric, frame, y + 10);
        let below = axes.draw(canvas, table.numbers.metric);
        canvas.line(&axes.stairs(&points), STAIRS);
        for point in &points {
            axes.point(canvas, point);
        }
        names(canvas, table, below + 10)
    })
}

/// The strategies of which both are known.
fn points(numbers: &SideBySide) -> Vec<Point> {
    let each = numbers.strategies.iter().enumerate();
    let known = each.filter_map(|(place, it)| {
        let dominated = !it.dominated_by.is_empty();
        Some(Point { place, across: it.time?, up: it.work?, dominated })
    });
    known.collect()
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
    fn new(points: &[Point], metric: Figure, frame: &Frame, top: i32) -> Self {
        let ends = |of: fn(&Point) -> Bar| -> Vec<f64> {
            points.iter().map(of).flat_map(|it| [it.low, it.high]).collect()
        };
        let (across, up) = (ends(|it| it.across), ends(|it| it.up));
        let units = (
            drawn_unit(metric, largest(across.iter().copied())),
            drawn_unit(Figure::PersonHours, largest(up.iter().copied())),
        );
        let across = across.iter().map(|it| it / units.0.one).collect();
        let up = up.iter().map(|it| it / units.1.one);
        let bottom = top + frame.panel;
        let up = NumberAxis::around(up, (bottom, top), 8);
        let widest = up.ticks.iter().map(|it| width(&it.1, frame.text)).fold(0.0, f64::max);
        let (left, right) = (frame.margin + widest as i32 + 6, frame.width - frame.margin - 10);
        let across = NumberAxis::across(across, (left, right), frame.text);
        Self { across, up, units, left, right, top, bottom }
    }

    /// Draws the axes and what stands at them; returns where the rest may begin.
    fn draw(&self, canvas: &Canvas, metric: Figure) -> i32 {
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
            canvas.centred(text, at, frame.text, BLACK);
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

    fn point(&self, canvas: &Canvas, point: &Point) {
        let ink = INKS[point.place % INKS.len()];
        let pen = Pen { ink, width: 2, dash: None };
        let (x, y) = self.place(point.across.value, point.up.value);
        let (left, bottom) = self.place(point.across.low, point.up.low);
        let (right, top) = self.place(point.across.high, point.up.high);
        canvas.line(&[(left, y), (right, y)], pen);
        canvas.line(&[(x, bottom), (x, top)], pen);
        for end in [left, right] {
            canvas.line(&[(end, y - 5), (end, y + 5)], pen);
        }
        for end in [bottom, top] {
            canvas.line(&[(x - 5, end), (x + 5, end)], pen);
        }
        canvas.mark((x, y), MARKS[point.place % MARKS.len()], ink, point.dominated);
    }

    /// From one strategy to the next that takes longer for less work, among those that none other
    /// dominates.
    fn stairs(&self, points: &[Point]) -> Vec<(i32, i32)> {
        let mut open: Vec<&Point> = points.iter().filter(|it| !it.dominated).collect();
        open.sort_by(|one, other| one.across.value.total_cmp(&other.across.value));
        let (mut stairs, mut least): (Vec<(i32, i32)>, f64) = (Vec::new(), f64::INFINITY);
        for point in open.into_iter().filter(|it| {
            let lower = it.up.value < least;
            least = least.min(it.up.value);
            lower
        }) {
            let (x, y) = self.place(point.across.value, point.up.value);
            stairs.extend(stairs.last().map(|(_, before)| (x, *before)));
            stairs.push((x, y));
        }
        stairs
    }
}

/// What each mark is, and who dominates it; returns how high the sheet is.
fn names(canvas: &Canvas, table: &Table<'_>, top: i32) -> i32 {
    let mut y = top;
    for (place, name, it) in table.each() {
        let (ink, mark) = (INKS[place % INKS.len()], MARKS[place % MARKS.len()]);
        let never = match it.never {
            0 => String::new(),
            never => format!(" (never in {})", count(never)),
        };
        let whom = |place: usize| short(&table.names[place]);
        let by = match &it.dominated_by[..] {
            [] => String::new(),
            [one] => format!(": dominated by {}", whom(*one)),
            [one, _] => format!(": dominated by {} and another", whom(*one)),
            [one, more @ ..] => {
                format!(": dominated by {} and {} others", whom(*one), more.len())
            }
        };
        let dominated = !it.dominated_by.is_empty();
        y = key(canvas, y, &format!("{}{never}{by}", short(name)), |canvas, (x, y)| {
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
