//! How the work went on: what had to be done again, what got faster by practice, and what machines
//! took over.
//!
//! How often attempts fail is counted over all recoveries; what the tallies do not tell, over the
//! first [`WATCHED`](crate::chain::WATCHED), which are listened to.

use serde::{Deserialize, Serialize};

use indexmap::IndexMap;

use crate::chain::repeats::{Completion, Watched};
use crate::experiment::listener::heard;
use crate::experiment::{Results, StepLabel, StrategyResults};
use crate::measure::{Support, mean_of};
use crate::plan::{Plan, compile, step_labels};
use crate::scenario::Scenario;
use crate::units::{MILLIS_PER_HOUR, SimTime};

/// Points of a learning curve, at most.
const MOST_POINTS: usize = 40;

/// Even parts of the time in which attempts of machines and people are counted.
const PARTS: u64 = 40;

/// How the work of one strategy went on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Recoveries in which attempts were watched one by one: the first of all.
    pub watched: u64,
    /// The steps of which something was done again or failed, those with the most work done again
    /// first.
    pub rework: Vec<Rework>,
    /// The steps that get faster by practice, those with the most work first.
    pub learning: Vec<Practice>,
    /// What machines took over; none where they took over nothing midway.
    pub automation: Option<Takeover>,
}

/// What was done again at a step, for all the services or products that it is done for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rework {
    /// Its track.
    pub track: String,
    /// Its name in the runbook.
    pub step: String,
    /// The share of its attempts that failed, over all recoveries.
    pub failed: Mean,
    /// Hours of attempts that were not the first at their task, in a recovery, over those watched.
    pub again_h: Mean,
}

/// A mean over recoveries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mean {
    /// The mean.
    pub value: f64,
    /// Lower end of its interval, at 95 %; none of one recovery, or where most are alike.
    pub low: Option<f64>,
    /// Upper end of its interval.
    pub high: Option<f64>,
    /// Recoveries.
    pub n: u64,
}

/// How a step got faster, over the recoveries watched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Practice {
    /// Its track.
    pub track: String,
    /// Its name in the runbook.
    pub step: String,
    /// Hours that people worked on it in a recovery.
    pub work_h: f64,
    /// From the first attempt on; where there are many, neighbours are one point.
    pub points: Vec<Practised>,
}

/// Completed attempts at the same work of one number or a few.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Practised {
    /// The number of the first of them, from 1.
    pub from: u32,
    /// The number of the last of them.
    pub to: u32,
    /// What practice left of their time when they began, at most 1: the mean.
    pub left: f64,
    /// Their mean length, as a multiple of that of the first point: with chance and the size of the
    /// sites in it.
    pub length: f64,
}

/// Attempts at the steps that machines took over midway, as they began, over the recoveries watched.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Takeover {
    /// The steps with their tracks.
    pub steps: Vec<(String, String)>,
    /// When the last of them began; the attempts are counted in even parts of the time up to then.
    pub until: SimTime,
    /// Those by people in each part, in a recovery.
    pub people: Vec<f64>,
    /// Those by machines in each part, in a recovery.
    pub machines: Vec<f64>,
}

/// How the work of a strategy went on.
#[must_use]
pub fn progress(scenario: &Scenario, results: &Results, strategy: &StrategyResults) -> Progress {
    let labels = step_labels(scenario, strategy.strategy);
    let plan = compile(scenario, strategy.strategy);
    let heard = heard(scenario, results, strategy);
    let watched = &heard.watched[..];
    Progress {
        watched: watched.len() as u64,
        rework: rework(strategy, &labels, watched),
        learning: learning(&plan, &labels, watched),
        automation: takeover(&labels, watched),
    }
}

/// The step of each track and name, in order, with the places of those that come from it.
fn groups(labels: &[StepLabel]) -> IndexMap<(&str, &str), (&StepLabel, Vec<usize>)> {
    let mut groups = IndexMap::new();
    for (place, label) in labels.iter().enumerate() {
        let none = || (label, Vec::new());
        groups.entry(named(label)).or_insert_with(none).1.push(place);
    }
    groups
}

fn named(label: &StepLabel) -> (&str, &str) {
    (&label.track, &label.id)
}

