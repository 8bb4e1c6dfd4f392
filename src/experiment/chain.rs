//! Binding chains: what a recovery went through, piece after piece, so that each begins when what
//! made it possible ended.
//!
//! A piece of work that began as soon as it could follows what came last before it for its own
//! site. One that had to wait for people or units follows the work at whose end they became free,
//! whosever site that was for. Walked back from the hand-over of a site, the pieces tile its outage
//! without a gap. (The criticality idea with resources, as in Bowers, "Identifying critical
//! activities in stochastic resource constrained networks", Omega 24, 1996.)
//!
//! The engine stores nothing for it: the pieces are made as a [`Recorder`] hears what happens, in
//! the recoveries that are looked at. It takes about as long again as simulating them.

use crate::plan::{Plan, PlanBase};
use crate::scenario::Per;
use crate::trace::{Recorder, TaskRef, TraceRecord};
use crate::units::SimTime;

/// No piece, no row.
const NONE: u32 = u32::MAX;
/// Not yet.
const NEVER: u64 = u64::MAX;

/// What a piece of time went into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Piece {
    /// An attempt at a step, by those of a demand.
    Work { task: TaskRef, demand: u16, again: bool },
    /// Waiting for people of a team to come, or for more units of a limit to be there.
    Capacity(u16),
    /// Waiting until an inject was over.
    Inject(u32),
    /// Waiting for a track to open.
    Opening(u8),
    /// Waiting for a slot in a track, when no other site freed it.
    Slot(u8),
    /// What a track did before it gave the site up.
    GivenUp(u8),
    /// Waiting for a moment from which on machines do the work.
    Automation,
    /// Waiting for the deletion of a site to come.
    Deletion,
    /// What the log does not tell.
    Unknown,
}

/// What it was that had to become free before a piece could begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    /// Nothing: it began as soon as it could.
    Nothing,
    /// Units of a pool, taken since an instant by what came before.
    Pool(u16, u64),
    /// A slot of a track, taken since an instant.
    Slot(u8, u64),
}

/// A piece of time and what made it possible. Times in milliseconds.
#[derive(Clone, Copy, Debug)]
struct Node {
    from: u64,
    to: u64,
    piece: Piece,
    bound: Bound,
    /// The piece that ends where this one begins; none where there is nothing before it.
    after: u32,
    /// The piece before this one of the same task.
    earlier: u32,
    /// What becomes free at its end, a place in the plan's demands.
    frees: u16,
}

/// An instant with the piece that ended then, if there is any.
#[derive(Clone, Copy, Debug)]
struct Origin {
    at: u64,
    node: u32,
}

/// Not yet.
const NOWHERE: Origin = Origin { at: NEVER, node: NONE };

/// Listens to replications of a plan, one after the other.
pub(super) struct Chains<'p> {
    plan: &'p Plan,
    /// For each profile and step the steps that it waits for.
    before: Vec<Vec<Vec<u16>>>,
    nodes: Vec<Node>,
    now: u64,
    /// What ended at this instant.
    ended: Vec<(TaskRef, u32)>,
    inject_ended: Option<u32>,
    waited: u64,
    takes: Option<u16>,
    /// The last piece of each task, by row, then step.
    latest: Vec<u32>,
    /// The last piece that ended of each row.
    latest_of_row: Vec<u32>,
    /// The pieces of each row that failed.
    failed: Vec<Vec<u32>>,
    /// When each track took each row, by track, then row.
    taken: Vec<Origin>,
    batch_of: Vec<u32>,
    opened: Vec<Origin>,
    closed: Vec<u64>,
    /// When each row was last deleted, where it was told.
    deleted: Vec<u64>,
    /// The rows in which the tasks of each batch have stood, and its sites.
    heads: Vec<Vec<u32>>,
    members: Vec<Vec<u32>>,
    /// The last piece of each load.
    loads: Vec<u32>,
    /// What ended when each row was handed over.
    handed: Vec<Origin>,
}

