//! `init`: a first scenario is sound whatever was asked for, says of each number that it is a
//! guess, and never takes the place of something else.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use crate::support::{
    Ran, blackstart_in, checked, files_in, fresh_folder, in_process, names_in, words,
};

#[track_caller]
fn draft(flags: &[&str]) -> String {
    let ran = in_process(&[&["init", "-"], flags].concat());
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{flags:?}");
    ran.stdout
}

#[track_caller]
fn assert_sound(text: &str) {
    let checked = checked(text, &[]);
    assert_eq!(checked.diagnostics.render(&checked.sources, false), "", "{text}");
}

#[test]
fn every_number_of_services_and_teams_gives_a_sound_scenario() {
    for services in 1..=12 {
        for teams in 1..=8 {
            let (services, teams) = (services.to_string(), teams.to_string());
            assert_sound(&draft(&["--sites", "7", "--services", &services, "--teams", &teams]));
        }
    }
}

#[test]
fn every_size_of_an_estate_gives_a_sound_scenario() {
    for sites in [1, 2, 3, 4, 5, 6, 9, 10, 24, 25, 26, 499, 500, 501, 521, 1_000, 20_000] {
        assert_sound(&draft(&["--sites", &sites.to_string()]));
    }
}

/// What may be asked for, as flags.
fn asked() -> impl Strategy<Value = Vec<String>> {
    let name = || "[a-zA-Z][a-zA-Z0-9_-]{0,39}";
    let names = |most: usize| {
        let given = proptest::collection::btree_set(name(), 1..=most);
        let joined = given.prop_map(|it| it.into_iter().collect::<Vec<_>>().join(","));
        prop_oneof![(1..=most).prop_map(|it| it.to_string()), joined]
    };
    // As many small estates as large ones.
    let sites = (0..=14u32).prop_flat_map(|it| 1 << it..=(2 << it).min(20_000u32));
    let time = || prop_oneof!["[1-9][0-9]?m", "[1-9]h", "[1-5][0-9]d", "[1-9]ms"];
    let asked = (sites, names(12), names(8), time(), time());
    asked.prop_map(|(sites, services, teams, rto, rpo)| {
        let sites = sites.to_string();
        let flags = [
            ("--sites", sites),
            ("--services", services),
            ("--teams", teams),
            ("--rto", rto),
            ("--rpo", rpo),
        ];
        flags.into_iter().flat_map(|(flag, value)| [flag.to_owned(), value]).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..Default::default() })]

    #[test]
    fn whatever_is_asked_for_gives_a_sound_scenario(flags in asked()) {
        assert_sound(&draft(&flags.iter().map(String::as_str).collect::<Vec<_>>()));
    }
}

/// The commands that a text shows in its comments.
fn commands(text: &str) -> Vec<String> {
    let comments = text.lines().filter_map(|it| it.strip_prefix('#'));
    let shown = comments.filter_map(|it| Some(&it[it.find("   blackstart ")?..]));
    shown.map(|it| it.trim().to_owned()).collect()
}

#[test]
fn every_command_in_its_comments_works() {
    let folder = fresh_folder("init-commands");
    for (file, flags) in [
        ("my-estate.toml", &[][..]),
        ("deep/in a folder/it's mine.toml", &["--sites", "3", "--teams", "sre,support"]),
    ] {
        let ran = blackstart_in(&folder, &[&["init", file], flags].concat());
        assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
        let text = fs::read_to_string(folder.join(file)).unwrap();
        assert_sound(&text);
        let commands = commands(&text);
        assert_eq!(commands.len(), 5, "{commands:?}");
        for command in commands {
            let mut words = words(&command);
            if words[1] != "validate" {
                words.extend(["--replications".to_owned(), "40".to_owned()]);
            }
            let words: Vec<&str> = words[1..].iter().map(String::as_str).collect();
            let ran = blackstart_in(&folder, &words);
            assert_eq!(ran.code, 0, "{command}\n{}", ran.stderr);
        }
    }
}

