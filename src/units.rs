//! Instants, lengths of time, shares and sizes: whole milliseconds, checked fractions and whole
//! bytes, with the only parser and the only printer of each.
//!
//! An instant and a length are different types, so that adding two instants does not compile.
//! Both are whole milliseconds: sums of integers do not depend on their order, so the same bytes
//! come out on every machine and from any number of threads.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Serialize};

const MS: u64 = 1;
/// Milliseconds in a second.
pub const SECOND: u64 = 1_000 * MS;
/// Milliseconds in a minute.
pub const MINUTE: u64 = 60 * SECOND;
/// Milliseconds in an hour.
pub const HOUR: u64 = 60 * MINUTE;
/// Milliseconds in a day.
pub const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;

/// Milliseconds in a second, for figures.
pub const MILLIS_PER_SECOND: f64 = SECOND as f64;
/// Milliseconds in an hour, for figures.
pub const MILLIS_PER_HOUR: f64 = HOUR as f64;

/// A length of simulated time, in whole milliseconds.
///
/// Use it for durations and delays; an instant is a [`SimTime`].
///
/// ```
/// use blackstart::units::SimDuration;
/// let restore: SimDuration = "2d 4h".parse().unwrap();
/// assert_eq!(restore.as_millis(), 52 * 3_600_000);
/// assert_eq!(restore.to_string(), "2d 4h");
/// ```
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct SimDuration(u64);

impl SimDuration {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The longest length that a scenario may state: ten years of 365 days.
    pub const MAX: Self = Self(3_650 * DAY);

    /// A length of `millis` milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// A length of so many seconds, to the nearest millisecond; none below zero.
    #[must_use]
    pub fn from_seconds(seconds: f64) -> Self {
        Self((seconds.max(0.0) * MILLIS_PER_SECOND).round() as u64)
    }

    /// A length of `hours` whole hours.
    #[must_use]
    pub const fn from_hours(hours: u64) -> Self {
        Self(hours * HOUR)
    }

    /// The length in milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Seconds, with a fraction.
    #[must_use]
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / SECOND as f64
    }

    /// The length in hours, for figures that people read.
    #[must_use]
    pub fn as_hours(self) -> f64 {
        self.0 as f64 / HOUR as f64
    }
}

impl Add for SimDuration {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sum for SimDuration {
    fn sum<I: Iterator<Item = Self>>(lengths: I) -> Self {
        lengths.fold(Self::ZERO, Add::add)
    }
}

/// Prints the exact length in the largest units that fit, such as `2d 4h` or `1m 30s`.
impl fmt::Display for SimDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.0;
        let mut gap = "";
        for (unit, name) in [(DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (SECOND, "s"), (MS, "ms")] {
            let count = rest / unit;
            rest %= unit;
            if count > 0 {
                write!(f, "{gap}{count}{name}")?;
                gap = " ";
            }
        }
        Ok(())
    }
}

/// What is wrong with a text that should have been a quantity; reads as the end of a sentence
/// that begins with the text itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// There is nothing to read.
    #[error("is empty")]
    Empty,
    /// A number without its unit.
    #[error("has no unit")]
    NoUnit,
    /// A unit that is not known.
    #[error("has an unknown unit")]
    UnknownUnit,
    /// Something that is not a number stands where one is due.
    #[error("is not a number with a unit")]
    NotANumber,
    /// A comma in a number: the decimal sign of many countries, or between thousands.
    #[error("has a comma in its number; the decimal sign is a point")]
    Comma,
    /// More than the largest value that can be held.
    #[error("is longer than ten years")]
    TooLong,
    /// More bytes than fit in 64 bits.
    #[error("is more than 16 EiB")]
    TooLarge,
    /// An amount without the time in which it is moved.
    #[error("does not say in what time")]
    NoTime,
    /// More bytes an hour than fit in 64 bits.
    #[error("is more than 16 EiB an hour")]
    TooFast,
    /// Smaller than what can be told apart.
    #[error("is finer than the smallest unit")]
    TooFine,
    /// Something that is not a number stands before a `%`.
    #[error("is not a percentage")]
    NotAPercentage,
    /// A share in a text that does not say that it is in percent.
    #[error("has no `%`")]
    NoPercent,
    /// Outside of 0 to 1.
    #[error("is not between 0% and 100%")]
    NotAShare,
}

impl std::str::FromStr for SimDuration {
    type Err = UnitError;

    /// Reads numbers with units from `ms`, `s`, `m`, `h`, `d`, `w`, such as `48h`, `2d 4h`, `1.5h`.
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let millis = sum_of_quantities(text, Finer::Refused, |unit| match unit {
            "ms" => Some(MS),
            "s" => Some(SECOND),
            "m" | "min" => Some(MINUTE),
            "h" => Some(HOUR),
            "d" => Some(DAY),
            "w" => Some(WEEK),
            _ => None,
        })?;
        if millis > Self::MAX.0 { Err(UnitError::TooLong) } else { Ok(Self(millis)) }
    }
}

