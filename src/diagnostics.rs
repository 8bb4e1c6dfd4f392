//! Faults in what people wrote: a [`Diagnostic`] with its [`Code`], the sink that collects them
//! all, and their rendering against the source text.
//!
//! Nothing here knows what a scenario is. A fault says what is wrong, where, and what to do; the
//! wording of each is chosen where it is found.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::OnceLock;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use indexmap::IndexSet;
use schemars::JsonSchema;
use serde::Serialize;

use crate::shown::{Shown, guarded, is_unseen};

/// A range of bytes in [`Sources`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The range from `start` up to and without `end`.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }
}

/// A place as people and other programs name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The text's name, such as its path, with `/` between its parts.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted in characters from 1.
    pub column: usize,
}

/// The texts that a scenario is read from, laid end to end, so that one number is a place.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    sources: Vec<Source>,
}

#[derive(Clone, Debug)]
struct Source {
    name: String,
    text: String,
    base: usize,
    /// Where each line begins, once somebody has asked for the number of one.
    lines: OnceLock<Vec<usize>>,
}

impl Sources {
    /// One text under the name that messages show, such as its path.
    #[must_use]
    pub fn of(name: &str, text: &str) -> Self {
        let mut sources = Self::default();
        sources.add(name, text);
        sources
    }

    /// Adds a text and returns the place of its first byte.
    pub fn add(&mut self, name: &str, text: &str) -> usize {
        let base = self.sources.last().map_or(0, |last| last.base + last.text.len() + 1);
        let (name, text) = (Shown(name).to_string(), text.to_owned());
        self.sources.push(Source { name, text, base, lines: OnceLock::new() });
        base
    }

    /// Every text with the place of its first byte.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (usize, &str)> {
        self.sources.iter().map(|source| (source.base, source.text.as_str()))
    }

    /// What stands at `span`.
    #[must_use]
    pub fn text(&self, span: Span) -> &str {
        let source = self.holding(span);
        &source.text[source.within(span)]
    }

    /// The name of the text and the line, counted from 1, on which `span` begins.
    #[must_use]
    pub fn line(&self, span: Span) -> (&str, usize) {
        let source = self.holding(span);
        (&source.name, source.line(source.within(span).start).0)
    }

    /// Where `span` begins, for people and for other programs.
    #[must_use]
    pub fn place(&self, span: Span) -> Place {
        let source = self.holding(span);
        let start = source.within(span).start;
        let (line, begins) = source.line(start);
        let column = 1 + source.text[begins..start].chars().count();
        Place { file: source.name.replace('\\', "/"), line, column }
    }

    /// The number of the text, in the order in which they were added, in which `span` lies.
    #[must_use]
    pub fn number(&self, span: Span) -> usize {
        let number = self.sources.iter().rposition(|source| source.base <= span.start);
        number.expect("every span was made from one of the sources")
    }

    fn holding(&self, span: Span) -> &Source {
        &self.sources[self.number(span)]
    }
}

impl Source {
    /// The text from the first to the last line of some places, the number of that first line, and
    /// how far into the text it begins: only lines that are pointed at are worth looking through.
    fn around(&self, places: &[Marked<'_>]) -> (&str, usize, usize) {
        let places = places.iter().map(|(_, span, _)| self.within(*span));
        let (first, last) = places.fold((self.text.len(), 0), |(first, last), it| {
            (first.min(it.start), last.max(it.end))
        });
        let (line, start) = self.line(first);
        let end = self.text[last..].find('\n').map_or(self.text.len(), |it| last + it);
        (&self.text[start..end], line, start)
    }

    /// The number of the line in which a place of the text lies, counted from 1, and where it begins.
    fn line(&self, place: usize) -> (usize, usize) {
        let lines = self.lines.get_or_init(|| {
            let ends = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(ends.map(|(end, _)| end + 1)).collect()
        });
        let number = lines.partition_point(|begins| *begins <= place);
        (number, lines[number - 1])
    }

    fn within(&self, span: Span) -> std::ops::Range<usize> {
        let clamp = |place: usize| {
            let place = place.saturating_sub(self.base).min(self.text.len());
            (0..=place).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0)
        };
        clamp(span.start)..clamp(span.end.max(span.start))
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal,)*) => {
        /// What kind of fault it is; stable, so that scripts may look for it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $($(#[doc = $doc])* $name,)* }

        impl Code {
            /// Every code, in the order of this list.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The code as messages show it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// What kind of fault that is, in a sentence.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),*).trim_start(),)* }
            }
        }
    };
}