impl<'p> Chains<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        let (rows, steps, tracks) = (plan.sites.len(), plan.steps.len(), plan.tracks.len());
        Self {
            plan,
            before: steps_before(plan),
            nodes: Vec::new(),
            now: 0,
            ended: Vec::new(),
            inject_ended: None,
            waited: 0,
            takes: None,
            latest: vec![NONE; rows.max(1) * steps],
            latest_of_row: vec![NONE; rows.max(1)],
            failed: vec![Vec::new(); rows.max(1)],
            taken: vec![NOWHERE; rows * tracks],
            batch_of: vec![NONE; rows * tracks],
            opened: vec![NOWHERE; tracks],
            closed: vec![NEVER; tracks],
            deleted: vec![NEVER; rows],
            heads: Vec::new(),
            members: Vec::new(),
            loads: vec![NONE; plan.loads.loads.len()],
            handed: vec![NOWHERE; rows],
        }
    }

    /// Forgets the replication before.
    pub(super) fn begin(&mut self) {
        self.nodes.clear();
        self.now = 0;
        self.ended.clear();
        self.inject_ended = None;
        self.waited = 0;
        self.takes = None;
        self.latest.fill(NONE);
        self.latest_of_row.fill(NONE);
        self.failed.iter_mut().for_each(Vec::clear);
        self.taken.fill(NOWHERE);
        self.batch_of.fill(NONE);
        self.opened.fill(NOWHERE);
        self.closed.fill(NEVER);
        self.deleted.fill(NEVER);
        self.heads.clear();
        self.members.clear();
        self.loads.fill(NONE);
        self.handed.fill(NOWHERE);
    }

    /// Walks back from the hand-over of a row to an instant, and shows each piece in between with
    /// its part of that time and what it waited for to become free. Parts tile the time.
    ///
    /// # Panics
    /// When they do not.
    pub(super) fn walk(
        &self,
        row: usize,
        floor: u64,
        mut show: impl FnMut(Piece, u64, u64, Bound),
    ) {
        let Origin { at, mut node } = self.handed[row];
        assert!(at != NEVER, "a chain begins where a site was handed over");
        let mut reached = at;
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

    fn place(&self, task: TaskRef) -> usize {
        task.row as usize * self.plan.steps.len() + usize::from(task.step)
    }

    fn push(&mut self, node: Node) -> u32 {
        self.nodes.push(node);
        u32::try_from(self.nodes.len() - 1).expect("fewer than 2^32 pieces")
    }

    /// A piece in which nobody worked, if it has any length.
    fn pause(&mut self, origin: Origin, piece: Piece) -> u32 {
        if origin.at == self.now {
            return origin.node;
        }
        self.pause_to(origin, self.now, piece)
    }

    fn pause_to(&mut self, origin: Origin, to: u64, piece: Piece) -> u32 {
        if origin.at >= to {
            return origin.node;
        }
        let (from, after) = (origin.at, origin.node);
        self.push(Node { from, to, piece, bound: Bound::Nothing, after, earlier: NONE, frees: 0 })
    }

    /// What the next attempt at a task takes to start, and what becomes free at its end.
    fn demands(&mut self, task: TaskRef) -> (u16, u16) {
        let step = usize::from(task.step);
        let takes = self.takes.take();
        let variants = self.plan.details[step].variants.as_ref().map(|it| it.of(task.row));
        match (takes, variants) {
            (Some(demand), _) => (demand, demand),
            (None, Some(it)) => (it.all, it.running),
            (None, None) => (self.plan.steps[step].demand, self.plan.steps[step].demand),
        }
    }

    fn pools(&self, demand: u16) -> impl Iterator<Item = u16> + use<'p> {
        let (first, others) = self.plan.demands.units(usize::from(demand));
        let all = std::iter::once(first).chain(others.iter().copied());
        all.filter(|(_, units)| *units > 0).map(|(pool, _)| pool)
    }

    fn is_gate(&self, pool: u16) -> bool {
        (self.plan.first_gate..self.plan.first_part).contains(&usize::from(pool))
    }

    /// An attempt starts or goes on.
    fn begin_attempt(&mut self, task: TaskRef, goes_on: bool) {
        let since = self.now - std::mem::take(&mut self.waited);
        let (needs, frees) = self.demands(task);
        let place = self.place(task);
        let latest = self.latest[place];
        let could = match goes_on {
            true => Origin { at: since, node: latest },
            false => self.could_start(task, since),
        };
        let waited = since < self.now;
        let freed = waited.then(|| self.made_room(needs)).flatten();
        let automated = || waited.then(|| self.made_automatic(task, needs)).flatten();
        let (after, bound) = match (freed, automated()) {
            (Some((node, pool, taken)), _) => (node, Bound::Pool(pool, taken)),
            (None, Some(node)) => (node, Bound::Nothing),
            (None, None) => (self.pause(could, self.lacking(task, needs)), Bound::Nothing),
        };
        let again = latest != NONE && !goes_on && self.is_same_round(task, latest);
        let piece = Piece::Work { task, demand: needs, again };
        let node = Node { from: self.now, to: NEVER, piece, bound, after, earlier: latest, frees };
        self.latest[place] = self.push(node);
    }

    /// Whether a piece of a task is of the time since its site was last taken.
    fn is_same_round(&self, task: TaskRef, node: u32) -> bool {
        let step = &self.plan.steps[usize::from(task.step)];
        match step.per {
            Per::Once => true,
            Per::Shard => false,
            Per::Site | Per::Batch => {
                let taken = self.taken[self.of_track(step.track, task.row)];
                taken.at != NEVER && self.nodes[node as usize].from >= taken.at
            }
        }
    }

    fn end_attempt(&mut self, task: TaskRef, failed: bool) {
        let place = self.place(task);
        let latest = self.latest[place];
        let Some(node) = self.nodes.get_mut(latest as usize).filter(|it| it.to == NEVER) else {
            // It was given up while it paused.
            return;
        };
        node.to = self.now;
        if let Piece::Work { again, .. } = &mut node.piece {
            *again |= failed;
        }
        self.ended.push((task, latest));
        if failed {
            self.failed[task.row as usize].push(latest);
        }
        self.latest_of_row[task.row as usize] = latest;
        if self.plan.steps[usize::from(task.step)].per == Per::Shard {
            self.loads[self.plan.loads.of(task.step, task.row) as usize] = latest;
        }
    }

    /// Since when a task could have started, at an instant, and what ended then.
    fn could_start(&mut self, task: TaskRef, at: u64) -> Origin {
        let mut last = NOWHERE;
        let steps = &self.plan.steps[usize::from(task.step)];
        match steps.per {
            Per::Shard => {
                // It was asked for when the first that shares it could start.
                for (step, detail) in (0u16..).zip(&self.plan.details) {
                    if detail.asks_for.is_some_and(|it| self.is_same_load(it, task)) {
                        self.last_before(TaskRef { row: task.row, step }, at, &mut last);
                    }
                }
            }
            _ => self.last_before(task, at, &mut last),
        }
        if last.at != at {
            // Others of its site may have let it go by failing or by leaving.
            self.consider(self.latest_of_row[task.row as usize], at, &mut last);
            for (_, node) in self.ended.iter().filter(|_| at == self.now) {
                let it = &self.nodes[*node as usize];
                if let Piece::Work { task: other, .. } = it.piece
                    && self.is_beside(other, task)
                {
                    self.consider(*node, at, &mut last);
                }
            }
        }
        if last.at == NEVER {
            last = Origin { at: 0, node: NONE };
        }
        Origin { at, node: self.pause_to(last, at, Piece::Unknown) }
    }

    fn is_same_load(&self, step: u16, task: TaskRef) -> bool {
        self.plan.loads.of(step, task.row) == self.plan.loads.of(task.step, task.row)
    }

    /// Whether two tasks are of one batch.
    fn is_beside(&self, other: TaskRef, task: TaskRef) -> bool {
        let track = self.plan.steps[usize::from(task.step)].track;
        let batch = |row: u32| self.batch_of[self.of_track(track, row)];
        self.plan.steps[usize::from(other.step)].track == track
            && batch(task.row) != NONE
            && batch(other.row) == batch(task.row)
    }

    /// Takes the last piece of the task of `node` that had ended by an instant, if it ended later
    /// than what is known.
    fn consider(&self, mut node: u32, at: u64, last: &mut Origin) {
        while node != NONE {
            let it = &self.nodes[node as usize];
            if it.to <= at {
                if last.at == NEVER || it.to > last.at {
                    *last = Origin { at: it.to, node };
                }
                return;
            }
            node = it.earlier;
        }
    }

    fn consider_origin(origin: Origin, at: u64, last: &mut Origin) {
        if origin.at <= at && (last.at == NEVER || origin.at >= last.at) {
            *last = origin;
        }
    }

    /// The last of what comes before a task, up to an instant.
    fn last_before(&self, task: TaskRef, at: u64, last: &mut Origin) {
        let plan = self.plan;
        let step = &plan.steps[usize::from(task.step)];
        let track = step.track;
        if step.per == Per::Once {
            Self::consider_origin(self.opened[usize::from(track)], at, last);
        } else {
            Self::consider_origin(self.taken[self.of_track(track, task.row)], at, last);
        }
        let profile = plan.sites.get(task.row as usize).map_or(0, |it| usize::from(it.profile));
        for before in &self.before[profile][usize::from(task.step)] {
            self.last_of(*before, task, at, last);
        }
        // Sent back by a failure: its own, or one that a later step found.
        for failed in &self.failed[task.row as usize] {
            self.consider(*failed, at, last);
        }
        if let Some(shard_step) = plan.details[usize::from(task.step)].asks_for {
            let load = self.loads[plan.loads.of(shard_step, task.row) as usize];
            self.consider(load, at, last);
        }
    }

    /// The last piece of a step that comes before a task, up to an instant.
    fn last_of(&self, before: u16, task: TaskRef, at: u64, last: &mut Origin) {
        let other = &self.plan.steps[usize::from(before)];
        let at_row = |row: u32| self.latest[self.place(TaskRef { row, step: before })];
        let barrier = self.plan.steps[usize::from(task.step)].per == Per::Batch;
        let batch = || self.batch_of[self.of_track(other.track, task.row)];
        match other.per {
            Per::Once => self.consider(at_row(0), at, last),
            Per::Site if barrier && batch() != NONE => {
                for row in &self.members[batch() as usize] {
                    self.consider(at_row(*row), at, last);
                }
            }
            Per::Batch if batch() != NONE => {
                for row in &self.heads[batch() as usize] {
                    self.consider(at_row(*row), at, last);
                }
            }
            _ => self.consider(at_row(task.row), at, last),
        }
    }

    fn of_track(&self, track: u8, row: u32) -> usize {
        usize::from(track) * self.plan.sites.len() + row as usize
    }

    /// What ended at this instant and gave back units of a pool that is needed: the piece, the
    /// pool, and since when they were taken.
    fn made_room(&self, needs: u16) -> Option<(u32, u16, u64)> {
        self.ended.iter().rev().find_map(|(task, node)| {
            let it = &self.nodes[*node as usize];
            let freed = |theirs: u16| {
                let shared = |pool: &u16| {
                    !self.is_gate(*pool) && self.pools(theirs).any(|other| other == *pool)
                };
                self.pools(needs).find(shared)
            };
            match freed(it.frees) {
                Some(pool) => Some((*node, pool, it.from)),
                None => self.held_by(*task).find_map(|(held, since)| {
                    freed(held).map(|pool| (*node, pool, since.min(it.from)))
                }),
            }
        })
    }

    /// What the end of a task may give back of what was held: a place in the plan's demands, and
    /// since when.
    fn held_by(&self, task: TaskRef) -> impl Iterator<Item = (u16, u64)> + '_ {
        let detail = &self.plan.details[usize::from(task.step)];
        let of_holds = detail.ends_holds.iter().map(move |hold| {
            let step = self.plan.holds[usize::from(*hold)].step;
            (step, self.latest[self.place(TaskRef { row: task.row, step })])
        });
        let of_load = detail
            .asks_for
            .iter()
            .map(move |step| (*step, self.loads[self.plan.loads.of(*step, task.row) as usize]));
        of_holds.chain(of_load).filter_map(move |(step, node)| {
            let variants = self.plan.details[usize::from(step)].variants.as_ref()?;
            let since = self.nodes.get(node as usize)?.from;
            Some((variants.of(task.row).held, since))
        })
    }

    /// The work at whose end a machine took a task over, that had waited for people until then.
    fn made_automatic(&self, task: TaskRef, needs: u16) -> Option<u32> {
        let plan = self.plan;
        let step = &plan.steps[usize::from(task.step)];
        if !step.automatable || needs != step.demand_automated {
            return None;
        }
        let by_itself = |other: u16| plan.automations.contains(&(task.step, PlanBase::Step(other)));
        let by_runs = |other: u16| {
            plan.steps[usize::from(other)].learns_as == step.learns_as
                && plan.steps[usize::from(other)].counts_runs
        };
        let ended = self.ended.iter().rev();
        ended.filter(|(it, _)| by_itself(it.step) || by_runs(it.step)).map(|it| it.1).next()
    }

    /// What was lacking when nobody made room: more came, an inject was over, or a machine took
    /// over.
    fn lacking(&self, task: TaskRef, needs: u16) -> Piece {
        let gated = self.pools(needs).any(|it| self.is_gate(it));
        if let (true, Some(inject)) = (gated, self.inject_ended) {
            return Piece::Inject(inject);
        }
        let pools = || self.pools(needs).filter(|it| !self.is_gate(*it));
        let team = pools().find(|it| self.plan.pools[usize::from(*it)].is_team);
        let automatable = self.plan.steps[usize::from(task.step)].automatable;
        match team.or_else(|| pools().next()) {
            Some(pool) => Piece::Capacity(pool),
            None if automatable => Piece::Automation,
            None => Piece::Unknown,
        }
    }

    /// A track opens.
    fn open(&mut self, track: u8) {
        let moment = self.plan.tracks[usize::from(track)].opens;
        let origin = match moment.base {
            PlanBase::Step(step) => {
                let mut last = NOWHERE;
                let node = self.latest[self.place(TaskRef { row: 0, step })];
                self.consider(node, self.now, &mut last);
                last
            }
            PlanBase::Start | PlanBase::Milestone(_) => NOWHERE,
        };
        let origin = if origin.at == NEVER { Origin { at: 0, node: NONE } } else { origin };
        let node = self.pause(origin, Piece::Opening(track));
        self.opened[usize::from(track)] = Origin { at: self.now, node };
    }

    /// A track takes a site.
    fn take(&mut self, row: u32, track: u8, batch: u32) {
        let own = self.of_track(track, row);
        let node = self.why_taken(row, track);
        self.taken[own] = Origin { at: self.now, node };
        self.batch_of[own] = batch;
        if self.heads.len() <= batch as usize {
            self.heads.resize(batch as usize + 1, Vec::new());
            self.members.resize(batch as usize + 1, Vec::new());
        }
        let batch = batch as usize;
        if self.heads[batch].is_empty() {
            self.heads[batch].push(row);
        }
        self.members[batch].push(row);
    }

    /// What made a track take a site now and not before.
    fn why_taken(&mut self, row: u32, track: u8) -> u32 {
        let plan = self.plan;
        let it = &plan.tracks[usize::from(track)];
        let is_deleted_now = self.deleted[row as usize] == self.now
            || plan.sites[row as usize].deleted_at == self.now;
        let mut last = self.opened[usize::from(track)];
        for step in &it.once_steps {
            self.consider(
                self.latest[self.place(TaskRef { row: 0, step: *step })],
                self.now,
                &mut last,
            );
        }
        if let Some((from, to)) = self.given_up(row, track)
            && to > last.at
        {
            let node = self.pause_to(from, to, Piece::GivenUp(track));
            last = Origin { at: to, node };
        }
        if last.at == self.now {
            return last.node;
        }
        if is_deleted_now {
            return self.pause(last, Piece::Deletion);
        }
        let freed = self.ended.iter().rev().find(|(task, _)| {
            plan.steps[usize::from(task.step)].track == track && it.in_flight.is_some()
        });
        let Some((task, node)) = freed.copied() else {
            return self.pause(last, Piece::Slot(track));
        };
        let since = self.taken.get(self.of_track(track, task.row)).map_or(NEVER, |it| it.at);
        let bound = Bound::Slot(track, since.min(self.nodes[node as usize].from));
        self.push(Node {
            from: self.now,
            to: self.now,
            piece: Piece::Slot(track),
            bound,
            after: node,
            earlier: NONE,
            frees: 0,
        })
    }

    /// When another claiming track had taken a site that it gave up, and when it did.
    fn given_up(&self, row: u32, track: u8) -> Option<(Origin, u64)> {
        let claims = |it: usize| self.plan.tracks[it].claims;
        let mine = usize::from(track);
        let others = (0..self.plan.tracks.len()).filter(|it| claims(*it) && claims(mine));
        let ends = others.filter_map(|it| {
            let taken = self.taken[it * self.plan.sites.len() + row as usize];
            let gave_up = [self.closed[it], self.deleted[row as usize]];
            let gave_up =
                gave_up.into_iter().filter(|at| taken.at <= *at && *at <= self.now).min()?;
            Some((taken, gave_up))
        });
        ends.max_by_key(|it| it.1)
    }

    /// A site is handed over.
    fn hand_over(&mut self, row: u32) {
        let own = |task: TaskRef| {
            let track = self.plan.steps[usize::from(task.step)].track;
            let batch = |row: u32| self.batch_of[self.of_track(track, row)];
            match self.plan.steps[usize::from(task.step)].per {
                Per::Site => task.row == row,
                Per::Batch => batch(task.row) != NONE && batch(task.row) == batch(row),
                Per::Once | Per::Shard => false,
            }
        };
        let ended = self.ended.iter().rev().find(|(task, _)| own(*task)).map(|it| it.1);
        let taken = || {
            let tracks = 0..self.plan.tracks.len();
            let all = tracks.map(|it| self.taken[it * self.plan.sites.len() + row as usize]);
            all.filter(|it| it.at == self.now).map(|it| it.node).next()
        };
        let node = ended.or_else(taken).unwrap_or(NONE);
        self.handed[row as usize] = Origin { at: self.now, node };
    }
}

