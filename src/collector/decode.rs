//! OTLP messages into [`ReceivedSpan`]s.
//!
//! Recursion over nested values is bounded by the decoders in front: prost stops at 100 levels, serde_json at 128.
use std::fmt::Write as _;
use std::sync::Arc;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, span};

use super::span::{
    AttributeValue, Attributes, ReceivedEvent, ReceivedLink, ReceivedResource, ReceivedScope, ReceivedSpan, SpanKind,
    StatusCode,
};

const TRACE_ID_BYTES: usize = 16;
const SPAN_ID_BYTES: usize = 8;

/// The spans of one export request.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Batch {
    pub(super) spans: Vec<ReceivedSpan>,
    /// Spans left out because an id has the wrong length or is all zero.
    pub(super) rejected: u64,
}

/// Reads every span of `request`; spans whose ids are invalid are counted instead.
pub(super) fn batch(request: ExportTraceServiceRequest) -> Batch {
    let mut batch = Batch::default();
    for resource_spans in request.resource_spans {
        read_resource(resource_spans, &mut batch);
    }
    batch
}

fn read_resource(message: ResourceSpans, batch: &mut Batch) {
    let resource = Arc::new(ReceivedResource {
        attributes: attributes(message.resource.unwrap_or_default().attributes),
        schema_url: message.schema_url,
    });
    for scope_spans in message.scope_spans {
        read_scope(scope_spans, &resource, batch);
    }
}

fn read_scope(message: ScopeSpans, resource: &Arc<ReceivedResource>, batch: &mut Batch) {
    let scope = Arc::new(scope(message.scope.unwrap_or_default(), message.schema_url));
    for span in message.spans {
        match read_span(span, resource, &scope) {
            Some(span) => batch.spans.push(span),
            None => batch.rejected += 1,
        }
    }
}

fn scope(message: InstrumentationScope, schema_url: String) -> ReceivedScope {
    ReceivedScope {
        name: message.name,
        version: message.version,
        attributes: attributes(message.attributes),
        schema_url,
    }
}

fn read_span(message: Span, resource: &Arc<ReceivedResource>, scope: &Arc<ReceivedScope>) -> Option<ReceivedSpan> {
    let status = message.status.unwrap_or_default();
    Some(ReceivedSpan {
        trace_id: id(&message.trace_id, TRACE_ID_BYTES)?,
        span_id: id(&message.span_id, SPAN_ID_BYTES)?,
        parent_span_id: parent(&message.parent_span_id)?,
        name: message.name,
        kind: kind(message.kind),
        start_unix_nanos: message.start_time_unix_nano,
        end_unix_nanos: message.end_time_unix_nano,
        attributes: attributes(message.attributes),
        status: status_code(status.code),
        status_message: status.message,
        events: message.events.into_iter().map(event).collect(),
        links: message.links.into_iter().map(link).collect(),
        resource: Arc::clone(resource),
        scope: Arc::clone(scope),
        flags: message.flags,
        trace_state: message.trace_state,
        dropped_attributes: message.dropped_attributes_count,
        dropped_events: message.dropped_events_count,
        dropped_links: message.dropped_links_count,
    })
}

fn id(bytes: &[u8], length: usize) -> Option<String> {
    (bytes.len() == length && bytes.iter().any(|b| *b != 0)).then(|| hex(bytes))
}

