//! Metric requests into [`ReceivedMetric`]s.
use std::sync::Arc;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, ExponentialHistogramDataPoint, HistogramDataPoint, Metric, NumberDataPoint, SummaryDataPoint, exemplar,
    number_data_point,
};

use super::{Batch, attributes, hex};
use crate::collector::metric::{
    ExponentialHistogramValue, HistogramValue, MetricKind, PointValue, ReceivedExemplar, ReceivedMetric, ReceivedPoint,
    SummaryValue, Temporality,
};

/// Bit 0 of a point's flags: nothing was recorded, and there is no value.
const NO_RECORDED_VALUE: u32 = 1;

/// Reads every metric of `request`. Points without a value are counted instead, or with buckets that do not fit their bounds;
/// a metric without data counts as one.
pub(in crate::collector) fn metrics(request: ExportMetricsServiceRequest) -> Batch<ReceivedMetric> {
    let mut batch = Batch::default();
    for message in request.resource_metrics {
        let resource = Arc::new(super::resource(message.resource, message.schema_url));
        for message in message.scope_metrics {
            let scope = Arc::new(super::scope(message.scope, message.schema_url));
            for mut metric in message.metrics {
                let Some((kind, points)) = metric.data.take().map(data) else {
                    batch.rejected += 1;
                    continue;
                };
                let sent = points.len();
                let metric = ReceivedMetric {
                    points: points.into_iter().flatten().collect(),
                    resource: Arc::clone(&resource),
                    scope: Arc::clone(&scope),
                    ..head(metric, kind)
                };
                batch.rejected += (sent - metric.points.len()) as u64;
                batch.items.push(metric);
            }
        }
    }
    batch
}

fn head(message: Metric, kind: MetricKind) -> ReceivedMetric {
    let Metric { name, description, unit, .. } = message;
    ReceivedMetric { name, description, unit, kind, ..ReceivedMetric::default() }
}

/// A point, or `None` for one that is invalid.
type Read = Option<ReceivedPoint>;

fn data(message: Data) -> (MetricKind, Vec<Read>) {
    match message {
        Data::Gauge(of) => (MetricKind::Gauge, of.data_points.into_iter().map(number).collect()),
        Data::Sum(of) => {
            let temporality = temporality(of.aggregation_temporality);
            let kind = MetricKind::Sum { monotonic: of.is_monotonic, temporality };
            (kind, of.data_points.into_iter().map(number).collect())
        }
        Data::Histogram(of) => {
            let kind = MetricKind::Histogram { temporality: temporality(of.aggregation_temporality) };
            (kind, of.data_points.into_iter().map(histogram).collect())
        }
        Data::ExponentialHistogram(of) => {
            let kind = MetricKind::ExponentialHistogram { temporality: temporality(of.aggregation_temporality) };
            (kind, of.data_points.into_iter().map(|point| Some(exponential(point))).collect())
        }
        Data::Summary(of) => {
            (MetricKind::Summary, of.data_points.into_iter().map(|point| Some(summary(point))).collect())
        }
    }
}

fn temporality(number: i32) -> Temporality {
    match number {
        1 => Temporality::Delta,
        2 => Temporality::Cumulative,
        _ => Temporality::Unspecified,
    }
}

fn number(message: NumberDataPoint) -> Read {
    let value = match message.value {
        Some(number_data_point::Value::AsInt(number)) => PointValue::Int(number),
        Some(number_data_point::Value::AsDouble(number)) => PointValue::Double(number),
        None if message.flags & NO_RECORDED_VALUE != 0 => PointValue::Empty,
        None => return None,
    };
    Some(ReceivedPoint {
        attributes: attributes(message.attributes),
        start_unix_nanos: message.start_time_unix_nano,
        time_unix_nanos: message.time_unix_nano,
        value,
        exemplars: exemplars(message.exemplars),
        flags: message.flags,
    })
}

fn histogram(message: HistogramDataPoint) -> Read {
    // Without buckets it is count and sum alone; then OTLP lets the bounds stay as well.
    let fits = message.bucket_counts.is_empty() || message.bucket_counts.len() == message.explicit_bounds.len() + 1;
    let ascends = message.explicit_bounds.is_sorted_by(|a, b| a < b);
    if !fits || !ascends {
        return None;
    }
    let bounds = if message.bucket_counts.is_empty() { Vec::new() } else { message.explicit_bounds };
    Some(ReceivedPoint {
        attributes: attributes(message.attributes),
        start_unix_nanos: message.start_time_unix_nano,
        time_unix_nanos: message.time_unix_nano,
        value: PointValue::Histogram(HistogramValue {
            count: message.count,
            sum: message.sum,
            min: message.min,
            max: message.max,
            bounds,
            bucket_counts: message.bucket_counts,
        }),
        exemplars: exemplars(message.exemplars),
        flags: message.flags,
    })
}

fn exponential(message: ExponentialHistogramDataPoint) -> ReceivedPoint {
    ReceivedPoint {
        attributes: attributes(message.attributes),
        start_unix_nanos: message.start_time_unix_nano,
        time_unix_nanos: message.time_unix_nano,
        value: PointValue::ExponentialHistogram(ExponentialHistogramValue {
            count: message.count,
            sum: message.sum,
            min: message.min,
            max: message.max,
            scale: message.scale,
            zero_count: message.zero_count,
            positive: buckets(message.positive.unwrap_or_default()),
            negative: buckets(message.negative.unwrap_or_default()),
        }),
        exemplars: exemplars(message.exemplars),
        flags: message.flags,
    }
}

fn buckets(message: Buckets) -> Vec<(i32, u64)> {
    let index = |at: usize| message.offset.saturating_add(i32::try_from(at).unwrap_or(i32::MAX));
    let counts = message.bucket_counts.into_iter().enumerate();
    counts.filter(|(_, count)| *count > 0).map(|(at, count)| (index(at), count)).collect()
}

fn summary(message: SummaryDataPoint) -> ReceivedPoint {
    ReceivedPoint {
        attributes: attributes(message.attributes),
        start_unix_nanos: message.start_time_unix_nano,
        time_unix_nanos: message.time_unix_nano,
        value: PointValue::Summary(SummaryValue {
            count: message.count,
            sum: message.sum,
            quantiles: message.quantile_values.into_iter().map(|of| (of.quantile, of.value)).collect(),
        }),
        exemplars: Vec::new(),
        flags: message.flags,
    }
}

fn exemplars(messages: Vec<Exemplar>) -> Vec<ReceivedExemplar> {
    let read = |message: Exemplar| ReceivedExemplar {
        attributes: attributes(message.filtered_attributes),
        time_unix_nanos: message.time_unix_nano,
        value: message.value.map(|value| match value {
            exemplar::Value::AsDouble(number) => number,
            exemplar::Value::AsInt(number) => number as f64,
        }),
        trace_id: hex(&message.trace_id),
        span_id: hex(&message.span_id),
    };
    messages.into_iter().map(read).collect()
}
