//! `[estate]`: services and products, and what a site loses with them; `population` draws the sites,
//! or `sites_csv` reads them.

use crate::ids::{Id, IdVec, ProductId, RegionId, ServiceId, SiteId, TierId};
use crate::rng::{Purpose, Streams};
use crate::scenario::lost::{Lost, MOST_SERVICES, Target};
use crate::scenario::redraw::Redraw;
use crate::scenario::selector::Selector;
use crate::scenario::site::{MOST_PRODUCTS, Product, Service, Site, words};

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
    pub(crate) redraw: Option<Redraw>,
}

impl Estate {
    /// A number for each site from the stream of a purpose and a name.
    pub(crate) fn words(&self, purpose: Purpose, name: &str, streams: &Streams) -> Vec<u64> {
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
    fn lies_on(&self, site: SiteId, service: ServiceId, shards: &[u32]) -> bool {
        self.has_service(&self.sites[site], service)
            && shards.contains(&self.services[service].shard_of[site])
    }
}

impl Selector {
    /// Whether a site of an estate is selected.
    #[must_use]
    pub fn matches(&self, estate: &Estate, id: SiteId) -> bool {
        let site = &estate.sites[id];
        let lies_on =
            |(service, shards): &(ServiceId, Vec<u32>)| estate.lies_on(id, *service, shards);
        (self.sites.is_empty() || self.sites.binary_search(&id).is_ok())
            && (self.customers.is_empty() || self.customers.contains(&site.customer))
            && self.fits(site)
            && self.shards.as_ref().is_none_or(lies_on)
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
    pub(crate) fn parts_of(&self, lost: Lost) -> (Vec<ProductId>, Vec<ServiceId>) {
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
    pub(crate) fn ways_to_lose(&self, own: u64, hits: &[Lost]) -> Vec<Lost> {
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
