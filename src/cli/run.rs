//! `blackstart run`: simulates, prints, and writes the report folder.

use crate::cli::args::RunArguments;
use crate::cli::audit::{self, About};
use crate::cli::command::{portable, reproduce};
use crate::cli::console::Console;
use crate::cli::keeping::{How, Keeping};
use crate::cli::load::{load_with_texts, refuse_warnings};
use crate::cli::next::Called;
use crate::cli::pictures::check_png;
use crate::cli::printing::Printing;
use crate::cli::simulating::{batches_of, most, simulate_keeping, strategies};
use crate::cli::{Exit, part};
use crate::compare;
use crate::experiment::{Design, PartHead, Slice};
use crate::scenario::{Scenario, Texts};

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
    let mut keeping = keeping(arguments, &scenario, &texts, &design, &printing, console);
    let simulation = &arguments.simulation;
    if let Some(hint) = keeping.hint().filter(|_| !simulation.quiet) {
        console.say(&hint);
    }
    let simulated =
        simulate_keeping(simulation, arguments.until, &scenario, &design, &mut keeping, console);
    let (results, design) = simulated?;
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
    let reported = printing.report(folder, &scenario, &results, &command, console);
    match (&reported, keeping.told()) {
        (Ok(_), _) => keeping.remove(),
        (Err(_), Some(kept)) => console.say(&kept),
        (Err(_), None) => {}
    }
    reported
}

/// What the run keeps of itself until its report is there.
fn keeping<'a>(
    arguments: &RunArguments,
    scenario: &'a Scenario,
    texts: &Texts,
    design: &Design,
    printing: &Printing<'_>,
    console: &Console<'_>,
) -> Keeping<'a> {
    let whole = Slice::new(1, 1).expect("there is one of one");
    let replications = match arguments.until {
        Some(_) => batches_of(most(&arguments.simulation)) * compare::BATCH,
        None => design.replications,
    };
    let all = Design { replications, ..design.clone() };
    let texts = Texts { path: portable(&arguments.scenario), ..texts.clone() };
    let overrides = &arguments.simulation.overrides.set[..];
    let head = PartHead::new(whole, &all, &arguments.strategy, (&texts, overrides), scenario);
    let goes_on = match arguments.resume {
        true => console.called(),
        false => format!("{} --resume", console.called()),
    };
    let how = How { resumes: arguments.resume, goes_on };
    Keeping::new(scenario, (design, head), &printing.target(scenario), how)
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
