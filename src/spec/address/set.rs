//! `--set`: overrides laid over what the files say.

use std::cell::OnceCell;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use indexmap::IndexSet;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostics::{Code, Diagnostics, Sources, Span, list};

use super::change::{self, Change, Changes, Refusal, Subject};
use super::form::{Form, Key};
use super::nearest::nearest;
use super::tree::{self, find, written, written_table};
use super::{Address, Part};

/// What every table may say of where its values come from.
pub(super) const OF_SOURCES: [&str; 3] = ["source", "note", "off_by"];
/// More than that many addresses are no help.
const MOST_MEANT: usize = 3;

/// An override of one input: `--set teams.database.people=8`, or a change of what stands there:
/// `--set teams.database.people*=1.5`, `--set policy.rto+=30m`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SetOverride {
    /// Which input.
    pub address: Address,
    /// What becomes of what stands there.
    pub change: Change,
    /// The value as TOML, or what it is changed by; a text that is no TOML stands for itself.
    pub value: String,
}

impl FromStr for SetOverride {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let usage = "write an address, `=` and a value: teams.database.people=8";
        let (address, rest) = Address::read(text).map_err(|fault| format!("{fault}: {usage}"))?;
        let changes = [Change::Replace, Change::Times, Change::Plus];
        let read = |it: Change| Some((it, rest.strip_prefix(&it.to_string())?.trim()));
        let (change, value) = changes.into_iter().find_map(read).ok_or(usage)?;
        if change != Change::Replace && value.is_empty() {
            return Err(format!("write what to change it by: {address}{change}1.5"));
        }
        Ok(Self { address, change, value: value.to_owned() })
    }
}

impl fmt::Display for SetOverride {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.address, self.change, self.value)
    }
}

impl TryFrom<String> for SetOverride {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<SetOverride> for String {
    fn from(set: SetOverride) -> Self {
        set.to_string()
    }
}

/// An override, and where in the sources it stands.
#[derive(Clone, Debug)]
pub(crate) struct Override {
    pub set: SetOverride,
    pub source: usize,
}

impl Override {
    /// Adds an override to the sources, as the text of this number.
    pub(crate) fn new(set: SetOverride, source: usize, sources: &mut Sources) -> Self {
        let text = match set.change {
            Change::Replace => as_toml(&set.value),
            Change::Times | Change::Plus => format!("--set {set}"),
        };
        sources.add(&format!("--set {}", set.address), &text);
        Self { set, source }
    }
}

/// A value as a TOML text; a bare word such as `6h` stands for the text itself, and so does a date:
/// scenarios have dates as texts.
fn as_toml(value: &str) -> String {
    let plain = format!("value = {value}");
    let read = plain.parse::<toml::Table>();
    // A text may go on with keys and tables of its own, which are no part of a value.
    let is_value = |table: toml::Table| {
        table.len() == 1 && table.get("value").is_some_and(|it| !it.is_datetime())
    };
    if read.is_ok_and(is_value) {
        plain
    } else {
        format!("value = {}", toml::Value::String(value.to_owned()))
    }
}

/// Lays overrides over a scenario, one after the other. `texts` are the sources, each behind as much
/// white space as there is text before it; what a change makes of a value is kept in `made`. What is
/// not there may come to be where the schema of the format has it.
pub(crate) fn lay<'i>(
    overrides: &[Override],
    texts: &'i [String],
    made: &'i [OnceCell<String>],
    (sources, schema): (&Sources, fn() -> &'static Value),
    tree: &mut DeTable<'i>,
    diagnostics: &mut Diagnostics,
) {
    if overrides.is_empty() {
        return;
    }
    let form = &Form::top(schema());
    for (it, made) in overrides.iter().zip(made) {
        let text = &texts[it.source];
        let base = sources.texts().nth(it.source).expect("an override has a source").0;
        let place = base..text.len();
        let values = match it.set.change {
            Change::Replace => replaced(&it.set, Whole { tree, form }, text),
            Change::Times | Change::Plus => changed(&it.set, Whole { tree, form }, made, &place),
        };
        match values {
            Ok(Values { values, any }) => {
                if !any {
                    let message = format!("`--set {}` changes nothing", it.set);
                    diagnostics
                        .warning(Code::Suspicious, Span::new(place.start, place.end), message)
                        .help("whole numbers are rounded, and stay at least 1 where they were above 0");
                }
                for (address, value) in values {
                    put(tree, &address.parts, &place, value);
                }
            }
            Err(Refused { code, message, helps }) => {
                let fault = diagnostics.error(code, Span::new(place.start, place.end), message);
                for help in helps {
                    fault.help(help);
                }
            }
        }
    }
}

/// A scenario as it stands, and what the format takes.
#[derive(Clone, Copy)]
struct Whole<'t> {
    tree: &'t DeTable<'t>,
    form: &'t Form,
}

/// Why an override cannot be laid over the scenario.
struct Refused {
    code: Code,
    message: String,
    helps: Vec<String>,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { code: refusal.code, message: refusal.message, helps: vec![refusal.help] }
    }
}

