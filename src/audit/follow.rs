//! Follows the log of an exercise, record by record, keeps what an outsider can know, and says where
//! a law is broken.
//!
//! What a record makes due (a task that can start now, a hold that ends) is noted and struck off when
//! the log tells it; what is left when an instant is over was not told.

use crate::audit::breach::{Breaches, Law};
use crate::audit::dates::NEVER;
use crate::audit::state::{Date, Due, Follower, number, time};
use crate::ids::Id;
use crate::scenario::{InjectKind, MomentBase};
use crate::trace::{Restoration, StepTally, TaskRef, TraceRecord};
use crate::units::SimTime;

/// The time is judged thoroughly every so many instants.
const THOROUGHLY: u32 = 64;

impl Follower<'_, '_> {
    pub(super) fn begin(&mut self) {
        let ground = &self.auditor.ground;
        let rows = ground.rows.len();
        self.own.restored_by = vec![u8::MAX; rows];
        self.own.data_loss = vec![crate::trace::DataLoss::default(); rows];
        self.own.steps = vec![StepTally::default(); ground.steps.len()];
        let reaches = ground.steps.iter().any(|it| it.step.reaches_customer);
        self.own.reached = vec![None; if reaches { rows } else { 0 }];
        let millis = |at: &u64| SimTime::from_millis(*at);
        self.own.milestones = self.dates.milestones.iter().map(millis).collect();
        for (place, at) in self.dates.milestones.iter().enumerate() {
            self.agenda.insert((*at, Date::Milestone(number(place))));
        }
        for (place, at) in self.dates.injects.iter().enumerate().filter(|it| *it.1 != NEVER) {
            self.agenda.insert((*at, Date::Inject(number(place))));
        }
        for (place, it) in self.dates.losses.iter().enumerate() {
            self.agenda.insert((it.0, Date::Loss(number(place))));
        }
        self.begin_tracks();
        self.begin_automation();
    }

    /// Follows the whole log.
    pub(super) fn follow(
        &mut self,
        mut also: impl FnMut(u64, Option<&TraceRecord>, &mut Breaches),
    ) {
        let told = self.told;
        for (at, record) in &told.records {
            let at = at.as_millis();
            if at > self.now {
                self.settle();
                also(self.now, None, &mut self.breaches);
                self.now = at;
                self.breaches.now = at;
                self.check_agenda(at);
                self.check_unloading(at);
            } else if at < self.now {
                self.breaches.now(Law::Clock, "the log goes back in time".to_owned());
            }
            if self.breaches.are_enough() {
                return;
            }
            if !self.is_known(record) {
                // Whoever speaks of what is not there cannot be followed any further.
                self.breaches.now(Law::Names, format!("nobody knows what {record:?} is about"));
                return;
            }
            also(at, Some(record), &mut self.breaches);
            self.hear(record);
        }
        self.settle();
        also(self.now, None, &mut self.breaches);
        self.is_followed = !self.breaches.are_enough();
    }

