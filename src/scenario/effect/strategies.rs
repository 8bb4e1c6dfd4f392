//! What a strategy says of things that none of its steps needs, and of closing where it never closes.

use crate::diagnostics::Span;
use crate::ids::{Id, IdVec};
use crate::scenario::quantity::Desk;
use crate::scenario::runbook::Step;
use crate::scenario::strategy::Strategy;
use crate::spec::{Named, StrategySpec};

use super::whole::{Whole, idle, steps_of};

pub(super) fn check(whole: &Whole<'_>, desk: &mut Desk<'_>) {
    teams(whole, desk);
    limits(whole, desk);
    throughputs(whole, desk);
    closings(whole, desk);
}

/// The names that strategies give of a table and that none of their steps needs.
fn unneeded<'a, S: 'a, T>(
    whole: &Whole<'a>,
    written: impl Fn(&'a StrategySpec) -> &'a Named<S>,
    table: &IdVec<impl Id, T>,
    needs: impl Fn(&Step, usize) -> bool,
    name_of: impl Fn(&T) -> &str,
) -> Vec<Span> {
    let asked = |(spec, strategy): (&'a StrategySpec, &'a Strategy)| {
        let names: Vec<(Span, bool)> = written(spec)
            .iter()
            .filter_map(|(name, _)| {
                let place = table.iter().position(|it| name_of(it) == name.value)?;
                let mut steps = steps_of(strategy, whole.scenario);
                Some((name.span, steps.any(|it| needs(it, place))))
            })
            .collect();
        names
    };
    idle(whole.each().map(|(spec, it)| (&spec.value, it)).flat_map(asked))
}

fn teams(whole: &Whole<'_>, desk: &mut Desk<'_>) {
    let needs =
        |step: &Step, place: usize| step.team_demands().iter().any(|it| it.0.index() == place);
    let table = &whole.scenario.teams;
    let people = unneeded(whole, |it| &it.teams, table, needs, |it| &it.name);
    let ends = unneeded(whole, |it| &it.at_shift_end, table, needs, |it| &it.name);
    for span in people.into_iter().chain(ends) {
        desk.no_effect(span, "no step of this strategy needs the team").help("take it out");
    }
}

fn limits(whole: &Whole<'_>, desk: &mut Desk<'_>) {
    let needs = |step: &Step, place: usize| {
        step.limits.iter().chain(&step.holds).any(|it| it.0.index() == place)
    };
    let table = &whole.scenario.limits;
    for span in unneeded(whole, |it| &it.limits, table, needs, |it| &it.name) {
        desk.no_effect(span, "no step of this strategy needs the limit").help("take it out");
    }
}

fn throughputs(whole: &Whole<'_>, desk: &mut Desk<'_>) {
    let needs =
        |step: &Step, place: usize| step.transfer.is_some_and(|it| it.through.index() == place);
    let table = &whole.scenario.throughputs;
    for span in unneeded(whole, |it| &it.throughput, table, needs, |it| &it.name) {
        desk.no_effect(span, "no step of this strategy moves anything through it")
            .help("take it out");
    }
}

fn closings(whole: &Whole<'_>, desk: &mut Desk<'_>) {
    let tracks = whole.each().flat_map(|it| &it.0.tracks);
    for spec in tracks.filter(|it| it.closes.is_none()) {
        if let Some(it) = &spec.on_close {
            desk.no_effect(it.span, "the track never closes")
                .help("say when with `closes`, or take it out");
        }
    }
}
