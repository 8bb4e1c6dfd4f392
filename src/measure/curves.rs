//! The series behind the plots: shares restored over time, and distributions over all sites of
//! all replications. Numbers only; how they are drawn is for `plot`.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::experiment::{AimedAt, PackedOutcome, Results, StrategyResults, Yardstick, Yardsticks};
use crate::ids::{Id, TierId};
use crate::measure::metrics::ReplicationMetrics;
use crate::measure::pool::{By, RecoveryTimesOf, SiteNumbers};
use crate::scenario::Scenario;
use crate::stats::{Clusters, Pool, Reached, quantile_sorted, rank};
use crate::trace::DataLoss;
use crate::units::{MINUTE, SimDuration, SimTime};

/// Intervals between the points of a recovery curve.
const INTERVALS: u64 = 240;

/// Points of a distribution at most.
const MOST_POINTS: u64 = 400;

/// The share restored over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecoveryCurve {
    /// The instants, evenly spaced from T+0.
    pub at: Vec<SimTime>,
    /// By site.
    pub sites: Band,
    /// By user; `None` where nobody uses the deleted sites.
    pub users: Option<Band>,
}

/// What replications do at each instant: pointwise, not one replication.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// The 5 % quantile over replications.
    pub low: Vec<f64>,
    /// The median over replications.
    pub median: Vec<f64>,
    /// The 95 % quantile over replications.
    pub high: Vec<f64>,
}

/// The share of the deleted sites and of their users restored over time, over all replications of
/// one strategy; all of them where none was deleted.
#[must_use]
pub fn recovery_curve(
    scenario: &Scenario,
    results: &Results,
    strategy: &StrategyResults,
    replications: &[ReplicationMetrics],
) -> RecoveryCurve {
    let yardsticks = Yardsticks::new(scenario, results);
    let end = end_of_curve(replications, scenario.experiment.horizon);
    let at = even_instants(end);
    let each = strategy.outcomes.par_iter().enumerate();
    let shares = each.map(|(number, it)| shares_back(&yardsticks.of(number), it, &at));
    let (sites, users): (Vec<Vec<f64>>, Vec<Vec<f64>>) = shares.unzip();
    RecoveryCurve {
        sites: band(at.len(), &sites),
        users: yardsticks.somebody().then(|| band(at.len(), &users)),
        at,
    }
}

/// The shares of the deleted sites and of their users that are back at each instant of one
/// replication.
fn shares_back(
    yardstick: &Yardstick,
    outcome: &PackedOutcome,
    at: &[SimTime],
) -> (Vec<f64>, Vec<f64>) {
    let (of_sites, of_users) = yardstick.deleted(outcome);
    let share = |part: u64, all: u64| if all == 0 { 1.0 } else { part as f64 / all as f64 };
    // Sites, and their users, that come back between the instant before and this one.
    let mut back = vec![(0, 0); at.len()];
    for site in 0..yardstick.sites() {
        let Some(restored) = outcome.restored_at(site) else { continue };
        let next = at.partition_point(|it| *it < restored);
        if let Some((sites, users)) = back.get_mut(next) {
            *sites += 1;
            *users += yardstick.users_of(site);
        }
    }
    let mut sum = (0, 0);
    let so_far = back.into_iter().map(|(sites, users)| {
        sum = (sum.0 + sites, sum.1 + users);
        (share(sum.0, u64::from(of_sites)), share(sum.1, of_users))
    });
    so_far.unzip()
}

/// Evenly spaced instants from T+0 to an end.
pub(crate) fn even_instants(end: SimDuration) -> Vec<SimTime> {
    (0..=INTERVALS).map(|it| SimTime::from_millis(end.as_millis() * it / INTERVALS)).collect()
}

/// Turns the shares of all replications at each of so many instants into quantiles.
pub(crate) fn band(instants: usize, replications: &[Vec<f64>]) -> Band {
    let at = |place: usize| -> [f64; 3] {
        let mut shares: Vec<f64> = replications.iter().map(|it| it[place]).collect();
        shares.sort_unstable_by(f64::total_cmp);
        [0.05, 0.5, 0.95].map(|p| quantile_sorted(&shares, p))
    };
    let quantiles: Vec<[f64; 3]> = (0..instants).into_par_iter().map(at).collect();
    let each = |place: usize| quantiles.iter().map(|it| it[place]).collect();
    Band { low: each(0), median: each(1), high: each(2) }
}

