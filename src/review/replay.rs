//! One recovery to look at: what each site went through, who was busy, and what waited.
//!
//! Which are chosen, and how they are watched, is in `replays`.

use serde::{Deserialize, Serialize};

use crate::review::packed::{WIDE, instants, levels, numbers, packed_instants, packed_places};
use crate::units::SimTime;

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

/// A replay as it is written: of the sites a text for each moment, and one for their batches.
#[derive(Serialize, Deserialize)]
struct PackedReplay {
    choice: Choice,
    replication: u64,
    end: SimTime,
    last_restored: Option<SimTime>,
    sites: [String; 7],
    batches: Vec<PackedBatch>,
    gauges: Vec<Gauge>,
    marks: Vec<Mark>,
}

/// Track, number, sites, users and moments.
#[derive(Serialize, Deserialize)]
struct PackedBatch(String, u32, u32, u64, SimTime, [Option<SimTime>; 4]);

/// The moments of sites, in the order of their texts.
const MOMENTS: [fn(&SiteStory) -> Option<SimTime>; 6] = [
    |it| it.deleted,
    |it| it.taken,
    |it| it.restoring,
    |it| it.validating,
    |it| it.back,
    |it| it.lost,
];

impl From<Replay> for PackedReplay {
    fn from(replay: Replay) -> Self {
        let [deleted, taken, restoring, validating, back, lost] =
            MOMENTS.map(|of| packed_instants(replay.sites.iter().map(of), replay.end));
        let batches = packed_places(replay.sites.iter().map(|it| it.batch.map(u64::from)));
        let batch = |it: BatchStory| {
            let moments = [it.started, it.validating, it.first_back, it.last_back];
            PackedBatch(it.track, it.number, it.sites, it.users, it.taken, moments)
        };
        Self {
            sites: [deleted, taken, restoring, validating, back, lost, batches],
            choice: replay.choice,
            replication: replay.replication,
            end: replay.end,
            last_restored: replay.last_restored,
            batches: replay.batches.into_iter().map(batch).collect(),
            gauges: replay.gauges,
            marks: replay.marks,
        }
    }
}

impl TryFrom<PackedReplay> for Replay {
    type Error = &'static str;

    fn try_from(replay: PackedReplay) -> Result<Self, Self::Error> {
        let batch = |it: PackedBatch| {
            let PackedBatch(track, number, sites, users, taken, moments) = it;
            let [started, validating, first_back, last_back] = moments;
            BatchStory {
                track,
                number,
                sites,
                users,
                taken,
                started,
                validating,
                first_back,
                last_back,
            }
        };
        Ok(Self {
            sites: unpacked_sites(&replay.sites, replay.end).ok_or("not texts of sites")?,
            choice: replay.choice,
            replication: replay.replication,
            end: replay.end,
            last_restored: replay.last_restored,
            batches: replay.batches.into_iter().map(batch).collect(),
            gauges: replay.gauges,
            marks: replay.marks,
        })
    }
}

fn unpacked_sites(texts: &[String; 7], end: SimTime) -> Option<Vec<SiteStory>> {
    let [deleted, taken, restoring, validating, back, lost, batches] = texts;
    let moments: Option<Vec<_>> = [deleted, taken, restoring, validating, back, lost]
        .map(|it| instants(it, end))
        .into_iter()
        .collect();
    let (moments, batches) = (moments?, numbers(batches, WIDE)?);
    if moments.iter().any(|it| it.len() != batches.len()) {
        return None;
    }
    let story = |(site, batch): (usize, &Option<u64>)| SiteStory {
        deleted: moments[0][site],
        taken: moments[1][site],
        restoring: moments[2][site],
        validating: moments[3][site],
        back: moments[4][site],
        lost: moments[5][site],
        batch: batch.and_then(|it| u32::try_from(it).ok()),
    };
    Some(batches.iter().enumerate().map(story).collect())
}
