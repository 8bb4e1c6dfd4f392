//! `[incident]`: the mass deletion, and the milestones of the response.

use std::collections::BTreeSet;

use crate::diagnostics::{Code, Span};
use crate::dist::Distribution;
use crate::ids::{Id, IdVec, MilestoneId, ProductId, SiteId};
use crate::rng::{Purpose, Streams};
use crate::spec::{
    DeletionOrderSpec, DeletionSpec, IncidentSpec, Located, MilestoneSpec, ModeSpec, SelectorSpec,
    TargetSpec,
};
use crate::units::{SimDuration, SimTime};

use super::estate::Estate;
use super::graph::order_or_circle;
use super::guardrails::{self, Described, Guardrails, SoftDelete};
use super::incident_kind::IncidentKind;
use super::inject::{Inject, InjectKind};
use super::lost::{Lost, MOST_PARTS, Target};
use super::moment::{Moments, WallClock, WrittenMoment, read_moment};
use super::quantity::{Desk, Unit, choice};
use super::selector::{self, Selector};

/// What went wrong, and when it was noticed.
#[derive(Clone, Debug, Default)]
pub struct Incident {
    /// The wall-clock of T+0, when the scenario states one.
    pub at: Option<jiff::Timestamp>,
    /// By what words people read of it.
    pub kind: IncidentKind,
    /// The sites that it aims at in the order of the estate, each once, at its first deletion.
    pub deleted: Vec<DeletedSite>,
    /// For each of them all that it may come to have lost, what everything comes to last; empty
    /// where only whole sites are deleted.
    may_lose: Vec<Vec<Lost>>,
    /// Whether some inject deletes sites.
    pub injects_delete: bool,
    /// The runs of deletions.
    pub runs: Vec<DeletionRun>,
    /// How soft deletes are kept, for runs that are soft whatever the strategy.
    pub soft_delete: Option<SoftDelete>,
    /// Moments of the response; each follows only earlier ones of [`Self::milestone_order`].
    pub milestones: IdVec<MilestoneId, Milestone>,
    /// The milestones in an order in which each can be dated.
    pub milestone_order: Vec<MilestoneId>,
}

impl Incident {
    /// Adds the sites that only injects delete, which nothing deletes before, and what all sites may
    /// come to have lost.
    ///
    /// The answer is how many different parts one site may lose: of more than [`MOST_PARTS`] only
    /// the first are looked at.
    pub(super) fn aim_at_later(&mut self, injects: &[Inject], estate: &Estate) -> usize {
        let injected = |it: &Inject| match &it.what {
            InjectKind::Deletion(sites, aim) => Some((sites.clone(), aim.target.clone())),
            _ => None,
        };
        let injected: Vec<(Vec<SiteId>, Target)> = injects.iter().filter_map(injected).collect();
        self.injects_delete = !injected.is_empty();
        for (sites, _) in &injected {
            for site in sites {
                if let Err(place) = self.deleted.binary_search_by_key(site, |it| it.site) {
                    self.deleted.insert(
                        place,
                        DeletedSite { site: *site, at: SimTime::NEVER, soft: false },
                    );
                }
            }
        }
        let runs = self.runs.iter().map(|it| (&it.sites, &it.aim.target));
        let all = runs.chain(injected.iter().map(|(sites, target)| (sites, target)));
        self.may_lose.clear();
        if all.clone().all(|it| *it.1 == Target::Site) {
            return 1;
        }
        let mut hits: Vec<Vec<Lost>> = vec![Vec::new(); self.deleted.len()];
        for (sites, target) in all.clone() {
            for site in sites {
                let place = self.deleted.binary_search_by_key(site, |it| it.site);
                let hits = &mut hits[place.expect("the incident aims at all of them")];
                let lost = target.takes(estate, *site);
                if !hits.contains(&lost) {
                    hits.push(lost);
                }
            }
        }
        let ways = self.deleted.iter().zip(&hits).map(|(it, hits)| {
            let first = &hits[..hits.len().min(MOST_PARTS)];
            estate.ways_to_lose(estate.sites[it.site].products, first)
        });
        self.may_lose = ways.collect();
        match estate.is_redrawn() {
            // In another draw a site may lose all of them.
            true => all.map(|it| it.1.part()).collect::<BTreeSet<_>>().len(),
            false => hits.iter().map(Vec::len).max().unwrap_or(0),
        }
    }

