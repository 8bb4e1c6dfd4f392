//! Which sites are gone and since when: a guardrail may spare some, and a site may be deleted a
//! second time.

mod rules;

use crate::plan::Plan;
use crate::trace::Restoration;

/// What of the sites is lost, and since when.
#[derive(Clone, Debug)]
pub(super) struct Deletions {
    /// The graph of steps of each row, by what of it is lost.
    profiles: Vec<u16>,
    /// When each row was last deleted or will be, in milliseconds; never where it is spared.
    deleted_at: Vec<u64>,
    /// When the last site is deleted, second deletions left out.
    last_deletion: u64,
    /// Whether anybody has been called: nobody is before there is anything to restore.
    called: bool,
    /// Whether a site has been deleted a second time.
    deleted_again: bool,
    /// How long each row was away before its last deletion, in milliseconds; only there if some
    /// row was.
    earlier_outage: Vec<u64>,
}

impl Deletions {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            profiles: vec![0; plan.sites.len().max(1)],
            deleted_at: vec![0; plan.sites.len()],
            last_deletion: 0,
            called: false,
            deleted_again: false,
            earlier_outage: Vec::new(),
        }
    }

    /// Which graph of steps a site has now.
    #[inline(always)]
    pub(super) fn profile_number(&self, row: u32) -> usize {
        usize::from(self.profiles[row as usize])
    }

    /// When a row was last deleted or will be, in milliseconds; never where it is spared.
    #[inline(always)]
    pub(super) fn deleted_at(&self, row: u32) -> u64 {
        self.deleted_at[row as usize]
    }

    /// When the last site is deleted, second deletions left out, in milliseconds.
    pub(super) fn last_deletion(&self) -> u64 {
        self.last_deletion
    }

    /// Whether anybody has been called to work.
    pub(super) fn is_anybody_called(&self) -> bool {
        self.called
    }

    /// Fixes when each site is deleted, up to an instant after which nothing is; none is where there
    /// is none.
    fn begin(&mut self, plan: &Plan, last_instant: Option<u64>, ends: &mut [Restoration]) {
        self.last_deletion = 0;
        self.called = false;
        self.profiles.clear();
        self.profiles.extend(plan.sites.iter().map(|it| it.profile));
        // Tasks of `once` steps lie in the first row, even where nothing is deleted.
        self.profiles.resize(plan.sites.len().max(1), 0);
        for ((own, site), end) in self.deleted_at.iter_mut().zip(&plan.sites).zip(ends) {
            if last_instant.is_some_and(|last| site.deleted_at <= last) {
                *own = site.deleted_at;
                self.last_deletion = self.last_deletion.max(*own);
                self.called = true;
            } else {
                *own = u64::MAX;
                *end = Restoration::Spared;
            }
        }
        self.deleted_again = false;
        self.earlier_outage.clear();
    }
}
