//! What becomes of each site: over all exercises, and in one of them why.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::engine::Engine;
use crate::experiment::chain::{Bound, Chains, Piece};
use crate::experiment::{Held, Results, StrategyResults, Yardstick, Yardsticks};
use crate::plan::{Plan, compile};
use crate::rng::Streams;
use crate::scenario::Scenario;
use crate::stats::{quantile_sorted, rank};
use crate::units::{SimDuration, SimTime};

use super::packed::{PackedRow, PackedTree};

/// What is known about a site before anything is simulated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteLabel {
    /// Its name.
    pub name: String,
    /// The number of its customer, from 0.
    pub customer: u32,
    /// Which objective holds for it.
    pub tier: String,
    /// Where it lives.
    pub region: String,
    /// What it has licensed, joined by `+`.
    pub products: String,
    /// People who use it.
    pub users: u32,
}

/// The sites under one strategy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SiteTable {
    /// The exercise of which the pieces are told, by its number.
    pub replication: u64,
    /// One for each site, in the order of [`site_labels`].
    pub sites: Vec<SiteRow>,
    /// The binding chains of all sites, which have much in common.
    pub chains: ChainTree,
    /// What the pieces of chains went into.
    pub causes: Vec<PieceCause>,
}

impl SiteTable {
    /// Where the recovery time of a site went in the exercise that is told, in order: the place of
    /// the cause, and how long.
    #[must_use]
    pub fn pieces(&self, site: usize) -> Vec<(u16, SimDuration)> {
        let row = &self.sites[site];
        let (Some(began), mut next) = (row.began, row.last) else { return Vec::new() };
        let mut pieces = Vec::new();
        while let Some(piece) = next.map(|it| &self.chains.0[it as usize]) {
            let before = piece.before.map(|it| &self.chains.0[it as usize]);
            let from = before.map_or(SimTime::ZERO, |it| it.to).max(began);
            if piece.to <= began {
                break;
            }
            pieces.push((piece.cause, piece.to.saturating_since(from)));
            next = piece.before;
        }
        pieces.reverse();
        pieces
    }
}

/// Binding chains from T+0 on, as far as they are the same only once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(into = "PackedTree", try_from = "PackedTree")]
pub struct ChainTree(pub Vec<ChainPiece>);

/// A piece of a chain; it begins where the one before it ends, the first at T+0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChainPiece {
    /// The place of the piece before it.
    pub before: Option<u32>,
    /// The place of what it went into.
    pub cause: u16,
    /// When it ends.
    pub to: SimTime,
}

/// What becomes of one site. Quantiles are among the exercises in which it was deleted; those of a
/// time that does not come are none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "PackedRow", into = "PackedRow")]
pub struct SiteRow {
    /// Exercises in which it was deleted.
    pub deleted: u32,
    /// Exercises in which it came back.
    pub back: u32,
    /// Exercises in which it was lost for good.
    pub lost: u32,
    /// Median recovery time by the policy's clock.
    pub rta_p50: Option<SimDuration>,
    /// The 95 % quantile of it.
    pub rta_p95: Option<SimDuration>,
    /// Median of the data lost after repair.
    pub rpa_p50: Option<SimDuration>,
    /// The 95 % quantile of it.
    pub rpa_p95: Option<SimDuration>,
    /// The place of the track that gave it back most often; none where none did.
    pub track: Option<u8>,
    /// When its recovery time began in the exercise that is told; none where it was not back.
    pub began: Option<SimTime>,
    /// Its recovery time in that exercise.
    pub told: Option<SimDuration>,
    /// The place of the last piece of its chain.
    pub last: Option<u32>,
}

/// What a piece of a binding chain went into.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PieceCause {
    /// The kind of thing: one of those that make up the whole.
    pub held: Held,
    /// The track; empty where it is about none.
    pub track: String,
    /// The name of the thing: a step, a team, a limit or an inject.
    pub name: String,
    /// Who works on a step, joined by `+`; empty where nobody does.
    pub teams: String,
    /// Whether it was work that failed or was done again.
    pub again: bool,
    /// What had to become free before it began, a team, a limit or a track, if anything had.
    pub waited_for: String,
}

