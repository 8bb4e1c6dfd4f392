//! From outcomes to one row of figures for each replication.
//!
//! Times are whole milliseconds and every sum is a sum of integers, so a figure depends on nothing
//! but the outcome. What the figures of many replications say together is in `estimates`.

use crate::experiment::yardstick::{Group, SiteFacts, Yardstick};
use crate::experiment::{PackedOutcome, PoolLabel, StrategyResults};
use crate::measure::contact::ContactMetrics;
use crate::measure::outdated::{Asked, Outdated};
use crate::scenario::Readings;
use crate::stats::{quantile_sorted, rank};
use crate::trace::{PoolTally, Restoration};
use crate::units::{MILLIS_PER_HOUR, Share, SimDuration, SimTime};

/// The figures of one replication. An instant is `None` when it never comes.
///
/// Shares, quantiles and means are of the sites that were deleted in this replication. Where a
/// guardrail has stopped the deletion before the first site, or the replication's own estate has no
/// site that the incident aims at, there is nothing to wait for:
/// instants are T+0, lengths are zero, shares are 1, and every objective is met.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplicationMetrics {
    /// When the first site is back.
    pub first_restored: Option<SimTime>,
    /// When half of the deleted sites are back.
    pub half_of_sites: Option<SimTime>,
    /// When the sites of half of the users are back; `None` too when the incident aims at no user
    /// at all.
    pub half_of_users: Option<SimTime>,
    /// When 95 % of the deleted sites are back.
    pub p95_of_sites: Option<SimTime>,
    /// When the last deleted site is back; `None` if any is not.
    pub last_restored: Option<SimTime>,
    /// The 95 % quantile over all deleted sites of recovery time actual, by the policy's clock.
    pub rta_p95: Option<SimDuration>,
    /// The 95 % quantile over all deleted sites of recovery point actual, at the moment that the
    /// policy says. A site that is back with nobody knows which data counts as one that is not.
    pub rpa_p95: Option<SimDuration>,
    /// Mean recovery point actual; `None` if any site is not restored, or not known to which moment.
    pub mean_rpa: Option<SimDuration>,
    /// Whether any step of the strategy says to which moment data comes back. If none does, nothing
    /// is known of recovery points, and no objective about them is judged.
    pub data_loss_known: bool,
    /// Whether there is a recovery point objective that is not judged for that.
    pub rpo_not_judged: bool,
    /// Sites that came back with older data than the objective allows; `None` where none is judged.
    pub old_data: Option<Outdated>,
    /// Mean recovery time actual by site; `None` if any is not restored.
    pub mean_rta_by_site: Option<SimDuration>,
    /// Mean recovery time actual by user; `None` if any site is not restored or there is no user.
    pub mean_rta_by_user: Option<SimDuration>,
    /// Sites that the incident aims at: deleted and spared.
    pub aimed_at: u32,
    /// Sites that were deleted: restored, lost and unfinished.
    pub deleted: u32,
    /// Sites handed back.
    pub restored: u32,
    /// Sites lost for good.
    pub lost: u32,
    /// Sites not back at the horizon.
    pub unfinished: u32,
    /// Users of the sites that the incident aims at.
    pub users_aimed_at: u64,
    /// Users of the deleted sites.
    pub users: u64,
    /// Sites and users within the recovery time objective; `None` where nothing has one.
    pub rto: Option<Attainment>,
    /// Sites and users within the recovery point objective; `None` where nothing has one, or where
    /// it is not judged.
    pub rpo: Option<Attainment>,
    /// Work of all teams, in person-milliseconds.
    pub person_ms: u128,
    /// What the work costs, if any team has a price.
    pub cost: Option<f64>,
    /// Time without the site, summed over deleted sites, in milliseconds; what never comes back
    /// counts to the horizon, and what was deleted twice counts both times.
    pub site_ms: u128,
    /// The same summed over users, in milliseconds.
    pub user_ms: u128,
    /// What each track gave back.
    pub tracks: Vec<TrackMetrics>,
    /// Tasks that others have taken over, because they failed too often.
    pub escalations: u64,
    /// When customers heard something.
    pub contact: ContactMetrics,
    /// Every figure of the catalogue.
    pub figures: Readings,
}

