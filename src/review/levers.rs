//! What one more of each thing that a recovery needs would bring: the same recoveries once more,
//! with one more of it.
//!
//! A binding chain says what a recovery went through; only this says what would help. Queues point
//! at the wrong team: work piles up in front of people who are not what the end waits for. And one
//! more can even make a recovery longer (Graham's anomalies).

use rayon::prelude::*;

use crate::chain::CHAINS;
use crate::compare::{Paired, paired};
use crate::experiment::{Design, Results, StrategyResults, run};
use crate::ids::StrategyId;
use crate::measure::{CONFIDENCE, Measurements, StrategyMetrics, measure_one};
use crate::review::bottlenecks::{BottleneckPart, Bottlenecks, bottlenecks};
use crate::review::cause::CauseKind;
use crate::review::injects::{InjectEffect, inject_effects};
use crate::scenario::{Candidate, Figure, Ramp, Scenario, Strategy};

/// Steps that are tried a tenth faster.
const STEPS: usize = 8;

/// The likeliest levers that are simulated where nobody asks for all of them.
const LIKELIEST: u32 = 6;

/// Of a hundred exercises that are simulated anyway, so many more are simulated for these.
const IN_A_HUNDRED: u32 = 30;

/// Fewer exercises of a lever say nothing.
const FEWEST: u32 = 25;

/// Which levers are simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pulled {
    /// All of them, each in as many exercises as are explained.
    All,
    /// Those that the binding chains point at, so few and so briefly that they take at most 30 exercises
    /// more for every hundred that are simulated anyway.
    Likeliest,
}

impl Pulled {
    /// How many levers of a strategy are simulated, and in how many exercises each, where so many
    /// exercises are simulated anyway.
    #[must_use]
    pub fn share(self, replications: u32) -> (usize, u32) {
        let most = u32::try_from(CHAINS).expect("few recoveries");
        match self {
            Self::All => (usize::MAX, replications.min(most)),
            Self::Likeliest => {
                let all = u64::from(replications) * u64::from(IN_A_HUNDRED) / 100;
                let all = u32::try_from(all).expect("a part of 32 bits");
                match (all / FEWEST).min(LIKELIEST) {
                    0 => (0, 0),
                    levers => (levers as usize, (all / levers).min(most)),
                }
            }
        }
    }
}

/// What holds the recoveries of an experiment up, by strategy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Causes {
    /// What the binding chains went through; nothing where nothing came back.
    pub bottlenecks: Vec<Option<Bottlenecks>>,
    /// What one more of each would bring; nothing where none was simulated.
    pub levers: Vec<Vec<LeverEffect>>,
    /// Whether that is only of those that the binding chains point at.
    pub only_likeliest: bool,
    /// What was thrown in, and what that cost.
    pub injects: Vec<Vec<InjectEffect>>,
}

/// What a lever brings under one strategy: the figures with it minus those without.
#[derive(Clone, Debug, PartialEq)]
pub struct LeverEffect {
    /// What was made better.
    pub lever: Candidate,
    /// Its name in the scenario; of a slot that of the track.
    pub name: String,
    /// Recoveries that were laid side by side.
    pub n: usize,
    /// Recovery time actual of the site at 95 %, in milliseconds.
    pub rta_p95: Paired,
    /// Work of all teams, in person-milliseconds.
    pub person_ms: Paired,
}

/// Finds out what holds the recoveries of every strategy up, what each inject cost, and what one more of
/// each would bring. All of that takes about a fifth of the experiment for each lever.
#[must_use]
pub fn causes(
    scenario: &Scenario,
    results: &Results,
    measurements: &Measurements,
    pulled: Pulled,
    progress: &(dyn Fn() + Sync),
) -> Causes {
    let bottlenecks: Vec<Option<Bottlenecks>> =
        results.strategies.par_iter().map(|it| bottlenecks(scenario, results, it)).collect();
    let (most, replications) = pulled.share(results.replications);
    let each = measurements.strategies.iter().zip(&bottlenecks).filter(|_| most > 0);
    let effects = |(metrics, found): (&StrategyMetrics, &Option<Bottlenecks>)| {
        let mut worth = worth_pulling(scenario, metrics.strategy, found.as_ref());
        if pulled == Pulled::Likeliest {
            let parts = found.as_ref().map_or(&[][..], |it| &it.parts);
            worth = likeliest(scenario, metrics.strategy, parts, worth);
            worth.truncate(most);
        }
        levers(scenario, metrics, &worth, (results.seed, replications), progress)
    };
    let levers = each.map(effects).collect();
    let each = results.strategies.iter().zip(&measurements.strategies);
    let injects = each.map(|it| inject_effects(scenario, it, results.seed, progress)).collect();
    let only_likeliest = pulled == Pulled::Likeliest;
    Causes { bottlenecks, levers, only_likeliest, injects }
}

