//! From text to [`Spec`]: every fault of form at once.
//!
//! The tree is parsed first, with recovery; then it is read into the structures, and each entry that
//! does not fit is reported and cut out. What was cut is remembered, so that a key at fault is not
//! also reported as missing.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostics::{Code, Diagnostics, Sources, Span, closest};
use crate::spec::address::{
    Address, DEEPEST, Form, Input, Override, Quantity, decisive_inputs, inputs, is_chosen, lay,
    of_element, quantities,
};
use crate::spec::limits::{Limits, is_too_large};
use crate::spec::reader::{Listener, Node, Reader};
use crate::spec::scenario::{SOURCES, Spec, schema};
use crate::spec::words::check_words;

/// A scenario as written, with what was cut out of it.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    pub spec: Spec,
    pub assumptions: Vec<Assumption>,
    /// How large the scenario may be.
    pub limits: Limits,
    /// The text is so far from a scenario that nothing can be said about its meaning.
    pub unreadable: bool,
    /// Each table out of which something was cut, with the key of that.
    cut: BTreeSet<(Span, String)>,
    /// The keys of all that.
    cut_keys: BTreeSet<String>,
}

impl Parsed {
    /// Whether any of these keys was written anywhere, but so badly that it was cut out.
    pub(crate) fn cut_any(&self, keys: &[&str]) -> bool {
        keys.iter().any(|key| self.cut_keys.contains(*key))
    }

    /// Whether anything was cut out of the table at `table`.
    fn has_cut_from(&self, table: Span) -> bool {
        let first = self.cut.range((table, String::new())..).next();
        first.is_some_and(|it| it.0 == table)
    }

    /// Whether `key` of the table at `table` was written, but so badly that it was cut out.
    pub(crate) fn was_cut(&self, table: Span, key: &str) -> bool {
        self.cut.contains(&(table, key.to_owned()))
    }
}

/// Where the values of a table come from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Assumption {
    /// The table, such as `teams.database`.
    pub address: Address,
    /// `measured`, `published`, `fitted` or `guess`.
    pub source: String,
    /// Why the values are what they are.
    pub note: Option<String>,
    /// By what factor it may be off, where that is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub off_by: Option<f64>,
}

/// Reads the first sources, a file each, as one scenario and lays the overrides over it.
pub(crate) fn parse(
    sources: &Sources,
    files: usize,
    overrides: &[Override],
    limits: Limits,
    diagnostics: &mut Diagnostics,
) -> Parsed {
    if refuses_size(sources, files, &limits, diagnostics) {
        return Parsed { unreadable: true, limits, ..Parsed::default() };
    }
    let padded = padded(sources);
    let made: Vec<OnceCell<String>> = overrides.iter().map(|_| OnceCell::new()).collect();
    let (mut tree, unreadable) = merge_files(&padded[..files], sources, diagnostics);
    lay(overrides, &padded, &made, (sources, schema), tree.get_mut(), diagnostics);
    let mut parsed = Parsed { unreadable, limits, ..Parsed::default() };
    if is_deeper(tree.get_ref(), DEEPEST) {
        diagnostics
            .error(Code::Syntax, Span::default(), format!("tables lie over {DEEPEST} deep"))
            .help("a scenario is at most eight deep; look for a key with many dots");
        parsed.unreadable = true;
        return parsed;
    }
    check_words(tree.get_ref(), sources, diagnostics);
    take_assumptions(&Address::default(), tree.get_mut(), &mut parsed.assumptions, diagnostics);
    let mut root = Node::of_table(tree);
    let mut telling = Telling { sources, diagnostics, parsed: &mut parsed, heard: 0 };
    loop {
        let before = telling.heard();
        match Spec::deserialize(Reader::new(&mut root, &mut telling)) {
            Ok(spec) => {
                parsed.spec = spec;
                return parsed;
            }
            Err(fault) if fault.is_told() && telling.heard() > before => {}
            Err(_) => {
                parsed.unreadable = true;
                return parsed;
            }
        }
    }
}

/// Whether a file is too large to be read; each is told.
fn refuses_size(
    sources: &Sources,
    files: usize,
    limits: &Limits,
    diagnostics: &mut Diagnostics,
) -> bool {
    let before = diagnostics.errors();
    for (base, text) in sources.texts().take(files) {
        if let Some(many) = is_too_large(text, limits) {
            let message = format!("this file is too large: {many}");
            diagnostics.error(Code::TooMany, Span::new(base, base), message).help(many.help());
        }
    }
    diagnostics.errors() > before
}

