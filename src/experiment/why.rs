//! Where the hours of one site went in one replication: its binding chain.
//!
//! The chain is walked back from the hand-over: the last finished attempt, since when it could have
//! started and whom it waited for, what made it eligible then, and so on to when the site's batch
//! was taken, why not before, and the deletion. Its links tile the outage: each begins where the one
//! before it ends. (The criticality idea with resources, as in Bowers, "Identifying critical
//! activities in stochastic resource constrained networks", Omega 24, 1996.)

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::engine::{Engine, Outcome, Restoration};
use crate::experiment::{Aims, Design, Results, StrategyResults, run};
use crate::ids::{Id, SiteId, StrategyId};
use crate::plan::{Plan, PlanBase, StepLabel, compile, step_labels};
use crate::rng::Streams;
use crate::scenario::{Per, Scenario};
use crate::trace::{Log, TaskRef, TraceRecord};
use crate::units::{SimDuration, SimTime};

/// Where the hours of a site went.
#[derive(Clone, Debug, PartialEq)]
pub struct Why {
    /// When it was last deleted; `None` if it was spared.
    pub deleted_at: Option<SimTime>,
    /// How it ended.
    pub end: Restoration,
    /// The track that gave it back; empty where none did.
    pub restored_by: String,
    /// The chain from the deletion to the hand-over, in order; empty where it was not handed over.
    pub links: Vec<Link>,
}

/// A piece of the chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// When it begins.
    pub from: SimTime,
    /// When it ends.
    pub to: SimTime,
    /// What the time went into.
    pub cause: Cause,
    /// The track; empty where it is about none.
    pub track: String,
    /// The step; empty where it is about none.
    pub step: String,
    /// The teams that work, or the team, limit or milestone that is waited for.
    pub who: String,
}

/// What a piece of time went into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Work that was done at the first attempt.
    Work,
    /// Work that had to be done again.
    Rework,
    /// An attempt that failed.
    Failed,
    /// Waiting for people of a team.
    People,
    /// Waiting for units of a limit.
    Limit,
    /// Waiting until an inject was over.
    Inject,
    /// An attempt that paused, for want of people.
    Pause,
    /// Waiting for a slot in its track.
    Slot,
    /// Waiting for others of its batch.
    Batch,
    /// Waiting for the load of its shard: until somebody came to it, and while it ran.
    Load,
    /// Waiting for its track to open.
    Opening,
    /// What a track did before it gave the site up.
    GivenUp,
    /// What the log does not tell.
    Unknown,
}

/// Where the hours of a site went in one replication; `None` if the incident does not aim at it
/// in that one.
#[must_use]
pub fn why(
    scenario: &Scenario,
    strategy: StrategyId,
    seed: u64,
    replication: u64,
    site: SiteId,
) -> Option<Why> {
    let scenario = &*scenario.in_replication(replication);
    let place = scenario.incident.deleted.iter().position(|it| it.site == site)?;
    let plan = compile(scenario, strategy);
    let mut log = Log::default();
    let outcome = Engine::new(&plan).simulate(Streams::new(seed, replication), &mut log);
    let row = u32::try_from(place).expect("fewer than 2^32 sites");
    let deleted_at = outcome.deleted_at(place, scenario.incident.deleted[place].at);
    let end = outcome.restorations[place];
    let by = outcome.restored_by[place];
    let names: Vec<String> = plan.pools.iter().map(|it| it.name.clone()).collect();
    let mut walk = Walk {
        scenario,
        plan: &plan,
        labels: step_labels(scenario, strategy),
        pools: names,
        records: &log.records,
        of_task: BTreeMap::new(),
        row,
        floor: deleted_at.unwrap_or(SimTime::ZERO),
        links: Vec::new(),
    };
    walk.index();
    if let (Restoration::Restored(_), Some(_)) = (end, deleted_at) {
        walk.back();
    }
    walk.links.reverse();
    let restored_by = plan.tracks.get(usize::from(by)).map(|it| it.name.clone());
    Some(Why { deleted_at, end, restored_by: restored_by.unwrap_or_default(), links: walk.links })
}

