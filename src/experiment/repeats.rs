//! Listens to attempts: which were done again, what practice left of their time, and whether
//! machines did them.
//!
//! The engine keeps none of that; what it decides from is told to recorders, and kept here in the
//! same way: a completion counts once it is told, and a step is automated from then on.

use std::collections::BTreeMap;

use crate::plan::{Plan, PlanBase};
use crate::scenario::Per;
use crate::trace::{Recorder, TaskRef, TraceRecord};
use crate::units::SimTime;

/// A completed attempt by people at a step that gets faster by practice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Completion {
    /// The first step that is the same work.
    pub step: u16,
    /// The number of the completion of that work, from 1.
    pub number: u32,
    /// How long it ran, in milliseconds, without pauses.
    pub length: u64,
    /// What practice had left of its time when it began, at most 1.
    pub left: f64,
}

/// Listens to replications of a plan, one after the other.
pub(super) struct Watcher<'p> {
    plan: &'p Plan,
    /// What is known of each task, by row, then step.
    tasks: Vec<Attempt>,
    /// Completions of each kind of work, by its first step.
    completed: Vec<u32>,
    automated: Vec<bool>,
    /// The row in which the tasks of each batch stand, and its track.
    heads: BTreeMap<u32, (u32, u8)>,
    /// Time that attempts ran at each step which were not the first at their task, in milliseconds.
    pub again: Vec<u64>,
    /// Completed attempts at steps that learn.
    pub completions: Vec<Completion>,
    /// When each attempt began at a step that may be automated, whether by a machine, and the step.
    pub begun: Vec<(SimTime, bool, u16)>,
}

/// The last attempt at a task.
#[derive(Clone, Copy, Debug, Default)]
struct Attempt {
    /// How many there have been since work on the task began.
    number: u8,
    under_way: bool,
    by_machine: bool,
    /// Since when it has been running; none while it pauses.
    since: Option<SimTime>,
    /// How long it ran before that, in milliseconds.
    ran: u64,
    left: f64,
}

