//! The figures of an exercise, told again by the words of their definitions
//! (`scenario/figures/table.rs`), which is all that they have in common with how the program reads
//! them.

use std::collections::{BTreeMap, BTreeSet};

use crate::audit::breach::{Breaches, Law};
use crate::audit::exercise::{Everywhere, Exercise, GoneSite, Of, percentile};
use crate::audit::ground::Ground;
use crate::ids::{Id, RunbookId, StepId};
use crate::scenario::{Figure, FigureOf, Kind, MomentBase, Per, Reading, Subject, Team};
use crate::trace::{Outcome, Restoration, Testimony};
use crate::units::{MILLIS_PER_HOUR, SimDuration, SimTime};

/// Every figure that the exercise has.
pub(super) fn figures(
    ground: &Ground<'_>,
    everywhere: &Everywhere,
    outcome: &Outcome,
) -> Vec<(FigureOf, Reading)> {
    let exercise = Exercise::new(ground.scenario, ground.strategy, outcome);
    let reader = Reader { ground, everywhere, outcome, exercise };
    let asked = ground.scenario.exercise_figures();
    asked.into_iter().map(|it| (it, reader.figure(it))).collect()
}

/// Compares the figures that are claimed with those of the auditor's own outcome.
pub(super) fn check_figures(
    ground: &Ground<'_>,
    everywhere: &Everywhere,
    own: &Outcome,
    told: &Testimony,
    breaches: &mut Breaches,
) {
    let find = |list: &[(FigureOf, Reading)], of: FigureOf| {
        list.iter().find(|it| it.0 == of).map_or(Reading::Unknown, |it| it.1)
    };
    let own = figures(ground, everywhere, own);
    let untold = |it: &&(FigureOf, Reading)| told.figures.iter().all(|other| other.0 != it.0);
    for (of, _) in told.figures.iter().chain(own.iter().filter(untold)) {
        let (claimed, comes_to) = (find(&told.figures, *of), find(&own, *of));
        if !is_same(claimed, comes_to) {
            let kind = of.figure.kind();
            let (claimed, comes_to) = (words(claimed, kind), words(comes_to, kind));
            let name = of.name(ground.scenario);
            breaches.whole(
                Law::Figures,
                format!("`{name}` is told as {claimed} and comes to {comes_to}"),
            );
        }
    }
}

/// Whether two readings of a figure are the same: of what is counted exactly, of what is divided as
/// far as dividing is exact.
pub(super) fn is_same(one: Reading, other: Reading) -> bool {
    match (one, other) {
        (Reading::Real(one), Reading::Real(other)) => {
            (one - other).abs() <= 1e-12 * one.abs().max(other.abs())
        }
        _ => one == other,
    }
}

/// A reading for people, so exactly that what differs looks different.
pub(super) fn words(reading: Reading, kind: Kind) -> String {
    match (reading, kind) {
        (Reading::Never, _) => "never".to_owned(),
        (Reading::Unknown, _) => "no figure at all".to_owned(),
        (Reading::Real(it), Kind::Share) => format!("{}%", it * 100.0),
        (Reading::Real(it), _) => it.to_string(),
        (Reading::Whole(it), Kind::Instant) => format!("T+{}", length(it)),
        (Reading::Whole(it), Kind::Length | Kind::Loss) => length(it),
        (Reading::Whole(it), Kind::Hours) => hours(it),
        (Reading::Whole(it), Kind::Count | Kind::Share | Kind::Money) => it.to_string(),
    }
}

fn length(millis: u128) -> String {
    match u64::try_from(millis) {
        Ok(it) => SimDuration::from_millis(it).to_string(),
        Err(_) => hours(millis),
    }
}

/// Hours, which nobody sums up to days, and what is left of the last.
fn hours(millis: u128) -> String {
    const HOUR: u128 = crate::units::HOUR as u128;
    let rest = u64::try_from(millis % HOUR).expect("an hour has fewer milliseconds");
    match rest {
        0 => format!("{} hours", millis / HOUR),
        rest => format!("{} hours {}", millis / HOUR, SimDuration::from_millis(rest)),
    }
}

/// What figures are read from.
struct Reader<'a> {
    ground: &'a Ground<'a>,
    everywhere: &'a Everywhere,
    outcome: &'a Outcome,
    exercise: Exercise,
}

