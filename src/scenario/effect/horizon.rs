//! What comes, for certain, only when every exercise is over.

use crate::diagnostics::{Code, Span};
use crate::dist::Distribution;
use crate::ids::{IdVec, MilestoneId};
use crate::scenario::Scenario;
use crate::scenario::effect::whole::Whole;
use crate::scenario::incident::MilestoneAnchor;
use crate::scenario::moment::MomentBase;
use crate::scenario::read::moment::{WrittenMoment, read_moment};
use crate::scenario::read::resolver::Resolver;
use crate::spec::{Located, RampSpec, RateRampSpec};
use crate::units::{SimDuration, SimTime};

pub(crate) fn check(whole: &Whole<'_>, resolver: &mut Resolver<'_>) {
    let horizon = Horizon::new(whole);
    let mut places = deletions(whole, &horizon);
    places.extend(milestones(whole, &horizon));
    places.extend(injects(whole, &horizon));
    let written = moments(whole);
    places.extend(written.filter(|it| horizon.is_over_by(it, resolver)).map(|it| it.span));
    for span in places {
        let message = format!(
            "every exercise stops {} after T+0, before this",
            whole.scenario.experiment.horizon
        );
        resolver
            .no_effect(span, message)
            .help("give `experiment.horizon` a later end, or take it out");
    }
    objectives(whole, resolver);
}

/// When every exercise is over, and the earliest that each milestone can be.
struct Horizon<'a> {
    whole: &'a Whole<'a>,
    end: SimTime,
    earliest: IdVec<MilestoneId, SimTime>,
}

impl<'a> Horizon<'a> {
    fn new(whole: &'a Whole<'a>) -> Self {
        let scenario = whole.scenario;
        let incident = &scenario.incident;
        let mut earliest: IdVec<MilestoneId, SimTime> =
            incident.milestones.iter().map(|_| SimTime::ZERO).collect();
        for id in &incident.milestone_order {
            let it = &incident.milestones[*id];
            let after = match it.after {
                MilestoneAnchor::FirstDeletion => SimTime::ZERO,
                MilestoneAnchor::LastDeletion => last_deletion(scenario),
                MilestoneAnchor::Milestone(other) => earliest[other],
            };
            earliest[*id] = after + least(&it.delay);
        }
        let end = SimTime::ZERO + scenario.experiment.horizon;
        Self { whole, end, earliest }
    }

    /// Whether a moment lies behind the end. The end of a step of another track comes at some time.
    fn is_over_by(&self, written: &Located<String>, resolver: &mut Resolver<'_>) -> bool {
        let moments = &self.whole.moments;
        let at = match read_moment(written, moments.wall_clock, resolver) {
            None => SimTime::ZERO,
            Some(WrittenMoment::At(at)) => at,
            Some(WrittenMoment::After(name, later)) => {
                let known = moments.milestones.iter().position(|it| it == name);
                let base = known.map(|it| self.earliest.as_slice()[it]);
                base.unwrap_or_default() + later
            }
        };
        at > self.end
    }
}

/// The least that a draw of a length of time gives.
fn least(distribution: &Distribution) -> SimDuration {
    SimDuration::from_millis(distribution.least() as u64)
}

/// The earliest that the last deletion can be: something may stop it at any time.
fn last_deletion(scenario: &Scenario) -> SimTime {
    let may_stop = scenario.strategies.iter().any(|it| it.guardrails.may_spare());
    if may_stop || scenario.estate.is_redrawn() {
        return SimTime::ZERO;
    }
    scenario.incident.runs.iter().map(|it| it.start).max().unwrap_or_default()
}

fn deletions(whole: &Whole<'_>, horizon: &Horizon<'_>) -> Vec<Span> {
    let runs = whole.spec.incident.deletions.iter().zip(&whole.scenario.incident.runs);
    let late = runs.filter(|it| it.1.start > horizon.end);
    late.filter_map(|it| it.0.at.as_ref()).map(|it| it.span).collect()
}

