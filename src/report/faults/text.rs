//! What `validate` says for the terminal: a line for each scenario, and one for each fault in the
//! form that editors know from compilers.

use crate::diagnostics::{Severity, count};
use crate::report::faults::view::{FaultView, ValidationView};
use crate::report::words::plain;

/// What `validate` found as text, ending with a line end.
#[must_use]
pub fn validation_text(view: &ValidationView) -> String {
    let mut out = String::new();
    for it in &view.scenarios {
        out += &format!("{}: {}\n", it.file, it.sentence);
        for fault in view.faults.iter().filter(|fault| fault.scenario == it.file) {
            out += &format!("{}\n", fault_line(fault));
        }
    }
    out
}

/// Whether this is what [`validation_text`] writes.
pub(crate) fn is_validation_text(text: &str) -> bool {
    let valid = |line: &str| line.contains(": valid") && line.ends_with(" each");
    let invalid = |line: &str| line.contains(": invalid");
    let fault = |line: &str| line.contains(": error[") || line.contains(": warning[");
    text.lines().next().is_some_and(|line| valid(line) || invalid(line))
        && text.lines().all(|line| valid(line) || invalid(line) || fault(line))
}

/// `x.toml:4:1: error[unknown-key]: unknown key ...; did you mean ...?`
pub(crate) fn fault_line(fault: &FaultView) -> String {
    let severity = match fault.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    plain(&format!("{}: {severity}[{}]: {}", fault.at(), fault.code, fault.told()))
}

/// `3 errors, 1 warning`; nothing where there is no fault.
pub(crate) fn counted(faults: &[FaultView]) -> Option<String> {
    let number = |severity| faults.iter().filter(|it| it.severity == severity).count();
    let parts = [(Severity::Error, "error"), (Severity::Warning, "warning")];
    let parts = parts.map(|(severity, word)| (number(severity), word));
    let told = parts.into_iter().filter(|it| it.0 > 0).map(|(number, word)| count(number, word));
    Some(told.collect::<Vec<String>>().join(", ")).filter(|it| !it.is_empty())
}
