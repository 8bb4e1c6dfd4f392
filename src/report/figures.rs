//! From estimates to figures of the view: numbers in seconds, hours and shares.

use crate::experiment::{MeanEstimate, Paired, ShareEstimate, TimeEstimate, When, mean_of};
use crate::report::view::{Figure, IsoFigure, Statistic, Unit};
use crate::report::words::{iso8601, machine};
use crate::stats::{Estimate, Interval};
use crate::units::SimDuration;

const MILLIS_PER_SECOND: f64 = 1_000.0;

/// The median of a time.
pub(crate) fn time(name: &str, estimate: &TimeEstimate) -> Figure {
    let seconds = |when: When| when.time().map(|it| seconds(it.as_millis() as f64));
    let text = |when: When| when.time().map(iso8601);
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
pub(crate) fn p90_time(name: &str, estimate: &TimeEstimate) -> Figure {
    Figure { statistic: Statistic::P90, ..time(name, estimate) }
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

/// The mean of a time; there is none when it never comes in some replication.
pub(crate) fn mean_time(
    name: &str,
    times: impl ExactSizeIterator<Item = Option<SimDuration>>,
) -> Figure {
    let n = times.len() as u64;
    let known: Vec<f64> = times.flatten().map(|it| it.as_millis() as f64).collect();
    let never = n - known.len() as u64;
    let estimate = mean_of(&known).filter(|_| never == 0);
    let interval = estimate.and_then(|it| it.interval);
    let spread = estimate.and_then(|it| it.spread);
    let value = estimate.map(|it| it.mean);
    let figure = Numbers { value, interval, spread }.in_seconds();
    Figure { name: name.to_owned(), statistic: Statistic::Mean, n, never, ..figure }
}

/// The share of replications in which something holds.
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

/// The 95 % quantile of all sites of all replications; infinite where it never comes.
pub(crate) fn pooled(name: &str, estimate: &Estimate) -> Figure {
    let value = Some(estimate.value).filter(|it| it.is_finite());
    let numbers = Numbers { value, interval: Some(estimate.interval), spread: None };
    let n = estimate.n as u64;
    let figure = numbers.in_seconds();
    Figure { name: name.to_owned(), statistic: Statistic::PooledP95, n, ..figure }
}

/// Numbers of milliseconds.
struct Numbers {
    value: Option<f64>,
    interval: Option<Interval>,
    spread: Option<Interval>,
}

impl Numbers {
    fn in_seconds(&self) -> Figure {
        let finite = |it: Option<f64>| it.filter(|it| it.is_finite());
        let low = finite(self.interval.map(|it| it.low.max(0.0)));
        let high = finite(self.interval.map(|it| it.high));
        let (p05, p95) = (self.spread.map(|it| it.low), self.spread.map(|it| it.high));
        let text =
            |it: Option<f64>| it.map(|it| iso8601(SimDuration::from_millis(it.round() as u64)));
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
