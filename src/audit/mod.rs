//! The outsider: tells every exercise again from the log and the scenario alone, and says which law
//! was broken, when, and by whom.
//!
//! It is a second opinion on purpose. It shares how numbers are drawn and what a scenario says with
//! the rest of the program, and nothing of how a strategy is compiled, simulated or measured: where
//! the two agree, two implementations agree. So it is written plainly, as the rules read, and not
//! for speed.
//!
//! `ground` puts the log into the words of the scenario, `graph` says what waits for what, `draws`
//! and `dates` what is drawn, `backups` to what a store goes back, `ranks` who comes first; `follow`
//! goes through the log, with `tasks`, `tracks`, `loads`, `rework` and `shifts` for what happens to
//! each; `pools` knows who has what, `capacity` how much there is, `bandwidth` what transfers share;
//! `tallies` compares what it came to, `figures` and `pooled` what is said of it, `chain` by what it
//! was held up.

mod backups;
mod bandwidth;
mod breach;
mod capacity;
mod chain;
mod dates;
mod draws;
mod exercise;
mod figures;
mod follow;
mod graph;
mod ground;
mod loads;
mod needs;
mod pooled;
mod pools;
mod ranks;
mod rework;
mod shifts;
mod tallies;
mod tasks;
mod tracks;

pub use breach::{Breach, Law};
pub use exercise::Everywhere;
pub use pooled::pooled;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::audit::bandwidth::Bandwidth;
use crate::audit::capacity::{Capacity, stops};
use crate::audit::chain::Chains;
use crate::audit::draws::{Crew, Drawn, Draws};
use crate::audit::figures::check_figures;
use crate::audit::follow::Follower;
use crate::audit::graph::{Graph, alike};
use crate::audit::ground::Ground;
use crate::audit::rework::{Failure, failing_injects, failure};
use crate::audit::tasks::number_of;
use crate::ids::StrategyId;
use crate::scenario::{
    AtShiftEnd, AutomatedAfter, Escalation, InjectKind, MomentBase, RestorePoint, Scenario,
};
use crate::trace::{Legend, TaskRef, Testimony};

/// What is wrong with an exercise of a strategy; nothing, as it should be.
///
/// `scenario` is the scenario as it is in that exercise ([`Scenario::in_replication`]); `everywhere`
/// is what it has in common with those that are told of together with it.
#[must_use]
pub fn audit(
    scenario: &Scenario,
    everywhere: &Everywhere,
    strategy: StrategyId,
    told: &Testimony,
) -> Vec<Breach> {
    Auditor::new(scenario, strategy, &told.legend).audit(everywhere, told)
}

/// Steps that are done again, by kind of site, step that failed, step that found it, and whether
/// others take over.
type Again = BTreeMap<(usize, usize, u16, bool), Arc<[u16]>>;

