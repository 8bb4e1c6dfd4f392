//! Binding chains: what a recovery went through, piece after piece, so that each begins when what
//! made it possible ended.
//!
//! A piece of work that began as soon as it could follows what let it go. One that had to wait for
//! people or units follows the last work of whoever had them, whosever site that was for. Only what
//! was short at the end of the instant before counts: what was there all the time held nobody up.
//! Units that were kept for a while after the last work with them were waited for all that time.
//! Walked back from the hand-over of a site, the pieces tile its outage without a gap. (The
//! criticality idea with resources, as in Bowers, "Identifying critical activities in stochastic
//! resource constrained networks", Omega 24, 1996.) Chains have much in common: together they are a
//! tree, in which every piece stands once.
//!
//! Every piece also knows what of its own site came before it. Walked back that way, it tells where
//! the hours of the site itself went: its own work and its own waiting.
//!
//! The engine stores nothing for it: the pieces are made as a [`Recorder`] hears what happens, in
//! the exercises that are looked at.

use crate::chain::shortage::{Freed, Part, Shortage};
use crate::plan::{Plan, PlanBase};
use crate::scenario::Per;
use crate::trace::{Bound, End, Piece, Recorder, Start, TaskRef, TraceRecord, Try};
use crate::units::SimTime;

/// No piece, no row.
pub(crate) const NONE: u32 = u32::MAX;
/// No load was asked for.
const UNASKED: u32 = u32::MAX - 1;
/// Not yet.
const NEVER: u64 = u64::MAX;

/// A piece of time and what made it possible. Times in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub from: u64,
    pub to: u64,
    pub piece: Piece,
    pub bound: Bound,
    /// The piece that ends where this one begins; none where there is nothing before it.
    pub after: u32,
    /// The piece at whose end it could have begun; the same as `after` where it did not wait.
    enabled_by: u32,
    /// The last piece before it that was of its own site, its batch or its track.
    own: u32,
}

/// Where hours of a site itself went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OwnHours {
    /// A piece of its own.
    Piece(Piece),
    /// Its task waited for what was lacking.
    Wait(TaskRef, Piece),
    /// An attempt at its task paused, for want of what was lacking.
    Pause(TaskRef, Piece),
    /// Its task waited for a load.
    Load(TaskRef, TaskRef),
    /// A task of its batch waited for other sites.
    Batch(TaskRef),
}

/// An instant with the piece that ended then, if there is any.
#[derive(Clone, Copy, Debug)]
struct Origin {
    at: u64,
    node: u32,
}

/// Not yet.
const NOWHERE: Origin = Origin { at: NEVER, node: NONE };
/// T+0.
const START: Origin = Origin { at: 0, node: NONE };

/// What happened last that can let others go.
#[derive(Clone, Copy, Debug)]
enum Cause {
    /// A piece ended, or a moment came.
    Reached(Origin),
    /// A track took sites; each has an origin of its own.
    Taken(u8),
    /// A track closed.
    Closed(u8),
}

/// Listens to replications of a plan, one after the other.
pub(crate) struct Chains<'p> {
    plan: &'p Plan,
    nodes: Vec<Node>,
    now: u64,
    cause: Cause,
    shortage: Shortage<'p>,
    injects_ended: Vec<u32>,
    /// Steps that machines have taken over at this instant, and the piece that made it so.
    automated: Vec<(u16, u32)>,
    /// By row, then step: what let the task go, and once it has started its own last piece.
    pieces: Vec<u32>,
    /// When the present attempt at each task started, pauses left out.
    started: Vec<u64>,
    /// The same for when a task asked for its load; only there if some step does.
    asked: Vec<u32>,
    /// When a site came to a step of its batch; only there if there is one.
    arrived: Vec<u32>,
    /// When each track took each row, by track, then row.
    taken: Vec<Origin>,
    batch_of: Vec<u32>,
    /// When each batch was taken.
    batches: Vec<u64>,
    opened: Vec<Origin>,
    /// The last end of what each track does once.
    once_done: Vec<Origin>,
    /// When each track's last slot became free, and since when it had been taken.
    slot_freed: Vec<(Origin, u64)>,
    closed: Vec<u64>,
    /// When each row was last deleted, where it was told.
    deleted: Vec<u64>,
    /// The last piece of work on or with each load.
    left_load: Vec<u32>,
    /// By load: the piece at whose end it could start.
    load_let_go: Vec<u32>,
    /// The last piece of work that each track did for each row, for a batch in its row, and once, by
    /// kind, track, then row.
    left_hold: Vec<u32>,
    /// What ended when each row was handed over.
    handed: Vec<Origin>,
}

