//! The pages that people read: what they show is what the program does.

mod keys;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use blackstart::scenario::{Checked, check};
use serde_json::Value;

use crate::support::{blackstart_in, but_unused, files_in, fresh_folder, names_in, read, words};

/// What users meet first.
const FIRST: &str = "README.md";
const LANGUAGE: &str = "scenarios/README.md";
const REPORTS: &str = "reports/README.md";
const REFERENCE: &str = "reports/atlassian-2022.md";
const PAGES: [&str; 5] = [FIRST, LANGUAGE, REPORTS, REFERENCE, "tests/README.md"];

/// A block of code: its kind, where it begins, and its text.
struct Block {
    kind: String,
    place: String,
    text: String,
}

/// The blocks of a page. Inside a list they are indented.
fn blocks_of(page: &str) -> Vec<Block> {
    let (mut blocks, mut open): (Vec<Block>, Option<Block>) = (Vec::new(), None);
    for (index, line) in read(page).lines().enumerate() {
        match (line.trim_start().strip_prefix("```"), open.take()) {
            (Some(kind), None) => {
                let (kind, place) = (kind.to_owned(), format!("{page}:{}", index + 1));
                open = Some(Block { kind, place, text: String::new() });
            }
            (Some(_), Some(block)) => blocks.push(block),
            (None, Some(mut block)) => {
                block.text += line;
                block.text.push('\n');
                open = Some(block);
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block of {page} has no end");
    blocks
}

fn blocks() -> Vec<Block> {
    PAGES.into_iter().flat_map(blocks_of).collect()
}

fn of_kind(kind: &str) -> Vec<Block> {
    blocks().into_iter().filter(|it| it.kind == kind).collect()
}

/// A page without its blocks.
fn prose_of(page: &str) -> String {
    let text = read(page);
    let outside = text.split("```").step_by(2);
    outside.collect()
}

#[test]
fn the_readme_is_at_most_25_kb() {
    let bytes = read(FIRST).len();
    assert!(bytes <= 25_600, "{bytes} bytes: what few need stands on another page");
}

#[test]
fn every_block_is_of_a_kind_that_is_checked() {
    for block in blocks() {
        let kinds = ["toml", "toml fragment", "console", "text", "rust", "sh", "yaml", "yml"];
        assert!(kinds.contains(&block.kind.as_str()), "{}: `{}`", block.place, block.kind);
    }
}

#[track_caller]
fn assert_valid(block: &Block, checked: &Checked) {
    let faults = checked.diagnostics.render(&checked.sources, false);
    // A fragment shows a thing, and not always who uses it.
    let faults = if block.kind == "toml" { faults } else { but_unused(&faults) };
    assert_eq!(faults, "", "{}", block.place);
}

#[test]
fn every_scenario_is_valid() {
    let scenarios = of_kind("toml");
    assert!(!scenarios.is_empty());
    for block in scenarios {
        assert_valid(&block, &check("page", "page.toml", &block.text, &[]));
    }
}

/// Lays one table over another; lists are replaced.
fn lay(over: toml::Table, under: &mut toml::Table) {
    for (key, value) in over {
        match (value, under.get_mut(&key)) {
            (toml::Value::Table(over), Some(toml::Value::Table(under))) => lay(over, under),
            (value, _) => {
                under.insert(key, value);
            }
        }
    }
}

#[test]
fn every_fragment_is_valid_in_the_first_scenario() {
    let whole = of_kind("toml").swap_remove(0);
    let fragments = of_kind("toml fragment");
    assert!(fragments.len() >= 5);
    for block in fragments {
        let mut table: toml::Table = whole.text.parse().expect("a scenario is TOML");
        let fragment = block.text.parse();
        lay(fragment.unwrap_or_else(|it| panic!("{}: {it}", block.place)), &mut table);
        let text = toml::to_string(&table).expect("a table can be written");
        assert_valid(&block, &check("page", "page.toml", &text, &[]));
    }
}

/// Files that are shown whole.
const SHOWN: [&str; 3] = [
    "tests/cluster/slurm/array.sbatch",
    "tests/cluster/slurm/merge.sbatch",
    "tests/cluster/kubernetes/slices.yaml",
];

#[test]
fn every_file_that_is_shown_is_shown_as_it_is() {
    let shown: Vec<Block> = [of_kind("sh"), of_kind("yaml")].into_iter().flatten().collect();
    assert_eq!(shown.len(), SHOWN.len());
    for block in shown {
        assert!(SHOWN.iter().any(|it| read(it) == block.text), "{}", block.place);
    }
}

/// The scenarios of the project in a folder of its own, where commands may write.
fn workplace(name: &str) -> std::path::PathBuf {
    let folder = fresh_folder(name);
    for (name, bytes) in files_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")) {
        let file = folder.join("scenarios").join(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a new folder");
        fs::write(file, bytes).expect("a file can be written");
    }
    folder
}

fn run(folder: &Path, line: &str, command: &[String]) {
    let mut command: Vec<&str> = command.iter().map(String::as_str).collect();
    if command.contains(&"scenarios/atlassian-2022.toml") && command[0] == "run" {
        command.extend(["--replications", "1"]);
    }
    let ran = blackstart_in(folder, &command);
    assert_eq!(ran.code, 0, "{line}\n{}", ran.stderr);
}

/// Whether a command of the tools is about something that is there: a test, a bench, a module of
/// tests, a script.
fn is_about_what_is_there(command: &[&str]) -> bool {
    let manifest = read("Cargo.toml");
    let is_target = |it: &str| manifest.contains(&format!("]]\nname = \"{it}\"\n"));
    match command {
        ["cargo", "test" | "bench", rest @ ..] => {
            let own = rest.split(|it| *it == "--").next().unwrap_or_default();
            let targets = own.windows(2).filter(|it| ["--test", "--bench"].contains(&it[0]));
            let mut modules = own.iter().filter_map(|it| it.strip_suffix("::"));
            let top = Path::new(env!("CARGO_MANIFEST_DIR"));
            let sources = ["src", "tests/it"].map(|it| names_in(&top.join(it))).concat();
            let is_module = |name: &str| {
                let ends = [format!("/{name}.rs"), format!("/{name}/mod.rs")];
                sources.iter().any(|path| ends.iter().any(|end| format!("/{path}").ends_with(end)))
            };
            targets.map(|pair| pair[1]).all(is_target) && modules.all(is_module)
        }
        ["cargo", "install", "--path", "."] | ["cargo", "doc", "--no-deps", "--open"] => true,
        [script, ..] => {
            script.contains('/') && Path::new(env!("CARGO_MANIFEST_DIR")).join(script).exists()
        }
        [] => false,
    }
}

/// Runs what a page shows, in its order. What builds or tests the program itself is not run.
fn run_what_is_shown(page: &str) -> usize {
    let folder = workplace(&format!("page-{}", page.replace('/', "-")));
    let mut runs_of_the_program = 0;
    for block in blocks_of(page).into_iter().filter(|it| it.kind == "console") {
        for line in block.text.lines().filter_map(|it| it.strip_prefix("$ ")) {
            let line = line.split(" #").next().unwrap_or(line).trim();
            // Where the output goes is for the shell.
            let line = line.split(" > ").next().unwrap_or(line);
            let words = words(line);
            let plain: Vec<&str> = words.iter().map(String::as_str).collect();
            let variables = plain.iter().take_while(|it| it.contains('=')).count();
            let plain = &plain[variables..];
            match plain {
                ["cargo", "run", "--release", "--", ..] => run(&folder, line, &words[4..]),
                ["blackstart", ..] => run(&folder, line, &words[1..]),
                _ if is_about_what_is_there(plain) => continue,
                _ => panic!("{}: who checks `{line}`?", block.place),
            }
            runs_of_the_program += 1;
        }
    }
    runs_of_the_program
}

#[test]
fn every_command_of_the_readme_runs() {
    assert!(run_what_is_shown(FIRST) >= 15);
}

#[test]
fn every_command_beside_the_reports_runs() {
    assert!(run_what_is_shown(REPORTS) >= 10);
}

#[test]
fn every_command_of_the_other_pages_runs() {
    let shown: Vec<usize> = PAGES
        .iter()
        .filter(|it| ![FIRST, REPORTS].contains(it))
        .map(|it| run_what_is_shown(it))
        .collect();
    assert!(shown.iter().sum::<usize>() >= 3, "{shown:?}");
}

#[test]
fn the_excerpt_of_a_check_is_what_it_prints() {
    let printed = blackstart_in(&workplace("readme-check"), &["check", "scenarios/budgets.toml"]);
    let blocks = of_kind("text");
    let excerpt = blocks.iter().find(|it| it.text.contains("budget  ")).expect("an excerpt");
    for line in excerpt.text.lines() {
        assert!(printed.stdout.lines().any(|it| it == line), "{}: {line}", excerpt.place);
    }
}

#[test]
fn the_excerpt_of_a_comparison_is_what_it_prints() {
    let folder = workplace("readme-baseline");
    let check = ["check", "scenarios/budgets.toml"];
    let accepted = [&check[..], &["--accept-baseline", "budgets.json"]].concat();
    assert_eq!(blackstart_in(&folder, &accepted).code, 0);
    let fewer = ["--set", "strategies.three-people.teams.database=2", "--baseline", "budgets.json"];
    let printed = blackstart_in(&folder, &[&check[..], &fewer].concat());
    let blocks = of_kind("text");
    let excerpt = blocks.iter().find(|it| it.text.contains("\ninput   ")).expect("an excerpt");
    for line in excerpt.text.lines() {
        assert!(printed.stdout.lines().any(|it| it == line), "{}: {line}", excerpt.place);
    }
}

#[test]
fn the_ten_minutes_lead_from_nothing_to_a_judged_comparison() {
    let folder = fresh_folder("readme-minutes");
    let readme = read("README.md");
    let (_, section) = readme.split_once("\n## Ten minutes\n").expect("a section");
    let section = section.split("\n## ").next().expect("a text has a beginning");
    let said = |verb: &str| {
        let mut lines = section.lines().filter_map(|it| it.strip_prefix("$ blackstart "));
        let line = lines.find(|it| it.starts_with(verb)).expect("the verb is shown").to_owned();
        let words = words(&line);
        let ran = blackstart_in(&folder, &words.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(ran.code, 0, "{line}\n{}", ran.stderr);
        ran
    };
    let mut printed: Vec<String> = Vec::new();
    for verb in ["init", "validate", "run", "compare", "check"] {
        printed.extend(said(verb).stdout.lines().map(str::to_owned));
    }
    let blocks = section.split("```text\n").skip(1);
    let shown: Vec<&str> = blocks.filter_map(|it| it.split("```").next()).collect();
    assert_eq!(shown.len(), 3);
    for line in shown.iter().flat_map(|it| it.lines()) {
        assert!(printed.iter().any(|it| it == line), "{line}");
    }
    // Whoever takes what is usual gets the same.
    let usual = blackstart_in(&folder, &["init", "-"]).stdout;
    let asked = fs::read_to_string(folder.join("my-estate.toml")).expect("it was written");
    assert_eq!(asked, usual);
}

#[test]
fn every_command_of_a_build_runs() {
    let folder = workplace("readme-builds");
    let accepted = ["check", "scenarios/budgets.toml", "--accept-baseline", "budgets.json"];
    assert_eq!(blackstart_in(&folder, &accepted).code, 0);
    let mut commands = 0;
    for block in of_kind("yml") {
        for line in block.text.lines().map(|it| it.trim().trim_start_matches("- ")) {
            let command = ["run: ", "entry: "].iter().find_map(|it| line.strip_prefix(it));
            let Some(command) = command.filter(|it| it.starts_with("blackstart ")) else {
                continue;
            };
            run(&folder, line, &words(command)[1..]);
            commands += 1;
        }
    }
    assert_eq!(commands, 2);
}

#[test]
fn the_two_commands_come_first() {
    let first = blocks_of(FIRST).swap_remove(0);
    let (_, line) = first.place.split_once(':').expect("a page and a line");
    assert!(line.parse::<usize>().expect("a number") < 20);
    let wanted = ["cargo run --release -- run scenarios/atlassian-2022.toml", "cargo test"];
    for command in wanted {
        assert!(first.text.contains(&format!("$ {command}")), "{command}");
    }
}

/// The first excerpt of a page.
fn first_excerpt(page: &str) -> Block {
    blocks_of(page).into_iter().find(|it| it.kind == "text").expect("an excerpt")
}

#[test]
fn the_excerpts_are_what_the_first_command_prints() {
    let summary: Value =
        serde_json::from_str(&read("reports/atlassian-2022/summary.json")).expect("JSON");
    let strategy = &summary["strategies"][0];
    let verdict = strategy["verdict"]["sentence"].as_str().expect("a sentence");
    let rows = strategy["rows"].as_array().expect("rows").iter().map(|row| {
        ["label", "value", "interval", "spread"].map(|it| row[it].as_str().expect("a text"))
    });
    let expected: Vec<String> = rows.map(|it| it.join(" | ")).collect();
    let on_loss = strategy["verdict"]["rpo"]["sentence"].as_str().expect("a sentence");
    let old_data = strategy["old_data"].as_str().map(|it| format!("  {it}\n"));
    let head = format!("{verdict}\n  {on_loss}\n{}", old_data.unwrap_or_default());
    assert_eq!(first_excerpt(FIRST).text, head);
    let whole = first_excerpt(REFERENCE);
    assert!(whole.text.starts_with(&format!("{head}\n")), "{head}");
    let shown: Vec<String> = whole
        .text
        .lines()
        .filter(|it| it.matches('|').count() == 3)
        .skip(1)
        .map(|it| it.split('|').map(str::trim).collect::<Vec<&str>>().join(" | "))
        .collect();
    assert_eq!(shown, expected, "{}", whole.place);
}

#[test]
fn the_excerpt_on_old_data_is_what_is_printed() {
    let folder = workplace("page-old-data");
    let printed = blackstart_in(&folder, &["run", "scenarios/old-data.toml"]);
    let blocks = blocks_of(LANGUAGE);
    let excerpt =
        blocks.iter().find(|it| it.text.starts_with("merged misses")).expect("it is there");
    for line in excerpt.text.lines() {
        assert!(printed.stdout.lines().any(|it| it == line), "{}: {line}", excerpt.place);
    }
}

#[test]
fn the_table_of_sites_that_is_shown_is_of_a_scenario() {
    let blocks = blocks_of(LANGUAGE);
    let table = blocks.iter().find(|it| it.text.contains("site,customer")).expect("it is there");
    let whole = read("scenarios/parts/sites.csv");
    let mut lines = table.text.lines();
    assert_eq!(lines.next(), Some("# parts/sites.csv"));
    for line in lines {
        assert!(whole.lines().any(|it| it == line), "{}: {line}", table.place);
    }
}

/// What is linked to: `[text](target)`.
fn targets(readme: &str) -> Vec<String> {
    let behind = readme.split("](").skip(1);
    behind.filter_map(|it| Some(it.split_once(')')?.0.to_owned())).collect()
}

/// What the headings of a page are linked by, as GitHub makes it.
fn anchors(page: &str) -> Vec<String> {
    let anchor = |heading: &str| -> String {
        let letters = heading.to_lowercase().replace(' ', "-");
        letters.chars().filter(|c| c.is_alphanumeric() || *c == '-' || *c == '_').collect()
    };
    let prose = prose_of(page);
    let headings = prose.lines().filter(|it| it.starts_with('#'));
    headings.map(|it| anchor(it.trim_start_matches('#').trim())).collect()
}

#[test]
fn no_two_headings_of_a_page_are_alike() {
    for page in PAGES {
        let all = anchors(page);
        let distinct: BTreeSet<&String> = all.iter().collect();
        assert_eq!(distinct.len(), all.len(), "{page}: {all:?}");
    }
}

/// A path that is given from a page, from the top.
fn from_the_top(page: &str, path: &str) -> String {
    let folder = page.rsplit_once('/').map_or("", |it| it.0);
    let mut parts: Vec<&str> = folder.split('/').filter(|it| !it.is_empty()).collect();
    for part in path.split('/') {
        match part {
            ".." => assert!(parts.pop().is_some(), "{page}: {path}"),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[test]
fn every_link_leads_somewhere() {
    for page in PAGES {
        let targets = targets(&prose_of(page));
        assert!(targets.len() >= 5, "{page}");
        for target in targets.iter().filter(|it| !it.starts_with("https://")) {
            let (path, place) = target.split_once('#').unwrap_or((target, ""));
            let path = if path.is_empty() { page.to_owned() } else { from_the_top(page, path) };
            assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(&path).exists(), "{page}: {target}");
            if !place.is_empty() {
                let known = PAGES.contains(&path.as_str());
                assert!(known && anchors(&path).iter().any(|it| it == place), "{page}: {target}");
            }
        }
    }
}

#[test]
fn every_page_begins_with_what_is_on_it() {
    for page in PAGES {
        let text = read(page);
        let (_, text) = text.split_once("\n- [").expect("a list of contents");
        let contents = text.split("\n\n").next().expect("a text has a beginning");
        let listed: BTreeSet<String> = targets(contents).into_iter().collect();
        let prose = prose_of(page);
        let headings = prose.lines().filter(|it| it.starts_with("## "));
        // Nobody looks for the licence in a list of contents.
        for heading in headings.filter(|it| *it != "## License") {
            let place = anchors(page).into_iter().find(|it| {
                let letters =
                    |it: &str| it.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
                letters(it) == letters(&heading.to_lowercase())
            });
            let place = format!("#{}", place.expect("every heading has a place"));
            assert!(listed.contains(&place), "{page}: {place}");
        }
    }
}

/// What stands in backticks on a page, outside of its blocks.
fn quoted(page: &str) -> Vec<String> {
    let prose = prose_of(page);
    prose.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_file_that_a_page_names_is_there() {
    for page in PAGES {
        for path in quoted(page) {
            let ours =
                ["src/", "tests/", "scenarios/", ".ci/"].iter().any(|it| path.starts_with(it));
            if ours && !path.contains([' ', '*', '<']) {
                assert!(
                    Path::new(env!("CARGO_MANIFEST_DIR")).join(&path).exists(),
                    "{page}: {path}"
                );
            }
        }
    }
}

#[test]
fn an_exercise_has_one_name_on_every_page() {
    // Outside of the code, where the flag, the key and the file have another.
    for page in PAGES {
        let prose = prose_of(page);
        for (line, text) in prose.lines().enumerate() {
            let plain: String = text.split('`').step_by(2).collect::<String>().to_lowercase();
            for other in ["replication", "recoveries"] {
                assert!(!plain.contains(other), "{page}, around line {line}: {text}");
            }
        }
    }
}

#[test]
fn every_file_of_a_report_is_explained() {
    let page = read(REPORTS);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/atlassian-2022");
    for name in names_in(&folder) {
        let plot = name.strip_prefix("plots/").and_then(|it| it.strip_suffix(".svg"));
        let explained = |it: &str| page.contains(&format!("`{it}`"));
        // A plot of each strategy is explained once.
        let family = plot.is_some_and(|plot| {
            let hyphens = plot.match_indices('-').map(|it| it.0);
            hyphens.map(|it| &plot[..it]).any(|it| explained(&format!("plots/{it}-*.svg")))
        });
        assert!(explained(&name) || family, "{name}");
    }
}

#[test]
fn every_exit_code_is_explained() {
    let readme = read(FIRST);
    for code in (0..=4).chain([97, 98, 99]) {
        assert!(readme.contains(&format!("\n| {code} |")), "{code}");
    }
}

#[test]
fn every_shipped_scenario_is_in_the_index() {
    let page = read(LANGUAGE);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    for name in names_in(&folder).iter().filter(|it| !it.contains('/') && it.ends_with(".toml")) {
        assert!(page.contains(&format!("\n| [{name}]({name}) | ")), "{name}");
    }
}

#[test]
fn every_module_of_tests_is_in_the_list_of_what_tests_what() {
    let (page, main) = (read("tests/README.md"), read("tests/it/main.rs"));
    let modules = main.lines().filter_map(|it| it.strip_prefix("mod ")?.strip_suffix(';'));
    let missing: Vec<&str> =
        modules.filter(|it| *it != "support" && !page.contains(&format!("`{it}`"))).collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn the_oldest_toolchain_is_that_of_the_manifest() {
    let manifest = read("Cargo.toml");
    let (_, version) = manifest.split_once("rust-version = \"").expect("a version");
    let version = version.split('"').next().expect("a text has a beginning");
    assert!(read(FIRST).contains(&format!("Rust {version}, `rust-version`")), "{version}");
}

#[test]
fn the_forms_in_the_readme_are_those_of_the_files() {
    let folder = workplace("page-forms");
    let said = |command: &str| {
        let ran = blackstart_in(&folder, &command.split(' ').collect::<Vec<&str>>());
        assert_eq!(ran.code, 0, "{command}\n{}", ran.stderr);
        ran.stdout
    };
    let written = |path: &str| fs::read_to_string(folder.join(path)).expect("it was written");
    said("run scenarios/quickstart.toml --replications 3 --out run");
    said("run scenarios/quickstart.toml --replications 3 --slice 1/2 --out part.ndjson");
    said("compare scenarios/quickstart.toml --replications 3 --out compared");
    said("backtest scenarios/observed.toml --out backtest");
    said("check scenarios/budgets.toml --accept-baseline baseline.json");
    let first_line = |it: String| it.lines().next().expect("a line").to_owned();
    let found = [
        ("`summary.json`", written("run/summary.json"), "format"),
        ("`series.json`", written("run/series.json"), "format"),
        ("`backtest.json`", written("backtest/backtest.json"), "format"),
        ("`compare.json`", written("compared/compare.json"), "format"),
        ("`trace.ndjson`", first_line(said("trace scenarios/quickstart.toml")), "format"),
        ("baselines", written("baseline.json"), "format"),
        ("JSON of `check`", said("check scenarios/budgets.toml --format json"), "format"),
        ("parts of a run", first_line(written("part.ndjson")), "version"),
        ("`manifest.json`", written("run/manifest.json"), "version"),
    ];
    let readme = read(FIRST);
    for (what, text, key) in found {
        let json: Value = serde_json::from_str(&text).expect("JSON");
        let number = json[key].as_u64().unwrap_or_else(|| panic!("{what} has a number"));
        let rows = readme.lines().filter(|it| it.starts_with('|') && it.contains(what));
        let numbers: Vec<&str> =
            rows.filter_map(|it| it.trim_end_matches(" |").rsplit(" | ").next()).collect();
        assert!(
            numbers.contains(&number.to_string().as_str()),
            "{what}: {number}, not {numbers:?}"
        );
    }
}

/// The words of Rust that a text has, without its strings.
fn names_of(text: &str) -> BTreeSet<String> {
    let code: String = text.split('"').step_by(2).collect::<Vec<&str>>().join(" ");
    let words = code.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.filter(|it| it.len() > 1).map(str::to_owned).collect()
}

#[test]
fn the_figure_that_is_worked_through_is_written_as_its_neighbours_are() {
    let readme = read(FIRST);
    let (_, section) = readme.split_once("**Adding a figure**").expect("a section");
    let section = section.split("\n## ").next().expect("a text has a beginning");
    let mut steps = 0;
    for step in section.split("```rust\n").collect::<Vec<&str>>().windows(2) {
        let path = step[0].rsplit("`src/").next().and_then(|it| it.split('`').next());
        let file = read(&format!("src/{}", path.expect("a file is named")));
        let (code, _) = step[1].split_once("```").expect("a block has an end");
        let known = names_of(&file);
        // Its own name, and what a line binds.
        let own = ["UsersNotRestored", "back"];
        let news: Vec<String> = names_of(code)
            .into_iter()
            .filter(|it| !own.contains(&it.as_str()) && !known.contains(it))
            .collect();
        assert_eq!(news, [""; 0], "{path:?}");
        steps += 1;
    }
    assert_eq!(steps, 3);
}
