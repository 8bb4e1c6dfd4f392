//! What verbs that ask about inputs have in common: the question's ground, and where its answer goes.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use crate::ask::{Impossible, Inputs, NoPromise, Promise, fewest};
use crate::cli::Exit;
use crate::cli::args::{AskedFormat, Overrides, Simulation};
use crate::cli::command::{opening, quoted};
use crate::cli::console::Console;
use crate::cli::load::load_with_texts;
use crate::cli::output::Folder;
use crate::cli::simulating::{refuse_many, strategies};
use crate::folder::{self, ReportKind};
use crate::ids::StrategyId;
use crate::report::Look;
use crate::scenario::{Scenario, SetOverride};
use crate::shown;

/// A scenario that is asked about.
pub(super) struct Ground {
    pub scenario: Scenario,
    pub inputs: Inputs,
    pub seed: u64,
    pub replications: u32,
}

impl Ground {
    pub(super) fn new(
        path: &Path,
        simulation: &Simulation,
        console: &mut Console<'_>,
    ) -> Result<Self, Exit> {
        let (checked, texts) = load_with_texts(path, &simulation.overrides, console)?;
        let scenario = checked.scenario.expect("a loaded scenario has no error");
        let replications = simulation.replications.unwrap_or(scenario.experiment.replications);
        refuse_many(u64::from(replications), simulation, console)?;
        Ok(Self {
            inputs: Inputs::new(texts, simulation.overrides.set.clone()),
            seed: simulation.seed.unwrap_or(scenario.experiment.seed),
            replications,
            scenario,
        })
    }

    /// The strategy of this name, or the first.
    pub(super) fn strategy(
        &self,
        name: Option<&String>,
        console: &mut Console<'_>,
    ) -> Result<StrategyId, Exit> {
        let named: Vec<String> = name.into_iter().cloned().collect();
        Ok(strategies(&named, &self.scenario, console)?[0])
    }

    /// Refuses so few exercises that no certificate can hold.
    pub(super) fn refuse_few(
        &self,
        promise: Promise,
        console: &mut Console<'_>,
    ) -> Result<(), Exit> {
        let required = promise.required(&self.scenario);
        let needed = fewest(required, promise.confidence(&self.scenario));
        let advice = match needed {
            Some(needed) if needed <= self.replications => return Ok(()),
            Some(needed) => format!("give `--replications {needed}` or more"),
            None => "an assurance of 100% can never be shown: ask for 99%".to_owned(),
        };
        let seen = self.replications;
        console.error(&format!(
            "{seen} exercises certify nothing, even if all keep the promise: {advice}"
        ));
        Err(Exit::Usage)
    }

    /// What is to be kept: a budget, or else the policy.
    pub(super) fn promise(
        &self,
        strategy: StrategyId,
        budget: Option<&String>,
        console: &mut Console<'_>,
    ) -> Result<Promise, Exit> {
        Promise::of(&self.scenario, strategy, budget.map(String::as_str)).map_err(|fault| {
            console.error(&fault.to_string());
            match fault {
                NoPromise::UnknownBudget(_) | NoPromise::OtherStrategy(..) => Exit::Invalid,
                _ => Exit::NothingChecked,
            }
        })
    }
}

/// What can be changed and changes no exercise, or only how many there are.
const IDLE: [&[&str]; 12] = [
    &["experiment", "seed"],
    &["experiment", "replications"],
    &["levers"],
    &["observed"],
    &["trust"],
    &["budgets"],
    &["schema"],
    &["use"],
    &["title"],
    &["description"],
    &["tags"],
    &["note"],
];

/// Refuses inputs that nothing hangs on, and two of the same address, of which the later would take the
/// place of the other.
pub(super) fn refuse_idle(sets: &[&SetOverride], console: &mut Console<'_>) -> Result<(), Exit> {
    for (place, set) in sets.iter().enumerate() {
        let names = set.address.names();
        if IDLE.iter().any(|it| names.starts_with(it)) {
            console.error(&format!("no exercise hangs on `{}`", set.address));
            return Err(Exit::Usage);
        }
        if sets[..place].iter().any(|it| it.address == set.address) {
            console.error(&format!("`{}` is varied twice", set.address));
            return Err(Exit::Usage);
        }
    }
    Ok(())
}

/// Tells what is wrong with a scenario that was changed.
pub(super) fn impossible(fault: &Impossible, console: &mut Console<'_>) -> Exit {
    let sets: Vec<String> = fault.sets.iter().map(|it| format!("--set '{it}'")).collect();
    console.faults(&fault.checked.diagnostics, &fault.checked.sources);
    console.error(&format!("there is no such scenario: {}", sets.join(" ")));
    Exit::Invalid
}

/// The command that makes an answer again, with these words behind the scenario.
pub(super) fn reproduce(
    verb: &str,
    path: &Path,
    overrides: &Overrides,
    ground: &Ground,
    more: &[String],
) -> String {
    let mut words = opening(verb, path, overrides);
    words.splice(3..3, more.iter().cloned());
    words.push(format!("--seed {}", ground.seed));
    words.push(format!("--replications {}", ground.replications));
    words.join(" ")
}

/// A flag with its value, as a shell takes it.
pub(super) fn flag(name: &str, value: &str) -> String {
    format!("--{name} {}", quoted(value))
}

/// Where an answer goes.
pub(super) struct Answering {
    target: PathBuf,
    folder: Folder,
    kind: ReportKind,
}

/// An answer in every form.
pub(super) struct Answer<'a> {
    pub text: &'a dyn Fn(Look) -> String,
    pub json: String,
    pub markdown: String,
    pub rows: Vec<Vec<String>>,
    pub plots: Vec<(String, String)>,
}

impl Answering {
    /// Looks whether the folder can be replaced, before anything is simulated.
    pub(super) fn new(
        out: Option<&PathBuf>,
        (scenario, verb): (&Scenario, &str),
        kind: ReportKind,
        console: &mut Console<'_>,
    ) -> Result<Self, Exit> {
        let usual = || Path::new("reports").join(format!("{}-{verb}", scenario.name));
        let target = out.cloned().unwrap_or_else(usual);
        let folder = Folder::prepare(&target, kind).map_err(|fault| {
            console.error(&fault.to_string());
            Exit::Failure
        })?;
        Ok(Self { target, folder, kind })
    }

    /// Writes and prints the answer.
    pub(super) fn answer(
        self,
        answer: Answer<'_>,
        (format, quiet): (AskedFormat, bool),
        console: &mut Console<'_>,
    ) -> Result<Exit, Exit> {
        let Answer { text, json, markdown, rows, plots } = answer;
        let files = folder::asked_files(self.kind, &json, &rows, plots);
        self.folder.replace(&files).map_err(|fault| {
            console.error(&fault.to_string());
            Exit::Failure
        })?;
        let printed = match format {
            AskedFormat::Text if std::io::stdout().is_terminal() => text(Look::Framed),
            AskedFormat::Text => text(Look::Plain),
            AskedFormat::Json => json,
            AskedFormat::Markdown => markdown,
            AskedFormat::Csv => String::from_utf8_lossy(&folder::table(&rows)).into_owned(),
        };
        console.print(&printed)?;
        if !quiet {
            console.say(&format!("answer: {}", shown::path(&self.target)));
        }
        Ok(Exit::Fine)
    }
}
