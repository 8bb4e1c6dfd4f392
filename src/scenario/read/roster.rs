//! Rosters: shifts by the wall-clock of a place, laid out as numbers of people over time.
//!
//! The rules of time zones come from the data that is built into the program, so that the same
//! scenario means the same on every machine.

use std::collections::BTreeMap;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{Span, Timestamp, ToSpan};

use crate::diagnostics::Code;
use crate::scenario::moment::{Moment, MomentBase};
use crate::scenario::read::moment::WallClock;
use crate::scenario::read::resolver::Resolver;
use crate::scenario::team::{self, MOST};
use crate::spec::{DaySpec, Located, ShiftSpec};
use crate::units::SimDuration;

/// People who are there between two times of day, on some days of the week.
#[derive(Clone, Debug)]
struct Shift {
    zone: TimeZone,
    /// From Monday on, the days on which it begins.
    days: [bool; 7],
    from: Time,
    to: Time,
    people: u32,
}

/// A day, in milliseconds.
const DAY: u64 = 24 * 60 * 60 * 1_000;

/// Shifts times days: each begins on each.
const MOST_SHIFTS: u64 = 500_000;

/// What shifts are laid out on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Calendar {
    /// The wall-clock of T+0, when the scenario states one.
    pub at: WallClock,
    /// How long after T+0 nobody looks any more.
    pub horizon: SimDuration,
}

/// People over time, and the shifts that add up to them.
type LaidOut = (Vec<(Moment, u32)>, Vec<team::Shift>);

/// The numbers of people of all shifts together, from T+0 to the horizon, and each shift by itself;
/// `None` after a fault.
pub(crate) fn read(
    shifts: &[Located<ShiftSpec>],
    calendar: Calendar,
    resolver: &mut Resolver<'_>,
) -> Option<LaidOut> {
    let read: Vec<Option<Shift>> = shifts.iter().map(|it| shift(it, resolver)).collect();
    let Some(at) = calendar.at else {
        let span = shifts.first().map(|it| it.span).unwrap_or_default();
        resolver
            .error(Code::MissingKey, span, "the wall-clock of T+0 is not known")
            .help("add `at = \"2022-04-05T07:38:00Z\"` to `[incident]`: shifts need it");
        return None;
    };
    let read = read.into_iter().collect::<Option<Vec<Shift>>>()?;
    let days = 1 + calendar.horizon.as_millis() / DAY;
    if shifts.len() as u64 * days > MOST_SHIFTS {
        let number = shifts.len();
        let message = format!(
            "{number} shifts on {days} days are too many: {MOST_SHIFTS} is the most, one times the other"
        );
        let span = shifts.first().map(|it| it.span).unwrap_or_default();
        resolver
            .error(Code::TooMany, span, message)
            .help("have fewer shifts, or a shorter `horizon` in `[experiment]`");
        return None;
    }
    let end = at.as_millisecond().saturating_add_unsigned(calendar.horizon.as_millis());
    for (spec, shift) in shifts.iter().zip(&read) {
        warn_of_left_out_times(spec, shift, (at, end), resolver);
    }
    let shifts = read;
    Some(lay_out(&shifts, at, calendar.horizon))
}

fn shift(spec: &Located<ShiftSpec>, resolver: &mut Resolver<'_>) -> Option<Shift> {
    let zone = resolver.required(&spec.zone, spec.span, "zone", "add `zone = \"Europe/Berlin\"`");
    let zone = zone.and_then(|it| time_zone(it, resolver));
    let mut time = |it, key| {
        let it = resolver.required(it, spec.span, key, &format!("add `{key} = \"08:00\"`"))?;
        time_of_day(it, resolver)
    };
    let (from, to) = (time(&spec.from, "from"), time(&spec.to, "to"));
    let people = resolver.required(&spec.people, spec.span, "people", "add `people = 4`");
    let people = people.and_then(|it| resolver.whole(it, 0..=MOST, "number"));
    let days = match &spec.days {
        None => Some([true; 7]),
        Some(list) => days(list, spec, resolver),
    };
    Some(Shift { zone: zone?, days: days?, from: from?, to: to?, people: people? })
}

