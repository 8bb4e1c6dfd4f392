//! `[teams]` and `[limits]`: what restoring must live with; and moments, at which things change.

use crate::diagnostics::{Code, Span};
use crate::ids::{Id, MilestoneId, StepId, TrackId};
use crate::spec::{
    AtShiftEnd, LimitPerSpec, LimitSpec, Located, RampPointSpec, RampSpec, TeamSpec,
};
use crate::units::{SimDuration, SimTime};

use super::quantity::{Desk, choice};
use super::roster::{self, Calendar};

/// People who work on steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Team {
    /// The name in the scenario.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// How many people there are, over time.
    pub people: Ramp,
    /// How much longer attempts take with more going on at once.
    pub coordination: Coordination,
    /// From so long after the first people came attempts take so many times as long, in order.
    pub fatigue: Vec<(SimDuration, f64)>,
    /// What becomes of work under way when people go.
    pub at_shift_end: AtShiftEnd,
    /// What an hour of one person costs, where the scenario says so.
    pub cost_per_hour: Option<f64>,
}

/// How much longer an attempt takes for what else goes on when it starts: its time times
/// 1 + `per_track` (tracks at work - 1) + `per_batch` (batches in flight - 1), up to `at_most`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coordination {
    /// What each track at work adds, beyond the first.
    pub per_track: f64,
    /// What each batch in flight adds, of all tracks, beyond the first.
    pub per_batch: f64,
    /// The factor that is never passed.
    pub at_most: f64,
}

impl Coordination {
    /// What goes on beside costs nothing.
    pub const FREE: Self = Self { per_track: 0.0, per_batch: 0.0, at_most: f64::INFINITY };
}

/// Concurrent uses of what is not people: an API, scratch databases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The name in the scenario.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// How many uses at once, over time.
    pub units: Ramp,
    /// Whether there are so many for every shard of a step's service, not for all together.
    pub per_shard: bool,
}

/// A number that changes in steps over time; before its first point it is zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ramp {
    /// Before this moment it is zero, whatever the points say.
    pub begins: Moment,
    /// From each moment on, the number; a later moment overrules an earlier one.
    pub points: Vec<(Moment, u32)>,
    /// The shifts that the points add up; empty where no roster is behind them.
    pub shifts: Vec<Shift>,
}

/// People of a roster who are there once, between two times after T+0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// When they come; at T+0 if they are there already.
    pub from: SimDuration,
    /// When they go.
    pub to: SimDuration,
    /// How many they are.
    pub people: u32,
}

impl Ramp {
    /// A number that never changes.
    #[must_use]
    pub fn constant(number: u32) -> Self {
        let points = vec![(Moment::START, number)];
        Self { begins: Moment::START, points, shifts: Vec::new() }
    }

    /// The largest number that it ever is.
    #[must_use]
    pub fn peak(&self) -> u32 {
        self.points.iter().map(|(_, number)| *number).max().unwrap_or(0)
    }

    /// Whether nothing ever changes; of a roster the shifts do, even if as many people take over.
    pub(super) fn is_one_shift(&self) -> bool {
        self.points.len() < 2 && self.shifts.len() < 2
    }

    /// So many per cent of it at every moment, each rounded to a whole number, halves up.
    fn scaled(&self, percent: u32) -> Self {
        let of = |number: u32| {
            let scaled = (u64::from(number) * u64::from(percent) + 50) / 100;
            u32::try_from(scaled).map_or(MOST, |it| it.min(MOST))
        };
        Self {
            begins: self.begins,
            points: self.points.iter().map(|(moment, number)| (*moment, of(*number))).collect(),
            shifts: self.shifts.iter().map(|it| Shift { people: of(it.people), ..*it }).collect(),
        }
    }
}

/// When something begins or changes: a length of time after something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// What it is counted from.
    pub base: MomentBase,
    /// How long after.
    pub plus: SimDuration,
}

/// What a moment is counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MomentBase {
    /// T+0, the first deletion.
    Start,
    /// A milestone of the incident.
    Milestone(MilestoneId),
    /// The end of a `once` step of a track of the same strategy.
    Step(TrackId, StepId),
}

