//! Tests of how points go together.
use super::*;
use crate::collector::value::AttributeValue;

const DELTA: MetricKind = MetricKind::Sum { monotonic: true, temporality: Temporality::Delta };
const CUMULATIVE: MetricKind = MetricKind::Sum { monotonic: true, temporality: Temporality::Cumulative };

fn point(times: (u64, u64), value: PointValue) -> ReceivedPoint {
    ReceivedPoint { start_unix_nanos: times.0, time_unix_nanos: times.1, value, ..ReceivedPoint::default() }
}

fn int(times: (u64, u64), value: i64) -> ReceivedPoint {
    point(times, PointValue::Int(value))
}

fn merged(kind: MetricKind, points: Vec<ReceivedPoint>) -> (ReceivedPoint, u64) {
    let mut points = points.into_iter();
    let mut held = Held::new(points.next().unwrap());
    let repeated = points.filter_map(|point| held.merge(kind, point).is_repeated.then_some(())).count();
    (held.point, repeated as u64)
}

#[test]
fn cumulative_points_and_gauges_replace_each_other_in_order_of_time() {
    for kind in [CUMULATIVE, MetricKind::Gauge, MetricKind::Summary] {
        let (state, repeated) = merged(kind, vec![int((1, 10), 5), int((1, 30), 9), int((1, 20), 7)]);
        assert_eq!((state, repeated), (int((1, 30), 9), 0));
        let (state, repeated) = merged(kind, vec![int((1, 10), 5), int((1, 10), 5)]);
        assert_eq!((state, repeated), (int((1, 10), 5), 1));
    }
}

#[test]
fn a_restarted_counter_counts_from_its_new_start() {
    let (state, _) = merged(CUMULATIVE, vec![int((1, 10), 500), int((11, 20), 3)]);
    assert_eq!(state, int((11, 20), 3));
}

#[test]
fn deltas_are_summed_over_the_whole_time() {
    let (state, repeated) = merged(DELTA, vec![int((1, 10), 5), int((10, 20), 7), int((20, 30), 1)]);
    assert_eq!((state, repeated), (int((1, 30), 13), 0));
    let doubles = vec![int((1, 10), 5), point((10, 20), PointValue::Double(0.5)), int((20, 30), 1)];
    assert_eq!(merged(DELTA, doubles).0.value, PointValue::Double(6.5));
}

#[test]
fn a_delta_that_comes_twice_counts_once() {
    let (state, repeated) = merged(DELTA, vec![int((1, 10), 5), int((10, 20), 7), int((10, 20), 7)]);
    assert_eq!((state.value, repeated), (PointValue::Int(12), 1));
    // Without times nobody can tell.
    let (state, repeated) = merged(DELTA, vec![int((0, 0), 5), int((0, 0), 5)]);
    assert_eq!((state.value, repeated), (PointValue::Int(10), 0));
}

fn histogram(counts: &[u64], range: (f64, f64)) -> HistogramValue {
    HistogramValue {
        count: counts.iter().sum(),
        sum: Some(10.0),
        min: Some(range.0),
        max: Some(range.1),
        bounds: vec![1.0, 2.0],
        bucket_counts: counts.to_vec(),
    }
}

fn added(a: HistogramValue, b: HistogramValue) -> HistogramValue {
    let kind = MetricKind::Histogram { temporality: Temporality::Delta };
    let points = [((1, 2), a), ((2, 3), b)].map(|(times, value)| point(times, PointValue::Histogram(value)));
    match merged(kind, points.to_vec()).0.value {
        PointValue::Histogram(value) => value,
        other => panic!("{other:?}"),
    }
}

#[test]
fn histograms_are_added_bucket_by_bucket() {
    let sum = added(histogram(&[1, 0, 2], (0.5, 4.0)), histogram(&[0, 3, 1], (1.5, 9.0)));
    assert_eq!(sum, HistogramValue { count: 7, sum: Some(20.0), ..histogram(&[1, 3, 3], (0.5, 9.0)) });
}

#[test]
fn histograms_with_other_bounds_keep_their_totals() {
    let other = HistogramValue { bounds: vec![1.0, 5.0], sum: None, ..histogram(&[1, 1, 1], (0.5, 9.0)) };
    let sum = added(histogram(&[1, 0, 2], (0.7, 4.0)), other);
    let expected = HistogramValue { count: 6, min: Some(0.5), max: Some(9.0), ..HistogramValue::default() };
    assert_eq!(sum, expected);
}

fn exponential(scale: i32, positive: &[(i32, u64)]) -> ExponentialHistogramValue {
    let count = positive.iter().map(|(_, count)| count).sum();
    ExponentialHistogramValue { count, scale, positive: positive.to_vec(), ..ExponentialHistogramValue::default() }
}

#[test]
fn exponential_histograms_meet_at_the_coarser_scale() {
    let sum =
        super::exponential(exponential(1, &[(-3, 1), (0, 1), (1, 1), (3, 5)]), exponential(0, &[(-2, 1), (1, 2)]));
    assert_eq!(sum, exponential(0, &[(-2, 2), (0, 2), (1, 7)]));
}

#[test]
fn exponential_buckets_stay_bounded() {
    let wide = |from: i32| exponential(20, &(0..900).map(|n| (from + n * 3, 1)).collect::<Vec<_>>());
    let sum = super::exponential(wide(0), wide(1_000_000));
    assert!(sum.positive.len() <= MAX_EXPONENTIAL_BUCKETS && sum.scale < 20);
    assert_eq!(sum.positive.iter().map(|(_, count)| count).sum::<u64>(), 1_800);
    let far = super::exponential(exponential(i32::MAX, &[(i32::MAX, 1)]), exponential(i32::MIN, &[(i32::MIN, 1)]));
    assert_eq!(far.positive.iter().map(|(_, count)| count).sum::<u64>(), 2);
}

fn exemplar(n: u64, text: Option<&str>) -> ReceivedExemplar {
    let attributes = text.map(|text| ("note".to_owned(), AttributeValue::Str(text.to_owned())));
    ReceivedExemplar { time_unix_nanos: n, attributes: attributes.into_iter().collect(), ..ReceivedExemplar::default() }
}

#[test]
fn the_newest_exemplars_stay_and_older_ones_that_say_something() {
    for kind in [CUMULATIVE, DELTA] {
        let first = ReceivedPoint { exemplars: vec![exemplar(1, None), exemplar(2, Some("x"))], ..int((1, 2), 1) };
        let second = ReceivedPoint { exemplars: vec![exemplar(3, None)], ..int((2, 3), 1) };
        let (state, _) = merged(kind, vec![first, second]);
        assert_eq!(state.exemplars, [exemplar(3, None), exemplar(2, Some("x"))]);
    }
}

#[test]
fn exemplars_that_say_something_are_not_lost_in_silence() {
    let full: Vec<ReceivedExemplar> = (0..MAX_EXEMPLARS as u64).map(|n| exemplar(n, Some("x"))).collect();
    let mut held = Held::new(ReceivedPoint { exemplars: full, ..int((1, 2), 1) });
    let next = ReceivedPoint { exemplars: vec![exemplar(900, None), exemplar(901, None)], ..int((1, 3), 2) };
    assert_eq!(held.merge(CUMULATIVE, next), Merged { is_repeated: false, lost_exemplars: 2 });
    assert_eq!(held.point.exemplars.len(), MAX_EXEMPLARS);
}
