//! `blackstart check`: judges budgets, compares with a baseline, and tells builds.

use std::path::{Path, PathBuf};

use crate::cli::input;
use crate::diagnostics::{Code, Diagnostics, Sources};
use crate::experiment::{self, Design, Results};
use crate::ids::StrategyId;
use crate::measure;
use crate::report::check::{
    CheckView, CheckedScenario, Compared, check_json, check_sarif, check_text, check_view, github,
    inputs_sentence, junit, markdown,
};
use crate::report::faults::deny_warnings;
use crate::review::{Bottlenecks, bottlenecks};
use crate::scenario::Limits;
use crate::scenario::{Figure, Input, Level, Scenario, decisive_inputs};
use crate::verdict::{
    Baseline, BudgetVerdict, InputChanges, StrategyChange, Unread, Verdict, compare, input_changes,
    judge_budgets, late, needed_strategies,
};

use super::Exit;
use super::args::{CheckArguments, CheckFormat, Simulation};
use super::command::{opening, portable, quoted, reproduce};
use super::console::Console;
use super::formats::{Outputs, free, outputs, publish, write};
use super::load::load_sound;
use super::next::{self, Called};
use super::output::FileKind;
use super::simulating::{on_threads, simulate, strategies, work_out};

pub(super) fn run(arguments: &CheckArguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let files = outputs(&arguments.out, console)?;
    let baseline_used = arguments.baseline.is_some() || arguments.accept_baseline.is_some();
    if baseline_used && arguments.scenarios.len() > 1 {
        console.error("a baseline is of one scenario; check the others by themselves");
        return Err(Exit::Usage);
    }
    if let Some(file) = arguments.accept_baseline.as_ref().filter(|it| arguments.out.contains(it)) {
        console.error(&format!("{} cannot be both the baseline and the check", shown(file)));
        return Err(Exit::Usage);
    }
    let loaded = load_all(arguments, console);
    if loaded.is_ok() {
        // What may not be overwritten is better known before the simulation than after it.
        free(written(arguments, &files), console)?;
    }
    let checked = loaded.as_ref().map_err(|exit| *exit);
    let (checks, ended) = match checked.and_then(|it| check_all(arguments, it, console)) {
        // Builds are told what is wrong with scenarios and baselines.
        Err(Exit::Invalid) => (Vec::new(), Exit::Invalid),
        checked => checked?,
    };
    let mut faults = console.take_faults();
    if arguments.deny_warnings {
        deny_warnings(&mut faults);
    }
    let each: Vec<CheckedScenario<'_>> = checks.iter().map(|it| it.told(arguments)).collect();
    let view = check_view(&each, faults, ended.code(), arguments.fail_on_undecided);
    publish(&|format| printed(&view, format), &files, arguments.format, console)?;
    if let ([check], false) = (&checks[..], arguments.simulation.quiet) {
        suggest(check, arguments, ended, console);
    }
    Ok(ended)
}

/// Checks every scenario, and says how that ends.
fn check_all<'a>(
    arguments: &'a CheckArguments,
    scenarios: &'a [Loaded],
    console: &mut Console<'_>,
) -> Result<(Vec<Check<'a>>, Exit), Exit> {
    let baseline = Then::read(arguments, console)?;
    let mut checks = Vec::new();
    let mut ended = Exit::Fine;
    for (path, loaded) in arguments.scenarios.iter().zip(scenarios) {
        console.set_about(portable(path));
        match check(arguments, path, loaded, &baseline, console)? {
            Some(check) => checks.push(check),
            None => ended = Exit::NothingChecked,
        }
    }
    for check in &checks {
        ended = ended.worse(check.ended(arguments.fail_on_undecided));
    }
    Ok((checks, ended))
}

fn suggest(check: &Check<'_>, arguments: &CheckArguments, ended: Exit, console: &mut Console<'_>) {
    let called = Called::new(check.path, &arguments.simulation, &arguments.strategy);
    match &arguments.accept_baseline {
        Some(file) => next::after_baseline(&called, file, console),
        None => {
            let baseline = arguments.baseline.as_deref();
            let so = (ended, baseline);
            next::after_check(&called, check.scenario, &check.verdicts, so, console);
        }
    }
}

