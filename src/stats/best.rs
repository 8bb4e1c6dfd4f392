//! Which of several is best, from how they differ two by two.
//!
//! Pairwise intervals that hold at once say by logic alone how far each lies from the best of the
//! others, whatever they have in common (Edwards and Hsu 1983; Nelson and Matejcik 1995, with
//! Bonferroni's inequality). Smaller is better.

use crate::stats::Interval;

/// The confidence of each of all pairs of `count`, so that all hold at once with `confidence`.
#[must_use]
pub fn simultaneous(confidence: f64, count: usize) -> f64 {
    let pairs = (count * count.saturating_sub(1) / 2).max(1);
    1.0 - (1.0 - confidence) / pairs as f64
}

/// What can be said of one among several.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// None of the others is better.
    Best,
    /// It cannot be told from the best.
    MayBeBest,
    /// One of the others is better.
    NotBest,
}

/// How far one of several lies above the best of the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FromBest {
    /// Where its difference to the best of the others lies; an end is infinite where it is not
    /// known.
    pub interval: Interval,
    /// What that says.
    pub standing: Standing,
}

impl FromBest {
    /// Whether it and the best of the others surely lie within `margin` of each other.
    #[must_use]
    pub fn is_equivalent(&self, margin: f64) -> bool {
        self.interval.low.abs() <= margin && self.interval.high.abs() <= margin
    }
}

/// How far each of `count` lies above the best of the others. `bounds` says between which values
/// the first minus the second lies; all of them hold at once.
#[must_use]
pub fn from_best(count: usize, bounds: impl Fn(usize, usize) -> Interval) -> Vec<FromBest> {
    let each = (0..count).map(|own| {
        let others = || (0..count).filter(|it| *it != own).map(|other| bounds(own, other));
        let low = others().map(|it| it.low).fold(f64::NEG_INFINITY, f64::max);
        let high = others().map(|it| it.high).fold(f64::NEG_INFINITY, f64::max);
        let standing = if high <= 0.0 {
            Standing::Best
        } else if low > 0.0 {
            Standing::NotBest
        } else {
            Standing::MayBeBest
        };
        FromBest { interval: Interval { low, high }, standing }
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three whose pairs differ by these values, give or take `half`.
    fn standings(values: [f64; 3], half: f64) -> Vec<FromBest> {
        from_best(3, |own, other| {
            let apart = values[own] - values[other];
            Interval { low: apart - half, high: apart + half }
        })
    }

    #[test]
    fn all_pairs_share_the_risk_of_being_wrong() {
        assert!((simultaneous(0.95, 2) - 0.95).abs() < 1e-15);
        assert!((simultaneous(0.95, 4) - (1.0 - 0.05 / 6.0)).abs() < 1e-15);
        assert!((simultaneous(0.95, 12) - (1.0 - 0.05 / 66.0)).abs() < 1e-15);
        assert_eq!(simultaneous(0.95, 1), 0.95);
    }

    #[test]
    fn the_best_is_below_all_others_at_once() {
        let it = standings([10.0, 13.0, 20.0], 2.0);
        assert_eq!(
            it.iter().map(|it| it.standing).collect::<Vec<_>>(),
            [Standing::Best, Standing::NotBest, Standing::NotBest]
        );
        // To the nearest rival 3 give or take 2; to the best 3 and 10.
        assert_eq!(it[0].interval, Interval { low: -5.0, high: -1.0 });
        assert_eq!(it[1].interval, Interval { low: 1.0, high: 5.0 });
        assert_eq!(it[2].interval, Interval { low: 8.0, high: 12.0 });
    }

    #[test]
    fn who_cannot_be_told_apart_may_each_be_best() {
        let it = standings([10.0, 11.0, 20.0], 2.0);
        assert_eq!(it[0].standing, Standing::MayBeBest);
        assert_eq!(it[1].standing, Standing::MayBeBest);
        assert_eq!(it[2].standing, Standing::NotBest);
        assert!(it[0].is_equivalent(3.0) && it[1].is_equivalent(3.0) && !it[2].is_equivalent(3.0));
        assert!(!it[0].is_equivalent(2.5));
    }

    #[test]
    fn equals_are_best_together() {
        let it = standings([10.0, 10.0, 20.0], 0.0);
        assert_eq!((it[0].standing, it[1].standing), (Standing::Best, Standing::Best));
    }

    #[test]
    fn what_is_not_known_decides_nothing() {
        let unknown = Interval { low: f64::NEG_INFINITY, high: f64::INFINITY };
        let it = from_best(2, |_, _| unknown);
        assert_eq!(it[0].standing, Standing::MayBeBest);
        assert!(!it[0].is_equivalent(1e9));
    }
}
