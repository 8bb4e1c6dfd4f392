//! `[estate]`: services and products, and what a site loses with them; `population` draws the sites,
//! or `sites_csv` reads them.

use crate::diagnostics::Code;
use crate::ids::{Id, IdVec, ProductId, RegionId, ServiceId, SiteId, TierId};
use crate::rng::{Purpose, StreamKey, Streams};
use crate::spec::{EstateSpec, Located, ProductSpec, ServiceClass, ServiceSpec, SitesSpec};
use crate::units::Bytes;

use super::backup::{self, Protection};
use super::lost::{Lost, MOST_SERVICES, Target};
use super::population::{self, Population};
use super::quantity::{Desk, choice};
use super::resample::Redraw;
use super::sites_csv::{self, SitesText};
use super::symbols;

/// All that can be lost.
#[derive(Clone, Debug, Default)]
pub struct Estate {
    /// Components, each with its own data store.
    pub services: IdVec<ServiceId, Service>,
    /// What sites have licensed.
    pub products: IdVec<ProductId, Product>,
    /// The names of the regions.
    pub regions: IdVec<RegionId, String>,
    /// The names of the tiers, the most important first.
    pub tiers: IdVec<TierId, String>,
    /// The sites.
    pub sites: IdVec<SiteId, Site>,
    /// How many customers own the sites.
    pub customers: u32,
    /// The names of the first of them, where a table of sites gives some.
    pub customer_names: Vec<String>,
    /// What the sites are drawn from, where every replication has its own.
    pub(super) redraw: Option<Redraw>,
}

impl Estate {
    /// A number for each site from the stream of a purpose and a name.
    pub(super) fn words(&self, purpose: Purpose, name: &str, streams: &Streams) -> Vec<u64> {
        words(&self.sites, purpose, name, streams)
    }

    /// Whether a site has data of a service: without any product, every site has all.
    #[must_use]
    pub fn has_service(&self, site: &Site, service: ServiceId) -> bool {
        self.products.is_empty()
            || self
                .products
                .enumerate()
                .any(|(id, product)| site.has(id) && product.services.contains(&service))
    }

    /// Whether a site has data of a service, and it lies on one of these shards.
    pub(super) fn lies_on(&self, site: SiteId, service: ServiceId, shards: &[u32]) -> bool {
        self.has_service(&self.sites[site], service)
            && shards.contains(&self.services[service].shard_of[site])
    }
}

/// A component with its own data store.
#[derive(Clone, Debug)]
pub struct Service {
    /// The name in the scenario.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// What the store is to a recovery.
    pub class: ServiceClass,
    /// Containers, each holding the data of many sites.
    pub shards: u32,
    /// Data in one shard, where the scenario says it.
    pub bytes_per_shard: Option<Bytes>,
    /// How the store is backed up, in order of preference; empty where it is not, and `None` where
    /// the scenario does not say, because nothing asks.
    pub backup: Option<Vec<Protection>>,
    /// Synchronous standbys; they copy a deletion too.
    pub replicas: u32,
    /// The shard on which each site's data lies.
    pub shard_of: IdVec<SiteId, u32>,
}

impl Service {
    /// What a transfer of a shard moves: nothing where nobody says how much there is.
    #[must_use]
    pub fn moved(&self) -> Bytes {
        self.bytes_per_shard.unwrap_or_default()
    }

    /// How the store is backed up, in order of preference.
    #[must_use]
    pub fn protections(&self) -> &[Protection] {
        self.backup.as_deref().unwrap_or_default()
    }
}

/// What sites have licensed.
#[derive(Clone, Debug)]
pub struct Product {
    /// The name in the scenario.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// The services that hold the data of a site that has this product.
    pub services: Vec<ServiceId>,
}

/// The container of one customer's products.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// As the table of sites calls it, or `site-0001` and so on.
    pub name: String,
    /// Where its draws stand in every stream of one number a site: its number from 0, or the hash
    /// of its name where a table gives names, so that no row of the table moves those of another.
    pub draw: u64,
    /// The number of its customer, from 0.
    pub customer: u32,
    /// People who use it; none when it is not in use.
    pub users: u32,
    /// Its data.
    pub bytes: Bytes,
    /// What it has licensed, one bit a product.
    pub products: u64,
    /// Where it lives.
    pub region: RegionId,
    /// Which objective holds for it.
    pub tier: TierId,
    /// Whether anybody uses it.
    pub active: bool,
    /// Whether the operator itself owns it.
    pub operator_owned: bool,
}

