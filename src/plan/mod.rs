//! One strategy compiled for one scenario: flat arrays for the engine.
//!
//! A task is a step for one target. Steps of all tracks of the strategy stand in one list, deleted
//! sites in another, and a task is a pair of the two: its number is `row * steps + step`. The task
//! of a `batch` step lies in the row of its batch's first site, that of a `shard` step in the row
//! of the first site that asks for its load, that of a `once` step in row 0.
//!
//! Sites with the same products that have lost the same of it have the same graph of steps, a
//! [`Profile`]: steps for services or products that they do not have, or have not lost, are left out
//! of it, and what waited for those waits for what they waited for.
//!
//! Nothing here can fail: a [`crate::scenario::Scenario`] has been checked.

mod backups;
mod certain;
mod compile;
mod expand;
mod failure;
mod inject;
mod label;
mod loads;
mod needs;
mod priority;
mod profile;
mod soft;
mod transfer;

pub(crate) use backups::{Catalogue, PlanProtection, PlanRetention};
pub(crate) use compile::{compile, keep_together};
pub(crate) use inject::{InjectDraw, PlanInject, PlanInjectKind, PlanShift};
pub use label::{PoolLabel, StepLabel};
pub(crate) use label::{pool_labels, step_labels, step_places, throughput_labels};
pub(crate) use loads::Loads;
use needs::Needs;
pub(crate) use needs::{PlanHold, Variant, Variants};

use std::collections::BTreeMap;

use crate::dist::Distribution;
use crate::ids::ServiceId;
use crate::rng::StreamKey;
use crate::scenario::{Anchor, Lost, Per, PriorityRule, SiteOrder};

