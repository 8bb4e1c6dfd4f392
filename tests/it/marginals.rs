//! A generated estate has what is stated of it: every share, median and mean within what chance does.

use std::fmt::Write as _;

use blackstart::ids::{Id, ProductId, ServiceId, TierId};
use blackstart::scenario::{Estate, Scenario};

use crate::support::{checked, scenario};

/// Of the numbers of one estate after the other: a linear congruential sequence, so that the thousand
/// estates are the same in every run.
struct Lots(u64);

impl Lots {
    fn below(&mut self, most: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    /// A share in whole percent.
    fn percent(&mut self) -> u64 {
        [0, 100, self.below(101), self.below(101), self.below(101)][self.below(5) as usize]
    }
}

/// What is stated of an estate.
struct Stated {
    text: String,
    products: [u64; 3],
    inactive: u64,
    owned: u64,
    regions: [u64; 3],
    users: (f64, f64),
    bytes: (f64, f64),
    gold: u64,
    shards: u32,
}

fn stated(number: u64) -> Stated {
    let mut lots = Lots(number);
    let sites = 400 + lots.below(1_600);
    let products = [lots.percent(), lots.percent(), lots.percent()];
    let (inactive, owned) = (lots.percent(), lots.percent());
    let first = lots.below(101);
    let second = lots.below(101 - first);
    let regions = [first, second, 100 - first - second];
    let median = 20 + lots.below(200);
    let users = (median as f64, (median * (2 + lots.below(6))) as f64);
    let mean = 1 + lots.below(40);
    let bytes = (mean as f64, 0.2 + lots.below(15) as f64 / 10.0);
    let correlation = [0.0, 0.5, 0.9][lots.below(3) as usize];
    let gold = median / 2 + lots.below(median);
    let shards = 1 + lots.below(8) as u32;
    let mut text = format!(
        r#"
schema = 1
title = "estate {number}"
[experiment]
population_seed = {number}
[estate.services.db]
shards = {shards}
[estate.products]
app.services = ["db"]
wiki.services = ["db"]
shop.services = ["db"]
[estate.sites]
count = {sites}
users.lognormal = {{ p50 = {}, p90 = {} }}
bytes.lognormal = {{ mean = "{} GiB", cv = {} }}
correlation.users_bytes = {correlation}
inactive = "{inactive}%"
operator_owned = "{owned}%"
tiers = [{{ tier = "gold", when.min_users = {gold} }}, {{ tier = "basic" }}]
[[incident.deletions]]
[[runbooks.r.steps]]
id = "x"
duration = "1h"
[[strategies.s.tracks]]
runbook = "r"
"#,
        users.0, users.1, bytes.0, bytes.1
    );
    text.push_str("[estate.sites.products]\n");
    for (name, share) in ["app", "wiki", "shop"].iter().zip(products) {
        writeln!(text, "{name} = \"{share}%\"").expect("a string takes any text");
    }
    text.push_str("[estate.sites.regions]\n");
    for (name, share) in ["eu", "us", "apac"].iter().zip(regions) {
        writeln!(text, "{name} = \"{share}%\"").expect("a string takes any text");
    }
    Stated { text, products, inactive, owned, regions, users, bytes, gold, shards }
}

/// How many standard errors a share lies from what it should be; of a share that is certain any
/// other is infinitely far off.
fn off(seen: usize, of: usize, share: f64) -> f64 {
    let error = (share * (1.0 - share) / of as f64).sqrt();
    let off = (seen as f64 / of as f64 - share).abs();
    if off < 1e-12 { 0.0 } else { off / error }
}

/// The standard normal distribution function.
fn normal(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

/// The share of users, whole numbers of people, that are so many or more.
fn share_from(users: u64, (p50, p90): (f64, f64)) -> f64 {
    let sigma = libm::log(p90 / p50) / 1.281_551_565_544_600_4;
    1.0 - normal(libm::log((users as f64 - 0.5) / p50) / sigma)
}

/// Every stated figure of an estate, each with how many standard errors the estate is off.
fn all_off(it: &Stated, estate: &Estate) -> Vec<(String, f64)> {
    let sites: Vec<_> = estate.sites.iter().collect();
    let n = sites.len();
    let percent = |it: u64| it as f64 / 100.0;
    let mut all = Vec::new();
    for (place, share) in it.products.iter().enumerate() {
        let seen = sites.iter().filter(|site| site.has(ProductId::new(place))).count();
        all.push((format!("product {place}"), off(seen, n, percent(*share))));
    }
    let inactive = sites.iter().filter(|site| !site.active).count();
    all.push(("inactive".to_owned(), off(inactive, n, percent(it.inactive))));
    let owned = sites.iter().filter(|site| site.operator_owned).count();
    all.push(("owned".to_owned(), off(owned, n, percent(it.owned))));
    for (place, share) in it.regions.iter().enumerate() {
        let seen = sites.iter().filter(|site| site.region.index() == place).count();
        all.push((format!("region {place}"), off(seen, n, percent(*share))));
    }
    let in_use: Vec<_> = sites.iter().filter(|site| site.active).collect();
    if !in_use.is_empty() {
        for users in [it.users.0 as u64, it.users.1 as u64] {
            let seen = in_use.iter().filter(|site| u64::from(site.users) >= users).count();
            let share = share_from(users, it.users);
            all.push((format!("{users} users"), off(seen, in_use.len(), share)));
        }
        let gold = in_use.iter().filter(|site| site.tier == TierId::new(0)).count();
        all.push(("gold".to_owned(), off(gold, in_use.len(), share_from(it.gold, it.users))));
    }
    // The mean of the logarithms, which has the error of a normal mean; bytes are nearly continuous.
    let (mean, cv) = it.bytes;
    let sigma = libm::log(1.0 + cv * cv).sqrt();
    let expected = libm::log(mean * f64::from(1u32 << 30)) - sigma * sigma / 2.0;
    let logs: f64 = sites.iter().map(|site| libm::log(site.bytes.count() as f64)).sum();
    let error = sigma / (n as f64).sqrt();
    all.push(("bytes".to_owned(), (logs / n as f64 - expected).abs() / error));
    let shard_of = &estate.services[ServiceId::new(0)].shard_of;
    for shard in 0..it.shards {
        let seen = shard_of.iter().filter(|it| **it == shard).count();
        all.push((format!("shard {shard}"), off(seen, n, 1.0 / f64::from(it.shards))));
    }
    all
}

#[test]
fn whatever_is_stated_of_an_estate_is_met_as_well_as_chance_allows() {
    let (mut figures, mut sum, mut far) = (0.0, 0.0, Vec::new());
    for number in 0..1_000 {
        let stated = stated(number);
        let estate: Scenario = scenario(&stated.text);
        for (name, off) in all_off(&stated, &estate.estate) {
            if off > 4.0 {
                far.push(format!("estate {number}: {name} is {off:.1} standard errors off"));
            }
            assert!(off <= 5.5, "{far:?}");
            (figures, sum) = (figures + 1.0, sum + off * off);
        }
    }
    // Of so many figures, one or two are further off than four standard errors by chance alone (one in
    // 15,787), and hardly ever six.
    assert!(far.len() < 6, "{far:?} of {figures}");
    // Nor is anything met better than by chance: squares of standard errors have mean 1 where the
    // figure is not certain, which two in five shares are.
    assert!((0.6..1.0).contains(&(sum / figures)), "{} over {figures}", sum / figures);
}

#[test]
fn shares_of_products_are_each_what_is_stated_and_a_site_may_have_none() {
    let text_with = |mix: &str| {
        let text = stated(1).text;
        let (head, rest) = text.split_once("[estate.sites.products]\n").expect("there is a mix");
        let (_, regions) = rest.split_once("[estate.sites.regions]").expect("regions come behind");
        format!("{head}[estate.sites.products]\n{mix}[estate.sites.regions]{regions}")
    };
    let with = |mix: &str| scenario(&text_with(mix));
    let share = |scenario: &Scenario, products: u64| {
        let sites = &scenario.estate.sites;
        sites.iter().filter(|it| it.products == products).count() as f64 / sites.len() as f64
    };
    let halves = with("app = \"50%\"\nwiki = \"50%\"\n");
    let warned = checked(&text_with("app = \"50%\"\nwiki = \"50%\"\n"), &[]);
    let warned = warned.diagnostics.render(&warned.sources, false);
    assert!(warned.contains("sites have no product, and so no data"), "{warned}");
    let quarters = [0b00, 0b01, 0b10, 0b11].map(|it| share(&halves, it));
    assert!(quarters.iter().all(|it| (it - 0.25).abs() < 0.06), "{quarters:?}");
    let one = with("wiki = \"30%\"\n");
    assert!((share(&one, 0b10) - 0.3).abs() < 0.06 && (share(&one, 0) - 0.7).abs() < 0.06);
}

#[test]
fn nobody_uses_a_site_of_no_users() {
    let text = stated(1).text;
    let none = text.lines().map(|it| if it.starts_with("users.") { "users = 0" } else { it });
    let none: Vec<&str> = none.collect();
    let estate = scenario(&none.join("\n")).estate;
    assert!(estate.sites.iter().all(|it| it.users == 0));
    assert!(estate.sites.iter().any(|it| it.active), "in use all the same");
}