impl Site {
    /// Whether the site has this product.
    #[must_use]
    pub fn has(&self, product: ProductId) -> bool {
        // More products than bits are a fault that has been reported.
        product.index() < MOST_PRODUCTS && self.products >> product.index() & 1 == 1
    }
}

impl Target {
    /// Whether a site has what this takes.
    #[must_use]
    pub fn hits(&self, estate: &Estate, site: SiteId) -> bool {
        match self {
            Self::Site => true,
            Self::Product(id) => estate.sites[site].has(*id),
            Self::Service(id) => estate.has_service(&estate.sites[site], *id),
            Self::Shards(id, shards) => estate.lies_on(site, *id, shards),
        }
    }

    /// What a site that has it loses by this.
    #[must_use]
    pub fn takes(&self, estate: &Estate, site: SiteId) -> Lost {
        let own = estate.sites[site].products;
        match self {
            Self::Site => Lost::Whole,
            Self::Product(id) => estate.parts(own, 1 << id.index(), 0),
            Self::Service(id) | Self::Shards(id, _) => estate.parts(own, 0, 1 << id.index()),
        }
    }
}

impl Estate {
    /// What a site with these products has lost when these of them and these services are gone.
    fn parts(&self, own: u64, products: u64, services: u128) -> Lost {
        let uses = |product: u64, service: ServiceId| {
            let users = self.products.enumerate().take(MOST_PRODUCTS);
            let mut users = users.filter(|(id, _)| product >> id.index() & 1 == 1);
            users.any(|(_, it)| it.services.contains(&service))
        };
        let goes = |it: &ServiceId| uses(own & products, *it) && !uses(own & !products, *it);
        let gone = self.services.ids().take(MOST_SERVICES).filter(goes);
        let services = gone.fold(services, |bits, it| bits | 1 << it.index());
        Lost::Parts { products, services }
    }

    /// What a site with these products has lost when it has lost both.
    #[must_use]
    pub fn lost_together(&self, own: u64, one: Lost, other: Lost) -> Lost {
        match (one, other) {
            (Lost::Whole, _) | (_, Lost::Whole) => Lost::Whole,
            (
                Lost::Parts { products, services },
                Lost::Parts { products: others, services: other_services },
            ) => self.parts(own, products | others, services | other_services),
        }
    }

    /// The parts that are lost: products, and services that are not gone with one of them. None of
    /// a whole site.
    pub(super) fn parts_of(&self, lost: Lost) -> (Vec<ProductId>, Vec<ServiceId>) {
        let Lost::Parts { products, .. } = lost else { return (Vec::new(), Vec::new()) };
        let gone = self.products.ids().take(MOST_PRODUCTS);
        let gone: Vec<ProductId> = gone.filter(|id| products >> id.index() & 1 == 1).collect();
        let with_product = |it: ServiceId| {
            gone.iter().any(|product| self.products[*product].services.contains(&it))
        };
        let services = self
            .services
            .ids()
            .take(MOST_SERVICES)
            .filter(|id| lost.has(*id) && !with_product(*id));
        let services = services.collect();
        (gone, services)
    }

    /// The names of the parts that are lost: products, and services that are not gone with one of
    /// them. None of a whole site.
    #[must_use]
    pub fn lost_parts(&self, lost: Lost) -> Vec<&str> {
        let (products, services) = self.parts_of(lost);
        let products = products.into_iter().map(|it| self.products[it].name.as_str());
        products.chain(services.into_iter().map(|it| self.services[it].name.as_str())).collect()
    }

    /// Whether a site with this product has lost something of it.
    #[must_use]
    pub fn loses_of(&self, product: ProductId, lost: Lost) -> bool {
        let Lost::Parts { products, .. } = lost else { return true };
        let mut own = self.products[product].services.iter();
        products >> product.index() & 1 == 1 || own.any(|it| lost.has(*it))
    }

