//! One strategy compiled for one scenario: flat arrays for the engine.
//!
//! A task is a step for one target. Steps of all tracks of the strategy stand in one list, deleted
//! sites in another, and a task is a pair of the two: its number is `row * steps + step`. The task
//! of a `batch` step lies in the row of its batch's first site, that of a `shard` step in the row
//! of the first site that asks for its load, that of a `once` step in row 0.
//!
//! Sites with the same products that have lost the same of it have the same graph of steps, a
//! [`Profile`]: steps for services or products that they do not have, or have not lost, are left out
//! of it, and what waited for those waits for what they waited for.
//!
//! `compile` makes each part of a [`Plan`] from what it needs, and the whole at the end: `expand` lists
//! the steps of all tracks, `site_kind` says what sites may have lost, `sites` and `profile` what waits
//! for what in each of them, `needs` and `pool` what tasks need, `capacities` how much there is when,
//! `failure` what goes wrong and `ways` what becomes of that, `site_step` what the loop reads of all
//! that, `restore` and `backups` what is brought back, `loads` and `transfer` what
//! sites share, `inject` what is thrown in, `priority` who is first. `label` has the names of it all.
//!
//! Nothing here can fail: a [`crate::scenario::Scenario`] has been checked.

mod backups;
mod capacities;
mod certain;
mod compile;
mod compiled;
mod deletions;
mod draws;
mod expand;
mod failure;
mod growth;
mod inject;
mod label;
mod loads;
mod moment;
mod needs;
mod pool;
mod priority;
mod profile;
mod restore;
mod site_kind;
mod site_step;
mod sites;
mod step;
mod track;
mod transfer;
mod ways;

pub(crate) use self::backups::{Catalogue, PlanProtection, PlanRetention};
pub(crate) use self::capacities::{LevelChange, LevelPoint};
pub(crate) use self::compile::compile;
pub(crate) use self::compiled::Plan;
pub(crate) use self::deletions::{PlanAnchor, PlanMilestone};
pub(crate) use self::draws::DrawRun;
pub(crate) use self::failure::PlanTaker;
pub(crate) use self::inject::{InjectDraw, PlanInject, PlanInjectKind, PlanShift};
pub use self::label::{PoolLabel, StepLabel};
pub(crate) use self::label::{pool_labels, step_labels, step_places, throughput_labels};
pub(crate) use self::moment::{PlanBase, PlanMoment};
pub(crate) use self::needs::Variant;
pub(crate) use self::pool::{PlanPool, Shortage, TeamStrain};
pub(crate) use self::profile::Profile;
pub(crate) use self::restore::{PlanMeant, PlanRestorePoint};
pub(crate) use self::site_step::SiteStep;
pub(crate) use self::step::PlanStep;
pub(crate) use self::track::{PlanTrack, keep_together};
pub(crate) use self::transfer::MovedBytes;
pub(crate) use self::ways::SentBack;
