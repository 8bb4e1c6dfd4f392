//! An outcome as it is kept: a tenth of what it takes while an exercise goes on, so that ten
//! thousand of them fit where one thousand did. Every number of it can be read where it stands.

use crate::experiment::column::{Column, Columns};
use crate::trace::{DataLoss, Outcome, PoolTally, Restoration, StepTally, ThroughputTally};
use crate::units::{SimDuration, SimTime};

/// What one replication produced, in less room. Sites and steps are asked for by their places, which
/// are those of [`Outcome`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedOutcome {
    sites: usize,
    columns: Columns,
    by_site: SiteColumns,
    by_step: StepColumns,
    steps: usize,
    /// Use of each pool of the plan.
    pub pools: Vec<PoolTally>,
    /// What each throughput of the plan moved.
    pub throughputs: Vec<ThroughputTally>,
    /// When each milestone of the incident was reached.
    pub milestones: Vec<SimTime>,
    /// See [`Outcome::makespan`].
    pub makespan: SimTime,
    /// Attempts of tasks that were started, over all steps.
    pub attempts: u64,
}

/// What is kept of each site; a column that is not there is empty in the outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
struct SiteColumns {
    ends: Column,
    restored_by: Column,
    deleted_at: Option<Column>,
    earlier_outage: Option<Column>,
    at_hand_over: Column,
    after_repair: Column,
    inconsistency: Column,
    repaired_at: Column,
    reached: Option<Column>,
}

/// What is kept of each step.
#[derive(Clone, Debug, PartialEq, Eq)]
struct StepColumns {
    attempts: Column,
    failures: Column,
    escalations: Column,
    work: Column,
    wait: Column,
    last_end: Column,
}

const LOST: u64 = 0;
const UNFINISHED: u64 = 1;
const SPARED: u64 = 2;
/// What a site that was restored at T+0 has.
const RESTORED: u64 = 3;

fn of_restoration(end: Restoration) -> u64 {
    match end {
        Restoration::Lost => LOST,
        Restoration::Unfinished => UNFINISHED,
        Restoration::Spared => SPARED,
        Restoration::Restored(at) => RESTORED + at.as_millis(),
    }
}

fn restoration(number: u64) -> Restoration {
    match number {
        LOST => Restoration::Lost,
        UNFINISHED => Restoration::Unfinished,
        SPARED => Restoration::Spared,
        restored => Restoration::Restored(SimTime::from_millis(restored - RESTORED)),
    }
}

/// One more than the number; nothing where there is none.
fn of_option(number: Option<u64>) -> u64 {
    number.map_or(0, |it| it + 1)
}

fn option(number: u64) -> Option<u64> {
    number.checked_sub(1)
}

fn of_length(length: Option<SimDuration>) -> u64 {
    of_option(length.map(SimDuration::as_millis))
}

fn of_instant(at: Option<SimTime>) -> u64 {
    of_option(at.map(SimTime::as_millis))
}

/// So that a time that never comes does not make those wide that do: it is nothing, and others are
/// one more.
fn of_last_end(at: SimTime) -> u64 {
    of_instant(Some(at).filter(|it| *it != SimTime::NEVER))
}

