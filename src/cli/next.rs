//! What would be useful next: one or two commands on standard error, each with what it is good for.
//!
//! A function for each verb. A command can be copied as it stands: it has the overrides, the
//! strategies and the seed of the one before it, as far as they matter for what it shows.

use std::path::Path;

use crate::compare::MOST_COMPARED;
use crate::experiment::Results;
use crate::ids::{SiteId, StrategyId};
use crate::review;
use crate::scenario::{Level, Scenario};
use crate::verdict::{BudgetVerdict, StrategyVerdict, Verdict};

use super::Exit;
use super::args::{Overrides, Simulation};
use super::command::{opening, portable, quoted};
use super::console::Console;

/// A scenario as it was called, so that the next command is about the same.
#[derive(Clone, Copy)]
pub(super) struct Called<'a> {
    pub scenario: &'a Path,
    pub overrides: &'a Overrides,
    /// As they were named; none means all.
    pub strategies: &'a [String],
    pub seed: Option<u64>,
    pub replications: Option<u32>,
}

impl<'a> Called<'a> {
    pub(super) fn new(
        scenario: &'a Path,
        simulation: &'a Simulation,
        strategies: &'a [String],
    ) -> Self {
        let Simulation { overrides, seed, replications, .. } = simulation;
        Self { scenario, overrides, strategies, seed: *seed, replications: *replications }
    }

    /// The same where the replications were only the most of those that it goes on for.
    pub(super) fn until<T>(self, precise: Option<T>) -> Self {
        Self { replications: self.replications.filter(|_| precise.is_none()), ..self }
    }

    /// A command about this scenario with these words behind its name.
    fn command(&self, verb: &str, more: &[String]) -> String {
        let mut words = opening(verb, self.scenario, self.overrides);
        words.splice(3..3, more.iter().cloned());
        words.extend(self.seed.map(|it| format!("--seed {it}")));
        words.join(" ")
    }

    /// A command that simulates again as often as before.
    fn simulates(&self, verb: &str, more: &[String]) -> String {
        let often = self.replications.map(|it| format!(" --replications {it}"));
        self.command(verb, more) + &often.unwrap_or_default()
    }

    /// What more people, units and speed would bring to a strategy.
    fn levers(&self, scenario: &Scenario, strategy: StrategyId) -> (String, String) {
        let name = &scenario.strategies[strategy].name;
        let out = format!("reports/{}-levers", scenario.name);
        let more = [named(name), "--levers".to_owned(), format!("--out {}", quoted(&out))];
        (format!("see what would help {name}"), self.simulates("run", &more))
    }

    /// Where the hours of a site went.
    fn why(
        &self,
        scenario: &Scenario,
        strategy: StrategyId,
        site: SiteId,
        is: &str,
    ) -> Option<(String, String)> {
        let site = &scenario.estate.sites[site].name;
        let more = [quoted(site), named(&scenario.strategies[strategy].name)];
        // It would be taken for a flag.
        let can_be_named = !site.starts_with('-');
        can_be_named.then(|| (format!("see why {site} {is}"), self.command("why", &more)))
    }
}

fn named(strategy: &str) -> String {
    format!("--strategy {}", quoted(strategy))
}

/// Says what each command is good for, the first two of them.
fn say(console: &mut Console<'_>, commands: impl IntoIterator<Item = (String, String)>) {
    for (place, (what_for, command)) in commands.into_iter().take(2).enumerate() {
        let word = if place == 0 { "next, to" } else { "or, to" };
        console.say(&format!("{word} {what_for}: {command}"));
    }
}

pub(super) fn after_init(file: &Path, console: &mut Console<'_>) {
    let file = quoted(&portable(file));
    let command = |verb: &str| format!("blackstart {verb} {file}");
    let then =
        [("check it, once you have read and changed it", "validate"), ("run it as it is", "run")];
    say(console, then.map(|(what_for, verb)| (what_for.to_owned(), command(verb))));
}

pub(super) fn after_validate(scenario: &Path, overrides: &Overrides, console: &mut Console<'_>) {
    let command = opening("run", scenario, overrides).join(" ");
    say(console, [("simulate it".to_owned(), command)]);
}

/// After `run` and `merge`; of what was simulated with levers there is nothing more to see of them.
pub(super) fn after_run(
    called: &Called<'_>,
    scenario: &Scenario,
    (results, verdicts): (&Results, &[Option<StrategyVerdict>]),
    levers: bool,
    console: &mut Console<'_>,
) {
    let mut commands = Vec::new();
    let of = |verdict: Verdict| {
        let is = |judged: &Option<StrategyVerdict>| {
            judged.as_ref().is_some_and(|it| it.policy.verdict == verdict)
        };
        verdicts.iter().position(is)
    };
    let late = of(Verdict::Missed).or_else(|| of(Verdict::Undecided)).unwrap_or(0);
    let Some(strategy) = results.strategies.get(late) else { return };
    match results.strategies.len() {
        1 if levers => {}
        1 => commands.push(called.levers(scenario, strategy.strategy)),
        strategies => commands.push(comparison(called, strategies)),
    }
    let site = review::out_longest(results, strategy);
    let is = "is out for longest";
    commands.extend(site.and_then(|it| called.why(scenario, strategy.strategy, it, is)));
    say(console, commands);
}

