//! Names that are given to things which nobody uses.

use crate::ids::{IdVec, ProductId, ServiceId};
use crate::scenario::estate::Estate;
use crate::scenario::incident::Aim;
use crate::scenario::inject::InjectKind;
use crate::scenario::lost::Target;
use crate::scenario::quantity::Desk;
use crate::scenario::selector::Selector;
use crate::scenario::strategy::GroupBy;
use crate::spec::{Located, Named, When};

use super::whole::Whole;

pub(super) fn check(whole: &Whole<'_>, desk: &mut Desk<'_>) {
    runbooks(whole, desk);
    teams(whole, desk);
    limits(whole, desk);
    throughputs(whole, desk);
    services(whole, desk);
    products(whole, desk);
}

/// The names of a table, each with its id.
fn named<'a, S, I: crate::ids::Id, T>(
    written: &'a Named<S>,
    meant: &'a IdVec<I, T>,
) -> impl Iterator<Item = (&'a Located<String>, I)> {
    written.iter().map(|it| &it.0).zip(meant.ids())
}

fn runbooks(whole: &Whole<'_>, desk: &mut Desk<'_>) {
    for (name, id) in named(&whole.spec.runbooks, &whole.scenario.runbooks) {
        if !whole.is_followed(id) {
            desk.no_effect(name.span, format!("no track follows runbook `{}`", name.value))
                .help("add a track that follows it, or take it out");
        }
    }
}

fn teams(whole: &Whole<'_>, desk: &mut Desk<'_>) {
    for (name, id) in named(&whole.spec.teams, &whole.scenario.teams) {
        if !whole.steps().any(|it| it.team_demands().iter().any(|it| it.0 == id)) {
            desk.no_effect(name.span, format!("no step that is done needs team `{}`", name.value))
                .help("name it in a step, or take it out");
        }
    }
}

fn limits(whole: &Whole<'_>, desk: &mut Desk<'_>) {
    for (name, id) in named(&whole.spec.limits, &whole.scenario.limits) {
        if !whole.steps().any(|it| it.limits.iter().chain(&it.holds).any(|it| it.0 == id)) {
            desk.no_effect(name.span, format!("no step that is done needs limit `{}`", name.value))
                .help("name it in `uses` or `holds` of a step, or take it out");
        }
    }
}

fn throughputs(whole: &Whole<'_>, desk: &mut Desk<'_>) {
    for (name, id) in named(&whole.spec.throughput, &whole.scenario.throughputs) {
        if !whole.steps().any(|it| it.transfer.is_some_and(|it| it.through == id)) {
            let message = format!("no step that is done moves anything through `{}`", name.value);
            desk.no_effect(name.span, message)
                .help("name it in `transfer` of a step, or take it out");
        }
    }
}

fn services(whole: &Whole<'_>, desk: &mut Desk<'_>) {
    for (name, id) in named(&whole.spec.estate.services, &whole.scenario.estate.services) {
        if !is_done_for(whole, id) && !is_named(whole, id) && !decides_on_steps(whole, id) {
            let message =
                format!("no step is done for service `{}`, and nothing names it", name.value);
            desk.no_effect(name.span, message)
                .help("do a step for it with `for_each`, or take it out");
        }
    }
}

/// Whether a step is done for a service, of which some site has data.
fn is_done_for(whole: &Whole<'_>, service: ServiceId) -> bool {
    let products = &whole.scenario.estate.products;
    let is_had = products.is_empty() || products.iter().any(|it| it.services.contains(&service));
    is_had && whole.steps_for(service).next().is_some()
}

/// Whether sites are selected or grouped, or something is lost, kept or out, by a service.
fn is_named(whole: &Whole<'_>, service: ServiceId) -> bool {
    let scenario = whole.scenario;
    let selects = |it: &Selector| it.shards.as_ref().is_some_and(|it| it.0 == service);
    let takes = |it: &Aim| {
        let target =
            matches!(&it.target, Target::Service(id) | Target::Shards(id, _) if *id == service);
        target || selects(&it.which)
    };
    let injected = |it: &InjectKind| match it {
        InjectKind::Deletion(_, aim) => takes(aim),
        InjectKind::Outage(id) => *id == service,
        _ => false,
    };
    let tracks = || scenario.strategies.iter().flat_map(|it| it.tracks.iter());
    scenario.incident.runs.iter().any(|it| takes(&it.aim))
        || scenario.injects.iter().any(|it| injected(&it.what))
        || tracks().any(|it| selects(&it.takes) || it.batch.group_by == GroupBy::Shard(service))
        || scenario.budgets.iter().any(|it| selects(&it.sites.which))
}

/// Whether it depends on a service if a step is left out: some services keep what is deleted, and the
/// steps of a site or a product go by all the services that it has.
fn decides_on_steps(whole: &Whole<'_>, service: ServiceId) -> bool {
    let scenario = whole.scenario;
    let own = scenario.strategies.iter().map(|it| &it.guardrails.soft_delete);
    let mut kept = own.chain([&scenario.incident.soft_delete]).flatten();
    let products = &scenario.estate.products;
    kept.any(|it| it.services.is_some())
        && whole.steps().any(|it| it.when != When::Always)
        && (products.is_empty() || products.iter().any(|it| it.services.contains(&service)))
}

fn products(whole: &Whole<'_>, desk: &mut Desk<'_>) {
    let estate = &whole.scenario.estate;
    for (name, id) in named(&whole.spec.estate.products, &estate.products) {
        let is_had = |it: &Estate| it.sites.iter().any(|it| it.has(id));
        if !is_had(estate) && !estate.more_draws().any(|it| is_had(&it)) && !is_likely(whole, id) {
            desk.no_effect(name.span, format!("no site has product `{}`", name.value))
                .help("give it a share in `estate.sites.products`, or take it out");
        }
    }
}

/// Whether some draw of the estate may have a site with a product.
fn is_likely(whole: &Whole<'_>, product: ProductId) -> bool {
    let estate = &whole.scenario.estate;
    let mix = &whole.spec.estate.sites.products;
    estate.is_redrawn() && mix.iter().any(|it| it.0.value == estate.products[product].name)
}
