//! `blackstart run`: simulates, prints, and writes the report folder.

use std::io::IsTerminal as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};

use crate::diagnostics::{Code, Diagnostics, Sources};
use crate::experiment::{self, Causes, Design, Measurements, Results, Until};
use crate::ids::StrategyId;
use crate::report::{self, Look, ReportKind};
use crate::scenario::Scenario;
use crate::units::Share;
use crate::verdict;

use super::Exit;
use super::args::{Format, GroupedBy, Overrides, RunArguments, Simulation};
use super::console::Console;
use super::folder::Folder;
use super::load::load_with_texts;
use super::next::{self, Called};
use super::part;

pub(super) fn run(arguments: &RunArguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    check_png(arguments.png, console)?;
    let overrides = &arguments.simulation.overrides;
    let (checked, texts) = load_with_texts(&arguments.scenario, overrides, console)?;
    let scenario = checked.scenario.expect("a loaded scenario has no error");
    let design = design(arguments, &scenario, console)?;
    if let Some(slice) = arguments.shard {
        return part::run(arguments, slice, &scenario, &texts, &design, console);
    }
    let called = Called::new(&arguments.scenario, &arguments.simulation, &arguments.strategy);
    let printing = Printing {
        called: Some(called.until(arguments.until)),
        out: &arguments.out,
        format: arguments.format,
        quiet: arguments.simulation.quiet,
        jobs: arguments.simulation.jobs,
        levers: arguments.levers,
        by: arguments.by,
        open: arguments.open,
        png: arguments.png,
    };
    // A folder that cannot be replaced is better known before the simulation than after it.
    let folder = printing.folder(&scenario, console)?;
    let (results, design) =
        simulate_until(&arguments.simulation, arguments.until, &scenario, &design, console)?;
    let mut command =
        reproduce("run", &arguments.scenario, &arguments.strategy, overrides, &design);
    if let Some(by) = arguments.by {
        command += &format!(" --by {}", by.word());
    }
    printing.report(folder, &scenario, &results, &command, console)
}

/// Where a report goes, and what is printed of it.
pub(super) struct Printing<'a> {
    /// How the scenario was called, if it can be called again.
    pub called: Option<Called<'a>>,
    pub out: &'a Option<PathBuf>,
    pub format: Format,
    pub quiet: bool,
    pub jobs: Option<u16>,
    /// Whether levers are simulated.
    pub levers: bool,
    pub by: Option<GroupedBy>,
    /// Whether the page is opened in the end.
    pub open: bool,
    /// Whether plots are written as PNG too.
    pub png: bool,
}

impl Printing<'_> {
    fn target(&self, scenario: &Scenario) -> PathBuf {
        match self.out {
            Some(target) => target.clone(),
            None => Path::new("reports").join(&scenario.name),
        }
    }

    /// The folder that the report will replace.
    pub(super) fn folder(
        &self,
        scenario: &Scenario,
        console: &mut Console<'_>,
    ) -> Result<Folder, Exit> {
        Folder::prepare(&self.target(scenario), ReportKind::Run).map_err(|fault| {
            console.error(&fault.to_string());
            Exit::Failure
        })
    }

    /// Writes and prints the report on the results of a whole run.
    pub(super) fn report(
        &self,
        folder: Folder,
        scenario: &Scenario,
        results: &Results,
        command: &str,
        console: &mut Console<'_>,
    ) -> Result<Exit, Exit> {
        let measurements = experiment::measure(scenario, results);
        let verdicts = verdict::judge_all(scenario, &measurements);
        let causes = self.causes(scenario, results, &measurements, console)?;
        let command = if self.levers { format!("{command} --levers") } else { command.to_owned() };
        let mut view = report::view(scenario, results, &measurements, &verdicts, &causes, &command);
        if let Some(by) = self.by {
            report::add_groups(&mut view, scenario, results, by.grouping());
        }
        let series = on_threads(self.jobs, true, 0, console, |_| {
            report::series(scenario, results, &measurements)
        })?;
        let files = report::files(scenario, results, &measurements, &view, &series);
        let files = if self.png { report::with_png(files) } else { files };
        folder.replace(&files).map_err(|fault| {
            console.error(&fault.to_string());
            Exit::Failure
        })?;
        let text = match self.format {
            Format::Text if std::io::stdout().is_terminal() => report::text(&view, Look::Framed),
            Format::Text => report::text(&view, Look::Plain),
            Format::Json => report::json(&view),
        };
        console.print(&text)?;
        if !self.quiet {
            console.say(&format!("report: {}", self.target(scenario).display()));
            if let Some(called) = &self.called {
                next::after_run(called, scenario, (results, &verdicts), self.levers, console);
            }
        }
        if self.open {
            return super::report::open(&self.target(scenario), console);
        }
        Ok(Exit::Fine)
    }

    /// What holds the recoveries up, and what levers would bring if that is asked for.
    fn causes(
        &self,
        scenario: &Scenario,
        results: &Results,
        measurements: &Measurements,
        console: &mut Console<'_>,
    ) -> Result<Causes, Exit> {
        let recoveries = match self.levers {
            true => experiment::recoveries_of_levers(scenario, results),
            false => 0,
        };
        on_threads(self.jobs, self.quiet, recoveries, console, |progress| {
            experiment::causes(scenario, results, measurements, self.levers, progress)
        })
    }
}

/// Refuses to draw PNG where this program cannot.
pub(super) fn check_png(asked: bool, console: &mut Console<'_>) -> Result<(), Exit> {
    if asked && !report::DRAWS_PNG {
        console.error(
            "this program was built without PNG; build it with \
             `cargo install --path . --features png`, or leave out --png and take the SVG",
        );
        return Err(Exit::Usage);
    }
    Ok(())
}

