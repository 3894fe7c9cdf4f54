//! Log events and metrics of the same agent.

use opentelemetry::metrics::{Meter, MeterProvider};
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, Metric, MetricData};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider};

use super::*;
use crate::events::{Logs, attributes};

const DETAILS: &str = "gen_ai.client.inference.operation.details";

/// What is written of `agent` under `dialects`, set before or after the logger.
fn logged(
    dialects: &[Dialect],
    set: fn(GenAiTracer<SdkTracer>, &Logs, Dialects) -> GenAiTracer<SdkTracer>,
) -> (Recorder, Logs) {
    let (recorder, logs) = (Recorder::default(), Logs::default());
    let tracer = set(recorder.tracer(), &logs, super::set(dialects));
    with_tracer(&recorder, &tracer, agent);
    (recorder, logs)
}

fn first_the_dialects(tracer: GenAiTracer<SdkTracer>, logs: &Logs, dialects: Dialects) -> GenAiTracer<SdkTracer> {
    tracer.with_semconv(dialects).with_logger_provider(logs.provider())
}

fn first_the_logger(tracer: GenAiTracer<SdkTracer>, logs: &Logs, dialects: Dialects) -> GenAiTracer<SdkTracer> {
    tracer.with_logger_provider(logs.provider()).with_semconv(dialects)
}

#[test]
fn the_order_of_the_setters_does_not_matter_to_events() {
    for dialects in EVERY_SET {
        let written = logged(dialects, first_the_dialects).1.text();
        assert!(!written.is_empty());
        assert_eq!(logged(dialects, first_the_logger).1.text(), written, "{dialects:?}");
    }
}

/// Those of `keys` that have different names in different states.
fn renamed(keys: impl Iterator<Item = String>) -> Vec<String> {
    let newest = ["gen_ai.provider.name", "gen_ai.usage.cache_write.input_tokens"];
    keys.filter(|key| OLD.contains(&key.as_str()) || newest.contains(&key.as_str())).collect()
}

#[test]
fn details_have_the_names_of_spans_and_leave_those_of_1_36_to_its_own_events() {
    for dialects in EVERY_SET {
        let with_details: Vec<_> = dialects.iter().copied().filter(|dialect| *dialect != V1_36).collect();
        let (_, logs) = logged(dialects, first_the_dialects);
        let details: Vec<_> = logs.records().into_iter().filter(|log| log.event_name() == Some(DETAILS)).collect();
        let wanted: Vec<_> = ["chat gpt-4o", "chat grok"]
            .iter()
            .filter(|_| !with_details.is_empty())
            .map(|turn| renamed(once(&under(set(&with_details), agent).span(turn)).into_keys()))
            .collect();
        let written: Vec<_> = details.iter().map(|record| renamed(attributes(record).into_keys())).collect();
        assert_eq!(written, wanted, "{dialects:?}");
    }
}

#[test]
fn each_event_is_written_once_for_each_turn_and_state() {
    let names = |dialects: &[Dialect]| {
        let logs = logged(dialects, first_the_dialects).1.records();
        logs.iter().filter_map(|record| record.event_name()).collect::<Vec<_>>()
    };
    for dialects in EVERY_SET {
        let written = names(dialects);
        let count = |name: &str| written.iter().filter(|written| **written == name).count();
        assert_eq!(count("gen_ai.choice"), usize::from(dialects.contains(&V1_36)), "{dialects:?}: {written:?}");
        assert!(count(DETAILS) <= 2, "{dialects:?}: {written:?}");
    }
}

/// Each series with how often it was recorded, or what it counted.
fn measured(dialects: &[Dialect]) -> BTreeMap<String, u64> {
    read(|tracer, meter| tracer.with_meter(meter).with_semconv(set(dialects)))
}

