//! What several verbs do with pages and pictures.

use std::path::{Path, PathBuf};

use crate::cli::Exit;
use crate::cli::console::Console;
use crate::plot;
use crate::shown;

/// The page in the folder of a report.
const PAGE: &str = "report.html";

/// Opens the page of a report in whatever shows pages on this machine.
pub(crate) fn open(folder: &Path, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let page: PathBuf = folder.join(PAGE);
    open::that_detached(&page).map_err(|fault| {
        console.error(&format!("cannot open `{}`: {fault}", shown::path(&page)));
        Exit::Failure
    })?;
    Ok(Exit::Fine)
}

/// Refuses to draw PNG where this program cannot.
pub(crate) fn check_png(asked: bool, console: &mut Console<'_>) -> Result<(), Exit> {
    if asked && !plot::DRAWS_PNG {
        console.error(
            "this program was built without PNG; build it with \
             `cargo install --path . --features png`, or leave out --png and take the SVG",
        );
        return Err(Exit::Usage);
    }
    Ok(())
}
