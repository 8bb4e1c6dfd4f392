//! From text to [`Spec`]: every fault of form at once.
//!
//! `serde` stops at the first fault. So the tree is parsed first, with recovery; then, as long as
//! it does not fit the structures, the entry at fault is reported, cut out, and the rest is tried
//! again. What was cut is remembered, so that a key at fault is not also reported as missing.

use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::Spec;
use crate::diagnostics::{Code, Diagnostics, Sources, Span, closest};

/// `--set path.to.key=value`: the path, and where in the sources the value stands.
#[derive(Clone, Debug)]
pub(crate) struct Override {
    pub path: String,
    pub source: usize,
}

/// A scenario as written, with what was cut out of it.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    pub spec: Spec,
    pub assumptions: Vec<Assumption>,
    /// The text is so far from a scenario that nothing can be said about its meaning.
    pub unreadable: bool,
    cut: Vec<(Span, String)>,
}

impl Parsed {
    /// Whether any of these keys was written anywhere, but so badly that it was cut out.
    pub(crate) fn cut_any(&self, keys: &[&str]) -> bool {
        self.cut.iter().any(|(_, name)| keys.contains(&name.as_str()))
    }

    /// Whether `key` of the table at `table` was written, but so badly that it was cut out.
    pub(crate) fn was_cut(&self, table: Span, key: &str) -> bool {
        self.cut.iter().any(|(span, name)| *span == table && name == key)
    }
}

/// Where the values of a table come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Assumption {
    /// The table, such as `teams.database`.
    pub path: String,
    /// `measured`, `published`, `fitted` or `guess`.
    pub source: String,
    /// Why the values are what they are.
    pub note: Option<String>,
}

pub(super) const SOURCES: [&str; 4] = ["measured", "published", "fitted", "guess"];

/// Reads the first sources, a file each, as one scenario and lays the overrides over it.
pub(crate) fn parse(
    sources: &Sources,
    files: usize,
    overrides: &[Override],
    diagnostics: &mut Diagnostics,
) -> Parsed {
    // A text is parsed behind as much white space as there is text before it, so that the places
    // which the parser reports are places in all the sources.
    let padded: Vec<String> = sources
        .texts()
        .map(|(base, text)| {
            // An editor may have put the mark of UTF-8 before it.
            let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
            " ".repeat(base + text.len() - bare.len()) + bare
        })
        .collect();
    let (mut tree, unreadable) = merge_files(&padded[..files], sources, diagnostics);
    for it in overrides {
        apply(it, &padded[it.source], sources, tree.get_mut(), diagnostics);
    }
    let mut parsed = Parsed { unreadable, ..Parsed::default() };
    if is_deeper(tree.get_ref(), DEEPEST) {
        diagnostics
            .error(Code::Syntax, Span::default(), format!("tables lie over {DEEPEST} deep"))
            .help("a scenario is at most eight deep; look for a key with many dots");
        parsed.unreadable = true;
        return parsed;
    }
    take_assumptions("", tree.get_mut(), &mut parsed.assumptions, diagnostics);
    loop {
        match Spec::deserialize(toml::de::Deserializer::from(tree.clone())) {
            Ok(spec) => {
                parsed.spec = spec;
                return parsed;
            }
            Err(fault) => {
                let span = fault.span().map_or(Span::default(), |it| Span::new(it.start, it.end));
                // A table that is empty because of what was cut out of it has been told.
                let emptied =
                    fault.message().ends_with("found 0 elements") && !parsed.cut.is_empty();
                let meant = match emptied {
                    true => None,
                    false => report(fault.message(), span, sources, diagnostics),
                };
                let known = parsed.cut.len();
                let home = tree.span();
                let found = cut_table(span, home, tree.get_mut(), &mut parsed.cut);
                if let (Some(meant), Some((_, key))) = (meant, parsed.cut[known..].last_mut()) {
                    *key = meant;
                }
                if !found {
                    parsed.unreadable = true;
                    return parsed;
                }
            }
        }
    }
}

/// What to do about a line that is not TOML.
fn syntax_help(line: &str) -> &'static str {
    let has_comma = |value: &str| {
        let after = value.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
        let digit = |c: char| c.is_ascii_digit();
        value.trim_start().starts_with(digit)
            && after.strip_prefix(',').is_some_and(|it| it.starts_with(digit))
    };
    if line.split('=').skip(1).any(has_comma) {
        "the decimal sign is a point: `1.5`, or with a unit and in quotes \"1.5h\""
    } else if line.contains(['“', '”', '„', '‘', '’', '«', '»']) {
        "texts stand in straight quotes, which a word processor replaces: \"...\""
    } else {
        "texts stand in quotes, keys and values are separated by `=`"
    }
}