/// How far one replication attained one kind of objective.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attainment {
    /// Deleted sites that have an objective of this kind.
    pub of_sites: u32,
    /// Those of them that were restored within it.
    pub sites: u32,
    /// Users of the deleted sites that have an objective of this kind.
    pub of_users: u64,
    /// Those of them whose site was restored within it.
    pub users: u64,
    /// Whether, for every objective of this kind, the share of its sites reaches the coverage.
    pub met: bool,
}

impl Attainment {
    /// The share of sites within their objective; all where there is none.
    #[must_use]
    pub fn share_of_sites(&self) -> f64 {
        if self.of_sites == 0 { 1.0 } else { f64::from(self.sites) / f64::from(self.of_sites) }
    }

    /// The share of users within their objective; that of sites where there is no user.
    #[must_use]
    pub fn share_of_users(&self) -> f64 {
        if self.of_users == 0 {
            self.share_of_sites()
        } else {
            self.users as f64 / self.of_users as f64
        }
    }
}

/// What one track gave back in one replication.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrackMetrics {
    /// Sites.
    pub sites: u32,
    /// Their users.
    pub users: u64,
    /// When the first was back.
    pub first: Option<SimTime>,
    /// When the last was back.
    pub last: Option<SimTime>,
}

impl ReplicationMetrics {
    /// Whether the recovery time objective is met; `None` where nothing has one.
    #[must_use]
    pub fn meets_rto(&self) -> Option<bool> {
        self.rto.map(|it| it.met)
    }

    /// Whether the recovery point objective is met; `None` where nothing has one, or where it is not
    /// judged.
    #[must_use]
    pub fn meets_rpo(&self) -> Option<bool> {
        self.rpo.map(|it| it.met)
    }

    /// Whether every objective is met; `None` where there is none, or where one is not judged.
    #[must_use]
    pub fn meets(&self) -> Option<bool> {
        if self.rpo_not_judged {
            return None;
        }
        match (self.meets_rto(), self.meets_rpo()) {
            (Some(rto), Some(rpo)) => Some(rto && rpo),
            (one, other) => one.or(other),
        }
    }

    /// The share of deleted sites that were handed back; all where none was deleted.
    #[must_use]
    pub fn share_restored(&self) -> f64 {
        if self.deleted == 0 { 1.0 } else { f64::from(self.restored) / f64::from(self.deleted) }
    }

    /// Sites that the incident aimed at and a guardrail spared.
    #[must_use]
    pub fn saved(&self) -> u32 {
        self.aimed_at - self.deleted
    }

    /// Work of all teams, in person-hours.
    #[must_use]
    pub fn person_hours(&self) -> f64 {
        self.person_ms as f64 / MILLIS_PER_HOUR
    }
}

/// What one replication did to the sites of a group.
#[derive(Clone, Copy, Debug, Default)]
struct Within {
    deleted: u32,
    in_time: u32,
}

impl Yardstick {
    /// What one replication comes to, as far as it can be counted; of the catalogue nothing has been
    /// read yet.
    pub(crate) fn replication(
        &self,
        outcome: &PackedOutcome,
        strategy: &StrategyResults,
    ) -> ReplicationMetrics {
        assert_eq!(outcome.sites(), self.sites.len(), "every site has an end");
        let ends: Vec<Restoration> = outcome.restorations().collect();
        let count = |end: Restoration| {
            let sites = ends.iter().filter(|it| **it == end).count();
            u32::try_from(sites).expect("an estate has fewer than 2^32 sites")
        };
        let (lost, unfinished) = (count(Restoration::Lost), count(Restoration::Unfinished));
        let back = self.back(outcome);
        let aimed_at = u32::try_from(self.sites.len()).expect("an estate has fewer sites");
        let (deleted, users) = self.deleted(outcome);
        let restored = u32::try_from(back.len()).expect("an estate has fewer sites");
        assert_eq!(restored + lost + unfinished, deleted, "every deleted site ends once");
        let spared = count(Restoration::Spared);
        assert_eq!(deleted + spared, aimed_at, "what was aimed at is deleted or spared");
        let gone = deleted as usize;
        let times = self.times(outcome);
        let (site_ms, user_ms) = self.time_without(outcome);
        let known = self.says_data_loss(strategy.strategy);
        let rpo = self.attainment(outcome, &self.rpo, |it| it.rpo, |site| self.rpa(outcome, site));
        ReplicationMetrics {
            first_restored: nth_of(&back, 1, gone),
            half_of_sites: share_back(&back, 0.5, gone),
            half_of_users: self.half_of_users(&back, users),
            p95_of_sites: share_back(&back, 0.95, gone),
            last_restored: nth_of(&back, gone, gone),
            rta_p95: times.rta_p95,
            rpa_p95: times.rpa_p95.filter(|_| known),
            mean_rpa: mean(times.rpa_sum, u64::from(deleted), true)
                .filter(|_| known && times.rpa_complete),
            data_loss_known: known,
            rpo_not_judged: rpo.is_some() && !known,
            old_data: (rpo.is_some() && known).then(|| self.outdated(outcome)),
            mean_rta_by_site: mean(times.rta_sum, u64::from(deleted), true)
                .filter(|_| times.complete),
            mean_rta_by_user: mean(times.rta_user_sum, users, self.somebody())
                .filter(|_| times.complete),
            aimed_at,
            deleted,
            restored,
            lost,
            unfinished,
            users_aimed_at: self.users,
            users,
            rto: self.attainment(outcome, &self.rto, |it| it.rto, |site| self.rta(outcome, site)),
            rpo: rpo.filter(|_| known),
            person_ms: person_ms(&outcome.pools, &strategy.pools),
            cost: cost(&outcome.pools, &strategy.pools),
            site_ms,
            user_ms,
            tracks: self.tracks(outcome, strategy.tracks.len()),
            contact: ContactMetrics::of(self.contacts(), outcome),
            escalations: outcome.steps().map(|it| it.escalations).sum(),
            figures: Readings::default(),
        }
    }

