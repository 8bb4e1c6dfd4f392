//! What the auditor knows before the exercise begins: the steps and the rows of the log in the words
//! of the scenario, and which site has which step.

use crate::ids::{Id, ServiceId, SiteId, StrategyId};
use crate::scenario::{
    DeletedSite, Element, Per, Scenario, Service, Site, SoftDelete, Step, StepPlace, Strategy, When,
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
    /// Every combination of products and kind of deletion, once.
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
    /// Its place among the kinds.
    pub kind: usize,
}

/// Sites with the same steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SiteKind {
    /// One bit a product.
    pub products: u64,
    /// Whether what was deleted may have been kept.
    pub soft: bool,
}

impl<'a> Ground<'a> {
    pub(super) fn new(scenario: &'a Scenario, id: StrategyId, legend: &Legend) -> Self {
        let strategy = &scenario.strategies[id];
        let soft = SoftDeletes::of(scenario, strategy);
        let kind = |it: &DeletedSite| SiteKind {
            products: scenario.estate.sites[it.site].products,
            soft: soft.every_deletion || it.soft,
        };
        let mut kinds: Vec<SiteKind> = scenario.incident.deleted.iter().map(kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let row = |it: &DeletedSite| RowFacts {
            id: it.site,
            site: &scenario.estate.sites[it.site],
            deleted: *it,
            kind: kinds.binary_search(&kind(it)).expect("every site has its kind"),
        };
        let rows = scenario.incident.deleted.iter().map(row).collect();
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

    /// Whether the site of a row has a step.
    pub(super) fn row_has(&self, row: u32, step: usize) -> bool {
        self.has(self.rows[row as usize].kind, step)
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
        estate.services.ids().filter(uses).collect()
    }

    fn has_element(&self, kind: SiteKind, element: Element) -> bool {
        match element {
            Element::Whole => true,
            Element::Service(id) => self.services(kind).contains(&id),
            Element::Product(id) => kind.products >> id.index() & 1 == 1,
        }
    }

    /// Whether all that an element of such a site holds has been kept.
    fn keeps(&self, kind: SiteKind, element: Element) -> bool {
        let Some(table) = self.table.filter(|_| kind.soft) else { return false };
        let stores = match element {
            Element::Whole => self.services(kind),
            Element::Service(id) => vec![id],
            Element::Product(id) => self.scenario.estate.products[id].services.clone(),
        };
        match stores.is_empty() {
            true => table.services.is_none(),
            false => stores.iter().all(|it| table.covers(*it)),
        }
    }

    fn has_step(&self, kind: SiteKind, it: &StepFacts<'_>) -> bool {
        let (step, element) = (it.step, it.place.element);
        let kept = self.keeps(kind, element);
        let called_for = match step.when {
            When::Always => true,
            When::Hard => !kept,
            When::Soft => kept,
        };
        match step.per {
            Per::Once | Per::Batch => !it.absent,
            Per::Shard => !it.absent && self.has_element(kind, element),
            Per::Site => {
                self.has_element(kind, element)
                    && (called_for || step.stands_in_for.is_some())
                    && (step.restore_point.is_none() || kept == it.place.undeletes)
            }
        }
    }
}
