//! Distributions of durations and sizes, each sampled from one uniform number by inverse transform.
//!
//! One draw, one uniform, and a longer result for a larger uniform: that keeps strategies coupled
//! when only a parameter differs, as the site that is slow stays slow. Rejection samplers break
//! it. All logarithms and exponentials come from `libm`, because the standard library's differ in
//! the last bit between machines, and even between runs of one program on two processors.
//!
//! The values have no unit; callers use milliseconds, users or bytes. Rounding to whole
//! milliseconds is left to them.

mod normal;
mod special;
mod table;

use std::sync::Arc;

pub use normal::normal_quantile;

use normal::{exp, normal_cdf};
use special::Law;
use table::QuantileTable;

/// Most spread a lognormal may have: its p99 is then 100,000 times its median.
const MOST_SIGMA: f64 = 5.0;
/// Gamma below has quantiles too steep for its table, above is as good as fixed.
const GAMMA_CV: (f64, f64) = (0.01, 5.0);
const WEIBULL_SHAPE: (f64, f64) = (0.1, 100.0);

/// The smallest uniform number that is ever drawn; there are 2^52 of them.
const FIRST_UNIFORM: f64 = 0.5 / (1u64 << 52) as f64;

/// How long something takes or how large it is: a distribution with a closed or tabulated inverse.
///
/// ```
/// use blackstart::dist::Distribution;
/// // "In 1 of 10 exercises it takes less than 5 minutes, in 1 of 10 more than 30."
/// let restore = Distribution::three_quantiles(5.0, 10.0, 30.0)?;
/// assert!((restore.quantile(0.9) - 30.0).abs() < 1e-9);
/// assert!((restore.quantile(0.95) - 41.0).abs() < 0.1);
/// # Ok::<(), blackstart::dist::DistError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution(Shape);

/// The closed shapes carry what their inverse needs; the others share a table.
#[derive(Clone, Debug, PartialEq)]
enum Shape {
    Fixed(f64),
    Uniform {
        min: f64,
        width: f64,
    },
    Exponential {
        mean: f64,
    },
    /// Logarithm normal with mean `mu` and standard deviation `sigma`.
    Lognormal {
        mu: f64,
        sigma: f64,
    },
    /// As lognormal, with one `sigma` below the median and another above.
    TwoPieceLognormal {
        mu: f64,
        below: f64,
        above: f64,
    },
    Triangular {
        min: f64,
        mode: f64,
        max: f64,
    },
    Weibull {
        shape: f64,
        scale: f64,
    },
    Gamma {
        shape: f64,
        scale: f64,
        table: Arc<QuantileTable>,
    },
    Pert {
        min: f64,
        mode: f64,
        max: f64,
        table: Arc<QuantileTable>,
    },
    /// Order statistics, ascending, at least two of them different.
    Empirical(Arc<[f64]>),
}

/// What is wrong with the parameters of a distribution, as the fragment of a sentence.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DistError {
    /// A parameter is infinite or not a number.
    #[error("{0} must be a finite number")]
    NotFinite(String),
    /// A parameter that must not be zero is zero or less.
    #[error("{0} must be longer than zero")]
    NotPositive(String),
    /// A parameter is less than zero.
    #[error("{0} must not be negative")]
    Negative(String),
    /// Two parameters are the wrong way round, or equal where they must differ.
    #[error("{longer} must be longer than {shorter}")]
    NotLonger {
        /// The parameter that has to be the longer one.
        longer: String,
        /// The parameter that has to be the shorter one.
        shorter: String,
    },
    /// The most likely value is not among the possible ones.
    #[error("mode must be between min and max")]
    ModeOutside,
    /// A parameter is out of the range for which the curve makes sense.
    #[error("{name} must be between {low} and {high}")]
    Outside {
        /// The parameter.
        name: &'static str,
        /// The least it may be.
        low: f64,
        /// The most it may be.
        high: f64,
    },
    /// Two quantiles ask for a curve so wide that its mean would mean nothing.
    #[error("{longer} is too many times {shorter}")]
    TooFarApart {
        /// The longer quantile.
        longer: String,
        /// The shorter quantile.
        shorter: String,
    },
    /// The probability of a quantile is not strictly between 0 and 1.
    #[error("a quantile's probability must be between 0 and 1")]
    NotAProbability,
    /// An empirical distribution without a value.
    #[error("at least one value is needed")]
    NoValues,
}

