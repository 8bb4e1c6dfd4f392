//! What injects do.

use crate::engine::draws::whole_millis;
use crate::engine::events::Event;
use crate::engine::replication::Engine;
use crate::plan::{InjectDraw, PlanInject, PlanInjectKind, PlanShift};
use crate::trace::{Recorder, TaskRef, TraceRecord};

use super::{LostShift, WHOLE, dated_injects, inject_draw, refill};

impl Engine<'_> {
    /// Puts the injects of this replication on the list of events.
    pub(in crate::engine) fn begin_injects(&mut self) {
        let plan = self.plan;
        if plan.injects.is_empty() {
            return;
        }
        let tasks = self.tasks.len();
        let fails = |it: &PlanInject| matches!(it.what, PlanInjectKind::AttemptsFail(_));
        let loses = |it: &PlanInject| matches!(it.what, PlanInjectKind::ShiftLost(_));
        let state = &mut self.injected;
        refill(&mut state.on, plan.injects.len());
        refill(&mut state.to_fail, plan.injects.len());
        refill(&mut state.marked, if plan.injects.iter().any(fails) { tasks } else { 0 });
        let pools = if plan.injects.iter().any(loses) { plan.pools.len() } else { 0 };
        refill(&mut state.shifts, pools);
        state.lost.clear();
        let milestones = &self.outcome.milestones;
        for (index, at) in dated_injects(plan, self.draws.streams(), milestones) {
            let index = u32::try_from(index).expect("few injects");
            self.future.push(at, Event::Inject(index, true));
        }
    }

    pub(in crate::engine) fn on_inject(
        &mut self,
        index: u32,
        begins: bool,
        recorder: &mut impl Recorder,
    ) {
        let plan = self.plan;
        let inject = &plan.injects[index as usize];
        if begins {
            self.tell(recorder, |_| TraceRecord::Injected(index));
        } else {
            self.tell(recorder, |_| TraceRecord::InjectEnded(index));
        }
        self.injected.on[index as usize] = begins;
        if begins && let Some(lasts) = &inject.lasts {
            let drawn = inject_draw(inject, self.draws.streams(), InjectDraw::Length);
            let length = whole_millis(lasts.quantile(drawn));
            self.future.push(self.now + length.max(1), Event::Inject(index, false));
        }
        match &inject.what {
            PlanInjectKind::Cut(pool, _) | PlanInjectKind::Close(pool) => {
                self.set_capacity(*pool, recorder);
            }
            PlanInjectKind::ShiftLost(pool) => {
                self.injected.shifts[*pool] = LostShift::NextIsLost;
                if self.capacities.level(*pool) > 0 {
                    self.lose_shift(*pool);
                }
                self.set_capacity(*pool, recorder);
            }
            PlanInjectKind::Slow(throughput, _) => {
                let left = self.left_of_rate(*throughput);
                self.set_rate_share(*throughput, left, WHOLE);
            }
            PlanInjectKind::Delete(rows) => self.delete_again(rows, recorder),
            PlanInjectKind::AttemptsFail(count) => {
                self.injected.to_fail[index as usize] = *count;
            }
        }
    }

    /// The next shift of a pool begins, or its present one ends.
    pub(in crate::engine) fn change_shift(&mut self, pool: usize, people: u32) {
        if let Some(shift) = self.injected.shifts.get_mut(pool) {
            *shift = match (*shift, people) {
                (LostShift::NextIsLost, 0) => return,
                (LostShift::NextIsLost, _) => return self.lose_shift(pool),
                (LostShift::Lost | LostShift::Comes, _) => LostShift::Comes,
            };
        }
    }

    /// Whoever is there now goes, and stays away to the end of the shift.
    fn lose_shift(&mut self, pool: usize) {
        let on_roster = self.plan.capacities.shifts.get(pool).is_some_and(|it| !it.is_empty());
        let state = &mut self.injected;
        state.shifts[pool] = if on_roster { LostShift::Comes } else { LostShift::Lost };
        if on_roster {
            state.lost.push((pool, self.now));
        }
    }

    /// How many people of a pool on a roster belong to shifts that are on and not lost; as many as
    /// anybody could ask for where no shift is lost.
    fn left_of_shifts(&self, pool: usize) -> u32 {
        let lost = &self.injected.lost;
        if !lost.iter().any(|(own, _)| *own == pool) {
            return u32::MAX;
        }
        let on = |it: &&PlanShift, at: u64| it.from <= at && at < it.to;
        let comes = |it: &&PlanShift| !lost.iter().any(|(own, at)| *own == pool && on(it, *at));
        let there =
            self.plan.capacities.shifts[pool].iter().filter(|it| on(it, self.now)).filter(comes);
        there.fold(0, |sum, it| sum.saturating_add(it.people))
    }

    /// What injects leave of a pool's capacity: one after the other in the order of the file.
    pub(in crate::engine) fn left_of_capacity(&self, pool: usize) -> u32 {
        let mut capacity = self.capacities.level(pool).min(self.left_of_shifts(pool));
        let state = &self.injected;
        if state.shifts.get(pool) == Some(&LostShift::Lost) {
            capacity = 0;
        }
        for (it, on) in self.plan.injects.iter().zip(&state.on) {
            match &it.what {
                PlanInjectKind::Cut(own, cut) if *on && *own == pool => capacity = cut.of(capacity),
                PlanInjectKind::Close(own) if *on && *own == pool => capacity = 0,
                _ => {}
            }
        }
        capacity
    }

    /// What injects leave of a throughput's rate, in parts of [`WHOLE`].
    fn left_of_rate(&self, throughput: u16) -> u32 {
        let on = self.plan.injects.iter().zip(&self.injected.on).filter(|it| *it.1);
        let shares = on.filter_map(|(it, _)| match it.what {
            PlanInjectKind::Slow(own, share) if own == throughput => Some(share),
            _ => None,
        });
        (shares.product::<f64>() * f64::from(WHOLE)).round() as u32
    }

    /// Decides, as an attempt of a step that injects can fail starts, whether it will.
    pub(in crate::engine) fn mark_attempt(&mut self, task: TaskRef) {
        let place = self.place(task);
        let state = &mut self.injected;
        let by = &self.plan.details[usize::from(task.step)].failed_by;
        let inject = by.iter().find(|it| state.to_fail[usize::from(**it)] > 0);
        if let Some(inject) = inject {
            state.to_fail[usize::from(*inject)] -= 1;
        }
        state.marked[place] = inject.is_some();
    }

    /// Whether the attempt that has just ended was marked to fail; forgets the mark.
    pub(in crate::engine) fn take_mark(&mut self, task: TaskRef) -> bool {
        let place = self.place(task);
        std::mem::take(&mut self.injected.marked[place])
    }
}
