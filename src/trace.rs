//! What observers are told of a replication: the [`Recorder`] trait, the one that listens to
//! nothing, and the one that keeps a log.
//!
//! Events drive the model; a [`TraceRecord`] tells what happened. The engine knows nothing of what
//! becomes of it.

use crate::units::SimTime;

/// Something that happened in a replication. Rows and steps are places in the plan's lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceRecord {
    /// A milestone of the incident was reached.
    Milestone(u32),
    /// An inject was thrown in.
    Injected(u32),
    /// An inject is over.
    InjectEnded(u32),
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
    /// From now on the tasks of a batch stand in the row of another of its sites.
    PassedOn {
        /// The row.
        row: u32,
        /// The number of the batch, over all tracks.
        batch: u32,
    },
    /// The attempt that starts or goes on next could have done so so many milliseconds before; told
    /// only where it had to wait. At the end it is told of all that still wait.
    Waited(TaskRef, u64),
    /// What the attempt that starts next takes, a place in the plan's demands; told only of steps
    /// that others or machines may take over.
    Takes(TaskRef, u16),
    /// An attempt started.
    Started(TaskRef),
    /// An attempt ended well.
    Finished(TaskRef),
    /// An attempt ended and has to be done again.
    Failed(TaskRef),
    /// An attempt paused: its people have gone.
    Paused(TaskRef),
    /// A paused attempt went on.
    Resumed(TaskRef),
    /// An attempt was given up.
    Aborted(TaskRef),
    /// A site was deleted that was not to be, or that had been deleted before.
    Deleted(u32),
    /// A task failed too often, and others took over.
    Escalated(TaskRef),
    /// The customer of a site has been reached about it.
    Reached(u32),
    /// A load was freed, because nobody needs it any more.
    Unloaded(TaskRef),
    /// A site was handed back.
    Restored(u32),
    /// A site turned out to be lost for good.
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
    #[inline(always)]
    fn record(&mut self, _: SimTime, _: TraceRecord) {}
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
