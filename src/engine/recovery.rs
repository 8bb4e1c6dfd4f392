//! How much data comes back: the recovery point of each store of each site, at hand-over and after
//! repair, and whether there is a backup left at all.

use crate::plan::{BackupCycle, PlanRestorePoint};
use crate::rng::uniform;
use crate::scenario::Anchor;
use crate::trace::{DataLoss, Restoration, TaskRef};
use crate::units::SimDuration;

use super::Engine;
use super::state::{StoreLoss, whole_millis};

/// Of which moment the backup is that a point needs first, and how long the rest takes to replay; in
/// milliseconds, the moments before the deletion.
fn needed(point: u64, chain: Option<(&BackupCycle, LatestBackup)>) -> (u64, u64) {
    let Some((cycle, latest)) = chain else { return (point, 0) };
    // The last full backup that began before that moment.
    let earlier = point.saturating_sub(latest.full_before).div_ceil(cycle.full);
    let full_before = latest.full_before + earlier * cycle.full;
    let links = match cycle.interval < cycle.full {
        true => (full_before - point) / cycle.interval,
        false => 0,
    };
    (full_before, links * cycle.per_incremental)
}

/// The latest backup of a shard, in milliseconds before the deletion.
#[derive(Clone, Copy)]
struct LatestBackup {
    /// Of the data that it brings back.
    before: u64,
    /// Of the beginning of the full backup that it needs.
    full_before: u64,
}

