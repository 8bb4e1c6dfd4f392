//! Who catches a fault: the auditor, an assertion of the program itself, or a test.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use crate::copy::Copy;
use crate::say;

/// Exercises that are audited of each scenario and strategy.
const REPLICATIONS: &str = "50";
/// No audit of a small scenario takes as long, unless the fault has made it go on for ever.
const PATIENCE: Duration = Duration::from_secs(120);

/// Who has caught a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The auditor: in which scenario, and which law he says to be broken first.
    Auditor(String, String),
    /// The program, which has stopped with an assertion or never: in which scenario, and how.
    Assertion(String, String),
    /// A test.
    Test(String),
    /// Nobody.
    Nobody,
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auditor(scenario, law) => write!(out, "auditor: {law}, in {scenario}"),
            Self::Assertion(scenario, why) => write!(out, "assertion: {why}, in {scenario}"),
            Self::Test(name) => write!(out, "test: {name}"),
            Self::Nobody => out.write_str("NOBODY"),
        }
    }
}

/// Asks one after the other.
pub(crate) struct Judge<'a> {
    copy: &'a Copy,
    program: PathBuf,
    /// What the auditor goes through.
    scenarios: Vec<PathBuf>,
}

/// How a program ended.
struct End {
    /// None of what was stopped, or has stopped without one.
    code: Option<i32>,
    in_time: bool,
    stdout: String,
    stderr: String,
}

impl<'a> Judge<'a> {
    /// Builds the program that is asked.
    pub(crate) fn new(copy: &'a Copy, scenarios: Vec<PathBuf>) -> Result<Self, String> {
        Ok(Self { copy, program: copy.program()?, scenarios })
    }

    /// With every switch off the auditor has nothing to say.
    pub(crate) fn is_sound(&self) -> Result<(), String> {
        match self.audited(0) {
            Verdict::Nobody => Ok(()),
            verdict => Err(format!("without any fault, {verdict}")),
        }
    }

    /// What the auditor says of each fault.
    pub(crate) fn audit(&self, numbers: &[usize]) -> Vec<(usize, Verdict)> {
        side_by_side(numbers, |number| self.audited(number))
    }

    fn audited(&self, number: usize) -> Verdict {
        // What goes wrong in one scenario may stop the program in another before the auditor has
        // seen it, so it is asked about all of them first.
        let mut stopped = None;
        for scenario in &self.scenarios {
            let mut command = self.program(number);
            command.args(["audit", "--quiet", "--format", "json"]);
            let end = run(command.args(["--replications", REPLICATIONS]).arg(scenario));
            let name = name_of(scenario);
            match (end.code, broken_law(&end)) {
                (Some(0), _) => {}
                (Some(1), Some(law)) => return Verdict::Auditor(name, law),
                _ => stopped = stopped.or(Some(Verdict::Assertion(name, assertion(&end)))),
            }
        }
        stopped.unwrap_or(Verdict::Nobody)
    }

    /// Lets the tests have a look at what nobody has caught.
    pub(crate) fn test(&self, verdicts: &mut [(usize, Verdict)]) -> Result<(), String> {
        let survivors = || verdicts.iter().filter(|it| it.1 == Verdict::Nobody).map(|it| it.0);
        let numbers: Vec<usize> = survivors().collect();
        if numbers.is_empty() {
            return Ok(());
        }
        let tests = self.copy.tests()?;
        // The copy is not the tree: some tests are about the sources themselves.
        let known = self.failing(&tests, 0, &[], false);
        for number in numbers {
            let failing = self.failing(&tests, number, &known, true);
            let own = verdicts.iter_mut().find(|it| it.0 == number).expect("it has a verdict");
            if let Some(first) = failing.into_iter().next() {
                own.1 = Verdict::Test(first);
            }
        }
        Ok(())
    }

    /// The tests that fail, but for those known; only the first if that is enough.
    fn failing(
        &self,
        tests: &[PathBuf],
        number: usize,
        known: &[String],
        first: bool,
    ) -> Vec<String> {
        let mut failing = Vec::new();
        for test in tests {
            let mut command = self.tests(test, number);
            command.stdout(Stdio::piped());
            let Ok(mut child) = command.spawn() else { continue };
            let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
            for line in lines.map_while(Result::ok) {
                let named =
                    line.strip_prefix("test ").and_then(|it| it.strip_suffix(" ... FAILED"));
                let Some(name) = named.filter(|it| !known.iter().any(|known| known == it)) else {
                    continue;
                };
                // What is drawn at random may have failed for another reason.
                if first && !self.fails_again(test, number, name) {
                    continue;
                }
                failing.push(name.to_owned());
                if first {
                    stop(&mut child);
                    return failing;
                }
            }
            stop(&mut child);
        }
        failing
    }

    fn fails_again(&self, test: &Path, number: usize, name: &str) -> bool {
        let mut command = self.tests(test, number);
        let status = command.args(["--exact", name]).stdout(Stdio::null()).status();
        status.is_ok_and(|it| !it.success())
    }

    /// A program of tests with a fault.
    fn tests(&self, test: &Path, number: usize) -> Command {
        let mut command = Command::new(test);
        command.current_dir(self.copy.tree()).env("CARGO_MANIFEST_DIR", self.copy.tree());
        command.stderr(Stdio::null());
        switch(&mut command, number);
        command
    }

