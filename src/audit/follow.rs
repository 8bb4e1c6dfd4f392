//! Follows the log of an exercise, record by record, keeps what an outsider can know, and says where
//! a law is broken.
//!
//! What a record makes due (a task that can start now, a hold that ends) is noted and struck off when
//! the log tells it; what is left when an instant is over was not told.

use std::collections::{BTreeMap, BTreeSet};

use crate::audit::Auditor;
use crate::audit::breach::{Breaches, Law};
use crate::audit::dates::{Dates, NEVER};
use crate::audit::draws::Drawn;
use crate::audit::graph::per;
use crate::audit::loads::Load;
use crate::audit::needs::{Needs, Units};
use crate::audit::pools::Pools;
use crate::audit::tracks::{Batch, TrackState, Where};
use crate::ids::Id;
use crate::rng::Streams;
use crate::scenario::{InjectKind, MomentBase, Per};
use crate::trace::{Outcome, Restoration, StepTally, TaskRef, Testimony, TraceRecord};
use crate::units::SimTime;

/// How far a task has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Phase {
    #[default]
    Waiting,
    /// It waits for its load.
    Loading,
    /// It could start.
    Eligible,
    Running,
    Paused,
    /// Another step is done in its place.
    TakenOver,
    Done,
    /// Given up.
    Dropped,
}

/// What is known of a task.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Task {
    pub phase: Phase,
    /// Attempts before the present one.
    pub attempt: u32,
    /// Since when it is in its phase.
    pub since: u64,
    /// When the present attempt began.
    pub started: u64,
    /// When it is to end; never, of a transfer. What is left of it while it pauses.
    pub ends: u64,
    /// The group in which it waits, and its rank there.
    pub group: usize,
    pub rank: u64,
    /// Who does the present attempt.
    pub by_machine: bool,
    pub escalated: bool,
    /// Nobody at a barrier waits for it.
    pub excused: bool,
    /// Its last attempt left something wrong that nobody has found.
    pub defect: bool,
    /// It has been done before, even if it is to be done again.
    pub was_done: bool,
    /// The present attempt was marked to fail.
    pub marked: bool,
}

/// What is known of a site.
#[derive(Clone, Copy, Debug)]
pub(super) struct SiteState {
    pub end: Restoration,
    /// When it was last deleted or will be; never where it is spared.
    pub deleted_at: u64,
    pub earlier_outage: u64,
    /// The track that has claimed it.
    pub claimed_by: Option<usize>,
    /// Steps that have to end before it is back.
    pub hand_left: u32,
}

/// Something that the log has to tell before the instant is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// A task can start, or asks for its load.
    Release(TaskRef),
    Abort(TaskRef),
    Escalate(TaskRef),
    Free(TaskRef),
    Unload(TaskRef),
    Restore(u32),
    Lose(u32),
    Delete(u32),
    Reach(u32),
    FreeSlot(u32),
    PassOn(TaskRef, u32),
    Automate(usize),
}

/// Moments that come by themselves, in the order in which they are told within an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Date {
    Milestone(u32),
    InjectEnds(u32),
    Inject(u32),
    Opens(u32),
    Closes(u32),
}

