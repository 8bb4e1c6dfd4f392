//! What keeps the house in order: floors, banned words, sizes, orphans.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A module may use modules on lower floors, and to its left on its own floor.
const FLOORS: [(&[&str], u32); 8] = [
    (&["cli"], 7),
    (&["report"], 6),
    (&["verdict"], 5),
    (&["experiment"], 4),
    (&["trace", "engine"], 3),
    (&["scenario", "plan"], 2),
    (&["dist", "spec"], 1),
    (&["units", "ids", "rng", "stats", "diagnostics"], 0),
];

/// Floor and place on it; higher and further right may use lower and further left.
fn height(module: &str) -> Option<(u32, usize)> {
    FLOORS.iter().find_map(|(modules, floor)| {
        Some((*floor, modules.iter().position(|known| *known == module)?))
    })
}

/// On the lowest floor nobody stands above anybody.
fn may_use(module: &str, other: &str) -> bool {
    module == other || height(other) < height(module)
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below a folder, with its path from the top.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut open = vec![root().join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("a folder that can be read") {
            let path = entry.expect("an entry that can be read").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let text = fs::read_to_string(&path).expect("a source that can be read");
                let name = path.strip_prefix(root()).expect("below the top").to_owned();
                found.push((name.to_string_lossy().replace('\\', "/"), text));
            }
        }
    }
    found.sort();
    found
}

/// A text without its comments and the contents of its string literals; lines stay lines.
fn code(text: &str) -> String {
    let mut code = String::new();
    for line in text.lines() {
        let bare = line.split("//").next().unwrap_or_default();
        // Enough for this crate: what stands between the quotes of one line.
        for (index, part) in bare.split('"').enumerate() {
            if index % 2 == 0 {
                code.push_str(part);
            }
        }
        code.push('\n');
    }
    code
}

/// The modules that a text names behind `crate::`, grouped or not, each with its line.
fn uses(text: &str) -> Vec<(usize, String)> {
    let code = code(text);
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let line = 1 + code[..at].matches('\n').count();
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            found.extend(group_heads(group).into_iter().map(|(below, head)| (line + below, head)));
        } else {
            found.push((line, head(rest)));
        }
    }
    found
}

fn head(path: &str) -> String {
    path.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The first name of every path of a group, with how many lines below its start it stands.
fn group_heads(group: &str) -> Vec<(usize, String)> {
    let (mut depth, mut heads, mut due) = (0u32, Vec::new(), true);
    let mut line = 0;
    for (at, c) in group.char_indices() {
        match c {
            '\n' => line += 1,
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => due = true,
            c if due && !c.is_whitespace() => {
                heads.push((line, head(&group[at..])));
                due = false;
            }
            _ => {}
        }
    }
    heads
}

/// The module of a file: `src/engine/dispatch.rs` and `src/engine.rs` are `engine`.
fn module_of(path: &str) -> &str {
    let inside = path.strip_prefix("src/").unwrap_or(path);
    inside.split(['/', '.']).next().unwrap_or_default()
}

/// What a file uses from above it.
fn upward(path: &str, text: &str) -> Vec<String> {
    let own = module_of(path);
    if own == "lib" || own == "main" {
        return Vec::new();
    }
    let mut faults = Vec::new();
    for (line, other) in uses(text) {
        match height(&other) {
            None => faults.push(format!("{path}:{line}: `{other}` stands on no floor")),
            Some(_) if !may_use(own, &other) => {
                faults.push(format!("{path}:{line}: `{own}` may not use `{other}`"));
            }
            Some(_) => {}
        }
    }
    if height(own).is_none() {
        faults.push(format!("{path}:1: `{own}` stands on no floor"));
    }
    faults
}

#[test]
fn every_module_uses_only_what_lies_below_it() {
    let faults: Vec<String> =
        sources("src").iter().flat_map(|(path, text)| upward(path, text)).collect();
    assert_eq!(faults.join("\n"), "");
}

#[test]
fn a_planted_upward_import_is_caught() {
    let planted = "//! crate::cli in a comment\nuse crate::{\n    plan::{Plan, Step},\n    report::view,\n};\n\
                   fn f() { crate::cli::run(\"crate::verdict\") }\nuse crate::trace::Recorder;\n";
    assert_eq!(
        upward("src/engine/dispatch.rs", planted),
        [
            "src/engine/dispatch.rs:4: `engine` may not use `report`",
            "src/engine/dispatch.rs:6: `engine` may not use `cli`",
        ]
    );
    assert_eq!(
        upward("src/trace.rs", "use crate::engine::Engine;\nuse crate::util;\n"),
        [
            "src/trace.rs:1: `trace` may not use `engine`",
            "src/trace.rs:2: `util` stands on no floor"
        ]
    );
    assert_eq!(upward("src/ids.rs", "use crate::units::SimTime;").len(), 0);
    assert_eq!(upward("src/units.rs", "use crate::ids::Id;").len(), 1);
}

#[test]
fn nobody_imports_from_two_floors_up_by_super() {
    let faults: Vec<String> = sources("src")
        .into_iter()
        .filter(|(_, text)| code(text).contains("super::super"))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(faults.join("\n"), "");
}

/// Words that say nothing, or that mean something else here; see the rules of style.
const BANNED: [&str; 7] = ["manager", "helper", "util", "data", "info", "handle", "process"];
/// Good only behind a noun, or in front of nothing: `Context`, `Policy`.
const BANNED_ALONE: [&str; 2] = ["context", "policy"];

/// `DataLoss` is `data`, `loss`; `resolve_team` is `resolve`, `team`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in name.chars() {
        if c == '_' || c.is_uppercase() && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if c != '_' {
            words.last_mut().expect("there is a word").extend(c.to_lowercase());
        }
    }
    words
}

