//! Where the hours of one site went in one replication, told in two ways from the same pieces: its
//! own work and waiting, and the binding chain, which follows whoever held it up.
//!
//! Either tiles the outage: each piece begins where the one before it ends.

use std::cmp::Reverse;

use crate::chain::walk::{Chains, OwnHours};
use crate::engine::Engine;
use crate::experiment::listener::follow;
use crate::experiment::{Aims, Design, PackedOutcome, Results, StrategyResults, run};
use crate::ids::{Id, MilestoneId, SiteId, StrategyId};
use crate::plan::{PlanBase, compile};
use crate::review::cause::PieceCause;
use crate::review::names::Names;
use crate::rng::Streams;
use crate::scenario::Scenario;
use crate::trace::{Piece, Restoration, TaskRef, Try};
use crate::units::{SimDuration, SimTime};

/// Where the hours of a site went.
#[derive(Clone, Debug, PartialEq)]
pub struct Why {
    /// When it was last deleted; `None` if it was spared.
    pub deleted_at: Option<SimTime>,
    /// How it ended.
    pub end: Restoration,
    /// The parts of it that were lost, by name; none where it was the whole site.
    pub lost: Vec<String>,
    /// The track that gave it back; empty where none did.
    pub restored_by: String,
    /// Its own hours from the deletion to the hand-over, in order; empty where it was not handed
    /// over.
    pub links: Vec<Link>,
    /// Its binding chain, of the same time.
    pub chain: Vec<ChainLink>,
}

/// A piece of the binding chain of a site, as the page tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct ChainLink {
    /// When it begins.
    pub from: SimTime,
    /// When it ends.
    pub to: SimTime,
    /// What the time went into.
    pub cause: PieceCause,
}

/// A piece of the hours of a site itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// When it begins.
    pub from: SimTime,
    /// When it ends.
    pub to: SimTime,
    /// What the time went into.
    pub cause: Cause,
    /// The track; empty where it is about none.
    pub track: String,
    /// The step; empty where it is about none.
    pub step: String,
    /// The teams that work, or the team, limit or milestone that is waited for.
    pub who: String,
}

/// What a piece of time went into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Work that was done at the first attempt.
    Work,
    /// Work that had to be done again.
    Rework,
    /// An attempt that failed.
    Failed,
    /// Waiting for people of a team.
    People,
    /// Waiting for units of a limit.
    Limit,
    /// Waiting until an inject was over.
    Inject,
    /// An attempt that paused, for want of people.
    Pause,
    /// Waiting for a slot in its track.
    Slot,
    /// Waiting for others of its batch.
    Batch,
    /// Waiting for the load of its shard: until somebody came to it, and while it ran.
    Load,
    /// Waiting for its track to open.
    Opening,
    /// What a track did before it closed and gave the site up.
    GivenUp,
    /// What a track did before another deletion, after which the site was taken anew.
    Superseded,
    /// Waiting for a moment from which on machines do the work.
    Automation,
    /// Waiting for its own deletion: the outage had begun before, with another.
    Deletion,
    /// What the log does not tell.
    Unknown,
}

/// Where the hours of one site went in one replication; `None` if the incident does not aim at it
/// in that one.
#[must_use]
pub fn why(
    scenario: &Scenario,
    strategy: StrategyId,
    seed: u64,
    replication: u64,
    site: SiteId,
) -> Option<Why> {
    let all = whys(scenario, strategy, seed, replication, &|it| it == site);
    all.into_iter().next().map(|it| it.1)
}

/// The same of all sites that are `asked` for, from one simulation.
#[must_use]
pub fn whys(
    scenario: &Scenario,
    strategy: StrategyId,
    seed: u64,
    replication: u64,
    asked: &dyn Fn(SiteId) -> bool,
) -> Vec<(SiteId, Why)> {
    let scenario = &*scenario.in_replication(replication);
    let plan = compile(scenario, strategy);
    let mut chains = Chains::new(&plan);
    let streams = Streams::new(seed, replication);
    let mut engine = Engine::new(&plan);
    let outcome = follow(&mut engine, streams, &mut chains, &mut None);
    let names = Names::new(scenario, strategy, &plan);
    let sites = scenario.incident.deleted.iter().enumerate().filter(|it| asked(it.1.site));
    let told = sites.map(|(place, it)| {
        let deleted_at = outcome.deleted_at(place, it.at);
        let end = outcome.restorations[place];
        let restored_by = names.track_or_none(outcome.restored_by[place]);
        let (links, chain) = match (end, deleted_at) {
            (Restoration::Restored(_), Some(deleted)) => tell(&chains, &names, place, deleted),
            _ => (Vec::new(), Vec::new()),
        };
        let lost = scenario.estate.lost_parts(engine.lost(place));
        let lost = lost.into_iter().map(str::to_owned).collect();
        (it.site, Why { deleted_at, end, lost, restored_by, links, chain })
    });
    told.collect()
}

/// The hours of a site itself and its binding chain since its deletion.
fn tell(
    chains: &Chains<'_>,
    names: &Names<'_>,
    place: usize,
    deleted: SimTime,
) -> (Vec<Link>, Vec<ChainLink>) {
    let instant = SimTime::from_millis;
    let (mut links, mut chain) = (Vec::new(), Vec::new());
    chains.walk_own(place, deleted.as_millis(), |hours, from, to| {
        let mut link = link(names, hours, instant(from), instant(to));
        if let OwnHours::Piece(Piece::GivenUp(track)) = hours
            && !chains.moved_at(track, link.to)
        {
            link.cause = Cause::Superseded;
        }
        links.push(link);
    });
    chains.walk(place, deleted.as_millis(), |piece, from, to, bound| {
        if from < to {
            let (from, to) = (instant(from), instant(to));
            chain.push(ChainLink { from, to, cause: names.cause(piece, bound) });
        }
    });
    links.reverse();
    chain.reverse();
    (links, chain)
}