impl Reader<'_> {
    fn figure(&self, asked: FigureOf) -> Reading {
        let exercise = &self.exercise;
        let gone = &exercise.gone;
        let back = || gone.iter().map(|it| (it.back(), 1)).collect::<Vec<_>>();
        let lost = || gone.iter().map(|it| (it.lost, 1)).collect::<Vec<_>>();
        let of_those_back = |times: Vec<(Option<u64>, u64)>, percent| {
            let came: Vec<_> = times.into_iter().filter(|it| it.0.is_some()).collect();
            if came.is_empty() && !gone.is_empty() { None } else { percentile(came, percent) }
        };
        let ended = |as_what: fn(Restoration) -> bool| exercise.count(|it| as_what(it.end));
        let is_back = |it: Restoration| it.restored_at().is_some();
        let is_lost = |it: Restoration| it == Restoration::Lost;
        let is_left = |it: Restoration| it == Restoration::Unfinished;
        match asked.figure {
            Figure::SitesDeleted => count(gone.len() as u64),
            Figure::UsersDeleted => count(gone.iter().map(|it| it.users).sum()),
            Figure::SitesSaved => count(exercise.spared as u64),
            Figure::FirstSiteBack => time(first(back())),
            Figure::HalfOfSitesBack => time(percentile(back(), 50)),
            Figure::HalfOfUsersBack => self.of_users(|| {
                time(percentile(gone.iter().map(|it| (it.back(), it.users)).collect(), 50))
            }),
            Figure::P95OfSitesBack => time(percentile(back(), 95)),
            Figure::LastSiteBack => time(percentile(back(), 100)),
            Figure::LastOfThoseBack => time(of_those_back(back(), 100)),
            Figure::FirstWord => time(self.first_word()),
            Figure::FirstCustomerReached => time(first(self.customers_reached())),
            Figure::HalfOfCustomersReached => time(percentile(self.customers_reached(), 50)),
            Figure::AllCustomersReached => time(percentile(self.customers_reached(), 100)),
            Figure::RtaP95 => time(percentile(exercise.recovery_times(Of::Sites), 95)),
            Figure::RtaP95OfThoseBack => {
                time(of_those_back(exercise.recovery_times(Of::Sites), 95))
            }
            Figure::UserRtaP95 => {
                self.of_users(|| time(percentile(exercise.recovery_times(Of::Users), 95)))
            }
            Figure::CustomerRtaP95 => time(percentile(exercise.recovery_times(Of::Customers), 95)),
            Figure::RtaMean => time(mean(&exercise.recovery_times(Of::Sites))),
            Figure::UserRtaMean => {
                self.of_users(|| time(mean(&exercise.recovery_times(Of::Users))))
            }
            Figure::RpaP95 => self.of_data(|| time(percentile(lost(), 95))),
            Figure::RpaMean => self.of_data(|| time(mean(&lost()))),
            Figure::SitesWithinRto => self.of_rto(|| real(exercise.share_in_time(Of::Sites))),
            Figure::UsersWithinRto => self.of_rto(|| real(exercise.share_in_time(Of::Users))),
            Figure::CustomersWithinRto => {
                self.of_rto(|| real(exercise.share_in_time(Of::Customers)))
            }
            Figure::SitesWithinRpo => self.of_rpo(|| real(exercise.share_whole(Of::Sites))),
            Figure::UsersWithinRpo => self.of_rpo(|| real(exercise.share_whole(Of::Users))),
            Figure::SitesBackWithOldData => {
                self.of_rpo(|| real(exercise.share_old(Of::Sites, GoneSite::came_back_old)))
            }
            Figure::UsersBackWithOldData => {
                self.of_rpo(|| real(exercise.share_old(Of::Users, GoneSite::came_back_old)))
            }
            Figure::SitesLeftWithOldData => {
                self.of_rpo(|| real(exercise.share_old(Of::Sites, GoneSite::stays_old)))
            }
            Figure::UsersLeftWithOldData => {
                self.of_rpo(|| real(exercise.share_old(Of::Users, GoneSite::stays_old)))
            }
            Figure::OldDataRepairedAfter => self.of_rpo(|| {
                let times = gone.iter().filter_map(GoneSite::was_old_for);
                let times: Vec<_> = times.map(|it| (Some(it), 1)).collect();
                if times.is_empty() { Reading::Unknown } else { time(mean(&times)) }
            }),
            Figure::SiteHoursLost => Reading::Whole(gone.iter().map(|it| it.away).sum()),
            Figure::UserHoursLost => {
                Reading::Whole(gone.iter().map(|it| it.away * u128::from(it.users)).sum())
            }
            Figure::SiteHoursBeyondRto => self.of_rto(|| Reading::Whole(self.beyond_rto())),
            Figure::PersonHours => Reading::Whole(self.teams().map(|(_, worked)| worked).sum()),
            Figure::Cost => self.cost(),
            Figure::SitesRestored => count(ended(is_back)),
            Figure::ShareOfSitesRestored => real(match gone.len() {
                0 => 1.0,
                all => ended(is_back) as f64 / all as f64,
            }),
            Figure::SitesLost => count(ended(is_lost)),
            Figure::SitesUnfinished => count(ended(is_left)),
            Figure::SitesNotRestored => count(ended(is_lost) + ended(is_left)),
            Figure::Escalations => count(self.outcome.steps.iter().map(|it| it.escalations).sum()),
            Figure::StepLastEnd => match asked.of {
                Subject::Step(runbook, step) => self.last_end(runbook, step),
                Subject::Whole => Reading::Unknown,
            },
            // A site has these, or all exercises together have them.
            Figure::SiteRta
            | Figure::SiteRpa
            | Figure::PooledRtaP50
            | Figure::PooledRtaP95
            | Figure::PooledUserRtaP95
            | Figure::PooledCustomerRtaP95
            | Figure::PooledRpaP95
            | Figure::AssuranceRto
            | Figure::AssuranceRtoOfUsers
            | Figure::AssuranceRtoOfCustomers
            | Figure::AssuranceRpo
            | Figure::Assurance => Reading::Unknown,
        }
    }

    /// A figure of users, where there are any.
    fn of_users(&self, figure: impl FnOnce() -> Reading) -> Reading {
        if self.everywhere.somebody() { figure() } else { Reading::Unknown }
    }

    /// A figure of recovery time objectives, where there are any.
    fn of_rto(&self, figure: impl FnOnce() -> Reading) -> Reading {
        match self.everywhere.asks_for_time(self.ground.scenario) {
            true => figure(),
            false => Reading::Unknown,
        }
    }

    /// A figure of data lost, where anybody says to which moment data comes back.
    fn of_data(&self, figure: impl FnOnce() -> Reading) -> Reading {
        if self.exercise.data_is_known { figure() } else { Reading::Unknown }
    }

    /// A figure of recovery point objectives, where there are any, and they can be judged.
    fn of_rpo(&self, figure: impl FnOnce() -> Reading) -> Reading {
        let asks = self.everywhere.asks_for_data(self.ground.scenario);
        match asks && self.exercise.data_is_known {
            true => figure(),
            false => Reading::Unknown,
        }
    }

    /// When each customer with a deleted site first heard of it.
    fn customers_reached(&self) -> Vec<(Option<u64>, u64)> {
        let mut reached: BTreeMap<u32, Option<u64>> = BTreeMap::new();
        for it in &self.exercise.gone {
            let first = reached.entry(it.customer).or_default();
            let own = it.reached.map(SimTime::as_millis);
            *first = [*first, own].into_iter().flatten().min();
        }
        reached.into_values().map(|it| (it, 1)).collect()
    }

    fn first_word(&self) -> Option<u64> {
        let milestones = self.ground.scenario.incident.milestones.iter();
        let public = milestones.zip(&self.outcome.milestones).filter(|(it, _)| it.public);
        let said = public.map(|(_, at)| *at).filter(|at| *at <= self.exercise.horizon);
        said.map(SimTime::as_millis).chain(first(self.customers_reached())).min()
    }

    fn beyond_rto(&self) -> u128 {
        let late = |it: &GoneSite| {
            let until = it.back().unwrap_or(self.exercise.horizon.as_millis());
            let away = until.saturating_sub(it.clock.as_millis());
            it.rto.map_or(0, |rto| u128::from(away.saturating_sub(rto.as_millis())))
        };
        self.exercise.gone.iter().map(late).sum()
    }

    /// The teams, each with its work in person-milliseconds. They are the first of the pools.
    fn teams(&self) -> impl Iterator<Item = (&Team, u128)> {
        let worked = self.outcome.pools.iter().map(|it| it.busy);
        self.ground.scenario.teams.iter().zip(worked)
    }

    fn cost(&self) -> Reading {
        let price = |(team, worked): (&Team, u128)| {
            let hours = worked as f64 / MILLIS_PER_HOUR;
            team.cost_per_hour.map(|it| it * hours)
        };
        let prices: Vec<f64> = self.teams().filter_map(price).collect();
        if prices.is_empty() { Reading::Unknown } else { real(prices.iter().sum()) }
    }

    /// When the last attempt at a step ended, under whichever tracks have it.
    fn last_end(&self, runbook: RunbookId, step: StepId) -> Reading {
        let steps = &self.ground.steps;
        let is_asked = |place: &usize| {
            let it = &steps[*place];
            it.place.step == step && self.ground.strategy.tracks[it.place.track].runbook == runbook
        };
        let asked: Vec<usize> = (0..steps.len()).filter(is_asked).collect();
        if asked.is_empty() {
            return Reading::Unknown;
        }
        let tally = |place: usize| self.outcome.steps.get(place).copied().unwrap_or_default();
        let is_once = |place: usize| steps[place].step.per == Per::Once;
        // What is done once for a track comes before all that is done for its sites, and nothing
        // but what else is done once there comes before it. Whatever is done for sites may be done
        // for one more while any is away, or anybody is at work in its track or in one before it.
        let may_come_before = |other: usize, own: usize| match is_once(own) {
            true => is_once(other) && steps[other].track == steps[own].track,
            false => self.tracks_before(steps[own].track).contains(&steps[other].track),
        };
        let is_away = self.exercise.count(|it| it.end == Restoration::Unfinished) > 0;
        let is_open = |place: usize| tally(place).last_end == SimTime::NEVER;
        let open: Vec<usize> = (0..steps.len()).filter(|it| is_open(*it)).collect();
        let has_more_to_come = |own: usize| {
            (is_away && !is_once(own)) || open.iter().any(|other| may_come_before(*other, own))
        };
        if asked.iter().any(|own| has_more_to_come(*own)) {
            return Reading::Never;
        }
        let ended = asked.iter().map(|it| tally(*it)).filter(|it| it.attempts > 0);
        time(ended.map(|it| it.last_end.as_millis()).max())
    }

    /// The tracks whose work may come before that of a track: itself, those for whose steps it or its
    /// opening waits, and so on.
    fn tracks_before(&self, track: usize) -> BTreeSet<usize> {
        let mut before = BTreeSet::from([track]);
        loop {
            let known = before.len();
            for (place, it) in self.ground.strategy.tracks.iter().enumerate() {
                if before.contains(&place) {
                    before.extend(it.waits.iter().map(|wait| wait.track.index()));
                    if let MomentBase::Step(by, _) = it.opens.base {
                        before.insert(by.index());
                    }
                }
            }
            if before.len() == known {
                return before;
            }
        }
    }
}

/// The least of some times, of which those that never come are none; nothing is waited for where
/// there is none at all.
fn first(times: Vec<(Option<u64>, u64)>) -> Option<u64> {
    if times.is_empty() { Some(0) } else { times.into_iter().filter_map(|it| it.0).min() }
}

/// The mean of some times, each of which counts so often, to the nearest millisecond; none where
/// one of them never comes, and zero of nothing.
fn mean(times: &[(Option<u64>, u64)]) -> Option<u64> {
    let (mut sum, mut number) = (0, 0);
    for (time, often) in times {
        sum += u128::from((*time)?) * u128::from(*often);
        number += u128::from(*often);
    }
    if number == 0 {
        return Some(0);
    }
    let (whole, rest) = (sum / number, sum % number);
    let up = u128::from(2 * rest >= number);
    u64::try_from(whole + up).ok()
}

fn count(number: u64) -> Reading {
    Reading::Whole(number.into())
}

fn real(number: f64) -> Reading {
    Reading::Real(number)
}

fn time(millis: Option<u64>) -> Reading {
    millis.map_or(Reading::Never, |it| Reading::Whole(it.into()))
}
