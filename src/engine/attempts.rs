//! What happens to a task: it starts, ends, and lets others go on.

use crate::engine::draws::LONGEST;
use crate::engine::recovery::Prospect;
use crate::engine::replication::Engine;
use crate::engine::shifts::Underway;
use crate::engine::task::{NEVER, Phase};
use crate::plan::{PlanStep, SiteStep};
use crate::rng::uniform;
use crate::scenario::Per;
use crate::trace::{End, Practice, Recorder, Start, TaskRef, TraceRecord};
use crate::units::SimTime;

impl<'p> Engine<'p> {
    /// Starts an eligible task, unless it is known that there is nothing left to restore its site from,
    /// or all the sites that wait for it.
    #[inline(always)]
    pub(super) fn start(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        let own = self.site_step(task);
        let place = self.place(task);
        let (takes, ends) = if own.is_special() {
            let Some(begun) = self.begin_special(task, recorder) else { return };
            begun
        } else {
            self.occupy_for(own);
            let attempt = self.attempt(place);
            (own.demand, Some(self.now + self.length(task, attempt, own)))
        };
        let state = &mut self.tasks[place];
        let wait = self.now - state.since();
        state.enter(Phase::Running, self.now);
        let epoch = state.epoch();
        self.outcome.steps[usize::from(task.step)].wait += wait;
        if own.is_special() {
            self.follow_special(task, ends);
        }
        if let Some(at) = ends {
            let track = self.track_of(task, own);
            self.future.push_end(at, track, task, epoch);
        }
        self.tell(recorder, |engine| {
            let length = ends.map(|at| at - engine.now);
            TraceRecord::Started(engine.begun(task, wait, takes, length))
        });
    }

    /// Takes what a task needs that restores, loads, holds, pauses or is otherwise special: what that is, and
    /// when it ends if it knows. Nothing if there is nothing to be done.
    #[inline(never)]
    fn begin_special(
        &mut self,
        task: TaskRef,
        recorder: &mut impl Recorder,
    ) -> Option<(u16, Option<u64>)> {
        let plan = self.plan;
        let step = &plan.steps[usize::from(task.step)];
        if step.extracts {
            self.note_load(task);
        }
        let prospect = match (step.restores, step.opens) {
            (false, false) => Prospect::Work { longer: 0 },
            (true, _) => self.restore_store(task),
            (false, true) => self.open_load(task, recorder),
        };
        match prospect {
            Prospect::Work { .. } => {}
            Prospect::Nothing { length: 0 } => {
                match step.opens {
                    true => self.abandon_load(task, recorder),
                    false => self.lose_site(task, recorder),
                }
                return None;
            }
            Prospect::Nothing { .. } => self.recovery.begin_in_vain(task),
        }
        let takes = self.demand_to_start(task, step);
        self.occupy(takes);
        if step.varies {
            self.begin_hold(task, recorder);
        }
        if step.can_be_failed {
            self.mark_attempt(task);
        }
        let attempt = self.attempt(self.place(task));
        let ends = (!step.transfers).then(|| match prospect {
            Prospect::Work { longer } => {
                self.now + self.special_length(task, attempt, step) + longer
            }
            Prospect::Nothing { length } => self.now + length,
        });
        Some((takes, ends))
    }

    /// Watches an attempt that has started and may have to pause, or moves what it has to move.
    #[inline(never)]
    fn follow_special(&mut self, task: TaskRef, ends: Option<u64>) {
        let step = &self.plan.steps[usize::from(task.step)];
        if step.pausable {
            self.watch(Underway { task, started: self.now, ends: ends.unwrap_or(NEVER) });
        }
        if ends.is_none() {
            self.begin_transfer(task);
        }
    }

    /// The track of a task; that of what is not done for sites stands with its step.
    #[inline(always)]
    fn track_of(&self, task: TaskRef, own: SiteStep) -> u8 {
        match own.is_special() {
            true => self.plan.steps[usize::from(task.step)].track,
            false => own.track,
        }
    }

