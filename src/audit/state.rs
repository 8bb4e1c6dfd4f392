//! What an outsider keeps in mind of an exercise.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::audit::backups::{Backups, Loaded};
use crate::audit::breach::Breaches;
use crate::audit::dates::{Dates, NEVER};
use crate::audit::draws::{Crew, Drawn};
use crate::audit::graph::per;
use crate::audit::known::Auditor;
use crate::audit::pools::Pools;
use crate::rng::Streams;
use crate::scenario::{Lost, Per};
use crate::trace::{Outcome, Restoration, TaskRef, Testimony};
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
#[derive(Clone, Debug)]
pub(super) struct SiteState {
    pub end: Restoration,
    /// When it was last deleted or will be; never where it is spared.
    pub deleted_at: u64,
    pub earlier_outage: u64,
    /// The track that has claimed it.
    pub claimed_by: Option<usize>,
    /// Steps that have to end before it is back.
    pub hand_left: u32,
    /// What of it is gone, or will be first.
    pub lost: Lost,
    /// The kind of a site that has lost this.
    pub kind: usize,
    /// By step: when its store was lost, where that was while the site was away.
    pub lost_later: BTreeMap<usize, u64>,
    /// To which moment all its stores go back together, once one of them has asked.
    pub common: Option<i128>,
}

/// Something that the log has to tell before the instant is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// A task can start, or asks for its load.
    Release(TaskRef),
    /// A load starts: a task that waits for it has nothing left, and others have.
    Load(TaskRef),
    Abort(TaskRef),
    Escalate(TaskRef),
    Free(TaskRef),
    /// A load had nothing for a task that waited for it.
    NotInLoad(TaskRef),
    Unload(TaskRef),
    Restore(u32),
    Lose(u32),
    Delete(u32, Lost),
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
    /// Something more is taken of a site, unless that is gone.
    Loss(u32),
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
    pub agenda: BTreeSet<(u64, Date)>,
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
    /// By row and step of the load: what that had which the last attempt used that needed it.
    pub loaded: BTreeMap<(u32, usize), Loaded>,
    /// Attempts that do nothing but find out that nothing is left.
    pub in_vain: BTreeSet<TaskRef>,
    /// Backups that were found to be unreadable, and from when on everybody knows.
    pub unreadable: BTreeMap<Backups, u64>,
    /// What is kept: by step and row since when, and what.
    pub holds: BTreeMap<TaskRef, (u64, Units)>,
    /// Attempts that may have to pause, and those that do.
    pub running: BTreeSet<TaskRef>,
    pub paused: BTreeSet<TaskRef>,
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
    pub settled: u32,
    /// Whether the log could be followed to its end.
    pub is_followed: bool,
}

/// Where a track has a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Where {
    /// Nowhere yet.
    Never,
    In(u32),
    /// It was taken out of its batch.
    Gone,
}

/// A track at work.
#[derive(Clone, Debug, Default)]
pub(super) struct TrackState {
    pub open: bool,
    pub closed: bool,
    /// Steps that are to be done once and are not.
    pub once_left: u32,
    /// Batches that hold a slot.
    pub in_flight: u32,
    pub takes_sites: bool,
    pub claims: bool,
    /// Batches that it has formed.
    pub formed: u32,
    /// The sites that it may take, in its order; none before the first of them that matters can be
    /// taken any more.
    pub order: Vec<u32>,
    pub cursor: usize,
    /// How many sites make a batch, and how many batches there may be, from when on.
    pub sizes: Vec<(u64, u32)>,
    pub slots: Option<Vec<(u64, u32)>>,
    /// Those of the present batch that have not been told yet, the last first.
    pub to_come: Vec<u32>,
}

impl TrackState {
    /// Whether one of its batches holds a slot, or what it does once is under way.
    pub(super) fn is_at_work(&self) -> bool {
        self.in_flight > 0 || (self.open && self.once_left > 0)
    }
}

/// A batch.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    pub track: usize,
    /// Its number among those of its track.
    pub number: u32,
    /// Its sites; its tasks stand in the row of the first.
    pub members: Vec<u32>,
    /// Those that have not passed the step that frees the slot.
    pub slots_left: u32,
    /// Those that are still in it.
    pub members_left: u32,
    pub emptied_at: u64,
}

/// A load of a shard.
#[derive(Clone, Debug)]
pub(super) struct Load {
    pub shard: u32,
    /// Its task, once somebody has asked for it.
    pub task: Option<TaskRef>,
    pub stands: bool,
    /// Tasks that wait for it, could start or run.
    pub users: u32,
    pub waiting: Vec<TaskRef>,
    /// The last moment that its last attempt brings back.
    pub until: i128,
    /// Those for whom its attempt finds out that nothing is left.
    pub lost: Vec<TaskRef>,
    /// How long it is kept when nobody needs it.
    pub keep: u64,
    /// Attempts in all the times before that it was loaded.
    pub before: u32,
    pub idle_since: u64,
}

