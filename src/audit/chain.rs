//! Binding chains, worked out again from the log and compared with what was told of the sites that
//! came back, piece by piece.
//!
//! What lets something go is told right before it. So a piece of work that began as soon as it could
//! follows what ended then and was told last before its task could start. One that waited follows
//! the last work with units that became free last, at that instant, of those that it needs and that
//! were too few as the instant began; since the end of that work they were kept for nothing. Where
//! nobody made room, the time went into waiting: for an inject to be over that stopped it, or for
//! more people or units to be there; or else machines took the work over from people.

use std::collections::{BTreeMap, BTreeSet};

use crate::audit::breach::{Breaches, Law};
use crate::audit::capacity::stops;
use crate::audit::graph::{load_of, number_of, numbered_loads};
use crate::audit::ground::{Ground, StepFacts};
use crate::audit::pieces::{bound, resource_name, tell};
use crate::ids::ServiceId;
use crate::scenario::{MomentBase, OnClose, Per};
use crate::trace::{
    Bound, End, Link, Piece, Resource, Restoration, Start, TaskRef, Testimony, TraceRecord, Try,
};
use crate::units::SimTime;

const NONE: u32 = u32::MAX;
const NEVER: u64 = u64::MAX;

/// A piece as it should be told.
#[derive(Clone, Copy, Debug)]
struct Own {
    from: u64,
    /// Never, while it goes on.
    to: u64,
    piece: Piece,
    bound: Waited,
    after: u32,
}

/// What a piece had waited for to become free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waited {
    Not,
    /// Units, taken since an instant.
    For(Unit, u64),
    /// A slot of a track, taken since an instant.
    ForSlot(u8, u64),
    /// More people or units to be there, or whoever kept them to give them back.
    ForMore(Unit),
}

/// People of a team, or units of a limit; of one that counts per shard, of that of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Unit {
    resource: Resource,
    shard: Option<(ServiceId, u32)>,
}

/// An instant, and the piece that ended then; T+0 and milestones end none.
#[derive(Clone, Copy, Debug)]
struct Moment {
    at: u64,
    piece: u32,
}

const START: Moment = Moment { at: 0, piece: NONE };
const NOT_YET: Moment = Moment { at: NEVER, piece: NONE };

/// What was told last that lets others go.
#[derive(Clone, Copy, Debug)]
enum Cause {
    /// Something ended, or came.
    Came(Moment),
    /// A track took sites; what let each of them go is its own.
    Took(u8),
    /// A track closed.
    Closed(u8),
}

/// Units that became free at the present instant.
#[derive(Clone, Copy, Debug)]
struct Freed {
    /// The last piece of work with them.
    piece: u32,
    unit: Unit,
    since: u64,
}

/// What of its needs a task takes or gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Share {
    All,
    /// What goes when an attempt pauses, and comes back when it goes on.
    People,
    /// What stays with an attempt that pauses.
    Limits,
}

/// Follows what lets what go.
pub(super) struct Chains {
    steps: usize,
    rows: usize,
    /// When the incident deletes each row.
    planned: Vec<u64>,
    /// By step: where the loads that it needs, or those of its own, begin among all.
    loads: Vec<Option<usize>>,
    /// By load: the last piece of work on it or with it.
    worked_with: Vec<u32>,
    /// The same: the piece at whose end it could start.
    load_let_go: Vec<u32>,
    /// Tasks that wait for their load.
    await_load: BTreeSet<TaskRef>,
    /// By step: the first of its track that is done for the same, a site, a batch or once.
    alike: Vec<u16>,
    /// By row, then first step that is alike: the last piece of work on any of these.
    worked_on: Vec<u32>,
    pieces: Vec<Own>,
    /// By row, then step: what let the task go, and from then on its own last piece.
    last: Vec<u32>,
    /// The same: when its present attempt began, pauses left out.
    began: Vec<u64>,
    /// By track, then row: when the track took it last.
    taken: Vec<Moment>,
    /// By batch: when it was taken.
    batches: Vec<u64>,
    /// By track.
    tracks: Vec<OfTrack>,
    /// By row: when it was last told to be deleted.
    deleted: Vec<u64>,
    /// By row.
    handed: Vec<Moment>,
    there: BTreeMap<Resource, i64>,
    in_use: BTreeMap<Unit, i64>,
    cause: Cause,
    now: u64,
    /// What has been taken, or as a negative number given back, at the present instant.
    moves: Vec<(Unit, i64)>,
    /// By how much there is more or less since the present instant.
    rises: Vec<(Resource, i64)>,
    freed: Vec<Freed>,
    injects_over: Vec<u32>,
    /// Steps that machines do from this instant on, each with the piece that made it so.
    automated: Vec<(u16, u32)>,
}

