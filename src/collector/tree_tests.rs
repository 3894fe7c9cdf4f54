//! Tests of the tree printer.
use super::*;
use crate::collector::AttributeValue::{self, Int, Str};
use crate::collector::StatusCode;

const MILLI: u64 = 1_000_000;

/// `id`, `parent` (empty = root), name, start and end in milliseconds.
fn span(ids: (&str, &str), name: &str, millis: (u64, u64)) -> ReceivedSpan {
    ReceivedSpan {
        trace_id: "4bf92f3577b34da6a3ce929d0e0e4736".to_owned(),
        span_id: ids.0.to_owned(),
        parent_span_id: (!ids.1.is_empty()).then(|| ids.1.to_owned()),
        name: name.to_owned(),
        start_unix_nanos: 1_000_000 * MILLI + millis.0 * MILLI,
        end_unix_nanos: 1_000_000 * MILLI + millis.1 * MILLI,
        ..ReceivedSpan::default()
    }
}

fn with<const N: usize>(span: ReceivedSpan, attributes: [(&str, AttributeValue); N]) -> ReceivedSpan {
    let attributes = attributes.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
    ReceivedSpan { attributes, ..span }
}

fn tokens(span: ReceivedSpan, input: i64, output: i64) -> ReceivedSpan {
    with(span, [("gen_ai.usage.input_tokens", Int(input)), ("gen_ai.usage.output_tokens", Int(output))])
}

fn text(value: &str) -> AttributeValue {
    Str(value.to_owned())
}

/// A turn answered by another model than the one asked for, partly from the cache.
fn cached_turn(turn: ReceivedSpan) -> ReceivedSpan {
    let cached = [
        ("gen_ai.usage.input_tokens", Int(1_204)),
        ("gen_ai.usage.output_tokens", Int(310)),
        ("gen_ai.usage.cache_read.input_tokens", Int(80)),
        ("gen_ai.response.model", text("o3-2026-01-01")),
    ];
    with(turn, cached)
}

/// An agent run with everything a line can say, in an order no exporter would send.
fn agent_run() -> Vec<ReceivedSpan> {
    let failed = ReceivedSpan {
        status: StatusCode::Error,
        ..with(span(("06", "02"), "execute_tool search", (1_100, 1_312)), [("error.type", text("timeout"))])
    };
    let compacted = [
        ("agentic.compaction.tokens_before", Int(12_400)),
        ("agentic.compaction.tokens_after", Int(3_000)),
        ("agentic.compaction.outcome", text("compacted")),
    ];
    vec![
        with(span(("08", "02"), "chat gpt-5", (3_000, 3_400)), [("agentic.outcome", text("cancelled"))]),
        with(span(("07", "02"), "compact writer", (1_500, 1_800)), compacted),
        tokens(span(("09", "07"), "chat gpt-5-mini", (1_510, 1_700)), 12_000, 900),
        failed,
        cached_turn(span(("03", "02"), "chat gpt-5", (20, 1_040))),
        tokens(span(("02", "01"), "invoke_agent writer", (10, 3_910)), 1_204, 310),
        span(("05", "04"), "SELECT docs", (1_102, 1_103)),
        span(("04", "02"), "execute_tool read_file", (1_100, 1_104)),
        span(("01", ""), "invoke_workflow release-notes", (0, 4_210)),
    ]
}