impl<'p> Chains<'p> {
    pub(crate) fn new(plan: &'p Plan) -> Self {
        let (rows, steps, tracks) = (plan.sites.len(), plan.steps.len(), plan.tracks.len());
        let tasks = rows.max(1) * steps;
        let only_if = |there: bool, none: u32| vec![none; if there { tasks } else { 0 }];
        Self {
            plan,
            nodes: Vec::new(),
            now: 0,
            cause: Cause::Reached(START),
            shortage: Shortage::new(plan),
            injects_ended: Vec::new(),
            automated: Vec::new(),
            pieces: vec![NONE; tasks],
            started: vec![NEVER; tasks],
            asked: only_if(plan.details.iter().any(|it| it.asks_for.is_some()), UNASKED),
            arrived: only_if(plan.steps.iter().any(|it| it.per == Per::Batch), NONE),
            taken: vec![NOWHERE; rows * tracks],
            batch_of: vec![NONE; rows * tracks],
            batches: Vec::new(),
            opened: vec![NOWHERE; tracks],
            once_done: vec![NOWHERE; tracks],
            slot_freed: vec![(NOWHERE, NEVER); tracks],
            closed: vec![NEVER; tracks],
            deleted: vec![NEVER; rows],
            left_load: vec![NONE; plan.loads.loads.len()],
            load_let_go: vec![NONE; plan.loads.loads.len()],
            left_hold: vec![NONE; 3 * tracks * rows.max(1)],
            handed: vec![NOWHERE; rows],
        }
    }

    /// Forgets the replication before.
    pub(crate) fn begin(&mut self) {
        self.nodes.clear();
        self.now = 0;
        self.cause = Cause::Reached(START);
        self.shortage.begin();
        self.forget_instant();
        self.pieces.fill(NONE);
        self.started.fill(NEVER);
        self.asked.fill(UNASKED);
        self.arrived.fill(NONE);
        self.taken.fill(NOWHERE);
        self.batch_of.fill(NONE);
        self.batches.clear();
        self.opened.fill(NOWHERE);
        self.once_done.fill(NOWHERE);
        self.slot_freed.fill((NOWHERE, NEVER));
        self.closed.fill(NEVER);
        self.deleted.fill(NEVER);
        self.left_load.fill(NONE);
        self.load_let_go.fill(NONE);
        self.left_hold.fill(NONE);
        self.handed.fill(NOWHERE);
    }

    fn forget_instant(&mut self) {
        self.shortage.pass(self.now);
        self.injects_ended.clear();
        self.automated.clear();
    }

    /// All pieces; each stands behind the one that comes before it in time.
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The last piece of the chain of a row that was handed over.
    pub(crate) fn end_of(&self, row: usize) -> u32 {
        let Origin { at, node } = self.handed[row];
        assert!(at != NEVER, "a chain begins where a site was handed over");
        node
    }

    /// Walks the binding chain of a row back from its hand-over to an instant, and shows each piece
    /// with its part of that time and what it waited for to become free. Parts tile the time.
    ///
    /// # Panics
    /// When they do not.
    pub(crate) fn walk(
        &self,
        row: usize,
        floor: u64,
        mut show: impl FnMut(Piece, u64, u64, Bound),
    ) {
        let mut node = self.end_of(row);
        let mut reached = self.handed[row].at;
        while reached > floor && node != NONE {
            let it = &self.nodes[node as usize];
            assert!(it.to == reached, "the pieces of a chain have no gap between them");
            let from = it.from.max(floor);
            show(it.piece, from, reached, it.bound);
            reached = from;
            node = it.after;
        }
        if reached > floor {
            // Nothing came before a deletion.
            show(Piece::Deletion, floor, reached, Bound::Nothing);
        }
    }