fn printed(view: &CheckView, format: CheckFormat) -> String {
    match format {
        CheckFormat::Text => check_text(view),
        CheckFormat::Json => check_json(view),
        CheckFormat::Markdown => markdown(view),
        CheckFormat::Junit => junit(view),
        CheckFormat::Github => github(view),
        CheckFormat::Sarif => check_sarif(view),
    }
}

/// A scenario, and the inputs from which its results follow.
struct Loaded {
    scenario: Scenario,
    inputs: Vec<Input>,
}

/// Every scenario, or the faults of all of them.
fn load_all(arguments: &CheckArguments, console: &mut Console<'_>) -> Result<Vec<Loaded>, Exit> {
    let each: Vec<Result<Loaded, Exit>> =
        arguments.scenarios.iter().map(|path| load(arguments, path, console)).collect();
    each.into_iter().collect()
}

fn load(
    arguments: &CheckArguments,
    path: &Path,
    console: &mut Console<'_>,
) -> Result<Loaded, Exit> {
    let overrides = &arguments.simulation.overrides;
    let (scenario, texts) = load_sound(path, overrides, arguments.deny_warnings, console)?;
    strategies(&arguments.strategy, &scenario, console)?;
    Ok(Loaded { scenario, inputs: decisive_inputs(&texts, &overrides.set) })
}

/// What there was before.
struct Then {
    file: PathBuf,
    /// Why there is none, where another is accepted in its place.
    baseline: Result<Baseline, String>,
    /// Whether what cannot be compared is refused, and not just told.
    strict: bool,
}

impl Then {
    fn read(arguments: &CheckArguments, console: &mut Console<'_>) -> Result<Option<Self>, Exit> {
        let (file, strict) = match (&arguments.baseline, &arguments.accept_baseline) {
            (Some(file), _) => (file.clone(), true),
            (None, Some(file)) => (file.clone(), false),
            (None, None) => return Ok(None),
        };
        let limits = Limits::with(&arguments.simulation.overrides.limit);
        let read = match input::read_text(&file, &limits) {
            Ok(text) => Baseline::parse_within(&text, &limits).map_err(|fault| {
                let message = format!("{} {fault}", shown(&file));
                (Some(fault), message)
            }),
            Err(fault) => Err((None, format!("cannot read {}: {fault}", shown(&file)))),
        };
        match read {
            Ok(baseline) => Ok(Some(Self { file, baseline: Ok(baseline), strict })),
            Err(_) if !strict && !file.exists() => {
                let reason = "there was no baseline before".to_owned();
                Ok(Some(Self { file, baseline: Err(reason), strict }))
            }
            // What was a baseline and is broken is replaced.
            Err((_, reason)) if !strict => Ok(Some(Self { file, baseline: Err(reason), strict })),
            Err((fault, message)) => {
                let anew = format!("make a new one with `{}`", accepting(arguments, &file));
                let (code, help) = match fault {
                    Some(Unread::OtherFormat(_)) => (Code::Incompatible, anew),
                    Some(Unread::Edited) => (Code::Unreadable, format!("undo the edit, or {anew}")),
                    Some(Unread::Broken(_)) | None => (Code::Unreadable, undoing(&file)),
                };
                let mut diagnostics = Diagnostics::default();
                diagnostics.error_without_place(code, message).help(help);
                console.faults(&diagnostics, &Sources::default());
                Err(Exit::Invalid)
            }
        }
    }
}

/// The command that writes a baseline anew of what this one is asked to compare.
fn accepting(arguments: &CheckArguments, file: &Path) -> String {
    let simulation = &arguments.simulation;
    let mut words = opening("check", &arguments.scenarios[0], &simulation.overrides);
    let strategies = arguments.strategy.iter().map(|it| format!("--strategy {}", quoted(it)));
    words.splice(3..3, strategies);
    words.extend(simulation.seed.map(|it| format!("--seed {it}")));
    words.extend(simulation.replications.map(|it| format!("--replications {it}")));
    words.push(format!("--accept-baseline {}", quoted(&portable(file))));
    words.join(" ")
}

