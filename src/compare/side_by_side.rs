//! What pictures show of strategies side by side: the spread of their recovery times, how far each
//! lies from the best, and time against work. Less than [`compare`] says, so that every run can
//! have it: nothing looks back at fewer replications, and nothing is pooled over sites.
//!
//! [`compare`]: crate::compare::pairs

use serde::{Deserialize, Serialize};

use crate::compare::pairs::{
    Compared, Margin, MetricComparison, compared_by, decisive, deletions, dominated_by,
};
use crate::experiment::Results;
use crate::measure::{
    CONFIDENCE, MeanEstimate, Measurements, ReplicationMetrics, Support, mean_of,
};
use crate::scenario::{Figure, Scenario};
use crate::stats::{quantile_ranks, rank, simultaneous};
use crate::units::SimDuration;

/// All strategies of an experiment side by side. Numbers are in milliseconds, of people, sites or
/// users where they are sums over them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SideBySide {
    /// The metric that decides.
    pub metric: Figure,
    /// How large a difference in it matters.
    pub margin: f64,
    /// The place of the strategy with the least mean of it.
    pub leader: usize,
    /// The recovery time objectives of the scenario, the shortest first.
    pub objectives: Vec<SimDuration>,
    /// One for each strategy, in the order of the report.
    pub strategies: Vec<StrategyBars>,
}

/// What is drawn of one strategy beside the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StrategyBars {
    /// The 95 % quantile of the recovery times of an exercise's sites, over the exercises.
    pub risk: Risk,
    /// The mean of the metric that decides, over the exercises in which it comes.
    pub time: Option<Bar>,
    /// Exercises in which it never comes.
    pub never: u64,
    /// Mean work of people.
    pub work: Option<Bar>,
    /// The mean of the metric that decides minus that of the leader, exercise by exercise, with an
    /// interval that holds at once with those of all pairs; none of the leader itself.
    pub difference: Option<Bar>,
    /// Exercises in which there is no such difference, because one of the two never comes.
    pub left_out: u64,
    /// The places of the strategies that are surely better in time or in work, and not worse in the
    /// other.
    pub dominated_by: Vec<usize>,
}

/// A figure with its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// Lower end of the interval.
    pub low: f64,
    /// The figure.
    pub value: f64,
    /// Upper end of the interval.
    pub high: f64,
}

/// The spread of a time over exercises, and how well that is known.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Risk {
    /// Exercises.
    pub n: u64,
    /// Those in which the time never comes.
    pub never: u64,
    /// The 5 % quantile; none where it never comes.
    pub low: Option<f64>,
    /// The 95 % quantile; none where it never comes.
    pub high: Option<f64>,
    /// The interval of the 5 % quantile: its ends, none where there are too few exercises; the
    /// upper end is none as well where it never comes.
    pub low_between: Option<(f64, Option<f64>)>,
    /// The interval of the 95 % quantile.
    pub high_between: Option<(f64, Option<f64>)>,
    /// The mean, where the time comes in every exercise and there are two of them.
    pub mean: Option<Bar>,
}

impl SideBySide {
    /// The same with every number changed, such as rounded for machines.
    #[must_use]
    pub fn mapped(mut self, number: fn(f64) -> f64) -> Self {
        let bar =
            |it: Bar| Bar { low: number(it.low), value: number(it.value), high: number(it.high) };
        let ends = |(low, high): (f64, Option<f64>)| (number(low), high.map(number));
        self.margin = number(self.margin);
        for it in &mut self.strategies {
            it.time = it.time.map(bar);
            it.work = it.work.map(bar);
            it.difference = it.difference.map(bar);
            it.risk.low = it.risk.low.map(number);
            it.risk.high = it.risk.high.map(number);
            it.risk.low_between = it.risk.low_between.map(ends);
            it.risk.high_between = it.risk.high_between.map(ends);
            it.risk.mean = it.risk.mean.map(bar);
        }
        self
    }
}

