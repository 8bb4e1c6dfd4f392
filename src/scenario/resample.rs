//! An estate that every replication draws anew: its sites, and which of them the incident aims at.
//!
//! The estate of a replication depends on the population seed and on the replication's number
//! alone, so that all strategies recover the same one, and another master seed the same ones.
//! Replication 0 has the estate that a scenario without `resample` has.

use std::borrow::Cow;

use crate::ids::SiteId;
use crate::scenario::Scenario;
use crate::scenario::estate::Estate;
use crate::scenario::incident::Incident;
use crate::scenario::inject::{Inject, InjectKind};
use crate::scenario::population::Drawn;
use crate::scenario::site::Service;

/// What belongs to one replication's draw.
struct Draw {
    estate: Estate,
    incident: Incident,
    injects: Vec<Inject>,
}

impl Draw {
    /// The draw of a replication; `None` where all replications have the same estate.
    fn new(
        estate: &Estate,
        incident: &Incident,
        injects: &[Inject],
        replication: u64,
    ) -> Option<Self> {
        let streams = estate.redraw.as_ref()?.streams(replication);
        let estate = estate.redrawn(replication)?;
        let injects: Vec<Inject> = injects
            .iter()
            .map(|it| match &it.what {
                InjectKind::Deletion(_, aim) => {
                    let what = InjectKind::Deletion(aim.sites(&estate, &streams), aim.clone());
                    Inject { what, ..it.clone() }
                }
                _ => it.clone(),
            })
            .collect();
        let mut incident = incident.redrawn(&estate, &streams);
        incident.aim_at_later(&injects, &estate);
        Some(Self { estate, incident, injects })
    }
}

/// Sites that are drawn at most to see what draws can be like.
const MOST_TRIED: usize = 100_000;

const MOST_TRIES: usize = 32;

impl Estate {
    /// Whether every replication draws its own sites.
    #[must_use]
    pub fn is_redrawn(&self) -> bool {
        self.redraw.is_some()
    }

    fn redrawn(&self, replication: u64) -> Option<Self> {
        let redraw = self.redraw.as_ref()?;
        let streams = redraw.streams(replication);
        let drawn = redraw.population.draw(&streams, &self.services, &self.products);
        let Drawn { sites, customers, customer_names, regions, tiers, shard_of } = drawn;
        let services = self.services.iter().zip(shard_of);
        let services = services.map(|(it, shard_of)| Service { shard_of, ..it.clone() });
        Some(Self {
            services: services.collect(),
            products: self.products.clone(),
            regions: regions.into(),
            tiers: tiers.into(),
            sites,
            customers,
            customer_names,
            redraw: Some(redraw.clone()),
        })
    }

    /// The numbers of some replications that say what else may be drawn: none where nothing else
    /// is.
    fn tries(&self) -> std::ops::RangeInclusive<u64> {
        let most = match self.redraw {
            Some(_) => (MOST_TRIED / self.sites.len().max(1)).clamp(1, MOST_TRIES),
            None => 0,
        };
        1..=most as u64
    }

    /// Some more draws of the estate; none where all replications have the same.
    pub(crate) fn more_draws(&self) -> impl Iterator<Item = Self> + '_ {
        self.tries().filter_map(|it| self.redrawn(it))
    }
}

/// The estate and what the incident aims at in it, in replication 0 and, where every replication
/// draws its own, in some more, to check by what may be drawn.
pub(crate) struct Draws<'a> {
    pub estate: &'a Estate,
    pub incident: &'a Incident,
    more: Vec<Draw>,
}

impl<'a> Draws<'a> {
    pub(crate) fn of(estate: &'a Estate, incident: &'a Incident, injects: &[Inject]) -> Self {
        let more = estate.tries().filter_map(|it| Draw::new(estate, incident, injects, it));
        Self { estate, incident, more: more.collect() }
    }

    fn all(&self) -> impl Iterator<Item = (&Estate, &Incident)> {
        let own = std::iter::once((self.estate, self.incident));
        own.chain(self.more.iter().map(|it| (&it.estate, &it.incident)))
    }

    /// The sites that the incident aims at, for each draw, each with the estate that it is one of.
    pub(crate) fn aimed_at(&self) -> impl Iterator<Item = Vec<(&Estate, SiteId)>> {
        self.all()
            .map(|(estate, incident)| incident.deleted.iter().map(|it| (estate, it.site)).collect())
    }

    /// Whether sites are aimed at, and none of them, in any draw, is one of those that are meant.
    pub(crate) fn never(&self, is_meant: impl Fn(&Estate, &Incident, SiteId) -> bool) -> bool {
        let is_any = |(estate, incident): (&Estate, &Incident)| {
            incident.deleted.iter().any(|it| is_meant(estate, incident, it.site))
        };
        !self.incident.deleted.is_empty() && !self.all().any(is_any)
    }
}

impl Scenario {
    /// The scenario as it is in this replication: with its own sites where each draws some, and
    /// with those of them that the incident aims at, of which there may be none.
    #[must_use]
    pub fn in_replication(&self, replication: u64) -> Cow<'_, Self> {
        let draw = (replication > 0)
            .then(|| Draw::new(&self.estate, &self.incident, &self.injects, replication));
        let Some(Draw { estate, incident, injects }) = draw.flatten() else {
            return Cow::Borrowed(self);
        };
        Cow::Owned(Self {
            estate,
            incident,
            injects,
            name: self.name.clone(),
            title: self.title.clone(),
            description: self.description.clone(),
            tags: self.tags.clone(),
            digest: self.digest,
            experiment: self.experiment,
            teams: self.teams.clone(),
            limits: self.limits.clone(),
            throughputs: self.throughputs.clone(),
            runbooks: self.runbooks.clone(),
            uncertainty: self.uncertainty,
            strategies: self.strategies.clone(),
            policy: self.policy.clone(),
            budgets: self.budgets.clone(),
            levers: self.levers.clone(),
            no_guess_decides: self.no_guess_decides,
            observed: self.observed.clone(),
            assumptions: self.assumptions.clone(),
        })
    }
}
