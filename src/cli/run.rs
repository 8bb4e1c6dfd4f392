//! `blackstart run`: simulates, prints, and writes the report folder.

use crate::cli::args::{Format, GroupedBy, RunArguments};
use crate::cli::audit::About;
use crate::cli::command::reproduce;
use crate::cli::console::Console;
use crate::cli::folder::Folder;
use crate::cli::load::{load_with_texts, refuse_warnings};
use crate::cli::next::Called;
use crate::cli::pictures::check_png;
use crate::cli::simulating::{on_threads, simulate_until, strategies};
use crate::cli::{Exit, audit, next, part};
use crate::experiment::{Design, Results};
use crate::folder::ReportKind;
use crate::measure::Measurements;
use crate::report::Look;
use crate::review::Causes;
use crate::scenario::Scenario;
use crate::{folder, measure, plot, report, review, verdict};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

pub(super) fn run(arguments: &RunArguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    check_png(arguments.png, console)?;
    let overrides = &arguments.simulation.overrides;
    let (checked, texts) = load_with_texts(&arguments.scenario, overrides, console)?;
    let denied = arguments.deny_warnings;
    refuse_warnings(&arguments.scenario, &checked.diagnostics, denied, console)?;
    let scenario = checked.scenario.expect("a loaded scenario has no error");
    let design = design(arguments, &scenario, console)?;
    if let Some(slice) = arguments.slice {
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
    if arguments.audit {
        let path = &arguments.scenario;
        let about = About { scenario: &scenario, path, strategies: &arguments.strategy, overrides };
        let simulation = &arguments.simulation;
        // Where it goes on until figures are precise, that is no number of recoveries to audit.
        let asked = simulation.replications.filter(|_| arguments.until.is_none());
        let most = asked.unwrap_or(audit::USUAL);
        about.check(&results, most, (simulation.jobs, simulation.quiet), console)?;
    }
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
        let measurements = measure::measure(scenario, results);
        let verdicts = verdict::judge_all(scenario, &measurements);
        let causes = self.causes(scenario, results, &measurements, console)?;
        let command = if self.levers { format!("{command} --levers") } else { command.to_owned() };
        let mut view = report::view(scenario, results, &measurements, &verdicts, &causes, &command);
        if let Some(by) = self.by {
            report::add_groups(&mut view, scenario, results, by.grouping());
        }
        let series = on_threads(self.jobs, true, 0, console, |_| {
            plot::series(scenario, results, &measurements)
        })?;
        let files = folder::files(scenario, results, &measurements, &view, &series);
        let files = if self.png { plot::with_png(files) } else { files };
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
            return crate::cli::pictures::open(&self.target(scenario), console);
        }
        Ok(Exit::Fine)
    }

    /// What holds the recoveries up, what each inject cost, and what levers would bring if that is
    /// asked for.
    fn causes(
        &self,
        scenario: &Scenario,
        results: &Results,
        measurements: &Measurements,
        console: &mut Console<'_>,
    ) -> Result<Causes, Exit> {
        let of_levers = match self.levers {
            true => review::recoveries_of_levers(scenario, results),
            false => 0,
        };
        let recoveries = of_levers + review::recoveries_without_injects(scenario, results);
        on_threads(self.jobs, self.quiet, recoveries, console, |progress| {
            review::causes(scenario, results, measurements, self.levers, progress)
        })
    }
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
        explained: arguments.slice.is_none(),
    })
}
