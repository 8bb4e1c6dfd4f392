//! Help, shell completions and the manual page, which are one text in three forms.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::{blackstart_in, files_in, fresh_folder, in_process, read, words};

/// Every verb with its flags, as the help lists them.
fn verbs() -> BTreeMap<String, Vec<String>> {
    let help = in_process(&["--help"]).stdout;
    let listed = help.split("\nCommands:\n").nth(1).and_then(|it| it.split("\n\n").next());
    let listed = listed.expect("the help lists the verbs").lines();
    let names = listed.filter_map(|it| it.strip_prefix("  ")?.split(' ').next());
    let names = names.filter(|it| !it.is_empty() && *it != "help");
    names.map(|verb| (verb.to_owned(), flags(verb))).collect()
}

fn flags(verb: &str) -> Vec<String> {
    let help = in_process(&[verb, "--help"]).stdout;
    let words = help.lines().filter_map(|it| it.trim_start().strip_prefix('-'));
    let long = words.filter_map(|it| it.split([' ', ',']).find(|it| it.starts_with('-')));
    long.map(|it| format!("-{}", it.trim_start_matches('-')).replacen('-', "--", 1)).collect()
}

#[test]
fn the_lists_of_these_tests_are_not_empty() {
    let verbs = verbs();
    assert!(verbs.len() >= 13, "{verbs:?}");
    assert!(verbs["run"].contains(&"--replications".to_owned()), "{verbs:?}");
    assert!(verbs["init"].contains(&"--sites".to_owned()), "{verbs:?}");
    assert!(verbs.values().map(Vec::len).sum::<usize>() > 60, "{verbs:?}");
}

#[test]
fn every_verb_begins_its_help_with_examples_of_itself() {
    for verb in verbs().keys() {
        let help = in_process(&[verb, "--help"]).stdout;
        let examples = help.strip_prefix("Examples:\n").and_then(|it| it.split("\n\n").next());
        let examples = examples.unwrap_or_else(|| panic!("{help}"));
        let own = format!("  blackstart {verb}");
        assert!(examples.lines().any(|it| it.starts_with(&own)), "{help}");
        assert!(examples.lines().all(|it| it.starts_with("  blackstart ")), "{help}");
    }
}

#[test]
fn the_first_examples_lead_from_nothing_to_a_checked_recovery() {
    let help = in_process(&["--help"]).stdout;
    let path = ["init", "validate", "run", "compare", "check"];
    for (line, verb) in help.lines().skip(1).zip(path) {
        assert!(line.starts_with(&format!("  blackstart {verb}")), "{line}");
    }
}

#[test]
fn every_shell_completes_every_verb_and_every_flag() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = in_process(&["completions", shell]);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        for (verb, flags) in verbs() {
            assert!(ran.stdout.contains(&verb), "{shell}: {verb}");
            for flag in flags {
                // Fish and its like leave the dashes out.
                let bare = flag.trim_start_matches('-');
                let forms = [flag.clone(), format!("-l {bare}")];
                assert!(forms.iter().any(|it| ran.stdout.contains(it)), "{shell}: {verb} {flag}");
            }
        }
    }
    assert_eq!(in_process(&["completions", "tcsh"]).code, 2);
}

