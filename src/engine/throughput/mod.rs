//! Bandwidth that transfers share: the one resource that changes how long running work takes.
//!
//! All transfers in progress over one throughput go at the same speed: an equal share of its rate,
//! or the cap of one transfer if that is less. So the one that ends next is the one with least left,
//! whatever comes and goes meanwhile, and it is enough to know how much a transfer that has been
//! there all along would have got, a clock of work: a transfer is done when that clock has advanced
//! by its size. When one arrives, leaves or the rate changes, the clock is brought up to now and
//! the next end is dated anew; nothing else has to be touched. (This is processor sharing:
//! L. Kleinrock, "Time-shared systems: a theoretical treatment", 1967.)
//!
//! All of it is whole numbers. The unit of work is so fine that a share is a whole number of units
//! a millisecond: with `L` = lcm(1, ..., 16), a byte is 3,600,000 `L` units, a rate of so many bytes
//! an hour is as many times `L` units a millisecond, and a share of `n` is that over `n`, exact up
//! to 16 transfers at once and for every divisor of `L`; for others it is rounded down, by less than
//! one unit a millisecond.

mod rules;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::engine::task::NEVER;
use crate::plan::Plan;
use crate::trace::ThroughputTally;
use crate::units::HOUR;

/// The least common multiple of 1 to 16: equal parts of so much are whole.
const DIVISIBLE: u128 = 720_720;
/// Units of work in a byte: milliseconds of an hour, each as fine as a rate.
const BYTE: u128 = HOUR as u128 * DIVISIBLE;
/// Longer than any horizon, and far from overflowing the clock when added to it.
const LONGEST: u128 = 10_000_000_000_000;

/// So many bytes in units of work.
fn work_of(bytes: u64) -> u128 {
    u128::from(bytes) * BYTE
}

/// A throughput at work.
#[derive(Clone, Debug)]
struct ThroughputState {
    /// Bytes an hour, before what an inject leaves of it.
    base: u64,
    /// The part of it that is there: so many of so many.
    part: (u32, u32),
    /// Units of work a millisecond for all transfers together.
    rate: u128,
    /// Units of work a millisecond that one transfer can use at most.
    cap: u128,
    /// What a transfer would have got since there was last none.
    clock: u128,
    /// The instant up to which the clock has been brought, in milliseconds.
    since: u64,
    /// What each transfer's clock has to reach, and its task, packed.
    under_way: BinaryHeap<Reverse<(u128, u64)>>,
    /// When the next one ends, as far as it is on the list of events.
    due: u64,
    /// Whether that has to be dated anew.
    touched: bool,
    /// Work let in, less what those who left early had not done.
    admitted: u128,
    /// Transfers under way times milliseconds.
    transfer_ms: u128,
    /// When the rate changed: when, to how many units of work a millisecond.
    rate_log: Vec<(u64, u128)>,
}

impl ThroughputState {
    /// Nothing moves, and nothing can before there is a rate.
    fn new(cap: Option<u64>) -> Self {
        Self {
            base: 0,
            part: (1, 1),
            rate: 0,
            cap: cap.map_or(u128::MAX, |cap| u128::from(cap) * DIVISIBLE),
            clock: 0,
            since: 0,
            under_way: BinaryHeap::new(),
            due: NEVER,
            touched: false,
            admitted: 0,
            transfer_ms: 0,
            rate_log: Vec::new(),
        }
    }

    /// Back to T+0; the memory is kept.
    fn clear(&mut self) {
        self.under_way.clear();
        self.rate_log.clear();
        (self.base, self.part, self.rate) = (0, (1, 1), 0);
        (self.clock, self.since, self.due, self.touched) = (0, 0, NEVER, false);
        (self.admitted, self.transfer_ms) = (0, 0);
    }

    /// What each transfer gets now, in units of work a millisecond.
    fn share(&self) -> u128 {
        match self.under_way.len() as u128 {
            0 => 0,
            n => self.cap.min(self.rate / n),
        }
    }

    /// Brings the clock up to now.
    fn advance(&mut self, now: u64) {
        let passed = u128::from(now - self.since);
        self.since = now;
        self.clock += self.share() * passed;
        self.transfer_ms += self.under_way.len() as u128 * passed;
        if self.under_way.is_empty() {
            self.clock = 0;
        }
    }

    /// A transfer of so much work begins.
    fn begin(&mut self, now: u64, packed: u64, work: u128) {
        self.advance(now);
        self.admitted += work;
        self.under_way.push(Reverse((self.clock + work, packed)));
        self.touched = true;
    }

