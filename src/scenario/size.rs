//! What is too large to be simulated: a plan knows pools, demands and the like by 16 bits, and
//! every thread keeps all tasks in memory.

use std::collections::BTreeSet;

use crate::diagnostics::{Code, Span};
use crate::ids::{IdVec, LimitId, RunbookId, ServiceId, StepId, TeamId};
use crate::scenario::estate::Estate;
use crate::scenario::failure::Escalation;
use crate::scenario::incident::{DeletedSite, Incident};
use crate::scenario::inject::{Inject, InjectKind};
use crate::scenario::read::resolver::Resolver;
use crate::scenario::runbook::{Expansion, Runbook, Step};
use crate::scenario::strategy::Strategy;
use crate::scenario::team::Limit;
use crate::spec::{Located, Spec, StrategySpec, TooMany};

/// Of each kind that a scenario lists.
const MOST_OF_A_KIND: usize = 10_000;
/// Teams, limits and injects of a strategy, limits that count per shard once for each shard.
const MOST_POOLS: usize = 60_000;
/// Combinations of people and units that tasks need.
const MOST_DEMANDS: usize = 60_000;
/// Combinations of products that deleted sites have, softly deleted ones apart.
const MOST_KINDS: usize = 60_000;
/// Steps times deleted sites: 16 bytes each, on every thread.
const MOST_TASKS: usize = 400_000_000;
/// Steps times combinations of products: some hundred bytes each.
const MOST_PROFILED: usize = 20_000_000;

/// What strategies are measured against.
pub(crate) struct Sizes<'a> {
    pub estate: &'a Estate,
    pub incident: &'a Incident,
    pub injects: &'a [Inject],
    pub teams: usize,
    pub limits: &'a IdVec<LimitId, Limit>,
    pub runbooks: &'a IdVec<RunbookId, Runbook>,
}

/// What a task needs, apart from the shard: two steps that agree in all of it share a demand.
type Demand<'a> =
    (Option<ServiceId>, Vec<(TeamId, u32)>, &'a [(LimitId, u32)], &'a [(LimitId, u32)], Vec<usize>);

/// Reports lists that are longer than a plan can number.
pub(crate) fn check_lists(spec: &Spec, resolver: &mut Resolver<'_>) {
    let mut steps = spec.runbooks.iter().flat_map(|it| it.1.steps.iter().map(|it| it.span));
    let number = steps.clone().count() as u64;
    if let Some(span) = steps.next() {
        resolver.refuse(TooMany::steps(number, resolver.limits()), span);
    }
    if let Some((name, _)) = spec.strategies.entries.first() {
        let number = spec.strategies.entries.len() as u64;
        resolver.refuse(TooMany::strategies(number, resolver.limits()), name.span);
    }
    let mut check = |place: Option<Span>, things: &str| {
        if let Some(span) = place {
            let message = format!("a scenario has at most {MOST_OF_A_KIND} {things}");
            resolver.error(Code::OutOfRange, span, message);
        }
    };
    check(spec.teams.entries.get(MOST_OF_A_KIND).map(|it| it.0.span), "teams");
    check(spec.limits.entries.get(MOST_OF_A_KIND).map(|it| it.0.span), "limits");
    check(spec.throughput.entries.get(MOST_OF_A_KIND).map(|it| it.0.span), "throughputs");
    check(spec.injects.get(MOST_OF_A_KIND).map(|it| it.span), "injects");
}

