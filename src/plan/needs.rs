//! What tasks need: teams and limits, by shard where a limit counts per shard, and apart what they
//! keep beyond their own end.

use std::collections::BTreeMap;

use crate::ids::{Id, ServiceId};
use crate::scenario::{Per, Scenario};

use super::expand::{Graph, Node, to_u16};
use super::profile::contract;
use super::{Demands, PlanPool, Profile};

/// Collects what tasks need, each combination once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Needs {
    demands: Vec<Vec<(u16, u32)>>,
    places: BTreeMap<Vec<(u16, u32)>, u16>,
    /// The shards of a service on which deleted sites lie.
    shards: BTreeMap<ServiceId, Shards>,
    /// The first part of each pool that counts per shard, by pool and service.
    parts: BTreeMap<(u16, ServiceId), u16>,
}

/// The shards of a service on which deleted sites lie.
#[derive(Clone, Debug, Default)]
struct Shards {
    /// The place of each row's shard among them.
    of_row: Vec<u32>,
    count: u16,
}

/// What the tasks of a step need, where that depends on the row or on what they hold.
#[derive(Clone, Debug)]
pub(crate) struct Variants {
    /// The variant of each row; without any there is only one.
    of_row: Vec<u32>,
    variants: Vec<Variant>,
    /// The place in [`super::Plan::holds`] of what it holds; none of a `shard` step.
    pub hold: Option<u16>,
}

/// Places in [`super::Plan::demands`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Variant {
    /// To start without holding anything yet.
    pub all: u16,
    /// While it runs, besides what it holds.
    pub running: u16,
    /// What it holds.
    pub held: u16,
}

impl Variants {
    /// What a row's task needs.
    #[inline]
    pub(crate) fn of(&self, row: u32) -> Variant {
        let variant = self.of_row.get(row as usize).copied().unwrap_or(0);
        self.variants[variant as usize]
    }
}

/// What the tasks of a step for sites, batches or tracks keep beyond their own end.
#[derive(Clone, Debug)]
pub(crate) struct PlanHold {
    /// The step that takes it.
    pub step: u16,
    /// The steps whose ends give it back, when the step itself is done too: for each profile, or
    /// one entry if the step is not done for sites.
    pub until: Vec<Vec<u16>>,
}

impl Needs {
    /// Makes the parts of limits that count per shard: for each service of a step that takes them
    /// as many as it has shards with deleted sites.
    pub(super) fn new(scenario: &Scenario, graph: &Graph<'_>, pools: &mut Vec<PlanPool>) -> Self {
        let mut needs = Self::default();
        needs.place(BTreeMap::new());
        for (limit, it) in scenario.limits.enumerate().filter(|(_, it)| it.per_shard) {
            let first = pools.len();
            for (service, _) in scenario.estate.services.enumerate() {
                let takes = |node: &Node<'_>| {
                    let mut all = node.step.limits.iter().chain(&node.step.holds);
                    node.element.service() == Some(service) && all.any(|(own, _)| *own == limit)
                };
                if !graph.nodes.iter().any(takes) {
                    continue;
                }
                let pool = to_u16(scenario.teams.len() + limit.index());
                needs.parts.insert((pool, service), to_u16(pools.len()));
                let shards =
                    needs.shards.entry(service).or_insert_with(|| shards(scenario, service));
                let part =
                    PlanPool { name: it.name.clone(), part_of: Some(pool), ..PlanPool::default() };
                pools.extend(std::iter::repeat_n(part, usize::from(shards.count)));
            }
            let parts = first..pools.len();
            pools[scenario.teams.len() + limit.index()].parts = Some(parts);
        }
        needs
    }

    /// The place of a combination.
    pub(super) fn place(&mut self, units: BTreeMap<u16, u32>) -> u16 {
        let demand: Vec<(u16, u32)> = units.into_iter().collect();
        let demands = &mut self.demands;
        *self.places.entry(demand).or_insert_with_key(|demand| {
            demands.push(demand.clone());
            to_u16(demands.len() - 1)
        })
    }

    /// The units of a combination.
    pub(super) fn units(&self, place: u16) -> &[(u16, u32)] {
        &self.demands[usize::from(place)]
    }

    /// What the tasks of a step need, if that varies.
    pub(super) fn variants(
        &mut self,
        node: &Node<'_>,
        running: &BTreeMap<u16, u32>,
        held: &BTreeMap<u16, u32>,
    ) -> Option<Variants> {
        let service = node.element.service();
        let per_shard =
            |pool: &u16| service.is_some_and(|it| self.parts.contains_key(&(*pool, it)));
        let by_shard = running.keys().chain(held.keys()).any(per_shard);
        if !by_shard && held.is_empty() {
            return None;
        }
        let shards = service.filter(|_| by_shard).map(|it| self.shards[&it].clone());
        let count = shards.as_ref().map_or(1, |it| it.count);
        let variants = (0..count).map(|shard| {
            let own = |units: &BTreeMap<u16, u32>| -> BTreeMap<u16, u32> {
                let part = |pool: &u16| self.parts.get(&(*pool, service?));
                units
                    .iter()
                    .map(|(pool, n)| (part(pool).map_or(*pool, |it| it + shard), *n))
                    .collect()
            };
            let (running, held) = (own(running), own(held));
            let mut all = running.clone();
            held.iter().for_each(|(pool, units)| *all.entry(*pool).or_default() += units);
            (all, running, held)
        });
        let variants: Vec<_> = variants.collect();
        let variants = variants.into_iter().map(|(all, running, held)| Variant {
            all: self.place(all),
            running: self.place(running),
            held: self.place(held),
        });
        let of_row = shards.map(|it| it.of_row).unwrap_or_default();
        Some(Variants { variants: variants.collect(), of_row, hold: None })
    }

    /// All combinations as a plan holds them.
    pub(super) fn laid_out(&self, pools: usize) -> Demands {
        Demands::new(&self.demands, pools)
    }
}