/// The number of the replication in which the outage of a site is the median of `replications`,
/// those without an end last, and that outage; `None` where every replication draws its own sites.
#[must_use]
pub fn median_replication(
    scenario: &Scenario,
    strategy: StrategyId,
    seed: u64,
    replications: u32,
    site: SiteId,
) -> Option<(u64, Option<SimDuration>)> {
    if scenario.estate.is_redrawn() {
        return None;
    }
    let place = scenario.incident.deleted.iter().position(|it| it.site == site)?;
    let planned = scenario.incident.deleted[place].at;
    let design = Design { strategies: vec![strategy], replications, seed };
    let results = run(scenario, &design, &|| ());
    let outcomes = results.strategies[0].outcomes.iter().enumerate();
    let mut outages: Vec<(bool, Option<SimDuration>, usize)> = outcomes
        .filter_map(|(number, outcome)| {
            let deleted = outcome.deleted_at(place, planned)?;
            let end = outcome.restorations[place].restored_at();
            let outage = end.map(|it| it.saturating_since(deleted));
            Some((outage.is_none(), outage, number))
        })
        .collect();
    outages.sort_unstable();
    let middle = outages.len().checked_sub(1)? / 2;
    Some((outages[middle].2 as u64, outages[middle].1))
}

/// The site whose median outage is the longest, the first of those that are alike; one that never
/// comes back is out for longest. `None` where every replication draws its own sites, or where
/// none is deleted.
#[must_use]
pub fn out_longest(results: &Results, strategy: &StrategyResults) -> Option<SiteId> {
    let Aims::Same(sites) = &results.aims else { return None };
    let median = |place: usize| {
        let outage = |it: &Outcome| {
            let deleted = it.deleted_at(place, sites[place].at)?;
            let end = it.restorations[place].restored_at();
            Some(end.map_or(u64::MAX, |end| end.saturating_since(deleted).as_millis()))
        };
        let mut outages: Vec<u64> = strategy.outcomes.iter().filter_map(outage).collect();
        outages.sort_unstable();
        Some(outages[outages.len().checked_sub(1)? / 2])
    };
    let each = (0..sites.len()).filter_map(|place| Some((median(place)?, Reverse(place))));
    each.max().map(|(_, Reverse(place))| sites[place].site)
}

/// A place in the log up to which everything that follows has been explained.
#[derive(Clone, Copy, Debug)]
enum Node {
    /// An attempt ended.
    End(usize),
    /// The site was taken.
    Taken(usize),
    /// A track opened.
    Opened(usize),
}

/// What made a task eligible.
enum Spark {
    /// Something of the site itself.
    Own(Node),
    /// Something of others, after what of the site itself was the last.
    Others(Option<Node>),
}

struct Walk<'a> {
    scenario: &'a Scenario,
    plan: &'a Plan,
    labels: Vec<StepLabel>,
    pools: Vec<String>,
    records: &'a [(SimTime, TraceRecord)],
    /// The places in the log of what happened to each task.
    of_task: BTreeMap<TaskRef, Vec<usize>>,
    row: u32,
    /// When the site was deleted: what was before does not count.
    floor: SimTime,
    /// The last one first.
    links: Vec<Link>,
}

