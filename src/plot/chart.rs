//! A chart of shares over time: what is on it as plain data, and its layout on the canvas.

use crate::plot::axis::{TimeAxis, TimeSpan};
use crate::plot::canvas::{Canvas, draw};
use crate::plot::caption::{SAMPLE, head, key, note, paragraph};
use crate::plot::frame::Frame;
use crate::plot::ink::{BLACK, GREY, Ink};
use crate::plot::measure::{fit_name, width, wrap};
use crate::plot::pen::{AXIS, COVERAGE, GRID, Hang, Mark, OBJECTIVE, Pen, Point};
use crate::plot::thin::thinned;
use crate::report::words::chosen_share;
use crate::units::SimDuration;

const LEVEL: Pen = Pen { ink: GREY, width: 1, dash: Some((1, 3)) };

/// A chart of shares, from none to all, over time.
pub(crate) struct Chart {
    pub title: String,
    pub subtitle: String,
    pub across: TimeSpan,
    pub across_title: String,
    pub up_title: String,
    /// The share at which the upward axis begins, in percent: 0, or a multiple of ten below 100.
    pub floor: u32,
    pub lines: Vec<Line>,
    /// Vertical lines with their labels.
    pub objectives: Vec<(SimDuration, String)>,
    /// The share that the policy asks for, as a horizontal line.
    pub coverage: Option<f64>,
    /// Shares that have a name, as horizontal lines; each line is marked where it comes to them.
    pub levels: Vec<(f64, &'static str)>,
    /// Points beside the lines.
    pub dots: Vec<Dots>,
    /// A sentence below the legend.
    pub note: String,
}

/// Points of one kind.
pub(crate) struct Dots {
    pub name: String,
    pub ink: Ink,
    pub mark: Mark,
    pub dots: Vec<Dot>,
}

/// A point, or a range of time or of shares in which it lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Dot {
    pub from: SimDuration,
    pub to: SimDuration,
    pub low: f64,
    pub high: f64,
}

/// A line of a chart.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub name: String,
    /// Its main figures, which stand behind its name and are never cut; may be empty.
    pub figures: String,
    /// Lengths in ascending order with their shares.
    pub points: Vec<(SimDuration, f64)>,
    /// Whether the share jumps at each length and stays until the next.
    pub steps: bool,
    /// The shares at the same lengths between which most replications lie.
    pub band: Option<(Vec<f64>, Vec<f64>)>,
    pub ink: Ink,
    pub dash: Option<(u32, u32)>,
    pub mark: Mark,
    pub hollow: bool,
    /// Moves the marks along the line, in parts of their distance, so that those of lines that lie
    /// upon each other do not.
    pub shift: f64,
}

impl Line {
    fn pen(&self, width: u32) -> Pen {
        Pen { ink: self.ink, width, dash: self.dash }
    }
}

/// The rectangle in which lines are drawn.
struct Panel {
    across: TimeAxis,
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
    floor: f64,
}

impl Panel {
    fn new(chart: &Chart, frame: &Frame, top: i32) -> Self {
        let left = frame.margin + width("100%", frame.text) as i32 + 6;
        let coverage = chart.coverage.map(chosen_share);
        let beside = chart.levels.iter().map(|it| it.1).chain(coverage.as_deref());
        let beside = beside.map(|it| width(it, frame.text) as i32).max().unwrap_or(0);
        let right = frame.width - frame.margin - beside - 8;
        Self {
            across: TimeAxis::new(chart.across, (left, right), frame.text),
            left,
            right,
            top,
            bottom: top + frame.panel,
            floor: f64::from(chart.floor) / 100.0,
        }
    }

    fn at(&self, point: (SimDuration, f64)) -> Point {
        (self.across.place(point.0), self.height(point.1))
    }

    fn height(&self, share: f64) -> i32 {
        let part = ((share - self.floor) / (1.0 - self.floor)).max(0.0);
        self.bottom - (part * f64::from(self.bottom - self.top)).round() as i32
    }
}

/// Draws a chart; the sheet grows with the labels and the legend.
pub(crate) fn svg(chart: &Chart, frame: &'static Frame) -> String {
    draw(frame, |canvas| {
        let y = head(canvas, &chart.title, &chart.subtitle);
        let up_title = wrap(&chart.up_title, frame.text, frame.room(), frame.lines);
        let labels = paragraph(canvas, &up_title, (frame.margin, y), frame.text, BLACK);
        let rows: Vec<Vec<String>> = chart
            .objectives
            .iter()
            .map(|it| wrap(&it.1, frame.text, frame.room(), frame.lines))
            .collect();
        let high = frame.row * rows.iter().map(Vec::len).sum::<usize>() as i32;
        let panel = Panel::new(chart, frame, labels + high + 8);
        let below = axes(canvas, chart, &panel);
        for line in &chart.lines {
            fill(canvas, line, &panel);
        }
        objectives(canvas, chart, &rows, labels, &panel);
        for line in &chart.lines {
            stroke(canvas, chart, line, &panel);
        }
        for dots in &chart.dots {
            points(canvas, dots, &panel);
        }
        legend(canvas, chart, below + 10)
    })
}