fn shards(scenario: &Scenario, service: ServiceId) -> Shards {
    let shard_of = &scenario.estate.services[service].shard_of;
    let mut known: BTreeMap<u32, u32> = BTreeMap::new();
    let of_row = scenario.incident.deleted.iter().map(|it| {
        let next = u32::try_from(known.len()).expect("fewer than 2^32 shards");
        *known.entry(shard_of[it.site]).or_insert(next)
    });
    let of_row = of_row.collect();
    // Where no site is deleted the steps need something all the same.
    Shards { of_row, count: to_u16(known.len().max(1)) }
}

/// What steps hold, and whose ends give it back. Where a site lacks such a step, the steps that
/// come before it count in its place.
pub(super) fn holds(graph: &Graph<'_>, order: &[usize], profiles: &[Profile]) -> Vec<PlanHold> {
    let mut holds = Vec::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        let until = node.step.holds_until.filter(|_| !node.undeletes && !node.absent);
        let Some(until) = until else { continue };
        let track = crate::ids::TrackId::new(node.track);
        let mut ends: Vec<usize> = graph.nodes_of(track, until).collect();
        if graph.nodes[ends[0]].step.expansion == node.step.expansion {
            ends.retain(|it| graph.nodes[*it].element == node.element);
        }
        let until = match node.step.per {
            Per::Site => profiles
                .iter()
                .map(|profile| {
                    if ends.iter().all(|end| profile.present[*end]) {
                        return ends.iter().map(|end| to_u16(*end)).collect();
                    }
                    let before = contract(graph, order, &profile.present);
                    let counted = |end: &usize| match profile.present[*end] {
                        true => vec![to_u16(*end)],
                        false => before[*end].clone(),
                    };
                    let own = |it: &u16| {
                        let it = usize::from(*it);
                        graph.per(it) == Per::Site && graph.nodes[it].track == node.track
                    };
                    ends.iter().flat_map(counted).filter(own).collect()
                })
                .collect(),
            Per::Once | Per::Batch | Per::Shard => {
                // One that is left out for all ends nothing.
                let there = ends.into_iter().filter(|it| !graph.nodes[*it].absent);
                vec![there.map(to_u16).collect()]
            }
        };
        holds.push(PlanHold { step: to_u16(index), until });
    }
    holds
}
