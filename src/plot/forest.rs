//! A row for each strategy on one axis of numbers: boxes for risk, bars for error.

use crate::plot::canvas::{Canvas, draw};
use crate::plot::caption::{SAMPLE, head, key};
use crate::plot::frame::Frame;
use crate::plot::ink::{BLACK, GREY, Ink};
use crate::plot::measure::{fit, fit_name, width, wrap};
use crate::plot::numbers::NumberAxis;
use crate::plot::pen::{AXIS, GRID, Hang, Mark, OBJECTIVE, Pen, Point};

/// Rows on one axis.
pub(crate) struct Forest {
    pub title: String,
    pub subtitle: String,
    /// What the axis must show beside the rows and the lines.
    pub numbers: Vec<f64>,
    pub across_title: String,
    pub rows: Vec<ForestRow>,
    /// Vertical lines with their labels.
    pub lines: Vec<(f64, String)>,
    /// A range that is shaded over all rows.
    pub shaded: Option<(f64, f64)>,
    /// What is what, with a sample of it.
    pub key: Vec<(Sample, String)>,
}

/// One strategy.
pub(crate) struct ForestRow {
    pub name: String,
    /// A remark below the name; may be empty.
    pub remark: String,
    pub ink: Ink,
    /// The middle of the outcomes; a box that goes on to the right edge ends at infinity.
    pub risk: Option<(f64, f64)>,
    /// The intervals of the ends of the box.
    pub edges: Vec<(f64, f64)>,
    /// Figures with their intervals: low, itself, high; an end that is not known is infinite.
    pub errors: Vec<(f64, f64, f64)>,
}

/// What is shown in the legend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Sample {
    Risk,
    Error,
    Objective,
    Shaded,
}

/// Where rows lie.
struct Panel {
    across: NumberAxis,
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
    /// From one row to the next.
    row: i32,
}

impl Panel {
    /// Names stand beside the rows where there is room for that, else above each.
    fn new(forest: &Forest, frame: &Frame, top: i32) -> Self {
        let names = forest.rows.iter().flat_map(|it| [&it.name, &it.remark]);
        let widest = names.map(|it| width(it, frame.text)).fold(0.0, f64::max);
        let left = match frame.is_narrow() {
            true => frame.margin + 4,
            false => frame.margin + 10 + widest.min(0.36 * frame.room()).ceil() as i32,
        };
        let right = frame.width - frame.margin - 24;
        let remarks = i32::from(forest.rows.iter().any(|it| !it.remark.is_empty()));
        let row = if frame.is_narrow() { (1 + remarks) * frame.row + 40 } else { 50 };
        let across = NumberAxis::across(forest.numbers(), (left, right), frame.text);
        Self { across, left, right, top, bottom: top + row * forest.rows.len() as i32, row }
    }
}

impl Forest {
    fn numbers(&self) -> Vec<f64> {
        let rows = self.rows.iter().flat_map(|row| {
            let pairs = row.risk.iter().chain(&row.edges).flat_map(|it| [it.0, it.1]);
            let errors = row.errors.iter().flat_map(|it| [it.0, it.1, it.2]);
            pairs.chain(errors).collect::<Vec<f64>>()
        });
        let lines = self.lines.iter().map(|it| it.0);
        rows.chain(lines).chain(self.numbers.iter().copied()).collect()
    }
}

/// Draws the rows; the sheet grows with them.
pub(crate) fn forest(forest: &Forest, frame: &'static Frame) -> String {
    draw(frame, |canvas| {
        let labels = head(canvas, &forest.title, &forest.subtitle);
        let panel = Panel::new(forest, frame, labels + frame.row * forest.lines.len() as i32 + 8);
        let below = axis(canvas, forest, &panel);
        lines(canvas, forest, labels, &panel);
        for (place, row) in forest.rows.iter().enumerate() {
            self::row(canvas, row, panel.top + panel.row * place as i32, &panel);
        }
        let mut y = below + 10;
        for (kind, text) in &forest.key {
            y = key(canvas, y, text, |canvas, at| sample(canvas, *kind, at));
        }
        y + 4
    })
}

/// Draws the axis and what stands at it; returns where the rest may begin.
fn axis(canvas: &Canvas, forest: &Forest, panel: &Panel) -> i32 {
    let (frame, top, bottom) = (canvas.frame, panel.top, panel.bottom);
    if let Some((low, high)) = forest.shaded {
        let (from, to) = (panel.across.place(low), panel.across.place(high));
        canvas.area(&[(from, top), (to, top), (to, bottom), (from, bottom)], GREY, 0.18);
    }
    for (number, _) in &panel.across.ticks {
        let x = panel.across.place(*number);
        canvas.line(&[(x, top), (x, bottom)], GRID);
    }
    for (number, _) in &panel.across.ticks {
        let x = panel.across.place(*number);
        canvas.line(&[(x, bottom), (x, bottom + 5)], AXIS);
    }
    canvas.line(&[(panel.left, top), (panel.left, bottom), (panel.right, bottom)], AXIS);
    for (number, text) in &panel.across.ticks {
        let at = (panel.across.place(*number), bottom + 6 + frame.row / 2);
        canvas.centred(text, at, frame.text, BLACK);
    }
    let mut y = bottom + 10 + frame.row;
    for line in wrap(&forest.across_title, frame.text, frame.room(), frame.lines) {
        let half = width(&line, frame.text) as i32 / 2;
        let middle = i32::midpoint(panel.left, panel.right);
        let x = middle.min(frame.width - frame.margin - half);
        canvas.text(&line, (x, y + frame.row / 2), frame.text, BLACK, Hang::Centre);
        y += frame.row;
    }
    y
}

