//! Loads: a shard's backup in a scratch database, asked for by the first site that needs it, shared
//! by all that need it while it comes and stands, and freed when nobody does any more.
//!
//! Whether somebody needs a load is judged when all events of an instant have been handled and
//! tracks have taken their sites, so a site that goes on where another ends finds it standing. One
//! whose turn to start comes when nobody waits for it any more, as those that did were lost at this
//! instant, is given up then: it is asked for again by whoever needs it next.

mod rules;

use crate::engine::backups::Loaded;
use crate::engine::task::NEVER;
use crate::plan::Plan;
use crate::trace::TaskRef;

/// How far a load has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum LoadPhase {
    /// Nobody has asked for it.
    #[default]
    Absent,
    /// Its task waits or runs.
    Coming,
    /// Sites can work with it.
    Standing,
}

/// A load at work.
#[derive(Clone, Debug)]
struct Load {
    phase: LoadPhase,
    /// Its task: that of the site that has asked first.
    task: TaskRef,
    /// Tasks that wait for it, could start, or run.
    users: u32,
    /// Those that wait for it.
    waiting: Vec<TaskRef>,
    /// Those for whom its attempt finds out that nothing is left, the last first.
    lost: Vec<TaskRef>,
    /// What it has since its last attempt began.
    has: Loaded,
    /// How long it is kept unneeded, in milliseconds: as long as any of those wants who shared it.
    keep: u64,
    /// Attempts in all the times before that it was loaded.
    attempts_before: u16,
    /// Since when it stands and nobody needs it.
    idle_since: u64,
    /// Since when it holds what it holds.
    held_since: u64,
}

impl Default for Load {
    fn default() -> Self {
        Self {
            phase: LoadPhase::Absent,
            task: TaskRef { row: 0, step: 0 },
            users: 0,
            waiting: Vec::new(),
            lost: Vec::new(),
            has: Loaded { at: NEVER, until: 0 },
            keep: 0,
            attempts_before: 0,
            idle_since: NEVER,
            held_since: NEVER,
        }
    }
}

/// What is loaded for sites to share.
#[derive(Clone, Debug)]
pub(super) struct Loads {
    list: Vec<Load>,
    /// Loads that may not be needed any more.
    unneeded: Vec<u32>,
}

impl Loads {
    pub(super) fn new(plan: &Plan) -> Self {
        Self { list: vec![Load::default(); plan.loads.loads.len()], unneeded: Vec::new() }
    }

    /// Whether loads may have become unneeded.
    #[inline(always)]
    pub(super) fn some_are_unneeded(&self) -> bool {
        !self.unneeded.is_empty()
    }

    /// Who waits for a load.
    pub(super) fn waiting_for(&self, load: u32) -> &[TaskRef] {
        &self.list[load as usize].waiting
    }

    /// What a load has since its last attempt began.
    pub(super) fn what_is_in(&self, load: u32) -> Loaded {
        self.list[load as usize].has
    }

    /// An attempt at a load has begun that has this when it ends.
    pub(super) fn fill(&mut self, load: u32, has: Loaded) {
        self.list[load as usize].has = has;
    }

    /// Since when a load holds what it holds; never if it does not.
    pub(super) fn held_since(&self, load: u32) -> u64 {
        self.list[load as usize].held_since
    }

    /// From now on a load holds what it holds.
    pub(super) fn hold(&mut self, load: u32, now: u64) {
        self.list[load as usize].held_since = now;
    }
}
