//! Listens to one replication for what a [`Replay`](crate::review::replay::Replay) shows.

use crate::experiment::StepLabel;
use crate::plan::Plan;
use crate::review::packed::snapped;
use crate::review::replay::{BINS, BatchStory, Gauge, GaugeKind, MarkKind, Peaks, SiteStory};
use crate::scenario::Per;
use crate::trace::{Levels, Outcome, Recorder, TaskRef, TraceRecord};
use crate::units::SimTime;

/// No batch.
const NONE: u32 = u32::MAX;

/// How a number changes: from each instant in milliseconds on it is another.
type Course = Vec<(u64, u64)>;

/// Listens to one replication of a plan.
pub(crate) struct ReplayRecorder<'p> {
    plan: &'p Plan,
    stories: Vec<SiteStory>,
    /// The last batch that took each row for good, and its track.
    batch_of: Vec<(u32, u8)>,
    /// When the last of the stores of each row was restored.
    data_back: Vec<Option<SimTime>>,
    batches: Vec<Drafted>,
    /// Use and capacity of each team and limit, and of each track.
    pools: Vec<[Course; 2]>,
    tracks: Vec<[Course; 2]>,
    /// When tasks waited that need a pool: more or fewer from an instant on.
    waits: Vec<Vec<(u64, bool)>>,
    /// Whether each load is there or coming, and how many of each step are.
    loaded: Vec<bool>,
    loads: Vec<Course>,
    pub marks: Vec<(SimTime, MarkKind, usize)>,
}

/// A batch of a track that gives sites back.
struct Drafted {
    track: u8,
    number: u32,
    taken: SimTime,
    rows: Vec<u32>,
}

impl<'p> ReplayRecorder<'p> {
    pub(crate) fn new(plan: &'p Plan) -> Self {
        let rows = plan.sites.len();
        Self {
            plan,
            stories: vec![SiteStory::default(); rows],
            batch_of: vec![(NONE, u8::MAX); rows],
            data_back: vec![None; rows],
            batches: Vec::new(),
            pools: vec![Default::default(); plan.named_pools().len()],
            tracks: vec![Default::default(); plan.tracks.len()],
            waits: vec![Vec::new(); plan.named_pools().len()],
            loaded: vec![false; plan.loads.loads.len()],
            loads: vec![Course::new(); plan.steps.len()],
            marks: Vec::new(),
        }
    }

    fn taken(&mut self, at: SimTime, row: u32, track: u8, batch: u32) {
        if !self.plan.tracks[usize::from(track)].claims {
            return;
        }
        self.batch_of[row as usize] = (batch, track);
        self.data_back[row as usize] = None;
        let story = &mut self.stories[row as usize];
        *story = SiteStory {
            deleted: story.deleted,
            taken: Some(at),
            batch: Some(batch),
            ..SiteStory::default()
        };
        match self.batches.last_mut().filter(|it| it.number == batch) {
            Some(it) => it.rows.push(row),
            None => {
                self.batches.push(Drafted { track, number: batch, taken: at, rows: vec![row] });
            }
        }
    }

    /// The rows for which a task is done that a track does to give sites back.
    fn rows_of(&self, task: TaskRef) -> Vec<u32> {
        let step = &self.plan.steps[usize::from(task.step)];
        let Some((batch, track)) = self.batch_of.get(task.row as usize).copied() else {
            return Vec::new();
        };
        match step.per {
            Per::Site if track == step.track => vec![task.row],
            Per::Batch if track == step.track => {
                let drafted = self.batches.iter().rev().find(|it| it.number == batch);
                let rows = drafted.map_or(&[][..], |it| &it.rows);
                let mine = |row: &u32| self.batch_of[*row as usize].0 == batch;
                rows.iter().copied().filter(mine).collect()
            }
            _ => Vec::new(),
        }
    }

