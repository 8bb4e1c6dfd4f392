//! What the exercise came to, as the log tells it, against what the program says.

use crate::audit::breach::Law;
use crate::audit::capacity::count;
use crate::audit::pools::Pools;
use crate::audit::state::{Follower, Phase, time};
use crate::trace::{DataLoss, PoolTally, Resource, Restoration, StepTally, TaskRef};
use crate::units::{SimDuration, SimTime};

impl Follower<'_, '_> {
    /// What is under way, pauses or waits as the exercise ends counts up to then.
    pub(super) fn tally(&mut self) {
        let horizon = self.auditor.horizon;
        self.now = horizon;
        let steps = self.auditor.ground.steps.len();
        for place in 0..self.tasks.len() {
            let state = self.tasks[place];
            let (row, step) = (place / steps, place % steps);
            let passed = || horizon - state.since;
            let tally = &mut self.own.steps[step];
            match state.phase {
                Phase::Running => {
                    if state.ends < horizon {
                        let task = TaskRef {
                            row: crate::audit::state::number(row),
                            step: crate::audit::graph::number_of(step),
                        };
                        let how = format!(
                            "{} was to end at {}, and did not",
                            self.name(task),
                            time(state.ends)
                        );
                        self.breaches.whole(Law::Length, how);
                        continue;
                    }
                    tally.attempts += 1;
                    tally.work += passed();
                    tally.last_end = SimTime::NEVER;
                    self.last_end = horizon;
                }
                Phase::Paused => {
                    tally.attempts += 1;
                    tally.wait += passed();
                    tally.last_end = SimTime::NEVER;
                    self.last_end = horizon;
                }
                Phase::Eligible | Phase::Loading => {
                    tally.wait += passed();
                    tally.last_end = SimTime::NEVER;
                }
                Phase::Waiting | Phase::TakenOver | Phase::Done | Phase::Dropped => {}
            }
        }
        self.end_sites();
        self.end_pools();
        self.compare();
    }

    fn end_sites(&mut self) {
        self.own.restorations = self.sites.iter().map(|it| it.end).collect();
        let never = |at: u64| match at {
            u64::MAX => SimTime::NEVER,
            at => SimTime::from_millis(at),
        };
        self.own.deleted_at = self.sites.iter().map(|it| never(it.deleted_at)).collect();
        self.own.earlier_outage = self.sites.iter().map(|it| it.earlier_outage).collect();
        let back = self.own.restorations.iter().filter_map(|it| it.restored_at());
        self.own.makespan = back.max().unwrap_or(SimTime::ZERO);
        self.own.attempts = self.own.steps.iter().map(|it| it.attempts).sum();
    }

    fn end_pools(&mut self) {
        let auditor = self.auditor;
        let strategy = auditor.ground.strategy;
        for resource in Pools::resources(strategy) {
            let shards = count(resource, &auditor.ground) as u128;
            let it = self.pools.tally(resource, shards, (self.now, self.last_end));
            self.own.pools.push(it);
        }
    }

    /// Whatever the program says the exercise came to, the log says too.
    fn compare(&mut self) {
        let told = &self.told.outcome;
        let auditor = self.auditor;
        for row in 0..self.sites.len() {
            let name = auditor.ground.site_name(crate::audit::state::number(row));
            let end = told.restorations.get(row).copied();
            let own = self.own.restorations[row];
            if end != Some(own) {
                let said = end.map_or_else(|| "nothing".to_owned(), ending);
                let how = format!("`{name}` is {} by the log, and is said: {said}", ending(own));
                self.breaches.whole(Law::Ends, how);
                continue;
            }
            let planned = auditor.ground.rows[row].deleted.at;
            let gone = (told.deleted_at(row, planned), told.earlier_outage(row));
            let own = (self.own.deleted_at(row, planned), self.own.earlier_outage(row));
            if gone != own {
                let how = format!(
                    "`{name}` was last deleted {}, {} ms away before, by the log; said are {} and {} ms",
                    instant(own.0),
                    own.1,
                    instant(gone.0),
                    gone.1
                );
                self.breaches.whole(Law::Deletions, how);
            }
            if let Restoration::Restored(_) = self.own.restorations[row] {
                let said = told.data_loss.get(row).copied().unwrap_or_default();
                if said != self.own.data_loss[row] {
                    let how = format!(
                        "`{name}` has lost {} by its backups, and is said to have lost {}",
                        loss(self.own.data_loss[row]),
                        loss(said)
                    );
                    self.breaches.whole(Law::DataLoss, how);
                }
                if told.restored_by.get(row) != self.own.restored_by.get(row) {
                    let how = format!("`{name}` was given back by another track than is said");
                    self.breaches.whole(Law::HandOver, how);
                }
            }
        }
        for (row, own) in self.own.reached.iter().enumerate() {
            if told.reached.get(row) != Some(own) {
                let name = auditor.ground.site_name(crate::audit::state::number(row));
                let how =
                    format!("the customer of `{name}` was reached at another time than is said");
                self.breaches.whole(Law::Reaching, how);
            }
        }
        if told.milestones != self.own.milestones {
            self.breaches
                .whole(Law::Moments, "milestones are said to come at other times".to_owned());
        }
        self.compare_steps();
        self.compare_pools();
        let whole = [
            (told.makespan == self.own.makespan, "when the last site was back"),
            (told.attempts == self.own.attempts, "how many attempts were made"),
        ];
        for (_, what) in whole.iter().filter(|it| !it.0) {
            self.breaches.whole(Law::Tallies, format!("the outcome says something else of {what}"));
        }
    }