    /// What came back with older data than its objective allows.
    fn outdated(&self, outcome: &PackedOutcome) -> Outdated {
        let asked = (0..self.sites.len()).filter_map(|site| {
            let objective = self.rpo(site)?;
            self.deleted_at(outcome, site)?;
            let (back, loss) = (outcome.restored_at(site), outcome.data_loss(site));
            Some(Asked { users: self.users_of(site), objective, back, loss })
        });
        Outdated::of(asked)
    }

    /// Restored sites with their users, in the order in which they came back.
    fn back(&self, outcome: &PackedOutcome) -> Vec<(SimTime, u64)> {
        let ends = outcome.restorations().zip(&self.sites);
        let mut back: Vec<(SimTime, u64)> =
            ends.filter_map(|(end, site)| Some((end.restored_at()?, site.users))).collect();
        back.sort_unstable();
        back
    }

    /// When half of so many users are back.
    fn half_of_users(&self, back: &[(SimTime, u64)], all: u64) -> Option<SimTime> {
        if all == 0 {
            return self.somebody().then_some(SimTime::ZERO);
        }
        let mut users = 0;
        let half = back.iter().find(|(_, more)| {
            users += more;
            2 * users >= all
        });
        half.map(|(at, _)| *at)
    }

    fn times(&self, outcome: &PackedOutcome) -> Times {
        let never = SimDuration::from_millis(u64::MAX);
        let gone = (0..self.sites.len()).filter(|site| self.deleted_at(outcome, *site).is_some());
        let mut rta: Vec<SimDuration> = Vec::with_capacity(self.sites.len());
        let (mut rta_sum, mut rta_user_sum) = (0, 0);
        for site in gone.clone() {
            let own = self.rta(outcome, site);
            rta.push(own.unwrap_or(never));
            let millis = own.map_or(0, |it| u128::from(it.as_millis()));
            rta_sum += millis;
            rta_user_sum += millis * u128::from(self.sites[site].users);
        }
        let mut rpa: Vec<SimDuration> =
            gone.map(|site| self.rpa(outcome, site).unwrap_or(never)).collect();
        let known = rpa.iter().filter(|it| **it != never);
        let rpa_sum = known.map(|it| u128::from(it.as_millis())).sum();
        rta.sort_unstable();
        rpa.sort_unstable();
        let p95 = |sorted: &[SimDuration]| match sorted {
            [] => Some(SimDuration::ZERO),
            some => Some(quantile_sorted(some, 0.95)),
        };
        Times {
            complete: rta.last() != Some(&never),
            rta_sum,
            rta_user_sum,
            rpa_complete: rpa.last() != Some(&never),
            rpa_sum,
            rta_p95: p95(&rta).filter(|it| *it != never),
            rpa_p95: p95(&rpa).filter(|it| *it != never),
        }
    }

