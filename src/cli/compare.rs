//! `blackstart compare`: which strategy is best, by how much, and how sure that is.

use std::io::IsTerminal as _;
use std::path::Path;

use crate::compare::{self, MOST_COMPARED, Margin, Selection};
use crate::experiment::Design;
use crate::folder::{self, ReportKind};
use crate::ids::StrategyId;
use crate::measure;
use crate::report::{self, CompareView, Look};
use crate::scenario::Scenario;
use crate::shown;
use crate::units::Share;

use super::Exit;
use super::args::{CompareArguments, Format};
use super::command::{quoted, reproduce};
use super::console::Console;
use super::load::load;
use super::next::{self, Called};
use super::output::Folder;
use super::simulating::{on_threads, simulate_until, strategies, work_out};

pub(super) fn run(arguments: &CompareArguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let checked = load(&arguments.scenario, &arguments.simulation.overrides, console)?;
    let scenario = checked.scenario.expect("a loaded scenario has no error");
    let design = design(arguments, &scenario, console)?;
    let target = match &arguments.out {
        Some(target) => target.clone(),
        None => Path::new("reports").join(format!("{}-compare", scenario.name)),
    };
    let refused = |console: &mut Console<'_>, fault: &dyn std::error::Error| {
        console.error(&fault.to_string());
        Exit::Failure
    };
    let folder =
        Folder::prepare(&target, ReportKind::Compare).map_err(|fault| refused(console, &fault))?;
    let (view, files, best) = match arguments.select {
        true => selected(arguments, &scenario, &design, console)?,
        false => compared(arguments, &scenario, &design, console)?,
    };
    folder.replace(&files).map_err(|fault| refused(console, &fault))?;
    let text = match arguments.format {
        Format::Text if std::io::stdout().is_terminal() => {
            report::compare_text(&view, Look::Framed)
        }
        Format::Text => report::compare_text(&view, Look::Plain),
        Format::Json => report::compare_json(&view),
    };
    console.print(&text)?;
    if !arguments.simulation.quiet {
        console.say(&format!("report: {}", shown::path(&target)));
        let called = Called::new(&arguments.scenario, &arguments.simulation, &arguments.strategy);
        next::after_compare(&called.until(arguments.until), &scenario, best, console);
    }
    Ok(Exit::Fine)
}

/// What is written, files by their names in the folder, and the strategy that is best or may be.
type Written = (CompareView, Vec<(String, Vec<u8>)>, StrategyId);

fn compared(
    arguments: &CompareArguments,
    scenario: &Scenario,
    design: &Design,
    console: &mut Console<'_>,
) -> Result<Written, Exit> {
    let (results, design) =
        simulate_until(&arguments.simulation, arguments.until, scenario, design, console)?;
    let command = command(arguments, &design);
    let told = || {
        let measurements = measure::measure(scenario, &results);
        let compared = compare::compare(scenario, &results, &measurements, margin(arguments));
        let view = report::compare_view(scenario, &results, &compared, &command);
        let files = folder::compare_files(scenario, Some((&measurements, &compared)), &view);
        (view, files, design.strategies[compared.deciding().leader])
    };
    work_out(arguments.simulation.jobs, console, told)
}

fn selected(
    arguments: &CompareArguments,
    scenario: &Scenario,
    design: &Design,
    console: &mut Console<'_>,
) -> Result<Written, Exit> {
    let most = u64::from(design.replications) * design.strategies.len() as u64;
    let selection: Selection = on_threads(
        arguments.simulation.jobs,
        arguments.simulation.quiet,
        most,
        console,
        |progress| compare::select_best(scenario, design, margin(arguments), &|| progress.one()),
    )?;
    let command = command(arguments, design);
    let view = report::selection_view(scenario, design, &selection, &command);
    let files = folder::compare_files(scenario, None, &view);
    Ok((view, files, design.strategies[selection.selected.kept[0]]))
}

fn margin(arguments: &CompareArguments) -> Margin {
    let usual = || Margin::OfObjective(Share::new(0.05).expect("5% is a share"));
    arguments.margin.as_ref().map_or_else(usual, |it| it.margin)
}

fn command(arguments: &CompareArguments, design: &Design) -> String {
    let overrides = &arguments.simulation.overrides;
    let strategies = &arguments.strategy;
    let mut command = reproduce("compare", &arguments.scenario, strategies, overrides, design);
    if let Some(margin) = &arguments.margin {
        command += &format!(" --margin {}", quoted(&margin.text));
    }
    if arguments.select {
        command += " --select";
    }
    command
}

/// The strategies to compare, of which there are two at least.
fn design(
    arguments: &CompareArguments,
    scenario: &Scenario,
    console: &mut Console<'_>,
) -> Result<Design, Exit> {
    let whole = Design::of(scenario);
    let strategies = strategies(&arguments.strategy, scenario, console)?;
    if strategies.len() < 2 {
        let (why, exit) = match arguments.strategy.is_empty() {
            true => ("the scenario has only one strategy", Exit::NothingChecked),
            false => ("only one strategy was named", Exit::Usage),
        };
        console.error(&format!("{why}: there is nothing to compare it with"));
        return Err(exit);
    }
    if strategies.len() > MOST_COMPARED && !arguments.select {
        console.error(&format!(
            "{} strategies are too many to compare two by two, of which {MOST_COMPARED} are the \
             most; add `--select`, which drops them one by one, or name some with `--strategy`",
            strategies.len()
        ));
        return Err(Exit::Usage);
    }
    Ok(Design {
        strategies,
        replications: arguments.simulation.replications.unwrap_or(whole.replications),
        seed: arguments.simulation.seed.unwrap_or(whole.seed),
        explained: false,
    })
}
