//! Spans as one backend gets them, made by the tracer and let through the last gate before.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry::trace::{Status, TracerProvider};
use opentelemetry::{Context, KeyValue, Value};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, Span, SpanData, SpanProcessor};
use tracing_subscriber::layer::SubscriberExt;

use super::super::backend::Backend;
use super::super::env::Env;
use super::super::gate::pass;
use super::*;
use crate::content::{DEFAULT_ATTRIBUTE_BUDGET, Decision, Item, Kind, Redactor};
use crate::span::{GenAiTracer, Settings, Shared};

const CANARY: &str = "c4n4ry";

/// Adapts spans as the export thread does.
#[derive(Debug)]
struct Adapting(Adapter, Arc<Mutex<Vec<SpanData>>>);

impl SpanProcessor for Adapting {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, mut span: SpanData) {
        let gate = LastGate::of(span.span_context.span_id()).expect("a mark");
        pass(&gate, &mut span);
        self.0.span(&gate, &mut span);
        self.1.lock().unwrap().push(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

struct Adapted {
    spans: Vec<SpanData>,
    shared: Arc<Shared>,
}

impl Adapted {
    fn of(adapter: Adapter, work: impl FnOnce()) -> Self {
        let spans = Arc::default();
        let wanted = adapter.wants_identity();
        let processor = Adapting(adapter, Arc::clone(&spans));
        let provider = SdkTracerProvider::builder().with_span_processor(processor).build();
        let settings =
            Settings { content: Content::all(), gated_twice: true, marks_identity: wanted, ..Settings::default() };
        let shared = Arc::new(Shared::new(settings));
        let tracer = GenAiTracer::with_shared(provider.tracer("t"), Arc::clone(&shared));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(tracer.into_layer()), work);
        let spans = spans.lock().unwrap().drain(..).collect();
        Self { spans, shared }
    }

    fn named(&self, name: &str) -> &SpanData {
        self.spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("no span {name}: {:?}", self.spans))
    }

    fn value(&self, name: &str, key: &str) -> Option<Value> {
        view::last(&self.named(name).attributes, key).cloned()
    }

    fn text(&self, name: &str, key: &str) -> Option<String> {
        self.value(name, key).map(|value| value.as_str().into_owned())
    }
}

fn of_backend(backend: Backend) -> Adapter {
    let pairs =
        ["LANGFUSE_PUBLIC_KEY", "LANGFUSE_SECRET_KEY", "MLFLOW_EXPERIMENT_ID", "HONEYCOMB_API_KEY", "LOGFIRE_TOKEN"];
    let env = Env::from_iter(pairs.map(|name| (name, "x")));
    backend.config().route(&env).unwrap_or_else(|error| panic!("{error}")).adapter
}

fn with_content(content: Content) -> Adapter {
    Adapter { content: Some(content), ..Adapter::default() }
}

/// An agent, in it a plain span, in that a turn with content.
fn agent() {
    let agent = tracing::info_span!(
        "a",
        gen_ai.operation.name = "invoke_agent",
        gen_ai.agent.name = "scout",
        gen_ai.conversation.id = "c1",
        user.id = "u1"
    );
    let _agent = agent.entered();
    let _database = tracing::info_span!("query").entered();
    turn();
}