    /// How many sites of each group, and how many users, are within the group's objective.
    fn attainment(
        &self,
        outcome: &PackedOutcome,
        groups: &[Group],
        group_of: impl Fn(&SiteFacts) -> Option<usize>,
        achieved: impl Fn(usize) -> Option<SimDuration>,
    ) -> Option<Attainment> {
        let mut within = vec![Within::default(); groups.len()];
        let (mut users, mut of_users) = (0, 0);
        for (place, site) in self.sites.iter().enumerate() {
            let Some(group) = group_of(site) else { continue };
            if self.deleted_at(outcome, place).is_none() {
                continue;
            }
            within[group].deleted += 1;
            of_users += site.users;
            if achieved(place).is_some_and(|it| it <= groups[group].objective) {
                within[group].in_time += 1;
                users += site.users;
            }
        }
        let met = |(group, within): (&Group, &Within)| {
            within.in_time >= needed(group.coverage, within.deleted)
        };
        (!groups.is_empty()).then(|| Attainment {
            of_sites: within.iter().map(|it| it.deleted).sum(),
            sites: within.iter().map(|it| it.in_time).sum(),
            of_users,
            users,
            met: groups.iter().zip(&within).all(met),
        })
    }

    fn time_without(&self, outcome: &PackedOutcome) -> (u128, u128) {
        let ends = outcome.restorations().zip(&self.sites).enumerate();
        ends.fold((0, 0), |(sites, users), (place, (end, site))| {
            let end = end.restored_at().unwrap_or(self.horizon);
            // A site that was spared is never without.
            let last = self
                .deleted_at(outcome, place)
                .map_or(0, |since| end.saturating_since(since).as_millis());
            let millis = u128::from(last) + u128::from(outcome.earlier_outage(place));
            (sites + millis, users + millis * u128::from(site.users))
        })
    }

    fn tracks(&self, outcome: &PackedOutcome, count: usize) -> Vec<TrackMetrics> {
        let mut tracks = vec![TrackMetrics::default(); count];
        for (place, site) in self.sites.iter().enumerate() {
            let Some(at) = outcome.restored_at(place) else { continue };
            let track = &mut tracks[usize::from(outcome.restored_by(place))];
            track.sites += 1;
            track.users += site.users;
            track.first = Some(track.first.map_or(at, |first| first.min(at)));
            track.last = Some(track.last.map_or(at, |last| last.max(at)));
        }
        tracks
    }
}

/// What the recovery times of one replication come to.
struct Times {
    complete: bool,
    rta_sum: u128,
    rta_user_sum: u128,
    rpa_complete: bool,
    rpa_sum: u128,
    rta_p95: Option<SimDuration>,
    rpa_p95: Option<SimDuration>,
}

/// How many of `sites` are at least the share `coverage` of them.
fn needed(coverage: Share, sites: u32) -> u32 {
    if coverage == Share::NONE || sites == 0 {
        return 0;
    }
    let needed = rank(coverage.fraction(), sites as usize);
    u32::try_from(needed).expect("a rank is at most the number of sites")
}

/// When the site of this place, counted from 1, came back; T+0 if none of so many was gone.
fn nth_of(back: &[(SimTime, u64)], place: usize, gone: usize) -> Option<SimTime> {
    if gone == 0 {
        return Some(SimTime::ZERO);
    }
    back.get(place.checked_sub(1)?).map(|(at, _)| *at)
}

/// When this share of so many sites was back; T+0 if none was gone.
fn share_back(back: &[(SimTime, u64)], share: f64, gone: usize) -> Option<SimTime> {
    nth_of(back, if gone == 0 { 0 } else { rank(share, gone) }, gone)
}

/// The mean, rounded to the nearest millisecond: zero of nothing, `None` if there is never anything
/// at all.
fn mean(sum: u128, weight: u64, ever: bool) -> Option<SimDuration> {
    if weight == 0 && ever {
        return Some(SimDuration::ZERO);
    }
    let weight = u128::from(weight);
    let mean = (sum + weight / 2).checked_div(weight)?;
    Some(SimDuration::from_millis(u64::try_from(mean).expect("a mean is at most the largest")))
}

fn person_ms(pools: &[PoolTally], labels: &[PoolLabel]) -> u128 {
    pools.iter().zip(labels).filter(|(_, label)| label.is_team).map(|(pool, _)| pool.busy).sum()
}

