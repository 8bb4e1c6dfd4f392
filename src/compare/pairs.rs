//! Which strategy is best, and by how much: every pair on the same replications.
//!
//! For each figure the paired differences of all pairs have intervals that hold at once, and from
//! these follows how far each strategy lies from the best of the others. Two separate intervals are
//! never compared. Smaller is better for every figure here.
//!
//! A time that never comes in some replication has no mean. Then the mean differences are of the
//! replications in which it comes under both strategies, and say so, and a strategy is better than
//! another only if it is never in no more replications; one that is never in surely more
//! replications (exact sign test) is worse whatever its times.

use std::ops::Range;

use rayon::prelude::*;

use crate::experiment::{AimedAt, PackedOutcome, Restoration, Results, StrategyResults};
use crate::measure::estimates::interval_of_mean;
use crate::measure::{
    By, CONFIDENCE, MeanEstimate, Measurements, ReplicationMetrics, ShareEstimate, StrategyMetrics,
    Support, mean_at, reach, rta_clusters, share_of,
};
use crate::scenario::{Better, Definition, Figure, FigureOf, Kind, Reading, Scenario, Weight};
use crate::stats::{
    FromBest, Interval, Running, Standing, correlation, from_best, mean_between, pooled_value,
    sectioned, sections, sign_test, simultaneous,
};
use crate::units::{Share, SimDuration};

/// The most strategies that can be compared two by two; more are for [`select_best`].
///
/// [`select_best`]: crate::compare::select::select_best
pub const MOST_COMPARED: usize = 12;

/// Every how many replications is looked back to see from when on the answer was the same; of many
/// at every ten times as many.
pub const LOOK: usize = 50;

/// The figures by which these strategies are compared: those of exercises of which less is better,
/// and which all of them have.
fn compared_figures(scenario: &Scenario, measurements: &Measurements) -> Vec<FigureOf> {
    let has = |it: &Definition| {
        let mut strategies = measurements.strategies.iter();
        strategies.all(|of| scenario.gives(it.needs, of.strategy))
    };
    let mut all = scenario.exercise_figures();
    all.retain(|it| {
        let it = it.figure.definition();
        it.better == Better::Less && has(it)
    });
    all
}

/// How large a difference matters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Margin {
    /// This share of the recovery time objective.
    OfObjective(Share),
    /// This long.
    Time(SimDuration),
}

/// A margin for one metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MetricMargin {
    /// In the unit of the metric.
    pub value: f64,
    /// The share of what it is; `None` where it was given as a time.
    pub share: Option<f64>,
    /// Whether it is a share of the objective, and not of the least mean for want of one.
    pub of_objective: bool,
}

/// All strategies of an experiment side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// The confidence of each pair, by which all hold at once with [`CONFIDENCE`].
    pub level: f64,
    /// How many sites are deleted under each strategy.
    pub deletions: Deletions,
    /// The place among `metrics` of the one that decides.
    pub decides: usize,
    /// One for each metric.
    pub metrics: Vec<MetricComparison>,
    /// The 95 % quantile of all sites of all replications, for each pair.
    pub pooled: Vec<PooledPair>,
    /// The share of replications that meet the policy; `None` where nothing has an objective.
    pub assurance: Option<AssuranceComparison>,
    /// For each strategy those which are surely better in time or in person-hours and not worse
    /// in the other.
    pub dominated_by: Vec<Vec<usize>>,
}

impl Compared {
    /// The metric that decides.
    #[must_use]
    pub fn deciding(&self) -> &MetricComparison {
        &self.metrics[self.decides]
    }

    /// The comparison by a figure, if there is one.
    #[must_use]
    pub fn by(&self, figure: Figure) -> Option<&MetricComparison> {
        self.metrics.iter().find(|it| it.metric.figure == figure)
    }
}

/// How many sites are deleted under each strategy.
#[derive(Clone, Debug, PartialEq)]
pub struct Deletions {
    /// Replications in which not the same sites are deleted under all of them, so that recovery times
    /// are of different sites.
    pub differ_in: usize,
    /// The mean number of sites, by strategy.
    pub means: Vec<f64>,
}

