//! Batches at work and the sites in them, which every mechanism shares: who is in which, and which
//! row stands for all of a batch.

use crate::engine::task::NONE;

/// The batch of a site that has been taken out of it.
const GONE: u32 = u32::MAX - 1;

/// A batch at work.
#[derive(Clone, Copy, Debug)]
pub(super) struct Batch {
    pub track: u8,
    /// Its place among the batches of its track; everywhere else batches are numbered over all tracks.
    pub number_in_track: u32,
    /// Its part of the list of members.
    pub first: u32,
    pub count: u32,
    /// Members that have not passed the step that frees the slot.
    pub slots_left: u32,
    /// Members that have not been taken out of it.
    pub members_left: u32,
}

/// The batches that tracks have formed, in the order in which they did.
#[derive(Clone, Debug)]
pub(super) struct Batches {
    list: Vec<Batch>,
    /// The rows of all batches, batch after batch; of each the row first in which its tasks lie.
    members: Vec<u32>,
    /// How many members are in batches; those behind are gathered for the next.
    formed: usize,
    /// The batch in which a track has a row, by track, then row.
    of_row: Vec<u32>,
    /// The batch of a track that a row is the first of, by track, then row.
    of_first_row: Vec<u32>,
    rows: usize,
}

impl Batches {
    pub(super) fn new(tracks: usize, rows: usize) -> Self {
        Self {
            list: Vec::new(),
            members: Vec::with_capacity(rows * tracks),
            formed: 0,
            of_row: vec![NONE; rows * tracks],
            of_first_row: vec![NONE; rows * tracks],
            rows,
        }
    }

    /// Nothing has been taken yet.
    pub(super) fn clear(&mut self) {
        self.list.clear();
        self.members.clear();
        self.formed = 0;
        self.of_row.fill(NONE);
        self.of_first_row.fill(NONE);
    }

    /// The numbers of all batches, over all tracks.
    pub(super) fn numbers(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.list.len()).expect("fewer than 2^32 batches")
    }

    /// The batch of this number.
    #[inline(always)]
    pub(super) fn get(&self, batch: u32) -> Batch {
        self.list[batch as usize]
    }

    /// The row at this place of the list of members.
    #[inline(always)]
    pub(super) fn row(&self, member: u32) -> u32 {
        self.members[member as usize]
    }

    /// The rows that a batch was formed of; some may have left it.
    #[inline(always)]
    pub(super) fn rows_of(&self, batch: u32) -> &[u32] {
        let batch = &self.list[batch as usize];
        &self.members[batch.first as usize..(batch.first + batch.count) as usize]
    }

    /// The row in which the tasks of a batch's steps lie.
    #[inline(always)]
    pub(super) fn first_row(&self, batch: u32) -> u32 {
        self.members[self.list[batch as usize].first as usize]
    }

    /// The batch in which a track has a row now.
    #[inline(always)]
    pub(super) fn of(&self, track: usize, row: u32) -> Option<u32> {
        let number = self.of_row[track * self.rows + row as usize];
        (number < GONE).then_some(number)
    }

    /// Whether a track has a row in a batch, or has had it and given it up.
    #[inline(always)]
    pub(super) fn have_had(&self, track: usize, row: u32) -> bool {
        self.of_row[track * self.rows + row as usize] != NONE
    }

    /// The batch of a track that a row is the first of.
    #[inline(always)]
    pub(super) fn headed_by(&self, track: usize, row: u32) -> Option<u32> {
        let number = self.of_first_row[track * self.rows + row as usize];
        (number != NONE).then_some(number)
    }

    /// A row is to be part of the batch that is formed next.
    #[inline(always)]
    pub(super) fn gather(&mut self, row: u32) {
        self.members.push(row);
    }

    /// How many rows are to be part of the batch that is formed next.
    #[inline(always)]
    pub(super) fn gathered(&self) -> usize {
        self.members.len() - self.formed
    }

    /// Forms the batch of this number among those of its track, of what has been gathered; the answer
    /// is its number over all tracks.
    #[inline(always)]
    pub(super) fn form(&mut self, track: usize, number_in_track: u32) -> u32 {
        let to_u32 = |number: usize| u32::try_from(number).expect("fewer than 2^32 sites");
        let first = std::mem::replace(&mut self.formed, self.members.len());
        let count = to_u32(self.members.len() - first);
        let index = u32::try_from(self.list.len()).expect("fewer than 2^32 batches");
        self.list.push(Batch {
            track: u8::try_from(track).expect("at most 200 tracks"),
            number_in_track,
            first: to_u32(first),
            count,
            slots_left: count,
            members_left: count,
        });
        let rows = &self.members[first..];
        self.of_first_row[track * self.rows + rows[0] as usize] = index;
        for row in rows {
            self.of_row[track * self.rows + *row as usize] = index;
        }
        index
    }

    /// A site has passed what its batch holds the slot for; says whether all have now.
    #[inline(always)]
    pub(super) fn leave_slot(&mut self, batch: u32) -> bool {
        let batch = &mut self.list[batch as usize];
        batch.slots_left -= 1;
        batch.slots_left == 0
    }

    /// A site is taken out of its batch; says whether nobody is left in that.
    #[inline(always)]
    pub(super) fn take_out(&mut self, track: usize, batch: u32, row: u32) -> bool {
        let batch = &mut self.list[batch as usize];
        batch.members_left -= 1;
        self.of_row[track * self.rows + row as usize] = GONE;
        batch.members_left == 0
    }

    /// A track may take a row anew.
    pub(super) fn forget(&mut self, track: usize, row: u32) {
        self.of_row[track * self.rows + row as usize] = NONE;
    }

    /// If a row is the first of a batch in which others stay, another of them becomes the first: that
    /// one.
    pub(super) fn replace_first(&mut self, track: usize, row: u32) -> Option<u32> {
        let index = self.headed_by(track, row)?;
        let batch = self.list[index as usize];
        let members = batch.first as usize..(batch.first + batch.count) as usize;
        if self.members[members.start] != row {
            return None;
        }
        let own = track * self.rows;
        let stays = |at: &usize| {
            let other = self.members[*at];
            other != row && self.of_row[own + other as usize] == index
        };
        let heir = members.clone().find(stays)?;
        let new = self.members[heir];
        self.members.swap(members.start, heir);
        self.of_first_row[own + row as usize] = NONE;
        self.of_first_row[own + new as usize] = index;
        Some(new)
    }
}
