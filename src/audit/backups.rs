//! To which moment a store comes back, told again from its backups.
//!
//! All in instants: a full backup of a shard begins at a regular time, incremental ones follow it,
//! and what is asked for needs the last full backup before it and the incremental ones up to it.

use crate::audit::draws::{Drawn, whole_millis};
use crate::audit::ground::{Ground, SoftDeletes};
use crate::ids::ServiceId;
use crate::rng::{Purpose, StreamKey, uniform};
use crate::scenario::{Anchor, RestorePoint, Service};

use super::draws::StepDraws;

/// A moment of a store, in milliseconds before the deletion of the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Point {
    /// As it was meant to be.
    pub meant: u64,
    /// As it is until somebody repairs it.
    pub present: u64,
    /// How long it takes to replay what came after the full backup.
    pub replay: u64,
}

/// An attempt that is to bring a store back.
#[derive(Clone, Copy)]
pub(super) struct Restoring<'d> {
    pub step: usize,
    pub row: u32,
    /// The kind of its site as it is now.
    pub kind: usize,
    pub attempt: u32,
    pub now: u64,
    /// When the site was deleted.
    pub deleted_at: u64,
    pub draws: &'d StepDraws,
}

/// The backups of a shard, as they stand when a site is deleted; instants count from T+0.
struct Backups<'a> {
    service: &'a Service,
    /// When some full backup began.
    any_full: i128,
    /// When the last full backup began that was complete at the deletion.
    last_full: i128,
    /// The last moment that can be read.
    last: i128,
}

impl<'a> Backups<'a> {
    fn new(drawn: &Drawn<'_, '_>, service: &'a Service, shard: u32, deleted_at: u64) -> Self {
        let backup = &service.backup;
        let (full, interval) = (backup.full.as_millis(), backup.interval.as_millis());
        let phases = StreamKey::new(Purpose::BackupPhase, &[&service.name]);
        let draw = |attempt| uniform(drawn.streams.word(phases, attempt, u64::from(shard)));
        let phase = match backup.phase {
            Some(phase) => phase.as_millis(),
            None if full != interval && full % interval == 0 => {
                let between = (draw(1) * (full / interval) as f64) as u64;
                let link = between.min(full / interval - 1);
                whole_millis(draw(0) * interval as f64) + link * interval
            }
            None => whole_millis(draw(0) * full as f64),
        };
        let any_full = -i128::from(phase);
        let since = i128::from(deleted_at) - any_full;
        let mut number = since / i128::from(full);
        if since - number * i128::from(full) < i128::from(backup.takes.as_millis()) {
            // It was still being taken.
            number -= 1;
        }
        let last_full = any_full + number * i128::from(full);
        let mut links = match interval < full {
            true => (i128::from(deleted_at) - last_full) / i128::from(interval),
            false => 0,
        };
        if backup.chain_breaks.fraction() > 0.0 {
            let breaks = StreamKey::new(Purpose::ChainBreak, &[&service.name]);
            let chain = u32::try_from(number + 1).unwrap_or(u32::MAX);
            let u = uniform(drawn.streams.word(breaks, chain, u64::from(shard)));
            let scale = 1.0 / libm::log1p(-backup.chain_breaks.fraction());
            links = links.min(i128::from((libm::log(u) * scale) as u64));
        }
        Self { service, any_full, last_full, last: last_full + links * i128::from(interval) }
    }

    /// When the full backup began that a moment needs, and how long the rest takes to replay.
    fn needed(&self, moment: i128) -> (i128, u64) {
        let backup = &self.service.backup;
        let full = i128::from(backup.full.as_millis());
        let number = (moment - self.any_full).div_euclid(full);
        let begun = (self.any_full + number * full).min(self.last_full);
        let links = match backup.interval < backup.full {
            true => (moment - begun) / i128::from(backup.interval.as_millis()),
            false => 0,
        };
        let links = u64::try_from(links).expect("a moment comes after the backup that it needs");
        (begun, links * backup.per_incremental.as_millis())
    }
}

/// To which moment an attempt brings its store back; nothing where no backup is left that could.
pub(super) fn point(
    ground: &Ground<'_>,
    drawn: &Drawn<'_, '_>,
    it: Restoring<'_>,
) -> Option<Point> {
    let facts = &ground.steps[it.step];
    let service = ground.service(it.step);
    let deleted = i128::from(it.deleted_at);
    if facts.place.undeletes {
        let soft = SoftDeletes::of(ground.scenario, ground.strategy);
        let kept = soft.table.expect("who un-deletes says how long it is kept").retention;
        let in_time = it.now.saturating_sub(it.deleted_at) <= kept.as_millis();
        return in_time.then_some(Point { meant: 0, present: 0, replay: 0 });
    }
    let written = facts.step.restore_point.as_ref().expect("only what restores has a point");
    let backups = |id: ServiceId, service| {
        Backups::new(drawn, service, ground.shard(id, it.row), it.deleted_at)
    };
    let (meant, own) = match written {
        RestorePoint::Fixed { before, of: Anchor::Site, .. } => (before.as_millis(), None),
        RestorePoint::Fixed { before, of: Anchor::Incident, .. } => {
            (it.deleted_at + before.as_millis(), None)
        }
        RestorePoint::Latest { common, .. } => {
            let (id, service) = service.expect("the latest backup is that of a service");
            let own = backups(id, service);
            let oldest = match common {
                true => common_point(ground, drawn, it),
                false => own.last,
            };
            (to_length(deleted - oldest), Some(own))
        }
    };
    let needed = |before: u64| match &own {
        Some(own) => own.needed(deleted - i128::from(before)),
        None => (deleted - i128::from(before), 0),
    };
    let is_gone = |before: u64| match service {
        Some((_, service)) => {
            let age = i128::from(it.now) - needed(before).0;
            age > i128::from(service.backup.retention.as_millis())
        }
        None => false,
    };
    let older = match written.by_hand() {
        Some(by_hand) => {
            let u = |lane| uniform(drawn.of_row(lane, it.row, it.attempt));
            match u(it.draws.snapshot) < by_hand.probability.fraction() {
                true => whole_millis(by_hand.older.quantile(u(it.draws.snapshot_age))),
                false => 0,
            }
        }
        None => 0,
    };
    // Nobody picks what is no longer there.
    let picked = if older > 0 && is_gone(meant + older) { 0 } else { older };
    let present = meant + picked;
    (!is_gone(present)).then(|| Point { meant, present, replay: needed(present).1 })
}

/// The oldest of the last moments of all stores of a site that go back together.
fn common_point(ground: &Ground<'_>, drawn: &Drawn<'_, '_>, it: Restoring<'_>) -> i128 {
    let together = |step: &usize| {
        let facts = &ground.steps[*step];
        let common =
            matches!(facts.step.restore_point, Some(RestorePoint::Latest { common: true, .. }));
        common && !facts.place.undeletes && ground.has(it.kind, *step)
    };
    let moments = (0..ground.steps.len()).filter(together).filter_map(|step| {
        let (id, service) = ground.service(step)?;
        Some(Backups::new(drawn, service, ground.shard(id, it.row), it.deleted_at).last)
    });
    moments.min().expect("a step that goes back with others goes back with itself")
}

fn to_length(millis: i128) -> u64 {
    u64::try_from(millis).expect("a backup was taken before the deletion")
}
