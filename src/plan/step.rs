//! The steps of all tracks, expanded.

use crate::dist::Distribution;
use crate::rng::StreamKey;
use crate::scenario::{Learning, Per};

use super::failure::PlanFailure;
use super::needs::Variants;
use super::transfer::PlanTransfer;
use super::ways::BehindBarriers;

/// A step, expanded: what every attempt needs to know of it.
#[derive(Clone, Debug)]
pub(crate) struct PlanStep {
    pub duration: Distribution,
    /// The lane of its durations.
    pub lane: u32,
    /// The lane of its random priorities, where the rule is to draw lots.
    pub lot: u32,
    /// Its place in [`super::needs::PlanNeeds::demands`].
    pub demand: u16,
    /// Whether what it needs depends on the row, or on what its task holds.
    pub varies: bool,
    /// Whether its end may give back what this or another step holds.
    pub ends_holds: bool,
    /// Whether it needs a load.
    pub extracts: bool,
    /// Its place in [`super::growth::PlanGrowth::kinds`].
    pub growth: u16,
    pub track: u8,
    pub per: Per,
    /// Whether its duration is drawn at all.
    pub drawn: bool,
    /// Whether its stated duration is nothing, so that it ends in the instant in which it starts.
    pub instant: bool,
    /// Whether it moves something, and takes as long as that takes.
    pub transfers: bool,
    /// Whether it brings a store back.
    pub restores: bool,
    /// Whether it loads what others work with.
    pub opens: bool,
    /// Whether it repairs what another step has restored.
    pub repairs: bool,
    /// Whether its end reaches the customer of its sites.
    pub reaches: bool,
    /// Whether injects can make it fail.
    pub can_be_failed: bool,
    /// Whether its end is looked at: it can fail, it finds what an earlier step did wrong, or it
    /// stands in for another.
    pub judged: bool,
    /// Whether somebody takes over when it has failed too often.
    pub escalates: bool,
    /// Whether it is done only in the place of another, when that has failed too often.
    pub stands_in: bool,
    /// Whether a later failure can send it back after it was done.
    pub recurs: bool,
    /// Whether one of its teams loses time to coordination or fatigue.
    pub strained: bool,
    /// Whether its attempts pause when one of its teams hands over.
    pub pausable: bool,
    /// Its place in [`super::needs::PlanNeeds::demands`] once it is automated.
    pub demand_automated: u16,
    /// Whether it may be automated at all.
    pub automatable: bool,
    /// Whether its completions count for automating it, or others that are the same work.
    pub counts_runs: bool,
    /// Whether its time falls with repetition.
    pub learns: bool,
    /// The first step of its track that is the same work: what one has learnt, both know.
    pub learns_as: u16,
}

/// What only some steps have.
#[derive(Clone, Debug)]
pub(crate) struct StepDetail {
    /// Its place in [`super::restore::PlanStores::restores`].
    pub restore: Option<u16>,
    /// The places in [`super::restore::PlanStores::restores`] of what it repairs.
    pub repairs: Vec<u16>,
    pub failure: Option<PlanFailure>,
    /// The injects that fail its attempts.
    pub failed_by: Vec<u16>,
    /// The steps before it whose failures it finds, each with its place among their finders.
    pub finds: Vec<(u16, u16)>,
    /// The step that it stands in for.
    pub stands_in_for: Option<u16>,
    /// Whether barriers may go on without it.
    pub may_go_on: bool,
    /// What is behind the barriers that may go on without a site.
    pub behind: BehindBarriers,
    pub transfer: Option<PlanTransfer>,
    /// What is left of its time once it is automated.
    pub automated: f64,
    /// The teams that still work on it then, by pool, each with its people.
    pub teams_automated: Vec<(u16, u32)>,
    /// The steps that are the same work and automated after so many completions of it; kept with
    /// the first of them.
    pub automates: Vec<(u32, u16)>,
    /// What its tasks need, if that varies.
    pub variants: Option<Variants>,
    /// The same for what is done as automated.
    pub variants_automated: Option<Variants>,
    /// The places in [`super::needs::PlanNeeds::holds`] of what its end may give back.
    pub ends_holds: Vec<u16>,
    /// The holds that are given back when this step escalates, by their places in [`super::needs::PlanNeeds::holds`].
    pub frees_holds: Vec<u16>,
    /// The `shard` step whose load it needs.
    pub asks_for: Option<u16>,
    /// The steps that bring back what it needs the load for: itself, or some behind it.
    pub opens: Vec<u16>,
    pub learning: Option<PlanLearning>,
    /// The stream of its factor, shared by all its tasks in a replication.
    pub effect: StreamKey,
    /// The teams that work on it, by pool, each with its people.
    pub teams: Vec<(u16, u32)>,
    /// The mean of its duration in milliseconds, before any factor.
    pub mean: f64,
}

/// How a step's time falls with repetition: Wright's law, to a floor.
#[derive(Clone, Debug)]
pub(crate) struct PlanLearning {
    /// What is left of the time after n completions.
    pub factors: Vec<f64>,
    /// The power of the number of the repetition, for more of them than there are factors.
    pub exponent: f64,
    /// What is left at least.
    pub floor: f64,
}

impl PlanLearning {
    /// What is left of the time after so many completions, up to where nothing changes any more or
    /// each of so many sites has been through it once.
    pub(super) fn new(learning: Learning, sites: usize) -> Self {
        let exponent = libm::log2(learning.rate.fraction());
        let floor = learning.floor.fraction();
        let mut compiled = Self { factors: Vec::new(), exponent, floor };
        for repetition in 1..=sites + 1 {
            let factor = compiled.factor(repetition as f64);
            compiled.factors.push(factor);
            if factor <= floor {
                break;
            }
        }
        compiled
    }

    /// What is left of the time of the repetition of this number, from 1 on.
    pub(crate) fn factor(&self, repetition: f64) -> f64 {
        libm::pow(repetition, self.exponent).max(self.floor)
    }

    /// What is left of the time after so many completions.
    #[inline]
    pub(crate) fn after(&self, completions: u32) -> f64 {
        match self.factors.get(completions as usize) {
            Some(factor) => *factor,
            // Steps of one key, and what is done again, come to more than there are sites.
            None if self.factors.last() <= Some(&self.floor) => self.floor,
            None => self.factor(f64::from(completions) + 1.0),
        }
    }
}
