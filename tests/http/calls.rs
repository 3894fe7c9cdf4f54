//! One call, one turn.

use opentelemetry_sdk::trace::SpanData;
use tracing_genai::activity::Operation;

use crate::server::{Server, events, json, reply};
use crate::support::{Recorder, attribute, record_async, tree};
use crate::wire::{CHAT, CHUNKS, RATE_LIMITED, REPLY, REQUEST, client};

/// The tree, without what is another in each run.
pub(crate) fn stable(recorder: &Recorder) -> String {
    const CHANGING: &[&str] = &["server.port", "time_to_first_chunk", "agentic.stream.", "* log"];
    let text = tree(&recorder.spans());
    let lines = text.lines().filter(|line| !CHANGING.iter().any(|key| line.contains(key)));
    lines.map(|line| format!("{line}\n")).collect()
}

/// The only span, which no canary is in.
#[track_caller]
pub(crate) fn only(recorder: &Recorder) -> SpanData {
    let mut spans = recorder.spans();
    assert_eq!(spans.len(), 1, "{}", recorder.tree());
    assert!(!format!("{spans:?}").contains("c4nary"), "{spans:?}");
    spans.remove(0)
}

async fn send(url: String) -> String {
    let response = client().post(url).body(REQUEST).send().await.expect("sent");
    response.text().await.expect("a body")
}

#[test]
fn a_call_is_a_turn_with_what_request_and_reply_say() {
    let headers = [
        ("content-type", "application/json"),
        ("x-request-id", "req_1"),
        ("x-ratelimit-remaining-requests", "99"),
        ("x-ratelimit-limit-tokens", "c4nary"),
    ];
    let server = Server::always(reply(200, &headers, REPLY));
    let recorder = record_async(async {
        Operation::prompt("support").start().scope(async { assert_eq!(send(server.url(CHAT)).await, REPLY) }).await;
    });
    insta::assert_snapshot!(stable(&recorder), @r#"
    invoke_agent support
        agentic.operation.kind = "prompt"
        agentic.usage.input_tokens = 12
        agentic.usage.output_tokens = 3
        agentic.usage.turns = 1
        gen_ai.agent.name = "support"
        gen_ai.operation.name = "invoke_agent"
        gen_ai.response.finish_reasons = ["stop"]
        gen_ai.usage.input_tokens = 12
        gen_ai.usage.output_tokens = 3
      chat gpt-4o CLIENT
          agentic.http.request_id = "req_1"
          agentic.http.response.status_code = 200
          agentic.rate_limit.remaining.requests = 99
          gen_ai.agent.name = "support"
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "openai"
          gen_ai.request.model = "gpt-4o"
          gen_ai.request.temperature = 0.5
          gen_ai.response.finish_reasons = ["stop"]
          gen_ai.response.id = "chatcmpl-1"
          gen_ai.response.model = "gpt-4o-2024-08-06"
          gen_ai.usage.input_tokens = 12
          gen_ai.usage.output_tokens = 3
          server.address = "127.0.0.1"
    "#);
    let turn = recorder.span("chat gpt-4o");
    let traceparent = format!("00-{}-{}-01", turn.span_context.trace_id(), turn.span_context.span_id());
    assert_eq!(server.received()[0].header("traceparent"), Some(&*traceparent));
    assert_eq!(server.received()[0].body, REQUEST.as_bytes());
}

#[test]
fn a_stream_is_read_while_it_passes() {
    let server = Server::always(events(CHUNKS));
    let recorder = record_async(async {
        let body = send(server.url(CHAT)).await;
        assert_eq!(body, CHUNKS.iter().map(|chunk| format!("data: {chunk}\n\n")).collect::<String>());
    });
    only(&recorder);
    insta::assert_snapshot!(stable(&recorder), @r#"
    chat gpt-4o CLIENT
        agentic.http.response.status_code = 200
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "gpt-4o"
        gen_ai.request.stream = true
        gen_ai.request.temperature = 0.5
        gen_ai.response.finish_reasons = ["stop"]
        gen_ai.response.id = "chatcmpl-2"
        gen_ai.response.model = "gpt-4o-2024-08-06"
        gen_ai.usage.input_tokens = 12
        gen_ai.usage.output_tokens = 3
        server.address = "127.0.0.1"
    "#);
}

#[test]
fn an_error_reply_fails_the_turn() {
    let headers = [("content-type", "application/json"), ("retry-after", "2")];
    let server = Server::always(reply(429, &headers, RATE_LIMITED));
    let recorder = record_async(async { assert_eq!(send(server.url(CHAT)).await, RATE_LIMITED) });
    only(&recorder);
    insta::assert_snapshot!(stable(&recorder), @r#"
    chat gpt-4o CLIENT ERROR
        agentic.error.code = "rate_limit_exceeded"
        agentic.error.retryable = true
        agentic.http.response.status_code = 429
        agentic.rate_limit.retry_after = 2
        error.type = "rate_limit"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "gpt-4o"
        gen_ai.request.temperature = 0.5
        server.address = "127.0.0.1"
    "#);
}

#[test]
fn an_error_reply_that_nobody_reads_fails_the_turn_by_its_status() {
    let server = Server::always(json(503, RATE_LIMITED));
    let recorder = record_async(async {
        drop(client().post(server.url(CHAT)).body(REQUEST).send().await.expect("sent"));
    });
    let turn = only(&recorder);
    assert_eq!(attribute(&turn, "agentic.http.response.status_code").as_deref(), Some("503"));
    assert_eq!(attribute(&turn, "error.type").as_deref(), Some("\"overloaded\""));
    assert_eq!(attribute(&turn, "agentic.outcome"), None);
}

#[test]
fn a_reply_that_nobody_reads_is_a_cancelled_call() {
    let server = Server::always(json(200, REPLY));
    let recorder = record_async(async {
        drop(client().post(server.url(CHAT)).body(REQUEST).send().await.expect("sent"));
    });
    assert_eq!(attribute(&only(&recorder), "agentic.outcome").as_deref(), Some("\"cancelled\""));
}

#[test]
fn other_requests_are_left_alone() {
    let server = Server::always(json(200, REPLY));
    let recorder = record_async(async {
        for path in ["/v1/models", "/v1/messages/count_tokens", "/", "/v1/files"] {
            client().post(server.url(path)).body(REQUEST).send().await.expect("sent");
        }
        client().get(server.url(CHAT)).send().await.expect("sent");
    });
    assert_eq!(recorder.tree(), "");
    assert!(server.received().iter().all(|request| request.header("traceparent").is_none()));
}

#[test]
fn without_a_tracer_nothing_is_done() {
    let server = Server::always(json(200, REPLY));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async { assert_eq!(send(server.url(CHAT)).await, REPLY) });
    assert_eq!(server.received()[0].header("traceparent"), None);
}
