//! Steps that are done for a shard: a backup is loaded once for all sites that need it. Such a step
//! is not triggered by what comes before it; it is asked for by the first site step that needs it.

use crate::diagnostics::Code;
use crate::ids::{Id, IdVec, StepId};
use crate::scenario::read::resolver::Resolver;
use crate::scenario::runbook::{Expansion, Step};
use crate::spec::{Located, Per, RunbookSpec, StepSpec};
use crate::units::SimDuration;

/// Finds out which steps ask for loads, and lets them wait themselves for what the load is written
/// to wait for: so a load stands no longer than it is needed, and a sequential runbook means what
/// it says.
pub(crate) fn settle(
    spec: &Located<RunbookSpec>,
    steps: &mut IdVec<StepId, Step>,
    resolver: &mut Resolver<'_>,
) {
    let loads: Vec<StepId> =
        steps.enumerate().filter(|(_, it)| it.per == Per::Shard).map(|(id, _)| id).collect();
    if loads.is_empty() {
        return;
    }
    for load in &loads {
        check_load(&spec.steps[load.index()], *load, steps, resolver);
    }
    let mut named: Vec<StepId> = Vec::new();
    for id in steps.ids() {
        let asked: Vec<StepId> =
            steps[id].after.iter().copied().filter(|it| loads.contains(it)).collect();
        steps[id].after.retain(|it| !loads.contains(it));
        named.extend(&asked);
        if let [load, others @ ..] = asked.as_slice()
            && is_extract(&spec.steps[id.index()], &steps[id], &steps[*load], others, resolver)
        {
            steps[id].asks_for = Some(*load);
        }
    }
    for id in steps.ids() {
        let Some(load) = steps[id].asks_for else { continue };
        let (here, elsewhere) = (steps[load].after.clone(), steps[load].after_elsewhere.clone());
        let own = &mut steps[id];
        let new = here.into_iter().filter(|it| !own.after.contains(it)).collect::<Vec<StepId>>();
        own.after.extend(new);
        own.after_elsewhere.extend(elsewhere);
    }
    for load in loads {
        let place = &spec.steps[load.index()];
        steps[load].after.clear();
        steps[load].after_elsewhere.clear();
        if !named.contains(&load) && !resolver.parsed.cut_any(&["after"]) {
            let message = format!("no step needs the load of `{}`", steps[load].id);
            resolver
                .error(Code::NeverReached, place.span, message)
                .help("name it in `after` of the site steps that need it");
        }
    }
}

/// What a load cannot have.
fn check_load(
    spec: &Located<StepSpec>,
    id: StepId,
    steps: &IdVec<StepId, Step>,
    resolver: &mut Resolver<'_>,
) {
    let step = &steps[id];
    if spec.for_each.is_none() && !resolver.parsed.was_cut(spec.span, "for_each") {
        resolver
            .error(
                Code::MissingKey,
                spec.span,
                format!("`{}` loads shards of which service?", step.id),
            )
            .help("add `for_each = { service = \"...\" }` or `{ service_class = \"primary\" }`");
    }
    if let (Some(for_each), Expansion::Products(_)) = (&spec.for_each, &step.expansion) {
        resolver
            .error(Code::ConflictingKeys, for_each.span, "a product has no shards")
            .help("choose from `service_class` or `service`");
    }
    if let Some(it) = &spec.frees_slot {
        let message = "a load belongs to no batch, so its end frees no slot";
        resolver
            .error(Code::ConflictingKeys, it.span, message)
            .help("mark the step that needs the load");
    }
    if let Some(other) = step.after.iter().find(|it| steps[**it].per == Per::Shard) {
        let place = spec.after.as_ref().map_or(spec.span, |it| it.span);
        let message = format!("the load of `{}` waits for that of `{}`", step.id, steps[*other].id);
        resolver
            .error(Code::NeverReached, place, message)
            .help("a load is asked for by the site steps that need it; write their `after` out");
    }
}

/// Whether a step that comes right after a load can be one that asks for it.
fn is_extract(
    spec: &Located<StepSpec>,
    step: &Step,
    load: &Step,
    others: &[StepId],
    resolver: &mut Resolver<'_>,
) -> bool {
    let place = spec.after.as_ref().map_or(spec.span, |it| it.span);
    if step.per == Per::Shard {
        // Told where loads are checked.
        return false;
    }
    let fault = if step.per != Per::Site {
        "only a site step can need a load"
    } else if load.expansion != Expansion::None && step.expansion != load.expansion {
        "a step that needs a load has the same `for_each`"
    } else if !others.is_empty() {
        "a step needs one load at most"
    } else {
        return true;
    };
    resolver
        .error(
            Code::NeverReached,
            place,
            format!("`{}` comes after the load of `{}`", step.id, load.id),
        )
        .help(fault)
        .help("other steps wait for the step that needs the load");
    false
}

/// How long a load stands when nobody needs it any more.
pub(crate) fn keep(spec: &Located<StepSpec>, per: Per, resolver: &mut Resolver<'_>) -> SimDuration {
    if let Some(keep) = &spec.keep
        && per != Per::Shard
    {
        resolver
            .error(Code::ConflictingKeys, keep.span, "only a load can be kept")
            .help("add `per = \"shard\"`, or leave out `keep`");
    }
    resolver.duration_or(&spec.keep, SimDuration::ZERO)
}
