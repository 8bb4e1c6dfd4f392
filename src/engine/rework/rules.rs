//! How work is judged, sent back and taken over.

use crate::engine::replication::Engine;
use crate::engine::task::Phase;
use crate::plan::{PlanStep, PlanTaker, SentBack};
use crate::rng::uniform;
use crate::scenario::Per;
use crate::trace::{Recorder, TaskRef, TraceRecord};

use super::Found;

/// The last attempt left something wrong that nobody has found.
const DEFECT: u8 = 1;
/// Others have taken over.
const ESCALATED: u8 = 2;
/// No barrier waits for it.
const EXCUSED: u8 = 4;

/// What goes wrong in an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// It shows at once.
    Plain,
    /// A later step finds it.
    Hidden,
}

impl<'p> Engine<'p> {
    /// Looks at what an attempt came to: it has failed if it says so itself, or if it finds what a
    /// step before it did wrong.
    #[inline(never)]
    pub(in crate::engine) fn judge(
        &mut self,
        task: TaskRef,
        ran: u64,
        recorder: &mut impl Recorder,
    ) {
        let plan = self.plan;
        let fault = self.fault(task);
        let mut found = std::mem::take(&mut self.rework.found);
        found.clear();
        if fault == Fault::Plain {
            let finder = plan.failure(task.step).finders.len() - 1;
            let finder = u16::try_from(finder).expect("few steps");
            found.push(Found { step: task.step, finder, escalates: false });
        }
        for (step, finder) in &plan.details[usize::from(task.step)].finds {
            let place = self.place(TaskRef { row: task.row, step: *step });
            if self.has_mark(place, DEFECT) {
                self.rework.marks[place] &= !DEFECT;
                found.push(Found { step: *step, finder: *finder, escalates: false });
            }
        }
        if found.is_empty() {
            self.tell_finished(task, ran, recorder);
            let place = self.place(task);
            if let Some(marks) = self.rework.marks.get_mut(place) {
                *marks = *marks & !DEFECT | if fault == Fault::Hidden { DEFECT } else { 0 };
            }
            self.complete_judged(task, recorder);
        } else {
            self.tell(recorder, |it| TraceRecord::Failed(it.ended(task, Some(ran))));
            self.outcome.steps[usize::from(task.step)].failures += 1;
            self.send_back(task, &mut found, recorder);
        }
        self.rework.found = found;
    }

    /// What goes wrong in the attempt that has just ended.
    fn fault(&mut self, task: TaskRef) -> Fault {
        let plan = self.plan;
        let step = usize::from(task.step);
        let Some(failure) = &plan.details[step].failure else { return Fault::None };
        if plan.steps[step].can_be_failed && self.take_mark(task) {
            return Fault::Plain;
        }
        let place = self.place(task);
        let attempt = self.attempt(place);
        let last = match failure.escalation {
            None => attempt.saturating_add(1) >= failure.attempts,
            Some(_) => self.has_mark(place, ESCALATED),
        };
        if last {
            return Fault::None;
        }
        let fails = match self.per(task) {
            Per::Site => self.draws.fails(plan, self.site_step(task).failure, task.row, attempt),
            Per::Batch | Per::Shard | Per::Once => {
                uniform(self.word_at(task, failure.lane, attempt)) < failure.probability
            }
        };
        match fails {
            false => Fault::None,
            true if failure.is_hidden[self.profile_or_only(task.row, task.step)] => Fault::Hidden,
            true => Fault::Plain,
        }
    }

    /// Sends the work back to where it starts again, for all that one attempt found at once.
    fn send_back(&mut self, finder: TaskRef, found: &mut [Found], recorder: &mut impl Recorder) {
        for finding in found.iter_mut() {
            let failing = TaskRef { row: finder.row, step: finding.step };
            finding.escalates = self.is_exhausted(failing, finder);
            if finding.escalates {
                self.escalate(failing, recorder);
            }
        }
        // Who found it has just ended its attempt, and is among what is done again.
        self.wait_for_another_attempt(finder);
        for finding in found.iter() {
            for sent_back in self.done_again(finder, *finding) {
                self.undo(TaskRef { row: finder.row, step: sent_back.step });
            }
        }
        // Now that all is sent back, each waits for what before it is not done.
        for finding in found.iter() {
            for sent_back in self.done_again(finder, *finding) {
                self.count_predecessors_anew(finder.row, sent_back, recorder);
            }
        }
    }

    /// A task will be done once more.
    pub(in crate::engine) fn wait_for_another_attempt(&mut self, task: TaskRef) {
        let place = self.place(task);
        self.tasks[place].wait_for(0);
        self.many_attempts.count(&mut self.tasks, place);
    }