impl Distribution {
    /// Always `value`.
    ///
    /// # Errors
    /// When `value` is negative or not finite.
    pub fn fixed(value: f64) -> Result<Self, DistError> {
        Ok(Self(Shape::Fixed(not_negative("value", value)?)))
    }

    /// Lognormal with this mean and coefficient of variation (standard deviation over mean);
    /// fixed when `cv` is zero.
    ///
    /// # Errors
    /// When the mean is not positive or the coefficient is negative or above 100.
    pub fn lognormal_mean_cv(mean: f64, cv: f64) -> Result<Self, DistError> {
        let mean = positive("mean", mean)?;
        let cv = within("cv", cv, (0.0, 100.0))?;
        if cv == 0.0 {
            return Self::fixed(mean);
        }
        let variance = libm::log1p(cv * cv);
        let mu = libm::log(mean) - variance / 2.0;
        Ok(Self(Shape::Lognormal { mu, sigma: variance.sqrt() }))
    }

    /// The lognormal of which `lo` is the `p_lo`-quantile and `hi` the `p_hi`-quantile.
    ///
    /// # Errors
    /// When the probabilities or the quantiles are not ascending and inside their range, or so far
    /// apart that p99 would be more than 100,000 times the median.
    pub fn lognormal_quantiles(p_lo: f64, lo: f64, p_hi: f64, hi: f64) -> Result<Self, DistError> {
        let inside = |p: f64| 0.0 < p && p < 1.0;
        if !inside(p_lo) || !inside(p_hi) {
            return Err(DistError::NotAProbability);
        }
        let (name_lo, name_hi) = (name_of_quantile(p_lo), name_of_quantile(p_hi));
        if p_hi <= p_lo {
            return Err(DistError::NotLonger { longer: name_hi, shorter: name_lo });
        }
        let step = log_step((&name_lo, lo), (&name_hi, hi))?;
        let (z_lo, z_hi) = (normal_quantile(p_lo), normal_quantile(p_hi));
        let sigma = step / (z_hi - z_lo);
        if sigma > MOST_SIGMA {
            return Err(DistError::TooFarApart { longer: name_hi, shorter: name_lo });
        }
        // Between the two, so that the same curve asked for from either side has the same middle.
        let middle = (libm::log(lo) + libm::log(hi)) / 2.0;
        Ok(Self(Shape::Lognormal { mu: middle - sigma * (z_lo + z_hi) / 2.0, sigma }))
    }

    /// The curve with these three quantiles, lognormal on each side of its median; the one to ask
    /// people for ("in 1 of 10 exercises it takes longer than...").
    ///
    /// Any three ascending quantiles can be matched, the inverse is closed, and the tail is that of
    /// a lognormal: for 5, 10 and 30 minutes p99 is 73, where PERT would stop at 30.
    ///
    /// # Errors
    /// When the quantiles are not positive and ascending, or too far apart.
    pub fn three_quantiles(p10: f64, p50: f64, p90: f64) -> Result<Self, DistError> {
        let reach = normal_quantile(0.9);
        let below = log_step(("p10", p10), ("p50", p50))? / reach;
        let above = log_step(("p50", p50), ("p90", p90))? / reach;
        let too_far = |longer: &str, shorter: &str| {
            Err(DistError::TooFarApart { longer: longer.into(), shorter: shorter.into() })
        };
        if below > MOST_SIGMA {
            return too_far("p50", "p10");
        }
        if above > MOST_SIGMA {
            return too_far("p90", "p50");
        }
        Ok(Self(Shape::TwoPieceLognormal { mu: libm::log(p50), below, above }))
    }

    /// PERT: a beta curve on `min` to `max` with its peak at `mode`.
    ///
    /// `min` and `max` are absolute: nothing beyond is possible, and little near them likely.
    ///
    /// # Errors
    /// When the three are not finite, not negative and in order, or `min` equals `max`.
    pub fn pert(min: f64, mode: f64, max: f64) -> Result<Self, DistError> {
        check_three_points(min, mode, max)?;
        // With weight 4 on the mode (Malcolm, Roseboom, Clark and Fazar 1959).
        let a = 1.0 + 4.0 * (mode - min) / (max - min);
        let b = 1.0 + 4.0 * (max - mode) / (max - min);
        let table = Arc::new(QuantileTable::new(Law::beta(a, b)));
        Ok(Self(Shape::Pert { min, mode, max, table }))
    }

