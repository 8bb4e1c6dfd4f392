//! Steps that never fail though they say how, or that always do.

use crate::diagnostics::{Code, Span};
use crate::ids::{RunbookId, StepId};
use crate::scenario::Scenario;
use crate::scenario::effect::whole::Whole;
use crate::scenario::failure::Failure;
use crate::scenario::inject::InjectKind;
use crate::scenario::read::resolver::Resolver;
use crate::units::Share;

pub(crate) fn check(whole: &Whole<'_>, resolver: &mut Resolver<'_>) {
    let runbooks = whole.spec.runbooks.iter().zip(whole.scenario.runbooks.enumerate());
    for ((_, spec), (runbook, meant)) in runbooks {
        for (spec, (step, it)) in spec.steps.iter().zip(meant.steps.enumerate()) {
            let (Some(fails), Some(failure)) = (&spec.fails, it.failure) else { continue };
            if failure.probability == Share::ALL && fails.attempts.is_none() {
                always(failure, fails.span, resolver);
            } else if failure.probability == Share::NONE
                && !is_failed(runbook, step, whole.scenario)
            {
                resolver.no_effect(fails.span, "what fails in 0% of its attempts never does").help(
                    "write how likely it is, such as `probability = \"5%\"`, or leave `fails` out",
                );
            }
        }
    }
}

/// Whether an inject lets attempts of a step fail, whatever chance they have.
fn is_failed(runbook: RunbookId, step: StepId, scenario: &Scenario) -> bool {
    scenario.injects.iter().any(|it| {
        matches!(&it.what, InjectKind::AttemptsFail(steps, _) if steps.contains(&(runbook, step)))
    })
}

/// Who says how many attempts there are knows what comes of it.
fn always(failure: Failure, place: Span, resolver: &mut Resolver<'_>) {
    let last = failure.attempts;
    let message = match failure.escalates_to {
        None => format!("every attempt fails but number {last}, the last, which cannot"),
        Some(_) => format!("every attempt fails, so others take over after {last}"),
    };
    resolver
        .diagnostics
        .warning(Code::Suspicious, place, message)
        .help("write how likely it is that an attempt fails, or how many `attempts` there are");
}
