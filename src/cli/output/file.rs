//! Writes a file whole or not at all, and only over another of its kind.

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Read as _, Write};
use std::path::{Path, PathBuf};

use crate::cli::args::CheckFormat;
use crate::cli::interrupt;
use crate::experiment::is_part;
use crate::report::check::{
    is_check_json, is_check_junit, is_check_markdown, is_check_sarif, is_check_text,
};
use crate::scenario::is_scenario;
use crate::shown::path as shown;
use crate::verdict::is_baseline;

use super::moves::{is_fixed, settle_names};
use super::place::{NEW, Place, mark, turn};

/// What is written, which says over what it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
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
pub(crate) enum FileError {
    /// There is something of another kind.
    #[error("`{}` is there and is not {}; choose another name, or move it away", shown(.0), .1.words())]
    OtherKind(PathBuf, FileKind),
    /// There is a folder, or something else that is never replaced.
    #[error("`{}` is there and is no file; choose another name", shown(.0))]
    NotAFile(PathBuf),
    /// The system refused.
    #[error("cannot write `{}`: {}", shown(.0), .1)]
    Io(PathBuf, io::Error),
}

/// The place of a file that will be written.
pub(crate) struct Target {
    /// As it was named.
    named: PathBuf,
    place: Place,
    kind: FileKind,
}

impl Target {
    /// Checks that a file can be written, and that nothing would be lost: there is nothing, or another
    /// of this kind. Removes what a run that died has left.
    pub(crate) fn prepare(named: &Path, kind: FileKind) -> Result<Self, FileError> {
        let refuse = |fault| FileError::Io(named.to_owned(), fault);
        let place = Place::of(named).map_err(refuse)?;
        let place = place.ok_or_else(|| FileError::NotAFile(named.to_owned()))?;
        let target = Self { named: named.to_owned(), place, kind };
        target.check_free()?;
        let turn = turn(target.place.parent());
        if turn.is_some() {
            target.mend();
        }
        target.place.try_out(target.place.nearest()).map_err(refuse)?;
        Ok(target)
    }

    /// Whether there is nothing yet, or another of this kind.
    fn check_free(&self) -> Result<(), FileError> {
        let there = match fs::symlink_metadata(&self.place.path) {
            Err(fault) if fault.kind() == ErrorKind::NotFound => return Ok(()),
            there => there.map_err(|it| self.refuse(it))?,
        };
        if !there.is_file() {
            return Err(FileError::NotAFile(self.named.clone()));
        }
        let ours = self.is_ours(&self.place.path).map_err(|it| self.refuse(it))?;
        if ours { Ok(()) } else { Err(FileError::OtherKind(self.named.clone(), self.kind)) }
    }

    /// Whether a file is of this kind.
    fn is_ours(&self, path: &Path) -> io::Result<bool> {
        // Parts are large, and known by their beginning; nothing else of ours is as large as that.
        let most = if self.kind == FileKind::Part { 64 } else { 64 << 20 };
        let mut bytes = Vec::new();
        File::open(path)?.take(most).read_to_end(&mut bytes)?;
        Ok(self.kind.is(&bytes))
    }

    /// Removes what runs that died were about to write, and what they tried their place out with.
    fn mend(&self) {
        for left in self.place.ours(self.place.parent(), NEW) {
            let Ok(there) = fs::symlink_metadata(&left) else { continue };
            let empty = there.is_file() && there.len() == 0;
            let ours = empty || there.is_file() && self.is_ours(&left).unwrap_or(false);
            // What cannot be removed does no harm; of folders, only an empty one can.
            let _ = match mark(&left) {
                Some(_) if ours => fs::remove_file(&left),
                Some(_) if there.is_dir() => fs::remove_dir(&left),
                _ => Ok(()),
            };
        }
    }

    /// Writes the text beside its place and moves it there when it is whole.
    pub(crate) fn write(&self, text: &str) -> Result<(), FileError> {
        self.write_with(|out| out.write_all(text.as_bytes()))?;
        interrupt::set_kept(Some(format!("`{}` is written", shown(&self.named))));
        Ok(())
    }

