//! Streams of random numbers, and where each row's number stands in those with one a site.

use std::collections::BTreeMap;

use crate::rng::{Purpose, StreamKey};
use crate::scenario::{Scenario, Uncertainty};

use super::sites::PlanSite;

/// What a replication draws from.
#[derive(Clone, Debug)]
pub(crate) struct PlanDraws {
    /// Streams with one number a site: durations, failures and the like.
    pub lanes: Vec<StreamKey>,
    /// The sites' places in those streams.
    pub map: DrawMap,
    /// What failures are made of those numbers.
    pub failures: Vec<DrawnFailure>,
    /// Coefficients of variation of the site, step and team factors.
    pub uncertainty: Uncertainty,
    /// The lane of the site factors.
    pub site_effect_lane: usize,
    /// Streams of the team factors, by team.
    pub team_effects: Vec<StreamKey>,
}

/// Where each row's number stands in a lane. Draws are addressed by the site's place in the estate
/// and made in runs of neighbours there; they are kept in the order in which sites are taken, so
/// that the numbers of sites at work at one time lie side by side.
#[derive(Clone, Debug, Default)]
pub(crate) struct DrawMap {
    /// Runs of places that follow each other.
    pub runs: Vec<DrawRun>,
    /// For each row its place in a lane.
    pub slot: Vec<u32>,
    /// The length of the longest run.
    pub longest: usize,
}

/// Places of a stream that lie side by side.
#[derive(Clone, Debug)]
pub(crate) struct DrawRun {
    /// The first place.
    pub first: u64,
    /// How many places.
    pub count: usize,
    /// For the rows that lie in it, in the order of a lane: the place there, and in the run.
    pub places: Vec<(u32, u32)>,
}

/// How the failure of a step is drawn for sites.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DrawnFailure {
    pub lane: usize,
    /// Coins below it fail, see [`crate::rng::below`].
    pub threshold: u64,
}

/// Collects streams with one number a site, each once.
#[derive(Clone, Debug, Default)]
pub(super) struct Lanes {
    streams: Vec<StreamKey>,
    /// Steps with one key share their lanes.
    places: BTreeMap<(Purpose, String), usize>,
}

impl Lanes {
    /// The lane of what is drawn for a purpose by a key.
    pub(super) fn lane(&mut self, purpose: Purpose, key: &str) -> usize {
        let streams = &mut self.streams;
        *self.places.entry((purpose, key.to_owned())).or_insert_with(|| {
            streams.push(StreamKey::new(purpose, &[key]));
            streams.len() - 1
        })
    }
}

impl PlanDraws {
    /// `site_effect_lane` is that of the site factors among these lanes.
    pub(super) fn new(
        scenario: &Scenario,
        lanes: Lanes,
        failures: Vec<DrawnFailure>,
        site_effect_lane: usize,
        sites: &[PlanSite],
        orders: &[&[u32]],
    ) -> Self {
        let teams = scenario.teams.iter();
        Self {
            lanes: lanes.streams,
            map: draw_map(sites, slots_in_order(orders, sites.len())),
            failures,
            uncertainty: scenario.uncertainty,
            site_effect_lane,
            team_effects: teams
                .map(|team| StreamKey::new(Purpose::TeamEffect, &[&team.name]))
                .collect(),
        }
    }
}

/// Neighbours share a run of draws; a gap costs less than a new run up to here.
const LONGEST_GAP: u64 = 32;

fn draw_map(sites: &[PlanSite], slot: Vec<u32>) -> DrawMap {
    let mut runs: Vec<DrawRun> = Vec::new();
    let mut draws: Vec<(u64, u32)> =
        sites.iter().map(|it| it.draw).zip(slot.iter().copied()).collect();
    draws.sort_unstable();
    for (place, slot) in draws {
        let behind = |run: &&mut DrawRun| place - run.first < run.count as u64 + LONGEST_GAP;
        match runs.last_mut().filter(behind) {
            Some(run) => {
                let at = place - run.first;
                run.count = usize::try_from(at + 1).expect("a run fits in memory");
                run.places.push((slot, u32::try_from(at).expect("a run fits in memory")));
            }
            None => runs.push(DrawRun { first: place, count: 1, places: vec![(slot, 0)] }),
        }
    }
    runs.iter_mut().for_each(|run| run.places.sort_unstable());
    let longest = runs.iter().map(|run| run.count).max().unwrap_or(0);
    DrawMap { runs, slot, longest }
}

/// The places of rows in the order of the track that takes most of them.
fn slots_in_order(orders: &[&[u32]], rows: usize) -> Vec<u32> {
    let order = orders.iter().copied().max_by_key(|order| order.len());
    let mut slots = vec![u32::MAX; rows];
    let mut next = 0;
    let all = 0..u32::try_from(rows).expect("fewer than 2^32 sites");
    for row in order.into_iter().flatten().copied().chain(all) {
        let slot = &mut slots[row as usize];
        if *slot == u32::MAX {
            *slot = next;
            next += 1;
        }
    }
    slots
}
