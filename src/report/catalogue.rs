//! The catalogue of figures for people and programs: what each number of a report is.

use serde::Serialize;

use crate::report::forms::json::pretty;
use crate::report::words::listed;
use crate::scenario::{Better, Definition, FIGURES, Kept, Needs, Over, Parameter, Scope, Weight};

/// The version of the JSON's form.
const FORMAT: u32 = 1;

/// The whole catalogue as data.
#[derive(Serialize)]
struct CatalogueView {
    format: u32,
    figures: Vec<FigureView>,
}

/// What the catalogue says of a figure.
#[derive(Serialize)]
struct FigureView {
    id: &'static str,
    title: &'static str,
    definition: &'static str,
    unit: &'static str,
    /// Of what there is one: `site`, `exercise` or `pooled`.
    scope: &'static str,
    /// `less`, `more` or `neither`.
    better: &'static str,
    /// What counts once: `site`, `user`, `customer` or nothing.
    weight: Option<&'static str>,
    /// What has to be named with it.
    parameter: Option<&'static str>,
    /// What a scenario needs to have it.
    needs: Option<&'static str>,
    /// Its column in `replications.csv`.
    column: Option<String>,
    /// The statistic over exercises under its own name in `summary.json`.
    statistic: Option<&'static str>,
    /// Others, under its name with a dot and theirs.
    more_statistics: Vec<&'static str>,
    /// Whether the table for people compares strategies by it.
    compared: bool,
    /// Whether a check fails where it got worse than in a baseline.
    judged: bool,
    old_names: Vec<&'static str>,
}

impl FigureView {
    fn of(figure: &Definition) -> Self {
        let of_exercise = figure.scope == Scope::Exercise;
        Self {
            id: figure.id,
            title: figure.title,
            definition: figure.meaning,
            unit: figure.kind.unit(),
            scope: scope(figure.scope),
            better: better(figure.better),
            weight: weight(figure.weight),
            parameter: figure.parameter.map(Parameter::key),
            needs: needs(figure.needs),
            column: of_exercise.then(|| figure.figure.column()),
            statistic: of_exercise.then(|| statistic(figure.over)),
            more_statistics: figure.also.iter().map(|over| over.suffix()).collect(),
            compared: figure.compared,
            judged: figure.baseline == Kept::Judged,
            old_names: figure.old_names.to_vec(),
        }
    }
}

fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Site => "site",
        Scope::Exercise => "exercise",
        Scope::Pooled => "pooled",
    }
}

fn better(better: Better) -> &'static str {
    match better {
        Better::Less => "less",
        Better::More => "more",
        Better::Neither => "neither",
    }
}

fn weight(weight: Weight) -> Option<&'static str> {
    match weight {
        Weight::Site => Some("site"),
        Weight::User => Some("user"),
        Weight::Customer => Some("customer"),
        Weight::Nothing => None,
    }
}

fn needs(needs: Needs) -> Option<&'static str> {
    match needs {
        Needs::Nothing => None,
        Needs::Rto => Some("a recovery time objective"),
        Needs::RestorePoint => Some("a step with a restore point"),
        Needs::Rpo => Some("a recovery point objective, and a step with a restore point"),
        Needs::Price => Some("a team with a price"),
        Needs::Word => Some("a public milestone, or a step that reaches customers"),
        Needs::Outreach => Some("a step that reaches customers"),
        Needs::Escalation => Some("a step that others take over where it fails too often"),
    }
}

fn statistic(over: Over) -> &'static str {
    match over {
        Over::Median => "median",
        Over::P90 => "p90",
        Over::Mean => "mean",
    }
}

/// The catalogue as indented JSON with a line end.
#[must_use]
pub fn catalogue_json() -> String {
    pretty(&CatalogueView { format: FORMAT, figures: FIGURES.iter().map(FigureView::of).collect() })
}

