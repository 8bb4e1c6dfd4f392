//! One recovery to look at: what each site went through, who was busy, and what waited.
//!
//! Four are chosen of each strategy by when the last site was back: the best, the median, one as
//! bad as one in twenty, and the worst. They are simulated again with a [`Recorder`] that keeps no
//! more than what is shown.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::engine::Engine;
use crate::experiment::{ReplicationMetrics, Results, StrategyResults};
use crate::plan::compile;
use crate::rng::Streams;
use crate::scenario::Scenario;
use crate::stats::rank;
use crate::units::SimTime;

use super::packed::{PackedReplay, levels};
use super::watch::Watch;

/// Even parts of the time of a replay in which gauges are averaged.
pub const BINS: usize = 120;

/// One recovery to look at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "PackedReplay", try_from = "PackedReplay")]
pub struct Replay {
    /// Which of all it is.
    pub choice: Choice,
    /// Its number, from 0, as in `replications.csv`.
    pub replication: u64,
    /// When there is nothing more to see: the last work ended, or the exercise did.
    pub end: SimTime,
    /// When the last site was back; none where one was not.
    pub last_restored: Option<SimTime>,
    /// The sites that the incident aims at, in its order.
    pub sites: Vec<SiteStory>,
    /// The batches, by their numbers.
    pub batches: Vec<BatchStory>,
    /// Teams, limits, slots of tracks, and loads of shards, in this order.
    pub gauges: Vec<Gauge>,
    /// What happened to all of them at once, in order.
    pub marks: Vec<Mark>,
}

/// Something that happened to the whole recovery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// When.
    pub at: SimTime,
    /// What.
    pub kind: MarkKind,
    /// The name of the milestone or the track, or the title of the inject.
    pub name: String,
}

/// What happened to the whole recovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkKind {
    /// A milestone was reached.
    Milestone,
    /// A track opened.
    Opened,
    /// A track closed.
    Closed,
    /// An inject was thrown in.
    Inject,
    /// An inject was over.
    InjectEnded,
}

/// Which recovery of all it is, by when the last site was back; those in which one was not are the
/// worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// The earliest.
    Best,
    /// The median.
    Median,
    /// The 95 % quantile.
    P95,
    /// The latest.
    Worst,
}

impl Choice {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Best, Self::Median, Self::P95, Self::Worst];
}

/// What a site went through; an instant is none where it never came. They are in ascending order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SiteStory {
    /// Its last deletion.
    pub deleted: Option<SimTime>,
    /// When the track that gave it back, or the last that tried, took it into a batch.
    pub taken: Option<SimTime>,
    /// When the first attempt at work for it or for its batch began after that.
    pub restoring: Option<SimTime>,
    /// When the last of its stores was restored, so that what remains is to make it whole and to
    /// check it.
    pub validating: Option<SimTime>,
    /// When it was handed back.
    pub back: Option<SimTime>,
    /// When it turned out to be lost for good.
    pub lost: Option<SimTime>,
    /// The number of its batch.
    pub batch: Option<u32>,
}

/// A batch from its taking to its last site's return.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchStory {
    /// Its track.
    pub track: String,
    /// Its number over all tracks, from 0.
    pub number: u32,
    /// Its sites.
    pub sites: u32,
    /// Their users.
    pub users: u64,
    /// When it was taken.
    pub taken: SimTime,
    /// When work on it began; none where it never did.
    pub started: Option<SimTime>,
    /// When the data of all its sites was there, as [`SiteStory::validating`]; none where it never
    /// was.
    pub validating: Option<SimTime>,
    /// When its first site was back.
    pub first_back: Option<SimTime>,
    /// When its last site was back; none where one was not.
    pub last_back: Option<SimTime>,
}

/// How much of something was in use over time: means over [`BINS`] even parts of the time from T+0
/// to [`Replay::end`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gauge {
    /// What kind of thing.
    pub kind: GaugeKind,
    /// Its name in the scenario.
    pub name: String,
    /// How much there is; empty where there is no bound.
    #[serde(with = "levels")]
    pub capacity: Vec<f64>,
    /// How much is in use: people at work, units, batches in flight, loads that stand.
    #[serde(with = "levels")]
    pub used: Vec<f64>,
    /// How many wait for it: tasks; of a track, sites that it has not taken yet.
    #[serde(with = "levels")]
    pub waiting: Vec<f64>,
    /// What both come to at most, at any instant.
    pub peaks: Peaks,
}

