//! A value changed by a factor or by an amount: what a person would write in its place.

use std::fmt;

use toml::de::{DeArray, DeTable, DeValue};

use crate::diagnostics::Code;
use crate::units::{Bytes, Rate, SimDuration, SimTime};

use super::decimal::Decimal;
use super::form::{Form, Key};
use super::{Address, basic_string, tree};

/// What an override does to what stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// `=`: it takes its place.
    Replace,
    /// `*=`: it multiplies it.
    Times,
    /// `+=`: it adds to it.
    Plus,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Replace => "=",
            Self::Times => "*=",
            Self::Plus => "+=",
        })
    }
}

/// Why a value cannot be changed so, and what to write instead.
#[derive(Debug)]
pub(super) struct Refusal {
    pub code: Code,
    pub message: String,
    pub help: String,
}

/// A quantity that is to be changed, or a table or list of several.
pub(super) struct Subject<'t> {
    pub address: Address,
    pub value: &'t DeValue<'t>,
    pub form: Form,
    /// It is a distribution, or one of its parameters.
    pub distribution: bool,
    /// It is one of several numbers over time: where there is none, an amount adds none.
    pub over_time: bool,
}

/// What becomes of the values that are meant.
#[derive(Default)]
pub(super) struct Changes {
    /// Every value, with what stands there then, as TOML.
    pub values: Vec<(Address, String)>,
    /// Whether one of them is another than before.
    pub any: bool,
}

/// Families of distributions that an amount moves and leaves as wide as they are.
const MOVED: [&str; 5] = ["fixed", "pert", "triangular", "uniform", "empirical"];

/// What becomes of a value, or of all that stand in it.
pub(super) fn changes(subject: &Subject<'_>, change: Change, by: &str) -> Result<Changes, Refusal> {
    let by = By::read(change, by).map_err(|help| Refusal {
        code: Code::BadQuantity,
        message: format!("`{by}` is nothing to change a value by"),
        help,
    })?;
    let mut gathering = Gathering { by, changes: Changes::default() };
    gathering.gather(subject)?;
    Ok(gathering.changes)
}

/// By what values are changed.
enum By {
    Factor(Decimal),
    /// An amount to add, or to take away.
    Amount {
        less: bool,
        amount: String,
    },
}

impl By {
    fn read(change: Change, by: &str) -> Result<Self, String> {
        let quoted = format!("by = {by}").parse::<toml::Table>().ok();
        let text = quoted.as_ref().and_then(|it| it.get("by")?.as_str()).unwrap_or(by).trim();
        if change == Change::Times {
            let percent = Decimal::read_percent(text).and_then(Decimal::hundredth);
            let factor = percent.or_else(|| Decimal::read(text)).filter(|it| it.is_positive());
            let help = "write a number above 0, such as `*=1.5`, or a share, such as `*=150%`";
            return factor.map(Self::Factor).ok_or_else(|| help.to_owned());
        }
        let (less, amount) = match text.strip_prefix('-') {
            Some(amount) => (true, amount),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        if amount.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return Ok(Self::Amount { less, amount: amount.trim_end().to_owned() });
        }
        Err("write an amount, such as `+=1`, `+=30m` or `+=-5%`".to_owned())
    }
}

/// How amounts of a kind are read, in its smallest unit, and what to write.
struct Smallest {
    read: fn(&str) -> Option<u64>,
    due: &'static str,
}

const TIME: Smallest = Smallest {
    read: |it| it.parse().ok().map(SimDuration::as_millis),
    due: "a time, such as `+=30m`",
};
const DATA: Smallest = Smallest {
    read: |it| it.parse().ok().map(Bytes::count),
    due: "an amount of data, such as `+=10 GiB`",
};
const RATE: Smallest = Smallest {
    read: |it| it.parse().ok().map(Rate::bytes_per_hour),
    due: "a rate, such as `+=10 GiB/h`",
};

struct Gathering {
    by: By,
    changes: Changes,
}

impl Gathering {
    fn gather(&mut self, subject: &Subject<'_>) -> Result<(), Refusal> {
        match subject.value {
            DeValue::Table(table) => self.table(subject, table),
            DeValue::Array(list) => self.list(subject, list),
            _ => {
                let changed = self.scalar(subject)?;
                self.changes.any |= changed != tree::written(subject.value);
                self.changes.values.push((subject.address.clone(), changed));
                Ok(())
            }
        }
    }

