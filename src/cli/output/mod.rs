//! Everything that is written into files goes through here: whole or not at all, and never at the
//! cost of what is not the program's own.
//!
//! What is written is gathered beside its place under a name that no other run has, is on the disk
//! before it is moved, and takes its place in one step. A link is followed to where it leads. What a
//! run that died has left behind is known by its name, by what is in it, and by its lock, which
//! nobody holds any more; whoever comes next mends it. Before anything is simulated, the place is
//! tried out.

mod file;
mod folder;
mod moves;
mod place;
mod proven;
mod within;

pub(super) use file::{FileError, FileKind, Target};
pub(super) use folder::{Folder, FolderError, manifest_in};
