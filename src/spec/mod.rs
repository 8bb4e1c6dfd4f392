//! The scenario as written: plain structures with the place of every value, one file a top-level
//! table. It says nothing about meaning: names are text, quantities are text, and whatever may be
//! left out is an `Option`. [`crate::scenario`] gives it its meaning.
//!
//! A choice without names and units in it means what it says. It is defined here alone, with what
//! holds where nothing is written as its default, and [`crate::scenario`] exports it again. In the
//! JSON Schema it is called as before, with `Spec` at its end: generators name types after that.

pub(crate) use address::Override;
pub use address::{Address, Amount, Change, Input, Quantity, SetOverride};
pub(crate) use address::{ends, read_values, spaced};
pub(crate) use backup::{BackupSpec, BackupsSpec, ScalarOr, UnreadableSpec, WindowSpec};
pub(crate) use budget::{BudgetSelectSpec, BudgetSpec};
pub use budget::{CountedBy, Level};
pub use encoding::{Unread, decode};
pub use estate::ServiceClass;
pub(crate) use estate::{
    EstateSpec, PlacementSpec, ProductSpec, ServiceSpec, SitesSpec, TierRuleSpec,
};
pub(crate) use experiment::ExperimentSpec;
pub(crate) use guardrails::{
    BulkCapSpec, GuardrailSpec, GuardrailsSpec, IdentifierCheckSpec, ModeSpec, SoftDeleteSpec,
    StagedRolloutSpec, TestedAutomationSpec,
};
pub use incident::IncidentKind;
pub(crate) use incident::{
    DeletionOrderSpec, DeletionSpec, IncidentSpec, MilestoneSpec, TargetSpec,
};
pub(crate) use inject::{
    AttemptsFailSpec, FreezeSpec, InjectSpec, LimitDropsSpec, PeopleAwaySpec, ThroughputDropsSpec,
};
pub(crate) use lever::{LeverCostSpec, LeverSpec};
pub use limits::{LimitOverride, Limits, TooMany};
pub(crate) use located::{List, Located, Named, RampPointSpec, RampSpec, Scalar};
pub(crate) use observed::{
    ObservedCountSpec, ObservedInstantSpec, ObservedLengthSpec, ObservedPointSpec,
    ObservedSelectSpec, ObservedSpec,
};
pub use parse::Assumption;
pub(crate) use parse::{Parsed, decisive_inputs_of, inputs_of, parse, quantities_of};
pub(crate) use policy::PolicySpec;
pub use policy::RpoAt;
pub use runbook::{Anchor, Per, TransferBytes, When};
pub(crate) use runbook::{
    AutomationSpec, ByHandSpec, DistributionSpec, EscalationSpec, FailsSpec, FamilySpec,
    ForEachSpec, GrowthSpec, LearningSpec, LognormalSpec, RestorePointSpec, RunbookSpec, StepSpec,
    TransferSpec, UncertaintySpec,
};
pub(crate) use scenario::{Spec, json_schema};
pub(crate) use strategy::{
    BatchSpec, GroupBySpec, SelectorSpec, ShardsSpec, StrategySpec, TrackSpec,
};
pub use strategy::{OnClose, PriorityRule, SiteOrder};
pub use team::AtShiftEnd;
pub(crate) use team::{DaySpec, LimitPerSpec, LimitSpec, ShiftSpec, TeamSpec};
pub(crate) use throughput::{RateRampSpec, ThroughputSpec};
pub(crate) use trust::TrustSpec;
pub use used::Texts;
pub(crate) use used::{Files, gather, look_up, shown};
pub(crate) use words::check_directions;

mod address;

mod backup;

mod budget;

mod encoding;

mod estate;

mod experiment;

mod guardrails;

mod incident;

mod inject;

mod lever;
mod limits;
mod located;

mod observed;

mod parse;

mod policy;

mod reader;

mod runbook;
mod scenario;

mod strategy;

mod team;

mod throughput;

mod trust;
mod used;
mod words;
