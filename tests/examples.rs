//! The examples as a user runs them: processes of their own, their output, and what they send.
//!
//! `cargo test` builds the examples; `cargo test --test examples` does not, run `cargo build --examples` before.

#[path = "support/program.rs"]
mod program;

use std::time::Duration;

use insta::assert_snapshot;
use program::{PROTOCOLS, example, run};
use tracing_genai::collector::{
    Collector, Durations, ReceivedLog, ReceivedPoint, ReceivedSpan, SpanKind, StatusCode, metric_errors, render,
    render_with, usage_errors,
};

/// Texts that are content: each is in the example's source and must not be in anything it prints or sends.
const CONTENT: &[&str] = &[
    "12 seats",                   // the question
    "INV-2041",                   // the question, a tool's arguments and the log event
    "which is not in the books",  // the log event
    "You answer customers",       // the instructions
    "Finds help articles",        // a tool's definition
    "may change the plan",        // an article, the delegated task, its result, the summary
    "change plan owner",          // a tool's arguments
    "38.40 euros",                // the summary and the answer
    "Summarize the conversation", // the prompt of the compaction
    "Make a plan",                // the prompt of the plan
    "Look up the prices",         // the plan
    "A part of a month costs",    // a skill
    "Cents per seat and month",   // its resource
    "12 seats since May",         // the answer of last time
    "Der Wechsel Ihrer",          // the translation
];

/// Everything the texts above come from.
const SOURCES: &[&str] = &[
    include_str!("../examples/agent/main.rs"),
    include_str!("../examples/agent/agent.rs"),
    include_str!("../examples/agent/mcp.rs"),
    include_str!("../examples/agent/search.rs"),
    include_str!("../examples/agent/tools.rs"),
    include_str!("../examples/agent/translator.rs"),
    include_str!("../examples/agent/replies/kept.json"),
    include_str!("../examples/agent/replies/plan.json"),
    include_str!("../examples/agent/replies/research.json"),
    include_str!("../examples/agent/replies/summary.json"),
];

const SPANS: usize = 32;

/// Runs the agent against a collector that it is told of by environment variables.
fn received(protocol: &str) -> (Vec<ReceivedSpan>, String) {
    let collector = Collector::builder().start().expect("a collector");
    let endpoint = if protocol == "grpc" { collector.grpc_endpoint() } else { collector.http_endpoint() };
    let mut agent = example("agent");
    agent.env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint).env("OTEL_EXPORTER_OTLP_PROTOCOL", protocol);
    let (out, _) = run(agent);
    assert!(collector.wait_for(SPANS, Duration::from_secs(5)), "{protocol}: {}", render(&collector.spans()));
    (collector.spans(), out)
}

#[track_caller]
fn assert_without_content(text: &str) {
    for content in CONTENT {
        assert!(!text.contains(content), "{content:?} is in\n{text}");
    }
}

#[test]
fn the_canaries_are_content_of_the_example() {
    for content in CONTENT {
        assert!(SOURCES.iter().any(|source| source.contains(content)), "{content:?} is nowhere in the example");
    }
}

