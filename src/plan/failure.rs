//! What is done again when a step fails, who finds it, and who takes over.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::ids::Id;
use crate::rng::Purpose;
use crate::scenario::{Escalation, Failure, Per, Scenario, Strategy};
use crate::units::Share;

use super::draws::Lanes;
use super::expand::{Graph, to_u16};
use super::inject::Aimed;
use super::needs::{Needs, PlanHold};
use super::profile::Profile;
use super::ways::{DoneAgain, Excused, OnStretches, Stretch, Ways};

/// How a step goes wrong.
#[derive(Clone, Debug)]
pub(crate) struct PlanFailure {
    /// An attempt fails if its uniform number is below this.
    pub probability: f64,
    /// Attempts in all; the last cannot fail, unless the work escalates then.
    pub attempts: u16,
    /// The lane of the draws.
    pub lane: usize,
    /// For each profile whether a later step finds it; for a step of another kind than `site` there
    /// is one entry.
    pub is_hidden: Vec<bool>,
    /// The steps at whose end it is found: elements of a later one, then the step itself where
    /// that can find it.
    pub finders: Vec<PlanFinder>,
    /// Who takes over when the last attempt has failed.
    pub escalation: Option<PlanEscalation>,
}

impl PlanFailure {
    /// What the step needs when a team has taken over.
    pub(crate) fn demand(&self) -> Option<u16> {
        match self.escalation.as_ref()?.to {
            PlanTaker::Team { demand, .. } => Some(demand),
            PlanTaker::Step(_) => None,
        }
    }

    /// The team to which it escalates, by pool.
    pub(crate) fn team(&self) -> Option<u16> {
        match self.escalation.as_ref()?.to {
            PlanTaker::Team { team, .. } => Some(team),
            PlanTaker::Step(_) => None,
        }
    }
}

/// A step at whose end a failure is found.
#[derive(Clone, Debug)]
pub(crate) struct PlanFinder {
    pub step: u16,
    /// What is done again.
    pub again: DoneAgain,
    /// The same when the work escalates: it is done again from the failing step alone.
    pub escalated: DoneAgain,
}

/// Who takes over a step that has failed too often.
#[derive(Clone, Debug)]
pub(crate) struct PlanEscalation {
    pub to: PlanTaker,
    /// The steps for which no barrier waits once the site has escalated.
    pub excused: Excused,
}

/// Who does the work after it has escalated.
#[derive(Clone, Debug)]
pub(crate) enum PlanTaker {
    /// People of a team.
    Team {
        /// The place of what it needs then in [`super::needs::PlanNeeds::demands`].
        demand: u16,
        /// The team, by pool.
        team: u16,
    },
    /// Another step.
    Step(u16),
}

/// Looks up what goes wrong in the nodes of a graph.
pub(super) struct Failures<'a> {
    pub scenario: &'a Scenario,
    pub strategy: &'a Strategy,
    pub graph: &'a Graph<'a>,
    pub profiles: &'a [Profile],
    pub ways: &'a Arc<Ways>,
    pub aimed: &'a Aimed,
}

