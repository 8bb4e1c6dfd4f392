//! What tasks need: teams and limits, by shard where a limit counts per shard, and apart what they
//! keep beyond their own end.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::ids::{Id, LimitId, ServiceId, TeamId};
use crate::scenario::{Per, Scenario, Strategy};

use super::expand::{Graph, Node, to_u16};
use super::inject::Aimed;
use super::pool::{Demands, PlanPool};
use super::profile::{Profile, contract};

/// What tasks need, and what they keep.
#[derive(Clone, Debug)]
pub(crate) struct PlanNeeds {
    /// What tasks need, each combination once. The first is nothing at all.
    pub demands: Demands,
    /// What steps for sites, batches and tracks keep beyond their own end.
    pub holds: Vec<PlanHold>,
    /// See [`super::site_step::starts_are_independent`].
    pub starts_are_independent: bool,
}

/// Collects what tasks need, each combination once.
pub(super) struct Needs<'a> {
    scenario: &'a Scenario,
    strategy: &'a Strategy,
    aimed: &'a Aimed,
    /// The pool of the first gate.
    first_gate: usize,
    demands: Vec<Vec<(u16, u32)>>,
    places: BTreeMap<Vec<(u16, u32)>, u16>,
    /// The shards of a service on which deleted sites lie.
    shards: BTreeMap<ServiceId, Shards>,
    /// The first part of each pool that counts per shard, by pool and service.
    parts: BTreeMap<(u16, ServiceId), u16>,
    /// The variants of steps that need and hold the same of the same service.
    variants: BTreeMap<(Option<ServiceId>, Units, Units), Variants>,
}

/// Units of pools.
type Units = BTreeMap<u16, u32>;

/// The shards of a service on which deleted sites lie.
#[derive(Clone, Debug, Default)]
struct Shards {
    /// The place of each row's shard among them.
    of_row: Arc<[u32]>,
    count: u16,
}

/// What the tasks of a step need, where that depends on the row or on what they hold.
#[derive(Clone, Debug)]
pub(crate) struct Variants {
    /// The variant of each row; without any there is only one.
    of_row: Arc<[u32]>,
    variants: Arc<[Variant]>,
    /// The place in [`PlanNeeds::holds`] of what it holds; none of a `shard` step.
    pub hold: Option<u16>,
}

/// Places in [`PlanNeeds::demands`].
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
    /// The same where what is held is that of this place.
    pub(super) fn held_as(self, hold: Option<u16>) -> Self {
        Self { hold, ..self }
    }

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

impl<'a> Needs<'a> {
    /// Makes the parts of limits that count per shard, behind all other pools: for each service of a
    /// step that takes them as many as it has shards with deleted sites. The answer has the pools with
    /// their parts.
    pub(super) fn new(
        scenario: &'a Scenario,
        strategy: &'a Strategy,
        aimed: &'a Aimed,
        graph: &Graph<'_>,
        mut pools: Vec<PlanPool>,
    ) -> (Self, Vec<PlanPool>) {
        let first_gate = scenario.teams.len() + scenario.limits.len();
        let mut needs = Self {
            scenario,
            strategy,
            aimed,
            first_gate,
            demands: Vec::new(),
            places: BTreeMap::new(),
            shards: BTreeMap::new(),
            parts: BTreeMap::new(),
            variants: BTreeMap::new(),
        };
        needs.place(Units::new());
        let taken = taken_of_services(graph);
        for (limit, own_limit) in
            scenario.limits.enumerate().filter(|(_, own_limit)| own_limit.per_shard)
        {
            let first = pools.len();
            for service in scenario.estate.services.ids() {
                if !taken.contains(&(limit, service)) {
                    continue;
                }
                let pool = to_u16(scenario.teams.len() + limit.index());
                needs.parts.insert((pool, service), to_u16(pools.len()));
                let shards =
                    needs.shards.entry(service).or_insert_with(|| shards(scenario, service));
                let part = PlanPool {
                    name: own_limit.name.clone(),
                    part_of: Some(pool),
                    ..PlanPool::default()
                };
                pools.extend(std::iter::repeat_n(part, usize::from(shards.count)));
            }
            let parts = first..pools.len();
            pools[scenario.teams.len() + limit.index()].parts = Some(parts);
        }
        (needs, pools)
    }

    /// What every task of a step needs when these people work on it.
    pub(super) fn demand(&mut self, node: &Node<'_>, people: &[(TeamId, u32)]) -> u16 {
        let units = self.units_of(node, people);
        self.place(units)
    }

    /// What a step needs while these people work on it, limits that count per shard by their whole.
    fn units_of(&self, node: &Node<'_>, people: &[(TeamId, u32)]) -> Units {
        let teams = self.scenario.teams.len();
        let step = node.step;
        let mut units = Units::new();
        for (team, people) in people {
            *units.entry(to_u16(team.index())).or_default() += people;
        }
        for (limit, number) in step.limits.iter().filter(|_| !node.undeletes) {
            *units.entry(to_u16(teams + limit.index())).or_default() += number;
        }
        for gate in self.aimed.gates_of(node, self.strategy) {
            units.insert(to_u16(self.first_gate + gate), 1);
        }
        units
    }

    /// What the tasks of a step need when these people work on it, if that depends on the row or on
    /// what they hold.
    pub(super) fn variants(
        &mut self,
        node: &Node<'_>,
        people: &[(TeamId, u32)],
    ) -> Option<Variants> {
        let teams = self.scenario.teams.len();
        let running = self.units_of(node, people);
        let held: Units = node
            .step
            .holds
            .iter()
            .filter(|_| !node.undeletes)
            .map(|(limit, units)| (to_u16(teams + limit.index()), *units))
            .collect();
        self.by_shard(node, running, held)
    }

