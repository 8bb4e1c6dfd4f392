//! How large what is read may be, so that no input takes all memory or all day.

use std::fmt;
use std::str::FromStr;

use crate::diagnostics::count;

/// The most of each kind that is read. Each can be raised with `--limit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one file, unless it is a table.
    pub bytes: u64,
    /// Bytes of one table.
    pub table_bytes: u64,
    /// Keys, tables and elements of lists in the files of a scenario, each file by itself.
    pub items: u64,
    /// Sites of the estate.
    pub sites: u64,
    /// Steps of all runbooks.
    pub steps: u64,
    /// Strategies.
    pub strategies: u64,
    /// Replications of each strategy.
    pub replications: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 8 << 20,
            table_bytes: 64 << 20,
            items: 200_000,
            sites: 1_000_000,
            steps: 10_000,
            strategies: 1_000,
            replications: 100_000,
        }
    }
}

/// What there is a limit of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Bytes,
    TableBytes,
    Items,
    Sites,
    Steps,
    Strategies,
    Replications,
}

const NAMES: [(&str, Of); 7] = [
    ("bytes", Of::Bytes),
    ("table_bytes", Of::TableBytes),
    ("items", Of::Items),
    ("sites", Of::Sites),
    ("steps", Of::Steps),
    ("strategies", Of::Strategies),
    ("replications", Of::Replications),
];

/// A limit that is raised, or lowered: `sites=2000000`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitOverride {
    of: Of,
    most: u64,
}

impl FromStr for LimitOverride {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, number) =
            text.split_once('=').ok_or("write its name and a number: sites=2000000")?;
        let known = NAMES.iter().find(|it| it.0 == name);
        let (_, of) = known.ok_or_else(|| {
            let names: Vec<&str> = NAMES.iter().map(|it| it.0).collect();
            format!("there is a limit of {}", names.join(", "))
        })?;
        let most = number.replace('_', "").parse().map_err(|_| "the limit is a whole number")?;
        Ok(Self { of: *of, most })
    }
}

impl fmt::Display for LimitOverride {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, _) = NAMES.iter().find(|it| it.1 == self.of).expect("each has a name");
        write!(formatter, "{name}={}", self.most)
    }
}

impl Limits {
    /// The usual limits but for some.
    #[must_use]
    pub fn with(overrides: &[LimitOverride]) -> Self {
        let mut limits = Self::default();
        for it in overrides {
            *limits.field(it.of) = it.most;
        }
        limits
    }

    fn field(&mut self, of: Of) -> &mut u64 {
        match of {
            Of::Bytes => &mut self.bytes,
            Of::TableBytes => &mut self.table_bytes,
            Of::Items => &mut self.items,
            Of::Sites => &mut self.sites,
            Of::Steps => &mut self.steps,
            Of::Strategies => &mut self.strategies,
            Of::Replications => &mut self.replications,
        }
    }
}

/// Why something is too large: how many there are, of what, and how many there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany {
    number: u64,
    most: u64,
    /// One of them in words, and the name of the limit.
    of: (&'static str, &'static str),
}

impl TooMany {
    /// Tells of more bytes than one file may have.
    pub(crate) fn bytes(number: u64, limits: &Limits) -> Option<Self> {
        Self::of(number, limits.bytes, ("byte", "bytes"))
    }

    /// Tells of more bytes than a table may have, which is the most that any file may have.
    pub(crate) fn table_bytes(number: u64, limits: &Limits) -> Option<Self> {
        let most = limits.table_bytes.max(limits.bytes);
        Self::of(number, most, ("byte", "table_bytes"))
    }

    pub(crate) fn items(number: u64, limits: &Limits) -> Option<Self> {
        Self::of(number, limits.items, ("key or element", "items"))
    }

    pub(crate) fn sites(number: u64, limits: &Limits) -> Option<Self> {
        Self::of(number, limits.sites, ("site", "sites"))
    }

    pub(crate) fn steps(number: u64, limits: &Limits) -> Option<Self> {
        Self::of(number, limits.steps, ("step", "steps"))
    }

    pub(crate) fn strategies(number: u64, limits: &Limits) -> Option<Self> {
        Self::of(number, limits.strategies, ("strategy", "strategies"))
    }

    /// Tells of more replications than a strategy may have.
    pub(crate) fn replications(number: u64, limits: &Limits) -> Option<Self> {
        Self::of(number, limits.replications, ("exercise", "replications"))
    }

    fn of(number: u64, most: u64, of: (&'static str, &'static str)) -> Option<Self> {
        (number > most).then_some(Self { number, most, of })
    }

    /// What to do about it.
    pub(crate) fn help(&self) -> String {
        format!(
            "if so many are meant, raise the limit with `--limit {}={}`",
            self.of.1, self.number
        )
    }
}

impl fmt::Display for TooMany {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = usize::try_from(self.number).unwrap_or(usize::MAX);
        let many = match self.of.0 {
            "strategy" => format!("{number} strategies"),
            "key or element" => format!("{number} keys and elements of lists"),
            thing => count(number, thing),
        };
        write!(formatter, "{many} are more than the limit of {}", self.most)
    }
}

/// How many keys, tables and elements of lists a text of TOML can have at most, without reading it.
fn most_items(text: &str) -> u64 {
    text.bytes().filter(|it| matches!(it, b'=' | b',' | b'[')).count() as u64
}

/// Why a text of TOML is not read.
pub(crate) fn is_too_large(text: &str, limits: &Limits) -> Option<TooMany> {
    let bytes = TooMany::bytes(text.len() as u64, limits);
    bytes.or_else(|| TooMany::items(most_items(text), limits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_raised_by_its_name() {
        let parsed = |it: &str| it.parse::<LimitOverride>();
        let limits =
            Limits::with(&[parsed("sites=2_000_000").unwrap(), parsed("bytes=9").unwrap()]);
        assert_eq!(limits, Limits { sites: 2_000_000, bytes: 9, ..Limits::default() });
        assert_eq!(parsed("steps=7").unwrap().to_string(), "steps=7");
        for (text, told) in [
            ("sites", "write its name and a number: sites=2000000"),
            (
                "site=1",
                "there is a limit of bytes, table_bytes, items, sites, steps, strategies, replications",
            ),
            ("sites=-1", "the limit is a whole number"),
            ("sites=many", "the limit is a whole number"),
        ] {
            assert_eq!(parsed(text).unwrap_err(), told);
        }
    }

    #[test]
    fn what_is_too_large_says_how_it_is_allowed() {
        let limits = Limits::default();
        assert_eq!(TooMany::strategies(1_000, &limits), None);
        let many = TooMany::strategies(1_001, &limits).unwrap();
        assert_eq!(many.to_string(), "1001 strategies are more than the limit of 1000");
        let help = "if so many are meant, raise the limit with `--limit strategies=1001`";
        assert_eq!(many.help(), help);
    }

    #[test]
    fn no_text_has_more_items_than_are_counted() {
        assert_eq!(most_items("a = 1\nb = [1, 2, 3]\n[c]\n[[d]]\n"), 2 + 2 + 1 + 3);
    }
}
