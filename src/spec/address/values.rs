//! Several values of one input: `1,1.25,1.5`, or evenly spaced ones: `8..32 step 8`.

use std::fmt;

use super::decimal::Decimal;

/// More values of one input are not asked for.
const MOST_VALUES: usize = 10_000;

/// A number with the unit behind it, as written: `8`, `1.5h`, `20 TiB/h`, `5%`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount {
    number: Decimal,
    /// With the blank before it, if there is one.
    unit: String,
}

impl Amount {
    /// Reads a number and its unit; nothing where no number stands at the beginning.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_number = |(place, c): (usize, char)| {
            c.is_ascii_digit() || c == '.' || c == '_' || (place == 0 && "+-".contains(c))
        };
        let end = text.char_indices().find(|it| !is_number(*it)).map_or(text.len(), |it| it.0);
        let (number, unit) = text.split_at(end);
        let one_unit = !unit.bytes().any(|it| it.is_ascii_digit());
        one_unit
            .then(|| Some(Self { number: Decimal::read(number)?, unit: unit.to_owned() }))
            .flatten()
    }

    /// The number without its unit.
    #[must_use]
    pub fn number(&self) -> f64 {
        self.number.to_string().parse().expect("a decimal is a number")
    }

    /// The unit without a blank; empty for a bare number.
    #[must_use]
    pub fn unit(&self) -> &str {
        self.unit.trim()
    }

    /// So many steps further; nothing where the numbers are too large.
    #[must_use]
    pub fn further(&self, step: &Self, times: u64) -> Option<Self> {
        let way = Decimal::whole(times.into())?.times(step.number)?;
        Some(Self { number: self.number.plus(way)?, unit: self.unit.clone() })
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.number, self.unit)
    }
}

/// The first, the last and the distance of evenly spaced values.
///
/// # Errors
/// What is wrong with the three, as a sentence: they are numbers of one unit, and the last is reached.
pub(crate) fn ends(from: &str, to: &str, step: &str) -> Result<[Amount; 3], String> {
    let read = |text: &str| {
        Amount::read(text).ok_or_else(|| format!("`{}` is no number with a unit", text.trim()))
    };
    let (first, last, step) = (read(from)?, read(to)?, read(step)?);
    if let Some(other) = [&last, &step].into_iter().find(|it| it.unit() != first.unit()) {
        return Err(format!("`{first}` and `{other}` are of different units"));
    }
    if !step.number.is_positive() {
        return Err(format!("a step of `{step}` leads nowhere"));
    }
    if last.number() < first.number() {
        return Err(format!("`{last}` lies before `{first}`"));
    }
    Ok([first, last, step])
}

/// The values from one to another, so far apart; the last of them may lie below `to`.
///
/// # Errors
/// What is wrong with the three, as a sentence; see [`ends`].
pub(crate) fn spaced(from: &str, to: &str, step: &str) -> Result<Vec<String>, String> {
    let [first, last, step] = ends(from, to, step)?;
    let mut values = Vec::new();
    for times in 0.. {
        let Some(value) = first.further(&step, times).filter(|it| it.number() <= last.number())
        else {
            break;
        };
        if values.len() == MOST_VALUES {
            return Err(format!(
                "from `{first}` to `{last}` there are more than {MOST_VALUES} values"
            ));
        }
        values.push(value.to_string());
    }
    Ok(values)
}

/// The values of a list or of a range.
///
/// # Errors
/// What is wrong with the text, as a sentence.
pub(crate) fn read_values(text: &str) -> Result<Vec<String>, String> {
    if let Some((from, rest)) = text.split_once("..") {
        let Some((to, step)) = rest.split_once("step") else {
            return Err(format!("`{}` says no step: write `8..32 step 8`", text.trim()));
        };
        return spaced(from, to, step);
    }
    let values: Vec<String> = text.split(',').map(|it| it.trim().to_owned()).collect();
    if values.iter().any(String::is_empty) {
        return Err("a value is empty: write `1,1.25,1.5`, or `8..32 step 8`".to_owned());
    }
    if let Some((_, twice)) =
        values.iter().enumerate().find(|(place, it)| values[..*place].contains(it))
    {
        return Err(format!("`{twice}` stands there twice"));
    }
    if values.len() > MOST_VALUES {
        return Err(format!("there are more than {MOST_VALUES} values"));
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> String {
        read_values(text).map_or_else(|fault| fault, |it| it.join(" "))
    }

    #[test]
    fn a_range_has_both_its_ends_where_the_steps_reach_them() {
        assert_eq!(values("8..32 step 8"), "8 16 24 32");
        assert_eq!(values("1 .. 1.3 step 0.1"), "1 1.1 1.2 1.3");
        assert_eq!(values("0.5h..2h step 0.5h"), "0.5h 1h 1.5h 2h");
        assert_eq!(values("1 TiB/h..4 TiB/h step 2 TiB/h"), "1 TiB/h 3 TiB/h");
        assert_eq!(values("-5%..5% step 5%"), "-5% 0% 5%");
    }

    #[test]
    fn a_list_has_the_values_as_they_are_written() {
        assert_eq!(values("1, 1.25,1.50"), "1 1.25 1.50");
        assert_eq!(values("fifo,tier_first"), "fifo tier_first");
    }

    #[test]
    fn what_is_neither_says_why() {
        assert_eq!(values("8..32"), "`8..32` says no step: write `8..32 step 8`");
        assert_eq!(values("8..32 step 0"), "a step of `0` leads nowhere");
        assert_eq!(values("8h..32 step 1h"), "`8h` and `32` are of different units");
        assert_eq!(values("9..8 step 1"), "`8` lies before `9`");
        assert_eq!(values("a..8 step 1"), "`a` is no number with a unit");
        assert_eq!(values("1,,2"), "a value is empty: write `1,1.25,1.5`, or `8..32 step 8`");
        assert_eq!(values("2,1,2"), "`2` stands there twice");
        assert!(values("1..1e9 step 1").starts_with('`'));
        assert!(values("1..100000 step 1").contains("more than 10000 values"));
    }
}
