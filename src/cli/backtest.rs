//! `blackstart backtest`: what was observed of a real recovery beside the simulated one.

use std::io::IsTerminal as _;
use std::path::Path;

use crate::diagnostics::{Code, Diagnostics, Sources};
use crate::experiment::Design;
use crate::folder::{self, ReportKind};
use crate::report::{self, Look};
use crate::scenario::{Address, Change, Scenario, SetOverride};
use crate::shown;
use crate::{compare, measure};

use super::Exit;
use super::args::{BacktestArguments, Format};
use super::command::reproduce;
use super::console::Console;
use super::load::load;
use super::next::{self, Called};
use super::output::Folder;
use super::simulating::{simulate, work_out};

pub(super) fn run(arguments: &BacktestArguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let mut overrides = arguments.simulation.overrides.clone();
    // Figures of tracks are looked up in the strategy that they are compared with.
    overrides.set.extend(arguments.strategy.as_ref().map(|name| SetOverride {
        address: Address::of(&["observed", "strategy"]),
        change: Change::Replace,
        value: toml::Value::String(name.clone()).to_string(),
    }));
    let checked = load(&arguments.scenario, &overrides, console)?;
    let scenario = checked.scenario.expect("a loaded scenario has no error");
    let design = design(arguments, &scenario, console)?;
    let target = match &arguments.out {
        Some(target) => target.clone(),
        None => Path::new("reports").join(format!("{}-backtest", scenario.name)),
    };
    let refused = |console: &mut Console<'_>, fault: &dyn std::error::Error| {
        console.error(&fault.to_string());
        Exit::Failure
    };
    let folder =
        Folder::prepare(&target, ReportKind::Backtest).map_err(|fault| refused(console, &fault))?;
    let results = simulate(&arguments.simulation, &scenario, &design, console)?;
    let overrides = &arguments.simulation.overrides;
    let strategy = arguments.strategy.as_slice();
    let command = reproduce("backtest", &arguments.scenario, strategy, overrides, &design);
    let (view, files) = work_out(arguments.simulation.jobs, console, || {
        let measurements = measure::measure(&scenario, &results);
        let (own, metrics) = (&results.strategies[0], &measurements.strategies[0].replications);
        let comparisons = compare::backtest(&scenario, &results, own, metrics);
        let view = report::backtest_view(&scenario, &results, &comparisons, &command);
        let files = folder::backtest_files(&scenario, &results, &measurements, &view);
        (view, files)
    })?;
    folder.replace(&files).map_err(|fault| refused(console, &fault))?;
    let text = match arguments.format {
        Format::Text if std::io::stdout().is_terminal() => {
            report::backtest_text(&view, Look::Framed)
        }
        Format::Text => report::backtest_text(&view, Look::Plain),
        Format::Json => report::backtest_json(&view),
    };
    console.print(&text)?;
    if !arguments.simulation.quiet {
        console.say(&format!("report: {}", shown::path(&target)));
        let called = Called::new(&arguments.scenario, &arguments.simulation, &[]);
        let held = (design.strategies[0], view.holds);
        next::after_backtest(&called, &scenario, held, console);
    }
    Ok(if view.holds { Exit::Fine } else { Exit::Missed })
}

/// The strategy that was observed, as often as it is asked for.
fn design(
    arguments: &BacktestArguments,
    scenario: &Scenario,
    console: &mut Console<'_>,
) -> Result<Design, Exit> {
    let Some(observed) = scenario.observed.as_ref().filter(|it| !it.observations.is_empty()) else {
        let mut diagnostics = Diagnostics::default();
        diagnostics
            .error_without_place(Code::MissingKey, "nothing was observed")
            .help("add a table `[[observed.instants]]` with a figure and when it was");
        console.faults(&diagnostics, &Sources::default());
        return Err(Exit::NothingChecked);
    };
    let whole = Design::of(scenario);
    Ok(Design {
        strategies: vec![observed.strategy],
        replications: arguments.simulation.replications.unwrap_or(whole.replications),
        seed: arguments.simulation.seed.unwrap_or(whole.seed),
        explained: false,
    })
}