codes! {
    /// The text is not TOML, or a row of a table has too few or too many cells.
    Syntax = "syntax",
    /// A file that cannot be read, or an override of the list of files.
    Unreadable = "unreadable",
    /// A path that leads out of the scenario's folder.
    OutsidePath = "outside-path",
    /// A version of the scenario format that this program does not know.
    UnknownSchema = "unknown-schema",
    /// A key that the scenario format does not have.
    UnknownKey = "unknown-key",
    /// An override of what is not there and cannot be.
    UnknownAddress = "unknown-address",
    /// One of a fixed set of words was due.
    UnknownChoice = "unknown-choice",
    /// A value of another kind than the key takes.
    WrongType = "wrong-type",
    /// A key without which the table means nothing.
    MissingKey = "missing-key",
    /// Two keys that exclude each other.
    ConflictingKeys = "conflicting-keys",
    /// Two things of one kind with one name.
    DuplicateName = "duplicate-name",
    /// A number where a quantity with a unit is due.
    BareNumber = "bare-number",
    /// A text that is not a quantity of the kind that is due.
    BadQuantity = "bad-quantity",
    /// A time beyond what can be simulated.
    TimeOverflow = "time-overflow",
    /// A name that is empty, or a text in which something is that nobody sees.
    BadName = "bad-name",
    /// More of something than there may be, unless that is raised with `--limit`.
    TooMany = "too-many",
    /// A number outside of its range.
    OutOfRange = "out-of-range",
    /// An expectation that cannot be read.
    BadExpression = "bad-expression",
    /// A probability or a share outside of 0 to 1.
    BadShare = "bad-share",
    /// Parameters that describe no distribution.
    BadDistribution = "bad-distribution",
    /// A service that the estate does not have.
    UnknownService = "unknown-service",
    /// A product that the estate does not have.
    UnknownProduct = "unknown-product",
    /// A region that the estate does not have.
    UnknownRegion = "unknown-region",
    /// A tier that the estate does not have.
    UnknownTier = "unknown-tier",
    /// A customer that the estate does not have.
    UnknownCustomer = "unknown-customer",
    /// A team that the scenario does not have.
    UnknownTeam = "unknown-team",
    /// A limit that the scenario does not have.
    UnknownLimit = "unknown-limit",
    /// A throughput that the scenario does not have.
    UnknownThroughput = "unknown-throughput",
    /// A runbook that the scenario does not have.
    UnknownRunbook = "unknown-runbook",
    /// A step that the runbook does not have.
    UnknownStep = "unknown-step",
    /// A track that the strategy does not have.
    UnknownTrack = "unknown-track",
    /// A milestone that the incident does not have.
    UnknownMilestone = "unknown-milestone",
    /// A time zone that the world does not have.
    UnknownZone = "unknown-zone",
    /// A strategy that the scenario does not have.
    UnknownStrategy = "unknown-strategy",
    /// A figure that there is not, or not in this list.
    UnknownFigure = "unknown-figure",
    /// A baseline of something else.
    Incompatible = "incompatible",
    /// A site that the estate does not have.
    UnknownSite = "unknown-site",
    /// Things that wait for each other in a circle.
    Cycle = "cycle",
    /// Steps that could wait for each other's limits for ever.
    Deadlock = "deadlock",
    /// A step that needs more of a pool than there ever is.
    DemandAboveCapacity = "demand-above-capacity",
    /// A selection that no site can match.
    EmptySelection = "empty-selection",
    /// A step that waits for something that may never come.
    NeverReached = "never-reached",
    /// A name that something had before.
    OldName = "old-name",
    /// Something that is legal and changes nothing.
    NoEffect = "no-effect",
    /// Something that is legal and probably not meant.
    Suspicious = "suspicious",
}

/// How bad a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The scenario cannot be used.
    Error,
    /// Look at this before you believe the result.
    Warning,
}

/// One fault, where it is, and what to do about it.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// What kind of fault.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// Where; nothing when it belongs to no place in a text.
    pub span: Option<Span>,
    /// The fact, in lower case and without a full stop.
    pub message: String,
    /// How many were found before it.
    nth: usize,
    /// What to do, a sentence each.
    pub helps: Vec<String>,
    /// Other places that belong to it, each with a few words.
    pub related: Vec<(Span, String)>,
}

