//! A check as annotations of a GitHub workflow, which it shows at the lines of a pull request.
//!
//! It shows ten of a kind a step and says nothing about the rest, so nine are printed and how many
//! more there are.

use crate::report::check::{BudgetOutcome, CheckView};
use crate::report::words::plain;

/// Annotations of single findings.
const MOST: usize = 9;

/// A check as workflow commands, a line each, and its verdict.
#[must_use]
pub fn github(view: &CheckView) -> String {
    let mut findings: Vec<(bool, String)> = Vec::new();
    for (_, it) in view.not_met() {
        let kind = if it.ok { "warning" } else { "error" };
        let title = match it.verdict {
            BudgetOutcome::Undecided => format!("Budget undecided: {}", it.name),
            BudgetOutcome::NotJudged => format!("Budget not judged: {}", it.name),
            BudgetOutcome::MatchedNothing => format!("Budget matched nothing: {}", it.name),
            _ => format!("Budget missed: {}", it.name),
        };
        let place = format!(
            "file={},line={},col={},title={}",
            property(&it.place.file),
            it.place.line,
            it.place.column,
            property(&plain(&title))
        );
        findings.push((it.ok, format!("::{kind} {place}::{}", message(&it.sentence))));
    }
    for (scenario, baseline, it) in view.moved().into_iter().filter(|it| !it.2.ok) {
        if baseline.accepted {
            continue;
        }
        let title = property(&plain(&format!("Regression: {}", it.strategy)));
        let place = format!("file={},line=1,title={title}", property(&scenario.file));
        findings.push((false, format!("::error {place}::{}", message(&it.sentence))));
    }
    findings.sort_by_key(|it| it.0);
    let more = findings.len().saturating_sub(MOST);
    let mut lines: Vec<String> = findings.iter().take(MOST).map(|it| it.1.clone()).collect();
    if more > 0 {
        let kind = if findings[MOST].0 { "warning" } else { "error" };
        lines.push(format!("::{kind} title=blackstart check::{more} more in the summary"));
    }
    lines.push(plain(&view.sentence));
    lines.join("\n") + "\n"
}

fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_end_its_command() {
        assert_eq!(message("50%\r\nof a: b, c"), "50%25%0D%0Aof a: b, c");
        assert_eq!(property("a: b, 5%"), "a%3A b%2C 5%25");
    }
}