    /// What is told of an attempt that starts or goes on.
    #[inline(never)]
    pub(super) fn begun(
        &self,
        task: TaskRef,
        waited: u64,
        takes: u16,
        length: Option<u64>,
    ) -> Start {
        let step = &self.plan.steps[usize::from(task.step)];
        Start {
            task,
            attempt: self.number_of_attempt(task),
            again: self.tasks[self.place(task)].is_retried(),
            waited,
            takes,
            has: self.demand(task, step),
            length,
            practised: self.practised(task, step),
            by_machine: self.is_by_machine(task, step),
        }
    }

    /// What is told of an attempt that ends or pauses.
    #[inline(never)]
    pub(super) fn ended(&self, task: TaskRef, ran: Option<u64>) -> End {
        let step = &self.plan.steps[usize::from(task.step)];
        let attempt = self.number_of_attempt(task);
        End { task, attempt, ran, frees: self.demand(task, step) }
    }

    /// How often the work of a task will have been done with the attempt that ends now.
    pub(super) fn practice(&self, task: TaskRef) -> Practice {
        let work = self.plan.steps[usize::from(task.step)].learns_as;
        Practice { work, completions: self.factors.completions(work) + 1 }
    }

    /// Which attempt at a task it is, counted from 1, as its draws are addressed.
    fn number_of_attempt(&self, task: TaskRef) -> u32 {
        let attempt = self.attempt(self.place(task));
        let attempt = match self.per(task) {
            Per::Shard => self.attempt_of_load(task, attempt),
            Per::Site | Per::Batch | Per::Once => attempt,
        };
        u32::from(attempt) + 1
    }

    /// What practice leaves of the time of an attempt that starts now.
    #[inline(always)]
    fn practised(&self, task: TaskRef, step: &PlanStep) -> f64 {
        if !step.learns {
            return 1.0;
        }
        let learning = self.plan.details[usize::from(task.step)].learning.as_ref();
        let done = self.factors.completions(step.learns_as);
        learning.expect("a step that learns says how").after(done)
    }

    /// How long an attempt will take, in milliseconds. Every factor is fixed now.
    #[inline(always)]
    fn length(&mut self, task: TaskRef, attempt: u16, own: SiteStep) -> u64 {
        let plan = self.plan;
        let step = usize::from(task.step);
        let word = match own.is_drawn() {
            true => self.draws.word(plan, own.lane as usize, task.row, attempt),
            false => 0,
        };
        let drawn = plan.steps[step].duration.quantile(uniform(word));
        let growth = self.factors.of_site(own.growth, task.row);
        let practised = match own.learns() {
            true => self.practised(task, &plan.steps[step]),
            false => 1.0,
        };
        let factor = growth * practised * self.factors.of_step(task.step);
        whole(drawn * factor, own.is_drawn() || !plan.steps[step].instant)
    }

    /// The same of an attempt whose teams are strained, that a machine does, that others have taken
    /// over, or that is not done for a site. How long a transfer takes is not known before it ends.
    fn special_length(&mut self, task: TaskRef, attempt: u16, step: &PlanStep) -> u64 {
        let plan = self.plan;
        let word = match step.per {
            _ if !step.drawn => 0,
            Per::Site => self.draws.word(plan, step.lane as usize, task.row, attempt),
            Per::Batch | Per::Shard | Per::Once => self.word_at(task, step.lane as usize, attempt),
        };
        let drawn = step.duration.quantile(uniform(word));
        let growth = match step.per {
            Per::Site => self.factors.of_site(step.growth, task.row),
            Per::Batch => self.batch_growth(task, step),
            Per::Shard => plan.loads.growth(task.step),
            Per::Once => 1.0,
        };
        let practised = self.practised(task, step);
        let by_machine = self.is_by_machine(task, step);
        let effect = if by_machine {
            self.factors.automated(task.step)
        } else if step.escalates {
            self.effect(task)
        } else {
            self.factors.of_step(task.step)
        };
        let left = if by_machine {
            // Practice and automation do not add up.
            plan.details[usize::from(task.step)].automated.min(practised)
        } else {
            practised
        };
        let strain = if step.strained { self.strain(task, step) } else { 1.0 };
        whole(drawn * (growth * left * effect * strain), !step.instant)
    }

