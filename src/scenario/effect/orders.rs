//! What is said of batches that nothing goes by: where as many are at work as there are, all sites are
//! taken at once, and only what is done for a batch as a whole knows which sites are in it.

use crate::diagnostics::Span;
use crate::scenario::Scenario;
use crate::scenario::effect::whole::{Whole, idle, steps_of};
use crate::scenario::read::resolver::Resolver;
use crate::scenario::strategy::{Strategy, Track};
use crate::spec::{BatchSpec, GroupBySpec, Per, SiteOrder};

pub(crate) fn check(whole: &Whole<'_>, resolver: &mut Resolver<'_>) {
    let of_orders = batches(whole).flat_map(|(spec, strategy, track)| {
        let keys = [
            spec.order.as_ref().filter(|it| it.value != SiteOrder::List).map(|it| it.span),
            spec.group_by.as_ref().filter(|it| it.value != GroupBySpec::None).map(|it| it.span),
        ];
        let matters = order_matters(whole.scenario, strategy, track);
        keys.into_iter().flatten().map(move |it| (it, matters))
    });
    for span in idle(of_orders) {
        resolver
            .no_effect(span, "the track takes all its sites at once, in whatever order")
            .help("say how many batches are at work at once with `in_flight`, or leave it out")
            .help("who is served first is the strategy's `priority`");
    }
    noise(whole, resolver);
    sizes(whole, resolver);
    slots(whole, resolver);
}

/// The batches as written, each with its track and its strategy.
fn batches<'a>(
    whole: &Whole<'a>,
) -> impl Iterator<Item = (&'a BatchSpec, &'a Strategy, &'a Track)> + use<'a> {
    whole.each().flat_map(|(spec, strategy)| {
        let tracks = spec.tracks.iter().zip(strategy.tracks.iter());
        tracks.filter_map(move |(spec, it)| Some((&spec.batch.as_ref()?.value, strategy, it)))
    })
}

/// Whether it matters which sites come first, or together.
fn order_matters(scenario: &Scenario, strategy: &Strategy, track: &Track) -> bool {
    let runbook = &scenario.runbooks[track.runbook];
    let of_batch = runbook.steps.iter().any(|it| it.per == Per::Batch);
    track.batch.in_flight.is_some()
        || of_batch
        || (track.batch.size.peak() > 1 && batches_cost(scenario, strategy))
}

/// Whether work takes longer the more batches are in flight.
fn batches_cost(scenario: &Scenario, strategy: &Strategy) -> bool {
    let mut teams = steps_of(strategy, scenario).flat_map(|it| it.team_demands());
    teams.any(|it| scenario.teams[it.0].coordination.per_batch > 0.0)
}

/// Only an order by size is kept more or less roughly.
fn noise(whole: &Whole<'_>, resolver: &mut Resolver<'_>) {
    let asked = batches(whole).filter_map(|(spec, strategy, track)| {
        let it = spec.noise.as_ref().filter(|it| it.value > 0.0)?;
        let by_size =
            !matches!(track.batch.order, SiteOrder::List | SiteOrder::Deleted | SiteOrder::Random);
        Some((it.span, by_size && order_matters(whole.scenario, strategy, track)))
    });
    for span in idle(asked) {
        resolver
            .no_effect(span, "there is no order by size that this would disturb")
            .help("write `order = \"users_descending\"` and `in_flight`, or leave it out");
    }
}

fn sizes(whole: &Whole<'_>, resolver: &mut Resolver<'_>) {
    let asked = batches(whole).filter_map(|(spec, strategy, track)| {
        let size = spec.size.as_ref().filter(|_| track.batch.size.points.len() == 1)?;
        let scenario = whole.scenario;
        let of_batch = steps_of(strategy, scenario).any(|it| it.per == Per::Batch);
        let matters = track.batch.size.peak() == 1
            || track.batch.in_flight.is_some()
            || of_batch
            || batches_cost(scenario, strategy);
        Some((size.span, matters))
    });
    for span in idle(asked) {
        resolver
            .no_effect(span, "nothing is done for a batch, and all are at work at once")
            .help("say how many batches are at work at once with `in_flight`, or leave it out");
    }
}

/// A step that frees a slot does so only where slots are counted.
fn slots(whole: &Whole<'_>, resolver: &mut Resolver<'_>) {
    let scenario = whole.scenario;
    for ((_, spec), (id, _)) in whole.spec.runbooks.iter().zip(scenario.runbooks.enumerate()) {
        let counts = |strategy: &Strategy| {
            let mut tracks = strategy.tracks.iter().filter(|it| it.runbook == id);
            let any = tracks.clone().next().is_some();
            tracks.any(|it| it.batch.in_flight.is_some())
                || (any && batches_cost(scenario, strategy))
        };
        if !whole.is_followed(id) || scenario.strategies.iter().any(counts) {
            continue;
        }
        let marked = spec.steps.iter().filter_map(|it| it.frees_slot.as_ref());
        let places: Vec<Span> = marked.filter(|it| it.value).map(|it| it.span).collect();
        for span in places {
            resolver
                .no_effect(span, "no track that follows this runbook counts its batches")
                .help("write `in_flight` at a track's `batch`, or leave it out");
        }
    }
}
