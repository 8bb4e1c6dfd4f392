//! What the steps and pools of a plan are called.

use crate::ids::{Id, StrategyId, TrackId};
use crate::scenario::{InjectKind, Per, Scenario, StepPlace};
use crate::units::Share;

use super::compiled::Plan;
use super::expand::expand;
use super::pool::PlanPool;
use super::site_kind::Kinds;

/// The name of a step of a plan, in the words of the scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepLabel {
    /// The track it belongs to.
    pub track: String,
    /// The step's id in its runbook.
    pub id: String,
    /// That with the service or product that it was expanded for, as in `restore-data/media`.
    pub step: String,
    /// By which its random numbers are addressed, before it is expanded: what is the same work has
    /// the same.
    pub key: String,
    /// The service or product that it was expanded for; empty where it was not.
    pub element: String,
    /// One line for people.
    pub title: String,
    /// The part of the recovery that it belongs to; empty where the scenario names none.
    pub phase: String,
    /// The teams that work on it, joined by `+`; empty for a wait that needs nobody.
    pub team: String,
    /// Whether it is done once for its track, and not for sites, batches or shards.
    pub once: bool,
    /// Whether an attempt at it may fail.
    pub can_fail: bool,
}

/// The name of a pool of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolLabel {
    /// The team's or limit's name.
    pub name: String,
    /// Whether it is a team; otherwise it is a limit.
    pub is_team: bool,
    /// What an hour of one person costs, where the scenario says so.
    pub cost_per_hour: Option<f64>,
}

/// The names of the throughputs of a plan, in its order.
pub(crate) fn throughput_labels(plan: &Plan) -> Vec<String> {
    plan.transfers.throughputs.iter().map(|it| it.name.clone()).collect()
}

/// The steps of a strategy's plan, in its order.
pub(crate) fn step_labels(scenario: &Scenario, id: StrategyId) -> Vec<StepLabel> {
    let strategy = &scenario.strategies[id];
    let graph = expand(scenario, strategy, &Kinds::new(scenario, strategy));
    let tracks: Vec<&str> = strategy.tracks.iter().map(|it| it.name.as_str()).collect();
    // Who takes over from others, and whom an inject may fail, is not told apart here.
    let fails_by_others =
        scenario.injects.iter().any(|it| matches!(it.what, InjectKind::AttemptsFail(..)))
            || graph
                .nodes
                .iter()
                .any(|node| node.step.failure.is_some_and(|it| it.escalates_to.is_some()));
    let label = |node: &super::expand::Node<'_>| {
        let teams: Vec<&str> =
            node.step.teams.iter().map(|(team, _)| scenario.teams[*team].name.as_str()).collect();
        StepLabel {
            track: tracks[node.track].to_owned(),
            id: node.step.id.clone(),
            step: node.name(&node.step.id, scenario),
            key: node.step.key.clone(),
            element: node.element.name(&scenario.estate).to_owned(),
            title: node.step.title.clone(),
            phase: node.step.phase.clone(),
            team: teams.join("+"),
            once: node.step.per == Per::Once,
            can_fail: fails_by_others
                || node.step.failure.is_some_and(|it| it.probability != Share::NONE),
        }
    };
    graph.nodes.iter().map(label).collect()
}

/// What the steps of a strategy's plan are in its scenario, in their order.
pub(crate) fn step_places(scenario: &Scenario, id: StrategyId) -> Vec<StepPlace> {
    let strategy = &scenario.strategies[id];
    let graph = expand(scenario, strategy, &Kinds::new(scenario, strategy));
    let place = |node: &super::expand::Node<'_>| StepPlace {
        track: TrackId::new(node.track),
        step: node.id,
        element: node.element,
        undeletes: node.undeletes,
    };
    graph.nodes.iter().map(place).collect()
}

/// The teams and limits of a plan, in its order.
pub(crate) fn pool_labels(plan: &Plan) -> Vec<PoolLabel> {
    let label = |pool: &PlanPool| PoolLabel {
        name: pool.name.clone(),
        is_team: pool.is_team,
        cost_per_hour: pool.cost_per_hour,
    };
    plan.named_pools().iter().map(label).collect()
}