    /// For each fault an output that changes, if any does.
    pub(crate) fn shown(&self, numbers: &[usize]) -> Vec<(usize, Option<String>)> {
        let all: Vec<usize> = (0..self.scenarios.len()).collect();
        let sound: BTreeMap<usize, Vec<Output>> =
            side_by_side(&all, |it| self.outputs(0, &self.scenarios[it])).into_iter().collect();
        let quiet: usize = sound.values().map(Vec::len).sum();
        say(&format!("{quiet} outputs of {} scenarios are compared", all.len()));
        side_by_side(numbers, |number| {
            all.iter().find_map(|it| {
                let scenario = &self.scenarios[*it];
                let outputs = self.outputs(number, scenario);
                let changed = outputs.iter().zip(&sound[it]).find(|it| it.0.text != it.1.text);
                changed.map(|it| format!("{} of {}", it.0.name, name_of(scenario)))
            })
        })
    }

    fn outputs(&self, number: usize, scenario: &Path) -> Vec<Output> {
        let mut outputs = Vec::new();
        for strategy in strategies(scenario) {
            for replication in ["0", "1", "2"] {
                let mut command = self.program(number);
                command.args(["trace", "--replication", replication, "--strategy", &strategy]);
                let end = run(command.arg(scenario));
                let text = end.stdout + if end.code == Some(0) { "" } else { &end.stderr };
                outputs.push(Output { name: format!("trace of {strategy}"), text });
            }
        }
        let folder = self.copy.folder.join(format!("out-{number}-{}", name_of(scenario)));
        let mut command = self.program(number);
        command.args(["run", "--quiet", "--replications", "20", "--out"]).arg(&folder);
        let end = run(command.arg(scenario));
        for file in ["summary.json", "sites.csv", "replications.csv", "steps.csv", "teams.csv"] {
            let text = fs::read_to_string(folder.join(file)).unwrap_or_else(|_| end.stderr.clone());
            // The command that makes it again names the folder.
            let text = text.replace(&format!("out-{number}-"), "out-");
            outputs.push(Output { name: file.to_owned(), text });
        }
        // It was made for the comparison alone.
        let _ = fs::remove_dir_all(&folder);
        outputs
    }

    fn program(&self, number: usize) -> Command {
        let mut command = Command::new(&self.program);
        switch(&mut command, number);
        // One of these on each core is enough.
        command.env("RAYON_NUM_THREADS", "1");
        command
    }
}

/// Something that the program has said.
struct Output {
    name: String,
    text: String,
}

fn switch(command: &mut Command, number: usize) {
    match number {
        0 => command.env_remove("BLACKSTART_FAULT"),
        some => command.env("BLACKSTART_FAULT", some.to_string()),
    };
}

/// The strategies that a scenario names.
fn strategies(scenario: &Path) -> Vec<String> {
    let text = fs::read_to_string(scenario).unwrap_or_default();
    let table: toml::Table = text.parse().unwrap_or_default();
    let strategies = table.get("strategies").and_then(|it| it.as_table());
    strategies.map_or_else(Vec::new, |it| it.keys().cloned().collect())
}

fn name_of(scenario: &Path) -> String {
    scenario.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// The first law of which the auditor says that it is broken.
fn broken_law(end: &End) -> Option<String> {
    let view: serde_json::Value = serde_json::from_str(&end.stdout).ok()?;
    let strategies = view["strategies"].as_array()?.iter();
    let mut breaches = strategies.flat_map(|it| it["breaches"].as_array()).flatten();
    Some(breaches.next()?["law"].as_str()?.to_owned())
}

/// How the program has stopped.
fn assertion(end: &End) -> String {
    if !end.in_time {
        return "it does not end".to_owned();
    }
    let mut lines = end.stderr.lines().skip_while(|it| !it.contains("panicked at")).skip(1);
    lines.next().or(end.stderr.lines().next()).unwrap_or("it stops").to_owned()
}

/// Runs a program to its end, or stops it when that takes too long.
fn run(command: &mut Command) -> End {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(why) => {
            let (stdout, stderr) = (String::new(), why.to_string());
            return End { code: None, in_time: true, stdout, stderr };
        }
    };
    let (told, heard) = mpsc::channel();
    let mut out = child.stdout.take().expect("it is piped");
    let mut err = child.stderr.take().expect("it is piped");
    let reading = std::thread::spawn(move || {
        let read = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            // What was read before it failed is still worth a look.
            let _ = err.read_to_end(&mut bytes);
            bytes
        });
        let mut bytes = Vec::new();
        let _ = out.read_to_end(&mut bytes);
        let other = read.join().unwrap_or_default();
        let _ = told.send(());
        (bytes, other)
    });
    let in_time = heard.recv_timeout(PATIENCE).is_ok();
    if !in_time {
        stop(&mut child);
    }
    let status = child.wait().ok().filter(|_| in_time);
    let (stdout, stderr) = reading.join().unwrap_or_default();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let code = status.and_then(|it| it.code());
    End { code, in_time, stdout: text(stdout), stderr: text(stderr) }
}

/// Stops a program if it still runs.
fn stop(child: &mut Child) {
    // It may have ended by itself.
    let _ = child.kill();
    let _ = child.wait();
}

/// Does something with each of these numbers, as many at a time as there are cores; in their order.
fn side_by_side<T: Send>(numbers: &[usize], act: impl Fn(usize) -> T + Sync) -> Vec<(usize, T)> {
    let next = AtomicUsize::new(0);
    let cores = std::thread::available_parallelism().map_or(1, |it| it.get());
    let work = || {
        let mut done = Vec::new();
        while let Some(number) = numbers.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.push((*number, act(*number)));
        }
        done
    };
    let mut all: Vec<(usize, T)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|it| it.join().expect("nobody panics here")).collect()
    });
    all.sort_by_key(|it| it.0);
    all
}