    /// Whether the scenario has all that a record speaks of.
    fn is_known(&self, record: &TraceRecord) -> bool {
        let ground = &self.auditor.ground;
        let rows = ground.rows.len();
        let row = |it: u32| (it as usize) < rows;
        let track = |it: u8| usize::from(it) < ground.strategy.tracks.len();
        let step = |it: u16| usize::from(it) < ground.steps.len();
        let task = |it: TaskRef| step(it.step) && (it.row == 0 || row(it.row));
        let needs = |it: u16| usize::from(it) < ground.legend.needs.len();
        let inject = |it: u32| (it as usize) < ground.scenario.injects.len();
        match *record {
            TraceRecord::Milestone(it) => (it as usize) < ground.scenario.incident.milestones.len(),
            TraceRecord::Injected(it) | TraceRecord::InjectEnded(it) => inject(it),
            TraceRecord::Capacity { pool, .. } => {
                matches!(ground.legend.pools.get(usize::from(pool)), Some(Some(_)))
            }
            TraceRecord::Automated(it) => step(it),
            TraceRecord::Opened(it) | TraceRecord::Closed(it) => track(it),
            TraceRecord::Taken { row: it, track: by, .. } => row(it) && track(by),
            TraceRecord::SlotFreed { track: by, batch } => {
                track(by) && (batch as usize) < self.batches.len()
            }
            TraceRecord::PassedOn { task: it, row: to } => task(it) && row(to),
            TraceRecord::Arrived(it)
            | TraceRecord::Asked(it)
            | TraceRecord::Eligible(it)
            | TraceRecord::Escalated(it)
            | TraceRecord::Unloaded(it)
            | TraceRecord::Cancelled(it)
            | TraceRecord::NotInLoad(it) => task(it),
            TraceRecord::Started(it) | TraceRecord::Resumed(it) | TraceRecord::NothingLeft(it) => {
                task(it.task) && needs(it.takes) && needs(it.has)
            }
            TraceRecord::Finished(it, practice) => {
                task(it.task) && needs(it.frees) && step(practice.work)
            }
            TraceRecord::Failed(it)
            | TraceRecord::Paused(it)
            | TraceRecord::Aborted(it)
            | TraceRecord::FoundNothing(it) => task(it.task) && needs(it.frees),
            TraceRecord::StillWaits { task: it, takes, .. } => task(it) && needs(takes),
            TraceRecord::Held { task: it, keeps } => task(it) && needs(keeps),
            TraceRecord::Freed { task: it, frees, .. } => task(it) && needs(frees),
            TraceRecord::Deleted { row: it, .. }
            | TraceRecord::Reached(it)
            | TraceRecord::Restored(it)
            | TraceRecord::Lost(it) => row(it),
        }
    }

    /// Nothing that is to come by an instant may be missing; what comes at it is told yet.
    fn check_agenda(&mut self, at: u64) {
        while let Some((due, date)) = self.agenda.first().copied().filter(|it| it.0 < at) {
            self.agenda.pop_first();
            if let Date::Loss(loss) = date {
                let (_, row, taken) = self.dates.losses[loss as usize];
                // What comes back at the instant of a loss comes back after it.
                let back = self.sites[row as usize].end.restored_at();
                if self.is_gone(row, taken) || back == Some(SimTime::from_millis(due)) {
                    continue;
                }
            }
            if due <= self.auditor.horizon {
                let how = format!("{} was to come at {}, and did not", self.date(date), time(due));
                self.breaches.now(Law::Moments, how);
            }
        }
    }

    fn date(&self, date: Date) -> String {
        let scenario = self.auditor.ground.scenario;
        let track = |it: u32| self.auditor.ground.track_name(it as usize).to_owned();
        match date {
            Date::Milestone(it) => {
                format!("milestone `{}`", scenario.incident.milestones.as_slice()[it as usize].name)
            }
            Date::Inject(it) => format!("inject `{}`", scenario.injects[it as usize].title),
            Date::InjectEnds(it) => {
                format!("the end of inject `{}`", scenario.injects[it as usize].title)
            }
            Date::Loss(it) => {
                let site = self.auditor.ground.site_name(self.dates.losses[it as usize].1);
                format!("a further loss of `{site}`")
            }
            Date::Opens(it) => format!("the opening of track `{}`", track(it)),
            Date::Closes(it) => format!("the closing of track `{}`", track(it)),
        }
    }

    /// A moment comes; says whether it was to come now.
    fn comes(&mut self, date: Date) {
        if !self.agenda.remove(&(self.now, date)) {
            let planned = self.agenda.iter().find(|it| it.1 == date).map(|it| it.0);
            let when = planned.map_or("never".to_owned(), time);
            let how = format!("{} comes now; it was to come {when}", self.date(date));
            self.agenda.retain(|it| it.1 != date);
            self.breaches.now(Law::Moments, how);
        }
    }