/// The outer `None` is an invalid id. All zero counts as "no parent": some senders never leave the field out.
fn parent(bytes: &[u8]) -> Option<Option<String>> {
    match bytes {
        [] | [0, 0, 0, 0, 0, 0, 0, 0] => Some(None),
        _ => id(bytes, SPAN_ID_BYTES).map(Some),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn kind(number: i32) -> SpanKind {
    match number {
        1 => SpanKind::Internal,
        2 => SpanKind::Server,
        3 => SpanKind::Client,
        4 => SpanKind::Producer,
        5 => SpanKind::Consumer,
        _ => SpanKind::Unspecified,
    }
}

fn status_code(number: i32) -> StatusCode {
    match number {
        1 => StatusCode::Ok,
        2 => StatusCode::Error,
        _ => StatusCode::Unset,
    }
}

fn event(message: span::Event) -> ReceivedEvent {
    ReceivedEvent {
        name: message.name,
        time_unix_nanos: message.time_unix_nano,
        attributes: attributes(message.attributes),
    }
}

fn link(message: span::Link) -> ReceivedLink {
    ReceivedLink {
        trace_id: hex(&message.trace_id),
        span_id: hex(&message.span_id),
        trace_state: message.trace_state,
        attributes: attributes(message.attributes),
    }
}

fn attributes(pairs: Vec<KeyValue>) -> Attributes {
    pairs.into_iter().map(|pair| (pair.key, value(pair.value))).collect()
}

fn value(message: Option<AnyValue>) -> AttributeValue {
    match message.and_then(|any| any.value) {
        // An index into a string table belongs to the profiling signal; elsewhere it counts as absent.
        None | Some(Value::StringValueStrindex(_)) => AttributeValue::Empty,
        Some(Value::StringValue(text)) => AttributeValue::Str(text),
        Some(Value::BoolValue(flag)) => AttributeValue::Bool(flag),
        Some(Value::IntValue(number)) => AttributeValue::Int(number),
        Some(Value::DoubleValue(number)) => AttributeValue::Double(number),
        Some(Value::BytesValue(bytes)) => AttributeValue::Bytes(bytes),
        Some(Value::ArrayValue(array)) => {
            AttributeValue::Array(array.values.into_iter().map(|v| value(Some(v))).collect())
        }
        Some(Value::KvlistValue(list)) => AttributeValue::Map(attributes(list.values)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &[u8] = &[0xab; 16];

    fn read(message: Span) -> Batch {
        let scope_spans = vec![ScopeSpans { spans: vec![message], ..ScopeSpans::default() }];
        let resource_spans = vec![ResourceSpans { scope_spans, ..ResourceSpans::default() }];
        batch(ExportTraceServiceRequest { resource_spans })
    }

    fn message(trace_id: &[u8], span_id: &[u8], parent_span_id: &[u8]) -> Span {
        Span {
            trace_id: trace_id.to_vec(),
            span_id: span_id.to_vec(),
            parent_span_id: parent_span_id.to_vec(),
            ..Span::default()
        }
    }

    #[test]
    fn spans_with_invalid_ids_are_counted_not_kept() {
        let cases: &[(&[u8], &[u8], &[u8])] = &[
            (&[], &[1; 8], &[]),
            (&[1; 15], &[1; 8], &[]),
            (&[0; 16], &[1; 8], &[]),
            (TRACE, &[], &[]),
            (TRACE, &[0; 8], &[]),
            (TRACE, &[1; 9], &[]),
            (TRACE, &[1; 8], &[1; 7]),
        ];
        for (trace_id, span_id, parent) in cases {
            let batch = read(message(trace_id, span_id, parent));
            assert_eq!((batch.spans.len(), batch.rejected), (0, 1), "{trace_id:?} {span_id:?} {parent:?}");
        }
    }

    #[test]
    fn ids_become_hex_and_a_zero_parent_is_no_parent() {
        let cases: &[(&[u8], Option<&str>)] =
            &[(&[], None), (&[0; 8], None), (&[0, 0, 0, 0, 0, 0, 0, 1], Some("0000000000000001"))];
        for (parent, expected) in cases {
            let batch = read(message(TRACE, &[1, 2, 3, 4, 5, 6, 7, 0xf8], parent));
            assert_eq!(batch.spans[0].trace_id, "ab".repeat(16));
            assert_eq!(batch.spans[0].span_id, "01020304050607f8");
            assert_eq!(batch.spans[0].parent_span_id.as_deref(), *expected);
        }
    }

    #[test]
    fn numbers_outside_the_enumerations_fall_back() {
        let kinds = [-1, 0, 1, 2, 3, 4, 5, 6].map(kind);
        use SpanKind::{Client, Consumer, Internal, Producer, Server, Unspecified};
        assert_eq!(kinds, [Unspecified, Unspecified, Internal, Server, Client, Producer, Consumer, Unspecified]);
        use StatusCode::{Error, Ok, Unset};
        assert_eq!([-1, 0, 1, 2, 3].map(status_code), [Unset, Unset, Ok, Error, Unset]);
    }
}
