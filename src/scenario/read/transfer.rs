//! `transfer` of a step.

use crate::diagnostics::{Code, Span};
use crate::scenario::estate::Estate;
use crate::scenario::read::resolver::Resolver;
use crate::scenario::read::symbols::Symbols;
use crate::scenario::runbook::Expansion;
use crate::scenario::site::Service;
use crate::scenario::throughput::Transfer;
use crate::spec::{Located, Per, StepSpec, TransferBytes, TransferSpec};
use crate::units::Rate;

/// Where a rate cannot be read: so fast that nothing else is refused for want of it.
pub(crate) const FAST: Rate = Rate::new(1 << 50);

/// What a step moves, and that it is moved alone: nothing else says how long a transfer takes.
pub(crate) fn transfer(
    step: &Located<StepSpec>,
    per: Per,
    expansion: &Expansion,
    symbols: &Symbols<'_>,
    resolver: &mut Resolver<'_>,
) -> Option<Transfer> {
    let spec = step.transfer.as_ref()?;
    let mut refuse = |span: Span, message: &str, advice: &str| {
        resolver.error(Code::ConflictingKeys, span, message).help(advice);
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
        resolver.required(&spec.through, spec.span, "through", "add `through = \"NAME\"`"),
        resolver.share_or(&spec.share, 1.0),
    );
    let through = through.and_then(|name| symbols.throughput(name, resolver));
    let bytes = bytes(spec, per, expansion, symbols.estate, resolver);
    Some(Transfer { bytes: bytes?, through: through?, share })
}

pub(crate) fn bytes(
    spec: &Located<TransferSpec>,
    per: Per,
    expansion: &Expansion,
    estate: &Estate,
    resolver: &mut Resolver<'_>,
) -> Option<TransferBytes> {
    let written = resolver.required(
        &spec.bytes,
        spec.span,
        "bytes",
        "add `bytes = \"site\"`, or \"shard\"",
    )?;
    let name = |it: &Service| format!("`{}`", it.name);
    let (bytes, nothing): (_, Vec<String>) = match (written.value, expansion) {
        (TransferBytes::Site, _) if per == Per::Shard => {
            resolver
                .error(Code::ConflictingKeys, written.span, "a load moves its shard, not a site")
                .help("write `bytes = \"shard\"`");
            return None;
        }
        (TransferBytes::Site, _) if per == Per::Once => {
            resolver
                .error(Code::ConflictingKeys, written.span, "a `once` step has no site to move")
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
            if !resolver.parsed.cut_any(&["for_each"]) {
                resolver.error(Code::MissingKey, written.span, "a shard of which service?").help(
                    "add `for_each = { service = \"...\" }` or `{ service_class = \"primary\" }`",
                );
            }
            return None;
        }
    };
    let of_estate = ["bytes", "bytes_per_shard", "class", "sites", "services", "estate"];
    if !nothing.is_empty() && !resolver.parsed.cut_any(&of_estate) {
        let key = match bytes {
            TransferBytes::Site => "`bytes` to `[estate.sites]`",
            TransferBytes::Shard => "`bytes_per_shard` to the service",
        };
        let message = format!("the transfer has nothing to move of {}", nothing.join(", "));
        resolver
            .no_effect(written.span, message)
            .help(format!("add {key}; a transfer of 0 B takes no time"));
    }
    Some(bytes)
}
