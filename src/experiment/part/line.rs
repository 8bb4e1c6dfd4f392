//! The outcome of one replication as a line of a part.
//!
//! Every list over sites is in the order of [`Results::sites`](crate::experiment::Results::sites).
//! Times are milliseconds since T+0; -1 is a time that never comes.

use serde::{Deserialize, Serialize};

use crate::experiment::part::column::Column;
use crate::trace::{DataLoss, Outcome, PoolTally, Restoration, StepTally, ThroughputTally};
use crate::units::{SimDuration, SimTime};

/// A line: one replication of one strategy.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    /// The strategy's place in the head's list.
    pub strategy: usize,
    /// The replication's number, from 0.
    pub replication: u32,
    /// By site: when it was restored; -1 is lost, -2 unfinished, -3 spared.
    ends: Column,
    /// By site: since when it is or was last away; empty where that is as the incident has it.
    deleted_at: Column,
    /// By site; empty where none was away before.
    earlier_outage: Column,
    /// By site: the place of the track that restored it; 255 where none did.
    restored_by: Column,
    /// By site: data lost, at hand-over; -1 where that is not known, as in the next two.
    at_hand_over: Column,
    /// By site: data lost, after repair.
    after_repair: Column,
    /// By site: how far its stores lie apart.
    inconsistency: Column,
    /// By site: since when it has lost no more than after repair; -1 where that is not known.
    repaired_at: Column,
    /// By site: when its customer was first reached; empty where no step reaches anybody.
    reached: Column,
    milestones: Column,
    makespan: u64,
    attempts: u64,
    step_attempts: Column,
    step_failures: Column,
    step_escalations: Column,
    step_work: Column,
    step_wait: Column,
    step_last_end: Column,
    /// Of each pool: busy, overtime, capacity.
    pools: Vec<[u128; 3]>,
    /// Of each throughput: moved, capacity, transfers times milliseconds.
    throughputs: Vec<[u128; 3]>,
}

/// Data lost that is not known.
const UNKNOWN: u64 = (-1_i64).cast_unsigned();

const LOST: u64 = (-1_i64).cast_unsigned();
const UNFINISHED: u64 = (-2_i64).cast_unsigned();
const SPARED: u64 = (-3_i64).cast_unsigned();

impl Line {
    pub(super) fn of(strategy: usize, replication: u32, outcome: &Outcome) -> Self {
        // Nothing is left out by `..`: a new field of an outcome belongs into a part.
        let Outcome {
            restorations,
            deleted_at,
            earlier_outage,
            restored_by,
            data_loss,
            steps,
            pools,
            throughputs,
            reached,
            milestones,
            makespan,
            attempts,
        } = outcome;
        let by_step = |of: fn(&StepTally) -> u64| steps.iter().map(of).collect();
        let lost = |of: fn(&DataLoss) -> Option<SimDuration>| {
            data_loss.iter().map(|it| of(it).map_or(UNKNOWN, SimDuration::as_millis)).collect()
        };
        let repaired_at = data_loss.iter().map(|it| it.repaired_at.unwrap_or(SimTime::NEVER));
        let times = |it: &[SimTime]| it.iter().map(|at| at.as_millis()).collect();
        let pool = |it: &PoolTally| {
            let PoolTally { busy, overtime, capacity } = *it;
            [busy, overtime, capacity]
        };
        let throughput = |it: &ThroughputTally| {
            let ThroughputTally { moved, capacity, transfer_ms } = *it;
            [moved, capacity, transfer_ms]
        };
        Self {
            strategy,
            replication,
            ends: restorations.iter().map(|it| number_of(*it)).collect(),
            deleted_at: times(deleted_at),
            earlier_outage: earlier_outage.iter().copied().collect(),
            restored_by: restored_by.iter().copied().collect(),
            at_hand_over: lost(|it| it.at_hand_over),
            after_repair: lost(|it| it.after_repair),
            inconsistency: lost(|it| it.inconsistency),
            repaired_at: repaired_at.map(SimTime::as_millis).collect(),
            reached: reached.iter().map(|it| it.unwrap_or(SimTime::NEVER).as_millis()).collect(),
            milestones: times(milestones),
            makespan: makespan.as_millis(),
            attempts: *attempts,
            step_attempts: by_step(|it| it.attempts),
            step_failures: by_step(|it| it.failures),
            step_escalations: by_step(|it| it.escalations),
            step_work: by_step(|it| it.work),
            step_wait: by_step(|it| it.wait),
            step_last_end: by_step(|it| it.last_end.as_millis()),
            pools: pools.iter().map(pool).collect(),
            throughputs: throughputs.iter().map(throughput).collect(),
        }
    }