/// An outsider at work.
pub(super) struct Follower<'f, 'a> {
    pub auditor: &'f Auditor<'a>,
    pub told: &'f Testimony,
    pub drawn: Drawn<'f, 'a>,
    pub dates: Dates,
    pub now: u64,
    pub breaches: Breaches,
    pub due: Vec<Due>,
    agenda: BTreeSet<(u64, Date)>,
    /// By row, then step.
    pub tasks: Vec<Task>,
    pub sites: Vec<SiteState>,
    pub pools: Pools,
    pub needs: Needs,
    pub tracks: Vec<TrackState>,
    pub batches: Vec<Batch>,
    /// By track, then row: the batch in which the track has the site.
    pub batch_of: Vec<Where>,
    /// The same: the batch whose tasks stand in the row.
    pub heads: Vec<Option<u32>>,
    /// The same: steps that have to end before the site leaves its part of the slot.
    pub slot_left: Vec<u32>,
    /// Whether anybody has been called.
    pub called: bool,
    pub automated: Vec<bool>,
    /// By the first step that is the same work.
    pub completions: Vec<u32>,
    pub loads: Vec<Load>,
    /// By key of the step and shard.
    pub load_of: BTreeMap<(usize, u32), usize>,
    /// Loads that stand and nobody needs.
    pub idle_loads: Vec<usize>,
    /// Whether anybody has come to need a load or needs one no more, at this instant.
    pub loads_changed: bool,
    /// What is kept: by step and row since when, and what.
    pub holds: BTreeMap<TaskRef, (u64, Units)>,
    /// Attempts that may have to pause, and those that do.
    pub running: BTreeSet<TaskRef>,
    pub paused: BTreeSet<TaskRef>,
    /// Whether those who can are starting, at this instant.
    pub dispatching: bool,
    /// Attempts that are to be given up at this instant, as they were.
    pub dying: BTreeMap<TaskRef, Task>,
    /// By row: how many of its tasks keep something.
    pub keeping: Vec<u32>,
    /// By row: the steps for which no barrier waits.
    pub excused: BTreeMap<u32, BTreeSet<usize>>,
    /// By row, then restoring step: what its store has lost, meant and at present.
    pub losses: Vec<Option<(u64, u64)>>,
    /// By inject: attempts that it still fails; whether it is on.
    pub to_fail: Vec<u32>,
    pub is_on: Vec<bool>,
    /// The task that takes what it keeps, right before its start is told.
    pub starting: Option<TaskRef>,
    /// Whether an inject has deleted anything.
    pub deleted_again: bool,
    /// When a load is to be freed next, if nobody comes.
    pub unload_at: u64,
    /// Whether the log tells of the end of the exercise.
    pub is_over: bool,
    pub own: Outcome,
    /// The last instant at which work ended or something kept was freed.
    pub last_end: u64,
    settled: u32,
    /// Whether the log could be followed to its end.
    pub is_followed: bool,
}

/// The time is judged thoroughly every so many instants.
const THOROUGHLY: u32 = 64;

impl<'f, 'a> Follower<'f, 'a> {
    pub(super) fn new(auditor: &'f Auditor<'a>, told: &'f Testimony) -> Self {
        let ground = &auditor.ground;
        let streams = Streams::new(told.seed, told.replication);
        let drawn = auditor.draws.begin(ground, streams);
        let dates = Dates::new(ground, &streams);
        let (rows, steps) = (ground.rows.len(), ground.steps.len());
        let tracks = ground.strategy.tracks.len();
        let site = |deleted_at: &u64| SiteState {
            end: match *deleted_at {
                NEVER => Restoration::Spared,
                _ => Restoration::Unfinished,
            },
            deleted_at: *deleted_at,
            earlier_outage: 0,
            claimed_by: None,
            hand_left: 0,
        };
        let sites: Vec<SiteState> = dates.deleted_at.iter().map(site).collect();
        let called = sites.iter().any(|it| it.deleted_at != NEVER);
        let mut follower = Self {
            auditor,
            told,
            called,
            sites,
            pools: Pools::new(ground.scenario),
            needs: Needs::new(steps, told.legend.needs.len()),
            drawn,
            now: 0,
            breaches: Breaches::default(),
            due: Vec::new(),
            agenda: BTreeSet::new(),
            tasks: vec![Task::default(); rows.max(1) * steps],
            tracks: Vec::new(),
            batches: Vec::new(),
            batch_of: vec![Where::Never; rows * tracks],
            heads: vec![None; rows * tracks],
            slot_left: vec![0; rows * tracks],
            automated: vec![false; steps],
            completions: vec![0; steps],
            loads: Vec::new(),
            load_of: BTreeMap::new(),
            idle_loads: Vec::new(),
            loads_changed: false,
            holds: BTreeMap::new(),
            running: BTreeSet::new(),
            paused: BTreeSet::new(),
            dying: BTreeMap::new(),
            dispatching: false,
            deleted_again: false,
            unload_at: NEVER,
            is_over: false,
            keeping: vec![0; rows.max(1)],
            excused: BTreeMap::new(),
            losses: vec![None; rows * auditor.restoring.len()],
            to_fail: vec![0; ground.scenario.injects.len()],
            is_on: vec![false; ground.scenario.injects.len()],
            starting: None,
            own: Outcome::default(),
            last_end: 0,
            settled: 0,
            is_followed: false,
            dates,
        };
        follower.begin();
        follower
    }

