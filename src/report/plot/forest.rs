//! A row for each strategy on one axis of numbers: boxes for risk, bars for error.

use crate::report::plot::canvas::{
    AXIS, BLACK, Canvas, GREY, GRID, Hang, Ink, Mark, OBJECTIVE, Pen, Point, TEXT, TITLE, WIDTH,
    draw, fit, fit_name, width,
};
use crate::report::plot::numbers::NumberAxis;

/// Left and right edges of the panel.
pub(super) const LEFT: i32 = 330;
pub(super) const RIGHT: i32 = 1_150;
const SMALL: f64 = 12.0;
const ROW: i32 = 52;
const KEY_ROW: i32 = 24;

/// Rows on one axis.
pub(super) struct Forest {
    pub title: String,
    pub subtitle: String,
    pub across: NumberAxis,
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
pub(super) struct ForestRow {
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
pub(super) enum Sample {
    Risk,
    Error,
    Objective,
    Shaded,
    Nothing,
}

/// Draws the rows; the sheet grows with them.
pub(super) fn forest(it: &Forest) -> String {
    let top = 84 + 20 * it.lines.len().max(1) as i32 + 8;
    let bottom = top + ROW * it.rows.len() as i32;
    let legend = bottom + 76;
    let height = legend + KEY_ROW * it.key.len() as i32 + 8;
    draw((WIDTH as u32, height as u32), |canvas| {
        let most = f64::from(WIDTH - 48);
        canvas.text(&fit(&it.title, TITLE, most), (24, 34), TITLE, BLACK, Hang::Left);
        canvas.text(&fit(&it.subtitle, TEXT, most), (24, 64), TEXT, GREY, Hang::Left);
        axis(canvas, it, top, bottom);
        for (place, row) in it.rows.iter().enumerate() {
            self::row(canvas, it, row, top + ROW * place as i32 + ROW / 2);
        }
        lines(canvas, it, bottom);
        for (place, (sample, text)) in it.key.iter().enumerate() {
            key(canvas, *sample, text, legend + KEY_ROW * place as i32);
        }
    })
}

fn axis(canvas: &Canvas<'_>, it: &Forest, top: i32, bottom: i32) {
    if let Some((low, high)) = it.shaded {
        let (from, to) = (it.across.place(low), it.across.place(high));
        canvas.area(&[(from, top), (to, top), (to, bottom), (from, bottom)], GREY, 0.18);
    }
    for (number, text) in &it.across.ticks {
        let x = it.across.place(*number);
        canvas.line(&[(x, top), (x, bottom)], GRID);
        canvas.line(&[(x, bottom), (x, bottom + 6)], AXIS);
        canvas.text(text, (x, bottom + 20), TEXT, BLACK, Hang::Centre);
    }
    canvas.line(&[(LEFT, top), (LEFT, bottom), (RIGHT, bottom)], AXIS);
    let middle = (LEFT + RIGHT) / 2;
    canvas.text(&it.across_title, (middle, bottom + 46), TEXT, BLACK, Hang::Centre);
}

fn row(canvas: &Canvas<'_>, it: &Forest, row: &ForestRow, y: i32) {
    let most = f64::from(LEFT - 24 - 14);
    let name = if row.remark.is_empty() { y } else { y - 9 };
    canvas.text(&fit_name(&row.name, TEXT, most), (LEFT - 14, name), TEXT, BLACK, Hang::Right);
    if !row.remark.is_empty() {
        let remark = fit(&row.remark, SMALL, most);
        canvas.text(&remark, (LEFT - 14, y + 11), SMALL, GREY, Hang::Right);
    }
    if let Some((low, high)) = row.risk {
        let (from, to) = (it.across.place(low), it.across.place(high));
        risk(canvas, (from, to), y, row.ink, high.is_infinite());
    }
    for (low, high) in &row.edges {
        bar(canvas, (it.across.place(*low), it.across.place(*high)), y);
    }
    for (low, middle, high) in &row.errors {
        if middle.is_finite() {
            let [low, middle, high] = [low, middle, high].map(|it_is| it.across.place(*it_is));
            error(canvas, (low, middle, high), y);
        }
    }
}

/// A box; one that does not end has no right side.
fn risk(canvas: &Canvas<'_>, (from, to): (i32, i32), y: i32, ink: Ink, open: bool) {
    let corners = [(from, y - 13), (to, y - 13), (to, y + 13), (from, y + 13)];
    canvas.area(&corners, ink, 0.25);
    let pen = Pen { ink, width: 1, dash: None };
    let outline: Vec<Point> = match open {
        true => vec![corners[1], corners[0], corners[3], corners[2]],
        false => corners.iter().chain([&corners[0]]).copied().collect(),
    };
    canvas.line(&outline, pen);
}

fn error(canvas: &Canvas<'_>, (low, middle, high): (i32, i32, i32), y: i32) {
    canvas.mark((middle, y), Mark::Diamond, BLACK, true);
    bar(canvas, (low, high), y);
}

fn bar(canvas: &Canvas<'_>, (low, high): (i32, i32), y: i32) {
    let pen = Pen { ink: BLACK, width: 2, dash: None };
    canvas.line(&[(low, y), (high, y)], pen);
    for end in [low, high] {
        canvas.line(&[(end, y - 6), (end, y + 6)], pen);
    }
}

fn lines(canvas: &Canvas<'_>, it: &Forest, bottom: i32) {
    for (row, (number, label)) in it.lines.iter().enumerate() {
        let (x, y) = (it.across.place(*number), 92 + 20 * row as i32);
        let label = fit(label, TEXT, f64::from(RIGHT - LEFT) / 2.0);
        let room = f64::from(RIGHT - x) - 10.0 > width(&label, TEXT);
        let (at, hang) = if room { (x + 8, Hang::Left) } else { (x - 8, Hang::Right) };
        canvas.line(&[(x, y - 8), (x, bottom)], OBJECTIVE);
        canvas.text(&label, (at, y), TEXT, BLACK, hang);
    }
}

fn key(canvas: &Canvas<'_>, sample: Sample, text: &str, y: i32) {
    const FROM: i32 = 90;
    match sample {
        Sample::Risk => {
            let outline = [(FROM, y - 8), (FROM + 44, y - 8), (FROM + 44, y + 8), (FROM, y + 8)];
            canvas.area(&outline, GREY, 0.25);
            let closed: Vec<Point> = outline.iter().chain([&outline[0]]).copied().collect();
            canvas.line(&closed, Pen { ink: GREY, width: 1, dash: None });
        }
        Sample::Error => error(canvas, (FROM, FROM + 22, FROM + 44), y),
        Sample::Objective => canvas.line(&[(FROM, y), (FROM + 44, y)], OBJECTIVE),
        Sample::Shaded => {
            let outline = [(FROM, y - 8), (FROM + 44, y - 8), (FROM + 44, y + 8), (FROM, y + 8)];
            canvas.area(&outline, GREY, 0.18);
        }
        Sample::Nothing => {}
    }
    let at = if sample == Sample::Nothing { FROM } else { FROM + 56 };
    let most = f64::from(WIDTH - at - 24);
    canvas.text(&fit(text, TEXT, most), (at, y), TEXT, BLACK, Hang::Left);
}
