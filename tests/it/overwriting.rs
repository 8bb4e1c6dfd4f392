//! Nothing is overwritten or removed that the program has not written itself.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use blackstart::folder::ListedFile;

use crate::support::{Ran, blackstart_in, files_in, fresh_folder, names_in, small};

/// A folder with a scenario that takes a moment.
fn workplace(name: &str) -> PathBuf {
    let folder = fresh_folder(name);
    let rest = "[experiment]\nreplications = 20\n\
                [[budgets]]\nmetric = \"site.rta\"\nexpect = \"max < 9h\"\n\
                [observed]\nstrategy = \"s\"\n\
                [[observed.instants]]\nfigure = \"last_restored\"\nat = \"T+1h\"\nwithin = \"1h\"\n\
                [[runbooks.r.steps]]\nid = \"restore\"\nduration = \"1h\"\n\
                [strategies.s]\ntracks = [{ runbook = \"r\" }]\n\
                [strategies.t]\ntracks = [{ runbook = \"r\" }]\n";
    fs::write(folder.join("x.toml"), small(3, rest)).expect("a file can be written");
    folder
}

#[track_caller]
fn fine(folder: &Path, words: &[&str]) -> Ran {
    let ran = blackstart_in(folder, words);
    assert_eq!(ran.code, 0, "{words:?}\n{}\n{}", ran.stdout, ran.stderr);
    ran
}

/// The program refuses, says all of this, and leaves everything as it is.
#[track_caller]
fn refused(folder: &Path, words: &[&str], told: &[&str]) {
    let before = files_in(folder);
    let ran = blackstart_in(folder, words);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{words:?}\n{}", ran.stderr);
    for told in told {
        assert!(ran.stderr.contains(told), "{words:?}\n{told}\n{}", ran.stderr);
    }
    assert!(files_in(folder) == before, "{words:?}");
}

/// Every command that writes a folder.
const WRITING_FOLDERS: [&[&str]; 4] = [
    &["run", "x.toml", "--out", "v"],
    &["backtest", "x.toml", "--out", "v"],
    &["compare", "x.toml", "--out", "v"],
    &["trace", "x.toml", "--out", "v"],
];

#[test]
fn a_folder_with_anything_foreign_in_it_is_refused_by_every_verb() {
    for words in WRITING_FOLDERS {
        let folder = workplace("overwriting-foreign");
        fine(&folder, words);
        fine(&folder, words);
        fs::create_dir_all(folder.join("v/.git")).expect("a new folder");
        fs::write(folder.join("v/.git/HEAD"), "ref: refs/heads/main").expect("a new file");
        refused(&folder, words, &["`.git/`", "move that away, or choose another --out"]);
        fs::remove_dir_all(folder.join("v/.git")).expect("a folder");
        fine(&folder, words);
        let main = names_in(&folder.join("v")).into_iter().find(|it| it != "manifest.json");
        let main = folder.join("v").join(main.expect("a file"));
        let mut text = fs::read(&main).expect("a file");
        text[0] ^= 1;
        fs::write(&main, text).expect("a file");
        refused(&folder, words, &["(changed since)"]);
    }
}

#[test]
fn a_folder_that_has_only_the_name_of_a_report_in_it_is_refused() {
    let folder = workplace("overwriting-name");
    for (words, main) in WRITING_FOLDERS.into_iter().zip([
        "summary.json",
        "backtest.json",
        "compare.json",
        "trace.ndjson",
    ]) {
        fs::create_dir_all(folder.join("v/.git")).expect("a new folder");
        fs::write(folder.join("v/.git/HEAD"), "ref: refs/heads/main").expect("a new file");
        fs::write(folder.join("v").join(main), "{}").expect("a new file");
        let advice =
            "move it away, or remove it if nothing in it is yours, or choose another --out";
        refused(&folder, words, &["has no manifest.json", "`.git/`", advice]);
        fs::remove_dir_all(folder.join("v")).expect("a folder");
    }
}

#[test]
fn a_report_is_not_drawn_again_over_what_is_foreign() {
    let folder = workplace("overwriting-drawn");
    fine(&folder, &["run", "x.toml", "--out", "v"]);
    let before = files_in(&folder);
    fine(&folder, &["report", "v"]);
    assert!(files_in(&folder) == before, "the manifest is as it was");
    fs::write(folder.join("v/plots/mine.svg"), "mine").expect("a new file");
    refused(&folder, &["report", "v"], &["`plots/mine.svg`; move that away\n"]);
    fs::remove_file(folder.join("v/plots/mine.svg")).expect("a file");
    fs::write(folder.join("v/report.html"), "with notes").expect("a file");
    refused(&folder, &["report", "v"], &["`report.html` (changed since)"]);
}

