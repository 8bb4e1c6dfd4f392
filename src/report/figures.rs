//! From estimates to figures of the view: numbers in seconds, hours and shares.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::compare::Paired;
use crate::measure::{
    EstimatedTime, MeanEstimate, Pooled, ShareEstimate, Support, TimeEstimate, mean_of,
    median_time, quantile_time,
};
use crate::report::words::{self, Cells, iso8601, machine};
use crate::scenario::{Kind, Over, Reading};
use crate::stats::{Estimate, Interval};
use crate::units::{MILLIS_PER_HOUR, MILLIS_PER_SECOND, SimDuration};

/// The unit of a figure of this kind, and what one of it is in that of its readings.
pub(crate) fn unit(kind: Kind) -> (Unit, f64) {
    match kind {
        Kind::Instant | Kind::Length | Kind::Loss => (Unit::S, MILLIS_PER_SECOND),
        Kind::Hours => (Unit::H, MILLIS_PER_HOUR),
        Kind::Count => (Unit::Count, 1.0),
        Kind::Share => (Unit::Share, 1.0),
        Kind::Money => (Unit::Currency, 1.0),
    }
}

/// What a figure of exercises comes to over them, and its texts where people read it; none where
/// there is no such figure.
pub(crate) fn of_exercises(
    name: &str,
    kind: Kind,
    over: Over,
    (readings, support): (&[Reading], Support),
    horizon: SimDuration,
) -> Option<(Figure, Cells)> {
    // An exercise may have no such figure where others have one; what nothing has is none.
    let known: Vec<Reading> =
        readings.iter().copied().filter(|it| *it != Reading::Unknown).collect();
    let readings = &known[..];
    if readings.is_empty() {
        return None;
    }
    let times = || readings.iter().map(|it| it.time());
    let since = if kind == Kind::Instant { "T+" } else { "" };
    match (kind.is_time(), over) {
        (true, Over::Median) => {
            let estimate = median_time(times());
            Some((time(name, &estimate), words::time(&estimate, since, horizon)))
        }
        (true, Over::P90) => {
            let estimate = quantile_time(times(), 0.9);
            let cells = words::time(&estimate, since, horizon);
            Some((p90_time(name, &estimate), Cells { spread: String::new(), ..cells }))
        }
        (true, Over::Mean) => {
            let figure = mean_time(name, times(), support);
            Some((figure, mean_time_cells(times(), support, kind, horizon)))
        }
        (false, _) => {
            let values: Option<Vec<f64>> = readings.iter().map(|it| it.number(kind)).collect();
            let support = support.scaled(1.0 / kind.reading_per_number());
            let estimate = mean_of(&values?, support)?;
            let cells = match kind {
                Kind::Share => words::mean(&estimate, "", words::share),
                _ => words::mean_amount(&estimate),
            };
            Some((mean(name, unit(kind).0, &estimate), cells))
        }
    }
}

/// The texts of the mean of a time.
fn mean_time_cells(
    times: impl ExactSizeIterator<Item = Option<SimDuration>>,
    support: Support,
    kind: Kind,
    horizon: SimDuration,
) -> Cells {
    let n = times.len();
    let known: Vec<f64> = times.flatten().map(|it| it.as_millis() as f64).collect();
    match mean_of(&known, support).filter(|it| it.n == n) {
        Some(it) => words::mean_length(&it),
        None if kind == Kind::Loss => {
            Cells { value: "not of every site".to_owned(), ..Cells::default() }
        }
        None => Cells {
            value: format!("not always within {}", words::exact(horizon)),
            ..Cells::default()
        },
    }
}

/// What a figure of all exercises together comes to, and its texts.
pub(crate) fn of_all(name: &str, together: &Pooled, horizon: SimDuration) -> (Figure, Cells) {
    match together {
        Pooled::Quantile(it) => (pooled(name, it), words::pooled(it, horizon)),
        Pooled::Share(it) => {
            let cells = Cells {
                value: words::share(it.share()),
                interval: words::share_between(it.holds, it.n, it.interval),
                spread: format!("{} of {}", words::count(it.holds), words::count(it.n)),
            };
            (share(name, it), cells)
        }
    }
}

