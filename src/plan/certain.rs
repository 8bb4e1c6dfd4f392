//! Whether anything that a plan draws can change a replication.

use crate::scenario::PriorityRule;

use super::backups::{Catalogue, PlanProtection};
use super::compiled::Plan;
use super::inject::PlanInject;
use super::restore::PlanRestore;
use super::step::{PlanStep, StepDetail};

impl Plan {
    /// Whether all replications of this plan are the same, whatever their random numbers: every
    /// length is fixed, and nothing happens by chance. A plan of which that is not seen is taken for
    /// one that varies.
    pub(crate) fn is_certain(&self) -> bool {
        let uncertainty = self.draws.uncertainty;
        let spreads = [uncertainty.site, uncertainty.step, uncertainty.team];
        spreads.iter().all(|spread| *spread == 0.0)
            && self.priority.rule != PriorityRule::Random
            && !is_chance(self.deletions.stops.refused)
            && self.tracks.iter().all(|track| track.shuffle.is_none())
            && self.steps.iter().all(PlanStep::is_certain)
            && self.details.iter().all(StepDetail::is_certain)
            && self.stores.restores.iter().all(PlanRestore::is_certain)
            && self.deletions.milestones.iter().all(|milestone| milestone.delay.is_fixed())
            && self.injects.iter().all(PlanInject::is_certain)
            && self.stores.catalogues.iter().all(Catalogue::is_certain)
    }
}

impl PlanStep {
    fn is_certain(&self) -> bool {
        self.duration.is_fixed()
    }
}

impl StepDetail {
    fn is_certain(&self) -> bool {
        self.failure.as_ref().is_none_or(|failure| !is_chance(failure.probability))
    }
}

impl PlanRestore {
    fn is_certain(&self) -> bool {
        self.by_hand.as_ref().is_none_or(|by_hand| {
            by_hand.probability == 0.0
                || by_hand.older.is_fixed() && !is_chance(by_hand.probability)
        })
    }
}

impl PlanInject {
    fn is_certain(&self) -> bool {
        let lasts = self.lasts.as_ref().is_none_or(crate::dist::Distribution::is_fixed);
        lasts && self.delay.is_fixed() && !is_chance(self.chance)
    }
}

impl Catalogue {
    fn is_certain(&self) -> bool {
        self.protections.iter().all(PlanProtection::is_certain)
    }
}

impl PlanProtection {
    fn is_certain(&self) -> bool {
        let unreadable = [self.each_unreadable, self.all_unreadable];
        self.phase.is_some()
            && self.breaks.is_none()
            && unreadable.iter().flatten().all(|(chance, _)| !is_chance(*chance))
    }
}

/// Whether it is neither never nor always.
fn is_chance(probability: f64) -> bool {
    0.0 < probability && probability < 1.0
}