/// Draws the axes and what stands at them; returns where the rest may begin.
fn axes(canvas: &Canvas, chart: &Chart, panel: &Panel) -> i32 {
    let (frame, left, right) = (canvas.frame, panel.left, panel.right);
    let shares = (chart.floor..=100).step_by(((100 - chart.floor) / 5) as usize);
    for percent in shares.clone() {
        let y = panel.height(f64::from(percent) / 100.0);
        canvas.line(&[(left, y), (right, y)], GRID);
    }
    for (length, _) in &panel.across.ticks {
        let x = panel.across.place(*length);
        canvas.line(&[(x, panel.top), (x, panel.bottom)], GRID);
    }
    for (length, _) in &panel.across.ticks {
        let x = panel.across.place(*length);
        canvas.line(&[(x, panel.bottom), (x, panel.bottom + 5)], AXIS);
    }
    canvas.line(&[(left, panel.top), (left, panel.bottom), (right, panel.bottom)], AXIS);
    for percent in shares {
        let y = panel.height(f64::from(percent) / 100.0);
        canvas.text(&format!("{percent}%"), (left - 6, y), frame.text, BLACK, Hang::Right);
    }
    let y = panel.bottom + 6 + frame.row / 2;
    for (length, text) in &panel.across.ticks {
        let x = panel.across.place(*length);
        canvas.centred(text, (x, y), frame.text, BLACK);
    }
    beside(canvas, chart, panel);
    let title = wrap(&chart.across_title, frame.text, frame.room(), frame.lines);
    let mut y = panel.bottom + 10 + frame.row;
    for line in title {
        // In the middle of the panel, unless that is too far right for a long line.
        let half = width(&line, frame.text) as i32 / 2;
        let x = i32::midpoint(left, right).min(frame.width - frame.margin - half);
        canvas.text(&line, (x, y + frame.row / 2), frame.text, BLACK, Hang::Centre);
        y += frame.row;
    }
    y
}

/// Horizontal lines with their names beside the panel.
fn beside(canvas: &Canvas, chart: &Chart, panel: &Panel) {
    let (frame, left, right) = (canvas.frame, panel.left, panel.right);
    let mut named: Vec<i32> = Vec::new();
    for (share, name) in chart.levels.iter().filter(|it| it.0 > panel.floor) {
        let y = panel.height(*share);
        canvas.line(&[(left, y), (right, y)], LEVEL);
        canvas.text(name, (right + 6, y), frame.text, BLACK, Hang::Left);
        named.push(y);
    }
    if let Some(share) = chart.coverage {
        let y = panel.height(share);
        canvas.line(&[(left, y), (right, y)], COVERAGE);
        // The key has the number too, for where there is no room beside another name.
        if named.iter().all(|it| (it - y).abs() >= frame.text) {
            canvas.text(&chosen_share(share), (right + 6, y), frame.text, GREY, Hang::Left);
        }
    }
}

/// Vertical lines, each with its label above the panel on rows of its own.
fn objectives(canvas: &Canvas, chart: &Chart, rows: &[Vec<String>], top: i32, panel: &Panel) {
    let frame = canvas.frame;
    let mut y = top;
    for ((length, _), lines) in chart.objectives.iter().zip(rows) {
        let from = y + frame.row * lines.len() as i32;
        let x = panel.across.place(*length);
        canvas.line(&[(x, from - 2), (x, panel.bottom)], OBJECTIVE);
        y = from;
    }
    // Behind all lines, so that none runs through a label.
    let mut y = top;
    for ((length, _), lines) in chart.objectives.iter().zip(rows) {
        for line in lines {
            let half = width(line, frame.text) as i32 / 2 + frame.margin;
            let x = panel.across.place(*length).min(frame.width - half).max(half);
            canvas.label(line, (x, y + frame.row / 2), frame.text, BLACK, Hang::Centre);
            y += frame.row;
        }
    }
}

fn fill(canvas: &Canvas, line: &Line, panel: &Panel) {
    let Some((low, high)) = &line.band else { return };
    let along = |shares: &[f64]| -> Vec<Point> {
        let points = line.points.iter().zip(shares);
        thinned(points.map(|(point, share)| panel.at((point.0, *share))).collect())
    };
    let (low, high) = (along(low), along(high));
    let mut outline = high.clone();
    outline.extend(low.iter().rev());
    canvas.area(&outline, line.ink, 0.16);
    canvas.line(&low, line.pen(1));
    canvas.line(&high, line.pen(1));
}

fn stroke(canvas: &Canvas, chart: &Chart, line: &Line, panel: &Panel) {
    let path = thinned(path(line, panel));
    canvas.line(&path, line.pen(canvas.frame.pen));
    let marks = match chart.levels.is_empty() {
        true => {
            // So many lines, so few marks on each.
            let count = canvas.frame.marks * 3 / chart.lines.len().max(3);
            marks(&path, count.max(3), line.shift, panel.bottom)
        }
        false => {
            let at = |share: f64| line.points.iter().find(|it| it.1 >= share);
            let known = chart.levels.iter().filter_map(|it| Some((at(it.0)?.0, it.0)));
            known.map(|it| panel.at(it)).collect()
        }
    };
    canvas.marks(&marks, line.mark, line.ink, line.hollow);
}

