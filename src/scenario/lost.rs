//! What of a site is lost: all of it, or some of its products and services.
//!
//! What is lost are pairs of a site and a service. A service is lost as such, or with the products
//! that use it: losing a product takes the services that no other product of the site uses, and a
//! service that several use is gone with the last of them. What that comes to for a site the estate
//! knows.

use crate::ids::{Id, ProductId, ServiceId};

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
    /// The product or the service, whatever shards of it.
    pub(crate) fn part(&self) -> (Option<ProductId>, Option<ServiceId>) {
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
pub(crate) const MOST_PARTS: usize = 8;
