//! What all pictures of one recovery have: which of all it is, and its time from left to right.

use crate::plot::axis::{TimeAxis, TimeSpan};
use crate::plot::canvas::Canvas;
use crate::plot::caption::paragraph;
use crate::plot::ink::BLACK;
use crate::plot::measure::wrap;
use crate::plot::pen::{AXIS, GRID, Hang};
use crate::plot::series::StrategySeries;
use crate::report::View;
use crate::report::words::{amount, count, length, plain};
use crate::review::{Choice, Replay};
use crate::units::SimTime;

/// The recovery that is shown: the one in the middle.
pub(crate) fn middle(series: &StrategySeries) -> Option<&Replay> {
    series.replays.iter().find(|it| it.choice == Choice::Median)
}

/// Which scenario, which of its exercises, and from which seed.
pub(crate) fn subtitle(view: &View, replay: &Replay) -> String {
    let which = match view.experiment.replications {
        1 => "its only exercise".to_owned(),
        n => format!(
            "exercise {} of {} (from 0), the one in the middle by when the last site was back",
            count(replay.replication),
            count(n),
        ),
    };
    let name = plain(&view.scenario.name);
    let (seed, digest) = (view.experiment.seed, &view.scenario.digest);
    format!("{name}: {which}, seed {seed}, scenario {digest}")
}

/// What stands above a picture, and below its axis of time.
pub(crate) struct Captions {
    pub above: String,
    pub since: String,
}

/// An instant in words: `T+3.2 d`.
pub(crate) fn instant(at: SimTime) -> String {
    format!("T+{}", length(at.since_start()))
}

/// A mean over a part of the time, of people or things: a whole number from ten on.
pub(crate) fn about(number: f64) -> String {
    amount(if number < 10.0 { number } else { number.round() })
}

/// The time of a recovery between two pixels.
pub(crate) struct Clock {
    pub axis: TimeAxis,
    pub left: i32,
    pub right: i32,
    span: TimeSpan,
}

impl Clock {
    pub(crate) fn new(canvas: &Canvas, end: SimTime, (left, right): (i32, i32)) -> Self {
        let span = TimeSpan::Linear { end: end.since_start() };
        let axis = TimeAxis::new(span, (left, right), canvas.frame.small);
        Self { axis, left, right, span }
    }

    pub(crate) fn at(&self, at: SimTime) -> i32 {
        self.axis.place(at.since_start())
    }

    /// Where a part of so many even ones begins.
    pub(crate) fn part(&self, part: usize, parts: usize) -> i32 {
        self.left + (self.right - self.left) * part as i32 / parts as i32
    }

    /// Lines at the ticks.
    pub(crate) fn grid(&self, canvas: &Canvas, top: i32, bottom: i32) {
        for (length, _) in &self.axis.ticks {
            let x = self.axis.place(*length);
            canvas.line(&[(x, top), (x, bottom)], GRID);
        }
    }

    /// What stands below; returns where the rest may begin.
    pub(crate) fn below(&self, canvas: &Canvas, bottom: i32, since: &str) -> i32 {
        let frame = canvas.frame;
        canvas.line(&[(self.left, bottom), (self.right, bottom)], AXIS);
        for (length, _) in &self.axis.ticks {
            let x = self.axis.place(*length);
            canvas.line(&[(x, bottom), (x, bottom + 4)], AXIS);
        }
        for (length, text) in &self.axis.ticks {
            let at = (self.axis.place(*length), bottom + 5 + frame.small * 7 / 10);
            canvas.text(text, at, frame.small, BLACK, Hang::Centre);
        }
        let top = bottom + 8 + frame.small;
        let title = wrap(&self.span.title(since), frame.small, frame.room(), frame.lines);
        paragraph(canvas, &title, (frame.margin, top), frame.small, BLACK) + 4
    }
}
