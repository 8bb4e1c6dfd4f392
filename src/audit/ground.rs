//! What the auditor knows before the exercise begins: the steps and the rows of the log in the words
//! of the scenario, and which site has which step.

use crate::ids::{Id, ServiceId, SiteId, StrategyId};
use crate::scenario::{
    DeletedSite, Element, Lost, Per, Scenario, Service, Site, SoftDelete, Step, StepPlace,
    Strategy, When,
};
use crate::trace::{Legend, TaskRef};

/// What everything is judged by.
pub(super) struct Ground<'a> {
    pub scenario: &'a Scenario,
    pub strategy: &'a Strategy,
    /// What the places in the log stand for.
    pub legend: Legend,
    /// By place in the log.
    pub steps: Vec<StepFacts<'a>>,
    /// By place in the log.
    pub rows: Vec<RowFacts<'a>>,
    /// Every combination of products, what of them may be lost, and kind of deletion, once.
    pub kinds: Vec<SiteKind>,
    /// By kind, then step: whether such a site has the step.
    present: Vec<bool>,
}

/// A step of the log.
pub(super) struct StepFacts<'a> {
    pub place: StepPlace,
    pub step: &'a Step,
    pub track: usize,
    /// By which its numbers are drawn: the key with its element.
    pub key: String,
    /// Left out for all, as what is not done for sites may be.
    pub absent: bool,
}

/// A site of the log.
pub(super) struct RowFacts<'a> {
    pub id: SiteId,
    pub site: &'a Site,
    pub deleted: DeletedSite,
    /// The kind of a site that has lost all that may be taken of it, by its place among the kinds.
    pub widest: usize,
}

/// Sites with the same steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SiteKind {
    /// One bit a product.
    pub products: u64,
    /// What of it is gone.
    pub lost: Lost,
    /// Whether what was deleted may have been kept.
    pub soft: bool,
}

impl<'a> Ground<'a> {
    pub(super) fn new(scenario: &'a Scenario, id: StrategyId, legend: &Legend) -> Self {
        let strategy = &scenario.strategies[id];
        let soft = SoftDeletes::of(scenario, strategy);
        let incident = &scenario.incident;
        let kind = |it: &DeletedSite, lost: Lost| SiteKind {
            products: scenario.estate.sites[it.site].products,
            lost,
            soft: soft.every_deletion || it.soft,
        };
        let places = incident.deleted.iter().enumerate();
        let kinds = places.clone().flat_map(|(place, it)| {
            incident.may_lose(place).iter().map(move |lost| kind(it, *lost))
        });
        let mut kinds: Vec<SiteKind> = kinds.collect();
        kinds.sort_unstable();
        kinds.dedup();
        let row = |(place, it): (usize, &DeletedSite)| RowFacts {
            id: it.site,
            site: &scenario.estate.sites[it.site],
            deleted: *it,
            widest: kinds
                .binary_search(&kind(it, incident.loses_at_most(place)))
                .expect("every site has its kind"),
        };
        let rows = places.map(row).collect();
        let all_kept = kinds.iter().all(|it| soft.keeps(*it, Element::Whole));
        let steps: Vec<StepFacts<'a>> = legend
            .steps
            .iter()
            .map(|place| StepFacts::new(scenario, strategy, *place, all_kept))
            .collect();
        let present = kinds.iter().flat_map(|kind| {
            let soft = &soft;
            steps.iter().map(move |step| soft.has_step(*kind, step))
        });
        let present = present.collect();
        Self { scenario, strategy, legend: legend.clone(), steps, rows, kinds, present }
    }

    /// Whether sites of a kind have a step.
    pub(super) fn has(&self, kind: usize, step: usize) -> bool {
        self.present[kind * self.steps.len() + step]
    }

    /// The kind of the site of a row that has lost this, by its place among the kinds.
    pub(super) fn kind_of(&self, row: u32, lost: Lost) -> usize {
        let kind = SiteKind { lost, ..self.kinds[self.rows[row as usize].widest] };
        self.kinds.binary_search(&kind).expect("all that may be lost was looked at")
    }

    /// What the site of a row has lost when both are gone: a service that products of it share goes
    /// with the last of them.
    pub(super) fn lost_together(&self, row: u32, one: Lost, other: Lost) -> Lost {
        let (Lost::Parts { products, services }, Lost::Parts { products: more, services: others }) =
            (one, other)
        else {
            return Lost::Whole;
        };
        let estate = &self.scenario.estate;
        let (gone, mut services) = (products | more, services | others);
        for service in estate.services.ids() {
            let users: Vec<bool> = estate
                .products
                .enumerate()
                .filter(|(id, it)| {
                    self.rows[row as usize].site.has(*id) && it.services.contains(&service)
                })
                .map(|(id, _)| gone >> id.index() & 1 == 1)
                .collect();
            if !users.is_empty() && users.iter().all(|it| *it) {
                services |= 1 << service.index();
            }
        }
        Lost::Parts { products: gone, services }
    }