/// A strategy, ready to be simulated.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// The tracks, in the order of the file.
    pub tracks: Vec<PlanTrack>,
    /// The steps of all tracks, expanded, track after track.
    pub steps: Vec<PlanStep>,
    /// What only some of those steps have.
    pub details: Vec<StepDetail>,
    /// The sites that may be deleted, in the order of the estate. A place in this list is a row.
    pub sites: Vec<PlanSite>,
    /// The graphs of steps, by the products of a site and by what of it is lost.
    pub profiles: Vec<Profile>,
    /// The graph of steps of a site that has lost what two graphs are for; none where only whole
    /// sites are lost.
    pub joined: BTreeMap<(u16, u16), u16>,
    /// What sites lose at times of their own: not what they lose first, unless an inject may take
    /// something of them before. Nothing where only whole sites are lost.
    pub losses: Vec<PlanLoss>,
    /// For each `batch` step the `batch` steps that wait for it, and how many it waits for.
    pub batch_successors: Vec<Vec<u16>>,
    /// See [`Self::batch_successors`].
    pub batch_predecessors: Vec<u16>,
    /// For each `once` step the `once` and `batch` steps that wait for it.
    pub once_successors: Vec<Vec<u16>>,
    /// For each `once` and `batch` step the `once` steps that it waits for.
    pub once_predecessors: Vec<Vec<u16>>,
    /// Whether steps wait for steps of other tracks.
    pub waits_across_tracks: bool,
    /// Renewable resources: the teams, then the limits, then the gates that injects close, then
    /// the parts of the limits that count per shard.
    pub pools: Vec<PlanPool>,
    /// The pool of the first gate; those before it are teams and limits.
    pub first_gate: usize,
    /// The pool of the first part of a limit; those before it have levels of their own.
    pub first_part: usize,
    /// What the exercise throws in.
    pub injects: Vec<PlanInject>,
    /// The shifts of each team on a roster that injects can take away, by pool.
    pub shifts: Vec<Vec<PlanShift>>,
    /// What is loaded for sites to share.
    pub loads: Loads,
    /// What steps for sites, batches and tracks keep beyond their own end.
    pub holds: Vec<PlanHold>,
    /// What tasks need, each combination once. The first is nothing at all.
    pub demands: Demands,
    /// How many numbers change over time: capacities by pool, then sizes and slots of tracks.
    pub levels: usize,
    /// The points of all their ramps, ramp after ramp.
    pub level_points: Vec<LevelPoint>,
    /// Bandwidth that transfers share.
    pub throughputs: Vec<PlanThroughput>,
    /// The points of the ramps of all their rates.
    pub rate_points: Vec<RatePoint>,
    /// Steps that are automated from a moment on: at T+0, at a milestone, or at the end of a
    /// `once` step.
    pub automations: Vec<(u16, PlanBase)>,
    /// The order among eligible tasks.
    pub rule: PriorityRule,
    /// The rank of each task, smaller first, where the rule has one that never changes.
    pub ranks: Vec<u64>,
    /// Factors by which durations grow, by kind of growth and row.
    pub growths: Vec<Growths>,
    /// Streams with one number a site: durations, failures and the like.
    pub lanes: Vec<StreamKey>,
    /// The site's places in those streams.
    pub draws: DrawMap,
    /// Steps that bring a store back.
    pub restores: Vec<PlanRestore>,
    /// The backups of each service that a step brings back.
    pub catalogues: Vec<Catalogue>,
    /// For each profile of a site, its stores that go back to a common point.
    pub common_restores: Vec<Vec<u16>>,
    /// Coefficients of variation of the site, step and team factors.
    pub uncertainty: crate::scenario::Uncertainty,
    /// The lane of the site factors.
    pub site_effect_lane: usize,
    /// What makes the attempts of teams longer, by team.
    pub strains: Vec<TeamStrain>,
    /// Streams of the team factors, by team.
    pub team_effects: Vec<StreamKey>,
    /// How the milestones follow each other: first those that do not follow the last deletion.
    pub milestones: Vec<PlanMilestone>,
    /// How many of them do not follow the last deletion.
    pub milestones_before_deletions: usize,
    /// What may stop the deletion.
    pub stops: PlanStops,
    /// When a replication is stopped, in milliseconds.
    pub horizon: u64,
    /// The users of the sites that are deleted first, which others are relative to.
    pub users: crate::scenario::Sizes,
    /// Their bytes.
    pub bytes: crate::scenario::Sizes,
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
            false => *self.joined.get(&(one, other)).expect("all that may be lost was looked at"),
        }
    }

    /// The teams and then the limits: all pools that have a name of their own.
    pub(crate) fn named_pools(&self) -> &[PlanPool] {
        &self.pools[..self.first_gate]
    }

    /// Every pool.
    pub(crate) fn every_pool(&self) -> std::ops::Range<u16> {
        0..u16::try_from(self.pools.len()).expect("a demand knows its pools by 16 bits")
    }

    /// The team or the limit that a pool is, or counts a shard's units of; none of a gate.
    pub(crate) fn named(&self, pool: u16) -> Option<u16> {
        let is_gate = (self.first_gate..self.first_part).contains(&usize::from(pool));
        (!is_gate).then(|| self.whole(pool))
    }

    /// Every demand.
    pub(crate) fn every_demand(&self) -> std::ops::Range<u16> {
        0..u16::try_from(self.demands.len()).expect("a step knows its demand by 16 bits")
    }

    /// The people and units of a demand, pool after pool.
    pub(crate) fn units(&self, demand: u16) -> impl Iterator<Item = (u16, u32)> + '_ {
        let is_gate = |pool: u16| (self.first_gate..self.first_part).contains(&usize::from(pool));
        self.demands.all(demand).filter(move |(pool, _)| !is_gate(*pool))
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
                self.demands.all(demand).any(|(pool, _)| usize::from(pool) == gate)
            }
            _ => false,
        }
    }
}

