//! Horizontal bars of shares, each with its interval and its number.

use crate::plot::canvas::Canvas;
use crate::plot::caption::paragraph;
use crate::plot::ink::{BLACK, BLUE, GREY, ORANGE};
use crate::plot::measure::{fit, fit_name, width, wrap};
use crate::plot::pen::{AXIS, GRID, Hang, Pen, Point};
use crate::report::words::chosen_share;

/// A group of bars below one heading.
pub(crate) struct Bars {
    pub title: String,
    pub bars: Vec<Bar>,
}

/// A share.
pub(crate) struct Bar {
    pub label: String,
    pub share: f64,
    /// Where it lies, if that is known.
    pub range: Option<(f64, f64)>,
    /// Its number, and what else there is to say.
    pub text: String,
    pub fill: Fill,
}

/// What a bar is filled with, so that kinds can be told apart without colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fill {
    Solid,
    Hatched,
    Hollow,
}

/// Where bars begin and end, and how high and how far apart they are.
struct Layout {
    labels: Option<i32>,
    left: i32,
    right: i32,
    numbers: i32,
    high: i32,
    axis: ShareAxis,
}

/// An axis of shares from none to a round one.
#[derive(Clone, Copy, Debug, PartialEq)]
struct ShareAxis {
    step: f64,
    steps: u32,
}

impl ShareAxis {
    /// The shortest axis in so many round steps at most that reaches a share.
    fn new(reach: f64, most: u32) -> Self {
        let widths = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25];
        let fits = |step: &f64| reach <= step * f64::from(most) + 1e-9;
        let step = widths.into_iter().find(fits).unwrap_or(0.5);
        let steps = ((reach / step - 1e-9).ceil() as u32).clamp(1, most.max(2));
        Self { step, steps }
    }

    fn end(self) -> f64 {
        self.step * f64::from(self.steps)
    }
}

/// Draws groups of bars on one axis, which is called `axis`; returns where the rest may begin.
pub(crate) fn bars(canvas: &Canvas, top: i32, groups: &[Bars], axis: &str) -> i32 {
    let layout = layout(canvas, groups);
    let frame = canvas.frame;
    let mut y = top;
    for group in groups {
        let title = wrap(&group.title, frame.text, frame.room(), frame.lines);
        y = paragraph(canvas, &title, (frame.margin, y), frame.text, BLACK) + 4;
        let (from, pitch) = (y, layout.pitch(canvas));
        let to = from + pitch * group.bars.len() as i32;
        for step in 0..=layout.axis.steps {
            let x = layout.at(layout.axis.step * f64::from(step));
            canvas.line(&[(x, from), (x, to)], if step == 0 { AXIS } else { GRID });
        }
        for bar in &group.bars {
            draw(canvas, &layout, bar, y);
            y += pitch;
        }
        y += 8;
    }
    y -= 4;
    for step in 0..=layout.axis.steps {
        let share = layout.axis.step * f64::from(step);
        let at = (layout.at(share), y + frame.row / 2 - 2);
        canvas.text(&chosen_share(share), at, frame.small, BLACK, Hang::Centre);
    }
    let title = wrap(axis, frame.small, frame.room(), frame.lines);
    paragraph(canvas, &title, (frame.margin, y + frame.row), frame.small, BLACK) + 4
}

fn layout(canvas: &Canvas, groups: &[Bars]) -> Layout {
    let frame = canvas.frame;
    let all = || groups.iter().flat_map(|it| &it.bars);
    let widest =
        |of: fn(&Bar) -> &str| all().map(|it| width(of(it), frame.small)).fold(0.0, f64::max);
    let numbers = widest(|it| &it.text).min(frame.room() * 0.5).ceil() as i32 + 8;
    let labels = (!frame.is_narrow()).then(|| widest(|it| &it.label).min(330.0).ceil() as i32 + 10);
    // Half of the first number of the axis lies left of it.
    let left = frame.margin + labels.unwrap_or(4);
    let right = frame.width - frame.margin - numbers;
    let reach = all().map(|bar| bar.range.map_or(bar.share, |it| it.1).max(bar.share));
    let reach = reach.fold(0.001, f64::max).min(1.0);
    let room = f64::from(right - left) / (width("100%", frame.small) + 10.0);
    let axis = ShareAxis::new(reach, (room as u32).clamp(2, 6));
    Layout { labels, left, right, numbers, high: if frame.is_narrow() { 10 } else { 13 }, axis }
}