#[test]
fn the_agent_prints_its_trace_as_it_was_received() {
    let (out, err) = run(example("agent"));
    let activities = [
        "invoke_workflow answer-ticket",                     // workflow
        "create_agent translator",                           // creation of an agent
        "invoke_agent support",                              // operation
        "search_memory",                                     // memory
        "fetch_response",                                    // earlier response
        "plan support",                                      // plan
        "chat gpt-4o-mini",                                  // turn
        "execute_tool search_articles",                      // tool
        "retrieval help-articles",                           // retrieval
        "embeddings text-embedding-3-small",                 // embeddings
        "execute_tool load_skill billing",                   // skill
        "execute_tool read_skill_resource billing rates.md", // resource of a skill
        "execute_tool run_command expr",                     // command
        "tools/call find_invoice",                           // MCP
        "invoke_agent researcher",                           // task
        "compact support",                                   // compaction
        "invoke_agent translator",                           // remote agent
    ];
    for activity in activities {
        assert!(out.contains(activity), "{activity} is not in\n{out}");
    }
    let failed = out.lines().find(|line| line.contains("execute_tool find_invoice"));
    assert!(failed.is_some_and(|line| line.ends_with("error invoice_not_found")), "{out}");
    let last = out.lines().last().unwrap_or_default();
    assert!(last.starts_with("trace ") && last.ends_with("32 spans exported, 0 failed, 0 dropped"), "{last}");
    for said in
        ["gen_ai.client.inference.duration", "gen_ai.client.inference.usage.input_tokens", "agentic.compactions"]
    {
        assert!(out.contains(said), "the metric {said} is not in\n{out}");
    }
    assert!(out.contains("gen_ai.evaluation.result"), "{out}");
    assert_eq!(err, "");
    assert_without_content(&out);
}

