//! The command line: what it prints, what it writes, and how it ends.

use std::fs;
use std::path::Path;

use blackstart::folder::ListedFile;

use crate::support::{
    Ran, blackstart, blackstart_in, files_in, fresh_folder, in_process, names_in, read, words,
};

const QUICKSTART: &str = "scenarios/quickstart.toml";

/// A path in the project, whatever the current folder.
fn shipped(path: &str) -> String {
    format!("{}/{path}", env!("CARGO_MANIFEST_DIR")).replace('\\', "/")
}

/// A short run of the quickstart into a folder.
#[track_caller]
fn run(out: &Path, more: &[&str]) -> Ran {
    let (scenario, out) = (shipped(QUICKSTART), out.to_string_lossy());
    let mut words = vec!["run", &scenario, "--replications", "40", "--out", &out];
    words.extend(more);
    in_process(&words)
}

#[track_caller]
fn assert_ended(ran: &Ran, code: i32) {
    assert_eq!(ran.code, code, "{}\n{}", ran.stdout, ran.stderr);
}

const FILES: [&str; 26] = [
    "manifest.json",
    "plots/batches-five-at-a-time.svg",
    "plots/batches-site-by-site.svg",
    "plots/differences.svg",
    "plots/held-up-five-at-a-time.svg",
    "plots/held-up-site-by-site.svg",
    "plots/load-five-at-a-time.svg",
    "plots/load-site-by-site.svg",
    "plots/more.svg",
    "plots/pareto.svg",
    "plots/progress-site-by-site.svg",
    "plots/recovery-five-at-a-time.svg",
    "plots/recovery-site-by-site.svg",
    "plots/rpa.svg",
    "plots/rta-by-tier-five-at-a-time.svg",
    "plots/rta-by-tier-site-by-site.svg",
    "plots/rta.svg",
    "plots/teams-five-at-a-time.svg",
    "plots/teams-site-by-site.svg",
    "replications.csv",
    "report.html",
    "series.json",
    "sites.csv",
    "steps.csv",
    "summary.json",
    "teams.csv",
];

#[test]
fn help_begins_with_examples() {
    for words in [&["--help"][..], &["-h"], &["help"], &["run", "--help"], &["help", "run"]] {
        let ran = blackstart(words);
        assert_ended(&ran, 0);
        assert!(ran.stdout.starts_with("Examples:\n  blackstart "), "{}", ran.stdout);
        assert_eq!(ran.stderr, "");
    }
    let help = blackstart(&["--help"]).stdout;
    for verb in ["run", "merge", "check", "validate", "backtest", "trace", "why", "schema"] {
        assert!(help.contains(&format!("\n  {verb} ")), "{help}");
    }
}

