//! `[estate]`: services, products, and the population of sites, drawn once from its own seed.

use crate::diagnostics::Code;
use crate::dist::normal_quantile;
use crate::ids::{Id, IdVec, ProductId, RegionId, ServiceId, SiteId, TierId};
use crate::rng::{Purpose, StreamKey, Streams, uniform};
use crate::spec::{
    BackupSpec, EstateSpec, Located, Named, PlacementSpec, ProductSpec, Scalar, ServiceClassSpec,
    ServiceSpec, SitesSpec,
};
use crate::units::{Bytes, SimDuration};

use super::quantity::{Desk, Unit};
use super::selector::{self, Selector};

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
}

/// What a service's store is to a recovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceClass {
    /// The authoritative store, restored from backups.
    Primary,
    /// Rebuilt by replaying events.
    Derived,
    /// Shared by products: identity, media, feature flags, commerce.
    Platform,
    /// Of a third-party vendor.
    External,
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
    /// Data in one shard.
    pub bytes_per_shard: Bytes,
    /// How the store is backed up.
    pub backup: Backup,
    /// Synchronous standbys; they copy a deletion too.
    pub replicas: u32,
    /// The shard on which each site's data lies.
    pub shard_of: IdVec<SiteId, u32>,
}

/// How a store is backed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backup {
    /// Time between backups that can be restored to: incremental ones, or full ones without them.
    pub interval: SimDuration,
    /// How long a backup is kept.
    pub retention: SimDuration,
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
    /// `site-0001` and so on.
    pub name: String,
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
        self.products >> product.index() & 1 == 1
    }
}

/// The names that selections use.
pub(super) struct Vocabulary<'a> {
    pub tiers: &'a [String],
    pub regions: &'a [String],
    pub products: &'a [String],
}

/// More products than bits in a word would need another representation of a site.
const MOST_PRODUCTS: usize = 64;
const MOST_SITES: u32 = 1_000_000;

pub(super) fn resolve(spec: &EstateSpec, seed: u64, desk: &mut Desk<'_>) -> Estate {
    let mut services: IdVec<ServiceId, Service> =
        spec.services.iter().map(|(name, it)| service(name, it, desk)).collect();
    let products: IdVec<ProductId, Product> =
        spec.products.iter().map(|(name, it)| product(name, it, &services, desk)).collect();
    if let Some((name, _)) = spec.products.entries.get(MOST_PRODUCTS) {
        desk.error(Code::OutOfRange, name.span, "an estate has at most 64 products");
    }
    let sites = &spec.sites;
    let regions = Weighted::read(&sites.regions, "default", desk);
    let tiers = tier_names(sites);
    let population =
        Population { spec: sites, streams: Streams::new(seed, 0), regions, tiers, products };
    let (drawn, customers) = population.draw(desk);
    let exponent = match sites.placement.as_ref().map(|it| &it.value) {
        Some(PlacementSpec::Skewed(it)) => desk.number_or(&it.exponent, 1.0, 0.0..=4.0, "exponent"),
        Some(PlacementSpec::Even) | None => 0.0,
    };
    for service in services.as_mut_slice() {
        place(service, exponent, drawn.len(), &population.streams);
    }
    Estate {
        services,
        regions: population.regions.names.into(),
        tiers: population.tiers.into(),
        products: population.products,
        sites: drawn,
        customers,
    }
}

fn service(name: &Located<String>, spec: &Located<ServiceSpec>, desk: &mut Desk<'_>) -> Service {
    let class = match spec.class.as_ref().map(|it| it.value) {
        None | Some(ServiceClassSpec::Primary) => ServiceClass::Primary,
        Some(ServiceClassSpec::Derived) => ServiceClass::Derived,
        Some(ServiceClassSpec::Platform) => ServiceClass::Platform,
        Some(ServiceClassSpec::External) => ServiceClass::External,
    };
    let bytes = spec.bytes_per_shard.as_ref().and_then(|it| desk.bytes(it));
    Service {
        name: name.value.clone(),
        title: spec.title.as_ref().unwrap_or(name).value.clone(),
        class,
        shards: desk.whole_or(&spec.shards, 1, 1..=1_000_000, "number of shards"),
        bytes_per_shard: bytes.unwrap_or_default(),
        backup: backup(spec.backup.as_ref(), desk),
        replicas: desk.whole_or(&spec.replicas, 0, 0..=100, "number of replicas"),
        shard_of: IdVec::new(),
    }
}

fn backup(spec: Option<&Located<BackupSpec>>, desk: &mut Desk<'_>) -> Backup {
    let (day, month) = (SimDuration::from_hours(24), SimDuration::from_hours(24 * 30));
    let Some(spec) = spec else { return Backup { interval: day, retention: month } };
    let full = desk.duration_or(&spec.full, day);
    let interval = desk.duration_or(&spec.incremental, full);
    if interval == SimDuration::ZERO {
        desk.error(Code::OutOfRange, spec.span, "the time between backups must not be zero");
    }
    if interval > full {
        desk.error(
            Code::OutOfRange,
            spec.span,
            format!("incremental backups every {interval} come after the next full one ({full})"),
        )
        .help("make `incremental` shorter than `full`");
    }
    Backup { interval, retention: desk.duration_or(&spec.retention, month) }
}

