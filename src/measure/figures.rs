//! How each figure of the catalogue is read from an exercise. What it is called, what it means and
//! in what unit it is, `scenario/figures` says.

use crate::experiment::yardstick::{Yardstick, Yardsticks};
use crate::experiment::{AimedAt, PackedOutcome, Results, StrategyResults};
use crate::measure::estimates::{CONFIDENCE, ShareEstimate, share_of};
use crate::measure::metrics::ReplicationMetrics;
use crate::measure::open_tracks::OpenTracks;
use crate::measure::outdated::Outdated;
use crate::measure::pool::{By, SiteNumbers, cluster};
use crate::measure::recovery_times::{RecoveryTimes, attained_once, recovery_times};
use crate::measure::support::Supports;
use crate::scenario::{FIGURES, Figure, FigureOf, Needs, Reading, Scenario, Subject};
use crate::stats::{Estimate, pooled_quantiles, pooled_value, quantile_sorted};
use crate::units::{SimDuration, SimTime};

/// What a figure is read from: what an exercise produced, and what of it has been counted already.
pub(crate) struct Exercise<'a> {
    pub scenario: &'a Scenario,
    pub strategy: &'a StrategyResults,
    pub sites: &'a [AimedAt],
    /// The places of all of them.
    pub all: &'a [usize],
    pub yardstick: &'a Yardstick,
    pub outcome: &'a PackedOutcome,
    pub counted: &'a ReplicationMetrics,
    pub open: OpenTracks<'a>,
}

