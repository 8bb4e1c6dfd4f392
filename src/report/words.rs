//! How numbers read: units, decimals and intervals. The only place that rounds for people.

use crate::measure::{EstimatedTime, MeanEstimate, TimeEstimate};
use crate::scenario::{Clock, IncidentKind};
use crate::stats::{Estimate, FEWEST_CLUSTERS, Interval};
use crate::units::{self, SimDuration};

const SECOND: f64 = units::SECOND as f64;
const MINUTE: f64 = units::MINUTE as f64;
const HOUR: f64 = units::HOUR as f64;
const DAY: f64 = units::DAY as f64;

/// The three texts of a figure: itself, its 95 % interval, and what 9 of 10 exercises do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cells {
    pub value: String,
    pub interval: String,
    pub spread: String,
}

/// A unit of time, the one in which a length reads best.
#[derive(Clone, Copy, Debug, PartialEq)]
struct TimeUnit {
    millis: f64,
    name: &'static str,
    whole: bool,
}

impl TimeUnit {
    fn of(length: SimDuration) -> Self {
        let millis = length.as_millis() as f64;
        if millis < 2.0 * MINUTE && millis > 0.0 {
            Self { millis: SECOND, name: "s", whole: true }
        } else if millis < 2.0 * HOUR {
            Self { millis: MINUTE, name: "min", whole: true }
        } else if millis < 72.0 * HOUR {
            Self { millis: HOUR, name: "h", whole: false }
        } else {
            Self { millis: DAY, name: "d", whole: false }
        }
    }

    /// Decimals that the width of an interval leaves sensible.
    fn decimals(self, width: Option<SimDuration>) -> usize {
        let wide = width.is_some_and(|it| it.as_millis() as f64 / self.millis >= 10.0);
        usize::from(!self.whole && !wide)
    }

    fn number(self, length: SimDuration, decimals: usize) -> String {
        grouped(length.as_millis() as f64 / self.millis, decimals)
    }
}

/// How the numbers of one row read: in one unit, with the same decimals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    /// What one of the unit is.
    one: f64,
    /// What stands right behind a number.
    unit: &'static str,
    /// What stands behind a difference.
    of_differences: &'static str,
    decimals: usize,
    /// What numbers without decimals are rounded to.
    step: f64,
}

impl Scale {
    /// Milliseconds, in the unit that suits this length.
    pub(crate) fn of_length(length: SimDuration) -> Self {
        let unit = TimeUnit::of(length);
        let name = match unit.name {
            "s" => " s",
            "min" => " min",
            "h" => " h",
            _ => " d",
        };
        Self {
            one: unit.millis,
            unit: name,
            of_differences: name,
            decimals: unit.decimals(None),
            step: 1.0,
        }
    }

    /// Milliseconds before or after, in the unit that suits the largest of them.
    pub(crate) fn of_times(values: &[f64]) -> Self {
        Self::of_length(SimDuration::from_millis(largest(values).round() as u64))
    }

    /// Numbers of hours and the like: of so many digits as the distance between them leaves
    /// sensible.
    pub(crate) fn of_amounts(values: &[f64]) -> Self {
        let ends = |pick: fn(f64, f64) -> f64| values.iter().copied().reduce(pick).unwrap_or(0.0);
        let width = ends(f64::max) - ends(f64::min);
        let mut step = 1.0;
        while width / step >= 100.0 {
            step *= 10.0;
        }
        let whole = values.iter().all(|it| (it - it.round()).abs() < 1e-9);
        let decimals = usize::from(!whole && largest(values) < 100.0);
        Self { decimals, step, ..Self::of_counts() }
    }

    /// Milliseconds that are a sum over people, sites or users, in hours.
    pub(crate) fn of_hours() -> Self {
        Self { one: HOUR, ..Self::of_counts() }
    }

    /// The same numbers with no digit to the right of the first digit of their standard error, but
    /// at most two decimals. (Song and Schmeiser 2009.)
    pub(crate) fn by_error(self, error: f64) -> Self {
        let error = error / self.one;
        let (mut step, mut decimals) = (1.0, 0);
        while error >= 10.0 * step {
            step *= 10.0;
        }
        let mut digit = 1.0;
        while error < digit && decimals < 2 {
            digit /= 10.0;
            decimals += 1;
        }
        if error == 0.0 {
            return Self { decimals: usize::from(self.one >= HOUR), step: 1.0, ..self };
        }
        Self { decimals, step, ..self }
    }