    /// The number of a lane for an attempt of a task that is not done for a site.
    pub(super) fn word_at(&self, task: TaskRef, lane: usize, attempt: u16) -> u64 {
        let (ordinal, attempt) = match self.per(task) {
            Per::Batch => {
                (u64::from(self.batches.get(self.batch_number_of(task)).number_in_track), attempt)
            }
            Per::Shard => (u64::from(self.shard_of(task)), self.attempt_of_load(task, attempt)),
            Per::Once | Per::Site => (0, attempt),
        };
        self.draws.word_at(self.plan, lane, ordinal, attempt)
    }

    #[inline(always)]
    pub(super) fn on_finish(&mut self, task: TaskRef, epoch: u8, recorder: &mut impl Recorder) {
        let state = self.tasks[self.place(task)];
        if !state.is(Phase::Running, epoch) {
            return;
        }
        let own = self.site_step(task);
        if own.is_special() {
            return self.finish_special(task, recorder);
        }
        let ran = self.now - state.since();
        self.count_attempt(task, ran);
        self.release_for(own, ran);
        let fails = own.fails()
            && (state.is_retried() || self.draws.fails(self.plan, own.failure, task.row, 0));
        if fails || own.is_judged() {
            return self.judge(task, ran, recorder);
        }
        self.tell_finished(task, ran, recorder);
        self.complete_as(task, own, recorder);
    }

    /// The end of an attempt that may have paused, has used a load, or was to bring something back.
    #[inline(never)]
    fn finish_special(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        let step = &self.plan.steps[usize::from(task.step)];
        // An epoch has eight bits: after 256 pauses it comes again.
        if step.pausable && !self.ends_now(task) {
            return;
        }
        let ran = self.end_attempt(task);
        if step.extracts {
            self.leave_load(task);
        }
        if (step.restores || step.opens) && self.was_in_vain(task) {
            self.end_in_vain(task, ran, recorder);
        } else if step.judged {
            self.judge(task, ran, recorder);
        } else {
            self.tell_finished(task, ran, recorder);
            self.complete(task, recorder);
        }
        if step.opens {
            self.lose_what_is_not_loaded(task, recorder);
        }
    }

    #[inline(always)]
    pub(super) fn tell_finished(&self, task: TaskRef, ran: u64, recorder: &mut impl Recorder) {
        let finished =
            |it: &Self| TraceRecord::Finished(it.ended(task, Some(ran)), it.practice(task));
        self.tell(recorder, finished);
    }

    /// Counts the work of an attempt, gives back what it had, and says for how long it has run since
    /// it started or went on.
    pub(super) fn end_attempt(&mut self, task: TaskRef) -> u64 {
        let length = self.now - self.tasks[self.place(task)].since();
        self.count_attempt(task, length);
        let step = &self.plan.steps[usize::from(task.step)];
        if step.pausable {
            self.unwatch(task);
        }
        self.release(self.demand(task, step), length);
        length
    }

    /// Counts the work of an attempt that ends now.
    #[inline(always)]
    fn count_attempt(&mut self, task: TaskRef, ran: u64) {
        let tally = &mut self.outcome.steps[usize::from(task.step)];
        tally.attempts += 1;
        tally.work += ran;
        tally.last_end = SimTime::from_millis(self.now);
        self.last_end = self.now;
    }

