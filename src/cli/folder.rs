//! Writes a folder whole or not at all, and never at the cost of what is not its own.
//!
//! The files go into a new folder beside the old one, with a manifest of them; then the old one is
//! moved aside, the new one takes its place, and the old one is removed, file by file as its own
//! manifest has them. If the machine dies between the two moves, the next run moves the old folder
//! back before it does anything else.
//!
//! A folder is looked at before the simulation, when the files are there, and once more when it has
//! been moved aside: what has come into it until then is put back with it. Runs that write beside
//! each other wait for one another; where a file system has no locks they do not, and then one of
//! them may fail, but nothing foreign is lost by that.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use crate::folder::{Manifest, ReportKind};

use super::proven::{self, Foreign, Found};

/// Why a folder could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FolderError {
    /// It has files in it, and none is known to be of the program.
    #[error("`{0}` is not {is_not}, and there is something in it: {1}; move that away{or}", is_not = .2.words(), or = .3)]
    NotAReport(PathBuf, Listed, ReportKind, Or),
    /// It is of a version that wrote no manifests.
    #[error(
        "`{0}` looks like {is}, but has no manifest.json, as those of older versions, so nothing \
         proves that it may be replaced: {2}; move it away, or remove it if nothing in it is \
         yours{or}", is = .1.words(), or = .3
    )]
    Old(PathBuf, ReportKind, Listed, Or),
    /// Another verb has written it.
    #[error("`{0}` is {is} and not {is_not}; move it away{or}", is = .1.words(), is_not = .2.words(), or = .3)]
    OtherKind(PathBuf, ReportKind, ReportKind, Or),
    /// Something in it is not of the program.
    #[error("`{0}` has something in it that this program has not written: {1}; move that away{2}")]
    Foreign(PathBuf, Listed, Or),
    /// Something else has the name.
    #[error("`{0}` is not a folder; move it away{1}")]
    NotAFolder(PathBuf, Or),
    /// It is a link to somewhere.
    #[error("`{0}` is a link; name the folder to which it leads")]
    Link(PathBuf),
    /// It has no name of its own, such as `/` or `..`.
    #[error("`{0}` cannot be replaced; choose another --out")]
    Unnamed(PathBuf),
    /// It was moved aside, and something else has taken its place since.
    #[error("something has come to `{0}` while it was replaced; what was there before is in `{1}`")]
    Aside(PathBuf, PathBuf),
    /// Something came into it when it had been moved aside already.
    #[error(
        "something came into the folder that `{0}` has replaced, and is kept in `{1}`: {2}; move \
         that away"
    )]
    Left(PathBuf, PathBuf, Listed),
    /// The system refused.
    #[error("cannot write `{path}`: {source}")]
    Io {
        /// What was to be written.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// What else can be done about a folder that cannot be replaced, behind the first advice.
type Or = &'static str;

/// Where the folder was chosen by a flag.
const OR_ANOTHER: Or = ", or choose another --out";

/// The first few of a list, and how many more there are.
#[derive(Debug)]
pub(super) struct Listed(Vec<Foreign>);

/// As many are named.
const NAMED: usize = 5;

impl fmt::Display for Listed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, foreign) in self.0.iter().take(NAMED).enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            let changed = if foreign.changed { " (changed since)" } else { "" };
            write!(formatter, "{comma}`{}`{changed}", foreign.path)?;
        }
        match self.0.len().saturating_sub(NAMED) {
            0 => Ok(()),
            more => write!(formatter, " and {more} more"),
        }
    }
}

/// A folder that will be replaced as a whole.
pub(super) struct Folder {
    target: PathBuf,
    kind: ReportKind,
    /// Where the new files are gathered.
    new: PathBuf,
    /// Where the old folder waits until the new one is in its place.
    old: PathBuf,
    or: Or,
}

impl Folder {
    /// Checks that a folder named by `--out` may be replaced: there is none, or nothing in it, or
    /// nothing but what its manifest says. Mends what a run that died has left.
    pub(super) fn prepare(target: &Path, kind: ReportKind) -> Result<Self, FolderError> {
        Self::open(target, kind, OR_ANOTHER)
    }

