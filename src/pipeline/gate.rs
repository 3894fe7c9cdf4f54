//! The last step before a sink: what has no business in an export is taken out here, whoever put it in.

use std::panic::{AssertUnwindSafe, catch_unwind};

use opentelemetry_sdk::trace::SpanData;

use crate::span::LastGate;

/// Attributes beyond the limit that the SDK keeps, so that those a sampler adds cannot push out what comes at the end
/// of a span; the gate keeps the limit.
pub(crate) const SAMPLER_ROOM: u32 = 64;

/// Lets `span` through `gate`; `None` if that panicked: what nobody has looked at does not leave. Such a span is in no
/// count of exports and so counts as dropped.
pub(crate) fn guarded(mut span: SpanData, gate: impl FnOnce(&mut SpanData)) -> Option<SpanData> {
    let passed = catch_unwind(AssertUnwindSafe(move || {
        gate(&mut span);
        span
    }));
    passed.ok()
}

/// Takes out of `span` what must not leave.
pub(crate) fn pass(gate: &LastGate, span: &mut SpanData) {
    let made = gate.judge(&mut span.attributes);
    gate.span_name(made, &mut span.name);
    gate.attributes(made, &mut span.attributes);
    let over = gate.limit(made, &mut span.attributes);
    span.dropped_attributes_count =
        span.dropped_attributes_count.saturating_add(u32::try_from(over).unwrap_or(u32::MAX));
    gate.status(made, &mut span.status);
    for event in &mut span.events.events {
        gate.event_name(made, &mut event.name);
        gate.parts(made, &mut event.attributes);
    }
    for link in &mut span.links.links {
        gate.parts(made, &mut link.attributes);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use opentelemetry::KeyValue;
    use opentelemetry::trace::{Event, Link, SpanContext, Status};
    use opentelemetry::trace::{Span as _, Tracer, TracerProvider};
    use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};

    use super::*;

    const CANARY: &str = "c4n4ry";

    /// A span that nobody of ours has seen, with a canary wherever one fits.
    fn unmarked(more: KeyValue) -> SpanData {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        provider.tracer("t").start("chat\nm").end();
        let mut span = exporter.get_finished_spans().unwrap().remove(0);
        let leaks = || {
            let keys = ["gen_ai.input.messages", "gen_ai.prompt.0.content", "prompt", "exception.message"];
            let mut leaks: Vec<_> = keys.map(|key| KeyValue::new(key, CANARY)).to_vec();
            leaks.push(KeyValue::new("gen_ai.usage.input_tokens", 12));
            leaks.push(KeyValue::new("gen_ai.usage.output_tokens", CANARY));
            leaks.push(KeyValue::new("agentic.content.ref.input_messages", CANARY));
            leaks
        };
        span.attributes = leaks();
        span.attributes.push(more);
        span.status = Status::error(CANARY);
        span.events.events.push(Event::new(CANARY.to_owned(), span.end_time, leaks(), 0));
        span.links.links.push(Link::new(SpanContext::empty_context(), leaks(), 0));
        span
    }

    fn passed(mut span: SpanData) -> SpanData {
        pass(&LastGate::new(Arc::default()), &mut span);
        span
    }

    #[test]
    fn nothing_of_a_genai_span_leaves_that_no_table_knows() {
        let span = passed(unmarked(KeyValue::new("gen_ai.operation.name", "chat")));
        assert!(!format!("{span:?}").contains(CANARY), "{span:?}");
        assert_eq!(span.name, "chat m");
        let keys: Vec<_> = span.attributes.iter().map(|pair| pair.key.as_str()).collect();
        assert_eq!(keys, ["gen_ai.usage.input_tokens", "gen_ai.operation.name"]);
        assert_eq!(span.events.events[0].name, "event");
        assert_eq!(span.status, Status::error(""));
    }

    #[test]
    fn a_plain_span_loses_its_content_only() {
        let span = passed(unmarked(KeyValue::new("db.system.name", "postgresql")));
        let keys: Vec<_> = span.attributes.iter().map(|pair| pair.key.as_str()).collect();
        let wanted = ["prompt", "exception.message", "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"];
        assert_eq!(keys[..4], wanted);
        assert_eq!(span.status, Status::error(CANARY));
    }

    #[test]
    fn a_panic_keeps_the_span_in() {
        let span = unmarked(KeyValue::new("k", 1));
        assert!(guarded(span.clone(), |_| panic!("the gate")).is_none());
        assert!(guarded(span, |_| {}).is_some());
    }
}
