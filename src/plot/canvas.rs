//! The drawing layer: lines, areas, marks and texts on an SVG, in pixels.
//!
//! Text is left to the viewer's font and its width is estimated, so layout never depends on a font.

use std::cell::RefCell;
use std::rc::Rc;

use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};

use crate::plot::frame::Frame;
use crate::plot::ink::{Ink, WHITE};
use crate::plot::measure::width;
use crate::plot::pen::{Hang, Mark, Pen, Point};
use crate::plot::svg::{Element, Look, SvgBackend, Writer, escaped};
use crate::report::words::plain;

/// A sheet of a fixed width, as high as what is drawn.
pub(crate) struct Canvas {
    area: DrawingArea<SvgBackend, Shift>,
    pub frame: &'static Frame,
}

/// Draws on a white sheet and returns a whole SVG file. `paint` says how high the sheet is.
pub(crate) fn draw(frame: &'static Frame, paint: impl FnOnce(&Canvas) -> i32) -> String {
    let writer = Rc::new(RefCell::new(Writer::new(frame.width as u32, frame.text)));
    let area = SvgBackend(Rc::clone(&writer)).into_drawing_area();
    let height = paint(&Canvas { area, frame });
    let (width, text, paper) = (frame.width, frame.text, WHITE.hex());
    let body = writer.borrow_mut().finish();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"{text}\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"{paper}\"/>\n{body}</svg>\n"
    )
}

/// The same picture to stand inside a page: as wide as there is room, on the page's own ground, in
/// the colours of [`plot_css`], and a single thing called `label` for a screen reader.
///
/// [`plot_css`]: crate::plot::ink::plot_css
pub(crate) fn inline(svg: &str, label: &str) -> String {
    let mut lines = svg.lines();
    let (head, body) = (lines.next().unwrap_or_default(), lines.skip(1));
    let size = head.split_once("viewBox=\"").and_then(|(_, rest)| rest.split_once('"'));
    let of_text = head.split_once("font-size=\"").and_then(|(_, rest)| rest.split_once('"'));
    let (size, of_text) = (size.map_or("", |it| it.0), of_text.map_or("", |it| it.0));
    let label = escaped(&plain(label));
    let mut inlined = format!(
        "<svg class=\"plot\" viewBox=\"{size}\" font-size=\"{of_text}\" role=\"img\" aria-label=\"{label}\">"
    );
    inlined.extend(body);
    inlined
}

impl Canvas {
    fn put(&self, points: Vec<Point>, look: Look, text: String) {
        let drawn = self.area.draw(&Element { points, look, text });
        drawn.expect("a drawing in memory takes every element");
    }

    /// Fills a rectangle between opposite corners.
    pub(crate) fn rectangle(&self, from: Point, to: Point, ink: Ink) {
        self.area(&[from, (to.0, from.1), to, (from.0, to.1)], ink, 1.0);
    }

    pub(crate) fn line(&self, points: &[Point], pen: Pen) {
        self.put(points.to_vec(), Look::Stroke(pen), String::new());
    }

    /// Fills the area inside `outline`, letting what is below shine through.
    pub(crate) fn area(&self, outline: &[Point], ink: Ink, opacity: f64) {
        self.put(outline.to_vec(), Look::Fill(ink, opacity), String::new());
    }

    pub(crate) fn mark(&self, at: Point, mark: Mark, ink: Ink, hollow: bool) {
        self.marks(&[at], mark, ink, hollow);
    }

    /// The same mark at several points.
    pub(crate) fn marks(&self, at: &[Point], mark: Mark, ink: Ink, hollow: bool) {
        let fill = if hollow { WHITE } else { ink };
        let r = self.frame.mark;
        let corners = |(x, y): Point| match mark {
            Mark::Disc => vec![(x, y)],
            Mark::Square => vec![(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)],
            Mark::Triangle => vec![(x, y - r - 2), (x + r + 1, y + r - 1), (x - r - 1, y + r - 1)],
            Mark::Diamond => {
                let r = r + 1;
                vec![(x, y - r), (x + r, y), (x, y + r), (x - r, y)]
            }
        };
        let look = match mark {
            Mark::Disc => Look::Disc(r, fill, ink),
            _ => Look::Shape(fill, ink),
        };
        for at in at {
            self.put(corners(*at), look.clone(), String::new());
        }
    }

    /// A text centred in height on its point; `size` in pixels.
    pub(crate) fn text(&self, text: &str, at: Point, size: i32, ink: Ink, hang: Hang) {
        if text.is_empty() {
            return;
        }
        // What is seen of most letters reaches from the base line to 0.7 of the size above it.
        let at = (at.0, at.1 + (size * 7 + 10) / 20);
        self.put(vec![at], Look::Text { size, ink, hang }, writable(text));
    }

    /// A text centred on its point, or as near to that as the edges of the sheet let it be.
    pub(crate) fn centred(&self, text: &str, at: Point, size: i32, ink: Ink) {
        let half = (width(text, size) / 2.0).ceil() as i32 + 1;
        let x = at.0.min(self.frame.width - half).max(half);
        self.text(text, (x, at.1), size, ink, Hang::Centre);
    }

    /// As [`text`](Self::text), with paper below it, so that no line runs through it.
    pub(crate) fn label(&self, text: &str, at: Point, size: i32, ink: Ink, hang: Hang) {
        let wide = width(text, size) as i32;
        let left = match hang {
            Hang::Left => at.0,
            Hang::Centre => at.0 - wide / 2,
            Hang::Right => at.0 - wide,
        };
        let (top, bottom) = (at.1 - size * 3 / 5, at.1 + size * 3 / 5);
        self.rectangle((left - 2, top), (left + wide + 2, bottom), WHITE);
        self.text(text, at, size, ink, hang);
    }
}

/// Without the characters that XML forbids even when escaped, and without those that turn the
/// direction of what follows them.
fn writable(text: &str) -> String {
    let forbidden = |c: char| matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    plain(text).chars().filter(|c| !forbidden(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::frame::{NARROW, WIDE};
    use crate::plot::ink::BLACK;
    use crate::plot::pen::AXIS;

    #[test]
    fn text_of_the_scenario_cannot_break_the_drawing() {
        let svg = draw(&NARROW, |canvas| {
            canvas.text("<a & \"b\">\u{1}'\u{202e}", (0, 0), 10, BLACK, Hang::Left);
            20
        });
        assert!(svg.contains("&lt;a &amp; &quot;b&quot;&gt; &#39;</text>"), "{svg}");
    }

    #[test]
    fn inside_a_page_a_picture_has_no_size_and_no_ground_but_a_label() {
        let svg = draw(&WIDE, |canvas| {
            canvas.line(&[(0, 0), (5, 5)], AXIS);
            40
        });
        assert!(svg.contains("<rect width=\"900\" height=\"40\" fill=\"#FFFFFF\"/>"), "{svg}");
        assert_eq!(
            inline(&svg, "a \"line\""),
            "<svg class=\"plot\" viewBox=\"0 0 900 40\" font-size=\"14\" role=\"img\" \
             aria-label=\"a &quot;line&quot;\"><path fill=\"none\" stroke=\"#1A1C1F\" \
             d=\"M0 0l5 5\"/></svg>"
        );
    }
}
