//! A span as it came over the wire, in plain data.
use std::sync::Arc;

use super::origin::{ReceivedResource, ReceivedScope};
use super::value::{AttributeValue, Attributes, find};

/// One received span. Ids are lower-case hex, times are nanoseconds since the Unix epoch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReceivedSpan {
    /// Trace id, 32 hex digits, never all zero.
    pub trace_id: String,
    /// Span id, 16 hex digits, never all zero.
    pub span_id: String,
    /// Span id of the parent, 16 hex digits; `None` for a root.
    pub parent_span_id: Option<String>,
    /// Span name as sent: untrusted text.
    pub name: String,
    /// Span kind.
    pub kind: SpanKind,
    /// Start time in nanoseconds since the Unix epoch; 0 = not sent.
    pub start_unix_nanos: u64,
    /// End time in nanoseconds since the Unix epoch; 0 = not sent.
    pub end_unix_nanos: u64,
    /// Attributes of the span.
    pub attributes: Attributes,
    /// Status code.
    pub status: StatusCode,
    /// Status text; empty when none was sent.
    pub status_message: String,
    /// Span events in the order they were sent.
    pub events: Vec<ReceivedEvent>,
    /// Links in the order they were sent.
    pub links: Vec<ReceivedLink>,
    /// What produced the span; shared by all spans of one `ResourceSpans`.
    pub resource: Arc<ReceivedResource>,
    /// What instrumented it; shared by all spans of one `ScopeSpans`.
    pub scope: Arc<ReceivedScope>,
    /// OTLP flags: bits 0–7 are the W3C trace flags, bit 8 says that bit 9 (parent is remote) is known.
    pub flags: u32,
    /// W3C `tracestate`; empty when none was sent.
    pub trace_state: String,
    /// Attributes the sender dropped before sending.
    pub dropped_attributes: u32,
    /// Events the sender dropped before sending.
    pub dropped_events: u32,
    /// Links the sender dropped before sending.
    pub dropped_links: u32,
}

impl ReceivedSpan {
    /// The attribute `key`, the first one if the sender repeated it.
    pub fn attribute(&self, key: &str) -> Option<&AttributeValue> {
        find(&self.attributes, key)
    }

    /// The attribute `key` if it is an integer on the wire; text that looks like a number is `None`.
    pub fn int(&self, key: &str) -> Option<i64> {
        self.attribute(key)?.as_int()
    }

    /// The attribute `key` if it is text on the wire.
    pub fn str(&self, key: &str) -> Option<&str> {
        self.attribute(key)?.as_str()
    }

    /// Nanoseconds from start to end; `None` if a time was not sent or the end lies before the start.
    pub fn duration_nanos(&self) -> Option<u64> {
        if self.start_unix_nanos == 0 || self.end_unix_nanos == 0 {
            return None;
        }
        self.end_unix_nanos.checked_sub(self.start_unix_nanos)
    }
}

/// A span event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReceivedEvent {
    /// Event name.
    pub name: String,
    /// Time in nanoseconds since the Unix epoch.
    pub time_unix_nanos: u64,
    /// Attributes of the event.
    pub attributes: Attributes,
}

impl ReceivedEvent {
    /// The attribute `key`, the first one if the sender repeated it.
    pub fn attribute(&self, key: &str) -> Option<&AttributeValue> {
        find(&self.attributes, key)
    }
}

/// A link to another span. Ids are lower-case hex of whatever length was sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReceivedLink {
    /// Trace id of the linked span.
    pub trace_id: String,
    /// Span id of the linked span.
    pub span_id: String,
    /// W3C `tracestate` of the linked span; empty when none was sent.
    pub trace_state: String,
    /// Attributes of the link.
    pub attributes: Attributes,
}

/// Span kind, as OTLP numbers it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SpanKind {
    /// 0, or a number OTLP does not define.
    #[default]
    Unspecified,
    /// 1.
    Internal,
    /// 2.
    Server,
    /// 3.
    Client,
    /// 4.
    Producer,
    /// 5.
    Consumer,
}

/// Status code, as OTLP numbers it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StatusCode {
    /// 0, or a number OTLP does not define.
    #[default]
    Unset,
    /// 1.
    Ok,
    /// 2.
    Error,
}