    /// The steps right after a task: those of its kind, and others.
    pub(super) fn followers(&self, task: TaskRef) -> &'p [u16] {
        let plan = self.plan;
        let step = usize::from(task.step);
        match plan.steps[step].per {
            Per::Site => {
                let profile = self.profile_number(task.row);
                plan.profiles[profile].successors_of(step)
            }
            Per::Batch => &plan.precedence.batch_successors[step],
            Per::Shard => &[],
            Per::Once => &plan.precedence.once_successors[step],
        }
    }

    /// A task is done: others go on.
    pub(super) fn complete(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        self.complete_as(task, self.site_step(task), recorder);
    }

    #[inline(always)]
    fn complete_as(&mut self, task: TaskRef, own: SiteStep, recorder: &mut impl Recorder) {
        if own.is_special() || own.is_consequential() {
            return self.complete_with_consequences(task, recorder);
        }
        let place = self.place(task);
        self.tasks[place].enter(Phase::Done, self.now);
        self.factors.count_completion(own.learns_as);
        match own.successor_count {
            1 => self.one_less(TaskRef { row: task.row, step: own.successor }, recorder),
            _ => self.let_all_go_on(task, recorder),
        }
        if own.is_gate() {
            self.pass_gates(task, recorder);
        }
    }

    #[inline(never)]
    fn let_all_go_on(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        for later in self.profile(task.row).successors_of(usize::from(task.step)) {
            self.one_less(TaskRef { row: task.row, step: *later }, recorder);
        }
    }

    /// The same of a task whose end starts, repairs, frees or reaches more than the next steps of its
    /// site.
    #[inline(never)]
    fn complete_with_consequences(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        let place = self.place(task);
        self.tasks[place].enter(Phase::Done, self.now);
        let step = &self.plan.steps[usize::from(task.step)];
        self.factors.count_completion(step.learns_as);
        if step.counts_runs {
            self.automate_by_runs(task.step, recorder);
        }
        // What a step repairs that hands its site over is repaired when it does.
        if step.repairs {
            self.repair_stores(task);
        }
        let repeated = step.recurs && self.rework.complete(place);
        match step.per {
            _ if repeated => self.complete_again(task, recorder),
            Per::Site => self.complete_for_site(task, recorder),
            Per::Batch => self.complete_for_batch(task, recorder),
            Per::Shard => self.complete_load(task, recorder),
            Per::Once => self.complete_once(task, recorder),
        }
        if step.ends_holds {
            self.end_holds(task, recorder);
        }
        self.lose_less_after(task);
        if step.reaches {
            self.reach_customers(task, recorder);
        }
    }

    fn complete_for_site(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        let plan = self.plan;
        let profile = self.profile(task.row);
        let step = usize::from(task.step);
        for later in profile.successors_of(step) {
            let later = match plan.steps[usize::from(*later)].per {
                Per::Site => TaskRef { row: task.row, step: *later },
                Per::Batch if self.is_excused(task) => continue,
                Per::Batch | Per::Shard | Per::Once => match self.batch_task(*later, task.row) {
                    Some(later) => {
                        let arrived = TaskRef { row: task.row, step: later.step };
                        self.tell(recorder, |_| TraceRecord::Arrived(arrived));
                        later
                    }
                    None => continue,
                },
            };
            self.one_less(later, recorder);
        }
        self.pass_gates(task, recorder);
    }

    /// Done again after a later failure: only what has waited for that goes on.
    fn complete_again(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        for later in self.followers(task) {
            let later = TaskRef { row: task.row, step: *later };
            let waits = self.per(later) == self.per(task)
                && self.tasks[self.place(later)].phase() == Phase::Waiting;
            if waits {
                self.one_less(later, recorder);
            }
        }
    }

    fn complete_for_batch(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        let plan = self.plan;
        for later in &plan.precedence.batch_successors[usize::from(task.step)] {
            self.one_less(TaskRef { row: task.row, step: *later }, recorder);
        }
        let number = self.batch_number_of(task);
        let batch = self.batches.get(number);
        for member in batch.first..batch.first + batch.count {
            let row = self.batches.row(member);
            if self.batch_number(task.step, row) != Some(number) {
                continue;
            }
            let profile = self.profile(row);
            for later in profile.successors_of(usize::from(task.step)) {
                self.one_less(TaskRef { row, step: *later }, recorder);
            }
            self.pass_gates(TaskRef { row, step: task.step }, recorder);
        }
    }

    fn complete_once(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        let plan = self.plan;
        let step = usize::from(task.step);
        for later in &plan.precedence.once_successors[step] {
            let batch_step = plan.steps[usize::from(*later)].per == Per::Batch;
            let track = usize::from(plan.steps[usize::from(*later)].track);
            if !batch_step {
                self.one_less(TaskRef { row: task.row, step: *later }, recorder);
            } else {
                for number in self.batches.numbers() {
                    if usize::from(self.batches.get(number).track) == track {
                        let row = self.batches.first_row(number);
                        self.one_less(TaskRef { row, step: *later }, recorder);
                    }
                }
            }
        }
        for row in 0..plan.sites.len() {
            let row = u32::try_from(row).expect("fewer than 2^32 sites");
            for later in self.profile(row).successors_of(step) {
                self.one_less(TaskRef { row, step: *later }, recorder);
            }
        }
        let track = usize::from(plan.steps[step].track);
        self.tracks.count_once_step(track);
        self.release_moments(task.step, recorder);
    }

    /// One of the things that a task waits for is done.
    #[inline(always)]
    pub(super) fn one_less(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        let place = self.place(task);
        let state = &mut self.tasks[place];
        if state.phase() != Phase::Waiting {
            // Given up; nobody waits any more.
            debug_assert!(state.phase() == Phase::Dropped, "only a waiting task waits");
            return;
        }
        if state.wait_for_one_less() {
            self.make_eligible(task, recorder);
        }
    }

    /// The tasks of a track for a site, all waiting.
    pub(super) fn begin_row(&mut self, track: usize, row: u32) {
        let plan = self.plan;
        let profile = self.profile(row);
        let first = row as usize * plan.steps.len();
        for steps in &plan.tracks[track].own_steps {
            let template = &profile.pending[steps.clone()];
            let tasks = &mut self.tasks[first..][steps.clone()];
            for (task, pending) in tasks.iter_mut().zip(template) {
                // A site that is deleted a second time has stale events.
                *task = task.begun_anew(u32::from(*pending));
            }
            self.rework.forget(first + steps.start..first + steps.end);
        }
    }

    pub(super) fn count_if_running(&mut self, task: TaskRef) {
        if self.tasks[self.place(task)].phase() == Phase::Running {
            self.end_attempt(task);
            self.leave_open(task);
        }
    }

    /// Notes that a step does not come to its end in the replication.
    pub(super) fn leave_open(&mut self, task: TaskRef) {
        self.outcome.steps[usize::from(task.step)].last_end = SimTime::NEVER;
    }
}

