//! Tests of the store of metrics.
use super::*;
use crate::collector::metric::{MetricKind, PointValue, Temporality};
use crate::collector::origin::ReceivedResource;

fn kind(temporality: Temporality) -> MetricKind {
    MetricKind::Sum { monotonic: true, temporality }
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::Str(text.to_owned())
}

fn metric(name: &str, points: &[(&str, i64)]) -> ReceivedMetric {
    let point = |(model, value): &(&str, i64)| ReceivedPoint {
        attributes: vec![("model".to_owned(), text(model))],
        value: PointValue::Int(*value),
        ..ReceivedPoint::default()
    };
    ReceivedMetric {
        name: name.to_owned(),
        kind: kind(Temporality::Delta),
        points: points.iter().map(point).collect(),
        ..ReceivedMetric::default()
    }
}

fn put(store: &mut Metrics, metric: ReceivedMetric) {
    store.insert(Batch { items: vec![metric], rejected: 0 });
}

/// `name model=value …`, in the order that is held.
fn shown(store: &Metrics) -> String {
    let series = |point: &ReceivedPoint| {
        format!("{}={}", point.str("model").unwrap_or_default(), point.sum().unwrap_or_default())
    };
    let line = |metric: &ReceivedMetric| {
        format!("{} {}", metric.name, metric.points.iter().map(series).collect::<Vec<_>>().join(" "))
    };
    store.held().iter().map(line).collect::<Vec<_>>().join(", ")
}

fn assert_consistent(store: &Metrics) {
    assert_eq!(store.series.len(), store.places.len());
    assert_eq!(store.series.len(), store.heard.len());
    assert_eq!(store.series.len(), store.metrics.values().map(|(_, series)| series).sum::<usize>());
    assert!(store.series.len() <= store.max);
}

#[test]
fn series_are_told_apart_by_all_that_identifies_them() {
    let mut store = Metrics::new(99);
    let base = || metric("a", &[("x", 1)]);
    let resource = ReceivedResource { attributes: vec![("service.name".into(), text("b"))], ..Default::default() };
    let others = [
        metric("b", &[("x", 1)]),
        metric("a", &[("y", 1)]),
        ReceivedMetric { unit: "s".to_owned(), ..base() },
        ReceivedMetric { kind: kind(Temporality::Cumulative), ..base() },
        ReceivedMetric { resource: Arc::new(resource), ..base() },
    ];
    put(&mut store, base());
    for (n, other) in others.into_iter().enumerate() {
        put(&mut store, other);
        assert_eq!(store.series.len(), n + 2);
    }
    // A description does not.
    put(&mut store, ReceivedMetric { description: "newer".to_owned(), ..base() });
    assert_eq!(shown(&store), "a x=2 y=1, b x=1, a x=1, a x=1, a x=1");
    assert_eq!(store.held()[0].description, "newer");
    assert_consistent(&store);
}

#[test]
fn the_order_of_labels_does_not_matter() {
    let mut store = Metrics::new(9);
    let mut labelled = |pairs: &[(&str, &str)]| {
        let mut metric = metric("a", &[("", 1)]);
        metric.points[0].attributes = pairs.iter().map(|(key, value)| ((*key).to_owned(), text(value))).collect();
        put(&mut store, metric);
    };
    labelled(&[("model", "x"), ("region", "eu")]);
    labelled(&[("region", "eu"), ("model", "x")]);
    assert_eq!(shown(&store), "a x=2");
}

#[test]
fn a_full_store_drops_what_has_been_silent_for_longest() {
    let mut store = Metrics::new(2);
    put(&mut store, metric("a", &[("x", 1), ("y", 1)]));
    put(&mut store, metric("a", &[("x", 1)]));
    put(&mut store, metric("b", &[("z", 1)]));
    assert_eq!(shown(&store), "a x=2, b z=1");
    assert_eq!((store.counts.received, store.counts.evicted), (4, 1));
    assert_consistent(&store);
    put(&mut store, metric("c", &(0..10).map(|_| ("", 0)).collect::<Vec<_>>()));
    assert_eq!(shown(&store), "b z=1, c =0");
    let many: Vec<String> = (0..1_000).map(|n| n.to_string()).collect();
    put(&mut store, metric("d", &many.iter().map(|n| (n.as_str(), 1)).collect::<Vec<_>>()));
    assert_eq!(shown(&store), "d 998=1 999=1");
    assert_consistent(&store);
}

#[test]
fn a_store_for_no_series_holds_none() {
    let mut store = Metrics::new(0);
    put(&mut store, metric("a", &[("x", 1)]));
    assert_eq!((shown(&store).as_str(), store.counts.evicted), ("", 1));
    assert_consistent(&store);
}

#[test]
fn what_was_taken_starts_anew() {
    let mut store = Metrics::new(9);
    put(&mut store, metric("a", &[("x", 3)]));
    assert_eq!(store.take().len(), 1);
    assert_eq!((shown(&store).as_str(), store.taken, store.counts.received), ("", 1, 1));
    put(&mut store, metric("a", &[("x", 4)]));
    assert_eq!(shown(&store), "a x=4");
    assert_consistent(&store);
}
