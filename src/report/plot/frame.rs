//! The two sizes in which every picture is drawn, and the parts that all pictures have: their head
//! and their key.

use crate::report::plot::canvas::{Canvas, Hang};
use crate::report::plot::ink::{BLACK, GREY, Ink};
use crate::report::plot::measure::wrap;

/// How much room there is, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    /// The width of the sheet.
    pub width: i32,
    /// What stays free at the left and the right edge.
    pub margin: i32,
    /// The size of titles.
    pub title: i32,
    /// The size of texts.
    pub text: i32,
    /// The size of remarks.
    pub small: i32,
    /// From one line of text to the next.
    pub row: i32,
    /// The height of the part in which a chart's lines are drawn.
    pub panel: i32,
    /// The radius of marks.
    pub mark: i32,
    /// Marks along a line.
    pub marks: usize,
    /// The width of lines.
    pub pen: u32,
    /// Lines that a long text may take.
    pub lines: usize,
}

/// For screens of 640 pixels and more, for paper, and for files.
pub(super) const WIDE: Frame = Frame {
    width: 900,
    margin: 20,
    title: 18,
    text: 14,
    small: 12,
    row: 20,
    panel: 380,
    mark: 5,
    marks: 12,
    pen: 3,
    lines: 2,
};

/// For telephones.
pub(super) const NARROW: Frame = Frame {
    width: 360,
    margin: 8,
    title: 15,
    text: 12,
    small: 11,
    row: 17,
    panel: 240,
    mark: 4,
    marks: 6,
    pen: 2,
    lines: 4,
};

impl Frame {
    /// Whether it is the one for telephones.
    pub(super) fn is_narrow(&self) -> bool {
        self.width < 640
    }

    /// What is left between the margins.
    pub(super) fn room(&self) -> f64 {
        f64::from(self.width - 2 * self.margin)
    }
}

/// Writes lines below each other from `(left, top)`, and returns where the next would begin.
pub(super) fn paragraph(
    canvas: &Canvas,
    lines: &[String],
    (left, top): (i32, i32),
    size: i32,
    ink: Ink,
) -> i32 {
    let row = canvas.frame.row.max(size + 4);
    for (place, line) in lines.iter().enumerate() {
        let at = (left, top + row * place as i32 + row / 2);
        canvas.text(line, at, size, ink, Hang::Left);
    }
    top + row * lines.len() as i32
}

/// Writes the title and what the picture is of; returns where the rest may begin.
pub(super) fn head(canvas: &Canvas, title: &str, subtitle: &str) -> i32 {
    let frame = canvas.frame;
    let title = wrap(title, frame.title, frame.room(), frame.lines);
    let y = paragraph(canvas, &title, (frame.margin, 8), frame.title, BLACK);
    let subtitle = wrap(subtitle, frame.small, frame.room(), frame.lines);
    paragraph(canvas, &subtitle, (frame.margin, y + 2), frame.small, GREY) + 6
}

/// How wide the samples in a key are.
pub(super) const SAMPLE: i32 = 36;

/// Writes what something in the picture means behind a sample of it, which `sample` draws between
/// its left end, at the height of the first line, and [`SAMPLE`] pixels to the right; returns where
/// the next may begin.
pub(super) fn key(
    canvas: &Canvas,
    top: i32,
    text: &str,
    sample: impl FnOnce(&Canvas, (i32, i32)),
) -> i32 {
    let frame = canvas.frame;
    let left = frame.margin + SAMPLE + 10;
    let lines = wrap(text, frame.text, f64::from(frame.width - frame.margin - left), frame.lines);
    sample(canvas, (frame.margin, top + frame.row / 2));
    paragraph(canvas, &lines, (left, top), frame.text, BLACK) + 4
}

/// Writes a remark; returns where the next may begin.
pub(super) fn note(canvas: &Canvas, top: i32, text: &str) -> i32 {
    let frame = canvas.frame;
    let lines = wrap(text, frame.small, frame.room(), 6);
    paragraph(canvas, &lines, (frame.margin, top), frame.small, GREY) + 4
}
