//! By what a text is known as a check that was written before, or as what `validate` found, so that
//! another may take its place.

use crate::report::faults::is_validation_text;
use crate::report::forms::sarif::is_sarif;

/// Whether this is a check as [`check_text`](super::check_text) writes it, or what `validate` says.
#[must_use]
pub fn is_check_text(text: &str) -> bool {
    let ends = text.lines().last().is_some_and(|line| {
        line.strip_prefix("exit ").is_some_and(|code| code.bytes().all(|it| it.is_ascii_digit()))
    });
    let nothing =
        |it: &str| it == "No budget was checked." || it.ends_with("; nothing was checked.");
    let of_nothing = || text.lines().next().is_some_and(nothing);
    let told = || text.lines().any(|it| it.starts_with("reproduce: blackstart check "));
    (ends && (told() || of_nothing())) || is_validation_text(text)
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
    text.starts_with("### blackstart check: ") || text.starts_with("### blackstart validate: ")
}

/// Whether this is a check as [`junit`](super::junit) writes it.
#[must_use]
pub fn is_check_junit(text: &str) -> bool {
    let root = text.strip_prefix("<?xml ").and_then(|it| it.split_once("?>"));
    let root = root.and_then(|it| it.1.trim_start().strip_prefix("<testsuites name=\"blackstart "));
    root.is_some_and(|it| it.starts_with("check\"") || it.starts_with("validate\""))
}

/// Whether this is SARIF of this program.
#[must_use]
pub fn is_check_sarif(text: &str) -> bool {
    is_sarif(text)
}