fn rework(strategy: &StrategyResults, labels: &[StepLabel], watched: &[Watched]) -> Vec<Rework> {
    let of_tallies = groups(&strategy.steps);
    let each = groups(labels).into_values().filter_map(|(label, places)| {
        let tallies = of_tallies.get(&named(label)).map_or(&[][..], |it| &it.1);
        let counts: Vec<(f64, f64)> = strategy
            .outcomes
            .iter()
            .map(|outcome| {
                let tallies = || tallies.iter().map(|it| outcome.step(*it));
                let failures: u64 = tallies().map(|it| it.failures).sum();
                let attempts: u64 = tallies().map(|it| it.attempts).sum();
                (failures as f64, attempts as f64)
            })
            .collect();
        let hours = |it: &Watched| {
            places.iter().map(|place| it.again[*place]).sum::<u64>() as f64 / MILLIS_PER_HOUR
        };
        let again =
            mean(&watched.iter().map(hours).collect::<Vec<f64>>(), f64::INFINITY, Support::Open);
        let (failed, again_h) = (ratio(&counts, label.can_fail), again.unwrap_or_default());
        (failed.value > 0.0 || again_h.value > 0.0).then(|| Rework {
            track: label.track.clone(),
            step: label.id.clone(),
            failed,
            again_h,
        })
    });
    let mut all: Vec<Rework> = each.collect();
    all.sort_by(|a, b| {
        let by_time = b.again_h.value.total_cmp(&a.again_h.value);
        by_time.then(b.failed.value.total_cmp(&a.failed.value))
    });
    all
}

/// The ratio of two sums over recoveries, with the interval of what is left when each
/// recovery is measured by it (the linearised ratio of Cochran, "Sampling Techniques", 3rd ed.,
/// section 6.3); zero where there is nothing below.
fn ratio(counts: &[(f64, f64)], can_fail: bool) -> Mean {
    let below: f64 = counts.iter().map(|it| it.1).sum();
    if below == 0.0 {
        return Mean { n: counts.len() as u64, ..Mean::default() };
    }
    let ratio = counts.iter().map(|it| it.0).sum::<f64>() / below;
    let typical = below / counts.len() as f64;
    let values: Vec<f64> =
        counts.iter().map(|it| ratio + (it.0 - ratio * it.1) / typical).collect();
    // A recovery in which nothing fails, or everything, of as many as were ever tried in one.
    let most = counts.iter().map(|it| it.1).fold(0.0, f64::max) / typical;
    let support = match can_fail {
        true => Support::Ends(ratio - ratio * most, ratio + (1.0 - ratio) * most),
        false => Support::Fixed,
    };
    let around = mean(&values, 1.0, support).unwrap_or_default();
    Mean { value: ratio, ..around }
}

/// A mean of what lies between zero and a number, and so does its interval.
fn mean(values: &[f64], most: f64, support: Support) -> Option<Mean> {
    let it = mean_of(values, support)?;
    Some(Mean {
        value: it.mean,
        low: it.interval.map(|it| it.low.clamp(0.0, most)),
        high: it.interval.map(|it| it.high.clamp(0.0, most)),
        n: it.n as u64,
    })
}

fn learning(plan: &Plan, labels: &[StepLabel], watched: &[Watched]) -> Vec<Practice> {
    let groups = groups(labels);
    let completions = by_group(groups.values().map(|it| &it.1[..]), labels.len(), watched);
    let each = groups.into_values().zip(completions);
    let each = each.filter_map(|((label, places), completions)| {
        let learns = |place: &usize| plan.steps[*place].learns;
        if !places.iter().any(learns) {
            return None;
        }
        let all = || completions.iter().copied();
        let work: u64 = all().map(|it| it.length).sum();
        let most = all().map(|it| it.number).max()?;
        let starts = starts(most);
        // Attempts, the sum of what practice left, and of their lengths.
        let mut sums = vec![(0u64, 0.0, 0u64); starts.len()];
        for it in all() {
            let point = starts.partition_point(|start| *start <= it.number) - 1;
            let sum = &mut sums[point];
            *sum = (sum.0 + 1, sum.1 + it.left, sum.2 + it.length);
        }
        let first = sums.iter().find(|it| it.0 > 0)?;
        let first = first.2 as f64 / first.0 as f64;
        let ends = starts.iter().skip(1).map(|it| it - 1).chain([most]);
        let points = starts.iter().zip(ends).zip(&sums).filter(|(_, it)| it.0 > 0);
        let points = points.map(|((from, to), (attempts, left, length))| Practised {
            from: *from,
            to,
            left: left / *attempts as f64,
            length: *length as f64 / *attempts as f64 / first,
        });
        Some(Practice {
            track: label.track.clone(),
            step: label.id.clone(),
            work_h: work as f64 / MILLIS_PER_HOUR / watched.len() as f64,
            points: points.collect(),
        })
    });
    let mut all: Vec<Practice> = each.collect();
    all.sort_by(|a, b| b.work_h.total_cmp(&a.work_h));
    all
}