    /// All that can come of what a site with these products may lose, in whatever order; what all
    /// of it comes to stands last.
    pub(super) fn ways_to_lose(&self, own: u64, hits: &[Lost]) -> Vec<Lost> {
        let mut ways: Vec<Lost> = Vec::new();
        for hit in hits {
            let more: Vec<Lost> =
                ways.iter().map(|it| self.lost_together(own, *it, *hit)).collect();
            ways.extend(more);
            ways.push(*hit);
            ways.sort_unstable();
            ways.dedup();
        }
        let all = ways.iter().position(|it| ways.iter().all(|other| it.covers(*other)));
        let all = ways.remove(all.expect("what comes of everything is among them"));
        ways.push(all);
        ways
    }
}

/// A number for each of these sites from the stream of a purpose and a name.
pub(super) fn words(
    sites: &IdVec<SiteId, Site>,
    purpose: Purpose,
    name: &str,
    streams: &Streams,
) -> Vec<u64> {
    let places: Vec<u64> = sites.iter().map(|it| it.draw).collect();
    streams.words(StreamKey::new(purpose, &[name]), 0).all(&places)
}

/// What a population is read from.
#[derive(Clone, Copy)]
pub(super) struct Written<'a> {
    pub sites: &'a Located<SitesSpec>,
    pub services: &'a IdVec<ServiceId, Service>,
    pub products: &'a IdVec<ProductId, Product>,
}

/// More products than bits in a word would need another representation of a site.
pub(super) const MOST_PRODUCTS: usize = 64;
pub(super) const MOST_SITES: u32 = 1_000_000;

/// Reads the estate; `table` is the table of its sites, if it has one.
pub(super) fn resolve(
    spec: &EstateSpec,
    table: Option<&SitesText<'_>>,
    seed: u64,
    desk: &mut Desk<'_>,
) -> Estate {
    let mut services: IdVec<ServiceId, Service> =
        spec.services.iter().map(|(name, it)| service(name, it, desk)).collect();
    backup::check_causes(spec.services.iter().filter_map(|(_, it)| it.backup.as_ref()), desk);
    let products: IdVec<ProductId, Product> =
        spec.products.iter().map(|(name, it)| product(name, it, &services, desk)).collect();
    if let Some((name, _)) = spec.products.entries.get(MOST_PRODUCTS) {
        desk.error(Code::OutOfRange, name.span, "an estate has at most 64 products");
    }
    let written = Written { sites: &spec.sites, services: &services, products: &products };
    let streams = Streams::new(seed, 0);
    let exponent = population::exponent(&spec.sites, desk);
    let resample = spec.sites.resample.as_ref().is_some_and(|it| it.value);
    let mut redraw = None;
    let drawn = match table {
        Some(table) => sites_csv::read(&written, table, desk).placed(&services, exponent, &streams),
        None => {
            let population = Population::read(&written, exponent, desk);
            let drawn = population.draw(&streams, &services, &products);
            // Behind a fault it may be another population than was meant.
            if desk.diagnostics.errors() == 0 {
                population::check_products(&spec.sites, &drawn.sites, desk);
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

fn service(name: &Located<String>, spec: &Located<ServiceSpec>, desk: &mut Desk<'_>) -> Service {
    let bytes = spec.bytes_per_shard.as_ref().and_then(|it| desk.bytes(it));
    Service {
        name: name.value.clone(),
        title: spec.title.as_ref().unwrap_or(name).value.clone(),
        class: choice(&spec.class),
        shards: desk.whole_or(&spec.shards, 1, 1..=1_000_000, "number of shards"),
        bytes_per_shard: bytes,
        backup: spec.backup.as_ref().map(|it| backup::resolve(it, desk)),
        replicas: desk.whole_or(&spec.replicas, 0, 0..=100, "number of replicas"),
        shard_of: IdVec::new(),
    }
}

fn product(
    name: &Located<String>,
    spec: &Located<ProductSpec>,
    services: &IdVec<ServiceId, Service>,
    desk: &mut Desk<'_>,
) -> Product {
    Product {
        name: name.value.clone(),
        title: spec.title.as_ref().unwrap_or(name).value.clone(),
        services: spec
            .services
            .iter()
            .filter_map(|it| symbols::service(it, services, desk))
            .collect(),
    }
}
