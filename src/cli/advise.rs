//! `blackstart advise`: the cheapest combination of levers that keeps a promise.

use crate::ask::{AdviceQuestion, Chosen, MOST_CELLS, NoAdvice, advise, chosen};
use crate::folder::ReportKind;
use crate::report::{self, AdviceAsked};

use super::Exit;
use super::args::AdviseArguments;
use super::asked::{Answer, Answering, Ground, flag, impossible, refuse_idle, reproduce};
use super::console::Console;
use super::simulating::on_threads;

/// How many combinations are simulated to the end, about; only for the bar.
const LOOKS: u64 = 8;

pub(super) fn run(arguments: &AdviseArguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let simulation = &arguments.simulation;
    let ground = Ground::new(&arguments.scenario, simulation, console)?;
    let strategy = ground.strategy(arguments.strategy.as_ref(), console)?;
    let promise = ground.promise(strategy, arguments.budget.as_ref(), console)?;
    ground.refuse_few(promise, console)?;
    let levers = levers(&ground, console)?;
    let whole = (&ground.scenario, "advise");
    let answering = Answering::new(arguments.out.as_ref(), whole, ReportKind::Advise, console)?;
    let question = AdviceQuestion {
        inputs: &ground.inputs,
        levers: &levers,
        strategy,
        promise,
        seed: ground.seed,
        replications: ground.replications,
    };
    let (jobs, quiet) = (simulation.jobs, simulation.quiet);
    let recoveries = LOOKS * u64::from(ground.replications);
    let found = on_threads(jobs, quiet, recoveries, console, |progress| {
        advise(&question, &|| progress.one())
    })?;
    let advice = found.map_err(|fault| refused(&fault, console))?;
    let mut more: Vec<String> = arguments.strategy.iter().map(|it| flag("strategy", it)).collect();
    more.extend(arguments.budget.iter().map(|it| flag("budget", it)));
    let overrides = &simulation.overrides;
    let command = reproduce("advise", &arguments.scenario, overrides, &ground, &more);
    let asked = AdviceAsked {
        scenario: &ground.scenario,
        levers: &levers,
        strategy,
        promise,
        seed: ground.seed,
        replications: ground.replications,
        reproduce: &command,
    };
    let view = report::advice_view(&asked, &advice);
    let answer = Answer {
        text: &|look| report::advice_text(&view, look),
        json: report::advice_json(&view),
        markdown: report::advice_markdown(&view),
        rows: report::advice_rows(&view),
        plots: Vec::new(),
    };
    answering.answer(answer, (arguments.format, simulation.quiet), console)
}

fn refused(fault: &NoAdvice, console: &mut Console<'_>) -> Exit {
    match fault {
        NoAdvice::Impossible(fault) => impossible(fault, console),
        NoAdvice::Choice(fault) => {
            console.error(&fault.to_string());
            Exit::Invalid
        }
    }
}

/// What can be chosen, with what it costs.
fn levers(ground: &Ground, console: &mut Console<'_>) -> Result<Vec<Chosen>, Exit> {
    let levers = &ground.scenario.levers;
    if levers.is_empty() {
        console.error(
            "the scenario has no levers to choose from: add `[[levers]]` with `address`, `values` and \
             `cost`",
        );
        return Err(Exit::Invalid);
    }
    refuse_idle(&levers.iter().map(|it| &it.settings[0]).collect::<Vec<_>>(), console)?;
    let combinations =
        levers.iter().fold(1, |all: usize, it| all.saturating_mul(it.settings.len()));
    if combinations > MOST_CELLS {
        console.error(&format!(
            "the levers have {combinations} combinations, of which {MOST_CELLS} are the most: give \
             them fewer values"
        ));
        return Err(Exit::Invalid);
    }
    chosen(levers, &ground.inputs).map_err(|fault| {
        console.error(&fault.to_string());
        Exit::Invalid
    })
}
