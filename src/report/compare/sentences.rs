//! The words of a comparison.

use crate::compare::{Compared, MetricComparison, MetricMargin, Reached, Until};
use crate::measure::MeanEstimate;
use crate::report::differences::is_nothing;
use crate::report::figures::{Unit, unit};
use crate::report::words::{
    Scale, alike_in, amount, chosen_share, count, exact, length, listed, plain, share,
};
use crate::scenario::{Figure, Kind, Scenario, Weight};
use crate::stats::{Interval, Standing};
use crate::units::SimDuration;

/// Of what a margin is a share.
fn margin_words(figure: Figure, rto: &str) -> String {
    match (figure.kind(), figure.definition().weight) {
        (Kind::Hours, Weight::Site) => format!("the RTO{rto} for each site"),
        (Kind::Hours, Weight::User) => format!("the RTO{rto} for each user"),
        _ => format!("the RTO{rto}"),
    }
}

/// What is said of a strategy.
pub(crate) fn standing_words(standing: Standing, equivalent: bool) -> String {
    let word = match standing {
        Standing::Best => "best",
        Standing::MayBeBest => "may be best",
        Standing::NotBest => "not best",
    };
    if equivalent { format!("{word}, equivalent in practice") } else { word.to_owned() }
}

/// Where a difference lies: "1.9 to 2.4 h more", "0.2 h less to 0.3 h more".
pub(crate) fn apart(figure: Figure, interval: Interval) -> String {
    let Interval { low, high } = interval;
    match (low.is_finite(), high.is_finite()) {
        (true, true) => between(figure, interval, high - low),
        (false, false) if low > 0.0 => "comes less often".to_owned(),
        (false, false) if high < 0.0 => "comes more often".to_owned(),
        (false, false) => "not known".to_owned(),
        (true, false) => format!("{} or more", between(figure, Interval { low, high: low }, 0.0)),
        (false, true) => format!("{} or less", between(figure, Interval { low: high, high }, 0.0)),
    }
}

/// "2.1 h more (1.9 to 2.4 h)"
fn mean_apart(figure: Figure, mean: f64, interval: Interval) -> String {
    let width = interval.high - interval.low;
    let alone = between(figure, Interval { low: mean, high: mean }, width);
    if interval.low == interval.high {
        return alone;
    }
    let ends = between(figure, interval, width);
    let way = if mean < 0.0 { " less" } else { " more" };
    let same_way = interval.low >= 0.0 || interval.high <= 0.0;
    let ends = if same_way { ends.trim_end_matches(way) } else { &ends };
    format!("{alone} ({ends})")
}

/// The ends of a difference that is known to within half of `width`.
fn between(figure: Figure, interval: Interval, width: f64) -> String {
    let Interval { low, high } = interval;
    let scale = scale(figure, &[low, high], width);
    let directed = |it: f64| {
        let way = if it < 0.0 { "less" } else { "more" };
        format!("{} {way}", scale.text(it.abs()))
    };
    match (low == high, low >= 0.0, high <= 0.0) {
        (true, true, true) => "the same".to_owned(),
        (true, ..) => directed(low),
        (_, true, _) => format!("{} more", scale.range(low, high)),
        (_, _, true) => format!("{} less", scale.range(-high, -low)),
        _ => format!("{} to {}", directed(low), directed(high)),
    }
}

/// "97 of 100 exercises"; only none and all are printed as such.
fn of_hundred(share: f64) -> String {
    let percent = 100.0 * share;
    match percent.round() {
        _ if share >= 1.0 => "every exercise".to_owned(),
        it if it >= 100.0 => "more than 99 of 100 exercises".to_owned(),
        it => format!("{it} of 100 exercises"),
    }
}

/// A probability for people.
pub(crate) fn probability(p: f64) -> String {
    if p < 0.001 { "p < 0.001".to_owned() } else { format!("p = {p:.3}") }
}

