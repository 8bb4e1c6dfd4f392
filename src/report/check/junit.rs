//! A check as JUnit XML in the dialect of Jenkins: a suite for each scenario and strategy, a case
//! for each budget. No wall-clock time stands in it, so equal checks are equal bytes.

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use crate::report::check::view::{
    BaselineView, BudgetOutcome, BudgetView, CheckView, GoneStrategyView, MetricChangeView,
    ScenarioCheckView, StrategyChangeView,
};
use crate::report::faults::fault_suites;
use crate::report::forms::junit::{legal, written};
use crate::scenario::Level;

/// A check as JUnit XML, ending with a line end.
#[must_use]
pub fn junit(view: &CheckView) -> String {
    let mut report = Report::new("blackstart check");
    report.add_test_suites(fault_suites(&view.faults));
    for it in &view.scenarios {
        report.add_test_suites(suites(it));
    }
    written(&report)
}

fn suites(check: &ScenarioCheckView) -> Vec<TestSuite> {
    let changes = check.baseline.iter().flat_map(|it| &it.strategies);
    let gone = check.baseline.iter().flat_map(|it| &it.gone).map(|it| it.strategy.as_str());
    let named = check.budgets.iter().map(|it| it.strategy.as_str());
    let mut names: Vec<&str> = Vec::new();
    for name in named.chain(changes.map(|it| it.strategy.as_str())).chain(gone) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let suite = |name: &&str| {
        let class = legal(&format!("{}.{name}", check.scenario.name));
        let mut suite = TestSuite::new(class.as_str());
        let experiment = &check.experiment;
        for (key, value) in [
            ("scenario", check.file.clone()),
            ("strategy", (*name).to_owned()),
            ("seed", experiment.seed.to_string()),
            ("replications", experiment.replications.to_string()),
            ("reproduce", check.reproduce.clone()),
        ] {
            suite.add_property(Property::new(key, legal(&value)));
        }
        if let Some(late) = check.late.iter().find(|it| it.strategy == *name) {
            suite.set_system_out(legal(&late.sentence));
        }
        for budget in check.budgets.iter().filter(|it| it.strategy == *name) {
            suite.add_test_case(case(budget, &class));
        }
        if let Some(baseline) = &check.baseline {
            let changes = baseline.strategies.iter().filter(|it| it.strategy == *name);
            suite.add_test_cases(changes.map(|it| change_case(it, &class, baseline)));
            let gone = baseline.gone.iter().filter(|it| it.strategy == *name);
            suite.add_test_cases(gone.map(|it| gone_case(it, &class, baseline.accepted)));
        }
        suite
    };
    names.iter().map(suite).collect()
}

fn case(budget: &BudgetView, class: &str) -> TestCase {
    let message = legal(&budget.sentence);
    let mut status = match (budget.verdict, budget.ok) {
        (BudgetOutcome::Met, _) => TestCaseStatus::success(),
        (_, false) => TestCaseStatus::non_success(NonSuccessKind::Failure),
        // What is only warned of, or not to be told, is no failure and must be seen all the same.
        (_, true) => TestCaseStatus::skipped(),
    };
    if budget.verdict != BudgetOutcome::Met {
        status.set_message(message.as_str());
    }
    if !budget.ok {
        status.set_type(match budget.verdict {
            BudgetOutcome::Undecided => "undecided",
            BudgetOutcome::MatchedNothing => "matched nothing",
            BudgetOutcome::NotJudged => "not judged",
            _ => "missed",
        });
    }
    let mut case = TestCase::new(legal(&budget.name), status);
    case.set_classname(class);
    let missing = if budget.verdict == BudgetOutcome::NotJudged { "not known" } else { "never" };
    let number = |value: Option<f64>| value.map_or_else(|| missing.to_owned(), |it| it.to_string());
    let level = if budget.level == Level::Warn { "warn" } else { "error" };
    let mut lines: Vec<String> = [
        ("at", format!("{}:{}", budget.place.file, budget.place.line)),
        ("expect", budget.expect.clone()),
        ("level", level.to_owned()),
        ("value", number(budget.value.value)),
        ("value_low", number(budget.value.low)),
        ("value_high", number(budget.value.high)),
        ("holds", budget.holds.to_string()),
        ("n", budget.n.to_string()),
        ("assurance", budget.assurance.to_string()),
    ]
    .map(|(key, value)| format!("{key}: {value}"))
    .into();
    if !budget.worst_sites.is_empty() {
        lines.push("worst sites:".to_owned());
        lines.extend(budget.worst_sites.iter().map(|it| format!("{} {}", it.site, it.text)));
    }
    case.set_system_out(legal(&lines.join("\n")));
    case
}

fn change_case(change: &StrategyChangeView, class: &str, baseline: &BaselineView) -> TestCase {
    let mut status = if change.ok { TestCaseStatus::success() } else { failure(baseline.accepted) };
    if !change.ok {
        status.set_message(legal(&baseline.with_inputs(&change.sentence)));
    }
    let mut case = TestCase::new("against the baseline", status);
    case.set_classname(class);
    let told = change.metrics.iter().filter(|it| it.told);
    let figure = |it: &MetricChangeView| {
        format!("{}: {} -> {}, {}", it.metric, it.before_text, it.after_text, it.text)
    };
    let inputs = baseline.inputs.iter().map(|it| it.sentence.clone());
    let lines: Vec<String> = inputs.chain(told.map(figure)).collect();
    case.set_system_out(legal(&lines.join("\n")));
    case
}

/// What fails a check, unless it has been accepted: then it must be seen all the same.
fn failure(accepted: bool) -> TestCaseStatus {
    if accepted {
        TestCaseStatus::skipped()
    } else {
        TestCaseStatus::non_success(NonSuccessKind::Failure)
    }
}

fn gone_case(strategy: &GoneStrategyView, class: &str, accepted: bool) -> TestCase {
    let mut status = failure(accepted);
    status.set_message(legal(&strategy.sentence));
    let mut case = TestCase::new("against the baseline", status);
    case.set_classname(class);
    case
}
