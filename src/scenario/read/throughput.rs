//! `[throughput]`: bandwidth that transfers share.

use crate::diagnostics::Code;
use crate::ids::{IdVec, ThroughputId};
use crate::scenario::read::moment::Moments;
use crate::scenario::read::resolver::Resolver;
use crate::scenario::read::symbols::Symbols;
use crate::scenario::read::transfer::FAST;
use crate::scenario::throughput::{RateRamp, Throughput};
use crate::spec::{Located, Named, RateRampSpec, ThroughputSpec};
use crate::units::Rate;

pub(crate) fn resolve(
    name: &Located<String>,
    spec: &Located<ThroughputSpec>,
    moments: &Moments<'_>,
    resolver: &mut Resolver<'_>,
) -> Throughput {
    let rate = resolver.required(&spec.rate, spec.span, "rate", "add `rate = \"2 TiB/h\"`");
    let rate = rate.map_or(RateRamp::constant(FAST), |it| rate_ramp(it, moments, resolver));
    let cap = spec.cap.as_ref().and_then(|it| {
        let cap = resolver.rate(it)?;
        if cap == Rate::ZERO {
            resolver
                .error(Code::OutOfRange, it.span, "a transfer that may use nothing never ends")
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
    resolver: &mut Resolver<'_>,
) -> IdVec<ThroughputId, RateRamp> {
    let mut rates: IdVec<ThroughputId, RateRamp> =
        symbols.throughputs.iter().map(|it| it.rate.clone()).collect();
    for (name, ramp) in spec {
        if let Some(id) = symbols.throughput(name, resolver) {
            rates[id] = rate_ramp(ramp, &symbols.moments, resolver);
        }
    }
    rates
}

fn rate_ramp(
    spec: &Located<RateRampSpec>,
    moments: &Moments<'_>,
    resolver: &mut Resolver<'_>,
) -> RateRamp {
    let before = resolver.diagnostics.errors();
    let ramp = match &spec.value {
        RateRampSpec::Constant(rate) => RateRamp::constant(resolver.rate(rate).unwrap_or(FAST)),
        RateRampSpec::Points(points) => {
            let read = points.iter().filter_map(|point| {
                let at = resolver.required(&point.at, point.span, "at", "add `at = \"T+8h\"`");
                let advice = "add `rate = \"2 TiB/h\"`";
                let rate = resolver.required(&point.rate, point.span, "rate", advice);
                let (at, rate) = (at?, resolver.rate(rate?));
                let moment = moments.moment(at, resolver)?;
                Some((moment, rate?))
            });
            RateRamp { points: read.collect() }
        }
    };
    if ramp.peak() == Rate::ZERO && resolver.diagnostics.errors() == before {
        resolver
            .error(Code::OutOfRange, spec.span, "a throughput that moves nothing never ends")
            .help("write a rate such as \"2 TiB/h\", or [{ at = \"T+0\", rate = \"2 TiB/h\" }]");
    }
    ramp
}
