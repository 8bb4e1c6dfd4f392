//! From diagnostics to the view of what `validate` says.

use crate::diagnostics::{self, Diagnostic, Diagnostics, Severity, Sources, Span};
use crate::report::about::{PlaceView, program};
use crate::report::faults::text::counted;
use crate::report::faults::view::{
    FaultView, RelatedView, VALIDATION_FORMAT, ValidatedView, ValidationView,
};
use crate::scenario::Scenario;

/// What `validate` knows of one scenario.
#[derive(Clone, Debug)]
pub struct ValidatedScenario {
    /// The scenario's file as it was named.
    pub file: String,
    /// The scenario, if it has no error.
    pub scenario: Option<Scenario>,
    /// What is wrong with it.
    pub faults: Vec<FaultView>,
}

/// Everything that `validate` says. `exit_code` is how the program ends.
#[must_use]
pub fn validation_view(scenarios: &[ValidatedScenario], exit_code: u8) -> ValidationView {
    let faults: Vec<FaultView> = scenarios.iter().flat_map(|it| it.faults.clone()).collect();
    let sound = scenarios.iter().filter(|it| is_ok(it)).count();
    let valid = match (sound, scenarios.len()) {
        (1, 1) => "The scenario is valid".to_owned(),
        (0, 1) => "The scenario is invalid".to_owned(),
        (sound, all) if sound == all => format!("All {all} scenarios are valid"),
        (sound, all) if all - sound == 1 => format!("1 of {all} scenarios is invalid"),
        (sound, all) => format!("{} of {all} scenarios are invalid", all - sound),
    };
    let found = counted(&faults).map(|it| format!(": {it}")).unwrap_or_default();
    ValidationView {
        format: VALIDATION_FORMAT,
        program: program(),
        ok: exit_code == 0,
        exit_code,
        sentence: format!("{valid}{found}."),
        faults,
        scenarios: scenarios.iter().map(validated).collect(),
    }
}

fn is_ok(scenario: &ValidatedScenario) -> bool {
    scenario.scenario.is_some() && scenario.faults.iter().all(|it| it.ok)
}

fn validated(validated: &ValidatedScenario) -> ValidatedView {
    let sentence = match (&validated.scenario, counted(&validated.faults)) {
        (Some(scenario), found) if is_ok(validated) => valid(scenario, found),
        (_, Some(found)) => format!("invalid, {found}"),
        (_, None) => "invalid".to_owned(),
    };
    ValidatedView { file: validated.file.clone(), ok: is_ok(validated), sentence }
}

fn valid(scenario: &Scenario, found: Option<String>) -> String {
    let count = diagnostics::count;
    let warnings = found.map(|it| format!(", {it}")).unwrap_or_default();
    let strategies = match scenario.strategies.len() {
        1 => "1 strategy".to_owned(),
        more => format!("{more} strategies"),
    };
    // How many sites a guardrail spares is known only after a simulation.
    let (aimed_at, all) = (scenario.incident.deleted.len(), scenario.estate.sites.len());
    let all = count(all, "site");
    let deleted = match scenario.strategies.iter().any(|it| it.guardrails.may_spare()) {
        true => format!("aims at {aimed_at} of {all}"),
        false => format!("{aimed_at} {} of {all}", scenario.incident.kind.words().done),
    };
    let redrawn = match scenario.estate.is_redrawn() {
        true => " in exercise 0, others in the next",
        false => "",
    };
    let exercises = count(scenario.experiment.replications as usize, "exercise");
    format!("valid{warnings}; {deleted}{redrawn}, {strategies}, {exercises} each")
}

/// The faults of a scenario as builds and other programs get them, in the order of their places.
#[must_use]
pub fn fault_views(scenario: &str, diagnostics: &Diagnostics, sources: &Sources) -> Vec<FaultView> {
    let view = |it: &Diagnostic| FaultView {
        scenario: scenario.to_owned(),
        severity: it.severity,
        ok: it.severity == Severity::Warning,
        code: it.code.as_str(),
        meaning: it.code.meaning(),
        message: it.message.clone(),
        helps: it.helps.clone(),
        place: it.span.map(|span| place(span, sources)),
        related: it.related.iter().map(|(span, text)| related(*span, text, sources)).collect(),
    };
    diagnostics.sorted().into_iter().map(view).collect()
}

fn related(span: Span, text: &str, sources: &Sources) -> RelatedView {
    RelatedView { place: place(span, sources), text: text.to_owned() }
}

fn place(span: Span, sources: &Sources) -> PlaceView {
    let it = sources.place(span);
    PlaceView { file: it.file, line: it.line as u64, column: it.column as u64 }
}

/// Makes every warning stand in the way.
pub fn deny_warnings(faults: &mut [FaultView]) {
    faults.iter_mut().for_each(|it| it.ok = false);
}
