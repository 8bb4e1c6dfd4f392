//! The future-event list.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::engine::task::NEVER;
use crate::trace::TaskRef;

/// Something that is going to happen, other than the end of an attempt. Events of one instant are
/// handled in the order of these variants, the ends of attempts behind the first of them, then by what
/// they are about; a number of creation plays no part, so that an outsider can re-derive the order.
// The order is the tie-break of the whole simulator: moving a variant changes every result.
// Ends come before nearly all, so that whoever ends at six is free for what changes at six.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// Transfers over a throughput end; stale unless the throughput is due at this instant.
    // Before all other ends, so that these can take their places among them.
    TransferDue(u16),
    Milestone(u32),
    /// A point of a ramp is reached.
    Level(u32),
    /// A point of a ramp of rates is reached.
    Rate(u32),
    /// An inject is over, or (`true`) begins.
    Inject(u32, bool),
    Open(u8),
    Close(u8),
    /// Something more is taken of a site.
    Loss(u32),
    /// Sites are deleted that tracks have been waiting for.
    Deletion,
    /// A load that nobody needs has been kept as long as it is to be.
    Unload(u32),
}

/// What happens now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// An attempt ends; stale if the task has been given up since, which its epoch tells.
    End(TaskRef, u8),
    Other(Event),
}

const KIND: u32 = 60;
const TRACK: u32 = 52;
const ROW: u32 = 24;
const STEP: u32 = 12;
const ROW_MASK: u64 = (1 << (TRACK - ROW)) - 1;
const STEP_MASK: u64 = (1 << (ROW - STEP)) - 1;

/// A task as the low bits of a key: the order is track, site, step, and what is kept with them.
#[inline(always)]
pub(super) fn pack(track: u8, task: TaskRef, epoch: u8) -> u64 {
    u64::from(track) << TRACK
        | u64::from(task.row) << ROW
        | u64::from(task.step) << STEP
        | u64::from(epoch)
}

/// What [`pack`] put together.
#[inline(always)]
pub(super) fn unpack(low: u64) -> (u8, TaskRef, u8) {
    let row = (low >> ROW & ROW_MASK) as u32;
    let step = (low >> STEP & STEP_MASK) as u16;
    ((low >> TRACK) as u8, TaskRef { row, step }, low as u8)
}

impl Event {
    /// Kind and what it is about.
    fn code(self) -> u64 {
        match self {
            Self::TransferDue(index) => u64::from(index),
            Self::Milestone(index) => 2 << KIND | u64::from(index),
            Self::Level(index) => 3 << KIND | u64::from(index),
            Self::Rate(index) => 4 << KIND | u64::from(index),
            // What is over ends before something else begins.
            Self::Inject(index, begins) => 5 << KIND | u64::from(begins) << 32 | u64::from(index),
            Self::Open(track) => 6 << KIND | u64::from(track),
            Self::Close(track) => 7 << KIND | u64::from(track),
            Self::Loss(index) => 8 << KIND | u64::from(index),
            Self::Deletion => 9 << KIND,
            Self::Unload(load) => 10 << KIND | u64::from(load),
        }
    }

    fn decode(low: u64) -> Self {
        match low >> KIND {
            0 => Self::TransferDue(low as u16),
            2 => Self::Milestone(low as u32),
            3 => Self::Level(low as u32),
            4 => Self::Rate(low as u32),
            5 => Self::Inject(low as u32, low >> 32 & 1 == 1),
            6 => Self::Open(low as u8),
            7 => Self::Close(low as u8),
            8 => Self::Loss(low as u32),
            9 => Self::Deletion,
            _ => Self::Unload(low as u32),
        }
    }
}

/// What is going to happen, earliest first.
///
/// Nearly all of it are ends of attempts, as many as run at once; they lie in a heap of their own, in
/// one word each where the plan allows it. What else is to come lies beside it, and is looked at
/// only when its instant has come.
#[derive(Clone, Debug)]
pub(super) struct FutureEvents {
    /// The instant that has come.
    now: u64,
    /// The instant behind the horizon, at which all is put that comes later than that.
    beyond: u64,
    /// When the first of the attempts ends; never without any.
    next_end: u64,
    ends: Ends,
    /// When the first of the others comes; never without any.
    next_other: u64,
    /// Instant and code of all that is no end of an attempt.
    others: BinaryHeap<Reverse<u128>>,
}

