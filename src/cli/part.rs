//! `blackstart run --slice`: simulates a slice of the replications and writes a part for `merge`.

use std::path::{Path, PathBuf};

use crate::experiment::{Design, ENDING, PartHead, Slice, write_part};
use crate::scenario::{Scenario, Texts};
use crate::shown;

use super::args::RunArguments;
use super::command::portable;
use super::console::Console;
use super::output::{FileError, FileKind, Target};
use super::simulating::simulate_slice;
use super::{Exit, interrupt, next};

pub(super) fn run(
    arguments: &RunArguments,
    slice: Slice,
    scenario: &Scenario,
    texts: &Texts,
    design: &Design,
    console: &mut Console<'_>,
) -> Result<Exit, Exit> {
    let target = target(arguments.out.as_deref(), &scenario.name, slice);
    let prepared = Target::prepare(&target, FileKind::Part);
    let place = prepared.map_err(|refusal| refused(&refusal, console))?;
    let numbers = slice.of_replications(design.replications);
    let simulation = &arguments.simulation;
    let results = simulate_slice(simulation, scenario, design, numbers.clone(), console)?;
    let overrides = &simulation.overrides.set[..];
    let texts = &Texts { path: portable(&arguments.scenario), ..texts.clone() };
    let head = PartHead::new(slice, design, &arguments.strategy, (texts, overrides), scenario);
    let written = place.write_with(|out| write_part(&head, &results, out));
    written.map_err(|refusal| refused(&refusal, console))?;
    interrupt::set_kept(Some(format!("`{}` is written", shown::path(&target))));
    if !simulation.quiet {
        let of = design.replications;
        let has = match numbers.len() {
            0 => format!("no exercise: there are only {of}"),
            1 => format!("exercise {} of {of}", numbers.start),
            _ => format!("exercises {} to {} of {of}", numbers.start, numbers.end - 1),
        };
        console.say(&format!("part: {} ({has})", shown::path(&target)));
        let folder = target.parent().unwrap_or(Path::new("."));
        next::after_part(folder, slice.of(), console);
    }
    Ok(Exit::Fine)
}

fn refused(refusal: &FileError, console: &mut Console<'_>) -> Exit {
    console.error(&refusal.to_string());
    Exit::Failure
}

/// A path with the ending of parts is the file, another one the folder for it.
fn target(out: Option<&Path>, scenario: &str, slice: Slice) -> PathBuf {
    let name = slice.file_name();
    match out {
        Some(file) if file.extension().is_some_and(|it| it == ENDING) => file.to_owned(),
        Some(folder) => folder.join(name),
        None => Path::new("reports").join(format!("{scenario}-parts")).join(name),
    }
}
