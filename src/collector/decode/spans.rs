//! Trace requests into [`ReceivedSpan`]s.
use std::sync::Arc;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, span};

use super::{Batch, SPAN_ID_BYTES, TRACE_ID_BYTES, attributes, hex, id};
use crate::collector::origin::{ReceivedResource, ReceivedScope};
use crate::collector::span::{ReceivedEvent, ReceivedLink, ReceivedSpan, SpanKind, StatusCode};

/// Reads every span of `request`; spans whose ids are invalid are counted instead.
pub(in crate::collector) fn spans(request: ExportTraceServiceRequest) -> Batch<ReceivedSpan> {
    let mut batch = Batch::default();
    for resource_spans in request.resource_spans {
        read_resource(resource_spans, &mut batch);
    }
    batch
}

fn read_resource(message: ResourceSpans, batch: &mut Batch<ReceivedSpan>) {
    let resource = Arc::new(super::resource(message.resource, message.schema_url));
    for scope_spans in message.scope_spans {
        read_scope(scope_spans, &resource, batch);
    }
}

fn read_scope(message: ScopeSpans, resource: &Arc<ReceivedResource>, batch: &mut Batch<ReceivedSpan>) {
    let scope = Arc::new(super::scope(message.scope, message.schema_url));
    for span in message.spans {
        match read_span(span, resource, &scope) {
            Some(span) => batch.items.push(span),
            None => batch.rejected += 1,
        }
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

/// The outer `None` is an invalid id. All zero counts as "no parent": some senders never leave the field out.
fn parent(bytes: &[u8]) -> Option<Option<String>> {
    match bytes {
        [] | [0, 0, 0, 0, 0, 0, 0, 0] => Some(None),
        _ => id(bytes, SPAN_ID_BYTES).map(Some),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &[u8] = &[0xab; 16];

    fn read(message: Span) -> Batch<ReceivedSpan> {
        let scope_spans = vec![ScopeSpans { spans: vec![message], ..ScopeSpans::default() }];
        let resource_spans = vec![ResourceSpans { scope_spans, ..ResourceSpans::default() }];
        spans(ExportTraceServiceRequest { resource_spans })
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
            assert_eq!((batch.items.len(), batch.rejected), (0, 1), "{trace_id:?} {span_id:?} {parent:?}");
        }
    }

    #[test]
    fn ids_become_hex_and_a_zero_parent_is_no_parent() {
        let cases: &[(&[u8], Option<&str>)] =
            &[(&[], None), (&[0; 8], None), (&[0, 0, 0, 0, 0, 0, 0, 1], Some("0000000000000001"))];
        for (parent, expected) in cases {
            let batch = read(message(TRACE, &[1, 2, 3, 4, 5, 6, 7, 0xf8], parent));
            assert_eq!(batch.items[0].trace_id, "ab".repeat(16));
            assert_eq!(batch.items[0].span_id, "01020304050607f8");
            assert_eq!(batch.items[0].parent_span_id.as_deref(), *expected);
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
