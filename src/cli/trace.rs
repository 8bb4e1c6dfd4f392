//! `blackstart trace`: one recovery, event by event.

use crate::experiment;
use crate::ids::StrategyId;
use crate::report::{self, Which};
use crate::scenario::Scenario;

use super::Exit;
use super::args::{TraceArguments, TraceFormat};
use super::console::Console;
use super::folder::{Folder, TRACE};
use super::load::load;
use super::run::strategies;

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
        Some(target) => {
            Some(Folder::prepare(target, TRACE).map_err(|fault| refused(console, &fault))?)
        }
        None => None,
    };
    let seed = which.seed.unwrap_or(scenario.experiment.seed);
    let trace = experiment::trace(&scenario, strategy, seed, arguments.replication);
    let name = &scenario.strategies[strategy].name;
    let which = Which { strategy: name, seed, replication: arguments.replication };
    let ndjson = || report::ndjson(&scenario, which, &trace);
    let chrome = || report::chrome(&scenario, which, &trace);
    let (Some(folder), Some(target)) = (folder, &arguments.out) else {
        return console.print(&match arguments.format {
            TraceFormat::Ndjson => ndjson(),
            TraceFormat::Chrome => chrome(),
        });
    };
    let files = [
        (TRACE.to_owned(), ndjson().into_bytes()),
        ("trace.json".to_owned(), chrome().into_bytes()),
    ];
    folder.replace(&files).map_err(|fault| refused(console, &fault))?;
    console.say(&format!("trace: {}", target.display()));
    Ok(Exit::Fine)
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
