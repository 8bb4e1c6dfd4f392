//! What becomes of each site: over all exercises, and in one of them why.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::chain::walk::Chains;
use crate::engine::Engine;
use crate::experiment::listener::follow;
use crate::experiment::{PackedOutcome, Results, StrategyResults, Yardstick, Yardsticks};
use crate::plan::compile;
use crate::review::cause::PieceCause;
use crate::review::names::Names;
use crate::review::packed::{WIDE, instants, numbers, packed_instants, packed_places};
use crate::rng::Streams;
use crate::scenario::Scenario;
use crate::stats::rank;
use crate::trace::{Bound, Piece, Try};
use crate::units::{SimDuration, SimTime};

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
    /// Median of the data lost, at the moment that the policy says; none where it is not known.
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

/// What is known about the sites that the incident aims at; none where every exercise draws its own
/// estate.
#[must_use]
pub fn site_labels(scenario: &Scenario, results: &Results) -> Vec<SiteLabel> {
    if scenario.estate.is_redrawn() {
        return Vec::new();
    }
    let estate = &scenario.estate;
    let label = |at: &crate::experiment::AimedAt| {
        let site = &estate.sites[at.site];
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
    let mut chains = Chains::new(&plan);
    chains.begin();
    let streams = Streams::new(results.seed, replication);
    let outcome = follow(&mut Engine::new(&plan), streams, &mut chains, &mut None);
    let outcome = PackedOutcome::from(&outcome);
    let names = Names::new(scenario, strategy.strategy, &plan);
    let mut grown = Grown::new(&chains, &names);
    for (place, row) in sites.iter_mut().enumerate() {
        let (Some(rta), Some(back)) = (yardstick.rta(&outcome, place), outcome.restored_at(place))
        else {
            continue;
        };
        row.began = Some(SimTime::from_millis(back.as_millis() - rta.as_millis()));
        row.told = Some(rta);
        row.last = grown.chain(place);
    }
    let Grown { pieces, causes, .. } = grown;
    let (causes, pieces) = sorted(causes, pieces);
    SiteTable { replication, sites, chains: ChainTree(pieces), causes }
}

/// The tree of chains as it grows, site after site.
struct Grown<'a> {
    chains: &'a Chains<'a>,
    names: &'a Names<'a>,
    pieces: Vec<ChainPiece>,
    /// Where each piece stands, by what it says.
    places: BTreeMap<ChainPiece, u32>,
    /// Where each piece of the chains stands, if it does.
    of_node: Vec<Option<u32>>,
    causes: Vec<PieceCause>,
    /// The place of each cause, by what tells it from others.
    of_cause: BTreeMap<CauseKey, u16>,
}

/// What tells a cause from others: the kind of thing, and which step, demand and pool.
type CauseKey = (u8, u32, u16, u8, u32);

impl<'a> Grown<'a> {
    fn new(chains: &'a Chains<'a>, names: &'a Names<'a>) -> Self {
        Self {
            chains,
            names,
            pieces: Vec::new(),
            places: BTreeMap::new(),
            of_node: vec![None; chains.nodes().len()],
            causes: Vec::new(),
            of_cause: BTreeMap::new(),
        }
    }

    /// Adds the chain of a row from T+0 on, as far as it is not there yet, and says where its last
    /// piece stands.
    fn chain(&mut self, row: usize) -> Option<u32> {
        let nodes = self.chains.nodes();
        let mut missing = Vec::new();
        let mut next = self.chains.end_of(row);
        let mut last = None;
        while let Some(node) = nodes.get(next as usize).filter(|it| it.to > 0) {
            if let Some(place) = self.of_node[next as usize] {
                last = Some(place);
                break;
            }
            missing.push(next);
            next = node.after;
        }
        for number in missing.into_iter().rev() {
            let node = &nodes[number as usize];
            if last.is_none() && node.from > 0 {
                // Nothing came before a deletion.
                last = Some(self.place(None, (Piece::Deletion, Bound::Nothing), node.from));
            }
            let place = self.place(last, (node.piece, node.bound), node.to);
            self.of_node[number as usize] = Some(place);
            last = Some(place);
        }
        last
    }

    fn place(&mut self, before: Option<u32>, (piece, bound): (Piece, Bound), to: u64) -> u32 {
        let cause = self.cause(piece, bound);
        let piece = ChainPiece { before, cause, to: SimTime::from_millis(to) };
        let next = u32::try_from(self.pieces.len()).expect("fewer than 2^32 pieces");
        *self.places.entry(piece).or_insert_with(|| {
            self.pieces.push(piece);
            next
        })
    }

    fn cause(&mut self, piece: Piece, bound: Bound) -> u16 {
        let next = u16::try_from(self.causes.len()).expect("a plan has fewer than 2^16 causes");
        *self.of_cause.entry(cause_key(piece, bound)).or_insert_with(|| {
            self.causes.push(self.names.cause(piece, bound));
            next
        })
    }
}

fn cause_key(piece: Piece, bound: Bound) -> CauseKey {
    let (kind, number, takes) = match piece {
        Piece::Work { task, takes, attempt: Try::First } => (0, u32::from(task.step), takes),
        Piece::Work { task, takes, .. } => (1, u32::from(task.step), takes),
        Piece::Capacity(pool) => (2, u32::from(pool), 0),
        Piece::Inject(inject) => (3, inject, 0),
        Piece::Opening(track) => (4, u32::from(track), 0),
        Piece::Slot(track) => (5, u32::from(track), 0),
        Piece::GivenUp(track) => (6, u32::from(track), 0),
        Piece::Automation => (7, 0, 0),
        Piece::Deletion => (8, 0, 0),
        Piece::Unknown => (9, 0, 0),
    };
    let (bound, by) = match bound {
        Bound::Nothing => (0, 0),
        Bound::Pool(pool, _) => (1, u32::from(pool)),
        Bound::Slot(track, _) => (2, u32::from(track)),
    };
    (kind, number, takes, bound, by)
}

