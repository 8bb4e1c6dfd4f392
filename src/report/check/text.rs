//! A check for the terminal: the verdict, a line for each budget and change, the command.

use crate::report::check::sentences;
use crate::report::check::view::{BudgetOutcome, BudgetView, CheckView, ScenarioCheckView};
use crate::report::faults::fault_line;
use crate::report::words::{chosen_share, count, plain};

/// A check as text, ending with a line end.
#[must_use]
pub fn check_text(view: &CheckView) -> String {
    let mut out = vec![view.sentence.clone()];
    out.extend(view.faults.iter().map(fault_line));
    for it in &view.scenarios {
        out.push(String::new());
        out.extend(scenario(it));
    }
    out.push(format!("exit {}", view.exit_code));
    out.join("\n") + "\n"
}

fn scenario(check: &ScenarioCheckView) -> Vec<String> {
    let several = check.budgets.iter().any(|budget| budget.strategy != check.budgets[0].strategy);
    let rows: Vec<[String; 5]> = check.budgets.iter().map(|it| row(it, several)).collect();
    let width = |column: usize| {
        rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
    };
    let widths = [width(0), width(1), width(2), width(3)];
    let mut lines = Vec::new();
    for (budget, row) in check.budgets.iter().zip(&rows) {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        let cells: Vec<String> = cells.chain([row[4].clone()]).collect();
        lines.push(format!("budget  {}", cells.join("  ")));
        lines.extend(below(budget));
    }
    if let Some(baseline) = &check.baseline {
        let file = plain(&baseline.file);
        let inputs = baseline.inputs.iter().flat_map(sentences::input_lines);
        lines.extend(inputs.map(|line| format!("input   {line}  against {file}")));
        for strategy in &baseline.strategies {
            if strategy.differing == 0 {
                lines.push(format!("change  {}, against {file}", strategy.sentence));
                continue;
            }
            let moved = strategy.metrics.iter().filter(|it| it.told && it.differing > 0);
            let named = moved.map(|metric| {
                format!(
                    "change  {}  {}  {}  {} -> {}  {}  against {file}",
                    plain(&strategy.strategy),
                    metric.metric,
                    sentences::change(metric),
                    metric.before_text,
                    metric.after_text,
                    metric.text,
                )
            });
            lines.extend(named);
        }
        lines.extend(baseline.gone.iter().map(|it| format!("gone    {}", it.sentence)));
        lines.extend(baseline.notes.iter().map(|it| format!("note    {it}")));
    }
    lines.extend(check.late.iter().map(|it| format!("late    {}", it.sentence)));
    lines.push(format!("reproduce: {}", plain(&check.reproduce)));
    lines
}

fn row(budget: &BudgetView, several: bool) -> [String; 5] {
    let figure = match several {
        true => format!("{}: {}", plain(&budget.strategy), plain(&budget.figure)),
        false => plain(&budget.figure),
    };
    let verdict = match budget.verdict {
        BudgetOutcome::Met => "met",
        BudgetOutcome::Undecided => "undecided",
        BudgetOutcome::Missed => "MISSED",
        BudgetOutcome::MatchedNothing => "MATCHED NOTHING",
        BudgetOutcome::NotJudged => "NOT JUDGED",
    };
    let warn = if budget.level == crate::scenario::Level::Warn { " (warn)" } else { "" };
    let value = match budget.verdict {
        BudgetOutcome::NotJudged => format!("not known (n={})", count(budget.n)),
        _ => format!(
            "{} (95% CI {}, n={})",
            budget.value_text,
            budget.interval_text,
            count(budget.n)
        ),
    };
    [
        figure,
        budget.expect.clone(),
        format!("{verdict}{warn}"),
        value,
        format!("{}:{}", plain(&budget.place.file), budget.place.line),
    ]
}

/// What a reader needs to know beyond the line of a budget that is not met.
fn below(budget: &BudgetView) -> Vec<String> {
    if matches!(budget.verdict, BudgetOutcome::Met | BudgetOutcome::MatchedNothing) {
        return Vec::new();
    }
    if budget.verdict == BudgetOutcome::NotJudged {
        let strategy = plain(&budget.strategy);
        let why = format!("no step of {strategy} says to which moment data comes back");
        return vec![format!("        {why}; add a `restore_point`")];
    }
    let mut lines = vec![format!(
        "        holds in {} of {} exercises, {} asked for; {}",
        count(budget.holds),
        count(budget.n),
        chosen_share(budget.assurance),
        sentences::surely(budget)
    )];
    if budget.verdict == BudgetOutcome::Undecided {
        lines.push(format!("        {}", sentences::more_exercises(budget)));
    }
    if !budget.worst_sites.is_empty() {
        let sites = budget.worst_sites.iter().map(|it| format!("{} {}", plain(&it.site), it.text));
        lines.push(format!("        worst: {}", sites.collect::<Vec<String>>().join(", ")));
    }
    lines
}