/// The line of a text in which a byte lies.
fn line_at(text: &str, at: usize) -> &str {
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    let start = before.rfind('\n').map_or(0, |it| it + 1);
    let end = after.find('\n').map_or(text.len(), |it| before.len() + it);
    &text[start..end]
}

/// Far deeper than any scenario, and shallow enough for the stack.
const DEEPEST: usize = 64;

/// Whether anything lies deeper than `most` tables and lists.
fn is_deeper(table: &DeTable<'_>, most: usize) -> bool {
    fn value_is_deeper(value: &DeValue<'_>, most: usize) -> bool {
        match value {
            DeValue::Table(_) | DeValue::Array(_) if most == 0 => true,
            DeValue::Table(table) => is_deeper(table, most - 1),
            DeValue::Array(array) => array.iter().any(|it| value_is_deeper(it.get_ref(), most - 1)),
            _ => false,
        }
    }
    table.iter().any(|(_, value)| value_is_deeper(value.get_ref(), most))
}

/// Reads the texts of files and lays them into one tree, those that are used before the
/// scenario's own, which is the first; says whether one of them is not TOML.
fn merge_files<'i>(
    texts: &'i [String],
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> (Spanned<DeTable<'i>>, bool) {
    let mut unreadable = false;
    let mut read = |text: &'i str, diagnostics: &mut Diagnostics| {
        let (tree, faults) = DeTable::parse_recoverable(text);
        // A broken line makes the parser stumble several times; the first fault is the cause. What
        // else such a text lacks may stand in the lines that could not be read.
        unreadable |= !faults.is_empty();
        let mut last_line = None;
        for fault in faults {
            let span = fault.span().map_or(Span::default(), |it| Span::new(it.start, it.end));
            let line = sources.line(span).1;
            if last_line != Some(line) {
                let help = syntax_help(line_at(text, span.start));
                diagnostics.error(Code::Syntax, span, fault.message()).help(help);
            }
            last_line = Some(line);
        }
        tree
    };
    let own = read(&texts[0], diagnostics);
    if texts.len() == 1 {
        return (own, unreadable);
    }
    let mut whole = DeTable::new();
    for text in &texts[1..] {
        let mut part = read(text, diagnostics).into_inner();
        take_head(&mut part, diagnostics);
        merge("", &mut whole, part, DEEPEST, diagnostics);
    }
    let place = own.span();
    merge("", &mut whole, own.into_inner(), DEEPEST, diagnostics);
    (Spanned::new(place, whole), unreadable)
}

/// Takes what a part says of itself out of it: it tells of the part, not of the scenario.
fn take_head(part: &mut DeTable<'_>, diagnostics: &mut Diagnostics) {
    for key in ["title", "description", "tags"] {
        part.remove(key);
    }
    let place = |it: &Spanned<DeValue<'_>>| Span::new(it.span().start, it.span().end);
    if let Some(list) = part.remove("use") {
        let texts = list
            .get_ref()
            .as_array()
            .is_some_and(|list| list.iter().all(|it| matches!(it.get_ref(), DeValue::String(_))));
        if !texts {
            diagnostics
                .error(Code::WrongType, place(&list), "`use` takes a list of files")
                .help("write a list of texts such as [\"estate.toml\"]");
        }
    }
    if let Some(schema) = part.remove("schema") {
        let number = schema.get_ref().as_integer().map(|it| it.as_str());
        if number != Some("1") {
            diagnostics
                .error(Code::UnknownSchema, place(&schema), "this program reads schema 1")
                .help("write `schema = 1`, or leave it out of a part");
        }
    }
}

/// Lays one table over another: tables are merged, budgets are put behind each other, anything else
/// may be there only once.
fn merge<'i>(
    path: &str,
    into: &mut DeTable<'i>,
    from: DeTable<'i>,
    deepest: usize,
    diagnostics: &mut Diagnostics,
) {
    for (key, value) in from {
        let name = key.get_ref().to_string();
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let known = into.iter().find(|it| *it.0.get_ref() == name).map(|it| it.0.span());
        let Some(known) = known else {
            into.insert(key, value);
            continue;
        };
        match (into.get_mut(name.as_str()).map(Spanned::get_mut), value.into_inner()) {
            (Some(DeValue::Table(into)), DeValue::Table(from)) => {
                // What lies deeper than any scenario is refused as a whole.
                if deepest > 0 {
                    merge(&path, into, from, deepest - 1, diagnostics);
                }
                continue;
            }
            // A house has budgets for all its scenarios, and a scenario has some of its own.
            (Some(DeValue::Array(into)), DeValue::Array(from)) if path == "budgets" => {
                from.into_iter().for_each(|it| into.push(it));
                continue;
            }
            _ => {}
        }
        let again = Span::new(key.span().start, key.span().end);
        diagnostics
            .error(Code::DuplicateName, again, format!("`{path}` is given twice"))
            .related(Span::new(known.start, known.end), "it is given here too")
            .help("leave it out of one of the files; `--set` overrides a value");
    }
}

