//! Transfers over shared bandwidth, told again one by one: every transfer has what is left of its
//! bytes, and all that are under way get equal shares of the rate. Each has to end at the very
//! millisecond at which nothing is left of it.
//!
//! Work is counted in units so fine that equal shares are whole: a byte is 3,600,000 times
//! lcm(1, ..., 16) of them, a rate of so many bytes an hour as many times that lcm a millisecond. Of
//! more than 16 transfers at once a share may have to be rounded down, by less than a unit.

use std::collections::BTreeMap;

use crate::audit::breach::{Breaches, Law};
use crate::audit::capacity::instant;
use crate::audit::ground::Ground;
use crate::ids::{Id, ThroughputId};
use crate::scenario::{Inject, InjectKind, MomentBase, OnClose, Per, TransferBytes};
use crate::trace::{End, TaskRef, Testimony, ThroughputTally, TraceRecord};

/// The least common multiple of 1 to 16.
const FINE: i128 = 720_720;
const MILLIS_AN_HOUR: i128 = crate::units::HOUR as i128;
const BYTE: i128 = MILLIS_AN_HOUR * FINE;
/// A share of a rate counts to a millionth, one of bytes to nine decimals.
const MILLION: i128 = 1_000_000;
const BILLION: i128 = 1_000_000_000;
const NONE: u32 = u32::MAX;
const NEVER: u64 = u64::MAX;

/// What transfers share.
pub(super) struct Bandwidth<'a> {
    /// By throughput.
    pipes: Vec<Pipe>,
    /// By step: what it moves.
    steps: Vec<Option<Moves>>,
    /// When rates change: when, of which throughput, to how many bytes an hour.
    changes: Vec<(u64, usize, u64)>,
    next: usize,
    injects: &'a [Inject],
    on: Vec<bool>,
    /// By row, then step: the place of a transfer among those under way.
    places: Vec<u32>,
    /// By task: what is left of transfers that pause, in units of work.
    paused: BTreeMap<usize, i128>,
    /// Transfers of nothing that are under way: each ends in the instant in which it starts.
    of_nothing: Vec<usize>,
    batches: Option<Batches>,
    horizon: u64,
}

/// What a step moves, of one site, of all sites of a batch, or whatever the site.
#[derive(Clone, Copy, Debug)]
struct Moves {
    through: usize,
    what: What,
    /// The part of the bytes, in billionths.
    part: i128,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Fixed(u64),
    OfSite,
    OfBatch,
}

/// A throughput.
#[derive(Default)]
struct Pipe {
    /// Bytes an hour, before what injects leave of it.
    rate: u64,
    /// What they leave, in millionths.
    left: i128,
    /// Units of work a millisecond that one transfer can use at most.
    cap: Option<i128>,
    under_way: Vec<Transfer>,
    /// Up to when it has been followed.
    since: u64,
    /// What each transfer got in the last millisecond before that.
    last_share: i128,
    /// When the next transfer ends if nothing comes between.
    due: u64,
    touched: bool,
    /// Units of work done.
    moved: i128,
    transfer_ms: u128,
    /// What there was from each instant on, in units of work a millisecond.
    rates: Vec<(u64, i128)>,
}

#[derive(Clone, Copy, Debug)]
struct Transfer {
    task: TaskRef,
    /// Units of work that are left; below nothing by what the last millisecond had too much.
    left: i128,
    /// It has been told that it should have ended.
    is_late: bool,
}

/// Which sites are in which batch; only followed where a batch moves the bytes of its sites.
struct Batches {
    rows: usize,
    /// By track, then row: the batch that a row is in.
    of: Vec<u32>,
    /// By track, then row: the batch whose tasks stand in the row.
    headed_by: Vec<u32>,
    /// By batch: its first place among the members, and its track.
    first: Vec<(usize, usize)>,
    members: Vec<u32>,
    /// By row.
    is_back: Vec<bool>,
}

