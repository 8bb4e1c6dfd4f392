//! `blackstart figures`: prints what each figure is.

use crate::report::{catalogue_json, catalogue_markdown, catalogue_text};

use super::Exit;
use super::args::{CatalogueFormat, FiguresArguments};
use super::console::Console;

pub(super) fn run(arguments: &FiguresArguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let text = match arguments.format {
        CatalogueFormat::Text => catalogue_text(),
        CatalogueFormat::Json => catalogue_json(),
        CatalogueFormat::Markdown => catalogue_markdown(),
    };
    console.print(&text)
}
