//! Export requests to send, and the questions every test asks afterwards.
use std::io::Write;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status, span};
use prost::Message;
use tracing_genai::collector::{AttributeValue, Collector, ReceivedSpan, SpanKind, StatusCode};

/// Long enough for a slow machine, short enough to fail.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) const TRACE_ID: [u8; 16] = [0x4b; 16];

pub(crate) fn http_client() -> reqwest::ClientBuilder {
    reqwest::Client::builder().no_proxy()
}

pub(crate) fn text(value: &str) -> Value {
    Value::StringValue(value.to_owned())
}

pub(crate) fn attribute(key: &str, value: Value) -> KeyValue {
    let value = Some(AnyValue { value: Some(value) });
    KeyValue { key: key.to_owned(), value, ..KeyValue::default() }
}

/// Span number `n` of the trace, child of number `parent` (0 = root).
pub(crate) fn span(n: u64, parent: u64) -> Span {
    let parent_span_id = if parent == 0 { Vec::new() } else { parent.to_be_bytes().to_vec() };
    Span {
        trace_id: TRACE_ID.to_vec(),
        span_id: n.to_be_bytes().to_vec(),
        parent_span_id,
        name: format!("step {n}"),
        kind: span::SpanKind::Internal as i32,
        start_time_unix_nano: 1_000_000 + n,
        end_time_unix_nano: 9_000_000,
        ..Span::default()
    }
}

/// A span that uses every field a span has.
pub(crate) fn full_span() -> Span {
    Span {
        name: "chat gpt-5".to_owned(),
        kind: span::SpanKind::Client as i32,
        trace_state: "vendor=1".to_owned(),
        flags: 0x101,
        attributes: vec![
            attribute("gen_ai.request.model", text("gpt-5")),
            attribute("gen_ai.usage.input_tokens", Value::IntValue(i64::MAX)),
        ],
        dropped_attributes_count: 3,
        events: vec![span::Event {
            time_unix_nano: 2_000_000,
            name: "exception".to_owned(),
            attributes: vec![attribute("exception.type", text("Timeout"))],
            dropped_attributes_count: 0,
        }],
        dropped_events_count: 2,
        links: vec![span::Link { trace_id: [0xcd; 16].to_vec(), span_id: [0xef; 8].to_vec(), ..span::Link::default() }],
        dropped_links_count: 1,
        status: Some(Status { code: 2, message: "no luck".to_owned() }),
        ..span(7, 3)
    }
}

pub(crate) fn export(spans: Vec<Span>) -> ExportTraceServiceRequest {
    let resource = Resource { attributes: vec![attribute("service.name", text("agent"))], ..Resource::default() };
    let scope = InstrumentationScope {
        name: "tests".to_owned(),
        version: "1.2.3".to_owned(),
        attributes: vec![attribute("a", Value::BoolValue(true))],
        ..InstrumentationScope::default()
    };
    let scope_spans = ScopeSpans { scope: Some(scope), spans, schema_url: "urn:scope".to_owned() };
    let resource_spans = ResourceSpans {
        resource: Some(resource),
        scope_spans: vec![scope_spans],
        schema_url: "urn:resource".to_owned(),
    };
    ExportTraceServiceRequest { resource_spans: vec![resource_spans] }
}

pub(crate) fn protobuf(spans: Vec<Span>) -> Vec<u8> {
    export(spans).encode_to_vec()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A body that inflates a thousandfold.
pub(crate) fn gzip_bomb(bytes: usize) -> Vec<u8> {
    gzip(&vec![0; bytes])
}

/// [`full_span`] came through `export` with everything it has.
pub(crate) fn assert_full(received: &ReceivedSpan) {
    assert_eq!(received.trace_id, "4b".repeat(16));
    assert_eq!(received.span_id, "0000000000000007");
    assert_eq!(received.parent_span_id.as_deref(), Some("0000000000000003"));
    assert_eq!(received.name, "chat gpt-5");
    assert_eq!(received.kind, SpanKind::Client);
    assert_eq!((received.start_unix_nanos, received.end_unix_nanos), (1_000_007, 9_000_000));
    assert_eq!(received.trace_state, "vendor=1");
    assert_eq!(received.flags, 0x101);
    assert_eq!(received.str("gen_ai.request.model"), Some("gpt-5"));
    assert_eq!(received.int("gen_ai.usage.input_tokens"), Some(i64::MAX));
    assert_eq!((received.status, received.status_message.as_str()), (StatusCode::Error, "no luck"));
    let dropped = (received.dropped_attributes, received.dropped_events, received.dropped_links);
    assert_eq!(dropped, (3, 2, 1));
    assert_events_and_links(received);
    assert_origin(received);
}

fn assert_events_and_links(received: &ReceivedSpan) {
    assert_eq!(received.events[0].name, "exception");
    assert_eq!(received.events[0].time_unix_nanos, 2_000_000);
    let timeout = AttributeValue::Str("Timeout".to_owned());
    assert_eq!(received.events[0].attribute("exception.type"), Some(&timeout));
    assert_eq!(received.links[0].trace_id, "cd".repeat(16));
    assert_eq!(received.links[0].span_id, "ef".repeat(8));
}

fn assert_origin(received: &ReceivedSpan) {
    let service = received.resource.attribute("service.name").and_then(AttributeValue::as_str);
    assert_eq!(service, Some("agent"));
    assert_eq!(received.resource.schema_url, "urn:resource");
    assert_eq!((received.scope.name.as_str(), received.scope.version.as_str()), ("tests", "1.2.3"));
    assert_eq!(received.scope.attributes, [("a".to_owned(), AttributeValue::Bool(true))]);
    assert_eq!(received.scope.schema_url, "urn:scope");
}

/// Exactly one span is held, and it is [`full_span`].
pub(crate) fn assert_received_full(collector: &Collector) {
    assert!(collector.wait_for(1, PATIENCE));
    let spans = collector.spans();
    assert_eq!(spans.len(), 1);
    assert_full(&spans[0]);
}
