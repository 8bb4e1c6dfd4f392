//! `[incident]`: deletions and milestones.

use crate::diagnostics::{Code, Span};
use crate::dist::Distribution;
use crate::ids::{Id, IdVec, MilestoneId};
use crate::rng::Streams;
use crate::scenario::estate::Estate;
use crate::scenario::incident::{
    DeletedSite, DeletionRun, Incident, Milestone, MilestoneAnchor, first_deletions,
};
use crate::scenario::lost::MOST_PARTS;
use crate::scenario::read::aim::{Choice, aim};
use crate::scenario::read::graph::order_or_circle;
use crate::scenario::read::guardrails::{self, Described};
use crate::scenario::read::moment::{Moments, WallClock, WrittenMoment, read_moment};
use crate::scenario::read::resolver::{Resolver, Unit, choice};
use crate::spec::{
    DeletionOrderSpec, DeletionSpec, IncidentSpec, Located, MilestoneSpec, ModeSpec,
};
use crate::units::{SimDuration, SimTime};

pub(crate) fn wall_clock(spec: &IncidentSpec, resolver: &mut Resolver<'_>) -> WallClock {
    let it = spec.at.as_ref()?;
    match it.value.parse() {
        Ok(at) => Some(at),
        Err(_) => {
            resolver
                .error(Code::BadQuantity, it.span, format!("`{}` is no moment", it.value))
                .help("write the wall-clock of T+0 such as \"2022-04-05T07:38:00Z\"");
            None
        }
    }
}

pub(crate) fn resolve(
    spec: &Located<IncidentSpec>,
    estate: &Estate,
    seed: u64,
    moments: &Moments<'_>,
    resolver: &mut Resolver<'_>,
) -> (Incident, Described) {
    let (runs, deleted) = deletions(spec, estate, seed, moments.wall_clock, resolver);
    let milestones: IdVec<MilestoneId, Milestone> = spec
        .milestones
        .iter()
        .map(|(name, it)| milestone(name, it, moments.milestones, resolver))
        .collect();
    let milestone_order = order(spec, &milestones, resolver);
    let mut incident = Incident {
        at: moments.wall_clock,
        kind: choice(&spec.kind),
        may_lose: Vec::new(),
        injects_delete: false,
        deleted,
        runs,
        soft_delete: None,
        milestones,
        milestone_order,
    };
    let described = guardrails::resolve(spec, &estate.services, &incident, moments, resolver);
    for it in spec.deletions.iter().filter_map(|it| it.mode.as_ref()) {
        if it.value == ModeSpec::Soft {
            described.soft_delete_for(it.span, resolver);
        }
    }
    incident.soft_delete.clone_from(&described.soft_delete.what);
    (incident, described)
}

fn deletions(
    spec: &Located<IncidentSpec>,
    estate: &Estate,
    seed: u64,
    wall_clock: WallClock,
    resolver: &mut Resolver<'_>,
) -> (Vec<DeletionRun>, Vec<DeletedSite>) {
    let told =
        resolver.parsed.was_cut(spec.span, "deletions") || resolver.parsed.cut_any(&["incident"]);
    if spec.deletions.is_empty() && !told {
        resolver
            .error(Code::MissingKey, spec.span, "nothing is deleted")
            .help("add a table `[[incident.deletions]]` with `count = 10`");
    }
    let read = |(number, it)| run(it, number, estate, seed, wall_clock, resolver);
    let runs: Vec<DeletionRun> = spec.deletions.iter().enumerate().map(read).collect();
    let deleted = first_deletions(&runs, estate);
    // A run that finds no site in one estate may find some in the next.
    let first = match estate.is_redrawn() {
        true => runs.iter().map(|it| it.start).min(),
        false => deleted.iter().map(|it| it.at).min(),
    };
    if let Some(first) = first.filter(|it| *it != SimTime::ZERO) {
        let span = spec.deletions[0].span;
        resolver
            .error(Code::OutOfRange, span, format!("the first deletion is at {first}"))
            .help("T+0 is the first deletion; leave out `at` of the first run");
    }
    (runs, deleted)
}

