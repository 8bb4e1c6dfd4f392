//! When sites are deleted, and deleted again.

use crate::engine::events::Event;
use crate::engine::replication::Engine;
use crate::engine::task::{NEVER, Phase};
use crate::rng::uniform;
use crate::scenario::Per;
use crate::trace::{DataLoss, Recorder, Restoration, TaskRef, TraceRecord};
use crate::units::SimTime;

impl Engine<'_> {
    /// When each site is deleted in this replication, or that it is spared.
    pub(in crate::engine) fn date_deletions(&mut self) {
        let stops = &self.plan.deletions.stops;
        let coin = || uniform(self.draws.streams().word(stops.refusal, 0, 0));
        let last_instant = if stops.refused > 0.0 && coin() < stops.refused {
            None
        } else {
            Some(stops.milestone.map_or(u64::MAX - 1, |it| self.milestones.at(it)))
        };
        self.deletions.begin(self.plan, last_instant, &mut self.outcome.restorations);
        for (index, loss) in (0u32..).zip(&self.plan.deletions.losses) {
            if last_instant.is_some_and(|last| loss.at <= last) {
                self.deletions.last_deletion = self.deletions.last_deletion.max(loss.at);
                self.future.push(loss.at, Event::Loss(index));
            }
        }
    }

    /// The incident takes something more of a site, unless that is away already.
    pub(in crate::engine) fn on_loss(&mut self, index: u32, recorder: &mut impl Recorder) {
        let loss = self.plan.deletions.losses[index as usize];
        if self.after_loss(loss.row, loss.profile) != self.graph_of_gone(loss.row) {
            self.delete_again(&[(loss.row, loss.profile)], recorder);
        }
    }

    /// The graph of steps of a site that is away.
    pub(in crate::engine) fn graph_of_gone(&self, row: u32) -> Option<u16> {
        let place = row as usize;
        let is_back = self.outcome.restorations[place].restored_at().is_some();
        let is_gone = self.deletions.deleted_at[place] <= self.now && !is_back;
        is_gone.then(|| self.deletions.profiles[place])
    }

    /// The graph of steps of a site of which something more has been taken.
    fn after_loss(&self, row: u32, profile: u16) -> Option<u16> {
        let before = self.graph_of_gone(row);
        Some(before.map_or(profile, |before| self.plan.joined(before, profile)))
    }

    /// Deletes sites now. One that was spared or whose turn had not come is deleted for the first
    /// time. Of one that is being restored the work is given up, and its outage goes on: it is
    /// counted, and its data brought back, from when it was last alive. Of one that was restored what
    /// is still done for it is given up, and another outage begins. Either is restored from the
    /// start, with the same random numbers as before, as it is the same work. What is lost for good
    /// stays so.
    ///
    /// With each row stands the graph of steps of what is taken of it. Of a site that is away, what
    /// it has lost before is brought back with it; what has been given back is not lost again.
    pub(in crate::engine) fn delete_again(
        &mut self,
        rows: &[(u32, u16)],
        recorder: &mut impl Recorder,
    ) {
        if rows.is_empty() {
            return;
        }
        for (row, taken) in rows {
            self.delete_site_again(*row, *taken, recorder);
        }
        if !std::mem::replace(&mut self.deletions.called, true) {
            self.open_tracks();
        }
        self.tracks.look_again_at_all();
    }

    fn delete_site_again(&mut self, row: u32, taken: u16, recorder: &mut impl Recorder) {
        let place = row as usize;
        let gone_since = self.deletions.deleted_at[place];
        let outage_goes_on = match self.outcome.restorations[place] {
            Restoration::Lost => return,
            Restoration::Restored(back) => {
                self.deletions.earlier_outage.resize(self.plan.sites.len(), 0);
                self.deletions.earlier_outage[place] += back.as_millis() - gone_since;
                false
            }
            Restoration::Unfinished => gone_since <= self.now,
            Restoration::Spared => false,
        };
        let before = self.deletions.profiles[place];
        let after = self.after_loss(row, taken).expect("what is taken has a graph");
        self.tell(recorder, |_| TraceRecord::Deleted { row, profile: after });
        self.deletions.deleted_again = true;
        self.date_loss_of_stores(row, outage_goes_on.then_some(before), after);
        let was_gone = gone_since <= self.now;
        let tracks = 0..self.plan.tracks.len();
        if before == after {
            for track in tracks.filter(|_| was_gone) {
                self.take_out_again(track, row, recorder);
                self.lay_out_again(track, row, recorder);
            }
        } else {
            // All is given up by the steps that there were before others are laid out.
            for track in tracks.clone().filter(|_| was_gone) {
                self.take_out_again(track, row, recorder);
            }
            self.deletions.profiles[place] = after;
            tracks.for_each(|track| self.lay_out_again(track, row, recorder));
        }
        self.forget_stores(row);
        if !outage_goes_on {
            self.deletions.deleted_at[place] = self.now;
        }
        self.tracks.unclaim(row);
        let outcome = &mut self.outcome;
        outcome.restorations[place] = Restoration::Unfinished;
        outcome.restored_by[place] = u8::MAX;
        outcome.data_loss[place] = DataLoss::default();
    }

    /// Gives up what a track has done for a site, so that it may take the site again.
    fn take_out_again(&mut self, track: usize, row: u32, recorder: &mut impl Recorder) {
        self.pass_on_batch(track, row, recorder);
        self.give_up(track, row, recorder);
        self.batches.forget(track, row);
    }

    /// A site's tasks of a track wait for all that they waited for at first.
    fn lay_out_again(&mut self, track: usize, row: u32, recorder: &mut impl Recorder) {
        let plan = self.plan;
        if !plan.precedence.waits_across_tracks {
            return;
        }
        // Its tasks were laid out at T+0; ends of `once` steps since then will not come again.
        self.begin_row(track, row);
        let profile = self.profile(row);
        for once in plan.tracks.iter().flat_map(|it| &it.once_steps) {
            if !self.has_been_done(TaskRef { row: 0, step: *once }) {
                continue;
            }
            for later in profile.successors_of(usize::from(*once)) {
                if usize::from(plan.steps[usize::from(*later)].track) == track {
                    self.one_less(TaskRef { row, step: *later }, recorder);
                }
            }
        }
    }

    /// The tasks of a batch's steps lie in the row of its first site. If that is taken out while
    /// others stay, they move to the row of another: an attempt that runs is given up, as part of
    /// what it was for is gone, and starts again for the rest.
    fn pass_on_batch(&mut self, track: usize, row: u32, recorder: &mut impl Recorder) {
        let plan = self.plan;
        let Some(new) = self.batches.replace_first(track, row) else { return };
        self.move_holds(track, row, new);
        for step in &plan.tracks[track].batch_steps {
            debug_assert!(plan.steps[usize::from(*step)].per == Per::Batch, "listed as such");
            let (old, new) = (TaskRef { row, step: *step }, TaskRef { row: new, step: *step });
            let (from, to) = (self.place(old), self.place(new));
            let mut moved = self.tasks[from];
            moved.take_epoch_of(self.tasks[to]);
            let again = matches!(moved.phase(), Phase::Eligible | Phase::Running | Phase::Paused);
            if again {
                self.drop_task(old, recorder);
                moved.wait_for(0);
            }
            self.tasks[to] = moved;
            self.many_attempts.pass_on(from, to);
            self.tell(recorder, |_| TraceRecord::PassedOn { task: old, row: new.row });
            self.rework.pass_on(from, to);
            if again {
                self.make_eligible(new, recorder);
            }
        }
    }

    /// What the outcome has to say of the deletions, if they did not go as the incident has it.
    pub(in crate::engine) fn final_deletions(&mut self) {
        let (deletions, outcome) = (&self.deletions, &mut self.outcome);
        if !self.plan.deletions.stops.as_planned || deletions.deleted_again {
            let instant = |at: &u64| match *at {
                NEVER => SimTime::NEVER,
                at => SimTime::from_millis(at),
            };
            outcome.deleted_at = deletions.deleted_at.iter().map(instant).collect();
        }
        if deletions.deleted_again {
            outcome.earlier_outage = deletions.earlier_outage.clone();
        }
        let spared = |end: &Restoration| *end == Restoration::Spared;
        let apart = std::iter::zip(&outcome.restorations, &deletions.deleted_at)
            .all(|(end, at)| spared(end) == (*at == NEVER));
        assert!(apart, "what is spared was not deleted, and what was deleted has an end");
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::plan::{Plan, compile};
    use crate::rng::Streams;
    use crate::scenario::check;
    use crate::trace::{Log, Outcome};

    use crate::units::HOUR;

    fn plan(tables: &str) -> Plan {
        let head = "schema = 1\ntitle = \"test\"\n";
        let checked = check("test", "test.toml", &format!("{head}{tables}"), &[]);
        let faults = checked.diagnostics.render(&checked.sources, false);
        let scenario = checked.scenario.unwrap_or_else(|| panic!("{faults}"));
        let first = scenario.strategies.ids().next().expect("a scenario has a strategy");
        compile(&scenario, first)
    }

    /// A replication in which these rows are deleted at these instants, at each of which something
    /// else must happen too.
    fn simulate(plan: &Plan, number: u64, deletions: &[(u64, u32)]) -> (Outcome, Log) {
        let mut engine = Engine::new(plan);
        let mut log = Log::default();
        engine.begin(Streams::new(1, number), &mut log);
        engine.settle_instant(&mut log);
        for (at, row) in deletions {
            while engine.now < *at && engine.advance(&mut log) {}
            assert_eq!(engine.now, *at, "something happens then");
            let whole = plan.sites[*row as usize].profile;
            engine.delete_again(&[(*row, whole)], &mut log);
            engine.settle_instant(&mut log);
        }
        while engine.advance(&mut log) {}
        let outcome = engine.finish(&mut log);
        (outcome, log)
    }

    fn told(log: &Log) -> String {
        let mut text = String::new();
        for (at, record) in &log.records {
            let task = |what, it: &TaskRef| format!("{what} {}/{}", it.row, it.step);
            let line = match record {
                TraceRecord::Started(it) => task("start", &it.task),
                TraceRecord::Finished(it, _) => task("finish", &it.task),
                TraceRecord::Aborted(it) => task("abort", &it.task),
                TraceRecord::Deleted { row, .. } => format!("deleted {row}"),
                TraceRecord::Restored(row) => format!("restored {row}"),
                _ => continue,
            };
            writeln!(text, "{} {line}", at.as_millis() / HOUR).expect("a string takes any text");
        }
        text
    }

    fn hours(list: &[u64]) -> Vec<SimTime> {
        list.iter().map(|it| SimTime::from_millis(it * HOUR)).collect()
    }

    fn ends(outcome: &Outcome) -> Vec<SimTime> {
        outcome.restorations.iter().filter_map(|it| it.restored_at()).collect()
    }

    const TWO: &str = r#"
estate.sites.count = 2
incident.deletions = [{}]
incident.milestones.four.delay = "4h"
teams.a.people = 1
runbooks.r.steps = [{ id = "restore", team = "a", duration = "3h" }]
strategies.s.tracks = [{ runbook = "r" }]
"#;

    #[test]
    fn a_site_that_is_being_restored_when_it_is_deleted_is_restored_from_the_start() {
        let (outcome, log) = simulate(&plan(TWO), 0, &[(4 * HOUR, 1)]);
        let story = "0 start 0/0\n3 finish 0/0\n3 restored 0\n3 start 1/0\n4 deleted 1\n\
                     4 abort 1/0\n4 start 1/0\n7 finish 1/0\n7 restored 1\n";
        assert_eq!(told(&log), story);
        assert_eq!(outcome.deleted_at, hours(&[0, 0]), "away from 0 to 7 without a break");
        assert_eq!(outcome.earlier_outage, [0; 0]);
        assert_eq!(outcome.pools[0].busy, u128::from(7 * HOUR), "an hour was for nothing");
        assert_eq!(outcome.makespan, hours(&[7])[0]);
    }

    #[test]
    fn a_restored_site_that_is_deleted_again_is_restored_again() {
        let (outcome, log) = simulate(&plan(TWO), 0, &[(4 * HOUR, 0)]);
        let story = "0 start 0/0\n3 finish 0/0\n3 restored 0\n3 start 1/0\n4 deleted 0\n\
                     6 finish 1/0\n6 restored 1\n6 start 0/0\n9 finish 0/0\n9 restored 0\n";
        assert_eq!(told(&log), story);
        assert_eq!((outcome.deleted_at.clone(), ends(&outcome)), (hours(&[4, 0]), hours(&[9, 6])));
        assert_eq!(outcome.earlier_outage, [3 * HOUR, 0], "away for 3 h, then from 4 to 9");
    }

    #[test]
    fn a_site_whose_turn_has_not_come_is_deleted_early() {
        let text = TWO.replace("[{}]", "[{ over = \"20h\" }]");
        let (outcome, _) = simulate(&plan(&text), 0, &[(4 * HOUR, 1)]);
        assert_eq!(outcome.deleted_at, hours(&[0, 4]));
        assert_eq!(ends(&outcome), hours(&[3, 7]));
        assert_eq!(outcome.earlier_outage, [0; 0], "nobody was without it before");
    }

    #[test]
    fn a_site_that_is_lost_cannot_be_lost_again() {
        let text = r#"
estate.services.db.backup = { full = "1h", retention = "2h" }
estate.products.p.services = ["db"]
estate.sites.count = 2
incident.deletions = [{}]
incident.milestones.four.delay = "4h"
teams.a.people = 1
[[runbooks.r.steps]]
id = "restore"
for_each = { service = "db" }
restore_point = { fixed = "5m" }
team = "a"
duration = "3h"
[[strategies.s.tracks]]
runbook = "r"
"#;
        let (outcome, log) = simulate(&plan(text), 0, &[(4 * HOUR, 1)]);
        assert_eq!(outcome.restorations[1], Restoration::Lost);
        assert!(!told(&log).contains("deleted"), "{}", told(&log));
    }

    #[test]
    fn a_batch_goes_on_without_its_first_site() {
        let text = r#"
estate.sites.count = 2
incident.deletions = [{}]
incident.milestones.one.delay = "1h"
teams.a.people = 2
[runbooks.r]
sequential = true
steps = [
  { id = "agree", per = "batch", team = "a", duration = "2h" },
  { id = "restore", team = "a", duration = "1h" },
]
[[strategies.s.tracks]]
runbook = "r"
batch.size = 2
"#;
        let (outcome, log) = simulate(&plan(text), 0, &[(HOUR, 0)]);
        let story = "0 start 0/0\n1 deleted 0\n1 abort 0/0\n1 start 0/0\n1 start 1/0\n\
                     3 finish 0/0\n3 finish 1/0\n3 start 0/1\n3 start 1/1\n\
                     4 finish 0/1\n4 restored 0\n4 finish 1/1\n4 restored 1\n";
        assert_eq!(told(&log), story);
        assert_eq!(outcome.deleted_at, hours(&[0, 0]));
    }

    #[test]
    fn a_site_that_is_deleted_again_waits_for_other_tracks_again_but_not_for_what_is_done_once() {
        let text = r#"
estate.sites.count = 1
incident.deletions = [{}]
incident.milestones.eight.delay = "8h"
[runbooks]
build.supporting = true
build.steps = [{ id = "build", per = "once", duration = "2h" }]
reach.supporting = true
reach.steps = [{ id = "reach", duration = "3h" }]
restore.steps = [{ id = "restore", after = ["build.build", "reach.reach"], duration = "4h" }]
[strategies.s]
tracks = [{ runbook = "build" }, { runbook = "reach" }, { runbook = "restore" }]
"#;
        let (outcome, log) = simulate(&plan(text), 0, &[(8 * HOUR, 0)]);
        let story = "0 start 0/0\n0 start 0/1\n2 finish 0/0\n3 finish 0/1\n3 start 0/2\n\
                     7 finish 0/2\n7 restored 0\n8 deleted 0\n8 start 0/1\n11 finish 0/1\n\
                     11 start 0/2\n15 finish 0/2\n15 restored 0\n";
        assert_eq!(told(&log), story);
        assert_eq!(outcome.earlier_outage, [7 * HOUR]);
    }

    /// Batches with steps before, between and after site steps, rework, tracks that wait for each
    /// other, one that closes.
    const ROUGH: &str = r#"
estate.sites.count = 12
incident.deletions = [{ over = "5h" }]
teams.a.people = 3
teams.b.people = 2
[runbooks.first]
sequential = true
steps = [
  { id = "agree", per = "batch", team = "a", duration.exponential.mean = "1h" },
  { id = "load", team = "a", duration.exponential.mean = "2h" },
  { id = "review", per = "batch", team = "b", duration.exponential.mean = "1h" },
  { id = "copy", duration.exponential.mean = "1h", after = ["review", "WAIT"] },
  { id = "check", team = "b", duration.exponential.mean = "1h", hand_over = true, fails = { probability = "40%", retry_from = "copy" } },
  { id = "audit", team = "b", duration.exponential.mean = "3h" },
  { id = "close", per = "batch", team = "a", duration.exponential.mean = "1h" },
]
[runbooks.reach]
supporting = true
steps = [{ id = "reach", team = "b", duration.exponential.mean = "1h" }]
[runbooks.build]
supporting = true
steps = [{ id = "build", per = "once", team = "a", duration.exponential.mean = "4h" }]
[[strategies.s.tracks]]
id = "one"
runbook = "first"
closes = "T+15h"
on_close = "move"
batch = { size = 3, in_flight = 2 }
[[strategies.s.tracks]]
id = "two"
runbook = "first"
opens = "T+6h"
batch = { size = 2, in_flight = 3 }
[[strategies.s.tracks]]
runbook = "reach"
[[strategies.s.tracks]]
runbook = "build"
"#;

    #[test]
    fn whatever_is_deleted_whenever_every_site_comes_back_and_nobody_works_for_nothing() {
        for wait in ["", "\"reach.reach\"", "\"reach.reach\", \"build.build\""] {
            let plan = plan(&ROUGH.replace("\"WAIT\"", wait));
            let mut engine = Engine::new(&plan);
            for number in 0..60 {
                let mut log = Log::default();
                let streams = Streams::new(7, number);
                let mut state = number + 1;
                let mut draw = |below: u64| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    (state >> 33) % below
                };
                engine.begin(streams, &mut log);
                engine.settle_instant(&mut log);
                let (mut times, mut deleted) = (0, 0);
                while engine.advance(&mut log) {
                    if times < 40 && draw(6) == 0 {
                        let rows = (0..=draw(3)).map(|_| draw(12) as u32);
                        let whole = |row: u32| (row, plan.sites[row as usize].profile);
                        let rows: Vec<(u32, u16)> = rows.map(whole).collect();
                        engine.delete_again(&rows, &mut log);
                        engine.settle_instant(&mut log);
                        (times, deleted) = (times + 1, deleted + rows.len());
                    }
                }
                assert!(engine.pools.iter().all(|it| it.in_use == 0), "replication {number}");
                let outcome = engine.finish(&mut log);
                assert_eq!(ends(&outcome).len(), 12, "replication {number}:\n{}", told(&log));
                let count = |is: fn(&TraceRecord) -> bool| {
                    log.records.iter().filter(|it| is(&it.1)).count()
                };
                let ended = count(|it| {
                    use TraceRecord::{Aborted, Failed, Finished};
                    matches!(it, Finished(..) | Failed(_) | Aborted(_))
                });
                assert_eq!(count(|it| matches!(it, TraceRecord::Started(_))), ended);
                assert_eq!(count(|it| matches!(it, TraceRecord::Deleted { .. })), deleted);
            }
        }
    }

    #[test]
    fn a_second_deletion_of_one_replication_leaves_the_next_alone() {
        let plan = plan(TWO);
        let untouched = simulate(&plan, 1, &[]).0;
        let mut engine = Engine::new(&plan);
        let log = &mut Log::default();
        engine.begin(Streams::new(1, 0), log);
        engine.settle_instant(log);
        engine.advance(log);
        let rows = [0, 1].map(|row| (row, plan.sites[row as usize].profile));
        engine.delete_again(&rows, log);
        engine.settle_instant(log);
        while engine.advance(log) {}
        engine.finish(log);
        assert_eq!(engine.simulate(Streams::new(1, 1), log), untouched);
        assert_eq!(untouched.deleted_at, [], "just as planned");
    }
}
