//! What observers are told of a replication: the [`Recorder`] trait, the one that listens to
//! nothing, and the one that keeps a log.
//!
//! Events drive the model; a [`TraceRecord`] tells what happened. The engine knows nothing of what
//! becomes of it. Records come in the order in which things happened, and what is made possible by
//! something is told right behind it: a task that becomes eligible follows the end, the taking, the
//! opening or the loss that let it go. So nobody has to know the rules of the engine to tell why.

mod binding;
mod outcome;
mod testimony;

pub use binding::{Binding, Bound, Link, Piece, Try};
pub use outcome::{DataLoss, Outcome, PoolTally, Restoration, StepTally, ThroughputTally};
pub use testimony::{Legend, Resource, Testimony};

use crate::units::SimTime;

/// Something that happened in a replication. Rows, steps, tracks and pools are places in the plan's
/// lists; so is what is taken, kept or freed, in its demands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TraceRecord {
    /// A milestone of the incident was reached.
    Milestone(u32),
    /// An inject was thrown in.
    Injected(u32),
    /// An inject is over.
    InjectEnded(u32),
    /// From now on there is so much of a team or a limit; of a limit that counts per shard, of each
    /// shard's.
    Capacity {
        /// The pool.
        pool: u16,
        /// People, or units.
        units: u32,
    },
    /// From now on a machine does a step.
    Automated(u16),
    /// A track opened.
    Opened(u8),
    /// A track closed.
    Closed(u8),
    /// A track took a site into a batch.
    Taken {
        /// The site's row.
        row: u32,
        /// The track.
        track: u8,
        /// The number of the batch, over all tracks.
        batch: u32,
    },
    /// A batch has freed its slot in its track.
    SlotFreed {
        /// The track.
        track: u8,
        /// The number of the batch, over all tracks.
        batch: u32,
    },
    /// From now on the task of a batch stands in the row of another of its sites.
    PassedOn {
        /// The task as it was.
        task: TaskRef,
        /// The row.
        row: u32,
    },
    /// A site has done one of the steps for which a step of its batch waits: the step of the batch,
    /// in the row of the site.
    Arrived(TaskRef),
    /// A task could start if the load of its shard stood.
    Asked(TaskRef),
    /// A task could start if there were people and units.
    Eligible(TaskRef),
    /// An attempt started.
    Started(Start),
    /// A paused attempt went on.
    Resumed(Start),
    /// An attempt ended well.
    Finished(End, Practice),
    /// An attempt ended and has to be done again.
    Failed(End),
    /// An attempt paused: its people have gone.
    Paused(End),
    /// An attempt was given up.
    Aborted(End),
    /// The replication ends, and a task still waits that could start.
    StillWaits {
        /// The task.
        task: TaskRef,
        /// For how long, in milliseconds.
        waited: u64,
        /// What it would take.
        takes: u16,
    },
    /// A task keeps something beyond its end.
    Held {
        /// The task.
        task: TaskRef,
        /// What it keeps; it has been taken when the attempt started.
        keeps: u16,
    },
    /// What a task has kept is free.
    Freed {
        /// The task.
        task: TaskRef,
        /// What is free.
        frees: u16,
        /// For how long it was kept, in milliseconds.
        held: u64,
    },
    /// A site was deleted that was not to be, or that had been deleted before.
    Deleted {
        /// Its row.
        row: u32,
        /// The graph of steps of all that it has lost by now, as the plan numbers them.
        profile: u16,
    },
    /// A task failed too often, and others took over.
    Escalated(TaskRef),
    /// The customer of a site has been reached about it.
    Reached(u32),
    /// A load was freed, because nobody needs it any more.
    Unloaded(TaskRef),
    /// A load that was to come and had not begun was given up, because nobody waits for it any more.
    Cancelled(TaskRef),
    /// A site was handed back.
    Restored(u32),
    /// An attempt was to start, and there is nothing left that it could restore from: what is still
    /// to be done for its site is given up. Of a task that waits for its load it was the load's
    /// attempt that was to start, and it is told what that would have taken.
    NothingLeft(Start),
    /// An attempt has found out that nothing is left that it could restore from: what is still to be
    /// done for its site is given up, or for those for which the load was to be.
    FoundNothing(End),
    /// An attempt at a load has ended, and there is nothing in it for a task that waits for it: what
    /// is still to be done for its site is given up.
    NotInLoad(TaskRef),
    /// A site is lost for good.
    Lost(u32),
}