    /// Numbers of things.
    pub(crate) fn of_counts() -> Self {
        Self { one: 1.0, unit: "", of_differences: "", decimals: 0, step: 1.0 }
    }

    /// Shares, in percent; their differences in points.
    pub(crate) fn of_shares() -> Self {
        Self { one: 0.01, unit: "%", of_differences: " points", decimals: 1, step: 1.0 }
    }

    fn number(self, value: f64) -> String {
        let number = value / self.one;
        let rounded =
            if self.step > 1.0 { (number / self.step).round() * self.step } else { number };
        grouped(rounded, self.decimals)
    }

    /// A value with its unit; `never` for what never comes.
    pub(crate) fn text(self, value: f64) -> String {
        match value.is_finite() {
            true => format!("{}{}", self.number(value), self.unit),
            false => "never".to_owned(),
        }
    }

    /// Two ends with their unit; one where they are the same.
    pub(crate) fn range(self, low: f64, high: f64) -> String {
        if low == high {
            return self.text(low);
        }
        match self.unit {
            "%" => format!("{} to {}", self.text(low), self.text(high)),
            _ if !high.is_finite() => format!("{} to never", self.text(low)),
            _ => format!("{} to {}", self.number(low), self.text(high)),
        }
    }

    /// A difference without its sign.
    pub(crate) fn points(self, difference: f64) -> String {
        format!("{}{}", self.number(difference), self.of_differences)
    }

    /// A difference with its sign; none where it is too small to see.
    pub(crate) fn signed(self, difference: f64) -> String {
        if !difference.is_finite() {
            return "never comes".to_owned();
        }
        let text = self.points(difference);
        match text.starts_with('-') || !text.bytes().any(|it| (b'1'..=b'9').contains(&it)) {
            true => text,
            false => format!("+{text}"),
        }
    }
}

/// Two lengths for somebody who does not read abbreviations: `between 9 and 11 days`, or `9 days`
/// where they read the same.
pub(crate) fn between(low: SimDuration, high: SimDuration) -> String {
    spelled(low, high, ["between ", " and "])
}

/// The same with other words before and between them.
pub(crate) fn spelled(low: SimDuration, high: SimDuration, [before, amid]: [&str; 2]) -> String {
    let unit = TimeUnit::of(high);
    let name = match unit.name {
        "s" => "second",
        "min" => "minute",
        "h" => "hour",
        _ => "day",
    };
    // One decimal is enough where it is a tenth of the number or more.
    let decimals = usize::from(!unit.whole && high.as_millis() as f64 / unit.millis < 100.0);
    let (low, high) = (unit.number(low, decimals), unit.number(high, decimals));
    let [low, high] = [low, high].map(|it| it.strip_suffix(".0").map(str::to_owned).unwrap_or(it));
    let name = if high == "1" { name.to_owned() } else { format!("{name}s") };
    match low == high {
        true => format!("{high} {name}"),
        false => format!("{before}{low}{amid}{high} {name}"),
    }
}

/// The largest of some numbers, without their signs.
fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest, it| largest.max(it.abs()))
}

/// A length rounded for reading: `35 min`, `52.1 h`, `13.1 d`.
pub(crate) fn length(length: SimDuration) -> String {
    let unit = TimeUnit::of(length);
    format!("{} {}", unit.number(length, unit.decimals(None)), unit.name)
}

/// A length that somebody chose, exactly: `6 h`, `2 d 4 h`.
pub(crate) fn exact(length: SimDuration) -> String {
    let parts: Vec<String> = length
        .to_string()
        .split(' ')
        .map(|part| {
            let unit = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
            let (number, unit) = part.split_at(unit);
            format!("{number} {}", if unit == "m" { "min" } else { unit })
        })
        .collect();
    parts.join(" ")
}

/// A time beside a limit from which it differs, exactly where the rounded `text` of it would read as
/// the limit does.
pub(crate) fn time_beside(text: String, value: SimDuration, limit: SimDuration) -> String {
    let unit = TimeUnit::of(value);
    let reads = |decimals: usize| format!("{} {}", unit.number(limit, decimals), unit.name);
    match value != limit && (0..=1).any(|decimals| reads(decimals) == text) {
        true => exact(value),
        false => text,
    }
}

/// A number beside a limit from which it differs, with as many decimals as it takes to see that;
/// `print` takes their number.
pub(crate) fn number_beside(
    text: String,
    (value, limit): (f64, f64),
    print: impl Fn(f64, usize) -> String,
) -> String {
    let differs = |decimals: &usize| print(value, *decimals) != print(limit, *decimals);
    if value == limit || text != print(limit, 1) && text != print(limit, 0) {
        return text;
    }
    (1..=9).find(differs).map_or(text, |decimals| print(value, decimals))
}

