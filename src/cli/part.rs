//! `blackstart run --shard`: simulates a slice of the replications and writes a part for `merge`.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::experiment::{Design, PartHead, Results, Slice, is_part, write_part};
use crate::scenario::{Scenario, Texts};

use super::Exit;
use super::args::RunArguments;
use super::console::Console;
use super::next;
use super::run::simulate_slice;

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
    write(&target, &head, &results).map_err(|refusal| refused(&refusal, console))?;
    if !simulation.quiet {
        let of = design.replications;
        let has = match numbers.len() {
            0 => format!("no replication: there are only {of}"),
            1 => format!("replication {} of {of}", numbers.start),
            _ => format!("replications {} to {} of {of}", numbers.start, numbers.end - 1),
        };
        console.say(&format!("part: {} ({has})", target.display()));
        let folder = target.parent().unwrap_or(Path::new("."));
        next::after_part(folder, slice.of(), console);
    }
    Ok(Exit::Fine)
}

fn refused(refusal: &Refusal, console: &mut Console<'_>) -> Exit {
    console.error(&refusal.to_string());
    Exit::Failure
}

/// Why a part could not be written.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    /// There is something else.
    #[error("`{0}` is there and is not a part of a run; choose another --out")]
    NotAPart(PathBuf),
    /// The system refused.
    #[error("cannot write `{0}`: {1}")]
    Io(PathBuf, io::Error),
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
fn prepare(target: &Path) -> Result<(), Refusal> {
    let refuse = |fault| Refusal::Io(target.to_owned(), fault);
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder).map_err(refuse)?;
    }
    if !target.exists() {
        return Ok(());
    }
    let mut beginning = Vec::new();
    if target.is_file() {
        let file = File::open(target).map_err(refuse)?;
        file.take(64).read_to_end(&mut beginning).map_err(refuse)?;
    }
    if is_part(&beginning) { Ok(()) } else { Err(Refusal::NotAPart(target.to_owned())) }
}

/// Writes the part beside its place and moves it there when it is whole.
fn write(target: &Path, head: &PartHead, results: &Results) -> Result<(), Refusal> {
    let mut hidden = OsString::from(".");
    hidden.push(target.file_name().unwrap_or_default());
    // A job that was started twice does not write into the file of its twin.
    hidden.push(format!(".{}.new", std::process::id()));
    let new = target.with_file_name(hidden);
    let written = fill(&new, head, results).and_then(|()| fs::rename(&new, target));
    written.map_err(|fault| {
        // Nothing half-written stays behind.
        let _ = fs::remove_file(&new);
        Refusal::Io(target.to_owned(), fault)
    })
}

fn fill(new: &Path, head: &PartHead, results: &Results) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(new)?);
    write_part(head, results, &mut out)?;
    out.flush()?;
    out.get_ref().sync_all()
}