/// All that there can be more of under a strategy, and the steps that its binding chain goes
/// through longest.
#[must_use]
pub fn worth_pulling(
    scenario: &Scenario,
    strategy: StrategyId,
    found: Option<&Bottlenecks>,
) -> Vec<Candidate> {
    let mut levers = scenario.candidates(strategy);
    // The longest come first.
    let steps = found.iter().flat_map(|it| &it.parts).filter(|it| it.held == CauseKind::Step);
    let faster = steps.filter_map(|it| scenario.faster(strategy, &it.track, &it.name));
    levers.extend(faster.take(STEPS));
    levers
}

/// Those that the binding chains say may help at all, the likeliest first: by the share of the way that
/// goes into what there would be more of, times the part by which there would be more.
fn likeliest(
    scenario: &Scenario,
    strategy: StrategyId,
    parts: &[BottleneckPart],
    candidates: Vec<Candidate>,
) -> Vec<Candidate> {
    let chain = Chain { scenario, strategy: &scenario.strategies[strategy], parts };
    let weighed = candidates.into_iter().map(|it| (chain.promise(it), it));
    let mut weighed: Vec<(f64, Candidate)> = weighed.filter(|it| it.0 > 0.0).collect();
    weighed.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    weighed.into_iter().map(|it| it.1).collect()
}

/// The binding chains of a strategy, summed up.
struct Chain<'a> {
    scenario: &'a Scenario,
    strategy: &'a Strategy,
    parts: &'a [BottleneckPart],
}

impl Chain<'_> {
    /// The share of the way that a candidate would perhaps take off.
    fn promise(&self, candidate: Candidate) -> f64 {
        let scenario = self.scenario;
        let more = |ramp: &Ramp, n: u32| {
            let most = ramp.points.iter().map(|it| it.1).max().unwrap_or(0);
            f64::from(n) / f64::from(most.saturating_add(n).max(1))
        };
        match candidate {
            Candidate::People(team, n) => {
                let held = self.held(CauseKind::TeamBound, &scenario.teams[team].name);
                held * more(&self.strategy.people[team], n)
            }
            Candidate::Units(limit, n) => {
                let held = self.held(CauseKind::LimitBound, &scenario.limits[limit].name);
                held * more(&self.strategy.units[limit], n)
            }
            Candidate::Slot(track) => {
                let own = &self.strategy.tracks[track];
                let of_track = |it: &&BottleneckPart| {
                    matches!(it.held, CauseKind::SlotBound | CauseKind::Slot)
                        && (it.track == own.name || it.name == own.name)
                };
                let held: f64 = self.parts.iter().filter(of_track).map(|it| it.share.mean).sum();
                held * own.batch.in_flight.as_ref().map_or(0.0, |it| more(it, 1))
            }
            Candidate::Tenth(throughput) => {
                let steps = self.strategy.tracks.iter().flat_map(|track| {
                    let steps = scenario.runbooks[track.runbook].steps.iter();
                    let moves = steps.filter(move |it| {
                        it.transfer.as_ref().is_some_and(|it| it.through == throughput)
                    });
                    moves.map(|step| self.step(&track.name, &step.id))
                });
                0.1 * steps.sum::<f64>()
            }
            Candidate::Faster(track, step) => {
                let own = &self.strategy.tracks[track];
                0.1 * self.step(&own.name, &scenario.runbooks[own.runbook].steps[step].id)
            }
        }
    }

    /// What waited because others had it, or because there was none.
    fn held(&self, bound: CauseKind, name: &str) -> f64 {
        let is = |it: &&BottleneckPart| {
            (it.held == bound || it.held == CauseKind::Capacity) && it.name == name
        };
        self.parts.iter().filter(is).map(|it| it.share.mean).sum()
    }

    fn step(&self, track: &str, step: &str) -> f64 {
        let is = |it: &&BottleneckPart| {
            it.held == CauseKind::Step && it.track == track && it.name == step
        };
        self.parts.iter().filter(is).map(|it| it.share.mean).sum()
    }
}