/// The causes in order, each once, and the pieces that name them.
fn sorted(
    causes: Vec<PieceCause>,
    mut pieces: Vec<ChainPiece>,
) -> (Vec<PieceCause>, Vec<ChainPiece>) {
    let mut order = causes.clone();
    order.sort_unstable();
    order.dedup();
    let place = |it: &PieceCause| {
        let place = order.binary_search(it).expect("every cause is listed");
        u16::try_from(place).expect("a plan has fewer than 2^16 causes")
    };
    let places: Vec<u16> = causes.iter().map(place).collect();
    for piece in &mut pieces {
        piece.cause = places[usize::from(piece.cause)];
    }
    (order, pieces)
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
        row.lost += u32::from(outcome.restoration(site) == crate::trace::Restoration::Lost);
        if let Some(it) = yardstick.rta(outcome, site) {
            rta.push(it);
            rpa.extend(yardstick.rpa(outcome, site));
            tracks[usize::from(outcome.restored_by(site))] += 1;
        }
    }
    row.back = u32::try_from(rta.len()).expect("fewer than 2^32 exercises");
    rta.sort_unstable();
    rpa.sort_unstable();
    let deleted = row.deleted as usize;
    let at = |sorted: &[SimDuration], p: f64| match deleted {
        0 => None,
        all => sorted.get(rank(p, all) - 1).copied(),
    };
    // The first of those that gave it back equally often.
    let most = tracks.iter().max().copied().filter(|it| *it > 0);
    let track = most.and_then(|most| tracks.iter().position(|it| *it == most));
    SiteRow {
        rta_p50: at(&rta, 0.5),
        rta_p95: at(&rta, 0.95),
        rpa_p50: at(&rpa, 0.5),
        rpa_p95: at(&rpa, 0.95),
        track: track.and_then(|it| u8::try_from(it).ok()),
        ..row
    }
}

/// Chains as they are written: when the last piece ends, then of each piece how many places before
/// it its predecessor stands, its cause, and its end.
#[derive(Serialize, Deserialize)]
struct PackedTree(SimTime, [String; 3]);

impl From<ChainTree> for PackedTree {
    fn from(ChainTree(pieces): ChainTree) -> Self {
        let end = pieces.iter().map(|it| it.to).max().unwrap_or_default();
        let places_back =
            |(place, it): (usize, &ChainPiece)| Some(place as u64 - u64::from(it.before?));
        let texts = [
            packed_places(pieces.iter().enumerate().map(places_back)),
            packed_places(pieces.iter().map(|it| Some(it.cause.into()))),
            packed_instants(pieces.iter().map(|it| Some(it.to)), end),
        ];
        Self(end, texts)
    }
}

impl TryFrom<PackedTree> for ChainTree {
    type Error = &'static str;

    fn try_from(
        PackedTree(end, [distances, causes, ends]): PackedTree,
    ) -> Result<Self, Self::Error> {
        let read = || {
            let (distances, causes) = (numbers(&distances, WIDE)?, numbers(&causes, WIDE)?);
            let ends = instants(&ends, end)?;
            let piece = |place: usize| {
                let before = match distances[place] {
                    // A piece that stood before itself would be followed for ever.
                    Some(0) => return None,
                    Some(back) => Some(u32::try_from((place as u64).checked_sub(back)?).ok()?),
                    None => None,
                };
                let cause = u16::try_from((*causes.get(place)?)?).ok()?;
                Some(ChainPiece { before, cause, to: (*ends.get(place)?)? })
            };
            (0..distances.len()).map(piece).collect::<Option<Vec<ChainPiece>>>()
        };
        read().map(Self).ok_or("not texts of chains")
    }
}

/// A row as it is written: counts, quantiles, track, and the place of its chain.
#[derive(Serialize, Deserialize)]
struct PackedRow(
    [u32; 3],
    [Option<SimDuration>; 4],
    Option<u8>,
    Option<SimTime>,
    Option<SimDuration>,
    Option<u32>,
);

impl From<SiteRow> for PackedRow {
    fn from(row: SiteRow) -> Self {
        let counts = [row.deleted, row.back, row.lost];
        let times = [row.rta_p50, row.rta_p95, row.rpa_p50, row.rpa_p95];
        Self(counts, times, row.track, row.began, row.told, row.last)
    }
}

impl From<PackedRow> for SiteRow {
    fn from(row: PackedRow) -> Self {
        let PackedRow([deleted, back, lost], times, track, began, told, last) = row;
        let [rta_p50, rta_p95, rpa_p50, rpa_p95] = times;
        Self { deleted, back, lost, rta_p50, rta_p95, rpa_p50, rpa_p95, track, began, told, last }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_that_stands_before_itself_is_no_chain() {
        let piece = |before| ChainPiece { before, cause: 0, to: SimTime::ZERO };
        let chain = ChainTree(vec![piece(None), piece(Some(0))]);
        let written = PackedTree::from(chain.clone());
        assert_eq!(written.1[0], "****AAAB");
        assert_eq!(ChainTree::try_from(written), Ok(chain));
        let texts = ["****AAAA", "AAAAAAAA", "AAAAAA"].map(str::to_owned);
        let spoilt = PackedTree(SimTime::ZERO, texts);
        assert_eq!(ChainTree::try_from(spoilt), Err("not texts of chains"));
    }
}