    /// A transfer leaves before its end; what is left of its work, if it was there.
    fn stop(&mut self, now: u64, packed: u64) -> Option<u128> {
        self.advance(now);
        let its = |it: &&Reverse<(u128, u64)>| it.0.1 == packed;
        let left = self.under_way.iter().find(its)?.0.0.saturating_sub(self.clock);
        self.under_way.retain(|it| it.0.1 != packed);
        self.admitted -= left;
        self.touched = true;
        Some(left)
    }

    /// The next transfer that has ended by now.
    fn pop_ended(&mut self, now: u64) -> Option<u64> {
        self.advance(now);
        let Reverse((target, packed)) = *self.under_way.peek()?;
        if target > self.clock {
            return None;
        }
        self.under_way.pop();
        self.touched = true;
        Some(packed)
    }

    /// When the next transfer ends if nothing comes between, in milliseconds.
    fn next_end(&mut self, now: u64) -> u64 {
        self.advance(now);
        match (self.under_way.peek(), self.share()) {
            (None, _) | (_, 0) => NEVER,
            (Some(Reverse((target, _))), share) => {
                let left = target.saturating_sub(self.clock).div_ceil(share).clamp(1, LONGEST);
                now + u64::try_from(left).expect("clamped to what fits")
            }
        }
    }

    /// From now on it moves so many bytes an hour.
    fn set_rate(&mut self, now: u64, bytes_per_hour: u64) {
        self.base = bytes_per_hour;
        self.change(now);
    }

    /// From now on so many of so many parts of its rate are there.
    // The rate as the scenario states it may change meanwhile.
    fn set_part(&mut self, now: u64, part: (u32, u32)) {
        self.part = part;
        self.change(now);
    }

    fn change(&mut self, now: u64) {
        self.advance(now);
        let (some, of) = (u128::from(self.part.0), u128::from(self.part.1));
        self.rate = u128::from(self.base) * DIVISIBLE * some / of;
        self.rate_log.push((now, self.rate));
        self.touched = true;
    }

    /// Whether a transfer is under way.
    fn is_busy(&self) -> bool {
        !self.under_way.is_empty()
    }

    /// What it came to by now; its rate counts up to the end of the last attempt.
    fn tally(&mut self, now: u64, end: u64) -> ThroughputTally {
        self.advance(now);
        let left = self.under_way.iter().map(|it| it.0.0.saturating_sub(self.clock));
        let moved = self.admitted - left.sum::<u128>();
        let untils = self.rate_log.iter().skip(1).map(|it| it.0).chain([end]);
        let capacity = self.rate_log.iter().zip(untils).map(|((at, rate), until)| {
            // In bytes at once: units of work over ten years need not fit.
            let length = until.min(end).saturating_sub(*at);
            rate / DIVISIBLE * u128::from(length) / u128::from(HOUR)
        });
        ThroughputTally {
            moved: moved / BYTE,
            capacity: capacity.sum(),
            transfer_ms: self.transfer_ms,
        }
    }
}

/// The throughputs at work.
#[derive(Clone, Debug)]
pub(super) struct Throughputs {
    list: Vec<ThroughputState>,
    /// Whether something may have changed on any since ends were dated.
    are_touched: bool,
}

