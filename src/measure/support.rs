//! Between which ends a figure of a replication lies, whatever happens: what its interval rests on.

use crate::experiment::{Aims, Results, StrategyResults};
use crate::plan::compile;
use crate::scenario::{Figure, FigureOf, Kind, Needs, Scenario, Weight};

/// What is known beforehand of a number that every replication has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Support {
    /// It cannot vary between replications.
    Fixed,
    /// It lies between two ends, and may well come to lie at one of them: a share, or a number of
    /// sites.
    Ends(f64, f64),
    /// It lies between two ends that no replication comes near to: a time, or hours of sites.
    FarEnds(f64, f64),
    /// It may be any number.
    Open,
}

impl Support {
    /// Of shares.
    pub const SHARE: Self = Self::Ends(0.0, 1.0);

    /// Of the same number in another unit: so many times as large, for a factor above zero.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        match self {
            Self::Ends(least, most) => Self::Ends(least * factor, most * factor),
            Self::FarEnds(least, most) => Self::FarEnds(least * factor, most * factor),
            Self::Fixed | Self::Open => self,
        }
    }

    /// Of the difference of two numbers of which this is known of both, and of which the replications
    /// that were seen have this [`reach`].
    ///
    /// Shares and numbers of sites may differ as far as their ends do. Times and hours could differ by
    /// days, of which nothing would follow: of those a difference beyond all that was seen is left out
    /// of account.
    #[must_use]
    pub fn of_difference(self, other: Self, seen: f64) -> Self {
        match (self, other) {
            (Self::Fixed, Self::Fixed) => Self::Fixed,
            (Self::Ends(least, most), _) | (_, Self::Ends(least, most)) => {
                Self::Ends(least - most, most - least)
            }
            _ if seen > 0.0 && seen.is_finite() => Self::FarEnds(-seen, seen),
            _ => Self::Open,
        }
    }
}

/// How far two of some numbers lie apart at most; where all are the same, how far they lie from
/// nothing. Those that are not finite are left out.
#[must_use]
pub fn reach(numbers: impl Iterator<Item = f64>) -> f64 {
    let finite = numbers.filter(|it| it.is_finite());
    let (least, most) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), number| {
        (least.min(number), most.max(number))
    });
    if least == most { most.abs() } else { most - least }
}

/// What is known beforehand of the figures of one strategy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Supports {
    /// Sites that may be deleted.
    sites: f64,
    /// Their users, where every replication has the same.
    users: Option<f64>,
    /// In milliseconds.
    horizon: f64,
    /// Whether nothing that is drawn changes a replication.
    is_certain: bool,
    /// Whether every replication deletes the same sites.
    deletes_the_same: bool,
    /// Whether there are backups of which there may be too few.
    may_lose: bool,
}

impl Supports {
    pub(crate) fn new(scenario: &Scenario, results: &Results, strategy: &StrategyResults) -> Self {
        let plan = compile(scenario, strategy.strategy);
        let (sites, users) = match &results.aims {
            Aims::Same(sites) => {
                (sites.len(), Some(sites.iter().map(|site| f64::from(site.users)).sum()))
            }
            Aims::Redrawn(_) => (scenario.estate.sites.len(), None),
        };
        Self {
            sites: sites as f64,
            users,
            horizon: scenario.experiment.horizon.as_millis() as f64,
            is_certain: users.is_some() && plan.is_certain(),
            deletes_the_same: users.is_some() && plan.deletions.stops.as_planned,
            may_lose: scenario.gives(Needs::RestorePoint, strategy.strategy),
        }
    }

    /// What is known of a number that is not in the catalogue.
    #[must_use]
    pub fn of_other(&self, support: Support) -> Support {
        if self.is_certain { Support::Fixed } else { support }
    }

    /// What is known of a number of sites.
    #[must_use]
    pub fn of_sites(&self) -> Support {
        self.of_other(Support::Ends(0.0, self.sites))
    }

    /// What is known of a length of time, in milliseconds.
    #[must_use]
    pub fn of_length(&self) -> Support {
        self.of_other(Support::FarEnds(0.0, self.horizon))
    }

    /// What is known of a figure, in the unit of its readings.
    #[must_use]
    pub fn of(&self, figure: impl Into<FigureOf>) -> Support {
        let figure = figure.into().figure;
        let is_fixed = match figure {
            Figure::SitesDeleted | Figure::UsersDeleted | Figure::SitesSaved => {
                self.deletes_the_same
            }
            Figure::SitesLost => !self.may_lose,
            _ => false,
        };
        if is_fixed || self.is_certain {
            return Support::Fixed;
        }
        let definition = figure.definition();
        let many = match definition.weight {
            Weight::Site => Some(self.sites),
            Weight::User => self.users,
            Weight::Customer | Weight::Nothing => None,
        };
        let until_horizon = |many| Support::FarEnds(0.0, many * self.horizon);
        match definition.kind {
            Kind::Share => Support::SHARE,
            Kind::Instant | Kind::Length => self.of_length(),
            Kind::Count => many.map_or(Support::Open, |many| Support::Ends(0.0, many)),
            Kind::Hours => many.map_or(Support::Open, until_horizon),
            Kind::Loss | Kind::Money => Support::Open,
        }
    }
}