#[test]
fn the_agent_sends_the_same_tree_over_every_protocol() {
    let trees = PROTOCOLS.map(|protocol| {
        let (spans, out) = received(protocol);
        assert!(out.contains(&spans[0].trace_id) && out.contains("32 spans exported"), "{protocol}: {out}");
        assert_without_content(&out);
        // Names, attributes, events, links, status texts, resource: everything that came.
        assert_without_content(&format!("{spans:?}"));
        render_with(&spans, Durations::Hidden)
    });
    assert_snapshot!(trees[0], @"
    invoke_workflow answer-ticket
    ├─ create_agent translator
    ├─ invoke_agent support  4597→285 tokens
    │  ├─ search_memory
    │  ├─ fetch_response  gpt-4o-mini-2024-07-18
    │  ├─ plan support
    │  │  └─ chat gpt-4o-mini  142→31 tokens
    │  ├─ chat gpt-4o-mini  1184→52 tokens
    │  ├─ execute_tool search_articles
    │  │  └─ retrieval help-articles
    │  │     ├─ embeddings text-embedding-3-small  4 tokens in
    │  │     └─ rank articles
    │  ├─ execute_tool load_skill billing
    │  ├─ execute_tool find_invoice  error invoice_not_found
    │  │  └─ tools/call find_invoice  error tool_error
    │  │     └─ tools/call find_invoice  error tool_error
    │  ├─ chat gpt-4o-mini  1371→74 tokens, 1152 cached
    │  ├─ execute_tool read_skill_resource billing rates.md
    │  ├─ execute_tool run_command expr
    │  ├─ execute_tool delegate
    │  │  └─ invoke_agent researcher  395→40 tokens
    │  │     ├─ chat gpt-4o-mini  168→19 tokens
    │  │     ├─ execute_tool search_articles
    │  │     │  └─ retrieval help-articles
    │  │     │     ├─ embeddings text-embedding-3-small  3 tokens in
    │  │     │     └─ rank articles
    │  │     └─ chat gpt-4o-mini  227→21 tokens
    │  ├─ compact support  1.4k→81 tokens
    │  │  └─ chat gpt-4o-mini  1498→81 tokens, 1152 cached
    │  ├─ chat gpt-4o-mini  402→47 tokens
    │  └─ upsert_memory
    └─ invoke_agent translator  96→51 tokens
    ");
    assert_eq!(trees[0], trees[1]);
    assert_eq!(trees[0], trees[2]);
}

#[test]
fn every_turn_is_complete_and_the_failed_tool_is_an_error() {
    let (spans, _) = received("grpc");
    let turns: Vec<_> = spans.iter().filter(|span| span.str("gen_ai.operation.name") == Some("chat")).collect();
    assert_eq!(turns.len(), 7);
    for turn in &turns {
        for key in ["gen_ai.provider.name", "gen_ai.request.model", "server.address", "gen_ai.response.id"] {
            assert!(turn.str(key).is_some(), "{key} is missing in {turn:?}");
        }
        for key in ["server.port", "gen_ai.usage.input_tokens", "gen_ai.usage.cache_read.input_tokens"] {
            assert!(turn.int(key).is_some(), "{key} is missing in {turn:?}");
        }
        assert_eq!(turn.str("gen_ai.conversation.id"), Some("ticket-2041"));
        assert_eq!(turn.str("gen_ai.response.model"), Some("gpt-4o-mini-2024-07-18"));
        assert!(turn.attribute("gen_ai.response.finish_reasons").is_some());
        let streamed = turn.attribute("gen_ai.request.stream").is_some();
        assert_eq!(turn.attribute("gen_ai.response.time_to_first_chunk").is_some(), streamed, "{turn:?}");
    }
    assert_eq!(turns.iter().filter(|turn| turn.attribute("gen_ai.request.stream").is_some()).count(), 3);
    let compacted = |turn: &&&ReceivedSpan| turn.attribute("gen_ai.conversation.compacted").is_some();
    assert_eq!(turns.iter().filter(compacted).count(), 1, "only the answer comes after the compaction");
    let tool = spans.iter().find(|span| span.name == "execute_tool find_invoice").expect("the failing tool");
    assert_eq!((tool.status, tool.status_message.as_str()), (StatusCode::Error, ""));
    let ends: Vec<_> = spans.iter().filter(|span| span.name == "tools/call find_invoice").collect();
    let kinds: Vec<_> = ends.iter().map(|span| span.kind).collect();
    assert!(kinds.len() == 2 && kinds.contains(&SpanKind::Client) && kinds.contains(&SpanKind::Server), "{kinds:?}");
    assert!(ends.iter().all(|span| span.str("error.type") == Some("tool_error")), "{ends:?}");
    let events: Vec<_> = ends.iter().flat_map(|span| &span.events).map(|event| event.name.as_str()).collect();
    assert_eq!(events, ["log"]);
}

#[test]
fn the_agents_usage_is_counted_once_and_summed_to_the_top() {
    let (mut spans, _) = received("grpc");
    assert_eq!(usage_errors(&spans), []);
    // Calls of models, and the agent elsewhere whose turns are not in this trace; all others repeat them.
    let is_leaf = |span: &&ReceivedSpan| span.kind == SpanKind::Client;
    let input: i64 = spans.iter().filter(is_leaf).filter_map(|span| span.int("gen_ai.usage.input_tokens")).sum();
    let run = spans.iter_mut().find(|span| span.name == "invoke_workflow answer-ticket").expect("the run");
    assert_eq!((run.int("agentic.usage.input_tokens"), run.int("agentic.usage.turns")), (Some(input), Some(7)));
    // What it would be without keys of their own.
    run.attributes.iter_mut().for_each(|(key, _)| *key = key.replace("agentic.usage.", "gen_ai.usage."));
    assert!(usage_errors(&spans).len() > 6);
}

#[test]
fn metrics_and_events_say_what_the_spans_say() {
    for protocol in PROTOCOLS {
        let collector = Collector::builder().start().expect("a collector");
        let endpoint = if protocol == "grpc" { collector.grpc_endpoint() } else { collector.http_endpoint() };
        let mut agent = example("agent");
        agent.env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint).env("OTEL_EXPORTER_OTLP_PROTOCOL", protocol);
        run(agent);
        let (spans, metrics, logs) = (collector.spans(), collector.metrics(), collector.logs());
        assert_eq!(metric_errors(&spans, &metrics), [], "{protocol}");
        let turns = metrics.iter().find(|metric| metric.name == "gen_ai.client.inference.duration").expect("measured");
        assert_eq!(turns.points.iter().filter_map(ReceivedPoint::count).sum::<u64>(), 7);
        let details = logs.iter().filter(|log| log.event_name == "gen_ai.client.inference.operation.details");
        let of_turn = |log: &ReceivedLog| {
            spans.iter().any(|span| Some(&span.span_id) == log.span_id.as_ref() && span.name.starts_with("chat "))
        };
        assert_eq!(details.filter(|log| of_turn(log)).count(), 7);
        for content in CONTENT {
            collector.assert_no_content(content);
        }
    }
}

