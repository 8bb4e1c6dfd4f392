//! A comparison for the terminal.

use tabled::builder::Builder;

use crate::report::Look;
use crate::report::compare::sentences::p_words;
use crate::report::compare::view::{CompareView, ComparisonView, MetricView};
use crate::report::table::drawn;
use crate::report::words::{count, listed, plain};

/// The comparison for the terminal, ending with a line end.
#[must_use]
pub fn compare_text(view: &CompareView, look: Look) -> String {
    let mut parts = vec![view.sentence.clone()];
    if let Some(comparison) = &view.comparison {
        // What decides comes first.
        let decides = |it: &&MetricView| it.name == comparison.decides;
        let first = comparison.metrics.iter().filter(decides);
        let others = comparison.metrics.iter().filter(|it| it.main && !decides(it));
        let table = |it| metric_table(it, comparison.deletion_differs, look);
        parts.extend(first.chain(others).map(table));
        parts.extend(assurance_table(comparison, look));
        parts.push(pair_lines(comparison));
        parts.push(pareto(comparison));
    }
    if let Some(selection) = &view.selection {
        let mut table = Builder::default();
        table.push_record(["", "exercises", "mean over them", "it is"]);
        for it in &selection.strategies {
            table.push_record(std::iter::once(plain(&it.strategy)).chain(it.texts.clone()));
        }
        parts.push(drawn(table, look));
    }
    if !view.warnings.is_empty() {
        parts.push(view.warnings.join("\n"));
    }
    parts.push(view.notes.join("\n"));
    parts.push(format!("Reproduce with: {}", plain(&view.reproduce)));
    let whole = parts.join("\n\n") + "\n";
    whole.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// `differs` says whether more sites are deleted under one strategy than under another.
fn metric_table(metric: &MetricView, differs: bool, look: Look) -> String {
    let mut table = Builder::default();
    table.push_record(["", "mean", "95% interval", "to the best of the others", "it is"]);
    for row in &metric.strategies {
        table.push_record(std::iter::once(plain(&row.strategy)).chain(row.texts.clone()));
    }
    let whose =
        if differs && metric.name.contains(".rta.") { " (of other sites under each)" } else { "" };
    format!("{}{whose}; margin {}\n{}", metric.title, metric.margin_is, drawn(table, look))
}

fn assurance_table(comparison: &ComparisonView, look: Look) -> Option<String> {
    let assurance = comparison.assurance.as_ref()?;
    let mut table = Builder::default();
    table.push_record(["", "meet the policy", "95% interval", "it is"]);
    for row in &assurance.strategies {
        table.push_record(std::iter::once(plain(&row.strategy)).chain(row.texts.clone()));
    }
    Some(format!("assurance: exercises that meet the policy\n{}", drawn(table, look)))
}

/// Every strategy against the one with the least mean, by the metric that decides.
fn pair_lines(comparison: &ComparisonView) -> String {
    let metric = comparison.metrics.iter().find(|it| it.name == comparison.decides);
    let metric = metric.expect("the metric that decides is among them");
    let leader = &metric.leader;
    let with_leader = |first: &String, second: &String| first == leader || second == leader;
    let mut lines = vec![format!("By {}, against {}:", metric.title, plain(leader))];
    lines.extend(metric.against_leader.iter().map(|it| format!("  {it}")));
    if let Some(assurance) = &comparison.assurance {
        let pairs = assurance.pairs.iter().filter(|it| with_leader(&it.first, &it.second));
        let uneven = pairs.filter(|it| it.only_first + it.only_second > 0);
        for it in uneven {
            lines.push(format!(
                "  Only {} meets the policy in {} exercises, only {} in {} (exact sign test, {}).",
                plain(&it.first),
                count(it.only_first),
                plain(&it.second),
                count(it.only_second),
                p_words(it.p),
            ));
        }
    }
    lines.join("\n")
}

fn pareto(comparison: &ComparisonView) -> String {
    let open = comparison.pareto.iter().filter(|it| it.dominated_by.is_empty());
    let names: Vec<String> = open.map(|it| plain(&it.strategy)).collect();
    let title = |name: &str| {
        let metric = comparison.metrics.iter().find(|it| it.name == name);
        metric.map_or_else(String::new, |it| it.title.clone())
    };
    format!(
        "In {} and person-hours together, no strategy is surely better than {}.",
        title(&comparison.decides),
        listed(&names)
    )
}