impl Recorder for Chains<'_> {
    fn record(&mut self, at: SimTime, record: TraceRecord) {
        if at.as_millis() > self.now {
            self.now = at.as_millis();
            self.ended.clear();
            self.inject_ended = None;
        }
        match record {
            TraceRecord::Waited(_, millis) => self.waited = millis,
            TraceRecord::Takes(_, demand) => self.takes = Some(demand),
            TraceRecord::Started(task) => self.begin_attempt(task, false),
            TraceRecord::Resumed(task) => self.begin_attempt(task, true),
            TraceRecord::Finished(task) | TraceRecord::Paused(task) => {
                self.end_attempt(task, false);
            }
            TraceRecord::Failed(task) | TraceRecord::Aborted(task) => self.end_attempt(task, true),
            TraceRecord::Opened(track) => self.open(track),
            TraceRecord::Closed(track) => self.closed[usize::from(track)] = self.now,
            TraceRecord::Taken { row, track, batch } => self.take(row, track, batch),
            TraceRecord::PassedOn { row, batch } => self.heads[batch as usize].push(row),
            TraceRecord::Deleted(row) => self.deleted[row as usize] = self.now,
            TraceRecord::InjectEnded(inject) => self.inject_ended = Some(inject),
            TraceRecord::Restored(row) => self.hand_over(row),
            TraceRecord::Milestone(_)
            | TraceRecord::Injected(_)
            | TraceRecord::Escalated(_)
            | TraceRecord::Reached(_)
            | TraceRecord::Unloaded(_)
            | TraceRecord::Lost(_) => {}
        }
    }
}

