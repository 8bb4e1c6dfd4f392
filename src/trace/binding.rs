//! What binding chains are made of: pieces of time, each with what had to become free before it.
//! Places are those of the log.

use crate::trace::TaskRef;
use crate::units::SimTime;

/// What a piece of time went into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Piece {
    /// An attempt at a step, by those of a demand.
    Work {
        /// The task.
        task: TaskRef,
        /// Who and what works on it, by its demand.
        takes: u16,
        /// What kind of attempt it was.
        attempt: Try,
    },
    /// Waiting for people of a team to come, for more units of a limit to be there, or for units to
    /// be given back that were kept although nobody worked with them.
    Capacity(u16),
    /// Waiting until an inject was over.
    Inject(u32),
    /// Waiting for a track to open.
    Opening(u8),
    /// Waiting for a slot in a track, when no other site freed it.
    Slot(u8),
    /// What a track did before it gave the site up.
    GivenUp(u8),
    /// Waiting for a moment from which on machines do the work.
    Automation,
    /// Waiting for the deletion of a site to come.
    Deletion,
    /// What the log does not tell.
    Unknown,
}

/// What kind of attempt it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Try {
    /// The first at its task, and it was of use.
    First,
    /// It did again what had failed.
    Again,
    /// It failed.
    Failed,
    /// It was given up.
    GivenUp,
}

/// What it was that had to become free before a piece could begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Nothing: it began as soon as it could.
    Nothing,
    /// Units of a pool that was short, taken since an instant by what came before.
    Pool(u16, u64),
    /// A slot of a track, taken since an instant.
    Slot(u8, u64),
}

/// The binding chains of an exercise: what they have in common stands there once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Binding {
    /// The pieces of all chains; each stands behind the one that comes before it in time.
    pub links: Vec<Link>,
    /// The row of each site that came back, with the last piece of its chain, a place in the list;
    /// none where it was handed over as soon as it was deleted.
    pub ends: Vec<(u32, Option<u32>)>,
}

/// A piece of a binding chain, from its first instant to its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// When it began.
    pub from: SimTime,
    /// When it ended.
    pub to: SimTime,
    /// What the time went into.
    pub piece: Piece,
    /// What it had waited for to become free.
    pub bound: Bound,
    /// The piece that ends where this one begins, a place in the list; none where nothing is
    /// before it.
    pub after: Option<u32>,
}
