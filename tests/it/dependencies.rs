//! What the program is built from: every package stands on a page that says under which licence it
//! comes, what it does here, and what it would cost to leave it.
//!
//! Whether a licence is the one that the author states is not checked: that takes the sources of
//! all packages, those for other systems too.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use toml::{Table, Value};

use crate::support::read;

const PAGE: &str = "tests/dependencies.md";

/// Licences that ask for nothing but to be told of. Read one before it comes in here.
const PERMISSIVE: [&str; 9] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// A crate that the manifest names, as the page has it.
struct Row {
    name: String,
    /// When it is needed; empty where that is always.
    mark: String,
    /// All cells, that of the crate first.
    cells: Vec<String>,
}

fn rows(page: &str) -> Vec<Row> {
    let lines = page.lines().filter(|line| line.starts_with("| `"));
    let row = |line: &str| {
        let inside = line.trim_matches('|');
        let cells: Vec<String> = inside.split('|').map(|it| it.trim().to_owned()).collect();
        let mut quoted = cells[0].split('`').skip(1);
        let name = quoted.next().unwrap_or_default().to_owned();
        let mark = quoted.next().unwrap_or_default().trim();
        let mark = mark.trim_start_matches('(').trim_end_matches(')').to_owned();
        Row { name, mark, cells }
    };
    lines.map(row).collect()
}

/// The packages that others bring, by the licence under which the page lists them.
fn others(page: &str) -> Vec<(&str, Vec<&str>)> {
    let lists = page.lines().filter_map(|line| line.strip_prefix("- ")?.split_once(": "));
    lists.map(|(licence, names)| (licence, names.split(", ").collect())).collect()
}

/// A crate that the manifest names.
struct Named {
    package: String,
    /// As the page marks it.
    mark: String,
}

/// The crates that the manifest names, by their names there. One that is named twice is marked by
/// the first of these kinds.
fn named_in_manifest() -> BTreeMap<String, Named> {
    let manifest: Table = read("Cargo.toml").parse().expect("the manifest is TOML");
    let targets = manifest.get("target").and_then(Value::as_table).into_iter().flatten();
    let targets = targets.filter_map(|(target, it)| Some((target.as_str(), it.as_table()?)));
    let tables: Vec<(&str, &Table)> = std::iter::once(("", &manifest)).chain(targets).collect();
    let mut found = BTreeMap::new();
    for kind in ["dependencies", "build-dependencies", "dev-dependencies"] {
        for (target, table) in &tables {
            let listed = table.get(kind).and_then(Value::as_table).into_iter().flatten();
            for (name, wish) in listed {
                let is_optional = wish.get("optional").and_then(Value::as_bool) == Some(true);
                let mark = match kind {
                    _ if is_optional => "optional",
                    "dependencies" => target.trim_start_matches("cfg(").trim_end_matches(')'),
                    kind => kind.trim_end_matches("-dependencies"),
                };
                let package = wish.get("package").and_then(Value::as_str).unwrap_or(name);
                let named = Named { package: package.to_owned(), mark: mark.to_owned() };
                found.entry(name.clone()).or_insert(named);
            }
        }
    }
    found
}

/// The packages of the lock file that come from elsewhere.
fn locked() -> BTreeSet<String> {
    let lock: Table = read("Cargo.lock").parse().expect("the lock file is TOML");
    let packages = lock.get("package").and_then(Value::as_array).expect("it lists packages");
    let foreign = packages.iter().filter(|it| it.get("source").is_some());
    let names = foreign.filter_map(|it| it.get("name").and_then(Value::as_str));
    names.map(str::to_owned).collect()
}

#[test]
fn the_page_has_every_package_of_the_lock_file_and_no_other() {
    let (page, named, locked) = (read(PAGE), named_in_manifest(), locked());
    let package = |row: Row| match named.get(&row.name) {
        Some(named) => named.package.clone(),
        None => row.name,
    };
    let of_rows: BTreeSet<String> = rows(&page).into_iter().map(package).collect();
    let mut told = of_rows.clone();
    for (licence, names) in others(&page) {
        assert!(names.is_sorted(), "{PAGE}: put the list of {licence} in order");
        for name in names {
            assert!(told.insert(name.to_owned()), "{PAGE} has `{name}` twice: leave one out");
        }
    }
    let missing: Vec<&String> = locked.difference(&told).collect();
    assert!(
        missing.is_empty(),
        "{missing:?}: put each on {PAGE}, in the list of the licence that `cargo metadata` prints, \
         or into the table if the manifest names it"
    );
    let gone: Vec<&String> = told.difference(&locked).collect();
    assert!(gone.is_empty(), "{gone:?}: not in Cargo.lock any more; take each off {PAGE}");
}

