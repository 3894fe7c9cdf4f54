//! The times between the chunks of a reply as a histogram sees them: few numbers, from which values can be made that
//! have the same count, sum, minimum, maximum and buckets.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::rules::instruments::{GAP_BUCKETS, GAP_LIMITS};

const NANOS: f64 = 1e9;

/// Times in nanoseconds. Relaxed: a chunk that comes while the turn ends may be missed, as one that comes after it is.
#[derive(Debug)]
pub(crate) struct Gaps {
    buckets: [Bucket; GAP_BUCKETS],
    shortest: AtomicU64,
    longest: AtomicU64,
}

#[derive(Debug, Default)]
struct Bucket {
    count: AtomicU64,
    sum: AtomicU64,
}

impl Default for Gaps {
    fn default() -> Self {
        Self { buckets: Default::default(), shortest: AtomicU64::new(u64::MAX), longest: AtomicU64::new(0) }
    }
}

impl Gaps {
    #[inline]
    pub(crate) fn add(&self, gap: u64) {
        // A limit belongs to the bucket below it.
        let at = GAP_LIMITS.partition_point(|limit| *limit < gap);
        let Some(bucket) = self.buckets.get(at) else { return };
        bucket.count.fetch_add(1, Ordering::Relaxed);
        bucket.sum.fetch_add(gap, Ordering::Relaxed);
        // These rarely change: a load is cheaper.
        if gap < self.shortest.load(Ordering::Relaxed) {
            self.shortest.fetch_min(gap, Ordering::Relaxed);
        }
        if gap > self.longest.load(Ordering::Relaxed) {
            self.longest.fetch_max(gap, Ordering::Relaxed);
        }
    }

    /// Values in seconds, and how often each: the shortest and the longest once, and for what else is in a bucket its
    /// mean, which is in the same bucket.
    pub(crate) fn values(&self) -> Vec<(f64, u64)> {
        let ends = [self.shortest.load(Ordering::Relaxed), self.longest.load(Ordering::Relaxed)];
        let mut values = Vec::new();
        let mut low = 0;
        for (at, bucket) in self.buckets.iter().enumerate() {
            let high = GAP_LIMITS.get(at).copied().unwrap_or(u64::MAX);
            let mut count = bucket.count.load(Ordering::Relaxed);
            let mut sum = bucket.sum.load(Ordering::Relaxed);
            for end in ends.into_iter().filter(|end| (low..=high).contains(end)) {
                // The shortest may be the longest.
                if count > 0 {
                    values.push((end as f64 / NANOS, 1));
                    (count, sum) = (count - 1, sum.saturating_sub(end));
                }
            }
            if count > 0 {
                values.push((sum as f64 / count as f64 / NANOS, count));
            }
            low = high.saturating_add(1);
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bucket(seconds: f64) -> usize {
        GAP_LIMITS.partition_point(|limit| *limit as f64 / NANOS < seconds)
    }

    proptest! {
        #[test]
        fn the_values_are_those_of_the_gaps_to_a_histogram(
            gaps in prop::collection::vec(prop_oneof![0..200_000_000_u64, prop::sample::select(GAP_LIMITS.to_vec())], 0..50),
        ) {
            let all = Gaps::default();
            gaps.iter().for_each(|gap| all.add(*gap));
            let values: Vec<f64> =
                all.values().into_iter().flat_map(|(value, times)| (0..times).map(move |_| value)).collect();
            let given: Vec<f64> = gaps.iter().map(|gap| *gap as f64 / NANOS).collect();
            let count = |values: &[f64]| (0..GAP_BUCKETS).map(|at| values.iter().filter(|value| bucket(**value) == at).count()).collect::<Vec<_>>();
            prop_assert_eq!(count(&values), count(&given));
            let ends = |values: &[f64]| (values.iter().copied().reduce(f64::min), values.iter().copied().reduce(f64::max));
            prop_assert_eq!(ends(&values), ends(&given));
            let sums = [values.iter().sum::<f64>(), given.iter().sum::<f64>()];
            prop_assert!((sums[0] - sums[1]).abs() <= 1e-9 * sums[1], "{:?}", sums);
        }
    }
}
