//! What one replication produced.

use crate::scenario::RpoAt;
use crate::units::{SimDuration, SimTime};

/// How a site that the incident aims at ended; every one ends as exactly one of these. Those that
/// are not [`Spared`](Self::Spared) were deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Restoration {
    /// Handed back at this instant.
    Restored(SimTime),
    /// Lost for good: there was nothing left to restore from.
    Lost,
    /// Not back when the replication ended.
    Unfinished,
    /// Never deleted: in this replication something stopped the deletion before its turn came.
    Spared,
}

impl Restoration {
    /// When the site was handed back, if it was.
    #[must_use]
    pub fn restored_at(self) -> Option<SimTime> {
        match self {
            Self::Restored(at) => Some(at),
            Self::Lost | Self::Unfinished | Self::Spared => None,
        }
    }
}

/// Data lost by one site, each a recovery point actual (RPA): a time span before its deletion. It is
/// not known, and that is not none, where no step that was done for the site says to which moment
/// its data comes back, and of a site that was not restored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DataLoss {
    /// The worst of its stores when the site was handed over.
    pub at_hand_over: Option<SimDuration>,
    /// The worst of its stores in the end, after repair: what it was at hand-over where nothing was
    /// repaired.
    pub after_repair: Option<SimDuration>,
    /// The spread between its stores at hand-over.
    pub inconsistency: Option<SimDuration>,
    /// Since when the loss is what it is after repair: the last instant at which the worst of its
    /// stores got better, by a repair or by being brought back once more; the hand-over where none
    /// did.
    pub repaired_at: Option<SimTime>,
}

impl DataLoss {
    /// The recovery point actual that an objective of this kind is about.
    ///
    /// ```
    /// use blackstart::experiment::DataLoss;
    /// use blackstart::scenario::RpoAt;
    /// use blackstart::units::SimDuration;
    /// let (day, minute) = (SimDuration::from_hours(24), SimDuration::from_millis(60_000));
    /// let loss = DataLoss {
    ///     at_hand_over: Some(day),
    ///     after_repair: Some(minute),
    ///     ..DataLoss::default()
    /// };
    /// assert_eq!(loss.of(RpoAt::HandOver), Some(day));
    /// assert_eq!(loss.of(RpoAt::Repair), Some(minute));
    /// assert_eq!(DataLoss::default().of(RpoAt::Repair), None);
    /// ```
    #[must_use]
    pub fn of(&self, at: RpoAt) -> Option<SimDuration> {
        match at {
            RpoAt::HandOver => self.at_hand_over,
            RpoAt::Repair => self.after_repair,
        }
    }

    /// By how much its worst store got better after hand-over; none where it did not.
    #[must_use]
    pub fn repaired(&self) -> Option<SimDuration> {
        let (before, after) = (self.at_hand_over?, self.after_repair?);
        (after < before).then(|| SimDuration::from_millis(before.as_millis() - after.as_millis()))
    }
}

/// What one replication produced. The vectors over sites are in the order of the plan's sites,
/// which is the order of the estate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How each site that the incident aims at ended.
    pub restorations: Vec<Restoration>,
    /// Since when each of them is or was last away, [`SimTime::NEVER`] where it was spared; empty
    /// when all were deleted just as the incident has it.
    pub deleted_at: Vec<SimTime>,
    /// How long each was away before it was back and deleted a second time, in milliseconds, all
    /// its earlier outages together; empty when none was.
    pub earlier_outage: Vec<u64>,
    /// The track that handed each site back; `u8::MAX` where none did.
    pub restored_by: Vec<u8>,
    /// Data lost by each site.
    pub data_loss: Vec<DataLoss>,
    /// Work and waiting by step of the plan.
    pub steps: Vec<StepTally>,
    /// Use of each pool of the plan.
    pub pools: Vec<PoolTally>,
    /// What each throughput of the plan moved.
    pub throughputs: Vec<ThroughputTally>,
    /// When somebody first reached the customer of each site about it; `None` where nobody did.
    /// Empty where no step reaches anybody.
    pub reached: Vec<Option<SimTime>>,
    /// When each milestone of the incident was reached.
    pub milestones: Vec<SimTime>,
    /// When the last of the sites that were restored was; T+0 when none was. It is the makespan
    /// where every site was.
    pub makespan: SimTime,
    /// Attempts of tasks that were started, over all steps.
    pub attempts: u64,
}

impl Outcome {
    /// Since when the site at this place is or was last away, given when the incident deletes it;
    /// `None` if it was spared.
    #[must_use]
    pub fn deleted_at(&self, site: usize, planned: SimTime) -> Option<SimTime> {
        let at = self.deleted_at.get(site).copied().unwrap_or(planned);
        (at != SimTime::NEVER).then_some(at)
    }

    /// How long the site at this place was away before its last outage, in milliseconds.
    #[must_use]
    pub fn earlier_outage(&self, site: usize) -> u64 {
        self.earlier_outage.get(site).copied().unwrap_or(0)
    }
}

/// Work and waiting of one step in one replication.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StepTally {
    /// Attempts that ended, the aborted ones too.
    pub attempts: u64,
    /// Attempts that failed.
    pub failures: u64,
    /// Tasks that others have taken over, because they failed too often.
    pub escalations: u64,
    /// Time that attempts ran, in milliseconds, summed over attempts.
    pub work: u64,
    /// Time from eligible to started and in pauses, in milliseconds, summed over attempts; up to
    /// the horizon where none came.
    pub wait: u64,
    /// When the last attempt ended, whether it did what it should or not; T+0 where none has, and
    /// never where one was under way, paused or waiting when the replication was stopped.
    pub last_end: SimTime,
}

/// Use of one pool in one replication.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolTally {
    /// Units in use times milliseconds: of a team, person-milliseconds worked.
    pub busy: u128,
    /// Of that, what was above the capacity: of a team, person-milliseconds of overtime.
    pub overtime: u128,
    /// Capacity times milliseconds from T+0 to the end of the last attempt or hold, at most to the
    /// horizon.
    pub capacity: u128,
}

/// What one throughput moved in one replication.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ThroughputTally {
    /// Bytes moved, those of transfers that were given up or still ran at the horizon too.
    pub moved: u128,
    /// Bytes that it could have moved from T+0 to the end of the last attempt.
    pub capacity: u128,
    /// Transfers under way times milliseconds.
    pub transfer_ms: u128,
}