    fn table(&mut self, subject: &Subject<'_>, table: &DeTable<'_>) -> Result<(), Refusal> {
        if subject.form.is("TeamSpec") {
            return self.team(subject, table);
        }
        if !subject.distribution {
            let first = table.keys().next().map(|key| subject.address.key(key.get_ref()));
            return Err(not_one("a table", subject, first));
        }
        if let By::Amount { amount, .. } = &self.by {
            moved(subject, table, amount)?;
        }
        for part in parts(subject, table) {
            let quantity = part.form.takes("string") && part.form.takes("number");
            let several = matches!(part.value, DeValue::Table(_) | DeValue::Array(_));
            if quantity || several {
                self.gather(&part)?;
            }
        }
        Ok(())
    }

    /// The people of a team, whether they are a number, a ramp or a roster.
    fn team(&mut self, subject: &Subject<'_>, table: &DeTable<'_>) -> Result<(), Refusal> {
        let people = parts(subject, table)
            .filter(|part| part.form.is("Ramp") || part.form.element().is("ShiftSpec"));
        for part in people {
            self.gather(&part)?;
        }
        if self.changes.values.is_empty() {
            return Err(nothing(&subject.address.key("people")));
        }
        Ok(())
    }

    fn list(&mut self, subject: &Subject<'_>, list: &DeArray<'_>) -> Result<(), Refusal> {
        let element = subject.form.element();
        let over_time =
            ["RampPointSpec", "RatePointSpec", "ShiftSpec"].iter().any(|name| element.is(name));
        if !over_time && !subject.distribution {
            let first = tree::of_element(&subject.address, list).into_iter().next();
            return Err(not_one("a list", subject, first));
        }
        for (address, value) in
            tree::of_element(&subject.address, list).into_iter().zip(list.iter())
        {
            let value = value.get_ref();
            let form = element.clone();
            let part =
                Subject { address, value, form, over_time, distribution: subject.distribution };
            match value {
                DeValue::Table(table) => {
                    for number in parts(&part, table)
                        .filter(|it| it.form.takes("integer") || it.form.takes("number"))
                    {
                        self.gather(&number)?;
                    }
                }
                _ => self.gather(&part)?,
            }
        }
        Ok(())
    }

    fn scalar(&self, subject: &Subject<'_>) -> Result<String, Refusal> {
        match subject.value {
            DeValue::Integer(number) => {
                let number = i64::from_str_radix(number.as_str(), number.radix()).ok();
                let number = number.ok_or_else(|| too_large(subject))?;
                self.number(
                    subject,
                    Decimal::whole(number.into()).ok_or_else(|| too_large(subject))?,
                )
            }
            DeValue::Float(number) => {
                let number = Decimal::read(number.as_str()).ok_or_else(|| too_large(subject))?;
                self.number(subject, number)
            }
            DeValue::String(text) => self.text(subject, text).map(|it| basic_string(&it)),
            DeValue::Boolean(_) => Err(no_quantity("a switch", subject)),
            _ => Err(no_quantity("a date", subject)),
        }
    }

    fn number(&self, subject: &Subject<'_>, number: Decimal) -> Result<String, Refusal> {
        // A plain number of a quantity may be a share, which is 1 at most.
        let quantity = subject.form.takes("number");
        let share = number.rounded() <= 1 || !number.is_whole();
        let whole = !quantity || (subject.form.takes("string") && !subject.distribution && !share);
        let changed = match &self.by {
            By::Factor(factor) => number.times(*factor),
            By::Amount { .. } if subject.over_time && !number.is_positive() => Some(number),
            By::Amount { less, amount } => {
                let sign = if *less { "-" } else { "" };
                let read = Decimal::read(&format!("{sign}{amount}"));
                let read = read.filter(|it| !whole || it.is_whole()).ok_or_else(|| {
                    let due = if whole { "a whole number, such as `+=1`" } else { "a number" };
                    no_sum(subject, &number.to_string(), amount, due)
                })?;
                number.plus(read)
            }
        };
        let changed = changed.ok_or_else(|| too_large(subject))?;
        if !whole {
            return Ok(changed.to_string());
        }
        let least = if number.is_positive() { 1 } else { i128::MIN };
        let rounded =
            i64::try_from(changed.rounded().max(least)).map_err(|_| too_large(subject))?;
        Ok(rounded.to_string())
    }

