//! The tracks of a strategy: when they are open, and which sites they take in which order.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::rng::Purpose;
use crate::scenario::{
    Batch, DeletedSite, GroupBy, OnClose, Per, Scenario, SiteOrder, Strategy, Track,
};

use super::capacities::TrackLevels;
use super::draws::Lanes;
use super::expand::{Graph, to_u16};
use super::moment::{PlanMoment, moment};
use super::sites::PlanSite;

/// One runbook at work.
#[derive(Clone, Debug)]
pub(crate) struct PlanTrack {
    pub name: String,
    /// Whether it claims the sites that it takes.
    pub claims: bool,
    /// Whether it takes sites at all.
    pub takes_sites: bool,
    pub opens: PlanMoment,
    pub closes: Option<PlanMoment>,
    /// Whether batches in flight are given up when it closes.
    pub moves_on_close: bool,
    /// The rows that it may take, in the order in which it takes them, before noise.
    pub candidates: Arc<[u32]>,
    /// The order is drawn anew in every replication.
    pub shuffle: Option<Shuffle>,
    /// The group of each row, if the sites of a group stay next to each other in the order.
    pub groups: Option<Arc<[u32]>>,
    /// The level that says how many sites a batch has.
    pub size: usize,
    /// The level that says how many batches are at work at once.
    pub in_flight: Option<usize>,
    /// Its part of the list of steps.
    pub steps: std::ops::Range<usize>,
    /// Of those the steps for sites and batches, in runs of neighbours.
    pub own_steps: Vec<std::ops::Range<usize>>,
    pub once_steps: Vec<u16>,
    pub batch_steps: Vec<u16>,
}

/// How an order is drawn anew in every replication.
#[derive(Clone, Debug)]
pub(crate) struct Shuffle {
    pub order: SiteOrder,
    /// Coefficient of variation of the factor on each site's size.
    pub noise: f64,
    /// The lane of the draws.
    pub lane: usize,
}

/// The tracks of a strategy, in the order of the file, each with its levels.
pub(super) fn tracks(
    scenario: &Scenario,
    strategy: &Strategy,
    graph: &Graph<'_>,
    sites: &[PlanSite],
    levels: &[TrackLevels],
    lanes: &mut Lanes,
) -> Vec<PlanTrack> {
    let mut compiled: Vec<PlanTrack> = Vec::with_capacity(levels.len());
    let all = strategy.tracks.as_slice();
    for (track, (nodes, levels)) in all.iter().zip(graph.tracks.iter().zip(levels)) {
        // Many tracks may take the same sites in the same order.
        let known = all.iter().zip(&compiled).find(|(other, _)| {
            (&other.takes, other.batch.order, other.batch.group_by)
                == (&track.takes, track.batch.order, track.batch.group_by)
        });
        let (candidates, groups) = match known {
            Some((_, known)) => (Arc::clone(&known.candidates), known.groups.clone()),
            None => {
                let groups = groups(scenario, track.batch.group_by, sites);
                (candidates(scenario, track, sites, groups.as_deref()), groups)
            }
        };
        compiled.push(PlanTrack {
            name: track.name.clone(),
            claims: track.claims,
            takes_sites: scenario.runbooks[track.runbook].takes_sites(),
            opens: moment(track.opens, graph),
            closes: track.closes.map(|at| moment(at, graph)),
            moves_on_close: track.on_close == OnClose::Move,
            candidates,
            shuffle: shuffle(&track.batch, lanes),
            groups,
            size: levels.size,
            in_flight: levels.in_flight,
            steps: nodes.clone(),
            own_steps: own_steps(graph, nodes),
            once_steps: steps_of(graph, nodes, Per::Once),
            batch_steps: steps_of(graph, nodes, Per::Batch),
        });
    }
    compiled
}

/// The steps among these nodes that are done for something and not left out for all.
fn steps_of(graph: &Graph<'_>, nodes: &Range<usize>, per: Per) -> Vec<u16> {
    let there = |node: &usize| graph.per(*node) == per && !graph.nodes[*node].absent;
    nodes.clone().filter(there).map(to_u16).collect()
}

/// The steps for sites and batches among these nodes, in runs of neighbours.
fn own_steps(graph: &Graph<'_>, nodes: &Range<usize>) -> Vec<Range<usize>> {
    let is_own = |node: &usize| matches!(graph.per(*node), Per::Site | Per::Batch);
    let own: Vec<usize> = nodes.clone().filter(is_own).collect();
    own.chunk_by(|a, b| a + 1 == *b).map(|run| run[0]..run[0] + run.len()).collect()
}

/// The rows that a track may take, in its order.
fn candidates(
    scenario: &Scenario,
    track: &Track,
    sites: &[PlanSite],
    groups: Option<&[u32]>,
) -> Arc<[u32]> {
    let takes = |row: &usize| {
        let site = scenario.incident.deleted[*row].site;
        track.takes.matches(&scenario.estate, site)
    };
    let mut rows: Vec<u32> = (0..sites.len())
        .filter(takes)
        .map(|row| u32::try_from(row).expect("fewer than 2^32 sites"))
        .collect();
    let size = |row: &u32| &sites[*row as usize];
    match track.batch.order {
        SiteOrder::List | SiteOrder::Random => {}
        SiteOrder::Deleted => rows.sort_by_key(|row| (size(row).deleted_at, *row)),
        SiteOrder::UsersDescending => rows.sort_by_key(|row| (Reverse(size(row).users), *row)),
        SiteOrder::UsersAscending => rows.sort_by_key(|row| (size(row).users, *row)),
        SiteOrder::BytesDescending => rows.sort_by_key(|row| (Reverse(size(row).bytes), *row)),
        SiteOrder::BytesAscending => rows.sort_by_key(|row| (size(row).bytes, *row)),
        SiteOrder::Tier => {
            rows.sort_by_key(|row| (size(row).tier, Reverse(size(row).users), *row));
        }
    }
    if let Some(groups) = groups {
        keep_together(&mut rows, groups);
    }
    rows.into()
}

fn shuffle(batch: &Batch, lanes: &mut Lanes) -> Option<Shuffle> {
    let sized = !matches!(batch.order, SiteOrder::List | SiteOrder::Deleted);
    let drawn = batch.order == SiteOrder::Random || (sized && batch.noise > 0.0);
    drawn.then(|| Shuffle {
        order: batch.order,
        noise: batch.noise,
        lane: lanes.lane(Purpose::Order, ""),
    })
}

/// The group of each row.
fn groups(scenario: &Scenario, group_by: GroupBy, sites: &[PlanSite]) -> Option<Arc<[u32]>> {
    let estate = &scenario.estate;
    match group_by {
        GroupBy::None => None,
        GroupBy::Customer => Some(sites.iter().map(|site| site.customer).collect()),
        GroupBy::Shard(id) => {
            let service = &estate.services[id];
            let group = |(row, deleted): (u32, &DeletedSite)| {
                // A site without data of the service is a group of its own.
                match estate.has_service(&estate.sites[deleted.site], id) {
                    true => service.shard_of[deleted.site],
                    false => service.shards + row,
                }
            };
            Some((0u32..).zip(&scenario.incident.deleted).map(group).collect())
        }
    }
}

/// Moves the rows of each group behind the first of them, in their order.
pub(crate) fn keep_together(rows: &mut [u32], groups: &[u32]) {
    let mut first: BTreeMap<u32, usize> = BTreeMap::new();
    for (place, row) in rows.iter().enumerate() {
        first.entry(groups[*row as usize]).or_insert(place);
    }
    rows.sort_by_key(|row| first[&groups[*row as usize]]);
}