/// All strategies side by side by one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricComparison {
    /// Which figure.
    pub metric: FigureOf,
    /// How large a difference matters.
    pub margin: MetricMargin,
    /// One for each strategy.
    pub strategies: Vec<StrategyStanding>,
    /// Every pair once.
    pub pairs: Vec<Pair>,
    /// The strategy with the least mean, among those that are never in the fewest replications.
    pub leader: usize,
    /// The number of replications from which on, looked at [`LOOK`] by [`LOOK`], the same strategies
    /// were best as are now; `None` where none is.
    pub known_after: Option<usize>,
}

/// What one metric says of one strategy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StrategyStanding {
    /// The mean over the replications in which it comes; `None` if it comes in none.
    pub mean: Option<MeanEstimate>,
    /// Replications in which it never comes.
    pub never: usize,
    /// How far it lies from the best of the others.
    pub from_best: FromBest,
    /// Whether that is surely within the margin.
    pub equivalent: bool,
}

/// Two strategies by one metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// The place of one.
    pub first: usize,
    /// The place of the other.
    pub second: usize,
    /// The first minus the second over the replications in which it comes under both, with an
    /// interval that holds at once with those of all other pairs.
    pub difference: Option<MeanEstimate>,
    /// Replications in which it does not come under one of the two.
    pub left_out: usize,
    /// Where the difference lies when times that never come count; infinite where not known.
    pub bounds: Interval,
    /// Twice the replications in which the first is less, plus those in which they are equal.
    pub halves: u64,
    /// The interval of the share of replications in which the first is less.
    pub less: Interval,
    /// How far the two rise and fall together over the replications.
    pub correlation: Option<f64>,
}

impl MetricComparison {
    /// The pair of two strategies, and whether it is the second that is asked for first.
    ///
    /// # Panics
    /// When there is no such pair.
    #[must_use]
    pub fn pair(&self, own: usize, other: usize) -> (&Pair, bool) {
        assert!(own != other, "nothing is compared with itself");
        (&self.pairs[place_of_pair(self.strategies.len(), own, other)], own > other)
    }

    /// Where the figure of one strategy minus that of another lies.
    #[must_use]
    pub fn bounds(&self, own: usize, other: usize) -> Interval {
        let (pair, turned) = self.pair(own, other);
        if turned { negative(pair.bounds) } else { pair.bounds }
    }
}

/// Two strategies by the pooled quantile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PooledPair {
    /// The place of one.
    pub first: usize,
    /// The place of the other.
    pub second: usize,
    /// The first minus the second, in milliseconds; `None` where one of them never comes.
    pub difference: Option<f64>,
    /// Its interval by sections, which holds at once with those of all other pairs; `None` with
    /// too few replications.
    pub interval: Option<Interval>,
}

/// All strategies side by side by the share of replications that meet the policy.
#[derive(Clone, Debug, PartialEq)]
pub struct AssuranceComparison {
    /// The share of each, and what is said of it.
    pub strategies: Vec<(ShareEstimate, Standing)>,
    /// Every pair once.
    pub pairs: Vec<AssurancePair>,
}

/// How often just one of two strategies meets the policy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AssurancePair {
    /// The place of one.
    pub first: usize,
    /// The place of the other.
    pub second: usize,
    /// Replications in which only the first meets it.
    pub only_first: u64,
    /// Replications in which only the second meets it.
    pub only_second: u64,
    /// The exact sign test of these two numbers.
    pub p: f64,
}

/// Compares all strategies of an experiment, of which there must be two.
#[must_use]
pub fn compare(
    scenario: &Scenario,
    results: &Results,
    measurements: &Measurements,
    margin: Margin,
) -> Compared {
    let all = &measurements.strategies[..];
    assert!(all.len() >= 2, "a comparison needs two strategies");
    let level = simultaneous(CONFIDENCE, all.len());
    let deletions = deletions(results);
    let wanted =
        compared_figures(scenario, measurements).into_par_iter().filter(|it| is_known(all, *it));
    let metrics: Vec<MetricComparison> = wanted
        .map(|metric| compared_by(scenario, results, all, metric, margin, level, Some(LOOK)))
        .collect();
    let decisive = decisive(&deletions);
    let decides = metrics.iter().position(|it| it.metric == decisive.into());
    let decides = decides.expect("recovery time and site-hours are always compared");
    let work = metrics.iter().find(|it| it.metric.figure == Figure::PersonHours);
    let work = work.expect("work is always compared");
    let dominated_by = dominated_by(&metrics[decides], work);
    Compared {
        level,
        deletions,
        decides,
        metrics,
        pooled: pooled(scenario, results, level),
        assurance: assurance(all, level),
        dominated_by,
    }
}