    fn text(&self, subject: &Subject<'_>, text: &str) -> Result<String, Refusal> {
        // What takes nothing but texts has names, sentences and moments.
        let quantity =
            subject.form.takes("number") || subject.form.is("Ramp") || subject.form.is("RateRamp");
        if let Ok(instant) = text.parse::<SimTime>() {
            return self.instant(subject, instant);
        }
        let bare = Decimal::read(text.trim());
        if !quantity {
            Err(no_quantity("a text", subject))
        } else if let Some(percent) = Decimal::read_percent(text) {
            self.percent(subject, percent)
        } else if let Some(number) = bare {
            self.number(subject, number)
        } else if let Ok(length) = text.parse::<SimDuration>() {
            let millis = self.amount(subject, text, length.as_millis(), &TIME)?;
            Ok(SimDuration::from_millis(millis).to_string())
        } else if let Ok(bytes) = text.parse::<Bytes>() {
            self.bytes(subject, text, bytes)
        } else if let Ok(rate) = text.parse::<Rate>() {
            self.rate(subject, text, rate)
        } else {
            Err(no_quantity("a text", subject))
        }
    }

    fn percent(&self, subject: &Subject<'_>, percent: Decimal) -> Result<String, Refusal> {
        let changed = match &self.by {
            By::Factor(factor) => percent.times(*factor),
            By::Amount { less, amount } => {
                let sign = if *less { "-" } else { "" };
                let points = Decimal::read_percent(&format!("{sign}{amount}"));
                let due = "a share, such as `+=5%`, or `+=-5%`";
                let no_sum = || no_sum(subject, &format!("{percent}%"), amount, due);
                percent.plus(points.ok_or_else(no_sum)?)
            }
        };
        let changed = changed.ok_or_else(|| too_large(subject))?;
        // Of people and units there are only whole percentages.
        match subject.form.is("Ramp") {
            true => Ok(format!("{}%", changed.rounded().max(1))),
            false => Ok(format!("{changed}%")),
        }
    }

    fn instant(&self, subject: &Subject<'_>, instant: SimTime) -> Result<String, Refusal> {
        if matches!(self.by, By::Factor(_)) {
            let address = &subject.address;
            return Err(Refusal {
                code: Code::WrongType,
                message: format!("`{address}` is a moment, of which there is no multiple"),
                help: format!("move it: `{address}+=2h`; or write `{address}=VALUE`"),
            });
        }
        let millis = self.amount(subject, &instant.to_string(), instant.as_millis(), &TIME)?;
        Ok(SimTime::from_millis(millis).to_string())
    }

    fn bytes(&self, subject: &Subject<'_>, text: &str, bytes: Bytes) -> Result<String, Refusal> {
        if let Some(scaled) = self.in_its_unit(text) {
            return Ok(scaled);
        }
        let count = self.amount(subject, text, bytes.count(), &DATA)?;
        let unit = unit_of(text);
        let one = format!("1 {unit}").parse().map_or(1, Bytes::count);
        Ok(match Decimal::quotient(count, one) {
            Some(number) => format!("{number} {unit}"),
            None => format!("{count} B"),
        })
    }

    fn rate(&self, subject: &Subject<'_>, text: &str, rate: Rate) -> Result<String, Refusal> {
        let (amount, time) = text.rsplit_once('/').expect("a rate has a time");
        if let Some(scaled) = self.in_its_unit(amount) {
            return Ok(format!("{scaled}/{}", time.trim()));
        }
        let per_hour = self.amount(subject, text, rate.bytes_per_hour(), &RATE)?;
        let unit = format!("{}/{}", unit_of(amount), time.trim());
        let one = format!("1 {unit}").parse().map_or(1, Rate::bytes_per_hour);
        Ok(match Decimal::quotient(per_hour, one) {
            Some(number) => format!("{number} {unit}"),
            None => format!("{per_hour} B/h"),
        })
    }

    /// A number with a unit times the factor, where that is a number which can be read again.
    fn in_its_unit(&self, text: &str) -> Option<String> {
        let By::Factor(factor) = self.by else { return None };
        let unit = unit_of(text);
        let number = Decimal::read(text.trim().strip_suffix(unit)?.trim_end())?;
        let scaled = number.times(factor).filter(|it| it.places() <= 9)?;
        // A part of a byte is cut off when it is read.
        let a_byte = unit != "B" || scaled.is_whole();
        a_byte.then(|| format!("{scaled} {unit}"))
    }

