//! Other engines beside ours, on the same workloads and in one go.
//!
//! They are no part of this repository. `BLACKSTART_PEERS` names a folder with a folder for each: a
//! cargo package, `recovery.py` or `recovery.R`. Called with a workload, a number of exercises and
//! the first seed, it prints a line for each exercise: workload, seed, minutes until the last site is
//! back and until one is in the mean, attempts, seconds. On its first line it says how to run it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
#[expect(clippy::disallowed_types, reason = "a benchmark is about the time on the wall")]
use std::time::Instant;

use crate::by_hand::courses;
use crate::say;
use crate::workloads::Workload;

const WORKLOADS: [&str; 2] = ["W1", "W2"];
/// In a round; as few as suit the slowest.
const EXERCISES: u32 = 5;
const ROUNDS: usize = 3;

/// How long an attempt takes an engine, and the last site of an exercise to be back.
struct Timed {
    nanoseconds: f64,
    /// That engines agree in it says that they simulate the same.
    makespan_minutes: f64,
}

/// Prints all that can be run, each beside ours.
pub(crate) fn show() -> Result<(), String> {
    let mut engines = vec![Engine::Ours, Engine::ByHand];
    match std::env::var_os("BLACKSTART_PEERS") {
        Some(folder) => engines.extend(peers(Path::new(&folder))?),
        None => say("BLACKSTART_PEERS names no folder of other engines"),
    }
    say(&format!("{:20} {:>13} {:>10} {:>12}", "", "ns an attempt", "times ours", "makespan"));
    WORKLOADS.iter().for_each(|workload| show_workload(workload, &engines));
    Ok(())
}

/// The fastest round of each, in turns, so that what else the machine does weighs on all alike.
fn show_workload(workload: &str, engines: &[Engine]) {
    let mut fastest: Vec<Option<Timed>> = engines.iter().map(|_| None).collect();
    for _ in 0..ROUNDS {
        for (engine, fastest) in engines.iter().zip(&mut fastest) {
            let known = fastest.as_ref().map_or(f64::INFINITY, |it| it.nanoseconds);
            let timed = engine.timed(workload).filter(|it| it.nanoseconds < known);
            *fastest = timed.or(fastest.take());
        }
    }
    let ours = fastest[0].as_ref().expect("ours can be run").nanoseconds;
    for (engine, fastest) in engines.iter().zip(fastest) {
        let mut line = format!("{workload} {:17}", engine.name());
        match fastest {
            Some(Timed { nanoseconds, makespan_minutes }) => {
                let times = nanoseconds / ours;
                write!(line, " {nanoseconds:13.1} {times:10.2} {makespan_minutes:8.0} min")
            }
            None => write!(line, " {:>13} {}", "-", engine.how_to_run()),
        }
        .expect("text grows");
        say(&line);
    }
}

enum Engine {
    Ours,
    ByHand,
    Peer(Peer),
}

impl Engine {
    fn name(&self) -> &str {
        match self {
            Self::Ours => "blackstart",
            Self::ByHand => "by hand",
            Self::Peer(peer) => &peer.name,
        }
    }

    fn how_to_run(&self) -> &str {
        match self {
            Self::Peer(peer) => &peer.how_to_run,
            _ => "",
        }
    }

    fn timed(&self, workload: &str) -> Option<Timed> {
        match self {
            Self::Ours => Some(ours(workload)),
            Self::ByHand => Some(by_hand(workload)),
            Self::Peer(peer) => peer.timed(workload),
        }
    }
}

fn ours(workload: &str) -> Timed {
    let (results, seconds) = Workload::named(workload).results(EXERCISES, 1);
    let outcomes = &results.strategies[0].outcomes;
    let attempts = outcomes.iter().map(|it| it.attempts).sum();
    let ends = outcomes.iter().map(|it| it.makespan.since_start().as_millis());
    timed(attempts, seconds, ends.sum::<u64>() as f64 / 60e3)
}

