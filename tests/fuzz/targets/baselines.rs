//! A baseline, with the digest of its content put right.

#![no_main]

use blackstart::rng::Fingerprint;
use blackstart::verdict::{Baseline, Change, compare, is_baseline};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// A figure that is the same in every exercise is written once, and read as often as there are
/// exercises.
const MOST_EXERCISES: u64 = 1_000;

/// Begins the line that has the digest of all others.
const DIGEST: &str = "  \"content_digest\": ";
/// The lines before it.
const LINES_OF_HEAD: usize = 3;

fuzz_target!(|text: &str| {
    let _ = is_baseline(text);
    // Nearly every text is one that somebody has edited.
    let _ = Baseline::parse(text);
    let text = sealed(text);
    let json: Value = serde_json::from_str(&text).unwrap_or_default();
    if json["replications"].as_u64().is_some_and(|it| it > MOST_EXERCISES) {
        return;
    }
    let Ok(baseline) = Baseline::parse(&text) else { return };
    let written = baseline.json();
    assert_eq!(Baseline::parse(&written).as_ref(), Ok(&baseline));
    assert!(is_baseline(&written) || !baseline.program.starts_with("blackstart "), "{written}");
    // Nothing has changed since.
    assert_eq!(baseline.unlike(&baseline), []);
    for strategy in compare(&baseline, &baseline, 0.0) {
        let is_same = strategy.metrics.iter().all(|it| it.change == Change::Same);
        assert!(is_same && strategy.differing == 0, "{strategy:?}");
    }
});

/// A text with the digest that fits its other lines: what lies behind that check is worth more than
/// the check.
fn sealed(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().filter(|line| !line.starts_with(DIGEST)).collect();
    let mut fingerprint = Fingerprint::default();
    for line in &lines {
        fingerprint.add(line.as_bytes());
        fingerprint.add(b"\n");
    }
    let digest = format!("{DIGEST}\"{:016x}\",", fingerprint.finish());
    lines.insert(LINES_OF_HEAD.min(lines.len()), &digest);
    lines.join("\n") + "\n"
}
