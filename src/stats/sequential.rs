//! Finding the best of several with as few replications as it takes.

use crate::stats::Running;

/// Replications of the first stage, from which the spread of differences is taken.
pub const FIRST_STAGE: usize = 20;

/// The constant h squared of [`select`] for so many candidates.
#[must_use]
pub fn select_constant(count: usize, first_stage: usize, confidence: f64) -> f64 {
    let freedom = first_stage as f64 - 1.0;
    let share = 2.0 * (1.0 - confidence) / (count as f64 - 1.0);
    (libm::pow(share, -2.0 / freedom) - 1.0) * freedom
}

/// How a selection ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Selected {
    /// Who is left, by place; more than one where they are equal or there were not enough
    /// replications.
    pub kept: Vec<usize>,
    /// After how many replications each went out; `None` of those who are left.
    pub dropped_after: Vec<Option<usize>>,
    /// Replications when it ended.
    pub replications: usize,
    /// The mean of each over the replications that it took part in.
    pub means: Vec<f64>,
}

impl Selected {
    /// Replications of all candidates together that the procedure looked at.
    #[must_use]
    pub fn runs(&self) -> usize {
        self.dropped_after.iter().map(|it| it.unwrap_or(self.replications)).sum()
    }
}

/// Who of `count` has the least mean, sure with `confidence` if the best is better than all others
/// by at least `margin`; if not, one who is kept is within `margin` of the best, as surely.
///
/// The fully sequential procedure of Kim and Nelson (2001), which common random numbers make
/// cheaper and need no correction for. After a first stage of [`FIRST_STAGE`], from which the
/// variances of paired differences are taken, replications come one at a time, and who lies above
/// another by more than max(0, margin / 2r (h2 S2 / margin^2 - r)) at replication r goes out.
///
/// `value` gives the value of a candidate in a replication, which must be finite; it is asked for
/// no candidate that went out. It ends after `most` replications at the latest.
///
/// # Panics
/// When there are fewer than two candidates, or `margin` is not above zero.
pub fn select(
    count: usize,
    confidence: f64,
    margin: f64,
    most: usize,
    mut value: impl FnMut(usize, usize) -> f64,
) -> Selected {
    assert!(count >= 2, "a selection needs two candidates");
    assert!(margin > 0.0, "a selection needs a margin");
    let h2 = select_constant(count, FIRST_STAGE, confidence);
    let mut means = vec![Running::default(); count];
    let mut apart = vec![Running::default(); count * count];
    for replication in 0..FIRST_STAGE.min(most) {
        let row: Vec<f64> = (0..count).map(|it| value(it, replication)).collect();
        for own in 0..count {
            means[own].push(row[own]);
            for other in 0..own {
                apart[own * count + other].push(row[own] - row[other]);
            }
        }
    }
    let spread =
        |own: usize, other: usize| apart[own.max(other) * count + own.min(other)].variance();
    let mut kept: Vec<usize> = (0..count).collect();
    let mut dropped_after = vec![None; count];
    let mut replications = FIRST_STAGE.min(most);
    while replications >= FIRST_STAGE {
        let r = replications as f64;
        let slack = |own: usize, other: usize| {
            (margin / (2.0 * r) * (h2 * spread(own, other) / (margin * margin) - r)).max(0.0)
        };
        let goes = |own: usize| {
            kept.iter().any(|other| {
                *other != own && means[own].mean() > means[*other].mean() + slack(own, *other)
            })
        };
        let (out, stay): (Vec<usize>, Vec<usize>) = kept.iter().partition(|it| goes(**it));
        out.iter().for_each(|it| dropped_after[*it] = Some(replications));
        // Without slack nobody is left but equals.
        let equal =
            stay.iter().all(|own| stay.iter().all(|it| own == it || slack(*own, *it) == 0.0));
        kept = stay;
        if equal || replications >= most {
            break;
        }
        kept.iter().for_each(|it| means[*it].push(value(*it, replications)));
        replications += 1;
    }
    let means = means.iter().map(Running::mean).collect();
    Selected { kept, dropped_after, replications, means }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing against a mean of 1, ten to either side in turn.
    fn ten_around_one(strategy: usize, replication: usize) -> f64 {
        match (strategy, replication.is_multiple_of(2)) {
            (0, _) => 0.0,
            (_, true) => 11.0,
            (_, false) => -9.0,
        }
    }

    #[test]
    fn the_constant_follows_the_table() {
        for (count, expected) in [(2, 5.2112), (3, 7.0438), (5, 9.0151), (10, 11.5115)] {
            let seen = select_constant(count, 20, 0.95);
            assert!((seen - expected).abs() < 5e-5, "{count}: {seen}");
        }
    }

    #[test]
    fn who_is_far_above_goes_out_after_the_first_stage() {
        let value = |it: usize, replication: usize| (100 * it + replication % 5) as f64;
        let it = select(3, 0.95, 1.0, 1_000, value);
        assert_eq!(it.kept, [0]);
        assert_eq!((it.dropped_after.as_slice(), it.runs()), (&[None, Some(20), Some(20)][..], 60));
    }

    #[test]
    fn a_near_rival_stays_until_the_slack_is_used_up() {
        // The difference is 0 and 2 in turn: mean 1, S2 = 20/19. With margin 1 and k = 2:
        // h2 S2 = 5.2112 * 1.0526 = 5.485 < 20, so that the first look is the last.
        let value = |it: usize, replication: usize| (it * 2 * (replication % 2)) as f64;
        let it = select(2, 0.95, 1.0, 1_000, value);
        assert_eq!((it.kept.as_slice(), it.replications), (&[0][..], 20));
        // With margin 0.25 it goes out where 1 > 0.125 (87.77 / r - 1), which is r > 9.75.
        assert_eq!(select(2, 0.95, 0.25, 1_000, value).replications, 20);
        // Of spread 10: S2 = 105.26, h2 S2 = 548.5; at margin 1 and a mean difference of 1, where
        // 1 > 0.5 (548.5 / r - 1), which is r > 182.8: with an even number the mean is 1.
        let it = select(2, 0.95, 1.0, 1_000, ten_around_one);
        // At odd r the mean is 1 + 10 / r, so r = 177: 1.0565 > 0.5 (3.0991 - 1) = 1.0496.
        assert_eq!((it.kept.as_slice(), it.dropped_after[1]), (&[0][..], Some(177)));
    }

    #[test]
    fn equals_are_kept_together() {
        let it = select(2, 0.95, 1.0, 1_000, |_, replication| replication as f64);
        assert_eq!((it.kept.as_slice(), it.replications), (&[0, 1][..], 20));
    }

    #[test]
    fn it_ends_when_there_are_no_more_replications() {
        let it = select(2, 0.95, 1.0, 100, ten_around_one);
        assert_eq!((it.kept.as_slice(), it.replications, it.runs()), (&[0, 1][..], 100, 200));
        assert_eq!(select(2, 0.95, 1.0, 5, ten_around_one).replications, 5);
    }
}