impl Moment {
    /// T+0.
    pub const START: Self = Self { base: MomentBase::Start, plus: SimDuration::ZERO };
}

/// A moment as written: the name of what it is counted from, not yet looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WrittenMoment<'a> {
    At(SimTime),
    After(&'a str, SimDuration),
}

/// The wall-clock of T+0, when the scenario states one.
pub(super) type WallClock = Option<jiff::Timestamp>;

/// Reads `T+26h`, an RFC 3339 time, `name` or `name + 2h`.
pub(super) fn read_moment<'a>(
    it: &'a Located<String>,
    wall_clock: WallClock,
    desk: &mut Desk<'_>,
) -> Option<WrittenMoment<'a>> {
    let text = it.value.trim();
    if text.starts_with("T+") {
        return match text.parse() {
            Ok(at) => Some(WrittenMoment::At(at)),
            Err(fault) => {
                desk.error(Code::BadQuantity, it.span, format!("`{text}` {fault}"))
                    .help("write a time after the first deletion such as \"T+26h\"");
                None
            }
        };
    }
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return read_wall_clock(it, wall_clock, desk).map(WrittenMoment::At);
    }
    let (name, plus) = match text.split_once('+') {
        None => (text, SimDuration::ZERO),
        Some((name, length)) => match length.parse() {
            Ok(length) => (name.trim(), length),
            Err(fault) => {
                desk.error(Code::BadQuantity, it.span, format!("`{}` {fault}", length.trim()))
                    .help("write a length of time after the name, such as \"confirmed + 2h\"");
                return None;
            }
        },
    };
    Some(WrittenMoment::After(name, plus))
}

fn read_wall_clock(
    it: &Located<String>,
    wall_clock: WallClock,
    desk: &mut Desk<'_>,
) -> Option<SimTime> {
    let Ok(at) = it.value.trim().parse::<jiff::Timestamp>() else {
        desk.error(Code::BadQuantity, it.span, format!("`{}` is no moment", it.value)).help(
            "write \"T+26h\", a time such as \"2022-04-05T08:53:00Z\", or the name of a milestone",
        );
        return None;
    };
    let Some(start) = wall_clock else {
        desk.error(Code::MissingKey, it.span, "the wall-clock of T+0 is not known")
            .help("add `at = \"2022-04-05T07:38:00Z\"` to `[incident]`, or write \"T+26h\" here");
        return None;
    };
    let Ok(millis) = u64::try_from(at.as_millisecond() - start.as_millisecond()) else {
        desk.error(Code::OutOfRange, it.span, format!("`{at}` lies before the first deletion"));
        return None;
    };
    if millis > SimDuration::MAX.as_millis() {
        desk.error(Code::TimeOverflow, it.span, format!("`{at}` is over ten years after T+0"));
        return None;
    }
    Some(SimTime::from_millis(millis))
}

/// What a ramp's points call their number.
#[derive(Clone, Copy, Debug)]
pub(super) enum RampKey {
    People,
    Units,
    Count,
}

impl RampKey {
    fn name(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Units => "units",
            Self::Count => "count",
        }
    }

    fn of(self, point: &RampPointSpec) -> &Option<Located<i64>> {
        match self {
            Self::People => &point.people,
            Self::Units => &point.units,
            Self::Count => &point.count,
        }
    }
}

/// The largest number of people, units or sites that a ramp may state; where none can be read, so
/// that nothing else is refused for want of them.
pub(super) const MOST: u32 = 1_000_000;

/// The most per cent of a team or a limit that a strategy may have of it.
const MOST_PERCENT: u32 = 10_000;