/// Puts the value of an override into the tree, making the tables on its path.
fn apply<'i>(
    it: &Override,
    text: &'i str,
    sources: &Sources,
    tree: &mut DeTable<'i>,
    diagnostics: &mut Diagnostics,
) {
    let base = sources.texts().nth(it.source).expect("an override has a source of its own").0;
    let place = Span::new(base, text.len());
    let (value, faults) = DeTable::parse_recoverable(text);
    if !faults.is_empty() {
        diagnostics.error(
            Code::Syntax,
            place,
            format!("the value of `--set {}=...` is not TOML", it.path),
        );
        return;
    }
    // The source holds `value = ...`, so the value is the only entry.
    let Some(value) = value.into_inner().into_iter().next().map(|(_, value)| value) else {
        return;
    };
    let mut table = tree;
    let mut parts: Vec<&str> = it.path.split('.').collect();
    let leaf = parts.pop().expect("splitting a text gives at least one part");
    if parts.len() > DEEPEST {
        diagnostics.error(Code::Unreadable, place, "`--set` goes deeper than any scenario");
        return;
    }
    for part in parts {
        let known: Vec<&str> = table.keys().map(|it| it.get_ref().as_ref()).collect();
        if !known.contains(&part)
            && let Some(close) = closest(part, &known)
        {
            diagnostics
                .warning(Code::Suspicious, place, format!("`--set {}` adds `{part}`", it.path))
                .help(format!("did you mean `{close}`?"));
        }
        let entry = table
            .entry(Spanned::new(place.start..place.end, part.to_owned().into()))
            .or_insert_with(|| {
                Spanned::new(place.start..place.end, DeValue::Table(DeTable::new()))
            });
        let next = match entry.get_mut() {
            DeValue::Table(next) => Some(next),
            DeValue::Array(_) => None,
            _ => None,
        };
        let Some(next) = next else {
            diagnostics
                .error(
                    Code::Unreadable,
                    place,
                    format!("`--set {}` goes through `{part}`, which is not a table", it.path),
                )
                .help("only keys of tables can be overridden, not elements of lists");
            return;
        };
        table = next;
    }
    table.insert(Spanned::new(place.start..place.end, leaf.to_owned().into()), value);
}

/// Takes `source` and `note` out of every table, and remembers them.
fn take_assumptions(
    path: &str,
    table: &mut DeTable<'_>,
    assumptions: &mut Vec<Assumption>,
    diagnostics: &mut Diagnostics,
) {
    let source = take_text("source", table);
    let note = take_text("note", table).map(|(_, text)| text);
    if let Some((span, source)) = source {
        if SOURCES.contains(&source.as_str()) {
            assumptions.push(Assumption { path: path.to_owned(), source, note });
        } else {
            diagnostics
                .error(Code::UnknownChoice, span, format!("`{source}` is not a source of values"))
                .help_choose(&source, SOURCES);
        }
    }
    for (key, value) in table.iter_mut() {
        let path = if path.is_empty() {
            key.get_ref().to_string()
        } else {
            format!("{path}.{}", key.get_ref())
        };
        take_assumptions_of_value(&path, value.get_mut(), assumptions, diagnostics);
    }
}

fn take_assumptions_of_value(
    path: &str,
    value: &mut DeValue<'_>,
    assumptions: &mut Vec<Assumption>,
    diagnostics: &mut Diagnostics,
) {
    match value {
        DeValue::Table(table) => take_assumptions(path, table, assumptions, diagnostics),
        DeValue::Array(array) => {
            for (index, element) in array.iter_mut().enumerate() {
                // Steps and tracks are known by their names, everything else by its place.
                let name = match element.get_ref() {
                    DeValue::Table(table) => ["id", "tier", "at"]
                        .iter()
                        .find_map(|key| table.get(*key).and_then(|it| it.get_ref().as_str())),
                    _ => None,
                };
                let path = match name {
                    Some(name) => format!("{path}.{name}"),
                    None => format!("{path}.{}", index + 1),
                };
                take_assumptions_of_value(&path, element.get_mut(), assumptions, diagnostics);
            }
        }
        _ => {}
    }
}

