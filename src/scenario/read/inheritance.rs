//! `based_on`: a strategy that is another one but for what it states itself.

use crate::diagnostics::Code;
use crate::scenario::read::resolver::Resolver;
use crate::spec::{Located, Named, StrategySpec};

/// Every strategy, each with what it takes over from the one that it is based on.
///
/// What a strategy states itself overrules: its tracks as a whole, and of `teams`, `limits` and
/// the like each name. Guardrails come on top of those that are taken over.
pub(crate) fn with_inheritance(
    written: &Named<StrategySpec>,
    resolver: &mut Resolver<'_>,
) -> Vec<(Located<String>, Located<StrategySpec>)> {
    let mut whole: Vec<(Located<String>, Located<StrategySpec>)> = Vec::new();
    for (name, spec) in written {
        let base = spec.based_on.as_ref().and_then(|base| {
            let found = whole.iter().find(|(it, _)| it.value == base.value);
            if found.is_none() {
                resolver
                    .error(
                        Code::UnknownStrategy,
                        base.span,
                        format!("no strategy above this one is called `{}`", base.value),
                    )
                    .help_choose(&base.value, whole.iter().map(|(it, _)| it.value.as_str()));
            }
            found
        });
        let spec = match base {
            Some((_, base)) => spec.with(inherit(&spec.value, &base.value)),
            None => spec.clone(),
        };
        whole.push((name.clone(), spec));
    }
    whole
}

fn inherit(own: &StrategySpec, base: &StrategySpec) -> StrategySpec {
    let tracks = if own.tracks.is_empty() { &base.tracks } else { &own.tracks };
    StrategySpec {
        title: own.title.clone(),
        description: own.description.clone(),
        based_on: own.based_on.clone(),
        priority: own.priority.clone().or_else(|| base.priority.clone()),
        guardrails: base.guardrails.iter().chain(&own.guardrails).cloned().collect(),
        teams: overruled(&own.teams, &base.teams),
        at_shift_end: overruled(&own.at_shift_end, &base.at_shift_end),
        limits: overruled(&own.limits, &base.limits),
        throughput: overruled(&own.throughput, &base.throughput),
        tracks: tracks.clone(),
    }
}

/// The entries of `base` that `own` does not name, and all of `own`.
fn overruled<T: Clone>(own: &Named<T>, base: &Named<T>) -> Named<T> {
    let named = |name: &str| own.iter().any(|(it, _)| it.value == name);
    let kept = base.iter().filter(|(name, _)| !named(&name.value));
    Named { entries: kept.chain(own).cloned().collect() }
}
