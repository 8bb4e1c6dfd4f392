//! By what a text is known as a check that was written before, so that another may take its place.

use crate::report::check::{check_text, check_view};

/// Whether this is a check as [`check_text`] writes it.
#[must_use]
pub fn is_check_text(text: &str) -> bool {
    // A check of nothing has no command.
    let of_nothing = || text.lines().eq(check_text(&check_view(&[], 4, false)).lines());
    let ends = text.lines().last().is_some_and(|it| {
        it.strip_prefix("exit ").is_some_and(|it| it.bytes().all(|it| it.is_ascii_digit()))
    });
    ends && (text.lines().any(|it| it.starts_with("reproduce: blackstart check ")) || of_nothing())
}

/// Whether this is a check as [`check_json`](super::check_json) writes it, in any version.
#[must_use]
pub fn is_check_json(text: &str) -> bool {
    let Ok(view) = serde_json::from_str::<serde_json::Value>(text) else { return false };
    view["program"]["name"] == env!("CARGO_PKG_NAME")
        && view["format"].is_u64()
        && view["exit_code"].is_u64()
        && view["scenarios"].is_array()
}

/// Whether this is a check as [`markdown`](super::markdown) writes it.
#[must_use]
pub fn is_check_markdown(text: &str) -> bool {
    text.starts_with("### blackstart check: ")
}

/// Whether this is a check as [`junit`](super::junit) writes it.
#[must_use]
pub fn is_check_junit(text: &str) -> bool {
    let root = text.strip_prefix("<?xml ").and_then(|it| it.split_once("?>"));
    root.is_some_and(|it| it.1.trim_start().starts_with("<testsuites name=\"blackstart check\""))
}