#[test]
fn what_a_run_that_died_has_left_is_drawn_again() {
    let folder = workplace("overwriting-died");
    fine(&folder, &["run", "x.toml", "--out", "v"]);
    let before = files_in(&folder);
    // Its name as long as it is not in its place has the fingerprint of that.
    let aside = format!(".blackstart-{}-1-0.old", ListedFile::of("", b"v").digest);
    fs::rename(folder.join("v"), folder.join(&aside)).expect("a report");
    fine(&folder, &["report", "v"]);
    assert!(files_in(&folder) == before);
    // Somebody has put something into it: it is moved back with that, and refused as ever.
    fs::rename(folder.join("v"), folder.join(&aside)).expect("a report");
    fs::write(folder.join(aside).join("notes.txt"), "mine").expect("a new file");
    let ran = blackstart_in(&folder, &["report", "v"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    for words in [&["report", "v"][..], WRITING_FOLDERS[0]] {
        refused(&folder, words, &["`v` has something in it", "`notes.txt`"]);
    }
}

#[test]
fn what_was_decided_on_in_a_folder_is_finished_before_it_is_drawn() {
    let folder = workplace("overwriting-within");
    fine(&folder, &["run", "x.toml", "--out", "v"]);
    fine(&folder, &["run", "x.toml", "--seed", "2", "--out", "w"]);
    let after = files_in(&folder.join("w"));
    // So it lies where something is mounted at `v`, and the machine died while the old was removed.
    let ready = format!("v/.blackstart-{}-1-0.ready", ListedFile::of("", b"v").digest);
    fs::rename(folder.join("w"), folder.join(ready)).expect("a report");
    fs::remove_file(folder.join("v/summary.json")).expect("a file");
    fine(&folder, &["report", "v"]);
    assert!(files_in(&folder.join("v")) == after);
}

/// Every command that writes a file, with what it calls its kind.
const WRITING_FILES: [(&[&str], &str, &str); 8] = [
    (&["check", "x.toml", "--accept-baseline"], "f.json", "a baseline"),
    (&["check", "x.toml", "--out"], "f.json", "a check as JSON"),
    (&["check", "x.toml", "--out"], "f.md", "a check as Markdown"),
    (&["check", "x.toml", "--out"], "f.txt", "a check as text"),
    (&["check", "x.toml", "--out"], "f.log", "a check as text"),
    (&["check", "x.toml", "--out"], "f.xml", "a check as JUnit"),
    (&["run", "x.toml", "--slice", "1/2", "--out"], "f.ndjson", "a part of a run"),
    (&["init", "--force"], "f.toml", "a scenario"),
];

#[test]
fn a_file_is_overwritten_only_by_another_of_its_kind() {
    let folder = workplace("overwriting-files");
    fine(&folder, &["run", "x.toml", "--out", "v"]);
    let mut kinds: Vec<Vec<u8>> = Vec::new();
    for (words, file, _) in WRITING_FILES {
        let words = [words, &[file]].concat();
        fine(&folder, &words);
        fine(&folder, &words);
        kinds.push(fs::read(folder.join(file)).expect("it was written"));
        fs::remove_file(folder.join(file)).expect("a file");
    }
    let scenario = fs::read(folder.join("x.toml")).expect("a file");
    let summary = fs::read(folder.join("v/summary.json")).expect("a file");
    let strange: [&[u8]; 7] =
        [&scenario, &summary, b"", b"mine", b"{}", b"\xff\xfe", b"passed\nexit 0\n"];
    for (own, (words, file, kind)) in WRITING_FILES.into_iter().enumerate() {
        let words = [words, &[file]].concat();
        let others = kinds.iter().enumerate().filter(|it| WRITING_FILES[it.0].2 != kind);
        let others = others.map(|it| it.1.as_slice());
        for text in others.chain(strange).filter(|it| kind != "a scenario" || *it != scenario) {
            fs::write(folder.join(file), text).expect("a file can be written");
            let told = format!("`{file}` is there and is not {kind}; choose another name, or move");
            refused(&folder, &words, &[&told]);
        }
        fs::write(folder.join(file), &kinds[own]).expect("a file can be written");
        fine(&folder, &words);
        fs::remove_file(folder.join(file)).expect("a file");
        fs::create_dir(folder.join(file)).expect("a folder can be made");
        refused(&folder, &words, &["is there and is no file; choose another name"]);
        fs::remove_dir(folder.join(file)).expect("a folder");
    }
}

#[test]
fn a_scenario_is_not_overwritten_by_its_own_check() {
    let folder = workplace("overwriting-scenario");
    // Nothing is simulated: that would not come to an end today.
    let words = ["check", "x.toml", "--replications", "10000000", "--accept-baseline", "x.toml"];
    refused(&folder, &words, &["`x.toml` is there and is not a baseline"]);
    let both = ["check", "x.toml", "--accept-baseline", "f.json", "--out", "f.json"];
    let ran = blackstart_in(&folder, &both);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    assert_eq!(names_in(&folder), ["x.toml"]);
    // Without anything to check there is a file too, which the next check replaces.
    let nothing = ["check", "x.toml", "--set", "budgets=[]"];
    for out in ["f.json", "f.md", "f.txt", "f.xml"] {
        for _ in 0..2 {
            let ran = blackstart_in(&folder, &[&nothing[..], &["--out", out]].concat());
            assert_eq!(ran.code, 4, "{}", ran.stderr);
        }
    }
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_and_never_replaced() {
    let folder = workplace("overwriting-link");
    let link = |to: &str, name: &str| {
        std::os::unix::fs::symlink(to, folder.join(name)).expect("a link");
    };
    let is_link = |name: &str| folder.join(name).symlink_metadata().is_ok_and(|it| it.is_symlink());
    for (words, file, kind) in WRITING_FILES {
        let words = [words, &[file]].concat();
        fine(&folder, &words);
        let written = fs::read(folder.join(file)).expect("it was written");
        fs::rename(folder.join(file), folder.join("there")).expect("a file");
        link("there", file);
        fine(&folder, &words);
        // Where there is nothing yet too.
        fs::remove_file(folder.join("there")).expect("a file");
        fine(&folder, &words);
        assert!(is_link(file) && fs::read(folder.join("there")).expect("a file") == written);
        fs::write(folder.join("there"), "mine").expect("a file");
        refused(&folder, &words, &[&format!("`{file}` is there and is not {kind}")]);
        fs::remove_file(folder.join("there")).expect("a file");
        fs::remove_file(folder.join(file)).expect("a link");
    }
    for words in WRITING_FOLDERS {
        link("there", "v");
        fine(&folder, words);
        fine(&folder, words);
        assert!(is_link("v") && folder.join("there/manifest.json").is_file());
        fs::remove_dir_all(folder.join("there")).expect("a folder");
        fs::remove_file(folder.join("v")).expect("a link");
    }
}

/// What of the program's own lies beside what it writes, on its way there.
fn on_the_way(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    let names = entries.map(|it| it.file_name().to_string_lossy().into_owned());
    names.filter(|it| it.starts_with(".blackstart-")).collect()
}

fn start(folder: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_blackstart"));
    command.args(["run", "x.toml", "--out", "v", "--quiet"]).current_dir(folder);
    command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program starts")
}

/// How two runs into the same folder ended, and what they said, when something was done a moment
/// after they began.
fn pair(folder: &Path, meanwhile: impl FnOnce()) -> [(i32, String); 2] {
    let both = [start(folder), start(folder)];
    meanwhile();
    both.map(|it| {
        let output = it.wait_with_output().expect("the program ends");
        let told = String::from_utf8(output.stderr).expect("messages are UTF-8");
        (output.status.code().expect("it ends by itself"), told)
    })
}

#[test]
fn two_runs_into_one_folder_end_well() {
    let folder = workplace("overwriting-pair");
    for _ in 0..20 {
        let ended = pair(&folder, || ());
        assert!(ended.iter().all(|it| it.0 == 0), "{ended:?}");
        assert!(on_the_way(&folder).is_empty());
        fine(&folder, &["report", "v"]);
    }
}

#[test]
fn two_runs_into_one_folder_lose_no_foreign_file() {
    let folder = workplace("overwriting-pair-foreign");
    let note = "x.txt";
    for number in 0..40u64 {
        fine(&folder, &["run", "x.toml", "--out", "v"]);
        // Half of them find it there, the others get it at any moment while they run.
        let moment = Duration::from_millis(number * 3 / 2);
        let write = || {
            let path = folder.join("v").join(note);
            // Between the two moves there is no such folder.
            while fs::File::create_new(&path).and_then(|mut it| it.write_all(b"mine")).is_err() {
                assert!(!path.exists(), "it is written once");
            }
        };
        let ended = if number % 2 == 0 {
            write();
            let ended = pair(&folder, || ());
            assert!(ended.iter().all(|it| it.0 == 1), "{ended:?}");
            ended
        } else {
            pair(&folder, || {
                thread::sleep(moment);
                write();
            })
        };
        let on_the_way = on_the_way(&folder);
        let places = on_the_way.iter().map(String::as_str).chain(["v"]);
        let kept: Vec<PathBuf> = places.map(|it| folder.join(it).join(note)).collect();
        let kept: Vec<&PathBuf> = kept.iter().filter(|it| it.exists()).collect();
        assert_eq!(kept.len(), 1, "{number}: {ended:?}");
        assert_eq!(fs::read_to_string(kept[0]).expect("a file"), "mine");
        for (code, told) in &ended {
            assert!(*code == 0 || *code == 1 && told.contains(note), "{number}: {ended:?}");
        }
        // Whoever has read the message moves the file away.
        fs::remove_file(kept[0]).expect("a file");
    }
}
