//! What of a folder the program has written itself, as the folder's manifest proves, and what is
//! foreign to it; removes only what is proven.

use std::collections::BTreeSet;
use std::fs::{self, File, FileType};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::folder::{ListedFile, MANIFEST, Manifest};

use super::moves::settle_names;
use super::place::is_on_its_way;

/// Ends the name of a file that is not written to its end yet. In front of it stands the
/// fingerprint that the whole file will have, so the manifest proves such a file too.
const UNFINISHED: &str = ".part";

/// What there is in a folder.
#[derive(Default)]
pub(super) struct Found {
    /// What proves something here.
    pub manifest: Option<Manifest>,
    /// Every file that is proven.
    pub files: Vec<ProvenFile>,
    /// The folders in which such files lie, the innermost first.
    folders: Vec<PathBuf>,
    /// What is not proven, each with why.
    pub foreign: Vec<Foreign>,
}

/// A file that the program has written, and nobody has changed.
pub(super) struct ProvenFile {
    /// Where it is.
    pub path: PathBuf,
    /// What is in it, and its path in the folder.
    pub listed: ListedFile,
}

/// Something of somebody else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Foreign {
    /// Its path in the folder; a folder ends with `/`.
    pub path: String,
    /// Whether the program has written a file of this name, with something else in it.
    pub changed: bool,
}

impl Found {
    /// Whether there is nothing at all.
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty() && self.folders.is_empty() && self.foreign.is_empty()
    }

    /// Whether there is a manifest of the program that somebody has changed.
    pub(super) fn has_broken_manifest(&self) -> bool {
        self.foreign.iter().any(|it| it.path == MANIFEST && it.changed)
    }

    /// What somebody has to look at. Where the manifest is broken, nothing can be told of the rest.
    pub(super) fn unproven(&self) -> Vec<Foreign> {
        let all = !self.has_broken_manifest();
        self.foreign.iter().filter(|it| all || it.path == MANIFEST).cloned().collect()
    }
}

/// What there is in a folder that has been put in its place.
pub(super) fn look(folder: &Path) -> io::Result<Found> {
    walk(folder, false)
}

/// What there is in a folder into which files are being gathered, or were until a run died.
pub(super) fn look_at_unfinished(folder: &Path) -> io::Result<Found> {
    walk(folder, true)
}

fn walk(folder: &Path, unfinished: bool) -> io::Result<Found> {
    let mut found = Found::default();
    let own = folder.join(MANIFEST);
    let own_is_file = fs::symlink_metadata(&own).is_ok_and(|it| it.is_file());
    let bytes = if own_is_file { fs::read(&own)? } else { Vec::new() };
    found.manifest = Manifest::read(&bytes);
    let mut open = vec![(folder.to_owned(), String::new())];
    while let Some((inside, prefix)) = open.pop() {
        for entry in fs::read_dir(&inside)? {
            let entry = entry?;
            let path = entry.path();
            let kind = entry.file_type()?;
            // What is on its way into this very folder is looked at for itself.
            if kind.is_dir()
                && prefix.is_empty()
                && entry.file_name().to_str().is_some_and(is_on_its_way)
            {
                continue;
            }
            // A name that is no text is none of a report.
            let name = entry.file_name().to_str().map(|it| format!("{prefix}{it}"));
            let shown = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if let Some(name) = name.as_deref().filter(|it| found.has_folder(kind, it)) {
                open.push((path.clone(), format!("{name}/")));
                found.folders.push(path);
                continue;
            }
            let proven = |it: String| match it == MANIFEST && found.manifest.is_some() {
                // What it was when it was read.
                true => Some(Ok(ListedFile::of(MANIFEST, &bytes))),
                false => found.proven(kind, &path, &it, unfinished).transpose(),
            };
            match name.and_then(proven) {
                Some(listed) => found.files.push(ProvenFile { path, listed: listed? }),
                None => found.foreign.push(Foreign {
                    changed: kind.is_file() && found.is_known(&bytes, &shown),
                    path: if kind.is_dir() { shown + "/" } else { shown },
                }),
            }
        }
    }
    // Folders were found from the outermost to the innermost.
    found.folders.reverse();
    found.foreign.sort();
    Ok(found)
}

impl Found {
    /// Whether this is a folder in which listed files lie.
    fn has_folder(&self, kind: FileType, name: &str) -> bool {
        kind.is_dir() && self.manifest.as_ref().is_some_and(|it| it.has_folder(name))
    }

    /// Whether the program has written a file of this name.
    fn is_known(&self, manifest: &[u8], name: &str) -> bool {
        let listed = self.manifest.as_ref().is_some_and(|it| it.file(name).is_some());
        listed || name == MANIFEST && !manifest.is_empty() && Manifest::begins(manifest)
    }

