//! Selections of sites as they are written, and what of them a deletion takes.

use std::collections::BTreeMap;

use crate::diagnostics::{Code, MOST_ADVISED, Span, closest};
use crate::ids::{ServiceId, SiteId};
use crate::scenario::estate::Estate;
use crate::scenario::lost::{MOST_SERVICES, Target};
use crate::scenario::read::resolver::Resolver;
use crate::scenario::read::symbols::{self, Vocabulary};
use crate::scenario::selector::Selector;
use crate::spec::{List, Located, Scalar, SelectorSpec, ShardsSpec, TargetSpec};

/// Turns a selection's names into ids.
pub(crate) fn resolve(
    spec: &Located<SelectorSpec>,
    words: &Vocabulary<'_>,
    resolver: &mut Resolver<'_>,
) -> Selector {
    let mut users = |spec: &Option<Located<i64>>| {
        let it = spec.as_ref()?;
        let users = u32::try_from(it.value).ok();
        if users.is_none() {
            resolver
                .error(Code::OutOfRange, it.span, format!("`{}` is no number of users", it.value))
                .help("write a whole number from 0 up");
        }
        users
    };
    let (min_users, max_users) = (users(&spec.min_users), users(&spec.max_users));
    let tiers = listed(spec.span, "tiers", &spec.tiers, resolver);
    let regions = listed(spec.span, "regions", &spec.regions, resolver);
    let products = listed(spec.span, "products", &spec.products, resolver);
    let names = listed(spec.span, "names", &spec.names, resolver);
    let numbers = listed(spec.span, "customers", &spec.customers, resolver);
    Selector {
        tiers: tiers.iter().filter_map(|it| words.tier(it, resolver)).collect(),
        regions: regions.iter().filter_map(|it| words.region(it, resolver)).collect(),
        products: products.iter().filter_map(|it| words.product(it, resolver)).collect(),
        sites: sites(names, words, resolver),
        customers: customers(numbers, words, resolver),
        shards: spec.shards.as_ref().and_then(|it| shards(it, words, resolver)),
        min_users: min_users.unwrap_or(0),
        max_users,
        active: spec.active.as_ref().map(|it| it.value),
        operator_owned: spec.operator_owned.as_ref().map(|it| it.value),
    }
}

/// What a key of a selection lists; without it the key is no condition, and a list of nothing
/// would select nothing.
pub(crate) fn listed<'a, T>(
    table: Span,
    key: &str,
    list: &'a Option<Located<List<Located<T>>>>,
    resolver: &mut Resolver<'_>,
) -> &'a [Located<T>] {
    let Some(list) = list else { return &[] };
    if list.is_empty() && !resolver.parsed.was_cut(table, key) {
        resolver
            .error(Code::EmptySelection, list.span, format!("`{key}` lists nothing"))
            .help("leave it out where it does not matter, or name at least one");
    }
    list
}

/// The sites of these names.
pub(crate) fn sites<'a>(
    names: impl IntoIterator<Item = &'a Located<String>>,
    words: &Vocabulary<'_>,
    resolver: &mut Resolver<'_>,
) -> Vec<SiteId> {
    let mut by_name: BTreeMap<&str, SiteId> = BTreeMap::new();
    let mut site = |written: &Located<String>, resolver: &mut Resolver<'_>| {
        let estate = standing(words, "a site by its name", written.span, resolver)?;
        if by_name.is_empty() {
            by_name.extend(estate.sites.enumerate().map(|(id, site)| (site.name.as_str(), id)));
        }
        let found = by_name.get(written.as_str()).copied();
        if found.is_none() {
            let message = format!("there is no site `{}`", written.value);
            let first_and_last = [estate.sites.iter().next(), estate.sites.iter().last()];
            let few = compared(resolver);
            let fault = resolver.error(Code::UnknownSite, written.span, message);
            let known = estate.sites.iter().take(few).map(|it| it.name.as_str());
            match (closest(&written.value, &known.collect::<Vec<&str>>()), first_and_last) {
                (Some(close), _) => fault.help(format!("did you mean `{close}`?")),
                (None, [Some(first), Some(last)]) => {
                    fault.help(format!("the estate lists `{}` to `{}`", first.name, last.name))
                }
                (None, _) => fault.help("there is none to choose from"),
            };
        }
        found
    };
    let mut sites: Vec<SiteId> = names.into_iter().filter_map(|it| site(it, resolver)).collect();
    sites.sort_unstable();
    sites.dedup();
    sites
}

/// With how many names one is compared that nothing has: with none after more faults than anybody reads.
fn compared(resolver: &Resolver<'_>) -> usize {
    if resolver.diagnostics.errors() < MOST_ADVISED { MOST_COMPARED } else { 0 }
}

/// The numbers of these customers.
pub(crate) fn customers<'a>(
    written: impl IntoIterator<Item = &'a Located<Scalar>>,
    words: &Vocabulary<'_>,
    resolver: &mut Resolver<'_>,
) -> Vec<u32> {
    let customer = |it: &Located<Scalar>, resolver: &mut Resolver<'_>| {
        let estate = standing(words, "a customer", it.span, resolver)?;
        let name = customer_name(it);
        let found = estate.customer_named(&name);
        if found.is_none() {
            let message = format!("there is no customer `{name}`");
            let few = compared(resolver);
            let fault = resolver.error(Code::UnknownCustomer, it.span, message);
            let known = estate.customer_names.iter().take(few).map(String::as_str);
            match (closest(&name, &known.collect::<Vec<&str>>()), estate.customers) {
                (Some(close), _) => fault.help(format!("did you mean `{close}`?")),
                (None, _) if !estate.customer_names.is_empty() => {
                    fault.help("the column `customer` of the table of sites has their names")
                }
                (None, 1) => fault.help("there is only customer 0"),
                (None, all) => fault.help(format!("customers have the numbers 0 to {}", all - 1)),
            };
        }
        found
    };
    written.into_iter().filter_map(|it| customer(it, resolver)).collect()
}