fn design(
    arguments: &RunArguments,
    scenario: &Scenario,
    console: &mut Console<'_>,
) -> Result<Design, Exit> {
    let whole = Design::of(scenario);
    Ok(Design {
        strategies: strategies(&arguments.strategy, scenario, console)?,
        replications: arguments.simulation.replications.unwrap_or(whole.replications),
        seed: arguments.simulation.seed.unwrap_or(whole.seed),
        explained: arguments.shard.is_none(),
    })
}

/// The strategies of these names in the order of the scenario; all of them without a name.
pub(super) fn strategies(
    names: &[String],
    scenario: &Scenario,
    console: &mut Console<'_>,
) -> Result<Vec<StrategyId>, Exit> {
    let known = || scenario.strategies.iter().map(|it| it.name.as_str());
    let mut diagnostics = Diagnostics::default();
    for name in names.iter().filter(|name| scenario.strategy(name).is_none()) {
        diagnostics
            .error_without_place(Code::UnknownStrategy, format!("there is no strategy `{name}`"))
            .help_choose(name, known());
    }
    if diagnostics.errors() > 0 {
        console.faults(&diagnostics, &Sources::default());
        return Err(Exit::Invalid);
    }
    let wanted = |id: &StrategyId| {
        names.is_empty() || names.iter().any(|name| *name == scenario.strategies[*id].name)
    };
    Ok(scenario.strategies.ids().filter(wanted).collect())
}

pub(super) fn simulate(
    simulation: &Simulation,
    scenario: &Scenario,
    design: &Design,
    console: &mut Console<'_>,
) -> Result<Results, Exit> {
    simulate_slice(simulation, scenario, design, 0..design.replications, console)
}

/// As [`simulate`], but only the replications of these numbers.
pub(super) fn simulate_slice(
    simulation: &Simulation,
    scenario: &Scenario,
    design: &Design,
    slice: Range<u32>,
    console: &mut Console<'_>,
) -> Result<Results, Exit> {
    let total = slice.len() as u64 * design.strategies.len() as u64;
    on_threads(simulation.jobs, simulation.quiet, total, console, |progress| {
        experiment::run_slice(scenario, design, slice, progress)
    })
}

/// Simulates as [`simulate`] does, or until figures are as precise as asked for; the design then has
/// the replications that it took, so that a plain run of it gives the same.
pub(super) fn simulate_until(
    simulation: &Simulation,
    target: Option<Share>,
    scenario: &Scenario,
    design: &Design,
    console: &mut Console<'_>,
) -> Result<(Results, Design), Exit> {
    let Some(target) = target else {
        return Ok((simulate(simulation, scenario, design, console)?, design.clone()));
    };
    let most = simulation.replications.unwrap_or(experiment::MOST);
    let until = Until { target: target.fraction(), most };
    let total = u64::from(most) * design.strategies.len() as u64;
    let (results, reached) =
        on_threads(simulation.jobs, simulation.quiet, total, console, |progress| {
            experiment::run_until(scenario, design, until, &experiment::precision, progress)
        })?;
    if !simulation.quiet {
        console.say(&report::reached_sentence(&until, &reached));
    }
    Ok((results, Design { replications: reached.replications, ..design.clone() }))
}

/// Works on as many threads as are asked for, with a bar for so many recoveries.
pub(super) fn on_threads<T: Send>(
    jobs: Option<u16>,
    quiet: bool,
    recoveries: u64,
    console: &mut Console<'_>,
    work: impl FnOnce(&(dyn Fn() + Sync)) -> T + Send,
) -> Result<T, Exit> {
    let threads = jobs.map_or(0, usize::from);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(|fault| {
        console.error(&format!("cannot start {threads} threads: {fault}"));
        Exit::Failure
    })?;
    let bar = progress_bar(recoveries, quiet);
    let done = pool.install(|| work(&|| bar.inc(1)));
    bar.finish_and_clear();
    Ok(done)
}

/// A bar on standard error, if that is a terminal.
fn progress_bar(total: u64, quiet: bool) -> ProgressBar {
    if quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} recoveries, {eta} to go")
        .expect("the template is correct");
    ProgressBar::new(total).with_style(style)
}

/// The command that makes the same results again, wherever and on however many threads.
pub(super) fn reproduce(
    verb: &str,
    scenario: &Path,
    strategies: &[String],
    overrides: &Overrides,
    design: &Design,
) -> String {
    let mut words = opening(verb, scenario, overrides);
    for (place, name) in strategies.iter().enumerate() {
        words.insert(3 + place, format!("--strategy {}", quoted(name)));
    }
    words.push(format!("--seed {}", design.seed));
    words.push(format!("--replications {}", design.replications));
    words.join(" ")
}

/// The words of a command about a scenario: program, verb, file and overrides.
pub(super) fn opening(verb: &str, scenario: &Path, overrides: &Overrides) -> Vec<String> {
    let mut words = vec!["blackstart".to_owned(), verb.to_owned()];
    words.push(quoted(&portable(scenario)));
    for it in &overrides.set {
        words.push(format!("--set {}", quoted(&format!("{}={}", it.path, it.value))));
    }
    if overrides.allow_outside {
        words.push("--allow-outside".to_owned());
    }
    words
}

/// The path with slashes, so that the same command is printed everywhere.
pub(super) fn portable(path: &Path) -> String {
    let parts: PathBuf = path.components().collect();
    parts.to_string_lossy().replace('\\', "/")
}

/// A word as a shell takes it.
pub(super) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
