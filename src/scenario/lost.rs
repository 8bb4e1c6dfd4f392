//! What of a site is lost: all of it, or some of its products and services.
//!
//! What is lost are pairs of a site and a service. A service is lost as such, or with the products
//! that use it: losing a product takes the services that no other product of the site uses, and a
//! service that several use is gone with the last of them.

use crate::diagnostics::Code;
use crate::ids::{Id, ProductId, ServiceId, SiteId};
use crate::spec::{Located, TargetSpec};

use super::estate::{Estate, MOST_PRODUCTS};
use super::quantity::Desk;
use super::selector::shard_numbers;
use super::symbols;

/// What a deletion takes of the sites that it aims at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// All of a site.
    #[default]
    Site,
    /// A product of every site that has it.
    Product(ProductId),
    /// The data in a service of every site that has some.
    Service(ServiceId),
    /// The same of sites whose data lies on these shards, by numbers from 0.
    Shards(ServiceId, Vec<u32>),
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

    /// The product or the service, whatever shards of it.
    pub(super) fn part(&self) -> (Option<ProductId>, Option<ServiceId>) {
        match self {
            Self::Site => (None, None),
            Self::Product(id) => (Some(*id), None),
            Self::Service(id) | Self::Shards(id, _) => (None, Some(*id)),
        }
    }
}

/// What a site has lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lost {
    /// All of it.
    #[default]
    Whole,
    /// Some of it.
    Parts {
        /// The products that are gone as such, a bit each.
        products: u64,
        /// The services in which its data is gone, also with those products, a bit each.
        services: u128,
    },
}

impl Lost {
    /// Whether data in a service is lost, of one that the site uses.
    #[must_use]
    pub fn has(self, service: ServiceId) -> bool {
        match self {
            Self::Whole => true,
            // More services than bits are a fault that has been reported.
            Self::Parts { services, .. } => {
                service.index() < MOST_SERVICES && services >> service.index() & 1 == 1
            }
        }
    }

    /// Whether there is nothing in the other that this has not.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        match (self, other) {
            (Self::Whole, _) => true,
            (Self::Parts { .. }, Self::Whole) => false,
            (
                Self::Parts { products, services },
                Self::Parts { products: others, services: other_services },
            ) => others & !products == 0 && other_services & !services == 0,
        }
    }
}

/// More services than bits would need another representation of what is lost.
pub const MOST_SERVICES: usize = 128;

/// Different parts that one site may lose, one after the other: everything that can come of them is
/// a graph of steps.
pub(super) const MOST_PARTS: usize = 8;

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

/// What a deletion says that it takes.
pub(super) fn target(
    spec: Option<&Located<TargetSpec>>,
    estate: &Estate,
    desk: &mut Desk<'_>,
) -> Target {
    let Some(spec) = spec else { return Target::Site };
    let TargetSpec::Part(it) = &spec.value else { return Target::Site };
    if estate.services.len() > MOST_SERVICES {
        let message = format!("only of {MOST_SERVICES} services or fewer one alone can be lost");
        desk.error(Code::OutOfRange, spec.span, message).help("leave out `target`");
    }
    let words = estate.vocabulary();
    match (&it.product, &it.service) {
        (Some(name), None) => {
            if let Some(shards) = &it.shards {
                desk.error(Code::ConflictingKeys, shards.span, "a product has no shards")
                    .help("name the service whose shards are lost in the place of the product");
            }
            words.product(name, desk).map_or(Target::Site, Target::Product)
        }
        (None, Some(name)) => {
            let id = symbols::service(name, &estate.services, desk);
            let Some(id) = id else { return Target::Site };
            let Some(shards) = &it.shards else { return Target::Service(id) };
            if shards.is_empty() {
                desk.error(Code::MissingKey, shards.span, "which shards it is, is not said")
                    .help("write their numbers, such as [0], or leave out `shards`");
            }
            Target::Shards(id, shard_numbers(id, shards, estate, desk))
        }
        (Some(_), Some(second)) => {
            desk.error(
                Code::ConflictingKeys,
                second.span,
                "a deletion takes a product or a service",
            )
            .help("write another table `[[incident.deletions]]` for the second");
            Target::Site
        }
        (None, None) => {
            let cut = ["product", "service"].iter().any(|it| desk.parsed.was_cut(spec.span, it));
            if !cut {
                desk.error(Code::MissingKey, spec.span, "what is lost is not said")
                    .help("write { product = \"wiki\" }, { service = \"db\" } or \"site\"");
            }
            Target::Site
        }
    }
}
