//! The sites that may be deleted, with their graphs of steps, and how what they lose changes these.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::Id;
use crate::scenario::{DeletedSite, Lost, Scenario, Strategy};
use crate::units::SimTime;

use super::expand::{Graph, to_u16};
use super::profile::{Profile, presence, profile};
use super::site_kind::{Kind, Kinds};

/// A site that may be deleted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlanSite {
    /// See [`crate::scenario::Site::draw`].
    pub draw: u64,
    /// When it is deleted unless something stops that, in milliseconds; `u64::MAX` where only a
    /// later deletion may.
    pub deleted_at: u64,
    pub users: u32,
    pub bytes: u64,
    pub customer: u32,
    pub tier: u32,
    /// Its graph of steps, of what it loses first.
    pub profile: u16,
    /// The graph of all that it may ever lose, by which its tasks are ranked.
    pub widest: u16,
}

/// Something that the incident takes of a site.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlanLoss {
    pub row: u32,
    /// When, unless something stops that, in milliseconds.
    pub at: u64,
    /// The graph of steps of what is taken alone.
    pub profile: u16,
}

/// The sites with their graphs of steps, and how what they lose changes these.
pub(super) struct Lives {
    pub sites: Vec<PlanSite>,
    pub profiles: Vec<Profile>,
    /// The graph of each kind of site.
    pub known: BTreeMap<Kind, u16>,
    /// See [`super::deletions::PlanDeletions::joined`].
    pub joined: BTreeMap<(u16, u16), u16>,
    /// See [`super::deletions::PlanDeletions::losses`].
    pub losses: Vec<PlanLoss>,
}

impl Lives {
    pub(super) fn new(
        scenario: &Scenario,
        strategy: &Strategy,
        graph: &Graph<'_>,
        order: &[usize],
        kinds: &Kinds<'_>,
    ) -> Self {
        let (estate, incident) = (&scenario.estate, &scenario.incident);
        let mut known: BTreeMap<Kind, u16> = BTreeMap::new();
        let mut profiles: Vec<Profile> = Vec::new();
        let mut profile_of = |deleted: &DeletedSite, lost: Lost| {
            let kind = kinds.of(deleted, lost);
            *known.entry(kind).or_insert_with(|| {
                let present = presence(graph, kinds, kind);
                profiles.push(Profile { lost, ..profile(graph, order, present) });
                to_u16(profiles.len() - 1)
            })
        };
        let all = match incident.may_come_again() {
            true => incident.losses(estate, &strategy.guardrails),
            false => Vec::new(),
        };
        let of_row = |row: usize| {
            let first = all.partition_point(|it| it.place < row);
            all[first..].iter().take_while(move |it| it.place == row)
        };
        let deleted_at = incident.deleted_at(&strategy.guardrails);
        let to_u32 = |number: usize| u32::try_from(number).expect("an id holds 32 bits");
        let row = |(row, (deleted, at)): (usize, (&DeletedSite, SimTime))| {
            let site = &estate.sites[deleted.site];
            let at_most = incident.loses_at_most(row);
            let first = of_row(row).next().map_or(at_most, |it| it.lost);
            PlanSite {
                draw: site.draw,
                deleted_at: at.as_millis(),
                users: site.users,
                bytes: site.bytes.count(),
                customer: site.customer,
                tier: to_u32(site.tier.index()),
                profile: profile_of(deleted, first),
                widest: profile_of(deleted, at_most),
            }
        };
        let sites = incident.deleted.iter().zip(deleted_at).enumerate().map(row).collect();
        let (mut joined, mut losses) = (BTreeMap::new(), Vec::new());
        let deleted = incident.deleted.iter().enumerate();
        // Sites alike lose the same by the same: a pair is joined once for all of them.
        let mut alike: BTreeSet<(Kind, &[Lost])> = BTreeSet::new();
        for (row, deleted) in deleted.filter(|_| incident.may_come_again()) {
            let ways = incident.may_lose(row);
            let own = estate.sites[deleted.site].products;
            let is_new = alike.insert((kinds.of(deleted, Lost::Whole), ways));
            let pairs = ways.iter().flat_map(|one| ways.iter().map(move |it| (one, it)));
            for (one, other) in pairs.filter(|_| is_new) {
                let both = estate.lost_together(own, *one, *other);
                let [one, other, both] = [*one, *other, both].map(|it| profile_of(deleted, it));
                joined.insert((one, other), both);
            }
            // Only what something else may have come before has to be looked at when it comes.
            let is_alone = !incident.injects_delete && of_row(row).nth(1).is_none();
            let later = of_row(row).filter(|_| !is_alone);
            losses.extend(later.map(|it| PlanLoss {
                row: to_u32(row),
                at: it.at.as_millis(),
                profile: profile_of(deleted, it.lost),
            }));
        }
        Self { sites, profiles, known, joined, losses }
    }
}
