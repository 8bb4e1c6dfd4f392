//! Tasks at work, and what stands for nobody and for no instant: what every mechanism shares.

/// Nobody and nothing.
pub(super) const NONE: u32 = u32::MAX;
/// No instant.
pub(super) const NEVER: u64 = u64::MAX;

/// How far a task has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    /// Something that comes before it is not done.
    #[default]
    Waiting,
    /// It could start if its load stood.
    Loading,
    /// It could start.
    Eligible,
    /// An attempt runs.
    Running,
    /// An attempt has begun and waits for people to go on.
    Paused,
    /// Another step is done in its place.
    TakenOver,
    /// Done; a later failure may send it back.
    Done,
    /// Given up.
    Dropped,
}

/// A task, in sixteen bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Task {
    /// When it became eligible or, once it runs, when it started; when it went on or paused last,
    /// if it has; in milliseconds.
    pub since: u64,
    /// For how many others it waits.
    pub pending: u32,
    /// Attempts before the present one.
    pub attempt: u16,
    /// Tells an event or a place in a queue from before the task was given up.
    pub epoch: u8,
    pub phase: Phase,
}
