//! What becomes of a run that is interrupted: what it has done is kept, and it goes on to the same bytes.

#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::support::{Ran, files_in, fresh_folder};

/// A folder with the reference case in it.
fn workplace(name: &str) -> PathBuf {
    let folder = fresh_folder(name);
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/atlassian-2022.toml");
    fs::copy(scenario, folder.join("x.toml")).expect("the scenario can be copied");
    folder
}

/// Long enough that slices are kept, whatever else the machine does.
const RUN: [&str; 8] =
    ["run", "x.toml", "--strategy", "as-happened", "--replications", "1000", "--jobs", "2"];

/// What lies in a folder, in order; nothing where there is none.
fn inside(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|it| it.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn start(folder: &Path, words: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_blackstart"));
    let command = command.args(words).current_dir(folder);
    let started = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    started.expect("the program starts")
}

fn ended(child: Child) -> Ran {
    let output = child.wait_with_output().expect("the program ends");
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Sends a signal to a process.
fn send(signal: &str, child: &Child) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(sent.expect("there is a command `kill`").success());
}

/// The folder of what is kept, once so many slices are in it.
fn kept(folder: &Path, slices: usize, child: &mut Child) -> Option<PathBuf> {
    let reports = folder.join("reports");
    loop {
        let names = inside(&reports);
        let found = names.iter().find(|it| it.starts_with("x.unfinished-"));
        let found = found.map(|it| reports.join(it));
        let parts = |it: &Path| inside(it).iter().filter(|it| it.starts_with("part-")).count();
        if found.as_ref().is_some_and(|it| parts(it) >= slices) {
            return found;
        }
        if child.try_wait().expect("the process can be asked").is_some() {
            return None;
        }
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn an_interrupted_run_says_what_is_kept_and_goes_on_to_the_same_bytes() {
    let folder = workplace("interrupted");
    let whole = ended(start(&folder, &[&RUN[..], &["--out", "whole"]].concat()));
    assert_eq!(whole.code, 0, "{}", whole.stderr);
    let mut words = RUN.to_vec();
    for (signal, code) in [("-INT", 130), ("-TERM", 143), ("-KILL", -1)] {
        let mut child = start(&folder, &words);
        // The first is kept from before.
        let kept = kept(&folder, words.len() - RUN.len() + 2, &mut child).expect("slices are kept");
        send(signal, &child);
        let ran = ended(child);
        assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{}", ran.stderr);
        assert!(!folder.join("reports/x").exists());
        if code > 0 {
            let name = kept.file_name().and_then(|it| it.to_str()).expect("a name");
            let told = format!(" kept in `reports/{name}`; to go on: blackstart run x.toml ");
            assert!(
                ran.stderr.starts_with("interrupted; ") && ran.stderr.contains(&told),
                "{}",
                ran.stderr
            );
            assert!(ran.stderr.trim_end().ends_with(" --resume"), "{}", ran.stderr);
        }
        words = [&RUN[..], &["--resume"]].concat();
    }
    // One of the slices is damaged.
    let mut child = start(&folder, &words);
    let place = kept(&folder, 1, &mut child).expect("slices are kept");
    send("-KILL", &child);
    ended(child);
    let name = inside(&place).into_iter().find(|it| it.starts_with("part-")).expect("a slice");
    let mut bytes = fs::read(place.join(&name)).expect("a slice can be read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(place.join(&name), bytes).expect("a slice can be written");
    let ran = ended(start(&folder, &words));
    assert_eq!((ran.code, &ran.stdout), (0, &whole.stdout), "{}", ran.stderr);
    assert!(ran.stderr.contains("slices were kept from before"), "{}", ran.stderr);
    assert!(ran.stderr.contains(&format!("{name}` is damaged or cut short")), "{}", ran.stderr);
    assert!(files_in(&folder.join("reports/x")) == files_in(&folder.join("whole")));
    // Nothing is kept of what is done.
    assert_eq!(inside(&folder.join("reports")), ["x"]);
}

#[test]
fn what_is_kept_of_another_run_is_not_taken() {
    let folder = workplace("interrupted-other");
    let few = ["run", "x.toml", "--strategy", "as-happened", "--replications", "3", "--resume"];
    let ran = ended(start(&folder, &few));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("nothing is kept of this very run; it began anew"),
        "{}",
        ran.stderr
    );
    assert_eq!(inside(&folder.join("reports")), ["x"]);
}

#[test]
fn two_runs_into_one_folder_leave_the_report_of_one() {
    let folder = workplace("interrupted-pairs");
    let run = |seed: &str, out: &str| {
        let words = ["run", "x.toml", "--strategy", "as-happened", "--replications", "2"];
        start(&folder, &[&words[..], &["--seed", seed, "--out", out]].concat())
    };
    let alone = ["1", "2"].map(|seed| {
        ended(run(seed, seed));
        files_in(&folder.join(seed))
    });
    for round in 0..4 {
        let pair = [run("1", "both"), run("2", "both")];
        for ran in pair.map(ended) {
            assert_eq!(ran.code, 0, "{}", ran.stderr);
        }
        let both = files_in(&folder.join("both"));
        assert!(alone.contains(&both), "round {round}");
        let all = fs::read_dir(&folder).expect("a folder").flatten();
        let hidden = all.filter(|it| it.file_name().to_string_lossy().starts_with('.')).count();
        assert_eq!(hidden, 0, "nothing is left on the way");
    }
}
