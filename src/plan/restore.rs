//! Steps that bring a store back: to which moment, and from which backups.

use std::collections::BTreeMap;

use crate::dist::Distribution;
use crate::ids::ServiceId;
use crate::rng::Purpose;
use crate::scenario::{Anchor, RestorePoint, Scenario};

use super::backups::Catalogue;
use super::draws::Lanes;
use super::expand::{Graph, Node, to_u16};
use super::loads::PlanLoads;
use super::profile::Profile;
use super::site_kind::Kinds;

/// What is brought back, and from what.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlanStores {
    /// Steps that bring a store back.
    pub restores: Vec<PlanRestore>,
    /// The backups of each service that a step brings back.
    pub catalogues: Vec<Catalogue>,
    /// For each profile of a site, its stores that go back to a common point.
    pub common_restores: Vec<Vec<u16>>,
}

/// A step that brings a store back.
#[derive(Clone, Debug)]
pub(crate) struct PlanRestore {
    pub point: PlanRestorePoint,
    /// The service whose data it brings back; of what is un-deleted, all of the site without one.
    pub store: Option<ServiceId>,
    /// Of what brings back what is in a load, the kind of that load.
    pub load: Option<u16>,
    pub by_hand: Option<PlanByHand>,
}

/// To which moment a step brings a store back.
#[derive(Clone, Debug)]
pub(crate) enum PlanRestorePoint {
    /// What was deleted softly is kept for so many milliseconds, and nothing of it is lost.
    Undelete(u64),
    /// A moment, as the backups of this number reach it.
    Backup(u16, PlanMeant),
}

/// Which moment is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlanMeant {
    /// So many milliseconds before a deletion.
    Fixed(u64, Anchor),
    /// The latest.
    Latest,
    /// The oldest of the latest ones of [`PlanStores::common_restores`].
    Common,
}

#[derive(Clone, Debug)]
pub(crate) struct PlanByHand {
    pub probability: f64,
    pub older: Distribution,
    /// The lane that decides whether an older snapshot is picked.
    pub chance_lane: usize,
    /// The lane that decides how much older.
    pub age_lane: usize,
}

/// Collects what steps bring back, and the backups of each service once.
pub(super) struct Restores<'a> {
    scenario: &'a Scenario,
    graph: &'a Graph<'a>,
    kinds: &'a Kinds<'a>,
    loads: &'a PlanLoads,
    restores: Vec<PlanRestore>,
    catalogues: Vec<Catalogue>,
    /// The place of the backups of each service.
    places: BTreeMap<ServiceId, u16>,
}

impl<'a> Restores<'a> {
    pub(super) fn new(
        scenario: &'a Scenario,
        graph: &'a Graph<'a>,
        kinds: &'a Kinds<'a>,
        loads: &'a PlanLoads,
    ) -> Self {
        Self {
            scenario,
            graph,
            kinds,
            loads,
            restores: Vec::new(),
            catalogues: Vec::new(),
            places: BTreeMap::new(),
        }
    }

    /// The place of what a node brings back.
    pub(super) fn add(
        &mut self,
        node: &Node<'_>,
        point: &RestorePoint,
        key: &str,
        lanes: &mut Lanes,
    ) -> u16 {
        let restore = match node.undeletes {
            true => PlanRestore {
                point: PlanRestorePoint::Undelete(self.kinds.table().retention.as_millis()),
                store: node.element.service(),
                load: None,
                by_hand: None,
            },
            false => self.backed_up(node, point, key, lanes),
        };
        self.restores.push(restore);
        to_u16(self.restores.len() - 1)
    }

    fn backed_up(
        &mut self,
        node: &Node<'_>,
        point: &RestorePoint,
        key: &str,
        lanes: &mut Lanes,
    ) -> PlanRestore {
        let service = node.element.service();
        let catalogue = self.catalogue(service.expect("checked: a point is that of a service"));
        let meant = match point {
            RestorePoint::Fixed { before, of, .. } => PlanMeant::Fixed(before.as_millis(), *of),
            RestorePoint::Latest { common: false, .. } => PlanMeant::Latest,
            RestorePoint::Latest { common: true, .. } => PlanMeant::Common,
        };
        let load = self.graph.loaded_by(node).map(|load| self.loads.kind(to_u16(load)));
        let by_hand = point.by_hand().map(|by_hand| PlanByHand {
            probability: by_hand.probability.fraction(),
            older: by_hand.older.clone(),
            chance_lane: lanes.lane(Purpose::Snapshot, key),
            age_lane: lanes.lane(Purpose::SnapshotAge, key),
        });
        let point = PlanRestorePoint::Backup(catalogue, meant);
        PlanRestore { point, store: service, load, by_hand }
    }

    /// The place of the backups of a service, each once.
    fn catalogue(&mut self, id: ServiceId) -> u16 {
        *self.places.entry(id).or_insert_with(|| {
            let first = self.catalogues.last().map_or(0, Catalogue::end);
            self.catalogues.push(Catalogue::new(self.scenario, id, first));
            to_u16(self.catalogues.len() - 1)
        })
    }

    /// All of it, given what each node brings back.
    pub(super) fn into_stores(self, of_node: &[Option<u16>], profiles: &[Profile]) -> PlanStores {
        let common_restores = self.common(of_node, profiles);
        PlanStores { restores: self.restores, catalogues: self.catalogues, common_restores }
    }

    /// The stores of each profile that go back to a common point.
    fn common(&self, of_node: &[Option<u16>], profiles: &[Profile]) -> Vec<Vec<u16>> {
        let is_common = |restore: u16| {
            let point = &self.restores[usize::from(restore)].point;
            matches!(point, PlanRestorePoint::Backup(_, PlanMeant::Common))
        };
        if !(0..to_u16(self.restores.len())).any(is_common) {
            return Vec::new();
        }
        let of_profile = |profile: &Profile| {
            let present = of_node.iter().enumerate().filter(|(node, _)| profile.present[*node]);
            present.filter_map(|(_, restore)| *restore).filter(|it| is_common(*it)).collect()
        };
        profiles.iter().map(of_profile).collect()
    }
}

/// For each node what it repairs, given what each brings back.
pub(super) fn repairs(graph: &Graph<'_>, of_node: &[Option<u16>]) -> Vec<Vec<u16>> {
    let mut repairs: Vec<Vec<u16>> = vec![Vec::new(); graph.nodes.len()];
    for (index, (node, restore)) in graph.nodes.iter().zip(of_node).enumerate() {
        let point = node.step.restore_point.as_ref();
        let repair = point.and_then(RestorePoint::by_hand).and_then(|it| it.repaired_by);
        let (Some(repair), Some(restore)) = (repair, restore) else { continue };
        graph.alike(index, repair).for_each(|repairing| repairs[repairing].push(*restore));
    }
    repairs
}
