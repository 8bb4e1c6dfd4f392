//! The random numbers of one replication: a lane is a stream with one number a site, made in runs
//! at its first use and then looked up. Whether attempts fail is kept as a bit each. Of very many sites
//! nothing is kept: each number is drawn when it is needed.

use crate::plan::{DrawRun, Plan};
use crate::rng::{Streams, coin, uniform};

/// Longer than any scenario may state, and far from overflowing the clock when added to it, in
/// milliseconds.
pub(super) const LONGEST: f64 = 1e13;

/// Up to how many sites lanes are kept. All together they take a kilobyte a site of the reference case,
/// a quarter of what the engine and its plan do; without them it takes a tenth longer (88,300 sites).
const KEPT_UP_TO: usize = 100_000;

/// The lanes of a plan, filled as far as they were used in this replication.
#[derive(Clone, Debug)]
pub(super) struct Draws {
    streams: Streams,
    /// Whether lanes are kept.
    is_kept: bool,
    /// All numbers, lane after lane.
    words: Vec<u64>,
    filled: Vec<bool>,
    /// Which sites fail the first time, a bit each in the order of a lane, one drawn failure after the
    /// other.
    failures: Vec<u64>,
    failures_filled: Vec<bool>,
    /// Room for the numbers of a run, and for those of a lane of which only failures are kept.
    run: Vec<u64>,
    lane: Vec<u64>,
}

impl Draws {
    pub(super) fn new(plan: &Plan) -> Self {
        Self::keeping_if(plan, plan.sites.len() <= KEPT_UP_TO)
    }

    fn keeping_if(plan: &Plan, is_kept: bool) -> Self {
        let draws = &plan.draws;
        let rows = if is_kept { plan.sites.len() } else { 0 };
        Self {
            streams: Streams::new(0, 0),
            is_kept,
            words: vec![0; draws.lanes.len() * rows],
            filled: vec![false; draws.lanes.len()],
            failures: vec![0; draws.failures.len() * rows.div_ceil(64)],
            failures_filled: vec![false; draws.failures.len()],
            run: vec![0; if is_kept { draws.map.longest } else { 0 }],
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
        if attempt > 0 || !self.is_kept {
            return self.drawn_now(plan, lane, row, attempt);
        }
        if !self.filled[lane] {
            self.keep_lane(plan, lane);
        }
        self.words[lane * plan.sites.len() + plan.draws.map.slot[row as usize] as usize]
    }

    #[cold]
    #[inline(never)]
    fn drawn_now(&self, plan: &Plan, lane: usize, row: u32, attempt: u16) -> u64 {
        let place = plan.sites[row as usize].draw;
        self.streams.word(plan.draws.lanes[lane], u32::from(attempt), place)
    }

    /// Whether a row's attempt fails by itself.
    #[inline(always)]
    pub(super) fn fails(&mut self, plan: &Plan, failure: u16, row: u32, attempt: u16) -> bool {
        let failure = usize::from(failure);
        if attempt > 0 || !self.is_kept {
            let drawn = &plan.draws.failures[failure];
            return coin(self.drawn_now(plan, drawn.lane, row, attempt)) < drawn.threshold;
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
        draw_lane(&self.streams, plan, drawn.lane, &mut self.run, &mut self.lane);
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
        let rows = plan.sites.len();
        let words = &mut self.words[lane * rows..(lane + 1) * rows];
        draw_lane(&self.streams, plan, lane, &mut self.run, words);
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

/// Draws all numbers of a lane, in runs of neighbours, for which there is room.
fn draw_lane(streams: &Streams, plan: &Plan, lane: usize, run: &mut [u64], words: &mut [u64]) {
    let mut stream = streams.words(plan.draws.lanes[lane], 0);
    for DrawRun { first, count, places } in &plan.draws.map.runs {
        let drawn = &mut run[..*count];
        stream.fill(*first, drawn);
        for (slot, place) in places {
            words[*slot as usize] = drawn[*place as usize];
        }
    }
}

/// A length in whole milliseconds, rounded; zero stays zero. A distribution may draw any number, so
/// it is cut where it is far beyond every horizon and can still be added to the clock.
pub(super) fn whole_millis(millis: f64) -> u64 {
    (millis.min(LONGEST) + 0.5) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{Id, StrategyId};

    #[test]
    fn what_is_drawn_when_it_is_needed_is_what_a_lane_has() {
        let text = "schema = 1\ntitle = \"t\"\n[estate.sites]\ncount = 100\n\
                    [[incident.deletions]]\ncount = 70\n[teams.t]\npeople = 1\n\
                    [[runbooks.r.steps]]\nid = \"s\"\nteam = \"t\"\n\
                    duration.lognormal = { mean = \"60m\", cv = 0.5 }\n\
                    fails = { probability = \"30%\", attempts = 9 }\n\
                    [[strategies.s.tracks]]\nrunbook = \"r\"\n";
        let scenario = crate::scenario::check("t", "t", text, &[]).scenario.expect("no faults");
        let plan = crate::plan::compile(&scenario, StrategyId::new(0));
        let [mut kept, mut drawn] = [true, false].map(|it| Draws::keeping_if(&plan, it));
        kept.begin(Streams::new(1, 7));
        drawn.begin(Streams::new(1, 7));
        let mut failures = 0;
        for row in 0..70 {
            for attempt in 0..2 {
                for lane in 0..plan.draws.lanes.len() {
                    let word = kept.word(&plan, lane, row, attempt);
                    assert_eq!(word, drawn.word(&plan, lane, row, attempt));
                }
                let fails = kept.fails(&plan, 0, row, attempt);
                assert_eq!(fails, drawn.fails(&plan, 0, row, attempt));
                let lane = plan.draws.failures[0].lane;
                assert_eq!(fails, uniform(kept.word(&plan, lane, row, attempt)) < 0.3);
                failures += u32::from(fails);
            }
        }
        assert!((28..57).contains(&failures), "{failures} of 140 fail");
    }
}