    /// The same of a folder that is to be written again in its place.
    pub(super) fn prepare_again(target: &Path, kind: ReportKind) -> Result<Self, FolderError> {
        Self::open(target, kind, "")
    }

    fn open(target: &Path, kind: ReportKind, or: Or) -> Result<Self, FolderError> {
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
        let folder = Self { target: target.to_owned(), kind, new, old, or };
        let _turn = turn(folder.parent());
        folder.settle()?;
        Ok(folder)
    }

    fn parent(&self) -> &Path {
        let parent = self.target.parent().filter(|it| !it.as_os_str().is_empty());
        parent.unwrap_or(Path::new("."))
    }

    /// Puts these files, each under its path in the folder, in the place of what was there.
    pub(super) fn replace(&self, files: &[(String, Vec<u8>)]) -> Result<(), FolderError> {
        let parent = self.parent();
        fs::create_dir_all(parent).map_err(at(parent))?;
        let _turn = turn(parent);
        self.settle()?;
        fs::create_dir(&self.new).map_err(at(&self.new))?;
        let manifest = Manifest::of(self.kind, files);
        let gathered = proven::gather(&self.new, &manifest, files)
            .map_err(|(path, source)| FolderError::Io { path, source });
        gathered.and_then(|()| self.exchange()).inspect_err(|_| {
            // What was there before is in its place; nothing half-written stays behind.
            let found = proven::look_at_unfinished(&self.new);
            let _ = found.and_then(|it| proven::remove(&self.new, &it));
        })
    }

    /// Checks what there is, and mends what a run that died has left.
    fn settle(&self) -> Result<(), FolderError> {
        let target = self.found(&self.target)?;
        target.as_ref().map_or(Ok(()), |it| self.judge(it))?;
        // Somebody may have given these names to a folder of their own.
        let (old, new) = (self.leftover(&self.old)?, self.leftover(&self.new)?);
        match (old, target) {
            (Some(old), Some(_)) => self.remove(&self.old, &old)?,
            (Some(old), None) => {
                self.judge(&old)?;
                rename(&self.old, &self.target)?;
            }
            (None, _) => {}
        }
        new.map_or(Ok(()), |it| self.remove(&self.new, &it))
    }

    /// Moves the new folder into the place of the old one, or leaves that where it was.
    fn exchange(&self) -> Result<(), FolderError> {
        if is_nothing(&self.target)? {
            return rename(&self.new, &self.target);
        }
        rename(&self.target, &self.old)?;
        // Now nothing comes into it by its name any more.
        let old = self.found_as(&self.old, &self.target).and_then(|old| {
            let old = old.unwrap_or_default();
            self.judge(&old)?;
            rename(&self.new, &self.target)?;
            Ok(old)
        });
        let old = old.map_err(|fault| match fs::rename(&self.old, &self.target) {
            Ok(()) => fault,
            Err(_) => FolderError::Aside(self.target.clone(), self.old.clone()),
        })?;
        self.remove(&self.old, &old)
    }

    /// What there is at a path, if there is anything.
    fn found(&self, path: &Path) -> Result<Option<Found>, FolderError> {
        self.found_as(path, path)
    }

    /// The same of what is known by another name.
    fn found_as(&self, path: &Path, name: &Path) -> Result<Option<Found>, FolderError> {
        if is_nothing(path)? {
            return Ok(None);
        }
        let kind = fs::symlink_metadata(path).map_err(at(name))?;
        if kind.is_symlink() {
            Err(FolderError::Link(name.to_owned()))
        } else if !kind.is_dir() {
            Err(FolderError::NotAFolder(name.to_owned(), self.or))
        } else {
            let unfinished = path == self.new;
            let look = if unfinished { proven::look_at_unfinished } else { proven::look };
            look(path).map(Some).map_err(at(name))
        }
    }

