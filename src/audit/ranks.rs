//! Who comes first among the tasks that could start, under the rules whose ranks stand still.
//!
//! The rules are those of project scheduling (R. Kolisch, "Serial and parallel resource-constrained
//! project scheduling methods revisited", 1996), over mean lengths, with growth by size, as if there
//! were people enough.

use std::collections::BTreeSet;

use crate::audit::draws::Draws;
use crate::audit::graph::{Graph, load_of, per, stands_in_for};
use crate::audit::ground::Ground;
use crate::ids::Id;
use crate::scenario::{Per, PriorityRule, TransferBytes};
use crate::units::MILLIS_PER_HOUR;

/// The rank of each task, by row, then step, smaller first; none where the rule has none that stands
/// still.
pub(super) fn ranks(ground: &Ground<'_>, graph: &Graph, draws: &Draws) -> Vec<u64> {
    let steps = ground.steps.len();
    let of_site = |rank: &dyn Fn(&crate::scenario::Site) -> u64| {
        let rows = ground.rows.iter();
        rows.flat_map(|it| std::iter::repeat_n(rank(it.site), steps)).collect()
    };
    match ground.strategy.priority {
        PriorityRule::Fifo | PriorityRule::Fixed | PriorityRule::Random => Vec::new(),
        PriorityRule::MostUsers => of_site(&|it| u64::MAX - u64::from(it.users)),
        PriorityRule::Tier => of_site(&|it| it.tier.index() as u64),
        rule => Ways::all(ground, graph, draws).ranks(rule),
    }
}

/// The ways through the work of every site.
struct Ways<'w> {
    sites: Vec<Way>,
    /// By step: the one in whose place it is done.
    stands_in_for: Vec<Option<usize>>,
    ground: &'w Ground<'w>,
}

/// The ways through the work of a site, by step; times in milliseconds.
struct Way {
    length: Vec<f64>,
    /// The earliest start of each step.
    head: Vec<f64>,
    /// The longest path from the start of each step to the end.
    tail: Vec<f64>,
    /// The time of each step and of what comes right after it.
    weight: Vec<f64>,
    after: Vec<BTreeSet<usize>>,
}

impl<'w> Ways<'w> {
    fn all(ground: &'w Ground<'w>, graph: &Graph, draws: &Draws) -> Self {
        let loads: Vec<Option<usize>> =
            (0..ground.steps.len()).map(|it| load_of(ground, it)).collect();
        let stands_in_for: Vec<Option<usize>> =
            (0..ground.steps.len()).map(|it| stands_in_for(ground, it).map(usize::from)).collect();
        let of_kind: Vec<Vec<Vec<usize>>> =
            (0..ground.kinds.len()).map(|kind| next(ground, graph, kind)).collect();
        let orders: Vec<Vec<usize>> = of_kind.iter().map(|next| order(next)).collect();
        let way = |row: usize| {
            let kind = ground.rows[row].widest;
            let length = |step: usize| match ground.has(kind, step) {
                true => length(ground, draws, step, row),
                false => 0.0,
            };
            let length: Vec<f64> = (0..ground.steps.len()).map(length).collect();
            let mut way = Way {
                head: vec![0.0; length.len()],
                tail: vec![0.0; length.len()],
                weight: length.clone(),
                after: vec![BTreeSet::new(); length.len()],
                length,
            };
            let present = |step: usize| ground.has(kind, step);
            way.walk(&of_kind[kind], &orders[kind], &loads, present, |it| {
                per(ground, it) == Per::Shard
            });
            way.stand_in(&stands_in_for);
            way
        };
        Self { sites: (0..ground.rows.len()).map(way).collect(), stands_in_for, ground }
    }

    fn ranks(&self, rule: PriorityRule) -> Vec<u64> {
        let in_turn = |step: &usize| self.stands_in_for[*step].is_none();
        let steps = self.ground.steps.len();
        let critical =
            |it: &Way| (0..steps).filter(in_turn).map(|step| it.tail[step]).fold(0.0, f64::max);
        let longest = self.sites.iter().map(critical).fold(0.0, f64::max);
        let of_site = |it: &Way| -> Vec<u64> {
            let own = critical(it);
            let rank = |step: usize| match rule {
                PriorityRule::Shortest => whole(it.length[step]),
                PriorityRule::LongestRemaining => u64::MAX - whole(it.tail[step]),
                PriorityRule::LeastSlack => whole(own - it.head[step] - it.tail[step]),
                PriorityRule::LatestFinish => whole(longest - (it.tail[step] - it.length[step])),
                PriorityRule::RankPositionalWeight => u64::MAX - whole(it.weight[step]),
                PriorityRule::EarliestStart => whole(it.head[step]),
                PriorityRule::MostSuccessors => u64::MAX - it.after[step].len() as u64,
                _ => 0,
            };
            (0..steps).map(rank).collect()
        };
        self.sites.iter().flat_map(of_site).collect()
    }
}

