//! A replication at work: what all mechanisms share, and beside it what each of them keeps to
//! itself.

use crate::engine::automation::Automation;
use crate::engine::batches::Batches;
use crate::engine::capacities::Capacities;
use crate::engine::deletions::Deletions;
use crate::engine::dispatch::Eligible;
use crate::engine::draws::Draws;
use crate::engine::events::FutureEvents;
use crate::engine::factors::Factors;
use crate::engine::holds::Holds;
use crate::engine::injects::Injected;
use crate::engine::loads::Loads;
use crate::engine::milestones::Milestones;
use crate::engine::pool::Pool;
use crate::engine::recovery::Recovery;
use crate::engine::rework::Rework;
use crate::engine::shifts::Pauses;
use crate::engine::task::{ManyAttempts, TOO_LATE, Task};
use crate::engine::throughput::Throughputs;
use crate::engine::tracks::Tracks;
use crate::plan::{Plan, Profile, SiteStep};
use crate::scenario::{Lost, Per};
use crate::trace::{Levels, Outcome, Recorder, TaskRef, TraceRecord};
use crate::units::SimTime;

/// Simulates one replication of a plan after the other.
///
/// First stands what all mechanisms share. Behind it each mechanism has a struct whose fields only
/// the files of its own folder see; others ask it by its functions.
pub(crate) struct Engine<'p> {
    pub(super) plan: &'p Plan,
    /// Milliseconds since T+0.
    pub(super) now: u64,
    pub(super) future: FutureEvents,
    pub(super) draws: Draws,
    /// By row, then step.
    pub(super) tasks: Vec<Task>,
    pub(super) many_attempts: ManyAttempts,
    pub(super) batches: Batches,
    pub(super) pools: Vec<Pool>,
    /// The last instant at which an attempt ended.
    pub(super) last_end: u64,
    pub(super) outcome: Outcome,

    pub(super) eligible: Eligible,
    pub(super) pauses: Pauses,
    pub(super) tracks: Tracks,
    pub(super) capacities: Capacities,
    pub(super) throughputs: Throughputs,
    pub(super) loads: Loads,
    pub(super) holds: Holds,
    pub(super) factors: Factors,
    pub(super) automation: Automation,
    pub(super) rework: Rework,
    pub(super) recovery: Recovery,
    pub(super) milestones: Milestones,
    pub(super) deletions: Deletions,
    pub(super) injected: Injected,
}

impl<'p> Engine<'p> {
    /// An engine for a plan, with all the memory that its replications need.
    pub(crate) fn new(plan: &'p Plan) -> Self {
        let (rows, steps) = (plan.sites.len(), plan.steps.len());
        assert!(plan.horizon < TOO_LATE, "a clock ends after ten years");
        Self {
            plan,
            now: 0,
            future: FutureEvents::new(plan.tracks.len(), rows, steps, plan.horizon),
            draws: Draws::new(plan),
            // Tasks of `once` steps lie in the first row, even where nothing is deleted.
            tasks: vec![Task::default(); rows.max(1) * steps],
            many_attempts: ManyAttempts::default(),
            batches: Batches::new(plan.tracks.len(), rows),
            pools: vec![Pool::default(); plan.pools.len()],
            last_end: 0,
            outcome: Outcome::default(),
            eligible: Eligible::new(plan),
            pauses: Pauses::new(plan),
            tracks: Tracks::new(plan),
            capacities: Capacities::new(plan),
            throughputs: Throughputs::new(plan),
            loads: Loads::new(plan),
            holds: Holds::new(plan),
            factors: Factors::new(plan),
            automation: Automation::new(plan),
            rework: Rework::new(plan),
            recovery: Recovery::new(plan),
            milestones: Milestones::new(plan),
            deletions: Deletions::new(plan),
            injected: Injected::default(),
        }
    }

    /// Tells somebody who listens what happened; for nobody it is not even put together.
    #[inline(always)]
    pub(super) fn tell<R: Recorder>(
        &self,
        recorder: &mut R,
        record: impl FnOnce(&Self) -> TraceRecord,
    ) {
        if R::LISTENS {
            self.note(recorder, record(self));
        }
    }

