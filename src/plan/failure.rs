//! What is done again when a step fails, who finds it, and who takes over.

use std::collections::BTreeSet;

use crate::ids::{Id, StepId, TrackId};
use crate::rng::Purpose;
use crate::scenario::{Escalation, Failure, Per, Scenario, Strategy};
use crate::units::Share;

use super::draws::Lanes;
use super::expand::{Graph, to_u16};
use super::inject;
use super::needs::{Needs, PlanHold};
use super::profile::{Precedence, Profile};

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
    /// For each profile what is done again; for a step of another kind than `site` there is one
    /// entry.
    pub again: Vec<Vec<SentBack>>,
    /// The same when the work escalates: it is done again from the failing step alone.
    pub escalated: Vec<Vec<SentBack>>,
}

/// Who takes over a step that has failed too often.
#[derive(Clone, Debug)]
pub(crate) struct PlanEscalation {
    pub to: PlanTaker,
    /// For each profile the steps, this one and later ones, for which no barrier waits once the
    /// site has escalated.
    pub excused: Vec<Vec<u16>>,
}

/// What must not begin without a site for which a barrier did not wait.
#[derive(Clone, Debug, Default)]
pub(crate) struct Behind {
    /// The site steps behind the barriers: those of the site wait for it themselves.
    pub steps: Vec<u16>,
    /// Whether the end of such a barrier counts for handing the site over.
    pub hand_over: bool,
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

/// A step that is done again after a later one failed.
#[derive(Clone, Debug)]
pub(crate) struct SentBack {
    pub step: u16,
    /// The steps of its kind that come right before it.
    pub before: Vec<u16>,
}

/// Looks up what goes wrong in the nodes of a graph.
pub(super) struct Failures<'a> {
    pub scenario: &'a Scenario,
    pub strategy: &'a Strategy,
    pub graph: &'a Graph<'a>,
    pub profiles: &'a [Profile],
    pub precedence: &'a Precedence,
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
        let by_injects = !inject::failing(node, self.scenario, self.strategy).is_empty();
        let never = Failure {
            probability: Share::NONE,
            attempts: u32::from(u16::MAX),
            retry_from: node.id,
            found_by: None,
            escalates_to: None,
        };
        let own = node.step.failure.filter(|_| !node.undeletes);
        let failure = own.or_else(|| by_injects.then_some(never))?;
        let mut finders = failure.found_by.map_or_else(Vec::new, |id| self.alike(index, id));
        let is_hidden = self.found_later(index, &finders);
        if by_injects || is_hidden.contains(&false) {
            // What is thrown in is found at once, and so is what nobody would find later.
            finders.push(index);
        }
        let from = self.alike(index, failure.retry_from);
        let finder = |finder: usize| PlanFinder {
            step: to_u16(finder),
            again: self.again(from.iter().copied().chain([index]).collect(), finder),
            escalated: match failure.escalates_to {
                None => Vec::new(),
                Some(_) => self.again(vec![index], finder),
            },
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
        Some(to_u16(self.alike(index, id)[0]))
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

    /// The nodes of another step of the same track: of the same element where both steps are
    /// expanded over the same.
    fn alike(&self, index: usize, id: StepId) -> Vec<usize> {
        let graph = self.graph;
        let node = &graph.nodes[index];
        let mut nodes: Vec<usize> = graph.nodes_of(TrackId::new(node.track), id).collect();
        if nodes.first().is_some_and(|it| graph.nodes[*it].step.expansion == node.step.expansion) {
            nodes.retain(|it| graph.nodes[*it].element == node.element);
        }
        nodes
    }

    /// For each profile what is done again from some steps up to a finder.
    fn again(&self, from: Vec<usize>, finder: usize) -> Vec<Vec<SentBack>> {
        let (graph, precedence) = (self.graph, self.precedence);
        let nodes = graph.nodes.len();
        let to_usize = |nodes: &[u16]| nodes.iter().map(|it| usize::from(*it)).collect();
        let of_profile = |profile: &Profile| {
            let from = graph.there_or_next(&from, &profile.present);
            let successors = |node: usize| {
                if graph.per(node) != Per::Site {
                    return Vec::new();
                }
                let all = profile.successors_of(node).iter().map(|it| usize::from(*it));
                all.filter(|it| graph.per(*it) == Per::Site).collect()
            };
            again(&from, finder, successors, nodes)
        };
        match graph.per(finder) {
            Per::Site => self.profiles.iter().map(of_profile).collect(),
            Per::Batch => {
                vec![again(&from, finder, |it| to_usize(&precedence.batch_successors[it]), nodes)]
            }
            Per::Shard => vec![again(&from, finder, |_| Vec::new(), nodes)],
            Per::Once => {
                let of = |node: usize| {
                    let all: Vec<usize> = to_usize(&precedence.once_successors[node]);
                    all.into_iter().filter(|node| graph.per(*node) == Per::Once).collect()
                };
                vec![again(&from, finder, of, nodes)]
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
            Escalation::Step(id) => PlanTaker::Step(to_u16(self.alike(index, id)[0])),
        };
        let profiles = match graph.per(index) {
            Per::Site => self.profiles,
            Per::Batch | Per::Shard | Per::Once => &[],
        };
        let excused = profiles.iter().map(|profile| self.excused(profile, index)).collect();
        Some(PlanEscalation { to, excused })
    }

    /// A site step and those after it in its track, as far as a `batch` step waits for them.
    fn excused(&self, profile: &Profile, index: usize) -> Vec<u16> {
        let excused = self.reached(profile, vec![index]).into_iter().filter(|node| {
            let mut after = profile.successors_of(*node).iter().map(|it| usize::from(*it));
            self.graph.per(*node) == Per::Site && after.any(|it| self.graph.per(it) == Per::Batch)
        });
        excused.map(to_u16).collect()
    }

    /// These nodes and what comes after them in their track.
    fn reached(&self, profile: &Profile, from: Vec<usize>) -> Vec<usize> {
        let graph = self.graph;
        let mut seen = vec![false; graph.nodes.len()];
        let mut open = from;
        while let Some(node) = open.pop() {
            if std::mem::replace(&mut seen[node], true) {
                continue;
            }
            let after =
                profile.successors_of(node).iter().chain(&self.precedence.batch_successors[node]);
            let after = after.chain(&self.precedence.once_successors[node]);
            let after = after.map(|it| usize::from(*it));
            open.extend(after.filter(|it| graph.nodes[*it].track == graph.nodes[node].track));
        }
        (0..seen.len()).filter(|node| seen[*node]).collect()
    }

    /// For each node the holds that are given back when it escalates: those over it, by it or by what
    /// comes before it.
    pub(super) fn freed_holds(&self, holds: &[PlanHold]) -> Vec<Vec<u16>> {
        let graph = self.graph;
        let mut freed: Vec<Vec<u16>> = vec![Vec::new(); graph.nodes.len()];
        let alike = |one: usize, other: usize| {
            graph.per(one) == graph.per(other) && graph.nodes[one].track == graph.nodes[other].track
        };
        for (place, hold) in (0u16..).zip(holds) {
            let holder = usize::from(hold.step);
            let escalating = (0..graph.nodes.len()).filter(|node| graph.nodes[*node].escalates());
            for failing in escalating.filter(|node| alike(*node, holder)) {
                let lies_between = self.profiles.iter().any(|profile| {
                    let later = self.reached(profile, vec![failing]);
                    let mut ends = hold.until.iter().flatten().map(|end| usize::from(*end));
                    self.reached(profile, vec![holder]).contains(&failing)
                        && ends.any(|end| later.contains(&end))
                });
                if lies_between {
                    freed[failing].push(place);
                }
            }
        }
        freed
    }

    /// For each node, and then for each profile, what is behind the barriers that may go on without a
    /// site; nothing where none may.
    pub(super) fn behind_barriers(&self, failures: &[Option<&PlanFailure>]) -> Vec<Vec<Behind>> {
        let escalations = failures.iter().flatten().filter_map(|it| it.escalation.as_ref());
        let excused: BTreeSet<u16> =
            escalations.flat_map(|it| &it.excused).flatten().copied().collect();
        let of_node = |node: usize| match excused.contains(&to_u16(node)) {
            true => self.profiles.iter().map(|profile| self.behind(profile, node)).collect(),
            false => Vec::new(),
        };
        (0..self.graph.nodes.len()).map(of_node).collect()
    }

    fn behind(&self, profile: &Profile, index: usize) -> Behind {
        let mut open = profile.successors_of(index).to_vec();
        let mut barriers: Vec<usize> = Vec::new();
        while let Some(barrier) = open.pop().map(usize::from) {
            if self.graph.per(barrier) == Per::Batch && !barriers.contains(&barrier) {
                barriers.push(barrier);
                open.extend(&self.precedence.batch_successors[barrier]);
            }
        }
        let after = barriers.iter().flat_map(|it| profile.successors_of(*it));
        let mut steps: Vec<u16> = after.copied().collect();
        steps.sort_unstable();
        steps.dedup();
        let hand_over = barriers.iter().any(|it| profile.counts_for[*it].hand_over);
        Behind { steps, hand_over }
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

/// For each node whether a later failure can send it back.
pub(super) fn recurring(failures: &[Option<&PlanFailure>]) -> Vec<bool> {
    let mut recurs = vec![false; failures.len()];
    for finder in failures.iter().flatten().flat_map(|failure| &failure.finders) {
        let lists = finder.again.iter().chain(&finder.escalated).flatten();
        for again in lists.filter(|again| again.step != finder.step) {
            recurs[usize::from(again.step)] = true;
        }
    }
    recurs
}

/// What is done again when `finder` fails and the work starts again from `from`: the steps of the
/// same kind on any path between the two, each with all of its kind that come right before it.
/// `successors` knows those of that kind.
fn again(
    from: &[usize],
    finder: usize,
    successors: impl Fn(usize) -> Vec<usize>,
    nodes: usize,
) -> Vec<SentBack> {
    let mut after_start = vec![false; nodes];
    let mut open: Vec<usize> = from.to_vec();
    while let Some(node) = open.pop() {
        if !std::mem::replace(&mut after_start[node], true) {
            open.extend(successors(node));
        }
    }
    // A node leads to the finder if one of its successors does; few nodes, so ask until it settles.
    let mut leads = vec![false; nodes];
    leads[finder] = true;
    loop {
        let mut changed = false;
        for node in 0..nodes {
            if !leads[node] && after_start[node] && successors(node).iter().any(|it| leads[*it]) {
                leads[node] = true;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    let mut before: Vec<Vec<u16>> = vec![Vec::new(); nodes];
    for node in 0..nodes {
        for later in successors(node) {
            before[later].push(to_u16(node));
        }
    }
    let inside = |node: &usize| *node == finder || (after_start[*node] && leads[*node]);
    let sent_back =
        |node| SentBack { step: to_u16(node), before: std::mem::take(&mut before[node]) };
    (0..nodes).filter(inside).map(sent_back).collect()
}