/// A piece of the hours of a site itself, with names.
fn link(names: &Names<'_>, hours: OwnHours, from: SimTime, to: SimTime) -> Link {
    let told = |cause: Cause, track: String, who: String| Link {
        from,
        to,
        cause,
        track,
        step: String::new(),
        who,
    };
    let of_task = |cause: Cause, task: TaskRef, who: String| {
        let label = names.step(task.step);
        Link { step: label.step.clone(), ..told(cause, label.track.clone(), who) }
    };
    match hours {
        OwnHours::Wait(task, lacked) => {
            let (cause, who) = lacking(names, lacked);
            of_task(cause, task, who)
        }
        OwnHours::Pause(task, lacked) => of_task(Cause::Pause, task, lacking(names, lacked).1),
        OwnHours::Load(task, load) => of_task(Cause::Load, task, names.load(load)),
        OwnHours::Batch(task) => of_task(Cause::Batch, task, String::new()),
        OwnHours::Piece(piece) => match piece {
            Piece::Work { task, takes, attempt } => {
                let cause = match attempt {
                    Try::First | Try::GivenUp => Cause::Work,
                    Try::Again => Cause::Rework,
                    Try::Failed => Cause::Failed,
                };
                of_task(cause, task, names.teams(takes))
            }
            Piece::Opening(track) => told(Cause::Opening, names.track(track), opens(names, track)),
            Piece::Slot(track) => told(Cause::Slot, names.track(track), String::new()),
            Piece::GivenUp(track) => told(Cause::GivenUp, names.track(track), String::new()),
            Piece::Deletion => told(Cause::Deletion, String::new(), String::new()),
            Piece::Capacity(_) | Piece::Inject(_) | Piece::Automation | Piece::Unknown => {
                let (cause, who) = lacking(names, piece);
                told(cause, String::new(), who)
            }
        },
    }
}

/// What was waited for, with its name.
fn lacking(names: &Names<'_>, lacked: Piece) -> (Cause, String) {
    match lacked {
        Piece::Capacity(pool) if names.is_team(pool) => (Cause::People, names.pool(pool)),
        Piece::Capacity(pool) => (Cause::Limit, names.pool(pool)),
        Piece::Inject(inject) => (Cause::Inject, names.inject(inject)),
        Piece::Automation => (Cause::Automation, String::new()),
        _ => (Cause::Unknown, String::new()),
    }
}

/// What a track opens after: a milestone, a step, or nothing.
fn opens(names: &Names<'_>, track: u8) -> String {
    match names.plan.tracks[usize::from(track)].opens.base {
        PlanBase::Start => String::new(),
        PlanBase::Milestone(index) => {
            names.scenario.incident.milestones[MilestoneId::new(index)].name.clone()
        }
        PlanBase::Step(step) => names.step(step).step.clone(),
    }
}

/// The number of the replication in which the outage of a site is the median of `replications`,
/// those without an end last, and that outage; `None` where every replication draws its own sites.
#[must_use]
pub fn median_replication(
    scenario: &Scenario,
    strategy: StrategyId,
    seed: u64,
    replications: u32,
    site: SiteId,
) -> Option<(u64, Option<SimDuration>)> {
    if scenario.estate.is_redrawn() {
        return None;
    }
    let place = scenario.incident.deleted.iter().position(|it| it.site == site)?;
    let planned = scenario.incident.deleted[place].at;
    let design = Design { strategies: vec![strategy], replications, seed, explained: false };
    let results = run(scenario, &design, &|| ());
    let outcomes = results.strategies[0].outcomes.iter().enumerate();
    let mut outages: Vec<(bool, Option<SimDuration>, usize)> = outcomes
        .filter_map(|(number, outcome)| {
            let deleted = outcome.deleted_at(place, planned)?;
            let end = outcome.restored_at(place);
            let outage = end.map(|it| it.saturating_since(deleted));
            Some((outage.is_none(), outage, number))
        })
        .collect();
    outages.sort_unstable();
    let middle = outages.len().checked_sub(1)? / 2;
    Some((outages[middle].2 as u64, outages[middle].1))
}

/// The site whose median outage is the longest, the first of those that are alike; one that never
/// comes back is out for longest. `None` where every replication draws its own sites, or where
/// none is deleted.
#[must_use]
pub fn out_longest(results: &Results, strategy: &StrategyResults) -> Option<SiteId> {
    let Aims::Same(sites) = &results.aims else { return None };
    let median = |place: usize| {
        let outage = |it: &PackedOutcome| {
            let deleted = it.deleted_at(place, sites[place].at)?;
            let end = it.restored_at(place);
            Some(end.map_or(u64::MAX, |end| end.saturating_since(deleted).as_millis()))
        };
        let mut outages: Vec<u64> = strategy.outcomes.iter().filter_map(outage).collect();
        let middle = outages.len().checked_sub(1)? / 2;
        Some(*outages.select_nth_unstable(middle).1)
    };
    let each = (0..sites.len()).filter_map(|place| Some((median(place)?, Reverse(place))));
    each.max().map(|(_, Reverse(place))| sites[place].site)
}
