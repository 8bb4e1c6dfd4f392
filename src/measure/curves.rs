//! The series behind the plots: shares restored over time, and distributions over all sites of
//! all replications. Numbers only; how they are drawn is for `plot`.

use serde::{Deserialize, Serialize};

use crate::experiment::{Results, StrategyResults, Yardsticks};
use crate::ids::Id;
use crate::measure::metrics::ReplicationMetrics;
use crate::scenario::Scenario;
use crate::stats::{quantile_sorted, rank};
use crate::trace::DataLoss;
use crate::units::{MINUTE, SimDuration, SimTime};

/// Intervals between the points of a recovery curve.
const INTERVALS: u64 = 240;

/// Points of a distribution at most.
const MOST_POINTS: usize = 400;

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
    let mut sites = vec![Vec::with_capacity(replications.len()); at.len()];
    let mut users = sites.clone();
    for (number, outcome) in strategy.outcomes.iter().enumerate() {
        let yardstick = yardsticks.of(number);
        let (of_sites, of_users) = yardstick.deleted(outcome);
        let share = |part: u64, all: u64| if all == 0 { 1.0 } else { part as f64 / all as f64 };
        let mut back: Vec<(SimTime, u64)> = (0..yardstick.sites())
            .filter_map(|it| {
                Some((outcome.restorations[it].restored_at()?, yardstick.users_of(it)))
            })
            .collect();
        back.sort_unstable();
        let (mut next, mut users_back) = (0, 0);
        for (place, at) in at.iter().enumerate() {
            while next < back.len() && back[next].0 <= *at {
                users_back += back[next].1;
                next += 1;
            }
            sites[place].push(share(next as u64, u64::from(of_sites)));
            users[place].push(share(users_back, of_users));
        }
    }
    RecoveryCurve { sites: band(sites), users: yardsticks.somebody().then(|| band(users)), at }
}

/// Evenly spaced instants from T+0 to an end.
pub(crate) fn even_instants(end: SimDuration) -> Vec<SimTime> {
    (0..=INTERVALS).map(|it| SimTime::from_millis(end.as_millis() * it / INTERVALS)).collect()
}

/// Turns the shares of all replications at each instant into quantiles.
pub(crate) fn band(shares: Vec<Vec<f64>>) -> Band {
    let mut band = Band::default();
    for mut share in shares {
        share.sort_unstable_by(f64::total_cmp);
        band.low.push(quantile_sorted(&share, 0.05));
        band.median.push(quantile_sorted(&share, 0.5));
        band.high.push(quantile_sorted(&share, 0.95));
    }
    band
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
    /// Those of `all` values, of which those not in `sorted`, which is in ascending order, never
    /// came.
    fn of(sorted: &[SimDuration], all: usize) -> Self {
        let at = |p: f64| if all == 0 { None } else { sorted.get(rank(p, all) - 1).copied() };
        Self { p50: at(0.5), p80: at(0.8), p95: at(0.95) }
    }
}

/// The distributions of one strategy over all deleted sites of all replications.
#[must_use]
pub fn distributions(
    scenario: &Scenario,
    results: &Results,
    strategy: &StrategyResults,
) -> Distributions {
    let yardsticks = Yardsticks::new(scenario, results);
    let each = || strategy.outcomes.iter().enumerate();
    let all = each().map(|(number, it)| yardsticks.of(number).deleted(it).0 as usize).sum();
    let of_restored = |value: fn(&DataLoss) -> Option<SimDuration>| {
        let mut values = Vec::with_capacity(all);
        for (_, outcome) in each() {
            let back = outcome.restorations.iter().zip(&outcome.data_loss);
            let back = back.filter(|(end, _)| end.restored_at().is_some());
            values.extend(back.filter_map(|(_, loss)| value(loss)));
        }
        Cumulative::of(values, all)
    };
    let mut tiers: Vec<(Vec<SimDuration>, usize)> =
        vec![(Vec::new(), 0); scenario.estate.tiers.len()];
    for (number, outcome) in each() {
        let yardstick = yardsticks.of(number);
        for (site, it) in results.sites(number).iter().enumerate() {
            let (times, deleted) = &mut tiers[it.tier.index()];
            *deleted += usize::from(yardstick.deleted_at(outcome, site).is_some());
            if outcome.restorations[site].restored_at().is_some() {
                let rta = yardstick.rta(outcome, site);
                times.push(rta.expect("a restored site has a recovery time"));
            }
        }
    }
    let mut whole: Vec<SimDuration> = tiers.iter().flat_map(|it| &it.0).copied().collect();
    whole.sort_unstable();
    Distributions {
        rta_at: Quantiles::of(&whole, all),
        rta: Cumulative::of(whole, all),
        tiers: by_tier(scenario, tiers),
        rpa_at_hand_over: of_restored(|it| it.at_hand_over),
        rpa_after_repair: of_restored(|it| it.after_repair),
        inconsistency: of_restored(|it| it.inconsistency),
    }
}

/// The recovery times of each tier, of each its times and how many of its sites were deleted.
fn by_tier(scenario: &Scenario, tiers: Vec<(Vec<SimDuration>, usize)>) -> Vec<TierTimes> {
    if tiers.iter().filter(|it| it.1 > 0).count() < 2 {
        return Vec::new();
    }
    let each = scenario.estate.tiers.iter().zip(tiers).filter(|it| it.1.1 > 0);
    each.map(|(name, (mut times, all))| {
        times.sort_unstable();
        TierTimes {
            tier: name.clone(),
            rta_at: Quantiles::of(&times, all),
            rta: Cumulative::of(times, all),
        }
    })
    .collect()
}

impl Cumulative {
    /// The distribution of `values` among `all`, of which those missing never came; thinned to
    /// evenly spaced ranks where there are many. Every step that stays is exact.
    #[must_use]
    pub fn of(mut values: Vec<SimDuration>, all: usize) -> Self {
        values.sort_unstable();
        let n = values.len();
        let ranks = n.min(MOST_POINTS);
        let mut steps: Vec<(SimDuration, f64)> = Vec::with_capacity(ranks);
        for it in 1..=ranks {
            let value = values[(it * n).div_ceil(ranks) - 1];
            if steps.last().is_none_or(|last| last.0 != value) {
                let at_or_below = values.partition_point(|other| *other <= value);
                steps.push((value, at_or_below as f64 / all as f64));
            }
        }
        Self { steps }
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
    use crate::ids::{SiteId, TierId};
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
