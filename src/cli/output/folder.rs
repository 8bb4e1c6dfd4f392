//! Writes a folder whole or not at all, and never at the cost of what is not its own.
//!
//! The files go into a new folder beside the old one, with a manifest of them; then the two change
//! places in one step, and the old one is removed, file by file as its own manifest has them. Where a
//! system cannot do that in one step, the old one is moved aside first, and whoever comes next moves
//! it back if the machine dies then. Where the folder itself cannot be moved, as something is mounted
//! there, files are replaced in it: see [`within`](super::within).
//!
//! A folder is looked at before the simulation, when the files are there, and once more when it has
//! been moved aside: what has come into it until then is put back with it. Runs that write beside
//! each other wait for one another; where a file system has no locks they do not, and the last one
//! wins.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::cli::interrupt;
use crate::folder::{MANIFEST, Manifest, ReportKind};
use crate::shown::{Shown, path as shown};

use super::moves::{self, is_fixed, is_forbidden, is_nothing, is_unknown, settle_names};
use super::place::{NEW, OLD, Place, mark, turn};
use super::proven::{self, Foreign, Found};
use super::within;

/// Why a folder could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FolderError {
    /// It has files in it, and none is known to be of the program.
    #[error("`{}` is not {}, and there is something in it: {}; move that away{}", shown(.0), .2.words(), .1, .3)]
    NotAReport(PathBuf, Listed, ReportKind, Or),
    /// It is of a version that wrote no manifests.
    #[error(
        "`{}` looks like {}, but has no manifest.json, as those of older versions, so nothing \
         proves that it may be replaced: {}; move it away, or remove it if nothing in it is \
         yours{}", shown(.0), .1.words(), .2, .3
    )]
    Old(PathBuf, ReportKind, Listed, Or),
    /// Another verb has written it.
    #[error("`{}` is {} and not {}; move it away{}", shown(.0), .1.words(), .2.words(), .3)]
    OtherKind(PathBuf, ReportKind, ReportKind, Or),
    /// Something in it is not of the program.
    #[error("`{}` has something in it that this program has not written: {}; move that away{}", shown(.0), .1, .2)]
    Foreign(PathBuf, Listed, Or),
    /// Something else has the name.
    #[error("`{}` is not a folder; move it away{}", shown(.0), .1)]
    NotAFolder(PathBuf, Or),
    /// It has no name of its own, such as `/` or `..`.
    #[error("`{}` cannot be replaced; choose another --out", shown(.0))]
    Unnamed(PathBuf),
    /// It was moved aside, and something else has taken its place since.
    #[error("something has come to `{}` while it was replaced; what was there before is in `{}`", shown(.0), shown(.1))]
    Aside(PathBuf, PathBuf),
    /// Something came into it when it had been moved aside already.
    #[error(
        "something came into the folder that `{}` has replaced, and is kept in `{}`: {}; move \
         that away", shown(.0), shown(.1), .2
    )]
    Left(PathBuf, PathBuf, Listed),
    /// What was to be written again is another report by now.
    #[error("another run has written `{}` meanwhile", shown(.0))]
    Changed(PathBuf),
    /// The system refused.
    #[error("cannot write `{}`: {source}", shown(.path))]
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
pub(crate) struct Listed(Vec<Foreign>);

/// As many are named.
const NAMED: usize = 5;

impl fmt::Display for Listed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, foreign) in self.0.iter().take(NAMED).enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            let changed = if foreign.changed { " (changed since)" } else { "" };
            write!(formatter, "{comma}`{}`{changed}", Shown(&foreign.path))?;
        }
        match self.0.len().saturating_sub(NAMED) {
            0 => Ok(()),
            more => write!(formatter, " and {more} more"),
        }
    }
}

/// A folder that will be replaced as a whole.
pub(crate) struct Folder {
    /// As it was named.
    named: PathBuf,
    place: Place,
    kind: ReportKind,
    or: Or,
    /// The manifest of what is to be written again, as it was.
    again: Option<Vec<u8>>,
}

