//! One replication: a `Plan` and random numbers in, an [`Outcome`](crate::trace::Outcome) out. Cannot
//! fail.
//!
//! The loop, in `instants`, has three phases. The clock moves to the next instant; every event of
//! that instant is handled, in order; then tracks take sites and, once, whatever has become possible
//! starts. It goes on until nothing is left or the horizon is reached.
//!
//! `replication` says what all mechanisms share: tasks (`task`), batches (`batches`), pools
//! (`pool`), the list of events (`events`), the random numbers (`draws`) and the outcome. Beside that
//! every mechanism owns a struct of its own, in a folder of its own: `mod.rs` has the struct and what
//! others may ask it, `rules.rs` what the mechanism does with it in a replication. The fields are
//! private, so nobody outside of the folder reaches in.
//!
//! `attempts` has what happens to a task, `rework` what is done again, `tracks` what happens to
//! batches and sites, `milestones` what is counted from when, `deletions` which sites are gone and
//! since when, `recovery` how much data comes back (and `backups` from what), `loads` what sites of
//! one shard share, `holds` what tasks keep beyond their end, `dispatch` who starts next (and `turns` whose turn it is), `capacities`
//! what numbers change over time, `shifts` who pauses and goes on, `throughput` what shares bandwidth,
//! `factors` what makes work longer or shorter, `automation` what machines take over, `injects` what
//! the exercise throws in, `contact` who has been told. Nothing is allocated for an event: an `Engine`
//! keeps its arrays from one replication to the next.

mod attempts;
mod automation;
mod backups;
mod batches;
mod capacities;
mod contact;
mod deletions;
mod dispatch;
mod draws;
mod events;
mod factors;
mod holds;
mod injects;
mod instants;
mod loads;
mod milestones;
mod pool;
mod recovery;
mod replication;
mod rework;
mod shifts;
mod task;
mod throughput;
mod tracks;
mod turns;

pub(crate) use self::injects::dated_injects;
pub(crate) use self::replication::Engine;