/// The names of types and modules that a text declares, each with its line.
fn declared(text: &str) -> Vec<(usize, String)> {
    let mut names = Vec::new();
    for (index, line) in code(text).lines().enumerate() {
        let mut before = "";
        for word in line.split(|c: char| !c.is_alphanumeric() && c != '_') {
            if ["struct", "enum", "trait", "mod", "type"].contains(&before) {
                names.push((index + 1, word.to_owned()));
            }
            before = word;
        }
    }
    names
}

fn is_banned(name: &str) -> bool {
    let words = words(name);
    // Data lost is what a recovery point is about, not a word for want of a better one.
    let lost_data = name == "DataLoss";
    words.iter().any(|word| BANNED.contains(&word.trim_end_matches('s'))) && !lost_data
        || words.len() == 1 && BANNED_ALONE.contains(&words[0].as_str()) && name != "policy"
}

#[test]
fn no_type_or_module_has_a_name_that_says_nothing() {
    let mut faults = Vec::new();
    for (path, text) in sources("src") {
        for (line, name) in declared(&text) {
            if is_banned(&name) {
                faults.push(format!("{path}:{line}: `{name}`"));
            }
        }
    }
    assert_eq!(faults.join("\n"), "");
    assert!(["JobManager", "StepInfo", "util", "Context", "Policy"].iter().all(|it| is_banned(it)));
    assert!(!is_banned("RecoveryPolicy") && !is_banned("Dispatcher"));
}

#[test]
fn no_file_is_longer_than_nine_hundred_lines() {
    let mut long = Vec::new();
    for (path, text) in sources("src").into_iter().chain(sources("tests")) {
        let lines = text.lines().count();
        if lines > 900 {
            long.push(format!("{path}: {lines} lines"));
        }
    }
    assert_eq!(long.join("\n"), "");
}

/// The files that a file's `mod name;` lines bring in.
fn reached(from: &Path, found: &mut BTreeSet<PathBuf>) {
    if !found.insert(from.to_owned()) {
        return;
    }
    let text = fs::read_to_string(from).expect("a source that can be read");
    let stem = from.file_stem().and_then(|it| it.to_str()).expect("a file has a name");
    let folder = from.parent().expect("a file lies in a folder");
    let folder = match stem {
        "mod" | "lib" | "main" => folder.to_owned(),
        own => folder.join(own),
    };
    for line in code(&text).lines() {
        let Some((_, rest)) = line.trim().split_once("mod ") else { continue };
        let Some(name) = rest.strip_suffix(';') else { continue };
        let flat = folder.join(format!("{name}.rs"));
        let deep = folder.join(name).join("mod.rs");
        reached(if flat.exists() { &flat } else { &deep }, found);
    }
}

#[test]
fn every_source_file_belongs_to_the_crate() {
    let mut found = BTreeSet::new();
    for top in ["src/lib.rs", "src/main.rs", "tests/it/main.rs"] {
        reached(&root().join(top), &mut found);
    }
    let orphans: Vec<String> = sources("src")
        .into_iter()
        .chain(sources("tests/it"))
        .map(|(path, _)| path)
        .filter(|path| !found.contains(&root().join(path)))
        .collect();
    assert_eq!(orphans.join("\n"), "");
}

#[test]
fn nothing_is_unwrapped_outside_of_tests() {
    let mut faults = Vec::new();
    // A file of this name is brought in for tests only.
    for (path, text) in sources("src").into_iter().filter(|it| !it.0.ends_with("/tests.rs")) {
        for (index, line) in code(&text).lines().enumerate() {
            if line.contains("cfg(test)") {
                break;
            }
            if line.contains(".unwrap()") {
                faults.push(format!("{path}:{}", index + 1));
            }
        }
    }
    assert_eq!(faults.join("\n"), "");
}

#[test]
fn no_test_is_switched_off() {
    let word = ["#[", "ignore"].concat();
    let off: Vec<String> = sources("tests")
        .into_iter()
        .chain(sources("src"))
        .filter(|(_, text)| text.contains(&word))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(off.join("\n"), "");
}
