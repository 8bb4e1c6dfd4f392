//! What would perhaps help: one more of something that a recovery may wait for, or a little less work.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::{LimitId, StepId, StrategyId, TeamId, ThroughputId, TrackId};
use crate::scenario::{Ramp, RateRamp, Scenario};
use crate::units::Rate;

/// Something that can be made better under a strategy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Candidate {
    /// So many more people in a team, whenever there is anybody: as many as one task needs at most.
    People(TeamId, u32),
    /// So many more units of a limit, whenever there is any: as many as one task needs at most.
    Units(LimitId, u32),
    /// A tenth more of a throughput.
    Tenth(ThroughputId),
    /// One more batch at work in a track, whenever there may be any.
    Slot(TrackId),
    /// A tenth off the time of a step in a track; of a transfer nothing.
    Faster(TrackId, StepId),
}

impl Scenario {
    /// What the steps of a strategy need and its tracks are bound by: each of it that can be more.
    #[must_use]
    pub fn candidates(&self, strategy: StrategyId) -> Vec<Candidate> {
        let strategy = &self.strategies[strategy];
        let mut candidates = BTreeSet::new();
        let (mut people, mut units) = (BTreeMap::new(), BTreeMap::new());
        for (track, it) in strategy.tracks.enumerate() {
            for step in &self.runbooks[it.runbook].steps {
                for (team, n) in &step.teams {
                    let most = people.entry(*team).or_insert(*n);
                    *most = (*most).max(*n);
                }
                for (limit, n) in step.limits.iter().chain(&step.holds) {
                    let most = units.entry(*limit).or_insert(*n);
                    *most = (*most).max(*n);
                }
                candidates.extend(step.transfer.iter().map(|it| Candidate::Tenth(it.through)));
            }
            candidates.extend(it.batch.in_flight.iter().map(|_| Candidate::Slot(track)));
        }
        candidates.extend(people.into_iter().map(|(team, n)| Candidate::People(team, n)));
        candidates.extend(units.into_iter().map(|(limit, n)| Candidate::Units(limit, n)));
        candidates.into_iter().collect()
    }

    /// A tenth off a step of a track, by the names of both.
    #[must_use]
    pub fn faster(&self, strategy: StrategyId, track: &str, step: &str) -> Option<Candidate> {
        let mut tracks = self.strategies[strategy].tracks.enumerate();
        let (track, it) = tracks.find(|(_, it)| it.name == track)?;
        let mut steps = self.runbooks[it.runbook].steps.enumerate();
        steps.find(|(_, it)| it.id == step).map(|(step, _)| Candidate::Faster(track, step))
    }

    /// The same scenario with a candidate made true under a strategy.
    #[must_use]
    pub fn with_candidate(&self, strategy: StrategyId, candidate: Candidate) -> Self {
        let mut scenario = self.clone();
        let strategy = &mut scenario.strategies[strategy];
        match candidate {
            Candidate::People(team, n) => strategy.people[team] = more(&strategy.people[team], n),
            Candidate::Units(limit, n) => strategy.units[limit] = more(&strategy.units[limit], n),
            Candidate::Tenth(throughput) => {
                strategy.rates[throughput] = a_tenth_more(&strategy.rates[throughput]);
            }
            Candidate::Slot(track) => {
                let in_flight = &mut strategy.tracks[track].batch.in_flight;
                *in_flight = in_flight.as_ref().map(|it| more(it, 1));
            }
            Candidate::Faster(track, step) => {
                let runbook = strategy.tracks[track].runbook;
                let duration = &mut scenario.runbooks[runbook].steps[step].duration;
                *duration = duration.scaled(0.9);
            }
        }
        scenario
    }
}

fn more(ramp: &Ramp, n: u32) -> Ramp {
    let more = |number: u32| if number > 0 { number.saturating_add(n) } else { 0 };
    let points = ramp.points.iter().map(|(at, number)| (*at, more(*number)));
    Ramp { points: points.collect(), ..ramp.clone() }
}

fn a_tenth_more(ramp: &RateRamp) -> RateRamp {
    let more = |rate: Rate| Rate::new(rate.bytes_per_hour() + rate.bytes_per_hour() / 10);
    RateRamp { points: ramp.points.iter().map(|(at, rate)| (*at, more(*rate))).collect() }
}