impl From<&Outcome> for PackedOutcome {
    fn from(outcome: &Outcome) -> Self {
        // Nothing is left out by `..`: a new field of an outcome is kept too.
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
        let mut columns = Columns::default();
        let by_site = SiteColumns {
            ends: columns.push(restorations.iter().map(|it| of_restoration(*it))),
            restored_by: columns.push(restored_by.iter().map(|it| u64::from(*it))),
            deleted_at: columns.push_any(deleted_at.iter().map(|it| of_last_end(*it))),
            earlier_outage: columns.push_any(earlier_outage.iter().copied()),
            at_hand_over: columns.push(data_loss.iter().map(|it| of_length(it.at_hand_over))),
            after_repair: columns.push_beside(
                data_loss.iter().map(|it| of_length(it.after_repair)),
                data_loss.iter().map(|it| of_length(it.at_hand_over)),
            ),
            inconsistency: columns.push(data_loss.iter().map(|it| of_length(it.inconsistency))),
            repaired_at: columns.push_beside(
                data_loss.iter().map(|it| of_instant(it.repaired_at)),
                restorations.iter().map(|it| of_instant(it.restored_at())),
            ),
            reached: columns.push_any(reached.iter().map(|it| of_instant(*it))),
        };
        let by_step = StepColumns {
            attempts: columns.push(steps.iter().map(|it| it.attempts)),
            failures: columns.push(steps.iter().map(|it| it.failures)),
            escalations: columns.push(steps.iter().map(|it| it.escalations)),
            work: columns.push(steps.iter().map(|it| it.work)),
            wait: columns.push(steps.iter().map(|it| it.wait)),
            last_end: columns.push(steps.iter().map(|it| of_last_end(it.last_end))),
        };
        Self {
            sites: restorations.len(),
            steps: steps.len(),
            columns: columns.fitted(),
            by_site,
            by_step,
            pools: pools.clone(),
            throughputs: throughputs.clone(),
            milestones: milestones.clone(),
            makespan: *makespan,
            attempts: *attempts,
        }
    }
}

impl PackedOutcome {
    /// The outcome as the engine gave it.
    #[must_use]
    pub fn unpacked(&self) -> Outcome {
        let sites = || 0..self.sites;
        let only_if = |there: bool| 0..if there { self.sites } else { 0 };
        let deleted_at = |site| self.deleted_at(site, SimTime::NEVER).unwrap_or(SimTime::NEVER);
        let is_told_of = &self.by_site;
        Outcome {
            restorations: sites().map(|it| self.restoration(it)).collect(),
            deleted_at: only_if(is_told_of.deleted_at.is_some()).map(deleted_at).collect(),
            earlier_outage: only_if(is_told_of.earlier_outage.is_some())
                .map(|it| self.earlier_outage(it))
                .collect(),
            restored_by: sites().map(|it| self.restored_by(it)).collect(),
            data_loss: sites().map(|it| self.data_loss(it)).collect(),
            steps: self.steps().collect(),
            pools: self.pools.clone(),
            throughputs: self.throughputs.clone(),
            reached: only_if(is_told_of.reached.is_some()).map(|it| self.reached(it)).collect(),
            milestones: self.milestones.clone(),
            makespan: self.makespan,
            attempts: self.attempts,
        }
    }

    fn of(&self, column: &Column, place: usize) -> u64 {
        self.columns.number(column, place)
    }

    /// How many sites the incident aims at.
    #[must_use]
    pub fn sites(&self) -> usize {
        self.sites
    }

    /// How a site ended.
    #[must_use]
    pub fn restoration(&self, site: usize) -> Restoration {
        restoration(self.of(&self.by_site.ends, site))
    }