    /// A triangle on `min` to `max` with its peak at `mode`.
    ///
    /// # Errors
    /// When the three are not finite, not negative and in order, or `min` equals `max`.
    pub fn triangular(min: f64, mode: f64, max: f64) -> Result<Self, DistError> {
        check_three_points(min, mode, max)?;
        Ok(Self(Shape::Triangular { min, mode, max }))
    }

    /// Anything from `min` to `max` alike.
    ///
    /// # Errors
    /// When the two are not finite, not negative and ascending.
    pub fn uniform(min: f64, max: f64) -> Result<Self, DistError> {
        check_three_points(min, min, max)?;
        Ok(Self(Shape::Uniform { min, width: max - min }))
    }

    /// Exponential: the wait for something that may come at any moment alike.
    ///
    /// # Errors
    /// When the mean is not positive.
    pub fn exponential(mean: f64) -> Result<Self, DistError> {
        Ok(Self(Shape::Exponential { mean: positive("mean", mean)? }))
    }

    /// Gamma with this mean and coefficient of variation; fixed when `cv` is zero.
    ///
    /// # Errors
    /// When the mean is not positive or the coefficient is neither zero nor from 0.01 to 5.
    pub fn gamma(mean: f64, cv: f64) -> Result<Self, DistError> {
        let mean = positive("mean", mean)?;
        if cv == 0.0 {
            return Self::fixed(mean);
        }
        let cv = within("cv", cv, GAMMA_CV)?;
        let shape = 1.0 / (cv * cv);
        let table = Arc::new(QuantileTable::new(Law::gamma(shape)));
        Ok(Self(Shape::Gamma { shape, scale: mean / shape, table }))
    }

    /// Weibull with this shape (above 1: the longer it lasts the sooner it ends) and scale (its
    /// 63 % quantile).
    ///
    /// # Errors
    /// When the scale is not positive or the shape not from 0.1 to 100.
    pub fn weibull(shape: f64, scale: f64) -> Result<Self, DistError> {
        let shape = within("shape", shape, WEIBULL_SHAPE)?;
        Ok(Self(Shape::Weibull { shape, scale: positive("scale", scale)? }))
    }

    /// What was measured, with straight lines between the order statistics.
    ///
    /// It never exceeds the longest value seen; with few values that is short of the truth.
    ///
    /// # Errors
    /// When there is no value, or one is negative or not finite.
    pub fn empirical(mut values: Vec<f64>) -> Result<Self, DistError> {
        for value in &values {
            not_negative("every value", *value)?;
        }
        values.sort_unstable_by(f64::total_cmp);
        match values[..] {
            [] => Err(DistError::NoValues),
            [first, .., last] if first < last => Ok(Self(Shape::Empirical(values.into()))),
            [first, ..] => Self::fixed(first),
        }
    }

    /// The value below which lies the share `u` of all; the sample for the uniform number `u`,
    /// which is strictly between 0 and 1.
    #[inline]
    #[must_use]
    pub fn quantile(&self, u: f64) -> f64 {
        match &self.0 {
            Shape::Fixed(value) => *value,
            Shape::Uniform { min, width } => min + width * u,
            Shape::Exponential { mean } => -mean * libm::log1p(-u),
            Shape::Lognormal { mu, sigma } => exp(mu + sigma * normal_quantile(u)),
            Shape::TwoPieceLognormal { mu, below, above } => {
                let z = normal_quantile(u);
                exp(mu + z * if z < 0.0 { below } else { above })
            }
            rarer => rarer.quantile(u),
        }
    }

    /// The least that any draw gives.
    #[must_use]
    pub fn least(&self) -> f64 {
        self.quantile(FIRST_UNIFORM)
    }

    /// The most that any draw gives.
    #[must_use]
    pub fn most(&self) -> f64 {
        self.quantile(1.0 - FIRST_UNIFORM)
    }