impl<'a> Bandwidth<'a> {
    pub(super) fn new(ground: &Ground<'a>, told: &Testimony) -> Self {
        let (scenario, strategy) = (ground.scenario, ground.strategy);
        let steps: Vec<Option<Moves>> =
            (0..ground.steps.len()).map(|it| moves(ground, it)).collect();
        let is_used = steps.iter().any(Option::is_some);
        let is_of_batch =
            |moves: &Option<Moves>| moves.is_some_and(|it| matches!(it.what, What::OfBatch));
        let pipes = scenario.throughputs.iter().map(|it| Pipe {
            left: MILLION,
            cap: it.cap.map(|cap| i128::from(cap.bytes_per_hour()) * FINE),
            due: NEVER,
            ..Pipe::default()
        });
        let horizon = scenario.experiment.horizon.as_millis();
        let mut changes = Vec::new();
        for (id, ramp) in strategy.rates.enumerate() {
            for (moment, rate) in &ramp.points {
                let Some(at) = instant(*moment, &told.outcome.milestones) else { continue };
                let is_first = at == 0 && moment.base == MomentBase::Start;
                changes.push(((at, !is_first), (at, id.index(), rate.bytes_per_hour())));
            }
        }
        changes.retain(|it| it.1.0 <= horizon);
        // What is there from the beginning comes first; else the later in the file overrules.
        changes.sort_by_key(|it| it.0);
        let tasks = ground.rows.len().max(1) * ground.steps.len();
        Self {
            pipes: pipes.collect(),
            batches: steps.iter().any(is_of_batch).then(|| Batches::new(ground)),
            steps,
            changes: changes.into_iter().map(|it| it.1).collect(),
            next: 0,
            injects: &scenario.injects,
            on: vec![false; scenario.injects.len()],
            places: vec![NONE; if is_used { tasks } else { 0 }],
            paused: BTreeMap::new(),
            of_nothing: Vec::new(),
            horizon,
        }
    }

    /// Hears what happens.
    pub(super) fn hear(
        &mut self,
        at: u64,
        record: &TraceRecord,
        ground: &Ground<'_>,
        breaches: &mut Breaches,
    ) {
        if self.pipes.is_empty() {
            return;
        }
        match record {
            TraceRecord::Started(it) if self.is_transfer(it.task) => {
                self.pass(at);
                let work = self.work(it.task, ground);
                self.begin(at, it.task, work, ground, breaches);
            }
            TraceRecord::Resumed(it) if self.is_transfer(it.task) => {
                self.pass(at);
                match self.paused.remove(&place(it.task, ground)) {
                    Some(left) => self.begin(at, it.task, left, ground, breaches),
                    None => say(it.task, "goes on and does not pause", ground, breaches),
                }
            }
            TraceRecord::Finished(end, _) | TraceRecord::Failed(end)
                if self.is_transfer(end.task) =>
            {
                self.pass(at);
                self.end(at, end, ground, breaches);
            }
            TraceRecord::Paused(end) if self.is_transfer(end.task) => {
                self.pass(at);
                if let Some(left) = self.stop(at, end.task, ground, breaches) {
                    self.paused.insert(place(end.task, ground), left.max(0));
                }
            }
            TraceRecord::Aborted(end) if self.is_transfer(end.task) => {
                self.pass(at);
                match end.ran {
                    Some(_) => {
                        self.stop(at, end.task, ground, breaches);
                    }
                    None => {
                        self.paused.remove(&place(end.task, ground));
                    }
                }
            }
            TraceRecord::Injected(inject) => self.turn(at, *inject as usize, true),
            TraceRecord::InjectEnded(inject) => self.turn(at, *inject as usize, false),
            _ => {
                if let Some(batches) = &mut self.batches {
                    batches.hear(record, ground);
                }
            }
        }
    }

    /// Everything that happens at an instant has been heard: nothing goes on that is done.
    pub(super) fn settle(&mut self, at: u64, ground: &Ground<'_>, breaches: &mut Breaches) {
        if self.pipes.is_empty() {
            return;
        }
        self.pass(at);
        for pipe in &mut self.pipes {
            if at >= pipe.due || pipe.touched {
                pipe.follow(at);
                pipe.check_that_none_is_done(ground, breaches);
                pipe.touched = false;
                pipe.due = pipe.next_end();
            }
        }
        for place in self.of_nothing.drain(..) {
            say(task_at(place, ground), "moves nothing and does not end", ground, breaches);
        }
    }

    /// The log has ended; what is under way goes on up to the horizon.
    pub(super) fn finish(&mut self, ground: &Ground<'_>, breaches: &mut Breaches) {
        self.pass(self.horizon);
        for pipe in &mut self.pipes {
            pipe.follow(self.horizon);
            pipe.check_that_none_is_done(ground, breaches);
        }
    }