#[test]
fn an_agent_run_reads_from_top_to_bottom() {
    let text = render(&agent_run());
    assert!(text.lines().all(|line| line.chars().count() <= 100));
    insta::assert_snapshot!(text, @r"
    trace 4bf92f3577b34da6a3ce929d0e0e4736 · 9 spans · 4.21 s
    invoke_workflow release-notes   4.21 s
    └─ invoke_agent writer          3.90 s  1204→310 tokens
       ├─ chat gpt-5                1.02 s  o3-2026-01-01 · 1204→310 tokens, 80 cached
       ├─ execute_tool read_file      4 ms
       │  └─ SELECT docs              1 ms
       ├─ execute_tool search       212 ms  error timeout
       ├─ compact writer            300 ms  12k→3k tokens
       │  └─ chat gpt-5-mini        190 ms  12000→900 tokens
       └─ chat gpt-5                400 ms  cancelled
    ");
}

#[test]
fn hidden_durations_leave_nothing_that_differs_between_runs() {
    insta::assert_snapshot!(render_with(&agent_run(), Durations::Hidden), @r"
    invoke_workflow release-notes
    └─ invoke_agent writer  1204→310 tokens
       ├─ chat gpt-5  o3-2026-01-01 · 1204→310 tokens, 80 cached
       ├─ execute_tool read_file
       │  └─ SELECT docs
       ├─ execute_tool search  error timeout
       ├─ compact writer  12k→3k tokens
       │  └─ chat gpt-5-mini  12000→900 tokens
       └─ chat gpt-5  cancelled
    ");
}

#[test]
fn orphans_loops_and_other_traces_are_all_printed() {
    let other = ReceivedSpan { trace_id: "ab".repeat(16), ..span(("01", ""), "", (900, 0)) };
    let spans = [
        other,
        span(("02", "00f067aa0ba902b7"), "chat gpt-5", (5, 6)),
        span(("03", "02"), "execute_tool search", (6, 7)),
        span(("04", "05"), "a", (8, 9)),
        span(("05", "04"), "b", (9, 10)),
        span(("06", "06"), "own parent", (11, 12)),
    ];
    insta::assert_snapshot!(render(&spans), @r"
    trace 4bf92f3577b34da6a3ce929d0e0e4736 · 5 spans · 7 ms
    chat gpt-5                 1 ms  parent 00f067aa0ba902b7 not received
    └─ execute_tool search     1 ms
    a                          1 ms  parents in a loop
    └─ b                       1 ms
    own parent                 1 ms  parents in a loop

    trace abababababababababababababababab · 1 span · ?
    (no name)        ?
    ");
    insta::assert_snapshot!(render_with(&spans, Durations::Hidden), @r"
    chat gpt-5  parent not received
    └─ execute_tool search
    a  parents in a loop
    └─ b
    own parent  parents in a loop

    (no name)
    ");
}

#[test]
fn siblings_that_start_together_are_ordered_by_id() {
    let spans = [("04", 7), ("03", 7), ("02", 9), ("05", 1)].map(|(id, start)| span((id, "01"), id, (start, 10)));
    let spans = [&spans[..], &[span(("01", ""), "root", (0, 10))]].concat();
    assert_eq!(render_with(&spans, Durations::Hidden), "root\n├─ 05\n├─ 03\n├─ 04\n└─ 02\n");
}

#[test]
fn names_cannot_forge_lines() {
    let spans = [
        span(("01", ""), "agent\n└─ chat forged\r\x1b[2J\u{202e}", (0, 1)),
        with(span(("02", "01"), "chat", (0, 1)), [("error.type", text("x\ny"))]),
        with(span(("03", "01"), "chat", (0, 1)), [("gen_ai.request.model", text("\u{85}m"))]),
    ];
    let text = render_with(&spans, Durations::Hidden);
    assert_eq!(text.lines().count(), 3);
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
    assert!(text.starts_with("agent\\u{a}└─ chat forged\\u{d}\\u{1b}[2J\\u{202e}\n"));
}

#[test]
fn a_long_name_shifts_no_line_but_its_own() {
    let spans = [span(("01", ""), &"n".repeat(5_000), (0, 1)), span(("02", "01"), "chat", (0, 1))];
    let text = render(&spans);
    let lines: Vec<&str> = text.lines().skip(1).collect();
    assert_eq!(lines[0], format!("{}…     1 ms", "n".repeat(64)));
    assert_eq!(lines[1], "└─ chat     1 ms");
}

#[test]
fn a_chain_of_ten_thousand_is_printed_in_a_narrow_column() {
    let chain: Vec<ReceivedSpan> = (0..10_000)
        .map(|n| {
            let parent = if n == 0 { String::new() } else { format!("{:016x}", n) };
            span((&format!("{:016x}", n + 1), &parent), "step", (n, 20_000))
        })
        .collect();
    let text = render(&chain);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 10_001);
    assert!(lines.iter().all(|line| line.chars().count() <= 70));
    let depths = [1, 2, 13, 14, 10_000].map(|n| lines[n].trim_end_matches(|c| c != 'p').trim_start());
    assert_eq!(depths, ["step", "└─ step", "└─ step", "⋯13 step", "⋯9999 step"]);
}

#[test]
fn no_spans_are_no_text() {
    assert_eq!(render(&[]), "");
}