/// Warns of the first day on which a change of the clock leaves out when a shift begins or ends.
fn warn_of_left_out_times(
    spec: &Located<ShiftSpec>,
    shift: &Shift,
    (at, end): (Timestamp, i64),
    resolver: &mut Resolver<'_>,
) {
    let zone = shift.zone.iana_name().unwrap_or_default();
    let days = || shift.dates(at, end).filter(|it| it.1.1 >= at.as_millisecond());
    if let Some((date, _)) = days().find(|(_, (from, to))| from >= to) {
        let message = format!("on {date} the clock of {zone} leaves this shift out");
        resolver
            .diagnostics
            .warning(Code::Suspicious, spec.span, message)
            .help("let it begin before that hour, or end after it");
        return;
    }
    let mut warn =
        |located: &Option<Located<String>>, time: Time, last: fn(&Shift, Date) -> Option<Date>| {
            let days = days().filter_map(|it| last(shift, it.0));
            let Some((date, instead)) =
                days.filter_map(|it| Some((it, shift.instead_of(it, time)?))).next()
            else {
                return;
            };
            let Some(located) = located else { return };
            let message = format!(
                "on {date} the clock of {zone} leaves {} out: it is {} instead",
                located.value,
                instead.strftime("%H:%M")
            );
            resolver
                .diagnostics
                .warning(Code::Suspicious, located.span, message)
                .help("write a time that every day has");
        };
    warn(&spec.from, shift.from, |_, date| Some(date));
    warn(&spec.to, shift.to, Shift::last_date);
}

fn time_zone(written: &Located<String>, resolver: &mut Resolver<'_>) -> Option<TimeZone> {
    let zones = TimeZoneDatabase::bundled();
    let known = zones.get(written.value.trim()).ok();
    if known.is_none() {
        let names: Vec<String> = zones.available().map(|it| it.to_string()).collect();
        resolver
            .error(
                Code::UnknownZone,
                written.span,
                format!("there is no time zone `{}`", written.value),
            )
            .help_close(&written.value, names.iter().map(String::as_str))
            .help("write a name of the IANA database such as \"Europe/Berlin\" or \"UTC\"");
    }
    known
}

/// Reads `08:00`; midnight is the beginning of a day, and as the end of a shift the end of its day.
fn time_of_day(written: &Located<String>, resolver: &mut Resolver<'_>) -> Option<Time> {
    let number = |text: &str| -> Option<i8> {
        let plain = text.len() == 2 && text.bytes().all(|it| it.is_ascii_digit());
        plain.then(|| text.parse().ok()).flatten()
    };
    let read = written.value.trim().split_once(':').and_then(|(hour, minute)| {
        match (number(hour)?, number(minute)?) {
            (24, 0) => Some(Time::midnight()),
            (hour, minute) => Time::new(hour, minute, 0, 0).ok(),
        }
    });
    if read.is_none() {
        resolver
            .error(
                Code::BadQuantity,
                written.span,
                format!("`{}` is no time of day", written.value),
            )
            .help("write hours and minutes such as \"08:00\"");
    }
    read
}

fn days(
    list: &[Located<DaySpec>],
    shift: &Located<ShiftSpec>,
    resolver: &mut Resolver<'_>,
) -> Option<[bool; 7]> {
    let mut days = [false; 7];
    for it in list {
        let range = match it.value {
            DaySpec::Mon => 0..1,
            DaySpec::Tue => 1..2,
            DaySpec::Wed => 2..3,
            DaySpec::Thu => 3..4,
            DaySpec::Fri => 4..5,
            DaySpec::Sat => 5..6,
            DaySpec::Sun => 6..7,
            DaySpec::Weekdays => 0..5,
            DaySpec::Weekend => 5..7,
        };
        days[range].fill(true);
    }
    if !list.is_empty() {
        return Some(days);
    }
    if !resolver.parsed.was_cut(shift.span, "days") {
        let name = shift.name.as_ref().map(|it| format!(" `{}`", it.value)).unwrap_or_default();
        resolver
            .error(Code::EmptySelection, shift.span, format!("shift{name} comes on no day"))
            .help("leave `days` out for every day, or write `days = [\"weekdays\"]`");
    }
    None
}

