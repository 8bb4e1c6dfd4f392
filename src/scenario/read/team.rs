//! `[teams]` and `[limits]`, and what changes over time as a list of points.

use crate::diagnostics::Code;
use crate::scenario::moment::Moment;
use crate::scenario::read::moment::Moments;
use crate::scenario::read::resolver::{Resolver, choice};
use crate::scenario::read::roster::{self, Calendar};
use crate::scenario::team::{Coordination, Limit, MOST, Ramp, Team};
use crate::spec::{LimitPerSpec, LimitSpec, Located, RampPointSpec, RampSpec, TeamSpec};
use crate::units::SimDuration;

/// What a ramp's points call their number.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RampKey {
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

/// The most per cent of a team or a limit that a strategy may have of it.
const MOST_PERCENT: u32 = 10_000;

/// Turns a ramp's moments into times and milestones.
pub(crate) fn ramp(
    spec: &Located<RampSpec>,
    key: RampKey,
    moments: &Moments<'_>,
    resolver: &mut Resolver<'_>,
) -> Ramp {
    let points = match &spec.value {
        RampSpec::Constant(number) => {
            let number = resolver.whole(number, 0..=MOST, "number").unwrap_or(MOST);
            return Ramp::constant(number);
        }
        RampSpec::Points(points) => points,
        RampSpec::Percent(text) if text.value.ends_with('%') => {
            resolver
                .error(
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
            resolver.error(Code::WrongType, text.span, message);
            return Ramp::constant(MOST);
        }
    };
    if points.is_empty() {
        resolver
            .error(Code::MissingKey, spec.span, "a ramp without points is always zero")
            .help(format!("write a number, or [{{ at = \"T+0\", {} = 4 }}]", key.name()));
    }
    let read = points.iter().filter_map(|point| {
        let at = resolver.required(&point.at, point.span, "at", "add `at = \"T+8h\"`");
        let number = key.of(point);
        let advice = format!("add `{} = 4`", key.name());
        let number = resolver.required(number, point.span, key.name(), &advice);
        let (at, number) = (at?, number?);
        let number = resolver.whole(number, 0..=MOST, "number");
        let moment = moments.moment(at, resolver)?;
        Some((moment, number?))
    });
    Ramp { begins: Moment::START, points: read.collect(), shifts: Vec::new() }
}

/// What a strategy writes in the place of `base`: another ramp, or so many per cent of it.
pub(crate) fn ramp_instead_of(
    base: &Ramp,
    spec: &Located<RampSpec>,
    key: RampKey,
    moments: &Moments<'_>,
    resolver: &mut Resolver<'_>,
) -> Ramp {
    let RampSpec::Percent(text) = &spec.value else {
        return ramp(spec, key, moments, resolver);
    };
    let percent = text.value.strip_suffix('%').and_then(|it| it.trim().parse::<u32>().ok());
    match percent.filter(|it| *it <= MOST_PERCENT) {
        Some(percent) => base.scaled(percent),
        None => {
            resolver.error(
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

pub(crate) fn resolve_team(
    name: &Located<String>,
    spec: &Located<TeamSpec>,
    moments: &Moments<'_>,
    calendar: Calendar,
    resolver: &mut Resolver<'_>,
) -> Team {
    let cost = resolver.number_or(&spec.cost_per_hour, 0.0, 0.0..=1e6, "cost of an hour");
    Team {
        name: name.value.clone(),
        title: spec.title.as_ref().unwrap_or(name).value.clone(),
        people: people(spec, moments, calendar, resolver),
        coordination: coordination(spec, resolver),
        fatigue: fatigue(spec, resolver),
        at_shift_end: choice(&spec.at_shift_end),
        cost_per_hour: spec.cost_per_hour.as_ref().map(|_| cost),
    }
}

/// The people of a team over time: a number, a ramp, or what its roster comes to.
fn people(
    spec: &Located<TeamSpec>,
    moments: &Moments<'_>,
    calendar: Calendar,
    resolver: &mut Resolver<'_>,
) -> Ramp {
    let Some(shifts) = &spec.roster else {
        if let Some(called) = &spec.called {
            let message = "nobody is called without a `roster`";
            resolver
                .error(Code::ConflictingKeys, called.span, message)
                .help("write `people = [{ at = \"declared\", people = 4 }]`, or add a `roster`");
        }
        let written = resolver.required(&spec.people, spec.span, "people", "add `people = 4`");
        return written
            .map_or(Ramp::constant(MOST), |it| ramp(it, RampKey::People, moments, resolver));
    };
    if let Some(people) = &spec.people {
        resolver
            .error(Code::ConflictingKeys, people.span, "`people` and `roster` exclude each other")
            .help("leave one of them out");
    }
    if shifts.is_empty() && !resolver.parsed.was_cut(spec.span, "roster") {
        resolver.error(Code::MissingKey, spec.span, "nobody is on the roster").help(
            "add a shift: { zone = \"Europe/Berlin\", from = \"08:00\", to = \"16:00\", people = 4 }",
        );
        return Ramp::constant(MOST);
    }
    let called = spec.called.as_ref().and_then(|it| moments.moment(it, resolver));
    match roster::read(shifts, calendar, resolver) {
        Some((points, shifts)) => Ramp { begins: called.unwrap_or(Moment::START), points, shifts },
        None => Ramp::constant(MOST),
    }
}

fn coordination(spec: &TeamSpec, resolver: &mut Resolver<'_>) -> Coordination {
    let Some(spec) = &spec.coordination else { return Coordination::FREE };
    let mut part = |it, what| resolver.number_or(it, 0.0, 0.0..=10.0, what);
    let per_track = part(&spec.per_track, "part of the time that a track adds");
    let per_batch = part(&spec.per_batch, "part of the time that a batch adds");
    let at_most = match &spec.at_most {
        None => f64::INFINITY,
        most => resolver.number_or(most, 1.0, 1.0..=1_000.0, "factor on durations"),
    };
    Coordination { per_track, per_batch, at_most }
}

fn fatigue(spec: &TeamSpec, resolver: &mut Resolver<'_>) -> Vec<(SimDuration, f64)> {
    let read = spec.fatigue.iter().filter_map(|fatigue| {
        let after =
            resolver.required(&fatigue.after, fatigue.span, "after", "add `after = \"72h\"`");
        let after = after.and_then(|it| resolver.duration(it));
        let factor =
            resolver.required(&fatigue.factor, fatigue.span, "factor", "add `factor = 1.1`");
        factor?;
        let factor = resolver.number_or(&fatigue.factor, 1.0, 1.0..=100.0, "factor on durations");
        Some((after?, factor))
    });
    let mut fatigue: Vec<(SimDuration, f64)> = read.collect();
    fatigue.sort_by_key(|(after, _)| *after);
    fatigue
}

pub(crate) fn resolve_limit(
    name: &Located<String>,
    spec: &Located<LimitSpec>,
    moments: &Moments<'_>,
    resolver: &mut Resolver<'_>,
) -> Limit {
    let units = resolver.required(&spec.units, spec.span, "units", "add `units = 4`");
    let units =
        units.map_or(Ramp::constant(MOST), |it| ramp(it, RampKey::Units, moments, resolver));
    Limit {
        name: name.value.clone(),
        title: spec.title.as_ref().unwrap_or(name).value.clone(),
        units,
        per_shard: spec.per.as_ref().is_some_and(|it| it.value == LimitPerSpec::Shard),
    }
}