/// One runbook at work.
#[derive(Clone, Debug)]
pub(crate) struct PlanTrack {
    pub name: String,
    /// Whether it claims the sites that it takes.
    pub claims: bool,
    /// Whether it takes sites at all.
    pub takes_sites: bool,
    pub opens: PlanMoment,
    pub closes: Option<PlanMoment>,
    /// Whether batches in flight are given up when it closes.
    pub moves_on_close: bool,
    /// The rows that it may take, in the order in which it takes them, before noise.
    pub candidates: Vec<u32>,
    /// The order is drawn anew in every replication.
    pub shuffle: Option<Shuffle>,
    /// The group of each row, if the sites of a group stay next to each other in the order.
    pub groups: Option<Vec<u32>>,
    /// The level that says how many sites a batch has.
    pub size: usize,
    /// The level that says how many batches are at work at once.
    pub in_flight: Option<usize>,
    /// Its part of the list of steps.
    pub steps: std::ops::Range<usize>,
    pub once_steps: Vec<u16>,
    pub batch_steps: Vec<u16>,
}

/// How an order is drawn anew in every replication.
#[derive(Clone, Debug)]
pub(crate) struct Shuffle {
    pub order: SiteOrder,
    /// Coefficient of variation of the factor on each site's size.
    pub noise: f64,
    /// The lane of the draws.
    pub lane: usize,
}

/// A step, expanded: what every attempt needs to know of it.
#[derive(Clone, Debug)]
pub(crate) struct PlanStep {
    pub duration: Distribution,
    /// The lane of its durations.
    pub lane: u32,
    /// The lane of its random priorities, where the rule is to draw lots.
    pub lot: u32,
    /// Its place in [`Plan::demands`].
    pub demand: u16,
    /// Whether what it needs depends on the row, or on what its task holds.
    pub varies: bool,
    /// Whether its end may give back what this or another step holds.
    pub ends_holds: bool,
    /// Whether it needs a load.
    pub extracts: bool,
    /// Its place in [`Plan::growths`].
    pub growth: u16,
    pub track: u8,
    pub per: Per,
    /// Whether its duration is drawn at all.
    pub drawn: bool,
    /// Whether its stated duration is nothing, so that it ends in the instant in which it starts.
    pub instant: bool,
    /// Whether it moves something, and takes as long as that takes.
    pub transfers: bool,
    /// Whether it brings a store back.
    pub restores: bool,
    /// Whether it loads what others work with.
    pub opens: bool,
    /// Whether it repairs what another step has restored.
    pub repairs: bool,
    /// Whether its end reaches the customer of its sites.
    pub reaches: bool,
    /// Whether injects can make it fail.
    pub can_be_failed: bool,
    /// Whether its end is looked at: it can fail, it finds what an earlier step did wrong, or it
    /// stands in for another.
    pub judged: bool,
    /// Whether somebody takes over when it has failed too often.
    pub escalates: bool,
    /// Whether a barrier after it may go on without a site that has escalated.
    pub excusable: bool,
    /// Whether it is done only in the place of another, when that has failed too often.
    pub stands_in: bool,
    /// Whether a later failure can send it back after it was done.
    pub recurs: bool,
    /// Whether one of its teams loses time to coordination or fatigue.
    pub strained: bool,
    /// Whether its attempts pause when one of its teams hands over.
    pub pausable: bool,
    /// Its place in [`Plan::demands`] once it is automated.
    pub demand_automated: u16,
    /// Whether it may be automated at all.
    pub automatable: bool,
    /// Whether its completions count for automating it, or others that are the same work.
    pub counts_runs: bool,
    /// Whether its time falls with repetition.
    pub learns: bool,
    /// The first step of its track that is the same work: what one has learnt, both know.
    pub learns_as: u16,
}