    /// A count of the smallest units, changed; at least one where there was one.
    fn amount(
        &self,
        subject: &Subject<'_>,
        text: &str,
        count: u64,
        unit: &Smallest,
    ) -> Result<u64, Refusal> {
        match &self.by {
            By::Factor(factor) => {
                let scaled = Decimal::whole(count.into()).and_then(|it| it.times(*factor));
                let scaled = scaled.ok_or_else(|| too_large(subject))?.rounded();
                let least = i128::from(count.min(1));
                u64::try_from(scaled.max(least)).map_err(|_| too_large(subject))
            }
            By::Amount { .. } if subject.over_time && count == 0 => Ok(0),
            By::Amount { less, amount } => {
                let by =
                    (unit.read)(amount).ok_or_else(|| no_sum(subject, text, amount, unit.due))?;
                let changed = if *less { count.checked_sub(by) } else { count.checked_add(by) };
                changed.ok_or_else(|| Refusal {
                    code: Code::OutOfRange,
                    message: match less {
                        true => format!("`{text}` less `{amount}` is below zero"),
                        false => format!("`{text}` and `{amount}` are too much"),
                    },
                    help: format!("write `{}=VALUE`", subject.address),
                })
            }
        }
    }
}

/// What stands in a table, each with its address and its form; not what it says of its sources.
fn parts<'a>(
    subject: &'a Subject<'_>,
    table: &'a DeTable<'a>,
) -> impl Iterator<Item = Subject<'a>> + 'a {
    table.iter().filter_map(|(key, value)| {
        let Key::Known(form) = subject.form.key(key.get_ref(), &[key.get_ref()]) else {
            return None;
        };
        let address = subject.address.key(key.get_ref());
        let Subject { distribution, over_time, .. } = *subject;
        Some(Subject { address, value: value.get_ref(), form, distribution, over_time })
    })
}

/// Whether an amount can move a distribution, or the parameters of one.
fn moved(subject: &Subject<'_>, table: &DeTable<'_>, amount: &str) -> Result<(), Refusal> {
    let (family, parameters, table) = if subject.form.is("Distribution") {
        let Some((family, parameters)) = table.iter().next() else { return Ok(()) };
        let address = subject.address.key(family.get_ref());
        (family.get_ref().to_string(), address, parameters.get_ref().as_table())
    } else {
        let names = subject.address.names();
        (names.last().map_or("", |it| it).to_owned(), subject.address.clone(), Some(table))
    };
    if MOVED.contains(&family.as_str()) {
        return Ok(());
    }
    let there = |key: &&str| table.is_some_and(|it| it.contains_key(*key));
    let key = ["p50", "mean", "scale"].into_iter().find(there).unwrap_or("mean");
    Err(Refusal {
        code: Code::WrongType,
        message: format!(
            "`{}` is of the family `{family}`, which no amount moves",
            subject.address
        ),
        help: format!("write `{}+={amount}`, or `{}*=1.5`", parameters.key(key), subject.address),
    })
}

fn unit_of(text: &str) -> &str {
    let text = text.trim_end();
    let number = text.trim_end_matches(char::is_alphabetic);
    &text[number.len()..]
}

/// Nothing stands at an address that is to be changed.
pub(super) fn nothing(address: &Address) -> Refusal {
    Refusal {
        code: Code::MissingKey,
        message: format!("nothing stands at `{address}` to be changed"),
        help: format!("write `{address}=VALUE`"),
    }
}

fn not_one(what: &str, subject: &Subject<'_>, first: Option<Address>) -> Refusal {
    let instead = first.map_or_else(
        || format!("write `{}=VALUE`", subject.address),
        |first| format!("name what stands in it, such as `{first}`"),
    );
    Refusal { help: instead, ..no_quantity(what, subject) }
}

fn no_quantity(what: &str, subject: &Subject<'_>) -> Refusal {
    let address = &subject.address;
    Refusal {
        code: Code::WrongType,
        message: format!("`{address}` is {what}, of which there is neither a multiple nor a sum"),
        help: format!("write `{address}=VALUE`"),
    }
}

fn no_sum(subject: &Subject<'_>, text: &str, amount: &str, due: &str) -> Refusal {
    Refusal {
        code: Code::BadQuantity,
        message: format!("`{amount}` cannot be added to `{}`, which is `{text}`", subject.address),
        help: format!("write {due}; `*=` takes a factor"),
    }
}

fn too_large(subject: &Subject<'_>) -> Refusal {
    Refusal {
        code: Code::OutOfRange,
        message: format!("`{}` would be too large or too fine a number", subject.address),
        help: format!("write `{}=VALUE`", subject.address),
    }
}