impl Sizes<'_> {
    /// Reports what is too large for a plan.
    pub(crate) fn check(
        &self,
        spec: &Located<StrategySpec>,
        strategy: &Strategy,
        resolver: &mut Resolver<'_>,
    ) {
        let refuse = |number: usize,
                      most: usize,
                      things: &str,
                      advice: &str,
                      resolver: &mut Resolver<'_>| {
            if number > most {
                let message = format!("the strategy has {number} {things}; {most} is the most");
                resolver.error(Code::OutOfRange, spec.span, message).help(advice);
            }
        };
        let few = "delete fewer sites, or take steps together";
        let (steps, sites) = (self.steps(strategy), self.incident.deleted.len());
        refuse(steps * sites, MOST_TASKS, "tasks, steps times sites", few, resolver);
        let kinds = self.kinds();
        let alike = "let more sites have the same products";
        refuse(kinds, MOST_KINDS, "combinations of products", alike, resolver);
        refuse(
            kinds * steps,
            MOST_PROFILED,
            "steps times combinations of products",
            alike,
            resolver,
        );
        let fewer = "leave out `per = \"shard\"` of a limit, or let sites lie on fewer shards";
        let what = "teams, limits and injects, limits that count per shard once for each shard";
        refuse(self.pools(strategy), MOST_POOLS, what, fewer, resolver);
        let what = "combinations of people and units that tasks need";
        refuse(self.demands(strategy), MOST_DEMANDS, what, fewer, resolver);
    }

    fn steps_of<'s>(
        &'s self,
        strategy: &'s Strategy,
    ) -> impl Iterator<Item = (RunbookId, StepId, &'s Step)> {
        let mut books: Vec<RunbookId> = strategy.tracks.iter().map(|it| it.runbook).collect();
        books.sort_unstable();
        books.dedup();
        books.into_iter().flat_map(|book| {
            self.runbooks[book].steps.enumerate().map(move |(id, step)| (book, id, step))
        })
    }

    /// The steps of all tracks, expanded.
    fn steps(&self, strategy: &Strategy) -> usize {
        let width = |step: &Step| match &step.expansion {
            Expansion::None => 1,
            Expansion::Services(list) => list.len(),
            Expansion::Products(list) => list.len(),
        };
        let books = strategy.tracks.iter().map(|it| &self.runbooks[it.runbook]);
        books.flat_map(|it| it.steps.iter()).map(width).sum()
    }

    fn kinds(&self) -> usize {
        let kinds = |(place, it): (usize, &DeletedSite)| {
            let (products, soft) = (self.estate.sites[it.site].products, it.soft);
            let ways = self.incident.may_lose(place).to_vec();
            ways.into_iter().map(move |lost| (products, soft, lost))
        };
        let deleted = self.incident.deleted.iter().enumerate();
        deleted.flat_map(kinds).collect::<BTreeSet<_>>().len()
    }

    /// The shards of a service on which sites lie that may be deleted.
    fn shards(&self, service: ServiceId) -> usize {
        let shard_of = &self.estate.services[service].shard_of;
        let shards = self.incident.deleted.iter().map(|it| shard_of[it.site]);
        shards.collect::<BTreeSet<_>>().len()
    }

    fn takes_by_shard(&self, step: &Step) -> impl Iterator<Item = LimitId> {
        let all = step.limits.iter().chain(&step.holds).map(|it| it.0);
        all.filter(|it| self.limits[*it].per_shard)
    }

    fn pools(&self, strategy: &Strategy) -> usize {
        let mut parts: BTreeSet<(LimitId, ServiceId)> = BTreeSet::new();
        for (_, _, step) in self.steps_of(strategy) {
            let Expansion::Services(services) = &step.expansion else { continue };
            for limit in self.takes_by_shard(step) {
                parts.extend(services.iter().map(|it| (limit, *it)));
            }
        }
        let parts: usize = parts.into_iter().map(|(_, service)| self.shards(service)).sum();
        self.teams + self.limits.len() + self.injects.len() + parts
    }

    fn demands(&self, strategy: &Strategy) -> usize {
        let mut demands: BTreeSet<Demand<'_>> = BTreeSet::new();
        for (book, id, step) in self.steps_of(strategy) {
            let freezes = |it: &Inject| match &it.what {
                InjectKind::Freeze(steps) => steps.contains(&(book, id)),
                _ => false,
            };
            let frozen: Vec<usize> =
                (0..self.injects.len()).filter(|it| freezes(&self.injects[*it])).collect();
            let mut crews = vec![step.teams.clone()];
            if let Some(left) = step.automation.as_ref().and_then(|it| it.people) {
                crews.push(step.teams.iter().map(|(team, _)| (*team, left)).collect());
            }
            if let Some(Escalation::Team(team, people)) =
                step.failure.and_then(|it| it.escalates_to)
            {
                crews.push(vec![(team, people)]);
            }
            let services: Vec<Option<ServiceId>> = match &step.expansion {
                Expansion::Services(list) => list.iter().copied().map(Some).collect(),
                Expansion::None | Expansion::Products(_) => vec![None],
            };
            for service in services {
                for crew in &crews {
                    demands.insert((
                        service,
                        crew.clone(),
                        &step.limits,
                        &step.holds,
                        frozen.clone(),
                    ));
                }
            }
        }
        // To start, while it runs, and what is held.
        let combinations = |(service, _, uses, holds, _): &Demand<'_>| {
            let mut all = uses.iter().chain(*holds);
            let by_shard = all.any(|it| self.limits[it.0].per_shard);
            let shards = service.filter(|_| by_shard).map_or(1, |it| self.shards(it));
            shards * if holds.is_empty() { 1 } else { 3 }
        };
        1 + demands.iter().map(combinations).sum::<usize>()
    }
}
