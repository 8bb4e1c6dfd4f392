//! `blackstart ledger`: which guess the answer rests on.

use crate::ask::{
    DRAWS, EXERCISES_OF_A_DRAW, Entry, Ledger, LedgerQuestion, Promise, doubts, ledger,
};
use crate::folder::ReportKind;
use crate::ids::StrategyId;
use crate::plot;
use crate::report::{self, LedgerAsked};
use crate::scenario::{Level, Scenario};

use super::Exit;
use super::args::LedgerArguments;
use super::asked::{Answer, Answering, Ground, flag, impossible, reproduce};
use super::console::Console;
use super::simulating::{on_threads, strategies};

pub(super) fn run(arguments: &LedgerArguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let simulation = &arguments.simulation;
    let ground = Ground::new(&arguments.scenario, simulation, console)?;
    let strategies = first_named(arguments, &ground, console)?;
    let (promise, no_promise) = match &arguments.budget {
        Some(_) => (Some(ground.promise(strategies[0], arguments.budget.as_ref(), console)?), None),
        None => match Promise::of(&ground.scenario, strategies[0], None) {
            Ok(promise) => (Some(promise), None),
            Err(why) => (None, Some(why.to_string())),
        },
    };
    let doubts = doubts(&ground.scenario, &ground.inputs);
    let whole = (&ground.scenario, "ledger");
    let answering = Answering::new(arguments.out.as_ref(), whole, ReportKind::Ledger, console)?;
    let question = LedgerQuestion {
        inputs: &ground.inputs,
        doubts: &doubts,
        strategies: &strategies,
        promise,
        seed: ground.seed,
        replications: ground.replications,
    };
    let one_by_one = (1 + 2 * doubts.len()) as u64 * u64::from(ground.replications);
    let at_once = DRAWS as u64 * u64::from(EXERCISES_OF_A_DRAW);
    let recoveries = (one_by_one + at_once) * strategies.len() as u64;
    let (jobs, quiet) = (simulation.jobs, simulation.quiet);
    let found = on_threads(jobs, quiet, recoveries, console, |progress| {
        ledger(&question, &|| progress.one())
    })?;
    let found = found.map_err(|fault| impossible(&fault, console))?;
    let mut more: Vec<String> = arguments.strategy.iter().map(|it| flag("strategy", it)).collect();
    more.extend(arguments.budget.iter().map(|it| flag("budget", it)));
    let overrides = &simulation.overrides;
    let command = reproduce("ledger", &arguments.scenario, overrides, &ground, &more);
    let asked = LedgerAsked {
        scenario: &ground.scenario,
        strategies: &strategies,
        promise,
        no_promise: no_promise.as_deref(),
        seed: ground.seed,
        replications: ground.replications,
        reproduce: &command,
    };
    let ended = ended(&ground.scenario, &found, console);
    let view = report::ledger_view(&asked, &found);
    let answer = Answer {
        text: &|look| report::ledger_text(&view, look),
        json: report::ledger_json(&view),
        markdown: report::ledger_markdown(&view),
        rows: report::ledger_rows(&view),
        plots: plot::ledger_plots(&view),
    };
    answering.answer(answer, (arguments.format, simulation.quiet), console)?;
    Ok(ended)
}

/// How it ends where the scenario says that no guess may decide.
fn ended(scenario: &Scenario, ledger: &Ledger, console: &mut Console<'_>) -> Exit {
    let decides = |it: &&Entry| it.verdict_turns.iter().any(Option::is_some);
    let deciding: Vec<String> =
        ledger.entries.iter().filter(decides).map(|it| it.doubt.address.to_string()).collect();
    if deciding.is_empty() || scenario.no_guess_decides == Level::Off {
        return Exit::Fine;
    }
    let text = format!("the verdict turns within the doubt of {}", deciding.join(", "));
    match scenario.no_guess_decides {
        Level::Warn => {
            console.say(&format!("warning: {text}"));
            Exit::Fine
        }
        Level::Error | Level::Off => {
            console.error(&format!("{text}, and `trust.no_guess_decides` is \"error\""));
            Exit::Missed
        }
    }
}

/// The strategies in the order in which they were named; all of them without a name.
fn first_named(
    arguments: &LedgerArguments,
    ground: &Ground,
    console: &mut Console<'_>,
) -> Result<Vec<StrategyId>, Exit> {
    let known = strategies(&arguments.strategy, &ground.scenario, console)?;
    if arguments.strategy.is_empty() {
        return Ok(known);
    }
    let mut named: Vec<StrategyId> = Vec::new();
    for id in arguments.strategy.iter().filter_map(|it| ground.scenario.strategy(it)) {
        if !named.contains(&id) {
            named.push(id);
        }
    }
    Ok(named)
}