/// The ends of attempts, by instant, track, site and step.
#[derive(Clone, Debug)]
enum Ends {
    /// One word each: 50 instructions an attempt less than two (of 1,250 of a plain chain).
    Narrow(Layout, Heap<u64>),
    /// Two words, for plans with so many sites and steps, or a horizon so far, that one is not enough.
    Wide(Heap<u128>),
}

/// Where in a word a task and the instant of its end stand.
#[derive(Clone, Copy, Debug)]
struct Layout {
    step: u32,
    row: u32,
    track: u32,
    at: u32,
}

/// Bits of an epoch.
const EPOCH: u32 = 8;

impl Layout {
    /// The layout that a plan of so many tracks, sites and steps needs up to a last instant, unless a
    /// word is too short.
    fn new(tracks: usize, rows: usize, steps: usize, last: u64) -> Option<Self> {
        let bits = |count: usize| (count.max(1) as u64 - 1).checked_ilog2().map_or(0, |it| it + 1);
        let step = EPOCH;
        let row = step + bits(steps);
        let track = row + bits(rows);
        let at = track + bits(tracks);
        (at <= last.leading_zeros()).then_some(Self { step, row, track, at })
    }

    #[inline(always)]
    fn pack(self, at: u64, track: u8, task: TaskRef, epoch: u8) -> u64 {
        at << self.at
            | u64::from(track) << self.track
            | u64::from(task.row) << self.row
            | u64::from(task.step) << self.step
            | u64::from(epoch)
    }

    #[inline(always)]
    fn unpack(self, word: u64) -> (TaskRef, u8) {
        let part = |from: u32, to: u32| word >> from & ((1 << (to - from)) - 1);
        let task = TaskRef {
            row: part(self.row, self.track) as u32,
            step: part(self.step, self.row) as u16,
        };
        (task, word as u8)
    }
}

impl FutureEvents {
    /// Room for what happens to so many sites with so many steps in so many tracks, up to a horizon
    /// in milliseconds: what comes later than that has no order.
    pub(super) fn new(tracks: usize, rows: usize, steps: usize, horizon: u64) -> Self {
        let beyond = horizon.saturating_add(1);
        let ends = match Layout::new(tracks, rows, steps, beyond) {
            Some(layout) => Ends::Narrow(layout, Heap::default()),
            None => Ends::Wide(Heap::default()),
        };
        Self { now: 0, beyond, next_end: NEVER, ends, next_other: NEVER, others: BinaryHeap::new() }
    }

    /// Back to T+0, with nothing to come.
    pub(super) fn clear(&mut self) {
        self.now = 0;
        self.next_end = NEVER;
        self.next_other = NEVER;
        self.others.clear();
        match &mut self.ends {
            Ends::Narrow(_, heap) => heap.clear(),
            Ends::Wide(heap) => heap.clear(),
        }
    }

    /// Moves on to the instant of the earliest event, in milliseconds; its events are due then.
    #[inline(always)]
    pub(super) fn next_instant(&mut self) -> Option<u64> {
        let next = self.next_end.min(self.next_other);
        if next == NEVER {
            return None;
        }
        self.now = next;
        Some(next)
    }

    /// The next event that is due.
    #[inline(always)]
    pub(super) fn pop(&mut self) -> Option<Due> {
        if self.next_other == self.now {
            return self.pop_among_others();
        }
        (self.next_end == self.now).then(|| self.pop_end())
    }

    #[inline(always)]
    fn pop_end(&mut self) -> Due {
        let (task, epoch) = match &mut self.ends {
            Ends::Narrow(layout, heap) => {
                let task = layout.unpack(heap.take_first());
                self.next_end = heap.first().map_or(NEVER, |word| word >> layout.at);
                task
            }
            Ends::Wide(heap) => {
                let (_, task, epoch) = unpack(heap.take_first() as u64);
                self.next_end = heap.first().map_or(NEVER, |word| (word >> 64) as u64);
                (task, epoch)
            }
        };
        Due::End(task, epoch)
    }

    /// The next event that is due, when it may be something else than the end of an attempt.
    #[cold]
    #[inline(never)]
    fn pop_among_others(&mut self) -> Option<Due> {
        let Reverse(first) = *self.others.peek()?;
        let before_ends = (first as u64) >> KIND == 0;
        if !before_ends && self.next_end == self.now {
            return Some(self.pop_end());
        }
        self.others.pop();
        self.next_other = self.others.peek().map_or(NEVER, |it| (it.0 >> 64) as u64);
        Some(Due::Other(Event::decode(first as u64)))
    }

