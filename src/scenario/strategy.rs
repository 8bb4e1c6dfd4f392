//! `[strategies]`: tracks, batches and priority rules.

use crate::ids::{IdVec, LimitId, RunbookId, ServiceId, StepId, TeamId, ThroughputId, TrackId};
use crate::scenario::automation::AutomatedBy;
use crate::scenario::guardrails::Guardrails;
use crate::scenario::moment::Moment;
use crate::scenario::runbook::Runbook;
use crate::scenario::selector::Selector;
use crate::scenario::team::Ramp;
use crate::scenario::throughput::RateRamp;
use crate::spec::{AtShiftEnd, OnClose, PriorityRule, SiteOrder};

/// How the response is run.
#[derive(Clone, Debug)]
pub struct Strategy {
    /// The name in the scenario.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// What it is.
    pub description: String,
    /// The order among tasks that could start.
    pub priority: PriorityRule,
    /// The guardrails in force under this strategy.
    pub guardrails: Guardrails,
    /// How many people each team has under this strategy.
    pub people: IdVec<TeamId, Ramp>,
    /// What becomes of each team's work under way when people go.
    pub at_shift_end: IdVec<TeamId, AtShiftEnd>,
    /// How many units each limit has under this strategy.
    pub units: IdVec<LimitId, Ramp>,
    /// How much each throughput moves under this strategy.
    pub rates: IdVec<ThroughputId, RateRamp>,
    /// The runbooks that run side by side.
    pub tracks: IdVec<TrackId, Track>,
}

impl Strategy {
    /// The runbooks that its tracks follow, of those of its scenario.
    pub(crate) fn runbooks<'a>(
        &'a self,
        all: &'a IdVec<RunbookId, Runbook>,
    ) -> impl Iterator<Item = &'a Runbook> {
        self.tracks.iter().map(|track| &all[track.runbook])
    }
}

/// One runbook at work.
#[derive(Clone, Debug)]
pub struct Track {
    /// The name in its strategy.
    pub name: String,
    /// The runbook that it follows.
    pub runbook: RunbookId,
    /// Whether it claims the sites that it takes: one claiming track a site.
    pub claims: bool,
    /// When it begins.
    pub opens: Moment,
    /// When it takes no further batch; never without one.
    pub closes: Option<Moment>,
    /// Which sites it takes.
    pub takes: Selector,
    /// How it takes them.
    pub batch: Batch,
    /// What becomes of batches in flight when it closes.
    pub on_close: OnClose,
    /// Steps of other tracks that its steps wait for.
    pub waits: Vec<CrossWait>,
    /// Steps of other tracks that automate its steps.
    pub automations: Vec<AutomatedBy>,
}

/// A step that waits for a step of another track: for the same site, or for its end if it is done
/// once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrossWait {
    /// The step that waits.
    pub step: StepId,
    /// The track that it waits for.
    pub track: TrackId,
    /// The step of that track.
    pub for_step: StepId,
}

/// How a track takes sites.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Sites a batch.
    pub size: Ramp,
    /// Batches at work at once; as many as there are sites without one.
    pub in_flight: Option<Ramp>,
    /// Which sites stay next to each other in the order.
    pub group_by: GroupBy,
    /// Which sites first.
    pub order: SiteOrder,
    /// Coefficient of variation of the lognormal factor on each site's size in the order.
    pub noise: f64,
}

/// Which sites stay next to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupBy {
    /// None.
    None,
    /// Those of one customer.
    Customer,
    /// Those whose data of this service lies on one shard.
    Shard(ServiceId),
}
