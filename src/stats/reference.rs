//! Quantiles of the reference distributions behind the intervals.
//!
//! The only door to `statrs`. Its inverses are right in the body and some are not far outside of
//! it (an inverse beta may not return for p below 1e-50), so every call is checked first. These
//! are the only figures of a report that go through the standard library's logarithms; they
//! decide no event.

use statrs::distribution::{
    Beta, Binomial, Continuous, ContinuousCDF, DiscreteCDF, Normal, StudentsT,
};

/// Above this Student is taken for normal: the inverse loses digits there (3e-6 at 99,999), and
/// the two agree to 2e-4 relative.
const MOST_FREEDOM: usize = 10_000;

/// The `p`-quantile of the standard normal distribution.
pub(super) fn normal_quantile(p: f64) -> f64 {
    Normal::standard().inverse_cdf(in_the_body(p))
}

/// How likely a standard normal variable is at most `x`.
pub(super) fn normal_cdf(x: f64) -> f64 {
    Normal::standard().cdf(x)
}

/// The density of the standard normal distribution.
pub(super) fn normal_density(x: f64) -> f64 {
    Normal::standard().pdf(x)
}

/// The `p`-quantile of Student's distribution with `freedom` degrees of freedom.
pub(super) fn student_quantile(freedom: usize, p: f64) -> f64 {
    if freedom > MOST_FREEDOM {
        return normal_quantile(p);
    }
    StudentsT::new(0.0, 1.0, freedom as f64)
        .expect("a spread has at least one degree of freedom")
        .inverse_cdf(in_the_body(p))
}

/// The `p`-quantile of the beta distribution with the shapes `a` and `b`.
pub(super) fn beta_quantile(a: u64, b: u64, p: f64) -> f64 {
    Beta::new(a as f64, b as f64).expect("shapes are at least one").inverse_cdf(in_the_body(p))
}

/// The least k with P(X <= k) >= `p`, for X the successes among `n` trials of probability `share`.
pub(super) fn binomial_quantile(n: usize, share: f64, p: f64) -> usize {
    let successes = Binomial::new(share, n as u64)
        .expect("a share is between 0 and 1")
        .inverse_cdf(in_the_body(p));
    (successes as usize).min(n)
}

/// How likely at most `k` heads are in `n` throws of an even coin.
pub(super) fn even_binomial_cdf(n: u64, k: u64) -> f64 {
    Binomial::new(0.5, n).expect("an even coin is a coin").cdf(k)
}

fn in_the_body(p: f64) -> f64 {
    assert!((1e-9..=1.0 - 1e-9).contains(&p), "a confidence is neither nothing nor certainty");
    p
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        let close = |x: f64, y: f64| (x - y).abs() < 5e-7;
        assert!(close(normal_quantile(0.975), 1.959_964));
        assert!(close(student_quantile(1, 0.975), 12.706_205));
        assert!(close(student_quantile(30, 0.975), 2.042_272));
        assert!(close(student_quantile(999, 0.975), 1.962_341));
        assert!(close(student_quantile(20_000, 0.975), 1.959_964));
        assert!(close(beta_quantile(1, 20, 0.975), 0.168_433));
        assert_eq!(binomial_quantile(100, 0.5, 0.025), 40);
    }

    #[test]
    fn student_meets_the_normal_without_a_jump_that_shows() {
        let step =
            student_quantile(MOST_FREEDOM, 0.975) - student_quantile(MOST_FREEDOM + 1, 0.975);
        assert!((0.0..3e-4).contains(&step), "{step}");
    }
}
