//! Injects compiled: which pools they cut, which steps they fail, which gates they close.
//!
//! A gate is a pool that nobody runs out of until it is closed: the tasks that pass it need one
//! unit of it beside what else they need. So what an outage or a freeze stops waits in a queue of
//! its own and blocks nobody.

use std::collections::BTreeMap;

use crate::dist::Distribution;
use crate::ids::{Id, LimitId, RunbookId, ServiceId, SiteId, StepId, TeamId};
use crate::rng::{Purpose, StreamKey};
use crate::scenario::{Cut, Inject, InjectKind, Lost, Scenario, Strategy, Target};

use super::expand::{Graph, Node, to_u16};
use super::moment::{PlanMoment, moment};
use super::pool::PlanPool;

/// Something that goes wrong during the recovery.
#[derive(Clone, Debug)]
pub(crate) struct PlanInject {
    pub at: PlanMoment,
    /// How long after that, in milliseconds.
    pub delay: Distribution,
    /// How long it lasts, in milliseconds; to the end without one.
    pub lasts: Option<Distribution>,
    /// In what share of the replications it happens.
    pub chance: f64,
    /// Its draws, by [`InjectDraw`].
    pub stream: StreamKey,
    pub what: PlanInjectKind,
}

/// The places of an inject's draws in its stream.
#[derive(Clone, Copy, Debug)]
pub(crate) enum InjectDraw {
    Chance,
    Delay,
    Length,
}

/// What an inject does to a plan.
#[derive(Clone, Debug)]
pub(crate) enum PlanInjectKind {
    /// Cuts the capacity of a pool.
    Cut(usize, PlanCut),
    /// Takes away the shifts of a pool that are on, each up to its end, or if nobody is there those
    /// that come next. Without a roster the pool is empty until its number of people changes next,
    /// or after next.
    ShiftLost(usize),
    /// Fails so many attempts of the steps that name it.
    AttemptsFail(u32),
    /// Leaves a throughput this share of its rate.
    Slow(u16, f64),
    /// Closes a gate.
    Close(usize),
    /// Takes something of the sites of these rows, each with the graph of steps of what is taken
    /// alone.
    Delete(Vec<(u32, u16)>),
}

/// People who are there between two instants, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlanShift {
    pub from: u64,
    pub to: u64,
    pub people: u32,
}

/// How a capacity is cut.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PlanCut {
    /// By so many units.
    By(u32),
    /// By this share of the units, rounded up.
    ByShare(f64),
    /// To so many units.
    To(u32),
    /// To this share of the units, rounded down.
    ToShare(f64),
}

impl PlanCut {
    /// What is left of a capacity.
    pub(crate) fn of(self, capacity: u32) -> u32 {
        let share = |share: f64| f64::from(capacity) * share;
        match self {
            Self::By(units) => capacity.saturating_sub(units),
            Self::ByShare(away) => capacity - (share(away).ceil() as u32).min(capacity),
            Self::To(units) => capacity.min(units),
            Self::ToShare(left) => share(left).floor() as u32,
        }
    }
}

/// The units of a gate that is open: more than tasks can run at once.
pub(super) const OPEN: u32 = 1 << 30;

/// The gates of a strategy, as pools, for the injects that close some.
pub(super) fn gates(scenario: &Scenario) -> Vec<PlanPool> {
    let closes = |it: &&Inject| closes_gate(&it.what);
    let gate = |it: &Inject| PlanPool {
        name: it.title.clone(),
        // An outage pauses what runs, a freeze lets it go on.
        hands_over: matches!(it.what, InjectKind::Outage(_)),
        ..PlanPool::default()
    };
    scenario.injects.iter().filter(closes).map(gate).collect()
}

fn closes_gate(what: &InjectKind) -> bool {
    matches!(what, InjectKind::Outage(_) | InjectKind::Freeze(_))
}

/// Which steps injects stop or fail.
pub(super) struct Aimed {
    /// The gates of each step of a runbook, as places among all gates.
    frozen: BTreeMap<(RunbookId, StepId), Vec<usize>>,
    /// The gates of each service.
    out: BTreeMap<ServiceId, Vec<usize>>,
    /// The injects that fail attempts of each step of a runbook.
    failed: BTreeMap<(RunbookId, StepId), Vec<u16>>,
}

impl Aimed {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let mut aimed =
            Self { frozen: BTreeMap::new(), out: BTreeMap::new(), failed: BTreeMap::new() };
        let mut gate = 0;
        for (place, inject) in scenario.injects.iter().enumerate() {
            match &inject.what {
                InjectKind::Outage(service) => aimed.out.entry(*service).or_default().push(gate),
                InjectKind::Freeze(steps) => {
                    steps.iter().for_each(|it| put(&mut aimed.frozen, *it, gate));
                }
                InjectKind::AttemptsFail(steps, _) => {
                    steps.iter().for_each(|it| put(&mut aimed.failed, *it, to_u16(place)));
                }
                _ => {}
            }
            gate += usize::from(closes_gate(&inject.what));
        }
        aimed
    }

    /// The gates that the tasks of a node pass, as places among all gates.
    pub(super) fn gates_of(&self, node: &Node<'_>, strategy: &Strategy) -> Vec<usize> {
        let frozen = self.frozen.get(&step_of(node, strategy));
        let out = node.element.service().and_then(|it| self.out.get(&it));
        let mut gates: Vec<usize> = frozen.into_iter().chain(out).flatten().copied().collect();
        gates.sort_unstable();
        gates
    }

    /// The injects that fail attempts of a node, by their places in the scenario.
    pub(super) fn failing(&self, node: &Node<'_>, strategy: &Strategy) -> &[u16] {
        self.failed.get(&step_of(node, strategy)).map_or(&[], Vec::as_slice)
    }
}

