//! What a strategy says of things that none of its steps needs, and of closing where it never closes.

use std::collections::BTreeSet;

use crate::diagnostics::Span;
use crate::ids::{Id, IdVec};
use crate::scenario::effect::whole::{Needed, Whole, idle, steps_of};
use crate::scenario::read::resolver::Resolver;
use crate::spec::{Named, StrategySpec};

pub(crate) fn check(whole: &Whole<'_>, resolver: &mut Resolver<'_>) {
    let scenario = whole.scenario;
    let teams =
        |needed: &Needed, name: &str| has(&needed.teams, &scenario.teams, |it| it.name == name);
    let limits =
        |needed: &Needed, name: &str| has(&needed.limits, &scenario.limits, |it| it.name == name);
    let throughputs = |needed: &Needed, name: &str| {
        has(&needed.throughputs, &scenario.throughputs, |it| it.name == name)
    };
    let people = unneeded(whole, |it| &it.teams, teams);
    let ends = unneeded(whole, |it| &it.at_shift_end, teams);
    for span in people.into_iter().chain(ends) {
        resolver.no_effect(span, "no step of this strategy needs the team").help("take it out");
    }
    for span in unneeded(whole, |it| &it.limits, limits) {
        resolver.no_effect(span, "no step of this strategy needs the limit").help("take it out");
    }
    for span in unneeded(whole, |it| &it.throughput, throughputs) {
        resolver
            .no_effect(span, "no step of this strategy moves anything through it")
            .help("take it out");
    }
    closings(whole, resolver);
}

/// Whether one of those that are needed is the one that is meant.
fn has<I: Id, T>(needed: &BTreeSet<I>, table: &IdVec<I, T>, is_meant: impl Fn(&T) -> bool) -> bool {
    needed.iter().any(|it| is_meant(&table[*it]))
}

/// The names that strategies give of a table and that none of their steps needs.
fn unneeded<'a, S: 'a>(
    whole: &Whole<'a>,
    written: impl Fn(&'a StrategySpec) -> &'a Named<S>,
    needs: impl Fn(&Needed, &str) -> bool,
) -> Vec<Span> {
    let asked = whole.each().flat_map(|(spec, strategy)| {
        let needed = Needed::by(steps_of(strategy, whole.scenario));
        let names = written(spec).iter().map(|it| (it.0.span, needs(&needed, &it.0.value)));
        names.collect::<Vec<(Span, bool)>>()
    });
    idle(asked)
}

fn closings(whole: &Whole<'_>, resolver: &mut Resolver<'_>) {
    let tracks = whole.each().flat_map(|it| &it.0.tracks);
    for spec in tracks.filter(|it| it.closes.is_none()) {
        if let Some(it) = &spec.on_close {
            resolver
                .no_effect(it.span, "the track never closes")
                .help("say when with `closes`, or take it out");
        }
    }
}
