//! What a shard can go back to: its backups, complete or still running, expired or kept, readable
//! or not. Every restore point, every load and every check of retention asks here.
//!
//! Instants are in milliseconds from T+0 and may lie before it. Full backup number 0 is the last
//! that began at T+0 or before. Incremental ones build on the last full one that is complete, so
//! while the next full one is being taken the chain of the one before goes on.

use crate::engine::draws::whole_millis;
use crate::plan::{Catalogue, PlanProtection, PlanRetention};
use crate::rng::{Streams, uniform};

const HOUR: i128 = crate::units::HOUR as i128;

/// What is asked of a shard's backups.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    pub row: u32,
    /// The last moment that will do: no later than what is meant, before the deletion.
    pub moment: i64,
    /// When the answer is needed: what has expired by then is gone.
    pub now: u64,
}

/// What can be restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Point {
    /// The moment of the data.
    pub moment: i64,
    /// How long it takes to replay what came after the full backup, in milliseconds.
    pub replay: u64,
}

/// What was loaded for the store of a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Loaded {
    /// When the load began.
    pub at: u64,
    /// The last moment that it has.
    pub until: i64,
}

/// A backup that turned out to be unreadable: of a protection of a shard the full one of this number,
/// or all there are, of any shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unreadable {
    Full { protection: u16, shard: u32, number: i64 },
    All { protection: u16 },
}

/// A full backup and what builds on it.
#[derive(Clone, Copy, Debug)]
struct Chain {
    number: i64,
    /// The newest point of it that will do.
    newest: Point,
}

/// The backups of one shard in one way.
struct Shard<'a> {
    way: &'a PlanProtection,
    streams: &'a Streams,
    shard: u32,
    /// When full backup number 0 began.
    first: i64,
}

impl Catalogue {
    /// When full backup number 0 began: of each protection the shards.
    pub(super) fn firsts(&self, streams: &Streams) -> impl Iterator<Item = i64> {
        let of_way = move |way: &PlanProtection, shard: u32| {
            -way.phase.unwrap_or_else(|| drawn_phase(way, streams, shard))
        };
        let ways = self.protections.iter();
        ways.flat_map(move |way| self.shards.iter().map(move |shard| of_way(way, *shard)))
    }

    /// The newest point that can be read at or before a moment: from the first protection that has
    /// any. What turns out to be unreadable on the way is told, each with the time it costs. `firsts`
    /// has when full backup number 0 began of every shard there is.
    pub(super) fn answer(
        &self,
        streams: &Streams,
        firsts: &[i64],
        asked: Question,
        mut unreadable: impl FnMut(Unreadable, u64),
    ) -> Option<Point> {
        let place = self.place_of_row[asked.row as usize] as usize;
        let shard = self.shards[place];
        (0u16..).zip(&self.protections).find_map(|(protection, way)| {
            let own = self.first + usize::from(protection) * self.shards.len() + place;
            let shard = Shard { way, streams, shard, first: firsts[own] };
            shard.newest(asked, protection, &mut unreadable)
        })
    }
}

