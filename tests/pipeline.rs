//! The pipeline against a real receiver on the loopback interface.

#![cfg(all(feature = "otlp-grpc", feature = "otlp-http"))]

mod support;

use std::time::{Duration, Instant};

use opentelemetry::KeyValue;
use opentelemetry::trace::{Span, SpanContext, Tracer, TracerProvider};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_sdk::trace::{
    InMemorySpanExporter, Sampler, SamplingDecision, SamplingResult, SdkTracerProvider, ShouldSample,
};
use support::receiver::Receiver;
use support::{CANARY, PROTOCOLS, TRACES_ONLY, receiver, to, work};
use tracing_genai::Profile;
use tracing_genai::activity::{
    Compaction, CompactionTrigger, McpClientRequest, Operation, Retrieval, Task, Tool, Turn, Usage, Workflow,
};
use tracing_genai::pipeline::{Compression, Env, InitErrorKind, Pipeline, Protocol, Telemetry};
use tracing_subscriber::layer::SubscriberExt;

#[test]
fn spans_arrive_over_every_protocol_without_a_runtime() {
    for protocol in PROTOCOLS {
        let receiver = receiver(protocol);
        let telemetry = to(&receiver.url(), protocol).build().unwrap();
        work(&telemetry, 3);
        let report = telemetry.shutdown();
        assert_eq!((report.exported, report.failed, report.dropped), (3, 0, 0), "{report}");
        assert_eq!(receiver.names(), ["chat"; 3], "{protocol:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spans_arrive_from_a_multi_thread_runtime() {
    for protocol in PROTOCOLS {
        let receiver = receiver(protocol);
        let telemetry = to(&receiver.url(), protocol).build().unwrap();
        work(&telemetry, 3);
        assert_eq!(telemetry.shutdown().exported, 3);
        assert_eq!(receiver.names().len(), 3);
    }
}

#[tokio::test(flavor = "current_thread")]
async fn shutdown_may_block_a_current_thread_runtime() {
    for protocol in PROTOCOLS {
        let receiver = receiver(protocol);
        let telemetry = to(&receiver.url(), protocol).build().unwrap();
        work(&telemetry, 3);
        let begun = Instant::now();
        drop(telemetry);
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
        assert_eq!(receiver.names().len(), 3);
    }
}

#[test]
fn flush_sends_at_once_and_the_guard_goes_on() {
    let receiver = Receiver::http();
    let telemetry = to(&receiver.url(), Protocol::HttpProtobuf).build().unwrap();
    work(&telemetry, 2);
    telemetry.flush(Duration::from_secs(5)).unwrap();
    assert_eq!(receiver.names().len(), 2);
    work(&telemetry, 1);
    assert_eq!(telemetry.shutdown().exported, 3);
}

#[test]
fn resource_and_scope_say_who_sends() {
    let receiver = Receiver::grpc();
    let telemetry = to(&receiver.url(), Protocol::Grpc)
        .with_service_name("travel")
        .with_resource_attribute("team", "blue")
        .build()
        .unwrap();
    work(&telemetry, 1);
    drop(telemetry);
    let request = receiver.requests().remove(0);
    let resource = request.resource_spans[0].resource.as_ref().unwrap();
    let mut keys: Vec<_> = resource.attributes.iter().map(|a| a.key.as_str()).collect();
    keys.sort_unstable();
    let sdk = ["telemetry.sdk.language", "telemetry.sdk.name", "telemetry.sdk.version"];
    assert_eq!(keys, [&["service.name", "team"][..], &sdk[..]].concat());
    let scope = &request.resource_spans[0].scope_spans[0];
    assert_eq!(scope.schema_url, "");
    let scope = scope.scope.as_ref().unwrap();
    assert_eq!(scope.name, "tracing-genai");
    assert_eq!(scope.version, env!("CARGO_PKG_VERSION"));
    assert_eq!(scope.attributes[0].key, "agentic.semconv.pinned");
}

#[test]
fn headers_arrive_and_are_never_shown() {
    for protocol in PROTOCOLS {
        let receiver = receiver(protocol);
        let env = [("OTEL_EXPORTER_OTLP_HEADERS", format!("x-env={CANARY}"))];
        let builder = to(&receiver.url(), protocol)
            .with_env(Env::from_iter(env))
            .with_header("Authorization", format!("Bearer {CANARY}"));
        let mut shown = format!("{builder:?}");
        let telemetry = builder.build().unwrap();
        shown += &format!("{telemetry:?}");
        work(&telemetry, 1);
        shown += &telemetry.shutdown().to_string();
        assert!(!shown.contains(CANARY), "{shown}");
        let headers = receiver.headers();
        assert_eq!(headers["authorization"], format!("Bearer {CANARY}"));
        assert_eq!(headers["x-env"], CANARY);
        assert!(headers["user-agent"].contains("OTel-OTLP-Exporter-Rust"), "{headers:?}");
    }
}

#[test]
fn gzip_arrives_over_every_protocol() {
    for protocol in PROTOCOLS {
        let receiver = receiver(protocol);
        let builder = to(&receiver.url(), protocol).with_compression(Compression::Gzip);
        let telemetry = builder.build().unwrap();
        work(&telemetry, 2);
        assert_eq!(telemetry.shutdown().exported, 2);
        let headers = receiver.headers();
        let encoding = headers.get("content-encoding").or(headers.get("grpc-encoding"));
        assert_eq!(encoding.unwrap(), "gzip");
    }
}

#[test]
fn values_are_cut_and_json_has_no_null_numbers() {
    let receiver = Receiver::http();
    let env = Env::from_iter([("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "4")]);
    let builder = to(&receiver.url(), Protocol::HttpJson).with_env(env);
    let telemetry = builder.build().unwrap();
    let mut span = telemetry.tracer().start("s");
    span.set_attribute(opentelemetry::KeyValue::new("text", "äöüßxyz"));
    span.set_attribute(opentelemetry::KeyValue::new("cost", f64::NAN));
    span.end();
    assert_eq!(telemetry.shutdown().exported, 1);
    let attributes = receiver.spans().remove(0).attributes;
    let value = |index: usize| attributes[index].value.clone().unwrap().value.unwrap();
    assert_eq!(value(0), Value::StringValue("äöüß".into()));
    assert_eq!(value(1), Value::StringValue("NaN".into()));
    assert!(!receiver.bodies()[0].contains("null"), "{}", receiver.bodies()[0]);
}

/// Records every span and samples none.
#[derive(Clone, Debug)]
struct RecordOnly;

impl ShouldSample for RecordOnly {
    fn should_sample(
        &self,
        _: Option<&opentelemetry::Context>,
        _: opentelemetry::TraceId,
        _: &str,
        _: &opentelemetry::trace::SpanKind,
        _: &[opentelemetry::KeyValue],
        _: &[opentelemetry::trace::Link],
    ) -> SamplingResult {
        SamplingResult { decision: SamplingDecision::RecordOnly, attributes: vec![], trace_state: Default::default() }
    }
}

#[test]
fn unsampled_spans_stay_in_the_process() {
    let receiver = Receiver::http();
    let builder = to(&receiver.url(), Protocol::HttpProtobuf);
    let telemetry = builder.with_sampler(RecordOnly).build().unwrap();
    work(&telemetry, 3);
    assert_eq!(telemetry.shutdown().to_string(), "0 spans exported, 0 failed, 0 dropped");
    let builder = to(&receiver.url(), Protocol::HttpProtobuf);
    let telemetry = builder.with_sampler(Sampler::AlwaysOff).build().unwrap();
    work(&telemetry, 3);
    assert_eq!(telemetry.shutdown().exported, 0);
    assert!(receiver.names().is_empty());
}

#[test]
fn disabled_and_none_make_a_guard_that_works() {
    for (variable, value) in [("OTEL_SDK_DISABLED", "true"), ("OTEL_TRACES_EXPORTER", "none")] {
        let env = Env::from_iter(TRACES_ONLY.into_iter().chain([(variable, value)]));
        let telemetry = Pipeline::builder().with_env(env).build().unwrap();
        work(&telemetry, 3);
        let span = telemetry.tracer().start("s");
        let disabled = variable == "OTEL_SDK_DISABLED";
        assert_eq!(*span.span_context() == SpanContext::empty_context(), disabled);
        telemetry.flush(Duration::from_secs(1)).unwrap();
        assert_eq!(telemetry.shutdown().to_string(), "0 spans exported, 0 failed, 0 dropped");
    }
}

#[test]
fn a_bad_header_in_code_is_refused_without_its_value() {
    let builder = to("http://localhost:1", Protocol::Grpc);
    let error = builder.with_header("x-key", format!("{CANARY}\n")).build().unwrap_err();
    assert_eq!(error.kind(), InitErrorKind::Setting);
    let text = format!("{error} {error:?}");
    assert!(text.contains("with_header") && text.contains("x-key"), "{text}");
    assert!(!text.contains(CANARY), "{text}");
}

/// A sampler that adds what it should not: the last code of the application before export.
#[derive(Clone, Debug)]
struct Leaking {
    attributes: usize,
    length: usize,
}

impl ShouldSample for Leaking {
    fn should_sample(
        &self,
        _: Option<&opentelemetry::Context>,
        _: opentelemetry::TraceId,
        _: &str,
        _: &opentelemetry::trace::SpanKind,
        _: &[opentelemetry::KeyValue],
        _: &[opentelemetry::trace::Link],
    ) -> SamplingResult {
        let text = CANARY.repeat(self.length.div_ceil(CANARY.len()));
        let mut attributes = vec![KeyValue::new("gen_ai.input.messages", text.clone())];
        attributes.extend((0..self.attributes).map(|at| KeyValue::new(format!("leak.{at}"), text.clone())));
        let decision = SamplingDecision::RecordAndSample;
        SamplingResult { decision, attributes, trace_state: Default::default() }
    }
}

/// A turn in an agent, with a plain span beside it.
fn turn(telemetry: &Telemetry) {
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    tracing::subscriber::with_default(subscriber, || {
        Operation::prompt("a").conversation("c").start().in_scope(|| {
            tracing::info_span!("query", rows = 3).in_scope(|| {});
            let turn = Turn::chat("openai", "m").temperature(0.5).max_tokens(9).server("h", 1).start();
            turn.usage(Usage::new(12, 3)).finish_reason("stop").response_id("r").finish();
        });
    });
}

fn keys(span: &opentelemetry_proto::tonic::trace::v1::Span) -> Vec<&str> {
    span.attributes.iter().map(|pair| pair.key.as_str()).collect()
}

#[test]
fn what_a_sampler_adds_goes_through_the_gate() {
    let receiver = Receiver::http();
    let builder = to(&receiver.url(), Protocol::HttpProtobuf).with_sampler(Leaking { attributes: 3, length: 1 });
    let telemetry = builder.with_attributes(["leak.1"]).build().unwrap();
    turn(&telemetry);
    let tracer = telemetry.tracer();
    assert_eq!(telemetry.shutdown().exported, 3);
    let spans = receiver.spans();
    let span = |name: &str| spans.iter().find(|span| span.name == name).unwrap();
    for name in ["chat m", "invoke_agent a"] {
        let keys = keys(span(name));
        let leaked: Vec<_> = keys.iter().filter(|key| key.starts_with("leak.") || key.ends_with("messages")).collect();
        assert_eq!(leaked, [&"leak.1"], "{name}: only what was allowed");
    }
    assert!(keys(span("chat m")).contains(&"gen_ai.usage.input_tokens"));
    assert_eq!(keys(span("query")), ["rows", "leak.0", "leak.1", "leak.2"], "a plain span loses its content");
    assert_eq!((tracer.stats().content_omitted, tracer.stats().unknown_fields), (3, 4));
}

/// The tracer of a pipeline with other settings: the gate asks those.
#[test]
fn what_a_tracer_allows_the_last_gate_lets_through() {
    let receiver = Receiver::http();
    let telemetry = to(&receiver.url(), Protocol::HttpProtobuf).build().unwrap();
    let allowing = telemetry.tracer().with_attributes(["tenant"]).with_profile(Profile::Flue);
    let subscriber = tracing_subscriber::registry().with(allowing.into_layer());
    tracing::subscriber::with_default(subscriber, || {
        let tool =
            tracing::info_span!("x", gen_ai.operation.name = "execute_tool", gen_ai.tool.name = "t", tenant = "7");
        tool.in_scope(|| tracing::error!("{CANARY}"));
    });
    telemetry.shutdown();
    let span = receiver.spans().remove(0);
    assert_eq!(keys(&span), ["flue.tool.name", "tenant", "flue.duration_ms"]);
    assert_eq!((span.name.as_str(), span.events[0].name.as_str()), ("flue.tool t", "flue.log"));
    assert_eq!(span.status.unwrap().message, "Tool call failed.");
    assert_eq!(span.events[0].attributes[0].key, "flue.log.level");
}

#[test]
fn usage_survives_a_small_limit_and_a_sampler_that_fills_it() {
    for variable in ["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"] {
        let receiver = Receiver::http();
        let builder = to(&receiver.url(), Protocol::HttpProtobuf).with_env(Env::from_iter([(variable, "8")]));
        let sampler = Leaking { attributes: 20, length: 1 };
        let telemetry = builder.with_sampler(sampler).with_attributes(["leak.0", "leak.1"]).build().unwrap();
        turn(&telemetry);
        telemetry.shutdown();
        let spans = receiver.spans();
        let chat = spans.iter().find(|span| span.name == "chat m").unwrap();
        assert_eq!(chat.attributes.len(), 8);
        for key in ["operation.name", "request.model", "usage.input_tokens", "usage.output_tokens"] {
            assert!(keys(chat).contains(&format!("gen_ai.{key}").as_str()), "{key} of {:?}", keys(chat));
        }
        let query = spans.iter().find(|span| span.name == "query").unwrap();
        assert_eq!((query.attributes.len(), query.dropped_attributes_count), (8, 13));
    }
}

#[test]
fn a_queue_without_room_takes_a_span_without_its_content() {
    let receiver = Receiver::http();
    let builder = to(&receiver.url(), Protocol::HttpProtobuf).with_sampler(Leaking { attributes: 0, length: 1 << 20 });
    let telemetry = builder.with_max_queue_bytes(100_000).build().unwrap();
    turn(&telemetry);
    let report = telemetry.shutdown();
    assert_eq!((report.exported, report.dropped, report.content_left_out), (3, 0, 3));
    assert_eq!(report.to_string(), "3 spans exported, 0 failed, 0 dropped, 3 content values left out");
    assert_eq!(receiver.names().len(), 3);
}

#[test]
fn a_queue_without_room_drops_what_is_heavy_by_itself() {
    let receiver = Receiver::http();
    let builder = to(&receiver.url(), Protocol::HttpProtobuf).with_max_queue_bytes(1_000_000);
    let telemetry = builder.with_schedule_delay(Duration::from_secs(3600)).build().unwrap();
    let heavy = |name: &'static str, length: usize| {
        let mut span = telemetry.tracer().start(name);
        span.set_attribute(KeyValue::new("text", "x".repeat(length)));
        span.end();
    };
    heavy("too heavy", 2_000_000);
    heavy("fits", 600_000);
    heavy("no more room", 600_000);
    heavy("small", 10);
    telemetry.flush(Duration::from_secs(5)).unwrap();
    heavy("room again", 600_000);
    let report = telemetry.shutdown();
    assert_eq!((report.exported, report.dropped), (3, 2), "{report}");
    assert_eq!(receiver.names(), ["fits", "small", "room again"]);
}

/// Guards and fields of every sort, with all they may have.
fn everything() {
    let run = Workflow::new("w").run_id("r").session("s").user("u").start();
    run.in_scope(|| {
        Operation::new("maintain").id("o").start().finish();
        let agent = Operation::prompt("a").conversation("c").start();
        agent.in_scope(|| {
            let turn = Turn::chat("openai", "größer").stop_sequences(["\n"]).streaming().start();
            turn.first_chunk().usage(Usage::new(9, 3).cache_read(2).reasoning(1)).finish_reason("stop").finish();
            let tool = Tool::new("t").call_id("1").start();
            tool.in_scope(|| tracing::error!(CANARY));
            tool.fail(&std::io::Error::from(std::io::ErrorKind::TimedOut));
            Compaction::new(CompactionTrigger::Auto).messages_before(9).start().finish();
            Retrieval::new("d").start().finish();
            McpClientRequest::new("tools/list").start().finish();
            drop(Task::new("b").start());
            tracing::info_span!("plain", rows = 3).in_scope(|| tracing::info!(CANARY));
        });
    });
}

/// What matters of a span, printed.
fn shown(span: &opentelemetry_proto::tonic::trace::v1::Span) -> String {
    let sorted = |list: &[opentelemetry_proto::tonic::common::v1::KeyValue]| {
        let mut pairs: Vec<_> =
            list.iter().filter(|pair| !pair.key.contains("time")).map(|pair| format!("{pair:?}")).collect();
        pairs.sort_unstable();
        pairs.join(" ")
    };
    let events: Vec<_> =
        span.events.iter().map(|event| format!("{} {}", event.name, sorted(&event.attributes))).collect();
    format!("{} {:?} {:?} {} {events:?}", span.name, span.kind, span.status, sorted(&span.attributes))
}

#[test]
fn the_last_gate_changes_nothing_that_is_right() {
    let receiver = Receiver::http();
    let telemetry = to(&receiver.url(), Protocol::HttpProtobuf).build().unwrap();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(telemetry.layer()), everything);
    telemetry.shutdown();
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let layer = tracing_genai::layer(provider.tracer("t"));
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), everything);
    let without: Vec<_> = exporter.get_finished_spans().unwrap().into_iter().map(|span| shown(&span.into())).collect();
    let with: Vec<_> = receiver.spans().iter().map(shown).collect();
    assert_eq!(without.len(), 10);
    assert_eq!(without, with);
}
