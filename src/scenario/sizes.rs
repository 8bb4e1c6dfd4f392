//! What the size of a site or a shard is relative to.

/// The sizes that others are relative to. A known 0 counts as the smallest of them that is above it:
/// work on something empty takes some time still.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sizes {
    least: f64,
    median: f64,
}

impl Sizes {
    /// Of some sizes, each with how many have it; all 1 where nothing has a size.
    pub(crate) fn of(sizes: impl Iterator<Item = (u64, u64)>) -> Self {
        let mut sizes: Vec<(u64, u64)> = sizes.collect();
        sizes.sort_unstable();
        let least = sizes.iter().find(|it| it.0 > 0).map_or(1, |it| it.0);
        let all: u64 = sizes.iter().map(|it| it.1).sum();
        let mut before = all.saturating_sub(1) / 2;
        let mut median = least;
        for (size, count) in sizes {
            median = size.max(least);
            if before < count {
                break;
            }
            before -= count;
        }
        Self { least: least as f64, median: median as f64 }
    }

    /// A size as it counts.
    pub(crate) fn counted(self, size: f64) -> f64 {
        if size > 0.0 { size } else { self.least }
    }

    /// How much longer work takes for so many of this size together than for as many of the median:
    /// (size / (count × median))^exponent.
    pub(crate) fn factor(self, size: f64, count: f64, exponent: f64) -> f64 {
        if exponent == 0.0 { 1.0 } else { libm::pow(size / (count * self.median), exponent) }
    }

    /// The same of one.
    pub(crate) fn factor_of_one(self, size: f64, exponent: f64) -> f64 {
        self.factor(self.counted(size), 1.0, exponent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sizes: &[u64]) -> Sizes {
        Sizes::of(sizes.iter().map(|it| (*it, 1)))
    }

    #[test]
    fn nothing_counts_as_the_smallest_that_is_something() {
        let sizes = of(&[0, 40, 10, 160]);
        assert_eq!(sizes.factor_of_one(0.0, 1.0), sizes.factor_of_one(10.0, 1.0));
        // The lower median of 10, 10, 40 and 160 is 10.
        assert_eq!(sizes.factor_of_one(40.0, 0.5), 2.0);
    }

    #[test]
    fn the_median_is_the_lower_one_and_counts_what_has_each_size() {
        assert_eq!(of(&[1, 2, 4, 8]).factor_of_one(8.0, 1.0), 4.0);
        let shards = Sizes::of([(100, 1), (400, 3)].into_iter());
        assert_eq!(shards.factor_of_one(100.0, 1.0), 0.25);
        assert_eq!(shards.factor(800.0, 2.0, 1.0), 1.0);
    }

    #[test]
    fn without_any_size_nothing_grows() {
        for none in [of(&[]), of(&[0, 0])] {
            assert_eq!(none.factor_of_one(0.0, 0.7), 1.0);
        }
    }
}