fn product(
    name: &Located<String>,
    spec: &Located<ProductSpec>,
    services: &IdVec<ServiceId, Service>,
    desk: &mut Desk<'_>,
) -> Product {
    let find = |it: &Located<String>| {
        let place = services.enumerate().find(|(_, known)| known.name == it.value);
        if place.is_none() {
            desk.error(
                Code::UnknownService,
                it.span,
                format!("there is no service `{}`", it.value),
            )
            .help_choose(&it.value, services.iter().map(|known| known.name.as_str()));
        }
        place.map(|(id, _)| id)
    };
    Product {
        name: name.value.clone(),
        title: spec.title.as_ref().unwrap_or(name).value.clone(),
        services: spec.services.iter().filter_map(find).collect(),
    }
}

/// The names of the tiers in the order of their rules; one for all where there is no rule.
pub(super) fn tier_names(spec: &SitesSpec) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for rule in &spec.tiers {
        if let Some(tier) = &rule.tier
            && !names.contains(&tier.value)
        {
            names.push(tier.value.clone());
        }
    }
    if names.is_empty() {
        names.push("all".to_owned());
    }
    names
}

/// Names with weights that add up to 1.
struct Weighted {
    names: Vec<String>,
    upper: Vec<f64>,
}

impl Weighted {
    fn read(spec: &Named<Scalar>, otherwise: &str, desk: &mut Desk<'_>) -> Self {
        if spec.is_empty() {
            return Self { names: vec![otherwise.to_owned()], upper: vec![1.0] };
        }
        let names = spec.iter().map(|(name, _)| name.value.clone()).collect();
        let weights: Vec<f64> = spec
            .iter()
            .map(|(_, share)| desk.share(share).map_or(0.0, crate::units::Share::fraction))
            .collect();
        let total: f64 = weights.iter().sum();
        if (total - 1.0).abs() > 0.005 {
            let span = spec.entries[0].0.span;
            let message = format!("the shares of the regions add up to {:.1}%", total * 100.0);
            desk.error(Code::BadShare, span, message).help("they must add up to 100%");
        }
        let upper = weights.iter().scan(0.0, |sum, weight| {
            *sum += weight / total.max(f64::MIN_POSITIVE);
            Some(*sum)
        });
        Self { names, upper: upper.collect() }
    }

    fn pick(&self, u: f64) -> usize {
        self.upper.iter().position(|upper| u < *upper).unwrap_or(self.upper.len() - 1)
    }
}

/// What the sites are drawn from.
struct Population<'a> {
    spec: &'a Located<SitesSpec>,
    streams: Streams,
    regions: Weighted,
    tiers: Vec<String>,
    products: IdVec<ProductId, Product>,
}

