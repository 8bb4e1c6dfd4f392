//! When the numbers that change over time do.

use crate::engine::events::Event;
use crate::engine::replication::Engine;
use crate::plan::{LevelChange, LevelPoint, PlanMoment};
use crate::trace::{Recorder, TraceRecord};

impl Engine<'_> {
    pub(in crate::engine) fn begin_levels(&mut self, recorder: &mut impl Recorder) {
        let plan = self.plan;
        for point in &plan.capacities.points {
            self.capacities.begun[point.level] &= point.change != LevelChange::Begins;
        }
        for (index, point) in plan.capacities.points.iter().enumerate() {
            if point.at == PlanMoment::START {
                self.change_level(*point, recorder);
            } else if let Some(at) = self.milestones.instant_of(point.at) {
                let index = u32::try_from(index).expect("few points of ramps");
                self.future.push(at, Event::Level(index));
            }
        }
    }

    pub(in crate::engine) fn on_level(&mut self, point: u32, recorder: &mut impl Recorder) {
        let point = self.plan.capacities.points[point as usize];
        self.change_level(point, recorder);
    }

    fn change_level(&mut self, point: LevelPoint, recorder: &mut impl Recorder) {
        let people = self.capacities.pass(point);
        if point.level < self.plan.capacities.first_part {
            self.change_shift(point.level, people);
            self.set_capacity(point.level, recorder);
        } else {
            // It is the size or the number of slots of some track.
            self.tracks.look_again_at_all();
        }
    }

    /// Gives a pool the capacity that its level and the injects leave it.
    pub(in crate::engine) fn set_capacity(&mut self, index: usize, recorder: &mut impl Recorder) {
        let number = self.left_of_capacity(index);
        let pool = &mut self.pools[index];
        pool.count_overtime(self.now);
        pool.capacity = number;
        pool.free = i64::from(number) - i64::from(pool.in_use);
        self.capacities.note(self.now, index, number);
        if index < self.plan.capacities.first_gate {
            let pool = u16::try_from(index).expect("a demand knows its pools by 16 bits");
            self.tell(recorder, |_| TraceRecord::Capacity { pool, units: number });
        }
        self.look_again_at_pool(index);
        for part in self.plan.pools[index].parts.clone().into_iter().flatten() {
            let pool = &mut self.pools[part];
            pool.count_overtime(self.now);
            pool.capacity = number;
            pool.free = i64::from(number) - i64::from(pool.in_use);
            self.look_again_at_pool(part);
        }
        if self.plan.pools[index].hands_over {
            self.pause_youngest(index, recorder);
        }
    }
}
