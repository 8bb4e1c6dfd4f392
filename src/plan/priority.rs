//! The ranks of tasks under the priority rules that never change during a replication.
//!
//! The rules are the classic ones of project scheduling (R. Kolisch, "Serial and parallel
//! resource-constrained project scheduling methods revisited", 1996). Times on the critical path
//! are means, with growth by size and without limits of people; a transfer has its throughput to
//! itself.
//!
//! The rank positional weight is that of the paper, after R. Alvarez-Valdés and J. M. Tamarit
//! (1989): the time of a task and of its immediate successors. The weight with all successors,
//! direct or not, is a rule of its own in the field (GRPW*) and not this one.

use crate::scenario::{Per, PriorityRule};

use super::growth::PlanGrowth;
use super::loads::PlanLoads;
use super::profile::{Precedence, Profile};
use super::sites::PlanSite;
use super::step::{PlanStep, StepDetail};
use super::track::PlanTrack;

/// The order among eligible tasks.
#[derive(Clone, Debug)]
pub(crate) struct PlanPriority {
    pub rule: PriorityRule,
    /// The rank of each task, smaller first, where the rule has one that never changes.
    pub ranks: Vec<u64>,
}

/// What tasks are ranked by.
pub(super) struct Ranked<'a> {
    pub rule: PriorityRule,
    pub tracks: &'a [PlanTrack],
    pub steps: &'a [PlanStep],
    pub details: &'a [StepDetail],
    pub sites: &'a [PlanSite],
    pub profiles: &'a [Profile],
    pub precedence: &'a Precedence,
    pub loads: &'a PlanLoads,
    pub growth: &'a PlanGrowth,
}

/// A rank for each task, smaller first; empty where the rule has none that stands still.
///
/// `order` lists the steps, each after those before it. Cost: sites times edges.
pub(super) fn ranks(plan: &Ranked<'_>, order: &[usize]) -> Vec<u64> {
    let by_site = |rank: &dyn Fn(usize) -> u64| {
        let steps = plan.steps.len();
        (0..plan.sites.len()).flat_map(|row| std::iter::repeat_n(rank(row), steps)).collect()
    };
    match plan.rule {
        PriorityRule::Fifo | PriorityRule::Fixed | PriorityRule::Random => Vec::new(),
        PriorityRule::MostUsers => by_site(&|row| u64::MAX - u64::from(plan.sites[row].users)),
        PriorityRule::Tier => by_site(&|row| u64::from(plan.sites[row].tier)),
        PriorityRule::MostSuccessors => most_successors(plan, order),
        rule => from_critical_path(plan, order, rule),
    }
}

fn most_successors(plan: &Ranked<'_>, order: &[usize]) -> Vec<u64> {
    let counts: Vec<Vec<u64>> =
        plan.profiles.iter().map(|profile| descendants(plan, profile, order)).collect();
    let of_site = |site: &PlanSite| counts[usize::from(site.widest)].iter();
    plan.sites.iter().flat_map(of_site).map(|count| u64::MAX - count).collect()
}

/// How many steps come, directly or not, after each.
fn descendants(plan: &Ranked<'_>, profile: &Profile, order: &[usize]) -> Vec<u64> {
    let words = plan.steps.len().div_ceil(64);
    let mut after = vec![vec![0u64; words]; plan.steps.len()];
    for node in order.iter().rev().filter(|it| plan.steps[**it].per != Per::Shard) {
        let mut own = vec![0u64; words];
        for later in successors(plan, profile, *node) {
            own[later / 64] |= 1 << (later % 64);
            for (mine, theirs) in own.iter_mut().zip(&after[later]) {
                *mine |= theirs;
            }
        }
        if let Some(load) = plan.details[*node].asks_for.map(usize::from) {
            let of_load = after[load].iter_mut().zip(&own);
            of_load.for_each(|(load, own)| *load |= own);
            after[load][node / 64] |= 1 << (node % 64);
        }
        after[*node] = own;
    }
    let mut counts: Vec<u64> = after
        .iter()
        .map(|bits| bits.iter().map(|word| u64::from(word.count_ones())).sum())
        .collect();
    for (node, failing) in stand_ins(plan) {
        counts[node] = counts[failing];
    }
    counts
}

/// The steps that stand in for others, each with that one. They are on nobody's way unless that
/// fails; then they are followed by what follows it.
fn stand_ins<'a>(plan: &Ranked<'a>) -> impl Iterator<Item = (usize, usize)> + use<'a> {
    let all = plan.details.iter().enumerate();
    all.filter_map(|(node, it)| Some((node, usize::from(it.stands_in_for?))))
}

