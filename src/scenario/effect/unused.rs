//! Names that are given to things which nobody uses.

use crate::ids::{IdVec, ProductId, ServiceId};
use crate::scenario::effect::whole::{Needed, Whole};
use crate::scenario::estate::Estate;
use crate::scenario::inject::InjectKind;
use crate::scenario::lost::Target;
use crate::scenario::read::resolver::Resolver;
use crate::spec::{Located, Named, When};

pub(crate) fn check(whole: &Whole<'_>, resolver: &mut Resolver<'_>) {
    runbooks(whole, resolver);
    pools(whole, resolver);
    services(whole, resolver);
    products(whole, resolver);
}

/// The names of a table, each with its id.
fn named<'a, S, I: crate::ids::Id, T>(
    written: &'a Named<S>,
    meant: &'a IdVec<I, T>,
) -> impl Iterator<Item = (&'a Located<String>, I)> {
    written.iter().map(|it| &it.0).zip(meant.ids())
}

fn runbooks(whole: &Whole<'_>, resolver: &mut Resolver<'_>) {
    for (name, id) in named(&whole.spec.runbooks, &whole.scenario.runbooks) {
        if !whole.is_followed(id) {
            resolver
                .no_effect(name.span, format!("no track follows runbook `{}`", name.value))
                .help("add a track that follows it, or take it out");
        }
    }
}

/// Teams, limits and throughputs.
fn pools(whole: &Whole<'_>, resolver: &mut Resolver<'_>) {
    let (spec, scenario) = (whole.spec, whole.scenario);
    let needed = Needed::by(whole.steps());
    for (name, id) in named(&spec.teams, &scenario.teams) {
        if !needed.teams.contains(&id) {
            resolver
                .no_effect(name.span, format!("no step that is done needs team `{}`", name.value))
                .help("name it in a step, or take it out");
        }
    }
    for (name, id) in named(&spec.limits, &scenario.limits) {
        if !needed.limits.contains(&id) {
            resolver
                .no_effect(name.span, format!("no step that is done needs limit `{}`", name.value))
                .help("name it in `uses` or `holds` of a step, or take it out");
        }
    }
    for (name, id) in named(&spec.throughput, &scenario.throughputs) {
        if !needed.throughputs.contains(&id) {
            let message = format!("no step that is done moves anything through `{}`", name.value);
            resolver
                .no_effect(name.span, message)
                .help("name it in `transfer` of a step, or take it out");
        }
    }
}

fn services(whole: &Whole<'_>, resolver: &mut Resolver<'_>) {
    for (name, id) in named(&whole.spec.estate.services, &whole.scenario.estate.services) {
        if !is_done_for(whole, id) && !is_named(whole, id) && !decides_on_steps(whole, id) {
            let message =
                format!("no step is done for service `{}`, and nothing names it", name.value);
            resolver
                .no_effect(name.span, message)
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

/// Whether sites go by a service or its shards, or it is lost or out.
fn is_named(whole: &Whole<'_>, service: ServiceId) -> bool {
    let mut injects = whole.scenario.injects.iter();
    whole.goes_by_shards_of(service)
        || whole.aims().any(|it| it.target == Target::Service(service))
        || injects.any(|it| matches!(it.what, InjectKind::Outage(id) if id == service))
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

fn products(whole: &Whole<'_>, resolver: &mut Resolver<'_>) {
    let estate = &whole.scenario.estate;
    for (name, id) in named(&whole.spec.estate.products, &estate.products) {
        let is_had = |estate: &Estate| estate.sites.iter().any(|it| it.has(id));
        if !is_had(estate) && !estate.more_draws().any(|it| is_had(&it)) && !is_likely(whole, id) {
            resolver
                .no_effect(name.span, format!("no site has product `{}`", name.value))
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
