//! Whether budgets are kept: every expectation looked at in every exercise, and the share of the
//! exercises in which it holds judged against the assurance.

use std::collections::BTreeMap;

use crate::experiment::{
    AimedAt, Aims, PackedOutcome, Results, StrategyResults, Yardstick, Yardsticks,
};
use crate::ids::{SiteId, StrategyId};
use crate::measure::{Measurements, ReplicationMetrics, StrategyMetrics, Support};
use crate::scenario::{
    Aggregate, Budget, BudgetSites, CountedBy, Figure, FigureOf, Kind, Level, Needs, Scenario,
    Scope, Weight,
};
use crate::stats::{quantile_sorted, rank};
use crate::units::{Share, SimDuration, SimTime};

use super::{Judgement, Verdict, judge_share};

/// More exercises than anybody simulates to decide a budget.
pub const MOST_REPLICATIONS: u64 = 1_000_000;

/// Sites that are named where a budget is not met.
const WORST_SITES: usize = 5;

/// What became of a budget under one strategy.
#[derive(Clone, Debug, PartialEq)]
pub struct BudgetVerdict {
    /// The budget's place among those of the scenario.
    pub budget: usize,
    /// Under which strategy.
    pub strategy: StrategyId,
    /// In how many exercises the expectation holds, and what that says.
    pub judgement: Judgement,
    /// What the expectation was asked about in each exercise that has it; infinite where it never
    /// comes.
    pub values: Vec<f64>,
    /// What is known of these beforehand.
    pub support: Support,
    /// Deleted sites that the budget is about, summed over exercises. Without one nothing was
    /// checked.
    pub matched: u64,
    /// Of an undecided one, how many exercises would decide it if the share stays as it is; none
    /// where [`MOST_REPLICATIONS`] would not.
    pub needed: Option<u64>,
    /// The sites with the largest medians, largest first, of a figure of sites that is not met.
    pub worst: Vec<WorstSite>,
    /// Whether it is about lost data, and no step of the strategy says to which moment data comes
    /// back. Then nothing was checked: it is neither met nor missed, however many exercises there are.
    pub not_judged: bool,
}

/// A site and what it comes to in the median exercise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorstSite {
    /// Which site.
    pub site: SiteId,
    /// The median over the exercises in which it was deleted; `None` where that never comes.
    pub median: Option<SimDuration>,
}

impl BudgetVerdict {
    /// The verdict; a budget that matched nothing is missed, and one that is not judged undecided.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match (self.not_judged, self.matched) {
            (true, _) => Verdict::Undecided,
            (false, 0) => Verdict::Missed,
            (false, _) => self.judgement.verdict,
        }
    }
}

/// The strategies that are late: under which a budget on recovery time is not met, by their place
/// among those that were simulated.
#[must_use]
pub fn late(scenario: &Scenario, results: &Results, verdicts: &[BudgetVerdict]) -> Vec<usize> {
    let of_time = |figure: Figure| {
        let it = figure.definition();
        match it.kind {
            Kind::Instant | Kind::Length => true,
            Kind::Hours => matches!(it.weight, Weight::Site | Weight::User),
            Kind::Share => it.needs == Needs::Rto,
            Kind::Loss | Kind::Count | Kind::Money => false,
        }
    };
    let late = |it: &BudgetVerdict| {
        let metric = scenario.budgets[it.budget].metric.figure;
        it.verdict() != Verdict::Met && it.matched > 0 && of_time(metric)
    };
    let strategies = results.strategies.iter().enumerate();
    let strategies = strategies
        .filter(|(_, of)| verdicts.iter().any(|it| it.strategy == of.strategy && late(it)));
    strategies.map(|it| it.0).collect()
}

/// The strategies that a scenario's budgets need, of those in `among`.
#[must_use]
pub fn needed_strategies(scenario: &Scenario, among: &[StrategyId]) -> Vec<StrategyId> {
    let looked_at = |id: &StrategyId| {
        let mut budgets = scenario.budgets.iter().filter(|it| it.level != Level::Off);
        budgets.any(|it| it.strategy.is_none_or(|wanted| wanted == *id))
    };
    among.iter().copied().filter(looked_at).collect()
}

