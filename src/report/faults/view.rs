//! The view of what is wrong with scenarios.

use schemars::JsonSchema;
use serde::Serialize;

use crate::diagnostics::Severity;
use crate::report::about::{PlaceView, Program};
use crate::report::forms::annotations::annotations;
use crate::report::forms::finding::Finding;
use crate::report::forms::json::pretty;
use crate::report::forms::sarif::sarif;

/// The version of the form of [`ValidationView`]. It changes when a field changes its meaning or
/// goes away, not when one is added.
pub const VALIDATION_FORMAT: u32 = 1;

/// What `validate` found.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ValidationView {
    /// The version of this form: 1.
    pub format: u32,
    /// The program that made it.
    pub program: Program,
    /// Whether every scenario can be used.
    pub ok: bool,
    /// The exit code of the program: 0 or 3.
    pub exit_code: u8,
    /// What was found, in a sentence.
    pub sentence: String,
    /// Every fault, scenario by scenario.
    pub faults: Vec<FaultView>,
    /// One for each scenario, in the order of the command line.
    pub scenarios: Vec<ValidatedView>,
}

/// What became of one scenario.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ValidatedView {
    /// The scenario's file as it was named.
    pub file: String,
    /// Whether it can be used.
    pub ok: bool,
    /// What is in it, or that it is invalid, in a sentence.
    pub sentence: String,
}

/// Something wrong with a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FaultView {
    /// The scenario's file as it was named.
    pub scenario: String,
    /// How bad it is.
    pub severity: Severity,
    /// Whether the scenario can be used all the same: it is a warning, and warnings are not denied.
    pub ok: bool,
    /// The word for its kind.
    pub code: &'static str,
    /// What that kind is, in a sentence.
    pub meaning: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it, a sentence each.
    pub helps: Vec<String>,
    /// Where it is, if it is at a place of a text. The file of an override is its flag.
    pub place: Option<PlaceView>,
    /// Other places that belong to it.
    pub related: Vec<RelatedView>,
}

/// A place that belongs to a fault.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RelatedView {
    /// The place.
    pub place: PlaceView,
    /// What is there, in a few words.
    pub text: String,
}

impl FaultView {
    /// What is wrong and what to do, on one line.
    pub(crate) fn told(&self) -> String {
        let parts = std::iter::once(&self.message).chain(&self.helps);
        parts.map(String::as_str).collect::<Vec<&str>>().join("; ")
    }

    /// Where it is: the line of a file, or the scenario.
    pub(crate) fn at(&self) -> String {
        match &self.place {
            Some(it) => format!("{}:{}:{}", it.file, it.line, it.column),
            None => self.scenario.clone(),
        }
    }

    /// As builds show it.
    pub(crate) fn finding(&self) -> Finding {
        let in_file = |it: &&PlaceView| !it.file.starts_with(OVERRIDE);
        let place = self.place.as_ref().filter(in_file);
        let message = match (&self.place, place) {
            (Some(flag), None) => format!("{}: {}", flag.file, self.told()),
            _ => self.told(),
        };
        let related = self.related.iter().filter(|it| in_file(&&it.place));
        Finding {
            fails: !self.ok,
            rule: self.code.to_owned(),
            meaning: self.meaning.to_owned(),
            title: self.code.to_owned(),
            message,
            file: place.map_or(&self.scenario, |it| &it.file).clone(),
            line: place.map_or(1, |it| it.line),
            column: place.map(|it| it.column),
            related: related.map(|it| (it.place.clone(), it.text.clone())).collect(),
        }
    }
}

/// By what the name of an override begins, which stands for a file.
const OVERRIDE: &str = "--set ";

/// What `validate` found as indented JSON with a line end.
#[must_use]
pub fn validation_json(view: &ValidationView) -> String {
    pretty(view)
}

/// The JSON Schema of [`validation_json`]'s text.
#[must_use]
pub fn validation_schema() -> String {
    pretty(&schemars::schema_for!(ValidationView))
}

/// What `validate` found as annotations of a GitHub workflow.
#[must_use]
pub fn validation_github(view: &ValidationView) -> String {
    annotations(findings(view), "validate", &view.sentence)
}

/// What `validate` found as SARIF 2.1.0.
#[must_use]
pub fn validation_sarif(view: &ValidationView) -> String {
    sarif(&findings(view), view.exit_code)
}

fn findings(view: &ValidationView) -> Vec<Finding> {
    view.faults.iter().map(FaultView::finding).collect()
}
