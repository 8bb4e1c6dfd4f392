//! The normal distribution: its inverse, for every draw, and its tails, for tables and means.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// The `p`-quantile of the standard normal distribution, `p` strictly between 0 and 1.
///
/// Wichura's algorithm AS 241, PPND16 (*Applied Statistics* 37, 1988): about 16 digits.
#[inline]
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        q * ratio(r, &MIDDLE)
    } else {
        tail(p, q)
    }
}

/// The 15 % outside of the middle, where a logarithm is needed.
#[inline(never)]
fn tail(p: f64, q: f64) -> f64 {
    let r = (-libm::log(if q < 0.0 { p } else { 1.0 - p })).sqrt();
    let z = if r <= 5.0 { ratio(r - 1.6, &NEAR) } else { ratio(r - 5.0, &FAR) };
    if q < 0.0 { -z } else { z }
}

/// `e` to the power of `x`, for `x` between -700 and 700 (beyond that, of the nearer end): what
/// durations need, without a branch.
///
/// x = k ln 2 + r with |r| <= ln 2 / 2; the Taylor polynomial of degree 13 of e^r, whose remainder
/// is below 1e-17, summed in pairs (G. Estrin, 1960) so that the sums do not wait for each other.
/// Only additions and multiplications, which give the same bits on every machine.
#[inline]
pub(super) fn exp(x: f64) -> f64 {
    // Adding and taking away 1.5 * 2^52 rounds to a whole number.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    let x = x.clamp(-700.0, 700.0);
    let k = (x * std::f64::consts::LOG2_E + ROUND) - ROUND;
    let r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    let r2 = r * r;
    let r4 = r2 * r2;
    let r8 = r4 * r4;
    let pair = |low: f64, high: f64| low + high * r;
    let c01 = pair(1.0, 1.0);
    let c23 = pair(1.0 / 2.0, 1.0 / 6.0);
    let c45 = pair(1.0 / 24.0, 1.0 / 120.0);
    let c67 = pair(1.0 / 720.0, 1.0 / 5_040.0);
    let c89 = pair(1.0 / 40_320.0, 1.0 / 362_880.0);
    let c1011 = pair(1.0 / 3_628_800.0, 1.0 / 39_916_800.0);
    let c1213 = pair(1.0 / 479_001_600.0, 1.0 / 6_227_020_800.0);
    let low = (c01 + c23 * r2) + (c45 + c67 * r2) * r4;
    let high = (c89 + c1011 * r2) + c1213 * r4;
    let scale = f64::from_bits(((k as i64 + 1_023) as u64) << 52);
    (low + high * r8) * scale
}

/// The probability below `z`.
pub(super) fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// Natural logarithm of the density at `z`.
pub(super) fn ln_normal_density(z: f64) -> f64 {
    -0.5 * z * z - 0.5 * libm::log(2.0 * PI)
}

/// Coefficients of a polynomial above another, from the highest power down.
type Ratio = ([f64; 8], [f64; 8]);

#[inline]
fn ratio(r: f64, (above, below): &Ratio) -> f64 {
    let polynomial = |coefficients: &[f64; 8]| coefficients.iter().fold(0.0, |sum, c| sum * r + c);
    polynomial(above) / polynomial(below)
}

#[expect(clippy::excessive_precision, reason = "digits as published")]
#[expect(clippy::unreadable_literal, reason = "digits as published")]
const MIDDLE: Ratio = (
    [
        2.5090809287301226727e+3,
        3.3430575583588128105e+4,
        6.7265770927008700853e+4,
        4.5921953931549871457e+4,
        1.3731693765509461125e+4,
        1.9715909503065514427e+3,
        1.3314166789178437745e+2,
        3.3871328727963666080e+0,
    ],
    [
        5.2264952788528545610e+3,
        2.8729085735721942674e+4,
        3.9307895800092710610e+4,
        2.1213794301586595867e+4,
        5.3941960214247511077e+3,
        6.8718700749205790830e+2,
        4.2313330701600911252e+1,
        1.0,
    ],
);

#[expect(clippy::excessive_precision, reason = "digits as published")]
#[expect(clippy::unreadable_literal, reason = "digits as published")]
const NEAR: Ratio = (
    [
        7.74545014278341407640e-4,
        2.27238449892691845833e-2,
        2.41780725177450611770e-1,
        1.27045825245236838258e+0,
        3.64784832476320460504e+0,
        5.76949722146069140550e+0,
        4.63033784615654529590e+0,
        1.42343711074968357734e+0,
    ],
    [
        1.05075007164441684324e-9,
        5.47593808499534494600e-4,
        1.51986665636164571966e-2,
        1.48103976427480074590e-1,
        6.89767334985100004550e-1,
        1.67638483018380384940e+0,
        2.05319162663775882187e+0,
        1.0,
    ],
);

#[expect(clippy::excessive_precision, reason = "digits as published")]
#[expect(clippy::unreadable_literal, reason = "digits as published")]
const FAR: Ratio = (
    [
        2.01033439929228813265e-7,
        2.71155556874348757815e-5,
        1.24266094738807843860e-3,
        2.65321895265761230930e-2,
        2.96560571828504891230e-1,
        1.78482653991729133580e+0,
        5.46378491116411436990e+0,
        6.65790464350110377720e+0,
    ],
    [
        2.04426310338993978564e-15,
        1.42151175831644588870e-7,
        1.84631831751005468180e-5,
        7.86869131145613259100e-4,
        1.48753612908506148525e-2,
        1.36929880922735805310e-1,
        5.99832206555887937690e-1,
        1.0,
    ],
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverse_inverts_in_all_three_ranges() {
        assert_eq!(normal_quantile(0.5), 0.0);
        for step in 1..8_300 {
            let z = -f64::from(step) / 1_000.0;
            // A relative error of the probability is divided by about |z|.
            let seen = normal_quantile(normal_cdf(z));
            assert!((seen - z).abs() < 2e-15 * z.abs().max(1.0), "{seen}, not {z}");
        }
    }

    #[test]
    fn quantiles_are_the_published_ones() {
        // The check values of AS 241 (0.25 is given with more digits elsewhere).
        for (p, z) in [
            (0.25, -0.674_489_750_196_081_7),
            (0.001, -3.090_232_306_167_813),
            (1e-20, -9.262_340_089_798_408),
            (0.9, 1.281_551_565_544_600_4),
            (0.975, 1.959_963_984_540_054),
        ] {
            assert!((normal_quantile(p) - z).abs() < 4e-15, "{}", normal_quantile(p));
        }
    }

    #[test]
    fn the_exponential_is_that_of_the_library_to_the_last_bits() {
        for step in -70_000..=70_000 {
            let x = f64::from(step) / 100.0 + 1e-3;
            let (seen, expected) = (exp(x), libm::exp(x.clamp(-700.0, 700.0)));
            assert!((seen / expected - 1.0).abs() < 5e-16, "e^{x} is {expected}, not {seen}");
        }
        assert_eq!(exp(0.0), 1.0);
    }

    #[test]
    fn the_inverse_is_antisymmetric() {
        for step in 1..1_024 {
            let p = f64::from(step) / 1_024.0;
            assert_eq!(normal_quantile(p), -normal_quantile(1.0 - p));
        }
    }
}
