//! The README: what it shows is what the program does.

use std::fs;
use std::path::Path;

use blackstart::scenario::{Checked, check};
use serde_json::Value;

use crate::support::{blackstart_in, but_unused, fresh_folder, read, words};

/// A block of code: its kind, the line on which it begins, and its text.
struct Block {
    kind: String,
    line: usize,
    text: String,
}

fn blocks() -> Vec<Block> {
    let readme = read("README.md");
    let (mut blocks, mut open): (Vec<Block>, Option<Block>) = (Vec::new(), None);
    for (index, line) in readme.lines().enumerate() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(kind), None) => {
                open = Some(Block { kind: kind.to_owned(), line: index + 1, text: String::new() });
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
    assert!(open.is_none(), "a block has no end");
    blocks
}

fn of_kind(kind: &str) -> Vec<Block> {
    blocks().into_iter().filter(|it| it.kind == kind).collect()
}

#[test]
fn every_block_is_of_a_kind_that_is_checked() {
    for block in blocks() {
        let kinds = ["toml", "toml fragment", "console", "text", "sh", "yaml", "yml"];
        assert!(kinds.contains(&block.kind.as_str()), "line {}: `{}`", block.line, block.kind);
    }
}

#[track_caller]
fn assert_valid(block: &Block, checked: &Checked) {
    let faults = checked.diagnostics.render(&checked.sources, false);
    // A fragment shows a thing, and not always who uses it.
    let faults = if block.kind == "toml" { faults } else { but_unused(&faults) };
    assert_eq!(faults, "", "the block on line {} of the README", block.line);
}

#[test]
fn every_scenario_is_valid() {
    let scenarios = of_kind("toml");
    assert!(!scenarios.is_empty());
    for block in scenarios {
        assert_valid(&block, &check("readme", "readme.toml", &block.text, &[]));
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
        lay(fragment.unwrap_or_else(|it| panic!("line {}: {it}", block.line)), &mut table);
        let text = toml::to_string(&table).expect("a table can be written");
        assert_valid(&block, &check("readme", "readme.toml", &text, &[]));
    }
}

/// Files that are shown whole.
const SHOWN: [&str; 3] = [
    "tests/cluster/slurm/array.sbatch",
    "tests/cluster/slurm/merge.sbatch",
    "tests/cluster/kubernetes/shards.yaml",
];

#[test]
fn every_file_that_is_shown_is_shown_as_it_is() {
    let shown: Vec<Block> = [of_kind("sh"), of_kind("yaml")].into_iter().flatten().collect();
    assert_eq!(shown.len(), SHOWN.len());
    for block in shown {
        assert!(SHOWN.iter().any(|it| read(it) == block.text), "line {}", block.line);
    }
}

/// The scenarios of the project in a folder of its own, where commands may write.
fn workplace(name: &str) -> std::path::PathBuf {
    let folder = fresh_folder(name);
    fs::create_dir_all(folder.join("scenarios/parts")).expect("a new folder");
    for name in ["quickstart", "template", "atlassian-2022", "graham", "observed"] {
        let path = format!("scenarios/{name}.toml");
        fs::write(folder.join(&path), read(&path)).expect("a file can be written");
    }
    for path in ["budgets.toml", "parts/budgets.toml", "parts/platform.toml", "parts/sites.csv"] {
        let path = format!("scenarios/{path}");
        fs::write(folder.join(&path), read(&path)).expect("a file can be written");
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

#[test]
fn every_command_runs() {
    let folder = workplace("readme");
    let mut run_of_the_program = 0;
    for block in of_kind("console") {
        for line in block.text.lines().filter_map(|it| it.strip_prefix("$ ")) {
            let line = line.split(" #").next().unwrap_or(line).trim();
            // Where the output goes is for the shell.
            let line = line.split(" > ").next().unwrap_or(line);
            let words = words(line);
            let plain: Vec<&str> = words.iter().map(String::as_str).collect();
            match plain[..] {
                ["cargo", "run", "--release", "--", ..] => run(&folder, line, &words[4..]),
                ["blackstart", ..] => run(&folder, line, &words[1..]),
                ["cargo", "test"] | ["cargo", "install", "--path", "."] => continue,
                ["cargo", "doc", "--no-deps", "--open"] | [".ci/run"] => continue,
                // Minutes of a release build; nothing in it is asserted.
                ["cargo", "bench", "--bench", "coverage"] => continue,
                _ => panic!("line {}: who checks `{line}`?", block.line),
            }
            run_of_the_program += 1;
        }
    }
    assert!(run_of_the_program >= 5);
}

#[test]
fn the_excerpt_of_a_check_is_what_it_prints() {
    let printed = blackstart_in(&workplace("readme-check"), &["check", "scenarios/budgets.toml"]);
    let blocks = of_kind("text");
    let excerpt = blocks.iter().find(|it| it.text.contains("budget  ")).expect("an excerpt");
    for line in excerpt.text.lines() {
        assert!(printed.stdout.lines().any(|it| it == line), "line {}: {line}", excerpt.line);
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
        assert!(printed.stdout.lines().any(|it| it == line), "line {}: {line}", excerpt.line);
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
    let first = of_kind("console").swap_remove(0);
    assert!(first.line < 20);
    let wanted = ["cargo run --release -- run scenarios/atlassian-2022.toml", "cargo test"];
    for command in wanted {
        assert!(first.text.contains(&format!("$ {command}")), "{command}");
    }
}

#[test]
fn the_excerpt_is_what_the_first_command_prints() {
    let excerpt = of_kind("text").swap_remove(0);
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
    let head = format!("{verdict}\n  {on_loss}\n{}\n", old_data.unwrap_or_default());
    assert!(excerpt.text.starts_with(&head), "{head}");
    let shown: Vec<String> = excerpt
        .text
        .lines()
        .filter(|it| it.matches('|').count() == 3)
        .skip(1)
        .map(|it| it.split('|').map(str::trim).collect::<Vec<&str>>().join(" | "))
        .collect();
    assert_eq!(shown, expected, "line {}", excerpt.line);
}

/// What is linked to: `[text](target)`.
fn targets(readme: &str) -> Vec<String> {
    let behind = readme.split("](").skip(1);
    behind.filter_map(|it| Some(it.split_once(')')?.0.to_owned())).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let readme = read("README.md");
    let anchor = |heading: &str| -> String {
        let letters = heading.to_lowercase().replace(' ', "-");
        letters.chars().filter(|c| c.is_alphanumeric() || *c == '-').collect()
    };
    let anchors: Vec<String> = readme
        .lines()
        .filter(|it| it.starts_with('#'))
        .map(|it| anchor(it.trim_start_matches('#').trim()))
        .collect();
    let targets = targets(&readme);
    assert!(targets.len() >= 5);
    for target in targets {
        let found = match target.strip_prefix('#') {
            Some(place) => anchors.iter().any(|it| it == place),
            None => Path::new(env!("CARGO_MANIFEST_DIR")).join(&target).exists(),
        };
        assert!(found || target.starts_with("https://"), "{target}");
    }
}

#[test]
fn every_file_of_a_report_is_explained() {
    let readme = read("README.md");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/atlassian-2022");
    for name in crate::support::names_in(&folder).iter().filter(|it| !it.starts_with("plots/")) {
        assert!(readme.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn every_exit_code_is_explained() {
    let readme = read("README.md");
    for code in (0..=4).chain([97, 98, 99]) {
        assert!(readme.contains(&format!("\n| {code} |")), "{code}");
    }
}
