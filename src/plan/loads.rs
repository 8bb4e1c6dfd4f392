//! What is loaded for sites to share: one load for each shard that they lie on.

use std::collections::BTreeMap;

use crate::ids::ServiceId;
use crate::scenario::{Expansion, Per, Scenario, Sizes, Step};

use super::expand::{Graph, to_u16};

/// The loads of a plan.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlanLoads {
    /// Each load once, kind after kind.
    pub loads: Vec<PlanLoad>,
    /// The kind of load of each step; only `shard` steps have one.
    kind_of_step: Vec<Option<u16>>,
    /// The load of each row, by kind, then row.
    of_row: Vec<u32>,
    /// The rows of each load.
    rows_of: Vec<Vec<u32>>,
    rows: usize,
    /// By kind, the steps that need it and bring back what it has.
    askers: Vec<Vec<u16>>,
    /// How much longer each step's loads take for their size.
    growth: Vec<f64>,
    /// How long each step's loads stand unneeded, in milliseconds.
    keep: Vec<u64>,
}

/// A backup of one shard of one service.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlanLoad {
    /// The number of the shard, by which its draws are addressed.
    pub shard: u32,
}

impl PlanLoads {
    /// The loads of all `shard` steps. Steps of one key and service are the same load, also in
    /// several tracks.
    pub(super) fn new(scenario: &Scenario, graph: &Graph<'_>, asks_for: &[Option<u16>]) -> Self {
        let nodes = graph.nodes.len();
        let mut loads = Self {
            kind_of_step: vec![None; nodes],
            rows: scenario.incident.deleted.len(),
            growth: vec![1.0; nodes],
            keep: vec![0; nodes],
            ..Self::default()
        };
        let mut kinds: BTreeMap<String, u16> = BTreeMap::new();
        for (index, node) in graph.nodes.iter().enumerate() {
            let service = node.element.service().filter(|_| node.step.per == Per::Shard);
            let Some(service) = service else { continue };
            let next = to_u16(kinds.len());
            let kind = *kinds.entry(node.name(&node.step.key, scenario)).or_insert(next);
            if kind == next {
                loads.add_kind(scenario, service);
                loads.askers.push(Vec::new());
            }
            loads.kind_of_step[index] = Some(kind);
            loads.growth[index] = growth(scenario, node.step, service);
            loads.keep[index] = node.step.keep.as_millis();
        }
        for (asker, _) in loaded_behind(graph, asks_for) {
            loads.add_asker(asks_for[asker].expect("it asks for a load"), to_u16(asker));
        }
        loads
    }

    fn add_kind(&mut self, scenario: &Scenario, service: ServiceId) {
        let shards = &scenario.estate.services[service].shard_of;
        let mut known: BTreeMap<u32, u32> = BTreeMap::new();
        for (row, deleted) in (0u32..).zip(&scenario.incident.deleted) {
            let shard = shards[deleted.site];
            let next = u32::try_from(self.loads.len()).expect("fewer than 2^32 shards");
            let load = *known.entry(shard).or_insert(next);
            if load == next {
                self.loads.push(PlanLoad { shard });
                self.rows_of.push(Vec::new());
            }
            self.of_row.push(load);
            self.rows_of[load as usize].push(row);
        }
    }

    /// The kind of load of a `shard` step.
    #[inline]
    pub(crate) fn kind(&self, step: u16) -> u16 {
        self.kind_of_step[usize::from(step)].expect("a `shard` step has loads")
    }

    /// The place of a kind of load and a row, among [`Self::places`] of them.
    #[inline]
    pub(crate) fn place(&self, kind: u16, row: u32) -> usize {
        usize::from(kind) * self.rows + row as usize
    }

    /// How many kinds of load there are.
    pub(crate) fn kinds(&self) -> u16 {
        self.kind_of_step.iter().flatten().max().map_or(0, |it| it + 1)
    }

    /// How many pairs of a kind of load and a row there are.
    pub(crate) fn places(&self) -> usize {
        self.of_row.len()
    }

    /// The load that a row needs of a `shard` step.
    #[inline]
    pub(crate) fn of(&self, step: u16, row: u32) -> u32 {
        self.of_row[self.place(self.kind(step), row)]
    }

    /// The rows that may need a load.
    pub(crate) fn rows(&self, load: u32) -> &[u32] {
        &self.rows_of[load as usize]
    }

    /// The steps that need loads of the kind of this step and bring back what they have.
    pub(crate) fn askers(&self, step: u16) -> &[u16] {
        &self.askers[usize::from(self.kind(step))]
    }

    /// What a load has is brought back behind this step.
    fn add_asker(&mut self, load: u16, asker: u16) {
        let kind = usize::from(self.kind(load));
        if !self.askers[kind].contains(&asker) {
            self.askers[kind].push(asker);
        }
    }

    /// How much longer a step's loads take for their size than one of the median shard.
    pub(crate) fn growth(&self, step: u16) -> f64 {
        self.growth[usize::from(step)]
    }

    /// How long a step's loads stand unneeded, in milliseconds.
    pub(crate) fn keep(&self, step: u16) -> u64 {
        self.keep[usize::from(step)]
    }
}

/// For each node the node of the `shard` step whose load it needs.
pub(super) fn asks_for(graph: &Graph<'_>) -> Vec<Option<u16>> {
    let nodes = graph.nodes.iter().enumerate();
    nodes.map(|(index, it)| graph.load_of(index).filter(|_| !it.undeletes).map(to_u16)).collect()
}

/// For each node the nodes that bring back what it needs a load for: itself, or some behind it.
pub(super) fn opens(graph: &Graph<'_>, asks_for: &[Option<u16>]) -> Vec<Vec<u16>> {
    let mut opens: Vec<Vec<u16>> = vec![Vec::new(); graph.nodes.len()];
    for (asker, restoring) in loaded_behind(graph, asks_for) {
        opens[asker].push(to_u16(restoring));
    }
    opens
}

/// Pairs of a node that needs a load and one that brings back what is in that.
fn loaded_behind(graph: &Graph<'_>, asks_for: &[Option<u16>]) -> Vec<(usize, usize)> {
    let mut askers: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (asker, load) in asks_for.iter().enumerate() {
        load.iter().for_each(|it| askers.entry(usize::from(*it)).or_default().push(asker));
    }
    let mut pairs = Vec::new();
    for (restoring, node) in graph.nodes.iter().enumerate() {
        let askers = graph.loaded_by(node).and_then(|load| askers.get(&load));
        pairs.extend(askers.into_iter().flatten().map(|asker| (*asker, restoring)));
    }
    pairs
}

/// The factor of a shard of a service over the median shard of all services that a step loads.
fn growth(scenario: &Scenario, step: &Step, service: ServiceId) -> f64 {
    let services = &scenario.estate.services;
    let Expansion::Services(list) = &step.expansion else { return 1.0 };
    // A store of which nobody says how large it is counts as the median.
    let known = |it: &ServiceId| Some((services[*it].bytes_per_shard?.count(), &services[*it]));
    let sizes = list.iter().filter_map(known).map(|(bytes, it)| (bytes, u64::from(it.shards)));
    let own = services[service].bytes_per_shard;
    own.map_or(1.0, |it| Sizes::of(sizes).factor_of_one(it.count() as f64, step.growth.bytes))
}