fn row(canvas: &Canvas, row: &ForestRow, top: i32, panel: &Panel) {
    let frame = canvas.frame;
    let y = match frame.is_narrow() {
        true => {
            let most = f64::from(panel.right - panel.left);
            let (x, y) = (panel.left + 6, top + 4 + frame.row / 2);
            let name = fit_name(&row.name, frame.text, most);
            canvas.label(&name, (x, y), frame.text, BLACK, Hang::Left);
            if !row.remark.is_empty() {
                let remark = fit(&row.remark, frame.small, most);
                canvas.label(&remark, (x, y + frame.row), frame.small, GREY, Hang::Left);
            }
            top + panel.row - 20
        }
        false => {
            let (x, y) = (panel.left - 10, top + panel.row / 2);
            let most = f64::from(x - frame.margin);
            let up = if row.remark.is_empty() { 0 } else { 9 };
            let name = fit_name(&row.name, frame.text, most);
            canvas.text(&name, (x, y - up), frame.text, BLACK, Hang::Right);
            let remark = fit(&row.remark, frame.small, most);
            canvas.text(&remark, (x, y + 9), frame.small, GREY, Hang::Right);
            y
        }
    };
    let place = |number: f64| panel.across.place(number);
    if let Some((low, high)) = row.risk {
        risk(canvas, (place(low), place(high)), y, row.ink, high.is_infinite());
    }
    for (low, high) in &row.edges {
        bar(canvas, (place(*low), place(*high)), y);
    }
    for (low, middle, high) in row.errors.iter().filter(|it| it.1.is_finite()) {
        error(canvas, (place(*low), place(*middle), place(*high)), y);
    }
}

/// A box; one that does not end has no right side.
fn risk(canvas: &Canvas, (from, to): (i32, i32), y: i32, ink: Ink, open: bool) {
    let corners = [(from, y - 12), (to, y - 12), (to, y + 12), (from, y + 12)];
    canvas.area(&corners, ink, 0.25);
    let pen = Pen { ink, width: 1, dash: None };
    let outline: Vec<Point> = match open {
        true => vec![corners[1], corners[0], corners[3], corners[2]],
        false => corners.iter().chain([&corners[0]]).copied().collect(),
    };
    canvas.line(&outline, pen);
}

fn error(canvas: &Canvas, (low, middle, high): (i32, i32, i32), y: i32) {
    bar(canvas, (low, high), y);
    canvas.mark((middle, y), Mark::Diamond, BLACK, true);
}

fn bar(canvas: &Canvas, (low, high): (i32, i32), y: i32) {
    let pen = Pen { ink: BLACK, width: 2, dash: None };
    canvas.line(&[(low, y), (high, y)], pen);
    for end in [low, high] {
        canvas.line(&[(end, y - 6), (end, y + 6)], pen);
    }
}

/// Vertical lines, each with its label above the panel on a row of its own.
fn lines(canvas: &Canvas, forest: &Forest, top: i32, panel: &Panel) {
    let frame = canvas.frame;
    for (place, (number, _)) in forest.lines.iter().enumerate() {
        let from = top + frame.row * (place as i32 + 1);
        let x = panel.across.place(*number);
        canvas.line(&[(x, from - 2), (x, panel.bottom)], OBJECTIVE);
    }
    for (place, (number, label)) in forest.lines.iter().enumerate() {
        let label = fit(label, frame.text, frame.room());
        let half = width(&label, frame.text) as i32 / 2 + frame.margin;
        let x = panel.across.place(*number).min(frame.width - half).max(half);
        let y = top + frame.row * place as i32 + frame.row / 2;
        canvas.label(&label, (x, y), frame.text, BLACK, Hang::Centre);
    }
}

/// What something looks like, from this point on.
fn sample(canvas: &Canvas, kind: Sample, (x, y): Point) {
    let outline = [(x, y - 7), (x + SAMPLE, y - 7), (x + SAMPLE, y + 7), (x, y + 7)];
    match kind {
        Sample::Risk => {
            canvas.area(&outline, GREY, 0.25);
            let closed: Vec<Point> = outline.iter().chain([&outline[0]]).copied().collect();
            canvas.line(&closed, Pen { ink: GREY, width: 1, dash: None });
        }
        Sample::Error => error(canvas, (x, x + SAMPLE / 2, x + SAMPLE), y),
        Sample::Objective => canvas.line(&[(x, y), (x + SAMPLE, y)], OBJECTIVE),
        Sample::Shaded => canvas.area(&outline, GREY, 0.18),
    }
}