    /// Walks the hours of a row itself back from its hand-over to an instant, and shows each with
    /// its part of that time. Parts tile the time.
    pub(crate) fn walk_own(
        &self,
        row: usize,
        floor: u64,
        mut show: impl FnMut(OwnHours, u64, u64),
    ) {
        let mut node = self.end_of(row);
        let mut reached = self.handed[row].at;
        let mut show = |hours: OwnHours, from: u64, reached: &mut u64| {
            let from = from.max(floor);
            if from < *reached {
                show(hours, from, *reached);
                *reached = from;
            }
        };
        while reached > floor && node != NONE {
            let it = &self.nodes[node as usize];
            show(OwnHours::Piece(it.piece), it.from, &mut reached);
            let Piece::Work { .. } = it.piece else {
                if let (Piece::Slot(track), Bound::Slot(..)) = (it.piece, it.bound) {
                    show(OwnHours::Piece(Piece::Slot(track)), self.end(it.own), &mut reached);
                }
                node = it.own;
                continue;
            };
            let could = self.end(it.enabled_by);
            show(self.lacked(it), could, &mut reached);
            let (own, others) = self.own_before(row, it);
            if let Some(others) = others {
                show(others, self.end(own), &mut reached);
            }
            node = own;
        }
        show(OwnHours::Piece(Piece::Deletion), floor, &mut reached);
    }

    /// What of a row itself came before a piece of work for it, and what it waited for of others
    /// after that.
    fn own_before(&self, row: usize, piece: &Node) -> (u32, Option<OwnHours>) {
        let Piece::Work { task, .. } = piece.piece else { return (piece.own, None) };
        if piece.own != piece.enabled_by {
            return match self.nodes[piece.enabled_by as usize].piece {
                Piece::Work { task: load, .. } => (piece.own, Some(OwnHours::Load(task, load))),
                _ => (piece.own, None),
            };
        }
        let is_barrier = self.plan.steps[usize::from(task.step)].per == Per::Batch;
        let own = TaskRef { row: u32::try_from(row).expect("fewer than 2^32 sites"), ..task };
        let arrived = match is_barrier && !self.is_own(row, piece.enabled_by) {
            true => self.arrived.get(self.place(own)).copied().unwrap_or(NONE),
            false => return (piece.own, None),
        };
        // One that had nothing to do before the barrier came to it when it was taken.
        let track = self.plan.steps[usize::from(task.step)].track;
        let since = match arrived {
            NONE => self.taken[self.of_track(track, own.row)].node,
            node => node,
        };
        (since, Some(OwnHours::Batch(task)))
    }

    /// Whether a piece is of a row itself, of its batch, or of what its track does once.
    fn is_own(&self, row: usize, node: u32) -> bool {
        let Some(it) = self.nodes.get(node as usize) else { return true };
        let Piece::Work { task, .. } = it.piece else { return true };
        let row = u32::try_from(row).expect("fewer than 2^32 sites");
        let step = &self.plan.steps[usize::from(task.step)];
        let batch = |row: u32| self.batch_of[self.of_track(step.track, row)];
        match step.per {
            Per::Once => true,
            Per::Site => task.row == row,
            Per::Batch => batch(task.row) != NONE && batch(task.row) == batch(row),
            Per::Shard => false,
        }
    }

    /// What an attempt waited for after it could have started or gone on.
    fn lacked(&self, node: &Node) -> OwnHours {
        let Piece::Work { task, .. } = node.piece else { return OwnHours::Piece(Piece::Unknown) };
        let lacked = match (node.bound, self.nodes.get(node.after as usize).map(|it| it.piece)) {
            (Bound::Pool(pool, _), _) => Piece::Capacity(pool),
            (_, Some(piece @ (Piece::Capacity(_) | Piece::Inject(_)))) => piece,
            _ => Piece::Automation,
        };
        let paused = match self.nodes.get(node.enabled_by as usize).map(|it| it.piece) {
            Some(Piece::Work { task: before, attempt: Try::First | Try::Again, .. }) => {
                before == task
            }
            _ => false,
        };
        if paused { OwnHours::Pause(task, lacked) } else { OwnHours::Wait(task, lacked) }
    }

    /// When a piece ended; T+0 where there is none.
    fn end(&self, node: u32) -> u64 {
        self.nodes.get(node as usize).map_or(0, |it| it.to)
    }

