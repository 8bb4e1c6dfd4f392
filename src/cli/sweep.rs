//! `blackstart sweep`: every value of some inputs, on the same exercises.

use crate::ask::{Chosen, MOST_CELLS, Sweep, SweepQuestion, Unit, chosen, sweep, sweep_best};
use crate::compare::Margin;
use crate::folder::ReportKind;
use crate::ids::StrategyId;
use crate::plot;
use crate::report::{self, SweepAsked};
use crate::scenario::{Lever, Scenario};

use super::Exit;
use super::args::SweepArguments;
use super::asked::{Answer, Answering, Ground, flag, impossible, refuse_idle, reproduce};
use super::console::Console;
use super::simulating::{on_threads, strategies};

/// Cells of a race, which are all kept in memory.
const MOST_RACERS: usize = 1_000;

pub(super) fn run(arguments: &SweepArguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let simulation = &arguments.simulation;
    let ground = Ground::new(&arguments.scenario, simulation, console)?;
    let strategies = strategies(&arguments.strategy, &ground.scenario, console)?;
    let levers = levers(arguments, &ground, strategies.len(), console)?;
    let whole = (&ground.scenario, "sweep");
    let answering = Answering::new(arguments.out.as_ref(), whole, ReportKind::Sweep, console)?;
    let swept = swept(arguments, &ground, &levers, &strategies, console)?;
    let command = command(arguments, &ground);
    let asked = SweepAsked {
        scenario: &ground.scenario,
        levers: &levers,
        seed: ground.seed,
        replications: ground.replications,
        race: arguments.best.then(|| margin(arguments, &ground.scenario)),
        reproduce: &command,
    };
    let view = report::sweep_view(&asked, &swept);
    let answer = Answer {
        text: &|look| report::sweep_text(&view, look),
        json: report::sweep_json(&view),
        markdown: report::sweep_markdown(&view),
        rows: report::sweep_rows(&view),
        plots: plot::sweep_plots(&view),
    };
    answering.answer(answer, (arguments.format, simulation.quiet), console)
}

fn swept(
    arguments: &SweepArguments,
    ground: &Ground,
    levers: &[Chosen],
    strategies: &[StrategyId],
    console: &mut Console<'_>,
) -> Result<Sweep, Exit> {
    let question = SweepQuestion {
        inputs: &ground.inputs,
        levers,
        strategies,
        seed: ground.seed,
        replications: ground.replications,
    };
    let cells = question.combinations() + usize::from(!arguments.best);
    let recoveries = (cells * strategies.len()) as u64 * u64::from(ground.replications);
    let (jobs, quiet) = (arguments.simulation.jobs, arguments.simulation.quiet);
    let margin = margin(arguments, &ground.scenario);
    let swept = on_threads(jobs, quiet, recoveries, console, |progress| match arguments.best {
        true => sweep_best(&question, margin, &|| progress.one()),
        false => sweep(&question, &|| progress.one()),
    })?;
    swept.map_err(|fault| impossible(&fault, console))
}

/// What is varied, with what it costs.
fn levers(
    arguments: &SweepArguments,
    ground: &Ground,
    strategies: usize,
    console: &mut Console<'_>,
) -> Result<Vec<Chosen>, Exit> {
    let levers: &[Lever] =
        if arguments.vary.is_empty() { &ground.scenario.levers } else { &arguments.vary };
    if levers.is_empty() {
        console.error(
            "there is nothing to vary: add `[[levers]]` to the scenario, or \
             `--vary 'teams.NAME*=1,1.5,2'`",
        );
        return Err(Exit::Usage);
    }
    refuse_idle(&levers.iter().map(|it| &it.settings[0]).collect::<Vec<_>>(), console)?;
    let most = if arguments.best { MOST_RACERS } else { MOST_CELLS };
    let cells = levers.iter().fold(strategies, |all, it| all.saturating_mul(it.settings.len()));
    if arguments.best && cells < 2 {
        console.error("a race takes two cells: vary more values, or leave `--best` out");
        return Err(Exit::Usage);
    }
    if cells > most {
        console.error(&format!(
            "there are {cells} cells, of which {most} are the most; vary fewer values, or name \
             strategies with `--strategy`"
        ));
        return Err(Exit::Usage);
    }
    let chosen = chosen(levers, &ground.inputs).map_err(|fault| {
        console.error(&fault.to_string());
        Exit::Invalid
    })?;
    if chosen.iter().all(|it| it.units.iter().all(|unit| *unit == Unit::Now)) {
        console.error("there is nothing to vary: every value is what stands there now");
        return Err(Exit::Usage);
    }
    Ok(chosen)
}

/// A difference that does not matter, in milliseconds.
fn margin(arguments: &SweepArguments, scenario: &Scenario) -> f64 {
    let shortest = scenario.policy.as_ref();
    let shortest = shortest.and_then(|it| it.objectives.iter().filter_map(|it| it.rto).min());
    let whole = shortest.unwrap_or(scenario.experiment.horizon).as_millis() as f64;
    let margin = match arguments.margin.as_ref().map(|it| it.margin) {
        None => 0.05 * whole,
        Some(Margin::OfObjective(share)) => share.fraction() * whole,
        Some(Margin::Time(time)) => time.as_millis() as f64,
    };
    margin.max(1.0)
}

fn command(arguments: &SweepArguments, ground: &Ground) -> String {
    let mut more: Vec<String> = arguments.strategy.iter().map(|it| flag("strategy", it)).collect();
    more.extend(arguments.vary.iter().map(|it| flag("vary", &it.written())));
    if arguments.best {
        more.push("--best".to_owned());
    }
    more.extend(arguments.margin.iter().map(|it| flag("margin", &it.text)));
    let overrides = &arguments.simulation.overrides;
    reproduce("sweep", &arguments.scenario, overrides, ground, &more)
}
