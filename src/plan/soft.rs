//! What soft deletes change in a plan: steps that bring a store back become un-deleting where the
//! store has kept the data, and steps may be there after one kind of deletion only.

use crate::ids::{ProductId, ServiceId};
use crate::scenario::{
    DeletedSite, Element, Estate, Inject, InjectKind, Scenario, SoftDelete, Step, Strategy, When,
};

/// What the graph of steps of a site depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    /// What the site has licensed, one bit a product.
    products: u64,
    /// Whether it was deleted softly.
    soft: bool,
}

/// The sites that an incident aims at, as far as soft deletes go.
#[derive(Clone, Debug)]
pub(super) struct Kinds<'a> {
    estate: &'a Estate,
    table: Option<&'a SoftDelete>,
    /// Whether the strategy makes every deletion a soft one.
    all_soft: bool,
    /// Every kind that there is, once.
    known: Vec<Kind>,
    /// Kinds by which the steps of a plan are chosen: those that there are, or where every
    /// replication draws its own sites, enough to have the same steps in all.
    possible: Vec<Kind>,
}

impl<'a> Kinds<'a> {
    pub(super) fn new(scenario: &'a Scenario, strategy: &'a Strategy) -> Self {
        let by_strategy = strategy.guardrails.soft_delete.as_ref();
        let mut kinds = Self {
            estate: &scenario.estate,
            table: by_strategy.or(scenario.incident.soft_delete.as_ref()),
            all_soft: by_strategy.is_some(),
            known: Vec::new(),
            possible: Vec::new(),
        };
        let mut known: Vec<Kind> =
            scenario.incident.deleted.iter().map(|it| kinds.of(it)).collect();
        known.sort_unstable();
        known.dedup();
        kinds.possible = match scenario.estate.is_redrawn() {
            true => kinds.simplest(scenario),
            false => known.clone(),
        };
        kinds.known = known;
        kinds
    }

    /// Sites of one product each, after each kind of deletion that there may be. What is kept of a
    /// site with several products is kept of each of them, so these tell what any site may need.
    fn simplest(&self, scenario: &Scenario) -> Vec<Kind> {
        let incident = &scenario.incident;
        let soft = self.all_soft || incident.runs.iter().any(|it| it.soft);
        let by_inject = |it: &Inject| matches!(it.what, InjectKind::Deletion(..));
        let hard = !self.all_soft
            && (incident.runs.iter().any(|it| !it.soft) || scenario.injects.iter().any(by_inject));
        let products: Vec<u64> = match self.estate.products.len() {
            0 => vec![0],
            some => (0..some).map(|it| 1 << it).collect(),
        };
        let ways = [hard.then_some(false), soft.then_some(true)];
        let of_product =
            |products| ways.into_iter().flatten().map(move |soft| Kind { products, soft });
        products.into_iter().flat_map(of_product).collect()
    }

    pub(super) fn of(&self, deleted: &DeletedSite) -> Kind {
        let products = self.estate.sites[deleted.site].products;
        Kind { products, soft: self.all_soft || deleted.soft }
    }

    /// How soft deletes are kept.
    pub(super) fn table(&self) -> &'a SoftDelete {
        self.table.expect("checked: who un-deletes says how long it is kept")
    }

    /// Whether a site of a kind has what a step was expanded for.
    pub(super) fn has(&self, kind: Kind, element: Element) -> bool {
        match element {
            Element::Whole => true,
            Element::Service(id) => self.services_of(kind).any(|it| it == id),
            Element::Product(id) => has_product(kind, id),
        }
    }

    /// Whether all that an element of a site of a kind holds is kept and can be un-deleted.
    pub(super) fn keeps(&self, kind: Kind, element: Element) -> bool {
        let Some(table) = self.table.filter(|_| kind.soft) else { return false };
        // What holds no data is kept only by those who keep everything.
        let all = |mut services: Box<dyn Iterator<Item = ServiceId> + '_>| {
            let first = services.next();
            first.map_or(table.services.is_none(), |it| table.covers(it))
                && services.all(|it| table.covers(it))
        };
        match element {
            Element::Whole => all(Box::new(self.services_of(kind))),
            Element::Service(id) => table.covers(id),
            Element::Product(id) => {
                all(Box::new(self.estate.products[id].services.iter().copied()))
            }
        }
    }

    /// Whether a step that brings stores back exists as such, and as un-deleting, for some site.
    pub(super) fn variants(&self, step: &Step, element: Element) -> Vec<bool> {
        if step.restore_point.is_none() {
            return vec![false];
        }
        let having = || self.possible.iter().filter(|it| self.has(**it, element));
        let soft = having().any(|it| self.keeps(*it, element));
        let hard = !soft || having().any(|it| !self.keeps(*it, element));
        [hard.then_some(false), soft.then_some(true)].into_iter().flatten().collect()
    }

    /// Whether a step that is not done for sites is left out.
    pub(super) fn leaves_out(&self, when: When) -> bool {
        let all_kept = || self.known.iter().all(|it| self.keeps(*it, Element::Whole));
        match when {
            When::Always => false,
            When::Hard => all_kept(),
            When::Soft => !all_kept(),
        }
    }

    /// Whether a site of a kind has a step after the kind of deletion that it has seen.
    pub(super) fn calls_for(&self, kind: Kind, when: When, element: Element) -> bool {
        match when {
            When::Always => true,
            When::Hard => !self.keeps(kind, element),
            When::Soft => self.keeps(kind, element),
        }
    }

    fn services_of(&self, kind: Kind) -> impl Iterator<Item = ServiceId> + '_ {
        let products = &self.estate.products;
        let used = move |id: &ServiceId| {
            products.is_empty()
                || products
                    .enumerate()
                    .any(|(product, it)| has_product(kind, product) && it.services.contains(id))
        };
        self.estate.services.ids().filter(used)
    }
}

fn has_product(kind: Kind, product: ProductId) -> bool {
    use crate::ids::Id;
    kind.products >> product.index() & 1 == 1
}