    /// The mean, in closed form for every distribution.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match &self.0 {
            Shape::Fixed(value) => *value,
            Shape::Uniform { min, width } => min + width / 2.0,
            Shape::Exponential { mean } => *mean,
            Shape::Lognormal { mu, sigma } => libm::exp(mu + sigma * sigma / 2.0),
            // Each half of the normal curve, weighted by exp(sigma z), is a piece of a normal
            // curve moved by sigma.
            Shape::TwoPieceLognormal { mu, below, above } => {
                libm::exp(mu + below * below / 2.0) * normal_cdf(-below)
                    + libm::exp(mu + above * above / 2.0) * normal_cdf(*above)
            }
            Shape::Triangular { min, mode, max } => (min + mode + max) / 3.0,
            Shape::Weibull { shape, scale } => scale * libm::tgamma(1.0 + 1.0 / shape),
            Shape::Gamma { shape, scale, .. } => shape * scale,
            Shape::Pert { min, mode, max, .. } => (min + 4.0 * mode + max) / 6.0,
            // The area under straight lines: the two ends count half.
            Shape::Empirical(values) => {
                let ends = (values[0] + values[values.len() - 1]) / 2.0;
                (values.iter().sum::<f64>() - ends) / (values.len() - 1) as f64
            }
        }
    }

    /// The same curve with every value so many times as large, for a factor above zero.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        let shift = libm::log(factor);
        Self(match self.0.clone() {
            Shape::Fixed(value) => Shape::Fixed(value * factor),
            Shape::Uniform { min, width } => {
                Shape::Uniform { min: min * factor, width: width * factor }
            }
            Shape::Exponential { mean } => Shape::Exponential { mean: mean * factor },
            Shape::Lognormal { mu, sigma } => Shape::Lognormal { mu: mu + shift, sigma },
            Shape::TwoPieceLognormal { mu, below, above } => {
                Shape::TwoPieceLognormal { mu: mu + shift, below, above }
            }
            Shape::Triangular { min, mode, max } => {
                Shape::Triangular { min: min * factor, mode: mode * factor, max: max * factor }
            }
            Shape::Weibull { shape, scale } => Shape::Weibull { shape, scale: scale * factor },
            Shape::Gamma { shape, scale, table } => {
                Shape::Gamma { shape, scale: scale * factor, table }
            }
            Shape::Pert { min, mode, max, table } => {
                let (min, mode, max) = (min * factor, mode * factor, max * factor);
                Shape::Pert { min, mode, max, table }
            }
            Shape::Empirical(values) => {
                Shape::Empirical(values.iter().map(|it| it * factor).collect())
            }
        })
    }

    /// Whether every sample is the same, so that no number need be drawn.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        matches!(self.0, Shape::Fixed(_))
    }

    /// Whether every sample is exactly nothing.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        matches!(self.0, Shape::Fixed(value) if value == 0.0)
    }
}

impl Shape {
    /// The inverse of the shapes that are drawn less often or cost more; apart, so that the
    /// others can be inlined.
    #[inline(never)]
    fn quantile(&self, u: f64) -> f64 {
        match self {
            Self::Triangular { min, mode, max } => {
                let (left, right) = (mode - min, max - mode);
                let width = max - min;
                if u * width < left {
                    min + (u * width * left).sqrt()
                } else {
                    max - ((1.0 - u) * width * right).sqrt()
                }
            }
            Self::Weibull { shape, scale } => {
                scale * libm::exp(libm::log(-libm::log1p(-u)) / shape)
            }
            Self::Gamma { scale, table, .. } => scale * libm::exp(table.quantile(u)),
            Self::Pert { min, max, table, .. } => {
                min + (max - min) / (1.0 + libm::exp(-table.quantile(u)))
            }
            Self::Empirical(values) => {
                let place = u * (values.len() - 1) as f64;
                let below = (place as usize).min(values.len() - 2);
                values[below] + (place - below as f64) * (values[below + 1] - values[below])
            }
            Self::Fixed(_)
            | Self::Uniform { .. }
            | Self::Exponential { .. }
            | Self::Lognormal { .. }
            | Self::TwoPieceLognormal { .. } => unreachable!("`Distribution::quantile` did it"),
        }
    }
}

/// A lognormal factor of mean 1 and coefficient of variation `cv` for the uniform number `u`;
/// exactly 1 when `cv` is zero.
///
/// Use it for what makes one exercise slower than another as a whole: a team, a site, a service.
#[inline]
#[must_use]
pub fn lognormal_factor(cv: f64, u: f64) -> f64 {
    if cv == 0.0 {
        return 1.0;
    }
    let variance = libm::log1p(cv * cv);
    libm::exp(variance.sqrt() * normal_quantile(u) - variance / 2.0)
}

/// `p95` for 0.95, `p99.9` for 0.999.
fn name_of_quantile(p: f64) -> String {
    format!("p{}", (p * 1e8).round() / 1e6)
}

