//! What an outsider knows of a strategy before he is told of any exercise.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::audit::capacity::stops;
use crate::audit::draws::{Crew, Drawn, Draws};
use crate::audit::failures::{Failure, failing_injects, failure};
use crate::audit::graph::{
    Graph, alike, behind_load, load_of, loaded_by, number_of, stands_in_for,
};
use crate::audit::ground::Ground;
use crate::audit::{orders, ranks};
use crate::ids::StrategyId;
use crate::scenario::{
    AtShiftEnd, AutomatedAfter, Escalation, InjectKind, MomentBase, PriorityRule, RestorePoint,
    Scenario,
};
use crate::trace::{Legend, TaskRef};

/// Steps that are done again, by kind of site, step that failed, step that found it, and whether
/// others take over.
type Again = BTreeMap<(usize, usize, u16, bool), Arc<[u16]>>;

/// An outsider who knows a strategy, and can be told one exercise of it after the other.
pub struct Auditor<'a> {
    pub(super) ground: Ground<'a>,
    pub(super) graph: Graph,
    pub(super) draws: Draws,
    /// When an exercise is stopped, in milliseconds.
    pub(super) horizon: u64,
    /// The steps that bring a store back, and the place of each step among them.
    pub(super) restoring: Vec<usize>,
    pub(super) restores_as: Vec<Option<usize>>,
    /// By step: the steps whose stores its end repairs.
    pub(super) repairs: Vec<Vec<usize>>,
    pub(super) failures: Vec<Option<Failure>>,
    /// By step: the steps whose failures its end finds.
    pub(super) finds: Vec<Vec<usize>>,
    /// By step: the injects that fail its attempts.
    pub(super) failed_by: Vec<Vec<usize>>,
    /// By step: the step in whose place it is done; the step that is done in its place.
    pub(super) stands_in_for: Vec<Option<u16>>,
    pub(super) taken_by: Vec<Option<u16>>,
    pub(super) escalates_to_team: Vec<bool>,
    /// By step: the step whose load it needs.
    pub(super) asks_for: Vec<Option<usize>>,
    /// By step: the step whose load has what it brings back; the steps that bring back what its load
    /// has.
    pub(super) loaded_by: Vec<Option<usize>>,
    pub(super) behind_load: Vec<Vec<usize>>,
    /// By step: steps of the same kind have the same loads.
    pub(super) load_kinds: Vec<usize>,
    /// By step: whether it takes as long as it moves something.
    pub(super) transfers: Vec<bool>,
    /// By step: whether its attempts pause when people go.
    pub(super) can_pause: Vec<bool>,
    pub(super) nobody_pauses: bool,
    /// By step: the injects that stop it; of those the ones that stop what runs, too.
    pub(super) stopped_by: Vec<Vec<usize>>,
    pub(super) paused_by: Vec<Vec<usize>>,
    /// By step: whether what its tasks need is always the same; whether it depends on their shard.
    pub(super) is_plain: Vec<bool>,
    pub(super) counts_per_shard: Vec<bool>,
    /// By track: the order in which it takes sites, where that is not drawn.
    pub(super) orders: Vec<Option<Vec<u32>>>,
    /// By step: the moment from which on it is automated.
    pub(super) automated_after: Vec<Option<MomentBase>>,
    pub(super) automated_by_runs: Vec<(usize, u32)>,
    /// What is done again, as far as it has been asked for.
    pub(super) again: Mutex<Again>,
    /// By row, then step, where the rule has a rank that stands still.
    pub(super) ranks: Vec<u64>,
}

impl<'a> Auditor<'a> {
    /// One who knows a strategy, and what the places in the logs of its exercises stand for.
    #[must_use]
    pub fn new(scenario: &'a Scenario, strategy: StrategyId, legend: &Legend) -> Self {
        let ground = Ground::new(scenario, strategy, legend);
        let graph = Graph::new(&ground);
        let draws = Draws::new(&ground);
        let ranks = ranks::ranks(&ground, &graph, &draws);
        let steps = ground.steps.len();
        let places = || 0..steps;
        let each = |known: &dyn Fn(usize) -> Vec<usize>| places().map(known).collect();
        let restoring: Vec<usize> =
            places().filter(|it| ground.steps[*it].step.restore_point.is_some()).collect();
        let failures: Vec<Option<Failure>> = places().map(|it| failure(&ground, it)).collect();
        let finders = |place: usize| failures[place].iter().flat_map(|it| &it.finders);
        let load = |it: usize| load_of(&ground, it);
        let keys: Vec<&str> = ground.steps.iter().map(|it| it.key.as_str()).collect();
        let stopped = |it: usize, outages: bool| stopping(&ground, it, outages);
        let pauses = |it: usize| {
            let teams = [Crew::Own, Crew::Automated, Crew::Escalated]
                .into_iter()
                .flat_map(|crew| draws.people(it, crew));
            let hands_over = |(team, people): &(usize, u32)| {
                let at_end = ground.strategy.at_shift_end.as_slice()[*team];
                *people > 0 && at_end == AtShiftEnd::HandOver
            };
            teams.clone().any(hands_over) || !stopped(it, true).is_empty()
        };
        let can_pause: Vec<bool> = places().map(pauses).collect();
        Self {
            horizon: scenario.experiment.horizon.as_millis(),
            restores_as: places().map(|it| restoring.iter().position(|r| *r == it)).collect(),
            repairs: each(&|it| repaired_by(&ground, &restoring, it)),
            finds: each(&|it| {
                places().filter(|f| finders(*f).any(|finder| *finder == it)).collect()
            }),
            failed_by: each(&|it| failing_injects(&ground, it)),
            stands_in_for: places().map(|it| stands_in_for(&ground, it)).collect(),
            taken_by: places().map(|it| taken_by(&ground, it)).collect(),
            escalates_to_team: places().map(|it| escalates_to_team(&ground, it)).collect(),
            asks_for: places().map(load).collect(),
            loaded_by: places().map(|it| loaded_by(&ground, it)).collect(),
            behind_load: each(&|it| behind_load(&ground, it)),
            load_kinds: places()
                .map(|it| keys.iter().position(|k| *k == keys[it]).unwrap_or(it))
                .collect(),
            transfers: ground
                .steps
                .iter()
                .map(|it| it.step.transfer.is_some() && !it.place.undeletes)
                .collect(),
            nobody_pauses: !can_pause.contains(&true),
            can_pause,
            stopped_by: each(&|it| stopped(it, false)),
            paused_by: each(&|it| stopped(it, true)),
            is_plain: places().map(|it| is_plain(&ground, it)).collect(),
            counts_per_shard: places().map(|it| counts_per_shard(&ground, it)).collect(),
            orders: orders::orders(&ground),
            automated_after: places().map(|it| automated_after(&ground, it)).collect(),
            automated_by_runs: places().filter_map(|it| automated_by_runs(&ground, it)).collect(),
            again: Mutex::default(),
            restoring,
            failures,
            ranks,
            ground,
            graph,
            draws,
        }
    }