    /// Something that is no end of an attempt.
    pub(super) fn push(&mut self, at: u64, event: Event) {
        assert!(self.now <= at, "nothing happens in the past");
        self.others.push(Reverse(u128::from(at) << 64 | u128::from(event.code())));
        self.next_other = self.next_other.min(at);
    }

    /// The end of an attempt.
    #[inline(always)]
    pub(super) fn push_end(&mut self, at: u64, track: u8, task: TaskRef, epoch: u8) {
        assert!(self.now <= at, "nothing happens in the past");
        let at = at.min(self.beyond);
        self.next_end = self.next_end.min(at);
        match &mut self.ends {
            Ends::Narrow(layout, heap) => heap.push(layout.pack(at, track, task, epoch)),
            Ends::Wide(heap) => {
                heap.push(u128::from(at) << 64 | u128::from(pack(track, task, epoch)));
            }
        }
    }
}

/// A binary heap whose first word may be taken before its place is filled: mostly an end lets
/// another attempt start, and its end goes right there, which saves one way through the heap (50 of
/// 1,300 instructions an attempt of a plain chain).
#[derive(Clone, Debug)]
struct Heap<W> {
    words: Vec<W>,
    /// Whether the first word has been taken.
    has_hole: bool,
}

impl<W> Default for Heap<W> {
    fn default() -> Self {
        Self { words: Vec::new(), has_hole: false }
    }
}

impl<W: Copy + Ord> Heap<W> {
    fn clear(&mut self) {
        self.words.clear();
        self.has_hole = false;
    }

    #[inline(always)]
    fn first(&self) -> Option<W> {
        match (self.has_hole, &self.words[..]) {
            (false, words) => words.first().copied(),
            (true, [_, left, right, ..]) => Some(*left.min(right)),
            (true, words) => words.get(1).copied(),
        }
    }

    /// There must be one.
    #[inline(always)]
    fn take_first(&mut self) -> W {
        if self.has_hole {
            self.fill_hole();
        }
        self.has_hole = true;
        self.words[0]
    }

    #[inline(never)]
    fn fill_hole(&mut self) {
        self.has_hole = false;
        let last = self.words.pop().expect("where something was taken there was something");
        if !self.words.is_empty() {
            self.sink(last);
        }
    }

    #[inline(always)]
    fn push(&mut self, word: W) {
        if self.has_hole {
            self.has_hole = false;
            self.sink(word);
        } else {
            self.rise(word);
        }
    }

    /// Puts a word in from the top.
    #[inline(always)]
    fn sink(&mut self, word: W) {
        let words = &mut self.words[..];
        let mut place = 0;
        let mut left = 1;
        while left + 1 < words.len() {
            // Without a branch: which of the two is earlier cannot be foreseen.
            let child = left + usize::from(words[left + 1] < words[left]);
            let earlier = words[child];
            if earlier >= word {
                words[place] = word;
                return;
            }
            words[place] = earlier;
            place = child;
            left = 2 * place + 1;
        }
        // At most one word below has no neighbour: the last.
        if left < words.len() && words[left] < word {
            words[place] = words[left];
            place = left;
        }
        words[place] = word;
    }