    /// Whether sites may lose some of what they are and not all.
    #[must_use]
    pub fn takes_parts(&self) -> bool {
        !self.may_lose.is_empty()
    }

    /// All that the site at this place among the deleted may come to have lost; what everything
    /// comes to stands last.
    #[must_use]
    pub fn may_lose(&self, place: usize) -> &[Lost] {
        self.may_lose.get(place).map_or(&[Lost::Whole], Vec::as_slice)
    }

    /// All that the incident and its injects may take of the site at this place.
    #[must_use]
    pub fn loses_at_most(&self, place: usize) -> Lost {
        *self.may_lose(place).last().expect("what is aimed at loses something")
    }

    /// Whether it may take something of a product of a site.
    #[must_use]
    pub fn takes_of(&self, product: ProductId, estate: &Estate, site: SiteId) -> bool {
        let place = self.deleted.binary_search_by_key(&site, |it| it.site);
        let is_lost = |place| estate.loses_of(product, self.loses_at_most(place));
        estate.sites[site].has(product) && place.is_ok_and(is_lost)
    }

    /// What is taken of sites and when under these guardrails unless somebody stops that, without
    /// what injects take: site by site, in the order of time. Of what comes at one instant once; what
    /// is lost by then may be there again when more is taken.
    #[must_use]
    pub fn losses(&self, estate: &Estate, guardrails: &Guardrails) -> Vec<Loss> {
        let mut all: Vec<Loss> = Vec::new();
        for run in &self.runs {
            for (number, site) in run.sites.iter().enumerate() {
                let at = run.at(number, guardrails);
                if let Ok(place) = self.deleted.binary_search_by_key(site, |it| it.site)
                    && at != SimTime::NEVER
                {
                    all.push(Loss { place, at, lost: run.aim.target.takes(estate, *site) });
                }
            }
        }
        all.sort_by_key(|it| (it.place, it.at));
        let of_instant = |all: &[Loss]| {
            let Loss { place, at, lost } = all[0];
            let own = estate.sites[self.deleted[place].site].products;
            let together = |lost, it: &Loss| estate.lost_together(own, lost, it.lost);
            Loss { place, at, lost: all.iter().fold(lost, together) }
        };
        all.chunk_by(|a, b| (a.place, a.at) == (b.place, b.at)).map(of_instant).collect()
    }

    /// Whether a site may lose something when it has lost something before.
    #[must_use]
    pub fn may_come_again(&self) -> bool {
        self.runs.len() > 1 || self.injects_delete || self.takes_parts()
    }

    /// The same incident in another estate, without what injects add.
    pub(super) fn redrawn(&self, estate: &Estate, streams: &Streams) -> Self {
        let in_estate = |run: &DeletionRun| DeletionRun {
            sites: run.sites_in_order(estate, streams),
            ..run.clone()
        };
        let runs: Vec<DeletionRun> = self.runs.iter().map(in_estate).collect();
        Self { deleted: first_deletions(&runs, estate), runs, ..self.clone() }
    }

    /// When each of the sites that the incident aims at is deleted under these guardrails unless
    /// somebody stops that; never where there is no chance of it.
    #[must_use]
    pub fn deleted_at(&self, guardrails: &Guardrails) -> Vec<SimTime> {
        let mut at = vec![SimTime::NEVER; self.deleted.len()];
        for run in &self.runs {
            for (place, site) in run.sites.iter().enumerate() {
                if let Ok(row) = self.deleted.binary_search_by_key(site, |it| it.site) {
                    at[row] = at[row].min(run.at(place, guardrails));
                }
            }
        }
        at
    }

    /// Whether a milestone follows the last deletion, directly or through others.
    #[must_use]
    pub fn follows_last_deletion(&self, milestone: MilestoneId) -> bool {
        let mut next = milestone;
        // A checked scenario has no circle; before the check, nobody goes round for ever.
        for _ in 0..self.milestones.len() {
            match self.milestones[next].after {
                MilestoneAnchor::FirstDeletion => return false,
                MilestoneAnchor::LastDeletion => return true,
                MilestoneAnchor::Milestone(other) => next = other,
            }
        }
        false
    }
}

/// A site that the incident aims at and when it is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeletedSite {
    /// Which site.
    pub site: SiteId,
    /// When, unless something stops the deletion.
    pub at: SimTime,
    /// Whether all that aims at it is a soft delete.
    pub soft: bool,
}