/// The step from `lo` to `hi`, each with its name, on a logarithmic scale.
fn log_step(lo: (&str, f64), hi: (&str, f64)) -> Result<f64, DistError> {
    let shorter = positive(lo.0, lo.1)?;
    let longer = positive(hi.0, hi.1)?;
    if longer <= shorter {
        return Err(DistError::NotLonger { longer: hi.0.into(), shorter: lo.0.into() });
    }
    Ok(libm::log(longer) - libm::log(shorter))
}

fn check_three_points(min: f64, mode: f64, max: f64) -> Result<(), DistError> {
    not_negative("min", min)?;
    not_negative("max", max)?;
    not_negative("mode", mode)?;
    if max <= min {
        return Err(DistError::NotLonger { longer: "max".into(), shorter: "min".into() });
    }
    if (min..=max).contains(&mode) { Ok(()) } else { Err(DistError::ModeOutside) }
}

fn finite(name: &str, value: f64) -> Result<f64, DistError> {
    if value.is_finite() { Ok(value) } else { Err(DistError::NotFinite(name.into())) }
}

fn not_negative(name: &str, value: f64) -> Result<f64, DistError> {
    if finite(name, value)? < 0.0 { Err(DistError::Negative(name.into())) } else { Ok(value) }
}

fn positive(name: &str, value: f64) -> Result<f64, DistError> {
    if finite(name, value)? <= 0.0 { Err(DistError::NotPositive(name.into())) } else { Ok(value) }
}

