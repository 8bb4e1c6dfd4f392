//! What an experiment produced: the outcomes of every replication of every strategy, and the names
//! of what they count.

pub use crate::plan::{PoolLabel, StepLabel};

use crate::chain::Heard;
use crate::experiment::PackedOutcome;
use crate::ids::{SiteId, StrategyId, TierId};
use crate::scenario::Scenario;
use crate::trace::Outcome;
use crate::units::SimTime;

/// The outcomes of an experiment.
#[derive(Clone, Debug)]
pub struct Results {
    /// Seed of every random number.
    pub seed: u64,
    /// Replications of each strategy.
    pub replications: u32,
    /// The sites that the incident aims at.
    pub aims: Aims,
    /// One for each strategy that was run, in the order of the scenario.
    pub strategies: Vec<StrategyResults>,
}

impl Results {
    /// The sites that the incident aims at in a replication, in the order of the estate.
    #[must_use]
    pub fn sites(&self, replication: usize) -> &[AimedAt] {
        match &self.aims {
            Aims::Same(sites) => sites,
            Aims::Redrawn(each) => &each[replication],
        }
    }

    /// Those of the first replications alone, at most so many, without what was heard of them.
    #[must_use]
    pub fn first(&self, most: u32) -> Self {
        let replications = self.replications.min(most);
        let number = replications as usize;
        let strategies = self.strategies.iter().map(|it| StrategyResults {
            outcomes: it.outcomes[..number].to_vec(),
            heard: Heard::default(),
            tracks: it.tracks.clone(),
            steps: it.steps.clone(),
            pools: it.pools.clone(),
            throughputs: it.throughputs.clone(),
            strategy: it.strategy,
        });
        let aims = match &self.aims {
            Aims::Same(sites) => Aims::Same(sites.clone()),
            Aims::Redrawn(each) => Aims::Redrawn(each[..number].to_vec()),
        };
        Self { seed: self.seed, replications, aims, strategies: strategies.collect() }
    }

    /// Adds the replications that come next, of the same strategies, scenario and seed.
    ///
    /// # Panics
    /// When they are of other strategies or another seed.
    pub fn append(&mut self, later: Self) {
        assert_eq!(self.seed, later.seed, "one experiment has one seed");
        self.replications += later.replications;
        match (&mut self.aims, later.aims) {
            (Aims::Same(ours), Aims::Same(theirs)) => {
                assert_eq!(*ours, theirs, "one experiment has one incident");
            }
            (Aims::Redrawn(ours), Aims::Redrawn(theirs)) => ours.extend(theirs),
            _ => panic!("one experiment has one kind of estate"),
        }
        assert_eq!(
            self.strategies.len(),
            later.strategies.len(),
            "one experiment has its strategies"
        );
        for (ours, theirs) in self.strategies.iter_mut().zip(later.strategies) {
            assert_eq!(ours.strategy, theirs.strategy, "strategies keep their order");
            ours.outcomes.extend(theirs.outcomes);
            ours.heard.append(theirs.heard);
        }
    }
}

/// The sites that the incident aims at, in the order of the estate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Aims {
    /// The same in every replication.
    Same(Vec<AimedAt>),
    /// Those of each replication, which draws an estate of its own.
    Redrawn(Vec<Vec<AimedAt>>),
}

impl Aims {
    /// The sites of every estate that was drawn.
    pub fn estates(&self) -> impl Iterator<Item = &[AimedAt]> {
        match self {
            Self::Same(sites) => std::slice::from_ref(sites),
            Self::Redrawn(each) => each,
        }
        .iter()
        .map(Vec::as_slice)
    }
}

/// A site that the incident aims at, as far as figures depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AimedAt {
    /// Which site of the estate.
    pub site: SiteId,
    /// When the incident has it deleted.
    pub at: SimTime,
    /// People who use it.
    pub users: u32,
    /// The number of its customer, from 0.
    pub customer: u32,
    /// Which objective holds for it.
    pub tier: TierId,
}

/// The sites that the incident of a scenario aims at.
pub(crate) fn aimed_at(scenario: &Scenario) -> Vec<AimedAt> {
    let facts = |it: &crate::scenario::DeletedSite| {
        let site = &scenario.estate.sites[it.site];
        AimedAt {
            site: it.site,
            at: it.at,
            users: site.users,
            customer: site.customer,
            tier: site.tier,
        }
    };
    scenario.incident.deleted.iter().map(facts).collect()
}

/// The outcomes of one strategy.
#[derive(Clone, Debug)]
pub struct StrategyResults {
    /// Which strategy.
    pub strategy: StrategyId,
    /// The names of its tracks.
    pub tracks: Vec<String>,
    /// The steps that [`PackedOutcome::step`] is about.
    pub steps: Vec<StepLabel>,
    /// The pools that the lists of [`PackedOutcome::pools`] are about.
    pub pools: Vec<PoolLabel>,
    /// The names of the throughputs that the lists of [`PackedOutcome::throughputs`] are about.
    pub throughputs: Vec<String>,
    /// One outcome for each replication, by its number.
    pub outcomes: Vec<PackedOutcome>,
    /// What was heard of the first of them while they were simulated; nothing where nobody
    /// listened.
    pub heard: Heard,
}

impl StrategyResults {
    /// The outcomes as the engine gave them, which take ten times as much room.
    #[must_use]
    pub fn unpacked(&self) -> Vec<Outcome> {
        self.outcomes.iter().map(PackedOutcome::unpacked).collect()
    }
}
