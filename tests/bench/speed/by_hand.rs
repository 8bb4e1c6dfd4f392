//! The two workloads without an engine: the least that they can cost on this machine and compiler.
//!
//! No names, laws, priorities, calendars, statistics or log, and the graph of steps is written into
//! the loop. An event is one word, and as at most 120 of them pend, the standard heap is as good as
//! any, the next event written over the one at its top. First attempts are drawn in bulk, ahead of
//! the clock, by a table of quantiles; half of what a loop costs that draws as it goes are draws.
//! Those of second attempts are found by task and attempt, so that no draw depends on the order of
//! events.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use statrs::distribution::{ContinuousCDF, LogNormal};

const SITES: usize = 883;
const TEAMS: usize = 12;
const PEOPLE: usize = 10;
/// Chance that a step has to be done again.
const AGAIN: f64 = 0.05;
const MEAN_MILLIS: f64 = 3_600_000.0;
const CV: f64 = 0.5;

/// Which steps of a site may begin once one of them is done; its last is the last of all.
trait Precedence {
    const STEPS: usize;

    fn new() -> Self;

    fn done(&mut self, site: usize, step: usize, begin: impl FnMut(usize));
}

/// Seventy steps in sequence.
struct Sequence;

impl Precedence for Sequence {
    const STEPS: usize = 70;

    fn new() -> Self {
        Self
    }

    #[inline(always)]
    fn done(&mut self, _: usize, step: usize, mut begin: impl FnMut(usize)) {
        if step + 1 < Self::STEPS {
            begin(step + 1);
        }
    }
}

/// One step, six branches of five, a join.
struct ForkAndJoin {
    /// Branches of each site that are not done.
    open: Vec<u8>,
}

const BRANCHES: usize = 6;
const BRANCH: usize = 5;

impl Precedence for ForkAndJoin {
    const STEPS: usize = 2 + BRANCHES * BRANCH;

    fn new() -> Self {
        Self { open: vec![BRANCHES as u8; SITES] }
    }

    #[inline(always)]
    fn done(&mut self, site: usize, step: usize, mut begin: impl FnMut(usize)) {
        if step == 0 {
            (0..BRANCHES).for_each(|branch| begin(1 + BRANCH * branch));
        } else if step.is_multiple_of(BRANCH) {
            self.open[site] -= 1;
            if self.open[site] == 0 {
                begin(Self::STEPS - 1);
            }
        } else if step + 1 < Self::STEPS {
            begin(step + 1);
        }
    }
}

/// How an exercise went.
pub(crate) struct Course {
    pub attempts: u64,
    pub makespan_millis: u64,
}

/// Exercises of a workload, by its name.
pub(crate) fn courses(workload: &str, exercises: u32) -> Vec<Course> {
    let mut by_hand = ByHand::new();
    let numbers = 0..u64::from(exercises);
    match workload {
        "W1" => numbers.map(|it| by_hand.exercise::<Sequence>(it)).collect(),
        "W2" => numbers.map(|it| by_hand.exercise::<ForkAndJoin>(it)).collect(),
        other => panic!("no loop by hand for {other}"),
    }
}

/// What exercises share.
struct ByHand {
    quantiles: Quantiles,
    /// Of each task, how long its next attempt takes and whether it fails.
    draws: Vec<u32>,
    attempts: Vec<u8>,
    queues: [VecDeque<u32>; TEAMS],
    pending: BinaryHeap<Reverse<u64>>,
}

/// Bits of an event's word below its time: the task, and whether it has to be done again.
const TASK_BITS: u32 = 24;

impl ByHand {
    fn new() -> Self {
        Self {
            quantiles: Quantiles::new(),
            draws: Vec::new(),
            attempts: Vec::new(),
            queues: std::array::from_fn(|_| VecDeque::with_capacity(8 * SITES)),
            pending: BinaryHeap::with_capacity(TEAMS * PEOPLE),
        }
    }

