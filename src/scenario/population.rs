//! The generated population of sites: what it is drawn from, and one draw of it from its own seed.

use crate::dist::{Distribution, normal_quantile};
use crate::ids::{Id, IdVec, ProductId, RegionId, ServiceId, SiteId, TierId};
use crate::rng::{Purpose, StreamKey, Streams, uniform};
use crate::scenario::selector::Selector;
use crate::scenario::site::{MOST_PRODUCTS, Product, Service, Site, words};
use crate::units::Bytes;

/// The sites of an estate, and on which shards they lie.
pub(crate) struct Drawn {
    pub sites: IdVec<SiteId, Site>,
    pub customers: u32,
    /// The names of the first of them.
    pub customer_names: Vec<String>,
    pub regions: Vec<String>,
    pub tiers: Vec<String>,
    /// For each service the shard of each site.
    pub shard_of: Vec<IdVec<SiteId, u32>>,
}

/// What the sites are drawn from.
#[derive(Clone, Debug)]
pub(crate) struct Population {
    pub(crate) count: u32,
    pub(crate) customers: u32,
    pub(crate) users: Option<Distribution>,
    pub(crate) bytes: Option<Distribution>,
    pub(crate) correlation: f64,
    pub(crate) inactive: f64,
    pub(crate) owned: f64,
    /// The share of sites that has each product.
    pub(crate) mix: Vec<f64>,
    pub(crate) regions: Weighted,
    pub(crate) tiers: Vec<String>,
    pub(crate) rules: Vec<(TierId, Selector)>,
    /// Of Zipf's law, by which sites lie over shards.
    pub(crate) exponent: f64,
}

impl Population {
    /// One draw of all sites.
    pub(crate) fn draw(
        &self,
        streams: &Streams,
        services: &IdVec<ServiceId, Service>,
        products: &IdVec<ProductId, Product>,
    ) -> Drawn {
        let width = self.count.to_string().len().max(4);
        let column = |purpose, name: &str| column(streams, purpose, name, self.count);
        let user_draws = column(Purpose::PopulationUsers, "");
        let byte_draws = column(Purpose::PopulationBytes, "");
        let active_draws = column(Purpose::PopulationActive, "");
        let owned_draws = column(Purpose::PopulationOwned, "");
        let region_draws = column(Purpose::PopulationRegion, "");
        let customer_draws = column(Purpose::PopulationCustomer, "");
        let product_draws: Vec<Vec<f64>> = products
            .iter()
            .map(|product| column(Purpose::PopulationProducts, &product.name))
            .collect();
        let sites = (0..self.count as usize).map(|index| {
            let active = active_draws[index] >= self.inactive;
            let users = match &self.users {
                _ if !active => 0,
                Some(users) => to_count(users.quantile(user_draws[index])),
                None => 1,
            };
            let byte_draw = coupled(user_draws[index], byte_draws[index], self.correlation);
            let bytes = self.bytes.as_ref().map_or(0, |it| to_count(it.quantile(byte_draw)));
            let mut site = Site {
                name: format!("site-{:0width$}", index + 1),
                draw: index as u64,
                customer: customer_of(index, self.customers, customer_draws[index]),
                users: u32::try_from(users).unwrap_or(u32::MAX),
                bytes: Bytes::new(bytes),
                products: licensed(&self.mix, &product_draws, index),
                region: RegionId::new(self.regions.pick(region_draws[index])),
                tier: TierId::new(0),
                active,
                operator_owned: owned_draws[index] < self.owned,
            };
            site.tier = tier_of(&site, &self.rules, self.tiers.len());
            site
        });
        let sites: IdVec<SiteId, Site> = sites.collect();
        Drawn {
            customers: self.customers,
            customer_names: Vec::new(),
            regions: self.regions.names.clone(),
            tiers: self.tiers.clone(),
            shard_of: services
                .iter()
                .map(|service| place(service, self.exponent, &sites, streams))
                .collect(),
            sites,
        }
    }
}

/// One uniform number a site, addressed by what it is for.
fn column(streams: &Streams, purpose: Purpose, name: &str, count: u32) -> Vec<f64> {
    let mut words = vec![0; count as usize];
    streams.fill(StreamKey::new(purpose, &[name]), 0, 0, &mut words);
    words.into_iter().map(uniform).collect()
}

/// The tier of the first rule that a site matches; the last one where it matches none.
pub(crate) fn tier_of(site: &Site, rules: &[(TierId, Selector)], tiers: usize) -> TierId {
    rules.iter().find(|(_, when)| when.fits(site)).map_or(TierId::new(tiers - 1), |(tier, _)| *tier)
}

/// Names with weights that add up to 1.
#[derive(Clone, Debug)]
pub(crate) struct Weighted {
    pub(crate) names: Vec<String>,
    pub(crate) upper: Vec<f64>,
}

impl Weighted {
    fn pick(&self, u: f64) -> usize {
        self.upper.iter().position(|upper| u < *upper).unwrap_or(self.upper.len() - 1)
    }
}

fn to_count(value: f64) -> u64 {
    // A draw beyond 2^53 would no longer be a whole number.
    value.clamp(0.0, 9e15).round() as u64
}

/// The first site of each customer comes first; the others go to customers by lot.
fn customer_of(index: usize, customers: u32, u: f64) -> u32 {
    let index = u32::try_from(index).expect("an estate has fewer than 2^32 sites");
    if index < customers { index } else { (u * f64::from(customers)) as u32 }
}

/// A draw that follows `leader` as closely as `correlation` says, by their normal scores
/// (a Gaussian copula; Nelsen, "An Introduction to Copulas").
fn coupled(leader: f64, own: f64, correlation: f64) -> f64 {
    if correlation == 0.0 {
        return own;
    }
    let rest = libm::sqrt(1.0 - correlation * correlation);
    let score = correlation * normal_quantile(leader) + rest * normal_quantile(own);
    let u = 0.5 * libm::erfc(-score / std::f64::consts::SQRT_2);
    u.clamp(1e-12, 1.0 - 1e-12)
}

/// One bit for each product that the site has: each is a lot of its own, so that a site may have none.
fn licensed(mix: &[f64], draws: &[Vec<f64>], index: usize) -> u64 {
    let has = |product: &usize| draws[*product][index] < mix[*product];
    (0..mix.len().min(MOST_PRODUCTS)).filter(has).fold(0, |bits, product| bits | 1 << product)
}

/// The shard of each site for a service, by Zipf's law with this exponent.
pub(crate) fn place(
    service: &Service,
    exponent: f64,
    sites: &IdVec<SiteId, Site>,
    streams: &Streams,
) -> IdVec<SiteId, u32> {
    let weight = |shard: u32| libm::pow(f64::from(shard + 1), -exponent);
    let upper: Vec<f64> = (0..service.shards)
        .scan(0.0, |sum, shard| {
            *sum += weight(shard);
            Some(*sum)
        })
        .collect();
    let total = *upper.last().expect("a service has at least one shard");
    words(sites, Purpose::PopulationShard, &service.name, streams)
        .into_iter()
        .map(|word| {
            let u = uniform(word) * total;
            let shard = upper.partition_point(|upper| *upper <= u).min(upper.len() - 1);
            u32::try_from(shard).expect("a service has fewer than 2^32 shards")
        })
        .collect()
}
