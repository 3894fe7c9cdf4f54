//! How the next point of a series goes together with the one that is held.
use crate::collector::metric::{
    ExponentialHistogramValue, HistogramValue, MetricKind, PointValue, ReceivedExemplar, ReceivedPoint, Temporality,
};

/// Exemplars kept for a series.
const MAX_EXEMPLARS: usize = 64;

/// Buckets kept for each sign of an exponential histogram; more make it coarser.
const MAX_EXPONENTIAL_BUCKETS: usize = 1_024;

/// The state of a series.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) point: ReceivedPoint,
    /// Start and time of the point that came last: what comes with the same comes again.
    last: (u64, u64),
}

/// What became of a point.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Merged {
    pub(super) is_repeated: bool,
    pub(super) lost_exemplars: u64,
}

impl Held {
    pub(super) fn new(mut point: ReceivedPoint) -> Self {
        point.exemplars.truncate(MAX_EXEMPLARS);
        Self { last: (point.start_unix_nanos, point.time_unix_nanos), point }
    }

    /// Points of deltas are summed up. Of all others the latest one is the state, whatever order they come in.
    pub(super) fn merge(&mut self, kind: MetricKind, mut next: ReceivedPoint) -> Merged {
        let times = (next.start_unix_nanos, next.time_unix_nanos);
        // Without times nothing tells a repetition.
        let is_repeated = times == self.last && times.1 != 0;
        let lost_exemplars = self.keep_exemplars(&mut next);
        if kind.temporality() == Some(Temporality::Delta) {
            if !is_repeated {
                self.add(next);
                self.last = times;
            }
        } else if next.time_unix_nanos >= self.point.time_unix_nanos {
            self.point = ReceivedPoint { exemplars: std::mem::take(&mut self.point.exemplars), ..next };
            self.last = times;
        }
        Merged { is_repeated, lost_exemplars }
    }

    /// The newest ones stay, and of the older ones those that say something of their own: whoever looks for a text must
    /// find it there. Gives how many of these had to go.
    fn keep_exemplars(&mut self, next: &mut ReceivedPoint) -> u64 {
        let mut kept = std::mem::take(&mut next.exemplars);
        let older = self.point.exemplars.drain(..).filter(|older| !older.attributes.is_empty());
        let older: Vec<ReceivedExemplar> = older.filter(|older| !kept.contains(older)).collect();
        kept.extend(older);
        let lost = kept.iter().skip(MAX_EXEMPLARS).filter(|exemplar| !exemplar.attributes.is_empty()).count();
        kept.truncate(MAX_EXEMPLARS);
        self.point.exemplars = kept;
        lost as u64
    }

    fn add(&mut self, next: ReceivedPoint) {
        let held = &mut self.point;
        held.start_unix_nanos = match (held.start_unix_nanos, next.start_unix_nanos) {
            (0, start) | (start, 0) => start,
            (a, b) => a.min(b),
        };
        held.time_unix_nanos = held.time_unix_nanos.max(next.time_unix_nanos);
        held.flags = next.flags;
        held.value = match (std::mem::take(&mut held.value), next.value) {
            (PointValue::Int(a), PointValue::Int(b)) => PointValue::Int(a.saturating_add(b)),
            (PointValue::Double(a), PointValue::Double(b)) => PointValue::Double(a + b),
            (PointValue::Int(a), PointValue::Double(b)) | (PointValue::Double(b), PointValue::Int(a)) => {
                PointValue::Double(a as f64 + b)
            }
            (PointValue::Histogram(a), PointValue::Histogram(b)) => PointValue::Histogram(histogram(a, b)),
            (PointValue::ExponentialHistogram(a), PointValue::ExponentialHistogram(b)) => {
                PointValue::ExponentialHistogram(exponential(a, b))
            }
            (value, PointValue::Empty) | (_, value) => value,
        };
    }
}

fn both<T>(a: Option<T>, b: Option<T>, of: impl Fn(T, T) -> T) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(of(a, b)),
        (one, None) | (None, one) => one,
    }
}

/// Buckets with other bounds cannot be added: then there are none any more, and the totals stay.
fn histogram(a: HistogramValue, b: HistogramValue) -> HistogramValue {
    let fits = a.bounds == b.bounds && a.bucket_counts.len() == b.bucket_counts.len();
    let added = a.bucket_counts.iter().zip(&b.bucket_counts).map(|(a, b)| a.saturating_add(*b));
    let bucket_counts = if fits { added.collect() } else { Vec::new() };
    HistogramValue {
        count: a.count.saturating_add(b.count),
        // A sum that lacks a part would be a wrong sum.
        sum: a.sum.zip(b.sum).map(|(a, b)| a + b),
        min: both(a.min, b.min, f64::min),
        max: both(a.max, b.max, f64::max),
        bounds: if fits { a.bounds } else { Vec::new() },
        bucket_counts,
    }
}

fn exponential(a: ExponentialHistogramValue, b: ExponentialHistogramValue) -> ExponentialHistogramValue {
    let mut scale = a.scale.min(b.scale);
    let added = |of: fn(&ExponentialHistogramValue) -> &[(i32, u64)], scale: i32| {
        let coarser = |from: &ExponentialHistogramValue| coarse(of(from), from.scale.saturating_sub(scale));
        summed(coarser(&a).into_iter().chain(coarser(&b)).collect())
    };
    let (mut positive, mut negative) = (added(|of| &of.positive, scale), added(|of| &of.negative, scale));
    while positive.len().max(negative.len()) > MAX_EXPONENTIAL_BUCKETS {
        scale = scale.saturating_sub(1);
        (positive, negative) = (summed(coarse(&positive, 1)), summed(coarse(&negative, 1)));
    }
    ExponentialHistogramValue {
        count: a.count.saturating_add(b.count),
        sum: a.sum.zip(b.sum).map(|(a, b)| a + b),
        min: both(a.min, b.min, f64::min),
        max: both(a.max, b.max, f64::max),
        scale,
        zero_count: a.zero_count.saturating_add(b.zero_count),
        positive,
        negative,
    }
}

/// Each step down in scale puts two neighbours together.
fn coarse(buckets: &[(i32, u64)], steps: i32) -> Vec<(i32, u64)> {
    // After 31 steps an index is 0 or -1.
    let steps = steps.clamp(0, 31);
    buckets.iter().map(|(index, count)| (index >> steps, *count)).collect()
}

fn summed(mut buckets: Vec<(i32, u64)>) -> Vec<(i32, u64)> {
    buckets.sort_by_key(|(index, _)| *index);
    buckets.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 = kept.1.saturating_add(next.1);
        }
        same
    });
    buckets
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
