//! `[estate]`: services and products; `population` says what the sites are drawn from, or `sites_csv`
//! reads them.

use crate::diagnostics::Code;
use crate::ids::{IdVec, ProductId, ServiceId};
use crate::rng::Streams;
use crate::scenario::backup;
use crate::scenario::estate::Estate;
use crate::scenario::population::Population;
use crate::scenario::read::population::{self, Written};
use crate::scenario::read::resolver::{Resolver, choice};
use crate::scenario::read::sites_csv::{self, SitesText};
use crate::scenario::read::symbols;
use crate::scenario::redraw::Redraw;
use crate::scenario::site::{MOST_PRODUCTS, Product, Service};
use crate::spec::{EstateSpec, Located, ProductSpec, ServiceSpec};

/// Reads the estate; `table` is the table of its sites, if it has one.
pub(crate) fn resolve(
    spec: &EstateSpec,
    table: Option<&SitesText<'_>>,
    seed: u64,
    resolver: &mut Resolver<'_>,
) -> Estate {
    let mut services: IdVec<ServiceId, Service> =
        spec.services.iter().map(|(name, it)| service(name, it, resolver)).collect();
    refuse_shards(spec, &mut services, resolver);
    backup::check_causes(spec.services.iter().filter_map(|(_, it)| it.backup.as_ref()), resolver);
    let products: IdVec<ProductId, Product> =
        spec.products.iter().map(|(name, it)| product(name, it, &services, resolver)).collect();
    if let Some((name, _)) = spec.products.entries.get(MOST_PRODUCTS) {
        resolver.error(Code::OutOfRange, name.span, "an estate has at most 64 products");
    }
    let written = Written { sites: &spec.sites, services: &services, products: &products };
    let streams = Streams::new(seed, 0);
    let exponent = population::exponent(&spec.sites, resolver);
    let resample = spec.sites.resample.as_ref().is_some_and(|it| it.value);
    let mut redraw = None;
    let drawn = match table {
        Some(table) => {
            sites_csv::read(&written, table, resolver).placed(&services, exponent, &streams)
        }
        None => {
            let population = Population::read(&written, exponent, resolver);
            let drawn = population.draw(&streams, &services, &products);
            // Behind a fault it may be another population than was meant.
            if resolver.diagnostics.errors() == 0 {
                population::check_products(&spec.sites, &drawn.sites, resolver);
            }
            redraw = resample.then_some(Redraw { population, seed });
            drawn
        }
    };
    for (service, shard_of) in services.as_mut_slice().iter_mut().zip(drawn.shard_of) {
        service.shard_of = shard_of;
    }
    Estate {
        services,
        regions: drawn.regions.into(),
        tiers: drawn.tiers.into(),
        products,
        sites: drawn.sites,
        customers: drawn.customers,
        customer_names: drawn.customer_names,
        redraw,
    }
}

/// Shards of all services together.
const MOST_SHARDS: u64 = 5_000_000;

/// Refuses more shards of all services together than sites can be placed on in a moment.
fn refuse_shards(
    spec: &EstateSpec,
    services: &mut IdVec<ServiceId, Service>,
    resolver: &mut Resolver<'_>,
) {
    let all: u64 = services.iter().map(|it| u64::from(it.shards)).sum();
    let Some((name, _)) = spec.services.entries.first().filter(|_| all > MOST_SHARDS) else {
        return;
    };
    let message = format!("the services have {all} shards together; {MOST_SHARDS} is the most");
    resolver.error(Code::TooMany, name.span, message).help("give services fewer shards");
    services.as_mut_slice().iter_mut().for_each(|it| it.shards = 1);
}

fn service(
    name: &Located<String>,
    spec: &Located<ServiceSpec>,
    resolver: &mut Resolver<'_>,
) -> Service {
    let bytes = spec.bytes_per_shard.as_ref().and_then(|it| resolver.bytes(it));
    Service {
        name: name.value.clone(),
        title: spec.title.as_ref().unwrap_or(name).value.clone(),
        class: choice(&spec.class),
        shards: resolver.whole_or(&spec.shards, 1, 1..=1_000_000, "number of shards"),
        bytes_per_shard: bytes,
        backup: spec.backup.as_ref().map(|it| backup::resolve(it, resolver)),
        replicas: resolver.whole_or(&spec.replicas, 0, 0..=100, "number of replicas"),
        shard_of: IdVec::new(),
    }
}

fn product(
    name: &Located<String>,
    spec: &Located<ProductSpec>,
    services: &IdVec<ServiceId, Service>,
    resolver: &mut Resolver<'_>,
) -> Product {
    Product {
        name: name.value.clone(),
        title: spec.title.as_ref().unwrap_or(name).value.clone(),
        services: spec
            .services
            .iter()
            .filter_map(|it| symbols::service(it, services, resolver))
            .collect(),
    }
}
