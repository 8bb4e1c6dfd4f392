//! `blackstart report`: draws page and pictures again from what a run has kept, without simulating.

use std::fs;
use std::path::Path;

use crate::cli::args::ReportArguments;
use crate::cli::console::Console;
use crate::cli::input;
use crate::cli::output::{Folder, FolderError, manifest_in};
use crate::cli::pictures::{check_png, open};
use crate::cli::{Exit, next};
use crate::folder::{self, MANIFEST, ReportKind};
use crate::plot::{self, Series};
use crate::report::View;
use crate::scenario::Limits;
use crate::shown;

/// How often a report is drawn that other runs write meanwhile.
const MOST_TRIES: usize = 10;

pub(super) fn run(arguments: &ReportArguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    check_png(arguments.png, console)?;
    let path = &arguments.folder;
    // A run that died may have left it half-way, or under another name.
    Folder::mend(path);
    if !path.join(folder::SUMMARY).is_file() {
        console.error(&format!(
            "`{}` is not the report of a run: there is no {} in it; `blackstart run SCENARIO` \
             writes one",
            shown::path(path),
            folder::SUMMARY
        ));
        return Err(Exit::Invalid);
    }
    let mut tries = 0..MOST_TRIES;
    while !draw(arguments, console)? {
        if tries.next().is_none() {
            return Err(refuse(&"other runs write it all the time", console));
        }
    }
    if !arguments.quiet {
        console.say(&format!("drawn again: {}", shown::path(path)));
        if !arguments.open {
            next::after_report(path, console);
        }
    }
    if arguments.open { open(path, console) } else { Ok(Exit::Fine) }
}

fn refuse(told: &dyn std::fmt::Display, console: &mut Console<'_>) -> Exit {
    console.error(&told.to_string());
    Exit::Failure
}

/// Draws it once; says whether it was the same report all the time.
fn draw(arguments: &ReportArguments, console: &mut Console<'_>) -> Result<bool, Exit> {
    let path = &arguments.folder;
    let manifest = manifest_in(path);
    let (view, series) = match kept(path) {
        Ok(kept) => kept,
        Err(_) if manifest != manifest_in(path) => return Ok(false),
        Err(faults) => {
            faults.iter().for_each(|it| console.error(it));
            console.say("nothing was drawn");
            return Err(Exit::Invalid);
        }
    };
    let folder = match Folder::prepare_again(path, ReportKind::Run, manifest.clone()) {
        Err(_) if manifest != manifest_in(path) => return Ok(false),
        folder => folder.map_err(|it| refuse(&it, console))?,
    };
    let mut files = match others(path) {
        Err(_) if manifest != manifest_in(path) => return Ok(false),
        files => files.map_err(|it| refuse(&it, console))?,
    };
    // The manifest proves all other files, and of itself all but this: the program that has made the
    // report, or drawn it last.
    let made_by = format!("{} {}", view.program.name, view.program.version);
    let own = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));
    if folder.written_by().is_some_and(|it| it != made_by && it != own) {
        let manifest = path_in(path, MANIFEST);
        return Err(refuse(&format!("`{manifest}` was changed since it was written"), console));
    }
    let drawn = folder::drawn_files(&view, &series);
    files.extend(if arguments.png { plot::with_png(drawn) } else { drawn });
    match folder.replace(&files) {
        Err(FolderError::Changed(_)) => Ok(false),
        replaced => replaced.map(|()| true).map_err(|it| refuse(&it, console)),
    }
}

/// As large as what a run keeps may be.
const MOST_BYTES: u64 = 256 << 20;

/// What the run has kept, or every fault.
fn kept(folder: &Path) -> Result<(View, Series), Vec<String>> {
    let mut faults = Vec::new();
    let limits = Limits { bytes: MOST_BYTES, ..Limits::default() };
    let mut text = |name: &str| {
        let read = input::read_text(&folder.join(name), &limits);
        read.map_err(|it| faults.push(format!("cannot read `{}`: {it}", path_in(folder, name))))
            .ok()
    };
    let (summary, series) = (text(folder::SUMMARY), text(folder::SERIES));
    if let (Some(summary), Some(series)) = (&summary, &series) {
        match folder::read(summary, series) {
            Ok(kept) => return Ok(kept),
            Err(more) => {
                let told =
                    more.iter().map(|it| format!("`{}` {}", path_in(folder, it.file), it.why));
                faults.extend(told);
            }
        }
    }
    Err(faults)
}

fn path_in(folder: &Path, name: &str) -> String {
    shown::path(&folder.join(name))
}

/// Every file of the folder that is not drawn, but for the manifest, which will be another; each by
/// its name with `/` between folders.
fn others(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, String> {
    let mut files = Vec::new();
    let mut folders = vec![(folder.to_owned(), String::new())];
    while let Some((at, prefix)) = folders.pop() {
        let told = |fault: std::io::Error| format!("cannot read `{}`: {fault}", shown::path(&at));
        let entries = fs::read_dir(&at).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        for entry in entries.map_err(told)? {
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let path = entry.path();
            if path.is_dir() {
                folders.push((path, format!("{name}/")));
            } else if !folder::is_drawn(&name) && name != MANIFEST {
                files.push((name, fs::read(&path).map_err(told)?));
            }
        }
    }
    files.sort();
    Ok(files)
}
