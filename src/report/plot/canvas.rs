//! The drawing layer: lines, areas, marks and texts on an SVG of fixed size, in pixels.
//!
//! The only code that knows plotters, so that another writer of SVG could take its place. Text is
//! left to the viewer's font and its width is estimated, so layout never depends on a font.

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontTransform, IntoFont, RGBAColor, RGBColor, ShapeStyle, TextStyle};

/// A place in pixels from the top left corner.
pub(super) type Point = (i32, i32);

/// A colour; those below can be told apart by people who see colours differently (Okabe and Ito).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ink(pub u8, pub u8, pub u8);

pub(super) const BLACK: Ink = Ink(0, 0, 0);
pub(super) const GREY: Ink = Ink(90, 90, 90);
pub(super) const PALE: Ink = Ink(225, 225, 225);
pub(super) const WHITE: Ink = Ink(255, 255, 255);
pub(super) const BLUE: Ink = Ink(0, 114, 178);
pub(super) const ORANGE: Ink = Ink(213, 94, 0);

/// The colours of strategies, in their order.
pub(super) const INKS: [Ink; 7] = [
    BLUE,
    ORANGE,
    Ink(0, 158, 115),
    Ink(204, 121, 167),
    Ink(0, 0, 0),
    Ink(86, 180, 233),
    Ink(230, 159, 0),
];

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pen {
    pub ink: Ink,
    pub width: u32,
    /// Lengths of stroke and gap in pixels; none for a solid line.
    pub dash: Option<(f64, f64)>,
}

/// What all charts have in common, so that they look alike: their width, the sizes of title and
/// text, and the lines of axes, grid and objectives.
pub(super) const WIDTH: i32 = 1_200;
pub(super) const TITLE: f64 = 22.0;
pub(super) const TEXT: f64 = 15.0;
pub(super) const AXIS: Pen = Pen { ink: BLACK, width: 1, dash: None };
pub(super) const GRID: Pen = Pen { ink: PALE, width: 1, dash: None };
pub(super) const OBJECTIVE: Pen = Pen { ink: BLACK, width: 2, dash: Some((7.0, 5.0)) };

/// Where a text hangs on its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hang {
    Left,
    Centre,
    Right,
}

/// What stands at points of a line, so that lines can be told apart without colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Disc,
    Square,
    Triangle,
    Diamond,
}

/// The marks of strategies, in their order.
pub(super) const MARKS: [Mark; 4] = [Mark::Disc, Mark::Square, Mark::Triangle, Mark::Diamond];

/// The text is drawn into memory, which cannot fail.
const DRAWN: &str = "a drawing in memory takes every element";

/// A drawing of fixed size.
pub(super) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

/// Draws on a white sheet and returns the SVG text.
pub(super) fn draw(size: (u32, u32), paint: impl FnOnce(&Canvas<'_>)) -> String {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        let canvas = Canvas { area };
        let corner = (size.0 as i32, size.1 as i32);
        canvas.rectangle((0, 0), corner, WHITE);
        paint(&canvas);
        canvas.area.present().expect(DRAWN);
    }
    svg
}

impl Canvas<'_> {
    pub(super) fn rectangle(&self, from: Point, to: Point, ink: Ink) {
        let style = ShapeStyle::from(solid(ink)).filled();
        self.area.draw(&Rectangle::new([from, to], style)).expect(DRAWN);
    }

    pub(super) fn line(&self, points: &[Point], pen: Pen) {
        let style = ShapeStyle { color: solid(pen.ink), filled: false, stroke_width: pen.width };
        let pieces = match pen.dash {
            None => vec![points.to_vec()],
            Some((stroke, gap)) => dashes(points, stroke, gap),
        };
        for piece in pieces.into_iter().filter(|it| it.len() > 1) {
            self.area.draw(&PathElement::new(piece, style)).expect(DRAWN);
        }
    }

    /// Fills the area inside `outline`, letting what is below shine through.
    pub(super) fn area(&self, outline: &[Point], ink: Ink, opacity: f64) {
        let style = ShapeStyle::from(solid(ink).mix(opacity)).filled();
        self.area.draw(&Polygon::new(outline.to_vec(), style)).expect(DRAWN);
    }

    pub(super) fn mark(&self, at: Point, mark: Mark, ink: Ink, hollow: bool) {
        let fill = ShapeStyle::from(solid(if hollow { WHITE } else { ink })).filled();
        let edge = ShapeStyle { color: solid(ink), filled: false, stroke_width: 2 };
        let (x, y) = at;
        let corners = match mark {
            Mark::Disc => {
                self.area.draw(&Circle::new(at, 5, fill)).expect(DRAWN);
                self.area.draw(&Circle::new(at, 5, edge)).expect(DRAWN);
                return;
            }
            Mark::Square => vec![(x - 5, y - 5), (x + 5, y - 5), (x + 5, y + 5), (x - 5, y + 5)],
            Mark::Triangle => vec![(x, y - 7), (x + 6, y + 4), (x - 6, y + 4)],
            Mark::Diamond => vec![(x, y - 7), (x + 6, y), (x, y + 7), (x - 6, y)],
        };
        let mut outline = corners.clone();
        outline.push(corners[0]);
        outline.push(corners[1]);
        self.area.draw(&Polygon::new(corners, fill)).expect(DRAWN);
        self.area.draw(&PathElement::new(outline, edge)).expect(DRAWN);
    }

    /// A text centred in height on its point; `size` in pixels.
    pub(super) fn text(&self, text: &str, at: Point, size: f64, ink: Ink, hang: Hang) {
        self.write(text, at, size, ink, hang, FontTransform::None);
    }

    /// A text that reads upwards, centred on its point.
    pub(super) fn text_upwards(&self, text: &str, at: Point, size: f64, ink: Ink) {
        self.write(text, at, size, ink, Hang::Centre, FontTransform::Rotate270);
    }

    fn write(
        &self,
        text: &str,
        at: Point,
        size: f64,
        ink: Ink,
        hang: Hang,
        transform: FontTransform,
    ) {
        let hang = match hang {
            Hang::Left => HPos::Left,
            Hang::Centre => HPos::Center,
            Hang::Right => HPos::Right,
        };
        // plotters writes sizes divided by 1.24.
        let font = ("sans-serif", size * 1.24).into_font().transform(transform);
        let ink = solid(ink);
        let style = TextStyle::from(font).color(&ink).pos(Pos::new(hang, VPos::Center));
        self.area.draw(&Text::new(writable(text), at, style)).expect(DRAWN);
    }
}

