//! From the runbooks of a strategy's tracks to one list of steps, expanded over services and
//! products, with the edges between them.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::ids::{Id, StepId, TrackId};
use crate::scenario::{Element, Expansion, Per, Scenario, Step, Strategy};

use super::site_kind::Kinds;

/// The steps of all tracks, expanded, and what each waits for.
#[derive(Default)]
pub(super) struct Graph<'a> {
    pub nodes: Vec<Node<'a>>,
    /// For each node those that come before it, itself left out.
    pub before: Vec<Vec<u16>>,
    /// For each track where its nodes are.
    pub tracks: Vec<Range<usize>>,
    /// For each track, and then for each step of it, where its nodes are.
    steps: Vec<Vec<Range<usize>>>,
    /// For each element of a step of a track where its nodes are.
    elements: BTreeMap<(usize, StepId, Element), Range<usize>>,
    /// What steps are expanded over, each with a number.
    expansions: BTreeMap<&'a Expansion, usize>,
}

/// An element of a step of a track.
pub(super) struct Node<'a> {
    pub track: usize,
    pub id: StepId,
    pub step: &'a Step,
    pub element: Element,
    /// A number that those have which are expanded over the same.
    expansion: usize,
    /// Whether it un-deletes what others would bring back.
    pub undeletes: bool,
    /// Whether it is left out for all, as a step that is not done for sites may be.
    pub absent: bool,
}

impl Node<'_> {
    /// A name with its element behind a slash, as in `restore-data/media`, and that it un-deletes.
    pub(super) fn name(&self, own: &str, scenario: &Scenario) -> String {
        let name = match self.element.name(&scenario.estate) {
            "" => own.to_owned(),
            element => format!("{own}/{element}"),
        };
        if self.undeletes { name + " (undelete)" } else { name }
    }

    /// Whether somebody takes over when it has failed too often.
    pub(super) fn escalates(&self) -> bool {
        !self.undeletes && self.step.failure.is_some_and(|it| it.escalates_to.is_some())
    }
}

pub(super) fn expand<'a>(
    scenario: &'a Scenario,
    strategy: &'a Strategy,
    kinds: &Kinds<'a>,
) -> Graph<'a> {
    let mut graph = Graph::default();
    for (track, own) in strategy.tracks.enumerate() {
        let start = graph.nodes.len();
        let runbook = &scenario.runbooks[own.runbook];
        graph.steps.push(Vec::with_capacity(runbook.steps.len()));
        for (id, step) in runbook.steps.enumerate() {
            graph.add_step(track.index(), id, step, kinds);
        }
        graph.tracks.push(start..graph.nodes.len());
    }
    graph.before = vec![Vec::new(); graph.nodes.len()];
    for (track, own) in strategy.tracks.enumerate() {
        for (id, step) in scenario.runbooks[own.runbook].steps.enumerate() {
            for before in &step.after {
                graph.link((track, *before), (track, id));
            }
        }
        for wait in &own.waits {
            graph.link((wait.track, wait.for_step), (track, wait.step));
        }
    }
    graph
}

impl<'a> Graph<'a> {
    fn add_step(&mut self, track: usize, id: StepId, step: &'a Step, kinds: &Kinds<'a>) {
        let absent = step.per != Per::Site && kinds.leaves_out(step.when);
        let first = self.nodes.len();
        let next = self.expansions.len();
        let expansion = *self.expansions.entry(&step.expansion).or_insert(next);
        for element in step.expansion.elements() {
            let start = self.nodes.len();
            for undeletes in kinds.variants(step, element) {
                let node = Node { track, id, step, element, expansion, undeletes, absent };
                self.nodes.push(node);
            }
            self.elements.insert((track, id, element), start..self.nodes.len());
        }
        self.steps[track].push(first..self.nodes.len());
    }

    /// The nodes of a step of a track.
    pub(super) fn nodes_of(&self, track: TrackId, id: StepId) -> Range<usize> {
        self.steps[track.index()][id.index()].clone()
    }

    /// The nodes of an element of a step of a track.
    fn nodes_of_element(&self, track: usize, id: StepId, element: Element) -> Range<usize> {
        self.elements.get(&(track, id, element)).cloned().unwrap_or_default()
    }

    /// The nodes of another step of the same track: of the same element where both steps are
    /// expanded over the same.
    pub(super) fn alike(&self, node: usize, id: StepId) -> Range<usize> {
        let own = &self.nodes[node];
        let all = self.nodes_of(TrackId::new(own.track), id);
        match self.is_expanded_alike(node, &all) {
            true => self.nodes_of_element(own.track, id, own.element),
            false => all,
        }
    }

    /// Whether a node is expanded over the same as these nodes of one step.
    fn is_expanded_alike(&self, node: usize, others: &Range<usize>) -> bool {
        let other = self.nodes[others.clone()].first();
        other.is_some_and(|it| it.expansion == self.nodes[node].expansion)
    }

    /// Element by element where both steps were expanded over the same; otherwise the later waits
    /// for all elements of the earlier.
    fn link(&mut self, first: (TrackId, StepId), second: (TrackId, StepId)) {
        let firsts = self.nodes_of(first.0, first.1);
        for later in self.nodes_of(second.0, second.1) {
            let earlier = match self.is_expanded_alike(later, &firsts) {
                true => {
                    let element = self.nodes[later].element;
                    self.nodes_of_element(first.0.index(), first.1, element)
                }
                false => firsts.clone(),
            };
            self.before[later].extend(earlier.map(to_u16));
        }
    }

    /// All nodes, each after those that come before it.
    pub(super) fn order(&self) -> Vec<usize> {
        let before: Vec<Vec<usize>> = self
            .before
            .iter()
            .map(|it| it.iter().map(|node| usize::from(*node)).collect())
            .collect();
        crate::scenario::order_or_circle(&before).expect("a checked scenario has no cycle")
    }

    /// The node of the `shard` step whose load a node needs.
    pub(super) fn load_of(&self, node: usize) -> Option<usize> {
        let own = &self.nodes[node];
        self.nodes_of_element(own.track, own.step.asks_for?, own.element).next()
    }

    /// The node of the load that has what a node brings back, if it does not un-delete that.
    pub(super) fn loaded_by(&self, node: &Node<'_>) -> Option<usize> {
        let load = node.step.loaded_by.filter(|_| !node.undeletes)?;
        self.nodes_of_element(node.track, load, node.element).next()
    }

    /// For each node those that come right after it.
    pub(super) fn after(&self) -> Vec<Vec<u16>> {
        let mut after: Vec<Vec<u16>> = vec![Vec::new(); self.nodes.len()];
        for (node, before) in self.before.iter().enumerate() {
            before.iter().for_each(|earlier| after[usize::from(*earlier)].push(to_u16(node)));
        }
        after
    }

    /// What the step of a node is done for.
    pub(super) fn per(&self, node: usize) -> Per {
        self.nodes[node].step.per
    }
}

/// A node as the arrays of a plan hold it.
pub(super) fn to_u16(node: usize) -> u16 {
    u16::try_from(node).expect("a checked strategy has at most 4,000 steps")
}
