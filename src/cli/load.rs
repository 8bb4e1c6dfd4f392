//! Reads scenario files, the files that they use and the tables of their sites.

use std::path::Path;

use crate::diagnostics::{Code, Diagnostics, Sources, count};
use crate::scenario::{
    Checked, Limits, Scenario, Texts, Unread, check_texts, decode, missing_files,
};
use crate::shown::{self, is_unseen};

use super::Exit;
use super::args::Overrides;
use super::command::portable;
use super::console::Console;
use super::input::{self, InputError, STANDARD_INPUT};

/// Reads a scenario and reports its faults; an answer means that there was no error.
pub(super) fn load(
    path: &Path,
    overrides: &Overrides,
    console: &mut Console<'_>,
) -> Result<Checked, Exit> {
    Ok(load_with_texts(path, overrides, console)?.0)
}

/// As [`load_with_texts`], where warnings may be denied: they are as bad as errors then.
pub(super) fn load_sound(
    path: &Path,
    overrides: &Overrides,
    denied: bool,
    console: &mut Console<'_>,
) -> Result<(Scenario, Texts), Exit> {
    let (checked, texts) = load_with_texts(path, overrides, console)?;
    let scenario = checked.scenario.expect("a loaded scenario has no error");
    refuse_warnings(path, &checked.diagnostics, denied, console)?;
    Ok((scenario, texts))
}

/// Refuses a scenario with warnings where they are denied.
pub(super) fn refuse_warnings(
    path: &Path,
    diagnostics: &Diagnostics,
    denied: bool,
    console: &mut Console<'_>,
) -> Result<(), Exit> {
    if !denied || diagnostics.warnings() == 0 {
        return Ok(());
    }
    let found = count(diagnostics.warnings(), "warning");
    console.error(&format!("{found} in {}, and warnings are denied", shown::path(path)));
    Err(Exit::Invalid)
}

/// As [`load`], with the texts that the scenario was read from.
pub(super) fn load_with_texts(
    path: &Path,
    overrides: &Overrides,
    console: &mut Console<'_>,
) -> Result<(Checked, Texts), Exit> {
    let is_standard_input = path == Path::new(STANDARD_INPUT);
    let named = if is_standard_input { "standard input".to_owned() } else { shown::path(path) };
    console.set_about(portable(path));
    let limits = Limits::with(&overrides.limit);
    let main = read(path, &limits, "name a scenario file, such as scenarios/quickstart.toml");
    let main = main.and_then(|text| if is_readable_name(path) { Ok(text) } else { Err(unseen()) });
    let main = main.map_err(|Unread { reason, help }| {
        let mut diagnostics = Diagnostics::default();
        let message = format!("cannot read `{named}`: {reason}");
        diagnostics.error_without_place(Code::Unreadable, message).help(help);
        console.faults(&diagnostics, &Sources::default());
        Exit::Invalid
    })?;
    let name = path.file_stem().map(|it| it.to_string_lossy().into_owned());
    let name = name.filter(|_| !is_standard_input).unwrap_or_else(|| "scenario".to_owned());
    let allow_outside = overrides.allow_outside;
    let mut texts = Texts { allow_outside, limits, ..Texts::alone(&name, &named, &main) };
    loop {
        let missing = missing_files(&texts, &overrides.set);
        if missing.is_empty() {
            break;
        }
        for file in missing {
            let text = read_beside(path, &file, &texts);
            texts.files.insert(file, text);
        }
    }
    let checked = check_texts(&texts, &overrides.set);
    console.faults(&checked.diagnostics, &checked.sources);
    if checked.scenario.is_none() {
        console.error(&format!("{} in {named}", checked.diagnostics.summary()));
        return Err(Exit::Invalid);
    }
    Ok((checked, texts))
}

/// Whether a path can stand in a command that people copy.
fn is_readable_name(path: &Path) -> bool {
    !path.to_string_lossy().contains(is_unseen)
}

fn unseen() -> Unread {
    let reason = "its name has a character in it that nobody sees".to_owned();
    Unread { reason, help: "give the file another name".to_owned() }
}

/// The text of a file; the advice is for when there is no such file.
fn read(path: &Path, limits: &Limits, advice: &str) -> Result<String, Unread> {
    text(input::read(path, limits), advice)
}

fn text(read: Result<Vec<u8>, InputError>, advice: &str) -> Result<String, Unread> {
    let bytes = read.map_err(|fault| Unread {
        reason: fault.to_string(),
        help: fault.help().unwrap_or_else(|| advice.to_owned()),
    })?;
    decode(bytes)
}

fn unread(fault: &dyn std::fmt::Display, advice: &str) -> Unread {
    Unread { reason: fault.to_string(), help: advice.to_owned() }
}

const PATHS: &str = "a path counts from the folder of the file that it stands in";

/// The text of a file that a scenario names by its path from the scenario's folder, or why there
/// is none. What comes by standard input lies in the folder in which the program was started.
fn read_beside(scenario: &Path, file: &str, texts: &Texts) -> Result<String, Unread> {
    let folder = match scenario.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let told = |fault: std::io::Error| unread(&fault, PATHS);
    let path = folder.join(file);
    if !texts.allow_outside {
        // A link in the folder may still lead out of it.
        let inside = path.canonicalize().map_err(told)?;
        if !inside.starts_with(folder.canonicalize().map_err(told)?) {
            return Err(unread(&"it leads out of the scenario's folder", PATHS));
        }
    }
    text(input::read_named(&path, &texts.limits), PATHS)
}
