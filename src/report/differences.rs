//! The words of mean differences: whether there is one, which way it goes, and its interval.

use crate::measure::MeanEstimate;
use crate::report::figures::unit;
use crate::report::words::{Scale, alike_in};
use crate::scenario::Figure;
use crate::stats::Interval;

/// The same estimate in hours.
pub(crate) fn in_hours(estimate: &MeanEstimate) -> MeanEstimate {
    estimate.scaled(1.0 / unit(Figure::SiteHoursLost.kind()).1)
}

/// "89 fewer site-hours (95% interval 80 to 98)"
pub(crate) fn lost(estimate: &MeanEstimate, noun: &str, first: bool) -> String {
    if is_nothing(estimate) {
        return format!("as many {noun} ({})", in_all_of(estimate.n));
    }
    let scale = Scale::of_amounts(&ends(estimate));
    let way = ["fewer", "more"];
    let bracket = bracket(estimate, scale, way, if first { "95% interval " } else { "" });
    let difference = directed(estimate.mean, scale, way);
    let noun = if difference.starts_with("1 ") { noun.trim_end_matches('s') } else { noun };
    format!("{difference} {noun} ({bracket})")
}

/// Whether the two do not differ in any exercise.
pub(crate) fn is_nothing(estimate: &MeanEstimate) -> bool {
    estimate.mean == 0.0 && estimate.is_always_the_same()
}

/// Where something is so that is so in all of so many exercises.
pub(crate) fn in_all_of(n: usize) -> &'static str {
    if n == 1 { "in the one exercise" } else { "in every exercise" }
}

/// The mean with the ends of its interval, if it has one.
pub(crate) fn ends(estimate: &MeanEstimate) -> Vec<f64> {
    // Where all are alike, only that is told.
    let interval = estimate.interval.filter(|_| !estimate.is_always_the_same());
    let interval = interval.map(|it| [it.low, it.high]);
    std::iter::once(estimate.mean).chain(interval.into_iter().flatten()).collect()
}

/// "89 fewer"
pub(crate) fn directed(difference: f64, scale: Scale, [less, more]: [&str; 2]) -> String {
    let way = if difference < 0.0 { less } else { more };
    format!("{} {way}", scale.text(difference.abs()))
}

/// Where the mean difference lies: "80 to 98", or "3 fewer to 5 more".
pub(crate) fn bracket(
    estimate: &MeanEstimate,
    scale: Scale,
    way: [&str; 2],
    named: &str,
) -> String {
    if estimate.is_always_the_same() && estimate.n > 1 {
        return "in every exercise".to_owned();
    }
    let Some(Interval { low, high }) = estimate.interval else {
        return match estimate.n {
            1 => "too few exercises for an interval".to_owned(),
            n => alike_in(estimate.alike, n),
        };
    };
    if low < 0.0 && high > 0.0 {
        return format!("{named}{} to {}", directed(low, scale, way), directed(high, scale, way));
    }
    let (near, far) = if low < 0.0 { (-high, -low) } else { (low, high) };
    format!("{named}{}", scale.range(near, far))
}
