//! Findings as annotations of a GitHub workflow, which it shows at the lines of a pull request.
//!
//! It shows ten of a kind a step and says nothing about the rest, so nine are printed and how many
//! more there are.

use crate::report::forms::finding::Finding;
use crate::report::words::plain;

/// Annotations of single findings.
const MOST: usize = 9;

/// Findings as workflow commands, a line each, those that fail first; and a sentence.
pub(crate) fn annotations(mut findings: Vec<Finding>, verb: &str, sentence: &str) -> String {
    findings.sort_by_key(|it| !it.fails);
    let mut lines: Vec<String> = findings.iter().take(MOST).map(line).collect();
    if let Some(next) = findings.get(MOST) {
        let more = findings.len() - MOST;
        lines.push(format!("::{} title=blackstart {verb}::{more} more in the summary", kind(next)));
    }
    lines.push(plain(sentence));
    lines.join("\n") + "\n"
}

fn line(finding: &Finding) -> String {
    let column = finding.column.map(|column| format!(",col={column}")).unwrap_or_default();
    format!(
        "::{} file={},line={}{column},title={}::{}",
        kind(finding),
        property(&finding.file),
        finding.line,
        property(&plain(&finding.title)),
        message(&finding.message)
    )
}

fn kind(finding: &Finding) -> &'static str {
    if finding.fails { "error" } else { "warning" }
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
