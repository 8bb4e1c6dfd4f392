//! One input as a ladder of values, from where the promise is kept most easily to where least.

use thiserror::Error;

use crate::ask::inputs::Inputs;
use crate::scenario::{Amount, Change, SetOverride, ends};

/// More rungs than this no ladder has.
const MOST_RUNGS: u64 = 10_000_000;

/// Which end is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The largest value that still keeps the promise: small values are easy.
    Most,
    /// The smallest value that still keeps it: large values are easy.
    Least,
}

/// An input whose values are evenly spaced.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// The override, without its value.
    whole: SetOverride,
    first: Amount,
    step: Amount,
    rungs: u64,
    /// Which end is asked for.
    pub direction: Direction,
}

/// Why an input is no ladder.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoVariable {
    /// What stands there is no number.
    #[error(
        "what stands at `{0}` is no number: say between which values to look, with `--from` and `--to`"
    )]
    NoNumber(String),
    /// It adds, and nobody says how much.
    #[error("`{0}+` adds to what stands there: say how much, with `--from` and `--to`")]
    NoAmount(String),
    /// Values that do not belong together.
    #[error("{0}")]
    Values(String),
}

impl Variable {
    /// The values of an input `from` one `to` another, `step` apart. `whole` is an override whose value
    /// does not count.
    ///
    /// # Errors
    /// When they are no numbers of one unit, or too many.
    pub fn new(
        whole: &SetOverride,
        [from, to, step]: [&str; 3],
        direction: Direction,
    ) -> Result<Self, NoVariable> {
        let [first, last, step] = ends(from, to, step).map_err(NoVariable::Values)?;
        let steps = ((last.number() - first.number()) / step.number() + 1e-9).floor();
        if steps >= MOST_RUNGS as f64 {
            return Err(NoVariable::Values(format!("there are more than {MOST_RUNGS} values")));
        }
        let rungs = steps as u64 + 1;
        Ok(Self { whole: whole.clone(), first, step, rungs, direction })
    }

    /// The ladder of an input where not all of it is said: from one step to ten times what stands there
    /// now, in steps of one; of factors from 0.05 to 10 in steps of 0.05.
    ///
    /// # Errors
    /// When what stands there is no number, or the values do not belong together.
    pub fn usual(
        whole: &SetOverride,
        inputs: &Inputs,
        [from, to, step]: [Option<&str>; 3],
        direction: Direction,
    ) -> Result<Self, NoVariable> {
        if whole.change == Change::Times {
            let step = step.unwrap_or("0.05");
            return Self::new(whole, [from.unwrap_or(step), to.unwrap_or("10"), step], direction);
        }
        let none = || match whole.change {
            Change::Plus => NoVariable::NoAmount(whole.address.to_string()),
            _ => NoVariable::NoNumber(whole.address.to_string()),
        };
        let now = inputs.now(&whole.address).filter(|_| whole.change == Change::Replace);
        let unit = match (&now, from.or(to)) {
            (Some(now), _) => now.unit().to_owned(),
            (None, Some(text)) => {
                Amount::read(text).map(|it| it.unit().to_owned()).unwrap_or_default()
            }
            (None, None) => return Err(none()),
        };
        let step = step.map_or_else(|| format!("1{unit}"), str::to_owned);
        let from = from.map_or_else(|| step.clone(), str::to_owned);
        let to = match (to, now) {
            (Some(to), _) => to.to_owned(),
            // There is no share above all.
            (None, Some(_)) if unit == "%" => "100%".to_owned(),
            (None, Some(now)) => format!("{}{unit}", (now.number() * 10.0).ceil()),
            (None, None) => return Err(none()),
        };
        Self::new(whole, [&from, &to, &step], direction)
    }

    /// How many values there are.
    #[must_use]
    pub fn rungs(&self) -> u64 {
        self.rungs
    }

    /// The value of a rung as written; rung 0 is where the promise is kept most easily.
    ///
    /// # Panics
    /// When there is no such rung.
    #[must_use]
    pub fn value(&self, rung: u64) -> Amount {
        assert!(rung < self.rungs, "a ladder has no rung above its last");
        let times = match self.direction {
            Direction::Most => rung,
            Direction::Least => self.rungs - 1 - rung,
        };
        self.first.further(&self.step, times).expect("the last value was a number")
    }

