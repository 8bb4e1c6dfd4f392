//! What verbs that simulate have in common: which strategies, on how many threads, and the bar.

use std::io::IsTerminal as _;
use std::ops::Range;

use indicatif::{ProgressBar, ProgressStyle};

use crate::compare::{self, Until};
use crate::diagnostics::{Code, Diagnostics, Sources};
use crate::experiment::{self, Design, Results};
use crate::ids::StrategyId;
use crate::report;
use crate::scenario::Scenario;
use crate::units::Share;

use super::Exit;
use super::args::Simulation;
use super::console::Console;

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
    let most = simulation.replications.unwrap_or(compare::MOST);
    let until = Until { target: target.fraction(), most };
    let total = u64::from(most) * design.strategies.len() as u64;
    let (results, reached) =
        on_threads(simulation.jobs, simulation.quiet, total, console, |progress| {
            compare::run_until(scenario, design, until, &compare::precision, progress)
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

/// Works on as many threads as are asked for on what needs no bar.
pub(super) fn work_out<T: Send>(
    jobs: Option<u16>,
    console: &mut Console<'_>,
    work: impl FnOnce() -> T + Send,
) -> Result<T, Exit> {
    on_threads(jobs, true, 0, console, |_| work())
}

/// A bar on standard error, if that is a terminal.
fn progress_bar(total: u64, quiet: bool) -> ProgressBar {
    if quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} exercises, {eta} to go")
        .expect("the template is correct");
    ProgressBar::new(total).with_style(style)
}