#[test]
fn the_manual_page_has_every_verb_with_every_flag_and_example() {
    let ran = in_process(&["man"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let page = ran.stdout.replace("\\-", "-").replace("\\*(Aq", "'");
    for (verb, flags) in verbs() {
        let heading = format!("\n.SH \"BLACKSTART {}\"\n", verb.to_uppercase());
        let section = page.split(&heading).nth(1).unwrap_or_else(|| panic!("{heading}"));
        let section = section.split("\n.SH").next().expect("a text has a beginning");
        for flag in flags {
            assert!(section.contains(&format!("\\fB{flag}\\fR")), "{verb} {flag}");
        }
        let help = in_process(&[&verb, "--help"]).stdout;
        for example in help.lines().filter(|it| it.starts_with("  blackstart ")) {
            assert!(section.contains(example), "{verb}: {example}");
        }
    }
}

#[test]
fn the_manual_page_is_the_same_on_every_day_and_has_no_line_that_roff_takes_for_its_own() {
    let page = in_process(&["man"]).stdout;
    assert!(page.contains(&format!("\"blackstart {}\"", env!("CARGO_PKG_VERSION"))));
    let known =
        [".ie", ".el", ".TH", ".SH", ".TP", ".PP", ".RS", ".RE", ".IP", ".nf", ".fi", ".sp"];
    for line in page.lines().filter(|it| it.starts_with(['.', '\''])) {
        assert!(known.iter().any(|it| line.split(' ').next() == Some(it)), "{line}");
    }
}

/// The examples of every help.
fn examples() -> Vec<String> {
    let of = |words: &[&str]| {
        let help = in_process(words).stdout;
        let examples = help.strip_prefix("Examples:\n").and_then(|it| it.split("\n\n").next());
        let examples = examples.unwrap_or_else(|| panic!("{help}")).lines();
        examples.map(|it| it.trim().to_owned()).collect::<Vec<_>>()
    };
    let of_verbs = verbs().into_keys().flat_map(|verb| of(&[&verb, "--help"]));
    of(&["--help"]).into_iter().chain(of_verbs).collect()
}

#[test]
fn every_example_of_every_help_runs_in_an_empty_folder_after_init() {
    let folder = fresh_folder("examples");
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    for (name, bytes) in files_in(&scenarios) {
        let file = folder.join("scenarios").join(name);
        fs::create_dir_all(file.parent().expect("a folder")).unwrap();
        fs::write(file, bytes).unwrap();
    }
    let all = examples();
    assert!(all.len() > 40, "{all:?}");
    for example in &all {
        // What stands behind is for the shell.
        let command = example.split(" > ").next().unwrap_or(example);
        let tmp = format!("{}/", folder.join("tmp").to_string_lossy());
        let mut words: Vec<String> =
            words(command).into_iter().map(|it| it.replace("/tmp/", &tmp)).collect();
        // There is nobody to look at it.
        words.retain(|it| it != "--open");
        assert_eq!(words.remove(0), "blackstart");
        let simulates = ["run", "compare", "backtest", "why"].contains(&words[0].as_str());
        let part = words.iter().any(|it| it == "--slice");
        if simulates && !part && !words.iter().any(|it| it == "--replications") {
            words.extend(["--replications", "30"].map(str::to_owned));
        }
        if words[0] == "init" && folder.join("my-estate.toml").exists() && words.len() == 1 {
            words.push("--force".to_owned());
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let ran = blackstart_in(&folder, &words);
        let fine = match words[0] {
            // Whether budgets are met is another question.
            "check" => [0, 99].contains(&ran.code),
            _ => ran.code == 0,
        };
        assert!(fine, "{example}: {}\n{}{}", ran.code, ran.stdout, ran.stderr);
    }
}

#[test]
fn every_help_has_the_codes_with_which_the_program_ends() {
    let readme = read("README.md");
    let rows = readme.split("\n## Exit codes\n").nth(1).and_then(|it| it.split("\n## ").next());
    let rows = rows.expect("the README has a table of them").lines();
    let codes: Vec<&str> =
        rows.filter_map(|it| it.strip_prefix("| ")?.split(' ').next()).skip(1).collect();
    assert_eq!(codes.len(), 10, "{codes:?}");
    let all = verbs().into_keys().map(|it| vec![it, "--help".to_owned()]);
    for words in all.chain([vec!["--help".to_owned()]]) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let help = in_process(&words).stdout;
        let listed = help.split("\nExit codes:\n").nth(1).unwrap_or_else(|| panic!("{help}"));
        let listed: Vec<&str> =
            listed.lines().filter_map(|it| it.split_whitespace().next()).collect();
        assert_eq!(listed, codes, "{help}");
    }
    let page = in_process(&["man"]).stdout;
    let page = page.split(".SH \"EXIT STATUS\"\n").nth(1).unwrap_or_else(|| panic!("{page}"));
    assert!(codes.iter().all(|it| page.contains(&format!("\\fB{it}\\fR\n"))), "{page}");
}