/// What an override puts where.
struct Values<'i> {
    values: Vec<(Address, Spanned<DeValue<'i>>)>,
    /// Whether one of them is another than before, as far as that is asked for.
    any: bool,
}

/// The value that takes the place of what stands at the address.
fn replaced<'i>(set: &SetOverride, whole: Whole<'_>, text: &'i str) -> Result<Values<'i>, Refused> {
    look_up(&set.address, &set.value, whole)?;
    let (value, _) = DeTable::parse_recoverable(text);
    // The source holds `value = ...`, which is TOML whatever was given.
    let (_, value) = value.into_inner().into_iter().next().expect("the source holds a value");
    Ok(Values { values: vec![(set.address.clone(), value)], any: true })
}

/// What stands at the address, changed: every quantity that is meant by it.
fn changed<'i>(
    set: &SetOverride,
    whole: Whole<'_>,
    made: &'i OnceCell<String>,
    place: &Range<usize>,
) -> Result<Values<'i>, Refused> {
    let subject = match look_up(&set.address, "VALUE", whole)? {
        Some(subject) => subject,
        None => rostered(&set.address, whole)?.ok_or_else(|| change::nothing(&set.address))?,
    };
    let Changes { values, any } = change::changes(&subject, set.change, &set.value)?;
    let (addresses, values): (Vec<Address>, Vec<String>) = values.into_iter().unzip();
    let text = made.get_or_init(|| format!("[{}]", values.join(", ")));
    let value = DeValue::parse(text).expect("a changed value is TOML").into_inner();
    let DeValue::Array(values) = value else { unreachable!("a list was parsed") };
    let placed = values.iter().map(|it| Spanned::new(place.clone(), it.get_ref().clone()));
    Ok(Values { values: addresses.into_iter().zip(placed).collect(), any })
}

/// The team whose people are asked for and stand in its roster.
fn rostered<'t>(people: &Address, whole: Whole<'t>) -> Result<Option<Subject<'t>>, Refused> {
    let Some((last, team)) = people.parts.split_last() else { return Ok(None) };
    let team = Address { parts: team.to_vec() };
    if last.name != "people" || team.parts.is_empty() {
        return Ok(None);
    }
    Ok(look_up(&team, "VALUE", whole)?.filter(|it| it.form.is("TeamSpec")))
}

/// Puts a value at an address, which has been looked up, making the tables on its way.
fn put<'i>(
    table: &mut DeTable<'i>,
    parts: &[Part],
    place: &Range<usize>,
    value: Spanned<DeValue<'i>>,
) {
    let (first, rest) = parts.split_first().expect("an address has a part");
    let key = Spanned::new(place.clone(), first.name.clone().into());
    if rest.is_empty() {
        table.insert(key, value);
        return;
    }
    let empty = || Spanned::new(place.clone(), DeValue::Table(DeTable::new()));
    put_into(table.entry(key).or_insert_with(empty), rest, place, value);
}

fn put_into<'i>(
    into: &mut Spanned<DeValue<'i>>,
    parts: &[Part],
    place: &Range<usize>,
    value: Spanned<DeValue<'i>>,
) {
    match (into.get_mut(), parts) {
        (_, []) => *into = value,
        (DeValue::Table(table), parts) => put(table, parts, place, value),
        (DeValue::Array(list), [first, rest @ ..]) => {
            let found = find(list, first).and_then(|it| list.get_mut(it));
            put_into(found.expect("the address was looked up"), rest, place, value);
        }
        _ => unreachable!("the address was looked up"),
    }
}

/// Looks an address up: what is there, or nothing where the format knows it and the scenario does
/// not have it.
fn look_up<'t>(
    address: &Address,
    value: &str,
    whole: Whole<'t>,
) -> Result<Option<Subject<'t>>, Refused> {
    let mut stand = Stand { value: Some(Standing::Table(whole.tree)), form: whole.form.clone() };
    let mut distribution = false;
    if address.names().first() == Some(&"use") {
        return Err(Refused {
            code: Code::Unreadable,
            message: "`use` cannot be overridden".to_owned(),
            helps: vec!["override what the files say, value by value".to_owned()],
        });
    }
    for (place, part) in address.parts.iter().enumerate() {
        let missing = || Missing { address, value, place, whole };
        let last = place + 1 == address.parts.len();
        stand = stand.step(part, last, &missing)?;
        distribution |= stand.form.is("Distribution");
    }
    let Stand { value, form } = stand;
    Ok(match value {
        Some(Standing::Value(value)) => {
            let address = address.clone();
            Some(Subject { address, value, form, distribution, over_time: false })
        }
        _ => None,
    })
}

/// Where one stands on the way along an address.
struct Stand<'t> {
    /// Nothing where only the format knows it.
    value: Option<Standing<'t>>,
    form: Form,
}

#[derive(Clone, Copy)]
enum Standing<'t> {
    Table(&'t DeTable<'t>),
    Value(&'t DeValue<'t>),
}

