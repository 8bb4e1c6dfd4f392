//! What every value of some levers brings, on the same exercises.

use crate::ask::chosen::{Chosen, mean_hours};
use crate::ask::inputs::{Impossible, Inputs};
use crate::ask::played::{Played, Point};
use crate::ask::promise::Promise;
use crate::compare::{Paired, paired};
use crate::ids::StrategyId;
use crate::measure::{CONFIDENCE, MeanEstimate, StrategyMetrics, mean_of};
use crate::scenario::{Figure, Scenario, SetOverride};
use crate::stats::select;
use crate::verdict::Judgement;

/// More cells are not simulated.
pub const MOST_CELLS: usize = 10_000;

/// What is asked.
#[derive(Clone, Debug)]
pub struct SweepQuestion<'a> {
    /// The scenario.
    pub inputs: &'a Inputs,
    /// What is varied.
    pub levers: &'a [Chosen],
    /// Under which strategies.
    pub strategies: &'a [StrategyId],
    /// Seed of every random number.
    pub seed: u64,
    /// Exercises of each cell.
    pub replications: u32,
}

impl SweepQuestion<'_> {
    /// How many cells there are, of each strategy.
    #[must_use]
    pub fn combinations(&self) -> usize {
        combinations(self.levers)
    }
}

/// What became of all cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// The scenario as it is, a cell for each strategy.
    pub base: Vec<Cell>,
    /// Every combination of values under every strategy: the last lever moves first, strategies within
    /// a combination.
    pub cells: Vec<Cell>,
    /// The confidence of the interval of each difference, by which all of them hold at once with the
    /// usual one.
    pub pair_confidence: f64,
}

/// One combination of values under one strategy.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The place of the value of each lever; empty of the scenario as it is.
    pub settings: Vec<usize>,
    /// The strategy.
    pub strategy: StrategyId,
    /// The 95 % quantile over the sites of an exercise of recovery time, in milliseconds: the mean over
    /// the exercises in which it comes.
    pub rta_p95: Option<MeanEstimate>,
    /// Exercises in which it never comes.
    pub never: usize,
    /// Person-milliseconds.
    pub person_ms: Option<MeanEstimate>,
    /// The exercises that keep the policy; nothing where there is none to judge.
    pub kept: Option<Judgement>,
    /// The share of exercises that is asked for here, and how sure that has to be.
    pub asked: (f64, f64),
    /// What the levers cost, if all of them say so.
    pub cost: Option<f64>,
    /// `rta_p95` minus that of the scenario as it is, exercise by exercise.
    pub difference: Option<Paired>,
    /// Whether it has left the race for the best before its last exercise.
    pub dropped: Option<Dropped>,
}

/// When a cell has left the race for the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// After so many exercises.
    pub after: usize,
}

/// How many combinations of values there are, as far as that can be counted.
pub(super) fn combinations(levers: &[Chosen]) -> usize {
    levers.iter().fold(1, |all: usize, it| all.saturating_mul(it.lever.settings.len()))
}

/// The combination of this number.
pub(super) fn settings_of(levers: &[Chosen], number: usize) -> Vec<usize> {
    let mut rest = number;
    let mut settings: Vec<usize> = levers
        .iter()
        .rev()
        .map(|it| {
            let setting = rest % it.lever.settings.len();
            rest /= it.lever.settings.len();
            setting
        })
        .collect();
    settings.reverse();
    settings
}

/// The overrides of a combination.
#[must_use]
pub fn sets_of(levers: &[Chosen], settings: &[usize]) -> Vec<SetOverride> {
    levers.iter().zip(settings).map(|(it, setting)| it.lever.settings[*setting].clone()).collect()
}

/// Simulates every cell on the same exercises, on the threads of the present rayon pool.
///
/// `progress` is called once for every exercise that is done, from any thread.
///
/// # Errors
/// When a combination of values makes the scenario invalid.
pub fn sweep(
    question: &SweepQuestion<'_>,
    progress: &(dyn Fn() + Sync),
) -> Result<Sweep, Impossible> {
    let all = question.combinations() * question.strategies.len();
    let pair_confidence = 1.0 - (1.0 - CONFIDENCE) / all as f64;
    let sweeping = Sweeping { question, pair_confidence, progress };
    let scenario = question.inputs.scenario_with(&[])?;
    let base: Vec<Played> =
        question.strategies.iter().map(|it| sweeping.play(&scenario, *it)).collect();
    let told = question.strategies.iter().zip(&base);
    let told = told.map(|(id, played)| sweeping.cell(&scenario, Vec::new(), *id, played, None));
    let told: Vec<Cell> = told.collect();
    let mut cells = Vec::with_capacity(all);
    for number in 0..question.combinations() {
        let settings = settings_of(question.levers, number);
        let scenario = question.inputs.scenario_with(&sets_of(question.levers, &settings))?;
        for (id, base) in question.strategies.iter().zip(&base) {
            let played = sweeping.play(&scenario, *id);
            let against = Some(&base.metrics);
            cells.push(sweeping.cell(&scenario, settings.clone(), *id, &played, against));
        }
    }
    Ok(Sweep { base: told, cells, pair_confidence })
}

