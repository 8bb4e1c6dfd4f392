//! Figures as one exercise has them: a number, never, or none at all.

use crate::scenario::{FIGURES, FigureOf, Kind, Subject};
use crate::units::{MILLIS_PER_HOUR, SimDuration};

/// A figure as one exercise has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reading {
    /// Whole milliseconds of a time or of hours summed up, or a whole number of things.
    Whole(u128),
    /// A share, or an amount of money.
    Real(f64),
    /// The time never comes.
    Never,
    /// There is no such figure: no objective, no price, no user, no such step.
    Unknown,
}

impl Kind {
    /// What one in the unit in which scenarios have such a figure is in that of its readings.
    #[must_use]
    pub fn reading_per_number(self) -> f64 {
        if self == Self::Hours { MILLIS_PER_HOUR } else { 1.0 }
    }
}

impl Reading {
    /// The number: milliseconds of times and of hours, else as it is; infinite where the time never
    /// comes, none where there is no figure.
    #[must_use]
    pub fn plain(self) -> Option<f64> {
        match self {
            Self::Whole(it) => Some(it as f64),
            Self::Real(it) => Some(it),
            Self::Never => Some(f64::INFINITY),
            Self::Unknown => None,
        }
    }

    /// The number in the unit in which scenarios have it: hours of hours summed up, else as
    /// [`plain`](Self::plain) says.
    #[must_use]
    pub fn number(self, kind: Kind) -> Option<f64> {
        self.plain().map(|it| it / kind.reading_per_number())
    }

    /// The time, of a figure that is one.
    #[must_use]
    pub fn time(self) -> Option<SimDuration> {
        match self {
            Self::Whole(it) => u64::try_from(it).ok().map(SimDuration::from_millis),
            Self::Real(_) | Self::Never | Self::Unknown => None,
        }
    }

    /// This one minus another of the same figure; none where one of them is no number.
    ///
    /// Whole numbers are subtracted as such, so that what is equal differs by exactly nothing, and
    /// equal differences are equal.
    #[must_use]
    pub fn minus(self, other: Self) -> Option<f64> {
        match (self, other) {
            (Self::Whole(own), Self::Whole(other)) => Some(apart(own, other)),
            (Self::Real(own), Self::Real(other)) => Some(own - other),
            _ => None,
        }
    }
}

/// One whole number minus another.
#[must_use]
pub fn apart(own: u128, other: u128) -> f64 {
    if own >= other { (own - other) as f64 } else { -((other - own) as f64) }
}

/// The figures that one exercise has, each read once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Readings {
    /// By place in the catalogue.
    plain: Vec<Reading>,
    /// Those that something is named with.
    asked: Vec<(FigureOf, Reading)>,
}

impl Readings {
    /// What a figure came to.
    #[must_use]
    pub fn of(&self, figure: impl Into<FigureOf>) -> Reading {
        let it = figure.into();
        match it.of {
            Subject::Whole => self.plain.get(it.figure as usize).copied(),
            Subject::Step(..) => self.asked.iter().find(|asked| asked.0 == it).map(|it| it.1),
        }
        .unwrap_or(Reading::Unknown)
    }
}

impl Readings {
    /// Every figure, and what it came to.
    pub fn each(&self) -> impl Iterator<Item = (FigureOf, Reading)> + '_ {
        let plain =
            FIGURES.iter().zip(&self.plain).map(|(it, reading)| (it.figure.into(), *reading));
        plain.chain(self.asked.iter().copied())
    }
}

impl FromIterator<(FigureOf, Reading)> for Readings {
    fn from_iter<I: IntoIterator<Item = (FigureOf, Reading)>>(each: I) -> Self {
        let mut readings = Self { plain: vec![Reading::Unknown; FIGURES.len()], asked: Vec::new() };
        for (it, reading) in each {
            match it.of {
                Subject::Whole => readings.plain[it.figure as usize] = reading,
                Subject::Step(..) => readings.asked.push((it, reading)),
            }
        }
        readings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_equal_differs_by_exactly_nothing() {
        let huge = Reading::Whole(u128::from(u64::MAX) + 1);
        assert_eq!(huge.minus(Reading::Whole(u128::from(u64::MAX))), Some(1.0));
        assert_eq!(huge.minus(huge), Some(0.0));
        assert_eq!(Reading::Whole(3).minus(Reading::Whole(5)), Some(-2.0));
    }

    #[test]
    fn never_and_unknown_are_two_things() {
        assert_eq!(Reading::Never.plain(), Some(f64::INFINITY));
        assert_eq!(Reading::Unknown.plain(), None);
        assert_eq!(Reading::Never.minus(Reading::Never), None);
        assert_eq!(Reading::Whole(5_400_000).number(Kind::Hours), Some(1.5));
    }
}
