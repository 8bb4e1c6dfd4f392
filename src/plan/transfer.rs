//! What steps move over which throughput.

use crate::ids::Id;
use crate::scenario::{Element, Per, Scenario, Strategy, Transfer, TransferBytes};

use super::expand::{Graph, Node, to_u16};
use super::{MovedBytes, PlanSite, PlanThroughput, PlanTransfer, RatePoint, compile};

/// The throughputs of a scenario.
pub(super) fn throughputs(scenario: &Scenario) -> Vec<PlanThroughput> {
    let all = scenario.throughputs.iter().map(|it| PlanThroughput {
        name: it.name.clone(),
        cap: it.cap.map(crate::units::Rate::bytes_per_hour),
    });
    all.collect()
}

/// How much each moves under a strategy, over time.
pub(super) fn rate_points(strategy: &Strategy, graph: &Graph<'_>) -> Vec<RatePoint> {
    let rates = strategy.rates.enumerate();
    let points = rates.flat_map(|(id, ramp)| ramp.points.iter().map(move |it| (id, it)));
    let points = points.map(|(id, (at, rate))| RatePoint {
        throughput: to_u16(id.index()),
        at: compile::moment(*at, graph),
        rate: rate.bytes_per_hour(),
    });
    points.collect()
}

/// What a step of a strategy moves.
pub(super) fn transfer(
    scenario: &Scenario,
    strategy: &Strategy,
    node: &Node<'_>,
    transfer: Transfer,
    sites: &[PlanSite],
) -> PlanTransfer {
    let moved = |bytes: u64| part(bytes, transfer.share.fraction());
    let by_row = || sites.iter().map(|site| moved(site.bytes)).collect();
    let bytes = match (transfer.bytes, node.element, node.step.per) {
        (TransferBytes::Shard, Element::Service(id), _) => {
            MovedBytes::Fixed(moved(scenario.estate.services[id].moved().count()))
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