fn turn() {
    let input = format!(r#"[{{"role":"user","parts":[{{"type":"text","content":"in {CANARY}"}}]}}]"#);
    let output = format!(
        r#"[{{"role":"assistant","parts":[{{"type":"text","content":"out {CANARY}"}}],"finish_reason":"stop"}}]"#
    );
    let turn = tracing::info_span!(
        "t",
        gen_ai.operation.name = "chat",
        gen_ai.request.model = "m",
        gen_ai.provider.name = "openai",
        gen_ai.input.messages = input,
        gen_ai.output.messages = output,
        gen_ai.usage.input_tokens = 100,
        gen_ai.usage.text.input_tokens = 90,
        gen_ai.response.time_to_first_chunk = 0.5,
        gen_ai.prompt.name = "ask",
        gen_ai.prompt.version = "3",
    );
    turn.in_scope(|| tracing::error!("it broke: {CANARY}"));
}

#[test]
fn the_default_changes_nothing() {
    let adapted = Adapted::of(Adapter::default(), agent);
    assert!(adapted.text("chat m", "gen_ai.input.messages").unwrap().contains(CANARY));
    assert_eq!(adapted.spans.len(), 3);
}

#[test]
fn identity_is_on_every_span_also_on_plain_ones_inside() {
    let adapted = Adapted::of(of_backend(Backend::Langfuse), agent);
    for name in ["invoke_agent scout", "query", "chat m"] {
        assert_eq!(adapted.text(name, "session.id").as_deref(), Some("c1"), "{name}");
        assert_eq!(adapted.text(name, "user.id").as_deref(), Some("u1"), "{name}");
    }
    let honeycomb = Adapted::of(of_backend(Backend::Honeycomb), agent);
    for name in ["invoke_agent scout", "query", "chat m"] {
        assert_eq!(honeycomb.text(name, "gen_ai.agent.name").as_deref(), Some("scout"), "{name}");
        assert_eq!(honeycomb.text(name, "gen_ai.conversation.id").as_deref(), Some("c1"), "{name}");
    }
}

#[test]
fn identity_does_not_reach_spans_outside() {
    let adapted = Adapted::of(of_backend(Backend::Langfuse), || {
        agent();
        tracing::info_span!("outside").in_scope(|| {});
    });
    let keys: Vec<_> = adapted.named("outside").attributes.iter().map(|pair| pair.key.as_str()).collect();
    assert!(!keys.contains(&"session.id") && !keys.contains(&"user.id"), "{keys:?}");
}

#[test]
fn a_key_that_the_application_set_stays() {
    let adapted = Adapted::of(of_backend(Backend::Langfuse), || {
        let span = tracing::info_span!(
            "t",
            gen_ai.operation.name = "chat",
            gen_ai.request.model = "m",
            langfuse.observation.r#type = "guardrail"
        );
        span.in_scope(|| {});
    });
    let of_key = |pair: &&KeyValue| pair.key.as_str() == "langfuse.observation.type";
    let found: Vec<_> = adapted.named("chat m").attributes.iter().filter(of_key).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].value.as_str(), "guardrail");
}

#[test]
fn values_are_made_of_attributes() {
    let adapted = Adapted::of(of_backend(Backend::Langfuse), agent);
    let text = |key| adapted.text("chat m", key);
    assert_eq!(text("langfuse.observation.type").as_deref(), Some("generation"));
    assert_eq!(text("langfuse.observation.prompt.name").as_deref(), Some("ask"));
    assert_eq!(adapted.value("chat m", "langfuse.observation.prompt.version"), Some(Value::I64(3)));
    let started = adapted.named("chat m").start_time;
    assert_eq!(text("langfuse.observation.completion_start_time"), time::after(started, 0.5));
    assert_eq!(adapted.text("invoke_agent scout", "langfuse.trace.name").as_deref(), Some("invoke_agent scout"));
    assert_eq!(text("langfuse.trace.name"), None);
    // Usage that it would add up twice, under another name.
    assert_eq!(adapted.value("chat m", "gen_ai.usage.input_tokens"), Some(Value::I64(100)));
    assert_eq!(adapted.value("chat m", "gen_ai.usage.text.input_tokens"), None);
    assert_eq!(adapted.value("chat m", "agentic.usage.text.input_tokens"), Some(Value::I64(90)));
    assert_eq!(adapted.value("invoke_agent scout", "gen_ai.usage.input_tokens"), None);
    assert_eq!(adapted.value("invoke_agent scout", "agentic.usage.input_tokens"), Some(Value::I64(100)));
}