/// All strategies of an experiment side by side; none where there are fewer than two.
#[must_use]
pub fn side_by_side(
    scenario: &Scenario,
    results: &Results,
    measurements: &Measurements,
    margin: Margin,
) -> Option<SideBySide> {
    let all = &measurements.strategies[..];
    if all.len() < 2 || results.replications == 0 {
        return None;
    }
    let level = simultaneous(CONFIDENCE, all.len());
    let by = |it: Figure| compared_by(scenario, results, all, it.into(), margin, level, None);
    let (time, work) = (by(decisive(&deletions(results))), by(Figure::PersonHours));
    Some(summed_up(scenario, measurements, &time, &work, &dominated_by(&time, &work)))
}

/// The same of what was compared in full.
#[must_use]
pub fn side_by_side_of(
    scenario: &Scenario,
    measurements: &Measurements,
    compared: &Compared,
) -> SideBySide {
    let work = compared.by(Figure::PersonHours).expect("work is always compared");
    summed_up(scenario, measurements, compared.deciding(), work, &compared.dominated_by)
}

fn summed_up(
    scenario: &Scenario,
    measurements: &Measurements,
    time: &MetricComparison,
    work: &MetricComparison,
    dominated_by: &[Vec<usize>],
) -> SideBySide {
    let each = measurements.strategies.iter().enumerate();
    let strategies = each.map(|(place, it)| StrategyBars {
        risk: Risk::of(
            it.replications.iter().map(rta_p95).collect(),
            it.supports.of(Figure::RtaP95),
        ),
        time: time.strategies[place].mean.map(Bar::of),
        never: time.strategies[place].never as u64,
        work: work.strategies[place].mean.map(Bar::of),
        difference: apart_from_leader(time, place),
        left_out: match place == time.leader {
            true => 0,
            false => time.pair(place, time.leader).0.left_out as u64,
        },
        dominated_by: dominated_by[place].clone(),
    });
    SideBySide {
        metric: time.metric.figure,
        margin: time.margin.value,
        leader: time.leader,
        objectives: objectives(scenario),
        strategies: strategies.collect(),
    }
}

/// The 95 % quantile of the recovery times of an exercise's sites, in milliseconds; infinite where it
/// never comes.
fn rta_p95(metrics: &ReplicationMetrics) -> f64 {
    metrics.figures.of(Figure::RtaP95).plain().expect("every exercise has recovery times")
}

