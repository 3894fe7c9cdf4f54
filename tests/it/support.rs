//! Records what the SDK was given, and prints it as a tree.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::trace::{SpanId, SpanKind, Status, TraceId, TracerProvider};
use opentelemetry_sdk::trace::{
    IdGenerator, InMemorySpanExporter, Sampler, SdkTracer, SdkTracerProvider, ShouldSample, SpanData,
};
use tracing_genai::GenAiTracer;
use tracing_genai::activity::Operation;
use tracing_subscriber::layer::SubscriberExt;

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

/// A provider that keeps what ends.
#[derive(Debug)]
pub(crate) struct Recorder {
    provider: SdkTracerProvider,
    exporter: InMemorySpanExporter,
}

impl Default for Recorder {
    fn default() -> Self {
        Self::with_sampler(Sampler::AlwaysOn)
    }
}

impl Recorder {
    pub(crate) fn with_sampler(sampler: impl ShouldSample + 'static) -> Self {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder()
            .with_simple_exporter(exporter.clone())
            .with_id_generator(Counting::default())
            .with_sampler(sampler)
            .build();
        Self { provider, exporter }
    }

    pub(crate) fn sdk_tracer(&self) -> SdkTracer {
        self.provider.tracer("test")
    }

    pub(crate) fn tracer(&self) -> GenAiTracer<SdkTracer> {
        GenAiTracer::new(self.sdk_tracer())
    }

    /// What ended so far, in the order of the ends.
    pub(crate) fn spans(&self) -> Vec<SpanData> {
        self.exporter.get_finished_spans().expect("in memory")
    }

    /// Begins anew.
    pub(crate) fn forget(&self) {
        self.exporter.reset();
    }

    pub(crate) fn tree(&self) -> String {
        tree(&self.spans())
    }

    /// The ended span of that name; there must be one and only one.
    pub(crate) fn span(&self, name: &str) -> SpanData {
        let mut found = self.spans().into_iter().filter(|span| span.name == name);
        let span = found.next().unwrap_or_else(|| panic!("no span {name:?} in\n{}", self.tree()));
        assert!(found.next().is_none(), "two spans {name:?} in\n{}", self.tree());
        span
    }
}

/// Runs `work` under `tracer`, and gives the tree of what `recorder` has then.
pub(crate) fn with_tracer(recorder: &Recorder, tracer: &GenAiTracer<SdkTracer>, work: impl FnOnce()) -> String {
    let subscriber = tracing_subscriber::registry().with(tracer.clone().into_layer());
    tracing::subscriber::with_default(subscriber, work);
    recorder.tree()
}

/// Runs `work` under our layer, and gives what it recorded.
pub(crate) fn record(work: impl FnOnce()) -> Recorder {
    let recorder = Recorder::default();
    let subscriber = tracing_subscriber::registry().with(tracing_genai::layer(recorder.sdk_tracer()));
    tracing::subscriber::with_default(subscriber, work);
    recorder
}

/// [`record`], asynchronous, on this thread.
pub(crate) fn record_async(work: impl Future<Output = ()>) -> Recorder {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    record(|| runtime.block_on(work))
}

/// [`record`], in the span of an agent.
pub(crate) fn in_agent(work: impl FnOnce()) -> Recorder {
    record(|| Operation::prompt("support").conversation("c-1").start().in_scope(work))
}

pub(crate) fn attribute(span: &SpanData, key: &str) -> Option<String> {
    let mut found = span.attributes.iter().filter(|pair| pair.key.as_str() == key);
    let value = found.next().map(|pair| value(&pair.value));
    assert!(found.next().is_none(), "{key} twice on {}", span.name);
    value
}

fn value(value: &opentelemetry::Value) -> String {
    match value {
        opentelemetry::Value::String(text) => format!("{:?}", text.as_str()),
        other => other.to_string(),
    }
}

/// A tree: one line a span with kind and failure, below it its attributes by key, its events and its children in the
/// order of their starts.
pub(crate) fn tree(spans: &[SpanData]) -> String {
    let mut text = String::new();
    let is_root = |span: &&SpanData| !spans.iter().any(|other| other.span_context.span_id() == span.parent_span_id);
    let mut roots: Vec<&SpanData> = spans.iter().filter(is_root).collect();
    roots.sort_by_key(|span| span.span_context.span_id().to_bytes());
    for root in roots {
        write_span(&mut text, spans, root, 0);
    }
    text
}

fn write_span(text: &mut String, spans: &[SpanData], span: &SpanData, depth: usize) {
    let indent = "  ".repeat(depth);
    let kind = match span.span_kind {
        SpanKind::Internal => "",
        SpanKind::Client => " CLIENT",
        SpanKind::Server => " SERVER",
        _ => " OTHER",
    };
    let status = match &span.status {
        Status::Unset => String::new(),
        Status::Ok => " OK".to_owned(),
        Status::Error { description } => format!(" ERROR{description}"),
    };
    let remote = if span.parent_span_is_remote { format!(" < {}", span.parent_span_id) } else { String::new() };
    let _ = writeln!(text, "{indent}{}{kind}{status}{remote}", span.name);
    let mut attributes: Vec<_> = span.attributes.iter().collect();
    attributes.sort_by_key(|pair| pair.key.as_str().to_owned());
    for pair in attributes {
        let _ = writeln!(text, "{indent}    {} = {}", pair.key, value(&pair.value));
    }
    for event in &span.events.events {
        let attributes: Vec<_> = event.attributes.iter().map(|p| format!("{}={}", p.key, value(&p.value))).collect();
        let _ = writeln!(text, "{indent}    * {} {}", event.name, attributes.join(" "));
    }
    let mut children: Vec<_> =
        spans.iter().filter(|child| child.parent_span_id == span.span_context.span_id()).collect();
    children.sort_by_key(|child| child.span_context.span_id().to_bytes());
    for child in children {
        write_span(text, spans, child, depth + 1);
    }
}
