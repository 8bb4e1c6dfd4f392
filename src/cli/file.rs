//! Writes a file whole or not at all, and only over another of its kind.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Read as _, Write};
use std::path::{Path, PathBuf};

use crate::experiment::is_part;
use crate::report::check::{
    is_check_json, is_check_junit, is_check_markdown, is_check_sarif, is_check_text,
};
use crate::scenario::is_scenario;
use crate::verdict::is_baseline;

use super::args::CheckFormat;

/// What is written, which says over what it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileKind {
    /// What a scenario came to when it was accepted.
    Baseline,
    /// What a check found.
    Check(CheckFormat),
    /// A part of a run.
    Part,
    /// A scenario.
    Scenario,
}

impl FileKind {
    /// Whether a file with this in it is of this kind, in whatever version, and broken perhaps.
    fn is(self, bytes: &[u8]) -> bool {
        let text = || String::from_utf8_lossy(bytes);
        match self {
            Self::Baseline => is_baseline(&text()),
            Self::Check(CheckFormat::Json) => is_check_json(&text()),
            Self::Check(CheckFormat::Markdown) => is_check_markdown(&text()),
            Self::Check(CheckFormat::Junit) => is_check_junit(&text()),
            Self::Check(CheckFormat::Sarif) => is_check_sarif(&text()),
            Self::Check(CheckFormat::Text | CheckFormat::Github) => is_check_text(&text()),
            Self::Part => is_part(bytes),
            Self::Scenario => is_scenario(&text()),
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Baseline => "a baseline",
            Self::Check(CheckFormat::Json) => "a check as JSON",
            Self::Check(CheckFormat::Markdown) => "a check as Markdown",
            Self::Check(CheckFormat::Junit) => "a check as JUnit",
            Self::Check(CheckFormat::Sarif) => "a check as SARIF",
            Self::Check(CheckFormat::Text | CheckFormat::Github) => "a check as text",
            Self::Part => "a part of a run",
            Self::Scenario => "a scenario",
        }
    }
}

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileError {
    /// There is something of another kind.
    #[error("`{0}` is there and is not {is_not}; choose another name, or move it away", is_not = .1.words())]
    OtherKind(PathBuf, FileKind),
    /// There is a folder, or something else that is never replaced.
    #[error("`{0}` is there and is no file; choose another name")]
    NotAFile(PathBuf),
    /// There is a link.
    #[error("`{0}` is a link; name the file to which it leads")]
    Link(PathBuf),
    /// The system refused.
    #[error("cannot write `{0}`: {1}")]
    Io(PathBuf, io::Error),
}

/// Checks that nothing would be lost: there is nothing, or another of this kind.
pub(super) fn check_free(target: &Path, kind: FileKind) -> Result<(), FileError> {
    let refuse = |fault| FileError::Io(target.to_owned(), fault);
    let there = match fs::symlink_metadata(target) {
        Err(fault) if fault.kind() == ErrorKind::NotFound => return Ok(()),
        there => there.map_err(refuse)?,
    };
    if there.is_symlink() {
        return Err(FileError::Link(target.to_owned()));
    }
    if !there.is_file() {
        return Err(FileError::NotAFile(target.to_owned()));
    }
    // Parts are large, and known by their beginning.
    let most = if kind == FileKind::Part { 64 } else { u64::MAX };
    let mut bytes = Vec::new();
    let read = File::open(target).and_then(|file| file.take(most).read_to_end(&mut bytes));
    read.map_err(refuse)?;
    if kind.is(&bytes) { Ok(()) } else { Err(FileError::OtherKind(target.to_owned(), kind)) }
}

/// Writes the text beside its place and moves it there when it is whole, in a folder that is made if
/// there is none.
pub(super) fn write_whole(target: &Path, kind: FileKind, text: &str) -> Result<(), FileError> {
    write_with(target, kind, |out| out.write_all(text.as_bytes()))
}

/// The same of what is written piece by piece.
pub(super) fn write_with(
    target: &Path,
    kind: FileKind,
    fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), FileError> {
    let refuse = |fault| FileError::Io(target.to_owned(), fault);
    let folder = target.parent().filter(|it| !it.as_os_str().is_empty());
    folder.map_or(Ok(()), fs::create_dir_all).map_err(refuse)?;
    let (new, file) = beside(target).map_err(refuse)?;
    let mut out = BufWriter::new(file);
    let written = fill(&mut out).and_then(|()| out.flush()).and_then(|()| out.get_ref().sync_all());
    // Something may have come to its place since that was looked at.
    let moved = written.map_err(refuse).and_then(|()| check_free(target, kind));
    moved.and_then(|()| fs::rename(&new, target).map_err(refuse)).inspect_err(|_| {
        // Nothing half-written stays behind.
        let _ = fs::remove_file(&new);
    })
}

/// A new file beside the target, which nobody else has: neither somebody's own nor that of a twin.
fn beside(target: &Path) -> io::Result<(PathBuf, File)> {
    let mut number = 0_u32;
    loop {
        let mut hidden = OsString::from(".");
        hidden.push(target.file_name().unwrap_or_default());
        hidden.push(format!(".{}-{number}.new", std::process::id()));
        let new = target.with_file_name(hidden);
        match File::create_new(&new) {
            Err(fault) if fault.kind() == ErrorKind::AlreadyExists => number += 1,
            made => return Ok((new, made?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_an_unfinished_file_is_not_touched() {
        let place = std::env::temp_dir().join(format!("blackstart-{}-beside", std::process::id()));
        let _ = fs::remove_dir_all(&place);
        fs::create_dir_all(&place).unwrap();
        let foreign = [".x.toml.new".to_owned(), format!(".x.toml.{}-0.new", std::process::id())];
        foreign.iter().for_each(|it| fs::write(place.join(it), "mine").unwrap());
        write_whole(&place.join("x.toml"), FileKind::Scenario, "schema = 1\n").unwrap();
        for name in foreign {
            assert_eq!(fs::read_to_string(place.join(name)).unwrap(), "mine");
        }
        assert_eq!(fs::read_dir(&place).unwrap().count(), 3);
        // Whatever comes to its place while the text is written stays there.
        let late = place.join("late.toml");
        let written = write_with(&late, FileKind::Scenario, |_| fs::write(&late, "mine"));
        assert!(matches!(written, Err(FileError::OtherKind(..))));
        assert_eq!(fs::read_to_string(late).unwrap(), "mine");
        assert_eq!(fs::read_dir(&place).unwrap().count(), 4);
        fs::remove_dir_all(place).unwrap();
    }
}
