//! What steps move over which throughput.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ids::Id;
use crate::scenario::{Element, Per, Scenario, Strategy, Transfer, TransferBytes};
use crate::units::HOUR;

use super::expand::{Graph, Node, to_u16};
use super::moment::{PlanMoment, moment};
use super::sites::PlanSite;

/// Bandwidth that transfers share, and how much there is when.
#[derive(Clone, Debug)]
pub(crate) struct PlanTransfers {
    pub throughputs: Vec<PlanThroughput>,
    /// The points of the ramps of all their rates.
    pub rate_points: Vec<RatePoint>,
}

/// What a step moves over a throughput.
#[derive(Clone, Debug)]
pub(crate) struct PlanTransfer {
    /// Its place in [`PlanTransfers::throughputs`].
    pub throughput: u16,
    pub bytes: MovedBytes,
    /// Bytes an hour if there is no other transfer, at the best of times.
    pub alone: u64,
}

/// How many bytes a transfer moves.
#[derive(Clone, Debug)]
pub(crate) enum MovedBytes {
    /// Always as many.
    Fixed(u64),
    /// Those of each row.
    BySite(Arc<[u64]>),
    /// Those of each row of the batch.
    ByBatch(Arc<[u64]>),
}

impl PlanTransfer {
    /// How long it takes for a row if there is no other, in milliseconds.
    pub(crate) fn length_alone(&self, row: usize) -> f64 {
        let bytes = match &self.bytes {
            MovedBytes::Fixed(bytes) => *bytes,
            MovedBytes::BySite(by_row) | MovedBytes::ByBatch(by_row) => by_row[row],
        };
        bytes as f64 / self.alone as f64 * HOUR as f64
    }
}

/// Bandwidth that transfers share.
#[derive(Clone, Debug)]
pub(crate) struct PlanThroughput {
    pub name: String,
    /// Bytes an hour that one transfer can use at most.
    pub cap: Option<u64>,
}

/// From a moment on a throughput moves so many bytes an hour.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RatePoint {
    pub throughput: u16,
    pub at: PlanMoment,
    pub rate: u64,
}

impl PlanTransfers {
    pub(super) fn new(scenario: &Scenario, strategy: &Strategy, graph: &Graph<'_>) -> Self {
        Self { throughputs: throughputs(scenario), rate_points: rate_points(strategy, graph) }
    }
}

/// The throughputs of a scenario.
fn throughputs(scenario: &Scenario) -> Vec<PlanThroughput> {
    let all = scenario.throughputs.iter().map(|it| PlanThroughput {
        name: it.name.clone(),
        cap: it.cap.map(crate::units::Rate::bytes_per_hour),
    });
    all.collect()
}

/// How much each moves under a strategy, over time.
fn rate_points(strategy: &Strategy, graph: &Graph<'_>) -> Vec<RatePoint> {
    let rates = strategy.rates.enumerate();
    let points = rates.flat_map(|(id, ramp)| ramp.points.iter().map(move |it| (id, it)));
    let points = points.map(|(id, (at, rate))| RatePoint {
        throughput: to_u16(id.index()),
        at: moment(*at, graph),
        rate: rate.bytes_per_hour(),
    });
    points.collect()
}

/// Shares of the bytes of all rows, each once, by the bits of the share.
pub(super) type MovedShares = BTreeMap<u64, Arc<[u64]>>;

/// What a step of a strategy moves.
pub(super) fn transfer(
    scenario: &Scenario,
    strategy: &Strategy,
    node: &Node<'_>,
    transfer: Transfer,
    sites: &[PlanSite],
    shares: &mut MovedShares,
) -> PlanTransfer {
    let share = transfer.share.fraction();
    let share_of = |bytes: u64| part(bytes, share);
    let mut by_row = || {
        let of_all = || sites.iter().map(|site| share_of(site.bytes)).collect();
        Arc::clone(shares.entry(share.to_bits()).or_insert_with(of_all))
    };
    let bytes = match (transfer.bytes, node.element, node.step.per) {
        (TransferBytes::Shard, Element::Service(id), _) => {
            MovedBytes::Fixed(share_of(scenario.estate.services[id].moved().count()))
        }
        (TransferBytes::Shard, ..) => unreachable!("checked: a shard is that of a service"),
        (TransferBytes::Site, _, Per::Batch) => MovedBytes::ByBatch(by_row()),
        (TransferBytes::Site, ..) => MovedBytes::BySite(by_row()),
    };
    let throughput = &scenario.throughputs[transfer.through];
    let peak = strategy.rates[transfer.through].peak();
    PlanTransfer {
        throughput: to_u16(transfer.through.index()),
        bytes,
        alone: throughput.cap.map_or(peak, |cap| cap.min(peak)).bytes_per_hour(),
    }
}

/// So much of so many bytes, in whole bytes; a share counts to nine decimals.
fn part(bytes: u64, share: f64) -> u64 {
    const WHOLE: u128 = 1_000_000_000;
    let some = (share * WHOLE as f64).round() as u128;
    u64::try_from(u128::from(bytes) * some / WHOLE).expect("a part is no more than the whole")
}
