//! Several tracers that count by one meter.

use opentelemetry::KeyValue;
use opentelemetry::trace::{Span as _, Tracer as _};
use opentelemetry_sdk::trace::SdkTracer;
use tracing_genai::activity::{Cost, Operation, Turn, Usage};
use tracing_genai::{Dialect, GenAiTracer};

use super::reader::Reader;
use crate::support::{Recorder, with_tracer};

fn turn() {
    Turn::chat("openai", "m").start().usage(Usage::new(10, 2)).finish();
}

#[test]
fn a_meter_given_twice_measures_once() {
    let (recorder, reader) = (Recorder::default(), Reader::default());
    let tracer = recorder.tracer().with_meter(&reader.meter()).with_meter(&reader.meter());
    with_tracer(&recorder, &tracer, turn);
    insta::assert_snapshot!(reader.text_of(&["gen_ai.client.inference.usage.input", "gen_ai.client.inference.operation.input"]), @r#"
    gen_ai.client.inference.operation.input_tokens {token}
        1 x, sum 10 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="m"
    gen_ai.client.inference.usage.input_tokens {token}
        = 10 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="m" gen_ai.token.modality="unknown"
    "#);
}

#[test]
fn a_second_meter_takes_the_place_of_the_first() {
    let (recorder, first, second) = (Recorder::default(), Reader::default(), Reader::default());
    let tracer = recorder.tracer().with_meter(&first.meter()).with_attributes(["a"]).with_meter(&second.meter());
    with_tracer(&recorder, &tracer, turn);
    assert!(!first.text().contains("gen_ai") && second.text().contains("gen_ai"));
}

/// Two clones that write `dialects`, both at work, and what is measured together.
fn measured(dialects: [Dialect; 2], metrics: &[&str], work: fn()) -> String {
    let (recorder, reader) = (Recorder::default(), Reader::default());
    let tracer = recorder.tracer().with_meter(&reader.meter());
    let tracers: [GenAiTracer<SdkTracer>; 2] = dialects.map(|dialect| tracer.clone().with_semconv(dialect));
    for tracer in tracers.iter().chain([&tracer]) {
        with_tracer(&recorder, tracer, work);
    }
    reader.text_of(metrics)
}

#[test]
fn clones_in_the_same_dialect_count_together() {
    let metrics = ["gen_ai.client.inference.usage.input", "gen_ai.client.inference.operation.input"];
    insta::assert_snapshot!(measured([Dialect::Latest; 2], &metrics, turn), @r#"
    gen_ai.client.inference.operation.input_tokens {token}
        3 x, sum 30 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="m"
    gen_ai.client.inference.usage.input_tokens {token}
        = 30 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="m" gen_ai.token.modality="unknown"
    "#);
}

#[test]
fn clones_in_other_dialects_count_together_under_labels_of_one_name() {
    let work = || {
        drop(Turn::chat("openai", "m").start());
        Turn::chat("openai", "m").start().cost(Cost::provider(0.25, "USD")).finish();
        Operation::prompt("a").start().finish();
    };
    let metrics = ["agentic.cancelled", "agentic.inference.cost"];
    insta::assert_snapshot!(measured([Dialect::V1_41, Dialect::V1_36], &metrics, work), @r#"
    agentic.cancelled {activity}
        = 3 agentic.activity="turn"
    agentic.inference.cost {cost}
        = 0.5 agentic.cost.currency="USD" agentic.cost.source="provider" gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="m"
        = 0.25 agentic.cost.currency="USD" agentic.cost.source="provider" gen_ai.operation.name="chat" gen_ai.request.model="m" gen_ai.system="openai"
    "#);
}

#[test]
fn the_currency_of_a_nested_cost_goes_with_it() {
    let (recorder, reader) = (Recorder::default(), Reader::default());
    let tracer = recorder.tracer().with_meter(&reader.meter());
    let currency = KeyValue::new("agentic.cost.currency", "EUR");
    let chat = [KeyValue::new("gen_ai.operation.name", "chat"), currency];
    let mut outer = tracer.span_builder("chat").with_attributes(chat).start(&tracer);
    let place = opentelemetry::Context::new();
    let place = opentelemetry::trace::TraceContextExt::with_remote_span_context(&place, outer.span_context().clone());
    let inner = [
        KeyValue::new("gen_ai.operation.name", "chat"),
        KeyValue::new("gen_ai.usage.input_tokens", 1),
        KeyValue::new("agentic.cost.total", 0.5),
        KeyValue::new("agentic.cost.currency", "USD"),
    ];
    tracer.build_with_context(tracer.span_builder("chat").with_attributes(inner), &place).end();
    outer.end();
    insta::assert_snapshot!(reader.text_of(&["agentic.inference.cost"]), @r#"
    agentic.inference.cost {cost}
        = 0.5 agentic.cost.currency="USD" gen_ai.operation.name="chat"
    "#);
}