#[test]
fn json_is_told_by_a_schema() {
    let adapted = Adapted::of(of_backend(Backend::Logfire), agent);
    let schema: serde_json::Value =
        serde_json::from_str(&adapted.text("chat m", "logfire.json_schema").unwrap()).unwrap();
    assert_eq!(schema["properties"]["gen_ai.input.messages"]["type"], "array");
    assert_eq!(adapted.text("query", "logfire.json_schema"), None);
}

#[test]
fn content_is_for_whom_it_is_chosen() {
    let none = Adapted::of(with_content(Content::off()), agent);
    assert!(!format!("{:?}", none.spans).contains(CANARY), "{:?}", none.spans);
    assert_eq!(none.value("chat m", "gen_ai.usage.input_tokens"), Some(Value::I64(100)));
    assert!(none.shared.stats().content_omitted > 0);
    let output = Adapted::of(with_content(Content::only([Kind::OutputMessages])), agent);
    assert_eq!(output.text("chat m", "gen_ai.input.messages"), None);
    assert!(output.text("chat m", "gen_ai.output.messages").unwrap().contains("out c4n4ry"));
    // Neither the log in the turn.
    assert!(!format!("{:?}", output.spans).contains("it broke"));
    let all = Adapted::of(with_content(Content::all()), agent);
    assert!(format!("{:?}", all.named("chat m").events).contains("it broke"));
}

#[test]
fn a_field_of_a_log_on_a_span_is_content_of_its_own_kind_too() {
    let adapted = Adapted::of(with_content(Content::only([Kind::LogFields])), || {
        let said = || tracing::info!(error = CANARY, gen_ai.input.messages = CANARY, attempt = 2, "x");
        tracing::info_span!("t", gen_ai.operation.name = "chat").in_scope(said);
    });
    let left = format!("{:?}", adapted.spans);
    assert!(left.contains("attempt") && !left.contains(CANARY), "{left}");
}

#[test]
fn content_goes_with_what_is_told_about_it() {
    let long = format!("{CANARY} {}", "x".repeat(2 * DEFAULT_ATTRIBUTE_BUDGET));
    let work = || {
        let span = tracing::info_span!(
            "t",
            gen_ai.operation.name = "chat",
            gen_ai.request.model = "m",
            gen_ai.system_instructions = long.as_str()
        );
        span.in_scope(|| {});
    };
    let told = "agentic.content.truncated.system_instructions";
    let all = Adapted::of(Adapter::default(), work);
    let missing = all.value("chat m", told).expect("it was cut");
    let none = Adapted::of(with_content(Content::off()), work);
    assert_eq!(none.value("chat m", told), None);
    let less = Adapted::of(with_content(Content::all().with_attribute_budget(1000)), work);
    let (Value::I64(before), Some(Value::I64(after))) = (missing, less.value("chat m", told)) else {
        panic!("numbers")
    };
    assert!(after > before, "{after} > {before}");
    assert!(less.text("chat m", "gen_ai.system_instructions").unwrap().len() <= 1000);
}

#[test]
fn redactors_and_policies_of_one_backend() {
    let work = || {
        let input = r#"[{"role":"user","parts":[{"type":"text","content":"write to a@example.com"}]}]"#;
        tracing::info_span!(
            "t",
            gen_ai.operation.name = "chat",
            gen_ai.request.model = "m",
            gen_ai.input.messages = input
        )
        .in_scope(|| {});
    };
    let redacted = Adapted::of(with_content(Content::all().with_redactors(Redactor::recommended())), work);
    let text = redacted.text("chat m", "gen_ai.input.messages").unwrap();
    assert!(text.contains("write to") && !text.contains("example.com"), "{text}");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&seen);
    let policy = Content::custom(move |item: Item| {
        let scope = item.scope();
        heard.lock().unwrap().push(format!("{} {:?}", scope.activity(), scope.agent()));
        Decision::Omit
    });
    let omitted = Adapted::of(with_content(policy), || {
        let agent = tracing::info_span!("a", gen_ai.operation.name = "invoke_agent", gen_ai.agent.name = "scout");
        agent.in_scope(work);
    });
    assert_eq!(omitted.text("chat m", "gen_ai.input.messages"), None);
    assert_eq!(*seen.lock().unwrap(), ["chat Some(\"scout\")"]);
    let panicking = Content::custom(|_: Item| -> Decision { panic!("{CANARY}") });
    let lost = Adapted::of(with_content(panicking), agent);
    assert_eq!(lost.spans.len(), 3);
    assert!(!format!("{:?}", lost.spans).contains(CANARY));
}

