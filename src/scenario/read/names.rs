//! Finds a name in a list, or tells that nothing has it and what may be meant.

use crate::diagnostics::{Code, Span};
use crate::ids::Id;
use crate::scenario::read::resolver::Resolver;

/// The id of a name among those that are known; one that is not is told, with what was meant.
pub(crate) fn find<'a, I: Id>(
    (name, span): (&str, Span),
    known: impl Iterator<Item = &'a str> + Clone,
    unknown: Code,
    kind: &str,
    resolver: &mut Resolver<'_>,
) -> Option<I> {
    let place = known.clone().position(|it| it == name);
    if place.is_none() {
        resolver
            .error(unknown, span, format!("there is no {kind} `{name}`"))
            .help_choose(name, known);
    }
    place.map(I::new)
}
