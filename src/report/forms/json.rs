//! What is the same in every JSON.

/// A view or its schema as indented JSON with a line end.
pub(crate) fn pretty(value: &impl serde::Serialize) -> String {
    let text = serde_json::to_string_pretty(value).expect("a view is plain data");
    text + "\n"
}