impl Engine<'_> {
    /// Fixes the recovery point of a store when its restoring starts. The answer is how long the
    /// incremental backups take, in milliseconds; nothing if a backup that it needs is gone.
    pub(super) fn restore_store(&mut self, task: TaskRef) -> Option<u64> {
        let plan = self.plan;
        let restore = plan.details[usize::from(task.step)].restore;
        let restore = restore.expect("only a step that brings a store back comes here");
        let it = &plan.restores[usize::from(restore)];
        let deleted_at = self.state.deleted_at[task.row as usize];
        let (meant, chain) = match &it.point {
            PlanRestorePoint::Fixed(before, Anchor::Site) => (*before, None),
            PlanRestorePoint::Fixed(before, Anchor::Incident) => (deleted_at + before, None),
            PlanRestorePoint::Latest(cycle) => {
                let latest = self.latest_backup(cycle, task.row);
                let meant = if it.common { self.common_point(task.row) } else { latest.before };
                (meant, Some((cycle, latest)))
            }
        };
        let attempt = self.state.tasks[self.place(task)].attempt;
        let older = it.by_hand.as_ref().map_or(0, |by_hand| {
            let chance = self.draws.uniform(plan, by_hand.chance_lane, task.row, attempt);
            if chance >= by_hand.probability {
                return 0;
            }
            let age = self.draws.uniform(plan, by_hand.age_lane, task.row, attempt);
            whole_millis(by_hand.older.quantile(age))
        });
        // How old the backup is by now, if it was taken after T+0 minus its retention at all.
        let now = self.now;
        let is_gone = |needed: u64| {
            let age = (now + needed).saturating_sub(deleted_at);
            it.retention.is_some_and(|retention| age > retention)
        };
        // Nobody picks by hand what is no longer there.
        let picked = if older > 0 && is_gone(needed(meant + older, chain).0) { 0 } else { older };
        let present = meant + picked;
        let (backup, replay) = needed(present, chain);
        if is_gone(backup) {
            return None;
        }
        let place = self.loss_place(task.row, restore);
        self.state.losses[place] = StoreLoss { known: true, meant, present };
        // What it stands in for has brought back nothing that counts.
        let failing = plan.details[usize::from(task.step)].stands_in_for;
        let failing = failing.and_then(|it| plan.details[usize::from(it)].restore);
        if let Some(restore) = failing {
            let place = self.loss_place(task.row, restore);
            self.state.losses[place] = StoreLoss::default();
        }
        Some(replay)
    }

    /// The latest backup of a row's shard that was complete when the site was deleted and can be
    /// read.
    fn latest_backup(&self, cycle: &BackupCycle, row: u32) -> LatestBackup {
        let shard = u64::from(cycle.shard_of_row[row as usize]);
        let draw = |attempt| uniform(self.draws.streams().word(cycle.phases, attempt, shard));
        // How long before T+0 a full backup began.
        let offset = match cycle.phase {
            Some(phase) => phase,
            None if cycle.full == cycle.interval => whole_millis(draw(0) * cycle.full as f64),
            None if cycle.full.is_multiple_of(cycle.interval) => {
                // Where it stands between two backups, and between which two of them.
                let links = cycle.full / cycle.interval;
                let link = ((draw(1) * links as f64) as u64).min(links - 1);
                whole_millis(draw(0) * cycle.interval as f64) + link * cycle.interval
            }
            None => whole_millis(draw(0) * cycle.full as f64),
        };
        let at = self.state.deleted_at[row as usize] + offset;
        let (mut chain, mut full_before) = (1 + at / cycle.full, at % cycle.full);
        if full_before < cycle.takes {
            // It was still being taken.
            (chain, full_before) = (chain - 1, full_before + cycle.full);
        }
        let mut links = match cycle.interval < cycle.full {
            true => full_before / cycle.interval,
            false => 0,
        };
        if let Some(breaks) = cycle.breaks {
            let chain = u32::try_from(chain).unwrap_or(u32::MAX);
            let u = uniform(self.draws.streams().word(breaks.stream, chain, shard));
            // The number of successes before the first failure is geometric.
            links = links.min((libm::log(u) * breaks.scale) as u64);
        }
        LatestBackup { full_before, before: full_before - links * cycle.interval }
    }

    /// The oldest of the latest backups of all stores of a site that go back to a common point.
    fn common_point(&self, row: u32) -> u64 {
        let plan = self.plan;
        let profile = self.profile_number(row);
        let points = plan.common_restores[profile].iter().map(|restore| {
            match &plan.restores[usize::from(*restore)].point {
                PlanRestorePoint::Latest(cycle) => self.latest_backup(cycle, row).before,
                PlanRestorePoint::Fixed(..) => 0,
            }
        });
        points.max().unwrap_or(0)
    }

    /// The missing data of stores that were restored too far back is brought back.
    pub(super) fn repair_stores(&mut self, task: TaskRef) {
        for restore in &self.plan.details[usize::from(task.step)].repairs {
            let place = self.loss_place(task.row, *restore);
            let loss = &mut self.state.losses[place];
            loss.present = loss.meant;
        }
    }

    /// What the stores of a site have lost when it is handed over.
    pub(super) fn losses_at_hand_over(&mut self, row: u32) {
        let (worst, best) = self.worst_and_best(row);
        self.state.outcome.data_loss[row as usize] = DataLoss {
            at_hand_over: SimDuration::from_millis(worst),
            after_repair: SimDuration::from_millis(worst),
            inconsistency: SimDuration::from_millis(worst - best),
        };
    }

    /// What the stores of the restored sites have lost in the end.
    pub(super) fn final_losses(&mut self) {
        for row in 0..self.plan.sites.len() {
            if matches!(self.state.outcome.restorations[row], Restoration::Restored(_)) {
                let number = u32::try_from(row).expect("fewer than 2^32 sites");
                let (worst, _) = self.worst_and_best(number);
                self.state.outcome.data_loss[row].after_repair = SimDuration::from_millis(worst);
            }
        }
    }

    /// What a track has restored for a site that it gives up does not count any more.
    pub(super) fn forget_losses(&mut self, track: usize, row: u32) {
        for step in self.plan.tracks[track].steps.clone() {
            if let Some(restore) = self.plan.details[step].restore {
                let place = self.loss_place(row, restore);
                self.state.losses[place] = StoreLoss::default();
            }
        }
    }

    /// Whether another step has brought back the store of this one, for the site of the task.
    pub(super) fn came_back_before(&self, task: TaskRef) -> bool {
        let restore = self.plan.details[usize::from(task.step)].restore;
        let store = restore.map(|it| self.plan.restores[usize::from(it)].store);
        let restores = self.plan.restores.len();
        let start = task.row as usize * restores;
        let losses = &self.state.losses[start..start + restores];
        let mut stores = std::iter::zip(&self.plan.restores, losses);
        stores.any(|(it, loss)| Some(it.store) == store && loss.known)
    }

    fn worst_and_best(&self, row: u32) -> (u64, u64) {
        let stores = self.plan.restores.len();
        let start = row as usize * stores;
        let known = self.state.losses[start..start + stores].iter().filter(|loss| loss.known);
        let worst = known.clone().map(|loss| loss.present).max().unwrap_or(0);
        let best = known.map(|loss| loss.present).min().unwrap_or(0);
        (worst, best)
    }

    fn loss_place(&self, row: u32, restore: u16) -> usize {
        row as usize * self.plan.restores.len() + usize::from(restore)
    }
}
