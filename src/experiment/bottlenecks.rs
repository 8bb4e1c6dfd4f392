//! What holds a recovery up: the binding chains of many recoveries, summed by what their pieces
//! went into.
//!
//! A share says how much of the outage the chain went through something. It is close to what would
//! be gained by a little less of it, but it is an attribution, not a promise: what one more of each
//! would bring is simulated in `levers`.

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::engine::Engine;
use crate::experiment::chain::{Bound, Chains, Piece};
use crate::experiment::estimates::mean_of;
use crate::experiment::{MeanEstimate, Results, StrategyResults, Yardstick, Yardsticks};
use crate::plan::{Plan, StepLabel, compile};
use crate::rng::Streams;
use crate::scenario::{Per, Scenario};
use crate::stats::rank;

/// Recoveries whose chains are looked at, at most: enough for shares to a point, and few beside
/// those that are simulated.
pub const CHAINS: usize = 200;

/// What holds the recovery of one strategy up.
#[derive(Clone, Debug, PartialEq)]
pub struct Bottlenecks {
    /// Recoveries whose chains were summed.
    pub n: usize,
    /// Recoveries that were looked at in which the site at 95 % was not back.
    pub left_out: usize,
    /// Recovery time actual of the site at 95 %, in milliseconds.
    pub rta: MeanEstimate,
    /// What the pieces of the chains went into, the largest first within each kind. Those of
    /// [`Held::in_whole`] make up the whole; those of the other kinds are other cuts through it.
    pub parts: Vec<Stretch>,
}

/// A part of the outage.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// What kind of thing it went into.
    pub held: Held,
    /// The track; empty where it is about none.
    pub track: String,
    /// The name of the thing, in the words of the scenario; empty where there is no more to say.
    pub name: String,
    /// Its length in the chain of the site at 95 %, in milliseconds: the mean over recoveries.
    pub length: MeanEstimate,
    /// Its share of that site's recovery time: the mean over recoveries.
    pub share: MeanEstimate,
    /// Its share of the recovery times of all sites that came back.
    pub share_of_all: f64,
}

/// What a part of a chain went into.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// Work on a step, for all the services or products that it is done for.
    Step,
    /// Waiting for people of a team to come, or for more units of a limit to be there.
    Capacity,
    /// Waiting until an inject was over.
    Inject,
    /// Waiting for a track to open.
    Opening,
    /// Waiting for a slot in a track that no other site freed.
    Slot,
    /// What a track did before it gave the site up.
    GivenUp,
    /// Waiting for a moment from which on machines do the work.
    Automation,
    /// Waiting for a deletion that came later.
    Deletion,
    /// What the log does not tell.
    Unknown,
    /// Work by people of these teams; without a name by nobody: by customers, vendors or machines.
    Crew,
    /// A team had what the chain followed for so long, and somebody waited for it.
    TeamBound,
    /// The same of a limit.
    LimitBound,
    /// The same of the slots of a track.
    SlotBound,
    /// Work on the load of a shard.
    Shard,
    /// Work that failed or was done again.
    Rework,
    /// Work on a step for one of the services or products that it is done for.
    Element,
}

impl Held {
    /// Whether parts of this kind, with those of the other kinds for which this holds, make up the
    /// whole.
    #[must_use]
    pub fn in_whole(self) -> bool {
        self <= Self::Unknown
    }
}

/// Simulates the first recoveries of a strategy again, at most [`CHAINS`] of them, and sums up
/// their binding chains; `None` where the site at 95 % is back in none of them.
///
/// The chain of a site begins when its recovery time does, by the policy's clock.
#[must_use]
pub fn bottlenecks(
    scenario: &Scenario,
    results: &Results,
    strategy: &StrategyResults,
) -> Option<Bottlenecks> {
    let plan = compile(scenario, strategy.strategy);
    let layout = Layout::new(&plan, &strategy.steps, !scenario.estate.is_redrawn());
    let yardsticks = Yardsticks::new(scenario, results);
    let numbers = 0..strategy.outcomes.len().min(CHAINS);
    let each: Vec<Option<Sums>> = if scenario.estate.is_redrawn() {
        let one = |number: usize| {
            let plan = compile(&scenario.in_replication(number as u64), strategy.strategy);
            let layout = Layout::new(&plan, &strategy.steps, false);
            let mut listener = Listener::new(&plan, &layout);
            listener.sums(&yardsticks.of(number), results.seed, number)
        };
        numbers.clone().into_par_iter().map(one).collect()
    } else {
        let fresh = || Listener::new(&plan, &layout);
        let one = |listener: &mut Listener<'_>, number: usize| {
            listener.sums(&yardsticks.of(number), results.seed, number)
        };
        numbers.clone().into_par_iter().map_init(fresh, one).collect()
    };
    let left_out = each.iter().filter(|it| it.is_none()).count();
    let known: Vec<Sums> = each.into_iter().flatten().collect();
    let rta = mean_of(&known.iter().map(|it| it.rta as f64).collect::<Vec<f64>>())?;
    let names = names(scenario, strategy, &plan, &layout);
    Some(Bottlenecks { n: known.len(), left_out, rta, parts: parts(&names, &known) })
}