impl<'p> Watcher<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        let steps = plan.steps.len();
        Self {
            plan,
            tasks: vec![Attempt::default(); steps * plan.sites.len().max(1)],
            completed: vec![0; steps],
            automated: vec![false; steps],
            heads: BTreeMap::new(),
            again: vec![0; steps],
            completions: Vec::new(),
            begun: Vec::new(),
        }
    }

    /// Forgets what it knows; the next replication reaches its milestones at these instants.
    pub(super) fn reset(&mut self, milestones: &[SimTime]) {
        self.tasks.fill(Attempt::default());
        self.completed.fill(0);
        self.automated.fill(false);
        for (step, base) in &self.plan.automations {
            // A milestone at T+0 is told after the first attempts, and counts for them.
            self.automated[usize::from(*step)] |= match base {
                PlanBase::Start => true,
                PlanBase::Milestone(index) => milestones.get(*index) == Some(&SimTime::ZERO),
                PlanBase::Step(_) => false,
            };
        }
        self.heads.clear();
        self.again.fill(0);
        self.completions.clear();
        self.begun.clear();
    }

    fn place(&self, task: TaskRef) -> usize {
        task.row as usize * self.plan.steps.len() + usize::from(task.step)
    }

    /// An attempt begins. Every factor is fixed now.
    fn begin(&mut self, at: SimTime, task: TaskRef) {
        let step = usize::from(task.step);
        let it = &self.plan.steps[step];
        let done = self.completed[usize::from(it.learns_as)];
        let learning = self.plan.details[step].learning.as_ref().filter(|_| it.learns);
        let left = learning.map_or(1.0, |learning| learning.after(done));
        let by_machine = it.automatable && self.automated[step];
        let place = self.place(task);
        let number = self.tasks[place].number.saturating_add(1);
        self.tasks[place] =
            Attempt { number, under_way: true, by_machine, since: Some(at), ran: 0, left };
        if it.automatable {
            self.begun.push((at, by_machine, task.step));
        }
    }

    /// An attempt runs no more for now, or for good.
    fn stop(&mut self, at: SimTime, task: TaskRef) {
        let place = self.place(task);
        let attempt = &mut self.tasks[place];
        let Some(since) = attempt.since.take() else { return };
        let ran = at.saturating_since(since).as_millis();
        attempt.ran += ran;
        if attempt.number > 1 {
            self.again[usize::from(task.step)] += ran;
        }
    }

    fn finish(&mut self, task: TaskRef) {
        let place = self.place(task);
        let attempt = self.tasks[place];
        self.tasks[place].under_way = false;
        let it = &self.plan.steps[usize::from(task.step)];
        let first = usize::from(it.learns_as);
        self.complete(task.step);
        if it.learns && attempt.under_way && !attempt.by_machine {
            let Attempt { ran: length, left, .. } = attempt;
            let number = self.completed[first];
            self.completions.push(Completion { step: it.learns_as, number, length, left });
        }
        // Who takes over completes the work in whose place it is done, too.
        if let Some(failing) = self.plan.details[usize::from(task.step)].stands_in_for {
            self.complete(failing);
        }
        if it.per == Per::Once {
            self.automate_after(PlanBase::Step(task.step));
        }
    }

    fn complete(&mut self, step: u16) {
        let it = &self.plan.steps[usize::from(step)];
        let first = usize::from(it.learns_as);
        self.completed[first] += 1;
        if it.counts_runs {
            for (runs, step) in &self.plan.details[first].automates {
                self.automated[usize::from(*step)] |= *runs <= self.completed[first];
            }
        }
    }

    fn automate_after(&mut self, base: PlanBase) {
        for (step, _) in self.plan.automations.iter().filter(|it| it.1 == base) {
            self.automated[usize::from(*step)] = true;
        }
    }

    /// Work on a row begins anew: what was done before was not the same work.
    fn take(&mut self, row: u32, track: u8, batch: u32) {
        self.heads.entry(batch).or_insert((row, track));
        for step in self.plan.tracks[usize::from(track)].steps.clone() {
            if matches!(self.plan.steps[step].per, Per::Site | Per::Batch) {
                self.tasks[row as usize * self.plan.steps.len() + step] = Attempt::default();
            }
        }
    }

    /// The tasks of a batch stand in another row from now on.
    fn pass_on(&mut self, row: u32, batch: u32) {
        let Some((old, track)) = self.heads.get(&batch).copied() else { return };
        self.heads.insert(batch, (row, track));
        for step in &self.plan.tracks[usize::from(track)].batch_steps {
            let from = self.place(TaskRef { row: old, step: *step });
            let to = self.place(TaskRef { row, step: *step });
            self.tasks[to] = std::mem::take(&mut self.tasks[from]);
        }
    }
}

impl Recorder for Watcher<'_> {
    fn record(&mut self, at: SimTime, record: TraceRecord) {
        match record {
            TraceRecord::Milestone(index) => {
                self.automate_after(PlanBase::Milestone(index as usize));
            }
            TraceRecord::Taken { row, track, batch } => self.take(row, track, batch),
            TraceRecord::PassedOn { row, batch } => self.pass_on(row, batch),
            TraceRecord::Started(task) => self.begin(at, task),
            TraceRecord::Resumed(task) => {
                let place = self.place(task);
                self.tasks[place].since = Some(at);
            }
            TraceRecord::Paused(task) => self.stop(at, task),
            TraceRecord::Finished(task) => {
                self.stop(at, task);
                self.finish(task);
            }
            TraceRecord::Failed(task) | TraceRecord::Aborted(task) => {
                self.stop(at, task);
                let place = self.place(task);
                self.tasks[place].under_way = false;
            }
            TraceRecord::Unloaded(task) => {
                let place = self.place(task);
                self.tasks[place] = Attempt::default();
            }
            TraceRecord::Injected(_)
            | TraceRecord::InjectEnded(_)
            | TraceRecord::Opened(_)
            | TraceRecord::Closed(_)
            | TraceRecord::Waited(..)
            | TraceRecord::Takes(..)
            | TraceRecord::Deleted(_)
            | TraceRecord::Escalated(_)
            | TraceRecord::Reached(_)
            | TraceRecord::Restored(_)
            | TraceRecord::Lost(_) => {}
        }
    }
}