/// An outsider who knows a strategy, and can be told one exercise of it after the other.
pub struct Auditor<'a> {
    ground: Ground<'a>,
    graph: Graph,
    draws: Draws,
    /// When an exercise is stopped, in milliseconds.
    horizon: u64,
    /// The steps that bring a store back, and the place of each step among them.
    restoring: Vec<usize>,
    restores_as: Vec<Option<usize>>,
    /// By step: the steps whose stores its end repairs.
    repairs: Vec<Vec<usize>>,
    failures: Vec<Option<Failure>>,
    /// By step: the steps whose failures its end finds.
    finds: Vec<Vec<usize>>,
    /// By step: the injects that fail its attempts.
    failed_by: Vec<Vec<usize>>,
    /// By step: the step in whose place it is done; the step that is done in its place.
    stands_in_for: Vec<Option<u16>>,
    taken_by: Vec<Option<u16>>,
    escalates_to_team: Vec<bool>,
    /// By step: the step whose load it needs.
    asks_for: Vec<Option<usize>>,
    /// By step: steps of the same kind have the same loads.
    load_kinds: Vec<usize>,
    /// By step: whether it takes as long as it moves something.
    transfers: Vec<bool>,
    /// By step: whether its attempts pause when people go.
    can_pause: Vec<bool>,
    nobody_pauses: bool,
    /// By step: the injects that stop it; of those the ones that stop what runs, too.
    stopped_by: Vec<Vec<usize>>,
    paused_by: Vec<Vec<usize>>,
    /// By step: whether what its tasks need is always the same; whether it depends on their shard.
    is_plain: Vec<bool>,
    counts_per_shard: Vec<bool>,
    /// By track: the order in which it takes sites, where that is not drawn.
    orders: Vec<Option<Vec<u32>>>,
    /// By step: the moment from which on it is automated.
    automated_after: Vec<Option<MomentBase>>,
    automated_by_runs: Vec<(usize, u32)>,
    /// What is done again, as far as it has been asked for.
    again: Mutex<Again>,
    /// By row, then step, where the rule has a rank that stands still.
    ranks: Vec<u64>,
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
        let finders = |it: usize| failures[it].iter().flat_map(|it| &it.finders);
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
            orders: tracks::orders(&ground),
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

    /// What is wrong with an exercise.
    #[must_use]
    pub fn audit(&self, everywhere: &Everywhere, told: &Testimony) -> Vec<Breach> {
        let ground = &self.ground;
        if told.legend != ground.legend {
            let how = "the log speaks of other steps, sites or pools than it did".to_owned();
            return vec![Breach { law: Law::Names, at: None, how }];
        }
        let mut capacity = Capacity::new(ground, told);
        let mut bandwidth = Bandwidth::new(ground, told);
        let mut chains = Chains::new(ground);
        let mut follower = Follower::new(self, told);
        follower.follow(|at, record, breaches| match record {
            Some(record) => {
                capacity.hear(at, record, breaches);
                bandwidth.hear(at, record, ground, breaches);
                chains.hear(at, record, ground);
            }
            None => {
                capacity.settle(at, breaches);
                bandwidth.settle(at, ground, breaches);
            }
        });
        if follower.is_followed {
            capacity.finish(&mut follower.breaches);
            bandwidth.finish(ground, &mut follower.breaches);
            follower.finish();
            let end = follower.last_end;
            follower.own.throughputs = bandwidth.tallies(end).collect();
            follower.compare_throughputs();
            let (own, breaches) = (&follower.own, &mut follower.breaches);
            check_figures(ground, everywhere, own, told, breaches);
            chains.finish(ground, told, breaches);
        }
        follower.breaches.into_list()
    }

    /// The place of what a task brings back among the losses of its site.
    fn restore_place(&self, task: TaskRef) -> Option<usize> {
        let place = self.restores_as[usize::from(task.step)]?;
        Some(task.row as usize * self.restoring.len() + place)
    }

    /// The rank of a task that could start from now on: the smaller, the earlier.
    fn rank(&self, drawn: &Drawn<'_, '_>, task: TaskRef, now: u64) -> u64 {
        use crate::scenario::PriorityRule;
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

fn load_of(ground: &Ground<'_>, step: usize) -> Option<usize> {
    let facts = &ground.steps[step];
    let id = facts.step.asks_for.filter(|_| !facts.place.undeletes)?;
    let mut loads = graph::places(ground, facts.place.track, id);
    loads.find(|it| ground.steps[*it].place.element == facts.place.element)
}

fn repaired_by(ground: &Ground<'_>, restoring: &[usize], step: usize) -> Vec<usize> {
    let facts = &ground.steps[step];
    let repairs = |it: &usize| {
        let other = &ground.steps[*it];
        let by_hand = other.step.restore_point.as_ref().and_then(RestorePoint::by_hand);
        by_hand.and_then(|it| it.repaired_by) == Some(facts.place.step)
            && other.track == facts.track
            && (other.step.expansion != facts.step.expansion
                || other.place.element == facts.place.element)
    };
    restoring.iter().copied().filter(repairs).collect()
}

fn stands_in_for(ground: &Ground<'_>, step: usize) -> Option<u16> {
    let id = ground.steps[step].step.stands_in_for?;
    alike(ground, step, id).first().map(|it| number_of(*it))
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