impl Layout {
    fn at(&self, share: f64) -> i32 {
        let part = (share / self.axis.end()).clamp(0.0, 1.0);
        self.left + (part * f64::from(self.right - self.left)).round() as i32
    }

    /// From one bar to the next; the label stands above its bar where there is no room beside.
    fn pitch(&self, canvas: &Canvas) -> i32 {
        match self.labels {
            Some(_) => canvas.frame.row + 2,
            None => canvas.frame.row + self.high + 8,
        }
    }
}

fn draw(canvas: &Canvas, layout: &Layout, bar: &Bar, top: i32) {
    let frame = canvas.frame;
    let y = match layout.labels {
        Some(room) => {
            let label = fit_name(&bar.label, frame.small, f64::from(room - 10));
            let at = (layout.left - 8, top + frame.row / 2 + 1);
            canvas.text(&label, at, frame.small, BLACK, Hang::Right);
            at.1
        }
        None => {
            let label = fit_name(&bar.label, frame.small, frame.room() - 6.0);
            let at = (layout.left + 4, top + frame.row / 2);
            canvas.text(&label, at, frame.small, BLACK, Hang::Left);
            top + frame.row + layout.high / 2
        }
    };
    let (from, to) = (y - layout.high / 2, y + (layout.high + 1) / 2);
    let end = layout.at(bar.share);
    if end > layout.left {
        fill(canvas, (layout.left, from), (end, to), bar.fill);
    }
    if let Some((low, high)) = bar.range {
        let pen = Pen { ink: BLACK, width: 2, dash: None };
        let (low, high) = (layout.at(low), layout.at(high));
        canvas.line(&[(low, y), (high, y)], pen);
        for end in [low, high] {
            canvas.line(&[(end, y - 3), (end, y + 3)], pen);
        }
    }
    let room = f64::from(layout.numbers - 8);
    let text = fit(&bar.text, frame.small, room);
    canvas.text(&text, (layout.right + 8, y), frame.small, BLACK, Hang::Left);
}

/// Fills a rectangle in one of the manners that can be told apart.
pub(crate) fn fill(canvas: &Canvas, from: Point, to: Point, fill: Fill) {
    let outline = [from, (to.0, from.1), to, (from.0, to.1)];
    let closed = [from, (to.0, from.1), to, (from.0, to.1), from];
    match fill {
        Fill::Solid => {
            canvas.area(&outline, BLUE, 0.5);
            canvas.line(&closed, Pen { ink: BLUE, width: 1, dash: None });
        }
        Fill::Hatched => {
            let pen = Pen { ink: ORANGE, width: 1, dash: None };
            canvas.line(&closed, pen);
            for line in hatch(from, to) {
                canvas.line(&line, pen);
            }
        }
        Fill::Hollow => canvas.line(&closed, Pen { ink: GREY, width: 1, dash: None }),
    }
}

/// Slanting lines through a rectangle.
fn hatch(from: Point, to: Point) -> Vec<[Point; 2]> {
    let high = to.1 - from.1;
    let starts = (1..).map(|it| from.0 + 6 * it).take_while(|x| *x < to.0 + high);
    let line = |x: i32| {
        // From the upper edge down to the left, cut at both sides.
        let (right, left) = (x.min(to.0), (x - high).max(from.0));
        [(right, from.1 + (x - right)), (left, from.1 + (x - left))]
    };
    starts.map(line).filter(|it| it[0] != it[1]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_of_shares_ends_at_the_next_round_share() {
        let of = |reach: f64, most: u32| {
            let axis = ShareAxis::new(reach, most);
            (axis.steps, (axis.end() * 1e4).round() / 1e4)
        };
        assert_eq!(of(0.19, 6), (4, 0.2));
        assert_eq!(of(0.2, 6), (4, 0.2));
        assert_eq!(of(0.21, 6), (5, 0.25));
        assert_eq!(of(1.0, 6), (5, 1.0));
        assert_eq!(of(1.0, 2), (2, 1.0));
        assert_eq!(of(0.37, 3), (2, 0.4));
        assert_eq!(of(0.0001, 6), (1, 0.001));
    }

    #[test]
    fn slanting_lines_stay_inside() {
        for line in hatch((10, 0), (25, 12)) {
            for point in line {
                assert!((10..=25).contains(&point.0) && (0..=12).contains(&point.1), "{line:?}");
            }
        }
        assert_eq!(hatch((0, 0), (8, 4))[0], [(6, 0), (2, 4)]);
    }
}