fn step_of(node: &Node<'_>, strategy: &Strategy) -> (RunbookId, StepId) {
    (strategy.tracks.as_slice()[node.track].runbook, node.id)
}

/// Puts something behind what is known of a step, once.
fn put<T: PartialEq>(
    known: &mut BTreeMap<(RunbookId, StepId), Vec<T>>,
    step: (RunbookId, StepId),
    own: T,
) {
    let list = known.entry(step).or_default();
    if list.last() != Some(&own) {
        list.push(own);
    }
}

/// The shifts of each team that injects can take away, by pool; none where there is no such inject.
pub(super) fn shifts(scenario: &Scenario, strategy: &Strategy) -> Vec<Vec<PlanShift>> {
    let lost = |team: TeamId| {
        scenario
            .injects
            .iter()
            .any(|it| matches!(it.what, InjectKind::ShiftLost(own) if own == team))
    };
    let compiled = |it: &crate::scenario::Shift| PlanShift {
        from: it.from.as_millis(),
        to: it.to.as_millis(),
        people: it.people,
    };
    let people = strategy.people.enumerate();
    let shifts = people.map(|(team, ramp)| match lost(team) {
        true => ramp.shifts.iter().map(compiled).collect(),
        false => Vec::new(),
    });
    shifts.collect()
}

/// The rows of these sites, all of which the incident or an inject deletes.
fn rows(
    sites: &[SiteId],
    target: &Target,
    scenario: &Scenario,
    profile_of: impl Fn(usize, Lost) -> u16,
) -> Vec<(u32, u16)> {
    let deleted = &scenario.incident.deleted;
    let row = |site: &SiteId| {
        let place = deleted.binary_search_by_key(site, |it| it.site);
        let place = place.expect("the incident aims at all that injects delete");
        let lost = target.takes(&scenario.estate, *site);
        (u32::try_from(place).expect("fewer than 2^32 sites"), profile_of(place, lost))
    };
    sites.iter().map(row).collect()
}

/// The injects of a scenario, in its order; `first_gate` is the pool of the first gate.
pub(super) fn injects(
    scenario: &Scenario,
    graph: &Graph<'_>,
    first_gate: usize,
    profile_of: impl Fn(usize, Lost) -> u16,
) -> Vec<PlanInject> {
    let team = |id: TeamId| id.index();
    let limit = |id: LimitId| scenario.teams.len() + id.index();
    let mut alike: BTreeMap<&str, u32> = BTreeMap::new();
    let mut gate = first_gate;
    let compiled = scenario.injects.iter().map(|inject| {
        // Injects of one key are told apart by their order among each other, so that one more
        // elsewhere in the file moves no draw.
        let number = alike.entry(&inject.key).or_default();
        *number += 1;
        let what = match &inject.what {
            InjectKind::PeopleAway(id, Cut::Units(units)) => {
                PlanInjectKind::Cut(team(*id), PlanCut::By(*units))
            }
            InjectKind::PeopleAway(id, Cut::Share(share)) => {
                PlanInjectKind::Cut(team(*id), PlanCut::ByShare(share.fraction()))
            }
            InjectKind::LimitDrops(id, Cut::Units(units)) => {
                PlanInjectKind::Cut(limit(*id), PlanCut::To(*units))
            }
            InjectKind::LimitDrops(id, Cut::Share(share)) => {
                PlanInjectKind::Cut(limit(*id), PlanCut::ToShare(share.fraction()))
            }
            InjectKind::ThroughputDrops(id, share) => {
                PlanInjectKind::Slow(to_u16(id.index()), share.fraction())
            }
            InjectKind::ShiftLost(id) => PlanInjectKind::ShiftLost(team(*id)),
            InjectKind::AttemptsFail(_, count) => PlanInjectKind::AttemptsFail(*count),
            InjectKind::Deletion(sites, aim) => {
                PlanInjectKind::Delete(rows(sites, &aim.target, scenario, &profile_of))
            }
            InjectKind::Outage(_) | InjectKind::Freeze(_) => {
                gate += 1;
                PlanInjectKind::Close(gate - 1)
            }
        };
        PlanInject {
            at: moment(inject.at, graph),
            delay: inject.delay.clone(),
            lasts: inject.lasts.clone(),
            chance: inject.chance.fraction(),
            stream: StreamKey::new(Purpose::Inject, &[&inject.key, &number.to_string()]),
            what,
        }
    });
    compiled.collect()
}