/// An instant of simulated time: whole milliseconds since T+0, the first deletion.
///
/// Use it for when something happens; how long it takes is a [`SimDuration`].
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct SimTime(u64);

impl SimTime {
    /// T+0, the first deletion.
    pub const ZERO: Self = Self(0);
    /// Later than anything that happens.
    pub const NEVER: Self = Self(u64::MAX);

    /// The instant `millis` milliseconds after T+0.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since T+0.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The length from T+0 to this instant.
    #[must_use]
    pub const fn since_start(self) -> SimDuration {
        SimDuration(self.0)
    }

    /// The length from `earlier` to this instant, or zero if `earlier` is the later one.
    #[must_use]
    pub const fn saturating_since(self, earlier: Self) -> SimDuration {
        SimDuration(self.0.saturating_sub(earlier.0))
    }
}

impl Add<SimDuration> for SimTime {
    type Output = Self;
    fn add(self, length: SimDuration) -> Self {
        Self(self.0 + length.0)
    }
}

impl AddAssign<SimDuration> for SimTime {
    fn add_assign(&mut self, length: SimDuration) {
        self.0 += length.0;
    }
}

impl Sub for SimTime {
    type Output = SimDuration;
    fn sub(self, earlier: Self) -> SimDuration {
        assert!(earlier.0 <= self.0, "a length of time is never negative");
        SimDuration(self.0 - earlier.0)
    }
}

impl fmt::Display for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "T+{}", SimDuration(self.0))
    }
}

impl std::str::FromStr for SimTime {
    type Err = UnitError;

    /// Reads `T+26h`, a length after the first deletion, or `T+0`.
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let length = text.trim().strip_prefix("T+").ok_or(UnitError::NotANumber)?;
        if length == "0" {
            return Ok(Self::ZERO);
        }
        Ok(Self(length.parse::<SimDuration>()?.as_millis()))
    }
}

/// A fraction between 0 and 1, as of sites or of replications.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Share(f64);

impl Share {
    /// Everything.
    pub const ALL: Self = Self(1.0);
    /// Nothing.
    pub const NONE: Self = Self(0.0);

    /// The share `fraction`.
    ///
    /// # Errors
    /// When it is not a number between 0 and 1.
    pub fn new(fraction: f64) -> Result<Self, UnitError> {
        if (0.0..=1.0).contains(&fraction) { Ok(Self(fraction)) } else { Err(UnitError::NotAShare) }
    }

    /// The share as a number between 0 and 1.
    #[must_use]
    pub const fn fraction(self) -> f64 {
        self.0
    }
}

impl std::str::FromStr for Share {
    type Err = UnitError;

    /// Reads `95%`, `0.25%`. A text without its `%` is refused: whether `0.25` is a quarter or a
    /// quarter of a percent, nobody can tell.
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let text = text.trim();
        let number = text.strip_suffix('%').unwrap_or(text).trim_end();
        let plain = |c: char| c.is_ascii_digit() || c == '.';
        let Some(percent) = number.parse::<f64>().ok().filter(|_| number.chars().all(plain)) else {
            return Err(match number.split_once(',') {
                _ if number.is_empty() => UnitError::Empty,
                Some((_, after)) if begins_with_digit(after) => UnitError::Comma,
                _ if number.parse::<f64>().is_ok() => UnitError::NotAShare,
                _ => UnitError::NotAPercentage,
            });
        };
        if number.len() == text.len() {
            Err(UnitError::NoPercent)
        } else {
            Self::new(percent / 100.0)
        }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0 * 100.0)
    }
}

/// An amount of stored data, in whole bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(u64);

impl Bytes {
    /// `count` bytes.
    #[must_use]
    pub const fn new(count: u64) -> Self {
        Self(count)
    }

    /// How many bytes.
    #[must_use]
    pub const fn count(self) -> u64 {
        self.0
    }
}

impl std::str::FromStr for Bytes {
    type Err = UnitError;

