//! Guardrails that are switched on and spare, keep or shorten nothing.

use crate::diagnostics::Span;
use crate::scenario::Scenario;
use crate::scenario::effect::whole::{Whole, idle, steps_of};
use crate::scenario::read::resolver::Resolver;
use crate::scenario::strategy::Strategy;
use crate::spec::{GuardrailSpec, Located, When};
use crate::units::Share;

pub(crate) fn check(whole: &Whole<'_>, resolver: &mut Resolver<'_>) {
    for (kind, matters, message, help) in KINDS {
        let named = whole.each().flat_map(|(spec, strategy)| {
            let names = spec.guardrails.iter().filter(|it| it.value == kind);
            names.map(move |it| (it.span, matters(whole.scenario, strategy)))
        });
        let everywhere = switched_on(whole, kind).into_iter().flat_map(|span| {
            let each = whole.scenario.strategies.iter();
            each.map(move |it| (span, matters(whole.scenario, it)))
        });
        for span in idle(named.chain(everywhere)) {
            resolver.no_effect(span, message).help(help);
        }
    }
}

type Matters = fn(&Scenario, &Strategy) -> bool;

const KINDS: [(GuardrailSpec, Matters, &str, &str); 4] = [
    (
        GuardrailSpec::TestedAutomation,
        is_automated,
        "no step here is automated",
        "say with `automated_after` what automation leaves of a step, or leave it out",
    ),
    (
        GuardrailSpec::BulkCap,
        caps,
        "no run deletes more sites than it may",
        "write fewer `sites` than a run deletes, or leave it out",
    ),
    (
        GuardrailSpec::IdentifierCheck,
        catches,
        "a check that catches 0% spares nothing",
        "write how likely it refuses the deletion, such as `catches = \"90%\"`, or leave it out",
    ),
    (
        GuardrailSpec::SoftDelete,
        keeps,
        "no step here goes by whether what is deleted is kept",
        "give the step that brings data back a `restore_point`, or leave it out",
    ),
];

/// Where a guardrail is switched on for every strategy.
fn switched_on(whole: &Whole<'_>, kind: GuardrailSpec) -> Option<Span> {
    let it = whole.spec.incident.guardrails.as_ref()?;
    let enabled: &Option<Located<bool>> = match kind {
        GuardrailSpec::TestedAutomation => &it.tested_automation.as_ref()?.enabled,
        GuardrailSpec::BulkCap => &it.bulk_cap.as_ref()?.enabled,
        GuardrailSpec::IdentifierCheck => &it.identifier_check.as_ref()?.enabled,
        GuardrailSpec::SoftDelete => &it.soft_delete.as_ref()?.enabled,
        GuardrailSpec::StagedRollout => &it.staged_rollout.as_ref()?.enabled,
    };
    enabled.as_ref().filter(|it| it.value).map(|it| it.span)
}

fn is_automated(scenario: &Scenario, strategy: &Strategy) -> bool {
    steps_of(strategy, scenario).any(|it| it.automation.is_some())
}

fn caps(scenario: &Scenario, strategy: &Strategy) -> bool {
    let sites = scenario.incident.runs.iter().map(|it| it.sites.len()).max().unwrap_or(0);
    let may = strategy.guardrails.bulk_cap.map_or(usize::MAX, |it| it as usize);
    may < sites || scenario.estate.is_redrawn()
}

fn catches(_: &Scenario, strategy: &Strategy) -> bool {
    strategy.guardrails.identifier_check.is_some_and(|it| it > Share::NONE)
}

fn keeps(scenario: &Scenario, strategy: &Strategy) -> bool {
    let mut steps = steps_of(strategy, scenario);
    steps.any(|it| it.restore_point.is_some() || it.when != When::Always)
}
