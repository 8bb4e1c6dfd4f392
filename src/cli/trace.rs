//! `blackstart trace`: one recovery, event by event.

use crate::folder::ReportKind;
use crate::ids::{SiteId, StrategyId};
use crate::report::{self, Which};
use crate::review::{self, Trace};
use crate::scenario::Scenario;
use crate::shown;

use super::Exit;
use super::args::{Replication, TraceArguments, TraceFormat};
use super::console::Console;
use super::load::load;
use super::next::{self, Called};
use super::output::Folder;
use super::simulating::strategies;

pub(super) fn run(arguments: &TraceArguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let which = &arguments.which;
    let checked = load(&which.scenario, &which.overrides, console)?;
    let scenario = checked.scenario.expect("a loaded scenario has no error");
    let strategy = one_strategy(which.strategy.as_deref(), &scenario, console)?;
    let refused = |console: &mut Console<'_>, fault: &dyn std::error::Error| {
        console.error(&fault.to_string());
        Exit::Failure
    };
    let folder = match &arguments.out {
        Some(target) => Some(
            Folder::prepare(target, ReportKind::Trace).map_err(|fault| refused(console, &fault))?,
        ),
        None => None,
    };
    let seed = which.seed.unwrap_or(scenario.experiment.seed);
    let trace = review::trace(&scenario, strategy, seed, arguments.replication);
    let name = &scenario.strategies[strategy].name;
    let told = Which {
        strategy: name,
        seed,
        replication: arguments.replication,
        kind: scenario.incident.kind,
    };
    let ndjson = || report::ndjson(&scenario, told, &trace);
    let chrome = || report::chrome(&scenario, told, &trace);
    let (Some(folder), Some(target)) = (folder, &arguments.out) else {
        return console.print(&match arguments.format {
            TraceFormat::Ndjson => ndjson(),
            TraceFormat::Chrome => chrome(),
        });
    };
    let files = [
        (ReportKind::Trace.main_file().to_owned(), ndjson().into_bytes()),
        ("trace.json".to_owned(), chrome().into_bytes()),
    ];
    folder.replace(&files).map_err(|fault| refused(console, &fault))?;
    if !which.quiet {
        console.say(&format!("trace: {}", shown::path(target)));
        let told = (strategy, arguments.replication);
        next::after_trace(&called(which), &scenario, told, last_back(&scenario, &trace), console);
    }
    Ok(Exit::Fine)
}

/// How one recovery of a scenario was called.
pub(super) fn called(which: &Replication) -> Called<'_> {
    Called {
        scenario: &which.scenario,
        overrides: &which.overrides,
        strategies: &[],
        seed: which.seed,
        replications: None,
    }
}

/// The site that came back last, where every exercise has the same.
fn last_back(scenario: &Scenario, trace: &Trace) -> Option<SiteId> {
    let sites = scenario.incident.deleted.iter().zip(&trace.outcome.restorations);
    let back = sites.filter_map(|(it, end)| Some((end.restored_at()?, it.site)));
    back.max_by_key(|it| it.0).filter(|_| !scenario.estate.is_redrawn()).map(|it| it.1)
}

/// The strategy of this name, or the first.
pub(super) fn one_strategy(
    name: Option<&str>,
    scenario: &Scenario,
    console: &mut Console<'_>,
) -> Result<StrategyId, Exit> {
    let names: Vec<String> = name.into_iter().map(str::to_owned).collect();
    let known = strategies(&names, scenario, console)?;
    Ok(*known.first().expect("a checked scenario has a strategy"))
}
