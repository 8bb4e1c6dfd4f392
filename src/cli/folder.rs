//! Writes a folder whole or not at all.
//!
//! The files go into a new folder beside the old one; then the old one is moved aside, the new one
//! takes its place, and the old one is removed. If the machine dies between the two moves, the next
//! run moves the old folder back before it does anything else.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The file by which a folder is known to be a report that may be replaced.
const MARK: &str = "summary.json";

/// Why a folder could not be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum FolderError {
    /// It has files in it that no run has written.
    #[error("`{0}` is not a report: it has files in it but no summary.json; choose another --out")]
    NotAReport(PathBuf),
    /// Something else has the name.
    #[error("`{0}` is not a folder; choose another --out")]
    NotAFolder(PathBuf),
    /// It has no name of its own, such as `/` or `..`.
    #[error("`{0}` cannot be replaced; choose another --out")]
    Unnamed(PathBuf),
    /// The system refused.
    #[error("cannot write `{path}`: {source}")]
    Io {
        /// What was to be written.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A folder that will be replaced as a whole.
pub(super) struct Folder {
    target: PathBuf,
    /// Where the new files are gathered.
    new: PathBuf,
    /// Where the old folder waits until the new one is in its place.
    old: PathBuf,
}

impl Folder {
    /// Checks that `target` may be replaced and mends what a run that died has left.
    pub(super) fn prepare(target: &Path) -> Result<Self, FolderError> {
        let Some(name) = target.file_name() else {
            return Err(FolderError::Unnamed(target.to_owned()));
        };
        let beside = |ending: &str| {
            let mut hidden = OsString::from(".");
            hidden.push(name);
            hidden.push(ending);
            target.with_file_name(hidden)
        };
        let folder = Self { target: target.to_owned(), new: beside(".new"), old: beside(".old") };
        folder.repair()?;
        folder.check()?;
        Ok(folder)
    }

    fn repair(&self) -> Result<(), FolderError> {
        if self.old.exists() {
            if self.target.exists() {
                remove(&self.old)?;
            } else {
                rename(&self.old, &self.target)?;
            }
        }
        if self.new.exists() { remove(&self.new) } else { Ok(()) }
    }

    fn check(&self) -> Result<(), FolderError> {
        if !self.target.exists() {
            return Ok(());
        }
        if !self.target.is_dir() {
            return Err(FolderError::NotAFolder(self.target.clone()));
        }
        let mut entries = fs::read_dir(&self.target).map_err(at(&self.target))?;
        if entries.next().is_some() && !self.target.join(MARK).is_file() {
            return Err(FolderError::NotAReport(self.target.clone()));
        }
        Ok(())
    }

    /// Puts these files, each under its path in the folder, in the place of what was there.
    pub(super) fn replace(&self, files: &[(String, Vec<u8>)]) -> Result<(), FolderError> {
        self.gather(files).inspect_err(|_| {
            // What was there before is untouched; nothing half-written stays behind.
            let _ = fs::remove_dir_all(&self.new);
        })?;
        if self.target.exists() {
            rename(&self.target, &self.old)?;
        }
        rename(&self.new, &self.target)?;
        if self.old.exists() { remove(&self.old) } else { Ok(()) }
    }

    fn gather(&self, files: &[(String, Vec<u8>)]) -> Result<(), FolderError> {
        for (name, bytes) in files {
            let path = self.new.join(name);
            let parent = path.parent().expect("a file lies in the folder");
            fs::create_dir_all(parent).map_err(at(parent))?;
            fs::write(&path, bytes).map_err(at(&path))?;
        }
        Ok(())
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> FolderError {
    move |source| FolderError::Io { path: path.to_owned(), source }
}

fn rename(from: &Path, to: &Path) -> Result<(), FolderError> {
    fs::rename(from, to).map_err(at(to))
}

fn remove(path: &Path) -> Result<(), FolderError> {
    fs::remove_dir_all(path).map_err(at(path))
}
