//! `[throughput]`: bandwidth that transfers share; and `transfer`, what a step moves over it.

use crate::diagnostics::{Code, Span};
use crate::ids::{IdVec, ThroughputId};
use crate::spec::{
    Located, Named, Per, RateRampSpec, StepSpec, ThroughputSpec, TransferBytes, TransferSpec,
};
use crate::units::{Rate, Share};

use super::estate::{Estate, Service};
use super::moment::{Moment, Moments};
use super::quantity::Desk;
use super::runbook::Expansion;
use super::symbols::Symbols;

/// Bandwidth that all transfers in progress share equally, each up to one cap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Throughput {
    /// The name in the scenario.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// How much it moves, over time.
    pub rate: RateRamp,
    /// What one transfer can use of it at most; all of it without one.
    pub cap: Option<Rate>,
}

/// A rate that changes in steps over time; before its first point it is zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateRamp {
    /// From each moment on, the rate; a later moment overrules an earlier one.
    pub points: Vec<(Moment, Rate)>,
}

impl RateRamp {
    fn constant(rate: Rate) -> Self {
        Self { points: vec![(Moment::START, rate)] }
    }

    /// The largest rate that it ever is.
    #[must_use]
    pub fn peak(&self) -> Rate {
        self.points.iter().map(|(_, rate)| *rate).max().unwrap_or(Rate::ZERO)
    }
}

/// What a step moves; it takes as long as that takes, without any factor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transfer {
    /// Whose bytes.
    pub bytes: TransferBytes,
    /// Over what.
    pub through: ThroughputId,
    /// The part of the bytes that is moved.
    pub share: Share,
}

/// Where a rate cannot be read: so fast that nothing else is refused for want of it.
const FAST: Rate = Rate::new(1 << 50);

pub(super) fn resolve(
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
pub(super) fn overrides(
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

/// What a step moves, and that it is moved alone: nothing else says how long a transfer takes.
pub(super) fn transfer(
    step: &Located<StepSpec>,
    per: Per,
    expansion: &Expansion,
    symbols: &Symbols<'_>,
    desk: &mut Desk<'_>,
) -> Option<Transfer> {
    let spec = step.transfer.as_ref()?;
    let mut refuse = |span: Span, message: &str, advice: &str| {
        desk.error(Code::ConflictingKeys, span, message).help(advice);
    };
    if let Some(it) = &step.duration {
        refuse(
            it.span,
            "`duration` and `transfer` exclude each other",
            "a transfer takes as long as its bytes take; put other work into a step of its own",
        );
    }
    let advice = "nothing changes the length of a transfer but its bytes and those of others";
    if let Some(it) = &step.grows_with {
        refuse(it.span, "a transfer grows with its bytes alone", advice);
    }
    if let Some(it) = &step.learning {
        refuse(it.span, "a transfer does not get faster with repetition", advice);
    }
    let (through, share) = (
        desk.required(&spec.through, spec.span, "through", "add `through = \"NAME\"`"),
        desk.share_or(&spec.share, 1.0),
    );
    let through = through.and_then(|name| symbols.throughput(name, desk));
    let bytes = bytes(spec, per, expansion, symbols.estate, desk);
    Some(Transfer { bytes: bytes?, through: through?, share })
}

fn bytes(
    spec: &Located<TransferSpec>,
    per: Per,
    expansion: &Expansion,
    estate: &Estate,
    desk: &mut Desk<'_>,
) -> Option<TransferBytes> {
    let written =
        desk.required(&spec.bytes, spec.span, "bytes", "add `bytes = \"site\"`, or \"shard\"")?;
    let name = |it: &Service| format!("`{}`", it.name);
    let (bytes, nothing): (_, Vec<String>) = match (written.value, expansion) {
        (TransferBytes::Site, _) if per == Per::Shard => {
            desk.error(Code::ConflictingKeys, written.span, "a load moves its shard, not a site")
                .help("write `bytes = \"shard\"`");
            return None;
        }
        (TransferBytes::Site, _) if per == Per::Once => {
            desk.error(Code::ConflictingKeys, written.span, "a `once` step has no site to move")
                .help("leave out `per`, or give the step a `duration`");
            return None;
        }
        (TransferBytes::Site, _) => {
            let is_empty = estate.sites.iter().all(|it| it.bytes.count() == 0);
            (TransferBytes::Site, if is_empty { vec!["any site".to_owned()] } else { Vec::new() })
        }
        (TransferBytes::Shard, Expansion::Services(list)) => {
            let stores = list.iter().map(|it| &estate.services[*it]);
            (TransferBytes::Shard, stores.filter(|it| it.moved().count() == 0).map(name).collect())
        }
        (TransferBytes::Shard, _) => {
            if !desk.parsed.cut_any(&["for_each"]) {
                desk.error(Code::MissingKey, written.span, "a shard of which service?").help(
                    "add `for_each = { service = \"...\" }` or `{ service_class = \"primary\" }`",
                );
            }
            return None;
        }
    };
    let of_estate = ["bytes", "bytes_per_shard", "class", "sites", "services", "estate"];
    if !nothing.is_empty() && !desk.parsed.cut_any(&of_estate) {
        let key = match bytes {
            TransferBytes::Site => "`bytes` to `[estate.sites]`",
            TransferBytes::Shard => "`bytes_per_shard` to the service",
        };
        let message = format!("the transfer has nothing to move of {}", nothing.join(", "));
        desk.no_effect(written.span, message)
            .help(format!("add {key}; a transfer of 0 B takes no time"));
    }
    Some(bytes)
}