fn successors<'a>(
    plan: &'a Ranked<'a>,
    profile: &'a Profile,
    node: usize,
) -> impl Iterator<Item = usize> + 'a {
    let of_site = profile.successors_of(node);
    let of_batch = &plan.precedence.batch_successors[node];
    let of_once = &plan.precedence.once_successors[node];
    // A track's batches wait for its `once` steps, though no edge says so.
    let track = usize::from(plan.steps[node].track);
    let gated = (plan.steps[node].per == Per::Once)
        .then(|| profile.roots[track].iter().chain(&plan.tracks[track].batch_steps));
    let of_gate = gated.into_iter().flatten();
    of_site.iter().chain(of_batch).chain(of_once).chain(of_gate).map(|it| usize::from(*it))
}

/// Ranks by times on the critical path: earliest starts, and the longest path from the start of
/// each task to its site's end; and by the times of tasks and their immediate successors.
fn from_critical_path(plan: &Ranked<'_>, order: &[usize], rule: PriorityRule) -> Vec<u64> {
    let steps = plan.steps.len();
    let load_of = |node: usize| plan.details[node].asks_for.map(usize::from);
    let mut ranks = Vec::with_capacity(steps * plan.sites.len());
    let mut length = vec![0.0; steps];
    let mut head = vec![0.0; steps];
    let mut tail = vec![0.0; steps];
    let mut weight = vec![0.0; steps];
    // The longest path over all sites is when everything would be due.
    let mut critical: f64 = 0.0;
    let mut tails_after: Vec<f64> = Vec::new();
    for (row, site) in plan.sites.iter().enumerate() {
        let profile = &plan.profiles[usize::from(site.widest)];
        for (node, step) in plan.steps.iter().enumerate() {
            let growth = match step.per {
                Per::Once => 1.0,
                Per::Shard => plan.loads.growth(super::expand::to_u16(node)),
                Per::Batch | Per::Site => plan.growth.kinds[usize::from(step.growth)].by_row[row],
            };
            let detail = &plan.details[node];
            length[node] = match &detail.transfer {
                _ if !profile.present[node] => 0.0,
                Some(transfer) => transfer.length_alone(row),
                None => detail.mean * growth,
            };
        }
        head.fill(0.0);
        for node in order {
            // A load is asked for when all else that comes before is done.
            if let Some(load) = load_of(*node) {
                head[load] = f64::max(head[load], head[*node]);
                head[*node] += length[load];
            }
            for later in successors(plan, profile, *node) {
                head[later] = f64::max(head[later], head[*node] + length[*node]);
            }
        }
        tail.fill(0.0);
        for node in order.iter().rev().filter(|it| plan.steps[**it].per != Per::Shard) {
            let way = |it: usize| load_of(it).map_or(tail[it], |load| tail[load]);
            let after = successors(plan, profile, *node).map(way).fold(0.0, f64::max);
            tail[*node] = length[*node] + after;
            if let Some(load) = load_of(*node).filter(|_| profile.present[*node]) {
                tail[load] = f64::max(tail[load], length[load] + tail[*node]);
            }
        }
        weight.copy_from_slice(&length);
        for node in order {
            // Between an extract and what comes before it stands its load.
            if let Some(load) = load_of(*node) {
                weight[load] += length[*node];
            }
            let next = successors(plan, profile, *node);
            weight[*node] += next.map(|it| length[load_of(it).unwrap_or(it)]).sum::<f64>();
        }
        for (node, failing) in stand_ins(plan) {
            head[node] = head[failing] + length[failing];
            tail[node] = length[node] + tail[failing] - length[failing];
            weight[node] = length[node] + weight[failing] - length[failing];
        }
        let on_the_way = std::iter::zip(plan.steps, &tail).filter(|(step, _)| !step.stands_in);
        let site_critical = on_the_way.map(|(_, tail)| *tail).fold(0.0, f64::max);
        critical = critical.max(site_critical);
        for node in 0..steps {
            ranks.push(match rule {
                PriorityRule::Shortest => whole(length[node]),
                PriorityRule::LongestRemaining => u64::MAX - whole(tail[node]),
                PriorityRule::RankPositionalWeight => u64::MAX - whole(weight[node]),
                PriorityRule::EarliestStart => whole(head[node]),
                PriorityRule::LeastSlack => whole(site_critical - head[node] - tail[node]),
                _ => 0,
            });
        }
        if rule == PriorityRule::LatestFinish {
            tails_after.extend((0..steps).map(|node| tail[node] - length[node]));
        }
    }
    if rule == PriorityRule::LatestFinish {
        return tails_after.into_iter().map(|after| whole(critical - after)).collect();
    }
    ranks
}

fn whole(millis: f64) -> u64 {
    millis.max(0.0).round() as u64
}
