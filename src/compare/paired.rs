//! How far two strategies lie apart, exercise by exercise.
//!
//! Replication k of one strategy has every draw in common with replication k of another that they
//! have a use for in common. Their difference therefore varies far less than either of them, and
//! its interval is that of the differences: two intervals that overlap say nothing. Student's
//! interval of a mean difference asks nothing of how the two strategies lean on each other. (Law,
//! *Simulation Modeling and Analysis*, 10.2 and 11.2.)
//!
//! A difference is the strategy's own figure minus that of the other: less than zero is less, or
//! earlier.

use crate::measure::{MeanEstimate, StrategyMetrics, mean_at, reach};
use crate::scenario::{Better, Figure, FigureOf, Reading, Scenario};

/// The mean over replications of a difference between two strategies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paired {
    /// The mean difference with its interval; `None` where no replication has a difference.
    pub estimate: Option<MeanEstimate>,
    /// Replications without a difference: under one of the two there is no such figure.
    pub left_out: usize,
}

/// How far one strategy lies from another: its own figures minus those of the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Against {
    /// Replications that were laid side by side.
    pub n: usize,
    /// Every figure of exercises that both have and for which there is a better and a worse, with
    /// its difference in milliseconds, things, shares or money.
    pub differences: Vec<(FigureOf, Paired)>,
}

impl Against {
    /// The difference in a figure.
    #[must_use]
    pub fn by(&self, figure: Figure) -> Option<Paired> {
        self.differences.iter().find(|it| it.0 == figure.into()).map(|it| it.1)
    }
}

/// How far `ours` lies from `theirs`, which are of the same experiment, at this confidence.
///
/// Each interval holds for itself with that confidence; whoever wants several to hold at once asks
/// for more.
#[must_use]
pub fn against(
    scenario: &Scenario,
    ours: &StrategyMetrics,
    theirs: &StrategyMetrics,
    confidence: f64,
) -> Against {
    let known = |it: &FigureOf| {
        let mut each = ours.replications.iter().chain(&theirs.replications);
        each.all(|metrics| metrics.figures.of(*it) != Reading::Unknown)
    };
    let wanted = scenario.exercise_figures().into_iter();
    let wanted = wanted.filter(|it| {
        let it = it.figure.definition();
        it.better != Better::Neither
            && [ours, theirs].iter().all(|of| scenario.gives(it.needs, of.strategy))
    });
    let pair = |it| (it, paired(ours, theirs, it, confidence));
    Against { n: ours.replications.len(), differences: wanted.filter(known).map(pair).collect() }
}

/// The mean difference in a figure between replication k of both, for every k.
///
/// # Panics
/// When the two are not of the same number of replications.
#[must_use]
pub fn paired(
    ours: &StrategyMetrics,
    theirs: &StrategyMetrics,
    figure: impl Into<FigureOf>,
    confidence: f64,
) -> Paired {
    let figure = figure.into();
    let (our, their) = (ours.readings(figure), theirs.readings(figure));
    assert_eq!(our.len(), their.len(), "strategies of one experiment are as often simulated");
    let differences: Vec<f64> =
        our.iter().zip(&their).filter_map(|(our, their)| our.minus(*their)).collect();
    let [known, other] = [ours, theirs].map(|it| it.supports.of(figure));
    let support =
        known.of_difference(other, reach(our.iter().chain(&their).filter_map(|it| it.plain())));
    Paired {
        estimate: mean_at(&differences, support, confidence),
        left_out: our.len() - differences.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::fake;
    use crate::measure::{CONFIDENCE, measure};
    use crate::units::MILLIS_PER_HOUR;

    /// How far they lie apart in a figure.
    fn apart(ours: &StrategyMetrics, theirs: &StrategyMetrics, figure: Figure) -> Paired {
        against(&fake::scenario(), ours, theirs, CONFIDENCE).by(figure).expect("both have it")
    }

    const HOUR: f64 = MILLIS_PER_HOUR;

    /// Replications by hand: `slow` is back at hour 20 after 33 site-hours, `lossy` never is and
    /// counts 111.
    fn measured(lossy: impl Fn(usize) -> bool, n: usize) -> StrategyMetrics {
        let scenario = fake::scenario();
        let outcomes = (0..n).map(|it| if lossy(it) { fake::lossy() } else { fake::slow() });
        let results = fake::results(&scenario, outcomes.collect());
        measure(&scenario, &results).strategies.remove(0)
    }

    #[test]
    fn a_difference_is_ours_minus_theirs() {
        let (ours, theirs) = (measured(|_| false, 30), measured(|_| true, 30));
        let site_hours = apart(&ours, &theirs, Figure::SiteHoursLost).estimate.unwrap();
        assert_eq!((site_hours.mean, site_hours.n), (-78.0 * HOUR, 30));
        let interval = site_hours.interval.unwrap();
        assert!(site_hours.is_always_the_same() && interval.high < -50.0 * HOUR, "{interval:?}");
        let user_hours = apart(&ours, &theirs, Figure::UserHoursLost).estimate.unwrap();
        assert_eq!(user_hours.mean, (1_040.0 - 4_180.0) * HOUR);
        let last = apart(&ours, &theirs, Figure::LastSiteBack);
        assert_eq!(last, Paired { estimate: None, left_out: 30 });
    }

    #[test]
    fn the_last_site_is_compared_where_both_have_one() {
        let (ours, theirs) = (measured(|it| it < 3, 10), measured(|it| it == 9, 10));
        let last = apart(&ours, &theirs, Figure::LastSiteBack);
        assert_eq!(last.left_out, 4);
        let last = last.estimate.unwrap();
        assert_eq!((last.mean, last.n), (0.0, 6));
        // Three exercises are 78 hours worse and one is 78 better.
        let site_hours = apart(&ours, &theirs, Figure::SiteHoursLost).estimate.unwrap();
        assert!((site_hours.mean - 15.6 * HOUR).abs() < 1e-3, "{site_hours:?}");
        assert!(site_hours.interval.unwrap().contains(0.0));
    }

    #[test]
    fn a_surer_interval_is_wider() {
        let (ours, theirs) = (measured(|it| it < 3, 10), measured(|_| false, 10));
        let width = |confidence| {
            let it = paired(&ours, &theirs, Figure::SiteHoursLost, confidence);
            let interval = it.estimate.unwrap().interval.unwrap();
            interval.high - interval.low
        };
        assert!(width(0.99) > width(0.95));
    }

    #[test]
    fn one_exercise_has_a_difference_and_no_interval() {
        let (ours, theirs) = (measured(|_| false, 1), measured(|_| true, 1));
        let site_hours = apart(&ours, &theirs, Figure::SiteHoursLost).estimate.unwrap();
        assert_eq!((site_hours.mean, site_hours.interval), (-78.0 * HOUR, None));
    }

    #[test]
    fn what_tells_how_large_the_incident_was_is_no_difference_between_strategies() {
        let (ours, theirs) = (measured(|_| false, 1), measured(|_| true, 1));
        let all = against(&fake::scenario(), &ours, &theirs, CONFIDENCE);
        assert_eq!(all.by(Figure::SitesDeleted), None);
        assert_eq!(all.by(Figure::SitesLost).unwrap().estimate.unwrap().mean, -1.0);
    }
}