impl Shard<'_> {
    fn newest(
        &self,
        asked: Question,
        protection: u16,
        unreadable: &mut impl FnMut(Unreadable, u64),
    ) -> Option<Point> {
        let last = (asked.moment - self.way.takes - self.first).div_euclid(self.way.full);
        let mut younger = self.chain(last, asked);
        if younger.is_some() && self.all_are_unreadable() {
            unreadable(Unreadable::All { protection }, self.way.fall_back);
            return None;
        }
        // Nothing is newer than the moment that is asked for.
        let reaches =
            |chain: &Chain| chain.newest.moment == asked.moment && !self.is_unreadable(last);
        if let Some(chain) = younger.filter(reaches) {
            return Some(chain.newest);
        }
        // The chain before goes on while a full backup is taken, and may end later than that began;
        // those before it cannot.
        let mut older = self.chain(last - 1, asked);
        let mut next = last - 2;
        while let Some(tried) = take_newest(&mut younger, &mut older) {
            if !self.is_unreadable(tried.number) {
                return Some(tried.newest);
            }
            let (shard, number) = (self.shard, tried.number);
            unreadable(Unreadable::Full { protection, shard, number }, self.way.fall_back);
            if younger.is_none() {
                younger = older.take();
            }
            older = self.chain(next, asked);
            next -= 1;
        }
        None
    }

    fn begins(&self, number: i64) -> i64 {
        self.first + number * self.way.full
    }

    fn is_complete_at(&self, number: i64) -> i64 {
        self.begins(number) + self.way.takes
    }

    fn is_kept(&self, number: i64, now: u64) -> bool {
        let now = match self.way.is_kept_until_restored {
            true => 0,
            false => i64::try_from(now).expect("the horizon is at most ten years"),
        };
        match self.way.retention {
            PlanRetention::Age(age) => now - self.begins(number) <= age,
            PlanRetention::Window(window) => self.is_complete_at(number + 1) > now - window,
        }
    }

    /// The newest point of a full backup that is complete by the moment that is asked for, and of
    /// what builds on it; nothing where it is gone.
    fn chain(&self, number: i64, asked: Question) -> Option<Chain> {
        if !self.is_kept(number, asked.now) {
            return None;
        }
        let begins = self.begins(number);
        let until = asked.moment.min(self.is_complete_at(number + 1) - 1);
        let (moment, links) = match self.way.incremental {
            None => (begins, 0),
            Some(interval) => {
                // Those before the full one was complete built on the one before it.
                let before = (self.way.takes + interval - 1).div_euclid(interval).max(1) - 1;
                let taken = (until - begins).div_euclid(interval) - before;
                let links = taken.max(0).min(self.readable_links(number));
                (if links > 0 { begins + (before + links) * interval } else { begins }, links)
            }
        };
        let replay = links.unsigned_abs() * self.way.per_incremental;
        if !self.way.is_continuous {
            return Some(Chain { number, newest: Point { moment, replay } });
        }
        let replay = replay + self.replay_of_log(asked.moment - moment);
        Some(Chain { number, newest: Point { moment: asked.moment, replay } })
    }

    /// How long it takes to replay so much of a log.
    fn replay_of_log(&self, length: i64) -> u64 {
        if self.way.per_log_hour == 0 {
            return 0;
        }
        let replay = i128::from(length) * i128::from(self.way.per_log_hour) / HOUR;
        u64::try_from(replay).expect("a log begins before it ends")
    }

    /// How many incremental backups of a full one can be read: the number of successes before the
    /// first failure is geometric.
    fn readable_links(&self, number: i64) -> i64 {
        let Some(breaks) = self.way.breaks else { return i64::MAX };
        let u = uniform(self.streams.word(breaks.stream, address(number), u64::from(self.shard)));
        (libm::log(u) * breaks.scale) as i64
    }

    fn is_unreadable(&self, number: i64) -> bool {
        self.way.each_unreadable.is_some_and(|(chance, stream)| {
            uniform(self.streams.word(stream, address(number), u64::from(self.shard))) < chance
        })
    }

    fn all_are_unreadable(&self) -> bool {
        let all = self.way.all_unreadable;
        all.is_some_and(|(chance, stream)| uniform(self.streams.word(stream, 0, 0)) < chance)
    }
}

/// Takes the chain with the newer point; of two alike the younger one.
fn take_newest(younger: &mut Option<Chain>, older: &mut Option<Chain>) -> Option<Chain> {
    let moment = |chain: &Option<Chain>| chain.map(|it| it.newest.moment);
    if moment(older) > moment(younger) { older.take() } else { younger.take() }
}

/// By which attempt the draws of a full backup are addressed: its number from 1, those before it
/// counted down from the greatest number there is.
fn address(number: i64) -> u32 {
    u32::try_from((number + 1).rem_euclid(1 << 32)).expect("a remainder of 2^32")
}

/// How long before T+0 a full backup began.
fn drawn_phase(way: &PlanProtection, streams: &Streams, shard: u32) -> i64 {
    let draw = |attempt| uniform(streams.word(way.phases, attempt, u64::from(shard)));
    let within = |length: i64| whole_millis(draw(0) * length as f64).cast_signed();
    match way.incremental.filter(|it| *it < way.full && way.full % it == 0) {
        None => within(way.full),
        Some(interval) => {
            // Where it stands between two backups, and between which two of them.
            let links = way.full / interval;
            within(interval) + ((draw(1) * links as f64) as i64).min(links - 1) * interval
        }
    }
}