/// What only some steps have.
#[derive(Clone, Debug)]
pub(crate) struct StepDetail {
    /// Its place in [`Plan::restores`].
    pub restore: Option<u16>,
    /// The places in [`Plan::restores`] of what it repairs.
    pub repairs: Vec<u16>,
    pub failure: Option<PlanFailure>,
    /// The injects that fail its attempts.
    pub failed_by: Vec<u16>,
    /// The steps before it whose failures it finds, each with its place among their finders.
    pub finds: Vec<(u16, u16)>,
    /// The step that it stands in for.
    pub stands_in_for: Option<u16>,
    /// For each profile what is behind the barriers that may go on without a site; empty where
    /// none may.
    pub behind: Vec<Behind>,
    pub transfer: Option<PlanTransfer>,
    /// What is left of its time once it is automated.
    pub automated: f64,
    /// The teams that still work on it then, by pool, each with its people.
    pub teams_automated: Vec<(u16, u32)>,
    /// The steps that are the same work and automated after so many completions of it; kept with
    /// the first of them.
    pub automates: Vec<(u32, u16)>,
    /// What its tasks need, if that varies.
    pub variants: Option<Variants>,
    /// The same for what is done as automated.
    pub variants_automated: Option<Variants>,
    /// The places in [`Plan::holds`] of what its end may give back.
    pub ends_holds: Vec<u16>,
    /// The holds that are given back when this step escalates, by their places in [`Plan::holds`].
    pub frees_holds: Vec<u16>,
    /// The `shard` step whose load it needs.
    pub asks_for: Option<u16>,
    /// The steps that bring back what it needs the load for: itself, or some behind it.
    pub opens: Vec<u16>,
    pub learning: Option<PlanLearning>,
    /// The stream of its factor, shared by all its tasks in a replication.
    pub effect: StreamKey,
    /// The teams that work on it, by pool, each with its people.
    pub teams: Vec<(u16, u32)>,
    /// The mean of its duration in milliseconds, before any factor.
    pub mean: f64,
}

/// How a step's time falls with repetition: Wright's law, to a floor.
#[derive(Clone, Debug)]
pub(crate) struct PlanLearning {
    /// What is left of the time after n completions.
    pub factors: Vec<f64>,
    /// The power of the number of the repetition, for more of them than there are factors.
    pub exponent: f64,
    /// What is left at least.
    pub floor: f64,
}

impl PlanLearning {
    /// What is left of the time of the repetition of this number, from 1 on.
    pub(crate) fn factor(&self, repetition: f64) -> f64 {
        libm::pow(repetition, self.exponent).max(self.floor)
    }

    /// What is left of the time after so many completions.
    #[inline]
    pub(crate) fn after(&self, completions: u32) -> f64 {
        match self.factors.get(completions as usize) {
            Some(factor) => *factor,
            // Steps of one key, and what is done again, come to more than there are sites.
            None if self.factors.last() <= Some(&self.floor) => self.floor,
            None => self.factor(f64::from(completions) + 1.0),
        }
    }
}

/// What a step moves over a throughput.
#[derive(Clone, Debug)]
pub(crate) struct PlanTransfer {
    /// Its place in [`Plan::throughputs`].
    pub throughput: u16,
    pub bytes: MovedBytes,
    /// Bytes an hour if there is no other transfer, at the best of times.
    pub alone: u64,
}

/// How many bytes a transfer moves.
#[derive(Clone, Debug)]
pub(crate) enum MovedBytes {
    /// Always as many.
    Fixed(u64),
    /// Those of each row.
    BySite(Vec<u64>),
    /// Those of each row of the batch.
    ByBatch(Vec<u64>),
}

impl PlanTransfer {
    /// How long it takes for a row if there is no other, in milliseconds.
    pub(crate) fn length_alone(&self, row: usize) -> f64 {
        let bytes = match &self.bytes {
            MovedBytes::Fixed(bytes) => *bytes,
            MovedBytes::BySite(by_row) | MovedBytes::ByBatch(by_row) => by_row[row],
        };
        bytes as f64 / self.alone as f64 * 3_600_000.0
    }
}

/// Bandwidth that transfers share.
#[derive(Clone, Debug)]
pub(crate) struct PlanThroughput {
    pub name: String,
    /// Bytes an hour that one transfer can use at most.
    pub cap: Option<u64>,
}

