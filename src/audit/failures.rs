//! How steps go wrong, as the runbooks and the injects have it.

use crate::audit::graph::alike;
use crate::audit::ground::Ground;
use crate::scenario::{InjectKind, Per};

/// How a step goes wrong.
pub(super) struct Failure {
    pub probability: f64,
    /// Attempts in all; the last cannot fail, unless the work escalates then.
    pub attempts: u32,
    /// Where the work starts again.
    pub from: Vec<usize>,
    /// By kind of site: whether only a later step finds it.
    pub is_hidden: Vec<bool>,
    /// Steps at whose end it is found, later ones.
    pub finders: Vec<usize>,
    pub escalates: bool,
}

/// How the step at a place goes wrong, if it can.
pub(super) fn failure(ground: &Ground<'_>, step: usize) -> Option<Failure> {
    let facts = &ground.steps[step];
    let is_injected = !failing_injects(ground, step).is_empty();
    let own = facts.step.failure.filter(|_| !facts.place.undeletes);
    let Some(own) = own else {
        // What only injects fail is tried again by itself, as often as it takes.
        return is_injected.then(|| Failure {
            probability: 0.0,
            attempts: u32::from(u16::MAX),
            from: alike(ground, step, facts.place.step),
            is_hidden: vec![false; ground.kinds.len().max(1)],
            finders: Vec::new(),
            escalates: false,
        });
    };
    let finders = own.found_by.map_or_else(Vec::new, |id| alike(ground, step, id));
    let there = |kind: usize| match facts.step.per {
        Per::Site => finders.iter().any(|it| ground.has(kind, *it)),
        Per::Batch | Per::Shard | Per::Once => finders.iter().any(|it| !ground.steps[*it].absent),
    };
    let is_hidden = (0..ground.kinds.len()).map(there).collect();
    Some(Failure {
        probability: own.probability.fraction(),
        attempts: own.attempts,
        from: alike(ground, step, own.retry_from),
        is_hidden,
        finders,
        escalates: own.escalates_to.is_some(),
    })
}

/// The injects that fail attempts of the step at a place.
pub(super) fn failing_injects(ground: &Ground<'_>, step: usize) -> Vec<usize> {
    let facts = &ground.steps[step];
    let runbook = ground.strategy.tracks[facts.place.track].runbook;
    let fails = |what: &InjectKind| match what {
        InjectKind::AttemptsFail(steps, _) => steps.contains(&(runbook, facts.place.step)),
        _ => false,
    };
    let injects = ground.scenario.injects.iter().enumerate();
    injects.filter(|(_, it)| fails(&it.what)).map(|it| it.0).collect()
}
