//! Tracks at work: they open, take sites in batches, close; sites pass gates, are handed over, given
//! up or lost.

mod places;
mod rules;

use std::sync::Arc;

use crate::engine::task::NEVER;
use crate::plan::{Plan, PlanTrack};

use self::places::Places;

/// A track at work.
#[derive(Clone, Debug)]
struct TrackState {
    open: bool,
    closed: bool,
    /// Batches that hold a slot.
    in_flight: u32,
    /// `once` steps that are not done.
    once_left: u32,
    /// Batches that it has formed.
    batches: u32,
    /// The rows that it may take, in its order: that of the plan, unless each replication draws one.
    order: Arc<[u32]>,
    /// The first place in the order that it has not looked at.
    cursor: usize,
    /// The place of each row in the order, if it has looked at that; others say nothing.
    place_of: Vec<u32>,
    /// Places that it has looked at, and whose sites it may be able to take since then.
    offered: Places,
    /// Whether it might take a batch now.
    may_take: bool,
}

impl TrackState {
    fn new(track: &PlanTrack, rows: usize) -> Self {
        let order = match track.shuffle {
            Some(_) => Arc::from(&*track.candidates),
            None => Arc::clone(&track.candidates),
        };
        Self {
            open: false,
            closed: false,
            in_flight: 0,
            once_left: 0,
            batches: 0,
            offered: Places::of(order.len()),
            order,
            cursor: 0,
            place_of: vec![0; rows],
            may_take: false,
        }
    }

    /// A site may be taken. A track that has not come to it in its order will.
    #[inline(always)]
    fn offer(&mut self, row: u32) {
        let place = self.place_of[row as usize];
        if (place as usize) < self.cursor && self.order[place as usize] == row {
            self.offered.insert(place);
        }
    }

    /// The next row in order that might be taken. It is not asked for again until it is offered, so
    /// that sites that are deleted only later cost nothing until they are.
    #[inline(always)]
    fn next_row(&mut self) -> Option<u32> {
        // All that is offered stands before the cursor.
        if let Some(place) = self.offered.take_first() {
            return Some(self.order[place as usize]);
        }
        let row = self.order.get(self.cursor).copied()?;
        self.place_of[row as usize] = u32::try_from(self.cursor).expect("fewer than 2^32 sites");
        self.cursor += 1;
        Some(row)
    }
}

/// How far all tracks have come, and how far sites have in them.
#[derive(Clone, Debug)]
pub(super) struct Tracks {
    list: Vec<TrackState>,
    /// Whether any of them might take a batch now.
    any_may_take: bool,
    /// Steps that a row has to pass before it frees its part of the slot, by track, then row.
    slot_left: Vec<u16>,
    /// Steps that a row has to pass before it is handed over.
    hand_left: Vec<u16>,
    /// The track that has claimed each row.
    claimed_by: Vec<u8>,
    /// How many of the later deletions of the plan have come.
    deletions_seen: usize,
    /// The earliest deletion that is on the list of events for tracks that wait; never without one.
    deletion_due: u64,
    /// Room for sorting.
    keys: Vec<(f64, u32)>,
}

impl Tracks {
    pub(super) fn new(plan: &Plan) -> Self {
        let (tracks, rows) = (plan.tracks.len(), plan.sites.len());
        Self {
            list: plan.tracks.iter().map(|track| TrackState::new(track, rows)).collect(),
            any_may_take: false,
            slot_left: vec![0; rows * tracks],
            hand_left: vec![0; rows],
            claimed_by: vec![u8::MAX; rows],
            deletions_seen: 0,
            deletion_due: NEVER,
            keys: Vec::new(),
        }
    }

    /// Nobody has taken anything yet.
    pub(super) fn clear(&mut self) {
        self.slot_left.fill(0);
        self.hand_left.fill(0);
        self.claimed_by.fill(u8::MAX);
        self.deletions_seen = 0;
        self.deletion_due = NEVER;
    }

    /// Has another look at whether a track takes a batch.
    #[inline(always)]
    pub(super) fn look_again_at(&mut self, track: usize) {
        self.list[track].may_take = true;
        self.any_may_take = true;
    }

    /// Has another look at whether any track takes a batch.
    #[inline(always)]
    pub(super) fn look_again_at_all(&mut self) {
        self.list.iter_mut().for_each(|track| track.may_take = true);
        self.any_may_take = true;
    }

    /// Whether any track might take a batch now.
    #[inline(always)]
    pub(super) fn any_may_take(&self) -> bool {
        self.any_may_take
    }

    /// Any track may take a site that none might take until now.
    #[inline(always)]
    pub(super) fn offer(&mut self, row: u32) {
        self.list.iter_mut().for_each(|track| track.offer(row));
    }

    /// Another track may claim a row.
    #[inline(always)]
    pub(super) fn unclaim(&mut self, row: u32) {
        self.claimed_by[row as usize] = u8::MAX;
        self.offer(row);
    }

    /// One of the `once` steps of a track is done.
    #[inline(always)]
    pub(super) fn count_once_step(&mut self, track: usize) {
        self.list[track].once_left -= 1;
        self.look_again_at(track);
    }

    /// A site is handed over only after one more end, if that counts.
    #[inline(always)]
    pub(super) fn hand_over_later(&mut self, row: u32, counts: bool) {
        self.hand_left[row as usize] += u16::from(counts);
    }

    /// How many batches of a track hold a slot.
    #[inline(always)]
    pub(super) fn in_flight(&self, track: usize) -> u32 {
        self.list[track].in_flight
    }

    /// How many tracks are at work, and how many batches hold a slot. A track is at work while one
    /// of its batches holds a slot or its `once` steps are under way.
    pub(super) fn at_work(&self) -> (u32, u32) {
        let (mut tracks, mut batches) = (0u32, 0u32);
        for track in &self.list {
            tracks += u32::from(track.in_flight > 0 || (track.open && track.once_left > 0));
            batches += track.in_flight;
        }
        (tracks, batches)
    }
}
