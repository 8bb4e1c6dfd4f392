//! With what is drawn: pens, marks, and where a text hangs on its point.

use crate::plot::ink::{BLACK, GREY, Ink, PALE};

/// A place in pixels from the top left corner.
pub(crate) type Point = (i32, i32);

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pen {
    pub ink: Ink,
    pub width: u32,
    /// Lengths of stroke and gap in pixels; none for a solid line.
    pub dash: Option<(u32, u32)>,
}

/// The lines that all pictures have in common, so that they look alike.
pub(crate) const AXIS: Pen = Pen { ink: BLACK, width: 1, dash: None };
pub(crate) const GRID: Pen = Pen { ink: PALE, width: 1, dash: None };
pub(crate) const OBJECTIVE: Pen = Pen { ink: BLACK, width: 2, dash: Some((7, 5)) };
pub(crate) const COVERAGE: Pen = Pen { ink: GREY, width: 1, dash: Some((2, 4)) };
/// Through what nothing else dominates.
pub(crate) const STAIRS: Pen = Pen { ink: GREY, width: 2, dash: Some((6, 4)) };

/// Where a text hangs on its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hang {
    Left,
    Centre,
    Right,
}

/// What stands at points of a line, so that lines can be told apart without colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Disc,
    Square,
    Triangle,
    Diamond,
}

/// The marks of strategies, in their order.
pub(crate) const MARKS: [Mark; 4] = [Mark::Disc, Mark::Square, Mark::Triangle, Mark::Diamond];
pub(crate) const DASHED: Option<(u32, u32)> = Some((10, 5));
