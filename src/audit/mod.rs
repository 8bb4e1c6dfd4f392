//! The outsider: tells every exercise again from the log and the scenario alone, and says which law
//! was broken, when, and by whom.
//!
//! It is a second opinion on purpose. It shares how numbers are drawn and what a scenario says with
//! the rest of the program, and nothing of how a strategy is compiled, simulated or measured: where
//! the two agree, two implementations agree. So it is written plainly, as the rules read, and not
//! for speed.
//!
//! `ground` puts the log into the words of the scenario, `graph` says what waits for what, `draws`
//! and `dates` what is drawn, `backups` to what a store goes back, `failures` what goes wrong, `ranks`
//! and `orders` who comes first; `known` has all of that. `state` is what is kept in mind of an
//! exercise, `follow` goes through its log, with `tasks`, `tracks`, `loads`, `restoring`, `rework` and
//! `shifts` for what happens to each; `pools` knows who has what, `needs` who is to have it, `capacity` how much
//! there is, `bandwidth` what transfers share;
//! `tallies` compares what it came to, `figures` and `pooled` what is said of it, `chain` by what it
//! was held up, and `pieces` how that is said.

mod backups;
mod bandwidth;
mod breach;
mod capacity;
mod chain;
mod dates;
mod draws;
mod exercise;
mod failures;
mod figures;
mod follow;
mod graph;
mod ground;
mod known;
mod loads;
mod needs;
mod orders;
mod pieces;
mod pooled;
mod pools;
mod ranks;
mod restoring;
mod rework;
mod shifts;
mod state;
mod tallies;
mod tasks;
mod tracks;

pub use breach::{Breach, Law};
pub use exercise::Everywhere;
pub use known::Auditor;
pub use pooled::pooled;

use crate::audit::bandwidth::Bandwidth;
use crate::audit::capacity::Capacity;
use crate::audit::chain::Chains;
use crate::audit::figures::check_figures;
use crate::audit::state::Follower;
use crate::ids::StrategyId;
use crate::scenario::Scenario;
use crate::trace::Testimony;

/// What is wrong with an exercise of a strategy; nothing, as it should be.
///
/// `scenario` is the scenario as it is in that exercise ([`Scenario::in_replication`]); `everywhere`
/// is what it has in common with those that are told of together with it.
#[must_use]
pub fn audit(
    scenario: &Scenario,
    everywhere: &Everywhere,
    strategy: StrategyId,
    told: &Testimony,
) -> Vec<Breach> {
    Auditor::new(scenario, strategy, &told.legend).audit(everywhere, told)
}

impl Auditor<'_> {
    /// What is wrong with an exercise.
    #[must_use]
    pub fn audit(&self, everywhere: &Everywhere, told: &Testimony) -> Vec<Breach> {
        let ground = &self.ground;
        if told.legend != ground.legend {
            let how = "the log speaks of other steps, sites or pools than it did".to_owned();
            return vec![Breach { law: Law::Names, at: None, how }];
        }
        let mut capacity = Capacity::new(ground, told);
        let mut bandwidth = Bandwidth::new(ground, told);
        let mut chains = Chains::new(ground);
        let mut follower = Follower::new(self, told);
        follower.begin();
        follower.follow(|at, record, breaches| match record {
            Some(record) => {
                capacity.hear(at, record, breaches);
                bandwidth.hear(at, record, ground, breaches);
                chains.hear(at, record, ground);
            }
            None => {
                capacity.settle(at, breaches);
                bandwidth.settle(at, ground, breaches);
            }
        });
        if follower.is_followed {
            capacity.finish(&mut follower.breaches);
            bandwidth.finish(ground, &mut follower.breaches);
            follower.finish();
            let end = follower.last_end;
            follower.own.throughputs = bandwidth.tallies(end).collect();
            follower.compare_throughputs();
            let (own, breaches) = (&follower.own, &mut follower.breaches);
            check_figures(ground, everywhere, own, told, breaches);
            chains.finish(ground, told, breaches);
        }
        follower.breaches.into_list()
    }
}
