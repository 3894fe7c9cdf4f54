//! The examples of clients, as a user runs them: one turn for each call of a model, and whole ones.
//!
//! `cargo test` builds the examples; `cargo test --test clients` does not, run `cargo build --examples` before.

#[path = "support/models/mod.rs"]
mod models;
#[path = "support/program.rs"]
mod program;
#[path = "clients/server.rs"]
mod server;

use insta::assert_snapshot;
use program::{PROTOCOLS, assert_turns, example, received, run};
use tracing_genai::collector::{Durations, render_with};

/// Texts that are content: of the examples, and of the recorded replies and errors.
#[rustfmt::skip]
const CONTENT: &[&str] = &[
    "How warm", "Lisbon", "too long", "refused", "Which book", "about the sea", "without the sea", "19 °C", "The weather in",
    "My name is Claude", "San Francisco", "Hello", "wörld", "Field required", "exceeded your",
];

/// The tree of an example, the same over every protocol, with as many calls of a model.
fn tree(name: &str, turns: usize) -> String {
    let trees = PROTOCOLS.map(|protocol| {
        let (spans, out) = received(name, protocol);
        assert_turns(&spans, turns);
        for content in CONTENT {
            assert!(!format!("{spans:?} {out}").contains(content), "{content:?} is in\n{spans:#?}\n{out}");
        }
        render_with(&spans, Durations::Hidden)
    });
    assert!(trees.iter().all(|tree| *tree == trees[0]), "{trees:#?}");
    trees[0].clone()
}

#[test]
fn anthropic_over_plain_reqwest() {
    assert_snapshot!(tree("anthropic", 3), @"
    invoke_agent weather-guide  6669→592 tokens
    ├─ chat claude-opus-4-6  472→89 tokens
    ├─ execute_tool get_weather
    └─ chat claude-opus-4-6  6197→503 tokens, 2051 cached

    invoke_agent weather-guide  error reqwest_middleware.Error
    └─ chat claude-opus-4-6  error invalid_request
    ");
}

#[test]
fn streams_through_the_middleware_and_by_hand() {
    assert_snapshot!(tree("streaming", 2), @"
    invoke_agent writer  19→10 tokens
    └─ chat gpt-5.4-mini  19→10 tokens, 8 cached

    invoke_agent editor  1105→15 tokens
    └─ chat claude-opus-4-6  1105→15 tokens, 1000 cached
    ");
}

#[test]
fn replies_handed_over_as_they_are() {
    assert_snapshot!(tree("reply", 2), @"
    invoke_agent librarian  1057→22 tokens
    ├─ generate_content gemini-2.5-flash  1057→22 tokens, 1024 cached
    └─ generate_content gemini-2.5-flash  error rate_limit
    ");
}

#[test]
fn they_print_their_trace() {
    for name in ["anthropic", "streaming", "reply"] {
        let (out, err) = run(example(name));
        assert!(out.starts_with("trace ") && out.contains("─ ") && out.contains("spans exported, 0 failed"), "{out}");
        assert_eq!(err, "", "{name}");
    }
}
