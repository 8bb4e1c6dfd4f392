//! The numbers that change over time: capacities of pools, and sizes and slots of tracks.

use crate::scenario::{Moment, Ramp, Strategy};

use super::expand::Graph;
use super::inject::{self, PlanShift};
use super::moment::{PlanBase, PlanMoment, moment};

/// The numbers that change over time, and who is there when.
#[derive(Clone, Debug)]
pub(crate) struct PlanCapacities {
    /// The pool of the first gate; those before it are teams and limits.
    pub first_gate: usize,
    /// The pool of the first part of a limit; those before it have levels of their own.
    pub first_part: usize,
    /// How many numbers there are: capacities by pool, then sizes and slots of tracks.
    pub levels: usize,
    /// The points of all their ramps, ramp after ramp.
    pub points: Vec<LevelPoint>,
    /// The shifts of each team on a roster that injects can take away, by pool.
    pub shifts: Vec<Vec<PlanShift>>,
}

/// At a moment a level changes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LevelPoint {
    pub level: usize,
    pub at: PlanMoment,
    pub change: LevelChange,
}

/// How a level changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LevelChange {
    /// From now on it is this number, if it has begun.
    To(u32),
    /// It begins: until now it has been zero.
    Begins,
    /// One shift takes over from another of as many people.
    Stays,
}

/// The levels of a track.
#[derive(Clone, Copy, Debug)]
pub(super) struct TrackLevels {
    pub size: usize,
    pub in_flight: Option<usize>,
}

impl PlanCapacities {
    /// The pools that are gates.
    #[inline(always)]
    pub(crate) fn gates(&self) -> std::ops::Range<usize> {
        self.first_gate..self.first_part
    }

    /// The numbers of a strategy with so many pools before its gates and so many before the parts of
    /// its limits; and which are those of each track.
    pub(super) fn new(
        strategy: &Strategy,
        graph: &Graph<'_>,
        shifts: Vec<Vec<PlanShift>>,
        (first_gate, first_part): (usize, usize),
    ) -> (Self, Vec<TrackLevels>) {
        let mut ramps = Ramps::default();
        // A pool and the level of its capacity have the same number.
        for ramp in strategy.people.iter().chain(&strategy.units) {
            ramps.add(ramp, graph);
        }
        ramps.add_ends_of_shifts(&shifts);
        for _ in first_gate..first_part {
            ramps.add(&Ramp::constant(inject::OPEN), graph);
        }
        let of_track = strategy.tracks.iter().map(|track| TrackLevels {
            size: ramps.add(&track.batch.size, graph),
            in_flight: track.batch.in_flight.as_ref().map(|ramp| ramps.add(ramp, graph)),
        });
        let of_tracks = of_track.collect();
        let Ramps { count, points } = ramps;
        (Self { first_gate, first_part, levels: count, points, shifts }, of_tracks)
    }
}

/// Collects levels and the points of their ramps.
#[derive(Clone, Debug, Default)]
struct Ramps {
    count: usize,
    points: Vec<LevelPoint>,
}

impl Ramps {
    fn add(&mut self, ramp: &Ramp, graph: &Graph<'_>) -> usize {
        let level = self.count;
        for (at, number) in &ramp.points {
            let at = moment(*at, graph);
            let change = LevelChange::To(*number);
            self.points.push(LevelPoint { level, at, change });
        }
        if ramp.begins != Moment::START {
            let at = moment(ramp.begins, graph);
            self.points.push(LevelPoint { level, at, change: LevelChange::Begins });
        }
        self.count += 1;
        level
    }

    /// Where shifts can be lost, the end of each matters also if as many people take over.
    fn add_ends_of_shifts(&mut self, shifts: &[Vec<PlanShift>]) {
        for (level, shifts) in shifts.iter().enumerate() {
            let mut ends: Vec<u64> = shifts.iter().map(|shift| shift.to).collect();
            ends.sort_unstable();
            ends.dedup();
            let point = |end: u64| LevelPoint {
                level,
                at: PlanMoment { base: PlanBase::Start, plus: end },
                change: LevelChange::Stays,
            };
            self.points.extend(ends.into_iter().map(point));
        }
    }
}
