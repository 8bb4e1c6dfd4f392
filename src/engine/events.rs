//! The future-event list: one binary heap of packed keys.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

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

/// What is going to happen, earliest first.
#[derive(Clone, Debug, Default)]
pub(super) struct FutureEvents {
    heap: BinaryHeap<Reverse<u128>>,
}

impl FutureEvents {
    pub(super) fn clear(&mut self) {
        self.heap.clear();
    }

    /// The instant of the earliest event, in milliseconds.
    #[inline(always)]
    pub(super) fn next_instant(&self) -> Option<u64> {
        self.heap.peek().map(|Reverse(key)| (key >> 64) as u64)
    }

    /// Takes the earliest event if it happens at `now`.
    #[inline(always)]
    pub(super) fn pop_at(&mut self, now: u64) -> Option<Event> {
        let top = self.heap.peek_mut()?;
        let key = top.0;
        ((key >> 64) as u64 == now).then(|| {
            PeekMut::pop(top);
            Event::decode(key as u64)
        })
    }

    /// `track` matters for the end of an attempt only.
    #[inline(always)]
    pub(super) fn push(&mut self, at: u64, track: u8, event: Event) {
        self.heap.push(Reverse(u128::from(at) << 64 | u128::from(event.code(track))));
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
        for (at, _, event) in in_order {
            assert_eq!(future.next_instant(), Some(at));
            assert_eq!(future.pop_at(at), Some(event));
        }
        assert_eq!(future.next_instant(), None);
    }
}