/// Whether there is such a figure under every strategy, and anybody whom it is about.
fn is_known(all: &[StrategyMetrics], of: FigureOf) -> bool {
    let each = || all.iter().flat_map(|it| &it.replications);
    let somebody = || each().any(|it| it.users_aimed_at > 0);
    each().all(|metrics| metrics.figures.of(of) != Reading::Unknown)
        && (of.figure.definition().weight != Weight::User || somebody())
}

/// The figure that decides among these strategies.
pub(crate) fn decisive(deletions: &Deletions) -> Figure {
    if deletions.differ_in > 0 { Figure::SiteHoursLost } else { Figure::RtaP95 }
}

/// All strategies side by side by one metric, looking back every so many replications if at all.
pub(crate) fn compared_by(
    scenario: &Scenario,
    results: &Results,
    all: &[StrategyMetrics],
    metric: FigureOf,
    margin: Margin,
    level: f64,
    every: Option<usize>,
) -> MetricComparison {
    let values: Vec<Vec<Reading>> = all.iter().map(|it| it.readings(metric)).collect();
    let supports: Vec<Support> = all.iter().map(|it| it.supports.of(metric)).collect();
    let margin = margin_of(scenario, results, metric.figure, margin, least_mean(&values));
    by_metric(metric, (&values, &supports), level, margin, every)
}

/// How many sites are deleted under the strategies of these results.
pub(crate) fn deletions(results: &Results) -> Deletions {
    fn is_spared(outcome: &PackedOutcome) -> impl Iterator<Item = bool> {
        outcome.restorations().map(|end| end == Restoration::Spared)
    }
    let count = results.replications as usize;
    let differs = |number: &usize| {
        let first = &results.strategies[0].outcomes[*number];
        let mut others = results.strategies[1..].iter().map(|it| &it.outcomes[*number]);
        others.any(|it| !is_spared(it).eq(is_spared(first)))
    };
    let mean = |strategy: &StrategyResults| {
        let each = strategy.outcomes.iter().flat_map(is_spared);
        each.filter(|is_spared| !is_spared).count() as f64 / count as f64
    };
    Deletions {
        differ_in: (0..count).filter(differs).count(),
        means: results.strategies.iter().map(mean).collect(),
    }
}

fn least_mean(values: &[Vec<Reading>]) -> f64 {
    let means = values.iter().map(|values| Running::of(values.iter().map(|it| number(*it))).mean());
    means.fold(f64::INFINITY, f64::min)
}

/// What the margin is for a metric: in proportion to the objective, to the objective of every site
/// or user that the incident aims at for sums over them, and to the least mean where there is none.
pub(crate) fn margin_of(
    scenario: &Scenario,
    results: &Results,
    figure: Figure,
    margin: Margin,
    least: f64,
) -> MetricMargin {
    let estates = results.aims.estates().count().max(1) as f64;
    let aimed = || results.aims.estates().flatten();
    let many = match (figure.kind(), figure.definition().weight) {
        (Kind::Instant | Kind::Length, _) => Some(1.0),
        (Kind::Hours, Weight::Site) => Some(aimed().count() as f64 / estates),
        (Kind::Hours, Weight::User) => {
            Some(aimed().map(|it| f64::from(it.users)).sum::<f64>() / estates)
        }
        _ => None,
    };
    let policy = scenario.policy.as_ref();
    let objective = policy.and_then(|it| aimed().filter_map(|at| it.objectives[at.tier].rto).min());
    let least = if least.is_finite() { least } else { 0.0 };
    let of_least =
        |share: f64| MetricMargin { value: share * least, share: Some(share), of_objective: false };
    match (margin, many, objective) {
        (Margin::Time(time), Some(many), _) => {
            MetricMargin { value: time.as_millis() as f64 * many, share: None, of_objective: false }
        }
        (Margin::Time(_), None, _) => of_least(DEFAULT_SHARE),
        (Margin::OfObjective(share), Some(many), Some(objective)) => MetricMargin {
            value: share.fraction() * objective.as_millis() as f64 * many,
            share: Some(share.fraction()),
            of_objective: true,
        },
        (Margin::OfObjective(share), ..) => of_least(share.fraction()),
    }
}

/// The margin of work where the margin of times was given as a time.
const DEFAULT_SHARE: f64 = 0.05;

