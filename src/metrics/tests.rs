//! Dialects, and instruments that break.

use std::sync::Arc;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Histogram, HistogramBuilder, InstrumentProvider, Meter, MeterProvider, SyncInstrument};
use opentelemetry::trace::{Span, Tracer, TracerProvider};
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

use crate::metrics::Metrics;
use crate::span::{Dialect, Dialects, GenAiTracer};

fn tracer(meter: &Meter, dialects: Dialects) -> GenAiTracer<SdkTracer> {
    let inner = SdkTracerProvider::default().tracer("test");
    GenAiTracer::new(inner).set(|settings| settings.observers.add(Arc::new(Metrics::new(meter, dialects))))
}

fn work(tracer: &GenAiTracer<SdkTracer>) {
    let span = |operation: &'static str, more: &[KeyValue]| {
        let mut attributes = vec![KeyValue::new("gen_ai.operation.name", operation)];
        attributes.push(KeyValue::new("gen_ai.provider.name", "openai"));
        attributes.push(KeyValue::new("gen_ai.request.model", "m"));
        attributes.extend_from_slice(more);
        tracer.span_builder("s").with_attributes(attributes).start(tracer).end();
    };
    let [input, output] = ["input", "output"].map(|of| KeyValue::new(format!("gen_ai.usage.{of}_tokens"), 5));
    let first = KeyValue::new("gen_ai.response.time_to_first_chunk", 0.5);
    span("chat", &[input.clone(), output, first]);
    span("embeddings", &[input]);
    span("execute_tool", &[KeyValue::new("gen_ai.tool.name", "t")]);
}

/// Metric, labels and how many values it has, a line each; of histograms only.
fn measured(dialects: impl Into<Dialects>) -> String {
    let exporter = InMemoryMetricExporter::default();
    let provider = SdkMeterProvider::builder().with_reader(PeriodicReader::builder(exporter.clone()).build()).build();
    work(&tracer(&provider.meter("test"), dialects.into()));
    provider.force_flush().expect("in memory");
    let exported = exporter.get_finished_metrics().expect("in memory");
    let mut lines = Vec::new();
    for metric in exported.iter().flat_map(|all| all.scope_metrics()).flat_map(|scope| scope.metrics()) {
        let points: Vec<(String, u64)> = match metric.data() {
            AggregatedMetrics::F64(MetricData::Histogram(of)) => {
                of.data_points().map(|point| (labels(point.attributes()), point.count())).collect()
            }
            AggregatedMetrics::U64(MetricData::Histogram(of)) => {
                of.data_points().map(|point| (labels(point.attributes()), point.count())).collect()
            }
            _ => Vec::new(),
        };
        lines.extend(points.into_iter().map(|(labels, count)| format!("{count} {} {labels}", metric.name())));
    }
    lines.sort();
    lines.join("\n")
}

fn labels<'a>(labels: impl Iterator<Item = &'a KeyValue>) -> String {
    let keys = labels.map(|label| label.key.as_str()).filter(|key| *key != "gen_ai.request.model");
    let mut keys: Vec<&str> = keys.filter(|key| *key != "gen_ai.operation.name").collect();
    keys.sort_unstable();
    keys.join(" ")
}

#[test]
fn the_newest_dialect() {
    insta::assert_snapshot!(measured(Dialect::Latest), @"
    1 gen_ai.client.inference.duration gen_ai.provider.name
    1 gen_ai.client.inference.operation.input_tokens gen_ai.provider.name
    1 gen_ai.client.inference.operation.output_tokens gen_ai.provider.name
    1 gen_ai.client.inference.time_to_first_chunk gen_ai.provider.name
    1 gen_ai.client.operation.duration gen_ai.provider.name
    1 gen_ai.execute_tool.duration gen_ai.tool.name
    ");
}

#[test]
fn dialect_1_41() {
    insta::assert_snapshot!(measured(Dialect::V1_41), @"
    1 gen_ai.client.operation.duration gen_ai.provider.name
    1 gen_ai.client.operation.duration gen_ai.provider.name
    1 gen_ai.client.operation.time_to_first_chunk gen_ai.provider.name
    1 gen_ai.client.token.usage gen_ai.provider.name gen_ai.token.type
    1 gen_ai.client.token.usage gen_ai.provider.name gen_ai.token.type
    1 gen_ai.client.token.usage gen_ai.provider.name gen_ai.token.type
    ");
}

#[test]
fn dialect_1_36() {
    insta::assert_snapshot!(measured(Dialect::V1_36), @"
    1 gen_ai.client.operation.duration gen_ai.system
    1 gen_ai.client.operation.duration gen_ai.system
    1 gen_ai.client.token.usage gen_ai.system gen_ai.token.type
    1 gen_ai.client.token.usage gen_ai.system gen_ai.token.type
    1 gen_ai.client.token.usage gen_ai.system gen_ai.token.type
    ");
}

#[test]
fn two_dialects_count_nothing_twice_under_one_name() {
    insta::assert_snapshot!(measured([Dialect::Latest, Dialect::V1_36]), @"
    1 gen_ai.client.inference.duration gen_ai.provider.name
    1 gen_ai.client.inference.operation.input_tokens gen_ai.provider.name
    1 gen_ai.client.inference.operation.output_tokens gen_ai.provider.name
    1 gen_ai.client.inference.time_to_first_chunk gen_ai.provider.name
    1 gen_ai.client.operation.duration gen_ai.provider.name gen_ai.system
    1 gen_ai.client.operation.duration gen_ai.provider.name gen_ai.system
    1 gen_ai.client.token.usage gen_ai.system gen_ai.token.type
    1 gen_ai.client.token.usage gen_ai.system gen_ai.token.type
    1 gen_ai.client.token.usage gen_ai.system gen_ai.token.type
    1 gen_ai.execute_tool.duration gen_ai.tool.name
    ");
}

#[test]
fn all_dialects_have_what_each_of_them_has() {
    let all = measured([Dialect::Latest, Dialect::V1_41, Dialect::V1_36]);
    let names = |text: &str| -> Vec<String> {
        let mut names: Vec<String> =
            text.lines().map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect();
        names.dedup();
        names
    };
    for dialect in [Dialect::V1_41, Dialect::V1_36] {
        for name in names(&measured(dialect)) {
            assert!(names(&all).contains(&name), "{dialect:?}: {name} is not in\n{all}");
        }
    }
}

/// Instruments that panic.
struct Broken;

impl InstrumentProvider for Broken {
    fn f64_histogram(&self, _: HistogramBuilder<'_, Histogram<f64>>) -> Histogram<f64> {
        Histogram::new(Arc::new(Broken))
    }
}

impl SyncInstrument<f64> for Broken {
    fn measure(&self, _: f64, _: &[KeyValue]) {
        std::panic::panic_any("an instrument is broken");
    }
}

#[test]
fn a_broken_instrument_is_counted_and_hurts_nobody() {
    let tracer = tracer(&Meter::new(Arc::new(Broken)), Dialects::default());
    // More than may wait: this meter never collects.
    (0..2000).for_each(|_| work(&tracer));
    assert!(tracer.stats().hook_panics > 0);
    // Whoever drops it is not hurt, either.
    drop(tracer);
}
