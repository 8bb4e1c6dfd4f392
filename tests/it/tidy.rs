//! What keeps the house in order: floors, banned words, sizes, orphans.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A module may use modules on lower floors, and to its left on its own floor.
const FLOORS: [(&[&str], u32); 10] = [
    (&["cli"], 9),
    (&["folder"], 8),
    (&["report", "plot", "page"], 7),
    (&["verdict", "ask"], 6),
    (&["compare", "review", "audit"], 5),
    (&["experiment", "measure"], 4),
    (&["trace", "engine", "chain"], 3),
    (&["scenario", "plan"], 2),
    (&["dist", "spec"], 1),
    (&["units", "ids", "rng", "stats", "shown", "diagnostics"], 0),
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

/// What the auditor may use besides itself: what a scenario says, how numbers are drawn, and what he
/// is told. Nothing of how the program comes to what it says.
const OF_THE_AUDITOR: [&str; 7] = ["audit", "units", "ids", "dist", "rng", "scenario", "trace"];

/// What a file of the auditor uses that would make him agree with the program by himself.
fn prompted(path: &str, text: &str) -> Vec<String> {
    let fault =
        |line: usize, what: &str| format!("{path}:{line}: the auditor may not use `{what}`");
    let own = uses(text).into_iter().filter(|it| !OF_THE_AUDITOR.contains(&it.1.as_str()));
    let mut faults: Vec<String> = own.map(|(line, other)| fault(line, &other)).collect();
    for (line, import) in text.lines().enumerate() {
        let import = import.trim_start().trim_start_matches("pub ").strip_prefix("use ");
        let Some(import) = import else { continue };
        // What `mod.rs` hands on stands beside it.
        let beside = path.ends_with("/mod.rs") && !import.starts_with("super::");
        if !beside && !["crate::", "std::", "super::"].iter().any(|it| import.starts_with(it)) {
            faults.push(fault(line + 1, &head(import)));
        }
    }
    faults
}

#[test]
fn the_auditor_shares_nothing_with_what_he_audits() {
    let own = sources("src/audit");
    assert!(own.len() > 3);
    let faults: Vec<String> = own.iter().flat_map(|(path, text)| prompted(path, text)).collect();
    assert_eq!(faults.join("\n"), "");
}

#[test]
fn a_prompted_auditor_is_caught() {
    let text = "use crate::experiment::metrics;\nuse crate::{ids::Id, stats::{rank, mean_t}};\n\
                use rayon::prelude::*;\nfn f() { crate::engine::simulate() }\nuse std::fmt;\n";
    let faults = prompted("src/audit/a.rs", text);
    let named = |it: &String| it.rsplit('`').nth(1).map(str::to_owned);
    let mut found: Vec<String> = faults.iter().filter_map(named).collect();
    found.sort();
    assert_eq!(found, ["engine", "experiment", "rayon", "stats"]);
}

/// A file of a room, as modules see it: `src/report/check/text.rs` is `report`, `check`, `text`.
struct RoomFile {
    path: String,
    module: Vec<String>,
    /// Without comments, texts and tests.
    code: String,
}

impl RoomFile {
    fn of(path: &str, text: &str) -> Self {
        let inside = path.strip_prefix("src/").unwrap_or(path).trim_end_matches(".rs");
        let inside = inside.strip_suffix("/mod").unwrap_or(inside);
        let code = code(text);
        let tests = code.find("#[cfg(test)]\nmod tests {").unwrap_or(code.len());
        Self {
            path: path.to_owned(),
            module: inside.split('/').map(str::to_owned).collect(),
            code: code[..tests].to_owned(),
        }
    }

    /// The module in which it is declared, which is what `super` means in it.
    fn outer(&self) -> &[String] {
        &self.module[..self.module.len() - 1]
    }

    fn is_mod(&self) -> bool {
        self.path.ends_with("/mod.rs")
    }
}

/// A path that a file names, from the top of the crate, and by which name it is known there.
struct NamedPath {
    line: usize,
    path: Vec<String>,
    /// The last of it, or what it was renamed to.
    name: String,
    /// Whether it is handed on by `pub use`.
    is_handed_on: bool,
    /// Whether it stands in a `use`.
    is_import: bool,
}

/// Every path in a file that begins with `crate`, `super`, `self` or one of these modules in it.
fn named_paths(file: &RoomFile, children: &[String]) -> Vec<NamedPath> {
    let own = |name: &str| [file.module.as_slice(), &[name.to_owned()]].concat();
    let mut starts: Vec<(String, Vec<String>)> = vec![
        ("crate".to_owned(), Vec::new()),
        ("super".to_owned(), file.outer().to_vec()),
        ("self".to_owned(), file.module.clone()),
    ];
    starts.extend(children.iter().map(|it| (it.clone(), own(it))));
    let mut found = Vec::new();
    for (word, stands_for) in starts {
        for (at, _) in file.code.match_indices(&format!("{word}::")) {
            // It may be the end of another word, or the middle of a path.
            let before = &file.code[..at];
            if before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let statement = before.rsplit([';', '}']).next().unwrap_or_default();
            let is_import = statement.trim_end().ends_with(" use") || statement.trim() == "use";
            let is_handed_on = is_import && statement.contains("pub");
            let line = 1 + before.matches('\n').count();
            let mut tree = Vec::new();
            branches(&file.code[at + word.len() + 2..], &stands_for, &mut tree);
            found.extend(tree.into_iter().map(|(path, name)| NamedPath {
                line,
                path,
                name,
                is_handed_on,
                is_import,
            }));
        }
    }
    found
}

/// The paths of a tree such as `a::{b, c::d as e}` behind a prefix, each with its name; and how
/// many bytes it takes.
fn branches(text: &str, prefix: &[String], found: &mut Vec<(Vec<String>, String)>) -> usize {
    let blank = |at: usize| at + text[at..].len() - text[at..].trim_start().len();
    let (mut path, mut at) = (prefix.to_vec(), blank(0));
    loop {
        if text[at..].starts_with('{') {
            at = blank(at + 1);
            while !text[at..].is_empty() && !text[at..].starts_with('}') {
                at = blank(at + branches(&text[at..], &path, found).max(1));
                at = if text[at..].starts_with(',') { blank(at + 1) } else { at };
            }
            return (at + 1).min(text.len());
        }
        let word = if text[at..].starts_with('*') { "*".to_owned() } else { head(&text[at..]) };
        at += word.len();
        let name = word.clone();
        path.extend(Some(word).filter(|it| !it.is_empty() && it != "self"));
        if let Some(rest) = text[at..].strip_prefix("::") {
            at = text.len() - rest.len();
            continue;
        }
        let renamed = text[at..].trim_start().strip_prefix("as ").map(|it| (head(it), it));
        let (name, end) = match renamed {
            Some((new, rest)) => (new, text.len() - rest.len() + head(rest).len()),
            None if name == "self" => (path.last().cloned().unwrap_or_default(), at),
            None => (name, at),
        };
        found.push((path, name));
        return end;
    }
}

/// The files of rooms, with what each of them uses of its own room.
struct Rooms {
    files: Vec<RoomFile>,
    names: Vec<Vec<NamedPath>>,
}

impl Rooms {
    fn of(sources: &[(String, String)]) -> Self {
        let tops = ["src/lib.rs", "src/main.rs"];
        // A file of this name is brought in for tests only.
        let is_of_a_room = |path: &str| !tops.contains(&path) && !path.ends_with("/tests.rs");
        let sources = sources.iter().filter(|it| is_of_a_room(&it.0));
        let files: Vec<RoomFile> = sources.map(|(path, text)| RoomFile::of(path, text)).collect();
        let children = |of: &RoomFile| -> Vec<String> {
            let inside = files.iter().filter(|it| it.outer() == of.module);
            inside.filter_map(|it| it.module.last().cloned()).collect()
        };
        let names = files.iter().map(|it| named_paths(it, &children(it))).collect();
        Self { files, names }
    }

    /// The file in which what a path names is written, if it is in a room.
    fn file_of(&self, path: &[String], hops: u32) -> Option<usize> {
        let file = |module: &[String]| self.files.iter().position(|it| it.module == module);
        let longest = (1..=path.len()).rev().find_map(|it| Some((it, file(&path[..it])?)));
        let (length, place) = longest?;
        let Some(name) = path.get(length).filter(|_| hops > 0) else { return Some(place) };
        let imported = self.names[place].iter().find(|it| it.is_import && it.name == *name);
        let Some(imported) = imported.filter(|it| it.path != path) else { return Some(place) };
        let further = [imported.path.as_slice(), &path[length + 1..]].concat();
        self.file_of(&further, hops - 1).or(Some(place))
    }

    /// The files of its own room that a file uses. What it only hands on it does not use.
    fn used_by(&self, place: usize) -> BTreeSet<usize> {
        let room = &self.files[place].module[0];
        let names = self.names[place].iter().filter(|it| !it.is_handed_on);
        let used = names.filter_map(|it| self.file_of(&it.path, 5));
        used.filter(|it| *it != place && self.files[*it].module[0] == *room).collect()
    }

    /// The files that use one another, each directly or by way of the others.
    fn circles(&self) -> Vec<Vec<String>> {
        let used: Vec<BTreeSet<usize>> = (0..self.files.len()).map(|it| self.used_by(it)).collect();
        let reached: Vec<BTreeSet<usize>> = used
            .iter()
            .map(|first| {
                let mut reached = BTreeSet::new();
                let mut open: Vec<usize> = first.iter().copied().collect();
                while let Some(place) = open.pop() {
                    if reached.insert(place) {
                        open.extend(&used[place]);
                    }
                }
                reached
            })
            .collect();
        let circle = |place: usize| -> Vec<String> {
            let others = reached[place].iter().filter(|it| reached[**it].contains(&place));
            let others: BTreeSet<String> = others.map(|it| self.files[*it].path.clone()).collect();
            others.into_iter().collect()
        };
        let circles = (0..self.files.len()).map(circle).filter(|it| !it.is_empty());
        circles.collect::<BTreeSet<_>>().into_iter().collect()
    }
}

#[test]
fn no_files_of_a_room_use_each_other_in_a_circle() {
    assert_eq!(Rooms::of(&sources("src")).circles(), Vec::<Vec<String>>::new());
}

#[test]
fn a_planted_circle_is_caught() {
    let circles = |files: &[(&str, &str)]| {
        let files: Vec<(String, String)> =
            files.iter().map(|it| (it.0.to_owned(), it.1.to_owned())).collect();
        Rooms::of(&files).circles()
    };
    let (root, a, b) = ("src/r/mod.rs", "src/r/a.rs", "src/r/b.rs");
    let both = [[a.to_owned(), b.to_owned()]];
    let handed_on = "mod a;\nmod b;\npub use a::{A, make};\npub use self::b::B as C;\n";
    // By name, by `super`, through what `mod.rs` hands on, and in the middle of the code.
    for (in_a, in_b) in [
        ("use crate::r::b::B;", "use crate::{ids::Id, r::{a::{self, A}, c}};"),
        ("use super::b;", "fn f() -> super::a::A {}"),
        ("use crate::r::{\n    C,\n};", "use super::make;"),
        ("fn f() { crate::r::C::new() }", "fn f() { super::make() }"),
    ] {
        assert_eq!(circles(&[(root, handed_on), (a, in_a), (b, in_b)]), both, "{in_a} {in_b}");
        assert_eq!(circles(&[(root, handed_on), (a, in_a), (b, "")]).len(), 0);
    }
    let with_root = [[a.to_owned(), root.to_owned()]];
    for used in ["mod a;\nuse a::A;\n", "mod a;\nfn f() { a::f() }", "mod a;\nuse self::a::A;"] {
        assert_eq!(circles(&[(root, used), (a, "use super::R;")]), with_root, "{used}");
        assert_eq!(circles(&[(root, used), (a, "use crate::ids::Id;")]).len(), 0);
    }
    // Three in a row, of which one lies deeper.
    let deep = "src/r/d/e.rs";
    let three = [
        (a, "use crate::r::b::B;"),
        (b, "use crate::r::d::E;"),
        ("src/r/d/mod.rs", "mod e;\npub use e::E;"),
        (deep, "use crate::r::A;"),
        (root, "pub use a::A;"),
    ];
    assert_eq!(circles(&three), [[a, b, deep].map(str::to_owned)]);
    // What stands in comments, texts and tests is no use, nor is what is only handed on.
    let harmless = "// use super::a::A;\nfn f() { g(\"super::a\") }\n\
                    #[cfg(test)]\nmod tests {\n    use crate::r::a::A;\n}\n";
    assert_eq!(circles(&[(root, handed_on), (a, "use super::b::B;"), (b, harmless)]).len(), 0);
}

/// The most fields that all mechanisms of the engine may share.
const MOST_SHARED: usize = 12;

/// A struct with named fields: its name, and each field with its type, as they are written.
struct Fields {
    name: String,
    fields: Vec<(String, String)>,
}

/// The structs with named fields of a text.
fn structs_of(text: &str) -> Vec<Fields> {
    let code = code(text);
    let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let bodies = code.match_indices("struct ").filter_map(|(at, word)| {
        let rest = &code[at + word.len()..];
        let name = head(rest);
        let before_body = &rest[..rest.find('{')?];
        let body = &rest[before_body.len() + 1..];
        let body = &body[..body.find("\n}").filter(|_| !before_body.contains(['(', ';', '}']))?];
        let fields = body.lines().filter_map(|line| line.trim().split_once(": "));
        let fields =
            fields.map(|(name, of)| (name.to_owned(), of.trim_end_matches(',').to_owned()));
        Some(Fields { name, fields: fields.collect() })
    });
    bodies.collect()
}

/// What mechanisms of an engine reach that they should not: more shared fields than there may be, or
/// fields of each other. A mechanism is a folder; what it owns is a struct of the same name as the
/// type of a field of `Engine`.
fn reached_in_common(engine: &[(String, String)]) -> Vec<String> {
    let mut all = engine
        .iter()
        .flat_map(|(path, text)| structs_of(text).into_iter().map(move |it| (path.as_str(), it)));
    let is_engine = |it: &(&str, Fields)| it.1.name == "Engine";
    let Some((_, shared)) = all.find(is_engine) else { return vec!["no engine".to_owned()] };
    let own: Vec<(&str, Fields)> = engine
        .iter()
        .filter(|(path, _)| path.ends_with("/mod.rs"))
        .flat_map(|(path, text)| structs_of(text).into_iter().map(move |it| (path.as_str(), it)))
        .filter(|(_, it)| shared.fields.iter().any(|(_, of)| *of == it.name))
        .collect();
    let common = shared.fields.iter().filter(|(_, of)| own.iter().all(|(_, it)| it.name != *of));
    let common: Vec<&str> = common.map(|(name, _)| name.as_str()).collect();
    let visible = own.iter().flat_map(|(path, it)| {
        let visible = it.fields.iter().filter(|(name, _)| name.starts_with("pub"));
        visible.map(move |(name, _)| format!("{path}: `{name}` of `{}` is not private", it.name))
    });
    let mut faults: Vec<String> = visible.collect();
    if common.len() > MOST_SHARED {
        faults.push(format!("{} fields are shared: {}", common.len(), common.join(", ")));
    }
    faults
}

#[test]
fn a_mechanism_of_the_engine_reaches_at_most_twelve_shared_fields() {
    let all = sources("src");
    let engine: Vec<(String, String)> =
        all.into_iter().filter(|(path, _)| path.starts_with("src/engine/")).collect();
    assert_eq!(reached_in_common(&engine).join("\n"), "");
    // What is read is there: loads are owned, tasks are shared.
    let owned: Vec<String> = engine
        .iter()
        .filter(|(path, _)| path == "src/engine/loads/mod.rs")
        .flat_map(|(_, text)| structs_of(text))
        .map(|it| it.name)
        .collect();
    assert!(owned.contains(&"Loads".to_owned()), "{owned:?}");
}

#[test]
fn a_planted_reach_into_a_mechanism_is_caught() {
    let faults = |fields: &str, loads: &str| {
        let engine = format!("pub(crate) struct Engine<'p> {{\n    plan: &'p Plan,\n{fields}}}\n");
        let files =
            [("src/engine/replication.rs", engine.as_str()), ("src/engine/loads/mod.rs", loads)];
        let files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
        reached_in_common(&files)
    };
    let field = |number: usize| format!("    pub(super) field_{number}: Vec<u32>,\n");
    let loads = "pub(super) struct Loads {\n    /// All.\n    list: Vec<Load>,\n}\n";
    let owned = "    pub(super) loads: Loads,\n";
    let eleven: String = (0..MOST_SHARED - 1).map(field).collect();
    assert_eq!(faults(&format!("{eleven}{owned}"), loads), [""; 0]);
    // Without a struct of its own the thirteenth field is one that all share.
    assert_eq!(faults(&format!("{eleven}{owned}"), "").len(), 1);
    assert_eq!(faults(&format!("{eleven}{}", field(99)), loads).len(), 1);
    for visible in ["pub ", "pub(super) ", "pub(crate) "] {
        let open = loads.replace("    list", &format!("    {visible}list"));
        assert_eq!(faults(owned, &open).len(), 1, "{open}");
    }
}

/// The rooms that have more than so many of a hundred lines of the house, each with its share.
fn larger_than(most: f64, sources: &[(String, String)]) -> Vec<String> {
    let mut rooms: BTreeMap<&str, usize> = BTreeMap::new();
    for (path, text) in sources {
        *rooms.entry(module_of(path)).or_default() += text.lines().count();
    }
    let all: usize = rooms.values().sum();
    let shares = rooms.into_iter().map(|(room, lines)| (room, lines as f64 / all as f64 * 100.0));
    let large = shares.filter(|(_, share)| *share > most);
    large.map(|(room, share)| format!("`{room}` has {share:.1} of 100 lines")).collect()
}

#[test]
fn no_room_has_more_than_eighteen_of_a_hundred_lines() {
    assert_eq!(larger_than(18.0, &sources("src")), Vec::<String>::new());
    let planted = [("src/a.rs", "1\n2\n3\n4\n"), ("src/b/mod.rs", "1\n")];
    let planted = planted.map(|(path, text)| (path.to_owned(), text.to_owned()));
    assert_eq!(
        larger_than(18.0, &planted),
        ["`a` has 80.0 of 100 lines", "`b` has 20.0 of 100 lines"]
    );
    assert_eq!(larger_than(50.0, &planted), ["`a` has 80.0 of 100 lines"]);
}

/// The functions that call a parameter by a pronoun.
fn pronouns(path: &str, text: &str) -> Vec<String> {
    let code = code(text);
    let found = code.match_indices("fn ").filter_map(|(at, _)| {
        let name = head(&code[at + 3..]);
        let signature = code[at..].split(['{', ';']).next().unwrap_or_default();
        let is_pronoun = ["(it:", " it:", "(mut it:"].iter().any(|it| signature.contains(it));
        is_pronoun.then(|| format!("{path}: `{name}` calls a parameter `it`"))
    });
    found.collect()
}

#[test]
fn no_parameter_is_a_pronoun() {
    let all = sources("src");
    let faults: Vec<String> = all.iter().flat_map(|(path, text)| pronouns(path, text)).collect();
    assert_eq!(faults.join("\n"), "");
    let planted =
        "fn f(a: u8, it: u8) {}\nfn g(\n    it: u8,\n) {}\nfn h(a: u8) { k(|it: u8| it) }\n";
    assert_eq!(
        pronouns("a.rs", planted),
        ["a.rs: `f` calls a parameter `it`", "a.rs: `g` calls a parameter `it`"]
    );
}

/// The lines on which a file reaches past its own folder by `super`.
fn reaching_out(path: &str, text: &str) -> Vec<String> {
    let file = RoomFile::of(path, text);
    let fault = |line: usize| format!("{path}:{line}: write `crate::` instead of `super::`");
    let twice = code(text);
    let twice = twice.match_indices("super::super").map(|it| it.0);
    let twice = twice.map(|at| fault(1 + code(text)[..at].matches('\n').count()));
    // Of a `mod.rs`, what is above lies outside of its folder.
    let above = named_paths(&file, &[]).into_iter();
    let above = above.filter(|it| {
        let line = file.code.lines().nth(it.line - 1).unwrap_or_default();
        file.is_mod() && line.contains("super::")
    });
    twice.chain(above.map(|it| fault(it.line))).collect::<BTreeSet<_>>().into_iter().collect()
}

#[test]
fn nobody_reaches_out_of_a_folder_by_super() {
    let all = sources("src");
    let faults: Vec<String> =
        all.iter().flat_map(|(path, text)| reaching_out(path, text)).collect();
    assert_eq!(faults.join("\n"), "");
}

#[test]
fn a_planted_super_is_caught() {
    let lines = |path: &str, text: &str| reaching_out(path, text).len();
    assert_eq!(lines("src/r/a.rs", "use super::b::B;\nfn f(x: super::C) {}"), 0);
    assert_eq!(lines("src/r/d/e.rs", "pub(super) fn f() {}\nuse super::g;"), 0);
    assert_eq!(lines("src/r/a.rs", "use super::super::ids::Id;"), 1);
    assert_eq!(lines("src/r/d/mod.rs", "mod e;\nuse super::b;\nfn f() -> super::C {}"), 2);
    let tests = "#[cfg(test)]\nmod tests {\n    use super::*;\n    fn f() { super::g() }\n}\n";
    assert_eq!(lines("src/r/d/mod.rs", tests), 0);
    assert_eq!(lines("src/r/d/mod.rs", &tests.replace("super::g", "super::super::g")), 1);
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

/// Gates, parts of limits and packed demands are how the engine counts; others ask the plan for
/// people and units.
#[test]
fn nobody_but_plan_and_engine_unpacks_what_tasks_need() {
    let packed = ["first_gate", "first_part", ".demands", "fn demand("];
    let reads = |(path, text): &(String, String)| {
        let inside = path.starts_with("src/plan/") || path.starts_with("src/engine/");
        let scenario = path.starts_with("src/scenario/");
        let text = code(text);
        let found = packed.iter().find(|it| text.contains(**it));
        found.filter(|_| !inside && !scenario).map(|it| format!("{path}: {it}"))
    };
    let faults: Vec<String> = sources("src").iter().filter_map(reads).collect();
    assert_eq!(faults.join("\n"), "");
}

/// The files and folders of `src` that a text names between backticks.
fn named_places(text: &str) -> Vec<&str> {
    let quoted = text.split('`').skip(1).step_by(2);
    let is_place = |it: &&str| {
        let letters = it.chars().all(|c| c.is_ascii_lowercase() || "_/.".contains(c));
        letters && it.contains('/') && !it.starts_with("tests/") && !it.starts_with("scenarios/")
    };
    quoted.filter(is_place).collect()
}

#[test]
fn the_map_names_what_is_there() {
    let map = fs::read_to_string(root().join("src/lib.rs")).expect("the map");
    let places = named_places(&map);
    assert!(places.len() > 50, "{places:?}");
    let gone: Vec<&&str> =
        places.iter().filter(|it| !root().join("src").join(it).exists()).collect();
    assert_eq!(gone, Vec::<&&str>::new());
}
