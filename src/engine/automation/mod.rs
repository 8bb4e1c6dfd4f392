//! What people do by hand until a machine does it: from a moment on the attempts of a step take less
//! time, and fewer people or nobody.
//!
//! What an attempt takes is fixed when it starts, so a switch leaves alone what runs. What waits for
//! people waits from then on for those who are still needed, at the place in the queue that it had.

mod rules;

use crate::plan::Plan;

/// What machines do by now.
#[derive(Clone, Debug)]
pub(super) struct Automation {
    /// Whether each step is automated by now.
    automated: Vec<bool>,
    /// Whether each task is done as automated, by row, then step; only there if some step may be.
    by_machine: Vec<bool>,
}

impl Automation {
    pub(super) fn new(plan: &Plan) -> Self {
        let any = plan.steps.iter().any(|it| it.automatable);
        let tasks = plan.sites.len() * plan.steps.len();
        Self {
            automated: vec![false; plan.steps.len()],
            by_machine: vec![false; if any { tasks } else { 0 }],
        }
    }

    /// A task that could start is done as its step is done by now.
    #[inline(always)]
    pub(super) fn begin_task(&mut self, place: usize, step: u16) {
        self.by_machine[place] = self.automated[usize::from(step)];
    }

    /// Whether a task is done as automated, unless it has escalated.
    #[inline(always)]
    pub(super) fn is_by_machine(&self, place: usize) -> bool {
        self.by_machine[place]
    }
}
