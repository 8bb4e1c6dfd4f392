//! To which moment a step brings a store back.

use crate::dist::Distribution;
use crate::ids::StepId;
use crate::spec::Anchor;
use crate::units::{Share, SimDuration};

/// To which moment a step brings a store back.
#[derive(Clone, Debug, PartialEq)]
pub enum RestorePoint {
    /// A fixed time before a deletion.
    Fixed {
        /// How long before.
        before: SimDuration,
        /// Before whose deletion.
        of: Anchor,
        /// Snapshots picked by hand are sometimes older.
        by_hand: Option<ByHand>,
    },
    /// The latest point of the site's shard.
    Latest {
        /// All stores of the site that are restored in this way go back to the oldest of their
        /// latest points, or to what is next before it.
        common: bool,
        /// Snapshots picked by hand are sometimes older.
        by_hand: Option<ByHand>,
    },
}

impl RestorePoint {
    /// Whether both name the same moment, however a snapshot is picked.
    pub(crate) fn is_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Fixed { before, of, .. }, Self::Fixed { before: other, of: whose, .. }) => {
                (before, of) == (other, whose)
            }
            (Self::Latest { common, .. }, Self::Latest { common: other, .. }) => common == other,
            _ => false,
        }
    }

    /// How snapshots picked by hand go wrong, if they are picked by hand.
    #[must_use]
    pub fn by_hand(&self) -> Option<&ByHand> {
        match self {
            Self::Fixed { by_hand, .. } | Self::Latest { by_hand, .. } => by_hand.as_ref(),
        }
    }
}

/// Snapshots picked by hand: sometimes an older one than meant.
#[derive(Clone, Debug, PartialEq)]
pub struct ByHand {
    /// The chance of picking an older one.
    pub probability: Share,
    /// How much older, in milliseconds.
    pub older: Distribution,
    /// The step whose end brings the missing data back, if any does.
    pub repaired_by: Option<StepId>,
}
