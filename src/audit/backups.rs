//! To which moment a store comes back, told again from its backups.
//!
//! All in instants that count from T+0: full backups of a shard begin at regular times, incremental
//! ones and the log build on them. A moment that is asked for gives the newest point before it that
//! can be read, of the first protection that has any; what turns out to be unreadable on the way is
//! found.

use std::collections::{BTreeMap, BinaryHeap};

use crate::audit::draws::{Drawn, StepDraws, whole_millis};
use crate::audit::ground::{Ground, SoftDeletes};
use crate::ids::ServiceId;
use crate::rng::{Purpose, StreamKey, Streams, uniform};
use crate::scenario::{Anchor, Protection, RestorePoint, Retention};
use crate::units::SimDuration;

/// To which moment a store comes back, in milliseconds before the deletion of the site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Point {
    /// As it was meant to be.
    pub meant: u64,
    /// As it is until somebody repairs it.
    pub present: u64,
    /// How long it takes to replay what came after the full backup.
    pub replay: u64,
    /// What cannot be read and was tried before, in order.
    pub unreadable: Vec<Backups>,
}

/// Backups that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Backups {
    pub service: ServiceId,
    /// The place of the protection among those of the service.
    pub protection: usize,
    /// The shard and the number of the full backup; all of the protection where there is none.
    pub full: Option<(u32, i128)>,
}

/// A task that asks for the backups of its store.
#[derive(Clone, Copy)]
pub(super) struct Asking<'d> {
    pub step: usize,
    pub row: u32,
    /// The kind of its site as it is now.
    pub kind: usize,
    /// Of when the backups are: what has expired by then is gone.
    pub now: u64,
    /// What it restores from; none where that is not loaded before.
    pub loaded: Option<Loaded>,
    /// When the site was deleted.
    pub deleted_at: u64,
    /// By step: when its store was lost, if that was later.
    pub lost_later: &'d BTreeMap<usize, u64>,
    /// To which moment the site goes back with all its stores, if that is known.
    pub common: Option<i128>,
    /// The attempt that picks a snapshot by hand, and its draws; none where nobody picks any yet.
    pub picks: Option<(u32, &'d StepDraws)>,
}

impl Asking<'_> {
    /// When the store of a step was lost.
    fn lost_at(&self, step: usize) -> u64 {
        self.lost_later.get(&step).copied().unwrap_or(self.deleted_at)
    }
}

/// What a load has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loaded {
    /// When it was begun.
    pub at: u64,
    /// The last moment that was brought back by it.
    pub until: i128,
}

/// To which moment a task brings its store back; where no backup is left that could, what cannot be
/// read and was tried for that, in order.
pub(super) fn point(
    ground: &Ground<'_>,
    drawn: &Drawn<'_, '_>,
    asking: Asking<'_>,
) -> Result<Point, Vec<Backups>> {
    let facts = &ground.steps[asking.step];
    if facts.place.undeletes {
        let soft = SoftDeletes::of(ground.scenario, ground.strategy);
        let kept = soft.table.expect("who un-deletes says how long it is kept").retention;
        let in_time = asking.now.saturating_sub(asking.lost_at(asking.step)) <= kept.as_millis();
        return in_time.then(Point::default).ok_or_else(Vec::new);
    }
    let written = facts.step.restore_point.as_ref().expect("only what restores has a point");
    let deleted = i128::from(asking.lost_at(asking.step));
    let before = |length: &SimDuration| i128::from(length.as_millis());
    let own = Store::new(ground, drawn, asking, asking.step);
    let meant = match written {
        RestorePoint::Fixed { before: length, of: Anchor::Site, .. } => {
            own.newest_before(deleted - before(length))?
        }
        RestorePoint::Fixed { before: length, of: Anchor::Incident, .. } => {
            own.newest_before(deleted.min(-before(length)))?
        }
        RestorePoint::Latest { common: false, .. } => own.newest_before(deleted)?,
        RestorePoint::Latest { common: true, .. } => {
            let moment = asking.common.expect("whoever asks settles it first");
            let latest = own.newest_before(deleted)?;
            // Who has none later goes back to his latest, though its backup was complete later.
            if latest.point <= moment { latest } else { own.newest_before(moment)? }
        }
    };
    let older = match (written.by_hand(), asking.picks) {
        (Some(by_hand), Some((attempt, draws))) => {
            let u = |lane| uniform(drawn.of_row(lane, asking.row, attempt));
            let wrong = u(draws.snapshot) < by_hand.probability.fraction();
            wrong.then(|| whole_millis(by_hand.older.quantile(u(draws.snapshot_age))))
        }
        _ => None,
    };
    // Nobody picks what is not there.
    let picked = older.and_then(|older| own.newest_before(meant.point - i128::from(older)).ok());
    let lost = |found: &Found| u64::try_from(deleted - found.point).expect("it was before");
    let present = picked.as_ref().unwrap_or(&meant);
    Ok(Point {
        meant: lost(&meant),
        present: lost(present),
        replay: present.replay,
        unreadable: present.unreadable.clone(),
    })
}

