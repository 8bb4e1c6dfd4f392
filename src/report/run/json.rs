//! The view as JSON: the summary that other programs read.

use crate::report::forms::json::pretty;
use crate::report::run::view::View;

/// The view as indented JSON with a line end; the keys are in the order of the view's fields.
#[must_use]
pub fn json(view: &View) -> String {
    pretty(view)
}

/// The JSON Schema of [`json`]'s text.
#[must_use]
pub fn schema() -> String {
    pretty(&schemars::schema_for!(View))
}