#[derive(Clone, Copy, Debug)]
struct OfTrack {
    opened: Moment,
    /// The last end of what it does once.
    once: Moment,
    closed: u64,
    /// When a slot became free last, and since when that had been taken.
    slot: (Moment, u64),
}

impl Chains {
    pub(super) fn new(ground: &Ground<'_>) -> Self {
        let scenario = ground.scenario;
        let (rows, steps) = (ground.rows.len(), ground.steps.len());
        let tracks = ground.strategy.tracks.len();
        let planned = scenario.incident.deleted_at(&ground.strategy.guardrails);
        let (loads, count) = numbered_loads(ground);
        let alike = |it: &StepFacts<'_>| {
            let same =
                |other: &StepFacts<'_>| (other.track, other.step.per) == (it.track, it.step.per);
            let first = ground.steps.iter().position(same).expect("a step is alike to itself");
            u16::try_from(first).expect("at most 4,000 steps")
        };
        let track =
            OfTrack { opened: NOT_YET, once: NOT_YET, closed: NEVER, slot: (NOT_YET, NEVER) };
        Self {
            steps,
            rows,
            planned: planned.iter().map(|it| it.as_millis()).collect(),
            loads,
            worked_with: vec![NONE; count],
            load_let_go: vec![NONE; count],
            await_load: BTreeSet::new(),
            alike: ground.steps.iter().map(alike).collect(),
            worked_on: vec![NONE; rows.max(1) * steps],
            pieces: Vec::new(),
            last: vec![NONE; rows.max(1) * steps],
            began: vec![0; rows.max(1) * steps],
            taken: vec![NOT_YET; rows * tracks],
            batches: Vec::new(),
            tracks: vec![track; tracks],
            deleted: vec![NEVER; rows],
            handed: vec![NOT_YET; rows],
            there: BTreeMap::new(),
            in_use: BTreeMap::new(),
            cause: Cause::Came(START),
            now: 0,
            moves: Vec::new(),
            rises: Vec::new(),
            freed: Vec::new(),
            injects_over: Vec::new(),
            automated: Vec::new(),
        }
    }

    /// Hears what happens.
    pub(super) fn hear(&mut self, at: u64, record: &TraceRecord, ground: &Ground<'_>) {
        if at > self.now {
            self.now = at;
            self.moves.clear();
            self.rises.clear();
            self.freed.clear();
            self.injects_over.clear();
            self.automated.clear();
        }
        match *record {
            TraceRecord::Eligible(task) => {
                let place = self.place(task);
                let piece = self.why(task.row).piece;
                self.last[place] = piece;
                self.await_load.remove(&task);
                let is_load = ground.steps[usize::from(task.step)].step.per == Per::Shard;
                if let Some(load) = self.load(task, ground).filter(|_| is_load) {
                    self.load_let_go[load] = piece;
                }
            }
            TraceRecord::Asked(task) => {
                self.await_load.insert(task);
            }
            TraceRecord::Started(start) => {
                self.begin(&start, Share::All, ground);
                let place = self.place(start.task);
                self.began[place] = at;
                self.take(start.task, (start.takes, Share::All), ground);
            }
            TraceRecord::Resumed(start) => {
                self.begin(&start, Share::People, ground);
                self.take(start.task, (start.takes, Share::People), ground);
            }
            TraceRecord::NothingLeft(start) => {
                let piece = match self.await_load.remove(&start.task) {
                    true => self.give_up_waiting(&start, ground),
                    false => self.begin(&start, Share::All, ground),
                };
                self.pieces[piece as usize].to = at;
                self.leave(start.task, piece, ground);
                self.came(piece);
            }
            TraceRecord::Finished(end, _) => self.finish_part(&end, ground),
            TraceRecord::Failed(end) => self.end_badly(&end, Try::Failed, ground),
            TraceRecord::FoundNothing(end) => self.end_badly(&end, Try::GivenUp, ground),
            TraceRecord::Paused(end) => {
                self.end(&end, None, ground);
                self.give_back(&end, Share::People, ground);
            }
            TraceRecord::Aborted(end) => {
                self.end(&end, Some(Try::GivenUp), ground);
                match end.ran {
                    Some(_) => self.give_back_all(&end, ground),
                    None => self.give_back(&end, Share::Limits, ground),
                }
            }
            TraceRecord::Freed { task, frees, held } => self.free_kept(task, frees, held, ground),
            TraceRecord::Milestone(_) => self.came(NONE),
            TraceRecord::Opened(track) => self.open(track, ground),
            TraceRecord::Closed(track) => {
                self.tracks[usize::from(track)].closed = at;
                self.cause = Cause::Closed(track);
            }
            TraceRecord::Taken { row, track, batch } => self.take_site(row, track, batch, ground),
            TraceRecord::SlotFreed { track, batch } => {
                let since = self.batches.get(batch as usize).copied().unwrap_or(at);
                let freed = Moment { at, piece: self.just_ended() };
                self.tracks[usize::from(track)].slot = (freed, since);
            }
            TraceRecord::PassedOn { task, row } => self.pass_on(task, row, ground),
            TraceRecord::Deleted { row, .. } => {
                self.deleted[row as usize] = at;
                let piece = self.nothing_until(START, at, Piece::Deletion);
                self.came(piece);
            }
            TraceRecord::Automated(step) => self.automated.push((step, self.just_ended())),
            TraceRecord::Capacity { pool, units } => {
                if let Some(resource) = ground.legend.pools[usize::from(pool)] {
                    let before = self.there.insert(resource, i64::from(units)).unwrap_or(0);
                    self.rises.push((resource, i64::from(units) - before));
                }
            }
            TraceRecord::InjectEnded(inject) => self.injects_over.push(inject),
            TraceRecord::Restored(row) => self.handed[row as usize] = self.why(row),
            TraceRecord::Injected(_)
            | TraceRecord::Arrived(_)
            | TraceRecord::Held { .. }
            | TraceRecord::StillWaits { .. }
            | TraceRecord::Escalated(_)
            | TraceRecord::Reached(_)
            | TraceRecord::Unloaded(_)
            | TraceRecord::Cancelled(_)
            | TraceRecord::NotInLoad(_)
            | TraceRecord::Lost(_) => {}
        }
    }

    /// The log has ended: compares what was told of every site that came back.
    pub(super) fn finish(&self, ground: &Ground<'_>, told: &Testimony, breaches: &mut Breaches) {
        let mut ends = told.chains.ends.iter();
        let mut compared = Compared::new(told);
        for (row, end) in (0u32..).zip(&told.outcome.restorations) {
            let Restoration::Restored(back) = *end else { continue };
            let site = ground.site_name(row);
            let Some((_, last)) = ends.next().filter(|it| it.0 == row) else {
                let how = format!("no chain is told of `{site}`, or not in its turn");
                return breaches.whole(Law::Chain, how);
            };
            let handed = self.handed[row as usize];
            if handed.at != back.as_millis() {
                let how = format!("the log does not hand `{site}` over at {back}");
                breaches.whole(Law::Chain, how);
            } else if let Err(how) = compared.chain(self, handed, *last, ground) {
                breaches.whole(Law::Chain, format!("of `{site}`: {how}"));
            }
        }
        if let Some((row, _)) = ends.next() {
            let how = format!("a chain is told of row {row}, which is not back");
            breaches.whole(Law::Chain, how);
        }
    }

    fn place(&self, task: TaskRef) -> usize {
        task.row as usize * self.steps + usize::from(task.step)
    }

    fn of_track(&self, track: u8, row: u32) -> usize {
        usize::from(track) * self.rows + row as usize
    }

    fn push(&mut self, own: Own) -> u32 {
        self.pieces.push(own);
        u32::try_from(self.pieces.len() - 1).expect("fewer than 2^32 pieces")
    }

    fn came(&mut self, piece: u32) {
        self.cause = Cause::Came(Moment { at: self.now, piece });
    }

    /// When a piece ended; T+0 where there is none.
    fn end_of(&self, piece: u32) -> u64 {
        self.pieces.get(piece as usize).map_or(0, |it| it.to)
    }

    /// The piece at whose end something happens now, if that was told last.
    fn just_ended(&self) -> u32 {
        match self.cause {
            Cause::Came(moment) if moment.at == self.now => moment.piece,
            _ => NONE,
        }
    }

    /// The last piece before an instant, when nobody worked since a moment.
    fn nothing_until(&mut self, since: Moment, to: u64, piece: Piece) -> u32 {
        self.waiting_until(since, to, (piece, Waited::Not))
    }

    fn waiting_until(&mut self, since: Moment, to: u64, (piece, bound): (Piece, Waited)) -> u32 {
        let since = if since.at == NEVER { START } else { since };
        if since.at >= to {
            return since.piece;
        }
        self.push(Own { from: since.at, to, piece, bound, after: since.piece })
    }

    /// What lets a row go now.
    fn why(&mut self, row: u32) -> Moment {
        let (since, piece) = match self.cause {
            Cause::Came(moment) => (moment, Piece::Unknown),
            Cause::Took(track) => (self.taken[self.of_track(track, row)], Piece::Unknown),
            Cause::Closed(track) => (self.tracks[usize::from(track)].opened, Piece::GivenUp(track)),
        };
        Moment { at: self.now, piece: self.nothing_until(since, self.now, piece) }
    }

    fn begin(&mut self, start: &Start, share: Share, ground: &Ground<'_>) -> u32 {
        let last = self.last[self.place(start.task)];
        let could = Moment { at: self.now.saturating_sub(start.waited), piece: last };
        let follows = self.follows(start, share, could, ground);
        self.begin_after(start, follows)
    }

    /// A task is given up in the instant in which its load was to start: as if that had begun.
    fn give_up_waiting(&mut self, start: &Start, ground: &Ground<'_>) -> u32 {
        let step = load_of(ground, usize::from(start.task.step)).map_or(start.task.step, number_of);
        let of_load = Start { task: TaskRef { step, ..start.task }, ..*start };
        let piece = self.load(start.task, ground).map_or(NONE, |it| self.load_let_go[it]);
        let could = Moment { at: self.end_of(piece), piece };
        let follows = self.follows(&of_load, Share::All, could, ground);
        self.begin_after(start, follows)
    }

    /// What an attempt follows that could have begun at a moment.
    fn follows(
        &mut self,
        start: &Start,
        share: Share,
        could: Moment,
        ground: &Ground<'_>,
    ) -> (u32, Waited) {
        match could.at == self.now {
            true => (could.piece, Waited::Not),
            false => self.waited(start, share, could, ground),
        }
    }

    fn begin_after(&mut self, start: &Start, (after, bound): (u32, Waited)) -> u32 {
        let place = self.place(start.task);
        let attempt = if start.again { Try::Again } else { Try::First };
        let piece = Piece::Work { task: start.task, takes: start.takes, attempt };
        self.last[place] = self.push(Own { from: self.now, to: NEVER, piece, bound, after });
        self.last[place]
    }

    /// What an attempt follows that had to wait.
    fn waited(
        &mut self,
        start: &Start,
        share: Share,
        could: Moment,
        ground: &Ground<'_>,
    ) -> (u32, Waited) {
        let needs = needs_of(ground, start.task, (start.takes, share));
        let lacked: Vec<Unit> =
            needs.filter(|(unit, count)| self.was_short(unit, *count)).map(|it| it.0).collect();
        if let Some(Freed { piece, unit, since }) = self.made_room(&lacked) {
            let left = Moment { at: self.end_of(piece), piece };
            let kept = (Piece::Capacity(0), Waited::ForMore(unit));
            return (self.waiting_until(left, self.now, kept), Waited::For(unit, since));
        }
        let stops = |number: &&u32| {
            let inject = ground.scenario.injects.get(**number as usize);
            inject.is_some_and(|it| stops(&it.what, usize::from(start.task.step), ground))
        };
        let over = self.injects_over.iter().rev().find(stops);
        let risen = lacked.iter().find(|it| self.risen(it.resource) > 0);
        let waited_for = match (over, risen) {
            (Some(inject), _) => (Piece::Inject(*inject), Waited::Not),
            // Which of its pools a unit is of is asked where it is compared.
            (None, Some(unit)) => (Piece::Capacity(0), Waited::ForMore(*unit)),
            (None, None) => match self.automated.iter().find(|it| it.0 == start.task.step) {
                Some((_, NONE)) => (Piece::Automation, Waited::Not),
                Some((_, piece)) => return (*piece, Waited::Not),
                None => (Piece::Unknown, Waited::Not),
            },
        };
        (self.waiting_until(could, self.now, waited_for), Waited::Not)
    }

    /// By how much there is more of a resource than when the present instant began.
    fn risen(&self, resource: Resource) -> i64 {
        self.rises.iter().filter(|it| it.0 == resource).map(|it| it.1).sum()
    }

    /// Whether there were fewer units than so many when the present instant began.
    fn was_short(&self, unit: &Unit, count: i64) -> bool {
        let moved: i64 = self.moves.iter().filter(|it| it.0 == *unit).map(|it| it.1).sum();
        let in_use = self.in_use.get(unit).copied().unwrap_or(0) - moved;
        let there = self.there.get(&unit.resource).copied().unwrap_or(0);
        in_use + count > there - self.risen(unit.resource)
    }

    /// What was lacked and became free last; the first of what became free with the same work.
    fn made_room(&self, lacked: &[Unit]) -> Option<Freed> {
        let last = self.freed.iter().rev().find(|it| lacked.contains(&it.unit))?;
        let with_it = |unit: &Unit| {
            let mut freed = self.freed.iter().rev().filter(|it| it.piece == last.piece);
            freed.find(|it| it.unit == *unit).copied()
        };
        lacked.iter().find_map(with_it)
    }

    fn take(&mut self, task: TaskRef, needs: (u16, Share), ground: &Ground<'_>) {
        for (unit, count) in needs_of(ground, task, needs) {
            *self.in_use.entry(unit).or_default() += count;
            self.moves.push((unit, count));
        }
    }

    /// Units that were taken since an instant are free; a piece was the last work with them.
    fn free(
        &mut self,
        task: TaskRef,
        needs: (u16, Share),
        (piece, since): (u32, u64),
        ground: &Ground<'_>,
    ) {
        for (unit, count) in needs_of(ground, task, needs) {
            *self.in_use.entry(unit).or_default() -= count;
            self.moves.push((unit, -count));
            if piece != NONE {
                self.freed.push(Freed { piece, unit, since });
            }
        }
    }

    /// An attempt that has ended or paused gives back a share of what it had: people for as long as
    /// the last part of it took, limits since it began.
    fn give_back(&mut self, end: &End, share: Share, ground: &Ground<'_>) {
        let place = self.place(end.task);
        let piece = self.last[place];
        let since = match self.pieces.get(piece as usize) {
            Some(part) if share == Share::People => part.from,
            _ => self.began[place],
        };
        self.free(end.task, (end.frees, share), (piece, since), ground);
    }

    fn give_back_all(&mut self, end: &End, ground: &Ground<'_>) {
        self.give_back(end, Share::People, ground);
        self.give_back(end, Share::Limits, ground);
    }

    /// A part of an attempt ends; which, unless it had ended before, as it paused.
    fn end(&mut self, end: &End, attempt: Option<Try>, ground: &Ground<'_>) -> Option<u32> {
        let task = end.task;
        let number = self.last[self.place(task)];
        let own = self.pieces.get_mut(number as usize).filter(|it| it.to == NEVER)?;
        own.to = self.now;
        if let (Piece::Work { attempt: it, .. }, Some(attempt)) = (&mut own.piece, attempt) {
            *it = attempt;
        }
        self.leave(task, number, ground);
        Some(number)
    }

    /// A piece was the last work with whatever is kept for it.
    fn leave(&mut self, task: TaskRef, piece: u32, ground: &Ground<'_>) {
        if let Some(load) = self.load(task, ground) {
            self.worked_with[load] = piece;
        }
        let place = self.place_alike(task);
        self.worked_on[place] = piece;
    }

    fn place_alike(&self, task: TaskRef) -> usize {
        self.place(TaskRef { step: self.alike[usize::from(task.step)], ..task })
    }

    fn end_badly(&mut self, end: &End, attempt: Try, ground: &Ground<'_>) {
        if let Some(piece) = self.end(end, Some(attempt), ground) {
            self.came(piece);
        }
        self.give_back_all(end, ground);
    }

    fn finish_part(&mut self, end: &End, ground: &Ground<'_>) {
        let piece = self.end(end, None, ground);
        self.give_back_all(end, ground);
        let Some(piece) = piece else { return };
        self.came(piece);
        let it = &ground.steps[usize::from(end.task.step)];
        if it.step.per == Per::Once {
            self.tracks[it.track].once = Moment { at: self.now, piece };
        }
    }

    /// The load that a task needs, or that it is.
    fn load(&self, task: TaskRef, ground: &Ground<'_>) -> Option<usize> {
        let first = self.loads[usize::from(task.step)]?;
        let (service, _) = ground.service(usize::from(task.step))?;
        Some(first + ground.shard(service, task.row) as usize)
    }

    /// What was kept becomes free: of a load the last work with it had it, else the last work of the
    /// site, of the batch, or of what the track does once.
    fn free_kept(&mut self, task: TaskRef, units: u16, held: u64, ground: &Ground<'_>) {
        let is_load = ground.steps[usize::from(task.step)].step.per == Per::Shard;
        let piece = match self.load(task, ground).filter(|_| is_load) {
            Some(load) => self.worked_with[load],
            None => self.worked_on[self.place_alike(task)],
        };
        let since = self.now.saturating_sub(held);
        self.free(task, (units, Share::All), (piece, since), ground);
    }

    fn open(&mut self, track: u8, ground: &Ground<'_>) {
        let since = match ground.strategy.tracks.as_slice()[usize::from(track)].opens.base {
            MomentBase::Step(of, step) => {
                let its = |it: &StepFacts<'_>| it.place.track == of && it.place.step == step;
                let piece = ground.steps.iter().position(its).map_or(NONE, |it| self.last[it]);
                Moment { at: self.end_of(piece), piece }
            }
            MomentBase::Start | MomentBase::Milestone(_) => START,
        };
        let piece = self.nothing_until(since, self.now, Piece::Opening(track));
        self.tracks[usize::from(track)].opened = Moment { at: self.now, piece };
        self.came(piece);
    }

    fn take_site(&mut self, row: u32, track: u8, batch: u32, ground: &Ground<'_>) {
        let piece = self.why_taken(row, track, ground);
        let own = self.of_track(track, row);
        self.taken[own] = Moment { at: self.now, piece };
        if self.batches.len() <= batch as usize {
            self.batches.resize(batch as usize + 1, self.now);
        }
        self.cause = Cause::Took(track);
    }

    /// What made a track take a site now and not before: that it opened, had done what it does once,
    /// or that another gave the site up, whatever came last; then that the site was deleted, or that
    /// a slot became free.
    fn why_taken(&mut self, row: u32, track: u8, ground: &Ground<'_>) -> u32 {
        let OfTrack { opened, once, slot: (slot, since), .. } = self.tracks[usize::from(track)];
        let mut could = opened;
        if once.at != NEVER && once.at > could.at {
            could = once;
        }
        if let Some((by, from, to)) = self.given_up(row, track, ground)
            && to > could.at
        {
            could = Moment { at: to, piece: self.nothing_until(from, to, Piece::GivenUp(by)) };
        }
        if could.at == self.now {
            return could.piece;
        }
        if self.deleted[row as usize] == self.now || self.planned[row as usize] == self.now {
            return self.nothing_until(could, self.now, Piece::Deletion);
        }
        let batch = &ground.strategy.tracks.as_slice()[usize::from(track)].batch;
        if batch.in_flight.is_none() || slot.at != self.now || slot.piece == NONE {
            return self.nothing_until(could, self.now, Piece::Slot(track));
        }
        let since = since.min(self.pieces[slot.piece as usize].from);
        self.push(Own {
            from: self.now,
            to: self.now,
            piece: Piece::Slot(track),
            bound: Waited::ForSlot(track, since),
            after: slot.piece,
        })
    }

    /// Which track had taken a site last and gave it up, when it had taken it, and when it gave it
    /// up: as it closed and let its sites move, or as the site was deleted again.
    fn given_up(&self, row: u32, track: u8, ground: &Ground<'_>) -> Option<(u8, Moment, u64)> {
        let tracks = ground.strategy.tracks.as_slice();
        if !tracks[usize::from(track)].claims {
            return None;
        }
        let ends = (0u8..).zip(tracks).filter(|(_, it)| it.claims).filter_map(|(by, track)| {
            let taken = self.taken[self.of_track(by, row)];
            let closed = match track.on_close {
                OnClose::Move => self.tracks[usize::from(by)].closed,
                OnClose::Finish => NEVER,
            };
            let its = [closed, self.deleted[row as usize]]
                .into_iter()
                .filter(|at| taken.at <= *at && *at <= self.now);
            Some((by, taken, its.min()?))
        });
        ends.max_by_key(|it| it.2)
    }

    /// The task of a batch goes on in another row; what was done of it was for nothing.
    fn pass_on(&mut self, task: TaskRef, row: u32, ground: &Ground<'_>) {
        let heir = TaskRef { row, ..task };
        let (old, new) = (self.place_alike(task), self.place_alike(heir));
        self.worked_on[new] = self.worked_on[old];
        let (old, new) = (self.place(task), self.place(heir));
        let piece = std::mem::replace(&mut self.last[old], NONE);
        self.last[new] = piece;
        if piece == NONE {
            return;
        }
        let track = ground.steps[usize::from(task.step)].track;
        let track = u8::try_from(track).expect("at most 200 tracks");
        let ended = Moment { at: self.end_of(piece), piece };
        let piece = self.nothing_until(ended, self.now, Piece::GivenUp(track));
        self.came(piece);
    }
}

