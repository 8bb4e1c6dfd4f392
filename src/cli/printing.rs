//! What becomes of results, whoever has simulated them: measured, judged, audited, printed and written
//! into the folder of a report.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use crate::cli::Exit;
use crate::cli::args::{Format, GroupedBy};
use crate::cli::console::Console;
use crate::cli::next::{self, Called};
use crate::cli::output::Folder;
use crate::cli::simulating::{on_threads, work_out};
use crate::experiment::Results;
use crate::folder::{self, ReportKind};
use crate::measure::{self, Measurements};
use crate::report::{self, Look};
use crate::review::{self, Causes, Pulled};
use crate::scenario::Scenario;
use crate::shown;
use crate::{plot, verdict};

/// Where a report goes, and what is printed of it.
pub(crate) struct Printing<'a> {
    /// How the scenario was called, if it can be called again.
    pub called: Option<Called<'a>>,
    pub out: &'a Option<PathBuf>,
    pub format: Format,
    pub quiet: bool,
    pub jobs: Option<u16>,
    /// Whether all levers are simulated, and not only the likeliest.
    pub levers: bool,
    pub by: Option<GroupedBy>,
    /// Whether the page is opened in the end.
    pub open: bool,
    /// Whether plots are written as PNG too.
    pub png: bool,
}

impl Printing<'_> {
    /// Where the report goes.
    pub(crate) fn target(&self, scenario: &Scenario) -> PathBuf {
        match self.out {
            Some(target) => target.clone(),
            None => Path::new("reports").join(&scenario.name),
        }
    }

    /// The folder that the report will replace.
    pub(crate) fn folder(
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
    pub(crate) fn report(
        &self,
        folder: Folder,
        scenario: &Scenario,
        results: &Results,
        command: &str,
        console: &mut Console<'_>,
    ) -> Result<Exit, Exit> {
        let measure = || measure::measure(scenario, results);
        let measurements = work_out(self.jobs, console, measure)?;
        let verdicts = verdict::judge_all(scenario, &measurements);
        let causes = self.causes(scenario, results, &measurements, console)?;
        let command = if self.levers { format!("{command} --levers") } else { command.to_owned() };
        let told = || {
            let mut view =
                report::view(scenario, results, &measurements, &verdicts, &causes, &command);
            if let Some(by) = self.by {
                report::add_groups(&mut view, scenario, results, by.grouping());
            }
            let series = plot::series(scenario, results, &measurements);
            let files = folder::files(scenario, results, &measurements, &view, &series);
            (view, if self.png { plot::with_png(files) } else { files })
        };
        let (view, files) = work_out(self.jobs, console, told)?;
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
            console.say(&format!("report: {}", shown::path(&self.target(scenario))));
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
        let pulled = if self.levers { Pulled::All } else { Pulled::Likeliest };
        let of_levers = review::recoveries_of_levers(scenario, results, pulled);
        let recoveries = of_levers + review::recoveries_without_injects(scenario, results);
        on_threads(self.jobs, self.quiet, recoveries, console, |progress| {
            review::causes(scenario, results, measurements, pulled, &|| progress.one())
        })
    }
}
