//! The sentences of a check.

use crate::report::check::view::{
    BudgetOutcome, BudgetView, CheckView, INVALID, InputChangesView, MetricChangeView,
    StrategyChangeView,
};
use crate::report::faults::counted;
use crate::report::forms::markdown::cut;
use crate::report::words::{chosen_share, count, plain, share};
use crate::verdict::{Change, InputChange, InputChanges, MOST_REPLICATIONS};

/// Inputs that people are told of, of all that have changed.
const MOST_INPUTS: usize = 10;
const REORDERED: &str = "inputs stand in another order";

/// "1 of 3 budgets missed, 1 undecided, and 1 of 2 strategies got worse."
pub(crate) fn whole(view: &CheckView) -> String {
    let budgets: Vec<&BudgetView> = view.scenarios.iter().flat_map(|it| &it.budgets).collect();
    let number =
        |outcome: BudgetOutcome| budgets.iter().filter(|it| it.verdict == outcome).count() as u64;
    let mut parts = Vec::new();
    let all = count(budgets.len() as u64);
    let noun = if budgets.len() == 1 { "budget" } else { "budgets" };
    let others = [
        (BudgetOutcome::Missed, "missed"),
        (BudgetOutcome::MatchedNothing, "matched nothing"),
        (BudgetOutcome::NotJudged, "not judged"),
        (BudgetOutcome::Undecided, "undecided"),
    ];
    for (outcome, word) in others {
        let some = number(outcome);
        let harmless = budgets.iter().filter(|it| it.verdict == outcome).all(|it| it.ok);
        let warned = match (outcome, harmless) {
            (BudgetOutcome::Undecided, _) | (_, false) => "",
            (_, true) => " as a warning",
        };
        match (some, parts.is_empty()) {
            (0, _) => {}
            (_, true) => parts.push(format!("{} of {all} {noun} {word}{warned}", count(some))),
            (_, false) => parts.push(format!("{} {word}{warned}", count(some))),
        }
    }
    let moved = view.moved();
    let compared = view.compared().next().is_some();
    let gone: usize = view.compared().map(|it| it.1.gone.len()).sum();
    let changed = || view.compared().filter_map(|it| it.1.inputs.as_ref());
    let inputs: usize = changed().map(|it| it.changes.len()).sum();
    let reordered = changed().any(|it| it.reordered.is_some());
    if view.exit_code == INVALID
        && let Some(found) = counted(&view.faults)
    {
        parts.push(format!("{found}; nothing was checked"));
    }
    if parts.is_empty() && (!budgets.is_empty() || !compared) {
        parts.push(match budgets.len() {
            0 => "no budget was checked".to_owned(),
            1 => "the budget is met".to_owned(),
            _ => format!("all {all} budgets are met"),
        });
    }
    let worse = moved.iter().filter(|it| !it.2.ok).count();
    if worse > 0 {
        let noun = if moved.len() == 1 { "strategy" } else { "strategies" };
        let all = count(moved.len() as u64);
        parts.push(format!("{} of {all} {noun} got worse", count(worse as u64)));
    } else if !moved.is_empty() && gone == 0 {
        parts.push(match moved.iter().all(|it| it.2.differing == 0) {
            true if inputs == 0 && !reordered => {
                "nothing has changed since the baseline".to_owned()
            }
            true => "no figure has changed since the baseline".to_owned(),
            false => "nothing got worse since the baseline".to_owned(),
        });
    }
    if gone > 0 {
        parts.push(format!("{} of the baseline gone", numbered(gone, "strategy", "strategies")));
    }
    if inputs > 0 {
        parts.push(format!("{} changed", numbered(inputs, "input", "inputs")));
    }
    if reordered {
        parts.push(REORDERED.to_owned());
    }
    if view.compared().any(|it| it.1.accepted) {
        parts.push("a baseline was written".to_owned());
    }
    let text = parts.join("; ");
    let mut letters = text.chars();
    let first = letters.next().map(|it| it.to_ascii_uppercase()).into_iter();
    first.chain(letters).chain(['.']).collect()
}

/// "1 input", "2 inputs".
fn numbered(number: usize, one: &str, several: &str) -> String {
    format!("{} {}", count(number as u64), if number == 1 { one } else { several })
}

/// "3 inputs changed: `teams.a.people` 4 -> 3; ...", with the first of many.
#[must_use]
pub fn inputs_sentence(changes: &InputChanges) -> String {
    let told: Vec<String> = changes.changes.iter().take(MOST_INPUTS).map(input).collect();
    let changed = match changes.changes.len() {
        0 => unchanged(changes.reordered.is_some()).to_owned(),
        all => format!("{} changed: {}", numbered(all, "input", "inputs"), told.join("; ")),
    };
    let more = changes.changes.len().saturating_sub(MOST_INPUTS);
    let more = if more == 0 { String::new() } else { format!("; and {} more", count(more as u64)) };
    let order = changes.reordered.as_ref().map(|it| format!("; {}", order(it))).unwrap_or_default();
    format!("{changed}{more}{order}")
}

