//! What becomes of work under way when there are fewer people than it needs: where the team hands
//! over, the youngest attempts pause and go on first when people are back; elsewhere whoever has a
//! task finishes it, which is overtime.
//!
//! A paused attempt keeps its limits and gives its people back, those of all its teams. It goes on
//! with the rest of its time to the millisecond, a transfer with the rest of its bytes. A gate that injects close pauses what is behind it
//! if it hands over.

mod ready;
mod rules;

use crate::engine::task::NONE;
use crate::plan::Plan;
use crate::trace::TaskRef;

use self::ready::Ready;

/// An attempt that runs and may have to pause.
#[derive(Clone, Copy, Debug)]
pub(super) struct Underway {
    pub task: TaskRef,
    /// When the attempt first started, in milliseconds; a pause does not make it younger.
    pub started: u64,
    /// When it will end if nothing comes between; never, of a transfer: that moves with others.
    pub ends: u64,
}

/// An attempt that pauses.
#[derive(Clone, Copy, Debug)]
struct Paused {
    /// What tells it from others in the queue: its start, then track, site and step.
    key: u128,
    task: TaskRef,
    started: u64,
    /// What is left of its time, in milliseconds; of a transfer, of its work.
    left: u128,
}

/// Attempts that may have to pause, and those that do.
#[derive(Clone, Debug, Default)]
pub(super) struct Pauses {
    /// In no order: the youngest is found by its start and its place in the plan.
    underway: Vec<Underway>,
    /// The place of each task among them, or among those that pause, by row, then step; only there
    /// if any step can pause.
    place: Vec<u32>,
    /// In no order.
    paused: Vec<Paused>,
    /// Those that pause, by what they need, the oldest first: the cost of letting them go on does
    /// not grow with the number of those that cannot. Some have been given up meanwhile.
    queue: Ready,
    /// Whether some of them might go on now.
    some_may_go_on: bool,
    /// Room for those among whom the youngest are looked for.
    youngest: Vec<(u64, u64, TaskRef)>,
}

impl Pauses {
    pub(super) fn new(plan: &Plan) -> Self {
        let any = plan.steps.iter().any(|step| step.pausable);
        let tasks = if any { plan.sites.len() * plan.steps.len() } else { 0 };
        let demands = plan.needs.demands.len();
        let queue = Ready::new(if tasks > 0 { demands } else { 0 });
        Self { place: vec![NONE; tasks], queue, ..Self::default() }
    }

    pub(super) fn clear(&mut self) {
        self.underway.clear();
        self.place.fill(NONE);
        self.paused.clear();
        self.queue.clear();
        self.some_may_go_on = false;
    }

    /// Whether any attempt that pauses might go on now.
    #[inline(always)]
    pub(super) fn some_may_go_on(&self) -> bool {
        self.some_may_go_on
    }

    /// Whether any attempt pauses.
    #[inline(always)]
    pub(super) fn are_there(&self) -> bool {
        !self.paused.is_empty()
    }

    /// Marks those that are paused with one of these demands to be tried again, because something that
    /// they need became free.
    pub(super) fn look_again_at_those(&mut self, demands: &[u16]) {
        self.queue.look_again_at(demands);
        self.some_may_go_on = !self.queue.is_settled();
    }
}
