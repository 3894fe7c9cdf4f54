//! The two stacks, and what an application tells ours beside.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::trace::{SpanId, TraceId, TracerProvider};
use opentelemetry::{Array, KeyValue, Value};
use opentelemetry_sdk::trace::{IdGenerator, InMemorySpanExporter, SdkTracerProvider, SpanData};
use tracing::Subscriber;
use tracing_genai::semconv::attr;
use tracing_genai::{GenAiTracer, SpanStart};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;

use crate::{EMBEDDING_MODEL, MODEL};

/// Which stack turns `tracing` spans into OpenTelemetry's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stack {
    /// `tracing-opentelemetry` with its defaults.
    Before,
    /// `tracing_genai::layer`.
    After,
}

/// Ids 1, 2, 3 …: a trace is the same in every run.
#[derive(Debug, Default)]
struct Counting(AtomicU64);

impl IdGenerator for Counting {
    fn new_trace_id(&self) -> TraceId {
        TraceId::from(u128::from(self.0.fetch_add(1, Ordering::Relaxed) + 1))
    }

    fn new_span_id(&self) -> SpanId {
        SpanId::from(self.0.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

/// Facts that the application knows and the crates do not tell: where the model is served, and what it asked of the
/// embeddings. Nothing here depends on what the model answers, but one thing: a dated model answers as itself.
pub fn facts(server: SocketAddr) -> impl Fn(&SpanStart<'_>) -> Vec<KeyValue> + Send + Sync + 'static {
    move |start| {
        let mut facts = vec![
            KeyValue::new(attr::SERVER_ADDRESS, server.ip().to_string()),
            KeyValue::new(attr::SERVER_PORT, i64::from(server.port())),
        ];
        match start.operation() {
            Some("chat") => facts.push(KeyValue::new(attr::GEN_AI_RESPONSE_MODEL, MODEL)),
            Some("embeddings") => facts.extend([
                KeyValue::new(attr::GEN_AI_EMBEDDINGS_DIMENSION_COUNT, 3),
                KeyValue::new(attr::GEN_AI_REQUEST_ENCODING_FORMATS, Value::Array(Array::String(vec!["float".into()]))),
                KeyValue::new(attr::GEN_AI_RESPONSE_MODEL, EMBEDDING_MODEL),
            ]),
            _ => return Vec::new(),
        }
        facts
    }
}

/// What a program that looks for a mistake might have set: everything of the crates in question, little of others.
pub fn filter() -> Targets {
    Targets::new()
        .with_default(LevelFilter::INFO)
        .with_target("genai", LevelFilter::TRACE)
        .with_target("rig", LevelFilter::TRACE)
}

/// Records what ends.
pub struct Recorder {
    provider: SdkTracerProvider,
    exporter: InMemorySpanExporter,
}

impl Default for Recorder {
    fn default() -> Self {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder()
            .with_simple_exporter(exporter.clone())
            .with_id_generator(Counting::default())
            .build();
        Self { provider, exporter }
    }
}

impl Recorder {
    /// A subscriber with nothing but the layer of `stack`.
    pub fn subscriber(&self, stack: Stack, server: Option<SocketAddr>) -> Arc<dyn Subscriber + Send + Sync> {
        let tracer = self.provider.tracer("foreign");
        let registry = tracing_subscriber::registry().with(filter());
        match (stack, server) {
            (Stack::Before, _) => Arc::new(registry.with(tracing_opentelemetry::layer().with_tracer(tracer))),
            (Stack::After, None) => Arc::new(registry.with(tracing_genai::layer(tracer))),
            (Stack::After, Some(server)) => {
                let tracer = GenAiTracer::new(tracer).with_default_attributes(facts(server));
                Arc::new(registry.with(tracer.into_layer()))
            }
        }
    }

    /// What ended so far, in the order of the starts.
    pub fn spans(&self) -> Vec<SpanData> {
        let mut spans = self.exporter.get_finished_spans().unwrap_or_default();
        spans.sort_by_key(|span| span.span_context.span_id().to_bytes());
        spans
    }
}

/// Runs `work` under `stack` on this thread, and gives what it recorded. Ours gets no facts beside the spans.
pub fn record<F: Future<Output = ()>>(stack: Stack, work: F) -> Vec<SpanData> {
    record_with(stack, None, work)
}

/// [`record`], with the [`facts`] of the application about the model's server.
pub fn record_with<F: Future<Output = ()>>(stack: Stack, server: Option<SocketAddr>, work: F) -> Vec<SpanData> {
    let recorder = Recorder::default();
    let subscriber = recorder.subscriber(stack, server);
    tracing::subscriber::with_default(subscriber, || runtime().block_on(work));
    recorder.spans()
}

/// A runtime of one thread: everything runs where the subscriber is set.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}
