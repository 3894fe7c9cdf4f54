//! Long and forged values: what leaves is short and on one line, and tokens come before everything else.

use opentelemetry::trace::{Span as _, SpanBuilder, TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Array, Context, KeyValue, Value};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use proptest::prelude::*;
use tracing::{info_span, warn};
use tracing_genai::activity::{Operation, Task, Tool, Turn, Usage, Workflow};
use tracing_genai::semconv::{ATTRIBUTES, ValueType, attr};
use tracing_genai::{GenAiTracer, Identity, MAX_LIST_LENGTH, MAX_NAME_LENGTH, MAX_TEXT_LENGTH, SpanStart};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::support::{Recorder, attribute, record, with_tracer};

/// A name as a hostile model may invent it.
fn forged(word: &str) -> String {
    format!("{word}\r\n\u{1b}[31mservice.name=evil\u{202e}\u{200f}\u{7f}{}", "ü".repeat(5000))
}

/// Every text of a span with the limit it is under: names of spans and events, keys, values, items.
fn texts(span: &SpanData) -> Vec<(String, usize)> {
    let mut texts = vec![(span.name.to_string(), MAX_NAME_LENGTH)];
    let events = span.events.events.iter();
    texts.extend(events.clone().map(|event| (event.name.to_string(), MAX_NAME_LENGTH)));
    let links = span.links.links.iter().flat_map(|link| &link.attributes);
    for pair in span.attributes.iter().chain(events.flat_map(|event| &event.attributes)).chain(links) {
        texts.push((pair.key.to_string(), MAX_NAME_LENGTH));
        match &pair.value {
            Value::String(text) => texts.push((text.to_string(), MAX_TEXT_LENGTH)),
            Value::Array(Array::String(items)) => {
                assert!(items.len() <= MAX_LIST_LENGTH, "{} items in {}", items.len(), pair.key);
                texts.extend(items.iter().map(|item| (item.to_string(), MAX_TEXT_LENGTH)));
            }
            _ => {}
        }
    }
    texts
}

fn assert_within_limits(spans: &[SpanData]) {
    for (text, longest) in spans.iter().flat_map(texts) {
        assert!(text.len() <= longest, "{} bytes: {text:.60}", text.len());
        let forges = |char: char| {
            char.is_control()
                || matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert!(!text.contains(forges), "{text:?}");
    }
}

fn forge(link: opentelemetry::trace::SpanContext) {
    let run = Workflow::new(forged("w")).run_id(forged("r")).session(forged("s")).user(forged("u")).start();
    run.in_scope(|| {
        Operation::prompt(forged("a")).conversation(forged("c")).start().in_scope(|| {
            let turn = Turn::chat(forged("p"), forged("m")).stop_sequences(vec![forged("\n"); 100]).start();
            turn.response_id(forged("id")).response_model(forged("m")).finish_reasons(vec![forged("stop"); 100]);
            turn.finish();
            let tool = Tool::new(forged("t")).call_id(forged("call")).start();
            tool.in_scope(|| warn!(target: "a\nb", "log"));
            drop(tool);
        });
        Task::new(forged("b")).start().finish();
        let plain = info_span!("plain", otel.name = forged("plain"));
        plain.in_scope(|| plain.context().span().update_name(forged("plain")));
        plain.add_event("a\nb", vec![]);
    });
    let chat =
        info_span!("chat", gen_ai.operation.name = "chat", gen_ai.request.model = forged("m"), tenant = forged("x"));
    chat.record("gen_ai.response.finish_reasons", "x");
    chat.set_attribute(attr::GEN_AI_RESPONSE_ID, forged("id"));
    chat.set_attribute("shop.list", Value::Array(Array::String(vec![forged("i").into(); 100])));
    chat.set_attribute(format!("shop.{}", forged("key")), "v");
    chat.add_event("named\nhere", vec![KeyValue::new("tenant", forged("e"))]);
    chat.add_link_with_attributes(link, vec![KeyValue::new("tenant", forged("l"))]);
    let identity = Identity::new().conversation(forged("c")).session(forged("s")).user("\u{1}\u{2}");
    identity.in_scope(|| Turn::chat("openai", "m").start().finish());
}

#[test]
fn whatever_comes_in_is_short_and_on_one_line() {
    let recorder = Recorder::default();
    let defaults = |_: &SpanStart<'_>| {
        vec![KeyValue::new(attr::SERVER_ADDRESS, forged("host")), KeyValue::new("shop.id", forged("7"))]
    };
    let tracer = recorder.tracer().with_attributes(["tenant", "shop."]).with_default_attributes(defaults);
    let link = recorder.sdk_tracer().start("l").span_context().clone();
    with_tracer(&recorder, &tracer, || forge(link));
    let spans = recorder.spans();
    assert_eq!(spans.len(), 9);
    assert_within_limits(&spans);
    assert!(tracer.stats().values_cut > 30, "{:?}", tracer.stats());
    let turn = spans.iter().find(|span| span.name == "chat m").expect("the last turn");
    assert!(attribute(turn, "session.id").is_some_and(|id| id.len() > MAX_TEXT_LENGTH), "cut too early");
    assert_eq!(attribute(turn, "user.id"), None);
}

/// The blank between two words of a name was the 257th byte.
#[test]
fn a_name_that_is_full_ends_without_a_blank() {
    let recorder = record(|| {
        let method = "m".repeat(2 * MAX_NAME_LENGTH);
        let method = method.as_str();
        info_span!("x", mcp.method.name = method, gen_ai.tool.name = "t").in_scope(|| {});
    });
    let spans = recorder.spans();
    assert_eq!((spans.len(), spans[0].name.len()), (1, MAX_NAME_LENGTH));
    assert_within_limits(&spans);
}

