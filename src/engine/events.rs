//! The future-event list.

use crate::trace::TaskRef;

/// Something that is going to happen. Events of one instant are handled in the order of these
/// variants, then by what they are about; a number of creation plays no part, so that an outsider
/// can re-derive the order.
// The order is the tie-break of the whole simulator: moving a variant changes every result.
// Finishing comes first, so that whoever ends at six is free for what changes at six.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// Transfers over a throughput end; stale unless the throughput is due at this instant.
    // Before all other ends, so that these can take their places among them.
    TransferDue(u16),
    /// An attempt ends; stale if the task has been given up since, which its epoch tells.
    Finish(TaskRef, u8),
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

/// What [`pack`] put together, without the track.
#[inline(always)]
pub(super) fn unpack(low: u64) -> (TaskRef, u8) {
    let row = (low >> ROW & ROW_MASK) as u32;
    let step = (low >> STEP & STEP_MASK) as u16;
    (TaskRef { row, step }, low as u8)
}

impl Event {
    fn code(self, track: u8) -> u64 {
        match self {
            Self::TransferDue(index) => u64::from(index),
            Self::Finish(task, epoch) => 1 << KIND | pack(track, task, epoch),
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

    #[inline(always)]
    fn decode(low: u64) -> Self {
        match low >> KIND {
            0 => Self::TransferDue(low as u16),
            1 => {
                let (task, epoch) = unpack(low);
                Self::Finish(task, epoch)
            }
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

/// What is going to happen, earliest first: a radix heap (Ahuja, Mehlhorn, Orlin, Tarjan, "Faster
/// algorithms for the shortest path problem", 1990).
///
/// An event lies in the bucket of the highest hexadecimal digit in which its instant differs from
/// the present one, and of what that digit is. The clock never goes back, so an event only ever
/// moves to lower digits, a few times in its life and each time by an append; no comparison orders
/// what is still far away. Events of one instant end up together and are sorted then; mostly there
/// is one.
#[derive(Clone, Debug)]
pub(super) struct FutureEvents {
    /// The instant that has come.
    now: u64,
    /// What is left to happen at that instant, the first at the end.
    due: Vec<u64>,
    /// What comes later, instant and code, by the place of the digit and then by the digit.
    buckets: Vec<Vec<(u64, u64)>>,
    /// For each place of a digit, a bit for each bucket that holds something.
    filled: [u16; PLACES],
    /// A bit for each place of a digit where some bucket holds something.
    filled_places: u16,
}

/// Hexadecimal digits of an instant.
const PLACES: usize = 16;
const DIGITS: usize = 16;

impl Default for FutureEvents {
    fn default() -> Self {
        Self {
            now: 0,
            due: Vec::new(),
            buckets: vec![Vec::new(); PLACES * DIGITS],
            filled: [0; PLACES],
            filled_places: 0,
        }
    }
}

impl FutureEvents {
    /// Back to T+0, with nothing to come.
    pub(super) fn clear(&mut self) {
        self.now = 0;
        self.due.clear();
        self.buckets.iter_mut().for_each(Vec::clear);
        self.filled = [0; PLACES];
        self.filled_places = 0;
    }

    /// Moves on to the instant of the earliest event, in milliseconds; its events are due then.
    #[inline(always)]
    pub(super) fn next_instant(&mut self) -> Option<u64> {
        if self.due.is_empty() {
            if self.filled_places == 0 {
                return None;
            }
            self.advance();
        }
        Some(self.now)
    }

    fn advance(&mut self) {
        // Instants that differ in a lower place are nearer; in the same place, the smaller digit.
        let place = self.filled_places.trailing_zeros() as usize;
        let digit = self.filled[place].trailing_zeros() as usize;
        self.filled[place] &= self.filled[place] - 1;
        if self.filled[place] == 0 {
            self.filled_places &= self.filled_places - 1;
        }
        let bucket = &mut self.buckets[place * DIGITS + digit];
        if let [(at, code)] = bucket[..] {
            bucket.clear();
            self.now = at;
            self.due.push(code);
            return;
        }
        let mut bucket = std::mem::take(bucket);
        let earliest = bucket.iter().map(|(at, _)| *at).min();
        self.now = earliest.expect("a filled bucket holds something");
        for (at, code) in bucket.drain(..) {
            self.put(at, code);
        }
        // The empty bucket keeps its memory.
        self.buckets[place * DIGITS + digit] = bucket;
        if self.due.len() > 1 {
            self.due.sort_unstable_by(|a, b| b.cmp(a));
        }
    }

    #[inline(always)]
    fn put(&mut self, at: u64, code: u64) {
        if at == self.now {
            self.due.push(code);
            return;
        }
        let place = (at ^ self.now).ilog2() as usize / 4;
        let digit = (at >> (4 * place)) as usize % DIGITS;
        self.buckets[place * DIGITS + digit].push((at, code));
        self.filled[place] |= 1 << digit;
        self.filled_places |= 1 << place;
    }

    /// The next event that is due.
    #[inline(always)]
    pub(super) fn pop(&mut self) -> Option<Event> {
        self.due.pop().map(Event::decode)
    }

    /// `track` matters for the end of an attempt only.
    #[inline(always)]
    pub(super) fn push(&mut self, at: u64, track: u8, event: Event) {
        self.push_code(at, event.code(track));
    }

    /// The end of an attempt whose task, track and epoch are [packed](pack).
    pub(super) fn push_packed(&mut self, at: u64, packed: u64) {
        self.push_code(at, 1 << KIND | packed);
    }

    #[inline(always)]
    fn push_code(&mut self, at: u64, code: u64) {
        assert!(self.now <= at, "nothing happens in the past");
        if at == self.now {
            // It is due at once, in its order among what else is.
            let place = self.due.partition_point(|other| *other > code);
            self.due.insert(place, code);
        } else {
            self.put(at, code);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_one_instant_come_by_kind_and_then_by_track_site_and_step() {
        let task = |row, step| TaskRef { row, step };
        let in_order = [
            (5, 1, Event::Finish(task(9, 9), 0)),
            (7, 0, Event::TransferDue(0)),
            (7, 0, Event::TransferDue(1)),
            (7, 0, Event::Finish(task(2, 4_000), 1)),
            (7, 0, Event::Finish(task(3, 1), 0)),
            (7, 1, Event::Finish(task(0, 0), 255)),
            (7, 0, Event::Milestone(3)),
            (7, 0, Event::Level(0)),
            (7, 0, Event::Rate(0)),
            (7, 0, Event::Inject(9, false)),
            (7, 0, Event::Inject(1, true)),
            (7, 0, Event::Open(2)),
            (7, 0, Event::Close(1)),
            (7, 0, Event::Loss(6)),
            (7, 0, Event::Deletion),
            (7, 0, Event::Unload(4)),
            (8, 0, Event::Finish(task(0, 0), 0)),
        ];
        let mut future = FutureEvents::default();
        for (at, track, event) in in_order.iter().rev() {
            future.push(*at, *track, *event);
        }
        assert_eq!(all(&mut future), in_order.map(|(at, _, event)| (at, event)));
    }

    #[test]
    fn what_is_put_in_for_the_present_instant_takes_its_place_among_the_rest() {
        let mut future = FutureEvents::default();
        future.push(7, 0, Event::Close(1));
        future.push(7, 0, Event::Milestone(0));
        assert_eq!(future.next_instant(), Some(7));
        assert_eq!(future.pop(), Some(Event::Milestone(0)));
        future.push(7, 0, Event::Open(1));
        future.push(9, 0, Event::Deletion);
        assert_eq!(future.pop(), Some(Event::Open(1)));
        assert_eq!(future.pop(), Some(Event::Close(1)));
        assert_eq!(future.pop(), None);
        assert_eq!(all(&mut future), [(9, Event::Deletion)]);
    }

    fn all(future: &mut FutureEvents) -> Vec<(u64, Event)> {
        let mut events = Vec::new();
        while let Some(at) = future.next_instant() {
            events.extend(std::iter::from_fn(|| future.pop()).map(|event| (at, event)));
        }
        events
    }

    #[test]
    fn events_come_out_in_order_however_they_are_put_in_and_taken() {
        let mut future = FutureEvents::default();
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
                future.push(at, 0, Event::Finish(TaskRef { row, step: 1 }, 0));
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
                let task = TaskRef { row, step: 1 };
                assert_eq!(future.pop(), Some(Event::Finish(task, 0)));
            }
            assert_eq!(future.pop(), None);
        }
    }
}