/// Judges every budget that is not off under every strategy that was simulated: strategy by
/// strategy, in the order of the files.
#[must_use]
pub fn judge_budgets(
    scenario: &Scenario,
    results: &Results,
    measurements: &Measurements,
) -> Vec<BudgetVerdict> {
    let yardsticks = Yardsticks::new(scenario, results);
    let bench = BudgetJudge { scenario, results, yardsticks };
    let each = results.strategies.iter().zip(&measurements.strategies);
    let mut verdicts = Vec::new();
    for (outcomes, metrics) in each {
        for (place, budget) in scenario.budgets.iter().enumerate() {
            let meant = budget.strategy.is_none_or(|it| it == outcomes.strategy);
            if meant && budget.level != Level::Off {
                verdicts.push(bench.judge((place, budget), outcomes, metrics));
            }
        }
    }
    verdicts
}

/// What every budget is judged with.
struct BudgetJudge<'a> {
    scenario: &'a Scenario,
    results: &'a Results,
    yardsticks: Yardsticks<'a>,
}

impl BudgetJudge<'_> {
    fn judge(
        &self,
        (place, budget): (usize, &Budget),
        outcomes: &StrategyResults,
        metrics: &StrategyMetrics,
    ) -> BudgetVerdict {
        let of_data =
            matches!(budget.metric.figure.definition().needs, Needs::RestorePoint | Needs::Rpo);
        let not_judged = of_data && !self.scenario.gives(Needs::RestorePoint, outcomes.strategy);
        let (values, matched) = match budget.metric.figure.scope() {
            Scope::Site => self.values_of_sites(budget, outcomes),
            Scope::Exercise | Scope::Pooled => values_of_exercises(budget.metric, metrics),
        };
        let holds = values.iter().filter(|it| budget.expect.holds(**it)).count() as u64;
        let (required, confidence) = (budget.assurance.fraction(), budget.confidence.fraction());
        let judgement = judge_share(holds, values.len() as u64, required, confidence);
        let undecided = judgement.verdict == Verdict::Undecided && !not_judged;
        let has_worst = judgement.verdict != Verdict::Met && !not_judged;
        BudgetVerdict {
            budget: place,
            strategy: outcomes.strategy,
            judgement,
            values,
            support: Self::support(budget, metrics),
            matched: if not_judged { 0 } else { matched },
            needed: undecided.then(|| decided_by(&judgement, required, confidence)).flatten(),
            worst: if has_worst { self.worst(budget, outcomes) } else { Vec::new() },
            not_judged,
        }
    }

    /// What is known beforehand of what the budget is about.
    fn support(budget: &Budget, metrics: &StrategyMetrics) -> Support {
        let kind = budget.expect.kind;
        let of_sites = if kind == Kind::Share { Support::SHARE } else { Support::Open };
        match budget.metric.figure.scope() {
            Scope::Site => metrics.supports.of_other(of_sites),
            Scope::Exercise | Scope::Pooled => {
                metrics.supports.of(budget.metric).scaled(1.0 / kind.reading_per_number())
            }
        }
    }

    fn values_of_sites(&self, budget: &Budget, outcomes: &StrategyResults) -> (Vec<f64>, u64) {
        let mut matched = 0;
        let same = matches!(self.results.aims, Aims::Same(_)).then(|| self.selected(budget, 0));
        let one = |(number, outcome): (usize, &PackedOutcome)| {
            let yardstick = self.yardsticks.of(number);
            let own = same.is_none().then(|| self.selected(budget, number));
            let selected = same.as_ref().or(own.as_ref()).expect("one of them was made");
            let mut sites = Vec::new();
            for site in (0..yardstick.sites()).filter(|it| selected[*it]) {
                if yardstick.deleted_at(outcome, site).is_some() {
                    matched += 1;
                    let customer = self.results.sites(number)[site].customer;
                    let value = site_figure(budget.metric.figure, &yardstick, outcome, site);
                    sites.push((value, yardstick.users_of(site), customer));
                }
            }
            aggregate(budget.expect.aggregate, weighed(sites, budget.by))
        };
        let values = outcomes.outcomes.iter().enumerate().map(one).collect();
        (values, matched)
    }

    /// Which of the sites that the incident aims at in a replication the budget is about.
    fn selected(&self, budget: &Budget, replication: usize) -> Vec<bool> {
        let sites = self.results.sites(replication);
        if budget.sites == BudgetSites::default() {
            return vec![true; sites.len()];
        }
        let scenario = self.scenario.in_replication(replication as u64);
        let has = |it: &AimedAt| budget.sites.has(&scenario.estate, &scenario.incident, it.site);
        sites.iter().map(has).collect()
    }

    /// The sites that are longest away, or lose most.
    fn worst(&self, budget: &Budget, outcomes: &StrategyResults) -> Vec<WorstSite> {
        let Aims::Same(sites) = &self.results.aims else { return Vec::new() };
        if budget.metric.figure.scope() != Scope::Site {
            return Vec::new();
        }
        let yardstick = self.yardsticks.of(0);
        let selected = self.selected(budget, 0);
        let median = |site: usize| {
            let gone = outcomes.outcomes.iter();
            let gone = gone.filter(|it| yardstick.deleted_at(it, site).is_some());
            let mut values: Vec<SimTime> =
                gone.map(|it| site_figure(budget.metric.figure, &yardstick, it, site)).collect();
            values.sort_unstable();
            (!values.is_empty()).then(|| quantile_sorted(&values, 0.5))
        };
        let mut medians: Vec<(SimTime, SiteId)> = (0..sites.len())
            .filter(|it| selected[*it])
            .filter_map(|it| Some((median(it)?, sites[it].site)))
            .collect();
        medians.sort_by_key(|(median, site)| (std::cmp::Reverse(*median), *site));
        let worst = medians.into_iter().take(WORST_SITES);
        worst
            .map(|(median, site)| WorstSite {
                site,
                median: (median != SimTime::NEVER).then(|| median.since_start()),
            })
            .collect()
    }
}

