//! `[incident.guardrails]`: what would have made the deletion smaller or easier to undo.
//!
//! The incident describes them; what is in force under a strategy is what either has switched on.

use crate::dist::Distribution;
use crate::ids::{MilestoneId, ServiceId};
use crate::units::{Share, SimDuration};

/// What stands between a mistake and the loss of all that it aims at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Guardrails {
    /// What is deleted can be un-deleted.
    pub soft_delete: Option<SoftDelete>,
    /// Sites are deleted in stages, until somebody stops that.
    pub staged_rollout: Option<StagedRollout>,
    /// The chance that the deletion is refused before it deletes anything.
    pub identifier_check: Option<Share>,
    /// One run deletes at most so many sites, the first in its order.
    pub bulk_cap: Option<u32>,
    /// Steps that are automated later are automated from T+0.
    pub tested_automation: bool,
}

impl Guardrails {
    /// Whether any is in force.
    #[must_use]
    pub fn any(&self) -> bool {
        self.soft_delete.is_some() || self.tested_automation || self.may_spare()
    }

    /// Whether any that is in force changes which sites are deleted, or when.
    #[must_use]
    pub fn may_spare(&self) -> bool {
        self.staged_rollout.is_some() || self.identifier_check.is_some() || self.bulk_cap.is_some()
    }
}

/// What is deleted is kept for a while and can be un-deleted.
#[derive(Clone, Debug, PartialEq)]
pub struct SoftDelete {
    /// The services that keep what is deleted; all without a list.
    pub services: Option<Vec<ServiceId>>,
    /// How long they keep it.
    pub retention: SimDuration,
    /// How long un-deleting takes in the place of a step that brings a store back, in
    /// milliseconds.
    pub undelete: Distribution,
}

impl SoftDelete {
    /// Whether a service keeps what is deleted.
    #[must_use]
    pub fn covers(&self, service: ServiceId) -> bool {
        self.services.as_ref().is_none_or(|it| it.contains(&service))
    }
}

/// Sites are deleted in stages, until somebody stops that.
#[derive(Clone, Debug, PartialEq)]
pub struct StagedRollout {
    /// Sites of each stage; after the last come all the rest.
    pub stages: Vec<u32>,
    /// How long nothing is deleted after each stage.
    pub soak: SimDuration,
    /// The milestone after which nothing more is deleted.
    pub stops_at: MilestoneId,
}

impl StagedRollout {
    /// How many stages are over before the site of this place, from 0, has its turn.
    #[must_use]
    pub fn stages_before(&self, place: usize) -> u64 {
        let mut end = 0;
        let over = self.stages.iter().take_while(|sites| {
            end += **sites as usize;
            end <= place
        });
        over.count() as u64
    }
}
