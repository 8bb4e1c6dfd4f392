//! What a replication has to know of the deletions and of the milestones after them.

use std::collections::BTreeMap;

use crate::dist::Distribution;
use crate::ids::Id;
use crate::rng::{Purpose, StreamKey};
use crate::scenario::{MilestoneAnchor, Scenario, Strategy};
use crate::units::{Share, SimTime};

use super::sites::{PlanLoss, PlanSite};

/// What the incident takes when, what may stop it, and what is dated by it.
#[derive(Clone, Debug)]
pub(crate) struct PlanDeletions {
    /// The graph of steps of a site that has lost what two graphs are for; none where only whole
    /// sites are lost.
    pub joined: BTreeMap<(u16, u16), u16>,
    /// What sites lose at times of their own: not what they lose first, unless an inject may take
    /// something of them before. Nothing where only whole sites are lost.
    pub losses: Vec<PlanLoss>,
    /// The rows that the incident deletes after T+0, in the order of that.
    pub later: Vec<u32>,
    /// What may stop the deletion.
    pub stops: PlanStops,
    /// How the milestones follow each other: first those that do not follow the last deletion.
    pub milestones: Vec<PlanMilestone>,
    /// How many of them do not follow the last deletion.
    pub milestones_before: usize,
}

/// What may stop the deletion in a replication.
#[derive(Clone, Debug)]
pub(crate) struct PlanStops {
    /// Whether all sites may be deleted just when the incident has it; the outcome then need not
    /// say when they were.
    pub as_planned: bool,
    /// With this chance the deletion is refused before it deletes anything.
    pub refused: f64,
    /// The stream that decides about that.
    pub refusal: StreamKey,
    /// The milestone after which nothing more is deleted.
    pub milestone: Option<usize>,
}

/// How a milestone is dated, in an order in which each can be.
#[derive(Clone, Debug)]
pub(crate) struct PlanMilestone {
    /// Its place in the incident.
    pub index: usize,
    /// The milestone that it follows, or one of the deletions.
    pub after: PlanAnchor,
    pub delay: Distribution,
    pub stream: StreamKey,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum PlanAnchor {
    FirstDeletion,
    LastDeletion,
    Milestone(usize),
}

impl PlanDeletions {
    pub(super) fn new(
        scenario: &Scenario,
        strategy: &Strategy,
        joined: BTreeMap<(u16, u16), u16>,
        losses: Vec<PlanLoss>,
        sites: &[PlanSite],
    ) -> Self {
        let milestones = milestones(scenario);
        Self {
            joined,
            losses,
            later: later(sites),
            stops: stops(scenario, strategy),
            milestones_before: milestones.iter().filter(|(_, follows)| !follows).count(),
            milestones: milestones.into_iter().map(|(milestone, _)| milestone).collect(),
        }
    }
}

fn later(sites: &[PlanSite]) -> Vec<u32> {
    let is_later = |site: &PlanSite| site.deleted_at > 0 && site.deleted_at != u64::MAX;
    let rows = (0u32..).zip(sites).filter(|(_, site)| is_later(site));
    let mut later: Vec<u32> = rows.map(|(row, _)| row).collect();
    later.sort_by_key(|row| sites[*row as usize].deleted_at);
    later
}

/// The milestones, each with whether it follows the last deletion, directly or through others;
/// those that do come last.
fn milestones(scenario: &Scenario) -> Vec<(PlanMilestone, bool)> {
    let incident = &scenario.incident;
    let dated = incident.milestone_order.iter().map(|id| {
        let milestone = &incident.milestones[*id];
        let dated = PlanMilestone {
            index: id.index(),
            after: match milestone.after {
                MilestoneAnchor::FirstDeletion => PlanAnchor::FirstDeletion,
                MilestoneAnchor::LastDeletion => PlanAnchor::LastDeletion,
                MilestoneAnchor::Milestone(other) => PlanAnchor::Milestone(other.index()),
            },
            delay: milestone.delay.clone(),
            stream: StreamKey::new(Purpose::Milestone, &[&milestone.name]),
        };
        (dated, incident.follows_last_deletion(*id))
    });
    let mut dated: Vec<(PlanMilestone, bool)> = dated.collect();
    dated.sort_by_key(|it| it.1);
    dated
}

fn stops(scenario: &Scenario, strategy: &Strategy) -> PlanStops {
    let guardrails = &strategy.guardrails;
    let all = scenario.incident.deleted.iter().all(|it| it.at != SimTime::NEVER);
    PlanStops {
        as_planned: all && !guardrails.may_spare(),
        refused: guardrails.identifier_check.map_or(0.0, Share::fraction),
        refusal: StreamKey::new(Purpose::Refusal, &[]),
        milestone: guardrails.staged_rollout.as_ref().map(|it| it.stops_at.index()),
    }
}
