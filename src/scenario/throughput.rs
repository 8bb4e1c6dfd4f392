//! `[throughput]`: bandwidth that transfers share; and `transfer`, what a step moves over it.

use crate::ids::ThroughputId;
use crate::scenario::moment::Moment;
use crate::spec::TransferBytes;
use crate::units::{Rate, Share};

/// Bandwidth that all transfers in progress share equally, each up to one cap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Throughput {
    /// The name in the scenario.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// How much it moves, over time.
    pub rate: RateRamp,
    /// What one transfer can use of it at most; all of it without one.
    pub cap: Option<Rate>,
}

/// A rate that changes in steps over time; before its first point it is zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateRamp {
    /// From each moment on, the rate; a later moment overrules an earlier one.
    pub points: Vec<(Moment, Rate)>,
}

impl RateRamp {
    pub(crate) fn constant(rate: Rate) -> Self {
        Self { points: vec![(Moment::START, rate)] }
    }

    /// The largest rate that it ever is.
    #[must_use]
    pub fn peak(&self) -> Rate {
        self.points.iter().map(|(_, rate)| *rate).max().unwrap_or(Rate::ZERO)
    }
}

/// What a step moves; it takes as long as that takes, without any factor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transfer {
    /// Whose bytes.
    pub bytes: TransferBytes,
    /// Over what.
    pub through: ThroughputId,
    /// The part of the bytes that is moved.
    pub share: Share,
}
