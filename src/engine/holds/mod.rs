//! What tasks keep beyond their own end: taken together with all else that the task needs, kept over
//! failures, given back when the step that it is for is done, when the site is given up, or when
//! others take over a step in between.

mod rules;

use crate::engine::task::NEVER;
use crate::plan::Plan;

/// Not held.
const FREE: u64 = NEVER;

/// What is kept beyond the end of tasks.
#[derive(Clone, Debug)]
pub(super) struct Holds {
    /// Since when what steps keep is held, by hold, then row.
    since: Vec<u64>,
}

impl Holds {
    pub(super) fn new(plan: &Plan) -> Self {
        Self { since: vec![FREE; plan.needs.holds.len() * plan.sites.len()] }
    }

    /// Nothing is held.
    pub(super) fn clear(&mut self) {
        self.since.fill(FREE);
    }
}
