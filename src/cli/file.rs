//! Writes a file whole or not at all.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;

/// Writes the file beside its place and moves it there when it is whole, in a folder that is made if
/// there is none.
pub(super) fn write_whole(target: &Path, text: &str) -> io::Result<()> {
    let mut hidden = OsString::from(".");
    hidden.push(target.file_name().unwrap_or_default());
    hidden.push(".new");
    let new = target.with_file_name(hidden);
    let folder = target.parent().filter(|it| !it.as_os_str().is_empty());
    folder.map_or(Ok(()), fs::create_dir_all)?;
    let written = fs::write(&new, text).and_then(|()| fs::rename(&new, target));
    written.inspect_err(|_| {
        // Nothing half-written stays behind.
        let _ = fs::remove_file(&new);
    })
}
