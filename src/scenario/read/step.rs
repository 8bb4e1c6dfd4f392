//! Who reads a step, and what its parts have in common.

use std::collections::BTreeMap;

use crate::diagnostics::Code;
use crate::ids::{Id, IdVec, LimitId, StepId};
use crate::scenario::read::resolver::Resolver;
use crate::scenario::read::symbols::Symbols;
use crate::scenario::runbook::{Expansion, Step};
use crate::spec::{Located, Named, RunbookSpec};

pub(crate) struct StepReader<'a> {
    pub(crate) spec: &'a Located<RunbookSpec>,
    pub(crate) names: Vec<String>,
    /// The first step of each name.
    pub(crate) places: BTreeMap<String, StepId>,
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
        let place = self.places.get(&name.value).copied();
        if place.is_none() {
            resolver
                .error(
                    Code::UnknownStep,
                    name.span,
                    format!("there is no step `{}` in this runbook", name.value),
                )
                .help_choose(&name.value, self.names.iter().map(String::as_str));
        }
        place
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

/// For each of these pairs whether [`is_before`] says so. `order` lists the steps, each behind those
/// that it waits for. 64 pairs are looked at together, and of them only what lies between the first
/// start and the last end, so that many long ways cost little more than one.
pub(crate) fn are_before(
    steps: &IdVec<StepId, Step>,
    order: &[StepId],
    pairs: &[(StepId, StepId)],
    counts: impl Fn(&Step) -> bool,
) -> Vec<bool> {
    let mut place = vec![0; steps.len()];
    order.iter().enumerate().for_each(|(at, step)| place[step.index()] = at);
    let mut by_end: Vec<usize> = (0..pairs.len()).collect();
    by_end.sort_by_key(|it| place[pairs[*it].1.index()]);
    let mut are_before = vec![false; pairs.len()];
    let (mut begins, mut reached) = (vec![0u64; steps.len()], vec![0u64; steps.len()]);
    for together in by_end.chunks(64) {
        let bits = || together.iter().enumerate().map(|(bit, it)| (1u64 << bit, pairs[*it]));
        bits().for_each(|(bit, (first, _))| begins[first.index()] |= bit);
        let start = bits().map(|(_, (first, _))| place[first.index()]).min().unwrap_or_default();
        let end = bits().map(|(_, (_, second))| place[second.index()]).max().unwrap_or_default();
        let between = order.get(start..=end).unwrap_or_default();
        for step in between {
            let through = |it: &StepId| match counts(&steps[*it]) {
                true => begins[it.index()] | reached[it.index()],
                false => begins[it.index()],
            };
            let from_all = steps[*step].after.iter().map(through);
            reached[step.index()] = from_all.fold(0, |all, bits| all | bits);
        }
        for (bit, it) in together.iter().enumerate() {
            are_before[*it] = reached[pairs[*it].1.index()] >> bit & 1 == 1;
        }
        bits().for_each(|(_, (first, _))| begins[first.index()] = 0);
        between.iter().for_each(|step| reached[step.index()] = 0);
    }
    are_before
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::check;
    use crate::scenario::read::graph::order_or_circle;

    #[test]
    fn many_ways_are_found_as_each_is() {
        let mut text = String::from(
            "schema = 1\ntitle = \"ways\"\n[estate.sites]\ncount = 1\n[[incident.deletions]]\n\
             [[strategies.s.tracks]]\nrunbook = \"r\"\n",
        );
        for step in 0..40 {
            let after: Vec<String> = [2, 7]
                .iter()
                .filter(|it| **it <= step)
                .map(|it| format!("\"s{}\"", step - it))
                .collect();
            let per = if step % 11 == 5 { "batch" } else { "site" };
            text += &format!(
                "[[runbooks.r.steps]]\nid = \"s{step}\"\nduration = \"1h\"\nper = \"{per}\"\nafter = [{}]\n",
                after.join(", ")
            );
        }
        let checked = check("ways", "ways.toml", &text, &[]);
        let faults = checked.diagnostics.render(&checked.sources, false);
        let scenario = checked.scenario.unwrap_or_else(|| panic!("{faults}"));
        let runbook = scenario.runbooks.iter().next().expect("there is a runbook");
        let steps = &runbook.steps;
        let before: Vec<Vec<usize>> =
            steps.iter().map(|it| it.after.iter().map(|step| step.index()).collect()).collect();
        let order = order_or_circle(&before).expect("there is no circle");
        let order: Vec<StepId> = order.into_iter().map(StepId::new).collect();
        let pairs = steps.ids().flat_map(|one| steps.ids().map(move |other| (one, other)));
        let pairs: Vec<(StepId, StepId)> = pairs.filter(|(one, other)| one != other).collect();
        for all_count in [true, false] {
            let counts = |it: &Step| all_count || it.per == crate::spec::Per::Site;
            let each: Vec<bool> =
                pairs.iter().map(|(one, other)| is_before(steps, *one, *other, counts)).collect();
            assert_eq!(are_before(steps, &order, &pairs, counts), each);
        }
    }
}