/// From a moment on a throughput moves so many bytes an hour.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RatePoint {
    pub throughput: u16,
    pub at: PlanMoment,
    pub rate: u64,
}

/// How a step goes wrong.
#[derive(Clone, Debug)]
pub(crate) struct PlanFailure {
    /// An attempt fails if its uniform number is below this.
    pub probability: f64,
    /// Attempts in all; the last cannot fail, unless the work escalates then.
    pub attempts: u16,
    /// The lane of the draws.
    pub lane: usize,
    /// For each profile whether a later step finds it; for a step of another kind than `site` there
    /// is one entry.
    pub is_hidden: Vec<bool>,
    /// The steps at whose end it is found: elements of a later one, then the step itself where
    /// that can find it.
    pub finders: Vec<PlanFinder>,
    /// Who takes over when the last attempt has failed.
    pub escalation: Option<PlanEscalation>,
}

impl PlanFailure {
    /// What the step needs when a team has taken over.
    pub(crate) fn demand(&self) -> Option<u16> {
        match self.escalation.as_ref()?.to {
            PlanTaker::Team { demand, .. } => Some(demand),
            PlanTaker::Step(_) => None,
        }
    }

    /// The team to which it escalates, by pool.
    pub(crate) fn team(&self) -> Option<u16> {
        match self.escalation.as_ref()?.to {
            PlanTaker::Team { team, .. } => Some(team),
            PlanTaker::Step(_) => None,
        }
    }
}

/// A step at whose end a failure is found.
#[derive(Clone, Debug)]
pub(crate) struct PlanFinder {
    pub step: u16,
    /// For each profile what is done again; for a step of another kind than `site` there is one
    /// entry.
    pub again: Vec<Vec<SentBack>>,
    /// The same when the work escalates: it is done again from the failing step alone.
    pub escalated: Vec<Vec<SentBack>>,
}

/// Who takes over a step that has failed too often.
#[derive(Clone, Debug)]
pub(crate) struct PlanEscalation {
    pub to: PlanTaker,
    /// For each profile the steps, this one and later ones, for which no barrier waits once the
    /// site has escalated.
    pub excused: Vec<Vec<u16>>,
}

/// What must not begin without a site for which a barrier did not wait.
#[derive(Clone, Debug, Default)]
pub(crate) struct Behind {
    /// The site steps behind the barriers: those of the site wait for it themselves.
    pub steps: Vec<u16>,
    /// Whether the end of such a barrier counts for handing the site over.
    pub hand_over: bool,
}

/// Who does the work after it has escalated.
#[derive(Clone, Debug)]
pub(crate) enum PlanTaker {
    /// People of a team.
    Team {
        /// The place of what it needs then in [`Plan::demands`].
        demand: u16,
        /// The team, by pool.
        team: u16,
    },
    /// Another step.
    Step(u16),
}

/// A step that is done again after a later one failed.
#[derive(Clone, Debug)]
pub(crate) struct SentBack {
    pub step: u16,
    /// The steps of its kind that come right before it.
    pub before: Vec<u16>,
}

/// A step that brings a store back.
#[derive(Clone, Debug)]
pub(crate) struct PlanRestore {
    pub point: PlanRestorePoint,
    /// The service whose data it brings back; of what is un-deleted, all of the site without one.
    pub store: Option<ServiceId>,
    /// Of what brings back what is in a load, the kind of that load.
    pub load: Option<u16>,
    pub by_hand: Option<PlanByHand>,
}

/// To which moment a step brings a store back.
#[derive(Clone, Debug)]
pub(crate) enum PlanRestorePoint {
    /// What was deleted softly is kept for so many milliseconds, and nothing of it is lost.
    Undelete(u64),
    /// A moment, as the backups of this number reach it.
    Backup(u16, PlanMeant),
}

/// Which moment is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlanMeant {
    /// So many milliseconds before a deletion.
    Fixed(u64, Anchor),
    /// The latest.
    Latest,
    /// The oldest of the latest ones of [`Plan::common_restores`].
    Common,
}