/// The completions at the steps of each group, in the order in which they were heard.
fn by_group<'g, 'a>(
    groups: impl Iterator<Item = &'g [usize]>,
    steps: usize,
    watched: &'a [Watched],
) -> Vec<Vec<&'a Completion>> {
    let (mut group_of, mut count) = (vec![0; steps], 0);
    for (group, places) in groups.enumerate() {
        places.iter().for_each(|it| group_of[*it] = group);
        count = group + 1;
    }
    let mut completions = vec![Vec::new(); count];
    for it in watched.iter().flat_map(|it| &it.completions) {
        completions[group_of[usize::from(it.step)]].push(it);
    }
    completions
}

/// The numbers with which the points of a learning curve begin: the first few alone, then so many
/// together that each point is about as far from the next as a share of it.
fn starts(most: u32) -> Vec<u32> {
    let with = |percent: u32| {
        let next =
            |it: &u32| it.checked_add((it / 100 * percent + it % 100 * percent / 100).max(1));
        let all = std::iter::successors(Some(1), next).take_while(|it| *it <= most);
        all.take(MOST_POINTS + 1).collect::<Vec<u32>>()
    };
    let mut widths = [10, 15, 25, 40, 60, 100].into_iter().map(with);
    let fits = widths.find(|it| it.len() <= MOST_POINTS);
    fits.expect("doubling reaches every number of 32 bits in 33 points")
}

fn takeover(labels: &[StepLabel], watched: &[Watched]) -> Option<Takeover> {
    let mut by_people = vec![false; labels.len()];
    let mut by_machine = by_people.clone();
    let all = || watched.iter().flat_map(|it| &it.begun);
    for (_, machine, step) in all() {
        let by = if *machine { &mut by_machine } else { &mut by_people };
        by[usize::from(*step)] = true;
    }
    let midway: Vec<bool> =
        by_people.iter().zip(&by_machine).map(|(people, machine)| *people && *machine).collect();
    let all = || all().filter(|it| midway[usize::from(it.2)]);
    let until = all().map(|it| it.0).max()?;
    let parts = usize::try_from(PARTS).expect("few parts");
    let mut counts = vec![[0u32; 2]; parts];
    for (at, machine, _) in all() {
        let part = u128::from(at.as_millis()) * u128::from(PARTS);
        let part = part / u128::from(until.as_millis().max(1));
        let part = usize::try_from(part).map_or(parts - 1, |it| it.min(parts - 1));
        counts[part][usize::from(*machine)] += 1;
    }
    let mean = |who: usize| {
        counts.iter().map(|it| f64::from(it[who]) / watched.len() as f64).collect::<Vec<f64>>()
    };
    let steps = groups(labels).into_values().filter(|it| it.1.iter().any(|place| midway[*place]));
    Some(Takeover {
        steps: steps.map(|it| (it.0.track.clone(), it.0.id.clone())).collect(),
        until,
        people: mean(0),
        machines: mean(1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_learning_curve_has_at_most_forty_points_and_misses_none() {
        assert_eq!(starts(1), [1]);
        assert_eq!(starts(6), [1, 2, 3, 4, 5, 6]);
        for most in [40, 100, 883, 20_000, 1_000_000, u32::MAX] {
            let starts = starts(most);
            assert!(starts.len() <= MOST_POINTS, "{most}: {starts:?}");
            assert!(starts.windows(2).all(|it| it[0] < it[1]) && starts[0] == 1);
            assert!(starts.last().is_some_and(|it| *it <= most && most / 2 <= *it), "{starts:?}");
        }
    }

    #[test]
    fn a_share_of_attempts_weighs_recoveries_by_their_attempts() {
        // A tenth in each, whether of ten or of thirty: room is left for one that was not seen, of
        // thirty where the mean is twenty, and in which all fail: 0.9 * 1.5 * (1 - 0.025^(1/40)).
        let even: Vec<(f64, f64)> = [(1.0, 10.0), (3.0, 30.0)].repeat(20);
        let even = ratio(&even, true);
        assert!((even.value - 0.1).abs() < 1e-12 && even.n == 40);
        assert!(even.high.is_some_and(|it| (it - 0.218_96).abs() < 1e-4), "{even:?}");
        let uneven = ratio(&[(0.0, 10.0), (4.0, 10.0), (2.0, 10.0)], true);
        assert!((uneven.value - 0.2).abs() < 1e-12);
        assert!(uneven.low.is_some_and(|it| it < 0.03), "{uneven:?}");
        assert!(uneven.high.is_some_and(|it| it > 0.697), "{uneven:?}");
        assert_eq!(ratio(&[(0.0, 0.0)], true).value, 0.0);
        // What cannot fail leaves no room for a failure.
        assert_eq!(ratio(&[(0.0, 10.0), (0.0, 9.0)], false).high, Some(0.0));
    }
}
