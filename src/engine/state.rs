//! What the events of a replication change: tasks, pools, tracks, batches and sites.

use std::collections::BTreeMap;

use crate::plan::{
    LevelChange, LevelPoint, Plan, PlanAnchor, PlanBase, PlanMilestone, PlanMoment, Profile,
};
use crate::rng::{Streams, uniform};
use crate::scenario::{Lost, Per};
use crate::trace::{
    DataLoss, Levels, Outcome, PoolTally, Recorder, Restoration, StepTally, TaskRef, TraceRecord,
};
use crate::units::SimTime;

use super::Engine;
use super::backups::{Loaded, Unreadable};
use super::draws::whole_millis;
use super::events::Event;
use super::holds::FREE;
use super::injects::Injected;
use super::loads::Load;
use super::shifts::Pauses;
use super::throughput::ThroughputState;

/// Nobody and nothing.
pub(super) const NONE: u32 = u32::MAX;
/// No instant.
pub(super) const NEVER: u64 = u64::MAX;
/// The batch of a site that has been taken out of it.
pub(super) const GONE: u32 = u32::MAX - 1;

/// How far a task has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    /// Something that comes before it is not done.
    #[default]
    Waiting,
    /// It could start if its load stood.
    Loading,
    /// It could start.
    Eligible,
    /// An attempt runs.
    Running,
    /// An attempt has begun and waits for people to go on.
    Paused,
    /// Another step is done in its place.
    TakenOver,
    /// Done; a later failure may send it back.
    Done,
    /// Given up.
    Dropped,
}

/// A task, in sixteen bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Task {
    /// When it became eligible or, once it runs, when it started; when it went on or paused last,
    /// if it has; in milliseconds.
    pub since: u64,
    /// For how many others it waits.
    pub pending: u32,
    /// Attempts before the present one.
    pub attempt: u16,
    /// Tells an event or a place in a queue from before the task was given up.
    pub epoch: u8,
    pub phase: Phase,
}

/// Something that is found wrong at the end of an attempt.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    /// The step that went wrong.
    pub step: u16,
    /// The place of the step that found it among those that can.
    pub finder: u16,
    /// Whether others take over.
    pub escalates: bool,
}

/// A team or a limit at work.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pool {
    pub capacity: u32,
    pub in_use: u32,
    /// What is left of the capacity; below zero while use drains after it has fallen.
    pub free: i64,
    /// Units in use times milliseconds: a million units for ten years fit.
    pub busy: u64,
    /// Of that, above the capacity, up to `over_since`.
    pub overtime: u64,
    pub over_since: u64,
}

/// A track at work.
#[derive(Clone, Debug, Default)]
pub(super) struct TrackState {
    pub open: bool,
    pub closed: bool,
    /// Batches that hold a slot.
    pub in_flight: u32,
    /// `once` steps that are not done.
    pub once_left: u32,
    /// Batches that it has formed.
    pub batches: u32,
    /// The rows that it may take, in its order.
    pub order: Vec<u32>,
    /// Nothing before this place in the order can be taken any more.
    pub cursor: usize,
    /// Whether it might take a batch now.
    pub stirred: bool,
}

/// A batch at work.
#[derive(Clone, Copy, Debug)]
pub(super) struct Batch {
    pub track: u8,
    /// Its place among the batches of its track.
    pub number: u32,
    /// Its part of the list of members.
    pub first: u32,
    pub count: u32,
    /// Members that have not passed the step that frees the slot.
    pub slots_left: u32,
    /// Members that have not been taken out of it.
    pub members_left: u32,
}

