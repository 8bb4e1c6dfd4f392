//! Incomplete gamma and beta functions and their inverses, on logarithmic scales.
//!
//! They are our own because the table of a distribution decides event times, hence must come out
//! the same on every machine, and because the lower tail must be right: a library at hand has a
//! floor of 1e-9 there.

/// Relative change at which a series or a continued fraction has converged.
const CONVERGED: f64 = 1e-16;
/// In place of a zero denominator in a continued fraction (Lentz's method, as modified by
/// Thompson and Barnett).
const TINY: f64 = 1e-300;

/// The longest steps down and up in the search of an inverse. From the flat side of a tail Newton's
/// first step may be as long as it likes, and upwards a gamma tail falls like exp(-e^y).
const LONGEST_STEP: (f64, f64) = (40.0, 2.0);

/// A standard distribution whose inverse is tabulated.
///
/// Gamma (scale 1) is seen over y = ln x, beta (on 0 to 1) over y = logit x. Over these scales
/// both have log-concave densities, thus log-concave tails, on which Newton's method converges
/// from anywhere; and nothing underflows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Law {
    /// Density over y: exp(shape y - e^y) / Gamma(shape).
    Gamma { shape: f64, ln_gamma: f64 },
    /// Density over y: x^a (1 - x)^b / B(a, b).
    Beta { a: f64, b: f64, ln_beta: f64 },
}

/// One of the two tails of a distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tail {
    Lower,
    Upper,
}

/// Natural logarithms of both tail probabilities.
#[derive(Clone, Copy, Debug)]
struct Tails {
    lower: f64,
    upper: f64,
}

impl Law {
    pub(super) fn gamma(shape: f64) -> Self {
        Self::Gamma { shape, ln_gamma: libm::lgamma(shape) }
    }

    pub(super) fn beta(a: f64, b: f64) -> Self {
        Self::Beta { a, b, ln_beta: libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b) }
    }

    /// The y at which the logarithm of `tail` is `ln_p`, searched from `start`.
    pub(super) fn solve(&self, tail: Tail, ln_p: f64, start: f64) -> f64 {
        let mut y = start;
        for _ in 0..200 {
            let ln_tail = self.ln_tail(tail, y);
            let slope = libm::exp(self.ln_density(y) - ln_tail);
            let ahead = (ln_p - ln_tail) / slope;
            let step = if tail == Tail::Lower { ahead } else { -ahead };
            y += step.clamp(-LONGEST_STEP.0, LONGEST_STEP.1);
            // The error left is about the square of the last step.
            if step.abs() < 1e-9 {
                return y;
            }
        }
        unreachable!("Newton's method converges on a log-concave tail: {self:?} at {ln_p}")
    }

    /// A place near the median, from which to search it.
    pub(super) fn near_median(&self) -> f64 {
        match *self {
            // Wilson and Hilferty's cube where the shape is not small, else the leading power.
            Self::Gamma { shape, .. } if shape >= 1.0 => {
                libm::log(shape) + 3.0 * libm::log(1.0 - 1.0 / (9.0 * shape))
            }
            Self::Gamma { shape, ln_gamma } => {
                (libm::log(0.5) + ln_gamma + libm::log(shape)) / shape
            }
            Self::Beta { a, b, .. } => libm::log(a / b),
        }
    }

    /// Natural logarithm of a tail probability at `y`.
    pub(super) fn ln_tail(&self, tail: Tail, y: f64) -> f64 {
        let tails = match *self {
            Self::Gamma { shape, ln_gamma } => gamma_tails(shape, ln_gamma, y),
            Self::Beta { a, b, .. } => beta_tails(a, b, self.ln_density(y), y),
        };
        match tail {
            Tail::Lower => tails.lower,
            Tail::Upper => tails.upper,
        }
    }

    /// Natural logarithm of the density over y.
    pub(super) fn ln_density(&self, y: f64) -> f64 {
        match *self {
            Self::Gamma { shape, ln_gamma } => shape * y - libm::exp(y) - ln_gamma,
            Self::Beta { a, b, ln_beta } => {
                -a * libm::log1p(libm::exp(-y)) - b * libm::log1p(libm::exp(y)) - ln_beta
            }
        }
    }
}

impl Tails {
    fn from_lower(lower: f64) -> Self {
        Self { lower, upper: ln_of_rest(lower) }
    }

    fn from_upper(upper: f64) -> Self {
        Self { lower: ln_of_rest(upper), upper }
    }
}

/// ln(1 - p) from ln p.
fn ln_of_rest(ln_p: f64) -> f64 {
    libm::log(-libm::expm1(ln_p))
}

