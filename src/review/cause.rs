//! What the time of a recovery goes into, in the words of the scenario.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a part of a chain went into.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Held")]
pub enum CauseKind {
    /// Work on a step, for all the services or products that it is done for.
    Step,
    /// Waiting for people of a team to come, for more units of a limit to be there, or for units to
    /// be given back that were kept although nobody worked with them.
    Capacity,
    /// Waiting until an inject was over.
    Inject,
    /// Waiting for a track to open.
    Opening,
    /// Waiting for a slot in a track that no other site freed.
    Slot,
    /// What a track did before it gave the site up.
    GivenUp,
    /// Waiting for a moment from which on machines do the work.
    Automation,
    /// Waiting for a deletion that came later.
    Deletion,
    /// What the log does not tell.
    Unknown,
    /// Work by people of these teams; without a name by nobody: by customers, vendors or machines.
    Crew,
    /// A team had what the chain followed for so long, and somebody waited for it.
    TeamBound,
    /// The same of a limit.
    LimitBound,
    /// The same of the slots of a track.
    SlotBound,
    /// Work on the load of a shard.
    Shard,
    /// Work that failed or was done again.
    Rework,
    /// Work on a step for one of the services or products that it is done for.
    Element,
}

impl CauseKind {
    /// Whether parts of this kind, with those of the other kinds for which this holds, make up the
    /// whole.
    #[must_use]
    pub fn in_whole(self) -> bool {
        self <= Self::Unknown
    }
}

/// What a piece of a binding chain went into.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PieceCause {
    /// The kind of thing: one of those that make up the whole.
    pub held: CauseKind,
    /// The track; empty where it is about none.
    pub track: String,
    /// The name of the thing: a step, a team, a limit or an inject.
    pub name: String,
    /// Who works on a step, joined by `+`; empty where nobody does.
    pub teams: String,
    /// Whether it was work that failed or was done again.
    pub again: bool,
    /// What had to become free before it began, a team, a limit or a track, if anything had.
    pub waited_for: String,
}