impl Way {
    fn walk(
        &mut self,
        next: &[Vec<usize>],
        order: &[usize],
        loads: &[Option<usize>],
        present: impl Fn(usize) -> bool,
        is_load: impl Fn(usize) -> bool,
    ) {
        for step in order {
            // A load is asked for when all else that comes before is done.
            if let Some(load) = loads[*step] {
                self.head[load] = self.head[load].max(self.head[*step]);
                self.head[*step] += self.length[load];
            }
            let end = self.head[*step] + self.length[*step];
            next[*step].iter().for_each(|later| self.head[*later] = self.head[*later].max(end));
        }
        for step in order {
            // Between what needs a load and what comes before that stands the load.
            let of = |later: &usize| self.length[loads[*later].unwrap_or(*later)];
            self.weight[*step] += next[*step].iter().map(of).sum::<f64>();
            if let Some(load) = loads[*step] {
                self.weight[load] += self.length[*step];
            }
        }
        for step in order.iter().copied().rev().filter(|it| !is_load(*it)) {
            let from = |later: usize| loads[later].map_or(self.tail[later], |load| self.tail[load]);
            let rest = next[step].iter().map(|later| from(*later)).fold(0.0, f64::max);
            self.tail[step] = self.length[step] + rest;
            let mut after: BTreeSet<usize> = next[step].iter().copied().collect();
            next[step].iter().for_each(|later| after.extend(&self.after[*later]));
            if let Some(load) = loads[step] {
                self.after[load].extend(&after);
                self.after[load].insert(step);
                if present(step) {
                    self.tail[load] = self.tail[load].max(self.length[load] + self.tail[step]);
                }
            }
            self.after[step] = after;
        }
    }

    /// What takes over begins where the other has ended, and is followed by what follows that.
    fn stand_in(&mut self, stands_in_for: &[Option<usize>]) {
        for (step, failing) in stands_in_for.iter().enumerate() {
            let Some(failing) = *failing else { continue };
            self.head[step] = self.head[failing] + self.length[failing];
            self.tail[step] = self.length[step] + self.tail[failing] - self.length[failing];
            self.weight[step] = self.length[step] + self.weight[failing] - self.length[failing];
            self.after[step] = self.after[failing].clone();
        }
    }
}

/// What comes right after each step for a kind of site. A track's batches come after what is done
/// once in it.
fn next(ground: &Ground<'_>, graph: &Graph, kind: usize) -> Vec<Vec<usize>> {
    let shape = &graph.shapes[kind];
    let of_step = |step: usize| {
        let mut after: Vec<usize> = shape.around[step].after.clone();
        after.extend(&graph.batches[step].after);
        after.extend(&graph.onces[step].after);
        if per(ground, step) == Per::Once {
            let begins = |it: &usize| {
                shape.is_first[*it] || (per(ground, *it) == Per::Batch && !ground.steps[*it].absent)
            };
            after.extend(ground.of_track(ground.steps[step].track).filter(begins));
        }
        after
    };
    (0..ground.steps.len()).map(of_step).collect()
}

/// All steps, each before those that come after it.
fn order(next: &[Vec<usize>]) -> Vec<usize> {
    fn visit(step: usize, next: &[Vec<usize>], seen: &mut [bool], order: &mut Vec<usize>) {
        if !std::mem::replace(&mut seen[step], true) {
            next[step].iter().for_each(|later| visit(*later, next, seen, order));
            order.push(step);
        }
    }
    let (mut seen, mut order) = (vec![false; next.len()], Vec::new());
    (0..next.len()).rev().for_each(|step| visit(step, next, &mut seen, &mut order));
    order.reverse();
    order
}

/// How long a task takes on the average, in milliseconds.
fn length(ground: &Ground<'_>, draws: &Draws, step: usize, row: usize) -> f64 {
    let facts = &ground.steps[step];
    let Some(transfer) = facts.step.transfer.filter(|_| !facts.place.undeletes) else {
        return draws.mean(step, row);
    };
    let bytes = match (transfer.bytes, ground.service(step)) {
        (TransferBytes::Shard, Some((_, service))) => service.moved(),
        (TransferBytes::Shard | TransferBytes::Site, _) => ground.rows[row].site.bytes,
    };
    let peak = ground.strategy.rates[transfer.through].peak();
    let cap = ground.scenario.throughputs[transfer.through].cap;
    let alone = cap.map_or(peak, |cap| cap.min(peak)).bytes_per_hour();
    moved(bytes.count(), transfer.share.fraction()) as f64 / alone as f64 * MILLIS_PER_HOUR
}

/// The part of so many bytes that is moved; a share counts to nine decimals.
pub(super) fn moved(bytes: u64, share: f64) -> u64 {
    let parts = (share * 1e9).round() as u128;
    u64::try_from(u128::from(bytes) * parts / 1_000_000_000).expect("a part is less than all")
}

fn whole(millis: f64) -> u64 {
    millis.max(0.0).round() as u64
}