    /// What each throughput moved, when the log has ended, and could have up to an instant.
    pub(super) fn tallies(&self, end: u64) -> impl Iterator<Item = ThroughputTally> {
        self.pipes.iter().map(move |pipe| ThroughputTally {
            moved: (pipe.moved / BYTE).unsigned_abs(),
            capacity: pipe.capacity(end).unsigned_abs(),
            transfer_ms: pipe.transfer_ms,
        })
    }

    fn is_transfer(&self, task: TaskRef) -> bool {
        self.steps.get(usize::from(task.step)).is_some_and(Option::is_some)
    }

    /// All that a transfer has to move, in units of work.
    fn work(&self, task: TaskRef, ground: &Ground<'_>) -> i128 {
        let step = usize::from(task.step);
        let Some(moves) = self.steps[step] else { return 0 };
        let part = |bytes: u64| i128::from(bytes) * moves.part / BILLION * BYTE;
        let of_row = |row: u32| {
            let row = ground.rows.get(row as usize);
            row.map_or(0, |it| part(it.site.bytes.count()))
        };
        match (moves.what, &self.batches) {
            (What::Fixed(bytes), _) => part(bytes),
            (What::OfBatch, Some(batches)) => {
                batches.sites(ground.steps[step].track, task.row).map(of_row).sum()
            }
            (What::OfSite | What::OfBatch, _) => of_row(task.row),
        }
    }

    fn begin(
        &mut self,
        at: u64,
        task: TaskRef,
        work: i128,
        ground: &Ground<'_>,
        breaches: &mut Breaches,
    ) {
        let own = place(task, ground);
        if work == 0 {
            return self.of_nothing.push(own);
        }
        let Some(pipe) = self.pipe(task) else { return };
        pipe.follow(at);
        pipe.touched = true;
        let number = u32::try_from(pipe.under_way.len()).expect("fewer than 2^32 transfers");
        pipe.under_way.push(Transfer { task, left: work, is_late: false });
        match self.places.get_mut(own) {
            Some(place) if *place == NONE => *place = number,
            _ => say(task, "is under way already", ground, breaches),
        }
    }

    /// A transfer has ended: nothing is left of it now, and a millisecond ago something was.
    fn end(&mut self, at: u64, end: &End, ground: &Ground<'_>, breaches: &mut Breaches) {
        let own = place(end.task, ground);
        if self.ends_of_nothing(own) {
            return;
        }
        let Some(transfer) = self.take_out(at, end.task, ground, breaches) else { return };
        let last = self.pipe(end.task).map_or(0, |it| it.last_share);
        let mebibytes = |work: i128| work as f64 / BYTE as f64 / f64::from(1 << 20);
        if transfer.left > 0 {
            let how = format!("ends with {} MiB left to move", mebibytes(transfer.left));
            say(end.task, &how, ground, breaches);
        } else if transfer.left + last <= 0 && !transfer.is_late {
            let how =
                format!("ends late: it could have moved {} MiB more", mebibytes(-transfer.left));
            say(end.task, &how, ground, breaches);
        }
    }

    /// A transfer is no longer under way; what is left of its work.
    fn stop(
        &mut self,
        at: u64,
        task: TaskRef,
        ground: &Ground<'_>,
        breaches: &mut Breaches,
    ) -> Option<i128> {
        let own = place(task, ground);
        if self.ends_of_nothing(own) {
            return Some(0);
        }
        self.take_out(at, task, ground, breaches).map(|it| it.left)
    }

    /// Whether a transfer moves nothing; it is no longer under way.
    fn ends_of_nothing(&mut self, own: usize) -> bool {
        let number = self.of_nothing.iter().position(|it| *it == own);
        number.map(|it| self.of_nothing.swap_remove(it)).is_some()
    }

    fn take_out(
        &mut self,
        at: u64,
        task: TaskRef,
        ground: &Ground<'_>,
        breaches: &mut Breaches,
    ) -> Option<Transfer> {
        let own = place(task, ground);
        let number = std::mem::replace(self.places.get_mut(own)?, NONE);
        if number == NONE {
            say(task, "ends and is not under way", ground, breaches);
            return None;
        }
        let pipe = self.pipe(task)?;
        pipe.follow(at);
        pipe.touched = true;
        let transfer = pipe.under_way.swap_remove(number as usize);
        if let Some(moved) = pipe.under_way.get(number as usize).map(|it| it.task) {
            self.places[place(moved, ground)] = number;
        }
        Some(transfer)
    }

    fn pipe(&mut self, task: TaskRef) -> Option<&mut Pipe> {
        let through = self.steps[usize::from(task.step)]?.through;
        self.pipes.get_mut(through)
    }

