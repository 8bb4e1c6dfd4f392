//! The figures that all exercises of a strategy have together, told again by throwing everything
//! together and sorting it.

use crate::audit::breach::{Breach, Breaches, Law};
use crate::audit::exercise::{Everywhere, Exercise, Of, percentile};
use crate::audit::figures::{is_same, words};
use crate::ids::StrategyId;
use crate::scenario::{FIGURES, Figure, Reading, Scenario, Scope};
use crate::trace::Outcome;

/// What is wrong with the figures that all exercises of a strategy have together, given what each
/// came to, by number from that of the first on, and what the figures are claimed to be:
/// milliseconds of times, infinite where they never come, and shares.
#[must_use]
pub fn pooled(
    scenario: &Scenario,
    everywhere: &Everywhere,
    strategy: StrategyId,
    (first, outcomes): (u64, impl Iterator<Item = Outcome>),
    claims: &[(Figure, f64)],
) -> Vec<Breach> {
    let exercise = |(number, outcome): (u64, Outcome)| {
        Exercise::new(&scenario.in_replication(number), &scenario.strategies[strategy], &outcome)
    };
    let exercises: Vec<Exercise> = (first..).zip(outcomes).map(exercise).collect();
    let together = Together { scenario, everywhere, exercises };
    let mut breaches = Breaches::default();
    for it in FIGURES.iter().filter(|it| it.scope == Scope::Pooled) {
        let claimed = claims.iter().find(|claim| claim.0 == it.figure);
        let claimed = claimed.map_or(Reading::Unknown, |claim| reading(claim.1, it.kind.is_time()));
        let comes_to = together.figure(it.figure);
        if !is_same(claimed, comes_to) {
            let (claimed, comes_to) = (words(claimed, it.kind), words(comes_to, it.kind));
            breaches.whole(
                Law::Figures,
                format!("`{}` is told as {claimed} and comes to {comes_to}", it.id),
            );
        }
    }
    breaches.into_list()
}

/// A claim as a figure is read.
fn reading(claim: f64, is_time: bool) -> Reading {
    match is_time {
        false => Reading::Real(claim),
        true if claim.is_infinite() => Reading::Never,
        true => Reading::Whole(claim as u128),
    }
}

/// All exercises of a strategy.
struct Together<'a> {
    scenario: &'a Scenario,
    everywhere: &'a Everywhere,
    exercises: Vec<Exercise>,
}

impl Together<'_> {
    fn figure(&self, figure: Figure) -> Reading {
        let rto = self.everywhere.asks_for_time(self.scenario);
        let rpo = self.everywhere.asks_for_data(self.scenario);
        let knows = self.exercises.iter().all(|it| it.data_is_known);
        match figure {
            Figure::PooledRtaP50 => self.rta(Of::Sites, 50),
            Figure::PooledRtaP95 => self.rta(Of::Sites, 95),
            Figure::PooledUserRtaP95 => self.rta(Of::Users, 95),
            Figure::PooledCustomerRtaP95 => self.rta(Of::Customers, 95),
            Figure::PooledRpaP95 => {
                let lost =
                    |exercise: &Exercise| exercise.gone.iter().map(|it| (it.lost, 1)).collect();
                if knows { self.quantile(lost, 95) } else { Reading::Unknown }
            }
            Figure::AssuranceRto => self.share(rto, |it| it.keeps_rto(Of::Sites)),
            Figure::AssuranceRtoOfUsers => {
                self.share(rto && self.has_any(Of::Users), |it| it.keeps_rto(Of::Users))
            }
            Figure::AssuranceRtoOfCustomers => {
                self.share(rto && self.has_any(Of::Customers), |it| it.keeps_rto(Of::Customers))
            }
            Figure::AssuranceRpo => self.share(rpo && knows, Exercise::keeps_rpo),
            // Nobody has an objective that is not asked for, and one that cannot be judged leaves the
            // whole open.
            Figure::Assurance => {
                let is_judged = (rto || rpo) && (knows || !rpo);
                self.share(is_judged, |it| it.keeps_rto(Of::Sites) && it.keeps_rpo())
            }
            _ => Reading::Unknown,
        }
    }

    /// Whether anything was deleted that counts.
    fn has_any(&self, of: Of) -> bool {
        let mut times = self.exercises.iter().flat_map(|it| it.recovery_times(of));
        times.any(|it| it.1 > 0)
    }

    fn rta(&self, of: Of, percent: u128) -> Reading {
        self.quantile(|it| it.recovery_times(of), percent)
    }

    /// A quantile of the values of all exercises, where there is one that counts.
    fn quantile(
        &self,
        values: impl Fn(&Exercise) -> Vec<(Option<u64>, u64)>,
        percent: u128,
    ) -> Reading {
        let all: Vec<(Option<u64>, u64)> = self.exercises.iter().flat_map(values).collect();
        if all.iter().all(|it| it.1 == 0) {
            return Reading::Unknown;
        }
        percentile(all, percent).map_or(Reading::Never, |it| Reading::Whole(it.into()))
    }

    /// The share of the exercises in which something is true, where it is asked for.
    fn share(&self, is_asked: bool, is_true: impl Fn(&Exercise) -> bool) -> Reading {
        if !is_asked {
            return Reading::Unknown;
        }
        let number = self.exercises.iter().filter(|it| is_true(it)).count();
        Reading::Real(number as f64 / self.exercises.len() as f64)
    }
}