    fn started(&mut self, at: SimTime, task: TaskRef) {
        if self.plan.steps[usize::from(task.step)].per == Per::Shard {
            self.load(at, task, true);
        }
        for row in self.rows_of(task) {
            let story = &mut self.stories[row as usize];
            if story.back.is_none() && story.restoring.is_none() {
                story.restoring = Some(at);
            }
        }
    }

    fn finished(&mut self, at: SimTime, task: TaskRef) {
        if !self.plan.steps[usize::from(task.step)].restores {
            return;
        }
        for row in self.rows_of(task) {
            if self.stories[row as usize].back.is_none() {
                self.data_back[row as usize] = Some(at);
            }
        }
    }

    /// A load begins to come, or is freed.
    fn load(&mut self, at: SimTime, task: TaskRef, comes: bool) {
        let load = self.plan.loads.of(task.step, task.row) as usize;
        if std::mem::replace(&mut self.loaded[load], comes) != comes {
            let course = &mut self.loads[usize::from(task.step)];
            let before = course.last().map_or(0, |it| it.1);
            course.push((at.as_millis(), if comes { before + 1 } else { before - 1 }));
        }
    }

    /// A task has waited up to now for people and units.
    fn waited(&mut self, at: SimTime, millis: u64, pools: impl Iterator<Item = u16>) {
        if millis == 0 {
            return;
        }
        for pool in pools {
            let waits = &mut self.waits[usize::from(self.plan.whole(pool))];
            waits.push((at.as_millis() - millis, true));
            waits.push((at.as_millis(), false));
        }
    }

    /// What each site went through.
    pub(crate) fn stories(&self, outcome: &Outcome) -> Vec<SiteStory> {
        let one = |(row, story): (usize, &SiteStory)| {
            let planned = SimTime::from_millis(self.plan.sites[row].deleted_at);
            let deleted = outcome.deleted_at(row, planned);
            let end = story.back.or(story.lost).unwrap_or(SimTime::NEVER);
            let data_back = self.data_back[row].filter(|it| *it < end);
            SiteStory {
                deleted,
                validating: data_back.filter(|_| story.restoring.is_some()),
                ..*story
            }
        };
        self.stories.iter().enumerate().map(one).collect()
    }

    /// The batches that have still a site at the end.
    pub(crate) fn batches(&self, stories: &[SiteStory], tracks: &[String]) -> Vec<BatchStory> {
        let one = |drafted: &Drafted| {
            let rows = || {
                let mine = |row: &&u32| self.batch_of[**row as usize].0 == drafted.number;
                drafted.rows.iter().filter(mine).map(|row| *row as usize)
            };
            let all = |of: fn(&SiteStory) -> Option<SimTime>| -> Option<SimTime> {
                let times: Option<Vec<SimTime>> = rows().map(|row| of(&stories[row])).collect();
                times?.into_iter().max()
            };
            (rows().count() > 0).then(|| BatchStory {
                track: tracks[usize::from(drafted.track)].clone(),
                number: drafted.number,
                sites: u32::try_from(rows().count()).expect("fewer than 2^32 sites"),
                users: rows().map(|row| u64::from(self.plan.sites[row].users)).sum(),
                taken: drafted.taken,
                started: rows().filter_map(|row| stories[row].restoring).min(),
                validating: all(|it| it.validating),
                first_back: rows().filter_map(|row| stories[row].back).min(),
                last_back: all(|it| it.back),
            })
        };
        self.batches.iter().filter_map(one).collect()
    }