/// The answer.
pub(crate) fn deciding_sentence(
    compared: &Compared,
    names: &[String],
    n: u64,
    horizon: SimDuration,
) -> String {
    let it = compared.deciding();
    let of = |standing: Standing| -> Vec<usize> {
        let all = 0..names.len();
        all.filter(|place| it.strategies[*place].from_best.standing == standing).collect()
    };
    let said = |places: &[usize]| {
        let named: Vec<String> = places.iter().map(|it| plain(&names[*it])).collect();
        listed(&named)
    };
    let (best, maybe) = (of(Standing::Best), of(Standing::MayBeBest));
    let by = it.metric.figure.title();
    let since = it.known_after.map_or_else(String::new, |after| {
        format!(" Looking back, that was the answer from {} exercises on.", count(after as u64))
    });
    let never: Vec<String> = best
        .iter()
        .filter(|place| it.strategies[**place].never > 0)
        .map(|place| {
            let never = count(it.strategies[*place].never as u64);
            let name = plain(&names[*place]);
            let within = exact(horizon);
            format!(
                " But {name} does not get there within {within} in {never} of {} exercises.",
                count(n)
            )
        })
        .collect();
    match (&best[..], &maybe[..]) {
        ([], maybe) => format!(
            "{} exercises cannot tell which strategy is best by {by}: {} may be best.{}{}",
            count(n),
            said(maybe),
            alike(it, maybe, n),
            elsewhere(compared, maybe, names)
        ),
        ([_], _) => format!("{} is best by {by}.{since}{}", said(&best), never.concat()),
        _ => format!(
            "{} are equal and best by {by}.{since}{}{}",
            said(&best),
            never.concat(),
            elsewhere(compared, &best, names)
        ),
    }
}

/// How alike those are that may be best.
fn alike(comparison: &MetricComparison, places: &[usize], n: u64) -> String {
    let pairs =
        || pairs_among(places).into_iter().map(|(own, other)| comparison.pair(own, other).0);
    if pairs().all(|pair| pair.difference.as_ref().is_some_and(is_nothing) && pair.left_out == 0) {
        return format!(" They do not differ in any of {} exercises.", count(n));
    }
    let all = places.iter().all(|place| comparison.strategies[*place].equivalent);
    if all { " They are equivalent in practice.".to_owned() } else { String::new() }
}

fn pairs_among(places: &[usize]) -> Vec<(usize, usize)> {
    let behind = |at: usize| places[at + 1..].iter().map(move |other| (places[at], *other));
    (0..places.len()).flat_map(behind).collect()
}

/// The figures in which some that the deciding one does not tell apart do differ.
fn elsewhere(compared: &Compared, places: &[usize], names: &[String]) -> String {
    let others = compared.metrics.iter().filter(|it| {
        it.metric != compared.deciding().metric && it.metric.figure.definition().compared
    });
    let told = others.filter_map(|it| {
        let is_least = |own: &&usize| {
            places
                .iter()
                .filter(|other| other != own)
                .all(|other| it.bounds(**own, *other).high < 0.0)
        };
        let least = *places.iter().find(is_least)?;
        let (name, title) = (plain(&names[least]), it.metric.figure.title());
        let [one, other] = places else {
            return Some(format!(" In {title} {name} is surely below all others of them."));
        };
        let other = if least == *one { *other } else { *one };
        let (pair, turned) = it.pair(least, other);
        let sign = if turned { -1.0 } else { 1.0 };
        let estimate = pair.difference.as_ref()?;
        let ends = it.bounds(least, other);
        let apart = match ends.low.is_finite() {
            true => mean_apart(it.metric.figure, sign * estimate.mean, ends),
            false => apart(it.metric.figure, ends),
        };
        Some(format!(
            " But they differ in {title}: {name} against {}, {apart}.",
            plain(&names[other])
        ))
    });
    told.collect()
}

/// How a run until figures are precise has ended.
#[must_use]
pub fn reached_sentence(until: &Until, reached: &Reached) -> String {
    let (n, target) = (count(u64::from(reached.replications)), chosen_share(until.target));
    let half = match reached.precision.is_finite() {
        true => share(reached.precision),
        false => "not known".to_owned(),
    };
    match reached.precise {
        true => format!(
            "precise to {target} after {n} exercises: half of the widest interval is {half} of its \
             figure, twice in a row at most {target}"
        ),
        false => format!(
            "not precise to {target} after {n} exercises, which are the most: half of the widest \
             interval is {half} of its figure"
        ),
    }
}

