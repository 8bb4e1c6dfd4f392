//! What is drawn, as SVG: short, because a page carries a hundred pictures, and with the same bytes
//! on every machine.
//!
//! Coordinates are whole pixels, lines are relative paths, neighbours of one look share an element,
//! and sizes and colours that they have in common stand once.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::rc::Rc;

use plotters::element::{Drawable, PointCollection};
use plotters_backend::{BackendColor, BackendCoord, DrawingBackend, DrawingErrorKind};

use crate::plot::ink::Ink;
use crate::plot::pen::{Hang, Pen, Point};

/// A sheet that plotters draws upon; it grows as it is drawn.
pub(crate) struct SvgBackend(pub Rc<RefCell<Writer>>);

/// What one element looks like.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Look {
    /// A line along the points.
    Stroke(Pen),
    /// The area inside the points, letting what is below shine through below an opacity of 1.
    Fill(Ink, f64),
    /// A disc of this radius, filled with the first and edged with the second.
    Disc(i32, Ink, Ink),
    /// The area inside the points, filled with the first and edged with the second.
    Shape(Ink, Ink),
    /// A text on its base line.
    Text { size: i32, ink: Ink, hang: Hang },
}

/// An element: where, how, and for a text what.
pub(crate) struct Element {
    pub points: Vec<Point>,
    pub look: Look,
    pub text: String,
}

impl<'a> PointCollection<'a, Point> for &'a Element {
    type Point = &'a Point;
    type IntoIter = &'a [Point];

    fn point_iter(self) -> &'a [Point] {
        &self.points
    }
}

impl Drawable<SvgBackend> for Element {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        points: I,
        sheet: &mut SvgBackend,
        _: (u32, u32),
    ) -> Result<(), DrawingErrorKind<std::convert::Infallible>> {
        let points: Vec<Point> = points.collect();
        sheet.0.borrow_mut().element(&points, &self.look, &self.text);
        Ok(())
    }
}

impl DrawingBackend for SvgBackend {
    // Writing into memory cannot fail.
    type ErrorType = std::convert::Infallible;

    fn get_size(&self) -> (u32, u32) {
        (self.0.borrow().width, u32::from(u16::MAX))
    }

    fn ensure_prepared(&mut self) -> Result<(), DrawingErrorKind<Self::ErrorType>> {
        Ok(())
    }

    fn present(&mut self) -> Result<(), DrawingErrorKind<Self::ErrorType>> {
        Ok(())
    }

    fn draw_pixel(
        &mut self,
        _: BackendCoord,
        _: BackendColor,
    ) -> Result<(), DrawingErrorKind<Self::ErrorType>> {
        unreachable!("every element is an `Element`, and none of them is made of pixels")
    }
}

/// The elements written so far.
pub(crate) struct Writer {
    width: u32,
    /// The size of texts that say nothing else.
    usual: i32,
    body: String,
    /// The last element, as neighbours may join it.
    open: Option<(Look, String)>,
}

impl Writer {
    pub(crate) fn new(width: u32, usual: i32) -> Self {
        Self { width, usual, body: String::new(), open: None }
    }

    fn element(&mut self, points: &[Point], look: &Look, text: &str) {
        let Some(first) = points.first() else { return };
        if self.open.as_ref().is_none_or(|it| it.0 != *look) {
            self.close();
            self.open = Some((look.clone(), String::new()));
        }
        let inside = &mut self.open.as_mut().expect("it was just opened").1;
        match look {
            Look::Stroke(_) => path(inside, points),
            Look::Fill(..) | Look::Shape(..) => {
                path(inside, points);
                inside.push('z');
            }
            Look::Disc(radius, ..) => {
                let across = 2 * radius;
                let _ = write!(
                    inside,
                    "M{} {}a{radius} {radius} 0 1 0 {across} 0a{radius} {radius} 0 1 0-{across} 0",
                    first.0 - radius,
                    first.1
                );
            }
            Look::Text { .. } => {
                let _ = write!(
                    inside,
                    "<text x=\"{}\" y=\"{}\">{}</text>",
                    first.0,
                    first.1,
                    escaped(text)
                );
            }
        }
    }

