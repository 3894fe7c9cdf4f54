//! Calls inside a turn that somebody else opened.

use opentelemetry::trace::TracerProvider;
use tracing::Instrument;
use tracing_genai::GenAiTracer;
use tracing_genai::activity::{Embeddings, Operation, Tool, Turn, Usage};
use tracing_genai::http::GenAiLayer;
use tracing_subscriber::layer::SubscriberExt;

use crate::calls::stable;
use crate::local::{Seen, URL, ask, chat};
use crate::server::{Server, json};
use crate::support::{Recorder, attribute, record, record_async};
use crate::wire::{CHAT, RATE_LIMITED, REPLY, REQUEST, client};

fn names(recorder: &Recorder) -> Vec<String> {
    recorder.spans().iter().map(|span| span.name.to_string()).collect()
}

/// The turn of which something is known by the reply.
#[track_caller]
fn completed(recorder: &Recorder, name: &str) {
    let turn = recorder.span(name);
    assert_eq!(attribute(&turn, "gen_ai.usage.output_tokens").as_deref(), Some("3"), "{}", recorder.tree());
    assert_eq!(recorder.spans().iter().filter(|span| span.name.starts_with("chat")).count(), 1, "{}", recorder.tree());
}

#[test]
fn a_typed_guard_around_the_call_is_completed_and_not_ended() {
    let recorder = record_async(async {
        let turn = Turn::chat("openai", "gpt-4o").id("t-1").start();
        turn.scope(chat()).await;
        turn.usage(Usage::new(12, 4)).finish();
    });
    insta::assert_snapshot!(stable(&recorder), @r#"
    chat gpt-4o CLIENT
        agentic.http.response.status_code = 200
        agentic.turn.id = "t-1"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "gpt-4o"
        gen_ai.request.temperature = 0.5
        gen_ai.response.finish_reasons = ["stop"]
        gen_ai.response.id = "chatcmpl-1"
        gen_ai.response.model = "gpt-4o-2024-08-06"
        gen_ai.usage.input_tokens = 12
        gen_ai.usage.output_tokens = 4
        server.address = "api.openai.com"
    "#);
}

#[test]
fn a_scope_on_this_thread_is_found() {
    let recorder = record(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let turn = Turn::chat("openai", "gpt-4o").start();
        turn.in_scope(|| runtime.block_on(chat()));
        turn.finish();
    });
    completed(&recorder, "chat gpt-4o");
}

#[test]
fn plain_spans_may_stand_between() {
    let recorder = record_async(async {
        let turn = Turn::chat("openai", "gpt-4o").start();
        let work = async {
            let inner = async { chat().instrument(tracing::info_span!("http request")).await };
            inner.instrument(tracing::info_span!("retry")).await;
        };
        turn.scope(work).await;
        turn.finish();
    });
    completed(&recorder, "chat gpt-4o");
    assert_eq!(names(&recorder), ["http request", "retry", "chat gpt-4o"]);
}