    fn begin(&mut self) {
        let ground = &self.auditor.ground;
        let rows = ground.rows.len();
        self.own.restored_by = vec![u8::MAX; rows];
        self.own.data_loss = vec![crate::trace::DataLoss::default(); rows];
        self.own.steps = vec![StepTally::default(); ground.steps.len()];
        let reaches = ground.steps.iter().any(|it| it.step.reaches_customer);
        self.own.reached = vec![None; if reaches { rows } else { 0 }];
        let millis = |at: &u64| SimTime::from_millis(*at);
        self.own.milestones = self.dates.milestones.iter().map(millis).collect();
        for (place, at) in self.dates.milestones.iter().enumerate() {
            self.agenda.insert((*at, Date::Milestone(number(place))));
        }
        for (place, at) in self.dates.injects.iter().enumerate().filter(|it| *it.1 != NEVER) {
            self.agenda.insert((*at, Date::Inject(number(place))));
        }
        self.begin_tracks();
        self.begin_automation();
    }

    /// Notes that a moment comes at an instant.
    pub(super) fn plan(&mut self, at: u64, date: Date) {
        self.agenda.insert((at, date));
    }

    pub(super) fn place(&self, task: TaskRef) -> usize {
        task.row as usize * self.auditor.ground.steps.len() + usize::from(task.step)
    }

    pub(super) fn task(&self, task: TaskRef) -> &Task {
        &self.tasks[self.place(task)]
    }

    pub(super) fn task_mut(&mut self, task: TaskRef) -> &mut Task {
        let place = self.place(task);
        &mut self.tasks[place]
    }

    pub(super) fn per(&self, task: TaskRef) -> Per {
        per(&self.auditor.ground, usize::from(task.step))
    }

    pub(super) fn name(&self, task: TaskRef) -> String {
        self.auditor.ground.task_name(task)
    }

    pub(super) fn of_track(&self, track: usize, row: u32) -> usize {
        track * self.auditor.ground.rows.len() + row as usize
    }

    /// Strikes off what was due; says whether it was.
    pub(super) fn discharge(&mut self, what: Due) -> bool {
        let place = self.due.iter().position(|it| *it == what);
        place.map(|it| self.due.remove(it)).is_some()
    }

    /// Follows the whole log.
    pub(super) fn follow(
        &mut self,
        mut also: impl FnMut(u64, Option<&TraceRecord>, &mut Breaches),
    ) {
        let told = self.told;
        for (at, record) in &told.records {
            let at = at.as_millis();
            if at > self.now {
                self.settle();
                also(self.now, None, &mut self.breaches);
                self.now = at;
                self.breaches.now = at;
                self.check_agenda(at);
                self.check_unloading(at);
            } else if at < self.now {
                self.breaches.now(Law::Clock, "the log goes back in time".to_owned());
            }
            if self.breaches.are_enough() {
                return;
            }
            if !self.is_known(record) {
                // Whoever speaks of what is not there cannot be followed any further.
                self.breaches.now(Law::Names, format!("nobody knows what {record:?} is about"));
                return;
            }
            also(at, Some(record), &mut self.breaches);
            self.hear(record);
        }
        self.settle();
        also(self.now, None, &mut self.breaches);
        self.is_followed = !self.breaches.are_enough();
    }

