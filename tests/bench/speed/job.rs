//! What is done again and again, in this program or in one of its own that is counted.

use std::fs;
use std::path::PathBuf;
#[expect(clippy::disallowed_types, reason = "a benchmark is about the time on the wall")]
use std::time::Instant;

use blackstart::cli::{self, Exit};
use blackstart::experiment::{self, Design};
use blackstart::scenario::Scenario;

use crate::by_hand::courses;
use crate::growing::{Growing, Phase, growing};
use crate::workloads::{Workload, checked};

/// Something to do. A job can be told to another program as words.
#[derive(Clone)]
pub(crate) enum Job {
    /// To begin and to end.
    Nothing,
    /// So many exercises of a workload.
    Simulate { workload: String, exercises: u32 },
    /// The same by the loop written by hand.
    ByHand { workload: String, exercises: u32 },
    /// A phase of a scenario of a size.
    Grown { growing: &'static Growing, phase: Phase, size: usize },
    /// Adding up numbers, every one with every other if it is to grow with the square.
    Planted { squared: bool, size: usize },
}

/// What came of a job.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Done {
    /// Of tasks, where it is about these.
    pub attempts: u64,
    pub seconds: f64,
}

impl Done {
    pub(crate) fn words(&self) -> String {
        format!("{} {}", self.attempts, self.seconds)
    }

    pub(crate) fn of_words(words: &str) -> Option<Self> {
        let (attempts, seconds) = words.trim().split_once(' ')?;
        Some(Self { attempts: attempts.parse().ok()?, seconds: seconds.parse().ok()? })
    }
}

impl Job {
    pub(crate) fn words(&self) -> Vec<String> {
        let words: &[&dyn ToString] = match self {
            Self::Nothing => &[&"nothing"],
            Self::Simulate { workload, exercises } => &[&"simulate", workload, exercises],
            Self::ByHand { workload, exercises } => &[&"by-hand", workload, exercises],
            Self::Grown { growing, phase, size } => &[&"grown", &growing.name, &phase.name(), size],
            Self::Planted { squared, size } => &[&"planted", squared, size],
        };
        words.iter().map(|it| it.to_string()).collect()
    }

    pub(crate) fn of_words(words: &[String]) -> Option<Self> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        Some(match words[..] {
            ["nothing"] => Self::Nothing,
            ["simulate", workload, exercises] => {
                Self::Simulate { workload: workload.to_owned(), exercises: exercises.parse().ok()? }
            }
            ["by-hand", workload, exercises] => {
                Self::ByHand { workload: workload.to_owned(), exercises: exercises.parse().ok()? }
            }
            ["grown", name, phase, size] => Self::Grown {
                growing: growing(name)?,
                phase: Phase::ALL.into_iter().find(|it| it.name() == phase)?,
                size: size.parse().ok()?,
            },
            ["planted", squared, size] => {
                Self::Planted { squared: squared.parse().ok()?, size: size.parse().ok()? }
            }
            _ => return None,
        })
    }

    pub(crate) fn done(&self) -> Done {
        match self {
            Self::Nothing => timed(|| 0),
            Self::Simulate { workload, exercises } => {
                Workload::named(workload).simulate(*exercises, 1)
            }
            Self::ByHand { workload, exercises } => {
                timed(|| courses(workload, *exercises).iter().map(|it| it.attempts).sum())
            }
            Self::Grown { growing, phase, size } => grown(&(growing.text)(*size), *phase),
            Self::Planted { squared, size } => timed(|| planted(*squared, *size)),
        }
    }
}

/// What gives a number of attempts.
#[expect(clippy::disallowed_types, reason = "a benchmark is about the time on the wall")]
fn timed(act: impl FnOnce() -> u64) -> Done {
    let start = Instant::now();
    let attempts = act();
    Done { attempts, seconds: start.elapsed().as_secs_f64() }
}

fn grown(text: &str, phase: Phase) -> Done {
    match phase {
        Phase::Read => timed(|| checked(text).strategies.len() as u64),
        Phase::Simulate => {
            let scenario = checked(text);
            timed(|| attempts(&scenario))
        }
        command => timed(|| {
            run_command(command.name(), text);
            0
        }),
    }
}

fn attempts(scenario: &Scenario) -> u64 {
    let results = experiment::run(scenario, &Design::of(scenario), &|| ());
    let outcomes = results.strategies.iter().flat_map(|it| &it.outcomes);
    outcomes.map(|it| it.attempts).sum()
}

fn run_command(verb: &str, text: &str) {
    let folder = fresh_folder();
    let file = folder.join("grown.toml");
    fs::write(&file, text).expect("a file can be written");
    let mut words = vec!["blackstart".into(), verb.into(), file.into_os_string()];
    if verb != Phase::Validate.name() {
        words.extend(["--quiet".into(), "--out".into(), folder.join("out").into_os_string()]);
    }
    let mut told = Vec::new();
    let exit = cli::run(words, &mut Vec::new(), &mut told);
    // A file may be about its faults.
    let is_done = exit == Exit::Fine || exit == Exit::Invalid && verb == Phase::Validate.name();
    assert!(is_done, "{}", String::from_utf8_lossy(&told));
    fs::remove_dir_all(folder).expect("an old folder can be removed");
}

/// Of this program alone, as several do jobs at once.
fn fresh_folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let folder = folder.join(format!("speed-{}", std::process::id()));
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("an old folder can be removed");
    }
    fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}

fn planted(squared: bool, size: usize) -> u64 {
    let numbers: Vec<u64> = (0..size as u64).collect();
    let others = |number: &u64| numbers.iter().map(|it| std::hint::black_box(it ^ number)).sum();
    match squared {
        true => numbers.iter().map(others).fold(0, u64::wrapping_add),
        // As often as with the others of a list of a thousand.
        false => (0..1_000).map(|it| others(&it)).fold(0, u64::wrapping_add),
    }
}