/// What was told, as far as it has been compared.
struct Compared<'t> {
    links: &'t [Link],
    /// By link: the piece that it has been found to be.
    is: Vec<u32>,
    /// What each pool of a chain stands for: with the parts of a limit, of which shard.
    pools: Vec<Option<Unit>>,
}

impl<'t> Compared<'t> {
    fn new(told: &'t Testimony) -> Self {
        let links = &told.chains.links;
        let pools = vec![None; told.legend.pools.len()];
        Self { links, is: vec![NONE; links.len()], pools }
    }

    /// Walks a chain back from the moment of a hand-over, down to where others have been compared.
    fn chain(
        &mut self,
        chains: &Chains,
        handed: Moment,
        last: Option<u32>,
        ground: &Ground<'_>,
    ) -> Result<(), String> {
        let (mut reached, mut told, mut own) = (handed.at, last, handed.piece);
        loop {
            let instant = SimTime::from_millis(reached);
            let number = match (told, own) {
                (None, NONE) => return Ok(()),
                (Some(number), own) if own != NONE => number,
                (None, own) => {
                    let piece = tell(chains.pieces[own as usize].piece, ground);
                    return Err(format!("nothing is told before {instant}, where {piece} ends"));
                }
                (Some(number), _) => {
                    let piece = self.links.get(number as usize).map(|it| tell(it.piece, ground));
                    let piece = piece.unwrap_or_default();
                    return Err(format!("nothing is before {instant}, where {piece} is told"));
                }
            };
            let Some(link) = self.links.get(number as usize) else {
                return Err(format!("a piece is told before {instant} that is not there"));
            };
            if self.is[number as usize] == own {
                return Ok(());
            }
            let it = &chains.pieces[own as usize];
            if link.to.as_millis() != reached {
                return Err(format!("there is a gap between {} and {instant}", link.to));
            }
            if link.after.is_some_and(|it| it >= number) {
                return Err(format!("what is told before {} comes behind it", link.from));
            }
            let when = (link.from.as_millis(), link.to.as_millis());
            if when != (it.from, it.to) || !self.is_alike(link, it, ground) {
                return Err(format!(
                    "up to {instant} the chain is {} since {}{}, and not {} since {}{}",
                    tell(it.piece, ground),
                    SimTime::from_millis(it.from),
                    waited(it.bound, ground),
                    tell(link.piece, ground),
                    link.from,
                    bound(link.bound, ground),
                ));
            }
            if it.piece == Piece::Unknown {
                return Err(format!("nothing in the log lets go what goes on at {instant}"));
            }
            self.is[number as usize] = own;
            (reached, told, own) = (it.from, link.after, it.after);
            if own == NONE && reached > 0 {
                let instant = SimTime::from_millis(reached);
                return Err(format!("nothing lets go what begins at {instant}"));
            }
        }
    }