    /// Whether the scenario has all that a record speaks of.
    fn is_known(&self, record: &TraceRecord) -> bool {
        let ground = &self.auditor.ground;
        let rows = ground.rows.len();
        let row = |it: u32| (it as usize) < rows;
        let track = |it: u8| usize::from(it) < ground.strategy.tracks.len();
        let step = |it: u16| usize::from(it) < ground.steps.len();
        let task = |it: TaskRef| step(it.step) && (it.row == 0 || row(it.row));
        let needs = |it: u16| usize::from(it) < ground.legend.needs.len();
        let inject = |it: u32| (it as usize) < ground.scenario.injects.len();
        match *record {
            TraceRecord::Milestone(it) => (it as usize) < ground.scenario.incident.milestones.len(),
            TraceRecord::Injected(it) | TraceRecord::InjectEnded(it) => inject(it),
            TraceRecord::Capacity { pool, .. } => {
                matches!(ground.legend.pools.get(usize::from(pool)), Some(Some(_)))
            }
            TraceRecord::Automated(it) => step(it),
            TraceRecord::Opened(it) | TraceRecord::Closed(it) => track(it),
            TraceRecord::Taken { row: it, track: by, .. } => row(it) && track(by),
            TraceRecord::SlotFreed { track: by, batch } => {
                track(by) && (batch as usize) < self.batches.len()
            }
            TraceRecord::PassedOn { task: it, row: to } => task(it) && row(to),
            TraceRecord::Arrived(it)
            | TraceRecord::Asked(it)
            | TraceRecord::Eligible(it)
            | TraceRecord::Escalated(it)
            | TraceRecord::Unloaded(it) => task(it),
            TraceRecord::Started(it) | TraceRecord::Resumed(it) | TraceRecord::NothingLeft(it) => {
                task(it.task) && needs(it.takes) && needs(it.has)
            }
            TraceRecord::Finished(it, practice) => {
                task(it.task) && needs(it.frees) && step(practice.work)
            }
            TraceRecord::Failed(it) | TraceRecord::Paused(it) | TraceRecord::Aborted(it) => {
                task(it.task) && needs(it.frees)
            }
            TraceRecord::StillWaits { task: it, takes, .. } => task(it) && needs(takes),
            TraceRecord::Held { task: it, keeps } => task(it) && needs(keeps),
            TraceRecord::Freed { task: it, frees, .. } => task(it) && needs(frees),
            TraceRecord::Deleted(it)
            | TraceRecord::Reached(it)
            | TraceRecord::Restored(it)
            | TraceRecord::Lost(it) => row(it),
        }
    }

    /// Nothing that is to come by an instant may be missing; what comes at it is told yet.
    fn check_agenda(&mut self, at: u64) {
        while let Some((due, date)) = self.agenda.first().copied().filter(|it| it.0 < at) {
            self.agenda.pop_first();
            if due <= self.auditor.horizon {
                let how = format!("{} was to come at {}, and did not", self.date(date), time(due));
                self.breaches.now(Law::Moments, how);
            }
        }
    }

    fn date(&self, date: Date) -> String {
        let scenario = self.auditor.ground.scenario;
        let track = |it: u32| self.auditor.ground.track_name(it as usize).to_owned();
        match date {
            Date::Milestone(it) => {
                format!("milestone `{}`", scenario.incident.milestones.as_slice()[it as usize].name)
            }
            Date::Inject(it) => format!("inject `{}`", scenario.injects[it as usize].title),
            Date::InjectEnds(it) => {
                format!("the end of inject `{}`", scenario.injects[it as usize].title)
            }
            Date::Opens(it) => format!("the opening of track `{}`", track(it)),
            Date::Closes(it) => format!("the closing of track `{}`", track(it)),
        }
    }

    /// A moment comes; says whether it was to come now.
    fn comes(&mut self, date: Date) {
        if !self.agenda.remove(&(self.now, date)) {
            let planned = self.agenda.iter().find(|it| it.1 == date).map(|it| it.0);
            let when = planned.map_or("never".to_owned(), time);
            let how = format!("{} comes now; it was to come {when}", self.date(date));
            self.agenda.retain(|it| it.1 != date);
            self.breaches.now(Law::Moments, how);
        }
    }