pub(super) struct State {
    /// By row, then step.
    pub tasks: Vec<Task>,
    /// Whether each task has been done before, by row, then step; only there if a later
    /// failure can send a step back.
    pub completed_before: Vec<bool>,
    /// What is remembered of what went wrong in each task, a bit each, by row, then step; only
    /// there if something can go wrong and not be found at once, or escalate.
    pub marks: Vec<u8>,
    pub pools: Vec<Pool>,
    /// Attempts that may have to pause, and those that do.
    pub pauses: Pauses,
    /// Empty where the scenario has none.
    pub throughputs: Vec<ThroughputState>,
    /// The numbers that change over time.
    pub levels: Vec<u32>,
    /// What they are once they have begun.
    pub numbers: Vec<u32>,
    pub begun: Vec<bool>,
    /// When the first units of each pool were there, in milliseconds.
    pub came: Vec<u64>,
    /// When pools changed their capacity: when, which pool, to what.
    pub capacity_log: Vec<(u64, usize, u32)>,
    pub tracks: Vec<TrackState>,
    /// Whether any track might take a batch now.
    pub stirred: bool,
    pub batches: Vec<Batch>,
    /// The rows of all batches, batch after batch.
    pub members: Vec<u32>,
    /// The batch in which a track has a row, by track, then row.
    pub batch_of: Vec<u32>,
    /// The batch of a track that a row is the first of, by track, then row.
    pub heads: Vec<u32>,
    /// Steps that a row has to pass before it frees its part of the slot, by track, then row.
    pub slot_left: Vec<u16>,
    /// Steps that a row has to pass before it is handed over.
    pub hand_left: Vec<u16>,
    /// The track that has claimed each row.
    pub claimed_by: Vec<u8>,
    /// Completions of each kind of work, by its first step, for learning.
    pub completions: Vec<u32>,
    /// Whether each step is automated by now.
    pub automated: Vec<bool>,
    /// Whether each task is done as automated, by row, then step; only there if some step may be.
    pub by_machine: Vec<bool>,
    /// The factor of each step on durations, that of its teams included.
    pub step_factor: Vec<f64>,
    /// The same when the step is automated.
    pub automated_factor: Vec<f64>,
    /// The same when the step has escalated to a team.
    pub escalated_factor: Vec<f64>,
    /// The factor of each row on durations, by kind of growth, then row.
    pub site_factor: Vec<f64>,
    /// Data lost by each row's stores, by row, then store.
    pub losses: Vec<StoreLoss>,
    /// What the load has that the work for a row has begun with, by kind of load, then row.
    pub loaded: Vec<Option<Loaded>>,
    /// To which moment the stores of a row go back together, once one of them has asked.
    pub common_moments: Vec<Option<i64>>,
    /// When a store was lost that was there while others of its site were away, by row, then restore,
    /// in milliseconds; never where it was lost with the site, and empty where all were.
    pub stores_lost_at: Vec<u64>,
    /// Room for what an attempt finds unreadable: of which backups, what, and the time it costs.
    pub unreadable: Vec<(u16, Unreadable, u64)>,
    /// What somebody has found to be unreadable, of which backups, and from when on everybody knows.
    pub known_unreadable: BTreeMap<(u16, Unreadable), u64>,
    /// Attempts that do nothing but find out that nothing is left.
    pub in_vain: Vec<TaskRef>,
    /// When full backup number 0 began: catalogue after catalogue, of each protection the shards.
    pub firsts: Vec<i64>,
    /// Room for those who wait for a load that begins.
    pub openers: Vec<TaskRef>,
    /// When each milestone is reached.
    pub milestones: Vec<u64>,
    /// The graph of steps of each row, by what of it is lost.
    pub profiles: Vec<u16>,
    /// When each row was last deleted or will be, in milliseconds; never where it is spared.
    pub deleted_at: Vec<u64>,
    /// When the last site is deleted, second deletions left out.
    pub last_deletion: u64,
    /// Whether anybody has been called: nobody is before there is anything to restore.
    pub called: bool,
    /// Whether a site has been deleted a second time.
    pub deleted_again: bool,
    /// How long each row was away before its last deletion, in milliseconds; only there if some
    /// row was.
    pub earlier_outage: Vec<u64>,
    /// Tasks that have just become eligible: their keys, and what they need.
    pub fresh: Vec<(u128, u16)>,
    /// Tasks that need nobody and start at the next dispatch.
    pub unbound: Vec<TaskRef>,
    /// Room for what is found at the end of an attempt.
    pub found: Vec<Found>,
    /// Room for sorting.
    pub keys: Vec<(f64, u32)>,
    /// The last instant at which an attempt ended.
    pub last_end: u64,
    /// The earliest deletion that is on the list of events for tracks that wait; never without one.
    pub deletion_due: u64,
    /// What is loaded for sites to share.
    pub loads: Vec<Load>,
    /// Loads that may not be needed any more.
    pub unneeded: Vec<u32>,
    /// Since when what steps keep is held, by hold, then row.
    pub holds: Vec<u64>,
    /// What injects are doing.
    pub injected: Injected,
    pub outcome: Outcome,
}

