//! `fails` of a step.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::Code;
use crate::ids::{Id, IdVec, StepId, TeamId};
use crate::scenario::failure::{Escalation, Failure};
use crate::scenario::read::resolver::Resolver;
use crate::scenario::read::step::{StepReader, are_before, demand, is_before};
use crate::scenario::restore_point::RestorePoint;
use crate::scenario::runbook::Step;
use crate::spec::{EscalationSpec, FailsSpec, Located, Per, RunbookSpec};
use crate::units::Share;

/// For each step of a runbook the first that escalates to it: such a step is done in no other case.
pub(crate) fn stand_ins(
    spec: &RunbookSpec,
    places: &BTreeMap<String, StepId>,
) -> Vec<Option<StepId>> {
    let mut stands_in = vec![None; spec.steps.len()];
    for (index, step) in spec.steps.iter().enumerate() {
        let escalation = step.fails.as_ref().and_then(|it| it.escalates_to.as_ref());
        let named = escalation.and_then(|it| it.step.as_ref());
        let place = named.and_then(|named| places.get(&named.value));
        if let Some(place) = place.filter(|it| it.index() != index) {
            stands_in[place.index()].get_or_insert(StepId::new(index));
        }
    }
    stands_in
}

impl StepReader<'_> {
    pub(crate) fn failure(
        &self,
        spec: &Located<FailsSpec>,
        index: usize,
        teams: &[(TeamId, u32)],
        resolver: &mut Resolver<'_>,
    ) -> Option<Failure> {
        let probability = resolver.required(
            &spec.probability,
            spec.span,
            "probability",
            "add `probability = \"5%\"`",
        );
        let probability = probability.and_then(|it| resolver.share(it));
        let attempts = resolver.whole_or(&spec.attempts, 10, 1..=60_000, "number of attempts");
        let escalates_to =
            spec.escalates_to.as_ref().and_then(|it| self.escalation(it, teams, resolver));
        let may_fail = probability.is_some_and(|it| it > Share::NONE);
        if let Some(place) = spec.attempts.as_ref().filter(|_| may_fail && attempts == 1)
            && spec.escalates_to.is_none()
        {
            let message =
                "the last attempt cannot fail where nobody takes over, and here it is the first";
            resolver.no_effect(place.span, message).help(
                "allow more `attempts`, or say who takes over: `escalates_to = { team = \"...\" }`",
            );
        }
        let found_by = match &spec.found_by {
            Some(name) => Some(self.find(name, resolver)?),
            None => None,
        };
        let retry_from = match &spec.retry_from {
            Some(name) => self.find(name, resolver)?,
            None => StepId::new(index),
        };
        Some(Failure { probability: probability?, attempts, retry_from, found_by, escalates_to })
    }

    fn escalation(
        &self,
        spec: &Located<EscalationSpec>,
        teams: &[(TeamId, u32)],
        resolver: &mut Resolver<'_>,
    ) -> Option<Escalation> {
        match (&spec.team, &spec.step) {
            (Some(name), None) => {
                let id = self.symbols.team(name, resolver)?;
                let team = &self.symbols.teams[id];
                // Of a wait that needs nobody, one person takes care.
                let people = teams.iter().map(|(_, people)| *people).sum::<u32>().max(1);
                let wanted = name.with(i64::from(people));
                let people = demand(&wanted, team.people.peak(), "team", &team.name, resolver)?;
                Some(Escalation::Team(id, people))
            }
            (None, Some(name)) => self.find(name, resolver).map(Escalation::Step),
            _ => {
                let told = resolver.parsed.was_cut(spec.span, "team")
                    || resolver.parsed.was_cut(spec.span, "step");
                if !told {
                    let message = "`escalates_to` takes exactly one key";
                    resolver
                        .error(Code::ConflictingKeys, spec.span, message)
                        .help("write `{ team = \"...\" }` or `{ step = \"...\" }`");
                }
                None
            }
        }
    }

    /// Reports failures that are found or mended where that is not possible. `order` lists the steps,
    /// each behind those that it waits for.
    pub(crate) fn check_failures(
        &self,
        steps: &IdVec<StepId, Step>,
        order: &[StepId],
        resolver: &mut Resolver<'_>,
    ) {
        let sound = sound_ways(steps, order);
        for (id, step) in steps.enumerate() {
            if let Some(failure) = step.failure {
                let lies = |first, second| sound.contains(&(id, first, second));
                if failure.retry_from != id && !lies(failure.retry_from, id) {
                    self.refuse_retry(steps, id, failure, resolver);
                }
                if let Some(finder) = failure.found_by.filter(|it| !lies(id, *it)) {
                    self.refuse_finder(steps, id, finder, resolver);
                }
            }
            self.check_repair(steps, id, resolver);
        }
    }

    fn refuse_retry(
        &self,
        steps: &IdVec<StepId, Step>,
        id: StepId,
        failure: Failure,
        resolver: &mut Resolver<'_>,
    ) {
        let (step, from) = (&steps[id], &steps[failure.retry_from]);
        let spec = &self.spec.steps[id.index()];
        let place = spec.fails.as_ref().map_or(spec.span, |it| it.span);
        resolver
            .error(
                Code::NeverReached,
                place,
                format!("`{}` cannot be tried again from `{}`", step.id, from.id),
            )
            .help("`retry_from` names a step before this one, of the same `per`")
            .help("work of a site is not sent back across a `batch` step");
    }

    fn refuse_finder(
        &self,
        steps: &IdVec<StepId, Step>,
        id: StepId,
        finder: StepId,
        resolver: &mut Resolver<'_>,
    ) {
        let step = &steps[id];
        let spec = &self.spec.steps[id.index()];
        let found_by = spec.fails.as_ref().and_then(|it| it.found_by.as_ref());
        let place = found_by.map_or(spec.span, |it| it.span);
        resolver
            .error(
                Code::NeverReached,
                place,
                format!("`{}` cannot find what went wrong in `{}`", steps[finder].id, step.id),
            )
            .help("`found_by` names a step after this one, of the same `per`")
            .help("what goes wrong for a site is not found across a `batch` step");
    }

    fn check_repair(&self, steps: &IdVec<StepId, Step>, id: StepId, resolver: &mut Resolver<'_>) {
        let step = &steps[id];
        let by_hand = step.restore_point.as_ref().and_then(RestorePoint::by_hand);
        let Some(repair) = by_hand.and_then(|it| it.repaired_by) else { return };
        // What stands in for a step is followed by what follows that one.
        let from = step.stands_in_for.unwrap_or(id);
        if steps[repair].per == Per::Site && is_before(steps, from, repair, |_| true) {
            return;
        }
        let spec = &self.spec.steps[id.index()];
        let place = spec.restore_point.as_ref().map_or(spec.span, |it| it.span);
        resolver
            .error(
                Code::NeverReached,
                place,
                format!("`{}` cannot repair what `{}` restored", steps[repair].id, step.id),
            )
            .help("`repaired_by` names a site step after this one");
    }

    /// Reports steps that are to take over and cannot.
    pub(crate) fn check_escalations(
        &self,
        steps: &IdVec<StepId, Step>,
        resolver: &mut Resolver<'_>,
    ) {
        for (id, step) in steps.enumerate() {
            let Some(Escalation::Step(other)) = step.failure.and_then(|it| it.escalates_to) else {
                continue;
            };
            let spec = &self.spec.steps[id.index()];
            let named = spec.fails.as_ref().and_then(|it| it.escalates_to.as_ref());
            let place = named.map_or(spec.span, |it| it.span);
            let taking = &steps[other];
            let mut refuse = |message: String, advice: &str| {
                resolver.error(Code::NeverReached, place, message).help(advice);
            };
            if other == id || taking.per != step.per || taking.expansion != step.expansion {
                refuse(
                    format!("`{}` cannot take over from `{}`", taking.id, step.id),
                    "`escalates_to` names another step of the same `per` and `for_each`",
                );
            } else if taking.stands_in_for != Some(id) {
                refuse(
                    format!("`{}` already takes over from another step", taking.id),
                    "a step takes over from one step; write it once more under another id",
                );
            } else if step.stands_in_for.is_some() {
                refuse(
                    format!("`{}` takes over itself, and cannot pass it on to a step", step.id),
                    "write `escalates_to = { team = \"...\" }`, or leave it out",
                );
            }
        }
        for id in steps.ids() {
            self.check_apart(steps, id, resolver);
        }
    }

    /// What takes over stands apart from the ordinary course.
    fn check_apart(&self, steps: &IdVec<StepId, Step>, id: StepId, resolver: &mut Resolver<'_>) {
        let step = &steps[id];
        let spec = &self.spec.steps[id.index()];
        for before in step.after.iter().filter(|it| steps[**it].stands_in_for.is_some()) {
            let place = spec.after.as_ref().map_or(spec.span, |it| it.span);
            let message = format!(
                "`{}` waits for `{}`, which is done only if another step fails too often",
                step.id, steps[*before].id
            );
            resolver
                .error(Code::NeverReached, place, message)
                .help("wait for the step that it takes over from");
        }
        let Some(failing) = step.stands_in_for else { return };
        let keys = [
            ("after", spec.after.as_ref().map(|it| it.span)),
            ("hand_over", spec.hand_over.as_ref().map(|it| it.span)),
            ("frees_slot", spec.frees_slot.as_ref().map(|it| it.span)),
        ];
        for (key, place) in keys.into_iter().filter_map(|(key, place)| Some((key, place?))) {
            let message = format!(
                "`{}` is done only in the place of `{}`, so it has no `{key}` of its own",
                step.id, steps[failing].id
            );
            resolver
                .error(Code::ConflictingKeys, place, message)
                .help(format!("leave out `{key}`; that of `{}` holds", steps[failing].id));
        }
    }
}

