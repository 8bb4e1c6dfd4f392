//! An audit for the terminal.

use std::collections::BTreeMap;

use tabled::builder::Builder;

use crate::report::audit::view::{AuditView, AuditedStrategyView};
use crate::report::table::{Look, drawn};
use crate::report::words::{count, plain};

/// Breaches of a strategy that are shown to people.
const MOST_SHOWN: usize = 10;

/// An audit as text, ending with a line end.
#[must_use]
pub fn audit_text(view: &AuditView, look: Look) -> String {
    let mut table = Builder::default();
    table.push_record(["strategy", "exercises", "things in their logs", "breaches of laws"]);
    for it in &view.strategies {
        let laws = it.laws.iter().map(|it| format!("{} {}", it.law, count(it.breaches)));
        let laws: Vec<String> = laws.collect();
        let laws = if laws.is_empty() { "none".to_owned() } else { laws.join(", ") };
        table.push_record([plain(&it.strategy), count(it.exercises), count(it.records), laws]);
    }
    let mut out = vec![view.sentence.clone(), String::new(), drawn(table, look)];
    for it in view.strategies.iter().filter(|it| !it.breaches.is_empty()) {
        out.push(String::new());
        out.extend(breaches(it));
    }
    let laws = view.strategies.iter().flat_map(|it| &it.laws);
    let laws: BTreeMap<&str, &str> = laws.map(|it| (&*it.law, &*it.says)).collect();
    if !laws.is_empty() {
        out.push(String::new());
        out.extend(laws.iter().map(|(law, says)| format!("{law}: {says}")));
    }
    out.push(String::new());
    out.push(format!("reproduce: {}", plain(&view.reproduce)));
    out.join("\n") + "\n"
}

/// The first breaches of a strategy, exercise by exercise.
fn breaches(strategy: &AuditedStrategyView) -> Vec<String> {
    let shown = &strategy.breaches[..strategy.breaches.len().min(MOST_SHOWN)];
    let mut lines = vec![plain(&strategy.strategy)];
    for exercise in shown.chunk_by(|one, next| one.exercise == next.exercise) {
        lines.push(match (exercise[0].exercise, &exercise[0].show) {
            (Some(number), Some(show)) => format!("  exercise {number}: {}", plain(show)),
            _ => "  all exercises together".to_owned(),
        });
        for it in exercise {
            let at = it.at_text.as_ref().map(|at| format!("{at} ")).unwrap_or_default();
            lines.push(format!("    {at}{}: {}", it.law, plain(&it.how)));
        }
    }
    let all: u64 = strategy.laws.iter().map(|it| it.breaches).sum();
    if all > shown.len() as u64 {
        lines.push(format!("  and {} more", count(all - shown.len() as u64)));
    }
    lines
}