fn cost(pools: &[PoolTally], labels: &[PoolLabel]) -> Option<f64> {
    let priced = pools.iter().zip(labels).filter(|(_, label)| label.is_team);
    priced.fold(None, |sum, (pool, label)| {
        let cost = label.cost_per_hour.map(|it| pool.busy as f64 / MILLIS_PER_HOUR * it);
        match (sum, cost) {
            (Some(sum), Some(cost)) => Some(sum + cost),
            (one, other) => one.or(other),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::fake::{self, hours};
    use crate::ids::{Id, MilestoneId, SiteId, TierId};
    use crate::measure::metrics;
    use crate::scenario::{Clock, Objective, Scenario};
    use crate::trace::Outcome;

    const HOUR: u128 = crate::units::HOUR as u128;

    fn measured(scenario: &Scenario, outcome: Outcome) -> ReplicationMetrics {
        let results = fake::results(scenario, vec![outcome]);
        metrics(scenario, &results, &results.strategies[0]).remove(0)
    }

    #[test]
    fn figures_of_a_replication_can_be_counted_on_fingers() {
        let it = measured(&fake::scenario(), fake::slow());
        assert_eq!(it.first_restored, Some(hours(4)));
        assert_eq!(it.half_of_sites, Some(hours(5)));
        assert_eq!(it.half_of_users, Some(hours(10)));
        assert_eq!((it.p95_of_sites, it.last_restored), (Some(hours(20)), Some(hours(20))));
        assert_eq!(it.rta_p95, Some(SimDuration::from_hours(17)));
        assert_eq!(it.rpa_p95, Some(SimDuration::from_hours(2)));
        assert_eq!(it.mean_rta_by_site, Some(SimDuration::from_millis(29_700_000)), "8.25 h");
        assert_eq!(it.mean_rta_by_user, Some(SimDuration::from_millis(37_440_000)), "10.4 h");
        assert_eq!((it.site_ms, it.user_ms), (33 * HOUR, 1_040 * HOUR));
        assert_eq!((it.person_ms, it.cost), (10 * HOUR, Some(1_000.0)));
        let rto = it.rto.unwrap();
        assert_eq!((rto.sites, rto.of_sites, rto.users, rto.of_users), (2, 4, 30, 100));
        let rpo = it.rpo.unwrap();
        assert_eq!((rpo.sites, rpo.users), (3, 60));
        assert_eq!(
            (it.meets_rto(), it.meets_rpo(), it.meets()),
            (Some(false), Some(true), Some(false))
        );
        let track = |sites, users, first, last| TrackMetrics {
            sites,
            users,
            first: Some(hours(first)),
            last: Some(hours(last)),
        };
        assert_eq!(it.tracks, [track(2, 30, 4, 5), track(2, 70, 10, 20)]);
    }

    #[test]
    fn a_lost_site_never_comes_back_and_counts_to_the_horizon() {
        let it = measured(&fake::scenario(), fake::lossy());
        assert_eq!((it.restored, it.lost, it.unfinished), (3, 1, 0));
        assert_eq!((it.half_of_sites, it.half_of_users), (Some(hours(5)), Some(hours(8))));
        assert_eq!((it.p95_of_sites, it.last_restored, it.rta_p95), (None, None, None));
        assert_eq!((it.mean_rta_by_site, it.mean_rta_by_user), (None, None));
        assert_eq!((it.site_ms, it.user_ms), (111 * HOUR, 4_180 * HOUR));
        assert_eq!(it.meets(), Some(true), "three of four are the coverage");
    }

    #[test]
    fn the_clock_may_start_at_a_milestone() {
        let mut scenario = fake::scenario();
        scenario.policy.as_mut().unwrap().clock = Clock::Milestone(MilestoneId::new(0));
        let it = measured(&scenario, fake::slow());
        // From hour 2, or from hour 3 for the last: 2, 3, 8 and 17 hours.
        assert_eq!(it.mean_rta_by_site, Some(SimDuration::from_millis(27_000_000)), "7.5 h");
    }

    #[test]
    fn coverage_holds_for_every_objective() {
        let mut scenario = fake::scenario();
        let gold = scenario.estate.tiers.push("gold".to_owned());
        let hour = SimDuration::from_hours(1);
        let policy = scenario.policy.as_mut().unwrap();
        policy.objectives.push(Objective { rto: Some(hour), rpo: None });
        policy.objectives[TierId::new(0)].rto = Some(SimDuration::from_hours(17));
        assert_eq!(measured(&scenario, fake::slow()).meets_rto(), Some(true));
        scenario.estate.sites[SiteId::new(0)].tier = gold;
        let it = measured(&scenario, fake::slow());
        // Three of four sites are within their objective, but the only one of its tier is not.
        assert_eq!((it.rto.unwrap().sites, it.meets_rto()), (3, Some(false)));
        assert_eq!(it.rpo.unwrap().of_sites, 3, "gold has no objective for data loss");
    }

    #[test]
    fn without_a_policy_nothing_is_met_or_missed() {
        let mut scenario = fake::scenario();
        scenario.policy = None;
        let it = measured(&scenario, fake::slow());
        assert_eq!((it.rto, it.rpo, it.meets()), (None, None, None));
    }

    #[test]
    fn figures_are_of_the_sites_that_were_deleted() {
        let mut outcome = fake::slow();
        outcome.restorations[3] = Restoration::Spared;
        outcome.deleted_at = vec![hours(0), hours(1), hours(2), SimTime::NEVER];
        let it = measured(&fake::scenario(), outcome);
        assert_eq!((it.aimed_at, it.deleted, it.saved()), (4, 3, 1));
        assert_eq!((it.users_aimed_at, it.users), (100, 60));
        // Back at hours 4, 5 and 10 after 4, 4 and 8 hours.
        assert_eq!((it.half_of_sites, it.half_of_users), (Some(hours(5)), Some(hours(5))));
        assert_eq!((it.last_restored, it.share_restored()), (Some(hours(10)), 1.0));
        assert_eq!(it.rta_p95, Some(SimDuration::from_hours(8)));
        assert_eq!((it.site_ms, it.user_ms), (16 * HOUR, 360 * HOUR));
        let rto = it.rto.unwrap();
        assert_eq!((rto.sites, rto.of_sites, rto.users, rto.of_users), (2, 3, 30, 60));
        assert_eq!(it.meets_rto(), Some(false), "75% of three sites are three");
    }

    #[test]
    fn where_nothing_was_deleted_there_is_nothing_to_wait_for() {
        let mut outcome = fake::slow();
        outcome.restorations = vec![Restoration::Spared; 4];
        outcome.deleted_at = vec![SimTime::NEVER; 4];
        let it = measured(&fake::scenario(), outcome);
        assert_eq!((it.deleted, it.saved(), it.share_restored()), (0, 4, 1.0));
        let now = Some(SimTime::ZERO);
        assert_eq!((it.first_restored, it.half_of_sites, it.half_of_users), (now, now, now));
        assert_eq!((it.p95_of_sites, it.last_restored), (now, now));
        let none = Some(SimDuration::ZERO);
        assert_eq!((it.rta_p95, it.rpa_p95, it.mean_rta_by_site), (none, none, none));
        assert_eq!((it.mean_rta_by_user, it.site_ms, it.user_ms), (none, 0, 0));
        assert_eq!((it.meets(), it.rto.unwrap().share_of_users()), (Some(true), 1.0));
    }

    #[test]
    fn time_without_a_site_that_was_deleted_twice_adds_up() {
        let mut outcome = fake::slow();
        // The first site was back after 4 hours, deleted again at hour 12 and back at hour 15.
        outcome.deleted_at = [12, 1, 2, 3].map(hours).to_vec();
        outcome.earlier_outage = vec![4 * crate::units::HOUR, 0, 0, 0];
        outcome.restorations[0] = Restoration::Restored(hours(15));
        let it = measured(&fake::scenario(), outcome);
        assert_eq!((it.site_ms, it.user_ms), (36 * HOUR, 1_070 * HOUR));
        assert_eq!(it.mean_rta_by_site, Some(SimDuration::from_hours(8)), "3, 4, 8 and 17 hours");
    }

    #[test]
    fn nobody_waits_for_sites_without_users() {
        let mut scenario = fake::scenario();
        for site in 0..4 {
            scenario.estate.sites[SiteId::new(site)].users = 0;
        }
        let it = measured(&scenario, fake::slow());
        assert_eq!((it.half_of_users, it.mean_rta_by_user, it.user_ms), (None, None, 0));
        assert_eq!(it.rto.unwrap().share_of_users(), 0.5);
    }
}