    /// How much of everything was in use up to an instant.
    pub(crate) fn gauges(
        &self,
        stories: &[SiteStory],
        steps: &[StepLabel],
        tracks: &[String],
        end: SimTime,
    ) -> Vec<Gauge> {
        let end = end.as_millis();
        let pools = self.plan.pools[..self.plan.named_pools().len()].iter().enumerate();
        let mut gauges: Vec<Gauge> = pools
            .map(|(place, pool)| {
                let [used, capacity] = &self.pools[place];
                let waiting = counted(&self.waits[place]);
                Gauge {
                    kind: if pool.is_team { GaugeKind::Team } else { GaugeKind::Limit },
                    name: pool.name.clone(),
                    capacity: means(capacity, end),
                    used: means(used, end),
                    waiting: means(&waiting, end),
                    peaks: peaks(used, &waiting, end),
                }
            })
            .collect();
        gauges.sort_by_key(|it| it.kind);
        let taking = |it: &usize| self.plan.tracks[*it].takes_sites;
        for place in (0..self.plan.tracks.len()).filter(taking) {
            let [used, slots] = &self.tracks[place];
            let waiting_to_be_taken = self.waiting_to_be_taken(stories, place);
            gauges.push(Gauge {
                kind: GaugeKind::Track,
                name: tracks[place].clone(),
                capacity: if slots.is_empty() { Vec::new() } else { means(slots, end) },
                used: means(used, end),
                waiting: means(&waiting_to_be_taken, end),
                peaks: peaks(used, &waiting_to_be_taken, end),
            });
        }
        for (course, label) in self.loads.iter().zip(steps).filter(|it| !it.0.is_empty()) {
            gauges.push(Gauge {
                kind: GaugeKind::Load,
                name: format!("{}.{}", label.track, label.step),
                capacity: Vec::new(),
                used: means(course, end),
                waiting: Vec::new(),
                peaks: peaks(course, &Course::new(), end),
            });
        }
        gauges
    }

    /// How many sites waited to be taken over time: those that the track took in the end, from their
    /// deletion until it did.
    fn waiting_to_be_taken(&self, stories: &[SiteStory], track: usize) -> Course {
        let mut changes = Vec::new();
        for (story, (_, by)) in stories.iter().zip(&self.batch_of) {
            if let (Some(deleted), Some(taken)) = (story.deleted, story.taken)
                && usize::from(*by) == track
                && deleted < taken
            {
                changes.push((deleted.as_millis(), true));
                changes.push((taken.as_millis(), false));
            }
        }
        counted(&changes)
    }
}

impl Recorder for ReplayRecorder<'_> {
    fn record(&mut self, at: SimTime, record: TraceRecord) {
        let mut mark = |kind: MarkKind, index: usize| self.marks.push((at, kind, index));
        match record {
            TraceRecord::Milestone(index) => mark(MarkKind::Milestone, index as usize),
            TraceRecord::Injected(index) => mark(MarkKind::Inject, index as usize),
            TraceRecord::InjectEnded(index) => mark(MarkKind::InjectEnded, index as usize),
            TraceRecord::Opened(track) => mark(MarkKind::Opened, usize::from(track)),
            TraceRecord::Closed(track) => mark(MarkKind::Closed, usize::from(track)),
            TraceRecord::Taken { row, track, batch } => self.taken(at, row, track, batch),
            TraceRecord::Started(start) => {
                let plan = self.plan;
                self.waited(at, start.waited, plan.units(start.takes).map(|it| it.0));
                self.started(at, start.task);
            }
            TraceRecord::Resumed(start) => {
                let plan = self.plan;
                self.waited(at, start.waited, plan.teams(start.takes));
            }
            TraceRecord::StillWaits { waited, takes, .. } => {
                let plan = self.plan;
                self.waited(at, waited, plan.units(takes).map(|it| it.0));
            }
            TraceRecord::Finished(end, _) => self.finished(at, end.task),
            TraceRecord::Aborted(end) | TraceRecord::FoundNothing(end)
                if self.plan.steps[usize::from(end.task.step)].per == Per::Shard =>
            {
                self.load(at, end.task, false);
            }
            TraceRecord::Unloaded(task) | TraceRecord::Cancelled(task) => {
                self.load(at, task, false);
            }
            TraceRecord::Deleted { row, .. } => {
                self.stories[row as usize] = SiteStory::default();
                self.batch_of[row as usize] = (NONE, u8::MAX);
                self.data_back[row as usize] = None;
            }
            TraceRecord::Restored(row) => self.stories[row as usize].back = Some(at),
            TraceRecord::Lost(row) => self.stories[row as usize].lost = Some(at),
            _ => {}
        }
    }

    fn settled(&mut self, at: SimTime, levels: &impl Levels) {
        let at = at.as_millis();
        for (pool, [used, capacity]) in self.pools.iter_mut().enumerate() {
            let (in_use, there) = levels.pool(pool);
            note(used, at, in_use);
            note(capacity, at, there);
        }
        for (track, [used, slots]) in self.tracks.iter_mut().enumerate() {
            let (in_flight, most) = levels.track(track);
            note(used, at, in_flight);
            if let Some(most) = most {
                note(slots, at, most);
            }
        }
    }
}