/// The median of a time.
pub(crate) fn time(name: &str, estimate: &TimeEstimate) -> Figure {
    let seconds = |when: EstimatedTime| when.time().map(|it| seconds(it.as_millis() as f64));
    let text = |when: EstimatedTime| when.time().map(iso8601);
    Figure {
        name: name.to_owned(),
        statistic: Statistic::Median,
        unit: Unit::S,
        value: seconds(estimate.median),
        low: seconds(estimate.low),
        high: seconds(estimate.high),
        p05: seconds(estimate.p05),
        p95: seconds(estimate.p95),
        n: estimate.n as u64,
        never: estimate.never as u64,
        iso8601: Some(IsoFigure {
            value: text(estimate.median),
            low: text(estimate.low),
            high: text(estimate.high),
            p05: text(estimate.p05),
            p95: text(estimate.p95),
        }),
    }
}

/// The 90 % quantile of a time.
fn p90_time(name: &str, estimate: &TimeEstimate) -> Figure {
    Figure { statistic: Statistic::P90, ..time(name, estimate) }
}

/// What nobody knows of so many exercises.
pub(crate) fn unknown(name: &str, unit: Unit, n: u64) -> Figure {
    Figure {
        name: name.to_owned(),
        statistic: if unit == Unit::S { Statistic::Median } else { Statistic::Mean },
        unit,
        value: None,
        low: None,
        high: None,
        p05: None,
        p95: None,
        n,
        never: 0,
        iso8601: None,
    }
}

/// The mean of a number.
pub(crate) fn mean(name: &str, unit: Unit, estimate: &MeanEstimate) -> Figure {
    Figure {
        name: name.to_owned(),
        statistic: Statistic::Mean,
        unit,
        value: Some(machine(estimate.mean)),
        low: estimate.interval.map(|it| machine(it.low)),
        high: estimate.interval.map(|it| machine(it.high)),
        p05: estimate.spread.map(|it| machine(it.low)),
        p95: estimate.spread.map(|it| machine(it.high)),
        n: estimate.n as u64,
        never: 0,
        iso8601: None,
    }
}

/// The mean difference between two strategies. `per` is what one of `unit` is in the unit of the
/// differences.
pub(crate) fn difference(name: &str, unit: Unit, paired: &Paired, per: f64) -> Figure {
    let number = |it: f64| machine(it / per);
    let estimate = paired.estimate;
    let interval = estimate.and_then(|it| it.interval);
    let spread = estimate.and_then(|it| it.spread);
    Figure {
        name: name.to_owned(),
        statistic: Statistic::MeanDifference,
        unit,
        value: estimate.map(|it| number(it.mean)),
        low: interval.map(|it| number(it.low)),
        high: interval.map(|it| number(it.high)),
        p05: spread.map(|it| number(it.low)),
        p95: spread.map(|it| number(it.high)),
        n: estimate.map_or(0, |it| it.n as u64),
        never: paired.left_out as u64,
        iso8601: None,
    }
}

/// The mean of a time; there is none when it never comes in some exercise.
fn mean_time(
    name: &str,
    times: impl ExactSizeIterator<Item = Option<SimDuration>>,
    support: Support,
) -> Figure {
    let n = times.len() as u64;
    let known: Vec<f64> = times.flatten().map(|it| it.as_millis() as f64).collect();
    let never = n - known.len() as u64;
    let estimate = mean_of(&known, support).filter(|_| never == 0);
    let interval = estimate.and_then(|it| it.interval);
    let spread = estimate.and_then(|it| it.spread);
    let value = estimate.map(|it| it.mean);
    let figure = Numbers { value, interval, spread }.in_seconds();
    Figure { name: name.to_owned(), statistic: Statistic::Mean, n, never, ..figure }
}

/// The share of exercises in which something holds.
pub(crate) fn share(name: &str, estimate: &ShareEstimate) -> Figure {
    Figure {
        name: name.to_owned(),
        statistic: Statistic::Share,
        unit: Unit::Share,
        value: Some(machine(estimate.share())),
        low: Some(machine(estimate.interval.low)),
        high: Some(machine(estimate.interval.high)),
        p05: None,
        p95: None,
        n: estimate.n,
        never: 0,
        iso8601: None,
    }
}

