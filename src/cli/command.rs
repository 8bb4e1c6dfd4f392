//! Commands as they are shown, to be copied as they stand.

use std::path::{Path, PathBuf};

use crate::experiment::Design;

use super::args::Overrides;

/// The command that makes the same results again, wherever and on however many threads.
pub(super) fn reproduce(
    verb: &str,
    scenario: &Path,
    strategies: &[String],
    overrides: &Overrides,
    design: &Design,
) -> String {
    let mut words = opening(verb, scenario, overrides);
    for (place, name) in strategies.iter().enumerate() {
        words.insert(3 + place, format!("--strategy {}", quoted(name)));
    }
    words.push(format!("--seed {}", design.seed));
    words.push(format!("--replications {}", design.replications));
    words.join(" ")
}

/// The words of a command about a scenario: program, verb, file and overrides.
pub(super) fn opening(verb: &str, scenario: &Path, overrides: &Overrides) -> Vec<String> {
    let mut words = vec!["blackstart".to_owned(), verb.to_owned()];
    words.push(quoted(&portable(scenario)));
    for it in &overrides.set {
        words.push(format!("--set {}", quoted(&it.to_string())));
    }
    if overrides.allow_outside {
        words.push("--allow-outside".to_owned());
    }
    words
}

/// The path with slashes, so that the same command is printed everywhere.
pub(super) fn portable(path: &Path) -> String {
    let parts: PathBuf = path.components().collect();
    parts.to_string_lossy().replace('\\', "/")
}

/// A word as a shell takes it.
pub(super) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