/// Units of parts of the pools, part after part.
pub(super) type Units = Rc<[(usize, u32)]>;

/// What is known of needs already.
pub(super) struct Needs {
    /// By step, whoever does it: what its tasks have while they run, keep, and take when they start;
    /// where a limit counts per shard, for each shard.
    pub known: Vec<[Option<Known>; 3]>,
    pub of_shards: BTreeMap<(usize, Crew, u32), Known>,
    /// Each combination of units once.
    pub once: BTreeMap<Vec<(usize, u32)>, Units>,
    /// By step, where all its tasks always need the same: the group in which they wait.
    pub groups: Vec<Option<usize>>,
    /// By combination of the log: units that were found to be the same.
    pub agreed: Vec<Option<Units>>,
}

/// What tasks need that need the same.
#[derive(Clone)]
pub(super) struct Known {
    pub running: Units,
    pub kept: Units,
    pub both: Units,
}

impl Needs {
    pub(super) fn new(steps: usize, told: usize) -> Self {
        Self {
            known: vec![const { [None, None, None] }; steps],
            of_shards: BTreeMap::new(),
            once: BTreeMap::new(),
            groups: vec![None; steps],
            agreed: vec![None; told],
        }
    }

    /// The one list of these units.
    pub(super) fn once(&mut self, units: BTreeMap<usize, u32>) -> Units {
        let units: Vec<(usize, u32)> = units.into_iter().collect();
        self.once.entry(units).or_insert_with_key(|it| it.as_slice().into()).clone()
    }
}

impl<'f, 'a> Follower<'f, 'a> {
    /// One who has been told nothing yet.
    pub(super) fn new(auditor: &'f Auditor<'a>, told: &'f Testimony) -> Self {
        let ground = &auditor.ground;
        let streams = Streams::new(told.seed, told.replication);
        let drawn = auditor.draws.begin(ground, streams);
        let dates = Dates::new(ground, &streams);
        let (rows, steps) = (ground.rows.len(), ground.steps.len());
        let tracks = ground.strategy.tracks.len();
        let site = |(row, deleted_at): (usize, &u64)| SiteState {
            end: match *deleted_at {
                NEVER => Restoration::Spared,
                _ => Restoration::Unfinished,
            },
            deleted_at: *deleted_at,
            earlier_outage: 0,
            claimed_by: None,
            hand_left: 0,
            lost: dates.first_lost[row],
            kind: ground.kind_of(number(row), dates.first_lost[row]),
            lost_later: BTreeMap::new(),
            common: None,
        };
        let sites: Vec<SiteState> = dates.deleted_at.iter().enumerate().map(site).collect();
        let called = sites.iter().any(|it| it.deleted_at != NEVER);
        Self {
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
            loaded: BTreeMap::new(),
            in_vain: BTreeSet::new(),
            unreadable: BTreeMap::new(),
            holds: BTreeMap::new(),
            running: BTreeSet::new(),
            paused: BTreeSet::new(),
            dying: BTreeMap::new(),
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
        }
    }

    /// Notes that a moment comes at an instant.
    pub(super) fn put_on_agenda(&mut self, at: u64, date: Date) {
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

    /// The kind of the site of a row as it is now; of what has no site, the first.
    pub(super) fn kind(&self, row: u32) -> usize {
        self.sites.get(row as usize).map_or(0, |it| it.kind)
    }

    /// Whether a site is away.
    pub(super) fn is_away(&self, row: u32) -> bool {
        let site = &self.sites[row as usize];
        site.deleted_at <= self.now && site.end.restored_at().is_none()
    }

    /// What the site of a row has lost when this is taken of it now.
    pub(super) fn lost_with(&self, row: u32, taken: Lost) -> Lost {
        match self.is_away(row) {
            true => self.auditor.ground.lost_together(row, self.sites[row as usize].lost, taken),
            false => taken,
        }
    }

    /// Whether nothing new goes when this is taken of a site now.
    pub(super) fn is_gone(&self, row: u32, taken: Lost) -> bool {
        let site = &self.sites[row as usize];
        let is_lost = site.end == Restoration::Lost;
        is_lost || (self.is_away(row) && self.lost_with(row, taken) == site.lost)
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
}

pub(super) fn number(place: usize) -> u32 {
    u32::try_from(place).expect("fewer than 2^32 of anything")
}

/// An instant in words.
pub(super) fn time(at: u64) -> String {
    SimTime::from_millis(at).to_string()
}
