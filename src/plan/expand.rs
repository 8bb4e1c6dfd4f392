//! From the runbooks of a strategy's tracks to one list of steps, expanded over services and
//! products, with the edges between them.

use crate::ids::{Id, StepId, TrackId};
use crate::scenario::{Element, Per, Scenario, Step, Strategy, When};

use super::site_kind::Kinds;

/// The steps of all tracks, expanded, and what each waits for.
pub(super) struct Graph<'a> {
    pub nodes: Vec<Node<'a>>,
    /// For each node those that come before it, itself left out.
    pub before: Vec<Vec<u16>>,
    /// For each track where its nodes are.
    pub tracks: Vec<std::ops::Range<usize>>,
}

/// An element of a step of a track.
pub(super) struct Node<'a> {
    pub track: usize,
    pub id: StepId,
    pub step: &'a Step,
    pub element: Element,
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
    let mut graph = Graph { nodes: Vec::new(), before: Vec::new(), tracks: Vec::new() };
    for (track, own) in strategy.tracks.enumerate() {
        let start = graph.nodes.len();
        for (id, step) in scenario.runbooks[own.runbook].steps.enumerate() {
            let absent = step.per != Per::Site && kinds.leaves_out(step.when);
            for element in step.expansion.elements() {
                for undeletes in kinds.variants(step, element) {
                    let track = track.index();
                    graph.nodes.push(Node { track, id, step, element, undeletes, absent });
                }
            }
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

impl Graph<'_> {
    /// The nodes of a step of a track.
    pub(super) fn nodes_of(&self, track: TrackId, id: StepId) -> impl Iterator<Item = usize> {
        self.tracks[track.index()].clone().filter(move |node| self.nodes[*node].id == id)
    }

    /// Element by element where both steps were expanded over the same; otherwise the later waits
    /// for all elements of the earlier.
    fn link(&mut self, first: (TrackId, StepId), second: (TrackId, StepId)) {
        let firsts: Vec<usize> = self.nodes_of(first.0, first.1).collect();
        let seconds: Vec<usize> = self.nodes_of(second.0, second.1).collect();
        let expansion = |nodes: &[usize]| nodes.first().map(|it| &self.nodes[*it].step.expansion);
        let alike = expansion(&firsts) == expansion(&seconds);
        for later in &seconds {
            for earlier in &firsts {
                if !alike || self.nodes[*earlier].element == self.nodes[*later].element {
                    self.before[*later].push(to_u16(*earlier));
                }
            }
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
        let mut loads = self.nodes_of(TrackId::new(own.track), own.step.asks_for?);
        loads.find(|load| self.nodes[*load].element == own.element)
    }

    /// The node of the load that has what a node brings back, if it does not un-delete that.
    pub(super) fn loaded_by(&self, node: &Node<'_>) -> Option<usize> {
        let load = node.step.loaded_by.filter(|_| !node.undeletes)?;
        let mut loads = self.nodes_of(TrackId::new(node.track), load);
        loads.find(|load| self.nodes[*load].element == node.element)
    }

    /// Those of these nodes that are present, and in the place of one that the kind of the deletion
    /// does not call for, those that come next.
    pub(super) fn there_or_next(&self, nodes: &[usize], present: &[bool]) -> Vec<usize> {
        let mut there = Vec::new();
        for node in nodes {
            if present[*node] {
                there.push(*node);
            } else if self.nodes[*node].step.when != When::Always {
                let follows = |it: &usize| self.before[*it].contains(&to_u16(*node));
                let next: Vec<usize> = (0..self.nodes.len()).filter(follows).collect();
                there.extend(self.there_or_next(&next, present));
            }
        }
        there
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
