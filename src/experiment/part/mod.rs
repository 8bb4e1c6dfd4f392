//! Replications that were simulated on different machines: each writes a part, and the parts
//! together are what one run gives.
//!
//! A part is text, a JSON object a line:
//!
//! 1. the head: version of the format, program, which slice it is, seed, strategies, and every text
//!    of the scenario, so that merging needs nothing but the parts;
//! 2. a line for each replication of each strategy, strategy by strategy, with every number that
//!    the outcome has, and no floating point;
//! 3. the end: how many lines there are before it, and their fingerprint.
//!
//! What can be had from the scenario again is not in it: names of steps and pools, and the estates
//! that replications draw.

mod column;
mod join;
mod line;

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use join::{JoinFault, join, misfits, results_of};

use crate::experiment::part::line::Line;
use crate::experiment::{Design, Results};
use crate::rng::Fingerprint;
use crate::scenario::{Checked, Limits, Scenario, SetOverride, Texts, check_texts};
use crate::shown::is_unseen;

/// Of the name of the file of every part.
pub const ENDING: &str = "ndjson";

/// More slices than any run has exercises worth a job.
const MOST_SLICES: u32 = 1_000_000;

/// By which a part is known as one.
const FORMAT: &str = "blackstart-part";

/// Version of the format; another one is refused.
const VERSION: u32 = 4;

/// Which slice of the replications: `3/16` is the third of sixteen.
///
/// Slice i of n has the replications from floor((i - 1) R / n) up to and without floor(i R / n), so
/// all of them together have each replication once; with more slices than replications some are
/// empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slice {
    number: u32,
    of: u32,
}

impl Slice {
    /// The slice of a number, from 1, of so many, if there is one.
    #[must_use]
    pub fn new(number: u32, of: u32) -> Option<Self> {
        (1..=of).contains(&number).then_some(Self { number, of })
    }

    /// The name of the file of its part among others. The numbers have zeros in front, so that a list
    /// by name is a list by number.
    #[must_use]
    pub fn file_name(self) -> String {
        let width = self.of.to_string().len();
        format!("part-{:0width$}-of-{}.{ENDING}", self.number, self.of)
    }

    /// The slice in whose part a file of this name is.
    #[must_use]
    pub fn of_file(name: &str) -> Option<Self> {
        let numbers = name.strip_prefix("part-")?.strip_suffix(ENDING)?.strip_suffix('.')?;
        let (number, of) = numbers.split_once("-of-")?;
        let slice = Self::new(number.parse().ok()?, of.parse().ok()?)?;
        (slice.file_name() == name).then_some(slice)
    }

    /// The slice's number, from 1.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.number
    }

    /// How many slices there are.
    #[must_use]
    pub const fn of(self) -> u32 {
        self.of
    }

    /// The numbers, from 0, of its replications, if there are so many in all.
    #[must_use]
    pub fn of_replications(self, replications: u32) -> Range<u32> {
        let up_to = |number: u32| {
            let place = u64::from(number) * u64::from(replications) / u64::from(self.of);
            u32::try_from(place).expect("a slice ends at the last replication")
        };
        up_to(self.number - 1)..up_to(self.number)
    }
}

impl fmt::Display for Slice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Slice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let whole =
            |text: &str| text.bytes().all(|it| it.is_ascii_digit()).then(|| text.parse().ok())?;
        let parts = text.split_once('/');
        let parts = parts.and_then(|(number, of)| Some((whole(number)?, whole(of)?)));
        let (number, of) = parts.ok_or("write which one and of how many: 3/16")?;
        if of > MOST_SLICES {
            return Err(format!("there are at most {MOST_SLICES} slices"));
        }
        if number == 0 || number > of {
            return Err(match of {
                0 => "there has to be one: 1/1".to_owned(),
                1 => "there is only 1/1".to_owned(),
                of => format!("they count from 1/{of} to {of}/{of}"),
            });
        }
        Ok(Self { number, of })
    }
}

impl TryFrom<String> for Slice {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Slice> for String {
    fn from(slice: Slice) -> Self {
        slice.to_string()
    }
}

/// What a part is of, and all that its replications were simulated from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartHead {
    format: String,
    version: u32,
    /// Name and version of the program that simulated it.
    pub program: String,
    /// Which slice of the replications.
    #[serde(rename = "shard")]
    pub slice: Slice,
    /// Replications of all slices together.
    pub replications: u32,
    /// Seed of every random number.
    pub seed: u64,
    /// The strategies that were simulated, in the order of the scenario.
    pub strategies: Vec<String>,
    /// The strategies that were asked for by name, as they were; empty where all are meant.
    pub asked: Vec<String>,
    /// The scenario's fingerprint.
    pub digest: String,
    /// What the scenario was read from.
    pub scenario: PartTexts,
}