/// What was summed up of one recovery, in milliseconds.
struct Sums {
    /// Recovery time of the site at 95 %.
    rta: u64,
    /// The parts of its chain, by place in the layout.
    of_site: Vec<u64>,
    /// The recovery times of all sites that came back.
    all: u64,
    /// The parts of their chains.
    of_all: Vec<u64>,
}

/// An engine and who listens to it.
struct Listener<'a> {
    plan: &'a Plan,
    layout: &'a Layout,
    engine: Engine<'a>,
    chains: Chains<'a>,
    /// Up to where the time before is counted already, by what is bound.
    counted: Vec<u64>,
}

impl<'a> Listener<'a> {
    fn new(plan: &'a Plan, layout: &'a Layout) -> Self {
        let counted = vec![u64::MAX; layout.lengths[TEAMS_AND_LIMITS] + layout.lengths[SLOTS]];
        Self { plan, layout, engine: Engine::new(plan), chains: Chains::new(plan), counted }
    }

    /// Simulates a replication and sums its chains up; `None` where the site at 95 % is not back.
    fn sums(&mut self, yardstick: &Yardstick, seed: u64, number: usize) -> Option<Sums> {
        self.chains.begin();
        let streams = Streams::new(seed, number as u64);
        let outcome = self.engine.simulate(streams, &mut self.chains);
        let sites = 0..yardstick.sites();
        let deleted = sites.clone().filter(|it| yardstick.deleted_at(&outcome, *it).is_some());
        let deleted = deleted.count();
        let mut back: Vec<(u64, usize)> = sites
            .filter_map(|site| Some((yardstick.rta(&outcome, site)?.as_millis(), site)))
            .collect();
        back.sort_unstable();
        let at_p95 = *back.get(rank(0.95, deleted.max(1)) - 1)?;
        let empty = || vec![0; self.layout.count()];
        let mut sums = Sums { rta: at_p95.0, of_site: empty(), all: 0, of_all: empty() };
        for (rta, site) in back {
            sums.all += rta;
            let floor = outcome.restorations[site].restored_at()?.as_millis() - rta;
            let before = ((rta, site) == at_p95).then(|| sums.of_all.clone());
            self.add(site, floor, &mut sums.of_all);
            if let Some(before) = before {
                sums.of_site = sums.of_all.iter().zip(&before).map(|(it, was)| it - was).collect();
                let whole: u64 = self.layout.whole().map(|it| sums.of_site[it]).sum();
                assert_eq!(whole, rta, "a chain tiles the outage");
            }
        }
        Some(sums)
    }

    /// Adds the parts of the chain of one site.
    fn add(&mut self, site: usize, floor: u64, sums: &mut [u64]) {
        let Self { plan, layout, chains, counted, .. } = self;
        counted.fill(u64::MAX);
        chains.walk(site, floor, |piece, from, to, bound| {
            let length = to - from;
            let mut add = |kind: usize, number: usize| sums[layout.at(kind, number)] += length;
            match piece {
                Piece::Work { task, demand, again } => {
                    let step = usize::from(task.step);
                    add(STEPS, layout.step_of[step]);
                    if layout.is_expanded[step] {
                        add(ELEMENTS, step);
                    }
                    add(CREWS, layout.crew_of[usize::from(demand)]);
                    if again {
                        add(REWORK, 0);
                    }
                    if plan.steps[usize::from(task.step)].per == Per::Shard
                        && layout.lengths[SHARDS] > 0
                    {
                        add(SHARDS, plan.loads.of(task.step, task.row) as usize);
                    }
                }
                Piece::Capacity(pool) => add(CAPACITIES, layout.limit_of[usize::from(pool)]),
                Piece::Inject(inject) => add(INJECTS, inject as usize),
                Piece::Opening(track) => add(OPENINGS, usize::from(track)),
                Piece::Slot(track) => add(SLOTS, usize::from(track)),
                Piece::GivenUp(track) => add(GIVEN_UP, usize::from(track)),
                Piece::Automation => add(AUTOMATION, 0),
                Piece::Deletion => add(DELETION, 0),
                Piece::Unknown => add(UNKNOWN, 0),
            }
            let (kind, number, since) = match bound {
                Bound::Nothing => return,
                Bound::Pool(pool, since) => {
                    (TEAMS_AND_LIMITS, layout.limit_of[usize::from(pool)], since)
                }
                Bound::Slot(track, since) => (BOUND_SLOTS, usize::from(track), since),
            };
            // What was had before this piece began, and is not counted yet.
            let offset = if kind == BOUND_SLOTS { layout.lengths[TEAMS_AND_LIMITS] } else { 0 };
            let counted = &mut counted[offset + number];
            let (since, until) = (since.max(floor), from.min(*counted));
            if since < until {
                sums[layout.at(kind, number)] += until - since;
                *counted = since;
            }
        });
    }
}