/// What is known of a pair after some replications.
#[derive(Clone, Debug)]
struct Sides {
    /// The differences of the replications in which both come.
    apart: Vec<f64>,
    /// What is known beforehand of these.
    support: Support,
    /// Replications in which only the first, or only the second, never comes.
    never: (u64, u64),
}

impl Sides {
    fn new(support: Support) -> Self {
        Self { apart: Vec::new(), support, never: (0, 0) }
    }

    fn push(&mut self, first: Reading, second: Reading) {
        match (first, second) {
            (Reading::Never, Reading::Never) => {}
            (Reading::Never, _) => self.never.0 += 1,
            (_, Reading::Never) => self.never.1 += 1,
            _ => self.apart.push(first.minus(second).expect("both are of one figure")),
        }
    }

    /// Where the first minus the second lies.
    fn bounds(&self, level: f64) -> Interval {
        const UNKNOWN: Interval = Interval { low: f64::NEG_INFINITY, high: f64::INFINITY };
        let (first, second) = self.never;
        if sign_test(first, second) < 1.0 - level {
            let end = if first > second { f64::INFINITY } else { f64::NEG_INFINITY };
            return Interval { low: end, high: end };
        }
        let known = interval_of_mean(&self.apart, self.support, level);
        let Some(known) = known else { return UNKNOWN };
        let agrees =
            (known.high <= 0.0 && first <= second) || (known.low >= 0.0 && second <= first);
        if (first, second) == (0, 0) || agrees { known } else { UNKNOWN }
    }
}

fn negative(interval: Interval) -> Interval {
    Interval { low: -interval.high, high: -interval.low }
}

fn pairs_of(count: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..count).flat_map(move |first| (first + 1..count).map(move |second| (first, second)))
}

/// The place of a pair of so many among [`pairs_of`] them.
fn place_of_pair(count: usize, one: usize, other: usize) -> usize {
    let (first, second) = (one.min(other), one.max(other));
    // Before it come the pairs of those before the first, which have one partner fewer each.
    first * (2 * count - first - 1) / 2 + (second - first - 1)
}

/// A reading as a number: infinite where the time never comes.
fn number(reading: Reading) -> f64 {
    reading.plain().expect("only what is known is compared")
}

fn by_metric(
    metric: FigureOf,
    (values, supports): (&[Vec<Reading>], &[Support]),
    level: f64,
    margin: MetricMargin,
    every: Option<usize>,
) -> MetricComparison {
    let count = values.len();
    let apart: Vec<Support> = pairs_of(count)
        .map(|(first, second)| {
            let both = values[first].iter().chain(&values[second]);
            let seen = reach(both.filter_map(|it| it.plain()));
            supports[first].of_difference(supports[second], seen)
        })
        .collect();
    let (standings, bounds, known_after) = look_back(values, &apart, level, every);
    let pairs: Vec<Pair> = pairs_of(count)
        .zip(bounds.into_iter().zip(apart))
        .map(|((first, second), (bounds, support))| {
            let readings = (&values[first][..], &values[second][..]);
            pair((first, second), readings, (support, level), bounds)
        })
        .collect();
    let strategies: Vec<StrategyStanding> = values
        .iter()
        .zip(standings.into_iter().zip(supports))
        .map(|(values, (from_best, support))| {
            let numbers = values.iter().map(|it| number(*it));
            let finite: Vec<f64> = numbers.filter(|it| it.is_finite()).collect();
            StrategyStanding {
                mean: mean_at(&finite, *support, CONFIDENCE),
                never: values.len() - finite.len(),
                from_best,
                equivalent: from_best.is_equivalent(margin.value),
            }
        })
        .collect();
    let rank = |standing: &StrategyStanding| {
        (standing.never, standing.mean.map_or(f64::INFINITY, |it| it.mean))
    };
    let leader = (0..count).min_by(|one, other| {
        let (one, other) = (rank(&strategies[*one]), rank(&strategies[*other]));
        one.0.cmp(&other.0).then(one.1.total_cmp(&other.1))
    });
    let leader = leader.expect("a comparison has a strategy");
    MetricComparison { metric, margin, strategies, pairs, leader, known_after }
}

