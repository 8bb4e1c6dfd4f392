//! How the backups of a service are taken, kept and lost, in numbers: what the engine needs to say
//! which points of a shard there are.

use crate::ids::ServiceId;
use crate::rng::{Purpose, StreamKey};
use crate::scenario::{Protection, Retention, Scenario};
use crate::units::SimDuration;

/// The backups of a service: of every shard the same, each with its own phase.
#[derive(Clone, Debug)]
pub(crate) struct Catalogue {
    /// In order of preference.
    pub protections: Vec<PlanProtection>,
    /// The shards on which there is data of rows.
    pub shards: Vec<u32>,
    /// The place among these of each row's shard.
    pub place_of_row: Vec<u32>,
    /// Where what is drawn for each protection and shard begins, in the order of catalogues.
    pub first: usize,
}

/// One way in which a store is backed up. Times in milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct PlanProtection {
    /// Time between the beginnings of full backups.
    pub full: i64,
    /// Time between incremental ones, if there are any.
    pub incremental: Option<i64>,
    /// How long a full backup takes.
    pub takes: i64,
    /// Whether every moment from a complete full backup on can be reached.
    pub is_continuous: bool,
    pub retention: PlanRetention,
    /// Whether nothing expires from T+0 on.
    pub is_kept_until_restored: bool,
    /// How long before T+0 the last full backup began, where it is not drawn.
    pub phase: Option<i64>,
    /// The stream of the phases, by shard.
    pub phases: StreamKey,
    /// How incremental backups break, if they do.
    pub breaks: Option<ChainBreaks>,
    /// The chance that a full backup cannot be read, and the stream that decides it, by shard; an
    /// attempt a backup.
    pub each_unreadable: Option<(f64, StreamKey)>,
    /// The chance that none can be read, and the stream that decides it.
    pub all_unreadable: Option<(f64, StreamKey)>,
    /// Time to find out that one cannot be read.
    pub fall_back: u64,
    /// Time of restoring for each incremental backup.
    pub per_incremental: u64,
    /// Time of restoring for each hour of the log.
    pub per_log_hour: u64,
}

/// How long a backup is kept, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PlanRetention {
    /// So long after it began.
    Age(i64),
    /// So long after the next one was complete.
    Window(i64),
}

/// Incremental backups that cannot be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChainBreaks {
    /// The stream that decides how many can be read in a row, by shard; an attempt a chain.
    pub stream: StreamKey,
    /// 1 / ln(1 - p), with p the chance that one cannot be read.
    pub scale: f64,
}

impl Catalogue {
    /// The backups of a service as they are written.
    pub(super) fn new(scenario: &Scenario, id: ServiceId, first: usize) -> Self {
        let service = &scenario.estate.services[id];
        let of_rows = || scenario.incident.deleted.iter().map(|it| service.shard_of[it.site]);
        let mut shards: Vec<u32> = of_rows().collect();
        shards.sort_unstable();
        shards.dedup();
        let place = |shard| u32::try_from(shards.partition_point(|it| *it < shard));
        let place_of_row = of_rows().map(|it| place(it).expect("fewer than 2^32 sites")).collect();
        let protections = service.protections().iter();
        let protections = protections.map(|it| protection(it, &service.name)).collect();
        Self { protections, shards, place_of_row, first }
    }

    /// The place behind what is drawn for it.
    pub(super) fn end(&self) -> usize {
        self.first + self.protections.len() * self.shards.len()
    }
}

fn protection(way: &Protection, service: &str) -> PlanProtection {
    let names = way.names(service);
    let (breaks, unreadable) = (way.chain_breaks.fraction(), &way.unreadable);
    let chance = |chance: f64, purpose: Purpose, names: &[&str]| {
        (chance > 0.0).then(|| (chance, StreamKey::new(purpose, names)))
    };
    PlanProtection {
        full: signed(way.full),
        incremental: way.incremental.map(signed),
        takes: signed(way.takes),
        is_continuous: way.is_continuous,
        retention: match way.retention {
            Retention::Age(age) => PlanRetention::Age(signed(age)),
            Retention::Window(window) => PlanRetention::Window(signed(window)),
        },
        is_kept_until_restored: way.is_kept_until_restored,
        phase: way.phase.map(signed),
        phases: StreamKey::new(Purpose::BackupPhase, &names),
        breaks: (breaks > 0.0).then(|| ChainBreaks {
            stream: StreamKey::new(Purpose::ChainBreak, &names),
            scale: 1.0 / libm::log1p(-breaks),
        }),
        each_unreadable: chance(unreadable.each.fraction(), Purpose::BackupUnreadable, &names),
        all_unreadable: chance(
            unreadable.all.fraction(),
            Purpose::BackupsUnreadable,
            &way.names_of_cause(service),
        ),
        fall_back: way.fall_back.as_millis(),
        per_incremental: way.per_incremental.as_millis(),
        per_log_hour: way.per_log_hour.as_millis(),
    }
}

/// A length of time that may be taken off an instant; a checked one is at most ten years.
fn signed(length: SimDuration) -> i64 {
    i64::try_from(length.as_millis()).expect("a checked length of time")
}
