//! What went wrong and who puts it right: failures are found at the end of an attempt or by a later
//! step, work is sent back, and what fails too often is taken over by others.

mod rules;

use crate::plan::Plan;

/// Something that is found wrong at the end of an attempt.
#[derive(Clone, Copy, Debug)]
struct Found {
    /// The step that went wrong.
    step: u16,
    /// The place of the step that found it among those that can.
    finder: u16,
    /// Whether others take over.
    escalates: bool,
}

/// What has been done before, and what is remembered of what went wrong.
#[derive(Clone, Debug)]
pub(super) struct Rework {
    /// Whether each task has been done before, by row, then step; only there if a later
    /// failure can send a step back.
    completed_before: Vec<bool>,
    /// What is remembered of what went wrong in each task, a bit each, by row, then step; only
    /// there if something can go wrong and not be found at once, or escalate.
    marks: Vec<u8>,
    /// Room for what is found at the end of an attempt.
    found: Vec<Found>,
}

impl Rework {
    pub(super) fn new(plan: &Plan) -> Self {
        let tasks = plan.sites.len() * plan.steps.len();
        let remembers = plan.steps.iter().any(|step| step.recurs);
        let marks = plan.steps.iter().any(|step| step.escalates)
            || plan.details.iter().any(|detail| !detail.finds.is_empty());
        Self {
            completed_before: vec![false; if remembers { tasks } else { 0 }],
            marks: vec![0; if marks { tasks } else { 0 }],
            found: Vec::new(),
        }
    }

    /// Nothing has happened yet to the tasks at these places.
    pub(super) fn forget(&mut self, places: std::ops::Range<usize>) {
        if !self.completed_before.is_empty() {
            self.completed_before[places.clone()].fill(false);
        }
        if !self.marks.is_empty() {
            self.marks[places].fill(0);
        }
    }

    /// What has happened to the task at one place has happened to that at another.
    pub(super) fn pass_on(&mut self, from: usize, to: usize) {
        if let Some(before) = self.completed_before.get(from).copied() {
            self.completed_before[to] = before;
        }
        if let Some(marks) = self.marks.get(from).copied() {
            self.marks[to] = marks;
        }
    }

    /// Notes that a task that may recur is done; says whether it was before.
    #[inline(always)]
    pub(super) fn complete(&mut self, place: usize) -> bool {
        std::mem::replace(&mut self.completed_before[place], true)
    }
}
