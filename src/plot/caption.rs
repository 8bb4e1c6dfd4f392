//! The parts that all pictures have in words: their head, their key, and remarks.

use crate::plot::canvas::Canvas;
use crate::plot::ink::{BLACK, GREY, Ink};
use crate::plot::measure::{width, wrap};
use crate::plot::pen::Hang;

/// Writes lines below each other from `(left, top)`, and returns where the next would begin.
pub(crate) fn paragraph(
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
pub(crate) fn head(canvas: &Canvas, title: &str, subtitle: &str) -> i32 {
    let frame = canvas.frame;
    let title = wrap(title, frame.title, frame.room(), frame.lines);
    let y = paragraph(canvas, &title, (frame.margin, 8), frame.title, BLACK);
    let subtitle = wrap(subtitle, frame.small, frame.room(), frame.lines);
    paragraph(canvas, &subtitle, (frame.margin, y + 2), frame.small, GREY) + 6
}

/// Writes what an axis from left to right shows below its middle, or as near to that as the edges
/// of the sheet let it be; returns where the rest may begin.
pub(crate) fn across_title(
    canvas: &Canvas,
    title: &str,
    (left, right): (i32, i32),
    top: i32,
) -> i32 {
    let frame = canvas.frame;
    let mut y = top;
    for line in wrap(title, frame.text, frame.room(), frame.lines) {
        let half = frame.margin + (width(&line, frame.text) / 2.0) as i32;
        let x = i32::midpoint(left, right).min(frame.width - half).max(half);
        canvas.text(&line, (x, y + frame.row / 2), frame.text, BLACK, Hang::Centre);
        y += frame.row;
    }
    y
}

/// How wide the samples in a key are.
pub(crate) const SAMPLE: i32 = 36;

/// Writes what something in the picture means behind a sample of it, which `sample` draws between
/// its left end, at the height of the first line, and [`SAMPLE`] pixels to the right; returns where
/// the next may begin.
pub(crate) fn key(
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
pub(crate) fn note(canvas: &Canvas, top: i32, text: &str) -> i32 {
    let frame = canvas.frame;
    let lines = wrap(text, frame.small, frame.room(), 6);
    paragraph(canvas, &lines, (frame.margin, top), frame.small, GREY) + 4
}
