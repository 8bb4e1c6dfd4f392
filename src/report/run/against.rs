//! How far a strategy lies from the first one: the view and its sentence.

use crate::compare::{Against, Paired, against};
use crate::measure::{CONFIDENCE, StrategyMetrics};
use crate::report::differences::{bracket, directed, ends, in_all_of, in_hours, is_nothing, lost};
use crate::report::figures::{difference, unit};
use crate::report::run::view::AgainstView;
use crate::report::words::{Scale, count, plain};
use crate::scenario::{Figure, FigureOf, Scenario};

/// A strategy with its name and figures.
pub(crate) type Named<'a> = (&'a str, &'a StrategyMetrics);

/// How far `ours` lies from `theirs`.
pub(crate) fn against_view(scenario: &Scenario, ours: Named<'_>, theirs: Named<'_>) -> AgainstView {
    let it = against(scenario, ours.1, theirs.1, CONFIDENCE);
    // Where the incident aims at no user there are no user-hours to speak of.
    let users = ours.1.replications.iter().any(|it| it.users_aimed_at > 0);
    let figure = |(of, paired): &(FigureOf, Paired)| {
        let (unit, one) = unit(of.figure.kind());
        difference(&of.name(scenario), unit, paired, one)
    };
    AgainstView {
        strategy: theirs.0.to_owned(),
        sentence: sentence(ours.0, theirs.0, &it, users),
        n: it.n as u64,
        figures: it.differences.iter().map(figure).collect(),
    }
}

/// "soft against hard: 89 fewer site-hours (95% interval 80 to 98), 890 fewer user-hours (800 to
/// 980), last site back 12.0 h earlier (11.0 to 13.0 h)."
fn sentence(ours: &str, theirs: &str, against: &Against, users: bool) -> String {
    let mut parts = Vec::new();
    let hours =
        [(Figure::SiteHoursLost, "site-hours", true), (Figure::UserHoursLost, "user-hours", users)];
    for (figure, noun, _) in hours.into_iter().filter(|it| it.2) {
        let estimate = against.by(figure).and_then(|it| it.estimate);
        let estimate = estimate.expect("every exercise has its hours");
        parts.push(lost(&in_hours(&estimate), noun, parts.is_empty()));
    }
    let last = against.by(Figure::LastSiteBack).expect("every exercise has a last site, or never");
    parts.push(last_back(&last, against.n as u64));
    format!("{} against {}: {}.", plain(ours), plain(theirs), parts.join(", "))
}

fn last_back(paired: &Paired, n: u64) -> String {
    let both = match paired.estimate.map_or(0, |it| it.n as u64) {
        0 => return "and in no exercise are all sites back under both".to_owned(),
        all if all == n => String::new(),
        some => format!(
            "; in the {} of {} exercises in which all sites are back under both",
            count(some),
            count(n)
        ),
    };
    let estimate = paired.estimate.expect("some exercise has a last site back under both");
    if is_nothing(&estimate) {
        let both = match both.is_empty() {
            true => format!(" ({})", in_all_of(estimate.n)),
            false => both,
        };
        return format!("last site back at the same time{both}");
    }
    let scale = Scale::of_times(&ends(&estimate));
    let way = ["earlier", "later"];
    let bracket = bracket(&estimate, scale, way, "");
    format!("last site back {} ({bracket}{both})", directed(estimate.mean, scale, way))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::MeanEstimate;
    use crate::stats::Interval;
    use crate::units::MILLIS_PER_HOUR;

    fn estimate(low: f64, mean: f64, high: f64) -> MeanEstimate {
        let alike = if low == high { 40 } else { 1 };
        MeanEstimate { mean, interval: Some(Interval { low, high }), spread: None, n: 40, alike }
    }

    fn paired(low: f64, mean: f64, high: f64) -> Paired {
        Paired { estimate: Some(estimate(low, mean, high)), left_out: 0 }
    }

    const HOUR: f64 = MILLIS_PER_HOUR;

    /// These differences in hours.
    fn against_by(n: usize, site: Paired, user: Paired, last: Paired) -> Against {
        let millis = |paired: Paired| {
            let both = |it: Interval| Interval { low: it.low * HOUR, high: it.high * HOUR };
            let estimate = paired.estimate.map(|it| MeanEstimate {
                mean: it.mean * HOUR,
                interval: it.interval.map(both),
                ..it
            });
            Paired { estimate, ..paired }
        };
        let figures = [Figure::SiteHoursLost, Figure::UserHoursLost, Figure::LastSiteBack];
        let differences = [site, user, last].map(millis);
        let differences = figures.map(FigureOf::from).into_iter().zip(differences).collect();
        Against { n, differences }
    }

    fn said(site_hours: Paired, user_hours: Paired, last: [f64; 3], left_out: usize) -> String {
        let last = Paired { left_out, ..paired(last[0], last[1], last[2]) };
        let it = against_by(40 + left_out, site_hours, user_hours, last);
        sentence("ours", "theirs", &it, true)
    }

    #[test]
    fn a_difference_is_said_in_the_direction_that_it_has() {
        let (site, user) = (paired(-204_311.2, -201_244.7, -198_178.2), paired(1.5, 2.25, 3.0));
        assert_eq!(
            said(site, user, [-223.0, -218.4, -213.8], 0),
            "ours against theirs: 201,200 fewer site-hours (95% interval 198,200 to 204,300), 2.2 \
             more user-hours (1.5 to 3.0), last site back 9.1 d earlier (8.9 to 9.3 d)."
        );
    }

    #[test]
    fn where_the_sign_is_not_known_both_ends_have_one() {
        let (site, user) = (paired(-812.0, 1_100.0, 3_012.0), paired(0.0, 0.0, 0.0));
        assert_eq!(
            said(site, user, [-2.0, -0.5, 1.0], 3),
            "ours against theirs: 1,100 more site-hours (95% interval 800 fewer to 3,000 more), as \
             many user-hours (in every exercise), last site back 0.5 h earlier (2.0 h earlier to \
             1.0 h later; in the 40 of 43 exercises in which all sites are back under both)."
        );
    }

    #[test]
    fn what_never_comes_is_not_compared() {
        let nothing = paired(0.0, 0.0, 0.0);
        let last = Paired { estimate: None, left_out: 40 };
        let it = against_by(40, nothing, nothing, last);
        assert_eq!(
            sentence("ours", "theirs", &it, false),
            "ours against theirs: as many site-hours (in every exercise), and in no exercise are \
             all sites back under both."
        );
    }

    #[test]
    fn one_exercise_is_too_few_for_an_interval() {
        let one = |mean| Paired {
            estimate: Some(MeanEstimate { mean, interval: None, spread: None, n: 1, alike: 1 }),
            left_out: 0,
        };
        let it = against_by(1, one(-3.0), one(0.0), one(2.0));
        assert_eq!(
            sentence("ours", "theirs", &it, false),
            "ours against theirs: 3 fewer site-hours (too few exercises for an interval), last \
             site back 2.0 h later (too few exercises for an interval)."
        );
    }
}
