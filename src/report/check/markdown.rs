//! A check as Markdown for the summary of a build or a comment on a pull request.
//!
//! Headings begin at the third level, for others write into the same page. A summary above 1 MiB
//! is dropped as a whole, and a comment holds 64 KiB, so the lists end before that.

use crate::report::check::sentences;
use crate::report::check::view::{BudgetOutcome, CheckView};
use crate::report::faults::fault_table;
use crate::report::forms::markdown::{cut, push_rows, row, text};
use crate::report::words::{chosen_share, count, plain};

/// Bytes after which a list of rows ends; what follows has room up to 64 KiB.
const ENOUGH: usize = 48 * 1024;
/// Scenarios whose commands are listed.
const MOST_SCENARIOS: usize = 20;

/// A check as Markdown, ending with a line end.
#[must_use]
pub fn markdown(view: &CheckView) -> String {
    let mut out = format!("### blackstart check: {}\n", text(&view.sentence));
    fault_table(&view.faults, ENOUGH / 4, &mut out);
    let not_met = view.not_met();
    if !not_met.is_empty() {
        out += "\n| budget | expected | value | holds in | verdict | at |\n|---|---|---|---|---|---|\n";
        let rows = not_met.iter().map(|(_, it)| budget_row(it));
        push_rows(&mut out, rows, ENOUGH / 3);
    }
    for late in view.scenarios.iter().flat_map(|it| &it.late).take(MOST_SCENARIOS) {
        out += &format!("\n{}.\n", text(&late.sentence));
    }
    changes(view, &mut out);
    let met: Vec<_> = view.scenarios.iter().flat_map(|it| &it.budgets).collect();
    let met: Vec<_> = met.iter().filter(|it| it.verdict == BudgetOutcome::Met).collect();
    if !met.is_empty() {
        out += &format!("\n<details><summary>{} met</summary>\n", count(met.len() as u64));
        out += "\n| budget | expected | value | holds in | verdict | at |\n|---|---|---|---|---|---|\n";
        push_rows(&mut out, met.iter().map(|it| budget_row(it)), ENOUGH);
        out += "\n</details>\n";
    }
    if view.scenarios.is_empty() {
        return out;
    }
    out += "\n<details><summary>Reproduce</summary>\n\n";
    for it in view.scenarios.iter().take(MOST_SCENARIOS) {
        out += &format!("    {}\n", cut(&plain(&it.reproduce)));
    }
    let more = view.scenarios.len().saturating_sub(MOST_SCENARIOS);
    if more > 0 {
        out += &format!("    # {more} more\n");
    }
    out + "\n</details>\n"
}

/// What has moved since baselines.
fn changes(view: &CheckView, out: &mut String) {
    let moved = view.moved();
    let gone = view.compared().flat_map(|it| &it.1.gone).map(|it| &it.sentence);
    for sentence in gone.take(MOST_SCENARIOS) {
        *out += &format!("\n{}.\n", text(sentence));
    }
    for inputs in view.compared().filter_map(|it| it.1.inputs.as_ref()) {
        *out += "\nInputs since the baseline:\n\n";
        for line in sentences::input_lines(inputs) {
            *out += &format!("- {}\n", text(&line));
        }
    }
    for (_, baseline, it) in moved.iter().filter(|it| !it.2.ok) {
        let accepted = if baseline.accepted { " (accepted)" } else { "" };
        if out.len() < ENOUGH / 2 {
            *out += &format!("\n{}{accepted}.\n", text(&it.sentence));
        }
    }
    if moved.is_empty() {
        return;
    }
    *out += "\n<details><summary>Against the baseline</summary>\n\n\
             | strategy | figure | before | after | change | verdict |\n|---|---|---|---|---|---|\n";
    let rows = moved.iter().flat_map(|(_, _, strategy)| {
        let shown = strategy.metrics.iter().filter(|it| it.told).map(|metric| {
            row(&[
                text(&strategy.strategy),
                metric.metric.clone(),
                metric.before_text.clone(),
                metric.after_text.clone(),
                text(&metric.text),
                sentences::change(metric).to_owned(),
            ])
        });
        shown.collect::<Vec<String>>()
    });
    push_rows(out, rows, 2 * ENOUGH / 3);
    let notes =
        view.scenarios.iter().filter_map(|it| it.baseline.as_ref()).flat_map(|it| &it.notes);
    for note in notes.take(MOST_SCENARIOS) {
        *out += &format!("\n{}\n", text(note));
    }
    *out += "\n</details>\n";
}

fn budget_row(budget: &crate::report::check::view::BudgetView) -> String {
    let verdict = match budget.verdict {
        BudgetOutcome::Met => "met".to_owned(),
        BudgetOutcome::Missed if budget.ok => "missed (warning)".to_owned(),
        BudgetOutcome::Missed => "**missed**".to_owned(),
        BudgetOutcome::MatchedNothing => "**matched nothing**".to_owned(),
        BudgetOutcome::NotJudged => format!(
            "**not judged**; no step of {} says to which moment data comes back",
            text(&budget.strategy)
        ),
        BudgetOutcome::Undecided => format!("undecided; {}", sentences::more_exercises(budget)),
    };
    let (value, holds) = match budget.verdict {
        BudgetOutcome::NotJudged => (budget.value_text.clone(), "-".to_owned()),
        _ => (
            format!("{} ({})", budget.value_text, budget.interval_text),
            format!(
                "{} of {} ({})",
                count(budget.holds),
                count(budget.n),
                sentences::surely(budget)
            ),
        ),
    };
    let name = match budget.name == format!("{} {}", budget.figure, budget.expect) {
        true => text(&budget.figure),
        false => format!("{}: {}", text(&budget.name), text(&budget.figure)),
    };
    row(&[
        format!("{name} under {}", text(&budget.strategy)),
        format!("{} in {}", text(&budget.expect), chosen_share(budget.assurance)),
        value,
        holds,
        verdict,
        format!("{}:{}", text(&budget.place.file), budget.place.line),
    ])
}
