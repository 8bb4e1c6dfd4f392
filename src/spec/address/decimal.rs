//! Numbers as people write them, exactly.

use std::fmt;

/// More decimal places than anybody writes, and few enough for every sum and product.
const MOST_PLACES: u32 = 18;
/// Large enough for any quantity in its smallest unit.
const MOST: i128 = 10i128.pow(27);

/// A decimal number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    /// The number times ten to the power of `places`.
    digits: i128,
    places: u32,
}

impl Decimal {
    pub(super) fn whole(number: i128) -> Option<Self> {
        Self::new(number, 0)
    }

    fn new(mut digits: i128, mut places: u32) -> Option<Self> {
        while places > 0 && digits % 10 == 0 {
            (digits, places) = (digits / 10, places - 1);
        }
        (places <= MOST_PLACES && digits.abs() <= MOST).then_some(Self { digits, places })
    }

    /// Reads `1.5`, `-3`, `1_000` or `2.5e-3`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent: i32 = exponent.parse().ok().filter(|it: &i32| it.abs() <= 18)?;
        let (negative, number) = match number.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, number.strip_prefix('+').unwrap_or(number)),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits: String =
            whole.chars().chain(fraction.chars()).filter(|it| *it != '_').collect();
        if digits.is_empty() || digits.len() > 27 || !digits.bytes().all(|it| it.is_ascii_digit()) {
            return None;
        }
        let places = i32::try_from(fraction.bytes().filter(|it| *it != b'_').count()).ok()?;
        let digits: i128 = digits.parse().ok()?;
        let digits = if negative { -digits } else { digits };
        match places - exponent {
            places @ 0.. => Self::new(digits, places.unsigned_abs()),
            more => Self::new(digits.checked_mul(10i128.checked_pow(more.unsigned_abs())?)?, 0),
        }
    }

    /// Reads `95%` as 95.
    pub(super) fn read_percent(text: &str) -> Option<Self> {
        Self::read(text.trim().strip_suffix('%')?.trim_end())
    }

    pub(super) fn hundredth(self) -> Option<Self> {
        Self::new(self.digits, self.places + 2)
    }

    pub(super) fn times(self, other: Self) -> Option<Self> {
        Self::new(self.digits.checked_mul(other.digits)?, self.places + other.places)
    }

    pub(super) fn plus(self, other: Self) -> Option<Self> {
        let places = self.places.max(other.places);
        let at = |it: Self| it.digits.checked_mul(10i128.pow(places - it.places));
        Self::new(at(self)?.checked_add(at(other)?)?, places)
    }

    /// A quotient, where it has at most nine decimal places.
    pub(super) fn quotient(count: u64, by: u64) -> Option<Self> {
        let (count, by) = (i128::from(count), i128::from(by));
        let exact = |places: &u32| count * 10i128.pow(*places) % by == 0;
        let places = (0..=9).find(exact)?;
        Self::new(count * 10i128.pow(places) / by, places)
    }

    /// The whole number next to it; of two the greater one.
    pub(super) fn rounded(self) -> i128 {
        let one = 10i128.pow(self.places);
        (2 * self.digits + one).div_euclid(2 * one)
    }

    pub(super) fn is_whole(self) -> bool {
        self.places == 0
    }

    pub(super) fn is_positive(self) -> bool {
        self.digits > 0
    }

    /// How many decimal places it has.
    pub(super) fn places(self) -> u32 {
        self.places
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.digits < 0 { "-" } else { "" };
        let (digits, one) = (self.digits.abs(), 10i128.pow(self.places));
        write!(f, "{sign}{}", digits / one)?;
        match self.places {
            0 => Ok(()),
            places => write!(f, ".{:0width$}", digits % one, width = places as usize),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::read(text).expect("a number")
    }

    #[test]
    fn a_number_reads_and_prints_as_it_is() {
        for (text, printed) in [
            ("1.50", "1.5"),
            ("-0.05", "-0.05"),
            ("+3", "3"),
            ("1_000", "1000"),
            ("2.5e-3", "0.0025"),
            ("2.5e3", "2500"),
            ("0.000", "0"),
        ] {
            assert_eq!(decimal(text).to_string(), printed);
        }
        for text in ["", ".", "-", "1.2.3", "x", "1e99", "nan", "inf", "1e-19", "--1"] {
            assert_eq!(Decimal::read(text), None, "{text}");
        }
        assert_eq!(Decimal::read(&"9".repeat(28)), None);
    }

    #[test]
    fn sums_and_products_are_exact() {
        assert_eq!(decimal("0.1").times(decimal("3")).unwrap().to_string(), "0.3");
        assert_eq!(decimal("0.1").plus(decimal("0.2")).unwrap().to_string(), "0.3");
        assert_eq!(
            Decimal::read_percent("7.5 %").unwrap().hundredth().unwrap().to_string(),
            "0.075"
        );
        assert_eq!(Decimal::quotient(3, 8).unwrap().to_string(), "0.375");
        assert_eq!(Decimal::quotient(1, 3), None);
    }

    #[test]
    fn a_half_is_rounded_up() {
        for (text, rounded) in [("2.5", 3), ("2.49", 2), ("-2.5", -2), ("-2.51", -3), ("4", 4)] {
            assert_eq!(decimal(text).rounded(), rounded, "{text}");
        }
    }
}