/// Incomplete gamma: the series 8.11.4 of the *Digital Library of Mathematical Functions* below
/// the mean, the continued fraction 8.9.2 above.
fn gamma_tails(shape: f64, ln_gamma: f64, y: f64) -> Tails {
    let x = libm::exp(y);
    assert!(x.is_finite(), "the search of an inverse stays where the tail is not zero");
    let leading = shape * y - x - ln_gamma;
    if x < shape + 1.0 {
        let (mut sum, mut term, mut divisor) = (1.0, 1.0, shape);
        while term > CONVERGED * sum {
            divisor += 1.0;
            term *= x / divisor;
            sum += term;
        }
        Tails::from_lower(leading - libm::log(shape) + libm::log(sum))
    } else {
        let mut b = x + 1.0 - shape;
        let mut c = 1.0 / TINY;
        let mut d = 1.0 / b;
        let mut fraction = d;
        let mut i = 0.0;
        loop {
            i += 1.0;
            let a = -i * (i - shape);
            b += 2.0;
            d = 1.0 / not_zero(a * d + b);
            c = not_zero(b + a / c);
            fraction *= c * d;
            if (c * d - 1.0).abs() <= 2.0 * f64::EPSILON {
                return Tails::from_upper(leading + libm::log(fraction));
            }
        }
    }
}

/// Incomplete beta: the continued fraction 8.17.22 of the *Digital Library of Mathematical
/// Functions*, from the side on which it converges fast.
fn beta_tails(a: f64, b: f64, leading: f64, y: f64) -> Tails {
    let x = 1.0 / (1.0 + libm::exp(-y));
    if x < (a + 1.0) / (a + b + 2.0) {
        Tails::from_lower(leading + libm::log(beta_fraction(a, b, x) / a))
    } else {
        let rest = 1.0 / (1.0 + libm::exp(y));
        Tails::from_upper(leading + libm::log(beta_fraction(b, a, rest) / b))
    }
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let mut c = 1.0;
    let mut d = 1.0 / not_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    let mut m = 0.0;
    loop {
        m += 1.0;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / not_zero(1.0 + even * d);
        c = not_zero(1.0 + even / c);
        fraction *= c * d;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / not_zero(1.0 + odd * d);
        c = not_zero(1.0 + odd / c);
        fraction *= c * d;
        if (c * d - 1.0).abs() <= 2.0 * f64::EPSILON {
            return fraction;
        }
    }
}

fn not_zero(x: f64) -> f64 {
    if x.abs() < TINY { TINY } else { x }
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{Beta, ContinuousCDF, Gamma};

    fn laws() -> Vec<Law> {
        let gammas = [0.04, 0.3, 0.5, 1.0, 2.3, 30.0, 10_000.0].map(Law::gamma);
        let betas = [(1.0, 5.0), (5.0, 1.0), (1.8, 4.2), (3.0, 3.0)].map(|(a, b)| Law::beta(a, b));
        gammas.into_iter().chain(betas).collect()
    }

    #[test]
    fn the_inverse_comes_back_to_its_probability() {
        for law in laws() {
            for tail in [Tail::Lower, Tail::Upper] {
                for tenths in 7..=370 {
                    let ln_p = -f64::from(tenths) / 10.0;
                    let y = law.solve(tail, ln_p, law.near_median());
                    let back = law.ln_tail(tail, y);
                    assert!((back - ln_p).abs() < 1e-10, "{law:?} {tail:?} {ln_p}: {back}");
                }
            }
        }
    }

    #[test]
    fn tails_agree_with_another_library_in_the_body() {
        for law in laws() {
            for percent in 1..100 {
                let ln_p = libm::log(f64::from(percent) / 100.0);
                let y = law.solve(Tail::Lower, ln_p, law.near_median());
                let other = match law {
                    Law::Gamma { shape, .. } => Gamma::new(shape, 1.0).unwrap().cdf(libm::exp(y)),
                    Law::Beta { a, b, .. } => {
                        Beta::new(a, b).unwrap().cdf(1.0 / (1.0 + libm::exp(-y)))
                    }
                };
                let seen = libm::exp(law.ln_tail(Tail::Lower, y));
                assert!((seen / other - 1.0).abs() < 1e-9, "{law:?}: {seen}, not {other}");
                let upper = libm::exp(law.ln_tail(Tail::Upper, y));
                assert!((seen + upper - 1.0).abs() < 1e-14, "{law:?}: {seen} and {upper}");
            }
        }
    }
}
