//! What makes an attempt longer for its teams: much that goes on at once, and long hours.

use crate::engine::replication::Engine;
use crate::plan::{PlanStep, TeamStrain};
use crate::trace::TaskRef;

impl Engine<'_> {
    /// The factor on an attempt that starts now: that of the team that loses most.
    pub(in crate::engine) fn strain(&self, task: TaskRef, step: &PlanStep) -> f64 {
        let (first, others) = self.plan.needs.demands.units(usize::from(self.demand(task, step)));
        let pools = std::iter::once(&first).chain(others);
        // Pools behind the teams have no strain.
        let teams = pools.filter(|(_, units)| *units > 0).map(|(pool, _)| usize::from(*pool));
        teams.filter_map(|team| self.strain_of(team)).fold(1.0, f64::max)
    }

    fn strain_of(&self, team: usize) -> Option<f64> {
        let TeamStrain { coordination, fatigue } = self.plan.strains.get(team)?;
        let (tracks, batches) = self.tracks.at_work();
        let beside = |count: u32| f64::from(count.saturating_sub(1));
        let apart =
            coordination.per_track * beside(tracks) + coordination.per_batch * beside(batches);
        let there = self.capacities.there_for(team, self.now);
        let tired = fatigue.iter().rev().find(|(after, _)| *after <= there).map_or(1.0, |it| it.1);
        Some((1.0 + apart).min(coordination.at_most) * tired)
    }
}