/// For each profile and step the steps that it waits for, those that stand in for them too.
fn steps_before(plan: &Plan) -> Vec<Vec<Vec<u16>>> {
    let steps = plan.steps.len();
    let number = |step: usize| u16::try_from(step).expect("at most 4,000 steps");
    let of_profile = |(kind, profile): (usize, &crate::plan::Profile)| {
        let mut before: Vec<Vec<u16>> = vec![Vec::new(); steps];
        for earlier in 0..steps {
            let later = profile.successors_of(earlier).iter();
            let later = later.chain(&plan.batch_successors[earlier]);
            for later in later.chain(&plan.once_successors[earlier]) {
                before[usize::from(*later)].push(number(earlier));
            }
        }
        for (own, list) in before.iter_mut().enumerate() {
            list.extend(&plan.once_predecessors[own]);
            let behind = (0..steps).filter(|it| plan.is_behind(kind, number(own), *it));
            list.extend(behind.map(number));
            list.sort_unstable();
            list.dedup();
            let stand_ins = (0..steps).filter(|it| {
                plan.details[*it].stands_in_for.is_some_and(|step| list.contains(&step))
            });
            let stand_ins: Vec<u16> = stand_ins.map(number).collect();
            list.extend(stand_ins);
        }
        before
    };
    plan.profiles.iter().enumerate().map(of_profile).collect()
}
