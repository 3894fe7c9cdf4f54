//! The last step before a sink: what has no business in an export is taken out here, whoever put it in.

use opentelemetry_sdk::trace::SpanData;

use crate::content::contained;
use crate::span::LastGate;

/// Attributes beyond the limit that the SDK keeps, so that those a sampler adds cannot push out what comes at the end
/// of a span; the gate keeps the limit.
pub(crate) const SAMPLER_ROOM: u32 = 64;

/// Lets `span` through `gate`; `None` if that panicked: what nobody has looked at does not leave. Such a span is in no
/// count of exports and so counts as dropped.
pub(crate) fn guarded(mut span: SpanData, gate: impl FnOnce(&mut SpanData)) -> Option<SpanData> {
    contained(move || {
        gate(&mut span);
        span
    })
}

/// Takes out of `span` what must not leave.
pub(crate) fn pass(gate: &LastGate, span: &mut SpanData) {
    let made = gate.judge(&mut span.attributes);
    gate.span_name(made, &mut span.name);
    gate.own_content(&mut span.attributes, span.dropped_attributes_count);
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
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use opentelemetry::trace::{Event, Link, SpanContext, SpanKind, Status};
    use opentelemetry::trace::{Span as _, Tracer, TracerProvider};
    use opentelemetry::{Context, KeyValue, TraceId};
    use opentelemetry_sdk::error::OTelSdkResult;
    use opentelemetry_sdk::trace::{
        InMemorySpanExporter, SamplingDecision, SamplingResult, SdkTracerProvider, ShouldSample, Span, SpanProcessor,
    };
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;
    use crate::content::Content;
    use crate::span::{GenAiTracer, Profile, Settings, Shared};

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

    /// A sampler that adds content, and as many other attributes.
    #[derive(Clone, Debug)]
    struct Adding(usize);

    impl ShouldSample for Adding {
        fn should_sample(
            &self,
            _: Option<&Context>,
            _: TraceId,
            _: &str,
            _: &SpanKind,
            _: &[KeyValue],
            _: &[opentelemetry::trace::Link],
        ) -> SamplingResult {
            let others = (0..self.0).map(|at| KeyValue::new(format!("other.{at}"), 1));
            let keys = ["gen_ai.input.messages", "gen_ai.output.messages", "flue.turn.input", "flue.turn.output"];
            let told = ["agentic.content.ref.input_messages", "agentic.content.sha256.output_messages"];
            let added = keys.into_iter().chain(told).map(|key| KeyValue::new(key, CANARY));
            let attributes = others.chain(added).collect();
            SamplingResult { decision: SamplingDecision::RecordAndSample, attributes, trace_state: Default::default() }
        }
    }

    /// Lets spans through their last gate, as the export thread does.
    #[derive(Debug, Default)]
    struct Passing(Arc<Mutex<Vec<SpanData>>>);

    impl SpanProcessor for Passing {
        fn on_start(&self, _: &mut Span, _: &Context) {}

        fn on_end(&self, mut span: SpanData) {
            pass(&LastGate::of(span.span_context.span_id()).expect("a mark"), &mut span);
            self.0.lock().unwrap().push(span);
        }

        fn force_flush(&self) -> OTelSdkResult {
            Ok(())
        }

        fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
            Ok(())
        }
    }

    fn sampled(sampler: Adding, profile: Profile) -> SpanData {
        let passed = Arc::default();
        let processor = Passing(Arc::clone(&passed));
        let provider = SdkTracerProvider::builder().with_sampler(sampler).with_span_processor(processor).build();
        let settings = Settings { content: Content::all(), profile, gated_twice: true, ..Settings::default() };
        let tracer = GenAiTracer::with_shared(provider.tracer("t"), Arc::new(Shared::new(settings)));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(tracer.into_layer()), || {
            let messages = r#"[{"role":"user","parts":[{"type":"text","content":"own"}]}]"#;
            let name = "chat";
            tracing::info_span!("c", gen_ai.operation.name = name, gen_ai.input.messages = messages).in_scope(|| {});
        });
        passed.lock().unwrap().remove(0)
    }

    #[test]
    fn content_that_a_sampler_adds_stays_in_while_content_is_on() {
        for (profile, key) in [(Profile::GenAi, "gen_ai.input.messages"), (Profile::Flue, "flue.turn.input")] {
            let span = sampled(Adding(0), profile);
            assert!(!format!("{span:?}").contains(CANARY), "{span:?}");
            let own: Vec<_> = span.attributes.iter().filter(|pair| pair.key.as_str() == key).collect();
            assert!(own.len() == 1 && own[0].value.as_str().contains("own"), "{own:?}");
        }
    }

    #[test]
    fn content_of_a_sampler_is_not_taken_for_ours_that_had_no_room() {
        let span = sampled(Adding(124), Profile::GenAi);
        assert!(span.dropped_attributes_count > 0);
        assert!(!format!("{span:?}").contains(CANARY), "{span:?}");
    }

    #[test]
    fn a_panic_keeps_the_span_in() {
        let span = unmarked(KeyValue::new("k", 1));
        assert!(guarded(span.clone(), |_| panic!("the gate")).is_none());
        assert!(guarded(span, |_| {}).is_some());
    }
}