/// Tells of what does not fit into the structures, and remembers what was left out for it.
struct Telling<'a> {
    sources: &'a Sources,
    diagnostics: &'a mut Diagnostics,
    parsed: &'a mut Parsed,
    heard: usize,
}

impl Listener for Telling<'_> {
    fn heard(&self) -> usize {
        self.heard
    }

    fn hear(&mut self, message: &str, span: Span, table: Span, key: &str) {
        self.heard += 1;
        // A table that is empty because of what was cut out of it has been told.
        let wants_one =
            ["found 0 elements", "expected enum"].iter().any(|it| message.ends_with(it));
        let emptied = wants_one && self.parsed.has_cut_from(span);
        let meant = match emptied {
            true => None,
            false => report(message, span, self.sources, self.diagnostics),
        };
        let key = meant.unwrap_or_else(|| key.to_owned());
        self.parsed.cut_keys.insert(key.clone());
        self.parsed.cut.insert((table, key));
    }
}

/// Everything that can be overridden in a scenario, behind some overrides; nothing where it lies
/// deeper than any scenario.
pub(crate) fn inputs_of(sources: &Sources, files: usize, overrides: &[Override]) -> Vec<Input> {
    listed(sources, files, overrides, inputs)
}

/// Those of [`inputs_of`] from which results follow.
pub(crate) fn decisive_inputs_of(
    sources: &Sources,
    files: usize,
    overrides: &[Override],
) -> Vec<Input> {
    let format = Form::top(schema());
    listed(sources, files, overrides, |table| decisive_inputs(table, &format))
}

/// Every quantity of a scenario that a factor can change, behind some overrides.
pub(crate) fn quantities_of(
    sources: &Sources,
    files: usize,
    overrides: &[Override],
) -> Vec<Quantity> {
    let format = Form::top(schema());
    listed(sources, files, overrides, |table| quantities(table, &format))
}

fn listed<T>(
    sources: &Sources,
    files: usize,
    overrides: &[Override],
    list: impl Fn(&DeTable<'_>) -> Vec<T>,
) -> Vec<T> {
    let (padded, mut unheard) = (padded(sources), Diagnostics::default());
    let made: Vec<OnceCell<String>> = overrides.iter().map(|_| OnceCell::new()).collect();
    let (mut tree, _) = merge_files(&padded[..files], sources, &mut unheard);
    lay(overrides, &padded, &made, (sources, schema), tree.get_mut(), &mut unheard);
    if is_deeper(tree.get_ref(), DEEPEST) { Vec::new() } else { list(tree.get_ref()) }
}

/// Every text behind as much white space as there is text before it, so that the places which the
/// parser reports are places in all the sources.
fn padded(sources: &Sources) -> Vec<String> {
    let padded = sources.texts().map(|(base, text)| {
        // An editor may have put the mark of UTF-8 before it.
        let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
        " ".repeat(base + text.len() - bare.len()) + bare
    });
    padded.collect()
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
        merge(&Address::default(), &mut whole, part, DEEPEST, diagnostics);
    }
    let place = own.span();
    merge(&Address::default(), &mut whole, own.into_inner(), DEEPEST, diagnostics);
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

/// Lays one table over another: tables are merged, budgets and levers are put behind each other, anything else
/// may be there only once.
fn merge<'i>(
    table: &Address,
    into: &mut DeTable<'i>,
    from: DeTable<'i>,
    deepest: usize,
    diagnostics: &mut Diagnostics,
) {
    for (key, value) in from {
        let name = key.get_ref().to_string();
        let address = table.key(&name);
        let known = into.iter().find(|it| *it.0.get_ref() == name).map(|it| it.0.span());
        let Some(known) = known else {
            into.insert(key, value);
            continue;
        };
        match (into.get_mut(name.as_str()).map(Spanned::get_mut), value.into_inner()) {
            (Some(DeValue::Table(into)), DeValue::Table(from)) => {
                // What lies deeper than any scenario is refused as a whole.
                if deepest > 0 {
                    merge(&address, into, from, deepest - 1, diagnostics);
                }
                continue;
            }
            // A house has budgets and levers for all its scenarios, and a scenario has some of its own.
            (Some(DeValue::Array(into)), DeValue::Array(from))
                if address.names() == ["budgets"] || address.names() == ["levers"] =>
            {
                from.into_iter().for_each(|it| into.push(it));
                continue;
            }
            _ => {}
        }
        let again = Span::new(key.span().start, key.span().end);
        diagnostics
            .error(Code::DuplicateName, again, format!("`{address}` is given twice"))
            .related(Span::new(known.start, known.end), "it is given here too")
            .help("leave it out of one of the files; `--set` overrides a value");
    }
}

