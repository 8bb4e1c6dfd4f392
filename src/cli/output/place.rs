//! The place of what is written: where links lead, the names beside it that are ours, and whether it
//! can be written at all.

use std::ffi::OsStr;
use std::fs::{self, DirEntry, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use crate::folder::ListedFile;

/// A place for a file or a folder.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// What is written there lies here: no link.
    pub path: PathBuf,
    /// What the names of everything beside it that is on its way there begin with.
    prefix: String,
}

/// Bytes of a path; no system takes more.
const LONGEST: usize = 4_096;

/// Bytes of a name.
const LONGEST_NAME: usize = 255;

/// So many links in a row lead in a circle.
const MOST_LINKS: usize = 40;

/// Ends the name of what is not in its place yet, or not any more.
pub(super) const NEW: &str = ".new";
/// Ends the name of what waits until something else is in its place.
pub(super) const OLD: &str = ".old";
/// Ends the name of what will be in its place, whatever happens.
pub(super) const READY: &str = ".ready";

impl Place {
    /// Where a path leads. A link that leads nowhere yet leads to where its target will be; without a
    /// name of its own, such as `/` or `..`, there is none.
    pub(super) fn of(named: &Path) -> io::Result<Option<Self>> {
        let too_long = |it: Component<'_>| it.as_os_str().len() > LONGEST_NAME;
        if named.as_os_str().len() > LONGEST || named.components().any(too_long) {
            return Err(ErrorKind::InvalidFilename.into());
        }
        let mut path: PathBuf = named.components().collect();
        for _ in 0..MOST_LINKS {
            if let Ok(to) = fs::read_link(&path) {
                path = folder_of(&path).join(to).components().collect();
                continue;
            }
            return Ok(path.file_name().map(prefix).map(|prefix| Self { path, prefix }));
        }
        Err(io::Error::other("its links lead in a circle"))
    }

    /// The folder in which it lies.
    pub(super) fn parent(&self) -> &Path {
        folder_of(&self.path)
    }

    /// A path beside it, or in a folder, that nobody has had yet, with an ending.
    pub(super) fn unique(&self, inside: &Path, ending: &str) -> io::Result<PathBuf> {
        for number in 0_u32.. {
            let name = format!("{}{}-{number}{ending}", self.prefix, std::process::id());
            let path = inside.join(name);
            match fs::symlink_metadata(&path) {
                Err(fault) if fault.kind() == ErrorKind::NotFound => return Ok(path),
                Ok(_) => {}
                Err(fault) => return Err(fault),
            }
        }
        Err(io::Error::other("every name is taken"))
    }

    /// What lies in a folder under a name that is ours, with this ending.
    pub(super) fn ours(&self, inside: &Path, ending: &str) -> Vec<PathBuf> {
        let is_ours = |entry: &DirEntry| {
            let name = entry.file_name();
            let number = name.to_str().and_then(|it| it.strip_prefix(&self.prefix));
            number.and_then(|it| it.strip_suffix(ending)).is_some_and(is_number)
        };
        // In a folder that cannot be read nothing can be mended.
        let entries = fs::read_dir(inside).into_iter().flatten().flatten();
        let mut ours: Vec<PathBuf> = entries.filter(is_ours).map(|it| it.path()).collect();
        ours.sort();
        ours
    }

    /// The folder in which it lies, or that in which folders have to be made for it first.
    pub(super) fn nearest(&self) -> &Path {
        let there = |it: &&Path| !it.as_os_str().is_empty() && it.exists();
        self.parent().ancestors().find(there).unwrap_or(Path::new("."))
    }

    /// Tries out whether something can be made in a folder, and makes nothing that could be left there.
    #[cfg(unix)]
    pub(super) fn try_out(&self, inside: &Path) -> io::Result<()> {
        use rustix::fs::Access;
        Ok(rustix::fs::access(inside, Access::WRITE_OK | Access::EXEC_OK)?)
    }

    /// Tries out whether something can be made in a folder, and leaves nothing behind.
    #[cfg(not(unix))]
    pub(super) fn try_out(&self, inside: &Path) -> io::Result<()> {
        let tried = self.unique(inside, NEW)?;
        fs::create_dir(&tried)?;
        fs::remove_dir(&tried)
    }
}

/// Begins every name of ours.
const PREFIX: &str = ".blackstart-";

/// The folder in which something lies.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// In front of a number that makes it unique. The name itself would make it too long where it is as
/// long as a name may be.
fn prefix(name: &OsStr) -> String {
    format!("{PREFIX}{}-", ListedFile::of("", name.as_encoded_bytes()).digest)
}

/// Whether a name is one of those that we give to what is on its way.
pub(super) fn is_on_its_way(name: &str) -> bool {
    let rest = name.strip_prefix(PREFIX).and_then(|it| it.split_once('-'));
    let ends =
        |it: &str| [NEW, OLD, READY].iter().any(|end| it.strip_suffix(end).is_some_and(is_number));
    rest.is_some_and(|(digest, rest)| ListedFile::is_digest(digest) && ends(rest))
}

/// Whether a name goes on as ours do: the number of a process, and one of its own.
fn is_number(text: &str) -> bool {
    let digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    text.split_once('-').is_some_and(|(process, number)| digits(process) && digits(number))
}

/// How often a lock is asked for, and how long after each time.
const ASKED: (u32, Duration) = (500, Duration::from_millis(10));

/// Waits until no other run changes anything in this folder, until the answer is dropped.
///
/// A script may hold the same lock while it waits for this program, so the wait has an end; and
/// some systems have no locks. What is done without one is safe too: names are unique, and what
/// changes places does so in one step.
pub(super) fn turn(folder: &Path) -> Option<File> {
    let folder = File::open(folder).ok()?;
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

/// Marks something as what a run that is alive works on; nothing where there are no locks.
pub(super) fn mark(path: &Path) -> Option<File> {
    let file = File::open(path).ok()?;
    file.try_lock().ok()?;
    Some(file)
}