fn note(course: &mut Course, at: u64, number: u64) {
    if course.last().is_none_or(|it| it.1 != number) {
        course.push((at, number));
    }
}

/// How many there are, from when each comes and goes.
fn counted(changes: &[(u64, bool)]) -> Course {
    let mut changes = changes.to_vec();
    // Those that come at an instant come before those that go.
    changes.sort_unstable_by_key(|it| (it.0, !it.1));
    let mut course = Course::new();
    let mut number = 0;
    for (at, comes) in changes {
        number = if comes { number + 1 } else { number - 1 };
        match course.last_mut().filter(|it| it.0 == at) {
            Some(last) => last.1 = number,
            None => course.push((at, number)),
        }
    }
    course
}

fn peaks(used: &Course, waiting: &Course, end: u64) -> Peaks {
    let (waiting, waiting_at) = peak(waiting, end);
    let waiting_at = SimTime::from_millis(waiting_at);
    Peaks { used: peak(used, end).0, waiting, waiting_at }
}

/// The greatest number of a course up to an end that lasts at all, and when it first comes.
fn peak(course: &Course, end: u64) -> (u64, u64) {
    let until = course.iter().skip(1).map(|(at, _)| *at).chain([u64::MAX]);
    let lasting = course.iter().zip(until).filter(|((at, _), until)| at < until && *at < end);
    lasting.fold((0, 0), |most, ((at, number), _)| match *number > most.0 {
        true => (*number, *at),
        false => most,
    })
}

/// The means of a course over even parts of the time from T+0 to an end, as near as they can be
/// kept.
fn means(course: &Course, end: u64) -> Vec<f64> {
    snapped(&exact_means(course, end))
}

fn exact_means(course: &Course, end: u64) -> Vec<f64> {
    let edge = |bin: usize| end * bin as u64 / BINS as u64;
    let (mut next, mut number) = (0, 0);
    let mut mean = |bin: usize| {
        let (from, to) = (edge(bin), edge(bin + 1));
        let (mut at, mut sum) = (from, 0u128);
        while next < course.len() && course[next].0 < to.max(from + 1) {
            let change = course[next].0.max(from);
            sum += u128::from(number) * u128::from(change - at);
            (at, number) = (change, course[next].1);
            next += 1;
        }
        sum += u128::from(number) * u128::from(to.saturating_sub(at));
        match to - from {
            0 => number as f64,
            length => sum as f64 / length as f64,
        }
    };
    (0..BINS).map(&mut mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_weighs_each_number_by_how_long_it_lasts() {
        let end = 10 * BINS as u64;
        let course = vec![(0, 2), (5, 4), (10, 1), (25, 0)];
        let means = exact_means(&course, end);
        assert_eq!(means[..4], [3.0, 1.0, 0.5, 0.0]);
        assert_eq!(means.len(), BINS);
    }

    #[test]
    fn those_that_come_as_others_go_are_counted_once() {
        let course = counted(&[(5, true), (7, false), (7, true), (9, false)]);
        assert_eq!(course, [(5, 1), (7, 1), (9, 0)]);
    }

    #[test]
    fn where_no_time_passes_a_mean_is_what_is_there() {
        assert_eq!(means(&vec![(0, 3)], 0)[0], 3.0);
    }
}
