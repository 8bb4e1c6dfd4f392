//! How much data comes back: the recovery point of each store of each site, at hand-over and after
//! repair, and whether there is a backup left at all.

mod rules;

use std::collections::BTreeMap;

use crate::engine::backups::{Loaded, Unreadable};
use crate::plan::Plan;
use crate::rng::Streams;
use crate::trace::TaskRef;

/// What has been restored and lost, and what is known of backups.
#[derive(Clone, Debug)]
pub(super) struct Recovery {
    /// Data lost by each row's stores, by row, then store.
    losses: Vec<StoreLoss>,
    /// What the load has that the work for a row has begun with, by kind of load, then row.
    loaded: Vec<Option<Loaded>>,
    /// To which moment the stores of a row go back together, once one of them has asked.
    common_moments: Vec<Option<i64>>,
    /// When a store was lost that was there while others of its site were away, by row, then restore,
    /// in milliseconds; never where it was lost with the site, and empty where all were.
    stores_lost_at: Vec<u64>,
    /// What somebody has found to be unreadable, of which backups, and from when on everybody knows.
    known_unreadable: BTreeMap<(u16, Unreadable), u64>,
    /// Attempts that do nothing but find out that nothing is left.
    in_vain: Vec<TaskRef>,
    /// When full backup number 0 began: catalogue after catalogue, of each protection the shards.
    firsts: Vec<i64>,
    /// Room for what an attempt finds unreadable: of which backups, what, and the time it costs.
    unreadable: Vec<(u16, Unreadable, u64)>,
    /// Room for those who wait for a load that begins.
    openers: Vec<TaskRef>,
}

/// Data lost by one store of one site, in milliseconds before its deletion.
#[derive(Clone, Copy, Debug, Default)]
struct StoreLoss {
    /// Whether the store has been restored.
    known: bool,
    /// What remains lost once the store is repaired.
    meant: u64,
    /// What is lost as long as it is not.
    present: u64,
}

/// When a store is asked for what can be restored of it.
#[derive(Clone, Copy, Debug)]
struct AskedAt {
    /// When what has expired is gone.
    now: u64,
    /// The last moment that there can be.
    latest: i64,
}

impl AskedAt {
    /// Straight from the backups.
    fn directly(now: u64) -> Self {
        Self { now, latest: i64::MAX }
    }

    /// From the backups, by a load that starts.
    fn loading(now: u64) -> Self {
        Self { now, latest: now.cast_signed() }
    }

    /// From what was loaded.
    fn loaded(loaded: Loaded) -> Self {
        Self { now: loaded.at, latest: loaded.until }
    }
}

/// A store of a site that is asked for what can be restored of it.
#[derive(Clone, Copy, Debug)]
struct Store {
    catalogue: u16,
    row: u32,
    /// When its data was lost.
    lost_at: i64,
    when: AskedAt,
}

/// What an attempt that starts now comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prospect {
    /// Its own work, and for what else restoring costs so much longer, in milliseconds.
    Work { longer: u64 },
    /// Nothing, as nothing is left: to find that out takes it so long, and no time if that is known.
    Nothing { length: u64 },
}

/// What an attempt to restore finds.
#[derive(Clone, Copy, Debug)]
struct Pick {
    /// What of the data is lost once the store is repaired, in milliseconds before its deletion.
    meant: u64,
    /// What is lost until then.
    present: u64,
    /// How long the attempt replays what came after the full backup, in milliseconds.
    replay: u64,
}

impl Recovery {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            losses: vec![StoreLoss::default(); plan.sites.len() * plan.stores.restores.len()],
            loaded: vec![None; plan.loads.places()],
            common_moments: vec![None; plan.sites.len()],
            stores_lost_at: Vec::new(),
            known_unreadable: BTreeMap::new(),
            in_vain: Vec::new(),
            firsts: Vec::new(),
            unreadable: Vec::new(),
            openers: Vec::new(),
        }
    }

    /// Nothing has been restored, and nobody knows of unreadable backups yet. When the backups of each
    /// shard begin is drawn.
    pub(super) fn begin(&mut self, plan: &Plan, streams: &Streams) {
        self.losses.fill(StoreLoss::default());
        self.loaded.fill(None);
        self.common_moments.fill(None);
        self.stores_lost_at.clear();
        self.known_unreadable.clear();
        self.in_vain.clear();
        self.firsts.clear();
        self.firsts.extend(plan.stores.catalogues.iter().flat_map(|it| it.firsts(streams)));
    }

    /// An attempt runs that does nothing but find out that nothing is left.
    pub(super) fn begin_in_vain(&mut self, task: TaskRef) {
        self.in_vain.push(task);
    }

    /// A task is given up, whatever its attempt was to find out.
    pub(super) fn give_up(&mut self, task: TaskRef) {
        self.in_vain.retain(|it| *it != task);
    }
}
