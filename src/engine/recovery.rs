//! How much data comes back: the recovery point of each store of each site, at hand-over and after
//! repair, and whether there is a backup left at all.

use crate::plan::PlanRestorePoint;
use crate::rng::uniform;
use crate::scenario::Anchor;
use crate::trace::TaskRef;
use crate::units::SimDuration;

use super::Engine;
use super::outcome::{DataLoss, Restoration};
use super::state::{StoreLoss, whole_millis};

impl Engine<'_> {
    /// Fixes the recovery point of a store when its restoring starts; says whether the backup that
    /// it needs still exists.
    pub(super) fn restore_store(&mut self, task: TaskRef) -> bool {
        let plan = self.plan;
        let restore = plan.details[usize::from(task.step)].restore;
        let restore = restore.expect("only a step that brings a store back comes here");
        let it = &plan.restores[usize::from(restore)];
        let deleted_at = self.state.deleted_at[task.row as usize];
        let meant = match &it.point {
            PlanRestorePoint::Fixed(before, Anchor::Site) => *before,
            PlanRestorePoint::Fixed(before, Anchor::Incident) => deleted_at + before,
            PlanRestorePoint::Latest(cycle) => {
                let shard = u64::from(cycle.shard_of_row[task.row as usize]);
                let phase = uniform(self.draws.streams().word(cycle.phases, 0, shard));
                let offset = whole_millis(phase * cycle.interval as f64);
                (deleted_at + offset) % cycle.interval
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
        let present = meant + older;
        // How old the backup is by now, if it was taken after T+0 minus its retention at all.
        let age = (self.now + present).saturating_sub(deleted_at);
        if it.retention.is_some_and(|retention| age > retention) {
            return false;
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
        true
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