    /// The override that puts the value of a rung there.
    #[must_use]
    pub fn set(&self, rung: u64) -> SetOverride {
        SetOverride { value: self.value(rung).to_string(), ..self.whole.clone() }
    }

    /// The rung that has this value or, where none has it, the next harder one; nothing where that is
    /// no number of the same unit on the ladder.
    #[must_use]
    pub fn rung_of(&self, value: &str) -> Option<u64> {
        let value = Amount::read(value).filter(|it| it.unit() == self.first.unit())?;
        let steps = (value.number() - self.first.number()) / self.step.number();
        let times = match self.direction {
            Direction::Most => (steps - 1e-9).ceil(),
            Direction::Least => (steps + 1e-9).floor(),
        };
        if times < 0.0 || times > (self.rungs - 1) as f64 {
            return None;
        }
        Some(match self.direction {
            Direction::Most => times as u64,
            Direction::Least => self.rungs - 1 - times as u64,
        })
    }

    /// The rung whose value lies next to this number.
    #[must_use]
    pub fn next_to(&self, number: f64) -> u64 {
        let steps = ((number - self.first.number()) / self.step.number()).round();
        let times = steps.clamp(0.0, (self.rungs - 1) as f64) as u64;
        match self.direction {
            Direction::Most => times,
            Direction::Least => self.rungs - 1 - times,
        }
    }

    /// The input, as an override names it.
    #[must_use]
    pub fn name(&self) -> String {
        match self.whole.change {
            Change::Replace => self.whole.address.to_string(),
            Change::Times => format!("{}*", self.whole.address),
            Change::Plus => format!("{}+", self.whole.address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ladder(values: [&str; 3], direction: Direction) -> String {
        let whole = "a.b=1".parse().expect("an override");
        match Variable::new(&whole, values, direction) {
            Ok(it) => (0..it.rungs()).map(|rung| it.value(rung).to_string() + " ").collect(),
            Err(fault) => fault.to_string(),
        }
    }

    #[test]
    fn a_ladder_begins_where_the_promise_is_kept_most_easily() {
        assert_eq!(ladder(["1", "4", "1"], Direction::Most), "1 2 3 4 ");
        assert_eq!(ladder(["1", "4", "1"], Direction::Least), "4 3 2 1 ");
        assert_eq!(ladder(["0.5", "0.8", "0.1"], Direction::Most), "0.5 0.6 0.7 0.8 ");
        assert_eq!(ladder(["2h", "7h", "2h"], Direction::Most), "2h 4h 6h ");
    }

    #[test]
    fn what_is_no_ladder_says_why() {
        assert_eq!(
            ladder(["1", "4h", "1"], Direction::Most),
            "`1` and `4h` are of different units"
        );
        assert_eq!(ladder(["4", "1", "1"], Direction::Most), "`1` lies before `4`");
        assert_eq!(ladder(["1", "4", "0"], Direction::Most), "a step of `0` leads nowhere");
        assert_eq!(ladder(["one", "4", "1"], Direction::Most), "`one` is no number with a unit");
    }

    #[test]
    fn a_value_between_two_rungs_is_as_hard_as_the_harder_one() {
        let whole = "a.b=1".parse().expect("an override");
        let of = |direction| Variable::new(&whole, ["2", "8", "2"], direction).expect("a ladder");
        let most = of(Direction::Most);
        assert_eq!(
            ["2", "3", "8", "9", "4h"].map(|it| most.rung_of(it)),
            [Some(0), Some(1), Some(3), None, None]
        );
        let least = of(Direction::Least);
        assert_eq!(
            ["8", "3", "2", "1"].map(|it| least.rung_of(it)),
            [Some(0), Some(3), Some(3), None]
        );
    }

    #[test]
    fn a_number_finds_its_rung_from_either_side() {
        let whole = "a.b=1".parse().expect("an override");
        let of = |direction| Variable::new(&whole, ["2", "9", "1"], direction).expect("a ladder");
        assert_eq!([of(Direction::Most).next_to(4.2), of(Direction::Most).next_to(99.0)], [2, 7]);
        assert_eq!([of(Direction::Least).next_to(4.2), of(Direction::Least).next_to(0.0)], [5, 7]);
    }
}