    /// Refuses what may not be replaced.
    fn judge(&self, found: &Found) -> Result<(), FolderError> {
        let (folder, kind) = (self.target.clone(), self.kind);
        let foreign = || Listed(found.unproven());
        let is_old = || found.foreign.iter().any(|it| it.path == kind.main_file());
        match &found.manifest {
            _ if found.is_empty() => Ok(()),
            Some(manifest) if manifest.report != kind => {
                Err(FolderError::OtherKind(folder, manifest.report, kind, self.or))
            }
            Some(_) if found.foreign.is_empty() => Ok(()),
            Some(_) => Err(FolderError::Foreign(folder, foreign(), self.or)),
            None if found.has_broken_manifest() => {
                Err(FolderError::Foreign(folder, foreign(), self.or))
            }
            None if is_old() => Err(FolderError::Old(folder, kind, foreign(), self.or)),
            None => Err(FolderError::NotAReport(folder, foreign(), kind, self.or)),
        }
    }

    /// What a run that died has left at a path, and nothing else.
    fn leftover(&self, path: &Path) -> Result<Option<Found>, FolderError> {
        let found = self.found(path)?;
        match found {
            Some(found) if !found.foreign.is_empty() => {
                Err(FolderError::Foreign(path.to_owned(), Listed(found.unproven()), self.or))
            }
            found => Ok(found),
        }
    }

    /// Removes a folder of which all is proven.
    fn remove(&self, path: &Path, found: &Found) -> Result<(), FolderError> {
        let left = proven::remove(path, found).map_err(at(path))?;
        if left.is_empty() {
            return Ok(());
        }
        Err(FolderError::Left(self.target.clone(), path.to_owned(), Listed(left)))
    }
}

/// Whether there is nothing of this name, not even a link that leads nowhere.
fn is_nothing(path: &Path) -> Result<bool, FolderError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(false),
        Err(fault) if fault.kind() == ErrorKind::NotFound => Ok(true),
        Err(fault) => Err(at(path)(fault)),
    }
}

/// How often a lock is asked for, and how long after each time.
const ASKED: (u32, Duration) = (1_000, Duration::from_millis(10));