fn solid(ink: Ink) -> RGBAColor {
    RGBColor(ink.0, ink.1, ink.2).to_rgba()
}

/// Without the characters that XML forbids even when escaped.
fn writable(text: &str) -> String {
    let text = crate::report::words::plain(text);
    text.chars().filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}')).collect()
}

/// An estimate of a text's width in pixels, on the wide side of common fonts.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let letter = |c: char| match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.35,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 1.0,
        'A'..='Z' => 0.75,
        c if c.is_ascii() => 0.62,
        c if (c as u32) < 0x1100 => 0.75,
        _ => 1.1,
    };
    text.chars().map(letter).sum::<f64>() * size
}

/// The text, cut to fit, with an ellipsis where something is missing.
pub(super) fn fit(text: &str, size: f64, most: f64) -> String {
    if width(text, size) <= most {
        return text.to_owned();
    }
    let mut kept = String::new();
    for letter in text.chars() {
        kept.push(letter);
        if width(&kept, size) + size > most {
            kept.pop();
            break;
        }
    }
    kept.trim_end().to_owned() + "…"
}

/// The text, cut in its middle to fit, for names that may differ at their ends only.
pub(super) fn fit_name(text: &str, size: f64, most: f64) -> String {
    if width(text, size) <= most {
        return text.to_owned();
    }
    let half = |letters: &mut dyn Iterator<Item = char>| {
        let mut kept = String::new();
        for letter in letters {
            if width(&kept, size) + width(&letter.to_string(), size) > (most - size) / 2.0 {
                break;
            }
            kept.push(letter);
        }
        kept
    };
    let head = half(&mut text.chars());
    let tail: String = half(&mut text.chars().rev()).chars().rev().collect();
    format!("{}…{}", head.trim_end(), tail.trim_start())
}

/// Cuts a line into strokes of one length with gaps of another, measured along it.
fn dashes(points: &[Point], stroke: f64, gap: f64) -> Vec<Vec<Point>> {
    let mut pieces: Vec<Vec<Point>> = vec![points.first().copied().into_iter().collect()];
    let (mut inked, mut left) = (true, stroke);
    for pair in points.windows(2) {
        let from = (f64::from(pair[0].0), f64::from(pair[0].1));
        let (dx, dy) = (f64::from(pair[1].0) - from.0, f64::from(pair[1].1) - from.1);
        let length = (dx * dx + dy * dy).sqrt();
        let mut done = 0.0;
        while length - done > left {
            done += left;
            let part = done / length;
            let at = ((from.0 + dx * part).round() as i32, (from.1 + dy * part).round() as i32);
            if inked {
                pieces.last_mut().expect("there is a first piece").push(at);
            } else {
                pieces.push(vec![at]);
            }
            inked = !inked;
            left = if inked { stroke } else { gap };
        }
        left -= length - done;
        if inked {
            pieces.last_mut().expect("there is a first piece").push(pair[1]);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_follow_the_line_around_a_corner() {
        let pieces = dashes(&[(0, 0), (10, 0), (10, 10)], 6.0, 2.0);
        assert_eq!(
            pieces,
            [vec![(0, 0), (6, 0)], vec![(8, 0), (10, 0), (10, 4)], vec![(10, 6), (10, 10)]]
        );
        assert_eq!(dashes(&[(0, 0), (5, 0)], 6.0, 2.0), [vec![(0, 0), (5, 0)]]);
    }

    #[test]
    fn a_text_that_is_too_long_is_cut_and_says_so() {
        assert_eq!(fit("short", 10.0, 100.0), "short");
        let cut = fit(&"long".repeat(100), 10.0, 100.0);
        assert!(cut.ends_with('…') && width(&cut, 10.0) <= 105.0, "{cut}");
        assert_eq!(fit("日本語日本語", 10.0, 40.0), "日本…");
    }

    #[test]
    fn names_that_differ_at_their_ends_are_told_apart() {
        assert_eq!(fit_name("short", 10.0, 100.0), "short");
        let name = |number: u32| fit_name(&format!("a-strategy-of-number-{number}"), 10.0, 100.0);
        assert!(name(1).starts_with("a-stra") && name(1).ends_with("ber-1"), "{}", name(1));
        assert!(name(1) != name(2) && width(&name(1), 10.0) <= 105.0);
    }

    #[test]
    fn text_of_the_scenario_cannot_break_the_drawing() {
        let svg = draw((100, 100), |canvas| {
            canvas.text("<a & \"b\">\u{1}'", (0, 0), 10.0, BLACK, Hang::Left);
        });
        assert!(svg.contains("&lt;a &amp; &quot;b&quot;&gt; &apos;"), "{svg}");
    }
}
