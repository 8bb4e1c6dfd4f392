//! The future-event list: one heap of packed keys.

use crate::trace::TaskRef;

/// Something that is going to happen. Events of one instant are handled in the order of these
/// variants, then by what they are about; a number of creation plays no part, so that an outsider
/// can re-derive the order.
// The order is the tie-break of the whole simulator: moving a variant changes every result.
// Finishing comes first, so that whoever ends at six is free for what changes at six.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// An attempt ends; stale if the task has been given up since, which its epoch tells.
    Finish(TaskRef, u8),
    Milestone(u32),
    /// A point of a ramp is reached.
    Level(u32),
    Open(u8),
    Close(u8),
    /// Sites are deleted that tracks have been waiting for.
    Deletion,
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
            Self::Finish(task, epoch) => pack(track, task, epoch),
            Self::Milestone(index) => 1 << KIND | u64::from(index),
            Self::Level(index) => 2 << KIND | u64::from(index),
            Self::Open(track) => 3 << KIND | u64::from(track),
            Self::Close(track) => 4 << KIND | u64::from(track),
            Self::Deletion => 5 << KIND,
        }
    }

    #[inline(always)]
    fn decode(low: u64) -> Self {
        match low >> KIND {
            0 => {
                let (task, epoch) = unpack(low);
                Self::Finish(task, epoch)
            }
            1 => Self::Milestone(low as u32),
            2 => Self::Level(low as u32),
            3 => Self::Open(low as u8),
            4 => Self::Close(low as u8),
            _ => Self::Deletion,
        }
    }
}

/// Children of a node of the heap.
const WIDTH: usize = 4;
/// Behind the last key, so that every node has all its children.
const NOTHING: u64 = u64::MAX;
/// Bits of a key for the place of the event's code; the rest is the instant.
const SLOT: u32 = 24;
const SLOT_MASK: u64 = (1 << SLOT) - 1;
/// Later than any horizon: 34 years of milliseconds.
const TOO_LATE: u64 = (1 << (64 - SLOT)) - 1;

/// What is going to happen, earliest first: a heap with four children a node, which is flatter than
/// a binary one and finds the children of a node side by side.
///
/// Its keys are one word: the instant, and where to find what happens. They do not order the events
/// of one instant; those are sorted when their instant comes, and mostly there is one.
///
/// The last event of an instant stays at the top until the next one is put in, which then takes its
/// place: most events end an attempt and let another start, and one move down the heap is cheaper
/// than a removal and an insertion.
#[derive(Clone, Debug)]
pub(super) struct FutureEvents {
    /// The keys, then at least as many times nothing as a node has children.
    keys: Vec<u64>,
    len: usize,
    /// Whether the event at the top is among those that are due.
    taken: bool,
    /// What happens, by the places that keys name.
    codes: Vec<u64>,
    /// Places that no key names.
    free: Vec<u32>,
    /// The instant that has come.
    now: u64,
    /// What is left to happen at that instant, the first at the end.
    due: Vec<u64>,
}

impl Default for FutureEvents {
    fn default() -> Self {
        Self {
            keys: vec![NOTHING; WIDTH + 1],
            len: 0,
            taken: false,
            codes: Vec::new(),
            free: Vec::new(),
            now: 0,
            due: Vec::new(),
        }
    }
}

impl FutureEvents {
    /// Back to T+0, with nothing to come.
    pub(super) fn clear(&mut self) {
        self.keys.fill(NOTHING);
        self.len = 0;
        self.taken = false;
        self.codes.clear();
        self.free.clear();
        self.now = 0;
        self.due.clear();
    }

    /// The instant of the earliest event, in milliseconds.
    #[inline(always)]
    pub(super) fn next_instant(&mut self) -> Option<u64> {
        if !self.due.is_empty() {
            return Some(self.now);
        }
        if self.taken {
            self.remove_top();
        }
        (self.len > 0).then(|| self.keys[0] >> SLOT)
    }

