//! The other backends: what their pages and sources say they read, each in its own words.

use serde_json::{Value, json};
use tracing_genai::pipeline::Backend;

use crate::receiver::Span;
use crate::scenario::{CANARY, at, named};

/// Operations of the view of agents in jaeger-ui; any other is `UNKNOWN_GENAI`.
#[rustfmt::skip]
const OPERATIONS: &[&str] = &[
    "chat", "create_agent", "embeddings", "execute_tool", "generate_content", "invoke_agent", "invoke_workflow", "plan",
    "retrieval", "text_completion",
];

#[test]
fn jaeger_knows_every_operation() {
    for span in at(Backend::Jaeger) {
        if let Some(operation) = span.text("gen_ai.operation.name") {
            assert!(OPERATIONS.contains(&operation), "{operation}");
        }
    }
}

#[test]
fn tempo_gets_no_value_that_it_would_cut() {
    for span in at(Backend::Tempo) {
        for (key, value) in &span.attributes {
            let Some(text) = value.as_str() else { continue };
            assert!(text.len() <= 2048, "{key}: {}", text.len());
            if text.starts_with(['[', '{']) {
                assert!(serde_json::from_str::<Value>(text).is_ok(), "{key}: {text}");
            }
        }
    }
    let spans = at(Backend::Tempo);
    let turn = named(&spans, "chat m-large");
    assert!(turn.text("gen_ai.input.messages").unwrap().contains(CANARY));
    assert!(turn.int("agentic.content.truncated.input_messages").is_some_and(|missing| missing > 1000));
    assert!(turn.attributes["gen_ai.usage.input_tokens"].is_i64());
}

#[test]
fn langsmith_knows_provider_kind_session_user_and_reasoning() {
    let spans = at(Backend::LangSmith);
    let turn = named(&spans, "chat m-large");
    // metadata.ls_provider
    assert_eq!(turn.text("gen_ai.system"), Some("anthropic"));
    assert_eq!(turn.int("gen_ai.usage.details.reasoning_tokens"), Some(5));
    let kinds = ["llm", "chain", "tool", "retriever", "embedding", "prompt", "parser"];
    for span in spans.iter().filter(|span| span.is_genai()) {
        assert!(kinds.contains(&span.text("langsmith.span.kind").unwrap()), "{}", span.name);
    }
    assert_eq!(turn.text("langsmith.span.kind"), Some("llm"));
    for span in &spans {
        let ids = (span.text("langsmith.trace.session_id"), span.text("langsmith.metadata.user_id"));
        assert_eq!(ids, (Some("c1"), Some("u1")), "{}", span.name);
    }
}

#[test]
fn mlflow_shows_input_and_output_of_the_root() {
    let spans = at(Backend::MLflow);
    let root = spans.iter().find(|span| span.is_root).unwrap();
    let json = |key: &str| serde_json::from_str::<Value>(root.text(key).unwrap()).unwrap();
    assert_eq!(json("mlflow.spanInputs"), json!({"where": CANARY}));
    assert_eq!(json("mlflow.spanOutputs"), json!(CANARY));
    assert!(spans.iter().filter(|span| !span.is_root).all(|span| !span.has("mlflow.spanInputs")));
    for span in &spans {
        assert_eq!(
            (span.text("session.id"), span.text("mlflow.trace.user")),
            (Some("c1"), Some("u1")),
            "{}",
            span.name
        );
    }
    assert_eq!(named(&spans, "chat m-large").int("gen_ai.usage.cache_creation.input_tokens"), Some(10));
}

/// Agent Timeline: conversation, agent and operation are required; model calls by these operations.
fn is_model_call(span: &Span) -> bool {
    matches!(span.text("gen_ai.operation.name"), Some("chat" | "generate_content" | "text_completion"))
}

#[test]
fn honeycomb_finds_agent_and_conversation_on_every_span_below_the_agent() {
    let spans = at(Backend::Honeycomb);
    for span in &spans {
        assert_eq!(span.text("gen_ai.conversation.id"), Some("c1"), "{}", span.name);
        let is_above = ["invoke_workflow trip", "operation review"].contains(&span.name.as_str());
        assert_eq!(span.text("gen_ai.agent.name"), (!is_above).then_some("scout"), "{}", span.name);
        assert!(span.attributes.values().filter_map(Value::as_str).all(|text| text.len() <= 64 * 1024));
    }
    assert_eq!(spans.iter().filter(|span| is_model_call(span)).count(), 2);
}

#[test]
fn datadog_reads_the_names_of_1_37() {
    let spans = at(Backend::Datadog);
    let turn = named(&spans, "chat m-large");
    for key in ["gen_ai.provider.name", "gen_ai.operation.name", "gen_ai.request.model"] {
        assert!(turn.has(key), "{key}");
    }
    assert!(!turn.has("gen_ai.usage.cache_write.input_tokens"));
    assert_eq!(turn.int("gen_ai.usage.cache_creation.input_tokens"), Some(10));
}

#[test]
fn logfire_has_its_badges_and_knows_what_is_json() {
    let spans = at(Backend::Logfire);
    let turn = named(&spans, "chat m-large");
    assert_eq!(turn.text("gen_ai.system"), Some("anthropic"));
    assert_eq!(turn.attributes["operation.cost"], json!(0.0125));
    let schema: Value = serde_json::from_str(turn.text("logfire.json_schema").unwrap()).unwrap();
    for (key, value) in &turn.attributes {
        let is_json = value.as_str().is_some_and(|text| text.starts_with("[{") || text.starts_with("{\"q"));
        assert_eq!(schema["properties"].get(key).is_some(), is_json, "{key}");
    }
}

#[test]
fn posthog_counts_a_generation() {
    let spans = at(Backend::PostHog);
    let turn = named(&spans, "chat m-large");
    assert_eq!(turn.text("$ai_session_id"), Some("c1"));
    assert_eq!(turn.text("posthog.distinct_id"), Some("u1"));
    assert_eq!(turn.int("$ai_cache_read_input_tokens"), Some(40));
    assert_eq!(turn.int("$ai_cache_creation_input_tokens"), Some(10));
    assert_eq!(turn.int("$ai_reasoning_tokens"), Some(5));
    assert_eq!(turn.attributes["$ai_cache_reporting_exclusive"], json!(false));
    assert_eq!(turn.attributes["$ai_total_cost_usd"], json!(0.0125));
    assert_eq!(turn.attributes["$ai_time_to_first_token"], json!(0.25));
    assert!(!named(&spans, "execute_tool search").has("$ai_cache_reporting_exclusive"));
}

#[test]
fn sentry_gets_the_operation_as_it_calls_it() {
    for span in at(Backend::Sentry) {
        let expected = span.text("gen_ai.operation.name").map(|name| format!("gen_ai.{name}"));
        assert_eq!(span.text("sentry.op"), expected.as_deref(), "{}", span.name);
    }
}