/// Data lost by one store of one site, in milliseconds before its deletion.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StoreLoss {
    /// Whether the store has been restored.
    pub known: bool,
    /// What remains lost once the store is repaired.
    pub meant: u64,
    /// What is lost as long as it is not.
    pub present: u64,
}

impl State {
    pub(super) fn new(plan: &Plan) -> Self {
        let (rows, steps, tracks) = (plan.sites.len(), plan.steps.len(), plan.tracks.len());
        let pauses = plan.steps.iter().any(|step| step.pausable);
        let remembers = plan.steps.iter().any(|step| step.recurs);
        let marks = plan.steps.iter().any(|step| step.escalates)
            || plan.details.iter().any(|detail| !detail.finds.is_empty());
        Self {
            // Tasks of `once` steps lie in the first row, even where nothing is deleted.
            tasks: vec![Task::default(); rows.max(1) * steps],
            completed_before: vec![false; if remembers { rows * steps } else { 0 }],
            marks: vec![0; if marks { rows * steps } else { 0 }],
            pools: vec![Pool::default(); plan.pools.len()],
            pauses: Pauses::new(if pauses { rows * steps } else { 0 }, plan.demands.len()),
            throughputs: plan.throughputs.iter().map(|it| ThroughputState::new(it.cap)).collect(),
            levels: vec![0; plan.levels],
            numbers: vec![0; plan.levels],
            begun: vec![true; plan.levels],
            came: vec![u64::MAX; plan.pools.len()],
            capacity_log: Vec::new(),
            tracks: plan
                .tracks
                .iter()
                .map(|track| TrackState { order: track.candidates.clone(), ..Default::default() })
                .collect(),
            stirred: false,
            batches: Vec::new(),
            members: Vec::with_capacity(rows * tracks),
            batch_of: vec![NONE; rows * tracks],
            heads: vec![NONE; rows * tracks],
            slot_left: vec![0; rows * tracks],
            hand_left: vec![0; rows],
            claimed_by: vec![u8::MAX; rows],
            completions: vec![0; steps],
            automated: vec![false; steps],
            by_machine: vec![
                false;
                if plan.steps.iter().any(|it| it.automatable) {
                    rows * steps
                } else {
                    0
                }
            ],
            step_factor: vec![1.0; steps],
            automated_factor: vec![1.0; steps],
            escalated_factor: vec![1.0; steps],
            site_factor: vec![1.0; rows * plan.growths.len()],
            losses: vec![StoreLoss::default(); rows * plan.restores.len()],
            loaded: vec![None; plan.loads.places()],
            common_moments: vec![None; rows],
            stores_lost_at: Vec::new(),
            unreadable: Vec::new(),
            known_unreadable: BTreeMap::new(),
            in_vain: Vec::new(),
            firsts: Vec::new(),
            openers: Vec::new(),
            milestones: vec![0; plan.milestones.len()],
            profiles: vec![0; rows],
            deleted_at: vec![0; rows],
            last_deletion: 0,
            called: false,
            deleted_again: false,
            earlier_outage: Vec::new(),
            fresh: Vec::new(),
            unbound: Vec::new(),
            found: Vec::new(),
            keys: Vec::new(),
            last_end: 0,
            deletion_due: u64::MAX,
            loads: vec![Load::default(); plan.loads.loads.len()],
            unneeded: Vec::new(),
            holds: vec![FREE; plan.holds.len() * rows],
            injected: Injected::default(),
            outcome: Outcome::default(),
        }
    }

