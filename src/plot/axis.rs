//! Axes of time: which ticks, what they are called, and where a length lies in pixels.

use crate::plot::measure::width;
use crate::units::{DAY, HOUR, MINUTE, SECOND, SimDuration};

/// What an axis of time shows, wherever it will lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum TimeSpan {
    /// Evenly, from zero to here.
    Linear {
        /// The end.
        end: SimDuration,
    },
    /// Logarithmically; lengths below the start lie at the left edge.
    Logarithmic {
        /// The start.
        start: SimDuration,
        /// The end.
        end: SimDuration,
    },
}

impl TimeSpan {
    /// The unit of the numbers, and what one of it is in milliseconds; none where every tick names
    /// its own.
    pub(crate) fn unit(self) -> Option<(&'static str, u64)> {
        let Self::Linear { end } = self else { return None };
        Some(match end.as_millis() {
            0..=180_000 => ("seconds", SECOND),
            180_001..=10_800_000 => ("minutes", MINUTE),
            10_800_001..=259_200_000 => ("hours", HOUR),
            _ => ("days", DAY),
        })
    }

    /// What stands below the axis: `what`, and in which unit.
    pub(crate) fn title(self, what: &str) -> String {
        match self.unit() {
            Some((unit, _)) => format!("{what}, {unit}"),
            None => format!("{what}, logarithmic"),
        }
    }
}

/// A time axis from the left to the right edge of a panel.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TimeAxis {
    /// Lengths that get a tick, with what stands below it.
    pub ticks: Vec<(SimDuration, String)>,
    span: TimeSpan,
    left: i32,
    right: i32,
}

/// Steps of an even axis.
const STEPS: [u64; 22] = [
    SECOND,
    5 * SECOND,
    15 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    4 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    5 * DAY,
    10 * DAY,
    20 * DAY,
    30 * DAY,
    100 * DAY,
    365 * DAY,
    3_650 * DAY,
];

/// Lengths that a logarithmic axis may show.
const ROUND: [(u64, &str); 22] = [
    (SECOND, "1 s"),
    (5 * SECOND, "5 s"),
    (15 * SECOND, "15 s"),
    (MINUTE, "1 min"),
    (2 * MINUTE, "2 min"),
    (5 * MINUTE, "5 min"),
    (15 * MINUTE, "15 min"),
    (30 * MINUTE, "30 min"),
    (HOUR, "1 h"),
    (2 * HOUR, "2 h"),
    (6 * HOUR, "6 h"),
    (12 * HOUR, "12 h"),
    (DAY, "1 d"),
    (2 * DAY, "2 d"),
    (5 * DAY, "5 d"),
    (10 * DAY, "10 d"),
    (20 * DAY, "20 d"),
    (50 * DAY, "50 d"),
    (100 * DAY, "100 d"),
    (365 * DAY, "365 d"),
    (1_000 * DAY, "1000 d"),
    (3_650 * DAY, "3650 d"),
];

impl TimeAxis {
    /// An axis between these pixels, with as many ticks as texts of this size leave room for.
    pub(crate) fn new(span: TimeSpan, (left, right): (i32, i32), size: i32) -> Self {
        let mut axis = Self { ticks: Vec::new(), span, left, right };
        match span {
            TimeSpan::Linear { end } => axis.ticks = axis.even(end, size),
            TimeSpan::Logarithmic { start, end } => {
                let shown =
                    |at: &u64| *at >= start.as_millis() && *at <= end.as_millis().max(SECOND);
                for (at, text) in ROUND.into_iter().filter(|it| shown(&it.0)) {
                    let at = SimDuration::from_millis(at);
                    let near = |it: &(SimDuration, String)| {
                        let apart = f64::from(axis.place(at) - axis.place(it.0));
                        apart < gap(&it.1, text, size)
                    };
                    if !axis.ticks.last().is_some_and(near) {
                        axis.ticks.push((at, text.to_owned()));
                    }
                }
            }
        }
        axis
    }