/// A task of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaskRef {
    /// The site's row; of a `batch` step its first site's, of a `shard` step that of the site that
    /// asked for the load first, of a `once` step 0.
    pub row: u32,
    /// The step.
    pub step: u16,
}

/// An attempt that starts or goes on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Start {
    /// The task.
    pub task: TaskRef,
    /// Which attempt at the task it is, counted from 1, as the draws are addressed: work that is
    /// given up and begun anew is the same attempt.
    pub attempt: u32,
    /// Whether it is done again after a failure.
    pub again: bool,
    /// For how long it could have started or gone on before, in milliseconds.
    pub waited: u64,
    /// What it takes now: people and units, those that it will keep too. A paused attempt has kept
    /// its units.
    pub takes: u16,
    /// What it has while it runs, besides what it keeps.
    pub has: u16,
    /// How long it will run from now on if nothing comes between, in milliseconds; what a transfer
    /// takes depends on the others.
    pub length: Option<u64>,
    /// What practice has left of its time, at most 1.
    pub practised: f64,
    /// Whether it is done by a machine, or with its help.
    pub by_machine: bool,
}

/// An attempt that ends or pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// The task.
    pub task: TaskRef,
    /// Which attempt at the task it was, as in [`Start`].
    pub attempt: u32,
    /// For how long it has run since it started or went on, in milliseconds; none of one that is
    /// given up while it pauses.
    pub ran: Option<u64>,
    /// What it had while it ran, besides what it keeps; a paused attempt gives back its people only,
    /// and its limits if it is given up while it pauses.
    pub frees: u16,
}

/// How often work has been done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Practice {
    /// The first step that is the same work.
    pub work: u16,
    /// How often it has been completed, this time included.
    pub completions: u32,
}

/// How much of everything is in use. Pools and tracks are places in the plan's lists.
pub trait Levels {
    /// Units of a pool in use, and how many there are; of a limit that counts per shard, of all
    /// shards together.
    fn pool(&self, pool: usize) -> (u64, u64);

    /// Batches of a track in flight, and how many may be; none where there is no bound.
    fn track(&self, track: usize) -> (u64, Option<u64>);
}

/// Listens to a replication.
pub trait Recorder {
    /// Whether it listens at all: what nobody hears is not even put together.
    const LISTENS: bool = true;

    /// Is told what happened, in the order in which it happened.
    fn record(&mut self, at: SimTime, record: TraceRecord);

    /// Is told that everything that happens at an instant has happened.
    #[inline(always)]
    fn settled(&mut self, _at: SimTime, _levels: &impl Levels) {}
}

/// Listens to nothing; costs nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Recorder for Silent {
    const LISTENS: bool = false;

    #[inline(always)]
    fn record(&mut self, _: SimTime, _: TraceRecord) {}
}

/// Two that listen to the same replication.
impl<A: Recorder, B: Recorder> Recorder for (&mut A, &mut B) {
    const LISTENS: bool = A::LISTENS || B::LISTENS;

    fn record(&mut self, at: SimTime, record: TraceRecord) {
        self.0.record(at, record);
        self.1.record(at, record);
    }

    fn settled(&mut self, at: SimTime, levels: &impl Levels) {
        self.0.settled(at, levels);
        self.1.settled(at, levels);
    }
}

/// Listens where there is somebody.
impl<R: Recorder> Recorder for Option<R> {
    const LISTENS: bool = R::LISTENS;

    fn record(&mut self, at: SimTime, record: TraceRecord) {
        if let Some(recorder) = self {
            recorder.record(at, record);
        }
    }

    fn settled(&mut self, at: SimTime, levels: &impl Levels) {
        if let Some(recorder) = self {
            recorder.settled(at, levels);
        }
    }
}

/// Keeps everything.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// What happened, in order.
    pub records: Vec<(SimTime, TraceRecord)>,
}

impl Recorder for Log {
    fn record(&mut self, at: SimTime, record: TraceRecord) {
        self.records.push((at, record));
    }
}
