//! Back with old data: sites that were handed over with data older than their objective allows, and
//! what was repaired of that.

use crate::trace::DataLoss;
use crate::units::{SimDuration, SimTime};

/// Sites of one replication that came back with older data than the recovery point objective of
/// their tier allows. Of sites of which nobody knows what they lost nothing is said here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outdated {
    /// Deleted sites that have an objective, and their users.
    pub asked: Counted,
    /// Those that were handed over with older data than it allows.
    pub back: Counted,
    /// Those whose data is older than it allows in the end, after repair.
    pub left: Counted,
    /// Sites that were handed over with older data, and not left with it.
    pub repaired: u32,
    /// The time from hand-over until it was repaired, summed over those, in milliseconds.
    pub repair_ms: u128,
}

/// A number of sites, and of their users.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Sites.
    pub sites: u32,
    /// Their users.
    pub users: u64,
}

impl Counted {
    fn add(&mut self, users: u64) {
        self.sites += 1;
        self.users += users;
    }
}

/// A deleted site with a recovery point objective.
pub(crate) struct Asked {
    pub users: u64,
    pub objective: SimDuration,
    /// When it was handed over, if it was.
    pub back: Option<SimTime>,
    pub loss: DataLoss,
}

impl Outdated {
    /// What became of all deleted sites with an objective.
    pub(crate) fn of(sites: impl Iterator<Item = Asked>) -> Self {
        let mut all = Self::default();
        for Asked { users, objective, back, loss } in sites {
            all.asked.add(users);
            let Some(back) = back else { continue };
            let is_old = |lost: Option<SimDuration>| lost.is_some_and(|it| it > objective);
            let (old, left) = (is_old(loss.at_hand_over), is_old(loss.after_repair));
            if old {
                all.back.add(users);
            }
            if left {
                all.left.add(users);
            }
            if let (true, false, Some(at)) = (old, left, loss.repaired_at) {
                all.repaired += 1;
                all.repair_ms += u128::from(at.saturating_since(back).as_millis());
            }
        }
        all
    }

    /// The share of the sites with an objective that some are; none where there is no such site.
    #[must_use]
    pub fn share_of_sites(&self, some: Counted) -> f64 {
        match self.asked.sites {
            0 => 0.0,
            all => f64::from(some.sites) / f64::from(all),
        }
    }

    /// The share of the users of sites with an objective that some have; that of sites where there is
    /// no user.
    #[must_use]
    pub fn share_of_users(&self, some: Counted) -> f64 {
        match self.asked.users {
            0 => self.share_of_sites(some),
            all => some.users as f64 / all as f64,
        }
    }

    /// The mean time from hand-over until old data was repaired, rounded to the nearest millisecond;
    /// `None` where none was.
    #[must_use]
    pub fn mean_repair(&self) -> Option<SimDuration> {
        let repaired = u128::from(self.repaired);
        let mean = (self.repair_ms + repaired / 2).checked_div(repaired)?;
        let mean = u64::try_from(mean).expect("a mean is at most the largest");
        Some(SimDuration::from_millis(mean))
    }
}