/// Something that is taken of a site at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Its place among the sites that the incident aims at.
    pub place: usize,
    /// When, unless something stops it.
    pub at: SimTime,
    /// What is taken.
    pub lost: Lost,
}

/// More than any horizon, and far from overflowing the clock: 30,000 years in milliseconds.
const LONGEST_SOAK: u64 = 1_000_000_000_000_000;

/// One run of deletions, a site after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletionRun {
    /// The sites in the order in which they are deleted.
    pub sites: Vec<SiteId>,
    /// When the run starts.
    pub start: SimTime,
    /// How long it takes without guardrails, evenly spread over its sites.
    pub over: SimDuration,
    /// Whether what it deletes is kept and can be un-deleted, whatever the strategy.
    pub soft: bool,
    /// Which sites of an estate it takes.
    pub aim: Aim,
    order: DeletionOrderSpec,
}

/// Which sites of an estate a deletion takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aim {
    /// Those that match.
    pub which: Selector,
    /// So many of them, by lot; all where there are no more.
    pub count: Option<u32>,
    /// What is taken of them; those that do not have it are left alone.
    pub target: Target,
    /// The name that the lots are drawn for.
    lot: String,
}

impl Aim {
    /// The sites of this estate, in its order. Lots are a part of the draw of the estate.
    pub(super) fn sites(&self, estate: &Estate, streams: &Streams) -> Vec<SiteId> {
        let matches =
            |it: &SiteId| self.which.matches(estate, *it) && self.target.hits(estate, *it);
        let mut sites: Vec<SiteId> = estate.sites.ids().filter(matches).collect();
        if let Some(count) = self.count {
            // Those with the smallest numbers, so that a site more moves at most one of the others.
            let chosen = estate.words(Purpose::DeletionChoice, &self.lot, streams);
            sites.sort_by_key(|site| (chosen[site.index()], *site));
            sites.truncate(count as usize);
            sites.sort_unstable();
        }
        sites
    }
}

impl DeletionRun {
    /// The sites of this estate that the run takes, in the order in which it does.
    fn sites_in_order(&self, estate: &Estate, streams: &Streams) -> Vec<SiteId> {
        let mut sites = self.aim.sites(estate, streams);
        match self.order {
            DeletionOrderSpec::List => {}
            DeletionOrderSpec::Random => {
                let order = estate.words(Purpose::DeletionOrder, &self.aim.lot, streams);
                sites.sort_by_key(|site| (order[site.index()], *site));
            }
            DeletionOrderSpec::UsersDescending => {
                sites.sort_by_key(|site| (std::cmp::Reverse(estate.sites[*site].users), *site));
            }
            DeletionOrderSpec::UsersAscending => {
                sites.sort_by_key(|site| (estate.sites[*site].users, *site));
            }
        }
        sites
    }

    /// When the site of this place, from 0, is deleted under these guardrails, unless somebody
    /// stops the run before.
    pub(super) fn at(&self, place: usize, guardrails: &Guardrails) -> SimTime {
        if guardrails.bulk_cap.is_some_and(|most| place >= most as usize) {
            return SimTime::NEVER;
        }
        let pace = self.over.as_millis() * place as u64 / self.sites.len() as u64;
        let soaked = guardrails.staged_rollout.as_ref().map_or(0, |it| {
            it.soak.as_millis().saturating_mul(it.stages_before(place)).min(LONGEST_SOAK)
        });
        self.start + SimDuration::from_millis(pace + soaked)
    }
}

/// A moment of the response.
#[derive(Clone, Debug)]
pub struct Milestone {
    /// The name in the scenario.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// What it follows.
    pub after: MilestoneAnchor,
    /// How long after, in milliseconds.
    pub delay: Distribution,
    /// Whether it is a word to everybody.
    pub public: bool,
}

/// What a milestone follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MilestoneAnchor {
    /// The first deletion of all.
    FirstDeletion,
    /// The last deletion of all.
    LastDeletion,
    /// Another milestone.
    Milestone(MilestoneId),
}

pub(super) fn wall_clock(spec: &IncidentSpec, desk: &mut Desk<'_>) -> WallClock {
    let it = spec.at.as_ref()?;
    match it.value.parse() {
        Ok(at) => Some(at),
        Err(_) => {
            desk.error(Code::BadQuantity, it.span, format!("`{}` is no moment", it.value))
                .help("write the wall-clock of T+0 such as \"2022-04-05T07:38:00Z\"");
            None
        }
    }
}

