//! Writes a folder whole or not at all.
//!
//! The files go into a new folder beside the old one; then the old one is moved aside, the new one
//! takes its place, and the old one is removed. If the machine dies between the two moves, the next
//! run moves the old folder back before it does anything else.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The file by which a folder is known to be the report of a run, which another run may replace.
pub(super) const REPORT: &str = "summary.json";
/// The same for a back-test.
pub(super) const BACKTEST: &str = "backtest.json";
/// The same for a comparison.
pub(super) const COMPARISON: &str = "compare.json";
/// The same for the log of one replication.
pub(super) const TRACE: &str = "trace.ndjson";

/// Why a folder could not be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum FolderError {
    /// It has files in it that this verb has not written.
    #[error("`{0}` is not a report: it has files in it but no {1}; choose another --out")]
    NotAReport(PathBuf, &'static str),
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
    /// The file by which it is known as what may be replaced.
    mark: &'static str,
    /// Where the new files are gathered.
    new: PathBuf,
    /// Where the old folder waits until the new one is in its place.
    old: PathBuf,
}

impl Folder {
    /// Checks that `target` may be replaced, as an empty folder or one with a file `mark` in it, and
    /// mends what a run that died has left.
    pub(super) fn prepare(target: &Path, mark: &'static str) -> Result<Self, FolderError> {
        let Some(name) = target.file_name() else {
            return Err(FolderError::Unnamed(target.to_owned()));
        };
        let beside = |ending: &str| {
            let mut hidden = OsString::from(".");
            hidden.push(name);
            hidden.push(ending);
            target.with_file_name(hidden)
        };
        let (new, old) = (beside(".new"), beside(".old"));
        let folder = Self { target: target.to_owned(), mark, new, old };
        check(target, mark)?;
        folder.repair()?;
        Ok(folder)
    }

    fn repair(&self) -> Result<(), FolderError> {
        // Somebody may have given these names to a folder of their own.
        check(&self.old, self.mark)?;
        check(&self.new, self.mark)?;
        if self.old.exists() {
            if self.target.exists() {
                remove(&self.old)?;
            } else {
                rename(&self.old, &self.target)?;
            }
        }
        if self.new.exists() { remove(&self.new) } else { Ok(()) }
    }

    /// Puts these files, each under its path in the folder, in the place of what was there.
    pub(super) fn replace(&self, files: &[(String, Vec<u8>)]) -> Result<(), FolderError> {
        self.gather(files).and_then(|()| self.exchange()).inspect_err(|_| {
            // What was there before is untouched; nothing half-written stays behind.
            let _ = fs::remove_dir_all(&self.new);
        })?;
        if self.old.exists() { remove(&self.old) } else { Ok(()) }
    }

    /// Moves the new folder into the place of the old one, or leaves that where it was.
    fn exchange(&self) -> Result<(), FolderError> {
        let replaces = self.target.exists();
        if replaces {
            rename(&self.target, &self.old)?;
        }
        rename(&self.new, &self.target).inspect_err(|_| {
            if replaces {
                // If this fails too, the next run does it.
                let _ = fs::rename(&self.old, &self.target);
            }
        })
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

/// A folder may be replaced or removed if it is a report, if it is empty, or if there is none.
fn check(folder: &Path, mark: &'static str) -> Result<(), FolderError> {
    if !folder.exists() {
        return Ok(());
    }
    if !folder.is_dir() {
        return Err(FolderError::NotAFolder(folder.to_owned()));
    }
    let mut entries = fs::read_dir(folder).map_err(at(folder))?;
    if entries.next().is_some() && !folder.join(mark).is_file() {
        return Err(FolderError::NotAReport(folder.to_owned(), mark));
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &str) -> PathBuf {
        let place = std::env::temp_dir().join(format!("blackstart-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&place);
        fs::create_dir_all(&place).unwrap();
        place
    }

    fn write(folder: &Path, name: &str) {
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join(name), name).unwrap();
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_run_that_died_between_the_two_moves_is_mended() {
        let place = place("died");
        write(&place.join(".r.old"), REPORT);
        write(&place.join(".r.new"), REPORT);
        Folder::prepare(&place.join("r"), REPORT).unwrap();
        assert_eq!(names(&place), ["r"]);
        assert_eq!(names(&place.join("r")), [REPORT]);
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn a_folder_of_somebody_else_stays_whatever_its_name() {
        for name in ["r", ".r.old", ".r.new"] {
            let place = place("else");
            write(&place.join(name), "thesis.txt");
            let refused = Folder::prepare(&place.join("r"), REPORT);
            assert!(matches!(refused, Err(FolderError::NotAReport(..))), "{name}");
            assert_eq!(names(&place), [name]);
            assert_eq!(names(&place.join(name)), ["thesis.txt"]);
            fs::remove_dir_all(place).unwrap();
        }
    }

    #[test]
    fn what_cannot_be_written_leaves_the_old_folder_alone() {
        let place = place("fails");
        write(&place.join("r"), REPORT);
        let folder = Folder::prepare(&place.join("r"), REPORT).unwrap();
        let files = [("a".to_owned(), vec![1]), ("a/b".to_owned(), vec![2])];
        assert!(matches!(folder.replace(&files), Err(FolderError::Io { .. })));
        assert_eq!(names(&place), ["r"]);
        assert_eq!(names(&place.join("r")), [REPORT]);
        fs::remove_dir_all(place).unwrap();
    }
}