/// What a figure comes to in each exercise, and how many sites were deleted in those that have it.
fn values_of_exercises(figure: FigureOf, metrics: &StrategyMetrics) -> (Vec<f64>, u64) {
    let number = |it: &ReplicationMetrics| it.figures.of(figure).number(figure.figure.kind());
    let have = metrics.replications.iter().filter(|it| number(it).is_some());
    let deleted = have.map(|it| u64::from(it.deleted)).sum();
    let known: Vec<f64> = metrics.replications.iter().filter_map(number).collect();
    // Where only some exercises have it, those are looked at. Without a figure nothing is matched,
    // and what stands here is not looked at.
    let values = if known.is_empty() { vec![0.0; metrics.replications.len()] } else { known };
    (values, deleted)
}

/// A figure of a deleted site; never where it has none.
fn site_figure(
    figure: Figure,
    yardstick: &Yardstick,
    outcome: &PackedOutcome,
    site: usize,
) -> SimTime {
    let figure = match figure {
        Figure::SiteRpa => yardstick.rpa(outcome, site),
        _ => yardstick.rta(outcome, site),
    };
    figure.map_or(SimTime::NEVER, |it| SimTime::ZERO + it)
}

/// Figures with what each of them counts, in ascending order.
fn weighed(sites: Vec<(SimTime, u64, u32)>, by: CountedBy) -> Vec<(SimTime, u64)> {
    let mut weighed: Vec<(SimTime, u64)> = match by {
        CountedBy::Site => sites.into_iter().map(|it| (it.0, 1)).collect(),
        CountedBy::User => sites.into_iter().filter(|it| it.1 > 0).map(|it| (it.0, it.1)).collect(),
        CountedBy::Customer => {
            let mut worst: BTreeMap<u32, SimTime> = BTreeMap::new();
            for (value, _, customer) in sites {
                let known = worst.entry(customer).or_insert(value);
                *known = (*known).max(value);
            }
            worst.into_values().map(|it| (it, 1)).collect()
        }
    };
    weighed.sort_unstable();
    weighed
}

/// What becomes of sorted figures in one exercise. Where there is none there is nothing to wait
/// for: lengths are zero and shares are 1.
fn aggregate(aggregate: Aggregate, sorted: Vec<(SimTime, u64)>) -> f64 {
    let weight: u64 = sorted.iter().map(|it| it.1).sum();
    let millis = |it: SimTime| match it {
        SimTime::NEVER => f64::INFINITY,
        some => some.as_millis() as f64,
    };
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else {
        return if matches!(aggregate, Aggregate::ShareWithin(_)) { 1.0 } else { 0.0 };
    };
    match aggregate {
        Aggregate::Quantile(share) => millis(weighed_quantile(&sorted, weight, share)),
        Aggregate::Max | Aggregate::Value => millis(last.0),
        Aggregate::Min => millis(first.0),
        Aggregate::Count => weight as f64,
        Aggregate::Mean if last.0 == SimTime::NEVER => f64::INFINITY,
        Aggregate::Mean => {
            let of = |it: &(SimTime, u64)| u128::from(it.0.as_millis()) * u128::from(it.1);
            sorted.iter().map(of).sum::<u128>() as f64 / weight as f64
        }
        Aggregate::ShareWithin(limit) => {
            let within = sorted.iter().filter(|it| it.0 <= SimTime::ZERO + limit);
            within.map(|it| it.1).sum::<u64>() as f64 / weight as f64
        }
    }
}