#[test]
fn the_span_of_another_crate_is_completed() {
    let recorder = record_async(async {
        let span = tracing::info_span!(
            target: "rig::completions", "chat", gen_ai.operation.name = "chat", gen_ai.provider.name = "openai",
            gen_ai.request.model = "gpt-4o", gen_ai.response.id = tracing::field::Empty,
        );
        chat().instrument(span).await;
    });
    insta::assert_snapshot!(stable(&recorder), @r#"
    chat gpt-4o CLIENT
        agentic.http.response.status_code = 200
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "gpt-4o"
        gen_ai.request.temperature = 0.5
        gen_ai.response.finish_reasons = ["stop"]
        gen_ai.response.id = "chatcmpl-1"
        gen_ai.response.model = "gpt-4o-2024-08-06"
        gen_ai.usage.input_tokens = 12
        gen_ai.usage.output_tokens = 3
        server.address = "api.openai.com"
    "#);
}

/// rig 0.44 has no field for a failure, and its spans only end.
#[test]
fn the_span_of_another_crate_fails_with_its_last_request() {
    let recorder = record_async(async {
        let span = tracing::info_span!("chat", gen_ai.operation.name = "chat", gen_ai.request.model = "gpt-4o");
        let server = Server::in_turn(vec![json(429, RATE_LIMITED), json(200, REPLY), json(429, RATE_LIMITED)]);
        let call = async || {
            let reply = client().post(server.url(CHAT)).body(REQUEST).send().await.expect("sent");
            reply.text().await.expect("a body")
        };
        async { (call().await, call().await) }.instrument(span.clone()).await;
        drop(span);
        let failing = tracing::info_span!("chat", gen_ai.operation.name = "chat", gen_ai.request.model = "failing");
        call().instrument(failing).await;
        let guard = Turn::chat("openai", "guarded").start();
        guard.scope(call()).await;
        guard.finish();
    });
    let error_of = |name: &str| attribute(&recorder.span(name), "error.type");
    assert_eq!(error_of("chat gpt-4o"), None);
    assert_eq!(error_of("chat failing").as_deref(), Some(r#""rate_limit""#));
    assert_eq!(error_of("chat guarded"), None, "a guard says how it ended");
}

#[test]
fn a_turn_that_has_ended_or_is_another_operations_is_not_completed() {
    let recorder = record_async(async {
        let turn = Turn::chat("openai", "ended").start();
        turn.finish();
        turn.scope(chat()).await;
        Embeddings::new("openai", "e").start().scope(chat()).await;
        let turn = Turn::chat("openai", "outer").start();
        turn.scope(Tool::new("delegate").start().scope(chat())).await;
        Operation::prompt("support").start().scope(chat()).await;
    });
    let ours = recorder.spans().into_iter().filter(|span| span.name == "chat gpt-4o");
    assert!(ours.clone().all(|span| attribute(&span, "gen_ai.response.id").is_some()), "{}", recorder.tree());
    assert_eq!(ours.count(), 4, "{}", recorder.tree());
    assert_eq!(attribute(&recorder.span("chat outer"), "gen_ai.response.id"), None);
}

#[test]
fn without_context_activation_the_turn_is_found_all_the_same() {
    let recorder = Recorder::default();
    let layer = recorder.tracer().into_layer().with_context_activation(false);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        let turn = Turn::chat("openai", "gpt-4o").start();
        runtime.block_on(turn.scope(chat()));
        turn.finish();
    });
    completed(&recorder, "chat gpt-4o");
}

#[test]
fn a_foreign_tracer_is_nobody() {
    let recorder = Recorder::default();
    let seen = Seen::default();
    let layer = tracing_opentelemetry::layer().with_tracer(recorder.sdk_tracer());
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        let layer = GenAiLayer::new();
        let work = ask(&layer, URL, &seen).instrument(tracing::info_span!("work"));
        assert_eq!(runtime.block_on(work), REPLY);
    });
    assert!(!seen.take()[0].0.contains_key("traceparent"));
    assert_eq!(recorder.span("work").attributes.iter().filter(|pair| pair.key.as_str().contains("gen_ai")).count(), 0);
}

#[test]
fn an_answer_about_one_span_is_never_one_about_the_next() {
    let other = Recorder::default();
    let recorder = record_async(async {
        let turn = Turn::chat("openai", "gpt-4o").start();
        turn.scope(async {
            chat().await;
            // Inside of a span that is nobody's, current to OpenTelemetry only.
            let provider = opentelemetry_sdk::trace::SdkTracerProvider::default();
            let foreign = opentelemetry::trace::Tracer::start(&provider.tracer("foreign"), "foreign");
            let context = opentelemetry::trace::TraceContextExt::current_with_span(foreign);
            let attached: opentelemetry::ContextGuard = opentelemetry::Context::attach(context);
            drop(attached);
        })
        .await;
        turn.finish();
        chat().await;
    });
    assert_eq!(names(&recorder), ["chat gpt-4o", "chat gpt-4o"]);
    let tracer = GenAiTracer::new(other.sdk_tracer());
    let subscriber = tracing_subscriber::registry().with(tracer.into_layer());
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    tracing::subscriber::with_default(subscriber, || runtime.block_on(chat()));
    assert_eq!((names(&other).len(), names(&recorder).len()), (1, 2));
}

#[test]
fn of_two_calls_at_once_in_a_turn_the_second_gets_one_of_its_own() {
    let server = Server::always(json(200, REPLY));
    let recorder = record_async(async {
        let turn = Turn::chat("openai", "gpt-4o").start();
        let call = || async { client().post(server.url(CHAT)).body(REQUEST).send().await.expect("sent").text().await };
        let both = turn.scope(async { tokio::join!(call(), call()) }).await;
        assert_eq!((both.0.expect("a body").as_str(), both.1.expect("a body").as_str()), (REPLY, REPLY));
        turn.finish();
    });
    let spans = recorder.spans();
    assert_eq!(spans.len(), 2, "{}", recorder.tree());
    assert!(spans.iter().all(|span| attribute(span, "gen_ai.usage.output_tokens").as_deref() == Some("3")));
}
