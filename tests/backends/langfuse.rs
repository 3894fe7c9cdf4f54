//! Langfuse: `ObservationTypeMapper.ts`, `OtelIngestionProcessor.ts`, `otelSpanSize.ts` of langfuse/langfuse.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tracing_genai::pipeline::Backend;
use tracing_genai::{Dialect, Dialects};

use crate::receiver::{Receiver, Span};
use crate::scenario::{RUN, at, named, pipeline, send, with};

/// The type of an observation: the first of these that says something.
fn observation_type(span: &Span) -> &'static str {
    let word = |key: &str, words: &[(&str, &'static str)]| {
        let value = span.text(key)?;
        words.iter().find(|(word, _)| *word == value).map(|(_, is)| *is)
    };
    #[rustfmt::skip]
    const DIRECT: &[(&str, &str)] = &[
        ("span", "SPAN"), ("generation", "GENERATION"), ("event", "EVENT"), ("embedding", "EMBEDDING"), ("agent", "AGENT"),
        ("tool", "TOOL"), ("chain", "CHAIN"), ("retriever", "RETRIEVER"), ("guardrail", "GUARDRAIL"), ("evaluator", "EVALUATOR"),
    ];
    #[rustfmt::skip]
    const OPERATIONS: &[(&str, &str)] = &[
        ("chat", "GENERATION"), ("text_completion", "GENERATION"), ("generate_content", "GENERATION"), ("generate", "GENERATION"),
        ("embeddings", "EMBEDDING"), ("invoke_agent", "AGENT"), ("create_agent", "AGENT"), ("execute_tool", "TOOL"),
    ];
    let has_tool = || span.has("gen_ai.tool.name") || span.has("gen_ai.tool.call.id");
    let has_model = || ["gen_ai.request.model", "gen_ai.response.model", "model"].iter().any(|key| span.has(key));
    word("langfuse.observation.type", DIRECT)
        .or_else(|| word("gen_ai.operation.name", OPERATIONS))
        .or_else(|| has_tool().then_some("TOOL"))
        .or_else(|| has_model().then_some("GENERATION"))
        .unwrap_or("SPAN")
}

/// Usage by type: what is cached is taken out of the input, reasoning out of the output; what it does not know becomes a type of
/// its own.
fn usage(span: &Span) -> BTreeMap<String, i64> {
    let mut usage = BTreeMap::new();
    let int = |key: &str| span.int(key).unwrap_or_default();
    let (read, written) = ("gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_creation.input_tokens");
    let reasoning = "gen_ai.usage.reasoning.output_tokens";
    for key in span.attributes.keys().filter(|key| key.starts_with("gen_ai.usage.") && *key != "gen_ai.usage.cost") {
        let (name, tokens) = match key.as_str() {
            "gen_ai.usage.input_tokens" => ("input", int(key) - int(read) - int(written)),
            "gen_ai.usage.output_tokens" => ("output", int(key) - int(reasoning)),
            key if key == read => ("input_cached_tokens", int(key)),
            key if key == written => ("input_cache_creation", int(key)),
            key if key == reasoning => ("output_reasoning_tokens", int(key)),
            other => (other.trim_start_matches("gen_ai.usage."), int(other)),
        };
        usage.insert(name.to_owned(), tokens);
    }
    usage
}

fn first<'a>(span: &'a Span, keys: &[&str]) -> Option<&'a str> {
    keys.iter().find_map(|key| span.text(key))
}

#[test]
fn every_span_has_its_type() {
    let spans = at(Backend::Langfuse);
    #[rustfmt::skip]
    let expected = ["CHAIN", "AGENT", "CHAIN", "SPAN", "GENERATION", "TOOL", "CHAIN", "GENERATION", "RETRIEVER", "EMBEDDING", "CHAIN"];
    for (name, expected) in RUN.iter().zip(expected) {
        assert_eq!(observation_type(named(&spans, name)), expected, "{name}");
    }
}

#[test]
fn every_span_has_session_and_user() {
    for span in at(Backend::Langfuse) {
        let session = first(&span, &["langfuse.session.id", "session.id", "gen_ai.conversation.id"]);
        let user = first(&span, &["langfuse.user.id", "user.id"]);
        assert_eq!((session, user), (Some("c1"), Some("u1")), "{}", span.name);
    }
}

#[test]
fn usage_is_counted_once_and_cached_tokens_are_no_input() {
    let spans = at(Backend::Langfuse);
    let expected = [
        ("input", 50),
        ("input_cache_creation", 10),
        ("input_cached_tokens", 40),
        ("output", 15),
        ("output_reasoning_tokens", 5),
    ];
    let expected: BTreeMap<String, i64> =
        expected.into_iter().map(|(name, tokens)| (name.to_owned(), tokens)).collect();
    assert_eq!(usage(named(&spans, "chat m-large")), expected);
    // All observations are added up: what the turns have, nobody else may have.
    let total: i64 = spans.iter().flat_map(|span| usage(span).into_values()).sum();
    assert_eq!(total, 120 + 33 + 8);
}

/// Newer and older names side by side, and newer ones alone.
#[test]
fn usage_is_counted_once_under_any_names() {
    for dialects in [Dialects::from([Dialect::Latest, Dialect::V1_41]), Dialect::Latest.into()] {
        let receiver = Receiver::start();
        send(pipeline().backend(with(Backend::Langfuse, &receiver).with_semconv(dialects)));
        let total: i64 = usage(named(&receiver.spans(), "chat m-large")).into_values().sum();
        assert_eq!(total, 120, "{dialects:?}");
    }
}

#[test]
fn the_first_chunk_has_a_time() {
    let spans = at(Backend::Langfuse);
    let turn = named(&spans, "chat m-large");
    let at = turn.text("langfuse.observation.completion_start_time").unwrap();
    // `isValidDateString`, and a quarter of a second after the start.
    let (date, time) = at.strip_suffix('Z').unwrap().split_once('T').unwrap();
    assert_eq!((date.len(), time.len()), (10, 15), "{at}");
    let seconds: f64 = time.split(':').fold(0.0, |sum, part| sum * 60.0 + part.parse::<f64>().unwrap());
    let started = (turn.start_nanos / 1000 % 86_400_000_000) as f64 / 1e6;
    let after = (seconds - started).rem_euclid(86_400.0);
    assert!((after - 0.25).abs() < 0.001, "{after}");
}

#[test]
fn prompt_cost_and_trace_name() {
    let spans = at(Backend::Langfuse);
    let turn = named(&spans, "chat m-large");
    assert_eq!(turn.text("langfuse.observation.prompt.name"), Some("ask"));
    assert_eq!(turn.int("langfuse.observation.prompt.version"), Some(3));
    let cost: Value = serde_json::from_str(turn.text("langfuse.observation.cost_details").unwrap()).unwrap();
    assert_eq!(cost, json!({"total": 0.0125}));
    for span in &spans {
        assert_eq!(span.text("langfuse.trace.name"), span.is_root.then_some("invoke_workflow trip"), "{}", span.name);
    }
}

#[test]
fn no_span_is_oversized() {
    for span in at(Backend::Langfuse) {
        let bytes: usize = span.attributes.values().filter_map(Value::as_str).map(str::len).sum();
        assert!(bytes <= 1_000_000, "{}", span.name);
    }
}