    /// Makes the events of the earliest instant due.
    #[inline(always)]
    pub(super) fn advance(&mut self) {
        debug_assert!(!self.taken, "the next instant was asked for");
        let Some(key) = self.keys.first().filter(|_| self.len > 0) else { return };
        let instant = key >> SLOT;
        if instant > self.now {
            assert!(self.due.is_empty(), "the clock went on before everything had happened");
            self.now = instant;
        }
        while self.len > 0 && self.keys[0] >> SLOT == instant {
            if self.taken {
                self.remove_top();
                continue;
            }
            let slot = (self.keys[0] & SLOT_MASK) as u32;
            self.due.push(self.codes[slot as usize]);
            self.free.push(slot);
            self.taken = true;
            if self.least_child(0).1 >> SLOT != instant {
                break;
            }
        }
        if self.due.len() > 1 {
            self.due.sort_unstable_by(|a, b| b.cmp(a));
        }
    }

    /// The next event that is due.
    #[inline(always)]
    pub(super) fn pop(&mut self) -> Option<Event> {
        self.due.pop().map(Event::decode)
    }

    /// `track` matters for the end of an attempt only.
    #[inline(always)]
    pub(super) fn push(&mut self, at: u64, track: u8, event: Event) {
        let code = event.code(track);
        if at == self.now && at > 0 {
            // It is due at once, in its order among what else is.
            let place = self.due.partition_point(|other| *other > code);
            self.due.insert(place, code);
            return;
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.codes.push(0);
            u32::try_from(self.codes.len() - 1).expect("fewer than 2^24 events are to come")
        });
        assert!(u64::from(slot) <= SLOT_MASK, "fewer than 2^24 events are to come");
        self.codes[slot as usize] = code;
        let key = at.min(TOO_LATE) << SLOT | u64::from(slot);
        if std::mem::take(&mut self.taken) {
            self.sift_down(key);
            return;
        }
        self.len += 1;
        if self.keys.len() < self.len + WIDTH {
            self.keys.push(NOTHING);
        }
        self.sift_up(key);
    }

    fn remove_top(&mut self) {
        self.taken = false;
        self.len -= 1;
        let last = std::mem::replace(&mut self.keys[self.len], NOTHING);
        if self.len > 0 {
            self.sift_down(last);
        }
    }

    /// Puts a key in the place of the one at the top.
    #[inline(always)]
    fn sift_down(&mut self, key: u64) {
        let mut node = 0;
        loop {
            let (child, least) = self.least_child(node);
            if key <= least {
                break;
            }
            self.keys[node] = least;
            node = child;
        }
        self.keys[node] = key;
    }

    /// Puts a key behind the last one.
    #[inline(always)]
    fn sift_up(&mut self, key: u64) {
        let mut node = self.len - 1;
        while node > 0 {
            let parent = (node - 1) / WIDTH;
            if self.keys[parent] <= key {
                break;
            }
            self.keys[node] = self.keys[parent];
            node = parent;
        }
        self.keys[node] = key;
    }

    /// The child of a node with the least key; nothing where there is none.
    #[inline(always)]
    fn least_child(&self, node: usize) -> (usize, u64) {
        let first = node * WIDTH + 1;
        let Some([a, b, c, d]) = self.keys.get(first..first + WIDTH) else {
            return (first, NOTHING);
        };
        let left = if b < a { (first + 1, *b) } else { (first, *a) };
        let right = if d < c { (first + 3, *d) } else { (first + 2, *c) };
        if right.1 < left.1 { right } else { left }
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
            (7, 0, Event::Finish(task(2, 4_000), 1)),
            (7, 0, Event::Finish(task(3, 1), 0)),
            (7, 1, Event::Finish(task(0, 0), 255)),
            (7, 0, Event::Milestone(3)),
            (7, 0, Event::Level(0)),
            (7, 0, Event::Open(2)),
            (7, 0, Event::Close(1)),
            (7, 0, Event::Deletion),
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
        future.advance();
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
            future.advance();
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
            future.advance();
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