/// People over time, in milliseconds after T+0: what all shifts that are on add up to.
fn lay_out(shifts: &[Shift], at: Timestamp, horizon: SimDuration) -> LaidOut {
    let start = at.as_millisecond();
    let end = start.saturating_add_unsigned(horizon.as_millis());
    let after_start = |instant: i64| SimDuration::from_millis(instant.abs_diff(start));
    let mut changes: BTreeMap<i64, i64> = BTreeMap::from([(start, 0)]);
    let mut laid_out = Vec::new();
    for it in shifts {
        for (from, to) in it.times(at, end) {
            if to > start && from <= end && from < to {
                let (from, people) = (from.max(start), it.people);
                let (from_start, to_end) = (after_start(from), after_start(to));
                laid_out.push(team::Shift { from: from_start, to: to_end, people });
                *changes.entry(from).or_default() += i64::from(it.people);
                *changes.entry(to).or_default() -= i64::from(it.people);
            }
        }
    }
    let (mut points, mut people, mut before) = (Vec::new(), 0, None);
    for (instant, change) in changes.range(..=end) {
        people += change;
        let number = u32::try_from(people).unwrap_or(u32::MAX).min(MOST);
        // Where one shift takes over from another nothing changes.
        if before.replace(number) != Some(number) {
            points.push((Moment { base: MomentBase::Start, plus: after_start(*instant) }, number));
        }
    }
    (points, laid_out)
}

impl Shift {
    /// When it begins and ends, in milliseconds of the clock, from the day before `at` to `end`.
    fn times(&self, at: Timestamp, end: i64) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.dates(at, end).map(|it| it.1)
    }

    /// The same with the days on which it begins.
    fn dates(&self, at: Timestamp, end: i64) -> impl Iterator<Item = (Date, (i64, i64))> + '_ {
        let first = at.to_zoned(self.zone.clone()).date();
        // A shift past midnight that began the day before may still be on.
        let first = first.yesterday().unwrap_or(first);
        let dates = std::iter::successors(Some(first), |date| date.tomorrow().ok());
        let days = dates.filter(|date| self.days[usize::from(weekday(*date))] && self.has(*date));
        let on = days.map_while(move |date| Some((date, self.on(date)?)));
        on.take_while(move |it| it.1.0 <= end)
    }

    /// Whether the place has this day. Samoa left out 30 December 2011 when it moved to the other
    /// side of the date line.
    fn has(&self, date: Date) -> bool {
        date.to_zoned(self.zone.clone()).is_ok_and(|midnight| midnight.date() == date)
    }

    /// When it begins and ends if it begins on this day. A time that a change of the clock leaves
    /// out is as much later, one that it repeats is the first of the two.
    fn on(&self, date: Date) -> Option<(i64, i64)> {
        let instant = |date: Date, time: Time| {
            let zoned = date.to_datetime(time).to_zoned(self.zone.clone());
            Some(zoned.ok()?.timestamp().as_millisecond())
        };
        Some((instant(date, self.from)?, instant(self.last_date(date)?, self.to)?))
    }

    /// The day on which it ends if it begins on this one.
    fn last_date(&self, date: Date) -> Option<Date> {
        let past_midnight: Span = if self.to <= self.from { 1.day() } else { 0.days() };
        date.checked_add(past_midnight).ok()
    }

    /// The time of day that stands in for one which this day leaves out. What it leaves out first is
    /// the very moment at which it goes on.
    fn instead_of(&self, date: Date, time: Time) -> Option<Time> {
        let is_left_out = |time: Time| {
            let there = self.zone.to_ambiguous_zoned(date.to_datetime(time));
            matches!(there.offset(), AmbiguousOffset::Gap { .. })
        };
        let before = time.checked_sub(1.minute()).ok()?;
        let there = date.to_datetime(time).to_zoned(self.zone.clone()).ok()?;
        (is_left_out(time) && is_left_out(before)).then(|| there.time())
    }
}

/// Days since Monday.
fn weekday(date: Date) -> u8 {
    let number: Weekday = date.weekday();
    number.to_monday_zero_offset().unsigned_abs()
}