/// Tables in which numbers stand that somebody else knows better, with their paths.
fn guessed(text: &str) -> Vec<(String, toml::Table)> {
    let table: toml::Table = text.parse().expect("a scenario is TOML");
    let below = |path: &[&str]| {
        let start = toml::Value::Table(table.clone());
        path.iter().fold(start, |it, key| it[*key].clone())
    };
    let mut found = Vec::new();
    for path in ["estate.services", "incident.milestones", "teams", "limits"] {
        let keys: Vec<&str> = path.split('.').collect();
        for (name, it) in below(&keys).as_table().expect("a table of tables") {
            found.push((format!("{path}.{name}"), it.as_table().expect("a table").clone()));
        }
    }
    for path in ["incident.deletions", "runbooks.restore.steps", "runbooks.script.steps"] {
        let keys: Vec<&str> = path.split('.').collect();
        for it in below(&keys).as_array().expect("a list of tables") {
            found.push((path.to_owned(), it.as_table().expect("a table").clone()));
        }
    }
    for path in ["estate.sites", "uncertainty", "policy"] {
        let keys: Vec<&str> = path.split('.').collect();
        found.push((path.to_owned(), below(&keys).as_table().expect("a table").clone()));
    }
    found
}

#[test]
fn every_number_says_that_it_is_a_guess_and_whom_to_ask() {
    let text = draft(&["--services", "3", "--teams", "4"]);
    let guessed = guessed(&text);
    assert_eq!(guessed.len(), 3 + 2 + 4 + 1 + 1 + 9 + 1 + 3);
    for (path, table) in guessed {
        assert_eq!(table["source"].as_str(), Some("guess"), "{path}");
        let note = table["note"].as_str().expect("a note is a text");
        let asks = ["Ask ", "Look at ", "Load ", "Nobody knows "].iter();
        assert!(asks.clone().any(|it| note.starts_with(it)), "{path}: {note}");
    }
}

#[test]
fn no_line_is_wider_than_a_screen_but_for_notes_and_what_is_beside_a_value() {
    for line in draft(&["--services", "12", "--teams", "8"]).lines() {
        let may = line.starts_with("note = ") || line.starts_with("services = ");
        let may = may || line.starts_with("  { name = ") || line.starts_with("automated_after = ");
        assert!(may || line.chars().count() <= 100, "{line}");
    }
}

#[test]
fn the_third_strategy_is_there_for_the_taking() {
    let text = draft(&[]);
    let (before, after) = text.split_once("# [strategies.more-people]").expect("it is offered");
    let (strategy, rest) = after.split_once("\n\n").expect("something follows");
    let strategy = strategy.replace("\n# ", "\n");
    let text = format!("{before}[strategies.more-people]{strategy}\n\n{rest}");
    assert_sound(&text);
    let scenario = checked(&text, &[]).scenario.expect("it is sound");
    assert_eq!(scenario.strategies.len(), 3);
}