    /// Reads `180 GiB`, `1.5TB`, `900 B`.
    fn from_str(text: &str) -> Result<Self, UnitError> {
        match sum_of_quantities(text, Finer::CutOff, bytes_in) {
            Err(UnitError::TooLong) => Err(UnitError::TooLarge),
            other => other.map(Self),
        }
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(1u64 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
        match units.iter().find(|(unit, _)| self.0 >= *unit) {
            Some((unit, name)) => write!(f, "{:.1} {name}", self.0 as f64 / *unit as f64),
            None => write!(f, "{} B", self.0),
        }
    }
}

/// How many bytes a unit of data is.
fn bytes_in(unit: &str) -> Option<u64> {
    Some(match unit {
        "B" => 1,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "TB" => 1_000_000_000_000,
        "PB" => 1_000_000_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        "PiB" => 1 << 50,
        _ => return None,
    })
}

/// How fast data is moved, in whole bytes an hour.
///
/// An hour is a whole number of seconds and minutes, so no rate that people write is rounded.
///
/// ```
/// use blackstart::units::Rate;
/// let link: Rate = "1.5 MiB/s".parse().unwrap();
/// assert_eq!(link.bytes_per_hour(), 3_600 * (3 << 19));
/// assert_eq!("20 TiB/h".parse::<Rate>().unwrap().to_string(), "20.0 TiB/h");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(u64);

impl Rate {
    /// Nothing moves.
    pub const ZERO: Self = Self(0);

    /// So many bytes an hour.
    #[must_use]
    pub const fn new(bytes_per_hour: u64) -> Self {
        Self(bytes_per_hour)
    }

    /// Bytes an hour.
    #[must_use]
    pub const fn bytes_per_hour(self) -> u64 {
        self.0
    }
}

impl std::str::FromStr for Rate {
    type Err = UnitError;

    /// Reads `20 TiB/h`, `1.5 GB/s`, `900 MiB/m`.
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (amount, time) = text.rsplit_once('/').ok_or(UnitError::NoTime)?;
        let per_hour = match time.trim() {
            "s" => HOUR / SECOND,
            "m" | "min" => HOUR / MINUTE,
            "h" => 1,
            _ => return Err(UnitError::UnknownUnit),
        };
        // The largest unit, each second, is below 2^64 bytes an hour.
        let size_of = |unit: &str| bytes_in(unit).map(|bytes| bytes * per_hour);
        match sum_of_quantities(amount, Finer::CutOff, size_of) {
            Err(UnitError::TooLong) => Err(UnitError::TooFast),
            other => other.map(Self),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/h", Bytes(self.0))
    }
}

/// What becomes of a part that is smaller than the smallest unit.
#[derive(Clone, Copy, PartialEq)]
enum Finer {
    Refused,
    CutOff,
}

/// Adds up `2d 4h`: numbers, each followed by a unit that `size_of` knows.
///
/// Fractions are read digit by digit, so that `0.1h` is exactly six minutes.
fn sum_of_quantities(
    text: &str,
    finer: Finer,
    size_of: impl Fn(&str) -> Option<u64>,
) -> Result<u64, UnitError> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(UnitError::Empty);
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let number_ends =
            rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_').unwrap_or(rest.len());
        let (number, after) = rest.split_at(number_ends);
        if !number.contains(|c: char| c.is_ascii_digit()) {
            return Err(UnitError::NotANumber);
        }
        if after.strip_prefix(',').is_some_and(begins_with_digit) {
            return Err(UnitError::Comma);
        }
        let after = after.trim_start();
        let unit_ends = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
        let (unit, next) = after.split_at(unit_ends);
        if unit.is_empty() {
            return Err(UnitError::NoUnit);
        }
        let size = size_of(unit).ok_or(UnitError::UnknownUnit)?;
        total = total.checked_add(scaled(number, size, finer)?).ok_or(UnitError::TooLong)?;
        rest = next.trim_start();
    }
    Ok(total)
}