/// What is known about the sites that the incident aims at; none where every exercise draws its own
/// estate.
#[must_use]
pub fn site_labels(scenario: &Scenario, results: &Results) -> Vec<SiteLabel> {
    if scenario.estate.is_redrawn() {
        return Vec::new();
    }
    let estate = &scenario.estate;
    let label = |it: &super::AimedAt| {
        let site = &estate.sites[it.site];
        let products = estate.products.enumerate().filter(|(id, _)| site.has(*id));
        let products: Vec<&str> = products.map(|(_, it)| it.name.as_str()).collect();
        SiteLabel {
            name: site.name.clone(),
            customer: site.customer,
            tier: estate.tiers[site.tier].clone(),
            region: estate.regions[site.region].clone(),
            products: products.join("+"),
            users: site.users,
        }
    };
    results.sites(0).iter().map(label).collect()
}

/// What becomes of each site under a strategy, and where its hours went in the exercise of this
/// number; empty where every exercise draws its own estate.
///
/// Costs a sort of the exercises for each site, and one simulation.
#[must_use]
pub fn site_table(
    scenario: &Scenario,
    results: &Results,
    strategy: &StrategyResults,
    replication: u64,
) -> SiteTable {
    if scenario.estate.is_redrawn() {
        return SiteTable { replication, ..SiteTable::default() };
    }
    let yardsticks = Yardsticks::new(scenario, results);
    let yardstick = &*yardsticks.of(0);
    let count = yardstick.sites();
    let mut sites: Vec<SiteRow> =
        (0..count).into_par_iter().map(|site| row(yardstick, strategy, site)).collect();
    let plan = compile(scenario, strategy.strategy);
    let told = tell(scenario, &plan, strategy, yardstick, results.seed, replication);
    let mut causes: Vec<PieceCause> =
        told.iter().flatten().flat_map(|it| it.pieces.iter().map(|it| it.0.clone())).collect();
    causes.sort_unstable();
    causes.dedup();
    let mut chains = Grown::default();
    for (row, it) in sites.iter_mut().zip(told) {
        let Some(it) = it else { continue };
        row.began = Some(it.began);
        row.told = Some(it.rta);
        for (cause, to) in it.pieces {
            let place = causes.binary_search(&cause).expect("every cause is listed");
            let cause = u16::try_from(place).expect("a plan has fewer than 2^16 causes");
            row.last = Some(chains.place(ChainPiece { before: row.last, cause, to }));
        }
    }
    SiteTable { replication, sites, chains: ChainTree(chains.pieces), causes }
}

/// A tree of chains as it grows.
#[derive(Default)]
struct Grown {
    pieces: Vec<ChainPiece>,
    places: BTreeMap<ChainPiece, u32>,
}

impl Grown {
    fn place(&mut self, piece: ChainPiece) -> u32 {
        let next = u32::try_from(self.pieces.len()).expect("fewer than 2^32 pieces");
        *self.places.entry(piece).or_insert_with(|| {
            self.pieces.push(piece);
            next
        })
    }
}

fn row(yardstick: &Yardstick, strategy: &StrategyResults, site: usize) -> SiteRow {
    let mut row = SiteRow::default();
    let (mut rta, mut rpa) = (Vec::new(), Vec::new());
    let mut tracks = vec![0u32; strategy.tracks.len()];
    for outcome in &strategy.outcomes {
        if yardstick.deleted_at(outcome, site).is_none() {
            continue;
        }
        row.deleted += 1;
        row.lost += u32::from(outcome.restorations[site] == crate::engine::Restoration::Lost);
        if let Some(it) = yardstick.rta(outcome, site) {
            rta.push(it);
            rpa.push(outcome.data_loss[site].after_repair);
            tracks[usize::from(outcome.restored_by[site])] += 1;
        }
    }
    row.back = u32::try_from(rta.len()).expect("fewer than 2^32 exercises");
    rta.sort_unstable();
    rpa.sort_unstable();
    let deleted = row.deleted as usize;
    let rta_at = |p: f64| match deleted {
        0 => None,
        all => rta.get(rank(p, all) - 1).copied(),
    };
    let rpa_at = |p: f64| (!rpa.is_empty()).then(|| quantile_sorted(&rpa, p));
    // The first of those that gave it back equally often.
    let most = tracks.iter().max().copied().filter(|it| *it > 0);
    let track = most.and_then(|most| tracks.iter().position(|it| *it == most));
    SiteRow {
        rta_p50: rta_at(0.5),
        rta_p95: rta_at(0.95),
        rpa_p50: rpa_at(0.5),
        rpa_p95: rpa_at(0.95),
        track: track.and_then(|it| u8::try_from(it).ok()),
        ..row
    }
}