#[expect(clippy::disallowed_types, reason = "a benchmark is about the time on the wall")]
fn by_hand(workload: &str) -> Timed {
    let start = Instant::now();
    let courses = courses(workload, EXERCISES);
    let seconds = start.elapsed().as_secs_f64();
    let ends = courses.iter().map(|it| it.makespan_millis);
    let attempts = courses.iter().map(|it| it.attempts).sum();
    timed(attempts, seconds, ends.sum::<u64>() as f64 / 60e3)
}

fn timed(attempts: u64, seconds: f64, ends_minutes: f64) -> Timed {
    Timed {
        nanoseconds: seconds * 1e9 / attempts as f64,
        makespan_minutes: ends_minutes / f64::from(EXERCISES),
    }
}

/// An engine that is a program of its own.
struct Peer {
    name: String,
    folder: PathBuf,
    /// What it is run with, before the workload.
    command: &'static [&'static str],
    /// Its own words for that.
    how_to_run: String,
}

/// By which of its files a peer is known, and how it is run.
const KINDS: [(&str, &[&str]); 3] = [
    ("Cargo.toml", &["cargo", "run", "--quiet", "--release", "--"]),
    ("recovery.py", &["python3", "recovery.py"]),
    ("recovery.R", &["Rscript", "recovery.R"]),
];

fn peers(folder: &Path) -> Result<Vec<Engine>, String> {
    let failed = |why| format!("{}: {why}", folder.display());
    let entries = fs::read_dir(folder).map_err(failed)?;
    let mut folders: Vec<PathBuf> = entries.filter_map(|it| Some(it.ok()?.path())).collect();
    folders.sort();
    let found = folders.into_iter().filter_map(Peer::in_folder);
    found.map(|it| it.map(Engine::Peer).map_err(failed)).collect()
}

impl Peer {
    fn in_folder(folder: PathBuf) -> Option<std::io::Result<Self>> {
        let (file, command) = KINDS.into_iter().find(|(file, _)| folder.join(file).is_file())?;
        let name = folder.file_name()?.to_string_lossy().into_owned();
        let own = || {
            let text = fs::read_to_string(folder.join(file))?;
            let first = text.lines().next().unwrap_or_default();
            let how_to_run = first.trim_start_matches(['#', '/', ' ']).to_owned();
            // What is built of it lies with what is built of ours.
            let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers").join(&name);
            copy_folder(&folder, &copy)?;
            Ok(Self { name, folder: copy, command, how_to_run })
        };
        Some(own())
    }

    /// If it can be run, and knows the workload.
    fn timed(&self, workload: &str) -> Option<Timed> {
        let workload = workload.to_lowercase();
        let mut command = Command::new(self.command[0]);
        command.args(&self.command[1..]).args([&workload, &EXERCISES.to_string(), "1"]);
        command.current_dir(&self.folder).envs(self.variables());
        command.env("CARGO_TARGET_DIR", self.folder.with_file_name("target"));
        let output = command.output().ok().filter(|it| it.status.success())?;
        let told = String::from_utf8(output.stdout).ok()?;
        let exercises: Vec<[f64; 3]> =
            told.lines().filter_map(|line| numbers(line, &workload)).collect();
        let sum = |column: usize| exercises.iter().map(|it| it[column]).sum::<f64>();
        (exercises.len() == EXERCISES as usize).then(|| timed(sum(1) as u64, sum(2), sum(0)))
    }

    /// Those that are set where it says how it is run: `Run: NAME=VALUE cargo ...`.
    fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        let words = self.how_to_run.split_whitespace().skip(1);
        words.map_while(|word| word.split_once('='))
    }
}

/// Makespan, attempts and seconds, of a line about this workload.
fn numbers(line: &str, workload: &str) -> Option<[f64; 3]> {
    let columns: Vec<&str> = line.split(',').collect();
    let [of, _, makespan, _, attempts, seconds] = columns[..] else { return None };
    let number = |text: &str| text.parse::<f64>().ok();
    (of == workload).then_some([number(makespan)?, number(attempts)?, number(seconds)?])
}

/// But for what was built there.
fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_file() {
            fs::copy(from, to)?;
        } else if entry.file_name() != "target" {
            copy_folder(&from, &to)?;
        }
    }
    Ok(())
}
