//! What is drawn once for sites, steps and teams.

use crate::engine::replication::Engine;
use crate::plan::PlanStep;
use crate::rng::uniform;
use crate::trace::TaskRef;

impl Engine<'_> {
    /// What this replication draws once for sites, steps and teams.
    pub(in crate::engine) fn draw_factors(&mut self) {
        let plan = self.plan;
        let uncertainty = plan.draws.uncertainty;
        let streams = *self.draws.streams();
        let factor = |cv: f64, key| {
            if cv == 0.0 {
                return 1.0;
            }
            crate::dist::lognormal_factor(cv, uniform(streams.word(key, 0, 0)))
        };
        let teams: Vec<f64> =
            plan.draws.team_effects.iter().map(|key| factor(uncertainty.team, *key)).collect();
        for (index, step) in plan.details.iter().enumerate() {
            let own = factor(uncertainty.step, step.effect);
            self.factors.of_step[index] = own * mean_by_people(&step.teams, &teams);
            // What a machine does alone is as uncertain as the step, not as its team.
            let left = mean_by_people(&step.teams_automated, &teams);
            self.factors.automated[index] = own * left;
            if let Some(team) = step.failure.as_ref().and_then(|it| it.team()) {
                self.factors.escalated[index] = own * teams[usize::from(team)];
            }
        }
        let rows = plan.sites.len();
        for row in 0..rows {
            let own = if uncertainty.site > 0.0 {
                let number = u32::try_from(row).expect("fewer than 2^32 sites");
                let u = self.draws.uniform(plan, plan.draws.site_effect_lane, number, 0);
                crate::dist::lognormal_factor(uncertainty.site, u)
            } else {
                1.0
            };
            for (kind, growth) in plan.growth.kinds.iter().enumerate() {
                self.factors.of_site[kind * rows + row] = growth.by_row[row] * own;
            }
        }
    }

    /// Sizes of a batch over so many times the median, for a step that grows with them.
    pub(in crate::engine) fn batch_growth(&self, task: TaskRef, step: &PlanStep) -> f64 {
        let plan = self.plan;
        let growth = &plan.growth.kinds[usize::from(step.growth)];
        if growth.users == 0.0 && growth.bytes == 0.0 {
            return 1.0;
        }
        let (mut users, mut bytes, mut count) = (0.0, 0.0, 0.0);
        for row in self.sites_of_batch(task) {
            let site = &plan.sites[row as usize];
            users += plan.growth.users.counted(f64::from(site.users));
            bytes += plan.growth.bytes.counted(site.bytes as f64);
            count += 1.0;
        }
        plan.growth.users.factor(users, count, growth.users)
            * plan.growth.bytes.factor(bytes, count, growth.bytes)
    }
}

/// What the teams of an attempt slow it by: the mean of their factors, weighted by the people that it
/// takes of each. So its own mean is 1 like theirs, however many they are; that of the slowest is
/// not. What needs nobody has 1.
fn mean_by_people(people: &[(u16, u32)], factors: &[f64]) -> f64 {
    let factor = |team: u16| factors[usize::from(team)];
    let Some((first, _)) = people.first() else { return 1.0 };
    let all: u32 = people.iter().map(|it| it.1).sum();
    // Counted from the first, so that of one team, or of equal ones, it is their own to the bit.
    let of_team = |(team, people): &(u16, u32)| {
        f64::from(*people) / f64::from(all) * (factor(*team) - factor(*first))
    };
    factor(*first) + people.iter().map(of_team).sum::<f64>()
}