fn take_text(key: &str, table: &mut DeTable<'_>) -> Option<(Span, String)> {
    let text = table.get(key)?.get_ref().as_str()?.to_owned();
    let (_, value) = table.remove_entry(key).expect("the key was found on the line above");
    Some((Span::new(value.span().start, value.span().end), text))
}

/// Turns what serde says into a fault with a code and advice; returns the key that an unknown one
/// was meant to be.
fn report(
    message: &str,
    span: Span,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Option<String> {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let first = quoted.next().unwrap_or_default();
    let choices = quoted;
    let written = sources.text(span).lines().next().unwrap_or_default();
    // The parser hands dates over as tables with a key of its own.
    if first.starts_with("$__toml_private") {
        let message = format!("`{written}` is a date, which no key takes");
        diagnostics.error(Code::WrongType, span, message).help("write a time as a text in quotes");
    } else if message.starts_with("unknown field") {
        let choices: Vec<&str> = choices.collect();
        let fault = diagnostics.error(Code::UnknownKey, span, format!("unknown key `{first}`"));
        fault.help_choose(first, choices.iter().copied());
        return closest(first, &choices).map(str::to_owned);
    } else if message.starts_with("unknown variant") {
        let fault =
            diagnostics.error(Code::UnknownChoice, span, format!("unknown choice `{first}`"));
        fault.help_choose(first, choices);
    } else if let Some((_, expected)) =
        message.split_once(", expected ").or_else(|| message.split_once("wanted "))
    {
        let due = due(expected);
        let message = format!("`{written}` stands where {due} is due");
        let fault = diagnostics.error(Code::WrongType, span, message);
        if written.parse::<toml::value::Datetime>().is_ok() {
            fault.help(format!("write it in quotes: \"{written}\""));
        }
    } else {
        diagnostics.error(Code::WrongType, span, message);
    }
    None
}

/// The kind of value that the parser expects, in the words of people who write TOML.
fn due(expected: &str) -> &str {
    match expected {
        "i64" | "u64" => "a whole number",
        "f64" => "a number",
        "a boolean" => "`true` or `false`",
        "a string" | "string or table" => "a text",
        "a sequence" => "a list",
        "a map" | "a spanned value" => "a table",
        _ if expected.starts_with("struct ") => "a table",
        _ if expected.starts_with("exactly 1 element") => "a table with one key",
        other => other,
    }
}

/// Cuts the innermost entry at `span` out of a table; says whether there was one.
fn cut_table(
    span: Span,
    home: std::ops::Range<usize>,
    table: &mut DeTable<'_>,
    cut: &mut Vec<(Span, String)>,
) -> bool {
    for (key, value) in table.iter_mut() {
        let known = cut.len();
        if cut_value(span, value, cut) {
            // An element of a list has no name of its own.
            if cut.len() == known {
                cut.push((Span::new(home.start, home.end), key.get_ref().to_string()));
            }
            return true;
        }
    }
    let at = |range: std::ops::Range<usize>| range.start == span.start && range.end == span.end;
    let Some(key) = table
        .iter()
        .find(|(key, value)| at(key.span()) || at(value.span()))
        .map(|(key, _)| key.get_ref().to_string())
    else {
        return false;
    };
    table.remove(key.as_str());
    cut.push((Span::new(home.start, home.end), key));
    true
}

fn cut_value(span: Span, value: &mut Spanned<DeValue<'_>>, cut: &mut Vec<(Span, String)>) -> bool {
    let home = value.span();
    match value.get_mut() {
        DeValue::Table(table) => cut_table(span, home, table, cut),
        DeValue::Array(array) => cut_array(span, array, cut),
        _ => false,
    }
}

fn cut_array<'i>(span: Span, array: &mut DeArray<'i>, cut: &mut Vec<(Span, String)>) -> bool {
    for element in array.iter_mut() {
        if cut_value(span, element, cut) {
            return true;
        }
    }
    let at = |range: std::ops::Range<usize>| range.start == span.start && range.end == span.end;
    let before = array.len();
    let mut kept: DeArray<'i> = DeArray::new();
    for element in array.iter().filter(|element| !at(element.span())) {
        kept.push(element.clone());
    }
    *array = kept;
    array.len() < before
}