fn shown(file: &Path) -> String {
    format!("`{}`", portable(file))
}

/// What to do about a baseline that is of no use.
fn undoing(file: &Path) -> String {
    format!(
        "undo the change, or accept it and write a new one with `--accept-baseline {}`",
        quoted(&portable(file))
    )
}

/// What was found in one scenario.
struct Check<'a> {
    path: &'a Path,
    scenario: &'a Scenario,
    results: Results,
    verdicts: Vec<BudgetVerdict>,
    late: Vec<(String, Bottlenecks)>,
    compared: Option<ComparedWith>,
    command: String,
}

struct ComparedWith {
    file: PathBuf,
    accepted: bool,
    notes: Vec<String>,
    inputs: Option<InputChanges>,
    gone: Vec<String>,
    changes: Vec<StrategyChange>,
}

impl ComparedWith {
    /// Whether something got worse, or nobody can tell whether it did.
    fn fails(&self) -> bool {
        let worse = |it: &StrategyChange| it.regressions().next().is_some();
        !self.accepted && (!self.gone.is_empty() || self.changes.iter().any(worse))
    }
}

impl Check<'_> {
    fn told(&self, arguments: &CheckArguments) -> CheckedScenario<'_> {
        CheckedScenario {
            file: portable(self.path),
            scenario: self.scenario,
            results: &self.results,
            verdicts: &self.verdicts,
            late: &self.late,
            compared: self.compared.as_ref().map(|it| Compared {
                file: portable(&it.file),
                practical: arguments.practical.fraction(),
                accepted: it.accepted,
                notes: it.notes.clone(),
                inputs: it.inputs.as_ref(),
                gone: &it.gone,
                changes: &it.changes,
            }),
            reproduce: self.command.clone(),
        }
    }

    /// How a check of this alone ends; `strict` fails what is undecided.
    fn ended(&self, strict: bool) -> Exit {
        let error = |it: &&BudgetVerdict| self.scenario.budgets[it.budget].level == Level::Error;
        let errors = || self.verdicts.iter().filter(error);
        let looked_at = self.verdicts.iter().any(|it| it.matched > 0) || self.compared.is_some();
        let judged = || errors().filter(|it| !it.not_judged);
        if !looked_at {
            Exit::NothingChecked
        } else if judged().any(|it| it.verdict() == Verdict::Missed) {
            Exit::Missed
        } else if self.compared.as_ref().is_some_and(ComparedWith::fails) {
            Exit::Regression
        } else if strict && judged().any(|it| it.verdict() == Verdict::Undecided) {
            Exit::Undecided
        } else if errors().any(|it| it.not_judged) {
            // Of that budget nothing was checked, whatever there was to see of others.
            Exit::NothingChecked
        } else {
            Exit::Fine
        }
    }
}

