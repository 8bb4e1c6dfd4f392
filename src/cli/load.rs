//! Reads scenario files.

use std::path::Path;

use crate::diagnostics::{Code, Diagnostics, Sources};
use crate::scenario::{Checked, SetOverride, check};

use super::Exit;
use super::console::Console;

/// Reads a scenario and reports its faults; an answer means that there was no error.
pub(super) fn load(
    path: &Path,
    overrides: &[SetOverride],
    console: &mut Console<'_>,
) -> Result<Checked, Exit> {
    let shown = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|fault| {
        let mut diagnostics = Diagnostics::default();
        diagnostics
            .error_without_place(Code::Unreadable, format!("cannot read `{shown}`: {fault}"))
            .help("name a scenario file, such as scenarios/quickstart.toml");
        console.faults(&diagnostics, &Sources::default());
        Exit::Invalid
    })?;
    let text = String::from_utf8(bytes).map_err(|_| {
        let mut diagnostics = Diagnostics::default();
        diagnostics
            .error_without_place(Code::Unreadable, format!("`{shown}` is not text in UTF-8"))
            .help("a scenario is a TOML file; save it as UTF-8");
        console.faults(&diagnostics, &Sources::default());
        Exit::Invalid
    })?;
    let name = path.file_stem().map(|it| it.to_string_lossy().into_owned());
    let checked = check(&name.unwrap_or_else(|| "scenario".to_owned()), &shown, &text, overrides);
    console.faults(&checked.diagnostics, &checked.sources);
    if checked.scenario.is_none() {
        console.error(&format!("{} in {shown}", checked.diagnostics.summary()));
        return Err(Exit::Invalid);
    }
    Ok(checked)
}
