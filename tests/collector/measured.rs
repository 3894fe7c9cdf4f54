//! Metrics to send.
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::summary_data_point::ValueAtQuantile;
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, ExponentialHistogram, ExponentialHistogramDataPoint, Gauge, Histogram, HistogramDataPoint, Metric,
    NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, Summary, SummaryDataPoint, exemplar, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use tracing_genai::collector::{
    AttributeValue, Collector, ExponentialHistogramValue, HistogramValue, MetricKind, PointValue, ReceivedMetric,
    SummaryValue, Temporality,
};

use crate::requests::{PATIENCE, TRACE_ID, attribute, text};

const DELTA: i32 = 1;
const CUMULATIVE: i32 = 2;

pub(crate) fn metrics(metrics: Vec<Metric>) -> ExportMetricsServiceRequest {
    let resource = Resource { attributes: vec![attribute("service.name", text("agent"))], ..Resource::default() };
    let scope = InstrumentationScope { name: "tests".to_owned(), ..InstrumentationScope::default() };
    let scope_metrics = ScopeMetrics { scope: Some(scope), metrics, schema_url: "urn:scope".to_owned() };
    let resource_metrics = ResourceMetrics {
        resource: Some(resource),
        scope_metrics: vec![scope_metrics],
        schema_url: "urn:resource".to_owned(),
    };
    ExportMetricsServiceRequest { resource_metrics: vec![resource_metrics] }
}

fn metric(name: &str, data: Data) -> Metric {
    let (description, unit) = (format!("what {name} is"), "{token}".to_owned());
    Metric { name: name.to_owned(), description, unit, data: Some(data), ..Metric::default() }
}

fn number((start, time): (u64, u64), value: number_data_point::Value) -> NumberDataPoint {
    NumberDataPoint {
        start_time_unix_nano: start,
        time_unix_nano: time,
        value: Some(value),
        ..NumberDataPoint::default()
    }
}

fn sum(temporality: i32, times: (u64, u64), points: &[(&str, i64)]) -> Data {
    let point = |(model, value): &(&str, i64)| NumberDataPoint {
        attributes: vec![attribute("model", text(model))],
        ..number(times, number_data_point::Value::AsInt(*value))
    };
    let data_points = points.iter().map(point).collect();
    Data::Sum(Sum { data_points, aggregation_temporality: temporality, is_monotonic: true })
}

/// A counter of deltas: models and their values.
pub(crate) fn counter(name: &str, times: (u64, u64), points: &[(&str, i64)]) -> Metric {
    metric(name, sum(DELTA, times, points))
}

/// A cumulative counter.
pub(crate) fn total(name: &str, times: (u64, u64), points: &[(&str, i64)]) -> Metric {
    metric(name, sum(CUMULATIVE, times, points))
}

fn histogram() -> Data {
    let exemplar = Exemplar {
        filtered_attributes: vec![attribute("note", text("slow"))],
        time_unix_nano: 5,
        value: Some(exemplar::Value::AsDouble(1.5)),
        trace_id: TRACE_ID.to_vec(),
        span_id: [7; 8].to_vec(),
    };
    let point = HistogramDataPoint {
        start_time_unix_nano: 1,
        time_unix_nano: 9,
        count: 3,
        sum: Some(4.5),
        min: Some(0.5),
        max: Some(2.5),
        explicit_bounds: vec![1.0, 2.0],
        bucket_counts: vec![1, 1, 1],
        exemplars: vec![exemplar],
        ..HistogramDataPoint::default()
    };
    Data::Histogram(Histogram { data_points: vec![point], aggregation_temporality: CUMULATIVE })
}

fn exponential() -> Data {
    let point = ExponentialHistogramDataPoint {
        count: 6,
        sum: Some(4.5),
        scale: -1,
        zero_count: 1,
        positive: Some(Buckets { offset: -2, bucket_counts: vec![1, 0, 3] }),
        negative: Some(Buckets { offset: 4, bucket_counts: vec![1] }),
        ..ExponentialHistogramDataPoint::default()
    };
    Data::ExponentialHistogram(ExponentialHistogram { data_points: vec![point], aggregation_temporality: DELTA })
}

