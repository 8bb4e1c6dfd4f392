//! Findings as SARIF 2.1.0, the form in which code hosts and editors take what analysers find.

use serde_json::{Value, json};

use crate::report::about::{PlaceView, program};
use crate::report::forms::finding::Finding;
use crate::report::forms::json::pretty;

const VERSION: &str = "2.1.0";
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Findings as SARIF, with how the program ended.
pub(crate) fn sarif(findings: &[Finding], exit_code: u8) -> String {
    let mut rules: Vec<(&str, &str)> = Vec::new();
    for it in findings {
        if !rules.iter().any(|rule| rule.0 == it.rule) {
            rules.push((&it.rule, &it.meaning));
        }
    }
    let results: Vec<Value> = findings.iter().map(|it| result(it, &rules)).collect();
    let rules = rules
        .iter()
        .map(|(id, meaning)| json!({ "id": id, "shortDescription": { "text": meaning } }));
    let program = program();
    let driver = json!({
        "name": program.name,
        "version": program.version,
        "rules": rules.collect::<Vec<Value>>(),
    });
    pretty(&json!({
        "$schema": SCHEMA,
        "version": VERSION,
        "runs": [{
            "tool": { "driver": driver },
            "invocations": [{ "executionSuccessful": true, "exitCode": exit_code }],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    }))
}

/// Whether a text is SARIF of this program.
pub(crate) fn is_sarif(text: &str) -> bool {
    let Ok(log) = serde_json::from_str::<Value>(text) else { return false };
    log["version"] == VERSION && log["runs"][0]["tool"]["driver"]["name"] == program().name
}

fn result(finding: &Finding, rules: &[(&str, &str)]) -> Value {
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": rules.iter().position(|rule| rule.0 == finding.rule),
        "level": if finding.fails { "error" } else { "warning" },
        "message": { "text": finding.message },
        "locations": [location(&finding.file, finding.line, finding.column)],
    });
    if !finding.related.is_empty() {
        let related = finding.related.iter().map(|(place, words)| {
            let PlaceView { file, line, column } = place;
            let mut location = location(file, *line, Some(*column));
            location["message"] = json!({ "text": words });
            location
        });
        result["relatedLocations"] = related.collect();
    }
    result
}

fn location(file: &str, line: u64, column: Option<u64>) -> Value {
    let mut region = json!({ "startLine": line });
    if let Some(column) = column {
        region["startColumn"] = column.into();
    }
    json!({ "physicalLocation": { "artifactLocation": { "uri": uri(file) }, "region": region } })
}

/// A path as a URI: relative ones stay relative.
fn uri(path: &str) -> String {
    let mut uri = match (path.starts_with('/'), path.get(1..2) == Some(":")) {
        (true, _) => "file://".to_owned(),
        (_, true) => "file:///".to_owned(),
        _ => String::new(),
    };
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                uri.push(char::from(byte));
            }
            b':' if !uri.is_empty() => uri.push(':'),
            _ => uri += &format!("%{byte:02X}"),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_uri() {
        assert_eq!(uri("scenarios/my estate.toml"), "scenarios/my%20estate.toml");
        assert_eq!(uri("/srv/50%.toml"), "file:///srv/50%25.toml");
        assert_eq!(uri("C:/a.toml"), "file:///C:/a.toml");
        assert_eq!(uri("caf\u{e9}.toml"), "caf%C3%A9.toml");
    }
}