    /// Out of line, so that the many places that tell something do not each grow by all that becomes
    /// of it.
    #[inline(never)]
    fn note<R: Recorder>(&self, recorder: &mut R, record: TraceRecord) {
        recorder.record(self.clock(), record);
    }

    #[inline(always)]
    pub(super) fn clock(&self) -> SimTime {
        SimTime::from_millis(self.now)
    }

    /// The place of a task in the list of tasks.
    #[inline(always)]
    pub(super) fn place(&self, task: TaskRef) -> usize {
        task.row as usize * self.plan.steps.len() + usize::from(task.step)
    }

    /// Attempts of the task at a place before the present one.
    #[inline(always)]
    pub(super) fn attempt(&self, place: usize) -> u16 {
        self.many_attempts.before(&self.tasks, place)
    }

    /// What a step is done for.
    #[inline(always)]
    pub(super) fn per(&self, task: TaskRef) -> Per {
        self.plan.steps[usize::from(task.step)].per
    }

    /// What the loop needs to know of the step of a task.
    #[inline(always)]
    pub(super) fn site_step(&self, task: TaskRef) -> SiteStep {
        let first = self.deletions.profile_number(task.row) * self.plan.steps.len();
        self.plan.site_steps[first + usize::from(task.step)]
    }

    /// Which graph of steps a site has now.
    #[inline(always)]
    pub(super) fn profile_number(&self, row: u32) -> usize {
        self.deletions.profile_number(row)
    }

    /// The graph of steps of a site as it is now.
    #[inline(always)]
    pub(super) fn profile(&self, row: u32) -> &'p Profile {
        &self.plan.profiles[self.profile_number(row)]
    }

    /// Which of the lists by profile is that of a step of a row; other steps than those of sites
    /// have one list.
    pub(super) fn profile_or_only(&self, row: u32, step: u16) -> usize {
        match self.plan.steps[usize::from(step)].per {
            Per::Site => self.profile_number(row),
            Per::Batch | Per::Shard | Per::Once => 0,
        }
    }

    /// What the site of a row has lost by now.
    pub(crate) fn lost(&self, row: usize) -> Lost {
        let row = u32::try_from(row).expect("fewer than 2^32 sites");
        self.profile(row).lost
    }

    /// The task of a batch step for the batch in which its track has a row.
    #[inline(always)]
    pub(super) fn batch_task(&self, step: u16, row: u32) -> Option<TaskRef> {
        let number = self.batch_number(step, row)?;
        Some(TaskRef { row: self.batches.first_row(number), step })
    }

    /// The number, over all tracks, of the batch in which the track of a step has a row.
    #[inline(always)]
    pub(super) fn batch_number(&self, step: u16, row: u32) -> Option<u32> {
        self.batches.of(usize::from(self.plan.steps[usize::from(step)].track), row)
    }

    /// The number, over all tracks, of the batch of a batch step's task.
    pub(super) fn batch_number_of(&self, task: TaskRef) -> u32 {
        let track = usize::from(self.plan.steps[usize::from(task.step)].track);
        let number = self.batches.headed_by(track, task.row);
        number.expect("the task of a batch step lies in the first row of a batch")
    }

    /// The sites that are still in the batch of a batch step's task.
    pub(super) fn sites_of_batch(&self, task: TaskRef) -> impl Iterator<Item = u32> {
        let number = self.batch_number_of(task);
        let stays = move |row: &u32| self.batch_number(task.step, *row) == Some(number);
        self.batches.rows_of(number).iter().copied().filter(stays)
    }
}

impl Levels for Engine<'_> {
    fn pool(&self, pool: usize) -> (u64, u64) {
        let parts = self.plan.pools[pool].parts.clone().unwrap_or(pool..pool + 1);
        self.pools[parts].iter().fold((0, 0), |(used, all), part| {
            (used + u64::from(part.in_use), all + u64::from(part.capacity))
        })
    }

    fn track(&self, track: usize) -> (u64, Option<u64>) {
        let slots = self.plan.tracks[track].in_flight;
        let slots = slots.map(|level| u64::from(self.capacities.level(level)));
        (u64::from(self.tracks.in_flight(track)), slots)
    }
}