/// A customer as it is written: by name or by number.
pub(crate) fn customer_name(scalar: &Scalar) -> String {
    match scalar {
        Scalar::Text(name) => name.clone(),
        Scalar::Integer(number) => number.to_string(),
        Scalar::Float(number) => number.to_string(),
    }
}

/// The shards of a service.
pub(crate) fn shards(
    spec: &Located<ShardsSpec>,
    words: &Vocabulary<'_>,
    resolver: &mut Resolver<'_>,
) -> Option<(ServiceId, Vec<u32>)> {
    let advice = "add `service = \"db\"`";
    let name = resolver.required(&spec.service, spec.span, "service", advice)?;
    let Some(estate) = words.estate else {
        resolver
            .error(Code::ConflictingKeys, spec.span, "a tier's rule cannot name a shard")
            .help("sites have their tiers before they have their shards: take another key");
        return None;
    };
    let id = symbols::service(name, &estate.services, resolver)?;
    if spec.numbers.is_empty() && !resolver.parsed.was_cut(spec.span, "numbers") {
        resolver
            .error(Code::MissingKey, spec.span, "which shards it is, is not said")
            .help("add `numbers = [0]`");
    }
    Some((id, shard_numbers(id, &spec.numbers, estate, resolver)))
}

/// The numbers of shards of a service, of those that it has.
fn shard_numbers(
    id: ServiceId,
    numbers: &[Located<i64>],
    estate: &Estate,
    resolver: &mut Resolver<'_>,
) -> Vec<u32> {
    let service = &estate.services[id];
    let number = |written: &Located<i64>| {
        let number = u32::try_from(written.value).ok().filter(|it| *it < service.shards);
        if number.is_none() {
            let message = format!("`{}` is no shard of `{}`", written.value, service.name);
            resolver.error(Code::OutOfRange, written.span, message).help(match service.shards {
                1 => "it has only shard 0".to_owned(),
                shards => format!("its shards have the numbers 0 to {}", shards - 1),
            });
        }
        number
    };
    numbers.iter().filter_map(number).collect()
}

/// The estate, where its sites are known and the same in every exercise.
pub(crate) fn standing<'a>(
    words: &Vocabulary<'a>,
    what: &str,
    span: Span,
    resolver: &mut Resolver<'_>,
) -> Option<&'a Estate> {
    match words.estate {
        None => {
            resolver
                .error(Code::ConflictingKeys, span, format!("a tier's rule cannot name {what}"))
                .help("take a key that holds for all sites, or give tiers in a table of sites");
        }
        Some(estate) if estate.is_redrawn() => {
            let message = format!("{what} is another one in every exercise");
            resolver.error(Code::ConflictingKeys, span, message)
                .help("every exercise draws its own sites: leave out `resample`, or select by a tier, a region, a product or a shard");
        }
        Some(estate) => return Some(estate),
    }
    None
}

/// More names than anybody can have meant to write.
pub(crate) const MOST_COMPARED: usize = 20_000;

impl Estate {
    /// The number of a customer, from 0: by its name where a table of sites gives names, else by
    /// the number itself.
    fn customer_named(&self, name: &str) -> Option<u32> {
        if self.customer_names.is_empty() {
            return name.parse().ok().filter(|it| *it < self.customers);
        }
        let place = self.customer_names.iter().position(|it| it == name)?;
        u32::try_from(place).ok()
    }
}

/// What a deletion says that it takes.
pub(crate) fn target(
    spec: Option<&Located<TargetSpec>>,
    estate: &Estate,
    resolver: &mut Resolver<'_>,
) -> Target {
    let Some(spec) = spec else { return Target::Site };
    let TargetSpec::Part(it) = &spec.value else { return Target::Site };
    if estate.services.len() > MOST_SERVICES {
        let message = format!("only of {MOST_SERVICES} services or fewer one alone can be lost");
        resolver.error(Code::OutOfRange, spec.span, message).help("leave out `target`");
    }
    let words = estate.vocabulary();
    match (&it.product, &it.service) {
        (Some(name), None) => {
            if let Some(shards) = &it.shards {
                resolver
                    .error(Code::ConflictingKeys, shards.span, "a product has no shards")
                    .help("name the service whose shards are lost in the place of the product");
            }
            words.product(name, resolver).map_or(Target::Site, Target::Product)
        }
        (None, Some(name)) => {
            let id = symbols::service(name, &estate.services, resolver);
            let Some(id) = id else { return Target::Site };
            let Some(shards) = &it.shards else { return Target::Service(id) };
            if shards.is_empty() {
                resolver
                    .error(Code::MissingKey, shards.span, "which shards it is, is not said")
                    .help("write their numbers, such as [0], or leave out `shards`");
            }
            Target::Shards(id, shard_numbers(id, shards, estate, resolver))
        }
        (Some(_), Some(second)) => {
            resolver
                .error(
                    Code::ConflictingKeys,
                    second.span,
                    "a deletion takes a product or a service",
                )
                .help("write another table `[[incident.deletions]]` for the second");
            Target::Site
        }
        (None, None) => {
            let cut =
                ["product", "service"].iter().any(|it| resolver.parsed.was_cut(spec.span, it));
            if !cut {
                resolver
                    .error(Code::MissingKey, spec.span, "what is lost is not said")
                    .help("write { product = \"wiki\" }, { service = \"db\" } or \"site\"");
            }
            Target::Site
        }
    }
}