fn read(set: impl FnOnce(GenAiTracer<SdkTracer>, &Meter) -> GenAiTracer<SdkTracer>) -> BTreeMap<String, u64> {
    let exporter = InMemoryMetricExporter::default();
    let meters = SdkMeterProvider::builder().with_reader(PeriodicReader::builder(exporter.clone()).build()).build();
    let recorder = Recorder::default();
    let tracer = set(recorder.tracer().with_attribute_limit(5), &meters.meter("test"));
    with_tracer(&recorder, &tracer, agent);
    meters.force_flush().expect("in memory");
    let exported = exporter.get_finished_metrics().expect("in memory");
    let metrics = exported.iter().flat_map(|all| all.scope_metrics()).flat_map(|scope| scope.metrics());
    let told = |metric: &&Metric| ["gen_ai.", "agentic.telemetry."].iter().any(|of| metric.name().starts_with(of));
    let mut series = BTreeMap::new();
    for (name, value) in metrics.filter(told).flat_map(points) {
        assert_eq!(series.insert(name.clone(), value), None, "{name} twice");
    }
    series
}

fn points(metric: &Metric) -> Vec<(String, u64)> {
    let named = |labels: Vec<String>| format!("{} {}", metric.name(), labels.join(" "));
    match metric.data() {
        AggregatedMetrics::U64(MetricData::Sum(sum)) => {
            sum.data_points().map(|point| (named(labels(point.attributes())), point.value())).collect()
        }
        AggregatedMetrics::U64(MetricData::Histogram(all)) => {
            all.data_points().map(|point| (named(labels(point.attributes())), point.sum())).collect()
        }
        AggregatedMetrics::F64(MetricData::Histogram(all)) => {
            all.data_points().map(|point| (named(labels(point.attributes())), point.count())).collect()
        }
        other => panic!("{}: {other:?}", metric.name()),
    }
}

/// Without the provider, which has several names where several states share a metric.
fn labels<'a>(labels: impl Iterator<Item = &'a KeyValue>) -> Vec<String> {
    let is_provider = |key: &str| key == "gen_ai.provider.name" || key == "gen_ai.system";
    let shown = labels.filter(|label| !is_provider(label.key.as_str()));
    let mut shown: Vec<_> = shown.map(|label| format!("{}={}", label.key, label.value)).collect();
    shown.sort_unstable();
    shown
}

#[test]
fn the_order_of_the_setters_does_not_matter_to_metrics() {
    for dialects in EVERY_SET {
        let first = read(|tracer, meter| tracer.with_semconv(set(dialects)).with_meter(meter));
        assert!(first.keys().any(|name| name.starts_with("agentic.telemetry.dropped")), "{first:?}");
        assert_eq!(measured(dialects), first, "{dialects:?}");
    }
}

#[test]
fn no_metric_is_counted_twice_where_states_stand_side_by_side() {
    for dialects in EVERY_SET {
        let of_conventions = |mut all: BTreeMap<String, u64>| {
            all.retain(|name, _| name.starts_with("gen_ai."));
            all
        };
        let wanted: BTreeMap<_, _> =
            dialects.iter().flat_map(|dialect| of_conventions(measured(&[*dialect]))).collect();
        assert!(!wanted.is_empty());
        assert_eq!(of_conventions(measured(dialects)), wanted, "{dialects:?}");
    }
}

#[test]
fn each_state_has_its_metrics() {
    let names = |dialects: &[Dialect]| {
        let mut names: Vec<_> = measured(dialects).into_keys().filter(|name| name.starts_with("gen_ai.")).collect();
        names.iter_mut().for_each(|name| name.truncate(name.find(' ').unwrap_or(name.len())));
        names.dedup();
        names.join("\n")
    };
    assert_snapshot!(names(&[Latest]), @"
    gen_ai.client.inference.duration
    gen_ai.client.inference.operation.input_tokens
    gen_ai.client.inference.operation.output_tokens
    gen_ai.client.inference.usage.cache_read.input_tokens
    gen_ai.client.inference.usage.cache_write.input_tokens
    gen_ai.client.inference.usage.input_tokens
    gen_ai.client.inference.usage.output_tokens
    gen_ai.client.operation.duration
    gen_ai.execute_tool.duration
    gen_ai.invoke_agent.duration
    gen_ai.invoke_agent.inference_calls
    gen_ai.invoke_agent.tool_calls
    ");
    assert_snapshot!(names(&[V1_41]), @"
    gen_ai.client.operation.duration
    gen_ai.client.token.usage
    ");
    assert_snapshot!(names(&[V1_36]), @"
    gen_ai.client.operation.duration
    gen_ai.client.token.usage
    ");
}
