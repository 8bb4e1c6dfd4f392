//! The sentences of a check.

use crate::report::check::{
    BudgetOutcome, BudgetView, CheckView, INVALID, MetricChangeView, StrategyChangeView,
};
use crate::report::faults::counted;
use crate::report::words::{chosen_share, count, plain, share};
use crate::verdict::{Change, MOST_REPLICATIONS};

/// "1 of 3 budgets missed, 1 undecided, and 1 of 2 strategies got worse."
pub(super) fn whole(view: &CheckView) -> String {
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
    let compared = view.scenarios.iter().any(|it| it.baseline.is_some());
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
    } else if !moved.is_empty() {
        parts.push(match moved.iter().all(|it| it.2.differing == 0) {
            true => "nothing has changed since the baseline".to_owned(),
            false => "nothing got worse since the baseline".to_owned(),
        });
    }
    let mut baselines = view.scenarios.iter().filter_map(|it| it.baseline.as_ref());
    if baselines.any(|it| it.accepted) {
        parts.push("a baseline was written".to_owned());
    }
    let text = parts.join("; ");
    let mut letters = text.chars();
    let first = letters.next().map(|it| it.to_ascii_uppercase()).into_iter();
    first.chain(letters).chain(['.']).collect()
}

/// What became of a budget, with all that a reader of one line needs.
pub(super) fn budget(it: &BudgetView) -> String {
    let asked = format!("`{} {}` under {}", plain(&it.figure), it.expect, plain(&it.strategy));
    let seen = format!(
        "it holds in {} of {} {} ({} to {}), and {} of them are asked for",
        count(it.holds),
        count(it.n),
        if it.n == 1 { "exercise" } else { "exercises" },
        share(it.share_low),
        share(it.share_high),
        chosen_share(it.assurance),
    );
    let value = format!("the figure is {} (95% interval {})", it.value_text, it.interval_text);
    match it.verdict {
        BudgetOutcome::MatchedNothing => {
            let done = it.kind.words().done;
            format!("{asked} matched nothing: no {done} site in any of {} exercises", count(it.n))
        }
        BudgetOutcome::NotJudged => format!(
            "{asked} is not judged: no step of {} says to which moment data comes back; add a \
             `restore_point`",
            plain(&it.strategy)
        ),
        BudgetOutcome::Met => format!("{asked} is met: {seen}; {value}"),
        BudgetOutcome::Missed => format!("{asked} is missed: {seen}; {value}"),
        BudgetOutcome::Undecided => {
            format!("{asked} is undecided: {seen}; {}; {value}", more_exercises(it))
        }
    }
}

/// How many exercises would decide an undecided budget.
pub(super) fn more_exercises(it: &BudgetView) -> String {
    match it.replications_needed {
        Some(needed) => {
            format!("{} exercises would decide if that share stays", count(needed))
        }
        None => format!("no number below {} would decide at that share", count(MOST_REPLICATIONS)),
    }
}

/// How far a strategy has moved, on one line.
pub(super) fn strategy(it: &StrategyChangeView) -> String {
    let name = plain(&it.strategy);
    if it.differing == 0 {
        return format!("{name}: +0.0 h, no exercise differs (paired, n={})", count(it.n));
    }
    let said = |worst: Change| {
        let list = it.metrics.iter().filter(move |it| it.told && it.change == worst);
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
            count(it.differing),
            count(it.n)
        );
    }
    let moved = it.moved.as_ref().map_or_else(
        || "; neither work nor waiting rose: look at milestones, openings and orders".to_owned(),
        |it| format!("; {}", it.sentence),
    );
    format!("{name} got worse: {}{moved}", worse.join(", "))
}

/// What is said of a figure that has moved.
pub(super) fn change(it: &MetricChangeView) -> &'static str {
    match it.change {
        Change::Same => "same",
        Change::Better => "better",
        Change::Equal => "as good",
        Change::Unclear => "not clear",
        Change::More => "more",
        Change::Less => "less",
        Change::Worse => "WORSE",
    }
}