    /// Nothing has happened yet to the task at this place.
    fn forget(&mut self, place: usize) {
        if let Some(before) = self.completed_before.get_mut(place) {
            *before = false;
        }
        if let Some(marks) = self.marks.get_mut(place) {
            *marks = 0;
        }
    }

    /// Has another look at whether a track takes a batch.
    pub(super) fn stir_track(&mut self, track: usize) {
        self.tracks[track].stirred = true;
        self.stirred = true;
    }

    /// Has another look at whether any track takes a batch.
    pub(super) fn stir_all_tracks(&mut self) {
        self.tracks.iter_mut().for_each(|track| track.stirred = true);
        self.stirred = true;
    }
}

impl Engine<'_> {
    /// Back to T+0, with other random numbers.
    pub(super) fn begin(&mut self, streams: Streams, recorder: &mut impl Recorder) {
        let plan = self.plan;
        self.now = 0;
        self.future.clear();
        self.ready.clear();
        self.draws.begin(streams);
        let state = &mut self.state;
        state.pools.fill(Pool::default());
        state.pauses.clear();
        state.levels.fill(0);
        state.numbers.fill(0);
        state.begun.fill(true);
        state.came.fill(u64::MAX);
        state.capacity_log.clear();
        state.batches.clear();
        state.members.clear();
        state.batch_of.fill(NONE);
        state.heads.fill(NONE);
        state.slot_left.fill(0);
        state.hand_left.fill(0);
        state.claimed_by.fill(u8::MAX);
        state.completions.fill(0);
        state.losses.fill(StoreLoss::default());
        state.loaded.fill(None);
        state.common_moments.fill(None);
        state.fresh.clear();
        state.unbound.clear();
        state.last_end = 0;
        state.deletion_due = u64::MAX;
        state.holds.fill(FREE);
        state.outcome = empty_outcome(plan);
        self.begin_loads();
        self.begin_recovery();
        self.date_milestones_and_deletions();
        self.draw_factors();
        self.begin_injects();
        self.begin_levels(recorder);
        self.begin_throughputs();
        self.begin_automation();
        self.begin_tracks();
        if plan.waits_across_tracks {
            self.begin_all_rows();
        }
    }

    /// What a site's tasks have to wait for may be done before its track takes the site.
    fn begin_all_rows(&mut self) {
        for track in 0..self.plan.tracks.len() {
            for row in 0..self.plan.sites.len() {
                self.begin_row(track, row);
            }
        }
    }

    /// The tasks of a track for a site, all waiting.
    pub(super) fn begin_row(&mut self, track: usize, row: usize) {
        let plan = self.plan;
        let profile = &plan.profiles[usize::from(self.state.profiles[row])];
        let first = row * plan.steps.len();
        for step in plan.tracks[track].steps.clone() {
            // The task of a load may work for others.
            if !matches!(plan.steps[step].per, Per::Once | Per::Shard) {
                let pending = u32::from(profile.pending[step]);
                // The epoch goes on: a site that is deleted a second time has stale events.
                let epoch = self.state.tasks[first + step].epoch;
                self.state.tasks[first + step] = Task { pending, epoch, ..Task::default() };
                self.state.forget(first + step);
            }
        }
    }

    /// Deletions may stop at a milestone, and milestones may follow the last deletion.
    fn date_milestones_and_deletions(&mut self) {
        let (before, after) = self.plan.milestones.split_at(self.plan.milestones_before_deletions);
        self.date_milestones(before);
        self.date_deletions();
        self.date_milestones(after);
        self.state.outcome.milestones =
            self.state.milestones.iter().map(|at| SimTime::from_millis(*at)).collect();
    }

    fn date_milestones(&mut self, milestones: &[PlanMilestone]) {
        for milestone in milestones {
            let after = match milestone.after {
                PlanAnchor::FirstDeletion => 0,
                PlanAnchor::LastDeletion => self.state.last_deletion,
                PlanAnchor::Milestone(other) => self.state.milestones[other],
            };
            let u = uniform(self.draws.streams().word(milestone.stream, 0, 0));
            let at = after + whole_millis(milestone.delay.quantile(u));
            self.state.milestones[milestone.index] = at;
            let index = u32::try_from(milestone.index).expect("few milestones");
            self.future.push(at, 0, Event::Milestone(index));
        }
    }

    /// What this replication draws once for sites, steps and teams.
    fn draw_factors(&mut self) {
        let plan = self.plan;
        let uncertainty = plan.uncertainty;
        let streams = *self.draws.streams();
        let factor = |cv: f64, key| {
            if cv == 0.0 {
                return 1.0;
            }
            crate::dist::lognormal_factor(cv, uniform(streams.word(key, 0, 0)))
        };
        let teams: Vec<f64> =
            plan.team_effects.iter().map(|key| factor(uncertainty.team, *key)).collect();
        for (index, step) in plan.details.iter().enumerate() {
            let own = factor(uncertainty.step, step.effect);
            self.state.step_factor[index] = own * mean_by_people(&step.teams, &teams);
            // What a machine does alone is as uncertain as the step, not as its team.
            let left = mean_by_people(&step.teams_automated, &teams);
            self.state.automated_factor[index] = own * left;
            if let Some(team) = step.failure.as_ref().and_then(|it| it.team()) {
                self.state.escalated_factor[index] = own * teams[usize::from(team)];
            }
        }
        let rows = plan.sites.len();
        for row in 0..rows {
            let own = if uncertainty.site > 0.0 {
                let number = u32::try_from(row).expect("fewer than 2^32 sites");
                let u = self.draws.uniform(plan, plan.site_effect_lane, number, 0);
                crate::dist::lognormal_factor(uncertainty.site, u)
            } else {
                1.0
            };
            for (kind, growth) in plan.growths.iter().enumerate() {
                self.state.site_factor[kind * rows + row] = growth.by_row[row] * own;
            }
        }
    }

    fn begin_levels(&mut self, recorder: &mut impl Recorder) {
        let plan = self.plan;
        for point in &plan.level_points {
            self.state.begun[point.level] &= point.change != LevelChange::Begins;
        }
        for (index, point) in plan.level_points.iter().enumerate() {
            if point.at == PlanMoment::START {
                self.change_level(*point, recorder);
            } else if let Some(at) = self.known_instant(point.at) {
                let index = u32::try_from(index).expect("few points of ramps");
                self.future.push(at, 0, Event::Level(index));
            }
        }
    }

    fn begin_tracks(&mut self) {
        let plan = self.plan;
        for (index, track) in plan.tracks.iter().enumerate() {
            self.order_candidates(index);
            let number = u8::try_from(index).expect("a checked strategy has at most 200 tracks");
            let state = &mut self.state.tracks[index];
            state.open = false;
            state.closed = false;
            state.in_flight = 0;
            let in_turn =
                track.once_steps.iter().filter(|it| !plan.steps[usize::from(**it)].stands_in);
            state.once_left = u32::try_from(in_turn.count()).expect("few steps");
            state.batches = 0;
            state.cursor = 0;
            state.stirred = false;
            for step in &track.once_steps {
                let pending = plan.once_predecessors[usize::from(*step)].len();
                // One more for the track to open.
                let pending = u32::try_from(pending + 1).expect("few steps");
                self.state.tasks[usize::from(*step)] = Task { pending, ..Task::default() };
                self.state.forget(usize::from(*step));
            }
            if let Some(at) = track.closes.and_then(|it| self.known_instant(it)) {
                self.future.push(at, 0, Event::Close(number));
            }
        }
        if self.state.called {
            self.open_tracks();
        }
    }

    /// Puts the opening of every track whose instant is known on the list of events, at the
    /// earliest now.
    pub(super) fn open_tracks(&mut self) {
        for (index, track) in self.plan.tracks.iter().enumerate() {
            let number = u8::try_from(index).expect("a checked strategy has at most 200 tracks");
            if let Some(at) = self.known_instant(track.opens) {
                self.future.push(at.max(self.now), 0, Event::Open(number));
            }
        }
    }

    /// When a moment comes, unless it waits for a step.
    pub(super) fn known_instant(&self, moment: PlanMoment) -> Option<u64> {
        moment.instant(|index| self.state.milestones[index])
    }

    /// Puts what has waited for a `once` step on the list of events.
    pub(super) fn release_moments(&mut self, step: u16, recorder: &mut impl Recorder) {
        let plan = self.plan;
        self.automate_after(PlanBase::Step(step), recorder);
        let waits = |moment: PlanMoment| moment.base == PlanBase::Step(step);
        for (index, track) in plan.tracks.iter().enumerate() {
            let number = u8::try_from(index).expect("a checked strategy has at most 200 tracks");
            if waits(track.opens) {
                self.future.push(self.now + track.opens.plus, 0, Event::Open(number));
            }
            if let Some(closes) = track.closes.filter(|it| waits(*it)) {
                self.future.push(self.now + closes.plus, 0, Event::Close(number));
            }
        }
    }

    pub(super) fn on_level(&mut self, point: u32, recorder: &mut impl Recorder) {
        let point = self.plan.level_points[point as usize];
        self.change_level(point, recorder);
    }

    fn change_level(&mut self, point: LevelPoint, recorder: &mut impl Recorder) {
        let level = point.level;
        match point.change {
            LevelChange::To(number) => self.state.numbers[level] = number,
            LevelChange::Begins => self.state.begun[level] = true,
            LevelChange::Stays => {}
        }
        let begun = self.state.begun[level];
        self.set_level(level, if begun { self.state.numbers[level] } else { 0 }, recorder);
    }

    fn set_level(&mut self, level: usize, number: u32, recorder: &mut impl Recorder) {
        self.state.levels[level] = number;
        if level < self.plan.first_part {
            self.change_shift(level);
            self.set_capacity(level, recorder);
        } else {
            // It is the size or the number of slots of some track.
            self.state.stir_all_tracks();
        }
    }

    /// Gives a pool the capacity that its level and the injects leave it.
    pub(super) fn set_capacity(&mut self, index: usize, recorder: &mut impl Recorder) {
        let number = self.left_of_capacity(index);
        let pool = &mut self.state.pools[index];
        pool.count_overtime(self.now);
        pool.capacity = number;
        if number > 0 {
            self.state.came[index] = self.state.came[index].min(self.now);
        }
        pool.free = i64::from(number) - i64::from(pool.in_use);
        self.state.capacity_log.push((self.now, index, number));
        if index < self.plan.first_gate {
            let pool = u16::try_from(index).expect("a demand knows its pools by 16 bits");
            self.tell(recorder, |_| TraceRecord::Capacity { pool, units: number });
        }
        self.stir(index);
        for part in self.plan.pools[index].parts.clone().into_iter().flatten() {
            let pool = &mut self.state.pools[part];
            pool.count_overtime(self.now);
            pool.capacity = number;
            pool.free = i64::from(number) - i64::from(pool.in_use);
            self.stir(part);
        }
        if self.plan.pools[index].hands_over {
            self.pause_youngest(index, recorder);
        }
    }

    /// What became of a pool: of a limit that counts per shard, of all its parts.
    fn tally(&self, index: usize, capacity: u128) -> PoolTally {
        let pools = &self.state.pools;
        let (own, count) = match self.plan.pools[index].parts.clone() {
            None => (&pools[index..=index], 1),
            Some(parts) => (&pools[parts.clone()], parts.len() as u128),
        };
        PoolTally {
            busy: own.iter().map(|it| u128::from(it.busy)).sum(),
            overtime: own.iter().map(|it| u128::from(it.overtime)).sum(),
            capacity: capacity * count,
        }
    }

    /// What the replication came to.
    pub(super) fn finish(&mut self, recorder: &mut impl Recorder) -> Outcome {
        self.count_running_attempts();
        self.count_paused_attempts();
        self.count_waits(recorder);
        self.count_holds(recorder);
        let end = self.state.last_end;
        let mut capacity = vec![0u128; self.plan.pools.len()];
        let mut present: Vec<(u64, u32)> = vec![(0, 0); self.plan.pools.len()];
        let until = |(since, number): (u64, u32), now: u64| {
            u128::from(number) * u128::from(now.min(end).saturating_sub(since))
        };
        for (at, pool, number) in &self.state.capacity_log {
            capacity[*pool] += until(present[*pool], *at);
            present[*pool] = (*at, *number);
        }
        for (sum, last) in capacity.iter_mut().zip(present) {
            *sum += until(last, end);
        }
        self.final_deletions();
        let back = self.state.outcome.restorations.iter().filter_map(|it| it.restored_at());
        self.state.outcome.makespan = back.max().unwrap_or(SimTime::ZERO);
        let throughputs = self.throughput_tallies(end);
        let mut outcome = std::mem::take(&mut self.state.outcome);
        outcome.pools = capacity[..self.plan.first_gate]
            .iter()
            .enumerate()
            .map(|(pool, capacity)| self.tally(pool, *capacity))
            .collect();
        outcome.throughputs = throughputs;
        outcome.attempts = outcome.steps.iter().map(|step| step.attempts).sum();
        outcome
    }

    /// At the horizon the hours of attempts that still run count too. What pauses, waits or is held
    /// when nothing else can happen does so up to the horizon.
    fn count_running_attempts(&mut self) {
        self.now = self.plan.horizon;
        match self.future.next_instant() {
            Some(beyond) => assert!(
                beyond > self.plan.horizon,
                "a replication ends when nothing is left or too late"
            ),
            // Transfers over something that stands still for good go on to the horizon.
            None if self.state.throughputs.iter().any(ThroughputState::is_busy) => {}
            None => return,
        }
        let plan = self.plan;
        for track in &plan.tracks {
            for step in &track.once_steps {
                self.count_if_running(TaskRef { row: 0, step: *step });
            }
        }
        for index in 0..self.state.batches.len() {
            let batch = self.state.batches[index];
            let track = usize::from(batch.track);
            for member in batch.first..batch.first + batch.count {
                let row = self.state.members[member as usize];
                // A site that was deleted again is a member of more than one batch, and may have
                // been the first of each.
                let own = track * plan.sites.len() + row as usize;
                let (stays, heads) = (self.state.batch_of[own], self.state.heads[own]);
                for step in plan.tracks[track].steps.clone() {
                    let counts = match plan.steps[step].per {
                        Per::Once | Per::Shard => false,
                        Per::Batch => member == batch.first && heads as usize == index,
                        Per::Site => stays as usize == index,
                    };
                    if counts {
                        let step = u16::try_from(step).expect("at most 4,000 steps");
                        self.count_if_running(TaskRef { row, step });
                    }
                }
            }
        }
    }

    pub(super) fn count_if_running(&mut self, task: TaskRef) {
        if self.state.tasks[self.place(task)].phase == Phase::Running {
            self.end_attempt(task);
            self.leave_open(task);
        }
    }

    /// Notes that a step does not come to its end in the replication.
    pub(super) fn leave_open(&mut self, task: TaskRef) {
        self.state.outcome.steps[usize::from(task.step)].last_end = SimTime::NEVER;
    }

    /// The place of a task in the list of tasks.
    #[inline(always)]
    pub(super) fn place(&self, task: TaskRef) -> usize {
        task.row as usize * self.plan.steps.len() + usize::from(task.step)
    }

    /// Whether a task has been done, even if it is to be done again.
    pub(super) fn has_been_done(&self, task: TaskRef) -> bool {
        let place = self.place(task);
        if self.plan.steps[usize::from(task.step)].recurs {
            self.state.completed_before[place]
        } else {
            self.state.tasks[place].phase == Phase::Done
        }
    }

    /// What a step is done for.
    #[inline(always)]
    pub(super) fn per(&self, task: TaskRef) -> Per {
        self.plan.steps[usize::from(task.step)].per
    }
}

