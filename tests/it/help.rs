//! Help, shell completions and the manual page, which are one text in three forms.

use std::collections::BTreeMap;

use crate::support::in_process;

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