    /// How each site ended.
    pub fn restorations(&self) -> impl Iterator<Item = Restoration> + '_ {
        (0..self.sites).map(|it| self.restoration(it))
    }

    /// When a site was handed back, if it was.
    #[must_use]
    pub fn restored_at(&self, site: usize) -> Option<SimTime> {
        self.restoration(site).restored_at()
    }

    /// The track that handed a site back; `u8::MAX` where none did.
    #[must_use]
    pub fn restored_by(&self, site: usize) -> u8 {
        let track = self.of(&self.by_site.restored_by, site);
        u8::try_from(track).expect("a track has a number of eight bits")
    }

    /// Whether all sites were deleted just as the incident has it.
    #[must_use]
    pub fn is_deleted_as_planned(&self) -> bool {
        self.by_site.deleted_at.is_none()
    }

    /// Since when a site is or was last away, given when the incident deletes it; `None` if it was
    /// spared.
    #[must_use]
    pub fn deleted_at(&self, site: usize, planned: SimTime) -> Option<SimTime> {
        match &self.by_site.deleted_at {
            Some(column) => option(self.of(column, site)).map(SimTime::from_millis),
            None => Some(planned).filter(|it| *it != SimTime::NEVER),
        }
    }

    /// How long a site was away before its last outage, in milliseconds.
    #[must_use]
    pub fn earlier_outage(&self, site: usize) -> u64 {
        self.by_site.earlier_outage.as_ref().map_or(0, |column| self.of(column, site))
    }

    /// Data lost by a site.
    #[must_use]
    pub fn data_loss(&self, site: usize) -> DataLoss {
        let Self { columns, by_site, .. } = self;
        let length = |number: u64| option(number).map(SimDuration::from_millis);
        let at_hand_over = self.of(&by_site.at_hand_over, site);
        let handed_over = of_instant(self.restored_at(site));
        let repaired_at = columns.number_beside(&by_site.repaired_at, site, handed_over);
        DataLoss {
            at_hand_over: length(at_hand_over),
            after_repair: length(columns.number_beside(&by_site.after_repair, site, at_hand_over)),
            inconsistency: length(self.of(&by_site.inconsistency, site)),
            repaired_at: option(repaired_at).map(SimTime::from_millis),
        }
    }

    /// Whether any step reaches anybody.
    #[must_use]
    pub fn reaches_anybody(&self) -> bool {
        self.by_site.reached.is_some()
    }

    /// When somebody first reached the customer of a site about it; `None` where nobody did.
    #[must_use]
    pub fn reached(&self, site: usize) -> Option<SimTime> {
        let column = self.by_site.reached.as_ref()?;
        option(self.of(column, site)).map(SimTime::from_millis)
    }

    /// Work and waiting of a step of the plan.
    #[must_use]
    pub fn step(&self, place: usize) -> StepTally {
        let StepColumns { attempts, failures, escalations, work, wait, last_end } = &self.by_step;
        let last_end = option(self.of(last_end, place));
        StepTally {
            attempts: self.of(attempts, place),
            failures: self.of(failures, place),
            escalations: self.of(escalations, place),
            work: self.of(work, place),
            wait: self.of(wait, place),
            last_end: last_end.map_or(SimTime::NEVER, SimTime::from_millis),
        }
    }

    /// Work and waiting of every step of the plan.
    pub fn steps(&self) -> impl Iterator<Item = StepTally> + '_ {
        (0..self.steps).map(|it| self.step(it))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::fake::{hours, lossy, slow};

    #[test]
    fn what_was_kept_is_what_there_was() {
        let mut strange = lossy();
        strange.restorations[0] = Restoration::Spared;
        strange.restorations[1] = Restoration::Unfinished;
        strange.deleted_at = vec![SimTime::NEVER, hours(1), hours(3), SimTime::ZERO];
        strange.earlier_outage = vec![0, 7, 0, u64::MAX];
        strange.reached = vec![None, Some(SimTime::ZERO), Some(hours(3)), None];
        strange.steps[0].last_end = SimTime::NEVER;
        strange.steps[0].wait = u64::MAX;
        for outcome in [slow(), lossy(), strange, Outcome::default()] {
            assert_eq!(PackedOutcome::from(&outcome).unpacked(), outcome);
        }
    }

    #[test]
    fn a_site_is_asked_for_by_its_place() {
        let kept = PackedOutcome::from(&lossy());
        assert_eq!((kept.sites(), kept.restored_at(1)), (4, Some(hours(5))));
        assert_eq!((kept.restoration(3), kept.restored_by(3)), (Restoration::Lost, u8::MAX));
        assert_eq!(kept.data_loss(2), lossy().data_loss[2]);
        assert_eq!((kept.deleted_at(2, hours(2)), kept.reached(2)), (Some(hours(2)), None));
    }
}
