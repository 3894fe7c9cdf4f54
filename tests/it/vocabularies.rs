//! Spans of other vocabularies: OpenInference, Langfuse; and what holds for every span that is read from fields.

use insta::assert_snapshot;
use opentelemetry::KeyValue;
use tracing::field::Empty;
use tracing::info_span;
use tracing_genai::semconv::attr;
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{Recorder, attribute, record};

const SECRET: &str = "canary";

/// The keys of openinference-semantic-conventions 0.1.1, written by hand: the crate's own builder sets them through
/// tracing-opentelemetry 0.32, which no layer of another version sees.
#[test]
fn openinference() {
    let recorder = record(|| {
        let agent = info_span!("agent", openinference.span.kind = "AGENT", agent.name = "helper", input.value = SECRET);
        let _agent = agent.enter();
        let llm = info_span!(
            "llm",
            otel.name = "llm gpt-4o",
            openinference.span.kind = "LLM",
            llm.model_name = "gpt-4o",
            llm.provider = "azure",
            llm.system = "openai",
            "llm.input_messages.0.message.content" = SECRET,
            llm.invocation_parameters = SECRET,
            output.value = SECRET,
            llm.token_count.prompt = Empty,
            llm.token_count.completion = Empty,
            llm.token_count.prompt_details.cache_read = Empty,
        );
        llm.in_scope(|| ());
        llm.record("llm.token_count.prompt", 12_u64);
        llm.record("llm.token_count.completion", 3_u64);
        llm.record("llm.token_count.prompt_details.cache_read", 8_u64);
        drop(llm);
        info_span!("t", openinference.span.kind = "TOOL", tool.name = "search", tool.parameters = SECRET)
            .in_scope(|| ());
        info_span!("e", openinference.span.kind = "EMBEDDING", embedding.model_name = "small").in_scope(|| ());
        info_span!("c", openinference.span.kind = "CHAIN", input.value = SECRET)
            .in_scope(|| tracing::info!("{SECRET}"));
    });
    assert!(!recorder.tree().contains(SECRET));
    assert_snapshot!(recorder.tree(), @r#"
    invoke_agent helper
        agentic.usage.cache_read.input_tokens = 8
        agentic.usage.input_tokens = 12
        agentic.usage.output_tokens = 3
        agentic.usage.turns = 1
        gen_ai.agent.name = "helper"
        gen_ai.operation.name = "invoke_agent"
        gen_ai.usage.input_tokens = 12
        gen_ai.usage.output_tokens = 3
      chat gpt-4o CLIENT
          gen_ai.agent.name = "helper"
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "azure.ai.openai"
          gen_ai.request.model = "gpt-4o"
          gen_ai.usage.cache_read.input_tokens = 8
          gen_ai.usage.input_tokens = 12
          gen_ai.usage.output_tokens = 3
      execute_tool search
          gen_ai.agent.name = "helper"
          gen_ai.operation.name = "execute_tool"
          gen_ai.tool.name = "search"
      embeddings small CLIENT
          gen_ai.operation.name = "embeddings"
          gen_ai.request.model = "small"
      c
          openinference.span.kind = "CHAIN"
          * log agentic.log.level="INFO" agentic.log.target="it::vocabularies"
    "#);
}

/// A chain that is a root: its content stays in as well. Elsewhere `input.value` is a field like any other.
#[test]
fn openinference_keys_are_content_in_openinference_spans_only() {
    let recorder = record(|| {
        info_span!("rerank", openinference.span.kind = "RERANKER", input.value = SECRET).in_scope(|| ());
        info_span!("form", input.value = "42").in_scope(|| ());
    });
    assert_eq!(attribute(&recorder.span("rerank"), "input.value"), None);
    assert_eq!(attribute(&recorder.span("form"), "input.value").as_deref(), Some("\"42\""));
}

/// Metadata of Langfuse passes as it is, on spans that have an operation and on those that only Langfuse knows.
#[test]
fn langfuse() {
    let recorder = record(|| {
        let span = info_span!(
            "generation",
            langfuse.observation.type = "generation",
            langfuse.session.id = "s-1",
            langfuse.trace.tags = "a,b",
            langfuse.observation.input = SECRET,
            langfuse.trace.output = SECRET,
            langfuse.observation.status_message = SECRET,
            langfuse.observation.metadata.note = SECRET,
            gen_ai.request.model = "gpt-4o",
        );
        span.in_scope(|| ());
        span.record("langfuse.session.id", "s-2");
    });
    assert!(!recorder.tree().contains(SECRET));
    assert_snapshot!(recorder.tree(), @r#"
    chat gpt-4o CLIENT
        gen_ai.operation.name = "chat"
        gen_ai.request.model = "gpt-4o"
        langfuse.observation.type = "generation"
        langfuse.session.id = "s-2"
        langfuse.trace.tags = "a,b"
    "#);
}

/// swiftide 0.33 with its feature `langfuse`: a mark on the span, all else in events of the level `DEBUG`.
#[test]
fn swiftide_integrations_0_33() {
    let recorder = record(|| {
        let span = info_span!("chat_completion", langfuse.type = "GENERATION");
        span.in_scope(|| tracing::debug!(langfuse.model = "gpt-4o", langfuse.input = SECRET, langfuse.output = SECRET));
    });
    assert!(!recorder.tree().contains(SECRET));
    assert_snapshot!(recorder.tree(), @r#"
    chat CLIENT
        gen_ai.operation.name = "chat"
        langfuse.type = "GENERATION"
        * log agentic.log.level="DEBUG" agentic.log.target="it::vocabularies"
    "#);
}

#[test]
fn a_name_takes_in_what_was_recorded_late() {
    let recorder = record(|| {
        let span = info_span!("chat", gen_ai.operation.name = "chat", gen_ai.request.model = Empty);
        span.in_scope(|| ());
        span.record("gen_ai.request.model", "gpt-4o");
        span.record("gen_ai.operation.name", "chat");
    });
    assert_eq!(attribute(&recorder.span("chat gpt-4o"), attr::GEN_AI_REQUEST_MODEL).as_deref(), Some("\"gpt-4o\""));
}

#[test]
fn parts_of_usage_stay_on_turns_and_remote_agents() {
    let recorder = record(|| {
        for (kind, name) in [("internal", "local"), ("client", "remote")] {
            info_span!(
                "agent",
                otel.kind = kind,
                gen_ai.operation.name = "invoke_agent",
                gen_ai.agent.name = name,
                gen_ai.usage.input_tokens = 9_u64,
                gen_ai.usage.cache_read.input_tokens = 5_u64,
                gen_ai.usage.reasoning_tokens = 2_u64,
            )
            .in_scope(|| ());
        }
    });
    let (local, remote) = (recorder.span("invoke_agent local"), recorder.span("invoke_agent remote"));
    assert_eq!(attribute(&local, attr::GEN_AI_USAGE_INPUT_TOKENS).as_deref(), Some("9"));
    assert_eq!(attribute(&local, attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS), None);
    assert_eq!(attribute(&local, attr::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS), None);
    assert_eq!(attribute(&remote, attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS).as_deref(), Some("5"));
}

#[test]
fn default_attributes_fill_what_a_span_does_not_tell() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_default_attributes(|start| {
        assert_ne!(start.operation(), Some("plan"), "a hook that panics");
        vec![
            KeyValue::new(attr::SERVER_ADDRESS, "llm.example.org"),
            KeyValue::new(attr::SERVER_PORT, "443"),
            KeyValue::new(attr::GEN_AI_PROVIDER_NAME, "openai"),
            KeyValue::new(attr::GEN_AI_RESPONSE_MODEL, "by default"),
            KeyValue::new(attr::GEN_AI_INPUT_MESSAGES, SECRET),
            KeyValue::new("unknown", SECRET),
        ]
    });
    let subscriber = tracing_subscriber::registry().with(tracer.clone().into_layer());
    tracing::subscriber::with_default(subscriber, || {
        let span = info_span!(
            "chat",
            gen_ai.operation.name = "chat",
            gen_ai.provider.name = "anthropic",
            gen_ai.response.model = Empty,
        );
        span.in_scope(|| ());
        span.record("gen_ai.response.model", "told late");
        info_span!("plan", gen_ai.operation.name = "plan").in_scope(|| ());
    });
    assert!(!recorder.tree().contains(SECRET));
    assert_eq!(tracer.stats().hook_panics, 1);
    assert_snapshot!(recorder.tree(), @r#"
    chat CLIENT
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "anthropic"
        gen_ai.response.model = "told late"
        server.address = "llm.example.org"
        server.port = 443
    plan
        gen_ai.operation.name = "plan"
    "#);
}
