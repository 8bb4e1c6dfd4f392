//! A chart of shares over time: what is on it as plain data, and its layout on the canvas.

use crate::report::plot::axis::TimeAxis;
use crate::report::plot::canvas::{
    AXIS, BLACK, Canvas, GREY, GRID, Hang, Ink, Mark, OBJECTIVE, Pen, Point, TEXT, TITLE, WIDTH,
    draw, fit, width,
};
use crate::units::SimDuration;

/// Left and right edges of the panel in which lines are drawn.
pub(super) const LEFT: i32 = 90;
pub(super) const RIGHT: i32 = 1_130;
const PANEL: i32 = 460;
const ROW: i32 = 24;
const COVERAGE_PEN: Pen = Pen { ink: GREY, width: 1, dash: Some((2.0, 4.0)) };

/// A chart of shares, from none to all, over time.
pub(super) struct Chart {
    pub title: String,
    pub subtitle: String,
    pub across: TimeAxis,
    pub across_title: String,
    pub up_title: String,
    /// The share at which the upward axis begins, in percent: 0, or a multiple of ten below 100.
    pub floor: u32,
    pub lines: Vec<Line>,
    /// Vertical lines with their labels.
    pub objectives: Vec<(SimDuration, String)>,
    /// The share that the policy asks for, as a horizontal line.
    pub coverage: Option<f64>,
    /// Points beside the lines.
    pub dots: Vec<Dots>,
    /// A sentence below the legend.
    pub note: String,
}

/// Points of one kind.
pub(super) struct Dots {
    pub name: String,
    pub ink: Ink,
    pub mark: Mark,
    pub dots: Vec<Dot>,
}

/// A point, or a range of time or of shares in which it lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Dot {
    pub from: SimDuration,
    pub to: SimDuration,
    pub low: f64,
    pub high: f64,
}

/// A line of a chart.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub name: String,
    /// Lengths in ascending order with their shares.
    pub points: Vec<(SimDuration, f64)>,
    /// Whether the share jumps at each length and stays until the next.
    pub steps: bool,
    /// The shares at the same lengths between which most replications lie.
    pub band: Option<(Vec<f64>, Vec<f64>)>,
    pub ink: Ink,
    pub dash: Option<(f64, f64)>,
    pub mark: Mark,
    pub hollow: bool,
    /// Moves the marks along the line, in parts of their distance, so that those of lines that lie
    /// upon each other do not.
    pub shift: f64,
}

impl Line {
    fn pen(&self) -> Pen {
        Pen { ink: self.ink, width: 2, dash: self.dash }
    }
}

/// The rectangle in which lines are drawn.
struct Panel<'a> {
    across: &'a TimeAxis,
    top: i32,
    bottom: i32,
    floor: f64,
}

impl Panel<'_> {
    fn at(&self, point: (SimDuration, f64)) -> Point {
        (self.across.place(point.0), self.height(point.1))
    }

    fn height(&self, share: f64) -> i32 {
        let part = ((share - self.floor) / (1.0 - self.floor)).max(0.0);
        self.bottom - (part * f64::from(self.bottom - self.top)).round() as i32
    }
}

/// Draws a chart; the sheet grows with the labels and the legend.
pub(super) fn svg(chart: &Chart) -> String {
    let labels = chart.objectives.len().max(1) as i32;
    let top = 84 + 20 * labels + 8;
    let floor = f64::from(chart.floor) / 100.0;
    let panel = Panel { across: &chart.across, top, bottom: top + PANEL, floor };
    let legend = panel.bottom + 76;
    let coverage = i32::from(chart.coverage.is_some());
    let kinds = chart.lines.len() + chart.dots.len();
    let rows = kinds as i32 + coverage + i32::from(!chart.note.is_empty());
    let height = legend + ROW * rows + 8;
    draw((WIDTH as u32, height as u32), |canvas| {
        head(canvas, chart);
        axes(canvas, chart, &panel);
        for line in &chart.lines {
            fill(canvas, line, &panel);
        }
        objectives(canvas, chart, &panel);
        for line in &chart.lines {
            stroke(canvas, line, &panel);
        }
        for dots in &chart.dots {
            points(canvas, dots, &panel);
        }
        key(canvas, chart, legend);
    })
}

fn head(canvas: &Canvas<'_>, chart: &Chart) {
    let most = f64::from(WIDTH - 2 * 24);
    canvas.text(&fit(&chart.title, TITLE, most), (24, 34), TITLE, BLACK, Hang::Left);
    canvas.text(&fit(&chart.subtitle, TEXT, most), (24, 64), TEXT, GREY, Hang::Left);
}