    /// The place of a combination.
    fn place(&mut self, units: Units) -> u16 {
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

    fn by_shard(&mut self, node: &Node<'_>, running: Units, held: Units) -> Option<Variants> {
        let service = node.element.service();
        let per_shard =
            |pool: &u16| service.is_some_and(|it| self.parts.contains_key(&(*pool, it)));
        let by_shard = running.keys().chain(held.keys()).any(per_shard);
        if !by_shard && held.is_empty() {
            return None;
        }
        let key = (service.filter(|_| by_shard), running, held);
        if let Some(known) = self.variants.get(&key) {
            return Some(known.clone());
        }
        let (service, running, held) = &key;
        let shards = service.map(|it| self.shards[&it].clone());
        let count = shards.as_ref().map_or(1, |it| it.count);
        let variants = (0..count).map(|shard| {
            let (running, held) =
                (self.of_shard(*service, shard, running), self.of_shard(*service, shard, held));
            let mut all = running.clone();
            held.iter().for_each(|(pool, units)| *all.entry(*pool).or_default() += units);
            let [all, running, held] = [all, running, held].map(|it| self.place(it));
            Variant { all, running, held }
        });
        let variants = Variants {
            variants: variants.collect(),
            of_row: shards.map(|it| it.of_row).unwrap_or_default(),
            hold: None,
        };
        self.variants.insert(key, variants.clone());
        Some(variants)
    }

    /// Units of pools, of limits that count per shard those of a shard of a service.
    fn of_shard(&self, service: Option<ServiceId>, shard: u16, units: &Units) -> Units {
        let part = |pool: &u16| self.parts.get(&(*pool, service?));
        let own =
            |(pool, units): (&u16, &u32)| (part(pool).map_or(*pool, |first| first + shard), *units);
        units.iter().map(own).collect()
    }

    /// All combinations as a plan holds them.
    pub(super) fn laid_out(&self, pools: usize) -> Demands {
        Demands::new(&self.demands, pools)
    }
}

/// The limits that steps take or hold, each with the service that such a step is done for.
fn taken_of_services(graph: &Graph<'_>) -> BTreeSet<(LimitId, ServiceId)> {
    let all = graph.nodes.iter().filter_map(|node| Some((node.step, node.element.service()?)));
    let taken = all.flat_map(|(step, service)| {
        step.limits.iter().chain(&step.holds).map(move |(limit, _)| (*limit, service))
    });
    taken.collect()
}

fn shards(scenario: &Scenario, service: ServiceId) -> Shards {
    let shard_of = &scenario.estate.services[service].shard_of;
    let mut known: BTreeMap<u32, u32> = BTreeMap::new();
    let of_row = scenario.incident.deleted.iter().map(|deleted| {
        let next = u32::try_from(known.len()).expect("fewer than 2^32 shards");
        *known.entry(shard_of[deleted.site]).or_insert(next)
    });
    let of_row = of_row.collect();
    // Where no site is deleted the steps need something all the same.
    Shards { of_row, count: to_u16(known.len().max(1)) }
}

/// What steps hold, and whose ends give it back. Where a site lacks such a step, the steps that
/// come before it count in its place.
pub(super) fn holds(graph: &Graph<'_>, order: &[usize], profiles: &[Profile]) -> Vec<PlanHold> {
    let mut holds = Vec::new();
    // What comes before what without the steps that the sites of a profile lack, once needed.
    let befores: Vec<OnceCell<Vec<Vec<u16>>>> = vec![OnceCell::new(); profiles.len()];
    for (index, node) in graph.nodes.iter().enumerate() {
        let until = node.step.holds_until.filter(|_| !node.undeletes && !node.absent);
        let Some(until) = until else { continue };
        let ends = graph.alike(index, until);
        let until = match node.step.per {
            Per::Site => profiles
                .iter()
                .zip(&befores)
                .map(|(profile, before)| {
                    if ends.clone().all(|end| profile.present[end]) {
                        return ends.clone().map(to_u16).collect();
                    }
                    let before = before.get_or_init(|| contract(graph, order, &profile.present));
                    let counted = |end: usize| match profile.present[end] {
                        true => vec![to_u16(end)],
                        false => before[end].clone(),
                    };
                    let own = |node_before: &u16| {
                        let node_before = usize::from(*node_before);
                        graph.per(node_before) == Per::Site
                            && graph.nodes[node_before].track == node.track
                    };
                    ends.clone().flat_map(counted).filter(own).collect()
                })
                .collect(),
            Per::Once | Per::Batch | Per::Shard => {
                // One that is left out for all ends nothing.
                let there = ends.filter(|it| !graph.nodes[*it].absent);
                vec![there.map(to_u16).collect()]
            }
        };
        holds.push(PlanHold { step: to_u16(index), until });
    }
    holds
}

/// For each step the holds that its end may give back.
pub(super) fn ends_of_holds(holds: &[PlanHold], steps: usize) -> Vec<Vec<u16>> {
    let mut ended: Vec<Vec<u16>> = vec![Vec::new(); steps];
    for (place, hold) in (0u16..).zip(holds) {
        let mut ends: Vec<u16> = hold.until.iter().flatten().copied().collect();
        ends.push(hold.step);
        ends.sort_unstable();
        ends.dedup();
        ends.into_iter().for_each(|step| ended[usize::from(step)].push(place));
    }
    ended
}