impl<'t> Stand<'t> {
    fn step<'a>(
        self,
        part: &Part,
        last: bool,
        missing: &dyn Fn() -> Missing<'a>,
    ) -> Result<Self, Refused> {
        match self.value {
            None => self.key(None, part, last, missing),
            Some(Standing::Table(table) | Standing::Value(DeValue::Table(table))) => {
                self.key(Some(table), part, last, missing)
            }
            Some(Standing::Value(DeValue::Array(list))) => {
                let at = find(list, part)
                    .ok_or_else(|| missing().told(&tree::of_element(&missing().so_far(), list)))?;
                let value = Some(Standing::Value(list[at].get_ref()));
                Ok(Self { value, form: self.form.element() })
            }
            Some(Standing::Value(other)) => {
                Err(missing().through(other, self.form.knows(&part.name)))
            }
        }
    }

    /// To the key of a table, which may be there by the format alone.
    fn key<'a>(
        &self,
        table: Option<&'t DeTable<'t>>,
        part: &Part,
        last: bool,
        missing: &dyn Fn() -> Missing<'a>,
    ) -> Result<Self, Refused> {
        let name = part.name.as_str();
        let there: Vec<&str> = table
            .into_iter()
            .flat_map(|table| table.keys().map(|it| it.get_ref().as_ref()))
            .collect();
        // What the format does not know is a fault of its own.
        let beside = there.iter().copied().filter(|it| *it != name && self.form.knows(it));
        let beside: Vec<&str> = beside.filter(|it| !OF_SOURCES.contains(it)).collect();
        let known = self.form.key(name, &beside);
        if let Some(value) = table.and_then(|it| it.get(name)) {
            let value = Some(Standing::Value(value.get_ref()));
            return Ok(Self { value, form: known.form() });
        }
        match known {
            Key::Known(form) | Key::Elsewhere(form) => Ok(Self { value: None, form }),
            _ if last && OF_SOURCES.contains(&name) => {
                Ok(Self { value: None, form: Form::unknown() })
            }
            Key::Unknown if self.form.knows(name) => Err(missing().beside(&beside)),
            Key::Own(_) | Key::Unknown => {
                let formal = self.form.keys(&beside).into_iter().map(|it| it.0);
                let names = there.into_iter().chain(formal).filter(|it| !OF_SOURCES.contains(it));
                let so_far = missing().so_far();
                let choices: IndexSet<Address> = names.map(|it| so_far.key(it)).collect();
                Err(missing().told(&Vec::from_iter(choices)))
            }
        }
    }
}

/// Where an address leads nowhere.
struct Missing<'a> {
    address: &'a Address,
    value: &'a str,
    /// Of the part that is missing.
    place: usize,
    whole: Whole<'a>,
}

impl Missing<'_> {
    fn so_far(&self) -> Address {
        self.address.up_to(self.place)
    }

    fn part(&self) -> Address {
        self.address.up_to(self.place + 1)
    }

    fn refused(&self, message: String, help: String) -> Refused {
        Refused { code: Code::UnknownAddress, message, helps: vec![help] }
    }

    /// There is something else there, and these could be chosen.
    fn told(&self, choices: &[Address]) -> Refused {
        let meant: Vec<String> = nearest(self.address, self.whole.tree, self.whole.form)
            .iter()
            .map(Address::to_string)
            .collect();
        let choices: Vec<String> = choices.iter().map(Address::to_string).collect();
        let quoted = |names: &[String]| list(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let help = match (meant.len(), choices.len()) {
            (0, 0) => "there is none to choose from".to_owned(),
            (0, _) => format!("choose from {}", quoted(&choices)),
            (1..=MOST_MEANT, _) => format!("did you mean {}?", quoted(&meant)),
            (all, _) => {
                let first = meant[..MOST_MEANT - 1].join("`, `");
                format!("did you mean `{first}` or one of {} more?", all + 1 - MOST_MEANT)
            }
        };
        self.refused(format!("there is no `{}`", self.part()), help)
    }

    /// What stands there has no keys; a table with this one could stand there.
    fn through(&self, value: &DeValue<'_>, could: bool) -> Refused {
        let so_far = self.so_far();
        let message = format!("`{so_far}` is `{}`, which has no keys", written(value));
        self.refused(
            message,
            if could { self.as_a_whole() } else { format!("write `{so_far}=VALUE`") },
        )
    }

    /// What stands there has no room for another key.
    fn beside(&self, keys: &[&str]) -> Refused {
        let message = format!("`{}` cannot stand beside {}", self.part(), list(keys));
        self.refused(message, self.as_a_whole())
    }

    /// How to override as a whole what the address leads through.
    fn as_a_whole(&self) -> String {
        let names = self.address.parts[self.place..].iter().rev();
        let value = as_toml(self.value);
        let value = value.strip_prefix("value = ").unwrap_or(&value).to_owned();
        let whole = names.fold(value, |value, part| {
            written_table(&[format!("{} = {value}", Part::key(&part.name))])
        });
        format!("to put another in its place, write `{}={whole}`", self.so_far())
    }
}
