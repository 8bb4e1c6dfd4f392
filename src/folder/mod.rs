//! What the folder of a report holds: its files, the tables for spreadsheets, the manifest that proves
//! it ours, and what is read back from it.

mod csv;
mod files;
mod kept;
mod manifest;

#[cfg(test)]
mod tests;

pub use files::{
    SERIES, SUMMARY, asked_files, backtest_files, compare_files, drawn_files, files, is_drawn,
    table,
};
pub use kept::{KeptFault, read};
pub use manifest::{ListedFile, MANIFEST, Manifest, ReportKind};