/// The texts of a time. `since` stands before the value: `T+` for instants, nothing for lengths.
pub(crate) fn time(estimate: &TimeEstimate, since: &str, horizon: SimDuration) -> Cells {
    let width = estimate.high.time().zip(estimate.low.time());
    let width =
        width.map(|(high, low)| SimDuration::from_millis(high.as_millis() - low.as_millis()));
    let known =
        [estimate.median, estimate.low, estimate.p05].into_iter().find_map(EstimatedTime::time);
    let unit = TimeUnit::of(known.unwrap_or(horizon));
    let decimals = unit.decimals(width);
    let value = match estimate.median {
        EstimatedTime::After(at) => format!("{since}{} {}", unit.number(at, decimals), unit.name),
        EstimatedTime::TooFew => "too few exercises".to_owned(),
        EstimatedTime::Never => format!("not within {}", exact(horizon)),
    };
    let range = |low: EstimatedTime, high: EstimatedTime| match (low, high) {
        (EstimatedTime::TooFew, _) | (EstimatedTime::Never, EstimatedTime::TooFew) => {
            "too few exercises".to_owned()
        }
        (EstimatedTime::After(low), EstimatedTime::TooFew) => {
            format!("{} {} or more", unit.number(low, decimals), unit.name)
        }
        (EstimatedTime::After(low), EstimatedTime::After(high)) => format!(
            "{} to {} {}",
            unit.number(low, decimals),
            unit.number(high, decimals),
            unit.name
        ),
        (EstimatedTime::After(low), EstimatedTime::Never) => {
            format!("{} {} to never", unit.number(low, decimals), unit.name)
        }
        (EstimatedTime::Never, _) => "never".to_owned(),
    };
    Cells {
        value,
        interval: range(estimate.low, estimate.high),
        spread: range(estimate.p05, estimate.p95),
    }
}

/// The texts of a pooled quantile, which has no spread over exercises; infinite where it never comes.
pub(crate) fn pooled(estimate: &Estimate, horizon: SimDuration) -> Cells {
    let when = |millis: f64| match millis.is_finite() {
        true => EstimatedTime::After(SimDuration::from_millis(millis.max(0.0).round() as u64)),
        false => EstimatedTime::Never,
    };
    let low = if estimate.n < FEWEST_CLUSTERS {
        EstimatedTime::TooFew
    } else {
        when(estimate.interval.low)
    };
    let high = if estimate.is_open { EstimatedTime::TooFew } else { when(estimate.interval.high) };
    let cells = time(
        &TimeEstimate {
            median: when(estimate.value),
            low,
            high,
            p05: EstimatedTime::TooFew,
            p95: EstimatedTime::TooFew,
            n: estimate.n,
            never: 0,
        },
        "",
        horizon,
    );
    Cells { spread: String::new(), ..cells }
}

/// The texts of a mean, each number printed by `print`.
pub(crate) fn mean(estimate: &MeanEstimate, suffix: &str, print: impl Fn(f64) -> String) -> Cells {
    let text = |number: f64| format!("{}{suffix}", print(number));
    let range = |ends: Interval| format!("{} to {}", print(ends.low), text(ends.high));
    let interval = interval_of_mean(estimate, text, range);
    let spread = match estimate.spread {
        None => "too few exercises".to_owned(),
        Some(ends) if ends.low == ends.high => text(ends.low),
        Some(ends) => range(ends),
    };
    Cells { value: text(estimate.mean), interval, spread }
}

/// Where a mean lies, each end printed by `text` and both by `range`.
pub(crate) fn interval_of_mean(
    estimate: &MeanEstimate,
    text: impl Fn(f64) -> String,
    range: impl Fn(Interval) -> String,
) -> String {
    match estimate.interval {
        None if estimate.n == 1 => "too few exercises".to_owned(),
        // How far others may lie off nobody knows, so only how often they do is told.
        None => alike_in(estimate.alike, estimate.n),
        Some(Interval { low, high }) if low == high => text(low),
        // The one end is where every exercise was.
        Some(Interval { low, high }) if estimate.mean <= low => format!("at most {}", text(high)),
        Some(Interval { low, high }) if estimate.mean >= high => format!("at least {}", text(low)),
        Some(ends) => range(ends),
    }
}

