//! The same work under six stacks: what is measured, for every bench.

use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context as Task, Poll, Waker};
use std::time::Duration;

use futures_core::Stream;
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry::trace::{Span as _, SpanKind, Tracer as _, TracerProvider as _};
use opentelemetry::{Array, Context, InstrumentationScope, KeyValue, Value};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogProcessor, SdkLogRecord, SdkLoggerProvider};
use opentelemetry_sdk::metrics::{ManualReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, Span, SpanData, SpanProcessor};
use tracing::{Dispatch, field, info_span};
use tracing_genai::GenAiTracer;
use tracing_genai::activity::{Guard, Turn, TurnStream, Usage};
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::Registry;
use tracing_subscriber::layer::SubscriberExt;

/// Takes every span, and drops it: the pipeline behind is the same for all and not what is measured.
#[derive(Debug)]
struct Sink;

impl SpanProcessor for Sink {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        black_box(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

pub(crate) fn tracer() -> SdkTracer {
    SdkTracerProvider::builder().with_span_processor(Sink).build().tracer("bench")
}

/// A subscriber with nothing on it.
pub(crate) fn registry() -> Dispatch {
    Dispatch::new(Registry::default())
}

/// tracing-opentelemetry as it comes.
pub(crate) fn defaults() -> Dispatch {
    Dispatch::new(Registry::default().with(tracing_opentelemetry::layer().with_tracer(tracer())))
}

/// tracing-opentelemetry with location, threads, level and target off.
pub(crate) fn lean() -> Dispatch {
    Dispatch::new(Registry::default().with(quiet()))
}

/// The same without tracking of inactivity: nothing is left to switch off. `layer()` sets it up like this.
pub(crate) fn leanest() -> Dispatch {
    Dispatch::new(Registry::default().with(quiet().with_tracked_inactivity(false)))
}

fn quiet() -> OpenTelemetryLayer<Registry, SdkTracer> {
    OpenTelemetryLayer::new(tracer()).with_location(false).with_threads(false).with_target(false).with_level(false)
}

/// Our layer.
pub(crate) fn ours() -> Dispatch {
    Dispatch::new(Registry::default().with(tracing_genai::layer(tracer())))
}

/// Our layer, with metrics; the reader collects once a minute.
pub(crate) fn measured() -> Dispatch {
    let meters = SdkMeterProvider::builder().with_reader(ManualReader::builder().build()).build();
    let tracer = GenAiTracer::new(tracer()).with_meter(&meters.meter("bench"));
    // For as long as the process: without its provider a meter measures nothing.
    std::mem::forget(meters);
    Dispatch::new(Registry::default().with(tracer.into_layer()))
}

/// Takes every log record, and drops it, like [`Sink`].
#[derive(Debug)]
struct LogSink;

impl LogProcessor for LogSink {
    fn emit(&self, record: &mut SdkLogRecord, _: &InstrumentationScope) {
        black_box(record);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }
}

/// [`measured`], with log events.
pub(crate) fn signalled() -> Dispatch {
    let meters = SdkMeterProvider::builder().with_reader(ManualReader::builder().build()).build();
    let logs = SdkLoggerProvider::builder().with_log_processor(LogSink).build();
    let tracer = GenAiTracer::new(tracer()).with_meter(&meters.meter("bench")).with_logger_provider(&logs);
    // See `measured`.
    std::mem::forget((meters, logs));
    Dispatch::new(Registry::default().with(tracer.into_layer()))
}

const CONVERSATION: &str = "0198f2a4-7d3e-7c11-9a55-3d1f0c6be210";

/// A model turn as plain fields: 10 attributes at start, 8 later; `$more` goes first.
macro_rules! turn {
    ($($more:tt)*) => {{
        let span = info_span!(
            "chat",
            $($more)*
            gen_ai.operation.name = "chat",
            gen_ai.provider.name = "openai",
            gen_ai.request.model = "gpt-4o",
            gen_ai.conversation.id = black_box(CONVERSATION),
            gen_ai.agent.name = "researcher",
            gen_ai.request.max_tokens = 1024_i64,
            gen_ai.request.temperature = 0.2,
            gen_ai.request.top_p = 0.9,
            server.address = "api.openai.com",
            server.port = 443_i64,
            gen_ai.response.id = field::Empty,
            gen_ai.response.model = field::Empty,
            gen_ai.response.finish_reasons = field::Empty,
            gen_ai.usage.input_tokens = field::Empty,
            gen_ai.usage.output_tokens = field::Empty,
            gen_ai.usage.cache_read.input_tokens = field::Empty,
            gen_ai.usage.cache_write.input_tokens = field::Empty,
            gen_ai.usage.reasoning.output_tokens = field::Empty,
        );
        span.in_scope(|| black_box(()));
        span.record("gen_ai.response.id", black_box("chatcmpl-9J3uyL8bGd5yz"));
        span.record("gen_ai.response.model", "gpt-4o-2024-08-06");
        span.record("gen_ai.response.finish_reasons", "[\"stop\"]");
        span.record("gen_ai.usage.input_tokens", black_box(120_i64));
        span.record("gen_ai.usage.output_tokens", 34_i64);
        span.record("gen_ai.usage.cache_read.input_tokens", 80_i64);
        span.record("gen_ai.usage.cache_write.input_tokens", 10_i64);
        span.record("gen_ai.usage.reasoning.output_tokens", 20_i64);
    }};
}

/// The turn for our layer, which knows name and kind by itself.
pub(crate) fn turn_by_fields() {
    turn!();
}

/// The turn for tracing-opentelemetry: name and kind written by hand, so that the same span comes out.
pub(crate) fn turn_by_hand() {
    turn!(otel.name = format!("chat {}", black_box("gpt-4o")), otel.kind = "client",);
}

/// The same turn by a typed guard.
pub(crate) fn turn_typed() {
    let turn = Turn::chat("openai", "gpt-4o")
        .conversation(black_box(CONVERSATION))
        .agent("researcher")
        .max_tokens(1024)
        .temperature(0.2)
        .top_p(0.9)
        .server("api.openai.com", 443)
        .start();
    turn.in_scope(|| black_box(()));
    turn.response_id(black_box("chatcmpl-9J3uyL8bGd5yz"))
        .response_model("gpt-4o-2024-08-06")
        .finish_reason("stop")
        .usage(Usage::new(black_box(120), 34).cache_read(80).cache_write(10).reasoning(20))
        .finish();
}

/// The same turn by the OpenTelemetry API alone.
pub(crate) fn turn_raw(tracer: &SdkTracer) {
    let mut span = tracer
        .span_builder("chat gpt-4o")
        .with_kind(SpanKind::Client)
        .with_attributes([
            KeyValue::new("gen_ai.operation.name", "chat"),
            KeyValue::new("gen_ai.provider.name", "openai"),
            KeyValue::new("gen_ai.request.model", "gpt-4o".to_owned()),
            KeyValue::new("gen_ai.conversation.id", black_box(CONVERSATION).to_owned()),
            KeyValue::new("gen_ai.agent.name", "researcher".to_owned()),
            KeyValue::new("gen_ai.request.max_tokens", 1024),
            KeyValue::new("gen_ai.request.temperature", 0.2),
            KeyValue::new("gen_ai.request.top_p", 0.9),
            KeyValue::new("server.address", "api.openai.com".to_owned()),
            KeyValue::new("server.port", 443),
        ])
        .start(tracer);
    black_box(());
    span.set_attribute(KeyValue::new("gen_ai.response.id", black_box("chatcmpl-9J3uyL8bGd5yz").to_owned()));
    span.set_attribute(KeyValue::new("gen_ai.response.model", "gpt-4o-2024-08-06".to_owned()));
    span.set_attribute(KeyValue::new(
        "gen_ai.response.finish_reasons",
        Value::Array(Array::String(vec!["stop".to_owned().into()])),
    ));
    span.set_attribute(KeyValue::new("gen_ai.usage.input_tokens", black_box(120)));
    span.set_attribute(KeyValue::new("gen_ai.usage.output_tokens", 34));
    span.set_attribute(KeyValue::new("gen_ai.usage.cache_read.input_tokens", 80));
    span.set_attribute(KeyValue::new("gen_ai.usage.cache_write.input_tokens", 10));
    span.set_attribute(KeyValue::new("gen_ai.usage.reasoning.output_tokens", 20));
    span.end();
}

/// A span that is not about agents.
pub(crate) fn unrelated() {
    let span = info_span!("query", db.system.name = "postgresql", db.namespace = black_box("shop"), rows = 3_i64);
    span.in_scope(|| black_box(()));
}

/// A small GenAI span: 4 fields, 2 late values.
pub(crate) fn small() {
    let span = info_span!(
        "execute_tool",
        gen_ai.operation.name = "execute_tool",
        gen_ai.tool.name = "search",
        "gen_ai.tool.type" = "function",
        gen_ai.tool.call.id = black_box("call_1"),
        "error.type" = field::Empty,
        gen_ai.conversation.id = field::Empty,
    );
    span.in_scope(|| black_box(()));
    span.record("error.type", "timeout");
    span.record("gen_ai.conversation.id", black_box(CONVERSATION));
}

/// Chunks without end, at no cost.
pub(crate) struct Chunks(u64);

impl Stream for Chunks {
    type Item = u64;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Task<'_>) -> Poll<Option<u64>> {
        self.0 += 1;
        Poll::Ready(Some(black_box(self.0)))
    }
}

pub(crate) fn chunks() -> Chunks {
    Chunks(0)
}

/// A turn that streams, after its first chunk.
pub(crate) fn streamed() -> TurnStream<Chunks> {
    let mut stream = Turn::chat("openai", "gpt-4o").streaming().start().stream(chunks());
    poll(&mut stream);
    stream
}

/// An inspector that waits for the last chunk.
pub(crate) fn look(chunk: &u64, turn: &Guard<Turn>) {
    if *chunk == 0 {
        turn.finish();
    }
}

pub(crate) fn poll<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    match Pin::new(stream).poll_next(&mut Task::from_waker(Waker::noop())) {
        Poll::Ready(item) => item,
        Poll::Pending => None,
    }
}