impl Exercise<'_> {
    /// A figure of the exercise, with what it is asked of and where the steps of that stand.
    pub(crate) fn reading(&self, of: FigureOf, places: &[usize]) -> Reading {
        match (of.of, places) {
            (Subject::Step(..), []) => Reading::Unknown,
            _ => self.figure(of.figure, places),
        }
    }

    /// A figure of the whole exercise, or of the steps at these places, which are the expansions of
    /// one.
    pub(crate) fn figure(&self, figure: Figure, steps: &[usize]) -> Reading {
        let it = self.counted;
        let users = it.users_aimed_at > 0 || self.yardstick.somebody();
        let of_users = |reading: Reading| if users { reading } else { Reading::Unknown };
        let of_data = |reading: Reading| match it.data_loss_known {
            true => reading,
            false => Reading::Unknown,
        };
        let old = |read: fn(&Outdated) -> f64| share(it.old_data.as_ref().map(read));
        match figure {
            Figure::SitesDeleted => count(it.deleted),
            Figure::UsersDeleted => count(it.users),
            Figure::SitesSaved => count(it.saved()),
            Figure::FirstSiteBack => instant(it.first_restored),
            Figure::HalfOfSitesBack => instant(it.half_of_sites),
            Figure::HalfOfUsersBack => of_users(instant(it.half_of_users)),
            Figure::P95OfSitesBack => instant(it.p95_of_sites),
            Figure::LastSiteBack => instant(it.last_restored),
            Figure::LastOfThoseBack if it.restored == it.deleted => instant(it.last_restored),
            Figure::LastOfThoseBack => instant(self.back().map(|(_, at)| at).max()),
            Figure::FirstWord => instant(it.contact.first_word),
            Figure::FirstCustomerReached => instant(it.contact.first_customer_reached),
            Figure::HalfOfCustomersReached => instant(it.contact.half_of_customers_reached),
            Figure::AllCustomersReached => instant(it.contact.all_customers_reached),
            Figure::RtaP95 => length(it.rta_p95),
            Figure::RtaP95OfThoseBack if it.restored == it.deleted => length(it.rta_p95),
            Figure::RtaP95OfThoseBack => length(self.rta_p95_of_those_back()),
            Figure::UserRtaP95 => of_users(self.rta_p95(By::User)),
            Figure::CustomerRtaP95 => self.rta_p95(By::Customer),
            Figure::RtaMean => length(it.mean_rta_by_site),
            Figure::UserRtaMean => of_users(length(it.mean_rta_by_user)),
            Figure::RpaP95 => of_data(length(it.rpa_p95)),
            Figure::RpaMean => of_data(length(it.mean_rpa)),
            Figure::SitesWithinRto => share(it.rto.map(|it| it.share_of_sites())),
            Figure::UsersWithinRto => share(it.rto.map(|it| it.share_of_users())),
            Figure::CustomersWithinRto => share(self.customers_within_rto()),
            Figure::SitesWithinRpo => share(it.rpo.map(|it| it.share_of_sites())),
            Figure::UsersWithinRpo => share(it.rpo.map(|it| it.share_of_users())),
            Figure::SitesBackWithOldData => old(|it| it.share_of_sites(it.back)),
            Figure::UsersBackWithOldData => old(|it| it.share_of_users(it.back)),
            Figure::SitesLeftWithOldData => old(|it| it.share_of_sites(it.left)),
            Figure::UsersLeftWithOldData => old(|it| it.share_of_users(it.left)),
            Figure::OldDataRepairedAfter => {
                // Where no site was repaired there is no such time, not one that never comes.
                let mean = it.old_data.and_then(|it| it.mean_repair());
                mean.map_or(Reading::Unknown, |it| length(Some(it)))
            }
            Figure::SiteHoursLost => Reading::Whole(it.site_ms),
            Figure::UserHoursLost => Reading::Whole(it.user_ms),
            Figure::SiteHoursBeyondRto => self.beyond_rto(),
            Figure::PersonHours => Reading::Whole(it.person_ms),
            Figure::Cost => it.cost.map_or(Reading::Unknown, Reading::Real),
            Figure::SitesRestored => count(it.restored),
            Figure::ShareOfSitesRestored => Reading::Real(it.share_restored()),
            Figure::SitesLost => count(it.lost),
            Figure::SitesUnfinished => count(it.unfinished),
            Figure::SitesNotRestored => count(it.lost + it.unfinished),
            Figure::Escalations => count(it.escalations),
            Figure::StepLastEnd => self.last_end(steps),
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

    /// The sites that come back, each with when it does.
    fn back(&self) -> impl Iterator<Item = (usize, SimTime)> {
        let ends = self.outcome.restorations().enumerate();
        ends.filter_map(|(site, end)| Some((site, end.restored_at()?)))
    }

    fn rta_p95_of_those_back(&self) -> Option<SimDuration> {
        let times = self.back().filter_map(|(site, _)| self.yardstick.rta(self.outcome, site));
        let mut times: Vec<SimDuration> = times.collect();
        times.sort_unstable();
        (!times.is_empty()).then(|| quantile_sorted(&times, 0.95))
    }

    fn rta_p95(&self, by: By) -> Reading {
        let mut times = Vec::new();
        let each = |rta: u64, weight: u64| times.push((rta, weight as f64));
        cluster((self.yardstick, self.sites), self.outcome, by, self.all, each);
        // Where nothing was deleted there is nothing to wait for.
        let millis = pooled_value(&[times], 0.95).unwrap_or(0.0);
        if millis.is_finite() { Reading::Whole(millis as u128) } else { Reading::Never }
    }

    /// By how much sites are late, summed over those with an objective.
    fn beyond_rto(&self) -> Reading {
        let (Some(policy), Some(_)) = (&self.scenario.policy, self.counted.rto) else {
            return Reading::Unknown;
        };
        let horizon = SimTime::ZERO + self.scenario.experiment.horizon;
        let late = |(place, site): (usize, &AimedAt)| {
            let objective = policy.objectives[site.tier].rto?;
            let start = self.yardstick.clock_starts(self.outcome, place)?;
            let end = self.outcome.restored_at(place).unwrap_or(horizon);
            let away = end.saturating_since(start).as_millis();
            Some(u128::from(away.saturating_sub(objective.as_millis())))
        };
        Reading::Whole(self.sites.iter().enumerate().filter_map(late).sum())
    }

    /// When the last attempt at the steps at these places ended.
    ///
    /// What is done once for a track waits for what else is done once there. Whatever is done for
    /// sites has more to come as long as a site is unfinished, or work is left in its track or in one
    /// that its track waits for.
    fn last_end(&self, steps: &[usize]) -> Reading {
        let labels = &self.strategy.steps;
        let more_to_come = steps.iter().any(|own| match labels[*own].once {
            true => self.open.once_in(*own),
            false => self.counted.unfinished > 0 || self.open.before(*own),
        });
        let tallies = steps.iter().map(|it| self.outcome.step(*it));
        let last = tallies.filter(|it| it.attempts > 0).map(|it| it.last_end).max();
        instant(last.filter(|_| !more_to_come))
    }

    fn customers_within_rto(&self) -> Option<f64> {
        let policy = self.scenario.policy.as_ref()?;
        self.counted.rto?;
        let asked = self.sites.iter().enumerate();
        let asked = asked.filter(|(_, it)| policy.objectives[it.tier].rto.is_some());
        let attained = attained_once(policy, self.yardstick, self.outcome, By::Customer, asked);
        Some(attained.share)
    }
}

/// A figure that all exercises of a strategy together have once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pooled {
    /// A quantile of a time, in milliseconds; infinite where it never comes.
    Quantile(Estimate),
    /// A share of the exercises.
    Share(ShareEstimate),
}