/// A length in whole milliseconds; what takes some time takes a millisecond at least.
#[inline(always)]
fn whole(millis: f64, takes_time: bool) -> u64 {
    ((millis.min(LONGEST) + 0.5) as i64).max(i64::from(takes_time)).cast_unsigned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Plan, compile};
    use crate::rng::Streams;
    use crate::scenario::check;
    use crate::trace::{Log, Silent};

    /// Some recoveries, which come to the same whether anybody listens.
    fn told(plan: &Plan) -> Vec<String> {
        let mut engine = Engine::new(plan);
        let mut tell = |number| {
            let mut log = Log::default();
            let heard = format!("{:?}", engine.simulate(Streams::new(1, number), &mut log));
            let unheard = format!("{:?}", engine.simulate(Streams::new(1, number), &mut Silent));
            assert!(heard == unheard, "number {number}");
            format!("{heard}\n{log:?}")
        };
        (0..20).map(&mut tell).collect()
    }

    #[test]
    fn a_step_comes_to_the_same_when_it_is_taken_for_a_special_one() {
        for (name, text) in [
            ("template", include_str!("../../scenarios/template.toml")),
            ("rework", include_str!("../../scenarios/rework.toml")),
            ("learning", include_str!("../../scenarios/learning.toml")),
            ("graham", include_str!("../../scenarios/graham.toml")),
            // Its injects fail the first four attempts that start.
            ("thrown in", include_str!("../../tests/faults/scenarios/rework.toml")),
        ] {
            let checked = check(name, name, text, &[]);
            let faults = checked.diagnostics.render(&checked.sources, false);
            let scenario = checked.scenario.unwrap_or_else(|| panic!("{faults}"));
            for id in scenario.strategies.ids() {
                let plan = compile(&scenario, id);
                let mut special = plan.clone();
                special.site_steps.iter_mut().for_each(|it| *it = it.as_special());
                assert!(plan.site_steps != special.site_steps, "{name} has plain steps");
                assert!(told(&plan) == told(&special), "{name}, strategy {id:?}");
            }
        }
    }
}