impl Folder {
    /// Checks that a folder named by `--out` can be replaced, and may be: there is none, or nothing in
    /// it, or nothing but what its manifest says. Mends what a run that died has left.
    pub(crate) fn prepare(target: &Path, kind: ReportKind) -> Result<Self, FolderError> {
        Self::open(target, kind, OR_ANOTHER)
    }

    /// The same of a folder that is to be written again in its place.
    /// `manifest` is what [`manifest_in`] had when it was read.
    pub(crate) fn prepare_again(
        target: &Path,
        kind: ReportKind,
        manifest: Option<Vec<u8>>,
    ) -> Result<Self, FolderError> {
        let folder = Self::open(target, kind, "")?;
        Ok(Self { again: manifest, ..folder })
    }

    /// Whether what is to be written again is another report than it was.
    fn has_changed(&self) -> bool {
        self.again.is_some() && self.again != manifest_in(&self.place.path)
    }

    /// The program that has written what is to be written again.
    pub(crate) fn written_by(&self) -> Option<String> {
        Some(Manifest::read(self.again.as_deref()?)?.program)
    }

    fn open(target: &Path, kind: ReportKind, or: Or) -> Result<Self, FolderError> {
        let named = target.to_owned();
        let place = Place::of(target).map_err(at(target))?;
        let Some(place) = place else { return Err(FolderError::Unnamed(named)) };
        let folder = Self { named, place, kind, or, again: None };
        let turn = turn(folder.place.parent());
        folder.settle(turn.is_some())?;
        folder.try_out().map_err(at(target))?;
        Ok(folder)
    }

    /// Mends what a run that died has left half-way in the place of a report, as far as that can be
    /// done; whoever writes it says what cannot.
    pub(crate) fn mend(target: &Path) {
        if let Ok(Some(place)) = Place::of(target) {
            let turn = turn(place.parent());
            let _ = within::finish(&place);
            let _ = put_back(&place, turn.is_some());
        }
    }

    /// Tries out whether it can be replaced, so that nobody simulates for nothing.
    fn try_out(&self) -> io::Result<()> {
        let place = &self.place;
        if is_nothing(&place.path)? {
            return place.try_out(place.nearest());
        }
        place
            .try_out(place.parent())
            .or_else(|it| if is_forbidden(&it) { Ok(()) } else { Err(it) })?;
        place.try_out(&place.path)
    }

    /// Puts these files, each under its path in the folder, in the place of what was there.
    pub(crate) fn replace(&self, files: &[(String, Vec<u8>)]) -> Result<(), FolderError> {
        let _whole = interrupt::writing();
        let parent = self.place.parent();
        fs::create_dir_all(parent).map_err(at(&self.named))?;
        let turn = turn(parent);
        self.settle(turn.is_some())?;
        if self.has_changed() {
            return Err(FolderError::Changed(self.named.clone()));
        }
        let manifest = Manifest::of(self.kind, files);
        if !self.replace_beside(&manifest, files)? {
            within::replace(&self.place, &manifest, files).map_err(told)?;
        }
        interrupt::set_kept(Some(format!("`{}` is written", shown(&self.named))));
        Ok(())
    }

    /// Replaces it as a whole; says whether it could be moved.
    fn replace_beside(
        &self,
        manifest: &Manifest,
        files: &[(String, Vec<u8>)],
    ) -> Result<bool, FolderError> {
        let new = self.place.unique(self.place.parent(), NEW).map_err(at(&self.named))?;
        match fs::create_dir(&new) {
            Err(fault) if is_forbidden(&fault) => return Ok(false),
            made => made.map_err(at(&new))?,
        }
        let _mark = mark(&new);
        let gathered = proven::gather(&new, manifest, files).map_err(told);
        let moved = gathered.and_then(|()| self.exchange(&new));
        if !matches!(moved, Ok(true)) {
            // What was there before is in its place; nothing half-written stays behind.
            let found = proven::look_at_unfinished(&new);
            let _ = found.and_then(|it| proven::remove(&new, &it));
        }
        moved
    }