/// For each step that fails the ways on which its work may be sent back and be found wanting, from a
/// step before to one behind, both of its kind.
fn sound_ways(steps: &IdVec<StepId, Step>, order: &[StepId]) -> BTreeSet<(StepId, StepId, StepId)> {
    let mut sound = BTreeSet::new();
    for of_sites in [true, false] {
        let mut ways: Vec<(StepId, (StepId, StepId))> = Vec::new();
        let failing = steps.enumerate().filter(|(_, it)| (it.per == Per::Site) == of_sites);
        for (id, step) in failing {
            let Some(failure) = step.failure else { continue };
            let found = failure.found_by.map(|finder| (id, finder));
            let ends = [Some((failure.retry_from, id)), found].into_iter().flatten();
            let alike = ends.filter(|(a, b)| steps[*a].per == steps[*b].per);
            ways.extend(alike.map(|ends| (id, ends)));
        }
        let pairs: Vec<(StepId, StepId)> = ways.iter().map(|(_, ends)| *ends).collect();
        // Work of a site alone is not sent back across a barrier.
        let are_before = are_before(steps, order, &pairs, |it| !of_sites || it.per == Per::Site);
        let lie = ways.into_iter().zip(are_before).filter(|(_, lies)| *lies);
        sound.extend(lie.map(|((id, (first, second)), _)| (id, first, second)));
    }
    sound
}
