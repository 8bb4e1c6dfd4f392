//! Moves that happen at once or not at all, and what makes them last.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

/// Has two folders change places in one step; not every system, and not every file system, can.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
pub(super) fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

/// Has two folders change places in one step, which this system cannot.
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
pub(super) fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}

/// Whether the system cannot do this at all, wherever it is asked to.
pub(super) fn is_unknown(fault: &io::Error) -> bool {
    matches!(fault.kind(), ErrorKind::Unsupported | ErrorKind::InvalidInput)
}

/// Whether a folder cannot be moved although what is in it can be: something is mounted there.
pub(super) fn is_fixed(fault: &io::Error) -> bool {
    matches!(fault.kind(), ErrorKind::ResourceBusy | ErrorKind::CrossesDevices)
}

/// Whether nothing may be written in a folder, though it may be in those that lie in it.
pub(super) fn is_forbidden(fault: &io::Error) -> bool {
    matches!(fault.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
}

/// Whether there is nothing of this name, not even a link that leads nowhere.
pub(super) fn is_nothing(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(false),
        Err(fault) if fault.kind() == ErrorKind::NotFound => Ok(true),
        Err(fault) => Err(fault),
    }
}

/// Sees to it that the names in a folder outlast a loss of power, where the system has a way to.
pub(super) fn settle_names(folder: &Path) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    File::open(folder)?.sync_all().or_else(|it| if is_unknown(&it) { Ok(()) } else { Err(it) })
}
