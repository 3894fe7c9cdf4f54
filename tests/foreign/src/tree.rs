//! Spans as an indented tree, for snapshots.

use std::fmt::Write as _;

use opentelemetry::Value;
use opentelemetry::trace::{SpanKind, Status};
use opentelemetry_sdk::trace::SpanData;

/// Attributes whose values are another in every run.
#[rustfmt::skip]
const CHANGING: &[&str] = &[
    "busy_ns", "code.line.number", "gen_ai.response.time_to_first_chunk", "idle_ns", "server.port", "thread.id", "thread.name",
];
/// Attributes that tell where the program stands; a newer crate moves them.
const PLACES: &[&str] = &["code.file.path", "code.module.name"];

/// A line a span, below it its attributes by key, its events, and its children in the order of their starts.
pub fn tree(spans: &[SpanData]) -> String {
    let mut text = String::new();
    let is_root = |span: &&SpanData| !spans.iter().any(|other| other.span_context.span_id() == span.parent_span_id);
    for root in spans.iter().filter(is_root) {
        write(&mut text, spans, root, 0);
    }
    text
}

fn write(text: &mut String, spans: &[SpanData], span: &SpanData, depth: usize) {
    let indent = "  ".repeat(depth);
    let kind = match span.span_kind {
        SpanKind::Internal => "",
        SpanKind::Client => " CLIENT",
        _ => " OTHER",
    };
    let status = match &span.status {
        Status::Unset => String::new(),
        Status::Ok => " OK".to_owned(),
        Status::Error { description } => format!(" ERROR {description}"),
    };
    let _ = writeln!(text, "{indent}{}{kind}{}", span.name, status.trim_end());
    let mut attributes: Vec<_> = span.attributes.iter().map(|pair| (pair.key.as_str(), &pair.value)).collect();
    attributes.sort_by_key(|(key, _)| *key);
    for (key, value) in attributes {
        let _ = match value {
            _ if PLACES.contains(&key) => Ok(()),
            _ if CHANGING.contains(&key) => writeln!(text, "{indent}    {key}"),
            Value::String(value) => writeln!(text, "{indent}    {key} = {:?}", value.as_str()),
            other => writeln!(text, "{indent}    {key} = {other}"),
        };
    }
    for event in span.events.iter() {
        let _ = writeln!(text, "{indent}    * {}", event.name.lines().next().unwrap_or_default());
    }
    for child in spans.iter().filter(|child| child.parent_span_id == span.span_context.span_id()) {
        write(text, spans, child, depth + 1);
    }
}
