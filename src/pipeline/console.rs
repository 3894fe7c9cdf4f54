//! `OTEL_TRACES_EXPORTER=console`: one line a span on standard output, for people.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use opentelemetry::trace::Status;
use opentelemetry_sdk::trace::SpanData;

use super::error::one_line;
use super::sink::{Sink, SinkFuture};

/// The attributes shown. A list of what is shown, not of what is hidden: content must not reach a terminal by default.
const SHOWN: &[&str] = &[
    "error.type",
    "gen_ai.agent.name",
    "gen_ai.request.model",
    "gen_ai.tool.name",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
];

/// Prints spans.
pub(crate) struct Console;

impl Sink for Console {
    fn export(&self, batch: Vec<SpanData>) -> SinkFuture<'_> {
        let text: String = batch.iter().map(|span| line(span) + "\n").collect();
        let written = std::io::stdout().lock().write_all(text.as_bytes());
        let written = written.map_err(|error| format!("cannot write to standard output: {error}"));
        Box::pin(std::future::ready(written))
    }
}

/// `chat gpt-5  client  1.204s  ok  trace=… span=… parent=… gen_ai.usage.input_tokens=12`.
fn line(span: &SpanData) -> String {
    let status = match span.status {
        Status::Error { .. } => "error",
        Status::Unset | Status::Ok => "ok",
    };
    let lasted = span.end_time.duration_since(span.start_time).unwrap_or(Duration::ZERO);
    let kind = format!("{:?}", span.span_kind).to_lowercase();
    let ids = &span.span_context;
    let mut line = format!(
        "{}  {kind}  {:.3}s  {status}  trace={} span={} parent={}",
        one_line(&span.name),
        lasted.as_secs_f64(),
        ids.trace_id(),
        ids.span_id(),
        span.parent_span_id,
    );
    for attribute in &span.attributes {
        if SHOWN.contains(&attribute.key.as_str()) {
            let value = one_line(&attribute.value.as_str());
            // Writing to a string cannot fail.
            let _ = write!(line, " {}={value}", attribute.key);
        }
    }
    line
}
