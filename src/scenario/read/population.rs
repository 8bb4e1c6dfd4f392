//! `[estate.sites]`: what the sites of a generated population are drawn from.

use crate::diagnostics::Code;
use crate::ids::{Id, IdVec, ProductId, ServiceId, SiteId, TierId};
use crate::scenario::population::{Population, Weighted};
use crate::scenario::read::resolver::{Resolver, Unit};
use crate::scenario::read::selector;
use crate::scenario::read::symbols::Vocabulary;
use crate::scenario::selector::Selector;
use crate::scenario::site::{MOST_SITES, Product, Service, Site};
use crate::spec::{DistributionSpec, Located, Named, PlacementSpec, Scalar, SitesSpec, TooMany};
use crate::units::Share;

impl Population {
    pub(crate) fn read(written: &Written<'_>, exponent: f64, resolver: &mut Resolver<'_>) -> Self {
        let spec = written.sites;
        let regions = Weighted::read(&spec.regions, "default", resolver);
        let tiers = tier_names(spec);
        let (count, customers) = count(spec, resolver);
        let users = spec.users.as_ref().filter(|it| are_countable(it, resolver));
        let users = users.and_then(|it| resolver.distribution(it, Unit::Users));
        let bytes = spec.bytes.as_ref().and_then(|it| resolver.distribution(it, Unit::Bytes));
        let correlation = spec
            .correlation
            .as_ref()
            .map_or(0.0, |it| resolver.number_or(&it.users_bytes, 0.0, 0.0..=1.0, "correlation"));
        let inactive = resolver.share_or(&spec.inactive, 0.0).fraction();
        let owned = resolver.share_or(&spec.operator_owned, 0.0).fraction();
        let mix = product_mix(written, resolver);
        let rules = tier_rules(written, &tiers, &regions.names, resolver);
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
}

/// Warns of sites that come to have no product.
pub(crate) fn check_products(
    spec: &SitesSpec,
    sites: &IdVec<SiteId, Site>,
    resolver: &mut Resolver<'_>,
) {
    let without = sites.iter().filter(|it| it.products == 0).count();
    let Some((name, _)) = spec.products.iter().next().filter(|_| without > 0) else { return };
    let message = format!("{without} of {} sites have no product, and so no data", sites.len());
    resolver
        .diagnostics
        .warning(Code::Suspicious, name.span, message)
        .help("each share is a lot of its own: give a product that every site has \"100%\"");
}

/// How many sites and customers there are.
pub(crate) fn count(spec: &Located<SitesSpec>, resolver: &mut Resolver<'_>) -> (u32, u32) {
    let advice = "add a table `[estate.sites]` with `count = 100`";
    let count = match resolver.parsed.cut_any(&["estate", "sites"]) {
        true => spec.count.as_ref(),
        false => resolver.required(&spec.count, spec.span, "count", advice),
    };
    let count = count.and_then(|it| {
        let many = TooMany::sites(u64::try_from(it.value).unwrap_or(0), resolver.limits());
        let refused = resolver.refuse(many, it.span);
        if refused { None } else { resolver.whole(it, 1..=MOST_SITES, "number of sites") }
    });
    let count = count.filter(|number| is_feasible(*number, spec, resolver));
    // Many, so that nothing else is refused for want of sites.
    let count = count.unwrap_or(1_000);
    let customers = spec.customers.as_ref().and_then(|it| {
        let number = resolver.whole(it, 1..=MOST_SITES, "number of customers")?;
        if number > count {
            let message = format!("{number} customers own {count} sites");
            resolver
                .error(Code::OutOfRange, it.span, message)
                .help("every customer owns at least one site");
        }
        Some(number.min(count))
    });
    (count, customers.unwrap_or(count))
}

/// Whether a fixed number of users is one that a site can have; one that is not is told.
fn are_countable(written: &Located<DistributionSpec>, resolver: &mut Resolver<'_>) -> bool {
    let countable = match &written.value {
        DistributionSpec::Fixed(Scalar::Integer(number)) => *number <= i64::from(u32::MAX),
        DistributionSpec::Fixed(Scalar::Float(number)) => *number <= f64::from(u32::MAX),
        _ => true,
    };
    if !countable {
        let message = format!("a site has at most {} users", u32::MAX);
        resolver.error(Code::OutOfRange, written.span, message);
    }
    countable
}

/// Sites times rules for tiers, or times deletions: each is asked of each.
const MOST_ASKED: u64 = 5_000_000;

/// Sites times strategies: each is resolved for each.
const MOST_RESOLVED: u64 = 20_000_000;

/// Whether what is asked of every site is asked often enough to end today; what is not is told.
fn is_feasible(sites: u32, spec: &Located<SitesSpec>, resolver: &mut Resolver<'_>) -> bool {
    let whole = &resolver.parsed.spec;
    let asked = [
        (spec.tiers.iter().count(), "rules for tiers", MOST_ASKED),
        (whole.incident.deletions.iter().count(), "deletions", MOST_ASKED),
        (whole.strategies.entries.len(), "strategies", MOST_RESOLVED),
    ];
    let span = spec.count.as_ref().map(|it| it.span).unwrap_or_default();
    let refused = asked.into_iter().filter(|it| it.0 as u64 * u64::from(sites) > it.2);
    let told: Vec<String> = refused
        .map(|(number, what, most)| {
            format!("{number} {what} for {sites} sites are too many: {most} is the most, one times the other")
        })
        .collect();
    for message in &told {
        let fault = resolver.error(Code::TooMany, span, message.clone());
        fault.help("have fewer of the one or of the other");
    }
    told.is_empty()
}

/// The share of sites that has each product.
fn product_mix(written: &Written<'_>, resolver: &mut Resolver<'_>) -> Vec<f64> {
    let (spec, products) = (&written.sites.products, written.products);
    if spec.is_empty() {
        return vec![1.0; products.len()];
    }
    let words = Vocabulary { tiers: &[], regions: &[], products, estate: None };
    let mut mix = vec![0.0; products.len()];
    for (name, share) in spec {
        let share = resolver.share(share).map_or(0.0, Share::fraction);
        if let Some(id) = words.product(name, resolver) {
            mix[id.index()] = share;
        }
    }
    mix
}

/// The rules by which sites have their tiers, in order.
pub(crate) fn tier_rules(
    written: &Written<'_>,
    tiers: &[String],
    regions: &[String],
    resolver: &mut Resolver<'_>,
) -> Vec<(TierId, Selector)> {
    let words = Vocabulary { tiers: &[], regions, products: written.products, estate: None };
    let mut rules = Vec::new();
    for rule in &written.sites.tiers {
        let tier = resolver.required(&rule.tier, rule.span, "tier", "add `tier = \"gold\"`");
        let when = rule
            .when
            .as_ref()
            .map(|when| selector::resolve(when, &words, resolver))
            .unwrap_or_default();
        if let Some(tier) = tier {
            let place = tiers.iter().position(|it| *it == tier.value);
            let place = place.expect("the names of the tiers were taken from the rules");
            rules.push((TierId::new(place), when));
        }
    }
    rules
}

/// The exponent of Zipf's law by which sites lie over shards; 0 where every shard is as likely.
pub(crate) fn exponent(spec: &SitesSpec, resolver: &mut Resolver<'_>) -> f64 {
    match spec.placement.as_ref().map(|it| &it.value) {
        Some(PlacementSpec::Skewed(it)) => {
            resolver.number_or(&it.exponent, 1.0, 0.0..=4.0, "exponent")
        }
        Some(PlacementSpec::Even) | None => 0.0,
    }
}

/// The names of the tiers in the order of their rules; one for all where there is no rule.
pub(crate) fn tier_names(spec: &SitesSpec) -> Vec<String> {
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

/// What a population is read from.
#[derive(Clone, Copy)]
pub(crate) struct Written<'a> {
    pub sites: &'a Located<SitesSpec>,
    pub services: &'a IdVec<ServiceId, Service>,
    pub products: &'a IdVec<ProductId, Product>,
}

impl Weighted {
    /// The shares of names, or all of one.
    fn read(spec: &Named<Scalar>, otherwise: &str, resolver: &mut Resolver<'_>) -> Self {
        if spec.is_empty() {
            return Self { names: vec![otherwise.to_owned()], upper: vec![1.0] };
        }
        let names = spec.iter().map(|(name, _)| name.value.clone()).collect();
        let weights: Vec<f64> = spec
            .iter()
            .map(|(_, share)| resolver.share(share).map_or(0.0, Share::fraction))
            .collect();
        let total: f64 = weights.iter().sum();
        if (total - 1.0).abs() > 0.005 {
            let span = spec.entries[0].0.span;
            let message = format!("the shares of the regions add up to {:.1}%", total * 100.0);
            resolver.error(Code::BadShare, span, message).help("they must add up to 100%");
        }
        let upper = weights.iter().scan(0.0, |sum, weight| {
            *sum += weight / total.max(f64::MIN_POSITIVE);
            Some(*sum)
        });
        Self { names, upper: upper.collect() }
    }
}
