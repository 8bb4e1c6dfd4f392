//! What sites lose and a strategy does not bring back: parts of them that no step is done for, and
//! stores of which no step says to which moment they come back, while one does of others. Where none
//! says it of any store, all figures of data loss are unknown, which `unjudged` tells.

use std::collections::BTreeMap;
use std::fmt;

use crate::diagnostics::Code;
use crate::ids::{IdVec, RunbookId, ServiceId};
use crate::scenario::estate::Estate;
use crate::scenario::incident::DeletedSite;
use crate::scenario::lost::Lost;
use crate::scenario::read::resolver::Resolver;
use crate::scenario::resample::Draws;
use crate::scenario::runbook::{Expansion, Runbook, Step};
use crate::scenario::strategy::Strategy;
use crate::spec::{Located, ServiceClass, StrategySpec};

/// What a runbook has not for something that sites lose.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lacking {
    Step,
    RestorePoint,
}

impl Lacking {
    fn help(self) -> &'static str {
        match self {
            Self::Step => "sites come back without it: add a step with `for_each`",
            Self::RestorePoint => {
                "how much of it is lost is in no figure: add a step with `for_each` and a \
                 `restore_point`, or give it another `class` if it is made anew from other data"
            }
        }
    }
}

impl fmt::Display for Lacking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Step => "step",
            Self::RestorePoint => "restore point",
        })
    }
}

/// Warns of what the sites of a track lose and its runbook does not bring back.
pub(crate) fn check(
    spec: &Located<StrategySpec>,
    strategy: &Strategy,
    runbooks: &IdVec<RunbookId, Runbook>,
    draws: &Draws<'_>,
    resolver: &mut Resolver<'_>,
) {
    let (estate, incident) = (draws.estate, draws.incident);
    let supporting = strategy.tracks.iter().filter(|it| !it.claims);
    let supporting: Vec<ServiceId> =
        supporting.flat_map(|it| with_point(&runbooks[it.runbook])).collect();
    for (track, written) in strategy.tracks.iter().zip(&spec.tracks).filter(|it| it.0.claims) {
        let runbook = &runbooks[track.runbook];
        let restored: Vec<ServiceId> =
            with_point(runbook).chain(supporting.iter().copied()).collect();
        let is_for_parts = is_for_parts(runbook);
        // Services of which it could be silent, each with whether it has a step for it.
        let silent = estate.services.enumerate().filter(|(id, store)| {
            !restored.is_empty() && store.class == ServiceClass::Primary && !restored.contains(id)
        });
        let silent: Vec<(ServiceId, bool)> =
            silent.map(|(id, _)| (id, covers(runbook, id, estate))).collect();
        let mut missing: BTreeMap<(&str, Lacking), usize> = BTreeMap::new();
        for (place, it) in incident.deleted.iter().enumerate() {
            if !track.takes.matches(estate, it.site) {
                continue;
            }
            let lost = incident.loses_at_most(place);
            let parts = match is_for_parts {
                true => without_step(runbook, lost, estate),
                false => Vec::new(),
            };
            // A part for which there is no step is told as that.
            let is_silent = |(id, is_covered): &&(ServiceId, bool)| {
                (lost == Lost::Whole || !is_for_parts || *is_covered)
                    && estate.has_service(&estate.sites[it.site], *id)
                    && lost.has(*id)
                    && is_gone(*id, it, strategy, draws)
            };
            let silent = silent.iter().filter(is_silent).map(|(id, _)| &estate.services[*id]);
            let silent = silent.map(|it| (it.name.as_str(), Lacking::RestorePoint));
            for lacking in silent.chain(parts.iter().map(|it| (*it, Lacking::Step))) {
                *missing.entry(lacking).or_default() += 1;
            }
        }
        for ((name, lacking), sites) in missing {
            let sites = match sites {
                1 => "1 site loses".to_owned(),
                more => format!("{more} sites lose"),
            };
            let message =
                format!("runbook `{}` has no {lacking} for `{name}`, which {sites}", runbook.name);
            resolver
                .diagnostics
                .warning(Code::Suspicious, written.span, message)
                .help(lacking.help());
        }
    }
}

/// A runbook that knows no parts, or brings back all at once, is for whole sites.
fn is_for_parts(runbook: &Runbook) -> bool {
    let of_all = |it: &Step| {
        let brings_back = it.restore_point.is_some() || it.transfer.is_some();
        it.expansion == Expansion::None && brings_back
    };
    runbook.steps.iter().any(|it| it.expansion != Expansion::None)
        && !runbook.steps.iter().any(of_all)
}

/// The services of which a runbook says to which moment they come back.
fn with_point(runbook: &Runbook) -> impl Iterator<Item = ServiceId> + '_ {
    let steps = runbook.steps.iter().filter(|it| it.restore_point.is_some());
    steps
        .flat_map(|it| match &it.expansion {
            Expansion::Services(list) => list.as_slice(),
            Expansion::None | Expansion::Products(_) => &[],
        })
        .copied()
}

/// Whether any step of a runbook is done for a service, or for a product that needs it.
fn covers(runbook: &Runbook, service: ServiceId, estate: &Estate) -> bool {
    runbook.steps.iter().any(|step| match &step.expansion {
        Expansion::None => false,
        Expansion::Services(list) => list.contains(&service),
        Expansion::Products(list) => {
            list.iter().any(|it| estate.products[*it].services.contains(&service))
        }
    })
}

/// Whether a deletion of a site takes what a service has for good: no soft delete keeps it.
fn is_gone(service: ServiceId, site: &DeletedSite, strategy: &Strategy, draws: &Draws<'_>) -> bool {
    let own = strategy.guardrails.soft_delete.as_ref();
    let kept = own.or_else(|| draws.incident.soft_delete.as_ref().filter(|_| site.soft));
    kept.is_none_or(|it| !it.covers(service))
}

/// The lost parts of a site that no step of a runbook is done for: of a product, its primary
/// services, or if it has none, all of it.
fn without_step<'a>(runbook: &Runbook, lost: Lost, estate: &'a Estate) -> Vec<&'a str> {
    let covers = |service: ServiceId| covers(runbook, service, estate);
    let for_product = |product| {
        runbook.steps.iter().any(|step| match &step.expansion {
            Expansion::Products(list) => list.contains(&product),
            Expansion::None | Expansion::Services(_) => false,
        })
    };
    let (products, mut services) = estate.parts_of(lost);
    let mut missing = Vec::new();
    for id in products.into_iter().filter(|it| !for_product(*it)) {
        let own = estate.products[id].services.iter().copied().filter(|it| lost.has(*it));
        if !own.clone().any(covers) {
            missing.push(estate.products[id].name.as_str());
        } else {
            services.extend(own.filter(|it| estate.services[*it].class == ServiceClass::Primary));
        }
    }
    let uncovered = services.into_iter().filter(|it| !covers(*it));
    missing.extend(uncovered.map(|it| estate.services[it].name.as_str()));
    missing
}
