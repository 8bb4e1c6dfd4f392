//! Injects that take more than there is, or nothing.

use crate::diagnostics::Span;
use crate::dist::Distribution;
use crate::ids::{LimitId, RunbookId, StepId, TeamId};
use crate::scenario::Scenario;
use crate::scenario::effect::whole::{Needed, Whole};
use crate::scenario::inject::{Cut, Inject, InjectKind};
use crate::scenario::read::resolver::Resolver;
use crate::spec::InjectSpec;
use crate::units::Share;

pub(crate) fn check(whole: &Whole<'_>, resolver: &mut Resolver<'_>) {
    let needed = Needed::by(whole.steps());
    for (spec, inject) in whole.injects() {
        chance(spec, inject, resolver);
        length(spec, inject, resolver);
        match is_about_work(whole, &needed, inject) {
            true => strength(spec, inject, whole.scenario, resolver),
            false => {
                resolver
                    .no_effect(spec.span, "no step that is done is held up by this")
                    .help("name what a step needs, or take it out");
            }
        }
    }
}

/// Whether a step that is done needs what an inject takes away.
fn is_about_work(whole: &Whole<'_>, needed: &Needed, inject: &Inject) -> bool {
    let any_is_followed =
        |steps: &[(RunbookId, StepId)]| steps.iter().any(|it| whole.is_followed(it.0));
    match &inject.what {
        InjectKind::PeopleAway(team, _) | InjectKind::ShiftLost(team) => {
            needed.teams.contains(team)
        }
        InjectKind::LimitDrops(limit, _) => needed.limits.contains(limit),
        InjectKind::ThroughputDrops(throughput, _) => needed.throughputs.contains(throughput),
        InjectKind::AttemptsFail(steps, _) | InjectKind::Freeze(steps) => any_is_followed(steps),
        InjectKind::Outage(service) => whole.steps_for(*service).next().is_some(),
        InjectKind::Deletion(..) => true,
    }
}

fn chance(spec: &InjectSpec, inject: &Inject, resolver: &mut Resolver<'_>) {
    if let Some(it) = spec.chance.as_ref().filter(|_| inject.chance == Share::NONE) {
        resolver.no_effect(it.span, "this never happens").help(
            "write how likely it is, such as \"20%\", or switch it off with `enabled = false`",
        );
    }
}

fn length(spec: &InjectSpec, inject: &Inject, resolver: &mut Resolver<'_>) {
    let is_none = inject.lasts.as_ref().is_some_and(Distribution::is_zero);
    if let Some(it) = spec.lasts.as_ref().filter(|_| is_none) {
        resolver
            .no_effect(it.span, "this is over when it begins")
            .help("write how long it lasts, such as \"4h\"; without `lasts` it goes on to the end");
    }
}

fn strength(spec: &InjectSpec, inject: &Inject, scenario: &Scenario, resolver: &mut Resolver<'_>) {
    match &inject.what {
        InjectKind::PeopleAway(team, cut) => {
            let place = spec.people_away.as_ref().and_then(|it| it.people.as_ref());
            people_away(*team, *cut, place.map(|it| it.span), scenario, resolver);
        }
        InjectKind::LimitDrops(limit, cut) => {
            let place = spec.limit_drops.as_ref().and_then(|it| it.to.as_ref());
            limit_drops(*limit, *cut, place.map(|it| it.span), scenario, resolver);
        }
        InjectKind::ThroughputDrops(_, Share::ALL) => {
            let place = spec.throughput_drops.as_ref().and_then(|it| it.to.as_ref());
            if let Some(it) = place {
                resolver
                    .no_effect(it.span, "all of its rate is left")
                    .help("write the share that is left, such as \"40%\"");
            }
        }
        _ => {}
    }
}

/// The largest number of people that a team ever has, under any strategy.
fn most_people(team: TeamId, scenario: &Scenario) -> u32 {
    scenario.strategies.iter().map(|it| it.people[team].peak()).max().unwrap_or(0)
}

fn people_away(
    team: TeamId,
    cut: Cut,
    place: Option<Span>,
    scenario: &Scenario,
    resolver: &mut Resolver<'_>,
) {
    let Some(span) = place else { return };
    let (name, most) = (&scenario.teams[team].name, most_people(team, scenario));
    match cut {
        Cut::Units(0) | Cut::Share(Share::NONE) => {
            resolver.no_effect(span, "nobody is away").help("write how many are, or take it out");
        }
        Cut::Units(people) if people > most => {
            let message =
                format!("{people} of `{name}` are away, which never has more than {most}");
            resolver
                .no_effect(span, message)
                .help(format!("write {most}, or \"100%\" for all who would be there"));
        }
        Cut::Units(_) | Cut::Share(_) => {}
    }
}

fn limit_drops(
    limit: LimitId,
    cut: Cut,
    place: Option<Span>,
    scenario: &Scenario,
    resolver: &mut Resolver<'_>,
) {
    let Some(span) = place else { return };
    let name = &scenario.limits[limit].name;
    let most = scenario.strategies.iter().map(|it| it.units[limit].peak()).max().unwrap_or(0);
    let is_none = match cut {
        Cut::Units(left) => left >= most,
        Cut::Share(left) => left == Share::ALL,
    };
    if is_none {
        resolver
            .no_effect(span, format!("`{name}` never has more than {most}, so nothing drops"))
            .help("write how many are left, or a share such as \"50%\"");
    }
}