impl Diagnostic {
    /// Adds a sentence on what to do.
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.helps.push(brief(&guarded(&help.into())));
        self
    }

    /// Adds another place that belongs to the fault.
    pub fn related(&mut self, span: Span, words: impl Into<String>) -> &mut Self {
        self.related.push((span, guarded(&words.into()).into_owned()));
        self
    }

    /// Says which of the choices was probably meant, if one is close; for lists that are too long
    /// to be shown.
    pub fn help_close<'a>(
        &mut self,
        written: &str,
        choices: impl IntoIterator<Item = &'a str>,
    ) -> &mut Self {
        if self.nth >= MOST_ADVISED {
            return self;
        }
        let choices: Vec<&str> = choices.into_iter().collect();
        match closest(written, &choices) {
            Some(close) => self.help(format!("did you mean `{close}`?")),
            None => self,
        }
    }

    /// Adds `did you mean ...`, or the list of what there is when nothing is close.
    pub fn help_choose<'a>(
        &mut self,
        written: &str,
        choices: impl IntoIterator<Item = &'a str>,
    ) -> &mut Self {
        if self.nth >= MOST_ADVISED {
            return self;
        }
        let choices: IndexSet<&str> = choices.into_iter().collect();
        let choices: Vec<&str> = choices.into_iter().collect();
        match closest(written, &choices) {
            Some(close) => self.help(format!("did you mean `{close}`?")),
            None if choices.is_empty() => self.help("there is none to choose from"),
            None => self.help(format!("choose from {}", list(&choices))),
        }
    }
}

/// Collects every fault that is found, so that one run shows them all.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Records an error; the answer takes helps and related places.
    pub fn error(&mut self, code: Code, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.push(code, Severity::Error, Some(span), message.into())
    }

    /// Records a warning; the answer takes helps and related places.
    pub fn warning(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        self.push(code, Severity::Warning, Some(span), message.into())
    }

    /// Records an error that belongs to no place in a text, such as a file that is not there.
    pub fn error_without_place(
        &mut self,
        code: Code,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        self.push(code, Severity::Error, None, message.into())
    }

    fn push(
        &mut self,
        code: Code,
        severity: Severity,
        span: Option<Span>,
        message: String,
    ) -> &mut Diagnostic {
        self.list.push(Diagnostic {
            code,
            severity,
            span,
            message: brief(&guarded(&message)),
            nth: self.list.len(),
            helps: Vec::new(),
            related: Vec::new(),
        });
        self.list.last_mut().expect("a diagnostic was pushed on the line above")
    }

    /// Every fault in the order in which they were found.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// Drops what has been said of the same place before, in the same words.
    pub(crate) fn tell_once(&mut self) {
        let mut told: BTreeSet<(Span, Code, String)> = BTreeSet::new();
        self.list.retain(|it| {
            it.span.is_none_or(|span| told.insert((span, it.code, it.message.clone())))
        });
    }

    /// Drops what is not worth telling.
    pub(crate) fn retain(&mut self, keep: impl FnMut(&Diagnostic) -> bool) {
        self.list.retain(keep);
    }

    /// How many errors there are.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.list.iter().filter(|it| it.severity == Severity::Error).count()
    }

    /// How many warnings there are.
    #[must_use]
    pub fn warnings(&self) -> usize {
        self.list.len() - self.errors()
    }

    /// Every fault in the order of its place, those without a place first.
    #[must_use]
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let mut list: Vec<&Diagnostic> = self.list.iter().collect();
        list.sort_by_key(|it| (it.span, it.severity, it.code));
        list
    }

    /// The faults as text, in the order of their places, with the line, a caret and what to do: the
    /// first hundred errors, as many warnings as a hundred leaves room for, and how many more there are.
    ///
    /// `colour` writes ANSI escapes for a terminal.
    #[must_use]
    pub fn render(&self, sources: &Sources, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let renderer = renderer.decor_style(DecorStyle::Ascii);
        let mut text = String::new();
        let (mut errors, mut warnings) = (MOST_SHOWN, MOST_SHOWN - self.errors().min(MOST_SHOWN));
        let (mut hidden_errors, mut hidden_warnings) = (0, 0);
        for diagnostic in self.sorted() {
            let (left, hidden) = match diagnostic.severity {
                Severity::Error => (&mut errors, &mut hidden_errors),
                Severity::Warning => (&mut warnings, &mut hidden_warnings),
            };
            if *left == 0 {
                *hidden += 1;
                continue;
            }
            *left -= 1;
            let shown = renderer.render(&[diagnostic.group(sources)]);
            // The lines of a text may have in them whatever the text has.
            let seen = |it: char| it == '\n' || it == '\u{1b}' && colour || !is_unseen(it);
            text.extend(shown.chars().map(|it| if seen(it) { it } else { '\u{fffd}' }));
            text.push_str("\n\n");
        }
        let hidden = [(hidden_errors, "error"), (hidden_warnings, "warning")];
        let hidden = hidden.iter().filter(|it| it.0 > 0).map(|it| count(it.0, it.1));
        let hidden = hidden.collect::<Vec<_>>().join(" and ");
        if !hidden.is_empty() {
            let _ = write!(text, "and {hidden} more; mend these first\n\n");
        }
        text
    }

    /// `3 errors, 1 warning`.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut text = count(self.errors(), "error");
        if self.warnings() > 0 {
            let _ = write!(text, ", {}", count(self.warnings(), "warning"));
        }
        text
    }
}