/// A round time after which, in 19 of 20 replications, nothing more comes back.
fn end_of_curve(replications: &[ReplicationMetrics], horizon: SimDuration) -> SimDuration {
    let last = |it: &ReplicationMetrics| match it.deleted {
        0 => Some(SimTime::ZERO),
        _ => it.tracks.iter().filter_map(|track| track.last).max(),
    };
    let mut ends: Vec<SimDuration> = replications
        .iter()
        .map(|it| match last(it) {
            Some(at) if it.unfinished == 0 => at.since_start(),
            _ => horizon,
        })
        .collect();
    ends.sort_unstable();
    let end = if ends.is_empty() { horizon } else { quantile_sorted(&ends, 0.95) };
    round_up(end).min(horizon)
}

/// The next whole number of a unit that suits the length.
pub(crate) fn round_up(length: SimDuration) -> SimDuration {
    const HOUR: u64 = 60 * MINUTE;
    let millis = length.as_millis();
    let unit = match millis / HOUR {
        0..2 => 10 * MINUTE,
        2..12 => HOUR,
        12..72 => 6 * HOUR,
        72..720 => 24 * HOUR,
        _ => 240 * HOUR,
    };
    SimDuration::from_millis((millis / unit + 1) * unit)
}

/// A cumulative distribution: at or below each length lies each share.
///
/// The last share is below 1 when some sites were never restored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cumulative {
    /// Lengths in ascending order, each with the share of all values at or below it.
    pub steps: Vec<(SimDuration, f64)>,
}

/// The distributions of one strategy over all deleted sites of all replications.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Distributions {
    /// Recovery time actual by the policy's clock.
    pub rta: Cumulative,
    /// Its quantiles.
    pub rta_at: Quantiles,
    /// The same for each tier that has a deleted site; empty where there is only one.
    pub tiers: Vec<TierTimes>,
    /// Recovery point actual at hand-over; like the next two it leaves out what nobody knows.
    pub rpa_at_hand_over: Cumulative,
    /// Recovery point actual after repair.
    pub rpa_after_repair: Cumulative,
    /// The spread between the recovery points of a site's stores at hand-over.
    pub inconsistency: Cumulative,
}

/// The recovery times of one tier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TierTimes {
    /// Its name.
    pub tier: String,
    /// Recovery time actual by the policy's clock.
    pub rta: Cumulative,
    /// Its quantiles.
    pub rta_at: Quantiles,
}

/// Lengths that half, four fifths and 19 of 20 do not exceed; none where that many never come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quantiles {
    /// Half.
    pub p50: Option<SimDuration>,
    /// Four fifths.
    pub p80: Option<SimDuration>,
    /// 19 of 20.
    pub p95: Option<SimDuration>,
}

impl Quantiles {
    /// Those of `all` values, of which those that are not there never came.
    fn of(pool: &Pool<'_, impl Clusters>, all: u64) -> Self {
        let all = usize::try_from(all).expect("sites of all exercises fit in memory");
        let due = [0.5, 0.8, 0.95].map(|p| rank(p, all) as f64);
        let comes = |due: &f64| *due <= pool.weight() as f64;
        let sought: Vec<f64> = due.into_iter().filter(comes).collect();
        let mut reached = pool.reach(&sought).into_iter();
        // What comes at all comes before what never does.
        let mut next = || reached.next().map(|it| SimDuration::from_millis(it.value));
        Self { p50: next(), p80: next(), p95: next() }
    }
}

/// The distributions of one strategy over all deleted sites of all replications.
#[must_use]
pub fn distributions(
    scenario: &Scenario,
    results: &Results,
    strategy: &StrategyResults,
) -> Distributions {
    let yardsticks = &Yardsticks::new(scenario, results);
    let each = strategy.outcomes.par_iter().enumerate();
    let all = each.map(|(number, it)| u64::from(yardsticks.of(number).deleted(it).0)).sum();
    let lost = |value: fn(&DataLoss) -> Option<SimDuration>| {
        let number = |_: &Yardstick, outcome: &PackedOutcome, site: usize| {
            outcome.restored_at(site)?;
            value(&outcome.data_loss(site)).map(SimDuration::as_millis)
        };
        Cumulative::pooled(&SiteNumbers { yardsticks, outcomes: strategy, number }, all)
    };
    let rta = |yardstick: &Yardstick, outcome: &PackedOutcome, site: usize| {
        yardstick.rta(outcome, site).map(SimDuration::as_millis)
    };
    let times = SiteNumbers { yardsticks, outcomes: strategy, number: rta };
    let (rta_at, rta) = quantiles_and_course(&times, all);
    Distributions {
        rta_at,
        rta,
        tiers: by_tier(scenario, results, strategy, yardsticks),
        rpa_at_hand_over: lost(|it| it.at_hand_over),
        rpa_after_repair: lost(|it| it.after_repair),
        inconsistency: lost(|it| it.inconsistency),
    }
}

