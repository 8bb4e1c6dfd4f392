//! What was observed of a real recovery beside what the replications come to, figure by figure.
//!
//! A figure that never comes in a replication counts as later than any that does, so quantiles stay
//! right as long as their rank is finite.

use crate::experiment::{AimedAt, PackedOutcome, Results, StrategyResults, Yardstick, Yardsticks};
use crate::ids::Id;
use crate::measure::ReplicationMetrics;
use crate::scenario::{Observable, Observation, Scenario};
use crate::stats::{quantile_sorted, rank};
use crate::units::{Share, SimDuration, SimTime};

/// An observed figure beside the simulated one; numbers are in the unit of the figure's measure,
/// infinite for a time that never comes.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What was observed.
    pub observed: Observation,
    /// The median over replications.
    pub median: f64,
    /// The 5 % quantile over replications.
    pub p05: f64,
    /// The 95 % quantile over replications.
    pub p95: f64,
    /// Replications.
    pub n: usize,
}

impl Comparison {
    /// How far the simulated median lies above what was observed, below zero if it lies below it;
    /// zero within an observed range.
    #[must_use]
    pub fn residual(&self) -> f64 {
        let Observation { low, high, .. } = self.observed;
        if self.median < low {
            self.median - low
        } else if self.median > high {
            self.median - high
        } else {
            0.0
        }
    }

    /// Whether what was observed lies where nine of ten replications do.
    #[must_use]
    pub fn inside_band(&self) -> bool {
        self.observed.low <= self.p95 && self.p05 <= self.observed.high
    }

    /// Whether the median lies as near as the scenario asks for, where it does.
    #[must_use]
    pub fn within_tolerance(&self) -> Option<bool> {
        self.observed.tolerance.map(|it| self.residual().abs() <= it)
    }

    /// Whether the simulation reproduces the figure: within the tolerance where there is one, else
    /// inside the band.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.within_tolerance().unwrap_or_else(|| self.inside_band())
    }
}

/// Every observed figure of the scenario beside those of one strategy's replications, of which
/// there must be one.
#[must_use]
pub fn backtest(
    scenario: &Scenario,
    results: &Results,
    strategy: &StrategyResults,
    replications: &[ReplicationMetrics],
) -> Vec<Comparison> {
    let yardsticks = Yardsticks::new(scenario, results);
    let observations = scenario.observed.iter().flat_map(|it| &it.observations);
    let compared = observations.map(|observed| {
        let each = strategy.outcomes.iter().zip(replications).enumerate();
        let value =
            |(number, (outcome, metrics)): (usize, (&PackedOutcome, &ReplicationMetrics))| {
                let yardstick = &yardsticks.of(number);
                ObservableReader { sites: results.sites(number), yardstick }.value(
                    observed.figure,
                    outcome,
                    metrics,
                )
            };
        let mut values: Vec<f64> = each.map(value).collect();
        values.sort_unstable_by(f64::total_cmp);
        Comparison {
            observed: observed.clone(),
            median: quantile_sorted(&values, 0.5),
            p05: quantile_sorted(&values, 0.05),
            p95: quantile_sorted(&values, 0.95),
            n: values.len(),
        }
    });
    compared.collect()
}

/// What the figures of a replication are read with.
struct ObservableReader<'a> {
    sites: &'a [AimedAt],
    yardstick: &'a Yardstick,
}

impl ObservableReader<'_> {
    /// A figure of one replication.
    fn value(
        &self,
        figure: Observable,
        outcome: &PackedOutcome,
        metrics: &ReplicationMetrics,
    ) -> f64 {
        let share = |part: u64, all: u64| if all == 0 { 1.0 } else { part as f64 / all as f64 };
        let by_user = |site| self.yardstick.users_of(site);
        match figure {
            Observable::Figure(of) => {
                // What is not known never comes either.
                metrics.figures.of(of).number(of.figure.kind()).unwrap_or(f64::INFINITY)
            }
            Observable::TrackFirst(track) => instant(metrics.tracks[track.index()].first),
            Observable::TrackLast(track) => instant(metrics.tracks[track.index()].last),
            Observable::Milestone(id) => instant(outcome.milestones.get(id.index()).copied()),
            Observable::SitesReach(share) => instant(self.reach(share, outcome, |_| 1)),
            Observable::UsersReach(share) => instant(self.reach(share, outcome, by_user)),
            Observable::TrackSites(track) => f64::from(metrics.tracks[track.index()].sites),
            Observable::TrackSitesShare(track) => {
                share(u64::from(metrics.tracks[track.index()].sites), u64::from(metrics.deleted))
            }
            Observable::TrackUsersShare(track) => {
                share(metrics.tracks[track.index()].users, metrics.users)
            }
            Observable::OlderDataCustomers(than) => self.older(than, outcome) as f64,
            Observable::SitesBack(at) => {
                share(back(outcome, at, |_| 1), u64::from(metrics.deleted))
            }
            Observable::UsersBack(at) => share(back(outcome, at, by_user), metrics.users),
        }
    }

    /// When this share of the weight of the deleted sites was back.
    fn reach(
        &self,
        share: Share,
        outcome: &PackedOutcome,
        weight: impl Fn(usize) -> u64,
    ) -> Option<SimTime> {
        let deleted = |it: &usize| self.yardstick.deleted_at(outcome, *it).is_some();
        let sites = || (0..outcome.sites()).filter(deleted);
        let whole: u64 = sites().map(&weight).sum();
        let mut ends: Vec<(SimTime, u64)> =
            sites().filter_map(|it| Some((outcome.restored_at(it)?, weight(it)))).collect();
        ends.sort_unstable();
        let whole = usize::try_from(whole).expect("users fit in memory's largest number");
        if whole == 0 {
            // Where nothing was deleted, nothing has to come back.
            return (sites().count() == 0).then_some(SimTime::ZERO);
        }
        let due = rank(share.fraction(), whole) as u64;
        let mut so_far = 0;
        let reached = ends.iter().find(|(_, more)| {
            so_far += more;
            so_far >= due
        });
        reached.map(|(at, _)| *at)
    }

    /// Customers with a site that came back with data older than this.
    fn older(&self, than: SimDuration, outcome: &PackedOutcome) -> usize {
        let older = |site: &usize| {
            outcome.restored_at(*site).is_some()
                && outcome.data_loss(*site).at_hand_over.is_some_and(|it| it > than)
        };
        let sites = (0..outcome.sites()).filter(older);
        let mut customers: Vec<u32> = sites.map(|it| self.sites[it].customer).collect();
        customers.sort_unstable();
        customers.dedup();
        customers.len()
    }
}

/// The weight of the sites that were back by an instant.
fn back(outcome: &PackedOutcome, at: SimTime, weight: impl Fn(usize) -> u64) -> u64 {
    let by_then = |site: &usize| outcome.restored_at(*site).is_some_and(|it| it <= at);
    (0..outcome.sites()).filter(by_then).map(weight).sum()
}

fn instant(at: Option<SimTime>) -> f64 {
    at.map_or(f64::INFINITY, |it| it.as_millis() as f64)
}
