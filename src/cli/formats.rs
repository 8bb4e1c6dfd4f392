//! The formats in which `check` and `validate` tell builds what they found: printed, in files, and in
//! the summary of a build.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::shown;

use super::Exit;
use super::args::CheckFormat;
use super::command::portable;
use super::console::Console;
use super::output::{FileKind, Target};

/// Where a workflow of GitHub shows Markdown.
const SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// Files to write, each in its format.
pub(super) type Outputs<'a> = Vec<(&'a Path, CheckFormat)>;

/// The files to write, each in the format that its ending says.
pub(super) fn outputs<'a>(
    out: &'a [PathBuf],
    console: &mut Console<'_>,
) -> Result<Outputs<'a>, Exit> {
    let mut files = Vec::new();
    for path in out {
        let Some(format) = format_of(path) else {
            console.error(&format!(
                "`{}` has no ending that says its format: .txt, .json, .md, .xml (JUnit) or .sarif",
                shown::path(path)
            ));
            return Err(Exit::Usage);
        };
        files.push((path.as_path(), format));
    }
    Ok(files)
}

fn format_of(path: &Path) -> Option<CheckFormat> {
    let name = path.file_name()?.to_str()?;
    match path.extension()?.to_str()? {
        "txt" | "log" => Some(CheckFormat::Text),
        "json" if name.ends_with(".sarif.json") => Some(CheckFormat::Sarif),
        "json" => Some(CheckFormat::Json),
        "md" => Some(CheckFormat::Markdown),
        "xml" => Some(CheckFormat::Junit),
        "sarif" => Some(CheckFormat::Sarif),
        _ => None,
    }
}

/// Refuses every file that cannot be written, or in whose place something else would be lost.
pub(super) fn free(
    files: impl Iterator<Item = (PathBuf, FileKind)>,
    console: &mut Console<'_>,
) -> Result<(), Exit> {
    let mut freed = Ok(());
    for (path, kind) in files {
        if let Err(fault) = Target::prepare(&path, kind) {
            console.error(&fault.to_string());
            freed = Err(Exit::Failure);
        }
    }
    freed
}

/// Writes what was found to the files and to the summary of the build, and prints it.
pub(super) fn publish(
    printed: &dyn Fn(CheckFormat) -> String,
    files: &Outputs<'_>,
    format: CheckFormat,
    console: &mut Console<'_>,
) -> Result<(), Exit> {
    for (path, format) in files {
        write(path, FileKind::Check(*format), &printed(*format), console)?;
    }
    append_summary(&printed(CheckFormat::Markdown), console)?;
    console.print(&printed(format))?;
    Ok(())
}

pub(super) fn write(
    target: &Path,
    kind: FileKind,
    text: &str,
    console: &mut Console<'_>,
) -> Result<(), Exit> {
    Target::prepare(target, kind).and_then(|it| it.write(text)).map_err(|fault| {
        console.error(&fault.to_string());
        Exit::Failure
    })
}

/// Adds it to the summary of the build, if it runs in one that has a summary.
fn append_summary(markdown: &str, console: &mut Console<'_>) -> Result<(), Exit> {
    let Some(path) = std::env::var_os(SUMMARY).filter(|it| !it.is_empty()) else {
        return Ok(());
    };
    let opened = fs::OpenOptions::new().append(true).create(true).open(&path);
    opened.and_then(|mut file| file.write_all(markdown.as_bytes())).map_err(|fault| {
        console.error(&format!("cannot write `{}`: {fault}", portable(Path::new(&path))));
        Exit::Failure
    })
}