/// The scopes with what stands above the figures of each.
const PARTS: [(Scope, &str, &str); 3] = [
    (
        Scope::Site,
        "Of every deleted site",
        "For budgets, as `p(95)`, `max`, `min`, `mean`, `count` or `share_within(6h)` of an exercise.",
    ),
    (
        Scope::Exercise,
        "Of every exercise",
        "For budgets, as `value`, and for `[observed]`. `summary.json` has the median of the exercises \
         of a time and the mean of any other, `replications.csv` every one.",
    ),
    (Scope::Pooled, "Of all exercises together", "In `summary.json`."),
];

/// The catalogue for the terminal, ending with a line end.
#[must_use]
pub fn catalogue_text() -> String {
    let mut parts = Vec::new();
    for (scope, head, note) in PARTS {
        let head = format!("{head}. {}", note.replace('`', ""));
        parts.push(wrapped(&head, "").join("\n"));
        parts.extend(FIGURES.iter().filter(|it| it.scope == scope).map(block));
    }
    parts.join("\n\n") + "\n"
}

/// A figure in some lines.
fn block(definition: &Definition) -> String {
    let mut lines = vec![definition.id.to_owned()];
    lines.extend(wrapped(definition.meaning, "  "));
    lines.extend(wrapped(&facts(definition), "  "));
    lines.join("\n")
}

/// "length of time, less is better, by user; formerly rta_p95"
fn facts(definition: &Definition) -> String {
    let mut facts = vec![definition.kind.unit().to_owned()];
    if definition.better != Better::Neither {
        facts.push(format!("{} is better", better(definition.better)));
    }
    facts.extend(weight(definition.weight).map(|it| format!("by {it}")));
    let mut parts = vec![facts.join(", ")];
    if definition.parameter.is_some() {
        parts.push(example(definition));
    }
    if definition.over == Over::Mean && definition.kind.is_time() {
        parts.push("summary.json has the mean".to_owned());
    }
    let more: Vec<String> = definition.also.iter().map(|it| format!(".{}", it.suffix())).collect();
    if !more.is_empty() {
        parts.push(format!("with {} in summary.json too", listed(&more)));
    }
    if definition.scope == Scope::Exercise && definition.figure.column() != definition.id {
        parts.push(format!("{} in CSV", definition.figure.column()));
    }
    parts.extend(needs(definition.needs).map(|it| format!("needs {it}")));
    if !definition.old_names.is_empty() {
        parts.push(format!("formerly {}", definition.old_names.join(", ")));
    }
    parts.join("; ")
}

/// How the parameter of a figure is written.
fn example(definition: &Definition) -> String {
    match definition.parameter {
        Some(Parameter::Step) => "of a step: select = { step = \"RUNBOOK.STEP\" }".to_owned(),
        None => String::new(),
    }
}

/// A text in lines that fit a terminal, each behind `indent`.
fn wrapped(text: &str, indent: &str) -> Vec<String> {
    const WIDTH: usize = 92;
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= WIDTH => {
                *line += " ";
                *line += word;
            }
            _ => lines.push(format!("{indent}{word}")),
        }
    }
    lines
}

/// The catalogue as Markdown, a table for each scope.
#[must_use]
pub fn catalogue_markdown() -> String {
    let mut out = Vec::new();
    for (scope, head, note) in PARTS {
        out.push(format!("## {head}\n\n{note}\n"));
        out.push(
            "| figure | definition | unit | better | formerly |\n|---|---|---|---|---|".into(),
        );
        for it in FIGURES.iter().filter(|it| it.scope == scope) {
            let old: Vec<String> = it.old_names.iter().map(|it| format!("`{it}`")).collect();
            out.push(format!(
                "| `{}` | {} | {} | {} | {} |",
                it.id,
                it.meaning,
                it.kind.unit(),
                better(it.better),
                old.join(", ")
            ));
        }
        out.push(String::new());
    }
    out.join("\n")
}