    fn place(&self, task: TaskRef) -> usize {
        task.row as usize * self.plan.steps.len() + usize::from(task.step)
    }

    fn of_track(&self, track: u8, row: u32) -> usize {
        usize::from(track) * self.plan.sites.len() + row as usize
    }

    fn push(&mut self, node: Node) -> u32 {
        self.nodes.push(node);
        u32::try_from(self.nodes.len() - 1).expect("fewer than 2^32 pieces")
    }

    /// A piece up to now in which nobody worked, if it has any length.
    fn pause(&mut self, origin: Origin, piece: Piece) -> u32 {
        self.pause_to(origin, self.now, piece)
    }

    fn pause_to(&mut self, origin: Origin, to: u64, piece: Piece) -> u32 {
        let (from, after) = if origin.at == NEVER { (0, NONE) } else { (origin.at, origin.node) };
        if from >= to {
            return after;
        }
        let bound = Bound::Nothing;
        self.push(Node { from, to, piece, bound, after, enabled_by: after, own: after })
    }

    /// What has just happened that lets a row go, with the piece that ended now.
    fn origin(&mut self, row: u32) -> Origin {
        let origin = match self.cause {
            Cause::Reached(origin) => origin,
            Cause::Taken(track) => self.taken[self.of_track(track, row)],
            Cause::Closed(track) => self.opened[usize::from(track)],
        };
        let piece = match self.cause {
            Cause::Closed(track) => Piece::GivenUp(track),
            Cause::Reached(_) | Cause::Taken(_) => Piece::Unknown,
        };
        Origin { at: self.now, node: self.pause(origin, piece) }
    }

    fn reached(&mut self, node: u32) {
        self.cause = Cause::Reached(Origin { at: self.now, node });
    }

    /// An attempt starts or goes on, or would have.
    fn begin_attempt(&mut self, start: &Start, goes_on: bool) -> u32 {
        let Start { task, waited, takes, again, .. } = *start;
        let place = self.place(task);
        let enabled_by = self.pieces[place];
        let asked = self.asked.get_mut(place);
        let asked = asked.map_or(UNASKED, |it| std::mem::replace(it, UNASKED));
        let own = if asked == UNASKED || goes_on { enabled_by } else { asked };
        let could = Origin { at: self.now - waited, node: enabled_by };
        debug_assert!(self.end(enabled_by) == could.at, "it could start when something ended");
        let (after, bound) = match waited {
            0 => (enabled_by, Bound::Nothing),
            _ => self.waited(start, could, if goes_on { Part::People } else { Part::All }),
        };
        let attempt = if again { Try::Again } else { Try::First };
        let piece = Piece::Work { task, takes, attempt };
        let node = Node { from: self.now, to: NEVER, piece, bound, after, enabled_by, own };
        self.pieces[place] = self.push(node);
        self.pieces[place]
    }

    /// A task is given up as its load was to start: it follows what the load would have followed.
    fn give_up_waiting(&mut self, start: &Start, load: u16) -> u32 {
        let Start { task, takes, again, .. } = *start;
        let enabled_by = self.load_let_go[self.plan.loads.of(load, task.row) as usize];
        let could = Origin { at: self.end(enabled_by), node: enabled_by };
        let of_load = Start { task: TaskRef { step: load, ..task }, ..*start };
        let (after, bound) = match could.at == self.now {
            true => (enabled_by, Bound::Nothing),
            false => self.waited(&of_load, could, Part::All),
        };
        let place = self.place(task);
        let own = std::mem::replace(&mut self.asked[place], UNASKED);
        let own = if enabled_by == NONE { NONE } else { own };
        let attempt = if again { Try::Again } else { Try::First };
        let piece = Piece::Work { task, takes, attempt };
        let node = Node { from: self.now, to: NEVER, piece, bound, after, enabled_by, own };
        self.pieces[place] = self.push(node);
        self.pieces[place]
    }