    /// Ticks at the smallest round step at which no text comes near the next.
    fn even(&self, end: SimDuration, size: i32) -> Vec<(SimDuration, String)> {
        let (_, unit) = self.span.unit().expect("an even axis has a unit");
        let end = end.as_millis().max(1);
        let text = |at: u64| match at.is_multiple_of(unit) {
            // Whole numbers where possible: steps of 12 h on an axis of days are halves.
            true => (at / unit).to_string(),
            false => format!("{:.1}", at as f64 / unit as f64),
        };
        let ticks = |step: u64| -> Vec<(SimDuration, String)> {
            (0..=end / step)
                .map(|it| (SimDuration::from_millis(it * step), text(it * step)))
                .collect()
        };
        let fits = |step: &u64| {
            let apart = f64::from(self.right - self.left) * *step as f64 / end as f64;
            let (last, before) = (end / step * step, (end / step).saturating_sub(1) * step);
            end / step <= 14 && apart >= gap(&text(before), &text(last), size)
        };
        ticks(STEPS.into_iter().find(fits).unwrap_or(end.div_ceil(4)))
    }

    /// Where a length lies, in pixels; never outside of the panel.
    pub(crate) fn place(&self, length: SimDuration) -> i32 {
        let millis = length.as_millis() as f64;
        let part = match self.span {
            TimeSpan::Linear { end } => millis / end.as_millis().max(1) as f64,
            TimeSpan::Logarithmic { start, end } => {
                let start = start.as_millis().max(SECOND) as f64;
                let end = (end.as_millis() as f64).max(2.0 * start);
                libm::log(millis.max(start) / start) / libm::log(end / start)
            }
        };
        self.left + (part.clamp(0.0, 1.0) * f64::from(self.right - self.left)).round() as i32
    }
}

/// How far the middles of two texts must lie apart.
fn gap(one: &str, other: &str, size: i32) -> f64 {
    (width(one, size) + width(other, size)) / 2.0 + f64::from(size)
}

pub(crate) fn longest(lengths: impl IntoIterator<Item = SimDuration>) -> SimDuration {
    lengths.into_iter().max().unwrap_or_default()
}

/// A little more than a length, so that a line there is not the edge.
pub(crate) fn beyond(length: SimDuration) -> SimDuration {
    SimDuration::from_millis(length.as_millis() / 20 * 21)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(number: u64) -> SimDuration {
        SimDuration::from_hours(24 * number)
    }

    #[test]
    fn two_weeks_are_counted_in_days() {
        let span = TimeSpan::Linear { end: days(14) };
        let axis = TimeAxis::new(span, (100, 1_100), 14);
        let texts: Vec<&str> = axis.ticks.iter().map(|it| it.1.as_str()).collect();
        assert_eq!((span.title("time"), texts.len(), texts[14]), ("time, days".into(), 15, "14"));
        assert_eq!(axis.place(days(7)), 600);
        assert_eq!(axis.place(days(99)), 1_100);
    }

    #[test]
    fn a_short_axis_has_fewer_ticks() {
        let axis = TimeAxis::new(TimeSpan::Linear { end: days(14) }, (40, 340), 12);
        let texts: Vec<&str> = axis.ticks.iter().map(|it| it.1.as_str()).collect();
        assert_eq!(texts, ["0", "2", "4", "6", "8", "10", "12", "14"]);
        let axis = TimeAxis::new(TimeSpan::Linear { end: days(90) }, (40, 200), 12);
        let texts: Vec<&str> = axis.ticks.iter().map(|it| it.1.as_str()).collect();
        assert_eq!(texts, ["0", "20", "40", "60", "80"]);
    }

    #[test]
    fn ticks_of_a_logarithmic_axis_keep_apart() {
        let start = SimDuration::from_millis(MINUTE);
        for right in [300, 1_000] {
            let span = TimeSpan::Logarithmic { start, end: days(60) };
            let axis = TimeAxis::new(span, (0, right), 12);
            let apart = |it: &[(SimDuration, String)]| axis.place(it[1].0) - axis.place(it[0].0);
            assert!(axis.ticks.windows(2).all(|it| apart(it) >= 36), "{:?}", axis.ticks);
            assert_eq!((axis.place(SimDuration::ZERO), axis.ticks[0].1.as_str()), (0, "1 min"));
        }
    }
}
