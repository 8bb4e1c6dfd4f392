//! From written quantities to numbers with types: units are read here and nowhere else.

use crate::diagnostics::{Code, Diagnostics, Span};
use crate::dist::{DistError, Distribution};
use crate::spec::{DistributionSpec, FamilySpec, Limits, Located, Parsed, Scalar, TooMany};
use crate::units::{Bytes, Rate, Share, SimDuration, UnitError};

/// The choice that a key states, or the one that holds where it is not there.
pub(crate) fn choice<T: Copy + Default>(t: &Option<Located<T>>) -> T {
    t.as_ref().map_or_else(T::default, |it| it.value)
}

/// What resolving a table needs besides the table: what was cut out of it, and where faults go.
pub(crate) struct Resolver<'a> {
    pub parsed: &'a Parsed,
    pub diagnostics: &'a mut Diagnostics,
}

impl Resolver<'_> {
    /// How large the scenario may be.
    pub(crate) fn limits(&self) -> &Limits {
        &self.parsed.limits
    }

    /// Reports what there is more of than there may be; says whether there is.
    pub(crate) fn refuse(&mut self, many: Option<TooMany>, span: Span) -> bool {
        if let Some(many) = many {
            self.error(Code::TooMany, span, many.to_string()).help(many.help());
        }
        many.is_some()
    }

    /// Reports an error; the answer takes helps.
    pub(crate) fn error(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
    ) -> &mut crate::diagnostics::Diagnostic {
        self.diagnostics.error(code, span, message)
    }

    /// Warns of something that changes nothing; the answer takes helps.
    pub(crate) fn no_effect(
        &mut self,
        span: Span,
        message: impl Into<String>,
    ) -> &mut crate::diagnostics::Diagnostic {
        self.diagnostics.warning(Code::NoEffect, span, message)
    }

    /// The value of a key without which the table at `table` means nothing.
    pub(crate) fn required<'s, T>(
        &mut self,
        value: &'s Option<Located<T>>,
        table: Span,
        key: &str,
        advice: &str,
    ) -> Option<&'s Located<T>> {
        if value.is_none() && !self.parsed.was_cut(table, key) {
            self.error(Code::MissingKey, table, format!("`{key}` is missing")).help(advice);
        }
        value.as_ref()
    }

    /// A length of time.
    pub(crate) fn duration(&mut self, scalar: &Located<Scalar>) -> Option<SimDuration> {
        match &scalar.value {
            Scalar::Text(text) => match text.parse() {
                Ok(length) => Some(length),
                Err(fault) => {
                    self.bad_quantity(scalar.span, text, fault, "a length of time", "\"2d 4h\"");
                    None
                }
            },
            number => {
                self.bare(scalar.span, number, "a length of time", "h");
                None
            }
        }
    }

    /// A length of time, or `default` when the key is not there or wrong.
    pub(crate) fn duration_or(
        &mut self,
        scalar: &Option<Located<Scalar>>,
        default: SimDuration,
    ) -> SimDuration {
        scalar.as_ref().and_then(|it| self.duration(it)).unwrap_or(default)
    }

    /// An amount of data.
    pub(crate) fn bytes(&mut self, scalar: &Located<Scalar>) -> Option<Bytes> {
        match &scalar.value {
            Scalar::Text(text) => match text.parse() {
                Ok(bytes) => Some(bytes),
                Err(fault) => {
                    self.bad_quantity(scalar.span, text, fault, "an amount of data", "\"180 GiB\"");
                    None
                }
            },
            number => {
                self.bare(scalar.span, number, "an amount of data", " GiB");
                None
            }
        }
    }

    /// An amount of data in a time.
    pub(crate) fn rate(&mut self, scalar: &Located<Scalar>) -> Option<Rate> {
        match &scalar.value {
            Scalar::Text(text) => match text.parse() {
                Ok(rate) => Some(rate),
                Err(fault) => {
                    self.bad_quantity(scalar.span, text, fault, "a rate", "\"2 TiB/h\"");
                    None
                }
            },
            number => {
                self.bare(scalar.span, number, "a rate", " TiB/h");
                None
            }
        }
    }

    /// A fraction between 0 and 1.
    pub(crate) fn share(&mut self, scalar: &Located<Scalar>) -> Option<Share> {
        let share = match &scalar.value {
            Scalar::Text(text) => text.parse::<Share>(),
            Scalar::Float(number) => Share::new(*number),
            Scalar::Integer(number @ 0..=1) => Share::new(*number as f64),
            Scalar::Integer(_) => Err(UnitError::NotAShare),
        };
        if let Err(fault) = &share {
            let fault = *fault;
            let help = share_help(&scalar.value, fault);
            self.error(Code::BadShare, scalar.span, format!("{} {fault}", written(&scalar.value)))
                .help(help);
        }
        share.ok()
    }

    /// A fraction between 0 and 1, or `default` when the key is not there or wrong.
    pub(crate) fn share_or(&mut self, scalar: &Option<Located<Scalar>>, default: f64) -> Share {
        scalar
            .as_ref()
            .and_then(|it| self.share(it))
            .unwrap_or_else(|| Share::new(default).expect("a default share lies between 0 and 1"))
    }

    /// A whole number within bounds.
    pub(crate) fn whole(
        &mut self,
        written: &Located<i64>,
        bounds: std::ops::RangeInclusive<u32>,
        thing: &str,
    ) -> Option<u32> {
        let number = u32::try_from(written.value).ok().filter(|number| bounds.contains(number));
        if number.is_none() {
            self.error(
                Code::OutOfRange,
                written.span,
                format!(
                    "`{}` is no possible {thing}; it lies between {} and {}",
                    written.value,
                    bounds.start(),
                    bounds.end()
                ),
            );
        }
        number
    }

    /// A whole number within bounds, or `default` when the key is not there or wrong.
    pub(crate) fn whole_or(
        &mut self,
        written: &Option<Located<i64>>,
        default: u32,
        bounds: std::ops::RangeInclusive<u32>,
        thing: &str,
    ) -> u32 {
        written.as_ref().and_then(|it| self.whole(it, bounds, thing)).unwrap_or(default)
    }

    /// A number within bounds, or `default` when the key is not there or wrong.
    pub(crate) fn number_or(
        &mut self,
        written: &Option<Located<f64>>,
        default: f64,
        bounds: std::ops::RangeInclusive<f64>,
        thing: &str,
    ) -> f64 {
        let Some(it) = written else { return default };
        if bounds.contains(&it.value) {
            return it.value;
        }
        self.error(
            Code::OutOfRange,
            it.span,
            format!(
                "`{}` is no possible {thing}; it lies between {} and {}",
                it.value,
                bounds.start(),
                bounds.end()
            ),
        );
        default
    }

    /// A distribution of quantities in `unit`.
    pub(crate) fn distribution(
        &mut self,
        distribution: &Located<DistributionSpec>,
        unit: Unit,
    ) -> Option<Distribution> {
        match &distribution.value {
            DistributionSpec::Fixed(scalar) => {
                let value = self.amount(&distribution.with(scalar.clone()), unit)?;
                self.built(distribution.span, Distribution::fixed(value), unit)
            }
            DistributionSpec::Family(family) => self.family(distribution.span, family, unit),
        }
    }

    fn family(&mut self, span: Span, family: &FamilySpec, unit: Unit) -> Option<Distribution> {
        match family {
            FamilySpec::Fixed(it) => {
                let value = self.amount(it, unit)?;
                self.built(it.span, Distribution::fixed(value), unit)
            }
            FamilySpec::Lognormal(it) => self.lognormal(it, unit),
            FamilySpec::Pert(it) | FamilySpec::Triangular(it) => {
                let min = self.parameter(&it.min, it.span, "min", unit);
                let mode = self.parameter(&it.mode, it.span, "mode", unit);
                let max = self.parameter(&it.max, it.span, "max", unit);
                let made = match family {
                    FamilySpec::Pert(_) => Distribution::pert(min?, mode?, max?),
                    _ => Distribution::triangular(min?, mode?, max?),
                };
                self.built(it.span, made, unit)
            }
            FamilySpec::Uniform(it) => {
                let min = self.parameter(&it.min, it.span, "min", unit);
                let max = self.parameter(&it.max, it.span, "max", unit);
                self.built(it.span, Distribution::uniform(min?, max?), unit)
            }
            FamilySpec::Exponential(it) => {
                let mean = self.parameter(&it.mean, it.span, "mean", unit)?;
                self.built(it.span, Distribution::exponential(mean), unit)
            }
            FamilySpec::Gamma(it) => {
                let mean = self.parameter(&it.mean, it.span, "mean", unit);
                let cv = self.required(&it.cv, it.span, "cv", "add `cv = 0.5`");
                self.built(it.span, Distribution::gamma(mean?, cv?.value), unit)
            }
            FamilySpec::Weibull(it) => {
                let scale = self.parameter(&it.scale, it.span, "scale", unit);
                let shape = self.required(&it.shape, it.span, "shape", "add `shape = 1.5`");
                self.built(it.span, Distribution::weibull(shape?.value, scale?), unit)
            }
            FamilySpec::Quantiles(it) => {
                let p10 = self.parameter(&it.p10, it.span, "p10", unit);
                let p50 = self.parameter(&it.p50, it.span, "p50", unit);
                let p90 = self.parameter(&it.p90, it.span, "p90", unit);
                self.built(it.span, Distribution::three_quantiles(p10?, p50?, p90?), unit)
            }
            FamilySpec::Empirical(it) => {
                let values: Vec<Option<f64>> =
                    it.values.iter().map(|value| self.amount(value, unit)).collect();
                let values = values.into_iter().collect::<Option<Vec<f64>>>()?;
                self.built(span, Distribution::empirical(values), unit)
            }
        }
    }

    fn lognormal(
        &mut self,
        lognormal: &Located<crate::spec::LognormalSpec>,
        unit: Unit,
    ) -> Option<Distribution> {
        let mut quantile = |located: &Option<Located<Scalar>>, p: f64| {
            located.as_ref().map(|it| (p, self.amount(it, unit)))
        };
        let quantiles: Vec<(f64, Option<f64>)> = [
            quantile(&lognormal.p10, 0.1),
            quantile(&lognormal.p50, 0.5),
            quantile(&lognormal.p90, 0.9),
        ]
        .into_iter()
        .flatten()
        .collect();
        let made = match (&lognormal.mean, &lognormal.cv, &lognormal.sigma, quantiles.as_slice()) {
            (Some(mean), Some(cv), None, []) => {
                let mean = self.amount(mean, unit)?;
                Distribution::lognormal_mean_cv(mean, cv.value)
            }
            (None, None, Some(sigma), [(p, median)]) if *p == 0.5 => {
                if !(0.0..=3.0).contains(&sigma.value) {
                    self.error(Code::BadDistribution, sigma.span, "sigma must be between 0 and 3");
                    return None;
                }
                // sigma is the spread of the logarithm: cv^2 = exp(sigma^2) - 1.
                let variance = sigma.value * sigma.value;
                let cv = libm::sqrt(libm::expm1(variance));
                Distribution::lognormal_mean_cv((*median)? * libm::exp(variance / 2.0), cv)
            }
            (None, None, None, [(low, at_low), (high, at_high)]) => {
                Distribution::lognormal_quantiles(*low, (*at_low)?, *high, (*at_high)?)
            }
            _ => {
                self.error(
                    Code::BadDistribution,
                    lognormal.span,
                    "these keys do not make a lognormal distribution",
                )
                .help("give `mean` and `cv`, or two of `p10`, `p50`, `p90`, or `p50` and `sigma`");
                return None;
            }
        };
        self.built(lognormal.span, made, unit)
    }

    fn parameter(
        &mut self,
        written: &Option<Located<Scalar>>,
        table: Span,
        key: &str,
        unit: Unit,
    ) -> Option<f64> {
        let it =
            self.required(written, table, key, &format!("add `{key} = {}`", unit.example()))?;
        self.amount(it, unit)
    }

    fn amount(&mut self, scalar: &Located<Scalar>, unit: Unit) -> Option<f64> {
        match (unit, &scalar.value) {
            (Unit::Duration, _) => self.duration(scalar).map(|length| length.as_millis() as f64),
            (Unit::Bytes, _) => self.bytes(scalar).map(|bytes| bytes.count() as f64),
            (Unit::Users, Scalar::Integer(number)) if *number >= 0 => Some(*number as f64),
            (Unit::Users, Scalar::Float(number)) if *number >= 0.0 && number.is_finite() => {
                Some(*number)
            }
            (Unit::Users, other) => {
                let message = format!("{} is not a number of users", written(other));
                self.error(Code::BadQuantity, scalar.span, message).help("write a plain number");
                None
            }
        }
    }

    fn built(
        &mut self,
        span: Span,
        made: Result<Distribution, DistError>,
        unit: Unit,
    ) -> Option<Distribution> {
        match made {
            Err(fault) => {
                self.error(Code::BadDistribution, span, fault.to_string());
                None
            }
            // What is drawn once in a million must still fit the clock.
            Ok(made)
                if unit == Unit::Duration
                    && made.quantile(1.0 - 1e-6) > SimDuration::MAX.as_millis() as f64 =>
            {
                self.error(Code::TimeOverflow, span, "one draw in a million is over ten years")
                    .help("shorten it or make it less spread out");
                None
            }
            Ok(made) => Some(made),
        }
    }

    fn bad_quantity(
        &mut self,
        span: Span,
        text: &str,
        fault: UnitError,
        thing: &str,
        example: &str,
    ) {
        match fault {
            UnitError::NoUnit => {
                self.error(Code::BareNumber, span, format!("`{text}` has no unit"))
                    .help(format!("write {thing} such as {example}"));
            }
            UnitError::TooFast => {
                self.error(Code::OutOfRange, span, format!("`{text}` {fault}"));
            }
            UnitError::TooLarge => {
                self.error(Code::OutOfRange, span, format!("`{text}` {fault}"))
                    .help("write an amount that a store can hold");
            }
            UnitError::TooLong => {
                self.error(Code::TimeOverflow, span, format!("`{text}` {fault}"))
                    .help("the simulated clock ends after ten years");
            }
            _ => {
                self.error(Code::BadQuantity, span, format!("`{text}` {fault}"))
                    .help(format!("write {thing} such as {example}"));
            }
        }
    }

    fn bare(&mut self, span: Span, number: &Scalar, thing: &str, unit: &str) {
        let plain = match number {
            Scalar::Integer(number) => number.to_string(),
            Scalar::Float(number) => number.to_string(),
            Scalar::Text(text) => text.clone(),
        };
        self.error(Code::BareNumber, span, format!("`{plain}` has no unit"))
            .help(format!("write {thing} with its unit, such as \"{plain}{unit}\""));
    }
}

/// How a share is written, from what was meant as one.
pub(crate) fn share_help(written: &Scalar, fault: UnitError) -> String {
    match (written, fault) {
        (Scalar::Text(text), UnitError::NoPercent) => {
            format!("write as many percent as you mean: is it \"{}%\"?", text.trim())
        }
        (Scalar::Integer(percent @ 2..=100), _) => format!("write \"{percent}%\""),
        _ => "write a share such as \"95%\", or the number 0.95".to_owned(),
    }
}

fn written(scalar: &Scalar) -> String {
    match scalar {
        Scalar::Text(text) => format!("`{text}`"),
        Scalar::Integer(number) => format!("`{number}`"),
        Scalar::Float(number) => format!("`{number}`"),
    }
}

/// What a distribution is a distribution of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Duration,
    Users,
    Bytes,
}

impl Unit {
    fn example(self) -> &'static str {
        match self {
            Self::Duration => "\"2h\"",
            Self::Users => "50",
            Self::Bytes => "\"20 GiB\"",
        }
    }
}