#[test]
fn every_example_of_the_help_works() {
    let folder = fresh_folder("examples-of-help");
    for words_of_help in [
        ["--help"].as_slice(),
        &["init", "--help"],
        &["validate", "--help"],
        &["run", "--help"],
        &["check", "--help"],
        &["trace", "--help"],
        &["backtest", "--help"],
        &["why", "--help"],
    ] {
        let help = in_process(words_of_help).stdout;
        let examples: Vec<&str> =
            help.lines().filter_map(|it| it.strip_prefix("  blackstart ")).collect();
        assert!(examples.len() >= 3, "{help}");
        for example in examples {
            let mut words = words(&example.replace("scenarios/", &shipped("scenarios/")));
            // The first example of `init` was the first of all.
            if words == ["init"] && folder.join("my-estate.toml").exists() {
                words.push("--force".to_owned());
            }
            if let Some(out) = words.iter().position(|it| it == "--out") {
                words.drain(out..out + 2);
            }
            let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
            // How often says nothing about whether it works.
            let simulates = ["run", "compare", "check", "backtest"].contains(&words[0]);
            if simulates && !words.contains(&"--replications") {
                words.extend(["--replications", "100"]);
            }
            assert_ended(&blackstart_in(&folder, &words), 0);
        }
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    for words in [["--version"], ["-V"]] {
        let ran = blackstart(&words);
        assert_ended(&ran, 0);
        assert_eq!(ran.stdout, format!("blackstart {}\n", env!("CARGO_PKG_VERSION")));
    }
}

#[test]
fn a_command_line_that_makes_no_sense_ends_with_2() {
    let senseless: [&[&str]; 8] = [
        &[],
        &["restore"],
        &["run"],
        &["validate"],
        &["run", QUICKSTART, "--replications", "0"],
        &["run", QUICKSTART, "--jobs", "0"],
        &["run", QUICKSTART, "--set", "teams.database.people"],
        &["run", QUICKSTART, "--format", "yaml"],
    ];
    for words in senseless {
        let ran = in_process(words);
        assert_ended(&ran, 2);
        assert_eq!(ran.stdout, "", "{words:?}");
        assert_ne!(ran.stderr, "", "{words:?}");
    }
    assert_ended(&blackstart(&["restore"]), 2);
}

#[test]
fn a_sound_scenario_is_told_in_one_line() {
    let ran = blackstart(&["validate", QUICKSTART, "scenarios/template.toml"]);
    assert_ended(&ran, 0);
    assert_eq!(
        ran.stdout,
        "scenarios/quickstart.toml: valid; 20 deleted of 40 sites, 2 strategies, 1000 exercises \
         each\n\
         scenarios/template.toml: valid; aims at 21 of 40 sites, 2 strategies, 1000 exercises \
         each\n"
    );
    assert_eq!(ran.stderr, "");
}

#[test]
fn what_cannot_be_read_as_a_scenario_ends_with_3() {
    let folder = fresh_folder("unreadable");
    fs::write(folder.join("latin.toml"), b"title = \"Z\xfcrich\"\n").unwrap();
    fs::write(folder.join("empty.toml"), "").unwrap();
    fs::create_dir(folder.join("folder.toml")).unwrap();
    let say = |name: &str| {
        let validated = blackstart_in(&folder, &["validate", name]);
        let run = blackstart_in(&folder, &["run", name]);
        assert_ended(&validated, 3);
        assert_ended(&run, 3);
        assert!(validated.stdout.starts_with(&format!("{name}: invalid, ")), "{validated:?}");
        assert_eq!(run.stdout, "");
        assert_eq!(validated.stderr, run.stderr);
        validated.stderr
    };
    assert!(say("missing.toml").contains("cannot read `missing.toml`"));
    assert!(say("folder.toml").contains("cannot read `folder.toml`"));
    assert!(say("latin.toml").contains("cannot read `latin.toml`: it is not text in UTF-8"));
    assert!(say("empty.toml").contains("error["));
    assert!(!folder.join("reports").exists());
}

#[test]
fn one_bad_file_does_not_hide_the_others() {
    let ran = in_process(&["validate", "missing.toml", &shipped(QUICKSTART)]);
    assert_ended(&ran, 3);
    assert!(ran.stdout.contains("quickstart.toml: valid"), "{}", ran.stdout);
}

#[test]
fn ten_faults_are_ten_messages() {
    let folder = fresh_folder("ten-faults");
    let faults = [
        ("schema = 1", "schema = 2"),
        ("replications = 1000", "replications = 0"),
        ("class = \"primary\"", "class = \"primry\""),
        ("services = [\"database\"]", "services = [\"databse\"]"),
        ("over = \"5m\"", "over = 5"),
        ("[teams.support]\npeople = 1", "[teams.support]\npeople = -1"),
        ("grows_with = { users = 0.3 }\nfails", "grows_wiht = { users = 0.3 }\nfails"),
        ("retry_from = \"load\"", "retry_from = \"laod\""),
        (
            "opens = \"detected\"\nbatch = { order = \"users_descending\", in_flight",
            "opens = \"detcted\"\nbatch = { order = \"users_descending\", in_flight",
        ),
        ("coverage = \"95%\"", "coverage = \"195%\""),
    ];
    let mut text = read(QUICKSTART);
    for (good, bad) in faults {
        assert_eq!(text.matches(good).count(), 1, "{good}");
        text = text.replace(good, bad);
    }
    fs::write(folder.join("ten.toml"), text).unwrap();
    let ran = blackstart_in(&folder, &["validate", "ten.toml"]);
    assert_ended(&ran, 3);
    assert_eq!(ran.stderr.matches("error[").count(), 10, "{}", ran.stderr);
    assert!(ran.stderr.contains("did you mean `database`?"), "{}", ran.stderr);
    assert!(ran.stderr.ends_with("error: 10 errors in ten.toml\n"), "{}", ran.stderr);
    assert_eq!(ran.stdout.matches("\nten.toml:").count(), 10, "{}", ran.stdout);
}

#[test]
fn a_strategy_that_does_not_exist_ends_with_3_and_a_suggestion() {
    let folder = fresh_folder("no-strategy");
    let ran = run(&folder.join("report"), &["--strategy", "site-by-sight"]);
    assert_ended(&ran, 3);
    assert!(ran.stderr.contains("there is no strategy `site-by-sight`"), "{}", ran.stderr);
    assert!(ran.stderr.contains("did you mean `site-by-site`?"), "{}", ran.stderr);
    assert_eq!(names_in(&folder), [""; 0]);
}

#[test]
fn an_override_that_names_nothing_ends_with_3() {
    let folder = fresh_folder("no-key");
    let ran = run(&folder.join("report"), &["--set", "teams.database.poeple=8"]);
    assert_ended(&ran, 3);
    assert!(ran.stderr.contains("did you mean `teams.database.people`?"), "{}", ran.stderr);
    assert_eq!(names_in(&folder), [""; 0]);
}

#[test]
fn a_run_writes_these_files_and_no_others() {
    let folder = fresh_folder("files");
    assert_ended(&run(&folder.join("report"), &[]), 0);
    let names: Vec<String> = FILES.iter().map(|it| format!("report/{it}")).collect();
    assert_eq!(names_in(&folder), names);
}

#[test]
fn without_a_folder_the_report_goes_under_the_name_of_the_scenario() {
    let folder = fresh_folder("default-folder");
    let ran = blackstart_in(&folder, &["run", &shipped(QUICKSTART), "--replications", "5"]);
    assert_ended(&ran, 0);
    assert_eq!(names_in(&folder.join("reports/quickstart")), FILES);
    let told = ran.stderr.replace('\\', "/");
    assert!(told.starts_with("report: reports/quickstart\nnext, to "), "{told}");
}

#[test]
fn a_folder_that_is_no_report_is_refused_and_stays_as_it_is() {
    let folder = fresh_folder("no-report");
    fs::create_dir(folder.join("thesis")).unwrap();
    fs::write(folder.join("thesis/chapter.txt"), "years of work").unwrap();
    let before = files_in(&folder);
    let ran = run(&folder.join("thesis"), &[]);
    assert_ended(&ran, 1);
    assert!(ran.stderr.contains("is not the report of a run"), "{}", ran.stderr);
    let onto_a_file = run(&folder.join("thesis/chapter.txt"), &[]);
    assert_ended(&onto_a_file, 1);
    assert!(onto_a_file.stderr.contains("is not a folder"), "{}", onto_a_file.stderr);
    assert_eq!((ran.stdout.as_str(), onto_a_file.stdout.as_str()), ("", ""));
    assert_eq!(files_in(&folder), before);
}

#[test]
fn an_empty_folder_and_an_old_report_are_replaced_whole() {
    let folder = fresh_folder("replaced");
    let report = folder.join("report");
    fs::create_dir(&report).unwrap();
    assert_ended(&run(&report, &[]), 0);
    assert_eq!(names_in(&report), FILES);
    assert_ended(&run(&report, &["--strategy", "five-at-a-time"]), 0);
    assert!(!report.join("plots/recovery-site-by-site.svg").exists());
    assert_ended(&run(&report, &[]), 0);
    assert_eq!(names_in(&report), FILES);
}

#[test]
fn what_a_run_that_died_has_left_is_mended() {
    let folder = fresh_folder("mended");
    assert_ended(&run(&folder.join("report"), &[]), 0);
    let before = files_in(&folder.join("report"));
    // Died between the two moves: the old report aside, the new one complete beside it.
    assert_ended(&run(&folder.join("other"), &[]), 0);
    let digest = ListedFile::of("", b"report").digest;
    let on_the_way = |ending: &str| folder.join(format!(".blackstart-{digest}-1-0.{ending}"));
    fs::rename(folder.join("report"), on_the_way("old")).unwrap();
    fs::rename(folder.join("other"), on_the_way("new")).unwrap();
    assert_ended(&run(&folder.join("report"), &[]), 0);
    assert_eq!(files_in(&folder.join("report")), before);
    assert_eq!(files_in(&folder).len(), FILES.len());
    // Died after them: the old report is still there.
    fs::create_dir(on_the_way("old")).unwrap();
    assert_ended(&run(&folder.join("report"), &[]), 0);
    assert_eq!(files_in(&folder).len(), FILES.len());
    assert!(!on_the_way("old").exists());
}

#[test]
fn a_write_that_fails_leaves_nothing_behind() {
    let folder = fresh_folder("write-fails");
    fs::write(folder.join("file"), "in the way").unwrap();
    let before = files_in(&folder);
    let inside_a_file = run(&folder.join("file/report"), &[]);
    assert_ended(&inside_a_file, 1);
    assert!(inside_a_file.stderr.contains("cannot write `"), "{}", inside_a_file.stderr);
    let long = run(&folder.join("x".repeat(256)), &[]);
    assert_ended(&long, 1);
    assert_eq!((inside_a_file.stdout.as_str(), long.stdout.as_str()), ("", ""));
    assert_eq!(files_in(&folder), before);
    // As long as a name may be it can be used.
    assert_ended(&run(&folder.join("x".repeat(255)), &[]), 0);
    assert_ended(&run(Path::new("/"), &[]), 1);
}

#[test]
fn every_byte_is_the_same_on_any_number_of_threads() {
    let folder = fresh_folder("threads");
    let on = |name: &str, jobs: &[&str]| {
        let ran = run(&folder.join(name), jobs);
        assert_ended(&ran, 0);
        (ran.stdout, files_in(&folder.join(name)))
    };
    let one = on("1", &["--jobs", "1"]);
    assert_eq!(on("1", &["--jobs", "1"]), one, "twice");
    for jobs in ["2", "7", "16"] {
        assert_eq!(on(jobs, &["--jobs", jobs]), one, "{jobs} threads");
    }
    assert_eq!(on("default", &[]), one);
}

#[test]
fn every_byte_is_the_same_in_every_folder() {
    let (here, there) = (fresh_folder("here"), fresh_folder("there"));
    let scenario = shipped(QUICKSTART);
    let words = ["run", &scenario, "--replications", "20", "--out", "report"];
    assert_ended(&blackstart_in(&here, &words), 0);
    assert_ended(&blackstart_in(&there, &words), 0);
    assert_eq!(files_in(&here), files_in(&there));
}

/// The words behind `Reproduce with: blackstart`.
#[track_caller]
fn reproduced(stdout: &str) -> Vec<String> {
    let (_, command) = stdout.rsplit_once("Reproduce with: blackstart ").expect("a command");
    words(command)
}

#[test]
fn the_command_in_the_report_reproduces_it() {
    let folder = fresh_folder("reproduce");
    let more = [
        "--seed",
        "77",
        "--strategy",
        "five-at-a-time",
        "--set",
        "teams.support.people=2",
        "--set",
        "title=\"what if it's \\\"two\\\"?\"",
        "--jobs",
        "2",
    ];
    let first = run(&folder.join("first"), &more);
    assert_ended(&first, 0);
    let command = reproduced(&first.stdout);
    assert!(command.contains(&"teams.support.people=2".to_owned()), "{command:?}");
    assert!(!command.iter().any(|it| it == "--out" || it == "--jobs"), "{command:?}");
    let again = folder.join("again").to_string_lossy().into_owned();
    let mut words: Vec<&str> = command.iter().map(String::as_str).collect();
    words.extend(["--out", &again]);
    let second = in_process(&words);
    assert_ended(&second, 0);
    assert_eq!(second.stdout, first.stdout);
    assert_eq!(files_in(&folder.join("again")), files_in(&folder.join("first")));
}

#[test]
fn an_override_changes_the_results_and_the_digest() {
    let folder = fresh_folder("override");
    let summary = |name: &str, more: &[&str]| {
        assert_ended(&run(&folder.join(name), more), 0);
        let text = fs::read_to_string(folder.join(name).join("summary.json")).unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let digest = value["scenario"]["digest"].clone();
        (digest, value["strategies"][0]["figures"].clone())
    };
    let plain = summary("plain", &[]);
    let more = summary("more", &["--set", "teams.support.people=4"]);
    assert_ne!(plain.0, more.0);
    assert_ne!(plain.1, more.1);
}

#[test]
fn json_is_what_stands_in_the_summary() {
    let folder = fresh_folder("json");
    let ran = run(&folder.join("report"), &["--format", "json"]);
    assert_ended(&ran, 0);
    assert_eq!(ran.stdout, fs::read_to_string(folder.join("report/summary.json")).unwrap());
}

#[test]
fn results_go_to_standard_output_and_messages_elsewhere() {
    let folder = fresh_folder("streams");
    let scenario = shipped(QUICKSTART);
    let words = ["run", &scenario, "--replications", "20", "--out", "report"];
    let loud = blackstart_in(&folder, &words);
    assert_ended(&loud, 0);
    assert!(loud.stdout.starts_with("site-by-site "), "{}", loud.stdout);
    assert!(!loud.stdout.contains(['\u{1b}', '\r']), "{}", loud.stdout);
    assert!(!loud.stdout.contains("report: "), "{}", loud.stdout);
    assert!(loud.stderr.starts_with("report: report\nnext, to "), "{}", loud.stderr);
    let quiet = blackstart_in(&folder, &[&words[..], &["--quiet"]].concat());
    assert_eq!(quiet, Ran { stderr: String::new(), ..loud });
}

#[test]
fn the_terminal_says_what_the_summary_says() {
    let folder = fresh_folder("parity");
    let ran = run(&folder.join("report"), &[]);
    let text = fs::read_to_string(folder.join("report/summary.json")).unwrap();
    let summary: serde_json::Value = serde_json::from_str(&text).unwrap();
    for strategy in summary["strategies"].as_array().unwrap() {
        let sentence = strategy["verdict"]["sentence"].as_str().unwrap();
        assert!(ran.stdout.contains(sentence), "{sentence}");
        for row in strategy["rows"].as_array().unwrap() {
            let cells =
                ["label", "value", "interval", "spread"].map(|it| row[it].as_str().unwrap());
            let shown = |line: &str| cells.iter().all(|it| line.contains(it));
            assert!(ran.stdout.lines().any(shown), "{cells:?}");
        }
    }
}

#[test]
fn the_schema_is_json() {
    let ran = blackstart(&["schema"]);
    assert_ended(&ran, 0);
    let schema: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(schema["title"], "Blackstart scenario");
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(ran.stderr, "");
}
