//! The application's code below us may panic or call back: the agent does not notice.

use opentelemetry::trace::{Link, SpanKind, TraceContextExt, TraceId, Tracer, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;
use tracing::field::Empty;
use tracing::{info, info_span};
use tracing_genai::GenAiTracer;
use tracing_genai::activity::{Operation, Turn};
use tracing_subscriber::layer::SubscriberExt;

use crate::support::Recorder;

#[derive(Clone, Debug, Default)]
struct Watching {
    seen: Arc<Mutex<Vec<String>>>,
    panics: bool,
}

impl ShouldSample for Watching {
    fn should_sample(
        &self,
        _: Option<&Context>,
        _: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        assert!(!self.panics, "a sampler with a bug");
        let mut keys: Vec<_> = attributes.iter().map(|pair| pair.key.as_str()).collect();
        keys.sort_unstable();
        self.seen.lock().expect("not poisoned").push(format!("{name} {kind:?} {}", keys.join(" ")));
        SamplingResult {
            decision: SamplingDecision::RecordAndSample,
            attributes: vec![],
            trace_state: Default::default(),
        }
    }
}

#[test]
fn samplers_see_name_kind_and_attributes() {
    let sampler = Watching::default();
    let recorder = Recorder::with_sampler(sampler.clone());
    let subscriber = tracing_subscriber::registry().with(tracing_genai::layer(recorder.sdk_tracer()));
    tracing::subscriber::with_default(subscriber, || {
        Turn::chat("openai", "gpt-4o").max_tokens(5).conversation("c-1").start().finish();
        info_span!(
            "x",
            gen_ai.operation.name = "chat",
            gen_ai.request.model = "gpt-4o",
            gen_ai.request.temperature = 0.1
        )
        .in_scope(|| ());
    });
    insta::assert_snapshot!(sampler.seen.lock().expect("not poisoned").join("\n"), @"
    chat gpt-4o Client gen_ai.conversation.id gen_ai.operation.name gen_ai.provider.name gen_ai.request.max_tokens gen_ai.request.model
    chat gpt-4o Client gen_ai.operation.name gen_ai.request.model
    ");
}

#[test]
fn a_panicking_sampler_costs_its_spans_and_nothing_else() {
    let recorder = Recorder::with_sampler(Watching { panics: true, ..Watching::default() });
    let tracer = recorder.tracer();
    let subscriber = tracing_subscriber::registry().with(tracer.clone().into_layer());
    tracing::subscriber::with_default(subscriber, || {
        let agent = Operation::prompt("a").start();
        agent.in_scope(|| {
            info_span!("plain").in_scope(|| tracing::error!("text"));
            info_span!("x", gen_ai.operation.name = "chat").in_scope(|| ());
            Turn::chat("openai", "m").start().fail_with("timeout");
        });
        assert!(agent.carrier().is_none());
    });
    assert_eq!(recorder.spans().len(), 0);
    assert_eq!(tracer.stats().tracer_panics, 4);
}

#[test]
fn a_resolver_may_panic_log_and_open_spans() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_root_context(|_| {
        tracing::error!("inside");
        info_span!("inside", gen_ai.operation.name = "chat").in_scope(|| {
            tracing::Span::current().record("x", 1);
        });
        panic!("a resolver with a bug");
    });
    let subscriber = tracing_subscriber::registry().with(tracer.clone().into_layer());
    tracing::subscriber::with_default(subscriber, || {
        Operation::prompt("a").start().finish();
        info_span!("x", gen_ai.operation.name = "chat").in_scope(|| ());
    });
    assert_eq!(recorder.spans().len(), 2);
    assert_eq!(tracer.stats().hook_panics, 2);
}

#[derive(Debug)]
struct PanicsAtEnd;

impl opentelemetry_sdk::trace::SpanProcessor for PanicsAtEnd {
    fn on_start(&self, _: &mut opentelemetry_sdk::trace::Span, _: &Context) {}

    fn on_end(&self, _: opentelemetry_sdk::trace::SpanData) {
        panic!("a processor with a bug");
    }

    fn force_flush(&self) -> opentelemetry_sdk::error::OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> opentelemetry_sdk::error::OTelSdkResult {
        Ok(())
    }
}

#[test]
fn a_processor_that_panics_at_the_end_is_counted() {
    let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder().with_span_processor(PanicsAtEnd).build();
    let tracer = GenAiTracer::new(provider.tracer("test"));
    let subscriber = tracing_subscriber::registry().with(tracer.clone().into_layer());
    tracing::subscriber::with_default(subscriber, || {
        Operation::prompt("a").start().in_scope(|| info_span!("plain").in_scope(|| ()));
    });
    assert_eq!(tracer.stats().tracer_panics, 2);
}

#[test]
fn a_plain_span_that_is_only_dropped_ends_without_a_panic() {
    let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder().with_span_processor(PanicsAtEnd).build();
    let tracer = GenAiTracer::new(provider.tracer("test"));
    drop(tracer.start("plain"));
    assert_eq!(tracer.stats().tracer_panics, 1);
}

/// Logs, records and opens spans while spans start and end.
#[derive(Debug)]
struct Busy(std::sync::atomic::AtomicUsize);

impl Busy {
    fn work(&self, context: &Context) {
        // Each span it opens calls it again.
        if self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed) > 50 {
            return;
        }
        tracing::error!("inside");
        tracing::Span::current().record("gen_ai.usage.input_tokens", 1_u64);
        for context in [context, &Context::current()] {
            context.span().set_attribute(KeyValue::new("gen_ai.response.id", "x"));
        }
        let turn = Turn::chat("openai", "inner").start();
        turn.in_scope(|| info_span!("plain").in_scope(|| info!("x")));
        turn.finish();
        info_span!("f", gen_ai.operation.name = "chat").in_scope(|| ());
    }
}

impl opentelemetry_sdk::trace::SpanProcessor for Busy {
    fn on_start(&self, _: &mut opentelemetry_sdk::trace::Span, context: &Context) {
        self.work(context);
    }

    fn on_end(&self, _: opentelemetry_sdk::trace::SpanData) {
        self.work(&Context::current());
    }

    fn force_flush(&self) -> opentelemetry_sdk::error::OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> opentelemetry_sdk::error::OTelSdkResult {
        Ok(())
    }
}

#[test]
fn a_processor_may_log_record_and_open_spans() {
    let (done, waiting) = mpsc::channel();
    std::thread::spawn(move || {
        let processor = Busy(0.into());
        let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder().with_span_processor(processor).build();
        let tracer = GenAiTracer::new(provider.tracer("test"));
        let subscriber = tracing_subscriber::registry().with(tracer.clone().into_layer());
        tracing::subscriber::with_default(subscriber, || {
            Operation::prompt("a").start().in_scope(|| {
                info_span!("plain").in_scope(|| tracing::error!("x"));
                let fields = info_span!("f", gen_ai.operation.name = "chat", gen_ai.response.id = Empty);
                fields.in_scope(|| fields.record("gen_ai.response.id", "y"));
                Turn::chat("openai", "m").start().finish();
            });
        });
        done.send(tracer.stats()).expect("the test waits");
    });
    let stats = waiting.recv_timeout(Duration::from_secs(10)).expect("no deadlock");
    assert_eq!((stats.open_spans, stats.tracer_panics), (0, 0));
}