/// The first figure at which so much of the weight has come together.
fn weighed_quantile(sorted: &[(SimTime, u64)], weight: u64, share: Share) -> SimTime {
    let due = rank(share.fraction(), usize::try_from(weight).unwrap_or(usize::MAX)) as u64;
    let mut so_far = 0;
    let found = sorted.iter().find(|it| {
        so_far += it.1;
        so_far >= due
    });
    found.expect("a rank is at most the weight of all").0
}

/// How many exercises would decide, met or missed, if it held in the same share of them.
fn decided_by(now: &Judgement, required: f64, confidence: f64) -> Option<u64> {
    if now.n == 0 {
        return None;
    }
    let decides = |n: u64| {
        let holds = (now.holds * n + now.n / 2) / now.n;
        judge_share(holds, n, required, confidence).verdict != Verdict::Undecided
    };
    let mut low = now.n;
    let mut high = now.n.max(1);
    while !decides(high) {
        if high >= MOST_REPLICATIONS {
            return None;
        }
        low = high;
        high = (2 * high).min(MOST_REPLICATIONS);
    }
    // A share that has to be rounded makes a step or two of the way down go up again; the answer
    // decides all the same.
    while low + 1 < high {
        let middle = u64::midpoint(low, high);
        if decides(middle) { high = middle } else { low = middle }
    }
    Some(high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{HOUR, MILLIS_PER_HOUR};

    fn hours(number: u64) -> SimTime {
        SimTime::from_millis(number * HOUR)
    }

    fn of(what: Aggregate, sites: &[(u64, u64, u32)], by: CountedBy) -> f64 {
        let time = |it: u64| if it == 0 { SimTime::NEVER } else { hours(it) };
        let sites = sites.iter().map(|it| (time(it.0), it.1, it.2)).collect();
        aggregate(what, weighed(sites, by)) / MILLIS_PER_HOUR
    }

    const SITES: [(u64, u64, u32); 4] = [(4, 10, 1), (8, 70, 2), (2, 10, 1), (6, 10, 3)];

    #[test]
    fn a_quantile_is_an_observed_value_by_site_by_user_and_by_customer() {
        let p = |percent: f64| Aggregate::Quantile(Share::new(percent / 100.0).unwrap());
        assert_eq!(of(p(50.0), &SITES, CountedBy::Site), 4.0);
        assert_eq!(of(p(51.0), &SITES, CountedBy::Site), 6.0);
        assert_eq!(of(p(30.0), &SITES, CountedBy::User), 6.0);
        assert_eq!(of(p(31.0), &SITES, CountedBy::User), 8.0);
        // Customers are back with their last site, at hours 4, 6 and 8.
        assert_eq!(of(p(33.0), &SITES, CountedBy::Customer), 4.0);
        assert_eq!(of(p(34.0), &SITES, CountedBy::Customer), 6.0);
    }

    #[test]
    fn what_never_comes_is_beyond_every_limit() {
        let sites = [(4, 1, 1), (0, 1, 2)];
        assert_eq!(of(Aggregate::Min, &sites, CountedBy::Site), 4.0);
        assert_eq!(of(Aggregate::Max, &sites, CountedBy::Site), f64::INFINITY);
        assert_eq!(of(Aggregate::Mean, &sites, CountedBy::Site), f64::INFINITY);
        let within = Aggregate::ShareWithin(SimDuration::from_hours(4));
        assert_eq!(of(within, &sites, CountedBy::Site), 0.5 / MILLIS_PER_HOUR);
    }

    #[test]
    fn where_no_site_is_matched_there_is_nothing_to_wait_for() {
        assert_eq!(of(Aggregate::Max, &[], CountedBy::Site), 0.0);
        assert_eq!(aggregate(Aggregate::Count, Vec::new()), 0.0);
        let within = Aggregate::ShareWithin(SimDuration::from_hours(4));
        assert_eq!(aggregate(within, Vec::new()), 1.0);
        // Nobody uses it, so no user waits for it.
        assert_eq!(of(Aggregate::Max, &[(4, 0, 1)], CountedBy::User), 0.0);
    }

    #[test]
    fn an_undecided_budget_says_how_many_exercises_would_decide() {
        let needed = |holds, n| decided_by(&judge_share(holds, n, 0.9, 0.95), 0.9, 0.95);
        assert_eq!(needed(20, 20), Some(29));
        let more = needed(182, 200).unwrap();
        assert!((1_000..4_000).contains(&more), "{more}");
        assert_eq!(needed(90, 100), None, "as often as asked is never decided");
    }
}
