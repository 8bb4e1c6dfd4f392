//! `blackstart limit`: how far an input can go while a promise is still kept.

use crate::ask::{Direction, Inputs, Limit, LimitQuestion, NoVariable, Promise, Variable, limit};
use crate::diagnostics::count;
use crate::folder::ReportKind;
use crate::ids::StrategyId;
use crate::plot;
use crate::report::{self, LimitAnswer, LimitAsked};
use crate::scenario::{Change, SetOverride};
use crate::verdict::Verdict;

use super::Exit;
use super::args::LimitArguments;
use super::asked::{Answer, Answering, Ground, flag, impossible, refuse_idle, reproduce};
use super::console::Console;
use super::simulating::on_threads;

/// What `--of` calls the sites that a deletion takes.
const SITES: &str = "sites";

/// How many values of a ladder a search looks at, about; only for the bar.
const LOOKS: u64 = 12;

pub(super) fn run(arguments: &LimitArguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let simulation = &arguments.simulation;
    let ground = Ground::new(&arguments.scenario, simulation, console)?;
    let strategy = ground.strategy(arguments.strategy.as_ref(), console)?;
    let promise = ground.promise(strategy, arguments.budget.as_ref(), console)?;
    ground.refuse_few(promise, console)?;
    let questions = questions(arguments, &ground, console)?;
    let whole = (&ground.scenario, "limit");
    let answering = Answering::new(arguments.out.as_ref(), whole, ReportKind::Limit, console)?;
    let mut answers = Vec::new();
    for question in questions {
        answers.push(ask(arguments, &ground, (strategy, promise), question, console)?);
    }
    let across = arguments.across.as_ref().map(|it| it.name.as_str());
    let command = command(arguments, &ground);
    let asked = LimitAsked {
        scenario: &ground.scenario,
        counts_sites: arguments.of == SITES,
        strategy,
        promise,
        seed: ground.seed,
        replications: ground.replications,
        across,
        expected: arguments.expect.as_deref(),
        reproduce: &command,
    };
    let told: Vec<LimitAnswer<'_>> = answers
        .iter()
        .map(|it| LimitAnswer {
            across: it.beside.first().map(|it| it.value.as_str()),
            variable: &it.variable,
            limit: &it.limit,
        })
        .collect();
    let view = report::limit_view(&asked, &told);
    let ended = expected(arguments, &answers, console);
    let answer = Answer {
        text: &|look| report::limit_text(&view, look),
        json: report::limit_json(&view),
        markdown: report::limit_markdown(&view),
        rows: report::limit_rows(&view),
        plots: plot::limit_plots(&view),
    };
    answering.answer(answer, (arguments.format, simulation.quiet), console)?;
    Ok(ended)
}

/// One question: the input as a ladder, what is there now, and what else is changed.
struct Question<'a> {
    beside: &'a [SetOverride],
    variable: Variable,
    now: f64,
    expected: Option<u64>,
}

/// A question with its answer.
struct Asked<'a> {
    beside: &'a [SetOverride],
    variable: Variable,
    limit: Limit,
}

/// All questions, each of which can be asked.
fn questions<'a>(
    arguments: &'a LimitArguments,
    ground: &Ground,
    console: &mut Console<'_>,
) -> Result<Vec<Question<'a>>, Exit> {
    if arguments.of != SITES && arguments.deletion.is_some() {
        console
            .error("`--deletion` says which sites are deleted, and `--of` asks of something else");
        return Err(Exit::Usage);
    }
    let besides: Vec<&[SetOverride]> = match &arguments.across {
        Some(across) => across.settings.chunks(1).collect(),
        None => vec![&[]],
    };
    let mut questions = Vec::new();
    for beside in besides {
        let (variable, now) = variable(arguments, ground, beside, console)?;
        let both = [&[variable.set(0)], beside].concat();
        refuse_idle(&both.iter().collect::<Vec<_>>(), console)?;
        for rung in [0, variable.rungs() - 1] {
            let sets = [beside, &[variable.set(rung)]].concat();
            if let Err(fault) = ground.inputs.scenario_with(&sets) {
                let exit = impossible(&fault, console);
                console.say("say between which values to look, with `--from` and `--to`");
                return Err(exit);
            }
        }
        let expected = rung_expected(arguments, &variable, console)?;
        questions.push(Question { beside, variable, now, expected });
    }
    Ok(questions)
}