/// The texts of a scenario as a part has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartTexts {
    /// The scenario's name.
    pub name: String,
    /// Its file, as it was named on the command line.
    pub path: String,
    /// What was overridden, as on the command line.
    pub set: Vec<SetOverride>,
    /// Whether a path may lead out of the scenario's folder.
    pub allow_outside: bool,
    /// The text of its file.
    pub main: String,
    /// The texts of the other files, by their paths from its folder.
    pub files: BTreeMap<String, String>,
}

impl PartTexts {
    /// Whether the name can be that of a file, and of the folder of its report.
    fn is_named_as_a_file(&self) -> bool {
        let letter = |it: char| !is_unseen(it) && !matches!(it, '/' | '\\');
        !matches!(self.name.as_str(), "" | "." | "..") && self.name.chars().all(letter)
    }
}

impl PartHead {
    /// The head of the part of this slice of an experiment with so many replications in all.
    #[must_use]
    pub fn new(
        slice: Slice,
        design: &Design,
        asked: &[String],
        (texts, overrides): (&Texts, &[SetOverride]),
        scenario: &Scenario,
    ) -> Self {
        let names = design.strategies.iter().map(|it| scenario.strategies[*it].name.clone());
        let files = texts.files.iter();
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            program: program(),
            slice,
            replications: design.replications,
            seed: design.seed,
            strategies: names.collect(),
            asked: asked.to_vec(),
            digest: fingerprint_of(scenario.digest),
            scenario: PartTexts {
                name: texts.name.clone(),
                path: texts.path.clone(),
                set: overrides.to_vec(),
                allow_outside: texts.allow_outside,
                main: texts.main.clone(),
                files: files
                    .filter_map(|(path, text)| Some((path.clone(), text.clone().ok()?)))
                    .collect(),
            },
        }
    }

    /// The numbers, from 0, of its replications.
    #[must_use]
    pub fn numbers(&self) -> Range<u32> {
        self.slice.of_replications(self.replications)
    }

    /// The same of another slice.
    #[must_use]
    pub fn of_slice(&self, slice: Slice) -> Self {
        Self { slice, ..self.clone() }
    }

    /// The fingerprint of all that the whole run follows from, whichever slice this is.
    ///
    /// # Panics
    /// Never: a head is text and numbers.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let whole = self.of_slice(Slice { number: 1, of: 1 });
        let text = serde_json::to_string(&whole).expect("a head is text and numbers");
        fingerprint_of(crate::rng::digest(&text))
    }

    /// What overrides the scenario's values.
    #[must_use]
    pub fn overrides(&self) -> &[SetOverride] {
        &self.scenario.set
    }

    /// The scenario, read again, if it is no larger than this.
    #[must_use]
    pub fn check(&self, limits: Limits) -> Checked {
        let it = &self.scenario;
        let files = it.files.iter().map(|(path, text)| (path.clone(), Ok(text.clone())));
        let texts = Texts {
            files: files.collect(),
            allow_outside: it.allow_outside,
            limits,
            ..Texts::alone(&it.name, &it.path, &it.main)
        };
        check_texts(&texts, self.overrides())
    }
}

fn program() -> String {
    format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
}

fn fingerprint_of(number: u64) -> String {
    format!("{number:016x}")
}

/// Writes a part: the outcomes of the slice that the head is of.
///
/// # Errors
/// When `out` takes no more.
///
/// # Panics
/// When the results are not those of the head's slice.
pub fn write_part(head: &PartHead, results: &Results, out: &mut dyn Write) -> io::Result<()> {
    let numbers = head.numbers();
    assert_eq!(results.replications, numbers.end - numbers.start, "a part has its own slice");
    let mut writing = Writing { out, lines: 0, fingerprint: Fingerprint::default() };
    writing.line(head)?;
    for (place, strategy) in results.strategies.iter().enumerate() {
        for (number, outcome) in numbers.clone().zip(&strategy.outcomes) {
            writing.line(&Line::of(place, number, &outcome.unpacked()))?;
        }
    }
    let end = end(writing.lines, writing.fingerprint);
    writing.out.write_all(end.as_bytes())
}