/// Where each strategy stands after all replications, the bounds of every pair, and after how many
/// replications it was known which are best, as far as was looked back.
fn look_back(
    values: &[Vec<Reading>],
    apart: &[Support],
    level: f64,
    every: Option<usize>,
) -> (Vec<FromBest>, Vec<Interval>, Option<usize>) {
    let (count, replications) = (values.len(), values[0].len());
    let places: Vec<(usize, usize)> = pairs_of(count).collect();
    let mut sides: Vec<Sides> = apart.iter().map(|it| Sides::new(*it)).collect();
    let (mut seen, mut since): (Vec<usize>, usize) = (Vec::new(), 0);
    let mut last = (Vec::new(), Vec::new());
    for done in 1..=replications {
        for ((first, second), sides) in places.iter().zip(&mut sides) {
            sides.push(values[*first][done - 1], values[*second][done - 1]);
        }
        if !every.is_some_and(|every| is_look(done, every)) && done != replications {
            continue;
        }
        let bounds: Vec<Interval> = sides.iter().map(|it| it.bounds(level)).collect();
        let standings = from_best(count, |own, other| {
            let place = place_of_pair(count, own, other);
            if own < other { bounds[place] } else { negative(bounds[place]) }
        });
        let best: Vec<usize> =
            (0..count).filter(|it| standings[*it].standing == Standing::Best).collect();
        if best != seen {
            (seen, since) = (best, done);
        }
        last = (standings, bounds);
    }
    let known_after = (!seen.is_empty()).then_some(since);
    (last.0, last.1, known_after)
}

/// Whether it is time to look back: at every so many replications up to twenty times as many, then
/// at every ten times as many up to ten times that, and so on.
fn is_look(done: usize, every: usize) -> bool {
    let mut step = every;
    while done > 20 * step {
        step *= 10;
    }
    done.is_multiple_of(step)
}

fn pair(
    (first, second): (usize, usize),
    (ours, theirs): (&[Reading], &[Reading]),
    (support, level): (Support, f64),
    bounds: Interval,
) -> Pair {
    let read = || ours.iter().zip(theirs);
    let each = || read().map(|(our, their)| (number(*our), number(*their)));
    let both: Vec<(f64, f64)> = each().filter(|it| it.0.is_finite() && it.1.is_finite()).collect();
    let differences: Vec<f64> = read().filter_map(|(our, their)| our.minus(*their)).collect();
    let halves: Vec<u8> =
        each().map(|(our, their)| u8::from(our <= their) + u8::from(our < their)).collect();
    let shares: Vec<f64> = halves.iter().map(|it| f64::from(*it) / 2.0).collect();
    Pair {
        first,
        second,
        difference: mean_at(&differences, support, level),
        left_out: ours.len() - both.len(),
        bounds,
        halves: halves.iter().map(|it| u64::from(*it)).sum(),
        less: mean_between(&shares, 0.0, 1.0, CONFIDENCE),
        correlation: correlation(&both),
    }
}

/// The quantile of all sites of all replications, and of those of every section.
struct PooledSections {
    whole: f64,
    sections: Vec<(Range<usize>, f64)>,
}

impl PooledSections {
    fn of(clusters: &[Vec<(u64, f64)>]) -> Self {
        const P: f64 = 0.95;
        let quantile =
            |clusters: &[Vec<(u64, f64)>]| pooled_value(clusters, P).unwrap_or(f64::INFINITY);
        let sections = sections(clusters.len()).map(|it| (it.clone(), quantile(&clusters[it])));
        Self { whole: quantile(clusters), sections: sections.collect() }
    }

    fn of_section(&self, range: &Range<usize>) -> f64 {
        let section = self.sections.iter().find(|it| it.0 == *range);
        section.expect("every section was looked at").1
    }
}

fn pooled(scenario: &Scenario, results: &Results, level: f64) -> Vec<PooledPair> {
    let one = |strategy: &StrategyResults| {
        let all = |_: &AimedAt| true;
        PooledSections::of(&rta_clusters(scenario, results, strategy, By::Site, &all))
    };
    let strategies: Vec<PooledSections> = results.strategies.par_iter().map(one).collect();
    let replications = results.replications as usize;
    let each = pairs_of(strategies.len()).map(|(first, second)| {
        let (own, other) = (&strategies[first], &strategies[second]);
        let difference = own.whole - other.whole;
        let section = |it: Range<usize>| own.of_section(&it) - other.of_section(&it);
        PooledPair {
            first,
            second,
            difference: Some(difference).filter(|it| it.is_finite()),
            interval: sectioned(replications, difference, section, level),
        }
    });
    each.collect()
}

