//! Commands as they are shown, to be copied as they stand.

use std::path::{Component, Path, PathBuf};

use crate::experiment::Design;

use crate::shown::Shown;

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
    for it in &overrides.limit {
        words.push(format!("--limit {it}"));
    }
    if overrides.allow_outside {
        words.push("--allow-outside".to_owned());
    }
    words
}

/// The path with slashes, the same however it was typed: from the folder in which the program was
/// started, or from the root where the two have nothing else in common.
pub(super) fn portable(path: &Path) -> String {
    let path = from_here(path).unwrap_or_else(|| path.components().collect());
    Shown(path.to_string_lossy().replace('\\', "/")).to_string()
}

/// The way to something from the folder in which the program was started, if the folder of that is
/// there. What is no file, such as a pipe, has the name under which it was opened.
fn from_here(path: &Path) -> Option<PathBuf> {
    if path.exists() && !path.is_file() && !path.is_dir() {
        return None;
    }
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok()?;
    let here = std::env::current_dir().ok()?.canonicalize().ok()?;
    let file = folder.join(path.file_name()?);
    let shared = here.ancestors().find(|it| file.starts_with(it))?;
    if shared.parent().is_none() {
        return Some(file);
    }
    let up = here.strip_prefix(shared).ok()?.components().map(|_| Component::ParentDir);
    let down = file.strip_prefix(shared).ok()?;
    Some(up.chain(down.components()).collect())
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
