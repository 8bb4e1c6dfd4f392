//! What an estate is made of: services, products, and the sites that have them.

use crate::ids::{Id, IdVec, ProductId, RegionId, ServiceId, SiteId, TierId};
use crate::rng::{Purpose, StreamKey, Streams};
use crate::scenario::backup::Protection;
use crate::spec::ServiceClass;
use crate::units::Bytes;

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

/// A number for each of these sites from the stream of a purpose and a name.
pub(crate) fn words(
    sites: &IdVec<SiteId, Site>,
    purpose: Purpose,
    name: &str,
    streams: &Streams,
) -> Vec<u64> {
    let places: Vec<u64> = sites.iter().map(|it| it.draw).collect();
    streams.words(StreamKey::new(purpose, &[name]), 0).all(&places)
}

/// More products than bits in a word would need another representation of a site.
pub(crate) const MOST_PRODUCTS: usize = 64;

pub(crate) const MOST_SITES: u32 = 10_000_000;
