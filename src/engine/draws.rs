//! The random numbers of one replication: a lane is a stream with one number a site, made in runs
//! at its first use and then looked up.

use crate::plan::Plan;
use crate::rng::{Streams, uniform};

/// Longer than any scenario may state, and far from overflowing the clock when added to it, in
/// milliseconds.
pub(super) const LONGEST: f64 = 1e13;

/// The lanes of a plan, filled as far as they were used in this replication.
#[derive(Clone, Debug)]
pub(super) struct Draws {
    streams: Streams,
    /// All numbers, lane after lane.
    words: Vec<u64>,
    filled: Vec<bool>,
    /// Room for the numbers of a run.
    run: Vec<u64>,
}

impl Draws {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            streams: Streams::new(0, 0),
            words: vec![0; plan.draws.lanes.len() * plan.sites.len()],
            filled: vec![false; plan.draws.lanes.len()],
            run: vec![0; plan.draws.map.longest],
        }
    }

    pub(super) fn begin(&mut self, streams: Streams) {
        self.streams = streams;
        self.filled.fill(false);
    }

    pub(super) fn streams(&self) -> &Streams {
        &self.streams
    }

    /// The number of a lane for a row's attempt; the first attempt is 0.
    #[inline(always)]
    pub(super) fn word(&mut self, plan: &Plan, lane: usize, row: u32, attempt: u16) -> u64 {
        if attempt > 0 {
            return self.word_again(plan, lane, row, attempt);
        }
        if !self.filled[lane] {
            self.fill(plan, lane);
        }
        self.words[lane * plan.sites.len() + plan.draws.map.slot[row as usize] as usize]
    }

    #[cold]
    #[inline(never)]
    fn word_again(&self, plan: &Plan, lane: usize, row: u32, attempt: u16) -> u64 {
        let place = plan.sites[row as usize].draw;
        self.streams.word(plan.draws.lanes[lane], u32::from(attempt), place)
    }

    #[cold]
    #[inline(never)]
    fn fill(&mut self, plan: &Plan, lane: usize) {
        let start = lane * plan.sites.len();
        let words = &mut self.words[start..start + plan.sites.len()];
        let mut stream = self.streams.words(plan.draws.lanes[lane], 0);
        for run in &plan.draws.map.runs {
            let drawn = &mut self.run[..run.count];
            stream.fill(run.first, drawn);
            for (slot, place) in &run.places {
                words[*slot as usize] = drawn[*place as usize];
            }
        }
        self.filled[lane] = true;
    }

    /// The number of a lane for something that is no site, such as the batch of this number.
    pub(super) fn word_at(&self, plan: &Plan, lane: usize, place: u64, attempt: u16) -> u64 {
        self.streams.word(plan.draws.lanes[lane], u32::from(attempt), place)
    }

    /// A number between 0 and 1 of a lane for a row's attempt.
    pub(super) fn uniform(&mut self, plan: &Plan, lane: usize, row: u32, attempt: u16) -> f64 {
        uniform(self.word(plan, lane, row, attempt))
    }
}

/// A length in whole milliseconds, rounded; zero stays zero. A distribution may draw any number, so
/// it is cut where it is far beyond every horizon and can still be added to the clock.
pub(super) fn whole_millis(millis: f64) -> u64 {
    (millis.min(LONGEST) + 0.5) as u64
}