/// Turns a ramp's moments into times and milestones.
pub(super) fn ramp(
    spec: &Located<RampSpec>,
    key: RampKey,
    milestones: &[String],
    wall_clock: WallClock,
    desk: &mut Desk<'_>,
) -> Ramp {
    let points = match &spec.value {
        RampSpec::Constant(number) => {
            let number = desk.whole(number, 0..=MOST, "number").unwrap_or(MOST);
            return Ramp::constant(number);
        }
        RampSpec::Points(points) => points,
        RampSpec::Percent(text) if text.value.ends_with('%') => {
            desk.error(
                Code::BadQuantity,
                text.span,
                format!("`{}` is given where there is nothing to take a part of", text.value),
            )
            .help(format!("write a number, or [{{ at = \"T+0\", {} = 4 }}]", key.name()));
            return Ramp::constant(MOST);
        }
        RampSpec::Percent(text) => {
            let message = format!(
                "`{}` stands where a whole number, or a list such as [{{ at = \"T+0\", {} = 4 }}] is due",
                text.value,
                key.name()
            );
            desk.error(Code::WrongType, text.span, message);
            return Ramp::constant(MOST);
        }
    };
    if points.is_empty() {
        desk.error(Code::MissingKey, spec.span, "a ramp without points is always zero")
            .help(format!("write a number, or [{{ at = \"T+0\", {} = 4 }}]", key.name()));
    }
    let read = points.iter().filter_map(|point| {
        let at = desk.required(&point.at, point.span, "at", "add `at = \"T+8h\"`");
        let number = key.of(point);
        let advice = format!("add `{} = 4`", key.name());
        let number = desk.required(number, point.span, key.name(), &advice);
        let (at, number) = (at?, number?);
        let number = desk.whole(number, 0..=MOST, "number");
        let moment = moment(at, milestones, wall_clock, desk)?;
        Some((moment, number?))
    });
    Ramp { begins: Moment::START, points: read.collect(), shifts: Vec::new() }
}

/// What a strategy writes in the place of `base`: another ramp, or so many per cent of it.
pub(super) fn ramp_instead_of(
    base: &Ramp,
    spec: &Located<RampSpec>,
    key: RampKey,
    milestones: &[String],
    wall_clock: WallClock,
    desk: &mut Desk<'_>,
) -> Ramp {
    let RampSpec::Percent(text) = &spec.value else {
        return ramp(spec, key, milestones, wall_clock, desk);
    };
    let percent = text.value.strip_suffix('%').and_then(|it| it.trim().parse::<u32>().ok());
    match percent.filter(|it| *it <= MOST_PERCENT) {
        Some(percent) => base.scaled(percent),
        None => {
            desk.error(
                Code::BadQuantity,
                text.span,
                format!("`{}` is no whole percentage up to {MOST_PERCENT}%", text.value),
            )
            .help(format!(
                "write a percentage such as \"200%\", a number, or [{{ at = \"T+0\", {} = 4 }}]",
                key.name()
            ));
            base.clone()
        }
    }
}

/// A time, or a milestone and a length.
fn moment(
    it: &Located<String>,
    milestones: &[String],
    wall_clock: WallClock,
    desk: &mut Desk<'_>,
) -> Option<Moment> {
    Some(match read_moment(it, wall_clock, desk)? {
        WrittenMoment::At(at) => Moment { base: MomentBase::Start, plus: at.since_start() },
        WrittenMoment::After(name, plus) => {
            let base = MomentBase::Milestone(find_milestone(name, it.span, milestones, desk)?);
            Moment { base, plus }
        }
    })
}

/// The milestone of this name.
pub(super) fn find_milestone(
    name: &str,
    span: Span,
    milestones: &[String],
    desk: &mut Desk<'_>,
) -> Option<MilestoneId> {
    let place = milestones.iter().position(|it| it == name);
    if place.is_none() {
        desk.error(Code::UnknownMilestone, span, format!("there is no milestone `{name}`"))
            .help_choose(name, milestones.iter().map(String::as_str));
    }
    place.map(MilestoneId::new)
}

pub(super) fn resolve_team(
    name: &Located<String>,
    spec: &Located<TeamSpec>,
    milestones: &[String],
    calendar: Calendar,
    desk: &mut Desk<'_>,
) -> Team {
    let cost = desk.number_or(&spec.cost_per_hour, 0.0, 0.0..=1e6, "cost of an hour");
    Team {
        name: name.value.clone(),
        title: spec.title.as_ref().unwrap_or(name).value.clone(),
        people: people(spec, milestones, calendar, desk),
        coordination: coordination(spec, desk),
        fatigue: fatigue(spec, desk),
        at_shift_end: choice(&spec.at_shift_end),
        cost_per_hour: spec.cost_per_hour.as_ref().map(|_| cost),
    }
}