#[test]
fn every_crate_of_the_manifest_has_a_row_with_nothing_left_out_and_no_other_has_one() {
    let (rows, mut named) = (rows(&read(PAGE)), named_in_manifest());
    assert!(rows.len() > 20, "the table of {PAGE} is not read as it is written");
    for Row { name, mark, cells } in rows {
        let Some(known) = named.remove(&name) else {
            panic!("{PAGE}: `{name}` has a row too many, or is not in Cargo.toml: take the row off")
        };
        assert_eq!(mark, known.mark, "{PAGE}: mark `{name}` as Cargo.toml has it, in brackets");
        assert!(
            cells.len() == 4 && cells.iter().all(|it| !it.is_empty()),
            "{PAGE}: fill in the four cells of `{name}`, without a `|` in them"
        );
    }
    let missing: Vec<&String> = named.keys().collect();
    assert!(
        missing.is_empty(),
        "{missing:?}: add a row to {PAGE} that says under which licence it comes, what it does \
         here, and what it would cost to leave it"
    );
}

/// Whether a licence leaves a choice under which all terms are permissive. `OR` binds less than
/// `AND`, and what stands behind `WITH` permits more.
fn is_permissive(licence: &str) -> bool {
    let either = outside_of_brackets(licence, " OR ");
    if either.len() > 1 {
        return either.into_iter().any(is_permissive);
    }
    let all = outside_of_brackets(licence, " AND ");
    if all.len() > 1 {
        return all.into_iter().all(is_permissive);
    }
    match licence.strip_prefix('(').and_then(|it| it.strip_suffix(')')) {
        Some(inside) => is_permissive(inside),
        None => licence.split(" WITH ").next().is_some_and(|it| PERMISSIVE.contains(&it)),
    }
}

/// What stands between a word, wherever that stands in no brackets.
fn outside_of_brackets<'a>(text: &'a str, word: &str) -> Vec<&'a str> {
    let (mut parts, mut start) = (Vec::new(), 0);
    for (at, _) in text.match_indices(word) {
        let before = &text[..at];
        if before.matches('(').count() == before.matches(')').count() {
            parts.push(&text[start..at]);
            start = at + word.len();
        }
    }
    parts.push(&text[start..]);
    parts
}

#[test]
fn every_licence_leaves_a_choice_that_asks_for_nothing_but_to_be_told_of() {
    let page = read(PAGE);
    let of_rows = rows(&page).into_iter().filter_map(|row| row.cells.get(1).cloned());
    let of_others = others(&page).into_iter().map(|it| it.0.to_owned());
    let licences: BTreeSet<String> = of_rows.chain(of_others).collect();
    let refused: Vec<&String> = licences.iter().filter(|it| !is_permissive(it)).collect();
    assert!(
        refused.is_empty(),
        "{refused:?}: leave the package, or read the licence and, if it asks for nothing but to be \
         told of, add it to the list in this file"
    );
}

#[test]
fn a_licence_is_read_as_the_choice_that_it_leaves() {
    let permissive = [
        "MIT",
        "MIT OR LGPL-2.1-or-later",
        "(MIT OR GPL-3.0-only) AND Unicode-3.0",
        "GPL-3.0-only OR MIT AND Zlib",
        "Apache-2.0 WITH LLVM-exception",
    ];
    for licence in permissive {
        assert!(is_permissive(licence), "{licence}");
    }
    let others = [
        "",
        "GPL-3.0-only",
        "MIT AND GPL-3.0-only",
        "(MIT OR Zlib) AND (GPL-3.0-only OR MPL-2.0)",
        "MIT AND GPL-3.0-only OR MPL-2.0",
        "GPL-2.0-only WITH Classpath-exception-2.0",
    ];
    for licence in others {
        assert!(!is_permissive(licence), "{licence}");
    }
}

#[test]
fn every_file_that_the_page_of_packages_names_is_there() {
    let page = read(PAGE);
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let quoted = page.split('`').skip(1).step_by(2);
    let paths = quoted.filter(|it| it.starts_with("src/") || it.starts_with("tests/"));
    let gone: Vec<&str> = paths.filter(|it| !top.join(it).exists()).collect();
    assert!(gone.is_empty(), "{gone:?}: moved or gone; mend {PAGE}");
}