fn axes(canvas: &Canvas<'_>, chart: &Chart, panel: &Panel<'_>) {
    for percent in (chart.floor..=100).step_by(((100 - chart.floor) / 5) as usize) {
        let y = panel.height(f64::from(percent) / 100.0);
        canvas.line(&[(LEFT, y), (RIGHT, y)], GRID);
        canvas.text(&format!("{percent}%"), (LEFT - 10, y), TEXT, BLACK, Hang::Right);
    }
    for (length, text) in &chart.across.ticks {
        let x = chart.across.place(*length);
        canvas.line(&[(x, panel.top), (x, panel.bottom)], GRID);
        canvas.line(&[(x, panel.bottom), (x, panel.bottom + 6)], AXIS);
        canvas.text(text, (x, panel.bottom + 20), TEXT, BLACK, Hang::Centre);
    }
    let frame = [(LEFT, panel.top), (LEFT, panel.bottom), (RIGHT, panel.bottom)];
    canvas.line(&frame, AXIS);
    let middle = (LEFT + RIGHT) / 2;
    canvas.text(&chart.across_title, (middle, panel.bottom + 46), TEXT, BLACK, Hang::Centre);
    let middle = (panel.top + panel.bottom) / 2;
    canvas.text_upwards(&chart.up_title, (26, middle), TEXT, BLACK);
    if let Some(share) = chart.coverage {
        let y = panel.height(share);
        canvas.line(&[(LEFT, y), (RIGHT, y)], COVERAGE_PEN);
        let text = crate::report::words::chosen_share(share);
        canvas.text(&text, (RIGHT + 8, y), TEXT, GREY, Hang::Left);
    }
}

/// Vertical lines, each with its label above the panel on a row of its own.
fn objectives(canvas: &Canvas<'_>, chart: &Chart, panel: &Panel<'_>) {
    for (row, (length, label)) in chart.objectives.iter().enumerate() {
        let y = 92 + 20 * row as i32;
        let x = chart.across.place(*length);
        let label = fit(label, TEXT, f64::from(RIGHT - LEFT) / 2.0);
        let room = f64::from(RIGHT - x) - 10.0 > width(&label, TEXT);
        let (at, hang) = if room { (x + 8, Hang::Left) } else { (x - 8, Hang::Right) };
        canvas.line(&[(x, y - 8), (x, panel.bottom)], OBJECTIVE);
        canvas.text(&label, (at, y), TEXT, BLACK, hang);
    }
}

fn fill(canvas: &Canvas<'_>, line: &Line, panel: &Panel<'_>) {
    let Some((low, high)) = &line.band else { return };
    let along = |shares: &[f64]| -> Vec<Point> {
        line.points.iter().zip(shares).map(|(point, share)| panel.at((point.0, *share))).collect()
    };
    let (low, high) = (along(low), along(high));
    let mut outline = high.clone();
    outline.extend(low.iter().rev());
    canvas.area(&outline, line.ink, 0.16);
    let edge = Pen { width: 1, ..line.pen() };
    canvas.line(&without_repeats(low), edge);
    canvas.line(&without_repeats(high), edge);
}

fn stroke(canvas: &Canvas<'_>, line: &Line, panel: &Panel<'_>) {
    let path = path(line, panel);
    canvas.line(&path, Pen { width: 3, ..line.pen() });
    for at in marks(&path, line.shift, panel.bottom) {
        canvas.mark(at, line.mark, line.ink, line.hollow);
    }
}

/// Points, each with a bar over the range in which it lies.
fn points(canvas: &Canvas<'_>, dots: &Dots, panel: &Panel<'_>) {
    let pen = Pen { ink: BLACK, width: 2, dash: None };
    for dot in &dots.dots {
        let (left, bottom) = panel.at((dot.from, dot.low));
        let (right, top) = panel.at((dot.to, dot.high));
        let (x, y) = ((left + right) / 2, (bottom + top) / 2);
        if left < right {
            canvas.line(&[(left, y), (right, y)], pen);
            for end in [left, right] {
                canvas.line(&[(end, y - 6), (end, y + 6)], pen);
            }
        }
        if top < bottom {
            canvas.line(&[(x, top), (x, bottom)], pen);
            for end in [top, bottom] {
                canvas.line(&[(x - 6, end), (x + 6, end)], pen);
            }
        }
        canvas.mark((x, y), dots.mark, BLACK, false);
        canvas.mark((x, y), dots.mark, dots.ink, true);
    }
}

