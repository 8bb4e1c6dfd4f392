//! Which kinds of sites a plan tells apart: by products, by what is lost, and by whether it is kept
//! for a while. Soft deletes change their steps: steps that bring a store back become un-deleting where the
//! store has kept the data, and steps may be there after one kind of deletion only.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use crate::ids::{Id, ProductId, ServiceId};
use crate::scenario::{
    DeletedSite, Element, Estate, Inject, InjectKind, Lost, MOST_SERVICES, Scenario, SoftDelete,
    Step, Strategy, Target, When,
};

/// What the graph of steps of a site depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    /// What the site has licensed, one bit a product.
    products: u64,
    /// What of it is lost.
    lost: Lost,
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
    /// The products that use each service, one bit a product.
    users: Vec<u64>,
    /// Whether each service keeps what is deleted.
    covered: Vec<bool>,
    /// Whether all that is deleted is kept, once somebody has asked.
    all_kept: OnceCell<bool>,
    /// For each element that somebody has asked about whether what it holds can be kept of some
    /// site, and whether it can be lost of one.
    kept_or_not: RefCell<BTreeMap<Element, (bool, bool)>>,
}

impl<'a> Kinds<'a> {
    pub(super) fn new(scenario: &'a Scenario, strategy: &'a Strategy) -> Self {
        let by_strategy = strategy.guardrails.soft_delete.as_ref();
        let table = by_strategy.or(scenario.incident.soft_delete.as_ref());
        let services = scenario.estate.services.ids();
        let mut kinds = Self {
            estate: &scenario.estate,
            table,
            all_soft: by_strategy.is_some(),
            known: Vec::new(),
            possible: Vec::new(),
            users: users(&scenario.estate),
            covered: services.map(|it| table.is_some_and(|table| table.covers(it))).collect(),
            all_kept: OnceCell::new(),
            kept_or_not: RefCell::default(),
        };
        let known = kinds.known(scenario);
        kinds.possible = match scenario.estate.is_redrawn() {
            true => kinds.simplest(scenario),
            false => known.clone(),
        };
        kinds.known = known;
        kinds
    }

    /// Every kind that there is, once.
    fn known(&self, scenario: &Scenario) -> Vec<Kind> {
        let incident = &scenario.incident;
        let mut known: BTreeSet<Kind> = BTreeSet::new();
        for (place, deleted) in incident.deleted.iter().enumerate() {
            known.extend(incident.may_lose(place).iter().map(|lost| self.of(deleted, *lost)));
        }
        known.into_iter().collect()
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
        let mut kinds = Vec::new();
        for products in products {
            for lost in self.simplest_losses(scenario, products) {
                let ways = ways.into_iter().flatten();
                kinds.extend(ways.map(|soft| Kind { products, lost, soft }));
            }
        }
        kinds
    }

    /// What a site of one product may lose: all, and each part alone. What is kept of several
    /// services is kept of each of them, so these tell what any loss may need.
    fn simplest_losses(&self, scenario: &Scenario, products: u64) -> Vec<Lost> {
        let injected = scenario.injects.iter().filter_map(|it| match &it.what {
            InjectKind::Deletion(_, aim) => Some(&aim.target),
            _ => None,
        });
        let targets = scenario.incident.runs.iter().map(|it| &it.aim.target).chain(injected);
        let whole = Kind { products, lost: Lost::Whole, soft: false };
        let services: Vec<ServiceId> = self.services_of(whole).take(MOST_SERVICES).collect();
        let of_service =
            |products, it: &ServiceId| Lost::Parts { products, services: 1 << it.index() };
        let mut losses = Vec::new();
        for target in targets {
            match target {
                Target::Site => losses.push(Lost::Whole),
                Target::Product(id) if products >> id.index() & 1 == 1 => {
                    losses.push(Lost::Parts { products, services: 0 });
                    losses.extend(services.iter().map(|it| of_service(products, it)));
                }
                Target::Product(_) => {}
                Target::Service(id) | Target::Shards(id, _) => {
                    losses.extend(services.contains(id).then(|| of_service(0, id)));
                }
            }
        }
        losses.sort_unstable();
        losses.dedup();
        losses
    }