    /// What an attempt followed that had to wait, and what had to become free.
    fn waited(&mut self, start: &Start, could: Origin, needed: Part) -> (u32, Bound) {
        if let Some(Freed { node, pool, since }) = self.shortage.made_room(start.takes, needed) {
            let left = Origin { at: self.end(node), node };
            return (self.pause(left, Piece::Capacity(pool)), Bound::Pool(pool, since));
        }
        let closed = |it: &&u32| self.plan.is_closed_by(start.takes, **it);
        let inject = self.injects_ended.iter().rev().find(closed).map(|it| Piece::Inject(*it));
        let more = || self.shortage.risen(start.takes, needed).map(Piece::Capacity);
        if let Some(lacked) = inject.or_else(more) {
            return (self.pause(could, lacked), Bound::Nothing);
        }
        let mut taken_over = self.automated.iter().filter(|it| it.0 == start.task.step);
        match taken_over.next() {
            Some((_, NONE)) => (self.pause(could, Piece::Automation), Bound::Nothing),
            Some((_, node)) => (*node, Bound::Nothing),
            None => (self.pause(could, Piece::Unknown), Bound::Nothing),
        }
    }

    /// An attempt ends or pauses; says which piece it was. One that is given up while it pauses ended
    /// before.
    fn end_attempt(&mut self, end: &End, attempt: Option<Try>) -> u32 {
        let node = self.pieces[self.place(end.task)];
        let it = &mut self.nodes[node as usize];
        if it.to == NEVER {
            it.to = self.now;
            if let (Piece::Work { attempt: own, .. }, Some(attempt)) = (&mut it.piece, attempt) {
                *own = attempt;
            }
            self.leave(end.task, node);
        }
        node
    }

    /// A piece of work ended for which something may be kept.
    fn leave(&mut self, task: TaskRef, node: u32) {
        let load = match self.plan.steps[usize::from(task.step)].per {
            Per::Shard => Some(task.step),
            _ => self.plan.details[usize::from(task.step)].asks_for,
        };
        if let Some(load) = load {
            self.left_load[self.plan.loads.of(load, task.row) as usize] = node;
        }
        if let Some(place) = self.place_of_hold(task) {
            self.left_hold[place] = node;
        }
    }

    /// Where the last work is noted that may have what a task keeps; none of a load.
    fn place_of_hold(&self, task: TaskRef) -> Option<usize> {
        let step = &self.plan.steps[usize::from(task.step)];
        let kind = match step.per {
            Per::Site => 0,
            Per::Batch => 1,
            Per::Once => 2,
            Per::Shard => return None,
        };
        let track = kind * self.plan.tracks.len() + usize::from(step.track);
        Some(track * self.plan.sites.len().max(1) + task.row as usize)
    }

    /// An attempt that has ended or pauses gives back what it had.
    fn give_back(&mut self, end: &End, node: u32, part: Part) {
        let since = match part {
            Part::Limits => self.started[self.place(end.task)],
            Part::All | Part::People => self.nodes[node as usize].from,
        };
        self.shortage.give_back(end.frees, part, node, since);
    }

    /// An attempt ends, and gives back what it has.
    fn free_attempt(&mut self, end: &End, attempt: Option<Try>) -> u32 {
        let node = self.end_attempt(end, attempt);
        if end.ran.is_some() {
            self.give_back(end, node, Part::People);
        }
        self.give_back(end, node, Part::Limits);
        node
    }

    fn finish(&mut self, end: &End) {
        let node = self.free_attempt(end, None);
        self.reached(node);
        let step = &self.plan.steps[usize::from(end.task.step)];
        if step.per == Per::Once {
            self.once_done[usize::from(step.track)] = Origin { at: self.now, node };
        }
    }

    /// What a task has kept becomes free. Whoever waited for it follows the last work that had it.
    fn free(&mut self, task: TaskRef, units: u16, held: u64) {
        let node = match self.place_of_hold(task) {
            Some(place) => self.left_hold[place],
            None => self.left_load[self.plan.loads.of(task.step, task.row) as usize],
        };
        self.shortage.give_back(units, Part::All, node, self.now - held);
    }

    /// A task could start from now on.
    fn let_go(&mut self, task: TaskRef) {
        let origin = self.origin(task.row);
        let place = self.place(task);
        self.pieces[place] = origin.node;
        if self.plan.steps[usize::from(task.step)].per == Per::Shard {
            self.load_let_go[self.plan.loads.of(task.step, task.row) as usize] = origin.node;
        }
        let loaded = match self.nodes.get(origin.node as usize).map(|it| it.piece) {
            Some(Piece::Work { task, .. }) => {
                self.plan.steps[usize::from(task.step)].per == Per::Shard
            }
            _ => false,
        };
        if let (false, Some(asked)) = (loaded, self.asked.get_mut(place)) {
            *asked = UNASKED;
        }
    }