#[derive(Clone, Debug)]
pub(crate) struct PlanByHand {
    pub probability: f64,
    pub older: Distribution,
    /// The lane that decides whether an older snapshot is picked.
    pub chance_lane: usize,
    /// The lane that decides how much older.
    pub age_lane: usize,
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

/// A site that may be deleted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlanSite {
    /// See [`crate::scenario::Site::draw`].
    pub draw: u64,
    /// When it is deleted unless something stops that, in milliseconds; `u64::MAX` where only a
    /// later deletion may.
    pub deleted_at: u64,
    pub users: u32,
    pub bytes: u64,
    pub customer: u32,
    pub tier: u32,
    /// Its graph of steps, of what it loses first.
    pub profile: u16,
    /// The graph of all that it may ever lose, by which its tasks are ranked.
    pub widest: u16,
}

/// Something that the incident takes of a site.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlanLoss {
    pub row: u32,
    /// When, unless something stops that, in milliseconds.
    pub at: u64,
    /// The graph of steps of what is taken alone.
    pub profile: u16,
}

/// The graph of steps of all sites with the same products that have lost the same of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Profile {
    /// What of such a site is lost.
    pub lost: Lost,
    /// Where the successors of each step begin.
    pub successor_starts: Vec<u32>,
    /// The steps that wait for each step: site steps, and batch steps after site steps. After a
    /// `once` step: the site steps of other tracks.
    pub successors: Vec<u16>,
    /// For how many steps each site step waits; one more for the site to be taken, where nothing
    /// else of its track comes before it.
    pub pending: Vec<u16>,
    /// For how many site steps of a site each batch step waits.
    pub batch_pending: Vec<u16>,
    /// For each track the site steps that begin when the site is taken.
    pub roots: Vec<Vec<u16>>,
    /// Whether the end of a step counts for handing over or for freeing the slot.
    pub counts_for: Vec<Gate>,
    /// For each track how many steps count for handing a site over.
    pub hand_overs: Vec<u16>,
    /// For each track how many steps count for freeing the slot.
    pub slot_frees: Vec<u16>,
    /// Whether a site has the step at all.
    pub present: Vec<bool>,
}

/// What the end of a step counts for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Gate {
    pub hand_over: bool,
    pub frees_slot: bool,
}

impl Profile {
    /// The steps that wait for `step`.
    #[inline]
    pub(crate) fn successors_of(&self, step: usize) -> &[u16] {
        let start = self.successor_starts[step] as usize;
        let end = self.successor_starts[step + 1] as usize;
        &self.successors[start..end]
    }
}

/// A renewable resource.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlanPool {
    pub name: String,
    pub is_team: bool,
    /// Whether its youngest attempts pause when its capacity falls below its use.
    pub hands_over: bool,
    pub cost_per_hour: Option<f64>,
    /// The parts of a limit that counts per shard, each with its whole capacity.
    pub parts: Option<std::ops::Range<usize>>,
    /// The limit of which it counts a shard's units.
    pub part_of: Option<u16>,
}

/// What tasks need: each combination of units of pools once, all taken at once or none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Demands {
    /// For each demand its first pool and units, and where its others begin and end.
    demands: Vec<(u16, u32, u32, u32)>,
    others: Vec<(u16, u32)>,
    /// For each pool the demands that it is part of, a bit each, so many words a pool.
    of_pool: Vec<u64>,
    words: usize,
}

impl Demands {
    /// Lays out a list of demands on so many pools.
    fn new(demands: &[Vec<(u16, u32)>], pools: usize) -> Self {
        let words = demands.len().div_ceil(64);
        let mut flat = Self { of_pool: vec![0; pools * words], words, ..Self::default() };
        for (index, units) in demands.iter().enumerate() {
            let place = |others: &[_]| u32::try_from(others.len()).expect("few demands");
            let start = place(&flat.others);
            let (first, others) = units.split_first().unwrap_or((&(0, 0), &[]));
            flat.others.extend(others);
            flat.demands.push((first.0, first.1, start, place(&flat.others)));
            for (pool, _) in units {
                flat.of_pool[usize::from(*pool) * words + index / 64] |= 1 << (index % 64);
            }
        }
        flat
    }