    /// Writes the last element.
    fn close(&mut self) {
        let Some((look, inside)) = self.open.take() else { return };
        match look {
            Look::Stroke(pen) => {
                let _ = writeln!(self.body, "<path fill=\"none\"{} d=\"{inside}\"/>", stroke(pen));
            }
            Look::Fill(ink, opacity) => {
                let opacity = match opacity < 1.0 {
                    true => format!(" fill-opacity=\"{opacity}\""),
                    false => String::new(),
                };
                let fill = ink.hex();
                let _ = writeln!(self.body, "<path fill=\"{fill}\"{opacity} d=\"{inside}\"/>");
            }
            Look::Disc(_, ink, edge) | Look::Shape(ink, edge) => {
                let (fill, edge) = (ink.hex(), edge.hex());
                let look = format!("fill=\"{fill}\" stroke=\"{edge}\" stroke-width=\"2\"");
                let _ = writeln!(self.body, "<path {look} d=\"{inside}\"/>");
            }
            Look::Text { size, ink, hang } => {
                let size = match size == self.usual {
                    true => String::new(),
                    false => format!(" font-size=\"{size}\""),
                };
                let hang = match hang {
                    Hang::Left => "",
                    Hang::Centre => " text-anchor=\"middle\"",
                    Hang::Right => " text-anchor=\"end\"",
                };
                let fill = ink.hex();
                let _ = writeln!(self.body, "<g fill=\"{fill}\"{size}{hang}>{inside}</g>");
            }
        }
    }

    /// All that was drawn.
    pub(crate) fn finish(&mut self) -> String {
        self.close();
        std::mem::take(&mut self.body)
    }
}

/// How a line is drawn, as attributes.
fn stroke(pen: Pen) -> String {
    let mut text = format!(" stroke=\"{}\"", pen.ink.hex());
    if pen.width != 1 {
        let _ = write!(text, " stroke-width=\"{}\"", pen.width);
    }
    if let Some((stroke, gap)) = pen.dash {
        let _ = write!(text, " stroke-dasharray=\"{stroke} {gap}\"");
    }
    text
}

/// A path along points: absolute to the first, then relative.
fn path(text: &mut String, points: &[Point]) {
    let mut last = points[0];
    let _ = write!(text, "M{} {}", last.0, last.1);
    let mut command = 'M';
    for point in &points[1..] {
        let (dx, dy) = (point.0 - last.0, point.1 - last.1);
        let (next, numbers) = match (dx, dy) {
            (0, 0) => continue,
            (_, 0) => ('h', vec![dx]),
            (0, _) => ('v', vec![dy]),
            _ => ('l', vec![dx, dy]),
        };
        let mut separate = next == command;
        if !separate {
            text.push(next);
        }
        for number in numbers {
            // A minus separates as well as a space does.
            if separate && number >= 0 {
                text.push(' ');
            }
            let _ = write!(text, "{number}");
            separate = true;
        }
        (command, last) = (next, *point);
    }
    if command == 'M' {
        // A line without length is nothing; this one has its width.
        text.push_str("h0");
    }
}

/// A text as XML takes it.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::ink::{BLACK, BLUE};

    #[test]
    fn a_path_is_short() {
        let mut text = String::new();
        path(&mut text, &[(10, 20), (15, 20), (18, 20), (18, 14), (18, 14), (20, 10), (23, 12)]);
        assert_eq!(text, "M10 20h5 3v-6l2-4 3 2");
    }

    #[test]
    fn neighbours_of_one_look_share_an_element() {
        let mut writer = Writer::new(100, 14);
        let pen = Pen { ink: BLUE, width: 1, dash: None };
        writer.element(&[(0, 0), (5, 0)], &Look::Stroke(pen), "");
        writer.element(&[(0, 9), (5, 9)], &Look::Stroke(pen), "");
        let text = Look::Text { size: 14, ink: BLACK, hang: Hang::Right };
        writer.element(&[(3, 4)], &text, "<a & \"b\">'");
        assert_eq!(
            writer.finish(),
            "<path fill=\"none\" stroke=\"#0072B2\" d=\"M0 0h5M0 9h5\"/>\n\
             <g fill=\"#1A1C1F\" text-anchor=\"end\"><text x=\"3\" y=\"4\">\
             &lt;a &amp; &quot;b&quot;&gt;&#39;</text></g>\n"
        );
    }
}
