//! `blackstart merge`: joins the parts of a run to the report that one run would have written.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::input;
use crate::cli::printing::Printing;
use crate::experiment::{Design, ENDING, JoinFault, Part, PartHead, is_part, join, misfits};
use crate::scenario::{Limits, Scenario};
use crate::shown;

use super::Exit;
use super::args::{MergeArguments, Overrides};
use super::command::reproduce;
use super::console::Console;
use super::next::Called;

pub(super) fn run(arguments: &MergeArguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let parts = open(arguments, console)?;
    // All heads say the same but for the slice.
    let head = parts[0].1.head.clone();
    let (scenario, design) = again(arguments, &head, &parts[0].0, console)?;
    let results = join(&scenario, &design, parts).map_err(|faults| refuse(&faults, console))?;
    let (path, overrides) = (Path::new(&head.scenario.path), overrides(arguments, &head));
    let called = Called {
        scenario: path,
        overrides: &overrides,
        strategies: &head.asked,
        seed: Some(design.seed),
        replications: Some(design.replications),
    };
    let printing = Printing {
        // The parts may come from elsewhere.
        called: Some(called).filter(|_| path.exists()),
        out: &arguments.out,
        format: arguments.format,
        quiet: arguments.quiet,
        jobs: arguments.jobs,
        levers: arguments.levers,
        by: None,
        open: false,
        png: false,
    };
    let folder = printing.folder(&scenario, console)?;
    let command = reproduce("run", path, &head.asked, &overrides, &design);
    printing.report(folder, &scenario, &results, &command, console)
}

/// As large as a part may be, whatever a scenario may be.
const MOST_BYTES: u64 = 8 << 30;

/// Every part with the name of its file, if all are whole and fit together.
fn open(
    arguments: &MergeArguments,
    console: &mut Console<'_>,
) -> Result<Vec<(String, Part)>, Exit> {
    let (mut parts, mut heads, mut faults) = (Vec::new(), Vec::new(), 0);
    let limits = Limits { bytes: MOST_BYTES, ..Limits::default() };
    let mut paths = Vec::new();
    for path in &arguments.parts {
        match below(path) {
            Ok(found) => paths.extend(found),
            Err(told) => {
                console.error(&told);
                faults += 1;
            }
        }
    }
    for path in &paths {
        let file = shown::path(path);
        let told = match input::read_if(path, &limits, is_part)
            .map(|bytes| (Part::head_of(&bytes), Part::open(bytes)))
        {
            Ok((_, Ok(part))) => {
                heads.push((file.clone(), part.head.clone()));
                parts.push((file, part));
                continue;
            }
            Ok((head, Err(fault))) => {
                heads.extend(head.map(|it| (file.clone(), it)));
                format!("`{file}` {fault}")
            }
            Err(fault) => format!("cannot read `{file}`: {fault}"),
        };
        console.error(&told);
        faults += 1;
    }
    let between = misfits(&heads);
    for fault in &between {
        console.error(&fault.to_string());
    }
    if faults + between.len() > 0 {
        console.say("nothing was merged");
        return Err(Exit::Invalid);
    }
    Ok(parts)
}

/// The file itself, or the parts in a folder, by their names.
fn below(path: &Path) -> Result<Vec<PathBuf>, String> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries =
        entries.map_err(|fault| format!("cannot read `{}`: {fault}", shown::path(path)))?;
    // What is hidden is not whole yet.
    let hidden =
        |path: &PathBuf| path.file_name().is_some_and(|it| it.as_encoded_bytes()[0] == b'.');
    let is_part = |path: &PathBuf| path.extension().is_some_and(|it| it == ENDING) && !hidden(path);
    let mut found: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).filter(is_part).collect();
    found.sort();
    match found.is_empty() {
        true => Err(format!("there is no part in `{}`", shown::path(path))),
        false => Ok(found),
    }
}

fn refuse(faults: &[JoinFault], console: &mut Console<'_>) -> Exit {
    for fault in faults {
        console.error(&fault.to_string());
    }
    console.say("nothing was merged");
    Exit::Invalid
}

/// The scenario and the design that the parts were simulated from.
fn again(
    arguments: &MergeArguments,
    head: &PartHead,
    file: &str,
    console: &mut Console<'_>,
) -> Result<(Scenario, Design), Exit> {
    let checked = head.check(Limits::with(&arguments.limit));
    console.faults(&checked.diagnostics, &checked.sources);
    let Some(scenario) = checked.scenario else {
        console.error(&format!("the scenario in `{file}` is not valid; nothing was merged"));
        return Err(Exit::Invalid);
    };
    let strategies: Option<Vec<_>> =
        head.strategies.iter().map(|name| scenario.strategy(name)).collect();
    let Some(strategies) = strategies else {
        console.error(&format!("the scenario in `{file}` lacks a strategy; nothing was merged"));
        return Err(Exit::Invalid);
    };
    let design =
        Design { strategies, replications: head.replications, seed: head.seed, explained: false };
    Ok((scenario, design))
}

fn overrides(arguments: &MergeArguments, head: &PartHead) -> Overrides {
    Overrides {
        set: head.overrides().to_vec(),
        limit: arguments.limit.clone(),
        allow_outside: head.scenario.allow_outside,
    }
}