/// The kinds of sums, and where each stands among the lengths of a layout.
const STEPS: usize = 0;
const CAPACITIES: usize = 1;
const INJECTS: usize = 2;
const OPENINGS: usize = 3;
const SLOTS: usize = 4;
const GIVEN_UP: usize = 5;
const AUTOMATION: usize = 6;
const DELETION: usize = 7;
const UNKNOWN: usize = 8;
const CREWS: usize = 9;
const TEAMS_AND_LIMITS: usize = 10;
const BOUND_SLOTS: usize = 11;
const SHARDS: usize = 12;
const REWORK: usize = 13;
const ELEMENTS: usize = 14;
const KINDS: usize = 15;

/// Where each sum stands: kind after kind.
struct Layout {
    lengths: [usize; KINDS],
    starts: [usize; KINDS],
    /// The teams of each crew, by pool.
    crews: Vec<Vec<u16>>,
    /// The first step of the plan that comes from the same step of the same track.
    step_of: Vec<usize>,
    /// Whether others come from the same.
    is_expanded: Vec<bool>,
    /// The crew of each demand.
    crew_of: Vec<usize>,
    /// The limit of which a pool is a part, or the pool itself.
    limit_of: Vec<usize>,
}

impl Layout {
    /// Shards are summed one by one only where every recovery has the same.
    fn new(plan: &Plan, labels: &[StepLabel], shards: bool) -> Self {
        let same =
            |one: &StepLabel, other: &StepLabel| (&one.track, &one.id) == (&other.track, &other.id);
        let first = |it: &StepLabel| labels.iter().position(|other| same(it, other));
        let step_of: Vec<usize> =
            labels.iter().map(|it| first(it).expect("it is among them")).collect();
        let of_same = |step: &usize| step_of.iter().filter(|it| *it == step).count();
        let is_expanded = step_of.iter().map(|it| of_same(it) > 1).collect();
        let mut crews: Vec<Vec<u16>> = vec![Vec::new()];
        let mut crew_of = Vec::new();
        for demand in 0..plan.demands.len() {
            let (first, others) = plan.demands.units(demand);
            let all = std::iter::once(first).chain(others.iter().copied());
            let teams =
                all.filter(|(pool, units)| *units > 0 && plan.pools[usize::from(*pool)].is_team);
            let teams: Vec<u16> = teams.map(|it| it.0).collect();
            let known = crews.iter().position(|it| *it == teams);
            crew_of.push(known.unwrap_or(crews.len()));
            if known.is_none() {
                crews.push(teams);
            }
        }
        let mut limit_of: Vec<usize> = (0..plan.pools.len()).collect();
        for (pool, it) in plan.pools.iter().enumerate() {
            if let Some(parts) = &it.parts {
                limit_of[parts.clone()].fill(pool);
            }
        }
        let mut lengths = [1; KINDS];
        lengths[STEPS] = plan.steps.len();
        lengths[CAPACITIES] = plan.first_gate;
        lengths[INJECTS] = plan.injects.len();
        for kind in [OPENINGS, SLOTS, GIVEN_UP, BOUND_SLOTS] {
            lengths[kind] = plan.tracks.len();
        }
        lengths[ELEMENTS] = plan.steps.len();
        lengths[CREWS] = crews.len();
        lengths[TEAMS_AND_LIMITS] = plan.first_gate;
        lengths[SHARDS] = if shards { plan.loads.loads.len() } else { 0 };
        let mut starts = [0; KINDS];
        for kind in 1..KINDS {
            starts[kind] = starts[kind - 1] + lengths[kind - 1];
        }
        Self { lengths, starts, crews, step_of, is_expanded, crew_of, limit_of }
    }

