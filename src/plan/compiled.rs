//! A strategy, compiled: what the engine reads.

use super::capacities::PlanCapacities;
use super::deletions::PlanDeletions;
use super::draws::PlanDraws;
use super::failure::{PlanEscalation, PlanFailure};
use super::growth::PlanGrowth;
use super::inject::{PlanInject, PlanInjectKind};
use super::loads::PlanLoads;
use super::moment::PlanBase;
use super::needs::PlanNeeds;
use super::pool::{PlanPool, TeamStrain};
use super::priority::PlanPriority;
use super::profile::{Precedence, Profile};
use super::restore::PlanStores;
use super::site_step::SiteStep;
use super::sites::PlanSite;
use super::step::{PlanStep, StepDetail};
use super::track::PlanTrack;
use super::transfer::PlanTransfers;

/// A strategy, ready to be simulated.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// The tracks, in the order of the file.
    pub tracks: Vec<PlanTrack>,
    /// The steps of all tracks, expanded, track after track.
    pub steps: Vec<PlanStep>,
    /// What only some of those steps have.
    pub details: Vec<StepDetail>,
    /// What the loop needs to know of each step for sites of each profile, profile after profile.
    pub site_steps: Vec<SiteStep>,
    /// The sites that may be deleted, in the order of the estate. A place in this list is a row.
    pub sites: Vec<PlanSite>,
    /// The graphs of steps, by the products of a site and by what of it is lost.
    pub profiles: Vec<Profile>,
    /// What waits for what beside that.
    pub precedence: Precedence,
    /// Renewable resources: the teams, then the limits, then the gates that injects close, then
    /// the parts of the limits that count per shard.
    pub pools: Vec<PlanPool>,
    /// What makes the attempts of teams longer, by team.
    pub strains: Vec<TeamStrain>,
    /// How many units pools have when, and how many sites tracks take at once.
    pub capacities: PlanCapacities,
    /// What tasks need and keep.
    pub needs: PlanNeeds,
    /// What is loaded for sites to share.
    pub loads: PlanLoads,
    /// What moves over which bandwidth.
    pub transfers: PlanTransfers,
    /// What the exercise throws in.
    pub injects: Vec<PlanInject>,
    /// What the incident takes when, and what is dated by it.
    pub deletions: PlanDeletions,
    /// Steps that are automated from a moment on: at T+0, at a milestone, or at the end of a
    /// `once` step.
    pub automations: Vec<(u16, PlanBase)>,
    /// The order among eligible tasks.
    pub priority: PlanPriority,
    /// How durations grow with sizes.
    pub growth: PlanGrowth,
    /// What is drawn at random, from which streams.
    pub draws: PlanDraws,
    /// What is brought back, and from which backups.
    pub stores: PlanStores,
    /// When a replication is stopped, in milliseconds.
    pub horizon: u64,
}

impl Plan {
    /// How a step that can fail goes wrong.
    pub(crate) fn failure(&self, step: u16) -> &PlanFailure {
        let failure = self.details[usize::from(step)].failure.as_ref();
        failure.expect("a step that can fail says how")
    }

    /// Who takes over from a step that escalates.
    pub(crate) fn escalation(&self, step: u16) -> &PlanEscalation {
        let escalation = self.failure(step).escalation.as_ref();
        escalation.expect("a step that escalates says to whom")
    }

    /// The graph of steps of a site that has lost what both are for.
    pub(crate) fn joined(&self, one: u16, other: u16) -> u16 {
        match one == other {
            true => one,
            false => *self
                .deletions
                .joined
                .get(&(one, other))
                .expect("all that may be lost was looked at"),
        }
    }

    /// The teams and then the limits: all pools that have a name of their own.
    pub(crate) fn named_pools(&self) -> &[PlanPool] {
        &self.pools[..self.capacities.first_gate]
    }

    /// Every pool.
    pub(crate) fn every_pool(&self) -> std::ops::Range<u16> {
        0..u16::try_from(self.pools.len()).expect("a demand knows its pools by 16 bits")
    }

    /// The team or the limit that a pool is, or counts a shard's units of; none of a gate.
    pub(crate) fn named(&self, pool: u16) -> Option<u16> {
        let is_gate = self.capacities.gates().contains(&usize::from(pool));
        (!is_gate).then(|| self.whole(pool))
    }

    /// Every demand.
    pub(crate) fn every_demand(&self) -> std::ops::Range<u16> {
        0..u16::try_from(self.needs.demands.len()).expect("a step knows its demand by 16 bits")
    }

    /// The people and units of a demand, pool after pool.
    pub(crate) fn units(&self, demand: u16) -> impl Iterator<Item = (u16, u32)> + '_ {
        let is_gate = |pool: u16| self.capacities.gates().contains(&usize::from(pool));
        self.needs.demands.all(demand).filter(move |(pool, _)| !is_gate(*pool))
    }

    /// The teams that have people in a demand.
    pub(crate) fn teams(&self, demand: u16) -> impl Iterator<Item = u16> + '_ {
        self.units(demand).map(|it| it.0).filter(|it| self.pools[usize::from(*it)].is_team)
    }

    /// The limit that a pool counts a shard's units of; any other is that itself.
    pub(crate) fn whole(&self, pool: u16) -> u16 {
        self.pools[usize::from(pool)].part_of.unwrap_or(pool)
    }

    /// Whether what takes a demand cannot start or go on while an inject is on.
    pub(crate) fn is_closed_by(&self, demand: u16, inject: u32) -> bool {
        match self.injects[inject as usize].what {
            PlanInjectKind::Close(gate) => {
                self.needs.demands.all(demand).any(|(pool, _)| usize::from(pool) == gate)
            }
            _ => false,
        }
    }
}