    /// The place of what a task brings back among the losses of its site.
    pub(super) fn restore_place(&self, task: TaskRef) -> Option<usize> {
        let place = self.restores_as[usize::from(task.step)]?;
        Some(task.row as usize * self.restoring.len() + place)
    }

    /// The rank of a task that could start from now on: the smaller, the earlier.
    pub(super) fn rank(&self, drawn: &Drawn<'_, '_>, task: TaskRef, now: u64) -> u64 {
        let step = usize::from(task.step);
        match self.ground.strategy.priority {
            PriorityRule::Fifo => now,
            PriorityRule::Fixed => 0,
            PriorityRule::Random if self.ground.rows.is_empty() => 0,
            PriorityRule::Random => drawn.of_row(self.draws.steps[step].priority, task.row, 0),
            _ => self.ranks[task.row as usize * self.ground.steps.len() + step],
        }
    }
}

/// The injects that let nothing of a step start, or only those that let nothing of it go on either.
fn stopping(ground: &Ground<'_>, step: usize, outages: bool) -> Vec<usize> {
    let counts = |what: &InjectKind| {
        stops(what, step, ground) && (!outages || matches!(what, InjectKind::Outage(_)))
    };
    let injects = ground.scenario.injects.iter().enumerate();
    injects.filter(|(_, it)| counts(&it.what)).map(|it| it.0).collect()
}

fn repaired_by(ground: &Ground<'_>, restoring: &[usize], step: usize) -> Vec<usize> {
    let facts = &ground.steps[step];
    let repairs = |place: &usize| {
        let other = &ground.steps[*place];
        let by_hand = other.step.restore_point.as_ref().and_then(RestorePoint::by_hand);
        by_hand.and_then(|it| it.repaired_by) == Some(facts.place.step)
            && other.track == facts.track
            && (other.step.expansion != facts.step.expansion
                || other.place.element == facts.place.element)
    };
    restoring.iter().copied().filter(repairs).collect()
}

fn taken_by(ground: &Ground<'_>, step: usize) -> Option<u16> {
    let facts = &ground.steps[step];
    match facts.step.failure.filter(|_| !facts.place.undeletes)?.escalates_to? {
        Escalation::Step(id) => alike(ground, step, id).first().map(|it| number_of(*it)),
        Escalation::Team(..) => None,
    }
}

fn escalates_to_team(ground: &Ground<'_>, step: usize) -> bool {
    let facts = &ground.steps[step];
    let failure = facts.step.failure.filter(|_| !facts.place.undeletes);
    matches!(failure.and_then(|it| it.escalates_to), Some(Escalation::Team(..)))
}

fn counts_per_shard(ground: &Ground<'_>, step: usize) -> bool {
    let step = ground.steps[step].step;
    let mut limits = step.limits.iter().chain(&step.holds);
    limits.any(|it| ground.scenario.limits[it.0].per_shard)
}

fn is_plain(ground: &Ground<'_>, step: usize) -> bool {
    let facts = &ground.steps[step];
    !counts_per_shard(ground, step)
        && facts.step.holds.is_empty()
        && facts.step.automation.is_none()
        && !escalates_to_team(ground, step)
}

fn automated_after(ground: &Ground<'_>, step: usize) -> Option<MomentBase> {
    let facts = &ground.steps[step];
    let automation = facts.step.automation.as_ref().filter(|_| !facts.place.undeletes)?;
    if ground.strategy.guardrails.tested_automation {
        return None;
    }
    match automation.after {
        AutomatedAfter::Milestone(id) => Some(MomentBase::Milestone(id)),
        AutomatedAfter::Step(_) => {
            let track = &ground.strategy.tracks[facts.place.track];
            let by = track.automations.iter().find(|it| it.step == facts.place.step)?;
            Some(MomentBase::Step(by.track, by.by))
        }
        AutomatedAfter::Runs(_) => None,
    }
}

fn automated_by_runs(ground: &Ground<'_>, step: usize) -> Option<(usize, u32)> {
    let facts = &ground.steps[step];
    let automation = facts.step.automation.as_ref().filter(|_| !facts.place.undeletes)?;
    match automation.after {
        AutomatedAfter::Runs(runs) if !ground.strategy.guardrails.tested_automation => {
            Some((step, runs))
        }
        _ => None,
    }
}