/// Checks one scenario; `None` where there is nothing to check in it.
fn check<'a>(
    arguments: &CheckArguments,
    path: &'a Path,
    loaded: &'a Loaded,
    then: &Option<Then>,
    console: &mut Console<'_>,
) -> Result<Option<Check<'a>>, Exit> {
    let scenario = &loaded.scenario;
    let chosen = strategies(&arguments.strategy, scenario, console)?;
    let whole = Design::of(scenario);
    let simulation = &arguments.simulation;
    let design = Design {
        strategies: chosen.clone(),
        replications: simulation.replications.unwrap_or(whole.replications),
        seed: simulation.seed.unwrap_or(whole.seed),
        explained: false,
    };
    if let Some(then) = then {
        // What cannot be compared is better known before the simulation than after it.
        comparable(loaded, &design, then, console)?;
    }
    let wanted = wanted(arguments, scenario, &chosen, then.as_ref());
    // Where all strategies of a baseline are gone, that is what there is to say.
    if wanted.is_empty() && then.is_none() {
        let mut diagnostics = Diagnostics::default();
        let message = format!("there is no budget to check in {}", shown(path));
        diagnostics
            .error_without_place(Code::MissingKey, message)
            .help("add a table `[[budgets]]` with `metric = \"site.rta\"` and an `expect`");
        console.faults(&diagnostics, &Sources::default());
        return Ok(None);
    }
    let design = Design { strategies: wanted, ..design };
    let results = simulate(simulation, scenario, &design, console)?;
    let (measurements, verdicts) = work_out(simulation.jobs, console, || {
        let measurements = measure::measure(scenario, &results);
        let verdicts = judge_budgets(scenario, &results, &measurements);
        (measurements, verdicts)
    })?;
    let compared = match then {
        None => None,
        Some(then) => {
            let now = Baseline::of(scenario, &loaded.inputs, &results, &measurements);
            let compared = compared(arguments, scenario, &chosen, then, &now);
            if let Some(target) = &arguments.accept_baseline {
                write(target, FileKind::Baseline, &now.json(), console)?;
            }
            Some(compared)
        }
    };
    let places = late_strategies(scenario, &results, &verdicts, compared.as_ref());
    let late = held_up(simulation, scenario, &results, &places, console)?;
    let command = command(arguments, path, &design);
    Ok(Some(Check { path, scenario, results, verdicts, late, compared, command }))
}

/// The strategies that are late or got worse, by their places among those that were simulated.
fn late_strategies(
    scenario: &Scenario,
    results: &Results,
    verdicts: &[BudgetVerdict],
    compared: Option<&ComparedWith>,
) -> Vec<usize> {
    let mut places = late(scenario, results, verdicts);
    let changes = compared.iter().flat_map(|it| &it.changes);
    for it in changes.filter(|it| it.regressions().next().is_some()) {
        let named = |id: StrategyId| scenario.strategies[id].name == it.strategy;
        places.extend(results.strategies.iter().position(|it| named(it.strategy)));
    }
    places.sort_unstable();
    places.dedup();
    places
}

/// What holds up the strategies at these places; nothing of one under which hardly a site is back.
fn held_up(
    simulation: &Simulation,
    scenario: &Scenario,
    results: &Results,
    places: &[usize],
    console: &mut Console<'_>,
) -> Result<Vec<(String, Bottlenecks)>, Exit> {
    on_threads(simulation.jobs, simulation.quiet, 0, console, |_| {
        let one = |place: &usize| {
            let strategy = &results.strategies[*place];
            let name = scenario.strategies[strategy.strategy].name.clone();
            Some((name, bottlenecks(scenario, results, strategy)?))
        };
        places.iter().filter_map(one).collect()
    })
}

/// The strategies to simulate: all for a new baseline, else those that a budget or the baseline
/// knows.
fn wanted(
    arguments: &CheckArguments,
    scenario: &Scenario,
    chosen: &[StrategyId],
    then: Option<&Then>,
) -> Vec<StrategyId> {
    if arguments.accept_baseline.is_some() {
        return chosen.to_vec();
    }
    let needed = needed_strategies(scenario, chosen);
    let baseline = then.and_then(|it| it.baseline.as_ref().ok());
    let compared = |id: &StrategyId| {
        baseline.is_some_and(|it| it.strategies.contains_key(&scenario.strategies[*id].name))
    };
    chosen.iter().copied().filter(|it| needed.contains(it) || compared(it)).collect()
}