/// What the teams of an attempt slow it by: the mean of their factors, weighted by the people that it
/// takes of each. So its own mean is 1 like theirs, however many they are; that of the slowest is
/// not. What needs nobody has 1.
fn mean_by_people(people: &[(u16, u32)], factors: &[f64]) -> f64 {
    let factor = |team: u16| factors[usize::from(team)];
    let Some((first, _)) = people.first() else { return 1.0 };
    let all: u32 = people.iter().map(|it| it.1).sum();
    // Counted from the first, so that of one team, or of equal ones, it is their own to the bit.
    let of_team = |(team, people): &(u16, u32)| {
        f64::from(*people) / f64::from(all) * (factor(*team) - factor(*first))
    };
    factor(*first) + people.iter().map(of_team).sum::<f64>()
}

fn empty_outcome(plan: &Plan) -> Outcome {
    let rows = plan.sites.len();
    Outcome {
        restorations: vec![Restoration::Unfinished; rows],
        restored_by: vec![u8::MAX; rows],
        data_loss: vec![DataLoss::default(); rows],
        deleted_at: Vec::new(),
        earlier_outage: Vec::new(),
        steps: vec![StepTally::default(); plan.steps.len()],
        reached: vec![None; if plan.steps.iter().any(|step| step.reaches) { rows } else { 0 }],
        pools: Vec::new(),
        throughputs: Vec::new(),
        milestones: Vec::new(),
        makespan: SimTime::ZERO,
        attempts: 0,
    }
}