    /// The outcome, if it can be one of `sites` sites under a strategy with so many tracks, for
    /// which all else is as many as in `like`.
    pub(super) fn outcome(&self, sites: usize, tracks: usize, like: &Outcome) -> Option<Outcome> {
        let lists = [
            (&self.ends, sites),
            (&self.restored_by, sites),
            (&self.at_hand_over, sites),
            (&self.after_repair, sites),
            (&self.inconsistency, sites),
            (&self.repaired_at, sites),
            (&self.step_attempts, like.steps.len()),
            (&self.step_failures, like.steps.len()),
            (&self.step_escalations, like.steps.len()),
            (&self.step_work, like.steps.len()),
            (&self.step_wait, like.steps.len()),
            (&self.step_last_end, like.steps.len()),
            (&self.milestones, like.milestones.len()),
        ];
        let some = [&self.deleted_at, &self.earlier_outage, &self.reached];
        let sound = lists.into_iter().all(|(list, length)| list.0.len() == length)
            && some.into_iter().all(|it| it.0.is_empty() || it.0.len() == sites)
            && self.pools.len() == like.pools.len()
            && self.throughputs.len() == like.throughputs.len()
            && self.is_possible(sites);
        if !sound {
            return None;
        }
        let times = |it: &Column| it.0.iter().map(|at| SimTime::from_millis(*at)).collect();
        let length = |it: u64| Some(SimDuration::from_millis(it)).filter(|_| it != UNKNOWN);
        let instant =
            |number: u64| Some(SimTime::from_millis(number)).filter(|it| *it != SimTime::NEVER);
        let lost = |site: usize| DataLoss {
            at_hand_over: length(self.at_hand_over.0[site]),
            after_repair: length(self.after_repair.0[site]),
            inconsistency: length(self.inconsistency.0[site]),
            repaired_at: instant(self.repaired_at.0[site]),
        };
        let step = |step: usize| StepTally {
            attempts: self.step_attempts.0[step],
            failures: self.step_failures.0[step],
            escalations: self.step_escalations.0[step],
            work: self.step_work.0[step],
            wait: self.step_wait.0[step],
            last_end: SimTime::from_millis(self.step_last_end.0[step]),
        };
        let track = |it: &u64| {
            let track = u8::try_from(*it).ok()?;
            (track == u8::MAX || usize::from(track) < tracks).then_some(track)
        };
        let reached = |at: &u64| instant(*at);
        let pool = |it: &[u128; 3]| PoolTally { busy: it[0], overtime: it[1], capacity: it[2] };
        let throughput =
            |it: &[u128; 3]| ThroughputTally { moved: it[0], capacity: it[1], transfer_ms: it[2] };
        Some(Outcome {
            restorations: self
                .ends
                .0
                .iter()
                .map(|it| restoration_of(*it))
                .collect::<Option<_>>()?,
            deleted_at: times(&self.deleted_at),
            earlier_outage: self.earlier_outage.0.clone(),
            restored_by: self.restored_by.0.iter().map(track).collect::<Option<_>>()?,
            data_loss: (0..sites).map(lost).collect(),
            steps: (0..like.steps.len()).map(step).collect(),
            pools: self.pools.iter().map(pool).collect(),
            throughputs: self.throughputs.iter().map(throughput).collect(),
            reached: self.reached.0.iter().map(reached).collect(),
            milestones: times(&self.milestones),
            makespan: SimTime::from_millis(self.makespan),
            attempts: self.attempts,
        })
    }
}

impl Line {
    /// Whether every number is one that an exercise can come to: sums of them are numbers then.
    fn is_possible(&self, sites: usize) -> bool {
        let known = |it: &u64| *it < MOST;
        let times = [&self.deleted_at, &self.repaired_at, &self.reached, &self.milestones];
        let lengths = [&self.at_hand_over, &self.after_repair, &self.inconsistency];
        let maybe = times.into_iter().chain(lengths).chain([&self.step_last_end]);
        let tallies = [
            &self.earlier_outage,
            &self.step_attempts,
            &self.step_failures,
            &self.step_escalations,
            &self.step_work,
            &self.step_wait,
        ];
        let sums = self.pools.iter().chain(&self.throughputs).flatten();
        // A site is spared where it was never deleted.
        let is_spared = |site: usize| self.deleted_at.0.get(site) == Some(&UNKNOWN);
        known(&self.makespan)
            && known(&self.attempts)
            && maybe.flat_map(|it| &it.0).all(|it| known(it) || *it == UNKNOWN)
            && tallies.into_iter().flat_map(|it| &it.0).all(known)
            && self.ends.0.iter().all(|it| known(it) || it.cast_signed() < 0)
            && sums.copied().all(|it| it < u128::from(MOST) << 57)
            && (0..sites).all(|site| (self.ends.0[site] == SPARED) == is_spared(site))
    }
}

/// More milliseconds, attempts or the like than any exercise comes to: a quarter of a million years.
const MOST: u64 = 1 << 53;

fn number_of(restoration: Restoration) -> u64 {
    match restoration {
        Restoration::Restored(at) => at.as_millis(),
        Restoration::Lost => LOST,
        Restoration::Unfinished => UNFINISHED,
        Restoration::Spared => SPARED,
    }
}

fn restoration_of(number: u64) -> Option<Restoration> {
    match number {
        LOST => Some(Restoration::Lost),
        UNFINISHED => Some(Restoration::Unfinished),
        SPARED => Some(Restoration::Spared),
        at if at.cast_signed() >= 0 => Some(Restoration::Restored(SimTime::from_millis(at))),
        _ => None,
    }
}