impl Throughputs {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            list: plan
                .transfers
                .throughputs
                .iter()
                .map(|it| ThroughputState::new(it.cap))
                .collect(),
            are_touched: false,
        }
    }

    /// Whether ends may have to be dated anew.
    #[inline(always)]
    pub(super) fn are_touched(&self) -> bool {
        self.are_touched
    }

    /// One on which something may change now.
    fn change(&mut self, throughput: usize) -> &mut ThroughputState {
        self.are_touched = true;
        &mut self.list[throughput]
    }

    /// Whether a transfer is under way over any.
    pub(super) fn are_busy(&self) -> bool {
        self.list.iter().any(ThroughputState::is_busy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, StreamKey, Streams, uniform};
    use proptest::prelude::*;

    use crate::units::HOUR;
    const GIB: u64 = 1 << 30;

    fn at_rate(bytes_per_hour: u64, cap: Option<u64>) -> ThroughputState {
        let mut state = ThroughputState::new(cap);
        state.set_rate(0, bytes_per_hour);
        state
    }

    /// Transfers with when they arrive and their bytes; when each ends, by number.
    fn ends(state: &mut ThroughputState, arrivals: &[(u64, u64)]) -> Vec<u64> {
        let mut ends = vec![NEVER; arrivals.len()];
        let (mut next, mut now) = (0, 0);
        loop {
            let due = state.next_end(now);
            let arrival = arrivals.get(next).map_or(NEVER, |it| it.0);
            now = due.min(arrival);
            if now == NEVER {
                return ends;
            }
            if due == now {
                while let Some(number) = state.pop_ended(now) {
                    ends[number as usize] = now;
                }
            }
            if arrival == now {
                state.begin(now, next as u64, work_of(arrivals[next].1));
                next += 1;
            }
        }
    }

    #[test]
    fn equal_transfers_that_begin_together_end_together_when_all_is_moved() {
        for n in [1, 2, 3, 7, 16] {
            let mut state = at_rate(10 * GIB, None);
            let all = vec![(0, 5 * GIB); n];
            assert_eq!(ends(&mut state, &all), vec![n as u64 * HOUR / 2; n]);
            let tally = state.tally(n as u64 * HOUR / 2, n as u64 * HOUR / 2);
            assert_eq!(tally.moved, n as u128 * u128::from(5 * GIB));
            assert_eq!(tally.moved, tally.capacity);
        }
    }

    #[test]
    fn a_cap_binds_a_transfer_until_others_leave_it_less() {
        // 10 GiB/h for all, 4 for one: alone and in pairs at 4, three at 10/3.
        let mut state = at_rate(10 * GIB, Some(4 * GIB));
        let arrivals = [(0, 12 * GIB), (HOUR, 12 * GIB), (2 * HOUR, 12 * GIB)];
        // 8 done by 2 h, 4 more at 10/3: 3.2 h. The second has 4 + 4 = 8 by then, and 4 left: 4.2 h.
        // The third has 4, then 4 in that hour, and 4 left: 5.2 h.
        let minutes = |it: u64| it * 60_000;
        assert_eq!(ends(&mut state, &arrivals), [minutes(192), minutes(252), minutes(312)]);
    }

    #[test]
    fn what_stops_keeps_exactly_the_rest_and_leaves_its_share() {
        let mut state = at_rate(6 * GIB, None);
        state.begin(0, 1, work_of(6 * GIB));
        state.begin(0, 2, work_of(6 * GIB));
        let left = state.stop(HOUR, 1).expect("it is under way");
        assert_eq!(left, work_of(3 * GIB));
        assert_eq!(state.stop(HOUR, 1), None);
        assert_eq!(state.next_end(HOUR), HOUR + HOUR / 2);
        assert_eq!(state.pop_ended(HOUR + HOUR / 2), Some(2));
        state.begin(2 * HOUR, 1, left);
        assert_eq!(state.next_end(2 * HOUR), 2 * HOUR + HOUR / 2);
        assert_eq!(state.pop_ended(2 * HOUR + HOUR / 2), Some(1));
        // Nothing is counted twice.
        assert_eq!(state.tally(3 * HOUR, 3 * HOUR).moved, u128::from(12 * GIB));
    }

    #[test]
    fn without_a_rate_transfers_stand_still_and_nothing_is_due() {
        let mut state = at_rate(6 * GIB, None);
        state.begin(0, 1, work_of(6 * GIB));
        state.set_part(HOUR / 2, (0, 1));
        assert_eq!(state.next_end(HOUR), NEVER);
        assert_eq!(state.pop_ended(HOUR), None);
        state.set_part(2 * HOUR, (1, 3));
        assert_eq!(state.next_end(2 * HOUR), 2 * HOUR + 3 * HOUR / 2);
        let tally = state.tally(3 * HOUR, 3 * HOUR);
        assert_eq!((tally.moved, tally.capacity), (5 * u128::from(GIB), 5 * u128::from(GIB)));
        assert_eq!(tally.transfer_ms, 3 * u128::from(HOUR));
    }

    #[test]
    fn the_largest_numbers_that_a_scenario_may_state_fit() {
        let mut state = at_rate(u64::MAX, None);
        let ten_years = 3_650 * 24 * HOUR;
        state.begin(0, 1, work_of(u64::MAX));
        assert_eq!(state.next_end(0), HOUR);
        state.begin(ten_years, 2, work_of(u64::MAX));
        let mut slow = at_rate(1, None);
        slow.begin(0, 1, work_of(u64::MAX));
        assert!(slow.next_end(ten_years) > ten_years);
    }

    /// Processor sharing with Poisson arrivals and exponential sizes: the mean time of a transfer is
    /// 1 / (mu - lambda), whatever the sizes are distributed like (L. Kleinrock, "Queueing Systems",
    /// volume 2, 1976, section 4.4).
    #[test]
    fn random_transfers_take_as_long_as_the_queue_with_processor_sharing() {
        let (count, batch) = (200_000usize, 1_000);
        let streams = Streams::new(7, 0);
        let draw = |name: &str, place: usize| {
            let key = StreamKey::new(Purpose::Duration, &[name]);
            -libm::log1p(-uniform(streams.word(key, 0, place as u64)))
        };
        // A transfer alone takes an hour in the mean; one comes every two hours.
        let mut now = 0.0;
        let arrivals: Vec<(u64, u64)> = (0..count)
            .map(|number| {
                now += draw("gap", number) * 2.0 * HOUR as f64;
                (now as u64, (draw("size", number) * GIB as f64) as u64)
            })
            .collect();
        let ends = ends(&mut at_rate(GIB, None), &arrivals);
        let hours: Vec<f64> = std::iter::zip(&ends, &arrivals)
            .map(|(end, (arrival, _))| (end - arrival) as f64 / HOUR as f64)
            .collect();
        // Neighbours meet, so the error comes from means over many.
        let means: Vec<f64> =
            hours.chunks(batch).map(|it| it.iter().sum::<f64>() / batch as f64).collect();
        let n = means.len() as f64;
        let mean = means.iter().sum::<f64>() / n;
        let variance = means.iter().map(|it| (it - mean) * (it - mean)).sum::<f64>() / (n - 1.0);
        let error = (variance / n).sqrt();
        assert!((mean - 2.0).abs() <= 4.0 * error, "{mean} is not 2 (error {error})");
        assert!(error < 0.05, "{error}");
    }

    /// One millisecond after the other, each transfer by itself: what is left of each, in units of
    /// work.
    struct Ticking {
        rate: u128,
        cap: u128,
        left: Vec<Option<i128>>,
        moved: u128,
    }

    impl Ticking {
        fn tick(&mut self) {
            let n = self.left.iter().flatten().count() as u128;
            let share = self.cap.min(self.rate / n.max(1));
            assert!(share * n <= self.rate, "no more than there is");
            for left in self.left.iter_mut().flatten() {
                self.moved += share.min(left.unsigned_abs());
                *left -= i128::try_from(share).expect("a small share");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..Default::default() })]

        #[test]
        fn it_agrees_with_counting_every_millisecond(
            arrivals in prop::collection::vec((0..200u64, 1..40u64), 1..24),
            changes in prop::collection::vec((0..300u64, 0..4u64), 0..4),
            stops in prop::collection::vec((0..250u64, 0..24usize), 0..6),
            cap in prop::option::of(1..3u64),
        ) {
            // Rates in bytes a millisecond, so that transfers take some dozens of them.
            let per_hour = |it: u64| it * HOUR;
            let mut state = at_rate(per_hour(2), cap.map(per_hour));
            let units = |bytes: u64| u128::from(per_hour(bytes)) * DIVISIBLE;
            let mut ticking = Ticking {
                rate: units(2),
                cap: cap.map_or(u128::MAX, units),
                left: vec![None; arrivals.len()],
                moved: 0,
            };
            let mut due = NEVER;
            for now in 0..1_200 {
                let mut told = Vec::new();
                if due == now {
                    told.extend(std::iter::from_fn(|| state.pop_ended(now)));
                    told.sort_unstable();
                }
                let mut counted = Vec::new();
                for (number, left) in ticking.left.iter_mut().enumerate() {
                    if left.is_some_and(|it| it <= 0) {
                        *left = None;
                        counted.push(number as u64);
                    }
                }
                prop_assert_eq!(&told, &counted, "at {}", now);
                for (_, rate) in changes.iter().filter(|it| it.0 == now) {
                    state.set_rate(now, per_hour(*rate));
                    ticking.rate = units(*rate);
                }
                for (_, number) in stops.iter().filter(|it| it.0 == now) {
                    let left = ticking.left.get_mut(*number).and_then(Option::take);
                    let told = state.stop(now, *number as u64);
                    prop_assert_eq!(told, left.map(i128::unsigned_abs));
                }
                for (number, (_, bytes)) in arrivals.iter().enumerate().filter(|it| it.1.0 == now) {
                    state.begin(now, number as u64, work_of(*bytes));
                    ticking.left[number] = i128::try_from(work_of(*bytes)).ok();
                }
                due = state.next_end(now);
                ticking.tick();
            }
            prop_assert_eq!(state.tally(1_200, 1_200).moved, ticking.moved / BYTE);
        }
    }
}
