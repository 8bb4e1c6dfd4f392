//! Who starts next: eligible tasks in the order of their ranks, greedily. A task that cannot start
//! now does not hold up those behind it.
//!
//! This is the parallel scheme of schedule generation. Greed can cost time: Graham's anomalies are
//! real here, and one more person can make a recovery longer. It is used all the same, because
//! people who see work that they can do will do it.

mod rules;

use crate::engine::turns::Turns;
use crate::plan::Plan;
use crate::trace::TaskRef;

/// Tasks that could start.
#[derive(Clone, Debug)]
pub(super) struct Eligible {
    /// Those that wait for what they need.
    waiting: Turns,
    /// Those that need nobody and start at the next dispatch.
    unbound: Vec<TaskRef>,
}

impl Eligible {
    pub(super) fn new(plan: &Plan) -> Self {
        Self { waiting: Turns::new(plan), unbound: Vec::new() }
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        self.unbound.clear();
    }
}