/// Waits until no other run changes anything in this folder, until the answer is dropped.
///
/// A script may hold the same lock while it waits for this program, so the wait has an end; and
/// some systems have no locks. What is done without one is safe too.
fn turn(parent: &Path) -> Option<File> {
    let folder = File::open(parent).ok()?;
    let (times, pause) = ASKED;
    for _ in 0..times {
        match folder.try_lock() {
            Ok(()) => return Some(folder),
            Err(TryLockError::WouldBlock) => sleep(pause),
            Err(TryLockError::Error(_)) => break,
        }
    }
    None
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> FolderError {
    move |source| FolderError::Io { path: path.to_owned(), source }
}

fn rename(from: &Path, to: &Path) -> Result<(), FolderError> {
    fs::rename(from, to).map_err(at(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: ReportKind = ReportKind::Run;
    const SUMMARY: &str = "summary.json";

    fn place(name: &str) -> PathBuf {
        let place = std::env::temp_dir().join(format!("blackstart-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&place);
        fs::create_dir_all(&place).unwrap();
        place
    }

    fn files() -> [(String, Vec<u8>); 2] {
        [SUMMARY, "plots/rta.svg"].map(|it| (it.to_owned(), it.as_bytes().to_vec()))
    }

    /// Writes a report.
    fn report(folder: &Path) {
        Folder::prepare(folder, RUN).unwrap().replace(&files()).unwrap();
    }

    fn write(folder: &Path, name: &str) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, name).unwrap();
    }

    /// Everything below a folder, in order; folders end with `/`.
    fn names(folder: &Path) -> Vec<String> {
        let mut names = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if entry.file_type().unwrap().is_dir() {
                names.push(format!("{name}/"));
                names.extend(self::names(&entry.path()).iter().map(|it| format!("{name}/{it}")));
            } else {
                names.push(name);
            }
        }
        names.sort();
        names
    }

    const REPORT: [&str; 5] =
        ["r/", "r/manifest.json", "r/plots/", "r/plots/rta.svg", "r/summary.json"];

    #[track_caller]
    fn refused(folder: &Path, told: &str) {
        let fault = Folder::prepare(folder, RUN).err().expect("it is refused").to_string();
        assert!(fault.contains(told), "{fault}");
    }

    #[test]
    fn a_report_is_replaced_by_the_next() {
        let place = place("replaced");
        report(&place.join("r"));
        assert_eq!(names(&place), REPORT);
        let one = [(SUMMARY.to_owned(), vec![7])];
        Folder::prepare(&place.join("r"), RUN).unwrap().replace(&one).unwrap();
        assert_eq!(names(&place), ["r/", "r/manifest.json", "r/summary.json"]);
        assert_eq!(fs::read(place.join("r/summary.json")).unwrap(), [7]);
        // What somebody has taken out of it is no loss.
        fs::remove_file(place.join("r/summary.json")).unwrap();
        report(&place.join("r"));
        assert_eq!(names(&place), REPORT);
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn a_run_that_died_between_the_two_moves_is_mended() {
        let place = place("died");
        report(&place.join("r"));
        fs::rename(place.join("r"), place.join(".r.old")).unwrap();
        report(&place.join("s"));
        fs::rename(place.join("s"), place.join(".r.new")).unwrap();
        Folder::prepare(&place.join("r"), RUN).unwrap();
        assert_eq!(names(&place), REPORT);
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn a_run_that_died_while_it_gathered_files_is_mended() {
        let place = place("died-gathering");
        let manifest = Manifest::of(RUN, &files()).json();
        let digest = crate::folder::ListedFile::of("", b"plots/rta.svg").digest;
        // With the beginning of a manifest, with nothing, and with the beginning of a file.
        for (name, text) in [
            (".0123456789abcdef.part".to_owned(), &manifest[..40]),
            (".0123456789abcdef.part".to_owned(), ""),
            (format!(".{digest}.part"), "plo"),
        ] {
            report(&place.join("r"));
            let new = place.join(".r.new");
            fs::create_dir(&new).unwrap();
            if text == "plo" {
                fs::write(new.join("manifest.json"), &manifest).unwrap();
                write(&new, SUMMARY);
            }
            fs::write(new.join(name), text).unwrap();
            Folder::prepare(&place.join("r"), RUN).unwrap();
            assert_eq!(names(&place), REPORT);
        }
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn a_run_that_died_while_it_removed_the_old_report_is_mended() {
        let place = place("died-removing");
        for gone in [&[SUMMARY][..], &[SUMMARY, "plots/rta.svg"]] {
            report(&place.join("r"));
            report(&place.join("s"));
            fs::rename(place.join("s"), place.join(".r.old")).unwrap();
            for name in gone {
                fs::remove_file(place.join(".r.old").join(name)).unwrap();
            }
            Folder::prepare(&place.join("r"), RUN).unwrap();
            assert_eq!(names(&place), REPORT);
        }
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn a_folder_of_somebody_else_stays_whatever_its_name() {
        for name in ["r", ".r.old", ".r.new"] {
            let place = place("else");
            write(&place, &format!("{name}/thesis.txt"));
            refused(&place.join("r"), "thesis.txt");
            assert_eq!(names(&place), [format!("{name}/"), format!("{name}/thesis.txt")]);
            fs::remove_dir_all(place).unwrap();
        }
    }

    #[test]
    fn whatever_is_foreign_is_named_and_stays() {
        type Case = (&'static str, fn(&Path));
        let cases: [Case; 7] = [
            ("`.git/`;", |it| write(it, ".git/HEAD")),
            ("`notes.txt`;", |it| write(it, "notes.txt")),
            ("`plots/mine.svg`;", |it| write(it, "plots/mine.svg")),
            ("`empty/`;", |it| fs::create_dir(it.join("empty")).unwrap()),
            ("`summary.json` (changed since);", |it| {
                fs::write(it.join(SUMMARY), "SUMMARY.JSON").unwrap();
            }),
            ("`manifest.json` (changed since);", |it| {
                let own = it.join("manifest.json");
                fs::write(&own, fs::read_to_string(&own).unwrap() + "\n").unwrap();
            }),
            ("`1`, `2`, `3`, `4`, `5` and 2 more;", |it| {
                ["1", "2", "3", "4", "5", "6", "7"].iter().for_each(|name| write(it, name));
            }),
        ];
        for name in ["r", ".r.old", ".r.new"] {
            for (told, spoil) in cases {
                let place = place("foreign");
                report(&place.join("r"));
                if name != "r" {
                    report(&place.join("s"));
                    fs::rename(place.join("s"), place.join(name)).unwrap();
                }
                spoil(&place.join(name));
                let before = names(&place);
                refused(&place.join("r"), told);
                assert_eq!(names(&place), before);
                fs::remove_dir_all(place).unwrap();
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_foreign_too() {
        let place = place("links");
        report(&place.join("r"));
        let elsewhere = place.join("elsewhere");
        fs::rename(place.join("r/summary.json"), &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, place.join("r/summary.json")).unwrap();
        refused(&place.join("r"), "`summary.json`;");
        std::os::unix::fs::symlink(place.join("r"), place.join("link")).unwrap();
        refused(&place.join("link"), "is a link");
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn what_came_while_it_was_simulated_is_put_back() {
        let place = place("meanwhile");
        report(&place.join("r"));
        let folder = Folder::prepare(&place.join("r"), RUN).unwrap();
        write(&place, "r/notes.txt");
        let before = names(&place);
        assert!(matches!(folder.replace(&files()), Err(FolderError::Foreign(..))));
        assert_eq!(names(&place), before);
        // The same in the moment between the last look and the move.
        fs::create_dir(&folder.new).unwrap();
        assert!(matches!(folder.exchange(), Err(FolderError::Foreign(..))));
        fs::remove_dir(&folder.new).unwrap();
        assert_eq!(names(&place), before);
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn what_comes_into_the_old_folder_while_it_is_removed_is_kept() {
        let place = place("late");
        report(&place.join("r"));
        let folder = Folder::prepare(&place.join("r"), RUN).unwrap();
        fs::rename(&folder.target, &folder.old).unwrap();
        let found = folder.found(&folder.old).unwrap().unwrap();
        write(&folder.old, "plots/notes.txt");
        fs::write(folder.old.join(SUMMARY), "edited").unwrap();
        let left = folder.remove(&folder.old, &found).unwrap_err().to_string();
        assert!(left.contains("`plots/") && left.contains("`summary.json`"), "{left}");
        let kept = [".r.old/", ".r.old/plots/", ".r.old/plots/notes.txt", ".r.old/summary.json"];
        assert_eq!(names(&place), kept);
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn what_another_verb_or_an_older_version_has_written_is_refused() {
        let place = place("others");
        let backtest = ReportKind::Backtest;
        let made = Folder::prepare(&place.join("b"), backtest).unwrap();
        made.replace(&files()).unwrap();
        refused(&place.join("b"), "is a back-test and not the report of a run; ");
        write(&place, "old/summary.json");
        write(&place, "old/.git/HEAD");
        refused(&place.join("old"), "has no manifest.json, as those of older versions");
        write(&place, "page/manifest.json");
        refused(&place.join("page"), "is not the report of a run");
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn what_cannot_be_written_leaves_the_old_folder_alone() {
        let place = place("fails");
        report(&place.join("r"));
        let folder = Folder::prepare(&place.join("r"), RUN).unwrap();
        let files = [("a".to_owned(), vec![1]), ("a/b".to_owned(), vec![2])];
        assert!(matches!(folder.replace(&files), Err(FolderError::Io { .. })));
        assert_eq!(names(&place), REPORT);
        fs::remove_dir_all(place).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn one_at_a_time_changes_a_folder() {
        let place = place("locked");
        let held = turn(&place).expect("this system has locks");
        assert!(File::open(&place).unwrap().try_lock().is_err());
        drop(held);
        assert!(turn(&place).is_some());
        fs::remove_dir_all(place).unwrap();
    }
}