/// Whether a step goes back to the moment to which all stores of its site go back together.
pub(super) fn is_common(ground: &Ground<'_>, step: usize) -> bool {
    let facts = &ground.steps[step];
    let is_written =
        matches!(facts.step.restore_point, Some(RestorePoint::Latest { common: true, .. }));
    is_written && !facts.place.undeletes
}

/// The oldest of the latest moments of all stores of a site that go back together; where one of them
/// has none, what of it cannot be read.
pub(super) fn common_moment(
    ground: &Ground<'_>,
    drawn: &Drawn<'_, '_>,
    asking: Asking<'_>,
) -> Result<i128, Vec<Backups>> {
    let together = |step: &usize| is_common(ground, *step) && ground.has(asking.kind, *step);
    let latest = |step: usize| {
        let store = Store::new(ground, drawn, asking, step);
        store.newest_before(i128::from(asking.lost_at(step))).map(|it| it.point)
    };
    let all = (0..ground.steps.len()).filter(together).map(latest);
    let moments: Result<Vec<i128>, Vec<Backups>> = all.collect();
    Ok(moments?.into_iter().min().expect("who goes back with others goes back with himself"))
}

/// What a store can go back to, and what was found on the way.
struct Found {
    point: i128,
    replay: u64,
    unreadable: Vec<Backups>,
}

/// A shard of a service, as its backups are asked for.
struct Store<'a> {
    streams: &'a Streams,
    service: ServiceId,
    name: &'a str,
    shard: u32,
    protections: &'a [Protection],
    now: i128,
    /// The last instant of which anything counts.
    until: i128,
}

impl<'a> Store<'a> {
    fn new(ground: &Ground<'a>, drawn: &'a Drawn<'_, '_>, asking: Asking<'_>, step: usize) -> Self {
        let (id, service) = ground.service(step).expect("what restores does so for a service");
        let loaded = asking.loaded.map_or(i128::MAX, |it| it.until);
        Self {
            streams: &drawn.streams,
            service: id,
            name: &service.name,
            shard: ground.shard(id, asking.row),
            protections: service.protections(),
            now: asking.now.into(),
            until: loaded.min(i128::from(asking.lost_at(step)) - 1),
        }
    }

    /// The newest point at or before a moment that can be read; where there is none, what cannot.
    fn newest_before(&self, moment: i128) -> Result<Found, Vec<Backups>> {
        let by = moment.min(self.until);
        let mut unreadable = Vec::new();
        for place in 0..self.protections.len() {
            let cycle = Cycle::new(self, place);
            if !cycle.is_kept(cycle.last_complete(by)) {
                continue;
            }
            let backups = |full| Backups { service: self.service, protection: place, full };
            if cycle.is_struck() {
                unreadable.push(backups(None));
                continue;
            }
            for (point, number) in cycle.points(by) {
                if cycle.is_readable(number) {
                    let replay = cycle.replay(number, point);
                    return Ok(Found { point, replay, unreadable });
                }
                unreadable.push(backups(Some((self.shard, number))));
            }
        }
        Err(unreadable)
    }
}

/// What is taken of a shard by one protection.
struct Cycle<'a> {
    store: &'a Store<'a>,
    it: &'a Protection,
    full: i128,
    takes: i128,
    /// How long before T+0 the full backup with the number 0 began.
    phase: i128,
}

impl<'a> Cycle<'a> {
    fn new(store: &'a Store<'a>, place: usize) -> Self {
        let it = &store.protections[place];
        let [full, takes] = [it.full, it.takes].map(|it| i128::from(it.as_millis()));
        let phase = it.phase.map_or_else(|| drawn_phase(store, it), SimDuration::as_millis);
        Self { store, it, full, takes, phase: phase.into() }
    }

    fn begins(&self, number: i128) -> i128 {
        number * self.full - self.phase
    }

    fn is_complete_at(&self, number: i128) -> i128 {
        self.begins(number) + self.takes
    }

    /// The last full backup that is complete by an instant.
    fn last_complete(&self, by: i128) -> i128 {
        let number = (by + self.phase - self.takes).div_euclid(self.full);
        assert!(self.is_complete_at(number) <= by && by < self.is_complete_at(number + 1));
        number
    }

