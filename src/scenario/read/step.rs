//! Who reads a step, and what its parts have in common.

use crate::diagnostics::Code;
use crate::ids::{Id, IdVec, LimitId, StepId};
use crate::scenario::read::resolver::Resolver;
use crate::scenario::read::symbols::Symbols;
use crate::scenario::runbook::{Expansion, Step};
use crate::spec::{Located, Named, RunbookSpec};

pub(crate) struct StepReader<'a> {
    pub(crate) spec: &'a Located<RunbookSpec>,
    pub(crate) names: Vec<String>,
    /// For each step the one that it takes over from.
    pub(crate) stand_ins: Vec<Option<StepId>>,
    pub(crate) symbols: &'a Symbols<'a>,
}

impl StepReader<'_> {
    pub(crate) fn find(
        &self,
        name: &Located<String>,
        resolver: &mut Resolver<'_>,
    ) -> Option<StepId> {
        let place = self.names.iter().position(|it| *it == name.value);
        if place.is_none() {
            resolver
                .error(
                    Code::UnknownStep,
                    name.span,
                    format!("there is no step `{}` in this runbook", name.value),
                )
                .help_choose(&name.value, self.names.iter().map(String::as_str));
        }
        place.map(StepId::new)
    }

    pub(crate) fn limits(
        &self,
        uses: &Named<i64>,
        expansion: &Expansion,
        resolver: &mut Resolver<'_>,
    ) -> Vec<(LimitId, u32)> {
        let mut limits = Vec::new();
        for (name, units) in uses {
            let Some(id) = self.symbols.limit(name, resolver) else { continue };
            let limit = &self.symbols.limits[id];
            if limit.per_shard && !matches!(expansion, Expansion::Services(_)) {
                let message = format!("`{}` counts per shard; of which service?", limit.name);
                resolver.error(Code::MissingKey, name.span, message).help(
                    "add `for_each = { service = \"...\" }` or `{ service_class = \"primary\" }`",
                );
            }
            let units = demand(units, limit.units.peak(), "limit", &limit.name, resolver);
            limits.extend(units.map(|units| (id, units)));
        }
        limits
    }
}

/// Whether `first` must be done before `second` can start, on a path of steps that count.
pub(crate) fn is_before(
    steps: &IdVec<StepId, Step>,
    first: StepId,
    second: StepId,
    counts: impl Fn(&Step) -> bool,
) -> bool {
    let mut open = vec![second];
    let mut seen = vec![false; steps.len()];
    while let Some(step) = open.pop() {
        for before in &steps[step].after {
            if *before == first {
                return true;
            }
            if counts(&steps[*before]) && !std::mem::replace(&mut seen[before.index()], true) {
                open.push(*before);
            }
        }
    }
    false
}

pub(crate) fn demand(
    written: &Located<i64>,
    peak: u32,
    kind: &str,
    name: &str,
    resolver: &mut Resolver<'_>,
) -> Option<u32> {
    let wanted = resolver.whole(written, 1..=1_000_000, "demand")?;
    if wanted > peak {
        resolver
            .error(
                Code::DemandAboveCapacity,
                written.span,
                format!(
                    "the step needs {wanted} of {kind} `{name}`, which never has more than {peak}"
                ),
            )
            .help("ask for less, or raise the capacity; this step could never start");
    }
    Some(wanted)
}
