//! A scenario without fault, as written beside as meant, and what is asked of both.

use crate::diagnostics::Span;
use crate::ids::{RunbookId, ServiceId};
use crate::scenario::Scenario;
use crate::scenario::moment::Moments;
use crate::scenario::runbook::Step;
use crate::scenario::strategy::Strategy;
use crate::spec::{Located, Spec, StrategySpec};

/// A scenario without fault, as written and as meant.
#[derive(Clone, Copy)]
pub(in crate::scenario) struct Whole<'a> {
    pub spec: &'a Spec,
    /// The strategies as written, with what they take over from others.
    pub strategies: &'a [(Located<String>, Located<StrategySpec>)],
    pub moments: Moments<'a>,
    pub scenario: &'a Scenario,
}

impl<'a> Whole<'a> {
    /// The strategies as written and as meant.
    pub(super) fn each(
        &self,
    ) -> impl Iterator<Item = (&'a Located<StrategySpec>, &'a Strategy)> + use<'a> {
        self.strategies.iter().map(|it| &it.1).zip(self.scenario.strategies.iter())
    }

    /// Whether some track follows a runbook.
    pub(super) fn is_followed(&self, runbook: RunbookId) -> bool {
        let tracks = self.scenario.strategies.iter().flat_map(|it| it.tracks.iter());
        tracks.into_iter().any(|it| it.runbook == runbook)
    }

    /// The steps of the runbooks that are followed.
    pub(super) fn steps(&self) -> impl Iterator<Item = &'a Step> {
        let runbooks = self.scenario.runbooks.enumerate();
        runbooks.filter(|it| self.is_followed(it.0)).flat_map(|it| it.1.steps.iter())
    }

    /// The steps that are done for a service.
    pub(super) fn steps_for(&self, service: ServiceId) -> impl Iterator<Item = &'a Step> {
        self.steps().filter(move |it| it.expansion.has_service(service))
    }
}

/// The steps that a strategy does.
pub(super) fn steps_of<'a>(
    strategy: &'a Strategy,
    scenario: &'a Scenario,
) -> impl Iterator<Item = &'a Step> {
    strategy.runbooks(&scenario.runbooks).flat_map(|it| it.steps.iter())
}

/// The places of which nobody says that what stands there matters: the same place is asked about once
/// for every strategy that has it.
pub(super) fn idle(asked: impl Iterator<Item = (Span, bool)>) -> Vec<Span> {
    let mut places: Vec<(Span, bool)> = Vec::new();
    for (span, matters) in asked {
        match places.iter_mut().find(|it| it.0 == span) {
            Some(known) => known.1 |= matters,
            None => places.push((span, matters)),
        }
    }
    places.into_iter().filter(|it| !it.1).map(|it| it.0).collect()
}
