//! What an outsider is given of one exercise: the log, what its places stand for, and what the
//! program says that the exercise came to.

use crate::ids::{LimitId, SiteId, TeamId};
use crate::scenario::{FigureOf, Reading, StepPlace};
use crate::trace::{Binding, Outcome, TraceRecord};
use crate::units::SimTime;

/// One exercise as the program tells it.
#[derive(Clone, Debug, Default)]
pub struct Testimony {
    /// Seed of every random number.
    pub seed: u64,
    /// The number of the exercise, from 0.
    pub replication: u64,
    /// What the places in the log stand for.
    pub legend: Legend,
    /// What happened, in order.
    pub records: Vec<(SimTime, TraceRecord)>,
    /// What it came to.
    pub outcome: Outcome,
    /// Every figure that the exercise has.
    pub figures: Vec<(FigureOf, Reading)>,
    /// What the sites that came back were held up by.
    pub chains: Binding,
}

/// What the places in a log stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Legend {
    /// The site of each row.
    pub sites: Vec<SiteId>,
    /// The steps of all tracks.
    pub steps: Vec<StepPlace>,
    /// The pools: of the parts of a limit that counts per shard the limit; none of what closes when
    /// an inject stops work.
    pub pools: Vec<Option<Resource>>,
    /// The people and units of each combination that tasks take, keep or free.
    pub needs: Vec<Vec<(Resource, u32)>>,
}

/// People, or concurrent uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// Of a team.
    Team(TeamId),
    /// Of a limit.
    Limit(LimitId),
}
