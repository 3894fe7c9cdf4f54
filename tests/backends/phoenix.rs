//! Arize Phoenix: `src/phoenix/trace/gen_ai/conversion.py` of Arize-ai/phoenix.

use serde_json::{Value, json};
use tracing_genai::pipeline::Backend;

use crate::receiver::Span;
use crate::scenario::{RUN, at, named};

/// The kind of a span: its own, else the one that its operation is converted to.
fn kind(span: &Span) -> Option<&str> {
    let converted = |operation: &str| match operation {
        "chat" | "text_completion" | "generate_content" => Some("LLM"),
        "embeddings" => Some("EMBEDDING"),
        "execute_tool" => Some("TOOL"),
        "retrieval" => Some("RETRIEVER"),
        "invoke_agent" | "create_agent" => Some("AGENT"),
        _ => None,
    };
    let own = span.text("openinference.span.kind");
    own.or_else(|| converted(span.text("gen_ai.operation.name")?))
}

/// A list of messages, of which one that is no JSON is dropped.
fn messages(span: &Span, key: &str) -> Option<Vec<Value>> {
    let list: Vec<Value> = serde_json::from_str(span.text(key)?).ok()?;
    list.iter().all(|message| message["role"].is_string() && message["parts"].is_array()).then_some(list)
}

#[test]
fn every_span_of_an_agent_has_a_kind() {
    let spans = at(Backend::Phoenix);
    #[rustfmt::skip]
    let expected = [
        Some("CHAIN"), Some("AGENT"), Some("CHAIN"), None, Some("LLM"), Some("TOOL"), Some("CHAIN"), Some("LLM"),
        Some("RETRIEVER"), Some("EMBEDDING"), Some("CHAIN"),
    ];
    for (name, expected) in RUN.iter().zip(expected) {
        assert_eq!(kind(named(&spans, name)), expected, "{name}");
    }
}

#[test]
fn messages_are_json_that_it_converts() {
    let spans = at(Backend::Phoenix);
    let turn = named(&spans, "chat m-large");
    assert_eq!(messages(turn, "gen_ai.input.messages").unwrap().len(), 1);
    assert_eq!(messages(turn, "gen_ai.output.messages").unwrap()[0]["finish_reason"], "stop");
}

#[test]
fn session_user_project_and_cost() {
    let spans = at(Backend::Phoenix);
    for span in &spans {
        assert_eq!((span.text("session.id"), span.text("user.id")), (Some("c1"), Some("u1")), "{}", span.name);
        assert_eq!(span.resource["openinference.project.name"], "travel");
    }
    assert_eq!(named(&spans, "chat m-large").attributes["llm.cost.total"], json!(0.0125));
}

#[test]
fn tokens_are_counted_on_models_only_and_cache_writes_are_known() {
    let spans = at(Backend::Phoenix);
    let turn = named(&spans, "chat m-large");
    assert_eq!(turn.int("gen_ai.usage.cache_creation.input_tokens"), Some(10));
    assert_eq!(turn.int("gen_ai.usage.cache_read.input_tokens"), Some(40));
    // It adds up all spans of a trace.
    let total: i64 = spans.iter().filter_map(|span| span.int("gen_ai.usage.input_tokens")).sum();
    assert_eq!(total, 100 + 30 + 8);
}
