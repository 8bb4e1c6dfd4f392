//! What became of the deleted sites of one exercise, as figures ask for it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::ids::{Id, TierId};
use crate::scenario::{Clock, DeletedSite, RpoAt, Scenario, Site, Strategy};
use crate::trace::{Outcome, Restoration};
use crate::units::{SimDuration, SimTime};

/// What figures need to know of all exercises that are told of together, as each may have sites of
/// its own: what none of them has, none has a figure of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Everywhere {
    /// The tiers of the sites that the incident aims at.
    tiers: BTreeSet<TierId>,
    /// Whether any of those sites has a user.
    somebody: bool,
}

impl Everywhere {
    /// What the exercises of these numbers have.
    #[must_use]
    pub fn new(scenario: &Scenario, replications: Range<u64>) -> Self {
        let mut all = Self::default();
        // Where no exercise draws its own sites, one speaks for all.
        let many = if scenario.estate.is_redrawn() { usize::MAX } else { 1 };
        for number in replications.take(many) {
            let own = scenario.in_replication(number);
            for it in &own.incident.deleted {
                let site = &own.estate.sites[it.site];
                all.tiers.insert(site.tier);
                all.somebody |= site.users > 0;
            }
        }
        all
    }

    /// Whether there is anybody to speak of.
    pub(super) fn somebody(&self) -> bool {
        self.somebody
    }

    /// Whether any site of any exercise is to be back within some time.
    pub(super) fn asks_for_time(&self, scenario: &Scenario) -> bool {
        let policy = scenario.policy.as_ref();
        policy.is_some_and(|it| self.tiers.iter().any(|tier| it.objectives[*tier].rto.is_some()))
    }

    /// Whether any site of any exercise is to lose no more than some data.
    pub(super) fn asks_for_data(&self, scenario: &Scenario) -> bool {
        let policy = scenario.policy.as_ref();
        policy.is_some_and(|it| self.tiers.iter().any(|tier| it.objectives[*tier].rpo.is_some()))
    }
}

/// A site that was deleted.
pub(super) struct GoneSite {
    pub users: u64,
    pub customer: u32,
    pub end: Restoration,
    /// From when its recovery time counts.
    pub clock: SimTime,
    /// All the time that it was away, up to the horizon.
    pub away: u128,
    /// Data lost, as the objectives mean it, where it came back and somebody knows.
    pub lost: Option<u64>,
    /// Data lost when it was handed over.
    pub lost_at_first: Option<u64>,
    /// Data lost in the end.
    pub lost_at_last: Option<u64>,
    /// From when on it had lost no more than in the end.
    pub mended: Option<u64>,
    pub reached: Option<SimTime>,
    pub rto: Option<SimDuration>,
    pub rpo: Option<SimDuration>,
}

impl GoneSite {
    /// The instant at which it was back.
    pub(super) fn back(&self) -> Option<u64> {
        self.end.restored_at().map(SimTime::as_millis)
    }

    /// Its recovery time actual.
    pub(super) fn rta(&self) -> Option<u64> {
        Some(self.back()?.saturating_sub(self.clock.as_millis()))
    }

    /// Whether it was back as early as its objective asks.
    pub(super) fn is_in_time(&self) -> bool {
        let within = |rto: SimDuration| self.rta().is_some_and(|it| it <= rto.as_millis());
        self.rto.is_some_and(within)
    }

    /// Whether it lost no more than its objective allows.
    pub(super) fn is_whole(&self) -> bool {
        let within = |rpo: SimDuration| self.lost.is_some_and(|it| it <= rpo.as_millis());
        self.rpo.is_some_and(within)
    }

    /// Whether it was given back with older data than its objective allows.
    pub(super) fn came_back_old(&self) -> bool {
        self.is_older(self.lost_at_first)
    }

    /// Whether it still has older data than its objective allows in the end.
    pub(super) fn stays_old(&self) -> bool {
        self.is_older(self.lost_at_last)
    }

    fn is_older(&self, lost: Option<u64>) -> bool {
        self.rpo.zip(lost).is_some_and(|(rpo, lost)| lost > rpo.as_millis())
    }

    /// How long it had older data than its objective allows, if that came to an end.
    pub(super) fn was_old_for(&self) -> Option<u64> {
        let ended = self.came_back_old() && !self.stays_old();
        let (back, mended) = (self.back()?, self.mended?);
        ended.then(|| mended.saturating_sub(back))
    }
}

/// What counts once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Sites,
    Users,
    Customers,
}