/// What a gauge comes to at most, at any instant, however short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peaks {
    /// In use.
    pub used: u64,
    /// Waiting.
    pub waiting: u64,
    /// When first so many waited; T+0 where none ever did.
    pub waiting_at: SimTime,
}

/// What a gauge is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GaugeKind {
    /// People of a team.
    Team,
    /// Units of a limit.
    Limit,
    /// Batches of a track.
    Track,
    /// Loads of the shards of a step.
    Load,
}

/// The replays of a strategy, each replication once: where two choices fall on the same one, the
/// first of them.
///
/// Costs a few times what simulating four replications does.
#[must_use]
pub fn replays(
    scenario: &Scenario,
    results: &Results,
    strategy: &StrategyResults,
    replications: &[ReplicationMetrics],
) -> Vec<Replay> {
    let chosen = choose(replications);
    let one = |(choice, number): (Choice, usize)| {
        replay(scenario, results.seed, strategy, choice, number)
    };
    chosen.into_par_iter().map(one).collect()
}

/// The replications to look at, by their numbers.
fn choose(replications: &[ReplicationMetrics]) -> Vec<(Choice, usize)> {
    let end = |it: &ReplicationMetrics| it.last_restored.unwrap_or(SimTime::NEVER);
    let mut order: Vec<usize> = (0..replications.len()).collect();
    order.sort_by_key(|it| (end(&replications[*it]), *it));
    let mut chosen: Vec<(Choice, usize)> = Vec::new();
    for choice in Choice::ALL {
        let place = match choice {
            Choice::Best => 1,
            Choice::Median => rank(0.5, order.len()),
            Choice::P95 => rank(0.95, order.len()),
            Choice::Worst => order.len(),
        };
        let number = order[place - 1];
        if chosen.iter().all(|it| it.1 != number) {
            chosen.push((choice, number));
        }
    }
    // With few exercises the best may be the median: then it is called so.
    let median = order[rank(0.5, order.len()) - 1];
    for it in chosen.iter_mut().filter(|it| it.1 == median) {
        it.0 = Choice::Median;
    }
    chosen
}

fn replay(
    scenario: &Scenario,
    seed: u64,
    strategy: &StrategyResults,
    choice: Choice,
    number: usize,
) -> Replay {
    let scenario = &*scenario.in_replication(number as u64);
    let plan = compile(scenario, strategy.strategy);
    let mut watch = Watch::new(&plan);
    let outcome = Engine::new(&plan).simulate(Streams::new(seed, number as u64), &mut watch);
    let stories = watch.stories(&outcome);
    let horizon = SimTime::ZERO + scenario.experiment.horizon;
    let ends = stories.iter().map(|it| match (it.deleted, it.back.or(it.lost)) {
        (None, _) => SimTime::ZERO,
        (Some(_), end) => end.unwrap_or(horizon),
    });
    let end = ends.max().unwrap_or(SimTime::ZERO);
    let gone = || stories.iter().filter(|it| it.deleted.is_some());
    let all_back = gone().all(|it| it.back.is_some());
    let milestone = |it: usize| scenario.incident.milestones.as_slice()[it].name.clone();
    let inject = |it: usize| scenario.injects[it].title.clone();
    let track = |it: usize| strategy.tracks[it].clone();
    let marks = watch.marks.iter().map(|(at, kind, index)| Mark {
        at: *at,
        kind: *kind,
        name: match kind {
            MarkKind::Milestone => milestone(*index),
            MarkKind::Opened | MarkKind::Closed => track(*index),
            MarkKind::Inject | MarkKind::InjectEnded => inject(*index),
        },
    });
    Replay {
        choice,
        replication: number as u64,
        end,
        last_restored: gone().filter_map(|it| it.back).max().filter(|_| all_back),
        batches: watch.batches(&stories, &strategy.tracks),
        gauges: watch.gauges(&stories, &strategy.steps, &strategy.tracks, end),
        marks: marks.collect(),
        sites: stories,
    }
}