    /// A track opens.
    fn open(&mut self, track: u8) {
        let origin = match self.plan.tracks[usize::from(track)].opens.base {
            PlanBase::Step(step) => {
                let node = self.pieces[usize::from(step)];
                Origin { at: self.end(node), node }
            }
            PlanBase::Start | PlanBase::Milestone(_) => START,
        };
        let node = self.pause(origin, Piece::Opening(track));
        self.opened[usize::from(track)] = Origin { at: self.now, node };
        self.reached(node);
    }

    /// A track takes a site.
    fn take(&mut self, row: u32, track: u8, batch: u32) {
        let own = self.of_track(track, row);
        let node = self.why_taken(row, track);
        self.taken[own] = Origin { at: self.now, node };
        self.batch_of[own] = batch;
        if self.batches.len() <= batch as usize {
            self.batches.resize(batch as usize + 1, self.now);
        }
        self.cause = Cause::Taken(track);
    }

    /// What made a track take a site now and not before.
    fn why_taken(&mut self, row: u32, track: u8) -> u32 {
        let (number, place) = (usize::from(track), row as usize);
        let is_deleted_now =
            self.deleted[place] == self.now || self.plan.sites[place].deleted_at == self.now;
        let mut last = self.opened[number];
        let once = self.once_done[number];
        if once.at != NEVER && once.at > last.at {
            last = once;
        }
        if let Some((by, from, to)) = self.given_up(row, track)
            && to > last.at
        {
            let node = self.pause_to(from, to, Piece::GivenUp(by));
            last = Origin { at: to, node };
        }
        if last.at == self.now {
            return last.node;
        }
        if is_deleted_now {
            return self.pause(last, Piece::Deletion);
        }
        let (freed, since) = self.slot_freed[number];
        let bounded = self.plan.tracks[number].in_flight.is_some();
        if !bounded || freed.at != self.now || freed.node == NONE {
            return self.pause(last, Piece::Slot(track));
        }
        let since = since.min(self.nodes[freed.node as usize].from);
        self.push(Node {
            from: self.now,
            to: self.now,
            piece: Piece::Slot(track),
            bound: Bound::Slot(track, since),
            after: freed.node,
            enabled_by: last.node,
            own: last.node,
        })
    }

    /// Whether a track closed at an instant, and gave up what it had taken.
    pub(crate) fn moved_at(&self, track: u8, at: SimTime) -> bool {
        self.plan.tracks[usize::from(track)].moves_on_close
            && self.closed[usize::from(track)] == at.as_millis()
    }

    /// The claiming track that had taken a site and gave it up, when it had taken it, and when it
    /// gave it up.
    fn given_up(&self, row: u32, track: u8) -> Option<(u8, Origin, u64)> {
        if !self.plan.tracks[usize::from(track)].claims {
            return None;
        }
        let claiming = (0u8..).zip(&self.plan.tracks).filter(|(_, it)| it.claims);
        let ends = claiming.filter_map(|(by, _)| {
            let taken = self.taken[self.of_track(by, row)];
            let closed = self.closed[usize::from(by)];
            let moved = self.plan.tracks[usize::from(by)].moves_on_close.then_some(closed);
            let ends = moved.into_iter().chain([self.deleted[row as usize]]);
            let gave_up = ends.filter(|at| taken.at <= *at && *at <= self.now).min()?;
            Some((by, taken, gave_up))
        });
        ends.max_by_key(|it| it.2)
    }

    fn free_slot(&mut self, track: u8, batch: u32) {
        let node = match self.cause {
            Cause::Reached(origin) if origin.at == self.now => origin.node,
            _ => NONE,
        };
        let freed = Origin { at: self.now, node };
        self.slot_freed[usize::from(track)] = (freed, self.batches[batch as usize]);
    }