fn assurance(all: &[StrategyMetrics], level: f64) -> Option<AssuranceComparison> {
    let shares: Option<Vec<ShareEstimate>> = all
        .iter()
        .map(|it| share_of(it.replications.iter().map(ReplicationMetrics::meets)))
        .collect();
    let pairs: Vec<AssurancePair> = pairs_of(all.len())
        .map(|(first, second)| {
            let both = all[first].replications.iter().zip(&all[second].replications);
            let each = || both.clone().map(|(one, other)| (one.meets(), other.meets()));
            let only_first = each().filter(|it| *it == (Some(true), Some(false))).count() as u64;
            let only_second = each().filter(|it| *it == (Some(false), Some(true))).count() as u64;
            let p = sign_test(only_first, only_second);
            AssurancePair { first, second, only_first, only_second, p }
        })
        .collect();
    // Who meets it more often counts as less than the other.
    let standings = from_best(all.len(), |own, other| {
        let pair = &pairs[place_of_pair(all.len(), own, other)];
        let apart = match pair.p < 1.0 - level {
            true if pair.only_first > pair.only_second => {
                Interval { low: -1.0, high: -f64::EPSILON }
            }
            true => Interval { low: f64::EPSILON, high: 1.0 },
            false => Interval { low: -1.0, high: 1.0 },
        };
        if own < other { apart } else { negative(apart) }
    });
    let strategies = shares?.into_iter().zip(standings.iter().map(|it| it.standing)).collect();
    Some(AssuranceComparison { strategies, pairs })
}

