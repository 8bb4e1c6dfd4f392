//! The scenario as meant: names are ids, quantities are numbers with types, defaults are filled
//! in, and every fault has been reported. A [`Scenario`] has no unresolved name, no `Option` that
//! stands for a default, no cycle and no demand above a pool's largest capacity; therefore
//! compiling and simulating it cannot fail.

mod aim;
mod automation;
mod backup;
mod budget;
mod candidate;
mod effect;
mod estate;
mod experiment;
mod failure;
mod figures;
mod guardrails;
mod holds;
mod incident;
mod incident_kind;
mod inject;
mod lever;
mod lost;
mod moment;
mod observed;
mod policy;
mod population;
mod read;
mod redraw;
mod resample;
mod restore_point;
mod runbook;
mod selector;
mod site;
mod size;
mod sizes;
mod strategy;
mod team;
mod throughput;
mod unjudged;
mod unrestored;

pub use aim::Aim;
pub use automation::{AutomatedAfter, AutomatedBy, Automation, StepElsewhere};
pub use backup::{Protection, Retention, Unreadable};
pub use budget::{Aggregate, Budget, BudgetSites, Expectation, Operator};
pub use candidate::Candidate;
pub use estate::Estate;
pub use experiment::Experiment;
pub use failure::{Escalation, Failure};
pub use figures::{
    Better, Definition, FIGURES, Figure, FigureOf, Kept, Kind, Listed, Needs, Over, Parameter,
    Reading, Readings, Scope, Subject, Weight, apart, figure_in,
};
pub use guardrails::{Guardrails, SoftDelete, StagedRollout};
pub use incident::{DeletedSite, DeletionRun, Incident, Loss, Milestone, MilestoneAnchor};
pub use incident_kind::{IncidentKind, Words};
pub use inject::{Cut, Inject, InjectKind};
pub use lever::{Lever, LeverCost};
pub use lost::{Lost, MOST_SERVICES, Target};
pub use moment::{Moment, MomentBase};
pub use observed::{Measure, Observable, Observation, Observed};
pub use policy::{Clock, Objective, RecoveryPolicy};
pub(crate) use read::graph::order_or_circle;
pub(crate) use read::resolve::check_variant;
pub use read::resolve::{
    Checked, check, check_texts, decisive_inputs, inputs, is_scenario, missing_files, quantities,
};
pub use restore_point::{ByHand, RestorePoint};
pub use runbook::{Element, Expansion, Growth, Learning, Runbook, Step, StepPlace, Uncertainty};
pub use selector::Selector;
pub use site::{Product, Service, Site};
pub(crate) use sizes::Sizes;
pub use strategy::{Batch, CrossWait, GroupBy, Strategy, Track};
pub use team::{Coordination, Limit, Ramp, Shift, Team};
pub use throughput::{RateRamp, Throughput, Transfer};

use crate::ids::{IdVec, LimitId, RunbookId, StrategyId, TeamId, ThroughputId};
pub(crate) use crate::spec::ends;
pub use crate::spec::{
    Address, Amount, Anchor, Assumption, AtShiftEnd, Change, CountedBy, Input, Level,
    LimitOverride, Limits, OnClose, Per, PriorityRule, Quantity, RpoAt, ServiceClass, SetOverride,
    SiteOrder, Texts, TooMany, TransferBytes, Unread, When, decode,
};

/// An estate, what deletes it, who restores it and how: everything checked.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The name of the file without its ending; reports go into a folder of this name.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// What the scenario is about.
    pub description: String,
    /// Words to find the scenario by.
    pub tags: Vec<String>,
    /// A fingerprint of every text that the scenario was read from, overrides included.
    pub digest: u64,
    /// How often and how long to simulate.
    pub experiment: Experiment,
    /// All that can be lost.
    pub estate: Estate,
    /// What went wrong, and when it was noticed.
    pub incident: Incident,
    /// What the exercise throws in during the recovery, in the order of the file.
    pub injects: Vec<Inject>,
    /// The people.
    pub teams: IdVec<TeamId, Team>,
    /// Concurrent uses of what is not people.
    pub limits: IdVec<LimitId, Limit>,
    /// Bandwidth that transfers share.
    pub throughputs: IdVec<ThroughputId, Throughput>,
    /// The procedures.
    pub runbooks: IdVec<RunbookId, Runbook>,
    /// What is not known about durations.
    pub uncertainty: Uncertainty,
    /// The ways to run the response.
    pub strategies: IdVec<StrategyId, Strategy>,
    /// The objectives, if there are any.
    pub policy: Option<RecoveryPolicy>,
    /// What a check asks for, in the order of the files.
    pub budgets: Vec<Budget>,
    /// What could be chosen otherwise, in the order of the files.
    pub levers: Vec<Lever>,
    /// What it is if the verdict turns within the doubt of one guess; not looked at where it is off.
    pub no_guess_decides: Level,
    /// What was observed of a real recovery, if anything was.
    pub observed: Option<Observed>,
    /// Where the values come from.
    pub assumptions: Vec<Assumption>,
}

impl Scenario {
    /// The strategy of this name.
    #[must_use]
    pub fn strategy(&self, name: &str) -> Option<StrategyId> {
        self.strategies.enumerate().find(|(_, it)| it.name == name).map(|(id, _)| id)
    }

    /// Which data loss the recovery point objectives are about, and with them the recovery point
    /// actual of a site; that at hand-over where there is no policy.
    #[must_use]
    pub fn rpo_at(&self) -> RpoAt {
        self.policy.as_ref().map_or_else(RpoAt::default, |it| it.rpo_at)
    }
}