/// Refuses a baseline of something else.
fn comparable(
    loaded: &Loaded,
    design: &Design,
    then: &Then,
    console: &mut Console<'_>,
) -> Result<(), Exit> {
    let scenario = &loaded.scenario;
    let Some(baseline) = then.baseline.as_ref().ok().filter(|_| then.strict) else { return Ok(()) };
    let nothing = Design { strategies: Vec::new(), ..design.clone() };
    let results = experiment::run(scenario, &nothing, &|| ());
    let measurements = measure::measure(scenario, &results);
    let now = Baseline::of(scenario, &loaded.inputs, &results, &measurements);
    let mut faults: Vec<String> = baseline
        .unlike(&now)
        .into_iter()
        .map(|it| {
            format!(
                "{} cannot be compared: `{}` was {} and is {}",
                shown(&then.file),
                it.field,
                it.then,
                it.now
            )
        })
        .collect();
    let known = |id: &StrategyId| baseline.strategies.contains_key(&scenario.strategies[*id].name);
    // What is not known any more can hide anything that got worse.
    let rpa = Figure::RpaP95;
    for id in &design.strategies {
        let name = &scenario.strategies[*id].name;
        let then_known = baseline.strategies.get(name).map(|it| it.metrics.contains_key(rpa.id()));
        if then_known == Some(true) && !scenario.gives(rpa.definition().needs, *id) {
            faults.push(format!(
                "{} cannot be compared: it has `{}` of `{name}`, and no step of that says to which \
                 moment data comes back any more",
                shown(&then.file),
                rpa.id()
            ));
        }
    }
    if !design.strategies.iter().any(known) && baseline.gone(scenario).is_empty() {
        faults.push(format!("{} has none of the strategies that are checked", shown(&then.file)));
    }
    if faults.is_empty() {
        return Ok(());
    }
    let changed = inputs_sentence(&input_changes(&baseline.inputs, &now.inputs));
    let mut diagnostics = Diagnostics::default();
    for (place, message) in faults.into_iter().enumerate() {
        let fault = diagnostics.error_without_place(Code::Incompatible, message);
        if place == 0 {
            fault.help(changed.clone());
        }
        fault.help(undoing(&then.file));
    }
    console.faults(&diagnostics, &Sources::default());
    Err(Exit::Invalid)
}

fn compared(
    arguments: &CheckArguments,
    scenario: &Scenario,
    chosen: &[StrategyId],
    then: &Then,
    now: &Baseline,
) -> ComparedWith {
    let accepted = arguments.accept_baseline.is_some();
    let mut notes = Vec::new();
    let (mut inputs, mut gone, mut changes) = (None, Vec::new(), Vec::new());
    match &then.baseline {
        Err(reason) => notes.push(reason.clone()),
        Ok(baseline) => {
            let unlike = baseline.unlike(now);
            for it in &unlike {
                notes.push(format!("`{}` was {} and is {}", it.field, it.then, it.now));
            }
            // What is not of the same exercises has no differences.
            if unlike.is_empty() {
                changes = compare(baseline, now, arguments.practical.fraction());
            }
            inputs = Some(input_changes(&baseline.inputs, &now.inputs));
            gone = baseline.gone(scenario);
            let names = chosen.iter().map(|id| &scenario.strategies[*id].name);
            let new = names.filter(|name| !baseline.strategies.contains_key(*name));
            notes.extend(new.map(|name| format!("strategy `{name}` is not in the baseline")));
        }
    }
    if let Some(target) = &arguments.accept_baseline {
        notes.push(format!("written to {}", shown(target)));
    }
    ComparedWith { file: then.file.clone(), accepted, notes, inputs, gone, changes }
}

/// The command that makes the same check again.
fn command(arguments: &CheckArguments, path: &Path, design: &Design) -> String {
    let overrides = &arguments.simulation.overrides;
    let mut command = reproduce("check", path, &arguments.strategy, overrides, design);
    if let Some(file) = &arguments.baseline {
        command += &format!(" --baseline {}", quoted(&portable(file)));
        command += &format!(" --practical {}", arguments.practical);
    }
    if arguments.deny_warnings {
        command += " --deny-warnings";
    }
    if arguments.fail_on_undecided {
        command += " --fail-on-undecided";
    }
    command
}

/// Every file that is written, with what it is.
fn written(
    arguments: &CheckArguments,
    files: &Outputs<'_>,
) -> impl Iterator<Item = (PathBuf, FileKind)> {
    let baseline = arguments.accept_baseline.iter().map(|it| (it.clone(), FileKind::Baseline));
    let checks = files.iter().map(|(path, format)| (path.to_path_buf(), FileKind::Check(*format)));
    baseline.chain(checks).collect::<Vec<_>>().into_iter()
}