impl Pooled {
    /// The figure alone: milliseconds, infinite where it never comes, or a share.
    #[must_use]
    pub fn value(&self) -> f64 {
        match self {
            Self::Quantile(it) => it.value,
            Self::Share(it) => it.share(),
        }
    }
}

/// What the figures of all exercises of a strategy together are read from.
pub struct Together<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// The results.
    pub results: &'a Results,
    /// The strategy's own.
    pub strategy: &'a StrategyResults,
    /// What its replications come to.
    pub replications: &'a [ReplicationMetrics],
}

impl Together<'_> {
    /// What every figure that is there comes to, in the order of the catalogue.
    #[must_use]
    pub fn pooled(&self) -> Vec<(Figure, Pooled)> {
        let supports = Supports::new(self.scenario, self.results, self.strategy);
        let own = (self.strategy, supports);
        let [site, user, customer] = [By::Site, By::User, By::Customer]
            .map(|by| recovery_times(self.scenario, self.results, own, by, &|_| true));
        let quantile = |times: &Option<RecoveryTimes>, of: fn(&RecoveryTimes) -> Estimate| {
            times.as_ref().map(|it| Pooled::Quantile(of(it)))
        };
        let enough = |times: &Option<RecoveryTimes>| {
            times.as_ref().and_then(|it| it.assurance).map(Pooled::Share)
        };
        let met = |of: fn(&ReplicationMetrics) -> Option<bool>| {
            share_of(self.replications.iter().map(of)).map(Pooled::Share)
        };
        let read = |figure: Figure| match figure {
            Figure::PooledRtaP50 => quantile(&site, |it| it.p50),
            Figure::PooledRtaP95 => quantile(&site, |it| it.p95),
            Figure::PooledUserRtaP95 => quantile(&user, |it| it.p95),
            Figure::PooledCustomerRtaP95 => quantile(&customer, |it| it.p95),
            Figure::PooledRpaP95 => self.rpa_p95().map(Pooled::Quantile),
            Figure::AssuranceRto => met(ReplicationMetrics::meets_rto),
            Figure::AssuranceRtoOfUsers => enough(&user),
            Figure::AssuranceRtoOfCustomers => enough(&customer),
            Figure::AssuranceRpo => met(ReplicationMetrics::meets_rpo),
            Figure::Assurance => met(ReplicationMetrics::meets),
            _ => None,
        };
        FIGURES.iter().filter_map(|it| Some((it.figure, read(it.figure)?))).collect()
    }

    /// The quantile of data lost over all sites of all replications.
    fn rpa_p95(&self) -> Option<Estimate> {
        if !self.scenario.gives(Needs::RestorePoint, self.strategy.strategy) {
            return None;
        }
        let yardsticks = Yardsticks::new(self.scenario, self.results);
        let number = |yardstick: &Yardstick, outcome: &PackedOutcome, site: usize| {
            yardstick.deleted_at(outcome, site)?;
            let never = SimTime::NEVER.as_millis();
            Some(yardstick.rpa(outcome, site).map_or(never, SimDuration::as_millis))
        };
        let all = SiteNumbers { yardsticks: &yardsticks, outcomes: self.strategy, number };
        pooled_quantiles(&all, [0.95], CONFIDENCE).map(|[p95]| p95)
    }
}

fn count(number: impl Into<u128>) -> Reading {
    Reading::Whole(number.into())
}

fn instant(at: Option<SimTime>) -> Reading {
    at.map_or(Reading::Never, |it| Reading::Whole(it.as_millis().into()))
}

fn length(length: Option<SimDuration>) -> Reading {
    length.map_or(Reading::Never, |it| Reading::Whole(it.as_millis().into()))
}

fn share(value: Option<f64>) -> Reading {
    value.map_or(Reading::Unknown, Reading::Real)
}
