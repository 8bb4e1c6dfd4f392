//! The observed figures that are points of the recovery curve.

use serde::{Deserialize, Serialize};

use crate::experiment::Results;
use crate::ids::StrategyId;
use crate::scenario::{Figure, Observable, Observation, Scenario};
use crate::stats::quantile_sorted;
use crate::units::SimDuration;

/// A point of the recovery curve, or a range of time or of shares in which it was.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObservedPoint {
    /// Whether it is of the curve by user, and not of that by site.
    pub by_users: bool,
    /// The earliest that it may have been, since T+0.
    pub from: SimDuration,
    /// The latest.
    pub to: SimDuration,
    /// The least share that may have been back.
    pub low: f64,
    /// The greatest.
    pub high: f64,
}

/// What was observed of the recovery curve, if it was observed of this strategy.
#[must_use]
pub fn observed_points(
    scenario: &Scenario,
    results: &Results,
    strategy: StrategyId,
) -> Vec<ObservedPoint> {
    let observed = scenario.observed.iter().filter(|it| it.strategy == strategy);
    let observations: Vec<&Observation> = observed.flat_map(|it| &it.observations).collect();
    let mut sites: Vec<usize> = results.aims.estates().map(<[_]>::len).collect();
    sites.sort_unstable();
    let sites = if sites.is_empty() { 1 } else { quantile_sorted(&sites, 0.5).max(1) };
    observations.into_iter().filter_map(|it| point(it, sites)).collect()
}

/// Where an observed figure lies on the curve of so many sites, if it is a point of it.
fn point(observation: &Observation, sites: usize) -> Option<ObservedPoint> {
    let length = |millis: f64| SimDuration::from_millis(millis as u64);
    let instant = |by_users: bool, share: f64| {
        let (from, to) = (length(observation.low), length(observation.high));
        Some(ObservedPoint { by_users, from, to, low: share, high: share })
    };
    match observation.figure {
        Observable::Figure(of) => match of.figure {
            Figure::FirstSiteBack => instant(false, 1.0 / sites as f64),
            Figure::HalfOfSitesBack => instant(false, 0.5),
            Figure::HalfOfUsersBack => instant(true, 0.5),
            Figure::P95OfSitesBack => instant(false, 0.95),
            Figure::LastSiteBack => instant(false, 1.0),
            _ => None,
        },
        Observable::SitesReach(share) => instant(false, share.fraction()),
        Observable::UsersReach(share) => instant(true, share.fraction()),
        Observable::SitesBack(at) | Observable::UsersBack(at) => {
            let by_users = matches!(observation.figure, Observable::UsersBack(_));
            let at = at.since_start();
            Some(ObservedPoint {
                by_users,
                from: at,
                to: at,
                low: observation.low,
                high: observation.high,
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::fake;
    use crate::ids::Id;
    use crate::scenario::Observed;
    use crate::units::MILLIS_PER_HOUR;

    #[test]
    fn only_what_is_a_point_of_the_curve_is_drawn_on_it() {
        let mut scenario = fake::scenario();
        let hour = MILLIS_PER_HOUR;
        let seen = |figure: Observable, low: f64, high: f64| Observation {
            figure,
            name: String::new(),
            title: String::new(),
            low,
            high,
            tolerance: None,
        };
        scenario.observed = Some(Observed {
            strategy: StrategyId::new(0),
            observations: vec![
                seen(Observable::Figure(Figure::FirstSiteBack.into()), 4.0 * hour, 5.0 * hour),
                seen(Observable::Figure(Figure::PersonHours.into()), 10.0, 10.0),
                seen(Observable::UsersBack(fake::hours(8)), 0.3, 0.4),
            ],
        });
        let results = fake::results(&scenario, vec![fake::slow()]);
        let points = observed_points(&scenario, &results, StrategyId::new(0));
        let hours = SimDuration::from_hours;
        let expected =
            [(false, hours(4), hours(5), 0.25, 0.25), (true, hours(8), hours(8), 0.3, 0.4)];
        let of = |it: &ObservedPoint| (it.by_users, it.from, it.to, it.low, it.high);
        assert_eq!(points.iter().map(of).collect::<Vec<_>>(), expected);
        assert_eq!(observed_points(&scenario, &results, StrategyId::new(1)), []);
    }
}