/// The recovery time objectives, the shortest first.
fn objectives(scenario: &Scenario) -> Vec<SimDuration> {
    let policy = scenario.policy.iter();
    let mut all: Vec<SimDuration> =
        policy.flat_map(|policy| policy.objectives.iter().filter_map(|it| it.rto)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The mean difference of a strategy to the leader, with its interval.
fn apart_from_leader(comparison: &MetricComparison, own: usize) -> Option<Bar> {
    if own == comparison.leader {
        return None;
    }
    let (pair, turned) = comparison.pair(own, comparison.leader);
    let difference = pair.difference.filter(|it| it.interval.is_some())?;
    let bar = Bar::of(difference);
    Some(match turned {
        true => Bar { low: -bar.high, value: -bar.value, high: -bar.low },
        false => bar,
    })
}

impl Bar {
    /// A mean with its interval; just the mean where there is none.
    fn of(mean: MeanEstimate) -> Self {
        let (low, high) = mean.interval.map_or((mean.mean, mean.mean), |it| (it.low, it.high));
        Self { low, value: mean.mean, high }
    }
}

impl Risk {
    /// Of these values in milliseconds, infinite where the time never comes.
    fn of(mut values: Vec<f64>, support: Support) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        let n = values.len();
        let finite = values.iter().copied().filter(|it| it.is_finite()).count();
        let comes = |it: f64| it.is_finite().then_some(it);
        let at = |rank: usize| comes(values[rank - 1]);
        let between = |p: f64| match quantile_ranks(n, p, CONFIDENCE) {
            (Some(low), Some(high)) => at(low).map(|low| (low, at(high))),
            _ => None,
        };
        let mean = mean_of(&values, support).and_then(|it| Some((it.mean, it.interval?)));
        Self {
            n: n as u64,
            never: (n - finite) as u64,
            low: at(rank(0.05, n)),
            high: at(rank(0.95, n)),
            low_between: between(0.05),
            high_between: between(0.95),
            mean: mean.map(|(value, it)| Bar { low: it.low, value, high: it.high }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::compare;
    use crate::experiment::fake;
    use crate::measure::measure;
    use crate::units::{MILLIS_PER_HOUR, Share};

    const MARGIN: f64 = 0.05;

    fn margin() -> Margin {
        Margin::OfObjective(Share::new(MARGIN).unwrap())
    }

    /// The strategy of the scenario beside itself with other outcomes.
    fn pair(ours: Vec<crate::trace::Outcome>, theirs: Vec<crate::trace::Outcome>) -> Results {
        let scenario = fake::scenario();
        let mut results = fake::results(&scenario, ours);
        results.strategies.extend(fake::results(&scenario, theirs).strategies);
        results
    }

    #[test]
    fn the_spread_of_a_time_is_what_the_middle_nine_tenths_do() {
        let risk = Risk::of((1..=100).rev().map(f64::from).collect(), Support::Open);
        assert_eq!((risk.low, risk.high, risk.never, risk.n), (Some(5.0), Some(95.0), 0, 100));
        // Binomial quantiles of 100 at 5 %: 1 and 10; of 95 %: 90 and 99.
        assert_eq!(risk.low_between, Some((1.0, Some(11.0))));
        assert_eq!(risk.mean.unwrap().value, 50.5);
        let never = Risk::of(
            (1..=100).map(|it| if it > 90 { f64::INFINITY } else { 1.0 }).collect(),
            Support::Open,
        );
        assert_eq!((never.low, never.high, never.never), (Some(1.0), None, 10));
        // The 90th value of 100 still comes, the 99th does not.
        assert_eq!((never.high_between, never.mean), (Some((1.0, None)), None));
        let alone = Risk::of(vec![3.0], Support::Open);
        assert_eq!((alone.low, alone.high, alone.low_between), (Some(3.0), Some(3.0), None));
    }

    #[test]
    fn the_short_way_says_what_the_long_way_says() {
        let scenario = fake::scenario();
        let fast = || {
            let mut fast = fake::slow();
            fast.restorations = vec![crate::trace::Restoration::Restored(fake::hours(5)); 4];
            fast
        };
        let results = pair(vec![fake::slow(); 100], (0..100).map(|_| fast()).collect());
        let measurements = measure(&scenario, &results);
        let compared = compare(&scenario, &results, &measurements, margin());
        let long = side_by_side_of(&scenario, &measurements, &compared);
        let short = side_by_side(&scenario, &results, &measurements, margin()).unwrap();
        assert_eq!(short, long);
        // The last site takes 17 hours under one and five hours under the other; work is the same.
        let hours = |it: f64| it * MILLIS_PER_HOUR;
        assert_eq!((short.metric, short.leader), (Figure::RtaP95, 1));
        assert_eq!(short.strategies[0].difference.unwrap().value, hours(12.0));
        assert_eq!(short.strategies[1].difference, None);
        assert_eq!(short.strategies[0].dominated_by, [1]);
        assert_eq!(short.objectives, [SimDuration::from_hours(6)]);
        assert!((short.margin - MARGIN * hours(6.0)).abs() < 1e-6);
    }

    #[test]
    fn one_strategy_is_beside_nothing() {
        let scenario = fake::scenario();
        let results = fake::results(&scenario, vec![fake::slow(); 3]);
        let measurements = measure(&scenario, &results);
        assert_eq!(side_by_side(&scenario, &results, &measurements, margin()), None);
    }

    #[test]
    fn the_numbers_are_the_same_after_they_were_kept() {
        let scenario = fake::scenario();
        let results = pair(vec![fake::slow(); 30], vec![fake::lossy(); 30]);
        let measurements = measure(&scenario, &results);
        let numbers = side_by_side(&scenario, &results, &measurements, margin()).unwrap();
        let text = serde_json::to_string(&numbers).unwrap();
        assert_eq!(serde_json::from_str::<SideBySide>(&text).unwrap(), numbers);
        assert_eq!(numbers.strategies[1].risk.never, 30);
    }
}