    fn compare_steps(&mut self) {
        let told = &self.told.outcome;
        for (step, own) in self.own.steps.iter().enumerate() {
            let said = told.steps.get(step).copied().unwrap_or_default();
            if said == *own {
                continue;
            }
            let name = self.auditor.ground.step_name(step);
            let StepTally { attempts, failures, escalations, work, wait, last_end } = *own;
            let parts = [
                ("attempts", attempts, said.attempts),
                ("failures", failures, said.failures),
                ("escalations", escalations, said.escalations),
                ("ms of work", work, said.work),
                ("ms of waiting", wait, said.wait),
                ("ms to its last end", last_end.as_millis(), said.last_end.as_millis()),
            ];
            for (what, own, said) in parts.into_iter().filter(|it| it.1 != it.2) {
                let how =
                    format!("`{name}` has {own} {what} by the log, and is said to have {said}");
                self.breaches.whole(Law::Tallies, how);
            }
        }
    }

    pub(super) fn compare_throughputs(&mut self) {
        let scenario = self.auditor.ground.scenario;
        for (place, it) in scenario.throughputs.iter().enumerate() {
            let own = self.own.throughputs[place];
            let said = self.told.outcome.throughputs.get(place).copied().unwrap_or_default();
            let parts = [
                ("bytes were moved", own.moved, said.moved),
                ("bytes could be moved", own.capacity, said.capacity),
                ("ms of transfers were under way", own.transfer_ms, said.transfer_ms),
            ];
            for (what, own, said) in parts.into_iter().filter(|it| it.1 != it.2) {
                let how = format!("{own} {what} over `{}`, and {said} are said", it.name);
                self.breaches.whole(Law::Tallies, how);
            }
        }
    }

    fn compare_pools(&mut self) {
        let told = &self.told.outcome;
        let scenario = self.auditor.ground.scenario;
        let strategy = self.auditor.ground.strategy;
        for (place, resource) in Pools::resources(strategy).enumerate() {
            let said = told.pools.get(place).copied().unwrap_or_default();
            let PoolTally { busy, overtime, capacity } = self.own.pools[place];
            let name = match resource {
                Resource::Team(it) => format!("team `{}`", scenario.teams[it].name),
                Resource::Limit(it) => format!("limit `{}`", scenario.limits[it].name),
            };
            let parts = [
                ("in use", busy, said.busy),
                ("in use above what there was", overtime, said.overtime),
                ("there", capacity, said.capacity),
            ];
            for (what, own, said) in parts.into_iter().filter(|it| it.1 != it.2) {
                let how =
                    format!("{name} was {what} for {own} unit-ms by the log, and is said {said}");
                self.breaches.whole(Law::Tallies, how);
            }
        }
    }
}

/// How a site ended, in words.
fn ending(restoration: Restoration) -> String {
    match restoration {
        Restoration::Restored(at) => format!("back at {at}"),
        Restoration::Lost => "lost".to_owned(),
        Restoration::Unfinished => "unfinished".to_owned(),
        Restoration::Spared => "spared".to_owned(),
    }
}

fn instant(at: Option<SimTime>) -> String {
    at.map_or_else(|| "never".to_owned(), |it| format!("at {it}"))
}

/// What a site has lost, in words.
fn loss(loss: DataLoss) -> String {
    let length = |length: Option<SimDuration>| {
        length.map_or("nobody knows what".to_owned(), |it| it.to_string())
    };
    let since = loss.repaired_at.map_or_else(String::new, |at| format!(" since {at}"));
    format!(
        "{} at hand-over, {} after repair{since}, {} between its stores",
        length(loss.at_hand_over),
        length(loss.after_repair),
        length(loss.inconsistency)
    )
}