/// Points, each with a bar over the range in which it lies.
fn points(canvas: &Canvas, dots: &Dots, panel: &Panel) {
    let pen = Pen { ink: BLACK, width: 2, dash: None };
    for dot in &dots.dots {
        let (left, bottom) = panel.at((dot.from, dot.low));
        let (right, top) = panel.at((dot.to, dot.high));
        let (x, y) = (i32::midpoint(left, right), i32::midpoint(bottom, top));
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
        canvas.mark((x, y), dots.mark, dots.ink, true);
    }
}

/// The line in pixels; steps begin at none on the left and go on to the right edge.
fn path(line: &Line, panel: &Panel) -> Vec<Point> {
    if !line.steps {
        return line.points.iter().map(|it| panel.at(*it)).collect();
    }
    let mut share = 0.0;
    let mut points = vec![(panel.left, panel.height(share))];
    for (length, next) in &line.points {
        points.push(panel.at((*length, share)));
        points.push(panel.at((*length, *next)));
        share = *next;
    }
    points.push((panel.right, panel.height(share)));
    points
}

/// Where so many marks stand: evenly along the line as drawn, so that plateaus have some as well as
/// rises; none where the line runs along the `bottom`, where nothing has happened yet.
fn marks(path: &[Point], count: usize, shift: f64, bottom: i32) -> Vec<Point> {
    let length = |pair: &[Point]| {
        let (dx, dy) = (f64::from(pair[1].0 - pair[0].0), f64::from(pair[1].1 - pair[0].1));
        (dx * dx + dy * dy).sqrt()
    };
    let whole: f64 = path.windows(2).map(length).sum();
    let sought = |it: usize| whole * (it as f64 + 0.1 + 0.8 * shift) / count as f64;
    let (mut marks, mut next, mut done) = (Vec::new(), 0, 0.0);
    for pair in path.windows(2) {
        let more = length(pair);
        while next < count && sought(next) <= done + more {
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

/// What each line is, one entry for each; returns how high the sheet is.
fn legend(canvas: &Canvas, chart: &Chart, top: i32) -> i32 {
    let mut y = top;
    for line in &chart.lines {
        let text = match line.figures.as_str() {
            "" => line.name.clone(),
            figures => {
                let frame = canvas.frame;
                let room = 0.8 * frame.room() * frame.lines as f64 - width(figures, frame.text);
                format!("{}: {figures}", fit_name(&line.name, frame.text, room))
            }
        };
        y = key(canvas, y, &text, |canvas, (x, y)| {
            if line.band.is_some() {
                let (from, to) = ((x, y - 7), (x + SAMPLE, y + 7));
                canvas.area(&[from, (to.0, from.1), to, (from.0, to.1)], line.ink, 0.16);
            }
            canvas.line(&[(x, y), (x + SAMPLE, y)], line.pen(canvas.frame.pen));
            canvas.mark((x + SAMPLE / 2, y), line.mark, line.ink, line.hollow);
        });
    }
    for dots in &chart.dots {
        y = key(canvas, y, &dots.name, |canvas, (x, y)| {
            canvas.mark((x + SAMPLE / 2, y), dots.mark, dots.ink, true);
        });
    }
    if let Some(share) = chart.coverage {
        let text = format!("share of sites that the policy asks for: {}", chosen_share(share));
        y = key(canvas, y, &text, |canvas, (x, y)| {
            canvas.line(&[(x, y), (x + SAMPLE, y)], COVERAGE);
        });
    }
    if !chart.note.is_empty() {
        y = note(canvas, y, &chart.note);
    }
    y + 4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(points: &[(u64, f64)], steps: bool) -> Line {
        let hours = |it: &(u64, f64)| (SimDuration::from_hours(it.0), it.1);
        Line {
            name: "line".to_owned(),
            figures: String::new(),
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
        let span = TimeSpan::Linear { end: SimDuration::from_hours(10) };
        let (left, right) = (90, 1_130);
        let across = TimeAxis::new(span, (left, right), 14);
        let panel = Panel { across, left, right, top: 0, bottom: 100, floor: 0.0 };
        let points = path(&line(&[(5, 0.5), (10, 0.8)], true), &panel);
        let expected = [(90, 100), (610, 100), (610, 50), (1_130, 50), (1_130, 20), (1_130, 20)];
        assert_eq!(points, expected);
    }

    #[test]
    fn marks_stand_evenly_along_the_line_once_it_has_left_the_bottom() {
        let marks = marks(&[(0, 120), (60, 120), (60, 80), (80, 80)], 12, 0.5, 120);
        // A length of 120 has a mark every 10 from 5 on: six on the bottom, four on the rise.
        assert_eq!(marks, [(60, 115), (60, 105), (60, 95), (60, 85), (65, 80), (75, 80)]);
    }
}