    /// Whether a piece that is told is what it should be, and had waited for what it should have.
    fn is_alike(&mut self, told: &Link, own: &Own, ground: &Ground<'_>) -> bool {
        match (told.bound, own.bound) {
            (Bound::Nothing, Waited::Not) => told.piece == own.piece,
            (Bound::Slot(track, since), Waited::ForSlot(own_track, own_since)) => {
                told.piece == own.piece && (track, since) == (own_track, own_since)
            }
            (Bound::Pool(pool, since), Waited::For(unit, own_since)) => {
                told.piece == own.piece
                    && since == own_since
                    && self.stands_for(usize::from(pool), unit, ground)
            }
            (Bound::Nothing, Waited::ForMore(unit)) => match told.piece {
                Piece::Capacity(pool) => self.stands_for(usize::from(pool), unit, ground),
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether a pool stands for these units, and no other pool does.
    fn stands_for(&mut self, pool: usize, unit: Unit, ground: &Ground<'_>) -> bool {
        if ground.legend.pools.get(pool).copied().flatten() != Some(unit.resource) {
            return false;
        }
        match self.pools[pool] {
            Some(known) => known == unit,
            None if self.pools.contains(&Some(unit)) => false,
            None => {
                self.pools[pool] = Some(unit);
                true
            }
        }
    }
}

/// The people and units of a combination (its place in `legend.needs`), as far as they are of a share,
/// each with its shard where it has one.
fn needs_of<'g>(
    ground: &'g Ground<'_>,
    task: TaskRef,
    (combination, share): (u16, Share),
) -> impl Iterator<Item = (Unit, i64)> + use<'g> {
    let needs = ground.legend.needs.get(usize::from(combination)).map_or(&[][..], |it| it);
    let is_meant = move |resource: &Resource| match resource {
        Resource::Team(_) => share != Share::Limits,
        Resource::Limit(_) => share != Share::People,
    };
    needs.iter().filter(move |it| is_meant(&it.0)).map(move |(resource, count)| {
        let per_shard = match resource {
            Resource::Team(_) => false,
            Resource::Limit(limit) => ground.scenario.limits[*limit].per_shard,
        };
        let service = ground.service(usize::from(task.step)).filter(|_| per_shard);
        let shard = service.map(|(id, _)| (id, ground.shard(id, task.row)));
        (Unit { resource: *resource, shard }, i64::from(*count))
    })
}

/// What a piece had waited for, in words.
fn waited(waited: Waited, ground: &Ground<'_>) -> String {
    match waited {
        Waited::Not => String::new(),
        Waited::ForMore(unit) => format!(", for more of {}", resource_name(unit.resource, ground)),
        Waited::For(unit, since) => {
            let what = resource_name(unit.resource, ground);
            format!(", after {what} that was taken since {}", SimTime::from_millis(since))
        }
        Waited::ForSlot(track, since) => {
            let (track, since) =
                (ground.track_name(usize::from(track)), SimTime::from_millis(since));
            format!(", after a slot of track `{track}` that was taken since {since}")
        }
    }
}
