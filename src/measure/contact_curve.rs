//! How many customers have been reached over time.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::experiment::{PackedOutcome, Results, StrategyResults, Yardsticks};
use crate::measure::curves::{Band, band, even_instants, round_up};
use crate::scenario::Scenario;
use crate::stats::quantile_sorted;
use crate::units::SimTime;

/// The share of customers reached over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContactCurve {
    /// The instants, evenly spaced from T+0.
    pub at: Vec<SimTime>,
    /// The share of the customers with a deleted site.
    pub customers: Band,
}

/// The share of the customers with a deleted site who were reached over time, over all
/// replications of one strategy; `None` where no step of it reaches anybody.
#[must_use]
pub fn contact_curve(
    scenario: &Scenario,
    results: &Results,
    strategy: &StrategyResults,
) -> Option<ContactCurve> {
    if !strategy.outcomes.iter().any(PackedOutcome::reaches_anybody) {
        return None;
    }
    let yardsticks = Yardsticks::new(scenario, results);
    let each = strategy.outcomes.par_iter().enumerate();
    let all: Vec<(Vec<SimTime>, usize)> =
        each.map(|(number, it)| yardsticks.of(number).contacts().reached(it)).collect();
    // In 19 of 20 replications nobody is reached any more after the end.
    let mut ends: Vec<SimTime> =
        all.iter().filter_map(|(reached, _)| reached.last().copied()).collect();
    ends.sort_unstable();
    let end = if ends.is_empty() { SimTime::ZERO } else { quantile_sorted(&ends, 0.95) };
    let end = round_up(end.since_start()).min(scenario.experiment.horizon);
    let at = even_instants(end);
    let share = |at: &SimTime, (reached, of): &(Vec<SimTime>, usize)| match *of {
        0 => 1.0,
        of => reached.partition_point(|it| it <= at) as f64 / of as f64,
    };
    let of_one = |it| at.iter().map(|at| share(at, it)).collect();
    let shares: Vec<Vec<f64>> = all.iter().map(of_one).collect();
    Some(ContactCurve { customers: band(at.len(), &shares), at })
}
