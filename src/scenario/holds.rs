//! Limits that a step keeps beyond its own end, and why nobody waits for ever because of them.
//!
//! A limit that some step of the scenario holds is a *held* limit, and its rank is its place in
//! `[limits]`. Whoever holds one and still has to start something on the way to giving it back may
//! only start what takes held limits of a higher rank; that is what [`check`] sees to. Then some
//! task can always start. Suppose that nothing runs, that nothing is about to happen, and that
//! something is held; look at the held limit of the highest rank, and at the first task that has to
//! start before it is given back. What comes before that task is done, for it waits for no other
//! site (no `batch` step) and no other track. If it needs a load, the load's task is in its place.
//! All people are free, since nobody is held while waiting; so are the limits that nothing holds,
//! and those of a higher rank, since the highest that is held is lower. A task never needs more
//! than there is at most. So the task starts, which contradicts that nothing runs. Slots of batches
//! rank lowest of all: no task takes one, so a batch may wait for anything. (A capacity that falls
//! to zero for good is no deadlock, but a recovery without an end.)

use crate::ids::{LimitId, StepId};

/// Units of limits that a step keeps, and the step until which it does.
pub(crate) type Holds = (Vec<(LimitId, u32)>, Option<StepId>);