    /// The same of what is written piece by piece.
    pub(crate) fn write_with(
        &self,
        fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> Result<(), FileError> {
        let _whole = interrupt::writing();
        let parent = self.place.parent();
        fs::create_dir_all(parent).map_err(|it| self.refuse(it))?;
        let new = self.place.unique(parent, NEW).map_err(|it| self.refuse(it))?;
        let mut out = BufWriter::new(File::create_new(&new).map_err(|it| self.refuse(it))?);
        let _mark = mark(&new);
        let written = fill(&mut out).and_then(|()| out.flush());
        let written = written.and_then(|()| out.get_ref().sync_all()).map_err(|it| self.refuse(it));
        // Something may have come to its place since that was looked at.
        let moved = written.and_then(|()| self.check_free()).and_then(|()| self.put_in_place(&new));
        moved.inspect_err(|_| {
            // Nothing half-written stays behind.
            let _ = fs::remove_file(&new);
        })
    }

    fn put_in_place(&self, new: &Path) -> Result<(), FileError> {
        let moved = fs::rename(new, &self.place.path).or_else(|fault| match is_fixed(&fault) {
            // Something is mounted there: it cannot be moved, but written.
            true => fs::copy(new, &self.place.path).and_then(|_| fs::remove_file(new)),
            false => Err(fault),
        });
        let settled = moved.and_then(|()| settle_names(self.place.parent()));
        settled.map_err(|it| self.refuse(it))
    }

    fn refuse(&self, fault: io::Error) -> FileError {
        FileError::Io(self.named.clone(), fault)
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
        let target = Target::prepare(&place.join("x.toml"), FileKind::Scenario).unwrap();
        target.write("schema = 1\n").unwrap();
        for name in foreign {
            assert_eq!(fs::read_to_string(place.join(name)).unwrap(), "mine");
        }
        assert_eq!(fs::read_dir(&place).unwrap().count(), 3);
        // Whatever comes to its place while the text is written stays there.
        let late = place.join("late.toml");
        let target = Target::prepare(&late, FileKind::Scenario).unwrap();
        let written = target.write_with(|_| fs::write(&late, "mine"));
        assert!(matches!(written, Err(FileError::OtherKind(..))));
        assert_eq!(fs::read_to_string(late).unwrap(), "mine");
        assert_eq!(fs::read_dir(&place).unwrap().count(), 4);
        fs::remove_dir_all(place).unwrap();
    }
    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_and_stays_a_link() {
        let place = std::env::temp_dir().join(format!("blackstart-{}-linked", std::process::id()));
        let _ = fs::remove_dir_all(&place);
        fs::create_dir_all(place.join("far")).unwrap();
        for (link, to) in [("there.toml", "far/x.toml"), ("later.toml", "far/y.toml")] {
            std::os::unix::fs::symlink(to, place.join(link)).unwrap();
        }
        fs::write(place.join("far/x.toml"), "schema = 1\n").unwrap();
        for (link, to) in [("there.toml", "far/x.toml"), ("later.toml", "far/y.toml")] {
            let target = Target::prepare(&place.join(link), FileKind::Scenario).unwrap();
            target.write("schema = 1 # new\n").unwrap();
            assert!(fs::symlink_metadata(place.join(link)).unwrap().is_symlink());
            assert_eq!(fs::read_to_string(place.join(to)).unwrap(), "schema = 1 # new\n");
        }
        std::os::unix::fs::symlink("round.toml", place.join("round.toml")).unwrap();
        let refused = Target::prepare(&place.join("round.toml"), FileKind::Scenario).err().unwrap();
        assert!(refused.to_string().ends_with("its links lead in a circle"), "{refused}");
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn what_a_run_that_died_was_about_to_write_is_removed() {
        let place = std::env::temp_dir().join(format!("blackstart-{}-dead", std::process::id()));
        let _ = fs::remove_dir_all(&place);
        fs::create_dir_all(&place).unwrap();
        let target = place.join("x.toml");
        let ours = Place::of(&target).unwrap().unwrap();
        for (text, stays) in [("", false), ("schema = 1\n", false), ("mine", true)] {
            let left = ours.unique(&place, NEW).unwrap();
            fs::write(&left, text).unwrap();
            // As long as somebody holds it, it is not dead.
            let held = mark(&left);
            Target::prepare(&target, FileKind::Scenario).unwrap();
            assert!(left.exists());
            drop(held);
            Target::prepare(&target, FileKind::Scenario).unwrap();
            assert_eq!(left.exists(), stays, "{text}");
        }
        fs::remove_dir_all(place).unwrap();
    }
}
