//! The mean of numbers that lie between two ends, however they are spread.
//!
//! Student's interval is of numbers like those of a bell. Of a share of sites that is all in most
//! exercises it has no width until the first is lost, and then runs beyond all; it held 43 times in
//! 100 for a truth of 99.9 %. The bounds here ask nothing but that no number lies outside of the
//! ends, and stay inside of them.

use crate::stats::{Interval, reference};

/// The interval of the mean of one number a replication, each between `least` and `most`.
///
/// The lower end is the quantile of the numbers' mean under weights drawn as the gaps of uniform
/// points, with one number more, which is `least`: the replication that could have come and did not.
/// The upper end is its mirror image. Of numbers that are all at the ends this is Clopper and
/// Pearson's interval, of many that are spread evenly it is as narrow as Student's. (Gaffke 2005;
/// Learned-Miller and Thomas 2020, who have found no distribution for which it covers less than its
/// confidence.)
///
/// Costs some hundreds of passes over the different values. Without a value it is all from `least` to `most`.
///
/// # Panics
/// When a value lies outside of the two ends.
#[must_use]
pub fn mean_between(values: &[f64], least: f64, most: f64, confidence: f64) -> Interval {
    assert!(
        values.iter().all(|value| (least..=most).contains(value)),
        "every value lies between the ends"
    );
    if values.is_empty() || least == most {
        return Interval { low: least, high: most };
    }
    let tail = (1.0 - confidence) / 2.0;
    let mirrored: Vec<f64> = values.iter().map(|value| most - value).collect();
    let above: Vec<f64> = values.iter().map(|value| value - least).collect();
    let (above, mirrored) = (Weighted::with_zero(above), Weighted::with_zero(mirrored));
    Interval { low: least + above.quantile(tail), high: most - mirrored.quantile(tail) }
}

/// Numbers from zero up, whose mean has weights that are drawn: exponential ones over their sum.
struct Weighted {
    /// Each different number with how often it occurs, in ascending order; zero is the first.
    numbers: Vec<(f64, f64)>,
}

/// Steps after which a root is taken as it is; halving alone reaches the last bit.
const MOST_STEPS: usize = 200;

/// A root is known well enough when it moves by less than this part of the largest number.
const PRECISION: f64 = 1e-12;

impl Weighted {
    /// These numbers and one more, which is zero.
    fn with_zero(mut values: Vec<f64>) -> Self {
        values.push(0.0);
        values.sort_unstable_by(f64::total_cmp);
        let numbers = values.chunk_by(|one, next| one == next);
        Self { numbers: numbers.map(|same| (same[0], same.len() as f64)).collect() }
    }

    fn mean(&self) -> f64 {
        let count: f64 = self.numbers.iter().map(|it| it.1).sum();
        self.numbers.iter().map(|(number, times)| number * times).sum::<f64>() / count
    }

    /// What the weighted mean stays below with so small a probability.
    fn quantile(&self, tail: f64) -> f64 {
        match self.numbers[..] {
            [_] => 0.0,
            // The weight of the larger of two numbers is a beta variable.
            [(_, low), (number, high)] => {
                number * reference::beta_quantile(high as u64, low as u64, tail)
            }
            _ => self.quantile_of_many(tail),
        }
    }

    fn quantile_of_many(&self, tail: f64) -> f64 {
        let largest = self.numbers[self.numbers.len() - 1].0;
        let (mut low, mut high) = (0.0, self.mean());
        for _ in 0..MOST_STEPS {
            let middle = f64::midpoint(low, high);
            if self.chance_below(middle) < tail {
                low = middle
            } else {
                high = middle
            }
            if high - low <= PRECISION * largest {
                break;
            }
        }
        low
    }

    /// How likely the weighted mean is at most `limit`, which lies above zero and not above the mean.
    ///
    /// That is how likely the sum of exponential variables, each times the distance of its number
    /// from the limit, is at most zero. By the saddlepoint of that sum. (Lugannani and Rice 1980.)
    fn chance_below(&self, limit: f64) -> f64 {
        let slope = self.saddlepoint(limit);
        let (mut exponent, mut curvature) = (0.0, 0.0);
        for (number, times) in &self.numbers {
            let distance = number - limit;
            let rest = 1.0 - slope * distance;
            exponent -= times * libm::log(rest);
            curvature += times * (distance / rest) * (distance / rest);
        }
        let (root, score) = (-(-2.0 * exponent).max(0.0).sqrt(), slope * curvature.sqrt());
        // About the mean the formula has no digits left, and the tails that are asked for lie far off.
        if root > -1e-3 {
            return 0.5;
        }
        reference::normal_cdf(root) + reference::normal_density(root) * (1.0 / root - 1.0 / score)
    }

