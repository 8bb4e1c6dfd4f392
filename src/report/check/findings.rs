//! What a check found as findings: annotations of a GitHub workflow, and SARIF.

use crate::report::check::view::{BudgetOutcome, BudgetView, CheckView};
use crate::report::faults::FaultView;
use crate::report::forms::annotations::annotations;
use crate::report::forms::finding::Finding;
use crate::report::forms::sarif::sarif;

/// A check as annotations of a GitHub workflow, a line each, and its verdict.
#[must_use]
pub fn github(view: &CheckView) -> String {
    annotations(findings(view), "check", &view.sentence)
}

/// A check as SARIF 2.1.0.
#[must_use]
pub fn check_sarif(view: &CheckView) -> String {
    sarif(&findings(view), view.exit_code)
}

fn findings(view: &CheckView) -> Vec<Finding> {
    let faults = view.faults.iter().map(FaultView::finding);
    let budgets = view.not_met().into_iter().map(|(_, it)| of_budget(it));
    let worse = view.moved().into_iter().filter(|(_, it, change)| !change.ok && !it.accepted);
    let worse = worse.map(|(scenario, baseline, it)| Finding {
        fails: true,
        rule: "regression".to_owned(),
        meaning: "Something got worse since the baseline.".to_owned(),
        title: format!("Regression: {}", it.strategy),
        message: baseline.with_inputs(&it.sentence),
        file: scenario.file.clone(),
        line: 1,
        column: None,
        related: Vec::new(),
    });
    let compared = view.compared().filter(|it| !it.1.accepted);
    let gone = compared.flat_map(|(scenario, baseline)| {
        baseline.gone.iter().map(|it| Finding {
            fails: true,
            rule: "strategy-gone".to_owned(),
            meaning: "A strategy of the baseline is not in the scenario any more.".to_owned(),
            title: format!("Strategy gone: {}", it.strategy),
            message: it.sentence.clone(),
            file: scenario.file.clone(),
            line: 1,
            column: None,
            related: Vec::new(),
        })
    });
    faults.chain(budgets).chain(worse).chain(gone).collect()
}

fn of_budget(budget: &BudgetView) -> Finding {
    let (rule, title, meaning) = match budget.verdict {
        BudgetOutcome::Undecided => (
            "budget-undecided",
            "Budget undecided",
            "Whether a budget is met cannot be told from so few exercises.",
        ),
        BudgetOutcome::NotJudged => (
            "budget-not-judged",
            "Budget not judged",
            "A budget is about lost data, and no step says to which moment data comes back.",
        ),
        BudgetOutcome::MatchedNothing => (
            "budget-matched-nothing",
            "Budget matched nothing",
            "No deleted site ever matched a budget.",
        ),
        BudgetOutcome::Met | BudgetOutcome::Missed => {
            ("budget-missed", "Budget missed", "A budget surely does not hold often enough.")
        }
    };
    Finding {
        fails: !budget.ok,
        rule: rule.to_owned(),
        meaning: meaning.to_owned(),
        title: format!("{title}: {}", budget.name),
        message: budget.sentence.clone(),
        file: budget.place.file.clone(),
        line: budget.place.line,
        column: Some(budget.place.column),
        related: Vec::new(),
    }
}
