//! The examples of clients, as a user runs them: one turn for each call of a model, and whole ones.

#[path = "../../support/program.rs"]
mod program;

use insta::assert_snapshot;
use program::{PROTOCOLS, assert_turns, received};
use tracing_genai::collector::{Durations, ReceivedSpan, render_with};

/// Texts that are content: of the examples, and of the recorded replies and errors.
#[rustfmt::skip]
const CONTENT: &[&str] = &[
    "How warm", "Lisbon", "once refused", "[refused]", "in pieces", "about the sea", "without the sea", "19 °C", "The weather in",
    "My name is Claude", "Hello", "wörld", "Rate limit reached",
];

/// The spans of an example, the same over every protocol, with as many calls of a model.
fn spans(name: &str, turns: usize) -> Vec<ReceivedSpan> {
    let [grpc, protobuf, json] = PROTOCOLS.map(|protocol| {
        let (spans, out) = received(name, protocol);
        assert_turns(&spans, turns);
        for content in CONTENT {
            assert!(!format!("{spans:?} {out}").contains(content), "{content:?} is in\n{spans:#?}\n{out}");
        }
        spans
    });
    assert_eq!(tree(&grpc), tree(&protobuf));
    assert_eq!(tree(&grpc), tree(&json));
    grpc
}

fn tree(spans: &[ReceivedSpan]) -> String {
    render_with(spans, Durations::Hidden)
}

#[test]
fn async_openais_retries_are_one_turn() {
    let spans = spans("async_openai", 3);
    assert_snapshot!(tree(&spans), @"
    invoke_agent support  2025→20 tokens
    ├─ chat gpt-5.4-mini  gpt-5.4-2026-03-05 · 2006→10 tokens, 1920 cached
    ├─ chat gpt-5.4-mini  19→10 tokens, 8 cached
    └─ embeddings text-embedding-3-small  8 tokens in
    ");
    let resent: Vec<i64> = spans.iter().filter_map(|span| span.int("agentic.http.resend_count")).collect();
    assert_eq!(resent, [1]);
}

#[test]
fn rigs_spans_are_completed_and_not_doubled() {
    let spans = spans("rig", 3);
    assert_snapshot!(tree(&spans), @"
    invoke_agent forecaster  2074→27 tokens
    ├─ chat gpt-5.4-mini  gpt-4o-mini-2024-07-18 · 68→17 tokens
    ├─ execute_tool get_weather
    └─ chat gpt-5.4-mini  gpt-5.4-2026-03-05 · 2006→10 tokens, 1920 cached

    invoke_agent forecaster  error PromptError
    └─ chat gpt-5.4-mini  error rate_limit
    ");
    for turn in spans.iter().filter(|span| program::is_turn(span)) {
        // None of it is in rig's own fields.
        assert!(
            turn.str("server.address").is_some() && turn.attribute("gen_ai.request.temperature").is_some(),
            "{turn:#?}"
        );
        let ended = turn.attribute("gen_ai.response.finish_reasons").or(turn.attribute("error.type"));
        assert!(ended.is_some(), "{turn:#?}");
    }
}

#[test]
fn genais_replies_are_handed_over() {
    assert_snapshot!(tree(&spans("genai", 2)), @"
    invoke_agent writer  7302→518 tokens
    ├─ chat claude-opus-4-6  6197→503 tokens, 2051 cached
    └─ chat claude-opus-4-6  1105→15 tokens, 1000 cached
    ");
}

/// The code in `docs/clients.md` that says that it is from an example is in that example, but for the indentation.
#[test]
fn the_pages_code_is_that_of_the_examples() {
    let page = include_str!("../../../docs/clients.md");
    let mut count = 0;
    for block in page.split("```rust,ignore (from ").skip(1) {
        let (path, rest) = block.split_once(")\n").unwrap();
        let (code, _) = rest.split_once("```").unwrap();
        let example = std::fs::read_to_string(format!("../../{path}")).unwrap();
        let lines = |text: &str| text.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>();
        let (code, example) = (lines(code), lines(&example));
        assert!(example.windows(code.len()).any(|window| window == code), "not in {path}:\n{}", code.join("\n"));
        count += 1;
    }
    assert!(count > 3, "{count}");
}