struct Writing<'a> {
    out: &'a mut dyn Write,
    lines: usize,
    fingerprint: Fingerprint,
}

impl Writing<'_> {
    fn line(&mut self, line: &impl Serialize) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.lines += 1;
        self.fingerprint.add(&text);
        self.out.write_all(&text)
    }
}

fn end(lines: usize, fingerprint: Fingerprint) -> String {
    let fingerprint = fingerprint_of(fingerprint.finish());
    format!("{{\"lines\":{lines},\"fingerprint\":\"{fingerprint}\"}}\n")
}

/// Why a file cannot be used as a part.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartError {
    /// It is something else.
    #[error("is not a part of a run")]
    NotAPart,
    /// It was written by another version of the program, in another format.
    #[error(
        "is in version {0} of the format of parts, and this program reads version {VERSION}: \
         merge with the program that simulated it"
    )]
    OtherVersion(u32),
    /// It is not as it was written.
    #[error("is damaged or cut short: its last line does not fit those before it")]
    Damaged,
    /// A line of it makes no sense.
    #[error("is not as parts are written: line {0}: {1}")]
    Malformed(usize, String),
}

/// A part that is whole: its head, and the lines of its replications.
#[derive(Clone, Debug)]
pub struct Part {
    /// What it is of.
    pub head: PartHead,
    bytes: Vec<u8>,
}

/// What every version of the format begins with.
#[derive(Deserialize)]
struct Opening {
    format: String,
    version: u32,
}

impl Part {
    /// Reads what a file has.
    ///
    /// # Errors
    /// When it is no part, or not a whole one.
    pub fn open(bytes: Vec<u8>) -> Result<Self, PartError> {
        let head = bytes.split_inclusive(|it| *it == b'\n').next().unwrap_or_default();
        if !is_part(head) {
            return Err(PartError::NotAPart);
        }
        if let Ok(Opening { format, version }) = serde_json::from_slice(head) {
            match (format == FORMAT, version == VERSION) {
                (false, _) => return Err(PartError::NotAPart),
                (true, false) => return Err(PartError::OtherVersion(version)),
                (true, true) => {}
            }
        }
        let (mut lines, mut fingerprint, mut rest) = (0, Fingerprint::default(), &bytes[..]);
        let last = loop {
            let Some(length) = rest.iter().position(|it| *it == b'\n').map(|it| it + 1) else {
                return Err(PartError::Damaged);
            };
            if length == rest.len() {
                break rest;
            }
            fingerprint.add(&rest[..length]);
            (lines, rest) = (lines + 1, &rest[length..]);
        };
        if last != end(lines, fingerprint).as_bytes() {
            return Err(PartError::Damaged);
        }
        let malformed = |it: serde_json::Error| PartError::Malformed(1, it.to_string());
        let head: PartHead = serde_json::from_slice(head).map_err(malformed)?;
        if !head.scenario.is_named_as_a_file() {
            let told = "the name of the scenario is none that a file can have".to_owned();
            return Err(PartError::Malformed(1, told));
        }
        let due = head.strategies.len() * head.numbers().len();
        if lines != 1 + due {
            let told = format!("{due} lines are due behind it, not {}", lines - 1);
            return Err(PartError::Malformed(1, told));
        }
        Ok(Self { head, bytes })
    }

    /// What the part in a file is of, where that can be told although the part is not whole.
    #[must_use]
    pub fn head_of(bytes: &[u8]) -> Option<PartHead> {
        let head = bytes.split(|it| *it == b'\n').next().filter(|it| is_part(it))?;
        let head: PartHead = serde_json::from_slice(head).ok()?;
        (head.version == VERSION).then_some(head)
    }

    /// The lines of its replications, each with its number in the file.
    fn lines(&self) -> impl Iterator<Item = (usize, Result<Line, PartError>)> {
        let lines = self.bytes.split(|it| *it == b'\n').enumerate().skip(1);
        let all = self.head.strategies.len() * self.head.numbers().len();
        lines.take(all).map(|(index, line)| {
            let malformed = |it: serde_json::Error| PartError::Malformed(index + 1, it.to_string());
            (index + 1, serde_json::from_slice(line).map_err(malformed))
        })
    }
}

/// Whether what begins so may be a part, whole or not, in any version: then a new part may take its
/// place.
#[must_use]
pub fn is_part(beginning: &[u8]) -> bool {
    beginning.starts_with(format!("{{\"format\":\"{FORMAT}\",").as_bytes())
}
