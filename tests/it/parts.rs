//! Runs in slices: the parts together give the bytes of one run, or they are refused.

use std::fs;
use std::path::{Path, PathBuf};

use blackstart::experiment::{Part, PartError, Slice};

use crate::support::{Ran, files_in, fresh_folder, in_process, names_in, read};

fn path(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

#[track_caller]
fn assert_ended(ran: &Ran, code: i32) {
    assert_eq!(ran.code, code, "{}\n{}", ran.stdout, ran.stderr);
}

/// A scenario in a folder of its own, and the words that simulate it.
struct Experiment {
    folder: PathBuf,
    words: Vec<String>,
}

impl Experiment {
    fn new(folder: &str, scenario: &str, replications: u32, more: &[&str]) -> Self {
        let folder = fresh_folder(folder);
        let file = folder.join("outage.toml");
        fs::write(&file, scenario).expect("a file can be written");
        let replications = replications.to_string();
        let mut words = vec!["run".to_owned(), path(&file), "--replications".to_owned()];
        words.push(replications);
        words.extend(more.iter().map(|it| (*it).to_owned()));
        Self { folder, words }
    }

    fn run(&self, more: &[&str]) -> Ran {
        let words = self.words.iter().map(String::as_str).chain(more.iter().copied());
        in_process(&words.collect::<Vec<_>>())
    }

    /// What one run prints and writes.
    #[track_caller]
    fn whole(&self) -> (String, Vec<(String, Vec<u8>)>) {
        let out = self.folder.join("whole");
        let ran = self.run(&["--out", &path(&out)]);
        assert_ended(&ran, 0);
        (ran.stdout, files_in(&out))
    }

    /// The files of so many slices, in their order.
    #[track_caller]
    fn parts(&self, of: u32) -> Vec<String> {
        let folder = path(&self.folder.join(format!("parts-{of}")));
        let slice = |number: u32| {
            let ran = self.run(&["--slice", &format!("{number}/{of}"), "--out", &folder]);
            assert_ended(&ran, 0);
            assert_eq!(ran.stdout, "");
            let told = ran.stderr.strip_prefix("part: ").expect("where the part is");
            told.split(" (").next().expect("a path").to_owned()
        };
        (1..=of).map(slice).collect()
    }

    fn merge(&self, parts: &[String]) -> Ran {
        let out = path(&self.folder.join("merged"));
        let mut words = vec!["merge", "--out", &out];
        words.extend(parts.iter().map(String::as_str));
        in_process(&words)
    }

    /// What merging these parts prints and writes.
    #[track_caller]
    fn merged(&self, parts: &[String]) -> (String, Vec<(String, Vec<u8>)>) {
        let ran = self.merge(parts);
        assert_ended(&ran, 0);
        assert!(ran.stderr.starts_with("report: "), "{}", ran.stderr);
        (ran.stdout, files_in(&self.folder.join("merged")))
    }

    /// Why these parts are not merged, without the way to the files.
    #[track_caller]
    fn refused(&self, parts: &[String]) -> String {
        let ran = self.merge(parts);
        assert_ended(&ran, 3);
        assert_eq!(ran.stdout, "");
        assert_eq!(names_in(&self.folder).iter().find(|it| it.contains("merged")), None);
        let told = ran.stderr.replace(&format!("{}/", path(&self.folder)), "");
        told.strip_suffix("nothing was merged\n").expect("what became of it").to_owned()
    }
}

const SMALL: &str = r#"
schema = 1
title = "Five sites"
[estate.sites]
count = 5
[[incident.deletions]]
[teams.db]
people = 2
[[runbooks.manual.steps]]
id = "load"
team = "db"
duration.exponential = { mean = "1h" }
[strategies.one]
tracks = [{ runbook = "manual" }]
[strategies.two]
teams.db = 1
tracks = [{ runbook = "manual" }]
"#;

/// Everything that an outcome can have: sites that are spared, lost, away twice or not back,
/// repaired data, throughputs, escalations, customers who are told.
const ALL: &str = r#"
schema = 1
title = "Everything"
[experiment]
horizon = "60h"
[estate.services.db]
class = "primary"
shards = 3
bytes_per_shard = "100 GiB"
backup = { full = "6h", incremental = "1h", retention = "7h" }
[estate.products]
app.services = ["db"]
[estate.sites]
count = 17
customers = 9
users.lognormal = { p50 = 40, p90 = 400 }
bytes = "8 GiB"
[incident]
[[incident.deletions]]
over = "2h"
count = 15
[incident.milestones.detected]
delay.lognormal = { p50 = "20m", p90 = "3h" }
public = true
[incident.guardrails.staged_rollout]
enabled = true
stages = [4, 6]
soak = "30m"
stops_at = "detected"
[uncertainty]
site = 0.2
step = 0.1
team = 0.1
[teams.db]
people = [{ at = "T+0", people = 3 }, { at = "T+20h", people = 1 }]
at_shift_end = "hand_over"
cost_per_hour = 80.0
[teams.senior]
people = 1
[limits.scratch]
units = 2
[throughput.restore]
rate = "120 GiB/h"
[[injects]]
at = "T+9h"
deletion = { count = 6 }
[[runbooks.manual.steps]]
id = "load"
per = "shard"
for_each = { service = "db" }
uses = { scratch = 1 }
transfer = { bytes = "shard", through = "restore" }
[[runbooks.manual.steps]]
id = "extract"
after = ["load"]
for_each = { service = "db" }
team = "db"
duration.lognormal = { p50 = "1h", p90 = "6h" }
restore_point = { latest = true, by_hand = { probability = "30%", older.exponential = { mean = "5h" }, repaired_by = "check" } }
fails = { probability = "30%", attempts = 2, escalates_to = { team = "senior" } }
[[runbooks.manual.steps]]
id = "back"
after = ["extract"]
duration = "10m"
hand_over = true
reaches_customer = true
[[runbooks.manual.steps]]
id = "check"
after = ["back"]
team = "db"
duration = "30m"
[strategies.all]
tracks = [{ runbook = "manual", opens = "detected" }]
[strategies.more]
based_on = "all"
teams.db = "200%"
"#;

#[test]
fn parts_together_give_the_bytes_of_one_run() {
    let resampled =
        SMALL.replace("count = 5", "count = 9\nresample = true\nregions = { eu = 0.5, us = 0.5 }");
    let resampled = resampled.replace(
        "[[incident.deletions]]",
        "[[incident.deletions]]\nsites = { regions = [\"eu\"] }",
    );
    for (name, text, more) in [
        ("merge-all", ALL, &[][..]),
        (
            "merge-small",
            SMALL,
            &["--seed", "9", "--strategy", "two", "--set", "title='a \"b\" $c'"],
        ),
        ("merge-resampled", &resampled, &["--strategy", "two", "--strategy", "one"]),
    ] {
        let experiment = Experiment::new(name, text, 40, more);
        let whole = experiment.whole();
        for of in [1, 3, 16] {
            let merged = experiment.merged(&experiment.parts(of));
            assert_eq!(merged.0, whole.0, "{name}, {of} slices");
            assert!(merged.1 == whole.1, "{name}, {of} slices");
        }
    }
}

#[test]
fn an_outcome_of_everything_has_everything() {
    // Otherwise the test above shows less than it says.
    let experiment = Experiment::new("merge-everything", ALL, 40, &[]);
    let part = fs::read_to_string(&experiment.parts(1)[0]).expect("a part is text");
    for (column, found) in [
        ("ends", ["-1", "-2", "-3"].as_slice()),
        ("deleted_at", &["-1"]),
        ("earlier_outage", &["00"]),
        ("restored_by", &["255"]),
        ("reached", &["-1"]),
    ] {
        let opening = format!("\"{column}\":[");
        let columns = || part.split(&opening).skip(1);
        let has =
            |it: &&str| columns().any(|list| list.split("\":[").next().unwrap_or("").contains(it));
        let lacks: Vec<_> = found.iter().filter(|it| !has(it)).collect();
        assert!(lacks.is_empty(), "{column}: {lacks:?}");
    }
}

#[test]
fn every_shipped_scenario_can_be_simulated_in_slices() {
    for entry in
        fs::read_dir(path(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"))).unwrap()
    {
        let file = entry.unwrap().path();
        let slow = ["atlassian-2022", "template"].iter().any(|it| path(&file).contains(it));
        if slow || file.extension().is_none_or(|it| it != "toml") {
            continue;
        }
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let folder = fresh_folder(&format!("merge-shipped-{name}"));
        let out = |name: &str| path(&folder.join(name));
        let scenario = path(&file);
        let run = |more: &[&str]| {
            let ran = in_process(&[&["run", &scenario, "--replications", "7"], more].concat());
            assert_ended(&ran, 0);
            ran.stdout
        };
        let whole = run(&["--out", &out("whole")]);
        for slice in ["1/2", "2/2"] {
            run(&["--slice", slice, "--out", &out("parts")]);
        }
        let (first, second) = (out("parts/part-1-of-2.ndjson"), out("parts/part-2-of-2.ndjson"));
        let merged = in_process(&["merge", &second, &first, "--out", &out("merged")]);
        assert_ended(&merged, 0);
        assert_eq!(merged.stdout, whole, "{name}");
        assert!(files_in(&folder.join("merged")) == files_in(&folder.join("whole")), "{name}");
    }
}

#[test]
fn merging_needs_nothing_but_the_parts() {
    let folder = fresh_folder("merge-elsewhere");
    for file in ["from-files.toml", "parts/platform.toml", "parts/sites.csv"] {
        let target = folder.join("scenarios").join(file);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, read(&format!("scenarios/{file}"))).unwrap();
    }
    let scenario = path(&folder.join("scenarios/from-files.toml"));
    let run = |more: &[&str]| {
        let ran = in_process(&[&["run", &scenario, "--replications", "8"], more].concat());
        assert_ended(&ran, 0);
        ran.stdout
    };
    let out = |name: &str| path(&folder.join(name));
    let whole = run(&["--out", &out("whole")]);
    for slice in ["1/3", "2/3", "3/3"] {
        run(&["--slice", slice, "--out", &out("parts")]);
    }
    fs::remove_dir_all(folder.join("scenarios")).unwrap();
    let parts: Vec<String> =
        names_in(&folder.join("parts")).iter().map(|it| out(&format!("parts/{it}"))).collect();
    let mut words = vec!["merge".to_owned(), "--out".to_owned(), out("merged")];
    words.extend(parts);
    let merged = in_process(&words.iter().map(String::as_str).collect::<Vec<_>>());
    assert_ended(&merged, 0);
    assert_eq!(merged.stdout, whole);
    assert!(files_in(&folder.join("merged")) == files_in(&folder.join("whole")));
}

#[test]
fn levers_and_json_are_for_the_merge() {
    let experiment = Experiment::new("merge-levers", SMALL, 12, &[]);
    let (whole, merged) = (experiment.folder.join("whole"), experiment.folder.join("merged"));
    let more = ["--levers", "--format", "json"];
    let one = experiment.run(&[&more[..], &["--out", &path(&whole)]].concat());
    assert_ended(&one, 0);
    let parts = experiment.parts(2);
    let words = ["merge", &parts[1], &parts[0], "--out", &path(&merged)];
    let joined = in_process(&[&words[..], &more].concat());
    assert_ended(&joined, 0);
    assert_eq!(joined.stdout, one.stdout);
    assert!(files_in(&merged) == files_in(&whole));
}

#[test]
fn the_order_of_parts_does_not_matter() {
    let experiment = Experiment::new("merge-order", SMALL, 12, &[]);
    let parts = experiment.parts(5);
    let in_order = experiment.merged(&parts);
    let [one, two, three, four, five] = [0, 1, 2, 3, 4].map(|it: usize| parts[it].clone());
    assert!(experiment.merged(&[four, one, five, three, two]) == in_order);
}

#[test]
fn a_slice_begins_where_the_one_before_ends() {
    for of in 1..=20 {
        for replications in [1, 7, 16, 1_000] {
            let slices = (1..=of).map(|it| format!("{it}/{of}").parse::<Slice>().unwrap());
            let ends = slices.fold(0, |end, slice| {
                let numbers = slice.of_replications(replications);
                assert_eq!(numbers.start, end);
                numbers.end
            });
            assert_eq!(ends, replications);
        }
    }
    let third: Slice = "3/16".parse().unwrap();
    assert_eq!(third.of_replications(1_000), 125..187);
    let last: Slice = "1000000/1000000".parse().unwrap();
    assert_eq!(last.of_replications(10_000_000), 9_999_990..10_000_000);
}

#[test]
fn more_slices_than_replications_leave_some_empty() {
    let experiment = Experiment::new("merge-empty", SMALL, 3, &[]);
    let parts = experiment.parts(7);
    assert!(experiment.merged(&parts) == experiment.whole());
    let lines: Vec<usize> = parts
        .iter()
        .map(|it| fs::read_to_string(it).expect("a part is text").lines().count() - 2)
        .collect();
    assert_eq!(lines, [0, 0, 2, 0, 2, 0, 2]);
}

#[test]
fn a_slice_has_to_be_one() {
    let experiment = Experiment::new("merge-no-slice", SMALL, 3, &[]);
    for (slice, told) in [
        ("3", "write which one and of how many: 3/16"),
        ("x/3", "write which one and of how many: 3/16"),
        ("+1/3", "write which one and of how many: 3/16"),
        ("1/3/3", "write which one and of how many: 3/16"),
        ("0/16", "they count from 1/16 to 16/16"),
        ("17/16", "they count from 1/16 to 16/16"),
        ("2/1", "there is only 1/1"),
        ("1/0", "there has to be one: 1/1"),
    ] {
        let ran = experiment.run(&["--slice", slice]);
        assert_ended(&ran, 2);
        assert!(ran.stderr.contains(told), "{slice}: {}", ran.stderr);
    }
    for other in [&["--format", "json"][..], &["--until", "5%"], &["--levers"]] {
        assert_ended(&experiment.run(&[&["--slice", "1/2"], other].concat()), 2);
    }
    assert_eq!(names_in(&experiment.folder), ["outage.toml"]);
}

#[test]
fn a_slice_may_be_asked_for_by_the_word_of_before() {
    let experiment = Experiment::new("merge-word-of-before", SMALL, 3, &[]);
    let part = |flag: &str| {
        let out = path(&experiment.folder.join(format!("{flag}.ndjson")));
        assert_ended(&experiment.run(&[flag, "2/3", "--out", &out]), 0);
        std::fs::read_to_string(&out).expect("a part")
    };
    assert_eq!(part("--shard"), part("--slice"));
    let help = in_process(&["run", "--help"]).stdout;
    assert!(help.contains("--slice <I/N>") && !help.contains("--shard"), "{help}");
}

#[test]
fn a_part_is_a_file_or_lies_in_a_folder() {
    let experiment = Experiment::new("merge-targets", SMALL, 3, &[]);
    let out = |name: &str| path(&experiment.folder.join(name));
    for (slice, target) in [("1/2", "a/b"), ("02/11", "a/b"), ("2/2", "mine.ndjson")] {
        let ran = experiment.run(&["--slice", slice, "--out", &out(target), "--quiet"]);
        assert_ended(&ran, 0);
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    }
    let names =
        ["a/b/part-02-of-11.ndjson", "a/b/part-1-of-2.ndjson", "mine.ndjson", "outage.toml"];
    assert_eq!(names_in(&experiment.folder), names);
    let again = fs::read(experiment.folder.join("mine.ndjson")).unwrap();
    assert_ended(&experiment.run(&["--slice", "2/2", "--out", &out("mine.ndjson")]), 0);
    assert_eq!(fs::read(experiment.folder.join("mine.ndjson")).unwrap(), again);
}

#[test]
fn a_file_that_is_no_part_is_not_overwritten() {
    let experiment = Experiment::new("merge-thesis", SMALL, 3, &[]);
    let thesis = experiment.folder.join("thesis.ndjson");
    for text in ["years of work", "", "{\"format\":\"thesis\"}\n"] {
        fs::write(&thesis, text).unwrap();
        let ran = experiment.run(&["--slice", "1/2", "--out", &path(&thesis)]);
        assert_ended(&ran, 1);
        assert!(ran.stderr.contains("is not a part of a run; choose another name, or move"));
        assert_eq!(fs::read_to_string(&thesis).unwrap(), text);
    }
    let below_a_file = path(&thesis.join("part.ndjson"));
    assert_ended(&experiment.run(&["--slice", "1/2", "--out", &below_a_file]), 1);
    assert_eq!(names_in(&experiment.folder), ["outage.toml", "thesis.ndjson"]);
}

#[test]
fn missing_parts_are_refused() {
    let experiment = Experiment::new("merge-missing", SMALL, 40, &[]);
    let parts = experiment.parts(16);
    let without = |left_out: &[usize]| {
        let kept = parts.iter().enumerate().filter(|(it, _)| !left_out.contains(&(it + 1)));
        experiment.refused(&kept.map(|it| it.1.clone()).collect::<Vec<_>>())
    };
    assert_eq!(without(&[3]), "error: slice 3/16 is missing: exercises 5 to 6\n");
    assert_eq!(
        without(&[1, 2, 9, 16]),
        "error: slices 1/16, 2/16 are missing: exercises 0 to 4\n\
         error: slice 9/16 is missing: exercises 20 to 21\n\
         error: slice 16/16 is missing: exercises 37 to 39\n"
    );
    assert_eq!(
        without(&[4, 5, 6, 7, 8]),
        "error: 5 slices from 4/16 to 8/16 are missing: exercises 7 to 19\n"
    );
}

#[test]
fn doubled_and_overlapping_parts_are_refused() {
    let experiment = Experiment::new("merge-twice", SMALL, 40, &[]);
    let (three, four) = (experiment.parts(3), experiment.parts(4));
    let copy = path(&experiment.folder.join("copy.ndjson"));
    fs::copy(&three[1], &copy).unwrap();
    let doubled = [&three[..], &[copy]].concat();
    assert_eq!(
        experiment.refused(&doubled),
        "error: `parts-3/part-2-of-3.ndjson` and `copy.ndjson` are both slice 2/3\n"
    );
    assert_eq!(
        experiment.refused(&[three[0].clone(), four[1].clone(), four[3].clone()]),
        "error: `parts-4/part-2-of-4.ndjson` (slice 2/4) and `parts-3/part-1-of-3.ndjson` (slice 1/3) \
         both have exercises 10 to 12\n\
         error: something is missing: exercises 20 to 29\n"
    );
}

#[test]
fn slices_of_different_sizes_that_fit_are_merged() {
    let experiment = Experiment::new("merge-mixed", SMALL, 40, &[]);
    let (two, four) = (experiment.parts(2), experiment.parts(4));
    let mixed = [four[1].clone(), two[1].clone(), four[0].clone()];
    assert!(experiment.merged(&mixed) == experiment.whole());
}

#[test]
fn parts_of_other_runs_are_refused_with_every_difference() {
    let experiment = Experiment::new("merge-foreign", SMALL, 40, &[]);
    let parts = experiment.parts(3);
    let foreign = path(&experiment.folder.join("foreign.ndjson"));
    let with = |more: &[&str]| {
        let ran = experiment.run(&[&["--slice", "3/3", "--out", &foreign], more].concat());
        assert_ended(&ran, 0);
        experiment.refused(&[foreign.clone(), parts[1].clone(), parts[0].clone()])
    };
    let ours = "that of `parts-3/part-2-of-3.ndjson` is";
    assert_eq!(
        with(&["--seed", "2"]),
        format!("error: `foreign.ndjson` is of another run: its seed is 2, {ours} 1\n")
    );
    assert_eq!(
        with(&["--strategy", "two"]),
        format!(
            "error: `foreign.ndjson` is of another run: its list of --strategy is two, {ours} all\n\
             error: `foreign.ndjson` is of another run: its list of strategies is two, {ours} one, two\n"
        )
    );
    let digests = with(&["--set", "teams.db.people=3", "--allow-outside"]);
    let lines: Vec<&str> = digests.lines().collect();
    assert!(lines[0].contains("its scenario's digest is "), "{digests}");
    assert!(lines[1].contains("its list of --set is teams.db.people=3, "), "{digests}");
    assert!(lines[2].contains("its --allow-outside is given, "), "{digests}");
    assert_eq!(lines.len(), 3);
}

#[test]
fn a_part_of_another_number_of_replications_leaves_its_place_empty() {
    let experiment = Experiment::new("merge-number", SMALL, 40, &[]);
    let mut parts = experiment.parts(3);
    let other = Experiment { folder: experiment.folder.clone(), words: experiment.words.clone() };
    let mut words = other.words;
    words[3] = "41".to_owned();
    parts[2] = path(&experiment.folder.join("other.ndjson"));
    words.extend(["--slice", "3/3", "--out", &parts[2]].map(str::to_owned));
    assert_ended(&in_process(&words.iter().map(String::as_str).collect::<Vec<_>>()), 0);
    assert_eq!(
        experiment.refused(&parts),
        "error: `other.ndjson` is of another run: its number of exercises is 41, that of \
         `parts-3/part-1-of-3.ndjson` is 40\n\
         error: slice 3/3 is missing: exercises 26 to 39\n"
    );
}

/// A part with another text in the place of one, and an end that fits.
fn forged(part: &str, from: &str, to: &str) -> Vec<u8> {
    let text = fs::read_to_string(part).expect("a part is text");
    assert!(text.contains(from), "{from}");
    let text = text.replacen(from, to, 1);
    let end = text.trim_end().rfind('\n').expect("a part has lines") + 1;
    let lines = text[..end].lines().count();
    let fingerprint = blackstart::rng::digest(&text[..end]);
    format!("{}{{\"lines\":{lines},\"fingerprint\":\"{fingerprint:016x}\"}}\n", &text[..end]).into()
}

#[test]
fn a_part_of_another_program_is_refused() {
    let experiment = Experiment::new("merge-program", SMALL, 4, &[]);
    let mut parts = experiment.parts(2);
    let own = format!("blackstart {}", env!("CARGO_PKG_VERSION"));
    let other = path(&experiment.folder.join("other.ndjson"));
    fs::write(&other, forged(&parts[1], &own, "blackstart 0.0.9")).unwrap();
    parts[1] = other.clone();
    assert_eq!(
        experiment.refused(&parts),
        format!(
            "error: `other.ndjson` cannot be merged: its program is blackstart 0.0.9, and this is \
             {own}\n"
        )
    );
    fs::write(&other, forged(&experiment.parts(2)[1], "\"version\":4", "\"version\":5")).unwrap();
    assert!(experiment.refused(&parts).starts_with(
        "error: `other.ndjson` is in version 5 of the format of parts, and this program reads version 4"
    ));
}

#[test]
fn a_part_of_another_build_is_refused() {
    let experiment = Experiment::new("merge-build", SMALL, 4, &[]);
    let mut parts = experiment.parts(2);
    let other = path(&experiment.folder.join("other.ndjson"));
    fs::write(&other, forged(&parts[1], "\"attempts\":5", "\"attempts\":6")).unwrap();
    parts[1] = other.clone();
    assert_eq!(
        experiment.refused(&parts),
        "error: `other.ndjson` cannot be merged: exercise 2 of `one` is not what this program \
         simulates; another build of it has written the part\n"
    );
    for (from, to, told) in [
        (
            "\"milestones\":[]",
            "\"milestones\":[7]",
            "it has not as many numbers as the scenario asks for",
        ),
        ("\"ends\":[", "\"ends\":[7,", "it has not as many numbers as the scenario asks for"),
        ("\"replication\":2", "\"replication\":3", "another exercise was due"),
        ("\"ends\":", "\"end\":", "unknown field `end`"),
        ("\"ends\":[", "\"ends\":[1.5,", "invalid type"),
    ] {
        fs::write(&other, forged(&experiment.parts(2)[1], from, to)).unwrap();
        let refused = experiment.refused(&parts);
        assert!(refused.contains("line 2: ") && refused.contains(told), "{refused}");
    }
    fs::write(&other, forged(&experiment.parts(2)[1], "mean = \\\"1h\\\"", "mean = \\\"2h\\\""))
        .unwrap();
    let refused = experiment.refused(&[other.clone(), parts[0].clone()]);
    assert!(refused.contains("its scenario has the digest "), "{refused}");
    fs::write(&other, forged(&experiment.parts(2)[1], "mean = \\\"1h\\\"", "mean = 1")).unwrap();
    let refused = experiment.merge(&[other, parts[0].clone()]);
    assert_ended(&refused, 3);
}

#[test]
fn a_part_that_is_cut_short_or_damaged_anywhere_is_refused() {
    let experiment = Experiment::new("merge-damaged", SMALL, 2, &["--strategy", "one"]);
    let parts = experiment.parts(2);
    let bytes = fs::read(&parts[1]).unwrap();
    for length in 0..bytes.len() {
        assert!(Part::open(bytes[..length].to_vec()).is_err(), "cut at {length}");
        let mut damaged = bytes.clone();
        damaged[length] ^= 1;
        assert!(Part::open(damaged).is_err(), "damaged at {length}");
        let mut longer = bytes.clone();
        longer.insert(length, b'\n');
        assert!(Part::open(longer).is_err(), "a line more at {length}");
    }
    assert_eq!(Part::open(Vec::new()).err(), Some(PartError::NotAPart));
    let doubled = [&bytes[..], &bytes].concat();
    assert_eq!(Part::open(doubled).err(), Some(PartError::Damaged));
    assert!(Part::open(bytes).is_ok());
}

#[test]
fn what_is_no_part_is_refused_together_with_all_else() {
    let experiment = Experiment::new("merge-no-part", SMALL, 40, &[]);
    let mut parts = experiment.parts(3);
    let bytes = fs::read(&parts[2]).unwrap();
    fs::write(&parts[2], &bytes[..bytes.len() / 2]).unwrap();
    parts.remove(0);
    parts.push(path(&experiment.folder.join("outage.toml")));
    parts.push(path(&experiment.folder.join("gone.ndjson")));
    let refused = experiment.refused(&parts);
    let lines: Vec<&str> = refused.lines().collect();
    let damaged = "is damaged or cut short: its last line does not fit those before it";
    assert_eq!(lines[0], format!("error: `parts-3/part-3-of-3.ndjson` {damaged}"));
    assert_eq!(lines[1], "error: `outage.toml` is not a part of a run");
    assert!(lines[2].starts_with("error: cannot read `gone.ndjson`: "), "{refused}");
    assert_eq!(lines[3], "error: slice 1/3 is missing: exercises 0 to 12");
    assert_eq!(lines.len(), 4);
    assert_ended(&in_process(&["merge"]), 2);
}

#[test]
fn a_folder_stands_for_the_parts_in_it() {
    let experiment = Experiment::new("merge-folder", SMALL, 12, &[]);
    let parts = experiment.parts(5);
    let folder = experiment.folder.join("parts-5");
    fs::write(folder.join(".part-9-of-9.ndjson.7.new"), "half").expect("a file can be written");
    fs::write(folder.join("notes.txt"), "thesis").expect("a file can be written");
    let aside = path(&experiment.folder.join("aside.ndjson"));
    fs::rename(&parts[3], &aside).expect("a file can be moved");
    let whole = experiment.whole();
    assert!(experiment.merged(&[path(&folder), aside]) == whole);
    let empty = experiment.folder.join("empty");
    fs::create_dir(&empty).expect("a folder can be made");
    let ran = experiment.merge(&[path(&folder), path(&empty)]);
    assert_ended(&ran, 3);
    let told = format!("error: there is no part in `{}`\n", path(&empty));
    assert!(ran.stderr.starts_with(&told), "{}", ran.stderr);
    assert!(ran.stderr.contains("slice 4/5 is missing"), "{}", ran.stderr);
}

#[cfg(unix)]
#[test]
fn the_examples_of_the_help_work() {
    let folder = fresh_folder("merge-help");
    fs::create_dir(folder.join("scenarios")).expect("a folder can be made");
    let scenario =
        read("scenarios/quickstart.toml").replace("replications = 1000", "replications = 40");
    fs::write(folder.join("scenarios/quickstart.toml"), scenario).expect("a file can be written");
    let help = in_process(&["merge", "--help"]).stdout;
    let examples: Vec<&str> =
        help.lines().map(str::trim).filter(|it| it.starts_with("blackstart ")).collect();
    assert_eq!(examples.len(), 3, "{help}");
    for example in examples {
        sh(&folder, &["-eu", "-c", example], &[]);
    }
    assert!(folder.join("reports/quickstart/summary.json").is_file());
}

#[test]
fn a_report_that_cannot_be_replaced_stays() {
    let experiment = Experiment::new("merge-report", SMALL, 4, &[]);
    let parts = experiment.parts(2);
    fs::create_dir(experiment.folder.join("merged")).unwrap();
    fs::write(experiment.folder.join("merged/thesis.txt"), "years of work").unwrap();
    let ran = experiment.merge(&parts);
    assert_ended(&ran, 1);
    assert!(ran.stderr.contains("is not the report of a run"), "{}", ran.stderr);
    assert_eq!(names_in(&experiment.folder.join("merged")), ["thesis.txt"]);
}

#[test]
fn a_part_is_the_same_on_any_number_of_threads() {
    let experiment = Experiment::new("merge-threads", ALL, 40, &[]);
    let out = path(&experiment.folder.join("part.ndjson"));
    let on = |jobs: &str| {
        assert_ended(&experiment.run(&["--slice", "2/3", "--out", &out, "--jobs", jobs]), 0);
        fs::read(&out).unwrap()
    };
    let one = on("1");
    assert!(on("2") == one && on("7") == one);
}

/// Runs a script as a machine of somebody else's would, with this program in its path.
#[cfg(unix)]
#[track_caller]
fn sh(folder: &Path, words: &[&str], environment: &[(&str, &str)]) -> String {
    let own = Path::new(env!("CARGO_BIN_EXE_blackstart")).parent().expect("it lies in a folder");
    let paths = format!("{}:{}", path(own), std::env::var("PATH").unwrap_or_default());
    let mut command = std::process::Command::new("sh");
    command.args(words).current_dir(folder).env("PATH", paths);
    let output = command.envs(environment.iter().copied()).output().expect("there is a shell");
    let (out, fault) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{fault}");
    out.into_owned()
}

/// A scenario in a folder with a blank in its name, and what one run of it prints.
#[cfg(unix)]
fn cluster(name: &str) -> (PathBuf, String) {
    let folder = fresh_folder(name).join("some where");
    fs::create_dir_all(folder.join("scenario")).expect("a file can be written");
    let scenario =
        read("scenarios/quickstart.toml").replace("replications = 1000", "replications = 40");
    fs::write(folder.join("scenario/atlassian-2022.toml"), scenario)
        .expect("a file can be written");
    let whole =
        sh(&folder, &["-c", "blackstart run scenario/atlassian-2022.toml --out whole"], &[]);
    (folder, whole)
}

#[cfg(unix)]
#[test]
fn the_jobs_for_slurm_give_the_bytes_of_one_run() {
    let (folder, whole) = cluster("cluster-slurm");
    let script =
        |name: &str| format!("{}/tests/cluster/slurm/{name}.sbatch", env!("CARGO_MANIFEST_DIR"));
    let (array, merge) = (script("array"), script("merge"));
    for task in ["1", "2", "3"] {
        let environment = [
            ("SLURM_ARRAY_TASK_ID", task),
            ("SLURM_ARRAY_TASK_COUNT", "3"),
            ("SLURM_CPUS_PER_TASK", "1"),
        ];
        sh(
            &folder,
            &[&array, "scenario/atlassian-2022.toml", "all parts", "--quiet"],
            &environment,
        );
    }
    // One that had failed, sent again alone.
    let again =
        [("SLURM_ARRAY_TASK_ID", "2"), ("SLURM_ARRAY_TASK_COUNT", "1"), ("BLACKSTART_SLICES", "3")];
    sh(&folder, &[&array, "scenario/atlassian-2022.toml", "all parts"], &again);
    assert_eq!(sh(&folder, &[&merge, "all parts", "merged"], &[]), whole);
    assert!(files_in(&folder.join("merged")) == files_in(&folder.join("whole")));
}

/// What the container of a slice does, with folders below the current one.
#[cfg(unix)]
fn of_container() -> String {
    let text = read("tests/cluster/kubernetes/slices.yaml");
    let lines = text.lines().map(str::trim).skip_while(|it| *it != "args:").skip(2);
    let lines: Vec<&str> = lines.take_while(|it| !it.ends_with(':')).collect();
    assert!(text.contains("command: [\"/bin/sh\", \"-eu\", \"-c\"]"));
    lines.join(" ").replace(" /scenario", " scenario").replace(" /parts", " parts")
}

#[cfg(unix)]
#[test]
fn the_jobs_for_kubernetes_give_the_bytes_of_one_run() {
    let (folder, whole) = cluster("cluster-kubernetes");
    let slices = of_container();
    let text = read("tests/cluster/kubernetes/slices.yaml");
    assert!(text.contains("completions: 16\n") && text.contains("value: \"16\"\n"));
    for index in 0..16 {
        let index = index.to_string();
        let environment = [("JOB_COMPLETION_INDEX", index.as_str()), ("SLICES", "16")];
        sh(&folder, &["-eu", "-c", &slices], &environment);
    }
    let merge = read("tests/cluster/kubernetes/merge.yaml");
    assert!(
        merge.contains("[\"blackstart\", \"merge\", \"/parts\", \"--out\", \"/parts/report\"]")
    );
    assert_eq!(sh(&folder, &["-c", "blackstart merge parts --out parts/report"], &[]), whole);
    assert!(files_in(&folder.join("parts/report")) == files_in(&folder.join("whole")));
}