fn begins_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// `number` (decimal digits, at most one point) times `size`, exactly.
fn scaled(number: &str, size: u64, finer: Finer) -> Result<u64, UnitError> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| -> Result<u64, UnitError> {
        text.bytes().filter(|byte| *byte != b'_').try_fold(0u64, |value, byte| match byte {
            b'0'..=b'9' => value
                .checked_mul(10)
                .and_then(|value| value.checked_add(u64::from(byte - b'0')))
                .ok_or(UnitError::TooLong),
            _ => Err(UnitError::NotANumber),
        })
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err(UnitError::NotANumber);
    }
    let whole = digits(whole)?.checked_mul(size).ok_or(UnitError::TooLong)?;
    if fraction.len() > 9 {
        return Err(UnitError::TooFine);
    }
    let scale = 10u128.pow(u32::try_from(fraction.len()).expect("at most nine digits"));
    let part = u128::from(digits(fraction)?) * u128::from(size);
    if finer == Finer::Refused && part % scale != 0 {
        return Err(UnitError::TooFine);
    }
    let part = u64::try_from(part / scale).expect("a fraction of a unit is less than the unit");
    whole.checked_add(part).ok_or(UnitError::TooLong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_with_units_and_exactly() {
        let millis = |text: &str| text.parse::<SimDuration>().map(SimDuration::as_millis);
        assert_eq!(millis("48h"), Ok(48 * HOUR));
        assert_eq!(millis("2d 4h"), Ok(52 * HOUR));
        assert_eq!(millis("2d4h"), Ok(52 * HOUR));
        assert_eq!(millis("0.1h"), Ok(6 * MINUTE));
        assert_eq!(millis("90 m"), Ok(90 * MINUTE));
        assert_eq!(millis("1w"), Ok(WEEK));
        assert_eq!(millis("48"), Err(UnitError::NoUnit));
        assert_eq!(millis("48 parsecs"), Err(UnitError::UnknownUnit));
        assert_eq!(millis("soon"), Err(UnitError::NotANumber));
        assert_eq!(millis(""), Err(UnitError::Empty));
        assert_eq!(millis("-4h"), Err(UnitError::NotANumber));
        assert_eq!(millis("1.2.3h"), Err(UnitError::NotANumber));
        assert_eq!(millis("1,5h"), Err(UnitError::Comma));
        assert_eq!(millis("2d 1,5h"), Err(UnitError::Comma));
        assert_eq!(millis("999999999999999999999h"), Err(UnitError::TooLong));
        assert_eq!(millis("11w 520w"), Err(UnitError::TooLong));
        assert_eq!(millis("0.0001ms"), Err(UnitError::TooFine));
    }

    #[test]
    fn a_printed_duration_reads_back_as_itself() {
        for millis in [0, 1, 999, 1_000, 61_000, HOUR, DAY + 1, 52 * HOUR + 30 * MINUTE] {
            let length = SimDuration::from_millis(millis);
            assert_eq!(length.to_string().parse(), Ok(length));
        }
        assert_eq!(SimDuration::from_millis(52 * HOUR).to_string(), "2d 4h");
    }

    #[test]
    fn instants_count_from_the_first_deletion() {
        assert_eq!("T+0".parse(), Ok(SimTime::ZERO));
        assert_eq!("T+26h".parse(), Ok(SimTime::from_millis(26 * HOUR)));
        assert_eq!("26h".parse::<SimTime>(), Err(UnitError::NotANumber));
        assert_eq!(SimTime::from_millis(26 * HOUR).to_string(), "T+1d 2h");
    }

    #[test]
    fn shares_and_sizes_are_checked() {
        assert_eq!("95%".parse::<Share>().map(Share::fraction), Ok(0.95));
        assert_eq!("0.25 %".parse::<Share>().map(Share::fraction), Ok(0.0025));
        assert_eq!("0.5".parse::<Share>(), Err(UnitError::NoPercent));
        assert_eq!("1".parse::<Share>(), Err(UnitError::NoPercent));
        assert_eq!("-5%".parse::<Share>(), Err(UnitError::NotAShare));
        assert_eq!("5%%".parse::<Share>(), Err(UnitError::NotAPercentage));
        assert_eq!("half".parse::<Share>(), Err(UnitError::NotAPercentage));
        assert_eq!("%".parse::<Share>(), Err(UnitError::Empty));
        assert_eq!("120%".parse::<Share>(), Err(UnitError::NotAShare));
        assert_eq!("nan".parse::<Share>(), Err(UnitError::NotAShare));
        assert_eq!("2,5%".parse::<Share>(), Err(UnitError::Comma));
        assert_eq!("1.5 KiB".parse(), Ok(Bytes::new(1536)));
        assert_eq!("1.2 TiB".parse(), Ok(Bytes::new(1_319_413_953_331)));
        assert_eq!("99999999 PiB".parse::<Bytes>(), Err(UnitError::TooLarge));
        assert_eq!(Bytes::new(3 << 30).to_string(), "3.0 GiB");
    }

    #[test]
    fn rates_are_exact_bytes_an_hour() {
        let rate = |text: &str| text.parse::<Rate>().map(Rate::bytes_per_hour);
        assert_eq!(rate("20 TiB/h"), Ok(20 << 40));
        assert_eq!(rate("0.1 MB/s"), Ok(360_000_000));
        assert_eq!(rate("7 B/m"), Ok(420));
        assert_eq!(rate("1 GiB 512 MiB / min"), Ok(60 * (3 << 29)));
        assert_eq!(rate("0 B/h"), Ok(0));
        assert_eq!(rate("20 TiB"), Err(UnitError::NoTime));
        assert_eq!(rate("1,5 TiB/h"), Err(UnitError::Comma));
        assert_eq!(rate("20/h"), Err(UnitError::NoUnit));
        assert_eq!(rate("20 TiB/fortnight"), Err(UnitError::UnknownUnit));
        assert_eq!(rate("20 parsecs/h"), Err(UnitError::UnknownUnit));
        assert_eq!(rate("9 PiB/s"), Err(UnitError::TooFast));
        assert_eq!(rate("fast"), Err(UnitError::NoTime));
        assert_eq!(Rate::new(3 << 40).to_string(), "3.0 TiB/h");
    }
}
