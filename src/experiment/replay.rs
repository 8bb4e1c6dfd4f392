//! One recovery to look at: what each site went through, who was busy, and what waited.
//!
//! Four are chosen of each strategy by when the last site was back: the best, the median, one as
//! bad as one in twenty, and the worst. They are simulated again with a [`Recorder`] that keeps no
//! more than what is shown.

use serde::{Deserialize, Serialize};

use crate::units::SimTime;

/// Even parts of the time of a replay in which gauges are averaged.
pub const BINS: usize = 120;

/// One recovery to look at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    pub capacity: Vec<f64>,
    /// How much is in use: people at work, units, batches in flight, loads that stand.
    pub used: Vec<f64>,
    /// How many wait for it: tasks; of a track, sites that it has not taken yet.
    pub waiting: Vec<f64>,
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