    /// Makes the changes of rates up to an instant.
    fn pass(&mut self, at: u64) {
        while let Some((when, through, rate)) = self.changes.get(self.next).copied()
            && when <= at
        {
            self.next += 1;
            let pipe = &mut self.pipes[through];
            pipe.follow(when);
            pipe.rate = rate;
            pipe.note(when);
        }
    }

    /// An inject begins or is over.
    fn turn(&mut self, at: u64, inject: usize, begins: bool) {
        let Some(it) = self.injects.get(inject) else { return };
        self.on[inject] = begins;
        let InjectKind::ThroughputDrops(through, _) = it.what else { return };
        self.pass(at);
        let left = self.left_of(through);
        let pipe = &mut self.pipes[through.index()];
        pipe.follow(at);
        pipe.left = left;
        pipe.note(at);
    }

    /// What the injects that are on leave of a rate: the product of their shares, in millionths.
    fn left_of(&self, through: ThroughputId) -> i128 {
        let on = self.injects.iter().zip(&self.on).filter(|it| *it.1);
        let share = on.fold(1.0, |left, (it, _)| match it.what {
            InjectKind::ThroughputDrops(own, share) if own == through => left * share.fraction(),
            _ => left,
        });
        (share * MILLION as f64).round() as i128
    }
}

impl Pipe {
    /// What all transfers together can move in a millisecond.
    fn whole(&self) -> i128 {
        i128::from(self.rate) * FINE * self.left / MILLION
    }

    /// What each transfer moves in a millisecond.
    fn share(&self) -> i128 {
        let count = self.under_way.len() as i128;
        let equal = self.whole() / count.max(1);
        self.cap.map_or(equal, |cap| equal.min(cap))
    }

    /// Moves on to an instant.
    fn follow(&mut self, at: u64) {
        let passed = at.saturating_sub(self.since);
        if passed == 0 {
            return;
        }
        self.since = at;
        if self.under_way.is_empty() {
            return;
        }
        let share = self.share();
        self.last_share = share;
        let done = share * i128::from(passed);
        for it in &mut self.under_way {
            self.moved += done.min(it.left.max(0));
            it.left -= done;
        }
        self.transfer_ms += self.under_way.len() as u128 * u128::from(passed);
    }

    /// Its rate is another from now on.
    fn note(&mut self, at: u64) {
        self.rates.push((at, self.whole()));
        self.touched = true;
    }

    fn next_end(&self) -> u64 {
        let least = self.under_way.iter().filter(|it| !it.is_late).map(|it| it.left).min();
        match (least, self.share()) {
            (None, _) | (_, 0) => NEVER,
            (Some(left), share) => {
                let lasts = (left.max(0) + share - 1) / share;
                self.since.saturating_add(u64::try_from(lasts).unwrap_or(NEVER))
            }
        }
    }

    fn check_that_none_is_done(&mut self, ground: &Ground<'_>, breaches: &mut Breaches) {
        for it in self.under_way.iter_mut().filter(|it| it.left <= 0 && !it.is_late) {
            it.is_late = true;
            say(it.task, "has moved everything and goes on", ground, breaches);
        }
    }

    /// Bytes that it could have moved up to an instant: in whole bytes from one change of its rate
    /// to the next, at a rate in whole bytes an hour.
    fn capacity(&self, end: u64) -> i128 {
        let untils = self.rates.iter().skip(1).map(|it| it.0).chain([end]);
        let parts = self.rates.iter().zip(untils).map(|((from, rate), until)| {
            let passed = until.min(end).saturating_sub(*from);
            rate / FINE * i128::from(passed) / MILLIS_AN_HOUR
        });
        parts.sum()
    }
}

impl Batches {
    fn new(ground: &Ground<'_>) -> Self {
        let (rows, tracks) = (ground.rows.len(), ground.strategy.tracks.len());
        Self {
            rows,
            of: vec![NONE; rows * tracks],
            headed_by: vec![NONE; rows * tracks],
            first: Vec::new(),
            members: Vec::new(),
            is_back: vec![false; rows],
        }
    }