/// A metric of every kind there is.
pub(crate) fn full_metrics() -> ExportMetricsServiceRequest {
    let gauge = vec![number((1, 9), number_data_point::Value::AsDouble(0.5))];
    let quantile = ValueAtQuantile { quantile: 0.5, value: 1.5 };
    let summary =
        SummaryDataPoint { count: 2, sum: 3.0, quantile_values: vec![quantile], ..SummaryDataPoint::default() };
    metrics(vec![
        metric("gauge", Data::Gauge(Gauge { data_points: gauge })),
        counter("sum", (1, 9), &[("gpt-5", i64::MAX)]),
        metric("histogram", histogram()),
        metric("exponential", exponential()),
        metric("summary", Data::Summary(Summary { data_points: vec![summary] })),
    ])
}

/// Exactly [`full_metrics`] is held.
pub(crate) fn assert_received_metrics(collector: &Collector) {
    assert!(collector.wait_until_metrics(|metrics| !metrics.is_empty(), PATIENCE));
    let metrics = collector.metrics();
    let names: Vec<&str> = metrics.iter().map(|metric| metric.name.as_str()).collect();
    assert_eq!(names, ["gauge", "sum", "histogram", "exponential", "summary"]);
    let (delta, cumulative) = (Temporality::Delta, Temporality::Cumulative);
    let kinds = [
        MetricKind::Gauge,
        MetricKind::Sum { monotonic: true, temporality: delta },
        MetricKind::Histogram { temporality: cumulative },
        MetricKind::ExponentialHistogram { temporality: delta },
        MetricKind::Summary,
    ];
    assert_eq!(metrics.iter().map(|metric| metric.kind).collect::<Vec<_>>(), kinds);
    let values = metrics.iter().flat_map(|metric| &metric.points).map(|point| point.value.clone());
    assert_eq!(values.collect::<Vec<_>>(), values_sent());
    assert_origin(&metrics[0]);
    let (sum, histogram) = (&metrics[1].points[0], &metrics[2].points[0]);
    assert_eq!((sum.str("model"), sum.start_unix_nanos, sum.time_unix_nanos), (Some("gpt-5"), 1, 9));
    let exemplar = &histogram.exemplars[0];
    assert_eq!((exemplar.value, exemplar.time_unix_nanos), (Some(1.5), 5));
    assert_eq!((exemplar.trace_id.as_str(), exemplar.span_id.as_str()), (&*"4b".repeat(16), &*"07".repeat(8)));
    assert_eq!(exemplar.attributes, [("note".to_owned(), AttributeValue::Str("slow".to_owned()))]);
}

fn values_sent() -> [PointValue; 5] {
    [
        PointValue::Double(0.5),
        PointValue::Int(i64::MAX),
        PointValue::Histogram(HistogramValue {
            count: 3,
            sum: Some(4.5),
            min: Some(0.5),
            max: Some(2.5),
            bounds: vec![1.0, 2.0],
            bucket_counts: vec![1, 1, 1],
        }),
        PointValue::ExponentialHistogram(ExponentialHistogramValue {
            count: 6,
            sum: Some(4.5),
            scale: -1,
            zero_count: 1,
            positive: vec![(-2, 1), (0, 3)],
            negative: vec![(4, 1)],
            ..ExponentialHistogramValue::default()
        }),
        PointValue::Summary(SummaryValue { count: 2, sum: 3.0, quantiles: vec![(0.5, 1.5)] }),
    ]
}

fn assert_origin(metric: &ReceivedMetric) {
    assert_eq!((metric.unit.as_str(), metric.description.as_str()), ("{token}", "what gauge is"));
    let service = metric.resource.attribute("service.name").and_then(AttributeValue::as_str);
    assert_eq!((service, metric.resource.schema_url.as_str()), (Some("agent"), "urn:resource"));
    assert_eq!((metric.scope.name.as_str(), metric.scope.schema_url.as_str()), ("tests", "urn:scope"));
}
