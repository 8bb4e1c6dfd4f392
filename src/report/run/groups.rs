//! Recovery times of groups of sites: by tier, by region or by product.

use crate::experiment::{AimedAt, Results, StrategyResults};
use crate::measure::{By, RecoveryTimes, Supports, recovery_times};
use crate::report::figures::{self, Unit};
use crate::report::run::view::{GroupView, View};
use crate::report::words::{self, amount, machine, share};
use crate::scenario::{Figure as Catalogued, Scenario};

/// What sites are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// Which objective holds for them.
    Tier,
    /// Where they live.
    Region,
    /// What they have licensed and lost something of; a site with several products is in several
    /// groups.
    Product,
}

/// Adds to a view of `results` what the recovery times of each group come to.
pub fn add_groups(view: &mut View, scenario: &Scenario, results: &Results, grouping: Grouping) {
    for (strategy, outcomes) in view.strategies.iter_mut().zip(&results.strategies) {
        let supports = Supports::new(scenario, results, outcomes);
        strategy.groups = groups(scenario, results, (outcomes, supports), grouping);
    }
}

fn groups(
    scenario: &Scenario,
    results: &Results,
    (outcomes, supports): (&StrategyResults, Supports),
    grouping: Grouping,
) -> Vec<GroupView> {
    let estate = &scenario.estate;
    let own = (outcomes, supports);
    let one = |by: &str, name: &str, wanted: &(dyn Fn(&AimedAt) -> bool + Sync)| {
        let times = recovery_times(scenario, results, own, By::Site, wanted)?;
        Some(group(scenario, by, name, &times))
    };
    match grouping {
        Grouping::Tier => {
            let tiers = estate.tiers.enumerate();
            tiers.filter_map(|(id, name)| one("tier", name, &|it| it.tier == id)).collect()
        }
        Grouping::Region => {
            let regions = estate.regions.enumerate();
            let site = |it: &AimedAt| &estate.sites[it.site];
            regions
                .filter_map(|(id, name)| one("region", name, &|it| site(it).region == id))
                .collect()
        }
        Grouping::Product => {
            let products = estate.products.enumerate();
            let takes_of =
                |product, it: &AimedAt| scenario.incident.takes_of(product, estate, it.site);
            let each = products
                .filter_map(|(id, it)| one("product", &it.name, &|aimed| takes_of(id, aimed)));
            each.collect()
        }
    }
}

fn group(scenario: &Scenario, by: &str, name: &str, times: &RecoveryTimes) -> GroupView {
    let horizon = scenario.experiment.horizon;
    let (p50, p95) = (words::pooled(&times.p50, horizon), words::pooled(&times.p95, horizon));
    let missing = || "-".to_owned();
    let within = times.within.as_ref().map_or_else(missing, |it| share(it.mean));
    let assurance = times.assurance.as_ref().map_or_else(missing, |it| {
        format!("{} ({} to {})", share(it.share()), share(it.interval.low), share(it.interval.high))
    });
    let pooled = |it: Catalogued, estimate| figures::pooled(it.id(), estimate);
    let mut all = vec![
        pooled(Catalogued::PooledRtaP50, &times.p50),
        pooled(Catalogued::PooledRtaP95, &times.p95),
    ];
    let within_figure = |it| figures::mean(Catalogued::SitesWithinRto.id(), Unit::Share, it);
    all.extend(times.within.as_ref().map(within_figure));
    let assurance_figure = |it| figures::share(Catalogued::AssuranceRto.id(), it);
    all.extend(times.assurance.as_ref().map(assurance_figure));
    GroupView {
        by: by.to_owned(),
        name: name.to_owned(),
        sites: machine(times.number),
        figures: all,
        texts: [amount(times.number), p50.value, p95.value, p95.interval, within, assurance],
    }
}