    fn at(&self, kind: usize, number: usize) -> usize {
        assert!(number < self.lengths[kind], "a part has a place in the layout");
        self.starts[kind] + number
    }

    fn count(&self) -> usize {
        self.starts[KINDS - 1] + self.lengths[KINDS - 1]
    }

    /// The places of the parts that make up the whole.
    fn whole(&self) -> std::ops::Range<usize> {
        0..self.starts[CREWS]
    }
}

/// What each place of a layout is about: its kind, the track and the name.
fn names(
    scenario: &Scenario,
    strategy: &StrategyResults,
    plan: &Plan,
    layout: &Layout,
) -> Vec<(Held, String, String)> {
    let pool = |it: usize| plan.pools[it].name.clone();
    let track = |it: usize| strategy.tracks[it].clone();
    let one = |kind: usize, number: usize| {
        let none = String::new;
        match kind {
            STEPS => {
                let label = &strategy.steps[number];
                (Held::Step, label.track.clone(), label.id.clone())
            }
            ELEMENTS => {
                let label = &strategy.steps[number];
                (Held::Element, label.track.clone(), label.step.clone())
            }
            CAPACITIES => (Held::Capacity, none(), pool(number)),
            INJECTS => (Held::Inject, none(), scenario.injects[number].title.clone()),
            OPENINGS => (Held::Opening, track(number), none()),
            SLOTS => (Held::Slot, track(number), none()),
            GIVEN_UP => (Held::GivenUp, track(number), none()),
            AUTOMATION => (Held::Automation, none(), none()),
            DELETION => (Held::Deletion, none(), none()),
            UNKNOWN => (Held::Unknown, none(), none()),
            CREWS => {
                let teams = layout.crews[number].iter().map(|it| pool(usize::from(*it)));
                (Held::Crew, none(), teams.collect::<Vec<String>>().join("+"))
            }
            TEAMS_AND_LIMITS if plan.pools[number].is_team => {
                (Held::TeamBound, none(), pool(number))
            }
            TEAMS_AND_LIMITS => (Held::LimitBound, none(), pool(number)),
            BOUND_SLOTS => (Held::SlotBound, track(number), none()),
            SHARDS => (Held::Shard, none(), load_name(strategy, plan, number)),
            _ => (Held::Rework, none(), none()),
        }
    };
    let kinds = (0..KINDS).flat_map(|kind| (0..layout.lengths[kind]).map(move |it| (kind, it)));
    kinds.map(|(kind, number)| one(kind, number)).collect()
}

/// "load/content#17"
fn load_name(strategy: &StrategyResults, plan: &Plan, load: usize) -> String {
    let rows = 0..u32::try_from(plan.sites.len()).expect("fewer than 2^32 sites");
    let loads = (0u16..).zip(&plan.steps).filter(|(_, it)| it.per == Per::Shard);
    let is_it = |step: u16| rows.clone().any(|row| plan.loads.of(step, row) as usize == load);
    let step = loads.map(|it| it.0).find(|step| is_it(*step));
    let step = step.map_or("", |it| strategy.steps[usize::from(it)].step.as_str());
    format!("{step}#{}", plan.loads.loads[load].shard)
}

/// The parts of which there is anything, the largest first within each kind.
fn parts(names: &[(Held, String, String)], known: &[Sums]) -> Vec<Stretch> {
    let all: u64 = known.iter().map(|it| it.all).sum();
    let part = |(place, (held, track, name)): (usize, &(Held, String, String))| {
        let of_all: u64 = known.iter().map(|it| it.of_all[place]).sum();
        if of_all == 0 {
            return None;
        }
        let share = |it: &Sums| match it.rta {
            0 => 0.0,
            rta => it.of_site[place] as f64 / rta as f64,
        };
        let lengths: Vec<f64> = known.iter().map(|it| it.of_site[place] as f64).collect();
        Some(Stretch {
            held: *held,
            track: track.clone(),
            name: name.clone(),
            length: mean_of(&lengths)?,
            share: mean_of(&known.iter().map(share).collect::<Vec<f64>>())?,
            share_of_all: of_all as f64 / all as f64,
        })
    };
    let mut parts: Vec<Stretch> = names.iter().enumerate().filter_map(part).collect();
    // The order of the layout settles what is equal.
    parts.sort_by(|a, b| a.held.cmp(&b.held).then(b.length.mean.total_cmp(&a.length.mean)));
    parts
}