/// The recovery times of each tier of which a site was deleted; none where there is only one.
fn by_tier(
    scenario: &Scenario,
    results: &Results,
    strategy: &StrategyResults,
    yardsticks: &Yardsticks<'_>,
) -> Vec<TierTimes> {
    let deleted = deleted_by_tier(scenario, results, strategy, yardsticks);
    let tiers = scenario.estate.tiers.enumerate().zip(deleted).filter(|it| it.1 > 0);
    let tiers: Vec<((TierId, &String), u64)> = tiers.collect();
    if tiers.len() < 2 {
        return Vec::new();
    }
    let times = |((tier, name), all): ((TierId, &String), u64)| {
        let wanted = |it: &AimedAt| it.tier == tier;
        let all_of_it = RecoveryTimesOf::new(yardsticks, (results, strategy), By::Site, &wanted);
        let (rta_at, rta) = quantiles_and_course(&ThoseThatCome(all_of_it), all);
        TierTimes { tier: name.clone(), rta_at, rta }
    };
    tiers.into_iter().map(times).collect()
}

/// Both of values of which those that are not there never came; they are counted once.
fn quantiles_and_course(values: &impl Clusters, all: u64) -> (Quantiles, Cumulative) {
    let pool = Pool::new(values);
    pool.map(|it| (Quantiles::of(&it, all), Cumulative::of_pool(&it, all))).unwrap_or_default()
}

/// How many sites of each tier were deleted, over all replications.
fn deleted_by_tier(
    scenario: &Scenario,
    results: &Results,
    strategy: &StrategyResults,
    yardsticks: &Yardsticks<'_>,
) -> Vec<u64> {
    let mut deleted = vec![0; scenario.estate.tiers.len()];
    for (number, outcome) in strategy.outcomes.iter().enumerate() {
        let (yardstick, sites) = (yardsticks.of(number), results.sites(number));
        for (place, site) in sites.iter().enumerate() {
            deleted[site.tier.index()] += u64::from(yardstick.deleted_at(outcome, place).is_some());
        }
    }
    deleted
}

/// Recovery times without those that never come.
struct ThoseThatCome<'a>(RecoveryTimesOf<'a>);

impl Clusters for ThoseThatCome<'_> {
    fn count(&self) -> usize {
        self.0.count()
    }

    fn show(&self, number: usize, mut each: impl FnMut(u64, u64)) {
        self.0.show(number, |rta, weight| {
            if rta != SimTime::NEVER.as_millis() {
                each(rta, weight);
            }
        });
    }
}

impl Cumulative {
    /// The distribution of `values` among `all`, of which those missing never came; thinned to
    /// evenly spaced ranks where there are many. Every step that stays is exact.
    #[must_use]
    pub fn of(values: Vec<SimDuration>, all: usize) -> Self {
        let values: Vec<(u64, f64)> = values.iter().map(|it| (it.as_millis(), 1.0)).collect();
        Self::pooled(&[values][..], all as u64)
    }

    /// The same of values in clusters, each once.
    pub(crate) fn pooled(values: &(impl Clusters + ?Sized), all: u64) -> Self {
        Pool::new(values).map(|it| Self::of_pool(&it, all)).unwrap_or_default()
    }

    fn of_pool(pool: &Pool<'_, impl Clusters + ?Sized>, all: u64) -> Self {
        let n = pool.weight();
        let ranks = n.min(MOST_POINTS);
        let sought: Vec<f64> = (1..=ranks).map(|it| (it * n).div_ceil(ranks) as f64).collect();
        let mut reached = pool.reach(&sought);
        reached.dedup();
        let step =
            |it: Reached| (SimDuration::from_millis(it.value), it.at_or_below as f64 / all as f64);
        Self { steps: reached.into_iter().map(step).collect() }
    }

    /// The least length with at least the share `p` at or below it, among the steps kept.
    #[must_use]
    pub fn quantile(&self, p: f64) -> Option<SimDuration> {
        self.steps.iter().find(|(_, share)| *share >= p).map(|(length, _)| *length)
    }