    /// What the steps of a track are, as places in the log.
    pub(super) fn of_track(&self, track: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.steps.len()).filter(move |it| self.steps[*it].track == track)
    }

    /// The service for which a step is done, if it is done for one.
    pub(super) fn service(&self, step: usize) -> Option<(ServiceId, &'a Service)> {
        let id = self.steps[step].place.element.service()?;
        Some((id, &self.scenario.estate.services[id]))
    }

    /// The shard of a service on which the data of a row lies.
    pub(super) fn shard(&self, service: ServiceId, row: u32) -> u32 {
        self.scenario.estate.services[service].shard_of[self.rows[row as usize].id]
    }

    /// A step in words, with its track.
    pub(super) fn step_name(&self, step: usize) -> String {
        let it = &self.steps[step];
        let track = &self.strategy.tracks.as_slice()[it.track].name;
        let element = it.place.element.name(&self.scenario.estate);
        let slash = if element.is_empty() { "" } else { "/" };
        let undeletes = if it.place.undeletes { " (undelete)" } else { "" };
        format!("{track}.{}{slash}{element}{undeletes}", it.step.id)
    }

    /// A task in words.
    pub(super) fn task_name(&self, task: TaskRef) -> String {
        let step = usize::from(task.step);
        let name = self.step_name(step);
        match self.steps[step].step.per {
            Per::Once => format!("`{name}`"),
            Per::Site => format!("`{name}` of `{}`", self.site_name(task.row)),
            Per::Batch => format!("`{name}` of the batch of `{}`", self.site_name(task.row)),
            Per::Shard => format!("`{name}` for `{}`", self.site_name(task.row)),
        }
    }

    pub(super) fn site_name(&self, row: u32) -> &'a str {
        &self.rows[row as usize].site.name
    }

    pub(super) fn track_name(&self, track: usize) -> &'a str {
        &self.strategy.tracks.as_slice()[track].name
    }
}

impl<'a> StepFacts<'a> {
    fn new(
        scenario: &'a Scenario,
        strategy: &'a Strategy,
        place: StepPlace,
        all_kept: bool,
    ) -> Self {
        let step = &scenario.runbooks[strategy.tracks[place.track].runbook].steps[place.step];
        let mut key = step.key.clone();
        if place.element != Element::Whole {
            key = format!("{key}/{}", place.element.name(&scenario.estate));
        }
        if place.undeletes {
            key += " (undelete)";
        }
        let called_for = match step.when {
            When::Always => true,
            When::Hard => !all_kept,
            When::Soft => all_kept,
        };
        let absent = step.per != Per::Site && !called_for;
        Self { place, step, track: place.track.index(), key, absent }
    }
}

/// Which deletions are kept, and by whom.
pub(super) struct SoftDeletes<'a> {
    scenario: &'a Scenario,
    pub table: Option<&'a SoftDelete>,
    every_deletion: bool,
}

impl<'a> SoftDeletes<'a> {
    pub(super) fn of(scenario: &'a Scenario, strategy: &'a Strategy) -> Self {
        let own = strategy.guardrails.soft_delete.as_ref();
        let table = own.or(scenario.incident.soft_delete.as_ref());
        Self { scenario, table, every_deletion: own.is_some() }
    }

    fn services(&self, kind: SiteKind) -> Vec<ServiceId> {
        let estate = &self.scenario.estate;
        let uses = |id: &ServiceId| {
            let has = |(place, it): (usize, &crate::scenario::Product)| {
                kind.products >> place & 1 == 1 && it.services.contains(id)
            };
            estate.products.is_empty() || estate.products.iter().enumerate().any(has)
        };
        let is_gone = |id: &ServiceId| match kind.lost {
            Lost::Whole => true,
            Lost::Parts { services, .. } => services >> id.index() & 1 == 1,
        };
        estate.services.ids().filter(uses).filter(is_gone).collect()
    }

    fn has_element(&self, kind: SiteKind, element: Element) -> bool {
        match element {
            Element::Whole => true,
            Element::Service(id) => self.services(kind).contains(&id),
            Element::Product(id) => {
                let stores = &self.scenario.estate.products[id].services;
                let is_gone = match kind.lost {
                    Lost::Whole => true,
                    Lost::Parts { products, .. } => {
                        products >> id.index() & 1 == 1
                            || self.services(kind).iter().any(|it| stores.contains(it))
                    }
                };
                kind.products >> id.index() & 1 == 1 && is_gone
            }
        }
    }

    /// Whether all that an element of such a site holds has been kept.
    fn keeps(&self, kind: SiteKind, element: Element) -> bool {
        let Some(table) = self.table.filter(|_| kind.soft) else { return false };
        let stores = match element {
            Element::Whole => self.services(kind),
            Element::Service(id) => vec![id],
            Element::Product(id) => {
                let mut stores = self.scenario.estate.products[id].services.clone();
                if kind.lost != Lost::Whole {
                    let gone = self.services(kind);
                    stores.retain(|it| gone.contains(it));
                }
                stores
            }
        };
        match stores.is_empty() {
            true => table.services.is_none(),
            false => stores.iter().all(|it| table.covers(*it)),
        }
    }

    fn has_step(&self, kind: SiteKind, facts: &StepFacts<'_>) -> bool {
        let (step, element) = (facts.step, facts.place.element);
        let kept = self.keeps(kind, element);
        let called_for = match step.when {
            When::Always => true,
            When::Hard => !kept,
            When::Soft => kept,
        };
        match step.per {
            Per::Once | Per::Batch => !facts.absent,
            Per::Shard => !facts.absent && self.has_element(kind, element),
            Per::Site => {
                self.has_element(kind, element)
                    && (called_for || step.stands_in_for.is_some())
                    && (step.restore_point.is_none() || kept == facts.place.undeletes)
            }
        }
    }
}