/// Takes `source`, `note` and `off_by` out of every table, and remembers them.
fn take_assumptions(
    address: &Address,
    table: &mut DeTable<'_>,
    assumptions: &mut Vec<Assumption>,
    diagnostics: &mut Diagnostics,
) {
    let source = take_text("source", table);
    let note = take_text("note", table).map(|(_, text)| text);
    let off_by = take_off_by(address, table, source.is_some(), diagnostics);
    if let Some((span, source)) = source {
        if SOURCES.contains(&source.as_str()) {
            assumptions.push(Assumption { address: address.clone(), source, note, off_by });
        } else {
            diagnostics
                .error(Code::UnknownChoice, span, format!("`{source}` is not a source of values"))
                .help_choose(&source, SOURCES);
        }
    }
    for (key, value) in table.iter_mut() {
        let address = address.key(key.get_ref());
        take_assumptions_of_value(&address, value.get_mut(), assumptions, diagnostics);
    }
}

fn take_assumptions_of_value(
    address: &Address,
    value: &mut DeValue<'_>,
    assumptions: &mut Vec<Assumption>,
    diagnostics: &mut Diagnostics,
) {
    match value {
        DeValue::Table(table) => take_assumptions(address, table, assumptions, diagnostics),
        DeValue::Array(list) => {
            for (address, element) in of_element(address, list).iter().zip(list.iter_mut()) {
                take_assumptions_of_value(address, element.get_mut(), assumptions, diagnostics);
            }
        }
        _ => {}
    }
}

/// By what factor the values of a table may be off: `"2x"`, or a number. A thing of that name is left
/// alone.
fn take_off_by(
    address: &Address,
    table: &mut DeTable<'_>,
    has_source: bool,
    diagnostics: &mut Diagnostics,
) -> Option<f64> {
    if table.get("off_by").is_none_or(|it| it.get_ref().is_table()) {
        return None;
    }
    let (_, value) = table.remove_entry("off_by").expect("the key was found on the line above");
    let span = Span::new(value.span().start, value.span().end);
    if !has_source {
        diagnostics
            .error(Code::MissingKey, span, "`off_by` stands there without `source`")
            .help("add `source = \"guess\"`, or leave `off_by` out");
        return None;
    }
    if is_chosen(address) {
        diagnostics
            .warning(
                Code::NoEffect,
                span,
                format!("nothing in `{address}` is in doubt: it is chosen"),
            )
            .help("leave `off_by` out");
    }
    let number = match value.get_ref() {
        DeValue::String(text) => {
            text.trim().strip_suffix('x').and_then(|it| it.trim().parse().ok())
        }
        DeValue::Integer(number) => number.as_str().parse().ok(),
        DeValue::Float(number) => number.as_str().parse().ok(),
        _ => None,
    };
    let number = number.filter(|it: &f64| (1.0..=MOST_OFF).contains(it) && *it > 1.0);
    if number.is_none() {
        diagnostics
            .error(Code::OutOfRange, span, "`off_by` is a factor above 1, and at most 1000")
            .help(
                "write `off_by = \"2x\"`: 9 times in 10 the value lies between half and twice that",
            );
    }
    number
}

/// A guess that may be off by more is none.
const MOST_OFF: f64 = 1_000.0;

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
        let close = closest(first, &choices).map(str::to_owned);
        let fault = diagnostics.error(Code::UnknownKey, span, format!("unknown key `{first}`"));
        match &close {
            Some(close) => fault.help(format!("did you mean `{close}`?")),
            None => fault.help_choose(first, choices),
        };
        return close;
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
        "enum" => "a table with one key",
        _ if expected.starts_with("exactly 1 element") => "a table with one key",
        other => other,
    }
}