/// For each strategy those that dominate it in the deciding metric and in person-hours: surely less
/// in one, and surely less or within the margin in the other.
pub(crate) fn dominated_by(time: &MetricComparison, work: &MetricComparison) -> Vec<Vec<usize>> {
    let less = |by: &MetricComparison, own, other| by.bounds(own, other).high < 0.0;
    let level = |by: &MetricComparison, own, other| {
        let it = by.bounds(own, other);
        it.low.abs() <= by.margin.value && it.high.abs() <= by.margin.value
    };
    let dominates = |own: usize, other: usize| {
        let (faster, cheaper) = (less(time, own, other), less(work, own, other));
        (faster && (cheaper || level(work, own, other))) || (cheaper && level(time, own, other))
    };
    let count = time.strategies.len();
    let each =
        (0..count).map(|own| (0..count).filter(|it| *it != own && dominates(*it, own)).collect());
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, StreamKey, Streams, uniform};

    const NEVER: f64 = f64::INFINITY;

    fn compared(values: &[Vec<f64>]) -> MetricComparison {
        let margin = MetricMargin { value: 1.0, share: None, of_objective: false };
        let level = simultaneous(CONFIDENCE, values.len());
        let reading = |it: &f64| if *it == NEVER { Reading::Never } else { Reading::Real(*it) };
        let values: Vec<Vec<Reading>> =
            values.iter().map(|it| it.iter().map(reading).collect()).collect();
        let supports = vec![Support::FarEnds(0.0, 1_000.0); values.len()];
        by_metric(Figure::RtaP95.into(), (&values, &supports), level, margin, Some(LOOK))
    }

    fn words(comparison: &MetricComparison) -> Vec<Standing> {
        comparison.strategies.iter().map(|it| it.from_best.standing).collect()
    }

    #[test]
    fn a_pair_is_what_one_counts_on_fingers() {
        // Differences -1, 0, 1, 2 and 3: mean 1, t(0.975, 4) sqrt(2.5 / 5) = 1.963243.
        let it = compared(&[vec![1.0, 2.0, 3.0, 4.0, 5.0], vec![2.0; 5]]);
        let pair = it.pairs[0];
        let difference = pair.difference.unwrap();
        assert_eq!((difference.mean, difference.n, pair.left_out), (1.0, 5, 0));
        let interval = difference.interval.unwrap();
        assert!((interval.high - 2.963_243).abs() < 1e-6, "{interval:?}");
        // Less once, equal once, of five.
        assert_eq!((pair.halves, pair.correlation), (3, None));
        assert_eq!((it.leader, it.known_after), (1, None));
        assert_eq!(words(&it), [Standing::MayBeBest; 2]);
        assert_eq!(it.bounds(1, 0).low, -it.bounds(0, 1).high);
    }

    #[test]
    fn the_answer_is_known_from_the_look_on_from_which_it_stays() {
        // Much noise in the first 60 replications, none later: the difference is 1 throughout.
        let noise = |it: usize| if it < 60 { 20.0 * (it % 2) as f64 - 10.0 } else { 0.0 };
        let ours: Vec<f64> = (0..400).map(|it| 100.0 + noise(it)).collect();
        let it = compared(&[ours, vec![101.0; 400]]);
        // The noise alone comes to a variance of 6000 / n: t sqrt(6000) / n is below 1 from
        // n = 153 on, so the look at 200 is the first that knows.
        assert_eq!((words(&it)[0], it.known_after), (Standing::Best, Some(200)));
        let soon = compared(&[vec![1.0; 120], vec![2.0; 120]]);
        assert_eq!(soon.known_after, Some(50));
        assert_eq!(compared(&[vec![1.0; 20], vec![2.0; 20]]).known_after, Some(20));
    }

    #[test]
    fn who_never_gets_all_back_in_surely_more_exercises_is_worse_whatever_its_times() {
        let slow = vec![50.0; 100];
        let fast: Vec<f64> = (0..100).map(|it| if it % 10 == 0 { NEVER } else { 10.0 }).collect();
        let it = compared(&[slow, fast]);
        assert_eq!(words(&it), [Standing::Best, Standing::NotBest]);
        assert_eq!((it.leader, it.strategies[1].never, it.pairs[0].left_out), (0, 10, 10));
        assert_eq!(it.pairs[0].difference.unwrap().mean, 40.0);
        assert_eq!(it.pairs[0].bounds, Interval { low: -NEVER, high: -NEVER });
    }

    #[test]
    fn who_is_faster_but_never_in_a_few_exercises_may_be_best() {
        let slow = vec![50.0; 100];
        let fast: Vec<f64> = (0..100).map(|it| if it < 3 { NEVER } else { 10.0 }).collect();
        let it = compared(&[slow, fast]);
        assert_eq!(words(&it), [Standing::MayBeBest; 2]);
        assert_eq!(it.known_after, None);
    }

    #[test]
    fn who_is_slower_and_never_in_a_few_exercises_is_not_best() {
        let slow: Vec<f64> = (0..100).map(|it| if it < 3 { NEVER } else { 50.0 }).collect();
        let it = compared(&[slow, vec![10.0; 100]]);
        assert_eq!(words(&it), [Standing::NotBest, Standing::Best]);
        // Where it never comes under both, neither is faster.
        assert_eq!(compared(&[vec![NEVER; 4], vec![NEVER; 4]]).pairs[0].halves, 4);
    }

    /// In how many of 400 trials one of two that are alike is called best: each loses 100 in one of
    /// fifty replications, on its own, and nothing in the others.
    fn called_best(support: Support) -> usize {
        let lost = |name: &str, trial: u64| -> Vec<Reading> {
            let mut words = [0; 50];
            let key = StreamKey::new(Purpose::Failure, &[name]);
            Streams::new(1, trial).fill(key, 0, 0, &mut words);
            let often = |word: u64| if uniform(word) < 0.02 { 100.0 } else { 0.0 };
            words.map(|word| Reading::Real(often(word))).to_vec()
        };
        let is_wrong = |trial: &u64| {
            let values = [lost("one", *trial), lost("other", *trial)];
            let margin = MetricMargin { value: 1.0, share: None, of_objective: false };
            let of = (&values[..], &[support; 2][..]);
            words(&by_metric(Figure::SitesLost.into(), of, 0.95, margin, None))
                .contains(&Standing::Best)
        };
        (0..400).filter(is_wrong).count()
    }

    #[test]
    fn of_two_alike_that_seldom_lose_much_none_is_best() {
        assert!(called_best(Support::Ends(0.0, 100.0)) <= 20);
        assert!(called_best(Support::FarEnds(0.0, 1e6)) <= 20);
        assert!(called_best(Support::Open) <= 20);
    }

    #[test]
    fn what_differs_by_less_than_the_margin_is_equivalent() {
        let it = compared(&[vec![10.0; 60], vec![10.5; 60], vec![20.0; 60]]);
        let equivalent: Vec<bool> = it.strategies.iter().map(|it| it.equivalent).collect();
        assert_eq!(equivalent, [true, true, false]);
        assert_eq!(words(&it), [Standing::Best, Standing::NotBest, Standing::NotBest]);
    }
}
