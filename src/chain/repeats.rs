//! Listens to attempts: which were done again, what practice left of their time, and whether
//! machines did them.

use crate::plan::Plan;
use crate::trace::{End, Practice, Recorder, Start, TaskRef, TraceRecord};
use crate::units::SimTime;

/// A completed attempt by people at a step that gets faster by practice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Completion {
    /// The first step that is the same work.
    pub step: u16,
    /// The number of the completion of that work, from 1.
    pub number: u32,
    /// How long it ran, in milliseconds, without pauses.
    pub length: u64,
    /// What practice had left of its time when it began, at most 1.
    pub left: f64,
}

/// What was heard of one exercise.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Watched {
    /// Time that attempts ran at each step which did again what had failed, in milliseconds.
    pub again: Vec<u64>,
    /// Completed attempts at steps that learn.
    pub completions: Vec<Completion>,
    /// When each attempt began at a step that may be automated, whether by a machine, and the step.
    pub begun: Vec<(SimTime, bool, u16)>,
}

/// Listens to replications of a plan, one after the other.
pub(crate) struct Watcher<'p> {
    plan: &'p Plan,
    /// The last attempt at each task, by row, then step.
    attempts: Vec<Attempt>,
    again: Vec<u64>,
    completions: Vec<Completion>,
    begun: Vec<(SimTime, bool, u16)>,
}

/// The last attempt at a task.
#[derive(Clone, Copy, Debug, Default)]
struct Attempt {
    again: bool,
    by_machine: bool,
    /// How long it has run, in milliseconds.
    ran: u64,
    practised: f64,
}

impl<'p> Watcher<'p> {
    pub(crate) fn new(plan: &'p Plan) -> Self {
        let steps = plan.steps.len();
        Self {
            plan,
            attempts: vec![Attempt::default(); steps * plan.sites.len().max(1)],
            again: vec![0; steps],
            completions: Vec::new(),
            begun: Vec::new(),
        }
    }

    /// Forgets what it knows.
    pub(crate) fn reset(&mut self) {
        self.again.fill(0);
        self.completions.clear();
        self.begun.clear();
    }

    /// What was heard since it last forgot.
    pub(crate) fn watched(&mut self) -> Watched {
        Watched {
            again: self.again.clone(),
            completions: std::mem::take(&mut self.completions),
            begun: std::mem::take(&mut self.begun),
        }
    }

    fn place(&self, task: TaskRef) -> usize {
        task.row as usize * self.plan.steps.len() + usize::from(task.step)
    }

    fn start(&mut self, at: SimTime, start: &Start) {
        let Start { task, again, by_machine, practised, .. } = *start;
        let place = self.place(task);
        self.attempts[place] = Attempt { again, by_machine, ran: 0, practised };
        if self.plan.steps[usize::from(task.step)].automatable {
            self.begun.push((at, by_machine, task.step));
        }
    }

    /// An attempt runs no more for now, or for good.
    fn stop(&mut self, end: &End) {
        let place = self.place(end.task);
        let attempt = &mut self.attempts[place];
        let ran = end.ran.unwrap_or(0);
        attempt.ran += ran;
        if attempt.again {
            self.again[usize::from(end.task.step)] += ran;
        }
    }

    fn finish(&mut self, task: TaskRef, practice: Practice) {
        let Attempt { by_machine, ran: length, practised: left, .. } =
            self.attempts[self.place(task)];
        if self.plan.steps[usize::from(task.step)].learns && !by_machine {
            let Practice { work: step, completions: number } = practice;
            self.completions.push(Completion { step, number, length, left });
        }
    }
}

impl Recorder for Watcher<'_> {
    fn record(&mut self, at: SimTime, record: TraceRecord) {
        match record {
            TraceRecord::Started(start) => self.start(at, &start),
            TraceRecord::Paused(end)
            | TraceRecord::Failed(end)
            | TraceRecord::Aborted(end)
            | TraceRecord::FoundNothing(end) => self.stop(&end),
            TraceRecord::Finished(end, practice) => {
                self.stop(&end);
                self.finish(end.task, practice);
            }
            _ => {}
        }
    }
}