impl Failures<'_> {
    /// How a node goes wrong, if it can.
    pub(super) fn failure(
        &self,
        index: usize,
        key: &str,
        needs: &mut Needs<'_>,
        lanes: &mut Lanes,
    ) -> Option<PlanFailure> {
        let graph = self.graph;
        let node = &graph.nodes[index];
        // What only injects fail is tried again by itself, as often as it takes.
        let by_injects = !self.aimed.failing(node, self.strategy).is_empty();
        let never = Failure {
            probability: Share::NONE,
            attempts: u32::from(u16::MAX),
            retry_from: node.id,
            found_by: None,
            escalates_to: None,
        };
        let own = node.step.failure.filter(|_| !node.undeletes);
        let failure = own.or_else(|| by_injects.then_some(never))?;
        let found_by = failure.found_by.map(|id| graph.alike(index, id));
        let mut finders: Vec<usize> = found_by.unwrap_or_default().collect();
        let is_hidden = self.found_later(index, &finders);
        if by_injects || is_hidden.contains(&false) {
            // What is thrown in is found at once, and so is what nobody would find later.
            finders.push(index);
        }
        let from = graph.alike(index, failure.retry_from).chain([index]);
        let from: Vec<u16> = from.map(to_u16).collect();
        let finder = |finder: usize| {
            let done_again =
                |from| DoneAgain::new(self.ways, graph.per(finder), from, to_u16(finder));
            PlanFinder {
                step: to_u16(finder),
                again: done_again(from.clone()),
                escalated: done_again(vec![to_u16(index)]),
            }
        };
        let finders = finders.into_iter().map(finder).collect();
        Some(PlanFailure {
            probability: failure.probability.fraction(),
            attempts: u16::try_from(failure.attempts).expect("a checked number of attempts"),
            lane: lanes.lane(Purpose::Failure, key),
            is_hidden,
            finders,
            escalation: self.escalation(index, failure, needs),
        })
    }

    /// The node that a node stands in for.
    pub(super) fn failing_node(&self, index: usize) -> Option<u16> {
        let id = self.graph.nodes[index].step.stands_in_for?;
        Some(to_u16(self.graph.alike(index, id).start))
    }

    /// For each profile whether one of the steps that find a failure later is there.
    fn found_later(&self, index: usize, finders: &[usize]) -> Vec<bool> {
        match self.graph.per(index) {
            Per::Site => {
                let profiles = self.profiles.iter();
                profiles.map(|it| finders.iter().any(|finder| it.present[*finder])).collect()
            }
            Per::Batch | Per::Shard | Per::Once => {
                vec![finders.iter().any(|finder| !self.graph.nodes[*finder].absent)]
            }
        }
    }

    fn escalation(
        &self,
        index: usize,
        failure: Failure,
        needs: &mut Needs<'_>,
    ) -> Option<PlanEscalation> {
        let graph = self.graph;
        let to = match failure.escalates_to? {
            Escalation::Team(team, people) => PlanTaker::Team {
                demand: needs.demand(&graph.nodes[index], &[(team, people)]),
                team: to_u16(team.index()),
            },
            Escalation::Step(id) => PlanTaker::Step(to_u16(graph.alike(index, id).start)),
        };
        Some(PlanEscalation { to, excused: Excused::new(self.ways, to_u16(index)) })
    }

    /// For each node the holds that are given back when it escalates: those over it, by it or by what
    /// comes before it.
    pub(super) fn freed_holds(&self, holds: &[PlanHold]) -> Vec<Vec<u16>> {
        let graph = self.graph;
        let mut freed: Vec<BTreeSet<u16>> = vec![BTreeSet::new(); graph.nodes.len()];
        let ends = |hold: &PlanHold| hold.until.iter().flatten().copied().collect();
        let stretch = |it: &PlanHold| Stretch { from: vec![it.step], to: ends(it) };
        let stretches: Vec<Stretch> = holds.iter().map(stretch).collect();
        let alike = |one: usize, other: usize| {
            graph.per(one) == graph.per(other) && graph.nodes[one].track == graph.nodes[other].track
        };
        let mut free = |on: OnStretches<'_>| {
            for hold in on.lies_on().filter(|_| graph.nodes[on.step].escalates()) {
                if alike(on.step, usize::from(holds[hold].step)) {
                    freed[on.step].insert(to_u16(hold));
                }
            }
        };
        for profile in 0..self.profiles.len() {
            self.ways.follow(&stretches, |step| self.ways.next_in_track(profile, step), &mut free);
        }
        freed.into_iter().map(|it| it.into_iter().collect()).collect()
    }

    /// The nodes for which a barrier may be that goes on without what they have not done.
    pub(super) fn behind_barriers(&self, failures: &[Option<&PlanFailure>]) -> BTreeSet<usize> {
        let escalates = |node: &usize| {
            let failure = failures[*node];
            self.graph.per(*node) == Per::Site && failure.is_some_and(|it| it.escalation.is_some())
        };
        let escalating: Vec<u16> = (0..failures.len()).filter(escalates).map(to_u16).collect();
        let mut behind = BTreeSet::new();
        for profile in (0..self.profiles.len()).filter(|_| !escalating.is_empty()) {
            let reached = self.ways.reached_in_track(profile, escalating.clone());
            let all = (0..reached.len()).filter(|node| reached[*node]);
            behind.extend(all.filter(|node| self.ways.is_before_barrier(profile, *node)));
        }
        behind
    }

    /// For each node whether a later failure can send it back.
    pub(super) fn recurring(&self, failures: &[Option<&PlanFailure>]) -> Vec<bool> {
        let mut recurs = vec![false; failures.len()];
        for per in [Per::Site, Per::Batch, Per::Shard, Per::Once] {
            let finders = failures.iter().flatten().flat_map(|failure| &failure.finders);
            let finders = finders.filter(|it| self.graph.per(usize::from(it.step)) == per);
            // What is done again when the work escalates is part of what is otherwise.
            let again: Vec<&DoneAgain> = finders.map(|it| &it.again).collect();
            for profile in (0..self.ways.profiles(per)).filter(|_| !again.is_empty()) {
                let stretches: Vec<Stretch> = again.iter().map(|it| it.stretch(profile)).collect();
                self.ways.follow(
                    &stretches,
                    |step| self.ways.next(per, profile, step),
                    |on| recurs[on.step] |= on.bits & !on.ends != 0,
                );
            }
        }
        recurs
    }
}

/// For each node those whose failures it finds, each with its place among their finders.
pub(super) fn finds(failures: &[Option<&PlanFailure>]) -> Vec<Vec<(u16, u16)>> {
    let mut finds: Vec<Vec<(u16, u16)>> = vec![Vec::new(); failures.len()];
    for (failing, failure) in failures.iter().enumerate() {
        let finders = failure.iter().flat_map(|failure| &failure.finders).enumerate();
        for (place, finder) in finders {
            if usize::from(finder.step) != failing {
                finds[usize::from(finder.step)].push((to_u16(failing), to_u16(place)));
            }
        }
    }
    finds
}