/// One exercise.
pub(super) struct Exercise {
    pub horizon: SimTime,
    /// The sites that were deleted.
    pub gone: Vec<GoneSite>,
    /// The sites at which the incident aims and that were not.
    pub spared: usize,
    /// Whether anybody says to which moment data comes back.
    pub data_is_known: bool,
    /// The share of those with an objective that must keep it.
    coverage: f64,
}

impl Exercise {
    /// The exercise of a scenario, which is as it was there, with this outcome of a strategy.
    pub(super) fn new(scenario: &Scenario, strategy: &Strategy, outcome: &Outcome) -> Self {
        let horizon = SimTime::ZERO + scenario.experiment.horizon;
        let mut exercise = Self {
            horizon,
            gone: Vec::new(),
            spared: 0,
            data_is_known: says_to_which_moment(scenario, strategy),
            coverage: scenario.policy.as_ref().map_or(0.0, |it| it.coverage.fraction()),
        };
        for (row, aim) in scenario.incident.deleted.iter().enumerate() {
            match gone(scenario, outcome, row, aim) {
                Some(site) => exercise.gone.push(site),
                None => exercise.spared += 1,
            }
        }
        exercise
    }

    /// How many of the deleted sites there are of which something is true.
    pub(super) fn count(&self, is: impl Fn(&GoneSite) -> bool) -> u64 {
        self.gone.iter().filter(|it| is(it)).count() as u64
    }

    /// The recovery times of what counts, none where it never ends, each with how often it counts.
    pub(super) fn recovery_times(&self, of: Of) -> Vec<(Option<u64>, u64)> {
        match of {
            Of::Sites => self.gone.iter().map(|it| (it.rta(), 1)).collect(),
            Of::Users => self.gone.iter().map(|it| (it.rta(), it.users)).collect(),
            Of::Customers => {
                let mut last: BTreeMap<u32, Option<u64>> = BTreeMap::new();
                for it in &self.gone {
                    let own = last.entry(it.customer).or_insert(Some(0));
                    // One site that never comes back is enough.
                    *own = own.zip(it.rta()).map(|(one, other)| one.max(other));
                }
                last.into_values().map(|it| (it, 1)).collect()
            }
        }
    }

    /// The share of what has a recovery time objective that is back within it; all of nothing.
    pub(super) fn share_in_time(&self, of: Of) -> f64 {
        let (asked, in_time) = sums(&self.by_rto(of));
        if asked == 0 && of == Of::Users {
            return self.share_in_time(Of::Sites);
        }
        share(in_time, asked)
    }

    /// The share of what has a recovery point objective that lost no more; all of nothing.
    pub(super) fn share_whole(&self, of: Of) -> f64 {
        let (asked, whole) = sums(&self.by_rpo(of));
        if asked == 0 && of == Of::Users {
            return self.share_whole(Of::Sites);
        }
        share(whole, asked)
    }

    /// The share of what has a recovery point objective of which something is true; none of nothing.
    pub(super) fn share_old(&self, of: Of, is_old: fn(&GoneSite) -> bool) -> f64 {
        let asked = || self.gone.iter().filter(|it| it.rpo.is_some());
        let all: u64 = asked().map(|it| weight(it, of)).sum();
        match (all, of) {
            (0, Of::Users) => self.share_old(Of::Sites, is_old),
            (0, _) => 0.0,
            (all, _) => {
                let old: u64 = asked().filter(|it| is_old(it)).map(|it| weight(it, of)).sum();
                old as f64 / all as f64
            }
        }
    }

    /// Whether enough of what has it keeps each recovery time objective.
    pub(super) fn keeps_rto(&self, of: Of) -> bool {
        self.by_rto(of).into_iter().all(|(asked, kept)| self.is_enough(asked, kept))
    }

    /// Whether enough of the sites that have it keep each recovery point objective.
    pub(super) fn keeps_rpo(&self) -> bool {
        self.by_rpo(Of::Sites).into_iter().all(|(asked, kept)| self.is_enough(asked, kept))
    }

    fn is_enough(&self, asked: u64, kept: u64) -> bool {
        // A share that is written is seldom the nearest number to itself.
        const ROUNDING: f64 = 1e-12;
        asked == 0 || kept as f64 / asked as f64 >= self.coverage - ROUNDING
    }

    /// By recovery time objective, how much has it and how much of that is in time. Customers may
    /// have sites of several objectives, all of which they ask for.
    fn by_rto(&self, of: Of) -> Vec<(u64, u64)> {
        let asked = self.gone.iter().filter_map(|it| Some((it, it.rto?)));
        if of == Of::Customers {
            let mut all_in_time: BTreeMap<u32, bool> = BTreeMap::new();
            for (it, _) in asked {
                *all_in_time.entry(it.customer).or_insert(true) &= it.is_in_time();
            }
            let in_time = all_in_time.values().filter(|it| **it).count();
            return vec![(all_in_time.len() as u64, in_time as u64)];
        }
        by_objective(asked.map(|(it, rto)| (rto, weight(it, of), it.is_in_time())))
    }