/// "alike in 998 of 1,000"
pub(crate) fn alike_in(alike: usize, n: usize) -> String {
    format!("alike in {} of {}", count(alike as u64), count(n as u64))
}

/// The texts of a mean length, in the unit that suits it.
pub(crate) fn mean_length(estimate: &MeanEstimate) -> Cells {
    let scale = Scale::of_times(&[estimate.mean]);
    mean(estimate, scale.unit, |millis| scale.number(millis))
}

/// The texts of a mean number of things, without the digits to the right of the first digit of its
/// standard error. (Song and Schmeiser 2009.)
pub(crate) fn mean_amount(estimate: &MeanEstimate) -> Cells {
    let width = estimate.interval.map_or(0.0, |it| it.high - it.low);
    let step = Scale::of_counts().by_error(width / 4.0).step;
    let print = |number: f64| amount((number / step).round() * step);
    match step > 1.0 {
        true => mean(estimate, "", print),
        false => mean(estimate, "", amount),
    }
}

/// A share as `97.3%`. Only none and all are printed as such: 99.97 % is `>99.9%`.
pub(crate) fn share(share: f64) -> String {
    let percent = 100.0 * share;
    match percent {
        it if it > 0.0 && it < 0.05 => "<0.1%".to_owned(),
        it if (99.95..100.0).contains(&it) => ">99.9%".to_owned(),
        it => format!("{it:.1}%"),
    }
}

/// Where the share of exercises lies in which something held so often.
pub(crate) fn share_between(holds: u64, n: u64, ends: Interval) -> String {
    match (holds, ends) {
        (0, ends) => format!("at most {}", share(ends.high)),
        (holds, ends) if holds == n => format!("at least {}", share(ends.low)),
        (_, ends) => format!("{} to {}", share(ends.low), share(ends.high)),
    }
}