    /// The kind of a site that has lost this.
    pub(super) fn of(&self, deleted: &DeletedSite, lost: Lost) -> Kind {
        let products = self.estate.sites[deleted.site].products;
        Kind { products, lost, soft: self.all_soft || deleted.soft }
    }

    /// How soft deletes are kept.
    pub(super) fn table(&self) -> &'a SoftDelete {
        self.table.expect("checked: who un-deletes says how long it is kept")
    }

    /// Whether a site of a kind has lost what a step was expanded for: of a product, something.
    pub(super) fn has(&self, kind: Kind, element: Element) -> bool {
        match element {
            Element::Whole => true,
            Element::Service(id) => self.loses(kind, id),
            Element::Product(id) => has_product(kind, id) && self.estate.loses_of(id, kind.lost),
        }
    }

    /// Whether all that an element of a site of a kind holds is kept and can be un-deleted.
    pub(super) fn keeps(&self, kind: Kind, element: Element) -> bool {
        let Some(table) = self.table.filter(|_| kind.soft) else { return false };
        // What holds no data is kept only by those who keep everything.
        let all = |mut services: Box<dyn Iterator<Item = ServiceId> + '_>| {
            let first = services.next();
            first.map_or(table.services.is_none(), |it| self.covered[it.index()])
                && services.all(|it| self.covered[it.index()])
        };
        match element {
            Element::Whole => all(Box::new(self.services_of(kind))),
            Element::Service(id) => self.covered[id.index()],
            Element::Product(id) => {
                let of_product = self.estate.products[id].services.iter().copied();
                all(Box::new(of_product.filter(|it| kind.lost.has(*it))))
            }
        }
    }

    /// Whether a step that brings stores back exists as such, and as un-deleting, for some site.
    pub(super) fn variants(&self, step: &Step, element: Element) -> Vec<bool> {
        if step.restore_point.is_none() {
            return vec![false];
        }
        let mut known = self.kept_or_not.borrow_mut();
        let (soft, hard) = *known.entry(element).or_insert_with(|| {
            let having = || self.possible.iter().filter(|it| self.has(**it, element));
            let soft = having().any(|it| self.keeps(*it, element));
            (soft, !soft || having().any(|it| !self.keeps(*it, element)))
        });
        [hard.then_some(false), soft.then_some(true)].into_iter().flatten().collect()
    }

    /// Whether a step that is not done for sites is left out.
    pub(super) fn leaves_out(&self, when: When) -> bool {
        let all_kept = || {
            let of_all = || self.known.iter().all(|it| self.keeps(*it, Element::Whole));
            *self.all_kept.get_or_init(of_all)
        };
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

    /// The services in which data of a site of a kind is lost.
    fn services_of(&self, kind: Kind) -> impl Iterator<Item = ServiceId> + '_ {
        self.estate.services.ids().filter(move |it| self.loses(kind, *it))
    }

    /// Whether data of a site of a kind is lost in a service.
    fn loses(&self, kind: Kind, service: ServiceId) -> bool {
        let uses =
            self.estate.products.is_empty() || self.users[service.index()] & kind.products != 0;
        uses && kind.lost.has(service)
    }
}

/// The products that use each service, one bit a product.
fn users(estate: &Estate) -> Vec<u64> {
    let mut users = vec![0; estate.services.len()];
    for (product, own) in estate.products.enumerate() {
        own.services.iter().for_each(|it| users[it.index()] |= 1u64 << product.index());
    }
    users
}

fn has_product(kind: Kind, product: ProductId) -> bool {
    kind.products >> product.index() & 1 == 1
}