#[test]
fn good_values_stay_as_they_are() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_attributes(["tenant"]);
    let (name, id) = ("ü".repeat(MAX_NAME_LENGTH / 2), "x".repeat(MAX_TEXT_LENGTH));
    with_tracer(&recorder, &tracer, || {
        let turn = Turn::chat("openai", "m").agent(&name).conversation(&id).start();
        turn.response_id(id.clone()).finish_reason("größer als \"sonst\"").finish();
    });
    let span = recorder.span("chat m");
    assert_eq!(attribute(&span, attr::GEN_AI_AGENT_NAME), Some(format!("{name:?}")));
    assert_eq!(attribute(&span, attr::GEN_AI_RESPONSE_ID), Some(format!("{id:?}")));
    assert_eq!(tracer.stats().values_cut, 0);
}

#[test]
fn a_stop_sequence_is_written_out() {
    let recorder = Recorder::default();
    with_tracer(&recorder, &recorder.tracer(), || {
        Turn::chat("openai", "m").stop_sequences(["\n\n", "END"]).start().finish();
    });
    let sequences = attribute(&recorder.span("chat m"), attr::GEN_AI_REQUEST_STOP_SEQUENCES);
    assert_eq!(sequences.as_deref(), Some(r#"["\n\n","END"]"#));
}

/// A tracer over an SDK that keeps `limit` attributes.
fn limited(limit: usize) -> (GenAiTracer<opentelemetry_sdk::trace::SdkTracer>, InMemorySpanExporter) {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .with_max_attributes_per_span(u32::try_from(limit).expect("small"))
        .build();
    (GenAiTracer::new(provider.tracer("test")).with_attribute_limit(limit), exporter)
}

#[test]
fn usage_is_kept_where_the_limit_is_small() {
    let (tracer, exporter) = limited(8);
    with_tracer(&Recorder::default(), &tracer, || {
        let turn = Turn::chat("openai", "m")
            .agent("a")
            .conversation("c")
            .session("s")
            .user("u")
            .max_tokens(5)
            .temperature(0.5)
            .top_p(0.5)
            .server("h", 1)
            .start();
        turn.usage(Usage::new(12, 3).cache_read(5)).finish_reason("stop").response_id("r").finish();
    });
    let span = exporter.get_finished_spans().expect("in memory").remove(0);
    let keys: Vec<_> = span.attributes.iter().map(|pair| pair.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "gen_ai.operation.name",
            "gen_ai.request.model",
            "gen_ai.provider.name",
            "gen_ai.agent.name",
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.output_tokens",
            "gen_ai.conversation.id",
            "gen_ai.usage.cache_read.input_tokens",
        ]
    );
    assert_eq!((span.dropped_attributes_count, tracer.stats().attributes_cut), (0, 9));
}

fn value(kind: ValueType) -> Value {
    match kind {
        ValueType::Bool => true.into(),
        ValueType::Int => 7.into(),
        ValueType::Double => 0.5.into(),
        ValueType::Strings => Value::Array(Array::String(vec!["x".into()])),
        _ => "x".into(),
    }
}

proptest! {
    #[test]
    fn any_limit_keeps_what_matters(
        start in proptest::collection::vec(0..ATTRIBUTES.len(), 0..60),
        late in proptest::collection::vec(0..ATTRIBUTES.len(), 0..60),
        others in 0..10_usize,
        limit in 1..=40_usize,
        model_is_late: bool,
    ) {
        let (tracer, exporter) = limited(limit);
        let tracer = tracer.with_attributes(["shop."]);
        let pair = |row: &usize| KeyValue::new(ATTRIBUTES[*row].key, value(ATTRIBUTES[*row].value_type));
        let model = KeyValue::new(attr::GEN_AI_REQUEST_MODEL, "m");
        let mut given: Vec<_> = (start.iter().map(pair))
            .filter(|pair| pair.key.as_str() != attr::MCP_METHOD_NAME && pair.key != model.key)
            .collect();
        given.extend((0..others).map(|at| KeyValue::new(format!("shop.{at}"), 1)));
        given.push(KeyValue::new(attr::GEN_AI_OPERATION_NAME, "chat"));
        if !model_is_late {
            given.push(model.clone());
        }
        let span = tracer.build_with_context(SpanBuilder::from_name("x").with_attributes(given), &Context::new());
        let context = Context::new().with_span(span);
        context.span().set_attributes(late.iter().map(pair));
        context.span().set_attributes([
            model,
            KeyValue::new(attr::GEN_AI_USAGE_INPUT_TOKENS, 12),
            KeyValue::new(attr::GEN_AI_USAGE_OUTPUT_TOKENS, 3),
        ]);
        context.span().end();
        let span = exporter.get_finished_spans().expect("in memory").remove(0);
        prop_assert!(span.attributes.len() <= limit);
        prop_assert_eq!(span.dropped_attributes_count, 0, "the SDK had to drop");
        let wanted = [
            (attr::GEN_AI_OPERATION_NAME, 1, "\"chat\""),
            (attr::GEN_AI_REQUEST_MODEL, 8, "\"m\""),
            (attr::GEN_AI_USAGE_INPUT_TOKENS, 8, "12"),
            (attr::GEN_AI_USAGE_OUTPUT_TOKENS, 8, "3"),
        ];
        for (key, from, value) in wanted {
            if limit >= from {
                prop_assert_eq!(attribute(&span, key), Some(value.to_owned()), "{} of {}", key, limit);
            }
        }
    }
}