    /// Puts a word in from the end.
    #[inline(never)]
    fn rise(&mut self, word: W) {
        let mut place = self.words.len();
        self.words.push(word);
        while place > 0 {
            let above = (place - 1) / 2;
            if self.words[above] <= word {
                break;
            }
            self.words[place] = self.words[above];
            place = above;
        }
        self.words[place] = word;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Room for 2^20 sites of 4,096 steps in 4 tracks up to some instants, in words of one and of two
    /// parts.
    fn narrow_and_wide() -> [FutureEvents; 2] {
        [1 << 20, u64::MAX >> 8].map(|horizon| FutureEvents::new(4, 1 << 20, 1 << 12, horizon))
    }

    #[test]
    fn a_word_is_enough_unless_there_are_too_many_sites_or_the_horizon_is_too_far() {
        let [narrow, wide] = narrow_and_wide();
        assert!(matches!(narrow.ends, Ends::Narrow(..)));
        assert!(matches!(wide.ends, Ends::Wide(_)));
        // Ten bits for the sites, seven for the steps, eight for epochs: 39 are left, 17 years.
        assert!(Layout::new(1, 883, 70, (1 << 39) - 1).is_some());
        assert!(Layout::new(1, 883, 70, 1 << 39).is_none());
    }

    #[test]
    fn events_of_one_instant_come_by_kind_and_then_by_track_site_and_step() {
        let end = |row, step, epoch| Due::End(TaskRef { row, step }, epoch);
        let in_order = [
            (5, 1, end(9, 9, 0)),
            (7, 0, Due::Other(Event::TransferDue(0))),
            (7, 0, Due::Other(Event::TransferDue(1))),
            (7, 0, end(2, 4_000, 1)),
            (7, 0, end(3, 1, 0)),
            (7, 1, end(0, 0, 255)),
            (7, 0, Due::Other(Event::Milestone(3))),
            (7, 0, Due::Other(Event::Level(0))),
            (7, 0, Due::Other(Event::Rate(0))),
            (7, 0, Due::Other(Event::Inject(9, false))),
            (7, 0, Due::Other(Event::Inject(1, true))),
            (7, 0, Due::Other(Event::Open(2))),
            (7, 0, Due::Other(Event::Close(1))),
            (7, 0, Due::Other(Event::Loss(6))),
            (7, 0, Due::Other(Event::Deletion)),
            (7, 0, Due::Other(Event::Unload(4))),
            (8, 0, end(0, 0, 0)),
        ];
        for mut future in narrow_and_wide() {
            for (at, track, due) in in_order.iter().rev() {
                match due {
                    Due::End(task, epoch) => future.push_end(*at, *track, *task, *epoch),
                    Due::Other(event) => future.push(*at, *event),
                }
            }
            assert_eq!(all(&mut future), in_order.map(|(at, _, due)| (at, due)));
        }
    }

    #[test]
    fn what_is_put_in_for_the_present_instant_takes_its_place_among_the_rest() {
        for mut future in narrow_and_wide() {
            let (first, second) = (TaskRef { row: 1, step: 0 }, TaskRef { row: 2, step: 0 });
            future.push(7, Event::Close(1));
            future.push_end(7, 0, second, 0);
            assert_eq!(future.next_instant(), Some(7));
            assert_eq!(future.pop(), Some(Due::End(second, 0)));
            future.push(7, Event::Open(1));
            future.push_end(7, 0, first, 0);
            future.push(9, Event::Deletion);
            assert_eq!(future.pop(), Some(Due::End(first, 0)));
            assert_eq!(future.pop(), Some(Due::Other(Event::Open(1))));
            assert_eq!(future.pop(), Some(Due::Other(Event::Close(1))));
            assert_eq!(future.pop(), None);
            assert_eq!(all(&mut future), [(9, Due::Other(Event::Deletion))]);
        }
    }

    #[test]
    fn what_ends_behind_the_horizon_is_still_to_come_then() {
        let mut future = FutureEvents::new(1, 10, 10, 100);
        future.push_end(u64::MAX >> 20, 0, TaskRef { row: 1, step: 1 }, 0);
        assert_eq!(future.next_instant(), Some(101));
    }

    fn all(future: &mut FutureEvents) -> Vec<(u64, Due)> {
        let mut events = Vec::new();
        while let Some(at) = future.next_instant() {
            events.extend(std::iter::from_fn(|| future.pop()).map(|event| (at, event)));
        }
        events
    }

    #[test]
    fn events_come_out_in_order_however_they_are_put_in_and_taken() {
        for mut future in narrow_and_wide() {
            // A linear congruential sequence: any order will do, as long as it is the same each time.
            let mut state = 12_345u64;
            let mut draw = |below: u64| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 33) % below
            };
            let (mut pending, mut now) = (Vec::new(), 0);
            for round in 0..5_000u64 {
                for _ in 0..draw(3) {
                    let row = draw(1 << 20) as u32;
                    let at = now + 1 + draw(40);
                    pending.push((at, row));
                    future.push_end(at, 0, TaskRef { row, step: 1 }, 0);
                }
                let earliest = pending.iter().map(|it: &(u64, u32)| it.0).min();
                assert_eq!(future.next_instant(), earliest, "in round {round}");
                let Some(at) = earliest else { continue };
                now = at;
                let mut expected: Vec<u32> =
                    pending.iter().filter(|it| it.0 == at).map(|it| it.1).collect();
                expected.sort_unstable();
                pending.retain(|it| it.0 != at);
                for row in expected {
                    assert_eq!(future.pop(), Some(Due::End(TaskRef { row, step: 1 }, 0)));
                }
                assert_eq!(future.pop(), None);
            }
        }
    }
}
