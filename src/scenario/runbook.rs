//! `[runbooks]`: procedures as graphs of steps; and `[uncertainty]`.

use crate::dist::Distribution;
use crate::ids::{IdVec, LimitId, ProductId, ServiceId, StepId, TeamId, TrackId};
use crate::scenario::automation::Automation;
use crate::scenario::estate::Estate;
use crate::scenario::failure::{Escalation, Failure};
use crate::scenario::restore_point::RestorePoint;
use crate::scenario::throughput::Transfer;
use crate::spec::{Located, Per, When};
use crate::units::{Share, SimDuration};

/// A procedure: a graph of steps.
#[derive(Clone, Debug)]
pub struct Runbook {
    /// The name in the scenario.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// The steps, in the order of the file.
    pub steps: IdVec<StepId, Step>,
}

impl Runbook {
    /// Whether the runbook gives sites back; a track that follows it claims the sites it takes.
    #[must_use]
    pub fn hands_over(&self) -> bool {
        self.steps.iter().any(|step| step.hand_over)
    }

    /// Whether somebody takes over where a step fails too often.
    #[must_use]
    pub fn escalates(&self) -> bool {
        self.steps.iter().any(|step| step.failure.is_some_and(|it| it.escalates_to.is_some()))
    }

    /// Whether any step says to which moment data comes back.
    #[must_use]
    pub fn says_data_loss(&self) -> bool {
        self.steps.iter().any(|step| step.restore_point.is_some())
    }

    /// Whether any step reaches customers.
    #[must_use]
    pub fn reaches_customers(&self) -> bool {
        self.steps.iter().any(|step| step.reaches_customer)
    }

    /// Whether any step is done for sites, batches or shards, so that a track that follows it takes
    /// sites.
    #[must_use]
    pub fn takes_sites(&self) -> bool {
        self.steps.iter().any(|step| step.per != Per::Once)
    }
}

/// What a step is expanded over; an element that a site does not have is left out for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expansion {
    /// Not expanded.
    None,
    /// Over these services.
    Services(Vec<ServiceId>),
    /// Over these products.
    Products(Vec<ProductId>),
}

impl Expansion {
    /// What a step is done for, in turn; itself, where it is not expanded.
    #[must_use]
    pub fn elements(&self) -> Vec<Element> {
        match self {
            Self::None => vec![Element::Whole],
            Self::Services(list) => list.iter().map(|it| Element::Service(*it)).collect(),
            Self::Products(list) => list.iter().map(|it| Element::Product(*it)).collect(),
        }
    }

    /// Whether this service is among its elements.
    #[must_use]
    pub fn has_service(&self, service: ServiceId) -> bool {
        matches!(self, Self::Services(list) if list.contains(&service))
    }
}

/// What a step was expanded for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Element {
    /// For nothing: it stands for itself.
    Whole,
    /// For a service.
    Service(ServiceId),
    /// For a product.
    Product(ProductId),
}

impl Element {
    /// The service, if it is one.
    #[must_use]
    pub fn service(self) -> Option<ServiceId> {
        match self {
            Self::Service(id) => Some(id),
            Self::Whole | Self::Product(_) => None,
        }
    }

    /// What it is called; empty for the whole.
    #[must_use]
    pub fn name(self, estate: &Estate) -> &str {
        match self {
            Self::Whole => "",
            Self::Service(id) => &estate.services[id].name,
            Self::Product(id) => &estate.products[id].name,
        }
    }
}

/// A step of a track, for one of the services or products that it is done for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StepPlace {
    /// The track.
    pub track: TrackId,
    /// The step of its runbook.
    pub step: StepId,
    /// What it is done for.
    pub element: Element,
    /// Whether it un-deletes what it would else bring back.
    pub undeletes: bool,
}

/// One line of a procedure: a template for tasks.
#[derive(Clone, Debug)]
pub struct Step {
    /// The name in its runbook.
    pub id: String,
    /// One line for people.
    pub title: String,
    /// Steps with one key are the same work and share their random numbers.
    pub key: String,
    /// The part of the recovery that it belongs to; empty where the scenario names none.
    pub phase: String,
    /// What it is done for.
    pub per: Per,
    /// After which kind of deletion it is there.
    pub when: When,
    /// What it is expanded over.
    pub expansion: Expansion,
    /// Steps of the same runbook that must be done first.
    pub after: Vec<StepId>,
    /// The `shard` step whose load it needs when all that comes before it is done.
    pub asks_for: Option<StepId>,
    /// Steps of other tracks that must be done first, as written; strategies look them up.
    pub(crate) after_elsewhere: Vec<Located<(String, String)>>,
    /// People of each team that work on it at once.
    pub teams: Vec<(TeamId, u32)>,
    /// Units of limits that it occupies while it runs.
    pub limits: Vec<(LimitId, u32)>,
    /// Units of limits that it takes together with those and keeps.
    pub holds: Vec<(LimitId, u32)>,
    /// The step whose end gives them back; of a `shard` step, which has none, that of the last step
    /// that needs the load.
    pub holds_until: Option<StepId>,
    /// How long a load stands when nobody needs it any more.
    pub keep: SimDuration,
    /// How long it takes, in milliseconds, before any factor; of a transfer it means nothing.
    pub duration: Distribution,
    /// What it moves, if it is a transfer.
    pub transfer: Option<Transfer>,
    /// How the duration grows with size.
    pub growth: Growth,
    /// How the duration falls with repetition.
    pub learning: Option<Learning>,
    /// From when on it is automated, and what is left of it then.
    pub automation: Option<Automation>,
    /// How it goes wrong.
    pub failure: Option<Failure>,
    /// The step that escalates to this one: it is done in no other case, and in its place.
    pub stands_in_for: Option<StepId>,
    /// To which moment it brings a store back.
    pub restore_point: Option<RestorePoint>,
    /// The `shard` step whose load has what it brings back: it goes back to what the load could
    /// when it started.
    pub loaded_by: Option<StepId>,
    /// Its end reaches the site's customer.
    pub reaches_customer: bool,
    /// Its end gives the site back, when all such steps of the site have ended.
    pub hand_over: bool,
    /// Its end lets the batch free its slot, when all such steps of all its sites have ended.
    pub frees_slot: bool,
}

impl Step {
    /// People of each team that work on it at once, or do when it escalates.
    pub(crate) fn team_demands(&self) -> Vec<(TeamId, u32)> {
        let escalated = match self.failure.and_then(|it| it.escalates_to) {
            Some(Escalation::Team(team, people)) => Some((team, people)),
            _ => None,
        };
        self.teams.iter().copied().chain(escalated).collect()
    }
}

/// Exponents on size relative to the median site.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Growth {
    /// On users.
    pub users: f64,
    /// On bytes.
    pub bytes: f64,
}

/// Wright's law: the time of repetition n is n^(log2 rate) of the first, at least the floor
/// (T. P. Wright, "Factors Affecting the Cost of Airplanes", 1936).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Learning {
    /// What a doubling of repetitions leaves of the time.
    pub rate: Share,
    /// What is left of the time at the very least.
    pub floor: Share,
}

/// What is not known about durations, as coefficients of variation of lognormal factors of mean 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Uncertainty {
    /// Of a site, shared by all its tasks.
    pub site: f64,
    /// Of a step in a replication, shared by all its tasks.
    pub step: f64,
    /// Of a team in a replication, shared by all its tasks; an attempt of several teams has the mean
    /// of their factors, weighted by the people that it takes of each.
    pub team: f64,
}
