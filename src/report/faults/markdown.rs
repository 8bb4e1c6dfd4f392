//! Faults as Markdown for the summary of a build.

use crate::diagnostics::Severity;
use crate::report::faults::view::{FaultView, ValidationView};
use crate::report::forms::markdown::{push_rows, row, text};

/// Bytes after which a list of rows ends; a comment holds 64 KiB.
const ENOUGH: usize = 48 * 1024;

/// What `validate` found as Markdown, ending with a line end.
#[must_use]
pub fn validation_markdown(view: &ValidationView) -> String {
    let mut out = format!("### blackstart validate: {}\n", text(&view.sentence));
    fault_table(&view.faults, ENOUGH / 2, &mut out);
    out += "\n| scenario | |\n|---|---|\n";
    let rows = view.scenarios.iter().map(|it| row(&[text(&it.file), text(&it.sentence)]));
    push_rows(&mut out, rows, ENOUGH);
    out
}

/// A row for each fault, until there are enough bytes.
pub(crate) fn fault_table(faults: &[FaultView], enough: usize, out: &mut String) {
    if faults.is_empty() {
        return;
    }
    *out += "\n| fault | what to do | at |\n|---|---|---|\n";
    let rows = faults.iter().map(|it| {
        let severity = match it.severity {
            Severity::Error => "**error**",
            Severity::Warning if it.ok => "warning",
            Severity::Warning => "**warning**",
        };
        let fault = format!("{severity}: {} ({})", text(&it.message), it.code);
        row(&[fault, text(&it.helps.join("; ")), text(&it.at())])
    });
    push_rows(out, rows, enough);
}