/// The people of a team over time: a number, a ramp, or what its roster comes to.
fn people(
    spec: &Located<TeamSpec>,
    milestones: &[String],
    calendar: Calendar,
    desk: &mut Desk<'_>,
) -> Ramp {
    let Some(shifts) = &spec.roster else {
        if let Some(called) = &spec.called {
            let message = "nobody is called without a `roster`";
            desk.error(Code::ConflictingKeys, called.span, message)
                .help("write `people = [{ at = \"declared\", people = 4 }]`, or add a `roster`");
        }
        let written = desk.required(&spec.people, spec.span, "people", "add `people = 4`");
        return written.map_or(Ramp::constant(MOST), |it| {
            ramp(it, RampKey::People, milestones, calendar.at, desk)
        });
    };
    if let Some(people) = &spec.people {
        desk.error(Code::ConflictingKeys, people.span, "`people` and `roster` exclude each other")
            .help("leave one of them out");
    }
    if shifts.is_empty() && !desk.parsed.was_cut(spec.span, "roster") {
        desk.error(Code::MissingKey, spec.span, "nobody is on the roster").help(
            "add a shift: { zone = \"Europe/Berlin\", from = \"08:00\", to = \"16:00\", people = 4 }",
        );
        return Ramp::constant(MOST);
    }
    let called = spec.called.as_ref().and_then(|it| moment(it, milestones, calendar.at, desk));
    match roster::read(shifts, calendar, desk) {
        Some((points, shifts)) => Ramp { begins: called.unwrap_or(Moment::START), points, shifts },
        None => Ramp::constant(MOST),
    }
}

fn coordination(spec: &TeamSpec, desk: &mut Desk<'_>) -> Coordination {
    let Some(spec) = &spec.coordination else { return Coordination::FREE };
    let mut part = |it, what| desk.number_or(it, 0.0, 0.0..=10.0, what);
    let per_track = part(&spec.per_track, "part of the time that a track adds");
    let per_batch = part(&spec.per_batch, "part of the time that a batch adds");
    let at_most = match &spec.at_most {
        None => f64::INFINITY,
        most => desk.number_or(most, 1.0, 1.0..=1_000.0, "factor on durations"),
    };
    Coordination { per_track, per_batch, at_most }
}

fn fatigue(spec: &TeamSpec, desk: &mut Desk<'_>) -> Vec<(SimDuration, f64)> {
    let read = spec.fatigue.iter().filter_map(|it| {
        let after = desk.required(&it.after, it.span, "after", "add `after = \"72h\"`");
        let after = after.and_then(|it| desk.duration(it));
        let factor = desk.required(&it.factor, it.span, "factor", "add `factor = 1.1`");
        factor?;
        let factor = desk.number_or(&it.factor, 1.0, 1.0..=100.0, "factor on durations");
        Some((after?, factor))
    });
    let mut fatigue: Vec<(SimDuration, f64)> = read.collect();
    fatigue.sort_by_key(|(after, _)| *after);
    fatigue
}

pub(super) fn resolve_limit(
    name: &Located<String>,
    spec: &Located<LimitSpec>,
    milestones: &[String],
    wall_clock: WallClock,
    desk: &mut Desk<'_>,
) -> Limit {
    let units = desk.required(&spec.units, spec.span, "units", "add `units = 4`");
    let units = units
        .map_or(Ramp::constant(MOST), |it| ramp(it, RampKey::Units, milestones, wall_clock, desk));
    Limit {
        name: name.value.clone(),
        title: spec.title.as_ref().unwrap_or(name).value.clone(),
        units,
        per_shard: spec.per.as_ref().is_some_and(|it| it.value == LimitPerSpec::Shard),
    }
}
