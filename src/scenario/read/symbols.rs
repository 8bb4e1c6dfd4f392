//! The names that a scenario gives to its things, and how one is looked up.
//!
//! A table may only name what stands in the tables that are resolved before it. [`Symbols`] is made
//! once, when all but procedures and strategies is known: what everything from the first runbook on
//! may name. Before it there are only [`Moments`], for teams and limits; who names a runbook or a
//! strategy is given that table too. So nobody can look into a table that is not there yet.

use crate::diagnostics::{Code, Span};
use crate::ids::{
    IdVec, LimitId, ProductId, RegionId, RunbookId, ServiceId, StrategyId, TeamId, ThroughputId,
    TierId,
};
use crate::scenario::estate::Estate;
use crate::scenario::read::moment::Moments;
use crate::scenario::read::names::find;
use crate::scenario::read::resolver::Resolver;
use crate::scenario::runbook::Runbook;
use crate::scenario::site::{Product, Service};
use crate::scenario::strategy::Strategy;
use crate::scenario::team::{Limit, Team};
use crate::scenario::throughput::Throughput;
use crate::spec::Located;

/// What everything from the first runbook on can name.
#[derive(Clone, Copy)]
pub(crate) struct Symbols<'a> {
    pub estate: &'a Estate,
    pub moments: Moments<'a>,
    pub teams: &'a IdVec<TeamId, Team>,
    pub limits: &'a IdVec<LimitId, Limit>,
    pub throughputs: &'a IdVec<ThroughputId, Throughput>,
}

/// The names that selections use.
#[derive(Clone, Copy)]
pub(crate) struct Vocabulary<'a> {
    pub tiers: &'a [String],
    pub regions: &'a [String],
    pub products: &'a IdVec<ProductId, Product>,
    /// What there is only once the sites are known.
    pub estate: Option<&'a Estate>,
}

impl Symbols<'_> {
    pub(crate) fn service(
        &self,
        name: &Located<String>,
        resolver: &mut Resolver<'_>,
    ) -> Option<ServiceId> {
        service(name, &self.estate.services, resolver)
    }

    pub(crate) fn team(
        &self,
        name: &Located<String>,
        resolver: &mut Resolver<'_>,
    ) -> Option<TeamId> {
        let known = self.teams.iter().map(|it| it.name.as_str());
        find(at(name), known, Code::UnknownTeam, "team", resolver)
    }

    pub(crate) fn limit(
        &self,
        name: &Located<String>,
        resolver: &mut Resolver<'_>,
    ) -> Option<LimitId> {
        let known = self.limits.iter().map(|it| it.name.as_str());
        find(at(name), known, Code::UnknownLimit, "limit", resolver)
    }

    pub(crate) fn throughput(
        &self,
        name: &Located<String>,
        resolver: &mut Resolver<'_>,
    ) -> Option<ThroughputId> {
        let known = self.throughputs.iter().map(|it| it.name.as_str());
        find(at(name), known, Code::UnknownThroughput, "throughput", resolver)
    }
}

impl Estate {
    pub(crate) fn vocabulary(&self) -> Vocabulary<'_> {
        Vocabulary {
            tiers: self.tiers.as_slice(),
            regions: self.regions.as_slice(),
            products: &self.products,
            estate: Some(self),
        }
    }
}

impl Vocabulary<'_> {
    pub(crate) fn tier(
        &self,
        name: &Located<String>,
        resolver: &mut Resolver<'_>,
    ) -> Option<TierId> {
        let known = self.tiers.iter().map(String::as_str);
        find(at(name), known, Code::UnknownTier, "tier", resolver)
    }

    pub(crate) fn region(
        &self,
        name: &Located<String>,
        resolver: &mut Resolver<'_>,
    ) -> Option<RegionId> {
        let known = self.regions.iter().map(String::as_str);
        find(at(name), known, Code::UnknownRegion, "region", resolver)
    }

    pub(crate) fn product(
        &self,
        name: &Located<String>,
        resolver: &mut Resolver<'_>,
    ) -> Option<ProductId> {
        let known = self.products.iter().map(|it| it.name.as_str());
        find(at(name), known, Code::UnknownProduct, "product", resolver)
    }
}

/// The service of this name, also while the rest of the estate is not known yet.
pub(crate) fn service(
    name: &Located<String>,
    services: &IdVec<ServiceId, Service>,
    resolver: &mut Resolver<'_>,
) -> Option<ServiceId> {
    let known = services.iter().map(|it| it.name.as_str());
    find(at(name), known, Code::UnknownService, "service", resolver)
}

/// The runbook of this name.
pub(crate) fn runbook(
    name: &Located<String>,
    runbooks: &IdVec<RunbookId, Runbook>,
    resolver: &mut Resolver<'_>,
) -> Option<RunbookId> {
    let known = runbooks.iter().map(|it| it.name.as_str());
    find(at(name), known, Code::UnknownRunbook, "runbook", resolver)
}

/// The strategy of this name.
pub(crate) fn strategy(
    name: &Located<String>,
    strategies: &IdVec<StrategyId, Strategy>,
    resolver: &mut Resolver<'_>,
) -> Option<StrategyId> {
    let known = strategies.iter().map(|it| it.name.as_str());
    find(at(name), known, Code::UnknownStrategy, "strategy", resolver)
}

fn at(name: &Located<String>) -> (&str, Span) {
    (&name.value, name.span)
}
