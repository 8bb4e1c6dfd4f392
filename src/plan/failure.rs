//! What is done again when a step fails, who finds it, and who takes over.

use crate::ids::{Id, TrackId};
use crate::rng::Purpose;
use crate::scenario::{Escalation, Failure, Per};
use crate::units::Share;

use super::compile::Builder;
use super::expand::to_u16;
use super::inject;
use super::profile::again;
use super::{Behind, PlanEscalation, PlanFailure, PlanFinder, PlanTaker, Profile, SentBack};

impl Builder<'_> {
    pub(super) fn failure(&mut self, index: usize, key: &str) -> Option<PlanFailure> {
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
            lane: self.lane(Purpose::Failure, key),
            is_hidden,
            finders,
            escalation: self.escalation(index, failure),
        })
    }

    /// For each profile whether one of the steps that find a failure later is there.
    fn found_later(&self, index: usize, finders: &[usize]) -> Vec<bool> {
        match self.graph.per(index) {
            Per::Site => {
                let profiles = self.plan.profiles.iter();
                profiles.map(|it| finders.iter().any(|finder| it.present[*finder])).collect()
            }
            Per::Batch | Per::Shard | Per::Once => {
                vec![finders.iter().any(|finder| !self.graph.nodes[*finder].absent)]
            }
        }
    }

    /// The nodes of another step of the same track: of the same element where both steps are
    /// expanded over the same.
    fn alike(&self, index: usize, id: crate::ids::StepId) -> Vec<usize> {
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
        let (graph, plan) = (self.graph, &*self.plan);
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
            Per::Site => plan.profiles.iter().map(of_profile).collect(),
            Per::Batch => {
                vec![again(&from, finder, |it| to_usize(&plan.batch_successors[it]), nodes)]
            }
            Per::Shard => vec![again(&from, finder, |_| Vec::new(), nodes)],
            Per::Once => {
                let of = |it: usize| {
                    let all: Vec<usize> = to_usize(&plan.once_successors[it]);
                    all.into_iter().filter(|it| graph.per(*it) == Per::Once).collect()
                };
                vec![again(&from, finder, of, nodes)]
            }
        }
    }

    fn escalation(&mut self, index: usize, failure: Failure) -> Option<PlanEscalation> {
        let graph = self.graph;
        let to = match failure.escalates_to? {
            Escalation::Team(team, people) => PlanTaker::Team {
                demand: self.demand(&graph.nodes[index], &[(team, people)]),
                team: to_u16(team.index()),
            },
            Escalation::Step(id) => PlanTaker::Step(to_u16(self.alike(index, id)[0])),
        };
        let profiles = match graph.per(index) {
            Per::Site => &self.plan.profiles[..],
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
            let after = profile.successors_of(node).iter().chain(&self.plan.batch_successors[node]);
            let after = after.chain(&self.plan.once_successors[node]);
            let after = after.map(|it| usize::from(*it));
            open.extend(after.filter(|it| graph.nodes[*it].track == graph.nodes[node].track));
        }
        (0..seen.len()).filter(|node| seen[*node]).collect()
    }

    /// Tells the steps that escalate what is held over them, by them or by what comes before them.
    pub(super) fn mark_freed_holds(&mut self) {
        let plan = &*self.plan;
        let alike = |one: usize, other: usize| {
            let (one, other) = (&plan.steps[one], &plan.steps[other]);
            one.per == other.per && one.track == other.track
        };
        let mut freed = Vec::new();
        for (place, hold) in (0u16..).zip(&plan.holds) {
            let holder = usize::from(hold.step);
            let escalating = (0..plan.steps.len()).filter(|it| plan.steps[*it].escalates);
            for failing in escalating.filter(|it| alike(*it, holder)) {
                let lies_between = plan.profiles.iter().any(|profile| {
                    let later = self.reached(profile, vec![failing]);
                    let mut ends = hold.until.iter().flatten().map(|it| usize::from(*it));
                    self.reached(profile, vec![holder]).contains(&failing)
                        && ends.any(|end| later.contains(&end))
                });
                if lies_between {
                    freed.push((failing, place));
                }
            }
        }
        for (failing, place) in freed {
            self.plan.details[failing].frees_holds.push(place);
        }
    }

    /// Tells the steps for which a barrier may not wait what is behind it.
    pub(super) fn mark_excusable(&mut self) {
        let escalations = self.plan.details.iter().filter_map(|it| it.failure.as_ref());
        let escalations = escalations.filter_map(|it| it.escalation.as_ref());
        let excused: std::collections::BTreeSet<u16> =
            escalations.flat_map(|it| &it.excused).flatten().copied().collect();
        for step in excused.into_iter().map(usize::from) {
            let behind = self.plan.profiles.iter().map(|it| self.behind(it, step)).collect();
            self.plan.details[step].behind = behind;
            self.plan.steps[step].excusable = true;
            self.plan.steps[step].judged = true;
        }
    }

    fn behind(&self, profile: &Profile, index: usize) -> Behind {
        let mut open = profile.successors_of(index).to_vec();
        let mut barriers: Vec<usize> = Vec::new();
        while let Some(barrier) = open.pop().map(usize::from) {
            if self.graph.per(barrier) == Per::Batch && !barriers.contains(&barrier) {
                barriers.push(barrier);
                open.extend(&self.plan.batch_successors[barrier]);
            }
        }
        let after = barriers.iter().flat_map(|it| profile.successors_of(*it));
        let mut steps: Vec<u16> = after.copied().collect();
        steps.sort_unstable();
        steps.dedup();
        let hand_over = barriers.iter().any(|it| profile.counts_for[*it].hand_over);
        Behind { steps, hand_over }
    }

    /// The node that a node stands in for.
    pub(super) fn failing_node(&self, index: usize) -> Option<u16> {
        let id = self.graph.nodes[index].step.stands_in_for?;
        Some(to_u16(self.alike(index, id)[0]))
    }

    /// Tells each step which failures it finds.
    pub(super) fn mark_finders(&mut self) {
        let plan = &mut *self.plan;
        for failing in 0..plan.steps.len() {
            let finders = plan.details[failing].failure.iter().flat_map(|it| &it.finders);
            let finders: Vec<usize> = finders.map(|it| usize::from(it.step)).collect();
            for (place, finder) in finders.into_iter().enumerate().filter(|it| it.1 != failing) {
                plan.steps[finder].judged = true;
                plan.details[finder].finds.push((to_u16(failing), to_u16(place)));
            }
        }
    }

    /// Marks the steps that a later failure can send back.
    pub(super) fn mark_recurring(&mut self) {
        let plan = &mut *self.plan;
        let finders = plan.details.iter().flat_map(|it| &it.failure).flat_map(|it| &it.finders);
        for finder in finders {
            let lists = finder.again.iter().chain(&finder.escalated).flatten();
            for again in lists.filter(|again| again.step != finder.step) {
                plan.steps[usize::from(again.step)].recurs = true;
            }
        }
    }
}