#[test]
fn the_text_of_an_error_goes_and_that_it_failed_stays() {
    let work = || {
        let span = tracing::info_span!(
            "t",
            gen_ai.operation.name = "chat",
            gen_ai.request.model = "m",
            otel.status_code = "ERROR",
            otel.status_description = format!("broke: {CANARY}")
        );
        span.in_scope(|| {});
        let plain = tracing::info_span!("plain", otel.status_code = "ERROR", otel.status_description = "its own");
        plain.in_scope(|| {});
    };
    let all = Adapted::of(Adapter::default(), work);
    assert!(format!("{:?}", all.named("chat m").status).contains(CANARY));
    let none = Adapted::of(with_content(Content::off()), work);
    assert_eq!(none.named("chat m").status, Status::error(""));
    assert_eq!(none.named("plain").status, Status::error("its own"));
}

#[test]
fn values_are_cut_inside_of_their_json() {
    let adapted = Adapted::of(of_backend(Backend::Tempo), || {
        let input = format!(r#"[{{"role":"user","parts":[{{"type":"text","content":"{}"}}]}}]"#, "é".repeat(5000));
        tracing::info_span!(
            "t",
            gen_ai.operation.name = "chat",
            gen_ai.request.model = "m",
            gen_ai.input.messages = input
        )
        .in_scope(|| {});
        tracing::info_span!("plain", long = "é".repeat(5000)).in_scope(|| {});
    });
    let input = adapted.text("chat m", "gen_ai.input.messages").unwrap();
    assert!(input.len() <= 2048 && input.len() > 1500, "{}", input.len());
    assert!(serde_json::from_str::<serde_json::Value>(&input).is_ok(), "{input}");
    assert!(matches!(adapted.value("chat m", "agentic.content.truncated.input_messages"), Some(Value::I64(1..))));
    assert_eq!(adapted.text("plain", "long").unwrap().len(), 2048);
}

#[test]
fn a_span_that_is_too_large_loses_content_and_keeps_usage() {
    let adapter = Adapter { limits: Limits { value: None, span: Some(2000) }, ..Adapter::default() };
    let adapted = Adapted::of(adapter, || {
        let input = format!(r#"[{{"role":"user","parts":[{{"type":"text","content":"{}"}}]}}]"#, "x".repeat(5000));
        tracing::info_span!(
            "t",
            gen_ai.operation.name = "chat",
            gen_ai.request.model = "m",
            gen_ai.input.messages = input,
            gen_ai.usage.input_tokens = 7
        )
        .in_scope(|| {});
    });
    assert_eq!(adapted.text("chat m", "gen_ai.input.messages"), None);
    assert_eq!(adapted.value("chat m", "gen_ai.usage.input_tokens"), Some(Value::I64(7)));
    assert_eq!(adapted.shared.stats().content_dropped, 1);
}

#[test]
fn a_key_that_the_dialect_writes_too_stands_once() {
    let adapter = Adapter { dialects: crate::span::Dialect::V1_36.into(), ..of_backend(Backend::Logfire) };
    let adapted = Adapted::of(adapter, || {
        let name = "chat";
        let span = tracing::info_span!("t", gen_ai.operation.name = name, gen_ai.provider.name = "x_ai");
        span.in_scope(|| {});
    });
    let systems: Vec<_> =
        adapted.spans[0].attributes.iter().filter(|pair| pair.key.as_str() == "gen_ai.system").collect();
    assert_eq!(systems.len(), 1, "{systems:?}");
}
