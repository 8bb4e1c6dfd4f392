//! Figures as scenarios name them.

use crate::diagnostics::{Code, Span};
use crate::ids::{IdVec, RunbookId};
use crate::scenario::figures::{FIGURES, Figure, Parameter, Subject};
use crate::scenario::read::resolver::Resolver;
use crate::scenario::runbook::Runbook;
use crate::spec::Located;

/// The figure of a name, of those that fit. A name that it had before is read, and told.
pub(crate) fn figure_named(
    name: &Located<String>,
    fits: impl Fn(Figure) -> bool,
    resolver: &mut Resolver<'_>,
) -> Option<Figure> {
    let found = Figure::named(&name.value).filter(|it| fits(*it));
    match found {
        Some(it) if it.id() != name.value => {
            let message = format!("`{}` is the old name of `{}`", name.value, it.id());
            resolver
                .diagnostics
                .warning(Code::OldName, name.span, message)
                .help(format!("write `{}`", it.id()));
        }
        Some(_) => {}
        None => {
            let message = format!("there is no figure `{}`", name.value);
            let known = FIGURES.iter().filter(|it| fits(it.figure)).map(|it| it.id);
            resolver.error(Code::UnknownFigure, name.span, message).help_choose(&name.value, known);
        }
    }
    found
}

/// What a figure is asked of, where `step` is what the selection at `span` says of steps.
pub(crate) fn subject(
    figure: Figure,
    step: &Option<Located<String>>,
    span: Span,
    runbooks: &IdVec<RunbookId, Runbook>,
    resolver: &mut Resolver<'_>,
) -> Option<Subject> {
    let steps = || {
        runbooks.enumerate().flat_map(|(id, runbook)| {
            let name = |step: &str| format!("{}.{step}", runbook.name);
            runbook.steps.enumerate().map(move |(step, it)| (name(&it.id), id, step))
        })
    };
    match (figure.definition().parameter, step) {
        (None, None) => Some(Subject::Whole),
        (None, Some(it)) => {
            let message = format!("`{}` is not of a step", figure.id());
            resolver.error(Code::ConflictingKeys, it.span, message).help("leave it out");
            None
        }
        (Some(Parameter::Step), None) => {
            let message = format!("`{}` does not say of which step", figure.id());
            let example = steps().next().map_or_else(|| "restore.load".to_owned(), |it| it.0);
            resolver
                .error(Code::MissingKey, span, message)
                .help(format!("add `select = {{ step = \"{example}\" }}`"));
            None
        }
        (Some(Parameter::Step), Some(name)) => {
            let known: Vec<(String, RunbookId, _)> = steps().collect();
            let found = known.iter().find(|it| it.0 == name.value);
            if found.is_none() {
                let message = format!("there is no step `{}`", name.value);
                let names = known.iter().map(|it| it.0.as_str());
                resolver
                    .error(Code::UnknownStep, name.span, message)
                    .help_choose(&name.value, names);
            }
            found.map(|(_, runbook, step)| Subject::Step(*runbook, *step))
        }
    }
}
