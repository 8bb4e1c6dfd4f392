//! Something that is wrong, as builds show it: at a line of a file, with a word for its kind.

use crate::report::about::PlaceView;

/// What a check or the reading of a scenario has found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finding {
    /// Whether it fails the build.
    pub fails: bool,
    /// The word for its kind, the same for all of that kind.
    pub rule: String,
    /// What that kind is, in a few words.
    pub meaning: String,
    /// The heading of this one.
    pub title: String,
    /// What it is and what to do about it.
    pub message: String,
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// The column, from 1, where it is at one.
    pub column: Option<u64>,
    /// Other places that belong to it, each with a few words.
    pub related: Vec<(PlaceView, String)>,
}
