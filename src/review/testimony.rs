//! What an outsider is told of every exercise of a strategy, so that he can tell it again.

use rayon::prelude::*;

use crate::chain::walk::{Chains, NONE};
use crate::engine::Engine;
use crate::experiment::{Results, StrategyResults};
use crate::ids::{Id, LimitId, StrategyId, TeamId};
use crate::measure::ReplicationMetrics;
use crate::plan::{Plan, compile, step_places};
use crate::rng::Streams;
use crate::scenario::Scenario;
use crate::trace::{Binding, Legend, Link, Log, Outcome, Resource, Testimony};
use crate::units::SimTime;

/// Simulates the exercises of a strategy again, from the number of the first on, and shows each to
/// somebody with what it came to in the results and with its figures; the answers by number.
///
/// Costs about twice what simulating the exercises does; memory: about 100 bytes for everything
/// that happens in an exercise, on each thread.
pub fn testify<R: Send>(
    scenario: &Scenario,
    results: &Results,
    (strategy, replications): (&StrategyResults, &[ReplicationMetrics]),
    first: u64,
    hear: impl Fn(&Scenario, &Testimony) -> R + Sync,
) -> Vec<R> {
    let seed = results.seed;
    let testimony = |place: usize, legend: Legend| Testimony {
        seed,
        replication: first + place as u64,
        legend,
        outcome: strategy.outcomes[place].unpacked(),
        figures: replications[place].figures.each().collect(),
        ..Testimony::default()
    };
    let id = strategy.strategy;
    if scenario.estate.is_redrawn() {
        let one = |place: usize| {
            let own = scenario.in_replication(first + place as u64);
            let plan = compile(&own, id);
            let mut told = testimony(place, legend(&own, id, &plan));
            Teller::new(&plan).tell(&mut told);
            hear(&own, &told)
        };
        return (0..strategy.outcomes.len()).into_par_iter().map(one).collect();
    }
    let plan = compile(scenario, id);
    let legend = legend(scenario, id, &plan);
    let one = |teller: &mut Teller<'_>, place: usize| {
        let mut told = testimony(place, legend.clone());
        teller.tell(&mut told);
        let heard = hear(scenario, &told);
        teller.log.records = told.records;
        heard
    };
    (0..strategy.outcomes.len()).into_par_iter().map_init(|| Teller::new(&plan), one).collect()
}

/// Simulates one exercise after the other and tells what happened.
struct Teller<'p> {
    engine: Engine<'p>,
    log: Log,
    chains: Chains<'p>,
}

impl<'p> Teller<'p> {
    fn new(plan: &'p Plan) -> Self {
        Self { engine: Engine::new(plan), log: Log::default(), chains: Chains::new(plan) }
    }

    fn tell(&mut self, told: &mut Testimony) {
        self.log.records.clear();
        self.chains.begin();
        let streams = Streams::new(told.seed, told.replication);
        let outcome = self.engine.simulate(streams, &mut (&mut self.log, &mut self.chains));
        told.records = std::mem::take(&mut self.log.records);
        told.chains = self.binding(&outcome);
    }

    fn binding(&self, outcome: &Outcome) -> Binding {
        let place = |it: u32| (it != NONE).then_some(it);
        let links = self.chains.nodes().iter().map(|it| Link {
            from: SimTime::from_millis(it.from),
            to: SimTime::from_millis(it.to),
            piece: it.piece,
            bound: it.bound,
            after: place(it.after),
        });
        let rows = (0u32..).zip(&outcome.restorations);
        let back = rows.filter(|(_, end)| end.restored_at().is_some());
        let ends = back.map(|(row, _)| (row, place(self.chains.end_of(row as usize))));
        Binding { links: links.collect(), ends: ends.collect() }
    }
}

/// What the places in a log of a plan stand for.
fn legend(scenario: &Scenario, id: StrategyId, plan: &Plan) -> Legend {
    let teams = scenario.teams.len();
    let named = |pool: u16| match usize::from(pool) {
        team if team < teams => Resource::Team(TeamId::new(team)),
        limit => Resource::Limit(LimitId::new(limit - teams)),
    };
    let units = |need: u16| {
        let units = plan.units(need);
        units.map(|(pool, units)| (named(plan.whole(pool)), units)).collect()
    };
    Legend {
        sites: scenario.incident.deleted.iter().map(|it| it.site).collect(),
        steps: step_places(scenario, id),
        pools: plan.every_pool().map(|it| plan.named(it).map(named)).collect(),
        needs: plan.every_demand().map(units).collect(),
    }
}