struct Sweeping<'a> {
    question: &'a SweepQuestion<'a>,
    pair_confidence: f64,
    progress: &'a (dyn Fn() + Sync),
}

impl Sweeping<'_> {
    fn point<'s>(&self, scenario: &'s Scenario, strategy: StrategyId) -> Point<'s> {
        let promise = Promise::of(scenario, strategy, None).ok();
        Point { scenario, strategy, promise, seed: self.question.seed }
    }

    fn play(&self, scenario: &Scenario, strategy: StrategyId) -> Played {
        self.point(scenario, strategy).play(self.question.replications, self.progress)
    }

    fn cell(
        &self,
        scenario: &Scenario,
        settings: Vec<usize>,
        strategy: StrategyId,
        played: &Played,
        base: Option<&StrategyMetrics>,
    ) -> Cell {
        let point = self.point(scenario, strategy);
        let metrics = &played.metrics;
        let hours = mean_hours(metrics, scenario.experiment.horizon);
        let levers = self.question.levers.iter().zip(&settings);
        let costs: Option<Vec<f64>> =
            levers.map(|(it, setting)| it.cost(*setting, hours)).collect();
        let times = played.values(Figure::RtaP95);
        let come: Vec<f64> = times.iter().copied().filter(|it| it.is_finite()).collect();
        let mean = |values: &[f64], figure: Figure| mean_of(values, metrics.supports.of(figure));
        Cell {
            strategy,
            rta_p95: mean(&come, Figure::RtaP95),
            never: times.len() - come.len(),
            person_ms: mean(&played.values(Figure::PersonHours), Figure::PersonHours),
            kept: point.promise.map(|_| point.judge(played)),
            asked: point
                .promise
                .map_or((0.0, 0.0), |it| (it.required(scenario), it.confidence(scenario))),
            cost: costs.map(|it| it.iter().sum()),
            difference: base
                .map(|base| paired(metrics, base, Figure::RtaP95, self.pair_confidence)),
            settings,
            dropped: None,
        }
    }
}

/// As [`sweep`], where cells that surely cannot have the least mean recovery time are dropped as soon
/// as that is known: better by `margin` milliseconds or more is told from worse (see [`select`]).
///
/// # Errors
/// When a combination of values makes the scenario invalid.
pub fn sweep_best(
    question: &SweepQuestion<'_>,
    margin: f64,
    progress: &(dyn Fn() + Sync),
) -> Result<Sweep, Impossible> {
    let whole = Sweeping { question, pair_confidence: CONFIDENCE, progress };
    let mut racers = Vec::new();
    for number in 0..question.combinations() {
        let settings = settings_of(question.levers, number);
        let scenario = question.inputs.scenario_with(&sets_of(question.levers, &settings))?;
        for id in question.strategies {
            racers.push(Racer {
                scenario: scenario.clone(),
                settings: settings.clone(),
                id: *id,
                played: None,
            });
        }
    }
    let most = question.replications;
    let mut value = |place: usize, replication: usize| {
        let racer = &mut racers[place];
        let point = whole.point(&racer.scenario, racer.id);
        let needed = u32::try_from(replication).unwrap_or(u32::MAX).saturating_add(1);
        let ahead = needed.next_multiple_of(RACE_SLICE).min(most);
        match &mut racer.played {
            Some(played) => point.play_on(played, ahead, progress),
            None => racer.played = Some(point.play(ahead, progress)),
        }
        let played = racer.played.as_ref().expect("it was played");
        let horizon = racer.scenario.experiment.horizon.as_millis() as f64;
        let reading = played.metrics.replications[replication].figures.of(Figure::RtaP95);
        reading.plain().expect("every exercise has it").min(horizon)
    };
    let count = question.combinations() * question.strategies.len();
    let selected = select(count, CONFIDENCE, margin, most as usize, &mut value);
    let dropped = selected.dropped_after;
    let told = racers.iter().zip(dropped).map(|(racer, after)| {
        let played = racer.played.as_ref().expect("everybody was there at the start");
        let cell = whole.cell(&racer.scenario, racer.settings.clone(), racer.id, played, None);
        Cell { dropped: after.map(|after| Dropped { after }), ..cell }
    });
    let cells = told.collect();
    Ok(Sweep { base: Vec::new(), cells, pair_confidence: CONFIDENCE })
}

/// Exercises that a racer is simulated ahead.
const RACE_SLICE: u32 = 50;

/// A cell in the race for the best.
struct Racer {
    scenario: Scenario,
    settings: Vec<usize>,
    id: StrategyId,
    played: Option<Played>,
}
