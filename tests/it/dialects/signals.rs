//! Log events and metrics of the same agent.

use opentelemetry::metrics::Meter;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::trace::SdkTracer;

use super::*;
use crate::events::{Logs, attributes};
use crate::metrics::reader::{Point, Reader, Series};

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

/// Each series with how often it was recorded, and what it counted or summed up; not how long anything took.
fn measured(dialects: &[Dialect]) -> BTreeMap<Series, (u64, f64)> {
    read(|tracer, meter| tracer.with_meter(meter).with_semconv(set(dialects)))
}

fn read(set: impl FnOnce(GenAiTracer<SdkTracer>, &Meter) -> GenAiTracer<SdkTracer>) -> BTreeMap<Series, (u64, f64)> {
    let (recorder, reader) = (Recorder::default(), Reader::default());
    let tracer = set(recorder.tracer().with_attribute_limit(5), &reader.meter());
    with_tracer(&recorder, &tracer, agent);
    let value = |(metric, point): (&str, Point)| match point {
        Point::Number(number) => (0, number),
        Point::Histogram { count, .. } if metric.ends_with(" s") => (count, 0.0),
        Point::Histogram { count, sum, .. } => (count, sum),
    };
    let points = reader.points(Temporality::Cumulative).into_iter();
    points.map(|(series, point)| (series.clone(), value((&series.0, point)))).collect()
}

/// Those of the conventions, and labels without those that have several names.
fn of_conventions(all: BTreeMap<Series, (u64, f64)>) -> BTreeMap<Series, (u64, f64)> {
    let newest = ["gen_ai.provider.name", "openai.response.service_tier", "openai.response.system_fingerprint"];
    let is_same = |label: &&str| !OLD.iter().chain(&newest).any(|key| label.starts_with(&format!("{key}=")));
    let mut kept = BTreeMap::new();
    for ((metric, labels), value) in all.into_iter().filter(|((metric, _), _)| metric.starts_with("gen_ai.")) {
        let series = (metric, labels.split(' ').filter(is_same).collect::<Vec<_>>().join(" "));
        assert_eq!(kept.insert(series.clone(), value), None, "{series:?} twice");
    }
    kept
}

#[test]
fn the_order_of_the_setters_does_not_matter_to_metrics() {
    for dialects in EVERY_SET {
        let first = read(|tracer, meter| tracer.with_semconv(set(dialects)).with_meter(meter));
        assert!(first.keys().any(|(metric, _)| metric.starts_with("agentic.telemetry.dropped")), "{first:?}");
        assert_eq!(measured(dialects), first, "{dialects:?}");
    }
}

#[test]
fn no_metric_is_counted_twice_where_states_stand_side_by_side() {
    for dialects in EVERY_SET {
        let alone = |dialect: &Dialect| of_conventions(measured(&[*dialect]));
        let wanted: BTreeMap<_, _> = dialects.iter().flat_map(alone).collect();
        assert!(!wanted.is_empty());
        assert_eq!(of_conventions(measured(dialects)), wanted, "{dialects:?}");
    }
}

#[test]
fn labels_have_the_names_and_words_of_their_state() {
    let of_turns = |dialects: &[Dialect]| {
        let (recorder, reader) = (Recorder::default(), Reader::default());
        let tracer = recorder.tracer().with_meter(&reader.meter()).with_semconv(set(dialects));
        with_tracer(&recorder, &tracer, agent);
        reader.text_of(&["gen_ai.client.token.usage"])
    };
    assert_snapshot!(of_turns(&[V1_41]), @r#"
    gen_ai.client.token.usage {token}
        1 x, sum 100 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" gen_ai.token.type="input" openai.response.service_tier="flex" openai.response.system_fingerprint="fp_1"
        1 x, sum 20 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" gen_ai.token.type="output" openai.response.service_tier="flex" openai.response.system_fingerprint="fp_1"
        1 x, sum 1 gen_ai.operation.name="chat" gen_ai.provider.name="x_ai" gen_ai.request.model="grok" gen_ai.token.type="input"
        1 x, sum 2 gen_ai.operation.name="chat" gen_ai.provider.name="x_ai" gen_ai.request.model="grok" gen_ai.token.type="output"
    "#);
    assert_snapshot!(of_turns(&[V1_36]), @r#"
    gen_ai.client.token.usage {token}
        1 x, sum 100 gen_ai.openai.response.service_tier="flex" gen_ai.openai.response.system_fingerprint="fp_1" gen_ai.operation.name="chat" gen_ai.request.model="gpt-4o" gen_ai.system="openai" gen_ai.token.type="input"
        1 x, sum 20 gen_ai.openai.response.service_tier="flex" gen_ai.openai.response.system_fingerprint="fp_1" gen_ai.operation.name="chat" gen_ai.request.model="gpt-4o" gen_ai.system="openai" gen_ai.token.type="output"
        1 x, sum 1 gen_ai.operation.name="chat" gen_ai.request.model="grok" gen_ai.system="xai" gen_ai.token.type="input"
        1 x, sum 2 gen_ai.operation.name="chat" gen_ai.request.model="grok" gen_ai.system="xai" gen_ai.token.type="output"
    "#);
    assert_snapshot!(of_turns(&[Latest, V1_41, V1_36]), @r#"
    gen_ai.client.token.usage {token}
        1 x, sum 100 gen_ai.openai.response.service_tier="flex" gen_ai.openai.response.system_fingerprint="fp_1" gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" gen_ai.system="openai" gen_ai.token.type="input" openai.response.service_tier="flex" openai.response.system_fingerprint="fp_1"
        1 x, sum 20 gen_ai.openai.response.service_tier="flex" gen_ai.openai.response.system_fingerprint="fp_1" gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" gen_ai.system="openai" gen_ai.token.type="output" openai.response.service_tier="flex" openai.response.system_fingerprint="fp_1"
        1 x, sum 1 gen_ai.operation.name="chat" gen_ai.provider.name="x_ai" gen_ai.request.model="grok" gen_ai.system="xai" gen_ai.token.type="input"
        1 x, sum 2 gen_ai.operation.name="chat" gen_ai.provider.name="x_ai" gen_ai.request.model="grok" gen_ai.system="xai" gen_ai.token.type="output"
    "#);
}

#[test]
fn each_state_has_its_metrics() {
    let names = |dialects: &[Dialect]| {
        let mut names: Vec<_> = of_conventions(measured(dialects)).into_keys().map(|(metric, _)| metric).collect();
        names.dedup();
        names.join("\n")
    };
    assert_snapshot!(names(&[Latest]), @"
    gen_ai.client.inference.duration s
    gen_ai.client.inference.operation.input_tokens {token}
    gen_ai.client.inference.operation.output_tokens {token}
    gen_ai.client.inference.usage.cache_read.input_tokens {token}
    gen_ai.client.inference.usage.cache_write.input_tokens {token}
    gen_ai.client.inference.usage.input_tokens {token}
    gen_ai.client.inference.usage.output_tokens {token}
    gen_ai.client.operation.duration s
    gen_ai.execute_tool.duration s
    gen_ai.invoke_agent.duration s
    gen_ai.invoke_agent.inference_calls {inference_call}
    gen_ai.invoke_agent.tool_calls {tool_call}
    ");
    assert_snapshot!(names(&[V1_41]), @"
    gen_ai.client.operation.duration s
    gen_ai.client.token.usage {token}
    ");
    assert_snapshot!(names(&[V1_36]), @"
    gen_ai.client.operation.duration s
    gen_ai.client.token.usage {token}
    ");
}