    fn hear(&mut self, record: &TraceRecord) {
        match *record {
            TraceRecord::Milestone(it) => {
                self.comes(Date::Milestone(it));
                self.automate_after(MomentBase::Milestone(Id::new(it as usize)));
            }
            TraceRecord::Injected(it) => self.injected(it as usize),
            TraceRecord::InjectEnded(it) => {
                self.comes(Date::InjectEnds(it));
                self.is_on[it as usize] = false;
                self.pools.set_stop(it as usize, false);
            }
            TraceRecord::Capacity { pool, units } => {
                let resource = self.told.legend.pools.get(usize::from(pool)).copied().flatten();
                let resource = resource.expect("what the log speaks of is known");
                self.pools.set_units(resource, units, self.now);
            }
            TraceRecord::Automated(step) => self.automate(usize::from(step)),
            TraceRecord::Opened(track) => {
                self.comes(Date::Opens(u32::from(track)));
                self.open(usize::from(track));
            }
            TraceRecord::Closed(track) => {
                self.comes(Date::Closes(u32::from(track)));
                self.close(usize::from(track));
            }
            TraceRecord::Taken { row, track, batch } => self.taken(row, usize::from(track), batch),
            TraceRecord::SlotFreed { track, batch } => {
                self.expect(Due::FreeSlot(batch), Law::Slots, |it| {
                    format!(
                        "a slot of `{}` is freed early",
                        it.auditor.ground.track_name(usize::from(track))
                    )
                });
            }
            TraceRecord::PassedOn { task, row } => {
                self.expect(Due::PassOn(task, row), Law::Taken, |it| {
                    format!("{} passes to `{}`", it.name(task), it.auditor.ground.site_name(row))
                });
            }
            TraceRecord::Arrived(task) => self.arrived(task),
            TraceRecord::Asked(task) => self.asked(task),
            TraceRecord::Eligible(task) => self.eligible(task),
            TraceRecord::Started(start) => self.started(&start),
            TraceRecord::Resumed(start) => self.resumed(&start),
            TraceRecord::Finished(end, practice) => self.finished(&end, practice),
            TraceRecord::Failed(end) => self.failed(&end),
            TraceRecord::Paused(end) => self.pauses(&end),
            TraceRecord::Aborted(end) => self.aborted(&end),
            TraceRecord::StillWaits { task, waited, takes } => {
                self.still_waits(task, waited, takes)
            }
            TraceRecord::Held { task, keeps } => self.held(task, keeps),
            TraceRecord::Freed { task, frees, held } => self.freed(task, frees, held),
            TraceRecord::Deleted(row) => self.deleted(row),
            TraceRecord::Escalated(task) => {
                self.expect(Due::Escalate(task), Law::Escalation, |it| {
                    format!("{} is taken over, and has not failed too often", it.name(task))
                });
            }
            TraceRecord::Reached(row) => {
                self.expect(Due::Reach(row), Law::Reaching, |it| {
                    format!(
                        "nobody has reached the customer of `{}`",
                        it.auditor.ground.site_name(row)
                    )
                });
            }
            TraceRecord::Unloaded(task) => self.unloaded(task),
            TraceRecord::Restored(row) => self.restored(row),
            TraceRecord::NothingLeft(start) => self.nothing_left(&start),
            TraceRecord::Lost(row) => {
                self.expect(Due::Lose(row), Law::Ends, |it| {
                    format!(
                        "`{}` is lost, though something is left",
                        it.auditor.ground.site_name(row)
                    )
                });
            }
        }
    }

    /// What is told now was due.
    fn expect(&mut self, what: Due, law: Law, how: impl FnOnce(&Self) -> String) {
        if !self.discharge(what) {
            let how = how(self);
            self.breaches.now(law, how);
        }
    }