impl Walk<'_> {
    fn index(&mut self) {
        for (place, (_, record)) in self.records.iter().enumerate() {
            let task = match record {
                TraceRecord::Waited(it, _) | TraceRecord::Started(it) => it,
                TraceRecord::Finished(it) | TraceRecord::Failed(it) => it,
                TraceRecord::Paused(it) | TraceRecord::Resumed(it) => it,
                TraceRecord::Aborted(it) | TraceRecord::Takes(it, _) => it,
                _ => continue,
            };
            self.of_task.entry(*task).or_default().push(place);
        }
    }

    fn time(&self, place: usize) -> SimTime {
        self.records[place].0
    }

    /// Where the walk stands: all later than this is explained.
    fn reached(&self, restored: SimTime) -> SimTime {
        self.links.last().map_or(restored, |it| it.from)
    }

    /// Adds a link that ends where the last one begins, and cuts off what was before the deletion.
    fn link(&mut self, from: SimTime, to: SimTime, cause: Cause, names: [&str; 3]) {
        let from = from.max(self.floor);
        if from < to {
            let [track, step, who] = names.map(str::to_owned);
            self.links.push(Link { from, to, cause, track, step, who });
        }
    }

    fn back(&mut self) {
        let of_site = |it: &(SimTime, TraceRecord)| it.1 == TraceRecord::Restored(self.row);
        let Some(end) = self.records.iter().rposition(of_site) else { return };
        let restored = self.time(end);
        let mut next = self.handed_over_by(end);
        while let Some(node) = next {
            if self.reached(restored) <= self.floor {
                return;
            }
            next = match node {
                Node::End(place) => self.attempt(place),
                Node::Taken(place) => self.taken(place),
                Node::Opened(place) => self.opened(place),
            };
        }
        let reached = self.reached(restored);
        self.link(self.floor, reached, Cause::Unknown, ["", "", ""]);
    }

    /// The places before one in the log at the same instant, the nearest first.
    fn just_before(&self, place: usize, at: SimTime) -> impl Iterator<Item = usize> + use<'_> {
        (0..place)
            .rev()
            .skip_while(move |it| self.time(*it) > at)
            .take_while(move |it| self.time(*it) == at)
    }

    /// What ended when the site was handed over.
    fn handed_over_by(&self, end: usize) -> Option<Node> {
        let at = self.time(end);
        self.just_before(end, at).find_map(|place| match self.records[place].1 {
            TraceRecord::Finished(task) if self.is_own(task, place) => Some(Node::End(place)),
            TraceRecord::Taken { row, .. } if row == self.row => Some(Node::Taken(place)),
            _ => None,
        })
    }

    /// Whether a task is done for the site, for its batch, or once for all.
    fn is_own(&self, task: TaskRef, before: usize) -> bool {
        let step = &self.plan.steps[usize::from(task.step)];
        match step.per {
            Per::Once => true,
            Per::Batch => self.head(step.track, before) == Some(task.row),
            Per::Shard => false,
            Per::Site => task.row == self.row,
        }
    }

    /// The place where a track last took the site.
    fn taken_by(&self, track: u8, before: usize) -> Option<usize> {
        let own = |it: &(SimTime, TraceRecord)| matches!(it.1, TraceRecord::Taken { row, track: by, .. } if row == self.row && by == track);
        self.records[..before].iter().rposition(own)
    }

    /// The site in whose row the tasks of the batch stand in which a track has the site.
    fn head(&self, track: u8, before: usize) -> Option<u32> {
        self.heads(track, before).last().map(|it| it.1)
    }

    /// The same with those before it, each with the place in the log from which on it was so.
    fn heads(&self, track: u8, before: usize) -> Vec<(usize, u32)> {
        let taken = self.taken_by(track, before).map(|it| self.records[it].1);
        let Some(TraceRecord::Taken { batch, .. }) = taken else { return Vec::new() };
        let mut heads = Vec::new();
        for (place, (_, record)) in self.records[..before].iter().enumerate() {
            match *record {
                TraceRecord::Taken { row, batch: own, .. } if own == batch && heads.is_empty() => {
                    heads.push((place, row));
                }
                TraceRecord::PassedOn { row, batch: own } if own == batch => {
                    heads.push((place, row));
                }
                _ => {}
            }
        }
        heads
    }

    /// Since when attempts at a task count as attempts at the same work: a site that is taken again
    /// is restored from the start.
    fn begun(&self, task: TaskRef, before: usize) -> usize {
        let step = &self.plan.steps[usize::from(task.step)];
        if matches!(step.per, Per::Once | Per::Shard) {
            return 0;
        }
        let taken = |it: &(SimTime, TraceRecord)| matches!(it.1, TraceRecord::Taken { row, track, .. } if row == task.row && track == step.track);
        self.records[..before].iter().rposition(taken).unwrap_or(0)
    }

    /// An attempt that ended at this place: its work, its pauses, and what it waited for.
    fn attempt(&mut self, place: usize) -> Option<Node> {
        let (mut to, record) = self.records[place];
        let (task, failed) = match record {
            TraceRecord::Failed(task) => (task, true),
            TraceRecord::Finished(task) | TraceRecord::Aborted(task) => (task, false),
            _ => return None,
        };
        let own = self.of_task[&task].clone();
        let nth = own.iter().position(|it| *it == place).expect("it happened to the task");
        let begun = self.begun(task, place);
        let starts =
            |it: &&usize| **it > begun && matches!(self.records[**it].1, TraceRecord::Started(_));
        let attempts = own[..nth].iter().filter(starts).count();
        let cause = match (failed, attempts) {
            (true, _) => Cause::Failed,
            (false, ..=1) => Cause::Work,
            (false, _) => Cause::Rework,
        };
        let label = self.labels[usize::from(task.step)].clone();
        let names = [label.track.as_str(), label.step.as_str(), label.team.as_str()];
        for place in own[..nth].iter().rev().copied() {
            let at = self.time(place);
            match self.records[place].1 {
                TraceRecord::Started(_) => {
                    self.link(at, to, cause, names);
                    let eligible = self.waited(task, place, &label);
                    return self.spark(task, eligible, place, &label);
                }
                TraceRecord::Resumed(_) => self.link(at, to, cause, names),
                TraceRecord::Paused(_) => self.link(at, to, Cause::Pause, names),
                _ => continue,
            }
            to = at;
        }
        None
    }

    /// Adds what an attempt waited for before it started, and says when it became eligible.
    fn waited(&mut self, task: TaskRef, start: usize, label: &StepLabel) -> SimTime {
        let at = self.time(start);
        let millis = match self.records[..start].last() {
            Some((_, TraceRecord::Waited(it, millis))) if *it == task => *millis,
            _ => return at,
        };
        let since = SimTime::from_millis(at.as_millis() - millis);
        let (cause, who) = self.blocked_by(task, start);
        self.link(since, at, cause, [&label.track, &label.step, &who]);
        since
    }

    /// The pools of which the attempt at a task takes something that is under way at a record.
    fn needs(&self, task: TaskRef, place: usize) -> Vec<usize> {
        let step = usize::from(task.step);
        let variants = self.plan.details[step].variants.as_ref();
        let usual = variants.map_or(self.plan.steps[step].demand, |it| it.of(task.row).all);
        let told = self.of_task[&task].iter().rev().filter(|it| **it <= place);
        let taken = told.map(|it| self.records[*it].1).find_map(|record| match record {
            TraceRecord::Takes(_, demand) => Some(demand),
            _ => None,
        });
        let held = taken.and(variants).map_or(0, |it| it.of(task.row).held);
        let units = |demand: u16| {
            let (first, others) = self.plan.demands.units(usize::from(demand));
            std::iter::once(first).chain(others.iter().copied())
        };
        let all = units(taken.unwrap_or(usual)).chain(units(held));
        all.filter(|(_, units)| *units > 0).map(|(pool, _)| usize::from(pool)).collect()
    }

    /// Whom an attempt waited for: the pool of which something became free when it started.
    fn blocked_by(&self, task: TaskRef, start: usize) -> (Cause, String) {
        let own = self.needs(task, start);
        let is_gate = |pool: usize| (self.plan.first_gate..self.plan.first_part).contains(&pool);
        let freed = self.just_before(start, self.time(start)).find_map(|place| {
            let ended = match self.records[place].1 {
                TraceRecord::Finished(it) | TraceRecord::Failed(it) => it,
                TraceRecord::Aborted(it) | TraceRecord::Paused(it) => it,
                _ => return None,
            };
            let theirs = self.needs(ended, place);
            own.iter().copied().find(|it| theirs.contains(it) && !is_gate(*it))
        });
        // Nobody made room, so more came; or a gate opened.
        let gate = || own.iter().copied().find(|it| is_gate(*it));
        let ended = |place: usize| match self.records[place].1 {
            TraceRecord::InjectEnded(index) => Some(index),
            _ => None,
        };
        let inject = self.just_before(start, self.time(start)).find_map(ended);
        if let (None, Some(_), Some(inject)) = (freed, gate(), inject) {
            return (Cause::Inject, self.scenario.injects[inject as usize].title.clone());
        }
        match freed.or_else(|| own.first().copied()) {
            Some(pool) if !is_gate(pool) => {
                let cause =
                    if self.plan.pools[pool].is_team { Cause::People } else { Cause::Limit };
                (cause, self.pools[pool].clone())
            }
            _ => (Cause::Unknown, String::new()),
        }
    }

    /// The tasks of the site itself that come right before a task, each with the part of the log in
    /// which it was the site's.
    fn before(&self, task: TaskRef, place: usize) -> Vec<(TaskRef, std::ops::Range<usize>)> {
        let plan = self.plan;
        let kind = usize::from(plan.sites[self.row as usize].profile);
        let profile = &plan.profiles[kind];
        let own = usize::from(task.step);
        let precedes = |earlier: usize| {
            profile.successors_of(earlier).contains(&task.step)
                || plan.batch_successors[earlier].contains(&task.step)
                || plan.once_successors[earlier].contains(&task.step)
                || plan.once_predecessors[own].iter().any(|it| usize::from(*it) == earlier)
                || plan.is_behind(kind, task.step, earlier)
        };
        let comes_before = |earlier: &usize| {
            let stands_in_for = plan.details[*earlier].stands_in_for;
            precedes(*earlier) || stands_in_for.is_some_and(|it| precedes(usize::from(it)))
        };
        let mut tasks = Vec::new();
        for step in (0..plan.steps.len()).filter(comes_before) {
            let number = u16::try_from(step).expect("at most 4,000 steps");
            let task = |row: u32| TaskRef { row, step: number };
            match plan.steps[step].per {
                Per::Once => tasks.push((task(0), 0..place)),
                Per::Batch => {
                    let heads = self.heads(plan.steps[step].track, place);
                    let ends = heads.iter().skip(1).map(|it| it.0).chain([place]);
                    let parts = heads.iter().zip(ends);
                    tasks.extend(parts.map(|((from, row), to)| (task(*row), *from..to)));
                }
                _ => tasks.push((task(self.row), 0..place)),
            }
        }
        tasks
    }

    /// The last thing of the site itself, up to an instant, that a task waited for.
    fn last_own(&self, task: TaskRef, at: SimTime, start: usize) -> Option<Node> {
        let step = &self.plan.steps[usize::from(task.step)];
        let early = |place: &usize| *place < start && self.time(*place) <= at;
        let finished = self.before(task, start).into_iter().filter_map(|(it, part)| {
            let places = self.of_task.get(&it)?;
            let done = |place: &&usize| {
                part.contains(*place)
                    && early(place)
                    && matches!(self.records[**place].1, TraceRecord::Finished(_))
            };
            places.iter().rev().find(done).copied()
        });
        let finished = finished.max();
        let taken = match step.per {
            Per::Once => None,
            _ => self.taken_by(step.track, start).filter(|place| early(place)),
        };
        let opened = match step.per {
            Per::Once => self.opening(step.track, start).filter(|place| early(place)),
            _ => None,
        };
        let node = [finished.map(Node::End), taken.map(Node::Taken), opened.map(Node::Opened)];
        node.into_iter().flatten().max_by_key(|it| match it {
            Node::End(place) | Node::Taken(place) | Node::Opened(place) => *place,
        })
    }

    /// What made a task eligible at an instant; adds the wait for others, if it was they.
    fn spark(
        &mut self,
        task: TaskRef,
        at: SimTime,
        start: usize,
        label: &StepLabel,
    ) -> Option<Node> {
        match self.sparked_by(task, at, start) {
            Spark::Own(node) => Some(node),
            Spark::Others(node) => {
                let since = node.map_or(self.floor, |it| match it {
                    Node::End(place) | Node::Taken(place) | Node::Opened(place) => self.time(place),
                });
                let per_batch = self.plan.steps[usize::from(task.step)].per == Per::Batch;
                let loaded = self.load(at, start);
                let (cause, who) = match loaded {
                    Some(load) => (Cause::Load, load),
                    None if per_batch => (Cause::Batch, String::new()),
                    None => (Cause::Unknown, String::new()),
                };
                self.link(since, at, cause, [&label.track, &label.step, &who]);
                node
            }
        }
    }

    /// The load of one of the site's shards that came to stand at an instant.
    fn load(&self, at: SimTime, start: usize) -> Option<String> {
        self.just_before(start, at).find_map(|place| match self.records[place].1 {
            TraceRecord::Finished(it)
                if self.plan.steps[usize::from(it.step)].per == Per::Shard
                    && self.plan.loads.of(it.step, it.row)
                        == self.plan.loads.of(it.step, self.row) =>
            {
                let shard =
                    self.plan.loads.loads[self.plan.loads.of(it.step, it.row) as usize].shard;
                Some(format!("{}#{shard}", self.labels[usize::from(it.step)].step))
            }
            _ => None,
        })
    }

    fn sparked_by(&self, task: TaskRef, at: SimTime, start: usize) -> Spark {
        // A failure that sent the task back comes after all that had let it go before.
        let sent_back = self.just_before(start, at).find(|place| match self.records[*place].1 {
            TraceRecord::Failed(finder) => self.is_own(finder, *place),
            _ => false,
        });
        let last = self.last_own(task, at, start);
        let place = last.map(|it| match it {
            Node::End(place) | Node::Taken(place) | Node::Opened(place) => place,
        });
        match (sent_back, place) {
            (Some(failed), own) if own.is_none_or(|own| own < failed) => {
                Spark::Own(Node::End(failed))
            }
            (_, Some(own)) if self.time(own) == at => Spark::Own(last.expect("it has a place")),
            _ => Spark::Others(last),
        }
    }

    fn opening(&self, track: u8, before: usize) -> Option<usize> {
        let opened = |it: &(SimTime, TraceRecord)| it.1 == TraceRecord::Opened(track);
        self.records[..before].iter().rposition(opened)
    }

    /// Why the site was not taken before.
    fn taken(&mut self, place: usize) -> Option<Node> {
        let (at, TraceRecord::Taken { track, .. }) = self.records[place] else { return None };
        let plan = &self.plan.tracks[usize::from(track)];
        let done = plan.once_steps.iter().filter_map(|step| {
            let places = self.of_task.get(&TaskRef { row: 0, step: *step })?;
            let finished = |it: &&usize| {
                **it < place && matches!(self.records[**it].1, TraceRecord::Finished(_))
            };
            places.iter().rev().find(finished).copied()
        });
        let given_up = self.given_up(track, place);
        let candidates = [
            self.opening(track, place).map(Node::Opened),
            given_up.map(|(_, closed)| Node::Taken(closed)),
            done.max().map(Node::End),
        ];
        let place_of = |it: &Node| match it {
            Node::End(place) | Node::Taken(place) | Node::Opened(place) => *place,
        };
        let last = candidates.into_iter().flatten().max_by_key(place_of);
        let since = last.map_or(self.floor, |it| self.time(place_of(&it)));
        let name = plan.name.clone();
        self.link(since, at, Cause::Slot, [&name, "", ""]);
        match (last?, given_up) {
            (Node::Taken(_), Some((taken, closed))) => {
                let TraceRecord::Taken { track, .. } = self.records[taken].1 else { return None };
                let name = self.plan.tracks[usize::from(track)].name.clone();
                let times = (self.time(taken), self.time(closed));
                self.link(times.0, times.1, Cause::GivenUp, [&name, "", ""]);
                Some(Node::Taken(taken))
            }
            (node, _) => Some(node),
        }
    }

    /// Where a claiming track took the site before, and where that track closed or the site was
    /// deleted again.
    fn given_up(&self, track: u8, place: usize) -> Option<(usize, usize)> {
        let claims = |it: u8| self.plan.tracks[usize::from(it)].claims;
        let before = |it: &(SimTime, TraceRecord)| match it.1 {
            TraceRecord::Taken { row, track: by, .. } => {
                row == self.row && claims(by) && it.0 >= self.floor
            }
            _ => false,
        };
        let taken = self.records[..place].iter().rposition(before).filter(|_| claims(track))?;
        let TraceRecord::Taken { track: by, .. } = self.records[taken].1 else { return None };
        let ends = [TraceRecord::Closed(by), TraceRecord::Deleted(self.row)];
        let closed = |it: &(SimTime, TraceRecord)| ends.contains(&it.1);
        Some((taken, taken + self.records[taken..place].iter().rposition(closed)?))
    }

    /// What a track waited for before it opened.
    fn opened(&mut self, place: usize) -> Option<Node> {
        let (at, TraceRecord::Opened(track)) = self.records[place] else { return None };
        let plan = &self.plan.tracks[usize::from(track)];
        let name = plan.name.clone();
        let (node, who) = match plan.opens.base {
            PlanBase::Start => (None, String::new()),
            PlanBase::Milestone(index) => {
                let milestone = crate::ids::MilestoneId::new(index);
                (None, self.scenario.incident.milestones[milestone].name.clone())
            }
            PlanBase::Step(step) => {
                let places = self.of_task.get(&TaskRef { row: 0, step });
                let finished = |it: &&usize| {
                    **it < place && matches!(self.records[**it].1, TraceRecord::Finished(_))
                };
                let done = places.and_then(|it| it.iter().find(finished)).copied();
                (done.map(Node::End), self.labels[usize::from(step)].step.clone())
            }
        };
        let since = match node {
            Some(Node::End(place)) => self.time(place),
            _ => self.floor,
        };
        self.link(since, at, Cause::Opening, [&name, "", &who]);
        node
    }
}