/// A quantile of all sites of all exercises, which the name tells; infinite where it never comes.
pub(crate) fn pooled(name: &str, estimate: &Estimate) -> Figure {
    let value = Some(estimate.value).filter(|it| it.is_finite());
    let numbers = Numbers { value, interval: Some(estimate.interval), spread: None };
    let n = estimate.n as u64;
    let figure = numbers.in_seconds();
    let statistic =
        if name.ends_with(".p50") { Statistic::PooledP50 } else { Statistic::PooledP95 };
    Figure { name: name.to_owned(), statistic, n, ..figure }
}

/// Numbers of milliseconds.
struct Numbers {
    value: Option<f64>,
    interval: Option<Interval>,
    spread: Option<Interval>,
}

impl Numbers {
    fn in_seconds(&self) -> Figure {
        let finite = |value: Option<f64>| value.filter(|it| it.is_finite());
        let low = finite(self.interval.map(|it| it.low.max(0.0)));
        let high = finite(self.interval.map(|it| it.high));
        let (p05, p95) = (self.spread.map(|it| it.low), self.spread.map(|it| it.high));
        let text = |value: Option<f64>| {
            value.map(|it| iso8601(SimDuration::from_millis(it.round() as u64)))
        };
        Figure {
            name: String::new(),
            statistic: Statistic::Mean,
            unit: Unit::S,
            value: self.value.map(seconds),
            low: low.map(seconds),
            high: high.map(seconds),
            p05: p05.map(seconds),
            p95: p95.map(seconds),
            n: 0,
            never: 0,
            iso8601: Some(IsoFigure {
                value: text(self.value),
                low: text(low),
                high: text(high),
                p05: text(p05),
                p95: text(p95),
            }),
        }
    }
}

fn seconds(millis: f64) -> f64 {
    machine(millis / MILLIS_PER_SECOND)
}

/// An estimate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Figure {
    /// What it is called, such as `last_site_back`; `blackstart figures` says what each is.
    pub name: String,
    /// What of the exercises it is.
    pub statistic: Statistic,
    /// The unit of its numbers.
    pub unit: Unit,
    /// The estimate; `null` for a time that does not come before the horizon.
    pub value: Option<f64>,
    /// Lower end of its interval; `null` where there is none, for want of exercises or because
    /// the time does not come before the horizon.
    pub low: Option<f64>,
    /// Upper end of its interval; `null` as for `low`.
    pub high: Option<f64>,
    /// The 5 % quantile over exercises; `null` as for `low`.
    pub p05: Option<f64>,
    /// The 95 % quantile over exercises; `null` as for `low`.
    pub p95: Option<f64>,
    /// Exercises.
    pub n: u64,
    /// Exercises in which the time does not come before the horizon.
    pub never: u64,
    /// The same times as ISO 8601 durations, for a figure that is a time; `null` for a difference
    /// of times, as those durations have no sign.
    pub iso8601: Option<IsoFigure>,
}

/// The numbers of a time as ISO 8601 durations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IsoFigure {
    /// As in the figure.
    pub value: Option<String>,
    /// As in the figure.
    pub low: Option<String>,
    /// As in the figure.
    pub high: Option<String>,
    /// As in the figure.
    pub p05: Option<String>,
    /// As in the figure.
    pub p95: Option<String>,
}

/// What of the exercises an estimate is, which says how its interval is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    /// The median over exercises; order statistics.
    Median,
    /// The 90 % quantile over exercises; order statistics.
    P90,
    /// The mean over exercises; Student, or Gaffke where it lies between two ends or most are
    /// alike.
    Mean,
    /// The mean over exercises of the difference between two strategies in the same
    /// exercise; as of a mean.
    MeanDifference,
    /// The share of exercises; Clopper and Pearson.
    Share,
    /// The median of all sites of all exercises pooled; Woodruff, with the exercise as
    /// cluster.
    PooledP50,
    /// The 95 % quantile of all sites, users or customers of all exercises pooled; Woodruff,
    /// with the exercise as cluster.
    PooledP95,
}

/// The unit of an estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Seconds; of instants, since T+0.
    S,
    /// Hours, of people or of sites or users who wait.
    H,
    /// A number between 0 and 1.
    Share,
    /// A number of things.
    Count,
    /// Bytes.
    Bytes,
    /// The currency of the scenario's costs.
    Currency,
}