    /// Checks what there is, and mends what a run that died has left; only who is alone can tell that
    /// from what another run is at.
    fn settle(&self, alone: bool) -> Result<(), FolderError> {
        within::finish(&self.place).map_err(told)?;
        let (target, parent) = (&self.place.path, self.place.parent());
        put_back(&self.place, alone).map_err(at(target))?;
        if let Some(found) = self.found(target, &self.named)? {
            self.judge(&found)?;
        }
        for inside in [parent, target] {
            for left in
                [OLD, NEW].into_iter().flat_map(|it| left_behind(&self.place, inside, it, alone))
            {
                // Something may have come into a folder just before it was moved aside.
                let found = proven::look_at_unfinished(&left).map_err(at(&left))?;
                if !found.foreign.is_empty() {
                    return Err(FolderError::Foreign(left, Listed(found.unproven()), self.or));
                }
                self.remove(&left, &found)?;
            }
        }
        Ok(())
    }

    /// Has the new folder take the place of the old one, which is removed; says whether that could be
    /// moved.
    fn exchange(&self, new: &Path) -> Result<bool, FolderError> {
        let target = &self.place.path;
        // Another run may write or remove it between a look and a move.
        let mut tries = 10;
        loop {
            tries -= 1;
            let absent = is_nothing(target).map_err(at(target))?;
            let moved = if absent { fs::rename(new, target) } else { moves::exchange(new, target) };
            let again =
                [ErrorKind::DirectoryNotEmpty, ErrorKind::AlreadyExists, ErrorKind::NotFound];
            match moved {
                Ok(()) if absent => return self.settled().map(|()| true),
                Ok(()) => return self.retire(new).map(|()| true),
                Err(fault) if tries > 0 && again.contains(&fault.kind()) => {}
                Err(fault) if is_unknown(&fault) && !absent => {
                    return self.exchange_in_two_moves(new);
                }
                Err(fault) if (is_fixed(&fault) || is_forbidden(&fault)) && !absent => {
                    return Ok(false);
                }
                Err(fault) => return Err(at(target)(fault)),
            }
        }
    }

    /// Removes the old folder, which has changed places with the new one, or has them change back.
    fn retire(&self, old: &Path) -> Result<(), FolderError> {
        // Now nothing comes into it by its name any more.
        let found =
            self.judged(old).map_err(|fault| match moves::exchange(old, &self.place.path) {
                Ok(()) => fault,
                Err(_) => FolderError::Aside(self.named.clone(), old.to_owned()),
            })?;
        self.settled()?;
        self.remove(old, &found)
    }

    /// The same where the system cannot exchange folders.
    fn exchange_in_two_moves(&self, new: &Path) -> Result<bool, FolderError> {
        let target = &self.place.path;
        let old = self.place.unique(self.place.parent(), OLD).map_err(at(target))?;
        match fs::rename(target, &old) {
            Err(fault) if is_fixed(&fault) || is_forbidden(&fault) => return Ok(false),
            moved => moved.map_err(at(target))?,
        }
        let found = self.judged(&old).and_then(|found| {
            fs::rename(new, target).map_err(at(target))?;
            Ok(found)
        });
        let found = found.map_err(|fault| match fs::rename(&old, target) {
            Ok(()) => fault,
            Err(_) => FolderError::Aside(self.named.clone(), old.clone()),
        })?;
        self.settled()?;
        self.remove(&old, &found).map(|()| true)
    }

    /// Where it lies is on the disk.
    fn settled(&self) -> Result<(), FolderError> {
        settle_names(self.place.parent()).map_err(at(&self.named))
    }

    /// What there is at a path, if there is anything, under the name that people know it by.
    fn found(&self, path: &Path, name: &Path) -> Result<Option<Found>, FolderError> {
        if is_nothing(path).map_err(at(name))? {
            return Ok(None);
        }
        let kind = fs::symlink_metadata(path).map_err(at(name))?;
        if !kind.is_dir() {
            return Err(FolderError::NotAFolder(name.to_owned(), self.or));
        }
        proven::look(path).map(Some).map_err(at(name))
    }