/// A share that somebody chose: `95%`, `99.5%`.
pub(crate) fn chosen_share(share: f64) -> String {
    let text = format!("{:.2}", 100.0 * share);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A number of things, with decimals only where it is small: `12,345`, `3.2`, `0`. Only none is
/// printed as such: 0.01 is `<0.1`.
pub(crate) fn amount(number: f64) -> String {
    if number > 0.0 && number < 0.05 {
        return "<0.1".to_owned();
    }
    let whole = (number - number.round()).abs() < 1e-9;
    grouped(number, usize::from(number.abs() < 100.0 && !whole))
}

/// A whole number in groups of thousands: `1,000`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number in groups of thousands, with so many decimals.
pub(crate) fn grouped(number: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", number.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let minus =
        if number < 0.0 && text.bytes().any(|it| (b'1'..=b'9').contains(&it)) { "-" } else { "" };
    let whole = whole.parse::<u64>().map_or_else(|_| whole.to_owned(), count);
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{minus}{whole}{point}{fraction}")
}

/// From when recovery time is measured, after "measured from".
pub(crate) fn clock(clock: Clock, milestone: &str, kind: IncidentKind) -> String {
    let event = kind.words().event;
    match clock {
        Clock::Deletion => format!("each site's own {event}"),
        Clock::Milestone(_) => {
            format!("`{milestone}`, or the site's own {event} if that is later")
        }
    }
}

/// An ISO 8601 duration: `P13DT2H24M`, `PT0S`.
pub(crate) fn iso8601(length: SimDuration) -> String {
    let millis = length.as_millis();
    let (days, hours) = (millis / units::DAY, millis / units::HOUR % 24);
    let (minutes, seconds) = (millis / units::MINUTE % 60, millis / units::SECOND % 60);
    let mut text = String::from("P");
    if days > 0 {
        text += &format!("{days}D");
    }
    let mut time = String::new();
    for (number, unit) in [(hours, "H"), (minutes, "M")] {
        if number > 0 {
            time += &format!("{number}{unit}");
        }
    }
    match millis % 1_000 {
        0 if seconds == 0 => {}
        0 => time += &format!("{seconds}S"),
        thousandths => time += &format!("{seconds}.{thousandths:03}S"),
    }
    match (days, time.is_empty()) {
        (0, true) => "PT0S".to_owned(),
        (_, true) => text,
        (_, false) => text + "T" + &time,
    }
}

/// A number for machines: ten significant digits, so that the last bit of a reference
/// distribution, which differs between machines, does not show.
pub(crate) fn machine(number: f64) -> f64 {
    format!("{number:.9e}").parse().expect("a printed number reads back")
}

/// A text of the scenario on one line, without anything that a terminal would obey.
pub(crate) fn plain(text: &str) -> String {
    let visible = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(visible).collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// "a, b and c"
pub(crate) fn listed(names: &[String]) -> String {
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::median_time;
    use crate::stats::Interval;
    use crate::units::MINUTE;

    fn minutes(number: u64) -> SimDuration {
        SimDuration::from_millis(number * MINUTE)
    }

    #[test]
    fn a_mean_shows_no_digit_beyond_its_error() {
        let of = |half: f64| {
            let interval = Some(Interval { low: 32_130.4 - half, high: 32_130.4 + half });
            let spread = Some(Interval { low: 28_742.0, high: 35_850.0 });
            mean_amount(&MeanEstimate { mean: 32_130.4, interval, spread, n: 1_000, alike: 1 })
        };
        let texts = |it: Cells| [it.value, it.interval, it.spread];
        // The standard error is half of the interval's half.
        assert_eq!(texts(of(136.0)), ["32,130", "31,990 to 32,270", "28,740 to 35,850"]);
        assert_eq!(texts(of(1_300.0)), ["32,100", "30,800 to 33,400", "28,700 to 35,900"]);
        assert_eq!(texts(of(3.0)), ["32,130", "32,127 to 32,133", "28,742 to 35,850"]);
    }

    #[test]
    fn a_length_is_in_the_unit_that_people_would_use() {
        assert_eq!(length(SimDuration::ZERO), "0 min");
        assert_eq!(length(SimDuration::from_millis(45_000)), "45 s");
        assert_eq!(length(minutes(119)), "119 min");
        assert_eq!(length(minutes(125)), "2.1 h");
        assert_eq!(length(minutes(71 * 60)), "71.0 h");
        assert_eq!(length(minutes(13 * 24 * 60 + 144)), "13.1 d");
        assert_eq!(exact("2d 4h 30m".parse().unwrap()), "2 d 4 h 30 min");
    }

    #[test]
    fn a_figure_has_no_more_decimals_than_its_interval_bears() {
        let horizon = SimDuration::from_hours(24 * 60);
        let narrow = median_time((0..100).map(|it| Some(minutes(3_000 + it))));
        let cells = time(&narrow, "T+", horizon);
        assert_eq!(cells.value, "T+50.8 h");
        assert_eq!(cells.interval, "50.6 to 51.0 h");
        let wide = median_time((0..100).map(|it| Some(minutes(1_000 + 60 * it))));
        let cells = time(&wide, "", horizon);
        assert_eq!((cells.value.as_str(), cells.interval.as_str()), ("66 h", "56 to 77 h"));
        assert_eq!(cells.spread, "21 to 111 h");
        let never = median_time((0..100).map(|_| None));
        assert_eq!(time(&never, "T+", horizon).value, "not within 60 d");
        assert_eq!(time(&never, "T+", horizon).interval, "never");
    }

    #[test]
    fn a_share_is_never_rounded_to_none_or_all() {
        assert_eq!(share(0.0), "0.0%");
        assert_eq!(share(1.0), "100.0%");
        assert_eq!(share(0.9999), ">99.9%");
        assert_eq!(share(0.0001), "<0.1%");
        assert_eq!(share(0.973), "97.3%");
        assert_eq!(chosen_share(0.95), "95%");
        assert_eq!(chosen_share(0.995), "99.5%");
        assert_eq!(chosen_share(1.0), "100%");
    }

    #[test]
    fn thousands_are_separated() {
        assert_eq!(count(883), "883");
        assert_eq!(count(1_000_000), "1,000,000");
        assert_eq!(amount(12_345.6), "12,346");
        assert_eq!(amount(-0.04), "0.0");
        assert_eq!(amount(3.25), "3.2");
        assert_eq!(amount(7.0), "7");
        assert_eq!((amount(0.0), amount(0.002)), ("0".to_owned(), "<0.1".to_owned()));
    }

    #[test]
    fn durations_for_machines_are_iso_8601() {
        assert_eq!(iso8601(minutes(13 * 1_440 + 144)), "P13DT2H24M");
        assert_eq!(iso8601(SimDuration::ZERO), "PT0S");
        assert_eq!(iso8601(minutes(1_440)), "P1D");
        assert_eq!(iso8601(SimDuration::from_millis(1_050)), "PT1.050S");
        assert_eq!(iso8601(minutes(60)), "PT1H");
    }

    #[test]
    fn a_terminal_obeys_no_title() {
        assert_eq!(plain("\u{1b}[31mred\n alert\u{7}"), "[31mred alert");
    }
}