/// The line in pixels; steps begin at none on the left and go on to the right edge.
fn path(line: &Line, panel: &Panel<'_>) -> Vec<Point> {
    if !line.steps {
        return without_repeats(line.points.iter().map(|it| panel.at(*it)).collect());
    }
    let mut share = 0.0;
    let mut points = vec![(LEFT, panel.height(share))];
    for (length, next) in &line.points {
        points.push(panel.at((*length, share)));
        points.push(panel.at((*length, *next)));
        share = *next;
    }
    points.push((RIGHT, panel.height(share)));
    without_repeats(points)
}

fn without_repeats(mut points: Vec<Point>) -> Vec<Point> {
    points.dedup();
    points
}

/// Where marks stand: evenly along the line as drawn, so that plateaus have some as well as rises;
/// none where the line runs along the `bottom`, where nothing has happened yet.
fn marks(path: &[Point], shift: f64, bottom: i32) -> Vec<Point> {
    const COUNT: usize = 12;
    let length = |pair: &[Point]| {
        let (dx, dy) = (f64::from(pair[1].0 - pair[0].0), f64::from(pair[1].1 - pair[0].1));
        (dx * dx + dy * dy).sqrt()
    };
    let whole: f64 = path.windows(2).map(length).sum();
    let sought = |it: usize| whole * (it as f64 + 0.1 + 0.8 * shift) / COUNT as f64;
    let (mut marks, mut next, mut done) = (Vec::new(), 0, 0.0);
    for pair in path.windows(2) {
        let more = length(pair);
        while next < COUNT && sought(next) <= done + more {
            let part = (sought(next) - done) / more;
            let between = |from: i32, to: i32| from + (part * f64::from(to - from)).round() as i32;
            marks.push((between(pair[0].0, pair[1].0), between(pair[0].1, pair[1].1)));
            next += 1;
        }
        done += more;
    }
    marks.retain(|it| it.1 < bottom);
    marks
}

/// What each line is, one row for each.
fn key(canvas: &Canvas<'_>, chart: &Chart, top: i32) {
    let most = f64::from(WIDTH - LEFT - 60 - 24);
    let mut y = top;
    for line in &chart.lines {
        if line.band.is_some() {
            let outline = [(LEFT, y - 8), (LEFT + 44, y - 8), (LEFT + 44, y + 8), (LEFT, y + 8)];
            canvas.area(&outline, line.ink, 0.16);
        }
        canvas.line(&[(LEFT, y), (LEFT + 44, y)], Pen { width: 3, ..line.pen() });
        canvas.mark((LEFT + 22, y), line.mark, line.ink, line.hollow);
        canvas.text(&fit(&line.name, TEXT, most), (LEFT + 56, y), TEXT, BLACK, Hang::Left);
        y += ROW;
    }
    for dots in &chart.dots {
        canvas.mark((LEFT + 22, y), dots.mark, dots.ink, true);
        canvas.text(&fit(&dots.name, TEXT, most), (LEFT + 56, y), TEXT, BLACK, Hang::Left);
        y += ROW;
    }
    if chart.coverage.is_some() {
        canvas.line(&[(LEFT, y), (LEFT + 44, y)], COVERAGE_PEN);
        let text = "share of sites that the policy asks for";
        canvas.text(text, (LEFT + 56, y), TEXT, BLACK, Hang::Left);
        y += ROW;
    }
    if !chart.note.is_empty() {
        let most = f64::from(WIDTH - LEFT - 24);
        canvas.text(&fit(&chart.note, TEXT, most), (LEFT, y), TEXT, GREY, Hang::Left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(points: &[(u64, f64)], steps: bool) -> Line {
        let hours = |it: &(u64, f64)| (SimDuration::from_hours(it.0), it.1);
        Line {
            name: "line".to_owned(),
            points: points.iter().map(hours).collect(),
            steps,
            band: None,
            ink: BLACK,
            dash: None,
            mark: Mark::Disc,
            hollow: false,
            shift: 0.5,
        }
    }

    #[test]
    fn steps_rise_where_the_share_does() {
        let across = TimeAxis::linear(SimDuration::from_hours(10), LEFT, RIGHT);
        let panel = Panel { across: &across, top: 0, bottom: 100, floor: 0.0 };
        let points = path(&line(&[(5, 0.5), (10, 0.8)], true), &panel);
        assert_eq!(points, [(90, 100), (610, 100), (610, 50), (1_130, 50), (1_130, 20)]);
    }

    #[test]
    fn marks_stand_evenly_along_the_line_once_it_has_left_the_bottom() {
        let marks = marks(&[(0, 120), (60, 120), (60, 80), (80, 80)], 0.5, 120);
        // A length of 120 has a mark every 10 from 5 on: six on the bottom, four on the rise.
        assert_eq!(marks, [(60, 115), (60, 105), (60, 95), (60, 85), (65, 80), (75, 80)]);
    }
}
