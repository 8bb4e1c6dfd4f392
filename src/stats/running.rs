//! A mean with its spread, one value after another.

use std::ops::Range;

use crate::stats::{Interval, reference, square};

/// Mean and spread of the values seen so far, by Welford's recurrence: equal values have no spread
/// at all, and nothing is kept of them but three numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Running {
    n: usize,
    mean: f64,
    squares: f64,
}

impl Running {
    /// Of all these values, in their order.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut running = Self::default();
        values.into_iter().for_each(|it| running.push(it));
        running
    }

    /// Adds a value.
    pub fn push(&mut self, value: f64) {
        self.n += 1;
        let before = value - self.mean;
        self.mean += before / self.n as f64;
        self.squares += before * (value - self.mean);
    }

    /// How many values.
    #[must_use]
    pub fn n(&self) -> usize {
        self.n
    }

    /// Their mean; zero of none.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Their variance; zero of fewer than two.
    #[must_use]
    pub fn variance(&self) -> f64 {
        if self.n < 2 { 0.0 } else { (self.squares / (self.n as f64 - 1.0)).max(0.0) }
    }
}

/// Pearson's correlation of so many pairs; `None` of fewer than three, or where one side does not
/// vary.
#[must_use]
pub fn correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let (left, right) =
        (Running::of(pairs.iter().map(|it| it.0)), Running::of(pairs.iter().map(|it| it.1)));
    let spread = (left.variance() * right.variance()).sqrt();
    if pairs.len() < 3 || spread == 0.0 {
        return None;
    }
    let products = pairs.iter().map(|it| (it.0 - left.mean()) * (it.1 - right.mean()));
    let covariance = products.sum::<f64>() / (pairs.len() as f64 - 1.0);
    Some((covariance / spread).clamp(-1.0, 1.0))
}

/// The sections into which a run of so many replications is cut: 20 of equally many, or 10 of fewer
/// than 100. The last replications are in none where their number is not a multiple.
pub fn sections(replications: usize) -> impl Iterator<Item = Range<usize>> {
    let count = if replications < 100 { 10 } else { 20 };
    let size = replications / count;
    (0..count).map(move |it| it * size..(it + 1) * size)
}

/// With fewer replications a difference by sections has no interval.
pub const FEWEST_FOR_SECTIONS: usize = 30;

/// The interval of a figure of all replications together, from what it is in each of their
/// [`sections`]: Student's, centred on the figure of the whole.
///
/// `of` gives the figure of the replications of a range, `whole` is that of all. `None` with fewer
/// than [`FEWEST_FOR_SECTIONS`], or where the figure is not finite in one of the sections.
/// (Asmussen and Glynn, *Stochastic Simulation*, III.5.)
pub fn sectioned(
    replications: usize,
    whole: f64,
    mut of: impl FnMut(Range<usize>) -> f64,
    confidence: f64,
) -> Option<Interval> {
    if replications < FEWEST_FOR_SECTIONS || !whole.is_finite() {
        return None;
    }
    let count = sections(replications).count();
    let squares: f64 = sections(replications).map(|it| square(of(it) - whole)).sum();
    if !squares.is_finite() {
        return None;
    }
    let parts = count as f64;
    let half = reference::student_quantile(count - 1, (1.0 + confidence) / 2.0)
        * (squares / (parts * (parts - 1.0))).sqrt();
    Some(Interval { low: whole - half, high: whole + half })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_after_another_comes_to_the_same_as_all_at_once() {
        let values = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0];
        let running = Running::of(values);
        assert!((running.mean() - 3.875).abs() < 1e-12);
        assert!((running.variance() - 7.553_571_428_571).abs() < 1e-9);
        assert_eq!(Running::of([0.1; 9]).variance(), 0.0);
    }

    #[test]
    fn correlation_is_that_of_the_textbook() {
        let pairs = [(1.0, 2.0), (2.0, 1.0), (3.0, 4.0), (4.0, 3.0)];
        assert!((correlation(&pairs).unwrap() - 0.6).abs() < 1e-12);
        assert_eq!(correlation(&[(1.0, 2.0), (1.0, 3.0), (1.0, 4.0)]), None);
        assert_eq!(correlation(&[(1.0, 2.0), (2.0, 3.0)]), None);
    }

    #[test]
    fn sections_give_students_interval_about_the_whole() {
        // Ten sections of three: half of them 1 above the whole, half 1 below it.
        // t(0.975, 9) = 2.262157; sqrt(10 / (10 * 9)) = 1/3.
        let of = |it: std::ops::Range<usize>| if it.start.is_multiple_of(2) { 6.0 } else { 4.0 };
        let interval = sectioned(32, 5.0, of, 0.95).unwrap();
        assert!((interval.high - 5.754_052).abs() < 1e-6, "{interval:?}");
        assert!((interval.low - 4.245_948).abs() < 1e-6, "{interval:?}");
        let mut sizes = Vec::new();
        let _ = sectioned(215, 0.0, |it| (sizes.push(it.len()), 0.0).1, 0.95);
        assert_eq!(sizes, [10; 20]);
        assert_eq!(sectioned(29, 5.0, of, 0.95), None);
        assert_eq!(sectioned(40, 5.0, |_| f64::INFINITY, 0.95), None);
    }
}
