//! `blackstart run --slice`: simulates a slice of the replications and writes a part for `merge`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::experiment::{Design, PartHead, Slice, write_part};
use crate::scenario::{Scenario, Texts};

use super::args::RunArguments;
use super::console::Console;
use super::file::{FileError, FileKind, check_free, write_with};
use super::simulating::simulate_slice;
use super::{Exit, next};

pub(super) fn run(
    arguments: &RunArguments,
    slice: Slice,
    scenario: &Scenario,
    texts: &Texts,
    design: &Design,
    console: &mut Console<'_>,
) -> Result<Exit, Exit> {
    let target = target(arguments.out.as_deref(), &scenario.name, slice);
    prepare(&target).map_err(|refusal| refused(&refusal, console))?;
    let numbers = slice.of_replications(design.replications);
    let simulation = &arguments.simulation;
    let results = simulate_slice(simulation, scenario, design, numbers.clone(), console)?;
    let overrides = &simulation.overrides.set[..];
    let head = PartHead::new(slice, design, &arguments.strategy, (texts, overrides), scenario);
    let written = write_with(&target, FileKind::Part, |out| write_part(&head, &results, out));
    written.map_err(|refusal| refused(&refusal, console))?;
    if !simulation.quiet {
        let of = design.replications;
        let has = match numbers.len() {
            0 => format!("no exercise: there are only {of}"),
            1 => format!("exercise {} of {of}", numbers.start),
            _ => format!("exercises {} to {} of {of}", numbers.start, numbers.end - 1),
        };
        console.say(&format!("part: {} ({has})", target.display()));
        let folder = target.parent().unwrap_or(Path::new("."));
        next::after_part(folder, slice.of(), console);
    }
    Ok(Exit::Fine)
}

fn refused(refusal: &FileError, console: &mut Console<'_>) -> Exit {
    console.error(&refusal.to_string());
    Exit::Failure
}

/// Of the name of every part.
pub(super) const ENDING: &str = "ndjson";

/// A path with the ending of parts is the file, another one the folder for it. The numbers have
/// zeros in front, so that a list by name is a list by number.
fn target(out: Option<&Path>, scenario: &str, slice: Slice) -> PathBuf {
    let width = slice.of().to_string().len();
    let name = format!("part-{:0width$}-of-{}.{ENDING}", slice.number(), slice.of());
    match out {
        Some(file) if file.extension().is_some_and(|it| it == ENDING) => file.to_owned(),
        Some(folder) => folder.join(name),
        None => Path::new("reports").join(format!("{scenario}-parts")).join(name),
    }
}

/// Makes the folder, and looks whether what is in the file's place may be replaced.
fn prepare(target: &Path) -> Result<(), FileError> {
    if let Some(folder) = target.parent() {
        let made = fs::create_dir_all(folder);
        made.map_err(|fault| FileError::Io(target.to_owned(), fault))?;
    }
    check_free(target, FileKind::Part)
}