    fn injected(&mut self, inject: usize) {
        self.comes(Date::Inject(number(inject)));
        self.is_on[inject] = true;
        let ground = &self.auditor.ground;
        if let Some(lasts) = self.dates.lasts[inject] {
            self.plan(self.now + lasts, Date::InjectEnds(number(inject)));
        }
        match &ground.scenario.injects[inject].what {
            InjectKind::AttemptsFail(_, count) => self.to_fail[inject] = *count,
            InjectKind::Deletion(sites, _) => {
                for site in sites {
                    let row = ground.rows.iter().position(|it| it.id == *site);
                    let row = row.expect("the incident aims at all that injects delete");
                    if self.sites[row].end != Restoration::Lost {
                        self.due.push(Due::Delete(number(row)));
                    }
                }
            }
            InjectKind::Outage(_) | InjectKind::Freeze(_) => self.pools.set_stop(inject, true),
            InjectKind::PeopleAway(..)
            | InjectKind::ShiftLost(_)
            | InjectKind::LimitDrops(..)
            | InjectKind::ThroughputDrops(..) => {}
        }
    }

    /// All that happens at an instant has happened.
    fn settle(&mut self) {
        if self.is_over {
            return;
        }
        self.settled += 1;
        self.dispatching = false;
        self.settle_loads();
        self.settle_tracks();
        self.settle_pauses();
        let due = std::mem::take(&mut self.due);
        for it in due {
            let (law, how) = self.untold(it);
            self.breaches.now(law, how);
        }
        let thoroughly = self.settled.is_multiple_of(THOROUGHLY);
        if let Some(task) = self.pools.idle(thoroughly) {
            let how = format!("{} could start and does not", self.name(task));
            self.breaches.now(Law::Idleness, how);
        }
        if thoroughly {
            self.settle_holds();
        }
    }

    fn untold(&self, due: Due) -> (Law, String) {
        let ground = &self.auditor.ground;
        let site = |row: u32| ground.site_name(row);
        match due {
            Due::Release(it) => (
                Law::Release,
                format!("{} can start from now on, and is not let go", self.name(it)),
            ),
            Due::Abort(it) => {
                (Law::Ends, format!("{} is to be given up and goes on", self.name(it)))
            }
            Due::Escalate(it) => (
                Law::Escalation,
                format!("{} has failed too often, and nobody takes over", self.name(it)),
            ),
            Due::Free(it) => (Law::Holds, format!("what {} kept is not freed", self.name(it))),
            Due::Unload(it) => {
                (Law::Loads, format!("{} is needed no more, and stands", self.name(it)))
            }
            Due::Restore(row) => {
                (Law::HandOver, format!("all is done for `{}`, and it is not back", site(row)))
            }
            Due::Lose(row) => {
                (Law::Ends, format!("nothing is left of `{}`, and it is not lost", site(row)))
            }
            Due::Delete(row) => {
                (Law::Deletions, format!("`{}` is to be deleted and is not", site(row)))
            }
            Due::Reach(row) => (
                Law::Reaching,
                format!("the customer of `{}` was reached, which is not told", site(row)),
            ),
            Due::FreeSlot(batch) => {
                (Law::Slots, format!("batch {batch} has passed and keeps its slot"))
            }
            Due::PassOn(it, row) => {
                (Law::Taken, format!("{} is to pass to `{}`", self.name(it), site(row)))
            }
            Due::Automate(step) => (
                Law::Automation,
                format!("`{}` is to be automated from now on", ground.step_name(step)),
            ),
        }
    }

    /// The log is over.
    pub(super) fn finish(&mut self) {
        if self.now > self.auditor.horizon {
            self.breaches.now(Law::Clock, "something happens behind the horizon".to_owned());
        }
        self.check_agenda(self.auditor.horizon.saturating_add(1));
        self.tally();
    }
}

pub(super) fn number(place: usize) -> u32 {
    u32::try_from(place).expect("fewer than 2^32 of anything")
}

/// An instant in words.
pub(super) fn time(at: u64) -> String {
    SimTime::from_millis(at).to_string()
}
