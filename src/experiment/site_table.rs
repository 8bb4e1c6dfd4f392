//! What becomes of each site: over all exercises, and in the one of the middle why.

use serde::{Deserialize, Serialize};

use crate::units::SimDuration;

/// The sites under one strategy, in the order of the incident; empty where every exercise draws its
/// own estate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SiteTable {
    /// One for each site.
    pub sites: Vec<SiteRow>,
    /// What the pieces of [`SiteRow::pieces`] went into.
    pub causes: Vec<PieceCause>,
}

/// What becomes of one site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SiteRow {
    /// Its name.
    pub name: String,
    /// Exercises in which it was deleted.
    pub deleted: u32,
    /// Exercises in which it came back.
    pub back: u32,
    /// Median recovery time by the policy's clock, over the exercises in which it was deleted; none
    /// where it does not come back in half of them.
    pub rta_p50: Option<SimDuration>,
    /// The same in 19 of 20 exercises.
    pub rta_p95: Option<SimDuration>,
    /// Median of the data lost after repair.
    pub rpa_p50: Option<SimDuration>,
    /// The same in 19 of 20 exercises.
    pub rpa_p95: Option<SimDuration>,
    /// The place of the track that gave it back most often; none where none did.
    pub track: Option<u8>,
    /// Its binding chain in the replay of the middle, in order: the place of the cause, and how
    /// long. Empty where it did not come back.
    pub pieces: Vec<(u16, SimDuration)>,
}

/// What a piece of a chain went into.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PieceCause {
    /// The kind of thing, as in the table of what holds a strategy up.
    pub held: super::Held,
    /// The track; empty where it is about none.
    pub track: String,
    /// The name of the thing.
    pub name: String,
    /// Who works; empty where nobody does.
    pub team: String,
    /// What it waited for to become free before it began: a team, a limit or a track; empty where
    /// it began as soon as it could.
    pub waited_for: String,
}