    fn hear(&mut self, record: &TraceRecord) {
        match *record {
            TraceRecord::Milestone(it) => {
                self.comes(Date::Milestone(it));
                self.automate_after(MomentBase::Milestone(Id::new(it as usize)));
            }
            TraceRecord::Injected(it) => self.injected(it as usize),
            TraceRecord::InjectEnded(it) => {
                self.comes(Date::InjectEnds(it));
                self.is_on[it as usize] = false;
                self.pools.set_stop(it as usize, false);
            }
            TraceRecord::Capacity { pool, units } => {
                let resource = self.told.legend.pools.get(usize::from(pool)).copied().flatten();
                let resource = resource.expect("what the log speaks of is known");
                self.pools.set_units(resource, units, self.now);
            }
            TraceRecord::Automated(step) => self.automate(usize::from(step)),
            TraceRecord::Opened(track) => {
                self.comes(Date::Opens(u32::from(track)));
                self.open(usize::from(track));
            }
            TraceRecord::Closed(track) => {
                self.comes(Date::Closes(u32::from(track)));
                self.close(usize::from(track));
            }
            TraceRecord::Taken { row, track, batch } => self.taken(row, usize::from(track), batch),
            TraceRecord::SlotFreed { track, batch } => {
                self.expect(Due::FreeSlot(batch), Law::Slots, |it| {
                    format!(
                        "a slot of `{}` is freed early",
                        it.auditor.ground.track_name(usize::from(track))
                    )
                });
            }
            TraceRecord::PassedOn { task, row } => {
                self.expect(Due::PassOn(task, row), Law::Taken, |it| {
                    format!("{} passes to `{}`", it.name(task), it.auditor.ground.site_name(row))
                });
            }
            TraceRecord::Arrived(task) => self.arrived(task),
            TraceRecord::Asked(task) => self.asked(task),
            TraceRecord::Eligible(task) => self.eligible(task),
            TraceRecord::Started(start) => self.started(&start),
            TraceRecord::Resumed(start) => self.resumed(&start),
            TraceRecord::Finished(end, practice) => self.finished(&end, practice),
            TraceRecord::Failed(end) => self.failed(&end),
            TraceRecord::Paused(end) => self.pauses(&end),
            TraceRecord::Aborted(end) => self.aborted(&end),
            TraceRecord::StillWaits { task, waited, takes } => {
                self.still_waits(task, waited, takes)
            }
            TraceRecord::Held { task, keeps } => self.held(task, keeps),
            TraceRecord::Freed { task, frees, held } => self.freed(task, frees, held),
            TraceRecord::Deleted { row, .. } => self.deleted(row),
            TraceRecord::Escalated(task) => {
                self.expect(Due::Escalate(task), Law::Escalation, |it| {
                    format!("{} is taken over, and has not failed too often", it.name(task))
                });
            }
            TraceRecord::Reached(row) => {
                self.expect(Due::Reach(row), Law::Reaching, |it| {
                    format!(
                        "nobody has reached the customer of `{}`",
                        it.auditor.ground.site_name(row)
                    )
                });
            }
            TraceRecord::Unloaded(task) => self.unloaded(task),
            TraceRecord::Cancelled(task) => self.cancelled(task),
            TraceRecord::Restored(row) => self.restored(row),
            TraceRecord::NothingLeft(start) => self.nothing_left(&start),
            TraceRecord::FoundNothing(end) => self.found_nothing(&end),
            TraceRecord::NotInLoad(task) => self.not_in_load(task),
            TraceRecord::Lost(row) => {
                self.expect(Due::Lose(row), Law::Ends, |it| {
                    format!(
                        "`{}` is lost, though something is left",
                        it.auditor.ground.site_name(row)
                    )
                });
            }
        }
    }

    /// What is told now was due.
    fn expect(&mut self, what: Due, law: Law, how: impl FnOnce(&Self) -> String) {
        if !self.discharge(what) {
            let how = how(self);
            self.breaches.now(law, how);
        }
    }