    /// The sites that are still in the batch whose tasks stand in a row.
    fn sites(&self, track: usize, row: u32) -> impl Iterator<Item = u32> + '_ {
        let own = track * self.rows;
        let batch = self.headed_by.get(own + row as usize).copied().unwrap_or(NONE);
        let first = self.first.get(batch as usize).map_or(0, |it| it.0);
        let next = self.first.get((batch as usize).saturating_add(1));
        let last = next.map_or(self.members.len(), |it| it.0);
        let members = if batch == NONE { &[] } else { &self.members[first..last] };
        members.iter().copied().filter(move |row| self.of[own + *row as usize] == batch)
    }

    fn hear(&mut self, record: &TraceRecord, ground: &Ground<'_>) {
        match *record {
            TraceRecord::Taken { row, track, batch } => self.take(row, usize::from(track), batch),
            TraceRecord::PassedOn { task, row } => {
                let Some(step) = ground.steps.get(usize::from(task.step)) else { return };
                let own = step.track * self.rows;
                // It is told of every step of the batch.
                let Some(old) = self.headed_by.get_mut(own + task.row as usize) else { return };
                let batch = std::mem::replace(old, NONE);
                if let (true, Some(new)) =
                    (batch != NONE, self.headed_by.get_mut(own + row as usize))
                {
                    *new = batch;
                }
            }
            TraceRecord::Closed(track) => self.close(usize::from(track), ground),
            TraceRecord::Restored(row) => self.set_back(row, true),
            TraceRecord::Deleted { row, .. } => {
                self.set_back(row, false);
                self.leave_all(row);
            }
            TraceRecord::NothingLeft(it) => self.leave_all(it.task.row),
            TraceRecord::NotInLoad(task) => self.leave_all(task.row),
            TraceRecord::FoundNothing(end) => {
                let step = ground.steps.get(usize::from(end.task.step));
                if step.is_some_and(|it| it.step.per == Per::Site) {
                    self.leave_all(end.task.row);
                }
            }
            _ => {}
        }
    }

    fn take(&mut self, row: u32, track: usize, batch: u32) {
        let own = track * self.rows + row as usize;
        if own >= self.of.len() {
            return;
        }
        if self.first.len() == batch as usize {
            self.first.push((self.members.len(), track));
            self.headed_by[own] = batch;
        }
        self.members.push(row);
        self.of[own] = batch;
    }

    /// A track that lets others go on gives up what is not back; one that claims nothing, all.
    fn close(&mut self, track: usize, ground: &Ground<'_>) {
        let Some(it) = ground.strategy.tracks.as_slice().get(track) else { return };
        if it.on_close != OnClose::Move {
            return;
        }
        for row in 0..self.rows {
            if !it.claims || !self.is_back[row] {
                self.of[track * self.rows + row] = NONE;
            }
        }
    }

    /// A site that is deleted or that there is nothing left of is given up by all.
    fn leave_all(&mut self, row: u32) {
        let own = self.of.iter_mut().skip(row as usize).step_by(self.rows.max(1));
        own.for_each(|it| *it = NONE);
    }

    fn set_back(&mut self, row: u32, is_back: bool) {
        if let Some(it) = self.is_back.get_mut(row as usize) {
            *it = is_back;
        }
    }
}

/// What a step moves, if it is a transfer; un-deleting moves nothing.
fn moves(ground: &Ground<'_>, step: usize) -> Option<Moves> {
    let it = &ground.steps[step];
    let transfer = it.step.transfer.filter(|_| !it.place.undeletes)?;
    let what = match (transfer.bytes, ground.service(step)) {
        (TransferBytes::Shard, Some((_, service))) => What::Fixed(service.moved().count()),
        (TransferBytes::Shard, None) => return None,
        (TransferBytes::Site, _) if it.step.per == Per::Batch => What::OfBatch,
        (TransferBytes::Site, _) => What::OfSite,
    };
    let part = (transfer.share.fraction() * BILLION as f64).round() as i128;
    Some(Moves { through: transfer.through.index(), what, part })
}

fn place(task: TaskRef, ground: &Ground<'_>) -> usize {
    task.row as usize * ground.steps.len() + usize::from(task.step)
}

fn task_at(place: usize, ground: &Ground<'_>) -> TaskRef {
    let steps = ground.steps.len();
    let row = u32::try_from(place / steps).expect("a row was 32 bits");
    TaskRef { row, step: u16::try_from(place % steps).expect("a step was 16 bits") }
}

#[cold]
fn say(task: TaskRef, what: &str, ground: &Ground<'_>, breaches: &mut Breaches) {
    let task = ground.task_name(task);
    breaches.now(Law::Throughput, format!("{task} {what}"));
}