/// How it ends where a build expects a limit.
fn expected(arguments: &LimitArguments, answers: &[Asked<'_>], console: &mut Console<'_>) -> Exit {
    let Some(expected) = &arguments.expect else { return Exit::Fine };
    let mut ended = Exit::Fine;
    for Asked { beside, limit, .. } in answers {
        let with = beside.first().map_or_else(String::new, |it| format!(" with {it}"));
        let seen = limit.expected.map(|it| it.judgement.verdict).unwrap_or(Verdict::Undecided);
        let end = match seen {
            Verdict::Met => Exit::Fine,
            Verdict::Missed => {
                console.error(&format!("at {expected} the promise is surely broken{with}"));
                Exit::Missed
            }
            Verdict::Undecided => {
                let message =
                    format!("whether the promise is kept at {expected}{with} cannot be told");
                console.error(&message);
                if arguments.fail_on_undecided { Exit::Undecided } else { Exit::Fine }
            }
        };
        ended = ended.worse(end);
    }
    ended
}

/// The rung that a build expects, if it expects any.
fn rung_expected(
    arguments: &LimitArguments,
    variable: &Variable,
    console: &mut Console<'_>,
) -> Result<Option<u64>, Exit> {
    let Some(expected) = &arguments.expect else { return Ok(None) };
    if let Some(rung) = variable.rung_of(expected) {
        return Ok(Some(rung));
    }
    let (first, last) = (variable.value(0), variable.value(variable.rungs() - 1));
    console.error(&format!(
        "`--expect {expected}` is none of the values that are looked at, {first} to {last}"
    ));
    Err(Exit::Usage)
}

/// Asks once.
fn ask<'a>(
    arguments: &LimitArguments,
    ground: &Ground,
    (strategy, promise): (StrategyId, Promise),
    asked: Question<'a>,
    console: &mut Console<'_>,
) -> Result<Asked<'a>, Exit> {
    let Question { beside, variable, now, expected } = asked;
    let question = LimitQuestion {
        inputs: &ground.inputs,
        beside,
        variable: &variable,
        start: variable.next_to(now),
        strategy,
        promise,
        seed: ground.seed,
        replications: ground.replications,
        expected,
    };
    let (jobs, quiet) = (arguments.simulation.jobs, arguments.simulation.quiet);
    let recoveries = LOOKS * u64::from(ground.replications);
    let found = on_threads(jobs, quiet, recoveries, console, |progress| {
        limit(&question, &|| progress.one())
    })?;
    let limit = found.map_err(|fault| impossible(&fault, console))?;
    Ok(Asked { beside, variable, limit })
}

/// The input as a ladder, and the number that stands there now.
fn variable(
    arguments: &LimitArguments,
    ground: &Ground,
    beside: &[SetOverride],
    console: &mut Console<'_>,
) -> Result<(Variable, f64), Exit> {
    let direction = if arguments.least { Direction::Least } else { Direction::Most };
    let refused = |console: &mut Console<'_>, fault: &NoVariable| {
        console.error(&fault.to_string());
        Exit::Usage
    };
    let [from, to, step] = [&arguments.from, &arguments.to, &arguments.step].map(Option::as_deref);
    if arguments.of == SITES {
        let (whole, all, now) = sites(arguments.deletion.unwrap_or(1), ground, beside, console)?;
        let all = all.to_string();
        let values = [from.unwrap_or("1"), to.unwrap_or(&all), step.unwrap_or("1")];
        let made = Variable::new(&whole, values, direction);
        return Ok((made.map_err(|fault| refused(console, &fault))?, now));
    }
    let whole: Result<SetOverride, String> = format!("{}=1", arguments.of.trim()).parse();
    let whole =
        whole.and_then(|it| match it.value.as_str() {
            "1" => Ok(it),
            _ => Err("name the address alone: the values come from `--from`, `--to` and `--step`"
                .to_owned()),
        });
    let whole = whole.map_err(|fault| {
        console.error(&format!("`--of {}`: {fault}", arguments.of));
        Exit::Usage
    })?;
    // What is not there is told with what may have been meant.
    if let Err(fault) = ground.inputs.scenario_with(std::slice::from_ref(&whole))
        && fault.is_of_address()
    {
        return Err(impossible(&fault, console));
    }
    let made = Variable::usual(&whole, &ground.inputs, [from, to, step], direction);
    let made = made.map_err(|fault| refused(console, &fault))?;
    let now = now_at(&whole, &ground.inputs);
    Ok((made, now))
}

fn now_at(whole: &SetOverride, inputs: &Inputs) -> f64 {
    match whole.change {
        Change::Times => 1.0,
        Change::Plus => 0.0,
        Change::Replace => inputs.now(&whole.address).map_or(0.0, |it| it.number()),
    }
}

/// The count of a deletion as an override, how many sites it can take at the most, and how many it
/// takes now.
fn sites(
    deletion: u32,
    ground: &Ground,
    beside: &[SetOverride],
    console: &mut Console<'_>,
) -> Result<(SetOverride, usize, f64), Exit> {
    let scenario = ground.inputs.scenario_with(beside);
    let scenario = scenario.map_err(|fault| impossible(&fault, console))?;
    let runs = &scenario.incident.runs;
    let Some(run) = runs.get(deletion as usize - 1) else {
        let known = count(runs.len(), "deletion");
        console.error(&format!("the incident has {known}: there is no number {deletion}"));
        return Err(Exit::Usage);
    };
    let whole = format!("incident.deletions.{deletion}.count=1").parse();
    let all = run.matches(&scenario.estate).max(1);
    Ok((whole.expect("an address with a number"), all, run.sites.len() as f64))
}

fn command(arguments: &LimitArguments, ground: &Ground) -> String {
    let mut more = vec![flag("of", &arguments.of)];
    if arguments.least {
        more.push("--least".to_owned());
    }
    more.extend(arguments.strategy.iter().map(|it| flag("strategy", it)));
    more.extend(arguments.budget.iter().map(|it| flag("budget", it)));
    more.extend(arguments.deletion.iter().map(|it| flag("deletion", &it.to_string())));
    let ends = [("from", &arguments.from), ("to", &arguments.to), ("step", &arguments.step)];
    more.extend(ends.iter().filter_map(|(name, value)| Some(flag(name, value.as_deref()?))));
    more.extend(arguments.expect.iter().map(|it| flag("expect", it)));
    if arguments.fail_on_undecided {
        more.push("--fail-on-undecided".to_owned());
    }
    more.extend(arguments.across.iter().map(|it| flag("across", &it.written())));
    let overrides = &arguments.simulation.overrides;
    reproduce("limit", &arguments.scenario, overrides, ground, &more)
}