fn within(name: &'static str, value: f64, (low, high): (f64, f64)) -> Result<f64, DistError> {
    if (low..=high).contains(&finite(name, value)?) {
        Ok(value)
    } else {
        Err(DistError::Outside { name, low, high })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{Beta, ContinuousCDF, Gamma, LogNormal, Weibull};

    /// One of each kind, and the extremes of those with a table.
    fn all() -> Vec<Distribution> {
        [
            Distribution::uniform(3.0, 9.0),
            Distribution::exponential(10.0),
            Distribution::lognormal_mean_cv(10.0, 0.7),
            Distribution::lognormal_quantiles(0.5, 10.0, 0.9, 25.0),
            Distribution::three_quantiles(5.0, 10.0, 30.0),
            Distribution::three_quantiles(5.0, 25.0, 30.0),
            Distribution::triangular(5.0, 10.0, 30.0),
            Distribution::triangular(5.0, 5.0, 30.0),
            Distribution::triangular(5.0, 30.0, 30.0),
            Distribution::weibull(1.7, 16.0),
            Distribution::weibull(0.8, 16.0),
            Distribution::gamma(10.0, 0.01),
            Distribution::gamma(10.0, 0.4),
            Distribution::gamma(10.0, 1.0),
            Distribution::gamma(10.0, 2.0),
            Distribution::pert(5.0, 10.0, 30.0),
            Distribution::pert(5.0, 5.0, 30.0),
            Distribution::pert(5.0, 30.0, 30.0),
            Distribution::empirical(vec![7.0, 3.0, 3.0, 20.0]),
        ]
        .into_iter()
        .map(Result::unwrap)
        .collect()
    }

    fn close(seen: f64, expected: f64, tolerance: f64) {
        assert!(((seen - expected) / expected).abs() <= tolerance, "{seen}, not {expected}");
    }

    #[test]
    fn a_scaled_distribution_has_scaled_quantiles_and_mean() {
        let all = [
            Distribution::fixed(3.0),
            Distribution::uniform(1.0, 4.0),
            Distribution::exponential(2.0),
            Distribution::lognormal_mean_cv(3.0, 0.5),
            Distribution::three_quantiles(1.0, 2.0, 5.0),
            Distribution::triangular(1.0, 2.0, 5.0),
            Distribution::weibull(1.5, 2.0),
            Distribution::gamma(3.0, 0.7),
            Distribution::pert(1.0, 2.0, 5.0),
            Distribution::empirical(vec![1.0, 2.0, 7.0]),
        ];
        for it in all {
            let it = it.unwrap();
            let scaled = it.scaled(0.9);
            let close = |a: f64, b: f64| (a - 0.9 * b).abs() < 1e-9 * b.max(1.0);
            assert!(close(scaled.mean(), it.mean()), "{it:?}");
            for u in [0.01, 0.3, 0.5, 0.8, 0.999] {
                assert!(close(scaled.quantile(u), it.quantile(u)), "{it:?} at {u}");
            }
        }
    }

    #[test]
    fn a_larger_uniform_never_gives_a_shorter_sample() {
        let grid = 40_000;
        let mut us: Vec<f64> =
            (0..grid).map(|it| (f64::from(it) + 0.5) / f64::from(grid)).collect();
        // Both tails, across the ends of the tables at z = -6 and z = 6.
        us.extend((1..=53 * 8).map(|it| libm::exp2(f64::from(-it) / 8.0)));
        us.extend((8..=52 * 8).map(|it| 1.0 - libm::exp2(f64::from(-it) / 8.0)));
        us.sort_by(f64::total_cmp);
        for dist in all() {
            let samples: Vec<f64> = us.iter().map(|u| dist.quantile(*u)).collect();
            assert!(samples.iter().all(|it| it.is_finite() && *it >= 0.0), "{dist:?}");
            for (pair, u) in samples.windows(2).zip(&us) {
                // Between neighbouring uniforms an inverse of several operations may lose a bit.
                assert!(pair[0] <= pair[1] * (1.0 + 1e-12), "{dist:?} after {u}: {pair:?}");
            }
        }
    }

    #[test]
    fn the_mean_is_the_area_under_the_inverse() {
        for dist in all() {
            // Midpoints in z, where all inverses are smooth: the integral of q(u(z)) phi(z).
            let step = 1e-3;
            let area: f64 = (-8_500..8_500)
                .map(|it| (f64::from(it) + 0.5) * step)
                .map(|z| {
                    let density = libm::exp(-z * z / 2.0) / (2.0 * std::f64::consts::PI).sqrt();
                    dist.quantile(normal_cdf(z).min(1.0 - f64::EPSILON)) * density * step
                })
                .sum();
            assert!((area / dist.mean() - 1.0).abs() < 2e-6, "{dist:?}: {area}, {}", dist.mean());
        }
    }

    #[test]
    fn fixed_is_exactly_its_value() {
        for dist in [
            Distribution::fixed(0.1).unwrap(),
            Distribution::lognormal_mean_cv(0.1, 0.0).unwrap(),
            Distribution::gamma(0.1, 0.0).unwrap(),
            Distribution::empirical(vec![0.1; 3]).unwrap(),
        ] {
            assert!(dist.is_fixed());
            assert_eq!((dist.quantile(0.3), dist.mean()), (0.1, 0.1));
        }
        assert!(all().iter().all(|dist| !dist.is_fixed()));
    }

    #[test]
    fn two_quantiles_make_a_lognormal() {
        let dist = Distribution::lognormal_quantiles(0.1, 5.0, 0.9, 30.0).unwrap();
        let Shape::Lognormal { mu, sigma } = dist.0 else { panic!("{dist:?}") };
        close(mu, 2.505_318, 1e-6);
        close(sigma, 0.699_059, 1e-6);
        close(dist.quantile(0.5), 12.25, 1e-3);
        close(dist.quantile(0.1), 5.0, 1e-14);
        close(dist.quantile(0.9), 30.0, 1e-14);
        let skewed = Distribution::lognormal_quantiles(0.5, 10.0, 0.95, 40.0).unwrap();
        close(skewed.quantile(0.5), 10.0, 1e-14);
        close(skewed.quantile(0.95), 40.0, 1e-14);
    }

    #[test]
    fn three_quantiles_are_met_and_the_tail_is_long() {
        let dist = Distribution::three_quantiles(5.0, 10.0, 30.0).unwrap();
        for (u, expected, tolerance) in [
            (0.1, 5.0, 1e-14),
            (0.5, 10.0, 1e-14),
            (0.9, 30.0, 1e-14),
            (0.95, 41.0, 2e-3),
            (0.99, 73.5, 1e-3),
        ] {
            close(dist.quantile(u), expected, tolerance);
        }
    }

    #[test]
    fn expert_triples_end_early_in_pert_and_triangle() {
        let pert = Distribution::pert(5.0, 10.0, 30.0).unwrap();
        let triangle = Distribution::triangular(5.0, 10.0, 30.0).unwrap();
        for (dist, p90, p95) in [(pert, 18.6, 20.5), (triangle, 22.9, 25.0)] {
            assert!((dist.quantile(0.90) - p90).abs() < 0.05, "{}", dist.quantile(0.90));
            assert!((dist.quantile(0.95) - p95).abs() < 0.05, "{}", dist.quantile(0.95));
        }
    }

    #[test]
    fn quantiles_agree_with_another_library_in_the_body() {
        let us = (1..100).map(|it| f64::from(it) / 100.0);
        for u in us {
            let lognormal = Distribution::lognormal_mean_cv(10.0, 0.7).unwrap();
            let sigma = 1.49_f64;
            let sigma = libm::log(sigma).sqrt();
            let other = LogNormal::new(libm::log(10.0) - sigma * sigma / 2.0, sigma).unwrap();
            close(lognormal.quantile(u), other.inverse_cdf(u), 1e-9);
            let weibull = Distribution::weibull(1.7, 16.0).unwrap();
            close(weibull.quantile(u), Weibull::new(1.7, 16.0).unwrap().inverse_cdf(u), 1e-9);
            for cv in [0.1, 0.4, 1.0, 1.4] {
                let shape = 1.0 / (cv * cv);
                let gamma = Distribution::gamma(10.0, cv).unwrap();
                let other = Gamma::new(shape, shape / 10.0).unwrap().inverse_cdf(u);
                close(gamma.quantile(u), other, 1e-6);
            }
            let pert = Distribution::pert(5.0, 10.0, 30.0).unwrap();
            close(pert.quantile(u), 5.0 + 25.0 * Beta::new(1.8, 4.2).unwrap().inverse_cdf(u), 1e-6);
        }
    }

    #[test]
    fn gamma_of_coefficient_one_is_exponential() {
        let gamma = Distribution::gamma(10.0, 1.0).unwrap();
        let exponential = Distribution::exponential(10.0).unwrap();
        for u in [1e-15, 1e-9, 1e-4, 0.03, 0.5, 0.97, 0.9999, 1.0 - 1e-10, 1.0 - f64::EPSILON / 2.0]
        {
            close(gamma.quantile(u), exponential.quantile(u), 1e-9);
        }
    }

    #[test]
    fn measured_values_are_met_at_their_ranks() {
        let dist = Distribution::empirical(vec![30.0, 10.0, 20.0]).unwrap();
        assert_eq!(dist.quantile(0.5), 20.0);
        assert_eq!(dist.quantile(0.25), 15.0);
        assert_eq!(dist.quantile(1.0), 30.0);
        assert_eq!(dist.mean(), 20.0);
    }

    #[test]
    fn a_factor_has_mean_one() {
        assert_eq!(lognormal_factor(0.0, 0.9), 1.0);
        let dist = Distribution::lognormal_mean_cv(1.0, 0.3).unwrap();
        for u in [0.01, 0.5, 0.99] {
            close(lognormal_factor(0.3, u), dist.quantile(u), 1e-14);
        }
    }

    #[test]
    fn faults_say_what_to_change() {
        let check = |dist: Result<Distribution, DistError>, message: &str| {
            assert_eq!(dist.unwrap_err().to_string(), message);
        };
        check(Distribution::fixed(-1.0), "value must not be negative");
        check(Distribution::fixed(f64::NAN), "value must be a finite number");
        check(Distribution::exponential(0.0), "mean must be longer than zero");
        check(Distribution::lognormal_mean_cv(1.0, -0.1), "cv must be between 0 and 100");
        check(Distribution::lognormal_quantiles(0.5, 5.0, 0.9, 5.0), "p90 must be longer than p50");
        check(Distribution::lognormal_quantiles(0.9, 5.0, 0.5, 6.0), "p50 must be longer than p90");
        check(
            Distribution::lognormal_quantiles(0.5, 1.0, 0.999, 1e9),
            "p99.9 is too many times p50",
        );
        check(
            Distribution::lognormal_quantiles(0.0, 5.0, 0.9, 6.0),
            "a quantile's probability must be between 0 and 1",
        );
        check(Distribution::three_quantiles(5.0, 4.0, 30.0), "p50 must be longer than p10");
        check(Distribution::three_quantiles(5.0, 9.0, 1e9), "p90 is too many times p50");
        check(Distribution::pert(5.0, 31.0, 30.0), "mode must be between min and max");
        check(Distribution::uniform(5.0, 5.0), "max must be longer than min");
        check(Distribution::gamma(5.0, 9.0), "cv must be between 0.01 and 5");
        check(Distribution::weibull(0.0, 9.0), "shape must be between 0.1 and 100");
        check(Distribution::empirical(vec![]), "at least one value is needed");
        check(Distribution::empirical(vec![1.0, -1.0]), "every value must not be negative");
    }
}