#[test]
fn without_an_endpoint_the_agent_prints_its_trace_and_its_metrics() {
    let (out, _) = run(example("agent"));
    assert!(out.starts_with("trace ") && out.contains("\nmetrics of "), "{out}");
    let tokens = out.lines().find(|line| line.starts_with("gen_ai.client.inference.usage.input_tokens"));
    assert!(tokens.is_some_and(|line| line.ends_with(" tokens")), "{out}");
}

#[test]
fn the_small_examples_print_what_they_teach() {
    let examples = ["quickstart", "tracing_fields", "own_pipeline", "root_context", "propagation"];
    let [quickstart, fields, pipeline, context, propagation] = examples.map(|name| run(example(name)).0);
    assert!(quickstart.contains("execute_tool forecast"), "{quickstart}");
    assert!(fields.contains("chat gpt-4o-mini") && fields.contains("19→4 tokens"), "{fields}");
    assert!(pipeline.contains("└─ llm") && pipeline.contains("└─ chat gpt-4o-mini"), "{pipeline}");
    let below = ["execute_tool current_span", "execute_tool named_span", "operation queued_job", "operation request"];
    for name in below.into_iter().chain(["operation started_process"]) {
        assert!(propagation.contains(&format!("─ {name}")), "{name} has no parent: {propagation}");
    }
    assert!(propagation.lines().any(|line| line.starts_with("invoke_workflow unrelated")), "{propagation}");
    assert!(context.contains("├─ execute_tool price") && context.contains("└─ operation audit"), "{context}");
}

#[test]
fn the_mcp_example_is_one_trace_over_two_processes() {
    let (out, err) = run(example("mcp"));
    assert_eq!(err, "");
    let trace = out.split("\n\n").next().expect("a trace");
    let without_times = |line: &str| line.split("  ").next().unwrap_or_default().trim_end().to_owned();
    let tree: Vec<String> = trace.lines().skip(1).map(without_times).collect();
    assert_snapshot!(tree.join("\n"), @"
    invoke_agent bookkeeper
    ├─ initialize
    │
    ├─ notifications/initialized
    │
    ├─ chat gpt-4o-mini
    ├─ tools/call find_invoice
    │
    │
    ├─ tools/call send_invoice
    │
    └─ tools/call pay_invoice
    ");
}

#[test]
fn the_content_example_shows_what_leaves() {
    let (out, err) = run(example("content"));
    assert_eq!(err, "");
    let parts: Vec<&str> = out.split("\n\n").collect();
    let [default, all, stored, observer, instrumentation] = parts.as_slice() else { panic!("five parts:\n{out}") };
    let attributes = |part: &str| part.matches("gen_ai.").count();

    assert_eq!(attributes(default), 0, "{default}");
    assert!(default.ends_with("in any form"), "{default}");

    assert_eq!(attributes(all), 6, "{all}");
    assert!(all.contains("I am [redacted:email], my key is [redacted:openai_key]."), "{all}");
    assert!(all.contains("messages omitted") && all.contains("agentic.content.truncated.input_messages"), "{all}");

    assert_eq!((attributes(stored), stored.matches("agentic.content.ref.").count()), (0, 6), "{stored}");
    assert!(stored.ends_with("6 files have the size and SHA-256 that the spans tell"), "{stored}");

    assert_eq!(attributes(observer), 2, "{observer}");
    assert!(observer.contains(r#"{"customer":"[hidden]"}"#), "{observer}");

    // Input takes its 40 KiB, and the output is whole.
    assert!(instrumentation.contains("truncated.input_messages"), "{instrumentation}");
    assert!(!instrumentation.contains("truncated.output_messages"), "{instrumentation}");
    assert!(instrumentation.contains("I am [customer]"), "{instrumentation}");
}
