//! Axes of time: which ticks, what they are called, and where a length lies in pixels.

use crate::units::SimDuration;

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A time axis from the left to the right edge of a panel.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TimeAxis {
    /// Lengths that get a tick, with what stands below it.
    pub ticks: Vec<(SimDuration, String)>,
    /// The unit of the numbers; none where every tick names its own.
    pub unit: Option<&'static str>,
    scale: Scale,
    left: i32,
    right: i32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Scale {
    Linear { end: f64 },
    Logarithmic { start: f64, end: f64 },
}

impl TimeAxis {
    /// An even axis from zero to `end`, between these pixels.
    pub(super) fn linear(end: SimDuration, left: i32, right: i32) -> Self {
        let end = end.as_millis().max(1);
        let steps = [
            SECOND,
            5 * SECOND,
            15 * SECOND,
            MINUTE,
            5 * MINUTE,
            10 * MINUTE,
            30 * MINUTE,
            HOUR,
            2 * HOUR,
            6 * HOUR,
            12 * HOUR,
            DAY,
            2 * DAY,
            5 * DAY,
            10 * DAY,
            30 * DAY,
            100 * DAY,
            365 * DAY,
        ];
        let step = steps.into_iter().find(|step| end / step <= 14).unwrap_or(end.div_ceil(10));
        let (unit, name) = match end {
            0..=180_000 => (SECOND, "seconds"),
            180_001..=10_800_000 => (MINUTE, "minutes"),
            10_800_001..=259_200_000 => (HOUR, "hours"),
            _ => (DAY, "days"),
        };
        let ticks = (0..=end / step).map(|it| {
            let at = it * step;
            // Whole numbers where possible: steps of 12 h on an axis of days are halves.
            let text = if at.is_multiple_of(unit) {
                (at / unit).to_string()
            } else {
                format!("{:.1}", at as f64 / unit as f64)
            };
            (SimDuration::from_millis(at), text)
        });
        Self {
            ticks: ticks.collect(),
            unit: Some(name),
            scale: Scale::Linear { end: end as f64 },
            left,
            right,
        }
    }

    /// A logarithmic axis; lengths below `start` lie at its left edge.
    pub(super) fn logarithmic(start: SimDuration, end: SimDuration, left: i32, right: i32) -> Self {
        let start = start.as_millis().max(SECOND);
        let end = end.as_millis().max(2 * start);
        let round = [
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
        let scale = Scale::Logarithmic { start: start as f64, end: end as f64 };
        let mut axis = Self { ticks: Vec::new(), unit: None, scale, left, right };
        for (at, text) in round.into_iter().filter(|(at, _)| (start..=end).contains(at)) {
            let at = SimDuration::from_millis(at);
            let close = |it: &(SimDuration, String)| axis.place(at) - axis.place(it.0) < 55;
            if !axis.ticks.last().is_some_and(close) {
                axis.ticks.push((at, text.to_owned()));
            }
        }
        axis
    }

    /// Where a length lies, in pixels; never outside of the panel.
    pub(super) fn place(&self, length: SimDuration) -> i32 {
        let millis = length.as_millis() as f64;
        let part = match self.scale {
            Scale::Linear { end } => millis / end,
            Scale::Logarithmic { start, end } => {
                libm::log(millis.max(start) / start) / libm::log(end / start)
            }
        };
        self.left + (part.clamp(0.0, 1.0) * f64::from(self.right - self.left)).round() as i32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_weeks_are_counted_in_days() {
        let axis = TimeAxis::linear(SimDuration::from_hours(14 * 24), 100, 1_100);
        let texts: Vec<&str> = axis.ticks.iter().map(|it| it.1.as_str()).collect();
        assert_eq!((axis.unit, texts.len(), texts[14]), (Some("days"), 15, "14"));
        assert_eq!(axis.place(SimDuration::from_hours(7 * 24)), 600);
        assert_eq!(axis.place(SimDuration::from_hours(99 * 24)), 1_100);
    }

    #[test]
    fn ticks_of_a_logarithmic_axis_keep_apart() {
        let minute = SimDuration::from_millis(MINUTE);
        let axis = TimeAxis::logarithmic(minute, SimDuration::from_hours(24 * 60), 0, 1_000);
        assert!(axis.ticks.windows(2).all(|it| axis.place(it[1].0) - axis.place(it[0].0) >= 55));
        assert_eq!(axis.place(SimDuration::ZERO), 0);
        assert_eq!(axis.ticks[0].1, "1 min");
    }
}