    #[inline(never)]
    fn exercise<P: Precedence>(&mut self, number: u64) -> Course {
        let key = self.draw_first_attempts(SITES * P::STEPS, number);
        let Self { quantiles, draws, attempts, queues, pending } = self;
        let mut precedence = P::new();
        let mut free = [PEOPLE; TEAMS];
        free[0] = 0;
        for site in 0..SITES {
            let task = site * P::STEPS;
            match site < PEOPLE {
                true => pending.push(Reverse(end(0, task, draws))),
                false => queues[0].push_back(task as u32),
            }
        }
        let mut course = Course { attempts: 0, makespan_millis: 0 };
        while let Some(Reverse(word)) = pending.peek().copied() {
            let now = word >> TASK_BITS;
            let task = (word as usize & ((1 << TASK_BITS) - 1)) >> 1;
            let is_done = word & 1 == 0;
            let (site, step) = (task / P::STEPS, task % P::STEPS);
            let team = step % TEAMS;
            course.attempts += 1;
            course.makespan_millis = now;
            if !is_done {
                attempts[task] += 1;
                let address = (task as u64) << 8 | u64::from(attempts[task]);
                draws[task] = quantiles.draw(mix(key ^ mix(address)));
                queues[team].push_back(task as u32);
            }
            match queues[team].pop_front() {
                Some(next) => {
                    let mut top = pending.peek_mut().expect("it is the event that is handled");
                    *top = Reverse(end(now, next as usize, draws));
                }
                None => {
                    free[team] += 1;
                    pending.pop();
                }
            }
            if is_done {
                precedence.done(site, step, |step| {
                    let (task, team) = (site * P::STEPS + step, step % TEAMS);
                    if free[team] > 0 {
                        free[team] -= 1;
                        pending.push(Reverse(end(now, task, draws)));
                    } else {
                        queues[team].push_back(task as u32);
                    }
                });
            }
        }
        course
    }

    /// Gives the key of the draws of later attempts.
    fn draw_first_attempts(&mut self, tasks: usize, number: u64) -> u64 {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        rng.set_stream(number);
        self.attempts.clear();
        self.attempts.resize(tasks, 0);
        self.draws.clear();
        let mut bytes = [0; 8 * 1024];
        while self.draws.len() < tasks {
            let bytes = &mut bytes[..8 * (tasks - self.draws.len()).min(1024)];
            rng.fill_bytes(bytes);
            let words = bytes.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word));
            self.draws.extend(words.map(|word| self.quantiles.draw(word)));
        }
        rng.next_u64()
    }
}

/// The event that ends an attempt which begins now.
#[inline(always)]
fn end(now: u64, task: usize, draws: &[u32]) -> u64 {
    let draw = draws[task];
    (now + u64::from(draw >> 1)) << TASK_BITS | (task as u64) << 1 | u64::from(draw & 1)
}

/// The finalizer of SplitMix64.
fn mix(mut word: u64) -> u64 {
    word = (word ^ word >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ word >> 31
}

/// Quantiles of the length of a step, in milliseconds.
struct Quantiles {
    lengths: LogNormal,
    /// At so many equal parts; between them they are taken to lie on lines, but for the outermost.
    table: Vec<u32>,
}

const PARTS: usize = 4_096;

impl Quantiles {
    fn new() -> Self {
        let variance = libm::log(1.0 + CV * CV);
        let location = libm::log(MEAN_MILLIS) - variance / 2.0;
        let lengths = LogNormal::new(location, variance.sqrt()).expect("a lognormal distribution");
        let inner = |part: usize| lengths.inverse_cdf(part as f64 / PARTS as f64) as u32;
        let table =
            (0..=PARTS).map(|it| if it.is_multiple_of(PARTS) { 0 } else { inner(it) }).collect();
        Self { lengths, table }
    }

    /// From one word a length, above a bit that says whether the attempt fails.
    #[inline(always)]
    fn draw(&self, word: u64) -> u32 {
        let part = (word >> 52) as usize;
        let within = word >> 20 & 0xffff_ffff;
        let fails = (word & 0xf_ffff) < (AGAIN * 1_048_576.0) as u64;
        let length = if part.is_multiple_of(PARTS - 1) {
            self.outermost(part, within)
        } else {
            let (low, high) = (u64::from(self.table[part]), u64::from(self.table[part + 1]));
            (low + (((high - low) * within) >> 32)) as u32
        };
        length << 1 | u32::from(fails)
    }

    #[cold]
    #[inline(never)]
    fn outermost(&self, part: usize, within: u64) -> u32 {
        let inside = (within as f64 + 0.5) / 4_294_967_296.0;
        self.lengths.inverse_cdf((part as f64 + inside) / PARTS as f64) as u32
    }
}