fn milestones(whole: &Whole<'_>, horizon: &Horizon<'_>) -> Vec<Span> {
    let names = whole.spec.incident.milestones.iter().map(|it| it.0.span);
    let late = names.zip(horizon.earliest.iter()).filter(|it| *it.1 > horizon.end);
    late.map(|it| it.0).collect()
}

fn injects(whole: &Whole<'_>, horizon: &Horizon<'_>) -> Vec<Span> {
    let late = whole.injects().filter(|(_, it)| {
        let base = match it.at.base {
            MomentBase::Milestone(id) => horizon.earliest[id],
            _ => SimTime::ZERO,
        };
        base + it.at.plus + least(&it.delay) > horizon.end
    });
    late.map(|(spec, _)| spec.at.as_ref().map_or(spec.span, |it| it.span)).collect()
}

/// Every moment at which a track opens or closes, people are called, or a number changes.
fn moments<'a>(whole: &Whole<'a>) -> impl Iterator<Item = &'a Located<String>> + use<'a> {
    let spec = whole.spec;
    let strategies = || whole.strategies.iter().map(|it| &it.1.value);
    let tracks = strategies().flat_map(|it| &it.tracks);
    let ends = tracks.clone().flat_map(|it| [&it.opens, &it.closes]).flatten();
    let batches = tracks.filter_map(|it| it.batch.as_ref());
    let batches = batches.flat_map(|it| [&it.size, &it.in_flight]).flatten();
    let called = spec.teams.iter().filter_map(|it| it.1.called.as_ref());
    let people = spec.teams.iter().filter_map(|it| it.1.people.as_ref());
    let units = spec.limits.iter().filter_map(|it| it.1.units.as_ref());
    let own = strategies().flat_map(|it| it.teams.iter().chain(&it.limits)).map(|it| &it.1);
    let ramps = people.chain(units).chain(batches).chain(own);
    let rates = spec.throughput.iter().filter_map(|it| it.1.rate.as_ref());
    let own_rates = strategies().flat_map(|it| &it.throughput).map(|it| &it.1);
    let all: Vec<&Located<String>> = ends
        .chain(called)
        .chain(ramps.flat_map(points))
        .chain(rates.chain(own_rates).flat_map(rate_points))
        .collect();
    all.into_iter()
}

fn points(ramp: &Located<RampSpec>) -> Vec<&Located<String>> {
    match &ramp.value {
        RampSpec::Points(points) => points.iter().filter_map(|it| it.at.as_ref()).collect(),
        RampSpec::Constant(_) | RampSpec::Percent(_) => Vec::new(),
    }
}

fn rate_points(ramp: &Located<RateRampSpec>) -> Vec<&Located<String>> {
    match &ramp.value {
        RateRampSpec::Points(points) => points.iter().filter_map(|it| it.at.as_ref()).collect(),
        RateRampSpec::Constant(_) => Vec::new(),
    }
}

/// Warns of objectives that are over only after every exercise is.
fn objectives(whole: &Whole<'_>, resolver: &mut Resolver<'_>) {
    let Some(policy) = &whole.spec.policy else { return };
    let horizon = whole.scenario.experiment.horizon;
    let of_tiers = policy.tiers.iter().map(|(_, it)| &it.rto);
    for it in [&policy.rto].into_iter().chain(of_tiers).flatten() {
        if let Some(rto) = resolver.duration(it) {
            check_length(rto.as_millis() as f64, it.span, horizon, resolver);
        }
    }
}

/// Warns of a length of time, in milliseconds, that is over only after every exercise is.
pub(crate) fn check_length(
    millis: f64,
    place: Span,
    horizon: SimDuration,
    resolver: &mut Resolver<'_>,
) {
    if millis > horizon.as_millis() as f64 {
        let message = format!("every exercise stops {horizon} after T+0, before this is over");
        resolver
            .diagnostics
            .warning(Code::Suspicious, place, message)
            .help("give `experiment.horizon` a later end: what is not back by then is late");
    }
}
