//! Teams and limits at work.

/// A team or a limit at work.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pool {
    pub capacity: u32,
    pub in_use: u32,
    /// What is left of the capacity; below zero while use drains after it has fallen.
    pub free: i64,
    /// Units in use times milliseconds: a million units for ten years fit.
    pub busy: u64,
    /// Of that, above the capacity, up to `over_since`.
    pub overtime: u64,
    pub over_since: u64,
}

impl Pool {
    /// Counts what has been in use above the capacity up to now.
    pub(super) fn count_overtime(&mut self, now: u64) {
        if self.free < 0 {
            self.overtime += self.free.unsigned_abs() * (now - self.over_since);
        }
        self.over_since = now;
    }
}