    /// What is in a file, if that is what the manifest says.
    fn proven(
        &self,
        kind: FileType,
        path: &Path,
        name: &str,
        unfinished: bool,
    ) -> io::Result<Option<ListedFile>> {
        if !kind.is_file() {
            return Ok(None);
        }
        if let Some(listed) = self.manifest.as_ref().and_then(|it| it.file(name)) {
            // What has another size is not read.
            let same = fs::metadata(path)?.len() == listed.bytes && is(path, listed)?;
            return Ok(same.then(|| listed.clone()));
        }
        let digest = name.strip_prefix('.').and_then(|it| it.strip_suffix(UNFINISHED));
        let ours = match (&self.manifest, digest) {
            (Some(manifest), Some(digest)) if unfinished => manifest.has_digest(digest),
            // The first of all, which will be the manifest itself.
            (None, Some(digest)) if unfinished => {
                ListedFile::is_digest(digest) && Manifest::begins(&fs::read(path)?)
            }
            _ => false,
        };
        Ok(if ours { Some(ListedFile::of(name, &fs::read(path)?)) } else { None })
    }
}

/// Whether there still is in a file what was in it.
fn is(path: &Path, listed: &ListedFile) -> io::Result<bool> {
    Ok(ListedFile::of(&listed.path, &fs::read(path)?) == *listed)
}

/// Whether there is a file that a manifest lists, as it lists it.
pub(super) fn is_listed(path: &Path, name: &str, manifest: &Manifest) -> bool {
    let is_file = fs::symlink_metadata(path).is_ok_and(|it| it.is_file());
    is_file && manifest.file(name).is_some_and(|it| is(path, it).unwrap_or(false))
}

/// Removes what is proven in a folder.
pub(super) fn empty(folder: &Path, found: &Found) -> io::Result<()> {
    let own = folder.join(MANIFEST);
    found.files.iter().filter(|it| it.path != own).try_for_each(remove_file)?;
    remove_folders(found)?;
    // As long as it is there, what is left of a removal that ends half-way is proven.
    found.files.iter().filter(|it| it.path == own).try_for_each(remove_file)
}

/// Removes the folders in which what was proven lay, where nothing else is in them.
pub(super) fn remove_folders(found: &Found) -> io::Result<()> {
    found.folders.iter().try_for_each(|it| remove_folder(it))
}

/// Removes what is proven in a folder, and the folder itself if nothing else is in it; else it says
/// what is left.
pub(super) fn remove(folder: &Path, found: &Found) -> io::Result<Vec<Foreign>> {
    empty(folder, found)?;
    remove_folder(folder)?;
    match look(folder) {
        Err(fault) if fault.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        left => {
            let left = left?;
            let unproven = |it: ProvenFile| Foreign { path: it.listed.path, changed: true };
            Ok(left.files.into_iter().map(unproven).chain(left.foreign).collect())
        }
    }
}

/// A file has a moment only in which to become something else since it was looked at.
fn remove_file(file: &ProvenFile) -> io::Result<()> {
    let removed = is(&file.path, &file.listed).and_then(|same| match same {
        true => fs::remove_file(&file.path),
        false => Ok(()),
    });
    removed.or_else(|fault| if fault.kind() == ErrorKind::NotFound { Ok(()) } else { Err(fault) })
}

/// Removes a folder in which nothing is left.
fn remove_folder(folder: &Path) -> io::Result<()> {
    let left = [ErrorKind::DirectoryNotEmpty, ErrorKind::NotFound];
    let removed = fs::remove_dir(folder);
    removed.or_else(|fault| if left.contains(&fault.kind()) { Ok(()) } else { Err(fault) })
}

/// Gathers files in a new folder, so that they are on the disk; in front of them their manifest, so
/// that all that lies there is proven, wherever this ends.
pub(super) fn gather(
    folder: &Path,
    manifest: &Manifest,
    files: &[(String, Vec<u8>)],
) -> Result<(), (PathBuf, io::Error)> {
    let own = (MANIFEST.to_owned(), manifest.json().into_bytes());
    let of_manifest = ListedFile::of(MANIFEST, &own.1);
    let mut folders = BTreeSet::from([folder.to_owned()]);
    for (name, bytes) in std::iter::once(&own).chain(files) {
        let path = folder.join(name);
        let digest = &manifest.file(name).unwrap_or(&of_manifest).digest;
        let unfinished = folder.join(format!(".{digest}{UNFINISHED}"));
        let inside = path.parent().expect("a file lies in the folder");
        fs::create_dir_all(inside)
            .and_then(|()| write(&unfinished, bytes))
            .and_then(|()| fs::rename(&unfinished, &path))
            .map_err(|fault| (path.clone(), fault))?;
        folders.extend(inside.ancestors().take_while(|it| *it != folder).map(Path::to_owned));
    }
    folders.iter().try_for_each(|it| settle_names(it).map_err(|fault| (it.clone(), fault)))
}

/// Writes a new file to the disk.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
