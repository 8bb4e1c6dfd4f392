//! A scenario without fault, as written beside as meant, and what is asked of both.

use std::collections::BTreeSet;

use crate::diagnostics::Span;
use crate::ids::{LimitId, RunbookId, ServiceId, TeamId, ThroughputId};
use crate::scenario::Scenario;
use crate::scenario::aim::Aim;
use crate::scenario::inject::{Inject, InjectKind};
use crate::scenario::lost::Target;
use crate::scenario::read::moment::Moments;
use crate::scenario::runbook::Step;
use crate::scenario::selector::Selector;
use crate::scenario::strategy::{GroupBy, Strategy};
use crate::spec::{InjectSpec, Located, Spec, StrategySpec};

/// A scenario without fault, as written and as meant.
#[derive(Clone, Copy)]
pub(crate) struct Whole<'a> {
    pub spec: &'a Spec,
    /// The strategies as written, with what they take over from others.
    pub strategies: &'a [(Located<String>, Located<StrategySpec>)],
    pub moments: Moments<'a>,
    pub scenario: &'a Scenario,
}

impl<'a> Whole<'a> {
    /// The strategies as written and as meant.
    pub(crate) fn each(
        &self,
    ) -> impl Iterator<Item = (&'a Located<StrategySpec>, &'a Strategy)> + use<'a> {
        self.strategies.iter().map(|it| &it.1).zip(self.scenario.strategies.iter())
    }

    /// Whether some track follows a runbook.
    pub(crate) fn is_followed(&self, runbook: RunbookId) -> bool {
        let tracks = self.scenario.strategies.iter().flat_map(|it| it.tracks.iter());
        tracks.into_iter().any(|it| it.runbook == runbook)
    }

    /// The steps of the runbooks that are followed.
    pub(crate) fn steps(&self) -> impl Iterator<Item = &'a Step> {
        let runbooks = self.scenario.runbooks.enumerate();
        runbooks.filter(|it| self.is_followed(it.0)).flat_map(|it| it.1.steps.iter())
    }

    /// The injects that are thrown in, as written and as meant.
    pub(crate) fn injects(&self) -> impl Iterator<Item = (&'a Located<InjectSpec>, &'a Inject)> {
        let written = self.spec.injects.iter();
        let enabled = written.filter(|written| written.enabled.as_ref().is_none_or(|it| it.value));
        enabled.zip(&self.scenario.injects)
    }

    /// What some deletion takes.
    pub(crate) fn aims(&self) -> impl Iterator<Item = &'a Aim> {
        let injected = |it: &'a Inject| match &it.what {
            InjectKind::Deletion(_, aim) => Some(&**aim),
            _ => None,
        };
        let injected = self.scenario.injects.iter().filter_map(injected);
        self.scenario.incident.runs.iter().map(|it| &it.aim).chain(injected)
    }

    /// Whether sites are selected, deleted or kept together by the shards of a service.
    pub(crate) fn goes_by_shards_of(&self, service: ServiceId) -> bool {
        let scenario = self.scenario;
        let selects =
            |selector: &Selector| selector.shards.as_ref().is_some_and(|it| it.0 == service);
        let takes = |it: &Aim| {
            matches!(&it.target, Target::Shards(id, _) if *id == service) || selects(&it.which)
        };
        let mut tracks = scenario.strategies.iter().flat_map(|it| it.tracks.iter());
        self.aims().any(takes)
            || tracks.any(|it| selects(&it.takes) || it.batch.group_by == GroupBy::Shard(service))
            || scenario.budgets.iter().any(|it| selects(&it.sites.which))
    }

    /// The steps that are done for a service.
    pub(crate) fn steps_for(&self, service: ServiceId) -> impl Iterator<Item = &'a Step> {
        self.steps().filter(move |it| it.expansion.has_service(service))
    }
}

/// The steps that a strategy does.
pub(crate) fn steps_of<'a>(
    strategy: &'a Strategy,
    scenario: &'a Scenario,
) -> impl Iterator<Item = &'a Step> {
    strategy.runbooks(&scenario.runbooks).flat_map(|it| it.steps.iter())
}

/// The teams, limits and throughputs that some steps need.
#[derive(Default)]
pub(crate) struct Needed {
    pub teams: BTreeSet<TeamId>,
    pub limits: BTreeSet<LimitId>,
    pub throughputs: BTreeSet<ThroughputId>,
}

impl Needed {
    pub(crate) fn by<'a>(steps: impl Iterator<Item = &'a Step>) -> Self {
        let mut needed = Self::default();
        for step in steps {
            needed.teams.extend(step.team_demands().iter().map(|it| it.0));
            needed.limits.extend(step.limits.iter().chain(&step.holds).map(|it| it.0));
            needed.throughputs.extend(step.transfer.iter().map(|it| it.through));
        }
        needed
    }
}

/// The places of which nobody says that what stands there matters: the same place is asked about once
/// for every strategy that has it.
pub(crate) fn idle(asked: impl Iterator<Item = (Span, bool)>) -> Vec<Span> {
    let mut places: Vec<(Span, bool)> = Vec::new();
    for (span, matters) in asked {
        match places.iter_mut().find(|it| it.0 == span) {
            Some(known) => known.1 |= matters,
            None => places.push((span, matters)),
        }
    }
    places.into_iter().filter(|it| !it.1).map(|it| it.0).collect()
}