impl Population<'_> {
    fn draw(&self, desk: &mut Desk<'_>) -> (IdVec<SiteId, Site>, u32) {
        let spec = self.spec;
        let advice = "add a table `[estate.sites]` with `count = 100`";
        let count = match desk.parsed.cut_any(&["estate", "sites"]) {
            true => spec.count.as_ref(),
            false => desk.required(&spec.count, spec.span, "count", advice),
        };
        let count = count.and_then(|it| desk.whole(it, 1..=MOST_SITES, "number of sites"));
        // Many, so that nothing else is refused for want of sites.
        let count = count.unwrap_or(1_000);
        let customers = spec.customers.as_ref().and_then(|it| {
            let number = desk.whole(it, 1..=MOST_SITES, "number of customers")?;
            if number > count {
                let message = format!("{number} customers own {count} sites");
                desk.error(Code::OutOfRange, it.span, message)
                    .help("every customer owns at least one site");
            }
            Some(number.min(count))
        });
        let customers = customers.unwrap_or(count);
        let users = spec.users.as_ref().and_then(|it| desk.distribution(it, Unit::Users));
        let bytes = spec.bytes.as_ref().and_then(|it| desk.distribution(it, Unit::Bytes));
        let correlation = spec
            .correlation
            .as_ref()
            .map_or(0.0, |it| desk.number_or(&it.users_bytes, 0.0, 0.0..=1.0, "correlation"));
        let inactive = desk.share_or(&spec.inactive, 0.0).fraction();
        let owned = desk.share_or(&spec.operator_owned, 0.0).fraction();
        let mix = self.product_mix(desk);
        let rules = self.tier_rules(desk);

        let width = count.to_string().len().max(4);
        let column = |purpose, name: &str| self.column(purpose, name, count);
        let user_draws = column(Purpose::PopulationUsers, "");
        let byte_draws = column(Purpose::PopulationBytes, "");
        let active_draws = column(Purpose::PopulationActive, "");
        let owned_draws = column(Purpose::PopulationOwned, "");
        let region_draws = column(Purpose::PopulationRegion, "");
        let customer_draws = column(Purpose::PopulationCustomer, "");
        let product_draws: Vec<Vec<f64>> = self
            .products
            .iter()
            .map(|product| column(Purpose::PopulationProducts, &product.name))
            .collect();
        let sites = (0..count as usize).map(|index| {
            let active = active_draws[index] >= inactive;
            let users = match &users {
                _ if !active => 0,
                Some(users) => to_count(users.quantile(user_draws[index])).max(1),
                None => 1,
            };
            let byte_draw = coupled(user_draws[index], byte_draws[index], correlation);
            let mut site = Site {
                name: format!("site-{:0width$}", index + 1),
                customer: customer_of(index, customers, customer_draws[index]),
                users: u32::try_from(users).unwrap_or(u32::MAX),
                bytes: Bytes::new(bytes.as_ref().map_or(0, |it| to_count(it.quantile(byte_draw)))),
                products: licensed(&mix, &product_draws, index),
                region: RegionId::new(self.regions.pick(region_draws[index])),
                tier: TierId::new(0),
                active,
                operator_owned: owned_draws[index] < owned,
            };
            site.tier = rules
                .iter()
                .find(|(_, when)| when.matches(&site))
                .map_or(TierId::new(self.tiers.len() - 1), |(tier, _)| *tier);
            site
        });
        (sites.collect(), customers)
    }

    /// One uniform number a site, addressed by what it is for.
    fn column(&self, purpose: Purpose, name: &str, count: u32) -> Vec<f64> {
        let mut words = vec![0; count as usize];
        self.streams.fill(StreamKey::new(purpose, &[name]), 0, 0, &mut words);
        words.into_iter().map(uniform).collect()
    }

    /// The share of sites that has each product.
    fn product_mix(&self, desk: &mut Desk<'_>) -> Vec<f64> {
        let spec = &self.spec.products;
        if spec.is_empty() {
            return vec![1.0; self.products.len()];
        }
        let mut mix = vec![0.0; self.products.len()];
        for (name, share) in spec {
            let share = desk.share(share).map_or(0.0, crate::units::Share::fraction);
            match self.products.enumerate().find(|(_, known)| known.name == name.value) {
                Some((id, _)) => mix[id.index()] = share,
                None => {
                    desk.error(
                        Code::UnknownProduct,
                        name.span,
                        format!("there is no product `{}`", name.value),
                    )
                    .help_choose(&name.value, self.products.iter().map(|it| it.name.as_str()));
                }
            }
        }
        mix
    }

    fn tier_rules(&self, desk: &mut Desk<'_>) -> Vec<(TierId, Selector)> {
        let products: Vec<String> = self.products.iter().map(|it| it.name.clone()).collect();
        let words = Vocabulary { tiers: &[], regions: &self.regions.names, products: &products };
        let mut rules = Vec::new();
        for rule in &self.spec.tiers {
            let tier = desk.required(&rule.tier, rule.span, "tier", "add `tier = \"gold\"`");
            let when = rule
                .when
                .as_ref()
                .map(|when| selector::resolve(when, &words, desk.diagnostics))
                .unwrap_or_default();
            if let Some(tier) = tier {
                let place = self.tiers.iter().position(|it| *it == tier.value);
                let place = place.expect("the names of the tiers were taken from the rules");
                rules.push((TierId::new(place), when));
            }
        }
        rules
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

/// One bit for each product that the site has; a site without any gets the likeliest one.
fn licensed(mix: &[f64], draws: &[Vec<f64>], index: usize) -> u64 {
    let bits = mix
        .iter()
        .zip(draws)
        .take(MOST_PRODUCTS)
        .enumerate()
        .filter(|(_, (share, draws))| draws[index] < **share)
        .fold(0, |bits, (product, _)| bits | 1 << product);
    if bits != 0 || mix.is_empty() {
        return bits;
    }
    let likeliest = (0..mix.len()).rev().max_by(|a, b| mix[*a].total_cmp(&mix[*b]));
    1 << likeliest.expect("there is a product")
}

/// Lays the sites over the shards of a service, by Zipf's law with this exponent.
fn place(service: &mut Service, exponent: f64, sites: usize, streams: &Streams) {
    let weight = |shard: u32| libm::pow(f64::from(shard + 1), -exponent);
    let upper: Vec<f64> = (0..service.shards)
        .scan(0.0, |sum, shard| {
            *sum += weight(shard);
            Some(*sum)
        })
        .collect();
    let total = *upper.last().expect("a service has at least one shard");
    let mut words = vec![0; sites];
    streams.fill(StreamKey::new(Purpose::PopulationShard, &[&service.name]), 0, 0, &mut words);
    service.shard_of = words
        .into_iter()
        .map(|word| {
            let u = uniform(word) * total;
            let shard = upper.partition_point(|upper| *upper <= u).min(upper.len() - 1);
            u32::try_from(shard).expect("a service has fewer than 2^32 shards")
        })
        .collect();
}

/// The median of a size over the sites that count, at least 1.
pub(crate) fn median(values: impl Iterator<Item = u64>) -> f64 {
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    values.get(values.len().saturating_sub(1) / 2).map_or(1.0, |median| (*median).max(1) as f64)
}