    /// By recovery point objective, how much has it and how much of that lost no more.
    fn by_rpo(&self, of: Of) -> Vec<(u64, u64)> {
        let asked = self.gone.iter().filter_map(|it| Some((it, it.rpo?)));
        by_objective(asked.map(|(it, rpo)| (rpo, weight(it, of), it.is_whole())))
    }
}

/// The value that so many of a hundred do not exceed, of values which each count so often: the
/// least of which that is true. `None` where it is a time that never comes; zero of nothing at all.
pub(super) fn percentile(mut values: Vec<(Option<u64>, u64)>, percent: u128) -> Option<u64> {
    let all: u128 = values.iter().map(|it| u128::from(it.1)).sum();
    if all == 0 {
        return Some(0);
    }
    values.sort_by_key(|it| it.0.unwrap_or(u64::MAX));
    let mut so_far = 0;
    for (value, often) in values {
        so_far += u128::from(often);
        if so_far * 100 >= all * percent {
            return value;
        }
    }
    unreachable!("a hundred of a hundred are all")
}

/// The site of a row, if it was deleted.
fn gone(scenario: &Scenario, outcome: &Outcome, row: usize, aim: &DeletedSite) -> Option<GoneSite> {
    let site: &Site = &scenario.estate.sites[aim.site];
    let since = outcome.deleted_at(row, aim.at)?;
    let horizon = SimTime::ZERO + scenario.experiment.horizon;
    let end = outcome.restorations.get(row).copied().unwrap_or(Restoration::Unfinished);
    let until = end.restored_at().unwrap_or(horizon);
    let last = until.as_millis().saturating_sub(since.as_millis());
    let policy = scenario.policy.as_ref();
    let noticed = match policy.map_or(Clock::Deletion, |it| it.clock) {
        Clock::Deletion => SimTime::ZERO,
        Clock::Milestone(it) => outcome.milestones.get(it.index()).copied().unwrap_or_default(),
    };
    let loss = outcome.data_loss.get(row).copied().unwrap_or_default();
    let back_with = |it: Option<SimDuration>| {
        let known = it.filter(|_| end.restored_at().is_some());
        known.map(SimDuration::as_millis)
    };
    let (at_first, at_last) = (back_with(loss.at_hand_over), back_with(loss.after_repair));
    Some(GoneSite {
        users: site.users.into(),
        customer: site.customer,
        end,
        clock: since.max(noticed),
        away: u128::from(last) + u128::from(outcome.earlier_outage(row)),
        lost: match policy.map(|it| it.rpo_at) {
            Some(RpoAt::Repair) => at_last,
            Some(RpoAt::HandOver) | None => at_first,
        },
        lost_at_first: at_first,
        lost_at_last: at_last,
        mended: loss.repaired_at.map(SimTime::as_millis),
        reached: outcome.reached.get(row).copied().flatten(),
        rto: policy.and_then(|it| it.objectives[site.tier].rto),
        rpo: policy.and_then(|it| it.objectives[site.tier].rpo),
    })
}

/// Whether any step of a strategy says to which moment data comes back.
fn says_to_which_moment(scenario: &Scenario, strategy: &Strategy) -> bool {
    let runbooks = strategy.tracks.iter().map(|it| it.runbook);
    let mut steps = runbooks.flat_map(|it| scenario.runbooks[it].steps.iter());
    steps.any(|it| it.restore_point.is_some())
}

fn weight(site: &GoneSite, of: Of) -> u64 {
    if of == Of::Users { site.users } else { 1 }
}

/// For each objective how much asks for it and how much of that has it kept.
fn by_objective(asked: impl Iterator<Item = (SimDuration, u64, bool)>) -> Vec<(u64, u64)> {
    let mut groups: BTreeMap<SimDuration, (u64, u64)> = BTreeMap::new();
    for (objective, often, kept) in asked {
        let group = groups.entry(objective).or_default();
        group.0 += often;
        group.1 += if kept { often } else { 0 };
    }
    groups.into_values().collect()
}

fn sums(groups: &[(u64, u64)]) -> (u64, u64) {
    (groups.iter().map(|it| it.0).sum(), groups.iter().map(|it| it.1).sum())
}

fn share(kept: u64, asked: u64) -> f64 {
    if asked == 0 { 1.0 } else { kept as f64 / asked as f64 }
}