    fn injected(&mut self, inject: usize) {
        self.comes(Date::Inject(number(inject)));
        self.is_on[inject] = true;
        let ground = &self.auditor.ground;
        if let Some(lasts) = self.dates.lasts[inject] {
            self.put_on_agenda(self.now + lasts, Date::InjectEnds(number(inject)));
        }
        match &ground.scenario.injects[inject].what {
            InjectKind::AttemptsFail(_, count) => self.to_fail[inject] = *count,
            InjectKind::Deletion(sites, aim) => {
                for site in sites {
                    let row = ground.rows.iter().position(|it| it.id == *site);
                    let row = row.expect("the incident aims at all that injects delete");
                    if self.sites[row].end != Restoration::Lost {
                        let lost = aim.target.takes(&ground.scenario.estate, *site);
                        self.due.push(Due::Delete(number(row), lost));
                    }
                }
            }
            InjectKind::Outage(_) | InjectKind::Freeze(_) => self.pools.set_stop(inject, true),
            InjectKind::PeopleAway(..)
            | InjectKind::ShiftLost(_)
            | InjectKind::LimitDrops(..)
            | InjectKind::ThroughputDrops(..) => {}
        }
    }

    /// All that happens at an instant has happened.
    fn settle(&mut self) {
        if self.is_over {
            return;
        }
        self.settled += 1;
        self.settle_loads();
        self.settle_tracks();
        self.settle_pauses();
        let due = std::mem::take(&mut self.due);
        for it in due {
            let (law, how) = self.untold(it);
            self.breaches.now(law, how);
        }
        let thoroughly = self.settled.is_multiple_of(THOROUGHLY);
        if let Some(task) = self.pools.idle(thoroughly) {
            let how = format!("{} could start and does not", self.name(task));
            self.breaches.now(Law::Idleness, how);
        }
        if thoroughly {
            self.settle_holds();
        }
    }

    fn untold(&self, due: Due) -> (Law, String) {
        let ground = &self.auditor.ground;
        let site = |row: u32| ground.site_name(row);
        match due {
            Due::Release(it) => (
                Law::Release,
                format!("{} can start from now on, and is not let go", self.name(it)),
            ),
            Due::Load(it) => (
                Law::Loads,
                format!("{} was to start when sites were lost that waited for it", self.name(it)),
            ),
            Due::Abort(it) => {
                (Law::Ends, format!("{} is to be given up and goes on", self.name(it)))
            }
            Due::Escalate(it) => (
                Law::Escalation,
                format!("{} has failed too often, and nobody takes over", self.name(it)),
            ),
            Due::Free(it) => (Law::Holds, format!("what {} kept is not freed", self.name(it))),
            Due::NotInLoad(it) => {
                (Law::DataLoss, format!("{} has nothing in its load, and goes on", self.name(it)))
            }
            Due::Unload(it) => {
                (Law::Loads, format!("{} is needed no more, and stands", self.name(it)))
            }
            Due::Restore(row) => {
                (Law::HandOver, format!("all is done for `{}`, and it is not back", site(row)))
            }
            Due::Lose(row) => {
                (Law::Ends, format!("nothing is left of `{}`, and it is not lost", site(row)))
            }
            Due::Delete(row, _) => {
                (Law::Deletions, format!("`{}` is to be deleted and is not", site(row)))
            }
            Due::Reach(row) => (
                Law::Reaching,
                format!("the customer of `{}` was reached, which is not told", site(row)),
            ),
            Due::FreeSlot(batch) => {
                (Law::Slots, format!("batch {batch} has passed and keeps its slot"))
            }
            Due::PassOn(it, row) => {
                (Law::Taken, format!("{} is to pass to `{}`", self.name(it), site(row)))
            }
            Due::Automate(step) => (
                Law::Automation,
                format!("`{}` is to be automated from now on", ground.step_name(step)),
            ),
        }
    }

    /// The log is over.
    pub(super) fn finish(&mut self) {
        if self.now > self.auditor.horizon {
            self.breaches.now(Law::Clock, "something happens behind the horizon".to_owned());
        }
        self.check_agenda(self.auditor.horizon.saturating_add(1));
        self.tally();
    }
}
