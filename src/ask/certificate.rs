//! Certificates: what is promised, on exercises that no search has seen.

use crate::ask::played::Point;
use crate::verdict::{Judgement, judge_share};

/// How many certificates are asked for at the most.
pub const MOST_CERTIFICATES: u32 = 8;

/// What fresh exercises say of a candidate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Certificate {
    /// The seed of its exercises.
    pub seed: u64,
    /// The confidence that it is judged at.
    pub confidence: f64,
    /// The share of exercises that is asked for.
    pub required: f64,
    /// What they say.
    pub judgement: Judgement,
}

/// The confidence of one of several certificates, the first of which has the number 0: of the error
/// that is allowed in all, each spends half of what is left, so that together they err no more often,
/// however many there are.
#[must_use]
pub fn confidence_of(confidence: f64, number: u32) -> f64 {
    1.0 - (1.0 - confidence) * libm::pow(0.5, f64::from(number) + 1.0)
}

/// The fewest exercises of which all have to keep a promise for the first certificate to hold: with
/// fewer nothing can be certified. None where no number would do.
///
/// If all of n keep it, the lower bound of Clopper and Pearson is the n-th root of the error.
#[must_use]
pub fn fewest(required: f64, confidence: f64) -> Option<u32> {
    if required >= 1.0 {
        return None;
    }
    let error = 1.0 - confidence_of(confidence, 0);
    let n = (libm::log(error) / libm::log(required.max(f64::MIN_POSITIVE))).ceil().max(1.0);
    (n <= f64::from(u32::MAX)).then_some(n as u32)
}

/// The seed of the fresh exercises of a certificate: the next one after the search's, and the next one
/// after that for every other certificate.
#[must_use]
pub fn fresh_seed(seed: u64, number: u32) -> u64 {
    seed.wrapping_add(1).wrapping_add(u64::from(number))
}

impl Certificate {
    /// Simulates so many fresh exercises of a point, whose seed is that of the search, and judges them
    /// as the certificate of this number.
    #[must_use]
    pub fn of(
        point: &Point<'_>,
        (number, replications): (u32, u32),
        progress: &(dyn Fn() + Sync),
    ) -> Self {
        let promise = point.promise.expect("a promise is certified");
        let confidence = confidence_of(promise.confidence(point.scenario), number);
        Self::at(point, (number, confidence), replications, progress)
    }

    /// As [`Certificate::of`], at a confidence of its own.
    #[must_use]
    pub fn at(
        point: &Point<'_>,
        (number, confidence): (u32, f64),
        replications: u32,
        progress: &(dyn Fn() + Sync),
    ) -> Self {
        let seed = fresh_seed(point.seed, number);
        let fresh = Point { seed, ..*point };
        let played = fresh.play(replications, progress);
        let required = point.promise.expect("a promise is certified").required(point.scenario);
        let holds = played.kept.iter().filter(|it| **it).count() as u64;
        let judgement = judge_share(holds, played.kept.len() as u64, required, confidence);
        Self { seed, confidence, required, judgement }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_one_after_the_other_spend_the_error_that_is_allowed_in_all() {
        let spent: Vec<f64> = (0..3).map(|it| 1.0 - confidence_of(0.95, it)).collect();
        for (seen, due) in spent.iter().zip([0.025, 0.0125, 0.00625]) {
            assert!((seen - due).abs() < 1e-12, "{seen}");
        }
        let all: f64 = (0..60).map(|it| 1.0 - confidence_of(0.95, it)).sum();
        assert!((all - 0.05).abs() < 1e-9, "{all}");
    }

    #[test]
    fn too_few_exercises_certify_nothing() {
        // 0.9^35 is 0.02503, 0.9^36 is 0.02253; the first certificate may err in 0.025.
        assert_eq!(
            (fewest(0.9, 0.95), fewest(0.0, 0.95), fewest(1.0, 0.95)),
            (Some(36), Some(1), None)
        );
    }

    #[test]
    fn no_two_certificates_share_their_exercises_with_the_search_or_each_other() {
        assert_eq!([fresh_seed(7, 0), fresh_seed(7, 1), fresh_seed(u64::MAX, 0)], [8, 9, 0]);
    }
}
