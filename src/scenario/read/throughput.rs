//! `[throughput]`: bandwidth that transfers share.

use crate::diagnostics::Code;
use crate::ids::{IdVec, ThroughputId};
use crate::scenario::read::moment::Moments;
use crate::scenario::read::quantity::Desk;
use crate::scenario::read::symbols::Symbols;
use crate::scenario::read::transfer::FAST;
use crate::scenario::throughput::{RateRamp, Throughput};
use crate::spec::{Located, Named, RateRampSpec, ThroughputSpec};
use crate::units::Rate;

pub(crate) fn resolve(
    name: &Located<String>,
    spec: &Located<ThroughputSpec>,
    moments: &Moments<'_>,
    desk: &mut Desk<'_>,
) -> Throughput {
    let rate = desk.required(&spec.rate, spec.span, "rate", "add `rate = \"2 TiB/h\"`");
    let rate = rate.map_or(RateRamp::constant(FAST), |it| rate_ramp(it, moments, desk));
    let cap = spec.cap.as_ref().and_then(|it| {
        let cap = desk.rate(it)?;
        if cap == Rate::ZERO {
            desk.error(Code::OutOfRange, it.span, "a transfer that may use nothing never ends")
                .help("raise `cap`, or leave it out");
        }
        Some(cap)
    });
    Throughput {
        name: name.value.clone(),
        title: spec.title.as_ref().unwrap_or(name).value.clone(),
        rate,
        cap,
    }
}

/// The rates of a strategy: other ones than `[throughput]` says, where it says so.
pub(crate) fn overrides(
    spec: &Named<RateRampSpec>,
    symbols: &Symbols<'_>,
    desk: &mut Desk<'_>,
) -> IdVec<ThroughputId, RateRamp> {
    let mut rates: IdVec<ThroughputId, RateRamp> =
        symbols.throughputs.iter().map(|it| it.rate.clone()).collect();
    for (name, ramp) in spec {
        if let Some(id) = symbols.throughput(name, desk) {
            rates[id] = rate_ramp(ramp, &symbols.moments, desk);
        }
    }
    rates
}

fn rate_ramp(spec: &Located<RateRampSpec>, moments: &Moments<'_>, desk: &mut Desk<'_>) -> RateRamp {
    let before = desk.diagnostics.errors();
    let ramp = match &spec.value {
        RateRampSpec::Constant(rate) => RateRamp::constant(desk.rate(rate).unwrap_or(FAST)),
        RateRampSpec::Points(points) => {
            let read = points.iter().filter_map(|point| {
                let at = desk.required(&point.at, point.span, "at", "add `at = \"T+8h\"`");
                let advice = "add `rate = \"2 TiB/h\"`";
                let rate = desk.required(&point.rate, point.span, "rate", advice);
                let (at, rate) = (at?, desk.rate(rate?));
                let moment = moments.moment(at, desk)?;
                Some((moment, rate?))
            });
            RateRamp { points: read.collect() }
        }
    };
    if ramp.peak() == Rate::ZERO && desk.diagnostics.errors() == before {
        desk.error(Code::OutOfRange, spec.span, "a throughput that moves nothing never ends")
            .help("write a rate such as \"2 TiB/h\", or [{ at = \"T+0\", rate = \"2 TiB/h\" }]");
    }
    ramp
}