impl Diagnostic {
    fn group<'a>(&'a self, sources: &'a Sources) -> Group<'a> {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group =
            Group::with_title(level.primary_title(self.message.as_str()).id(self.code.as_str()));
        if let Some(span) = self.span {
            for (file, places) in self.places_by_file(span, sources) {
                let (text, line, start) = file.around(&places);
                if text.len() > LONGEST_LINE {
                    let place = format!("it is in a very long line: {}:{line}", file.name);
                    group = group.element(Level::NOTE.message(place));
                    continue;
                }
                let annotations = places.into_iter().map(|(kind, span, label)| {
                    let place = file.within(span);
                    let place = place.start - start..place.end - start;
                    kind.span(place).label((!label.is_empty()).then_some(label))
                });
                group = group.element(
                    Snippet::source(text)
                        .line_start(line)
                        .path(file.name.as_str())
                        .annotations(annotations),
                );
            }
        }
        for help in &self.helps {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        group
    }

    fn places_by_file<'a>(
        &'a self,
        span: Span,
        sources: &'a Sources,
    ) -> Vec<(&'a Source, Vec<Marked<'a>>)> {
        let home = sources.holding(span);
        let mut files = vec![(home, vec![(AnnotationKind::Primary, span, "")])];
        for (span, words) in &self.related {
            let file = sources.holding(*span);
            let place = (AnnotationKind::Context, *span, words.as_str());
            match files.iter_mut().find(|(known, _)| known.base == file.base) {
                Some((_, places)) => places.push(place),
                None => files.push((file, vec![place])),
            }
        }
        files
    }
}

/// More faults than anybody reads at once.
const MOST_SHOWN: usize = 100;

/// Faults of which it is looked up what may have been meant.
pub(crate) const MOST_ADVISED: usize = 200;

/// A longer line is not shown with what is wrong in it.
const LONGEST_LINE: usize = 10_000;

/// What a message points at, with the words beside it.
type Marked<'a> = (AnnotationKind, Span, &'a str);

/// The choice nearest to what was written, if any is near enough to be a slip.
///
/// The time grows with the number of choices whose lengths are near enough, and with the square of the
/// length; what is longer than any name is near to none.
#[must_use]
pub fn closest<'a>(written: &str, choices: &[&'a str]) -> Option<&'a str> {
    let length = written.chars().count();
    if length > LONGEST_NAME {
        return None;
    }
    // A third of the letters may be wrong; beyond that a guess confuses more than it helps.
    let allowed = |choice: usize| (length.max(choice) / 3).max(1);
    let near = |choice: &&'a str| {
        let choice = choice.chars().count();
        length.abs_diff(choice) <= allowed(choice)
    };
    let distance = |choice: &'a str| (choice, strsim::damerau_levenshtein(written, choice));
    let near = choices.iter().copied().filter(near).map(distance);
    let (best, off) = near.min_by_key(|(_, off)| *off)?;
    (off <= allowed(best.chars().count())).then_some(best)
}

/// In letters.
const LONGEST_NAME: usize = 256;

/// What is longer than anybody reads, without its middle.
fn brief(text: &str) -> String {
    const MOST: usize = 2_000;
    if text.len() <= MOST {
        return text.to_owned();
    }
    let begins: String = text.chars().take(MOST / 4).collect();
    let ends: Vec<char> = text.chars().rev().take(MOST / 8).collect();
    format!("{begins} ... {}", ends.iter().rev().collect::<String>())
}

/// ``a`, `b` or `c``: names for a sentence.
#[must_use]
pub fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

/// `1 error`, `2 errors`.
#[must_use]
pub fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}
