//! Axes of numbers that need not begin at zero.

use crate::plot::measure::width;
use crate::report::words::grouped;
use crate::units::MILLIS_PER_HOUR;

/// The unit in which numbers of milliseconds are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct DrawnUnit {
    /// What one of it is in milliseconds.
    pub one: f64,
    /// What stands at the axis.
    pub name: &'static str,
}

const HOUR: f64 = MILLIS_PER_HOUR;

impl DrawnUnit {
    /// That of times up to this many milliseconds.
    pub(crate) fn of_times(largest: f64) -> Self {
        match largest / HOUR {
            it if it < 3.0 => Self { one: HOUR / 60.0, name: "minutes" },
            it if it < 72.0 => Self { one: HOUR, name: "hours" },
            _ => Self { one: 24.0 * HOUR, name: "days" },
        }
    }

    /// That of hours of people, sites or users.
    pub(crate) fn of_sums(name: &'static str) -> Self {
        Self { one: HOUR, name }
    }
}

/// An axis between two places in pixels.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NumberAxis {
    /// Numbers that get a tick, with what stands at it.
    pub ticks: Vec<(f64, String)>,
    low: f64,
    high: f64,
    from: i32,
    to: i32,
}

impl NumberAxis {
    /// An axis that shows all of these numbers with some room beside them, with about `most` ticks;
    /// it begins at zero where that is not far off.
    pub(crate) fn around(
        numbers: impl IntoIterator<Item = f64>,
        (from, to): (i32, i32),
        most: usize,
    ) -> Self {
        let finite = numbers.into_iter().filter(|it| it.is_finite());
        let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| {
            (low.min(it), high.max(it))
        });
        let (low, high) = if low > high { (0.0, 1.0) } else { (low, high) };
        let wide = if high > low { high - low } else { high.abs().max(1.0) };
        let near_zero = low >= 0.0 && low < 0.5 * high;
        let low = if near_zero { 0.0 } else { low - 0.06 * wide };
        Self::between((low, high + 0.06 * wide), (from, to), most)
    }

    /// An axis from one number to another that is larger, with about `most` ticks.
    pub(crate) fn between((low, high): (f64, f64), (from, to): (i32, i32), most: usize) -> Self {
        let step = round_step((high - low) / most as f64);
        let decimals = (0..6).find(|it| {
            let scaled = (0..*it).fold(step, |step, _| step * 10.0);
            (scaled - scaled.round()).abs() < 1e-6
        });
        let first = (low / step).ceil() as i64;
        let last = (high / step).floor() as i64;
        let tick = |it: i64| {
            let at = it as f64 * step;
            (at, grouped(at, decimals.unwrap_or(0)))
        };
        Self { ticks: (first..=last).map(tick).collect(), low, high, from, to }
    }

    /// As [`around`](Self::around), from left to right, with as many ticks as texts of this size
    /// leave room for.
    pub(crate) fn across(numbers: Vec<f64>, ends: (i32, i32), size: i32) -> Self {
        let axis = |most: usize| Self::around(numbers.iter().copied(), ends, most);
        let fits = |axis: &Self| {
            axis.ticks.windows(2).all(|it| {
                let wide = (width(&it[0].1, size) + width(&it[1].1, size)) / 2.0;
                f64::from(axis.place(it[1].0) - axis.place(it[0].0)) >= wide + f64::from(size)
            })
        };
        (2..=10).rev().map(axis).find(fits).unwrap_or_else(|| axis(1))
    }

    /// Where a number lies, in pixels; never outside of the panel.
    pub(crate) fn place(&self, number: f64) -> i32 {
        let part = ((number - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        self.from + (part * f64::from(self.to - self.from)).round() as i32
    }
}

/// The least of 1, 2, 5, 10, 20, 50 and so on that is at least this.
fn round_step(least: f64) -> f64 {
    let mut decade = 1.0;
    while decade < least {
        decade *= 10.0;
    }
    while decade / 10.0 >= least {
        decade /= 10.0;
    }
    [5.0, 2.0].into_iter().map(|it| decade / it).find(|it| *it >= least).unwrap_or(decade)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round() {
        let steps = [0.011, 0.02, 0.9, 1.0, 1.1, 2.3, 7.0, 11.0, 40_000.0].map(round_step);
        assert_eq!(steps, [0.02, 0.02, 1.0, 1.0, 2.0, 5.0, 10.0, 20.0, 50_000.0]);
    }

    #[test]
    fn an_axis_begins_at_zero_where_that_is_not_far_off() {
        let axis = NumberAxis::around([2.0, 10.0], (0, 106), 6);
        let texts: Vec<&str> = axis.ticks.iter().map(|it| it.1.as_str()).collect();
        assert_eq!(texts, ["0", "2", "4", "6", "8", "10"]);
        let far = NumberAxis::around([100.0, 100.5], (0, 100), 6);
        assert_eq!((far.ticks[0].1.as_str(), far.place(0.0), far.place(1e9)), ("100.0", 0, 100));
        let below = NumberAxis::around([-1.0, 3.0], (0, 100), 6);
        assert_eq!(below.ticks[0].1, "-1");
    }
}