/// How numbers of a figure read that are known to within half of `width`; times and hours are in
/// milliseconds.
pub(crate) fn scale(figure: Figure, values: &[f64], width: f64) -> Scale {
    let scale = match unit(figure.kind()).0 {
        Unit::S => Scale::of_times(values),
        Unit::H => Scale::of_hours(),
        Unit::Share => Scale::of_shares(),
        Unit::Count | Unit::Bytes | Unit::Currency => Scale::of_counts(),
    };
    scale.by_error(width / 4.0)
}

/// What a margin is, in words: "18 min (5% of the RTO of 6 h)".
pub(crate) fn margin_is(scenario: &Scenario, figure: Figure, margin: &MetricMargin) -> String {
    let (unit, one) = unit(figure.kind());
    let size = match unit {
        Unit::S => length(SimDuration::from_millis(margin.value.max(0.0).round() as u64)),
        _ => amount(margin.value / one),
    };
    let why = match (margin.share, margin.of_objective) {
        (None, _) => "as asked for".to_owned(),
        (Some(share), true) => {
            let policy = scenario.policy.as_ref();
            let shortest =
                policy.and_then(|policy| policy.objectives.iter().filter_map(|it| it.rto).min());
            let rto = shortest.map_or_else(String::new, |it| format!(" of {}", exact(it)));
            format!("{} of {}", chosen_share(share), margin_words(figure, &rto))
        }
        (Some(share), false) => format!("{} of the least mean", chosen_share(share)),
    };
    format!("{size} ({why})")
}

/// "a against b: 2.1 h more (1.9 to 2.4 h); b is faster in 97 of 100 exercises (95% interval 96% to
/// 98%); correlation 0.82"
pub(crate) fn pair_sentence(
    metric: &MetricComparison,
    (own, other): (usize, usize),
    names: &[String],
) -> String {
    let (pair, turned) = metric.pair(own, other);
    let sign = if turned { -1.0 } else { 1.0 };
    let n = pair.difference.map_or(0, |it| it.n) + pair.left_out;
    let alone = |mean| apart(metric.metric.figure, Interval { low: mean, high: mean });
    let difference = match pair.difference {
        None => "does not come under both in any exercise".to_owned(),
        Some(estimate) if estimate.is_always_the_same() && estimate.n > 1 => {
            format!("{} in every exercise", alone(sign * estimate.mean))
        }
        Some(MeanEstimate { mean, interval: None, n: 1, .. }) => {
            format!("{} (too few exercises)", alone(sign * mean))
        }
        Some(MeanEstimate { mean, interval: None, n, alike, .. }) => {
            format!("{} ({})", alone(sign * mean), alike_in(alike, n))
        }
        Some(MeanEstimate { mean, interval: Some(ends), .. }) => {
            let (low, high) = (sign * ends.low, sign * ends.high);
            let ends = Interval { low: low.min(high), high: low.max(high) };
            let mean = sign * mean;
            mean_apart(metric.metric.figure, mean, ends)
        }
    };
    let only = match pair.left_out {
        0 => String::new(),
        _ => format!(
            ", over the {} of {} exercises in which both come",
            count((n - pair.left_out) as u64),
            count(n as u64)
        ),
    };
    // Who is ahead more often is said to be.
    let less = pair.halves as f64 / 2.0 / n as f64;
    let (ahead, often, low, high) = match less >= 0.5 {
        true => (pair.first, less, pair.less.low, pair.less.high),
        false => (pair.second, 1.0 - less, 1.0 - pair.less.high, 1.0 - pair.less.low),
    };
    let how = match metric.metric.figure.kind() {
        Kind::Instant | Kind::Length => "is faster",
        Kind::Loss => "loses less",
        Kind::Money => "costs less",
        Kind::Hours | Kind::Count | Kind::Share => "has fewer",
    };
    let often = match often == 0.5 {
        true => "neither is ahead more often".to_owned(),
        false => format!(
            "{} {how} in {} (95% interval {} to {})",
            plain(&names[ahead]),
            of_hundred(often),
            share(low),
            share(high)
        ),
    };
    let correlation = match pair.correlation {
        Some(it) => format!("; correlation {it:.2}"),
        None => String::new(),
    };
    format!(
        "{} against {}: {difference}{only}; {often}{correlation}.",
        plain(&names[own]),
        plain(&names[other])
    )
}

/// "p = 0.012"
pub(crate) fn p_words(p: f64) -> String {
    probability(p)
}