/// The sites that one run deletes, and when.
fn run(
    spec: &Located<DeletionSpec>,
    number: usize,
    estate: &Estate,
    seed: u64,
    wall_clock: WallClock,
    resolver: &mut Resolver<'_>,
) -> DeletionRun {
    let choice =
        Choice { sites: &spec.sites, count: &spec.count, target: &spec.target, table: spec.span };
    let aim = aim(&choice, &number.to_string(), estate, resolver);
    let start = spec.at.as_ref().and_then(|it| start(it, wall_clock, resolver)).unwrap_or_default();
    let over = resolver.duration_or(&spec.over, SimDuration::ZERO);
    let soft = spec.mode.as_ref().is_some_and(|it| it.value == ModeSpec::Soft);
    let order = spec.order.as_ref().map_or(DeletionOrderSpec::List, |it| it.value);
    let mut run = DeletionRun { sites: Vec::new(), start, over, soft, aim, order };
    run.sites = run.sites_in_order(estate, &Streams::new(seed, 0));
    run
}

/// Everything that can come of what a site loses bit by bit has its own graph of steps.
pub(crate) fn check_parts(parts: usize, spec: &Located<IncidentSpec>, resolver: &mut Resolver<'_>) {
    if parts > MOST_PARTS {
        let message = format!("a site may lose {parts} different parts; {MOST_PARTS} is the most");
        let first = spec.deletions.iter().find(|it| it.target.is_some());
        resolver
            .error(Code::OutOfRange, first.map_or(spec.span, |it| it.span), message)
            .help("take products, or the whole site, in the place of single services");
    }
}

fn start(
    written: &Located<String>,
    wall_clock: WallClock,
    resolver: &mut Resolver<'_>,
) -> Option<SimTime> {
    match read_moment(written, wall_clock, resolver)? {
        WrittenMoment::At(at) => Some(at),
        WrittenMoment::After(name, _) => {
            resolver
                .error(
                    Code::BadQuantity,
                    written.span,
                    format!("a deletion cannot wait for `{name}`"),
                )
                .help("write a time after the first deletion such as \"T+2h\"");
            None
        }
    }
}

fn milestone(
    name: &Located<String>,
    spec: &Located<MilestoneSpec>,
    names: &[String],
    resolver: &mut Resolver<'_>,
) -> Milestone {
    if ["first_deletion", "last_deletion", "deletion"].contains(&name.value.as_str()) {
        let message = format!("`{}` is the name of a deletion, not of a milestone", name.value);
        resolver.error(Code::DuplicateName, name.span, message).help("choose another name");
    }
    let after = match &spec.after {
        None => MilestoneAnchor::FirstDeletion,
        Some(it) if it.value == "first_deletion" => MilestoneAnchor::FirstDeletion,
        Some(it) if it.value == "last_deletion" => MilestoneAnchor::LastDeletion,
        Some(it) => match names.iter().position(|known| *known == it.value) {
            Some(index) => MilestoneAnchor::Milestone(MilestoneId::new(index)),
            None => {
                let choices = ["first_deletion", "last_deletion"];
                resolver
                    .error(
                        Code::UnknownMilestone,
                        it.span,
                        format!("there is no milestone `{}`", it.value),
                    )
                    .help_choose(
                        &it.value,
                        choices.into_iter().chain(names.iter().map(String::as_str)),
                    );
                MilestoneAnchor::FirstDeletion
            }
        },
    };
    let delay = spec.delay.as_ref().and_then(|it| resolver.distribution(it, Unit::Duration));
    Milestone {
        name: name.value.clone(),
        title: spec.title.as_ref().unwrap_or(name).value.clone(),
        after,
        delay: delay.unwrap_or_else(|| {
            Distribution::fixed(0.0).expect("a fixed value of zero is a distribution")
        }),
        public: spec.public.as_ref().is_some_and(|it| it.value),
    }
}

/// An order in which every milestone comes after the one that it follows.
fn order(
    spec: &IncidentSpec,
    milestones: &IdVec<MilestoneId, Milestone>,
    resolver: &mut Resolver<'_>,
) -> Vec<MilestoneId> {
    let before: Vec<Vec<usize>> = milestones
        .iter()
        .map(|it| match it.after {
            MilestoneAnchor::Milestone(other) => vec![other.index()],
            _ => Vec::new(),
        })
        .collect();
    match order_or_circle(&before) {
        Ok(order) => order.into_iter().map(MilestoneId::new).collect(),
        Err(circle) => {
            let names: Vec<&str> =
                circle.iter().map(|it| spec.milestones.entries[*it].0.as_str()).collect();
            let place: Span = spec.milestones.entries[circle[0]].0.span;
            resolver
                .error(
                    Code::Cycle,
                    place,
                    format!("milestones follow each other in a circle: {}", names.join(" after ")),
                )
                .help("let one of them follow `first_deletion` or `last_deletion`");
            milestones.ids().collect()
        }
    }
}
