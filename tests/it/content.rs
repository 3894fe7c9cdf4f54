//! Metadata only: a canary in every field, event, error and name is found nowhere in what leaves.

use opentelemetry::KeyValue;
use opentelemetry::trace::{Link, SpanBuilder, SpanContext, Status, TraceContextExt, Tracer};
use tracing::{error, info, info_span};
use tracing_genai::activity::{Operation, Task, Tool, Turn, Workflow};
use tracing_genai::semconv::{ATTRIBUTES, ValueType};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::layer::SubscriberExt;

use crate::support::Recorder;

pub(crate) const CANARY: &str = "the c4nary's song";

#[derive(Debug, thiserror::Error)]
#[error("failed on {0}")]
struct Leaky(String);

/// Everything the SDK was given, as text.
fn everything(recorder: &Recorder) -> String {
    format!("{:?}", recorder.spans())
}

pub(crate) fn sing() {
    let canary = CANARY.to_owned();
    let run = Workflow::new("w").start();
    run.in_scope(|| {
        error!("message {canary}");
        error!(error = %canary, body = canary, "text");
        error!(error = &Leaky(canary.clone()) as &(dyn std::error::Error + 'static));
        info!(name: "event", canary);
        let plain =
            info_span!("plain", gen_ai.input.messages = canary, otel.status_description = tracing::field::Empty);
        plain.in_scope(|| error!(error = %canary, "{canary}"));
        plain.record("otel.status_description", canary.as_str());
        let chat = info_span!(
            "x",
            otel.name = canary,
            otel.kind = canary,
            otel.status_description = canary,
            gen_ai.operation.name = "chat",
            gen_ai.input.messages = canary,
            gen_ai.output.messages = ?[&canary],
            gen_ai.system_instructions = canary,
            gen_ai.tool.definitions = canary,
            gen_ai.tool.call.arguments = canary,
            gen_ai.tool.call.result = canary,
            gen_ai.tool.description = canary,
            gen_ai.prompt = canary,
            gen_ai.prompt.variable.city = canary,
            "gen_ai.completion.0.content" = canary,
            exception.message = canary,
            "error.type" = canary,
            prompt = canary,
            langfuse.observation.input = canary,
        );
        chat.in_scope(|| error!(canary, "{canary}"));
        chat.record("gen_ai.output.messages", canary.as_str());
        chat.set_attribute(canary.clone(), canary.clone());
        chat.set_attribute("gen_ai.retrieval.query.text", canary.clone());
        chat.set_status(Status::error(canary.clone()));
        chat.add_event(
            canary.clone(),
            vec![KeyValue::new("exception.message", canary.clone()), KeyValue::new(canary.clone(), 1)],
        );
        let link = SpanContext::new(1.into(), 2.into(), Default::default(), false, Default::default());
        chat.add_link_with_attributes(link, vec![KeyValue::new("why", canary.clone())]);
        Turn::chat("openai", "m").start().fail(&Leaky(canary.clone()));
        Tool::new("t").start().fail_with(canary.as_str());
        Task::new("b").start().fail(&Leaky(canary.clone()));
        Operation::prompt("a").start().in_scope(|| info!("{canary}"));
    });
}

#[test]
fn nothing_of_the_canary_leaves() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer();
    let subscriber = tracing_subscriber::registry().with(tracer.clone().into_layer());
    tracing::subscriber::with_default(subscriber, sing);
    let text = everything(&recorder);
    assert!(!text.contains("c4nary"), "{text}");
    assert_eq!(recorder.spans().len(), 7);
    assert!(tracer.stats().content_omitted > 10);
}

#[test]
fn nothing_leaves_the_layer_that_others_have() {
    let recorder = Recorder::default();
    let layer = tracing_opentelemetry::layer().with_tracer(recorder.tracer()).with_level(true);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), sing);
    let text = everything(&recorder);
    assert!(!text.contains("c4nary"), "{text}");
}

#[test]
fn a_log_event_tells_only_where_it_comes_from() {
    let recorder = Recorder::default();
    let subscriber = tracing_subscriber::registry().with(recorder.tracer().with_location().into_layer());
    tracing::subscriber::with_default(subscriber, || {
        Operation::prompt("a").start().in_scope(|| tracing::warn!(body = 1, "{CANARY}"));
    });
    let span = recorder.span("invoke_agent a");
    let event = &span.events.events[0];
    let keys: Vec<_> = event.attributes.iter().map(|pair| pair.key.as_str()).collect();
    assert_eq!(event.name, "log");
    assert_eq!(keys, ["agentic.log.level", "agentic.log.target", "code.file.path", "code.line.number"]);
}

/// Every content attribute of the registry, by the OpenTelemetry API, at start and later, on every kind of span.
#[test]
fn no_content_attribute_of_the_registry_passes() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer();
    let content = || ATTRIBUTES.iter().filter(|attribute| attribute.content);
    let key = |attribute: &tracing_genai::semconv::Attribute| match attribute.template {
        true => format!("{}.c4nary", attribute.key),
        false => attribute.key.to_owned(),
    };
    for operation in ["chat", "execute_tool", "invoke_agent", "no operation"] {
        let pairs = || content().map(|attribute| KeyValue::new(key(attribute), CANARY)).collect::<Vec<_>>();
        let mut start = pairs();
        start.push(KeyValue::new("gen_ai.operation.name", operation));
        let links = vec![Link::new(SpanContext::empty_context(), pairs(), 0)];
        let builder = SpanBuilder::from_name("x").with_attributes(start).with_links(links);
        let context = opentelemetry::Context::new().with_span(tracer.build_with_context(builder, &Default::default()));
        context.span().set_attributes(pairs());
        context.span().end();
    }
    assert!(content().count() > 15 && content().any(|attribute| attribute.value_type == ValueType::Any));
    let spans = recorder.spans();
    assert_eq!(spans.len(), 4);
    for span in spans.iter().filter(|span| span.name != "x") {
        assert!(!format!("{span:?}").contains("c4nary"), "{span:?}");
    }
    // A span that is no GenAI span may tell of its own errors; nothing else of this is its own.
    let plain = recorder.span("x");
    let keys: Vec<_> = plain.attributes.iter().map(|pair| pair.key.as_str()).collect();
    assert!(keys.iter().all(|key| key.starts_with("exception.") || *key == "gen_ai.operation.name"), "{keys:?}");
}

/// An `error!` of a library is no failure of the activity around it; its guard knows better.
#[test]
fn a_log_event_does_not_fail_a_guards_span() {
    let recorder = crate::support::record(|| {
        Operation::prompt("a").start().in_scope(|| error!("retrying"));
        info_span!("x", gen_ai.operation.name = "chat").in_scope(|| error!("gave up"));
    });
    assert_eq!(recorder.span("invoke_agent a").status, Status::Unset);
    assert_eq!(recorder.span("chat").status, Status::error(""));
}

/// It says that it is about agents: its texts are none of an observer's business either.
#[test]
fn a_span_of_an_unlisted_operation_keeps_its_texts() {
    let recorder = crate::support::record(|| {
        let span = info_span!("handoff", gen_ai.operation.name = "handoff", otel.status_description = CANARY);
        span.in_scope(|| error!("{CANARY}"));
    });
    let text = everything(&recorder);
    assert!(!text.contains("c4nary") && text.contains("handoff"), "{text}");
}