    /// Where the sum's cumulants are level, at or below zero.
    fn saddlepoint(&self, limit: f64) -> f64 {
        let levelness = |slope: f64| {
            self.numbers.iter().fold((0.0, 0.0), |(first, second), (number, times)| {
                let term = (number - limit) / (1.0 - slope * (number - limit));
                (first + times * term, second + times * term * term)
            })
        };
        // The number zero, whose distance is minus the limit, ends the range of slopes.
        let (mut low, mut high) = (-1.0 / limit, 0.0);
        let mut slope = 0.0;
        for _ in 0..MOST_STEPS {
            let (first, second) = levelness(slope);
            if first > 0.0 {
                high = slope
            } else {
                low = slope
            }
            let next = slope - first / second;
            let next = if low < next && next < high { next } else { f64::midpoint(low, high) };
            if (next - slope).abs() <= PRECISION * (1.0 / limit) {
                return next;
            }
            slope = next;
        }
        slope
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, StreamKey, Streams, uniform};
    use crate::stats::clopper_pearson;

    fn assert_close(seen: Interval, expected: Interval, by: f64) {
        let apart = (seen.low - expected.low).abs().max((seen.high - expected.high).abs());
        assert!(apart <= by, "{seen:?}, not {expected:?}");
    }

    #[test]
    fn of_numbers_at_the_ends_it_is_clopper_and_pearsons() {
        for (holds, n) in [(0, 20), (1, 20), (10, 20), (20, 20), (998, 1_000)] {
            let values: Vec<f64> = (0..n).map(|it| f64::from(u8::from(it < holds))).collect();
            let exact = clopper_pearson(holds, n, 0.95);
            assert_close(mean_between(&values, 0.0, 1.0, 0.95), exact, 1e-9);
        }
    }

    #[test]
    fn the_saddlepoint_is_within_a_fiftieth_of_the_beta_distribution() {
        for (holds, n) in [(20, 20), (19, 20), (10, 20), (998, 1_000), (1_000, 1_000)] {
            let values: Vec<f64> = (0..n).map(|it| f64::from(u8::from(it < holds))).collect();
            let weighted = Weighted::with_zero(values);
            let limit = weighted.quantile(0.025);
            let seen = weighted.chance_below(limit);
            assert!((seen / 0.025 - 1.0).abs() < 0.02, "{holds} of {n}: {seen}");
        }
    }

    #[test]
    fn of_what_is_always_the_same_it_leaves_room_for_what_was_not_seen() {
        // Of 50 the least share with which all of them are so with 2.5 %: 0.025^(1/50).
        let sure = 0.928_878;
        let all = mean_between(&[1.0; 50], 0.0, 1.0, 0.95);
        assert_close(all, Interval { low: sure, high: 1.0 }, 1e-6);
        let some = mean_between(&[0.6; 50], 0.0, 1.0, 0.95);
        assert_close(some, Interval { low: 0.6 * sure, high: 1.0 - 0.4 * sure }, 1e-6);
        assert_eq!(mean_between(&[], 0.0, 1.0, 0.95), Interval { low: 0.0, high: 1.0 });
        assert_eq!(mean_between(&[2.0; 9], 2.0, 2.0, 0.95), Interval { low: 2.0, high: 2.0 });
    }

    #[test]
    fn of_many_numbers_it_is_what_weights_drawn_by_lot_give() {
        let values: Vec<f64> = (0..60).map(|it| 0.9 + 0.001 * f64::from(it)).collect();
        let drawn = |number: u64| {
            let mut words = [0; 61];
            let key = StreamKey::new(Purpose::Duration, &["weights"]);
            Streams::new(1, number).fill(key, 0, 0, &mut words);
            let weights = words.map(|word| -libm::log(uniform(word)));
            let all: f64 = weights.iter().sum();
            values.iter().zip(&weights).map(|(value, weight)| value * weight).sum::<f64>() / all
        };
        let mut means: Vec<f64> = (0..40_000).map(drawn).collect();
        means.sort_unstable_by(f64::total_cmp);
        let low = mean_between(&values, 0.0, 1.0, 0.95).low;
        let below = means.partition_point(|mean| *mean <= low) as f64 / 40_000.0;
        // One standard error of the count is 0.0008.
        assert!((below - 0.025).abs() < 0.003, "{below}");
    }

    #[test]
    fn it_turns_and_stretches_with_the_numbers() {
        let values: Vec<f64> = (0..40).map(|it| f64::from(it % 7) / 8.0).collect();
        let turned: Vec<f64> = values.iter().map(|it| 1.0 - it).collect();
        let stretched: Vec<f64> = values.iter().map(|it| 100.0 + 50.0 * it).collect();
        let of = mean_between(&values, 0.0, 1.0, 0.95);
        let mirror = mean_between(&turned, 0.0, 1.0, 0.95);
        assert_close(mirror, Interval { low: 1.0 - of.high, high: 1.0 - of.low }, 1e-9);
        let long = mean_between(&stretched, 100.0, 150.0, 0.95);
        assert_close(
            long,
            Interval { low: 100.0 + 50.0 * of.low, high: 100.0 + 50.0 * of.high },
            1e-7,
        );
    }

    #[test]
    fn of_many_numbers_far_from_the_ends_it_is_about_as_wide_as_students() {
        let values: Vec<f64> = (0..2_000).map(|it| 0.3 + 0.0002 * f64::from(it)).collect();
        let (of, student) =
            (mean_between(&values, 0.0, 1.0, 0.95), crate::stats::mean_t(&values, 0.95).unwrap());
        let wider = (of.high - of.low) / (student.interval.high - student.interval.low);
        assert!((1.0..1.1).contains(&wider), "{wider}");
    }
}