/// What each lever would bring, the most helpful first. `metrics` are those of the strategy as it
/// is; so many of its first recoveries are simulated again with each lever.
#[must_use]
pub fn levers(
    scenario: &Scenario,
    metrics: &StrategyMetrics,
    levers: &[Candidate],
    (seed, replications): (u64, u32),
    progress: &(dyn Fn() + Sync),
) -> Vec<LeverEffect> {
    let exercises = (seed, replications);
    let effect = |lever: &Candidate| effect(scenario, metrics, exercises, *lever, progress);
    let mut effects: Vec<LeverEffect> = levers.iter().map(effect).collect();
    let gain = |effect: &LeverEffect| effect.rta_p95.estimate.map_or(f64::INFINITY, |it| it.mean);
    effects.sort_by(|a, b| gain(a).total_cmp(&gain(b)).then(a.lever.cmp(&b.lever)));
    effects
}

fn effect(
    scenario: &Scenario,
    without: &StrategyMetrics,
    (seed, replications): (u64, u32),
    lever: Candidate,
    progress: &(dyn Fn() + Sync),
) -> LeverEffect {
    let strategy = without.strategy;
    let n = without.replications.len().min(replications as usize);
    let replications = u32::try_from(n).expect("few recoveries");
    let more = scenario.with_candidate(strategy, lever);
    let design = Design { strategies: vec![strategy], replications, seed, explained: false };
    let results = run(&more, &design, progress);
    let with = measure_one(&more, &results, &results.strategies[0]);
    let without = StrategyMetrics {
        strategy,
        replications: without.replications[..n].to_vec(),
        supports: without.supports,
    };
    let by = |figure: Figure| paired(&with, &without, figure, CONFIDENCE);
    let (rta_p95, person_ms) = (by(Figure::RtaP95), by(Figure::PersonHours));
    LeverEffect { lever, name: name(scenario, strategy, lever), n, rta_p95, person_ms }
}

fn name(scenario: &Scenario, strategy: StrategyId, lever: Candidate) -> String {
    let track_of = |track| &scenario.strategies[strategy].tracks[track];
    match lever {
        Candidate::People(team, _) => scenario.teams[team].name.clone(),
        Candidate::Units(limit, _) => scenario.limits[limit].name.clone(),
        Candidate::Tenth(throughput) => scenario.throughputs[throughput].name.clone(),
        Candidate::Slot(track) => track_of(track).name.clone(),
        Candidate::Faster(track, step) => {
            let it = track_of(track);
            format!("{} ({})", scenario.runbooks[it.runbook].steps[step].id, it.name)
        }
    }
}

/// How many recoveries the levers of an experiment simulate, about.
#[must_use]
pub fn recoveries_of_levers(scenario: &Scenario, results: &Results, pulled: Pulled) -> u64 {
    let (most, replications) = pulled.share(results.replications);
    let levers = |it: &StrategyResults| most.min(scenario.candidates(it.strategy).len() + STEPS);
    let levers: usize = results.strategies.iter().map(levers).sum();
    levers as u64 * u64::from(replications)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_asks_for_takes_at_most_three_exercises_for_every_ten() {
        for replications in [0, 1, 50, 83, 84, 100, 167, 500, 1_000, 10_000, u32::MAX] {
            let (levers, each) = Pulled::Likeliest.share(replications);
            let more = levers as u64 * u64::from(each);
            assert!(10 * more <= 3 * u64::from(replications), "{replications}: {levers} x {each}");
            assert!(levers == 0 || each >= FEWEST);
        }
        assert_eq!(Pulled::Likeliest.share(1_000), (6, 50));
        assert_eq!(Pulled::Likeliest.share(100), (1, 30));
        assert_eq!(Pulled::All.share(1_000), (usize::MAX, 200));
    }
}
