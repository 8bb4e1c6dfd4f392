//! The view as JSON: the summary that other programs read.

use crate::report::view::View;

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

pub(super) fn pretty(value: &impl serde::Serialize) -> String {
    let text = serde_json::to_string_pretty(value).expect("a view is plain data");
    text + "\n"
}
