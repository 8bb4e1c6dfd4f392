//! Exercises of one strategy of one variant of a scenario.

use std::ops::Range;

use crate::ask::promise::Promise;
use crate::experiment::{Design, Results, run_slice};
use crate::ids::StrategyId;
use crate::measure::{StrategyMetrics, measure_one};
use crate::scenario::{Figure, Reading, Scenario};
use crate::verdict::{Judgement, Verdict};

/// Exercises at the first look; every later look is at twice as many.
const FIRST_LOOK: u32 = 50;

/// One strategy of one variant of a scenario, and what it is to keep.
#[derive(Clone, Copy, Debug)]
pub struct Point<'a> {
    /// The variant.
    pub scenario: &'a Scenario,
    /// The strategy; it has the same number in every variant.
    pub strategy: StrategyId,
    /// What is to be kept, if that is asked.
    pub promise: Option<Promise>,
    /// Seed of every random number.
    pub seed: u64,
}

/// What became of the first exercises of a point.
#[derive(Clone, Debug)]
pub struct Played {
    results: Results,
    /// The figures of each.
    pub metrics: StrategyMetrics,
    /// Whether each keeps the promise; empty where none is asked about.
    pub kept: Vec<bool>,
}

impl Played {
    /// A figure of every exercise, infinite where it never comes.
    pub(super) fn values(&self, figure: Figure) -> Vec<f64> {
        let number = |it: &Reading| it.plain().expect("every exercise has it");
        self.metrics.readings(figure).iter().map(number).collect()
    }
}

impl Point<'_> {
    /// Simulates its first exercises, so many of them.
    ///
    /// `progress` is called once for every exercise that is done, from any thread.
    #[must_use]
    pub fn play(&self, replications: u32, progress: &(dyn Fn() + Sync)) -> Played {
        let (results, metrics) = self.slice(0..replications, progress);
        let mut played = Played { results, metrics, kept: Vec::new() };
        self.look(&mut played);
        played
    }

    /// Simulates more of them, until there are so many.
    pub fn play_on(&self, played: &mut Played, replications: u32, progress: &(dyn Fn() + Sync)) {
        let done = played.results.replications;
        if done < replications {
            let (results, metrics) = self.slice(done..replications, progress);
            played.results.append(results);
            played.metrics.replications.extend(metrics.replications);
            self.look(played);
        }
    }

    fn slice(
        &self,
        numbers: Range<u32>,
        progress: &(dyn Fn() + Sync),
    ) -> (Results, StrategyMetrics) {
        let design = Design {
            strategies: vec![self.strategy],
            replications: numbers.end,
            seed: self.seed,
            explained: false,
        };
        let results = run_slice(self.scenario, &design, numbers, progress);
        let metrics = measure_one(self.scenario, &results, &results.strategies[0]);
        (results, metrics)
    }

    fn look(&self, played: &mut Played) {
        if let Some(promise) = self.promise {
            played.kept = promise.kept(self.scenario, &played.results, &played.metrics);
        }
    }

    /// What the exercises say of the promise, at the confidence that it asks for.
    ///
    /// # Panics
    /// When no promise is asked about.
    #[must_use]
    pub fn judge(&self, played: &Played) -> Judgement {
        let promise = self.promise.expect("a promise is asked about");
        let kept = played.kept.iter().filter(|it| **it).count() as u64;
        promise.judge(self.scenario, kept, played.kept.len() as u64)
    }

    /// Simulates until the promise is surely kept or surely broken, at most so many exercises.
    #[must_use]
    pub fn settle(&self, most: u32, progress: &(dyn Fn() + Sync)) -> (Judgement, Played) {
        let mut played = self.play(FIRST_LOOK.min(most), progress);
        let judgement = settle(most, &mut |replications| {
            self.play_on(&mut played, replications, progress);
            self.judge(&played)
        });
        (judgement, played)
    }
}

/// Looks at more and more exercises until they decide, at most so many. `look` is given how many.
///
/// Whoever looks several times errs more often than the confidence says, so this leads a search and
/// certifies nothing.
pub fn settle(most: u32, look: &mut dyn FnMut(u32) -> Judgement) -> Judgement {
    let mut replications = FIRST_LOOK.min(most);
    loop {
        let judgement = look(replications);
        if judgement.verdict != Verdict::Undecided || replications == most {
            return judgement;
        }
        replications = replications.saturating_mul(2).min(most);
    }
}
