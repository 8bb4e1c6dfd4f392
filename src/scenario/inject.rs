//! `[[injects]]`: what the exercise throws in during the recovery.

use crate::dist::Distribution;
use crate::ids::{LimitId, RunbookId, ServiceId, SiteId, StepId, TeamId, ThroughputId};
use crate::scenario::Scenario;
use crate::scenario::aim::Aim;
use crate::scenario::moment::Moment;
use crate::units::Share;

/// Something that goes wrong during the recovery, at a fixed or at a random time.
#[derive(Clone, Debug)]
pub struct Inject {
    /// One line for people.
    pub title: String,
    /// What its draws are addressed by: its title or, without one, what is written of it. What it
    /// finds in the estate and the runbooks is no part of that, so that more of it moves no draw.
    pub key: String,
    /// From when its time is counted; never the end of a step.
    pub at: Moment,
    /// How long after that, in milliseconds.
    pub delay: Distribution,
    /// How long it lasts, in milliseconds; to the end without one.
    pub lasts: Option<Distribution>,
    /// In what share of the replications it happens.
    pub chance: Share,
    /// What happens.
    pub what: InjectKind,
}

/// What an inject does.
#[derive(Clone, Debug, PartialEq)]
pub enum InjectKind {
    /// People of a team are away.
    PeopleAway(TeamId, Cut),
    /// The shift of a team that is on, or else its next one, does not come. Without shifts nobody
    /// is there until the number of people changes.
    ShiftLost(TeamId),
    /// So many attempts of these steps fail, from the next that is started on.
    AttemptsFail(Vec<(RunbookId, StepId)>, u32),
    /// A limit has fewer units.
    LimitDrops(LimitId, Cut),
    /// A throughput has only this share of its rate left.
    ThroughputDrops(ThroughputId, Share),
    /// What is done for a service pauses, and nothing is started for it.
    Outage(ServiceId),
    /// These sites are deleted, again or for the first time.
    Deletion(Vec<SiteId>, Box<Aim>),
    /// No attempt of these steps is started; what runs goes on.
    Freeze(Vec<(RunbookId, StepId)>),
}

/// What a capacity is cut by, or to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cut {
    /// So many units.
    Units(u32),
    /// This share of what would be there.
    Share(Share),
}

impl Scenario {
    /// The same scenario in which the inject at a place never happens. It stays in the list, for
    /// injects with one key are told apart by their order, so that all others keep their draws. And
    /// work of one instant is ordered as before, by all that a site may come to lose and in the same
    /// queues: that it will not come nobody knows beforehand.
    #[must_use]
    pub fn without_inject(&self, place: usize) -> Self {
        let mut scenario = self.clone();
        scenario.injects[place].chance = Share::NONE;
        scenario
    }
}