    /// The task of a batch goes on in another row.
    fn pass_on(&mut self, task: TaskRef, row: u32) {
        if let (Some(old), Some(new)) =
            (self.place_of_hold(task), self.place_of_hold(TaskRef { row, ..task }))
        {
            self.left_hold[new] = self.left_hold[old];
        }
        let (old, new) = (self.place(task), self.place(TaskRef { row, ..task }));
        let node = std::mem::replace(&mut self.pieces[old], NONE);
        self.pieces[new] = node;
        if node != NONE {
            let track = self.plan.steps[usize::from(task.step)].track;
            let ended = Origin { at: self.end(node), node };
            let node = self.pause(ended, Piece::GivenUp(track));
            self.reached(node);
        }
    }

    fn delete(&mut self, row: u32) {
        self.deleted[row as usize] = self.now;
        let node = self.pause(START, Piece::Deletion);
        self.reached(node);
    }

    /// From now on a machine does a step.
    fn automate(&mut self, step: u16) {
        let node = match self.cause {
            Cause::Reached(origin) if origin.at == self.now => origin.node,
            _ => NONE,
        };
        self.automated.push((step, node));
    }

    /// There is nothing left to restore a site from, when a task of it was to start.
    fn nothing_left(&mut self, start: &Start) {
        let place = self.place(start.task);
        let asked = self.asked.get(place).is_some_and(|it| *it != UNASKED);
        let node = match self.plan.details[usize::from(start.task.step)].asks_for {
            Some(load) if asked && self.pieces[place] == NONE => self.give_up_waiting(start, load),
            _ => self.begin_attempt(start, false),
        };
        self.nodes[node as usize].to = self.now;
        self.leave(start.task, node);
        self.reached(node);
    }
}

impl Recorder for Chains<'_> {
    fn record(&mut self, at: SimTime, record: TraceRecord) {
        if at.as_millis() > self.now {
            self.now = at.as_millis();
            self.forget_instant();
        }
        match record {
            TraceRecord::Eligible(task) => self.let_go(task),
            TraceRecord::Asked(task) => {
                let (place, origin) = (self.place(task), self.origin(task.row));
                self.asked[place] = origin.node;
                // Nothing lets it go before the load stands.
                self.pieces[place] = NONE;
            }
            TraceRecord::Arrived(task) => {
                let (place, origin) = (self.place(task), self.origin(task.row));
                self.arrived[place] = origin.node;
            }
            TraceRecord::Started(start) => {
                self.begin_attempt(&start, false);
                let place = self.place(start.task);
                self.started[place] = self.now;
                self.shortage.take(start.takes, Part::All);
            }
            TraceRecord::Resumed(start) => {
                self.begin_attempt(&start, true);
                self.shortage.take(start.takes, Part::People);
            }
            TraceRecord::Finished(end, _) => self.finish(&end),
            TraceRecord::Paused(end) => {
                let node = self.end_attempt(&end, None);
                self.give_back(&end, node, Part::People);
            }
            TraceRecord::Failed(end) => {
                let node = self.free_attempt(&end, Some(Try::Failed));
                self.reached(node);
            }
            TraceRecord::FoundNothing(end) => {
                let node = self.free_attempt(&end, Some(Try::GivenUp));
                self.reached(node);
            }
            TraceRecord::Aborted(end) => {
                self.free_attempt(&end, Some(Try::GivenUp));
            }
            TraceRecord::Freed { task, frees, held } => self.free(task, frees, held),
            TraceRecord::NothingLeft(start) => self.nothing_left(&start),
            TraceRecord::Opened(track) => self.open(track),
            TraceRecord::Closed(track) => {
                self.closed[usize::from(track)] = self.now;
                self.cause = Cause::Closed(track);
            }
            TraceRecord::Taken { row, track, batch } => self.take(row, track, batch),
            TraceRecord::SlotFreed { track, batch } => self.free_slot(track, batch),
            TraceRecord::PassedOn { task, row } => self.pass_on(task, row),
            TraceRecord::Deleted { row, .. } => self.delete(row),
            TraceRecord::Milestone(_) => self.reached(NONE),
            TraceRecord::Automated(step) => self.automate(step),
            TraceRecord::Capacity { pool, units } => self.shortage.set_capacity(pool, units),
            TraceRecord::InjectEnded(inject) => self.injects_ended.push(inject),
            TraceRecord::Restored(row) => self.handed[row as usize] = self.origin(row),
            TraceRecord::Injected(_)
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
}