pub(super) fn resolve(
    spec: &Located<IncidentSpec>,
    estate: &Estate,
    seed: u64,
    moments: &Moments<'_>,
    desk: &mut Desk<'_>,
) -> (Incident, Described) {
    let (runs, deleted) = deletions(spec, estate, seed, moments.wall_clock, desk);
    let milestones: IdVec<MilestoneId, Milestone> = spec
        .milestones
        .iter()
        .map(|(name, it)| milestone(name, it, moments.milestones, desk))
        .collect();
    let milestone_order = order(spec, &milestones, desk);
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
    let described = guardrails::resolve(spec, &estate.services, &incident, moments, desk);
    for it in spec.deletions.iter().filter_map(|it| it.mode.as_ref()) {
        if it.value == ModeSpec::Soft {
            described.soft_delete_for(it.span, desk);
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
    desk: &mut Desk<'_>,
) -> (Vec<DeletionRun>, Vec<DeletedSite>) {
    let told = desk.parsed.was_cut(spec.span, "deletions") || desk.parsed.cut_any(&["incident"]);
    if spec.deletions.is_empty() && !told {
        desk.error(Code::MissingKey, spec.span, "nothing is deleted")
            .help("add a table `[[incident.deletions]]` with `count = 10`");
    }
    let read = |(number, it)| run(it, number, estate, seed, wall_clock, desk);
    let runs: Vec<DeletionRun> = spec.deletions.iter().enumerate().map(read).collect();
    let deleted = first_deletions(&runs, estate);
    // A run that finds no site in one estate may find some in the next.
    let first = match estate.is_redrawn() {
        true => runs.iter().map(|it| it.start).min(),
        false => deleted.iter().map(|it| it.at).min(),
    };
    if let Some(first) = first.filter(|it| *it != SimTime::ZERO) {
        let span = spec.deletions[0].span;
        desk.error(Code::OutOfRange, span, format!("the first deletion is at {first}"))
            .help("T+0 is the first deletion; leave out `at` of the first run");
    }
    (runs, deleted)
}

/// Every site that a run deletes, in the order of the estate, at its first deletion.
fn first_deletions(runs: &[DeletionRun], estate: &Estate) -> Vec<DeletedSite> {
    let mut at: IdVec<SiteId, SimTime> = estate.sites.ids().map(|_| SimTime::NEVER).collect();
    let mut soft: IdVec<SiteId, bool> = estate.sites.ids().map(|_| true).collect();
    for run in runs {
        for (place, site) in run.sites.iter().enumerate() {
            at[*site] = at[*site].min(run.at(place, &Guardrails::default()));
            soft[*site] &= run.soft;
        }
    }
    let deleted = at.enumerate().filter(|(_, at)| **at != SimTime::NEVER);
    deleted.map(|(site, at)| DeletedSite { site, at: *at, soft: soft[site] }).collect()
}

/// The sites that one run deletes, and when.
fn run(
    spec: &Located<DeletionSpec>,
    number: usize,
    estate: &Estate,
    seed: u64,
    wall_clock: WallClock,
    desk: &mut Desk<'_>,
) -> DeletionRun {
    let choice =
        Choice { sites: &spec.sites, count: &spec.count, target: &spec.target, table: spec.span };
    let aim = aim(&choice, &number.to_string(), estate, desk);
    let start = spec.at.as_ref().and_then(|it| start(it, wall_clock, desk)).unwrap_or_default();
    let over = desk.duration_or(&spec.over, SimDuration::ZERO);
    let soft = spec.mode.as_ref().is_some_and(|it| it.value == ModeSpec::Soft);
    let order = spec.order.as_ref().map_or(DeletionOrderSpec::List, |it| it.value);
    let mut run = DeletionRun { sites: Vec::new(), start, over, soft, aim, order };
    run.sites = run.sites_in_order(estate, &Streams::new(seed, 0));
    run
}

/// Which sites a deletion says it deletes.
pub(super) struct Choice<'a> {
    pub sites: &'a Option<Located<SelectorSpec>>,
    pub count: &'a Option<Located<i64>>,
    pub target: &'a Option<Located<TargetSpec>>,
    pub table: Span,
}

/// What a deletion of this name aims at.
pub(super) fn aim(choice: &Choice<'_>, name: &str, estate: &Estate, desk: &mut Desk<'_>) -> Aim {
    let before = desk.diagnostics.errors();
    let which = choice
        .sites
        .as_ref()
        .map(|it| selector::resolve(it, &estate.vocabulary(), desk))
        .unwrap_or_default();
    let target = selector::target(choice.target.as_ref(), estate, desk);
    let selected = |estate: &Estate, it: SiteId| which.matches(estate, it);
    let matching = |estate: &Estate| {
        let hit = |it: &SiteId| selected(estate, *it) && target.hits(estate, *it);
        estate.sites.ids().filter(hit).count()
    };
    // Another draw of the estate may have more that match: all of it at most.
    let most = match estate.is_redrawn() {
        true => estate.sites.len(),
        false => matching(estate),
    };
    let mut count = None;
    let nothing = || matching(estate) == 0 && estate.more_draws().all(|it| matching(&it) == 0);
    if desk.diagnostics.errors() > before {
        // What the selection means is not known.
    } else if nothing() {
        let span = choice.sites.as_ref().map_or(choice.table, |it| it.span);
        let any = |estate: &Estate| estate.sites.ids().any(|it| selected(estate, it));
        let is_there = any(estate) || estate.more_draws().any(|it| any(&it));
        match choice.target.as_ref().filter(|_| is_there) {
            Some(target) => {
                let message = "no site that is selected has what this takes";
                desk.error(Code::EmptySelection, target.span, message)
                    .help("name what some of them have, or select others");
            }
            None => {
                let message = "no site of the estate matches this selection";
                desk.error(Code::EmptySelection, span, message)
                    .help("widen it; all its keys have to hold for one site");
            }
        }
    } else if let Some(it) = choice.count {
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        count = desk.whole(it, 1..=most, "number of sites to delete");
    }
    Aim { which, count, target, lot: name.to_owned() }
}

/// Everything that can come of what a site loses bit by bit has its own graph of steps.
pub(super) fn check_parts(parts: usize, spec: &Located<IncidentSpec>, desk: &mut Desk<'_>) {
    if parts > MOST_PARTS {
        let message = format!("a site may lose {parts} different parts; {MOST_PARTS} is the most");
        let first = spec.deletions.iter().find(|it| it.target.is_some());
        desk.error(Code::OutOfRange, first.map_or(spec.span, |it| it.span), message)
            .help("take products, or the whole site, in the place of single services");
    }
}

fn start(it: &Located<String>, wall_clock: WallClock, desk: &mut Desk<'_>) -> Option<SimTime> {
    match read_moment(it, wall_clock, desk)? {
        WrittenMoment::At(at) => Some(at),
        WrittenMoment::After(name, _) => {
            desk.error(Code::BadQuantity, it.span, format!("a deletion cannot wait for `{name}`"))
                .help("write a time after the first deletion such as \"T+2h\"");
            None
        }
    }
}

fn milestone(
    name: &Located<String>,
    spec: &Located<MilestoneSpec>,
    names: &[String],
    desk: &mut Desk<'_>,
) -> Milestone {
    if ["first_deletion", "last_deletion", "deletion"].contains(&name.value.as_str()) {
        let message = format!("`{}` is the name of a deletion, not of a milestone", name.value);
        desk.error(Code::DuplicateName, name.span, message).help("choose another name");
    }
    let after = match &spec.after {
        None => MilestoneAnchor::FirstDeletion,
        Some(it) if it.value == "first_deletion" => MilestoneAnchor::FirstDeletion,
        Some(it) if it.value == "last_deletion" => MilestoneAnchor::LastDeletion,
        Some(it) => match names.iter().position(|known| *known == it.value) {
            Some(index) => MilestoneAnchor::Milestone(MilestoneId::new(index)),
            None => {
                let choices = ["first_deletion", "last_deletion"];
                desk.error(
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
    let delay = spec.delay.as_ref().and_then(|it| desk.distribution(it, Unit::Duration));
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
    desk: &mut Desk<'_>,
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
            desk.error(
                Code::Cycle,
                place,
                format!("milestones follow each other in a circle: {}", names.join(" after ")),
            )
            .help("let one of them follow `first_deletion` or `last_deletion`");
            milestones.ids().collect()
        }
    }
}
