//! The graph of steps of all sites with the same products: steps that such a site does not have
//! are left out, and what waited for those waits for what they waited for. Beside that stands the
//! graph of what is not done for sites, which is the same for all.

use std::sync::Arc;

use crate::scenario::{Lost, Per, Strategy};

use super::expand::{Graph, Node, to_u16};
use super::site_kind::{Kind, Kinds};

/// What waits for what.
#[derive(Clone, Debug)]
pub(crate) struct Precedence {
    /// For each `batch` step the `batch` steps that wait for it, and how many it waits for.
    pub batch_successors: Vec<Vec<u16>>,
    /// See [`Self::batch_successors`].
    pub batch_predecessors: Vec<u16>,
    /// For each `once` step the `once` and `batch` steps that wait for it.
    pub once_successors: Vec<Vec<u16>>,
    /// For each `once` and `batch` step the `once` steps that it waits for.
    pub once_predecessors: Vec<Vec<u16>>,
    /// Whether steps wait for steps of other tracks.
    pub waits_across_tracks: bool,
}

/// The graph of steps of all sites with the same products that have lost the same of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Profile {
    /// What of such a site is lost.
    pub lost: Lost,
    /// Where the successors of each step begin.
    pub successor_starts: Arc<[u32]>,
    /// The steps that wait for each step: site steps, and batch steps after site steps. After a
    /// `once` step: the site steps of other tracks.
    pub successors: Arc<[u16]>,
    /// For how many steps each site step waits; one more for the site to be taken, where nothing
    /// else of its track comes before it.
    pub pending: Vec<u16>,
    /// For how many site steps of a site each batch step waits.
    pub batch_pending: Vec<u16>,
    /// For each track the site steps that begin when the site is taken.
    pub roots: Vec<Vec<u16>>,
    /// Whether the end of a step counts for handing over or for freeing the slot.
    pub counts_for: Arc<[Gate]>,
    /// For each track how many steps count for handing a site over.
    pub hand_overs: Vec<u16>,
    /// For each track how many steps count for freeing the slot.
    pub slot_frees: Vec<u16>,
    /// Whether a site has the step at all.
    pub present: Arc<[bool]>,
}

/// What the end of a step counts for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Gate {
    pub hand_over: bool,
    pub frees_slot: bool,
}

impl Profile {
    /// The steps that wait for `step`.
    #[inline]
    pub(crate) fn successors_of(&self, step: usize) -> &[u16] {
        let start = self.successor_starts[step] as usize;
        let end = self.successor_starts[step + 1] as usize;
        &self.successors[start..end]
    }
}

impl Precedence {
    /// `order` lists the nodes, each after those that come before it.
    pub(super) fn new(strategy: &Strategy, graph: &Graph<'_>, order: &[usize]) -> Self {
        let (batch_successors, batch_predecessors) = batch_graph(graph, order);
        let (once_successors, once_predecessors) = once_graph(graph, order);
        Self {
            batch_successors,
            batch_predecessors,
            once_successors,
            once_predecessors,
            waits_across_tracks: strategy.tracks.iter().any(|track| !track.waits.is_empty()),
        }
    }
}

/// For each node of a graph the nodes before it when the absent ones are left out.
pub(super) fn contract(graph: &Graph<'_>, order: &[usize], present: &[bool]) -> Vec<Vec<u16>> {
    let mut before: Vec<Vec<u16>> = vec![Vec::new(); graph.nodes.len()];
    for node in order {
        let mut own = Vec::new();
        for earlier in &graph.before[*node] {
            if present[usize::from(*earlier)] {
                own.push(*earlier);
            } else {
                own.extend_from_slice(&before[usize::from(*earlier)]);
            }
        }
        own.sort_unstable();
        own.dedup();
        before[*node] = own;
    }
    before
}

/// Whether a site of a kind has each node: a service or a product that it does not have is absent,
/// and so is what its kind of deletion does not call for. `once` steps belong to no site, but the
/// end of one of another track is waited for.
pub(super) fn presence(graph: &Graph<'_>, kinds: &Kinds<'_>, kind: Kind) -> Vec<bool> {
    let present = |node: &Node<'_>| {
        let restores = node.step.restore_point.is_some();
        // Who takes over from a step that is there must be there too.
        let stands_in = node.step.stands_in_for.is_some();
        match node.step.per {
            Per::Once | Per::Batch => return !node.absent,
            Per::Shard => return !node.absent && kinds.has(kind, node.element),
            Per::Site => {}
        }
        kinds.has(kind, node.element)
            && (stands_in || kinds.calls_for(kind, node.step.when, node.element))
            && (!restores || kinds.keeps(kind, node.element) == node.undeletes)
    };
    graph.nodes.iter().map(present).collect()
}

