//! What no name and no text of a scenario may have in it: nothing at all where a name is due, orders to
//! a terminal, and marks that have a text read in another order than it is written in.

use toml::de::{DeTable, DeValue};

use crate::diagnostics::{Code, Diagnostics, Sources, Span};
use crate::shown::{Shown, is_unseen, turns_direction};

/// The keys of texts that go over several lines.
const SEVERAL_LINES: [&str; 2] = ["description", "note"];

/// The keys of texts that are the name of something.
const NAMES: [&str; 2] = ["id", "tier"];

/// Reports every mark that turns the direction of a text, one a line, wherever it stands.
pub(crate) fn check_directions(sources: &Sources, diagnostics: &mut Diagnostics) {
    for (base, text) in sources.texts().filter(|it| !it.1.is_ascii()) {
        let mut last_line = None;
        for (at, mark) in text.char_indices().filter(|it| turns_direction(it.1)) {
            let span = Span::new(base + at, base + at + mark.len_utf8());
            let line = sources.line(span).1;
            if last_line != Some(line) {
                let mark = Shown(mark.to_string());
                let message = format!("`{mark}` has what stands behind it read in another order");
                diagnostics.error(Code::BadName, span, message).help("take it out");
            }
            last_line = Some(line);
        }
    }
}

/// Reports every name that is empty and every text in which something is that nobody sees.
pub(crate) fn check_words(table: &DeTable<'_>, sources: &Sources, diagnostics: &mut Diagnostics) {
    for (key, value) in table {
        let (name, span) = (key.get_ref().as_ref(), of(key.span()));
        if name.is_empty() {
            empty(span, diagnostics);
        }
        unseen(name, span, false, sources, diagnostics);
        check_value(name, value.get_ref(), of(value.span()), sources, diagnostics);
    }
}

fn check_value(
    key: &str,
    value: &DeValue<'_>,
    span: Span,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) {
    match value {
        DeValue::String(text) if text.is_empty() && NAMES.contains(&key) => {
            empty(span, diagnostics)
        }
        DeValue::String(text) => {
            unseen(text, span, SEVERAL_LINES.contains(&key), sources, diagnostics);
        }
        DeValue::Array(list) => {
            for it in list {
                check_value(key, it.get_ref(), of(it.span()), sources, diagnostics);
            }
        }
        DeValue::Table(table) => check_words(table, sources, diagnostics),
        _ => {}
    }
}

fn empty(span: Span, diagnostics: &mut Diagnostics) {
    diagnostics
        .error(Code::BadName, span, "the name is empty")
        .help("write one, such as `database`");
}

fn unseen(
    text: &str,
    span: Span,
    several_lines: bool,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) {
    let bad = |it: char| is_unseen(it) && !(several_lines && matches!(it, '\n' | '\r' | '\t'));
    // What stands there as it is has been told; this is for what is spelled out.
    let Some(it) = text.chars().find(|it| bad(*it)) else { return };
    if turns_direction(it) && sources.text(span).contains(it) {
        return;
    }
    let message = format!("nobody sees `{}`, which is in this text", Shown(it.to_string()));
    diagnostics.error(Code::BadName, span, message).help("take it out");
}

fn of(place: std::ops::Range<usize>) -> Span {
    Span::new(place.start, place.end)
}
