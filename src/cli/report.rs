//! `blackstart report`: draws page and pictures again from what a run has kept, without simulating.

use std::fs;
use std::path::Path;

use crate::cli::args::ReportArguments;
use crate::cli::console::Console;
use crate::cli::input;
use crate::cli::output::Folder;
use crate::cli::pictures::{check_png, open};
use crate::cli::{Exit, next};
use crate::folder::{self, MANIFEST, ReportKind};
use crate::plot::{self, Series};
use crate::report::View;
use crate::scenario::Limits;
use crate::shown;

pub(super) fn run(arguments: &ReportArguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    check_png(arguments.png, console)?;
    let path = &arguments.folder;
    let refuse = |console: &mut Console<'_>, told: String| {
        console.error(&told);
        Exit::Failure
    };
    let prepare = |console: &mut Console<'_>| {
        let prepared = Folder::prepare_again(path, ReportKind::Run);
        prepared.map_err(|it| refuse(console, it.to_string()))
    };
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
    let (view, series) = kept(path, console)?;
    let folder = prepare(console)?;
    let mut files = others(path).map_err(|it| refuse(console, it))?;
    let drawn = folder::drawn_files(&view, &series);
    files.extend(if arguments.png { plot::with_png(drawn) } else { drawn });
    folder.replace(&files).map_err(|it| refuse(console, it.to_string()))?;
    if !arguments.quiet {
        console.say(&format!("drawn again: {}", shown::path(path)));
        if !arguments.open {
            next::after_report(path, console);
        }
    }
    if arguments.open { open(path, console) } else { Ok(Exit::Fine) }
}

/// As large as what a run keeps may be.
const MOST_BYTES: u64 = 1 << 30;

/// What the run has kept; every fault is told.
fn kept(folder: &Path, console: &mut Console<'_>) -> Result<(View, Series), Exit> {
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
    for fault in &faults {
        console.error(fault);
    }
    console.say("nothing was drawn");
    Err(Exit::Invalid)
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
