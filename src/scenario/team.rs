//! `[teams]` and `[limits]`: what restoring must live with.

use crate::scenario::moment::Moment;
use crate::spec::AtShiftEnd;
use crate::units::SimDuration;

/// People who work on steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Team {
    /// The name in the scenario.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// How many people there are, over time.
    pub people: Ramp,
    /// How much longer attempts take with more going on at once.
    pub coordination: Coordination,
    /// From so long after the first people came attempts take so many times as long, in order.
    pub fatigue: Vec<(SimDuration, f64)>,
    /// What becomes of work under way when people go.
    pub at_shift_end: AtShiftEnd,
    /// What an hour of one person costs, where the scenario says so.
    pub cost_per_hour: Option<f64>,
}

/// How much longer an attempt takes for what else goes on when it starts: its time times
/// 1 + `per_track` (tracks at work - 1) + `per_batch` (batches in flight - 1), up to `at_most`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coordination {
    /// What each track at work adds, beyond the first.
    pub per_track: f64,
    /// What each batch in flight adds, of all tracks, beyond the first.
    pub per_batch: f64,
    /// The factor that is never passed.
    pub at_most: f64,
}

impl Coordination {
    /// What goes on beside costs nothing.
    pub const FREE: Self = Self { per_track: 0.0, per_batch: 0.0, at_most: f64::INFINITY };
}

/// Concurrent uses of what is not people: an API, scratch databases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The name in the scenario.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// How many uses at once, over time.
    pub units: Ramp,
    /// Whether there are so many for every shard of a step's service, not for all together.
    pub per_shard: bool,
}

/// A number that changes in steps over time; before its first point it is zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ramp {
    /// Before this moment it is zero, whatever the points say.
    pub begins: Moment,
    /// From each moment on, the number; a later moment overrules an earlier one.
    pub points: Vec<(Moment, u32)>,
    /// The shifts that the points add up; empty where no roster is behind them.
    pub shifts: Vec<Shift>,
}

/// People of a roster who are there once, between two times after T+0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// When they come; at T+0 if they are there already.
    pub from: SimDuration,
    /// When they go.
    pub to: SimDuration,
    /// How many they are.
    pub people: u32,
}

impl Ramp {
    /// A number that never changes.
    #[must_use]
    pub fn constant(number: u32) -> Self {
        let points = vec![(Moment::START, number)];
        Self { begins: Moment::START, points, shifts: Vec::new() }
    }

    /// The largest number that it ever is.
    #[must_use]
    pub fn peak(&self) -> u32 {
        self.points.iter().map(|(_, number)| *number).max().unwrap_or(0)
    }

    /// Whether nothing ever changes; of a roster the shifts do, even if as many people take over.
    pub(crate) fn is_one_shift(&self) -> bool {
        self.points.len() < 2 && self.shifts.len() < 2
    }

    /// So many per cent of it at every moment, each rounded to a whole number, halves up.
    pub(crate) fn scaled(&self, percent: u32) -> Self {
        let of = |number: u32| {
            let scaled = (u64::from(number) * u64::from(percent) + 50) / 100;
            u32::try_from(scaled).map_or(MOST, |it| it.min(MOST))
        };
        Self {
            begins: self.begins,
            points: self.points.iter().map(|(moment, number)| (*moment, of(*number))).collect(),
            shifts: self.shifts.iter().map(|it| Shift { people: of(it.people), ..*it }).collect(),
        }
    }
}

/// The largest number of people, units or sites that a ramp may state; where none can be read, so
/// that nothing else is refused for want of them.
pub(crate) const MOST: u32 = 1_000_000;