    /// What there is in the old folder, which has been moved to a path, if it may be removed.
    fn judged(&self, path: &Path) -> Result<Found, FolderError> {
        let found = self.found(path, &self.named)?.unwrap_or_default();
        self.judge(&found)?;
        Ok(found)
    }

    /// Refuses what may not be replaced.
    fn judge(&self, found: &Found) -> Result<(), FolderError> {
        let (folder, kind) = (self.named.clone(), self.kind);
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

    /// Removes a folder of which all is proven.
    fn remove(&self, path: &Path, found: &Found) -> Result<(), FolderError> {
        let left = proven::remove(path, found).map_err(at(path))?;
        if left.is_empty() {
            return Ok(());
        }
        Err(FolderError::Left(self.named.clone(), path.to_owned(), Listed(left)))
    }
}

/// The text of the manifest in a folder, if there is one.
pub(crate) fn manifest_in(folder: &Path) -> Option<Vec<u8>> {
    let manifest = folder.join(MANIFEST);
    let is_file = fs::symlink_metadata(&manifest).is_ok_and(|it| it.is_file());
    if is_file { fs::read(manifest).ok() } else { None }
}

/// Moves an old report back from where it was moved aside, if nothing has taken its place.
fn put_back(place: &Place, alone: bool) -> io::Result<()> {
    for old in left_behind(place, place.parent(), OLD, alone) {
        let is_report = proven::look(&old).is_ok_and(|it| it.manifest.is_some());
        if is_report && is_nothing(&place.path)? {
            fs::rename(&old, &place.path)?;
        }
    }
    Ok(())
}

/// What lies in a folder under a name of ours, and nobody is at any more.
fn left_behind(place: &Place, inside: &Path, ending: &str, alone: bool) -> Vec<PathBuf> {
    let mut left = if alone { place.ours(inside, ending) } else { Vec::new() };
    left.retain(|it| it.is_dir() && mark(it).is_some());
    left
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> FolderError {
    let path = path.to_owned();
    move |source| FolderError::Io { path, source }
}

fn told((path, source): (PathBuf, io::Error)) -> FolderError {
    FolderError::Io { path, source }
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

    /// A folder beside `r` that a run has left on its way there.
    fn left(place: &Path, ending: &str) -> PathBuf {
        Place::of(&place.join("r")).unwrap().unwrap().unique(place, ending).unwrap()
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
        fs::rename(place.join("r"), left(&place, OLD)).unwrap();
        report(&place.join("s"));
        fs::rename(place.join("s"), left(&place, NEW)).unwrap();
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
            let new = left(&place, NEW);
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
            // Where folders change places in one step, the old one has the name of the new one then.
            let old = left(&place, if gone.len() == 1 { OLD } else { NEW });
            fs::rename(place.join("s"), &old).unwrap();
            for name in gone {
                fs::remove_file(old.join(name)).unwrap();
            }
            Folder::prepare(&place.join("r"), RUN).unwrap();
            assert_eq!(names(&place), REPORT);
        }
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn a_folder_of_somebody_else_stays_whatever_its_name() {
        for ending in ["", OLD, NEW] {
            let place = place("else");
            let folder = if ending.is_empty() { place.join("r") } else { left(&place, ending) };
            write(&folder, "thesis.txt");
            refused(&place.join("r"), "thesis.txt");
            assert_eq!(fs::read_to_string(folder.join("thesis.txt")).unwrap(), "thesis.txt");
            assert_eq!(names(&place).len(), 2);
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
        for ending in ["", OLD, NEW] {
            for (told, spoil) in cases {
                let place = place("foreign");
                report(&place.join("r"));
                let mut folder = place.join("r");
                if !ending.is_empty() {
                    report(&place.join("s"));
                    folder = left(&place, ending);
                    fs::rename(place.join("s"), &folder).unwrap();
                }
                spoil(&folder);
                let before = names(&place);
                refused(&place.join("r"), told);
                assert_eq!(names(&place), before);
                fs::remove_dir_all(place).unwrap();
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_in_a_report_are_foreign_and_one_to_it_is_followed() {
        let place = place("links");
        report(&place.join("r"));
        let elsewhere = place.join("elsewhere");
        fs::rename(place.join("r/summary.json"), &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, place.join("r/summary.json")).unwrap();
        refused(&place.join("r"), "`summary.json`;");
        std::os::unix::fs::symlink(place.join("r"), place.join("link")).unwrap();
        refused(&place.join("link"), "`summary.json`;");
        fs::remove_file(place.join("r/summary.json")).unwrap();
        report(&place.join("link"));
        assert!(fs::symlink_metadata(place.join("link")).unwrap().is_symlink());
        // One that leads nowhere yet leads to where the report will be.
        fs::create_dir(place.join("far")).unwrap();
        std::os::unix::fs::symlink("far/s", place.join("later")).unwrap();
        report(&place.join("later"));
        assert_eq!(names(&place.join("far/s")).len(), 4);
        assert!(fs::symlink_metadata(place.join("later")).unwrap().is_symlink());
        std::os::unix::fs::symlink("round", place.join("round")).unwrap();
        refused(&place.join("round"), "its links lead in a circle");
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
        for in_two in [false, true] {
            let new = left(&place, NEW);
            fs::create_dir(&new).unwrap();
            let exchanged = match in_two {
                true => folder.exchange_in_two_moves(&new),
                false => folder.exchange(&new),
            };
            assert!(matches!(exchanged, Err(FolderError::Foreign(..))));
            fs::remove_dir(&new).unwrap();
        }
        assert_eq!(names(&place), before);
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn what_comes_into_the_old_folder_while_it_is_removed_is_kept() {
        let place = place("late");
        report(&place.join("r"));
        let folder = Folder::prepare(&place.join("r"), RUN).unwrap();
        let old = left(&place, OLD);
        fs::rename(place.join("r"), &old).unwrap();
        let found = folder.judged(&old).unwrap();
        write(&old, "plots/notes.txt");
        fs::write(old.join(SUMMARY), "edited").unwrap();
        let told = folder.remove(&old, &found).unwrap_err().to_string();
        assert!(told.contains("`plots/") && told.contains("`summary.json`"), "{told}");
        let kept = ["plots/", "plots/notes.txt", "summary.json"];
        assert_eq!(names(&old), kept);
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

    #[test]
    fn a_folder_that_cannot_exchange_places_is_replaced_in_two_moves() {
        let place = place("two-moves");
        report(&place.join("r"));
        let folder = Folder::prepare(&place.join("r"), RUN).unwrap();
        let new = left(&place, NEW);
        fs::create_dir(&new).unwrap();
        let one = [(SUMMARY.to_owned(), vec![7])];
        proven::gather(&new, &Manifest::of(RUN, &one), &one).unwrap();
        assert!(folder.exchange_in_two_moves(&new).unwrap());
        assert_eq!(names(&place), ["r/", "r/manifest.json", "r/summary.json"]);
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn what_another_run_is_at_is_left_to_it() {
        let place = place("alive");
        let new = left(&place, NEW);
        fs::create_dir(&new).unwrap();
        let held = mark(&new).expect("this system has locks");
        report(&place.join("r"));
        assert!(new.exists());
        drop(held);
        report(&place.join("r"));
        assert_eq!(names(&place), REPORT);
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn what_cannot_be_written_is_known_before_anything_is_simulated() {
        let place = place("tried");
        write(&place, "file");
        for (folder, told) in [
            ("file/r".to_owned(), "cannot write"),
            ("file".to_owned(), "is not a folder"),
            (format!("new/{}", "x".repeat(300)), "cannot write"),
        ] {
            refused(&place.join(folder), told);
            assert_eq!(names(&place), ["file"]);
        }
        // As long as a name may be it can be used.
        report(&place.join("x".repeat(255)));
        fs::remove_dir_all(place).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn one_at_a_time_changes_a_folder() {
        let place = place("locked");
        let held = turn(&place).expect("this system has locks");
        assert!(fs::File::open(&place).unwrap().try_lock().is_err());
        drop(held);
        assert!(turn(&place).is_some());
        fs::remove_dir_all(place).unwrap();
    }
}
