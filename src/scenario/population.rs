//! The generated population of sites: what it is drawn from, and one draw of it from its own seed.

use crate::diagnostics::Code;
use crate::dist::{Distribution, normal_quantile};
use crate::ids::{Id, IdVec, ProductId, RegionId, ServiceId, SiteId, TierId};
use crate::rng::{Purpose, StreamKey, Streams, uniform};
use crate::spec::{Located, Named, PlacementSpec, Scalar, SitesSpec};
use crate::units::{Bytes, Share};

use super::estate::{MOST_PRODUCTS, MOST_SITES, Product, Service, Site, Written, words};
use super::quantity::{Desk, Unit};
use super::selector::{self, Selector};
use super::symbols::Vocabulary;

/// The sites of an estate, and on which shards they lie.
pub(super) struct Drawn {
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
pub(super) struct Population {
    count: u32,
    customers: u32,
    users: Option<Distribution>,
    bytes: Option<Distribution>,
    correlation: f64,
    inactive: f64,
    owned: f64,
    /// The share of sites that has each product.
    mix: Vec<f64>,
    regions: Weighted,
    tiers: Vec<String>,
    rules: Vec<(TierId, Selector)>,
    /// Of Zipf's law, by which sites lie over shards.
    exponent: f64,
}

impl Population {
    pub(super) fn read(written: &Written<'_>, exponent: f64, desk: &mut Desk<'_>) -> Self {
        let spec = written.sites;
        let regions = Weighted::read(&spec.regions, "default", desk);
        let tiers = tier_names(spec);
        let (count, customers) = count(spec, desk);
        let users = spec.users.as_ref().and_then(|it| desk.distribution(it, Unit::Users));
        let bytes = spec.bytes.as_ref().and_then(|it| desk.distribution(it, Unit::Bytes));
        let correlation = spec
            .correlation
            .as_ref()
            .map_or(0.0, |it| desk.number_or(&it.users_bytes, 0.0, 0.0..=1.0, "correlation"));
        let inactive = desk.share_or(&spec.inactive, 0.0).fraction();
        let owned = desk.share_or(&spec.operator_owned, 0.0).fraction();
        let mix = product_mix(written, desk);
        let rules = tier_rules(written, &tiers, &regions.names, desk);
        Self {
            count,
            customers,
            users,
            bytes,
            correlation,
            inactive,
            owned,
            mix,
            regions,
            tiers,
            rules,
            exponent,
        }
    }

    /// One draw of all sites.
    pub(super) fn draw(
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

/// Warns of sites that come to have no product.
pub(super) fn check_products(spec: &SitesSpec, sites: &IdVec<SiteId, Site>, desk: &mut Desk<'_>) {
    let without = sites.iter().filter(|it| it.products == 0).count();
    let Some((name, _)) = spec.products.iter().next().filter(|_| without > 0) else { return };
    let message = format!("{without} of {} sites have no product, and so no data", sites.len());
    desk.diagnostics
        .warning(Code::Suspicious, name.span, message)
        .help("each share is a lot of its own: give a product that every site has \"100%\"");
}

/// How many sites and customers there are.
fn count(spec: &Located<SitesSpec>, desk: &mut Desk<'_>) -> (u32, u32) {
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
    (count, customers.unwrap_or(count))
}

/// One uniform number a site, addressed by what it is for.
fn column(streams: &Streams, purpose: Purpose, name: &str, count: u32) -> Vec<f64> {
    let mut words = vec![0; count as usize];
    streams.fill(StreamKey::new(purpose, &[name]), 0, 0, &mut words);
    words.into_iter().map(uniform).collect()
}

/// The share of sites that has each product.
fn product_mix(written: &Written<'_>, desk: &mut Desk<'_>) -> Vec<f64> {
    let (spec, products) = (&written.sites.products, written.products);
    if spec.is_empty() {
        return vec![1.0; products.len()];
    }
    let words = Vocabulary { tiers: &[], regions: &[], products, estate: None };
    let mut mix = vec![0.0; products.len()];
    for (name, share) in spec {
        let share = desk.share(share).map_or(0.0, Share::fraction);
        if let Some(id) = words.product(name, desk) {
            mix[id.index()] = share;
        }
    }
    mix
}

/// The rules by which sites have their tiers, in order.
pub(super) fn tier_rules(
    written: &Written<'_>,
    tiers: &[String],
    regions: &[String],
    desk: &mut Desk<'_>,
) -> Vec<(TierId, Selector)> {
    let words = Vocabulary { tiers: &[], regions, products: written.products, estate: None };
    let mut rules = Vec::new();
    for rule in &written.sites.tiers {
        let tier = desk.required(&rule.tier, rule.span, "tier", "add `tier = \"gold\"`");
        let when = rule
            .when
            .as_ref()
            .map(|when| selector::resolve(when, &words, desk))
            .unwrap_or_default();
        if let Some(tier) = tier {
            let place = tiers.iter().position(|it| *it == tier.value);
            let place = place.expect("the names of the tiers were taken from the rules");
            rules.push((TierId::new(place), when));
        }
    }
    rules
}

/// The tier of the first rule that a site matches; the last one where it matches none.
pub(super) fn tier_of(site: &Site, rules: &[(TierId, Selector)], tiers: usize) -> TierId {
    rules.iter().find(|(_, when)| when.fits(site)).map_or(TierId::new(tiers - 1), |(tier, _)| *tier)
}

/// The exponent of Zipf's law by which sites lie over shards; 0 where every shard is as likely.
pub(super) fn exponent(spec: &SitesSpec, desk: &mut Desk<'_>) -> f64 {
    match spec.placement.as_ref().map(|it| &it.value) {
        Some(PlacementSpec::Skewed(it)) => desk.number_or(&it.exponent, 1.0, 0.0..=4.0, "exponent"),
        Some(PlacementSpec::Even) | None => 0.0,
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
#[derive(Clone, Debug)]
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
        let weights: Vec<f64> =
            spec.iter().map(|(_, share)| desk.share(share).map_or(0.0, Share::fraction)).collect();
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
pub(super) fn place(
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