    /// How many demands there are.
    pub(crate) fn len(&self) -> usize {
        self.demands.len()
    }

    /// The first pool that a demand needs and how many units of it, and the others: most demands
    /// have one. What needs nothing has no units of pool 0.
    #[inline(always)]
    pub(crate) fn units(&self, demand: usize) -> ((u16, u32), &[(u16, u32)]) {
        let (pool, units, start, end) = self.demands[demand];
        ((pool, units), &self.others[start as usize..end as usize])
    }

    /// What a demand needs, pool after pool.
    fn all(&self, demand: u16) -> impl Iterator<Item = (u16, u32)> + '_ {
        let (first, others) = self.units(usize::from(demand));
        std::iter::once(first).chain(others.iter().copied()).filter(|it| it.1 > 0)
    }

    /// The demands that a pool is part of, a bit each.
    #[inline(always)]
    pub(crate) fn of_pool(&self, pool: usize) -> &[u64] {
        &self.of_pool[pool * self.words..(pool + 1) * self.words]
    }
}

/// Factors by which durations grow with size.
#[derive(Clone, Debug)]
pub(crate) struct Growths {
    pub users: f64,
    pub bytes: f64,
    /// The factor of each row.
    pub by_row: Vec<f64>,
}

/// At a moment a level changes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LevelPoint {
    pub level: usize,
    pub at: PlanMoment,
    pub change: LevelChange,
}

/// How a level changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LevelChange {
    /// From now on it is this number, if it has begun.
    To(u32),
    /// It begins: until now it has been zero.
    Begins,
    /// One shift takes over from another of as many people.
    Stays,
}

/// What makes the attempts of a team longer.
#[derive(Clone, Debug)]
pub(crate) struct TeamStrain {
    pub coordination: crate::scenario::Coordination,
    /// From so many milliseconds after the first people came they take so many times as long.
    pub fatigue: Vec<(u64, f64)>,
}

/// When something begins or changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlanMoment {
    pub base: PlanBase,
    /// Milliseconds after it.
    pub plus: u64,
}

impl PlanMoment {
    /// T+0.
    pub(crate) const START: Self = Self { base: PlanBase::Start, plus: 0 };

    /// When it comes, given when each milestone does; none where it waits for a step.
    pub(crate) fn instant(self, milestone: impl Fn(usize) -> u64) -> Option<u64> {
        match self.base {
            PlanBase::Start => Some(self.plus),
            PlanBase::Milestone(index) => Some(milestone(index) + self.plus),
            PlanBase::Step(_) => None,
        }
    }
}

/// What a moment is counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlanBase {
    Start,
    Milestone(usize),
    /// The end of a `once` step.
    Step(u16),
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

/// Where each row's number stands in a lane. Draws are addressed by the site's place in the estate
/// and made in runs of neighbours there; they are kept in the order in which sites are taken, so
/// that the numbers of sites at work at one time lie side by side.
#[derive(Clone, Debug, Default)]
pub(crate) struct DrawMap {
    /// Runs of places that follow each other.
    pub runs: Vec<DrawRun>,
    /// For each row its place in a lane.
    pub slot: Vec<u32>,
    /// The length of the longest run.
    pub longest: usize,
}

/// Places of a stream that lie side by side.
#[derive(Clone, Debug)]
pub(crate) struct DrawRun {
    /// The first place.
    pub first: u64,
    /// How many places.
    pub count: usize,
    /// For the rows that lie in it, in the order of a lane: the place there, and in the run.
    pub places: Vec<(u32, u32)>,
}