/// After a report was drawn again and not opened.
pub(super) fn after_report(folder: &Path, console: &mut Console<'_>) {
    let command = format!("blackstart report {} --open", quoted(&portable(folder)));
    say(console, [("look at it".to_owned(), command)]);
}

fn comparison(called: &Called<'_>, strategies: usize) -> (String, String) {
    let mut more: Vec<String> = called.strategies.iter().map(|it| named(it)).collect();
    if strategies > MOST_COMPARED {
        more.push("--select".to_owned());
    }
    ("compare the strategies".to_owned(), called.simulates("compare", &more))
}

/// After a slice of a run, when all of them are there.
pub(super) fn after_part(folder: &Path, parts: u32, console: &mut Console<'_>) {
    let command = format!("blackstart merge {}", quoted(&portable(folder)));
    say(console, [(format!("join all {parts} parts, once they are there"), command)]);
}

pub(super) fn after_compare(
    called: &Called<'_>,
    scenario: &Scenario,
    best: StrategyId,
    console: &mut Console<'_>,
) {
    let mut commands = Vec::new();
    if scenario.budgets.iter().any(|it| it.level != Level::Off) {
        let what_for = "check its budgets, as a build does".to_owned();
        commands.push((what_for, called.simulates("check", &[])));
    }
    commands.push(called.levers(scenario, best));
    say(console, commands);
}

/// After a check of one scenario; `ended` is how it ended.
pub(super) fn after_check(
    called: &Called<'_>,
    scenario: &Scenario,
    verdicts: &[BudgetVerdict],
    (ended, baseline): (Exit, Option<&Path>),
    console: &mut Console<'_>,
) {
    let missed = verdicts.iter().find(|it| it.verdict() == Verdict::Missed && it.matched > 0);
    // A baseline is of so many exercises and no others.
    let undecided = verdicts.iter().filter_map(|it| it.needed).max().filter(|_| baseline.is_none());
    let more: Vec<String> = called.strategies.iter().map(|it| named(it)).collect();
    let mut commands = Vec::new();
    if let Some(missed) = missed {
        commands.push(called.levers(scenario, missed.strategy));
        let site = missed.worst.first().filter(|_| !scenario.estate.is_redrawn());
        let why = |site| called.why(scenario, missed.strategy, site, "is the worst");
        commands.extend(site.and_then(|it| why(it.site)));
    } else if let Some(needed) = undecided {
        let command = called.command("check", &more);
        let what_for = "decide what is undecided".to_owned();
        commands.push((what_for, format!("{command} --replications {needed}")));
    } else if let (Exit::Fine, None) = (ended, baseline) {
        let file = quoted(&format!("{}-baseline.json", scenario.name));
        let command = called.simulates("check", &more);
        let what_for = "notice from now on what gets worse".to_owned();
        commands.push((what_for, format!("{command} --accept-baseline {file}")));
    }
    say(console, commands);
}

/// After a baseline was written.
pub(super) fn after_baseline(called: &Called<'_>, baseline: &Path, console: &mut Console<'_>) {
    let more: Vec<String> = called.strategies.iter().map(|it| named(it)).collect();
    let command = called.simulates("check", &more);
    let file = quoted(&portable(baseline));
    say(console, [("compare with it".to_owned(), format!("{command} --baseline {file}"))]);
}

/// After a back-test; where it holds, the scenario is good enough to ask it something.
pub(super) fn after_backtest(
    called: &Called<'_>,
    scenario: &Scenario,
    (strategy, holds): (StrategyId, bool),
    console: &mut Console<'_>,
) {
    if !holds {
        let out = quoted(&format!("reports/{}-trace", scenario.name));
        let more = [named(&scenario.strategies[strategy].name), format!("--out {out}")];
        let what_for = "follow one exercise beside what was observed".to_owned();
        say(console, [(what_for, called.command("trace", &more))]);
    } else if scenario.strategies.len() > 1 {
        let all = Called { strategies: &[], ..*called };
        say(console, [comparison(&all, scenario.strategies.len())]);
    } else {
        say(console, [called.levers(scenario, strategy)]);
    }
}

/// After the log of one exercise was written to a folder.
pub(super) fn after_trace(
    called: &Called<'_>,
    scenario: &Scenario,
    (strategy, replication): (StrategyId, u64),
    last: Option<SiteId>,
    console: &mut Console<'_>,
) {
    let why = last.and_then(|it| called.why(scenario, strategy, it, "was the last one back"));
    let number = format!(" --replication {replication}");
    say(console, why.map(|(what_for, command)| (what_for, command + &number)));
}

pub(super) fn after_why(
    called: &Called<'_>,
    scenario: &Scenario,
    (strategy, replication): (StrategyId, u64),
    console: &mut Console<'_>,
) {
    let out = quoted(&format!("reports/{}-trace", scenario.name));
    let name = named(&scenario.strategies[strategy].name);
    let more = [name, format!("--replication {replication}"), format!("--out {out}")];
    let what_for = "see that whole exercise on a time line".to_owned();
    say(console, [(what_for, called.command("trace", &more))]);
}