/// A line for each of the first inputs that have changed, or that none has.
pub(crate) fn input_lines(changes: &InputChangesView) -> Vec<String> {
    let told = changes.changes.iter().take(MOST_INPUTS);
    let mut lines: Vec<String> = told.map(|it| it.text.clone()).collect();
    let more = changes.changes.len() - lines.len();
    if more > 0 {
        lines.push(format!("and {} more", count(more as u64)));
    }
    if lines.is_empty() {
        lines.push(unchanged(changes.reordered.is_some()).to_owned());
    }
    lines.extend(changes.reordered.as_ref().map(|first| order(first)));
    lines
}

/// How an input has changed.
pub(crate) fn input(change: &InputChange) -> String {
    let shown = |value: &str| cut(&plain(value));
    let address = plain(&change.address);
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => format!("{address} {} -> {}", shown(before), shown(after)),
        (None, Some(after)) => format!("{address} added: {}", shown(after)),
        (before, _) => {
            format!("{address} taken away: {}", shown(before.as_deref().unwrap_or_default()))
        }
    }
}

/// That inputs stand in another order.
fn order(first: &str) -> String {
    format!("{REORDERED}, first {}", plain(first))
}

/// That no value of an input changed.
const fn unchanged(reordered: bool) -> &'static str {
    if reordered { "no input has another value" } else { "no input changed" }
}

/// That a strategy of the baseline is not in the scenario any more, and what to do.
pub(crate) fn gone(strategy: &str, file: &str, accepted: bool) -> String {
    let (strategy, file) = (plain(strategy), plain(file));
    if accepted {
        return format!("strategy {strategy} was in {file} and is not in the scenario any more");
    }
    format!(
        "strategy {strategy} is in {file} and not in the scenario any more, so nobody can tell \
         whether it got worse; give it its name back, or accept a new baseline with \
         `--accept-baseline`"
    )
}

/// What became of a budget, with all that a reader of one line needs.
pub(crate) fn budget(budget: &BudgetView) -> String {
    let asked =
        format!("`{} {}` under {}", plain(&budget.figure), budget.expect, plain(&budget.strategy));
    let seen = format!(
        "it holds in {} of {} {} ({}), and {} of them are asked for",
        count(budget.holds),
        count(budget.n),
        if budget.n == 1 { "exercise" } else { "exercises" },
        surely(budget),
        chosen_share(budget.assurance),
    );
    let value =
        format!("the figure is {} (95% interval {})", budget.value_text, budget.interval_text);
    match budget.verdict {
        BudgetOutcome::MatchedNothing => {
            let done = budget.kind.words().done;
            format!(
                "{asked} matched nothing: no {done} site in any of {} exercises",
                count(budget.n)
            )
        }
        BudgetOutcome::NotJudged => format!(
            "{asked} is not judged: no step of {} says to which moment data comes back; add a \
             `restore_point`",
            plain(&budget.strategy)
        ),
        BudgetOutcome::Met => format!("{asked} is met: {seen}; {value}"),
        BudgetOutcome::Missed => format!("{asked} is missed: {seen}; {value}"),
        BudgetOutcome::Undecided => {
            format!("{asked} is undecided: {seen}; {}; {value}", more_exercises(budget))
        }
    }
}

/// In what share of all exercises it holds, on the side by which it was decided; on both where it
/// was not.
pub(crate) fn surely(budget: &BudgetView) -> String {
    let (low, high) = (share(budget.share_low), share(budget.share_high));
    let sure = format!("with {} confidence", chosen_share(budget.confidence));
    match budget.verdict {
        BudgetOutcome::Met => format!("at least {low} {sure}"),
        BudgetOutcome::Missed => format!("at most {high} {sure}"),
        _ if budget.holds == 0 => format!("at most {high} {sure}"),
        _ if budget.holds == budget.n => format!("at least {low} {sure}"),
        _ => format!("at least {low} and at most {high}, each {sure}"),
    }
}

/// How many exercises would decide an undecided budget.
pub(crate) fn more_exercises(budget: &BudgetView) -> String {
    match budget.replications_needed {
        Some(needed) => {
            format!("{} exercises would decide if that share stays", count(needed))
        }
        None => format!("no number below {} would decide at that share", count(MOST_REPLICATIONS)),
    }
}

/// How far a strategy has moved, on one line.
pub(crate) fn strategy(change: &StrategyChangeView) -> String {
    let name = plain(&change.strategy);
    if change.differing == 0 {
        return format!("{name}: +0.0 h, no exercise differs (paired, n={})", count(change.n));
    }
    let said = |worst: Change| {
        let list = change.metrics.iter().filter(move |it| it.told && it.change == worst);
        list.map(|it| format!("{} {}", it.metric, it.text)).collect::<Vec<String>>()
    };
    let worse = said(Change::Worse);
    if worse.is_empty() {
        let rest = said(Change::Better);
        let rest = match rest.is_empty() {
            true => String::new(),
            false => format!("; better: {}", rest.join(", ")),
        };
        return format!(
            "{name}: nothing got worse; {} of {} exercises differ{rest}",
            count(change.differing),
            count(change.n)
        );
    }
    format!("{name} got worse: {}", worse.join(", "))
}

/// What is said of a figure that has moved.
pub(crate) fn change(change: &MetricChangeView) -> &'static str {
    match change.change {
        Change::Same => "same",
        Change::Better => "better",
        Change::Equal => "as good",
        Change::Unclear => "not clear",
        Change::More => "more",
        Change::Less => "less",
        Change::Worse => "WORSE",
    }
}
