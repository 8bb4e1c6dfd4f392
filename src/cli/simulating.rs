//! What verbs that simulate have in common: which strategies, on how many threads, and the bar.

use std::ops::Range;

use crate::compare::{self, Until};
use crate::diagnostics::{Code, Diagnostics, Sources};
use crate::experiment::{self, Design, Results};
use crate::ids::StrategyId;
use crate::report;
use crate::scenario::{Limits, Scenario, TooMany};
use crate::units::Share;

use super::Exit;
use super::args::Simulation;
use super::console::Console;
use super::keeping::Keeping;
use super::progress::Progress;

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
    refuse_many(slice.len() as u64, simulation, console)?;
    let total = slice.len() as u64 * design.strategies.len() as u64;
    on_threads(simulation.jobs, simulation.quiet, total, console, |progress| {
        experiment::run_slice(scenario, design, slice, &|| progress.one())
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
    batches(simulation, target, scenario, design, console, |numbers, progress| {
        experiment::run_slice(scenario, design, numbers, &|| progress.one())
    })
}

/// The same of a run that keeps what it has, in slices.
pub(super) fn simulate_keeping(
    simulation: &Simulation,
    target: Option<Share>,
    scenario: &Scenario,
    design: &Design,
    keeping: &mut Keeping<'_>,
    console: &mut Console<'_>,
) -> Result<(Results, Design), Exit> {
    let simulated = match target {
        Some(target) => {
            let of = batches_of(most(simulation));
            batches(simulation, target, scenario, design, console, |numbers, progress| {
                keeping.slice((numbers.start / compare::BATCH + 1, of), &numbers, progress)
            })
        }
        None => {
            refuse_many(u64::from(design.replications), simulation, console)?;
            let total = u64::from(design.replications) * design.strategies.len() as u64;
            let results =
                on_threads(simulation.jobs, simulation.quiet, total, console, |progress| {
                    let slices = keeping.slices(design.replications, rayon::current_num_threads());
                    let of = slices.len() as u32;
                    let results = (1..)
                        .zip(&slices)
                        .map(|(it, numbers)| keeping.slice((it, of), numbers, progress));
                    results.reduce(|mut whole, slice| {
                        whole.append(slice);
                        whole
                    })
                })?;
            Ok((results.expect("there is a slice"), design.clone()))
        }
    };
    keeping.notes().iter().for_each(|it| console.say(it));
    simulated.map(|(results, design)| (keeping.whole(results), design))
}

/// Refuses more exercises than there may be, before memory is taken for them.
pub(super) fn refuse_many(
    number: u64,
    simulation: &Simulation,
    console: &mut Console<'_>,
) -> Result<(), Exit> {
    let many = TooMany::replications(number, &Limits::with(&simulation.overrides.limit));
    many.map_or(Ok(()), |it| {
        console.error(&format!("{it}; {}", it.help()));
        Err(Exit::Usage)
    })
}

/// When a run ends that goes on until its figures are precise.
pub(super) fn most(simulation: &Simulation) -> u32 {
    simulation.replications.unwrap_or(compare::MOST)
}

/// How many batches so many replications are at the most.
pub(super) fn batches_of(replications: u32) -> u32 {
    replications.div_ceil(compare::BATCH)
}

fn batches(
    simulation: &Simulation,
    target: Share,
    scenario: &Scenario,
    design: &Design,
    console: &mut Console<'_>,
    mut batch: impl FnMut(Range<u32>, &Progress) -> Results + Send,
) -> Result<(Results, Design), Exit> {
    let until = Until { target: target.fraction(), most: most(simulation) };
    refuse_many(u64::from(until.most), simulation, console)?;
    let strategies = design.strategies.len() as u64;
    let total = u64::from(until.most) * strategies;
    let (results, reached) =
        on_threads(simulation.jobs, simulation.quiet, total, console, |progress| {
            let mut looked = |expected: u32| progress.expect(u64::from(expected) * strategies);
            let mut batch = |numbers: Range<u32>| batch(numbers, progress);
            let precision = &compare::precision;
            compare::run_batches(scenario, until, precision, &mut batch, &mut looked)
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
    work: impl FnOnce(&Progress) -> T + Send,
) -> Result<T, Exit> {
    let threads = jobs.map_or(0, usize::from);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(|fault| {
        console.error(&format!("cannot start {threads} threads: {fault}"));
        Exit::Failure
    })?;
    let progress = Progress::of(recoveries, quiet);
    let done = pool.install(|| work(&progress));
    progress.finish();
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
