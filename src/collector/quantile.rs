//! Quantiles, estimated from buckets.
use super::metric::{ExponentialHistogramValue, HistogramValue, PointValue};

/// Lower and upper bound, and how many measurements lie between.
type Bucket = (f64, f64, u64);

/// The value below which the share `of` (0 to 1) of the measurements lies: within a bucket in proportion, never beyond the
/// smallest and largest measurement. `None` where nothing was measured or no buckets were sent.
pub(super) fn quantile(value: &PointValue, of: f64) -> Option<f64> {
    match value {
        PointValue::Empty | PointValue::Int(_) | PointValue::Double(_) => None,
        PointValue::Histogram(value) => estimate(&explicit(value), of, (value.min, value.max)),
        PointValue::ExponentialHistogram(value) => estimate(&exponential(value), of, (value.min, value.max)),
        PointValue::Summary(value) => {
            value.quantiles.iter().find(|(quantile, _)| (quantile - of).abs() < 1e-9).map(|(_, value)| *value)
        }
    }
}

/// The first and last bucket are open to one side: they end at the smallest and largest measurement, if these are known.
fn explicit(value: &HistogramValue) -> Vec<Bucket> {
    let first = value.bounds.first().copied().unwrap_or_default();
    let last = value.bounds.last().copied().unwrap_or_default();
    let lower = std::iter::once(value.min.unwrap_or(first.min(0.0))).chain(value.bounds.iter().copied());
    let upper = value.bounds.iter().copied().chain(std::iter::once(value.max.unwrap_or(last)));
    lower.zip(upper).zip(&value.bucket_counts).map(|((lower, upper), count)| (lower, upper, *count)).collect()
}

fn exponential(value: &ExponentialHistogramValue) -> Vec<Bucket> {
    let base = 2_f64.powf(2_f64.powi(value.scale.saturating_neg()));
    let bound = |index: i32| base.powi(index);
    let negative = value.negative.iter().rev();
    let negative = negative.map(|(at, count)| (-bound(at.saturating_add(1)), -bound(*at), *count));
    let positive = value.positive.iter().map(|(at, count)| (bound(*at), bound(at.saturating_add(1)), *count));
    negative.chain(std::iter::once((0.0, 0.0, value.zero_count))).chain(positive).collect()
}

fn estimate(buckets: &[Bucket], of: f64, (min, max): (Option<f64>, Option<f64>)) -> Option<f64> {
    let total: u64 = buckets.iter().fold(0, |total, (_, _, count)| total.saturating_add(*count));
    let rank = of * total as f64;
    let mut below = 0.0;
    for (lower, upper, count) in buckets.iter().filter(|(_, _, count)| *count > 0) {
        let count = *count as f64;
        if below + count >= rank {
            let inside = lower + (upper - lower) * ((rank - below) / count);
            return Some(inside.max(min.unwrap_or(inside)).min(max.unwrap_or(f64::INFINITY)));
        }
        below += count;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(bounds: &[f64], counts: &[u64]) -> HistogramValue {
        HistogramValue { bounds: bounds.to_vec(), bucket_counts: counts.to_vec(), ..HistogramValue::default() }
    }

    fn of(value: &HistogramValue, share: f64) -> Option<f64> {
        quantile(&PointValue::Histogram(value.clone()), share)
    }

    #[test]
    fn a_quantile_lies_in_its_bucket_in_proportion() {
        let value = histogram(&[10.0, 20.0], &[10, 10, 0]);
        assert_eq!([0.0, 0.25, 0.5, 0.75, 1.0].map(|share| of(&value, share)), [0.0, 5.0, 10.0, 15.0, 20.0].map(Some));
    }

    #[test]
    fn the_smallest_and_largest_measurement_bound_it() {
        let value = HistogramValue { min: Some(4.0), max: Some(30.0), ..histogram(&[10.0, 20.0], &[1, 0, 1]) };
        assert_eq!([0.0, 0.5, 1.0].map(|share| of(&value, share)), [4.0, 10.0, 30.0].map(Some));
        let one = HistogramValue { min: Some(7.0), max: Some(7.0), ..histogram(&[10.0], &[1, 0]) };
        assert_eq!([of(&one, 0.5), of(&one, 0.95)], [Some(7.0); 2]);
    }

    #[test]
    fn nothing_is_made_up() {
        assert_eq!(of(&histogram(&[], &[]), 0.5), None);
        assert_eq!(of(&histogram(&[1.0], &[0, 0]), 0.5), None);
        assert_eq!(quantile(&PointValue::Int(3), 0.5), None);
    }

    #[test]
    fn exponential_buckets_have_powers_as_bounds() {
        let value = ExponentialHistogramValue {
            scale: 0,
            zero_count: 1,
            positive: vec![(0, 1), (2, 2)],
            negative: vec![(1, 1)],
            ..ExponentialHistogramValue::default()
        };
        let value = PointValue::ExponentialHistogram(value);
        let shares = [0.2, 0.4, 0.6, 0.8, 1.0].map(|share| quantile(&value, share));
        assert_eq!(shares, [-2.0, 0.0, 2.0, 6.0, 8.0].map(Some));
    }
}