pub(super) fn profile(graph: &Graph<'_>, order: &[usize], present: Vec<bool>) -> Profile {
    let before = contract(graph, order, &present);
    let nodes = graph.nodes.len();
    let mut profile = Profile {
        pending: vec![0; nodes],
        batch_pending: vec![0; nodes],
        roots: vec![Vec::new(); graph.tracks.len()],
        counts_for: gates(graph, &before, &present),
        hand_overs: vec![0; graph.tracks.len()],
        slot_frees: vec![0; graph.tracks.len()],
        present: present.into(),
        ..Profile::default()
    };
    let mut successors: Vec<Vec<u16>> = vec![Vec::new(); nodes];
    for (node, before) in before.iter().enumerate() {
        match graph.per(node) {
            _ if !profile.present[node] => {}
            // A load waits for nothing: it is asked for.
            Per::Once | Per::Shard => {}
            Per::Batch => {
                // What is between batch steps is the same for all profiles: see `batch_graph`. A
                // site that lacks what comes before the batch step has nothing to wait for, not
                // even in another track.
                let track = graph.nodes[node].track;
                for earlier in before.iter().map(|it| usize::from(*it)) {
                    if graph.per(earlier) == Per::Site && graph.nodes[earlier].track == track {
                        successors[earlier].push(to_u16(node));
                        profile.batch_pending[node] += 1;
                    }
                }
            }
            Per::Site => link_site_step(graph, node, before, &mut successors, &mut profile),
        }
    }
    let ends = successors.iter().scan(0, |end, own| {
        *end += u32::try_from(own.len()).expect("few edges");
        Some(*end)
    });
    profile.successor_starts = std::iter::once(0).chain(ends).collect();
    profile.successors = successors.into_iter().flatten().collect();
    for (gate, node) in profile.counts_for.iter().zip(&graph.nodes) {
        profile.hand_overs[node.track] += u16::from(gate.hand_over);
        profile.slot_frees[node.track] += u16::from(gate.frees_slot);
    }
    profile
}

fn link_site_step(
    graph: &Graph<'_>,
    node: usize,
    before: &[u16],
    successors: &mut [Vec<u16>],
    profile: &mut Profile,
) {
    if graph.nodes[node].step.stands_in_for.is_some() {
        // Only a failure makes it begin.
        return;
    }
    let track = graph.nodes[node].track;
    let mut follows_own_track = false;
    for earlier in before.iter().map(|it| usize::from(*it)) {
        let own = graph.nodes[earlier].track == track;
        // A track's batches wait for its own `once` steps, so nothing else has to.
        if graph.per(earlier) == Per::Once && own {
            continue;
        }
        follows_own_track |= own;
        profile.pending[node] += 1;
        successors[earlier].push(to_u16(node));
    }
    if !follows_own_track {
        profile.pending[node] += 1;
        profile.roots[track].push(to_u16(node));
    }
}

/// The ends that count for handing over and for freeing the slot; where such a step is absent, the
/// steps before it count in its place.
fn gates(graph: &Graph<'_>, before: &[Vec<u16>], present: &[bool]) -> Arc<[Gate]> {
    let mut gates = vec![Gate::default(); graph.nodes.len()];
    for (node, own_node) in graph.nodes.iter().enumerate() {
        let own = [to_u16(node)];
        let counted: &[u16] = if present[node] { &own } else { &before[node] };
        for counted in counted.iter().map(|step| usize::from(*step)) {
            if graph.per(counted) == Per::Once || graph.nodes[counted].track != own_node.track {
                continue;
            }
            gates[counted].hand_over |= own_node.step.hand_over;
            gates[counted].frees_slot |= own_node.step.frees_slot;
        }
    }
    gates.into()
}

/// Between the `batch` steps alone: what waits for each, and for how many each waits. All site
/// steps are left out of this graph, so that the edges hold for every site.
fn batch_graph(graph: &Graph<'_>, order: &[usize]) -> (Vec<Vec<u16>>, Vec<u16>) {
    let batch = |node: usize| graph.per(node) == Per::Batch && !graph.nodes[node].absent;
    let present: Vec<bool> = (0..graph.nodes.len()).map(batch).collect();
    one_kind(graph, &contract(graph, order, &present), Per::Batch)
}

/// Between `once` steps and what else is not done for sites: what waits for each `once` step, and
/// for which of them each waits. A site step that waits for one is in its [`Profile`].
fn once_graph(graph: &Graph<'_>, order: &[usize]) -> (Vec<Vec<u16>>, Vec<Vec<u16>>) {
    let mut successors: Vec<Vec<u16>> = vec![Vec::new(); graph.nodes.len()];
    let mut predecessors = successors.clone();
    let present: Vec<bool> = graph.nodes.iter().map(|node| !node.absent).collect();
    let before = contract(graph, order, &present);
    for (node, before) in before.iter().enumerate().filter(|it| present[it.0]) {
        for earlier in before.iter().map(|it| usize::from(*it)) {
            let same_track = graph.nodes[earlier].track == graph.nodes[node].track;
            let waits = match graph.per(node) {
                Per::Once => true,
                // A track's batches wait for its own `once` steps, so nothing else has to.
                Per::Batch => !same_track,
                Per::Site | Per::Shard => false,
            };
            if waits && graph.per(earlier) == Per::Once {
                successors[earlier].push(to_u16(node));
                predecessors[node].push(to_u16(earlier));
            }
        }
    }
    (successors, predecessors)
}

fn one_kind(graph: &Graph<'_>, before: &[Vec<u16>], per: Per) -> (Vec<Vec<u16>>, Vec<u16>) {
    let mut successors: Vec<Vec<u16>> = vec![Vec::new(); graph.nodes.len()];
    let mut pending = vec![0; graph.nodes.len()];
    let there = |it: &usize| graph.per(*it) == per && !graph.nodes[*it].absent;
    for node in (0..graph.nodes.len()).filter(there) {
        // A batch of another track holds other sites; what joins the two is each site's own.
        let own = |it: &&u16| graph.nodes[usize::from(**it)].track == graph.nodes[node].track;
        for earlier in before[node].iter().filter(own) {
            successors[usize::from(*earlier)].push(to_u16(node));
            pending[node] += 1;
        }
    }
    (successors, pending)
}