    /// The greatest length.
    #[must_use]
    pub fn longest(&self) -> Option<SimDuration> {
        self.steps.last().map(|(length, _)| *length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::fake;
    use crate::ids::SiteId;
    use crate::measure::metrics;

    fn lengths(hours: impl IntoIterator<Item = u64>) -> Vec<SimDuration> {
        hours.into_iter().map(SimDuration::from_hours).collect()
    }

    #[test]
    fn a_distribution_ends_below_one_when_some_never_come() {
        let cumulative = Cumulative::of(lengths([3, 1, 3]), 4);
        let hours = SimDuration::from_hours;
        assert_eq!(cumulative.steps, [(hours(1), 0.25), (hours(3), 0.75)]);
        assert_eq!(cumulative.quantile(0.5), Some(hours(3)));
        assert_eq!(cumulative.quantile(0.9), None);
        assert_eq!(Cumulative::of(Vec::new(), 4).longest(), None);
    }

    #[test]
    fn thinning_keeps_the_ends_and_exact_shares() {
        let cumulative = Cumulative::of(lengths(1..=100_000), 100_000);
        assert_eq!(cumulative.steps.len(), 400);
        assert_eq!(cumulative.longest(), Some(SimDuration::from_hours(100_000)));
        for (length, share) in &cumulative.steps {
            assert_eq!(*share, length.as_millis() as f64 / 3.6e6 / 100_000.0);
        }
    }

    #[test]
    fn a_curve_counts_what_is_back_at_each_instant() {
        let scenario = fake::scenario();
        let results = fake::results(&scenario, vec![fake::slow(), fake::lossy(), fake::slow()]);
        let strategy = &results.strategies[0];
        let replications = metrics(&scenario, &results, strategy);
        let curve = recovery_curve(&scenario, &results, strategy, &replications);
        // Ends at 24 h, so an hour has ten points.
        assert_eq!((curve.at.len(), curve.at[100]), (241, fake::hours(10)));
        let at = |place: usize| {
            (curve.sites.low[place], curve.sites.median[place], curve.sites.high[place])
        };
        assert_eq!(at(39), (0.0, 0.0, 0.0));
        assert_eq!(at(40), (0.25, 0.25, 0.25));
        assert_eq!(at(80), (0.5, 0.5, 0.75));
        assert_eq!(at(240), (0.75, 1.0, 1.0));
        assert_eq!(curve.users.unwrap().median[100], 0.6);
    }

    #[test]
    fn distributions_pool_all_sites_of_all_replications() {
        let scenario = fake::scenario();
        let results = fake::results(&scenario, vec![fake::slow(), fake::lossy()]);
        let pooled = distributions(&scenario, &results, &results.strategies[0]);
        let hours = SimDuration::from_hours;
        let rta = [(hours(4), 0.5), (hours(6), 0.625), (hours(8), 0.75), (hours(17), 0.875)];
        assert_eq!(pooled.rta.steps, rta);
        assert_eq!(pooled.rpa_at_hand_over.longest(), Some(hours(3)));
        assert_eq!(pooled.rpa_after_repair.longest(), Some(hours(2)));
        // Five minutes less than what the site loses; of the last site in one exercise of two.
        let spread = |minutes: u64| SimDuration::from_millis(minutes * MINUTE);
        assert_eq!(
            pooled.inconsistency.steps,
            [(spread(0), 0.5), (spread(115), 0.625), (spread(175), 0.875)]
        );
        // Ranks 4, 7 and 8 of eight, of which the last never comes.
        let at = Quantiles { p50: Some(hours(4)), p80: Some(hours(17)), p95: None };
        assert_eq!((pooled.rta_at, pooled.tiers), (at, Vec::new()));
    }

    #[test]
    fn every_tier_has_a_distribution_of_its_own_sites() {
        let mut scenario = fake::scenario();
        let gold = scenario.estate.tiers.push("gold".to_owned());
        scenario.estate.sites[SiteId::new(3)].tier = gold;
        let objective = scenario.policy.as_ref().unwrap().objectives[TierId::new(0)];
        scenario.policy.as_mut().unwrap().objectives.push(objective);
        scenario.incident.deleted.iter().for_each(|it| assert!(it.site.index() < 4));
        let results = fake::results(&scenario, vec![fake::slow(), fake::lossy()]);
        let tiers = distributions(&scenario, &results, &results.strategies[0]).tiers;
        let names: Vec<&str> = tiers.iter().map(|it| it.tier.as_str()).collect();
        assert_eq!(names.len(), 2);
        // The fourth site takes 17 hours in one exercise and is lost in the other.
        let hours = SimDuration::from_hours;
        assert_eq!((names[1], &tiers[1].rta.steps[..]), ("gold", &[(hours(17), 0.5)][..]));
        assert_eq!((tiers[1].rta_at.p50, tiers[1].rta_at.p80), (Some(hours(17)), None));
        assert_eq!(tiers[0].rta_at.p95, Some(hours(8)));
    }

    #[test]
    fn a_curve_ends_at_a_round_time() {
        let hours = SimDuration::from_hours;
        assert_eq!(round_up(hours(313)), hours(336));
        assert_eq!(round_up(hours(7)), hours(8));
        assert_eq!(round_up(SimDuration::ZERO), SimDuration::from_millis(600_000));
    }
}
