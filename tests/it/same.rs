//! The same bytes everywhere: digests of logs, reports and what is printed, kept in `same.txt` and
//! compared with what the program gives on one thread and on several, and in other surroundings.
//!
//! `BLACKSTART_PROGRAM` names another build of the program to ask, and `BLACKSTART_RUNNER` what that has
//! to be started with, such as an emulator; see `tests/README.md`. To keep what the program gives now:
//! `SNAPSHOTS=overwrite cargo test --test it same::`.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use blackstart::rng::digest;

use crate::support::{fresh_folder, read};

/// Between them they have every mechanism that draws numbers.
const SCENARIOS: [&str; 6] =
    ["quickstart", "atlassian-2022", "resampled", "rosters", "shared-bandwidth", "old-data"];

const TOP: &str = env!("CARGO_MANIFEST_DIR");

/// What a process finds around it.
struct Surroundings {
    name: &'static str,
    threads: &'static str,
    variables: &'static [(&'static str, &'static str)],
}

/// The extensions of the processor that mathematics in the system's library could make use of.
const WITHOUT_VECTORS: &str = "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX,-FMA4,-AVX512F";

const EVERYWHERE: [Surroundings; 4] = [
    Surroundings { name: "one thread", threads: "1", variables: &[] },
    Surroundings { name: "two threads", threads: "2", variables: &[] },
    Surroundings {
        name: "seven threads, no vectors",
        threads: "7",
        variables: &[("GLIBC_TUNABLES", WITHOUT_VECTORS)],
    },
    Surroundings {
        name: "elsewhere",
        threads: "2",
        variables: &[
            ("TZ", "Asia/Kathmandu"),
            ("LANG", "tr_TR.UTF-8"),
            ("LC_ALL", "tr_TR.UTF-8"),
            ("HOME", "/nowhere"),
            ("COLUMNS", "40"),
            ("TERM", "dumb"),
        ],
    },
];

/// What the program prints when it is called so.
#[track_caller]
fn printed(words: &[&str], surroundings: &Surroundings) -> String {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let runner = variable("BLACKSTART_RUNNER");
    let program = Some(variable("BLACKSTART_PROGRAM")).filter(|it| !it.is_empty());
    let program = program.unwrap_or_else(|| env!("CARGO_BIN_EXE_blackstart").to_owned());
    let mut all: Vec<&str> = runner.split_whitespace().collect();
    all.push(&program);
    all.extend(words);
    let mut command = Command::new(all[0]);
    command.args(&all[1..]).current_dir(TOP);
    command.envs(surroundings.variables.iter().copied());
    let output = command.output().expect("the program starts");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{all:?}\n{told}");
    String::from_utf8(output.stdout).expect("results are UTF-8")
}

/// The digests of what a scenario gives, a line each.
fn digests(scenario: &str, surroundings: &Surroundings, folder: &Path) -> String {
    let file = format!("scenarios/{scenario}.toml");
    let mut lines = String::new();
    let mut line = |what: &str, text: &str| {
        writeln!(lines, "{scenario} {what}: {:016x}", digest(text))
            .expect("a string takes any text");
    };
    line("log", &printed(&["trace", &file, "--replication", "3"], surroundings));
    let out = folder.join(scenario);
    let out = out.to_str().expect("a path that is UTF-8");
    let run = ["run", &file, "--replications", "12", "--format", "json", "--quiet"];
    let more = ["--jobs", surroundings.threads, "--out", out];
    line("printed", &printed(&[&run[..], &more].concat(), surroundings));
    // It has the digest of every other file.
    let manifest = std::fs::read_to_string(Path::new(out).join("manifest.json"));
    line("report", &manifest.expect("a report has a manifest"));
    lines
}

#[test]
fn the_same_bytes_come_from_everywhere() {
    let kept = Path::new(TOP).join("tests/it/same.txt");
    let folder = fresh_folder("same");
    for (place, surroundings) in EVERYWHERE.iter().enumerate() {
        let all: String = SCENARIOS.iter().map(|it| digests(it, surroundings, &folder)).collect();
        if place == 0 && std::env::var("SNAPSHOTS").is_ok_and(|it| it == "overwrite") {
            std::fs::write(&kept, &all).expect("the digests can be kept");
        }
        assert_eq!(all, read("tests/it/same.txt"), "{}", surroundings.name);
    }
}