    /// A task that was done is to be done again. What somebody else has already sent back is under
    /// way and only has to be waited for.
    fn undo(&mut self, task: TaskRef) {
        if self.tasks[self.place(task)].phase() == Phase::Done {
            self.wait_for_another_attempt(task);
            self.hold_back_followers(task);
        }
    }

    /// What was sent back and has not started yet waits for what comes before it to be done once
    /// more, or can start if all of that is done; what runs is not touched.
    fn count_predecessors_anew(
        &mut self,
        row: u32,
        sent_back: &SentBack,
        recorder: &mut impl Recorder,
    ) {
        let task = TaskRef { row, step: sent_back.step };
        let place = self.place(task);
        if self.tasks[place].phase() != Phase::Waiting {
            return;
        }
        let is_undone = |step: &&u16| {
            self.tasks[self.place(TaskRef { row, step: **step })].phase() != Phase::Done
        };
        let pending = sent_back.before.iter().filter(is_undone).count();
        self.tasks[place].wait_for(u32::try_from(pending).expect("few steps"));
        if pending == 0 {
            self.make_eligible(task, recorder);
        }
    }

    /// What is done again because of something that was found.
    fn done_again(&self, finder: TaskRef, finding: Found) -> &'p [SentBack] {
        let plan = self.plan;
        let profile = self.profile_or_only(finder.row, finder.step);
        let who_can_find_it = &plan.failure(finding.step).finders;
        let plan_finder = &who_can_find_it[usize::from(finding.finder)];
        match finding.escalates {
            true => &plan_finder.escalated[profile],
            false => &plan_finder.again[profile],
        }
    }

    /// What comes right after a task, of the same kind, waits for it again unless it has started.
    fn hold_back_followers(&mut self, task: TaskRef) {
        let plan = self.plan;
        for later in self.followers(task) {
            if plan.steps[usize::from(*later)].per != self.per(task) {
                continue;
            }
            let later = TaskRef { row: task.row, step: *later };
            let place = self.place(later);
            let now = self.now;
            if plan.steps[usize::from(later.step)].extracts {
                self.leave_load_before_start(later);
            }
            let state = &mut self.tasks[place];
            match state.phase() {
                Phase::Waiting => state.wait_for_one_more(),
                Phase::Loading | Phase::Eligible => {
                    let waited = now - state.since();
                    state.wait_for(1);
                    state.begin_epoch();
                    self.outcome.steps[usize::from(later.step)].wait += waited;
                }
                Phase::Running | Phase::Paused | Phase::TakenOver => {}
                Phase::Done | Phase::Dropped => {}
            }
        }
    }

    /// Whether a task has just failed in the last of its attempts and somebody is there to take
    /// over. What is under way again already has another try.
    fn is_exhausted(&self, failing: TaskRef, finder: TaskRef) -> bool {
        if !self.plan.steps[usize::from(failing.step)].escalates {
            return false;
        }
        let place = self.place(failing);
        let state = &self.tasks[place];
        (failing == finder || state.phase() == Phase::Done)
            && self.attempt(place).saturating_add(1) >= self.plan.failure(failing.step).attempts
            && !self.has_mark(place, ESCALATED)
    }

    /// From now on others do the task, without what is held for it, and no barrier waits for what
    /// comes of it.
    fn escalate(&mut self, failing: TaskRef, recorder: &mut impl Recorder) {
        let plan = self.plan;
        self.tell(recorder, |_| TraceRecord::Escalated(failing));
        self.outcome.steps[usize::from(failing.step)].escalations += 1;
        let place = self.place(failing);
        self.rework.marks[place] |= ESCALATED;
        self.free_holds(failing, recorder);
        let excused = &plan.escalation(failing.step).excused;
        let Some(excused) = excused.get(self.profile_or_only(failing.row, failing.step)) else {
            return;
        };
        for step in excused {
            self.excuse(TaskRef { row: failing.row, step: *step }, recorder);
        }
    }

    /// Lets barriers go on without a task. What is behind them, of the same site, waits for it.
    fn excuse(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        let plan = self.plan;
        let (row, place) = (task.row, self.place(task));
        if self.has_been_done(task) || self.has_mark(place, EXCUSED) {
            return;
        }
        self.rework.marks[place] |= EXCUSED;
        let kind = self.profile_or_only(row, task.step);
        let behind = &plan.details[usize::from(task.step)].behind[kind];
        for later in &behind.steps {
            let place = self.place(TaskRef { row, step: *later });
            self.tasks[place].wait_for_one_more();
        }
        self.tracks.hand_over_later(row, behind.hand_over);
        for later in plan.profiles[kind].successors_of(usize::from(task.step)) {
            if plan.steps[usize::from(*later)].per == Per::Batch
                && let Some(later) = self.batch_task(*later, row)
            {
                self.one_less(later, recorder);
            }
        }
    }

    /// A task is done whose end was looked at.
    fn complete_judged(&mut self, task: TaskRef, recorder: &mut impl Recorder) {
        let plan = self.plan;
        let detail = &plan.details[usize::from(task.step)];
        if let Some(failing) = detail.stands_in_for {
            let place = self.place(task);
            self.tasks[place].enter(Phase::Done, self.now);
            let learns_as = plan.steps[usize::from(task.step)].learns_as;
            self.factors.count_completion(learns_as);
            if plan.steps[usize::from(task.step)].counts_runs {
                self.automate_by_runs(task.step, recorder);
            }
            if plan.steps[usize::from(task.step)].reaches {
                self.reach_customers(task, recorder);
            }
            self.lose_less_after(task);
            self.complete_judged(TaskRef { row: task.row, step: failing }, recorder);
            return;
        }
        let excused = self.is_excused(task);
        self.complete(task, recorder);
        if excused {
            let place = self.place(task);
            self.rework.marks[place] &= !EXCUSED;
            let behind = &detail.behind[self.profile_or_only(task.row, task.step)];
            for later in &behind.steps {
                self.one_less(TaskRef { row: task.row, step: *later }, recorder);
            }
            if behind.hand_over {
                self.pass_hand_over(task, recorder);
            }
        }
    }

    /// Lets those who have taken over begin in the place of a task that could start; says whether
    /// it is a step of their own.
    pub(in crate::engine) fn is_passed_on(
        &mut self,
        task: TaskRef,
        recorder: &mut impl Recorder,
    ) -> bool {
        let place = self.place(task);
        if !self.has_mark(place, ESCALATED) {
            return false;
        }
        let PlanTaker::Step(step) = self.plan.escalation(task.step).to else { return false };
        self.tasks[place].enter(Phase::TakenOver, self.now);
        let taking = TaskRef { row: task.row, step };
        if self.tasks[self.place(taking)].phase() == Phase::Done {
            self.wait_for_another_attempt(taking);
        }
        self.make_eligible(taking, recorder);
        true
    }

    /// What an attempt needs, besides what it holds.
    #[inline(always)]
    pub(in crate::engine) fn demand(&self, task: TaskRef, step: &PlanStep) -> u16 {
        match step.escalates || step.automatable {
            _ if step.varies => self.demand_running(task),
            false => step.demand,
            true => self.particular_demand(task, step),
        }
    }

    /// What an attempt needs that another team may have been called to, or a machine may do.
    fn particular_demand(&self, task: TaskRef, step: &PlanStep) -> u16 {
        if self.is_by_machine(task, step) {
            return step.demand_automated;
        }
        step.escalates.then(|| self.escalated_demand(task)).flatten().unwrap_or(step.demand)
    }

    /// Whether an attempt is done as automated. What has escalated to a team is done by people.
    #[inline(always)]
    pub(in crate::engine) fn is_by_machine(&self, task: TaskRef, step: &PlanStep) -> bool {
        step.automatable
            && self.automation.is_by_machine(self.place(task))
            && !(step.escalates && self.escalated_demand(task).is_some())
    }

    /// What an attempt of a step that can escalate is slowed by as a whole.
    pub(in crate::engine) fn effect(&self, task: TaskRef) -> f64 {
        match self.escalated_demand(task) {
            None => self.factors.of_step(task.step),
            Some(_) => self.factors.escalated(task.step),
        }
    }

    /// What a task needs that has escalated to a team.
    fn escalated_demand(&self, task: TaskRef) -> Option<u16> {
        if !self.has_mark(self.place(task), ESCALATED) {
            return None;
        }
        match self.plan.escalation(task.step).to {
            PlanTaker::Team { demand, .. } => Some(demand),
            PlanTaker::Step(_) => None,
        }
    }

    /// Whether no barrier waits for a task.
    pub(in crate::engine) fn is_excused(&self, task: TaskRef) -> bool {
        self.has_mark(self.place(task), EXCUSED)
    }

    /// Whether a task has been done, even if it is to be done again.
    pub(in crate::engine) fn has_been_done(&self, task: TaskRef) -> bool {
        let place = self.place(task);
        if self.plan.steps[usize::from(task.step)].recurs {
            self.rework.completed_before[place]
        } else {
            self.tasks[place].phase() == Phase::Done
        }
    }

    fn has_mark(&self, place: usize, mark: u8) -> bool {
        self.rework.marks.get(place).is_some_and(|marks| marks & mark != 0)
    }
}
