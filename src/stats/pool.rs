//! Values at ranks among very many, without a list of all: they are counted by size once, and then
//! only those of the same size as the ones that are sought are looked at. So ten thousand exercises
//! of a thousand sites need no more room than their outcomes, and no sorting.

use std::collections::BTreeMap;
use std::ops::Range;

use rayon::prelude::*;

/// Values in clusters, each with a weight; they are shown as often as somebody asks, in any order.
pub trait Clusters: Sync {
    /// How many clusters there are.
    fn count(&self) -> usize;

    /// Shows the values of a cluster with their weights.
    fn show(&self, cluster: usize, each: impl FnMut(u64, u64));
}

impl Clusters for [Vec<(u64, f64)>] {
    fn count(&self) -> usize {
        self.len()
    }

    fn show(&self, cluster: usize, mut each: impl FnMut(u64, u64)) {
        self[cluster].iter().for_each(|(value, weight)| each(*value, *weight as u64));
    }
}

/// Bits of a value by which it is counted, beside how many it has: sizes are a 4,096th apart.
const FINE: u32 = 12;

/// Sizes that a value of 64 bits may have.
const SIZES: usize = (64 - FINE as usize + 1) << FINE;

/// The size of a value; of a larger value it is no less.
fn size(value: u64) -> usize {
    let length = u64::BITS - value.leading_zeros();
    let coarse = length.saturating_sub(FINE + 1);
    ((coarse as usize) << FINE) + (value >> coarse) as usize
}

/// A value, and how much weight lies at it or below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The value.
    pub value: u64,
    /// The weight.
    pub at_or_below: u64,
}

/// The values of all clusters together.
pub struct Pool<'a, C: ?Sized> {
    clusters: &'a C,
    /// The weight below each size.
    below: Vec<u64>,
    weight: u64,
}

impl<'a, C: Clusters + ?Sized> Pool<'a, C> {
    /// `None` when nothing has a weight.
    pub fn new(clusters: &'a C) -> Option<Self> {
        let counted = |range: Range<usize>| {
            let mut counts = vec![0u64; SIZES];
            for cluster in range {
                clusters.show(cluster, |value, weight| counts[size(value)] += weight);
            }
            counts
        };
        let parts: Vec<Vec<u64>> = parts(clusters.count()).into_par_iter().map(counted).collect();
        let mut weight = 0;
        let below = (0..SIZES).map(|size| {
            let own: u64 = parts.iter().map(|it| it[size]).sum();
            let below = weight;
            weight += own;
            below
        });
        let below = below.collect();
        (weight > 0).then_some(Self { clusters, below, weight })
    }

    /// The weight of all values.
    pub fn weight(&self) -> u64 {
        self.weight
    }

    /// For each sought weight, which is above zero and at most that of all: the least value with at
    /// least so much at or below it.
    pub fn reach(&self, sought: &[f64]) -> Vec<Reached> {
        let sizes: Vec<usize> = sought.iter().map(|it| self.size_of(*it)).collect();
        let found = self.values_of(&sizes);
        let one = |(sought, size): (&f64, &usize)| {
            let mut at_or_below = self.below[*size];
            let reached = found[size].iter().find(|(_, weight)| {
                at_or_below += **weight;
                at_or_below as f64 >= *sought
            });
            let (value, _) = reached.expect("the weight is reached within its size");
            Reached { value: *value, at_or_below }
        };
        sought.iter().zip(&sizes).map(one).collect()
    }

    /// The size at which so much weight has come together.
    fn size_of(&self, sought: f64) -> usize {
        assert!(0.0 < sought && sought <= self.weight as f64, "only what is there is sought");
        self.below.partition_point(|below| (*below as f64) < sought) - 1
    }

    /// The values of some sizes, each with its weight.
    fn values_of(&self, sizes: &[usize]) -> BTreeMap<usize, BTreeMap<u64, u64>> {
        let mut is_wanted = vec![false; SIZES];
        sizes.iter().for_each(|it| is_wanted[*it] = true);
        let picked = |range: Range<usize>| {
            let mut picked: Vec<(u64, u64)> = Vec::new();
            for cluster in range {
                self.clusters.show(cluster, |value, weight| {
                    if is_wanted[size(value)] && weight > 0 {
                        picked.push((value, weight));
                    }
                });
            }
            summed(picked)
        };
        let parts: Vec<Vec<(u64, u64)>> =
            parts(self.clusters.count()).into_par_iter().map(picked).collect();
        let mut found: BTreeMap<usize, BTreeMap<u64, u64>> = BTreeMap::new();
        for (value, weight) in parts.into_iter().flatten() {
            *found.entry(size(value)).or_default().entry(value).or_default() += weight;
        }
        found
    }
}

/// Equal values as one.
fn summed(mut values: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
    values.sort_unstable();
    let equal = values.chunk_by(|one, next| one.0 == next.0);
    equal.map(|it| (it[0].0, it.iter().map(|it| it.1).sum())).collect()
}

/// Clusters in a few even parts for each thread.
fn parts(count: usize) -> Vec<Range<usize>> {
    let length = count.div_ceil(2 * rayon::current_num_threads()).max(1);
    (0..count).step_by(length).map(|it| it..count.min(it + length)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sizes_are_in_order_and_close() {
        assert_eq!((size(0), size(8_191), size(8_192)), (0, 8_191, 8_192));
        assert_eq!(size(u64::MAX), SIZES - 1);
        for value in (0..60).flat_map(|it| [1u64 << it, (1 << it) + 1, 3 << it]) {
            assert!(size(value - 1) <= size(value), "{value}");
            assert!(size(value + value.div_ceil(4_096)) > size(value), "{value}");
        }
    }

    proptest! {
        #[test]
        fn what_is_reached_is_what_a_sorted_list_has(
            clusters in proptest::collection::vec(
                proptest::collection::vec((any::<u64>(), 0u32..64, 0u32..4), 0..20),
                0..12,
            ),
            shares in proptest::collection::vec(0.001f64..1.0, 1..5),
        ) {
            let clusters: Vec<Vec<(u64, f64)>> = clusters
                .iter()
                .map(|it| it.iter().map(|it| (it.0 >> it.1, f64::from(it.2))).collect())
                .collect();
            let mut sorted: Vec<(u64, f64)> = clusters.iter().flatten().copied().collect();
            sorted.sort_unstable_by_key(|it| it.0);
            let Some(pool) = Pool::new(&clusters[..]) else {
                prop_assert!(sorted.iter().all(|it| it.1 == 0.0));
                return Ok(());
            };
            let sought: Vec<f64> = shares.iter().map(|it| it * pool.weight() as f64).collect();
            for (sought, reached) in sought.iter().zip(pool.reach(&sought)) {
                let mut below = 0.0;
                let least = sorted.iter().find(|it| {
                    below += it.1;
                    below >= *sought
                });
                prop_assert_eq!(reached.value, least.expect("it is there").0);
                let up_to = sorted.iter().filter(|it| it.0 <= reached.value);
                prop_assert_eq!(reached.at_or_below as f64, up_to.map(|it| it.1).sum::<f64>());
            }
        }
    }
}
