//! `[incident]`: the mass deletion, and the milestones of the response.

use std::collections::BTreeSet;

use crate::dist::Distribution;
use crate::ids::{Id, IdVec, MilestoneId, ProductId, SiteId};
use crate::rng::{Purpose, Streams};
use crate::scenario::aim::Aim;
use crate::scenario::estate::Estate;
use crate::scenario::guardrails::{Guardrails, SoftDelete};
use crate::scenario::incident_kind::IncidentKind;
use crate::scenario::inject::{Inject, InjectKind};
use crate::scenario::lost::{Lost, MOST_PARTS, Target};
use crate::spec::DeletionOrderSpec;
use crate::units::{SimDuration, SimTime};

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
    pub(crate) may_lose: Vec<Vec<Lost>>,
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
    pub(crate) fn aim_at_later(&mut self, injects: &[Inject], estate: &Estate) -> usize {
        let injected = |it: &Inject| match &it.what {
            InjectKind::Deletion(sites, aim) => Some((sites.clone(), aim.target.clone())),
            _ => None,
        };
        let injected: Vec<(Vec<SiteId>, Target)> = injects.iter().filter_map(injected).collect();
        self.injects_delete = !injected.is_empty();
        let is_new = |site: &SiteId| self.deleted.binary_search_by_key(site, |it| it.site).is_err();
        let of_all = injected.iter().flat_map(|(sites, _)| sites).copied();
        let new: BTreeSet<SiteId> = of_all.filter(is_new).collect();
        let later = |site| DeletedSite { site, at: SimTime::NEVER, soft: false };
        self.deleted.extend(new.into_iter().map(later));
        self.deleted.sort_by_key(|it| it.site);
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
    pub(crate) fn redrawn(&self, estate: &Estate, streams: &Streams) -> Self {
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
    pub(crate) order: DeletionOrderSpec,
}

impl DeletionRun {
    /// How many sites of an estate it could take, were it not for its number.
    #[must_use]
    pub fn matches(&self, estate: &Estate) -> usize {
        let hits = |site: &SiteId| {
            self.aim.which.matches(estate, *site) && self.aim.target.hits(estate, *site)
        };
        estate.sites.ids().filter(hits).count()
    }

    /// The sites of this estate that the run takes, in the order in which it does.
    pub(crate) fn sites_in_order(&self, estate: &Estate, streams: &Streams) -> Vec<SiteId> {
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
    pub(crate) fn at(&self, place: usize, guardrails: &Guardrails) -> SimTime {
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

/// More than any horizon, and far from overflowing the clock: 30,000 years in milliseconds.
const LONGEST_SOAK: u64 = 1_000_000_000_000_000;

/// Every site that a run deletes, in the order of the estate, at its first deletion.
pub(crate) fn first_deletions(runs: &[DeletionRun], estate: &Estate) -> Vec<DeletedSite> {
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
