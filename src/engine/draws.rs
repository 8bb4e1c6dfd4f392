//! The random numbers of one replication: a lane is a stream with one number a site, made in runs
//! at its first use and then looked up. Whether attempts fail is kept as a bit each.

use crate::plan::Plan;
use crate::rng::{Streams, coin, uniform};

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
    /// Which sites fail the first time, a bit each in the order of a lane, one drawn failure after the
    /// other.
    failures: Vec<u64>,
    failures_filled: Vec<bool>,
    /// Room for the numbers of a run, and of a lane.
    run: Vec<u64>,
    lane: Vec<u64>,
}

impl Draws {
    pub(super) fn new(plan: &Plan) -> Self {
        let (draws, rows) = (&plan.draws, plan.sites.len());
        Self {
            streams: Streams::new(0, 0),
            words: vec![0; draws.lanes.len() * rows],
            filled: vec![false; draws.lanes.len()],
            failures: vec![0; draws.failures.len() * rows.div_ceil(64)],
            failures_filled: vec![false; draws.failures.len()],
            run: vec![0; draws.map.longest],
            lane: vec![0; rows],
        }
    }

    pub(super) fn begin(&mut self, streams: Streams) {
        self.streams = streams;
        self.filled.fill(false);
        self.failures_filled.fill(false);
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
            self.keep_lane(plan, lane);
        }
        self.words[lane * plan.sites.len() + plan.draws.map.slot[row as usize] as usize]
    }

    #[cold]
    #[inline(never)]
    fn word_again(&self, plan: &Plan, lane: usize, row: u32, attempt: u16) -> u64 {
        let place = plan.sites[row as usize].draw;
        self.streams.word(plan.draws.lanes[lane], u32::from(attempt), place)
    }

    /// Whether a row's attempt fails by itself.
    #[inline(always)]
    pub(super) fn fails(&mut self, plan: &Plan, failure: u16, row: u32, attempt: u16) -> bool {
        let failure = usize::from(failure);
        if attempt > 0 {
            let drawn = &plan.draws.failures[failure];
            return coin(self.word_again(plan, drawn.lane, row, attempt)) < drawn.threshold;
        }
        if !self.failures_filled[failure] {
            self.fill_failures(plan, failure);
        }
        let slot = plan.draws.map.slot[row as usize] as usize;
        let words = plan.sites.len().div_ceil(64);
        self.failures[failure * words + slot / 64] >> (slot % 64) & 1 == 1
    }

    #[cold]
    #[inline(never)]
    fn fill_failures(&mut self, plan: &Plan, failure: usize) {
        let drawn = &plan.draws.failures[failure];
        self.draw_lane(plan, drawn.lane);
        let words = plan.sites.len().div_ceil(64);
        let failures = &mut self.failures[failure * words..(failure + 1) * words];
        for (bits, lane) in failures.iter_mut().zip(self.lane.chunks(64)) {
            let fails = |word: &u64| u64::from(coin(*word) < drawn.threshold);
            *bits = lane.iter().rev().fold(0, |bits, word| bits << 1 | fails(word));
        }
        self.failures_filled[failure] = true;
    }

    #[cold]
    #[inline(never)]
    fn keep_lane(&mut self, plan: &Plan, lane: usize) {
        self.draw_lane(plan, lane);
        let rows = plan.sites.len();
        self.words[lane * rows..(lane + 1) * rows].copy_from_slice(&self.lane);
        self.filled[lane] = true;
    }

    /// Draws all numbers of a lane.
    fn draw_lane(&mut self, plan: &Plan, lane: usize) {
        let mut stream = self.streams.words(plan.draws.lanes[lane], 0);
        for run in &plan.draws.map.runs {
            let drawn = &mut self.run[..run.count];
            stream.fill(run.first, drawn);
            for (slot, place) in &run.places {
                self.lane[*slot as usize] = drawn[*place as usize];
            }
        }
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