impl<'p> Engine<'p> {
    /// Which graph of steps a site has now.
    #[inline(always)]
    pub(super) fn profile_number(&self, row: u32) -> usize {
        usize::from(self.state.profiles[row as usize])
    }

    /// What the site of a row has lost by now.
    pub(crate) fn lost(&self, row: usize) -> Lost {
        self.plan.profiles[usize::from(self.state.profiles[row])].lost
    }

    /// The graph of steps of a site as it is now.
    #[inline(always)]
    pub(super) fn profile(&self, row: u32) -> &'p Profile {
        &self.plan.profiles[self.profile_number(row)]
    }

    /// Which of the lists by profile is that of a step of a row; other steps than those of sites
    /// have one list.
    pub(super) fn kind(&self, row: u32, step: u16) -> usize {
        match self.plan.steps[usize::from(step)].per {
            Per::Site => self.profile_number(row),
            Per::Batch | Per::Shard | Per::Once => 0,
        }
    }
}

impl Levels for Engine<'_> {
    fn pool(&self, pool: usize) -> (u64, u64) {
        let parts = self.plan.pools[pool].parts.clone().unwrap_or(pool..pool + 1);
        self.state.pools[parts].iter().fold((0, 0), |(used, all), it| {
            (used + u64::from(it.in_use), all + u64::from(it.capacity))
        })
    }

    fn track(&self, track: usize) -> (u64, Option<u64>) {
        let slots = self.plan.tracks[track].in_flight.map(|it| u64::from(self.state.levels[it]));
        (u64::from(self.state.tracks[track].in_flight), slots)
    }
}
