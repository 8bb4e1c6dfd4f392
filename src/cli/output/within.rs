//! Replaces what is in a folder that cannot be moved itself: something is mounted there, or nobody may
//! write beside it.
//!
//! The new files are gathered in a folder in it. From the moment that this has the name of what is
//! ready, the new report is decided on: what the old manifest proves is removed, the old manifest last;
//! then the new files are moved to their places, their manifest last. Wherever that ends, one of the two
//! manifests proves what is left, and whoever comes next goes on.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::folder::{MANIFEST, Manifest};

use super::moves::{is_nothing, settle_names};
use super::place::{NEW, Place, READY, mark};
use super::proven;

/// Why it was not done, and of what.
type Fault = (PathBuf, io::Error);

/// Puts these files in the place of what a manifest proves in the folder.
pub(super) fn replace(
    place: &Place,
    manifest: &Manifest,
    files: &[(String, Vec<u8>)],
) -> Result<(), Fault> {
    let folder = &place.path;
    let new = place.unique(folder, NEW).map_err(at(folder))?;
    fs::create_dir(&new).map_err(at(&new))?;
    let _mark = mark(&new);
    let ready = new.with_extension(&READY[1..]);
    let decided = proven::gather(&new, manifest, files)
        .and_then(|()| fs::rename(&new, &ready).map_err(at(&ready)));
    decided.inspect_err(|_| {
        let found = proven::look_at_unfinished(&new);
        let _ = found.and_then(|it| proven::remove(&new, &it));
    })?;
    settle_names(folder).map_err(at(folder))?;
    take_over(folder, &ready)
}

/// Finishes what was decided on before the machine died.
pub(super) fn finish(place: &Place) -> Result<(), Fault> {
    let ready = place.ours(&place.path, READY);
    ready.iter().try_for_each(|it| take_over(&place.path, it))
}

fn take_over(folder: &Path, ready: &Path) -> Result<(), Fault> {
    let decided = proven::look(ready).map_err(at(ready))?;
    let Some(manifest) = &decided.manifest else {
        // Its manifest is moved last.
        return fs::remove_dir(ready).map_err(at(ready));
    };
    let before = proven::look(folder).map_err(at(folder))?;
    if before.manifest.as_ref().is_some_and(|it| it != manifest) {
        proven::empty(folder, &before).map_err(at(folder))?;
    }
    let own = ready.join(MANIFEST);
    for file in decided.files.iter().filter(|it| it.path != own) {
        move_into(folder, &file.path, &file.listed.path, manifest)?;
    }
    proven::remove_folders(&decided).map_err(at(ready))?;
    settle_names(folder).map_err(at(folder))?;
    fs::rename(&own, folder.join(MANIFEST)).map_err(at(folder))?;
    fs::remove_dir(ready).and_then(|()| settle_names(folder)).map_err(at(ready))
}

/// Moves a file to its path in the folder, where nothing of somebody else is.
fn move_into(folder: &Path, from: &Path, name: &str, manifest: &Manifest) -> Result<(), Fault> {
    let to = folder.join(name);
    let inside = to.parent().expect("a file lies in the folder");
    fs::create_dir_all(inside).map_err(at(inside))?;
    if !is_nothing(&to).map_err(at(&to))? && !proven::is_listed(&to, name, manifest) {
        return Err((to, ErrorKind::AlreadyExists.into()));
    }
    fs::rename(from, &to).map_err(at(&to))
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> Fault {
    let path = path.to_owned();
    move |source| (path, source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::ReportKind;

    type Files = Vec<(String, Vec<u8>)>;

    fn files(names: &[&str]) -> Files {
        names.iter().map(|it| ((*it).to_owned(), it.as_bytes().to_vec())).collect()
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => names.extend(self::names(&path)),
                false => names.push(path.file_name().unwrap().to_str().unwrap().to_owned()),
            }
        }
        names.sort();
        names
    }

    /// A folder in which a report is, and where it is.
    fn place(name: &str) -> Place {
        let path = std::env::temp_dir().join(format!("blackstart-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        let place = Place::of(&path).unwrap().unwrap();
        let before = files(&["summary.json", "plots/a.svg", "plots/old.svg"]);
        put(&place, &before);
        place
    }

    fn put(place: &Place, files: &Files) {
        replace(place, &Manifest::of(ReportKind::Run, files), files).unwrap();
    }

    const AFTER: [&str; 3] = ["summary.json", "plots/a.svg", "tables/new.csv"];

    #[test]
    fn a_report_is_replaced_where_it_lies() {
        let place = place("within");
        put(&place, &files(&AFTER));
        assert_eq!(names(&place.path), ["a.svg", "manifest.json", "new.csv", "summary.json"]);
        assert!(!place.path.join("plots/old.svg").exists());
        assert!(proven::look(&place.path).unwrap().foreign.is_empty());
        fs::remove_dir_all(&place.path).unwrap();
    }

    #[test]
    fn wherever_it_ends_the_next_goes_on() {
        // So many of the files are removed, then moved, before the machine dies.
        for (removed, moved) in [(0, 0), (1, 0), (3, 0), (4, 0), (4, 1), (4, 3)] {
            let place = place("within-died");
            let after = files(&AFTER);
            let ready = place.unique(&place.path, READY).unwrap();
            fs::create_dir(&ready).unwrap();
            let manifest = Manifest::of(ReportKind::Run, &after);
            proven::gather(&ready, &manifest, &after).unwrap();
            let old = ["summary.json", "plots/a.svg", "plots/old.svg", MANIFEST];
            old[..removed].iter().for_each(|it| fs::remove_file(place.path.join(it)).unwrap());
            for name in &AFTER[..moved] {
                move_into(&place.path, &ready.join(name), name, &manifest).unwrap();
            }
            finish(&place).unwrap();
            assert_eq!(names(&place.path), ["a.svg", "manifest.json", "new.csv", "summary.json"]);
            assert!(proven::look(&place.path).unwrap().foreign.is_empty());
            fs::remove_dir_all(&place.path).unwrap();
        }
    }

    #[test]
    fn what_came_meanwhile_is_not_written_over() {
        let place = place("within-foreign");
        fs::create_dir(place.path.join("tables")).unwrap();
        fs::write(place.path.join("tables/new.csv"), "mine").unwrap();
        let after = files(&AFTER);
        let refused = replace(&place, &Manifest::of(ReportKind::Run, &after), &after).unwrap_err();
        assert_eq!(refused.1.kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read(place.path.join("tables/new.csv")).unwrap(), b"mine");
        fs::remove_file(place.path.join("tables/new.csv")).unwrap();
        finish(&place).unwrap();
        assert_eq!(names(&place.path), ["a.svg", "manifest.json", "new.csv", "summary.json"]);
        fs::remove_dir_all(&place.path).unwrap();
    }
}