/// A site that is back, with what its chain went into from T+0 on and when each piece ended.
struct ToldSite {
    began: SimTime,
    rta: SimDuration,
    pieces: Vec<(PieceCause, SimTime)>,
}

/// Simulates an exercise again and walks the chain of every site that comes back.
fn tell(
    scenario: &Scenario,
    plan: &Plan,
    strategy: &StrategyResults,
    yardstick: &Yardstick,
    seed: u64,
    replication: u64,
) -> Vec<Option<ToldSite>> {
    let mut chains = Chains::new(plan);
    chains.begin();
    let outcome = Engine::new(plan).simulate(Streams::new(seed, replication), &mut chains);
    let one = |site: usize| {
        let rta = yardstick.rta(&outcome, site)?;
        let restored = outcome.restorations[site].restored_at()?;
        let mut pieces: Vec<(PieceCause, SimTime)> = Vec::new();
        chains.walk(site, 0, |piece, _, to, bound| {
            let cause = cause(scenario, plan, strategy, piece, bound);
            pieces.push((cause, SimTime::from_millis(to)));
        });
        pieces.reverse();
        let began = SimTime::from_millis(restored.as_millis() - rta.as_millis());
        Some(ToldSite { began, rta, pieces })
    };
    (0..yardstick.sites()).map(one).collect()
}

fn cause(
    scenario: &Scenario,
    plan: &Plan,
    strategy: &StrategyResults,
    piece: Piece,
    bound: Bound,
) -> PieceCause {
    let pool = |it: u16| plan.pools[usize::from(it)].name.clone();
    let track = |it: u8| strategy.tracks[usize::from(it)].clone();
    let waited_for = match bound {
        Bound::Nothing => String::new(),
        Bound::Pool(it, _) => pool(it),
        Bound::Slot(it, _) => track(it),
    };
    let bare = |held: Held| PieceCause {
        held,
        track: String::new(),
        name: String::new(),
        teams: String::new(),
        again: false,
        waited_for: waited_for.clone(),
    };
    match piece {
        Piece::Work { task, demand, again } => {
            let label = &strategy.steps[usize::from(task.step)];
            let (first, others) = plan.demands.units(usize::from(demand));
            let teams = std::iter::once(first).chain(others.iter().copied());
            let teams =
                teams.filter(|(pool, units)| *units > 0 && plan.pools[usize::from(*pool)].is_team);
            PieceCause {
                track: label.track.clone(),
                name: label.step.clone(),
                teams: teams.map(|it| pool(it.0)).collect::<Vec<String>>().join("+"),
                again,
                ..bare(Held::Step)
            }
        }
        Piece::Capacity(it) => PieceCause { name: pool(it), ..bare(Held::Capacity) },
        Piece::Inject(it) => {
            PieceCause { name: scenario.injects[it as usize].title.clone(), ..bare(Held::Inject) }
        }
        Piece::Opening(it) => PieceCause { track: track(it), ..bare(Held::Opening) },
        Piece::Slot(it) => PieceCause { track: track(it), ..bare(Held::Slot) },
        Piece::GivenUp(it) => PieceCause { track: track(it), ..bare(Held::GivenUp) },
        Piece::Automation => bare(Held::Automation),
        Piece::Deletion => bare(Held::Deletion),
        Piece::Unknown => bare(Held::Unknown),
    }
}
