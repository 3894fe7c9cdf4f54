//! `OTEL_{TRACES,METRICS,LOGS}_EXPORTER=console`: a line each on standard output, for people.

use std::fmt::{Display, Write as _};
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::logs::AnyValue;
use opentelemetry::trace::Status;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, Metric, MetricData, ResourceMetrics};
use opentelemetry_sdk::trace::SpanData;

use super::error::one_line;
use super::record::Record;
use super::sink::{Sink, SinkFuture};

/// The attributes shown. A list of what is shown, not of what is hidden: content must not reach a terminal by default.
const SHOWN: &[&str] = &[
    "error.type",
    "gen_ai.agent.name",
    "gen_ai.evaluation.name",
    "gen_ai.evaluation.score.label",
    "gen_ai.evaluation.score.value",
    "gen_ai.operation.name",
    "gen_ai.request.model",
    "gen_ai.token.modality",
    "gen_ai.token.type",
    "gen_ai.tool.name",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
];

/// Among them, what the name of a span says already.
const IN_SPAN_NAME: &str = "gen_ai.operation.name";

/// Prints spans.
pub(crate) struct Spans;

/// Prints log records.
pub(crate) struct Records;

/// Prints metrics.
pub(crate) struct Metrics;

impl Sink<Vec<SpanData>> for Spans {
    fn export(&self, batch: Vec<SpanData>) -> SinkFuture<'_> {
        print(batch.iter().map(span_line))
    }
}

impl Sink<Vec<Record>> for Records {
    fn export(&self, batch: Vec<Record>) -> SinkFuture<'_> {
        print(batch.iter().map(record_line))
    }
}

impl Sink<Arc<ResourceMetrics>> for Metrics {
    fn export(&self, metrics: Arc<ResourceMetrics>) -> SinkFuture<'_> {
        let metrics = metrics.scope_metrics().flat_map(|scope| scope.metrics());
        print(metrics.flat_map(metric_lines))
    }
}

fn print(lines: impl Iterator<Item = String>) -> SinkFuture<'static> {
    let text: String = lines.map(|line| line + "\n").collect();
    let written = std::io::stdout().lock().write_all(text.as_bytes());
    let written = written.map_err(|error| format!("cannot write to standard output: {error}").into());
    Box::pin(std::future::ready(written))
}

/// `chat gpt-5  client  1.204s  ok  trace=… span=… parent=… gen_ai.usage.input_tokens=12`.
fn span_line(span: &SpanData) -> String {
    let status = match span.status {
        Status::Error { .. } => "error",
        Status::Unset | Status::Ok => "ok",
    };
    let lasted = span.end_time.duration_since(span.start_time).unwrap_or(Duration::ZERO);
    let kind = format!("{:?}", span.span_kind).to_lowercase();
    let ids = &span.span_context;
    let mut line = format!(
        "{}  {kind}  {:.3}s  {status}  trace={} span={} parent={}",
        one_line(&span.name),
        lasted.as_secs_f64(),
        ids.trace_id(),
        ids.span_id(),
        span.parent_span_id,
    );
    write_shown(&mut line, span.attributes.iter().filter(|pair| pair.key.as_str() != IN_SPAN_NAME));
    line
}

/// `gen_ai.evaluation.result  info  trace=… span=… gen_ai.evaluation.name=…`, or the target of a log event. Neither its
/// text nor its fields.
fn record_line(Record { record, .. }: &Record) -> String {
    let name = record.event_name().or(record.target().map(|target| &**target)).unwrap_or("log");
    let severity = record.severity_number().map_or("unspecified", |severity| severity.name()).to_lowercase();
    let mut line = format!("{}  {severity}", one_line(name));
    if let Some(place) = record.trace_context() {
        let _ = write!(line, "  trace={} span={}", place.trace_id, place.span_id);
    }
    for (key, value) in record.attributes_iter().filter(|(key, _)| SHOWN.contains(&key.as_str())) {
        let value = match value {
            AnyValue::Int(number) => number.to_string(),
            AnyValue::Double(number) => number.to_string(),
            AnyValue::Boolean(value) => value.to_string(),
            AnyValue::String(text) => one_line(text.as_str()),
            _ => continue,
        };
        let _ = write!(line, " {key}={value}");
    }
    line
}

/// `gen_ai.execute_tool.duration  count=3 sum=1.5s gen_ai.tool.name=…`, a line for each set of labels.
fn metric_lines(metric: &Metric) -> Vec<String> {
    match metric.data() {
        AggregatedMetrics::F64(data) => points(metric, data),
        AggregatedMetrics::U64(data) => points(metric, data),
        AggregatedMetrics::I64(data) => points(metric, data),
    }
}

fn points<T: Copy + Display>(metric: &Metric, data: &MetricData<T>) -> Vec<String> {
    let unit = metric.unit();
    let spread = |count: String, sum: T| format!("count={count} sum={sum}{unit}");
    match data {
        MetricData::Gauge(gauge) => {
            let points = gauge.data_points();
            points.map(|point| point_line(metric, format!("{}{unit}", point.value()), point.attributes())).collect()
        }
        MetricData::Sum(sum) => {
            let points = sum.data_points();
            points.map(|point| point_line(metric, format!("{}{unit}", point.value()), point.attributes())).collect()
        }
        MetricData::Histogram(histogram) => {
            let value = |count: u64, sum| spread(count.to_string(), sum);
            let points = histogram.data_points();
            points.map(|p| point_line(metric, value(p.count(), p.sum()), p.attributes())).collect()
        }
        MetricData::ExponentialHistogram(histogram) => {
            let value = |count: usize, sum| spread(count.to_string(), sum);
            let points = histogram.data_points();
            points.map(|p| point_line(metric, value(p.count(), p.sum()), p.attributes())).collect()
        }
    }
}

fn point_line<'a>(metric: &Metric, value: String, labels: impl Iterator<Item = &'a KeyValue>) -> String {
    let mut line = format!("{}  {value}", one_line(metric.name()));
    write_shown(&mut line, labels);
    line
}

fn write_shown<'a>(line: &mut String, attributes: impl Iterator<Item = &'a KeyValue>) {
    for attribute in attributes.filter(|attribute| SHOWN.contains(&attribute.key.as_str())) {
        let value = one_line(&attribute.value.as_str());
        // Writing to a string cannot fail.
        let _ = write!(line, " {}={value}", attribute.key);
    }
}