    /// Whether a full backup has not expired.
    fn is_kept(&self, number: i128) -> bool {
        let now =
            if self.it.is_kept_until_restored { self.store.now.min(0) } else { self.store.now };
        match self.it.retention {
            Retention::Age(age) => now - self.begins(number) <= age.as_millis().into(),
            Retention::Window(window) => {
                self.is_complete_at(number + 1) > now - i128::from(window.as_millis())
            }
        }
    }

    /// The first and the last instant of the incremental backups on a full one that can be read and
    /// are taken by an instant, and how many these are.
    fn chain(&self, number: i128, by: i128) -> Option<(i128, i128)> {
        let incremental = i128::from(self.it.incremental?.as_millis());
        let begins = self.begins(number);
        // They begin when the full one is complete, and end before the next one is.
        let before = (self.takes - 1).div_euclid(incremental).max(0);
        let last = by.min(self.is_complete_at(number + 1) - 1) - begins;
        let taken = last.div_euclid(incremental) - before;
        let count = taken.min(self.unbroken(number));
        (count > 0).then(|| (begins + (before + count) * incremental, count))
    }

    /// How many incremental backups on a full one can be read.
    fn unbroken(&self, number: i128) -> i128 {
        let breaks = self.it.chain_breaks.fraction();
        if breaks == 0.0 {
            return i128::MAX;
        }
        let scale = 1.0 / libm::log1p(-breaks);
        let links = libm::log(self.draw_of(Purpose::ChainBreak, number)) * scale;
        i128::from(links as u64)
    }

    fn draw_of(&self, purpose: Purpose, number: i128) -> f64 {
        let key = StreamKey::new(purpose, &self.it.names(self.store.name));
        // The full backups before T+0 have the numbers below 1.
        let number = (number + 1) as i32 as u32;
        uniform(self.store.streams.word(key, number, self.store.shard.into()))
    }

    /// Whether nothing of the protection can be read.
    fn is_struck(&self) -> bool {
        let names = self.it.names_of_cause(self.store.name);
        let key = StreamKey::new(Purpose::BackupsUnreadable, &names);
        uniform(self.store.streams.word(key, 0, 0)) < self.it.unreadable.all.fraction()
    }

    fn is_readable(&self, number: i128) -> bool {
        let chance = self.it.unreadable.each.fraction();
        chance == 0.0 || self.draw_of(Purpose::BackupUnreadable, number) >= chance
    }

    /// The newest point that a full backup reaches by an instant.
    fn newest(&self, number: i128, by: i128) -> i128 {
        match self.chain(number, by) {
            _ if self.it.is_continuous => by,
            Some((last, _)) => last,
            None => self.begins(number),
        }
    }

    /// The newest point of each full backup that is there, with its number, the newest first; of two
    /// at the same instant that of the later one.
    fn points(&self, by: i128) -> impl Iterator<Item = (i128, i128)> {
        let mut next = self.last_complete(by);
        let mut known = BinaryHeap::new();
        std::iter::from_fn(move || {
            // Without a log none reaches beyond the instant at which the next one is complete. So the
            // one before the last may be better, where the chain of the last is broken.
            while self.is_kept(next)
                && known.peek().is_none_or(|(best, _)| *best < self.is_complete_at(next + 1))
            {
                known.push((self.newest(next, by), next));
                next -= 1;
            }
            known.pop()
        })
    }

    /// How long it takes to replay what came after a full backup, up to a point.
    fn replay(&self, number: i128, point: i128) -> u64 {
        let (last, count) = self.chain(number, point).unwrap_or((self.begins(number), 0));
        let mut replay = count * i128::from(self.it.per_incremental.as_millis());
        if self.it.is_continuous {
            replay += (point - last) * i128::from(self.it.per_log_hour.as_millis()) / HOUR;
        }
        u64::try_from(replay).expect("less than all the time there is")
    }
}

const HOUR: i128 = crate::units::HOUR as i128;

/// How long before T+0 the last full backup of a shard began, where nobody knows.
fn drawn_phase(store: &Store<'_>, protection: &Protection) -> u64 {
    let key = StreamKey::new(Purpose::BackupPhase, &protection.names(store.name));
    let u = |draw| uniform(store.streams.word(key, draw, store.shard.into()));
    let full = protection.full.as_millis();
    match protection.incremental.map(SimDuration::as_millis) {
        Some(incremental) if full.is_multiple_of(incremental) => {
            let links = full / incremental;
            let link = ((u(1) * links as f64) as u64).min(links - 1);
            whole_millis(u(0) * incremental as f64) + link * incremental
        }
        _ => whole_millis(u(0) * full as f64),
    }
}