#[test]
fn a_friday_evening_is_worse_than_a_monday_morning() {
    let folder = fresh_folder("init-friday");
    assert_eq!(blackstart_in(&folder, &["init", "--sites", "50"]).code, 0);
    let last_back = |more: &[&str]| {
        let words = ["run", "my-estate.toml", "--format", "json", "--replications", "40"];
        let ran = blackstart_in(&folder, &[&words[..], more].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let summary: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        let figures = summary["strategies"][0]["figures"].as_array().unwrap();
        let last = figures.iter().find(|it| it["name"] == "last_site_back").unwrap();
        last["value"].as_f64().unwrap()
    };
    let monday = last_back(&[]);
    assert!(last_back(&["--set", "incident.at=2026-03-06T18:30:00Z"]) > monday * 1.2);
}

#[test]
fn what_is_there_stays_unless_it_may_be_replaced() {
    let folder = fresh_folder("init-there");
    let there = folder.join("my-estate.toml");
    let refused = |words: &[&str], text: &str, told: &str| {
        fs::write(&there, text).unwrap();
        let refused = blackstart_in(&folder, words);
        assert_eq!((refused.code, refused.stdout.as_str()), (1, ""));
        assert_eq!(refused.stderr, format!("error: `my-estate.toml` is there{told}\n"));
        assert_eq!(files_in(&folder), [("my-estate.toml".to_owned(), text.as_bytes().to_vec())]);
    };
    let no_scenario = " and is not a scenario; choose another name, or move it away";
    refused(&["init"], "mine", no_scenario);
    refused(&["init", "--force"], "mine", no_scenario);
    refused(&["init", "--force"], "schema = \"public\"\n", no_scenario);
    let scenario = "schema = 1\ntitle = \"mine\"\n";
    refused(&["init"], scenario, "; choose another name, or replace it with --force");
    let forced = blackstart_in(&folder, &["init", "--force"]);
    assert_eq!(forced.code, 0, "{}", forced.stderr);
    assert_eq!(names_in(&folder), ["my-estate.toml"]);
    assert_eq!(fs::read_to_string(there).unwrap(), draft(&[]));
}

#[test]
fn a_folder_is_never_replaced() {
    let folder = fresh_folder("init-folder");
    fs::create_dir(folder.join("my-estate.toml")).unwrap();
    fs::write(folder.join("my-estate.toml/thesis.txt"), "mine").unwrap();
    for words in [&["init"][..], &["init", "--force"]] {
        let ran = blackstart_in(&folder, words);
        assert_eq!(ran.code, 1);
        assert!(ran.stderr.contains("is there and is no file"), "{}", ran.stderr);
        assert_eq!(names_in(&folder), ["my-estate.toml/thesis.txt"]);
    }
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_to_what_is_only_replaced_by_force() {
    let folder = fresh_folder("init-link");
    std::os::unix::fs::symlink("elsewhere", folder.join("my-estate.toml")).unwrap();
    assert_eq!(blackstart_in(&folder, &["init"]).code, 0);
    assert!(folder.join("elsewhere").is_file());
    assert_eq!(blackstart_in(&folder, &["init"]).code, 1);
    assert_eq!(blackstart_in(&folder, &["init", "--force"]).code, 0);
    assert!(folder.join("my-estate.toml").symlink_metadata().unwrap().is_symlink());
}

#[test]
fn nothing_half_written_is_left_where_nothing_can_be_written() {
    let folder = fresh_folder("init-blocked");
    fs::write(folder.join("file"), "mine").unwrap();
    let ran = blackstart_in(&folder, &["init", "file/my-estate.toml"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(
        ran.stderr.starts_with("error: cannot write `file/my-estate.toml`: "),
        "{}",
        ran.stderr
    );
    assert_eq!(names_in(&folder), ["file"]);
}

#[test]
fn it_says_what_it_has_written_unless_it_is_to_be_quiet() {
    let folder = fresh_folder("init-says");
    let flags = ["--sites", "1200", "--services", "orders,payments,files", "--teams", "1"];
    let ran = blackstart_in(&folder, &[&["init", "checkout.toml"], &flags[..]].concat());
    let says = "scenario: checkout.toml (1200 sites, 135 of them deleted, 3 services, 1 team; every \
                number is a guess)\n\
                next, to check it, once you have read and changed it: blackstart validate \
                checkout.toml\n\
                or, to run it as it is: blackstart run checkout.toml\n";
    assert_eq!(ran, Ran { code: 0, stdout: String::new(), stderr: says.to_owned() });
    let ran = blackstart_in(&folder, &["init", "--quiet"]);
    assert_eq!(ran, Ran { code: 0, stdout: String::new(), stderr: String::new() });
}

#[track_caller]
fn refusal(words: &[&str]) -> String {
    let ran = in_process(&[&["init", "-"], words].concat());
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{words:?}");
    ran.stderr
}

#[test]
fn names_that_would_need_quotes_are_refused_with_what_is_allowed() {
    let long = "x".repeat(41);
    for name in ["a b", "a.b", "1st", "-a", "_a", "", "größe", "a\"b", "a\nb", "]", "é", &long] {
        for flag in ["--services", "--teams"] {
            let told = refusal(&[&format!("{flag}=ok,{name}")]);
            let allowed = "is no name: it begins with a letter from a to z, letters, digits, `-` and \
                           `_` follow, and it has at most 40 of them";
            assert!(told.contains(allowed), "{told}");
        }
    }
    assert!(refusal(&["--teams", "sre,dba,sre"]).contains("`sre` stands there twice"));
}

#[test]
fn more_than_can_be_written_is_refused_with_what_is_allowed() {
    let many: Vec<String> = (0..13).map(|it| format!("s{it}")).collect();
    for services in ["0", "13", "99999999999999999999", "", &many.join(",")] {
        let told = refusal(&[&format!("--services={services}")]);
        assert!(told.contains("write a number from 1 to 12, or so many names: `a,b,c`"), "{told}");
    }
    assert!(refusal(&["--teams", "9"]).contains("write a number from 1 to 8, or so many names"));
    for sites in ["0", "20001", "many"] {
        assert!(refusal(&["--sites", sites]).contains("--sites"), "{sites}");
    }
    for time in ["0s", "61d", "soon", "-1h", "8"] {
        let told = refusal(&[&format!("--rto={time}")]);
        assert!(told.contains("write a time above 0, of at most 60 days, such as `8h`"), "{told}");
    }
}

#[test]
fn a_file_name_that_would_end_a_comment_is_refused() {
    let folder = fresh_folder("init-control");
    let ran = blackstart_in(&folder, &["init", "a\n[policy].toml"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("has a character in it that nobody sees"), "{}", ran.stderr);
    assert!(names_in(Path::new(&folder)).is_empty());
}
